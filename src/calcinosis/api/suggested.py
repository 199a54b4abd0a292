"""Suggestions for a name that is being typed: what begins so, is spelt alike, has a word so."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from calcinosis.errors import UsageError, quoted
from calcinosis.graph.lexicon import KINDS
from calcinosis.names import normal

if TYPE_CHECKING:
    from calcinosis.api.graph import KnowledgeGraph
    from calcinosis.graph.lexicon import Lexicon
    from calcinosis.graph.search import Entry


def suggestions(
    kg: KnowledgeGraph, text: str, count: int = 10, kinds: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Plain dicts: ``label``, ``matched`` (the name that fits), ``kind``, ``id`` and ``iri``.

    Labels, synonyms, keys and codes are looked through, of some ``kinds`` only if any are given.
    The best come first: what is named exactly so, names that begin so, then, as a search has them,
    names that hold the words or are spelt alike. UsageError for an unknown kind.

    >>> import calcinosis
    >>> suggestions(calcinosis.load(), "serum calc", 1)[0]["label"]
    'total serum calcium'
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(
                f"there is no kind {quoted(kind)}", "kind", f"Known: {', '.join(KINDS)}"
            )
    found: dict[str, dict[str, Any]] = {}
    for entry, matched in _found(kg, text, count, kinds):
        found.setdefault(entry.iri, _told(entry, matched))
        if len(found) == count:
            break
    return list(found.values())


def _found(
    kg: KnowledgeGraph, text: str, count: int, kinds: Collection[str]
) -> Iterator[tuple[Entry, str]]:
    begun = normal(text)
    if not begun:
        return
    yield from ((entry, text) for entry in kg.lookups.lexicon.find(text, kinds))
    whole, within = (
        ((entry, word) for entry, word in part if not kinds or not entry.kinds.isdisjoint(kinds))
        for part in kg.lookups.lexicon.once(_Names).beginning(begun)
    )
    yield from whole
    yield from ((hit.entry, hit.matched) for hit in kg.search(text, count, kinds))
    yield from within


def _told(entry: Entry, matched: str) -> dict[str, Any]:
    said = {"label": entry.label, "matched": matched, "kind": entry.kind}
    return {**said, "id": entry.id, "iri": entry.iri}


class _Names:
    """All names, in order, by their beginning and by that of each later word."""

    def __init__(self, lexicon: Lexicon) -> None:
        whole, within = [], []
        for number, entry in enumerate(lexicon.entries.values()):
            for name in dict.fromkeys(entry.words):
                text = normal(name)
                whole.append((text, len(text), number, entry, name))
                words = text.split()
                within += [
                    (" ".join(words[place:]), len(text), number, entry, name)
                    for place in range(1, len(words))
                ]
        self._parts = sorted(whole, key=_place), sorted(within, key=_place)

    def beginning(self, text: str) -> Iterator[Iterator[tuple[Entry, str]]]:
        """The entries with a name that begins so, the shortest first; and those by later words."""
        for part in self._parts:
            first = bisect_left(part, text, key=lambda one: one[0])
            last = bisect_left(part, text + "\U0010ffff", key=lambda one: one[0])
            found = sorted(part[first:last], key=lambda one: one[1:3])
            yield iter([(entry, name) for _, _, _, entry, name in found])


def _place(one: tuple[str, int, int, Entry, str]) -> tuple[str, int, int]:
    return one[:3]
