"""FHIR R4 as cases: what each resource comes to, whose it is, and that none is passed over."""

from __future__ import annotations

import io
import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from tests.fhir import (
    CALCINOSIS,
    DERMATOMYOSITIS,
    Item,
    bundle,
    calcium,
    coded,
    concept,
    condition,
    measured,
    patient,
    resource,
)
from tests.records import about, facts, not_understood, packet, read, remarks

Kg = calcinosis.KnowledgeGraph
WARFARIN = {"text": "warfarin"}
FULL = bundle(
    patient(),
    CALCINOSIS,
    condition("c1", DERMATOMYOSITIS, onsetDateTime="2015"),
    calcium(effectiveDateTime="2020-02-01", referenceRange=[
        {"low": measured(8.5), "high": measured(10.5)}
    ]),
    resource("MedicationStatement", "m1", status="active", medicationCodeableConcept=WARFARIN),
)  # fmt: skip


def label_of(case: Any, where: str) -> list[tuple[bool, str]]:
    return [(fact.affirmed, fact.label) for fact in case.facts if fact.where == where]


# -- what resources come to ------------------------------------------------------------


def test_each_resource_is_a_fact(kg: Kg) -> None:
    case = read(kg, FULL)
    assert (case.id, case.sex, case.calcinosis) == ("p1", "female", "present")
    assert case.age_days == pytest.approx(39 * 365.2425)
    assert {fact.where: fact.label for fact in case.facts if fact.affirmed} == {
        "entry[1].resource": "calcinosis",
        "entry[2].resource": "dermatomyositis",
        "entry[4].resource": "warfarin",
    }
    assert not not_understood(case)
    assert [one.reason for one in case.set_aside] == ["that at the last record, of 2020-02-01"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("confirmed", ""),
        ("refuted", "no dermatomyositis"),
        ("entered-in-error", "entered in error: dropped"),
        ("provisional", "provisional Dermatomyositis"),
        ("differential", "differential Dermatomyositis"),
        ("unconfirmed", "unconfirmed Dermatomyositis"),
        ("surely", "its verification status is surely: not taken"),
    ],
)
def test_the_verification_status_decides(kg: Kg, status: str, said: str) -> None:
    case = read(kg, bundle(patient(), condition("c1", DERMATOMYOSITIS, status=status)))
    if status in ("confirmed", "refuted"):
        assert facts(case) == [said or "dermatomyositis"]
    else:
        assert not case.facts
        assert said in about(case, "entry[1].resource")[0]


@pytest.mark.parametrize(
    ("more", "when"),
    [
        ({}, "at"),
        ({"clinicalStatus": coded("active")}, "at"),
        ({"clinicalStatus": coded("resolved")}, "before"),
        ({"clinicalStatus": coded("remission")}, "before"),
        ({"abatementDateTime": "2019"}, "before"),
        ({"abatementBoolean": False}, "at"),
    ],
)
def test_what_is_over_was_before(kg: Kg, more: Item, when: str) -> None:
    case = read(kg, bundle(patient(), condition("c1", DERMATOMYOSITIS, **more)))
    assert [fact.when for fact in case.facts] == [when]


def test_an_extension_that_may_change_the_meaning_is_heeded(kg: Kg) -> None:
    odd = condition("c1", DERMATOMYOSITIS, modifierExtension=[{"url": "http://x/not"}])
    case = read(kg, bundle(patient(), odd))
    assert not case.facts
    assert "rules beside it may change what it says" in about(case, "entry[1].resource")[0]


def test_sites_of_a_deposit_are_its_sites(kg: Kg) -> None:
    skin = [concept(text="elbow"), concept(text="scalp")]
    assert read(kg, bundle(patient(), {**CALCINOSIS, "bodySite": skin})).sites == ("elbow", "scalp")


def done(kind: str, **more: Any) -> Item:
    key = "code" if kind == "Procedure" else "medicationCodeableConcept"
    word = "kidney transplantation" if kind == "Procedure" else "warfarin"
    return resource(kind, "x", **{key: {"text": word}}, **more)


