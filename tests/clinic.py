"""Sheets as clinics keep them, made up: with the troubles that such sheets have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

from calcinosis.errors import InputError
from calcinosis.facts.row import Row
from calcinosis.facts.source import raw_cases
from calcinosis.facts.tabular import Known, Sheet, kinds
from tests.shared import graph

GROUPS = {0: "Patient", 4: "Diagnosis", 7: "Labs", 10: "Skin", 13: "Other"}
HEADINGS = (
    *("Pt ID", "DOB", "Sex", "Age", "Visit date", "Dx", "ICD-10"),
    *("Ca (mg/dl)", "PO4", "PTH"),
    *("Calcinosis Y/N", "Location", "Ulcer", "Treatment", "Hobby", "Comments"),
)
ROWS = """\
01|01.02.1950|f|61 y|1/13/2024|lcSSc|M34.1|9.1|3.4|88|y|elbow, knee|digital ulcer|none|no|stable
02|=1951-03-04|w|34|=2024-02-02|CREST, ILD||9.6 mg/dL|WNL|312 pg/ml|x||N|warfarin; diltiazem|ex|
02|=1951-03-04|w|34|15.06.2024|CREST|M34.1|10.9 (H)|n/a|<0.5|1|hand + foot|Y|warfarin|ex|

03||M|n/a|3/1/2024|xyzzy disease?|N18.6; E83.59|2,31|6.9 (↑)|-|Yes|hand, right||nd|yes|see letter
n = 3
* outside lab"""
STATED: dict[int, dict[str, Any]] = {
    4: {
        "id": "01",
        "sex": "female",
        "age": "61 years",
        "calcinosis": {"status": "present", "sites": ["elbow", "knee"]},
        "conditions": ["lcSSc", "M34.1"],
        "findings": ["digital ulcer"],
        "labs": [
            {"test": "total serum calcium", "value": 9.1, "unit": "mg/dl"},
            {"test": "serum phosphate", "value": 3.4},
            {"test": "intact parathyroid hormone", "value": 88},
        ],
        "other": ["Treatment: none", "Comments: stable"],
    },
    5: {
        "id": "02",
        "sex": "female",
        "age": "34 years",
        "calcinosis": "present",
        "conditions": ["CREST, ILD"],
        "interventions": ["warfarin", "diltiazem"],
        "excluded": ["Ulcer"],
        "labs": [
            {"test": "total serum calcium", "value": 9.6, "unit": "mg/dL"},
            {"test": "serum phosphate", "level": "normal"},
            {"test": "intact parathyroid hormone", "value": 312, "unit": "pg/ml"},
        ],
    },
    6: {
        "id": "02",
        "sex": "female",
        "age": "34 years",
        "calcinosis": {"status": "present", "sites": ["hand", "foot"]},
        "conditions": ["CREST", "M34.1"],
        "interventions": ["warfarin"],
        "findings": ["Ulcer"],
        "labs": [
            {"test": "total serum calcium", "value": 10.9, "unit": "mg/dl", "level": "high"},
            {"test": "intact parathyroid hormone", "value": "<0.5"},
        ],
    },
    8: {
        "id": "03",
        "sex": "male",
        "calcinosis": {"status": "present", "sites": ["hand, right"]},
        "conditions": ["xyzzy disease?", "N18.6", "E83.59"],
        "labs": [
            {"test": "total serum calcium", "value": 2.31, "unit": "mg/dl"},
            {"test": "serum phosphate", "value": 6.9, "level": "high"},
        ],
        "other": ["Comments: see letter"],
    },
}


def clinic(path: Path) -> Path:
    """The sheet as a workbook: a title, groups that are merged, blank rows, footnotes."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Cohort 2024"
    sheet.append(["Calcinosis cohort, outpatients (updated 03.11.2024)"])
    sheet.append([GROUPS.get(column) for column in range(len(HEADINGS))])
    sheet.append(list(HEADINGS))
    for row in ROWS.splitlines():
        sheet.append([_typed(cell) for cell in row.split("|")])
    for area in ("A1:P1", "A2:D2", "E2:G2", "H2:J2", "K2:M2", "N2:P2"):
        sheet.merge_cells(area)
    book.save(path)
    return path


def _typed(text: str) -> str | int | datetime | None:
    if text.startswith("="):
        return datetime.fromisoformat(text[1:])
    return int(text) if text == "34" else text or None


def text_sheet(path: Path, *lines: str) -> Path:
    """A sheet as text, a line each."""
    path.write_text("\n".join([*lines, ""]), encoding="utf-8", newline="")
    return path


def known() -> Known:
    """What tables are read by."""
    return Known(lambda: graph().laboratory, kinds(graph()._vocabulary))


def rows(path: Path | Sheet) -> list[Row]:
    """The rows of a sheet, none of which is at fault."""
    found = list(raw_cases(path, known()))
    assert all(isinstance(row, Row) and not row.problems for row in found), found
    return [row for row in found if isinstance(row, Row)]


def values(path: Path | Sheet) -> list[Any]:
    """What the rows of a sheet state."""
    return [row.value for row in rows(path)]


def fault(path: Path | Sheet) -> InputError:
    """What refuses a sheet."""
    (found,) = raw_cases(path, known())
    assert isinstance(found, InputError)
    return found


def stated(heading: str, *cells: str) -> list[dict[str, Any]]:
    """What cells below one heading state, beside an id."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        lines = [f'P{n},"{cell}"' for n, cell in enumerate(cells)]
        path = text_sheet(Path(folder) / "a.csv", f'id,"{heading}"', *lines)
        return [{key: value for key, value in one.items() if key != "id"} for one in values(path)]


def words_of(rows_: Sequence[Any], key: str) -> list[Any]:
    """What stands under a key, row by row."""
    return [row.get(key) for row in rows_]
