"""A cohort as sheets: each patient in a row, in words, and what all of them come to."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import IO, Any, Final

from calcinosis.facts.cells import guarded
from calcinosis.output.sheets.workbook import Sheet
from calcinosis.output.wording import STEPS, VERDICT, short
from calcinosis.reasoning.verdict import STANDINGS, CaseVerdict, Standing
from calcinosis.study.cohort import TIDY, WIDE, WIDE_END, Cohort, Patient, Unread
from calcinosis.study.intervals import Share
from calcinosis.study.patients import Defined, Patients
from calcinosis.study.persons import HOW
from calcinosis.study.table_one import COLUMNS as TABLE_ONE
from calcinosis.study.table_one import TableOne
from calcinosis.study.views import TIDY as OF_VIEWS
from calcinosis.study.views import Views

A_PAGE: Final = 100
"""Lines of patients on a printed page: a patient is a line, or as many as the texts need."""
COLOURS: Final[dict[Standing, tuple[str, str]]] = {
    "entailed": ("FF1F5F8B", "FFFFFFFF"),
    "presumed": ("FFA9CFE6", "FF1B2733"),
    "refuted": ("FFD0D0D0", "FF1B2733"),
    "conflicting": ("FF7A1F1F", "FFFFFFFF"),
}
"""Fill and ink of a verdict; they differ in lightness, and the word stands in the cell."""
_BEFORE: Final = {"patient": 11, "conditions as stated": 36}
_VERDICT: Final = 14
_BEHIND: Final = {"would settle it, or why open": 38, "not understood": 20, "notes": 44}
_LANDSCAPE: Final = 60
_LIST_END: Final = "; "
Value = str | float | None


def shaped_csv(
    cases: Iterable[CaseVerdict],
    defined: Iterable[Defined],
    shape: str,
    stream: IO[str],
    laid: str = "",
) -> None:
    """Write a row a patient (wide) or one a patient and subtype (tidy), as the cases come.

    ``defined`` are the viewpoint's subtypes; a last column ``with`` has what is ``laid`` over the
    release, if anything is. Text that looks like a formula is guarded.
    """
    more = {"with": laid} if laid else {}
    heads, rows = shaped(cases, defined, shape)
    writer = csv.DictWriter(stream, (*heads, *more), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: guarded(value) for key, value in (row | more).items()})


def shaped(
    cases: Iterable[CaseVerdict], defined: Iterable[Defined], shape: str
) -> tuple[tuple[str, ...], Iterator[dict[str, str]]]:
    """The columns of a shape, wide or tidy, and its rows as the cases come."""
    made = Patients(defined)
    labels = made.subtypes
    patients = map(made.of, cases)
    if shape == "tidy":
        return TIDY, (row for patient in patients for row in patient.tidy(labels))
    heads = (*WIDE, *labels.values(), *WIDE_END)
    return heads, (patient.wide(labels.values()) for patient in patients)


def table_one_csv(found: TableOne, stream: IO[str], laid: str = "") -> None:
    """Write the first table of a paper, a line a value; ``laid`` as elsewhere."""
    more = {"with": laid} if laid else {}
    writer = csv.DictWriter(stream, (*TABLE_ONE, *more), lineterminator="\n")
    writer.writeheader()
    for row in found.rows:
        told = row.to_dict() | more
        kept = {key: guarded(value) for key, value in told.items() if isinstance(value, str)}
        writer.writerow(told | kept)


# -- in a workbook ---------------------------------------------------------------------


class WideSheet:
    """The sheet that a workbook opens on: a row a patient, to be read, filtered and printed.

    It has the columns that a reader looks for; the wide CSV has all.
    """

    def __init__(self, book: Any, labels: Mapping[str, str]) -> None:
        self._labels = labels.values()
        heads = (*_BEFORE, *map(short, self._labels), *_BEHIND)
        widths = (*_BEFORE.values(), *(_VERDICT for _ in self._labels), *_BEHIND.values())
        self._columns = len(heads)
        self._sheet = Sheet(book, "cohort", heads, widths, wraps=True)
        self._sheet.head()
        self._count = self._lines = 0

    def row(self, patient: Patient) -> None:
        """Write a patient."""
        self._count += 1
        told = patient.wide(self._labels)
        asked = told["would_settle"] or told["why"]
        cells = (
            patient.id,
            told["conditions"],
            *(told[label] for label in self._labels),
            *(asked, told["not_understood"], told["flags"]),
        )
        self._lines += self._sheet.row(value or None for value in cells)

    def end(self) -> None:
        """Colour the verdicts, and lay out the pages: a hundred lines on each."""
        inner = self._sheet.inner
        last = self._sheet.letter(self._columns - 1)
        inner.auto_filter.ref = f"A1:{last}{self._count + 1}"
        inner.print_area = f"A1:{last}{self._count + 1}"
        inner.page_setup.orientation = "landscape" if self._lines <= _LANDSCAPE else "portrait"
        inner.page_setup.fitToHeight = max(1, ceil(self._lines / A_PAGE))
        inner.oddFooter.left.text = "calcinosis: research software, not medical advice"
        if self._count and self._labels:
            self._coloured()

    def _coloured(self) -> None:
        from openpyxl.formatting.rule import CellIsRule
        from openpyxl.styles import Font, PatternFill

        first, last = len(_BEFORE), len(_BEFORE) + len(self._labels) - 1
        where = f"{self._sheet.letter(first)}2:{self._sheet.letter(last)}{self._count + 1}"
        for standing, (fill, ink) in COLOURS.items():
            rule = CellIsRule(
                operator="equal",
                formula=[f'"{VERDICT[standing]}"'],
                fill=PatternFill("solid", bgColor=fill),
                font=Font(color=ink),
            )
            self._sheet.inner.conditional_formatting.add(where, rule)


class TableOneSheet:
    """The sheet ``table 1``, at its place in the workbook; written at the end."""

    def __init__(self, book: Any) -> None:
        heads = ("section", "item", "value", "n", "of", "%", "not known")
        self._sheet = Sheet(book, "table 1", heads, (16, 40, 30, 8, 8, 8, 12))

    def write(self, found: TableOne) -> None:
        """Write the table."""
        self._sheet.head()
        for row in found.rows:
            self._sheet.row(row.to_dict().values())


@dataclass(frozen=True, slots=True)
class Block:
    """A small table of the summary, with its title."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]

    @property
    def numbers(self) -> set[int]:
        """The columns that hold a number, counted from 0."""
        return {
            n for row in self.rows for n, cell in enumerate(row) if isinstance(cell, int | float)
        }


