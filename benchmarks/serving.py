"""The endpoint over HTTP, against a bare handler with the same store, and against rdflib-endpoint.

All ask for what the graph says of one thing, another each time; nothing is kept of an answer. The
servers are asked in turn, so that a slow moment of the machine meets all, and ratios are medians of
pairs. Where the machine has no core to spare, an answer from a process of its own waits twice for
its turn: what the processors worked tells more, and is a row of its own.

``build/rdflib-endpoint`` holds rdflib-endpoint, if it was installed there (make rdflib-endpoint).
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from benchmarks.measure import CALCINOSIS, Row

OTHER = Path(__file__).parent.parent / "build" / "rdflib-endpoint" / "bin" / "rdflib-endpoint"
LEAST = 0.6
LEAST_OTHER = 8.0
MOST_P99 = 5.0
START = 1.5
MOST_GROWTH = 1.1
MANY = 50
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_IRIS = (
    "SELECT DISTINCT ?x { ?x rdfs:label ?label FILTER(isIRI(?x)"
    " && STRSTARTS(STR(?x), 'https://w3id.org/calcinosis/')) }"
)


@dataclass(frozen=True)
class Server:
    """A server that runs, and how long it took to answer first."""

    port: int
    path: str
    process: subprocess.Popen[bytes]
    started: float

    def pids(self) -> list[int]:
        """The process and those that it started."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return [pid, *map(int, children)]

    def memory(self) -> float:
        """MB that all its processes hold."""
        pages = 0
        for pid in self.pids():
            with suppress(OSError):
                pages += int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * _PAGE / 1e6

    def worked(self) -> float:
        """Seconds that processors have worked for all its processes."""
        return sum(map(_worked, self.pids()))


def _worked(pid: int) -> float:
    said = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(said[11]) + int(said[12])) / _TICKS


@contextmanager
def serving(command: Sequence[str], path: str = "/sparql") -> Iterator[Server]:
    """A server on a free port, which ``PORT`` in its command stands for."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = [word.replace("PORT", str(port)) for word in command]
    before = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, path, process)
        yield Server(port, path, process, time.perf_counter() - before)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    address = f"http://127.0.0.1:{port}{path}?query={quote('ASK {}')}"
    for _ in range(6000):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise TimeoutError("the server does not answer")


def load(server: Server, iris: str, connections: int, requests: int, seed: int) -> dict[str, Any]:
    """What a load took, and what all processes of the server worked for one request."""
    words = map(str, (server.port, server.path, connections, requests, seed))
    before = server.worked()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.http_load", *words],
        input=iris, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return {**found, "worked": (server.worked() - before) / requests}


def rows(repetitions: int) -> Iterator[Row]:
    """Throughput, the slowest answers, memory and start."""
    ours = [CALCINOSIS, "serve", "--port", "PORT"]
    bare = [sys.executable, "-m", "benchmarks.bare_server", "PORT"]
    asked = subprocess.run(
        [CALCINOSIS, "sparql", _IRIS, "-f", "csv"], capture_output=True, text=True, check=True
    )
    iris = "\n".join(asked.stdout.split()[1:])
    with serving(ours) as one, serving(bare) as other:
        for server in (one, other):
            load(server, iris, 8, 500, 0)
        yield from _against_bare(one, other, iris, repetitions)
        yield from _against_rdflib(one, iris, repetitions)
        yield _growth(one, iris, 10_000 if repetitions < 10 else 100_000)
    starts = []
    for _ in range(repetitions):
        with serving(ours) as one:
            starts.append(one.started)
    start = statistics.median(starts)
    yield Row("calcinosis serve answers first", f"{start:.2f} s", f"< {START} s", start < START)


def _against_bare(ours: Server, bare: Server, iris: str, repetitions: int) -> Iterator[Row]:
    for connections in (8, MANY):
        pairs = [
            tuple(load(server, iris, connections, 2000, seed) for server in (ours, bare))
            for seed in range(repetitions)
        ]
        rate, slowest, work = (
            statistics.median(one[what] / other[what] for one, other in pairs)
            for what in ("per_second", "p99", "worked")
        )
        both = statistics.median(one["per_second"] for one, _ in pairs)
        what = f"{connections} connections, against a bare handler"
        yield Row(
            f"requests a second, {what}",
            f"{rate:.2f} × ({both:.0f} a second)",
            f"≥ {LEAST} ×",
            rate >= LEAST,
        )
        yield Row(
            f"the same by what processors work for all processes, {what}", f"{1 / work:.2f} ×"
        )
    yield Row(
        f"the slowest hundredth, {what}",
        f"{slowest:.1f} ×",
        f"≤ {MOST_P99:g} ×",
        slowest <= MOST_P99,
    )


def _against_rdflib(ours: Server, iris: str, repetitions: int) -> Iterator[Row]:
    what = "requests a second, against rdflib-endpoint"
    if not OTHER.exists():
        yield Row(what, "not installed: make rdflib-endpoint", f"≥ {LEAST_OTHER:g} ×")
        return
    with TemporaryDirectory() as folder:
        data = Path(folder) / "graph.nt"
        everything = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
        written = [CALCINOSIS, "sparql", everything, "-f", "ntriples", "-o", str(data)]
        subprocess.run(written, check=True)
        command = [str(OTHER), "serve", "--host", "127.0.0.1", "--port", "PORT", str(data)]
        with serving(command, "/") as other:
            ratios = [
                load(ours, iris, 8, 2000, seed)["per_second"]
                / load(other, iris, 8, 200, seed)["per_second"]
                for seed in range(min(repetitions, 5))
            ]
    ratio = statistics.median(ratios)
    yield Row(what, f"{ratio:.1f} ×", f"≥ {LEAST_OTHER:g} ×", ratio >= LEAST_OTHER)


def _growth(server: Server, iris: str, requests: int) -> Row:
    load(server, iris, 8, 2000, 0)
    before = server.memory()
    load(server, iris, 8, requests, 1)
    growth = server.memory() / before
    return Row(
        f"memory of all processes after {requests:,} requests",
        f"{growth:.2f} × ({before:.0f} MB before)",
        f"≤ {MOST_GROWTH} ×",
        growth <= MOST_GROWTH,
    )
