"""Laboratory results of one patient to levels: high, low, normal, or not to be interpreted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isnan

from calcinosis.facts.case import Judged, LabResult, Remark
from calcinosis.facts.flags import NO_UNIT, counted, unsure
from calcinosis.facts.laboratory import Analyte, Correction, Laboratory
from calcinosis.facts.quantity import (
    Amount,
    Interval,
    LevelWord,
    Measured,
    Unit,
    agree,
    amount,
    level,
    near,
    of_three,
    shared,
)

_UNIT = "the unit in which it was measured"


@dataclass(slots=True)
class Reading:
    """What one result comes to.

    ``findings`` are the level findings that it asserts (true) or excludes (false), by IRI;
    ``words`` say why, by ``references``, and ``judged`` as values; ``near`` says how near to a
    bound, if it is. Without findings, a remark says why there are none.

    A remark is about the level findings that the result leaves open: those that were not
    interpreted, and those of another time unless they were normal then. It is about none
    where another test is believed, or where the result only served to correct another.
    """

    where: str = ""
    text: str = ""
    words: str = ""
    references: tuple[str, ...] = ()
    judged: Judged | None = None
    findings: list[tuple[bool, str]] = field(default_factory=list)
    set_aside: list[Remark] = field(default_factory=list)
    uninterpreted: list[Remark] = field(default_factory=list)
    near: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the results of one time before each is judged.

    By place: ``doubts`` say why a result is not what it seems; ``corrected`` are results with the
    correction applied, ``used`` names what a result corrected; ``possible`` holds what a result
    may be where the correcting one was not understood, ``unsure``.
    """

    doubts: Mapping[str, str]
    corrected: Mapping[str, LabResult]
    used: Mapping[str, str]
    possible: Mapping[str, Sequence[LabResult]]
    unsure: str = ""


