"""The parts of a workbook, looked through as a stream before openpyxl opens it.

openpyxl holds texts and styles whole, fills in the rows and cells that are left out, and so can be
made to need any memory and time by a file of a kilobyte. What would is refused here first.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from calcinosis.errors import InputError, quoted
from calcinosis.facts import limits
from calcinosis.facts.sheet import Area
from calcinosis.facts.xml_stream import XmlError, pieces

_UNREAD: Final = "docProps/"  # who wrote it and when, which is no case
_READ: Final = (".xml", ".rels")  # what openpyxl reads as XML; pictures and macros are none
_WHOLE: Final = frozenset(("row", "si"))  # each is read by itself, and then let go
_VALUES: Final = frozenset(("v", "is", "f"))
_TRUE: Final = ("1", "true")
_STRICT: Final = "purl.oclc.org/ooxml"
_AGAIN: Final = "Open it in Excel and save it again, or save it as CSV UTF-8"
_AS_CSV: Final = "Save the sheet with the cases alone, or save it as CSV UTF-8"


@dataclass(slots=True)
class Part:
    """What was found in one part that is a sheet.

    ``uncomputed`` holds row (from 1) and column (from 0) of each formula whose value is not in
    the file. Excel writes an empty text as a value of its own; openpyxl would not tell the two
    apart. ``merged`` are its merged cells; ``hidden_rows`` (from 1) and ``hidden_columns`` (from
    0) are those that Excel does not show. ``is_strict`` is a part
    of a workbook in the strict form of the standard.
    """

    uncomputed: set[tuple[int, int]] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    is_strict: bool = False


def look_through(archive: zipfile.ZipFile, where: str) -> dict[str, Part]:
    """The parts of a workbook by their names; InputError if one holds too much."""
    if sum(info.file_size for info in archive.infolist()) > limits.UNPACKED_BYTES:
        what = f"it unpacks to more than {limits.UNPACKED_BYTES // 10**9} GB"
        raise InputError(what, where, "Split it, or save it as CSV UTF-8")
    clock = limits.Clock(where, _AS_CSV)
    total = _Total(where)
    parts = {}
    for info in archive.infolist():
        looking = _Looking(total, where, info.filename)
        with archive.open(info) as stream:
            looking.through(stream.read, clock)
        parts[info.filename] = looking.part
    return parts


class _Total:
    """What all parts hold together."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._found: dict[str, int] = {}

    def add(self, what: str, most: int, number: int = 1) -> None:
        """Count; InputError where it becomes more than ``most``."""
        found = self._found[what] = self._found.get(what, 0) + number
        if found > most:
            raise limits.exceeded("it has", most, what, self._where, _AS_CSV)


