"""SPARQL over a loaded ontology, with Oxigraph."""

from __future__ import annotations

from typing import Any

from pyoxigraph import RdfFormat, Store

from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.graph.ontology import Ontology


def store(ontology: Ontology) -> Store:
    """A store with every module of the release and the one viewpoint, in the default graph."""
    found = Store()
    for path in ontology.files():
        if path.parent.name != "viewpoints" or path.stem == ontology.viewpoint:
            found.load(path=str(path), format=RdfFormat.TURTLE)
    return found


def run(ontology: Ontology, query: str) -> Any:
    """The answer to a query; a malformed one is a UsageError that shows the place."""
    try:
        return store(ontology).query(
            query, prefixes=dict(names.PREFIXES), use_default_graph_as_union=True
        )
    except SyntaxError as error:
        raise UsageError(
            f"the query is malformed: {error.msg}", "query", "Mend it there"
        ) from error
