"""What a record states, settled by the vocabulary: terms, levels, and what does not fit together.

Of several codes the first that is understood counts, then the text, then a label. Whatever of a
record contradicts itself is read as it stands, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from calcinosis import names
from calcinosis.facts.case import Fact, Remark
from calcinosis.facts.items import LINKS
from calcinosis.facts.records.measured import OF_ANOTHER, Labs
from calcinosis.facts.records.named import Names
from calcinosis.facts.records.stated import Measured, Settled, Stated
from calcinosis.facts.vocabulary import Resolved
from calcinosis.graph.terms import FACT_KINDS

if TYPE_CHECKING:
    from calcinosis.facts.read import Reader
    from calcinosis.graph.terms import Terms


@dataclass(frozen=True, slots=True)
class _Read:
    """A statement and the term that it came to, or the words that came to none."""

    stated: Stated
    text: str
    term: Resolved | None


def settled(
    head: Mapping[str, Any], stated: Sequence[Stated], measured: Sequence[Measured], reader: Reader
) -> Settled:
    """What a record states by the vocabulary and the laboratory of a reader.

    ``head`` is what is plain in it, such as the id.
    """
    return _Settling(head, reader).done(stated, measured)


class _Settling:
    def __init__(self, head: Mapping[str, Any], reader: Reader) -> None:
        self._names = reader.vocabulary.once(Names)
        self._terms = reader.vocabulary.terms
        self._reader = reader
        self._found = Settled(dict(head))
        self._first: dict[tuple[object, ...], tuple[str, list[str]]] = {}
        self._notes: dict[tuple[object, ...], set[str]] = {}

    def done(self, stated: Sequence[Stated], measured: Sequence[Measured]) -> Settled:
        observed: list[Stated] = []
        if measured:
            labs = Labs(self._reader.laboratory, self._names)
            observed = labs.read(measured, self._found)
        read = [self._read(one) for one in (*self._own(stated), *observed)]
        read = [one for one in _linked(read) if not self._is_measured(one)]
        read = [one for one in read if not self._denies_less(one)]
        calcinosis = [one for one in read if self._is_calcinosis(one)]
        status = {id(one) for one in calcinosis if self._is_settled(one, calcinosis)}
        for one in read:
            if id(one) not in status:
                self._add(one)
        self._calcinosis(calcinosis)
        self._again()
        return self._found

    def _own(self, stated: Iterable[Stated]) -> Iterator[Stated]:
        """What is said of the patient; the rest is said of another person, and is set aside."""
        for one in stated:
            is_other = self._names.is_of_another(one.codings, one.text)
            if is_other or any(map(self._is_of_another_kind, one.notes)):
                self._found.remark(one.text or str(one), one.where, OF_ANOTHER)
            else:
                yield one

    def _is_of_another_kind(self, note: str) -> bool:
        """Whether a note says that a row is of a kind such as "family history"."""
        kind, _, name = note.partition(": ")
        return kind == "kind" and self._names.is_of_another((), name, fully=False)

    def _read(self, stated: Stated) -> _Read:
        named = self._names.read(stated.codings, stated.text, stated.key)
        for what, reason in named.remarks:
            self._found.remark(what, stated.where, reason)
        found = _Read(self._placed(self._effects(stated)), named.text, named.term)
        return self._by_route(found)

    def _by_route(self, read: _Read) -> _Read:
        """The same; another thing where it was given by a route that its class does not have."""
        stated, term = read.stated, read.term
        routes = [one[len(_ROUTE) :] for one in stated.notes if one.startswith(_ROUTE)]
        if term is None or not routes:
            return read
        labels = (one.label for one in stated.codings if one.label)
        name = stated.text or next(labels, "") or self._terms.label(term.iri)
        other = self._reader.vocabulary.by_route(term.iri, name, routes[0])
        if not other:
            return read
        named = self._names.read((), other, stated.key)
        return replace(read, text=named.text, term=named.term)

    def _placed(self, stated: Stated) -> Stated:
        """The same with the sites among its modifiers, and a note of the others."""
        if not stated.modifiers:
            return stated
        found = [(one, self._names.site(one)) for one in stated.modifiers]
        others = ", ".join(one.label or one.id for one, site in found if not site)
        notes = (*stated.notes, f"modifiers: {others}") if others else stated.notes
        sites = (*stated.sites, *(site for _, site in found if site))
        return replace(stated, notes=notes, sites=sites)

    def _effects(self, stated: Stated) -> Stated:
        """The same, as a cause where a deposit is told to be its effect; others are recorded."""
        for number, effect in enumerate(stated.effects):
            term = self._names.understood(effect.id)
            if term is not None and names.CALCINOSIS in self._above(term.iri):
                stated = replace(stated, cause=True)
            else:
                where = f"{stated.where.rpartition('.')[0]}.adverseEvents[{number}]"
                said = f"adverse event: {effect.label or effect.id}"
                self._found.remark(said, where, _RECORDED)
        return stated

    def _denies_less(self, read: _Read) -> bool:
        """Whether a thing is said to be absent from one place alone: that is said, not used."""
        stated = read.stated
        if not stated.excluded:
            return False
        is_placed = any(map(self._names.site, stated.modifiers))
        if is_placed or False in stated.links.values():
            self._found.remark(f"no {read.text}{_beside(stated)}", stated.where, _LESS)
            return True
        return False

    def _is_measured(self, read: _Read) -> bool:
        """Whether a finding is no more than the level of a result that is read beside it."""
        if not read.stated.concluded or read.term is None:
            return False
        laboratory = self._reader.laboratory
        tests = (str(item["test"]) for item in self._found.case.get("labs", ()))
        groups = {one.group for test in tests for one in laboratory.find(test)}
        analytes = laboratory.analytes.values()
        return any(one.group in groups and read.term.iri in one.levels for one in analytes)

    def _above(self, iri: str) -> set[str]:
        return self._terms.ancestors(iri)

    # -- items -----------------------------------------------------------------------

    def _add(self, read: _Read) -> None:
        stated, term = read.stated, read.term
        key = "excluded" if stated.excluded else stated.key
        kind = stated.key.removesuffix("s") if term is None else term.kind
        links = stated.links if kind in LINKS else {}
        if stated.links and not links:
            self._found.remark(read.text, stated.where, _NO_LINK)
        sign = (read.text.casefold(), stated.excluded, stated.when, *sorted(links.items()))
        notes = [*self._notes_of(read), *(f"site: {site}" for site in stated.sites)]
        if sign in self._first:
            self._first[sign][1].append(stated.where)
            self._noted_again(read, [note for note in notes if note not in self._notes[sign]])
            self._notes[sign].update(notes)
            return
        self._first[sign] = read.text, []
        self._notes[sign] = set(notes)
        if term is not None and not stated.excluded and term.kind in FACT_KINDS:
            key = f"{term.kind}s"
        item: dict[str, Any] = {"term": read.text, **links}
        if stated.when != "at":
            item["when"] = stated.when
        if notes:
            item["note"] = "; ".join(notes)
        self._found.add(key, item if len(item) > 1 else read.text, stated.where)

    def _notes_of(self, read: _Read) -> list[str]:
        """What stands beside a thing, but its own name again."""
        if read.term is None:
            return list(read.stated.notes)
        own = {self._terms.label(read.term.iri).casefold()}
        if read.term.iri == names.CALCINOSIS:
            own.add("calcinosis")  # as the fact is called
        return [note for note in read.stated.notes if note.casefold() not in own]

    def _noted_again(self, read: _Read, notes: Sequence[str]) -> None:
        """Say what stands beside a thing that is stated once more, where it is new."""
        if notes:
            said = f"{read.text}: {'; '.join(notes)}"
            self._found.remark(said, read.stated.where, _RECORDED)

    def _again(self) -> None:
        for text, places in self._first.values():
            if places:
                times = "once more" if len(places) == 1 else f"{len(places)} times more"
                self._found.remark(text, places[0], f"stated {times}: read once")

    # -- calcinosis ------------------------------------------------------------------

    def _is_calcinosis(self, read: _Read) -> bool:
        """Whether it says that there is, or is not, a deposit in the skin, or a kind of one."""
        if read.term is None or read.stated.when != "at":
            return False
        if read.stated.excluded:
            return read.term.iri == names.CALCINOSIS
        return names.CALCINOSIS in self._above(read.term.iri)

    def _is_settled(self, read: _Read, others: Iterable[_Read]) -> bool:
        """Whether the status of calcinosis says all that it says."""
        if read.stated.excluded:
            return all(one.stated.excluded for one in others)
        assert read.term is not None
        return read.term.iri == names.CALCINOSIS

    def _calcinosis(self, found: list[_Read]) -> None:
        if not found:
            return
        present = [one for one in found if not one.stated.excluded]
        first = (present or found)[0].stated
        sites = list(dict.fromkeys(site for one in present for site in one.stated.sites))
        status = "present" if present else "absent"
        self._found.case["calcinosis"] = {"status": status, **({"sites": sites} if sites else {})}
        self._found.places["calcinosis"] = first.where
        alike = [one for one in found if self._is_settled(one, found)]
        for one in alike:
            if one.stated is not first:
                self._found.remark(one.text, one.stated.where, "stated once more: read once")
        for one in alike:
            for note in self._notes_of(one):
                self._found.remark(f"{one.text}: {note}", one.stated.where, _RECORDED)


def _beside(stated: Stated) -> str:
    """What stands beside a thing, in brackets."""
    told = [*(f"site: {site}" for site in stated.sites), *stated.notes]
    return f" ({'; '.join(told)})" if told else ""


def _linked(read: Sequence[_Read]) -> list[_Read]:
    """The same with what is stated of a link beside the plain statement of the same thing.

    Of a disease a phenopacket has no place for its link to the deposit, so that a feature of the
    same term states that.
    """
    found = list(read)
    for one in read:
        if one.term is None or one.stated.excluded or not one.stated.links:
            continue
        for plain in found:
            if plain is not one and _is_plain(plain, one):
                found[found.index(plain)] = replace(plain, stated=_with_links(plain, one))
                found.remove(one)
                break
    return found


def _is_plain(plain: _Read, one: _Read) -> bool:
    """Whether one statement says the same as another but for its link."""
    same = plain.term is not None and one.term is not None and plain.term.iri == one.term.iri
    is_bare = not plain.stated.excluded and not plain.stated.links
    return same and is_bare and plain.stated.when == one.stated.when


def _with_links(plain: _Read, one: _Read) -> Stated:
    notes = dict.fromkeys((*plain.stated.notes, *one.stated.notes))
    sites = dict.fromkeys((*plain.stated.sites, *one.stated.sites))
    links = replace(plain.stated, at_deposit=one.stated.at_deposit, cause=one.stated.cause)
    return replace(links, notes=tuple(notes), sites=tuple(sites))


def contradictions(facts: Iterable[Fact], terms: Terms) -> Iterator[Remark]:
    """What is stated and denied, or of which a kind is stated and it is denied; values are not."""
    stated = [one for one in facts if one.when == "at" and not one.item.startswith("labs[")]
    plain = names.HAS.values()
    denied = {fact.term: fact for fact in stated if not fact.affirmed and fact.property in plain}
    for fact in stated if denied else ():
        above = terms.ancestors(fact.term) if fact.affirmed else set[str]()
        for iri in denied.keys() & above:
            yield _contradiction(fact, denied[iri])


def _contradiction(fact: Fact, denied: Fact) -> Remark:
    if denied.term == fact.term:
        reason = f"{fact.label!r} is both observed and excluded ({denied.where})"
    else:
        reason = (
            f"{fact.label!r} is observed, and {denied.label!r}, of which it is a kind, is excluded "
            f"({denied.where})"
        )
    return Remark(fact.words, fact.where, reason)


_ROUTE: Final = "route: "
_RECORDED: Final = "recorded; gives no fact"
_LESS: Final = "denied for one place alone: recorded, not used"
_NO_LINK: Final = "what is said of its link to the deposit is not used: it takes none"
