"""Amounts, units and intervals as values, and how an amount compares with a bound."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from numbers import Real
from typing import Any, Final, Literal, get_args

from calcinosis.facts import limits

LevelWord = Literal["high", "low", "normal", "not high", "not low", "abnormal"]

LEVEL_WORDS: Final[tuple[LevelWord, ...]] = get_args(LevelWord)

_SIDES: Final[dict[LevelWord, frozenset[str]]] = {
    "high": frozenset({"high"}),
    "low": frozenset({"low"}),
    "normal": frozenset({"normal"}),
    "not high": frozenset({"low", "normal"}),
    "not low": frozenset({"normal", "high"}),
    "abnormal": frozenset({"low", "high"}),
}

FAR: Final = 1.5  # laboratories differ by less; what is further apart is of another unit, or wrong

_RANGE = re.compile(
    r"\s*+(?P<sign><=|>=|<|>|≤|≥)?\s*+(?P<whole>\d+)(?:(?P<mark>[.,])(?P<part>\d+))?"
    r"(?P<power>[eE][+-]?\d+)?\s*\Z"
)
_NEAR: Final = 0.03
_MICRO = str.maketrans({"\u00b5": "u", "\u03bc": "u"})


@dataclass(frozen=True, slots=True)
class Unit:
    """An accepted unit (``ucum`` code): a value times ``factor`` is in the canonical unit."""

    ucum: str
    factor: float


@dataclass(frozen=True, slots=True)
class Interval:
    """Inclusive bounds in ``unit``, None where open, and where they come from.

    ``age`` is the band it was printed for, from (inclusive) to (exclusive) as ISO 8601 durations;
    ``decimals`` is how many its bounds are printed with, the precision at which values compare.
    """

    low: float | None
    high: float | None
    unit: Unit
    source: str
    references: tuple[str, ...] = ()
    age: tuple[str | None, str | None] = (None, None)
    decimals: int = 2

    @property
    def bounds(self) -> str:
        """The bounds with their unit, in words."""
        if self.low is None:
            words = f"up to {self.high:g}"
        elif self.high is None:
            words = f"from {self.low:g}"
        else:
            words = f"{self.low:g}\u2013{self.high:g}"
        return f"{words} {self.unit.ucum}"

    def __str__(self) -> str:
        return f"{self.bounds}, {self.source}"

    def in_unit(self, unit: Unit) -> Interval:
        """The interval in another unit, its bounds to three figures, as laboratories print them."""
        if unit == self.unit:
            return self
        scale = self.unit.factor / unit.factor
        low, high = (
            None if bound is None else float(f"{bound * scale:.3g}")
            for bound in (self.low, self.high)
        )
        return Interval(low, high, unit, self.source, self.references, self.age, self.decimals)

    def to_dict(self) -> dict[str, Any]:
        """The interval as the explanation's JSON holds it."""
        found: dict[str, Any] = {
            "low": self.low,
            "high": self.high,
            "unit": self.unit.ucum,
            "source": self.source,
            "references": list(self.references),
        }
        start, end = self.age
        return {**found, "age": {"from": start, "to": end}} if start or end else found

    def is_far_from(self, other: Interval) -> bool:
        """Whether both lie apart by half as much again: a sign of another unit, not another lab."""
        there = other.in_unit(self.unit)
        below = self.high is not None and there.low is not None and FAR * self.high < there.low
        above = self.low is not None and there.high is not None and self.low > FAR * there.high
        return below or above

    def is_near(self, other: Interval) -> bool:
        """Whether no bound is further from the same bound of another than laboratories differ."""
        there = other.in_unit(self.unit)
        pairs = ((self.low, there.low), (self.high, there.high))
        return all(not is_apart(bound, known) for bound, known in pairs)

    def is_nearly(self, other: Interval) -> bool:
        """Whether both bounds are those of another but for a tenth: it can be nothing else."""
        there = other.in_unit(self.unit)
        pairs = ((self.low, there.low), (self.high, there.high))
        return all(
            bound is not None and known is not None and abs(bound - known) <= known / 10
            for bound, known in pairs
        )

    def is_left_behind_by(self, value: Amount) -> bool:
        """Whether an amount in its unit lies beyond it by more than twice its own span (high/low).

        What varies little in health varies little in disease: a third of the value is a slip where
        the interval is narrow, and a finding where it is wide.
        """
        if not self.low or self.high is None:
            return False
        span = (self.high / self.low) ** 2
        return value.high * span < self.low or value.low > self.high * span

    def holds(self, value: Amount, unit: Unit) -> bool:
        """Whether the whole of an amount, in a unit, lies within the bounds as printed in it."""
        there = self.in_unit(unit)
        low = -math.inf if there.low is None else there.low
        high = math.inf if there.high is None else there.high
        return low <= value.low and value.high <= high


