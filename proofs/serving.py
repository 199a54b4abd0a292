"""A server under load, with faults: nothing wrong is answered, and it recovers within a second.

Clients ask pages, the endpoint and the API at random, and hold each answer against the one that
came when the server had nothing else to do, and that against what this process finds without a
server. Meanwhile processes of the server are killed. It is sent requests that are none
(``proofs.broken_requests``), stopped and started again under load, and run where the disk is
full. When it has ended no process of it is left. Only 127.0.0.1 is asked.

    python -m proofs.serving [--quick] [--all] [--seed 1]

Exit code 1 where something was answered wrongly, late, or not at all.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from tests.started import Served, eventually, lives, resident

from calcinosis import load
from proofs.broken_requests import broken, dawdling
from proofs.clients import Asked, Client, Seen, asking, faults, seen_by, slowness, slowness_beside
from proofs.right_answers import requests, settle

RECOVERED: Final = 1.0
"""Seconds within which a killed process may be missed."""
_STARTED: Final = 3.0
"""Seconds from the end of a server to the first right answer of each kind by the next."""
_GROWN: Final = 1.25
_NOISE: Final = 30_000  # kilobytes
_JUDGED: Final = "judged"
_ON_ITS_WAY: Final = 0.1  # a request that was sent so long ago has reached the server
_CLIENTS: Final = 50
_FULL: Final = (
    *("unshare", "--mount", "sh", "-c"),
    'for place in "$TMPDIR" /dev/shm; do mount -t tmpfs -o size=64k full "$place" || exit;'
    ' cp /dev/zero "$place/full" 2>&-; done; cd "$TMPDIR"; exec "$@"',
    "sh",
)
"""Runs a command where there is no room: in the folders for temporary files, and for cases."""
_NO_ROOM: Final = b"no room to lay down what was sent"
_NOT_TRIED: Final = "a full disk was not tried: who runs this may not mount one"


@dataclass(frozen=True)
class Size:
    """How much is tried: terms, rounds of kills, seconds, broken requests, seconds of slow ones."""

    terms: int
    rounds: int
    seconds: float
    broken: int
    slow: float
    kinds: int


WHOLE: Final = Size(terms=100, rounds=15, seconds=60, broken=5_000, slow=45, kinds=4)
QUICK: Final = Size(terms=40, rounds=3, seconds=10, broken=1_000, slow=13, kinds=2)


@contextmanager
def running(folder: Path, wrong: list[str], *, below: Sequence[str] = ()) -> Iterator[Served]:
    """A server that is stopped at the end; what it says wrong, or leaves running, is added."""
    server = Served(folder, below=below, environment={"TMPDIR": str(folder)})
    try:
        yield server
        wrong += _stopped(server)
    finally:
        server.kill()


def _stopped(server: Served) -> list[str]:
    """Stop it, and say what it left, or told of."""
    below = server.children()
    code = server.stop()
    found = [] if code in (0, 143) else [f"it ended with {code}"]
    if not eventually(lambda: not any(map(lives, below)), RECOVERED):
        found.append(f"{sum(map(lives, below))} processes are left after its end")
    return [*found, *_told(server)]


def _told(server: Served) -> list[str]:
    said = "".join(server.said)
    return [f"it said: {said[-2000:]}"] if "Traceback" in said else []


def recovery(server: Served, asked: Sequence[Asked], rounds: int) -> list[str]:
    """Kill all processes at once, again and again; what is then not answered within a second.

    Of each kind of request the middle one counts: another program may just then be at work here.
    """
    client = Client(server.port)
    found = []
    for kind, request in {one.kind: one for one in asked}.items():
        times = []
        for _ in range(rounds):
            slow = slowness()
            for pid in server.children():
                _killed(pid)
            seen = seen_by(client, request)
            found += faults([seen])
            times.append((seen.done - seen.sent) / max(slow, slowness()))
        print(f"  {kind}: {median(times):.2f} s, slowest {max(times):.2f} s, on a core of its own")
        if median(times) > RECOVERED:
            found.append(f"{kind}: {median(times):.2f} s after all were killed")
    client.close()
    return found


def under_load(server: Served, asked: Sequence[Asked], size: Size, seed: int) -> list[str]:
    """Kill processes of a server at work at random; what was wrong meanwhile."""
    chance = random.Random(seed)
    end = time.monotonic() + size.seconds
    memory: list[int] = []
    moments: list[float] = []
    slow: list[float] = []
    ended = 0
    with asking(server.port, asked, _CLIENTS, seed) as clients:
        while time.monotonic() < end:
            time.sleep(chance.uniform(1, 3))
            memory.append(resident([server.pid]))
            below = server.children()
            some = below if len(moments) % 4 == 2 else below and [chance.choice(below)]
            moments.append(time.monotonic())
            ended += sum(map(_killed, some))
            slow.append(slowness_beside())
        time.sleep(2 * RECOVERED)
    seen = clients.seen
    print(
        f"  {len(seen)} requests, {ended} processes killed, {_spread(seen)}; {memory[-1]} kB; "
        f"processes {max(slow):.1f} times as slow as alone"
    )
    nobody = [] if ended else ["no process of the server was there to be killed"]
    late = _late(seen, moments, RECOVERED * max(slow))
    return [*_wrong(seen, ended), *late, *_grown(memory), *nobody]


def _killed(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def _spread(seen: Sequence[Seen]) -> str:
    times = sorted(one.done - one.sent for one in seen)
    return f"median {times[len(times) // 2]:.3f} s, slowest {times[-1]:.2f} s"


def _wrong(seen: Sequence[Seen], lost: int) -> list[str]:
    """What was not right; ``lost`` requests may have been in a process when it was killed."""
    excused = [one for one in seen if one.status == 503]
    found = [one.fault for one in seen if one.fault and one.status != 503]
    if len(excused) > lost:
        found.append(f"503 for {len(excused)} requests, where {lost} processes were killed")
    return found


def _late(seen: Sequence[Seen], moments: Sequence[float], seconds: float) -> list[str]:
    """Kinds of requests to which no right answer came so long after a kill.

    A client waits behind all others, so what a request of the kind takes anyway comes on top.
    """
    found = []
    for kind in sorted({one.kind for one in seen}):
        right = [one for one in seen if one.kind == kind and not one.fault]
        bound = seconds + median([one.done - one.sent for one in right] or [0])
        for moment in moments:
            after = min((one.done for one in right if one.sent >= moment), default=float("inf"))
            if after - moment > bound:
                found.append(f"{kind}: no right answer for {after - moment:.1f} s after a kill")
    return found


def _grown(memory: Sequence[int]) -> list[str]:
    """Whether the listening process takes more at the end than when it was warm."""
    warm, last = memory[len(memory) // 3], memory[-1]
    grown = last > warm * _GROWN + _NOISE
    return [f"memory of the listening process grew from {warm} to {last} kB"] if grown else []


def again(folder: Path, asked: Sequence[Asked], seed: int) -> list[str]:
    """Stop a server under load and start it anew at the same port; who was not answered."""
    first = Served(folder)
    second: Served | None = None
    try:
        with asking(first.port, asked, 20, seed, is_fresh=True) as clients:
            time.sleep(2)
            told = time.monotonic()
            found = _stopped(first)
            ended = time.monotonic()
            second = Served(folder, port=first.port)
            ready = time.monotonic()
            time.sleep(1)
        found += _stopped(second)
    finally:
        first.kill()
        if second:
            second.kill()
    before = [one for one in clients.seen if one.sent < told - _ON_ITS_WAY]
    after = [one for one in clients.seen if one.sent > ready]
    print(f"  {len(before)} requests before, ended after {ended - told:.2f} s")
    found += _back(clients.seen, ended)
    cut = [one.fault for one in clients.seen if one.fault and one.status]
    return [*found, *faults(before), *faults(after), *cut]


def _back(seen: Sequence[Seen], since: float) -> list[str]:
    """Whether the first right answer of a new server, and of each kind, came in time.

    Clients wait behind all others, for processes that start on the cores which they take too.
    """
    times: dict[str, float] = {}
    for one in sorted(seen, key=lambda one: one.done):
        if one.done > since and not one.fault:
            times.setdefault(one.kind, one.done - since)
    slow = slowness()
    said = ", ".join(f"{kind} {took:.2f} s" for kind, took in times.items())
    print(
        f"  first right answers after the old one ended: {said}; {slow:.1f} times as slow as alone"
    )
    if not times:
        return ["nobody was answered after the restart"]
    return [f"{kind}: after {took:.1f} s" for kind, took in times.items() if took > _STARTED * slow]


def full_disk(folder: Path, asked: Sequence[Asked]) -> list[str]:
    """What a server answers wrongly where there is no room for another file.

    Cases, which are laid into files, are refused with the reason; all else is answered.
    """
    wrong: list[str] = []
    with running(folder, wrong, below=_FULL) as server:
        client = Client(server.port)
        wrong += faults([seen_by(client, one) for one in asked if one.kind != _JUDGED])
        for one in (one for one in asked if one.kind == _JUDGED):
            answer = client.ask(one)
            if answer.status != 503 or _NO_ROOM not in answer.body:
                wrong.append(f"without room {answer.status} {one.path}: {answer.body[:200]!r}")
    return wrong


def can_fill() -> bool:
    """Whether a disk that is full can be mounted, for a command and nobody else."""
    mount = ("sh", "-c", "mount -t tmpfs -o size=64k full /dev/shm")
    try:
        done = subprocess.run([*_FULL[:2], *mount], capture_output=True, check=False)
    except OSError:
        return False
    return not done.returncode


def orphans(folder: Path) -> list[str]:
    """What is left of a server that was killed itself."""
    server = Served(folder)
    below = server.children()
    server.send(signal.SIGKILL)
    gone = eventually(lambda: not any(map(lives, below)), 5)
    server.kill()
    return [] if gone and below else [f"of {below} some live after the server was killed"]


def main(words: list[str] | None = None) -> int:
    """1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute of it")
    parser.add_argument("--all", action="store_true", help="what cannot be tried is a fault")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(words)
    size, seed = (QUICK if given.quick else WHOLE), given.seed
    asked = requests(load(), size.terms, seed)
    is_fillable = can_fill()
    wrong: list[str] = []
    with TemporaryDirectory(prefix="a folder with blanks ") as name:
        folder = Path(name)
        with running(folder, wrong) as server:
            port = server.port
            wrong += _part("quiet", lambda: settle(port, asked))
            wrong += _part("all killed", lambda: recovery(server, asked, size.rounds))
            wrong += _part("load and kills", lambda: under_load(server, asked, size, seed))
            wrong += _part("broken requests", lambda: broken(port, size.broken, seed, asked))
            wrong += _part("slow clients", lambda: dawdling(port, size.slow, asked, size.kinds))
        wrong += _part("restart", lambda: again(folder, asked, seed))
        if is_fillable:
            wrong += _part("full disk", lambda: full_disk(folder, asked))
        elif given.all:
            wrong.append(_NOT_TRIED)
        wrong += _part("killed itself", lambda: orphans(folder))
    untried = "" if is_fillable else f"; {_NOT_TRIED}"
    print("\n".join([*wrong, f"{len(wrong)} faults{untried}"][-20:]))
    return int(bool(wrong))


def _part(name: str, work: Callable[[], list[str]]) -> list[str]:
    began = time.monotonic()
    print(f"{name}:", flush=True)
    found = work()
    for fault in found[:20]:
        print(f"  {fault}")
    print(f"  {len(found)} faults in {time.monotonic() - began:.0f} s", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
