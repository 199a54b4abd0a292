"""Several codes in one item of a case, or in one cell of a sheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.typed import graph, labels, problem

BOTH = ["dermatomyositis", "systemic lupus erythematosus"]


@pytest.mark.parametrize(
    "typed",
    [
        "ORPHA:221, ORPHA:536",
        "ORPHA:221,ORPHA:536",
        "ORPHA:221; ORPHA:536",
        "ORPHA:221 + ORPHA:536",
        "ORPHA:221 and ORPHA:536",
        "MONDO:0016367, ORPHA:536",
        "MONDO:0016367 ORPHA:536",
        "M33.1, M32.9",
        "M33.1 M32.9",
        "M33.1 G, M32.9 G",
        "ORPHA:221 dermatomyositis, ORPHA:536 lupus",
    ],
)
def test_several_codes_name_several_things(typed: str) -> None:
    assert labels(typed) == BOTH


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ORPHA:221, ORPHA:99999999", "'ORPHA:99999999' is unknown"),
        ("M33.1 G, M32.9 V", "does not say for sure"),
        ("suspected ORPHA:221, ORPHA:536", "does not say for sure"),
    ],
)
def test_where_one_of_several_codes_names_nothing_for_sure_none_is_read(
    typed: str, said: str
) -> None:
    found = problem(typed)
    assert said in found.what
    assert "item of its own" in found.cure


@pytest.mark.parametrize("typed", ["ORPHA:221, lupus", "lupus, ORPHA:221", "ORPHA:221 ORPHA:536 x"])
def test_a_code_and_the_name_of_another_thing_are_not_understood(typed: str) -> None:
    assert not labels(typed)


def test_the_same_thing_by_two_codes_is_one() -> None:
    assert labels("MONDO:0016367 (ORPHA:221)") == ["dermatomyositis"]
    assert labels("ORPHA:221, MONDO:0016367") == ["dermatomyositis"]


def test_several_codes_in_a_cell_are_all_read(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text('id,calcinosis,diagnosis\n1,yes,"ORPHA:221, ORPHA:536"\n', encoding="utf-8")
    (case,) = graph().classify(sheet).cases
    assert {fact.label for fact in case.case.facts} >= set(BOTH)
