"""Tables of cases in workbooks: what Excel makes of a cell, and which sheet is read."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import calcinosis
from calcinosis.facts.row import letters
from tests.tables import EXAMPLES, example, problem, refusal, verdicts, workbook


def test_a_workbook_gives_what_the_text_gives(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    headings, *rows = example()
    numbers = [
        [float(cell) if re.fullmatch(r"\d+(\.\d+)?", cell) else cell or None for cell in row]
        for row in rows
    ]
    path = workbook(tmp_path / "a.xlsx", *numbers, headings=headings)
    result = kg.classify(path)
    assert not result.refused
    assert verdicts(result) == verdicts(kg.classify(EXAMPLES / "patients.yaml"))


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (7, "000", "007"),
        (7, "General", "7"),
        (7.0, "0", "7"),
        (7.5, "General", "7.5"),
        ("007", "@", "007"),
        (1234, "#,##0", "1234"),
    ],
)
def test_an_id_is_what_excel_shows(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, value: Any, form: str, shown: str
) -> None:
    path = workbook(tmp_path / "a.xlsx", [value], headings=["id"], formats={"A2": form})
    assert kg.classify(path).cases[0].case.id == shown


DATE = datetime.datetime(2024, 5, 2)


@pytest.mark.parametrize(
    ("heading", "value", "form", "what", "cure"),
    [
        ("id", 12345, "000-00", "in the format '000-00'", "as Text"),
        ("id", 1234567890123456, "0", "only 15 digits", "as Text"),
        ("id", DATE, "yyyy-mm-dd", "a date or time here (2024-05-02)", "as Text"),
        ("calcium", DATE, "d-mmm", "a date or time here (2024-05-02)", "as Text"),
        ("calcium", datetime.time(9, 2), "hh:mm", "a date or time here (09:02:00)", "as Text"),
        ("calcium", 9.2, "0%", "9.2 is shown as a percentage", "plain number"),
        ("conditions", True, "General", "TRUE is a logical value", "the word"),
        ("conditions", "#N/A", "General", "an Excel error (#N/A)", "Mend"),
        ("notes", "#REF!", "General", "an Excel error (#REF!)", "Mend"),
        ("calcium", "=8+1", "General", "the formula here has no value", "save it"),
        ("notes", "=8+1", "General", "the formula here has no value", "save it"),
        ("calcium", "1.250", "@", "may be a decimal", "1250 or"),
    ],
)
def test_what_excel_made_of_a_cell_is_refused_in_its_place(
    kg: calcinosis.KnowledgeGraph,
    tmp_path: Path,
    heading: str,
    value: Any,
    form: str,
    what: str,
    cure: str,
) -> None:
    row = {"id": "P1", "calcium_unit": "mg/dL", heading: value}
    place = f"{letters(list(row).index(heading))}2"
    path = workbook(
        tmp_path / "a.xlsx", list(row.values()), headings=list(row), formats={place: form}
    )
    found = problem(kg, path)
    assert what in found.what
    assert cure in found.cure
    assert found.column == f"{place[0]} ({heading})"


def test_a_formula_is_named_in_its_column_though_cells_before_it_are_missing(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    """A file holds only the cells that are not empty, and only the rows."""
    headings = ["notes", "sex", "id", "calcium", "calcium_unit"]
    row = [None, None, "P1", "=8+1", "mg/dL"]
    path = workbook(tmp_path / "a.xlsx", [], row, headings=headings)
    with zipfile.ZipFile(path) as archive:
        assert b'r="A3"' not in archive.read("xl/worksheets/sheet1.xml")
    found = problem(kg, path)
    assert "the formula here has no value" in found.what
    assert (found.row, found.column) == (3, "D (calcium)")


def test_a_date_may_stand_in_a_note_and_numbers_in_a_value(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    headings = ["id", "notes", "calcium", "calcium_unit", "calcium_low", "calcium_high"]
    row = ["P1", DATE, 2.345, "mmol/L", "2,1", 2.6]
    (case,) = kg.classify(workbook(tmp_path / "a.xlsx", row, headings=headings)).cases
    assert case.case.set_aside[0].what == "2024-05-02"
    assert "2.35 mmol/L" in str(case.case.facts[0]) or "2.345" in str(case.case.facts[0])


def _with_value(path: Path, formula: str, cell: str) -> None:
    """Write a formula's cell anew as a spreadsheet program stores it, with its value."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    found, count = re.subn(
        rb"<c [^>]*><f>" + formula.encode() + rb"</f>.*?</c>", cell.encode(), parts[name]
    )
    assert count == 1
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in {**parts, name: found}.items():
            archive.writestr(part, content)


