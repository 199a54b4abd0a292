"""A process that answers requests in the order in which it is asked, and what leads to it.

It reads requests as lines of JSON and answers each with a line of JSON that says how long the
answer is, then the answer (``calcinosis.graph.worker``, ``calcinosis.web.clerk``).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

_NICE: Final = 10
_LOADING: Final = 60.0
_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_READ: Final = 65_536
OWN_PIPES: Final = os.name != "nt"
"""Whether pipes of our own can be watched; asyncio's turn the loop once more for each answer."""
Transport = asyncio.SubprocessTransport
Said = tuple[dict[str, Any], bytes]
Gone = Callable[[int], None]
"""What is called with the number of each process that has ended, whoever ended it."""


class UnansweredError(Exception):
    """No process of a pool answers."""


class DiedError(UnansweredError):
    """A process ended before it answered; ``code`` is what it ended with."""

    def __init__(self, code: int, *, was_heavy: bool = False) -> None:
        self.code = code
        self.was_heavy = was_heavy
        super().__init__(f"ended with {code}")


class _Answers:
    """What a process says, put together to answers."""

    heard: Callable[[Said], None]
    """What is called with each answer."""

    def __init__(self) -> None:
        self._parts = bytearray()
        self._head: dict[str, Any] | None = None

    def take(self, data: bytes) -> None:
        """Hear a part of what it says."""
        if self._parts:
            self._parts += data
            if self._head is not None and len(self._parts) < self._head["size"]:
                return
            data = bytes(self._parts)
            self._parts.clear()
        start = 0
        while True:
            if self._head is None:
                end = data.find(b"\n", start)
                if end < 0:
                    break
                self._head = json.loads(data[start:end])
                start = end + 1
            end = start + self._head["size"]
            if end > len(data):
                break
            said, self._head, start = (self._head, data[start:end]), None, end
            self.heard(said)
        self._parts += data[start:]


class _Pipes(_Answers):
    """The two pipes to a process: what it is told, and what it says."""

    def __init__(self, told: int, said: int) -> None:
        super().__init__()
        self._told = told
        self._said = said
        self._loop = asyncio.get_running_loop()
        self._left = b""
        os.set_blocking(told, False)
        os.set_blocking(said, False)
        self._loop.add_reader(said, self._read)

    def write(self, line: bytes) -> None:
        """Tell it a line, now as far as there is room, and then the rest."""
        if self._left:
            self._left += line
            return
        try:
            self._left = line[os.write(self._told, line) :]
        except BlockingIOError:
            self._left = line
        except OSError:  # it has ended, which is told of elsewhere
            self._left = b""
        if self._left:
            self._loop.add_writer(self._told, self._write_on)

    def _write_on(self) -> None:
        self._loop.remove_writer(self._told)
        line, self._left = self._left, b""
        self.write(line)

    def hear(self) -> None:
        """Hear what it has said by now."""
        while self._read():
            pass

    def _read(self) -> bool:
        """Hear a part; False where there is none."""
        try:
            data = os.read(self._said, _READ)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if data:
            self.take(data)
        else:
            self._loop.remove_reader(self._said)
        return bool(data)

    def close(self) -> None:
        """Tell and hear nothing more."""
        self._loop.remove_reader(self._said)
        self._loop.remove_writer(self._told)
        os.close(self._said)
        os.close(self._told)


class _Streams(_Answers):
    """The same by pipes of asyncio."""

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._told: Any = transport.get_pipe_transport(0)

    def write(self, line: bytes) -> None:
        """Tell it a line."""
        self._told.write(line)

    def hear(self) -> None:
        """Nothing: what it has said is on its way."""

    def close(self) -> None:
        """Nothing: they end with the process."""


