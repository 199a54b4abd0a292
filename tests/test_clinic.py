"""Sheets as they were saved: where the headings stand, what no patient is, what a cell states."""

from __future__ import annotations

import logging
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import calcinosis
from calcinosis.errors import RowError
from calcinosis.facts import strict
from calcinosis.facts.columns import Columns
from calcinosis.facts.headings import Headings
from calcinosis.facts.row import Row
from calcinosis.facts.source import raw_cases
from calcinosis.facts.tabular import kinds
from tests.clinic import (
    HEADINGS,
    STATED,
    clinic,
    fault,
    known,
    rows,
    stated,
    text_sheet,
    values,
    words_of,
)
from tests.shared import graph
from tests.tables import workbook

Kg = calcinosis.KnowledgeGraph


# -- the whole ---------------------------------------------------------------------------


def test_every_cell_of_a_clinic_s_sheet_is_accounted_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = clinic(tmp_path / "cohort.xlsx")
    found = rows(path)
    assert {row.number: row.value for row in found} == STATED
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "columns that are not read: O (Hobby)" in said
    assert "private columns, which stay out of every output: B (DOB)" in said
    assert "rows 9, 10 are no patient" in said
    assert all(record.levelno == logging.WARNING for record in caplog.records)
    assert len(caplog.records) == 2


def test_the_same_sheet_as_text_states_the_same(tmp_path: Path) -> None:
    path = clinic(tmp_path / "cohort.xlsx")
    lines = []
    for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True):
        cells = ["" if cell is None else str(cell).removesuffix(" 00:00:00") for cell in row]
        lines.append("\t".join(cells))
    text = text_sheet(tmp_path / "cohort.tsv", *lines)
    assert {row.number: row.value for row in rows(text)} == STATED


def test_every_fact_of_a_clinic_s_sheet_has_its_cell(tmp_path: Path) -> None:
    for row in rows(clinic(tmp_path / "cohort.xlsx")):
        for path, column in row.cells_of.items():
            assert column < len(HEADINGS), path
        value: Any = row.value
        items = sum(len(found) for found in value.values() if isinstance(found, list))
        paths = [path for path in row.cells_of if path.endswith("]") and "sites" not in path]
        assert len(paths) == items


def test_what_is_private_stays_out_of_every_output(tmp_path: Path, kg: Kg) -> None:
    path = text_sheet(
        tmp_path / "a.csv",
        "Patient ID,Name,Date of birth,Phone,Age",
        "1,Ada Example,1.2.1950,555-0100,-3 years",
    )
    result = kg.classify(path)
    (error,) = result.refused
    assert isinstance(error, RowError)
    told = f"{error} {error.cells} {error.plain} {result.faults()} {result.to_json()}"
    for word in ("Ada", "1950", "555"):
        assert word not in told


# -- where the headings stand ------------------------------------------------------------


@pytest.mark.parametrize(
    "above",
    [
        (),
        ("Our cohort",),
        ("Our cohort,,", ",,"),
        ("Patient,,Labs", ""),
        ("a,b,c", "1,2,3", "Calcinosis cohort, 2024, all"),
    ],
)
def test_headings_stand_below_titles_and_groups(above: tuple[str, ...], tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", *above, "Case,Sex,Diagnosis", "1,m,CREST", "2,f,")
    found = rows(path)
    assert [row.value for row in found] == [
        {"id": "1", "sex": "male", "conditions": ["CREST"]},
        {"id": "2", "sex": "female"},
    ]
    assert found[0].number == len(above) + 2


def test_a_group_says_what_the_headings_below_it_leave_out(tmp_path: Path) -> None:
    path = text_sheet(
        tmp_path / "a.csv", ",Calcium,,,Phosphate,", "ID,value,unit,ref low,value,unit",
        "1,9.1,mg/dL,8.5,1.2,mmol/L",
    )  # fmt: skip
    (found,) = values(path)
    assert found["labs"] == [
        {"test": "total serum calcium", "value": 9.1, "unit": "mg/dL", "interval": [8.5, None]},
        {"test": "serum phosphate", "value": 1.2, "unit": "mmol/L"},
    ]


def test_headings_that_are_merged_with_their_group_are_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["ID", "Labs", None, "Dx"])
    sheet.append([None, "Ca (mg/dl)", "PO4 (mmol/L)", None])
    sheet.append(["1", "9.1", "1.2", "CREST"])
    for area in ("A1:A2", "B1:C1", "D1:D2"):
        sheet.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    (found,) = values(tmp_path / "a.xlsx")
    assert found["conditions"] == ["CREST"]
    assert words_of(found["labs"], "value") == [9.1, 1.2]


