"""Faults of the rules of reading that random cases found (``proofs/rules.py``)."""

from __future__ import annotations

from typing import Any

import pytest

import calcinosis
from calcinosis.facts.case import Case
from calcinosis.graph.settings import ASSUMPTIONS
from calcinosis.reasoning.presumed import Assumption, _Asked
from calcinosis.reasoning.repairs import repairs
from tests.shared import cases_of
from tests.test_rules import GLUCONATE, ISC, NORMAL, UNKNOWN, WORKUP, flags, shown, verdict


def test_a_name_adds_no_denial_that_is_stated(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=[ISC], excluded=["mineral disturbance", "tissue damage"])
    assert shown(case, "idiopathic") == ["follows"]
    added = [fact.label for fact in case.taken]
    assert sorted(added) == [
        "depositing intervention at the deposit or as its cause",
        "skin-vessel calcification",
    ]
    case = verdict(kg, conditions=[ISC], excluded=WORKUP)
    assert shown(case, "idiopathic") == ["follows"]
    assert not case.taken
    assert not flags(case, "idiopathic")


def assumptions(kg: calcinosis.KnowledgeGraph, **given: Any) -> tuple[Case, list[Assumption]]:
    """A case with a calcinosis, and what is assumed of it, whether or not anything follows."""
    raw: dict[str, Any] = {"id": "a", "calcinosis": "present", **given}
    (case,) = cases_of(kg, raw)
    assert isinstance(case, Case)
    by = kg.classifier
    (found,) = by.known(case).situations
    asked = _Asked(by._presumer, case, found, False, by.compiled.evaluate, ASSUMPTIONS)
    return case, asked.assumptions()


@pytest.mark.parametrize(
    "given",
    [
        {"excluded": ["trauma"], "findings": ["calcification of small skin vessels"]},
        {"excluded": ["trauma", "no underlying cause"]},
        {"conditions": [ISC], "excluded": ["no underlying cause"], "labs": NORMAL[:1]},
    ],
    ids=["one is met", "no room for all", "no room beside a name"],
)
def test_a2_assumes_all_four_or_none(given: dict[str, Any], kg: calcinosis.KnowledgeGraph) -> None:
    case, made = assumptions(kg, **given)
    assert [one.rule.code for one in made] == ["A1"]  # what is assumed of the levels stands
    (found,) = kg.classifier.known(case).situations
    after = kg.classifier._presumer.adding(found, made, kg.classifier.compiled.evaluate)
    assert after.judged.consistent


def test_a3_assumes_no_link_that_is_stated() -> None:
    # A viewpoint without iatrogenic cases, where no causal criterion is met by the dressing.
    graph = calcinosis.load("minars")
    dressing = {"term": "calcium alginate dressing", "at_deposit": True}
    _, made = assumptions(graph, interventions=[dressing])
    assert "A3" not in [one.rule.code for one in made]


@pytest.mark.parametrize(
    "items",
    [
        {"conditions": ["burn scar", "acne scar"]},
        {"conditions": [UNKNOWN, "plugh fever"]},
        {"conditions": ["dermatomyositis", "systemic sclerosis"], "interventions": [GLUCONATE]},
    ],
    ids=["unplaced", "not understood", "held"],
)
def test_why_the_work_up_is_held_back_hangs_on_no_order(
    items: dict[str, Any], kg: calcinosis.KnowledgeGraph
) -> None:
    one = verdict(kg, **items, labs=NORMAL, workup_complete=["tissue damage"])
    turned = {key: found[::-1] for key, found in items.items()}
    other = verdict(kg, **turned, labs=NORMAL, workup_complete=["tissue damage"])
    assert one.workup_ignored == other.workup_ignored != ()
    assert all(" or " in why for _, why in one.workup_ignored)
    assert [{*s.flags} for s in one.subtypes] == [{*s.flags} for s in other.subtypes]


def test_what_the_work_up_leaves_is_what_every_repair_leaves(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    lists = ["tissue damage", "mineral disturbance", "depositing intervention"]
    excluded = ["hypercalcaemia", "tissue damage", "hypocalcaemia"]
    rest: dict[str, Any] = {
        "conditions": [{"term": "rheumatoid arthritis", "at_deposit": True, "cause": False}],
        "findings": ["abnormal calcium level"],
        "interventions": ["calcium alginate dressing"],
    }
    seen = {
        frozenset(verdict(kg, **rest, excluded=e, workup_complete=w).workup_ignored)
        for e in (excluded, excluded[::-1])
        for w in (lists, lists[::-1])
    }
    assert len(seen) == 1
    (ignored,) = seen
    assert any("may meet it" in why for _, why in ignored)


def test_facts_that_can_hold_together_are_their_only_repair() -> None:
    assert repairs((2, 5), lambda facts: True) == [(2, 5)]
