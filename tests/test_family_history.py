"""What records say of relatives is no fact about the patient, and is listed with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis.facts.case import Case
from tests.fhir import bundle, concept, condition, patient, resource
from tests.records import packet, read

Kg = calcinosis.KnowledgeGraph
DISEASE = concept("SNOMEDCT:396230008|Dermatomyositis (disorder)")
FAMILY = "SNOMEDCT:416471007|Family history of clinical finding (situation)"


def is_set_aside(case: Case, word: str) -> bool:
    """Whether nothing but a remark comes of it, with the reason."""
    told = [one for one in case.set_aside if "another person" in one.reason and word in one.what]
    return not case.facts and not case.not_understood and len(told) == 1


@pytest.mark.parametrize(
    "code",
    [
        concept(FAMILY),
        concept("SNOMEDCT:416471007"),
        concept("LOINC:10157-6|History of family member diseases Narrative"),
        concept("LOINC:54114-4"),
        concept("SNOMEDCT:1|Family history of disorder"),
        concept(text="Family history"),
        concept(text="FHx:"),
        concept(text="disease of the mother"),
    ],
)
@pytest.mark.parametrize("answer", [DISEASE, concept(text="dermatomyositis")])
def test_an_answer_to_a_question_about_relatives(kg: Kg, code: Any, answer: Any) -> None:
    asked = resource("Observation", "o", status="final", code=code, valueCodeableConcept=answer)
    case = read(kg, bundle(patient(), asked))
    assert is_set_aside(case, "ermatomyositis"), case


def test_whether_a_relative_has_it(kg: Kg) -> None:
    code = concept("SNOMEDCT:396230008|Family history of dermatomyositis (situation)")
    asked = resource("Observation", "o", status="final", code=code, valueBoolean=True)
    assert is_set_aside(read(kg, bundle(patient(), asked)), "ermatomyositis")


@pytest.mark.parametrize(
    "code",
    [
        concept("SNOMEDCT:396230008|Family history of dermatomyositis (situation)"),
        concept("SNOMEDCT:396230008|Dermatomyositis", text="family history of dermatomyositis"),
        concept(text="FH of dermatomyositis"),
        concept(text="dermatomyositis in her sister"),
    ],
)
def test_a_condition_of_a_relative(kg: Kg, code: Any) -> None:
    assert is_set_aside(read(kg, bundle(patient(), condition("c", code))), "ermatomyositis")


def test_a_family_member_history_is_not_read(kg: Kg) -> None:
    history = {
        "resourceType": "FamilyMemberHistory",
        "id": "f",
        "patient": {"reference": "Patient/p1"},
        "relationship": concept(text="mother"),
        "condition": [{"code": DISEASE}],
    }
    case = read(kg, bundle(patient(), history))
    assert not case.facts
    assert "FamilyMemberHistory" in [one.what for one in case.set_aside]


def test_a_feature_of_a_relative(kg: Kg) -> None:
    feature = {"type": {"id": "MONDO:0016367", "label": "family history of dermatomyositis"}}
    asked = {
        "assay": {"id": "SNOMEDCT:416471007", "label": ""},
        "value": {"ontologyClass": {"id": "MONDO:0016367", "label": "dermatomyositis"}},
    }
    assert is_set_aside(read(kg, packet(phenotypicFeatures=[feature])), "dermatomyositis")
    assert is_set_aside(read(kg, packet(measurements=[asked])), "dermatomyositis")


def test_a_relative_of_a_family_is_not_the_patient(kg: Kg) -> None:
    disease = {"term": {"id": "MONDO:0016367", "label": "dermatomyositis"}}
    relative = packet(diseases=[disease])
    family = {"id": "f", "proband": packet(), "relatives": [relative]}
    case = read(kg, family)
    assert not case.facts
    assert any("a relative" in one.reason for one in case.set_aside)


def test_rows_of_a_kind_that_is_about_relatives(kg: Kg, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("patient_id,kind,name,value\na,family history,dermatomyositis,\n")
    (case,) = kg.classify(path).cases
    assert is_set_aside(case.case, "dermatomyositis")


def test_concepts_about_relatives(kg: Kg, tmp_path: Path) -> None:
    (tmp_path / "person.csv").write_text("person_id,gender_concept_id,year_of_birth\n1,8532,1980\n")
    (tmp_path / "condition_occurrence.csv").write_text(
        "person_id,condition_concept_id,condition_start_date,condition_source_value\n"
        "1,0,2010-01-01,Family history of dermatomyositis\n"
    )
    (tmp_path / "observation.csv").write_text(
        "person_id,observation_concept_id,observation_date,value_as_string\n"
        "1,4167217,2010-01-01,dermatomyositis\n"
    )
    (result,) = kg.classify(tmp_path).cases
    told = [one for one in result.case.set_aside if "another person" in one.reason]
    assert len(told) == 2
    assert not result.case.facts


@pytest.mark.parametrize("word", ["contact dermatitis", "Mother-of-pearl skin", "sister lesions"])
def test_a_word_that_only_begins_so_is_still_the_patients(kg: Kg, word: str) -> None:
    case = read(kg, bundle(patient(), condition("c", concept(text=word))))
    assert [one.what for one in case.not_understood] + [f.words for f in case.facts] == [word]
