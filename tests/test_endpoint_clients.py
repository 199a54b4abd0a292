"""Clients of others ask the endpoint: SPARQLWrapper, rdflib, YASGUI's requests, curl and R."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from pyoxigraph import RdfFormat, parse

import calcinosis
from calcinosis.web.app import application
from calcinosis.web.state import Bounds
from tests.serving import Server, running

ROWS = "SELECT ?x ?label { ?x calc:caseOf ?y ; rdfs:label ?label } ORDER BY ?label"
YES = "ASK { ?x calc:caseOf ?y }"
BUILT = "CONSTRUCT { ?x rdfs:label ?label } WHERE { ?x calc:caseOf ?y ; rdfs:label ?label }"


@pytest.fixture(scope="module")
def server(kg: calcinosis.KnowledgeGraph) -> Iterator[Server]:
    with running(application(kg, Bounds(seconds=120))) as found:
        yield found


@pytest.fixture(scope="module")
def labels(kg: calcinosis.KnowledgeGraph) -> list[str]:
    return [row["label"].value for row in kg.sparql(ROWS)]  # type: ignore[union-attr]


# -- Python --------------------------------------------------------------------------------------


def wrapper(server: Server, query: str, form: str, method: str = "GET") -> Any:
    from SPARQLWrapper import SPARQLWrapper

    asked = SPARQLWrapper(f"{server.url}/sparql")
    asked.setQuery(query)
    asked.setReturnFormat(form)
    asked.setMethod(method)
    return asked


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # SPARQLWrapper makes them
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_asks(server: Server, labels: list[str], method: str) -> None:
    found = wrapper(server, ROWS, "json", method).queryAndConvert()
    assert [row["label"]["value"] for row in found["results"]["bindings"]] == labels
    assert wrapper(server, YES, "json", method).queryAndConvert()["boolean"] is True
    document = wrapper(server, ROWS, "xml", method).queryAndConvert()
    assert len(document.getElementsByTagName("result")) == len(labels)
    lines = wrapper(server, ROWS, "csv", method).queryAndConvert().decode().splitlines()
    assert len(lines) == len(labels) + 1
    for form in ("turtle", "rdf+xml", "json-ld", "n3", "xml"):
        graph = wrapper(server, BUILT, form, method).queryAndConvert()
        if isinstance(graph, bytes):
            graph = list(parse(graph, format=RdfFormat.TURTLE))
        assert len(graph) == len(labels), form


@pytest.mark.slow
def test_sparqlwrapper_tells_a_fault_and_posts_directly(server: Server) -> None:
    from SPARQLWrapper import POSTDIRECTLY
    from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

    asked = wrapper(server, "SELECT * { ?x a LIMIT }", "json")
    with pytest.raises(QueryBadFormed, match=r"line 1, column 17"):
        asked.query()
    asked = wrapper(server, YES, "json", "POST")
    asked.setRequestMethod(POSTDIRECTLY)
    assert asked.queryAndConvert()["boolean"] is True


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_reads_the_endpoint_as_a_store(
    server: Server, labels: list[str], method: Any
) -> None:
    from rdflib import RDFS, Graph, URIRef
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    store = SPARQLStore(f"{server.url}/sparql", method=method)
    graph = Graph(store, bind_namespaces="none")
    assert [str(row[1]) for row in graph.query(ROWS)] == labels  # type: ignore[index]
    assert graph.query(YES).askAnswer
    assert len(graph.query(BUILT).graph or ()) == len(labels)
    term = URIRef("https://w3id.org/calcinosis/Calciphylaxis")
    assert [str(label) for label in graph.objects(term, RDFS.label)] == ["calciphylaxis"]
    assert len(graph) > 70_000


@pytest.mark.slow
def test_pandas_reads_an_address(server: Server, labels: list[str]) -> None:
    import pandas as pd

    frame = pd.read_csv(f"{server.url}/sparql?{urlencode({'query': ROWS, 'format': 'csv'})}")
    assert list(frame["label"]) == labels


# -- a browser -----------------------------------------------------------------------------------

YASGUI = {
    "Origin": "https://yasgui.example",
    "Content_Type": "application/x-www-form-urlencoded",
    "Accept_Encoding": "gzip, deflate, br",
    "Sec_Fetch_Mode": "cors",
}


def test_yasgui_asks_from_a_page_of_its_own(server: Server, labels: list[str]) -> None:
    """What its editor sends: a form, and an Accept by the kind of query."""

    def asked(query: str, accept: str) -> Any:
        body = urlencode({"query": query}).encode()
        reply = server.ask("/sparql", "POST", body, Accept=f"{accept},*/*;q=0.9", **YASGUI)
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        return reply

    first = server.ask(
        "/sparql",
        "OPTIONS",
        Origin="https://yasgui.example",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="content-type",
    )
    assert first.status in (200, 204)
    assert "POST" in first.headers["Access-Control-Allow-Methods"]
    table = asked(ROWS, "application/sparql-results+json")
    assert table.kind == "application/sparql-results+json"
    graph = asked(BUILT, "application/n-triples")
    assert graph.kind == "application/n-triples"
    fault = asked("SELECT", "application/sparql-results+json")
    assert (fault.status, "ends too early" in fault.text) == (400, True)


# -- programs ------------------------------------------------------------------------------------


def printed(*words: str, cwd: Path | None = None) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.external("curl")
def test_curl_asks(server: Server, labels: list[str], tmp_path: Path) -> None:
    (tmp_path / "query.rq").write_text(ROWS, encoding="utf-8")
    url = f"{server.url}/sparql"
    form = ("--data-urlencode", f"query={ROWS}")
    for words in (
        ("-G", *form, "-H", "Accept: text/csv"),
        (*form, "--data", "format=csv"),
        ("--data-urlencode", "query@query.rq", "-H", "Accept: text/csv", "--compressed"),
        ("--data-binary", "@query.rq", "-H", "Content-Type: application/sparql-query", "-H",
         "Accept: text/csv"),
    ):  # fmt: skip
        found = printed("curl", "-sf", url, *words, cwd=tmp_path)
        assert [line.split(",")[1] for line in found.splitlines()[1:]] == labels
    head = printed("curl", "-sI", f"{server.url}/graph/edges")
    assert head.startswith("HTTP/1.1 200")
    fault = printed("curl", "-s", url, "--data-urlencode", "query=SELECT * { ?x }")
    assert fault.startswith("query, line 1")


R_BASE = """
query <- "SELECT ?label { ?x calc:caseOf ?y ; rdfs:label ?label } ORDER BY ?label"
at <- paste0("%s/sparql?format=csv&query=", URLencode(query, reserved = TRUE))
found <- read.csv(url(at))
writeLines(found$label)
"""
R_HTTR = """
library(httr)
query <- "SELECT ?label { ?x calc:caseOf ?y ; rdfs:label ?label } ORDER BY ?label"
reply <- POST("%s/sparql", body = list(query = query), encode = "form",
              accept("text/csv"))
