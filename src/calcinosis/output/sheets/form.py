"""Forms for tables of cases: empty ones, and refused rows to be mended and read again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any, Final

from calcinosis.errors import CellProblem, RowError
from calcinosis.facts.case import LEVELS, PRESENCES, SEXES
from calcinosis.facts.cells import guarded
from calcinosis.facts.columns import ITEM_END, REFUSED, Column, Columns
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.suggest import deciding, suggestions
from calcinosis.facts.workbook import FORM_SHEET
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import Ontology
from calcinosis.output.sheets.legend import HEADS, INTRODUCTION, legend
from calcinosis.output.sheets.workbook import TEXT, Sheet, workbook

BOM: Final = "\ufeff"
_ROWS: Final = 5000
_AGE_UNITS: Final = ("years", "months", "weeks", "days")
_FAULTY: Final = "FFFFE699"
_TERMS_SHEET, _LEGEND_SHEET, _EXAMPLE_SHEET = "terms", "legend", "example"


@dataclass(frozen=True, slots=True)
class Form:
    """What a form offers: its columns, the words for each list, and rows filled in as example.

    The first row of ``example`` holds headings.
    """

    columns: Columns
    words: Mapping[str, tuple[str, ...]]
    example: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        return f"<Form: {len(self.example)} example rows>"


def form_of(ontology: Ontology, laboratory: Laboratory) -> Form:
    """The form for tables of cases by an ontology: with its words, and the example's patients."""
    path = data("examples") / "patients.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        example = tuple(map(tuple, csv.reader(lines)))
    return Form(Columns(laboratory, deciding(ontology)), suggestions(ontology), example)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A refused row under common headings: ``cells`` in their order, what stood under none last.

    ``problems`` says what is wrong with each cell, by its number; 0 is the row as a whole.
    """

    cells: tuple[str | float, ...]
    problems: Mapping[int, str]


# -- text ------------------------------------------------------------------------------


def empty_text(form: Form, stream: IO[str], delimiter: str = ",") -> None:
    """Write the form as CSV: the headings alone, in UTF-8 as Excel recognises it."""
    _write_text([[column.name for column in form.columns.form]], stream, delimiter)


def rejected_text(errors: Iterable[RowError], stream: IO[str], delimiter: str = "") -> None:
    """Write refused rows as CSV that can be mended and read again.

    Without a ``delimiter`` it is that of the tables they come from, if that is one.
    """
    found = {error.delimiter for error in errors}
    delimiter = delimiter or (found.pop() if len(found) == 1 else "") or ","
    headings = common_headings(errors)
    rows = (rejected(error, headings, delimiter).cells for error in errors)
    _write_text(chain([list(headings.values())], rows), stream, delimiter)


def _write_text(rows: Iterable[Sequence[str | float]], stream: IO[str], delimiter: str) -> None:
    stream.write(BOM)
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([guarded(str(cell)) for cell in row] for row in rows)


# -- refused rows ----------------------------------------------------------------------

Headings = Mapping[tuple[str, ...], str]


def common_headings(errors: Iterable[RowError]) -> Headings:
    """One heading for each meaning that a column of the refused rows has; the reason is first."""
    found: dict[tuple[str, ...], str] = {("", "", ""): REFUSED}
    for error in errors:
        for heading, meaning in zip(error.headings, error.meanings, strict=False):
            if meaning:
                found.setdefault(meaning, heading.strip())
    return found


def rejected(error: RowError, headings: Headings, delimiter: str = "") -> Rejected:
    """A refused row under common headings, for a table whose cells ``delimiter`` parts."""
    is_alike = delimiter and delimiter == error.delimiter
    order = list(headings)
    cells: list[str | float] = [""] * len(order)
    places: dict[int, int] = {}
    for number, cell in enumerate(error.cells if is_alike else error.plain):
        meaning = error.meanings[number] if number < len(error.meanings) else ()
        if meaning:
            place = places[number] = order.index(meaning)
            if cell != "":  # two columns of one list become one
                cells[place] = f"{cells[place]}{ITEM_END} {cell}" if cells[place] else cell
        elif cell != "":
            places[number] = len(cells)
            cells.append(cell)
    cells[0] = " | ".join(_said(problem, with_column=True) for problem in error.problems)
    problems: dict[int, str] = {}
    for problem in error.problems:
        place = places.get(_index(problem.column), 0)
        before = f"{problems[place]}\n" if place in problems else ""
        problems[place] = before + _said(problem)
    return Rejected(tuple(cells), problems)


def _said(problem: CellProblem, *, with_column: bool = False) -> str:
    heading = problem.column.partition("(")[2].removesuffix(")") or problem.column
    column = f"{heading}: " if with_column and heading else ""
    return f"{column}{problem.what}. {problem.cure}"


def _index(column: str) -> int:
    """The number of a column from the letters that an error gives it; -1 for a whole row."""
    number = 0
    for letter in column.partition(" ")[0]:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


# -- workbooks -------------------------------------------------------------------------


def empty_workbook(form: Form, stream: IO[bytes]) -> None:
    """Write the form as a workbook: the form, an example, a legend and the terms on offer."""
    with workbook(stream) as book:
        names = [column.name for column in form.columns.form]
        sheet = _form_sheet(book, names, form)
        sheet.head([legend(column, form.columns) for column in form.columns.form])
        _example_sheet(book, form)
        _legend_sheet(book, form)
        _terms_sheet(book, form)


def rejected_workbook(errors: Iterable[RowError], form: Form, stream: IO[bytes]) -> None:
    """Write refused rows as a form to be mended; each faulty cell is marked and says why."""
    headings = common_headings(errors)
    with workbook(stream) as book:
        sheet = _form_sheet(book, list(headings.values()), form)
        sheet.head()
        for error in errors:
            row = rejected(error, headings)
            sheet.cells(
                sheet.cell(cell, row.problems.get(number, ""), _FAULTY * (number in row.problems))
                for number, cell in enumerate(row.cells)
            )
        _legend_sheet(book, form)
        _terms_sheet(book, form)


def _form_sheet(book: Any, headings: Sequence[str], form: Form) -> Sheet:
    sheet = Sheet(book, FORM_SHEET, headings, [max(12, len(name) + 3) for name in headings])
    for number, name in enumerate(headings):
        sheet.column(number).number_format = TEXT  # what is typed stays as it was typed
        column = form.columns.find(name)
        source = None if column is None else _offered(column, form)
        if source is not None:
            _offer(sheet, number, source, strict=column is not None and column.kind == "word")
    return sheet


def _offer(sheet: Sheet, number: int, source: str, *, strict: bool) -> None:
    """Offer a list in a column; only a ``strict`` one refuses what is not in it."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(number + 1)
    offer = DataValidation("list", source, showErrorMessage=strict, allow_blank=True)
    offer.add(f"{letter}2:{letter}{_ROWS}")
    sheet.inner.data_validations.append(offer)


