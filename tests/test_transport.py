"""Whatever an endpoint sends, and whenever: in time, one line or the answer."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from proofs.fuzz_endpoints import CORPUS, fault

from calcinosis.errors import CalcinosisError, MissingProgramError
from calcinosis.graph import received, transport
from calcinosis.graph.results import Graph, Table
from tests.endpoints import ASKED, BUILT, PREFIXES, endpoint, refused
from tests.servers import EMPTY, JSON, Raw, reply

TURTLE = "text/turtle"


pytestmark = pytest.mark.usefixtures("no_proxy")


# -- the clock -----------------------------------------------------------------------------


def dripping(first: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    """Begin, then go on without end, always sooner than a socket gives up."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)

    return drip


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"H"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", b"x"),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 100\r\n\r\n", b"x"),
        (b"HTTP/1.1 503 Busy\r\n\r\n", b"x"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"x"),
    ],
)
def test_the_clock_runs_over_headers_and_bodies_of_any_status(
    server: Raw, first: bytes, drop: bytes
) -> None:
    began = time.monotonic()
    said = refused(server.answers(dripping(first, drop)), timeout=0.3)
    assert "no whole answer after 0.3 seconds" in said
    assert time.monotonic() - began < 3


def test_the_clock_runs_over_the_look_up_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object, **__: object) -> list[object]:
        time.sleep(1)
        raise OSError("late")

    monkeypatch.setattr("socket.getaddrinfo", slow)
    began = time.monotonic()
    assert "no whole answer after 0.2" in refused("http://slow.example/sparql", timeout=0.2)
    assert time.monotonic() - began < 0.9


def test_the_clock_runs_over_all_redirects_together(server: Raw) -> None:
    def late(connection: socket.socket) -> None:
        time.sleep(0.2)
        connection.sendall(reply(302, b"", JSON, "Location: /sparql"))

    began = time.monotonic()
    assert "no whole answer after 0.5" in refused(server.answers(late), timeout=0.5)
    assert time.monotonic() - began < 3


# -- sizes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_body_is_bounded_whatever_the_status(
    server: Raw, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "LARGEST", 100_000)
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 %d Word\r\nContent-Type: text/turtle\r\n\r\n" % status)
        for _ in range(1000):  # some more than buffers hold
            sent += connection.send(b"luck " * 20_000)

    said = refused(server.answers(endless), BUILT)
    assert ("larger than" in said) == (status == 200)
    assert len(said) < 600
    time.sleep(0.1)
    assert sent < 50_000_000


def test_a_size_that_is_told_is_refused_before_it_comes(server: Raw) -> None:
    head = reply(200, b"", JSON, "Content-Length: 99999999999")
    assert "larger than 256 MiB" in refused(server.answers(head))


@pytest.mark.parametrize(
    "length",
    [
        "-1",
        "1e3",
        "+5",
        "0x10",
        "9" * 5000,
        "\u0665",
        "\u00b2",
        "",
        " ",
        "5, 5",
        "54\r\nContent-Length: 5",
    ],
)
def test_a_content_length_that_is_none_is_refused(server: Raw, length: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: {length}\r\n\r\n"
    said = refused(server.answers(head.encode() + EMPTY))
    assert "Content-Length is no size" in said


def test_the_same_content_length_twice_is_one(server: Raw) -> None:
    twice = f"Content-Length: {len(EMPTY)}"
    url = server.answers(reply(200, EMPTY, JSON, twice, twice))
    assert endpoint(url).answer(ASKED, PREFIXES) == Table(("x",), ())


@pytest.mark.parametrize(
    "headers",
    [
        [f"X-{n}: y" for n in range(200)],
        ["X-A: " + "y" * 70_000],
        [f"X-{n}: " + "y" * 10_000 for n in range(20)],
    ],
)
def test_headers_are_bounded(server: Raw, headers: list[str]) -> None:
    said = refused(server.answers(reply(200, EMPTY, JSON, *headers)))
    assert "header" in said


@pytest.mark.parametrize("packing", ["gzip", "br", "deflate", "gzip, gzip"])
def test_what_is_packed_was_not_asked_for(server: Raw, packing: str) -> None:
    bomb = gzip.compress(b" " * 1_000_000)
    url = server.answers(reply(200, bomb, JSON, f"Content-Encoding: {packing}"))
    assert "packed" in refused(url)
    assert b"accept-encoding: identity" in server.asked[0].lower()


# -- answers that are traps ----------------------------------------------------------------


def nested_json(depth: int) -> bytes:
    uri = '{"type":"uri","value":"a:a"}'
    begin = f'{{"type":"triple","value":{{"subject":{uri},"predicate":{uri},"object":'
    row = f'{{"x":{begin * depth}{uri}{"}}" * depth}}}'
    return f'{{"head":{{"vars":["x"]}},"results":{{"bindings":[{row}]}}}}'.encode()


def nested_turtle(depth: int) -> bytes:
    return b"<a:a> <a:b> " + b"<<( <a:a> <a:b> " * depth + b"<a:c>" + b" )>>" * depth + b" ."


def nested_xml(depth: int) -> bytes:
    uri = "<uri>a:a</uri>"
    begin = f"<triple><subject>{uri}</subject><predicate>{uri}</predicate><object>"
    return (
        '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head>'
        f'<results><result><binding name="x">{begin * depth}{uri}{"</object></triple>" * depth}'
        "</binding></result></results></sparql>"
    ).encode()


@pytest.mark.parametrize(
    ("query", "kind", "body"),
    [
        (ASKED, JSON, nested_json),
        (ASKED, JSON, lambda n: nested_json(n).replace(b'"triple"', b'"\\u0074riple"')),
        (ASKED, "application/sparql-results+xml", nested_xml),
        (BUILT, TURTLE, nested_turtle),
        (BUILT, "application/n-triples", nested_turtle),
    ],
)
def test_triples_within_triples_stop_nothing(
    server: Raw, query: str, kind: str, body: Callable[[int], bytes]
) -> None:
    said = refused(server.answers(reply(200, body(50_000), kind)), query)
    assert "triples within triples" in said
    few = endpoint(server.answers(reply(200, body(3), kind))).answer(query, PREFIXES)
    assert len(few) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["application/sparql-results+xml", "application/xml"])
