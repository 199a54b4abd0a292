"""Queries over HTTP, as fast as they are answered: ``python -m benchmarks.http_load``.

Its words are port, path, connections, requests and a seed; the IRIs to ask about come on standard
input.
It prints JSON: requests a second, and milliseconds that the median and the slowest hundredth take.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Sequence
from urllib.parse import quote

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class _Client(asyncio.Protocol):
    """One connection, with one request at a time on its way."""

    def __init__(self) -> None:
        self._said = b""
        self._answer: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> asyncio.Future[None]:
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is not None:
            self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._said += data
        end = self._said.find(_END)
        if end < 0:
            return
        head = self._said[:end].lower()
        if not head.startswith(b"http/1.1 200"):
            raise ValueError(self._said.decode("latin-1"))
        size = int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])
        if len(self._said) >= end + len(_END) + size and self._answer is not None:
            self._said = b""
            self._answer.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def request(path: str, iri: str) -> bytes:
    """A query about an IRI, by GET."""
    query = quote(f"SELECT ?p ?o {{ <{iri}> ?p ?o }}")
    accept = "application/sparql-results+json"
    head = f"GET {path}?query={query} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}"
    return head.encode() + _END


async def load(port: int, connections: int, requests: int, asked: Sequence[bytes]) -> list[float]:
    """The seconds that each of the requests took."""
    took: list[float] = []
    left = iter(range(requests))

    async def one() -> None:
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(_Client, "127.0.0.1", port)
        for number in left:
            before = time.perf_counter()
            await client.ask(asked[number % len(asked)])
            took.append(time.perf_counter() - before)
        client.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return took


def main() -> None:
    """Ask, and print what it took."""
    path = sys.argv[2]
    port, connections, requests, seed = map(int, (sys.argv[1], *sys.argv[3:6]))
    asked = [request(path, iri) for iri in sys.stdin.read().split()]
    random.Random(seed).shuffle(asked)
    before = time.perf_counter()
    took = sorted(asyncio.run(load(port, connections, requests, asked)))
    seconds = time.perf_counter() - before
    found = {
        "per_second": requests / seconds,
        "median": took[len(took) // 2] * 1000,
        "p99": took[len(took) * 99 // 100] * 1000,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
