"""What is no HTTP, sent to a server as users start it: refused, and no word of it in its log."""

from __future__ import annotations

import http.client
import os
import signal
import socket
from urllib.parse import urlencode

import pytest

from tests.started import Served

pytestmark = pytest.mark.slow

CHUNKED = "HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nff\xff\r\n"


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("GET / HTTP/9.9\r\n\r\n", b"HTTP/1.1 4"),
        (f"HEAD / {CHUNKED}", b"HTTP/1.1 400"),
        (f"POST /sparql {CHUNKED}", b"HTTP/1.1 4"),
        ("GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"HTTP/1.1 400"),
        ("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"HTTP/1.1 400"),
    ],
    ids=["version", "chunk without a body", "chunk", "control", "TLS"],
)
def test_no_http_is_refused_and_not_told_of(site: Served, said: str, answered: bytes) -> None:
    before = len(site.said)
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(said.encode("latin-1"))
        heard = b""
        while part := connection.recv(1 << 16):
            heard += part
    assert heard.startswith(answered)
    others = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    others.request("GET", "/")
    assert others.getresponse().status == 200
    others.close()
    assert site.said[before:] == []


def test_one_that_ends_in_the_middle_of_an_answer_is_let_go(site: Served) -> None:
    before = len(site.said)
    query = b"SELECT * { ?s ?p ?o }"
    head = b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\n"
    whole = head + b"Content-Length: %d\r\n\r\n" % len(query) + query
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(whole)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        connection.sendall(b"\x00 no request\r\n\r\n")
    others = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    others.request("GET", "/")
    assert others.getresponse().status == 200
    others.close()
    assert site.said[before:] == []


@pytest.mark.parametrize("times", [1, 2, 3])
def test_processes_that_are_killed_are_not_missed(site: Served, times: int) -> None:
    query = urlencode({"query": "ASK { calc:Calciphylaxis a owl:Class }"})
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    for _ in range(times):
        below = site.children()
        assert below
        for pid in below:
            os.kill(pid, signal.SIGKILL)
        connection.request("GET", f"/sparql?{query}", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        assert (answer.status, b"true" in answer.read()) == (200, True)
    connection.close()