def test_entities_of_xml_are_refused(server: Raw, kind: str) -> None:
    bomb = b'<!DOCTYPE sparql [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><sparql/>'
    assert "declares entities" in refused(server.answers(reply(200, bomb, kind)))


@pytest.mark.parametrize("kind", ["application/rdf+xml", "application/ld+json", "text/n3"])
def test_a_graph_comes_as_it_was_asked_for(server: Raw, kind: str) -> None:
    assert f"the answer is {kind}" in refused(server.answers(reply(200, b"", kind)), BUILT)


def test_a_long_prefix_does_not_grow_without_bound(
    server: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(received, "LARGEST", 1_000_000)
    names = b" , ".join(b"p:%d" % n for n in range(500))
    bomb = b"@prefix p: <a:" + b"x" * 10_000 + b"> . p:a p:b " + names + b" ."
    assert "larger than" in refused(server.answers(reply(200, bomb, TURTLE)), BUILT)


# -- parts of answers ----------------------------------------------------------------------


def test_a_part_of_an_answer_is_none(server: Raw) -> None:
    assert "a part of an answer (206)" in refused(server.answers(reply(206)))
    for header in ("X-SQL-State: S1TAT", "x-sql-state: ", "X-SPARQL-MaxRows: 10000"):
        said = refused(server.answers(reply(200, EMPTY, JSON, header)))
        assert f"a part of an answer ({header.partition(':')[0]})".casefold() in said.casefold()


@pytest.mark.parametrize("status", [201, 202, 204, 226])
def test_only_a_plain_success_is_an_answer(server: Raw, status: int) -> None:
    assert f"answers {status}" in refused(server.answers(reply(status)))


@pytest.mark.parametrize(
    ("query", "kind", "body"),
    [
        (ASKED, "text/tab-separated-values", b"?x\n<a:a>\n"),
        (BUILT, TURTLE, b"<a:a> <a:b> <a:c> .\n"),
    ],
)
def test_what_may_be_half_says_where_it_ends(
    server: Raw, query: str, kind: str, body: bytes
) -> None:
    head = f"HTTP/1.0 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode()
    assert "nothing tells where its answer ends" in refused(server.answers(head + body), query)
    told = server.answers(reply(200, body, kind))
    assert len(endpoint(told).answer(query, PREFIXES)) == 1  # type: ignore[arg-type]
    parts = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    chunked = server.answers(reply(200, parts, kind, "Transfer-Encoding: chunked"))
    assert len(endpoint(chunked).answer(query, PREFIXES)) == 1  # type: ignore[arg-type]


# -- pauses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("9" * 400, "asks to wait longer than a day"),
        ("1" + "0" * 400, "asks to wait longer than a day"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "asks to wait longer than a day"),
        ("61", "asks to wait 61 seconds"),
        ("-5", "after 3 retries"),
        ("1.5", "after 3 retries"),
        ("\u0665", "after 3 retries"),
        ("\u00b2", "after 3 retries"),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", "after 3 retries"),
        ("Wed, 21 Oct 2015 07:28:00 +99999999999999999999", "after 3 retries"),
        ("Wed, 99 Oct 2015 99:28:00 GMT", "after 3 retries"),
        (",", "after 3 retries"),
        ("nan", "after 3 retries"),
    ],
)
def test_any_pause_that_is_asked_for_is_understood_or_passed_over(
    server: Raw, wanted: str, words: str
) -> None:
    url = server.answers(reply(503, b"", "text/plain", f"Retry-After: {wanted}"))
    assert words in refused(url)


# -- redirects -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_short_query_is_followed(server: Raw, status: int) -> None:
    url = server.answers(reply(status, b"", JSON, "Location: /there?query=x#part"), reply())
    assert endpoint(url).answer(ASKED, PREFIXES) == Table(("x",), ())
    assert server.asked[1].startswith(b"GET /there?query=x HTTP/1.1\r\n")


