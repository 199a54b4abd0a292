"""Long tables in text files: comma, semicolon or tab between the cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from calcinosis.errors import InputError
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign
from calcinosis.facts.cells import Cell, unguarded
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.long_table import is_long, long_cases

_DELIMITERS: Final = (",", ";", "\t")
_CURE: Final = "Save it as CSV UTF-8"


def long_table_in(path: Path) -> Iterator[RawCase | InputError] | None:
    """The cases of a text file if it holds a long table; None if it does not."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline(limits.ROW_CHARACTERS)
    except UnicodeDecodeError:
        return None
    for delimiter in _DELIMITERS:
        headings = _parts(first, delimiter)
        if is_long(headings):
            return long_cases(str(path), headings, _rows(path, delimiter))
    return None


def _parts(line: str, delimiter: str) -> list[str]:
    """The cells of a line; none where it cannot be parted."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The rows below the headings, with their numbers as a spreadsheet counts them."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = enumerate(csv.reader(lines, delimiter=delimiter), start=1)
        next(rows, None)
        while True:
            with foreign("this table", str(path), _CURE):
                found = next(rows, None)
            if found is None:
                return
            number, texts = found
            yield number, [Cell(unguarded(text)) for text in texts]
