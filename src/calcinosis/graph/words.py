"""Words as reports have them, to terms: in any order, with what is said around the thing itself.

``ontology/words.ttl`` holds what is medicine in this: which words say the same, which may stand
beside a thing and what they make of it (a degree narrows it, "no" denies it, "history of" is
earlier), narrower names, names that stand for several things, and things that have no role here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Final

from calcinosis import names
from calcinosis.graph.called import EXACT, NARROWER, SHORTENED, Entry, entered
from calcinosis.graph.denials import Denials, are_bare
from calcinosis.graph.folding import tokens
from calcinosis.graph.likeness import Names, containing
from calcinosis.graph.otherwise import Otherwise
from calcinosis.graph.phrasing import (
    WORD,
    Alike,
    bracketed,
    is_doubted,
    is_one_list,
    joined,
    listed,
    without_quantities,
)
from calcinosis.graph.readings import EFFECTS, PLAIN, Reading, Said
from calcinosis.graph.sharing import (
    Place,
    Tokens,
    behind,
    early,
    key_of,
    said_at,
    together,
    without_places,
)
from calcinosis.graph.triples import Triples

if TYPE_CHECKING:
    from calcinosis.graph.terms import Terms

_MOST_BESIDE: Final = 8  # each phrase is left out or not: 256 look-ups at most
_MOST_TOKENS: Final = 24
_NO_FACT: Final = frozenset(("denied", "doubted", "another"))
# Synonyms that stand for more than their class: it is asked what was meant.
_ASKED: Final = {names.BROAD: "something wider", names.RELATED: "something else"}


class Words:
    """The reading of words by the names of the terms and the module of words."""

    def __init__(self, terms: Terms, triples: Triples) -> None:
        self._terms = terms
        self._t = triples
        self.denied = Denials(self._t).denied

    # -- what the module says ------------------------------------------------------------

    def _nodes(self, kind: str) -> Iterator[tuple[str, list[Tokens]]]:
        """The nodes of a kind, each with its phrases in their one form."""
        for node in self._t.instances(names.CC + kind):
            yield node, [self._form(word) for word in self._t.texts(node, WORD)]

    @cached_property
    def _alike(self) -> Alike:
        return Alike(self._t)

    def _form(self, text: str) -> Tokens:
        return self._alike.form(tokens(text))

    @cached_property
    def _otherwise(self) -> Otherwise:
        return Otherwise(self._terms, self._t, self._form)

    def _single(self, kind: str) -> frozenset[str]:
        return frozenset(
            w for _, phrases in self._nodes(kind) for phrase in phrases for w in phrase
        )

    @cached_property
    def _small(self) -> frozenset[str]:
        return self._single("SmallWords")

    @cached_property
    def _heads(self) -> frozenset[str]:
        """Words at the end of a name that many leave out, such as "syndrome"."""
        return self._single("WordsLeftOut")

    @cached_property
    def _degrees(self) -> frozenset[str]:
        return self._single("DegreeWords")

    @cached_property
    def _general(self) -> frozenset[str]:
        return self._single("GeneralWords")

    @cached_property
    def _qualifiers(self) -> dict[Tokens, frozenset[str]]:
        """Phrases that may stand beside a thing, with what they make of it."""
        found: dict[Tokens, set[str]] = {}
        for node, phrases in self._nodes("WordsBeside"):
            effect = EFFECTS[self._t.iri(node, names.CC + "leaves") or ""]
            for phrase in phrases:
                found.setdefault(phrase, set()).add(effect)
        return {key: frozenset(effects) for key, effects in found.items() if key}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._qualifiers), default=1)

    def _key(self, words: Iterable[str]) -> Tokens:
        """Words in the order in which they are looked up, without those that say nothing."""
        return key_of(word for word in words if word not in self._small)

    # -- names ---------------------------------------------------------------------------

    @cached_property
    def _names(self) -> dict[Tokens, list[Entry]]:
        """What each name stands for, by its words in any order."""
        index: dict[Tokens, list[Entry]] = {}
        for iri in self._terms.iris():
            for name in self._terms.called(iri):
                self._add(index, name, Entry(iri, EXACT))
        for predicate, how in ((names.HIDDEN, EXACT), (names.NARROW, NARROWER)):
            for iri, _ in self._t.subjects(predicate):
                for name in self._t.texts(iri, predicate):
                    self._add(index, name, Entry(iri, how, name))
        for iri, name in self._terms.scoped(names.NARROW):
            self._add(index, name, Entry(iri, NARROWER, name))
        return index

    @cached_property
    def _foreign(self) -> dict[Tokens, list[Entry]]:
        """What the labels of mapped codes stand for; they count where no name of ours fits."""
        index: dict[Tokens, list[Entry]] = {}
        for label, iri, narrower in self._terms.foreign_names():
            entry = Entry(iri, NARROWER if narrower else EXACT, label)
            self._add(index, label, entry, alone=False)
        return index

    def _add(
        self, index: dict[Tokens, list[Entry]], name: str, entry: Entry, *, alone: bool = True
    ) -> None:
        """Index a name; ``alone`` says that an eponym may stand without what it is an eponym of."""
        words = self._form(name)
        key = self._key(words)
        # What small words leave of it may be any word: "cutaneous LE" is not "cutaneous".
        found = {key if len(key) > 1 else key_of(words): entry}
        if len(words) > 1 and words[-1] in self._heads and entry.how == EXACT:
            rest = self._key(words[:-1])
            if len(rest) > 1 or (alone and name[:1].isupper()):
                found.setdefault(rest, Entry(entry.iri, SHORTENED, name))
        for key, one in found.items():
            known = index.setdefault(key, [])
            if key and one.iri not in [other.iri for other in known if other.how <= one.how]:
                known.append(one)

    @cached_property
    def _others(self) -> dict[Tokens, Reading]:
        """Words of several meanings, words that state several things, and things without a role."""
        found: dict[Tokens, Reading] = {}
        for scope, beside in _ASKED.items():
            for iri, word in self._terms.scoped(scope):
                key = self._key(self._form(word))
                found[key] = Reading(((iri, PLAIN),), several=True, also=(beside,), declared=True)
        for node, phrases in self._nodes("AmbiguousWord"):
            iris = self._t.iris(node, names.CC + "mayMean")
            also = tuple(self._t.texts(node, names.CC + "mayAlsoMean"))
            things = tuple((iri, PLAIN) for iri in iris)
            asked = Reading(things, several=True, also=also, declared=True)
            found |= {self._key(p): asked for p in phrases}
        for node, phrases in self._nodes("WordOfSeveral"):
            iris = self._t.iris(node, names.CC + "statesTerm")
            found |= {self._key(p): Reading(tuple((i, PLAIN) for i in iris)) for p in phrases}
        return found

    @cached_property
    def _no_role(self) -> dict[Tokens, str]:
        nodes = self._t.instances(names.CC + "ThingsWithoutRole")
        words = (w for node in nodes for w in self._t.texts(node, WORD))
        return {self._key(self._form(word)): word for word in words}

    # -- reading -------------------------------------------------------------------------

    def read(self, text: str) -> Reading | None:
        """What ``text`` says; None where nothing of it is understood."""
        bare = without_quantities(text)
        items = self._itemised(bare.text)
        found = items or self._whole(bare.text) or self._listed(bare.text)
        if found is None or (found.shares and bare.text != " ".join(text.split())):
            return None
        return found.saying(Said(earlier=bare.earlier, doubted=is_doubted(text)))

    def _itemised(self, text: str) -> Reading | None:
        """A list of which every item is a thing by itself, before the same words in one name."""
        parts = listed(text)
        if len(parts) < 2:
            return None
        found: list[Reading] = []
        for part in parts:
            one = self._whole(part)
            if one is None or not one.things or not one.said.is_plain or one.several:
                return None
            if self._only_said(part) is not None:
                return None
            found.append(one)
        return together(text, self._as_early(text, parts, found), ())

    def _listed(self, text: str) -> Reading | None:
        """Several things; what stands in brackets at the end and names none is said of all."""
        parts = bracketed(text)
        said = self._only_said(parts[1]) if parts else None
        if parts and said is not None and said.is_plain:
            found = self._listed(parts[0])
            return found and found.saying(said)
        return self._list(text, listed) or self._list(text, joined)

    def _whole(self, text: str) -> Reading | None:
        return self._one(text) or self._bracketed(text)

    def _bracketed(self, text: str) -> Reading | None:
        """A thing and, in brackets, its abbreviation, a kind of it, or a remark on it."""
        parts = bracketed(text)
        outer = self._one(parts[0]) if parts else None
        if parts is None or outer is None or outer.several or self._effects_in(parts[1]) & _NO_FACT:
            return None
        inner = self._one(parts[1])
        kinds = self._kinds(outer, inner) if inner is not None else None
        if kinds is not None:
            return kinds
        if not parts[1].strip(" -/,.0123456789"):
            return outer
        exact = frozenset[str]().union(*self._otherwise.never.values())
        if any(not exact.isdisjoint(self._terms.ancestors(iri)) for iri in outer.iris):
            return None  # a level of something else, as of urine
        if self._denies_route(outer, parts[1]):
            return None
        return replace(outer.saying(Said(narrower=True)), unread=(*outer.unread, parts[1]))

    def _denies_route(self, reading: Reading, text: str) -> bool:
        return any(self.against(iri, text) for iri in reading.iris)

    def otherwise(self, name: str, remark: str) -> list[str]:
        """The phrases of a remark that say otherwise than what a name is read as."""
        found = self.read(name)
        return [one for iri in (found.iris if found else ()) for one in self.against(iri, remark)]

    def against(self, iri: str, remark: str) -> list[str]:
        """The phrases of a remark that say otherwise than an intervention, as another route."""
        if self._terms.kind(iri) != "intervention":
            return []
        return [
            one for one in self._phrases_in(remark) if self._otherwise.speak_against([one], iri)
        ]

    def _kinds(self, outer: Reading, inner: Reading) -> Reading | None:
        """The narrower of two readings where one is above the other; else None."""
        above = self._terms.ancestors
        for one, other in ((outer, inner), (inner, outer)):
            if one.things and all(any(i in above(o) for o in one.iris) for i in other.iris):
                return one
        return None

    def _one(self, text: str) -> Reading | None:
        words = self._form(text)
        if not words or len(words) > _MOST_TOKENS:
            return None
        places = self._beside(words)
        for count in range(len(places) + 1):
            found = [
                reading
                for chosen in combinations(places, count)
                if (reading := self._called(without_places(words, chosen), said_at(words, chosen)))
            ]
            if found:  # a name of a class before one that only narrows it
                return min(found, key=lambda one: one.is_kind)
        return None

    def _beside(self, words: Tokens) -> list[Place]:
        """Where phrases stand that may be left out: start, end, and what they make of a thing.

        What denies says so at the start or at the end; elsewhere it denies another thing.
        """
        found: list[Place] = []
        place = plain = 0  # plain: up to where nothing but such phrases and small words stood
        while place < len(words) and len(found) < _MOST_BESIDE:
            length, effects = self._phrase_at(words, place)
            ends = place + length == len(words)
            if effects is not None and ("denied" not in effects or plain == place or ends):
                found.append((place, place + length, effects))
                plain = place + length if plain == place else plain
            elif words[place] in self._small and plain == place:
                plain = place + 1
            place += length
        return found

    def _phrase_at(self, words: Tokens, place: int) -> tuple[int, frozenset[str] | None]:
        for length in range(min(self._longest, len(words) - place), 0, -1):
            effects = self._qualifiers.get(words[place : place + length])
            if effects is not None:
                return length, effects
        return 1, None

    def _effects_in(self, text: str) -> set[str]:
        """All that the phrases of a text may make of a thing, wherever they stand."""
        found = (self._qualifiers[tuple(one.split())] for one in self._phrases_in(text))
        return set[str]().union(*found)

    def _phrases_in(self, text: str) -> list[str]:
        """The phrases of a text that may be left out, wherever they stand."""
        words, found, place = self._form(text), list[str](), 0
        while place < len(words):
            length, effects = self._phrase_at(words, place)
            if effects is not None:
                found.append(" ".join(words[place : place + length]))
            place += length
        return found

    def _called(self, words: Tokens, said: Said) -> Reading | None:
        return self._named(key_of(words), said) or self._named(self._key(words), said)

    def _named(self, key: Tokens, said: Said) -> Reading | None:
        if not key:
            return None
        if key in self._others:
            return self._others[key].saying(said)
        entries = self._names.get(key)
        if entries is None and key in self._no_role:
            return Reading((), said, no_role=self._no_role[key])
        entries = entries or self._foreign.get(key) or []
        entries = [
            one for one in entries if not self._otherwise.speak_against(said.beside, one.iri)
        ]
        return entered(entries, said) if entries else None

    def _list(self, text: str, parts_of: Callable[[str], list[str]]) -> Reading | None:
        """Several things in one text, and the parts of it that are not read.

        What is denied or doubted at the start is so of all that follow bare, as in a dictated
        list; where one of them says more of itself, nothing is understood.
        """
        parts = parts_of(text)
        if len(parts) == 1 or self._is_crossed(text, parts):
            return None
        read = [(part, self._whole(part) or self._joined(part, parts_of)) for part in parts]
        found = [one for _, one in read if one is not None]
        if not found or read[0][1] is None or any(one.several for one in found):
            return None
        first = found[0].said
        if not first.is_plain:
            return self._shared(text, found, parts_of) if len(found) == len(parts) else None
        of_all = self._said_behind(text, *read[-1])
        if of_all is not None:
            left = [part for part, one in read if one is None]
            return together(text, [one.saying(of_all) for one in found], left)
        if parts_of is listed and len(found) == len(parts):
            found = self._as_early(text, parts, found)
        said = [(part, self._only_said(part)) for part, one in read if one is None]
        unread = [part for part, only in said if only is None or not only.is_plain]
        unread += [part for part, one in read if one and not one.said.is_plain]
        found = [one for one in found if one.said.is_plain]
        for _, only in said:
            found = [one.saying(only) if only and only.is_plain else one for one in found]
        if any(self._denies_route(one, part) for part, only in said if only for one in found):
            return None
        return together(text, found, unread, joins=parts_of is joined)

    def _is_crossed(self, text: str, parts: Sequence[str]) -> bool:
        """Whether a phrase that doubts stands across two parts, as "antibody for" may."""
        is_doubted = ["doubted" in self._effects_in(one) for one in (text, *parts)]
        return is_doubted[0] and not any(is_doubted[1:])

    def _said_behind(self, text: str, part: str, last: Reading | None) -> Said | None:
        """What the last part of a text denies or doubts of all that it names; None if nothing."""
        only = self._only_said(part)
        if only is not None:  # it is not said whether of one or of all
            return None if only.is_plain else Said(doubted=True)
        said = self.says(part) if last is None else last.said
        is_of_last = bracketed(part) or self._begins_so(part)
        return None if said.is_plain or said.another or is_of_last else behind(text, said)

    def _as_early(self, text: str, parts: list[str], found: list[Reading]) -> list[Reading]:
        """The things of one list, of which "history of" at its start is said of each bare one."""
        if not is_one_list(text) or "earlier" not in self._effects_at_start(self._form(parts[0])):
            return found
        return list(map(early, found, (self._form(part)[0] not in self._small for part in parts)))

    def _shared(
        self, text: str, found: Sequence[Reading], parts_of: Callable[[str], list[str]]
    ) -> Reading | None:
        """A list that begins with what denies, doubts or names another person."""
        first, *rest = found
        shared = Said(
            denied=first.said.denied, doubted=first.said.doubted, another=first.said.another
        )
        alike = all(one.said == first.said for one in rest)
        bare = all(not one.said.beside and not one.unread for one in rest)
        bare = bare and are_bare(parts_of(text)) and self._begins_so(text)
        if parts_of is not listed or not (alike or bare):
            return None
        found = [first, *(one.saying(shared) for one in rest)]
        return replace(together(text, found, ()), shares=not alike)

    def _begins_so(self, text: str) -> bool:
        """Whether a text begins with what denies, doubts or names another person."""
        return bool(self._effects_at_start(self._form(text)) & _NO_FACT)

    def _effects_at_start(self, words: Tokens) -> frozenset[str]:
        start = next((n for n, word in enumerate(words) if word not in self._small), len(words))
        return self._phrase_at(words[start:], 0)[1] or frozenset()

    def says(self, text: str) -> Said:
        """What words that are no name say of the thing beside them, at their start or their end.

        In their middle they speak of something else, as in "without complications".
        """
        only = self._only_said(text)
        if only is not None:
            return only
        words = self._form(text)
        ends = (self._qualifiers.get(words[-n:]) for n in range(1, self._longest + 1))
        effects = self._effects_at_start(words).union(*(one for one in ends if one is not None))
        return Said.of(effects & {*_NO_FACT, "earlier"})

    def _joined(self, part: str, parts_of: Callable[[str], list[str]]) -> Reading | None:
        return self._list(part, joined) if parts_of is listed else None

    def _only_said(self, text: str) -> Said | None:
        """What a text says that names no thing, such as "severe"; None where it names one."""
        words = self._form(text)
        places = self._beside(words)
        return None if self._key(without_places(words, places)) else said_at(words, places)

    # -- what is near to a word that is not understood -----------------------------------

    def about(self, text: str) -> tuple[str, ...]:
        """The findings that could decide and have a word in common with one not understood."""
        asked = {w for w in self._form(text) if (w,) not in self._qualifiers} - self._small
        asked -= self._degrees  # abnormal alone is about nothing
        return tuple(sorted({iri for word in asked for iri in self._deciding.get(word, ())}))

    @cached_property
    def _deciding(self) -> dict[str, set[str]]:
        """The findings that could decide, by the words of their names."""
        found: dict[str, set[str]] = {}
        for name, entries in self._names.items():
            iris = {entry.iri for entry in entries} & self._terms.deciding
            for word in name if iris else ():
                found.setdefault(word, set()).update(iris)
        return found

    @cached_property
    def _compared(self) -> tuple[Names, Names]:
        return Names(self._names), Names(self._no_role)

    def near(self, text: str) -> list[tuple[str, str]]:
        """The names that a word not understood may be, best first, each with its class (IRI).

        Of equals the general is first; a known thing without a role has no class. A name is near
        where it is spelled nearly so, or where all words of the one are words of the other; a
        short name, such as an abbreviation, is never near to another word.
        """
        words = self._form(text)
        asked = self._key(word for word in words if (word,) not in self._qualifiers)
        whole = self._key(words)
        found: dict[tuple[str, str], float] = {}
        named, without_role = self._compared
        spelled = named.slips(whole)
        for name in named.having(asked).union(spelled):
            for entry in self._names[name]:
                score = spelled.get(name, 0.0)
                if not entry.hidden:
                    score = max(score, containing(asked, name, self._general))
                if score:
                    said = entry.hidden if entry.how == NARROWER else self._terms.label(entry.iri)
                    found[said, entry.iri] = max(score, found.get((said, entry.iri), 0.0))
        for name, score in without_role.slips(whole).items():
            found[self._no_role[name], ""] = score
        return sorted(found, key=lambda one: (-found[one], -self._terms.below(one[1]), one))
