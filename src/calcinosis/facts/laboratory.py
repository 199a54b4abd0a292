"""Laboratory values: units, reference intervals, albumin correction, and the level they give.

All medicine is read from ``ontology/laboratory.ttl``: analytes, accepted units with factors
from molar masses, plausible ranges, and intervals, each with the source that was read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.facts import age
from calcinosis.graph.triples import Triples

_Band = tuple[float, float, str | None, "Interval"]  # ages from and to in days, sex
_RANGE = re.compile(r"\s*(<=|>=|<|>|≤|≥)?\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*\Z")
_LOINC = ("", "LOINC:", "http://loinc.org/", "https://loinc.org/")
_MICRO = str.maketrans({"\u00b5": "u", "\u03bc": "u"})


@dataclass(frozen=True, slots=True)
class Unit:
    """An accepted unit (``ucum`` code): a value times ``factor`` is in the canonical unit."""

    ucum: str
    factor: float


@dataclass(frozen=True, slots=True)
class Interval:
    """Inclusive bounds in ``unit``, None where open, and where they come from.

    ``age`` is the band it was printed for, from (inclusive) to (exclusive) as ISO 8601 durations.
    """

    low: float | None
    high: float | None
    unit: Unit
    source: str
    references: tuple[str, ...] = ()
    age: tuple[str | None, str | None] = (None, None)

    def __str__(self) -> str:
        if self.low is None:
            bounds = f"up to {self.high:g}"
        elif self.high is None:
            bounds = f"from {self.low:g}"
        else:
            bounds = f"{self.low:g}\u2013{self.high:g}"
        return f"{bounds} {self.unit.ucum}, {self.source}"

    def in_unit(self, unit: Unit) -> Interval:
        """The interval in another unit, its bounds to three figures, as laboratories print them."""
        if unit == self.unit:
            return self
        scale = self.unit.factor / unit.factor
        low, high = (
            None if bound is None else float(f"{bound * scale:.3g}")
            for bound in (self.low, self.high)
        )
        return Interval(low, high, unit, self.source, self.references, self.age)

    def as_dict(self) -> dict[str, Any]:
        """The interval as the explanation's JSON holds it."""
        found: dict[str, Any] = {
            "low": self.low,
            "high": self.high,
            "unit": self.unit.ucum,
            "source": self.source,
            "references": list(self.references),
        }
        start, end = self.age
        return {**found, "age": {"from": start, "to": end}} if start or end else found

    def is_far_from(self, other: Interval) -> bool:
        """Whether both lie apart by half as much again: a sign of another unit, not another lab."""
        there = other.in_unit(self.unit)
        below = self.high is not None and there.low is not None and 1.5 * self.high < there.low
        above = self.low is not None and there.high is not None and self.low > 1.5 * there.high
        return below or above


@dataclass(frozen=True, slots=True)
class Analyte:
    """One measured quantity.

    ``high``, ``low`` and ``abnormal`` are the IRIs of its level findings. Analytes of one
    ``group`` measure one level; the one with the lowest ``precedence`` is believed. ``units``
    are by spelling; ``minimum`` and ``maximum``, in the ``canonical`` unit, bound what is
    taken for real.
    """

    iri: str
    label: str
    high: str
    low: str
    abnormal: str
    group: str
    precedence: int
    canonical: str
    units: dict[str, Unit]
    minimum: float
    maximum: float

    def unit(self, text: str) -> Unit | None:
        """The accepted unit that ``text`` spells, or None."""
        return self.units.get(spell(text))

    def example(self, unit: Unit | None = None) -> str:
        """A bound that could be measured, such as ``>8``, in a unit or in the canonical one."""
        factor = 1.0 if unit is None else unit.factor
        middle = math.sqrt(self.minimum * self.maximum) / factor
        return f">{float(f'{middle:.2g}'):.12g}"


@dataclass(frozen=True, slots=True)
class Amount:
    """A value, or a range of values, in the unit it was given in.

    ``strict`` leaves out the ends of a range: ``>60`` is more than 60, ``>=60`` may be 60.
    """

    low: float
    high: float
    strict: bool = False

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:.3g}"
        sign = "" if self.strict else "="
        if math.isinf(self.high):
            return f">{sign}{self.low:.3g}"
        if math.isinf(self.low):
            return f"<{sign}{self.high:.3g}"
        return f"{self.low:.3g}\u2013{self.high:.3g}"


