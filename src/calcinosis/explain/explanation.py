"""Explanations as values: why a subtype follows or is ruled out, what decides, what conflicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from calcinosis import names
from calcinosis.explain.decide import Deciding, Observation, Question
from calcinosis.explain.fold import Chain, Step
from calcinosis.explain.links import Given, Justification, Link, weakest
from calcinosis.explain.stability import Stability
from calcinosis.facts.case import Fact
from calcinosis.graph.claims import Reference
from calcinosis.reasoning.verdict import CaseVerdict, SubtypeVerdict, unknown

SCHEMA = names.CC + "schema/explanation-1.json"


@dataclass(frozen=True, slots=True)
class Why:
    """The verdict on one subtype with all its minimal justifications, best supported first.

    ``steps`` folds each justification. An open or contradictory verdict has none; an open one
    has what would decide it, the others the fewest facts and references that they stand or fall
    with (None beyond the bound). ``complete`` is False where there are more justifications than the
    bound allows: then one is given. Of a presumption ``presumed`` are the justifications, which
    hold assumed facts too, and ``presumed_steps`` fold them.
    """

    verdict: SubtypeVerdict
    justifications: tuple[Justification, ...]
    steps: tuple[tuple[Step, ...], ...]
    complete: bool = True
    deciding: Deciding | None = None
    stands_with: Callable[[], Stability | None] | None = field(default=None, compare=False)
    presumed: tuple[Justification, ...] = ()
    presumed_steps: tuple[tuple[Step, ...], ...] = ()

    def __repr__(self) -> str:
        count = len(self.justifications)
        return f"<Why {self.verdict.label}: {self.verdict.standing}, {count} justifications>"

    @property
    def stability(self) -> Stability | None:
        """The fewest facts and references that the verdict stands or falls with.

        Found by running the case again, so not before it is asked for. None beyond the bound.
        """
        return self.stands_with() if self.stands_with else None

    @property
    def needed(self) -> Link | None:
        """The weakest link that every justification needs; None where there is no such link.

        None as well where not all justifications are known.
        """
        if not self.complete or not self.justifications:
            return None
        shared = frozenset.intersection(*(one.axioms for one in self.justifications))
        return weakest(link for link in self.justifications[0].links if link.axiom in shared)

    def to_dict(self) -> dict[str, Any]:
        """The verdict as the explanation's JSON holds it.

        What was looked for is there, empty where there is none; ``stability`` is left out where it
        was not looked for or lies beyond the bound.
        """
        presumed = self.verdict.presumed
        found: dict[str, Any] = {
            "id": self.verdict.id,
            "label": self.verdict.label,
            "verdict": self.verdict.verdict,
            "basis": self.verdict.basis,
            "flags": list(self.verdict.flags),
            "complete": self.complete,
            "weakest_needed": self.needed.words if self.needed else None,
            "justifications": _justified(self.justifications, self.steps),
            "presumed": None
            if presumed is None
            else {
                **presumed.to_dict(),
                "justifications": _justified(self.presumed, self.presumed_steps),
            },
        }
        if self.verdict.basis == "association":
            found["basis_facts"] = list(self.verdict.basis_facts)
            found["basis_references"] = list(self.verdict.basis_references)
        found["deciding"] = (self.deciding or Deciding((), ())).to_dict()
        firm = self.stability
        if firm is not None:
            found["stability"] = firm.to_dict()
        return found


def _justified(
    justifications: Sequence[Justification], steps: Sequence[Sequence[Step]]
) -> list[dict[str, Any]]:
    return [
        {"steps": [step.to_dict() for step in folded], **justification.to_dict()}
        for justification, folded in zip(justifications, steps, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Facts that cannot hold together, none of which can be left out, and the axioms by which."""

    facts: tuple[Given, ...]
    chains: tuple[Chain, ...]
    links: tuple[Link, ...]

    def to_dict(self) -> dict[str, Any]:
        """The conflict as the explanation's JSON holds it."""
        return {
            "facts": [given.to_dict() for given in self.facts],
            "axioms": [link.to_dict() for link in self.links],
        }


@dataclass(frozen=True, slots=True)
class Contradictions:
    """All minimal conflict sets of a case and all minimal repairs.

    ``withdrawn`` are the facts that a preference set aside before the verdicts were found.
    ``complete`` is False where there are more than the bound allows: then one conflict is given.
    """

    conflicts: tuple[Conflict, ...] = ()
    repairs: tuple[tuple[Given, ...], ...] = ()
    withdrawn: tuple[Fact, ...] = ()
    complete: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The contradictions as the explanation's JSON holds them."""
        return {
            "complete": self.complete,
            "conflicts": [conflict.to_dict() for conflict in self.conflicts],
            "repairs": [[given.to_dict() for given in repair] for repair in self.repairs],
            "withdrawn": [Given((fact,)).to_dict() for fact in self.withdrawn],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a case has its verdicts under one viewpoint.

    ``verdict`` are the verdicts on the case without what was withdrawn; ``questions`` what to
    find out next for the open ones, best first; ``library`` has the references by key.
    """

    viewpoint: str
    verdict: CaseVerdict
    subtypes: tuple[Why, ...]
    contradictions: Contradictions
    questions: tuple[Question, ...] = ()
    library: Mapping[str, Reference] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"<Explanation of {self.verdict!r}>"

    def why(self, subtype: str) -> Why:
        """The explanation of one subtype by its id; KeyError if it was not asked for."""
        for found in self.subtypes:
            if found.verdict.id == subtype:
                return found
        raise KeyError(subtype)

    @property
    def still_open(self) -> tuple[Observation, ...]:
        """The observations that would decide an open verdict, one a criterion, in order."""
        found: dict[str, Observation] = {}
        for why in self.subtypes:
            if why.deciding is not None:
                for one in chain.from_iterable((*why.deciding.follows, *why.deciding.ruled_out)):
                    if one.met or one.criterion not in found:
                        found[one.criterion] = one
        return tuple(found.values())

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The keys of the references that the verdicts rest on, conflicts and intervals with them.

        Those of a test that would decide an open verdict are not among them.
        """
        return tuple(dict.fromkeys(self._rests_on()))

    @property
    def cited(self) -> tuple[str, ...]:
        """The keys of all references that the explanation names, in order."""
        tests = (test for one in self.still_open for test in one.tests)
        told = (source.reference for test in tests for source in test.sources)
        presumed = (why.verdict.presumed for why in self.subtypes)
        named = (key for one in presumed if one is not None for key in one.references)
        possible = (key for why in self.subtypes for key in why.verdict.basis_references)
        return tuple(dict.fromkeys((*self._rests_on(), *named, *possible, *told)))

    def _rests_on(self) -> Iterator[str]:
        justified = (one for why in self.subtypes for one in (*why.justifications, *why.presumed))
        all_sets: Iterator[Justification | Conflict]
        all_sets = chain(justified, self.contradictions.conflicts)
        for because in all_sets:
            for link in because.links:
                yield from (source.reference for source in link.sources)
            for given in because.facts:
                yield from given.fact.references

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain values."""
        return {
            "id": self.verdict.case.id,
            "where": self.verdict.case.where,
            "viewpoint": self.viewpoint,
            "calcinosis": self.verdict.calcinosis,
            "not_understood": [unknown(remark) for remark in self.verdict.not_understood],
            "subtypes": [why.to_dict() for why in self.subtypes],
            "questions": [question.to_dict() for question in self.questions],
            "contradictions": self.contradictions.to_dict(),
            "references": list(self.cited),
        }
