"""Agreement of verdicts with labels, group by group.

Nothing is averaged away: kinds of label, names that decide a case and negative controls are counted
apart; each agreement has its coverage beside it; open is abstention, not error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

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
from calcinosis.study.intervals import Share
from calcinosis.study.labels import NEGATIVE, NO_LABEL, Label
from calcinosis.study.statistics import Kappa, kappa

NO_SINGLE_ANSWER: Final = ("two subtypes", "competing labels")
BY_NAME: Final = "name decides it"
LABELLED: Final = "labelled"
POOLED: Final = "pooled"
"""Every scored case but those that a name decides."""
GROUPS: Final = (
    "explicit label",
    "implicit label",
    "mixed label",
    BY_NAME,
    "no single answer",
    "label not visible",
    "outside the viewpoint",
    NEGATIVE,
    NO_LABEL,
)
UNSCORED: Final = ("no single answer", "label not visible", "outside the viewpoint", NO_LABEL)


@dataclass(frozen=True, slots=True)
class Judged:
    """One case: its verdicts, the label that counts, the group, and every label that it has."""

    case: CaseVerdict
    label: Label
    group: str
    labels: tuple[Label, ...] = ()

    @property
    def id(self) -> str:
        """The id of the case."""
        return self.case.case.id

    @property
    def is_scored(self) -> bool:
        """Whether there is one answer that the verdicts can be held against."""
        return self.group not in UNSCORED

    @property
    def is_pooled(self) -> bool:
        """Whether it counts in what is pooled."""
        return self.is_scored and self.group != BY_NAME


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


def row_to_dict(row: Any) -> dict[str, Any]:
    """A row of counts for JSON."""
    found: dict[str, Any] = {}
    for name in row.__dataclass_fields__:
        value = getattr(row, name)
        found[name] = value.to_dict() if isinstance(value, Share) else value
    return found


def group_of(label: Label, known: frozenset[str]) -> str:
    """The one row of the table that a case is counted in."""
    if label.group in (NEGATIVE, NO_LABEL):
        return label.group
    if label.group in NO_SINGLE_ANSWER:
        return "no single answer"
    if not label.subtypes:
        return "label not visible"
    if not label.subtypes <= known:
        return "outside the viewpoint"
    if label.name_decides:
        return BY_NAME
    return f"{label.strength} label" if label.strength else LABELLED


def judged_by(case: CaseVerdict, labels: Sequence[Label], known: frozenset[str]) -> Judged:
    """A case beside its labels, the first of which counts."""
    none = Label(case.case.id, frozenset(), "", NO_LABEL, name_decides=False, reference="", note="")
    label = labels[0] if labels else none
    return Judged(case, label, group_of(label, known), tuple(labels))


def in_groups(cases: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The cases by group, the known groups in their order and the others after them."""
    found: dict[str, list[Judged]] = {group: [] for group in GROUPS}
    for one in cases:
        found.setdefault(one.group, []).append(one)
    own = [group for group in found if group not in GROUPS]
    return {group: found[group] for group in (*own, *GROUPS) if found[group]}


def group_rows(group: str, members: Sequence[Judged], *, scored: bool = True) -> list[GroupRow]:
    """The rows of one group, one a mode."""
    return [_group(group, members, mode, scored=scored) for mode in MODES]


def subtype_rows(
    subtypes: Iterable[SubtypeVerdict], group: str, members: Sequence[Judged]
) -> Iterator[SubtypeRow]:
    """The rows of the subtypes in one group, those where nobody labels or claims one left out."""
    for subtype in subtypes:
        for mode in MODES:
            if (row := _subtype(subtype, group, members, mode)) is not None:
                yield row


def kind_rows(cases: Iterable[Judged], known: frozenset[str]) -> list[GroupRow]:
    """Agreement by kind of label, of every case that has one of the kind with a subtype."""
    found: dict[str, list[Judged]] = {}
    for one in cases:
        for label in one.labels:
            judged = replace(one, label=label, group=group_of(label, known))
            if judged.is_scored and label.subtypes:
                found.setdefault(label.strength or LABELLED, []).append(judged)
    return [row for kind, members in found.items() for row in group_rows(kind, members)]


