"""What the tests catch of faults in the code: ``python -m proofs.mutants [--sample N] [--seed N]``.

A seeded sample of small faults (mutants) is made of the rooms `facts`, `reasoning` and `explain`
(the same ones whatever else changes), one at a time, each in a forked process that has not imported
the package yet. The near tests of the room are run once with their lines traced; a mutant then
meets those tests that ran its line, the fast ones first, and after them the quick ones of the same
files (what runs once may be behind a cache). It is killed by the first test that fails, or by time;
``equivalent_faults_in_code.tsv`` names those that nothing can tell, each with the reason. One fault
against the tests written for it: ``--at facts/age.py:10 --by tests/test_facts.py``. Exit code 1
where a room kills fewer than ``--least`` per cent, or one that is named there is killed.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.machinery
import multiprocessing
import os
import resource
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl  # noqa: F401  what takes long to import is there before each fork
import pyoxigraph  # noqa: F401
import pytest

from proofs import faults_in_code

if TYPE_CHECKING:
    import coverage

TOP = Path(__file__).parent.parent
PACKAGE = TOP / "src" / "calcinosis"
SAMPLE, SEED, JOBS = 200, 1, 2
EQUIVALENT = "equivalent"
ENDED, LATE = -1, -2  # of a process that ended without an answer
AUTHORITY = ("java.py", "owl.py")  # what asks HermiT: the proofs are its tests
QUICK = 1.0  # seconds of a test that is run though it was not seen to run the line
MEMORY = 3 << 30  # bytes that a process with a fault may take
LONGEST = 1800  # seconds that the tests of one file may take without a fault
PATIENCE = 20, 3  # seconds, and times what the tests take without a fault
NEAR = {
    "facts": "facts quantity columns units laboratory source sheet places workbook excel form"
    " bad_input excluded readings golden",
    "reasoning": "judging golden rules rules_found assumed presumed readings fragment implicates"
    " excluded viewpoints",
    "explain": "explain_minimal explain_parts explain_said explain_decide explain explain_keys"
    " explain_stability",
}
_OPTIONS = ("-o", "addopts=--import-mode=importlib", "-p", "no:randomly", "-q")
_TAKEN = "not java and not external and (slow or not slow)"
_MORE_OPTIONS = ("-p", "no:cacheprovider", "-m", _TAKEN, "--hypothesis-seed=0")
_EXAMPLES = ("--hypothesis-profile=full",)


@dataclass
class Trace:
    """What one test ran: seconds, and by file of the package its lines."""

    seconds: float = 0
    lines: dict[str, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A mutant with what became of it: killed, killed by time, survived, never run, equivalent."""

    mutant: faults_in_code.Mutant
    end: str
    seconds: float


class Patient:
    """Plugin: no test fails because it is traced, or because others use the machine."""

    def pytest_sessionstart(self) -> None:
        """By then the plugin of Hypothesis is there."""
        from hypothesis import HealthCheck, settings

        settings.register_profile("patient", deadline=None, suppress_health_check=[*HealthCheck])
        settings.load_profile("patient")


class Tracer(Patient):
    """Plugin: notes for each test what it takes; coverage notes its lines."""

    def __init__(self, cover: coverage.Coverage) -> None:
        self.cover = cover
        self.found: dict[str, Trace] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Lines that run from here on, and time, are this test's."""
        self.cover.switch_context(item.nodeid)
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.found[item.nodeid] = Trace(time.process_time() - began)


class Chosen(Patient):
    """Plugin: runs the given tests, in their order."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.order = {one: n for n, one in enumerate(ids)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep and sort."""
        kept = [item for item in items if item.nodeid in self.order]
        items[:] = sorted(kept, key=lambda item: self.order[item.nodeid])


