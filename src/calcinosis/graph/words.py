"""Words as reports have them, to terms: in any order, with what is said around the thing itself.

``ontology/words.ttl`` holds what is medicine in this: which words say the same, which may stand
beside a thing and what they make of it (a degree narrows it, "no" denies it, "history of" is
earlier), narrower names, names that stand for several things, and things that have no role here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calcinosis import names
from calcinosis.graph.folding import tokens
from calcinosis.graph.search import distance
from calcinosis.graph.triples import Triples

if TYPE_CHECKING:
    from calcinosis.graph.terms import Terms

NARROW: Final = "http://www.geneontology.org/formats/oboInOwl#hasNarrowSynonym"
HIDDEN: Final = "http://www.w3.org/2004/02/skos/core#hiddenLabel"
WORD: Final = names.CC + "word"
_MOST_QUALIFIERS: Final = 7  # each is left out or not: 128 look-ups at most
_MOST_TOKENS: Final = 24
_PART_ENDS: Final = re.compile(r"\s*[;,+&/\n]\s*|\s+(?:and|with|plus|or|on)\s+|\s+and/or\s+")
_BRACKETED: Final = re.compile(r"(?P<outer>[^()]*[^()\s])\s*\((?P<inner>[^()]+)\)\s*\Z")
_EXACT, _SHORTENED, _NARROWER = 0, 1, 2
_LEAST_LETTERS: Final = 4
_LONG_ENOUGH: Final = 8
_MOST_EDITS: Final = 2
_LEAST_SHARE: Final = 0.5
_NOWORDS: Final = frozenset({"no", "not", "non", "without"})

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says beside the thing itself.

    ``narrower``: a kind of it; ``earlier``: it was there before; ``denied``, ``doubted``, or said
    of ``another`` person. ``beside`` are the words that say so, as they are compared.
    """

    narrower: bool = False
    earlier: bool = False
    denied: bool = False
    doubted: bool = False
    another: bool = False
    beside: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing is said that keeps the thing from being a fact of this patient."""
        return not (self.denied or self.doubted or self.another)


PLAIN: Final = Said()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was read as: the IRIs of the classes that it states, all of them together.

    Where ``several`` is true the text stands for one of them, and which one has to be asked;
    ``also`` are meanings of it that are no class of ours. ``no_role`` is the name of a known
    thing that is no class and gives no fact.
    """

    iris: tuple[str, ...] = ()
    said: Said = PLAIN
    several: bool = False
    also: tuple[str, ...] = ()
    no_role: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    iri: str
    how: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Ambiguous:
    iris: tuple[str, ...]
    also: tuple[str, ...]


_EFFECTS: Final = {
    names.CC + "NarrowerThing": "narrower",
    names.CC + "EarlierThing": "earlier",
    names.CC + "DeniedThing": "denied",
    names.CC + "DoubtedThing": "doubted",
    names.CC + "AnotherPersonsThing": "another",
    names.CC + "SameThing": "",
}


class Alike:
    """Which phrases say the same, by the nodes of a module: each has one form for all of them."""

    def __init__(self, triples: Triples) -> None:
        self._forms: dict[Tokens, Tokens] = {}
        for node in triples.instances(names.CC + "SameWords"):
            form = tokens(triples.text(node, names.CC + "standsAs") or "")
            for word in triples.texts(node, WORD):
                if tokens(word) != form:
                    self._forms[tokens(word)] = form
        self.longest = max(map(len, self._forms), default=1)

    def form(self, words: Tokens) -> Tokens:
        """The words with each phrase that others say too in its one form."""
        found: list[str] = []
        place = 0
        while place < len(words):
            for length in range(min(self.longest, len(words) - place), 0, -1):
                form = self._forms.get(words[place : place + length])
                if form is not None:
                    found += form
                    place += length
                    break
            else:
                found.append(words[place])
                place += 1
        return tuple(found)