class _Looking:
    """Looks through one part; the names of elements are enough to tell what they cost."""

    def __init__(self, total: _Total, where: str, name: str) -> None:
        self.part = Part()
        self._total = total
        self._where = where
        self._name = name
        self._most = limits.STYLE_ELEMENTS  # openpyxl keeps all of a part that is no sheet
        self._root = ""
        self._locals: dict[str, str] = {}
        self._letters: dict[str, int] = {}
        self._depth = self._elements = self._text = 0
        self._element = ""
        self._whole = ""  # the row or text that is open
        self._inside = 0
        self._row = self._column = 0
        self._type = ""
        self._stated: set[str] = set()
        self._is_filled = False

    def through(self, read: Callable[[int], bytes], clock: limits.Clock) -> None:
        """Look until the end; InputError where a part that openpyxl reads is no XML for us."""
        try:
            for _ in pieces(read, self, clock, self._where, _AS_CSV):
                pass
        except XmlError as error:
            if self._name.endswith(_READ) and not self._name.startswith(_UNREAD):
                what = f"its part {quoted(self._name)} is no XML that can be read ({error})"
                raise InputError(what, self._where, _AGAIN) from error

    def _refuse(self, what: str, most: int, unit: str) -> None:
        raise limits.exceeded(f"{what} has", most, unit, self._where, _AS_CSV)

    def _refuse_order(self, what: str, after: str) -> None:
        raise InputError(f"{what} stands after {after}", self._where, _AGAIN)

    def _local(self, name: str) -> str:
        found = self._locals.get(name)
        if found is None:
            found = self._locals[name] = name.rpartition(":")[2]
        return found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        local = self._local(name)
        self._depth += 1
        if self._depth == 1:
            self._root = local
            self.part.is_strict = any(_STRICT in value for value in attributes.values())
        elif local == "sheetData" and self._root == "worksheet":
            self._most = limits.ELEMENTS
        self._text = 0
        self._element = local
        if self._depth > limits.DEPTH:
            self._refuse("a part of it", limits.DEPTH, "levels")
        if self._whole:
            self._within(local, attributes)
        elif local in _WHOLE:
            self._begin(local, attributes)
        else:
            self._elements += 1
            if self._elements > self._most:
                self._refuse("a part of it", self._most, "elements")
            self._total.add("elements", limits.ELEMENTS)
            if self._root == "worksheet":
                self._beside(local, attributes)

    def _beside(self, local: str, attributes: dict[str, str]) -> None:
        """What stands beside the rows of a sheet: merged cells, hidden columns."""
        if local == "mergeCell":
            self._total.add("merged cells", limits.MERGED)
            start, _, end = attributes.get("ref", "").partition(":")
            top, left = self._cell_at(start)
            bottom, right = self._cell_at(end or start)
            self.part.merged.append(Area(top, left, bottom, right))
        elif local == "col" and attributes.get("hidden") in _TRUE:
            first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
            self.part.hidden_columns += range(first - 1, min(last, limits.COLUMNS))

    def _cell_at(self, place: str) -> tuple[int, int]:
        """Row (from 1) and column (from 0) of a cell such as ``B3``."""
        letters = place.rstrip("0123456789")
        try:
            return int(place[len(letters) :]), self._column_of(letters) - 1
        except ValueError as error:
            what = f"{quoted(place)} is no cell that could be merged"
            raise InputError(what, self._where, _AGAIN) from error

    def _begin(self, local: str, attributes: dict[str, str]) -> None:
        self._whole = local
        self._inside = 0
        if local == "si":
            self._total.add("texts", limits.SHARED_STRINGS)
            return
        before, self._row = self._row, int(attributes.get("r", self._row + 1))
        self._column = 0
        if attributes.get("hidden") in _TRUE:
            self.part.hidden_rows.append(self._row)
        if self._row <= before:
            self._refuse_order(f"row {self._row}", f"row {before}")
        if self._row > limits.ROWS:
            self._refuse("it", limits.ROWS, "rows")

    def _within(self, local: str, attributes: dict[str, str]) -> None:
        self._inside += 1
        if self._inside > limits.ELEMENTS:
            self._refuse("a row or a text", limits.ELEMENTS, "elements")
        if local == "c" and self._whole == "row":
            place = attributes.get("r")
            before = self._column
            self._column = self._column_of(place) if place else before + 1
            if self._column <= before:
                self._refuse_order(f"a cell of row {self._row}", "one further right")
            self._type = attributes.get("t", "")
            self._stated = set()
            self._is_filled = False
        elif local in _VALUES:
            self._stated.add(local)
            if self._whole == "row" and self._column > limits.COLUMNS:
                self._refuse("it", limits.COLUMNS, "columns")

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        found = self._letters.get(letters)
        if found is None:
            from openpyxl.utils import column_index_from_string

            found = self._letters[letters] = column_index_from_string(letters)
        return found

    def characters(self, data: str) -> None:
        """Text stands in an element."""
        self._text += len(data)
        self._is_filled = self._is_filled or self._element == "v"
        if self._text > limits.CELL_CHARACTERS:
            self._refuse("a cell", limits.CELL_CHARACTERS, "characters")
        if self._whole == "si":
            self._total.add("characters", limits.SHARED_CHARACTERS, len(data))

    def end(self, name: str) -> None:
        """An element ends."""
        self._depth -= 1
        self._element = ""
        local = self._local(name)
        if local == "c" and self._whole == "row":
            self._cell()
        elif local == self._whole:
            if local == "row":
                self._total.add("cells", limits.CELLS, self._column)
            self._whole = ""

    def _cell(self) -> None:
        is_known = "v" in self._stated and (self._is_filled or self._type == "str")
        if "f" in self._stated and not is_known:
            self.part.uncomputed.add((self._row, self._column - 1))