@dataclass(frozen=True, slots=True)
class Correction:
    """The correction of one analyte by another: value + slope x (reference - the other).

    ``of`` and ``by`` are the IRIs of the corrected and the correcting analyte; ``slope`` is in
    ``unit`` for each ``by_unit``, ``reference`` in ``by_unit``.
    """

    of: str
    by: str
    slope: float
    reference: float
    unit: Unit
    by_unit: Unit
    references: tuple[str, ...]


def spell(unit: str) -> str:
    """A unit as it is compared: micro signs alike, no spaces, any case of the litre."""
    return unit.translate(_MICRO).replace(" ", "").casefold()


def amount(value: object) -> Amount | None:
    """The amount that a number or a word such as ``>60`` states, or None if it is neither.

    An integer beyond what a float holds is infinite.

    >>> amount(">60")
    Amount(low=60.0, high=inf, strict=True)
    """
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        return Amount(number, number)
    match = _RANGE.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    sign, number = match.group(1), float(match.group(2))
    if sign is None:
        return Amount(number, number)
    strict = sign in ("<", ">")
    if sign in ("<", "<=", "≤"):
        return Amount(0.0, number, strict)
    return Amount(number, math.inf, strict)


def _covering(bands: Iterable[_Band], age_days: float | None, sex: str | None) -> Interval | None:
    """The first interval for an age in days and a sex; None without an age."""
    if age_days is None:
        return None
    for start, end, for_sex, interval in bands:
        if start <= age_days < end and for_sex in (None, sex):
            return interval
    return None


