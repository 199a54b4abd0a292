"""What every request passes: names, sizes, times, headers, packing, the log; no fault shows.

Answers that another middleware or a route gives headers of its own keep them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, MutableMapping
from contextlib import suppress
from itertools import chain
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calcinosis.web import refusals
from calcinosis.web.answering import OPEN
from calcinosis.web.children import BusyError
from calcinosis.web.hangup import HungUpError
from calcinosis.web.log import note, origin
from calcinosis.web.packing import Packing
from calcinosis.web.policy import HEADERS
from calcinosis.web.refusals import RefusedError
from calcinosis.web.state import Bounds
from calcinosis.web.within import within

_OPEN_TO_ALL: Final = ("/sparql/", "/graph/", "/graphs/", "/.well-known/")
"""Where pages of anybody may read all that is answered, refusals too."""
LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1", "[::1]"))
_LONGEST: Final = 32_768
"""Bytes of an address with its query."""
_HEADERS: Final = 65_536
"""Bytes of all headers; h11 ends a connection that sends more without an end."""
_BODY_SECONDS: Final = 30.0
"""A body that takes longer to come is not waited for."""
_SEND_SECONDS: Final = 60.0
"""A client that takes no part of its answer for so long is given up."""
_HUNG_UP: Final = 499  # as the logs of other servers have it
_ENCODED: Final = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_NAMES: Final = frozenset(name for name, _ in _ENCODED)


class Shield:
    """The outermost layer of the application.

    ``hosts`` are names under which the server may be asked beside those of the loopback; a page of
    another name that leads here (DNS rebinding) is not answered. ``*`` allows all.
    """

    def __init__(
        self,
        app: ASGIApp,
        bounds: Bounds,
        *,
        hosts: Collection[str] = (),
        logs: bool = False,
        at_once: int = 200,
    ) -> None:
        self._app = app
        self._bounds = bounds
        self._hosts = LOOPBACK | {host.casefold() for host in hosts}
        self._logs = logs
        self._at_once = at_once
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        accepted = b",".join(said for name, said in scope["headers"] if name == b"accept-encoding")
        passage = _Passage(receive, send, self._bounds.body, Packing(accepted.decode("latin-1")))
        self._now += 1
        try:
            await self._answered(scope, passage)
        finally:
            self._now -= 1
            if self._logs:
                spent = (time.monotonic() - passage.begun) * 1000
                note(
                    f"{scope['method']} {scope['path']} {passage.status or _HUNG_UP} {spent:.0f} ms"
                )

    async def _answered(self, scope: Scope, passage: _Passage) -> None:
        try:
            self._check(scope, passage)
            await self._app(scope, passage.receive, passage.send)
        except RefusedError as error:
            await self._refuse(scope, passage, error)
        except (ClientDisconnect, HungUpError, _GoneError):
            return
        except Exception as error:  # noqa: BLE001 (a fault of ours, which nobody is shown)
            note(f"fault: {type(error).__name__} at {origin(error)}")
            await self._refuse(scope, passage, refusals.fault())

    async def _refuse(self, scope: Scope, passage: _Passage, error: RefusedError) -> None:
        if passage.status:
            raise _CutShortError  # the answer has begun: the connection ends
        found: Response = refusals.response(Request(scope), error)
        if f"{scope['path']}/".startswith(_OPEN_TO_ALL):
            found.headers.update(OPEN)
        with suppress(_GoneError):
            await found(scope, passage.receive, passage.send)

    def _check(self, scope: Scope, passage: _Passage) -> None:
        headers = dict(scope["headers"])
        self._check_host(headers.get(b"host", b"").decode("latin-1"))
        if self._now > self._at_once:
            raise refusals.of_pool(BusyError(), self._bounds.seconds, self._bounds.megabytes)
        if len(scope["raw_path"]) + len(scope["query_string"]) > _LONGEST:
            what = f"the address is longer than {_LONGEST:,} bytes"
            raise RefusedError(414, what, "", "Send a query in the body (POST)")
        if sum(map(len, chain.from_iterable(scope["headers"]))) > _HEADERS:
            what = f"the headers are longer than {_HEADERS:,} bytes"
            raise RefusedError(431, what, "", "Send fewer or shorter headers, such as cookies")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise RefusedError(
                415, "packed bodies are not read", "Content-Encoding", "Send it plain"
            )
        passage.expect(headers.get(b"content-length"), parts=b"transfer-encoding" in headers)

    def _check_host(self, host: str) -> None:
        name = host.casefold()
        name = name if name.endswith("]") else name.rpartition(":")[0] or name
        if "*" not in self._hosts and name not in self._hosts:
            cure = "Start the server with --allow-host and that name"
            raise RefusedError(421, "this server is not asked by that name", "Host", cure)


class _GoneError(Exception):
    """The client takes no answer."""


class _CutShortError(Exception):
    """An answer that had begun cannot be ended."""


class _Passage:
    """What comes in and goes out of one request: counted, timed, packed, and with its headers."""

    def __init__(self, receive: Receive, send: Send, most: int, packing: Packing) -> None:
        self._packing = packing
        self._receive = receive
        self._send = send
        self._most = most
        self._size = 0
        self._is_coming = True
        self.begun = time.monotonic()
        self.status = 0

    def expect(self, length: bytes | None, *, parts: bool) -> None:
        """Refuse a body that says that it is too large."""
        self._is_coming = parts or length not in (None, b"0")
        if length is not None and (not length.isdigit() or int(length[:20]) > self._most):
            raise self._too_large()

    async def receive(self) -> Message:
        """The next part of the body, within size and time; or that the client is gone."""
        left = self.begun + _BODY_SECONDS - time.monotonic()
        try:
            async with asyncio.timeout(left if self._is_coming else None):
                message = await self._receive()
        except TimeoutError as error:
            what = f"the body did not come within {_BODY_SECONDS:g} seconds"
            raise RefusedError(408, what, "", "Send it faster, or less") from error
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            if self._size > self._most:
                raise self._too_large()
            self._is_coming = bool(message.get("more_body"))
        return message

    def _too_large(self) -> RefusedError:
        what = f"the body is larger than {self._most:,} bytes"
        return RefusedError(413, what, "", "Send less, or in several requests")

    async def send(self, message: Message) -> None:
        """Send a part of the answer; the first has the headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            _complete(message)
        parts = await self._packing.passed(message)
        try:
            await within(_SEND_SECONDS, self._hand_on(parts))
        except (TimeoutError, OSError) as error:
            raise _GoneError from error

    async def _hand_on(self, parts: Iterable[Message]) -> None:
        for part in parts:
            await self._send(part)


def _complete(message: MutableMapping[str, Any]) -> None:
    """Add the headers that the answer has not."""
    headers = message.setdefault("headers", [])
    known = {name.lower() for name, _ in headers}
    more = _ENCODED
    if not known.isdisjoint(_NAMES):
        more = [pair for pair in _ENCODED if pair[0] not in known]
    message["headers"] = [*headers, *more]
