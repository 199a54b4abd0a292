"""What a record measured, to laboratory items: the test, the latest value, its unit and range.

Of several values of one test the latest counts; a test that is not ours decides nothing and is
listed. What was looked for and found, or not, is a finding where its code is one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from calcinosis.facts.case import Remark
from calcinosis.facts.records.codings import Coding
from calcinosis.facts.records.stated import Measured, Settled, Stated
from calcinosis.graph.codes import as_curie
from calcinosis.graph.terms import FACT_KINDS

if TYPE_CHECKING:
    from calcinosis.facts.laboratory import Analyte, Laboratory
    from calcinosis.facts.vocabulary import Resolved

_UNKNOWN_VALUES: Final = 20
"""Values of tests that are not understood and may be about a level; beyond, they are counted."""


class Labs:
    """Reads what was measured by a laboratory; ``understood`` gives the term of a word, if any."""

    def __init__(
        self, laboratory: Laboratory, understood: Callable[[str], Resolved | None]
    ) -> None:
        self._laboratory = laboratory
        self._understood = understood

    def read(self, measured: Iterable[Measured], found: Settled) -> list[Stated]:
        """Put the laboratory items into ``found``; what else was observed comes back."""
        by_test: dict[str, tuple[str, Analyte, list[Measured]]] = {}
        others: dict[str, list[Measured]] = {}
        stated: list[Stated] = []
        for one in measured:
            test, analytes = self._test(one)
            if analytes:
                known = by_test.setdefault(analytes[0].iri, (test, analytes[0], []))
                known[2].append(one)
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

    # -- tests that are known --------------------------------------------------------

    def _one_test(
        self, test: str, analyte: Analyte, several: Sequence[Measured], found: Settled
    ) -> None:
        readable = [one for one in several if _is_readable(one)]
        for one in several:
            if not _is_readable(one):
                reason, cure = _why_not(one)
                remark = Remark(_said(one), one.where, reason, cure, about=analyte.levels)
                found.uninterpreted.append(remark)
        latest = {id(one) for one in _latest(readable)}
        earlier = [one for one in readable if id(one) not in latest]
        for one in readable:
            if id(one) in latest:
                found.add("labs", self._item(test, analyte, one, found), one.where)
        if earlier:
            said = "; ".join(f"{_said(one)}{_when(one)}" for one in earlier)
            found.remark(said, earlier[0].where, "earlier: of several values the latest counts")

    def _item(self, test: str, analyte: Analyte, one: Measured, found: Settled) -> dict[str, Any]:
        item: dict[str, Any] = {"test": test}
        if one.value is not None and one.units:
            known = (unit for unit in one.units if analyte.unit(unit) is not None)
            item |= {"value": one.value, "unit": next(known, one.units[0])}
            if one.interval is not None and _is_interval(one.interval):
                item["interval"] = list(one.interval)
            elif one.interval is not None:
                low, high = one.interval
                said = f"{_said(one)}, reference range {low} to {high}"
                found.remark(said, one.where, "this is no range: it is not used")
        elif one.value is not None:
            found.remark(_said(one), one.where, "the value has no unit: its level in words counts")
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
            term = self._understood(word)
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
    return item


def _counted(name: str, several: Sequence[Measured]) -> str:
    if len(several) > 1:
        return f"{name} ({len(several)})"
    return f"{name}: {several[0].said}" if several[0].said else name


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
