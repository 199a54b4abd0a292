"""Laboratory items of a case to levels: high, low, normal, or not to be interpreted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from calcinosis.facts.case import Remark
from calcinosis.facts.laboratory import (
    Amount,
    Analyte,
    Correction,
    Interval,
    Laboratory,
    Unit,
    amount,
)

_KEYS = ("test", "value", "unit", "level", "interval", "when", "note")
_LEVELS = ("low", "normal", "high")
_TIMES = ("before", "at", "after")


@dataclass(frozen=True, slots=True)
class LabResult:
    """One laboratory item after reading; ``amount`` is in ``unit``."""

    analyte: Analyte
    where: str
    text: str
    when: str
    amount: Amount | None = None
    unit: Unit | None = None
    interval: Interval | None = None
    level: str | None = None
    corrected: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one laboratory item is refused; ``resolvable`` if leniency may pass it over."""

    what: str
    where: str
    cure: str
    text: str = ""
    resolvable: bool = False


@dataclass(slots=True)
class Reading:
    """What one level group of a case comes to."""

    where: str = ""
    text: str = ""
    words: str = ""
    references: tuple[str, ...] = ()
    findings: list[tuple[bool, str]] = field(default_factory=list)
    set_aside: list[Remark] = field(default_factory=list)
    uninterpreted: list[Remark] = field(default_factory=list)