@dataclass(frozen=True, slots=True)
class Amount:
    """A value, or a range of values, in the unit it was given in.

    ``strict`` leaves out the ends of a range: ``>60`` is more than 60, ``>=60`` may be 60.
    """

    low: float
    high: float
    strict: bool = False

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:.3g}"
        sign = "" if self.strict else "="
        if math.isinf(self.high):
            return f">{sign}{self.low:.3g}"
        if math.isinf(self.low):
            return f"<{sign}{self.high:.3g}"
        return f"{self.low:.3g}\u2013{self.high:.3g}"


@dataclass(frozen=True, slots=True)
class Measured:
    """An amount with its unit, and with how many ``decimals`` it was written."""

    amount: Amount
    unit: Unit
    decimals: int = 0


def spell(unit: str) -> str:
    """A unit as it is compared: micro signs alike, no spaces, any case of the litre."""
    return unit.translate(_MICRO).replace(" ", "").casefold()


def amount(value: object) -> Amount | None:
    """The amount that a number or a word such as ``>60`` states, or None if it is neither.

    An integer beyond what a float holds is infinite. A comma is a decimal mark where it can be
    nothing else; ``in_thousands`` tells of the others.

    >>> amount(">60"), amount("2,31")
    (Amount(low=60.0, high=inf, strict=True), Amount(low=2.31, high=2.31, strict=False))
    """
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        return Amount(number, number)
    is_short = isinstance(value, str) and len(value) <= limits.QUANTITY_CHARACTERS
    match = _RANGE.match(str(value)) if is_short else None
    if match is None or _is_asked(match):
        return None
    part = f".{match['part']}" if match["mark"] else ""
    sign, number = match["sign"], float(f"{match['whole']}{part}{match['power'] or ''}")
    if sign is None:
        return Amount(number, number)
    strict = sign in ("<", ">")
    if sign in ("<", "<=", "≤"):
        return Amount(0.0, number, strict)
    return Amount(number, math.inf, strict)


def may_part_thousands(whole: str, part: str) -> bool:
    """Whether a mark between these digits may as well part thousands as decimals.

    >>> may_part_thousands("1", "200"), may_part_thousands("2", "31")
    (True, False)
    """
    return len(part) == 3 and len(whole) <= 3 and not whole.startswith("0")


def in_thousands(text: str) -> tuple[str, str] | None:
    """The two numbers that a text with a comma may mean, without and with decimals; else None.

    >>> in_thousands("1,200"), in_thousands("2,31")
    (('1200', '1.200'), None)
    """
    match = _RANGE.match(text) if len(text) <= limits.QUANTITY_CHARACTERS else None
    if match is None or not _is_asked(match):
        return None
    return match["whole"] + match["part"], f"{match['whole']}.{match['part']}"


def _is_asked(match: re.Match[str]) -> bool:
    return match["mark"] == "," and may_part_thousands(match["whole"], match["part"])


def decimals(text: str) -> int:
    """How many decimals a number is written with.

    >>> decimals("2.20"), decimals("2,2"), decimals("11"), decimals("1e-3")
    (2, 1, 0, 3)
    """
    number, _, power = text.replace(",", ".").casefold().partition("e")
    return max(0, len(number.partition(".")[2]) - int(power or 0))


def of_three(value: float) -> int:
    """How many decimals show three figures of a number, as laboratories print them.

    >>> of_three(2.62), of_three(10.5), of_three(2620.0)
    (2, 1, 0)
    """
    if not value or not math.isfinite(value):
        return 0
    return max(0, 2 - math.floor(math.log10(abs(value))))


