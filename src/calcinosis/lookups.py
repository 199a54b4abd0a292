"""Looking up: terms, search, pages, named look-ups and SPARQL over one loaded ontology."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from calcinosis.errors import UsageError
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.terms import Term

if TYPE_CHECKING:
    from calcinosis.answers import Rows, TermPage
    from calcinosis.graph.ask import Ask
    from calcinosis.graph.results import Answer
    from calcinosis.graph.search import Hit


class LookUps:
    """The part of a knowledge graph that answers without a case."""

    ontology: Ontology

    @cached_property
    def ask(self) -> Ask:
        """Look-ups, SPARQL, search and pages over this graph, as plain values."""
        from calcinosis.graph.ask import Ask

        return Ask(self.ontology)

    def term(self, text: str) -> Term:
        """The term that a label, synonym, class name or CURIE names; UsageError if none does."""
        found = self.ontology.terms.find(text)
        if len(found) == 1:
            return self.ontology.terms.term(found[0])
        return self.ask.term(text)

    def search(self, text: str, count: int = 10, kinds: Iterable[str] = ()) -> list[Hit]:
        """The terms, analytes and references nearest to ``text``, best first, each with a score.

        Labels, synonyms, titles, identifiers and mapped codes are searched; spelling is forgiven.
        """
        return self.ask.search(text, count, tuple(kinds))

    def show(self, text: str) -> TermPage:
        """All that the graph says of a term, analyte or reference: str() makes text of it."""
        from calcinosis.answers import TermPage

        return TermPage(self.ask.page(text), self.ontology.library.bibliography)

    def query(
        self, name: str, *, endpoint: str | None = None, **parameters: str | int | None
    ) -> Rows:
        """The rows of a named look-up; ``calcinosis query`` lists them.

        Parameters take labels, synonyms, CURIEs or IRIs. With ``endpoint`` the same query goes to
        a SPARQL endpoint. UsageError for what is unknown, with the nearest that is known;
        MissingProgramError for an endpoint that is not there.
        """
        from calcinosis.answers import rows

        return rows(self.ask.look_up(name, parameters, endpoint))

    def sparql(self, query: str, *, endpoint: str | None = None) -> Answer:
        """The answer to a SPARQL 1.1 query over the named graphs, or at an endpoint.

        SELECT gives Rows (each row has its RDF terms by name), CONSTRUCT and DESCRIBE a Graph of
        triples, ASK a bool. The five graphs are said in ``calcinosis.graph.query``; without GRAPH
        a query sees them all. UsageError for a malformed query, and for SERVICE without endpoint.
        """
        from calcinosis.answers import shown

        return shown(self.ask.sparql(query, endpoint))

    def _subtype(self, name: str) -> str:
        term = self.term(name)
        if term.kind != "subtype":
            known = ", ".join(t.label for t in self.ontology.terms if t.kind == "subtype")
            raise UsageError(f"{name!r} is not a subtype", "", f"Known: {known}")
        return term.iri