@pytest.mark.parametrize(
    ("kind", "more", "taken"),
    [
        ("Procedure", {"status": "completed"}, True),
        ("Procedure", {"status": "not-done"}, False),
        ("Procedure", {"status": "preparation"}, False),
        ("Procedure", {"status": "entered-in-error"}, False),
        ("MedicationAdministration", {"status": "completed"}, True),
        ("MedicationAdministration", {"status": "not-done"}, False),
        ("MedicationStatement", {"status": "active"}, True),
        ("MedicationStatement", {"status": "not-taken"}, False),
        ("MedicationRequest", {"status": "active", "intent": "order"}, True),
        ("MedicationRequest", {"status": "active", "intent": "proposal"}, False),
        ("MedicationRequest", {"status": "active", "doNotPerform": True}, False),
        ("MedicationDispense", {"status": "completed"}, True),
    ],
)
def test_only_what_was_done_counts(kg: Kg, kind: str, more: Item, taken: bool) -> None:
    case = read(kg, bundle(patient(), done(kind, **more)))
    assert bool(case.facts) is taken
    assert bool(about(case, "entry[1].resource")) is not taken


def test_a_medication_is_looked_up(kg: Kg) -> None:
    reference: Item = {"medicationReference": {"reference": "Medication/m"}}
    medication = {"resourceType": "Medication", "id": "m", "code": WARFARIN}
    given = resource("MedicationAdministration", "x", status="completed", **reference)
    assert facts(read(kg, bundle(patient(), given, medication))) == ["warfarin"]
    inside = {**given, "medicationReference": {"reference": "#m"}, "contained": [medication]}
    assert facts(read(kg, bundle(patient(), inside))) == ["warfarin"]


@pytest.mark.parametrize(
    ("route", "known", "unknown"),
    [
        ("intravenous", ["intravenous calcium gluconate"], []),
        ("Subcutaneous route", [], ["subcutaneous calcium gluconate"]),
        ("oral", ["oral calcium supplement"], []),
    ],
)
def test_a_route_that_the_term_does_not_have_names_another_thing(
    kg: Kg, route: str, known: list[str], unknown: list[str]
) -> None:
    text, code = {"text": "calcium gluconate"}, {"id": "x:1", "label": "calcium gluconate"}
    given = resource(
        "MedicationAdministration",
        "x",
        status="completed",
        medicationCodeableConcept=text,
        dosage={"route": {"text": route}},
    )
    by_class = {"id": "x:2", "label": route}
    treatment = {"agent": code, "routeOfAdministration": by_class}
    actions = packet(medicalActions=[{"treatment": treatment}])
    for case in (read(kg, bundle(patient(), given)), read(kg, actions)):
        assert [fact.label for fact in case.facts if fact.affirmed] == known
        assert [one.what for one in not_understood(case)] == unknown


# -- observations ----------------------------------------------------------------------


def levels(kg: Kg, *observations: Item) -> set[str]:
    case = read(kg, bundle(patient(), *observations))
    return {fact.label for fact in case.facts if fact.affirmed}


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ({"valueQuantity": measured(14.2)}, "hypercalcaemia"),
        ({"valueQuantity": measured(3.6, "mmol/L")}, "hypercalcaemia"),
        ({"valueQuantity": {"value": 14.2, "unit": "mg/dl"}}, "hypercalcaemia"),
        ({"valueQuantity": {**measured(14.2), "comparator": ">"}}, "hypercalcaemia"),
        ({"valueString": "14.2 mg/dL"}, "hypercalcaemia"),
        ({"valueString": "low"}, "hypocalcaemia"),
        ({"valueCodeableConcept": {"text": "Low"}}, "hypocalcaemia"),
        ({"interpretation": [coded("H")]}, "hypercalcaemia"),
        ({"interpretation": coded("LL")}, "hypocalcaemia"),
    ],
)
def test_values_come_in_many_forms(kg: Kg, more: Item, level: str) -> None:
    assert level in levels(kg, calcium(value=None, effectiveDateTime="2020-01-01", **more))


