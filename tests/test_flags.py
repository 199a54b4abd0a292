"""A laboratory's flag beside a number without a unit: it counts where the two agree."""

from __future__ import annotations

from typing import Any, Final, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import calcinosis
from calcinosis import names
from calcinosis.facts.case import Case
from calcinosis.facts.quantity import Amount, LevelWord, Measured, agree, level
from calcinosis.facts.read import reader_of
from tests import fhir
from tests.tables import csv_file
from tests.typed import graph

Kg = calcinosis.KnowledgeGraph
Lab = dict[str, Any]

FLAGS: Final[dict[str, LevelWord]] = {"H": "high", "L": "low", "N": "normal", "A": "abnormal"}
ADULT: Final = 40 * 365.25
PHOSPHATE: Final = {"test": "phosphate", "value": 3.5, "unit": "mg/dL"}
ALBUMIN: Final = {"test": "albumin", "value": 20, "unit": "g/L"}
DISAGREES: Final = "the value has no unit and does not agree with its flag in any unit"


def case_of(*labs: Lab, **more: Any) -> Case:
    raw = {"id": "a", "age": "40 years", "labs": [*labs], **more}
    return reader_of(graph().ontology).read(raw, "here")


def stated(case: Case) -> set[str]:
    """The level findings of calcium that a case has or denies."""
    found = {("" if fact.affirmed else "no ") + names.local(fact.term) for fact in case.facts}
    return {one for one in found if "calc" in one.casefold()}


def follows(kg: Kg, *labs: Lab, **more: Any) -> list[str]:
    raw = {
        "id": "a",
        "age": "40 years",
        "calcinosis": "present",
        "conditions": ["MONDO:0016367"],
        "labs": [PHOSPHATE, *labs],
        **more,
    }
    (verdict,) = kg.classify(raw).cases
    return [one.label for one in verdict.subtypes if one.standing == "entailed"]


# -- the law -------------------------------------------------------------------------------


def fits(test: str, number: float, flag: str) -> bool:
    """Whether in some unit that its test accepts a number is possible, and what its flag says."""
    laboratory = graph().laboratory
    (analyte,) = laboratory.find(test)
    (interval,) = laboratory.intervals(analyte.iri, ADULT, None)
    for unit in analyte.units.values():
        found = level(Measured(Amount(number, number), unit, 3), interval)
        is_possible = analyte.minimum <= number * unit.factor <= analyte.maximum
        if is_possible and found is not None and agree(FLAGS[flag], found):
            return True
    return False


@pytest.mark.slow
@given(
    st.sampled_from(["calcium", "ionised calcium", "phosphate", "PTH"]),
    st.floats(0, 3000).map(lambda number: round(number, 2)) | st.floats(0, 15),
    st.sampled_from("HLN"),
    st.booleans(),
)
@example("calcium", 2024.0, "H", True)
@example("calcium", 0.0, "L", True)
@example("calcium", 12.1, "L", True)
@example("calcium", 5.0, "L", False)
@example("phosphate", 5.8, "N", True)
@example("phosphate", 5.8, "H", True)
def test_a_flag_counts_exactly_where_the_number_agrees_in_some_unit(
    test: str, number: float, flag: Literal["H", "L", "N"], apart: bool
) -> None:
    number = round(number, 3)
    lab: Lab = {"value": number, "level": flag} if apart else {"value": f"{number:.3f} {flag}"}
    case = case_of({"test": test, **lab})
    assert bool(case.facts) == fits(test, number, flag)
    assert bool(case.facts) != bool(case.uninterpreted)
    said = [one.reason for one in (*case.uninterpreted, *case.set_aside)]
    assert all("unit" in reason for reason in said)
    assert said  # the number is told either way


@pytest.mark.slow
@given(
    st.floats(0, 30).map(lambda number: round(number, 2)),
    st.sampled_from("HLN"),
    st.sampled_from([(8.5, 10.5), (2.2, 2.6), (4.4, 5.2)]),
)
@example(12.0, "N", (8.5, 10.5))
@example(9.0, "H", (8.5, 10.5))
def test_no_flag_counts_against_the_interval_beside_its_number(
    number: float, flag: str, interval: tuple[float, float]
) -> None:
    low, high = interval
    is_so = {"H": number > high, "L": number < low, "N": low <= number <= high}[flag]
    case = case_of({"test": "calcium", "value": number, "level": flag, "interval": [*interval]})
    assert is_so or not case.facts
    assert bool(case.facts) != bool(case.uninterpreted)


# -- cases ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lab",
    [
        {"value": 12, "level": "normal", "interval": [8.5, 10.5]},
        {"value": "12 N", "interval": [8.5, 10.5]},
        {"value": "9 H", "interval": [8.5, 10.5]},
        {"value": "2024 H"},
        {"value": "1e9 H"},
        {"value": "0 L"},
        {"value": "12.1 L"},
        {"value": "9.1 A"},
        {"value": "9 H", "interval": [10.5, 8.5]},
        {"value": "12 H", "interval": "8.5-10.5"},
    ],
)
def test_a_flag_that_its_number_denies_is_told_and_decides_nothing(kg: Kg, lab: Lab) -> None:
    calcium = {"test": "calcium", **lab}
    case = case_of(calcium)
    assert not case.facts
    (remark,) = case.uninterpreted
    assert remark.reason.startswith(DISAGREES)
    assert remark.reason.endswith("is not used")
    assert len(remark.about) == 3
    assert not follows(kg, calcium)