@pytest.mark.parametrize(
    "last",
    ["n = 40", "* outside lab", "Total", "Note: see", "† not done", "all values as of last year"],
)
def test_a_footnote_is_no_patient(
    last: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = text_sheet(tmp_path / "a.csv", "id,sex,age", "1,m,40", "", f"{last},,")
    assert words_of(values(path), "id") == ["1"]
    assert "row 4 is no patient" in caplog.text


def test_a_line_of_totals_and_headings_again_are_no_patients(tmp_path: Path) -> None:
    path = text_sheet(
        tmp_path / "a.csv", "id,sex,age", "1,m,40", "id,sex,age", "2,f,41", "Mean,,40.5"
    )
    assert words_of(values(path), "id") == ["1", "2"]


def test_a_patient_of_whom_only_the_id_is_known_stays_one(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "id,sex", "P1,", "Case 2,", "N,")
    assert words_of(values(path), "id") == ["P1", "Case 2", "N"]


def test_a_first_line_that_names_the_separator_is_read(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "sep=;", "id;age;Ca (mg/dL)", "1;40 y;9,25", "2;;soon")
    assert rows(path)[0].number == 3
    assert [one["labs"][0]["value"] for one in values(path)] == [9.25, "soon"]


# -- workbooks ---------------------------------------------------------------------------


def test_merged_cells_hold_for_each_row_of_theirs(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ["1", "CREST", "f"], ["2", None, "m"], [None, None, None], ["3", None, "m"],
        headings=["id", "conditions", "sex"],
    )  # fmt: skip
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("B2:B4")
    book.save(path)
    assert words_of(values(path), "conditions") == [["CREST"], ["CREST"], None]
    assert words_of(values(path), "id") == ["1", "2", "3"]


def test_what_excel_hides_is_said_and_no_hidden_sheet_preferred(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = workbook(tmp_path / "a.xlsx", ["1", "m"], ["2", "f"], headings=["id", "sex"])
    book = openpyxl.load_workbook(path)
    hidden = book.create_sheet("patients")
    hidden.append(["id"])
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.save(path)
    assert words_of(values(path), "id") == ["1", "2"]
    assert "hidden sheets that are not read: patients" in caplog.text
    assert "hidden rows that are read as others are: 3" in caplog.text
    assert "hidden columns that are read as others are: B" in caplog.text


def test_a_unit_in_a_number_s_format_is_its_unit(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", ["1", 2.31], headings=["id", "calcium"],
        formats={"B2": '0.00 "mmol/L"'},
    )  # fmt: skip
    (found,) = values(path)
    assert found["labs"] == [{"test": "total serum calcium", "value": 2.31, "unit": "mmol/L"}]


def test_an_escaped_line_end_is_one(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["1", "CREST_x000D_\nacne"], headings=["id", "Dx"])
    (found,) = values(path)
    assert found["conditions"] == ["CREST", "acne"]


def test_a_strict_workbook_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["1", 40], headings=["id", "age"])
    known = {plain: name for name, plain in strict._NAMES.items()}
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for info in old.infolist():
            data = old.read(info)
            for plain, name in known.items():
                data = data.replace(plain, name)
            new.writestr(info.filename, data)
    assert values(tmp_path / "b.xlsx") == [{"id": "1", "age": "40 years"}]


# -- headings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("patient_id", "id"), ("Case", "id"), ("record_id", "id"), ("Subject no.", "id"),
        ("Gender", "sex"), ("Sex (m/f)", "sex"), ("Geschlecht", "sex"),
        ("Age_years", "age [years]"), ("Age (months)", "age [months]"), ("Alter", "age"),
        ("Main diagnosis", "conditions"), ("Diagnosis 2", "conditions"), ("PMH", "conditions"),
        ("Calcinosis Y/N", "calcinosis"), ("Calcinosis present", "calcinosis"),
        ("Localisation", "sites"), ("Site of calcinosis", "sites"),
        ("Serum calcium", "total serum calcium"), ("calcium (ionised)", "ionised calcium"),
        ("Ca (mg/dl)", "total serum calcium [mg/dl]"), ("ca_mg_dl", "total serum calcium [mg/dL]"),
        ("Calcium [mmol/L]", "total serum calcium [mmol/L]"),
        ("Calcium in mmol/L", "total serum calcium [mmol/L]"),
        ("25(OH)D (ng/mL)", "25-hydroxyvitamin D [ng/mL]"),
        ("PO4, mmol/l", "serum phosphate [mmol/l]"),
        ("Ca_unit", "total serum calcium: unit"), ("Calcium ref low", "total serum calcium: low"),
        ("Ca ULN", "total serum calcium: high"), ("PTH flag", "intact parathyroid hormone: level"),
        ("upper limit Ca", "total serum calcium: high"), ("S-Ca", "total serum calcium"),
        ("Serum calcium level (mg/dL)", "total serum calcium [mg/dL]"),
        ("Calcium at baseline", "total serum calcium"), ("Medication at baseline", "interventions"),
        ("Pat. No.", "id"), ("Anatomical location", "sites"), ("Skin biopsy", "findings"),
        ("Treatment", "interventions"), ("Current medication", "interventions"),
        ("Remarks", "other"), ("Symptoms", "findings"), ("excluded", "excluded"),
        ("ICD-10 code", "conditions: codes"), ("eGFR", "ignored"), ("Visit date", "visit"),
        ("DOB", "private"), ("E-mail", "private"), ("Dx duration (yrs)", "ignored"),
        ("Raynaud", "findings: Raynaud"), ("Raynaud Y/N", "findings: Raynaud"),
        ("interstitial_lung_disease", "conditions: interstitial lung disease"),
        ("warfarin (0/1)", "interventions: warfarin"), ("Family history of Raynaud", "ignored"),
        ("Comorbidities (choice=Raynaud)", "conditions: Raynaud"), ("Urine calcium", "ignored"),
        ("No Raynaud", "ignored"),
    ],
)  # fmt: skip
def test_headings_as_people_write_them(heading: str, name: str) -> None:
    headings = Headings(Columns(graph().laboratory), kinds(graph()._vocabulary))
    guess = headings.guess(heading)
    column = guess.column
    found = column.kind if column.is_silent else column.key
    if column.part not in ("", "value") or (column.title and column.kind != "note"):
        found += f": {column.part or column.title}"
    assert found + (f" [{column.unit}]" if column.unit else "") == name
    assert not guess.doubt
    assert guess.why


