"""A patient of RDF as a raw case: its things are codes and words until a reader has the terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from calcinosis.errors import CaseError, Problem
from calcinosis.facts.case import LISTS, Case, Remark
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.codings import Coding
from calcinosis.facts.records.named import Names
from calcinosis.facts.records.stated import Unread
from calcinosis.facts.vocabulary import Resolved
from calcinosis.graph.terms import FACT_KINDS

if TYPE_CHECKING:
    from calcinosis.facts.read import Reader

_UNREAD: Final = "properties that are not read"
_NOT_OURS: Final = "the property is not one of ours, so what it says of this is not known"


@dataclass(frozen=True, slots=True)
class Thing:
    """What a case has: its codes, its words, and what is said of it, as an item of a case has it.

    ``key`` is the list that it stands in.
    """

    key: str
    codes: tuple[Coding, ...]
    written: str
    said: dict[str, Any] = field(default_factory=dict)

    def terms(self, reader: Reader, remarks: list[Remark]) -> list[str]:
        """The words that are read: as written where the codes mean no other thing, else codes."""
        vocabulary = reader.vocabulary
        kind = LISTS.get(self.key, "excluded")

        def meant(text: str) -> list[str]:
            found = vocabulary.resolve(text, kind, "") if text else None
            things = (found, *found.beside) if isinstance(found, Resolved) else ()
            return [one.iri for one in things if one.iri]

        known = {code: meant(code.id) for code in self.codes}
        iris = {iri for them in known.values() for iri in them}
        if not self.codes or (iris and iris <= {*meant(self.written)}):
            return [self.written]
        above = {one for iri in iris for one in vocabulary.terms.ancestors(iri) if one != iri}
        told = [code for code in self.codes if not above.intersection(known[code])]
        found = []
        for code in told or self.codes:
            named = vocabulary.once(Names).read((code,), self.written, self.key)
            remarks += (Remark(what, self.key, reason) for what, reason in named.remarks)
            found.append(named.text or code.given)
        return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class RdfCase(RawCase):
    """A patient as a raw case: ``value`` holds what is plain, ``things`` what needs the words.

    ``remarks`` are on what is unread, ``strange`` are properties that are not ours with what they
    name, ``problems`` what is wrong.
    """

    things: tuple[Thing, ...] = ()
    remarks: tuple[Remark, ...] = ()
    open: tuple[Remark, ...] = ()
    not_understood: tuple[Remark, ...] = ()
    strange: tuple[tuple[str, Coding], ...] = ()
    unread: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def read(self, reader: Reader, known: Sequence[Problem] = ()) -> Case:
        """The case; CaseError, with every problem, if it is refused."""
        value = dict(self.value) if isinstance(self.value, dict) else {}
        remarks: list[Remark] = []
        for thing in self.things:
            items = value.setdefault(thing.key, [])
            for text in thing.terms(reader, remarks):
                items.append({"term": text, **thing.said} if thing.said else text)
        problems = [*self.problems, *known]
        try:
            case = reader.read(value, self.where)
        except CaseError as error:
            problems = [*error.problems, *problems]
        if problems:
            raise self.refusal(problems)
        unread, held = self._unread(reader)
        return replace(
            case,
            set_aside=(*case.set_aside, *remarks, *self.remarks, *unread),
            uninterpreted=(*case.uninterpreted, *self.open),
            not_understood=(*case.not_understood, *self.not_understood, *held),
        )

    def _unread(self, reader: Reader) -> tuple[tuple[Remark, ...], list[Remark]]:
        """What is unread: by its properties; but what names a term of ours holds back."""
        unread, held = Unread(), list[Remark]()
        for prop, code in self.strange:
            found = reader.vocabulary.resolve(code.id, "excluded", "")
            if isinstance(found, Resolved) and found.kind in FACT_KINDS:
                held.append(Remark(f"{prop} {code.id}", prop, _NOT_OURS, kind="condition"))
            else:
                unread.add(prop)
        for prop in self.unread:
            unread.add(prop)
        return unread.remarks(_UNREAD), held
