"""What a report says in more words than a term: phrases, who read a finding, lists of denials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from calcinosis import names
from calcinosis.errors import Problem, quoted
from calcinosis.facts.case import Fact, Remark
from calcinosis.facts.fields import Fields
from calcinosis.facts.items import LINKS, Item, stated_of
from calcinosis.facts.vocabulary import Resolved, Vocabulary
from calcinosis.graph.denials import are_bare
from calcinosis.graph.phrases import Phrase, Phrases
from calcinosis.graph.phrasing import is_qualified, listed

PHRASE: Final = "phrase"
"""The kind of a remark on a phrase that gives no fact."""


class Said:
    """Reads the items of one case that no single term stands for."""

    def __init__(self, vocabulary: Vocabulary, phrases: Phrases, fields: Fields) -> None:
        self._vocabulary = vocabulary
        self._phrases = phrases
        self._fields = fields

    def read(self, item: Item) -> Resolved | Problem:
        """The term that an item names, or the Problem if it names none."""
        return self._vocabulary.resolve(item.text, item.kind, self._fields.at(item.where))

    # -- phrases ---------------------------------------------------------------------

    def phrase(self, item: Item) -> Phrase | None:
        """The phrase that an item is; one that gives no fact is set aside here."""
        found = self._phrases.find(item.text)
        if found is not None and found.aside:
            remark = Remark(item.text, item.where, found.aside, about=(found.iri,), kind=PHRASE)
            self._fields.set_aside.append(remark)
        return found

    def denied_by(self, phrase: Phrase, item: Item) -> Iterator[Fact]:
        """What a phrase denies, which gives way to what is stated."""
        for iri in phrase.denies:
            yield replace(self._absent(iri, item), property=names.HAS_CONDITION, gives_way=True)

    def worked_up_by(self, phrase: Phrase, item: Item) -> Iterator[Fact]:
        """The criteria that a phrase says were looked for and not found."""
        return (self._absent(iri, item) for iri in phrase.works_up)

    def _absent(self, iri: str, item: Item) -> Fact:
        label = self._vocabulary.terms.label(iri)
        return Fact(False, None, iri, label, item.where, item.text, item=item.where)

    # -- who read it -----------------------------------------------------------------

    def attributed(self, item: Item) -> tuple[Resolved, str] | None:
        """The finding that an item names and who read it, where it may be named beside it."""
        what, who = self._phrases.attributed(item.text)
        found = self.read(replace(item, text=what)) if who else None
        if isinstance(found, Resolved) and self._phrases.names_reader(found.iri):
            return found, who
        return None

    # -- denials ---------------------------------------------------------------------

    def denied(self, item: Item) -> list[Item] | None:
        """The parts that an item denies, each to be excluded; None where it denies nothing.

        There are none where it stands among what is present: it is noted where to write it.
        """
        parts = [replace(item, text=one, kind="excluded") for one in self._denied(item)]
        if parts and item.kind in LINKS:
            self._misplaced(item, parts)
            return []
        return parts or None

    def _denied(self, item: Item) -> Sequence[str]:
        words = self._vocabulary.denied(item.text)
        if words or item.kind != "excluded":
            return words if all(self._is_bare(one) for one in words[1:]) else ()
        parts = listed(item.text)
        deny = [self._vocabulary.denies(one) for one in parts]
        if any(deny) and not all(deny) and not are_bare(parts):
            return ()
        known = (isinstance(self.read(replace(item, text=one)), Resolved) for one in parts)
        return parts if len(parts) > 1 and all(known) else ()

    def _is_bare(self, word: str) -> bool:
        """Whether an item of a denied list says nothing more of itself, as "proven" would."""
        found = self._vocabulary.resolve(word, "excluded", "")
        if isinstance(found, Problem) and not found.what.endswith("is unknown"):
            return False
        beside = found.said.beside if isinstance(found, Resolved) else ()
        return not beside and not is_qualified(word)

    def _misplaced(self, item: Item, parts: Sequence[Item]) -> None:
        """A denial among what is present is never the thing that it denies."""
        words = " and ".join(quoted(part.text) for part in parts)
        what = f"{quoted(item.text)} denies something: write {words} under excluded"
        found = Problem(what, self._fields.at(item.where), "It is not read as what it denies")
        read = [self.read(part) for part in parts]
        meant = [one.iri for one in read if isinstance(one, Resolved)]
        names_one = all(isinstance(one, Resolved) and not one.guessed for one in read)
        # What says more than a name may state what is there.
        kind = "excluded" if names_one else item.kind
        remark = replace(stated_of(item, kind), about=tuple(meant))
        self._fields.unknown(item.text, item.where, found, remark)
