"""The process in which queries are read and answered; ``calcinosis.graph.limited`` starts it.

So does a server, which says besides in which form it takes the answer (``graph.sent``).

Oxigraph has no clock, no bound of memory, and overflows the stack where a query is nested deep.
So it works here, on a large stack, below a cap of memory, and whoever started the process ends it
when the time is up. Once the graphs are loaded no file and no socket can be opened.

Requests are lines of JSON on standard input; an answer is a line of JSON that says what it is and
how long, then the answer as Oxigraph writes it. The process ends with its standard input.
"""

from __future__ import annotations

import json
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat

from calcinosis.errors import CalcinosisError, UsageError
from calcinosis.graph import fault
from calcinosis.graph.locate import Modules
from calcinosis.graph.query import Engine
from calcinosis.graph.sent import GRAPH, TABLE, Room, sent
from calcinosis.graph.stored import Stored

BOOLEAN, ERROR, TOO_MUCH = "boolean", "error", "too much"
_STACKS: Final = (512, 256, 64)  # MB; the first that this system gives
_PAGES: Final = Path("/proc/self/statm")
_SHARE: Final = 8  # read as Python values, an answer takes about so many times its text
_ROW: Final = 400  # and so many bytes each for its rows and cells, which may be empty
_SHORT: Final = 65_536
_PATIENCE: Final = 0.2  # for who has seen the end of the input to end too
Request = dict[str, Any]
Said = tuple[dict[str, Any], bytes]


def main() -> None:
    """Load the modules that the command line names, and answer until standard input ends."""
    serve(lambda: _engine(sys.argv[1:]))


def _engine(modules: list[str]) -> Engine | None:
    if not modules:
        return None
    folder, viewpoint, *laid = modules
    overlays = tuple(zip(map(Path, laid[::2]), laid[1::2], strict=True))
    return Engine(Modules(Path(folder), viewpoint, overlays))


def serve(load: Callable[[], Stored | None]) -> None:
    """Load, and answer until standard input ends; with no engine only the form is told."""
    import difflib  # noqa: F401 (for hints; later nothing can be opened)

    hung_up = _hung_up()
    worker = _Worker(load, sys.stdout.buffer)
    working = _start(worker.work)
    if hung_up is None:
        working.join()
    else:
        hung_up.poll()
        working.join(_PATIENCE)
    if worker.is_busy:
        os._exit(0)  # whoever asked is gone
    worker.close()


def _hung_up() -> Any:
    """What waits for the end of standard input, and for no word there; None where nothing can.

    It must be there before no file can be opened.
    """
    try:
        found = select.epoll()
        found.register(sys.stdin.fileno(), 0)
    except (AttributeError, OSError):
        return None
    return found


def _start(work: Any) -> threading.Thread:
    """Begin work on the largest stack that there is."""
    found = threading.Thread(target=work, daemon=True)
    for size in _STACKS:
        with suppress(RuntimeError):
            threading.stack_size(size << 20)
            found.start()
            break
    return found


class _Worker:
    """One engine, or the error for which there is none, and what limits its answers."""

    def __init__(self, load: Callable[[], Stored | None], output: BinaryIO) -> None:
        self._loaded = load
        self._output = output
        self._engine: Stored | None = None
        self._refusal: Said | None = None
        self.is_busy = True
        self._resources: Any = None

    def work(self) -> None:
        """Load, say so, and answer one request after another, until there are no more."""
        try:
            self._load()
            while True:
                self.is_busy = False
                line = sys.stdin.buffer.readline()
                if not line:
                    return
                self.is_busy = True
                begun = time.thread_time()
                head, body = self._refusal or self._answered(json.loads(line))
                self._say({**head, "spent": time.thread_time() - begun}, body)
        except BaseException:  # noqa: BLE001 (also a panic of Oxigraph, which is no Exception)
            os._exit(1)

    def _load(self) -> None:
        try:
            self._engine = self._loaded()
        except CalcinosisError as error:
            self._refusal = _said(error)
        self._shut()
        self._say({"kind": "ready"}, b"")

    def close(self) -> None:
        """Allow what the end of the interpreter may want to open."""
        if self._resources:
            self._limit("NOFILE", self._files)

    def _shut(self) -> None:
        """Let nothing more be opened, and note how much memory the graphs take."""
        with suppress(ImportError):
            import resource

            self._resources = resource
            self._files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            self._space = resource.getrlimit(resource.RLIMIT_AS)[0]
            self._taken = _taken()
            self._limit("NOFILE", 0)
            self._limit("CORE", 0)  # an overflow is no news

    def _limit(self, what: str, most: int) -> None:
        kind = getattr(self._resources, f"RLIMIT_{what}")
        hard = self._resources.getrlimit(kind)[1]
        unlimited = hard == self._resources.RLIM_INFINITY
        self._resources.setrlimit(kind, (most if unlimited else min(most, hard), hard))

    def _say(self, head: dict[str, Any], body: bytes) -> None:
        line = json.dumps({**head, "size": len(body)}).encode() + b"\n"
        if len(body) < _SHORT:  # who reads is woken once
            self._output.write(line + body)
        else:
            self._output.write(line)
            self._output.write(body)
        self._output.flush()

    @contextmanager
    def _capped(self, most: int) -> Iterator[None]:
        """Allow so many bytes beside the graphs, where the system can say and limit it."""
        if not (self._resources and self._taken):
            yield
            return
        self._limit("AS", self._taken + most)
        try:
            yield
        finally:
            self._limit("AS", self._space)

    def _answered(self, request: Request) -> Said:
        most = request["memory"] << 20
        try:
            with self._capped(most):
                if "prefixes" in request:
                    error = fault.place(request["query"], request["prefixes"])
                    return _said(error) if error else ({"kind": BOOLEAN, "value": True}, b"")
                if self._engine is None:
                    raise TypeError("this worker has no graphs")
                if TABLE in request or GRAPH in request:
                    return sent(self._engine, request, most // _SHARE)
                return _written(self._engine, request["query"], most // _SHARE)
        except CalcinosisError as error:
            return _said(error)
        except MemoryError:
            return {"kind": TOO_MUCH}, b""
        except (RuntimeError, OSError, ValueError) as error:  # Oxigraph, while it answers
            return _said(UsageError(f"Oxigraph has no answer ({error})", "query", "Ask otherwise"))


def _written(engine: Stored, query: str, most: int) -> Said:
    """The answer to a query as text of at most so many bytes."""
    found = engine.raw(query)
    if isinstance(found, QueryBoolean):
        return {"kind": BOOLEAN, "value": bool(found)}, b""
    with _Room(most) as room, _full(room):
        if isinstance(found, QueryTriples):
            found.serialize(room, RdfFormat.N_TRIPLES)
            return {"kind": GRAPH}, room.getvalue()
        found.serialize(room, QueryResultsFormat.JSON)
        return {"kind": TABLE}, room.getvalue()


@contextmanager
def _full(room: _Room) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # what Oxigraph makes of an error in writing
        if room.is_full:
            raise MemoryError from error
        raise


class _Room(Room):
    """Room for an answer that is read as Python values."""

    _rows = 0

    def size_with(self, text: Any) -> int:
        self._rows += bytes(text).count(b"{")
        return super().size_with(text) + self._rows * _ROW // _SHARE


def _said(error: CalcinosisError) -> Said:
    kind, what = type(error).__name__, (error.what, error.where, error.cure, error.excerpt)
    return {"kind": ERROR, "error": kind, "said": what}, b""


def _taken() -> int:
    """Bytes of address space in use; 0 where the system does not say."""
    try:
        return int(_PAGES.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
