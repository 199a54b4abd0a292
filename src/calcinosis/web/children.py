"""Processes that answer requests, so that no request can hold up the server or outlive its time.

A child reads requests as lines of JSON and answers each with a line of JSON that says how long the
answer is, then the answer (``calcinosis.graph.worker``, ``calcinosis.web.clerk``). One that takes
too long is killed. One that takes long gets out of the way of the others, and another takes its
place; as many may take long as leave a process to the rest.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

SLOW: Final = 0.05
"""Seconds after which a request no longer counts on its process being free soon."""
LONG: Final = 0.5
"""Seconds of work after which a request counts as heavy: its process then gives way to the others.

What waits for a busy machine has not worked, so these are the processor's where the system says.
"""
_NICE: Final = 10
_PAUSES: Final = (0.02, 0.1)
"""Seconds before another process is asked: until those are noticed that were killed with it."""
_LOADING: Final = 60.0
_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_CORES: Final = os.cpu_count() or 2
Said = tuple[dict[str, Any], bytes]
Gone = Callable[[int], None]
"""What is called with the number of each process that has ended, whoever ended it."""


class BusyError(Exception):
    """All processes are at work, and as many requests wait, or take long, as may."""


class LateError(Exception):
    """No answer within the time."""


class DiedError(Exception):
    """A process ended before it answered; ``code`` is what it ended with."""

    def __init__(self, code: int, *, was_heavy: bool = False) -> None:
        self.code = code
        self.was_heavy = was_heavy
        super().__init__(f"ended with {code}")


class _Pipes(asyncio.SubprocessProtocol):
    """What a process says, put together to answers."""

    def __init__(self) -> None:
        self._said = bytearray()
        self._head: dict[str, Any] | None = None
        self._answer: asyncio.Future[Said] | None = None
        self.left: Callable[[], None] | None = None
        """What to do when the answer is there for which nobody waits any more."""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def next(self) -> asyncio.Future[Said]:
        """The next answer, to come; DiedError where the process ends before."""
        self._answer = asyncio.get_running_loop().create_future()
        if self.ended.done():
            self._fail()
        return self._answer

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        del fd
        said = self._said
        said += data
        if self._head is None:
            end = said.find(b"\n")
            if end < 0:
                return
            self._head = json.loads(said[:end])
            del said[: end + 1]
        size = self._head["size"]
        if len(said) >= size:
            head, body = self._head, bytes(said[:size])
            del said[:size]
            self._head = None
            if self._answer is not None and not self._answer.done():
                self._answer.set_result((head, body))
            self._tell()

    def process_exited(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
        self._fail()
        self._tell()

    def _tell(self) -> None:
        if self.left is not None:
            told, self.left = self.left, None
            told()

    def _fail(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(DiedError(self.transport.get_returncode()))


class _Child:
    """One process; it answers one request at a time."""

    def __init__(self, pipes: _Pipes) -> None:
        self._pipes = pipes
        self.is_slow = self.is_heavy = self._is_ending = False
        self.clocks: list[asyncio.TimerHandle] = []

    @classmethod
    async def started(cls, command: Sequence[str], gone: Gone | None = None) -> _Child:
        """A process that has loaded what it needs; DiedError where it ends instead."""
        _, pipes = await asyncio.get_running_loop().subprocess_exec(
            _Pipes,
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            # Ctrl-C is for the server alone, and Linux shares its time out by session.
            start_new_session=True,
        )
        child = cls(pipes)
        if gone is not None:
            pid = child.pid
            pipes.ended.add_done_callback(lambda _: gone(pid))
        try:
            async with asyncio.timeout(_LOADING):
                await pipes.next()
        except BaseException:
            child.end()
            await child.gone()
            raise
        return child

    @property
    def pid(self) -> int:
        return int(self._pipes.transport.get_pid())

    @property
    def is_alive(self) -> bool:
        return not self._is_ending and not self._pipes.ended.done()

    def ask(self, line: bytes) -> asyncio.Future[Said]:
        answer = self._pipes.next()
        self._pipes.transport.get_pipe_transport(0).write(line)
        return answer

    def is_left(self, then: Callable[[], None]) -> None:
        """Nobody waits for the answer any more; ``then`` is called when it is there."""
        self._pipes.left = then

    def stop_clocks(self) -> None:
        """Watch the request no more."""
        for clock in self.clocks:
            clock.cancel()
        self.clocks.clear()

    def worked(self) -> float | None:
        """Seconds that its processor has worked since it began; None where nobody says."""
        try:
            told = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace")
        except (OSError, AttributeError):
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
            self._pipes.transport.send_signal(signal.SIGKILL)

    async def gone(self) -> None:
        """Wait until it has ended, and close what led to it."""
        await self._pipes.ended
        self._pipes.transport.close()


class Pool:
    """At most ``most`` processes of one kind; of several, one is for what is quick.

    ``waiting`` requests may wait for one; one is heavy after ``long`` seconds. A request whose
    process was killed is given to another, at most twice. ``gone`` is told of each that ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        most: int = 6,
        waiting: int = 100,
        long: float = LONG,
        gone: Gone | None = None,
    ) -> None:
        self._gone = gone
        self._long_after = long
        self._command = command
        self._most = most
        self._waiting = waiting
        self._idle: deque[_Child] = deque()
        self._busy: set[_Child] = set()
        self._queue: deque[asyncio.Future[_Child]] = deque()
        self._coming = 0
        self._starting: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the first process, and wait until it can be asked."""
        self._idle.append(await _Child.started(self._command, self._gone))

    @property
    def pids(self) -> list[int]:
        """The processes that are there."""
        return sorted(child.pid for child in (*self._idle, *self._busy))

    async def ask(
        self, request: Mapping[str, Any], seconds: float, slow: Callable[[], None] | None = None
    ) -> Said:
        """What a process answers; waiting for one counts as time of the request.

        ``slow`` is called if it does not come at once. BusyError where too many wait or work
        already, LateError after ``seconds``, DiedError where the process ends. One that is
        cancelled is worked on for as long as is quick, then ended.
        """
        line = json.dumps(request).encode() + b"\n"
        until = asyncio.get_running_loop().time() + seconds
        for pause in _PAUSES:
            try:
                return await self._asked(line, until, slow)
            except DiedError as error:
                if error.code != -signal.SIGKILL or error.was_heavy or self._closed:
                    raise
            await asyncio.sleep(pause)
        return await self._asked(line, until, slow)

    async def _asked(self, line: bytes, until: float, slow: Callable[[], None] | None) -> Said:
        child = self._at_hand() or await self._in_turn(until, slow)
        self._busy.add(child)
        answer = child.ask(line)
        loop = asyncio.get_running_loop()
        child.clocks.append(loop.call_later(SLOW, self._slow, child, answer, until, slow))
        try:
            return await answer
        except DiedError as error:
            raise DiedError(error.code, was_heavy=child.is_heavy) from None
        finally:
            if answer.cancelled():
                self._left(child)
            else:
                self._free_again(child)

    def _left(self, child: _Child) -> None:
        """What is cancelled may go on for a while, so that who hangs up costs no process."""
        loop = asyncio.get_running_loop()
        child.clocks.append(loop.call_later(0 if child.is_slow else SLOW, child.end))
        child.is_left(partial(self._free_again, child))

    def _slow(
        self,
        child: _Child,
        answer: asyncio.Future[Said],
        until: float,
        slow: Callable[[], None] | None,
    ) -> None:
        if answer.done():
            return
        child.is_slow = True
        if slow is not None:
            slow()
        loop = asyncio.get_running_loop()
        child.clocks.append(loop.call_at(until, self._refuse, child, answer, LateError()))
        self._grow()
        self._watch(child, answer, child.worked())

    def _watch(self, child: _Child, answer: asyncio.Future[Said], begun: float | None) -> None:
        loop = asyncio.get_running_loop()
        later = self._long_after - SLOW
        child.clocks.append(loop.call_later(later, self._long, child, answer, begun))

    def _long(self, child: _Child, answer: asyncio.Future[Said], begun: float | None) -> None:
        now = child.worked()
        if begun is not None and now is not None and now - begun < (self._long_after - SLOW) / 2:
            self._watch(child, answer, begun)
        elif sum(one.is_heavy for one in self._busy) >= max(1, self._most - 1):
            self._refuse(child, answer, BusyError())
        else:
            child.give_way()
            self._grow()

    def _refuse(self, child: _Child, answer: asyncio.Future[Said], error: Exception) -> None:
        if not answer.done():
            child.end()
            answer.set_exception(error)

    def _free_again(self, child: _Child) -> None:
        child.stop_clocks()
        self._busy.discard(child)
        if child.is_alive and not child.is_heavy and not self._closed:
            child.is_slow = False
            self._offer(child)
        else:
            self._bury(child)
            self._grow()

    def _at_hand(self) -> _Child | None:
        """A process that waits for work."""
        while self._idle:
            child = self._idle.pop()
            if child.is_alive:
                return child
            self._bury(child)
        return None

    async def _in_turn(self, until: float, slow: Callable[[], None] | None) -> _Child:
        """The next process that is free, in the order in which requests came."""
        if len(self._queue) >= self._waiting or self._closed:
            raise BusyError
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[_Child] = loop.create_future()
        self._queue.append(turn)
        clocks = [loop.call_later(LONG, _waits, turn, slow)]
        clocks.append(loop.call_at(until, _too_late, turn))
        self._grow()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._offer(turn.result())
            raise
        finally:
            for clock in clocks:
                clock.cancel()

    def _offer(self, child: _Child) -> None:
        """Give a process to who waits longest, or lay it by."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(child)
                return
        self._idle.append(child)

    def _bury(self, child: _Child) -> None:
        child.end()
        _keep(child.gone(), self._ending)

    def _grow(self) -> None:
        """Start processes until one is quick, or while requests wait as many as there are cores."""
        quick = sum(not one.is_slow for one in (*self._idle, *self._busy)) + self._coming
        there = len(self._idle) + len(self._busy) + self._coming
        wanted = (_CORES if self._queue else 1) - quick
        for _ in range(min(wanted, self._most - there)):
            if not self._closed:
                self._coming += 1
                _keep(self._start(), self._starting)

    async def _start(self) -> None:
        try:
            child = await _Child.started(self._command, self._gone)
        except (DiedError, OSError, TimeoutError):
            await asyncio.sleep(LONG)  # not again at once
            self._coming -= 1
            if self._queue:
                self._grow()
            return
        except BaseException:
            self._coming -= 1
            raise
        self._coming -= 1
        self._offer(child)

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        for child in (*self._idle, *self._busy):
            self._bury(child)
        await asyncio.gather(*self._ending)


def _waits(turn: asyncio.Future[_Child], slow: Callable[[], None] | None) -> None:
    if slow is not None and not turn.done():
        slow()


def _too_late(turn: asyncio.Future[_Child]) -> None:
    if not turn.done():
        turn.set_exception(LateError())


def _keep(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    """Begin what nobody waits for, and hold it until it is done."""
    task = asyncio.get_running_loop().create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
