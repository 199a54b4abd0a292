"""Unit propagation with the added clauses yields all that follows, against truth tables."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.errors import OntologyError
from calcinosis.reasoning import implicates
from calcinosis.reasoning.implicates import Implicates

SIZE = 5
LITERALS = st.integers(0, 2 * SIZE - 1)
Clause = tuple[int, ...]


def _clauses(least: int, most: int, count: int) -> st.SearchStrategy[list[Clause]]:
    """Clauses of distinct variables; literal 2v affirms variable v, 2v + 1 denies it."""
    clause = st.lists(LITERALS, min_size=least, max_size=most, unique_by=lambda lit: lit >> 1)
    return st.lists(clause.map(tuple), max_size=count)


def models(clauses: list[Clause], size: int = SIZE) -> list[frozenset[int]]:
    """The sets of literals that make all clauses true."""
    found = []
    for signs in product((0, 1), repeat=size):
        literals = frozenset(2 * variable + sign for variable, sign in enumerate(signs))
        if all(literals & set(clause) for clause in clauses):
            found.append(literals)
    return found


def propagated(facts: set[int], clauses: list[Clause]) -> set[int] | None:
    """What unit propagation yields, or None in a contradiction."""
    known = set(facts)
    changed = True
    while changed:
        changed = False
        for clause in clauses:
            free = [literal for literal in clause if literal ^ 1 not in known]
            if not known & set(clause):
                if not free:
                    return None
                if len(free) == 1:
                    known.add(free[0])
                    changed = True
    return None if any(literal ^ 1 in known for literal in known) else known


def closure(short: list[Clause], size: int = SIZE) -> list[int]:
    """The literals that each literal entails by two-literal clauses, as bits."""
    found = []
    for literal in range(2 * size):
        known, stack = {literal}, [literal]
        while stack:
            denied = stack.pop() ^ 1
            for one, two in (pair for pair in short if denied in pair):
                other = two if denied == one else one
                if other not in known:
                    known.add(other)
                    stack.append(other)
        found.append(sum(1 << other for other in known))
    return found


def check_complete(
    short: list[Clause], long: list[Clause], added: list[Clause], variables: int
) -> None:
    """For every set of facts over the first variables, propagation and truth tables agree."""
    clauses = [*short, *long, *added]
    worlds = models([*short, *long])
    for choice in product((0, 1, None), repeat=variables):
        facts = {2 * variable + sign for variable, sign in enumerate(choice) if sign is not None}
        possible = [world for world in worlds if facts <= world]
        known = propagated(facts, clauses)
        if not possible:
            assert known is None
        else:
            assert known is not None
            assert known == frozenset.intersection(*possible) | facts


@settings(max_examples=150, deadline=None)
@given(_clauses(2, 2, 5), _clauses(3, 4, 4))
def test_what_follows_from_facts_is_propagated(short: list[Clause], long: list[Clause]) -> None:
    if not models([*short, *long]):
        return
    reach = closure(short)
    added = Implicates(long, reach.__getitem__, [], range(SIZE)).missing()
    whole = [*short, *long]
    assert all(models(whole) == models([*whole, clause]) for clause in added)
    # What two-literal clauses alone rule out is no matter of cases.
    units = [(lit ^ 1,) for lit in range(2 * SIZE) if reach[lit] >> (lit ^ 1) & 1]
    check_complete([*short, *units], long, added, SIZE)


@settings(max_examples=100, deadline=None)
@given(_clauses(2, 2, 4), _clauses(3, 3, 3), st.lists(LITERALS, min_size=2, max_size=3))
def test_verdicts_are_propagated_without_being_facts(
    short: list[Clause], long: list[Clause], body: list[int]
) -> None:
    body = list({literal >> 1: literal for literal in body}.values())
    head = 2 * SIZE
    verdict = (head, *(literal ^ 1 for literal in body))
    sides = [(head ^ 1, literal) for literal in body]
    reach = closure([*short, *sides], SIZE + 1)
    if len(body) < 2 or not models([*short, *long]):
        return
    added = Implicates(long, reach.__getitem__, [verdict], range(SIZE)).missing()
    # A verdict may be one that nothing can meet: what its own criteria rule out.
    units = [(lit ^ 1,) for lit in range(2 * SIZE + 2) if reach[lit] >> (lit ^ 1) & 1]
    clauses = [*short, *units, *sides, *long, verdict, *added]
    worlds = models([*short, *sides, *long, verdict], SIZE + 1)
    for choice in product((0, 1, None), repeat=SIZE):
        facts = {2 * variable + sign for variable, sign in enumerate(choice) if sign is not None}
        possible = [world for world in worlds if facts <= world]
        known = propagated(facts, clauses)
        assert (known is None) == (not possible)
        if known is not None:
            assert known == frozenset.intersection(*possible) | facts


def test_no_clause_is_added_where_propagation_is_enough() -> None:
    # 0 is the union of 1 and 2: affirmed by either, denied with both.
    reach = closure([(0, 3), (0, 5)], 3)
    assert Implicates([(1, 2, 4)], reach.__getitem__, []).missing() == []


def test_what_follows_by_cases_is_added_with_what_is_behind_it() -> None:
    # 0 or 1, and either entails 2; the third step, from 3 to 2, has no part in it.
    reach = closure([(1, 4), (3, 4), (7, 4)], 5)
    clauses = [(0, 2, 9), (6, 8, 5)]
    found = Implicates(clauses, reach.__getitem__, [])
    assert (4, 9) in found.missing()
    long, steps = found.behind((4, 9))
    assert long == [0]
    assert {frozenset((one ^ 1, two)) for one, two in steps} == {
        frozenset((1, 4)),
        frozenset((3, 4)),
    }


def test_definitions_beyond_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(implicates, "_MOST", 3)
    clauses = [(0, 2, 4), (1, 6, 8), (3, 5, 7)]
    with pytest.raises(OntologyError, match="too entangled"):
        Implicates(clauses, closure([], 5).__getitem__, []).missing()
