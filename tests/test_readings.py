"""Which reading of a laboratory value is believed: other units, one calcium, other tables."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis import names
from calcinosis.errors import CaseError
from calcinosis.facts.case import Case
from calcinosis.facts.read import reader_of
from calcinosis.graph.locate import data
from calcinosis.graph.settings import Settings

Kg = calcinosis.KnowledgeGraph
ADULT = "40 years"
NORMAL = "no AbnormalCalcium"


def lab(test: str, value: Any = None, unit: str = "mg/dL", **more: Any) -> dict[str, Any]:
    measured = {} if value is None else {"value": value, "unit": unit}
    return {"test": test, **measured, **more}


def read(kg: Kg, *labs: dict[str, Any], strict: bool = False, **fields: Any) -> Case:
    raw = {"id": "a", "labs": list(labs), **fields}
    return reader_of(kg.ontology, strict=strict).read(raw, "here")


def levels(case: Case) -> set[str]:
    return {f"{'' if f.affirmed else 'no '}{names.local(f.term)}" for f in case.facts}


def verdicts(kg: Kg, *labs: dict[str, Any], **fields: Any) -> dict[str, str]:
    """What a case of an adult with tissue damage comes to, by a part of the subtype's name."""
    case: dict[str, Any] = {
        "id": "a",
        "calcinosis": "present",
        "conditions": ["dermatomyositis"],
        **fields,
    }
    case["labs"] = list(labs)
    (found,) = kg.classify(case).cases
    return {one.id: one.verdict for one in found.subtypes}


# -- another unit would be ordinary ----------------------------------------------------


@pytest.mark.parametrize(
    ("item", "fields", "would"),
    [
        (lab("calcium", 2.35), {"age": ADULT}, "2.35 would be usual in mmol/L"),
        (lab("calcium", 2.35), {"age": "6 years"}, "2.35 would be usual in mmol/L"),
        (lab("calcium", 2.35), {"age": "30 months"}, "2.35 would be usual in mmol/L"),
        (lab("calcium", 2.35), {}, "2.35 would be usual in mmol/L"),
        (lab("calcium", 2.35, level="normal"), {}, "2.35 would be usual in mmol/L"),
        (lab("calcium", 2.35, interval=[8.5, 10.5]), {}, "2.35 would be usual in mmol/L"),
        (lab("corrected calcium", 2.35), {"age": ADULT}, "would be usual in mmol/L"),
        (lab("phosphate", 1.2), {"age": ADULT}, "1.2 would be usual in mmol/L"),
        (lab("phosphate", 3.5, "mmol/L"), {"age": ADULT}, "3.5 would be usual in mg/dL"),
        (lab("phosphate", 5.5, "mmol/L"), {"age": "2 years"}, "5.5 would be usual in mg/dL"),
        (lab("ionised calcium", 1.2), {"age": ADULT}, "1.2 would be usual in mmol/L"),
        (lab("PTH", 40, "pmol/L"), {"age": ADULT}, "40 would be usual in ng/L or pg/mL"),
        (lab("albumin", 4.0, "g/L"), {"age": ADULT}, "4 would be usual in g/dL"),
    ],
)
def test_a_value_that_is_ordinary_in_another_unit_decides_nothing(
    kg: Kg, item: dict[str, Any], fields: dict[str, Any], would: str
) -> None:
    case = read(kg, item, **fields)
    assert not case.facts
    (remark,) = case.uninterpreted
    assert would in remark.reason
    assert len(remark.about) == 3


def test_a_value_under_the_wrong_unit_turns_no_verdict(kg: Kg) -> None:
    phosphate = lab("phosphate", level="normal")
    wrong = verdicts(kg, lab("calcium", 2.35), phosphate, age=ADULT)
    right = verdicts(kg, lab("calcium", 2.35, "mmol/L"), phosphate, age=ADULT)
    assert wrong == verdicts(kg, phosphate, age=ADULT)
    assert wrong["DystrophicCalcinosisCutis"] == "undetermined"
    assert right["DystrophicCalcinosisCutis"] == "entailed"


