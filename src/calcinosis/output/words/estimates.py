"""Figures of an evaluation in words: counts alone, or with shares and intervals."""

from __future__ import annotations

from calcinosis.study.intervals import Share
from calcinosis.study.statistics import Kappa

_DASH = "\u2013"


def share(value: Share) -> str:
    """A share as ``7/9``."""
    return f"{value.count}/{value.total}" if value.total else _DASH


def estimate(value: Share, *, rates: bool) -> str:
    """A share as ``7/9``, with ``rates`` also ``(78%; 40 to 97, exact)``: percent and interval."""
    if not (rates and value.total):
        return share(value)
    low, high = value.interval or (0.0, 1.0)
    percent = 100 * value.count / value.total
    ends = f"{100 * low:.0f} to {100 * high:.0f}"
    return f"{share(value)} ({percent:.0f}%; {ends}, {value.method})"


def kappa(value: Kappa) -> str:
    """Kappa with its interval, or why there is none."""
    if not value.same.total:
        return "no case"
    if value.value is None:
        return "undefined: both always the same"
    if value.low is None or value.high is None:
        why = "all agree" if value.same.count == value.same.total else "not estimable"
        return f"{value.value:.2f} (no interval: {why})"
    return f"{value.value:.2f} ({value.low:.2f} to {value.high:.2f})"


def p_value(value: float) -> str:
    """A p as papers print it."""
    return (
        "p < 0.001" if value < 0.001 else f"p = {value:.3f}" if value < 0.1 else f"p = {value:.2f}"
    )
