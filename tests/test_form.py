"""Forms: what `calcinosis template` writes, and refused rows that come back to be mended."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import calcinosis
from calcinosis.cli.main import main
from calcinosis.errors import RowError
from calcinosis.facts.case import Case
from calcinosis.facts.columns import Columns
from calcinosis.facts.read import reader_of
from calcinosis.facts.suggest import suggestions
from calcinosis.facts.tabular import Sheet
from calcinosis.graph.locate import data
from calcinosis.output.sheets.legend import legend
from calcinosis.reasoning.verdict import CaseVerdict
from tests.tables import csv_file, workbook

FILLED = {
    "id": "007",
    "calcinosis": "present",
    "sites": "elbow; buttock",
    "conditions": "dermatomyositis",
    "calcium": "9,2",
    "calcium_unit": "mg/dL",
    "calcium_low": "8.5",
    "calcium_high": "10.5",
    "phosphate": "normal",
    "excluded_at_deposit": "trauma",
    "workup_complete": "small-vessel calcification",
}


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def fill(path: Path, rows: list[dict[str, str]]) -> None:
    """Fill a form in below its headings, as a spreadsheet program would."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        sheet = book["patients"]
        headings = [cell.value for cell in sheet[1]]
        for number, row in enumerate(rows, start=2):
            for key, text in row.items():
                sheet.cell(number, headings.index(key) + 1).value = text
        book.save(path)
        return
    with path.open("a", encoding="utf-8", newline="") as stream:
        head = path.read_text(encoding="utf-8-sig").splitlines()[0]
        delimiter = "\t" if path.suffix == ".tsv" else ","
        writer = csv.DictWriter(stream, head.split(delimiter), delimiter=delimiter)
        writer.writerows(rows)