@pytest.mark.parametrize(
    ("cell", "facts"),
    [
        ('<c r="B2"><f>8+1</f><v>9</v></c>', 1),
        ('<c r="B2" t="str"><f>8+1</f><v>normal</v></c>', 1),
        ('<c r="B2" t="str"><f>8+1</f><v></v></c>', 0),
        ('<c t="str" r="B2"><f>8+1</f></c>', None),
        ('<c r="B2"><f/></c>', None),
        ('<c r="B2" t="e"><f>8+1</f><v>#DIV/0!</v></c>', None),
    ],
)
def test_a_formula_counts_by_its_stored_value(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, cell: str, facts: int | None
) -> None:
    headings = ["id", "calcium", "calcium_unit", "calcium_low"]
    path = workbook(tmp_path / "a.xlsx", ["P1", "=8+1", "mg/dL", 8.5], headings=headings)
    _with_value(path, r"8\+1", cell)
    result = kg.classify(path)
    if facts is None:
        assert result.refused
    else:
        assert len(result.cases[0].case.facts) == facts


def test_the_sheet_that_is_read_is_the_form_or_the_only_one_with_an_id(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    path = workbook(tmp_path / "a.xlsx", ["first"], headings=["id"])
    book = openpyxl.load_workbook(path)
    book.create_sheet("empty")
    book.create_sheet("other").append(["key", "value"])
    book.save(path)
    assert kg.classify(path).cases[0].case.id == "first"
    second = book.create_sheet("more")
    second.append(["ID"])
    second.append(["second"])
    book.save(path)
    error = refusal(kg, path)
    assert "2 of its sheets (Sheet, empty, other, more) name an id" in error.what
    assert "'patients'" in error.cure
    second.title = "Patients"
    book.save(path)
    assert kg.classify(path).cases[0].case.id == "second"
    path = workbook(tmp_path / "b.xlsx", headings=["key"])
    book = openpyxl.load_workbook(path)
    book.create_sheet("empty")
    book.save(path)
    assert "none of its sheets" in refusal(kg, path).what


def test_blank_rows_and_columns_are_passed_over_and_rows_counted_as_excel_does(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B3"], sheet["D3"] = "id", "conditions"
    sheet["B6"], sheet["D6"] = "P1", "dermatomyositos"
    sheet["F9"].number_format = "0.00"
    book.save(path)
    found = problem(kg, path)
    assert (found.row, found.column) == (6, "D (conditions)")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xd0\xcf\x11\xe0rest", "password, or in the old .xls format"),
        (b"id\nP1\n", "no Excel workbook"),
        (b"", "no Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_told(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, content: bytes, what: str
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert what in str(refusal(kg, path))


def test_a_broken_workbook_is_an_error_of_the_file(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "a.xlsx", ["P1"], headings=["id"])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, content in parts.items():
        broken = tmp_path / "broken.xlsx"
        with zipfile.ZipFile(broken, "w") as archive:
            for part, whole in parts.items():
                archive.writestr(part, content[: len(content) // 2] if part == name else whole)
        result = kg.classify(broken)
        assert len(result.cases) + len(result.refused) >= 1
        assert all(
            "workbook cannot be read" in str(error) or repr(name) in str(error)
            for error in result.refused
        ), name
        if name.startswith("docProps/"):  # it holds no patient
            assert [verdict.case.id for verdict in result.cases] == ["P1"], name
    monkeypatch.setattr("calcinosis.facts.limits.UNPACKED_BYTES", 100)
    assert "unpacks to more" in refusal(kg, path).what
