"""Shares with their 95 % intervals: one rule for cohorts and evaluations.

An interval is of the share that a population would have of which those counted are a random
sample; it says nothing of how they were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import comb, fsum, sqrt
from typing import Any, Final

Z: Final = 1.959963984540054
"""The quantile of the normal distribution for 95 %."""
SMALL: Final = 40
"""Below so many cases an interval is the exact one, from there on the score interval."""
EXACT, SCORE = "exact", "Wilson"
AUTHORS: Final = {EXACT: "exact (Clopper and Pearson)", SCORE: "by Wilson's score"}
RULE: Final = f"95 %, {AUTHORS[EXACT]} below {SMALL}, else {AUTHORS[SCORE]}"
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

    @property
    def author(self) -> str:
        """The same in words, as it stands beside intervals."""
        return AUTHORS[self.method]

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
