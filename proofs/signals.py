"""What is written when a run is cut short: ``python -m proofs.signals [--runs N] [--seed S]``.

Commands that write a file or a folder are run over old ones with ``--force``, and beside none, and
are sent SIGTERM, SIGHUP or SIGINT at a random time; or the disk is full, the folder may not be
written, the old file may not be written. Afterwards there is the old content or the whole new one,
nothing else is in the folder, nothing new in the folder for temporary files, and the exit code is
that of the contract. Exit code 1 where a run ends otherwise.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from calcinosis.graph.locate import data

_PR_CAPBSET_DROP, _OVERRIDES = 24, (1, 2)  # as in linux/prctl.h and linux/capability.h
_SIGNALS = {signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
_PATIENTS = str(data("examples") / "patients.csv")
COMMANDS = {  # what is written to, and the call
    "verdicts.csv": ["classify", _PATIENTS],
    "verdicts.jsonl": ["classify", _PATIENTS, "--explain"],
    "verdicts.xlsx": ["classify", _PATIENTS],
    "why.html": ["explain", _PATIENTS],
    "comparison.md": ["compare", _PATIENTS, "--min-read", "text"],
    "form.xlsx": ["template"],
    "look-up.json": ["query", "subtypes"],
    "answer.srx": ["sparql", "SELECT ?x { ?x calc:caseOf ?y } ORDER BY ?x"],
    "page.md": ["show", "reiter-2011"],
    "hits.csv": ["search", "scar"],
    "references.bib": ["cite"],
    "picture.svg": ["graph"],
    "ontology.ttl": ["export", "turtle"],
    "claims.xlsx": ["export", "xlsx"],
    "mappings.sssom.tsv": ["export", "sssom"],
    "report.html": ["export", "report-html", "--subtype", "metastatic"],
    "kgx": ["export", "kgx-tsv"],
    "packets": ["export", "phenopackets", "--cases", _PATIENTS],
    "crate": ["export", "ro-crate", "--subtype", "metastatic"],
    "crate.zip": ["export", "ro-crate", "--subtype", "calciphylaxis"],
}
_OLD = "what was there before\n"


@dataclass(frozen=True)
class Run:
    """One run: what it writes, whether that is there already, what befalls it, and when."""

    name: str
    is_there: bool
    fate: str
    share: float
    """Of the time that the command takes undisturbed, from the start."""


def state(place: Path) -> str:
    """A sum over a file, or over all files of a folder, with their names."""
    total = hashlib.sha256()
    for path in sorted([place, *place.rglob("*")]):
        if path.is_file():
            total.update(f"{path.relative_to(place)}\0".encode() + _content(path))
    return total.hexdigest() if place.exists() else ""


def _content(path: Path) -> bytes:
    """What is in a file; of a workbook what is not the time at which it was made."""
    if path.suffix != ".xlsx" or not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        parts = sorted(set(packed.namelist()) - {"docProps/core.xml"})
        return b"\0".join(name.encode() + packed.read(name) for name in parts)


class Runs:
    """Runs in a folder of their own, each against what the command writes undisturbed."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._whole: dict[str, tuple[str, float]] = {}
        self._temporary = top / "tmp"
        self._temporary.mkdir()

    def faults(self, run: Run) -> list[str]:
        """What a run leaves that it may not."""
        whole, seconds = self._undisturbed(run.name)
        folder = self._folder(run)
        target = folder / run.name
        old = state(target)
        code, said = self._ends(run, target, seconds)
        now = state(target)
        found = []
        codes, may_be_new = self._expected(run)
        if code not in codes:
            found.append(f"exit code {code}, not one of {sorted(codes)}: {said[-300:]!r}")
        if now != old and not (now in whole.split() and may_be_new):
            found.append("neither the old content nor the whole new one")
        if len(said.splitlines()) > 1:
            found.append(f"more than one line: {said[:300]!r}")
        others = [path.name for path in folder.iterdir() if path.name != run.name]
        if others or any(self._temporary.iterdir()):
            found.append(f"left behind: {others or list(self._temporary.iterdir())}")
        folder.chmod(0o755)
        shutil.rmtree(folder)
        return found

    def _folder(self, run: Run) -> Path:
        folder = self._top / "room"
        folder.mkdir()
        target = folder / run.name
        if run.is_there and "." not in run.name:
            target.mkdir()
            (target / "mine.txt").write_text(_OLD, encoding="utf-8")
        elif run.is_there:
            target.write_text(_OLD, encoding="utf-8")
            target.chmod(0o444 if run.fate == "no rights" else 0o644)
        if run.fate == "read-only":
            folder.chmod(0o555)
        return folder

    def _expected(self, run: Run) -> tuple[set[int], bool]:
        """The exit codes that a run may end with, and whether what it writes may be there."""
        if run.fate == "no rights" and run.is_there and "." in run.name:
            return {2}, False
        if run.fate == "read-only":
            return {2}, False
        if run.fate == "full disk":
            return {2}, False
        if run.fate == "no rights":
            return {0, 3}, True
        number = signal.Signals[run.fate]
        # A signal before the program has begun ends Python itself; after it is done, nothing.
        return {0, 3, _SIGNALS[number], -number}, True

    def _undisturbed(self, name: str) -> tuple[str, float]:
        """Sums of what is written, alone and over what is there, and how long it takes."""
        if name not in self._whole:
            sums = []
            began = time.monotonic()
            for is_there in (False, True):
                run = Run(name, is_there, "none", 0)
                folder = self._folder(run)
                began = time.monotonic()
                with self._start(run, folder / name) as child:
                    _, said = child.communicate(timeout=120)
                if child.returncode not in (0, 3):
                    raise RuntimeError(f"{name}: exit code {child.returncode}: {said}")
                sums.append(state(folder / name))
                shutil.rmtree(folder)
            self._whole[name] = " ".join(sums), time.monotonic() - began
        return self._whole[name]

    def _start(
        self, run: Run, target: Path, before: Callable[[], None] = lambda: None
    ) -> subprocess.Popen[str]:
        words = COMMANDS[run.name]
        option = [] if words[0] == "template" else ["-o"]
        call = [*words, *option, str(target), "--force", "--quiet"]
        return subprocess.Popen(
            [sys.executable, "-m", "calcinosis", *call],
            stderr=subprocess.PIPE,
            text=True,
            env={**_unmeasured(), "TMPDIR": str(self._temporary), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            preexec_fn=before,  # noqa: PLW1509 (there is one thread)
        )

    def _ends(self, run: Run, target: Path, seconds: float) -> tuple[int, str]:
        with self._start(run, target, _FATES.get(run.fate, _heed)) as child:
            if run.fate in signal.Signals.__members__:
                time.sleep(run.share * seconds)
                child.send_signal(signal.Signals[run.fate])
            _, said = child.communicate(timeout=120)
        if run.fate == "SIGINT" and "Traceback" in said and ", in _run\n" not in said:
            return -signal.SIGINT, ""  # Python itself was interrupted, before the program began
        return child.returncode, said


def _unmeasured() -> dict[str, str]:
    """The environment without what makes coverage measure, which writes files of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


def _heed() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def _full() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def _without_rights() -> None:
    """Take from root the rights that no other has: to pass over those of files."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in _OVERRIDES:
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "root keeps its rights")


