"""Exports of REDCap: raw and with labels, boxes, repeated instruments, events, the dictionary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import calcinosis
from calcinosis import Sheet
from calcinosis.api import sheet_map
from calcinosis.errors import InputError
from calcinosis.facts.source import raw_cases
from tests.clinic import fault, known, rows, text_sheet, values, words_of
from tests.shared import graph

Kg = calcinosis.KnowledgeGraph

DICTIONARY = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note",Identifier?',
    "record_id,base,,text,Record ID,,,",
    "pat_name,base,,text,Patient name,,,y",
    "clinic_no,base,,text,Number at the clinic,,,y",
    'gender,base,,radio,Sex,"1, Male | 2, Female",,',
    "age,base,,text,Age,,years,",
    "calc,base,,yesno,Calcinosis,,,",
    'dx,base,,dropdown,Main diagnosis,"1, CREST syndrome | 2, systemic sclerosis | 9, n/a",,',
    'como,base,,checkbox,Comorbidities,"1, Raynaud | 2, ILD | 3, None",,',
    "dm,base,,yesno,Raynaud,,,",
    "ca_v,labs,Blood,text,Calcium,,mg/dL,",
    "smoke,base,,yesno,Plays chess,,,",
    "hello,base,,descriptive,Welcome to the <b>study</b>,,,",
)
RAW = (
    "record_id,redcap_repeat_instrument,redcap_repeat_instance,pat_name,clinic_no,gender,age,calc,dx,"
    "como___1,como___2,como___3,dm,ca_v,smoke,base_complete",
    "1,,,Ada,77,2,61,1,1,1,0,0,,,1,2",
    "1,labs,1,,,,,,,,,,,9.1,,",
    "1,labs,2,,,,,,,,,,,10.9,,",
    "2,,,Bob,78,1,40,0,9,0,0,1,0,,0,2",
)
ONE = {
    "id": "1",
    "sex": "female",
    "age": "61 years",
    "calcinosis": "present",
    "conditions": ["CREST syndrome", "Raynaud"],
}
TWO = {"id": "2", "sex": "male", "age": "40 years", "calcinosis": "absent", "excluded": ["Raynaud"]}


def calcium(value: float) -> dict[str, Any]:
    return {"labs": [{"test": "total serum calcium", "value": value, "unit": "mg/dL"}]}


def export(tmp_path: Path, visits: str = "each", lines: tuple[str, ...] = RAW) -> Sheet:
    path = text_sheet(tmp_path / "export.csv", *lines)
    dictionary = text_sheet(tmp_path / "dictionary.csv", *DICTIONARY)
    return Sheet(path, dictionary, visits)


def test_a_raw_export_is_read_by_the_data_dictionary(tmp_path: Path) -> None:
    found = values(export(tmp_path))
    assert found == [ONE | calcium(9.1), ONE | calcium(10.9) | {"id": "1@2"}, TWO]
    assert values(export(tmp_path, "latest")) == [ONE | calcium(10.9), TWO]
    assert values(export(tmp_path, "first")) == [ONE | calcium(9.1), TWO]


def test_without_a_word_a_record_of_several_visits_is_refused(tmp_path: Path) -> None:
    refused, row = raw_cases(export(tmp_path, ""), known())
    assert isinstance(refused, InputError)
    assert refused.what == "the record '1' has 2 visits"
    assert "--visit latest" in refused.cure
    assert not isinstance(row, InputError)
    assert row.value == TWO


def test_each_cell_of_a_record_keeps_its_row(tmp_path: Path, kg: Kg) -> None:
    _, latest, _ = rows(export(tmp_path))
    case = kg.classify(export(tmp_path, "latest")).cases[0].case
    places = {fact.label: fact.where for fact in case.facts}
    assert ", row 2, column I (dx)" in places["CREST syndrome"]
    (lab, *_) = [where for where in places.values() if "(ca_v)" in where]
    assert ", row 4, column N (ca_v)" in lab
    assert latest.place(lab).row == 4
    assert latest.number == 4


def test_an_export_with_labels_is_read_with_or_without_the_dictionary(tmp_path: Path) -> None:
    lines = (
        "Record ID,Sex,Age,Calcinosis,Main diagnosis,Comorbidities (choice=Raynaud),"
        "Comorbidities (choice=ILD),Comorbidities (choice=None),Raynaud,Complete?",
        "1,Female,61,Yes,CREST syndrome,Checked,Unchecked,Unchecked,,Complete",
        "2,Male,40,No,n/a,Unchecked,Unchecked,Checked,No,Complete",
    )
    assert values(export(tmp_path, "", lines)) == [ONE, TWO]
    assert values(tmp_path / "export.csv") == [ONE, TWO]


def test_what_the_dictionary_calls_an_identifier_is_private(tmp_path: Path) -> None:
    text = sheet_map(graph(), export(tmp_path))
    found = yaml.safe_load(text)["columns"]
    assert (found["pat_name"]["as"], found["clinic_no"]["as"]) == ("private", "private")
    assert "Ada" not in text
    assert "77" not in text
    assert found["ca_v"]["unit"] == "mg/dL"
    assert (found["smoke"]["as"], found["base_complete"]["as"]) == ("ignored", "ignored")
    assert found["como___1"]["term"] == "Raynaud"
    assert "by the data dictionary" in found["dx"]["why"]


def test_the_mapping_that_a_dictionary_gives_reads_as_it_does(tmp_path: Path) -> None:
    sheet = export(tmp_path)
    mapping = text_sheet(tmp_path / "map.yaml", sheet_map(graph(), sheet))
    assert values(Sheet(sheet.path, mapping)) == values(sheet)


def test_a_box_without_a_dictionary_is_asked(tmp_path: Path) -> None:
    error = fault(text_sheet(tmp_path / "a.csv", "record_id,como___1", "1,1"))
    assert "B (como___1) is doubtful" in error.what
    assert "data dictionary" in error.cure


EVENTS = (
    "record_id,redcap_event_name,gender,age,dx,ca_v,dm",
    "1,baseline_arm_1,2,61,1,9.1,1",
    "1,month_6_arm_1,,,,10.9,",
    "2,baseline_arm_1,1,40,2,,0",
)


def test_a_later_event_keeps_what_lasts_and_no_value(tmp_path: Path) -> None:
    first, later, other = values(export(tmp_path, "each", EVENTS))
    lasting = {"sex": "female", "age": "61 years", "conditions": ["CREST syndrome"]}
    assert first == {
        "id": "1",
        **lasting,
        "findings": ["Raynaud"],
        **calcium(9.1),
    }
    assert later == {"id": "1@2", **lasting, **calcium(10.9)}
    assert other["excluded"] == ["Raynaud"]
    assert words_of(values(export(tmp_path, "latest", EVENTS)), "labs")[0] == calcium(10.9)["labs"]


def test_instruments_that_repeat_on_their_own_are_each_taken_at_their_latest(
    tmp_path: Path,
) -> None:
    lines = (
        "record_id,redcap_repeat_instrument,redcap_repeat_instance,dx,ca_v,dm",
        "1,,,1,,",
        "1,labs,2,,10.9,",
        "1,labs,1,,9.1,",
        "1,signs,1,,,1",
    )
    (latest,) = values(export(tmp_path, "latest", lines))
    assert latest["labs"] == calcium(10.9)["labs"]
    assert latest["findings"] == ["Raynaud"]
    one, two = values(export(tmp_path, "each", lines))
    assert (one["findings"], one["labs"]) == (["Raynaud"], calcium(9.1)["labs"])
    assert "findings" not in two


def test_a_fault_of_one_record_leaves_the_others(tmp_path: Path) -> None:
    lines = (*EVENTS, "3," + "x," * 2_001, "4,baseline_arm_1,1,30,1,,")
    found = list(raw_cases(export(tmp_path, "each", lines), known()))
    assert [isinstance(one, InputError) for one in found] == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (("a,b", "1,2"), "no data dictionary"),
        ((), "no data dictionary"),
        (("field_name,field_label", '"x'), "cannot be read"),
        (("field_name,field_label", "other,Other field"), "no column of the sheet is a field"),
    ],
)
def test_what_is_no_dictionary_of_the_export_is_refused(
    lines: tuple[str, ...], what: str, tmp_path: Path
) -> None:
    sheet = export(tmp_path)
    other = text_sheet(tmp_path / "other.csv", *lines)
    error = fault(Sheet(sheet.path, other))
    assert what in str(error)
    assert error.where.startswith(str(other))


def test_a_dictionary_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    sheet = export(tmp_path)
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00a")
    assert "not UTF-8" in fault(Sheet(sheet.path, tmp_path / "b.csv")).what
    assert "cannot be read" in fault(Sheet(sheet.path, tmp_path / "none.csv")).what
