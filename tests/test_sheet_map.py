"""The mapping of a sheet: what is written, that it reads as before, and what is mended in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

import calcinosis
from calcinosis import Sheet
from calcinosis.api import sheet_map
from calcinosis.cli.main import main
from calcinosis.facts.columns import Column
from calcinosis.facts.map_writing import _WORDS
from calcinosis.graph.locate import data
from calcinosis.output.words.findings import text
from calcinosis.release.check import case_findings
from tests.clinic import HEADINGS, clinic, fault, rows, text_sheet, values, words_of
from tests.shared import graph
from tests.tables import workbook
from tests.terminal import run
from tests.test_form import fill

ONTOLOGY = data("ontology")

Kg = calcinosis.KnowledgeGraph


def mapped(path: Path | Sheet) -> tuple[str, dict[str, Any]]:
    told = sheet_map(graph(), path)
    return told, yaml.safe_load(told)


def with_map(path: Path, *lines: str) -> Sheet:
    return Sheet(path, text_sheet(path.with_suffix(".yaml"), *lines))


def test_each_column_stands_with_what_it_was_taken_for_and_why(tmp_path: Path) -> None:
    told, found = mapped(clinic(tmp_path / "cohort.xlsx"))
    assert list(found) == ["sheet", "header", "visits", "columns", "values"]
    assert (found["sheet"], found["header"], found["visits"]) == ("Cohort 2024", 3, "each")
    assert tuple(found["columns"]) == HEADINGS
    assert all(column["as"] and column["why"] for column in found["columns"].values())
    assert found["columns"]["Ca (mg/dl)"]["unit"] == "mg/dl"
    assert found["columns"]["PTH"]["unit"] is None
    assert "unit:  # ? 2 numbers have no unit, and decide nothing" in told
    assert found["columns"]["Ulcer"]["reads"] == "digital ulcer | N → not Ulcer | Y → Ulcer"
    assert found["columns"]["Location"]["reads"].startswith("elbow, knee → elbow; knee | ")
    assert "reads" not in found["columns"]["DOB"]
    assert "1950" not in told
    assert "# 4 rows of 3 patients." in told


@pytest.mark.slow
def test_what_was_not_understood_stands_once_with_its_count(tmp_path: Path) -> None:
    told, found = mapped(clinic(tmp_path / "cohort.xlsx"))
    assert found["values"] == {
        "Dx": {"xyzzy disease?": None},
        "ICD-10": {"E83.59": None},
    }
    assert '"E83.59":  # 1 row' in told
    many = [f"{n},word {n % 300}" for n in range(900)]
    told, found = mapped(text_sheet(tmp_path / "a.csv", "id,Dx", *many))
    assert len(found["values"]["Dx"]) == _WORDS
    assert '"word 0":  # 3 rows' in told
    assert f"# and {300 - _WORDS} more" in told


def test_a_mapping_that_nobody_mended_reads_as_no_mapping_does(tmp_path: Path) -> None:
    path = clinic(tmp_path / "cohort.xlsx")
    told, found = mapped(path)
    sheet = with_map(path, told)
    before = [one | {"id": None} for one in values(path)]
    assert [one | {"id": None} for one in values(sheet)] == before
    assert words_of(values(sheet), "id") == ["01", "02", "02@2", "03"]
    _, again = mapped(sheet)
    for column in (*found["columns"].values(), *again["columns"].values()):
        del column["why"]
    assert again == found


def test_a_mapping_is_mended_and_read(tmp_path: Path) -> None:
    path = clinic(tmp_path / "cohort.xlsx")
    sheet = with_map(
        path,
        "header: 3",
        "columns:",
        "  PTH: {as: parathyroid_hormone, unit: pg/mL}",
        "  Hobby: notes",
        "  ICD-10: ignored",
        "  Ulcer: {as: findings, term: digital ulcer}",
        "values:",
        "  Dx: {'xyzzy disease?': CREST; ILD, lcSSc: n/a}",
        "  Hobby: {'no': never}",
    )
    first, *_, last = values(sheet)
    assert first["labs"][2] == {"test": "intact parathyroid hormone", "value": 88, "unit": "pg/mL"}
    assert "Hobby: never" in first["other"]
    assert "conditions" not in first
    assert last["conditions"] == ["CREST", "ILD"]
    assert words_of(values(sheet), "excluded")[1] == ["digital ulcer"]


def test_codes_are_given_their_meaning(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "id,sex,Raynaud", "1,1,1", "2,2,2")
    _, found = mapped(path)
    codes = {"1": None, "2": None}
    assert found["values"] == {"sex": codes, "Raynaud": codes}
    sheet = with_map(path, "values:", "  sex: {1: male, 2: female}", "  Raynaud: {1: yes, 2: no}")
    assert values(sheet) == [
        {"id": "1", "sex": "male", "findings": ["Raynaud"]},
        {"id": "2", "sex": "female", "excluded": ["Raynaud"]},
    ]


def test_a_doubt_is_written_down_and_settled_by_the_mapping(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "id,Conditon,Ca (mg/dl),Ca [mmol/L]", "1,CREST,9,2.3")
    assert "doubtful" in fault(path).what
    _, found = mapped(path)
    assert found["columns"]["Conditon"]["as"] == "ignored"
    assert found["columns"]["Conditon"]["why"].startswith("? it may be meant for conditions")
    assert "holds the same as C" in found["columns"]["Ca [mmol/L]"]["why"]
    sheet = with_map(path, "columns:", "  Conditon: conditions", "  Ca (mg/dl): ignored")
    (one,) = values(sheet)
    assert one["conditions"] == ["CREST"]
    assert one["labs"][0]["unit"] == "mmol/L"


@pytest.mark.parametrize(("rows_", "said"), [(2, "1 id stands"), (4, "2 ids stand")])
def test_how_many_ids_stand_in_several_rows_is_told(tmp_path: Path, rows_: int, said: str) -> None:
    lines = [f"p{number // 2},present,2020-01-0{number + 1}" for number in range(rows_)]
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(["id,calcinosis,date", *lines, "q,present,2020-02-01"]), "utf-8")
    assert f"# {said} in several rows" in mapped(path)[0]


def test_a_sheet_without_ids_is_read_by_its_rows(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "Sex,Diagnosis", "m,CREST", "f,ILD")
    assert "no column is called id" in fault(path).what
    assert "by the numbers of its rows" in fault(path).cure
    (said, _) = sorted(case_findings(ONTOLOGY, [str(path)]), key=lambda one: one.severity)[::-1]
    assert said.message == "2 rows of 2 patients; 2 of 2 columns are read"
    assert "which column tells the patients apart" in said.cure
    told, found = mapped(path)
    assert found["ids"] == "rows"
    assert words_of(values(with_map(path, told)), "id") == ["row 2", "row 3"]


def test_columns_with_one_heading_or_none_are_told_apart(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "id,Dx,Dx,,", "1,CREST,ILD,stray,")
    told, found = mapped(path)
    assert list(found["columns"]) == ["id", "Dx [B]", "Dx [C]", "[D]"]
    (one,) = values(with_map(path, told))
    assert one == {"id": "1", "conditions": ["CREST", "ILD"]}


def test_the_sheet_of_a_mapping_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["1"], headings=["id"], title="patients")
    book = openpyxl.load_workbook(path)
    other = book.create_sheet("Other")
    other.append(["id"])
    other.append(["2"])
    book.save(path)
    assert words_of(values(with_map(path, "sheet: Other")), "id") == ["2"]
    assert words_of(values(path), "id") == ["1"]
    assert "Its sheets: patients, Other" in fault(with_map(path, "sheet: None such")).cure


@pytest.mark.parametrize(
    ("lines", "what", "cure"),
    [
        (("- a",), "no mapping of a sheet", "calcinosis map"),
        (("colums: {}",), "the key 'colums' is unknown", "columns"),
        (("columns: {id: idd}",), "'idd' is no column", "id"),
        (("columns: {idx: id}",), "no column 'idx'", "id"),
        (("columns: {id: {as: id, unti: x}}",), "'unti' is unknown", "unit"),
        (("columns: {id: {as: id, term: CREST}}",), "stands beside as: id", "conditions"),
        (("columns: {id: }",), "is no column", "column of a form"),
        (("columns: [id]",), "must be a mapping", "heading"),
        (("values: {id: [1]}",), "must be a mapping", "stands for"),
        (("visits: some",), "'some' is none of these", "latest or first or each"),
        (("header: first",), "is no row", "number"),
        (("sheet: [a]",), "sheet must be text", "quotes"),
        (("a: [",), "", ""),
    ],
)
def test_a_fault_of_a_mapping_names_its_place_and_cure(
    lines: tuple[str, ...], what: str, cure: str, tmp_path: Path
) -> None:
    path = text_sheet(tmp_path / "a.csv", "id", "1")
    error = fault(with_map(path, *lines))
    assert str(path.with_suffix(".yaml")) in error.where
    assert what in error.what
    assert cure in error.cure


def test_a_mapping_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "id", "1")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00a")
    assert "not UTF-8" in fault(Sheet(path, tmp_path / "b.yaml")).what
    assert "cannot be read" in fault(Sheet(path, tmp_path / "none.yaml")).what


# -- the commands ------------------------------------------------------------------------


def test_map_then_classify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = text_sheet(tmp_path / "a.csv", "No,Dx,Hobby,Visit", "1,CREST,y,1", "1,CREST,n,2")
    mapping = tmp_path / "map.yaml"
    assert run(["map", str(path), "-o", str(mapping)], capsys)[0] == 0
    code, out, said = run(["classify", str(path), "--map", str(mapping), "-f", "csv"], capsys)
    assert code == 0
    assert {line.split(",")[0] for line in out.splitlines()} == {"case", "1", "1@2"}
    assert said.startswith(f"Note: {path}: columns that are not read: C (Hobby)")
    for command in ("explain", "compare"):
        given = [command, str(path), "--map", str(mapping), "-q", *_FURTHER[command]]
        code, _, said = run(given, capsys)
        assert (code, said) == (0, "")


_FURTHER = {"explain": [], "compare": ["--without", "fernandez-2015"]}


def test_a_mapping_needs_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = text_sheet(tmp_path / "a.yaml", "id: a")
    for option in (["--map", str(path)], ["--visit", "each"]):
        code, _, said = run(["classify", str(path), *option], capsys)
        assert code == 2
        assert said.startswith(f"Error: {option[0]}: there is no table to read by it")
    code, _, said = run(["map", str(path)], capsys)
    assert code == 3
    assert "not that of a table" in said
    assert "does not exist" in run(["map", str(tmp_path / "a.csv")], capsys)[2]


def test_a_mapping_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = text_sheet(tmp_path / "a.csv", "id", "1")
    mapping = text_sheet(tmp_path / "map.yaml", "columns: {id: id}")
    code, _, _ = run(
        ["map", str(path), "--map", str(mapping), "-o", str(mapping), "--force"], capsys
    )
    assert code == 2
    assert mapping.read_text(encoding="utf-8") == "columns: {id: id}\n"


@pytest.mark.slow
def test_check_says_what_was_read_and_what_would_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = clinic(tmp_path / "cohort.xlsx")
    (found,) = [one for one in case_findings(ONTOLOGY, [str(path)]) if one.rule == "table_read"]
    assert (found.severity, found.subject) == ("INFO", str(path))
    assert found.message == "4 rows of 3 patients; 13 of 16 columns are read"
    assert found.cure == (
        f"'calcinosis map {path}' would ask: which row counts of 1 patient; "
        "the unit of I (PO4), J (PTH); what 2 words mean"
    )
    doubtful = text_sheet(tmp_path / "a.csv", "id,Conditon", "1,CREST")
    told, refused = sorted(case_findings(ONTOLOGY, [str(doubtful)]), key=lambda one: one.rule)[::-1]
    assert "what B (Conditon) may be" in told.cure
    assert refused.severity == "ERROR"
    plain = text_sheet(tmp_path / "b.csv", "id,age,Dx", "1,40 y,SLE")
    assert "TABLE_READ" not in text([], everything=False)
    assert "Nothing is to be asked" in text(list(case_findings(ONTOLOGY, [str(plain)])))


@pytest.mark.parametrize("name", ["form.xlsx", "form.csv", "form.tsv"])
def test_a_form_with_every_column_filled_in_leaves_no_doubt(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with pytest.raises(SystemExit):
        main(["template", str(path), "-q"])
    columns = {column.name: column for column in graph().form.columns.form}
    cells = {name: _example(column) for name, column in columns.items()}
    fill(path, [cells])
    (row,) = rows(path)
    unread = [n for n, cell in enumerate(row.cells) if n not in row.cells_of.values()]
    beside = {"visit", "age_unit", *(name for name in columns if name.endswith(_BESIDE))}
    assert {row.table.headings[n] for n in unread} <= beside
    assert not graph().classify(path).refused
    _, found = mapped(path)
    assert not found.get("values")
    assert not any("?" in column["why"] for column in found["columns"].values())
    assert {name: column["as"] for name, column in found["columns"].items()}.keys() == set(columns)


_BESIDE = ("_unit", "_low", "_high")


def _example(column: Column) -> str:
    form = graph().form
    if column.kind == "lab":
        analyte = form.columns.laboratory.find(column.key)[0]
        interval = graph().laboratory.expected(analyte.iri, 40 * 365.0, None)
        low, high = (interval[0].low, interval[0].high) if interval else (None, None)
        unit = interval[0].unit.ucum if interval else analyte.canonical
        parts = {"value": "normal", "unit": unit, "low": low, "high": high}
        return str(parts[column.part] or "")
    fixed = {
        "id": "1",
        "age": "40",
        "age_unit": "years",
        "sex": "female",
        "calcinosis": "present",
        "icd_10": "M34.1",
        **dict.fromkeys(("excluded", "excluded_at_deposit", "excluded_as_cause"), "acne"),
    }
    return fixed.get(column.name) or form.words.get(column.key, ("a word",))[0]


@pytest.mark.parametrize("heading", ["Hospital No.", "MRN", "Hospital number", "Pt No", "Pt. no."])
def test_the_number_of_a_record_is_the_id_where_no_other_is(tmp_path: Path, heading: str) -> None:
    path = text_sheet(tmp_path / "a.csv", f"Age,{heading},Dx", "40,X7,SLE", "41,X8,SLE")
    assert [case["id"] for case in values(path)] == ["X7", "X8"]
    told, found = mapped(path)
    assert "ids" not in found
    assert found["columns"][heading]["as"] == "id"
    private = with_map(path, *told.replace("as: id", "as: private").split("\n"), "ids: rows")
    assert "X7" not in str(values(private))


def test_two_visits_of_a_record_are_one_patient(tmp_path: Path) -> None:
    path = text_sheet(
        tmp_path / "a.csv", "MRN,Hospital no,Visit date,Dx", "7,8,2020-01-01,SLE",
        "7,8,2021-01-01,SSc",
    )  # fmt: skip
    assert [case["id"] for case in values(Sheet(path, visits="latest"))] == ["7"]
    _, found = mapped(path)
    assert found["columns"]["Hospital no"]["as"] == "private"


def test_the_number_of_a_record_is_private_beside_an_id(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "MRN,No,Dx", "X7,1,SLE", "X8,2,SLE")
    assert [case["id"] for case in values(path)] == ["1", "2"]
    assert "X7" not in mapped(path)[0]


def test_an_id_that_stands_in_every_output_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    values(text_sheet(tmp_path / "a.csv", "MRN,Dx", "X7,SLE"))
    assert "the id, which stands in every output" in caplog.text


AGES = ("46", "61yo", "15 mo", "37 J.", "37 Jahre", "3", "60 yrs.", "61 y.o.")


def aged(path: Path, *ages: str) -> Path:
    rows = (f'{number},"{age}",SLE' for number, age in enumerate(ages, 1))
    return text_sheet(path, "Pt ID,Age,Diagnosis", *rows)


def test_ages_in_several_forms_stand_in_one_column(tmp_path: Path) -> None:
    found = [case["age"] for case in values(aged(tmp_path / "a.csv", *AGES))]
    years = "{} years".format
    assert found == [*map(years, (46, 61)), "15 months", *map(years, (37, 37, 3, 60, 61))]
    assert [case["age"] for case in values(aged(tmp_path / "b.csv", "46", "15 mo"))] == [
        *("46 years", "15 months")
    ]


@pytest.mark.parametrize("ages", [("8", "15 mo"), ("30", "15 mo", "18 mo"), ("8", "9")])
def test_the_unit_of_ages_is_asked_where_nothing_tells_it(
    tmp_path: Path, ages: tuple[str, ...]
) -> None:
    path = aged(tmp_path / "a.csv", *ages)
    told, found = mapped(path)
    assert "have no unit, and are no ages without one" in told
    assert found["columns"]["Age"]["unit"] is None
    assert "values" not in found
    settled = with_map(path, *told.replace("unit:  #", "unit: months  #").split("\n"))
    assert values(settled)[0]["age"] == f"{ages[0]} months"


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        *((one, "conditions") for one in ("Primary Dx", "Other Dx", "Dx 1", "Diagnosis 2")),
        *((f"{one} diagnosis", "conditions") for one in ("Primary", "Secondary", "Final")),
        ("Primary/secondary/final diagnosis", "conditions"),
        *((one, "interventions") for one in ("Drugs/procedures", "Drugs", "Eingriffe")),
        ("Vorbehandlung", "interventions"),
        *((one, "findings") for one in ("Biopsy", "Biopsie", "Histologie", "Histology", "Ulzera")),
        ("Ca korr. (mmol/l)", "albumin-corrected calcium"),
    ],
)
def test_headings_of_clinics_are_known(tmp_path: Path, heading: str, key: str) -> None:
    path = text_sheet(tmp_path / "a.csv", f"Pt ID,{heading}", "1,2.3")
    assert mapped(path)[1]["columns"][heading]["as"] == key


def test_a_sheet_without_diagnoses_is_asked_about(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "Pt ID,Age,Was hat er", "1,40,SLE")
    asked = "diagnoses, interventions or findings"
    assert f"no column of {asked} is read" in mapped(path)[0]
    (found,) = [one for one in case_findings(ONTOLOGY, [str(path)]) if one.rule == "table_read"]
    assert f"which column holds {asked}" in found.cure
    settled = with_map(path, "columns: {Was hat er: {as: conditions}}")
    assert asked not in mapped(settled)[0]


@pytest.mark.parametrize("heading", ["ANA", "ACA", "Anti-Scl-70", "anti-topoisomerase antibody"])
def test_a_column_of_what_is_known_without_a_role_is_told_as_such(
    heading: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, kg: Kg
) -> None:
    path = text_sheet(tmp_path / "a.csv", f"id,Calcinosis,{heading},Hobby", "1,y,1:640,chess")
    assert not kg.classify(str(path)).refused
    (said,) = [record.getMessage() for record in caplog.records]
    assert "columns that are not read: D (Hobby)" in said
    assert f"known, without a role here, and not read: C ({heading})" in said
    (verdict,) = kg.classify({"id": "a", "calcinosis": "present", "findings": [heading]}).cases
    assert [one.what for one in verdict.case.set_aside] == [heading]
