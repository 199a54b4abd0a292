"""What would decide an open verdict, and which question to ask next.

What can be observed is taken at the level of the viewpoint's own criteria: each criterion that
is defined by links to categories rather than by other criteria, met or not. A criterion all of
whose links are criteria of their own (a level of calcium or of phosphate) is left to those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from calcinosis import names
from calcinosis.explain.minimal import MOST, TooManyError
from calcinosis.explain.theory import Theory
from calcinosis.explain.workup import Examination, Workup
from calcinosis.facts.case import Remark
from calcinosis.reasoning.classes import CaseClass
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.compiled import State
from calcinosis.reasoning.fragment import Named, Some
from calcinosis.reasoning.verdict import Verdict, settled


@dataclass(frozen=True, slots=True)
class Observation:
    """A criterion that could be found met or not met, in words, with what would show it.

    ``asks`` is the test or question that yields it, ``tests`` are the cited tests that do, best
    first; ``references`` (keys) are those that the meaning of the criterion rests on.
    """

    criterion: str
    met: bool
    words: str
    asks: str
    references: tuple[str, ...]
    literal: int
    tests: tuple[Examination, ...] = ()

    def __repr__(self) -> str:
        return f"<Observation {self.words}>"

    def to_dict(self) -> dict[str, Any]:
        """The observation as the explanation's JSON holds it."""
        return {
            "criterion": self.criterion,
            "status": "met" if self.met else "violated",
            "words": self.words,
            "asks": self.asks,
            "references": list(self.references),
            "tests": [test.to_dict() for test in self.tests],
        }


Observations = tuple[Observation, ...]

