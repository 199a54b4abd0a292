"""Tables of cases as text: comma, semicolon or tab between the cells, one case a row.

The line of headings decides what parts the cells. A file is read a row at a time, so its size
does not matter; its encoding is checked first, so that a file in another one is refused whole.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from calcinosis.errors import InputError
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign
from calcinosis.facts.cells import Cell, unguarded
from calcinosis.facts.headings import Headings
from calcinosis.facts.sheet import Grid, Numbered

DELIMITERS = (",", ";", "\t")
_SEP = re.compile(r'"?sep=(?P<sign>[,;\t])"?\s*\Z', re.IGNORECASE)
_CHUNK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def table_grid(path: Path, headings: Headings) -> Generator[Grid]:
    """The cells of a table file, while it is open; InputError if it is no text that can be read."""
    where = str(path)
    with path.open("rb") as stream:
        encoding = _encoding(stream, where)
        stream.seek(0)
        text = io.TextIOWrapper(stream, encoding, newline="")
        yield text_grid(_Lines(text, where), where, headings)


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


def text_grid(lines: _Lines, where: str, headings: Headings) -> Grid:
    """The cells of the lines of a table; its first lines tell what parts them."""
    passed = _head(lines)
    named, skipped = _named_delimiter(passed)
    delimiter = named or delimiter_of(passed, headings)
    rows = _rows(passed[skipped:], lines, where, delimiter, skipped)
    return Grid(where, _celled(rows, where), delimiter)


def _named_delimiter(lines: Sequence[str]) -> tuple[str, int]:
    """What a first line such as ``sep=;`` says parts the cells, and the number of such lines."""
    match = _SEP.match(lines[0]) if lines else None
    return (match["sign"], 1) if match else ("", 0)


def _celled(rows: Iterator[tuple[int, list[str]]], where: str) -> Iterator[Numbered | InputError]:
    for number, texts in rows:
        if len(texts) > limits.COLUMNS:
            place, cure = f"{where}, row {number}", "Mend the row, or leave the columns out"
            yield limits.exceeded("it has", limits.COLUMNS, "cells", place, cure)
        else:
            yield number, [Cell(unguarded(text)) for text in texts]


def _rows(
    passed: Iterable[str], lines: _Lines, where: str, delimiter: str, number: int
) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, as the reader of CSV parts them."""
    reader = csv.reader(chain(passed, lines), delimiter=delimiter, strict=True)
    before = number
    while True:
        lines.begin()
        number += 1
        place = f"{where}, line {before + reader.line_num + 1}"
        try:
            with foreign("the row", place, "Mend it. What follows there was not read"):
                texts = next(reader, None)
        except InputError as error:
            raise _unmatched(error, f"{where}, line {before + reader.line_num}") from error
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


def _head(lines: _Lines) -> list[str]:
    """The first lines, so many that headings are among them if there are any."""
    passed: list[str] = []
    size = filled = 0
    for line in lines:
        passed.append(line)
        if not line.strip():
            continue  # blanks without an end are too many characters of one row
        lines.begin()
        size, filled = size + len(line), filled + 1
        if filled == limits.HEAD or size > limits.ROW_CHARACTERS:
            break
    return passed


def delimiter_of(lines: Sequence[str], headings: Headings) -> str:
    """What parts the cells: what gives a line that names an id, or the most known headings."""
    best, most = DELIMITERS[0], (False, 0)
    for line in filter(str.strip, lines):
        for delimiter in DELIMITERS:
            score = _score(line[: csv.field_size_limit()], delimiter, headings)
            if score > most:
                best, most = delimiter, score
        if most[0]:
            break
    return best


def _score(line: str, delimiter: str, headings: Headings) -> tuple[bool, int]:
    cells = next(csv.reader([line], delimiter=delimiter), [])[: limits.COLUMNS]
    found = [column for cell in cells if (column := headings.knows(cell)) is not None]
    return any(column.key == "id" for column in found), len(found)
