"""Our explanation of a case against justifications found by asking HermiT again and again.

The black box (Kalyanpur 2007) knows nothing of the axioms: it leaves out windows of them, then one
after the other, and keeps out what HermiT does not need for the verdict. Needs the extra ``owl``.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Row

if TYPE_CHECKING:
    from tests.test_explain_owl import Ask

AT_LEAST = 100
WINDOWS = (64, 8, 1)


def rows(repetitions: int) -> Iterator[Row]:
    """How many times longer the black box takes, with one justification a verdict."""
    from tests.test_explain import explainer, goals, shipped
    from tests.test_explain_owl import asker

    explain = explainer()
    case = next(case for case in shipped() if case.id == "teaching-dystrophic")
    times = []
    for _repetition in range(repetitions):
        start = time.perf_counter()
        found = explain.explain(case)
        times.append(time.perf_counter() - start)
    settled = {goal: one for one, goal in reversed(list(goals(found, explain.classifier)))}
    ours = {j.axioms for why in found.subtypes for j in why.justifications}
    took, asked = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        ask = asker(explain.classifier.ontology.viewpoint, Path(folder))
        for goal, one in settled.items():
            ask(one.literals, one.axioms, goal)  # Java starts before the clock does
            start = time.perf_counter()
            kept, questions = _black_box(
                ask, one.literals, len(explain.classifier.compiled.axioms), goal
            )
            took += time.perf_counter() - start
            asked += questions
            if frozenset(kept) not in ours:
                raise AssertionError("the black box found a justification that we do not have")
    ratio = took / statistics.median(times)
    yield Row(
        "explaining a case by the black box, one justification a verdict, against all of ours",
        f"{ratio:.0f} × ({took:.1f} s, {asked} questions, {len(settled)} verdicts)",
        f"≥ {AT_LEAST} ×",
        ratio >= AT_LEAST,
    )


def _black_box(ask: Ask, facts: Sequence[int], axioms: int, goal: int) -> tuple[list[int], int]:
    """The axioms of one justification, and how often HermiT was asked."""
    kept, asked = list(range(axioms)), 0
    for window in WINDOWS:
        at = 0
        while at < len(kept):
            rest = kept[:at] + kept[at + window :]
            asked += 1
            if ask(facts, rest, goal):
                kept = rest
            else:
                at += window
    return kept, asked
