"""Agreement of the verdicts with the authors of published cases.

Nothing is averaged away: explicit labels, implicit ones, names that decide a case and negative
controls are counted apart; each agreement has its coverage beside it; open is abstention, not
error. Intervals are Wilson's (1927) score intervals at 95 %.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    REFUTED,
    UNDETERMINED,
    CaseVerdict,
    SubtypeVerdict,
)

Z95 = 1.959963984540054
NO_SINGLE_ANSWER = ("two subtypes", "competing labels")
NEGATIVE = "negative control"
GROUPS = (
    "explicit label",
    "implicit label",
    "mixed label",
    "name decides it",
    "no single answer",
    "label not visible",
    "outside the viewpoint",
    NEGATIVE,
)
UNSCORED = ("no single answer", "label not visible", "outside the viewpoint")


@dataclass(frozen=True, slots=True)
class Label:
    """What the authors of one published case call it."""

    id: str
    subtypes: frozenset[str]
    strength: str
    group: str
    name_decides: bool
    reference: str
    note: str


@dataclass(frozen=True, slots=True)
class Share:
    """A count out of a total, with its Wilson interval (None where the total is 0)."""

    count: int
    total: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lower and upper bound, as shares between 0 and 1."""
        return wilson(self.count, self.total)

    def as_dict(self) -> dict[str, Any]:
        """Count, total and interval for JSON."""
        interval = self.interval
        return {
            "count": self.count,
            "total": self.total,
            "wilson95": None if interval is None else [round(bound, 4) for bound in interval],
        }


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of reading verdicts: strict counts what follows, leaning also causal criteria."""

    name: str

    def says(self, verdict: SubtypeVerdict) -> bool:
        """Whether the subtype is claimed."""
        if verdict.verdict == ENTAILED:
            return True
        return (
            self.name == "leaning"
            and verdict.verdict == UNDETERMINED
            and verdict.basis == "criterion"
        )

    def claimed(self, case: CaseVerdict) -> frozenset[str]:
        """The subtypes claimed for a case."""
        return frozenset(s.id for s in case.subtypes if self.says(s))


STRICT, LEANING = Mode("strict"), Mode("leaning")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of cases under one mode: exact agreement, coverage, agreement where covered."""

    group: str
    mode: str
    exact: Share
    coverage: Share
    exact_where_covered: Share


@dataclass(frozen=True, slots=True)
class SubtypeRow:
    """One subtype in one group of cases under one mode.

    Among cases that the authors label with it: ``true`` claimed, ``false`` ruled out, and
    ``abstained`` neither. ``unlabelled`` counts claims in cases that they label otherwise.
    """

    subtype: str
    label: str
    group: str
    mode: str
    true: Share
    false: Share
    abstained: Share
    unlabelled: Share


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One verdict against the authors, with the reason."""

    case: str
    group: str
    authors: tuple[str, ...]
    subtype: str
    verdict: str
    reason: str
    reference: str
    note: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole evaluation under one viewpoint; ``left_out`` says what was left out of it."""

    viewpoint: str
    left_out: str
    cases: int
    groups: tuple[GroupRow, ...]
    subtypes: tuple[SubtypeRow, ...]
    disagreements: tuple[Disagreement, ...]
    unscored: tuple[Disagreement, ...]
    abstentions: tuple[Disagreement, ...]

    def as_dict(self) -> dict[str, Any]:
        """The evaluation for JSON."""
        return {
            "viewpoint": self.viewpoint,
            "left_out": self.left_out,
            "cases": self.cases,
            "groups": [_row(row) for row in self.groups],
            "subtypes": [_row(row) for row in self.subtypes],
            "disagreements": [_row(row) for row in self.disagreements],
            "unscored": [_row(row) for row in self.unscored],
            "abstentions": [_row(row) for row in self.abstentions],
        }


