"""What the axioms that verdicts rest on rest on themselves, under each viewpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from calcinosis.graph.ontology import load, viewpoints
from calcinosis.reasoning.fragment import Axiom, Fragment

KINDS = {
    "cited": "cited",
    "reading": "cited, with our reading",
    "editorial": "our reading alone",
    "taken": "taken from the default viewpoint",
    "placed": "placed by what words mean",
    "bare": "neither cited nor explained",
}


@dataclass(frozen=True, slots=True)
class Share:
    """The axioms of one viewpoint that verdicts can rest on, counted by the keys of KINDS."""

    viewpoint: str
    counts: Counter[str]

    @property
    def bearing(self) -> int:
        """How many bear verdicts by more than where a word is placed."""
        return self.counts.total() - self.counts["placed"]


def shares(folder: Path | None = None) -> Iterator[Share]:
    """The shares of each viewpoint of an ontology folder; OntologyError for a broken one."""
    for name in viewpoints(folder):
        axioms = Fragment.of(load(name, folder).triples).axioms
        yield Share(name, Counter(_kind(axiom) for axiom in axioms if not axiom.is_placing))


def _kind(axiom: Axiom) -> str:
    if axiom.is_taxonomy:
        return "placed" if axiom.editorial else "bare"
    if axiom.taken:
        return "taken"
    if axiom.rests_on:
        return "reading" if axiom.editorial else "cited"
    return "editorial" if axiom.editorial else "bare"