@pytest.mark.parametrize("heading", ["Conditon", "phosphte", "Calcium (urine)", "Diagnossis"])
def test_a_doubtful_heading_is_asked(heading: str, tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", f"id,{heading}", "1,9")
    error = fault(path)
    assert f"B ({heading}) is doubtful" in error.what
    assert "calcinosis map" in error.cure


def test_a_heading_within_the_terms_of_its_cells_is_one_of_them() -> None:
    assert stated("Ulcer", "digital ulcer", "Y", "N", "", "n/a") == [
        {"findings": ["digital ulcer"]}, {"findings": ["Ulcer"]}, {"excluded": ["Ulcer"]}, {}, {},
    ]  # fmt: skip
    assert stated("Relation", "acne", "dermatomyositis") == [{}, {}]


def test_the_level_of_a_test_that_holds_numbers_is_its_value() -> None:
    calcium = {"test": "total serum calcium"}
    assert stated("Calcium level", "9.1 mg/dL", "high") == [
        {"labs": [{**calcium, "value": 9.1, "unit": "mg/dL"}]},
        {"labs": [{**calcium, "level": "high"}]},
    ]
    assert stated("Calcium level", "high") == [{"labs": [{**calcium, "level": "high"}]}]


def test_a_running_number_beside_an_id_is_none(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "No.,Patient ID,Dx", "1,P7,CREST")
    assert values(path) == [{"id": "P7", "conditions": ["CREST"]}]
    path = text_sheet(tmp_path / "b.csv", "No.,Dx", "1,CREST")
    assert values(path) == [{"id": "1", "conditions": ["CREST"]}]
    path = text_sheet(tmp_path / "c.csv", "Patient ID,Case ID,Dx", "1,2,CREST")
    assert "hold the same" in fault(path).what


def test_yes_and_no_in_a_list_are_no_terms() -> None:
    assert stated("Treatment", "yes", "warfarin; no") == [
        {"other": ["Treatment: yes"]},
        {"interventions": ["warfarin"], "other": ["Treatment: no"]},
    ]


# -- cells -------------------------------------------------------------------------------


@pytest.mark.parametrize("yes", ["y", "Yes", "ja", "x", "✓", "TRUE", "present", "+"])
@pytest.mark.parametrize("no", ["n", "No", "nein", "false", "absent"])
def test_yes_and_no_have_many_forms(yes: str, no: str) -> None:
    assert stated("Raynaud", yes, no) == [{"findings": ["Raynaud"]}, {"excluded": ["Raynaud"]}]
    assert stated("calcinosis", yes, no) == [{"calcinosis": "present"}, {"calcinosis": "absent"}]


def test_one_and_nought_say_it_where_the_column_is_binary_or_declared() -> None:
    yes, no = {"findings": ["Raynaud"]}, {"excluded": ["Raynaud"]}
    assert stated("Raynaud", "1", "0", "") == [yes, no, {}]
    assert stated("Raynaud Y/N", "1", "0", "y") == [yes, no, yes]
    assert stated("Raynaud", "1", "2", "y") == [
        {"findings": ["Raynaud: 1"]}, {"findings": ["Raynaud: 2"]}, yes,
    ]  # fmt: skip
    assert stated("Raynaud", "+", "-") == [yes, no]
    assert stated("Raynaud", "y", "-") == [yes, {}]


@pytest.mark.parametrize(
    ("cell", "sex"),
    [("m", "male"), ("F", "female"), ("w", "female"), ("Male", "male"), ("weiblich", "female"),
     ("d", "other"), ("unknown", "unknown"), ("1", "1")],
)  # fmt: skip
def test_sex_has_many_forms_and_a_code_is_asked(cell: str, sex: str, kg: Kg) -> None:
    assert stated("Sex", cell) == [{"sex": sex}]
    assert stated("Sex (1=m, 2=f)", "2") == [{"sex": "female"}]


@pytest.mark.parametrize(
    ("heading", "cell", "age"),
    [
        ("age", "59", "59 years"), ("age", "59 y", "59 years"), ("age", "15 mo", "15 months"),
        ("age", "59.0", "59.0 years"), ("age", "61yo", "61 years"), ("Alter", "59 J", "59 years"),
        ("age", "58-year-old", "58 years"), ("age (months)", "15", "15 months"),
        ("age (months)", "2 y", "2 years"), ("age", "P15M", "P15M"), ("age", "9", "9"),
        ("age", "1 year 2 months", "1 year 2 months"),
    ],
)  # fmt: skip
def test_ages_have_many_forms(heading: str, cell: str, age: str) -> None:
    assert stated(heading, cell) == [{"age": age}]


@pytest.mark.parametrize("cell", ["1,200 days", "1.200 days", "1,200"])
def test_an_age_that_may_be_thousands_is_asked(cell: str, tmp_path: Path, kg: Kg) -> None:
    path = text_sheet(tmp_path / "a.csv", "id;age", f"1;{cell}")
    (fault_of_age,) = kg.classify(path).faults()
    assert "may be a decimal, or thousands" in fault_of_age["what"]
    assert fault_of_age["column"] == "B (age)"


@pytest.mark.parametrize(
    ("cell", "item"),
    [
        ("9.2 mg/dL", {"value": 9.2, "unit": "mg/dL"}),
        ("2,31", {"value": 2.31, "unit": "mmol/L"}),
        ("<0.5", {"value": "<0.5", "unit": "mmol/L"}),
        ("↑ 2.9", {"value": 2.9, "unit": "mmol/L", "level": "high"}),
        ("11.2 H mg/dL", {"value": 11.2, "unit": "mg/dL", "level": "high"}),
        ("2.9 (H)", {"value": 2.9, "unit": "mmol/L", "level": "high"}),
        ("2.4*", {"value": 2.4, "unit": "mmol/L"}),
        ("wnl", {"level": "normal"}),
        ("↓", {"level": "low"}),
        ("see letter", {"value": "see letter", "unit": "mmol/L"}),
    ],
)
def test_values_as_laboratories_write_them(cell: str, item: dict[str, Any]) -> None:
    assert stated("Calcium [mmol/L]", cell) == [{"labs": [{"test": "total serum calcium", **item}]}]


@pytest.mark.parametrize("cell", ["n/a", "nd", "-", "not done", "?", "."])
def test_what_says_that_nothing_is_known_states_nothing(cell: str) -> None:
    for heading in ("Ca (mg/dl)", "Dx", "sex", "age", "Raynaud", "calcinosis", "Comments"):
        assert stated(heading, cell) == [{}], heading


def test_a_column_s_own_decimals_settle_what_may_be_thousands(tmp_path: Path) -> None:
    numbers = ["2,31", "2,4", "1,250"]
    assert [one["labs"][0]["value"] for one in stated("Calcium [mmol/L]", *numbers)] == [
        2.31, 2.4, 1.25,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "labels", "not_understood"),
    [
        ("ILD, CREST", "ILD CREST", ""),
        ("ILD/CREST", "ILD CREST", ""),
        ("ILD and CREST", "ILD CREST", ""),
        ("ILD, xyzzy", "ILD", "xyzzy"),
        ("xyzzy/CREST", "", "xyzzy/CREST"),
        ("ILD, xyzzy; CREST", "ILD CREST", "xyzzy"),
        ("xyzzy?", "", "xyzzy?"),
    ],
)
def test_several_items_are_parted_where_each_is_known(
    cell: str, labels: str, not_understood: str, tmp_path: Path, kg: Kg
) -> None:
    path = text_sheet(tmp_path / "a.csv", "id,Dx", f'1,"{cell}"')
    (found,) = kg.classify(path).cases
    names = {"ILD": "interstitial lung disease", "CREST": "CREST syndrome"}
    assert {fact.label for fact in found.case.facts} == {names[one] for one in labels.split()}
    assert [remark.what for remark in found.case.not_understood] == [not_understood] * bool(
        not_understood
    )


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("M34.1", {"CREST syndrome"}),
        ("m34.1, N18.6", {"CREST syndrome", "end-stage kidney disease"}),
        ("M34.1;N18.6", {"CREST syndrome", "end-stage kidney disease"}),
        ("X99.99", set()),
    ],
)
def test_codes_of_an_icd_are_read_with_or_without_their_prefix(
    cell: str, labels: set[str], tmp_path: Path, kg: Kg
) -> None:
    path = text_sheet(tmp_path / "a.csv", "id,ICD-10", f'1,"{cell}"')
    (found,) = kg.classify(path).cases
    assert {fact.label for fact in found.case.facts} == labels
    assert bool(found.case.not_understood) is not bool(labels)


