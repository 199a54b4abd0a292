"""Agreement beyond chance and a paired test, by published formulas.

Nothing is simulated, so that the same counts give the same figures everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import comb, sqrt
from typing import Any, Final

from calcinosis.study.intervals import Share, Z


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


_NO_WIDTH: Final = 1e-12  # what rounding leaves of none


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement of two raters: both the same of all, and beyond chance with its 95 % interval.

    ``value`` is None where chance alone gives full agreement: both always say one and the same. The
    interval is None there, and where its formula gives it no width, as of all or of very few cases.
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
    if spread < _NO_WIDTH:
        return Kappa(same, value, None, None)
    error = sqrt(spread / total) / (1 - expected) ** 2
    return Kappa(same, value, max(-1.0, value - Z * error), min(1.0, value + Z * error))