@pytest.mark.parametrize(
    ("item", "fields", "level"),
    [
        (lab("ionised calcium", 0.66, "mmol/L"), {"age": "12 days"}, "Hypocalcaemia"),
        (lab("calcium", 14.2), {"age": ADULT}, "Hypercalcaemia"),
        (lab("calcium", 3.9, "mmol/L"), {"age": ADULT}, "Hypercalcaemia"),
        (lab("phosphate", 0.3, "mmol/L"), {"age": ADULT}, "Hypophosphataemia"),
        (lab("phosphate", 1.2, level="low"), {"age": ADULT}, "Hypophosphataemia"),
        (lab("phosphate", 2.6, "mmol/L", interval=[0.8, 1.5]), {}, "Hyperphosphataemia"),
        (lab("phosphate", 1.2, interval=[2.5, 4.5]), {}, "Hypophosphataemia"),
        (lab("PTH", 4, "pg/mL", interval=[11, 80]), {}, "DecreasedParathyroidHormone"),
        (lab("calcium", 2.35, "mmol/L", interval=[2.5, 2.7]), {"age": ADULT}, "Hypocalcaemia"),
    ],
)
def test_an_emergency_stays_one(
    kg: Kg, item: dict[str, Any], fields: dict[str, Any], level: str
) -> None:
    case = read(kg, item, **fields)
    assert levels(case) == {level}
    assert not case.uninterpreted


@pytest.mark.parametrize("fields", [{"age": ADULT}, {}])
@pytest.mark.parametrize(
    ("item", "unit"),
    [
        (lab("phosphate", 1.2, "mmol/L", interval=[2.5, 4.5]), "mg/dL"),
        (lab("phosphate", 3.5, "mmol/L", interval=[2.5, 4.5]), "mg/dL"),
        (lab("PTH", 40, "pg/mL", interval=[1.6, 6.9]), "pmol/L"),
    ],
)
def test_an_own_interval_of_another_unit_decides_nothing(
    kg: Kg, item: dict[str, Any], unit: str, fields: dict[str, Any]
) -> None:
    case = read(kg, item, **fields)
    assert not case.facts
    assert f"would be usual in {unit}" in case.uninterpreted[0].reason


@pytest.mark.parametrize(
    "interval", [[8.5, 1000], [8.5, 30], [0.85, 10.5], [0.01, 10.5], [None, 105]]
)
def test_one_absurd_side_of_an_own_interval_is_refused(kg: Kg, interval: Any) -> None:
    with pytest.raises(CaseError, match="interval"):
        read(kg, lab("calcium", 9.2, interval=interval), strict=True)
    case = read(kg, lab("calcium", 9.2, interval=interval), age=ADULT)
    assert not case.facts
    assert names.CC + "Hypercalcaemia" in case.uninterpreted[0].about


@pytest.mark.parametrize(
    "item",
    [
        lab("calcium", 9.2, interval=[None, 10.5]),
        lab("calcium", 9.2, interval=[0, 10.5]),
        lab("phosphate", 2.6, interval=[2.3, 2.7]),  # narrow, as reports print it
        lab("creatinine", 60, "umol/L", interval=[0, 110]),
    ],
)
def test_an_unusual_own_interval_is_taken(kg: Kg, item: dict[str, Any]) -> None:
    assert read(kg, item).facts


# -- a name of several tests -----------------------------------------------------------


@pytest.mark.parametrize("name", ["Ca2+", "Ca++", "Ca²⁺", "ca2+"])
@pytest.mark.parametrize(
    ("value", "unit", "label"),
    [
        (9.2, "mg/dL", "total serum calcium"),
        (2.35, "mmol/L", "total serum calcium"),
        (1.2, "mmol/L", "ionised calcium"),
        (4.9, "mg/dL", "ionised calcium"),
    ],
)
def test_a_name_of_two_tests_is_told_by_the_only_ordinary_reading(
    kg: Kg, name: str, value: float, unit: str, label: str
) -> None:
    case = read(kg, lab(name, value, unit), age=ADULT)
    assert levels(case) == {NORMAL}
    assert case.facts[0].reading.startswith(f"{label} {value} {unit}")


@pytest.mark.parametrize("value", [12, 6.5, 3])
def test_a_name_of_two_tests_is_asked_about_where_no_reading_is_ordinary(
    kg: Kg, value: float
) -> None:
    case = read(kg, lab("Ca2+", value), age=ADULT)
    assert not case.facts
    (remark,) = case.uninterpreted
    assert remark.what == f"Ca2+ {value} mg/dL"
    assert "ionised calcium or total serum calcium" in remark.reason
    assert remark.cure == "which of them was measured"
    assert names.CC + "Hypercalcaemia" in remark.about


