"""A cohort in every medium: text, CSV, workbook, Parquet, Table 1."""

from __future__ import annotations

import builtins
import csv
import io
import json
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator

import calcinosis
from calcinosis.api import each_viewpoint
from calcinosis.output.sheets.cohort import COLOURS
from calcinosis.output.words import table_one
from calcinosis.output.words.cohort import patient_lines, summary_text
from calcinosis.output.words.cohort_tables import markdown
from calcinosis.output.words.views import tables
from calcinosis.reasoning.verdict import IN_WORDS
from calcinosis.study.table_one import TableOne
from tests.clinic import clinic
from tests.colours import contrast, luminance
from tests.shared import EXAMPLES, graph
from tests.terminal import run

MARKUP = ("=1+1", "<b>x</b>", "a|b", "-2")
SCHEMAS = Path(calcinosis.__file__).parent / "schemas"
OURS = ("seed-reiter-2011", "taken")
SIX = [str(path) for path in EXAMPLES[:1]]


@pytest.fixture(autouse=True)
def _loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calcinosis.cli.classify.load", lambda **_: graph())


@pytest.fixture
def seven(tmp_path: Path) -> str:
    """A file of seven patients, some of whose ids look like markup or a formula."""
    ids = (*MARKUP, "5", "6", "7")
    case: dict[str, Any] = {"calcinosis": "present", "conditions": ["dermatomyositis", "xyzzy"]}
    path = tmp_path / "seven.json"
    path.write_text(json.dumps([{"id": one, **case} for one in ids]), encoding="utf-8")
    return str(path)


