"""Laboratory items of a case to results: a known test, an amount in a known unit, or a level."""

from __future__ import annotations

import math
from dataclasses import replace

from calcinosis.errors import Problem, did_you_mean, quoted
from calcinosis.facts import limits
from calcinosis.facts.case import TIMES, LabResult, Remark, When
from calcinosis.facts.cells import stated
from calcinosis.facts.fields import Fields, Raw, is_mapping, kind_of
from calcinosis.facts.flags import NO_UNIT
from calcinosis.facts.laboratory import Analyte, Laboratory
from calcinosis.facts.quantity import (
    Amount,
    Interval,
    LevelWord,
    Measured,
    Unit,
    agree,
    amount,
    decimals,
    in_thousands,
    spell,
)

_REFUSED, _UNDECIDED = "refused", "undecided"
_KEYS = ("test", "value", "unit", "level", "interval", "when", "note")


def read_lab(item: object, where: str, laboratory: Laboratory, fields: Fields) -> LabResult | None:
    """The result that one item of ``labs`` states.

    None if it decides nothing, or is refused; ``fields`` then holds why.
    """
    if not is_mapping(item):
        what = f"a laboratory item must be a mapping, not {kind_of(item)}"
        fields.problem(where, what, "Write {test: calcium, value: 9.1, unit: mg/dL}")
        return None
    return _Reading(item, f"{where}.", laboratory, fields).result(where)


