"""SPARQL over a loaded ontology, with Oxigraph: named graphs, one viewpoint, no network.

=====================  =============================================================
``graph:ontology``     terms, definitions, laboratory, and the one viewpoint
``graph:associations`` the claims
``graph:references``   the references
``graph:mappings``     the SSSOM rows (``calcinosis.graph.mapped``)
``graph:inferred``     what follows without being asserted (``calcinosis.graph.inferred``)
=====================  =============================================================

Without GRAPH or FROM a query sees the union of all five.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
)

from calcinosis import names
from calcinosis.errors import OntologyError, UsageError
from calcinosis.graph import fault, guard, mapped, syntax
from calcinosis.graph.inferred import inferred
from calcinosis.graph.locate import Modules
from calcinosis.graph.results import Answer, Graph, Row, Table

GRAPHS: Final = ("ontology", "associations", "references", "mappings", "inferred")
ASSERTED, ASSOCIATIONS, REFERENCES, MAPPINGS, INFERRED = (
    NamedNode(names.GRAPH + name) for name in GRAPHS
)
PREFIXES: Final = {
    **names.PREFIXES,
    "graph": names.GRAPH,
    "interval": names.CC + "interval/",
    "sssom": names.SSSOM,
    "semapv": names.SEMAPV,
}
_MODULES: Final = {"associations": ASSOCIATIONS, "references": REFERENCES}


class Engine:
    """The named graphs of one loaded ontology, and queries over them."""

    def __init__(self, modules: Modules) -> None:
        self._store = Store()
        self.prefixes = PREFIXES
        for path in modules.files():
            with _faults_named(path):
                graph = _MODULES.get(path.stem, ASSERTED)
                self._store.load(path=str(path), format=RdfFormat.TURTLE, to_graph=graph)
        for path in mapped.files(modules.folder):
            with _faults_named(path):
                mappings = mapped.read(path)
                self.prefixes = {**mappings.prefixes, **self.prefixes}
                self._store.extend(
                    Quad(t.subject, t.predicate, t.object, MAPPINGS)
                    for t in mapped.triples(mappings)
                )
        axioms = self._store.quads_for_pattern(None, None, None, ASSERTED)
        self._store.extend(
            Quad(t.subject, t.predicate, t.object, INFERRED) for t in inferred(axioms)
        )

    def dump(self, output: str | Path) -> None:
        """Write the five graphs into a file that other stores can load: .nq, .trig."""
        form = RdfFormat.from_extension(Path(output).suffix.lstrip("."))
        if form not in (RdfFormat.N_QUADS, RdfFormat.TRIG):
            raise UsageError("only .nq and .trig hold named graphs", str(output), "Name it so")
        self._store.dump(str(output), format=form)

    def raw(self, query: str) -> QuerySolutions | QueryTriples | QueryBoolean:
        """What Oxigraph answers.

        UsageError for a malformed query, which shows the place, and for one with SERVICE: this
        engine asks nobody else. Queries of others are for ``calcinosis.graph.limited``: some
        take for ever, and some overflow the stack.
        """
        message = self._complaint(query)
        if message:
            raise fault.malformed(query, message, self.prefixes)
        try:
            return self._store.query(
                query,
                prefixes=self.prefixes,
                use_default_graph_as_union=not guard.names_graphs(query, self.prefixes),
            )
        except SyntaxError as error:
            raise fault.malformed(query, str(error.msg), self.prefixes) from error

    def _complaint(self, query: str) -> str:
        """What Oxigraph says of a query that holds the word SERVICE, with the word hidden."""
        hidden = guard.hidden(query)
        return guard.complaint(hidden, self.prefixes) if hidden != query else ""

    def answer(self, query: str) -> Answer:
        """The answer as a value: a table, a graph, or yes or no."""
        return collected(self.raw(query), query)


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