class _Life(asyncio.SubprocessProtocol):
    """Whether the process still runs, and what it says where its pipes are those of asyncio."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.pipes: _Answers | None = None

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        del fd
        if self.pipes is not None:
            self.pipes.take(data)

    def process_exited(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


async def _begun(command: Sequence[str], told: int, said: int) -> tuple[Transport, _Life]:
    """A process with this for its standard input and output."""
    return await asyncio.get_running_loop().subprocess_exec(
        _Life,
        *command,
        stdin=told,
        stdout=said,
        stderr=DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        # Ctrl-C is for the server alone, and Linux shares its time out by session.
        start_new_session=True,
    )


async def _watched(command: Sequence[str]) -> tuple[Transport, _Life, _Pipes]:
    """A process with pipes of our own."""
    reads, told = os.pipe()
    said, writes = os.pipe()
    try:
        transport, life = await _begun(command, reads, writes)
    except BaseException:
        os.close(told)
        os.close(said)
        raise
    finally:
        os.close(reads)
        os.close(writes)
    return transport, life, _Pipes(told, said)


async def _streamed(command: Sequence[str]) -> tuple[Transport, _Life, _Streams]:
    """A process with pipes of asyncio."""
    transport, life = await _begun(command, PIPE, PIPE)
    life.pipes = pipes = _Streams(transport)
    return transport, life, pipes


class Child:
    """One process."""

    def __init__(self, transport: Transport, life: _Life, pipes: _Pipes | _Streams) -> None:
        self._transport = transport
        self._life = life
        self._pipes = pipes
        self._is_ending = False
        self._watched: tuple[float, float | None] = 0.0, None
        self.pid = int(transport.get_pid() or 0)
        self.is_slow = self.is_heavy = False
        self.spent = 1.0
        """Seconds of work that its answers of late took at most, as far as it says so."""

    @classmethod
    async def started(cls, command: Sequence[str], gone: Gone | None = None) -> Child:
        """A process that has loaded what it needs; DiedError where it ends instead."""
        transport, life, pipes = await (_watched(command) if OWN_PIPES else _streamed(command))
        child = cls(transport, life, pipes)
        if gone is not None:
            life.ended.add_done_callback(lambda _: gone(child.pid))
        await child._is_ready()
        return child

    async def _is_ready(self) -> None:
        """Wait until it has loaded."""
        ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def told(*_: Any) -> None:
            if not ready.done():
                ready.set_result(True)

        self._pipes.heard = told
        self._life.ended.add_done_callback(told)
        try:
            async with asyncio.timeout(_LOADING):
                await ready
            if not self.is_alive:
                raise DiedError(self._transport.get_returncode() or 0)
        except BaseException:
            self.end()
            await self.gone()
            raise

    def listen(self, heard: Callable[[Said], None], died: Callable[[DiedError], None]) -> None:
        """Call ``heard`` with each answer from now on, and ``died`` when the process has ended."""

        def hear(said: Said) -> None:
            self.spent = max(said[0].get("spent", self.spent), self.spent / 2)
            heard(said)

        def end(_: Any) -> None:
            self._pipes.hear()
            died(DiedError(self._transport.get_returncode() or 0, was_heavy=self.is_heavy))

        self._pipes.heard = hear
        self._life.ended.add_done_callback(end)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return not self._is_ending and not self._life.ended.done()

    def ask(self, line: bytes) -> None:
        """Ask it something more."""
        self._pipes.write(line)

    def hear(self) -> None:
        """Hear what it has answered by now."""
        self._pipes.hear()

    def watch(self, now: float) -> None:
        """Count from now on what it works."""
        self._watched = now, self.worked()

    def is_long(self, now: float, seconds: float) -> bool:
        """Whether it has worked long, of so many seconds; asked again after as many if not."""
        since, before = self._watched
        if now - since < seconds:
            return False
        worked = self.worked()
        self._watched = now, before
        return before is None or worked is None or worked - before >= seconds / 2

    def worked(self) -> float | None:
        """Seconds that its processor has worked since it began; None where nobody says."""
        try:
            told = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return None
        user, system = told.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / _TICKS

    def give_way(self) -> None:
        """Work only when nobody else would."""
        self.is_heavy = True
        with suppress(OSError):
            os.setpriority(os.PRIO_PGRP, self.pid, _NICE)  # a process would be its first thread
        with suppress(OSError):  # Linux weighs sessions before it asks how nice who is in them is
            Path(f"/proc/{self.pid}/autogroup").write_text(str(_NICE), encoding="ascii")

    def end(self) -> None:
        """End it at once."""
        self._is_ending = True
        with suppress(ProcessLookupError):
            self._transport.send_signal(signal.SIGKILL)

    async def gone(self) -> None:
        """Wait until it has ended, and close what led to it."""
        await self._life.ended
        self._transport.close()
        self._pipes.close()
