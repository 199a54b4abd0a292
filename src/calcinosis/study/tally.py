"""Counting a cohort: one pass over the verdicts, of which only the tables' words are kept."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final, TypeVar

from calcinosis.errors import CaseError, InputError
from calcinosis.facts.flags import NO_UNIT
from calcinosis.reasoning.verdict import (
    ENTAILED,
    PRESUMED,
    STANDINGS,
    CaseVerdict,
    Standing,
    Status,
)
from calcinosis.study.cohort import (
    Cohort,
    ConditionCounts,
    Contradictory,
    CriterionCounts,
    First,
    Flagged,
    Missing,
    Patient,
    Refusal,
    Step,
    SubtypeCounts,
    Unread,
)
from calcinosis.study.intervals import Share
from calcinosis.study.patients import Defined, Patients, asserted
from calcinosis.study.persons import persons

_STATUSES: Final[tuple[Status, ...]] = ("met", "violated", "unknown", "conflicting")
_VALUE: Final = re.compile(r" [<>≤≥~]?\d[\d.,]*+(?![\w\u2013-])")
_UNITS: Final = "Name the unit; in a sheet once for all, in the heading or in its mapping"
_DEPOSIT: Final = "Say whether there is a deposit: without one nothing follows"
Needs = frozenset[str]
_Word = tuple[str, str, tuple[str, ...]]
_K = TypeVar("_K", str, tuple[str, str], _Word)


@dataclass(slots=True)
class _Told:
    """What is told of one patient, each once however many rows tell it."""

    conditions: set[str] = field(default_factory=set)
    words: set[_Word] = field(default_factory=set)
    values: set[tuple[str, str]] = field(default_factory=set)
    flags: set[tuple[str, str]] = field(default_factory=set)

    def add(self, verdict: CaseVerdict, conditions: Iterable[str]) -> None:
        self.conditions.update(conditions)
        self.words.update((one.what, one.reason, one.suggestions) for one in verdict.not_understood)
        self.values.update(
            (_test(one.what), _bare(one.reason)) for one in verdict.case.uninterpreted
        )
        self.flags.update((flag, one.id) for one in verdict.subtypes for flag in one.flags)


class _Counts:
    """In how many patients each thing is told."""

    def __init__(self) -> None:
        self.conditions: Counter[tuple[str, tuple[Standing, ...]]] = Counter()
        self.words: Counter[_Word] = Counter()
        self.values: Counter[tuple[str, str]] = Counter()
        self.flags: Counter[tuple[str, str]] = Counter()
        self.unitless = 0
        self.unitless_tests: Counter[str] = Counter()

    def add(self, told: _Told, standings: tuple[Standing, ...]) -> None:
        self.conditions.update((iri, standings) for iri in told.conditions)
        self.words.update(told.words)
        self.values.update(told.values)
        self.flags.update(told.flags)
        unitless = {test for test, why in told.values if why.startswith(NO_UNIT)}
        self.unitless += bool(unitless)
        self.unitless_tests.update(unitless)

    def first(self, patients: Iterable[Patient]) -> Iterator[First]:
        """What to mend first."""
        if self.unitless:
            tests = tuple(_most_first(self.unitless_tests))
            yield First("a number has no unit", self.unitless, _UNITS, tests)
        unstated = sum(one.calcinosis == "unknown" for one in patients)
        if unstated:
            yield First("calcinosis is not stated", unstated, _DEPOSIT)

    def copy(self) -> _Counts:
        found = _Counts()
        found.conditions, found.words = self.conditions.copy(), self.words.copy()
        found.values, found.flags = self.values.copy(), self.flags.copy()
        found.unitless, found.unitless_tests = self.unitless, self.unitless_tests.copy()
        return found


class Tally:
    """Counts verdicts as they come; ``cohort`` gives what they come to.

    Memory grows by a few short texts a row. The order of the patients changes no count. Rows of one
    patient, as their cases tell, are counted as one.
    ``defined`` are the subtypes of the viewpoint, for a cohort that may have no patient.
    """

    def __init__(self, defined: Iterable[Defined] = ()) -> None:
        self._made = Patients(defined)
        self._rows: list[Patient] = []
        self._conditions: dict[str, str] = {}
        self._blocks: defaultdict[str, set[str]] = defaultdict(set)
        self._counts = _Counts()
        self._several: dict[str, _Told] = {}  # of patients who may have further rows
        self._contradictory: list[Contradictory] = []
        self._refused: list[Refusal] = []

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of the subtypes by id."""
        return self._made.subtypes

    def counting(self, verdicts: Iterable[CaseVerdict]) -> Iterator[CaseVerdict]:
        """The verdicts, each counted as it goes by."""
        for verdict in verdicts:
            self.add(verdict)
            yield verdict

    def add(self, verdict: CaseVerdict) -> Patient:
        """Count one row, which is returned. All must be judged under one viewpoint."""
        patient = self._made.of(verdict)
        self._rows.append(patient)
        conditions = asserted(verdict.case)
        self._conditions |= conditions
        told = self._several.setdefault(patient.person, _Told()) if patient.person else _Told()
        told.add(verdict, conditions)
        if not patient.person:
            self._counts.add(told, patient.standings)
        for remark in verdict.not_understood:
            self._blocks[remark.what].update(remark.blocks)
        if verdict.contradiction is not None or verdict.repairs is None:
            clash = Contradictory(patient.id, verdict.contradiction, verdict.repairs)
            self._contradictory.append(clash)
        return patient

    def refuse(self, error: InputError) -> None:
        """Note an input that was refused, which is no patient."""
        self._refused += _refusals(error)

    # -- what it comes to --------------------------------------------------------------

    def cohort(self, refused: Iterable[InputError] = ()) -> Cohort:
        """All that was counted so far; ``refused`` are further inputs that were refused."""
        for error in refused:
            self.refuse(error)
        patients = persons(self._rows, self._made.subtypes)
        counts = self._counts.copy()
        for patient in patients:
            if patient.person:
                counts.add(self._several[patient.person], patient.standings)
        missing = _Needed(patients)
        return Cohort(
            patients,
            tuple(self._rows),
            tuple(self._subtype_counts(patients)),
            tuple(self._condition_counts(counts)),
            tuple(self._criterion_counts(patients)),
            missing.missing(),
            tuple(missing.plan()),
            _nothing(patients),
            tuple(
                Unread(what, reason, count, near, tuple(sorted(self._blocks[what])))
                for (what, reason, near), count in _most_first(counts.words)
            ),
            tuple(
                Unread(what, reason, count) for (what, reason), count in _most_first(counts.values)
            ),
            tuple(
                Flagged(words, subtype, self._made.subtypes[subtype], count)
                for (words, subtype), count in _most_first(counts.flags)
            ),
            tuple(self._contradictory),
            tuple(self._refused),
            tuple(counts.first(patients)),
        )

    def _subtype_counts(self, patients: Sequence[Patient]) -> Iterator[SubtypeCounts]:
        for place, (subtype, label) in enumerate(self._made.subtypes.items()):
            counts = Counter(one.standings[place] for one in patients)
            total = len(patients)
            found = {standing: Share(counts[standing], total) for standing in STANDINGS}
            yield SubtypeCounts(subtype, label, found)

    def _criterion_counts(self, patients: Sequence[Patient]) -> Iterator[CriterionCounts]:
        for place, (criterion, label) in enumerate(self._made.criteria.items()):
            counts = Counter(one.criteria[place] for one in patients)
            yield CriterionCounts(criterion, label, {one: counts[one] for one in _STATUSES})

    def _condition_counts(self, found: _Counts) -> Iterator[ConditionCounts]:
        patients: Counter[str] = Counter()
        counts: defaultdict[str, list[Counter[Standing]]] = defaultdict(
            lambda: [Counter() for _ in self._made.subtypes]
        )
        for (iri, standings), count in found.conditions.items():
            patients[iri] += count
            for counter, standing in zip(counts[iri], standings, strict=True):
                counter[standing] += count
        for iri in sorted(patients, key=lambda iri: (-patients[iri], self._conditions[iri], iri)):
            told = tuple(
                {standing: counter[standing] for standing in STANDINGS if counter[standing]}
                for counter in counts[iri]
            )
            term = iri.partition(" ")[0]  # behind it stands the time, if that is another
            yield ConditionCounts(term, self._conditions[iri], patients[iri], told)


