"""Tables of OMOP: in any case of their names, by source values and the user's own concepts.

The rows and concepts are those of the synthetic database Eunomia (OHDSI), with a few of ours.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import calcinosis
from calcinosis.api import sheet_map
from calcinosis.errors import CalcinosisError, InputError
from calcinosis.facts.case import Case
from calcinosis.graph.locate import data
from calcinosis.release.check import case_findings
from tests.records import about, facts, remarks
from tests.terminal import run

Kg = calcinosis.KnowledgeGraph

PERSON = """PERSON_ID,GENDER_CONCEPT_ID,YEAR_OF_BIRTH,MONTH_OF_BIRTH,DAY_OF_BIRTH,BIRTH_DATETIME,\
RACE_CONCEPT_ID,PERSON_SOURCE_VALUE,GENDER_SOURCE_VALUE
6,8532,1963,12,31,1963-12-31T00:00:00Z,8516,001f4a87-70d0-435c-a4b9-1425f6928d33,F
123,8507,1950,4,12,1950-04-12T00:00:00Z,8527,052d9254-80e8-428f-b8b6-69518b0ef3f3,M
"""
CONCEPT = """CONCEPT_ID,CONCEPT_NAME,DOMAIN_ID,VOCABULARY_ID,CONCEPT_CLASS_ID,STANDARD_CONCEPT,\
CONCEPT_CODE,VALID_START_DATE,VALID_END_DATE,INVALID_REASON
35208414,"Gastrointestinal hemorrhage, unspecified",Condition,ICD10CM,4-char billing code,,K92.2,\
2007-01-01,2099-12-31,
3024561,Albumin serum/plasma,Measurement,LOINC,Lab Test,S,1751-7,1970-01-01,2099-12-31,
4107731,Subcutaneous immunotherapy,Procedure,SNOMED,Procedure,S,180256009,1970-01-01,2099-12-31,
4240902,Allergy to peanuts,Observation,SNOMED,Clinical Finding,S,91935009,1970-01-01,2099-12-31,
80182,Dermatomyositis,Condition,SNOMED,Clinical Finding,S,396230008,1970-01-01,2099-12-31,
8840,milligram per deciliter,Unit,UCUM,Unit,S,mg/dL,1970-01-01,2099-12-31,
4328749,High,Meas Value,SNOMED,Qualifier Value,S,75540009,1970-01-01,2099-12-31,
"""
CONDITION = """condition_occurrence_id,person_id,condition_concept_id,condition_start_date,\
condition_end_date,condition_status_concept_id,condition_source_value,condition_source_concept_id
"""
MEASUREMENT = """measurement_id,person_id,measurement_concept_id,measurement_date,\
operator_concept_id,value_as_number,value_as_concept_id,unit_concept_id,range_low,range_high,\
measurement_source_value,unit_source_value
"""
OBSERVATION = """OBSERVATION_ID,PERSON_ID,OBSERVATION_CONCEPT_ID,OBSERVATION_DATE,VALUE_AS_NUMBER,\
VALUE_AS_STRING,VALUE_AS_CONCEPT_ID,QUALIFIER_CONCEPT_ID,UNIT_CONCEPT_ID,OBSERVATION_SOURCE_VALUE,\
QUALIFIER_SOURCE_VALUE
"""
PROCEDURE = """PROCEDURE_OCCURRENCE_ID,PERSON_ID,PROCEDURE_CONCEPT_ID,PROCEDURE_DATE,QUANTITY,\
PROCEDURE_SOURCE_VALUE,PROCEDURE_SOURCE_CONCEPT_ID,MODIFIER_SOURCE_VALUE
"""
DRUG = """drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,stop_reason,\
drug_source_value,route_source_value
"""


def write(folder: Path, **tables: str) -> Path:
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def read(kg: Kg, folder: Path, **tables: str) -> dict[str, Case]:
    result = kg.classify(write(folder, **tables))
    assert not result.refused, result.refused
    return {verdict.case.id: verdict.case for verdict in result.cases}


def refused(kg: Kg, folder: Path, **tables: str) -> str:
    return "\n".join(map(str, kg.classify(write(folder, **tables)).refused))


def test_a_folder_is_a_database_whatever_the_case_of_its_names(kg: Kg, tmp_path: Path) -> None:
    cases = read(
        kg,
        tmp_path,
        PERSON=PERSON,
        Condition_Occurrence=CONDITION
        + "1,6,0,2009-01-01,,,M33.1,0\n2,123,0,2010-01-01,,,calcinosis cutis,0\n",
        MEASUREMENT=MEASUREMENT.upper()
        + "1,6,0,2010-05-01,,14.000,0,0,8.500,10.500,17861-6,mg/dL\n"
        + "2,6,0,2012-05-01,4171756,0.5,0,0,2.5,4.5,Phosphate,mg/dL\n"
        + "3,6,0,2011-05-01,4172703,9.1,0,0,8.5,10.5,17861-6,mg/dL\n",
        drug_exposure=DRUG + "7,123,0,2008-03-01,,warfarin,oral\n",
        DEATH="PERSON_ID,DEATH_DATE\n6,2020-01-01\n",
    )
    a, b = cases["6"], cases["123"]
    assert (a.sex, b.sex, a.calcinosis, b.calcinosis) == ("female", "male", "unknown", "present")
    assert a.age_days == pytest.approx(48 * 365.2425)
    assert facts(b) == ["calcinosis", "warfarin"]
    assert "dermatomyositis" in facts(a)
    assert [one for one in facts(a) if "calcium" in one] == [
        "total serum calcium 9.1 mg/dL is normal (8.5–10.5 mg/dL, the case's own interval)"
    ]
    assert any("phosphate <0.5 mg/dL is low" in one for one in facts(a))
    assert "14.000 mg/dL (2010-05-01)" in " ".join(one.what for one in a.set_aside)
    assert ("DEATH.csv", "tables that are not read") in {(o.what, o.reason) for o in a.set_aside}


def test_columns_that_are_known_and_not_read_are_named_once_a_table(
    kg: Kg, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tables = {
        "person": "person_id,gender_concept_id,year_of_birth,race_source_value,provider_id\n"
        "6,8532,1963,x,\n7,8532,1964,y,3\n",
        "drug_exposure": "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,"
        "drug_source_value,route_source_value,quantity,sig,mine\n"
        "1,6,0,2009-01-01,warfarin,oral,30,daily,z\n",
    }
    case = read(kg, tmp_path, **tables)["6"]
    assert sorted(record.getMessage() for record in caplog.records) == [
        f"{tmp_path / 'drug_exposure.csv'}: columns that are not read: quantity, sig",
        f"{tmp_path / 'person.csv'}: columns that are not read: race_source_value, provider_id",
    ]
    reason = "columns that are not read"
    assert ("drug_exposure.mine", reason) in {(one.what, one.reason) for one in case.set_aside}


def test_a_concept_is_read_by_the_users_own_table_alone(kg: Kg, tmp_path: Path) -> None:
    rows = CONDITION + "1,6,80182.0,2010-01-01,,,,0\n2,6,35208414,2010-01-01,,,,0\n"
    labs = MEASUREMENT + "1,6,3024561,2010-01-01,,2.0,0,8713,,,,g/dL\n"
    tables = {"person": PERSON, "condition_occurrence": rows, "measurement": labs}
    without = read(kg, tmp_path, **tables)["6"]
    assert [one.what for one in without.not_understood] == ["OMOP:80182", "OMOP:35208414"]
    assert facts(without) == []
    assert "OMOP:3024561: 2.0 g/dL" in {one.what for one in without.set_aside}
    known = read(kg, tmp_path, **tables, CONCEPT=CONCEPT)["6"]
    assert "dermatomyositis" in facts(known)
    (unknown,) = known.not_understood
    assert "Gastrointestinal hemorrhage, unspecified" in unknown.what
    assert any("2.0 g/dL is low" in one for one in facts(known))


def test_concepts_come_as_athena_writes_them(kg: Kg, tmp_path: Path) -> None:
    lines = [
        "concept_id\tconcept_name\tvocabulary_id\tconcept_code",
        '99\t"Open \t',
        "80182\tDermatomyositis\tSNOMED\t396230008",
    ]
    rows = CONDITION + "1,6,80182,2010-01-01,,,,0\n"
    write(tmp_path, condition_occurrence=rows)
    (tmp_path / "CONCEPT.tsv").write_text("\n".join(lines))
    (verdict,) = kg.classify(tmp_path).cases
    assert facts(verdict.case) == ["dermatomyositis"]
    assert any("PERSON does not have" in one.reason for one in verdict.case.set_aside)


def test_status_and_end_tell_when_a_condition_was(kg: Kg, tmp_path: Path) -> None:
    rows = [
        "1,6,0,2001-01-01,2002-01-01,,dermatomyositis,0",  # over before the last record
        "2,6,0,2003-01-01,2003-01-01,,gout,0",  # recorded on one day
        "3,6,0,2004-01-01,,32899,systemic sclerosis,0",  # preliminary
        "4,6,0,2005-01-01,,4188893,scrotal calcinosis,0",  # history of
        "5,6,0,2009-01-01,2009-02-01,,calcinosis cutis,0",  # the last record
    ]
    case = read(kg, tmp_path, condition_occurrence=CONDITION + "\n".join(rows))["6"]
    whens = {fact.label: fact.when for fact in case.facts}
    assert whens["dermatomyositis"] == whens["scrotal calcinosis"] == "before"
    assert whens["calcinosis"] == "at"
    assert [one.what for one in case.not_understood] == ["provisional systemic sclerosis"]


def test_an_observation_is_no_diagnosis_of_the_patient(kg: Kg, tmp_path: Path) -> None:
    """What a value names may be a relative's; a qualifier may deny."""
    rows = [
        "1,6,4167217,2010-01-01,,,80182,0,0,Family history,",
        "2,6,0,2010-01-01,,,,0,0,skin ulcer,",
        "3,6,0,2010-01-01,,,,0,0,hypercalcaemia,suspected",
        "4,6,0,2010-01-01,,No,,0,0,calcinosis cutis,",
        "5,6,4240902,1973-07-05,,,0,0,0,91935009,",
        "6,6,0,2010-01-01,,,,4132135,0,hyperphosphataemia,",
    ]
    text = OBSERVATION + "\n".join(rows)
    case = read(kg, tmp_path, OBSERVATION=text, concept=CONCEPT)["6"]
    assert [fact.label for fact in case.facts if fact.affirmed] == ["skin ulcer"]
    assert case.calcinosis == "absent"
    place = f"{tmp_path / 'OBSERVATION.csv'}, row "
    assert about(case, f"{place}4") == [
        "hypercalcaemia (suspected): a qualifier beside it may change what it says: not taken"
    ]
    said = " ".join(one.what for one in remarks(case))
    assert "Dermatomyositis" in said
    assert "concept 4132135" in said