class Levels:
    """Reads and judges the laboratory items of one patient."""

    def __init__(self, laboratory: Laboratory, age_days: float | None, sex: str | None) -> None:
        self._laboratory = laboratory
        self._age = age_days
        self._sex = sex

    # -- reading ---------------------------------------------------------------------

    def read(self, item: object, where: str) -> LabResult | Refusal:
        """One item of ``labs``, or why it is refused."""
        if not isinstance(item, Mapping):
            return Refusal(
                "a laboratory item must be a mapping",
                where,
                "Write {test: calcium, value: 9.1, unit: mg/dL}",
            )
        for key in item:
            if key not in _KEYS:
                return Refusal(
                    f"the key {key!r} is unknown", f"{where}.{key}", f"Known: {', '.join(_KEYS)}"
                )
        analyte = self._analyte(item.get("test"), where)
        if isinstance(analyte, Refusal):
            return analyte
        level, when = item.get("level"), item.get("when", "at")
        if level not in (None, *_LEVELS):
            return Refusal(f"{level!r} is no level", f"{where}.level", "Write low, normal or high")
        if when not in _TIMES:
            return Refusal(f"{when!r} is no time", f"{where}.when", "Write before, at or after")
        if item.get("value") is None:
            return _worded(analyte, item, where, level, when)
        return self._measured(analyte, item, where, level, when)

    def _analyte(self, test: object, where: str) -> Analyte | Refusal:
        place = f"{where}.test"
        if not isinstance(test, str):
            return Refusal("the item names no test", place, "Add test: followed by its name")
        found = self._laboratory.find(test)
        if len(found) == 1:
            return found[0]
        if found:
            options = " or ".join(a.label for a in found)
            return Refusal(f"the test {test!r} is ambiguous", place, f"Write {options}")
        near = self._laboratory.nearest(test)
        hint = f"Did you mean {' or '.join(near)}?" if near else "No test is near to it."
        return Refusal(
            f"the test {test!r} is unknown",
            place,
            f"{hint} A test that decides nothing here may stand under 'other'",
            test,
            resolvable=True,
        )

    def _measured(
        self, analyte: Analyte, item: Mapping[str, Any], where: str, level: str | None, when: str
    ) -> LabResult | Refusal:
        value = item["value"]
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return Refusal(f"{value!r} is no value", f"{where}.value", _VALUE)
        found = amount(value)
        if found is None:
            return Refusal(f"{value!r} is no value", f"{where}.value", _VALUE)
        if math.isnan(found.low) or math.isinf(found.low) or found.low < 0:
            return Refusal(
                f"{value!r} is no possible value", f"{where}.value", "Give a finite, positive number"
            )
        unit = self._unit(analyte, item.get("unit"), where)
        if isinstance(unit, Refusal):
            return unit
        edge = (found.low or found.high) * unit.factor
        if not analyte.minimum <= edge <= analyte.maximum:
            low, high = analyte.minimum / unit.factor, analyte.maximum / unit.factor
            return Refusal(
                f"{value} {unit.ucum} is absurd for {analyte.label}",
                f"{where}.value",
                f"Check value and unit: {low:.3g} to {high:.3g} {unit.ucum} is taken for real",
            )
        interval = self._own_interval(item.get("interval"), unit, where)
        if isinstance(interval, Refusal):
            return interval
        text = f"{analyte.label} {value} {unit.ucum}"
        return LabResult(analyte, where, text, when, found, unit, interval, level)

    def _unit(self, analyte: Analyte, text: object, where: str) -> Unit | Refusal:
        accepted = ", ".join(dict.fromkeys(unit.ucum for unit in analyte.units.values()))
        if not isinstance(text, str):
            return Refusal(
                "the value has no unit", f"{where}.unit", f"Add unit: one of {accepted}"
            )
        unit = analyte.unit(text)
        if unit is None:
            return Refusal(
                f"the unit {text!r} is unknown for {analyte.label}",
                f"{where}.unit",
                f"Write one of {accepted}",
                f"{analyte.label} in {text}",
                resolvable=True,
            )
        return unit

    def _own_interval(self, bounds: object, unit: Unit, where: str) -> Interval | None | Refusal:
        if bounds is None:
            return None
        place = f"{where}.interval"
        cure = "Write two bounds such as [8.5, 10.5], null for an open side"
        if not isinstance(bounds, list) or len(bounds) != 2:
            return Refusal(f"{bounds!r} is no interval", place, cure)
        low, high = bounds
        for bound in bounds:
            if bound is not None and not _is_bound(bound):
                return Refusal(f"{bound!r} is no bound", place, cure)
        if (low is None and high is None) or (None not in (low, high) and low > high):
            return Refusal(f"{bounds!r} is no interval", place, cure)
        return Interval(low, high, unit.ucum, "the case's own interval")

    # -- judging ---------------------------------------------------------------------

    def judge(self, results: Sequence[LabResult]) -> list[Reading]:
        """The reading of each item; the better test of one level wins, the rest is kept."""
        readings: list[Reading] = []
        current: dict[str, list[LabResult]] = {}
        for result in results:
            if result.when == "at":
                current.setdefault(result.analyte.group, []).append(result)
            else:
                remark = Remark(
                    result.text, result.where, f"taken {result.when} the assessment of the deposit"
                )
                readings.append(Reading(set_aside=[remark]))
        corrected = self._corrected(results)
        for items in current.values():
            readings += self._judge_group(
                sorted((corrected.get(r.where, r) for r in items), key=_precedence)
            )
        return readings

    def _judge_group(self, results: list[LabResult]) -> list[Reading]:
        readings: list[Reading] = []
        best: LabResult | None = None
        for result in results:
            if best is not None and result.analyte.precedence > best.analyte.precedence:
                remark = Remark(
                    result.text, result.where, f"{best.analyte.label} is believed before it"
                )
                readings.append(Reading(set_aside=[remark]))
                continue
            reading = self._level(result)
            readings.append(reading)
            if reading.findings:
                best = result
        return readings

    def _level(self, result: LabResult) -> Reading:
        reading = Reading(result.where, result.text)
        interval = result.interval or self._laboratory.interval(
            result.analyte.iri, self._age, self._sex
        )
        if result.amount is not None and result.unit is not None and interval is not None:
            low, high = _bounds(result.analyte, result.unit, interval)
            reading.findings, verdict = _compare(result.analyte, result.amount, low, high)
            if reading.findings:
                reading.words = f"{result.corrected or result.text} is {verdict} ({interval})"
                reading.references = (*interval.references, *result.references)
            else:
                why = f"its range lies across a bound of {interval}"
                reading.uninterpreted.append(Remark(result.text, result.where, why))
        elif result.level is not None:
            reading.findings = _stated(result.analyte, result.level)
            reading.words = f"{result.text} stated to be {result.level}"
            if result.amount is None:
                reading.words = f"{result.analyte.label} stated to be {result.level}"
        else:
            why = "for this age" if self._age is not None else "because no age is given"
            reading.uninterpreted.append(
                Remark(result.text, result.where, f"it has no interval, and none applies {why}")
            )
        return reading

    def _corrected(self, results: Sequence[LabResult]) -> dict[str, LabResult]:
        """The items that are corrected for albumin, by their place."""
        formula = self._laboratory.correction
        if formula is None:
            return {}
        exact = [
            r for r in results if r.when == "at" and r.amount is not None and r.amount.is_point
        ]
        albumin = next((r for r in exact if r.analyte.iri == formula.by), None)
        if albumin is None:
            return {}
        return {
            r.where: _correct(r, albumin, formula) for r in exact if r.analyte.iri == formula.of
        }