def _nothing(patients: Iterable[Patient]) -> dict[str, int]:
    counts = Counter(
        patient.why
        for patient in patients
        if not {ENTAILED, PRESUMED}.intersection(patient.standings)
    )
    return dict(_most_first(counts))


class _Needed:
    """What the patients need, as sets of tests and facts, each with how many patients have it."""

    def __init__(self, patients: Iterable[Patient]) -> None:
        self._ways: Counter[frozenset[Needs]] = Counter()
        self._given: Counter[str] = Counter()
        for patient in patients:
            needs = patient.needs.values()
            self._ways[frozenset(frozenset(one.asks for one in found) for found in needs)] += 1
            self._given.update({one.asks for found in needs for one in found if one.lacks})
        del self._ways[frozenset()]

    def missing(self) -> tuple[Missing, ...]:
        """Each test or fact with the patients who need it, most needed first."""
        patients: Counter[str] = Counter()
        alone: Counter[str] = Counter()
        for ways, count in self._ways.items():
            for asks in frozenset().union(*ways):
                patients[asks] += count
                alone[asks] += count * ({asks} in ways)
        return tuple(
            Missing(asks, count, self._given[asks], alone[asks])
            for asks, count in _most_first(patients)
        )

    def plan(self) -> Iterator[Step]:
        """One test or fact after another, each time the one that settles most."""
        left = Counter(self._ways)
        total, found = left.total(), frozenset[str]()
        while left:
            gains = {asks: self._gain(left, found, asks) for asks in _asked(left) - found}
            best = min(gains, key=lambda asks: (*(-gain for gain in gains[asks]), asks))
            found |= {best}
            left = Counter({ways: n for ways, n in left.items() if not _settled(ways, found)})
            yield Step(best, total - left.total(), total)

    def _gain(
        self, left: Mapping[frozenset[Needs], int], found: Needs, asks: str
    ) -> tuple[int, int]:
        """How many patients one more test settles, and how many need it."""
        settled = sum(n for ways, n in left.items() if _settled(ways, found | {asks}))
        return settled, sum(n for ways, n in left.items() if any(asks in way for way in ways))


def _settled(ways: frozenset[Needs], found: Needs) -> bool:
    return any(way <= found for way in ways)


def _asked(ways: Iterable[frozenset[Needs]]) -> Needs:
    return frozenset(asks for sets in ways for one in sets for asks in one)


def _most_first(counts: Mapping[_K, int]) -> list[tuple[_K, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _test(text: str) -> str:
    """What stands before a value: the test."""
    return _VALUE.split(text, maxsplit=1)[0]


def _bare(text: str) -> str:
    """A text without its values, so that what is said of many patients is counted once."""
    return _VALUE.sub("", text)


def _refusals(error: InputError) -> Iterator[Refusal]:
    if isinstance(error, CaseError):
        for problem in error.problems:
            yield Refusal(_by_name(problem.where), problem.what, problem.cure)
    else:
        yield Refusal(_by_name(error.where), error.what, error.cure)


def _by_name(where: str) -> str:
    """A place in a file without the folders of the file: what is shared shows nobody's."""
    path, comma, within = where.partition(", ")
    return f"{PurePath(path).name}{comma}{within}"
