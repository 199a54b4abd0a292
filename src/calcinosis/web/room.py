"""The folder in which clerks lay what was sent while they read it: in memory if it can be."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 (mkdtemp makes a folder of our own in it)
_EVERY: Final = 10.0
_AFTER: Final = 2.0
"""Seconds until a process that was killed is gone."""


class Room:
    """A folder for a time, with a folder below for each clerk."""

    def __init__(self) -> None:
        place = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None
        self.path = Path(tempfile.mkdtemp(prefix="calcinosis-", dir=place))

    def sweep_later(self) -> None:
        """Remove what clerks left that were ended, when they are gone."""
        asyncio.get_running_loop().call_later(_AFTER, self._sweep)

    async def keep_clean(self) -> None:
        """Remove from time to time what clerks left that somebody else has ended."""
        while True:
            await asyncio.sleep(_EVERY)
            self._sweep()

    def _sweep(self) -> None:
        for folder in self.path.glob("*"):
            if not _is_alive(folder.name):
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove it all."""
        shutil.rmtree(self.path, ignore_errors=True)


def _is_alive(name: str) -> bool:
    try:
        os.kill(int(name), 0)
    except (OSError, ValueError):
        return False
    return True
