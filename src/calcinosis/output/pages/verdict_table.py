"""Verdicts as a small HTML table, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable

from calcinosis.output.markup import html_text
from calcinosis.output.wording import VERDICT
from calcinosis.output.words.reasons import possible
from calcinosis.reasoning.verdict import CaseVerdict, SubtypeVerdict

_MOST_ROWS = 100


def verdict_table(cases: Iterable[CaseVerdict], refused: int = 0) -> str:
    """One row a case, one column a subtype; every value escaped.

    What is not shown is said below: rows after the hundredth, and refused inputs.
    """
    cases = list(cases)
    if not cases:
        return f"<p>No case was classified.</p>{_unsaid(0, refused)}"
    unseen = max(0, len(cases) - _MOST_ROWS)
    heads = "".join(f'<th scope="col">{html_text(s.label)}</th>' for s in cases[0].subtypes)
    rows = "".join(
        f'<tr><th scope="row">{html_text(case.case.id)}</th>'
        + "".join(f"<td>{_cell(s)}</td>" for s in case.subtypes)
        + "</tr>"
        for case in cases[:_MOST_ROWS]
    )
    return (
        "<table><caption>Verdicts</caption><thead><tr>"
        f'<th scope="col">case</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"{_unsaid(unseen, refused, sum(len(case.not_understood) for case in cases))}"
    )


def _unsaid(unseen: int, refused: int, unknown: int = 0) -> str:
    """What a table does not show, as a paragraph; nothing if it shows all."""
    said = []
    if unseen:
        said.append(f"{unseen} more: see rows().")
    if unknown:
        said.append(f"Words that were not understood: {unknown}, see rows().")
    if refused:
        said.append(f"Refused inputs: {refused}, see faults().")
    return f"<p>{' '.join(said)}</p>" if said else ""


def _cell(found: SubtypeVerdict) -> str:
    text = VERDICT[found.verdict] + possible(found)
    if found.presumed is not None:
        text += f"; presumed, if {found.presumed.condition}; {found.presumed.falls_if}"
    elif found.needed:
        text += f"; still needed: {', '.join(found.needed)}"
    flags = "".join(f"<br>Note: {html_text(flag)}" for flag in found.flags)
    return html_text(text) + flags
