"""Small tables of cases for tests: as CSV in any spelling, and as workbooks."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

import calcinosis
from calcinosis.errors import CellProblem, InputError, RowError
from calcinosis.graph.locate import data

EXAMPLES = data("examples")
HEADINGS = (
    "id",
    "calcinosis",
    "conditions",
    "calcium",
    "calcium_unit",
    "calcium_low",
    "calcium_high",
)


def text(
    rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\r\n", quoting: int = 0
) -> str:
    """Rows as delimited text."""
    stream = io.StringIO()
    dialect = {"delimiter": delimiter, "lineterminator": end, "quoting": quoting}
    csv.writer(stream, **dialect).writerows(rows)  # type: ignore[arg-type]
    return stream.getvalue()


def csv_file(path: Path, *rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> Path:
    """A CSV file with headings and rows."""
    path.write_text(text([headings, *rows]), encoding="utf-8", newline="")
    return path


def workbook(
    path: Path,
    *rows: Sequence[Any],
    headings: Sequence[str] = HEADINGS,
    formats: Mapping[str, str] | None = None,
    title: str = "Sheet",
) -> Path:
    """A workbook with one sheet; ``formats`` gives number formats by cell, such as ``A2``."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in (headings, *rows):
        sheet.append(list(row))
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    book.save(path)
    return path


def example() -> list[list[str]]:
    with (EXAMPLES / "patients.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def verdicts(result: calcinosis.Result) -> list[dict[str, Any]]:
    """Verdicts and criteria of all cases, without notes and places."""
    keys = ("id", "calcinosis", "subtypes", "uninterpreted")
    cases = [case.to_dict() for case in result.cases]
    return [{key: case[key] for key in keys} for case in cases]


def refusal(kg: calcinosis.KnowledgeGraph, path: Path) -> InputError:
    result = kg.classify(path, strict=True)
    assert not result.cases
    (error,) = result.refused
    return error


def problem(kg: calcinosis.KnowledgeGraph, path: Path) -> CellProblem:
    error = refusal(kg, path)
    assert isinstance(error, RowError)
    (found,) = error.problems
    return found