def test_a_panel_is_its_components(kg: Kg) -> None:
    parts = [
        {"code": concept("LOINC:17861-6|Calcium"), "valueQuantity": measured(14.2)},
        {"code": concept("LOINC:2777-1|Phosphate"), "dataAbsentReason": concept(text="unknown")},
    ]
    whole = resource("Observation", "o", status="final", code=concept(text="minerals"),
                     component=parts, effectiveDateTime="2020-01-01")  # fmt: skip
    case = read(kg, bundle(patient(), whole))
    assert label_of(case, "entry[1].resource.component[0]") == [(True, "hypercalcaemia")]
    (remark,) = case.uninterpreted
    assert (remark.where, remark.reason) == (
        "entry[1].resource.component[1]", "there is no value",
    )  # fmt: skip


def test_presence_is_a_finding(kg: Kg) -> None:
    def seen(**value: Any) -> Item:
        return resource("Observation", "o", status="final", code={"text": "skin ulcer"}, **value)

    for value in ({"valueBoolean": False}, {"valueCodeableConcept": concept("LOINC:LA9634-2|x")}):
        assert facts(read(kg, bundle(patient(), seen(**value)))) == ["no skin ulcer"]
    answer = {"text": "physical finding"}, {"text": "skin ulcer"}
    named = resource("Observation", "o", status="final", code=answer[0],
                     valueCodeableConcept=answer[1])  # fmt: skip
    (fact,) = read(kg, bundle(patient(), named)).facts
    assert (str(fact), fact.note) == ("skin ulcer", "observed: physical finding")


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered"])
def test_an_observation_that_does_not_stand_is_listed(kg: Kg, status: str) -> None:
    case = read(kg, bundle(patient(), {**calcium(value=14.2), "status": status}))
    assert not case.facts
    assert f"{status}: not taken" in about(case, "entry[1].resource")[0]


def test_a_range_that_is_not_for_this_patient_is_not_used(kg: Kg) -> None:
    ranges = [
        {"type": coded("normal"), "low": measured(8.5), "high": measured(10.5)},
        {"type": coded("therapeutic"), "low": measured(2), "high": measured(3)},
    ]
    found = calcium(referenceRange=ranges, effectiveDateTime="2020")
    assert not levels(kg, found)
    twice = calcium(referenceRange=[ranges[0], ranges[0]], effectiveDateTime="2020")
    (fact, *_) = read(kg, bundle(patient(), twice)).facts
    assert "2 reference ranges" in fact.note


# -- whose it is -----------------------------------------------------------------------


def test_each_patient_is_a_case(kg: Kg) -> None:
    other = {**condition("c9", DERMATOMYOSITIS), "subject": {"reference": "Patient/p2"}}
    given = bundle(other, patient("p1"), patient("p2"), CALCINOSIS)
    result = kg.classify(given)
    assert {v.case.id: facts(v.case) for v in result.cases} == {
        "p2": ["dermatomyositis"],
        "p1": ["calcinosis"],
    }


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p1",
        "https://example.org/fhir/Patient/p1",
        "https://other.org/Patient/p1/_history/3",
    ],
)
def test_references_are_resolved(kg: Kg, reference: str) -> None:
    one = {**condition("c1", DERMATOMYOSITIS), "subject": {"reference": reference}}
    assert facts(read(kg, bundle(one, patient()))) == ["dermatomyositis"]


def test_a_uuid_is_resolved(kg: Kg) -> None:
    entries = [
        {"fullUrl": "urn:uuid:77", "resource": patient("")},
        {"resource": {**condition("c", DERMATOMYOSITIS), "subject": {"reference": "urn:uuid:77"}}},
    ]
    case = read(kg, {"resourceType": "Bundle", "entry": entries})
    assert (case.id, facts(case)) == ("77", ["dermatomyositis"])


