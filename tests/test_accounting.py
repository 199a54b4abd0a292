"""For every item of a record there is a fact, a remark, or an error: nothing is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.facts.case import Case
from tests.fhir import bundle, coded, condition, measured, patient, resource
from tests.records import Item, packet, quantity, remarks
from tests.shared import examples, graph

KNOWN = [
    ("MONDO:0016367", "dermatomyositis"),
    ("HP:0025520", "Calcinosis cutis"),
    ("HP:0002905", "Hyperphosphatemia"),
    ("HP:0200042", "Skin ulcer"),
    ("", "scrotal calcinosis"),
    ("MONDO:16367", "dermatomyositis"),
    ("HP:0002905", "hypocalcaemia"),
]
STRANGE = [("HP:0031910", ""), ("SNOMEDCT:1234567", ""), ("", ""), ("house:7", "")]
TESTS = [("LOINC:17861-6", "Calcium"), ("LOINC:2777-1", "Phosphate"), ("LOINC:8302-2", "Height")]
TIMES: list[Any] = [None, {"age": {"iso8601duration": "P40Y"}}, {"timestamp": "2020-01-01"}, {}]
_MORE = re.compile(r"stated (?:(once)|(\d+) times) more")
_TIMES = re.compile(r"\((\d+)\)")


class Tokens:
    """Words that no other item has, so that each can be found again."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def word(self, label: str = "") -> str:
        """A label of its own for what is strange; the given one otherwise."""
        return label or f"qqz{next(self._numbers)}zqq"

    def value(self) -> float:
        """A value that no other item has, within what may be measured."""
        return 9 + next(self._numbers) / 1000


# -- what is accounted for -------------------------------------------------------------


def said(case: Case) -> str:
    """All words of a case."""
    noted = (f"{one.what} {one.reason} {one.note}" for one in remarks(case))
    facts = (f"{one.words} {one.reading} {one.note}" for one in case.facts)
    return "\n".join([*noted, *facts])


def places(case: Case) -> list[str]:
    facts = [one.where for one in (*case.facts, *case.workup)]
    return [*facts, *(one.where for one in remarks(case))]


def unaccounted(case: Case, items: list[tuple[str, str]]) -> list[str]:
    """The items, each a place and a word of its own, of which nothing is said."""
    words, found = said(case), places(case)
    lost = [
        place
        for place, token in items
        if not any(one.startswith(place) for one in found) and not (token and token in words)
    ]
    again = sum(int(n or 1) - 1 for _, n in _MORE.findall(words))
    for one in case.set_aside:
        if one.reason == "tests that decide nothing here":
            again += sum(map(int, _TIMES.findall(one.what)))
    return lost[again:]  # what is stated again is counted, not named


# -- phenopackets ----------------------------------------------------------------------

terms = st.sampled_from([*KNOWN, *STRANGE])
flags = st.sampled_from([{}, {"excluded": True}, {"excluded": False}, {"excluded": "yes"}])
times = st.builds(
    lambda onset, over: {
        **({} if onset is None else {"onset": onset}),
        **({} if over is None else {"resolution": over}),
    },
    st.sampled_from(TIMES),
    st.sampled_from(TIMES),
)
answers = st.sampled_from(
    ["number", "no unit", "High", "Absent", "Present", "odd", "nothing", "complex"]
)


def ontology_class(term: tuple[str, str], tokens: Tokens) -> tuple[Item, str]:
    code, label = term
    token = tokens.word(label)
    return {"id": code, "label": token}, token if token.startswith("qqz") else ""


def measurement(term: tuple[str, str], answer: str, time: Any, tokens: Tokens) -> tuple[Item, str]:
    item: Item = {"assay": {"id": term[0], "label": term[1]}}
    token = ""
    if time:
        item["timeObserved"] = time
    if answer in ("number", "no unit", "complex"):
        value = tokens.value()
        token = f"{value}"
        item["value"] = quantity(value, "mg/dL", 8.5, 10.5)
        if answer == "no unit":
            del item["value"]["quantity"]["unit"]
        if answer == "complex":
            typed = {"type": item["assay"], **item.pop("value")}
            item["complexValue"] = {"typedQuantities": [typed]}
    elif answer != "nothing":
        label = tokens.word("" if answer == "odd" else answer)
        token = label if answer == "odd" else ""
        item["value"] = {"ontologyClass": {"id": "NCIT:C1", "label": label}}
    return item, token


@st.composite
def packets(draw: st.DrawFn) -> tuple[Item, list[tuple[str, str]]]:
    """A phenopacket, and its items, each with a word of its own if it has one."""
    tokens = Tokens()
    parts: dict[str, list[Item]] = {}
    items: list[tuple[str, str]] = []

    def add(key: str, item: Item, token: str) -> None:
        several = parts.setdefault(key, [])
        items.append((f"{key}[{len(several)}]", token))
        several.append(item)

    for key, name in (("phenotypicFeatures", "type"), ("diseases", "term")):
        for term, flag, time in draw(st.lists(st.tuples(terms, flags, times), max_size=4)):
            code, token = ontology_class(term, tokens)
            add(key, {name: code, **flag, **time}, token)
    for term, answer, time in draw(
        st.lists(st.tuples(st.sampled_from(TESTS), answers, st.sampled_from(TIMES)), max_size=5)
    ):
        add("measurements", *measurement(term, answer, time, tokens))
    kinds = st.sampled_from(["procedure", "treatment", "regimen", "nothing"])
    for term, kind in draw(st.lists(st.tuples(terms, kinds), max_size=3)):
        code, token = ontology_class(term, tokens)
        action = {
            "procedure": {"procedure": {"code": code}},
            "treatment": {"treatment": {"agent": code}},
            "regimen": {"therapeuticRegimen": {"ontologyClass": code}},
            "nothing": {"treatmentTarget": code},
        }[kind]
        add("medicalActions", action, token)
    for term, status in draw(
        st.lists(st.tuples(terms, st.sampled_from(["SOLVED", "UNSOLVED", 2, 3])), max_size=2)
    ):
        code, token = ontology_class(term, tokens)
        diagnosis = {"disease": code}
        add("interpretations", {"progressStatus": status, "diagnosis": diagnosis}, token)
    return packet(**parts), items


