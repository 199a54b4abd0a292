"""The claims by their facets: which a choice shows, and how many each further value would show.

A facet of citations (type of study, how far read, year) is met by one citation of a claim that
meets all such facets at once; values of one facet add up, facets narrow one another.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from calcinosis import names
from calcinosis.errors import UsageError, nearest, quoted
from calcinosis.graph.claims import Association, Citation
from calcinosis.graph.describe import KINDS
from calcinosis.graph.lexicon import Lexicon
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.search import Entry
from calcinosis.graph.settings import READ
from calcinosis.output.selection import Selection, select

SUBTYPE, CONDITION, KIND, RELATION, CONTESTED, STUDY, READ_AS, YEAR = (
    *("subtype", "condition", "kind", "relation", "contested", "study_type", "read", "year"),
)
OF_CITATIONS: Final = (STUDY, READ_AS, YEAR)
TEXT, SORT = "q", "sort"
SORTS: Final = ("kind", "claim", "references", "year")
_NO_YEAR: Final = "none"
_WORDS: Final = {
    SUBTYPE: "Subtype",
    CONDITION: "Condition or other term, with its kinds",
    KIND: "Kind of claim",
    RELATION: "Relation",
    CONTESTED: "Contested",
    STUDY: "Type of study",
    READ_AS: "How far read",
    YEAR: "Year of a reference",
}
Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow the claims: its name in addresses, its words, its values with theirs.

    ``group`` parts values by the kind of thing that they are, where they are terms.
    """

    name: str
    words: str
    values: Mapping[str, str]
    group: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen: values by facet, words that a row must have, and the order of rows."""

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    text: str = ""
    sort: str = SORTS[0]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The choice as parameters of an address, in a fixed order."""
        found = [(name, one) for name in _WORDS for one in sorted(self.values.get(name, ()))]
        found += [(TEXT, self.text)] if self.text else []
        return found + ([(SORT, self.sort)] if self.sort != SORTS[0] else [])


@dataclass(frozen=True)
class Row:
    """One claim with its values by facet, and those of each of its citations."""

    claim: Association
    values: Mapping[str, frozenset[str]]
    citations: tuple[Mapping[str, str], ...]
    year: int


