"""What the store says of itself: counts that are right, and examples that run."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode

from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.graph.query import GRAPHS
from calcinosis.graph.results import Table
from tests.shared import graph


def ask(query: str) -> Table:
    found = graph().sparql(query)
    assert isinstance(found, Table)
    return found


def test_void_counts_what_the_graphs_hold() -> None:
    counted = ask("SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph")
    said = ask(
        "SELECT ?graph ?n { [] void:subset ?graph . ?graph a void:Dataset ; void:triples ?n }"
    )
    wanted = {str(row["graph"]): int(row["n"].value) for row in counted}  # type: ignore[union-attr]
    assert {str(row["graph"]): int(row["n"].value) for row in said} == wanted  # type: ignore[union-attr]
    assert len(wanted) == len(GRAPHS) - 1


def test_a_class_and_a_property_are_counted_once_a_graph() -> None:
    claims = len(graph().ontology.claims.associations)
    rows = {
        (row["graph"], row["property_label"]): row["statements"]
        for row in graph().query("properties").rows()
    }
    subject = graph().ontology.triples.text(names.CC + "subject", names.LABEL)
    assert rows["associations", subject] == claims
    asked = ask("SELECT (COUNT(DISTINCT ?s) AS ?n) { GRAPH graph:references { ?s a ?c } }")
    references = {
        row["entities"] for row in graph().query("classes").rows() if row["graph"] == "references"
    }
    assert max(references) <= int(asked[0]["n"].value)


def test_every_example_is_a_query_that_runs() -> None:
    found = ask(
        "SELECT ?query ?text ?about { ?query a sh:SPARQLExecutable , sh:SPARQLSelectExecutable ;"
        " sh:select ?text ; rdfs:comment ?about ; schema:keywords ?tag } ORDER BY ?query"
    )
    catalogue = graph().lookups.catalogue
    assert [names.local(row["query"].value) for row in found] == [  # type: ignore[union-attr]
        f"query/{name}" for name in catalogue.names()
    ]
    for row in found:
        assert isinstance(row["text"], Literal)
        assert isinstance(row["about"], Literal)
        assert row["text"].value.startswith("#+ summary")
        try:
            graph().sparql("SELECT * { { " + _body(row["text"].value) + " } } LIMIT 1")
        except UsageError as error:  # the text itself is asked by the tests of the look-ups
            pytest.fail(f"{row['query']}: {error}")


def _body(text: str) -> str:
    """A query as a subquery: without its prefixes, which the program knows."""
    lines = (line for line in text.splitlines() if not line.startswith(("#", "PREFIX")))
    return "\n".join(lines)


def test_a_query_of_something_else_does_not_see_it() -> None:
    everything = ask("SELECT DISTINCT ?graph { GRAPH ?graph { ?s ?p ?o } }")
    assert NamedNode(names.GRAPH + "metadata") not in {row["graph"] for row in everything}
    assert graph().sparql("ASK { GRAPH graph:metadata { ?s ?p ?o } }") is True
    assert graph().sparql("ASK { ?s <http://rdfs.org/ns/void#triples> ?n }") is True
