"""Processes that answer for assistants at once, so that no call waits for another's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from calcinosis.api import KnowledgeGraph
from calcinosis.errors import UsageError
from calcinosis.web.assistant_bounds import TOOL_MEGABYTES, TOOL_SECONDS
from calcinosis.web.children import Pool, Said, UnansweredError
from calcinosis.web.room import Room
from calcinosis.web.unanswered import SMALLER_QUERY, Reason, reason, too_much

_MOST: Final = 4
"""Processes of one viewpoint, and of the tools."""
_LONG: Final = 20.0
"""Seconds of work after which a call of a tool is heavy; one process is kept for the others."""
ANSWER, TOO_MUCH = "answer", "too much"  # as a clerk says
_WAITING: Final = 32
_SMALLER_CALL: Final = "Give less in one call"


class FaultError(Exception):
    """A fault of ours in a process; it says which and where, and nothing of the call."""


class Pools:
    """The processes of each viewpoint that is asked, and clerks for the tools, begun when asked.

    ``clerks`` is the command line of one, and ``room`` the folder that they share.
    """

    def __init__(self, clerks: Sequence[str], room: Room) -> None:
        self._clerks = tuple(clerks)
        self._room = room
        self._pools: dict[tuple[str, ...], asyncio.Future[Pool]] = {}

    async def ask(self, kg: KnowledgeGraph, query: str, seconds: float, megabytes: int) -> Said:
        """What a process answers to a query; UsageError where it takes more than it may."""
        asked = {"query": query, "memory": megabytes}
        with _told("query", seconds, megabytes, SMALLER_QUERY):
            return await (await self._of(tuple(kg.worker))).ask(asked, seconds)

    async def tool(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What a tool replies, worked out by a clerk, as plain values.

        CalcinosisError where it replies none, FaultError for a fault of ours.
        """
        asked = {"verb": "tool", "name": name, "arguments": arguments, "memory": TOOL_MEGABYTES}
        with _told(name, TOOL_SECONDS, TOOL_MEGABYTES, _SMALLER_CALL):
            pool = await self._of(self._clerks, long=_LONG, gone=self._room.leave)
            head, body = await pool.ask(asked, TOOL_SECONDS)
        if head["kind"] == ANSWER:
            found: dict[str, Any] = json.loads(body)
            return found
        if head["kind"] == TOO_MUCH:
            raise _refused(name, too_much(TOOL_MEGABYTES, _SMALLER_CALL))
        if head["error"] == "fault":
            raise FaultError(f"{head['what']}, {head['where']}")
        raise UsageError(head["what"], head["where"], head["cure"])

    async def _of(self, command: tuple[str, ...], **more: Any) -> Pool:
        if command not in self._pools:
            coming = asyncio.ensure_future(_started(command, **more))
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
        self._room.close()


async def _started(command: tuple[str, ...], **more: Any) -> Pool:
    pool = Pool(command, most=_MOST, waiting=_WAITING, **more)
    await pool.start()
    return pool


@contextmanager
def _told(where: str, seconds: float, megabytes: int, cure: str) -> Iterator[None]:
    """UsageError that says why no process has answered."""
    try:
        yield
    except UnansweredError as error:
        raise _refused(where, reason(error, seconds, megabytes, cure)) from error


def _refused(where: str, why: Reason) -> UsageError:
    return UsageError(why.what, where, why.cure)