def test_what_names_no_patient_is_refused_among_several(kg: Kg) -> None:
    lost = {key: value for key, value in CALCINOSIS.items() if key != "subject"}
    result = kg.classify(bundle(patient("p1"), patient("p2"), lost))
    assert [v.case.calcinosis for v in result.cases] == ["unknown", "unknown"]
    (error,) = result.refused
    assert "Condition: no patient is named, and there are several" in str(error)
    assert read(kg, bundle(patient("p1"), lost)).calcinosis == "present"


# -- nothing is passed over ------------------------------------------------------------


def test_other_kinds_and_fields_are_counted(kg: Kg) -> None:
    case = read(
        kg,
        bundle(
            patient(name=[{"family": "Secret"}]),
            resource("Encounter", "e"),
            resource("Encounter", "f"),
            resource("Claim", "g"),
            {**CALCINOSIS, "recorder": {"reference": "Practitioner/1"}},
        ),
    )
    assert about(case, "") == [
        "Encounter (2), Claim: resources of kinds that are not read",
        "Patient.name, Condition.recorder: fields that are not read",
    ]
    assert not any("Secret" in one.what for one in remarks(case))


def test_codes_that_name_different_things_are_said(kg: Kg) -> None:
    code = concept("SNOMEDCT:396230008|", "ICD10CM:L94.2|Calcinosis cutis")
    case = read(kg, bundle(patient(), condition("c1", code)))
    assert facts(case) == ["dermatomyositis"]
    assert any("the first counts" in one for one in about(case, "entry[1].resource"))


def test_the_first_code_that_is_understood_counts(kg: Kg) -> None:
    code = {
        "coding": [
            {"system": "urn:oid:1.2.3", "code": "77", "display": "house code"},
            *DERMATOMYOSITIS["coding"],
        ]
    }
    assert facts(read(kg, bundle(patient(), condition("c1", code)))) == ["dermatomyositis"]


def test_what_is_not_ours_is_listed_by_code_and_label(kg: Kg) -> None:
    code = concept("SNOMEDCT:444814009|Viral sinusitis (disorder)")
    (remark,) = not_understood(read(kg, bundle(patient(), condition("c1", code))))
    assert remark.what == "SNOMEDCT:444814009 ! Viral sinusitis (disorder)"


@pytest.mark.parametrize("value", [3, None, [], {}, "x", [3], [[]], {"coding": 3}, {"text": []}])
@pytest.mark.parametrize(
    "key",
    ["code", "verificationStatus", "clinicalStatus", "bodySite", "subject", "contained",
     "component", "valueQuantity", "referenceRange", "interpretation", "status", "stage",
     "medicationReference", "id", "resourceType"],
)  # fmt: skip
def test_nonsense_breaks_nothing(kg: Kg, key: str, value: Any) -> None:
    given = [{**one, key: value} for one in (CALCINOSIS, calcium(), done("MedicationStatement"))]
    result = kg.classify([bundle(patient(), *given), {"id": "beside"}])
    assert "beside" in [one.case.id for one in result.cases]
    assert not any("fault of ours" in str(error) for error in result.refused)
    assert len(result.cases) + len(result.refused) >= 2


# -- NDJSON ----------------------------------------------------------------------------


def as_lines(*resources: Item) -> str:
    return "".join(json.dumps(one) + "\n" for one in resources)


def of(name: str) -> list[Item]:
    subject = {"reference": f"Patient/{name}"}
    found = [{**one, "subject": subject} for one in (CALCINOSIS, calcium(value=14.2))]
    return [patient(name), *found]


def test_lines_in_any_order_come_to_their_patients(kg: Kg, tmp_path: Path) -> None:
    lines = [*of("a"), *of("b"), *of("c")]
    random.Random(1).shuffle(lines)
    path = tmp_path / "all.ndjson"
    path.write_text(as_lines(*lines))
    result = kg.classify(path)
    expected = facts(read(kg, bundle(*of("a"))))
    assert sorted(v.case.id for v in result.cases) == ["a", "b", "c"]
    assert all(facts(v.case) == expected for v in result.cases)
    first = result.cases[0].case
    assert all(fact.where.startswith(f"{path}, line ") for fact in first.facts)


