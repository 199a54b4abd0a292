"""Laboratory values to levels: units, intervals, comparators, precedence, correction, times."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis import names
from calcinosis.cli import main
from calcinosis.errors import CaseError
from calcinosis.facts import age
from calcinosis.facts.case import Case
from calcinosis.facts.quantity import Amount, amount, of_three
from calcinosis.facts.read import reader_of
from tests.shared import examples, graph

Kg = calcinosis.KnowledgeGraph
CALCIUM = [8.5, 10.5]
CALCIUM_TEXT = "total serum calcium 9.1 mg/dL"


def read(kg: Kg, *labs: dict[str, Any], **fields: Any) -> Case:
    return reader_of(kg.ontology).read({"id": "a", "labs": list(labs), **fields}, "here")


def levels(case: Case) -> set[str]:
    """The levels that the facts of a case state, such as ``no AbnormalCalcium``."""
    return {f"{'' if f.affirmed else 'no '}{names.local(f.term)}" for f in case.facts}


def calcium(value: Any, unit: str = "mg/dL", **more: Any) -> dict[str, Any]:
    return {"test": "calcium", "value": value, "unit": unit, **more}


def test_the_example_of_a_bound_is_accepted(kg: Kg) -> None:
    for analyte in kg.laboratory.analytes.values():
        for unit in {*analyte.units.values(), None}:
            given_in = analyte.canonical if unit is None else unit.ucum
            bound = analyte.example(unit)
            case = read(kg, {"test": analyte.label, "value": bound, "unit": given_in})
            assert case.id == "a"
            assert amount(bound) is not None
    wrong = {"test": "creatinine", "value": "x", "unit": "umol/L"}
    with pytest.raises(CaseError, match="a bound such as '>100'"):
        reader_of(kg.ontology, strict=True).read({"id": "a", "labs": [wrong]}, "here")


# -- values against intervals ----------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (8.44, "Hypocalcaemia"),
        (8.46, "no AbnormalCalcium"),  # at the precision of the bound
        (8.5, "no AbnormalCalcium"),
        (9, "no AbnormalCalcium"),
        ("9.1", "no AbnormalCalcium"),
        (10.5, "no AbnormalCalcium"),
        (10.54, "no AbnormalCalcium"),
        (10.56, "Hypercalcaemia"),
        (" 1.2e1 ", "Hypercalcaemia"),
    ],
)
def test_the_interval_is_inclusive(kg: Kg, value: Any, level: str) -> None:
    assert levels(read(kg, calcium(value, interval=CALCIUM))) == {level}


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (">10.5", "Hypercalcaemia"),
        ("> 11", "Hypercalcaemia"),
        (">=10.6", "Hypercalcaemia"),
        ("≥10.5", "no Hypocalcaemia"),  # 10.5 itself is normal
        (">9", "no Hypocalcaemia"),
        (">8.4", None),
        ("<8.5", "Hypocalcaemia"),
        ("<=8.4", "Hypocalcaemia"),
        ("≤8.5", "no Hypercalcaemia"),
        ("<9", "no Hypercalcaemia"),
        ("<10.6", None),
    ],
)
def test_a_bound_decides_by_its_whole_range(kg: Kg, value: str, level: str | None) -> None:
    case = read(kg, calcium(value, interval=CALCIUM))
    assert levels(case) == ({level} if level else set())
    assert len(case.uninterpreted) == (level is None)
    if level is None:
        assert "lies across a bound" in case.uninterpreted[0].reason


@pytest.mark.parametrize(
    ("interval", "value", "level"),
    [
        ([None, 10.5], 9, "no Hypercalcaemia"),
        ([None, 10.5], 11, "Hypercalcaemia"),
        ([8.5, None], 9, "no Hypocalcaemia"),
        ([8.5, None], 8, "Hypocalcaemia"),
        ([None, 10.5], ">9", None),
        ([9, 9], 9, "no AbnormalCalcium"),
        ((8.5, 10.5), 9, "no AbnormalCalcium"),
    ],
)
def test_a_one_sided_interval_judges_one_side(
    kg: Kg, interval: Any, value: Any, level: str | None
) -> None:
    assert levels(read(kg, calcium(value, interval=interval))) == ({level} if level else set())


def test_the_case_s_own_interval_wins(kg: Kg) -> None:
    by_ours = read(kg, calcium(10.8), age="40 years")
    by_its_own = read(kg, calcium(10.8, interval=[9, 11]), age="40 years")
    assert levels(by_ours) == {"Hypercalcaemia"}
    assert levels(by_its_own) == {"no AbnormalCalcium"}
    assert "9–11 mg/dL, the case's own interval" in by_its_own.facts[0].reading
    assert by_ours.facts[0].references
    assert not by_its_own.facts[0].references


def test_the_reading_names_value_interval_and_source(kg: Kg) -> None:
    (fact,) = read(kg, calcium(11.2), age="40 years").facts
    assert fact.words == "total serum calcium 11.2 mg/dL"
    assert "11.2 mg/dL is high (8.5–10.5 mg/dL" in fact.reading
    assert set(fact.references) <= set(kg.ontology.library.bibliography)


# -- ages ------------------------------------------------------------------------------


def test_a_child_is_not_judged_by_an_adult_s_interval(kg: Kg) -> None:
    phosphate = {"test": "phosphate", "value": 6.0, "unit": "mg/dL"}
    assert levels(read(kg, phosphate, age="2 years")) == {"no AbnormalPhosphate"}
    assert levels(read(kg, phosphate, age="40 years")) == {"Hyperphosphataemia"}


def test_no_age_or_no_interval_for_it_is_uninterpreted(kg: Kg) -> None:
    phosphate = {"test": "phosphate", "value": 6.0, "unit": "mg/dL"}
    unknown = read(kg, phosphate)
    toddler = read(kg, calcium(9.1), age="30 months")  # between two printed bands
    for case, why in ((unknown, "no age is given"), (toddler, "no sourced interval covers")):
        assert not case.facts
        assert case.uninterpreted[0].what in ("serum phosphate 6.0 mg/dL", CALCIUM_TEXT)
        assert why in case.uninterpreted[0].reason


def test_an_age_between_two_printed_bands_is_uninterpreted(kg: Kg) -> None:
    case = read(kg, calcium(8.9), age="30 months")  # printed: 11 days to 2 years, 3 to 12 years
    assert not case.facts
    assert "no sourced interval covers" in case.uninterpreted[0].reason
    assert levels(read(kg, calcium(8.9), age="23 months")) == {"Hypocalcaemia"}
    assert levels(read(kg, calcium(8.9), age="36 months")) == {"no AbnormalCalcium"}


def test_a_birthday_begins_the_next_interval(kg: Kg) -> None:
    value = calcium(10.7)  # up to 10.8 at twelve years, up to 10.2 from thirteen
    assert levels(read(kg, value, age="155 months")) == {"no AbnormalCalcium"}
    for birthday in ("13 years", "P13Y", "156 months"):
        assert levels(read(kg, value, age=birthday)) == {"Hypercalcaemia"}


# -- words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "level"),
    [("high", "Hypercalcaemia"), ("low", "Hypocalcaemia"), ("normal", "no AbnormalCalcium")],
)
def test_a_level_in_words(kg: Kg, word: str, level: str) -> None:
    for item in ({"test": "calcium", "level": word}, calcium(1e1, level=word)):
        case = read(kg, item)
        assert levels(case) == {level}
        assert case.facts[0].reading.endswith(f"stated to be {word}")


def test_the_word_counts_only_where_no_interval_applies(kg: Kg) -> None:
    judged = read(kg, calcium(12, interval=CALCIUM, level="normal"))
    assert levels(judged) == {"Hypercalcaemia"}
    assert judged.set_aside[0].what == "total serum calcium 12 mg/dL stated to be normal"
    agreed = read(kg, calcium(12, interval=CALCIUM, level="high"))
    assert levels(agreed) == {"Hypercalcaemia"}
    assert not agreed.set_aside
    across = read(kg, calcium(">9", interval=[9.5, 10], level="high"))
    assert not across.facts
    assert "the word 'high' is not used" in across.uninterpreted[0].reason


# -- times and precedence --------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_level_counts_only_at_the_assessment(kg: Kg, when: str) -> None:
    items = [calcium(12, interval=CALCIUM), {"test": "phosphate", "level": "high"}]
    case = read(kg, *({**item, "when": when} for item in items))
    assert not case.facts
    assert [r.what for r in case.set_aside] == [
        "total serum calcium 12 mg/dL",
        "serum phosphate high",
    ]
    assert {r.reason for r in case.set_aside} == {f"taken {when} the assessment of the deposit"}
    assert len(read(kg, *({**item, "when": "at"} for item in items)).facts) == 2


KINDS = [("ionised calcium", "high"), ("albumin-corrected calcium", "low"), ("calcium", "normal")]
BELIEVED = ["Hypercalcaemia", "Hypocalcaemia", "no AbnormalCalcium"]


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("turned", [False, True])
def test_ionised_beats_corrected_beats_total(kg: Kg, first: int, turned: bool) -> None:
    items = [{"test": test, "level": level} for test, level in KINDS[first:]]
    case = read(kg, *(reversed(items) if turned else items))
    assert levels(case) == {BELIEVED[first]}
    assert len(case.set_aside) == len(items) - 1
    best = kg.laboratory.find(KINDS[first][0])[0].label
    assert {r.reason for r in case.set_aside} <= {f"{best} is believed before it"}


def test_a_better_test_that_says_nothing_does_not_silence_the_lesser(kg: Kg) -> None:
    ionised = {"test": "ionised calcium", "value": 1.2, "unit": "mmol/L"}
    case = read(kg, ionised, {"test": "calcium", "level": "high"})  # without an age
    assert levels(case) == {"Hypercalcaemia"}
    assert len(case.uninterpreted) == 1


def test_a_level_before_does_not_silence_a_present_one(kg: Kg) -> None:
    before = {"test": "ionised calcium", "level": "high", "when": "before"}
    assert levels(read(kg, before, {"test": "calcium", "level": "low"})) == {"Hypocalcaemia"}


def test_two_values_of_one_test_both_count(kg: Kg) -> None:
    both = [calcium(12, interval=CALCIUM), calcium(9, interval=CALCIUM)]
    assert levels(read(kg, *both)) == {"Hypercalcaemia", "no AbnormalCalcium"}


# -- correction for albumin ------------------------------------------------------------

ALBUMIN = {"test": "albumin", "value": 20, "unit": "g/L"}


@pytest.mark.parametrize(
    ("item", "corrected"),
    [
        (calcium(9), "10.6 mg/dL"),  # 0.8 mg/dL for each g/dL below 4 g/dL
        (calcium(2.25, "mmol/L"), "2.65 mmol/L"),  # 0.02 mmol/L for each g/L below 40 g/L
        (calcium(4.5, "meq/L"), "5.3 meq/L"),
    ],
)
@pytest.mark.parametrize("albumin", [ALBUMIN, {**ALBUMIN, "value": 2, "unit": "g/dL"}])
def test_total_calcium_is_corrected_and_says_so(
    kg: Kg, item: dict[str, Any], corrected: str, albumin: dict[str, Any]
) -> None:
    assert levels(read(kg, item, age="40 years")) == {"no AbnormalCalcium"}
    case = read(kg, item, albumin, age="40 years")
    assert levels(case) == {"Hypercalcaemia"}
    (fact,) = case.facts
    assert f"corrected for serum albumin {albumin['value']}" in fact.reading
    assert f"to {corrected}, is high" in fact.reading
    assert "jain-2008" in fact.references
    assert "used to correct total serum calcium" in case.set_aside[0].reason


def test_a_high_albumin_corrects_downwards(kg: Kg) -> None:
    case = read(kg, calcium(10.8, interval=CALCIUM), {**ALBUMIN, "value": 50})
    assert levels(case) == {"no AbnormalCalcium"}


def test_a_corrected_value_is_judged_as_it_is_shown(kg: Kg) -> None:
    case = read(kg, calcium(8.9, interval=CALCIUM), ALBUMIN)  # 10.503 before rounding
    assert levels(case) == {"no AbnormalCalcium"}
    assert "to 10.5 mg/dL, is normal (8.5–10.5 mg/dL" in case.facts[0].reading


def test_a_correction_without_an_interval_is_uninterpreted_and_says_so(kg: Kg) -> None:
    (remark,) = read(kg, calcium(9), ALBUMIN).uninterpreted
    assert "corrected for serum albumin 20 g/L to 10.6 mg/dL" in remark.what


@pytest.mark.parametrize("kind", ["ionised calcium", "albumin-corrected calcium"])
def test_a_measured_or_given_correction_is_believed_before_ours(kg: Kg, kind: str) -> None:
    case = read(kg, calcium(9), ALBUMIN, {"test": kind, "level": "normal"}, age="40 years")
    assert levels(case) == {"no AbnormalCalcium"}


def test_an_albumin_of_another_time_corrects_nothing(kg: Kg) -> None:
    case = read(kg, calcium(9), {**ALBUMIN, "when": "before"}, age="40 years")
    assert levels(case) == {"no AbnormalCalcium"}


@pytest.mark.parametrize(
    ("value", "albumins", "level", "words"),
    [
        (
            9,
            [20, 36],
            "no Hypocalcaemia",
            "9.32–10.6 mg/dL",
        ),  # it is not known which one belongs to it
        (9, [20, 18], "Hypercalcaemia", "10.6–10.8 mg/dL"),
        (9, ["<21"], "Hypercalcaemia", "10.5–12.2 mg/dL"),
        (">9", [20], "Hypercalcaemia", ">10.6 mg/dL"),
        ("<8", [40], "Hypocalcaemia", "0–8 mg/dL"),
        (11, [">45"], None, "<10.6 mg/dL"),  # without an upper bound: none below either
    ],
)
def test_ranges_are_corrected_as_ranges(
    kg: Kg, value: Any, albumins: list[Any], level: str | None, words: str
) -> None:
    items = [{**ALBUMIN, "value": albumin} for albumin in albumins]
    one = read(kg, calcium(value, interval=CALCIUM), *items)
    other = read(kg, *reversed(items), calcium(value, interval=CALCIUM))
    assert levels(one) == levels(other) == ({level} if level else set())
    said = one.facts[0].reading if one.facts else one.uninterpreted[0].what
    assert f"to {words}," in said


# -- units -----------------------------------------------------------------------------


def test_a_converted_bound_is_the_one_a_laboratory_prints(kg: Kg) -> None:
    # 8.5 mg/dL is 2.1209 mmol/L and is printed as 2.12; 10.5 mg/dL is 2.6199, printed as 2.62.
    for value, level in ((2.12, "no AbnormalCalcium"), (2.62, "no AbnormalCalcium")):
        assert levels(read(kg, calcium(value, "mmol/L"), age="40 years")) == {level}
    # At the precision of the bounds, 2.11 mmol/L is 8.5 mg/dL, and 2.10 is 8.4.
    for value, level in ((2.11, "no AbnormalCalcium"), (2.63, "no AbnormalCalcium")):
        assert levels(read(kg, calcium(value, "mmol/L"), age="40 years")) == {level}
    assert levels(read(kg, calcium("2.10", "mmol/L"), age="40 years")) == {"Hypocalcaemia"}
    assert levels(read(kg, calcium(2.64, "mmol/L"), age="40 years")) == {"Hypercalcaemia"}


@pytest.mark.parametrize(
    ("value", "unit", "level"),
    [
        (4.5, "mg/dL", "no AbnormalPhosphate"),
        (1.453, "mmol/L", "no AbnormalPhosphate"),  # the same, and above 1.45
        (1.4529, "mmol/L", "no AbnormalPhosphate"),
        (45, "mg/L", "no AbnormalPhosphate"),
        (4.6, "mg/dL", "Hyperphosphataemia"),
        (1.49, "mmol/L", "Hyperphosphataemia"),
        (2.5, "mg/dL", "no AbnormalPhosphate"),
        (0.807, "mmol/L", "no AbnormalPhosphate"),  # 2.5 mg/dL is 0.8071
        (2.4, "mg/dL", "Hypophosphataemia"),
        (0.78, "mmol/L", "Hypophosphataemia"),
    ],
)
def test_a_value_is_compared_at_the_precision_of_its_bound(
    kg: Kg, value: float, unit: str, level: str
) -> None:
    phosphate = {"test": "phosphate", "value": value, "unit": unit}
    assert levels(read(kg, phosphate, age="40 years")) == {level}


@pytest.mark.parametrize(
    ("interval", "value", "level"),
    [
        ([9, 11], 11.4, "Hypercalcaemia"),  # a file does not tell 11 from 11.0
        ([9, 11], 11.04, "no AbnormalCalcium"),
        ([8.5, 10.25], 10.26, "Hypercalcaemia"),
    ],
)
def test_an_own_interval_is_as_precise_as_a_laboratory_s(
    kg: Kg, interval: Any, value: Any, level: str
) -> None:
    assert levels(read(kg, calcium(value, interval=interval))) == {level}


def _printed(value: float, step: float) -> str:
    """A value as a laboratory prints it: three figures, or as many as keep a step apart."""
    finer = math.ceil(-math.log10(step / 2))
    return f"{value:.{max(0, of_three(value), finer)}f}"


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(300))
@given(st.data())
def test_a_value_and_the_same_in_another_unit_give_the_same_level(
    kg: Kg, data: st.DataObject
) -> None:
    laboratory = kg.laboratory
    judged = [a for a in laboratory.analytes.values() if laboratory._intervals.get(a.iri)]
    analyte = data.draw(st.sampled_from(judged))
    (interval,) = laboratory.intervals(analyte.iri, age.days("40 years"), None)
    step = 10.0**-interval.decimals
    assert interval.low is not None
    assert interval.high is not None
    low, high = interval.low / step, interval.high / step
    steps = data.draw(st.integers(math.floor(low * 0.8), math.ceil(high * 1.3)))
    value = round(steps * step, interval.decimals)
    found = set()
    for unit in analyte.units.values():
        scale = interval.unit.factor / unit.factor
        text = _printed(value * scale, step * scale)
        if unit == interval.unit:
            text = f"{value:.{interval.decimals}f}"
        case = read(kg, {"test": analyte.label, "value": text, "unit": unit.ucum}, age="40 years")
        assert not case.uninterpreted
        found.add(frozenset(levels(case)))
    assert len(found) == 1


# -- values at the edge of the possible ------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (3, Amount(3.0, 3.0)),
        ("<=3", Amount(0.0, 3.0)),
        ("<3", Amount(0.0, 3.0, strict=True)),
        ("≥ 3", Amount(3.0, math.inf)),
        (10**400, Amount(math.inf, math.inf)),
        ("", None),
        ("~3", None),
        ("3,1", Amount(3.1, 3.1)),
        ("3,100", None),
        ("-3", None),
        (True, None),
        (None, None),
    ],
)
def test_amounts(text: Any, expected: Amount | None) -> None:
    assert amount(text) == expected


def test_an_amount_in_words() -> None:
    amounts = [Amount(3, 3), Amount(1, 2), Amount(1, math.inf), Amount(-math.inf, 2, strict=True)]
    assert [str(found) for found in amounts] == ["3", "1–2", ">=1", "<2"]


# -- what a value that is given still lacks --------------------------------------------


@pytest.mark.parametrize(
    ("fields", "lab", "lacking"),
    [
        ({}, calcium(9), "its interval, or the age"),
        ({"age": "2 years"}, calcium(9), "its interval"),
        ({}, calcium(">8.4", interval=CALCIUM), "a value on one side of the bound"),
    ],
)
def test_what_is_needed_is_what_the_value_lacks(
    kg: Kg, fields: dict[str, Any], lab: dict[str, Any], lacking: str
) -> None:
    case: Any = {"id": "a", "calcinosis": "present", "labs": [lab], **fields}
    case["conditions"] = [{"term": "burn scar", "at_deposit": True}]
    (found,) = kg.classify(case).cases
    (dystrophic,) = (one for one in found.subtypes if one.basis == "criterion")
    (remark,) = found.case.uninterpreted
    assert remark.cure == lacking
    assert dystrophic.needed == (f"serum calcium (for {remark.what}: {lacking})", "serum phosphate")
    (asked,) = (q.asks for q in kg.explain(case)[0].questions if remark.what in q.asks)
    assert asked == dystrophic.needed[0]


def test_a_level_that_is_known_otherwise_is_not_asked_for(kg: Kg) -> None:
    case: dict[str, Any] = {"id": "a", "calcinosis": "present", "labs": [calcium(9)]}
    case["excluded"] = ["hypercalcaemia", "hypocalcaemia"]
    case["conditions"] = [{"term": "burn scar", "at_deposit": True}]
    (found,) = kg.classify(case).cases
    (dystrophic,) = (one for one in found.subtypes if one.basis == "criterion")
    assert dystrophic.needed == ("serum phosphate",)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "jsonl", "text"])
def test_a_value_without_an_interval_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"id": "a", "labs": [calcium(9)]}), encoding="utf-8")
    said = {}
    for quiet in ([], ["-q"]):
        with pytest.raises(SystemExit) as end:
            main(["classify", str(path), "-f", form, "-o", str(tmp_path / f"o{quiet}"), *quiet])
        assert not end.value.code
        said[bool(quiet)] = capsys.readouterr().err
    line = "Not interpreted: a, labs[0]: total serum calcium 9 mg/dL: it comes without an interval"
    assert said[False].startswith(line) == (form in ("csv", "xlsx"))
    assert "Not interpreted" not in said[True]


def test_a_value_that_leaves_its_own_interval_far_behind_is_no_slip_of_the_unit(kg: Kg) -> None:
    far, near = (read(kg, calcium(v, interval=CALCIUM)) for v in (2.3, 6.0))
    assert levels(near) == {"Hypocalcaemia"}
    assert not levels(far)
    (doubt,) = far.uninterpreted
    assert "2.3 would be usual in mmol/L" in doubt.reason


def test_an_unknown_test_may_mean_the_tests_that_share_a_word_with_it() -> None:
    assert names.CC + "Hypercalcaemia" in graph().laboratory.may_mean("calcium, capillary")
    assert names.CC + "Hyperphosphataemia" not in graph().laboratory.may_mean("calcium, capillary")
    assert graph().laboratory.may_mean("xyzzy") == ()