class Levels:
    """Judges the laboratory results of one patient of an age (in days) and sex."""

    def __init__(self, laboratory: Laboratory, age_days: float | None, sex: str | None) -> None:
        self._laboratory = laboratory
        self._age = age_days
        self._sex = sex

    def judge(self, results: Sequence[LabResult]) -> list[Reading]:
        """One reading a result; the better test of one level wins, the rest is set aside."""
        readings: list[Reading] = []
        for when in dict.fromkeys(result.when for result in results if result.when != "at"):
            then = [result for result in results if result.when == when]
            told = {reading.where: reading for reading in self._judged(then)}
            readings += [_out_of_time(r, told.get(r.where)) for r in then if not r.unread]
        return readings + self._judged([result for result in results if result.when == "at"])

    def _judged(self, results: Sequence[LabResult]) -> list[Reading]:
        """The readings of results of one time."""
        results = [self._told_apart(result) for result in results]
        known = self._known(results)
        groups: dict[str, list[LabResult]] = {}
        for result in results:
            if not result.unread:
                members = groups.setdefault(result.analyte.group, [])
                members.append(known.corrected.get(result.where, result))
        readings: list[Reading] = []
        for members in groups.values():
            readings += self._judge_group(sorted(members, key=_precedence), known)
        return readings

    def _judge_group(self, results: list[LabResult], known: _Known) -> list[Reading]:
        readings: list[Reading] = []
        best: Analyte | None = None
        for result in results:
            if best is not None and result.analyte.precedence > best.precedence:
                readings.append(_set_aside(result, f"{best.label} is believed before it"))
                continue
            reading = self._reading(result, known)
            readings.append(reading)
            if reading.findings:
                best = result.analyte
        return readings

    # -- one result ------------------------------------------------------------------

    def _reading(self, result: LabResult, known: _Known) -> Reading:
        """What a result comes to, unless there is a doubt about what was measured."""
        if result.named:
            reason = f"it may be {' or '.join(result.named)}, and {self._usual_as(result)}"
            return _uninterpreted(result, reason, "which of them was measured")
        if result.where in known.doubts:
            units = self._usual_in(result)
            return _uninterpreted(result, known.doubts[result.where], _UNIT, units)
        if result.where in known.possible:
            return self._whatever(known.possible[result.where], known.unsure)
        if result.in_units is not None:
            return _by_flag(result)
        return self._level(result, known.used.get(result.where, ""))

    def _level(self, result: LabResult, used: str = "") -> Reading:
        """By the case's own interval, else those for the age, else the stated word."""
        intervals = self._intervals(result)
        if used and result.interval is None and result.level is None:
            return _set_aside(result, f"used to correct {used}")
        if result.measured is not None and intervals:
            return _by_intervals(result, result.measured, intervals)
        if result.level is not None and not _is_changed(result):
            return _by_word(result, result.level)
        analyte = result.analyte.iri
        if self._laboratory.is_left_out(analyte, self._age, self._sex):
            why, cure = "its sourced interval was left out", "its interval"
        elif self._laboratory.has_interval(analyte) and self._lacks_age():
            why, cure = self._lacks_age(), "its interval, or the age"
        else:
            why, cure = "no sourced interval covers it", "its interval"
            if self._age is not None:
                why = "no sourced interval covers this age"
        if result.level is not None:
            why += f"; the word {result.level!r} was said of the value before the correction"
        return _uninterpreted(result, f"it comes without an interval, and {why}", cure)

    def _lacks_age(self) -> str:
        """Why there is no age to choose an interval by; empty where there is one."""
        if self._age is None:
            return "no age is given"
        if isnan(self._age):
            return "the age was not understood, so that no interval for an age can be chosen"
        return ""

    def _intervals(self, result: LabResult) -> tuple[Interval, ...]:
        if result.interval is not None:
            return (result.interval,)
        return self._laboratory.intervals(self._quantity(result), self._age, self._sex)

    def _quantity(self, result: LabResult) -> str:
        """The IRI of the analyte that a result is of, which a correction changes."""
        formula = self._laboratory.correction
        gives = formula.gives if formula is not None and result.corrected else ""
        return gives or result.analyte.iri

    def _whatever(self, possible: Sequence[LabResult], unsure: str) -> Reading:
        """The level that all that a result may be have in common; the first is as it stood.

        A correction that was not understood decides nothing, unless no reading of it could change
        the level.
        """
        result, *others = possible
        reading = self._level(result)
        if reading.findings and all(self._level(o).findings == reading.findings for o in others):
            reading.words += f", whatever {unsure} means"
            return reading
        reason = f"{unsure} was not understood, and correcting for it could change the level"
        return _uninterpreted(result, reason, "a value that is sure for what corrects it")

    # -- which reading is ordinary ---------------------------------------------------

    def _told_apart(self, result: LabResult) -> LabResult:
        """A result whose test stands for several analytes, as the only one that is ordinary.

        A level in words is the same for all of them. An own interval tells by its size.
        """
        if not result.named:
            return result
        if result.measured is None:
            least = max(result.others, key=_precedence)
            return replace(least, text=result.text)
        ordinary = [one for one in result.others if self._is_ordinary(one)]
        if len(ordinary) == 1:
            return ordinary[0]
        least = max(result.others, key=_precedence)  # so that it silences no surer one
        return replace(least, text=result.text, named=result.named, others=result.others)

    def _usual_as(self, result: LabResult) -> str:
        several = any(self._is_ordinary(one) for one in result.others)
        return "would be usual as more than one" if several else "would be usual as none of them"

    def _is_ordinary(self, result: LabResult) -> bool:
        bands = self._expected(result)
        if result.interval is not None:
            return any(result.interval.is_near(band) for band in bands)
        measured = result.measured
        return measured is not None and any(level(measured, band) == "normal" for band in bands)

    def _expected(self, result: LabResult) -> tuple[Interval, ...]:
        return self._laboratory.expected(result.analyte.iri, self._age, self._sex)

    def _doubt(self, result: LabResult) -> str:
        """Why a value is not what it seems: it would be ordinary in another unit of its test.

        A word that says the same as the value settles it. So does an own interval that is usual
        in the unit, unless the value leaves it far behind: a high value beside the interval of
        its laboratory is an emergency, no slip.
        """
        measured, own = result.measured, result.interval
        if measured is None or result.unread or result.named:
            return ""
        units = self._laboratory.usual_units(result.analyte, own) if own is not None else ()
        if own is not None and units:
            return f"its own interval ({own.bounds}) would be usual in {_names(units)}"
        if own is not None and not own.is_left_behind_by(measured.amount):
            return ""
        written = {level(measured, one) for one in ((own,) if own else self._expected(result))}
        if not written or not written <= {"high", "low"} or written == {result.level}:
            return ""
        units = self._usual_in(result)
        if not units:
            return ""
        side = " or ".join(sorted(map(str, written)))
        return f"it is {side} as written, but {measured.amount} would be usual in {_names(units)}"

    def _flag_doubt(self, result: LabResult, results: Sequence[LabResult]) -> str:
        """Why the level beside a number without a unit does not count; empty where it does."""
        if result.in_units is None or result.level is None:
            return ""
        formula = self._laboratory.correction
        if formula is not None and formula.of == result.analyte.iri and formula.covers(self._age):
            by = next((one for one in results if _takes_part(one, formula.by)), None)
            if by is not None:
                return f"{NO_UNIT} and cannot be corrected for {by.text}"
        units = [one for one in result.in_units if not self._doubt(one)]
        return unsure(result.level, ((one, self._told_by(one)) for one in units))

    def _told_by(self, result: LabResult) -> tuple[Interval, ...]:
        """The intervals that tell whether a value is as usual: its own one, else those for it."""
        own = result.interval
        return self._expected(result) if own is None else (own,)

    def _usual_in(self, result: LabResult) -> tuple[Unit, ...]:
        """The other units in which a number would be ordinary."""
        measured, bands = result.measured, self._expected(result)
        if measured is None or result.unread:
            return ()
        return tuple(
            unit
            for unit in result.analyte.other_units(measured.unit)
            if any(band.holds(measured.amount, unit) for band in bands)
        )

    # -- correction ------------------------------------------------------------------

    def _known(self, results: Sequence[LabResult]) -> _Known:
        doubts = {r.where: doubt for r in results if (doubt := self._doubt(r))}
        doubts |= {r.where: doubt for r in results if (doubt := self._flag_doubt(r, results))}
        formula = self._laboratory.correction
        if formula is None or not formula.covers(self._age):
            return _Known(doubts, {}, {}, {})
        of = [r for r in results if _takes_part(r, formula.of) and r.where not in doubts]
        by = [r for r in results if _takes_part(r, formula.by)]
        unsure = [r for r in by if r.unread or r.where in doubts]
        if not of or not by:
            return _Known(doubts, {}, {}, {})
        used = {r.where: of[0].analyte.label for r in by}
        if unsure:
            possible = {r.where: self._possible(r, by, unsure, formula) for r in of}
            return _Known(doubts, {}, used, possible, " and ".join(r.text for r in unsure))
        found = {r.where: _corrected(r, r.measured, by, formula) for r in of if r.measured}
        return _Known(doubts, found, used, {})

    def _possible(
        self,
        result: LabResult,
        by: Sequence[LabResult],
        unsure: Sequence[LabResult],
        formula: Correction,
    ) -> list[LabResult]:
        """A result as it stands, and corrected by each reading that its correcting ones allow."""
        readings = [one for one in by if one not in unsure]
        for one in unsure:
            readings += self._readings(one)
        if result.measured is None:
            return [result]
        return [result, *(_corrected(result, result.measured, [one], formula) for one in readings)]

    def _readings(self, result: LabResult) -> Iterable[LabResult]:
        """A result in each unit that it may have been measured in.

        A number without a known unit may be in any that makes it possible; if none does, nothing
        is known of it.
        """
        measured, analyte = result.measured, result.analyte
        if measured is None:
            return []
        if result.unread:
            end = measured.amount.low or measured.amount.high
            every = dict.fromkeys(analyte.units.values())
            units = [u for u in every if analyte.minimum <= end * u.factor <= analyte.maximum]
            if not units:
                whole = Measured(Amount(analyte.minimum, analyte.maximum), Unit("", 1.0))
                return [replace(result, measured=whole)]
        else:
            units = [measured.unit, *self._usual_in(result)]
        return [replace(result, measured=replace(measured, unit=unit)) for unit in units]