def _row(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in row.__dataclass_fields__:
        value = getattr(row, name)
        found[name] = value.as_dict() if isinstance(value, Share) else value
    return found


def wilson(count: int, total: int, z: float = Z95) -> tuple[float, float] | None:
    """Wilson's score interval of a proportion; None where there is nothing to count.

    >>> [round(bound, 3) for bound in wilson(8, 10)]
    [0.49, 0.943]
    """
    if total == 0:
        return None
    share = count / total
    square = z * z / total
    centre = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    low = 0.0 if count == 0 else centre - half
    return low, 1.0 if count == total else centre + half


def read_labels(path: Path) -> dict[str, Label]:
    """The authors' labels of published cases, by case id."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["id"]: _label(row) for row in csv.DictReader(lines, delimiter="\t")}


def _label(row: dict[str, str]) -> Label:
    subtypes = frozenset(filter(None, row["authors_subtypes"].split("; "))) - {"none"}
    return Label(
        row["id"],
        subtypes,
        row["label_strength"],
        row["group"],
        row["name_decides"] == "true",
        row["reference"],
        row["note"],
    )


def placed(
    labels: dict[str, Label], known: frozenset[str], above: Callable[[str], Iterable[str]]
) -> dict[str, Label]:
    """The labels in a viewpoint's own subtypes: one that it does not define is the one above it.

    ``above`` gives the classes right above a subtype, by id.
    """

    def own(subtype: str) -> Iterator[str]:
        wider = [] if subtype in known else list(above(subtype))
        found = [one for name in wider for one in own(name) if one in known]
        yield from found or [subtype]

    return {
        key: replace(label, subtypes=frozenset(one for s in label.subtypes for one in own(s)))
        for key, label in labels.items()
    }


def group_of(label: Label, known: frozenset[str]) -> str:
    """The one row of the table that a case is counted in."""
    if label.group == NEGATIVE:
        return NEGATIVE
    if label.group in NO_SINGLE_ANSWER:
        return "no single answer"
    if not label.subtypes:
        return "label not visible"
    if not label.subtypes <= known:
        return "outside the viewpoint"
    if label.name_decides:
        return "name decides it"
    return f"{label.strength} label"


def evaluate(
    cases: Sequence[CaseVerdict], labels: dict[str, Label], viewpoint: str, left_out: str = ""
) -> Evaluation:
    """Judge verdicts by the authors' labels; KeyError if a case has no label."""
    known = frozenset(s.id for case in cases for s in case.subtypes)
    groups: dict[str, list[tuple[CaseVerdict, Label]]] = {group: [] for group in GROUPS}
    for case in cases:
        label = labels[case.case.id]
        groups[group_of(label, known)].append((case, label))
    scored = [
        (case, label, group)
        for group, members in groups.items()
        if group not in UNSCORED
        for case, label in members
    ]
    judged = [pair for pair in scored if pair[2] != NEGATIVE]
    unscored = [
        (case, label, group)
        for group in UNSCORED
        for case, label in groups[group]
        if label.subtypes
    ]
    return Evaluation(
        viewpoint,
        left_out,
        len(cases),
        tuple(
            _group(group, members, mode)
            for group, members in groups.items()
            for mode in (STRICT, LEANING)
            if members
        ),
        tuple(
            row
            for group in groups
            for subtype in (cases[0].subtypes if cases else ())
            for mode in (STRICT, LEANING)
            if (row := _subtype(subtype, group, [p for p in judged if p[2] == group], mode))
        ),
        tuple(_against(scored)),
        tuple(_against(unscored)),
        tuple(_open(judged)),
    )


def _group(group: str, members: Sequence[tuple[CaseVerdict, Label]], mode: Mode) -> GroupRow:
    covered = [(case, label) for case, label in members if mode.claimed(case)]
    exact = sum(mode.claimed(case) == label.subtypes for case, label in members)
    exact_covered = sum(mode.claimed(case) == label.subtypes for case, label in covered)
    scored = group not in UNSCORED
    return GroupRow(
        group,
        mode.name,
        Share(exact, len(members)) if scored else Share(0, 0),
        Share(len(covered), len(members)),
        Share(exact_covered, len(covered)) if scored else Share(0, 0),
    )


def _subtype(
    subtype: SubtypeVerdict,
    group: str,
    judged: Sequence[tuple[CaseVerdict, Label, str]],
    mode: Mode,
) -> SubtypeRow | None:
    """The counts of one subtype in one group; None where nobody labels or claims it."""
    true = false = abstained = claims = others = 0
    for case, label, _ in judged:
        verdict = case.verdict(subtype.id)
        claimed = mode.says(verdict)
        if subtype.id in label.subtypes:
            true += claimed
            false += verdict.verdict == REFUTED
            abstained += not claimed and verdict.verdict != REFUTED
        else:
            others += 1
            claims += claimed
    labelled = true + false + abstained
    if not labelled and not claims:
        return None
    return SubtypeRow(
        subtype.id,
        subtype.label,
        group,
        mode.name,
        Share(true, labelled),
        Share(false, labelled),
        Share(abstained, labelled),
        Share(claims, others),
    )


def _against(scored: Iterable[tuple[CaseVerdict, Label, str]]) -> Iterable[Disagreement]:
    for case, label, group in scored:
        for verdict in case.subtypes:
            labelled = verdict.id in label.subtypes
            if labelled and verdict.verdict == REFUTED:
                yield _disagreement(case, label, group, verdict, _why(verdict, "violated"))
            elif labelled and verdict.verdict == CONFLICTING:
                yield _disagreement(case, label, group, verdict, "the facts contradict each other")
            elif not labelled and LEANING.says(verdict):
                yield _disagreement(case, label, group, verdict, _why(verdict, "met"))


def _open(judged: Iterable[tuple[CaseVerdict, Label, str]]) -> Iterable[Disagreement]:
    for case, label, group in judged:
        for verdict in case.subtypes:
            if verdict.id in label.subtypes and verdict.verdict == UNDETERMINED:
                unknown = [c.label for c in verdict.criteria if c.status == "unknown"]
                needed = list(verdict.needed) or unknown
                reason = f"not stated: {', '.join(needed)}"
                yield _disagreement(case, label, group, verdict, reason)


def _disagreement(
    case: CaseVerdict, label: Label, group: str, verdict: SubtypeVerdict, reason: str
) -> Disagreement:
    return Disagreement(
        case.case.id,
        group,
        tuple(sorted(label.subtypes)),
        verdict.id,
        verdict.verdict,
        reason,
        label.reference,
        label.note,
    )


def _why(verdict: SubtypeVerdict, status: str) -> str:
    parts = [
        f"{c.label} {status}: {'; '.join(c.facts)}" if c.facts else f"{c.label} {status}"
        for c in verdict.criteria
        if c.status == status and not (status == "met" and c.facts == ("calcinosis",))
    ]
    return " / ".join(parts)
