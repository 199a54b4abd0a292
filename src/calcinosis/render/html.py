"""Verdicts as a small HTML table, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from calcinosis.reasoning.verdict import CaseVerdict
from calcinosis.render.words import VERDICT


def verdict_table(cases: Iterable[CaseVerdict]) -> str:
    """One row a case, one column a subtype; every value escaped."""
    cases = list(cases)
    if not cases:
        return "<p>No case was classified.</p>"
    heads = "".join(f'<th scope="col">{escape(s.label)}</th>' for s in cases[0].subtypes)
    rows = "".join(
        f'<tr><th scope="row">{escape(case.case.id)}</th>'
        + "".join(f"<td>{_cell(s.verdict, s.basis, s.needed)}</td>" for s in case.subtypes)
        + "</tr>"
        for case in cases
    )
    return (
        "<table><caption>Verdicts</caption><thead><tr>"
        f'<th scope="col">case</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _cell(verdict: str, basis: str | None, needed: tuple[str, ...]) -> str:
    text = VERDICT[verdict]
    if verdict == "undetermined" and basis:
        text += f" ({basis})"
    if needed:
        text += f"; still needed: {', '.join(needed)}"
    return escape(text)
