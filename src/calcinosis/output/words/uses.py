"""What each reference of an explanation is for, and how far it was read for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from calcinosis.explain.explanation import Explanation
from calcinosis.explain.links import Given
from calcinosis.facts.case import Fact

INTERVAL = "for a reference interval"


def reads(found: Explanation) -> dict[str, dict[str, None]]:
    """How far each reference was read, for any link or test that the explanation names."""
    because = chain(
        (one.links for why in found.subtypes for one in (*why.justifications, *why.presumed)),
        (conflict.links for conflict in found.contradictions.conflicts),
    )
    links = (link.sources for link in chain.from_iterable(because))
    tests = (test.sources for one in found.still_open for test in one.tests)
    told: dict[str, dict[str, None]] = {}
    for source in chain.from_iterable(chain(links, tests)):
        told.setdefault(source.reference, {})[source.read] = None
    return told


def purposes(found: Explanation) -> dict[str, dict[str, None]]:
    """What the references are for that judge values: an interval, or a correction of a test."""
    told: dict[str, dict[str, None]] = {}
    for fact in (fact for given in named(found) for fact in given.facts):
        for key, purpose in _purposes(fact):
            told.setdefault(key, {})[purpose] = None
    return told


def named(found: Explanation) -> Iterable[Given]:
    """The facts that the explanation names, in order, each statement once."""
    conflicts = found.contradictions
    given = chain(
        (one for conflict in conflicts.conflicts for one in conflict.facts),
        (Given((fact,)) for fact in conflicts.withdrawn),
        (
            one
            for why in found.subtypes
            for because in (*why.justifications, *why.presumed)
            for one in because.facts
        ),
    )
    return {tuple(map(id, one.facts)): one for one in given}.values()


def _purposes(fact: Fact) -> Iterator[tuple[str, str]]:
    corrected = fact.judged.result.references if fact.judged is not None else ()
    judged = fact.judged
    bounds = (judged.interval, *judged.further) if judged and judged.interval else ()
    for key in fact.references:
        if fact.judged is not None and key in corrected:
            yield key, f"for a correction of {fact.judged.result.analyte.label}"
        if not bounds or any(key in one.references for one in bounds):
            yield key, INTERVAL
