"""Tables of cases as text: comma, semicolon or tab between the cells, one case a row.

The line of headings decides what parts the cells. A file is read a row at a time, so its size
does not matter; its encoding is checked first, so that a file in another one is refused whole.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from calcinosis.errors import InputError, quoted
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign
from calcinosis.facts.cells import Cell, unguarded
from calcinosis.facts.columns import Column, Columns
from calcinosis.facts.row import Row, Table, letters

DELIMITERS = (",", ";", "\t")
_CHUNK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def table_cases(path: Path, columns: Columns) -> Iterator[Row | InputError]:
    """The cases of a table file, a row each; InputError if it is no table of cases."""
    where = str(path)
    with path.open("rb") as stream:
        encoding = _encoding(stream, where)
        stream.seek(0)
        text = io.TextIOWrapper(stream, encoding, newline="")
        yield from text_cases(_Lines(text, where), where, columns)


class _Lines:
    """The lines of a text; InputError where the lines of one row, or a blank, are too long.

    ``begin`` says that what comes next is another row.
    """

    def __init__(self, text: io.TextIOWrapper, where: str) -> None:
        self._text = text
        self._where = where
        self._number = self._size = 0

    def begin(self) -> None:
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(limits.ROW_CHARACTERS + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self._size += len(line)
        if self._size > limits.ROW_CHARACTERS:
            place = f"{self._where}, line {self._number}"
            cure = "Mend the row. What follows there was not read"
            raise limits.exceeded("a row has", limits.ROW_CHARACTERS, "characters", place, cure)
        return line


def _encoding(stream: BinaryIO, where: str) -> str:
    """The encoding of a text file; InputError if it is not one that can be told for sure."""
    start = stream.read(4)
    if start.startswith(_ZIP):
        raise InputError("this is an Excel workbook", where, "Let its name end in .xlsx")
    if start.startswith(_OLE):
        raise InputError("this is an old Excel file", where, "Save it as an .xlsx workbook")
    encoding = "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    line = 1
    try:
        while chunk := stream.read(_CHUNK):
            if "\x00" in decoder.decode(chunk):
                raise InputError("this is binary", where, "Save it as text: CSV UTF-8")
            line += chunk.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line += error.object.count(b"\n", 0, error.start)
        raise InputError("the text is not UTF-8", f"{where}, line {line}", _CODEPAGE) from error
    return encoding


_CODEPAGE = (
    "Excel's plain CSV is not: choose 'CSV UTF-8 (comma delimited)' under Save As, or save the "
    "workbook as .xlsx"
)


def text_cases(lines: _Lines, where: str, columns: Columns) -> Iterator[Row | InputError]:
    """The cases of the lines of a table, a row each; InputError where there is no heading."""
    head, passed = _head(lines)
    if not head.strip():
        raise InputError("the table is empty", where, _HEADING)
    delimiter = delimiter_of(head, columns)
    table = None
    empty = True
    for number, texts in _rows(passed, lines, where, delimiter):
        if len(texts) > limits.COLUMNS:
            place, cure = f"{where}, row {number}", "Mend the row, or leave the columns out"
            fault = limits.exceeded("it has", limits.COLUMNS, "cells", place, cure)
            if table is None:
                raise fault
            yield fault
            continue
        cells = [Cell(unguarded(text)) for text in texts]
        if all(cell.is_empty for cell in cells):
            continue
        if table is None:
            table = table_of(where, number, texts, columns, delimiter)
            continue
        empty = False
        yield table.row(number, cells)
    if empty:
        raise no_case(where)


def _rows(
    passed: Iterable[str], lines: _Lines, where: str, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, as the reader of CSV parts them."""
    reader = csv.reader(chain(passed, lines), delimiter=delimiter, strict=True)
    number = 0
    while True:
        lines.begin()
        number += 1
        place = f"{where}, line {reader.line_num + 1}"
        try:
            with foreign("the row", place, "Mend it. What follows there was not read"):
                texts = next(reader, None)
        except InputError as error:
            raise _unmatched(error, f"{where}, line {reader.line_num}") from error
        if texts is None:
            return
        yield number, texts