def test_a_value_keeps_what_it_means(kg: Kg, tmp_path: Path) -> None:
    rows = [
        "1,6,0,2010-01-01,999,14.0,0,0,8.5,10.5,Calcium,mg/dL",  # an operator nobody knows
        "2,6,0,2010-01-01,,,4328749,0,,,Phosphate,",  # a level as a concept
        "3,6,0,2010-01-01,,3.0,0,8840,,,Magnesium,",  # a unit as a concept
    ]
    tables = {"measurement": MEASUREMENT + "\n".join(rows), "concept": CONCEPT}
    case = read(kg, tmp_path, **tables)["6"]
    assert "hypercalcaemia" not in facts(case)
    assert any("operator concept 999" in one.what for one in remarks(case))
    assert any("hyperphosphataemia" in (fact.label or "") for fact in case.facts)
    assert not any("no unit" in one.reason for one in remarks(case) if "Magnesium" in one.what)


def test_tables_that_are_named_one_by_one_are_read_together(
    kg: Kg, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, person=PERSON, condition_occurrence=CONDITION + "1,6,0,2010-01-01,,,gout,0\n")
    paths = [str(tmp_path / "person.csv"), str(tmp_path / "condition_occurrence.csv")]
    result = kg.classify(paths)
    assert [verdict.case.id for verdict in result.cases] == ["6", "123"]
    assert not result.refused
    for more in ([], ["--from", "omop"]):
        code, out, _ = run(["classify", *paths, *more, "-f", "csv"], capsys)
        assert code == 0
        assert {line.split(",")[0] for line in out.splitlines()[1:]} == {"6", "123"}
    findings = case_findings(data("ontology"), paths)
    assert not [one for one in findings if one.severity == "error"]


