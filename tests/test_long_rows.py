"""Sheets with many rows of several lines: written soon, and each cell as it was given."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import openpyxl.styles
import pytest

from calcinosis.output.sheets.workbook import Sheet, workbook

LONG = "a text that is wider than its column, and so is broken into lines"
ROWS: list[tuple[str | float | None, ...]] = [
    (LONG, "=1+1", None),
    (LONG, 2.5, "#x"),
    (None, LONG, 3),
    ("short", "text", None),
]


def written(rows: list[tuple[str | float | None, ...]]) -> bytes:
    stream = io.BytesIO()
    with workbook(stream) as book:
        sheet = Sheet(book, "rows", ("a", "b", "c"), (20, 20, 20), wraps=True)
        sheet.head()
        for row in rows:
            sheet.row(row)
    return stream.getvalue()


def test_cells_of_rows_of_several_lines_hold_what_was_given(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(written(ROWS))
    sheet = openpyxl.load_workbook(path)["rows"]
    assert [*sheet.iter_rows(min_row=2, values_only=True)] == ROWS
    assert sheet["B2"].data_type == "s"
    assert [sheet.cell(2, 1).alignment.wrap_text, sheet.cell(3, 2).alignment.vertical] == [
        True,
        "top",
    ]
    assert sheet.row_dimensions[2].height > 15


def test_the_work_on_a_row_does_not_make_its_style_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    make = openpyxl.styles.Alignment.__init__

    def counted(self: Any, *given: Any, **named: Any) -> None:
        made.append(1)
        make(self, *given, **named)

    monkeypatch.setattr(openpyxl.styles.Alignment, "__init__", counted)
    written(ROWS)
    few = len(made)
    written(ROWS * 50)
    assert len(made) == 2 * few
