"""Amounts, intervals and bounds as values: which side of a bound, how near, how far, in words."""

from __future__ import annotations

import math

import pytest

from calcinosis.facts.quantity import (
    Amount,
    Interval,
    LevelWord,
    Measured,
    Unit,
    amount,
    decimals,
    is_apart,
    level,
    near,
    of_three,
    spell,
)

GRAM = Unit("g/L", 1.0)
TEN = Unit("g/dL", 10.0)  # ten of the other: one gram in a decilitre is ten in a litre
THREE = Unit("third", 1 / 3)


def interval(low: float | None, high: float | None, digits: int = 2, unit: Unit = GRAM) -> Interval:
    return Interval(low, high, unit, "a laboratory", decimals=digits)


def at(low: float, high: float | None = None, unit: Unit = GRAM, digits: int = 2) -> Measured:
    return Measured(Amount(low, low if high is None else high), unit, digits)


# -- intervals beside each other -------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "known", "apart"),
    [
        (3.0, 2.0, False),  # half as much again is still what laboratories differ by
        (3.1, 2.0, True),
        (2.0, 3.0, False),
        (2.0, 3.1, True),
        (2.0, 2.0, False),
        (0.0, 2.0, False),  # zero bounds nothing from below
        (None, 2.0, False),
        (2.0, None, False),
        (2.0, 0.0, True),
    ],
)
def test_bounds_are_apart_by_more_than_half_as_much_again(
    bound: float | None, known: float | None, apart: bool
) -> None:
    assert is_apart(bound, known) is apart


@pytest.mark.parametrize(
    ("one", "other", "is_far"),
    [
        ((1.0, 2.0), (3.0, 4.0), False),
        ((1.0, 2.0), (3.1, 4.0), True),
        ((3.0, 4.0), (1.0, 2.0), False),
        ((3.1, 4.0), (1.0, 2.0), True),
        ((1.0, 2.0), (1.0, 2.0), False),
        ((None, 2.0), (3.1, None), True),
        ((3.1, None), (None, 2.0), True),
        ((None, 2.0), (None, 9.0), False),  # both reach down to nothing
        ((1.0, None), (9.0, None), False),
        ((None, 2.0), (1.0, None), False),
    ],
)
def test_an_interval_is_far_from_another_where_a_gap_parts_them(
    one: tuple[float | None, float | None], other: tuple[float | None, float | None], is_far: bool
) -> None:
    assert interval(*one).is_far_from(interval(*other)) is is_far


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ((2.0, 4.0), (3.0, 6.0), True),
        ((2.0, 4.0), (3.1, 6.0), False),
        ((2.0, 4.0), (3.0, 6.1), False),
        ((None, 4.0), (3.0, 6.0), True),
        ((0.0, 4.0), (3.0, 6.0), True),
        ((2.0, None), (3.0, 6.0), True),
    ],
)
def test_an_interval_is_near_another_where_each_bound_is(
    one: tuple[float | None, float | None], other: tuple[float | None, float | None], is_near: bool
) -> None:
    assert interval(*one).is_near(interval(*other)) is is_near


def test_intervals_are_compared_in_one_unit() -> None:
    ours, theirs = interval(10.0, 20.0), interval(1.0, 2.0, unit=TEN)
    assert theirs.in_unit(GRAM) == ours
    assert ours.in_unit(GRAM) is ours
    assert ours.is_near(theirs)
    assert not ours.is_far_from(theirs)
    assert interval(1.0, 2.0).is_far_from(theirs)
    assert interval(None, 10.0).in_unit(THREE) == interval(None, 30.0, unit=THREE)
    third = interval(1.0, None, unit=THREE).in_unit(GRAM)  # a third, in three figures
    assert (third.low, third.high) == (0.333, None)


@pytest.mark.parametrize(
    ("low", "high", "left"),
    [
        (0.5, 0.5, False),  # its span is 2, twice as wide it ends at 0.5 and 16
        (0.4, 0.49, True),
        (0.4, 0.6, False),
        (16.0, 16.0, False),
        (16.1, 17.0, True),
        (15.0, 17.0, False),
        (3.0, 3.0, False),
    ],
)
def test_a_value_leaves_its_interval_behind_by_twice_its_span(
    low: float, high: float, left: bool
) -> None:
    assert interval(2.0, 4.0).is_left_behind_by(Amount(low, high)) is left


@pytest.mark.parametrize("bounds", [(None, 4.0), (0.0, 4.0), (2.0, None)])
def test_an_interval_without_a_span_is_never_left_behind(
    bounds: tuple[float | None, float | None],
) -> None:
    assert interval(*bounds).is_left_behind_by(Amount(1000.0, 1000.0)) is False


