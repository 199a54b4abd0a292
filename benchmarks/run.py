"""All benchmarks as one Markdown table: ``python -m benchmarks.run [--quick]``.

It prints and never judges: machines differ, so a missed target is for a reader to see.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from importlib import import_module

# The last three load the graph and Java into this process, which must be small before that.
_PARTS = (
    "startup",
    "throughput",
    "cohorts",
    "exports",
    "explaining",
    "records",
    "serving",
    "warm_hermit",
    "black_box",
)
_MET = {True: "yes", False: "**no**", None: ""}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once instead of 15 times")
    repetitions = 1 if parser.parse_args(arguments).quick else 15
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # pip compiles what it installs
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"medians of {repetitions}\n"
    )
    print("| what | measured | target | met |\n|---|---|---|---|")
    for part in _PARTS:
        for row in import_module(f"benchmarks.{part}").rows(repetitions):
            cells = (row.what, row.measured, row.target, _MET[row.met])
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