def _takes_part(result: LabResult, analyte: str) -> bool:
    return result.analyte.iri == analyte and result.measured is not None and not result.named


def _is_changed(result: LabResult) -> bool:
    """Whether a correction made another number of the value, of which no word was said."""
    measured = result.measured
    return (
        bool(result.corrected) and measured is not None and measured.amount != amount(result.value)
    )


def _precedence(result: LabResult) -> int:
    return result.analyte.precedence


def _names(units: Iterable[Unit]) -> str:
    return " or ".join(unit.ucum for unit in units)


def _set_aside(result: LabResult, reason: str, about: tuple[str, ...] = ()) -> Reading:
    remark = Remark(result.text, result.where, reason, about=about)
    return Reading(result.where, result.text, set_aside=[remark])


def _out_of_time(result: LabResult, told: Reading | None) -> Reading:
    """A result of another time, which gives no fact: about its level, unless normal then."""
    analyte = result.analyte
    is_open = told is not None and (bool(told.uninterpreted) or bool(told.findings))
    is_normal = told is not None and (False, analyte.abnormal) in told.findings
    about = analyte.levels if is_open and not is_normal else ()
    return _set_aside(result, f"taken {result.when} the assessment of the deposit", about)


def _uninterpreted(
    result: LabResult, reason: str, cure: str, units: Iterable[Unit] = ()
) -> Reading:
    what = result.corrected or result.text
    if result.level is not None and repr(result.level) not in reason:
        reason = f"{reason}, so the word {result.level!r} is not used"
    meant = tuple(unit.ucum for unit in units)
    remark = Remark(what, result.where, reason, cure, result.analyte.levels, units=meant)
    return Reading(result.where, result.text, uninterpreted=[remark])


