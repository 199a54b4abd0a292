"""Laboratory results of one patient to levels: high, low, normal, or not to be interpreted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from calcinosis.facts.case import Level, Remark
from calcinosis.facts.laboratory import Amount, Analyte, Correction, Interval, Laboratory
from calcinosis.facts.labs import Judged, LabResult, Measured


@dataclass(slots=True)
class Reading:
    """What one result comes to.

    ``findings`` are the level findings that it asserts (true) or excludes (false), by IRI;
    ``words`` say why, by ``references``, and ``judged`` as values. Without findings, a remark
    says why there are none.
    """

    where: str = ""
    text: str = ""
    words: str = ""
    references: tuple[str, ...] = ()
    judged: Judged | None = None
    findings: list[tuple[bool, str]] = field(default_factory=list)
    set_aside: list[Remark] = field(default_factory=list)
    uninterpreted: list[Remark] = field(default_factory=list)


class Levels:
    """Judges the laboratory results of one patient of an age (in days) and sex."""

    def __init__(self, laboratory: Laboratory, age_days: float | None, sex: str | None) -> None:
        self._laboratory = laboratory
        self._age = age_days
        self._sex = sex

    def judge(self, results: Sequence[LabResult]) -> list[Reading]:
        """One reading a result; the better test of one level wins, the rest is set aside."""
        current = [result for result in results if result.when == "at"]
        readings = [
            _set_aside(r, f"taken {r.when} the assessment of the deposit")
            for r in results
            if r.when != "at"
        ]
        corrected, used = self._corrected(current)
        groups: dict[str, list[LabResult]] = {}
        for result in current:
            members = groups.setdefault(result.analyte.group, [])
            members.append(corrected.get(result.where, result))
        for members in groups.values():
            readings += self._judge_group(sorted(members, key=_precedence), used)
        return readings

    def _judge_group(self, results: list[LabResult], used: dict[str, str]) -> list[Reading]:
        readings: list[Reading] = []
        best: Analyte | None = None
        for result in results:
            if best is not None and result.analyte.precedence > best.precedence:
                readings.append(_set_aside(result, f"{best.label} is believed before it"))
                continue
            reading = self._level(result, used.get(result.where, ""))
            readings.append(reading)
            if reading.findings:
                best = result.analyte
        return readings

    # -- one result ------------------------------------------------------------------

    def _level(self, result: LabResult, used: str) -> Reading:
        """By the case's own interval, else a sourced one for the age, else the stated word."""
        interval = result.interval or self._laboratory.interval(
            result.analyte.iri, self._age, self._sex
        )
        if result.measured is not None and interval is not None:
            return _by_interval(result, result.measured, interval)
        if result.level is not None:
            return _by_word(result, result.level)
        if used:
            return _set_aside(result, f"used to correct {used}; no interval applies to itself")
        analyte = result.analyte.iri
        if self._laboratory.is_left_out(analyte, self._age, self._sex):
            why, cure = "its sourced interval was left out", "its interval"
        elif self._age is None and self._laboratory.has_interval(analyte):
            why, cure = "no age is given", "its interval, or the age"
        else:
            why, cure = "no sourced interval covers it", "its interval"
            if self._age is not None:
                why = "no sourced interval covers this age"
        return _uninterpreted(result, f"it comes without an interval, and {why}", cure)

    # -- correction ------------------------------------------------------------------

    def _corrected(
        self, results: Sequence[LabResult]
    ) -> tuple[dict[str, LabResult], dict[str, str]]:
        """The corrected results by place, and what each correcting one was used for.

        Where several values of the correcting test are given, it is not known which belongs
        to which: the result is the range over all of them, whatever their order.
        """
        formula = self._laboratory.correction
        if formula is None:
            return {}, {}
        of = [r for r in results if r.analyte.iri == formula.of]
        by = [r for r in results if r.analyte.iri == formula.by and r.measured is not None]
        if not by:
            return {}, {}
        changes = [_change(r.measured, formula) for r in by if r.measured is not None]
        texts = " and ".join(r.text for r in by)
        found = {
            r.where: _correct(r, r.measured, changes, texts, formula)
            for r in of
            if r.measured is not None
        }
        return found, {r.where: of[0].analyte.label for r in by if found}


