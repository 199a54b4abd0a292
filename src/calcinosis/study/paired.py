"""Two ways of judging the same cases against the same labels, and a baseline that anyone knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from calcinosis.reasoning.candidates import items
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.verdict import CaseVerdict
from calcinosis.study.agreement import MODES, Judged, Mode
from calcinosis.study.intervals import Share
from calcinosis.study.statistics import mcnemar

BASELINE: Final = "the first named cause decides"


@dataclass(frozen=True, slots=True)
class Paired:
    """Exact agreement of two ways of judging, over the cases that both can be scored in.

    ``both`` and ``neither`` agree with the label alike; ``lost`` are the ids of the cases that only
    the evaluated way judges as labelled, ``gained`` those that only the other does.
    """

    other: str
    mode: str
    both: int
    neither: int
    lost: tuple[str, ...]
    gained: tuple[str, ...]

    @property
    def p(self) -> float:
        """The two-sided p of McNemar's exact test."""
        return mcnemar(len(self.lost), len(self.gained))

    @property
    def cases(self) -> int:
        """How many cases are compared."""
        return self.both + self.neither + len(self.lost) + len(self.gained)

    def to_dict(self, *, tests: bool) -> dict[str, Any]:
        """The fourfold table for JSON, with ``tests`` also the p."""
        told = {
            "other": self.other,
            "mode": self.mode,
            "cases": self.cases,
            "both": self.both,
            "neither": self.neither,
            "lost": list(self.lost),
            "gained": list(self.gained),
        }
        return {**told, "p": self.p} if tests else told


def paired(cases: Iterable[Judged], others: Iterable[Judged], name: str) -> list[Paired]:
    """Another way of judging beside this one, by mode; cases are told by their ids."""
    beside = {one.id: one for one in others if one.is_pooled}
    both = [(one, beside[one.id]) for one in cases if one.is_pooled and one.id in beside]
    return [_paired(both, mode, name) for mode in MODES]


def _paired(pairs: Iterable[tuple[Judged, Judged]], mode: Mode, name: str) -> Paired:
    told = [(one.id, _is_right(one, mode), _is_right(other, mode)) for one, other in pairs]
    return _fourfold(told, mode, name)


def _is_right(one: Judged, mode: Mode) -> bool:
    return mode.claimed(one.case) == one.label.subtypes


def _fourfold(told: Sequence[tuple[str, bool, bool]], mode: Mode, name: str) -> Paired:
    return Paired(
        name,
        mode.name,
        sum(one and other for _, one, other in told),
        sum(not (one or other) for _, one, other in told),
        tuple(case for case, one, other in told if one and not other),
        tuple(case for case, one, other in told if other and not one),
    )


# -- the baseline ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the first named cause alone would say, and how that compares.

    ``answers`` has what it says of each case by id, nothing where no cause is named.
    """

    answers: dict[str, frozenset[str]]
    exact: Share
    coverage: Share
    exact_where_covered: Share
    paired: tuple[Paired, ...]

    def to_dict(self, *, tests: bool) -> dict[str, Any]:
        """The baseline for JSON."""
        return {
            "rule": BASELINE,
            "exact": self.exact.to_dict(),
            "coverage": self.coverage.to_dict(),
            "exact_where_covered": self.exact_where_covered.to_dict(),
            "paired": [one.to_dict(tests=tests) for one in self.paired],
        }


def baseline(cases: Sequence[Judged], classifier: Classifier) -> Baseline:
    """The first condition or intervention of a case that a claim names as a cause decides.

    It says every subtype that the graph cites the cause for, and nothing where there is no deposit.
    """
    answers = {one.id: first_cause(one.case, classifier) for one in cases}
    right = {one.id: answers[one.id] == one.label.subtypes for one in cases}
    covered = [one.id for one in cases if answers[one.id]]
    beside = [
        _fourfold([(one.id, _is_right(one, mode), right[one.id]) for one in cases], mode, BASELINE)
        for mode in MODES
    ]
    return Baseline(
        answers,
        Share(sum(right.values()), len(cases)),
        Share(len(covered), len(cases)),
        Share(sum(right[one] for one in covered), len(covered)),
        tuple(beside),
    )


def first_cause(case: CaseVerdict, classifier: Classifier) -> frozenset[str]:
    """The subtypes that the first named cause of a case is cited for; none where none is named."""
    if case.calcinosis == "absent":
        return frozenset()
    known = {one.id for one in case.subtypes}
    for item in items(case.case.facts):
        above = [classifier.compiled.closure(one) for one in classifier.literals([item.fact])]
        found = frozenset(
            subtype
            for subtype, causes in classifier.causes.items()
            if subtype in known and any(one >> cause & 1 for one in above for _, cause in causes)
        )
        if found:
            return found
    return frozenset()