def ok(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    code, out, _ = run(["classify", *words, "-q"], capsys)
    assert code == 0
    return out


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# -- text ------------------------------------------------------------------------------


def test_a_handful_is_told_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    out = ok(capsys, *SIX)
    assert "patients:" not in out
    assert "teaching-dystrophic (calcinosis present)" in out


def test_more_than_a_handful_are_a_cohort(seven: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = ok(capsys, seven)
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(
        line.startswith("7 patients: a subtype follows in 0 (0 %, 0–41 %)") for line in lines
    )
    told = [line for line in lines if "dystrophic needs" in line]
    assert [line.split("  ")[0].strip() for line in told] == [*MARKUP, "5", "6", "7"]
    assert all(line.endswith("; 1 word?") for line in told)
    assert "(calcinosis present)" not in out


def test_details_stand_below_the_summary(seven: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = ok(capsys, seven, "--details")
    assert out.index("7 patients:") < out.index("<b>x</b> (calcinosis present)")
    assert out.count("(calcinosis present)") == 7
    assert "words?" not in out
    why = ok(capsys, seven, "--explain")
    assert why.index("7 patients:") < why.index("Why <b>x</b>")


def test_a_summary_of_few_is_given_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    out = ok(capsys, *SIX, "--summary")
    assert "6 patients:" in out
    assert "teaching-contradic…" in out or "teaching-contradict" in out
    assert "(calcinosis present)" not in out


def test_nobody_is_no_cohort(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "none.jsonl"
    empty.write_text("", encoding="utf-8")
    assert "No patients" in run(["classify", str(empty), "--summary"], capsys)[1]
    refused = tmp_path / "refused.json"
    refused.write_text('[{"id": "a", "calcinosis": "maybe"}]', encoding="utf-8")
    code, out, err = run(["classify", str(refused), "--summary"], capsys)
    assert code == 3
    assert "No patients; 1 input refused." in out
    assert "Refused" in err


def test_one_patient_is_written_so() -> None:
    cohort = graph().classify({"id": "a", "calcinosis": "absent"}).cohort
    assert summary_text(cohort).startswith("1 patient: ")
    assert "1: there is no calcinosis" in summary_text(cohort)
    assert list(patient_lines(cohort)) == ["a  RULED OUT there is no calcinosis\n"]


def test_json_has_the_summary_of_a_cohort_after_the_verdicts(
    seven: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = tmp_path / "refused.json"
    refused.write_text('[{"id": "a", "calcinosis": "maybe"}]', encoding="utf-8")
    code, out, _ = run(["classify", seven, str(refused), "-f", "json"], capsys)
    document = json.loads(out)
    assert (code, list(document)[-2:]) == (3, ["cases", "cohort"])
    schema = json.loads((SCHEMAS / "result.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document)

    result = graph().classify([seven, str(refused)])
    assert out == result.to_json() + "\n"
    cohort, cases = document["cohort"], document["cases"]
    assert (cohort["patients"], len(cohort["refused"])) == (len(cases), 1) == (7, 1)
    for counted in cohort["subtypes"]:
        told = [one for case in cases for one in case["subtypes"] if one["id"] == counted["id"]]
        presumed = sum(one["presumed"] is not None for one in told)
        assert counted["standings"]["presumed"]["count"] == presumed
        for verdict in ("entailed", "refuted", "conflicting"):
            count = sum(one["verdict"] == verdict for one in told)
            assert counted["standings"][verdict]["count"] == count
    page = ok(capsys, seven, "-f", "markdown")
    assert all(step["asks"] in page for step in cohort["plan"])
    assert cohort["plan"]


def test_a_handful_has_no_summary(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(ok(capsys, *SIX, "-f", "json"))
    assert len(document["cases"]) == 6
    assert "cohort" not in document


@pytest.mark.parametrize(
    "words",
    [
        ("--details", "-f", "json"),
        ("--shape", "wide"),
        ("--shape", "table-1", "-f", "json"),
        ("--each-viewpoint", "-f", "jsonl"),
        ("--each-viewpoint", "-f", "csv", "--shape", "wide"),
        ("-f", "parquet"),
    ],
)
def test_an_option_without_a_place_is_refused(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["classify", *SIX, *words], capsys)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_a_pipe_is_not_read_several_times(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["classify", "-", "--each-viewpoint"], capsys)[0] == 2


@pytest.mark.slow
def test_each_viewpoint_is_what_its_own_graph_says_in_every_medium(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = each_viewpoint(graph(), SIX)
    monkeypatch.setattr("calcinosis.api.each_viewpoint", lambda *_, **__: found, raising=False)
    views = {(view.viewpoint, view.take): view for view in found.views}
    assert len(views) == 10
    ours = views[graph().viewpoint, True]
    assert ours.subtypes == graph().classify(SIX).cohort.subtypes
    theirs = views["minars", True]
    assert theirs.following == graph("minars").classify(SIX).cohort.following
    out = ok(capsys, *SIX, "--each-viewpoint")
    assert all(name in out for name, _ in views)
    told = {form: ok(capsys, *SIX, "--each-viewpoint", "-f", form) for form in ("json", "csv")}
    document = json.loads(told["json"])
    Draft202012Validator(json.loads((SCHEMAS / "result.schema.json").read_text())).validate(
        document
    )
    assert document["viewpoints"] == found.to_dict()
    of_one = [row for row in rows(told["csv"]) if (row["viewpoint"], row["names"]) == OURS]
    assert [(row["patient"], row["verdict"]) for row in of_one] == [
        (row["patient"], row["verdict"]) for row in graph().classify(SIX).cohort.tidy()
    ]
    differing = found.differing()
    assert differing
    assert all(len(set(one.standings) - {None}) > 1 for one in differing)
    for form in ("markdown", "html"):
        page = ok(capsys, *SIX, "--each-viewpoint", "-f", form)
        assert "Verdicts that differ" in page
        for subtype, _, count, who in tables(found)[1].rows:
            assert who in page
            same = [one for one in differing if one.label.startswith(subtype)]
            assert int(count) == len(who.split(", ")) <= len(same)
    ok(capsys, *SIX, "--each-viewpoint", "-o", str(tmp_path / "v.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "v.xlsx")["viewpoints"]
    cells = [row[:4] for row in sheet.iter_rows(min_row=3, values_only=True)]
    counts = [(v.viewpoint, one) for v in found.views for one in v.subtypes]
    for (name, _, label, follows), (viewpoint, one) in zip(cells, counts, strict=False):
        assert (name, label, follows) == (viewpoint, one.label, one.standings["entailed"].count)


# -- CSV -------------------------------------------------------------------------------


def test_shapes_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    wide = rows(ok(capsys, EXAMPLES[0], "-f", "csv", "--shape", "wide"))
    tidy = rows(ok(capsys, EXAMPLES[0], "-f", "csv", "--shape", "tidy"))
    long = rows(ok(capsys, EXAMPLES[0], "-f", "csv", "--shape", "long"))
    assert long == rows(ok(capsys, EXAMPLES[0], "-f", "csv"))
    by_patient = {row["patient"]: row for row in wide}
    assert len(tidy) == len(long) == 5 * len(wide)
    for one, other in zip(tidy, long, strict=True):
        assert (one["patient"], one["subtype"]) == (other["case"], other["subtype"])
        assert one["standing"] == ("presumed" if other["presumed"] else other["verdict"])
        assert (one["standing"], one["verdict"]) in IN_WORDS.items()
        assert one["verdict"] == by_patient[one["patient"]][one["label"]]


@pytest.mark.parametrize("shape", ["wide", "tidy"])
def test_no_cell_of_a_shape_is_a_formula(
    shape: str, seven: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [row["patient"] for row in rows(ok(capsys, seven, "-f", "csv", "--shape", shape))]
    assert [*dict.fromkeys(found)] == ["'=1+1", "<b>x</b>", "a|b", "'-2", "5", "6", "7"]


def test_a_shape_of_nobody_has_its_headings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "none.jsonl"
    empty.write_text("", encoding="utf-8")
    words = ["classify", str(empty), "-f", "csv", "--shape", "wide"]
    (heads,) = run(words, capsys)[1].splitlines()
    assert [one.label for one in graph().classifier.case_classes] == heads.split(",")[3:8]


# -- the workbook ----------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """The workbook of a clinic's sheet."""
    path = tmp_path / "out.xlsx"
    sheet = str(clinic(tmp_path / "clinic.xlsx"))
    assert run(["classify", sheet, "-o", str(path), "-q"], capsys)[0] == 3  # one row is refused
    return openpyxl.load_workbook(path)


def test_a_workbook_opens_on_a_row_a_patient(book: Any) -> None:
    assert book.sheetnames[:3] == ["cohort", "summary", "table 1"]
    assert book.active.title == "cohort"
    heads, *found = book["cohort"].iter_rows(values_only=True)
    assert heads[0] == "patient"
    assert [row[0] for row in found] == ["01", "02", "03"]
    words = {cell for row in found for cell in row[2:7]}
    assert words <= set(IN_WORDS.values())
    assert len(words) > 1


def test_a_workbook_prints_a_hundred_patients_on_a_page(book: Any) -> None:
    sheet = book["cohort"]
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
    assert sheet.page_setup.fitToHeight == 1
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:J4"


def test_verdicts_are_told_by_word_and_lightness(book: Any) -> None:
    formats = book["cohort"].conditional_formatting
    rules = {rule.formula[0].strip('"'): rule for found in formats for rule in found.rules}
    assert set(rules) == {IN_WORDS[standing] for standing in COLOURS}
    inks = {"#" + rule.dxf.fill.bgColor.rgb[2:]: "#" + rule.dxf.font.color.rgb[2:]
            for rule in rules.values()}  # fmt: skip
    assert all(contrast(fill, ink) >= 4.5 for fill, ink in inks.items())
    light = sorted(luminance(fill) for fill in [*inks, "#ffffff"])
    assert all(two - one > 0.02 for one, two in pairwise(light))


def test_the_summary_has_the_counts(book: Any) -> None:
    found = list(book["summary"].iter_rows(values_only=True))
    titles = {row[0] for row in found if row[0] and not any(row[1:])}
    assert {"What they come to", "What is missing", "Refused inputs"} <= titles
    assert ("patients", 3) in {row[:2] for row in found}
    assert ("inputs refused", 1) in {row[:2] for row in found}
    lines = list(book["table 1"].iter_rows(min_row=2, values_only=True))
    assert ("sex", "sex", "female", 2) in {row[:4] for row in lines}


def test_a_heading_of_the_summary_stands_over_its_numbers(book: Any) -> None:
    rows = list(book["summary"].iter_rows())
    heads = next(row for row in rows if [cell.value for cell in row[:2]] == ["subtype", "verdict"])
    sides = {cell.value: cell.alignment.horizontal for cell in heads if cell.value}
    assert {name for name, side in sides.items() if side == "right"} == {
        *("patients", "of", "%", "% from", "% to")
    }


def test_every_sheet_behind_the_first_prints_one_page_wide(book: Any) -> None:
    for sheet in book.worksheets[1:]:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        setup = sheet.page_setup
        assert (setup.paperSize, setup.fitToWidth, setup.fitToHeight) == (9, 1, 0)
        assert setup.orientation == "landscape"
        assert sheet.print_title_rows == (None if sheet.title == "summary" else "$1:$1")
        # 150 characters fill the page as they are: at half their size they can still be read
        wide = sum(column.width for column in sheet.column_dimensions.values())
        assert wide <= 2.2 * 150, sheet.title


def test_a_text_wider_than_its_column_is_broken_and_its_row_is_high_enough(book: Any) -> None:
    sheet = book["verdicts"]
    heads = [cell.value for cell in sheet[1]]
    width = sheet.column_dimensions[sheet.cell(1, heads.index("needed") + 1).column_letter].width
    broken = [
        row
        for row in sheet.iter_rows(min_row=2)
        if len(row[heads.index("needed")].value or "") > width
    ]
    assert broken
    for row in broken:
        cell = row[heads.index("needed")]
        assert cell.alignment.wrap_text
        assert {one.alignment.vertical for one in row if one.value is not None} == {"top"}
        assert sheet.row_dimensions[cell.row].height >= 15 * ceil(len(cell.value) / width)


def test_an_id_like_a_formula_is_text_in_every_sheet(
    seven: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "seven.xlsx"
    ok(capsys, seven, "-o", str(path))
    cells = [row[0] for row in openpyxl.load_workbook(path)["cohort"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells][:4] == list(MARKUP)
    assert {cell.data_type for cell in cells} == {"s"}


def test_markdown_escapes_what_stands_in_a_cell(seven: str) -> None:
    text = "".join(markdown(graph().classify(seven).cohort, "somebody", "calcinosis"))
    assert "a\\|b" in text
    assert "<b>" not in text


@pytest.mark.parametrize("shape", ["wide", "tidy", "long"])
def test_every_shape_carries_what_was_not_understood(
    shape: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"id": "a", "calcinosis": "present", "conditions": ["xyzzy"]}', "utf-8")
    told = rows(ok(capsys, str(path), "-f", "csv", "--shape", shape))
    assert all("xyzzy" in row["not_understood"] for row in told)


# -- Parquet ---------------------------------------------------------------------------


def test_without_pyarrow_its_extra_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def no_pyarrow(name: str, *rest: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", no_pyarrow)
    code, _, err = run(["classify", *SIX, "-o", str(tmp_path / "x.parquet")], capsys)
    assert code == 4
    assert "[parquet]" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["wide", "tidy", "long"])
def test_parquet_holds_what_csv_holds(
    shape: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is missing")
    path = tmp_path / "x.parquet"
    ok(capsys, *SIX, "-o", str(path), "--shape", shape)
    table = parquet.read_table(path)
    found = [{key: cell or "" for key, cell in row.items()} for row in table.to_pylist()]
    assert found == rows(ok(capsys, *SIX, "-f", "csv", "--shape", shape))
    assert json.loads(table.schema.metadata[b"calcinosis"])["viewpoint"] == graph().viewpoint


# -- Table 1 ---------------------------------------------------------------------------


def described(*cases: dict[str, Any]) -> TableOne:
    return graph().classify(list(cases)).table_one


def test_table_1_counts_what_is_known_and_says_what_is_missing() -> None:
    normal = [{"test": "serum calcium", "level": "normal"}]
    high = [{"test": "serum calcium", "value": 12, "unit": "mg/dL", "interval": [8.5, 10.5]}]
    found = described(
        {"id": "1", "sex": "female", "age": "40 years", "conditions": ["dermatomyositis"]},
        {"id": "2", "age": "60 years", "excluded": ["dermatomyositis"], "labs": normal},
        {"id": "3", "sex": "male", "labs": high},
        {"id": "4"},
    )
    told = {(row.item, row.value): (row.count, row.of, row.missing) for row in found.rows}
    assert told["age in years", "median 50.0 (45.0–55.0)"] == (None, 2, 2)
    assert told["age in years", "range 40.0–60.0"] == (None, 2, 2)
    assert told["sex", "female"] == told["sex", "male"] == (1, 2, 2)
    assert told["dermatomyositis", "present"] == (1, 4, 2)
    assert told["dermatomyositis", "absent"] == (1, 4, 2)
    assert told["total serum calcium", "high"] == (1, 2, 2)
    assert told["total serum calcium", "normal"] == (1, 2, 2)
    (half,) = {row.percent for row in found.rows if row.section == "sex"}
    assert half == 50.0


def test_table_1_adds_up() -> None:
    found = graph().classify(EXAMPLES).table_one
    by_item: dict[tuple[str, str], list[Any]] = {}
    for row in found.rows:
        if row.count is not None:
            by_item.setdefault((row.section, row.item), []).append(row)
    for known in by_item.values():
        (missing,) = {row.missing for row in known}
        assert sum(row.count for row in known) + missing == found.patients


def test_table_1_in_three_media(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clinic").mkdir()
    sheet = str(clinic(tmp_path / "clinic" / "sheet.xlsx"))
    as_csv = rows(run(["classify", sheet, "-f", "csv", "--shape", "table-1", "-q"], capsys)[1])
    text = run(["classify", sheet, "--shape", "table-1", "-q"], capsys)[1]
    as_markdown = run(["classify", sheet, "-f", "markdown", "--shape", "table-1", "-q"], capsys)[1]
    (female,) = [row for row in as_csv if row["value"] == "female"]
    assert (female["count"], female["of"]) == ("2", "3")
    assert "2 / 3 (66.7 %)" in text
    assert "| 2 / 3 (66.7 %) |" in as_markdown
    assert max(map(len, text.splitlines())) <= 80


def test_table_1_of_nobody() -> None:
    found = described()
    assert [row.to_dict()["percent"] for row in found.rows] == [None]
    assert "patients    0 / 0      0" in table_one.text(found).splitlines()
    assert "| patients |  | 0 / 0 | 0 |" in table_one.markdown(found).splitlines()


def test_the_summary_is_no_part_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(graph(), calcinosis.KnowledgeGraph)
    found = json.loads(ok(capsys, *SIX, "-f", "json"))
    assert found == graph().classify(SIX).to_dict()


def test_what_was_before_is_not_counted_as_present_in_table_one() -> None:
    (item,) = graph().classify({"id": "a", "conditions": ["tobacco smoking"]}).cases[0].case.facts
    cases = [
        {"id": "ex", "conditions": ["ex-smoker"]},
        {"id": "now", "conditions": ["tobacco smoking"]},
        {"id": "again", "conditions": ["former smoker", "tobacco smoking"]},
        {"id": "gone", "conditions": ["former smoker"], "excluded": ["tobacco smoking"]},
        {"id": "never", "excluded": ["tobacco smoking"]},
    ]
    rows_of = graph().classify(cases).table_one.rows
    found = {row.value: row.count for row in rows_of if row.item == item.label}
    assert found == {"present": 2, "former": 2, "absent": 1}


@pytest.mark.slow
def test_the_first_sheet_breaks_texts_and_prints_them_legibly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = ["dermatomyositis", "scar", "trauma", "obesity", "hypertension", "kidney failure"]
    cases = [{"id": str(n), "calcinosis": "present", "conditions": many} for n in range(90)]
    (tmp_path / "many.json").write_text(json.dumps(cases), encoding="utf-8")
    ok(capsys, str(tmp_path / "many.json"), "-o", str(tmp_path / "many.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "many.xlsx")["cohort"]
    assert len(sheet["B2"].value) > sheet.column_dimensions["B"].width
    assert sheet["B2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height >= 30
    assert sheet.page_setup.fitToHeight > 1
