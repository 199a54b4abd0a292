"""What hand-written expectations catch of faults in the ontology.

``python -m proofs.ontology_mutants [--sample N] [--seed N]``: every axiom, claim and rule that can
bear a verdict is lost or weakened in turn, in memory. A mutant is killed where a case or word that
people wrote down comes out otherwise (``tests/expectations.py``), or else where a test of the rules
fails; never by a generated file, a count or a hash. ``equivalent_faults.tsv`` names those that
change no verdict, basis or citation, each with the reason. Exit code 1 where fewer than ``--least``
per cent of the others are killed, or one that is named there is.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from tests import expectations

import calcinosis
from calcinosis import names
from calcinosis.errors import CalcinosisError
from calcinosis.facts.case import Case
from calcinosis.graph.ontology import viewpoints
from proofs.faults_in_ontology import Mutant, mutants
from proofs.mutants import forked

SEED, JOBS = 1, 2
# The tests of rules and readings that were written by hand; what the tables kill comes first.
RULES = ["tests/test_rules.py", "tests/test_rules_found.py", "tests/test_assumed.py"]
_OPTIONS = ["-o", "addopts=--import-mode=importlib", "-p", "no:randomly", "-p", "no:cacheprovider"]
_OPTIONS += ["-x", "-q", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
LONGEST = 300  # seconds that the tests of rules may take
EQUIVALENT = "equivalent"
NOT_BOUND = ("place that bears nothing",)


@cache
def equivalent() -> dict[str, str]:
    """The faults that change nothing, each with the reason."""
    path = Path(__file__).with_name("equivalent_faults.tsv")
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["fault"]: row["reason"] for row in csv.DictReader(lines, delimiter="\t")}


@dataclass(frozen=True)
class Judged:
    """A mutant and what killed it; empty if nothing did."""

    mutant: Mutant
    by: str


@cache
def sheet(viewpoint: str) -> list[tuple[Case, expectations.Check]]:
    """The cases under a viewpoint, read without a fault; SystemExit if one does not hold."""
    kg = calcinosis.load(viewpoint)
    found = expectations.read(kg)
    if fault := _broken(kg, found):
        raise SystemExit(f"{fault} does not come out as expected without a fault.")
    return found


@cache
def words() -> list[tuple[str, set[str], set[str]]]:
    """The words of ``roles.tsv``, read without a fault."""
    return expectations.words(calcinosis.load().ontology)


def _broken(kg: calcinosis.KnowledgeGraph, cases: Sequence[tuple[Case, expectations.Check]]) -> str:
    for case, check in cases:
        try:
            check(kg.classifier.classify(case))
        except (AssertionError, KeyError):  # KeyError: the subtype is gone
            return case.id
    if kg.viewpoint == names.DEFAULT_VIEWPOINT:
        try:
            expectations.agrees_with_roles(kg.ontology, words())
        except AssertionError:
            return "roles.tsv"
    return ""


def _run_rules(mutant: Mutant | None) -> int:
    with mutant.applied() if mutant else nullcontext():
        return int(pytest.main([*_OPTIONS, *RULES]))


def by_rules(mutant: Mutant | None) -> str:
    """What fails of the tests of rules, in a process of its own; SystemExit if they do not run."""
    code = forked(LONGEST, _run_rules, mutant)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SystemExit(f"The tests of rules ended with {code}: {mutant}")
    return "tests of rules" if code else ""


def judged(mutant: Mutant) -> Judged:
    """What kills a mutant."""
    for viewpoint in mutant.viewpoints:
        cases = sheet(viewpoint)
        words()
        with mutant.applied():
            try:
                fault = _broken(calcinosis.load(viewpoint), cases)
            except CalcinosisError as error:
                return Judged(mutant, f"refused: {error.what}")
        if fault:
            return Judged(mutant, f"{viewpoint} {fault}")
    default = names.DEFAULT_VIEWPOINT in mutant.viewpoints
    by = by_rules(mutant) if default else ""
    return Judged(mutant, by or (EQUIVALENT if mutant.words in equivalent() else ""))


def report(results: Sequence[Judged]) -> float:
    """Print a row a kind; the per cent killed of those that bear a verdict."""
    ends_of = ("sheets", "axiom cases", "tests of rules")
    heads = ("what", "mutants", "killed", *(f"by {end}" for end in ends_of))
    print(f"| {' | '.join((*heads, 'refused', 'equivalent', 'killed, %'))} |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    kinds = sorted({one.mutant.kind for one in results})
    bound = [kind for kind in kinds if kind not in NOT_BOUND]
    rows = [*([kind] for kind in kinds), bound]
    shares = []
    for row in rows:
        ends = Counter(_end(one.by) for one in results if one.mutant.kind in row)
        deaths = [ends[end] for end in ends_of]
        dead, idle = sum(deaths), (ends["refused"], ends[EQUIVALENT])
        asked = ends.total() - sum(idle)
        shares.append(100 * dead / asked if asked else 100.0)
        cells = (ends.total(), dead, *deaths, *idle)
        title = row[0] if len(row) == 1 else "all that bear a verdict"
        print(f"| {title} | {' | '.join(map(str, cells))} | {shares[-1]:.1f} |")
    return shares[-1]


def _is_killed(by: str) -> bool:
    return _end(by) not in ("survived", "refused", EQUIVALENT)


def _end(by: str) -> str:
    if by in ("", EQUIVALENT, "tests of rules"):
        return by or "survived"
    if by.startswith("refused"):
        return "refused"
    return "axiom cases" if " axiom-" in by else "sheets"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, judge, print; 1 if too few were killed."""
    parser = argparse.ArgumentParser(prog="python -m proofs.ontology_mutants", description=__doc__)
    parser.add_argument("--sample", type=int, help="how many mutants; all, if it is not given")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--least", type=int, default=0, help="per cent that must be killed")
    parser.add_argument("--every", action="store_true", help="also what bears no verdict")
    parser.add_argument("--at", default="", help="only mutants whose description has this text")
    asked = parser.parse_args(arguments)
    began = time.perf_counter()
    default = names.DEFAULT_VIEWPOINT
    views = [default, *(view for view in viewpoints() if view != default)]
    found = [one for one in mutants(views) if asked.at in str(one)]
    idle = sum(one.kind in NOT_BOUND for one in found)
    if not asked.every:
        found = [one for one in found if one.kind not in NOT_BOUND]
    if asked.sample:
        found = random.Random(asked.seed).sample(found, min(asked.sample, len(found)))
    if by_rules(None):
        raise SystemExit("A test of rules fails without a fault.")
    with ProcessPoolExecutor(JOBS, multiprocessing.get_context("fork")) as pool:
        results = []
        for one in pool.map(judged, found):
            results.append(one)
            if _end(one.by) in ("refused", "survived"):
                print(f"{one.by or 'survived'}: {one.mutant}", flush=True)
    share = report(results)
    wrong = [one for one in results if one.mutant.words in equivalent() and _is_killed(one.by)]
    for one in wrong:
        print(f"killed by {one.by}, so not equivalent: {one.mutant}")
    print(f"\n{idle} places bear no verdict; {time.perf_counter() - began:.0f} s")
    return int(share < asked.least or bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
