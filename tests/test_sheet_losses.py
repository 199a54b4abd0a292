"""Whatever stands in a sheet: each cell is stated, recorded or refused, or says nothing."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calcinosis.facts import answers
from calcinosis.facts.row import Row
from calcinosis.facts.source import raw_cases
from tests.clinic import known
from tests.tables import csv_file

WORDS = """\
y|n|x|1|0|n/a|none|CREST|ILD, CREST|xyzzy|9.1|2,31|9.2 mg/dL|10.9 (H)|WNL|1,250|<0.5|61 y|f|M34.1
present|TRUE|-|+|↑|see letter|elbow, knee|digital ulcer|2024-01-02|pg/mL|[|;|CREST;;ILD|no; CREST"""
CELLS = st.sampled_from(["", *WORDS.replace("\n", "|").split("|")])
COLUMNS = """\
Dx|ICD-10|Raynaud|Ulcer|Ca (mg/dl)|PTH|Ca_unit|Age|Calcinosis Y/N|Treatment|Location|Comments
Symptoms|excluded|Sex|Visit|DOB|Smoker"""
HEADINGS = ("id", *COLUMNS.replace("\n", "|").split("|"))
ROW = st.lists(CELLS | st.text(max_size=6), min_size=len(HEADINGS) - 1, max_size=len(HEADINGS) - 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(ROW, min_size=1, max_size=4))
def test_no_cell_is_lost(tmp_path: Path, lines: list[list[str]]) -> None:
    clean = [[cell.encode("utf-8", "replace").decode() for cell in line] for line in lines]
    path = csv_file(tmp_path / "a.csv", *(["P", *line] for line in clean), headings=HEADINGS)
    for row in raw_cases(path, known()):
        if not isinstance(row, Row) or row.problems:
            continue  # refused, with its reason
        told = set(row.cells_of.values())
        for number, cell in enumerate(row.cells):
            column = row.table.columns[number]
            assert column is not None
            if column.is_silent or cell.is_empty or answers.states_nothing(cell, column):
                continue
            assert number in told or _says_nothing(cell.text), (row.table.heading(number), cell)


def _says_nothing(text: str) -> bool:
    """Whether no part of a list says anything."""
    return not text.replace(";", "").strip(" -")
