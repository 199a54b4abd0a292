"""The graph in the hand of a programmer: as rdflib, owlready2 and a prompt see it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from calcinosis import names
from calcinosis.errors import InputError, RefusedWarning, UsageError
from calcinosis.graph.ontology import Ontology

if TYPE_CHECKING:
    import rdflib
    from owlready2 import World

    from calcinosis.facts.case import Case
    from calcinosis.facts.laboratory import Laboratory
    from calcinosis.facts.raw import RawCase
    from calcinosis.facts.read import Reader
    from calcinosis.facts.source import Cases
    from calcinosis.facts.vocabulary import Vocabulary
    from calcinosis.reasoning.classify import Classifier, Known

PATIENTS = "https://example.org/patients#"
_NAMED = 5


class ForPrograms:
    """The part of a knowledge graph that other libraries take up."""

    ontology: Ontology

    @cached_property
    def classifier(self) -> Classifier:
        """The compiled classifier."""
        from calcinosis.reasoning.classify import Classifier

        return Classifier(self.ontology)

    @property
    def viewpoint(self) -> str:
        """The name of the viewpoint."""
        return self.ontology.viewpoint

    def _reader(self, *, strict: bool) -> Reader:
        from calcinosis.facts.read import Reader

        phrases = self.ontology.phrases
        return Reader(self._vocabulary, lambda: self.laboratory, phrases, strict=strict)

    def _read(
        self, cases: Cases, *, strict: bool = False, kind: str = ""
    ) -> Iterator[tuple[RawCase, Case] | InputError]:
        from calcinosis.api.result import read_cases

        return read_cases(cases, self._reader(strict=strict), kind)

    @cached_property
    def laboratory(self) -> Laboratory:
        """Analytes, units and reference intervals."""
        from calcinosis.facts.read import laboratory_of

        return laboratory_of(self.ontology)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        from calcinosis.facts.read import vocabulary_of

        return vocabulary_of(self.ontology)

    @cached_property
    def graph(self) -> rdflib.Dataset:
        """The named graphs as an rdflib Dataset, which Oxigraph holds and asks.

            The graphs are those of ``sparql``; without a graph a query sees their union, that of
            metadata included. It is a copy: what is added to it changes no verdict and no look-up.
        Nothing here stops a query that takes for ever, or one whose SERVICE asks another endpoint.

            >>> import calcinosis
            >>> graph = calcinosis.load().graph
            >>> rows = graph.query("SELECT ?class { ?class calc:caseOf ?subtype }")
            >>> len(rows) >= 5
            True
        """
        import oxrdflib

        from calcinosis.api.dataset import NamedGraphs
        from calcinosis.graph.query import Engine

        engine = Engine(self.ontology.source)
        store = oxrdflib.OxigraphStore(store=engine.store)
        found = NamedGraphs(store=store, default_union=True)
        for prefix, base in engine.prefixes.items():
            if prefix not in names.OLD_PREFIXES:  # rdflib knows one prefix a namespace
                found.bind(prefix, base, override=True, replace=True)
        return found

    def owlready(self, cases: Cases = (), *, base: str = PATIENTS, kind: str = "") -> World:
        """An owlready2 World with the ontology, and cases as individuals that carry their facts.

        A case carries what counts after the rules of reading: what it states and what a name or
        a finished work-up adds, each assertion with a comment that says which. Nothing that may
        only be assumed is there. So ``owlready2.sync_reasoner(world)`` types a case by the classes
        that strictly follow, and by a complement, such as ``NotX``, where ``X`` is ruled out.
        The IRIs of cases and complements begin with ``base``; the ids are labels too.
        Contradictory cases would make everything follow for all others: they are left out, by
        name in a warning and in ``world.left_out``; ``world.refused`` has what could not be read.
        UsageError if ``base`` cannot begin an IRI.

        >>> import calcinosis
        >>> case = {"id": "case-1", "calcinosis": "present", "findings": ["hypercalcaemia"]}
        >>> world = calcinosis.load().owlready(case)
        >>> world["https://example.org/patients#case-1"].label
        ['case-1']
        """
        from calcinosis.api.result import accepted
        from calcinosis.output.rdf.world import Patients, world

        if not base.endswith(("#", "/")) or ":" not in base or set(base) & set(' <>"{}|\\^`\n'):
            raise UsageError(
                f"{base!r} cannot begin an IRI", "base", f"Take one that ends in # or /: {PATIENTS}"
            )
        refused: list[InputError] = []
        read = accepted(self._read(cases, kind=kind), refused.append)
        known = [(case.id, self.classifier.known(case)) for _, case in read]
        consistent, left_out = _parted(known)
        found = world(Patients(self.classifier, base), consistent)
        found.left_out, found.refused = left_out, tuple(refused)
        warn_of_refused(refused)
        if left_out:
            told = f"Left out, because their facts contradict each other: {_listed(left_out)}"
            warnings.warn(f"{told}. See world.left_out, and explain()", RefusedWarning, 2)
        return found

    def __dir__(self) -> Iterable[str]:
        """The public verbs, for completion; everything else is there all the same."""
        return sorted(VERBS)

    def __repr__(self) -> str:
        terms = sum(1 for _ in self.ontology.terms)
        told = f"version {self.ontology.version}, viewpoint {self.viewpoint}, {terms} terms"
        return f"<KnowledgeGraph: {told}>"

    def _repr_html_(self) -> str:
        from calcinosis.output.markup import table

        ontology, library = self.ontology, self.ontology.library.bibliography
        told = ontology.terms.label(ontology.viewpoint_iri)
        rows = (
            ("version", ontology.version),
            ("viewpoint", f"{told} ({self.viewpoint})"),
            ("terms", sum(1 for _ in ontology.terms)),
            ("claims", len(ontology.claims.associations)),
            ("references", len(library)),
            ("what to ask", ", ".join(sorted(VERBS))),
        )
        return str(table("The knowledge graph", ("what", "here"), rows))


VERBS = frozenset(
    {
        *("search", "show", "query", "sparql", "graph", "owlready", "cohort"),
        *("classify", "stream", "explain", "compare", "rank", "evaluate"),
        *("cite", "export"),
    }
)


def warn_of_refused(refused: Iterable[InputError], level: int = 2) -> None:
    """Warn that inputs were refused, the first of them in full; nothing if none was.

    ``level`` is how far above this function the caller to be named stands.
    """
    found = list(refused)
    if found:
        count = "One input was" if len(found) == 1 else f"{len(found)} inputs were"
        told = (
            f"{count} refused ({found[0]}). See .refused for {'it' if len(found) == 1 else 'all'}"
        )
        warnings.warn(told, RefusedWarning, level + 1)


def _parted(
    known: Iterable[tuple[str, Known]],
) -> tuple[list[tuple[str, Known]], tuple[str, ...]]:
    """The consistent cases, and the ids of the others."""
    kept, gone = [], []
    for identifier, one in known:
        if one.consistent:
            kept.append((identifier, one))
        else:
            gone.append(identifier)
    return kept, tuple(gone)


def _listed(words: tuple[str, ...]) -> str:
    more = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {more} more" if more > 0 else "")