def test_a_name_of_two_tests_is_told_by_its_own_interval(kg: Kg) -> None:
    high = read(kg, lab("Ca2+", 12, interval=[8.5, 10.5]))
    assert levels(high) == {"Hypercalcaemia"}
    ionised = read(kg, lab("Ca2+", 1.5, "mmol/L", interval=[1.12, 1.32]))
    assert "ionised calcium 1.5" in ionised.facts[0].reading


def test_a_word_is_the_same_for_all_tests_of_a_level(kg: Kg) -> None:
    case = read(kg, lab("Ca2+", level="high"))
    assert levels(case) == {"Hypercalcaemia"}
    assert case.facts[0].reading == "Ca2+ stated to be high"


def test_a_test_that_is_not_told_apart_silences_no_other(kg: Kg) -> None:
    case = read(kg, lab("Ca2+", 12), lab("calcium", 9.2), age=ADULT)
    assert levels(case) == {NORMAL}
    assert len(case.uninterpreted) == 1


def test_a_fault_of_a_name_of_two_tests_is_said(kg: Kg) -> None:
    with pytest.raises(CaseError, match="unit 'furlong' is unknown"):
        read(kg, lab("Ca2+", 9.2, "furlong"), strict=True)
    (remark,) = read(kg, lab("Ca2+", 9.2, "furlong")).uninterpreted
    assert "unit 'furlong' is unknown" in remark.reason


def test_a_heading_of_two_tests_is_a_column(kg: Kg, tmp_path: Path) -> None:
    sheet = tmp_path / "cases.csv"
    sheet.write_text("id,age,Ca2+,Ca2+_unit\na,40 years,9.2,mg/dL\nb,40 years,12,mg/dL\n")
    one, two = kg.classify(str(sheet)).cases
    assert levels(one.case) == {NORMAL}
    assert "which of them" in two.case.uninterpreted[0].cure


# -- one calcium -----------------------------------------------------------------------


@pytest.mark.parametrize("value", [8.0, 8.4, 8.5, 8.6, 9.2, 10.4, 10.5, 10.6, 12.0])
@pytest.mark.parametrize("age", [ADULT, "17 years", "6 years", "18 months", "30 months"])
def test_a_corrected_value_is_judged_alike_whoever_corrected_it(
    kg: Kg, value: float, age: str
) -> None:
    given = read(kg, lab("corrected calcium", value), age=age)
    ours = read(kg, lab("calcium", value), lab("albumin", 4.0, "g/dL"), age=age)
    assert levels(given) == levels(ours)
    if age != "30 months":  # no table covers the total at that age
        assert levels(given) == levels(read(kg, lab("calcium", value), age=age))


def test_a_correction_that_the_case_s_own_interval_judges(kg: Kg) -> None:
    own: dict[str, Any] = {"interval": [8.9, 10.1]}
    given = read(kg, lab("corrected calcium", 8.6, **own), age=ADULT)
    ours = read(kg, lab("calcium", 8.6, **own), lab("albumin", 4.0, "g/dL"), age=ADULT)
    assert levels(given) == levels(ours) == {"Hypocalcaemia"}


def test_no_calcium_is_corrected_before_the_first_birthday(kg: Kg) -> None:
    total, albumin = lab("calcium", 2.45, "mmol/L"), lab("albumin", 28, "g/L")
    newborn = read(kg, total, albumin, age="5 days")
    assert NORMAL in levels(newborn)
    assert "corrected" not in newborn.facts[0].reading
    for age, is_corrected in (("364 days", False), ("1 year", True)):
        (fact,) = (f for f in read(kg, total, albumin, age=age).facts if "alcium" in f.term)
        assert ("corrected for" in fact.reading) is is_corrected


def test_a_corrected_value_of_a_newborn_is_judged_by_the_band_printed_for_it(kg: Kg) -> None:
    case = read(kg, lab("corrected calcium", 2.69, "mmol/L"), age="5 days")
    assert levels(case) == {NORMAL}
    assert case.facts[0].references == ("nbt-calcium",)


def test_without_an_age_the_correction_applies_as_in_an_adult(kg: Kg) -> None:
    own = lab("calcium", 9.0, interval=[8.5, 10.5])
    assert levels(read(kg, own, lab("albumin", 20, "g/L"))) == {"Hypercalcaemia"}