def _unmatched(error: InputError, place: str) -> InputError:
    """What the reader of CSV says, in the words of who wrote the quotes; another as it is."""
    if not isinstance(error.__cause__, csv.Error):
        return error
    what = f"the quotes around cells do not match ({error.__cause__})"
    if "field limit" in what:
        most = f"{csv.field_size_limit():,}"
        what = f"a cell has more than {most} characters, or its quotes do not end"
    return InputError(what, place, "Mend the line. What follows there was not read")


def _head(lines: _Lines) -> tuple[str, list[str]]:
    """The first line that is not blank, and the lines up to it."""
    passed: list[str] = []
    for line in lines:
        passed.append(line)
        if line.strip():
            break
    return (passed[-1] if passed else ""), passed


def delimiter_of(head: str, columns: Columns) -> str:
    """What parts the cells of a line of headings: that which gives the most known ones."""
    start = head[: csv.field_size_limit()]

    def known(delimiter: str) -> int:
        headings = next(csv.reader([start], delimiter=delimiter), [])
        return sum(columns.find(heading) is not None for heading in headings)

    return max(DELIMITERS, key=known)


def table_of(
    where: str, number: int, headings: Sequence[str], columns: Columns, delimiter: str = ""
) -> Table:
    """The table with these headings in the row ``number``; InputError if they are no good."""
    headings = list(headings)
    while headings and not headings[-1].strip():
        headings.pop()
    found = [columns.find(heading) if heading.strip() else None for heading in headings]
    place = f"{where}, row {number}"
    _check_known(headings, found, columns, place)
    _check_twice(headings, found, place)
    decimal = "," if delimiter == ";" else "." if delimiter else ""
    return Table(where, tuple(headings), tuple(found), delimiter, decimal)


def _check_known(
    headings: Sequence[str], found: Sequence[Column | None], columns: Columns, place: str
) -> None:
    if not any(column is not None and column.key == "id" for column in found):
        what = "no column is called id"
        if not any(found):
            what = "this is no line of headings"
        raise InputError(what, place, _HEADING)
    unknown = [
        (number, heading.strip())
        for number, heading in enumerate(headings)
        if heading.strip() and found[number] is None
    ]
    if unknown:
        shown = ", ".join(f"{letters(number)} ({heading})" for number, heading in unknown[:8])
        more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
        hints = [_hint(heading, columns) for _, heading in unknown[:8]]
        many = "the columns" if len(unknown) > 1 else "the column"
        verb = "are" if len(unknown) > 1 else "is"
        raise InputError(
            f"{many} {shown}{more} {verb} unknown",
            place,
            f"{''.join(hints)}{_NOTE}",
        )


def _hint(heading: str, columns: Columns) -> str:
    near = columns.nearest(heading)
    return f"For {quoted(heading)} did you mean {' or '.join(near)}? " if near else ""


def _check_twice(headings: Sequence[str], found: Sequence[Column | None], place: str) -> None:
    times = Counter(column.meaning for column in found if column is not None)
    twice = [
        f"{letters(number)} ({headings[number].strip()})"
        for number, column in enumerate(found)
        if column is not None and times[column.meaning] > 1
    ]
    if twice:
        what = f"the columns {' and '.join(twice)} hold the same"
        raise InputError(what, place, "Keep one of them")


def no_case(where: str) -> InputError:
    """The refusal of a table that has headings and nothing below."""
    return InputError("there is no case in it", where, "Fill in a row below the headings")


_HEADING = (
    "The first row names the columns, id among them; 'calcinosis template FILE.xlsx' writes a form"
)
_NOTE = (
    "What gives no fact may stand in a column whose name starts with note_; 'calcinosis template "
    "FILE.xlsx' writes a form with all columns"
)