class _Reading:
    """The reading of one item."""

    def __init__(self, item: Raw, dotted: str, laboratory: Laboratory, fields: Fields) -> None:
        self._item = _parted(item, laboratory)
        self._is_apart = self._item.get("unit") == item.get("unit")
        self._dotted = dotted
        self._laboratory = laboratory
        self._fields = fields
        self._wrong = ""
        self._is_of_one = True

    def result(self, where: str) -> LabResult | None:
        fields, item, dotted = self._fields, self._item, self._dotted
        fields.known_keys(item, _KEYS, dotted)
        when = fields.choice(item, "when", TIMES, dotted) or "at"
        analytes = self._analytes()
        self._beside_a_word()
        if not analytes:
            return None
        if len(analytes) > 1:
            self._is_of_one = False
            return self._ambiguous(analytes, where, when)
        return self._of(analytes[0], where, when)

    def _of(self, analyte: Analyte, where: str, when: When) -> LabResult | None:
        value = self._item.get("value")
        if value is None or self._level_in(value) is not None:
            return self._worded(analyte, where, when)
        return self._measured(analyte, where, when)

    def _level_in(self, value: object) -> LevelWord | None:
        """The level that stands in the place of a value, as "normal" and "WNL" do."""
        return self._laboratory.level(value) if isinstance(value, str) else None

    def _ambiguous(self, analytes: list[Analyte], where: str, when: When) -> LabResult | None:
        """The readings of an item whose test stands for several analytes; faults if none is one."""
        tries = [self._try(self._item)._of(one, where, when) for one in analytes]
        found = [one for one in tries if one is not None and not self._wrong]
        if not found:
            return self._of(analytes[0], where, when)
        test, labels = self._item["test"], tuple(analyte.label for analyte in analytes)
        said = found[0].text.removeprefix(found[0].analyte.label)
        return replace(found[0], text=f"{test}{said}", named=labels, others=tuple(found))

    def _try(self, item: Raw) -> _Reading:
        """Another reading of the item, of whose faults nothing is told."""
        return _Reading(item, self._dotted, self._laboratory, Fields("", strict=True))

    def _problem(self, key: str, what: str, cure: str) -> None:
        self._wrong = _REFUSED
        self._fields.problem(f"{self._dotted}{key}", what, cure)

    def _undecided(self, key: str, what: str, cure: str, lacks: str, analyte: Analyte) -> None:
        """Note why the value decides nothing; the first reason is enough, unless it is refused."""
        if self._fields.strict:
            self._problem(key, what, cure)
        elif not self._wrong:
            self._wrong = _UNDECIDED
            where = f"{self._dotted}{key}"
            found = Problem(what, self._fields.at(where), cure)
            is_meant = key == "unit" and self._is_apart  # else it stands behind the number
            units = _units_of(analyte) if is_meant else ()
            told = self._as_it_stood(analyte)
            self._fields.undecided(told, where, found, lacks, analyte.levels, units)

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
        self._unknown(test, found)
        return []

    def _unknown(self, test: str, found: list[Analyte]) -> None:
        """Note a test that is unknown, or may be one of several that measure different things."""
        asked = [analyte.label for analyte in found] or [*self._laboratory.asked(test)]
        labels = asked or self._laboratory.nearest(test)
        if asked:
            what, cure = "ambiguous", f"Write {' or '.join(labels)}"
        else:
            what = "unknown"
            cure = did_you_mean(
                labels,
                otherwise="No test is near to it.",
                then="A test that decides nothing here may stand under 'other'",
            )
        meant = found or [one for label in labels for one in self._laboratory.find(label)]
        about = (*self._laboratory.may_mean(test), *(i for one in meant for i in one.levels))
        where, what = f"{self._dotted}test", f"the test {quoted(test)} is {what}"
        problem = Problem(what, self._fields.at(where), cure, tuple(labels))
        self._fields.unknown(
            test, where, problem, Remark("", "", "", about=tuple(dict.fromkeys(about)))
        )

    # -- a level in words ------------------------------------------------------------

    def _worded(self, analyte: Analyte, where: str, when: When) -> LabResult | None:
        instead = self._level_in(self._item.get("value"))
        if instead is None and self._item.get("level") is None:
            self._fields.problem(
                where,
                "the item has neither a value nor a level",
                "Add value: and unit:, or level: low, normal or high",
            )
        level = self._level(analyte)
        if instead is not None and level is not None and not agree(instead, level):
            what = f"it is said to be both {instead} and {level}"
            self._undecided("level", what, "Keep one of them", "one of them", analyte)
        level = instead or level
        if level is None or self._wrong:
            return None
        text = f"{analyte.label} {level}"
        return LabResult(analyte, where, text, when, level=level, test=self._item["test"])

    def _beside_a_word(self) -> None:
        """Unit and interval beside a word: set aside where it stands instead of a value."""
        value = self._item.get("value")
        instead = self._level_in(value) is not None
        for key in ("unit", "interval") if value is None or instead else ():
            given = self._item.get(key)
            if given is not None and instead:
                text = given if isinstance(given, str) else quoted(given)
                reason = "recorded; gives no fact: a level in words stands there, no value"
                where = f"{self._dotted}{key}"
                self._fields.set_aside.append(Remark(f"{key}: {text}", where, reason))
            elif given is not None:
                self._problem(key, f"{key} stands without a value", f"Add value:, or drop {key}")

    def _level(self, analyte: Analyte) -> LevelWord | None:
        """The level that is stated in words; None, and why, where it is none."""
        word = self._item.get("level")
        if word is None:
            return None
        level = self._laboratory.level(word) if isinstance(word, str) else None
        if level is not None:
            return level
        what, known = f"{quoted(word)} is no level", "low, normal or high"
        if isinstance(word, str):
            self._undecided("level", what, f"Write {known}", f"its level: {known}", analyte)
        else:
            self._problem("level", what, f"Write {known}")
        return None

    # -- a value ---------------------------------------------------------------------

    def _measured(self, analyte: Analyte, where: str, when: When) -> LabResult | None:
        level = self._level(analyte)
        if level is not None and not self._wrong and self._is_flag_alone(analyte):
            return self._flagged(analyte, where, when, level)
        unit, found = self._unit_and_amount(analyte)
        interval = self._interval(analyte, unit) if found is not None and unit is not None else None
        value = self._item["value"]
        if self._wrong or found is None or unit is None:
            unread = self._wrong == _UNDECIDED
            return self._unread(analyte, where, when, found) if unread else None
        text = f"{analyte.label} {value} {unit.ucum}"
        measured = Measured(found, unit, _written(value))
        test = self._item["test"]
        return LabResult(
            analyte, where, text, when, measured, interval, level, test=test, value=value
        )

    def _is_flag_alone(self, analyte: Analyte) -> bool:
        """Whether a possible number of one test, without a unit, stands beside a level.

        What corrects another by its number is left out: there the number is what counts.
        """
        formula, found = self._laboratory.correction, amount(self._item["value"])
        is_number = found is not None and found.low >= 0 and math.isfinite(found.low)
        is_alone = is_number and not self._item.get("unit") and not self._fields.strict
        return is_alone and self._is_of_one and analyte.iri != (formula and formula.by)

    def _flagged(self, analyte: Analyte, where: str, when: When, level: LevelWord) -> LabResult:
        """The level beside a number without a unit, with what the number is in each unit."""
        if self._item.get("interval") is not None:
            what = f"interval: {quoted(self._item['interval'])}"
            reason = "recorded; gives no fact: the value has no unit"
            self._fields.set_aside.append(Remark(what, f"{self._dotted}interval", reason))
        tries = (
            self._try({**self._item, "unit": unit.ucum})._measured(analyte, where, when)
            for unit in dict.fromkeys(analyte.units.values())
        )
        return LabResult(
            analyte,
            where,
            self._as_it_stood(analyte),
            when,
            level=level,
            test=self._item["test"],
            value=self._item["value"],
            in_units=tuple(one for one in tries if one is not None),
        )

    def _unread(self, analyte: Analyte, where: str, when: When, found: Amount | None) -> LabResult:
        """A value that cannot be read: it may still be what corrects another.

        Where not even its number is known, it may be any that can be measured.
        """
        whole = Amount(analyte.minimum, analyte.maximum)
        return LabResult(
            analyte,
            where,
            self._as_it_stood(analyte),
            when,
            Measured(found or whole, Unit("", 1.0)),
            test=self._item["test"],
            value=self._item["value"],
            unread=True,
        )

    def _as_it_stood(self, analyte: Analyte) -> str:
        worded = self._item.get("value") is None
        parts = map(self._item.get, ("level",) if worded else ("value", "unit", "level"))
        told = (
            part if isinstance(part, str) and len(part) <= limits.WORD_CHARACTERS else quoted(part)
            for part in parts
            if part is not None
        )
        return " ".join((analyte.label, *told)).strip()

    def _amount(self, analyte: Analyte, unit: Unit | None) -> Amount | None:
        value = self._item["value"]
        found = amount(value)
        if found is None:
            what, cure, lacks = _no_value(value, analyte.example(unit))
            if isinstance(value, str):
                self._undecided("value", what, cure, lacks, analyte)
            else:
                self._problem("value", what, cure)
            return None
        if not math.isfinite(found.low) or found.low < 0:
            what, lacks = f"{quoted(value)} is no possible value", "a finite, positive number"
            self._undecided("value", what, f"Give {lacks}", lacks, analyte)
            return None
        edge = found.low or found.high
        if unit is not None and not self._is_plausible(analyte, unit, edge):
            shown = value if isinstance(value, str) else f"{edge:g}"
            self._implausible("value", f"{shown} {unit.ucum}", analyte, unit)
        return found

    def _unit_and_amount(self, analyte: Analyte) -> tuple[Unit | None, Amount | None]:
        """The unit and the amount; of what is no number at all that is told, not its unit."""
        if amount(self._item["value"]) is not None:
            unit = self._unit(analyte)
            return unit, self._amount(analyte, unit)
        given = self._item.get("unit")
        self._amount(analyte, analyte.unit(given) if isinstance(given, str) else None)
        return self._unit(analyte), None

    def _unit(self, analyte: Analyte) -> Unit | None:
        text = self._item.get("unit")
        accepted = f"one of {', '.join(_units_of(analyte))}"
        lacks = f"its unit, {accepted}"
        if text is not None and not isinstance(text, str):
            self._problem("unit", f"{quoted(text)} is no unit", f"Write {accepted}")
            return None
        if not text or not text.strip():
            self._undecided("unit", NO_UNIT, f"Add unit: {accepted}", lacks, analyte)
            return None
        unit = analyte.unit(text)
        if unit is None:
            what = f"the unit {quoted(text)} is unknown for {analyte.label}"
            self._undecided("unit", what, f"Write {accepted}", lacks, analyte)
        return unit

    def _interval(self, analyte: Analyte, unit: Unit) -> Interval | None:
        given = self._item.get("interval")
        if given is None:
            return None
        if not isinstance(given, list | tuple) or len(given) != 2:
            self._problem("interval", f"{quoted(given)} is no interval", _INTERVAL)
            return None
        ends = [None if bound is None else _bound(bound) for bound in given]
        low, high = ends
        if (
            any(end is None and bound is not None for end, bound in zip(ends, given, strict=True))
            or (low is None and high is None)
            or (low is not None and high is not None and low > high)
        ):
            what, lacks = f"{quoted(given)} is no interval", "two bounds in its unit"
            self._undecided("interval", what, _INTERVAL, lacks, analyte)
            return None
        # Zero bounds nothing from below, and is printed so.
        if not all(self._is_plausible(analyte, unit, end) for end in ends if end):
            self._implausible("interval", f"{quoted(given)} {unit.ucum}", analyte, unit)
            return None
        interval = Interval(low, high, unit, "the case's own interval")
        if self._laboratory.is_foreign(analyte.iri, interval):
            what = f"{quoted(given)} {unit.ucum} is no normal interval of {analyte.label}"
            lacks = "its bounds in the unit of the value"
            self._undecided("interval", what, f"Give {lacks}", lacks, analyte)
            return None
        return replace(interval, decimals=self._laboratory.printed_decimals(analyte.iri, interval))

    def _is_plausible(self, analyte: Analyte, unit: Unit, value: float) -> bool:
        return analyte.minimum <= value * unit.factor <= analyte.maximum

    def _implausible(self, key: str, shown: str, analyte: Analyte, unit: Unit) -> None:
        low, high = analyte.minimum / unit.factor, analyte.maximum / unit.factor
        accepted = f"{low:.3g} to {high:.3g} {unit.ucum} is accepted"
        self._undecided(
            key,
            f"{shown} is outside what can be measured of {analyte.label}",
            f"Check value and unit: {accepted}",
            f"the value and unit that were measured; {accepted}",
            analyte,
        )


