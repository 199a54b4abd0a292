"""The process that judges cases for the server; ``calcinosis.web.children`` starts it.

Requests and answers have the form of ``calcinosis.graph.worker``: a line of JSON with the verb and
what it is about, and a line of JSON that says what the answer is and how long, then the answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final

from calcinosis.api import KnowledgeGraph, Settings, load
from calcinosis.errors import CalcinosisError

Answered = tuple[dict[str, Any], bytes]
Verb = Callable[[KnowledgeGraph, Mapping[str, Any]], Answered]
VERBS: Final[dict[str, Verb]] = {}


def command(settings: Settings) -> list[str]:
    """The command line of such a process."""
    code = "from calcinosis.web.clerk import main; main()"
    return [sys.executable, "-P", "-c", code, settings.viewpoint]


def main() -> None:
    """Load the graph, say so, and answer until standard input ends."""
    kg = load(sys.argv[1])
    out = sys.stdout.buffer
    _say(out, {"kind": "ready"}, b"")
    for line in sys.stdin.buffer:
        _say(out, *answered(kg, json.loads(line)))


def answered(kg: KnowledgeGraph, request: Mapping[str, Any]) -> Answered:
    """What a verb answers, or the error of ours that it ends with."""
    try:
        return VERBS[request["verb"]](kg, request)
    except CalcinosisError as error:
        said = {"what": error.what, "where": error.where, "cure": error.cure}
        return {"kind": "error", "error": type(error).__name__, **said}, b""


def _say(out: BinaryIO, head: Mapping[str, Any], body: bytes) -> None:
    out.write(json.dumps({**head, "size": len(body)}).encode() + b"\n")
    out.write(body)
    out.flush()