class Words:
    """The reading of words by the names of the terms and the module of words."""

    def __init__(self, terms: Terms, path: Path, sites: Iterable[str] = ()) -> None:
        """``sites`` are the names of parts of the body: beside a thing they narrow it."""
        self._terms = terms
        self._t = Triples()
        self._t.read(path)
        self._sites = tuple(sites)

    # -- what the module says ------------------------------------------------------------

    @cached_property
    def _alike(self) -> Alike:
        return Alike(self._t)

    @cached_property
    def _small(self) -> frozenset[str]:
        nodes = self._t.instances(names.CC + "SmallWords")
        words = (word for node in nodes for word in self._t.texts(node, WORD))
        return frozenset(token for word in words for token in tokens(word))

    @cached_property
    def _qualifiers(self) -> dict[Tokens, frozenset[str]]:
        """Phrases that may stand beside a thing, with what they make of it."""
        found: dict[Tokens, set[str]] = {}
        for node in self._t.instances(names.CC + "WordsBeside"):
            effect = _EFFECTS[self._t.iri(node, names.CC + "leaves") or ""]
            for word in self._t.texts(node, WORD):
                found.setdefault(self._standing(tokens(word)), set()).add(effect)
        for site in self._sites:
            key = self._standing(tokens(site))
            found.setdefault(key, set()).add("narrower")
            for token in key:
                found.setdefault((token,), set()).add("narrower")
        return {key: frozenset(effects) for key, effects in found.items() if key}

    @cached_property
    def _heads(self) -> frozenset[str]:
        """Words at the end of a name that many leave out, such as "syndrome"."""
        nodes = self._t.instances(names.CC + "WordsLeftOut")
        words = (word for node in nodes for word in self._t.texts(node, WORD))
        return frozenset(token for word in words for token in tokens(word))

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._qualifiers), default=1)

    def _standing(self, words: Tokens) -> Tokens:
        return self._alike.form(words)

    def _key(self, words: Iterable[str]) -> Tokens:
        return tuple(sorted({word for word in words if word not in self._small}))

    # -- names ---------------------------------------------------------------------------

    @cached_property
    def _names(self) -> dict[Tokens, list[_Entry]]:
        """What each name stands for, by its words in any order."""
        index: dict[Tokens, list[_Entry]] = {}
        for iri in self._terms.iris():
            term = self._terms.term(iri)
            for name in (term.label, *term.synonyms, *self._t.texts(iri, HIDDEN)):
                self._add(index, name, _Entry(iri, _EXACT))
        for iri, _ in self._t.subjects(NARROW):
            for name in self._t.texts(iri, NARROW):
                self._add(index, name, _Entry(iri, _NARROWER, name))
        return index

    @cached_property
    def _foreign(self) -> dict[Tokens, list[_Entry]]:
        """What the labels of mapped codes stand for; they count where no name of ours fits."""
        index: dict[Tokens, list[_Entry]] = {}
        for label, iri, narrower in self._terms.foreign_names():
            self._add(index, label, _Entry(iri, _NARROWER if narrower else _EXACT))
        return index

    def _add(self, index: dict[Tokens, list[_Entry]], name: str, entry: _Entry) -> None:
        words = self._standing(tokens(name))
        found = {self._key(words): entry}
        if len(words) > 1 and words[-1] in self._heads and entry.how == _EXACT:
            found.setdefault(self._key(words[:-1]), _Entry(entry.iri, _SHORTENED))
        for key, one in found.items():
            known = index.setdefault(key, [])
            if key and one not in known:
                known.append(one)

    @cached_property
    def _ambiguous(self) -> dict[Tokens, _Ambiguous]:
        found: dict[Tokens, _Ambiguous] = {}
        for node in self._t.instances(names.CC + "AmbiguousWord"):
            iris = tuple(self._t.iris(node, names.CC + "mayMean"))
            also = tuple(self._t.texts(node, names.CC + "mayAlsoMean"))
            for word in self._t.texts(node, WORD):
                found[self._key(self._standing(tokens(word)))] = _Ambiguous(iris, also)
        return found

    @cached_property
    def _together(self) -> dict[Tokens, tuple[str, ...]]:
        """Words that state several things at once."""
        found: dict[Tokens, tuple[str, ...]] = {}
        for node in self._t.instances(names.CC + "WordOfSeveral"):
            for word in self._t.texts(node, WORD):
                key = self._key(self._standing(tokens(word)))
                found[key] = tuple(self._t.iris(node, names.CC + "statesTerm"))
        return found

    @cached_property
    def _no_role(self) -> dict[Tokens, str]:
        found: dict[Tokens, str] = {}
        for node in self._t.instances(names.CC + "ThingsWithoutRole"):
            for word in self._t.texts(node, WORD):
                found[self._key(self._standing(tokens(word)))] = word
        return found

    # -- reading -------------------------------------------------------------------------

    def read(self, text: str) -> Reading | None:
        """What ``text`` says; None where it is not understood."""
        found = self._one(text) or self._bracketed(text) or self._parts(text)
        if found is not None and "?" in text:
            return replace(found, said=replace(found.said, doubted=True))
        return found

    def _bracketed(self, text: str) -> Reading | None:
        """A thing and, in brackets, its abbreviation, a kind of it, or a year."""
        match = _BRACKETED.match(text)
        outer = self._one(match["outer"]) if match else None
        if match is None or outer is None or outer.several:
            return None
        if not match["inner"].strip(" -/,.0123456789"):
            return outer
        inner = self._one(match["inner"])
        if inner is None or len(outer.iris) != 1 or inner.said.denied != outer.said.denied:
            return None
        above = self._terms.ancestors
        if any(iri in above(outer.iris[0]) for iri in inner.iris):
            return outer
        kinds = [iri for iri in inner.iris if outer.iris[0] in above(iri)]
        return replace(outer, iris=(kinds[0],)) if kinds else None

    def _one(self, text: str) -> Reading | None:
        words = self._standing(tokens(text))
        if not words or len(words) > _MOST_TOKENS:
            return None
        for kept, said in self._readings(words):
            found = self._named(self._key(kept), said)
            if found is not None:
                return found
        return None

    def _readings(self, words: Tokens) -> Iterator[tuple[Tokens, Said]]:
        """The words without more and more of what stands beside the thing."""
        places = self._beside(words)
        for count in range(len(places) + 1):
            for chosen in combinations(places, count):
                yield _without(words, chosen), _said(words, chosen)

    def _beside(self, words: Tokens) -> list[tuple[int, int, frozenset[str]]]:
        """Where phrases stand that may be left out: start, end, and what they make of a thing."""
        found: list[tuple[int, int, frozenset[str]]] = []
        place = 0
        while place < len(words) and len(found) < _MOST_QUALIFIERS:
            for length in range(min(self._longest, len(words) - place), 0, -1):
                effects = self._qualifiers.get(words[place : place + length])
                if effects is not None:
                    found.append((place, place + length, effects))
                    place += length
                    break
            else:
                place += 1
        return found

    def _named(self, key: Tokens, said: Said) -> Reading | None:
        if not key:
            return None
        ambiguous = self._ambiguous.get(key)
        if ambiguous is not None:
            return Reading(ambiguous.iris, said, several=True, also=ambiguous.also)
        if key in self._together:
            return Reading(self._together[key], said)
        entries = self._names.get(key)
        if entries is None and key in self._no_role:
            return Reading((), said, no_role=self._no_role[key])
        entries = entries or self._foreign.get(key) or []
        entries = [one for one in entries if not self._speaks_against(said.beside, one.iri)]
        return _reading(entries, said) if entries else None

    def _speaks_against(self, beside: Iterable[str], iri: str) -> bool:
        """Whether what is left out says otherwise than the class, as "oral" of an infusion."""
        label = set(self._standing(tokens(self._terms.label(iri))))
        return any(
            set(other) <= label and other != left_out
            for left_out in (tuple(words.split()) for words in beside)
            for among in self._exclusive
            if left_out in among
            for other in among
        )

    @cached_property
    def _exclusive(self) -> list[frozenset[Tokens]]:
        """Sets of phrases of which only one can be said of a thing."""
        nodes = self._t.instances(names.CC + "WordsBeside")
        marked = [n for n in nodes if self._t.text(n, names.CC + "excludesEachOther") == "true"]
        return [
            frozenset(self._standing(tokens(word)) for word in self._t.texts(node, WORD))
            for node in marked
        ]

    def _parts(self, text: str) -> Reading | None:
        """Several things in one text, where every part of it is understood."""
        parts = [part for part in _PART_ENDS.split(text) if part.strip()]
        if len(parts) < 2:
            return None
        read = [self._one(part) for part in parts]
        found = [one for one in read if one is not None]
        if len(found) < len(parts) or any(one.several for one in found):
            return None
        # "no fever, cough or rash": what is said first is said of all of them.
        first = found[0].said
        saying = [replace(one.said, denied=one.said.denied or first.denied) for one in found]
        if len({(s.denied, s.doubted, s.another, s.earlier) for s in saying}) > 1:
            return None
        iris = tuple(dict.fromkeys(iri for one in found for iri in one.iris))
        if not iris:
            return Reading((), saying[0], no_role=", ".join(one.no_role for one in found))
        return Reading(iris, replace(saying[0], narrower=any(s.narrower for s in saying)))

    # -- what is near to a word that is not understood -----------------------------------

    def near(self, text: str) -> list[tuple[str, str]]:
        """The names that a word not understood may be, best first, each with its class (IRI).

        A known thing without a role has no class. A name is near where it is spelled nearly so, or where all words of the one are words of
        the other; a short name, such as an abbreviation, is never near to another word.
        """
        words = self._standing(tokens(text))
        key = self._key(word for word in words if (word,) not in self._qualifiers)
        whole = self._key(words)
        found: dict[tuple[str, str], float] = {}
        for name, entries in self._names.items():
            for entry in entries:
                score = max(_containing(key, name, entry.how), _slip(whole, name))
                if score:
                    said = entry.name if entry.how == _NARROWER else self._terms.label(entry.iri)
                    place = (said, entry.iri)
                    found[place] = max(score, found.get(place, 0.0))
        for name, said in self._no_role.items():
            if _slip(whole, name):
                found[said, ""] = _slip(whole, name)
        return sorted(found, key=lambda one: (-found[one], one))


