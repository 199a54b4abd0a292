"""A query that finds nothing says which of its names and texts are in no graph."""

from __future__ import annotations

import pytest

import calcinosis
from calcinosis.graph.results import Table
from tests.endpoints import PREFIXES

WRONG = {
    "SELECT ?c { ?c calc:caseOff ?x }": "calc:caseOff occurs in no graph. Did you mean calc:",
    "SELECT ?c { ?c cc:caseOff ?x }": "cc:caseOff occurs in no graph. Did you mean calc:caseOf?",
    "SELECT ?c { ?c a <https://w3id.org/calcinosis/Critter> }": "Did you mean calc:Criterion?",
    "SELECT ?c { ?c a <Critter> }": "<Critter> occurs in no graph. Did you mean calc:Criterion?",
    "BASE <https://w3id.org/> SELECT ?c { ?c a <calcinosis/Critter> }": "Did you mean calc:Crite",
    "PREFIX a: <https://w3id.org/calcinosis/> SELECT ?c { ?c a a:Casse }": "a:Casse occurs in no",
    "SELECT ?c { GRAPH graph:association { ?c ?p ?o } }": "Did you mean graph:associations?",
    'SELECT ?c { ?c rdfs:label "Werner syndrome" }': 'stands as "Werner syndrome"@en: write it so',
    "SELECT ?c { ?c rdfs:label 'Werner syndrome'@de }": 'stands as "Werner syndrome"@en',
    'SELECT ?c { ?c rdfs:label ?l FILTER(LANG(?l) = "fr") }': "'fr'; there are de, en.",
    "SELECT ?c { ?c rdfs:label ?l FILTER(langMatches(lang(?l), 'la')) }": "in the language 'la'",
    "SELECT ?c { ?c rdfs:labell ?l }": "rdfs:labell occurs in no graph. Did you mean rdfs:label?",
}
RIGHT = (
    "BASE <https://w3id.org/> SELECT ?c { ?c a <calcinosis/Case> FILTER(false) }",
    "PREFIX own: <reference/> SELECT ?c { own:reiter-2011 a calc:Case , ?c }",
    "SELECT ?c { ?c rdfs:label ?l FILTER(LANGMATCHES(LANG(?l), 'EN') && false) }",
    "SELECT ?c { calc:Acne calc:caseOf ?c }",
    "SELECT ?c { ?c a calc:Case ; rdfs:label 'Werner syndrome'@en }",
    'SELECT ?c { ?c a owl:Class FILTER(xsd:integer("4") > 5) }',
    'SELECT ?c { GRAPH graph:references { ?c rdfs:label "no such words" } }',
    "SELECT ?c { ?c ?p ?o FILTER(false) }  # calc:Nowhere",
)


def remark(kg: calcinosis.KnowledgeGraph, query: str) -> str:
    answer = kg.sparql(query)
    assert isinstance(answer, Table)
    assert not answer
    return answer.remark


@pytest.mark.parametrize("query", WRONG)
def test_what_is_in_no_graph_is_named(kg: calcinosis.KnowledgeGraph, query: str) -> None:
    assert WRONG[query] in remark(kg, query)


@pytest.mark.parametrize("query", RIGHT)
def test_what_is_there_and_does_not_meet_is_not_blamed(
    kg: calcinosis.KnowledgeGraph, query: str
) -> None:
    assert remark(kg, query) == ""


def test_a_query_with_rows_has_no_remark(kg: calcinosis.KnowledgeGraph) -> None:
    answer = kg.sparql("SELECT ?c { { ?c a calc:Viewpoint } UNION { ?c a calc:Nowhere } }")
    assert isinstance(answer, Table)
    assert answer
    assert answer.remark == ""


@pytest.mark.parametrize(
    ("name", "given"), [("causes", {"subtype": "calciphylaxis"}), ("subtypes", {})]
)
def test_the_query_of_a_look_up_asks_the_same(
    kg: calcinosis.KnowledgeGraph, name: str, given: dict[str, str | int | None]
) -> None:
    text = kg.lookups.text(name, given)
    assert "VALUES ?_subtype { <https://w3id.org/calcinosis/Calciphylaxis> }" in text or not given
    assert f"PREFIX calc: <{PREFIXES['calc']}>" in text
    rows = kg.sparql(text)
    assert isinstance(rows, Table)
    assert rows.rows() == kg.lookups.look_up(name, given).rows()
