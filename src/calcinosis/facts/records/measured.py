"""What a record measured, to laboratory items: the test, the latest value, its unit and range.

Of several values of one test the latest counts; a test that is not ours decides nothing and is
listed. What was looked for and found, or not, is a finding where its code is one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from calcinosis.facts.case import Remark
from calcinosis.facts.records.codings import Coding
from calcinosis.facts.records.stated import Measured, Settled, Stated
from calcinosis.graph.codes import as_curie
from calcinosis.graph.terms import FACT_KINDS

if TYPE_CHECKING:
    from calcinosis.facts.laboratory import Analyte, Laboratory
    from calcinosis.facts.records.named import Names
    from calcinosis.facts.vocabulary import Resolved

_UNKNOWN_VALUES: Final = 20
"""Values of tests that are not understood and may be about a level; beyond, they are counted."""
OF_ANOTHER: Final = "it is said of another person than the patient: not taken"


class Labs:
    """Reads what was measured by a laboratory, and what was observed by the names of things."""

    def __init__(self, laboratory: Laboratory, named: Names) -> None:
        self._laboratory = laboratory
        self._named = named

    def read(self, measured: Iterable[Measured], found: Settled) -> list[Stated]:
        """Put the laboratory items into ``found``; what else was observed comes back."""
        by_test: dict[str, tuple[str, Analyte, list[Measured]]] = {}
        others: dict[str, list[Measured]] = {}
        stated: list[Stated] = []
        for one in measured:
            test, analytes = self._test(one)
            if analytes:
                known = by_test.setdefault(analytes[0].iri, (test, analytes[0], []))
                known[2].append(self._levelled(one))
                continue
            if self._named.is_of_another(one.codings, one.text, fully=False):
                found.remark(f"{_said(one)}{_beside(one)}", one.where, OF_ANOTHER)
                continue
            finding = self._finding(one)
            if finding is not None:
                stated.append(finding)
            else:
                others.setdefault(one.name, []).append(one)
        for test, analyte, several in by_test.values():
            self._one_test(test, analyte, several, found)
        self._others(others, found)
        return stated

    def _test(self, one: Measured) -> tuple[str, list[Analyte]]:
        """The word by which the laboratory knows the test, and its analytes; none if it is new."""
        labels = [coding.label for coding in one.codings]
        for word in (*(coding.id for coding in one.codings), one.text, *labels):
            analytes = self._laboratory.find(word) if word else []
            if analytes and len({analyte.group for analyte in analytes}) == 1:
                return word, analytes
        return "", []

    def _levelled(self, one: Measured) -> Measured:
        """The same with the word that is a level, of those that may be one."""
        word = next((word for word in one.words if self._laboratory.level(word)), one.level)
        if word == one.level:
            return one
        notes = tuple(note for note in one.notes if note != f"interpretation: {word}")
        return replace(one, level=word, notes=notes)

    # -- tests that are known --------------------------------------------------------

    def _one_test(
        self, test: str, analyte: Analyte, several: Sequence[Measured], found: Settled
    ) -> None:
        readable = [one for one in several if _is_readable(one)]
        for one in several:
            if not _is_readable(one):
                reason, cure = _why_not(one)
                said = f"{_said(one)}{_beside(one)}"
                remark = Remark(said, one.where, reason, cure, about=analyte.levels)
                found.uninterpreted.append(remark)
        latest = {id(one) for one in _latest(readable)}
        earlier = [one for one in readable if id(one) not in latest]
        for one in readable:
            if id(one) in latest:
                found.add("labs", self._item(test, analyte, one, found), one.where)
        if earlier:
            said = "; ".join(f"{_said(one)}{_when(one)}{_beside(one)}" for one in earlier)
            found.remark(said, earlier[0].where, "earlier: of several values the latest counts")

    def _item(self, test: str, analyte: Analyte, one: Measured, found: Settled) -> dict[str, Any]:
        item: dict[str, Any] = {"test": test}
        if one.value is not None:  # without a unit, its level in words is set beside it
            item["value"] = one.value
            if one.units:
                known = (unit for unit in one.units if analyte.unit(unit) is not None)
                item["unit"] = next(known, one.units[0])
            if one.interval is not None and _is_interval(one.interval):
                item["interval"] = list(one.interval)
            elif one.interval is not None:
                low, high = one.interval
                said = f"{_said(one)}, reference range {low} to {high}"
                found.remark(said, one.where, "this is no range: it is not used")
        if one.level is not None:
            item["level"] = one.level
        if one.when != "at":
            item["when"] = one.when
        if one.notes:
            item["note"] = "; ".join(one.notes)
        return item

    # -- tests that are not ----------------------------------------------------------

    def _finding(self, one: Measured) -> Stated | None:
        """What was looked for and found, or not; or what the answer names."""
        term = self._first(one.codings, one.text)
        if term is not None and one.present is not None:
            given = Stated("findings", one.where, one.codings, one.text)
            return replace(given, excluded=not one.present, when=one.when, notes=one.notes)
        if self._first(one.answers) is not None:
            notes = (f"observed: {one.name}", *one.notes)
            return Stated("findings", one.where, one.answers, when=one.when, notes=notes)
        return None

    def _first(self, codings: Iterable[Coding], text: str = "") -> Resolved | None:
        for word in (*(one.id for one in codings), text, *(one.label for one in codings)):
            term = self._named.understood(word)
            if term is not None and term.kind in FACT_KINDS:
                return term
        return None

    def _others(self, others: dict[str, list[Measured]], found: Settled) -> None:
        """Tests of which nothing is known: those that may be about a level are given as they are.

        The reader says of them what they leave open; all others are one remark.
        """
        passed: list[str] = []
        where = ""
        given = 0
        for name, several in others.items():  # a code alone says nothing of a level
            rest = several
            if given < _UNKNOWN_VALUES and self._laboratory.may_mean(_word(name)):
                given += 1
                one = _latest(several)[0]
                found.add("labs", _as_it_is(name, one), one.where)
                rest = [other for other in several if other is not one]
            if rest:
                where = where or rest[0].where
                passed.append(_counted(name, rest))
        if passed:
            found.remark("; ".join(passed), where, "tests that decide nothing here")


def _word(name: str) -> str:
    return "" if as_curie(name) else name


def _as_it_is(name: str, one: Measured) -> dict[str, Any]:
    item: dict[str, Any] = {"test": name}
    if one.value is not None and one.units:
        item |= {"value": one.value, "unit": one.units[0]}
    else:
        item["note"] = f"the value: {one.said}" if one.said else "without a value"
    if one.notes:
        item["note"] = "; ".join(filter(None, (item.get("note"), *one.notes)))
    return item


def _counted(name: str, several: Sequence[Measured]) -> str:
    if len(several) > 1:
        units = {one.units for one in several}
        words = [*(unit for them in units for unit in them)] if len(units) > 1 else []
        words += (part for one in several for part in _words_of(one))
        told = ", ".join(sorted(set(words)))
        return f"{name} ({len(several)}): {told}" if told else f"{name} ({len(several)})"
    one = several[0]
    return f"{name}: {one.said}{_beside(one)}" if one.said else f"{name}{_beside(one)}"


def _words_of(one: Measured) -> Iterator[str]:
    """What is said in words of a value: itself if it is no number, and what is beside.

    Numbers of a test that is not known are only counted, as a record may have thousands.
    """
    if one.value is None and one.said:
        yield one.said
    ends = one.interval if one.interval is not None else ()
    yield from (str(end) for end in ends if isinstance(end, str))
    yield from one.notes


def _beside(one: Measured) -> str:
    """What stands beside a value that gives no item of its own."""
    return f" ({', '.join(one.notes)})" if one.notes else ""


def _is_readable(one: Measured) -> bool:
    return one.level is not None or (one.value is not None and bool(one.units))


def _why_not(one: Measured) -> tuple[str, str]:
    if one.value is not None:
        return "the value has no unit", "a unit, or a level in words"
    if one.said:
        return "this is no level that is known", "a value with its unit, or a level in words"
    return "there is no value", "a value with its unit, or a level in words"


def _said(one: Measured) -> str:
    return f"{one.name} {one.said}".strip()


def _when(one: Measured) -> str:
    return f" ({one.time.words})" if one.time is not None and one.time.words else ""


def _latest(several: Sequence[Measured]) -> list[Measured]:
    """The latest of several values, and those of which it is not known when they were taken."""
    last: Measured | None = None
    for one in several:
        if one.time is not None and (last is None or one.time.is_after(last.time)):
            last = one
    if last is None:
        return list(several)
    return [one for one in several if one is last or not _is_earlier(one, last)]


def _is_earlier(one: Measured, last: Measured) -> bool:
    assert last.time is not None
    return one.time is not None and last.time.is_after(one.time)


def _is_interval(interval: tuple[object, object]) -> bool:
    low, high = interval
    ends = [end for end in interval if end is not None]
    if not ends or not all(isinstance(end, int | float) and math.isfinite(end) for end in ends):
        return False
    return not (isinstance(low, int | float) and isinstance(high, int | float) and low > high)
