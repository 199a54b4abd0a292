"""Processes that answer requests, so that no request can hold up the server or outlive its time.

One that takes too long is killed. One that takes long gets out of the way of the others, and
another takes its place; as many may take long as leave a process to the rest.

A process whose answers come at once is asked the next before it has answered the last, so that it
need not wait for the server, nor take turns with others that have a copy of the graph each. Where
it takes longer than it did, what it has not begun is given to others.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Any, Final

from calcinosis.web.child import Child, DiedError, Gone, Said, UnansweredError

__all__ = ["LONG", "SLOW", "BusyError", "DiedError", "LateError", "Pool", "Said", "UnansweredError"]

_QUICK: Final = 0.005
"""Seconds that others may wait for a process that is at work rather than for one more."""
_AHEAD: Final = 16
"""So many are asked of one process at most: what the next ones take nobody knows."""
SLOW: Final = 0.05
"""Seconds after which a request no longer counts on its process being free soon."""
LONG: Final = 0.5
"""Seconds of work after which a request counts as heavy: its process then gives way to the others.

What waits for a busy machine has not worked, so these are the processor's where the system says.
"""
_PAUSES: Final = (0.02, 0.1)
"""Seconds before another process is asked: until those are noticed that were killed with it."""
_SETTLED: Final = 1.0
"""Seconds after the first process before others are made ready; each next one soon after."""
_SOON: Final = 0.05
_CORES: Final = os.cpu_count() or 2


class BusyError(UnansweredError):
    """All processes are at work, and as many requests wait, or take long, as may."""


class LateError(UnansweredError):
    """No answer within the time."""


@dataclass(eq=False, slots=True)
class _Job:
    """A request, and who waits for its answer until when."""

    line: bytes
    answer: asyncio.Future[Said]
    until: float
    slow: Callable[[], None] | None
    since: float

    def begin(self, now: float) -> None:
        """It is worked on from now on; what nobody waits for any more may be for a while."""
        self.since = now
        if self.answer.done():
            self.until = now + SLOW

    def is_slow(self) -> None:
        """Say so, once, to who wants to know."""
        if self.slow is not None:
            told, self.slow = self.slow, None
            told()

    def fail(self, error: Exception) -> None:
        """Answer with an error, unless it is answered."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Pool:
    """At most ``most`` processes of one kind; of several, one is for what is quick.

    ``ready`` of them are there before they are asked, since to start one takes longer than most
    requests: they come while nothing waits. ``waiting`` requests may wait for one; one is heavy
    after ``long`` seconds. A request whose process was killed is given to another, at most twice.
    ``gone`` is told of each that ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        most: int = 6,
        ready: int = 1,
        waiting: int = 100,
        long: float = LONG,
        gone: Gone | None = None,
    ) -> None:
        self._gone = gone
        self._long_after = long
        self._command = command
        self._most = most
        self._ready = ready
        self._next: asyncio.TimerHandle | None = None
        self._waiting = waiting
        self._idle: list[Child] = []
        self._busy: dict[Child, deque[_Job]] = {}
        self._queue: deque[_Job] = deque()
        self._clock: asyncio.TimerHandle | None = None
        self._coming = 0
        self._starting: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the first process, and wait until it can be asked; what is asked before waits."""
        self._coming += 1
        await self._come()
        self._make_ready(_SETTLED)

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
        loop = asyncio.get_running_loop()
        job = _Job(line, loop.create_future(), until, slow, loop.time())
        if len(self._queue) >= self._waiting or self._closed:
            raise BusyError
        self._queue.append(job)
        self._hear(job.since - _QUICK)
        self._hand_out()
        if not self._idle:
            self._grow()
        if self._clock is None:
            self._clock = loop.call_later(_QUICK, self._look)
        try:
            return await job.answer
        finally:
            if job.answer.cancelled():
                self._left(job)

    # -- who works on what ---------------------------------------------------------------------

    def _hand_out(self) -> None:
        """Give processes to those that wait longest."""
        while self._queue:
            if self._queue[0].answer.done():  # too late, or nobody waits for it
                self._queue.popleft()
                continue
            child = self._brisk() or self._at_hand()
            if child is None:
                return
            self._give(child, self._queue.popleft())
        while self._idle and (job := self._held_up()):
            self._queue.append(job)
            self._hand_out()

    def _hear(self, before: float) -> None:
        """Hear those that have worked since then: the server may be late, not they."""
        for child, jobs in tuple(self._busy.items()):
            if jobs[0].since <= before and not child.is_slow:
                child.hear()

    def _brisk(self) -> Child | None:
        """A process that will have answered all that it is asked before anybody minds."""
        then = asyncio.get_running_loop().time() - _QUICK
        for child, jobs in self._busy.items():
            is_soon = len(jobs) < _AHEAD and len(jobs) * child.spent < _QUICK
            if is_soon and jobs[0].since > then:
                return child
        return None

    def _at_hand(self) -> Child | None:
        """A process that waits for work."""
        while self._idle:
            child = self._idle.pop()
            if child.is_alive:
                return child
            self._bury(child)
        return None

    def _held_up(self) -> _Job | None:
        """What a process has not begun that takes longer than it did; nobody waits for it there."""
        loop = asyncio.get_running_loop()
        for jobs in self._busy.values():
            if len(jobs) < 2 or loop.time() - jobs[0].since < _QUICK:
                continue
            for at, job in enumerate(jobs):
                if at and not job.answer.done():
                    jobs[at] = replace(job, answer=loop.create_future(), slow=None)
                    jobs[at].answer.cancel()
                    return job
        return None

    def _give(self, child: Child, job: _Job) -> None:
        jobs = self._busy.setdefault(child, deque())
        if not jobs:
            job.begin(asyncio.get_running_loop().time())
        jobs.append(job)
        child.ask(job.line)

    def _heard(self, child: Child, said: Said) -> None:
        jobs = self._busy.get(child)
        if jobs is None:
            return  # it was given up
        answer = jobs.popleft().answer
        if not answer.done():
            answer.set_result(said)
        if child.is_heavy or self._closed:
            self._give_up(child)
        elif jobs:
            child.is_slow = False
            jobs[0].begin(asyncio.get_running_loop().time())
        else:
            child.is_slow = False
            del self._busy[child]
            self._idle.append(child)
        self._hand_out()

    def _died(self, child: Child, error: DiedError) -> None:
        if child in self._busy:
            self._refuse(child, error)
            self._hand_out()
        elif child in self._idle:
            self._idle.remove(child)
            self._bury(child)

    def _refuse(self, child: Child, error: Exception) -> None:
        """Answer with an error what a process works on, and end it."""
        self._busy[child].popleft().fail(error)
        self._give_up(child)

    def _give_up(self, child: Child) -> None:
        """End a process; what it has not begun waits for another."""
        jobs = self._busy.pop(child)
        self._queue.extendleft(job for job in reversed(jobs) if not job.answer.done())
        self._bury(child)
        self._grow()

    def _left(self, job: _Job) -> None:
        """What is cancelled may go on for a while, so that who hangs up costs no process."""
        with suppress(ValueError):
            self._queue.remove(job)
        for child, jobs in self._busy.items():
            if jobs[0] is job:
                job.until = 0.0 if child.is_slow else asyncio.get_running_loop().time() + SLOW

    # -- what takes long -----------------------------------------------------------------------

    def _look(self) -> None:
        """Look again and again at what is asked, until nothing is."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._hear(now)
        for child, jobs in tuple(self._busy.items()):
            self._look_at(child, jobs[0], now)
        behind = (islice(jobs, 1, None) for jobs in self._busy.values())
        for job in (*self._queue, *chain.from_iterable(behind)):
            if now >= job.until:
                job.fail(LateError())
            elif now - job.since >= LONG:
                job.is_slow()
        self._hand_out()
        self._clock = None
        if self._busy or self._queue:
            is_soon = self._queue or not all(child.is_slow for child in self._busy)
            self._clock = loop.call_later(_QUICK if is_soon else SLOW, self._look)

    def _look_at(self, child: Child, job: _Job, now: float) -> None:
        if now >= job.until:
            self._refuse(child, LateError())
        elif not child.is_slow:
            if now - job.since >= SLOW:
                child.is_slow = True
                child.watch(now)
                job.is_slow()
                self._grow()
        elif not child.is_heavy and child.is_long(now, self._long_after - SLOW):
            if sum(one.is_heavy for one in self._busy) >= max(1, self._most - 1):
                self._refuse(child, BusyError())
            else:
                child.give_way()
                self._grow()

    # -- how many there are --------------------------------------------------------------------

    def _bury(self, child: Child) -> None:
        child.end()
        _keep(child.gone(), self._ending)
        self._make_ready()

    def _grow(self) -> None:
        """Start processes until one is quick, or while requests wait as many as there are cores.

        The first comes alone: it is there sooner than one of several that start at once.
        """
        if self._coming and not self._idle and not self._busy:
            return
        is_waiting = bool(self._queue) or any(len(jobs) > 1 for jobs in self._busy.values())
        quick = sum(not one.is_slow for one in (*self._idle, *self._busy)) + self._coming
        there = len(self._idle) + len(self._busy) + self._coming
        wanted = (_CORES if is_waiting else 1) - quick
        for _ in range(min(wanted, self._most - there)):
            if not self._closed:
                self._coming += 1
                _keep(self._start(), self._starting)

    def _make_ready(self, after: float = _SOON) -> None:
        """Start one more when nothing waits, and then the next, until as many are there."""
        loop = asyncio.get_running_loop()

        def start() -> None:
            self._next = None
            if self._queue or self._coming:
                self._make_ready()
            elif len(self._idle) + len(self._busy) < self._ready:
                self._coming += 1
                _keep(self._start(), self._starting)
                self._make_ready()

        if self._next is None and not self._closed:
            self._next = loop.call_later(after, start)

    async def _started(self) -> Child:
        child = await Child.started(self._command, self._gone)
        child.listen(partial(self._heard, child), partial(self._died, child))
        return child

    async def _start(self) -> None:
        try:
            await self._come()
        except (DiedError, OSError, TimeoutError):
            self._coming += 1  # not again at once
            await asyncio.sleep(LONG)
            self._coming -= 1
        if self._queue:
            self._grow()

    async def _come(self) -> None:
        try:
            child = await self._started()
        finally:
            self._coming -= 1
        self._idle.append(child)
        self._hand_out()

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        if self._next is not None:
            self._next.cancel()
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        for job in (*self._queue, *chain.from_iterable(self._busy.values())):
            job.fail(BusyError())
        self._queue.clear()
        for child in (*self._idle, *self._busy):
            self._bury(child)
        self._idle.clear()
        self._busy.clear()
        await asyncio.gather(*self._ending)


def _keep(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    """Begin what nobody waits for, and hold it until it is done."""
    task = asyncio.get_running_loop().create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
