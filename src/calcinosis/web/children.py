"""Processes that answer requests, so that no request can hold up the server or outlive its time.

A child reads requests as lines of JSON and answers each with a line of JSON that says how long the
answer is, then the answer (``calcinosis.graph.worker``, ``calcinosis.web.clerk``). One that takes
too long is killed; one that takes long gets out of the way of the others, which a child that is
asked little never notices.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

LONG: Final = 0.5
"""Seconds after which a request counts as heavy: its process then gives way to the others."""
_NICE: Final = 15
_LOADING: Final = 60.0
Said = tuple[dict[str, Any], bytes]


class BusyError(Exception):
    """All processes are at work, and as many requests wait as may."""


class LateError(Exception):
    """No answer within the time."""


class DiedError(Exception):
    """A process ended before it answered; ``code`` is what it ended with."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"ended with {code}")


class _Child:
    """One process; it answers one request at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.is_heavy = False

    @classmethod
    async def started(cls, command: Sequence[str]) -> _Child:
        """A process that has loaded what it needs; DiedError where it ends instead."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=1 << 20,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            # A group of its own, so that Ctrl-C reaches the server alone; no session of its own,
            # since Linux weighs sessions before it asks how nice their processes are.
            process_group=0,
        )
        child = cls(process)
        try:
            async with asyncio.timeout(_LOADING):
                await child._read()
        except BaseException:
            child.end()
            raise
        return child

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, line: bytes) -> Said:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(LONG, self._give_way)
        try:
            pipe = _there(self._process.stdin)
            with suppress(OSError):  # where nobody reads there is nothing to read
                pipe.write(line)
                await pipe.drain()
            head = await self._read()
            try:
                return head, await _there(self._process.stdout).readexactly(head["size"])
            except asyncio.IncompleteReadError as error:
                raise DiedError(await self._process.wait()) from error
        finally:
            timer.cancel()

    async def _read(self) -> dict[str, Any]:
        line = await _there(self._process.stdout).readline()
        if not line:
            raise DiedError(await self._process.wait())
        head: dict[str, Any] = json.loads(line)
        return head

    def _give_way(self) -> None:
        self.is_heavy = True
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICE)

    def end(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)


class Pool:
    """At most ``most`` processes of one kind, one of them spare; ``waiting`` requests may wait."""

    def __init__(self, command: Sequence[str], *, most: int = 6, waiting: int = 100) -> None:
        self._command = command
        self._most = most
        self._waiting = waiting
        self._idle: deque[_Child] = deque()
        self._busy: set[_Child] = set()
        self._queue: deque[asyncio.Future[None]] = deque()
        self._coming = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the first process, and wait until it can be asked."""
        self._idle.append(await _Child.started(self._command))

    async def ask(self, request: Mapping[str, Any], seconds: float) -> Said:
        """What a process answers; waiting for one counts as time of the request.

        BusyError where too many wait already, LateError after ``seconds``, DiedError where the
        process ends. One that is cancelled while it waits ends the process that works for it.
        """
        line = json.dumps(dict(request)).encode() + b"\n"
        try:
            async with asyncio.timeout(seconds):
                child = await self._free()
                return await self._asked(child, line)
        except TimeoutError as error:
            raise LateError from error

    async def _asked(self, child: _Child, line: bytes) -> Said:
        self._busy.add(child)
        done = False
        try:
            said = await child.ask(line)
            done = True
            return said
        finally:
            self._busy.discard(child)
            if done and child.is_alive and not child.is_heavy and not self._closed:
                self._idle.append(child)
            else:
                child.end()
                self._spare()
            self._wake()

    async def _free(self) -> _Child:
        while True:
            while self._idle:
                child = self._idle.pop()
                if child.is_alive:
                    if not self._idle:
                        self._spare()
                    return child
            self._spare()
            if len(self._queue) >= self._waiting:
                raise BusyError
            turn = asyncio.get_running_loop().create_future()
            self._queue.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()
                raise
            finally:
                with suppress(ValueError):
                    self._queue.remove(turn)

    def _wake(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _spare(self) -> None:
        """Start another process beside those that work, if there may be one."""
        if self._closed or len(self._busy) + len(self._idle) + self._coming >= self._most:
            return
        self._coming += 1
        task = asyncio.create_task(self._start())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start(self) -> None:
        try:
            child = await _Child.started(self._command)
        except (DiedError, OSError, TimeoutError):
            await asyncio.sleep(LONG)  # not again at once
            return
        finally:
            self._coming -= 1
        if self._closed:
            child.end()
            return
        self._idle.append(child)
        self._wake()

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        for child in [*self._idle, *self._busy]:
            child.end()
        for task in list(self._tasks):
            task.cancel()


def _there(stream: Any) -> Any:
    if stream is None:
        raise TypeError("the process has been started without pipes")
    return stream
