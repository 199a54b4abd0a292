"""A clock for what is mostly done at once: it is set only where there is something to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from typing import Any


async def within(seconds: float, work: Awaitable[None]) -> None:
    """Do the work; TimeoutError, and it is given up, where it takes longer."""
    steps = work.__await__()
    try:
        first = next(steps)
    except StopIteration:
        return
    async with asyncio.timeout(seconds):
        await _Rest(first, steps)


class _Rest:
    """What is left of work that waits for something."""

    def __init__(self, first: Any, steps: Generator[Any, Any, None]) -> None:
        self._first = first
        self._steps = steps

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            yield self._first
            yield from self._steps
        finally:
            self._steps.close()
