"""Shares with their intervals, agreement beyond chance, and a paired test, by published formulas.

Nothing is simulated, so that the same counts give the same figures everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import comb, fsum, sqrt
from typing import Any, Final

Z: Final = 1.959963984540054
"""The quantile of the normal distribution for 95 %."""
SMALL: Final = 40
"""Below so many cases an interval is the exact one, from there on the score interval."""
EXACT, SCORE = "exact", "Wilson"
_TAIL: Final = 0.025
_HALVINGS: Final = 60


@dataclass(frozen=True, slots=True)
class Share:
    """A count out of a total."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None of nothing."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval, between 0 and 1; None of nothing."""
        if not self.total:
            return None
        return (exact if self.method == EXACT else wilson)(self.count, self.total)

    @property
    def method(self) -> str:
        """Whose interval it is: exact (Clopper and Pearson) below SMALL, else Wilson's."""
        return EXACT if self.total < SMALL else SCORE

    def to_dict(self) -> dict[str, Any]:
        """Count and total for JSON."""
        return {"count": self.count, "total": self.total}

    def estimate(self) -> dict[str, Any]:
        """Count, total, share and 95 % interval for JSON; None where the total is 0."""
        low, high = self.interval or (None, None)
        method = self.method if self.total else None
        told = {"share": self.value, "low": low, "high": high, "interval": method}
        return {**self.to_dict(), **told}


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a share; ``total`` is not 0.

    Wilson EB. J Am Stat Assoc 1927;22:209-212. doi:10.1080/01621459.1927.10502953. It holds its
    level in small groups and for shares near 0 and 1, where the interval of the textbooks does not
    (Brown LD, Cai TT, DasGupta A. Stat Sci 2001;16:101-133. doi:10.1214/ss/1009213286).

    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    share, square = count / total, Z * Z / total
    middle = share + square / 2
    half = Z * sqrt(share * (1 - share) / total + square / (4 * total))
    low, high = (middle - half) / (1 + square), (middle + half) / (1 + square)
    return (0.0 if count == 0 else low, 1.0 if count == total else high)


@cache
def exact(count: int, total: int) -> tuple[float, float]:
    """The exact 95 % interval of a share: each bound leaves 2.5 % of the binomial beyond.

    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413. doi:10.1093/biomet/26.4.404. It covers at
    least 95 %, and more where cases are few (Brown LD, Cai TT, DasGupta A. Stat Sci
    2001;16:101-133. doi:10.1214/ss/1009213286).

    >>> [round(bound, 4) for bound in exact(8, 10)]
    [0.4439, 0.9748]
    """
    low = 0.0 if count == 0 else _lower(count, total)
    high = 1.0 if count == total else 1 - _lower(total - count, total)
    return low, high


def _lower(count: int, total: int) -> float:
    """The share at which ``count`` or more come to 2.5 %, by halving."""
    below, above = 0.0, count / total
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if _at_least(count, total, middle) < _TAIL:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def _at_least(count: int, total: int, share: float) -> float:
    beyond = (
        comb(total, n) * share**n * pow(1 - share, total - n) for n in range(count, total + 1)
    )
    return fsum(beyond)


def mcnemar(one: int, other: int) -> float:
    """The two-sided exact p of a paired test: ``one`` and ``other`` are the discordant pairs.

    Twice the smaller tail of the binomial with a half, at most 1 (McNemar Q. Psychometrika
    1947;12:153-157. doi:10.1007/BF02295996; the exact form is the sign test on discordant pairs).

    >>> mcnemar(1, 7), mcnemar(0, 0)
    (0.0703125, 1.0)
    """
    total = one + other
    tail = sum(comb(total, n) for n in range(min(one, other) + 1))
    return min(1.0, 2 * tail / (1 << total))  # whole numbers, so that no size is too large


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement of two raters: both the same of all, and beyond chance with its 95 % interval.

    ``value`` is None where chance alone gives full agreement: both always say one and the same. The
    interval is None there, and where all agree: its formula gives it no width.
    """

    same: Share
    value: float | None
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, Any]:
        """Agreement, kappa and interval for JSON."""
        kappa = {"kappa": self.value, "low": self.low, "high": self.high}
        return {"same": self.same.to_dict(), **kappa}


def kappa(pairs: Iterable[tuple[str, str]]) -> Kappa:
    """Cohen's kappa of pairs of categories, unweighted, with its large-sample 95 % interval.

    Cohen J. Educ Psychol Meas 1960;20:37-46. doi:10.1177/001316446002000104; the standard error
    is that of Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327. doi:10.1037/h0028106.

    >>> found = kappa([("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15)
    >>> found.same.count, round(found.value or 0, 3)
    (35, 0.4)
    """
    cells = Counter(pairs)
    total = sum(cells.values())
    same = Share(sum(n for (one, other), n in cells.items() if one == other), total)
    rows, columns = Counter[str](), Counter[str]()
    for (one, other), count in cells.items():
        rows[one] += count
        columns[other] += count
    chance = sum(rows[name] * columns[name] for name in rows)
    if chance == total * total:  # also of nobody
        return Kappa(same, None, None, None)
    if same.count == total:
        return Kappa(same, 1.0, None, None)
    expected, observed = chance / total**2, same.count / total
    value = (observed - expected) / (1 - expected)
    spread = 0.0
    for (one, other), count in cells.items():
        ends = (columns[one] + rows[other]) / total
        if one == other:
            spread += count / total * (1 - expected - ends * (1 - observed)) ** 2
        else:
            spread += count / total * ((1 - observed) * ends) ** 2
    spread -= (observed * expected - 2 * expected + observed) ** 2
    error = sqrt(max(0.0, spread) / total) / (1 - expected) ** 2
    return Kappa(same, value, max(-1.0, value - Z * error), min(1.0, value + Z * error))
