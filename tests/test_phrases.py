"""What reports say: phrases with a declared meaning, who read a biopsy, and lists of denials."""

from __future__ import annotations

from typing import Any

import pytest

import calcinosis
from calcinosis import names
from calcinosis.errors import CaseError
from calcinosis.facts.case import Case
from calcinosis.facts.read import reader_of
from calcinosis.graph.phrases import Phrases
from calcinosis.output.words.explanation import explanation_text
from calcinosis.reasoning.verdict import CaseVerdict
from tests.golden import SUBTYPES

Kg = calcinosis.KnowledgeGraph
DM, KIDNEYS = "dermatomyositis", "end-stage kidney disease"
ROUTINE, WORKUP = "routine laboratory tests normal", "work-up unremarkable"
NO_DISEASE, METABOLIC = "no underlying disease", "metabolic work-up normal"
HEALTHY = "otherwise healthy"
LISTS = ("conditions", "interventions", "findings", "excluded", "workup_complete")


def judged(kg: Kg, **fields: Any) -> CaseVerdict:
    raw: dict[str, Any] = {"id": "a", "calcinosis": "present", **fields}
    result = kg.classify(raw, strict=True)
    assert not result.refused, result.refused
    return result.cases[0]


def read(kg: Kg, *, strict: bool = False, **fields: Any) -> Case:
    return reader_of(kg.ontology, strict=strict).read({"id": "a", **fields}, "here")


def standing(case: CaseVerdict, name: str) -> str:
    return case.verdict(SUBTYPES[name]).standing


def denied(case: Case) -> list[str]:
    return [fact.label for fact in case.facts if not fact.affirmed]


# -- phrases ---------------------------------------------------------------------------


def test_every_phrase_has_a_meaning_and_no_words_have_two(kg: Kg) -> None:
    phrases, triples = Phrases(kg.ontology.triples), kg.ontology.triples
    nodes = triples.instances(names.CC + "ReportPhrase")
    words = [
        names.bare(text)
        for node in nodes
        for text in (*triples.texts(node, names.LABEL), *triples.texts(node, names.SYNONYM))
    ]
    assert len(words) == len(set(words)) > 100
    for word in words:
        found = phrases.find(word)
        assert found is not None
        assert found.denies or found.works_up or found.aside, word
        assert not kg.ontology.terms.find(word), word
    assert phrases.find("Work-up unremarkable.") == phrases.find(WORKUP)


@pytest.mark.parametrize("phrase", [ROUTINE, WORKUP, NO_DISEASE, METABOLIC, HEALTHY])
@pytest.mark.parametrize("key", LISTS)
def test_a_phrase_is_read_in_every_list_and_never_lost(kg: Kg, phrase: str, key: str) -> None:
    case = read(kg, strict=True, **{key: [phrase]})
    assert not case.not_understood
    told = {fact.where for fact in (*case.facts, *case.workup)}
    assert told | {remark.where for remark in case.set_aside} == {f"{key}[0]"}


@pytest.mark.parametrize(
    "words", ["healthy", HEALTHY, "no comorbidities", "none", "None known.", "Keine"]
)
def test_that_nothing_is_known_holds_back_nothing_and_denies_nothing(kg: Kg, words: str) -> None:
    """It is as if the list were empty, beside whatever else is stated."""
    known: list[dict[str, Any]] = [
        {},
        {"labs": [{"test": test, "level": "normal"} for test in ("calcium", "phosphate")]},
        {"findings": ["hypercalcaemia"]},
        {"interventions": ["warfarin"], "excluded": ["tissue damage"]},
        {"excluded": [NO_DISEASE], "findings": [ROUTINE]},
    ]
    for fields in known:
        bare, told = judged(kg, **fields), judged(kg, conditions=[words], **fields)
        assert told.subtypes == bare.subtypes
        assert told.case.facts == bare.case.facts
        assert told.case.workup == bare.case.workup
        assert words in {remark.what for remark in told.case.set_aside}
    beside = judged(kg, conditions=[DM, words])
    assert beside.subtypes == judged(kg, conditions=[DM]).subtypes
    assert beside.contradiction is None


