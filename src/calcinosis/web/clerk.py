"""The process that judges cases for the server; ``calcinosis.web.children`` starts it.

Requests and answers have the form of ``calcinosis.graph.worker``: a line of JSON with the verb and
what it is about, and a line of JSON that says what the answer is and how long, then the answer.

What is sent comes as bytes with a name, and lies in a folder of this process while it is read; that
is in memory where the system has a place for it, and nothing else can be opened.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from calcinosis.api import KnowledgeGraph, load
from calcinosis.errors import CalcinosisError, OurFaultError
from calcinosis.web.confined import Confined
from calcinosis.web.desk import Answered, Desk, emptied

ANSWER, ERROR, TOO_MUCH = "answer", "error", "too much"


def command(kg: KnowledgeGraph, room: Path) -> list[str]:
    """The command line of such a process; ``room`` is a folder for it and its like."""
    code = "from calcinosis.web.clerk import main; main()"
    source = kg.ontology.source
    overlays = [str(path.absolute()) for path, _ in source.overlays]
    told = [kg.ontology.settings.viewpoint, str(source.folder.absolute()), *overlays]
    return [sys.executable, "-P", "-c", code, str(room), *told]


def main() -> None:
    """Load the graph, say so, and answer until standard input ends."""
    for number in (signal.SIGTERM, signal.SIGINT):  # who started it ends it
        signal.signal(number, signal.SIG_IGN)
    room, viewpoint, folder, *overlays = sys.argv[1:]
    asked: SimpleQueue[Mapping[str, Any]] = SimpleQueue()
    with _own(Path(room)) as own:
        threading.Thread(
            target=_work, args=(asked, own, viewpoint, folder, overlays), daemon=True
        ).start()
        for line in sys.stdin.buffer:
            asked.put(json.loads(line))
    os._exit(0)  # whoever asked is gone, whatever is worked on


def _work(
    asked: SimpleQueue[Mapping[str, Any]],
    own: Path,
    viewpoint: str,
    folder: str,
    overlays: list[str],
) -> None:
    """Load, say so, and answer one request after another."""
    from calcinosis.web import verbs  # all that reads and writes, which the server needs not

    try:
        desk = Desk(load(viewpoint, ontology=folder, overlays=overlays))
        out = sys.stdout.buffer
        _say(out, {"kind": "ready"}, b"")
        confined = Confined(own, [Path(folder), *verbs.folders(), *map(Path, overlays)])
        for request in verbs.prepare():
            answered(desk, request, confined)
        confined.shut()
        while True:
            _say(out, *answered(desk, asked.get(), confined))
    except BaseException:  # noqa: BLE001 (nobody would answer)
        os._exit(1)


@contextmanager
def _own(room: Path) -> Iterator[Path]:
    """A folder of this process; it goes with it, and the last takes the room along."""
    own = room / str(os.getpid())
    own.mkdir(mode=0o700)
    os.chdir(own)
    tempfile.tempdir = str(own)
    try:
        yield own
    finally:
        os.chdir(room.parent)
        with suppress(OSError):
            emptied(own)
            own.rmdir()
            room.rmdir()


def answered(desk: Desk, request: Mapping[str, Any], confined: Confined) -> Answered:
    """What a verb answers, or the error that it ends with."""
    try:
        with confined.within(request["memory"]), desk.laid(request.get("files", ())) as paths:
            from calcinosis.web.verbs import VERBS

            return VERBS[request["verb"]](desk, request, paths)
    except OurFaultError as error:
        return _fault(error.__cause__ or error)
    except CalcinosisError as error:
        said = {"what": error.what, "where": error.where, "cure": error.cure}
        return {"kind": ERROR, "error": type(error).__name__, **said}, b""
    except MemoryError:
        return {"kind": TOO_MUCH}, b""
    except Exception as error:  # noqa: BLE001 (the next request shall be answered)
        return _fault(error)


def _fault(error: BaseException) -> Answered:
    """What is said of a fault of ours: where it happened, and nothing of what was sent."""
    place, frame = "", error.__traceback__
    while frame is not None:
        place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
        frame = frame.tb_next
    return {"kind": ERROR, "error": "fault", "what": type(error).__name__, "where": place}, b""


def _say(out: BinaryIO, head: Mapping[str, Any], body: bytes) -> None:
    out.write(json.dumps({**head, "size": len(body)}).encode() + b"\n")
    out.write(body)
    out.flush()
