"""``calcinosis serve`` as a process: where it listens, what it logs, slow clients, how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

import pytest
from starlette.applications import Starlette

import calcinosis
from calcinosis.web.app import application
from calcinosis.web.running import listening, run
from tests.started import unmeasured

COMMAND = [sys.executable, "-m", "calcinosis", "serve"]
CASE = json.dumps({"id": "patient-77", "calcinosis": "present", "conditions": ["MONDO:0016367"]})


@dataclass
class Served:
    """A server that runs, and what it says."""

    process: subprocess.Popen[str]
    port: int
    said: list[str]

    def ask(self, path: str, method: str = "GET", body: str | None = None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            assert reply.headers["Server"] is None
            return reply.status, reply.read().decode()
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def children(self) -> list[int]:
        """The processes that it has started."""
        found = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for path in found for pid in path.read_text().split()]

    def rooms(self) -> set[Path]:
        """The folders of its clerks."""
        links = [Path(f"/proc/{pid}/cwd") for pid in self.children()]
        found = set()
        for link in links:
            with suppress(OSError):
                found.add(link.readlink())
        return {path for path in found if path.parent.name.startswith("calcinosis-")}

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "--port", "0", *words],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


@contextmanager
def served(*words: str) -> Iterator[Served]:
    process = start(*words)
    assert process.stderr is not None
    said = [process.stderr.readline()]
    found = re.fullmatch(r"Listening at http://127\.0\.0\.1:(\d+)/ \(Ctrl-C ends it\)\.\n", said[0])
    assert found, said[0] + process.stderr.read()
    reader = threading.Thread(target=keep, args=(process.stderr, said), daemon=True)
    reader.start()
    try:
        yield Served(process, int(found[1]), said)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait(30)
        reader.join(10)
        process.stderr.close()


def keep(stream: IO[str], said: list[str]) -> None:
    with suppress(ValueError):
        said.extend(stream)


def wait_for(what: str, seconds: float = 20) -> Iterator[None]:
    """Turns until something holds; a test that leaves the loop has seen it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
    raise AssertionError(what)


def are_gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.slow
def test_it_serves_logs_without_what_was_asked_and_ends_when_it_is_told() -> None:
    with served("--log") as server:
        assert server.ask("/api/search?q=secret-query")[0] == 200
        status, body = server.ask("/api/classify?viewpoint=minars", "POST", CASE)
        assert status == 200, body
        assert server.ask("/nothing")[0] == 404
        children, rooms = server.children(), server.rooms()
        assert len(children) >= 2
        assert rooms
        assert server.end() == 0
        for _ in wait_for("children end"):
            if are_gone(children):
                break
        assert not any(path.parent.exists() for path in rooms)
    log = "".join(server.said)
    assert re.search(r"Z GET /api/search 200 \d+ ms\n", log)
    assert re.search(r"Z POST /api/classify 200 \d+ ms\n", log)
    assert not re.search("secret|patient|minars|MONDO|Traceback", log)


@pytest.mark.slow
def test_without_log_it_says_where_it_listens_and_no_more() -> None:
    with served() as server:
        assert server.ask("/api/search?q=x")[0] == 200
        assert server.end(signal.SIGINT) == 0
    assert len(server.said) == 1


@pytest.mark.slow
def test_it_is_there_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    unmeasured(monkeypatch)
    # What it takes of one core until it listens, which other work on the machine does not change.
    with served() as server:
        assert (
            seconds_of(server.process.pid) + max(map(seconds_of, server.children())) < 2.5
        )  # 1.5, and coverage


