"""A case as a phenopacket and back: the same facts and verdicts, but for what is said to be left.

The law: what is read of the phenopacket of a case is what is read of the case without what
``left_out`` names. Other programs lie between, so that it goes through protobuf.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from google.protobuf.json_format import MessageToDict, Parse
from hypothesis import HealthCheck, given, settings
from phenopacket_toolkit.io.readers import loads
from phenopacket_toolkit.ops.validation import validate
from phenopackets import Phenopacket

from calcinosis import names
from calcinosis.facts.case import Case
from calcinosis.facts.records.qualifiers import (
    AS_CAUSE,
    AT_DEPOSIT,
    MEASURED,
    NOT_KNOWN,
    TIMES,
    UNNAMED,
)
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import viewpoints
from calcinosis.output.exchange.phenopacket import left_out, packets
from tests import strategies
from tests.records import read
from tests.shared import examples, few, graph

Item = dict[str, Any]


def written(case: Item) -> Item:
    """The phenopacket of a case, as it comes out of another program."""
    kg = graph()
    (packet,) = packets(kg.ontology, kg.explain(case))
    return dict(MessageToDict(Parse(json.dumps(packet), Phenopacket())))


def left(case: Item) -> list[str]:
    """The places of what a phenopacket of a case leaves out."""
    return [one.where for one in left_out(graph().ontology, read(graph(), case))]


def without_left(case: Item) -> Item:
    """The case without what its phenopacket leaves out, or with what it holds instead."""
    found: Any = copy.deepcopy(case)
    gone: list[tuple[list[Any], Any]] = []
    for one in left_out(graph().ontology, read(graph(), case)):
        place = found
        *path, last = [int(p) if p.isdigit() else p for p in re.findall(r"[a-z_]+|\d+", one.where)]
        for step in path:
            place = place[step]
        if one.instead is not None:
            place[last] = copy.deepcopy(one.instead)
        elif isinstance(place, list):
            gone.append((place, place[last]))
        else:
            place.pop(last)
    for items, item in gone:
        items[:] = [one for one in items if one is not item]
    return dict(found)


def said(case: Case) -> set[tuple[object, ...]]:
    """What a case states, however it came to be said."""
    return {(one.affirmed, one.property, one.term, one.when) for one in case.facts}


def standings(case: Item, viewpoint: str = names.DEFAULT_VIEWPOINT) -> list[tuple[object, ...]]:
    """What the subtypes of a case are said to be."""
    rows = graph(viewpoint).classify(case).rows()
    return [(row["subtype"], row["verdict"], row["presumed"]) for row in rows]


def holds(case: Item, under: Iterable[str]) -> None:
    """The law for one case, its verdicts under some viewpoints."""
    packet, kept = written(case), without_left(case)
    again, wanted = read(graph(), packet), read(graph(), kept)
    implied = (True, names.HAS_CONDITION, names.CALCINOSIS, "at")  # by each kind of it
    assert said(again) - {implied} == said(wanted) - {implied}
    assert (again.sex or "unknown", again.age_days) == (wanted.sex or "unknown", wanted.age_days)
    assert again.sites == wanted.sites
    for viewpoint in under:
        assert standings(packet, viewpoint) == standings(kept, viewpoint), viewpoint


DEPOSIT: Item = {"id": "a", "age": "40 years", "calcinosis": {"status": "present"}}
CALCIUM: Item = {"test": "total serum calcium", "value": 3.1, "unit": "mmol/L"}
WHOLE: list[Item] = [
    {"calcinosis": {"status": "present", "sites": ["hand", "scalp"]}},
    {"conditions": [{"term": "burn scar", "at_deposit": True}, "trauma"]},
    {"conditions": [{"term": "burn scar", "at_deposit": False}]},
    {"conditions": [{"term": "dermatomyositis", "cause": False}]},
    {"conditions": [{"term": "dermatomyositis", "cause": True, "when": "before"}]},
    {"conditions": ["dermatomyositis", {"term": "dermatomyositis", "cause": False}]},
    {"conditions": ["a thing of the moon", {"term": "moon scar", "at_deposit": True}]},
    {"conditions": [{"term": "condition", "note": "a thing", "cause": False}]},
    {"interventions": [{"term": "intravenous calcium gluconate", "at_deposit": True}]},
    {"interventions": [{"term": "intravenous calcium gluconate", "at_deposit": False}]},
    {"interventions": [{"term": "intravenous calcium gluconate", "cause": True}]},
    {"interventions": [{"term": "haemodialysis", "when": "before"}, "warfarin"]},
    {"findings": [{"term": "hypercalcaemia", "when": "before"}]},
    {"findings": ["hypercalcaemia"], "labs": [{"test": "calcium", "level": "high"}]},
    {"excluded": ["sarcoidosis", "hypercalcaemia", "skin ulcer"]},
    {"labs": [CALCIUM]},
    {"labs": [{**CALCIUM, "interval": [2.1, 2.6]}]},
    {"labs": [{**CALCIUM, "when": "before"}, {"test": "serum phosphate", "level": "normal"}]},
    {"labs": [CALCIUM, {"test": "albumin", "value": 30, "unit": "g/L"}]},
    {"labs": [{"test": "calcium", "level": "not raised"}]},
    {"labs": [{"test": "calcium", "value": "WNL"}]},
]
PARTLY: list[tuple[Item, list[str]]] = [
    ({"excluded": ["haemodialysis"]}, ["excluded[0]"]),
    ({"excluded": [{"term": "burn scar", "at_deposit": True}]}, ["excluded[0]"]),
    ({"excluded": ["tissue damage"]}, ["excluded[0]"]),
    ({"workup_complete": ["tissue damage"]}, ["workup_complete[0]"]),
    ({"interventions": [{"term": "warfarin", "cause": False}]}, ["interventions[0].cause"]),
    ({"interventions": ["a therapy of the moon"]}, ["interventions[0]"]),
    ({"calcinosis": {"status": "present", "sites": ["left antenna"]}}, ["calcinosis.sites[0]"]),
    ({"age": "36 hours"}, ["age"]),
    ({"assume": "nothing"}, ["assume"]),
    ({"labs": [{**CALCIUM, "value": ">3.1"}]}, ["labs[0]"]),
    ({"labs": [{**CALCIUM, "value": "see below"}]}, ["labs[0]"]),
    ({"labs": [{**CALCIUM, "unit": "spoons"}]}, ["labs[0]"]),
    ({"labs": [{**CALCIUM, "interval": [2.1, None]}]}, ["labs[0]"]),
    ({"labs": [{**CALCIUM, "level": "normal"}]}, ["labs[0]"]),
    ({"labs": [{"test": "moon calcium", "value": 3, "unit": "g/L"}]}, ["labs[0]"]),
]


@pytest.mark.parametrize(
    "more", few(WHOLE, WHOLE[0], WHOLE[1], WHOLE[7], WHOLE[15]), ids=json.dumps
)
def test_what_a_phenopacket_can_hold_is_held(more: Item) -> None:
    case = {**DEPOSIT, **more}
    assert left(case) == []
    holds(case, [names.DEFAULT_VIEWPOINT])


@pytest.mark.slow
def test_it_is_judged_the_same_under_every_viewpoint() -> None:
    for more in WHOLE:
        holds({**DEPOSIT, **more}, viewpoints())


@pytest.mark.parametrize(
    "partly", few(PARTLY, PARTLY[0], PARTLY[4], PARTLY[9]), ids=lambda one: json.dumps(one[0])
)
def test_what_it_cannot_hold_is_named(partly: tuple[Item, list[str]]) -> None:
    more, places = partly
    case = {**DEPOSIT, **more}
    assert left(case) == places
    (told,) = json.loads(graph().export("phenopackets", cases=case).files["verdicts.json"])["cases"]
    assert len(told["not_carried"]) == len(places)
    holds(case, [names.DEFAULT_VIEWPOINT])


@pytest.mark.slow
def test_published_cases_come_back() -> None:
    cases = yaml.safe_load((data("examples") / "published" / "cases.yaml").read_text("utf-8"))
    assert len(cases) > 50
    for case in cases:
        holds(case, [names.DEFAULT_VIEWPOINT])


@pytest.mark.slow
@given(strategies.cases())
@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_is_read_again(case: Item) -> None:
    holds(case, viewpoints())


def test_other_programs_read_no_wrong_fact() -> None:
    """What is absent from the deposit alone, or was not done, is no excluded term and no action.

    A bound is no value, and a range that is open above has no end at zero.
    """
    more: Item = {
        "conditions": [{"term": "burn scar", "at_deposit": False}],
        "excluded": [{"term": "acne scar", "at_deposit": True}, "haemodialysis"],
    }
    packet = written({**DEPOSIT, **more})
    assert not [one for one in packet["phenotypicFeatures"] if "excluded" in one]
    assert "medicalActions" not in packet
    for more in ({"value": ">3.1"}, {"interval": [2.1, None]}):
        packet = written({**DEPOSIT, "labs": [{**CALCIUM, **more}]})
        assert "quantity" not in packet["measurements"][0]["value"]


def test_each_code_of_ours_is_a_term_of_the_ontology() -> None:
    ours = {*AT_DEPOSIT.values(), *AS_CAUSE.values(), *TIMES.values(), MEASURED, NOT_KNOWN}
    triples = graph().ontology.triples
    assert {names.CC + name for name in ours} == set(triples.instances(names.CC + "Qualifier"))
    assert {graph().ontology.terms.kind(names.CC + name) for name in UNNAMED.values()} == {
        "condition", "finding",
    }  # fmt: skip


def test_units_and_tests_have_the_codes_that_mean_them() -> None:
    labs = [CALCIUM, {"test": "serum phosphate", "value": 3.5, "unit": "mg/dL"}]
    labs += [{"test": "serum phosphate", "value": 1.2, "unit": "mmol/L", "when": "before"}]
    found = written({**DEPOSIT, "labs": labs})
    told = [
        (one["assay"]["id"], one["value"]["quantity"]["unit"]["id"])
        for one in found["measurements"]
    ]
    assert told == [
        ("LOINC:2000-8", "UCUM:mmol/L"),
        ("LOINC:2777-1", "UCUM:mg/dL"),
        ("calc:Phosphate", "UCUM:mmol/L"),  # no code by LOINC is known here for moles
    ]
    prefixes = {one["namespacePrefix"] for one in found["metaData"]["resources"]}
    assert {"LOINC", "UCUM", "calc"} <= prefixes
    assert validate(loads(json.dumps(found))).findings == []
