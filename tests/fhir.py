"""Resources of FHIR R4 for tests, written here after what the standard says."""

from __future__ import annotations

from typing import Any

Item = dict[str, Any]

_SYSTEMS = {
    "SNOMEDCT": "http://snomed.info/sct",
    "LOINC": "http://loinc.org",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
}


def concept(*codes: str, text: str = "") -> Item:
    """A CodeableConcept of codes, each as a CURIE and, behind a bar, its display."""
    coding = []
    for one in codes:
        curie, _, display = one.partition("|")
        prefix, _, code = curie.partition(":")
        coding.append({"system": _SYSTEMS[prefix], "code": code, "display": display})
    return {**({"coding": coding} if coding else {}), **({"text": text} if text else {})}


def resource(kind: str, name: str, of: str = "p1", /, **more: Any) -> Item:
    """A resource of a patient."""
    subject = {"subject": {"reference": f"Patient/{of}"}}
    return {"resourceType": kind, "id": name, **subject, **more}


def patient(name: str = "p1", /, **more: Any) -> Item:
    """A patient, born in 1980."""
    return {
        "resourceType": "Patient",
        "id": name,
        "gender": "female",
        "birthDate": "1980-03-01",
        **more,
    }


def condition(name: str, code: Item, *, status: str = "confirmed", **more: Any) -> Item:
    """A condition by its verification status."""
    return resource("Condition", name, code=code, verificationStatus=coded(status), **more)


def coded(code: str) -> Item:
    """A status as R4 has it."""
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/x", "code": code}]}


def calcium(name: str = "o1", value: float | None = 9.1, **more: Any) -> Item:
    """An observation of calcium, in mg/dL."""
    code = concept("LOINC:17861-6|Calcium [Mass/volume] in Serum or Plasma")
    found = resource("Observation", name, status="final", code=code, **more)
    if value is not None:
        found["valueQuantity"] = measured(value)
    return found


def measured(value: object, unit: str = "mg/dL") -> Item:
    """A quantity with its unit in UCUM."""
    system = "http://unitsofmeasure.org"
    return {"value": value, "unit": unit, "system": system, "code": unit}


def bundle(*resources: Item) -> Item:
    """A Bundle of resources, each known by a URL."""
    entries = [
        {"fullUrl": f"https://example.org/fhir/{one['resourceType']}/{one.get('id')}",
         "resource": one}
        for one in resources
    ]  # fmt: skip
    return {"resourceType": "Bundle", "id": "b1", "type": "collection", "entry": entries}


CALCINOSIS = condition("c0", concept("ICD10CM:L94.2|Calcinosis cutis"))
DERMATOMYOSITIS = concept("SNOMEDCT:396230008|Dermatomyositis (disorder)")