def _precedence(result: LabResult) -> int:
    return result.analyte.precedence


def _set_aside(result: LabResult, reason: str) -> Reading:
    remark = Remark(result.text, result.where, reason)
    return Reading(result.where, result.text, set_aside=[remark])


def _uninterpreted(result: LabResult, reason: str, cure: str) -> Reading:
    about = (result.analyte.high, result.analyte.low, result.analyte.abnormal)
    remark = Remark(result.corrected or result.text, result.where, reason, cure, about)
    return Reading(result.where, result.text, uninterpreted=[remark])


def _by_word(result: LabResult, level: Level) -> Reading:
    subject = result.analyte.label if result.measured is None else result.corrected or result.text
    words = f"{subject} stated to be {level}"
    return Reading(
        result.where,
        result.text,
        words,
        judged=Judged(result),
        findings=_findings(result.analyte, level),
    )


def _by_interval(result: LabResult, measured: Measured, interval: Interval) -> Reading:
    printed = interval
    interval = printed.in_unit(measured.unit)
    low = -math.inf if interval.low is None else interval.low
    high = math.inf if interval.high is None else interval.high
    verdict = _compare(measured.amount, low, high)
    if verdict is None:
        stated = f", so the word {result.level!r} is not used" if result.level else ""
        reason = f"its range lies across a bound of the interval that applies ({interval}){stated}"
        return _uninterpreted(result, reason, "a value on one side of the bound")
    reading = Reading(
        result.where,
        result.text,
        f"{result.corrected or result.text} is {verdict} ({interval})",
        (*interval.references, *result.references),
        Judged(result, interval, printed),
        _findings(result.analyte, verdict),
    )
    if result.level not in (None, verdict):
        what = f"{result.text} stated to be {result.level}"
        reason = f"an interval applies, and by it the value is {verdict}"
        reading.set_aside.append(Remark(what, result.where, reason))
    return reading


def _correct(
    result: LabResult,
    measured: Measured,
    changes: Sequence[Amount],
    texts: str,
    formula: Correction,
) -> LabResult:
    """The result with the correction applied, in its own unit, and saying so.

    It is rounded to three figures, as it is shown: what is judged is what can be read.
    """
    value, unit = measured.amount, measured.unit
    scale = formula.unit.factor / unit.factor
    shifted = Amount(
        _printed(value.low + scale * min(change.low for change in changes)),
        _printed(value.high + scale * max(change.high for change in changes)),
        value.strict or all(change.strict for change in changes),
    )
    words = f"{result.text}, corrected for {texts} to {shifted} {unit.ucum},"
    return replace(
        result,
        measured=Measured(shifted, unit),
        corrected=words,
        references=formula.references,
    )


def _change(by: Measured, formula: Correction) -> Amount:
    """What the correction adds for one value of the correcting test, in the formula's unit."""
    scale = by.unit.factor / formula.by_unit.factor
    return Amount(
        formula.slope * (formula.reference - by.amount.high * scale),
        formula.slope * (formula.reference - by.amount.low * scale),
        by.amount.strict,
    )


def _printed(value: float) -> float:
    """A calculated value to three figures, as laboratories print them."""
    return float(f"{value:.3g}")


def _compare(value: Amount, low: float, high: float) -> str | None:
    """The level of a value against inclusive bounds; only what its whole range allows."""
    if value.low > high or (value.strict and value.low >= high):
        return "high"
    if value.high < low or (value.strict and value.high <= low):
        return "low"
    not_high = value.high <= high < math.inf
    not_low = -math.inf < low <= value.low
    if not_high and not_low:
        return "normal"
    if not_high:
        return "not high"
    return "not low" if not_low else None


def _findings(analyte: Analyte, level: str) -> list[tuple[bool, str]]:
    """The findings that a level asserts or excludes."""
    return {
        "high": [(True, analyte.high)],
        "low": [(True, analyte.low)],
        "normal": [(False, analyte.abnormal)],
        "not high": [(False, analyte.high)],
        "not low": [(False, analyte.low)],
    }[level]
