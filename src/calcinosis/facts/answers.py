"""What a cell of a sheet states, by its column: yes or no, a sex, an age, the items of a list."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from calcinosis.facts.cells import Cell
from calcinosis.facts.columns import ITEM_END, Column
from calcinosis.facts.sheet_words import plain, words

_NUMBERS: Final = {"1": True, "0": False, "1.0": True, "0.0": False}
_SIGNS: Final = {"+": True, "-": False, "−": False, "–": False}
_ITEM_ENDS = re.compile(rf"[{ITEM_END}\n\r]")
_FURTHER_ENDS: Final = (re.compile(r"\s*,\s*"), re.compile(r"\s*(?:[,/+&]|\band\b|\bund\b)\s*"))
_ICD = re.compile(r"[A-TV-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?[-+*!]?\Z")
_DECIMAL = re.compile(r"(?<=\d),(?=\d)")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}(?!\d)")
_AGE = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)[\s-]*(?P<unit>[^\W\d_][^\d]*?)?(?:[\s-]+old)?\Z")


def said(cell: Cell, column: Column) -> bool | None:
    """Whether a cell of a column says yes or no; None where it says neither.

    1 and 0, + and - say it only in a column that is known to use them so.
    """
    word = plain(cell.text)
    if column.numbers and word in _NUMBERS:
        return _NUMBERS[word]
    if column.signs and word in _SIGNS:
        return _SIGNS[word]
    return words().is_yes(word)


def states_nothing(cell: Cell, column: Column) -> bool:
    """Whether a cell says only that nothing is known. An id may be any word."""
    if column.key == "id" or (column.kind == "word" and plain(cell.text) == "unknown"):
        return False
    if column.signs and plain(cell.text) in _SIGNS:
        return False
    return words().is_missing(cell.text)


def is_none(text: str) -> bool:
    """Whether a word says that there is none, which is recorded and no term."""
    return plain(text) in words().of("none")


def word(text: str, cell: Cell, column: Column) -> str:
    """A cell of a column that takes one of a few words, as the case format has them."""
    if column.key == "calcinosis":
        answer = said(cell, column)
        if answer is not None:
            return "present" if answer else "absent"
    if column.key == "sex":
        return words().of("sex").get(plain(text), text.casefold())
    return text.casefold()


def age(text: str, unit: str, *, is_default: bool) -> str | None:
    """An age as the case format has it; None where it may be one number or another.

    ``unit`` is that of a number without one, where ``is_default``, else it is said of each.

    >>> age("59", "years", is_default=True), age("15 mo", "years", is_default=True)
    ('59 years', '15 months')
    >>> age("1,200 days", "", is_default=True) is None
    True
    """
    if _THOUSANDS.match(text):
        return None
    point = _DECIMAL.sub(".", text)
    match = _AGE.match(point)
    if match is None or not is_default:
        return f"{point} {unit}".strip()
    said, units = plain(match["unit"] or unit), words().of("age_unit")
    named = units.get(said) or units.get(said.removesuffix("."))
    return point if named is None else f"{match['number']} {named}"


def items(text: str, column: Column, kind_of: Callable[[str], str]) -> list[str]:
    """The items of a cell: parted by semicolons and lines, else only where each part is a term."""
    found: list[str] = []
    for item in filter(None, (one.strip() for one in _ITEM_ENDS.split(text))):
        if column.codes:
            found += _codes(item, kind_of)
        elif column.key == "sites":
            found += _sites(item)
        else:
            found += _parts(item, kind_of)
    if not column.values:
        return found
    meant = (column.values.get(plain(one), one) for one in found)
    return [one for text in meant for one in map(str.strip, _ITEM_ENDS.split(text)) if one]


def _parts(item: str, kind_of: Callable[[str], str]) -> list[str]:
    if kind_of(item):
        return [item]
    for ends in _FURTHER_ENDS:
        parts = [part for part in ends.split(item) if part]
        if len(parts) > 1 and all(kind_of(part) or is_none(part) for part in parts):
            return parts
    return [item]


def _sites(item: str) -> list[str]:
    """The sites of an item, unless a part is no site: a side, or within brackets."""
    parts = [part for part in _FURTHER_ENDS[-1].split(item) if part]
    sides = words().of("side")
    is_one = "(" in item or any(plain(part) in sides for part in parts)
    return [item] if is_one or not parts else parts


def _codes(item: str, kind_of: Callable[[str], str]) -> list[str]:
    """Codes of an ICD, each with its prefix where only so it is known."""
    parts = [part for part in re.split(r"[,/\s]+", item) if part]
    if not all(_ICD.match(part.upper()) for part in parts):
        return [item]
    return [_code(part.upper().rstrip("-+*!"), part, kind_of) for part in parts]


def _code(code: str, written: str, kind_of: Callable[[str], str]) -> str:
    prefixed = f"ICD10CM:{code}"
    return prefixed if not kind_of(written) and kind_of(prefixed) else written