@pytest.mark.parametrize("status", [307, 308])
def test_a_posted_query_is_posted_again(server: Raw, status: int) -> None:
    url = server.answers(reply(status, b"", JSON, f"Location: {server.url}/there"), reply())
    assert endpoint(url).answer(ASKED + " " * 2000, PREFIXES) == Table(("x",), ())
    first, second = server.asked
    assert second.startswith(b"POST /there HTTP/1.1\r\n")
    assert first.partition(b"\r\n\r\n")[2] == second.partition(b"\r\n\r\n")[2] != b""
    assert b"x-www-form-urlencoded" in second


def test_a_posted_query_is_not_lost_on_the_way(server: Raw) -> None:
    for status in (301, 302):
        url = server.answers(reply(status, b"", JSON, "Location: /there"), reply())
        said = refused(url, ASKED + " " * 2000)
        assert f"it has moved ({status}) to {server.url}/there. Give that address" in said
    url = server.answers(reply(303, b"", JSON, "Location: /there"), reply())
    assert endpoint(url).answer(ASKED + " " * 2000, PREFIXES) == Table(("x",), ())
    assert server.asked[1].startswith(b"GET /there HTTP/1.1\r\n")
    assert b"Content-" not in server.asked[1]


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("file:///etc/passwd", "no web address"),
        ("ftp://127.0.0.1/x", "no web address"),
        ("data:application/sparql-results+json,{}", "no web address"),
        ("gopher://127.0.0.1/", "no web address"),
        ("http://alice:s3cret@127.0.0.1/", "user name or password"),
        ("http://[::1/", "redirects to what"),
        ("http://127.0.0.1:99999/", "no host and port"),
        ("/" + "x" * 3000, "longer than"),
        ("/sparql", "lead to no answer"),
    ],
)
def test_each_redirect_is_checked(server: Raw, location: str, words: str) -> None:
    said = refused(server.answers(reply(302, b"", JSON, f"Location: {location}")))
    assert words in said
    assert "s3cret" not in said
    assert len(server.asked) == (6 if location == "/sparql" else 1)


def test_no_redirect_leaves_https() -> None:
    import urllib.request

    request = urllib.request.Request("https://example.org/sparql")
    with pytest.raises(transport.AnswerError, match="from https to http"):
        transport._onward(request, 302, "http://example.org/sparql")
    onward = transport._onward(request, 302, "/\u00c3\u00a4?x")
    assert onward.full_url == "https://example.org/%C3%A4?x"


# -- proxies -------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_asked(server: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answers(reply())
    monkeypatch.setenv("http_proxy", server.url)
    assert endpoint("http://far.example/sparql").answer(ASKED, PREFIXES) == Table(("x",), ())
    assert server.asked[0].startswith(b"GET http://far.example/sparql?query=")
    monkeypatch.setenv("NO_PROXY", "*")
    assert "s3cret" not in refused("http://127.0.0.1:1/sparql")


@pytest.mark.parametrize(
    "proxy", ["ftp://u:s3cret@127.0.0.1", "socks5://127.0.0.1:1", "/u:s3cret@", "http://"]
)
def test_a_proxy_that_is_none_is_one_line(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(MissingProgramError) as caught:
        endpoint("http://far.example/sparql").answer(ASKED, PREFIXES)
    assert "http_proxy of the environment is no address" in str(caught.value)
    assert "s3cret" not in str(caught.value)


# -- other faults --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00" * 100,
        b"\x1b[2J\x1b]0;x\x07",
        b"HTTP/1.1 999999999999999999999 X\r\n\r\n",
        b"HTTP/1.1 -1 X\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        b"HTTP/1.1 404 \x1b[2J\r\n\r\n\x1b[2J",
        b"HTTP/1.1 200 OK\r\nContent-Type: \x1b[2J;;=\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 5000 + b"\r\nabc",
    ],
)
def test_whatever_comes_is_one_line(server: Raw, answer: bytes) -> None:
    assert refused(server.answers(answer))


def test_the_answer_of_a_sound_service_is_taken(server: Raw) -> None:
    row = b'{"x":{"type":"literal","value":"\\u0041"}}'
    rows = b'{"head":{"vars":["x"]},"results":{"bindings":[%s]}}' % row
    found = endpoint(server.answers(reply(200, rows))).answer(ASKED, PREFIXES)
    assert isinstance(found, Table)
    assert len(found) == 1
    graph = endpoint(server.answers(reply(200, b"<a:a> <a:b> 1 .", TURTLE))).answer(BUILT, PREFIXES)
    assert isinstance(graph, Graph)


def test_every_error_is_the_callers(server: Raw) -> None:
    with pytest.raises(CalcinosisError):
        endpoint(server.answers(reply(400, b"\xff" * 100_000, "text/plain"))).answer(
            ASKED, PREFIXES
        )


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.http")), ids=lambda path: path.stem)
def test_what_was_found_once_is_one_line(server: Raw, path: Path) -> None:
    assert not fault(server, path.read_bytes(), 5.0)
