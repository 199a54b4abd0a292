"""Why no process of a pool answers, in one wording for programs, pages and assistants."""

from __future__ import annotations

import signal
from typing import Final, NamedTuple

from calcinosis.web.children import BusyError, DiedError, LateError, UnansweredError

SMALLER_QUERY: Final = "Ask for less: by more specific patterns, by LIMIT, or in smaller steps"
_OVERFLOWS: Final = (-signal.SIGSEGV, -getattr(signal, "SIGBUS", 0))


class Reason(NamedTuple):
    """The status over HTTP, what is wrong, and the cure."""

    status: int
    what: str
    cure: str


def reason(error: UnansweredError, seconds: float, megabytes: int, cure: str) -> Reason:
    """Why nothing is answered within these bounds; ``cure`` is of what takes too much of either."""
    if isinstance(error, BusyError):
        return Reason(503, "too much is asked at once", "Ask again soon")
    if isinstance(error, LateError):
        return Reason(504, f"there is no answer within {seconds:g} seconds", cure)
    code = error.code if isinstance(error, DiedError) else 0
    if code == -signal.SIGABRT:  # how Oxigraph ends where it gets no memory
        return too_much(megabytes, cure)
    if code in _OVERFLOWS:
        return Reason(400, "it is nested too deep", "Ask in smaller steps")
    ended = "the process that worked on it ended"
    return Reason(503, ended, "Ask for less; if that is no cure, report it")


def too_much(megabytes: int, cure: str) -> Reason:
    """That something takes more memory than it may."""
    return Reason(413, f"it takes more than {megabytes} MB of memory", cure)
