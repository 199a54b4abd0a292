"""Laboratory items of a case to results: a known test, an amount in a known unit, or a level."""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Real

from calcinosis.errors import Problem, did_you_mean, quoted
from calcinosis.facts import limits
from calcinosis.facts.case import LEVELS, TIMES, LabResult, Level, When
from calcinosis.facts.fields import Fields, Raw, is_mapping, kind_of
from calcinosis.facts.laboratory import Analyte, Laboratory
from calcinosis.facts.quantity import Amount, Interval, Measured, Unit, amount, decimals

_KEYS = ("test", "value", "unit", "level", "interval", "when", "note")


def read_lab(item: object, where: str, laboratory: Laboratory, fields: Fields) -> LabResult | None:
    """The result that one item of ``labs`` states.

    None if it is refused, or passed over by leniency; ``fields`` then holds why.
    """
    if not is_mapping(item):
        what = f"a laboratory item must be a mapping, not {kind_of(item)}"
        fields.problem(where, what, "Write {test: calcium, value: 9.1, unit: mg/dL}")
        return None
    return _Reading(item, f"{where}.", laboratory, fields).result(where)


class _Reading:
    """The reading of one item."""

    def __init__(self, item: Raw, dotted: str, laboratory: Laboratory, fields: Fields) -> None:
        self._item = item
        self._dotted = dotted
        self._laboratory = laboratory
        self._fields = fields

    def result(self, where: str) -> LabResult | None:
        fields, item, dotted = self._fields, self._item, self._dotted
        fields.known_keys(item, _KEYS, dotted)
        level = fields.choice(item, "level", LEVELS, dotted)
        when = fields.choice(item, "when", TIMES, dotted) or "at"
        analytes = self._analytes()
        if not analytes:
            return None
        if len(analytes) > 1:
            return self._ambiguous(analytes, where, level, when)
        return self._of(analytes[0], where, level, when)

    def _of(
        self, analyte: Analyte, where: str, level: Level | None, when: When
    ) -> LabResult | None:
        if self._item.get("value") is None:
            return self._worded(analyte, where, level, when)
        return self._measured(analyte, where, level, when)

    def _ambiguous(
        self, analytes: list[Analyte], where: str, level: Level | None, when: When
    ) -> LabResult | None:
        """The readings of an item whose test stands for several analytes; faults if none is one."""
        tries = [
            _Reading(self._item, self._dotted, self._laboratory, Fields(""))._of(
                a, where, level, when
            )
            for a in analytes
        ]
        found = [one for one in tries if one is not None]
        if not found:
            return self._of(analytes[0], where, level, when)
        test, labels = self._item["test"], tuple(analyte.label for analyte in analytes)
        said = found[0].text.removeprefix(found[0].analyte.label)
        return replace(found[0], text=f"{test}{said}", named=labels, others=tuple(found))

    def _problem(self, key: str, what: str, cure: str) -> None:
        self._fields.problem(f"{self._dotted}{key}", what, cure)

    def _analytes(self) -> list[Analyte]:
        """The analytes that the test names: several only where they measure one level."""
        test = self._item.get("test")
        if not isinstance(test, str) or not test.strip():
            self._problem("test", "the item names no test", "Add test: followed by its name")
            return []
        if len(test) > limits.WORD_CHARACTERS:
            self._problem("test", f"{quoted(test)} is too long for a test", "Give its name")
            return []
        found = self._laboratory.find(test)
        if len({analyte.group for analyte in found}) == 1:
            return found
        if found:
            what, cure = "ambiguous", f"Write {' or '.join(a.label for a in found)}"
        else:
            what = "unknown"
            cure = did_you_mean(
                self._laboratory.nearest(test),
                otherwise="No test is near to it.",
                then="A test that decides nothing here may stand under 'other'",
            )
        about = self._laboratory.may_mean(test)
        self._unknown(test, "test", f"the test {quoted(test)} is {what}", cure, about)
        return []

    def _unknown(
        self, text: str, key: str, what: str, cure: str, about: tuple[str, ...] = ()
    ) -> None:
        where = f"{self._dotted}{key}"
        self._fields.unknown(text, where, Problem(what, self._fields.at(where), cure), about=about)

    # -- a level in words ------------------------------------------------------------

    def _worded(
        self, analyte: Analyte, where: str, level: Level | None, when: When
    ) -> LabResult | None:
        given = [key for key in ("unit", "interval") if self._item.get(key) is not None]
        for key in given:
            self._problem(key, f"{key} stands without a value", f"Add value:, or drop {key}")
        if level is None and self._item.get("level") is None:
            self._fields.problem(
                where,
                "the item has neither a value nor a level",
                "Add value: and unit:, or level: low, normal or high",
            )
        if level is None or given:
            return None
        text = f"{analyte.label} {level}"
        return LabResult(analyte, where, text, when, level=level, test=self._item["test"])

    # -- a value ---------------------------------------------------------------------

    def _measured(
        self, analyte: Analyte, where: str, level: Level | None, when: When
    ) -> LabResult | None:
        unit = self._unit(analyte)
        found = self._amount(analyte.example(unit))
        value, test = self._item["value"], self._item["test"]
        if found is not None and unit is None and self._fields.lenient:
            return self._unread(analyte, where, when, found)
        if found is None or unit is None:
            return None
        edge = found.low or found.high
        if not self._is_plausible(analyte, unit, edge):
            shown = value if isinstance(value, str) else f"{edge:g}"
            self._implausible("value", f"{shown} {unit.ucum}", analyte, unit)
            return None
        own = self._item.get("interval")
        interval = None if own is None else self._interval(own, analyte, unit)
        if own is not None and interval is None:
            return None
        text = f"{analyte.label} {value} {unit.ucum}"
        measured = Measured(found, unit, _written(value))
        return LabResult(
            analyte, where, text, when, measured, interval, level, test=test, value=value
        )

    def _unread(self, analyte: Analyte, where: str, when: When, found: Amount) -> LabResult:
        """A number without a unit that is known: it may still be what corrects another."""
        item = self._item
        text = f"{analyte.label} {item['value']} {item.get('unit') or ''}".strip()
        nameless = Measured(found, Unit("", 1.0))
        return LabResult(
            analyte,
            where,
            text,
            when,
            nameless,
            test=item["test"],
            value=item["value"],
            unread=True,
        )

    def _amount(self, example: str) -> Amount | None:
        value = self._item["value"]
        found = amount(value)
        if found is None:
            cure = f"Write a number with a decimal point, or a bound such as {example!r}"
            self._problem("value", f"{quoted(value)} is no value", cure)
        elif not math.isfinite(found.low) or found.low < 0:
            what = f"{quoted(value)} is no possible value"
            self._problem("value", what, "Give a finite, positive number")
            return None
        return found

    def _unit(self, analyte: Analyte) -> Unit | None:
        text = self._item.get("unit")
        codes = (analyte.canonical, *(unit.ucum for unit in analyte.units.values()))
        accepted = ", ".join(dict.fromkeys(codes))
        if not isinstance(text, str) or not text.strip():
            self._problem("unit", "the value has no unit", f"Add unit: one of {accepted}")
            return None
        unit = analyte.unit(text)
        if unit is None:
            what = f"the unit {quoted(text)} is unknown for {analyte.label}"
            value = quoted(self._item["value"])
            words = f"{analyte.label} {value} {text}"
            cure = f"Write one of {accepted}"
            self._unknown(words, "unit", what, cure, analyte.levels)
        return unit

    def _interval(self, given: object, analyte: Analyte, unit: Unit) -> Interval | None:
        bounds = given if isinstance(given, list | tuple) and len(given) == 2 else (None, None)
        ends = [None if bound is None else _bound(bound) for bound in bounds]
        low, high = ends
        if (
            any(end is None and bound is not None for end, bound in zip(ends, bounds, strict=True))
            or (low is None and high is None)
            or (low is not None and high is not None and low > high)
        ):
            self._problem("interval", f"{quoted(given)} is no interval", _INTERVAL)
            return None
        # Zero bounds nothing from below, and is printed so.
        if not all(self._is_plausible(analyte, unit, end) for end in ends if end):
            self._implausible("interval", f"{quoted(given)} {unit.ucum}", analyte, unit)
            return None
        interval = Interval(low, high, unit, "the case's own interval")
        if self._laboratory.is_foreign(analyte.iri, interval):
            what = f"{quoted(given)} {unit.ucum} is no normal interval of {analyte.label}"
            self._problem("interval", what, "Give its bounds in the unit of the value")
            return None
        return replace(interval, decimals=self._laboratory.printed_decimals(analyte, interval))

    def _is_plausible(self, analyte: Analyte, unit: Unit, value: float) -> bool:
        return analyte.minimum <= value * unit.factor <= analyte.maximum

    def _implausible(self, key: str, shown: str, analyte: Analyte, unit: Unit) -> None:
        low, high = analyte.minimum / unit.factor, analyte.maximum / unit.factor
        self._problem(
            key,
            f"{shown} is outside what can be measured of {analyte.label}",
            f"Check value and unit: {low:.3g} to {high:.3g} {unit.ucum} is accepted",
        )


def _written(value: object) -> int:
    """With how many decimals a value was written."""
    return decimals(str(value).strip().lstrip("<>=≤≥ "))


_INTERVAL = "Write two bounds as [low, high], null for an open side"


def _bound(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    found = amount(value)
    if found is None or not math.isfinite(found.low) or found.low < 0:
        return None
    return found.low
