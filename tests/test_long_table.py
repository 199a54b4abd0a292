"""Long tables: a row a statement, patients in any order, every cell accounted for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import calcinosis
from calcinosis import Sheet
from calcinosis.api import sheet_map
from calcinosis.errors import InputError
from calcinosis.facts.records.long_table import is_long
from calcinosis.graph.locate import data
from calcinosis.release.check import case_findings
from tests.records import facts, remarks
from tests.terminal import run

Kg = calcinosis.KnowledgeGraph
NO_MAPPING = "this is a long table, a statement a row: it needs no mapping, and no choice of visits"
ROWS = """patient_id,kind,name,value,unit,low,high,date,ward
a,,sex,Female,,,,,3
a,,age,44,years,,,,3
b,diagnosis,calcinosis cutis,,,,,,4
a,diagnosis,calcinosis cutis,,,,,,3
a,diagnosis,dermatomyositis,,,,,,3
a,drug,warfarin,yes,,,,,3
a,lab,calcium,14.0,mg/dL,8.5,10.5,2020-01-01,3
a,lab,calcium,9.1,mg/dL,8.5,10.5,2021-01-01,3
a,excluded,gout,,,,,,3
a,finding,skin ulcer,no,,,,,3
a,,phosphate,high,,,,,3
a,,Body height,170,cm,,,,3
a,diagnosis,qqz odd thing,,,,,,3
"""


def read(kg: Kg, folder: Path, text: str, name: str = "a.csv") -> calcinosis.Result:
    path = folder / name
    path.write_text(text)
    return kg.classify(path)


def test_the_rows_of_a_patient_are_its_case(kg: Kg, tmp_path: Path) -> None:
    result = read(kg, tmp_path, ROWS)
    a, b = (v.case for v in result.cases)
    assert (a.id, a.sex, a.calcinosis) == ("a", "female", "present")
    assert a.age_days == pytest.approx(44 * 365.2425)
    assert (b.id, facts(b)) == ("b", ["calcinosis"])
    labels = {(fact.affirmed, fact.label) for fact in a.facts if not fact.item.startswith("labs")}
    assert labels == {
        (True, "calcinosis"),
        (True, "dermatomyositis"),
        (True, "warfarin"),
        (False, "gout"),
        (False, "skin ulcer"),
    }
    assert "hyperphosphataemia" in {fact.label for fact in a.facts if fact.affirmed}
    assert "hypercalcaemia" not in {fact.label for fact in a.facts if fact.affirmed}


def test_every_row_is_accounted_for(kg: Kg, tmp_path: Path) -> None:
    a = next(v.case for v in read(kg, tmp_path, ROWS).cases)
    said = " ".join(f"{one.what} {one.where}" for one in remarks(a))
    for word in ("14.0 mg/dL", "Body height", "qqz odd thing", "ward"):
        assert word in said
    rows = {fact.where.rpartition(" ")[2] for fact in a.facts}
    assert rows == {"5", "6", "7", "9", "10", "11", "12"}


def test_other_delimiters_and_headings(kg: Kg, tmp_path: Path) -> None:
    text = "Subject\tTest\tResult\tUnits\nx\tcalcium\thigh\t\nx\tdiagnosis\tgout\t\n"
    (verdict,) = read(kg, tmp_path, text, "a.tsv").cases
    assert {"hypercalcaemia", "gout"} <= {fact.label for fact in verdict.case.facts}
    german = text.replace("\t", ";")
    assert len(read(kg, tmp_path, german).cases) == 1


def test_codes_stand_beside_names(kg: Kg, tmp_path: Path) -> None:
    text = (
        "id,kind,term,code\nx,diagnosis,something else,MONDO:0016367\nx,diagnosis,,ICD10CM:L94.2\n"
    )
    (verdict,) = read(kg, tmp_path, text).cases
    assert facts(verdict.case) == ["calcinosis", "dermatomyositis"]


@pytest.mark.parametrize(
    ("kind", "name", "value", "stated"),
    [
        ("diagnosis", "dermatomyositis", "suspected", None),
        ("diagnosis", "dermatomyositis", "ruled out", None),
        ("diagnosis", "dermatomyositis", "family history", None),
        ("diagnosis", "dermatomyositis", "Nein", False),
        ("diagnosis", "dermatomyositis", "since 2009", True),
        ("finding", "skin ulcer", "maybe", None),
        ("finding", "skin ulcer", "0", None),
        ("finding", "skin ulcer", "unknown", None),
        ("finding", "skin ulcer", "not seen", None),
        ("finding", "skin ulcer", "pos", True),
        ("finding", "skin ulcer", "left hand", True),
        ("drug", "warfarin", "not done", None),
        ("drug", "warfarin", "5 mg", True),
    ],
)
def test_a_value_beside_a_name_may_take_it_back(
    kg: Kg, tmp_path: Path, kind: str, name: str, value: str, stated: bool | None
) -> None:
    for code in ("", "MONDO:0016367") if kind == "diagnosis" else ("",):
        text = f"id,kind,name,value,code\nx,{kind},{name},{value},{code}\n"
        (verdict,) = read(kg, tmp_path, text).cases
        affirmed = {fact.label: fact.affirmed for fact in verdict.case.facts}
        assert affirmed == ({} if stated is None else {name: stated})
        if stated is None:
            assert f"{name}: {value}" in [one.what for one in remarks(verdict.case)]


def test_a_row_without_a_patient_is_refused_alone(kg: Kg, tmp_path: Path) -> None:
    result = read(kg, tmp_path, "id,term,value\nx,gout,yes\n,gout,yes\n")
    assert [v.case.id for v in result.cases] == ["x"]
    (error,) = result.refused
    assert "row 3, column A (id): the row names no patient" in str(error)


def test_a_frame_may_be_long(kg: Kg, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    frame = pd.read_csv(path)
    found = kg.classify(frame)
    assert [facts(v.case) for v in found.cases] == [facts(v.case) for v in kg.classify(path).cases]


@pytest.mark.parametrize(
    ("headings", "long"),
    [
        ("id,conditions,calcium,calcium_unit", False),
        ("id,name,age", False),
        ("id,name,value", False),  # it may be people's
        ("id,name,type", False),
        ("id,name,value,unit", True),
        ("id,term,value", True),
        ("patient,kind,term", True),
        ("id,name,test,value", False),
        ("name,value", False),
    ],
)
def test_it_is_told_by_its_headings(headings: str, long: bool) -> None:
    assert is_long(headings.split(",")) is long


@pytest.mark.parametrize(
    "text", ["id,term,value\n", 'id,term,value\nx,"gout\n', "id,term,value\nx,\x00,1\n"]
)
def test_a_broken_table_is_an_error_or_a_case(kg: Kg, tmp_path: Path, text: str) -> None:
    result = read(kg, tmp_path, text)
    assert len(result.cases) + len(result.refused) == 1
    assert all(error.cure for error in result.refused)


def test_a_long_table_needs_no_mapping(
    kg: Kg, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    (tmp_path / "m.yaml").write_text("ids: rows\ncolumns: {}\n")
    with pytest.raises(InputError, match="needs no mapping"):
        sheet_map(kg, path)
    for sheet in (Sheet(path, tmp_path / "m.yaml"), Sheet(path, visits="latest")):
        result = kg.classify(sheet)
        assert not result.cases
        assert [error.what for error in result.refused] == [NO_MAPPING]
    status, out, error = run(["map", str(path)], capsys)
    assert (status, out) == (3, "")
    assert NO_MAPPING in error


def test_a_long_table_is_described_as_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    told = case_findings(data("ontology"), [str(path)])
    (found,) = [finding for finding in told if finding.rule == "table_read"]
    assert found.message == "a long table, a statement a row: 2 patients"
