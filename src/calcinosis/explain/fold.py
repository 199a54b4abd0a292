"""A justification folded for people: one step a criterion, each chain of terms in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calcinosis.explain.links import Given, Justification, Link, Links
from calcinosis.explain.theory import Theory
from calcinosis.facts.case import Fact
from calcinosis.reasoning.classes import CaseClass
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.fragment import Named, Or


@dataclass(frozen=True, slots=True)
class Chain:
    """A fact and the terms that it leads to.

    What is asserted leads to wider terms, what is excluded to narrower ones.
    """

    given: Given
    terms: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The chain as the explanation's JSON holds it."""
        return {"fact": str(self.given.fact), "places": list(self.given.places)} | {
            "terms": list(self.terms)
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One criterion that a justification meets or violates, by which facts and axioms."""

    criterion: str
    met: bool
    chains: tuple[Chain, ...]
    links: tuple[Link, ...]

    def __repr__(self) -> str:
        return f"<Step {self.criterion} {'met' if self.met else 'violated'}>"

    def to_dict(self) -> dict[str, Any]:
        """The step as the explanation's JSON holds it."""
        return {
            "criterion": self.criterion,
            "status": "met" if self.met else "violated",
            "chains": [chain.to_dict() for chain in self.chains],
        }


class Folder:
    """Folds the justifications of one viewpoint."""

    def __init__(self, classifier: Classifier, theory: Theory, links: Links) -> None:
        self._classifier = classifier
        self._theory = theory
        self._links = links

    def steps(
        self, justification: Justification, case_class: CaseClass, *, entailed: bool
    ) -> tuple[Step, ...]:
        """One step a criterion that the justification settles, in the viewpoint's order.

        Where a subtype is ruled out although no single criterion is violated there is one step
        for the whole.
        """
        found = []
        for iri in case_class.criteria:
            words = self._classifier.criterion(iri)
            because = self._theory.entailing(
                justification.literals,
                words.literal ^ (not entailed),
                within=justification.axioms,
            )
            if because:
                literals, axioms = because[0]
                found.append(self._step(justification, words.label, entailed, literals, axioms))
        return tuple(found) or (
            self._step(
                justification,
                case_class.label,
                entailed,
                justification.literals,
                justification.axioms,
            ),
        )

    def _step(
        self,
        justification: Justification,
        criterion: str,
        met: bool,
        literals: Sequence[int],
        axioms: frozenset[int],
    ) -> Step:
        given = dict(zip(justification.literals, justification.facts, strict=True))
        links = tuple(link for link in justification.links if link.axiom in axioms)
        chains = tuple(self.chain(given[literal], links) for literal in literals)
        return Step(criterion, met, chains, links)

    def chain(self, given: Given, links: Sequence[Link]) -> Chain:
        """A fact with the terms that it leads to by some axioms.

        What is asserted is each of the wider terms; what is excluded excludes the narrower ones.
        """
        fact = given.fact
        pairs = [pair for link in links for pair in self._kinds_of(link.axiom)]
        if not fact.affirmed:
            pairs = [(wide, narrow) for narrow, wide in pairs]
        following = dict(reversed(pairs))
        terms: list[str] = []
        at = fact.term
        while at in following:
            at = following.pop(at)
            terms.append(self._links.label(at))
        return Chain(given, tuple(terms))

    def _kinds_of(self, number: int) -> list[tuple[str, str]]:
        axiom = self._theory.compiled.axioms[number]
        if axiom.form == "subclass" and isinstance(axiom.left, str):
            return [(axiom.left, str(axiom.right))]
        if axiom.form == "union" and isinstance(axiom.right, Or):
            parts = (part.iri for part in axiom.right.parts if isinstance(part, Named))
            return [(part, str(axiom.left)) for part in parts]
        return []


def given(literals: Sequence[int], stated: dict[int, list[Fact]]) -> tuple[Given, ...]:
    """The facts of literals."""
    return tuple(Given(tuple(stated[literal])) for literal in literals)
