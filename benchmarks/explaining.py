"""How explaining grows with the facts of a case: the costs against those of two facts."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.measure import Row

SIZES = (2, 4, 8, 16, 32)
CASES = 12


def rows(repetitions: int) -> Iterator[Row]:
    """The time of all explanations of a case, against a case of two facts in the same run."""
    import calcinosis
    from calcinosis.facts.case import Case

    kg = calcinosis.load()
    raws = _cases(kg)
    cases = {
        size: [c for c in kg.cases(made) if isinstance(c, Case)] for size, made in raws.items()
    }
    for made in cases.values():  # what is found once a process is not counted
        _ = [kg._explainer.explain(case) for case in made]
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    beyond = dict.fromkeys(SIZES, 0)
    for _repetition in range(repetitions):
        for size, made in cases.items():
            start = time.perf_counter()
            found = [kg._explainer.explain(case) for case in made]
            times[size].append((time.perf_counter() - start) / len(made))
            beyond[size] = sum(not why.complete for one in found for why in one.subtypes)
    least = statistics.median(times[SIZES[0]])
    for size in SIZES:
        median = statistics.median(times[size])
        said = f"{median * 1000:.0f} ms, {beyond[size]} verdicts beyond the bound"
        yield Row(
            f"explaining {size} facts, against {SIZES[0]}", f"{median / least:.1f} × ({said})"
        )


def _cases(kg: Any) -> dict[int, list[dict[str, Any]]]:
    """Cases of as many facts, asserted and excluded in turn, each of a term of its own."""
    terms = kg.ontology.terms
    kinds = {"condition": "conditions", "intervention": "interventions", "finding": "findings"}
    labels = [
        (kinds[term.kind], term.label)
        for term in terms
        if term.kind in kinds and len(terms.find(term.label)) == 1
    ]
    chance = random.Random(1)
    made: dict[int, list[dict[str, Any]]] = {}
    for size in SIZES:
        made[size] = []
        for number in range(CASES):
            case: dict[str, Any] = {"id": f"made-{size}-{number}", "calcinosis": "present"}
            for place, (key, label) in enumerate(chance.sample(labels, size - 1)):
                case.setdefault("excluded" if place % 2 else key, []).append(label)
            made[size].append(case)
    return made
