"""A server as users start it: ``calcinosis serve`` in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

import pytest

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
_STARTING = 60.0


class Served:
    """A running server: its port, what it has said, how it ended.

    It leads a session of its own, so that no signal for the tests reaches it; ``below`` is a
    command that runs it, such as one that bounds what it may do.
    """

    def __init__(
        self,
        folder: Path,
        *words: str,
        port: int = 0,
        environment: Mapping[str, str] = MappingProxyType({}),
        below: Sequence[str] = (),
    ) -> None:
        self.said: list[str] = []
        self._heard = threading.Event()
        self.port = 0
        self._process = subprocess.Popen(
            [*below, sys.executable, "-m", "calcinosis", "serve", "--port", str(port), *words],
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        if not self._heard.wait(_STARTING) or not self.port:
            self.kill()
            raise AssertionError(f"the server does not start: {''.join(self.said)}")

    @property
    def url(self) -> str:
        """The address of the home, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process that listens."""
        return self._process.pid

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as said:
            for line in said:
                self.said.append(line)
                if not self.port and (found := _ADDRESS.search(line)):
                    self.port = int(found[1])
                    self._heard.set()
        self._heard.set()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process that listens, and to it alone."""
        self._process.send_signal(number)

    def ended(self, seconds: float) -> int:
        """The exit code, within this time."""
        code = self._process.wait(seconds)
        self._listener.join(seconds)
        return code

    def stop(self, seconds: float = 20) -> int:
        """Ask it to end, as systemd does, and wait; the exit code."""
        self.send(signal.SIGTERM)
        return self.ended(seconds)

    def kill(self) -> None:
        """End it and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.ended(10)

    def children(self) -> list[int]:
        """The processes below it (Linux), the eldest first."""
        return descendants(self.pid)


@contextmanager
def served(folder: Path, *words: str) -> Iterator[Served]:
    """A server in a folder, ended at the end."""
    server = Served(folder, *words)
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and theirs, by what Linux tells."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent(int(entry.name))):
            below.setdefault(parent, []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        more = below.get(left.pop(0), [])
        found += more
        left += more
    return sorted(found)


def _parent(pid: int) -> int:
    """Of a process that lives; 0 for one that has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    state, parent = stat.rpartition(")")[2].split()[:2]
    return 0 if state in "ZX" else int(parent)


def lives(pid: int) -> bool:
    """Whether a process still runs."""
    return _parent(pid) > 0


def resident(pids: list[int]) -> int:
    """Kilobytes of memory that processes take, without what they share with others by file."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            total += sum(int(n) for n in re.findall(r"RssAnon:\s+(\d+)", text))
    return total


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether something comes true within this time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes without coverage: what they take is tested, or their lines are elsewhere."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)
