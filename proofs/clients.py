"""Clients of a server, each of which knows what the right answers are."""

from __future__ import annotations

import http.client
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

PATIENCE: Final = 30.0
"""Seconds that a client waits for an answer."""
_LATER: Final = 0.05
_WORK: Final = 0.2  # seconds


@dataclass(frozen=True)
class Answer:
    """What came back: the status, 0 where nothing did, -1 where not all did, and the body."""

    status: int
    body: bytes
    error: str = ""


@dataclass
class Asked:
    """A request and whether an answer is right: by what it says, and the same at each time."""

    kind: str
    path: str
    says: Callable[[bytes], bool]
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    quiet: bytes | None = None
    """The answer of a server with nothing else to do."""

    def fault(self, answer: Answer) -> str:
        """What is wrong with an answer, in words; nothing if it is right."""
        if answer.status != 200:
            return f"{answer.status} {self.path}: {answer.error or answer.body[:200]!r}"
        if not self.says(answer.body):
            return f"wrong: {self.path}: {answer.body[:300]!r}"
        if self.quiet is not None and answer.body != self.quiet:
            return f"not as before: {self.path}: {answer.body[:300]!r}"
        return ""


class Client:
    """One connection, made anew where the server has closed it, or for each request."""

    def __init__(self, port: int, *, is_fresh: bool = False) -> None:
        self._port = port
        self._is_fresh = is_fresh
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, asked: Asked) -> Answer:
        """The whole answer; OSError or HTTPException where there is none."""
        was_there = self._connection is not None
        try:
            return self._ask(asked)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.close()
            if not was_there:
                raise
            return self._ask(asked)  # it had been idle, and any client would ask again
        finally:
            if self._is_fresh:
                self.close()

    def _ask(self, asked: Asked) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            method = "GET" if asked.body is None else "POST"
            self._connection.request(method, asked.path, asked.body, dict(asked.headers))
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.read())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(frozen=True)
class Seen:
    """A request that was made: when it was sent and answered, and what is wrong if anything is."""

    kind: str
    sent: float
    done: float
    status: int
    fault: str


@dataclass
class Clients:
    """Threads that ask without a pause, each the requests that its chance picks."""

    port: int
    asked: Sequence[Asked]
    count: int
    seed: int
    is_fresh: bool = False
    seen: list[Seen] = field(default_factory=list)
    _ends: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin to ask."""
        for number in range(self.count):
            thread = threading.Thread(target=self._work, args=(number,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Ask no more, and wait for the answers that are still to come."""
        self._ends.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)

    def _work(self, number: int) -> None:
        chance = random.Random(f"{self.seed} {number}")
        client = Client(self.port, is_fresh=self.is_fresh)
        while not self._ends.is_set():
            seen = seen_by(client, chance.choice(self.asked))
            self.seen.append(seen)
            if seen.status <= 0:
                self._ends.wait(_LATER)  # there may be no server just now
        client.close()


def seen_by(client: Client, asked: Asked) -> Seen:
    """Ask once."""
    sent = time.monotonic()
    try:
        answer = client.ask(asked)
    except http.client.IncompleteRead as error:
        answer = Answer(-1, error.partial, repr(error))
    except (OSError, http.client.HTTPException) as error:
        answer = Answer(0, b"", repr(error))
    return Seen(asked.kind, sent, time.monotonic(), answer.status, asked.fault(answer))


@contextmanager
def asking(
    port: int, asked: Sequence[Asked], count: int, seed: int, *, is_fresh: bool = False
) -> Iterator[Clients]:
    """Clients at work."""
    clients = Clients(port, asked, count, seed, is_fresh)
    clients.start()
    try:
        yield clients
    finally:
        clients.stop()


def faults(seen: Sequence[Seen]) -> list[str]:
    """What was wrong."""
    return [one.fault for one in seen if one.fault]


def slowness() -> float:
    """How many times longer work takes here just now than on a core of its own."""
    began, spent = time.monotonic(), time.thread_time()
    while time.thread_time() - spent < _WORK:
        pass
    return max(1.0, (time.monotonic() - began) / _WORK)


def slowness_beside(after: float = 0.0) -> float:
    """The same for a process that is started now, so many seconds after its start."""
    code = (
        f"import time; time.sleep({after}); from proofs.clients import slowness as it; print(it())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(said.stdout)
