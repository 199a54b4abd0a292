"""Two encodings of the same cases: how far their facts agree, and the verdicts that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calcinosis.facts.case import Case, Fact
from calcinosis.facts.identifier import seen_as
from calcinosis.reasoning.verdict import CaseVerdict
from calcinosis.study.intervals import Share
from calcinosis.study.statistics import Kappa, kappa


@dataclass(frozen=True, slots=True)
class Differing:
    """A case whose facts differ: what only the first encoder states, and what only the second."""

    case: str
    first: tuple[str, ...]
    second: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The difference for JSON."""
        return {"case": self.case, "first": list(self.first), "second": list(self.second)}


@dataclass(frozen=True, slots=True)
class Encoders:
    """Agreement of two encoders over the cases that both have.

    ``facts`` are those that both state out of those that either does; ``same_facts`` the cases that
    have all facts alike. ``subtypes`` holds agreement on the verdict by subtype (label), where a
    verdict is one of five; ``verdicts`` are all of them together. ``only_first`` and
    ``only_second`` are the ids that one of them lacks.
    """

    cases: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    facts: Share
    same_facts: Share
    deposit: Kappa
    verdicts: Share
    subtypes: Mapping[str, Kappa]
    differing: tuple[Differing, ...]

    def to_dict(self) -> dict[str, Any]:
        """The agreement for JSON."""
        return {
            "cases": self.cases,
            "only_first": list(self.only_first),
            "only_second": list(self.only_second),
            "facts": self.facts.to_dict(),
            "same_facts": self.same_facts.to_dict(),
            "deposit": self.deposit.to_dict(),
            "verdicts": self.verdicts.to_dict(),
            "subtypes": {label: found.to_dict() for label, found in self.subtypes.items()},
            "differing": [one.to_dict() for one in self.differing],
        }


def encoders(first: Sequence[CaseVerdict], second: Iterable[CaseVerdict]) -> Encoders:
    """The agreement of two files of the same cases, which are told by their ids."""
    beside = {seen_as(one.case.id): one for one in second}
    both = [(one, beside.pop(key)) for one in first if (key := seen_as(one.case.id)) in beside]
    shared = {one.case.id for one, _ in both}
    facts = [(one.case.id, _facts(one.case), _facts(other.case)) for one, other in both]
    either = sum(len({*one, *other}) for _, one, other in facts)
    alike = sum(len(one.keys() & other.keys()) for _, one, other in facts)
    same = sum(one.keys() == other.keys() for _, one, other in facts)
    labels = {subtype.id: subtype.label for one, _ in both for subtype in one.subtypes}
    found = {
        label: kappa(
            (one.verdict(subtype).standing, other.verdict(subtype).standing) for one, other in both
        )
        for subtype, label in labels.items()
    }
    return Encoders(
        len(both),
        tuple(one.case.id for one in first if one.case.id not in shared),
        tuple(one.case.id for one in beside.values()),
        Share(alike, either),
        Share(same, len(both)),
        kappa((one.case.calcinosis, other.case.calcinosis) for one, other in both),
        Share(
            sum(one.same.count for one in found.values()),
            sum(one.same.total for one in found.values()),
        ),
        found,
        tuple(
            Differing(case, _only(one, other), _only(other, one))
            for case, one, other in facts
            if one.keys() != other.keys()
        ),
    )


_Key = tuple[bool, str | None, str]


def _facts(case: Case) -> dict[_Key, Fact]:
    """The facts that a case states by what they say, wherever and however they stand."""
    return {(f.affirmed, f.property, f.term): f for f in (*case.facts, *case.workup)}


def _only(one: Mapping[_Key, Fact], other: Mapping[_Key, Fact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(fact) for key, fact in one.items() if key not in other))