def test_an_albumin_that_was_not_understood_corrects_nothing(kg: Kg) -> None:
    case = read(kg, lab("calcium", 9.2), lab("albumin", 4.0, "g/L"), age=ADULT)
    assert not case.facts
    total, albumin = sorted(case.uninterpreted, key=lambda r: r.where)
    assert "serum albumin 4.0 g/L was not understood" in total.reason
    assert "would be usual in g/dL" in albumin.reason
    found = verdicts(kg, lab("calcium", 9.2), lab("albumin", 4.0, "g/L"), age=ADULT)
    assert found["MetastaticCalcinosisCutis"] == "undetermined"


def test_an_albumin_that_was_not_understood_leaves_what_it_cannot_change(kg: Kg) -> None:
    case = read(kg, lab("calcium", 14), lab("albumin", 4.0, "g/L"), age=ADULT)
    assert levels(case) == {"Hypercalcaemia"}
    assert case.facts[0].reading.endswith("whatever serum albumin 4.0 g/L means")


@pytest.mark.parametrize(
    ("value", "albumin", "expected"),
    [(9.2, 4.0, set()), (9.2, 40, {NORMAL}), (9.2, 9999999, set()), (14, 4.0, {"Hypercalcaemia"})],
)
def test_an_albumin_of_an_unknown_unit_may_be_of_any(
    kg: Kg, value: float, albumin: float, expected: set[str]
) -> None:
    items = (lab("calcium", value), lab("albumin", albumin, "furlong"))
    case = read(kg, *items, age=ADULT)
    assert levels(case) == expected
    assert [r.what for r in case.uninterpreted if "furlong" in r.what] == [
        f"serum albumin {albumin} furlong"
    ]


def test_a_doubtful_calcium_is_not_corrected(kg: Kg) -> None:
    case = read(kg, lab("calcium", 2.35), lab("albumin", 20, "g/L"), age=ADULT)
    assert not {found for found in levels(case) if "calc" in found.casefold()}
    assert case.uninterpreted[0].what == "total serum calcium 2.35 mg/dL"


def test_a_word_never_attaches_to_a_corrected_number(kg: Kg) -> None:
    case = read(kg, lab("calcium", 8.2, level="low"), lab("albumin", 20, "g/L"))
    assert not case.facts
    (remark,) = case.uninterpreted
    assert "to 9.8 mg/dL" in remark.what
    assert "the word 'low' was said of the value before the correction" in remark.reason
    same = read(kg, lab("calcium", 8.2, level="low"), lab("albumin", 40, "g/L"))
    assert levels(same) == {"Hypocalcaemia"}


# -- near a bound ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (lab("calcium", 10.4), "within 3 % of the bound 10.5 mg/dL"),
        (lab("calcium", 10.6), "within 3 % of the bound 10.5 mg/dL"),
        (lab("calcium", 8.3), "within 3 % of the bound 8.5 mg/dL"),
        (lab("calcium", 10.54), "within the rounding of the bound 10.5 mg/dL"),
        (lab("phosphate", 1.453, "mmol/L"), "within the rounding of the bound 4.5 mg/dL"),
        (lab("calcium", "<10.4", interval=[8.5, 10.5]), "within 3 % of the bound 10.5 mg/dL"),
        (lab("calcium", ">10.6"), "within 3 % of the bound 10.5 mg/dL"),
        (lab("calcium", 9.5), ""),
        (lab("calcium", 12), ""),
        (lab("calcium", 7), ""),
        (lab("calcium", level="high"), ""),
    ],
)
def test_a_value_near_a_bound_says_so(kg: Kg, item: dict[str, Any], said: str) -> None:
    (fact,) = read(kg, item, age=ADULT).facts
    assert fact.judged is not None
    assert fact.judged.near == said
    assert ("within" in fact.reading) is bool(said)
    assert fact.reading.endswith(said)


# -- tables that disagree --------------------------------------------------------------

TWO_YEARS: dict[str, Any] = {"age": "30 months"}


