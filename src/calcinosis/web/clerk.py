"""The process that judges cases for the server; ``calcinosis.web.children`` starts it.

Requests and answers have the form of ``calcinosis.graph.worker``: a line of JSON with the verb and
what it is about, and a line of JSON that says what the answer is and how long, then the answer.

What is sent comes as bytes with a name, and lies in a folder of this process while it is read; that
is in memory where the system has a place for it, and nothing else can be opened.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from calcinosis.api import KnowledgeGraph, load
from calcinosis.errors import CalcinosisError, OurFaultError
from calcinosis.web.confined import Confined
from calcinosis.web.desk import Answered, Desk, emptied
from calcinosis.web.log import origin

ANSWER, ERROR, TOO_MUCH = "answer", "error", "too much"
_TRIES = 5
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


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
    own = Path(room, str(os.getpid()))
    own.mkdir(mode=0o700)
    os.chdir(own)
    tempfile.tempdir = str(own)
    asked: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(asked, own), daemon=True).start()
    _work(asked, own, viewpoint, folder, overlays)


def _listen(asked: SimpleQueue[bytes], own: Path) -> None:
    """Take requests; at their end whoever asked is gone, whatever is worked on."""
    for line in sys.stdin.buffer:
        asked.put(line)
    _end(own, 0)


def _end(own: Path, code: int) -> None:
    """End with nothing left behind, also while the other thread ends too."""
    _leave(own)
    with suppress(OSError):
        own.parent.rmdir()  # the last takes the room along
    os._exit(code)


def _leave(own: Path) -> None:
    """Take the folder of this process away, though the other thread may still write there.

    It stays the working directory, so that nothing is written elsewhere.
    """
    if os.name == "nt":
        os.chdir(own.parent)
    for _ in range(_TRIES):
        with suppress(OSError):
            emptied(own)
            own.rmdir()
            return


def _work(
    asked: SimpleQueue[bytes], own: Path, viewpoint: str, folder: str, overlays: list[str]
) -> None:
    """Load, say so, and answer one request after another.

    In the first thread: the memory of others comes in parts too large for a bound on it.
    """
    from calcinosis.web import verbs  # all that reads and writes, which the server needs not

    try:
        desk = Desk(load(viewpoint, ontology=folder, overlays=overlays))
        out = sys.stdout.buffer
        _say(out, {"kind": "ready"}, b"")
        confined = Confined(own, [Path(folder), *verbs.folders(), *map(Path, overlays)])
        verbs.prepare()
        # Who waits already loads what is needed by asking for it.
        for request in verbs.warming_up() if asked.empty() else ():
            if asked.empty():
                answered(desk, request, confined)
        confined.shut()
        while True:
            request = json.loads(asked.get())
            _say(out, *answered(desk, request, confined))
            if confined.has_grown_by(request["memory"] // 2):
                _leave(own)
                os.kill(os.getpid(), signal.SIGKILL)  # a new one takes its place
    except BaseException:  # noqa: BLE001 (nobody would answer, or nobody listens any more)
        _end(own, 1)


def answered(desk: Desk, request: Mapping[str, Any], confined: Confined) -> Answered:
    """What a verb answers, or the error that it ends with."""
    try:
        with desk.laid(request.get("files", ())) as paths, confined.within(request["memory"]):
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
        if getattr(error, "errno", None) == errno.ENOMEM:
            return {"kind": TOO_MUCH}, b""
        return _fault(error)


def _fault(error: BaseException) -> Answered:
    """What is said of a fault of ours: where it happened, and nothing of what was sent."""
    if getattr(error, "errno", None) in _NO_ROOM:
        cure = "Ask again later; who runs the server can make room where it lays files (/dev/shm)"
        said = {
            "what": "the server has no room to lay down what was sent",
            "where": "",
            "cure": cure,
        }
        return {"kind": ERROR, "error": "LimitError", **said}, b""
    what, where = type(error).__name__, origin(error)
    return {"kind": ERROR, "error": "fault", "what": what, "where": where}, b""


def _say(out: BinaryIO, head: Mapping[str, Any], body: bytes) -> None:
    out.write(json.dumps({**head, "size": len(body)}).encode() + b"\n")
    out.write(body)
    out.flush()
