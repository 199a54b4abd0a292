"""Random cases of real conditions, interventions and findings, spread over all outcomes.

Random testing alone misses what is rare. The verdict vectors that occur are known from part 2,
each with sets of criteria that yield it; cases are made from those until every vector has its
share. A criterion is made concrete by terms below its categories and links below its links, an
exclusion also by terms and links above; several facts fall on one atom, and facts that decide
nothing are mixed in.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from calcinosis import names
from calcinosis.reasoning.fragment import And, Formula, Named, Not, Or, Some
from calcinosis.reasoning.owl import Authority, OwlFact
from proofs.both import Both, Count
from proofs.spaces import Vector

_TRIES = 200


class Maker:
    """Makes concrete cases of abstract ones."""

    def __init__(self, both: Both, seed: int) -> None:
        self._both = both
        self._chance = random.Random(seed)
        self._terms = both.ontology.terms
        self._atoms = [key for key in both.compiled.keys if isinstance(key, Some)]
        self._narrower: dict[str, list[str]] = {}
        for axiom in both.compiled.axioms:
            if axiom.form == "subproperty":
                self._narrower.setdefault(str(axiom.right), []).append(str(axiom.left))
        self._wider = {n: wide for wide, narrow in self._narrower.items() for n in narrow}
        self._unions = {
            axiom.left: [part.iri for part in axiom.right.parts if isinstance(part, Named)]
            for axiom in both.compiled.axioms
            if axiom.form == "union" and isinstance(axiom.right, Or)
        }

    def case(self, criteria: Sequence[int]) -> tuple[int, ...]:
        """Literals of one concrete case that has (or lacks) the given criteria."""
        found: list[int] = []
        for literal in criteria:
            key = self._both.compiled.keys[literal >> 1]
            found += self._make(Named(str(key)), affirmed=not literal & 1)
        if self._maybe(0.5):
            found += [self._any() for _ in range(self._chance.randint(1, 3))]
        self._chance.shuffle(found)
        return tuple(dict.fromkeys(found))

    def _maybe(self, share: float) -> bool:
        return self._chance.random() < share

    def _any(self) -> int:
        atom = self._chance.choice(self._atoms)
        return self._both.compiled.literal(atom, affirmed=self._maybe(0.6))

    def _make(self, formula: Formula, *, affirmed: bool) -> Iterator[int]:
        if isinstance(formula, Not):
            yield from self._make(formula.part, affirmed=not affirmed)
        elif isinstance(formula, Some):
            yield from self._assert(formula) if affirmed else self._exclude(formula)
        elif isinstance(formula, Named):
            definition = self._both.definitions[formula.iri]
            if not affirmed and self._maybe(0.15):
                yield self._both.compiled.literal(formula.iri, affirmed=False)
            else:
                yield from self._make(definition, affirmed=affirmed)
        else:
            parts = [part for part in formula.parts if part != And(())]
            if isinstance(formula, And) != affirmed:
                self._chance.shuffle(parts)
                parts = parts[: 1 + self._maybe(0.3)]
            for part in parts:
                yield from self._make(part, affirmed=affirmed)

    def _assert(self, atom: Some) -> Iterator[int]:
        for _ in range(1 + self._maybe(0.3)):
            link = self._chance.choice([atom.property, *self._narrower.get(atom.property, ())])
            yield self._both.compiled.literal(Some(link, self._below(atom.filler)))

    def _exclude(self, atom: Some) -> Iterator[int]:
        link, fillers = atom.property, [atom.filler]
        if link in self._wider and self._maybe(0.3):
            link = self._wider[link]
        if atom.filler in self._unions and self._maybe(0.3):
            fillers = self._unions[atom.filler]
        elif self._maybe(0.1):
            fillers = [*self._terms.parents(atom.filler)][:1] or fillers
        if self._maybe(0.2):
            fillers = [*fillers, self._below(atom.filler)]
        for filler in fillers:
            yield self._both.compiled.literal(Some(link, filler), affirmed=False)

    def _below(self, iri: str) -> str:
        while not self._maybe(0.15):
            below = self._terms.children.get(iri, ())
            if not below:
                break
            iri = self._chance.choice(below)
        return iri


def cases(
    both: Both, witnesses: Mapping[Vector, Sequence[tuple[int, ...]]], share: int, seed: int = 1
) -> Count:
    """Cases for every verdict vector of part 2, compared on all subtypes and all criteria."""
    maker, chance = Maker(both, seed), random.Random(seed)
    classes = [*both.subtypes, *both.criteria]
    targets = [both.compiled.literal(iri) for iri in classes]
    reached: Counter[Vector] = Counter()
    what = f"subtypes and criteria in cases, {share} or more to each vector"
    with Count(both.viewpoint, "3", what) as count:
        for wanted, sets in witnesses.items():
            for _ in range(_TRIES * share):
                if reached[wanted] >= share:
                    break
                literals = maker.case(chance.choice(sets))
                theirs = both.authority.verdicts(map(both.fact, literals), classes)
                ours = both.compiled_verdicts(literals, targets)
                reached[tuple(theirs[: len(both.subtypes)])] += 1
                count.states += 1
                count.decisions += len(classes)
                count.inconsistent += "conflicting" in theirs
                for iri, one, two in zip(classes, theirs, ours, strict=True):
                    if one != two:
                        words = both.words(literals)
                        count.differ(f"{words}: {names.local(iri)} is {one}, {two} compiled")
    for vector in witnesses:
        if reached[vector] < share:
            count.differ(f"no case was found with the verdicts {', '.join(vector)}")
    count.vectors = len(reached)
    return count


class Individual:
    """A case as an individual of the ontology, which is changed for every case and back."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        java: Any = authority._java
        self._build = authority._build
        iri = java.JClass("org.semanticweb.owlapi.model.IRI").create(names.CC + "case/individual")
        self._case = self._build.getOWLNamedIndividual(iri)

    def verdicts(self, facts: Sequence[OwlFact], classes: Sequence[str]) -> list[str]:
        """The verdicts on some classes by assertions about the individual."""
        authority = self._authority
        stated = [
            self._build.getOWLClassAssertionAxiom(authority._expression(fact), self._case)
            for fact in ((True, None, names.CASE), *facts)
        ]
        for axiom in stated:
            authority._manager.addAxiom(authority._owl, axiom)
        authority._reasoner.flush()
        try:
            if not authority._reasoner.isConsistent():
                return ["conflicting"] * len(classes)
            return [self._verdict(iri) for iri in classes]
        finally:
            for axiom in stated:
                authority._manager.removeAxiom(authority._owl, axiom)
            authority._reasoner.flush()

    def _verdict(self, iri: str) -> str:
        for affirmed, word in ((True, "entailed"), (False, "refuted")):
            expression = self._authority._expression((affirmed, None, iri))
            axiom = self._build.getOWLClassAssertionAxiom(expression, self._case)
            if self._authority._reasoner.isEntailed(axiom):
                return word
        return "undetermined"


def two_ways(
    both: Both, witnesses: Mapping[Vector, Sequence[tuple[int, ...]]], seed: int = 1
) -> tuple[Count, float]:
    """The authority's two ways to judge a case, by class expression and by individual.

    One case to each vector. Returns the count and how many times faster the expression is.
    """
    maker = Maker(both, seed)
    individual = Individual(both.authority)
    spent = [0.0, 0.0]
    with Count(both.viewpoint, "0", "subtypes by class expression and by individual") as count:
        for sets in witnesses.values():
            literals = maker.case(sets[0])
            facts = [both.fact(literal) for literal in literals]
            start = time.perf_counter()
            one = both.authority.verdicts(facts, both.subtypes)
            middle = time.perf_counter()
            two = individual.verdicts(facts, both.subtypes)
            spent[0] += middle - start
            spent[1] += time.perf_counter() - middle
            count.states += 1
            count.inconsistent += "conflicting" in one
            count.decisions += len(one)
            if one != two:
                count.differ(f"{both.words(literals)}: {one} by expression, {two} by individual")
    count.vectors = len(witnesses)
    return count, spent[1] / spent[0]
