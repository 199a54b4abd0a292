"""What was sent is gone as soon as nobody waits for an answer, whatever page it was sent to."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

import calcinosis
from calcinosis.web.app import application
from calcinosis.web.state import Bounds
from tests.serving import Server, running

ROWS = 60_000
SHEET = b"id,calcinosis,age\n" + b"".join(b"c%d,present,41\n" % one for one in range(ROWS))
EDGE = "a-line-that-no-file-holds"


def form() -> bytes:
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="all.csv"\r\n\r\n'
    return head.encode() + SHEET + f"\r\n--{EDGE}--\r\n".encode()


def sheets(room: Path) -> list[Path]:
    """The files that clerks hold which are as large as what was sent."""
    found = [path for folder in room.iterdir() for path in folder.glob("*.csv")]
    return [path for path in found if path.exists()]


def is_soon(room: Path, *, there: bool, within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if bool(sheets(room)) == there:
            return True
        time.sleep(0.01)
    return False


def send(server: Server, path: str) -> socket.socket:
    body = form()
    lines = [
        f"POST {path} HTTP/1.1", "Host: localhost",
        f"Content-Type: multipart/form-data; boundary={EDGE}", f"Content-Length: {len(body)}",
    ]  # fmt: skip
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/cohort", "/api/classify"])
def test_who_hangs_up_leaves_no_sheet_behind(kg: calcinosis.KnowledgeGraph, path: str) -> None:
    with running(application(kg, Bounds(seconds=120))) as server:
        room: Path = server.app.state.room.path
        with send(server, path):
            assert is_soon(room, there=True, within=60)
            time.sleep(0.3)
            assert sheets(room)  # it is worked on
        assert is_soon(room, there=False, within=1)
