"""The proof of the rules of reading: its small form holds, and it would see what it is for."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from proofs import rules
from proofs.happened import EVENTS, events
from proofs.raw import Maker
from proofs.rules import Bench, Remembering, main

from calcinosis import names
from calcinosis.reasoning import classify, defaults, presumed
from calcinosis.reasoning.repairs import repairs

CLASH: dict[str, Any] = {
    "id": "a",
    "calcinosis": "present",
    "conditions": [{"term": "rheumatoid arthritis", "at_deposit": True, "cause": False}],
    "interventions": ["calcium alginate dressing"],
    "findings": ["abnormal calcium level"],
    "excluded": ["hypercalcaemia", "tissue damage", "hypocalcaemia"],
    "workup_complete": ["tissue damage", "mineral disturbance", "depositing intervention"],
}


@cache
def bench() -> Bench:
    return Bench(names.DEFAULT_VIEWPOINT)


def only(raw: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench whose cases are all one."""
    monkeypatch.setattr(Maker, "case", lambda *_: raw)
    return Bench(names.DEFAULT_VIEWPOINT)


@pytest.mark.java
def test_the_rules_hold_in_a_sample(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick"]) == 0
    printed = capsys.readouterr()
    assert not printed.err
    rows = [line.split("|") for line in printed.out.splitlines() if line.startswith("| ")]
    counted = [row for row in rows if row[2].strip() in ("both", "repairs", "order", "presumed")]
    assert len(counted) == 4 * 5
    assert all(int(row[3]) > 0 and int(row[6]) == 0 for row in counted)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_met_by_its_theme(event: str) -> None:
    maker = bench().maker(7)
    for _ in range(200):
        case = bench().read(maker.case(EVENTS[event]))
        if event in events(bench().classifier, case, bench().classifier.known(case)):
            break
    else:
        pytest.fail(event)


def test_raw_cases_are_the_same_in_every_run() -> None:
    one, same, other = (bench().maker(number) for number in (1, 1, 2))
    first = [one.case() for _ in range(20)]
    assert first == [same.case() for _ in range(20)] != [other.case() for _ in range(20)]


@pytest.mark.java
def test_the_proof_would_see_reasoners_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Remembering(bench().classifier)
    row, _ = bench().both(authority, 5, 0)
    assert row.differences == 0
    monkeypatch.setattr(Remembering, "satisfiable", lambda *_: True)
    row, _ = bench().both(authority, 5, 0)
    assert row.differences
    assert "by HermiT" in row.examples[0]


@pytest.mark.java
def test_the_proof_would_see_a_repair_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    authority, case = Remembering(bench().classifier), bench().read(CLASH)
    assert not list(bench().repaired(authority, case))
    for module in (classify, rules):
        monkeypatch.setattr(module, "repairs", lambda *a: (repairs(*a) or [])[1:])
    told = list(bench().repaired(authority, case))
    assert any("by brute force" in words for words in told)
    assert any("repairs are told" in words for words in told)


@pytest.mark.slow
def test_the_proof_would_see_that_order_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    here = only(CLASH, monkeypatch)
    assert here.order(20).differences == 0
    monkeypatch.setattr(classify, "_ignored", lambda situations: situations[0].ignored)
    row = here.order(20)
    assert row.differences
    assert "work-up" in row.examples[0]


def test_the_proof_would_see_assumptions_that_contradict(monkeypatch: pytest.MonkeyPatch) -> None:
    here = only(
        {"id": "a", "calcinosis": "present", "excluded": ["trauma", "no underlying cause"]},
        monkeypatch,
    )
    assert [row.differences for row in here.presumed(1)] == [0, 0]
    monkeypatch.setattr(presumed._Asked, "_can_hold", lambda *_: True)
    row, _ = here.presumed(1)
    assert "the assumptions contradict the case" in row.examples[0]


def test_the_proof_would_see_a_fact_that_is_added_in_vain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entity = {"conditions": ["idiopathic scrotal calcinosis"], "excluded": ["tissue damage"]}
    here = only({"id": "a", "calcinosis": "present", **entity}, monkeypatch)
    assert [row.differences for row in here.presumed(1)] == [0, 0]
    monkeypatch.setattr(defaults.Defaults, "_leaves_open", lambda *_: True)
    _, row = here.presumed(1)
    assert "was entailed already" in row.examples[0]