Suppose = Callable[[Sequence[int]], State]
"""What would follow if some literals were stated besides what is known."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """All minimal sets of observations that would make an open subtype follow, or rule it out.

    ``complete`` is False where there are more than the bound allows: then none is given.
    """

    follows: tuple[Observations, ...]
    ruled_out: tuple[Observations, ...]
    complete: bool = True

    def __repr__(self) -> str:
        return f"<Deciding: {len(self.follows)} to follow, {len(self.ruled_out)} to be ruled out>"

    def to_dict(self) -> dict[str, Any]:
        """The sets as the explanation's JSON holds them."""
        return {
            "complete": self.complete,
            "follows": [[one.to_dict() for one in found] for found in self.follows],
            "ruled_out": [[one.to_dict() for one in found] for found in self.ruled_out],
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer to a question, with the verdicts that it settles by subtype id."""

    observation: Observation
    settles: tuple[tuple[str, Verdict], ...]

    def __repr__(self) -> str:
        return f"<Outcome {self.observation.words}: settles {len(self.settles)}>"


@dataclass(frozen=True, slots=True)
class Question:
    """What to find out next: the two outcomes, and how many open subtypes they settle together."""

    asks: str
    outcomes: tuple[Outcome, Outcome]

    def __repr__(self) -> str:
        return f"<Question {self.asks}: settles {self.score}>"

    @property
    def score(self) -> int:
        """Open subtypes settled, counted over the outcomes."""
        return sum(len(outcome.settles) for outcome in self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """The question as the explanation's JSON holds it."""
        return {
            "asks": self.asks,
            "settles": self.score,
            "outcomes": [
                {**outcome.observation.to_dict(), "settles": dict(outcome.settles)}
                for outcome in self.outcomes
            ],
        }


class Decider:
    """Finds what would decide open verdicts under one viewpoint."""

    def __init__(self, classifier: Classifier, theory: Theory, most: int = MOST) -> None:
        self._classifier = classifier
        self._theory = theory
        self._workup = Workup(classifier.ontology)
        self._most = most

    @cached_property
    def observations(self) -> tuple[Observations, ...]:
        """What can be observed, met and not met, in the viewpoint's order."""
        every = (c for case in self._classifier.case_classes for c in case.criteria)
        criteria = self._classifier.with_parts(every)
        atoms = {iri: self._own_atoms(iri) for iri in criteria}
        single = {next(iter(found)) for found in atoms.values() if len(found) == 1}
        chosen = [
            iri for iri, found in atoms.items() if found and (len(found) == 1 or found - single)
        ]
        order = self._classifier.ontology.terms.sort_order
        return tuple(
            (self._observation(iri, True), self._observation(iri, False))
            for iri in sorted(chosen, key=lambda iri: (order(iri), iri))
        )

    def deciding(
        self, case_class: CaseClass, state: State, suppose: Suppose | None = None, most: int = 1
    ) -> Deciding:
        """What would decide one open subtype, given what is known.

        ``suppose`` says what follows if observations are made besides; the definitions alone
        unless it is given. With it, up to ``most`` observations together are tried even where the
        definitions alone settle nothing: a name may say the rest.
        """
        try:
            return Deciding(
                self._sets(case_class.literal, state, suppose, most),
                self._sets(case_class.literal ^ 1, state, suppose, most),
            )
        except TooManyError:
            return Deciding((), (), complete=False)

    def questions(
        self,
        still_open: Sequence[CaseClass],
        state: State,
        remarks: Sequence[Remark] = (),
        suppose: Suppose | None = None,
    ) -> tuple[Question, ...]:
        """What is not known yet and would settle something, best first.

        The best question is the one whose outcomes together settle most open subtypes; among
        equals the first in the viewpoint's order of criteria. ``remarks`` are on values that are
        given but not to be interpreted: the question then is for what they lack.
        """
        asked = []
        for met, not_met in self._unknown(state):
            outcomes = (
                Outcome(met, self._settled(still_open, state, met, suppose)),
                Outcome(not_met, self._settled(still_open, state, not_met, suppose)),
            )
            asks = self._classifier.question_for(names.CC + met.criterion, remarks)
            asked.append(Question(asks, outcomes))
        ranked = sorted(asked, key=lambda question: -question.score)
        return tuple(question for question in ranked if question.score)

    # -- what can be observed --------------------------------------------------------

    def _own_atoms(self, iri: str) -> frozenset[Some]:
        """The links that define a criterion; none where other criteria define it."""
        leaves = list(self._classifier.leaves(iri))
        if any(isinstance(leaf, Named) for leaf in leaves):
            return frozenset()
        return frozenset(leaf for leaf in leaves if isinstance(leaf, Some))

    def _observation(self, iri: str, met: bool) -> Observation:
        words = self._classifier.criterion(iri)
        axioms = self._classifier.fragment.axioms
        means = frozenset(
            number
            for number, axiom in enumerate(axioms)
            if axiom.form == "equivalent" and axiom.left == Named(iri)
        )
        return Observation(
            words.id,
            met,
            words.label if met else self._denial(iri),
            words.asks or words.label,
            self._classifier.rests_on(means),
            words.literal ^ (not met),
            self._workup.tests(atom.filler for atom in self._own_atoms(iri)),
        )

    def _denial(self, iri: str) -> str:
        terms = self._classifier.ontology.terms
        if terms.states_absence(iri):
            return " or ".join(sorted(terms.label(atom.filler) for atom in self._own_atoms(iri)))
        return f"no {terms.label(iri)}"

    # -- what would decide -----------------------------------------------------------

    def _unknown(self, state: State) -> list[Observations]:
        return [
            pair
            for pair in self.observations
            if not (state.holds(pair[0].literal) or state.holds(pair[1].literal))
        ]

    def _sets(
        self, goal: int, state: State, suppose: Suppose | None, most: int
    ) -> tuple[Observations, ...]:
        possible = {one.literal: one for pair in self._unknown(state) for one in pair}
        found = self._theory.fact_sets(tuple(possible), goal, known=state.facts, most=self._most)
        after = suppose or self._alone(state)
        kept = [literals for literals in found if _settles(after(literals), goal)]
        for size in range(1, most + 1) if suppose is not None else ():
            for literals in combinations(possible, size):
                if not any(set(one) <= set(literals) for one in kept) and _settles(
                    after(literals), goal
                ):
                    kept.append(literals)
        minimal = [one for one in kept if not any(set(two) < set(one) for two in kept)]
        return tuple(
            tuple(possible[literal] for literal in literals)
            for literals in sorted(minimal, key=len)
        )

    def _alone(self, state: State) -> Suppose:
        """What follows by the definitions alone."""
        return lambda literals: self._theory.compiled.evaluate((*state.facts, *literals))

    def _settled(
        self,
        still_open: Sequence[CaseClass],
        state: State,
        one: Observation,
        suppose: Suppose | None,
    ) -> tuple[tuple[str, Verdict], ...]:
        after = (suppose or self._alone(state))((one.literal,))
        verdicts = ((c.subtype, settled(after.holds, c.literal)) for c in still_open)
        return tuple((subtype, verdict) for subtype, verdict in verdicts if verdict)


def _settles(state: State, goal: int) -> bool:
    return state.consistent and state.holds(goal)