def summary_sheet(book: Any) -> Sheet:
    """An empty sheet ``summary``, at its place in the workbook."""
    return Sheet(book, "summary", (), (44, *[15] * 11))


def write_summary(sheet: Sheet, cohort: Cohort) -> None:
    """Write what a cohort comes to: one small table below the other."""
    for number, block in enumerate(blocks(cohort)):
        if number:
            sheet.row(())
        sheet.titled(block.title, block.heads, block.numbers)
        for row in block.rows:
            sheet.row(row)


def blocks(cohort: Cohort) -> Iterator[Block]:
    """The tables of a summary; those that would be empty are left out."""
    for block in (*_counted(cohort), *_missing(cohort), *_remarked(cohort)):
        if block.rows:
            yield block


def _counted(cohort: Cohort) -> Iterator[Block]:
    labels = [subtype.label for subtype in cohort.subtypes]
    following, presumed = cohort.following, cohort.presumed
    is_each = len(cohort.rows) > len(cohort)
    answer = (
        (cohort.people if is_each else "patients", len(cohort), None, None, None),
        ("a subtype follows", following.count, *_bounds(following)),
        ("none follows, one is presumed", presumed.count, *_bounds(presumed)),
        ("inputs refused", len(cohort.refused), None, None, None),
        *([(HOW, None, None, None, None)] if is_each else ()),
    )
    yield Block("What they come to", ("", "patients", *_SHARE), answer)
    yield Block(
        "Mend first",
        ("what", "patients", "of which tests", "how"),
        [
            (one.what, one.patients, ", ".join(f"{t} {n}" for t, n in one.tests), one.cure)
            for one in cohort.first
        ],
    )
    yield Block(
        f"Subtypes (95 % intervals, {following.author})",
        ("subtype", "verdict", "patients", "of", *_SHARE),
        [
            (one.label, VERDICT[standing], share.count, share.total, *_bounds(share))
            for one in cohort.subtypes
            for standing, share in one.standings.items()
        ],
    )
    yield Block(
        "Conditions as stated, and what follows or is presumed in them",
        (
            "condition",
            "patients",
            *(f"{short(label)} {word}" for label in labels for word in _CLAIMS),
        ),
        [
            (
                one.label,
                one.patients,
                *(found.get(kind, 0) for found in one.subtypes for kind in _CLAIMS.values()),
            )
            for one in cohort.conditions
        ],
    )
    yield Block(
        "Nothing follows or is presumed, because",
        ("why", "patients"),
        list(cohort.nothing.items()),
    )