class Claims:
    """The claims of an ontology that stand, in order of their kinds and labels."""

    def __init__(self, ontology: Ontology, lexicon: Lexicon) -> None:
        self.ontology = ontology
        self.lexicon = lexicon
        self.whole = select(ontology)
        order = {kind: place for place, kind in enumerate(KINDS)}
        claims = sorted(
            self.whole.associations,
            key=lambda c: (order.get(c.topic, len(KINDS)), c.label.casefold(), c.id),
        )
        self.rows = tuple(map(self._row, claims))

    @cached_property
    def facets(self) -> tuple[Facet, ...]:
        """The facets with the values that occur, in the order for readers."""
        return tuple(self._facet(name, words) for name, words in _WORDS.items())

    def chosen(self, given: Values) -> Choice:
        """The choice that parameters of an address make; a term is taken by any of its names.

        UsageError for a parameter that there is not, and for a value that no claim has.
        """
        known = {facet.name: facet for facet in self.facets}
        values = {}
        for name, several in given.items():
            asked = [one for one in several if one.strip()]
            if name in (TEXT, SORT) or not asked:
                continue
            if name not in known:
                hint = nearest(name, known, then=f"Known: {', '.join((*known, TEXT, SORT))}")
                raise UsageError(f"there is no facet {quoted(name)}", "", hint)
            values[name] = frozenset(self._value(known[name], one) for one in asked)
        sort = next((one for one in given.get(SORT, ()) if one), SORTS[0])
        if sort not in SORTS:
            raise UsageError(f"{quoted(sort)} is no order", SORT, f"Known: {', '.join(SORTS)}")
        text = " ".join(" ".join(given.get(TEXT, ())).split())[:200]
        return Choice(values, text, sort)

    def _value(self, facet: Facet, given: str) -> str:
        if given in facet.values:
            return given
        if facet.name in (SUBTYPE, CONDITION):
            kinds = ("subtype",) if facet.name == SUBTYPE else ()
            found = self.lexicon.resolve(given, kinds, facet.name)
            if found.id in facet.values:
                return found.id
            raise UsageError(f"no claim is about {found.label}", facet.name, "Choose another")
        hint = nearest(given, facet.values, then=f"Known: {', '.join(facet.values)}")
        raise UsageError(f"{quoted(given)} is no value", facet.name, hint)

    def named(self, text: str) -> Iterator[tuple[str, Entry]]:
        """What words by themselves are a name of, each with the facet that has it."""
        known = {facet.name: facet.values for facet in self.facets}
        for entry in self.lexicon.find(text) if text else ():
            name = SUBTYPE if entry.kind == SUBTYPE else CONDITION
            if entry.id in known[name]:
                yield name, entry

    def shown(self, choice: Choice, texts: Sequence[str]) -> list[int]:
        """The places of the rows that a choice shows, in its order; ``texts`` are theirs."""
        places = [n for n in self._with_words(choice, texts) if _meets(self.rows[n], choice)]
        return sorted(places, key=lambda place: self._order(place, choice.sort))

    def counts(self, choice: Choice, texts: Sequence[str]) -> dict[str, Counter[str]]:
        """How many claims each value of each facet has, under what is chosen of the others."""
        found = {name: Counter[str]() for name in _WORDS}
        for place in self._with_words(choice, texts):
            for name, counter in found.items():
                counter.update(_values_under(self.rows[place], choice, name))
        return found

    def selection(self, places: Iterable[int]) -> Selection:
        """The claims at these places, as an export holds them."""
        claims = tuple(self.rows[place].claim for place in places)
        return Selection(self.ontology, claims, "what is shown", is_whole=False)

    def _with_words(self, choice: Choice, texts: Sequence[str]) -> Iterator[int]:
        words = folded(choice.text).split()
        return (n for n in range(len(self.rows)) if all(word in texts[n] for word in words))

    def _order(self, place: int, sort: str) -> tuple[int | str, ...]:
        row = self.rows[place]
        if sort == "claim":
            return (row.claim.label.casefold(), place)
        if sort == "references":
            return (-len(row.citations), place)
        return (-row.year if sort == "year" else 0, place)

    # -- what a claim has -----------------------------------------------------------------

    def _row(self, claim: Association) -> Row:
        cited = tuple(map(self._cited, claim.citations))
        library = self.ontology.library.bibliography
        above = {one for iri in claim.named for one in self._above(iri)}
        kinds = {iri: self._kind(iri) for iri in above}
        values = {
            SUBTYPE: frozenset(names.local(i) for i, kind in kinds.items() if kind == "subtype"),
            CONDITION: frozenset(names.local(i) for i, kind in kinds.items() if _is_term(kind)),
            KIND: frozenset({claim.topic}),
            RELATION: frozenset({names.local(claim.predicate)}),
            CONTESTED: frozenset({"yes" if claim.contested else "no"}),
        }
        years = (library[c.reference].year or 0 for c in claim.citations)
        return Row(claim, values, cited, max(years, default=0))

    def _above(self, iri: str) -> Iterable[str]:
        return self.lexicon.terms.ancestors(iri) if iri in self.lexicon.terms else {iri}

    def _kind(self, iri: str) -> str:
        entry = self.lexicon.entries.get(iri)
        return entry.kind if entry else ""

    def _cited(self, citation: Citation) -> Mapping[str, str]:
        reference = self.ontology.library.bibliography[citation.reference]
        year = reference.year
        return {
            STUDY: reference.study_type,
            READ_AS: citation.read,
            YEAR: f"{year // 10 * 10}s" if year else _NO_YEAR,
        }

    # -- values with their words ------------------------------------------------------------

    def _facet(self, name: str, words: str) -> Facet:
        ids = {one for row in self.rows for one in row_values(row, name)}
        if name in (SUBTYPE, CONDITION):
            entries = sorted(
                (self.lexicon.entries[names.CC + one] for one in ids),
                key=lambda entry: (entry.kind != CONDITION, entry.kind, entry.label.casefold()),
            )
            values = {entry.id: entry.label for entry in entries}
            return Facet(name, words, values, {entry.id: entry.kind for entry in entries})
        told = {one: self._told(name, one) for one in ids}
        return Facet(name, words, {one: told[one] for one in sorted(ids, key=_order_of(name))})

    def _told(self, name: str, value: str) -> str:
        if name == KIND:
            label = self.lexicon.terms.label(f"{names.CC}{value}Association")
            return label.removesuffix(" association")
        if name == RELATION:
            iri = next(r.claim.predicate for r in self.rows if value in r.values[RELATION])
            return self.lexicon.triples.text(iri, names.LABEL) or value
        if name == YEAR:
            return "no year" if value == _NO_YEAR else f"{value[:4]}\N{EN DASH}{value[:3]}9"
        return value


def row_values(row: Row, name: str) -> frozenset[str]:
    """The values that a row has of a facet."""
    if name in OF_CITATIONS:
        return frozenset(cited[name] for cited in row.citations)
    return row.values[name]


def folded(text: str) -> str:
    """A text as it is searched: lower case, without accents."""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def _is_term(kind: str) -> bool:
    return kind not in ("", "subtype", "criterion", "class")


def _order_of(name: str) -> Callable[[str], tuple[int, int | str]]:
    known: Mapping[str, Sequence[str]] = {
        KIND: KINDS,
        READ_AS: READ,
        CONTESTED: ("yes", "no"),
    }
    places = {one: place for place, one in enumerate(known.get(name, ()))}
    if name == YEAR:
        return lambda value: (1, 0) if value == _NO_YEAR else (0, -int(value[:4]))
    return lambda value: (places.get(value, len(places)), value)


def _meets(row: Row, choice: Choice) -> bool:
    return all(
        not chosen.isdisjoint(row.values[name])
        for name, chosen in choice.values.items()
        if name not in OF_CITATIONS
    ) and any(_cites(cited, choice) for cited in row.citations or ({},))


def _cites(cited: Mapping[str, str], choice: Choice, but: str = "") -> bool:
    return all(
        cited.get(name) in choice.values[name]
        for name in OF_CITATIONS
        if name != but and name in choice.values
    )


def _values_under(row: Row, choice: Choice, name: str) -> Iterable[str]:
    """The values that a row has of one facet, if it meets what is chosen of the others."""
    others = {other: chosen for other, chosen in choice.values.items() if other != name}
    if not _meets(row, Choice(others)):
        return ()
    if name not in OF_CITATIONS:
        return row.values[name]
    return {cited[name] for cited in row.citations if _cites(cited, choice, name)}