_FATES = {"full disk": _full, "read-only": _without_rights, "no rights": _without_rights}


def drawn(runs: int, seed: int) -> Iterator[Run]:
    """Runs, nine in ten of them with a signal; every command and every fate comes up."""
    rng = random.Random(seed)
    names, fates = list(COMMANDS), list(_FATES)
    for number in range(runs):
        name = names[number % len(names)]
        is_cut = number % 10 != 9
        fate = rng.choice(list(_SIGNALS)).name if is_cut else fates[number // 10 % len(fates)]
        yield Run(name if is_cut else rng.choice(names), rng.random() < 0.7, fate, rng.random())


def main() -> int:
    """Run the proof; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    ended: Counter[str] = Counter()
    found = 0
    with TemporaryDirectory() as top:
        runs = Runs(Path(top))
        for run in drawn(asked.runs, asked.seed):
            faults = runs.faults(run)
            ended[run.fate] += 1
            found += len(faults)
            for fault in faults:
                print(f"{run}: {fault}", flush=True)
    told = ", ".join(f"{fate} {count}" for fate, count in sorted(ended.items()))
    print(f"{sum(ended.values())} runs (seed {asked.seed}; {told}): {found} faults")
    return int(found > 0 or not ended)


if __name__ == "__main__":
    sys.exit(main())