@pytest.mark.parametrize("word", ["no", "Nr", "Code", "Fall", "Other", "absent", "n/a"])
def test_a_row_of_a_patient_is_no_row_of_headings(tmp_path: Path, word: str) -> None:
    path = text_sheet(
        tmp_path / "a.csv", "Ward bed,Age,Calcinosis,Diagnosis,Name",
        f"X1,46,yes,{word},Miller", "X2,50,no,SLE,Smith",
    )  # fmt: skip
    error = fault(path)
    assert (error.what, error.where) == ("no column is called id", f"{path}, row 1")
    assert "Miller" not in str(error)


@pytest.mark.parametrize(
    ("lines", "way"),
    [
        (("Pt ID;Dx;PTH (pg/ml)", "1;SLE;1.250"), "1,250"),
        (("Pt ID,Dx,Ca (mg/dl)", '1,SLE,"9,31"', "2,SLE,1.250"), "1,250"),
        (("Pt ID,Dx,Ca (mg/dl)", "1,SLE,9.31", '2,SLE,"1,250"'), "1.250"),
    ],
)
def test_a_number_that_may_be_thousands_has_a_way_out_that_is_read(
    tmp_path: Path, lines: tuple[str, ...], way: str
) -> None:
    path = text_sheet(tmp_path / "a.csv", *lines)
    found = [row for row in raw_cases(path, known()) if isinstance(row, Row)]
    (problem,) = [one for row in found for one in row.problems]
    assert problem.cure == f"Write 1250 or, as its column has decimals, {way}"
    last = lines[-1].replace('"1,250"', way).replace("1.250", f'"{way}"')
    mended = text_sheet(tmp_path / "b.csv", *lines[:-1], last)
    assert values(mended)[-1]["labs"][0]["value"] == 1.25
