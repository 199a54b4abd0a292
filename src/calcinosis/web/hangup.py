"""Work that ends when the client that waits for it hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from starlette.requests import Request

T = TypeVar("T")
_SOON: Final = 0.05
"""Seconds before anybody looks: what is quick is not worth the watch."""


class HungUpError(Exception):
    """The client is gone."""


class Watch:
    """Whether the client of the current task's request is still there, once somebody looks.

    A task whose client hangs up is cancelled. The body of the request must have been read.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._task = asyncio.current_task()
        self._watch: asyncio.Task[None] | None = None
        self._is_gone = False

    def begin(self) -> None:
        """Look from now on."""
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        self._is_gone = True
        if self._task is not None:
            self._task.cancel()

    def was_it(self) -> bool:
        """Whether a cancellation came from here; then it is over."""
        return self._is_gone and self._task is not None and self._task.uncancel() == 0

    def end(self) -> None:
        """Look no more."""
        if self._watch is not None:
            self._watch.cancel()


async def while_connected(request: Request, work: Awaitable[T]) -> T:
    """What the work gives; HungUpError, and the work is cancelled, if the client hangs up."""
    watch = Watch(request)
    clock = asyncio.get_running_loop().call_later(_SOON, watch.begin)
    try:
        return await work
    except asyncio.CancelledError as error:
        if watch.was_it():
            raise HungUpError from error
        raise
    finally:
        clock.cancel()
        watch.end()