def _by_word(result: LabResult, stated: LevelWord) -> Reading:
    subject = result.text
    if result.measured is None:
        subject = result.text.removesuffix(f" {stated}")
    return Reading(
        result.where,
        result.text,
        f"{result.corrected or subject} stated to be {stated}",
        judged=Judged(result),
        findings=_findings(result.analyte, stated),
    )


def _by_flag(result: LabResult) -> Reading:
    """The level beside a number without a unit, which is set aside."""
    found, beside = counted(result)
    reading = _by_word(found, found.level) if found.level is not None else Reading()
    reading.set_aside.append(beside)
    return reading


def _by_intervals(
    result: LabResult, measured: Measured, intervals: tuple[Interval, ...]
) -> Reading:
    """The level by one interval, or what several that disagree have in common."""
    levels = [level(measured, interval) for interval in intervals]
    verdict = shared(levels)
    shown = [interval.in_unit(measured.unit) for interval in intervals]
    if verdict is None:
        return _undecided(result, levels, shown)
    if len(set(levels)) == 1:
        why = "; ".join(map(str, shown))
    else:
        pairs = zip(levels, shown, strict=True)
        why = "; ".join(f"{found} by {interval}" for found, interval in pairs)
    told = zip(intervals, levels, strict=True)
    close = next(filter(None, (near(measured, i, found) for i, found in told if found)), "")
    cited = dict.fromkeys(key for interval in intervals for key in interval.references)
    said = f"{result.corrected or result.text} is {verdict} ({why})"
    reading = Reading(
        result.where,
        result.text,
        f"{said}, {close}" if close else said,
        (*cited, *(key for key in result.references if key not in cited)),
        Judged(result, shown[0], intervals[0], tuple(shown[1:]), close),
        _findings(result.analyte, verdict),
        near=close,
    )
    if result.level is not None and not agree(result.level, verdict):
        what = f"{result.text} stated to be {result.level}"
        reason = f"an interval applies, and by it the value is {verdict}"
        reading.set_aside.append(Remark(what, result.where, reason))
    return reading


def _undecided(
    result: LabResult, levels: Sequence[LevelWord | None], shown: Sequence[Interval]
) -> Reading:
    stated = f", so the word {result.level!r} is not used" if result.level else ""
    if len(set(levels)) == 1:
        bounds = "; ".join(map(str, shown))
        reason = f"its range lies across a bound of the interval that applies ({bounds}){stated}"
        return _uninterpreted(result, reason, "a value on one side of the bound")
    told = "; ".join(
        f"{found or 'open'} by {interval} ({', '.join(interval.references)})"
        for found, interval in zip(levels, shown, strict=True)
    )
    reason = f"the printed intervals for this age disagree: {told}{stated}"
    return _uninterpreted(result, reason, "its interval")


def _findings(analyte: Analyte, found: LevelWord) -> list[tuple[bool, str]]:
    """The findings that a level asserts or excludes."""
    return {
        "high": [(True, analyte.high)],
        "low": [(True, analyte.low)],
        "normal": [(False, analyte.abnormal)],
        "abnormal": [(True, analyte.abnormal)],
        "not high": [(False, analyte.high)],
        "not low": [(False, analyte.low)],
    }[found]


def _corrected(
    result: LabResult, measured: Measured, by: Sequence[LabResult], formula: Correction
) -> LabResult:
    """The result with the correction applied, in its own unit, and saying so.

    Where several values of the correcting test are given, it is not known which belongs to which:
    the result is the range over all of them, whatever their order. It is rounded to three figures,
    as it is shown: what is judged is what can be read.
    """
    changes = [_change(one.measured, formula) for one in by if one.measured is not None]
    value, unit = measured.amount, measured.unit
    scale = formula.unit.factor / unit.factor
    shifted = Amount(
        _printed(value.low + scale * min(change.low for change in changes)),
        _printed(value.high + scale * max(change.high for change in changes)),
        value.strict or all(change.strict for change in changes),
    )
    texts = " and ".join(one.text for one in by)
    return replace(
        result,
        measured=Measured(shifted, unit, max(measured.decimals, of_three(shifted.high))),
        corrected=f"{result.text}, corrected for {texts} to {shifted} {unit.ucum},",
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
