"""Verdicts as a workbook: a row a patient, the summary, Table 1, then every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any, Final

from calcinosis.graph.claims import Reference
from calcinosis.output.references import lines as references
from calcinosis.output.sheets.cohort import (
    TableOneSheet,
    WideSheet,
    summary_sheet,
    views_sheet,
    write_summary,
    write_views,
)
from calcinosis.output.sheets.workbook import Sheet, workbook
from calcinosis.output.wording import VERDICT
from calcinosis.reasoning.verdict import NOTHING, CaseVerdict, JudgedCriterion
from calcinosis.study.table_one import Describing
from calcinosis.study.tally import Tally
from calcinosis.study.views import Views

_SHEETS: Final = {
    "verdicts": {
        "case": 16,
        "subtype": 27,
        "verdict": 13,
        "basis": 10,
        "needed": 30,
        "presumed": 10,
        "assumptions": 12,
        "condition": 28,
        "falls_if": 28,
        "flags": 30,
        "not_understood": 24,
        "take": 6,
        "assume": 22,
        "said": 13,
        "label": 26,
        "calcinosis": 10,
        "editorial": 9,
    },
    "criteria": {
        "case": 22,
        "subtype": 28,
        "criterion": 30,
        "part_of": 30,
        "label": 44,
        "status": 10,
        "facts": 40,
        "references": 30,
        "editorial": 14,
    },
    "references": {"key": 24, "reference": 100, "doi": 32, "pmid": 12, "url": 50, "year": 8},
    "remarks": {"case": 22, "kind": 16, "what": 40, "where": 44, "reason": 60},
    "about": {"what": 22, "value": 80},
}
Values = tuple[str | float | None, ...]
_LIST_END: Final = "; "
_NOTE: Final = ("note", "Research software, not medical advice")
_OURS: Final = "our reading"
"""An axiom that rests on no claim is ours: the check unsupported_axiom keeps it so."""


def write_workbook(
    cases: Iterable[CaseVerdict],
    library: Mapping[str, Reference],
    head: Mapping[str, str | list[str]],
    stream: IO[bytes],
    tally: Tally,
    views: Callable[[], Views] | None = None,
) -> None:
    """Write a workbook of verdicts, a case at a time: a row a patient, the summary, then all rows.

    ``head`` says what was run, ``tally`` counts, and knows what was refused; ``views`` gives the
    same cases under every viewpoint, if that was asked for. The first columns of
    the sheet of verdicts are those of the CSV.
    """
    describing = Describing()
    with workbook(stream) as book:
        wide = WideSheet(book, tally.labels)
        summary, described = summary_sheet(book), TableOneSheet(book)
        if views is not None:
            write_views(views_sheet(book), views())
        sheets = {name: _sheet(book, name) for name in _SHEETS}
        cited: dict[str, None] = {}
        for case in cases:
            wide.row(tally.add(case))
            describing.add(case)
            for rows, name in (
                (_verdicts(case), "verdicts"),
                (_criteria(case), "criteria"),
                (_remarks(case), "remarks"),
            ):
                for row in rows:
                    sheets[name].row(row)
            cited |= dict.fromkeys(case.cited)
        for key in sorted(cited):
            sheets["references"].row(_reference(key, library.get(key)))
        for what, value in (*head.items(), _NOTE):
            told = value if isinstance(value, str) else _LIST_END.join(value) or NOTHING
            sheets["about"].row((what, told))
        wide.end()
        write_summary(summary, tally.cohort())
        described.write(describing.table())


def _sheet(book: Any, name: str) -> Sheet:
    widths = _SHEETS[name]
    sheet = Sheet(book, name, list(widths), list(widths.values()), wraps=True)
    sheet.head()
    return sheet


def _verdicts(case: CaseVerdict) -> Iterator[Values]:
    for subtype, row in zip(case.subtypes, case.rows(), strict=True):
        yield (
            *(value or None for value in row.values()),
            VERDICT[subtype.standing],
            subtype.label,
            case.calcinosis,
            subtype.editorial,
        )


def _criteria(case: CaseVerdict) -> Iterator[Values]:
    for subtype in case.subtypes:
        for criterion in subtype.criteria:
            for row in _criterion(criterion, None):
                yield (case.case.id, subtype.id, *row)


def _criterion(criterion: JudgedCriterion, whole: str | None) -> Iterator[Values]:
    """A criterion, and below it the criteria that it is made of."""
    yield (
        criterion.id,
        whole,
        criterion.label,
        criterion.status,
        _LIST_END.join(criterion.facts),
        _LIST_END.join(criterion.references),
        None if criterion.references else _OURS,
    )
    for part in criterion.parts:
        yield from _criterion(part, criterion.id)


def _remarks(case: CaseVerdict) -> Iterator[Values]:
    for kind, remarks in (
        ("set aside", case.set_aside),
        ("uninterpreted", case.case.uninterpreted),
        ("not understood", case.not_understood),
        ("without a role", case.without_role),
    ):
        for remark in remarks:
            yield (case.case.id, kind, remark.what, remark.where, remark.why)
    for fact in case.taken:
        if fact.rule is not None:
            why = f"{fact.rule.code}, {fact.rule.label}. {fact.rule.way_out}"
            yield (case.case.id, "taken by a name", str(fact), fact.where, why)
    for label, reason in case.workup_ignored:
        yield (case.case.id, "work-up not taken", label, "workup_complete", reason)


def _reference(key: str, reference: Reference | None) -> Values:
    if reference is None:
        return (key, key)
    found = reference
    line = references.line(found, key)
    return (key, line, found.doi or None, found.pmid or None, found.uri or None, found.year)
