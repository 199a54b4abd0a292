"""Queries under limits of time and memory, each answered by a process of its own.

The process (``calcinosis.graph.worker``) stays for the next query of the same ontology; one that
meets a limit is ended, and the next query starts another. It ends with this interpreter.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Final

from pyoxigraph import QueryResultsFormat, RdfFormat, Triple, parse, parse_query_results

from calcinosis import errors
from calcinosis.errors import MissingProgramError, UsageError
from calcinosis.graph import mapped
from calcinosis.graph.locate import Modules
from calcinosis.graph.query import collected
from calcinosis.graph.results import Answer, Graph, Row, Table
from calcinosis.graph.sent import TABLE
from calcinosis.graph.syntax import column_order
from calcinosis.graph.worker import BOOLEAN, ERROR, TOO_MUCH

SECONDS: Final = 30.0
MEGABYTES: Final = 1024
DAY: Final = 86_400.0
"""The most seconds that anything is waited for."""
_MOST: Final = 1 << 20
_KEPT: Final = 2  # processes that wait for another query
_PATIENCE: Final = 5.0
_CODE: Final = "from calcinosis.graph.worker import main; main()"
_SMALLER: Final = "Ask for less: by more specific patterns, by LIMIT, or in smaller steps"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take: seconds, and megabytes beside the graphs; None is the default.

    UsageError for what is no such number.
    """

    seconds: float | None = None
    megabytes: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is not None and not 0 < self.seconds <= DAY:
            raise UsageError(
                f"{self.seconds:g} is no time to wait",
                "--timeout",
                f"Give seconds, more than 0 and at most {DAY:g}",
            )
        if self.megabytes is not None and not 1 <= self.megabytes <= _MOST:
            raise UsageError(
                f"{self.megabytes} is no size of memory",
                "--memory",
                f"Give whole megabytes, from 1 to {_MOST}",
            )


def answer(modules: Modules, query: str, limits: Limits) -> Answer:
    """The answer to a query over the graphs of an ontology.

    UsageError for a malformed query, for one with SERVICE, and for one that meets a limit.
    OntologyError for modules that cannot be loaded.
    """
    head, body = _asked(modules, {"query": query}, limits)
    return read(head, body, query)


def read(head: Mapping[str, Any], body: bytes, query: str) -> Answer:
    """What a process answered to a query, as a value."""
    if head["kind"] == BOOLEAN:
        return bool(head["value"])
    if head["kind"] == TABLE:
        return collected(parse_query_results(body, format=QueryResultsFormat.JSON), query)
    quads = parse(body, format=RdfFormat.N_TRIPLES)
    triples = {Triple(quad.subject, quad.predicate, quad.object) for quad in quads}
    return Graph(tuple(sorted(triples, key=str)))


def beginning(head: Mapping[str, Any], body: bytes, query: str, most: int) -> tuple[Answer, int]:
    """The first rows or triples of what a process answered, and how many there are.

    Of a long answer no more is kept than that.
    """
    if head["kind"] == BOOLEAN:
        return bool(head["value"]), 1
    if head["kind"] == TABLE:
        found: Any = parse_query_results(body, format=QueryResultsFormat.JSON)
        columns = column_order(query, [variable.value for variable in found.variables])
        rows = (Row(tuple(columns), tuple(row[name] for name in columns)) for row in found)
        first = tuple(islice(rows, most))
        return Table(tuple(columns), first), len(first) + sum(1 for _ in rows)
    triples = dict.fromkeys(
        Triple(quad.subject, quad.predicate, quad.object)
        for quad in parse(body, format=RdfFormat.N_TRIPLES)
    )
    return Graph(tuple(sorted(islice(triples, most), key=str))), len(triples)


def check(head: Mapping[str, Any], megabytes: int) -> None:
    """Raise what a process said in the place of an answer: LimitError, or an error of ours."""
    if head["kind"] == TOO_MUCH:
        raise _too_much(megabytes)
    if head["kind"] == ERROR:
        error: errors.CalcinosisError = getattr(errors, head["error"])(*head["said"])
        raise error


def _asked(
    modules: Modules, request: dict[str, Any], limits: Limits
) -> tuple[dict[str, Any], bytes]:
    """What a process answers; another, where the query before in this one met a limit."""
    while True:
        with suppress(_EndedError):
            return _WORKERS.of(modules).ask(request, limits)


def place(query: str, prefixes: Mapping[str, str]) -> UsageError | None:
    """The error for a query that is broken by itself, or None; see ``fault.place``."""
    worker = Worker()
    try:
        worker.ask({"query": query, "prefixes": dict(prefixes)}, Limits(_PATIENCE))
    except LimitError:
        return None
    except UsageError as error:
        return error
    finally:
        worker.close()
    return None


def command(*arguments: str) -> list[str]:
    """The command line of a process that answers queries; see ``calcinosis.graph.worker``."""
    return [sys.executable, "-P", "-c", _CODE, *arguments]


def arguments_of(modules: Modules) -> list[str]:
    """What says to such a process which modules it is about."""
    laid = (word for path, sum_ in modules.overlays for word in (path.absolute(), sum_))
    return [str(modules.folder.absolute()), modules.viewpoint, *map(str, laid)]