stop_for_status(reply)
writeLines(read.csv(text = content(reply, "text", encoding = "UTF-8"))$label)
"""


@pytest.mark.slow
@pytest.mark.external
@pytest.mark.parametrize("code", [R_BASE, R_HTTR], ids=["url", "httr"])
def test_r_asks(server: Server, labels: list[str], code: str, tmp_path: Path) -> None:
    (tmp_path / "script.R").write_text(code % server.url, encoding="utf-8")
    assert printed("Rscript", "--vanilla", str(tmp_path / "script.R")).splitlines() == labels


# -- what the document shows -----------------------------------------------------------------------

DOCUMENT = Path(__file__).parent.parent / "docs" / "endpoint.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = {"sh": ["sh", "-e"], "py": [sys.executable], "r": ["Rscript", "--vanilla"]}
SHOWN = [
    (kind, body)
    for kind, body in _BLOCK.findall(DOCUMENT.read_text(encoding="utf-8"))
    if "calcinosis serve" not in body
]


@pytest.mark.slow
@pytest.mark.external
@pytest.mark.parametrize(("kind", "body"), SHOWN, ids=lambda it: it.split("\n")[0][:40])
def test_what_the_document_shows_runs(server: Server, kind: str, body: str, tmp_path: Path) -> None:
    assert "http://127.0.0.1:8000" in body
    script = tmp_path / f"shown.{kind}"
    script.write_text(body.replace("http://127.0.0.1:8000", server.url), encoding="utf-8")
    assert printed(*PROGRAMS[kind], str(script), cwd=tmp_path)


def test_the_document_shows_each_kind_of_client() -> None:
    assert {kind for kind, _ in SHOWN} == set(PROGRAMS)
