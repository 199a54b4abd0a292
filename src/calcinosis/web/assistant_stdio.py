"""Messages over standard input and output, of which each request gets an answer.

The protocol's library passes over a line that it cannot read, so that its client waits for ever.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Final, cast

import anyio
from mcp.server import MCPServer
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import (
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCRequest,
    JSONRPCResponse,
    jsonrpc_message_adapter,
)

from calcinosis.errors import UsageError
from calcinosis.web.assistant_bounds import BODY_BYTES

if TYPE_CHECKING:
    from mcp.shared._stream_protocols import WriteStream

_TOO_LONG: Final = f"the message is longer than {BODY_BYTES // 1_000_000} MB. Give less in one call"
_UNREADABLE: Final = "the message is no JSON-RPC, or is nested too deep. Send one object a line"
_ENDS: Final = 400
_PATIENCE: Final = 30.0
"""Seconds for answers once nothing more is asked."""
_PART: Final = 1 << 16
_ID: Final = re.compile(
    rb'"id"\s*:\s*(\d{1,15}|"[^"\\]{0,100}")\s*(?:,\s*"(?:method|params)"|\}\s*\Z)'
)


async def serve(server: MCPServer[Any]) -> None:
    """Answer until standard input ends; UsageError where there is none."""
    try:
        lines = _Lines(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError) as error:
        cure = "Let an assistant start it, or add --http"
        raise UsageError("it cannot be read", "standard input", cure) from error
    # The library wants a file; it only asks for the next line.
    given = cast("anyio.AsyncFile[str]", lines)
    async with stdio_server(stdin=given) as (read, write):
        lines.answers = write
        answers = cast("WriteStream[SessionMessage]", _Answers(write, lines))
        low = server._lowlevel_server
        await low.run(read, answers, low.create_initialization_options())


class _Answers:
    """Where answers go, told which questions they end."""

    def __init__(self, write: Any, lines: _Lines) -> None:
        self._write = write
        self._lines = lines

    async def send(self, item: SessionMessage, /) -> None:
        await self._write.send(item)
        if isinstance(item.message, JSONRPCResponse | JSONRPCError):
            self._lines.waiting.discard(item.message.id)

    async def aclose(self) -> None:
        await self._write.aclose()

    async def __aenter__(self) -> _Answers:
        await self._write.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> Any:
        return await self._write.__aexit__(*error)


class _Lines:
    """The lines that can be read; the others are answered with an error.

    They end when all that was asked has been answered, or after a while.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.answers: Any = None
        self.waiting: set[object] = set()

    async def __aiter__(self) -> AsyncIterator[str]:
        queue: asyncio.Queue[bytes] = asyncio.Queue(1)
        given = queue, asyncio.get_running_loop()
        # A daemon, and no stream's lock: who waits for a line must not keep the process alive.
        threading.Thread(target=self._pass_on, args=given, daemon=True).start()
        while line := await queue.get():
            found = _read(line)
            if isinstance(found, str):
                await self._refuse(line, found)
            elif found is not None:
                if isinstance(found, JSONRPCRequest):
                    self.waiting.add(found.id)
                yield line.decode("utf-8", "replace")
        with anyio.move_on_after(_PATIENCE):
            while self.waiting:
                await anyio.sleep(0.02)

    def _pass_on(self, queue: asyncio.Queue[bytes], loop: asyncio.AbstractEventLoop) -> None:
        for line in self._read():
            asyncio.run_coroutine_threadsafe(queue.put(line), loop).result()
        asyncio.run_coroutine_threadsafe(queue.put(b""), loop).result()

    def _read(self) -> Iterator[bytes]:
        """The lines, each with its end; of one that is too long the beginning and the end."""
        line = b""
        while part := os.read(self._descriptor, _PART):
            *whole, line = (line + part).split(b"\n")
            yield from (one + b"\n" for one in whole)
            if len(line) > 2 * BODY_BYTES:
                line = line[:_ENDS] + b" " * BODY_BYTES + line[-_ENDS:]
        if line:
            yield line

    async def _refuse(self, line: bytes, fault: str) -> None:
        error = ErrorData(code=PARSE_ERROR, message=fault)
        refused = JSONRPCError(jsonrpc="2.0", id=_id(line), error=error)
        await self.answers.send(SessionMessage(refused))


def _read(line: bytes) -> JSONRPCMessage | str | None:
    """The message in a line, or why it cannot be read; None where nothing is said."""
    if len(line) > BODY_BYTES:
        return _TOO_LONG
    try:
        return jsonrpc_message_adapter.validate_json(line, by_name=False) if line.strip() else None
    except ValueError:
        return _UNREADABLE


def _id(line: bytes) -> int | str | None:
    """The id of the request in a line that cannot be read, as far as its ends tell it."""
    found = _ID.search(line[:_ENDS]) or _ID.search(line[-_ENDS:].rstrip())
    return json.loads(found[1]) if found else None
