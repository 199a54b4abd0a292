"""Cases as RDF in our words: the same after writing and reading, and nothing is passed over."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.errors import InputError
from calcinosis.facts.case import Case
from calcinosis.facts.read import Reader, reader_of
from calcinosis.facts.records.rdf import rdf_cases
from calcinosis.facts.records.rdf_text import told
from calcinosis.output.rdf.cases import turtle
from calcinosis.reasoning.classify import Classifier
from tests import golden
from tests.records import packet, quantity, read, remarks
from tests.shared import EXAMPLES, cases_of, examples, graph
from tests.strategies import cases

PREFIXES = """\
@prefix calc: <https://w3id.org/calcinosis/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix MONDO: <http://purl.obolibrary.org/obo/MONDO_> .
@prefix ex: <https://clinic.example/> .
"""


@cache
def reader() -> Reader:
    return reader_of(graph().ontology)


def parsed(text: str) -> Iterator[Case]:
    form = told(text)
    assert form is not None
    for raw in rdf_cases(text, form, ""):
        assert not isinstance(raw, InputError), raw
        yield raw.read(reader())


def one(said: str) -> Case:
    """The one case in Turtle about ``ex:p``."""
    (case,) = parsed(f'{PREFIXES}ex:p a calc:Case ; dcterms:identifier "p" ; {said}')
    return case


def again(case: Case) -> Case:
    """A case after it was written and read."""
    text = b"".join(turtle([case], graph().ontology)).decode()
    (found,) = parsed(text)
    return replace(found, where=case.where)


def stated(raw: dict[str, Any]) -> Case:
    return reader().read(raw, "")


# -- written and read --------------------------------------------------------------------


@given(cases())
@settings(max_examples=examples(40))
def test_a_case_is_the_same_after_it_was_written_and_read(raw: dict[str, Any]) -> None:
    case = stated(raw)
    assert again(case) == case


@pytest.mark.parametrize(
    "raw",
    [
        {"conditions": ["calc:Dermatomyositis", "calcinosis cutis", "status post burns"]},
        {"conditions": [{"term": "dermatomyositis and burns", "cause": True, "at_deposit": True}]},
        {"conditions": ["no trauma, infection or neoplasm", "no underlying disease", "tophi?"]},
        {"conditions": [{"term": "burn scar", "when": "after"}, "MONDO:0016367 ! dermatomyositis"]},
        {"findings": ["biopsy: calciphylaxis (a dermatopathologist)", "systemic sclerosis"]},
        {"findings": [{"term": "skin ulcer", "at_deposit": True}, "no such thing"]},
        {"conditions": [{"term": "burn scar", "at_deposit": False, "cause": False}]},
        {"excluded": [{"term": "trauma", "at_deposit": True}, "mineral disturbance", "RA"]},
        {"workup_complete": ["tissue damage", "no such", "metabolic work-up normal"]},
        {"assume": []},
        {"assume": ["levels", "causes"]},
        {"age": "20s", "sex": "other", "source": 'a "b"\n\\c', "other": ["a\tb", 5, None]},
        {"calcinosis": {"status": "unknown", "sites": ["scalp", "scalp"]}},
        {"calcinosis": "absent", "conditions": ["calcinosis cutis"], "excluded": ["calcinosis"]},
        {"labs": [{"test": "calcium", "value": "WNL", "unit": "mg/dL"}]},
        {"labs": [{"test": "Ca2+", "value": 2.3, "unit": "mmol/L", "interval": [None, 2.6]}]},
        {"labs": [{"test": "calcium", "value": 9.1, "unit": "mg/dL", "interval": [None, None]}]},
        {"labs": [{"test": "calcium", "value": "9,1", "unit": "mg/dL", "interval": ["8", 10]}]},
        {"labs": [{"test": "calcium", "value": 1e22, "unit": "mg/dL", "note": "once"}]},
        {"labs": [{"test": "calcium", "value": float("inf"), "unit": "mg/dL"}]},
        {"labs": [{"test": "calcium", "value": 9, "unit": "mg/dL"}, {"test": "PTH", "level": "H"}]},
        {"other": ["a", "a"], "conditions": ["Sjo\u0308gren", "gout", "gout"]},
    ],
)  # fmt: skip
def test_what_a_case_may_say_is_written(raw: dict[str, Any]) -> None:
    case = stated({"id": "a 1", **raw})
    assert again(case) == case


def test_half_a_character_is_written_as_a_question_mark() -> None:
    (aside,) = again(stated({"id": "a", "other": ["half \ud800"]})).set_aside
    assert aside.what == "half ?"


def test_the_verdicts_on_the_shipped_and_golden_cases_stay() -> None:
    kg = graph()
    given_cases = [one for one in cases_of(kg, EXAMPLES) if isinstance(one, Case)]
    given_cases += [stated(row.case) for row in golden.rows()]
    text = b"".join(turtle(given_cases, kg.ontology)).decode()
    found = list(parsed(text))
    assert len(given_cases) > 60
    for before, after in zip(given_cases, found, strict=True):
        assert replace(after, where=before.where) == before
    classify = Classifier(kg.ontology).classify
    for before, after in zip(given_cases, found, strict=True):
        assert classify(after).subtypes == classify(before).subtypes


def test_what_a_record_leaves_open_is_written() -> None:
    document = packet(
        measurements=[
            {"assay": {"id": "LOINC:17861-6", "label": "Calcium"}, "value": quantity(9.1, "")}
        ],
        biosamples=[{"id": "s", "notes": "x"}],
    )
    case = read(graph(), document)
    assert case.uninterpreted
    found = again(case)
    assert [(r.what, r.reason, r.about) for r in found.uninterpreted] == [
        (r.what, r.reason, r.about) for r in case.uninterpreted
    ]
    assert {f"{r.what}: {r.reason}" for r in case.set_aside} <= {
        word for r in found.set_aside for word in (r.what, f"{r.what}: {r.reason}")
    }


# -- read as people have it ---------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "calc:hasCondition calc:Dermatomyositis .",
        "calc:hasCondition [ a calc:Dermatomyositis ] .",
        "calc:hasCondition [ a calc:Dermatomyositis , calc:Condition , owl:NamedIndividual ] .",
        "calc:hasCondition MONDO:0016367 .",
        "calc:hasCondition [ a MONDO:0016367 ] .",
        'calc:hasCondition "dermatomyositis"@en .',
        "calc:hasCondition ex:c1 . ex:c1 a calc:Dermatomyositis .",
        "calc:hasCondition ex:c . ex:c a owl:Class ; rdfs:label 'dermatomyositis' .",
        "calc:hasCondition [ rdfs:label 'dermatomyositis' ] .",
        "calc:hasCondition [ a ex:C12 ; rdfs:label 'dermatomyositis' ] .",
        "a [ owl:onProperty calc:hasCondition ; owl:someValuesFrom calc:Dermatomyositis ] .",
    ],
)
def test_a_thing_may_be_a_node_a_class_a_code_or_words(said: str) -> None:
    case = one(said)
    assert [(str(f), f.where) for f in case.facts] == [("dermatomyositis", "conditions[0]")]
    assert not case.not_understood


def test_the_same_thing_by_two_properties_is_one() -> None:
    case = one(
        "calc:hasCondition _:c ; calc:hasConditionAtDeposit _:c . _:c a calc:BurnScar ;"
        " calc:isCause false ; calc:atTime 'before' ; skos:note 'from 1990' ."
    )
    assert [str(fact) for fact in case.facts] == [
        "burn scar", "burn scar at the deposit", "no burn scar stated as the cause",
    ]  # fmt: skip
    assert {(fact.note, fact.when) for fact in case.facts} == {("from 1990", "before")}


def test_what_is_inferred_beside_a_class_is_not_stated_again() -> None:
    case = one("calc:hasCondition [ a calc:Dermatomyositis , calc:JuvenileDermatomyositis ] .")
    assert [str(fact) for fact in case.facts] == ["juvenile dermatomyositis"]


def test_a_denial_is_that_of_a_class() -> None:
    case = one(
        "calc:excludes calc:CalcinosisCutis ; a [ owl:complementOf [ owl:onProperty"
        " calc:hasConditionAtDeposit ; owl:someValuesFrom calc:Trauma ] ] , [ owl:complementOf"
        " [ owl:onProperty calc:underwent ; owl:someValuesFrom calc:Warfarin ] ] ."
    )
    assert case.calcinosis == "absent"
    assert [str(f) for f in case.facts] == [
        "no calcinosis", "no trauma at the deposit", "no warfarin",
    ]  # fmt: skip


def test_denials_of_one_thing_at_the_deposit_and_as_a_whole_are_two() -> None:
    denial = "[ owl:complementOf [ owl:onProperty calc:{} ; owl:someValuesFrom calc:Trauma ] ]"
    parts = ", ".join(map(denial.format, ("hasCondition", "hasConditionAtDeposit")))
    assert [str(f) for f in one(f"a {parts} .").facts] == ["no trauma", "no trauma at the deposit"]


def test_words_that_say_another_thing_than_the_class_are_told() -> None:
    case = one("calc:hasCondition [ a calc:Dermatomyositis ; calc:asWritten 'gout' ] .")
    assert [str(fact) for fact in case.facts] == ["dermatomyositis"]
    assert "the id counts" in case.set_aside[0].reason


def test_words_beside_a_class_count_where_they_are_not_understood() -> None:
    case = one("calc:hasCondition [ a calc:Dermatomyositis ; calc:asWritten 'qqzz' ] .")
    assert [str(fact) for fact in case.facts] == ["dermatomyositis"]


def test_a_result_has_its_test_as_a_code_or_as_words() -> None:
    rest = "calc:hasValue 9.1 ; calc:inUnit 'mg/dL' ; calc:lowerBound 8.5 ; calc:upperBound 10.5 ]"
    for test in ("calc:ofTest 'calcium'", "calc:ofTest calc:TotalCalcium"):
        case = one(f"calc:hasResult [ {test} ; {rest} .")
        assert [fact.where for fact in case.facts] == ["labs[0]"], (test, remarks(case))


# -- nothing is passed over ---------------------------------------------------------------


def test_an_unknown_property_of_ours_holds_back_what_it_could_change() -> None:
    case = one("calc:hasCondtion calc:Gout .")
    (held,) = case.not_understood
    assert (held.what, held.suggestions) == ("calc:hasCondtion", ("calc:hasCondition",))


def test_an_unknown_property_that_names_a_term_of_ours_holds_back() -> None:
    case = one("ex:diagnosis MONDO:0016367 ; ex:suspected [ a calc:Gout ] .")
    assert len(case.not_understood) == 2
    assert all(held.kind == "condition" for held in case.not_understood)


def test_what_is_private_is_named_by_its_property_alone() -> None:
    case = one("ex:name 'Ann' ; ex:born '1970' , '1971' . ex:visit ex:of ex:p .")
    (aside,) = case.set_aside
    assert "ex" in aside.what
    assert all(word in aside.what for word in ("/name", "/born (2)", "/of of something"))
    assert "Ann" not in str(case)


def test_an_unknown_term_is_reported_as_in_a_case_file() -> None:
    case = one("calc:hasCondition calc:Nosuch , ex:x ; calc:hasFinding [] .")
    assert [held.what for held in case.not_understood] == [
        "calc:Nosuch",
        "https://clinic.example/x",
    ]
    assert [aside.where for aside in case.set_aside] == ["findings[0]"]


def test_a_class_of_cases_is_no_fact() -> None:
    case = one("a calc:DystrophicCase , calc:WithTissueDamage , ex:Patient .")
    assert not case.facts
    assert [held.what for held in case.not_understood] == ["calc:WithTissueDamage"]
    assert len(case.set_aside) == 2


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("calc:sex 'male' , 'female' .", "calc:sex stands twice"),
        ("calc:sex 'man' .", "is no sex"),
        ("calc:age 59 .", "is no age"),
        (
            "calc:hasCondition [ a calc:BurnScar ; calc:isCause 'maybe' ] .",
            "neither true nor false",
        ),
        ("calc:hasResult [ calc:ofTest 'calcium' ; calc:hasValue 9 , 10 ] .", "stands twice"),
        ("calc:hasResult [ calc:hasValue 9 ] .", "names no test"),
    ],
)
def test_what_cannot_be_meant_refuses_the_case(said: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        one(said)


_PREDICATES = ["calc:hasCondition", "calc:underwentAsCause", "calc:hasFinding", "calc:excludes",
    "calc:hasResult", "calc:hasDepositAt", "calc:isSaidToo", "calc:mystery", "calc:leavesOpen",
    "ex:foreign", "calc:hasCompleteWorkUpOf"]  # fmt: skip
_OBJECTS = ["'qqz{}zqq'", "ex:qqz{}zqq", "[ a ex:qqz{}zqq ]", "[ calc:asWritten 'qqz{}zqq' ]",
    "[ ex:qqz{}zqq 1 ]", "[ calc:ofTest 'qqz{}zqq' ]", "[ calc:isCause true ; ex:qqz{}zqq ex:b ]",
    "[ calc:qqz{}zqq calc:Gout ]", "[ calc:asWritten 'a' ; skos:note 'qqz{}zqq' ]"]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(_PREDICATES), st.sampled_from(_OBJECTS)), max_size=5))
@settings(max_examples=examples(40))
def test_each_statement_about_a_patient_is_accounted_for(parts: list[tuple[str, str]]) -> None:
    said = [f"{prop} {value.format(n)}" for n, (prop, value) in enumerate(parts)]
    try:
        case = one(" ; ".join([*said, "calc:sex 'male' ."]))
    except InputError as error:
        assert "test" in str(error) or "value nor a level" in str(error)  # noqa: PT017
        return
    told_of = "\n".join(
        f"{r.what} {r.where} {r.reason} {r.note}" for r in remarks(case)
    ) + " ".join(case.sites)
    for n, (prop, value) in enumerate(parts):
        if prop not in ("ex:foreign", "calc:mystery"):
            named = next((p for p in ("calc:ofTest", "skos:note") if p in value), "")
            misplaced = named and named in told_of
            assert misplaced or f"qqz{n}zqq" in told_of, (parts[n], told_of)
    for prop, name in (("ex:foreign", "example/foreign"), ("calc:mystery", "calc:mystery")):
        assert (prop in dict(parts)) <= (name in told_of)


# -- files -------------------------------------------------------------------------------

CASE = "_:p a calc:Case ; calc:hasCondition calc:CalcinosisCutis , [ a calc:Dermatomyositis ] ."
LD = """{"@context": {"@vocab": "https://w3id.org/calcinosis/"}, "@id": "_:p", "@type": "Case",
 "hasCondition": [{"@id": "https://w3id.org/calcinosis/CalcinosisCutis"},
  {"@type": "Dermatomyositis"}]}"""
XML = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="https://w3id.org/calcinosis/">
<Case rdf:nodeID="p"><hasCondition rdf:resource="https://w3id.org/calcinosis/CalcinosisCutis"/>
<hasCondition><Dermatomyositis/></hasCondition></Case></rdf:RDF>"""
_CC = "https://w3id.org/calcinosis/"
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
NT = f"""_:p {_TYPE} <{_CC}Case> .
_:p <{_CC}hasCondition> <{_CC}CalcinosisCutis> .
_:p <{_CC}hasCondition> _:c .
_:c {_TYPE} <{_CC}Dermatomyositis> .
"""
FORMS = {
    "a.ttl": PREFIXES + CASE,
    "a.nt": NT,
    "a.nq": NT.replace(" .\n", " <https://clinic.example/g> .\n"),
    "a.trig": f"{PREFIXES}ex:g {{ {CASE} }}",
    "a.jsonld": LD,
    "a.json": f"[{LD}]",
    "a.jsonl": LD.replace("\n", " "),
    "a.rdf": XML,
    "a.xml": XML,
    "a.owl": XML,
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_rdf_is_told_by_its_name_and_by_its_content(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_text(FORMS[name], encoding="utf-8")
    for given_as, kind in ((str(path), ""), (str(path), "rdf")):
        (case,) = graph().classify(given_as, kind=kind).cases
        assert (case.case.id, case.case.calcinosis) == ("_:p", "present")
        assert [str(fact) for fact in case.case.facts] == ["calcinosis", "dermatomyositis"]
    stream = io.TextIOWrapper(io.BytesIO(FORMS[name].encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    (case,) = graph().classify("-").cases
    assert [str(fact) for fact in case.case.facts] == ["calcinosis", "dermatomyositis"]


DEEP = 70_000


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.ttl", f"{PREFIXES}ex:p a calc:Case ;;\n foo", r"a\.ttl, line 9: this is no Turtle"),
        ("a.nt", NT + "foo", "line 5: this is no N-Triples"),
        ("a.jsonld", '{"@context": "https://x.example/c", "@id": "a:a"}', "to be fetched"),
        ("a.json", '{"@context": ["https://x.example/c"], "@id": "ex:a"}', "have to be fetched"),
        ("a.jsonld", '{"@id": "http://a",\n}', "line 2: this is no JSON-LD"),
        ("a.rdf", XML.replace("</Case>", ""), "line 4: this is no XML"),
        ("a.rdf", XML.replace("\n", "\n<!DOCTYPE r [<!ENTITY a 'b'>]>", 1), "2: it declares a doc"),
        ("a.xml", "<a/>", "holds no patient|is no RDF/XML"),
        ("a.ttl", "", "holds no patient in our words"),
        ("a.ttl", PREFIXES + "ex:a a owl:Class .", "holds no patient in our words"),
        ("a.jsonld", '{"@id":"http://a","http://b":' * DEEP + "1" + "}" * DEEP, "is no JSON-LD"),
        ("a.nq", "<a:a> <a:b> " + "<<(" * DEEP, "is no N-Quads"),
        ("a.ttl", "<a:a> <a:b> " + "[ <a:b> " * DEEP + "1" + "]" * DEEP + ".", "no pat"),
    ],
)  # fmt: skip
def test_a_broken_or_hostile_file_is_one_error(
    name: str, text: str, what: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    result = graph().classify(path)
    (refused,) = result.refused
    assert re.search(what, str(refused)), refused
    assert not result.cases


def test_too_many_statements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calcinosis.facts.limits.STATEMENTS", 3)
    with pytest.raises(InputError, match="more than 3 statements"):
        list(parsed(PREFIXES + CASE + " ex:a ex:b 1 ."))


def test_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + CASE, encoding="utf-8")
    (refused,) = graph().classify(path, kind="fhir").refused
    assert "--from fhir" in str(refused)


def test_a_folder_may_hold_an_ontology(tmp_path: Path) -> None:
    (tmp_path / "o.ttl").write_text(PREFIXES + "ex:a a owl:Class .", encoding="utf-8")
    (tmp_path / "c.yaml").write_text("id: a\n", encoding="utf-8")
    result = graph().classify(tmp_path)
    assert [verdict.case.id for verdict in result.cases] == ["a"]
    assert not result.refused


def test_the_example_of_the_documentation_is_read() -> None:
    page = (Path(__file__).parents[1] / "docs" / "records.md").read_text(encoding="utf-8")
    text = page.partition("```turtle\n")[2].partition("```")[0]
    (case,) = parsed(text)
    assert (case.id, case.sites, len(case.facts)) == ("case-7", ("elbow",), 8)
    assert not case.not_understood
    assert not case.set_aside
