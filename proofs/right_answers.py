"""Requests to a server, and what is right to answer: what the same functions say without it."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from calcinosis.api import KnowledgeGraph, Rows
from proofs.clients import Asked, Client

_LABELS = """
SELECT (STR(?class) AS ?term) (STR(?name) AS ?label) {
  ?class rdfs:subClassOf+ calc:Condition ; rdfs:label ?name
  FILTER(STRSTARTS(STR(?class), STR(calc:)))
}"""
_TABLE: Final = {"Accept": "application/sparql-results+json"}
_HTML: Final = {"Accept": "text/html"}
_CASE: Final = {"Accept": "application/json", "Content-Type": "application/json"}
_PAGES: Final = (
    *("", "questions", "viewpoints", "references"),
    *("about", "patient", "cohort", "editor"),
)


def requests(kg: KnowledgeGraph, count: int, seed: int) -> list[Asked]:
    """As many of each kind: pages, queries, and the API; the same for the same seed."""
    chance = random.Random(seed)
    terms = chance.sample(sorted(_labels(kg)), count)
    cases = [_case(number, label) for number, (_, label) in enumerate(terms)]
    return [
        *(Asked("page", f"/{path}", _has("</html>"), headers=_HTML) for path in _PAGES),
        *(_page(iri, label) for iri, label in terms),
        *(_query(iri, label) for iri, label in terms),
        *(_found(kg, label) for _, label in terms[: count // 4]),
        *(_judged(kg, case) for case in cases),
    ]


def _labels(kg: KnowledgeGraph) -> list[tuple[str, str]]:
    """Our conditions with their labels."""
    table = kg.sparql(_LABELS)
    assert isinstance(table, Rows)
    return [(row["term"], row["label"]) for row in table.rows()]


def settle(port: int, asked: Sequence[Asked]) -> list[str]:
    """Ask each once, and keep the answer as the one to come again; what was wrong."""
    client = Client(port)
    found = []
    for request in asked:
        answer = client.ask(request)
        request.quiet = answer.body
        if fault := request.fault(answer):
            found.append(fault)
    client.close()
    return found


def _has(text: str) -> Callable[[bytes], bool]:
    return lambda body: text.encode() in body


def _page(iri: str, label: str) -> Asked:
    path = "/" + quote(iri.rpartition("/")[2])
    return Asked("page", path, _has(html.escape(label)), headers=_HTML)


def _query(iri: str, label: str) -> Asked:
    query = f"SELECT ?l {{ <{iri}> <http://www.w3.org/2000/01/rdf-schema#label> ?l }}"

    def right(body: bytes) -> bool:
        found = json.loads(body)["results"]["bindings"]
        return [row["l"]["value"] for row in found] == [label]

    return Asked("sparql", f"/sparql?{urlencode({'query': query})}", right, headers=_TABLE)


def _found(kg: KnowledgeGraph, text: str) -> Asked:
    """A search, whose hits are those of the same search here."""
    expected = [hit.entry.id for hit in kg.search(text)]

    def right(body: bytes) -> bool:
        return [hit["id"] for hit in json.loads(body)] == expected

    return Asked("api", f"/api/search?{urlencode({'q': text})}", right)


def _case(number: int, label: str) -> dict[str, Any]:
    return {"id": f"case-{number}", "calcinosis": "present", "conditions": [label]}


def _judged(kg: KnowledgeGraph, case: dict[str, Any]) -> Asked:
    """A case, whose verdicts are those that it gets here, and no other's."""
    expected = [(row["case"], row["subtype"], row["verdict"]) for row in kg.classify(case).rows()]

    def right(body: bytes) -> bool:
        (found,) = json.loads(body)["cases"]
        verdicts = [(found["id"], one["id"], one["verdict"]) for one in found["subtypes"]]
        return verdicts == expected

    return Asked("judged", "/api/classify", right, json.dumps(case).encode(), _CASE)
