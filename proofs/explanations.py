"""Each justification is sufficient and minimal: ``python -m proofs.explanations [--quick]``.

HermiT decides on generated cases, half a thousand for each viewpoint. For each justification it
is given an ontology of only its axioms: with all its facts the verdict follows, and with any fact
or axiom left out it does not. Exit code 1 on a difference.
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
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from tests import strategies
from tests.test_explain import explainer, goals, graph
from tests.test_explain_owl import Ask, asker

from calcinosis.explain.links import Justification
from calcinosis.facts.case import Case
from calcinosis.graph.ontology import viewpoints

CASES, QUICK = 500, 20
_HEAD = ("viewpoint", "cases", "verdicts", "justifications", "decisions", "differences")


@dataclass
class Count:
    """What was asked under one viewpoint, and the ids of what differed."""

    viewpoint: str
    cases: int = 0
    verdicts: int = 0
    justifications: int = 0
    decisions: int = 0
    differences: int = 0

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of a line of the table."""
        numbers = (self.cases, self.verdicts, self.justifications, self.decisions)
        return (self.viewpoint, *(f"{n:,}" for n in (*numbers, self.differences)))


def answers(ask: Ask, one: Justification, goal: int) -> Iterator[bool]:
    """Whether HermiT agrees, decision by decision."""
    yield ask(one.literals, one.axioms, goal)
    for fact in one.literals:
        yield not ask(set(one.literals) - {fact}, one.axioms, goal)
    for axiom in one.axioms:
        yield not ask(one.literals, one.axioms - {axiom}, goal)


def proved(viewpoint: str, cases: int) -> Count:
    """The counts for generated cases, the same ones in every run."""
    count = Count(viewpoint)
    kg, explains = graph(viewpoint), explainer(viewpoint)

    def one(raw: dict[str, Any]) -> None:
        (case,) = kg.cases(raw)
        if not isinstance(case, Case):
            raise case
        found = explains.explain(case)
        count.cases += 1
        count.verdicts += sum(bool(why.justifications) for why in found.subtypes)
        for justification, goal in goals(found, kg.classifier):
            agreed = list(answers(ask, justification, goal))
            count.justifications += 1
            count.decisions += len(agreed)
            count.differences += agreed.count(False)

    with tempfile.TemporaryDirectory() as folder:
        ask = asker(viewpoint, Path(folder))
        generated = given(strategies.cases())(one)
        chosen = settings(
            max_examples=cases,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        seed(1)(chosen(generated))()
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
