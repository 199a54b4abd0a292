"""How notebooks show values of rooms that write nothing themselves; imported with those values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from calcinosis.explain.explanation import Explanation, Why
from calcinosis.output.markup import html_text, table
from calcinosis.output.wording import VERDICT
from calcinosis.reasoning.verdict import CaseVerdict, Standing, SubtypeVerdict
from calcinosis.study.cohort import (
    Cohort,
    ConditionCounts,
    Contradictory,
    CriterionCounts,
    First,
    Flagged,
    Missing,
    Need,
    Patient,
    Refusal,
    Step,
    SubtypeCounts,
    Unread,
)
from calcinosis.study.compare import Change, Comparison, Ranking
from calcinosis.study.intervals import Share
from calcinosis.study.table_one import TableOne


def _case(found: CaseVerdict) -> str:
    from calcinosis.output.pages.verdict_table import verdict_table

    return verdict_table([found])


def _subtype(found: SubtypeVerdict) -> str:
    rows = [(one.label, one.status, "; ".join(one.facts)) for one in found.criteria]
    return str(table(f"{found.label}: {_said(found.standing)}", ("criterion", "is", "by"), rows))


def _explanation(found: Explanation) -> str:
    from calcinosis.output.pages.explanation import explanation_part

    return explanation_part(found, found.library)


def _why(found: Why) -> str:
    return _subtype(found.verdict)


def _comparison(found: Comparison) -> str:
    head = f"Left: {found.by[0]}. Right: {found.by[1]}. {found!r}".replace("<", "").rstrip(">")
    rows = [(one.case, one.label, _said(one.left), _said(one.right)) for one in found.changes]
    return str(table(head, ("case", "subtype", "left", "right"), rows))


def _change(found: Change) -> str:
    said = f"{found.case}, {found.label}: {_said(found.left)}, {_said(found.right)}"
    return f"<p>{html_text(said)}</p>"


def _ranking(found: Ranking) -> str:
    rows = [(one.reference, len(one.changes), one.cases, one.axioms) for one in found]
    heads = ("without", "verdicts that change", "cases", "axioms that fall")
    return str(table(f"By {found.by}", heads, rows))


def _cohort(found: Cohort) -> str:
    from calcinosis.output.words import cohort_tables

    counts = cohort_tables.subtypes(found)
    said = f"<p>{html_text(cohort_tables.answer(found))}</p>"
    return said + str(table(counts.caption, tuple(counts.heads), [*map(tuple, counts.rows)]))


def _table_one(found: TableOne) -> str:
    from calcinosis.output.words import table_one

    rows = list(table_one.rows(found))
    return str(table(found.people, table_one.HEADS, rows))


def _parts(found: Any) -> str:
    """Any value of named parts as its parts."""
    rows = [(one.name, _in_words(getattr(found, one.name))) for one in fields(found)]
    return str(table(type(found).__name__, ("part", "is"), rows))


def _in_words(value: Any) -> str:
    if isinstance(value, str | Share):
        return str(value) if isinstance(value, str) else f"{value.count}/{value.total}"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_in_words(one)}" for key, one in value.items())
    if isinstance(value, tuple | list | frozenset):
        return "; ".join(map(_in_words, value))
    return str(value)


def _said(standing: Standing | None) -> str:
    return "not a subtype there" if standing is None else VERDICT[standing]


_OF_PARTS: tuple[type[Any], ...] = (
    *(Patient, SubtypeCounts, ConditionCounts, CriterionCounts, Missing, Step, First, Need),
    *(Unread, Flagged, Contradictory, Refusal),
)
_PAGES: dict[type[Any], Callable[[Any], str]] = {
    CaseVerdict: _case,
    SubtypeVerdict: _subtype,
    Explanation: _explanation,
    Why: _why,
    Comparison: _comparison,
    Change: _change,
    Ranking: _ranking,
    Cohort: _cohort,
    TableOne: _table_one,
    **dict.fromkeys(_OF_PARTS, _parts),
}
for _kind, _page in _PAGES.items():
    _kind._repr_html_ = _page