def test_the_rows_of_eunomia_are_read(kg: Kg, tmp_path: Path) -> None:
    cases = read(
        kg,
        tmp_path,
        PERSON=PERSON,
        OBSERVATION=OBSERVATION + "25197,6,4323208,1960-06-07,,,0,0,0,428251008,\n",
        PROCEDURE_OCCURRENCE=PROCEDURE
        + "3554,123,4107731,1992-02-01,,180256009,4107731,\n"
        + "4490,123,4107731,1993-10-25,,180256009,4107731,\n",
        CONCEPT=CONCEPT,
    )
    said = [one.what for one in remarks(cases["123"])]
    assert sum("180256009" in one for one in said) >= 1
    assert any("once more" in one.reason for one in cases["123"].set_aside)
    assert "a date of birth" in [one.what for one in cases["6"].set_aside]  # recorded before it


# -- what is refused -------------------------------------------------------------------

ROW = "1,6,0,2010-01-01,,,gout,0\n"
HOSTILE = {
    "more cells": (CONDITION + "1,6,0,2010-01-01,,,gout,acute,0\n", "more cells than headings"),
    "nobody": (CONDITION + "1,,0,2010-01-01,,,gout,0\n", "names no person"),
    "no rows": (CONDITION, "no row of a person"),
    "twice": (CONDITION.replace("condition_end_date", "person_id") + ROW, "'person_id'"),
    "a huge cell": (CONDITION + f"1,6,0,,,,{'g' * 200_000},0\n", "cannot be read"),
    "null signs": (CONDITION + "1,NULL,0,\\N,,,gout,0\n", "names no person"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_table_is_refused(kg: Kg, tmp_path: Path, name: str) -> None:
    text, what = HOSTILE[name]
    assert what in refused(kg, tmp_path, condition_occurrence=text)


def test_a_person_who_is_two_is_refused(kg: Kg, tmp_path: Path) -> None:
    twice = PERSON + "6,8507,1970,1,1,,8516,other,M\n"
    assert "two rows that disagree" in refused(kg, tmp_path, person=twice)


def test_what_is_not_utf8_refuses_the_database(kg: Kg, tmp_path: Path) -> None:
    """Cases without their conditions would be wrong."""
    write(tmp_path, person=PERSON)
    text = CONDITION + "1,6,0,2010-01-01,,,Sjögren,0\n"
    (tmp_path / "condition_occurrence.csv").write_bytes(text.encode("latin-1"))
    result = kg.classify(tmp_path)
    assert "cannot be read" in str(result.refused[0])
    assert not result.cases


def test_only_tables_of_omop_are_forced(kg: Kg, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,calcinosis\na,yes\n")
    (error,) = kg.classify(path, kind="omop").refused
    assert "no table of OMOP" in str(error)
    (error,) = kg.classify({"id": "a"}, kind="omop").refused
    assert "as CSV" in str(error)


def test_ids_and_values_that_are_absurd_state_nothing(kg: Kg, tmp_path: Path) -> None:
    rows = [
        "1,6,-1,9999-99-99,,nan,0,0,10.5,8.5,17861-6,mg/dL",
        "2,6,1e9,2010-13-01,,1e400,0,0,,,Phosphate,mg/dL",
        "3,6,0,yesterday,,0x10,0,0,low,high,Calcium,mg/dL",
    ]
    case = read(kg, tmp_path, person=PERSON, measurement=MEASUREMENT + "\n".join(rows))["6"]
    assert [fact for fact in case.facts if fact.affirmed] == []
    assert case.age_days is None


def test_a_table_of_omop_takes_no_mapping(kg: Kg, tmp_path: Path) -> None:
    path = write(tmp_path, condition_occurrence=CONDITION + ROW) / "condition_occurrence.csv"
    with pytest.raises(InputError, match="needs no mapping"):
        sheet_map(kg, path)


@pytest.mark.parametrize("as_folder", [True, False])
def test_parquet_says_how_to_make_csv(kg: Kg, tmp_path: Path, as_folder: bool) -> None:
    path = tmp_path / "PERSON.parquet"
    path.write_bytes(b"PAR1")
    (error,) = kg.classify(tmp_path if as_folder else path).refused
    assert isinstance(error, CalcinosisError)
    assert "this Parquet file is not read" in str(error)
    assert "PERSON.csv" in str(error)


@pytest.mark.slow
def test_parquet_holds_what_csv_holds(kg: Kg, tmp_path: Path) -> None:
    """Also with typed columns, as databases write them."""
    import pandas as pd

    rows = CONDITION + "1,6,80182,2010-01-01,,,,\n2,123,0,2011-05-01,,,gout,0\n"
    for name in ("csv", "parquet"):
        (tmp_path / name).mkdir()
    write(tmp_path / "csv", person=PERSON, condition_occurrence=rows, concept=CONCEPT)
    for path in (tmp_path / "csv").iterdir():
        frame = pd.read_csv(path)
        for column in frame.columns[frame.columns.str.contains("_date")]:
            frame[column] = pd.to_datetime(frame[column]).dt.date
        frame.to_parquet(tmp_path / "parquet" / f"{path.stem.upper()}.parquet")
    ours, theirs = (kg.classify(tmp_path / name) for name in ("csv", "parquet"))
    assert not theirs.refused
    told = [[(f.label, f.affirmed) for f in one.case.facts] for one in ours.cases]
    assert [[(f.label, f.affirmed) for f in one.case.facts] for one in theirs.cases] == told
    assert "dermatomyositis" in dict(told[0])
    named = kg.classify(sorted((tmp_path / "parquet").iterdir()))
    assert [one.case.id for one in named.cases] == [one.case.id for one in ours.cases]


@pytest.mark.parametrize(("word", "sex"), [("männlich", "male"), ("Woman", "female")])
def test_the_sex_is_read_as_in_sheets(kg: Kg, tmp_path: Path, word: str, sex: str) -> None:
    person = f"person_id,gender_concept_id,year_of_birth,gender_source_value\n1,0,1980,{word}\n"
    write(tmp_path, person=person)
    (verdict,) = kg.classify(tmp_path).cases
    assert verdict.case.sex == sex
