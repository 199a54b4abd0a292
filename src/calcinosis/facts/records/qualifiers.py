"""What a phenopacket says of a fact beside its term, by the qualifiers of the ontology.

They are written and read as the codes of ``ontology/schema.ttl``, in fields that the schema of
phenopackets has for such a thing: modifiers, sites, times, evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from calcinosis.facts.case import When
from calcinosis.facts.records.codings import Coding, ontology_class
from calcinosis.facts.records.words import items, mapping, shown

AT_DEPOSIT: Final = {True: "AtTheDeposit", False: "NotAtTheDeposit"}
AS_CAUSE: Final = {True: "TheCause", False: "NotTheCause"}
TIMES: Final[Mapping[When, str]] = {
    "before": "BeforeTheAssessment",
    "after": "AfterTheAssessment",
}
MEASURED: Final = "SeenInAMeasurement"
"""The evidence for a finding that was concluded from a laboratory result."""
NOT_KNOWN: Final = "LevelNotKnown"
"""The value of a laboratory result of which no level follows."""
UNNAMED: Final = {"condition": "Condition", "finding": "Finding"}
"""The terms of what has no code: a feature of that kind, which its description names."""

_OURS: Final = "calc:"
_LINKS: Final = {
    **{name: ("at_deposit", said) for said, name in AT_DEPOSIT.items()},
    **{name: ("cause", said) for said, name in AS_CAUSE.items()},
}
_WHEN: Final = {name: when for when, name in TIMES.items()}


@dataclass(frozen=True, slots=True)
class Links:
    """What codes say of the link of a thing to the deposit, and the codes that say something else.

    What is said both ways is not taken.
    """

    at_deposit: bool | None = None
    cause: bool | None = None
    others: tuple[Coding, ...] = ()


def links(codes: Iterable[object]) -> Links:
    """What ontology classes, such as modifiers, say of the link to the deposit."""
    said: dict[str, set[bool]] = {"at_deposit": set(), "cause": set()}
    others = []
    for code in filter(None, codes):
        coding = coded(code)
        link = _LINKS.get(_local(coding))
        if link is None:
            others.append(coding)
        else:
            said[link[0]].add(link[1])
    at_deposit, cause = (next(iter(one)) if len(one) == 1 else None for one in said.values())
    return Links(at_deposit, cause, tuple(others))


def coded(value: object) -> Coding:
    """The code of an ontology class; what is none as its words alone."""
    return ontology_class(value) or Coding("", shown(value))


def relative(time: object) -> When | None:
    """The time that a TimeElement states relative to the assessment of the deposit, if it does."""
    coding = ontology_class(mapping(time).get("ontologyClass"))
    return _WHEN.get(_local(coding)) if coding is not None else None


def is_concluded(evidence: object) -> bool:
    """Whether evidence says that a finding was concluded from a laboratory result."""
    codes = (ontology_class(one.get("evidenceCode")) for one in items(evidence))
    return any(one is not None and _local(one) == MEASURED for one in codes)


def in_words(code: Coding) -> str:
    """The list of a case for what has no code and is named by a description; else empty."""
    return next((f"{kind}s" for kind, name in UNNAMED.items() if _local(code) == name), "")


def without(item: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """An item without the keys whose times are told relative to the assessment."""
    return {k: v for k, v in item.items() if k not in keys or relative(v) is None}


def _local(coding: Coding) -> str:
    is_ours = coding.id.startswith(_OURS)
    return coding.id.removeprefix(_OURS) if is_ours else ""
