"""What the graph states of one resource, as a graph of its own: Turtle and JSON-LD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    parse,
)

from calcinosis import names
from calcinosis.graph import mapped
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.triples import Description, Triples, node_of, reached, term_of
from calcinosis.output.rdf import turtle
from calcinosis.output.rdf.ontologies import json_ld


class Described:
    """The resources of one loaded ontology; its modules are read when one is first asked for.

    Whatever the settings leave out is here: it is what the modules state.
    """

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology

    def __contains__(self, iri: str) -> bool:
        return iri.startswith(names.CC) and iri in self.triples.by_subject

    def __iter__(self) -> Iterator[str]:
        return (iri for iri in self.triples.by_subject if iri.startswith(names.CC))

    def of(self, iri: str) -> Description:
        """What is stated of a resource, as predicates and their objects; empty if nothing is."""
        return self.triples.by_subject.get(iri, {})

    def turtle(self, iri: str) -> str:
        """The resource with what is said of its statements, and of a claim its evidence."""
        return turtle.serialise(self._graph(iri), self._prefixes)

    def json_ld(self, iri: str, *more: Mapping[str, Any], module: Path | None = None) -> str:
        """The same as JSON-LD; ``more`` are further nodes, each with its own context.

        Of a ``module`` all that its file states.
        """
        found = self._graph(iri) if module is None else _read(module)
        return b"".join(json_ld(found, self._prefixes, *more)).decode()

    @cached_property
    def triples(self) -> Triples:
        """All modules, what is laid over them, and the matches of other vocabularies."""
        ontology, found = self._ontology, Triples()
        for path in ontology.source.files():
            found.read(path)
        for one in ontology.overlays:
            for number, (part, added) in enumerate(one.counted(ontology.viewpoint)):
                found.add(added, Path(f"{part}-{number}-{one.sha256}"))
        for path in mapped.files(ontology.folder):
            found.add(mapped.triples(mapped.read(path)), path)
        return found

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        extra = {"sssom": names.SSSOM, "semapv": names.SEMAPV, "oboInOwl": names.OBO_IN_OWL}
        return {**turtle.PREFIXES, **extra, **mapped.prefixes(self._ontology.folder)}

    @cached_property
    def _beside(self) -> dict[str, list[str]]:
        """What speaks of a resource from a node of its own: annotations, evidence, readings."""
        found: dict[str, list[str]] = {}
        for node, (source, _, _) in self.triples.annotated():
            found.setdefault(source, []).append(node)
        for predicate in (*names.CITES, names.INTERPRETS):
            for node, claims in self.triples.subjects(predicate):
                for claim in claims:
                    found.setdefault(str(claim), []).append(node)
        return found

    def _graph(self, iri: str) -> Dataset:
        by_subject, beside = self.triples.by_subject, self._beside

        def onward(node: str) -> Iterator[str]:
            for objects in by_subject.get(node, {}).values():
                yield from (o for o in objects if isinstance(o, str) and o.startswith("_:"))
            if node == iri or node.startswith("_:"):
                yield from beside.get(node, ())

        found = Dataset(
            Quad(node_of(one), NamedNode(predicate), term_of(value))
            for one in reached([iri], onward)
            for predicate, values in by_subject.get(one, {}).items()
            for value in values
        )
        found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        return found


def _read(module: Path) -> Dataset:
    found = Dataset(parse(path=module, format=RdfFormat.TURTLE))
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return found