@dataclass(frozen=True, slots=True)
class BetweenKinds:
    """How far two kinds of label of the same cases agree."""

    one: str
    other: str
    agreement: Kappa

    def to_dict(self) -> dict[str, Any]:
        """The agreement for JSON."""
        return {"one": self.one, "other": self.other, **self.agreement.to_dict()}


def between_kinds(cases: Iterable[Judged]) -> list[BetweenKinds]:
    """Agreement of each two kinds of label, of the cases that have both."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for judged in cases:
        for one, other in combinations(judged.labels, 2):
            pair = (one.strength or LABELLED, other.strength or LABELLED)
            found.setdefault(pair, []).append((called(one.subtypes), called(other.subtypes)))
    return [BetweenKinds(*pair, kappa(both)) for pair, both in found.items()]


def called(subtypes: Iterable[str]) -> str:
    """Several subtypes as one category."""
    return " + ".join(sorted(subtypes)) or "none"


def exactly(cases: Iterable[Judged], mode: Mode) -> list[str]:
    """The ids of the cases whose claimed subtypes are exactly the authors'."""
    return [one.id for one in cases if mode.claimed(one.case) == one.label.subtypes]


def newly_wrong(cases: Iterable[Judged]) -> Iterator[tuple[str, str]]:
    """What is claimed only as presumed and not labelled, as pairs of case and subtype."""
    for one in cases:
        claimed = PRESUMING.claimed(one.case) - STRICT.claimed(one.case)
        for subtype in sorted(claimed - one.label.subtypes):
            yield one.id, subtype


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


def _group(group: str, members: Sequence[Judged], mode: Mode, *, scored: bool) -> GroupRow:
    covered = [one for one in members if mode.claimed(one.case)]
    return GroupRow(
        group,
        mode.name,
        Share(len(exactly(members, mode)), len(members)) if scored else Share(0, 0),
        Share(len(covered), len(members)),
        Share(len(exactly(covered, mode)), len(covered)) if scored else Share(0, 0),
    )


def _subtype(
    subtype: SubtypeVerdict, group: str, members: Iterable[Judged], mode: Mode
) -> SubtypeRow | None:
    """The counts of one subtype in one group; None where nobody labels or claims it."""
    true = false = abstained = claims = others = 0
    for one in members:
        verdict = one.case.verdict(subtype.id)
        claimed = mode.says(verdict)
        if subtype.id in one.label.subtypes:
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


def against(cases: Iterable[Judged]) -> Iterator[Disagreement]:
    """Verdicts that differ from the label, each with its reason."""
    for one in cases:
        for verdict in one.case.subtypes:
            labelled = verdict.id in one.label.subtypes
            denied = verdict.verdict in (REFUTED, CONFLICTING)
            if denied if labelled else PRESUMING.says(verdict):
                yield _disagreement(one, verdict)


def still_open(cases: Iterable[Judged]) -> Iterator[Disagreement]:
    """Labelled subtypes that stay open, each with what was not stated."""
    for one in cases:
        for verdict in one.case.subtypes:
            if verdict.id in one.label.subtypes and verdict.standing == UNDETERMINED:
                yield _disagreement(one, verdict)


def _disagreement(one: Judged, verdict: SubtypeVerdict) -> Disagreement:
    return Disagreement(
        one.id,
        one.group,
        tuple(sorted(one.label.subtypes)),
        verdict.id,
        verdict.standing,
        reason(verdict),
        one.label.reference,
        one.label.note,
    )


def reason(verdict: SubtypeVerdict) -> str:
    """Why a verdict is what it is, in a few words; of an open one, what was not stated."""
    if verdict.presumed is not None:
        return f"If {verdict.presumed.condition}"
    if verdict.verdict == CONFLICTING:
        return "the facts contradict each other"
    if verdict.verdict == UNDETERMINED:
        unknown = [c.label for c in verdict.criteria if c.status == "unknown"]
        return f"not stated: {', '.join(list(verdict.needed) or unknown)}"
    return _because(verdict, "violated" if verdict.verdict == REFUTED else "met")


def _because(verdict: SubtypeVerdict, status: Status) -> str:
    parts = [
        f"{c.label} {status}: {'; '.join(c.facts)}" if c.facts else f"{c.label} {status}"
        for c in verdict.criteria
        if c.status == status and not (status == "met" and c.facts == ("calcinosis",))
    ]
    return " / ".join(parts)
