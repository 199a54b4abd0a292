"""An age that is told in words refuses no case: it is listed, and nothing is judged by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import calcinosis
from tests.records import facts, packet

Kg = calcinosis.KnowledgeGraph

TOLD = [
    "20s",
    "4 weeks (X-ray at 27 days)",
    "adult",
    "neonate",
    "mid-40s",
    ">60",
    "> 60 years",
    "in her fifties",
]


def case(age: str, **more: Any) -> dict[str, Any]:
    return {"id": "a", "age": age, "calcinosis": "present", "conditions": ["gout"], **more}


@pytest.mark.parametrize("age", TOLD)
def test_the_case_goes_on_and_the_age_is_listed(kg: Kg, age: str) -> None:
    result = kg.classify(case(age))
    assert not result.refused
    (one,) = result.cases[0].case.uninterpreted
    assert (one.what, one.where) == (age, "age")
    assert result.cases[0].case.age_days is None
    assert "gout" in facts(result.cases[0].case)


def test_strict_refuses_it(kg: Kg) -> None:
    (error,) = kg.classify(case("adult"), strict=True).refused
    assert "no single age" in str(error)


@pytest.mark.parametrize("age", ["59", "-3 years", "", "200 years"])
def test_a_number_without_its_unit_is_still_a_fault(kg: Kg, age: str) -> None:
    assert len(kg.classify(case(age)).refused) == 1


def test_no_interval_and_no_correction_is_taken_by_it(kg: Kg) -> None:
    labs = [
        {"test": "calcium", "value": 9.6, "unit": "mg/dL", "interval": [8.5, 10.5]},
        {"test": "albumin", "value": 2.0, "unit": "g/dL"},
    ]
    known = kg.classify(case("40 years", labs=labs)).cases[0].case
    told = kg.classify(case("neonate", labs=labs)).cases[0].case
    infant = kg.classify(case("5 days", labs=labs)).cases[0].case
    calcium = [
        [one for one in facts(one_case) if "calcium" in one] for one_case in (told, infant, known)
    ]
    assert calcium[0] == calcium[1] != calcium[2]
    assert not [one for one in facts(told) if "albumin" in one]
    assert any("the age was not understood" in one.reason for one in told.uninterpreted)


def test_every_reader_goes_on(kg: Kg, tmp_path: Path) -> None:
    wide, long = tmp_path / "wide.csv", tmp_path / "long.csv"
    wide.write_text("id,age,conditions\na,20s,gout\nb,adult,gout\nc,44 years,gout\n")
    long.write_text("patient_id,kind,name,value\na,,age,20s\na,diagnosis,gout,\n")
    frame = pd.DataFrame({"id": ["a"], "age": [">60"], "conditions": ["gout"]})
    for given in (wide, long, frame):
        result = kg.classify(given)
        assert not result.refused, result.refused
        assert all("gout" in facts(one.case) for one in result.cases)
        told = [one for one in result.cases if one.case.age_days is None]
        assert all(len(one.case.uninterpreted) == 1 for one in told)
        assert told
    subject = {"id": "a", "timeAtLastEncounter": {"age": {"iso8601duration": "adult"}}}
    assert not kg.classify(packet(subject=subject)).refused


@pytest.mark.parametrize("age", TOLD)
def test_a_value_says_that_the_age_was_not_understood(kg: Kg, age: str) -> None:
    labs = [{"test": "calcium", "value": 9.6, "unit": "mg/dL"}]
    found = kg.classify(case(age, labs=labs)).cases[0].case.uninterpreted
    (calcium,) = [one for one in found if one.where == "labs[0]"]
    assert "the age was not understood" in calcium.reason
    assert calcium.cure == "its interval, or the age"
