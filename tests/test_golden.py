"""The answer sheet: 40 cases, 200 verdicts, bases, presumptions; and 50 small cases beside it."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import calcinosis
from calcinosis import Settings
from calcinosis.api.graph import by_settings
from calcinosis.facts.case import Case
from calcinosis.reasoning.verdict import CaseVerdict
from tests import golden
from tests.shared import cases_of

ROWS = golden.rows()
HERE = Path(__file__).parent
FLAGS = {  # the words of the sheet, and a word of the flag
    "low level": "low level",
    "normal now": "normal now",
    "named idiopathic, but tissue damage": "Named idiopathic, but: tissue damage",
    "damage met, level abnormal": "a level does not undo damage",
}


def small_cases() -> list[tuple[dict[str, Any], dict[str, str]]]:
    """The small cases with what is expected of each."""
    with (HERE / "verdict_cases.tsv").open(encoding="utf-8", newline="") as lines:
        expected = {row["case"]: row for row in csv.DictReader(lines, delimiter="\t")}
    cases = yaml.safe_load((HERE / "verdict_cases.yaml").read_text(encoding="utf-8"))
    assert {case["id"] for case in cases} == set(expected)
    return [(case, expected[case["id"]]) for case in cases]


def assumed(case: CaseVerdict) -> dict[str, tuple[str, ...]]:
    return {s.id: s.presumed.assumptions for s in case.subtypes if s.presumed is not None}


def bases(case: CaseVerdict) -> dict[str, str | None]:
    return {s.id: s.basis for s in case.subtypes if s.verdict == "undetermined"}


def test_the_sheet_is_whole() -> None:
    assert len(ROWS) == 40
    assert sum(len(row.verdicts) for row in ROWS) == 200
    assert len(small_cases()) == 50


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_verdicts_bases_presumptions_and_flags(
    row: golden.Row, kg: calcinosis.KnowledgeGraph
) -> None:
    result = kg.classify(row.case)  # one row has a word that nothing resolves
    assert not result.refused, result.refused
    agrees(row, result.cases[0])


def agrees(row: golden.Row, case: CaseVerdict) -> None:
    """AssertionError where a case comes out otherwise than the sheet says."""
    assert {s.id: s.verdict for s in case.subtypes} == row.verdicts
    assert bases(case) == row.basis
    assert assumed(case) == row.presumed
    raised = " ".join(flag for s in case.subtypes for flag in s.flags)
    for words in row.flagged:
        assert FLAGS[words] in raised, (words, raised)


def test_of_our_readings_that_the_criteria_suffice_comes_first(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    (case,) = kg.classify(ROWS[0].case).cases
    first, *others = case.verdict("DystrophicCalcinosisCutis").readings
    assert "together they suffice is our reading" in first
    assert others


@pytest.mark.parametrize(("raw", "expected"), small_cases(), ids=lambda one: one.get("id", ""))
def test_small_cases(
    raw: dict[str, Any], expected: dict[str, str], kg: calcinosis.KnowledgeGraph
) -> None:
    result = kg.classify(raw)
    assert not result.refused, result.refused
    agrees_small(expected, result.cases[0])


def agrees_small(expected: dict[str, str], case: CaseVerdict) -> None:
    """AssertionError where a small case comes out otherwise than expected."""
    for name, subtype in golden.SUBTYPES.items():
        words = re.fullmatch(r"([a-z ]+?)(?: \((criterion|association)\))?", expected[name])
        assert words is not None
        found = case.verdict(subtype)
        assert found.verdict == golden.VERDICTS[words[1]], name
        if found.verdict == "undetermined":
            assert found.basis == words[2], name
        assert (found.presumed is not None) == (name == expected["presumed"]), name


def test_json_holds_both_sides_of_a_contradiction(kg: calcinosis.KnowledgeGraph) -> None:
    rows = {row.number: row.case for row in ROWS}
    (case,) = kg.classify(rows["13"]).cases
    found = case.to_dict()
    assert [bool(side) for side in found["contradiction"]] == [True, True]
    assert found["repair_count"] == 2
    (whole,) = kg.classify(rows["1"]).cases
    assert "contradiction" not in whole.to_dict()


def test_json_of_a_case_has_these_keys(kg: calcinosis.KnowledgeGraph) -> None:
    (case,) = kg.classify(ROWS[0].case).cases
    found = case.to_dict()
    assert " ".join(found) == (
        "id calcinosis subtypes taken set_aside uninterpreted not_understood read_as"
        " without_role workup_ignored references take assume"
    )
    subtype = found["subtypes"][0]
    assert " ".join(subtype) == (
        "id label verdict basis needed editorial readings flags presumed criteria"
    )
    assert " ".join(subtype["criteria"][0]) == "id label status facts references"
    assert found["take"] == next(case.rows())["take"] == "all"
    (taken,) = by_settings(kg, Settings(take=False)).classify(ROWS[0].case).cases
    assert taken.to_dict()["take"] == "nothing"


def test_a_fact_in_words(kg: calcinosis.KnowledgeGraph) -> None:
    (case,) = cases_of(kg, {"id": "a", "conditions": ["acne"], "excluded": ["trauma"]})
    assert isinstance(case, Case)
    assert [str(fact) for fact in case.facts if fact.label in ("acne", "trauma")] == [
        "acne",
        "no trauma",
    ]