class LimitError(UsageError):
    """A query takes more than it may."""


class _EndedError(Exception):
    """The process was ended while this query waited for it."""


class Worker:
    """One process that answers queries, one at a time."""

    def __init__(self, *arguments: str) -> None:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        try:
            self._process = subprocess.Popen(  # noqa: S603 (this Python, and our own code)
                command(*arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C is for this process, which then ends the other
            )
        except OSError as error:
            raise self._failed(str(error)) from error
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._is_ready = self._is_late = self._is_ended = False

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return not self._is_late and self._process.poll() is None

    def ask(self, request: dict[str, Any], limits: Limits) -> tuple[dict[str, Any], bytes]:
        """What kind of answer it is, and its text.

        LimitError where the query meets a limit, and the error of ours that the process has met.
        """
        seconds, memory = limits.seconds or SECONDS, limits.megabytes or MEGABYTES
        line = _line({**request, "memory": memory})
        try:
            with self._lock:
                if self._is_ended:
                    raise _EndedError
                head, body = self._asked(line, seconds, memory)
        except BaseException:  # Ctrl-C too: nothing stays half read
            self.end()
            raise
        check(head, memory)
        return head, body

    def _asked(self, line: bytes, seconds: float, memory: int) -> tuple[dict[str, Any], bytes]:
        if not self._is_ready:  # loading is not the query's time
            self._is_ready = bool(self._read())
        timer = threading.Timer(seconds, self._stop)
        timer.daemon = True
        timer.start()
        try:
            with suppress(OSError):  # where nobody reads there is nothing to read
                _pipe(self._process.stdin).write(line)
                _pipe(self._process.stdin).flush()
            head = self._read()
            body = _pipe(self._process.stdout).read(head["size"])
            if len(body) < head["size"]:
                raise EOFError
            return head, body
        except EOFError as error:
            raise self._death(seconds, memory) from error
        finally:
            timer.cancel()

    def _read(self) -> dict[str, Any]:
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise EOFError
        head: dict[str, Any] = json.loads(line)
        return head

    def _stop(self) -> None:
        self._is_late = True
        self._process.kill()

    def _death(self, seconds: float, memory: int) -> errors.CalcinosisError:
        """Why the process ended before it answered."""
        code = self._process.wait()
        if self._is_late:
            return LimitError(
                f"the query is not answered after {seconds:g} seconds",
                "query",
                f"{_SMALLER}, or give it longer with --timeout",
            )
        if code == -signal.SIGABRT:  # how Oxigraph ends where it gets no memory
            return _too_much(memory)
        if code in (-signal.SIGSEGV, -getattr(signal, "SIGBUS", 0)):
            return LimitError("the query is nested too deep", "query", "Ask in smaller steps")
        return self._failed(f"it ended with {code}")

    def _failed(self, why: str) -> MissingProgramError:
        return MissingProgramError(
            f"the process that answers queries does not work ({why})",
            sys.executable or "python",
            "Ask again; if it stays so, install the package again",
        )

    def close(self) -> None:
        """End the process once it has answered; at once if it is busy for another thread."""
        if self._lock.acquire(blocking=False):
            with suppress(OSError):
                _pipe(self._process.stdin).close()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
            self._lock.release()
        self.end()

    def end(self) -> None:
        """End the process at once."""
        if self._owner != os.getpid():
            return  # it is the parent's
        self._is_ended = True
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                _pipe(pipe).close()


class _Workers:
    """The processes that wait for another query, the one asked last at the end."""

    def __init__(self) -> None:
        self._all: dict[Any, Worker] = {}
        self._lock = threading.Lock()

    def of(self, modules: Modules) -> Worker:
        """A process that has loaded these modules as they are now."""
        key = os.getpid(), modules, _state(modules)
        with self._lock:
            worker = self._all.pop(key, None)
            if worker is None or not worker.is_alive:
                worker = Worker(*arguments_of(modules))
            self._all[key] = worker
            while len(self._all) > _KEPT:
                self._all.pop(next(iter(self._all))).close()
            return worker

    def close(self) -> None:
        """End all of them."""
        while self._all:
            self._all.popitem()[1].close()


_WORKERS: Final = _Workers()
atexit.register(_WORKERS.close)


def _state(modules: Modules) -> tuple[tuple[int, int], ...]:
    """What changes when a file does."""
    laid = (path for path, _ in modules.overlays)
    found = [*modules.files(), *mapped.files(modules.folder), *laid]
    stats = [path.stat() for path in found if path.exists()]
    return tuple((one.st_mtime_ns, one.st_size) for one in stats)


def _line(request: dict[str, Any]) -> bytes:
    try:
        request["query"].encode()
    except UnicodeEncodeError as error:
        at = f"query, character {error.start + 1}"
        raise UsageError(
            "this is no character of Unicode", at, "Write the query in UTF-8"
        ) from error
    return json.dumps(request).encode() + b"\n"


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise TypeError("the process has been started without pipes")
    return stream


def _too_much(memory: int) -> LimitError:
    return LimitError(
        f"the query or its answer takes more than {memory} MB of memory",
        "query",
        f"{_SMALLER}, or give it more with --memory",
    )
