"""How much a verdict rests on: the fewest facts, and the fewest references, whose loss changes it.

Both are smallest hitting sets (Reiter 1987) of all minimal justifications. A fact is lost when
every place that states it is withdrawn. With a set of references falls every axiom that rests on
references of that set alone, and every laboratory value that was judged by references of that
set alone; axioms without references (ours, and placed by what words mean) do not fall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from calcinosis.explain.links import Given, Justification
from calcinosis.explain.minimal import MOST, TooManyError, hitting_sets, ones

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Stability:
    """All smallest sets of facts, and of references (keys), whose loss changes a verdict.

    ``references`` is empty where the verdict needs none that could be lost.
    """

    facts: tuple[tuple[Given, ...], ...]
    references: tuple[tuple[str, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        """The sets as the explanation's JSON holds them."""
        return {
            "facts": [[given.as_dict() for given in found] for found in self.facts],
            "references": [list(found) for found in self.references],
        }


def stability(justifications: Sequence[Justification], most: int = MOST) -> Stability | None:
    """What a verdict with these minimal justifications (all of them) stands or falls with.

    None where more than ``most`` sets would have to be kept at a time.
    """
    try:
        return Stability(_facts(justifications, most), _references(justifications, most))
    except TooManyError:
        return None


def _facts(justifications: Sequence[Justification], most: int) -> tuple[tuple[Given, ...], ...]:
    given = {
        literal: one
        for justification in justifications
        for literal, one in zip(justification.literals, justification.facts, strict=True)
    }
    place = {literal: number for number, literal in enumerate(given)}
    sets = {sum(1 << place[literal] for literal in one.literals) for one in justifications}
    order = list(given.values())
    found = [tuple(order[n] for n in ones(bits)) for bits in hitting_sets(sorted(sets), most)]
    return _fewest(found, _statements)


def _references(justifications: Sequence[Justification], most: int) -> tuple[tuple[str, ...], ...]:
    """For each justification some element has to fall, with all references that it rests on."""
    place: dict[str, int] = {}
    found = {0}
    for justification in justifications:
        elements = {
            sum(1 << place.setdefault(key, len(place)) for key in sorted(keys))
            for keys in _rests_on(justification)
        }
        found = _smallest({known | element for known in found for element in elements})
        if len(found) > most:
            raise TooManyError
    keys = list(place)
    sets = [tuple(keys[n] for n in ones(bits)) for bits in sorted(found) if bits]
    return _fewest(sets, len)


def _rests_on(justification: Justification) -> Iterable[frozenset[str]]:
    """The references of each element that rests on some."""
    for link in justification.links:
        if link.sources:
            yield frozenset(source.reference for source in link.sources)
    for given in justification.facts:
        if all(fact.references for fact in given.facts):
            yield frozenset(key for fact in given.facts for key in fact.references)


def _smallest(sets: Iterable[int]) -> set[int]:
    """Those of which no other is a part."""
    kept: list[int] = []
    for one in sorted(sets, key=int.bit_count):
        if not any(other & one == other for other in kept):
            kept.append(one)
    return set(kept)


def _statements(found: Iterable[Given]) -> int:
    return sum(len(given.facts) for given in found)


def _fewest(found: Sequence[_T], size: Callable[[_T], int]) -> tuple[_T, ...]:
    least = min(map(size, found), default=0)
    return tuple(one for one in found if size(one) == least)