@pytest.mark.slow
def test_head_and_body_of_an_answer_come_together() -> None:
    with served() as server, socket.create_connection(("127.0.0.1", server.port), 30) as client:
        for _ in range(20):
            client.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head, _, body = client.recv(65_536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert body
            client.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(65_536).endswith(b"\r\n\r\n")


def seconds_of(pid: int) -> float:
    """What a process has taken of the processors."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
def test_what_is_in_flight_is_answered_before_it_ends() -> None:
    with served() as server:
        cases = json.dumps([json.loads(CASE) | {"id": f"c{n}"} for n in range(60)])
        found: list[tuple[int, str]] = []
        asking = threading.Thread(
            target=lambda: found.append(server.ask("/api/classify?explain=true", "POST", cases))
        )
        server.ask("/api/classify", "POST", CASE)
        asking.start()
        time.sleep(0.3)
        code = server.end()
        asking.join(30)
        assert code == 0
        (answer,) = found
        assert answer[0] == 200
        assert len(json.loads(answer[1])["cases"]) == 60


@pytest.mark.slow
def test_children_of_a_server_that_was_killed_end_by_themselves() -> None:
    with served() as server:
        assert server.ask("/api/classify", "POST", CASE)[0] == 200
        children, rooms = server.children(), server.rooms()
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
        for _ in wait_for("children end"):
            if are_gone(children) and not any(path.parent.exists() for path in rooms):
                break


@pytest.mark.slow
def test_the_room_of_a_server_that_was_killed_goes_with_the_last_that_is_ready() -> None:
    with served() as server:
        assert server.ask("/api/classify", "POST", CASE)[0] == 200
        for _ in wait_for("all have loaded what they need", 60):
            spent = [seconds_of(pid) for pid in server.children()]
            time.sleep(2)
            if spent == [seconds_of(pid) for pid in server.children()]:
                break
        rooms = server.rooms()
        assert rooms
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
        for _ in wait_for("the room is removed"):
            if not any(path.parent.exists() for path in rooms):
                break


@pytest.mark.slow
def test_a_port_in_use_is_one_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "--port", port], capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"127.0.0.1:{port}: it cannot listen there (" in line
    assert "--port" in line


@pytest.mark.slow
def test_a_server_whose_processes_do_not_start_ends(kg: calcinosis.KnowledgeGraph) -> None:
    app = application(kg, worker=[sys.executable, "-c", "raise SystemExit(7)"])
    assert not run(app, listening("127.0.0.1", 0), lambda: pytest.fail("it told"), 1)


def test_a_signal_before_any_process_has_begun_ends_it() -> None:
    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[None]:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.01)
        app.state.starting = asyncio.create_task(asyncio.sleep(0))
        yield

    assert run(Starlette(lifespan=living), listening("127.0.0.1", 0), lambda: None, 1)


def test_pages_are_answered_and_it_can_be_ended_before_its_processes_have_started(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    app = application(kg, worker=[sys.executable, "-c", "import sys; sys.stdin.read()"])
    listener = listening("127.0.0.1", 0)
    seen: list[int] = []

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=20)
        try:
            connection.request("GET", "/WernerSyndrome")
            seen.append(connection.getresponse().status)
        finally:
            connection.close()
            os.kill(os.getpid(), signal.SIGTERM)

    asking = threading.Thread(target=ask)
    asking.start()
    assert run(app, listener, lambda: pytest.fail("it told"), 1)
    asking.join(20)
    assert seen == [200]


def test_all_addresses_say_what_that_means() -> None:
    process = start("--host", "0.0.0.0", "--allow-host", "graph.example.org")
    try:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Listening at http://127.0.0.1:")
        said = process.stderr.readline()
        assert "no login and no TLS" in said
        assert "proxy" in said
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_help_imports_no_server() -> None:
    code = (
        "import sys\nfrom calcinosis.cli import main\n"
        "try:\n    main(['serve', '--help'])\nfinally:\n"
        "    print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--allow-host" in done.stdout
    assert not {"starlette", "uvicorn", "calcinosis.web"} & set(done.stderr.split())


# -- clients that are slow ---------------------------------------------------------------


@pytest.mark.slow
def test_a_client_that_does_not_send_its_request_is_given_up() -> None:
    with served() as server, server.connect() as silent, server.connect() as slow:
        begun = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\n")
        while time.monotonic() - begun < 25:
            try:
                slow.sendall(b"X-A: b\r\n")
            except OSError:
                break
            time.sleep(0.5)
        assert 5 < time.monotonic() - begun < 20
        with suppress(ConnectionResetError):
            assert silent.recv(1) == b""
        assert server.ask("/api/query")[0] == 200


@pytest.mark.slow
def test_a_body_that_drips_is_not_waited_for() -> None:
    with served() as server, server.connect() as slow:
        head = (
            "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        )
        slow.sendall(f"{head}Content-Length: 5000\r\n\r\n".encode())
        slow.settimeout(0.5)
        begun, said = time.monotonic(), b""
        while time.monotonic() - begun < 50 and not said:
            slow.sendall(b" ")
            with suppress(TimeoutError):
                said = slow.recv(1000)
        assert said.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - begun < 40


@pytest.mark.slow
def test_a_long_body_that_is_refused_does_not_hide_why() -> None:
    with served("--max-body", "1") as server:
        status, said = server.ask("/api/classify", "POST", " " * 30_000_000)
        assert status == 413
        assert "larger than 1,000,000 bytes" in said


@pytest.mark.slow
def test_malformed_requests_by_the_thousand_do_no_harm() -> None:
    import random

    drawn = random.Random(1)
    with served() as server:
        for _ in range(2000):
            with server.connect() as client:
                client.sendall(drawn.randbytes(drawn.randrange(1, 200)) + b"\r\n\r\n")
        for _ in wait_for("it answers again", 5):
            if server.ask("/api/query")[0] == 200:
                break
        assert server.process.poll() is None
        assert len(os.listdir(f"/proc/{server.process.pid}/fd")) < 500  # noqa: PTH208
    assert "Traceback" not in "".join(server.said)
