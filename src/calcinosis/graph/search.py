"""Search that forgives spelling: entries by the likeness of their names, best first.

A name is as near as the smaller distance says: of the whole text (optimal string alignment, which
counts a swap of two neighbours as one edit), or word by word in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from calcinosis import names

_WORD: Final = re.compile(r"\w+")
_LEAST: Final = 0.55
_WORD_LEAST: Final = 0.7
_PART: Final = 4
"""Letters of a word that is looked for within longer ones, where it counts least."""
_NAMED: Final = 3
"""Letters of a name that stands whole in a longer question, which is then an answer to it."""
_SYNONYM: Final = 0.995
SPOKEN: Final = 0.99
"""What a thing is only called in reports comes behind those that bear the name."""
_NOTHING: Final[Mapping[str, Iterable[str]]] = {}
_EDITS: Final = 3
_ONE_EDIT: Final = 0.6
"""One slip counts less than its share, so that it comes before a name that only begins alike."""
_TITLE: Final = 8
"""A name of more words than these is a title, of which a few words are a good answer too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One named thing: its IRI, its label, what kinds it is of, and all its names."""

    iri: str
    id: str
    label: str
    kind: str
    kinds: frozenset[str]
    synonyms: tuple[str, ...]
    further: tuple[str, ...] = ()
    """Narrow, broad and related synonyms: it is searched by them, and they do not stand for it."""

    @property
    def words(self) -> Iterator[str]:
        """All names by which the thing can be asked for, the label first."""
        yield self.label
        yield self.id
        yield from self.synonyms


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry found, the name that matched, and how well (1 is exact)."""

    entry: Entry
    matched: str
    score: float

    def __repr__(self) -> str:
        named = self.entry.label
        by = "" if self.matched == named else f" by {self.matched!r}"
        return f"<Hit {named} ({self.entry.kind}){by}: {self.score:.2f}>"


def placed(hit: Hit) -> tuple[float, bool, str, str]:
    """What hits are in order by: the score; of equals, references last, then labels."""
    is_reference = hit.entry.iri.startswith(names.REF)
    return -hit.score, is_reference, hit.entry.label, hit.entry.id


class Index:
    """The names of entries, prepared for searching; ``spoken`` has more words for some (IRIs)."""

    def __init__(
        self, entries: Iterable[Entry], spoken: Mapping[str, Iterable[str]] = _NOTHING
    ) -> None:
        self._names: list[tuple[Entry, str, str, float]] = []
        self._masks: list[int] = []
        self._by_word: dict[str, list[int]] = {}
        self._lengths: list[int] = []
        for entry in entries:
            for word in dict.fromkeys((*entry.words, *entry.further)):
                self._add(entry, word, 1.0 if word == entry.label else _SYNONYM)
            for word in spoken.get(entry.iri, ()):
                self._add(entry, word, SPOKEN)

    def _add(self, entry: Entry, name: str, factor: float) -> None:
        text = names.normal(name)
        number = len(self._names)
        self._names.append((entry, name, text, factor))
        self._masks.append(_mask(text))
        words = _WORD.findall(text)
        self._lengths.append(len(words))
        for word in dict.fromkeys(words):
            self._by_word.setdefault(word, []).append(number)

    def search(self, text: str, count: int = 10) -> list[Hit]:
        """The nearest entries, each once, best first.

        Of equals, what a reference is about comes before the reference, then in order of labels.
        """
        query = names.normal(text)
        if not query:
            return []
        best: dict[str, Hit] = {}
        for number, score in (*self._whole(query), *self._words(query)):
            entry, name, _, factor = self._names[number]
            if score >= _LEAST and (
                entry.iri not in best or best[entry.iri].score < score * factor
            ):
                best[entry.iri] = Hit(entry, name, round(score * factor, 4))
        return sorted(best.values(), key=placed)[:count]

    def _whole(self, query: str) -> Iterable[tuple[int, float]]:
        """Names that are the query but for a few edits."""
        mask, length = _mask(query), len(query)
        for number, (_, _, text, _) in enumerate(self._names):
            if text == query:
                yield number, 1.0
                continue
            longer = max(length, len(text))
            most = min(_EDITS, longer // 4)  # an abbreviation is no slip of another one
            if (
                abs(length - len(text)) <= most
                and (mask ^ self._masks[number]).bit_count() <= 2 * most
            ):
                edits = distance(query, text, most)
                if edits <= most:
                    weight = _ONE_EDIT if edits == 1 else 1.0
                    yield number, 1 - weight * edits / (longer + 1)

    def _words(self, query: str) -> Iterable[tuple[int, float]]:
        """Names that hold the words of the query, as they are or nearly."""
        words = list(dict.fromkeys(_WORD.findall(query)))
        total: dict[int, float] = {}
        for word in words:
            found: dict[int, float] = {}
            for other, likeness in self._alike(word):
                for number in self._by_word[other]:
                    found[number] = max(likeness, found.get(number, 0.0))
            for number, likeness in found.items():
                total[number] = total.get(number, 0.0) + likeness
        for number, likeness in total.items():
            length = self._lengths[number]
            share = min(1.0, len(words) / min(length, _TITLE))
            score = likeness / len(words) * (0.65 + 0.3 * share)
            if likeness >= length and len(self._names[number][2]) >= _NAMED:
                score = max(score, _LEAST + 0.3 * length / len(words))
            yield number, score

    def _alike(self, word: str) -> Iterable[tuple[str, float]]:
        mask = _mask(word)
        for other in self._by_word:
            if likeness := _likeness(word, other, mask):
                yield other, likeness


def _likeness(word: str, other: str, mask: int) -> float:
    """How well a word of a name fits one of a query: as it is, begun, misspelt, as a part; or 0."""
    if other == word:
        return 1.0
    if len(word) > 2 and other.startswith(word):
        return 0.9
    most = len(word) // 4
    if abs(len(other) - len(word)) <= most and (mask ^ _mask(other)).bit_count() <= 2 * most:
        edits = distance(word, other, most)
        likeness = 1 - edits / max(len(word), len(other))
        if edits <= most and likeness >= _WORD_LEAST:
            return likeness
    return _WORD_LEAST if len(word) >= _PART and word in other else 0.0


@lru_cache(maxsize=20_000)
def _mask(text: str) -> int:
    """Which characters occur, as bits: one edit changes at most two of them."""
    bits = 0
    for character in text:
        bits |= 1 << (ord(character) & 63)
    return bits


def distance(one: str, other: str, most: int) -> int:
    """Edits between two texts, a swap of neighbours being one; ``most + 1`` if there are more.

    >>> distance("calcium", "clacium", 2)
    1
    >>> distance("calcium", "phosphate", 2)
    3
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, a in enumerate(one, 1):
        now = [row]
        for column, b in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (a != b))
            if row > 1 and column > 1 and a == other[column - 2] and one[row - 2] == b:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return min(last[-1], most + 1)
