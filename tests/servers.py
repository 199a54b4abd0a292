"""Servers that tests ask: a real Oxigraph, and one that answers wrongly in every way."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

EMPTY = b'{"head": {"vars": ["x"]}, "results": {"bindings": []}}'
JSON = "application/sparql-results+json"
Reply = bytes | Callable[[socket.socket], None]
_LAST = b"LAST\r\n\r\n"


def oxigraph_program() -> str:
    """The oxigraph program that pip has installed beside this Python."""
    beside = Path(sys.executable).parent / "oxigraph"
    return str(beside) if beside.exists() else shutil.which("oxigraph") or "oxigraph"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oxigraph(quads: Path | None = None) -> Iterator[str]:
    """The query address of an Oxigraph server in memory that holds the quads of a file, if any."""
    address = f"127.0.0.1:{_free_port()}"
    command = [oxigraph_program(), "serve", "--bind", address, "--union-default-graph"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(address)
        if quads is not None:
            _post(quads, f"http://{address}/store")
        yield f"http://{address}/query"
    finally:
        process.terminate()
        process.wait(10)


def _post(quads: Path, store: str) -> None:
    request = urllib.request.Request(
        store,
        data=quads.read_bytes(),
        headers={"Content-Type": "application/n-quads"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.status < 300


def _wait(address: str) -> None:
    host, _, port = address.partition(":")
    for _ in range(200):
        try:
            with socket.create_connection((host, int(port)), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the oxigraph server does not start")


class Faults(BaseHTTPRequestHandler):
    """Answers wrongly, as the path says; requests are kept in ``seen``."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        self.close_connection = True
        path = self.path.partition("?")[0].strip("/")
        self.seen.append((self.command, self.path, dict(self.headers), body))
        earlier = sum(1 for _, p, _, _ in self.seen if p.partition("?")[0].strip("/") == path)
        word, _, detail = path.partition("-")
        getattr(self, f"_{word}")(detail, earlier)

    def _send(self, status: int, content: bytes, kind: str | None = JSON, **headers: str) -> None:
        self.send_response(status)
        headers.setdefault("Content_Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if kind:
            self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(content)

    def _fine(self, _detail: str, _times: int) -> None:
        self._send(200, EMPTY)

    def _busy(self, detail: str, times: int) -> None:
        """Busy with a status; after two times, fine."""
        if times > 2:
            self._send(200, EMPTY)
        else:
            self._send(int(detail), b"", Retry_After="1" if detail == "429" else "")

    def _always(self, detail: str, _times: int) -> None:
        self._send(int(detail), b"no <b>luck</b>", "text/html")

    def _circling(self, _detail: str, _times: int) -> None:
        self._send(302, b"", Location=self.path)

    def _later(self, _detail: str, _times: int) -> None:
        self._send(503, b"", Retry_After="3600")

    def _dated(self, _detail: str, times: int) -> None:
        past = "Wed, 21 Oct 2015 07:28:00 GMT"
        self._send(200, EMPTY) if times > 1 else self._send(503, b"", Retry_After=past)

    def _slow(self, _detail: str, _times: int) -> None:
        """One byte at a time, each sooner than any socket would give up."""
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.end_headers()
        try:
            for byte in EMPTY:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass

    def _hanging(self, _detail: str, _times: int) -> None:
        time.sleep(1.5)

    def _truncated(self, detail: str, _times: int) -> None:
        if detail == "length":
            self._send(200, EMPTY[:30], Content_Length=str(len(EMPTY)))
        elif detail == "json":
            self._send(200, EMPTY[:30])
        else:
            self.send_response(200)
            self.send_header("Content-Type", JSON)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"100\r\n" + EMPTY[:30])

    def _typed(self, detail: str, _times: int) -> None:
        kinds = {"html": "text/html", "plain": "text/plain", "none": None}
        self._send(200, b"<html><title>Sign in</title><p>Maintenance</p></html>", kinds[detail])

    def _boolean(self, _detail: str, _times: int) -> None:
        self._send(200, b'{"head": {}, "boolean": true}')

    def _refusing(self, _detail: str, _times: int) -> None:
        self._send(400, "unexpected \u2018}\u2019 at line 1".encode(), "text/plain")

    def log_message(self, *arguments: Any) -> None:
        """No log."""


@contextmanager
def faults() -> Iterator[str]:
    """The address of the faulty server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Faults)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class Raw:
    """A listener that answers each connection with bytes as they are, whatever it was asked.

    A reply may also be a function of the connection. The last reply is given again and again;
    what was asked is kept in ``asked``.
    """

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.asked: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def answers(self, *replies: Reply) -> str:
        """Give these from now on; the address of a query.

        Who connected before, and has given up since, takes none of them: this comes behind it.
        """
        with socket.create_connection(self._listener.getsockname()) as last:
            last.sendall(_LAST)
            last.recv(1)
        self.replies, self.asked = list(replies), []
        return f"{self.url}/sparql"

    def close(self) -> None:
        """No more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                given = (connection, self.replies, self.asked)
                threading.Thread(target=self._one, args=given, daemon=True).start()

    @staticmethod
    def _one(connection: socket.socket, replies: list[Reply], asked: list[bytes]) -> None:
        with suppress(OSError), connection:
            connection.settimeout(10)
            request = _request(connection)
            if request == _LAST:
                return
            asked.append(request)
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            if callable(reply):
                reply(connection)
            else:
                connection.sendall(reply)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass


def _request(connection: socket.socket) -> bytes:
    said = b""
    while b"\r\n\r\n" not in said:
        part = connection.recv(1 << 16)
        if not part:
            return said
        said += part
    head, _, body = said.partition(b"\r\n\r\n")
    length = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while length and len(body) < int(length[0].partition(b":")[2]):
        body += connection.recv(1 << 16)
    return head + b"\r\n\r\n" + body


def reply(status: int | str = 200, body: bytes = EMPTY, kind: str = JSON, *headers: str) -> bytes:
    """An answer as it goes over the wire, with a right Content-Length unless one is given."""
    lines = [f"HTTP/1.1 {status} Word", f"Content-Type: {kind}", *headers]
    if not any(line.lower().startswith(("content-length", "transfer")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def raw() -> Iterator[Raw]:
    """A listener of one's own words."""
    server = Raw()
    try:
        yield server
    finally:
        server.close()