def _units_of(analyte: Analyte) -> tuple[str, ...]:
    """The units of a test, its canonical one first."""
    codes = (analyte.canonical, *(unit.ucum for unit in analyte.units.values()))
    return tuple(dict.fromkeys(codes))


def _parted(item: Raw, laboratory: Laboratory) -> Raw:
    """An item whose value holds its unit or its level too, as reports print them, in its parts.

    It stays as it stood where the parts are not the same as what stands beside the value.
    """
    value = item.get("value")
    if not isinstance(value, str) or len(value) > limits.QUANTITY_CHARACTERS or amount(value):
        return item
    found = stated(value, laboratory.level)
    if found is None or not found.number:
        return item
    said = {"unit": found.unit, "level": found.level}
    more = {key: text for key, text in said.items() if text and not item.get(key)}
    unit, level = item.get("unit"), item.get("level")
    if found.unit and unit and not (isinstance(unit, str) and spell(unit) == spell(found.unit)):
        return item
    if (
        found.level
        and level
        and not (isinstance(level, str) and laboratory.level(level) == found.level)
    ):
        return item
    return {**item, "value": found.number, **more}


def _no_value(value: object, example: str) -> tuple[str, str, str]:
    """Why something is no value, the cure, and what is lacking."""
    asked = in_thousands(value) if isinstance(value, str) else None
    if asked is not None:
        what = f"{quoted(value)} may be a decimal, or thousands"
        return what, f"Write {' or '.join(asked)}", f"whether it is {' or '.join(asked)}"
    cure = f"Write a number with a decimal point, or a bound such as {example!r}"
    return f"{quoted(value)} is no value", cure, f"a number, or a bound such as {example}"


def _written(value: object) -> int:
    """With how many decimals a value was written."""
    return decimals(str(value).strip().lstrip("<>=≤≥ "))


_INTERVAL = "Write two bounds as [low, high], null for an open side"


def _bound(value: object) -> float | None:
    found = amount(value)
    if found is None or found.low != found.high or not math.isfinite(found.low) or found.low < 0:
        return None
    return found.low
