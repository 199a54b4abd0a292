"""Requests to a server, and what is right to answer: what the same functions say without it."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlencode

from proofs.clients import Asked, Client, one

from calcinosis.api import KnowledgeGraph

_LABELS = "SELECT ?t ?l { ?t a owl:Class ; rdfs:label ?l FILTER(STRSTARTS(STR(?t), STR(calc:))) }"
_JSON = {"Accept": "application/sparql-results+json"}
_PAGES = ("", "associations", "questions", "viewpoints", "references", "about", "patient", "sparql")


def requests(kg: KnowledgeGraph, count: int, seed: int) -> list[Asked]:
    """As many of each kind: pages, queries, and the API; the same for the same seed."""
    chance = random.Random(seed)
    rows = [(str(row["t"]), str(row["l"])) for row in kg.sparql(_LABELS).rows()]
    terms = chance.sample(sorted(rows), min(count, len(rows)))
    pages = [Asked("page", f"/{path}", _has("</html>")) for path in _PAGES]
    return [
        *pages,
        *(_term(iri, label) for iri, label in terms),
        *(_query(iri, label) for iri, label in terms),
        *_classified(kg, [label for _, label in terms]),
        *(_found(label) for _, label in terms),
    ]


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


def _term(iri: str, label: str) -> Asked:
    path = "/" + quote(iri.rpartition("/")[2])
    return Asked(
        "page", path, _has(html.escape(label, quote=False)), headers={"Accept": "text/html"}
    )


def _query(iri: str, label: str) -> Asked:
    query = f"SELECT ?l {{ <{iri}> <http://www.w3.org/2000/01/rdf-schema#label> ?l }}"

    def right(body: bytes) -> bool:
        found = json.loads(body)["results"]["bindings"]
        return [row["l"]["value"] for row in found] == [label]

    return Asked("sparql", f"/sparql?{urlencode({'query': query})}", right, headers=_JSON)
