"""Single axioms and claims, each by a small case of its own that was written by hand."""

from __future__ import annotations

import pytest

from calcinosis.facts.case import Case
from tests import expectations
from tests.shared import cases_of, graph


@pytest.mark.parametrize("row", expectations.axiom_rows(), ids=lambda row: row.name)
def test_a_case_of_an_axiom_comes_out_as_its_sources_say(row: expectations.AxiomRow) -> None:
    kg = graph(row.viewpoint)
    (case,) = cases_of(kg, row.case)
    assert isinstance(case, Case), case
    expectations.agrees(row, kg.classifier.classify(case))
