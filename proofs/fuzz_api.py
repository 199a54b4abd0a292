"""Requests that schemathesis makes up from the API's own document, against a server that runs.

What it looks for: an error of the server, an answer that the document does not tell of (its status,
type, schema or headers), and a request that the document forbids and the server takes. That one
which the document allows is taken cannot be asked of a call with a body: no schema says which words
are names of the graph. Run it: ``python -m proofs.fuzz_api --examples 10000``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = """
[checks]
# As it has them, and 414: what is too long for an address is refused before it is read.
negative_data_rejection.expected-statuses = [
  "400", "401", "403", "404", "405", "406", "409", "414", "415", "422", "428", "429", "5xx"
]

[[operations]]
include-method = "POST"
checks = { positive_data_acceptance = { enabled = false } }
"""
SECONDS = 300
_SUMMARY = re.compile(r"=+ SUMMARY =+")


@contextmanager
def serving(*words: str) -> Iterator[tuple[str, list[str]]]:
    """The address of a server that runs, and what it has said on standard error at its end."""
    command = [sys.executable, "-m", "calcinosis", "serve", "--port", "0", "--log", *words]
    command += ["--timeout", str(SECONDS)]  # a machine that is busy is no fault
    said: list[str] = []
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stderr=log)
        try:
            yield _address(log.fileno(), process), said
        finally:
            process.terminate()
            process.wait(60)
            log.seek(0)
            said += log.readlines()


def _address(log: int, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        text = Path(f"/proc/self/fd/{log}").read_text()
        found = re.search(r"http://127\.0\.0\.1:\d+", text)
        if found:
            return found[0]
        if process.poll() is not None:
            raise RuntimeError(text)
        time.sleep(0.1)
    raise RuntimeError("the server does not start")


def operations(address: str) -> int:
    """How many calls the document has."""
    with urllib.request.urlopen(f"{address}/api/openapi.json", timeout=60) as reply:
        return len(json.load(reply)["paths"])


def fuzz(address: str, examples: int, phases: str, seed: int) -> tuple[int, str]:
    """The exit code of schemathesis and what it found, without the requests themselves."""
    each = max(1, examples // operations(address))
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "schemathesis.toml")
        config.write_text(CONFIG, encoding="utf-8")
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
            *(f"{address}/api/openapi.json", "--url", address, "--max-examples", str(each)),
            *("--phases", phases, "--continue-on-failure", "--no-color", "--seed", str(seed)),
            *("--suppress-health-check", "all", "--request-timeout", str(SECONDS)),
        ]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", check=False
        )
    lines = [line[:300] for line in done.stdout.splitlines() if line.strip()]
    return done.returncode, "\n".join(lines) + done.stderr[-2000:]


def faults(said: list[str]) -> list[str]:
    """The lines of a log that tell of a fault."""
    return [line for line in said if re.search(r"\bfault: |a clerk failed|Traceback", line)]


def main() -> int:
    """Fuzz, and say what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--phases", default="coverage,fuzzing")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with serving() as (address, said):
        code, found = fuzz(address, given.examples, given.phases, given.seed)
    summary = _SUMMARY.search(found)
    print(found if code or summary is None else found[summary.start() :])
    bad = faults(said)
    print(f"{len(said):,} lines of log, {len(bad)} of faults", *bad[:20], sep="\n")
    return 1 if code or bad else 0


if __name__ == "__main__":
    sys.exit(main())
