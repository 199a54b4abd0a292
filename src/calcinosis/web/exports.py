"""The whole graph in its forms, each written once, by a process that does nothing else.

It takes no process from those who ask about cases. What is written is always the same and is kept,
so its bounds are its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from calcinosis.web.asking import answer_of
from calcinosis.web.children import Pool

MEGABYTES: Final = 1024
SECONDS: Final = 300.0
"""What writing one form may take."""


class Exports:
    """Whole graphs by their forms; ``begin`` gives a pool, which is ended with the one form."""

    def __init__(self, begin: Callable[[], Pool]) -> None:
        self._begin = begin
        self._one_at_a_time = asyncio.Lock()
        self._forms: dict[str, asyncio.Task[bytes]] = {}

    async def get(self, form: str) -> bytes:
        """The graph in a form, as ``KnowledgeGraph.export`` names it.

        Who asks while it is written waits for the same, and who hangs up ends nothing. RefusedError
        where it cannot be written; then who asks next has it tried anew.
        """
        if form not in self._forms:
            coming = asyncio.create_task(self._written(form))
            self._forms[form] = coming
            coming.add_done_callback(lambda done: self._forget(form, done))
        return await asyncio.shield(self._forms[form])

    def _forget(self, form: str, done: asyncio.Task[bytes]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._forms.pop(form, None)

    async def _written(self, form: str) -> bytes:
        async with self._one_at_a_time:
            pool = self._begin()
            try:
                asked = {"verb": "export", "form": form, "settings": {}}
                _, body = await answer_of(pool, asked, SECONDS, MEGABYTES)
            finally:
                await pool.close()
        return body

    async def close(self) -> None:
        """Write no more."""
        for coming in [*self._forms.values()]:
            coming.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await coming