def _containing(key: Tokens, name: Tokens, how: int) -> float:
    """The share of words that a name and what was asked have in common, if one holds the other."""
    there, asked = set(name), set(key)
    shared = {word for word in there & asked if len(word) >= _LEAST_LETTERS}
    if how == _NARROWER or not shared or not (there <= asked or asked <= there):
        return 0.0
    share = len(shared) / len(there | asked)
    return share if share >= _LEAST_SHARE else 0.0


def _slip(key: Tokens, name: Tokens) -> float:
    """How near a name is by its spelling, 0 where it is no slip."""
    edits = _edits(" ".join(key), " ".join(name)) if key else None
    return 0.0 if edits is None else 0.99 - edits / len(" ".join(name))


def is_slip(one: str, other: str) -> bool:
    """Whether a word is another but for a slip: one letter, or two where it is long.

    >>> is_slip("phosphte", "phosphate"), is_slip("cr", "ca")
    (True, False)
    """
    return _edits(one, other) is not None


def _edits(one: str, other: str) -> int | None:
    shorter = min(len(one), len(other))
    if shorter < _LEAST_LETTERS + 1 or one[0] != other[0]:
        return None
    most = 1 if shorter < _LONG_ENOUGH else _MOST_EDITS
    edits = distance(one, other, most)
    return edits if edits <= most else None


def _without(words: Tokens, chosen: Sequence[tuple[int, int, frozenset[str]]]) -> Tokens:
    left_out = {place for start, end, _ in chosen for place in range(start, end)}
    return tuple(word for place, word in enumerate(words) if place not in left_out)


def _said(words: Tokens, chosen: Sequence[tuple[int, int, frozenset[str]]]) -> Said:
    effects = {effect for *_, several in chosen for effect in several}
    return Said(
        narrower="narrower" in effects,
        earlier="earlier" in effects,
        denied="denied" in effects,
        doubted="doubted" in effects,
        another="another" in effects,
        beside=tuple(" ".join(words[start:end]) for start, end, _ in chosen),
    )


def _reading(entries: Sequence[_Entry], said: Said) -> Reading:
    """Exact names come before narrower ones; of several exact ones it has to be asked which."""
    for how in (_EXACT, _SHORTENED):
        found = tuple(dict.fromkeys(entry.iri for entry in entries if entry.how == how))
        if found:
            return Reading(found, said, several=len(found) > 1)
    return Reading(tuple(entry.iri for entry in entries), replace(said, narrower=True))
