"""Tables of cases in OpenDocument spreadsheets (.ods): read as a stream, a row at a time.

Counts are kept while it is parsed: a cell or row that is repeated a million times takes a few
bytes of the file, so what is blank is only counted, and what is filled is bounded.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from calcinosis.errors import InputError
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign
from calcinosis.facts.cells import EMPTY, Cell, stated
from calcinosis.facts.headings import Headings
from calcinosis.facts.row import letters
from calcinosis.facts.sheet import Area, Grid, Numbered
from calcinosis.facts.workbook import choose, has_id, logical, moment, number_of
from calcinosis.facts.xml_stream import XmlError, pieces

_CONTENT: Final = "content.xml"
_MIMETYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_CELLS: Final = ("table:table-cell", "table:covered-table-cell")
_ASIDE: Final = ("office:annotation", "draw:frame", "table:shapes", "table:tracked-changes")
_HIDDEN: Final = ("collapse", "filter")
_CURE: Final = "Open it and save it again, or save it as CSV UTF-8"


@dataclass(slots=True)
class _Sheet:
    """What is known of one sheet besides its cells."""

    name: str
    is_hidden: bool
    merged: list[Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)


def opendocument_grid(path: Path, headings: Headings, named: str = "") -> Generator[Grid]:
    """The cells of a sheet, while its file is open; InputError if none holds cases.

    The sheet is chosen as that of a workbook.
    """
    where = str(path)
    if not zipfile.is_zipfile(path):
        raise InputError("this is no OpenDocument spreadsheet", where, _CURE)
    with foreign("the spreadsheet", where, _CURE), zipfile.ZipFile(path) as archive:
        _check(archive, where)
        sheets = _survey(archive, where)
        visible = [sheet.name for sheet in sheets if not sheet.is_hidden]
        hidden = [sheet.name for sheet in sheets if sheet.is_hidden]

        def names_an_id(name: str) -> bool:
            return has_id(_rows(archive, where, name), headings)

        name = choose(visible, hidden, named, names_an_id, where)
        chosen = next(sheet for sheet in sheets if sheet.name == name)
        rows = _rows(archive, where, name)
        yield Grid(where, rows, "", name, chosen.merged, tuple(_unseen(chosen, hidden)))


def _check(archive: zipfile.ZipFile, where: str) -> None:
    names = archive.namelist()
    if "mimetype" not in names or not archive.read("mimetype").startswith(_MIMETYPE):
        raise InputError("this is no OpenDocument spreadsheet", where, _CURE)
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read(
        "META-INF/manifest.xml"
    ):
        raise InputError("it is protected by a password", where, "Save it without one")
    if archive.getinfo(_CONTENT).file_size > limits.UNPACKED_BYTES:
        what = f"it unpacks to more than {limits.UNPACKED_BYTES // 10**9} GB"
        raise InputError(what, where, "Split it, or save it as CSV UTF-8")


def _unseen(sheet: _Sheet, hidden: list[str]) -> Iterator[str]:
    if hidden:
        yield f"hidden sheets that are not read: {', '.join(hidden)}"
    if sheet.hidden_rows:
        shown = ", ".join(map(str, sheet.hidden_rows[:8]))
        yield f"hidden rows that are read as others are: {shown}"
    if sheet.hidden_columns:
        shown = ", ".join(letters(column) for column in sheet.hidden_columns[:8])
        yield f"hidden columns that are read as others are: {shown}"


def _survey(archive: zipfile.ZipFile, where: str) -> list[_Sheet]:
    """What is known of each sheet besides its cells."""
    reading = _Reading(where, None)
    for _ in _parsed(archive, where, reading):
        reading.rows.clear()
    if not reading.sheets:
        raise InputError("there is no sheet in it", where, _CURE)
    return reading.sheets


def _rows(archive: zipfile.ZipFile, where: str, name: str) -> Iterator[Numbered]:
    """The rows of one sheet in which something stands, with their numbers."""
    reading = _Reading(where, name)
    for _ in _parsed(archive, where, reading):
        for first, last, cells in reading.rows:
            for number in range(first, last + 1):
                yield number, list(cells)
        reading.rows.clear()


def _parsed(archive: zipfile.ZipFile, where: str, reading: _Reading) -> Iterator[None]:
    """Parse the content a piece at a time; InputError where it is no XML, or too much."""
    clock = limits.Clock(where, _CURE)
    with archive.open(_CONTENT) as stream, _as_xml(where):
        yield from pieces(stream.read, reading, clock, where, _CURE)


@contextmanager
def _as_xml(where: str) -> Iterator[None]:
    try:
        yield
    except XmlError as error:
        raise InputError(
            f"its content is no XML that can be read ({error})", where, _CURE
        ) from error


class _Reading:
    """What the parser finds: the rows of the sheet ``name``, or what is known of all sheets."""

    def __init__(self, where: str, name: str | None) -> None:
        self.sheets: list[_Sheet] = []
        self.rows: list[tuple[int, int, list[Cell]]] = []  # from a row to a row
        self._where = where
        self._name = name
        self._is_here = False
        self._row = 0
        self._repeated = 1
        self._cells: list[Cell] = []
        self._column = self._columns = 0
        self._cell: dict[str, str] = {}
        self._text: list[str] = []
        self._length = 0
        self._in_text = self._aside = self._depth = 0
        self._counted = {"elements": 0, "cells": 0, "characters": 0, "merged cells": 0}
        self._hidden_styles: set[str] = set()
        self._style = ""

    def _count(self, what: str, most: int, number: int = 1) -> None:
        self._counted[what] += number
        if self._counted[what] > most:
            raise limits.exceeded("it has", most, what, self._where, _CURE)

    # -- elements --------------------------------------------------------------------

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        if self._depth > limits.DEPTH:
            raise limits.exceeded("it has", limits.DEPTH, "levels", self._where, _CURE)
        self._count("elements", limits.CELLS)
        if name in _ASIDE or self._aside:
            self._aside += 1
            return
        begin = _BEGIN.get(name)
        if begin is not None:
            begin(self, attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        self._depth -= 1
        if self._aside:
            self._aside -= 1
        elif name in _CELLS:
            self._end_cell()
        elif name == "table:table-row":
            self._end_row()
        elif name == "text:p":
            self._in_text -= 1

    def characters(self, data: str) -> None:
        """Text within an element."""
        if self._in_text and not self._aside and self._is_here:
            self._count("characters", limits.UNPACKED_BYTES, len(data))
            self._text.append(data)
            self._length += len(data)
            if self._length > limits.CELL_CHARACTERS:
                most = limits.CELL_CHARACTERS
                raise limits.exceeded("a cell has", most, "characters", self._where, _CURE)

    def _begin_style(self, attributes: dict[str, str]) -> None:
        self._style = attributes.get("style:name", "")

    def _begin_properties(self, attributes: dict[str, str]) -> None:
        if attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)

    def _begin_table(self, attributes: dict[str, str]) -> None:
        name = attributes.get("table:name", "")
        is_hidden = attributes.get("table:style-name", "") in self._hidden_styles
        self.sheets.append(_Sheet(name, is_hidden))
        self._is_here = self._name is None or name == self._name
        self._row = self._columns = 0

    def _begin_column(self, attributes: dict[str, str]) -> None:
        times = _times(attributes, "table:number-columns-repeated")
        if attributes.get("table:visibility") in _HIDDEN and self._columns < limits.COLUMNS:
            last = min(self._columns + times, limits.COLUMNS)
            self.sheets[-1].hidden_columns += range(self._columns, last)
        self._columns += times

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._repeated = _times(attributes, "table:number-rows-repeated")
        self._cells, self._column = [], 0
        if attributes.get("table:visibility") in _HIDDEN and len(self.sheets[-1].hidden_rows) < 9:
            self.sheets[-1].hidden_rows.append(self._row + 1)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cell, self._text, self._length = attributes, [], 0
        down = _times(attributes, "table:number-rows-spanned")
        right = _times(attributes, "table:number-columns-spanned")
        if self._name is None and (down > 1 or right > 1):
            self._count("merged cells", limits.MERGED)
            top, left = self._row + 1, self._column
            area = Area(top, left, top + down - 1, left + right - 1)
            self.sheets[-1].merged.append(area)

    def _begin_text(self, _attributes: dict[str, str]) -> None:
        self._in_text += 1
        if self._text:
            self._text.append("\n")

    def _space(self, attributes: dict[str, str]) -> None:
        self._text.append(" " * min(_times(attributes, "text:c"), 100))

    def _break(self, _attributes: dict[str, str]) -> None:
        self._text.append("\n")

    # -- cells and rows --------------------------------------------------------------

    def _end_cell(self) -> None:
        times = _times(self._cell, "table:number-columns-repeated")
        cell = _cell_of(self._cell, "".join(self._text)) if self._is_here else EMPTY
        if not cell.is_empty:
            if self._column + times > limits.COLUMNS:
                raise limits.exceeded("it has", limits.COLUMNS, "columns", self._where, _CURE)
            self._cells += [EMPTY] * (self._column - len(self._cells)) + [cell] * times
        self._column += times

    def _end_row(self) -> None:
        first, self._row = self._row + 1, self._row + self._repeated
        if self._cells and self._is_here:
            if self._row > limits.ROWS:
                raise limits.exceeded("it has", limits.ROWS, "rows", self._where, _CURE)
            self._count("cells", limits.CELLS, len(self._cells) * self._repeated)
            if self._name is not None:
                self.rows.append((first, self._row, self._cells))


_BEGIN: Final[dict[str, Callable[[_Reading, dict[str, str]], None]]] = {
    "style:style": _Reading._begin_style,
    "style:table-properties": _Reading._begin_properties,
    "table:table": _Reading._begin_table,
    "table:table-column": _Reading._begin_column,
    "table:table-row": _Reading._begin_row,
    "table:table-cell": _Reading._begin_cell,
    "table:covered-table-cell": _Reading._begin_cell,
    "text:p": _Reading._begin_text,
    "text:s": _Reading._space,
    "text:tab": _Reading._space,
    "text:line-break": _Reading._break,
}


def _times(attributes: dict[str, str], name: str) -> int:
    """How often something is repeated, or over how many cells it goes; 1 where it is not said."""
    text = attributes.get(name, "1")
    return int(text) if text.isdigit() and 0 < len(text) < 10 and int(text) else 1


def _cell_of(attributes: dict[str, str], text: str) -> Cell:
    kind = attributes.get("office:value-type") or attributes.get("calcext:value-type", "")
    if kind in ("float", "percentage", "currency"):
        return _number(attributes.get("office:value", ""), text, kind)
    if kind == "boolean":
        return logical(attributes.get("office:boolean-value") == "true")
    if kind in ("date", "time"):
        stated_as = attributes.get(f"office:{kind}-value", text)
        return moment(stated_as.removesuffix("T00:00:00"))
    return Cell(attributes.get("office:string-value") or text)


def _number(value: str, text: str, kind: str) -> Cell:
    """A number, with what its format shows of it: leading zeros, a unit."""
    try:
        number = float(value)
    except ValueError:
        return Cell(text)
    if kind != "float":
        return number_of(number, "0%" if kind == "percentage" else "[$]0 x")
    if text.isdigit() and text.startswith("0") and int(text) == number:
        return number_of(number, "0" * len(text))
    shown = stated(text)
    unit = shown.unit if shown is not None and shown.number else ""
    return number_of(number, f'0 "{unit}"' if unit else "General")
