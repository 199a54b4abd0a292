"""Agreement of the verdicts with the authors of published cases.

Nothing is averaged away: explicit labels, implicit ones, names that decide a case and negative
controls are counted apart; each agreement has its coverage beside it; open is abstention, not
error. Only counts are given: the rules were chosen on these cases, so that no precision can be told
from them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from calcinosis import names
from calcinosis.facts.case import Case
from calcinosis.graph.rules import LEVELS
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    PRESUMED,
    REFUTED,
    UNDETERMINED,
    CaseVerdict,
    Standing,
    Status,
    SubtypeVerdict,
)

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
    """A count out of a total."""

    count: int
    total: int

    def to_dict(self) -> dict[str, int]:
        """Count and total for JSON."""
        return {"count": self.count, "total": self.total}


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of reading verdicts.

    Strict counts what follows; presumed also what is presumed; leaning instead an open subtype
    whose causal criterion is met, as if whatever is not known were met.
    """

    name: str

    def says(self, verdict: SubtypeVerdict) -> bool:
        """Whether the subtype is claimed."""
        if verdict.verdict == ENTAILED:
            return True
        if self.name == "leaning":
            return verdict.verdict == UNDETERMINED and verdict.basis == "criterion"
        return self.name == PRESUMED and verdict.standing == PRESUMED

    def claimed(self, case: CaseVerdict) -> frozenset[str]:
        """The subtypes claimed for a case."""
        return frozenset(s.id for s in case.subtypes if self.says(s))


STRICT, PRESUMING, LEANING = Mode("strict"), Mode(PRESUMED), Mode("leaning")
MODES = (STRICT, PRESUMING, LEANING)


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
    verdict: Standing
    reason: str
    reference: str
    note: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is presumed of the cases that state a raised level when that level is hidden.

    ``cases`` have one; ``wrong`` names those of which a subtype is then presumed that does not
    follow with the level, as pairs of case and subtype ids.
    """

    cases: int
    presumed: int
    wrong: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole evaluation under one viewpoint; ``settings`` says by which settings.

    ``gained`` are cases whose subtypes are exactly the authors' only with what is presumed,
    ``lost`` those that were so only without it, ``newly_wrong`` pairs of case and subtype that are
    claimed only as presumed and that the authors do not name.
    """

    viewpoint: str
    settings: str
    cases: int
    groups: tuple[GroupRow, ...]
    subtypes: tuple[SubtypeRow, ...]
    disagreements: tuple[Disagreement, ...]
    unscored: tuple[Disagreement, ...]
    abstentions: tuple[Disagreement, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    newly_wrong: tuple[tuple[str, str], ...]
    withheld: Withheld

    def to_dict(self) -> dict[str, Any]:
        """The evaluation for JSON."""
        return {
            "viewpoint": self.viewpoint,
            "settings": self.settings,
            "note": "the rules were chosen on these cases",
            "cases": self.cases,
            "groups": [_row(row) for row in self.groups],
            "subtypes": [_row(row) for row in self.subtypes],
            "disagreements": [_row(row) for row in self.disagreements],
            "unscored": [_row(row) for row in self.unscored],
            "abstentions": [_row(row) for row in self.abstentions],
            "gained": list(self.gained),
            "lost": list(self.lost),
            "newly_wrong": [list(pair) for pair in self.newly_wrong],
            "withheld_levels": _row(self.withheld),
        }


def _row(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in row.__dataclass_fields__:
        value = getattr(row, name)
        found[name] = value.to_dict() if isinstance(value, Share) else value
    return found


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
    cases: Sequence[CaseVerdict],
    labels: dict[str, Label],
    classifier: Classifier,
    classify: Callable[[Case], CaseVerdict],
) -> Evaluation:
    """Judge verdicts by the authors' labels; KeyError if a case has no label.

    ``classify`` judges a case anew, for the test with levels that are hidden.
    """
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
    exactly = {mode.name: _exact(judged, mode) for mode in MODES}
    return Evaluation(
        classifier.ontology.viewpoint,
        classifier.ontology.settings_words,
        len(cases),
        tuple(
            _group(group, members, mode)
            for group, members in groups.items()
            for mode in MODES
            if members
        ),
        tuple(
            row
            for group in groups
            for subtype in (cases[0].subtypes if cases else ())
            for mode in MODES
            if (row := _subtype(subtype, group, [p for p in judged if p[2] == group], mode))
        ),
        tuple(_against(scored)),
        tuple(_against(unscored)),
        tuple(_open(judged)),
        tuple(one for one in exactly[PRESUMED] if one not in exactly["strict"]),
        tuple(one for one in exactly["strict"] if one not in exactly[PRESUMED]),
        tuple(_newly_wrong(scored)),
        withheld([case.case for case in cases], classifier, classify),
    )


def _exact(judged: Iterable[tuple[CaseVerdict, Label, str]], mode: Mode) -> list[str]:
    """The ids of the cases whose claimed subtypes are exactly the authors'."""
    return [case.case.id for case, label, _ in judged if mode.claimed(case) == label.subtypes]


def _newly_wrong(scored: Iterable[tuple[CaseVerdict, Label, str]]) -> Iterator[tuple[str, str]]:
    for case, label, _ in scored:
        for subtype in sorted(PRESUMING.claimed(case) - STRICT.claimed(case) - label.subtypes):
            yield case.case.id, subtype


def withheld(
    cases: Iterable[Case], classifier: Classifier, classify: Callable[[Case], CaseVerdict]
) -> Withheld:
    """What is presumed when the levels are hidden that a case states to be raised."""
    terms = classifier.ontology.terms
    raised = classifier.rules.rule(LEVELS).denies
    count = presumed = 0
    wrong: list[tuple[str, str]] = []
    for case in cases:
        hidden = {
            fact.item
            for fact in case.facts
            if fact.affirmed
            and fact.property == names.HAS_FINDING
            and not terms.ancestors(fact.term).isdisjoint(raised)
        }
        if hidden:
            count += 1
            kept = tuple(fact for fact in case.facts if fact.item not in hidden)
            claimed = PRESUMING.claimed(classify(replace(case, facts=kept)))
            presumed += bool(claimed)
            wrong += [(case.id, one) for one in sorted(claimed - STRICT.claimed(classify(case)))]
    return Withheld(count, presumed, tuple(wrong))


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
            elif not labelled and PRESUMING.says(verdict):
                yield _disagreement(case, label, group, verdict, _why(verdict, "met"))


def _open(judged: Iterable[tuple[CaseVerdict, Label, str]]) -> Iterable[Disagreement]:
    for case, label, group in judged:
        for verdict in case.subtypes:
            if verdict.id in label.subtypes and verdict.standing == UNDETERMINED:
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
        verdict.standing,
        reason,
        label.reference,
        label.note,
    )


def _why(verdict: SubtypeVerdict, status: Status) -> str:
    if verdict.presumed is not None:
        return f"If {verdict.presumed.condition}"
    parts = [
        f"{c.label} {status}: {'; '.join(c.facts)}" if c.facts else f"{c.label} {status}"
        for c in verdict.criteria
        if c.status == status and not (status == "met" and c.facts == ("calcinosis",))
    ]
    return " / ".join(parts)
