"""Looking up: search, pages, named look-ups and SPARQL over one loaded ontology."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from calcinosis.errors import UnknownNameError
from calcinosis.graph.ontology import Ontology

if TYPE_CHECKING:
    from calcinosis.api.notebooks import Rows, TermPage, ViewpointsPage
    from calcinosis.graph.ask import Ask
    from calcinosis.graph.claims import Reference
    from calcinosis.graph.remote import Endpoint
    from calcinosis.graph.results import Answer
    from calcinosis.graph.search import Hit
    from calcinosis.graph.terms import Term


class LookUps:
    """The part of a knowledge graph that answers without a case."""

    ontology: Ontology

    @cached_property
    def lookups(self) -> Ask:
        """Look-ups, SPARQL, search and pages over this graph, as plain values."""
        from calcinosis.graph.ask import Ask

        return Ask(self.ontology)

    @property
    def library(self) -> Mapping[str, Reference]:
        """All references by key."""
        return self.ontology.library.bibliography

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that a query may use without declaring them."""
        return self.lookups.prefixes

    def search(self, text: str, count: int = 10, kinds: Iterable[str] = ()) -> list[Hit]:
        """The terms, analytes and references nearest to ``text``, best first, each with a score.

        Labels, synonyms, titles, identifiers and mapped codes are searched; spelling is forgiven.
        UsageError for a kind that there is none of.

        >>> import calcinosis
        >>> calcinosis.load().search("serum calcum")[0].entry.label
        'total serum calcium'
        """
        from calcinosis.api.notebooks import Hits

        return Hits(self.lookups.search(text, count, tuple(kinds)))

    def show(self, text: str) -> TermPage | ViewpointsPage:
        """All that the graph says of a term, analyte, reference or viewpoint.

        The word viewpoints sets all of them side by side. str() makes text of it, ``to_dict``
        plain values. UsageError, with the nearest, for what is unknown.

        >>> import calcinosis
        >>> page = calcinosis.load().show("reiter-2011")
        >>> str(page).splitlines()[0]
        'Reiter 2011  (reference, ref:reiter-2011)'
        """
        from calcinosis.api.notebooks import TermPage, ViewpointsPage
        from calcinosis.graph import viewpoints

        laid = self.ontology.overlays
        if text.casefold() == "viewpoints":
            return ViewpointsPage(viewpoints.read(self.ontology), self.library, laid)
        view = viewpoints.named(self.ontology, text)
        if view is not None:
            return ViewpointsPage((view,), self.library, laid)
        return TermPage(self.lookups.page(text), self.library, laid)

    def query(
        self,
        name: str,
        *,
        endpoint: str | Endpoint | None = None,
        timeout: float | None = None,
        memory: int | None = None,
        **parameters: str | int | None,
    ) -> Rows:
        """The rows of a named look-up; ``calcinosis query`` lists them.

        Parameters take labels, synonyms, CURIEs or IRIs. With ``endpoint`` (its address, or an
        Endpoint, which also says how long to wait) the same query goes to a SPARQL endpoint.
        It may take ``timeout`` seconds and ``memory`` MB, as ``sparql`` says.
        UsageError for what is unknown, with the nearest that is known; MissingProgramError for an
        endpoint that is not there.

        >>> import calcinosis
        >>> calcinosis.load().query("supports", reference="reiter-2011").columns[:4]
        ('side', 'claim', 'claim_label', 'statement')
        """
        from calcinosis.api.notebooks import rows
        from calcinosis.graph.limited import Limits

        return rows(self.lookups.look_up(name, parameters, endpoint, Limits(timeout, memory)))

    def sparql(
        self,
        query: str,
        *,
        endpoint: str | Endpoint | None = None,
        timeout: float | None = None,
        memory: int | None = None,
    ) -> Answer:
        """The answer to a SPARQL 1.1 query over the named graphs, or at an endpoint.

        SELECT gives Rows (each row has its RDF terms by name), CONSTRUCT and DESCRIBE a Graph of
        triples, ASK a bool. The graphs are graph:ontology, graph:associations, graph:references,
        graph:mappings, graph:inferred, graph:edges and graph:metadata; without GRAPH a query sees
        all of them but the last, and that too if it asks for VoID or SHACL. The graphs of all
        viewpoints, such as views:minars, are there for GRAPH in a query that names one.

        A process of its own answers, and stays for the next query. It may take ``timeout`` seconds
        (30; at an endpoint 60) and ``memory`` MB beside the graphs (1024; of an endpoint's answer
        256). UsageError for a query that is malformed, has SERVICE without endpoint, or takes more.

        >>> import calcinosis
        >>> calcinosis.load().sparql("ASK { ?case_class calc:caseOf ?subtype }")
        True
        """
        from calcinosis.api.notebooks import for_notebooks
        from calcinosis.graph.limited import Limits

        return for_notebooks(self.lookups.sparql(query, endpoint, Limits(timeout, memory)))

    @property
    def worker(self) -> list[str]:
        """The command line of a process that answers queries over this graph, for a server."""
        from calcinosis.graph.limited import arguments_of, command

        return command(*arguments_of(self.ontology.source))

    def _term(self, text: str) -> Term:
        """The term that a label, synonym, class name or CURIE names; UsageError if none does."""
        found = self.ontology.terms.find(text)
        if len(found) == 1:
            return self.ontology.terms.term(found[0])
        return self.lookups.term(text)

    def _subtype(self, name: str) -> str:
        term = self._term(name)
        if term.kind != "subtype":
            known = ", ".join(t.label for t in self.ontology.terms if t.kind == "subtype")
            raise UnknownNameError(f"{name!r} is not a subtype", "", f"Known: {known}")
        return term.iri
