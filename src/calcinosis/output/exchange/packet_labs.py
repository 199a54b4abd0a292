"""Laboratory results as the measurements of a phenopacket.

A measurement has an exact value in a unit, with a range that is closed above, or a code. Whatever
else a case may hold goes out as the level that it comes to, and what comes to none as a level that
is not known. Each change is tried first: what the results of the case come to stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from calcinosis import names
from calcinosis.facts.case import Case, LabResult
from calcinosis.facts.fields import Fields
from calcinosis.facts.laboratory import Analyte, Laboratory
from calcinosis.facts.labs import read_lab
from calcinosis.facts.levels import Levels, Reading
from calcinosis.facts.quantity import LevelWord, Unit, decimals
from calcinosis.facts.records.qualifiers import NOT_KNOWN, TIMES
from calcinosis.output.exchange.term_codes import Code, Codes

Item = dict[str, Any]

_PROPERTIES: Final = (
    (re.compile(r"[a-z]?mol\Z"), "[Moles/volume]"),
    (re.compile(r"[a-z]?g\Z"), "[Mass/volume]"),
    (re.compile(r"[a-z]?(U|\[IU\]|kat)\Z"), "[Enzymatic activity/volume]"),
)


@dataclass(frozen=True, slots=True)
class Left:
    """What of a case a phenopacket does not hold: its place, what it is, and why.

    ``instead`` is what it holds in its place, in the case format, if it holds anything.
    """

    where: str
    what: str
    reason: str
    instead: object = None

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"

    def to_dict(self) -> dict[str, str]:
        """What it is and why, as the file beside phenopackets has it."""
        return {"what": self.what, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Results:
    """The measurements of a case, the codes in them, and what of the results they do not hold.

    ``lost`` are the items (such as ``labs[0]``) whose findings follow from none of them.
    """

    measurements: tuple[Item, ...] = ()
    used: tuple[Code, ...] = ()
    left: tuple[Left, ...] = ()
    lost: frozenset[str] = frozenset()


_Outcome = tuple[frozenset[tuple[str, bool, str]], frozenset[str]]
"""The findings by place, and the levels that are left open."""


class Measuring:
    """Writes the laboratory results of cases by one laboratory."""

    def __init__(self, laboratory: Laboratory, codes: Codes) -> None:
        self._laboratory = laboratory
        self._codes = codes

    def results(self, case: Case) -> Results:
        """The measurements of a case."""
        raw = case.raw.get("labs") if isinstance(case.raw, Mapping) else None
        items = list(raw) if isinstance(raw, list | tuple) else []
        return _Writing(self._laboratory, self._codes, case, items).done() if items else Results()


class _Writing:
    """The writing of the results of one case; ``_items`` are what is written by now."""

    def __init__(
        self, laboratory: Laboratory, codes: Codes, case: Case, items: list[Mapping[str, Any]]
    ) -> None:
        self._laboratory = laboratory
        self._codes = codes
        self._levels = Levels(laboratory, case.age_days, case.sex)
        self._given = items
        self._items: list[Mapping[str, Any] | None] = list(items)
        self._results = [self._read(number, item) for number, item in enumerate(items)]
        self._readings = {one.where: one for one in self._judged(self._results)}
        self._wanted = self._outcome(self._results)

    def done(self) -> Results:
        left: list[Left] = []
        lost: set[str] = set()
        for number in range(len(self._items)):
            left += self._settle(number, lost)
        measurements, used = [], list[Code]()
        for item in filter(None, self._items):
            measurements.append(self._measurement(item, used))
        return Results(tuple(measurements), tuple(used), tuple(left), frozenset(lost))

    # -- what each item becomes --------------------------------------------------------

    def _settle(self, number: int, lost: set[str]) -> Iterator[Left]:
        """Put what can be written in the place of an item, and say what is not."""
        where, given = f"labs[{number}]", self._given[number]
        result, analyte = self._of(number)
        if analyte is None:
            self._items[number] = None
            yield Left(where, _said(given), "no test with a code")
            return
        base = {"test": f"calc:{names.local(analyte.iri)}", **_when(given)}
        for form in self._forms(base, result, self._readings.get(where)):
            if self._is_same(number, form):
                self._items[number] = form
                break
        else:
            self._items[number] = {**base, "level": NOT_KNOWN}
            if any(place == where for place, *_ in self._wanted[0]):
                lost.add(where)
        yield from self._told(where, given, self._items[number])

    def _told(
        self, where: str, given: Mapping[str, Any], written: Mapping[str, Any] | None
    ) -> Iterator[Left]:
        """What an item says that is not written of it."""
        assert written is not None
        value, word = given.get("value"), given.get("level")
        if isinstance(value, str) and self._laboratory.level(value) is not None:
            value, word = None, value  # a word in the place of a value
        if written.get("level") == NOT_KNOWN:
            yield Left(where, _said(given), "it says there that the level is not known", written)
        elif value is not None and "value" not in written:
            yield Left(where, _said(given), "its level is there, not the value", written)
        elif word is not None and "level" not in written:
            yield Left(where, _said(given), "its value is there, not the word", written)

    def _of(self, number: int) -> tuple[LabResult | None, Analyte | None]:
        """The result of an item, as the test that it was told to be, and that test."""
        result = self._results[number]
        if result is None:
            found = self._laboratory.find(str(self._given[number].get("test") or ""))
            return None, found[0] if len({one.group for one in found}) == 1 else None
        reading = self._readings.get(result.where)
        judged = reading.judged.result.analyte if reading and reading.judged else result.analyte
        told = next((one for one in result.others if one.analyte == judged), result)
        return told, told.analyte

    def _forms(
        self, base: Item, result: LabResult | None, reading: Reading | None
    ) -> Iterator[Item]:
        """What may be written of a result, best first."""
        if result is None:
            return
        quantity = _quantity(result)
        if quantity is not None:
            yield {**base, **quantity}
        if result.level is not None:
            yield {**base, "level": result.level}
        found = _level(result.analyte, reading)
        if found not in (None, result.level):
            yield {**base, "level": found}

    def _is_same(self, number: int, form: Item) -> bool:
        """Whether all that the results come to is the same with a form in the place of an item."""
        given, result = self._given[number], self._results[number]
        if result is not None and not result.others and _is_verbatim(given, form):
            return True
        results = list(self._results)
        results[number] = self._read(number, form)
        found = self._outcome(results)
        if found == self._wanted:
            self._results = results
        return found == self._wanted

    # -- what they come to -------------------------------------------------------------

    def _read(self, number: int, item: object) -> LabResult | None:
        return read_lab(item, f"labs[{number}]", self._laboratory, Fields(""))

    def _judged(self, results: Iterable[LabResult | None]) -> list[Reading]:
        return self._levels.judge([one for one in results if one is not None])

    def _outcome(self, results: Sequence[LabResult | None]) -> _Outcome:
        readings = self._judged(results)
        found = ((one.where, *finding) for one in readings for finding in one.findings)
        remarks = [r for one in readings for r in (*one.set_aside, *one.uninterpreted)]
        return frozenset(found), frozenset(iri for one in remarks for iri in one.about)

    # -- as the schema has it ----------------------------------------------------------

    def _measurement(self, item: Mapping[str, Any], used: list[Code]) -> Item:
        (analyte,) = self._laboratory.find(item["test"])
        unit = analyte.unit(item["unit"]) if "unit" in item else None
        assay = self._assay(analyte, unit)
        used.append(assay)
        found: Item = {"assay": assay.to_dict()}
        if unit is not None:
            ucum = self._codes.unit(unit.ucum)
            used.append(ucum)
            quantity: Item = {"unit": ucum.to_dict(), "value": item["value"]}
            if "interval" in item:
                low, high = item["interval"]
                quantity["referenceRange"] = {"unit": ucum.to_dict(), "low": low, "high": high}
            found["value"] = {"quantity": quantity}
        else:
            found["value"] = {"ontologyClass": self._level(item["level"]).to_dict()}
        if "when" in item:
            time = self._codes.own(TIMES[item["when"]])
            found["timeObserved"] = {"ontologyClass": time.to_dict()}
        return found

    def _assay(self, analyte: Analyte, unit: Unit | None) -> Code:
        """The code of a test as it is given in a unit, by LOINC where it says just that."""
        numerator = unit.ucum.partition("/")[0] if unit is not None else ""
        said = next((name for form, name in _PROPERTIES if form.match(numerator)), "")
        for code in self._codes.of_test(analyte.iri):
            if said and said in code.label and self._laboratory.find(code.id) == [analyte]:
                return code
        return self._codes.in_laboratory(names.local(analyte.iri))

    def _level(self, level: str) -> Code:
        if level == NOT_KNOWN:
            return self._codes.own(NOT_KNOWN)
        return self._codes.in_laboratory(f"{level.title().replace(' ', '')}Level")


def _is_verbatim(given: Mapping[str, Any], form: Mapping[str, Any]) -> bool:
    """Whether a form says of a result all that the case says, in the same figures."""
    told = {key: value for key, value in given.items() if key not in ("test", "when", "note")}
    if "value" not in form:
        return told == {"level": form["level"]}
    return (
        "level" not in told
        and not isinstance(given.get("value"), str)
        and (not given.get("interval") or list(given["interval"]) == list(form["interval"]))
    )


def _quantity(result: LabResult) -> Item | None:
    """A value as a quantity: exact, with a unit and a range that is closed above if any."""
    measured, interval = result.measured, result.interval
    if measured is None or result.unread or measured.amount.low != measured.amount.high:
        return None
    number = float(measured.amount.low)
    is_whole = number.is_integer() and not decimals(str(result.value).strip())
    found: Item = {"value": int(number) if is_whole else number, "unit": measured.unit.ucum}
    if interval is None:
        return found
    return {**found, "interval": [interval.low or 0.0, interval.high]} if interval.high else None


def _level(analyte: Analyte, reading: Reading | None) -> LevelWord | None:
    """The level that a result was judged to be, if it was."""
    said: dict[tuple[bool, str], LevelWord] = {
        (True, analyte.high): "high",
        (True, analyte.low): "low",
        (True, analyte.abnormal): "abnormal",
        (False, analyte.abnormal): "normal",
        (False, analyte.high): "not high",
        (False, analyte.low): "not low",
    }
    return next((said[one] for one in (reading.findings if reading else ()) if one in said), None)


def _when(item: Mapping[str, Any]) -> Item:
    when = item.get("when") or "at"
    return {} if when == "at" else {"when": when}


def _said(item: Mapping[str, Any]) -> str:
    """A result in words, as it stood."""
    value = item.get("value")
    parts = (item.get("test"), value, item.get("unit"), item.get("level"))
    return " ".join(str(part) for part in parts if part is not None)
