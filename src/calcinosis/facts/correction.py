"""The correction of one analyte by another, such as calcium for albumin, on results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calcinosis.facts.laboratory import Correction
from calcinosis.facts.labs import LabResult
from calcinosis.facts.quantity import Amount, Measured, of_three


def corrected(
    result: LabResult, measured: Measured, by: Sequence[LabResult], formula: Correction
) -> LabResult:
    """The result with the correction applied, in its own unit, and saying so.

    Where several values of the correcting test are given, it is not known which belongs to which:
    the result is the range over all of them, whatever their order. It is rounded to three figures,
    as it is shown: what is judged is what can be read.
    """
    changes = [_change(one.measured, formula) for one in by if one.measured is not None]
    value, unit = measured.amount, measured.unit
    scale = formula.unit.factor / unit.factor
    shifted = Amount(
        _printed(value.low + scale * min(change.low for change in changes)),
        _printed(value.high + scale * max(change.high for change in changes)),
        value.strict or all(change.strict for change in changes),
    )
    texts = " and ".join(one.text for one in by)
    return replace(
        result,
        measured=Measured(shifted, unit, max(measured.decimals, of_three(shifted.high))),
        corrected=f"{result.text}, corrected for {texts} to {shifted} {unit.ucum},",
        references=formula.references,
    )


def _change(by: Measured, formula: Correction) -> Amount:
    """What the correction adds for one value of the correcting test, in the formula's unit."""
    scale = by.unit.factor / formula.by_unit.factor
    return Amount(
        formula.slope * (formula.reference - by.amount.high * scale),
        formula.slope * (formula.reference - by.amount.low * scale),
        by.amount.strict,
    )


def _printed(value: float) -> float:
    """A calculated value to three figures, as laboratories print them."""
    return float(f"{value:.3g}")
