"""Times as records state them, ages and dates, and which of two came first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from calcinosis.facts import age

_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T[\d:.]*)?)?)?(?:Z|[+-]\d\d:?\d\d)?\Z")

_REMEMBERED: Final = 4096  # the same ages and dates stand again and again


@dataclass(frozen=True, slots=True)
class Time:
    """A point in a life: ``age`` in days, or ``date`` as ISO 8601 (of any precision), or neither.

    ``words`` is what stood there.
    """

    age: float | None = None
    date: str = ""
    words: str = ""

    def is_after(self, other: Time | None) -> bool:
        """Whether this is known to be later than another; what cannot be compared is not."""
        if other is None:
            return False
        if self.age is not None and other.age is not None:
            return self.age > other.age
        length = min(len(self.date), len(other.date), 10)
        return bool(length) and self.date[:length] > other.date[:length]


def dated(value: object) -> Time | None:
    """The time of an ISO 8601 date, or of one with a time of day; None for anything else.

    >>> dated("2020-03-20T00:00:00Z").is_after(dated("2020-02"))
    True
    """
    return _dated(value.strip()) if isinstance(value, str) else None


def aged(value: object) -> Time | None:
    """The time of an ISO 8601 duration, the age then; None for anything else."""
    return _aged(value.strip()) if isinstance(value, str) else None


@lru_cache(_REMEMBERED)
def _dated(text: str) -> Time | None:
    return Time(date=text, words=text) if _DATE.match(text) else None


@lru_cache(_REMEMBERED)
def _aged(text: str) -> Time | None:
    found = age.days(text) if text[:1] == "P" else None
    return None if found is None else Time(age=found, words=text)


def lifetime(born: object, then: object) -> str:
    """The age on a date as an ISO 8601 duration, as exact as both dates are; empty if unknown.

    >>> lifetime("1975-03-20", "2020-03-19T10:00:00Z"), lifetime("1975", "2020-05")
    ('P44Y', 'P45Y')
    >>> lifetime("2020-01-31", "2020-04-30"), lifetime("2020-04-01", "2020-04-11")
    ('P2M', 'P10D')
    """
    start, end = _date(born), _date(then)
    if start is None or end is None or start > end:
        return ""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    if months >= 24 or "-" not in str(born) or "-" not in str(then):
        return f"P{months // 12}Y"
    return f"P{months}M" if months else f"P{(end - start).days}D"


def _date(value: object) -> date | None:
    """A date; a month or a year stands for its first day."""
    match = _DATE.match(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None