def table(path: Path) -> list[list[Any]]:
    """What stands in a table, the first sheet of a workbook."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        return [[cell.value for cell in row] for row in sheet.iter_rows()]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        delimiter = ";" if ";" in stream.readline() else ","
        stream.seek(0)
        return list(csv.reader(stream, delimiter=delimiter))


# -- the empty form --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["patients.xlsx", "patients.csv", "patients.tsv"])
def test_a_form_that_is_filled_in_is_classified(
    name: str, tmp_path: Path, kg: calcinosis.KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    assert run("template", str(path)) == 0
    assert f"calcinosis classify {path}" in capsys.readouterr().err
    assert run("classify", str(path)) == 3
    assert "there is no case in it" in capsys.readouterr().err
    fill(path, [FILLED])
    (case,) = kg.classify(path).cases
    assert case.case.id == "007"
    assert case.case.sites == ("elbow", "buttock")
    assert case.verdict("DystrophicCalcinosisCutis").verdict == "entailed"
    assert case.verdict("Calciphylaxis").verdict == "refuted"


def test_an_existing_file_is_kept_unless_forced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine", encoding="utf-8")
    assert run("template", str(path)) == 2
    assert path.read_text(encoding="utf-8") == "mine"
    assert "--force" in capsys.readouterr().err
    assert run("template", str(path), "--force", "-q") == 0
    assert capsys.readouterr().err == ""
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,")


@pytest.mark.parametrize("name", ["patients", "patients.xls", "-"])
def test_the_ending_says_which_form(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("template", str(tmp_path / name)) == 2
    assert "End it in .xlsx, .csv or .tsv" in capsys.readouterr().err


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("form") / "patients.xlsx"
    run("template", str(path), "-q")
    return openpyxl.load_workbook(path)


def test_the_workbook_has_a_form_an_example_a_legend_and_terms(form: Any) -> None:
    assert form.sheetnames == ["patients", "example", "legend", "terms"]
    assert form["patients"].freeze_panes == "B2"
    assert {d.number_format for d in form["patients"].column_dimensions.values()} == {"@"}
    assert all(cell.comment for cell in form["patients"][1])


def test_the_example_in_the_form_is_read_without_a_fault(
    form: Any, tmp_path: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    headings, *rows = form["example"].iter_rows(values_only=True)
    result = kg.classify(workbook(tmp_path / "a.xlsx", *rows, headings=headings))
    assert not result.refused
    assert len(result.cases) == 6


def _offers(sheet: Any) -> dict[str, Any]:
    """The drop-down of each column by its heading."""
    return {
        sheet.cell(1, area.min_col).value: offer
        for offer in sheet.data_validations.dataValidation
        for area in offer.sqref.ranges
    }


def test_the_drop_downs_offer_the_terms_and_refuse_no_other_text(
    form: Any, kg: calcinosis.KnowledgeGraph
) -> None:
    offers = _offers(form["patients"])
    words = suggestions(kg.ontology)
    for heading in ("conditions_at_deposit", "interventions", "findings", "excluded", "sites"):
        key = heading.removesuffix("_at_deposit")
        sheet, _, area = offers[heading].formula1.partition("!")
        cells = [row[0].value for row in form[sheet][area.replace("$", "")]]
        assert tuple(cells) == words[key]
        assert not offers[heading].showErrorMessage
    assert offers["sex"].formula1 == '"male,female,other,unknown"'
    assert offers["sex"].showErrorMessage
    assert offers["calcium"].formula1 == '"low,normal,high"'
    assert not offers["calcium"].showErrorMessage
    assert "mg/dL" in offers["calcium_unit"].formula1
    assert all(len(offer.formula1) <= 255 for offer in offers.values())


def test_everything_on_offer_is_understood(kg: calcinosis.KnowledgeGraph) -> None:
    words = suggestions(kg.ontology)
    assert all(len(found) > 10 for found in words.values())
    for key in ("conditions", "interventions", "findings", "excluded", "workup_complete"):
        case = {"id": key, key: list(words[key])}
        reader = reader_of(kg.ontology)
        assert not reader.read(case, "").not_understood
    for column in kg.form.columns.form:
        if column.part == "unit":
            test = column.name.removesuffix("_unit").replace("_", " ")
            (analyte,) = kg.laboratory.find(column.key)
            assert all(analyte.unit(unit) for unit in kg.form.columns.units(column)), test


def test_every_column_is_explained(form: Any, kg: calcinosis.KnowledgeGraph) -> None:
    columns = kg.form.columns
    told = {row[0]: row[1] for row in form["legend"].iter_rows(values_only=True)}
    for column in (*columns.form, *columns.further):
        assert told[column.name] == legend(column, columns)


def test_the_form_follows_the_laboratory_of_the_ontology(kg: calcinosis.KnowledgeGraph) -> None:
    plain = [column.name for column in Columns(kg.laboratory).form]
    names = [column.name for column in kg.form.columns.form]
    assert sorted(plain) == sorted(names)
    assert len(names) == len(set(names)) == 21 + 4 * len(kg.laboratory.analytes)


# -- refused rows ----------------------------------------------------------------------

HEADINGS = ("id", "calcinosis", "conditions", "calcium", "calcium_unit", "notes")
GOOD = ("P1", "present", "dermatomyositis", "9.2", "mg/dL", "")
WRONG = ("P2", "present", "dermatomyositos", "9.2", "mgdl", "=1+1")


@pytest.mark.parametrize("name", ["mend.csv", "mend.tsv", "mend.xlsx"])
def test_refused_rows_are_mended_and_fed_again(
    name: str, tmp_path: Path, kg: calcinosis.KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    source = csv_file(tmp_path / "a.csv", GOOD, WRONG, GOOD, headings=HEADINGS)
    mend = tmp_path / name
    assert run("classify", "--strict", str(source), "-f", "csv", "--rejected", str(mend)) == 3
    told = capsys.readouterr()
    assert told.out.count("P1,") == 5
    assert f"2 refused rows: mend {mend}" in told.err
    assert f"{source}, row 3, column C (conditions)" in told.err
    again = kg.classify(mend, strict=True)
    assert [case.case.id for case in again.cases] == ["P1"]  # doubled before, alone here
    assert [problem["column"] for problem in again.faults()] == [
        "D (conditions)",
        "F (calcium_unit)",
    ]
    _mend(mend)
    mended = kg.classify(mend)
    assert not mended.refused
    assert [case.case.id for case in mended.cases] == ["P2", "P1"]
    assert mended.cases[0].case.set_aside[0].what == "=1+1"


def _mend(path: Path) -> None:
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        sheet = book["patients"]
        sheet["D2"], sheet["F2"] = "dermatomyositis", "mg/dL"
        book.save(path)
        return
    content = path.read_bytes().replace(b"tos\t", b"tis\t").replace(b"tos,", b"tis,")
    path.write_bytes(content.replace(b"mgdl", b"mg/dL"))


def test_a_rejected_row_says_why_in_front_and_marks_the_cells(tmp_path: Path) -> None:
    source = csv_file(tmp_path / "a.csv", WRONG, headings=HEADINGS)
    for name in ("mend.csv", "mend.xlsx"):
        run("classify", "--strict", str(source), "-q", "--rejected", str(tmp_path / name))
        headings, row = table(tmp_path / name)
        assert headings == ["refused", *HEADINGS]
        assert row[0].startswith("conditions: the term 'dermatomyositos' is unknown. Did you mean")
        assert "| calcium_unit: the unit 'mgdl'" in row[0]
    assert table(tmp_path / "mend.csv")[1][-1] == "'=1+1"
    sheet = openpyxl.load_workbook(tmp_path / "mend.xlsx")["patients"]
    assert sheet["D2"].comment.text.startswith("the term 'dermatomyositos' is unknown")
    assert sheet["F2"].fill.fgColor.rgb == "FFFFE699"
    assert sheet["E2"].comment is None
    assert (sheet["G2"].value, sheet["G2"].data_type) == ("=1+1", "s")
    assert sheet["E2"].value == 9.2


def test_a_rejected_file_can_be_rejected_again(tmp_path: Path) -> None:
    source = csv_file(tmp_path / "a.csv", WRONG, headings=HEADINGS)
    mend, more = tmp_path / "mend.csv", tmp_path / "more.csv"
    run("classify", "--strict", str(source), "-q", "--rejected", str(mend))
    run("classify", "--strict", str(mend), "-q", "--rejected", str(more))
    assert more.read_bytes() == mend.read_bytes()
    run("classify", "--strict", str(mend), "-q", "--rejected", str(mend), "--force")
    assert more.read_bytes() == mend.read_bytes()


def test_rows_of_several_tables_stand_under_common_headings(
    tmp_path: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    one = csv_file(
        tmp_path / "a.csv", ("", "9.2", "mg/dL"), headings=("id", "calcium", "calcium_unit")
    )
    two = workbook(
        tmp_path / "b.xlsx",
        ["X", "acnee", 1.234, "nmol/mL", None, "stray"],
        headings=["ID", "conditions", "serum calcium", "Calcium unit"],
    )
    for name in ("mend.csv", "mend.xlsx"):
        mend = tmp_path / name
        run("classify", "--strict", str(one), str(two), "-q", "--rejected", str(mend))
        headings, first, second = table(mend)
        wanted = ["refused", "id", "calcium", "calcium_unit", "conditions"]
        assert [heading for heading in headings if heading] == wanted
        assert [str(cell or "") for cell in first[1:5]] == ["", "9.2", "mg/dL", ""]
        assert [str(cell) for cell in second[1:]] == ["X", "1.234", "nmol/mL", "acnee", "stray"]
        faults = kg.classify(mend, strict=True).faults()
        assert [fault["column"] for fault in faults] == [
            "B (id)",
            "D (calcium_unit)",
            "E (conditions)",
            "F",
        ]


@pytest.mark.parametrize("name", ["mend.csv", "mend.tsv", "mend.xlsx"])
def test_a_doubtful_number_is_not_settled_by_another_table(
    name: str, tmp_path: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    source = tmp_path / "a.csv"
    source.write_text("id;calcium;calcium_unit\nP;1.250;mg/L\nQ;9,25;mgdl\n", encoding="utf-8")
    mend = tmp_path / name
    run("classify", "--strict", str(source), "-q", "--rejected", str(mend))
    again = kg.classify(mend, strict=True)
    assert not again.cases
    assert len(again.refused) == 2
    values = {error.cells[2] for error in again.refused if isinstance(error, RowError)}
    alike = name == "mend.csv"
    assert values == ({"1.250", "9,25"} if alike else {"1.250?", "9.25"})


def _clinic(path: Path, unit: str) -> Path:
    """A sheet whose headings say what they mean with the row over them, and private columns."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Our clinic"])
    sheet.append([None, None, None, "Calcium", None, "Phosphate", None, None, "Sex"])
    sheet.append(
        ["Name", "ID", "Diagnosis", *["value", "unit"] * 2, "Parathormone", "S", "Ulcer?", "Hobby"]
    )
    sheet.append(["Ann", "P1", "dermatomyositis", 9.2, unit, 3.1, "mg/dL", 41, "2", "yes", "chess"])
    sheet.merge_cells("D2:E2")
    sheet.merge_cells("F2:G2")
    book.save(path)
    return path


