"""Repairs of contradictory facts: the maximal subsets that can hold together.

A verdict that is the same in every repair is the verdict (AR semantics: Lembo et al. 2010;
Bienvenu). The repairs are the complements of the minimal hitting sets of the minimal conflict sets
(Reiter 1987); conflict sets are looked for only as far as the hitting sets ask for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

MOST_REPAIRS = 256
"""How many repairs there may be before all verdicts on a case are called contradictory."""
_ON_THE_WAY = 16  # there may be more hitting sets of some conflicts than of all


def repairs(
    facts: Sequence[int], consistent: Callable[[Sequence[int]], bool], most: int = MOST_REPAIRS
) -> list[tuple[int, ...]] | None:
    """All maximal consistent subsets of literals, in their order; None beyond ``most``.

    ``consistent`` says whether literals can hold together; what a set is consistent with, each
    part of it is.
    """
    if consistent(facts):
        return [tuple(facts)]
    hitting: list[frozenset[int]] = [frozenset()]
    settled: set[frozenset[int]] = set()
    while True:
        asked = next((one for one in hitting if one not in settled), None)
        if asked is None:
            if len(hitting) > most:
                return None
            kept = [tuple(f for f in facts if f not in one) for one in hitting]
            return sorted(kept, key=lambda one: (-len(one), [facts.index(f) for f in one]))
        rest = [fact for fact in facts if fact not in asked]
        if consistent(rest):
            settled.add(asked)
            continue
        hitting = _hit(hitting, _conflict(rest, consistent))
        if len(hitting) > _ON_THE_WAY * most:
            return None


def _conflict(facts: Sequence[int], consistent: Callable[[Sequence[int]], bool]) -> frozenset[int]:
    """One minimal set of facts that cannot hold together; no more can be left out."""
    kept = list(facts)
    for fact in facts:
        rest = [other for other in kept if other != fact]
        if not consistent(rest):
            kept = rest
    return frozenset(kept)


def _hit(sets: list[frozenset[int]], conflict: frozenset[int]) -> list[frozenset[int]]:
    """The minimal sets that also share a member with one more conflict set."""
    through = [one for one in sets if one & conflict]
    wider = {one | {fact} for one in sets if not one & conflict for fact in conflict}
    return [*through, *(w for w in wider if not any(one <= w for one in through))]
