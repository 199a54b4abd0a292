"""Ages: ``15 months``, ``P15M`` to days, and to the duration that they state."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TypeGuard

from calcinosis.facts import limits
from calcinosis.facts.quantity import in_thousands

# Mean Gregorian lengths; an age in days is only compared with interval bounds, never printed.
_DAYS = {
    **{"year": 365.2425, "month": 30.436875, "week": 7.0, "day": 1.0},
    **{"hour": 1 / 24, "minute": 1 / 1440},
}
_NAMED = ("year", "month", "week", "day", "hour")
_WORDS = {
    **{word: word for word in _NAMED},
    **{word + "s": word for word in _NAMED},
    "y": "year",
    "yr": "year",
    "yrs": "year",
    "mo": "month",
    "mos": "month",
    "wk": "week",
    "wks": "week",
    "d": "day",
    "h": "hour",
    **dict.fromkeys(("jahr", "jahre", "jahren", "j"), "year"),
    **dict.fromkeys(("monat", "monate", "monaten", "mon"), "month"),
    **dict.fromkeys(("woche", "wochen"), "week"),
    **dict.fromkeys(("tag", "tage", "tagen"), "day"),
}
_PAIR = re.compile(r"(\d+(?:[.,]\d+)?)\s*([A-Za-z]+)\.?(?:\s+old)?\s*,?\s*(?:and\s+)?")
_ISO = re.compile(
    r"P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+)M)?(?:\d+(?:\.\d+)?S)?)?\Z"
)
_LETTER = re.compile(r"[^\W\d_]{2}|\ds\b")  # one alone may be of a number that was mistyped
_BOUND = re.compile(r"\s*[<>≤≥~]")
_SIGNED = re.compile(r"\s*[-−]\s*\d")
OLDEST_YEARS = 130


@lru_cache(4096)  # the same few ages stand in record after record
def days(text: str) -> float | None:
    """The age in days that ``text`` states, or None where it is no age.

    ``text`` is a number with its unit, several of them, or an ISO 8601 duration. A year is
    365.2425 days, a month a twelfth of it.

    >>> days("15 months") == days("P15M"), days("1,5 years") == days("1.5 years")
    (True, True)
    >>> days("59") is None, days("6 Monate") == days("6 months")
    (True, True)
    """
    parts = _parts(text)
    return None if parts is None else _checked(sum(float(n) * _DAYS[unit] for n, unit in parts))


def _parts(text: str) -> list[tuple[str, str]] | None:
    """The numbers that ``text`` states, each with its unit; None where it is no age."""
    text = text.strip()
    if len(text) > limits.QUANTITY_CHARACTERS:
        return None
    iso = _ISO.match(text)
    if iso and any(iso.groups()[: len(_NAMED)]):
        return [(n, unit) for n, unit in zip(iso.groups(), _DAYS, strict=True) if n]
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        pair = _PAIR.match(text, position)
        unit = _WORDS.get(pair.group(2).casefold()) if pair else None
        if pair is None or unit is None or in_thousands(pair.group(1)):
            return None
        found.append((pair.group(1).replace(",", "."), unit))
        position = pair.end()
    return found or None


def is_told(value: object) -> TypeGuard[str]:
    """Whether an age is told in words, and is no number whose unit or sign is wrong.

    >>> is_told("in her 20s"), is_told("neonate"), is_told("59"), is_told("-3 years")
    (True, True, False, False)
    """
    if not isinstance(value, str) or len(value) > limits.QUANTITY_CHARACTERS:
        return False
    return bool(_LETTER.search(value) or _BOUND.match(value)) and not _SIGNED.match(value)


def duration(text: str) -> str | None:
    """The age that ``text`` states as an ISO 8601 duration in its own units; None for no age.

    It has no time part and no fraction, so that ``java.time.Period`` reads it: hours and parts of
    a day count where they make whole days, as an age is in completed days. A fraction of a year
    goes into months, one of a month or week into whole days. Weeks stand alone, as ISO 8601 has
    it; beside another unit they are days.

    >>> duration("1 year 1 day"), duration("36 hours"), duration("P1Y6M10DT3H"), duration("1.5 y")
    ('P1Y1D', 'P1D', 'P1Y6M10D', 'P1Y6M')
    """
    from fractions import Fraction

    parts = _parts(text)
    if parts is None:
        return None
    held = dict.fromkeys(_DAYS, Fraction())
    for number, unit in parts:
        held[unit] += Fraction(number)
    years, rest = divmod(held["year"], 1)
    months, more = divmod(held["month"] + rest * 12, 1)
    weeks, days_more = divmod(held["week"], 1)
    whole_days = round(more * Fraction(_DAYS["month"]) + days_more * 7)
    alone = not (years or months or whole_days or held["day"] or held["hour"] or held["minute"])
    hours = held["hour"] / 24 + held["minute"] / 1440
    days = held["day"] + whole_days + (0 if alone else weeks * 7) + hours
    return _written(years, months, weeks if alone else 0, int(days))


def _written(years: int, months: int, weeks: int, days: int) -> str:
    date = ((years, "Y"), (months, "M"), (weeks, "W"), (days, "D"))
    return "P" + ("".join(f"{n}{unit}" for n, unit in date if n) or "0D")


def _checked(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def is_possible(age_days: float) -> bool:
    """Whether a human being can have this age."""
    return 0 <= age_days <= OLDEST_YEARS * _DAYS["year"]
