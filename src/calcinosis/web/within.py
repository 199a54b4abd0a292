"""A clock for what is mostly done at once: it is set only where there is something to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any


async def within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    """Do the work; TimeoutError, and it is given up, where it takes longer."""
    try:
        first = work.send(None)
    except StopIteration:
        return
    async with asyncio.timeout(seconds):
        await _Rest(first, work)


class _Rest:
    """What is left of work that waits for something."""

    def __init__(self, first: Any, work: Coroutine[Any, Any, None]) -> None:
        self._first = first
        self._work = work

    def __await__(self) -> Generator[Any, None, None]:
        try:
            yield self._first
            yield from self._work.__await__()
        finally:
            self._work.close()
