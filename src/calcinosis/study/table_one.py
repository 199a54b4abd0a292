"""The patients described for a paper: counts, with what they are out of, and what is missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, Final

from calcinosis.facts.case import LISTS, PRESENCES, SEXES, Case, Fact
from calcinosis.names import HAS
from calcinosis.reasoning.verdict import IN_WORDS, STANDINGS, CaseVerdict
from calcinosis.study.cohort import people
from calcinosis.study.patients import THE_DEPOSIT
from calcinosis.study.persons import LEADING

COLUMNS: Final = ("section", "item", "value", "count", "of", "percent", "missing")
_YEAR: Final = 365.25
_UNKNOWN: Final = "unknown"
_STATED: Final = ("present", "former", "absent")
"""What a case says of a condition, intervention or finding: now, of before alone, or denied."""
_LABS: Final = "laboratory"
_LEVELS: Final = ("high", "low", "normal", "not high", "not low", "abnormal")
"""In the order in which one is believed where facts of a test give several."""
_ORDERS: Final[Mapping[str, Sequence[str]]] = {
    "calcinosis": ("present", _UNKNOWN, "absent"),
    "laboratory": _LEVELS,
    "subtypes": [IN_WORDS[standing] for standing in LEADING],
}
"""Of several rows of one patient the value counts that stands first."""
_CONTRADICTORY: Final = "contradictory"
"""A sex of which rows of one patient tell two: it is counted as unknown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ``count`` of ``of`` patients have the ``value`` of the ``item``.

    Of ``missing`` patients it is not known. A level, a sex and an age are out of those in whom it
    is known. A condition, intervention or finding is out of everybody, and is missing where it is
    neither stated nor denied; ``former`` is one that is stated of before alone. A line of ages has
    no count: its value is their distribution.
    """

    section: str
    item: str
    value: str
    count: int | None
    of: int
    missing: int

    @property
    def percent(self) -> float | None:
        """The count in per cent of ``of``, to a tenth; None where there is none."""
        if self.count is None or not self.of:
            return None
        return round(100 * self.count / self.of, 1)

    def to_dict(self) -> dict[str, Any]:
        """The line with the keys COLUMNS."""
        return {
            "section": self.section,
            "item": self.item,
            "value": self.value,
            "count": self.count,
            "of": self.of,
            "percent": self.percent,
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True, repr=False)
class TableOne:
    """The usual first table of a paper; items by how many patients have them, most first.

    ``cases`` are how many were counted, more than ``patients`` where several are of one.
    """

    patients: int
    rows: tuple[Row, ...]
    cases: int

    @property
    def people(self) -> str:
        """How many patients, in words."""
        return people(self.patients, self.cases)

    def to_dict(self) -> dict[str, Any]:
        """The table as plain values."""
        rows = [row.to_dict() for row in self.rows]
        return {"patients": self.patients, "cases": self.cases, "rows": rows}

    def __repr__(self) -> str:
        return f"<TableOne: {self.people}, a table of {len(self.rows)} lines>"


Place = tuple[str, str]
"""Section and item."""


@dataclass(slots=True)
class _Told:
    """What is told of one patient: the age in years, and the values of what it is told of."""

    years: float | None = None
    values: dict[Place, str] = field(default_factory=dict)

    def add(self, verdict: CaseVerdict) -> None:
        """Add a row: what it tells, else what an earlier one did; the age is that of the first."""
        case = verdict.case
        if self.years is None and case.age_days is not None:
            self.years = case.age_days / _YEAR
        found: dict[Place, str] = {("sex", "sex"): case.sex or _UNKNOWN}
        found["calcinosis", "calcinosis"] = verdict.calcinosis
        found |= {**_stated(case), **_levels(case)}
        for subtype in verdict.subtypes:
            found["subtypes", subtype.label] = IN_WORDS[subtype.standing]
        for place, value in found.items():
            known = self.values.get(place)
            self.values[place] = value if known is None else _most(place[0], known, value)


def _most(section: str, one: str, other: str) -> str:
    """Of two values of one patient the one that says most; of two sexes neither."""
    if section == "sex":
        known = {one, other} - {_UNKNOWN}
        return known.pop() if len(known) == 1 else _CONTRADICTORY if known else _UNKNOWN
    order = _ORDERS.get(section, _STATED)
    return min(one, other, key=lambda value: order.index(value) if value in order else len(order))


class Describing:
    """Counts what patients are described by, as their verdicts come; ``table`` gives the table.

    Rows of one patient are counted as one: a patient has what any of them tells.
    """

    def __init__(self) -> None:
        self._several: dict[str, _Told] = {}
        self._cases = self._count = 0
        self._ages: list[float] = []
        self._told: defaultdict[Place, Counter[str]] = defaultdict(Counter)

    def add(self, verdict: CaseVerdict) -> None:
        """Count one row. What nobody stated, such as a cause taken by a name, is left out."""
        self._cases += 1
        person = verdict.case.patient
        told = self._several.setdefault(person, _Told()) if person else _Told()
        told.add(verdict)
        if not person:
            self._add(told)

    def _add(self, told: _Told) -> None:
        self._count += 1
        if told.years is not None:
            self._ages.append(told.years)
        for place, value in told.values.items():
            self._told[place][value] += 1

    def table(self) -> TableOne:
        """The table of those who were counted; nothing is counted afterwards."""
        for told in self._several.values():
            self._add(told)
        self._several.clear()
        said = "patients" if self._cases == self._count else people(self._count, self._cases)
        rows = [Row("patients", said, "", self._count, self._count, 0)]
        if self._ages:
            known = len(self._ages)
            rows += (
                Row("age", "age in years", told, None, known, self._count - known)
                for told in _ages(self._ages)
            )
        sections: dict[str, Sequence[str]] = {
            "sex": [sex for sex in SEXES if sex != _UNKNOWN],
            "calcinosis": [presence for presence in PRESENCES if presence != _UNKNOWN],
            **dict.fromkeys(LISTS, _STATED),
            _LABS: _LEVELS,
            "subtypes": [IN_WORDS[standing] for standing in STANDINGS],
        }
        for section, values in sections.items():
            for item, counts in self._items(section):
                rows += self._rows(section, item, counts, values)
        return TableOne(self._count, tuple(rows), self._cases)

    def _items(self, section: str) -> list[tuple[str, Counter[str]]]:
        found = [(item, counts) for (place, item), counts in self._told.items() if place == section]
        if section == "subtypes":
            return found
        return sorted(found, key=lambda pair: (-pair[1]["present"], -pair[1].total(), pair[0]))

    def _rows(
        self, section: str, item: str, counts: Counter[str], values: Sequence[str]
    ) -> Iterator[Row]:
        known = sum(counts[value] for value in values)
        of = self._count if section in LISTS else known
        for value in values:
            if counts[value]:
                yield Row(section, item, value, counts[value], of, self._count - known)


def _ages(years: Sequence[float]) -> Iterator[str]:
    """Median with quartiles, and range."""
    first, middle, third = (
        quantiles(years, n=4, method="inclusive") if len(years) > 1 else 3 * [*years]
    )
    yield f"median {middle:.1f} ({first:.1f}\u2013{third:.1f})"
    yield f"range {min(years):.1f}\u2013{max(years):.1f}"


def _stated(case: Case) -> Mapping[tuple[str, str], str]:
    """What a case states or denies, by kind and label; of several that which says most."""
    found: dict[tuple[str, str], str] = {}
    for fact in case.facts:
        kind = _kind(fact)
        if kind and not (fact.judged or fact.reading) and fact.item != THE_DEPOSIT:
            place = kind, fact.label
            stated = "present" if fact.when == "at" else "former"
            value = stated if fact.affirmed else "absent"
            found[place] = min(value, found.get(place, value), key=_STATED.index)
    return found


def _kind(fact: Fact) -> str:
    if fact.rule is not None or fact.property is None:
        return ""
    found = (key for key, kind in LISTS.items() if fact.property.startswith(HAS[kind]))
    return next(found, "")


def _levels(case: Case) -> Mapping[tuple[str, str], str]:
    """The levels of a case at the assessment, by test."""
    found: dict[tuple[str, str], str] = {}
    for fact in case.facts:
        level = _level(fact)
        if level:
            place = _LABS, fact.judged.result.analyte.label if fact.judged else fact.label
            found[place] = min(level, found.get(place, level), key=_LEVELS.index)
    return found


def _level(fact: Fact) -> str:
    """The level that a fact gives; empty where it gives none."""
    if fact.judged is None or fact.when != "at":
        return ""
    analyte = fact.judged.result.analyte
    stated = {analyte.high: "high", analyte.low: "low", analyte.abnormal: "abnormal"}
    denied = {analyte.high: "not high", analyte.low: "not low", analyte.abnormal: "normal"}
    return (stated if fact.affirmed else denied).get(fact.term, "")
