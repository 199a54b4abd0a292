"""OpenDocument spreadsheets: the same sheet as a workbook, what they hide, and hostile ones."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pytest

from calcinosis import Sheet
from calcinosis.facts import limits
from tests.clinic import STATED, clinic, fault, rows, text_sheet, values, words_of
from tests.shared import graph

KIND = b"application/vnd.oasis.opendocument.spreadsheet"
NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style", "draw")
)


def cell(text: str = "", kind: str = "string", value: str = "", **more: Any) -> str:
    """A cell; ``more`` are attributes of the table, such as number_columns_repeated."""
    given = {f"table:{key.replace('_', '-')}": str(value) for key, value in more.items()}
    if text or value:
        given["office:value-type"] = kind
    if value:
        name = {
            "float": "value",
            "percentage": "value",
            "currency": "value",
            "boolean": "boolean-value",
        }
        given[f"office:{name.get(kind, f'{kind}-value')}"] = value
    said = "".join(f" {key}={quoteattr(value)}" for key, value in given.items())
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n") if text)
    return f"<table:table-cell{said}>{lines}</table:table-cell>"


def row(*cells: str, **more: Any) -> str:
    said = "".join(f' table:{key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f"<table:table-row{said}>{''.join(cells)}</table:table-row>"


def table(name: str, rows_: Iterable[str], style: str = "ta1", before: str = "") -> str:
    return (
        f'<table:table table:name="{name}" table:style-name="{style}">{before}'
        f"{''.join(rows_)}</table:table>"
    )


def ods(path: Path, *tables: str, head: str = "", kind: bytes = KIND, manifest: str = "") -> Path:
    hidden = '<style:style style:name="ta2"><style:table-properties table:display="false"/>'
    styles = f"<office:automatic-styles>{hidden}</style:style></office:automatic-styles>"
    body = f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
    content = f"{head}<office:document-content {NAMES}>{styles}{body}</office:document-content>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        if manifest:
            archive.writestr("META-INF/manifest.xml", manifest)
    return path


def simple(*lines: str) -> list[str]:
    return [row(*(cell(text) for text in line.split("|"))) for line in lines]


def test_a_clinic_s_sheet_states_what_it_does_as_a_workbook(tmp_path: Path) -> None:
    book = clinic(tmp_path / "cohort.xlsx")
    lines = []
    for line in openpyxl.load_workbook(book).active.iter_rows(values_only=True):
        cells = []
        for value in line:
            if isinstance(value, int):
                cells.append(cell(str(value), "float", str(value)))
            elif hasattr(value, "isoformat"):
                cells.append(cell("03/04/51", "date", value.isoformat()))
            else:
                cells.append(cell(value or ""))
        lines.append(row(*cells))
    path = ods(tmp_path / "cohort.ods", table("Cohort 2024", lines))
    assert {one.number: one.value for one in rows(path)} == STATED


def test_numbers_keep_what_their_format_shows(tmp_path: Path) -> None:
    head = simple("id|calcium|age|notes")
    lines = [
        row(cell("007", "float", "7"), cell("2,31 mmol/L", "float", "2.31"),
            cell("40", "float", "40"), cell("two\nlines")),
        row(cell("8", "float", "8"), cell("9.10", "float", "9.1"), cell("", "float", "41"),
            cell("x")),
    ]  # fmt: skip
    first, second = values(ods(tmp_path / "a.ods", table("One", head + lines)))
    assert first["id"] == "007"
    assert first["labs"] == [{"test": "total serum calcium", "value": 2.31, "unit": "mmol/L"}]
    assert first["other"] == ["two\nlines"]
    assert second == {
        "id": "8", "age": "41 years", "other": ["x"],
        "labs": [{"test": "total serum calcium", "value": 9.1}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (cell("12 %", "percentage", "0.12"), "percentage"),
        (cell("1.2.24", "date", "2024-02-01T00:00:00"), "date or time here (2024-02-01)"),
        (cell("TRUE", "boolean", "true"), "logical value"),
        (cell("3 EUR", "currency", "3"), "in the format"),
    ],
)
def test_what_is_no_text_refuses_its_row_as_in_a_workbook(
    given: str, what: str, tmp_path: Path
) -> None:
    path = ods(tmp_path / "a.ods", table("One", [*simple("id|Dx"), row(cell("1"), given)]))
    (found,) = graph().classify(path).faults()
    assert what in found["what"]
    assert (found["row"], found["column"]) == (2, "B (Dx)")


def test_what_is_repeated_and_merged_is_read_as_it_is_seen(tmp_path: Path) -> None:
    lines = [
        row(cell("title", number_columns_spanned=3)),
        row(cell(number_columns_repeated=16_000), number_rows_repeated=3),
        *simple("id|Dx|sex"),
        row(cell("1"), cell("CREST", number_rows_spanned=2), cell("m")),
        row(cell("2"), "<table:covered-table-cell/>", cell("f"), cell(number_columns_repeated=999)),
        row(cell("3"), cell(), cell("m"), number_rows_repeated=2),
        row(cell(number_columns_repeated=16_384), number_rows_repeated=1_048_000),
    ]  # fmt: skip
    found = rows(ods(tmp_path / "a.ods", table("One", lines)))
    assert [one.number for one in found] == [6, 7, 8, 9]
    assert words_of([one.value for one in found], "conditions") == [
        ["CREST"],
        ["CREST"],
        None,
        None,
    ]
    assert words_of([one.value for one in found], "id") == ["1", "2", "3", "3"]


def test_what_is_hidden_is_said_and_a_comment_is_no_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    note = "<office:annotation><text:p>a comment</text:p></office:annotation>"
    lines = [
        row(cell("id"), cell("sex").replace("<text:p>", f"{note}<text:p>")),
        row(cell("1"), cell("m"), visibility="collapse"),
        row(cell("2"), cell("f"), visibility="filter"),
    ]
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    shown = table("Shown", lines, before=columns)
    path = ods(tmp_path / "a.ods", table("patients", simple("id", "secret"), "ta2"), shown)
    assert values(path) == [{"id": "1", "sex": "male"}, {"id": "2", "sex": "female"}]
    assert "hidden sheets that are not read: patients" in caplog.text
    assert "hidden rows that are read as others are: 2, 3" in caplog.text
    assert "hidden columns that are read as others are: B" in caplog.text


def test_the_sheet_is_the_only_one_with_an_id_or_that_of_the_mapping(tmp_path: Path) -> None:
    one, two = table("One", simple("a|b", "1|2")), table("Two", simple("id|sex", "1|m"))
    three = table("Three", simple("id", "3"))
    assert words_of(values(ods(tmp_path / "a.ods", one, two)), "id") == ["1"]
    path = ods(tmp_path / "b.ods", one, two, three)
    assert "2 of its sheets (One, Two, Three)" in fault(path).what
    mapping = text_sheet(tmp_path / "map.yaml", "sheet: Three")
    assert words_of(values(Sheet(path, mapping)), "id") == ["3"]


def test_spaces_tabs_and_line_breaks_are_text(tmp_path: Path) -> None:
    text = "CREST<text:s/>syndrome<text:line-break/>ILD"
    lines = [*simple("id|Dx"), row(cell("1"), cell("x").replace(">x<", f">{text}<"))]
    (found,) = values(ods(tmp_path / "a.ods", table("One", lines)))
    assert found["conditions"] == ["CREST syndrome", "ILD"]


# -- hostile -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"head": '<!DOCTYPE x [<!ENTITY a "b">]>'}, "declares a document type"),
        ({"kind": b"application/zip"}, "no OpenDocument spreadsheet"),
        ({"manifest": "<manifest:encryption-data/>"}, "password"),
        ({"head": "<"}, "no XML that can be read"),
    ],
)
def test_what_is_no_plain_spreadsheet_is_refused(
    content: dict[str, Any], what: str, tmp_path: Path
) -> None:
    path = ods(tmp_path / "a.ods", table("One", simple("id", "1")), **content)
    assert what in fault(path).what


def test_what_is_no_archive_or_has_no_sheet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ods").write_bytes(b"id\n1\n")
    assert "no OpenDocument" in fault(tmp_path / "a.ods").what
    assert "no sheet in it" in fault(ods(tmp_path / "b.ods")).what
    assert "does not exist" in fault(tmp_path / "none.ods").what


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ([row(cell("x", number_columns_repeated=999_999_999))], "2,000 columns"),
        ([row(cell(number_columns_repeated=999_999_999), cell("x"))], "2,000 columns"),
        ([row(cell("x"), number_rows_repeated=999_999_999)], "1,048,576 rows"),
        ([row(cell("x", number_columns_repeated=2_000), number_rows_repeated=9_000)], "cells"),
        ([row(cell("x" * (limits.CELL_CHARACTERS + 1)))], "characters"),
        (["<a>" * 60 + "</a>" * 60], "50 levels"),
        ([f"<a b='{'x' * 1_100_000}'/>"], "1,000,000 bytes"),
    ],
)
def test_what_unpacks_to_too_much_is_refused(lines: list[str], what: str, tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", table("One", [*simple("id"), *lines]))
    assert what in str(fault(path))


def test_too_many_merged_cells_or_elements_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged = [row(cell("1", number_rows_spanned=2))] * 3
    path = ods(tmp_path / "a.ods", table("One", [*simple("id"), *merged]))
    monkeypatch.setattr(limits, "MERGED", 2)
    assert "2 merged cells" in str(fault(path))
    monkeypatch.setattr(limits, "CELLS", 5)
    assert "5 elements" in str(fault(path))
