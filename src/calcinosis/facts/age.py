"""Ages: ``15 months``, ``P15M`` to days."""

from __future__ import annotations

import math
import re

from calcinosis.facts import limits

# Mean Gregorian lengths; an age is only compared with interval bounds, never printed.
_DAYS = {"year": 365.2425, "month": 30.436875, "week": 7.0, "day": 1.0, "hour": 1 / 24}
_WORDS = {
    **{word: word for word in _DAYS},
    **{word + "s": word for word in _DAYS},
    "y": "year",
    "yr": "year",
    "yrs": "year",
    "mo": "month",
    "mos": "month",
    "wk": "week",
    "wks": "week",
    "d": "day",
    "h": "hour",
}
_PAIR = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)\.?(?:\s+old)?\s*,?\s*(?:and\s+)?")
_ISO = re.compile(
    r"P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(\d+(?:\.\d+)?)H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?\Z"
)
OLDEST_YEARS = 130


def days(text: str) -> float | None:
    """The age in days that ``text`` states, or None where it is no age.

    ``text`` is a number with its unit, several of them, or an ISO 8601 duration. A year is
    365.2425 days, a month a twelfth of it.

    >>> days("15 months") == days("P15M")
    True
    >>> days("59") is None
    True
    """
    text = text.strip()
    if len(text) > limits.QUANTITY_CHARACTERS:
        return None
    iso = _ISO.match(text)
    if iso and any(iso.groups()):
        units = ("year", "month", "week", "day", "hour")
        parts = zip(iso.groups(), units, strict=True)
        return _checked(sum(float(n) * _DAYS[unit] for n, unit in parts if n))
    total, position = 0.0, 0
    while position < len(text):
        pair = _PAIR.match(text, position)
        unit = _WORDS.get(pair.group(2).casefold()) if pair else None
        if pair is None or unit is None:
            return None
        total += float(pair.group(1)) * _DAYS[unit]
        position = pair.end()
    return _checked(total) if text else None


def _checked(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def is_possible(age_days: float) -> bool:
    """Whether a human being can have this age."""
    return 0 <= age_days <= OLDEST_YEARS * _DAYS["year"]