def is_apart(bound: float | None, known: float | None) -> bool:
    """Whether two bounds differ by more than laboratories do; zero bounds nothing from below."""
    if not bound or known is None:
        return False
    return bound > FAR * known or FAR * bound < known


def level(measured: Measured, printed: Interval) -> LevelWord | None:
    """The level of an amount by an inclusive interval; None where its range lies across a bound.

    It is compared in the unit in which the bounds are printed, at their precision.
    """
    value = measured.amount
    low, high = printed.low, printed.high
    side = _Side(measured, printed)
    if high is not None and (
        side.is_above(value.low, high) or (value.strict and side.of(value.low) >= high)
    ):
        return "high"
    if low is not None and (
        side.is_below(value.high, low) or (value.strict and side.of(value.high) <= low)
    ):
        return "low"
    not_high = high is not None and not side.is_above(value.high, high)
    not_low = low is not None and not side.is_below(value.low, low)
    if not_high and not_low:
        return "normal"
    if not_high:
        return "not high"
    return "not low" if not_low else None


def agree(one: LevelWord, other: LevelWord) -> bool:
    """Whether two levels can be said of one value."""
    return not _SIDES[one].isdisjoint(_SIDES[other])


def shared(levels: Collection[LevelWord | None]) -> LevelWord | None:
    """What all intervals say of a value: one level, or that it is not raised; else None.

    >>> shared(["low", "normal"]), shared(["normal", "high"]), shared([])
    ('not high', None, None)
    """
    found = set(levels)
    if len(found) == 1:
        return found.pop()
    return "not high" if found and found <= {"low", "normal", "not high"} else None


def near(measured: Measured, printed: Interval, found: LevelWord) -> str:
    """How near to a bound a level was found, in words; empty if it was not.

    Near is what the rounding decided, and what lies within 3 % of the bound.
    """
    side = _Side(measured, printed)
    close = []
    for end, bound, rounded in side.deciding(found):
        if bound:
            distance = abs(end - bound) / bound
            if distance <= _NEAR or rounded:
                close.append((distance, bound, rounded))
    if not close:
        return ""
    _, bound, rounded = min(close)
    within = "the rounding" if rounded else "3 %"
    return f"within {within} of the bound {bound:g} {printed.unit.ucum}"


class _Side:
    """On which side of the bounds of an interval the ends of an amount lie."""

    def __init__(self, measured: Measured, printed: Interval) -> None:
        self._measured = measured
        self._printed = printed
        self._scale = measured.unit.factor / printed.unit.factor

    def of(self, end: float) -> float:
        """An end in the unit of the bounds."""
        return end * self._scale

    def is_above(self, end: float, bound: float) -> bool:
        """Whether an end is above a bound, in both units as they are printed."""
        return self._rounded(end) > bound and end > self._there(bound, end)

    def is_below(self, end: float, bound: float) -> bool:
        """Whether an end is below a bound, in both units as they are printed."""
        return self._rounded(end) < bound and end < self._there(bound, end)

    def _rounded(self, end: float) -> float:
        return round(self.of(end), self._printed.decimals)

    def _there(self, bound: float, end: float) -> float:
        """The bound in the unit of the value, as one who writes it so precisely would print it.

        A value that was printed in fewer figures than the bound cannot lie beyond it by less.
        """
        if self._scale == 1.0:
            return bound
        return round(bound / self._scale, max(self._measured.decimals, of_three(end)))

    def deciding(self, found: LevelWord) -> Iterator[tuple[float, float, bool]]:
        """The ends of the amount with the bounds that decide, and whether only rounding does."""
        value, low, high = self._measured.amount, self._printed.low, self._printed.high
        upper, lower = self.of(value.high), self.of(value.low)
        if found == "high" and high is not None:
            yield lower, high, False
        if found == "low" and low is not None:
            yield upper, low, False
        if found in ("normal", "not high") and high is not None:
            yield upper, high, upper > high * (1 + 1e-9)
        if found in ("normal", "not low") and low is not None:
            yield lower, low, lower < low * (1 - 1e-9)
