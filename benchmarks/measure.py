"""Whole commands timed from outside, and rows for the table."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# What is installed has its bytecode, ours like that of the libraries it is compared with.
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
CALCINOSIS = str(Path(sys.executable).with_name("calcinosis"))


@dataclass(frozen=True)
class Row:
    """One line of the table; ``met`` is None where there is no target."""

    what: str
    measured: str
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Run:
    """One run of a command: wall-clock seconds, peak memory, and what it printed."""

    seconds: float
    peak_mb: float
    output: str


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; CalledProcessError if it fails.

    The kernel counts the memory of the process that starts the command into the command's
    peak, so this process must stay small: nothing heavy is imported here.
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, env=_ENVIRONMENT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        output.seek(0)
        text = output.read().decode()
    per_mb = 1_000_000 if sys.platform == "darwin" else 1_000
    return Run(seconds, usage.ru_maxrss / per_mb, text)


def interleaved(commands: Mapping[str, Sequence[str]], repetitions: int) -> dict[str, list[Run]]:
    """Run every command once, then every one again: a slow moment of the machine meets all.

    Before that each runs once uncounted, which compiles what was not compiled yet.
    """
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for command in commands.values():
        run(command)
    for _ in range(repetitions):
        for name, command in commands.items():
            runs[name].append(run(command))
    return runs


def seconds(runs: Sequence[Run]) -> float:
    """The median time."""
    return statistics.median(run.seconds for run in runs)


def peak(runs: Sequence[Run]) -> float:
    """The largest peak memory, in MB."""
    return max(run.peak_mb for run in runs)
