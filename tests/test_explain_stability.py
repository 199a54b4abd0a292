"""The fewest facts and references whose loss changes a verdict, against recomputing it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import pytest

from calcinosis.explain.explanation import Explanation, Why
from calcinosis.explain.justify import Explainer
from calcinosis.explain.links import Link
from calcinosis.explain.minimal import TooManyError
from calcinosis.explain.stability import _references, stability
from calcinosis.facts.case import Case, Fact
from calcinosis.graph.ontology import viewpoints
from calcinosis.render.explanation import explanation_text
from tests.test_explain import SHIPPED, explainer, graph, possible, shipped


def goal_of(explainer: Explainer, why: Why) -> int:
    (case_class,) = [c for c in explainer.classifier.case_classes if c.subtype == why.verdict.id]
    return case_class.literal ^ (why.verdict.verdict == "refuted")


def settled(found: Explanation) -> list[Why]:
    return [why for why in found.subtypes if why.justifications]


# -- facts -----------------------------------------------------------------------------


@pytest.mark.parametrize("viewpoint", viewpoints())
def test_the_fewest_facts_are_those_of_brute_force(viewpoint: str) -> None:
    its = explainer(viewpoint)
    checked = 0
    for case in shipped(viewpoint):
        _, stated, _ = its.classifier.state(case)
        for why in settled(its.explain(case)):
            assert why.stability is not None
            told = {
                frozenset(id(fact) for given in found for fact in given.facts)
                for found in why.stability.facts
            }
            assert told == _fewest_facts(its, stated, goal_of(its, why), min(map(len, told)))
            checked += 1
    assert checked > 150


def _fewest_facts(
    its: Explainer, stated: dict[int, list[Fact]], goal: int, size: int
) -> set[frozenset[int]]:
    """Losses of ``size`` statements that change a verdict; none of fewer does."""
    facts = [(literal, id(fact)) for literal, found in stated.items() for fact in found]
    for count in range(size + 1):
        found = set()
        for gone in combinations(facts, count):
            left = {literal for literal, _ in set(facts).difference(gone)}
            if not its.theory.compiled.evaluate(sorted(left)).holds(goal):
                found.add(frozenset(number for _, number in gone))
        if found:
            assert count == size
            return found
    raise AssertionError("nothing changes the verdict")


# -- references ------------------------------------------------------------------------


def _falls(link: Link, lost: Collection[str]) -> bool:
    return bool(link.sources) and all(source.reference in lost for source in link.sources)


def _still(its: Explainer, case: Case, goal: int, lost: Collection[str]) -> bool:
    """Whether a verdict follows from all facts and axioms that keep a reference or need none."""
    _, stated, _ = its.classifier.state(case)
    facts = {
        literal
        for literal, found in stated.items()
        if any(not f.references or not set(f.references) <= set(lost) for f in found)
    }
    gone = {n for n in range(len(its.theory.compiled.axioms)) if _falls(its.links.link(n), lost)}
    near = its.theory._near(frozenset(stated))
    clauses = [literals for literals, axiom in near if axiom not in gone]
    return not possible(clauses, {*facts, goal ^ 1})


def check_references(its: Explainer, case: Case) -> int:
    """Compares with all losses of up to three of the references that the case cites."""
    found = its.explain(case)
    checked = 0
    for why in settled(found):
        assert why.stability is not None
        told = {frozenset(one) for one in why.stability.references}
        goal = goal_of(its, why)
        for count in range(4):
            losses = [frozenset(gone) for gone in combinations(found.cited, count)]
            falls = {lost for lost in losses if not _still(its, case, goal, lost)}
            if falls:
                assert told == falls
                checked += 1
                break
        else:
            assert not told or min(map(len, told)) > 3
    return checked


@pytest.mark.parametrize("viewpoint", viewpoints())
def test_the_fewest_references_are_those_of_brute_force(viewpoint: str) -> None:
    its = explainer(viewpoint)
    assert sum(check_references(its, case) for case in shipped(viewpoint)) > 100


def test_a_value_falls_with_the_references_of_its_interval() -> None:
    raw = {
        "id": "a",
        "age": "34 years",
        "labs": [{"test": "phosphate", "value": 3, "unit": "mg/dL"}],
    }
    raw |= {"excluded": ["abnormal calcium"]}
    (case,) = graph().cases(raw)
    assert isinstance(case, Case)
    (judged,) = [fact for fact in case.facts if fact.references]
    assert check_references(explainer(), case)
    (why,) = graph().explain(raw, "metastatic").subtypes
    assert why.stability is not None
    assert tuple(judged.references) in why.stability.references


@pytest.mark.parametrize("viewpoint", viewpoints())
def test_no_single_reference_changes_more_than_is_said(viewpoint: str) -> None:
    its = explainer(viewpoint)
    case = shipped(viewpoint)[0]
    for why in settled(its.explain(case)):
        assert why.stability is not None
        single = {one for (one,) in [r for r in why.stability.references if len(r) == 1]}
        goal = goal_of(its, why)
        for key in graph(viewpoint).ontology.library.bibliography:
            assert _still(its, case, goal, {key}) == (key not in single)


# -- what is said ----------------------------------------------------------------------


def test_text_and_json_say_what_a_verdict_falls_without() -> None:
    found = graph().explain(SHIPPED[0], identifier="teaching-dystrophic")
    text = " ".join(explanation_text(found, graph().ontology.library.bibliography).split())
    assert "Falls without calcinosis, conditions[0], labs[0], labs[1] or [1]." in text
    told = found.to_dict()["subtypes"][0]["stability"]
    assert [[given["places"] for given in one] for one in told["facts"]] == [
        [["calcinosis"]],
        [["conditions[0]"]],
        [["labs[0]"]],
        [["labs[1]"]],
    ]
    assert told["references"]


def test_a_fact_that_is_stated_twice_counts_twice() -> None:
    raw = {"id": "twice", "calcinosis": "absent", "excluded": ["calcinosis cutis"]}
    why = graph().explain(raw, "calciphylaxis").subtypes[0]
    assert why.stability is not None
    ((given,),) = why.stability.facts
    assert len(given.facts) == 2


def test_beyond_the_bound_there_is_none() -> None:
    found = graph().explain(SHIPPED[0], identifier="teaching-metastatic")
    why = found.why("IdiopathicCalcinosisCutis")
    assert stability(why.justifications, most=0) is None
    with pytest.raises(TooManyError):
        _references(why.justifications, most=0)