class Mutated(importlib.machinery.SourceFileLoader):
    """Loads a module with its fault; as a finder, only that one."""

    def __init__(self, mutant: faults_in_code.Mutant) -> None:
        inside = mutant.path.relative_to(PACKAGE).with_suffix("")
        super().__init__(".".join(("calcinosis", *inside.parts)), str(mutant.path))
        self.mutant = mutant

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """The spec of the module with the fault."""
        found = importlib.machinery.ModuleSpec(name, self, origin=self.path)
        found.has_location = True
        return found if name == self.name else None

    def get_code(self, fullname: str) -> types.CodeType:  # noqa: ARG002
        """The code with the fault."""
        return compile(self.mutant.tree(), self.path, "exec")


def run_tests(paths: Sequence[str], plugin: object) -> int:
    """Pytest's exit code."""
    stop = ("-x",) if isinstance(plugin, Chosen) else ()
    return int(
        pytest.main([*_OPTIONS, *_MORE_OPTIONS, *_EXAMPLES, *stop, *paths], plugins=[plugin])
    )


def _quietly(limit: int, target: Any, sender: Connection, *arguments: Any) -> None:
    os.setsid()
    os.chdir(TOP)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    sender.send(target(*arguments))


def forked(limit: int, target: Any, *arguments: Any) -> Any:
    """What the target returns in a process of its own; LATE or ENDED if it ends without.

    ``limit`` is in seconds of the processor, so that other work beside it counts little; a process
    that sleeps is given up after ten times as long.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_quietly, args=(limit, target, sender, *arguments))
    process.start()
    sender.close()
    answer = LATE
    try:
        if receiver.poll(10 * limit):
            answer = receiver.recv()
    except EOFError:
        process.join()
        answer = LATE if process.exitcode == -signal.SIGXCPU else ENDED
    finally:
        if process.is_alive() and process.pid is not None:
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
    return answer


def _traced(path: str) -> tuple[int, dict[str, Trace]]:
    import coverage  # of the development environment: the tests are run without it too

    cover = coverage.Coverage(data_file=None, source=[str(PACKAGE / room) for room in NEAR])
    cover.start()
    tracer = Tracer(cover)
    code = run_tests([path], tracer)
    cover.stop()
    found = cover.get_data()
    for file in found.measured_files():
        ran: dict[str, set[int]] = {}
        for line, contexts in found.contexts_by_lineno(file).items():
            for context in contexts:
                ran.setdefault(context, set()).add(line)
        for test in ran.keys() & tracer.found.keys():
            tracer.found[test].lines[file] = frozenset(ran[test])
    return code, tracer.found


def traced(path: str) -> dict[str, Trace]:
    """The traces of a file's tests by their ids; SystemExit if one fails without a fault."""
    found = forked(LONGEST, _traced, path)
    if found in (ENDED, LATE) or found[0]:
        raise SystemExit(f"{path} does not pass without a fault.")
    return dict(found[1])


def chosen(mutant: faults_in_code.Mutant, traces: dict[str, Trace]) -> list[str]:
    """The tests that a mutant meets, in their order."""
    file = str(mutant.path)
    ran = {t for t, trace in traces.items() if mutant.lines & trace.lines.get(file, frozenset())}
    if not ran:  # what runs when a module is imported
        ran = {t for t, trace in traces.items() if file in trace.lines} if mutant.outside else set()
    files = {test.partition("::")[0] for test in ran}
    beside = {
        test
        for test, trace in traces.items()
        if test.partition("::")[0] in files and trace.seconds < QUICK and test not in ran
    }
    return [t for part in (ran, beside) for t in sorted(part, key=lambda t: traces[t].seconds)]


def _with_fault(mutant: faults_in_code.Mutant, tests: list[str]) -> int:
    sys.meta_path.insert(0, Mutated(mutant))
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    return run_tests(files, Chosen(tests))


@cache
def equivalent() -> dict[str, str]:
    """The faults (their names) that nothing can tell, each with the reason."""
    path = Path(__file__).with_name("equivalent_faults_in_code.tsv")
    with path.open(encoding="utf-8", newline="") as lines:
        found = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["fault"]: row["reason"] for row in found}


