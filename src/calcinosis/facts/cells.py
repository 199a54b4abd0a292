"""Cells of a table: their text, what keeps one from being read, and the numbers in them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from calcinosis.facts.quantity import may_part_thousands

_NUMBER = re.compile(
    r"(?P<sign><=|>=|<|>|≤|≥)?\s*(?P<whole>\d+)(?:(?P<mark>[.,])(?P<part>\d+))?"
    r"(?P<power>[eE][+-]?\d{1,3})?\Z"
)
_QUANTITY = re.compile(
    r"(?P<flag>[↑↓]+|[A-Za-z]+(?=[\s:]))?[\s:]*"
    r"(?P<number>(?:<=|>=|<|>|≤|≥)?\s*\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?)(?P<rest>(?!\d).*)\Z",
    re.DOTALL,
)
_SIGN = r"(?:[(\[]?(?P<{0}>[^\W\d_]+|[↑↓]+)[)\]]?)"
_FLAGS = (
    re.compile(r"(?<!/)(?:\A|\s+)" + _SIGN.format("word") + r"\Z"),
    re.compile(r"[(\[](?P<word>[^\W\d_]+|[↑↓]+)[)\]]\Z|(?P<arrow>[↑↓]+)\Z"),
    re.compile(r"\A" + _SIGN.format("word") + r"(?=\s)"),
)
_SMALL = re.compile(r"[a-z]")
_MARKS = re.compile(r"\s*[*†‡#]+\Z")
_IS_UNIT = re.compile(r"[^\W\d_%]|[%µ\[]")
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its ``text`` as it is shown, and its ``number`` where it holds one.

    ``fault`` says why columns of the kinds in ``hinders`` cannot take it (a date is no value),
    with its ``cure``. ``unit`` is one that the number's format shows, ``row`` the
    number of the row that it comes from, where that is another than that of the case.
    """

    text: str
    number: int | float | None = None
    fault: str = ""
    cure: str = ""
    hinders: tuple[str, ...] = ()
    unit: str = ""
    row: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not self.text.strip()


EMPTY: Final = Cell("")


def measured(cell: Cell, decimal: str) -> float | str | None:
    """The number in a cell, or a bound such as ``>60``; None where it is ambiguous.

    ``decimal`` is the mark that the table is known to use, or empty. Another mark that may as
    well part thousands is ambiguous. What is neither number nor bound comes back as it stood.

    >>> measured(Cell("9,1"), "")
    9.1
    >>> measured(Cell("1,250"), "") is None
    True
    >>> measured(Cell("1,250"), ",")
    1.25
    """
    if cell.number is not None:
        return cell.number
    text = cell.text.strip()
    match = _NUMBER.match(text)
    if match is None:
        return text
    mark = match["mark"]
    if mark and mark != decimal and may_part_thousands(match["whole"], match["part"]):
        return None
    plain = f"{match['whole']}.{match['part']}" if mark else match["whole"]
    if match["sign"]:
        return f"{match['sign']}{plain}{match['power'] or ''}"
    if not mark and not match["power"] and len(plain) < 16:
        return int(plain)
    number = float(plain + (match["power"] or ""))
    return number if math.isfinite(number) else text


LevelOf = Callable[[str], str | None]
"""The level that a word of a laboratory says, or None."""


def _no_level(_word: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Stated:
    """What a laboratory cell states: its number as it stood, and the unit and level beside it."""

    number: str = ""
    unit: str = ""
    level: str = ""


def stated(text: str, level_of: LevelOf = _no_level) -> Stated | None:
    """The parts of a laboratory cell; None where it holds no number and no word for a level.

    So it is where a level before the number and one behind it are not the same.

    >>> stated("9.2 mg/dL"), stated("see letter")
    (Stated(number='9.2', unit='mg/dL', level=''), None)
    >>> stated("10.9 (H)", {"H": "high"}.get)
    Stated(number='10.9', unit='', level='high')
    """
    text = _MARKS.sub("", text.strip())
    if level := level_of(text):
        return Stated(level=level)
    match = _QUANTITY.match(text)
    if match is None:
        return None
    before = level_of(match["flag"]) if match["flag"] else ""
    rest, level = _flagged(match["rest"].strip(), level_of)
    if (match["flag"] and not before) or (rest and not _IS_UNIT.match(rest)):
        return None
    if before and level and before != level:
        return None
    return Stated(match["number"], rest, level or before or "")


def _flagged(rest: str, level_of: LevelOf) -> tuple[str, str]:
    """What follows a number without the flag of its level, and that level.

    A small letter alone is a unit: litre or hour, where a laboratory prints its flag as a capital.
    """
    if _SMALL.fullmatch(rest):
        return rest, ""
    for flag in _FLAGS:
        match = flag.search(rest)
        level = level_of(next(filter(None, match.groups()), "")) if match else None
        if match and level:
            return (rest[: match.start()] + rest[match.end() :]).strip(), level
    return rest, ""


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe before it if need be.

    >>> guarded("=1+1"), guarded("case-1")
    ("'=1+1", 'case-1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text that ``guarded`` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
