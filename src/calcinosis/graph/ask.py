"""Asking a loaded ontology: named look-ups, SPARQL, search, and the page of a term."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from calcinosis import names
from calcinosis.errors import UsageError, quoted
from calcinosis.graph import mapped, near, viewpoints
from calcinosis.graph.catalogue import AUTHOR, CODE, Catalogue, LookUp
from calcinosis.graph.lexicon import KINDS, LONGEST, TERMS, Lexicon
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.parameters import Given, Value, taken_parameters, terms
from calcinosis.graph.query import PREFIXES, Engine
from calcinosis.graph.results import Answer, Table
from calcinosis.graph.search import SPOKEN, Hit, Index, placed
from calcinosis.graph.terms import Term

if TYPE_CHECKING:
    from calcinosis.graph.describe import Page
    from calcinosis.graph.limited import Limits
    from calcinosis.graph.remote import Endpoint

SUBTYPE: Final = "subtype"
_OF_A_VIEWPOINT: Final = "calc:caseOf"
"""What only a query of the loaded viewpoint's definitions has in it."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A look-up with the values of its parameters, before it is asked."""

    ask: Ask
    look_up: LookUp
    given: Given
    values: Mapping[str, Value | None]

    @property
    def query(self) -> str:
        """The query as it is asked."""
        return self.look_up.bound(self.values)

    def table(self, answer: Answer) -> Table:
        """The answer as rows that say what was asked."""
        if not isinstance(answer, Table):
            raise TypeError(f"{self.look_up.name}.rq is no SELECT query")
        look_up, lexicon = self.look_up, self.ask.lexicon
        return replace(
            answer,
            beside=look_up.beside,
            parameters=taken_parameters(look_up, self.given, self.values, lexicon),
            remark="" if answer else self.ask.nearest(look_up, self.values),
            note=look_up.note,
        )

    def read(self, head: Mapping[str, Any], body: bytes, megabytes: int) -> Table:
        """The rows that a process answered; what it said instead is raised, as ``look_up`` does."""
        from calcinosis.graph import limited

        limited.check(head, megabytes)
        return self.table(self.ask.marked(limited.read(head, body, self.query)))


_AS_NEAR: Final = 20  # so many more are looked at, to have the more general of equals
# What stands in citations beside a name, a year or an identifier, and is none of them.
_CITED: Final = re.compile(r"\bet al\b\.?,?|^\s*(?:pmid|doi|pmcid)\b[:\s]+(?=\S)", re.IGNORECASE)


