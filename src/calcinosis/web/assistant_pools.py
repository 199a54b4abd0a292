"""Processes that answer queries for assistants at once, so that none waits for another's."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

from calcinosis.api import KnowledgeGraph
from calcinosis.errors import UsageError
from calcinosis.web.children import BusyError, DiedError, LateError, Pool, Said

_MOST: Final = 4
"""Processes of one viewpoint."""
_WAITING: Final = 32
_SMALLER: Final = "Ask for less: by more specific patterns, by LIMIT, or in smaller steps"
_OVERFLOWS: Final = (-signal.SIGSEGV, -getattr(signal, "SIGBUS", 0))


class Pools:
    """The processes of each viewpoint that is asked, started when it first is."""

    def __init__(self) -> None:
        self._pools: dict[tuple[str, ...], asyncio.Future[Pool]] = {}

    async def ask(self, kg: KnowledgeGraph, query: str, seconds: float, megabytes: int) -> Said:
        """What a process answers to a query; UsageError where it takes more than it may."""
        pool = await self._of(kg)
        try:
            return await pool.ask({"query": query, "memory": megabytes}, seconds)
        except LateError as error:
            what = f"the query is not answered after {seconds:g} seconds"
            raise UsageError(what, "query", _SMALLER) from error
        except BusyError as error:
            cure = "Ask again in some seconds"
            raise UsageError("too much is asked at once", "query", cure) from error
        except DiedError as error:
            raise _died(error, megabytes) from error

    async def _of(self, kg: KnowledgeGraph) -> Pool:
        command = tuple(kg.worker)
        if command not in self._pools:
            coming = asyncio.ensure_future(_started(command))
            self._pools[command] = coming
            coming.add_done_callback(lambda done: self._forget(command, done))
        return await asyncio.shield(self._pools[command])

    def _forget(self, command: tuple[str, ...], done: asyncio.Future[Pool]) -> None:
        """One that did not start is started anew by who asks next."""
        if done.cancelled() or done.exception() is not None:
            self._pools.pop(command, None)

    async def close(self) -> None:
        """End all processes."""
        pools, self._pools = list(self._pools.values()), {}
        for coming in pools:
            if coming.done():
                await coming.result().close()
            else:
                coming.cancel()


async def _started(command: tuple[str, ...]) -> Pool:
    pool = Pool(command, most=_MOST, waiting=_WAITING)
    await pool.start()
    return pool


def _died(error: DiedError, megabytes: int) -> UsageError:
    if error.code == -signal.SIGABRT:  # how Oxigraph ends where it gets no memory
        what = f"the query or its answer takes more than {megabytes} MB of memory"
        return UsageError(what, "query", _SMALLER)
    if error.code in _OVERFLOWS:
        return UsageError("the query is nested too deep", "query", "Ask in smaller steps")
    return UsageError("the process that worked on it ended", "query", "Ask again")
