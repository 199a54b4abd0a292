"""An evaluation: verdicts on cases held against what others call them.

On the published cases that come with the package only counts are given: the rules were chosen on
them, so that no precision can be told from them. On a user's own cases shares come with intervals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from calcinosis import names
from calcinosis.errors import InputError
from calcinosis.facts.case import Case
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.verdict import PRESUMED, CaseVerdict, Standing
from calcinosis.study.accuracy import (
    Accuracy,
    Confusion,
    Controls,
    Others,
    Point,
    accuracies,
    answer,
    confusion,
    controls,
    others,
    risk_coverage,
)
from calcinosis.study.agreement import (
    MODES,
    POOLED,
    STRICT,
    UNSCORED,
    BetweenKinds,
    Disagreement,
    GroupRow,
    Judged,
    SubtypeRow,
    Withheld,
    against,
    between_kinds,
    exactly,
    group_rows,
    in_groups,
    kind_rows,
    newly_wrong,
    reason,
    row_to_dict,
    still_open,
    subtype_rows,
    withheld,
)
from calcinosis.study.encoders import Encoders
from calcinosis.study.labels import NEGATIVE, NO_LABEL
from calcinosis.study.own_source import OwnSource
from calcinosis.study.paired import Baseline, Paired, baseline
from calcinosis.study.stard import Item, checklist
from calcinosis.study.versions import Versions

SCHEMA: Final = names.CC + "schema/evaluation-1.json"
CHOSEN: Final = "the rules were chosen on these cases"
_DAYS: Final = 365.25


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case: what the authors say, each verdict by subtype id, what is claimed, and why.

    ``authors`` are subtype ids; ``strict`` and ``presumed`` say whether exactly these are claimed,
    None where the case is not scored. ``source`` is the label's, ``own`` the reference of the graph
    that it names, ``baseline`` what the first named cause would say.
    """

    case: str
    group: str
    kind: str
    authors: tuple[str, ...]
    calcinosis: str
    verdicts: dict[str, Standing]
    strict: bool | None
    presumed: bool | None
    baseline: tuple[str, ...]
    source: str
    own: str
    why: str
    note: str

    def __repr__(self) -> str:
        return f"<CaseRow {self.case}: {self.group}>"

    def to_dict(self) -> dict[str, Any]:
        """The row for JSON."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Flow:
    """How many inputs were read, had a label, were scored and pooled, and what they came to.

    ``refused`` inputs held no case that could be read. ``labels_refused`` rows of labels could not
    be read, ``labels_unmatched`` are labelled ids that no case has. ``answers`` counts the pooled
    cases by mode: claimed, open, all ruled out, contradictory.
    """

    refused: int
    read: int
    unlabelled: int
    unscored: int
    scored: int
    pooled: int
    labels_refused: int
    labels_unmatched: tuple[str, ...]
    answers: dict[str, dict[str, int]]

    def to_dict(self) -> dict[str, Any]:
        """The flow for JSON."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Characteristics:
    """Who the cases are: sex, age in years (least, middle, most of the ``aged``), deposit."""

    cases: int
    sex: dict[str, int]
    aged: int
    age: tuple[float, float, float] | None
    calcinosis: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The counts for JSON."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Missing:
    """What the scored cases do not tell: each criterion by how many leave it unknown.

    ``not_understood`` counts the cases with words that were not, ``not_interpreted`` those with
    values that could not be judged, ``contradictory`` those whose facts cannot hold together.
    """

    cases: int
    criteria: dict[str, int]
    not_understood: int
    not_interpreted: int
    contradictory: int

    def to_dict(self) -> dict[str, Any]:
        """The counts for JSON."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole evaluation under one viewpoint; ``settings`` says by which settings.

    ``is_own`` says that the cases are a user's own: then shares are estimated. ``groups`` and
    ``subtypes`` count each group apart, ``pooled`` (and what follows it) all scored cases but those
    that a name decides. ``gained`` are cases whose subtypes are exactly the authors' only with what
    is presumed, ``lost`` those that were so only without it, ``newly_wrong`` pairs of case and
    subtype that are claimed only as presumed and that the authors do not name.
    """

    versions: Versions
    is_own: bool
    labels: dict[str, str]
    cases: int
    flow: Flow
    characteristics: Characteristics
    missing: Missing
    groups: tuple[GroupRow, ...]
    pooled: tuple[GroupRow, ...]
    subtypes: tuple[SubtypeRow, ...]
    kinds: tuple[GroupRow, ...]
    between: tuple[BetweenKinds, ...]
    confusions: tuple[Confusion, ...]
    accuracy: tuple[Accuracy, ...]
    curve: tuple[Point, ...]
    controls: tuple[Controls, ...]
    others: tuple[Others, ...]
    own_source: OwnSource
    baseline: Baseline
    paired: tuple[Paired, ...]
    encoders: Encoders | None
    disagreements: tuple[Disagreement, ...]
    unscored: tuple[Disagreement, ...]
    abstentions: tuple[Disagreement, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    newly_wrong: tuple[tuple[str, str], ...]
    withheld: Withheld
    table: tuple[CaseRow, ...]
    refused: tuple[InputError, ...] = field(default=(), repr=False)
    not_understood: tuple[int, ...] = field(default=(), repr=False)

    @property
    def viewpoint(self) -> str:
        """The name of the viewpoint."""
        return self.versions.viewpoint

    @property
    def settings(self) -> str:
        """The settings in words."""
        return self.versions.settings

    def __repr__(self) -> str:
        cases = f"{self.cases} case{'s' * (self.cases != 1)}, {self.flow.scored} scored"
        cases += f", {len(self.refused)} refused"
        return f"<Evaluation: {cases}, viewpoint {self.viewpoint}>"

    def to_dict(self) -> dict[str, Any]:
        """The evaluation as its JSON Schema says."""
        own = self.is_own
        return {
            "schema": SCHEMA,
            "viewpoint": self.viewpoint,
            "settings": self.settings,
            "note": "" if own else CHOSEN,
            "versions": self.versions.to_dict(),
            "cases": self.cases,
            "flow": self.flow.to_dict(),
            "characteristics": self.characteristics.to_dict(),
            "missing": self.missing.to_dict(),
            "groups": [row_to_dict(row) for row in self.groups],
            "pooled": [self._estimated(row) for row in self.pooled],
            "subtypes": [row_to_dict(row) for row in self.subtypes],
            "label_kinds": [self._estimated(row) for row in self.kinds],
            "between_label_kinds": [one.to_dict() for one in self.between],
            "confusion": [one.to_dict() for one in self.confusions],
            "accuracy": [one.to_dict(rates=own) for one in self.accuracy],
            "risk_coverage": [one.to_dict(rates=own) for one in self.curve],
            "controls": [one.to_dict() for one in self.controls],
            "look_alikes": [one.to_dict() for one in self.others],
            "own_source": self.own_source.to_dict(),
            "baseline": self.baseline.to_dict(tests=own),
            "paired": [one.to_dict(tests=own) for one in self.paired],
            "encoders": self.encoders.to_dict() if self.encoders else None,
            "disagreements": [row_to_dict(row) for row in self.disagreements],
            "unscored": [row_to_dict(row) for row in self.unscored],
            "abstentions": [row_to_dict(row) for row in self.abstentions],
            "gained": list(self.gained),
            "lost": list(self.lost),
            "newly_wrong": [list(pair) for pair in self.newly_wrong],
            "withheld_levels": row_to_dict(self.withheld),
            "table": [row.to_dict() for row in self.table],
            "stard": [one.to_dict() for one in self.stard],
        }

    @property
    def stard(self) -> tuple[Item, ...]:
        """What STARD 2015 asks, and how it is answered here."""
        return checklist(is_own=self.is_own, is_labelled=bool(self.pooled))

    def _estimated(self, row: GroupRow) -> dict[str, Any]:
        if not self.is_own:
            return row_to_dict(row)
        shares = ("exact", "coverage", "exact_where_covered")
        return {**row_to_dict(row), **{key: getattr(row, key).estimate() for key in shares}}


@dataclass(frozen=True, slots=True)
class Beside:
    """What an evaluation tells besides what it counts itself."""

    own_source: OwnSource
    own: dict[str, str] = field(default_factory=dict)
    paired: tuple[Paired, ...] = ()
    encoders: Encoders | None = None
    unmatched: tuple[str, ...] = ()
    cases_refused: int = 0
    labels_refused: int = 0
    refused: tuple[InputError, ...] = ()
    is_own: bool = True


def evaluate(
    cases: Sequence[Judged],
    classifier: Classifier,
    classify: Callable[[Case], CaseVerdict],
    versions: Versions,
    beside: Beside,
) -> Evaluation:
    """Judge verdicts by labels.

    ``classify`` judges a case anew, for the test with levels that are hidden.
    """
    groups = in_groups(cases)
    scored = [one for members in groups.values() for one in members if one.is_scored]
    pool = [one for one in cases if one.is_pooled]
    judged = [one for one in scored if one.group != NEGATIVE]
    unscored = [one for name in groups if name in UNSCORED for one in groups[name]]
    subtypes = cases[0].case.subtypes if cases else ()
    known = frozenset(one.subtype for one in classifier.case_classes)
    exact = {mode.name: exactly(judged, mode) for mode in MODES}
    simple = baseline(pool, classifier)
    return Evaluation(
        versions=versions,
        is_own=beside.is_own,
        labels={one.subtype: one.label for one in classifier.case_classes},
        cases=len(cases),
        flow=_flow(cases, beside),
        characteristics=_characteristics([one.case for one in cases]),
        missing=_missing([one.case for one in cases if one.is_scored]),
        groups=tuple(
            row
            for group, members in groups.items()
            for row in group_rows(group, members, scored=group not in UNSCORED)
        ),
        pooled=tuple(group_rows(POOLED, pool)) if pool else (),
        subtypes=tuple(
            row
            for group, members in groups.items()
            if group not in UNSCORED and group != NEGATIVE
            for row in subtype_rows(subtypes, group, members)
        ),
        kinds=tuple(kind_rows(cases, known)),
        between=tuple(between_kinds(cases)),
        confusions=tuple(confusion(pool, mode) for mode in MODES) if pool else (),
        accuracy=tuple(accuracies(subtypes, pool)) if pool else (),
        curve=risk_coverage(pool) if pool else (),
        controls=controls(cases),
        others=others(subtypes, pool),
        own_source=beside.own_source,
        baseline=simple,
        paired=beside.paired,
        encoders=beside.encoders,
        disagreements=tuple(against(scored)),
        unscored=tuple(against(one for one in unscored if one.label.subtypes)),
        abstentions=tuple(still_open(judged)),
        gained=tuple(one for one in exact[PRESUMED] if one not in exact["strict"]),
        lost=tuple(one for one in exact["strict"] if one not in exact[PRESUMED]),
        newly_wrong=tuple(newly_wrong(scored)),
        withheld=withheld([one.case.case for one in cases], classifier, classify),
        table=tuple(_row(one, simple, beside.own.get(one.id, "")) for one in cases),
        refused=beside.refused,
        not_understood=tuple(len(one.case.not_understood) for one in cases),
    )


def _row(one: Judged, simple: Baseline, own: str) -> CaseRow:
    right = {mode.name: mode.claimed(one.case) == one.label.subtypes for mode in MODES}
    told = [
        f"{verdict.label}: {reason(verdict)}"
        for verdict in one.case.subtypes
        if verdict.id in one.label.subtypes or verdict.standing in ("entailed", PRESUMED)
    ]
    return CaseRow(
        one.id,
        one.group,
        one.label.strength,
        tuple(sorted(one.label.subtypes)),
        one.case.calcinosis,
        {verdict.id: verdict.standing for verdict in one.case.subtypes},
        right["strict"] if one.is_scored else None,
        right[PRESUMED] if one.is_scored else None,
        tuple(sorted(simple.answers.get(one.id, ()))),
        one.label.reference,
        own,
        "; ".join(told) or _nothing(one),
        one.label.note,
    )


def _nothing(one: Judged) -> str:
    """Why nothing is claimed of a case that is given no subtype."""
    told = answer(one.case, STRICT)
    absent = one.case.calcinosis == "absent"
    return "no deposit" if absent else f"nothing is claimed: {told}"


def _flow(cases: Sequence[Judged], beside: Beside) -> Flow:
    pool = [one for one in cases if one.is_pooled]
    answers = {
        mode.name: dict(
            Counter(
                told if isinstance(told := answer(one.case, mode), str) else "claimed"
                for one in pool
            )
        )
        for mode in MODES
    }
    unlabelled = sum(one.group == NO_LABEL for one in cases)
    scored = sum(one.is_scored for one in cases)
    return Flow(
        beside.cases_refused,
        len(cases),
        unlabelled,
        len(cases) - unlabelled - scored,
        scored,
        len(pool),
        beside.labels_refused,
        beside.unmatched,
        answers,
    )


def _characteristics(cases: Iterable[CaseVerdict]) -> Characteristics:
    found = list(cases)
    ages = [one.case.age_days / _DAYS for one in found if one.case.age_days is not None]
    years = (min(ages), median(ages), max(ages)) if ages else None
    return Characteristics(
        len(found),
        dict(Counter(one.case.sex or "unknown" for one in found)),
        len(ages),
        None if years is None else (round(years[0], 1), round(years[1], 1), round(years[2], 1)),
        dict(Counter(one.calcinosis for one in found)),
    )


def _missing(cases: Sequence[CaseVerdict]) -> Missing:
    unknown: Counter[str] = Counter()
    for one in cases:
        criteria = {c.label: c.status for subtype in one.subtypes for c in subtype.criteria}
        unknown.update(label for label, status in criteria.items() if status == "unknown")
    return Missing(
        len(cases),
        dict(unknown.most_common()),
        sum(bool(one.not_understood) for one in cases),
        sum(bool(one.case.uninterpreted) for one in cases),
        sum(one.contradiction is not None for one in cases),
    )
