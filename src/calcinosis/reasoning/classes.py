"""What a viewpoint says of its case classes, criteria and flags, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaseClass:
    """A case class of the viewpoint with what the verdict needs to know about it."""

    iri: str
    subtype: str
    label: str
    literal: int
    criteria: tuple[str, ...]
    axioms: dict[str, int]
    causal: str | None
    flags: tuple[FlagRule, ...]


@dataclass(frozen=True, slots=True)
class CriterionWords:
    """What is said of one criterion whatever the case: its words and its named parts."""

    id: str
    label: str
    literal: int
    parts: tuple[str, ...]
    asks: str | None


@dataclass(frozen=True, slots=True)
class FlagRule:
    """When a flag is raised, and its words."""

    words: str
    verdict: str
    holds: tuple[int, ...]
    unless: tuple[int, ...]
    unless_denied: tuple[int, ...]
