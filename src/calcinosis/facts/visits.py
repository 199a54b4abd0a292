"""Several rows of one patient: each is a case, or that of the latest or the first visit is.

A date such as 3/4/2024 may be read in two ways. Both are tried: it is asked only where they choose
different rows and no date of the column tells which is meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from calcinosis.errors import InputError, quoted
from calcinosis.facts.identifier import seen_as
from calcinosis.facts.row import Row, Table

VISITS: Final = ("latest", "first", "each")

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?\Z")
_PARTED = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})\Z")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_START = re.compile(r"base\s*line|screening|initial|first|inclusion", re.IGNORECASE)

Key = tuple[str, float]
"""What orders visits: a day or a number; only keys of one sort compare."""


@dataclass(slots=True)
class _Best:
    """The rows that count of one patient, by either reading of dates."""

    keys: list[Key]
    rows: list[int]


def each(rows: Iterable[Row | InputError]) -> Iterator[Row | InputError]:
    """The rows, each with its patient; the second of an id is called ``ID@2``, and so on."""
    times: Counter[str] = Counter()
    for row in rows:
        name = None if isinstance(row, InputError) else _id(row)
        if isinstance(row, InputError) or name is None:
            yield row
            continue
        times[seen_as(name)] += 1
        number = times[seen_as(name)]
        yield visit(row, name, number)


def _id(row: Row) -> str | None:
    value = row.value
    found = value.get("id") if isinstance(value, dict) else None
    return found.strip() if isinstance(found, str) and found.strip() else None


def visit(row: Row, name: str, number: int) -> Row:
    """A row as the visit with this number of the patient called ``name``.

    An id is that of one patient within a sheet: another sheet may give it to somebody else.
    """
    patient = f"{row.table.file}: {row.table.sheet}: {seen_as(name)}"
    if number == 1:
        return replace(row, patient=patient)
    value = dict(row.value) if isinstance(row.value, dict) else {}
    return replace(row, value={**value, "id": f"{name}@{number}"}, patient=patient)


def chosen(rows: Iterable[Row | InputError], visits: str, sample: Sequence[Row]) -> frozenset[int]:
    """The numbers of the rows that count: of each patient the ``latest`` or the ``first``.

    InputError where that cannot be told. It keeps an entry for each id.
    """
    best: dict[str, _Best] = {}
    orders = {"day first": True, "month first": True}
    column: int | None = None
    told = False
    for row in rows:
        if isinstance(row, InputError):
            continue
        if not told:
            column, told = visit_column(row.table, sample or (row,)), True
        name = _id(row) or f"row {row.number}"
        keys = [(" ", float(row.number))] * 2 if column is None else _keys(row, column, orders)
        _take(best.setdefault(seen_as(name), _Best(keys, [row.number] * 2)), keys, row, visits)
    return frozenset(_decided(best, orders))


def _take(best: _Best, keys: list[Key], row: Row, visits: str) -> None:
    for reading, key in enumerate(keys):
        known = best.keys[reading]
        if key[0] != known[0]:
            what = "its visits cannot be put in order: one has a date, another a number"
            raise InputError(what, row.table.place(row.number), _CURE)
        if (key > known) if visits == "latest" else (key < known):
            best.keys[reading], best.rows[reading] = key, row.number


def _decided(best: dict[str, _Best], orders: dict[str, bool]) -> Iterator[int]:
    day, month = orders["day first"], orders["month first"]
    for name, found in best.items():
        if found.rows[0] != found.rows[1] and day == month:
            what = f"the dates of {quoted(name)} may have the day or the month first"
            raise InputError(what, "the column of visits", "Write them as 2024-03-31")
        yield found.rows[0] if day else found.rows[1]


def visit_column(table: Table, sample: Sequence[Row]) -> int | None:
    """The column that tells visits apart: the first whose cells all tell a time; None for none."""
    found = [n for n, one in enumerate(table.columns) if one is not None and one.kind == "visit"]
    for number in found:
        texts = [row.cells[number].text for row in sample if number < len(row.cells)]
        if all(key(text) is not None for text in texts if text.strip()):
            return number
    return found[0] if found else None


def key(text: str, *, day_first: bool = True) -> Key | None:
    """What orders a visit; None for what tells no time.

    >>> key("2024-03-31") == key("31.3.2024") == key("3/31/24")
    True
    >>> key("Visit 2"), key("baseline"), key("spring")
    (('number', 2.0), ('number', 0.0), None)
    """
    text = text.strip()
    match = _ISO.match(text)
    if match:
        return _day(*map(int, match.groups()))
    match = _PARTED.match(text)
    if match:
        one, sign, two, year = match.groups()
        first, second = int(one), int(two)
        is_day_first = sign == "." or (second <= 12 and (day_first or first > 12))
        day, month = (first, second) if is_day_first else (second, first)
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day)
    if _START.search(text):
        return "number", 0.0
    numbers = _NUMBER.findall(text)
    return ("number", float(numbers[0].replace(",", "."))) if len(numbers) == 1 else None


def _day(year: int, month: int, day: int) -> Key | None:
    try:
        return "day", float(date(year, month, day).toordinal())
    except ValueError:
        return None


def _keys(row: Row, column: int, orders: dict[str, bool]) -> list[Key]:
    """The keys of a row by either order of day and month; ``orders`` learns from what is clear."""
    text = row.cells[column].text.strip() if column < len(row.cells) else ""
    match = _PARTED.match(text)
    if match and match[2] != ".":
        orders["month first"] &= int(match[1]) <= 12
        orders["day first"] &= int(match[3]) <= 12
    found = [key(text, day_first=order) for order in (True, False)]
    if found[0] is None or found[1] is None:
        what = f"{quoted(text)} does not tell when the visit was"
        raise InputError(what, row.table.place(row.number, column), _CURE)
    return [one for one in found if one is not None]


_CURE: Final = "Write a date such as 2024-03-31, or a number; or take --visit each"
