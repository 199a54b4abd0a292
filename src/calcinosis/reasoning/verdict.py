"""Verdicts as values: what a case comes to under one viewpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calcinosis.facts.case import Case

ENTAILED = "entailed"
REFUTED = "refuted"
UNDETERMINED = "undetermined"
CONFLICTING = "conflicting"


@dataclass(frozen=True, slots=True)
class CriterionStatus:
    """One criterion of a subtype for a case: met, violated or unknown, and why."""

    id: str
    label: str
    status: str
    facts: tuple[str, ...]
    references: tuple[str, ...]
    parts: tuple[CriterionStatus, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The status as the result's JSON holds it."""
        found: dict[str, Any] = {
            "id": self.id,
            "label": self.label,
            "status": self.status,
            "facts": list(self.facts),
            "references": list(self.references),
        }
        if self.parts:
            found["parts"] = [part.as_dict() for part in self.parts]
        return found


@dataclass(frozen=True, slots=True)
class SubtypeVerdict:
    """The verdict on one subtype of the viewpoint.

    ``basis`` is criterion, association or None; ``needed`` what is still needed for the subtype
    to follow, in words; ``editorial`` whether an axiom that is our own reading was needed, with
    the readings in ``readings``; ``basis_facts`` the cited causes behind an association.
    """

    id: str
    label: str
    verdict: str
    basis: str | None
    needed: tuple[str, ...]
    editorial: bool
    readings: tuple[str, ...]
    flags: tuple[str, ...]
    criteria: tuple[CriterionStatus, ...]
    basis_facts: tuple[str, ...] = ()
    basis_references: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
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
            "criteria": [criterion.as_dict() for criterion in self.criteria],
        }
        if self.basis == "association":
            found["basis_facts"] = list(self.basis_facts)
            found["basis_references"] = list(self.basis_references)
        return found


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """All verdicts on one case."""

    case: Case
    calcinosis: str
    subtypes: tuple[SubtypeVerdict, ...]
    references: tuple[str, ...]
    contradiction: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    workup_ignored: tuple[str, ...] = ()
    presupposed: str = ""

    def verdict(self, subtype: str) -> SubtypeVerdict:
        """The verdict on one subtype by its id; KeyError if the viewpoint has none."""
        for found in self.subtypes:
            if found.id == subtype:
                return found
        raise KeyError(subtype)

    @property
    def cited(self) -> tuple[str, ...]:
        """The keys of ``references`` and of those that judged the laboratory values."""
        readings = (key for fact in self.case.facts for key in fact.references)
        return tuple(dict.fromkeys((*self.references, *readings)))

    def as_dict(self) -> dict[str, Any]:
        """The case as the result's JSON holds it (contract: one object a case)."""
        found: dict[str, Any] = {
            "id": self.case.id,
            "calcinosis": self.calcinosis,
            "subtypes": [subtype.as_dict() for subtype in self.subtypes],
            "set_aside": [remark.as_dict() for remark in self.case.set_aside],
            "uninterpreted": [remark.as_dict() for remark in self.case.uninterpreted],
            "unresolved": [remark.as_dict() for remark in self.case.unresolved],
            "references": list(self.references),
        }
        if self.case.sites:
            found["sites"] = list(self.case.sites)
        if self.case.source is not None:
            found["source"] = self.case.source
        if self.contradiction is not None:
            found["contradiction"] = [list(side) for side in self.contradiction]
        return found
