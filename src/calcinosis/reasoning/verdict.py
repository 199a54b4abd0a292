"""Verdicts as values: what a case comes to under one viewpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from calcinosis.facts.case import Case, Fact, Presence, Remark
from calcinosis.graph.claims import Association

Verdict = Literal["entailed", "refuted", "undetermined", "conflicting"]
Standing = Literal["entailed", "presumed", "undetermined", "refuted", "conflicting"]
"""A verdict, or ``presumed`` in its stead; in the order for readers."""
Status = Literal["met", "violated", "unknown", "conflicting"]
"""What a criterion comes to."""
Basis = Literal["criterion", "association"]
"""What points to an open subtype."""

STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
ENTAILED: Final = "entailed"
REFUTED: Final = "refuted"
UNDETERMINED: Final = "undetermined"
CONFLICTING: Final = "conflicting"
PRESUMED: Final = "presumed"
IN_WORDS: Final[dict[Standing, str]] = {
    "entailed": "follows",
    "refuted": "ruled out",
    "undetermined": "open",
    "conflicting": "contradictory",
    "presumed": "presumed",
}
"""The plain words of a standing."""


@dataclass(frozen=True, slots=True)
class JudgedCriterion:
    """One criterion of a subtype as judged for a case: met, violated or unknown, and why.

    In a contradictory case it is conflicting where the repairs of the facts differ.
    """

    id: str
    label: str
    status: Status
    facts: tuple[str, ...]
    references: tuple[str, ...]
    parts: tuple[JudgedCriterion, ...] = ()

    def __repr__(self) -> str:
        return f"<JudgedCriterion {self.label}: {self.status}>"

    def to_dict(self) -> dict[str, Any]:
        """The status as the result's JSON holds it."""
        found: dict[str, Any] = {
            "id": self.id,
            "label": self.label,
            "status": self.status,
            "facts": list(self.facts),
            "references": list(self.references),
        }
        if self.parts:
            found["parts"] = [part.to_dict() for part in self.parts]
        return found


@dataclass(frozen=True, slots=True)
class Presumed:
    """What is presumed of an open subtype, and what it hangs on.

    ``verdict`` is always entailed. ``assumptions`` are the codes of the rules, ``facts`` what they
    assumed, ``condition`` the same in words; ``falls_if`` says what follows instead if it is false.
    ``claims`` name the assumed cause.
    """

    verdict: Verdict
    assumptions: tuple[str, ...]
    facts: tuple[Fact, ...]
    condition: str
    falls_if: str
    claims: tuple[Association, ...] = ()

    def __repr__(self) -> str:
        return f"<Presumed, if {self.condition}>"

    @property
    def references(self) -> tuple[str, ...]:
        """The keys of the references of ``claims``."""
        return tuple(dict.fromkeys(key for claim in self.claims for key in claim.references))

    def to_dict(self) -> dict[str, Any]:
        """The presumption as the result's JSON holds it."""
        return {
            "verdict": self.verdict,
            "assumptions": list(self.assumptions),
            "assumed_facts": [str(fact) for fact in self.facts],
            "condition": self.condition,
            "falls_if": self.falls_if,
            "references": list(self.references),
        }


@dataclass(frozen=True, slots=True)
class SubtypeVerdict:
    """The verdict on one subtype of the viewpoint.

    ``basis`` is criterion, association or None; ``needed`` what is still needed for the subtype
    to follow, in words; ``editorial`` whether an axiom that is our own reading was needed, with
    the readings in ``readings``; ``basis_facts`` the cited causes behind an association, and
    ``basis_claims`` what calls them causes.
    ``presumed`` stands beside an open verdict and never changes it.
    """

    id: str
    label: str
    verdict: Verdict
    basis: Basis | None
    needed: tuple[str, ...]
    editorial: bool
    readings: tuple[str, ...]
    flags: tuple[str, ...]
    criteria: tuple[JudgedCriterion, ...]
    basis_facts: tuple[str, ...] = ()
    basis_claims: tuple[Association, ...] = ()
    presumed: Presumed | None = None

    @property
    def basis_references(self) -> tuple[str, ...]:
        """The keys of the references of ``basis_claims``."""
        return tuple(dict.fromkeys(key for claim in self.basis_claims for key in claim.references))

    @property
    def standing(self) -> Standing:
        """The verdict, or ``presumed`` where an open subtype is presumed to follow."""
        return self.verdict if self.presumed is None else PRESUMED

    def __repr__(self) -> str:
        return f"<SubtypeVerdict {self.label}: {self.standing}>"

    def to_dict(self) -> dict[str, Any]:
        """The verdict as the result's JSON holds it."""
        found: dict[str, Any] = {
            "id": self.id,
            "label": self.label,
            "verdict": self.verdict,
            "basis": self.basis,
            "needed": list(self.needed),
            "editorial": self.editorial,
            "readings": list(self.readings),
            "flags": list(self.flags),
            "presumed": self.presumed.to_dict() if self.presumed else None,
            "criteria": [criterion.to_dict() for criterion in self.criteria],
        }
        if self.basis == "association":
            found["basis_facts"] = list(self.basis_facts)
            found["basis_references"] = list(self.basis_references)
        return found


def settled(holds: Callable[[int], bool], literal: int) -> Verdict | None:
    """The verdict that what holds gives on a case class's literal; None where it is open."""
    if holds(literal):
        return ENTAILED
    return REFUTED if holds(literal ^ 1) else None


