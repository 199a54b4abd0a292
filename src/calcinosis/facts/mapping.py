"""The mapping of a sheet: what each column is taken for, as a file that people read and mend.

``calcinosis map`` writes it, ``--map`` reads it. It is YAML: the sheet and the row of its headings,
``columns`` by their headings, and under ``values`` what words of cells stand for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from calcinosis.errors import InputError, nearest, quoted
from calcinosis.facts import limits
from calcinosis.facts.columns import Column, Columns
from calcinosis.facts.fields import is_mapping, kind_of
from calcinosis.facts.headings import Guess, Headings
from calcinosis.facts.sheet_words import plain
from calcinosis.facts.visits import VISITS
from calcinosis.facts.yaml_values import yaml_values

_KEYS: Final = ("sheet", "header", "ids", "visits", "columns", "values")
_PARTS: Final = ("as", "unit", "term", "why", "reads")
_SPECIAL: Final = {
    "ignored": Column("", "", "ignored"),
    "private": Column("", "", "private"),
}


@dataclass(frozen=True, slots=True)
class SheetMap:
    """How one sheet is read: its ``columns`` by their keys, and what stands for what in each.

    ``header`` is the number of the row of headings, None where it is to be found. ``visits`` says
    which of several rows of a patient counts, ``by_rows`` that the number of a row is its id.
    """

    where: str
    columns: Mapping[str, Column]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheet: str = ""
    header: int | None = None
    visits: str = ""
    by_rows: bool = False

    def guess(self, key: str, headings: Headings) -> Guess | None:
        """What the mapping says of a column, with what its heading declares; None if nothing."""
        column = self.columns.get(key)
        values = {plain(word): meant for word, meant in self.values.get(key, {}).items()}
        known = headings.knows(key)
        if column is None:
            if not values:
                return None
            guess = headings.guess(key)
            return replace(guess, column=replace(guess.column, values=values))
        if known is not None:
            column = replace(column, numbers=known.numbers, signs=known.signs)
            values = {**known.values, **values}
        return Guess(replace(column, values=values), "the mapping says so")

    def check(self, keys: Iterable[str]) -> None:
        """InputError where it names a column that the sheet has not."""
        known = list(keys)
        for key in (*self.columns, *self.values):
            if key not in known:
                what = f"the sheet has no column {quoted(key)}"
                raise InputError(what, self.where, nearest(key, known, otherwise=_AGAIN))


_AGAIN: Final = "'calcinosis map' writes the mapping of a sheet as it is now"


def read_map(path: Path, columns: Columns) -> SheetMap:
    """The mapping in a file; InputError where it is none."""
    where = str(path)
    try:
        with path.open("rb") as stream:
            data = limits.whole(stream, limits.YAML_BYTES, where, _AGAIN)
        text = data.decode("utf-8-sig")
    except OSError as error:
        said = error.strerror or error
        raise InputError(f"it cannot be read ({said})", where, "Check its name") from error
    except UnicodeDecodeError as error:
        raise InputError("the text is not UTF-8", where, "Save it as UTF-8") from error
    found = list(yaml_values(text, where))
    if len(found) != 1 or not is_mapping(found[0]):
        raise InputError("this is no mapping of a sheet", where, _AGAIN)
    return _Reading(where, columns).map(found[0])


def column_faults(raw: Mapping[str, Any], columns: Columns) -> dict[str, InputError]:
    """What is wrong with single columns of a mapping, by their keys."""
    found = {}
    for key, value in raw.items():
        try:
            _Reading("", columns).map({"columns": {key: value}})
        except InputError as error:
            found[key] = error
    return found


class _Reading:
    """The reading of one mapping."""

    def __init__(self, where: str, columns: Columns) -> None:
        self._where = where
        self._columns = columns

    def map(self, raw: Mapping[str, Any]) -> SheetMap:
        self._known(raw, _KEYS, "")
        columns = self._mapping(raw, "columns")
        values = self._mapping(raw, "values")
        return SheetMap(
            self._where,
            {str(key): self._column(str(key), value) for key, value in columns.items()},
            {str(key): self._values(str(key), value) for key, value in values.items()},
            self._text(raw, "sheet"),
            self._number(raw, "header"),
            self._choice(raw, "visits", VISITS),
            bool(self._choice(raw, "ids", ("rows",))),
        )

    def _refuse(self, what: str, at: str, cure: str) -> InputError:
        return InputError(what, ", ".join(filter(None, (self._where, at))), cure)

    def _known(self, raw: Mapping[str, Any], known: tuple[str, ...], at: str) -> None:
        for key in raw:
            if key not in known:
                near = nearest(str(key), known, otherwise=f"Known: {', '.join(known)}")
                raise self._refuse(f"the key {quoted(key)} is unknown", at, near)

    def _mapping(self, raw: Mapping[str, Any], key: str) -> Mapping[Any, Any]:
        found = raw.get(key)
        if found is None:
            return {}
        if not is_mapping(found):
            cure = "Write the heading of a column, and below it what it holds"
            raise self._refuse(f"{key} must be a mapping, not {kind_of(found)}", key, cure)
        return found

    def _text(self, raw: Mapping[str, Any], key: str, at: str = "") -> str:
        found = raw.get(key)
        if found is None:
            return ""
        if isinstance(found, bool | list | dict):
            raise self._refuse(f"{key} must be text, not {kind_of(found)}", at, "Put it in quotes")
        return str(found).strip()

    def _number(self, raw: Mapping[str, Any], key: str) -> int | None:
        found = raw.get(key)
        if found is None or (isinstance(found, int) and not isinstance(found, bool) and found > 0):
            return found
        raise self._refuse(f"{quoted(found)} is no row", key, "Write the number of a row")

    def _choice(self, raw: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
        found = self._text(raw, key)
        if found and found not in known:
            cure = f"Write {' or '.join(known)}, or leave it out"
            raise self._refuse(f"{quoted(found)} is none of these", key, cure)
        return found

    def _column(self, key: str, value: object) -> Column:
        at = f"columns: {key}"
        stated = value if is_mapping(value) else {"as": value}
        self._known(stated, _PARTS, at)
        name, term = self._text(stated, "as", at), self._text(stated, "term", at)
        column = _SPECIAL.get(name) or (self._columns.find(name) if name else None)
        if column is None:
            known = [*_SPECIAL, *self._columns.by_name]
            cure = nearest(
                name, known, otherwise="Write the name of a column of a form, or ignored"
            )
            raise self._refuse(f"{quoted(name)} is no column", at, cure)
        if term and column.kind != "list":
            cure = "A term stands with conditions, interventions or findings"
            raise self._refuse(f"{quoted(term)} stands beside as: {name}", at, cure)
        if term:
            column = replace(column, kind="flag", title=term)
        title = key if column.kind == "note" and not column.title else column.title
        return replace(column, name=key, title=title, unit=self._text(stated, "unit", at))

    def _values(self, key: str, value: object) -> dict[str, str]:
        at = f"values: {key}"
        if not is_mapping(value):
            what = f"it must be a mapping, not {kind_of(value)}"
            raise self._refuse(what, at, "Write a word, a colon, and what it stands for")
        found = {}
        for word, meant in value.items():
            if meant is not None:
                found[_word(word)] = _word(meant)
        return found


def _word(value: object) -> str:
    """A word as it stood: YAML makes yes, no and numbers something else of it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