@pytest.mark.parametrize("name", ["mend.csv", "mend.xlsx"])
def test_a_mended_row_reads_as_it_would_in_its_own_file(
    name: str, tmp_path: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text(_MAPPING, encoding="utf-8")
    source, mend = _clinic(tmp_path / "a.xlsx", "mgdl"), tmp_path / name
    given = ("--map", str(mapping), "-q", "--rejected", str(mend))
    assert run("classify", "--strict", str(source), *given) == 3
    headings, row = table(mend)
    assert headings[1:] == [
        "ID",
        "Diagnosis",
        *("Calcium value", "Calcium unit", "Phosphate value", "Phosphate unit"),
        *("Parathormone (pg/mL)", "sex", "digital ulcer"),
    ]
    assert not {"Ann", "chess"} & set(map(str, row))
    if name.endswith("csv"):
        mend.write_bytes(mend.read_bytes().replace(b",mgdl", b",mg/dL"))
    else:
        book = openpyxl.load_workbook(mend)
        book["patients"]["E2"] = "mg/dL"
        book.save(mend)
    own = Sheet(_clinic(tmp_path / "b.xlsx", "mg/dL"), map=mapping)
    (wanted,), (found,) = kg.classify(own).cases, kg.classify(mend).cases
    assert _stated(found.case) == _stated(wanted.case)
    assert found.case.sex == "female"
    assert _verdicts(found) == _verdicts(wanted)


_MAPPING = """header: 3
columns:
  "Name": {as: private}
  "ID": {as: id}
  "Diagnosis": {as: conditions}
  "value [D]": {as: calcium}
  "unit [E]": {as: calcium_unit}
  "value [F]": {as: phosphate}
  "unit [G]": {as: phosphate_unit}
  "Parathormone": {as: PTH, unit: pg/mL}
  "S": {as: sex}
  "Ulcer?": {as: findings, term: digital ulcer}
  "Hobby": {as: ignored}
values:
  "S": {"1": male, "2": female}
"""


def _stated(case: Case) -> list[tuple[object, ...]]:
    facts = [(str(fact), fact.affirmed, fact.term) for fact in (*case.facts, *case.workup)]
    remarks = (*case.set_aside, *case.uninterpreted, *case.not_understood)
    return [*facts, *((one.what, one.reason) for one in remarks)]


def _verdicts(one: CaseVerdict) -> list[tuple[str, str]]:
    return [(each.id, each.verdict) for each in one.subtypes]


def test_without_a_refused_row_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mend = tmp_path / "mend.csv"
    patients = data("examples") / "patients.csv"
    assert run("classify", "--strict", str(patients), "-f", "csv", "--rejected", str(mend)) == 0
    assert "No row was refused" in capsys.readouterr().err
    assert not mend.exists()


def test_what_is_no_row_is_said_not_to_be_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "a.yaml"
    case.write_text("id: a\ncondition: []\n", encoding="utf-8")
    mend = tmp_path / "mend.csv"
    assert run("classify", "--strict", str(case), "--rejected", str(mend)) == 3
    assert "1 of the refused inputs cannot stand in a table" in capsys.readouterr().err
    assert not mend.exists()
    source = csv_file(tmp_path / "b.csv", WRONG, headings=HEADINGS)
    assert run("classify", "--strict", str(case), str(source), "--rejected", str(mend)) == 3
    assert "1 refused row: mend" in capsys.readouterr().err


def test_the_rejected_file_is_kept_before_any_work_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mend = tmp_path / "mend.csv"
    mend.write_text("mine", encoding="utf-8")
    patients = str(data("examples") / "patients.csv")
    assert run("classify", "--strict", patients, "--rejected", str(mend)) == 2
    assert run("classify", "--strict", patients, "--rejected", str(tmp_path / "mend.txt")) == 2
    assert capsys.readouterr().out == ""
    assert mend.read_text(encoding="utf-8") == "mine"


def test_the_commands_of_the_documents_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(__file__).parent.parent / "docs" / "spreadsheets.md").read_text(encoding="utf-8")
    block = text.split("```console\n")[1].split("```")[0]
    commands = [line.removeprefix("$ calcinosis ").split() for line in block.splitlines()]
    monkeypatch.chdir(tmp_path)
    assert run(*commands[0]) == 0
    fill(Path("patients.xlsx"), [FILLED, {**FILLED, "id": "8", "sex": "q"}])
    assert run(*commands[1]) == 3
    assert "1 refused row: mend mend.xlsx" in capsys.readouterr().err
    assert {"verdicts.xlsx", "mend.xlsx"} <= {path.name for path in tmp_path.iterdir()}
    assert run(*commands[2]) == 3


@pytest.mark.parametrize("part", ["unit", "low", "high", "level", "when"])
def test_any_name_of_a_test_heads_each_of_its_columns(
    part: str, kg: calcinosis.KnowledgeGraph
) -> None:
    columns = kg.form.columns
    for name in ("calcium", "serum_calcium", "total serum calcium"):
        found = columns.find(f"{name}_{part}")
        assert found is not None
        assert (found.kind, found.part) == ("lab", part), name
    assert f"calcium_{part}" in columns.nearest(f"calciun_{part}")


@pytest.mark.parametrize(
    ("word", "recorded"),
    [("none", True), ("no", True), ("nil", True), ("-", False), ("?", False), ("unknown", False)],
)
def test_a_word_for_nothing_states_no_value(
    word: str, recorded: bool, kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / "a.csv", ("P1", word, "9"), headings=("id", "calcium", "age_unit"))
    (found,) = kg.classify(path).cases
    assert (found.case.facts, found.case.uninterpreted) == ((), ())
    said = {remark.what for remark in found.case.set_aside}
    assert said == {*[f"calcium: {word}"] * recorded, "age_unit: 9 (there is no value to it)"}
