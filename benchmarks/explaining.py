"""How explaining grows with the facts of a case: the costs against those of two facts."""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.shared import cases_of

from benchmarks.measure import Row

SIZES = (2, 5, 10, 25, 50, 100, 200)
CASES = 6
TIMES = (1, 10, 100)  # how often the conditions of the ontology stand in a generated one


def rows(repetitions: int) -> Iterator[Row]:
    """The time of all explanations of a case, against a case of two facts in the same run."""
    import calcinosis
    from calcinosis.facts.case import Case

    kg = calcinosis.load()
    raws = _cases(kg)
    cases = {
        size: [c for c in cases_of(kg, made) if isinstance(c, Case)] for size, made in raws.items()
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
    yield from _grown(repetitions)


def _grown(repetitions: int) -> Iterator[Row]:
    """The time of ordinary cases under an ontology with many times as many conditions."""
    import calcinosis
    from calcinosis.explain.justify import Explainer
    from calcinosis.facts.case import Case
    from calcinosis.graph.locate import data

    first: tuple[float, float] | None = None
    for times in TIMES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "ontology"
            shutil.copytree(data("ontology"), folder)
            (folder / "made.ttl").write_text(_made(folder, times), encoding="utf-8")
            kg = calcinosis.load(ontology=folder)
            raws = cases_of(kg, data("examples") / "patients.yaml")
            cases = [case for case in raws if isinstance(case, Case)]
            explainer = Explainer(kg.classifier)
            took = []
            for work in (kg.classifier.classify, explainer.explain):
                _ = [work(case) for case in cases]
                medians = []
                for _repetition in range(min(repetitions, 5)):
                    start = time.perf_counter()
                    _ = [work(case) for case in cases]
                    medians.append((time.perf_counter() - start) / len(cases))
                took.append(statistics.median(medians))
        first = first or (took[0], took[1])
        for what, one, least in zip(("classifying", "explaining"), took, first, strict=True):
            yield Row(
                f"{what} with {times} × as many conditions, against as they are",
                f"{one / least:.1f} × ({one * 1000:.1f} ms a case)",
            )


def _made(folder: Path, times: int) -> str:
    """Made-up conditions below those of the ontology, so that there are so many times as many."""
    import calcinosis

    terms = calcinosis.load(ontology=folder).ontology.terms
    above = [term.id for term in terms if term.kind == "condition"]
    lines = [_HEAD]
    for number in range(len(above) * (times - 1)):
        parent = above[number % len(above)]
        lines.append(_CLASS.format(n=number, parent=parent))
    return "\n".join(lines)


_HEAD = """@prefix calc: <https://w3id.org/calcinosis/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/calcinosis/ontology/made> a owl:Ontology ."""
_CLASS = """calc:Made{n} a owl:Class ; rdfs:label "made {n}"@en ; rdfs:subClassOf calc:{parent} .
[] a owl:Axiom ; owl:annotatedSource calc:Made{n} ; owl:annotatedProperty rdfs:subClassOf ;
    owl:annotatedTarget calc:{parent} ; calc:editorial "Made up for a measurement."@en ."""


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
