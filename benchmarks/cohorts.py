"""A thousand patients as a cohort: what the summary costs beside classifying, and the memory."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import CALCINOSIS, Row, interleaved, run

PATIENTS = 1000
TIMES = 1.5
MB = 200
_ALONE = """
import sys, time, calcinosis
kg = calcinosis.load()
list(kg.stream(sys.argv[1]))  # what is loaded once
start = time.perf_counter()
count = sum(1 for _ in kg.stream(sys.argv[2]))
alone = time.perf_counter() - start
start = time.perf_counter()
cohort = kg.stream(sys.argv[2]).cohort()
cohort.to_dict(), cohort.wide()
assert len(cohort) == count
print((time.perf_counter() - start) / alone)
"""


def rows(repetitions: int) -> Iterator[Row]:
    """The summary against classifying alone, in one process, and whole commands' memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run([sys.executable, "-m", "benchmarks.cases", name, str(PATIENTS)])
        cases = str(folder / "cases.jsonl")
        command = [CALCINOSIS, "classify", cases, "-q"]
        sheet = [*command, "--force", "-o", str(folder / "cohort.xlsx")]
        ratio = [sys.executable, "-c", _ALONE, str(folder / "one.jsonl"), cases]
        runs = interleaved({"text": command, "xlsx": sheet, "ratio": ratio}, repetitions)
    times = statistics.median(float(one.output) for one in runs["ratio"])
    yield Row(
        f"{PATIENTS:,} patients: cohort, summary and wide rows, against classifying them",
        f"{times:.2f} ×",
        f"≤ {TIMES:g} ×",
        times <= TIMES,
    )
    for form in ("text", "xlsx"):
        peak = max(one.peak_mb for one in runs[form])
        yield Row(
            f"{PATIENTS:,} patients as {form}, memory", f"{peak:.0f} MB", f"≤ {MB} MB", peak <= MB
        )
