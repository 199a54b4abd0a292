"""Leaving a reference out gives what striking it out of the files gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis import Settings
from calcinosis.api.graph import by_settings
from calcinosis.reasoning.fragment import Fragment
from tests.removal import Files
from tests.shared import graph
from tests.test_compare import ALONE, CASES, HANGS_ON_IT, WEIGHTIEST, carrying, classified, whole


@pytest.mark.slow
def test_leaving_out_equals_striking_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The references that fewest others stand beside; ``make proof`` takes every one."""
    # A criterion that nobody supports any more is not necessary; what suffices still names it.
    monkeypatch.setattr(Fragment, "_check_split_form", lambda _: None)
    struck_out = Files()
    changed = 0
    conditions = ("subcutaneous fat necrosis of the newborn with hypercalcaemia", "keloid")
    hanging = [HANGS_ON_IT]
    hanging += [{"id": c, "calcinosis": "present", "conditions": [c]} for c in conditions]
    for key in (WEIGHTIEST, ALONE, "borgia-2006", "tristano-2006"):
        assert struck_out.without(key, tmp_path / key)
        struck = calcinosis.load(ontology=tmp_path / key)
        left_out = by_settings(graph(), Settings(without=(key,)))
        found = [classified(struck, cases) for cases in (CASES, hanging)]
        assert [classified(left_out, cases) for cases in (CASES, hanging)] == found
        changed += found != [whole(), classified(graph(), hanging)]
    assert changed >= 3


@pytest.mark.slow
def test_a_rule_is_struck_out_with_the_claims_that_it_rests_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fragment, "_check_split_form", lambda _: None)
    (rule,) = [rule for rule in graph().classifier.rules.all if rule.code == "A2"]
    (key,) = {key for claim in rule.claims for key in graph().ontology.claims.references(claim)}
    cases: list[dict[str, Any]] = [{"id": "a", "calcinosis": "present", "excluded": ["trauma"]}]
    cases.append({"id": "b", "calcinosis": "present", "conditions": ["dermatomyositis"]})
    assert Files().without(key, tmp_path / key)

    def shown(kg: calcinosis.KnowledgeGraph) -> list[str]:
        return [one.standing for case in kg.classify(cases).cases for one in case.subtypes]

    struck = shown(calcinosis.load(ontology=tmp_path / key))
    assert shown(by_settings(graph(), Settings(without=(key,)))) == struck
    assert shown(graph()).count("presumed") - struck.count("presumed") == 1
    assert "presumed" in struck  # by a rule that stands
    assert {w.changes for w in graph().rank(cases) if w.reference == key} == {
        (("a", "IdiopathicCalcinosisCutis"),)
    }


@pytest.mark.slow
def test_a_reference_that_carries_nothing_changes_nothing(tmp_path: Path) -> None:
    struck_out = Files()
    idle = [key for key in sorted(graph().ontology.library.bibliography) if key not in carrying()]
    assert idle
    key = next(key for key in idle if not struck_out.without(key, tmp_path / key))
    assert classified(by_settings(graph(), Settings(without=(key,)))) == whole()
