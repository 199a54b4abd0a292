"""A data frame of pandas or polars as a table of cases: the rows that a file of it would have.

Neither library is imported: who gives a frame has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from numbers import Real
from typing import TYPE_CHECKING, Any, Final

from calcinosis.errors import InputError
from calcinosis.facts import limits
from calcinosis.facts.cells import EMPTY, Cell

if TYPE_CHECKING:
    from calcinosis.facts.sheet import Grid

WHERE: Final = "the data frame"
_LIBRARIES: Final = ("pandas", "polars")
_WORDS: Final = ("text", "word", "list", "lab")
_TRUTH: Final = "Write the word that is meant"
_DATE: Final = "Write what is meant as text"


def is_frame(value: object) -> bool:
    """Whether a value is a data frame, told by the library that its type comes from."""
    library = type(value).__module__.partition(".")[0]
    return library in _LIBRARIES and type(value).__name__ == "DataFrame"


def no_mapping(where: str) -> InputError:
    """The refusal of a mapping, or of a choice of visits, for a long table."""
    what = "this is a long table, a statement a row: it needs no mapping, and no choice of visits"
    cure = "Classify it as it is; if a row is a patient, rename the column of values or kinds"
    return InputError(what, where, cure)


def frame_grid(frame: Any) -> Grid:
    """The cells of a data frame."""
    from calcinosis.facts.sheet import Grid

    return Grid(WHERE, frame_rows(frame))


def frame_rows(frame: Any) -> Iterator[tuple[int, list[Cell]]]:
    """The headings of a data frame as row 0, then its rows from 1 on; InputError if it is wide."""
    if any(name is not None for name in getattr(getattr(frame, "index", None), "names", ())):
        frame = frame.reset_index()
    if len(frame.columns) > limits.COLUMNS:
        raise limits.exceeded("it has", limits.COLUMNS, "columns", WHERE, "Leave some out")
    yield 0, [Cell(_heading(name)) for name in frame.columns]
    rows: Iterable[Any]
    rows = frame.iter_rows() if hasattr(frame, "iter_rows") else frame.itertuples(False, None)
    for number, row in enumerate(rows, start=1):
        yield number, [_cell(value) for value in row]


def _heading(name: object) -> str:
    """The name of a column; the parts of one that has several, one behind the other."""
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _cell(value: Any) -> Cell:
    if _is_missing(value):
        return EMPTY
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return Cell(str(value), None, f"{value} is a logical value", _TRUTH, _WORDS)
    if isinstance(value, Real):
        return _number(value)
    if isinstance(value, datetime | date | time | timedelta):
        text = str(value).removesuffix(" 00:00:00")
        return Cell(text, None, f"there is a date or time here ({text})", _DATE, _WORDS)
    text = str(value)
    if len(text) > limits.CELL_CHARACTERS:
        most = f"{limits.CELL_CHARACTERS:,}"
        what = f"a cell has more than {most} characters"
        return Cell(text[:100], None, what, "Shorten it", (*_WORDS, "note"))
    return Cell(text)


def _number(value: Any) -> Cell:
    number = float(value)
    if not math.isfinite(number):
        return Cell(str(value))
    return Cell(str(int(value)) if number.is_integer() else repr(number), value)


def _is_missing(value: Any) -> bool:
    """Whether it is nothing: None, not a number, not a time, or pandas' own sign for it."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)