def test_tables_that_disagree_give_no_level(kg: Kg) -> None:
    case = read(kg, lab("phosphate", 6.3), **TWO_YEARS)
    assert not case.facts
    (remark,) = case.uninterpreted
    assert "the printed intervals for this age disagree" in remark.reason
    assert "high by 3.1–6 mg/dL" in remark.reason
    assert "normal by 3.9–6.5 mg/dL" in remark.reason
    assert names.CC + "Hyperphosphataemia" in remark.about
    found = verdicts(kg, lab("phosphate", 6.3), lab("calcium", level="normal"), **TWO_YEARS)
    assert found["MetastaticCalcinosisCutis"] == "undetermined"


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (3.0, "Hypophosphataemia"),
        (3.5, "no Hyperphosphataemia"),  # normal by one, low by the other
        (5.0, "no AbnormalPhosphate"),
        (6.7, "Hyperphosphataemia"),
    ],
)
def test_what_tables_have_in_common_is_taken(kg: Kg, value: float, level: str) -> None:
    case = read(kg, lab("phosphate", value), **TWO_YEARS)
    assert levels(case) == {level}
    assert set(case.facts[0].references) == {"diasys-phosphate", "davis-lab-tests-phosphorus"}


def test_without_one_of_two_tables_the_other_decides(kg: Kg) -> None:
    value = lab("phosphate", 6.3)
    for key, level in (
        ("davis-lab-tests-phosphorus", "Hyperphosphataemia"),
        ("diasys-phosphate", "no AbnormalPhosphate"),
    ):
        without = calcinosis.load(settings=Settings(without=(key,)))
        assert levels(read(without, value, **TWO_YEARS)) == {level}


def test_an_own_interval_decides_between_tables(kg: Kg) -> None:
    own = lab("phosphate", 6.3, interval=[3.9, 6.5])
    assert levels(read(kg, own, **TWO_YEARS)) == {"no AbnormalPhosphate"}


def test_any_analyte_may_have_a_second_table(tmp_path: Path) -> None:
    """A made-up table for adults in a copy of the ontology."""
    folder = tmp_path / "ontology"
    shutil.copytree(data("ontology"), folder)
    with (folder / "laboratory.ttl").open("a", encoding="utf-8") as file:
        file.write(
            "\ninterval:made-up a calc:ReferenceInterval ; calc:analyte calc:TotalCalcium ;"
            ' rdfs:label "made up, adults" ; calc:lowerBound 9.0 ; calc:upperBound 11.0 ;'
            ' calc:ageFrom "P18Y" ; calc:inUnit "mg/dL" .\n'
        )
    other = calcinosis.load(ontology=folder)
    expected = {8.0: {"Hypocalcaemia"}, 8.7: {"no Hypercalcaemia"}, 9.5: {NORMAL}, 10.8: set()}
    for value, found in expected.items():
        for test in ("calcium", "corrected calcium"):
            assert levels(read(other, lab(test, value), age=ADULT)) == found


# -- what a remark is about ------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("items", "is_open"),
    [
        ([lab("calcium", 12)], True),
        ([lab("calcium", level="high")], True),
        ([lab("calcium", 2.35)], True),  # not understood
        ([lab("calcium", ">9")], True),
        ([lab("calcium", 9.2)], False),
        ([lab("calcium", 8.0)], True),
        ([lab("calcium", level="normal")], False),
        ([lab("calcium", level="low")], True),
        ([lab("calcium", "<9")], True),
        ([lab("calcium", 9.2), lab("albumin", 20, "g/L")], True),  # corrected then
    ],
)
def test_a_level_of_another_time_is_open_unless_it_was_normal(
    kg: Kg, items: list[dict[str, Any]], is_open: bool, when: str
) -> None:
    case = read(kg, *({**item, "when": when} for item in items), age=ADULT)
    assert not case.facts
    remark = case.set_aside[0]
    assert remark.reason.startswith(f"taken {when}")
    assert bool(remark.about) is is_open
    assert not is_open or names.CC + "Hypercalcaemia" in remark.about


@pytest.mark.parametrize(
    ("finding", "is_open"), [("hypercalcaemia", True), ("hypocalcaemia", True)]
)
def test_a_level_named_at_another_time_is_open_too(kg: Kg, finding: str, is_open: bool) -> None:
    case = read(kg, findings=[{"term": finding, "when": "before"}])
    assert bool(case.set_aside[0].about) is is_open


def test_a_lesser_test_is_set_aside_and_leaves_nothing_open(kg: Kg) -> None:
    case = read(kg, lab("ionised calcium", 1.2, "mmol/L"), lab("calcium", 12), age=ADULT)
    (remark,) = case.set_aside
    assert "is believed before it" in remark.reason
    assert not remark.about


def test_a_value_of_an_unknown_unit_leaves_its_level_open(kg: Kg) -> None:
    case = read(kg, lab("phosphate", 3, "furlong"))
    assert names.CC + "Hyperphosphataemia" in case.uninterpreted[0].about
