"""Accuracy by subtype, the confusion matrix, the risk of answering more often, and controls.

All of it over the pooled cases, those with one answer that no name decides. A subtype that stays
open is told twice: as not claimed, so that every case counts, and left out, so that only what was
decided does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from calcinosis.facts.case import PRESENCES
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    PRESUMED,
    REFUTED,
    UNDETERMINED,
    CaseVerdict,
    SubtypeVerdict,
)
from calcinosis.study.agreement import MODES, Judged, Mode
from calcinosis.study.intervals import Share
from calcinosis.study.labels import NEGATIVE

EVERY, DECIDED = "every case", "decided only"
OPEN, RULED_OUT, CONTRADICTORY = "open", "all ruled out", "contradictory"


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One subtype against all else under one mode, by the label.

    ``reading`` says whether cases in which the subtype stays open count as not claimed (EVERY) or
    are left out (DECIDED). ``tp`` are labelled and claimed, ``fn`` labelled and not, ``fp``
    claimed and labelled otherwise, ``tn`` neither.
    """

    subtype: str
    label: str
    mode: str
    reading: str
    tp: int
    fn: int
    fp: int
    tn: int

    def __repr__(self) -> str:
        return f"<Accuracy {self.label}, {self.mode}>"

    @property
    def rates(self) -> dict[str, Share]:
        """Sensitivity, specificity and predictive values as counts out of totals."""
        return {
            "sensitivity": Share(self.tp, self.tp + self.fn),
            "specificity": Share(self.tn, self.tn + self.fp),
            "ppv": Share(self.tp, self.tp + self.fp),
            "npv": Share(self.tn, self.tn + self.fn),
        }

    def to_dict(self, *, rates: bool) -> dict[str, Any]:
        """The counts for JSON, with ``rates`` also what is estimated from them."""
        told = {key: getattr(self, key) for key in self.__dataclass_fields__}
        if not rates:
            return told
        return {**told, **{key: share.estimate() for key, share in self.rates.items()}}


def accuracies(subtypes: Iterable[SubtypeVerdict], cases: Sequence[Judged]) -> Iterator[Accuracy]:
    """The counts of each subtype, by mode and by reading."""
    for subtype in subtypes:
        for mode in MODES:
            for reading in (EVERY, DECIDED):
                yield _accuracy(subtype, mode, reading, cases)


def _accuracy(
    subtype: SubtypeVerdict, mode: Mode, reading: str, cases: Iterable[Judged]
) -> Accuracy:
    cells: Counter[tuple[bool, bool]] = Counter()
    for one in cases:
        verdict = one.case.verdict(subtype.id)
        claimed = mode.says(verdict)
        if reading == EVERY or claimed or verdict.verdict == REFUTED:
            cells[subtype.id in one.label.subtypes, claimed] += 1
    counts = (cells[True, True], cells[True, False], cells[False, True], cells[False, False])
    return Accuracy(subtype.id, subtype.label, mode.name, reading, *counts)