@pytest.mark.parametrize(
    ("low", "high", "held"),
    [
        (2.0, 4.0, True),
        (1.9, 4.0, False),
        (2.0, 4.1, False),
        (3.0, 3.0, True),
        (5.0, 6.0, False),
        (0.0, 1.0, False),
    ],
)
def test_an_interval_holds_what_lies_within_its_bounds(low: float, high: float, held: bool) -> None:
    assert interval(2.0, 4.0).holds(Amount(low, high), GRAM) is held
    assert interval(20.0, 40.0).holds(Amount(low, high), TEN) is held


def test_an_open_interval_holds_all_on_its_side() -> None:
    assert interval(None, 4.0).holds(Amount(0.0, 4.0), GRAM)
    assert not interval(None, 4.0).holds(Amount(0.0, 5.0), GRAM)
    assert interval(2.0, None).holds(Amount(2.0, 1e9), GRAM)
    assert not interval(2.0, None).holds(Amount(1.0, 3.0), GRAM)


def test_an_interval_in_words_and_as_values() -> None:
    words = [interval(*ends).bounds for ends in ((None, 2.0), (1.0, None), (1.0, 2.5))]
    assert words == ["up to 2 g/L", "from 1 g/L", "1–2.5 g/L"]
    assert str(interval(1.0, 2.0)) == "1–2 g/L, a laboratory"
    plain = Interval(1.0, None, GRAM, "a book", ("smith-2001",))
    shown: dict[str, object] = {"low": 1.0, "high": None, "unit": "g/L", "source": "a book"}
    shown["references"] = ["smith-2001"]
    assert plain.to_dict() == shown
    for age in (("P1Y", None), (None, "P2Y"), ("P1Y", "P2Y")):
        found = Interval(1.0, None, GRAM, "a book", ("smith-2001",), age).to_dict()
        assert found == {**shown, "age": {"from": age[0], "to": age[1]}}


# -- amounts ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "low", "high", "strict"),
    [
        ("60", 60.0, 60.0, False),
        (">60", 60.0, math.inf, True),
        (">=60", 60.0, math.inf, False),
        ("≥60", 60.0, math.inf, False),
        ("<60", 0.0, 60.0, True),
        ("<=60", 0.0, 60.0, False),
        ("≤60", 0.0, 60.0, False),
        ("1.5e2", 150.0, 150.0, False),
        (2.5, 2.5, 2.5, False),
    ],
)
def test_a_sign_says_which_end_is_open(
    written: object, low: float, high: float, strict: bool
) -> None:
    assert amount(written) == Amount(low, high, strict)


def test_the_ends_of_an_amount_are_shown_with_their_sign() -> None:
    assert str(Amount(60.0, math.inf, strict=True)) == ">60"
    assert str(Amount(60.0, math.inf)) == ">=60"
    assert str(Amount(-math.inf, 60.0)) == "<=60"
    assert str(Amount(1.2345, 1.2345)) == "1.23"


def test_decimals_are_counted_as_they_are_written() -> None:
    found = [decimals(text) for text in ("11", "11.", "2.20", "1e-3", "1.25E1", "1.5e3", "2e2")]
    assert found == [0, 0, 2, 3, 1, 0, 0]


def test_three_figures_need_as_many_decimals() -> None:
    shown = {0.0: 0, math.inf: 0, 0.0251: 4, 0.5: 3, 1.0: 2, 9.99: 2, 10.0: 1, 99.9: 1, 100.0: 0}
    assert {value: of_three(value) for value in shown} == shown
    assert of_three(-2.62) == 2
    assert of_three(5e6) == 0


def test_a_unit_is_compared_without_case_spaces_and_kinds_of_micro() -> None:
    assert {spell(word) for word in ("umol/L", "\u00b5mol/l", "\u03bcMol / L")} == {"umol/l"}


# -- an amount against an interval -----------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "strict", "found"),
    [
        (4.0, 4.0, False, "normal"),
        (4.1, 4.1, False, "high"),
        (2.0, 2.0, False, "normal"),
        (1.9, 1.9, False, "low"),
        (4.0, math.inf, True, "high"),
        (4.0, math.inf, False, "not low"),
        (3.9, math.inf, True, "not low"),
        (1.9, math.inf, True, None),
        (0.0, 2.0, True, "low"),
        (0.0, 2.0, False, "not high"),
        (0.0, 2.1, True, "not high"),
        (0.0, 4.1, True, None),
        (2.0, 4.0, False, "normal"),
        (1.9, 4.0, False, "not high"),
        (2.0, 4.1, False, "not low"),
        (1.9, 4.1, False, None),
    ],
)
def test_a_level_holds_of_the_whole_range(
    low: float, high: float, strict: bool, found: LevelWord | None
) -> None:
    measured = Measured(Amount(low, high, strict), GRAM, 1)
    assert level(measured, interval(2.0, 4.0, 1)) == found
    there = Measured(Amount(low / 10, high / 10, strict), TEN, 2)
    assert level(there, interval(2.0, 4.0, 1)) == found