def test_a_bulk_export_is_put_together_over_its_files(kg: Kg, tmp_path: Path) -> None:
    reference: Item = {"medicationReference": {"reference": "Medication/m"}}
    given = resource("MedicationAdministration", "x", "a", status="completed", **reference)
    medication = {"resourceType": "Medication", "id": "m", "code": WARFARIN}
    files = {
        "Patient": [patient("a"), patient("b")],
        "Condition": [one for name in "ab" for one in of(name) if one["id"] == "c0"],
        "Medication": [medication],
        "MedicationAdministration": [given],
        "Encounter": [resource("Encounter", "e", "b"), resource("Encounter", "f", "b")],
    }
    for name, resources in files.items():
        (tmp_path / f"{name}.ndjson").write_text(as_lines(*resources))
    result = kg.classify(tmp_path)
    assert {v.case.id: facts(v.case) for v in result.cases} == {
        "a": ["calcinosis", "warfarin"],
        "b": ["calcinosis"],
    }
    by_id = {v.case.id: v.case for v in result.cases}
    assert any("Encounter (2)" in one.what for one in by_id["b"].set_aside)


def test_bundles_by_line_and_standard_input(kg: Kg, monkeypatch: pytest.MonkeyPatch) -> None:
    text = as_lines(bundle(*of("a")), bundle(*of("b")))
    for given in (text, json.dumps(bundle(*of("a"))), as_lines(*of("a"))):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        result = kg.classify("-", kind="fhir")
        assert not result.refused
        assert result.cases[0].case.calcinosis == "present"


def test_a_line_without_a_patient_is_refused_alone(kg: Kg, tmp_path: Path) -> None:
    lost = {key: value for key, value in CALCINOSIS.items() if key != "subject"}
    path = tmp_path / "a.ndjson"
    path.write_text(as_lines(*of("a"), lost))
    result = kg.classify(path)
    assert [v.case.id for v in result.cases] == ["a"]
    (error,) = result.refused
    assert str(error).startswith(f"{path}, line 4: it names no patient")


@pytest.mark.parametrize(
    ("given", "what", "cure"),
    [
        ({"resourceType": "Bundl", "entry": [{"resource": patient()}]}, "'Bundl'", "for Bundle"),
        ({"resourceType": "Conditon", "id": "c"}, "'Conditon'", "meant for Condition"),
        (resource("Encounter", "e"), "'Encounter'", "Give the Patient"),
        ({"resourceType": "Encounter", "id": "e"}, "'Encounter'", "Give the Patient"),
        (bundle(resource("Encounter", "e")), "'Encounter'", "Give the Patient"),
    ],
)
@pytest.mark.parametrize("ending", ["json", "ndjson", ""])
def test_what_holds_nothing_of_a_patient_is_refused(
    kg: Kg, tmp_path: Path, given: Item, what: str, cure: str, ending: str
) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_text(json.dumps(given))
    result = kg.classify(path if ending else given)
    assert not result.cases
    (error,) = result.refused
    assert what in error.what
    assert cure in error.cure
    assert error.where.startswith(str(path)) or not ending


@pytest.mark.parametrize("beside", [(), (patient("p2"),)])
def test_a_patient_whose_own_record_is_not_there_is_told(kg: Kg, beside: tuple[Item, ...]) -> None:
    given = bundle(*beside, condition("c1", DERMATOMYOSITIS))
    case = next(v.case for v in kg.classify(given).cases if v.case.id == "p1")
    (told,) = [one for one in case.set_aside if "record of the patient" in one.reason]
    assert told.what == "Patient/p1"


def test_a_patient_whose_record_is_there_is_not_told_of(kg: Kg) -> None:
    (verdict,) = kg.classify(FULL).cases
    assert not [one for one in verdict.case.set_aside if "record of the" in one.reason]
