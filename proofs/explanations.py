"""Each justification is sufficient and minimal: ``python -m proofs.explanations [--quick]``.

HermiT decides on random raw cases, some hundred for each viewpoint. For each justification of a
verdict, or of what is presumed, it is given an ontology of only its axioms: with all its facts the
verdict follows, and with any fact or axiom left out it does not. What a rule of reading added is a
fact there. Exit code 1 on a difference.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.test_explain import explainer, goals
from tests.test_explain_owl import Ask, asker

from calcinosis.explain.links import Justification
from calcinosis.graph.ontology import viewpoints
from proofs.rules import Bench

CASES, QUICK = 150, 6
_HEAD = (
    "viewpoint",
    "cases",
    "verdicts",
    "presumed",
    "justifications",
    "of them with facts that rules added",
    "decisions",
    "differences",
)


@dataclass
class Count:
    """What was asked under one viewpoint, and the ids of what differed."""

    viewpoint: str
    cases: int = 0
    verdicts: int = 0
    presumed: int = 0
    with_added: int = 0
    justifications: int = 0
    decisions: int = 0
    differences: int = 0

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of a line of the table."""
        whys = (self.cases, self.verdicts, self.presumed)
        asked = (self.justifications, self.with_added, self.decisions, self.differences)
        return (self.viewpoint, *(f"{n:,}" for n in (*whys, *asked)))


def answers(ask: Ask, one: Justification, goal: int) -> Iterator[bool]:
    """Whether HermiT agrees, decision by decision."""
    yield ask(one.literals, one.axioms, goal)
    for fact in one.literals:
        yield not ask(set(one.literals) - {fact}, one.axioms, goal)
    for axiom in one.axioms:
        yield not ask(one.literals, one.axioms - {axiom}, goal)


def proved(viewpoint: str, cases: int) -> Count:
    """The counts for random raw cases, the same ones in every run."""
    count = Count(viewpoint)
    bench, explains = Bench(viewpoint, 1 + viewpoints().index(viewpoint)), explainer(viewpoint)
    maker = bench.maker(5)
    with tempfile.TemporaryDirectory() as folder:
        ask = asker(viewpoint, Path(folder))
        for _ in range(cases):
            found = explains.explain(bench.read(maker.case()))
            count.cases += 1
            count.verdicts += sum(bool(why.justifications) for why in found.subtypes)
            count.presumed += sum(bool(why.presumed) for why in found.subtypes)
            for justification, goal in goals(found, explains.classifier):
                agreed = list(answers(ask, justification, goal))
                count.justifications += 1
                count.with_added += any(given.is_added for given in justification.facts)
                count.decisions += len(agreed)
                count.differences += agreed.count(False)
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proofs.explanations", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} cases instead of {CASES}")
    cases = QUICK if parser.parse_args(arguments).quick else CASES
    began = time.perf_counter()
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        names = viewpoints()
        counts = list(pool.map(proved, names, [cases] * len(names)))
    print(f"| {' | '.join(_HEAD)} |\n|---|{'--:|' * (len(_HEAD) - 1)}")
    for count in counts:
        print(f"| {' | '.join(count.row)} |")
    print(f"\n{time.perf_counter() - began:.0f} s wall")
    return int(any(count.differences for count in counts))


if __name__ == "__main__":
    sys.exit(main())