def _missing(cohort: Cohort) -> Iterator[Block]:
    yield Block(
        "What would settle most, one after the other",
        ("test or fact", "settled so far", "of"),
        [(step.asks, step.settled, step.of) for step in cohort.plan],
    )
    yield Block(
        "What is missing",
        ("test or fact", "patients", "given, but not usable as it stands", "nothing else needed"),
        [(one.asks, one.patients, one.given, one.alone) for one in cohort.missing],
    )
    yield Block(
        "Criteria",
        ("criterion", "met", "not met", "not known", "contradictory"),
        [(one.label, *one.statuses.values()) for one in cohort.criteria],
    )


def _remarked(cohort: Cohort) -> Iterator[Block]:
    ids = {one.id: one.label for one in cohort.subtypes} | STEPS
    for title, found in (
        ("Words that were not understood", cohort.not_understood),
        ("Values that were not interpreted", cohort.not_interpreted),
    ):
        heads = ("what", "patients", "reason", "did you mean", "holds back")
        yield Block(title, heads, [_unread(one, ids) for one in found])
    yield Block(
        "Notes",
        ("note", "patients", "subtype"),
        [(one.words, one.patients, one.label) for one in cohort.flags],
    )
    yield Block(
        "Contradictory patients",
        ("patient", "facts", "against", "ways to mend them"),
        [
            (
                one.id,
                *(_LIST_END.join(side) for side in one.sides or ((), ())),
                "too many" if one.repairs is None else one.repairs,
            )
            for one in cohort.contradictory
        ],
    )
    yield Block(
        "Refused inputs",
        ("where", "what", "cure"),
        [(one.where, one.what, one.cure) for one in cohort.refused],
    )


def views_sheet(book: Any) -> Sheet:
    """An empty sheet ``viewpoints``, at its place in the workbook."""
    return Sheet(book, "viewpoints", (), (22, 22, 36, *[17] * 9))


def write_views(sheet: Sheet, found: Views) -> None:
    """Write the counts by view and subtype, then the verdicts of whom the views differ."""
    named = [f"{view.viewpoint}: {view.names}" for view in found.views]
    sheet.titled(
        "Patients by viewpoint, subtype and verdict",
        ("viewpoint", "names", "subtype", *(VERDICT[one] for one in STANDINGS)),
        set(range(3, 3 + len(STANDINGS))),
    )
    for view in found.views:
        for one in view.subtypes:
            counts = (one.standings[standing].count for standing in STANDINGS)
            sheet.row((view.viewpoint, view.names, one.label, *counts))
    sheet.row(())
    sheet.titled("Verdicts that differ", ("patient", "subtype", *named))
    for differing in found.differing():
        told = (standing and VERDICT[standing] for standing in differing.standings)
        sheet.row((differing.patient, short(differing.label), *told))


def views_csv(found: Views, stream: IO[str], laid: str = "") -> None:
    """Write a row a patient, subtype and view; ``laid`` as elsewhere."""
    more = {"with": laid} if laid else {}
    writer = csv.DictWriter(stream, (*OF_VIEWS, *more), lineterminator="\n")
    writer.writeheader()
    for row in found.tidy():
        writer.writerow({key: guarded(value) for key, value in (row | more).items()})


_SHARE: Final = ("%", "% from", "% to")
_CLAIMS: Final[dict[str, Standing]] = {"follows": "entailed", "presumed": "presumed"}


def _bounds(share: Share) -> tuple[Value, Value, Value]:
    """A share and its interval in per cent, to a tenth."""
    if share.interval is None:
        return None, None, None
    low, high = share.interval
    return (
        round(100 * share.count / share.total, 1),
        round(100 * low, 1),
        round(100 * high, 1),
    )


def _unread(one: Unread, ids: Mapping[str, str]) -> tuple[Value, ...]:
    held = _LIST_END.join(ids.get(block, block) for block in one.blocks)
    return one.what, one.patients, one.reason, _LIST_END.join(one.suggestions), held
