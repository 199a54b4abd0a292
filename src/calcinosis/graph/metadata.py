"""What the store says of itself: a VoID description with counts, and the look-ups as examples.

Classes and properties are counted by graph as VoID's partitions, as clients of SPARQL read them
(https://www.w3.org/TR/void/). The examples are in the form that the SIB collection
of example queries has (SHACL's ``sh:SPARQLExecutable``), so that editors offer them; no endpoint is
named, because there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store

from calcinosis import names
from calcinosis.graph.catalogue import Catalogue
from calcinosis.graph.locate import Modules

DATASET: Final = NamedNode(names.CC + "dataset")
QUERY: Final = names.CC + "query/"
_COUNTED: Final = {
    "class": (
        "SELECT ?graph ?key (COUNT(DISTINCT ?s) AS ?entities)"
        " { GRAPH ?graph { ?s a ?key } } GROUP BY ?graph ?key"
    ),
    "property": (
        "SELECT ?graph ?key (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?distinctSubjects)"
        " (COUNT(DISTINCT ?o) AS ?distinctObjects)"
        " { GRAPH ?graph { ?s ?key ?o } } GROUP BY ?graph ?key"
    ),
}

Said = tuple[NamedNode | BlankNode, str, NamedNode | BlankNode | Literal]


def described(
    store: Store, modules: Modules, queries: Iterable[Said], graph: NamedNode
) -> list[Quad]:
    """What is to be said of the graphs of a store, with example queries, as quads of one more."""
    said = (*_dataset(store, modules), *_counts(store), *queries)
    return [Quad(s, NamedNode(p), o, graph) for s, p, o in said]


def _dataset(store: Store, modules: Modules) -> Iterator[Said]:
    yield DATASET, names.TYPE, NamedNode(names.VOID + "Dataset")
    yield DATASET, names.DCTERMS + "title", Literal("Calcinosis knowledge graph", language="en")
    yield DATASET, names.DCTERMS + "license", NamedNode(names.LICENCE)
    yield DATASET, names.VOID + "uriSpace", Literal(names.CC)
    yield DATASET, names.VOID + "triples", Literal(len(store))
    version = NamedNode(names.OWL + "versionInfo")
    for quad in store.quads_for_pattern(NamedNode(names.ONTOLOGY), version, None, None):
        yield DATASET, version.value, quad.object  # type: ignore[misc]
    for path, total in modules.overlays:
        yield DATASET, names.DCTERMS + "source", Literal(f"{path.name}, sha256 {total}")


def _counts(store: Store) -> Iterator[Said]:
    totals: dict[NamedNode, int] = {}
    for key, query in _COUNTED.items():
        for row, values in _rows(store.query(query)):
            graph, one = row["graph"], BlankNode()
            yield graph, names.VOID + f"{key}Partition", one
            yield one, names.VOID + key, row["key"]
            for name, value in values.items():
                yield one, names.VOID + name, value
            totals[graph] = totals.get(graph, 0) + int(getattr(values.get("triples"), "value", 0))
    for graph, total in totals.items():
        yield DATASET, names.VOID + "subset", graph
        yield graph, names.TYPE, NamedNode(names.VOID + "Dataset")
        yield graph, names.VOID + "triples", Literal(total)


def _rows(answer: Any) -> Iterator[tuple[Any, dict[str, Literal]]]:
    if isinstance(answer, QuerySolutions):
        counts = [one.value for one in answer.variables if one.value not in ("graph", "key")]
        for row in answer:
            yield row, {name: row[name] for name in counts}


def examples() -> Iterator[Said]:
    """The named look-ups as example queries."""
    catalogue = Catalogue()
    for tag, group in catalogue.summaries().items():
        for name, summary in group.items():
            one = NamedNode(QUERY + name)
            for kind in ("SPARQLExecutable", "SPARQLSelectExecutable"):
                yield one, names.TYPE, NamedNode(names.SHACL + kind)
            yield one, names.RDFS + "comment", Literal(summary, language="en")
            yield one, names.SHACL + "select", Literal(catalogue.text(name))
            yield one, names.SCHEMA + "keywords", Literal(tag)