def test_that_a_patient_is_healthy_is_not_read_into_other_words(kg: Kg) -> None:
    for words in ("not healthy", "unhealthy", "mother healthy", "no calcification", "none but DM"):
        case = read(kg, conditions=[words])
        assert [remark.what for remark in case.not_understood] or case.facts, words


def test_no_underlying_disease_denies_those_of_the_whole_patient(kg: Kg) -> None:
    case = judged(kg, conditions=[NO_DISEASE])
    assert len(denied(case.case)) == 2
    assert standing(case, "dystrophic") == "undetermined"
    assert standing(case, "idiopathic") == "presumed"
    scar = {"term": "burn scar", "at_deposit": True}
    assert standing(judged(kg, conditions=[NO_DISEASE, scar]), "dystrophic") == "presumed"


@pytest.mark.parametrize("stated", [DM, "primary hyperparathyroidism"])
def test_no_underlying_disease_gives_way_as_a_whole_to_what_is_stated(kg: Kg, stated: str) -> None:
    alone, case = judged(kg, conditions=[stated]), judged(kg, conditions=[NO_DISEASE, stated])
    assert case.subtypes == alone.subtypes
    assert case.contradiction is None
    (remark,) = case.set_aside
    assert (remark.what, remark.where) == (NO_DISEASE, "conditions[0]")
    assert f"gives way to what is stated: {stated}" in remark.reason


def test_a_metabolic_work_up_is_one_of_mineral_disturbance_and_a_value_is_stronger(kg: Kg) -> None:
    case = judged(kg, conditions=[DM], findings=[METABOLIC])
    assert standing(case, "dystrophic") == "entailed"
    for labs in (
        [{"test": "calcium", "level": "high"}],
        [{"test": "calcium", "value": 13, "unit": "mg/dL"}],  # no age: it is not interpreted
    ):
        case = judged(kg, conditions=[DM], findings=[METABOLIC], labs=labs)
        assert standing(case, "dystrophic") != "entailed"
        assert [label for label, _ in case.workup_ignored] == ["mineral disturbance"]


def test_routine_tests_that_are_not_named_state_no_level(kg: Kg) -> None:
    case = judged(kg, conditions=[DM], findings=[ROUTINE])
    assert standing(case, "dystrophic") == "presumed"
    assert standing(judged(kg, conditions=[DM], findings=[ROUTINE], assume="nothing"), "dystrophic")
    assert "does not say that calcium" in case.set_aside[0].reason
    assert not denied(case.case)


@pytest.mark.parametrize("phrase", [ROUTINE, WORKUP])
def test_no_level_is_assumed_to_be_raised_beside_normal_tests(kg: Kg, phrase: str) -> None:
    assert standing(judged(kg, conditions=[KIDNEYS]), "metastatic") == "presumed"
    case = judged(kg, conditions=[KIDNEYS], findings=[phrase])
    assert standing(case, "metastatic") == "undetermined"


def test_an_unremarkable_work_up_excludes_nothing_and_counts_as_a_denial(kg: Kg) -> None:
    without = judged(kg, findings=["skin nodule"])
    assert standing(without, "idiopathic") == "undetermined"
    case = judged(kg, findings=["skin nodule", WORKUP])
    presumed = case.verdict(SUBTYPES["idiopathic"]).presumed
    assert presumed is not None
    assert presumed.assumptions == ("A1", "A2")
    assert [*case.case.workup, *denied(case.case)] == []
    damaged = {"term": "burn scar", "at_deposit": True}
    assert standing(judged(kg, conditions=[damaged], findings=[WORKUP]), "idiopathic") == "refuted"


def test_a_phrase_is_named_in_an_explanation(kg: Kg) -> None:
    raw: dict[str, Any] = {"id": "a", "calcinosis": "present", "conditions": [DM]}
    raw["findings"] = [METABOLIC]
    (told,) = kg.explain(raw)
    assert "FOLLOWS dystrophic" in explanation_text(told, kg.library)
    (given,) = told.why(SUBTYPES["metastatic"]).justifications[0].facts
    assert given.facts[0].item == "findings[0]"
    assert given.facts[0].words == METABOLIC


