"""Answers packed with gzip: which, for whom, and with which tags."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

import calcinosis
from calcinosis.web.app import application
from tests.serving import Reply, Server, running

CASE = json.dumps({"id": "case-1", "calcinosis": "present", "conditions": ["MONDO:0016367"]})


@pytest.fixture(scope="module")
def server(kg: calcinosis.KnowledgeGraph) -> Iterator[Server]:
    with running(application(kg)) as found:
        yield found


def post(server: Server, call: str, **headers: str) -> Reply:
    told = {"Content_Type": "application/json", **headers}
    return server.ask(f"/api/{call}", "POST", CASE.encode(), **told)


@pytest.mark.parametrize(
    "path", ["/api/openapi.json", "/api/query", "/", "/assets/site.css", "/references"]
)
def test_a_long_text_is_packed_for_who_takes_it_so(server: Server, path: str) -> None:
    plain = server.ask(path, Accept_Encoding="gzip;q=0, *")
    packed = server.ask(path, Accept_Encoding="br, gzip;q=0.5")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) == int(packed.headers["Content-Length"]) < len(plain.body) / 2
    for reply in (plain, packed):
        assert "accept-encoding" in reply.headers["Vary"].casefold()
        assert reply.headers.get("ETag", 'W/"').startswith('W/"')


def test_a_packed_page_that_is_known_is_not_sent_again(server: Server) -> None:
    first = server.ask("/", Accept_Encoding="gzip")
    again = server.ask("/", If_None_Match=first.headers["ETag"] or "", Accept_Encoding="gzip")
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Vary"] == first.headers["Vary"]


def test_what_is_short_or_vouched_for_goes_as_it_is(server: Server) -> None:
    short = server.ask("/api/complete?q=zzz", Accept_Encoding="gzip")
    assert "Content-Encoding" not in short.headers
    assert "Accept-Encoding" in short.headers["Vary"]
    case = post(server, "classify?format=xlsx")
    assert case.status == 200
    whole = "SELECT * { ?s ?p ?o } LIMIT 300"
    answer = server.query(whole, Accept_Encoding="gzip")  # packed by the process that answers
    assert answer.headers["ETag"].startswith('"')
    assert gzip.decompress(answer.body) == server.query(whole).body
    assert answer.headers["ETag"] != server.query(whole).headers["ETag"]


def test_verdicts_are_packed_too(server: Server) -> None:
    plain = post(server, "explain")
    packed = post(server, "explain", Accept_Encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["Cache-Control"] == "no-store"
