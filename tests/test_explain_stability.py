"""What a verdict falls without, against really taking it out of the case or of the ontology."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

import pytest

import calcinosis
from calcinosis import Settings
from calcinosis.api.graph import by_settings
from calcinosis.explain.explanation import Explanation, Why
from calcinosis.explain.minimal import TooManyError
from calcinosis.explain.stability import _references, stability
from calcinosis.facts.case import Case
from calcinosis.graph.ontology import viewpoints
from calcinosis.output.words.explanation import explanation_text
from tests.shared import cases_of, few, graph
from tests.test_explain import SHIPPED, shipped

_FEW = 4


def settled(found: Explanation) -> list[Why]:
    return [why for why in found.subtypes if why.justifications]


def items(raw: dict[str, Any]) -> list[str]:
    """The places of what a case file states and a fact may come from."""
    keys = ("conditions", "interventions", "findings", "labs", "excluded", "workup_complete")
    lists = [f"{key}[{n}]" for key in keys for n, _ in enumerate(raw.get(key, ()))]
    return [*lists, *(["calcinosis"] if "calcinosis" in raw else [])]


def without(raw: dict[str, Any], gone: tuple[str, ...]) -> dict[str, Any]:
    """The same case file without some items."""
    found = {key: value for key, value in raw.items() if key not in gone}
    for key, value in raw.items():
        if isinstance(value, list):
            found[key] = [one for n, one in enumerate(value) if f"{key}[{n}]" not in gone]
    return found


def verdicts(kg: calcinosis.KnowledgeGraph, raw: dict[str, Any]) -> dict[str, str]:
    result = kg.classify(raw)
    assert not result.refused, result.refused
    return {s.id: s.verdict for s in result.cases[0].subtypes}


# -- items -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("viewpoint", few(viewpoints(), "tristano-2006"))
def test_the_fewest_items_are_those_of_brute_force(viewpoint: str) -> None:
    kg = graph(viewpoint)
    checked = 0
    for case in shipped(viewpoint)[::6]:
        assert isinstance(case.raw, dict)
        raw = case.raw
        places = items(raw)
        before = verdicts(kg, raw)
        lost = {
            gone: verdicts(kg, without(raw, gone))
            for size in (1, 2)
            for gone in combinations(places, size)
        }
        for why in settled(kg.explain(raw)[0]):
            assert why.stability is not None
            subtype = why.verdict.id
            told = {frozenset(given.fact.item for given in found) for found in why.stability.facts}
            for size in (1, 2):
                falls = {
                    frozenset(gone)
                    for gone, after in lost.items()
                    if len(gone) == size and after[subtype] != before[subtype]
                }
                # An item that gives no fact is none that a verdict is said to fall without.
                if falls:
                    assert told == falls, (case.id, subtype)
                    break
            else:
                assert not told or min(map(len, told)) > 2
            checked += 1
    assert checked > 10


def test_a_name_may_take_over_for_a_lost_denial() -> None:
    raw = {"id": "a", "conditions": ["idiopathic scrotal calcinosis"], "excluded": ["trauma"]}
    why = graph().explain(raw, "idiopathic")[0].subtypes[0]
    assert why.stability is not None
    assert [[given.places for given in found] for found in why.stability.facts] == [
        [("conditions[0]",)]
    ]


def test_a_second_value_takes_over() -> None:
    labs = [
        {"test": "ionised calcium", "value": 1.5, "unit": "mmol/L", "interval": [1.1, 1.3]},
        {"test": "calcium", "value": 12.5, "unit": "mg/dL", "interval": [8.5, 10.5]},
    ]
    raw = {"id": "a", "calcinosis": "present", "age": "40 years", "labs": labs}
    why = graph().explain(raw, "metastatic")[0].subtypes[0]
    assert why.stability is not None
    sets = [[given.places for given in found] for found in why.stability.facts]
    assert [("labs[0]",)] not in sets
    assert [("calcinosis",)] in sets


# -- references ------------------------------------------------------------------------


@cache
def left_out(keys: frozenset[str]) -> calcinosis.KnowledgeGraph:
    return by_settings(graph(), Settings(without=tuple(sorted(keys))))


@pytest.mark.slow
def test_the_fewest_references_are_those_that_really_change_the_verdict() -> None:
    checked = 0
    for case in shipped()[:_FEW]:
        assert isinstance(case.raw, dict)
        before = verdicts(graph(), case.raw)
        found = graph().explain(case.raw)[0]
        for why in settled(found):
            assert why.stability is not None
            told = {frozenset(one) for one in why.stability.references}
            changes = {
                frozenset({key})
                for key in found.cited
                if verdicts(left_out(frozenset({key})), case.raw)[why.verdict.id]
                != before[why.verdict.id]
            }
            if changes:
                assert told == changes, (case.id, why.verdict.id)
            for keys in told:
                after = verdicts(left_out(keys), case.raw)
                assert after[why.verdict.id] != before[why.verdict.id]
                checked += 1
    assert checked > 5


def test_a_value_falls_with_the_references_of_its_interval() -> None:
    labs = [{"test": "phosphate", "value": 3, "unit": "mg/dL"}]
    raw: dict[str, Any] = {"id": "a", "age": "34 years", "labs": labs}
    raw |= {"excluded": ["abnormal calcium"]}
    (case,) = cases_of(graph(), raw)
    assert isinstance(case, Case)
    (judged,) = [fact for fact in case.facts if fact.references]
    (why,) = graph().explain(raw, "metastatic")[0].subtypes
    assert why.stability is not None
    assert tuple(judged.references) in why.stability.references


def test_a_word_takes_over_for_a_value_whose_interval_falls() -> None:
    labs = [
        {"test": "calcium", "value": 9.2, "unit": "mg/dL", "level": "normal"},
        {"test": "phosphate", "level": "normal"},
    ]
    raw = {"id": "a", "calcinosis": "present", "age": "40 years", "labs": labs}
    raw |= {"conditions": ["dermatomyositis"]}
    why = graph().explain(raw, "dystrophic")[0].subtypes[0]
    assert why.stability is not None
    assert not [keys for keys in why.stability.references if "arora-2023" in keys]
    other = left_out(frozenset({"arora-2023"}))
    assert verdicts(other, raw)["DystrophicCalcinosisCutis"] == "entailed"


def test_a_name_falls_with_the_references_that_make_it_one() -> None:
    raw = {"id": "a", "conditions": ["idiopathic scrotal calcinosis"]}
    for why in settled(graph().explain(raw)[0]):
        assert why.stability is not None
        for keys in why.stability.references:
            after = verdicts(left_out(frozenset(keys)), raw)
            assert after[why.verdict.id] != why.verdict.verdict


# -- what is said ----------------------------------------------------------------------


def test_text_and_json_say_what_a_verdict_falls_without() -> None:
    found = graph().explain(SHIPPED[0], identifier="teaching-dystrophic")[0]
    text = " ".join(explanation_text(found, graph().ontology.library.bibliography).split())
    assert "Falls without calcinosis, conditions[0], labs[0], labs[1] or [" in text
    told = found.to_dict()["subtypes"][0]["stability"]
    assert [[given["places"] for given in one] for one in told["facts"]] == [
        [["calcinosis"]],
        [["conditions[0]"]],
        [["labs[0]"]],
        [["labs[1]"]],
    ]
    assert told["references"]


def test_a_fact_that_is_stated_twice_is_lost_with_both() -> None:
    raw = {"id": "twice", "calcinosis": "absent", "excluded": ["calcinosis cutis"]}
    why = graph().explain(raw, "calciphylaxis")[0].subtypes[0]
    assert why.stability is not None
    (lost,) = why.stability.facts
    assert {given.fact.where for given in lost} == {"calcinosis", "excluded[0]"}


def test_beyond_the_bound_there_is_none() -> None:
    found = graph().explain(SHIPPED[0], identifier="teaching-metastatic")[0]
    why = found.why("IdiopathicCalcinosisCutis")

    def nothing(_one: object) -> Iterator[frozenset[str]]:
        return iter(())

    def same(_items: object, _keys: object) -> str:
        return why.verdict.verdict

    justified = why.justifications
    assert stability(why.verdict.verdict, justified, (), same, nothing, most=0) is None
    with pytest.raises(TooManyError):
        _references(justified, nothing, most=0)


def test_without_what_was_read_the_facts_are_lost() -> None:
    (case,) = cases_of(graph(), {"id": "a", "calcinosis": "present", "conditions": ["scar"]})
    assert isinstance(case, Case)
    from dataclasses import replace

    verdict = graph().classifier.classify(replace(case, raw=None, facts=case.facts))
    assert graph()._why(verdict).subtypes
