"""Minimal sets by elimination equal brute force over small sets of labelled clauses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.explain.minimal import TooManyError, contradictions, hitting_sets, useful
from calcinosis.reasoning.literals import ones
from tests.shared import examples

VARIABLES, ASSUMPTIONS = 5, 6
CLAUSES = st.lists(
    st.tuples(
        st.lists(st.integers(0, 2 * VARIABLES - 1), min_size=1, max_size=3).map(tuple),
        st.integers(0, ASSUMPTIONS).map(lambda n: 1 << n >> 1),
    ),
    max_size=14,
)


def possible(clauses: Sequence[Sequence[int]], variables: int) -> bool:
    """Whether some choice of signs makes every clause true, by trying all."""
    for signs in product((0, 1), repeat=variables):
        world = {2 * variable + sign for variable, sign in enumerate(signs)}
        if all(world & set(clause) for clause in clauses):
            return True
    return False


def least(sets: list[int]) -> list[int]:
    found = [one for one in sets if not any(o & one == o and o != one for o in sets)]
    return sorted(found, key=lambda bits: (bits.bit_count(), bits))


@settings(max_examples=examples(400), deadline=None)
@given(CLAUSES)
def test_contradictions_are_those_of_brute_force(
    clauses: list[tuple[tuple[int, ...], int]],
) -> None:
    against = [
        chosen
        for chosen in range(1 << ASSUMPTIONS)
        if not possible([c for c, label in clauses if label & chosen == label], VARIABLES)
    ]
    assert contradictions(clauses) == least(against)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.integers(0, 63), max_size=6))
def test_hitting_sets_are_those_of_brute_force(sets: list[int]) -> None:
    hitting = [one for one in range(64) if all(one & other for other in sets)]
    assert hitting_sets(sets) == least(hitting)


def test_the_bounds_are_kept() -> None:
    pairs = [((n % 4 * 2,), 1 << n) for n in range(80)]
    goal = [(tuple(variable * 2 + 1 for variable in range(4)), 0)]
    with pytest.raises(TooManyError):
        contradictions([*pairs, *goal], most=100)
    with pytest.raises(TooManyError):
        hitting_sets([0b11 << 2 * n for n in range(12)], most=100)


def test_places_of_bits() -> None:
    assert list(ones(0b10110)) == [1, 2, 4]


def left(*clauses: set[int]) -> list[set[int]]:
    """What stays of clauses; literal 2v affirms variable v, 2v + 1 denies it."""
    return [{*literals} for literals, _ in useful([(frozenset(one), 0) for one in clauses])]


def test_clauses_with_a_literal_that_no_other_denies_are_dropped_to_the_end() -> None:
    assert left({0}, {1}) == [{0}, {1}]
    assert left({0, 2}, {3}) == []  # nothing denies 0; without the first nothing affirms 2
    assert left({0, 3}, {2}) == []
    assert left({0, 3}, {2, 5}, {4}) == []
    assert left({0, 3}, {2, 5}, {4}, {6}, {7}) == [{6}, {7}]
    assert left({0, 3}, {2}, {3}) == [{2}, {3}]
