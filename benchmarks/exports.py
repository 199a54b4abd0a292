"""Exports: each format of the whole graph, and how time and memory grow with 10⁴ claims."""

from __future__ import annotations

import json
import random
import shutil
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import Row, run
from calcinosis.api.selecting import select
from calcinosis.output.rdf.turtle import PREFIXES

FEW, MANY, QUICK = 2_000, 10_000, 3
TIMES_LINEAR = 1.5
TIMES_MEMORY = 1.5
STREAMING = ("associations-csv", "kgx-jsonl")
BASE = "associations-csv"
_CLAIM = """
assoc:made-{n} a calc:RiskFactorAssociation , owl:NamedIndividual ;
    rdfs:label "made {n}"@en ; calc:subject {subject} ; calc:predicate biolink:associated_with ;
    calc:object {object} ; calc:statement "Made up for a measurement, {n}."@en ;
    cito:citesAsEvidence {reference} .
[] a owl:Axiom ; owl:annotatedSource assoc:made-{n} ; owl:annotatedProperty cito:citesAsEvidence ;
    owl:annotatedTarget {reference} ; calc:read "abstract" .
"""


def rows(repetitions: int) -> Iterator[Row]:
    """Each format against the table of associations; growth from 2,000 to 10,000 claims.

    A quick run takes an eighth of the claims, each once.
    """
    quick = repetitions <= QUICK
    fewer, more = (FEW // 8, MANY // 8) if quick else (FEW, MANY)
    times = 1 if quick else min(repetitions, 5)
    with tempfile.TemporaryDirectory() as name:
        whole = _measured(Path(name), 0, repetitions)
        few = _measured(Path(name), fewer, times)
        many = _measured(Path(name), more, times)
    base = whole["seconds"][BASE]
    cases = whole["seconds"].keys() - many["seconds"].keys()
    for form, took in whole["seconds"].items():
        yield Row(
            f"the {'teaching cases' if form in cases else 'whole graph'} as {form}, against {BASE}",
            f"{took / base:.1f} × ({took * 1000:.0f} ms)",
        )
    claims = many["claims"] / few["claims"]
    for form, took in many["seconds"].items():
        growth = took / few["seconds"][form] / claims
        yield Row(
            f"{form}: time a claim, {more:,} claims against {fewer:,}",
            f"{growth:.2f} × ({took:.2f} s)",
            f"≤ {TIMES_LINEAR} ×",
            growth <= TIMES_LINEAR,
        )
    for form in STREAMING:
        growth = many["peak"][form] / few["peak"][form]
        yield Row(
            f"{form}: memory, {more:,} claims against {fewer:,}",
            f"{growth:.2f} × ({many['peak'][form] / 1e6:.1f} MB)",
            f"≤ {TIMES_MEMORY} ×",
            growth <= TIMES_MEMORY,
        )


def _measured(folder: Path, count: int, repetitions: int) -> dict[str, Any]:
    """Measured in a process of its own: this one must stay small."""
    command = [sys.executable, "-m", "benchmarks.exports", str(folder / str(count))]
    found: dict[str, Any] = json.loads(run([*command, str(count), str(repetitions)]).output)
    return found


def grown(folder: Path, count: int) -> Path:
    """The ontology with ``count`` made-up claims more, as a folder."""
    import calcinosis
    from calcinosis.graph.locate import data

    shutil.copytree(data("ontology"), folder)
    ontology = calcinosis.load().ontology
    terms = [f"calc:{term.id}" for term in ontology.terms if term.kind in ("condition", "subtype")]
    keys = [
        f"<https://w3id.org/calcinosis/reference/{key}>" for key in ontology.library.bibliography
    ]
    chance = random.Random(1)
    with (folder / "associations.ttl").open("a", encoding="utf-8") as turtle:
        turtle.writelines(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())
        for n in range(count):
            subject, target = chance.sample(terms, 2)
            reference = chance.choice(keys)
            turtle.write(_CLAIM.format(n=n, subject=subject, object=target, reference=reference))
    return folder


def _main(folder: str, count: str, repetitions: str) -> None:
    import calcinosis
    from calcinosis.graph.locate import data
    from calcinosis.output.formats import FORMATS

    kg = calcinosis.load(ontology=grown(Path(folder), int(count)))
    selection = select(kg)
    # The cases are the same however many claims there are: measured with the graph as it is.
    of_cases = None if int(count) else select(kg, cases=data("examples") / "patients.yaml")
    found: dict[str, Any] = {"claims": len(selection.associations), "seconds": {}, "peak": {}}
    for form in FORMATS:
        chosen = of_cases if form.cases else selection
        if chosen is not None:
            if int(repetitions) > 1:
                _drained(form.files(chosen))  # what is read once for all formats
            times = []
            for _ in range(int(repetitions)):
                start = time.perf_counter()
                _drained(form.files(chosen))
                times.append(time.perf_counter() - start)
            found["seconds"][form.name] = statistics.median(times)
    for form in FORMATS:
        if form.name in STREAMING:
            tracemalloc.start()
            _drained(form.files(selection))
            found["peak"][form.name] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    print(json.dumps(found))


def _drained(files: Any) -> None:
    for parts in files.values():
        for _ in parts:
            pass


if __name__ == "__main__":
    _main(*sys.argv[1:])
