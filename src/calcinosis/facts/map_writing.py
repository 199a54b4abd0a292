"""Writes the mapping of a sheet: each column, what it is taken for and why, and what is unread."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from calcinosis.errors import InputError, counted
from calcinosis.facts import age, limits
from calcinosis.facts.case import LISTS, PRESENCES, SEXES
from calcinosis.facts.cells import Cell
from calcinosis.facts.columns import Column
from calcinosis.facts.headings import Guess, KindOf
from calcinosis.facts.quantity import amount
from calcinosis.facts.row import Row, letters
from calcinosis.facts.sheet import Read, keys_of
from calcinosis.facts.sheet_checks import is_single

_SHOWN: Final = 3
_LONGEST: Final = 60
_FACTS: Final = "diagnoses, interventions or findings"
_BARE: Final = re.compile(r"\d+(?:\.\d+)?\Z")
_WORDS: Final = 200  # distinct ones that are listed of one column
_HEAD: Final = """\
# How {file} is read. Mend what is wrong here, then:
#   calcinosis classify {file} --map FILE
# 'as' is a column of a form, or private or ignored; 'why' and 'reads' are only told.
# {counted}.
"""
_VALUES: Final = """\
# What was not understood, with how often. Write behind the colon what is meant (several with ;),
# or n/a for nothing; what is left empty stays as it stands, and is listed with each patient.
"""


@dataclass(slots=True)
class _Seen:
    """What the rows of a sheet hold, by column: examples, unread words, numbers without a unit."""

    examples: dict[int, dict[str, str]] = field(default_factory=dict)
    unread: dict[int, Counter[str]] = field(default_factory=dict)
    unitless: Counter[int] = field(default_factory=Counter)
    ids: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    @property
    def counted(self) -> str:
        """How many rows there are, and of how many patients."""
        patients = len(self.ids) or self.rows
        return f"{counted(self.rows, 'row')} of {counted(patients, 'patient')}"

    @property
    def repeated(self) -> int:
        """How many ids stand in several rows."""
        return sum(times > 1 for times in self.ids.values())


def written_map(read: Read, rows: Iterable[Row | InputError], kind_of: KindOf) -> str:
    """The mapping of a sheet as YAML, by its head and all its rows."""
    return "".join(_lines(read, _look(read, rows, kind_of)))


def _look(read: Read, rows: Iterable[Row | InputError], kind_of: KindOf) -> _Seen:
    read.table = replace(read.table, columns=tuple(_columns(read)))
    seen = _Seen()
    for row in rows:
        if isinstance(row, Row):
            _see(row, seen, kind_of)
    return seen


def _columns(read: Read) -> Iterator[Column | None]:
    """The columns; one that holds what an earlier one does is not read, and its guess says so."""
    taken: dict[tuple[str, ...], int] = {}
    guesses = list(read.guesses)
    for number, guess in enumerate(guesses):
        if guess is not None and is_single(guess.column):
            first = taken.setdefault(guess.column.fills, number)
            if first != number:
                why = f"holds the same as {read.table.heading(first)}"
                ignored = Column(guess.column.name, "", "ignored")
                guesses[number] = Guess(ignored, why, "one of the two is to be taken")
    read.guesses = tuple(guesses)
    for guess in guesses:
        yield None if guess is None else guess.column


def summary(read: Read, rows: Iterable[Row | InputError], kind_of: KindOf) -> tuple[str, str]:
    """What of a sheet was read, and what its mapping would ask, each in a line."""
    seen = _look(read, rows, kind_of)
    left = [column for column in read.table.columns if column is not None and column.is_silent]
    told = f"{seen.counted}; {read.width - len(left)} of {read.width} columns are read"
    return told, _asked(read, seen)


def _asked(read: Read, seen: _Seen) -> str:
    def named(numbers: Iterable[int]) -> str:
        return ", ".join(read.table.heading(number) for number in sorted(numbers))

    doubts = [number for number, guess in enumerate(read.guesses) if guess and guess.doubt]
    words = sum(len(found) for number, found in seen.unread.items() if number >= 0)
    has_id = any(column is not None and column.key == "id" for column in read.table.columns)
    asked = (
        (not has_id, "which column tells the patients apart"),
        (not _has_facts(read), f"which column holds {_FACTS}"),
        (doubts, f"what {named(doubts)} may be"),
        (
            seen.repeated,
            f"which row counts of {counted(seen.repeated, 'patient')}",
        ),
        (seen.unitless, f"the unit of {named(seen.unitless)}"),
        (words, f"what {words} word{'s mean' if words > 1 else ' means'}"),
    )
    return "; ".join(text for is_asked, text in asked if is_asked)


def _has_facts(read: Read) -> bool:
    """Whether a column is read that states what a verdict can rest on, beside tests."""
    return any(column is not None and column.key in LISTS for column in read.table.columns)


# -- looking -----------------------------------------------------------------------------


def _see(row: Row, seen: _Seen, kind_of: KindOf) -> None:
    seen.rows += 1
    if name := _at(row.value, "id"):
        seen.ids[str(name)] += 1
    read: dict[int, list[str]] = {}
    for path, column in row.cells_of.items():
        value = _at(row.value, path)
        if value is None or "." in path.replace("calcinosis.", ""):
            continue
        read.setdefault(column, []).append(_shown(path, value))
        unread = _unread(path, value, row.table.columns[column], kind_of)
        is_bare = path == "age" and _BARE.match(unread)
        if unread and not is_bare:
            seen.unread.setdefault(column, Counter())[unread] += 1
        if is_bare or _has_no_unit(path, value):
            seen.unitless[column] += 1
    for problem in row.problems:
        column = row.table.places.get(problem.column, -1)
        seen.unread.setdefault(column, Counter())[problem.value] += 1
    for column, cell in enumerate(row.cells):
        _example(column, cell, read.get(column, ()), seen)


def _has_no_unit(path: str, value: Any) -> bool:
    return path.startswith("labs") and "value" in value and not value.get("unit")


def _example(column: int, cell: Cell, read: Iterable[str], seen: _Seen) -> None:
    found = seen.examples.setdefault(column, {})
    text = " ".join(cell.text.split())
    if text and len(found) < _SHOWN and len(text) <= _LONGEST:
        found.setdefault(text, "; ".join(read) or "nothing")


def _at(value: Any, path: str) -> Any:
    """What stands at a place of a case such as ``labs[0]``; None if nothing does."""
    for part in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _shown(path: str, value: Any) -> str:
    if isinstance(value, dict) and "term" in value:
        return str(value["term"])
    if isinstance(value, dict) and "test" in value:
        parts = (value.get("value"), value.get("unit"), value.get("level"))
        return " ".join(str(part) for part in parts if part is not None)
    if isinstance(value, dict):
        return str(value.get("status") or "")
    if path.startswith("excluded"):
        return f"not {value}"
    return f"recorded: {value}" if path.startswith("other") else str(value)


def _unread(path: str, value: Any, column: Column | None, kind_of: KindOf) -> str:
    """What of a cell is not understood; empty if all is."""
    key = path.partition("[")[0]
    text = _shown("", value)
    if key in (*LISTS, "excluded", "workup_complete"):
        title = f"{column.title}: " if column is not None and column.kind == "flag" else ""
        return "" if kind_of(text) else text.removeprefix(title)
    wrong = (
        (key == "sex" and value not in SEXES)
        or (key == "calcinosis" and text not in PRESENCES and bool(text))
        or (key == "age" and age.days(str(value)) is None)
        or (key == "labs" and "value" in value and amount(value["value"]) is None)
    )
    found = value["value"] if key == "labs" and wrong else text
    return str(found) if wrong and column is not None else ""


# -- writing -----------------------------------------------------------------------------


def _lines(read: Read, seen: _Seen) -> Iterator[str]:
    table = read.table
    yield _HEAD.format(file=_plain(Path(table.file).name), counted=seen.counted)
    if table.sheet:
        yield f"sheet: {_scalar(table.sheet)}\n"
    yield f"header: {read.number}  # the row of the headings\n"
    if not any(column is not None and column.key == "id" for column in table.columns):
        yield "ids: rows  # no column is called id: the numbers of the rows tell patients apart\n"
    elif seen.repeated:
        ids = "1 id stands" if seen.repeated == 1 else f"{seen.repeated} ids stand"
        yield f"visits: each  # {ids} in several rows: each (as ID@2), latest or first\n"
    if not _has_facts(read):
        yield f"# ? no column of {_FACTS} is read: say below which one it is, with 'as'\n"
    yield "columns:\n"
    keys = keys_of(table.headings)
    for number, guess in enumerate(read.guesses):
        if guess is not None and (table.headings[number].strip() or seen.examples.get(number)):
            yield from _column(keys[number], number, guess, seen)
    yield from _values(keys, table.columns, seen)


def _column(key: str, number: int, guess: Guess, seen: _Seen) -> Iterator[str]:
    column = guess.column
    yield f"  {_scalar(key)}:  # {letters(number)}\n"
    yield f"    as: {_named(column)}\n"
    if column.kind == "flag":
        yield f"    term: {_scalar(column.title)}\n"
    if column.unit:
        yield f"    unit: {_scalar(column.unit)}\n"
    elif seen.unitless[number]:
        times = seen.unitless[number]
        then = "are no ages without one" if column.key == "age" else "decide nothing without one"
        yield f"    unit:  # ? {times} numbers have no unit, and {then}\n"
    doubt = f"? {guess.doubt}: " if guess.doubt else ""
    yield f"    why: {_scalar(doubt + guess.why)}\n"
    if not column.is_silent and seen.examples.get(number):
        shown = (
            f"{text} → {read}" if text != read else text
            for text, read in seen.examples[number].items()
        )
        yield f"    reads: {_scalar(' | '.join(shown))}\n"


def _named(column: Column) -> str:
    """The word that names a column in a mapping."""
    if column.kind in ("private", "ignored", "visit"):
        return column.kind
    if column.codes:
        return "icd_10"
    if column.kind == "note":
        return "notes"
    if column.kind == "lab":
        return _scalar(column.key if column.part == "value" else f"{column.key}_{column.part}")
    link = next(iter(column.link), "")
    ends = {"at_deposit": "_at_deposit", "cause": "_as_cause", "": ""}
    return f"{column.key}{ends[link]}"


def _values(keys: list[str], columns: Sequence[Column | None], seen: _Seen) -> Iterator[str]:
    found = {n: words for n, words in seen.unread.items() if 0 <= n < len(keys) and words}
    meant = {n: c.values for n, c in enumerate(columns) if c and c.values and not c.is_silent}
    if not (found or meant):
        return
    yield _VALUES
    yield "values:\n"
    for number in sorted({*found, *meant}):
        times = found.get(number, Counter())
        yield f"  {_scalar(keys[number])}:\n"
        for word, meaning in meant.get(number, {}).items():
            yield f"    {_scalar(word)}: {_scalar(meaning)}\n"
        for word, count in times.most_common(_WORDS):
            yield f"    {_scalar(word)}:  # {counted(count, 'row')}\n"
        if len(times) > _WORDS:
            yield f"    # and {len(times) - _WORDS} more\n"


def _plain(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _scalar(text: str) -> str:
    """A text as YAML reads it back, whatever it holds."""
    return json.dumps(text[: limits.WORD_CHARACTERS], ensure_ascii=False)
