"""Both reasoners over one viewpoint, and what a comparison of them counts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from calcinosis import names
from calcinosis.graph.ontology import load
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.fragment import And, Formula, Named, Not, Or, Some
from calcinosis.reasoning.owl import Authority, OwlFact
from calcinosis.reasoning.verdict import CONFLICTING, ENTAILED, REFUTED, UNDETERMINED

_SHOWN = 5


@dataclass
class Count:
    """What one part of a proof looked at: sets of facts and decisions, and where they differ."""

    viewpoint: str
    part: str
    what: str
    states: int = 0
    inconsistent: int = 0
    decisions: int = 0
    differences: int = 0
    vectors: int = 0
    examples: list[str] = field(default_factory=list)
    cpu: float = 0.0

    def __enter__(self) -> Count:
        self._start = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu = time.process_time() - self._start

    def differ(self, example: str) -> None:
        """Count one difference, and keep it if it is one of the first."""
        self.differences += 1
        if len(self.examples) < _SHOWN:
            self.examples.append(example)


class Reasoners:
    """Compiled definitions and the authority over the same ontology."""

    def __init__(self, compiled: Compiled, authority: Authority) -> None:
        self.compiled = compiled
        self.authority = authority

    def fact(self, literal: int) -> OwlFact:
        """A literal as the authority takes it."""
        key = self.compiled.keys[literal >> 1]
        affirmed = not literal & 1
        if isinstance(key, Some):
            return affirmed, key.property, key.filler
        return affirmed, None, key

    def compiled_verdicts(self, literals: Iterable[int], targets: Iterable[int]) -> list[str]:
        """The verdicts of the compiled classifier on some classes, by literal."""
        state = self.compiled.evaluate(literals)
        if not state.consistent:
            return [CONFLICTING for _ in targets]
        return [
            ENTAILED if state.holds(t) else REFUTED if state.holds(t ^ 1) else UNDETERMINED
            for t in targets
        ]

    def words(self, literals: Iterable[int]) -> str:
        """Facts as a reader of a difference wants them."""
        return " + ".join(map(self._word, literals)) or "no fact"

    def _word(self, literal: int) -> str:
        affirmed, prop, iri = self.fact(literal)
        link = f"{names.local(prop)} some " if prop else ""
        return f"{'' if affirmed else 'not '}{link}{names.local(iri)}"


class Both(Reasoners):
    """The compiled classifier and the authority over one viewpoint."""

    def __init__(self, viewpoint: str) -> None:
        self.viewpoint = viewpoint
        self.ontology = load(viewpoint)
        self.classifier = Classifier(self.ontology)
        compiled = self.classifier.compiled
        super().__init__(compiled, Authority(self.ontology, self.classifier))
        self.definitions = self.classifier.fragment.definitions
        self.subtypes = [case_class.iri for case_class in self.classifier.case_classes]

    @cached_property
    def criteria(self) -> list[str]:
        """All criteria, those that no subtype of the viewpoint uses included."""
        return [iri for iri in self.definitions if iri not in self.subtypes]

    # -- definitions -----------------------------------------------------------------

    def leaves(self) -> list[str]:
        """The criteria that the subtypes rest on and that are defined by conditions or findings."""
        return [iri for iri in self._below() if any(self._direct(iri))]

    def compounds(self) -> list[str]:
        """The criteria that the subtypes rest on and that are defined by other criteria."""
        return [iri for iri in self._below() if not any(self._direct(iri))]

    def _below(self) -> list[str]:
        found: dict[str, None] = {}
        stack = [*self.subtypes]
        while stack:
            iri = stack.pop()
            if iri not in found:
                found[iri] = None
                stack += [p.iri for p in flat(self.definitions[iri]) if isinstance(p, Named)]
        return [iri for iri in found if iri not in self.subtypes]

    def _direct(self, iri: str) -> Iterator[Some]:
        return (part for part in flat(self.definitions[iri]) if isinstance(part, Some))

    def atoms(self, iri: str) -> list[Some]:
        """The atoms of a criterion, unfolded through the criteria that define it."""
        found: dict[Some, None] = {}
        for part in flat(self.definitions.get(iri, And(()))):
            if isinstance(part, Some):
                found[part] = None
            elif isinstance(part, Named):
                found.update(dict.fromkeys(self.atoms(part.iri)))
        return list(found)


def flat(formula: Formula) -> Iterator[Some | Named]:
    """The atoms and criteria that a formula is built from."""
    if isinstance(formula, Some | Named):
        yield formula
    elif isinstance(formula, Not):
        yield from flat(formula.part)
    elif isinstance(formula, And | Or):
        for part in formula.parts:
            yield from flat(part)
