"""Several rows of one patient: counts and intervals are of patients, in every medium."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from jsonschema import Draft202012Validator

import calcinosis
from calcinosis import Sheet
from calcinosis.api import each_viewpoint
from calcinosis.output.words.cohort import summary_text
from calcinosis.reasoning.verdict import STANDINGS
from calcinosis.study.cohort import Cohort
from calcinosis.study.intervals import Share
from tests.clinic import text_sheet
from tests.shared import graph
from tests.terminal import run

LEVELS = [{"test": one, "level": "normal"} for one in ("calcium", "phosphate")]
SAID = "8 rows of 7 patients"
SCHEMA = Path(calcinosis.__file__).parent / "schemas" / "result.schema.json"


@pytest.fixture
def sheet(tmp_path: Path) -> str:
    """Seven patients, the first with two visits: open at one, and at the other it follows."""
    more = [f"{n},50,f,dermatomyositis,,,y" for n in range(2, 8)]
    first = ("1,50,f,dermatomyositis; SLE,9.4,,y", "1,51,f,dermatomyositis,9.3,3.4,y")
    heads = "Pt ID,Age,Sex,Dx,Ca (mg/dl),PO4 (mg/dl),Calcinosis"
    return str(text_sheet(tmp_path / "visits.csv", heads, first[0], *more, first[1]))


def cohort(sheet: str, visits: str = "each") -> Cohort:
    return graph().cohort(Sheet(sheet, visits=visits))


def test_patients_are_counted_and_not_their_rows(sheet: str) -> None:
    found = cohort(sheet)
    assert (len(found), len(found.rows), found.people) == (7, 8, SAID)
    assert [one.id for one in found.rows][-1] == "1@2"
    assert found.following == Share(1, 7)
    for subtype in found.subtypes:
        assert {share.total for share in subtype.standings.values()} == {7}
        assert sum(share.count for share in subtype.standings.values()) == 7
    assert {one.label: one.patients for one in found.conditions} == {
        "dermatomyositis": 7,
        "systemic lupus erythematosus": 1,
    }
    (plan,) = {step.of for step in found.plan}
    assert plan == 6, "of the first nothing is missing: it follows at a visit"
    assert {sum(one.statuses.values()) for one in found.criteria} == {7}


def test_the_row_that_says_most_stands_for_the_patient_in_any_order(
    sheet: str, tmp_path: Path
) -> None:
    path = Path(sheet)
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    turned = str(text_sheet(tmp_path / "turned.csv", head, *reversed(lines)))
    assert cohort(turned).following == cohort(sheet).following
    one, other = cohort(sheet).to_dict(), cohort(turned).to_dict()
    assert one["subtypes"] == other["subtypes"]
    assert one["conditions"] == other["conditions"]


def test_one_row_of_a_patient_is_one_patient(sheet: str) -> None:
    assert cohort(sheet, "latest").people == "7 patients"
    assert cohort(sheet, "first").following == Share(0, 7)


@pytest.mark.slow
def test_each_viewpoint_counts_patients(sheet: str) -> None:
    views = each_viewpoint(graph(), Sheet(sheet, visits="each")).views
    assert {view.following.total for view in views} == {7}


@pytest.mark.slow
def test_every_medium_says_how_many_rows_of_how_many_patients(
    sheet: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("calcinosis.cli.classify.load", lambda **_: graph())

    def told(*words: str) -> str:
        code, out, _ = run(["classify", sheet, "--visit", "each", "-q", *words], capsys)
        assert code == 0
        return out

    assert f"{SAID}: a subtype follows in 1 (" in told()
    for form in ("markdown", "html"):
        assert f"{SAID}: a subtype follows in 1 (" in told("-f", form)
    document = json.loads(told("-f", "json"))
    assert (document["cohort"]["patients"], document["cohort"]["rows"]) == (7, 8)
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert SAID in told("--shape", "table-1")
    assert SAID in told("--shape", "table-1", "-f", "markdown")
    (first, *rest) = csv.DictReader(io.StringIO(told("--shape", "table-1", "-f", "csv")))
    assert (first["item"], first["count"], first["of"]) == (SAID, "7", "7")
    assert {int(one["of"]) for one in rest if one["section"] == "subtypes"} == {7}
    told("-o", str(tmp_path / "c.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    cells = [cell for row in book["summary"].iter_rows(values_only=True) for cell in row]
    assert SAID in cells
    assert book["table 1"]["B2"].value == SAID


def test_visits_of_an_export_of_redcap_are_one_patient(tmp_path: Path) -> None:
    heads = "record_id,redcap_event_name,Diagnosis,Calcinosis"
    rows = ("1,baseline,dermatomyositis,yes", "1,month 6,dermatomyositis,yes", "2,baseline,SLE,yes")
    path = text_sheet(tmp_path / "export.csv", heads, *rows)
    assert cohort(str(path)).people == "3 rows of 2 patients"
    assert sum(cohort(str(path)).subtypes[0].standings[one].count for one in STANDINGS) == 2


def test_what_a_look_at_the_chart_mends_is_told_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calcinosis.cli.classify.load", lambda **_: graph())
    rows = [f"{n},50,f,dermatomyositis,9.4,3.4,{'y' if n > 2 else ''}" for n in range(1, 8)]
    heads = "Pt ID,Age,Sex,Dx,Ca,PO4 (mg/dl),Calcinosis"
    path = str(text_sheet(tmp_path / "a.csv", heads, *rows, "8,50,f,SLE,9.4 mg/dl,,y"))
    found = graph().cohort(path)
    assert [(one.what, one.patients, one.tests) for one in found.first] == [
        ("a number has no unit", 7, (("total serum calcium", 7),)),
        ("calcinosis is not stated", 2, ()),
    ]
    _, text, _ = run(["classify", path, "-q"], capsys)
    start = text.index("Mend first (patients: what)")
    assert text.index("8 patients: ") < start < text.index("subtype  ")
    assert "2: calcinosis is not stated." in text
    for form in ("markdown", "html"):
        page = run(["classify", path, "-q", "-f", form], capsys)[1]
        assert page.index("Mend first") < page.index("Patients by subtype and verdict")
    document = json.loads(run(["classify", path, "-q", "-f", "json"], capsys)[1])
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert [one["patients"] for one in document["cohort"]["first"]] == [7, 2]
    run(["classify", path, "-q", "-o", str(tmp_path / "c.xlsx")], capsys)
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx")["summary"]
    cells = [row[0].value for row in sheet.iter_rows()]
    assert cells.index("Mend first") < cells.index("calcinosis is not stated")


def test_an_open_verdict_says_that_the_deposit_is_not_stated() -> None:
    case = {"id": "a", "conditions": ["dermatomyositis"], "labs": LEVELS}
    (why,) = graph().explain(case)
    assert why.questions[0].asks == "whether calcium is deposited in the skin"
    cohort = graph().classify(case).cohort
    assert cohort.patients[0].why == "calcinosis is not stated"


def test_an_evaluation_counts_one_row_of_a_patient(sheet: str, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("case_id,label\n1,dystrophic\n1@2,dystrophic\n2,dystrophic\n", "utf-8")
    found = graph().evaluate(Sheet(sheet, visits="each"), labels=str(labels))
    assert "1@2 is a further row of a patient who is counted already" in str(found.refused)
    assert found.cases == 7


# -- several sheets, and rows that contradict each other -------------------------------------


def test_an_id_is_that_of_one_patient_within_a_sheet(tmp_path: Path) -> None:
    heads = "id,Dx,Calcinosis"
    one = text_sheet(tmp_path / "a.csv", heads, "01,dermatomyositis,y")
    two = text_sheet(tmp_path / "b.csv", heads, "01,CKD,y", "01,CKD,y")
    sheets = [Sheet(one, visits="each"), Sheet(two, visits="each")]
    found = graph().cohort(sheets)
    assert (len(found), len(found.rows), len(found.refused)) == (2, 2, 1)
    first, second = found.patients
    assert first.conditions != second.conditions
    assert "--visit" not in found.refused[0].cure  # which was said
    labels = tmp_path / "labels.csv"
    labels.write_text("case_id,label\n01,dystrophic\n01@2,none\n", "utf-8")
    told = graph().evaluate(sheets, labels=str(labels))
    assert told.cases == 2


@pytest.mark.parametrize(
    ("sexes", "known"),
    [("fm", ""), ("mf", ""), ("fmf", ""), ("f", "female"), ("ff", "female"), ("-m", "male")],
)
def test_a_sex_that_rows_contradict_is_unknown(tmp_path: Path, sexes: str, known: str) -> None:
    lines = [f"01,{sex.replace('-', '')},dermatomyositis,y" for sex in sexes]
    path = text_sheet(tmp_path / "a.csv", "id,Sex,Dx,Calcinosis", *lines)
    found = graph().classify(Sheet(path, visits="each"))
    (patient,) = found.cohort.patients
    assert (patient.sex or "unknown") == (known or "unknown")
    rows = [row for row in found.table_one.rows if row.section == "sex"]
    assert [(row.value, row.count) for row in rows] == ([(known, 1)] if known else [])


def test_what_is_no_number_is_not_counted_among_those_without_a_unit(tmp_path: Path) -> None:
    lines = ("01,normal to high,y", "02,9.1,y", "03,2024 H,y", "04,9.1 mmol/L,y")
    path = text_sheet(tmp_path / "a.csv", "id,calcium,Calcinosis", *lines)
    found = graph().classify(path).cohort
    (first,) = found.first
    assert (first.what, first.patients) == ("a number has no unit", 2)
    assert first.tests == (("total serum calcium", 2),)
    told = " ".join(summary_text(found, width=200).split())
    assert "total serum calcium normal to high, 'normal to high' is no value" in told
    assert "is outside what can be measured of total serum calcium" in told
