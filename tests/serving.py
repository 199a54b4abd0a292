"""Our own server in tests: an application in a thread of this process, asked over real HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import Any
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette

from calcinosis.web.children import Pool


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def kind(self) -> str:
        """The media type, without parameters."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    app: Starlette
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def queries(self) -> Pool:
        """The processes that answer queries."""
        pool: Pool = self.app.state.site.queries
        return pool

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Reply:
        """The reply to one request; headers are given with ``_`` for ``-``."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, told)
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def query(self, query: str, *pairs: tuple[str, str], **headers: Any) -> Reply:
        """The reply to a query by GET, with more parameters."""
        return self.ask(f"/sparql?{urlencode([('query', query), *pairs])}", **headers)

    def hang_up(self, query: str, after: float) -> None:
        """Ask, wait so many seconds, and close the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            line = f"GET /sparql?{urlencode({'query': query})} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            connection.sendall(line.encode())
            time.sleep(after)


def _is_whole(app: Starlette) -> bool:
    """Whether the processes that answer have started."""
    starting = getattr(app.state, "starting", None)
    return starting is None or starting.done()


@contextmanager
def running(app: Starlette) -> Iterator[Server]:
    """The application, served on a free port until the end."""
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="on", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        for _ in range(6000):
            if server.started and _is_whole(app):
                break
            assert thread.is_alive(), "the server does not start"
            time.sleep(0.01)
        (listener,) = (one for held in server.servers for one in held.sockets)
        yield Server(app, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(30)
