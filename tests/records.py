"""Patient records of other formats for tests, written here after what those formats say."""

from __future__ import annotations

import copy
from typing import Any

import calcinosis
from calcinosis.facts.case import Case, Remark

Item = dict[str, Any]


def read(kg: calcinosis.KnowledgeGraph, given: Any, kind: str = "") -> Case:
    """The one case that a record comes to, words that are not understood left to remarks."""
    result = kg.classify(given, kind=kind)
    assert not result.refused, result.refused
    (verdict,) = result.cases
    return verdict.case


def not_understood(case: Case) -> tuple[Remark, ...]:
    """What a case holds that was not understood."""
    return case.not_understood


def remarks(case: Case) -> list[Remark]:
    """All that gives no fact in a case."""
    return [*case.set_aside, *case.uninterpreted, *not_understood(case)]


def facts(case: Case) -> list[str]:
    """The facts of a case in words, in order."""
    return sorted(map(str, case.facts))


def about(case: Case, where: str) -> list[str]:
    """What remarks say of a place, with what stood there."""
    return [f"{one.what}: {one.reason}" for one in remarks(case) if one.where == where]


def feature(code: str, label: str, **more: Any) -> Item:
    """A phenotypic feature of a phenopacket."""
    return {"type": {"id": code, "label": label}, **more}


def packet(**parts: Any) -> Item:
    """A phenopacket with these parts, else with a patient alone."""
    return {
        "id": "packet-1",
        "subject": {
            "id": "packet-1",
            "sex": "FEMALE",
            "timeAtLastEncounter": {"age": {"iso8601duration": "P44Y"}},
        },
        "metaData": {"created": "2024-05-01T00:00:00Z", "phenopacketSchemaVersion": "2.0"},
        **copy.deepcopy(parts),
    }


def quantity(value: object, unit: str, low: object = None, high: object = None) -> Item:
    """A measured value of a phenopacket."""
    code = {"id": f"UCUM:{unit}", "label": unit}
    found: Item = {"unit": code, "value": value}
    if (low, high) != (None, None):
        found["referenceRange"] = {"unit": code, "low": low, "high": high}
    return {"quantity": found}


CALCINOSIS = feature("HP:0025520", "Calcinosis cutis")
CALCIUM = {"id": "LOINC:17861-6", "label": "Calcium [Mass/volume] in Serum or Plasma"}
DERMATOMYOSITIS = {"id": "MONDO:0016367", "label": "dermatomyositis"}