@settings(max_examples=examples(120), deadline=None)
@given(packets())
def test_every_item_of_a_phenopacket_is_accounted_for(
    given: tuple[Item, list[tuple[str, str]]],
) -> None:
    value, items = given
    result = graph().classify(value)
    if result.refused:
        assert all(error.what and error.cure for error in result.refused)
        return
    assert unaccounted(result.cases[0].case, items) == []


# -- FHIR ------------------------------------------------------------------------------

SYSTEMS = {"MONDO": "http://purl.obolibrary.org/obo/mondo.owl", "house": "urn:oid:1.2.3"}
SYSTEMS |= {"HP": "http://human-phenotype-ontology.org", "SNOMEDCT": "http://snomed.info/sct"}
STATUSES = ["confirmed", "refuted", "provisional", "entered-in-error", "?"]
DONE = ["completed", "not-done", "entered-in-error", "unknown", "stopped"]


def concept_of(term: tuple[str, str], tokens: Tokens) -> tuple[Item, str]:
    code, label = term
    token = tokens.word(label)
    prefix, _, local = code.partition(":")
    coding = {"system": SYSTEMS.get(prefix), "code": local, "display": token}
    found = {"coding": [coding]} if code else {"text": token}
    return found, token if token.startswith("qqz") else ""


def observation(test: tuple[str, str], answer: str, time: Any, tokens: Tokens) -> tuple[Item, str]:
    code = {"coding": [{"system": "http://loinc.org", "code": test[0][6:], "display": test[1]}]}
    item: Item = {"status": "final", "code": code}
    value = tokens.value()
    token = f"{value}"
    if time:
        item["effectiveDateTime"] = "2020-01-01"
    if answer == "complex":
        item["component"] = [{"code": code, "valueQuantity": measured(value)}]
    elif answer == "number":
        item["valueQuantity"] = measured(value)
    elif answer == "no unit":
        item["valueQuantity"] = {"value": value}
    elif answer == "nothing":
        item["status"], token = "cancelled", ""
    else:
        token = tokens.word("" if answer == "odd" else answer)
        item["valueCodeableConcept"] = {"text": token}
    return item, token if token.startswith(("qqz", "9")) else ""


@st.composite
def bundles(draw: st.DrawFn) -> tuple[Item, list[tuple[str, str]]]:
    """A Bundle of one patient, and its resources, each with a word of its own if it has one."""
    tokens = Tokens()
    found: list[tuple[Item, str]] = []
    for term, status in draw(st.lists(st.tuples(terms, st.sampled_from(STATUSES)), max_size=4)):
        code, token = concept_of(term, tokens)
        found.append((condition(f"c{len(found)}", code, status=status), token))
    several = st.tuples(st.sampled_from(TESTS), answers, st.sampled_from(TIMES))
    for test, answer, time in draw(st.lists(several, max_size=5)):
        item, token = observation(test, answer, time, tokens)
        found.append((resource("Observation", f"o{len(found)}", **item), token))
    kinds = st.sampled_from(["Procedure", "MedicationAdministration", "MedicationStatement"])
    for term, kind, status in draw(
        st.lists(st.tuples(terms, kinds, st.sampled_from(DONE)), max_size=4)
    ):
        code, token = concept_of(term, tokens)
        key = "code" if kind == "Procedure" else "medicationCodeableConcept"
        found.append((resource(kind, f"p{len(found)}", status=status, **{key: code}), token))
    for kind in draw(st.lists(st.sampled_from(["Encounter", "Claim", "Goal"]), max_size=3)):
        found.append((resource(kind, "x", clinicalStatus=coded("active")), kind))
    order = draw(st.permutations(found))
    whole = bundle(patient(), *(one for one, _ in order))
    items = [(f"entry[{n}].resource", token) for n, (_, token) in enumerate(order, start=1)]
    return whole, items


@settings(max_examples=examples(120), deadline=None)
@given(bundles())
def test_every_resource_is_accounted_for(given: tuple[Item, list[tuple[str, str]]]) -> None:
    value, items = given
    result = graph().classify(value)
    if result.refused:
        assert all(error.what and error.cure for error in result.refused)
        return
    assert unaccounted(result.cases[0].case, items) == []


# -- a loss would be found -------------------------------------------------------------


def test_a_loss_would_be_found() -> None:
    (verdict,) = graph().classify(packet()).cases
    assert unaccounted(verdict.case, [("diseases[0]", "qqz1zqq")]) == ["diseases[0]"]


def fields_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from fields_of(one)
    for one in value if isinstance(value, list) else ():
        yield from fields_of(one)


@settings(max_examples=examples(60), deadline=None)
@given(packets(), st.text("abcdefghij", min_size=6, max_size=9))
def test_a_field_that_nobody_knows_is_named(
    given: tuple[Item, list[tuple[str, str]]], name: str
) -> None:
    value, _ = given
    for place in (value, value["subject"], *(p for k in ("diseases",) for p in value.get(k, ()))):
        place[name] = 1
    assert name in set(fields_of(value))
    for verdict in graph().classify(value).cases:
        assert any(name in one.what for one in verdict.case.set_aside)
