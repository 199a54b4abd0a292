"""The endpoint over the graph itself: forms, negotiation, graphs, what it says of itself."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, parse, parse_query_results
from starlette.requests import Request

import calcinosis
from calcinosis.web.app import application
from calcinosis.web.describe import base
from calcinosis.web.state import Bounds
from tests.serving import Reply, Server, running

ROWS = "SELECT ?x ?label { ?x calc:caseOf ?y ; rdfs:label ?label } ORDER BY ?label"
YES = "ASK { ?x calc:caseOf ?y }"
BUILT = "CONSTRUCT { ?x rdfs:label ?label } WHERE { ?x calc:caseOf ?y ; rdfs:label ?label }"
LONG = "SELECT * { ?s ?p ?o } LIMIT 500"
TABLES = {
    "json": ("application/sparql-results+json", QueryResultsFormat.JSON),
    "xml": ("application/sparql-results+xml", QueryResultsFormat.XML),
    "tsv": ("text/tab-separated-values", QueryResultsFormat.TSV),
}
GRAPHS = {
    "turtle": ("text/turtle", RdfFormat.TURTLE),
    "ntriples": ("application/n-triples", RdfFormat.N_TRIPLES),
    "rdfxml": ("application/rdf+xml", RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    "nquads": ("application/n-quads", RdfFormat.N_QUADS),
    "trig": ("application/trig", RdfFormat.TRIG),
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def server(kg: calcinosis.KnowledgeGraph) -> Iterator[Server]:
    with running(application(kg, Bounds(seconds=120, body=100_000), hosts=["*"])) as found:
        yield found


@pytest.fixture(scope="module")
def labels(kg: calcinosis.KnowledgeGraph) -> list[str]:
    """What the command line answers to the query of rows."""
    return [str(row["label"]) for row in kg.sparql(ROWS)]  # type: ignore[union-attr]


def of_graph(reply: Reply, form: RdfFormat) -> set[str]:
    assert reply.status == 200, reply.text
    return {str(quad.object) for quad in parse(reply.body, format=form)}


# -- forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_a_table_comes_in_each_form_by_accept_and_by_name(
    server: Server, labels: list[str], name: str
) -> None:
    media, form = TABLES[name]
    for reply in (
        server.query(ROWS, Accept=media),
        server.query(ROWS, ("format", name), Accept="text/html"),
        server.query(ROWS, ("format", media)),
    ):
        assert (reply.status, reply.kind) == (200, media)
        found = parse_query_results(reply.body, format=form)
        assert [str(row["label"]) for row in found] == labels  # type: ignore[union-attr]
    assert "true" in server.query(YES, Accept=media).text


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_all_columns_come_in_the_order_of_the_query(server: Server, name: str) -> None:
    query = "SELECT * { BIND(1 AS ?z) BIND('a,\"\t' AS ?a) BIND(<a:m> AS ?m) BIND(2 AS ?b) }"
    text = server.query(query, ("format", name)).text
    places = [re.search(rf"\b{letter}\b", text).start() for letter in "zamb"]  # type: ignore[union-attr]
    assert places == sorted(places)
    if name == "csv":
        assert text.splitlines() == ["z,a,m,b", '1,"a,""\t",a:m,2']
    if name == "tsv":
        assert text == '?z\t?a\t?m\t?b\n1\t"a,\\"\\t"\t<a:m>\t2\n'


def test_a_table_as_csv(server: Server, labels: list[str]) -> None:
    reply = server.query(ROWS, Accept="text/csv")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert [NamedNode(row["x"]).value and f'"{row["label"]}"@en' for row in rows] == labels
    assert server.query(YES, ("format", "csv")).text.strip() == "true"


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_comes_in_each_form_by_accept_and_by_name(
    server: Server, labels: list[str], name: str
) -> None:
    media, form = GRAPHS[name]
    for reply in (
        server.query(BUILT, Accept=media),
        server.query(BUILT, ("format", name)),
        server.query(BUILT, ("format", media), Accept="text/csv"),
    ):
        assert reply.kind == media
        assert of_graph(reply, form) == set(labels)


def test_turtle_has_the_prefixes_that_it_uses_and_those_of_the_query(server: Server) -> None:
    reply = server.query(f"PREFIX mine: <https://w3id.org/calcinosis/Cal> {BUILT}")
    assert "@prefix mine:" in reply.text
    assert "mine:ciphylaxis" in reply.text
    assert "@prefix rdfs:" in reply.text
    assert "@prefix LOINC:" not in reply.text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.6", "application/sparql-results+xml"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        ("text/*, application/json;q=0.9", "text/csv"),
        ("application/json", "application/json"),
        ("TEXT/CSV", "text/csv"),
        ("application/sparql-results+json,*/*;q=0.9", "application/sparql-results+json"),
        ("text/csv;q=x, text/tab-separated-values;q=0.1", "text/tab-separated-values"),
    ],
)
def test_the_form_is_what_the_client_wants_most(server: Server, accept: str, kind: str) -> None:
    assert server.query(YES, Accept=accept).kind == kind


def test_a_form_that_there_is_none_of_is_refused(server: Server) -> None:
    reply = server.query(YES, Accept="image/png")
    assert reply.status == 406
    assert "text/csv" in reply.text
    assert server.query(BUILT, Accept="text/csv").status == 406
    assert server.query(BUILT, ("format", "csv")).status == 406
    unknown = server.query(YES, ("format", "turtel"))
    assert unknown.status == server.query(YES, ("format", "image/png")).status == 400
    assert "Did you mean turtle?" in unknown.text


def test_what_a_form_cannot_hold_is_refused(server: Server) -> None:
    numbered = server.query("CONSTRUCT { <a:s> <a:p/1> 1 } {}", Accept="application/rdf+xml")
    assert numbered.status == 406
    assert "no name in XML" in numbered.text
    stated = "CONSTRUCT { <a:s> <a:p> <<( <a:b> <a:c> 1 )>> } {}"
    assert server.query(stated, Accept="application/ld+json").status == 406
    assert server.query(stated, Accept="text/turtle").status == 200


# -- the protocol --------------------------------------------------------------------------------


def test_head_says_what_get_would(server: Server) -> None:
    path = f"/sparql?{urlencode({'query': ROWS})}"
    full, head = server.ask(path), server.ask(path, "HEAD")
    assert head.status == 200
    assert head.body == b""
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers[name] == full.headers[name]


def test_pages_of_anybody_may_ask(server: Server) -> None:
    asked = server.ask("/sparql", "OPTIONS", Origin="https://example.org")
    assert asked.status == 204
    assert asked.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]
    for reply in (server.query(YES), server.query("ASK"), server.ask("/graph/ontology", "HEAD")):
        assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_an_answer_that_is_known_is_not_sent_again(server: Server) -> None:
    first = server.query(ROWS)
    again = server.query(ROWS, If_None_Match=f'"other", W/{first.headers["ETag"]}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = server.query(ROWS, If_None_Match=first.headers["ETag"], Accept="text/csv")
    assert other.status == 200
    assert "Accept" in other.headers["Vary"]


def test_what_is_long_is_packed_for_who_takes_it_so(server: Server) -> None:
    plain, packed = server.query(LONG), server.query(LONG, Accept_Encoding="br, gzip;q=0.5")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 3
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for accept in ("identity", "gzip;q=0"):
        assert "Content-Encoding" not in server.query(LONG, Accept_Encoding=accept).headers
    assert "Content-Encoding" not in server.query(YES, Accept_Encoding="gzip").headers


def test_the_graphs_that_a_request_names_are_those_of_the_query(server: Server) -> None:
    graph = "https://w3id.org/calcinosis/graph/"

    def count(*pairs: tuple[str, str]) -> int:
        reply = server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", *pairs)
        return int(reply.json()["results"]["bindings"][0]["n"]["value"])

    one = count(("default-graph-uri", f"{graph}references"))
    other = count(("default-graph-uri", f"{graph}edges"))
    both = [("default-graph-uri", f"{graph}{name}") for name in ("references", "edges")]
    assert 0 < other < one < count(*both) <= one + other < count()
    assert count(("named-graph-uri", f"{graph}edges")) == 0
    assert count(("default-graph-uri", "https://example.org/none")) == 0
    for name in ("file:///etc/passwd", "none", "http://a b"):
        assert server.query(YES, ("default-graph-uri", name)).status == 400


def test_a_fault_is_told_with_its_place(server: Server) -> None:
    broken = "SELECT * {\n  ?x a calc:Case ; ; }\n LIMIT x"
    text = server.query(broken, Accept="text/plain")
    assert text.status == 400
    assert text.kind == "text/plain"
    assert text.text.splitlines()[0].startswith("query, line 3, column 8: x cannot stand here")
    assert text.text.splitlines()[-1].rstrip().endswith("^")
    problem = server.query(broken, Accept="application/sparql-results+json, application/json")
    assert (problem.status, problem.kind) == (400, "application/problem+json")
    said = problem.json()
    assert said["where"] == "query, line 3, column 8"
    assert said["excerpt"].splitlines()[0].strip() == "LIMIT x"
    assert "Traceback" not in text.text + problem.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        ("SELECT * { FILTER(true)SERVICE<http://127.0.0.1:9/>{} }", "SERVICE"),
        ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "files are not read"),
        ("SELECT * FROM NAMED <FILE:///etc/passwd> { ?s ?p ?o }", "files are not read"),
        ("LOAD <http://127.0.0.1:9/>", "this is an update"),
        ("", "the query is empty"),
        (" \n", "the query is empty"),
        ("SELECT ?x { ?x nothing:here 1 }", "the prefix 'nothing' is not known"),
        ("\0", "cannot stand here"),
    ],
)
def test_what_is_no_query_of_these_graphs_is_refused(server: Server, query: str, said: str) -> None:
    for accept in ("text/plain", "*/*", "application/json"):
        reply = server.query(query, Accept=accept)
        assert reply.status == 400
        assert said in reply.text


def test_a_long_query_is_sent_in_the_body_and_one_too_long_refused(server: Server) -> None:
    kind = {"Content_Type": "application/sparql-query"}
    long = YES + "#" + "x" * 99_000
    assert server.ask("/sparql", "POST", long.encode(), **kind).status == 200
    reply = server.ask("/sparql", "POST", long.encode() + b"x" * 2000, **kind)
    assert reply.status == 413
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    many = urlencode([("query", YES), *[("a", "b")] * 2000])
    assert server.ask("/sparql", "POST", many.encode(), **form).status == 400
    packed = server.ask("/sparql", "POST", YES.encode(), Content_Encoding="gzip", **kind)
    assert packed.status == 415


# -- graphs --------------------------------------------------------------------------------------


def test_a_graph_is_read_by_its_name_and_by_its_iri(server: Server) -> None:
    iri = "https://w3id.org/calcinosis/graph/edges"
    direct = server.ask("/graph/edges", Accept="application/n-triples")
    indirect = server.ask(f"/graphs?graph={quote(iri)}", Accept="application/n-triples")
    assert direct.status == indirect.status == 200
    assert sorted(direct.body.splitlines()) == sorted(indirect.body.splitlines())
    query = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
    asked = server.query(query, ("format", "nt"))
    assert set(direct.body.splitlines()) == set(asked.body.splitlines())
    turtle = server.ask("/graph/edges")
    assert turtle.kind == "text/turtle"
    assert turtle.text.startswith("@prefix")
    head = server.ask("/graph/edges", "HEAD")
    assert (head.status, head.headers["Content-Length"]) == (200, str(len(turtle.body)))


@pytest.mark.slow
def test_the_default_graph_and_all_of_them(server: Server) -> None:
    default = server.ask("/graphs?default&format=ntriples").body.splitlines()
    everything = server.ask("/graphs")
    assert everything.kind == "application/n-quads"
    quads = list(parse(everything.body, format=RdfFormat.N_QUADS))
    names = {quad.graph_name.value.rpartition("/")[2] for quad in quads}
    assert names == {"ontology", "associations", "references", "mappings", "inferred", "edges"}
    assert len({(q.subject, q.predicate, q.object) for q in quads}) == len(set(default))
    assert server.ask("/graphs", Accept="text/turtle").status == 406
    assert server.ask("/graphs?format=trig").kind == "application/trig"
    assert server.ask("/graph/viewpoint/minars").status == 200
    assert server.ask("/graph/metadata", "HEAD").status == 200


@pytest.mark.parametrize("path", ["/graph/edges", "/graphs?default", "/graph/none"])
def test_graphs_are_only_read(server: Server, path: str) -> None:
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        reply = server.ask(path, method, b"<a:s> <a:p> <a:o> .", Content_Type="text/turtle")
        assert reply.status == 405
        assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert server.ask(path, "OPTIONS").headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/graph/none", 404),
        ("/graphs?graph=https://example.org/none", 404),
        ("/graphs?graph=http://a%20b", 400),
        ("/graphs?graph=file:///etc/passwd", 400),
        ("/graphs?graph=", 400),
        ("/graphs?graph=a&graph=b", 400),
        ("/graphs?graph=graph/edges&default", 400),
        ("/graph/edges?format=csv", 406),
        ("/graph/edges?format=none", 400),
    ],
)
def test_a_graph_that_is_not_there_is_said_so(server: Server, path: str, status: int) -> None:
    reply = server.ask(path)
    assert reply.status == status
    assert len(reply.text.splitlines()) == 1


# -- what it says of itself ----------------------------------------------------------------------

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"


def test_the_service_describes_itself(server: Server) -> None:
    reply = server.ask("/sparql", Accept="text/turtle")
    found = {(q.predicate.value, q.object) for q in parse(reply.body, format=RdfFormat.TURTLE)}
    assert (SD + "endpoint", NamedNode(f"{server.url}/sparql")) in found
    assert (SD + "supportedLanguage", NamedNode(SD + "SPARQL11Query")) in found
    formats = {o.value.rpartition("/")[2] for p, o in found if p == SD + "resultFormat"}
    assert {"SPARQL_Results_JSON", "Turtle", "RDF_XML"} <= formats
    named = {o for p, o in found if p == SD + "name"}
    assert NamedNode("https://w3id.org/calcinosis/graph/ontology") in named
    assert "@prefix sd:" in reply.text
    assert server.ask("/sparql").kind == "text/turtle"
    assert server.ask("/sparql", Accept="application/ld+json").kind == "application/ld+json"


@pytest.mark.parametrize(
    ("said", "scheme"),
    [("https", "https"), ("http", "http"), ("https, http", "http"), ("javascript", "http")],
)
def test_a_proxy_with_tls_says_how_it_was_asked(server: Server, said: str, scheme: str) -> None:
    told: dict[str, Any] = {"Host": "graph.example.org", "X_Forwarded_Proto": said}
    reply = server.ask("/sparql", Accept="application/n-triples", **told)
    assert f"<{scheme}://graph.example.org/sparql>" in reply.text
    assert f"{scheme}://graph.example.org/api/" in server.ask("/api", Accept=BROWSER, **told).text


def test_who_is_no_proxy_of_this_machine_is_not_believed() -> None:
    def told(peer: str) -> str:
        headers = [(b"host", b"graph.example.org"), (b"x-forwarded-proto", b"https")]
        scope = {
            "type": "http",
            "scheme": "http",
            "path": "/",
            "query_string": b"",
            "root_path": "",
        }
        return base(Request({**scope, "headers": headers, "client": (peer, 1)}))

    assert {told(peer) for peer in ("127.0.0.1", "::1")} == {"https://graph.example.org"}
    assert {told(peer) for peer in ("192.0.2.7", "::2", "")} == {"http://graph.example.org"}


def test_people_get_a_page(server: Server) -> None:
    reply = server.ask("/sparql", Accept=BROWSER)
    assert reply.kind == "text/html"
    assert "SPARQL" in reply.text


@pytest.mark.slow
def test_void_counts_what_is_there(server: Server) -> None:
    reply = server.ask("/.well-known/void", Accept="application/n-triples")
    found = list(parse(reply.body, format=RdfFormat.N_TRIPLES))
    (endpoint,) = (q.object for q in found if q.predicate.value == VOID + "sparqlEndpoint")
    assert endpoint == NamedNode(f"{server.url}/sparql")
    (total,) = (
        int(q.object.value)
        for q in found
        if q.predicate.value == VOID + "triples" and str(q.subject).endswith("dataset>")
    )
    reply = server.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    assert int(reply.json()["results"]["bindings"][0]["n"]["value"]) == total


HOSTS = ("evil> . <a:b", "a/b?c", "x" * 300 + "}", "example.org:99")


@pytest.mark.slow
@pytest.mark.parametrize("host", HOSTS)
def test_a_name_of_the_server_is_no_query(server: Server, host: str) -> None:
    reply = server.ask("/sparql", Host=host, Accept="application/n-triples")
    assert reply.status == 200
    (service,) = (
        q.object.value
        for q in parse(reply.body, format=RdfFormat.N_TRIPLES)
        if q.predicate.value == SD + "endpoint"
    )
    assert service in (f"{server.url}/sparql", "http://example.org:99/sparql")


def test_json_is_json_whatever_labels_hold(server: Server) -> None:
    query = r"""SELECT ?x { BIND("<script>alert('\"')</script>\n\u2028" AS ?x) }"""
    reply = server.query(query)
    found = json.loads(reply.body)["results"]["bindings"][0]["x"]["value"]
    assert found == "<script>alert('\"')</script>\n\u2028"
