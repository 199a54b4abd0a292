"""Running the application: where it listens, how it ends, and clients that are slow."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any, Final, cast

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from calcinosis.errors import UsageError
from calcinosis.web.corked import Corked

_HEAD_SECONDS: Final = 10.0
"""A client that has not sent the head of a request by then is given up."""
_LINGER: Final = 2.0
"""Seconds in which the rest of a body is thrown away, so that the client reads why."""
_STUCK: Final = 30.0
_IDLE: Final = 15
_HEAD_BYTES: Final = 65_536
_CONNECTIONS: Final = 1_000


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; UsageError where that cannot be."""
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = socket.create_server(address[:2], family=kind, backlog=1024)
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        cure = "Take another --port, or 0 for any that is free"
        raise UsageError(f"it cannot listen there ({said})", f"{host}:{port}", cure) from error
    # asyncio does it only where the protocol is said; else each answer waits 40 ms for its body.
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    found.setblocking(False)
    return found


def run(app: Starlette, listener: socket.socket, told: Callable[[], None], seconds: float) -> bool:
    """Serve until a signal says to end; ``told`` is called when every request can be answered.

    What is in flight then has so many ``seconds``. False where its processes do not start.
    """
    config = uvicorn.Config(
        app,
        http=_Patient,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=ceil(seconds),
        limit_concurrency=_CONNECTIONS,
        h11_max_incomplete_event_size=_HEAD_BYTES,
    )
    server = _Server(config, app, told)
    asyncio.run(server.serve(sockets=[listener]))
    return not server.has_failed


class _Server(uvicorn.Server):
    """A server that ends quietly when it is told to."""

    def __init__(self, config: uvicorn.Config, app: Starlette, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._told = told
        self.has_failed = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, wait for the processes that answer, and tell of it; end where they do not come."""
        await super().startup(sockets)
        try:
            await self._app.state.starting
        except ExceptionGroup:
            self.has_failed = self.should_exit = True
        except asyncio.CancelledError:  # it was told to end
            self.should_exit = True
        else:
            self._told()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End at the first signal when all is answered, at the second at once."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        loop = asyncio.get_running_loop()

        def end(*_: Any) -> None:
            self.force_exit = self.should_exit
            self.should_exit = True
            loop.call_soon_threadsafe(self._wait_no_more)

        before = {number: signal.signal(number, end) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _wait_no_more(self) -> None:
        """Wait for no process; the signal may come before any has been begun."""
        starting = getattr(self._app.state, "starting", None)
        if starting is not None:
            starting.cancel()


class _Patient(H11Protocol):
    """HTTP/1.1 that waits neither for the head of a request nor for an unread body for ever."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, but not for ever."""
        super().connection_made(cast("asyncio.Transport", Corked(transport)))
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; a request that only begins must be whole in time."""
        super().data_received(data)
        if self.transport.is_closing() or self.conn.their_state is not h11.IDLE:
            if self.cycle is None or not self.cycle.response_complete:
                self._wait_no_more()
        elif self._waiting is None:
            self._await_head()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; hang up where an answer has begun, or may not have a body."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:
            self.transport.close()

    def on_response_complete(self) -> None:
        """Go on with the next request; not where the rest of a body would have to be read."""
        super().on_response_complete()
        if not self.transport.is_closing() and self.conn.their_state is h11.SEND_BODY:
            self._wait_no_more()
            self._waiting = self.loop.call_later(_LINGER, self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection without another request; one whose client reads nothing, at last."""
        super().timeout_keep_alive_handler()
        self._look_at(self.transport.get_write_buffer_size())

    def _look_at(self, before: int) -> None:
        """Give up a client that has taken nothing of its answer since the last look."""

        def look() -> None:
            left = self.transport.get_write_buffer_size()
            if left >= before > 0:
                self.transport.abort()
            elif left:
                self._look_at(left)

        if before:
            self.loop.call_later(_STUCK, look)

    def _await_head(self) -> None:
        self._wait_no_more()
        self._waiting = self.loop.call_later(_HEAD_SECONDS, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
