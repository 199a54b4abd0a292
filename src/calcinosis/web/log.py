"""What is written on standard error while the server runs: nothing of what was asked or sent."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_tb

from calcinosis.errors import visible


def note(text: str) -> None:
    """One line with the time."""
    if sys.stderr is not None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with suppress(OSError, ValueError):  # a full disk is no reason to stop
            sys.stderr.write(f"{now} {visible(text, lines=False)}\n")
            sys.stderr.flush()


def origin(error: BaseException) -> str:
    """The line of code where an error arose; its words may be of a patient."""
    place = ""
    for frame, line in walk_tb(error.__traceback__):
        place = f"{Path(frame.f_code.co_filename).name}:{line}"
    return place
