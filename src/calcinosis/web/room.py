"""The folder in which clerks lay what was sent while they read it: in memory if it can be."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 (mkdtemp makes a folder of our own in it)


class Room:
    """A folder for a time, with a folder below for each clerk."""

    def __init__(self) -> None:
        place = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None
        self.path = Path(tempfile.mkdtemp(prefix="calcinosis-", dir=place))

    def leave(self, pid: int) -> None:
        """Remove what a clerk left that has ended, before another can have its number."""
        shutil.rmtree(self.path / str(pid), ignore_errors=True)

    def close(self) -> None:
        """Remove it all."""
        shutil.rmtree(self.path, ignore_errors=True)
