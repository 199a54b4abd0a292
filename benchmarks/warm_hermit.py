"""Warm HermiT and the compiled definitions side by side: ``python -m benchmarks.warm_hermit``.

Both judge the same made-up cases in turn, in one process, so that a slow moment of the machine
meets both; the ratio is what carries over to other machines. Needs the extra ``owl``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

from tests.shared import cases_of

import calcinosis
from benchmarks.cases import made
from benchmarks.measure import Row
from calcinosis.facts.case import Case
from calcinosis.reasoning.owl import Authority

CASES = 20
REPETITIONS = 15


def rows(repetitions: int = REPETITIONS) -> Iterator[Row]:
    """Milliseconds a case, medians, and how many times slower than the compiled definitions."""
    kg = calcinosis.load()
    classifier = kg.classifier
    authority = Authority(kg.ontology, classifier)
    cases = [case for case in cases_of(kg, made(CASES)) if isinstance(case, Case)]
    facts = [[(f.affirmed, f.property, f.term) for f in case.facts] for case in cases]
    literals = [list(classifier.literals(case.facts)) for case in cases]
    classes = [case_class.iri for case_class in classifier.case_classes]
    targets = [case_class.literal for case_class in classifier.case_classes]

    def compiled() -> None:
        for stated in literals:
            state = classifier.compiled.evaluate(stated)
            for target in targets:
                state.holds(target)
                state.holds(target ^ 1)

    works: dict[str, Callable[[], object]] = {
        "verdicts, compiled": compiled,
        "verdicts, warm HermiT": lambda: [authority.verdicts(f, classes) for f in facts],
        "verdicts with criteria, facts and references, compiled": lambda: [
            classifier.classify(case) for case in cases
        ],
        "verdicts with criteria, facts and references, warm HermiT": lambda: [
            authority.classify(case) for case in cases
        ],
    }
    medians = _medians(works, repetitions)
    for pair in (list(works)[:2], list(works)[2:]):
        for name in pair:
            ratio = medians[name] / medians[pair[0]]
            yield Row(f"{name}, a case", f"{medians[name]:.3f} ms ({ratio:.0f} ×)")


def _medians(works: dict[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repetitions + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            spent[name].append((time.perf_counter() - start) / CASES * 1000)
    return {name: statistics.median(times[1:]) for name, times in spent.items()}


def main() -> None:
    """Measure and print."""
    print("| what | measured |\n|---|---|")
    for row in rows():
        print(f"| {row.what} | {row.measured} |")


if __name__ == "__main__":
    main()