_VALUE = "Write a number, or a bound such as '>60'"


def _is_bound(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value >= 0
    )


def _worded(
    analyte: Analyte, item: Mapping[str, Any], where: str, level: str | None, when: str
) -> LabResult | Refusal:
    if level is None:
        return Refusal(
            "the item has neither a value nor a level",
            where,
            "Add value: and unit:, or level: low, normal or high",
        )
    for key in ("unit", "interval"):
        if item.get(key) is not None:
            return Refusal(
                f"{key} stands without a value", f"{where}.{key}", f"Add value:, or drop {key}"
            )
    return LabResult(analyte, where, f"{analyte.label} {level}", when, level=level)


def _precedence(result: LabResult) -> int:
    return result.analyte.precedence


def _correct(result: LabResult, albumin: LabResult, formula: Correction) -> LabResult:
    """The item with the albumin correction applied, in its own unit, and saying so."""
    of, by = result.analyte.unit(formula.unit), albumin.analyte.unit(formula.albumin_unit)
    if None in (of, by, result.amount, result.unit, albumin.amount, albumin.unit):
        return result
    measured = albumin.amount.low * albumin.unit.factor / by.factor  # type: ignore[union-attr]
    added = formula.slope * (formula.reference_albumin - measured)
    added *= of.factor / result.unit.factor  # type: ignore[union-attr]
    value = result.amount.low + added  # type: ignore[union-attr]
    unit = result.unit.ucum  # type: ignore[union-attr]
    words = f"{result.text}, corrected for {albumin.text} to {value:.3g} {unit},"
    return replace(
        result, amount=Amount(value, value), corrected=words, references=formula.references
    )


def _bounds(analyte: Analyte, unit: Unit, interval: Interval) -> tuple[float, float]:
    """The interval's bounds in the value's unit; converted ones to three figures, as printed."""
    own = analyte.unit(interval.unit) or unit
    scale = own.factor / unit.factor

    def convert(bound: float) -> float:
        return bound if own == unit else float(f"{bound * scale:.3g}")

    low = -math.inf if interval.low is None else convert(interval.low)
    high = math.inf if interval.high is None else convert(interval.high)
    return low, high


def _stated(analyte: Analyte, level: str) -> list[tuple[bool, str]]:
    if level == "high":
        return [(True, analyte.high)]
    if level == "low":
        return [(True, analyte.low)]
    return [(False, analyte.abnormal)]


def _compare(
    analyte: Analyte, value: Amount, low: float, high: float
) -> tuple[list[tuple[bool, str]], str]:
    """The findings of a value against bounds; only what the whole range allows."""
    if value.low > high or (not value.is_point and value.low >= high):
        return [(True, analyte.high)], "high"
    if value.high < low or (not value.is_point and value.high <= low):
        return [(True, analyte.low)], "low"
    not_high = value.high <= high < math.inf
    not_low = -math.inf < low <= value.low
    if not_high and not_low:
        return [(False, analyte.abnormal)], "normal"
    if not_high:
        return [(False, analyte.high)], "not high"
    if not_low:
        return [(False, analyte.low)], "not low"
    return [], ""
