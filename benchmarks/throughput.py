"""A thousand cases: JSON Lines by the case, YAML against its C loader on the same text."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import CALCINOSIS, Row, Run, interleaved, run, seconds

CASES = 1000
MS_A_CASE = 1.0
TIMES_LOADER = 3.0
TIMES_STRICT = 1.75
_LOADER = """
import pathlib, sys, time, yaml
text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
start = time.perf_counter()
yaml.load(text, Loader=yaml.CSafeLoader)
print(time.perf_counter() - start)
"""


def rows(repetitions: int) -> Iterator[Row]:
    """The cost of many cases beyond start-up, output included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run([sys.executable, "-m", "benchmarks.cases", name, str(CASES)])
        files = [f"{stem}.{suffix}" for stem in ("one", "cases") for suffix in ("jsonl", "yaml")]
        commands = {
            file: [CALCINOSIS, "classify", "-f", "jsonl", str(folder / file)] for file in files
        }
        strict = [*commands["cases.jsonl"], "--assume", "nothing"]
        loader = [sys.executable, "-c", _LOADER, str(folder / "cases.yaml")]
        runs = interleaved({**commands, "strict": strict, "loader": loader}, repetitions)
    lines = _beyond_start(runs, "jsonl")
    yield Row(
        f"{CASES:,} cases as JSON Lines, a case",
        f"{lines / CASES * 1000:.2f} ms",
        f"≤ {MS_A_CASE:.0f} ms",
        lines <= MS_A_CASE / 1000 * CASES,
    )
    presumed = seconds(runs["cases.jsonl"]) / seconds(runs["strict"])
    yield Row(
        f"{CASES:,} cases with what is presumed, against --assume nothing",
        f"{presumed:.2f} ×",
        f"≤ {TIMES_STRICT:g} ×",
        presumed <= TIMES_STRICT,
    )
    document = _beyond_start(runs, "yaml")
    alone = statistics.median(float(run.output) for run in runs["loader"])
    yield Row(
        f"{CASES:,} cases as YAML, against its C loader alone",
        f"{document / alone:.2f} × ({document:.2f} s, {alone:.2f} s)",
        f"≤ {TIMES_LOADER:.0f} ×",
        document <= TIMES_LOADER * alone,
    )


def _beyond_start(runs: dict[str, list[Run]], suffix: str) -> float:
    whole = runs[f"cases.{suffix}"]
    printed = {len(run.output.splitlines()) for run in whole}
    if printed != {CASES}:
        raise ValueError(f"{CASES} cases went in and {printed} came out")
    return seconds(whole) - seconds(runs[f"one.{suffix}"])