# -- confusion ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each answer met each label, under one mode.

    An answer is a set of claimed subtypes (ids), or in words why none is claimed: ``open`` where
    one may still be, ``all ruled out``, ``contradictory``. A label is a set of subtypes.
    """

    mode: str
    cells: tuple[tuple[frozenset[str], frozenset[str] | str, int], ...]

    def to_dict(self) -> dict[str, Any]:
        """The cells that are not empty, for JSON."""
        return {
            "mode": self.mode,
            "cells": [
                {
                    "authors": sorted(label),
                    "claimed": answer if isinstance(answer, str) else sorted(answer),
                    "cases": count,
                }
                for label, answer, count in self.cells
            ],
        }


def confusion(cases: Iterable[Judged], mode: Mode) -> Confusion:
    """The cross tabulation of answers and labels."""
    cells = Counter((one.label.subtypes, answer(one.case, mode)) for one in cases)
    return Confusion(mode.name, tuple((*pair, count) for pair, count in cells.items()))


def answer(case: CaseVerdict, mode: Mode) -> frozenset[str] | str:
    """What is claimed of a case, or why nothing is."""
    claimed = mode.claimed(case)
    if claimed:
        return claimed
    verdicts = {one.verdict for one in case.subtypes}
    if CONFLICTING in verdicts or case.contradiction is not None:
        return CONTRADICTORY
    return OPEN if UNDETERMINED in verdicts else RULED_OUT


# -- risk and coverage -------------------------------------------------------------------

STEPS: Final = (
    "follows",
    "presumed by one assumption",
    "presumed by two",
    "presumed by three or more",
    "open, the causal criterion met",
    "open, a cited cause",
)
"""How far an answer may lean, the surest first."""


@dataclass(frozen=True, slots=True)
class Point:
    """How many cases are answered if answers up to one step are given, and how many wrongly.

    A case is answered by the surest step that it has, and keeps that answer further on.
    """

    step: str
    coverage: Share
    wrong: Share

    def to_dict(self, *, rates: bool) -> dict[str, Any]:
        """The point for JSON, with ``rates`` also with shares and intervals."""
        if rates:
            told = self.coverage.estimate(), self.wrong.estimate()
        else:
            told = self.coverage.to_dict(), self.wrong.to_dict()
        return {"step": self.step, "coverage": told[0], "wrong": told[1]}


def risk_coverage(cases: Sequence[Judged]) -> tuple[Point, ...]:
    """The risk of a wrong answer as more is answered; what is still open is no answer.

    El-Yaniv R, Wiener Y. J Mach Learn Res 2010;11:1605-1641 (selective classification).
    """
    answers = [_surest(one) for one in cases]
    points = []
    for number, step in enumerate(STEPS):
        given = [right for reached, right in answers if reached <= number]
        wrong = sum(not right for right in given)
        points.append(Point(step, Share(len(given), len(cases)), Share(wrong, len(given))))
    return tuple(points)


def _surest(one: Judged) -> tuple[int, bool]:
    """The first step that answers a case, and whether the answer is exactly the label."""
    steps = {verdict.id: _step(verdict) for verdict in one.case.subtypes}
    first = min(steps.values(), default=len(STEPS))
    answered = {subtype for subtype, step in steps.items() if step == first}
    return first, answered == one.label.subtypes


def _step(verdict: SubtypeVerdict) -> int:
    if verdict.verdict == ENTAILED:
        return 0
    if verdict.presumed is not None:
        return min(len(verdict.presumed.assumptions), 3)
    bases = {"criterion": 4, "association": 5}
    is_open = verdict.verdict == UNDETERMINED
    return bases.get(verdict.basis or "", len(STEPS)) if is_open else len(STEPS)


# -- controls ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Controls:
    """Cases without a subtype by their label, by whether a deposit is present in them.

    One without a deposit is decided by that alone; only the others test specificity. ``claimed``
    are those of which a subtype is claimed, strictly and as presumed.
    """

    deposit: str
    cases: tuple[str, ...]
    strict: tuple[str, ...]
    presumed: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The controls for JSON."""
        return {key: _plain(getattr(self, key)) for key in self.__dataclass_fields__}


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def controls(cases: Iterable[Judged]) -> tuple[Controls, ...]:
    """The negative controls by the state of the deposit: present, absent, unknown."""
    found: dict[str, list[Judged]] = {presence: [] for presence in PRESENCES}
    for one in cases:
        if one.group == NEGATIVE:
            found[one.case.calcinosis].append(one)
    strict, presumed = (mode for mode in MODES if mode.name in ("strict", PRESUMED))
    return tuple(
        Controls(
            presence,
            tuple(one.id for one in members),
            tuple(one.id for one in members if strict.claimed(one.case)),
            tuple(one.id for one in members if presumed.claimed(one.case)),
        )
        for presence, members in found.items()
    )


@dataclass(frozen=True, slots=True)
class Others:
    """One subtype among the pooled cases that are labelled otherwise and have a deposit, or may.

    They are its look-alikes: ``cases`` of them, of which it is claimed strictly and as presumed.
    """

    subtype: str
    label: str
    cases: int
    strict: int
    presumed: int

    def to_dict(self) -> dict[str, Any]:
        """The counts for JSON."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


def others(subtypes: Iterable[SubtypeVerdict], cases: Iterable[Judged]) -> tuple[Others, ...]:
    """Each subtype among the cases with a deposit, or perhaps one, that are labelled otherwise."""
    told = [one for one in cases if one.case.calcinosis != "absent"]
    found = []
    for subtype in subtypes:
        rest = [one.case for one in told if subtype.id not in one.label.subtypes]
        claims = [sum(subtype.id in mode.claimed(one) for one in rest) for mode in MODES[:2]]
        found.append(Others(subtype.id, subtype.label, len(rest), *claims))
    return tuple(found)
