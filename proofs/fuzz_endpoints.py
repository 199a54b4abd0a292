"""Mutated answers of a service: each ends in an answer or one line, within its time.

A listener sends whatever the seed makes of some whole answers: bytes changed, cut, repeated,
headers of strange values, pauses. It fails where asking raises anything but the two errors that
are for the caller, says more than a line, or takes longer than it was given.

    python -m proofs.fuzz_endpoints --inputs 10000 --seed 1
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.servers import EMPTY, JSON, Raw, raw, reply

from calcinosis.errors import MissingProgramError, UsageError
from calcinosis.graph.remote import Endpoint

CORPUS = Path(__file__).parent.parent / "tests" / "data" / "corpus" / "endpoints"
TIMEOUT = 2.0
SLACK = 2.0
"""Seconds beyond its time that a busy machine may take to say so."""

_TABLE = b'{"head":{"vars":["x","y"]},"results":{"bindings":[{"x":{"type":"uri","value":"a:a"}},'
_ROWS = _TABLE + b'{"y":{"type":"literal","value":"\\u00e9","xml:lang":"fr"}},{}]}}'
_XML = (
    b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
    b'<variable name="x"/></head><results><result><binding name="x"><literal datatype="a:b">1'
    b"</literal></binding></result></results></sparql>"
)
_TURTLE = b'@prefix a: <a:> . a:a a:b "x"@en , 1.5 , [ a:c ( 1 2 ) ] .'
_CHUNKED = "Transfer-Encoding: chunked"
WHOLE: tuple[bytes, ...] = (
    reply(200, EMPTY),
    reply(200, _ROWS),
    reply(200, b"%x\r\n%s\r\n0\r\n\r\n" % (len(_ROWS), _ROWS), JSON, _CHUNKED),
    reply(200, _XML, "application/sparql-results+xml"),
    reply(200, b"?x\n<a:a>\n1\n", "text/tab-separated-values"),
    reply(200, _TURTLE, "text/turtle; charset=utf-8"),
    reply(200, b'{"head":{},"boolean":true}'),
    reply(302, b"", JSON, "Location: /sparql?query=x"),
    reply(400, b"line 1: unexpected }", "text/plain"),
    reply(503, b"<html><p>later</html>", "text/html", "Retry-After: 1"),
    reply(206, EMPTY, JSON, "Content-Range: bytes 0-1/2"),
)
_STRANGE: tuple[bytes, ...] = (
    *(b"-1", b"0", b"9" * 400, b"1e400", b"nan", b"\xb2", b"\xd9\xa5", b"\x00", b"\x1b[2J", b""),
    *(b"\r\n", b"\r\n\r\n", b"\n", b" ", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"%00", b"<<("),
    *(b"Wed, 21 Oct 99999 07:28:00 GMT", b"gzip", b"chunked", b"file:///etc/passwd", b"//[::1"),
    *(b'"triple"', b"\\ud800", b"<!DOCTYPE a>", b"@base <", b"[" * 500, b"{" * 500, b"(" * 500),
)
_HEADERS = (
    *(b"Content-Length", b"Content-Type", b"Transfer-Encoding", b"Content-Encoding", b"Location"),
    *(b"Retry-After", b"X-SQL-State", b"Connection", b"Set-Cookie", b"Content-Range"),
)


def mutated(rng: random.Random) -> bytes:
    """One of the whole answers with one to four changes."""
    answer = rng.choice(WHOLE)
    for _ in range(rng.randint(1, 4)):
        answer = rng.choice(_CHANGES)(answer, rng)
    return answer


def _place(answer: bytes, rng: random.Random) -> int:
    return rng.randint(0, len(answer))


def _cut(answer: bytes, rng: random.Random) -> bytes:
    return answer[: _place(answer, rng)]


def _flip(answer: bytes, rng: random.Random) -> bytes:
    at = _place(answer, rng)
    return answer[:at] + bytes([rng.randrange(256)]) + answer[at + 1 :]


def _put(answer: bytes, rng: random.Random) -> bytes:
    at = _place(answer, rng)
    return answer[:at] + rng.choice(_STRANGE) + answer[at:]


def _drop(answer: bytes, rng: random.Random) -> bytes:
    at = _place(answer, rng)
    return answer[:at] + answer[at + rng.randint(1, 30) :]


def _repeat(answer: bytes, rng: random.Random) -> bytes:
    at = _place(answer, rng)
    return answer[:at] + answer[at : at + rng.randint(1, 60)] * rng.choice((2, 3, 50)) + answer[at:]


def _header(answer: bytes, rng: random.Random) -> bytes:
    line = rng.choice(_HEADERS) + b": " + rng.choice(_STRANGE) + b"\r\n"
    head, end, rest = answer.partition(b"\r\n")
    return head + end + line * rng.choice((1, 1, 1, 2, 200)) + rest


def _value(answer: bytes, rng: random.Random) -> bytes:
    head, end, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    at = rng.randrange(len(lines))
    lines[at] = lines[at].partition(b": ")[0] + b": " + rng.choice(_STRANGE)
    return b"\r\n".join(lines) + end + body


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_cut, _flip, _put, _drop, _repeat, _header, _value),
)


def late(answer: bytes, at: int) -> Callable[[socket.socket], None]:
    """An answer that stops for longer than there is, somewhere in it."""

    def send(connection: socket.socket) -> None:
        connection.sendall(answer[:at])
        time.sleep(0.3)
        connection.sendall(answer[at:])

    return send


def fault(server: Raw, answer: bytes | Callable[[socket.socket], None], timeout: float) -> str:
    """What is wrong with how an answer is taken; empty where nothing is."""
    url = server.answers(answer)
    began = time.monotonic()
    for query in ("SELECT ?x { ?x a ?y }", "CONSTRUCT { ?x a ?y } { ?x a ?y }"):
        try:
            endpoint = Endpoint(url, timeout=timeout, sleep=lambda _: None, jitter=lambda: 0.5)
            endpoint.answer(query, {})
        except (MissingProgramError, UsageError) as error:
            if not str(error).isprintable():
                return f"it says {str(error)!r}"
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is the finding)
            return f"it raises {error!r}"
    took = time.monotonic() - began
    return f"it takes {took:.1f} s" if took > 2 * 4 * (timeout + SLACK) else ""


def tried(server: Raw, inputs: int, seed: int) -> Iterable[tuple[int, str, bytes]]:
    """Each input by its number, with its fault and itself."""
    for number in range(inputs):
        rng = random.Random(f"{seed}:{number}")
        answer = mutated(rng)
        if rng.random() < 0.002:
            yield number, fault(server, late(answer, _place(answer, rng)), 0.1), answer
        else:
            yield number, fault(server, answer, TIMEOUT), answer


def main(words: list[str] | None = None) -> int:
    """1 if an input has found a fault; it is kept in the corpus, and a test runs that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after that")
    given = parser.parse_args(words)
    os.environ["NO_PROXY"] = "127.0.0.1"
    began = time.monotonic()
    found: Counter[str] = Counter()
    count = 0
    with raw() as server:
        for number, wrong, answer in tried(server, given.inputs, given.seed):
            count = number + 1
            if wrong:
                found[wrong] += 1
                print(f"input {number} of seed {given.seed}: {wrong}", flush=True)
                if found[wrong] == 1:
                    CORPUS.mkdir(parents=True, exist_ok=True)
                    (CORPUS / f"{given.seed}-{number}.http").write_bytes(answer)
            if time.monotonic() - began > given.seconds:
                break
    took = time.monotonic() - began
    print(f"{count:,} answers, {found.total()} faults, {took:.0f} s")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
