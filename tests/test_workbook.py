"""What comes out for spreadsheets: tidy CSV and workbooks, read back by pandas and openpyxl."""

from __future__ import annotations

import io
import json
import time
from collections import Counter
from collections.abc import Callable, Sized
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import calcinosis
from calcinosis.cli.main import main
from calcinosis.errors import UsageError
from calcinosis.graph.locate import data
from calcinosis.output.markup import markdown_text
from calcinosis.output.pages.verdict_table import verdict_table
from calcinosis.output.pictures.verdict_bars import verdict_picture
from calcinosis.output.sheets import workbook as sheets
from calcinosis.output.sheets.verdict_book import write_workbook
from calcinosis.reasoning.verdict import COLUMNS, CaseVerdict
from calcinosis.study.tally import Tally
from tests.shared import graph
from tests.tables import csv_file

PATIENTS = data("examples") / "patients.yaml"
DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")')


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def result(kg: calcinosis.KnowledgeGraph) -> calcinosis.Result:
    return kg.classify([PATIENTS, data("examples") / "published" / "cases.yaml"])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "verdicts.xlsx"
    files = [str(PATIENTS), str(data("examples") / "published" / "cases.yaml")]
    assert run("classify", *files, "-f", "xlsx", "-o", str(path)) == 0
    return path


def test_pandas_reads_the_sheets(written: Path, result: calcinosis.Result) -> None:
    found = pd.read_excel(written, sheet_name=None, keep_default_na=False)
    assert list(found) == [
        *("cohort", "summary", "table 1"),
        *("verdicts", "criteria", "references", "remarks", "about"),
    ]
    wanted = [{**row, "basis": row["basis"] or ""} for row in result.rows()]
    assert found["verdicts"][list(COLUMNS)].to_dict("records") == wanted
    assert tuple(found["verdicts"])[: len(COLUMNS)] == COLUMNS
    said = set(
        found["verdicts"][["verdict", "presumed", "said"]].itertuples(index=False, name=None)
    )
    assert said == {
        ("entailed", "", "follows"),
        ("refuted", "", "ruled out"),
        ("undetermined", "", "open"),
        ("undetermined", "entailed", "presumed"),
        ("conflicting", "", "contradictory"),
    }
    keys = {key for case in result.cases for key in case.cited}
    assert set(found["references"]["key"]) == keys
    cited = found["criteria"]["references"].str.split("; ").explode()
    assert set(filter(None, cited)) <= keys
    bare = found["criteria"]["references"] == ""
    assert bare.any()
    assert (found["criteria"]["editorial"] == bare.map({True: "our reading", False: ""})).all()
    about = dict(found["about"].itertuples(index=False))
    assert about["viewpoint"] == result.head.viewpoint
    assert about["ontology_version"] == result.head.ontology_version
    assert (about["take"], about["assume"]) == ("all", "levels; work-up; causes")


