"""Intervals, kappa and the paired test against their definitions, worked out another way."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcinosis.output.words.estimates import kappa as in_words
from calcinosis.study.intervals import SMALL, Share, Z, exact, wilson
from calcinosis.study.statistics import kappa, mcnemar


def tail(count: int, total: int, share: float) -> float:
    """The chance of at least so many, in exact fractions."""
    p = Fraction(share)
    terms = (comb(total, n) * p**n * (1 - p) ** (total - n) for n in range(count, total + 1))
    return float(sum(terms))


@pytest.mark.parametrize("total", [1, 2, 7, 20, SMALL - 1])
def test_each_exact_bound_leaves_what_it_says_beyond(total: int) -> None:
    for count in range(total + 1):
        low, high = exact(count, total)
        assert low <= count / total <= high
        if count:
            assert tail(count, total, low) == pytest.approx(0.025, abs=1e-9)
        else:
            assert low == 0
        if count < total:
            assert 1 - tail(count + 1, total, high) == pytest.approx(0.025, abs=1e-9)
        else:
            assert high == 1


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_score_bound_is_where_the_test_has_its_quantile(pair: tuple[int, int]) -> None:
    count, total = pair
    for bound in wilson(count, total):
        spread = sqrt(bound * (1 - bound) / total)
        assert abs(count / total - bound) == pytest.approx(Z * spread, abs=1e-6)


def test_which_interval_is_said_and_none_is_made_up() -> None:
    assert (Share(1, SMALL - 1).method, Share(1, SMALL).method) == ("exact", "Wilson")
    assert Share(3, 20).interval == exact(3, 20)
    assert Share(30, 200).interval == wilson(30, 200)
    nothing = {"share": None, "low": None, "high": None, "interval": None}
    assert Share(0, 0).estimate() == {"count": 0, "total": 0, **nothing}


@pytest.mark.slow
def test_the_paired_test_is_the_share_of_ways_as_far_from_even() -> None:
    for one, other in product(range(7), repeat=2):
        total = one + other
        ways = product((0, 1), repeat=total)
        as_far = sum(abs(2 * sum(way) - total) >= abs(one - other) for way in ways)
        assert mcnemar(one, other) == pytest.approx(as_far / 2**total)
    assert mcnemar(5000, 5000) == 1.0


PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=40)


@given(PAIRS)
def test_kappa_is_agreement_beyond_chance(pairs: list[tuple[str, str]]) -> None:
    found, size = kappa(pairs), len(pairs)
    assert (found.same.count, found.same.total) == (sum(a == b for a, b in pairs), size)
    by_chance = sum(a == b for (a, _), (_, b) in product(pairs, repeat=2))
    if by_chance == size * size:
        assert found.value is None
        return
    assert found.value == pytest.approx(
        (found.same.count / size - by_chance / size**2) / (1 - by_chance / size**2)
    )
    assert kappa([(b, a) for a, b in pairs]).value == pytest.approx(found.value)
    if found.low is not None and found.high is not None:
        assert found.value is not None
        assert -1 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high


def delta_error(cells: dict[tuple[str, str], float]) -> float:
    """The standard error of kappa by the delta method, with slopes found by small steps."""
    total = sum(cells.values())

    def value(shares: dict[tuple[str, str], float]) -> float:
        whole = sum(shares.values())
        names = {name for pair in shares for name in pair}
        rows = {n: sum(v for (a, _), v in shares.items() if a == n) / whole for n in names}
        columns = {n: sum(v for (_, b), v in shares.items() if b == n) / whole for n in names}
        same = sum(v for (a, b), v in shares.items() if a == b) / whole
        chance = sum(rows[n] * columns[n] for n in names)
        return (same - chance) / (1 - chance)

    shares = {pair: count / total for pair, count in cells.items()}
    step = 1e-6
    slopes = {}
    for pair, share in shares.items():
        up, down = ({**shares, pair: share + sign * step} for sign in (1, -1))
        slopes[pair] = (value(up) - value(down)) / (2 * step)
    mean = sum(shares[pair] * slopes[pair] for pair in shares)
    return sqrt(sum(shares[pair] * (slopes[pair] - mean) ** 2 for pair in shares) / total)


@pytest.mark.parametrize(
    "cells",
    [
        {("a", "a"): 20, ("a", "b"): 5, ("b", "a"): 10, ("b", "b"): 15},
        {("a", "a"): 9, ("a", "c"): 2, ("b", "b"): 7, ("c", "b"): 3, ("c", "c"): 30},
        {("a", "b"): 4, ("b", "a"): 6, ("b", "b"): 1},
    ],
)
def test_the_interval_of_kappa_has_the_error_of_the_delta_method(
    cells: dict[tuple[str, str], int],
) -> None:
    found = kappa([pair for pair, count in cells.items() for _ in range(count)])
    error = delta_error({pair: float(count) for pair, count in cells.items()})
    assert found.value is not None
    assert found.low == pytest.approx(max(-1, found.value - Z * error), abs=1e-4)
    assert found.high == pytest.approx(min(1, found.value + Z * error), abs=1e-4)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("a", "b")], "0.00 (no interval: not estimable)"),
        ([("a", "a"), ("b", "a")], "0.00 (no interval: not estimable)"),
        ([("a", "b"), ("b", "a")], "-1.00 (no interval: not estimable)"),
        ([("a", "a"), ("b", "b")], "1.00 (no interval: all agree)"),
        ([], "no case"),
    ],
)
def test_an_interval_without_width_is_none(pairs: list[tuple[str, str]], said: str) -> None:
    assert in_words(kappa(pairs)) == said