@pytest.mark.parametrize(
    ("bounds", "value", "found"),
    [
        ((None, 4.0), 4.0, "not high"),
        ((None, 4.0), 5.0, "high"),
        ((2.0, None), 2.0, "not low"),
        ((2.0, None), 1.0, "low"),
        ((0.0, 4.0), 0.0, "normal"),
        ((None, 0.5), 0.6, "high"),
        ((0.5, None), 0.4, "low"),
    ],
)
def test_an_open_side_decides_nothing(
    bounds: tuple[float | None, float | None], value: float, found: LevelWord
) -> None:
    assert level(at(value), interval(*bounds, 1)) == found


def test_a_value_is_rounded_as_the_bound_is_printed() -> None:
    printed = interval(2.0, 4.0, 1)
    found = [level(at(value), printed) for value in (4.04, 4.06, 1.96, 1.94)]
    assert found == ["normal", "high", "normal", "low"]
    assert level(at(20.0), interval(None, 1.9, 1, TEN)) == "high"
    assert level(at(3.16), interval(None, 3.157, 3)) == "high"  # though it has fewer figures
    whole = interval(2.0, 4.0, 0)
    assert [level(at(v), whole) for v in (4.4, 4.6, 1.6, 1.4)] == [
        "normal",
        "high",
        "normal",
        "low",
    ]


def test_a_bound_is_printed_in_the_unit_of_a_value_that_has_fewer_figures() -> None:
    # 3.157 g/L is 0.3157 g/dL, which to three figures is 0.316: a value of 0.316 is not above it,
    # nor one of 0.32, which was written to two; one that was written 0.3160 is.
    printed = interval(None, 3.157, 3)
    assert level(at(0.316, unit=TEN, digits=3), printed) == "not high"
    assert level(at(0.316, unit=TEN, digits=4), printed) == "high"
    assert level(at(0.317, unit=TEN, digits=3), printed) == "high"
    below = interval(3.163, None, 3)
    assert level(at(0.316, unit=TEN, digits=3), below) == "not low"
    assert level(at(0.316, unit=TEN, digits=4), below) == "low"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (103.0, "within 3 % of the bound 100 g/L"),
        (103.1, ""),
        (100.4, "within the rounding of the bound 100 g/L"),  # rounds to the bound itself
        (100.0, "within 3 % of the bound 100 g/L"),
        (97.0, "within 3 % of the bound 100 g/L"),
        (96.9, ""),
        (51.5, "within 3 % of the bound 50 g/L"),
        (51.6, ""),
        (50.0, "within 3 % of the bound 50 g/L"),
        (49.6, "within the rounding of the bound 50 g/L"),
        (48.5, "within 3 % of the bound 50 g/L"),
        (48.4, ""),
    ],
)
def test_near_a_bound_is_three_per_cent_or_what_rounding_decided(value: float, said: str) -> None:
    printed = interval(50.0, 100.0, 0)
    found = level(at(value), printed)
    assert found is not None
    assert near(at(value), printed, found) == said


def test_rounding_is_near_however_far_it_goes() -> None:
    above, below = interval(None, 2.0, 0), interval(2.0, None, 0)
    assert near(at(2.4), above, "not high") == "within the rounding of the bound 2 g/L"
    assert near(at(1.6), below, "not low") == "within the rounding of the bound 2 g/L"
    assert near(at(1.6), above, "not high") == near(at(2.4), below, "not low") == ""


def test_the_nearer_of_two_bounds_is_named() -> None:
    narrow = interval(100.0, 101.0, 0)
    assert near(at(100.2), narrow, "normal") == "within 3 % of the bound 100 g/L"
    assert near(at(100.8), narrow, "normal") == "within 3 % of the bound 101 g/L"


def test_nothing_is_near_to_a_bound_of_zero_or_one_that_is_not_there() -> None:
    assert near(at(0.0), interval(0.0, 9.0), "normal") == ""
    assert near(at(9.0), interval(None, 9.0), "not high") != ""
    assert near(at(9.0), interval(9.0, None), "not low") != ""


def test_of_a_range_the_end_that_decides_is_near_or_not() -> None:
    printed = interval(50.0, 100.0, 0)
    assert near(at(102.0, 200.0), printed, "high") == "within 3 % of the bound 100 g/L"
    assert near(at(110.0, 200.0), printed, "high") == ""
    assert near(at(10.0, 49.0), printed, "low") == "within 3 % of the bound 50 g/L"
    assert near(at(49.0, 49.0), printed, "low") == "within 3 % of the bound 50 g/L"
    assert near(at(10.0, 40.0), printed, "low") == ""
    assert near(at(0.0, 99.0), printed, "not high") == "within 3 % of the bound 100 g/L"
    assert near(at(51.0, 200.0), printed, "not low") == "within 3 % of the bound 50 g/L"
    assert near(at(1.01, 1.01, unit=Unit("hg/L", 100.0)), printed, "high") != ""