def test_the_references_of_a_workbook_are_those_of_cite(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    """Also those by whose intervals a value was judged, which no criterion asks for."""
    labs = [{"test": "PTH", "value": 120, "unit": "pg/mL"}]
    case = {"id": "a", "age": "50 years", "calcinosis": "present", "labs": labs}
    (tmp_path / "a.json").write_text(json.dumps(case), encoding="utf-8")
    assert run("classify", str(tmp_path / "a.json"), "-o", str(tmp_path / "a.xlsx")) == 0
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    keys = [row[0] for row in book["references"].iter_rows(min_row=2, values_only=True)]
    assert keys == list(kg.cite(cases=case).keys)
    (verdict,) = kg.classify(case).cases
    assert set(keys) > set(verdict.references)


@pytest.mark.slow
def test_a_reference_reads_as_in_cite_and_in_show(
    written: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    rows = openpyxl.load_workbook(written)["references"].iter_rows(min_row=2, values_only=True)
    lines = {row[0]: row[1] for row in rows}
    assert len(lines) > 10
    for key, line in lines.items():
        assert kg.cite(key).text() == f"[{key}] {line}\n"
        assert markdown_text(line) in kg.show(key).markdown()


def test_the_sheets_hold_all_that_the_result_holds(
    written: Path, result: calcinosis.Result
) -> None:
    book = openpyxl.load_workbook(written)
    criteria = list(book["criteria"].iter_rows(min_row=2, values_only=True))
    statuses = {(row[0], row[1], row[2], row[5]) for row in criteria}
    remarks = list(book["remarks"].iter_rows(min_row=2, values_only=True))
    for case in result.cases:
        for subtype in case.subtypes:
            for criterion in subtype.criteria:
                assert (case.case.id, subtype.id, criterion.id, criterion.status) in statuses
    kinds: dict[str, Callable[[CaseVerdict], Sized]] = {
        "set aside": lambda c: c.set_aside,
        "uninterpreted": lambda c: c.case.uninterpreted,
        "not understood": lambda c: c.not_understood,
        "without a role": lambda c: c.without_role,
        "taken by a name": lambda c: c.taken,
        "work-up not taken": lambda c: c.workup_ignored,
    }
    rare = ["not understood", "work-up not taken"]
    counts = {kind: sum(len(some(c)) for c in result.cases) for kind, some in kinds.items()}
    assert Counter(row[1] for row in remarks) == Counter(counts)
    assert [kind for kind, count in counts.items() if not count] == rare
    assert len(remarks) > 50
    parts = {row[3] for row in criteria if row[3]}
    assert parts <= {row[2] for row in criteria}
    assert book["verdicts"].freeze_panes == "B2"


def test_what_was_not_understood_and_what_it_holds_back_are_remarks(
    tmp_path: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    path, word = tmp_path / "a.xlsx", "a word not understood"
    case = {"id": "a", "conditions": [word], "workup_complete": ["tissue damage"]}
    result = kg.classify(case)
    with path.open("wb") as stream:
        write_workbook(
            result.cases, {}, result.head.to_dict(), stream, Tally(kg.classifier.case_classes)
        )
    book = openpyxl.load_workbook(path)
    rows = list(book["remarks"].iter_rows(min_row=2, max_col=4, values_only=True))
    assert rows == [
        ("a", "not understood", word, "conditions[0]"),
        ("a", "work-up not taken", "tissue damage", "workup_complete"),
    ]
    heads, first, *_ = book["verdicts"].values
    assert dict(zip(heads, first, strict=True))["not_understood"] == word


def test_pandas_reads_the_tidy_csv(tmp_path: Path, kg: calcinosis.KnowledgeGraph) -> None:
    path = tmp_path / "a.csv"
    run("classify", str(PATIENTS), "-f", "csv", "-o", str(path))
    found = pd.read_csv(path, keep_default_na=False)
    wanted = [{**row, "basis": row["basis"] or ""} for row in kg.classify(PATIENTS).rows()]
    assert found.to_dict("records") == wanted


def test_rows_and_faults_are_tables_for_pandas(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / "a.csv", ("a", "acnee"), headings=("id", "conditions"))
    result = kg.classify(
        [path, {"id": "b", "condition": []}, {"id": "c"}, tmp_path / "no.yaml"], strict=True
    )
    faults = pd.DataFrame(result.faults())
    assert list(faults) == ["where", "file", "row", "column", "value", "what", "cure"]
    assert faults["value"][0] == "acnee"
    assert faults["file"].isna().tolist() == [False, True, True]
    assert set(pd.DataFrame(result.rows())["case"]) == {"c"}


# -- what a spreadsheet could take for a formula ---------------------------------------


def test_no_cell_of_the_csv_is_a_formula(tmp_path: Path) -> None:
    cases = tmp_path / "a.json"
    cases.write_text(json.dumps([{"id": word} for word in DANGEROUS]), encoding="utf-8")
    path = tmp_path / "a.csv"
    assert run("classify", str(cases), "-f", "csv", "-o", str(path)) == 0
    ids = pd.read_csv(path)["case"].unique()
    assert list(ids) == [f"'{word}" for word in DANGEROUS]
    # The table that we wrote is one that we read: the apostrophe goes again.
    rows = [[word] for word in ids]
    again = graph().classify(csv_file(tmp_path / "b.csv", *rows, headings=["id"]))
    assert [case.case.id for case in again.cases] == list(DANGEROUS)


def test_no_cell_of_the_workbook_is_a_formula(tmp_path: Path) -> None:
    cases = tmp_path / "a.json"
    words = [*DANGEROUS, "#N/A", "007"]
    cases.write_text(json.dumps([{"id": w, "other": [w]} for w in words]), encoding="utf-8")
    path = tmp_path / "a.xlsx"
    assert run("classify", str(cases), "-f", "xlsx", "-o", str(path)) == 0
    book = openpyxl.load_workbook(path)
    for name in ("verdicts", "remarks"):
        cells = [row[0] for row in book[name].iter_rows(min_row=2)]
        assert {cell.data_type for cell in cells} == {"s"}
        assert list(dict.fromkeys(cell.value for cell in cells)) == words


def test_what_a_cell_cannot_hold_is_replaced_or_refused(
    tmp_path: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as stream:
        result = kg.classify({"id": "a", "other": ["tab\there, bell\x07"]})
        write_workbook(
            result.cases, {}, result.head.to_dict(), stream, Tally(kg.classifier.case_classes)
        )
    book = openpyxl.load_workbook(path)
    assert book["remarks"]["C2"].value == "tab\there, bell\ufffd"
    about = dict(list(book["about"].values)[1:])
    assert about["assume"] == "levels; work-up; causes"
    result = kg.classify({"id": "a", "other": ["x" * 40_000]})
    with path.open("wb") as stream, pytest.raises(UsageError, match="40000 characters"):
        write_workbook(
            result.cases, {}, result.head.to_dict(), stream, Tally(kg.classifier.case_classes)
        )


def test_more_rows_than_excel_takes_are_refused(
    tmp_path: Path, kg: calcinosis.KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    result = kg.classify({"id": "a"})
    path, words = tmp_path / "a.xlsx", "more rows than Excel takes"
    with path.open("wb") as stream, pytest.raises(UsageError, match=words):
        write_workbook(
            result.cases, {}, result.head.to_dict(), stream, Tally(kg.classifier.case_classes)
        )


def test_a_cell_holds_what_it_was_given(tmp_path: Path) -> None:
    cases = tmp_path / "a.json"
    words = [
        'a & b <c> "d"',
        " before and behind ",
        "two\nlines",
        "Ödem, 5 µm \N{GREEK SMALL LETTER BETA}",
    ]
    given = [{"id": f"p{n}", "other": [w]} for n, w in enumerate(words)]
    cases.write_text(json.dumps(given), encoding="utf-8")
    path = tmp_path / "a.xlsx"
    assert run("classify", str(cases), "-f", "xlsx", "-o", str(path)) == 0
    sheet = openpyxl.load_workbook(path)["remarks"]
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == words


@pytest.mark.slow
def test_a_workbook_of_words_that_nobody_knows_is_written_in_the_time_of_judging(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    cases = [
        {"id": f"p{n}", "calcinosis": "present", "conditions": [f"grastelox {n:05} bakelominu"]}
        for n in range(300)
    ]
    kg.classify(cases[:20])
    ratios = []
    for _ in range(3):
        begin = time.process_time()
        result = kg.classify(cases)
        judged = time.process_time()
        tally = Tally(kg.classifier.case_classes)
        write_workbook(result.cases, {}, result.head.to_dict(), io.BytesIO(), tally)
        ratios.append((time.process_time() - judged) / (judged - begin))
    assert min(ratios) < 2.5, ratios


# -- the command -----------------------------------------------------------------------


def test_a_workbook_needs_a_file_and_keeps_one_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("classify", str(PATIENTS), "-f", "xlsx") == 2
    assert "-o FILE" in capsys.readouterr().err
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"mine")
    assert run("classify", str(PATIENTS), "-f", "xlsx", "-o", str(path)) == 2
    assert path.read_bytes() == b"mine"
    assert run("classify", str(PATIENTS), "-f", "xlsx", "-o", str(path), "--force") == 0
    assert path.read_bytes().startswith(b"PK")
    assert [file.name for file in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_workbook_may_go_through_a_pipe(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run("classify", str(PATIENTS), "-f", "xlsx", "-o", "-") == 0
    path = tmp_path / "a.xlsx"
    path.write_bytes(capsysbinary.readouterr().out)
    assert len(openpyxl.load_workbook(path)["verdicts"]["A"]) == 31


# -- notebooks -------------------------------------------------------------------------


def test_a_result_shows_itself_in_a_notebook(kg: calcinosis.KnowledgeGraph) -> None:
    result = kg.classify([{"id": "<b>"}, {"id": "b", "condition": []}])
    assert repr(result) == "<Result: 1 case, 1 refused, viewpoint seed-reiter-2011>"
    html = result._repr_html_()
    assert "&lt;b&gt;" in html
    assert "Refused inputs: 1, see faults()." in html


def test_a_long_table_says_what_it_leaves_out(result: calcinosis.Result) -> None:
    html = verdict_table(result.cases * 3)
    assert html.count("<tr>") == 101
    assert f"{3 * len(result.cases) - 100} more: see rows()." in html
    assert verdict_table([], 2).endswith("see faults().</p>")


def test_the_picture_counts_every_case_once_a_subtype(result: calcinosis.Result) -> None:
    from xml.etree import ElementTree

    svg = result.picture()._repr_svg_()
    root = ElementTree.fromstring(svg)
    titles = [t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[0] == f"Verdicts on {len(result.cases)} cases by subtype"
    counts: list[int] = [int(title.rpartition(": ")[2]) for title in titles[1:]]
    assert sum(counts) == len(result.cases) * len(result.cases[0].subtypes)
    assert "open, causal criterion met" in svg
    assert "<svg" in verdict_picture([]).svg


def test_no_value_of_a_sheet_is_lost(written: Path, result: calcinosis.Result) -> None:
    heads, *cells = openpyxl.load_workbook(written)["verdicts"].values
    rows: list[dict[str, Any]] = [dict(zip(heads, row, strict=True)) for row in cells]
    subtypes = [s for c in result.cases for s in c.subtypes]
    assert [row["flags"] or "" for row in rows] == ["; ".join(s.flags) for s in subtypes]
    assert [row["editorial"] for row in rows] == [s.editorial for s in subtypes]
    assert [row["condition"] for row in rows] == [
        s.presumed and s.presumed.condition for s in subtypes
    ]
    assert all(row["falls_if"] for row in rows if row["presumed"])