def _offered(column: Column, form: Form) -> str | None:
    """What a column offers, as Excel writes it: words in quotes, or a range of another sheet."""
    from openpyxl.utils import get_column_letter

    if column.key in form.words:
        number = list(form.words).index(column.key)
        letter = get_column_letter(number + 1)
        return f"{_TERMS_SHEET}!${letter}$2:${letter}${len(form.words[column.key]) + 1}"
    words = {"sex": SEXES, "calcinosis": PRESENCES, "age_unit": _AGE_UNITS}.get(column.key)
    if column.kind == "lab" and column.part in ("value", "level"):
        words = LEVELS
    elif column.kind == "lab" and column.part == "unit":
        words = form.columns.units(column)
    return f'"{",".join(words)}"' if words else None


def _example_sheet(book: Any, form: Form) -> None:
    headings, *rows = form.example
    sheet = Sheet(book, _EXAMPLE_SHEET, headings, [max(12, len(name) + 3) for name in headings])
    sheet.head()
    for row in rows:
        sheet.row(row)


def _legend_sheet(book: Any, form: Form) -> None:
    sheet = Sheet(book, _LEGEND_SHEET, HEADS, (34, 110))
    sheet.head()
    for line in INTRODUCTION:
        sheet.row(("", line))
    for column in (*form.columns.form, *form.columns.further):
        sheet.row((column.name, legend(column, form.columns)))


def _terms_sheet(book: Any, form: Form) -> None:
    sheet = Sheet(book, _TERMS_SHEET, list(form.words), [40] * len(form.words))
    sheet.head()
    for number in range(max(map(len, form.words.values()))):
        sheet.row(
            labels[number] if number < len(labels) else None for labels in form.words.values()
        )
