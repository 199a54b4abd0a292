"""Contradictory cases: all minimal conflict sets of facts, and all minimal repairs.

A repair withdraws facts so that the rest can hold together: a minimal hitting set of the
minimal conflict sets (Reiter 1987).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from calcinosis.explain.minimal import MOST, hitting_sets
from calcinosis.explain.theory import Theory
from calcinosis.facts.case import Fact
from calcinosis.reasoning.literals import ones

REPORT: Final = "report"
PREFER_ASSERTED: Final = "prefer-asserted"
PREFER_EXCLUDED: Final = "prefer-excluded"
ON_CONFLICT: Final = (REPORT, PREFER_ASSERTED, PREFER_EXCLUDED)

LiteralSet = tuple[int, ...]


def conflict_sets(theory: Theory, facts: Sequence[int], most: int = MOST) -> list[LiteralSet]:
    """All minimal sets of facts that cannot hold together; TooManyError beyond the bound."""
    return theory.fact_sets(facts, None, most=most)


def repairs(conflicts: Iterable[LiteralSet], most: int = MOST) -> list[LiteralSet]:
    """All minimal sets of facts whose withdrawal ends every conflict, smallest first."""
    conflicts = list(conflicts)
    members = list(dict.fromkeys(literal for conflict in conflicts for literal in conflict))
    place = {literal: number for number, literal in enumerate(members)}
    sets = [sum(1 << place[literal] for literal in conflict) for conflict in conflicts]
    return [tuple(members[n] for n in ones(bits)) for bits in hitting_sets(sets, most)]


def withdrawn(
    conflicts: Iterable[LiteralSet], stated: Mapping[int, Sequence[Fact]], on_conflict: str
) -> list[Fact]:
    """The facts that a preference sets aside, in the order in which they are stated.

    Every excluded (or, with ``prefer-excluded``, asserted) fact of a conflict between both sides,
    so that no choice among repairs is made in silence. A conflict among facts of one side stays.
    """
    if on_conflict == REPORT:
        return []
    affirmed = on_conflict == PREFER_EXCLUDED
    between = (one for one in conflicts if len({f.affirmed for n in one for f in stated[n]}) > 1)
    involved = {literal for conflict in between for literal in conflict}
    return [
        fact
        for literal, facts in stated.items()
        if literal in involved
        for fact in facts
        if fact.affirmed == affirmed
    ]