ALL, NOTHING = "all", "nothing"
COLUMNS: Final = (
    "case",
    "subtype",
    "verdict",
    "basis",
    "needed",
    "presumed",
    "assumptions",
    "condition",
    "falls_if",
    "flags",
    "not_understood",
    "take",
    "assume",
)
"""The columns of a tidy row, in order: flags, and what a presumption hangs on, stay with it."""


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """All verdicts on one case.

    ``taken`` are the facts that a name added (each with its rule), ``set_aside`` what gave no fact,
    by the reader and by rules; ``not_understood`` words that may mean something, each with what it
    holds back here; ``without_role`` what is known and decides nothing here.
    ``contradiction`` names facts that cannot hold together, ``repairs`` in how many ways the rest
    can (None where there are too many); a verdict that all of them share stands all the same.
    ``workup_ignored`` are criteria that the work-up does not exclude, each with why. ``take`` and
    ``assume`` say what could be taken by a name and assumed of this case.
    """

    case: Case
    calcinosis: Presence
    subtypes: tuple[SubtypeVerdict, ...]
    references: tuple[str, ...]
    contradiction: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    workup_ignored: tuple[tuple[str, str], ...] = ()
    presupposed: str = ""
    taken: tuple[Fact, ...] = ()
    set_aside: tuple[Remark, ...] = ()
    without_role: tuple[Remark, ...] = ()
    repairs: int | None = 1
    take: bool = True
    assume: tuple[str, ...] = ()
    not_understood: tuple[Remark, ...] = ()

    def verdict(self, subtype: str) -> SubtypeVerdict:
        """The verdict on one subtype by its id; KeyError if the viewpoint has none."""
        for found in self.subtypes:
            if found.id == subtype:
                return found
        raise KeyError(subtype)

    def __repr__(self) -> str:
        by: dict[str, list[str]] = {}
        for one in self.subtypes:
            by.setdefault(one.standing, []).append(one.label)
        said = "; ".join(f"{one} {', '.join(by[one])}" for one in STANDINGS if one in by)
        return f"<CaseVerdict {self.case.id}: {said}>"

    @property
    def cited(self) -> tuple[str, ...]:
        """The keys of ``references`` and of those that judged the laboratory values."""
        readings = (key for fact in self.case.facts for key in fact.references)
        return tuple(dict.fromkeys((*self.references, *readings)))

    @property
    def added(self) -> tuple[Fact, ...]:
        """The facts that nobody stated: taken by a name, or assumed for a presumption."""
        assumed = (f for one in self.subtypes if one.presumed for f in one.presumed.facts)
        return tuple(dict.fromkeys((*self.taken, *assumed)))

    def rows(self) -> Iterator[dict[str, Any]]:
        """One plain dict a subtype, with the keys COLUMNS."""
        remarks = (*self.not_understood, *self.case.uninterpreted)
        not_understood = "; ".join(remark.what for remark in remarks)
        for subtype in self.subtypes:
            presumed = subtype.presumed
            yield {
                "case": self.case.id,
                "subtype": subtype.id,
                "verdict": subtype.verdict,
                "basis": subtype.basis,
                "needed": "; ".join(subtype.needed),
                "presumed": presumed.verdict if presumed else "",
                "assumptions": "; ".join(presumed.assumptions) if presumed else "",
                "condition": presumed.condition if presumed else "",
                "falls_if": presumed.falls_if if presumed else "",
                "flags": "; ".join(subtype.flags),
                "not_understood": not_understood,
                "take": ALL if self.take else NOTHING,
                "assume": "; ".join(self.assume) or NOTHING,
            }

    def to_dict(self) -> dict[str, Any]:
        """The case as the result's JSON holds it (contract: one object a case)."""
        found: dict[str, Any] = {
            "id": self.case.id,
            "calcinosis": self.calcinosis,
            "subtypes": [subtype.to_dict() for subtype in self.subtypes],
            "taken": [_taken(fact) for fact in self.taken],
            "set_aside": [remark.to_dict() for remark in self.set_aside],
            "uninterpreted": [remark.to_dict() for remark in self.case.uninterpreted],
            "not_understood": [unknown(remark) for remark in self.not_understood],
            "read_as": [remark.to_dict() for remark in self.case.read_as],
            "without_role": [remark.to_dict() for remark in self.without_role],
            "workup_ignored": [
                {"criterion": label, "reason": why} for label, why in self.workup_ignored
            ],
            "references": list(self.references),
            "take": ALL if self.take else NOTHING,
            "assume": list(self.assume),
        }
        if self.case.sites:
            found["sites"] = list(self.case.sites)
        if self.case.source is not None:
            found["source"] = self.case.source
        if self.contradiction is not None:
            found["contradiction"] = [list(side) for side in self.contradiction]
            found["repair_count"] = self.repairs
        return found


def unknown(remark: Remark) -> dict[str, Any]:
    """A word that was not understood as results' JSON holds it: what it may mean and holds back."""
    told = remark.to_dict()
    return {**told, "suggestions": list(remark.suggestions), "blocks": list(remark.blocks)}


def _taken(fact: Fact) -> dict[str, Any]:
    """A fact that a name added, with its rule and the way out."""
    assert fact.rule is not None
    return {
        "fact": str(fact),
        "rule": fact.rule.code,
        "label": fact.rule.label,
        "because": fact.words,
        "where": fact.where,
        "way_out": fact.rule.way_out,
    }
