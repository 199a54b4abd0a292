"""One case cold: the whole command against a bare ``import rdflib``, and its peak memory."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import CALCINOSIS, Row, interleaved, peak, run, seconds

TIMES_RDFLIB = 2.5
PEAK_MB = 150


def rows(repetitions: int) -> Iterator[Row]:
    """The cold start of ``calcinosis classify`` with one case."""
    with tempfile.TemporaryDirectory() as folder:
        run([sys.executable, "-m", "benchmarks.cases", folder, "1"])
        runs = interleaved(
            {
                "classify": [CALCINOSIS, "classify", str(Path(folder) / "one.yaml")],
                "rdflib": [sys.executable, "-c", "import rdflib"],
            },
            repetitions,
        )
    cold, rdflib = seconds(runs["classify"]), seconds(runs["rdflib"])
    yield Row(
        "one case cold, against `import rdflib`",
        f"{cold / rdflib:.2f} × ({cold * 1000:.0f} ms, {rdflib * 1000:.0f} ms)",
        f"≤ {TIMES_RDFLIB} ×",
        cold <= TIMES_RDFLIB * rdflib,
    )
    memory = peak(runs["classify"])
    yield Row("its peak memory", f"{memory:.0f} MB", f"< {PEAK_MB} MB", memory < PEAK_MB)
