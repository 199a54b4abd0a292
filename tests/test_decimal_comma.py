"""A decimal comma is read alike wherever a value comes in; one that may part thousands is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis.facts.source import Cases
from calcinosis.output.site.patient_state import State
from tests.clinic import text_sheet

Kg = calcinosis.KnowledgeGraph


def levels(kg: Kg, case: Cases) -> list[tuple[bool, str]]:
    found = kg.classify(case)
    assert not found.refused
    (verdict,) = found.cases
    return sorted((fact.affirmed, fact.label) for fact in verdict.case.facts if fact.judged)


def one(**lab: Any) -> dict[str, Any]:
    return {"id": "a", "age": "50 years", "calcinosis": "present", "labs": [lab]}


def written(tmp_path: Path, name: str, case: object) -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(case), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lab", "plain"),
    [
        ({"value": "2,31", "unit": "mmol/l"}, {"value": 2.31, "unit": "mmol/l"}),
        ({"value": "2,31 mmol/l"}, {"value": 2.31, "unit": "mmol/l"}),
        ({"value": "3,1 mmol/l (H)"}, {"value": 3.1, "unit": "mmol/l", "level": "high"}),
        ({"value": ">3,1", "unit": "mmol/l"}, {"value": ">3.1", "unit": "mmol/l"}),
        (
            {"value": "2,31", "unit": "mmol/l", "interval": ["2,15", "2,25"]},
            {"value": 2.31, "unit": "mmol/l", "interval": [2.15, 2.25]},
        ),
    ],
)
def test_a_case_file_takes_a_comma_as_it_takes_a_point(
    kg: Kg, lab: dict[str, Any], plain: dict[str, Any], tmp_path: Path
) -> None:
    expected = levels(kg, one(test="total calcium", **plain))
    assert expected
    assert levels(kg, one(test="total calcium", **lab)) == expected
    for name in ("a.json", "a.yaml", "a.jsonl"):
        assert levels(kg, written(tmp_path, name, one(test="total calcium", **lab))) == expected


def test_a_sheet_a_case_and_the_form_read_the_same(kg: Kg, tmp_path: Path) -> None:
    heads = "id,Age,Calcinosis,Total calcium"
    sheet = text_sheet(tmp_path / "a.csv", heads, 'a,50,y,"3,31 mmol/l"')
    fields = {"age": "50", "age_unit": "years", "calcinosis": "present"}
    lab = {"labs.0.test": "total calcium", "labs.0.value": "3,31", "labs.0.unit": "mmol/l"}
    together = {"labs.0.test": "total calcium", "labs.0.value": "3,31 mmol/l"}
    expected = levels(kg, str(sheet))
    assert expected
    for given in (lab, together):
        case = {**State.of_fields([*fields.items(), *given.items()]).case, "id": "a"}
        assert levels(kg, case) == expected


@pytest.mark.parametrize("value", ["1,200", "1,200 pg/mL", ">1,200"])
def test_a_comma_that_may_part_thousands_is_asked_with_both_readings(kg: Kg, value: str) -> None:
    (verdict,) = kg.classify(one(test="PTH", value=value, unit="pg/mL")).cases
    (remark,) = verdict.case.uninterpreted
    assert "may be a decimal, or thousands" in remark.reason
    assert remark.cure == "whether it is 1200 or 1.200"
    strict = kg.classify(one(test="PTH", value=value, unit="pg/mL"), strict=True)
    assert strict.refused[0].cure == "Write 1200 or 1.200"


def test_a_unit_in_the_value_that_differs_from_the_unit_beside_it_is_asked(kg: Kg) -> None:
    (verdict,) = kg.classify(one(test="total calcium", value="2,31 mmol/l", unit="mg/dL")).cases
    assert not [fact for fact in verdict.case.facts if fact.judged]
    assert "is no value" in verdict.case.uninterpreted[0].reason


def test_an_age_with_a_decimal_comma(kg: Kg) -> None:
    def days(age: str) -> float | None:
        (verdict,) = kg.classify({"id": "a", "age": age, "calcinosis": "present"}).cases
        return verdict.case.age_days

    assert days("1,5 years") == days("1.5 years")
    assert days("2 years, 3 months") == days("27 months")
    assert days("1,200 days") is None
    form = [("age", "34,5"), ("age_unit", "years"), ("calcinosis", "present")]
    assert State.of_fields(form).case["age"] == "34,5 years"
