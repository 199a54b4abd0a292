"""The answer sheet: 30 cases, 150 verdicts, the bases of the open ones, and the flags."""

from __future__ import annotations

import pytest

import calcinosis
from tests import golden

ROWS = golden.rows()


def test_the_sheet_is_whole() -> None:
    assert len(ROWS) == 30
    assert sum(len(row.verdicts) for row in ROWS) == 150


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_verdict_basis_and_flags(row: golden.Row, kg: calcinosis.KnowledgeGraph) -> None:
    result = kg.classify(row.case)
    assert not result.refused, result.refused
    (case,) = result.cases
    assert {s.id: s.verdict for s in case.subtypes} == row.verdicts
    open_ones = {s.id: s.basis for s in case.subtypes if s.verdict == "undetermined"}
    assert open_ones == row.basis
    assert {s.id for s in case.subtypes if s.flags} == set(row.flags)