# -- who read it -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "biopsy: calciphylaxis (a dermatopathologist)",
        "Biopsy-proven calciphylaxis, read by a dermatopathologist",
        "histology: calciphylaxis read by a dermatopathologist",
    ],
)
def test_a_histological_diagnosis_may_say_who_read_it(kg: Kg, word: str) -> None:
    case = judged(kg, findings=[{"term": word, "note": "left leg"}])
    fact = case.case.facts[-1]
    assert fact.label == "histological diagnosis of calciphylaxis"
    assert (fact.words, fact.note) == (word, "left leg; a dermatopathologist")
    met = {c.id: c.status for c in case.verdict(SUBTYPES["calciphylaxis"]).criteria}
    assert met["WithSkinVesselCalcification"] == "met"


@pytest.mark.parametrize("word", ["calciphylaxis (the authors)", "zebra (a dermatologist)"])
def test_nothing_else_is_read_by_leaving_out_what_stands_in_brackets(kg: Kg, word: str) -> None:
    assert not read(kg, findings=[word]).facts


# -- denials ---------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["findings", "excluded"])
@pytest.mark.parametrize(
    "text",
    [
        "no trauma, infection or neoplasm",
        "No evidence of trauma, infection, or neoplasm.",
        "without trauma; infection; neoplasm",
        "no trauma, no infection and no neoplasm",
        "no history of trauma/infection/neoplasm",
    ],
)
def test_a_dictated_list_denies_each_part(kg: Kg, key: str, text: str) -> None:
    case = read(kg, strict=True, **{key: [text]})
    assert denied(case) == ["trauma", "infection", "neoplasm"]
    assert {fact.where for fact in case.facts} == {f"{key}[0]"}


def test_a_list_among_the_excluded_needs_no_word_of_denial(kg: Kg) -> None:
    assert denied(read(kg, excluded=["trauma, infection or neoplasm"])) == [
        *("trauma", "infection", "neoplasm")
    ]
    assert not read(kg, findings=["trauma, infection or neoplasm"]).facts
    assert denied(read(kg, excluded=["trauma, infection or xyzzy"])) == ["trauma", "infection"]


def test_a_part_that_is_unknown_is_listed_alone(kg: Kg) -> None:
    case = read(kg, excluded=["no trauma or xyzzy"])
    assert denied(case) == ["trauma"]
    assert [remark.what for remark in case.set_aside] == ["xyzzy"]


@pytest.mark.parametrize("key", ["conditions", "interventions"])
@pytest.mark.parametrize("text", ["no SSc", "without systemic sclerosis", "No history of SSc"])
def test_a_denial_is_never_the_condition_and_says_where_to_write_it(
    kg: Kg, key: str, text: str
) -> None:
    fields: dict[str, Any] = {key: [text]}
    case = read(kg, **fields)
    assert not case.facts
    (remark,) = case.not_understood
    assert "denies something: write" in remark.reason
    assert remark.reason.endswith("under excluded")
    assert not remark.suggestions
    with pytest.raises(CaseError, match="under excluded"):
        read(kg, strict=True, **fields)


def test_a_denial_among_the_conditions_holds_back_what_it_may_deny(kg: Kg) -> None:
    normal = [{"test": test, "level": "normal"} for test in ("calcium", "phosphate")]
    raw: dict[str, Any] = {"id": "a", "calcinosis": "present", "labs": normal}
    raws: list[dict[str, Any]] = [
        {**raw, "id": word, "conditions": [DM, f"no {word}"]} for word in (DM, "skin tumour")
    ]
    same, other = kg.classify(raws).cases
    assert standing(same, "dystrophic") == "undetermined"
    assert standing(other, "dystrophic") == "entailed"
    assert "names" in same.not_understood[0].blocks


@pytest.mark.parametrize("text", ["no", "no ", "nodula", "without", "no,", "or", "and no", "no no"])
def test_what_only_looks_like_a_denial_denies_nothing(kg: Kg, text: str) -> None:
    assert not denied(read(kg, findings=[text], excluded=[text]))