@pytest.mark.parametrize(
    ("lab", "subtype"),
    [
        ({"value": "12 H", "interval": [8.5, 10.5]}, "metastatic calcinosis cutis"),
        ({"value": "2.8 (H)"}, "metastatic calcinosis cutis"),
        ({"value": "9.1 N"}, "dystrophic calcinosis cutis"),
        ({"value": "\u21937.9"}, "dystrophic calcinosis cutis"),
    ],
)
def test_a_flag_that_its_number_bears_out_decides(kg: Kg, lab: Lab, subtype: str) -> None:
    assert follows(kg, {"test": "calcium", **lab}) == [subtype]


def test_without_an_age_the_number_is_set_beside_what_is_usual_in_adults() -> None:
    assert stated(case_of({"test": "calcium", "value": "10.9 H"}, age=None)) == {"Hypercalcaemia"}
    assert not stated(case_of({"test": "calcium", "value": "10.9 N"}, age=None))


def test_without_an_interval_nothing_tells_whether_a_flag_agrees() -> None:
    lab = {"test": "creatinine", "value": "1.2 H"}
    (remark,) = case_of(lab).uninterpreted
    assert "no interval tells" in remark.reason
    assert case_of({**lab, "interval": [0.6, 1.1]}).facts


def test_a_flag_beside_a_name_of_two_tests_silences_no_surer_one(kg: Kg) -> None:
    flagged = {"test": "Ca2+", "value": "9.1 N"}
    corrected = {"test": "albumin-corrected calcium", "value": 12, "unit": "mg/dL"}
    assert follows(kg, flagged, corrected) == ["metastatic calcinosis cutis"]
    assert not stated(case_of(flagged))
    ionised = {"test": "ionised calcium", "value": 1.2, "unit": "mmol/L"}
    found = case_of({"test": "Ca2+", "value": "12.1 H"}, ionised)
    assert stated(found) == {"no AbnormalCalcium"}
    assert [one.reason for one in found.uninterpreted] == ["the value has no unit"]


@pytest.mark.parametrize("value", ["10.2 N", "7.9 L", "12 H"])
def test_a_flag_does_not_stand_for_the_corrected_number(kg: Kg, value: str) -> None:
    calcium = {"test": "calcium", "value": value}
    (remark,) = case_of(calcium, ALBUMIN).uninterpreted
    assert "cannot be corrected for serum albumin 20 g/L" in remark.reason
    assert not follows(kg, calcium, ALBUMIN)
    unread = {"test": "albumin", "value": 20}
    assert not stated(case_of(calcium, unread))
    assert stated(case_of(calcium, ALBUMIN, age="6 months")) or value != "12 H"  # no correction
    earlier = {**ALBUMIN, "when": "before"}
    assert stated(case_of(calcium, earlier))


# -- two flags, and letters that are units ---------------------------------------------------


@pytest.mark.parametrize(
    "value", ["low 9.4 high", "L 12 mg/dL H", "normal 12 mg/dL H", "\u2193 12 (H)", "12 H L"]
)
def test_two_flags_that_differ_are_unread(kg: Kg, value: str, tmp_path: Any) -> None:
    path = csv_file(tmp_path / "a.csv", ["a", value], headings=["id", "calcium"])
    (verdict,) = kg.classify(path).cases
    for case in (verdict.case, case_of({"test": "calcium", "value": value})):
        assert not case.facts
        assert case.uninterpreted


def test_the_same_flag_twice_is_one() -> None:
    case = case_of({"test": "calcium", "value": "high 12 mg/dL H"})
    assert stated(case) == {"Hypercalcaemia"}


@pytest.mark.parametrize("value", ["5 l", "12 h", "9 n", "12 a"])
def test_a_small_letter_alone_behind_a_number_is_no_flag(value: str) -> None:
    case = case_of({"test": "calcium", "value": value})
    assert not case.facts
    (remark,) = case.uninterpreted
    assert "the unit" in remark.reason


def test_what_is_no_number_is_told_before_the_unit_that_it_lacks() -> None:
    (remark,) = case_of({"test": "calcium", "value": "normal to high"}).uninterpreted
    assert remark.reason == "'normal to high' is no value"


@pytest.mark.parametrize(
    ("value", "flag", "found"),
    [(12, "H", "high"), (2024, "H", None), (12, "N", None), (12, "L", None)],
)
def test_a_record_s_flag_is_held_to_the_number_beside_it(
    kg: Kg, value: float, flag: str, found: str | None
) -> None:
    code = fhir.concept("LOINC:17861-6|Calcium")
    said = {"valueQuantity": {"value": value}, "interpretation": [fhir.concept(text=flag)]}
    asked = fhir.resource("Observation", "o", status="final", code=code, **said)
    born = {**fhir.patient(), "birthDate": "1980-01-01"}
    (verdict,) = kg.classify(fhir.bundle(born, asked)).cases
    told = [fact.judged.result.level for fact in verdict.case.facts if fact.judged is not None]
    assert told == ([found] if found else [])
    assert bool(verdict.case.uninterpreted) == (found is None)


@pytest.mark.parametrize(
    ("value", "level", "found"),
    [
        ("12 H", "H", {"Hypercalcaemia"}),
        ("12 mg/dL H", "H", {"Hypercalcaemia"}),
        ("2024 H", "H", set()),
        ("12 H", "L", set()),
        ("12 mg/dL H", "N", set()),
        ("H", "high", {"Hypercalcaemia"}),
    ],
)
def test_a_column_of_levels_does_not_hide_the_number_beside_a_flag(
    kg: Kg, value: str, level: str, found: set[str], tmp_path: Any
) -> None:
    heads = ["id", "calcium", "calcium_level", "age"]
    row = ["a", value, level, "40 years"]
    (verdict,) = kg.classify(csv_file(tmp_path / "a.csv", row, headings=heads)).cases
    assert stated(verdict.case) == found
    assert bool(verdict.case.uninterpreted) == (not found)
