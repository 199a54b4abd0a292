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


async def while_connected(request: Request, work: Awaitable[T]) -> T:
    """What the work gives; HungUpError, and the work is cancelled, if the client hangs up.

    The body of the request must have been read.
    """
    task = asyncio.current_task()
    watch: asyncio.Task[None] | None = None
    is_gone = False

    async def wait() -> None:
        nonlocal is_gone
        while (await request.receive())["type"] != "http.disconnect":
            pass
        is_gone = True
        if task is not None:
            task.cancel()

    def begin() -> None:
        nonlocal watch
        watch = loop.create_task(wait())

    loop = asyncio.get_running_loop()
    clock = loop.call_later(_SOON, begin)
    try:
        return await work
    except asyncio.CancelledError as error:
        if is_gone and task is not None and task.uncancel() == 0:
            raise HungUpError from error
        raise
    finally:
        clock.cancel()
        if watch is not None:
            watch.cancel()
