"""Nothing of a case is lost: notes, and what stands beside no value, are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from tests import tables

Kg = calcinosis.KnowledgeGraph

NOTED = {
    "id": "a",
    "age": "40 years",
    "calcinosis": "present",
    "conditions": [{"term": "dermatomyositis", "note": "N1"}],
    "interventions": [
        {"term": "deceased donor kidney transplantation", "when": "after", "note": "N2"}
    ],
    "findings": [{"term": "q", "note": "N3"}],
    "excluded": [{"term": "raised phosphate", "note": "N4"}],
    "labs": [
        {"test": "calcium", "value": 9.2, "unit": "mg/dL", "note": "N5"},
        {"test": "PTH", "value": 30, "unit": "pg/mL", "when": "before", "note": "N6"},
        {"test": "phosphate", "value": 3.3, "unit": "q", "note": "N7"},
    ],
}


def test_the_note_of_an_item_stands_where_the_item_does(kg: Kg) -> None:
    (case,) = kg.classify(NOTED).cases
    told = {fact.note for fact in case.case.facts}
    assert told >= {"N1", "N4", "N5"}
    remarks = [*case.set_aside, *case.case.uninterpreted, *case.case.not_understood]
    assert told | {remark.note for remark in remarks} >= {f"N{n}" for n in range(1, 8)}
    asides = case.to_dict()
    keys = ("set_aside", "uninterpreted", "not_understood")
    found = [one.get("note") for key in keys for one in asides[key]]
    assert {"N2", "N3", "N6", "N7"} <= set(found)


def test_the_note_is_in_the_explanation(kg: Kg) -> None:
    from calcinosis.output.words.explanation import explanation_text

    case = {key: NOTED[key] for key in ("id", "age", "calcinosis", "conditions", "excluded")}
    (found,) = kg.explain([case])
    assert {"N1", "N4"} <= set(_values(found.to_dict(), "note"))
    text = explanation_text(found, kg.library)
    assert text.count("noted: N1") == 1


def _values(node: Any, key: str) -> list[Any]:
    if isinstance(node, dict):
        here = [node[key]] if key in node else []
        return here + [one for value in node.values() for one in _values(value, key)]
    return [one for value in node for one in _values(value, key)] if isinstance(node, list) else []


@pytest.mark.parametrize(
    ("headings", "row", "lost"),
    [
        (["calcium_when"], ["before"], ["calcium_when: before"]),
        (["calcium", "calcium_when"], ["", "after"], ["calcium_when: after"]),
        (["age_unit"], ["years"], ["age_unit: years"]),
        (
            ["calcium_low", "calcium_high"],
            ["8.5", "10.5"],
            ["calcium_low: 8.5", "calcium_high: 10.5"],
        ),
        (["calcium", "calcium_high"], ["normal", "10.5"], ["calcium_high: 10.5"]),
        (["calcium", "calcium_unit"], ["normal", "mg/dL"], ["calcium_unit: mg/dL"]),
    ],
)
def test_what_stands_beside_no_value_is_told(
    kg: Kg, tmp_path: Path, headings: list[str], row: list[str], lost: list[str]
) -> None:
    path = tables.csv_file(tmp_path / "a.csv", ["p1", *row], headings=["id", *headings])
    (case,) = kg.classify(path).cases
    told = [remark.what.removesuffix(" (there is no value to it)") for remark in case.set_aside]
    assert told == lost
    assert all("column" in remark.where for remark in case.set_aside)


@pytest.mark.parametrize(
    "labs",
    [
        {"test": "calcium", "when": "before"},
        {"test": "calcium", "interval": [8.5, 10.5]},
        {"test": "calcium", "level": "normal", "interval": [8.5, 10.5]},
        {"test": "calcium", "level": "normal", "unit": "mg/dL"},
        {"test": "calcium", "calcium_when": "before", "level": "normal"},
    ],
)
def test_in_a_case_file_it_is_a_fault(kg: Kg, labs: dict[str, Any]) -> None:
    result = kg.classify(json.loads(json.dumps([{"id": "a", "labs": [labs]}])))
    assert not result.cases
    assert len(result.refused) == 1
