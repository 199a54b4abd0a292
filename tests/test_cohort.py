"""A cohort as one value: its counts add up, and say what would settle most patients."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from math import comb, sqrt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.api.result import Result
from calcinosis.output.words.cohort import notes, summary_text
from calcinosis.reasoning.verdict import STANDINGS
from calcinosis.study.cohort import Cohort
from calcinosis.study.intervals import SMALL, Share, wilson
from calcinosis.study.tally import Tally
from tests.clinic import clinic
from tests.shared import EXAMPLES, graph


@cache
def examples() -> Result:
    return graph().classify(EXAMPLES)


def of(*cases: dict[str, Any]) -> Cohort:
    return graph().classify(list(cases)).cohort


def patient(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "age": "50 years", "calcinosis": "present", **more}


DISEASE = {"conditions": ["dermatomyositis"]}
CALCIUM = {"test": "serum calcium", "value": 9.4, "unit": "mg/dL"}
PHOSPHATE = {"test": "serum phosphate", "level": "normal"}
BARE = {"test": "serum phosphate", "value": 3.4}
STRICT: dict[str, Any] = {"assume": []}


def test_the_counts_add_up() -> None:
    cohort = examples().cohort
    for subtype in cohort.subtypes:
        assert tuple(subtype.standings) == STANDINGS
        assert sum(one.count for one in subtype.standings.values()) == len(cohort)
        assert {one.total for one in subtype.standings.values()} == {len(cohort)}
    for condition in cohort.conditions:
        assert {sum(found.values()) for found in condition.subtypes} == {condition.patients}
    for criterion in cohort.criteria:
        assert sum(criterion.statuses.values()) == len(cohort)
    nothing = sum(cohort.nothing.values())
    assert cohort.following.count + cohort.presumed.count + nothing == len(cohort)


def test_wide_says_what_tidy_and_the_long_rows_say() -> None:
    result = examples()
    labels = {subtype.id: subtype.label for subtype in result.cohort.subtypes}
    wide = {row["patient"]: row for row in result.cohort.wide()}
    tidy, long = result.cohort.tidy(), result.rows()
    assert len(tidy) == len(long) == len(wide) * len(labels)
    for one, other in zip(tidy, long, strict=True):
        assert (one["patient"], one["subtype"]) == (other["case"], other["subtype"])
        assert one["standing"] == ("presumed" if other["presumed"] else other["verdict"])
        assert wide[one["patient"]][labels[one["subtype"]]] == one["verdict"]


def test_the_order_of_the_patients_changes_no_count() -> None:
    cases = list(examples().cases)
    random.Random(13).shuffle(cases)
    tally = Tally()
    assert list(tally.counting(cases)) == cases
    ours, theirs = examples().cohort.to_dict(), tally.cohort().to_dict()
    del ours["contradictory"], theirs["contradictory"]  # in the order of the patients
    assert ours == theirs


def test_what_would_settle_most_patients() -> None:
    cohort = of(
        patient("both", **DISEASE, **STRICT),
        patient("one", **DISEASE, **STRICT, labs=[CALCIUM]),
        patient("no-unit", **DISEASE, **STRICT, labs=[CALCIUM, BARE]),
        patient("known", **DISEASE, **STRICT, labs=[CALCIUM, PHOSPHATE]),
        patient("no-cause", **STRICT),
    )
    assert [(one.asks, one.patients, one.given, one.alone) for one in cohort.missing] == [
        ("serum phosphate", 3, 1, 2),
        ("serum calcium", 1, 0, 0),
    ]
    assert [(step.asks, step.settled, step.of) for step in cohort.plan] == [
        ("serum phosphate", 2, 3),
        ("serum calcium", 3, 3),
    ]
    asked = {one.id: one.asks for one in cohort.patients}
    assert asked["no-unit"] == ("serum phosphate (lacks its unit)",)
    assert asked["known"] == asked["no-cause"] == ()
    why = {one.id: one.why for one in cohort.patients}
    assert why["known"] == ""
    assert why["both"] == "not known: serum calcium, serum phosphate"
    assert cohort.nothing["no cause is stated"] == 1


@pytest.mark.parametrize("calcium", ["low", "normal", "high"])
@pytest.mark.parametrize("phosphate", ["low", "normal", "high"])
def test_what_the_plan_asks_for_settles_whatever_it_shows(calcium: str, phosphate: str) -> None:
    before = of(patient("1", **DISEASE, **STRICT))
    asked = [step.asks for step in before.plan]
    levels = dict(zip(asked, (calcium, phosphate), strict=True))
    labs = [{"test": test, "level": level} for test, level in levels.items()]
    (after,) = of(patient("1", **DISEASE, **STRICT, labs=labs)).patients
    (subtype,) = before.patients[0].needs
    place = [one.id for one in before.subtypes].index(subtype)
    assert before.patients[0].standings[place] == "undetermined"
    assert after.standings[place] in ("entailed", "refuted")


def test_the_plan_settles_everybody_who_has_a_known_cause() -> None:
    plan = examples().cohort.plan
    settled = [step.settled for step in plan]
    assert settled == sorted(settled)
    assert settled[-1] == plan[-1].of > 0


def test_words_are_counted_with_their_patients() -> None:
    cohort = of(
        patient("1", conditions=["xyzzy", "xyzzy", "dermatomyositis"]),
        patient("2", conditions=["xyzzy"]),
        patient("3", labs=[BARE]),
        patient("4", labs=[{**BARE, "value": 5.8}]),
    )
    assert [(one.what, one.patients) for one in cohort.not_understood] == [("xyzzy", 2)]
    assert cohort.not_understood[0].blocks
    told = [(one.what, one.reason, one.patients) for one in cohort.not_interpreted]
    assert told == [("serum phosphate", "the value has no unit", 2)]
    (condition,) = cohort.conditions
    assert (condition.label, condition.patients) == ("dermatomyositis", 1)


def test_contradictory_patients_are_named() -> None:
    ulcer = {"findings": ["skin ulcer"], "excluded": ["skin ulcer"]}
    cohort = of(patient("1", **ulcer), patient("2"))
    assert [one.id for one in cohort.contradictory] == ["1"]
    assert cohort.patients[0].why == "the facts contradict each other"


def test_a_clinics_sheet(tmp_path: Path) -> None:
    cohort = graph().classify(clinic(tmp_path / "clinic.xlsx")).cohort
    assert [one.id for one in cohort.patients] == ["01", "02", "03"]
    assert len(cohort.refused) == 1
    assert "02" in cohort.refused[0].what
    assert cohort.refused[0].cure


@pytest.mark.parametrize("cases", [[], [{}, {"id": "x", "calcinosis": "maybe"}]])
def test_no_patients(cases: list[dict[str, Any]]) -> None:
    cohort = of(*cases)
    assert (len(cohort), cohort.wide(), cohort.tidy(), cohort.plan) == (0, [], [], ())
    assert cohort.following.value is None
    assert len(cohort.refused) == len(cases)
    assert cohort.to_dict()["patients"] == 0


def test_a_stream_gives_the_cohort_and_keeps_no_verdict() -> None:
    stream = graph().stream([*EXAMPLES, {}])
    cohort = stream.cohort()
    assert cohort.to_dict()["subtypes"] == examples().cohort.to_dict()["subtypes"]
    assert len(cohort.refused) == 1


# Agresti and Coull, Am Stat 1998;52:119; Newcombe, Stat Med 1998;17:857, table I.
@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_the_published_one(
    count: int, total: int, low: float, high: float
) -> None:
    assert wilson(count, total) == pytest.approx((low, high), abs=5e-5)


@settings(max_examples=50)
@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_mirrors(pair: tuple[int, int]) -> None:
    count, total = pair
    low, high = wilson(count, total)
    assert 0 <= low <= count / total <= high <= 1
    assert wilson(total - count, total) == pytest.approx((1 - high, 1 - low))


def told(cohort: Cohort) -> str:
    return " ".join(summary_text(cohort).split())


def of_size(total: int) -> Cohort:
    """As many patients, of whom every third is known to follow."""
    levels = {"labs": [CALCIUM, PHOSPHATE]}
    known = [patient(str(n), **(DISEASE | levels if n % 3 == 0 else {})) for n in range(total)]
    return of(*known)


def test_few_patients_have_the_exact_interval_and_many_the_score_interval() -> None:
    """As an evaluation has them: recomputed by what each is defined by."""
    few = of_size(SMALL - 1)
    share = few.following
    assert 0 < share.count < share.total == SMALL - 1
    low, high = share.interval or (0, 0)
    n, k = share.total, share.count
    above = sum(comb(n, i) * low**i * (1 - low) ** (n - i) for i in range(k, n + 1))
    below = sum(comb(n, i) * high**i * (1 - high) ** (n - i) for i in range(k + 1))
    assert (above, below) == pytest.approx((0.025, 0.025))

    many = of_size(SMALL).following
    for bound in many.interval or ():
        spread = sqrt(bound * (1 - bound) / SMALL)
        assert abs(many.count / SMALL - bound) == pytest.approx(1.959964 * spread, abs=1e-6)

    assert few.to_dict()["following"]["interval"] == "exact"
    for standing in few.subtypes[0].standings.values():
        assert standing == Share(standing.count, n)
    assert "95 %, exact (Clopper and Pearson)." in told(few)
    assert "95 %, by Wilson's score." in told(of_size(SMALL))


def test_flags_are_counted_by_subtype() -> None:
    cohort = examples().cohort
    counts = Counter(
        (flag, one.id)
        for case in examples().cases
        for one in case.subtypes
        for flag in dict.fromkeys(one.flags)
    )
    assert {(one.words, one.subtype): one.patients for one in cohort.flags} == counts
    assert counts


def test_a_reason_that_many_share_keeps_the_bounds_of_intervals() -> None:
    phosphate = {"test": "phosphate", "value": 2.0, "unit": "mmol/L"}
    case = {"id": "a", "age": "2 years", "calcinosis": "present", "labs": [phosphate]}
    (one,) = graph().classify(case).cohort.not_interpreted
    assert "high by 1–1.94 mmol/L" in one.reason
    assert "normal by 1.26–2.1 mmol/L" in one.reason


def test_a_note_on_several_subtypes_is_told_once() -> None:
    case = {
        "id": "a",
        "age": "40 years",
        "calcinosis": "present",
        "labs": [{"test": "calcium", "value": 10.4, "unit": "mg/dL"}],
    }
    told = [one for one in notes(graph().classify(case).cohort) if "near a bound" in one[0]]
    assert [one[1:] for one in told] == [("dystrophic, idiopathic and metastatic", 1)]


def test_what_was_before_is_counted_apart_in_every_table() -> None:
    cases = [
        {"id": "a", "calcinosis": "present", "conditions": ["former smoker"]},
        {"id": "b", "calcinosis": "present", "conditions": ["smoker", "former smoker"]},
        {"id": "c", "calcinosis": "present", "conditions": ["smoker"]},
    ]
    cohort = graph().cohort(cases)
    told = {one.label: one.patients for one in cohort.conditions}
    (now, before) = sorted(told, key=len)
    assert before == f"{now} (before)"
    assert told == {now: 2, before: 1}
    assert len({one.iri for one in cohort.conditions}) == 1
    assert [one.conditions for one in cohort.patients] == [(before,), (now,), (now,)]
