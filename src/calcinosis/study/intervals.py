"""Shares of a cohort with their confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from calcinosis.study.statistics import SCORE, Share

METHOD: Final = "95 % Wilson score interval"


@dataclass(frozen=True, slots=True)
class Proportion(Share):
    """A share of the patients, with the 95 % score interval of Wilson however many they are.

    The interval is of the share that a population would have of which the patients are a random
    sample; it says nothing of how they were chosen.
    """

    @property
    def method(self) -> str:
        """Whose interval it is: always Wilson's."""
        return SCORE

    def to_dict(self) -> dict[str, Any]:
        """Count, total, share and bounds, which are None of nobody."""
        low, high = self.interval or (None, None)
        bounds = {"share": self.value, "low": low, "high": high}
        return {"count": self.count, "total": self.total, **bounds}
