"""Levels in words: what reports and laboratories print for high, low, normal, and not raised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis import names
from calcinosis.errors import CaseError, OntologyError
from calcinosis.facts.case import Case
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.quantity import LEVEL_WORDS, LevelWord, agree
from calcinosis.facts.read import reader_of
from calcinosis.graph.triples import Triples
from tests import fhir
from tests.records import packet
from tests.tables import csv_file

Kg = calcinosis.KnowledgeGraph

MEANS: dict[LevelWord, set[tuple[bool, str]]] = {
    "high": {(True, "Hypercalcaemia")},
    "low": {(True, "Hypocalcaemia")},
    "normal": {(False, "AbnormalCalcium")},
    "abnormal": {(True, "AbnormalCalcium")},
    "not high": {(False, "Hypercalcaemia")},
    "not low": {(False, "Hypocalcaemia")},
}
WORDS: dict[str, LevelWord] = {
    **dict.fromkeys(("elevated", "raised", "Increased", "H", "HH", "\u2191", "HIGH"), "high"),
    **dict.fromkeys(("decreased", "reduced", "L", "\u2193", "slightly low"), "low"),
    **dict.fromkeys(("WNL", "within normal limits", "N", "unremarkable", "high-normal"), "normal"),
    **dict.fromkeys(("abnormal", "A", "out of range"), "abnormal"),
    **dict.fromkeys(("erhöht", "leicht erhöht"), "high"),
    **dict.fromkeys(("erniedrigt", "vermindert"), "low"),
    **dict.fromkeys(("normwertig", "im Normbereich"), "normal"),
    **dict.fromkeys(("not raised", "not elevated", "Not  increased", "nicht erhöht"), "not high"),
    "not reduced": "not low",
}


def read(kg: Kg, strict: bool = False, **lab: Any) -> Case:
    item = {"test": "calcium", **lab}
    raw = {"id": "a", "age": "40 years", "labs": [item]}
    return reader_of(kg.ontology, strict=strict).read(raw, "here")


def levels(case: Case) -> set[tuple[bool, str]]:
    return {(fact.affirmed, names.local(fact.term)) for fact in case.facts}


@pytest.mark.parametrize(("word", "level"), WORDS.items())
@pytest.mark.parametrize("key", ["level", "value"])
def test_a_word_states_its_level_also_in_the_place_of_a_value(
    kg: Kg, word: str, level: LevelWord, key: str
) -> None:
    case = read(kg, strict=True, **{key: word})
    assert levels(case) == MEANS[level]
    assert case.facts[0].judged is not None
    assert case.facts[0].judged.to_dict()["level"] == level


@pytest.mark.parametrize("word", ["borderline", "+", "++", "middling", "-", "0", "hi", ""])
def test_what_may_lie_on_either_side_states_none(kg: Kg, word: str) -> None:
    case = read(kg, level=word)
    assert not case.facts
    (remark,) = case.uninterpreted
    assert remark.cure == "its level: low, normal or high"


def test_no_word_states_two_levels(kg: Kg) -> None:
    words = kg.ontology.laboratory.instances(names.CC + "LevelWord")
    triples = kg.ontology.laboratory
    found = [
        names.bare(text)
        for node in words
        for text in (*triples.texts(node, names.LABEL), *triples.texts(node, names.SYNONYM))
    ]
    assert len(set(found)) == len(found) > 60
    assert {kg.laboratory.level(word) for word in found} == set(LEVEL_WORDS)


def test_a_word_that_states_no_known_level_is_a_fault_of_the_module(tmp_path: Path) -> None:
    path = tmp_path / "laboratory.ttl"
    path.write_text(
        f"@prefix calc: <{names.CC}> .\ncalc:Odd a calc:LevelWord ; calc:statesLevel 'odd' .\n",
        "utf-8",
    )
    triples = Triples()
    triples.read(path)
    with pytest.raises(OntologyError, match="'odd' for statesLevel"):
        Laboratory(triples, {}).level("odd")


# -- beside a value --------------------------------------------------------------------


def test_unit_and_interval_beside_a_word_are_told(kg: Kg) -> None:
    case = read(kg, value="WNL", unit="mg/dL", interval=[8, 10])
    assert levels(case) == MEANS["normal"]
    assert [(remark.what, remark.where) for remark in case.set_aside] == [
        ("unit: mg/dL", "labs[0].unit"),
        ("interval: [8, 10]", "labs[0].interval"),
    ]


def test_unit_and_interval_beside_a_word_are_told_of_a_name_of_two_tests(kg: Kg) -> None:
    case = read(kg, test="Ca2+", value="WNL", unit="mg/dL")
    assert levels(case) == MEANS["normal"]
    assert [remark.what for remark in case.set_aside] == ["unit: mg/dL"]


@pytest.mark.parametrize(
    ("value", "level", "found"),
    [
        ("normal", "WNL", "normal"),
        ("normal", "not raised", "normal"),
        ("high", "abnormal", "high"),
        ("normal", "elevated", None),
        ("low", "not reduced", None),
    ],
)
def test_two_words_must_agree(
    kg: Kg, value: str, level: str, found: LevelWord | None, tmp_path: Path
) -> None:
    headings = ["id", "calcium", "calcium_level"]
    (row,) = kg.classify(csv_file(tmp_path / "a.csv", ["a", value, level], headings=headings)).cases
    for case in (row.case, read(kg, value=value, level=level)):
        assert levels(case) == (MEANS[found] if found else set())
        assert len(case.uninterpreted) == (found is None)


@pytest.mark.parametrize(
    ("level", "said"), [("not raised", 0), ("N", 0), ("H", 1), ("abnormal", 1)]
)
def test_a_word_that_an_interval_contradicts_is_told(kg: Kg, level: str, said: int) -> None:
    case = read(kg, value=9.2, unit="mg/dL", level=level)
    assert levels(case) == MEANS["normal"]
    assert len(case.set_aside) == said


def test_levels_agree_where_both_can_be_said_of_one_value() -> None:
    pairs = {(one, two) for one in LEVEL_WORDS for two in LEVEL_WORDS if agree(one, two)}
    assert all((two, one) in pairs for one, two in pairs)
    assert all((one, one) in pairs for one in LEVEL_WORDS)
    assert {two for one, two in pairs if one == "not high"} == {
        *("low", "normal", "not high", "not low", "abnormal")
    }
    assert {two for one, two in pairs if one == "high"} == {"high", "not low", "abnormal"}


def test_not_raised_is_not_taken_for_normal(kg: Kg) -> None:
    """A denied raised level leaves a low one possible, and is enough to rule out what needs one."""
    labs = [
        {"test": "calcium", "level": "not raised"},
        {"test": "phosphate", "value": "not elevated"},
    ]
    (case,) = kg.classify({"id": "a", "calcinosis": "present", "labs": labs}).cases
    assert case.verdict("MetastaticCalcinosisCutis").verdict == "refuted"
    assert not any("low" in str(fact) for fact in case.case.facts)


@pytest.mark.parametrize(("word", "level"), [("erhöht", "high"), ("WNL", "normal"), ("↓", "low")])
def test_records_have_the_words_of_the_graph(kg: Kg, tmp_path: Path, word: str, level: str) -> None:
    code = fhir.concept("LOINC:17861-6|Calcium")
    said = {"valueCodeableConcept": fhir.concept(text=word)}
    asked = fhir.resource("Observation", "o", status="final", code=code)
    assay = {"assay": {"id": "LOINC:17861-6", "label": "Calcium"}}
    answer = {"value": {"ontologyClass": {"id": "", "label": word}}}
    table = tmp_path / "long.csv"
    table.write_text(f"patient_id,kind,name,value\na,lab,calcium,{word}\n", encoding="utf-8")
    records: list[Any] = [
        fhir.bundle(fhir.patient(), {**asked, **said}),
        fhir.bundle(fhir.patient(), {**asked, "valueString": word}),
        fhir.bundle(fhir.patient(), {**asked, "interpretation": [fhir.concept(text=word)]}),
        packet(measurements=[{**assay, **answer}]),
        table,
    ]
    for record in records:
        (verdict,) = kg.classify(record).cases
        told = [fact.judged for fact in verdict.case.facts if fact.judged is not None]
        assert {one.result.level for one in told} == {level}, record


# -- a level beside a number without a unit ----------------------------------------------


@pytest.mark.parametrize("lab", [{"value": "5.8 H"}, {"value": 5.8, "level": "H"}])
def test_a_flag_counts_where_the_number_has_no_unit(kg: Kg, lab: dict[str, Any]) -> None:
    case = read(kg, **lab)
    assert levels(case) == MEANS["high"]
    assert not case.uninterpreted
    (remark,) = case.set_aside
    assert remark.what == "calcium 5.8"
    assert remark.reason == "recorded; it has no unit, so that the level beside it counts: high"
    with pytest.raises(CaseError, match="the value has no unit"):
        read(kg, strict=True, **lab)


def test_a_flag_in_a_cell_without_a_unit_decides(kg: Kg, tmp_path: Path) -> None:
    heads = ["id", "calcinosis", "Ca", "PO4"]
    path = csv_file(tmp_path / "a.csv", ["a", "present", "9.1", "5.8 H"], headings=heads)
    (verdict,) = kg.classify(path).cases
    follows = [one.label for one in verdict.subtypes if one.standing == "entailed"]
    assert follows == ["metastatic calcinosis cutis"]
    assert [one.what for one in verdict.case.uninterpreted] == ["total serum calcium 9.1"]


def test_a_flag_settles_no_number_that_corrects_another(kg: Kg) -> None:
    case = read(kg, test="albumin", value="2.5 L")
    assert [one.reason for one in case.uninterpreted] == ["the value has no unit"]


@pytest.mark.parametrize("lab", [{"value": "abc", "level": "H"}, {"value": "-5", "level": "H"}])
def test_a_level_beside_no_possible_number_is_still_asked(kg: Kg, lab: dict[str, Any]) -> None:
    case = read(kg, **lab)
    assert not case.facts
    assert case.uninterpreted


@pytest.mark.parametrize(
    "word",
    [
        "calcium low or normal",
        "calcium was normal to high",
        "phosphate normal or elevated",
        "high or normal calcium",
    ],
)
def test_one_level_or_another_is_asked(kg: Kg, word: str) -> None:
    (verdict,) = kg.classify({"id": "a", "calcinosis": "present", "findings": [word]}).cases
    assert not [fact for fact in verdict.case.facts if fact.item != "calcinosis"]
    (remark,) = verdict.not_understood
    assert " or " in remark.reason
    assert "presumption" in remark.blocks


@pytest.mark.parametrize("word", ["calcium low-normal", "low normal calcium", "normal calcium"])
def test_a_level_at_its_edge_is_one_level(kg: Kg, word: str) -> None:
    (verdict,) = kg.classify({"id": "a", "calcinosis": "present", "findings": [word]}).cases
    assert (False, "AbnormalCalcium") in levels(verdict.case)