class Ask:
    """The ways to ask one loaded ontology; what each needs is made when it is first used."""

    def __init__(self, ontology: Ontology, catalogue: Catalogue | None = None) -> None:
        self.ontology = ontology
        self.catalogue = catalogue or Catalogue()

    @cached_property
    def engine(self) -> Engine:
        """The named graphs of the ontology, in this process: for queries of our own."""
        return Engine(self.ontology.source)

    @cached_property
    def lexicon(self) -> Lexicon:
        """Everything that has a name."""
        return Lexicon(self.ontology)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that a query may use without declaring them."""
        return {**mapped.prefixes(self.ontology.folder), **PREFIXES}

    @cached_property
    def _index(self) -> Index:
        return Index(self.lexicon.entries.values(), self.ontology.spoken.names)

    def look_up(
        self,
        name: str,
        given: Given,
        endpoint: str | Endpoint | None = None,
        limits: Limits | None = None,
    ) -> Table:
        """The rows of a named look-up, here or at an endpoint that holds the same graphs.

        UsageError for an unknown look-up or parameter, or a value that names nothing, with the
        nearest, and for what takes more than the limits; what an endpoint may raise says
        ``Endpoint.answer``.
        """
        asked = self.asking(name, given)
        return asked.table(self._answer(asked.query, endpoint, limits))

    def asking(self, name: str, given: Given) -> Asking:
        """A look-up before it is asked, for who asks it by other ways; errors as ``look_up``."""
        look_up = self.catalogue.look_up(name)
        return Asking(self, look_up, given, terms(look_up, given, self.lexicon))

    def beginning(
        self, query: str, head: Mapping[str, Any], body: bytes, megabytes: int, most: int
    ) -> tuple[Answer, int]:
        """The first rows or triples that a process answered to a query, and how many there are.

        What it said instead is raised, as ``sparql`` does.
        """
        from calcinosis.graph import limited

        limited.check(head, megabytes)
        answer, number = limited.beginning(head, body, query, most)
        return self.marked(answer), number

    def marked(self, answer: Answer) -> Answer:
        """An answer with what is laid over the release."""
        laid = self.ontology.overlay_words
        return replace(answer, laid=laid) if laid and not isinstance(answer, bool) else answer

    def nearest(self, look_up: LookUp, values: Mapping[str, Value | None]) -> str:
        """What is nearest to the values of a look-up that found nothing."""
        remarks = []
        for parameter in look_up.parameters:
            value = values[parameter.name]
            if value is not None and parameter.type == CODE:
                remarks.append(near.codes(value.value, self.lexicon.terms.mappings))
            elif value is not None and parameter.type == AUTHOR:
                remarks.append(near.authors(value.value, self.ontology.library.bibliography))
            elif value and parameter.type == SUBTYPE and _OF_A_VIEWPOINT in look_up.text:
                views, loaded = viewpoints.read(self.ontology), self.ontology.viewpoint
                remarks.append(near.viewpoints(names.local(value.value), loaded, views))
        return " ".join(filter(None, remarks))

    def text(self, name: str, given: Given) -> str:
        """The SPARQL of a named look-up as it is asked with such values; errors as ``look_up``."""
        look_up = self.catalogue.look_up(name)
        return look_up.bound(terms(look_up, given, self.lexicon))

    def sparql(
        self,
        query: str,
        endpoint: str | Endpoint | None = None,
        limits: Limits | None = None,
    ) -> Answer:
        """The answer to a query, here or at an endpoint (or the address of one).

        A table without rows has a remark on what in the query occurs in no graph here.
        """
        answer = self._answer(query, endpoint, limits)
        if endpoint is not None or not isinstance(answer, Table) or answer:
            return answer
        return replace(answer, remark=self._absent(query, limits))

    def _answer(self, query: str, endpoint: str | Endpoint | None, limits: Limits | None) -> Answer:
        from calcinosis.graph import limited

        limits = limits or limited.Limits()
        if endpoint is None:
            return self.marked(limited.answer(self.ontology.source, query, limits))
        from calcinosis.graph.remote import Endpoint

        if isinstance(endpoint, str):
            endpoint = Endpoint(endpoint)
        return endpoint.within(limits).answer(query, {**self.prefixes, **names.OLD_PREFIXES})

    def _absent(self, query: str, limits: Limits | None) -> str:
        """What in a query that found nothing is in no graph; empty if that cannot be told."""
        from calcinosis.graph import limited

        def ask(one: str) -> Answer:
            return limited.answer(self.ontology.source, one, limits or limited.Limits())

        return self.missing(query, ask)

    def missing(self, query: str, ask: Callable[[str], Answer]) -> str:
        """What in a query that found nothing is in no graph, by who answers queries; or nothing."""
        from calcinosis.graph import absent

        with suppress(UsageError):
            return absent.explained(query, {**self.prefixes, **names.OLD_PREFIXES}, ask)
        return ""

    def search(self, text: str, count: int = 10, kinds: Collection[str] = ()) -> list[Hit]:
        """The entries whose names or codes are nearest to ``text``, best first.

        Of equals, the more general comes first, and what a reference is about before the reference.
        UsageError for a kind that there is none of.
        """
        for kind in kinds:
            if kind not in KINDS:
                raise UsageError(
                    f"there is no kind {quoted(kind)}", "--kind", f"Known: {', '.join(KINDS)}"
                )
        text = _CITED.sub(" ", text)
        spoken = self.ontology.spoken
        index = Index(self.lexicon.of(kinds), spoken.names) if kinds else self._index
        best = {one.iri: Hit(one, text, 1.0) for one in self.lexicon.find(text, kinds)}
        best |= {hit.entry.iri: hit for hit in index.search(text, count + _AS_NEAR)}
        further = self._read(text, kinds)
        if (ours := spoken.ours(text)) != text:
            hits = index.search(ours, count + _AS_NEAR)
            further += (replace(hit, score=round(hit.score * SPOKEN, 4)) for hit in hits)
        for hit in further:
            if hit.entry.iri not in best or best[hit.entry.iri].score < hit.score:
                best[hit.entry.iri] = hit
        return sorted(best.values(), key=self._place)[:count]

    def _place(self, hit: Hit) -> tuple[float, bool, int, str, str]:
        score, is_reference, label, key = placed(hit)
        return score, is_reference, -self.lexicon.terms.below(hit.entry.iri), label, key

    def _read(self, text: str, kinds: Collection[str]) -> list[Hit]:
        """What ``text`` is read as in a report, with what else is said beside it."""
        reading = self.ontology.words.read(text[:LONGEST])
        said = (self.lexicon.entries.get(iri) for iri in (reading.iris if reading else ()))
        entries = [one for one in said if one and (not kinds or one.kinds.intersection(kinds))]
        return [Hit(entry, text, SPOKEN**2) for entry in entries]

    def term(self, text: str) -> Term:
        """The term or analyte that ``text`` names; UsageError with the nearest if none does."""
        entry = self.lexicon.resolve(text, TERMS)
        return self.lexicon.term(entry.iri)

    def page(self, text: str, kinds: Collection[str] = ()) -> Page:
        """All that the graph says of what ``text`` names; UsageError if it names nothing."""
        from calcinosis.graph.describe import Describer

        entry = self.lexicon.resolve(text, kinds)
        return Describer(self.ontology, self.lexicon).page(entry)
