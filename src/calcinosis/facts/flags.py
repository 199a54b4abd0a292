"""A level beside a number without a unit: it counts where the number can be what it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from calcinosis.facts.case import LabResult, Remark
from calcinosis.facts.quantity import Interval, LevelWord, agree, level, shared

NO_UNIT: Final = "the value has no unit"
"""Why a number without a unit decides nothing."""

Possible = tuple[LabResult, Sequence[Interval]]
"""A number in a unit in which it is possible, and the intervals that tell what it is there."""


def unsure(stated: LevelWord, possible: Iterable[Possible]) -> str:
    """Why a level that is stated beside a number without a unit does not count; else nothing."""
    told = [(one, bands) for one, bands in possible if one.measured is not None]
    if told and not any(bands for _, bands in told):
        return f"{NO_UNIT}, and no interval tells whether it agrees with its flag"
    for one, bands in told:
        found = shared([level(one.measured, band) for band in bands if one.measured is not None])
        if found is not None and agree(stated, found):
            return ""
    return f"{NO_UNIT} and does not agree with its flag in any unit"


def counted(result: LabResult) -> tuple[LabResult, Remark]:
    """The level as it counts, and the number beside it, which is set aside."""
    shown = result.value if isinstance(result.value, str) else f"{result.value}"
    reason = f"recorded; it has no unit, so that the level beside it counts: {result.level}"
    remark = Remark(f"{result.test} {shown}", f"{result.where}.value", reason)
    text = f"{result.analyte.label} {result.level}"
    return replace(result, text=text, in_units=None), remark
