"""How much a verdict rests on: the fewest items, and the fewest references, whose loss changes it.

Names and assumptions make verdicts non-monotone: a further fact can take one back, and where a
value is lost a word, another value or a name may take over. What is given here is therefore what
running the case again finds when the items are really taken out of it, or the references out of
the ontology. Where to look for references is told by the minimal justifications: a set of them
has to hit each justification (hitting sets, Reiter 1987).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any, TypeVar

from calcinosis.explain.links import Given, Justification
from calcinosis.explain.minimal import MOST, TooManyError
from calcinosis.reasoning.literals import ones

MOST_RUNS = 400
"""How often a case is run again for the items of one verdict."""
_MOST_LOST = 3
_MOST_SETS = 24

_T = TypeVar("_T", bound=tuple[Any, ...])

Rerun = Callable[[frozenset[str], frozenset[str]], str]
"""The verdict without some items (by their places in the case) and some references (keys)."""

Behind = Callable[[Given], Iterable[frozenset[str]]]
"""The references of each thing that a fact hangs on which a rule added."""


@dataclass(frozen=True, slots=True)
class Stability:
    """All smallest sets of items, and of references (keys), whose loss changes a verdict.

    Either is empty where nothing of its kind that could be lost changes the verdict, as far as
    was looked: at most three items together, and the sets of references that the justifications
    suggest.
    """

    facts: tuple[tuple[Given, ...], ...]
    references: tuple[tuple[str, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """The sets as the explanation's JSON holds them."""
        return {
            "facts": [[given.to_dict() for given in found] for found in self.facts],
            "references": [list(found) for found in self.references],
        }


def stability(
    verdict: str,
    justifications: Sequence[Justification],
    items: Sequence[Given],
    rerun: Rerun,
    behind: Behind,
    most: int = MOST,
) -> Stability | None:
    """What a verdict with these minimal justifications (all of them) stands or falls with.

    ``items`` are what the case states, each once. None where more than ``most`` sets of references
    would have to be kept at a time.
    """
    try:
        candidates = _references(justifications, behind, most)
    except TooManyError:
        return None
    nothing = frozenset[str]()
    lost = _smallest_that(
        (tuple(found) for size in range(1, _MOST_LOST + 1) for found in combinations(items, size)),
        lambda found: rerun(frozenset(one.fact.item for one in found), nothing) != verdict,
        MOST_RUNS,
    )
    fallen = _smallest_that(
        sorted(candidates, key=lambda keys: (len(keys), keys)),
        lambda keys: rerun(nothing, frozenset(keys)) != verdict,
        _MOST_SETS,
    )
    return Stability(tuple(lost), tuple(fallen))


def _smallest_that(sets: Iterable[_T], changes: Callable[[_T], bool], most: int) -> Iterator[_T]:
    """Of sets in the order of their sizes, those of the first size at which one changes it."""
    size = 0
    for one in islice(sets, most):
        if size and len(one) > size:
            return
        if changes(one):
            size = len(one)
            yield one


def _references(
    justifications: Sequence[Justification], behind: Behind, most: int
) -> list[tuple[str, ...]]:
    """For each justification some element has to fall, with all references that it rests on."""
    place: dict[str, int] = {}
    found = {0}
    for justification in justifications:
        elements = {
            sum(1 << place.setdefault(key, len(place)) for key in sorted(keys))
            for keys in _rests_on(justification, behind)
            if keys
        }
        found = _minimal({known | element for known in found for element in elements})
        if len(found) > most:
            raise TooManyError
    keys = list(place)
    return [tuple(sorted(keys[n] for n in ones(bits))) for bits in found if bits]


def _rests_on(justification: Justification, behind: Behind) -> Iterator[frozenset[str]]:
    """The references of each element that rests on some."""
    for link in justification.links:
        if link.sources:
            yield frozenset(source.reference for source in link.sources)
    for given in justification.facts:
        if all(fact.references for fact in given.facts):
            yield frozenset(key for fact in given.facts for key in fact.references)
        yield from behind(given)


def _minimal(sets: Iterable[int]) -> set[int]:
    """Those of which no other is a part."""
    kept: list[int] = []
    for one in sorted(sets, key=int.bit_count):
        if not any(other & one == other for other in kept):
            kept.append(one)
    return set(kept)
