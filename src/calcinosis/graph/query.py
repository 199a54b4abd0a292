"""SPARQL over a loaded ontology, with Oxigraph: named graphs, one viewpoint, no network.

========================  ==========================================================
``graph:ontology``        terms, definitions, laboratory, and the one viewpoint
``graph:associations``    the claims, their evidence, and what is read into them
``graph:references``      the references
``graph:mappings``        the SSSOM rows (``calcinosis.graph.mapped``)
``graph:inferred``        what follows without being asserted (``calcinosis.graph.inferred``)
``graph:edges``           claims as direct edges, and the kinds of things, by ``edges.rq``
``graph:metadata``        what is in the others, counted, and example queries
``graph:viewpoint/NAME``  what one viewpoint defines, whichever is loaded: one graph for each
========================  ==========================================================

Without GRAPH or FROM a query sees the union of the first six; the graph of metadata as well where
it speaks of VoID, SHACL or ``graph:metadata``, so that what counts triples counts those of the
ontology. The graphs of viewpoints are there for queries that name one, or ``views:``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pyoxigraph import (
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
)

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph import mapped, metadata, syntax
from calcinosis.graph.derived import follows
from calcinosis.graph.inferred import inferred
from calcinosis.graph.locate import GRAPH_OF, Modules, files
from calcinosis.graph.results import Answer, Graph, Row, Table
from calcinosis.graph.stored import Stored

GRAPHS: Final = (
    *("ontology", "associations", "references", "mappings", "inferred", "edges", "metadata"),
)
ASSERTED, _, _, MAPPINGS, INFERRED, EDGES, METADATA = (
    NamedNode(names.GRAPH + name) for name in GRAPHS
)
VIEWS: Final = names.GRAPH + "viewpoint/"
PREFIXES: Final = {
    **names.PREFIXES,
    "graph": names.GRAPH,
    "views": VIEWS,
    "interval": names.CC + "interval/",
    "sssom": names.SSSOM,
    "semapv": names.SEMAPV,
    "void": names.VOID,
    "sh": names.SHACL,
    "schema": names.SCHEMA,
}
_OF_ITSELF: Final = re.compile(r"graph[:/]metadata|\b(void|sh):|ns/(void|shacl)#")
_OF_VIEWS: Final = re.compile(r"graph[:/]viewpoint|\bviews:")


class Engine(Stored):
    """The named graphs of one loaded ontology, and queries over them."""

    def __init__(self, modules: Modules) -> None:
        super().__init__(Store(), {**PREFIXES, **names.OLD_PREFIXES})
        self._views: list[tuple[str, bytes | Iterable[Triple]]] = []
        for path in files(modules.folder):
            with _faults_named(path):
                if path.parent != modules.folder:
                    self._views.append((path.stem, path.read_bytes()))
                    if path.stem != modules.viewpoint:
                        continue
                graph = _graph_of(path.stem)
                self._store.load(path=str(path), format=RdfFormat.TURTLE, to_graph=graph)
        for path in mapped.files(modules.folder):
            with _faults_named(path):
                mappings = mapped.read(path)
                self.prefixes = {**mappings.prefixes, **self.prefixes}
                self._store.extend(
                    Quad(t.subject, t.predicate, t.object, MAPPINGS)
                    for t in mapped.triples(mappings)
                )
        if modules.overlays:
            self._lay_over(modules)
        self._add(inferred(self._store.quads_for_pattern(None, None, None, ASSERTED)), INFERRED)
        self._add(follows("edges", self._store), EDGES)
        self._about = modules, list(metadata.examples())

    def _lay_over(self, modules: Modules) -> None:
        from calcinosis.graph import overlay

        for one in overlay.again(modules):
            for part, triples in one.counted(modules.viewpoint):
                self._add(triples, _graph_of(part))
            self._views += one.of_viewpoints()

    def _add(self, triples: Iterable[Triple], graph: NamedNode) -> None:
        self._store.extend(Quad(t.subject, t.predicate, t.object, graph) for t in triples)

    @property
    def store(self) -> Store:
        """All graphs but those of other viewpoints, as Oxigraph holds them."""
        return self._described

    def _place(self, text: str) -> tuple[Store, list[Any] | None]:
        """Those of the viewpoints and of metadata only where a query speaks of them."""
        store = self._described if _OF_ITSELF.search(text) else self._store
        if not _OF_VIEWS.search(text):
            return store, None
        return self._viewed, list(store.named_graphs())  # viewpoints by GRAPH alone

    @cached_property
    def _viewed(self) -> Store:
        """All graphs with those of the viewpoints, made when a query first names one."""
        found = Store()
        found.extend(self._described)
        for name, said in self._views:
            graph = NamedNode(VIEWS + name)
            if isinstance(said, bytes):
                found.load(said, format=RdfFormat.TURTLE, to_graph=graph)
            else:
                found.extend(Quad(t.subject, t.predicate, t.object, graph) for t in said)
        return found

    @cached_property
    def _described(self) -> Store:
        """The same graphs with that of metadata, made when a query first asks for it."""
        modules, examples = self._about
        found = Store()
        found.extend(self._store)
        found.extend(metadata.described(self._store, modules, examples, METADATA))
        return found

    def answer(self, query: str) -> Answer:
        """The answer as a value: a table, a graph, or yes or no."""
        return collected(self.raw(query), query)


def _graph_of(module: str) -> NamedNode:
    return NamedNode(names.GRAPH + GRAPH_OF.get(module, "ontology"))


@contextmanager
def _faults_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (SyntaxError, OSError, UnicodeDecodeError) as error:
        raise OntologyError(
            f"the file cannot be read ({' '.join(str(error).split())})",
            str(path),
            "Mend it, or restore it from the repository",
        ) from error


def collected(found: QuerySolutions | QueryTriples | QueryBoolean, query: str) -> Answer:
    """An answer of Oxigraph as a value that can be read more than once."""
    if isinstance(found, QueryBoolean):
        return bool(found)
    if isinstance(found, QueryTriples):
        return Graph(tuple(sorted(set(found), key=str)))
    columns = syntax.column_order(query, [variable.value for variable in found.variables])
    return Table(
        tuple(columns),
        tuple(Row(tuple(columns), tuple(row[name] for name in columns)) for row in found),
    )


def run(modules: Modules, query: str) -> Any:
    """What Oxigraph answers to one query; see ``Engine.raw``."""
    return Engine(modules).raw(query)
