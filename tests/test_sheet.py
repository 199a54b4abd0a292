"""Tables of cases: delimiters, numbers, encodings, and what Excel makes of a cell."""

from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis.errors import InputError, RowError
from calcinosis.facts.cells import Cell, guarded, measured, unguarded
from calcinosis.facts.columns import Columns
from calcinosis.facts.row import letters
from calcinosis.facts.source import raw_cases
from calcinosis.facts.tabular import Known, kinds
from tests import golden
from tests.shared import graph
from tests.tables import (
    EXAMPLES,
    HEADINGS,
    csv_file,
    example,
    problem,
    refusal,
    text,
    verdicts,
    workbook,
)

GOOD = ("P1", "present", "dermatomyositis", "9.2", "mg/dL", "8.5", "10.5")


# -- the same as YAML ------------------------------------------------------------------


def test_the_example_table_gives_the_verdicts_of_the_example_cases(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    table = kg.classify(EXAMPLES / "patients.csv")
    cases = kg.classify(EXAMPLES / "patients.yaml")
    assert not table.refused
    assert len(table.cases) == 6
    assert verdicts(table) == verdicts(cases)
    for one, other in zip(table.cases, cases.cases, strict=True):
        assert (one.case.sites, one.case.sex) == (other.case.sites, other.case.sex)
        assert one.case.age_days == other.case.age_days


def _row(case: dict[str, Any], headings: list[str]) -> list[str]:
    """A golden case as a row; its facts stand as ``conditions`` whatever their kind."""
    cells: dict[str, list[str]] = {"id": [case["id"]]}
    if "calcinosis" in case:
        cells["calcinosis"] = [case["calcinosis"]]
    for key in ("conditions", "excluded"):
        for item in case[key]:
            stated = {"term": item} if isinstance(item, str) else item
            ends = [
                end
                for link, end in (("at_deposit", "_at_deposit"), ("cause", "_as_cause"))
                if stated.get(link)
            ]
            for end in ends or [""]:
                cells.setdefault(key + end, []).append(stated["term"])
    return ["; ".join(cells.get(heading, [])) for heading in headings]


def test_the_golden_cases_give_their_verdicts_from_a_table(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    rows = [row for row in golden.rows() if "False" not in str(row.case)]
    assert len(rows) >= 28
    headings = ["id", "calcinosis"]
    headings += [
        k + e for k in ("conditions", "excluded") for e in ("", "_at_deposit", "_as_cause")
    ]
    path = csv_file(tmp_path / "a.csv", *(_row(r.case, headings) for r in rows), headings=headings)
    result = kg.classify(path)  # one row has a word that nothing resolves
    assert not result.refused
    for row, case in zip(rows, result.cases, strict=True):
        assert {s.id: s.verdict for s in case.subtypes} == row.verdicts


# -- text tables -----------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_table_reads_alike_in_every_spelling(
    kg: calcinosis.KnowledgeGraph,
    tmp_path: Path,
    delimiter: str,
    end: str,
    encoding: str,
    quoting: int,
) -> None:
    rows = [*example()[:2], [], *example()[2:]]
    path = tmp_path / "a.csv"
    path.write_bytes(text(rows, delimiter, end, quoting).encode(encoding))
    result = kg.classify(path)
    assert not result.refused
    assert verdicts(result) == verdicts(kg.classify(EXAMPLES / "patients.yaml"))


def test_a_line_break_and_a_semicolon_part_items(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    items = "dermatomyositis ;\nobesity;; warfarin\n"
    path = csv_file(tmp_path / "a.csv", ("P1", items), headings=("id", "conditions"))
    (case,) = kg.classify(path).cases
    assert [fact.words for fact in case.case.facts] == ["dermatomyositis", "obesity", "warfarin"]


@pytest.mark.parametrize(
    ("written", "decimal", "value"),
    [
        ("9.1", ".", 9.1),
        ("9,1", ".", 9.1),
        ("9,1", ",", 9.1),
        ("9.1", ",", 9.1),
        (" 9 ", "", 9),
        ("0,123", "", 0.123),
        ("0.123", ",", 0.123),
        ("1,2345", "", 1.2345),
        ("1,234", ",", 1.234),
        ("1.234", ".", 1.234),
        ("1,234", ".", None),
        ("1.234", ",", None),
        ("1,234", "", None),
        ("1.234", "", None),
        (">60", "", ">60"),
        ("< 0,1", "", "<0.1"),
        ("≥1,5e2", "", "≥1.5e2"),
        ("1e3", "", 1000.0),
        ("1,234.5", "", "1,234.5"),
        ("1.234,5", ",", "1.234,5"),
        ("-5", "", "-5"),
        ("about 9", "", "about 9"),
        ("9" * 400, "", "9" * 400),
    ],
)
def test_a_number_is_read_or_refused_but_never_guessed(
    written: str, decimal: str, value: float | str | None
) -> None:
    assert measured(Cell(written), decimal) == value


@given(st.integers(0, 10**6), st.integers(0, 9999), st.sampled_from([",", ";", "\t", ""]))
def test_no_mark_makes_another_number(whole: int, part: int, delimiter: str) -> None:
    decimal = {",": ".", "\t": ".", ";": ",", "": ""}[delimiter]
    for mark in ".,":
        found = measured(Cell(f"{whole}{mark}{part:02d}"), decimal)
        assert found is None or found == float(f"{whole}.{part:02d}")


@pytest.mark.parametrize(
    ("row", "column", "value", "what", "cure"),
    [
        (("P1", "maybe"), "B (calcinosis)", "maybe", "is no status", "present, absent or unknown"),
        (
            ("P1", "", "dermatomyositos"),
            "C (conditions)",
            "dermatomyositos",
            "unknown",
            "Did you mean",
        ),
        (("", "", "acne"), "A (id)", "", "no id", "Give it one"),
        (("P1", "", "", "nine", "mg/dL"), "D (calcium)", "nine", "no value", "decimal point"),
        (("P1", "", "", "9.2", "mgdl"), "E (calcium_unit)", "mgdl", "unit", "mg/dL"),
        (("P1", "", "", "9.2"), "E (calcium_unit)", "", "no unit", "mg/dL"),
        (("P1", "", "", "1,250", "mg/L"), "D (calcium)", "1,250", "or thousands", "1250 or"),
        (("P1", "", "", "9.2", "mg/dL", "8.5", "x"), "G (calcium_high)", "x", "no bound", "number"),
        (("P1", "", "", "9.2", "mg/dL", "9", "8"), "F (calcium_low)", "9", "interval", "bounds"),
        (("P1", "", "", "", "", "", "", "stray"), "H", "stray", "under no heading", "quotes"),
    ],
)
def test_a_fault_names_row_column_value_and_cure(
    kg: calcinosis.KnowledgeGraph,
    tmp_path: Path,
    row: tuple[str, ...],
    column: str,
    value: str,
    what: str,
    cure: str,
) -> None:
    path = csv_file(tmp_path / "a.csv", (), (*row, *[""] * (7 - len(row))))
    found = problem(kg, path)
    assert (found.file, found.row, found.column, found.value) == (str(path), 3, column, value)
    assert found.where == f"{path}, row 3, column {column}"
    assert what in found.what
    assert cure in found.cure


def test_all_faults_of_a_row_come_at_once_in_the_order_of_its_cells(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    row = ("", "maybe", "acnee; dermatomyositos", "9,2,1", "mgdl", "x", "")
    error = refusal(kg, csv_file(tmp_path / "a.csv", row))
    assert isinstance(error, RowError)
    assert [p.column[0] for p in error.problems] == ["A", "B", "C", "C", "D", "E", "F"]
    faults = graph().classify(csv_file(tmp_path / "b.csv", row), strict=True).faults()
    assert [fault["column"] for fault in faults] == [p.column for p in error.problems]
    assert {fault["row"] for fault in faults} == {2}


def test_one_bad_row_does_not_stop_the_others(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    bad = ("P2", "", "dermatomyositos", "", "", "", "")
    again = ("P1", *GOOD[1:])
    path = csv_file(tmp_path / "a.csv", GOOD, bad, again, ("P3", *GOOD[1:]))
    result = kg.classify(path, strict=True)
    assert [case.case.id for case in result.cases] == ["P1", "P3"]
    twice = result.refused[1]
    assert "row 4, column A (id): the id 'P1' was given to an earlier case" in str(twice)


def test_a_cell_that_was_not_understood_is_named(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    row = ("P1", "present", "dermatomyositos", "9.2", "mgdl", "", "")
    path = csv_file(tmp_path / "a.csv", row)
    (case,) = kg.classify(path).cases
    places = [remark.where for remark in (*case.not_understood, *case.case.uninterpreted)]
    assert places == [
        f"{path.name}, row 2, column C (conditions)",
        f"{path.name}, row 2, column E (calcium_unit)",
    ]


def test_every_place_in_a_case_is_a_cell(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> None:
    headings = (
        "id",
        "calcinosis",
        "sites",
        "conditions_at_deposit",
        "PTH",
        "PTH unit",
        "Work-up complete",
        "note_course",
    )
    row = ("P1", "Present", "Elbow", "burn scar", ">60", "pg/mL", "tissue damage", "slow")
    path = csv_file(tmp_path / "a.csv", row, headings=headings)
    (found,) = kg.classify(path).cases
    case = found.case
    letter = {f.where.rpartition("column ")[2][0] for f in (*case.facts, *case.workup)}
    assert letter == {"B", "D", "G"}
    assert case.uninterpreted[0].where == f"{path.name}, row 2, column E (PTH)"
    assert case.set_aside[0].where == f"{path.name}, row 2, column H (note_course)"
    assert case.set_aside[0].what == "course: slow"
    assert case.sites == ("Elbow",)
    assert case.where == f"{path.name}, row 2: case 'P1'"


def test_words_and_levels_of_a_test(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> None:
    headings = ("id", "calcium", "calcium_unit", "calcium_low", "calcium_level", "calcium_when")
    rows = [
        ("word", "Normal", "mg/dL", "8.5", "", ""),
        ("both", "9.2", "mg/dL", "", "Normal", ""),
        ("level", "", "", "", "normal", ""),
        ("unit alone", "", "mg/dL", "8.5", "", ""),
        ("before", "normal", "", "", "", "Before"),
        ("apart", "normal", "", "", "high", ""),
    ]
    result = kg.classify(csv_file(tmp_path / "a.csv", *rows, headings=headings))
    facts = {case.case.id: len(case.case.facts) for case in result.cases}
    assert facts == {"word": 1, "both": 1, "level": 1, "unit alone": 0, "before": 0, "apart": 0}
    (apart,) = result.cases[-1].case.uninterpreted
    assert "both normal and high" in apart.reason


@pytest.mark.parametrize(
    ("age", "unit", "days"), [("46", "years", 16801), ("1,5", "years", 548), ("P15M", "", 457)]
)
def test_an_age_has_its_unit_beside_it_or_in_it(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, age: str, unit: str, days: int
) -> None:
    path = csv_file(tmp_path / "a.csv", ("a", age, unit), headings=("id", "age", "age_unit"))
    (case,) = kg.classify(path).cases
    assert round(case.case.age_days or 0) == days
    path = csv_file(
        tmp_path / "b.csv", ("a", "46 years", "months"), headings=("id", "age", "age unit")
    )
    assert "no single age" in problem(kg, path).what


# -- headings --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "what", "cure"),
    [
        ("name,age\nP1,9 years\n", "no column is called id", "template"),
        ("P1,present\nP2,absent\n", "no line of headings", "template"),
        ("id,phosphte\nP1,1.2\n", "column B (phosphte) is doubtful", "meant for phosphate"),
        ("id,conditon,albumn\nP1,1,2\n", "B (conditon), C (albumn) are doubtful", "map FILE"),
        ("id,PTH,parathyroid hormone\nP1,,\n", "B (PTH) and C (parathyroid hormone)", "Keep one"),
        ("id,calcium\n\n,\n", "there is no case in it", "Fill in a row"),
        ("\n\n", "the table is empty", "template"),
        ("", "the table is empty", "template"),
        ('id,notes\nP1,"open\nP2,x\n', "line 3: the quotes", "not read"),
        ('id,notes\nP1,"a"b\n', "line 2: the quotes", "not read"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, head: str, what: str, cure: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(head, encoding="utf-8")
    error = refusal(kg, path)
    assert what in str(error)
    assert cure in error.cure


def test_rows_before_a_broken_line_are_kept(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id\nP1\nP2\n"P3"x\nP4\n', encoding="utf-8")
    result = kg.classify(path)
    assert [case.case.id for case in result.cases] == ["P1", "P2"]
    assert "line 4" in result.refused[0].where


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (
            "id;notes\nP1;Größe\n".encode("cp1252"),
            "line 2: the text is not UTF-8. Excel's plain CSV",
        ),
        (b"PK\x03\x04rest", "this is an Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "this is an old Excel file"),
        (b"id\nP\x001\n", "this is binary"),
        ("id\nP1\n".encode("utf-16") + b"\x00", "the text is not UTF-8"),
    ],
)
def test_another_encoding_is_refused_whole_with_its_cure(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, content: bytes, what: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert what in str(refusal(kg, path))


def test_the_line_of_a_wrong_byte_is_counted_over_many_blocks(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,notes\n" + b"P,a note\n" * 300_000 + b"Q,\xe4\n")
    assert "line 300002" in refusal(kg, path).where


def test_a_missing_table_and_other_endings_are_told(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    assert "does not exist" in refusal(kg, tmp_path / "none.xlsx").what
    (tmp_path / "a.xls").write_text("", encoding="utf-8")
    assert ".xlsx" in refusal(kg, tmp_path / "a.xls").cure


def test_a_directory_leaves_tables_and_schemas_alone(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    csv_file(tmp_path / "a.csv", GOOD)
    assert "name a table itself" in refusal(kg, tmp_path).cure
    (tmp_path / "a.yaml").write_text("id: y\n", encoding="utf-8")
    (tmp_path / "b.schema.json").write_text("{}", encoding="utf-8")
    assert [case.case.id for case in kg.classify(tmp_path).cases] == ["y"]


# -- columns ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def columns(kg: calcinosis.KnowledgeGraph) -> Columns:
    return kg.form.columns


def test_the_columns_of_the_laboratory_are_its_analytes(
    kg: calcinosis.KnowledgeGraph, columns: Columns
) -> None:
    assert len(columns.analytes) == len(kg.laboratory.analytes)
    assert {"calcium", "ionised_calcium", "phosphate", "albumin", "parathyroid_hormone"} <= set(
        columns.analytes
    )
    assert list(columns.analytes)[:2] == ["calcium", "phosphate"]
    for column in (*columns.form, *columns.further):
        assert columns.find(column.name) == column
        assert columns.find(column.name.upper().replace("_", " ")) == column


def test_every_name_of_a_test_heads_a_column(
    kg: calcinosis.KnowledgeGraph, columns: Columns
) -> None:
    for name, key, part in (
        ("PTH", "intact parathyroid hormone", "value"),
        ("iPTH Unit", "intact parathyroid hormone", "unit"),
        ("serum_phosphate_low", "serum phosphate", "low"),
        ("2777-1", "serum phosphate", "value"),
    ):
        found = columns.find(name)
        assert found is not None
        assert (found.key, found.part) == (key, part)
    assert columns.find("unit") is None
    assert columns.find("") is None
    assert columns.find("_unit") is None


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# -- all that can come -----------------------------------------------------------------


WORDS = st.sampled_from(
    [
        "",
        "present",
        "dermatomyositis",
        "acnee",
        "9,2",
        "1.250",
        ">60",
        "mg/dL",
        "NA",
        "=1",
        "\t",
        "a;b",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.lists(WORDS | st.text(max_size=8), max_size=9), min_size=1, max_size=4))
def test_any_table_gives_cases_or_refusals_and_nothing_else(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, rows: list[list[str]]
) -> None:
    path = tmp_path / "any.csv"
    content = text([HEADINGS, *rows], delimiter=";")
    path.write_text(content, encoding="utf-8", errors="replace", newline="")
    for item in kg.stream(path):
        assert not isinstance(item, InputError) or (item.where.startswith(str(path)) and item.cure)


@given(st.text(max_size=6))
def test_a_guarded_text_comes_back(word: str) -> None:
    assert unguarded(guarded(word)) == word
    assert guarded(word)[:1] not in "=+-@\t\r" or not word


@pytest.mark.slow
def test_reading_takes_no_more_memory_for_more_rows(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    headings = ["id", "calcinosis", "conditions"]
    known = Known(lambda: kg.laboratory, kinds(kg._vocabulary))
    peaks = {}
    for count in (1_000, 10_000):
        rows = [[f"P{n}", "present", "dermatomyositis"] for n in range(count)]
        paths = [
            csv_file(tmp_path / f"{count}.csv", *rows, headings=headings),
            workbook(tmp_path / f"{count}.xlsx", *rows, headings=headings),
        ]
        for path in paths:
            tracemalloc.start()
            found = sum(1 for row in raw_cases(path, known))
            peaks[path.suffix, count] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert found == count
    assert peaks[".csv", 10_000] < peaks[".csv", 1_000] + 4_000_000
    # A workbook keeps its texts apart from its cells, and all of them in memory.
    assert peaks[".xlsx", 10_000] < peaks[".xlsx", 1_000] + 12_000_000


def test_the_case_format_and_the_table_agree_on_their_schema(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    known = json.loads(
        (Path(calcinosis.__file__).parent / "schemas" / "case.schema.json").read_text("utf-8")
    )["properties"]
    columns = (*kg.form.columns.form, *kg.form.columns.further)
    keys = {one.key for one in columns if one.kind != "lab" and not one.is_silent}
    assert keys - {"age_unit", "sites"} == set(known) - {"labs"}


def test_the_examples_name_their_schema() -> None:
    for name in EXAMPLES.rglob("*.yaml"):
        first = name.read_text(encoding="utf-8").splitlines()[0]
        key, _, target = first.partition("$schema=")
        assert key == "# yaml-language-server: "
        assert (name.parent / target).resolve() == EXAMPLES / "case-with-terms.schema.json"
        assert yaml.safe_load(name.read_text(encoding="utf-8"))