def judged(mutant: faults_in_code.Mutant, traces: dict[str, Trace]) -> Judged:
    """What becomes of one mutant."""
    began = time.perf_counter()
    tests = chosen(mutant, traces)
    idle = EQUIVALENT if mutant.name in equivalent() else ""
    if not tests:
        return Judged(mutant, idle or "never run", 0)
    limit = PATIENCE[0] + PATIENCE[1] * sum(traces[test].seconds for test in tests)
    code = forked(round(limit), _with_fault, mutant, tests)
    end = "killed by time" if code == LATE else "killed" if code else idle or "survived"
    return Judged(mutant, end, time.perf_counter() - began)


def drawn(every: Sequence[faults_in_code.Mutant], seed: int) -> list[faults_in_code.Mutant]:
    """All in an order of the seed, which a change elsewhere does not disturb."""
    seen: Counter[str] = Counter()
    order = {}
    for one in every:
        seen[one.name] += 1  # the same fault may be possible in several lines
        order[one] = hashlib.sha256(f"{seed} {seen[one.name]} {one.name}".encode()).digest()
    return sorted(every, key=order.__getitem__)


def near(room: str) -> list[str]:
    """The files of near tests of a room that are there.

    Not the examples in its docstrings: to collect them, pytest imports a module past the fault.
    """
    own = [f"tests/test_{name}.py" for name in NEAR[room].split()]
    return [path for path in own if (TOP / path).exists()]


def report(results: Sequence[Judged]) -> float:
    """Print a row a room; the least per cent that a room kills of those that can be told."""
    ends_of = ("killed", "killed by time", "survived", "never run", EQUIVALENT)
    print(f"| room | mutants | {' | '.join(ends_of)} | killed of the others, % |")
    print(f"|---|--:|{'--:|' * len(ends_of)}--:|")
    worst = 100.0
    for room in NEAR:
        ends = Counter(one.end for one in results if one.mutant.path.parent.name == room)
        asked = ends.total() - ends[EQUIVALENT]
        share = 100 * (ends["killed"] + ends["killed by time"]) / asked if asked else 100.0
        cells = (ends.total(), *(ends[end] for end in ends_of), f"{share:.1f}")
        print(f"| {room} | {' | '.join(map(str, cells))} |")
        worst = min(worst, share)
    return worst


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, judge, print; 1 if too few were killed."""
    parser = argparse.ArgumentParser(prog="python -m proofs.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many mutants")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--least", type=int, default=0, help="per cent that must be killed")
    parser.add_argument("--at", default="", help="all mutants whose description has this text")
    parser.add_argument("--by", nargs="+", help="files of tests in place of the near ones")
    asked = parser.parse_args(arguments)
    began = time.perf_counter()
    every = [m for room in NEAR for m in faults_in_code.mutants(PACKAGE / room, AUTHORITY)]
    if gone := equivalent().keys() - {one.name for one in every}:
        raise SystemExit(f"Named as equivalent, and no longer possible: {sorted(gone)}")
    sample = drawn(every, asked.seed)[: asked.sample]
    if asked.at:
        sample = [one for one in every if asked.at in str(one)]
    rooms = {one.path.parent.name for one in sample}
    with ProcessPoolExecutor(JOBS, multiprocessing.get_context("fork")) as pool:
        by = {room: asked.by or near(room) for room in sorted(rooms)}
        files = list(dict.fromkeys(path for paths in by.values() for path in paths))
        by_file = dict(zip(files, pool.map(traced, files), strict=True))
        print(
            f"{time.perf_counter() - began:.0f} s for the traces of {len(files)} files", flush=True
        )
        traces = {
            room: {test: t for path in paths for test, t in by_file[path].items()}
            for room, paths in by.items()
        }
        met = [traces[one.path.parent.name] for one in sample]
        results = []
        for one in pool.map(judged, sample, met):
            results.append(one)
            if not one.end.startswith("killed") and one.end != EQUIVALENT:
                print(f"{one.end}: {one.mutant}", flush=True)
    worst = report(results)
    print(f"\n{len(every)} possible, seed {asked.seed}, {time.perf_counter() - began:.0f} s")
    wrong = [r for r in results if r.mutant.name in equivalent() and r.end != EQUIVALENT]
    for one in wrong:
        print(f"killed, so not equivalent: {one.mutant}")
    return int(worst < asked.least or bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
