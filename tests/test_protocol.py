"""What the W3C's tests of the SPARQL 1.1 Protocol ask of queries, in words of our own.

Twenty requests of that manifest are about queries, one test each here, named as there; the others
are updates, which this endpoint refuses. Its data are three documents, each a graph of its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from pyoxigraph import QueryResultsFormat, parse_query_results

import calcinosis
from calcinosis.web.app import application
from tests import endpoint_worker
from tests.serving import Reply, Server, running

DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
FIRST, SECOND, THIRD = (DATA.format(number) for number in (1, 2, 3))
NOWHERE = DATA.format(0)
A_DOCUMENT = "a <http://xmlns.com/foaf/0.1/Document>"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content_Type": "application/sparql-query"}
TABLES = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
}
GRAPHS = ("text/turtle", "application/rdf+xml", "application/n-triples")


@pytest.fixture(scope="module")
def server(
    kg: calcinosis.KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    path = tmp_path_factory.mktemp("protocol") / "data.nq"
    lines = (f"<{iri}> {_full(A_DOCUMENT)} <{iri}> ." for iri in (FIRST, SECOND, THIRD))
    path.write_text("\n".join(lines), encoding="utf-8")
    with running(application(kg, worker=endpoint_worker.command(path))) as found:
        yield found


def _full(said: str) -> str:
    return said.replace("a ", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ", 1)


def get(server: Server, *pairs: tuple[str, str]) -> Reply:
    return server.ask(f"/sparql?{urlencode(pairs)}")


def post(server: Server, body: str, *pairs: tuple[str, str], kind: dict[str, str]) -> Reply:
    path = f"/sparql?{urlencode(pairs)}" if pairs else "/sparql"
    return server.ask(path, "POST", body.encode(), **kind)


def is_true(reply: Reply) -> bool:
    """Whether it is the answer yes, as XML or JSON; it must be one."""
    assert 200 <= reply.status < 400, reply.text
    found = parse_query_results(reply.body, format=TABLES[reply.kind])
    return bool(found)


def is_refused(reply: Reply) -> bool:
    assert reply.body.strip()
    assert b"Traceback" not in reply.body
    return 400 <= reply.status < 500


DEFAULTS = [("default-graph-uri", FIRST), ("default-graph-uri", SECOND)]
NAMED = [("named-graph-uri", FIRST), ("named-graph-uri", SECOND)]
BOTH = f"<{FIRST}> a ?type . <{SECOND}> a ?type ."
EACH = f"GRAPH ?one {{ <{FIRST}> a ?type }} GRAPH ?other {{ <{SECOND}> a ?type }}"


def test_query_get(server: Server) -> None:
    assert is_true(get(server, ("query", "ASK {}"), ("default-graph-uri", NOWHERE)))


def test_query_post_form(server: Server) -> None:
    body = urlencode({"query": "ASK {}"})
    assert is_true(post(server, body, ("default-graph-uri", NOWHERE), kind=FORM))


def test_query_post_direct(server: Server) -> None:
    assert is_true(post(server, "ASK {}", ("default-graph-uri", NOWHERE), kind=DIRECT))


def test_query_dataset_default_graphs_get(server: Server) -> None:
    assert is_true(get(server, ("query", f"ASK {{ {BOTH} }}"), *DEFAULTS))
    assert not is_true(get(server, ("query", f"ASK {{ <{THIRD}> a ?type }}"), *DEFAULTS))
    assert not is_true(get(server, ("query", f"ASK {{ {EACH} }}"), *DEFAULTS))


def test_query_dataset_default_graphs_post(server: Server) -> None:
    assert is_true(post(server, f"ASK {{ {BOTH} }}", *DEFAULTS, kind=DIRECT))
    body = urlencode([("query", f"ASK {{ {BOTH} }}"), *DEFAULTS])
    assert is_true(post(server, body, kind=FORM))


def test_query_dataset_named_graphs_post(server: Server) -> None:
    assert is_true(post(server, f"ASK {{ {EACH} }}", *NAMED, kind=DIRECT))


def test_query_dataset_named_graphs_get(server: Server) -> None:
    assert is_true(get(server, ("query", f"ASK {{ {EACH} }}"), *NAMED))
    assert not is_true(get(server, ("query", f"ASK {{ {BOTH} }}"), *NAMED))
    third = f"ASK {{ GRAPH ?graph {{ <{THIRD}> a ?type }} }}"
    assert not is_true(get(server, ("query", third), *NAMED))


def test_query_dataset_full(server: Server) -> None:
    query = f"ASK {{ <{THIRD}> a ?type . {EACH} }}"
    assert is_true(post(server, query, ("default-graph-uri", THIRD), *NAMED, kind=DIRECT))


def test_query_multiple_dataset(server: Server) -> None:
    """What the request says stands, not what the query says."""
    query = f"ASK FROM <{THIRD}> {{ {EACH} }}"
    assert is_true(post(server, query, *NAMED, kind=DIRECT))
    other = f"ASK FROM <{THIRD}> {{ <{THIRD}> a ?type }}"
    assert not is_true(post(server, other, *NAMED, kind=DIRECT))
    assert is_true(post(server, other, kind=DIRECT))


def test_query_content_type_select(server: Server) -> None:
    reply = post(server, "SELECT (1 AS ?value) {}", kind=DIRECT)
    assert (reply.status, reply.kind) == (200, "application/sparql-results+json")
    assert reply.json()["results"]["bindings"][0]["value"]["value"] == "1"


def test_query_content_type_ask(server: Server) -> None:
    assert is_true(post(server, "ASK {}", ("default-graph-uri", NOWHERE), kind=DIRECT))


@pytest.mark.parametrize("query", ["DESCRIBE <http://example.org/>"])
def test_query_content_type_describe(server: Server, query: str) -> None:
    reply = post(server, query, kind=DIRECT)
    assert reply.status == 200
    assert reply.kind in GRAPHS


def test_query_content_type_construct(server: Server) -> None:
    reply = post(server, "CONSTRUCT { <s> <p> 1 } WHERE {}", kind=DIRECT)
    assert reply.status == 200
    assert reply.kind in GRAPHS
    assert b"1" in reply.body


def test_bad_query_method(server: Server) -> None:
    reply = server.ask("/sparql?query=ASK%20%7B%7D", "PUT", b"", **FORM)
    assert is_refused(reply)
    assert reply.status == 405
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_bad_multiple_queries(server: Server) -> None:
    reply = get(server, ("query", "ASK {}"), ("query", "SELECT * {}"))
    assert is_refused(reply)
    assert reply.status == 400


def test_bad_query_wrong_media_type(server: Server) -> None:
    reply = post(server, "ASK {}", kind={"Content_Type": "text/plain"})
    assert is_refused(reply)
    assert reply.status == 415


def test_bad_query_missing_form_type(server: Server) -> None:
    assert is_refused(post(server, "query=ASK%20%7B%7D", kind={}))


def test_bad_query_missing_direct_type(server: Server) -> None:
    assert is_refused(post(server, "ASK {}", kind={}))


def test_bad_query_non_utf8(server: Server) -> None:
    kind = {"Content_Type": "application/sparql-query; charset=UTF-16"}
    assert is_refused(server.ask("/sparql", "POST", "ASK {}".encode("utf-16"), **kind))
    assert is_refused(server.ask("/sparql", "POST", "ASK {}".encode("utf-16"), **DIRECT))
    assert is_refused(server.ask("/sparql?query=ASK%7B%22%ff%22%7D"))


def test_bad_query_syntax(server: Server) -> None:
    reply = get(server, ("query", "ASK {"))
    assert is_refused(reply)
    assert reply.status == 400
    assert "line 1" in reply.text


# -- updates, of which none is done --------------------------------------------------------------

UPDATES = (
    "CLEAR ALL",
    "DROP ALL ; INSERT DATA { <a:s> <a:p> <a:o> }",
    f"INSERT DATA {{ GRAPH <{FIRST}> {{ <{FIRST}> a <a:b> }} }}",
    f"DELETE WHERE {{ GRAPH <{FIRST}> {{ ?s ?p ?o }} }}",
    f"LOAD <{FIRST}>",
)


@pytest.mark.parametrize("update", UPDATES)
def test_an_update_is_refused_however_it_comes(server: Server, update: str) -> None:
    form = urlencode({"update": update})
    direct = {"Content_Type": "application/sparql-update"}
    for reply in (
        get(server, ("update", update)),
        get(server, ("query", update)),
        post(server, form, kind=FORM),
        post(server, urlencode({"query": update}), kind=FORM),
        post(server, update, kind=direct),
        post(server, update, kind=DIRECT),
        server.ask(f"/sparql?using-graph-uri={quote(FIRST)}", "POST", update.encode(), **direct),
    ):
        assert is_refused(reply)
    assert is_true(get(server, ("query", f"ASK {{ {BOTH} }}")))