class Laboratory:
    """The analytes, intervals and the correction of a loaded laboratory module.

    ``cited`` holds the keys of the references that each interval or formula cites. What the
    module states wrongly, such as a word for a number, is an OntologyError when it is read.
    """

    def __init__(
        self,
        triples: Triples,
        cited: dict[str, tuple[str, ...]],
        left_out: frozenset[str] = frozenset(),
    ) -> None:
        """``cited`` gives the references of intervals and formulas; ``left_out`` are not used."""
        self._t = triples
        self._cited = cited
        self._left_out = left_out

    @cached_property
    def analytes(self) -> dict[str, Analyte]:
        """The analytes by IRI."""
        return {iri: self._analyte(iri) for iri in self._t.instances(names.CC + "Analyte")}

    def _number(self, subject: str, predicate: str) -> float | None:
        text = self._t.text(subject, names.CC + predicate)
        if text is None:
            return None
        try:
            return float(text)
        except ValueError as error:
            raise self._fault(subject, predicate, text) from error

    def _fault(self, subject: str, predicate: str, text: str | None) -> OntologyError:
        return OntologyError(
            f"{names.local(subject)} has {text!r} for {predicate}, which cannot be",
            self._t.modules.get("laboratory", "the laboratory module"),
            "Mend it there",
        )

    def _days(self, subject: str, predicate: str, default: float) -> float:
        text = self._t.text(subject, names.CC + predicate)
        if text is None:
            return default
        found = age.days(text)
        if found is None:
            raise self._fault(subject, predicate, text)
        return found

    def _unit_at(self, subject: str, predicate: str, analyte: str) -> Unit:
        """The unit that a node names, which must be one that its analyte accepts."""
        text = self._t.text(subject, names.CC + predicate)
        found = self.analytes[analyte].unit(text or "") if analyte in self.analytes else None
        if found is None:
            raise self._fault(subject, predicate, text)
        return found

    def _analyte(self, iri: str) -> Analyte:
        t = self._t
        units: dict[str, Unit] = {}
        for node in t.iris(iri, names.CC + "unit"):
            code = t.text(node, names.CC + "ucum") or ""
            unit = Unit(code, self._number(node, "factor") or math.nan)
            for word in (code, *t.texts(node, names.SYNONYM)):
                units[spell(word)] = unit
        return Analyte(
            iri=iri,
            label=t.text(iri, names.LABEL) or names.local(iri),
            high=t.iri(iri, names.CC + "highFinding") or "",
            low=t.iri(iri, names.CC + "lowFinding") or "",
            abnormal=t.iri(iri, names.CC + "abnormalFinding") or "",
            group=t.iri(iri, names.CC + "levelOf") or iri,
            precedence=int(self._number(iri, "precedence") or 1),
            canonical=t.text(iri, names.CC + "canonicalUnit") or "",
            units=units,
            minimum=self._number(iri, "plausibleMinimum") or 0.0,
            maximum=self._number(iri, "plausibleMaximum") or math.inf,
        )

    @cached_property
    def level_findings(self) -> frozenset[str]:
        """The IRIs of the findings that are levels of an analyte."""
        found = (iri for a in self.analytes.values() for iri in (a.high, a.low, a.abnormal))
        return frozenset(found)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for iri in self.analytes:
            codes = self._t.texts(iri, names.CC + "loinc")
            words = {
                names.normal(names.local(iri)),
                names.normal("cc:" + names.local(iri)),
                *(names.normal(w) for w in self._t.texts(iri, names.LABEL)),
                *(names.normal(w) for w in self._t.texts(iri, names.SYNONYM)),
                *(names.normal(base + code) for code in codes for base in _LOINC),
            }
            for word in words:
                index.setdefault(word, []).append(iri)
        return index

    def find(self, text: str) -> list[Analyte]:
        """The analytes that a test's name, class name or LOINC code stands for, in any case."""
        return [self.analytes[iri] for iri in self._by_name.get(names.normal(text), ())]

    def nearest(self, text: str) -> list[str]:
        """The test names nearest to a misspelt one."""
        import difflib

        words = difflib.get_close_matches(names.normal(text), self._by_name, n=6, cutoff=0.5)
        labels = [self.analytes[self._by_name[word][0]].label for word in words]
        return list(dict.fromkeys(labels))[:3]

    @cached_property
    def _intervals(self) -> dict[str, list[_Band]]:
        return self._bands(left_out=False)

    @cached_property
    def _intervals_left_out(self) -> dict[str, list[_Band]]:
        return self._bands(left_out=True)

    def _bands(self, *, left_out: bool) -> dict[str, list[_Band]]:
        t = self._t
        found: dict[str, list[_Band]] = {}
        for node in t.instances(names.CC + "ReferenceInterval"):
            if (node in self._left_out) is not left_out:
                continue
            analyte = t.iri(node, names.CC + "analyte") or ""
            found.setdefault(analyte, []).append(
                (
                    self._days(node, "ageFrom", 0.0),
                    self._days(node, "ageTo", math.inf),
                    t.text(node, names.CC + "sex"),
                    Interval(
                        self._number(node, "lowerBound"),
                        self._number(node, "upperBound"),
                        self._unit_at(node, "inUnit", analyte),
                        (t.text(node, names.LABEL) or names.local(node)).rpartition(", ")[2],
                        self._cited.get(node, ()),
                        (
                            t.text(node, names.CC + "ageFrom"),
                            t.text(node, names.CC + "ageTo"),
                        ),
                    ),
                )
            )
        return found

    def is_foreign(self, analyte: str, interval: Interval) -> bool:
        """Whether an interval is far from every sourced one of its analyte, whatever the age."""
        known = [sourced for *_, sourced in self._intervals.get(analyte, ())]
        return bool(known) and all(interval.is_far_from(sourced) for sourced in known)

    def interval(self, analyte: str, age_days: float | None, sex: str | None) -> Interval | None:
        """The sourced interval for an age in days and a sex, or None: never another age's."""
        return _covering(self._intervals.get(analyte, ()), age_days, sex)

    def is_left_out(self, analyte: str, age_days: float | None, sex: str | None) -> bool:
        """Whether only an interval that is left out covers an age; without one, whether all are."""
        bands = self._intervals_left_out.get(analyte, ())
        if age_days is None:
            return bool(bands) and not self.has_interval(analyte)
        return _covering(bands, age_days, sex) is not None

    def has_interval(self, analyte: str) -> bool:
        """Whether there is a sourced interval of an analyte for any age."""
        return bool(self._intervals.get(analyte))

    @cached_property
    def correction(self) -> Correction | None:
        """The albumin correction formula, or None if the module has none."""
        for node in self._t.instances(names.CC + "AlbuminCorrectionFormula"):
            if node in self._left_out:
                continue
            of = self._t.iri(node, names.CC + "corrects") or ""
            by = self._t.iri(node, names.CC + "correctedBy") or ""
            return Correction(
                of,
                by,
                self._number(node, "slope") or 0.0,
                self._number(node, "referenceAlbumin") or 0.0,
                self._unit_at(node, "inUnit", of),
                self._unit_at(node, "albuminUnit", by),
                self._cited.get(node, ()),
            )
        return None
