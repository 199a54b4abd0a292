"""The rules of reading: each rule and each guard, with a case that would come out otherwise."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

import calcinosis
from calcinosis import Settings
from calcinosis.api.graph import by_settings
from calcinosis.errors import OntologyError
from calcinosis.graph.locate import data
from calcinosis.graph.rules import KNOWN, Rules
from calcinosis.reasoning.verdict import CaseVerdict, SubtypeVerdict
from tests.golden import SUBTYPES, VERDICTS

WORDS = {verdict: word for word, verdict in VERDICTS.items()}
NORMAL = [{"test": "calcium", "level": "normal"}, {"test": "phosphate", "level": "normal"}]
ISC = "idiopathic scrotal calcinosis"
GLUCONATE = {"term": "calcium gluconate", "at_deposit": True}
UNKNOWN = "xyzzy disease"
WORKUP = [
    "tissue damage",
    "mineral disturbance",
    "depositing intervention",
    "small-vessel calcification",
]


def verdict(kg: calcinosis.KnowledgeGraph, **case: Any) -> CaseVerdict:
    """The verdict on a case with a calcinosis; words that nothing resolves are passed over."""
    raw: dict[str, Any] = {"id": "a", "calcinosis": "present", **case}
    result = kg.classify(raw)
    assert not result.refused, result.refused
    return result.cases[0]


def of(case: CaseVerdict, name: str) -> SubtypeVerdict:
    return case.verdict(SUBTYPES[name])


def shown(case: CaseVerdict, *subtypes: str) -> list[str]:
    """Verdicts in words, with the basis of open ones and the assumptions behind presumed ones."""
    found = []
    for name in subtypes:
        one = of(case, name)
        words = [WORDS[one.verdict]]
        if one.verdict == "undetermined":
            words += [one.basis or ""]
            words += one.presumed.assumptions if one.presumed else ()
        found.append(" ".join(filter(None, words)))
    return found


def flags(case: CaseVerdict, name: str) -> str:
    return " ".join(of(case, name).flags)


# -- R3: what is set apart -------------------------------------------------------------


def test_r3a_a_condition_stated_not_to_be_the_cause_says_nothing_of_its_level(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    named = "hyperphosphataemic familial tumoral calcinosis"
    case = verdict(kg, conditions=[{"term": named, "cause": False}], labs=NORMAL)
    assert shown(case, "metastatic", "idiopathic") == ["ruled out", "open"]
    assert [r.what for r in case.set_aside] == [named]
    assert shown(verdict(kg, conditions=[named]), "metastatic") == ["follows"]


def test_r3a_so_does_one_that_came_before(kg: calcinosis.KnowledgeGraph) -> None:
    item = {"term": "milk-alkali syndrome", "when": "before"}
    case = verdict(kg, conditions=[item], labs=NORMAL)
    # It is still a mineral disorder that is taken as the cause.
    assert shown(case, "metastatic", "idiopathic") == ["ruled out", "ruled out"]
    assert shown(verdict(kg, conditions=["milk-alkali syndrome"]), "metastatic") == ["follows"]


def test_r3a_a_name_with_a_level_is_a_mineral_disorder_all_the_same(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    item = {"term": "acute lymphoblastic leukaemia with hypercalcaemia", "when": "before"}
    case = verdict(kg, conditions=[item], labs=NORMAL)
    assert shown(case, "metastatic", "idiopathic") == ["ruled out", "ruled out"]


def test_r3a_a_denied_cause_counts_wherever_it_is_denied(kg: calcinosis.KnowledgeGraph) -> None:
    named = "hyperphosphataemic familial tumoral calcinosis"
    denied = [{"term": "tumoral calcinosis", "cause": True}]
    case = verdict(kg, conditions=[named], excluded=denied, labs=NORMAL)
    assert shown(case, "metastatic") == ["ruled out"]


@pytest.mark.parametrize("level", ["normal", "low"])
def test_r3b_a_level_now_is_set_aside_before_a_name(
    level: str, kg: calcinosis.KnowledgeGraph
) -> None:
    labs = [{"test": "phosphate", "level": level}]
    case = verdict(kg, conditions=["hyperphosphataemic familial tumoral calcinosis"], labs=labs)
    assert shown(case, "metastatic", "dystrophic") == ["follows", "ruled out"]
    assert "normal now" in flags(case, "metastatic")
    assert "R3b" in case.set_aside[0].reason


def test_r3b_an_excluded_criterion_is_not_set_aside(kg: calcinosis.KnowledgeGraph) -> None:
    named = ["hyperphosphataemic familial tumoral calcinosis"]
    case = verdict(kg, conditions=named, excluded=["raised calcium or phosphate"])
    assert case.contradiction is not None
    assert of(case, "metastatic").verdict == "conflicting"


def test_r3c_an_intervention_that_is_not_the_cause_deposits_nothing(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    case = verdict(kg, interventions=[{**GLUCONATE, "cause": False}], labs=NORMAL)
    assert shown(case, "iatrogenic") == ["open"]
    assert "R3c" in case.set_aside[0].reason
    lupus = ["systemic lupus erythematosus"]
    case = verdict(kg, conditions=lupus, interventions=[{**GLUCONATE, "cause": False}], labs=NORMAL)
    assert shown(case, "dystrophic") == ["follows"]  # nor does it hold the disease back


# -- R1: taken as a cause --------------------------------------------------------------


def test_r1_a_systemic_disease_is_taken_as_the_cause(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=["dermatomyositis"], labs=NORMAL)
    assert shown(case, "dystrophic", "idiopathic") == ["follows", "ruled out"]
    (fact,) = case.taken
    assert fact.rule is not None
    assert fact.rule.code == "R1"
    assert "cause: false" in fact.rule.way_out


def test_r1_a_mineral_disorder_is_taken_as_the_cause(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=["primary hyperparathyroidism"], labs=NORMAL)
    assert shown(case, "idiopathic", "metastatic") == ["ruled out", "ruled out"]


def test_r1_not_where_it_is_stated_not_to_be_the_cause(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=[{"term": "dermatomyositis", "cause": False}], labs=NORMAL)
    assert shown(case, "dystrophic", "idiopathic") == ["open", "open"]


def test_r1_not_where_an_excluded_criterion_says_no(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=["dermatomyositis"], excluded=["tissue damage"], labs=NORMAL)
    assert case.contradiction is None
    assert shown(case, "dystrophic", "idiopathic") == ["ruled out", "open"]


def test_r1_not_beside_a_recognised_entity(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=[ISC, "rheumatoid arthritis"])
    assert shown(case, "idiopathic", "dystrophic") == ["follows", "ruled out"]


@pytest.mark.parametrize(
    "other",
    [
        {"conditions": [{"term": "trauma", "cause": True}]},
        {"interventions": [{"term": "warfarin", "cause": True}]},
        {"conditions": [{"term": UNKNOWN, "cause": True}]},
        {"interventions": [{"term": UNKNOWN, "cause": True}]},
        {"interventions": [GLUCONATE]},
    ],
    ids=["stated", "without a role", "not understood", "not understood intervention", "deposited"],
)
def test_r1_is_held_where_another_cause_is_stated(
    other: dict[str, Any], kg: calcinosis.KnowledgeGraph
) -> None:
    conditions = ["dermatomyositis", *other.get("conditions", ())]
    case = verdict(kg, **{**other, "conditions": conditions}, labs=NORMAL)
    assert not case.taken
    if "trauma" not in str(other):  # that is damage of its own
        assert shown(case, "dystrophic") == ["open association"]
        assert of(case, "dystrophic").presumed is None
    assert "Another cause is stated, so dermatomyositis" in flags(case, "dystrophic")


def test_a_depositing_intervention_elsewhere_holds_nothing(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(
        kg, conditions=["dermatomyositis"], interventions=["calcium gluconate"], labs=NORMAL
    )
    assert shown(case, "dystrophic") == ["follows"]


# -- R2: worked up by a name -----------------------------------------------------------


def test_r2_a_name_is_a_work_up_of_all_four(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=[ISC])
    assert shown(case, *SUBTYPES) == ["ruled out", "ruled out", "follows", "ruled out", "ruled out"]
    assert len(case.taken) == 4


@pytest.mark.parametrize(
    ("met", "words"),
    [
        ({"conditions": [ISC, {"term": "trauma", "at_deposit": True}]}, "tissue damage"),
        ({"labs": [{"test": "calcium", "level": "high"}]}, "mineral disturbance"),
        ({"interventions": [GLUCONATE]}, "depositing intervention"),
        ({"findings": ["calcification of small skin vessels"]}, "vessel"),
    ],
    ids=["damage", "mineral", "intervention", "vessels"],
)
def test_r2_all_or_none_where_one_is_met(
    met: dict[str, Any], words: str, kg: calcinosis.KnowledgeGraph
) -> None:
    case = verdict(kg, **{"conditions": [ISC], **met})
    assert not case.taken
    assert of(case, "idiopathic").verdict == "refuted"
    assert "Named idiopathic, but" in flags(case, "idiopathic")
    assert words in flags(case, "idiopathic")


def test_r2_not_beside_a_possible_cause_while_levels_are_unknown(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    conditions = [ISC, "end-stage kidney disease"]
    case = verdict(kg, conditions=conditions)
    assert shown(case, "idiopathic", "dystrophic") == ["open association", "open"]
    assert "end-stage kidney disease may raise" in flags(case, "idiopathic")
    case = verdict(kg, conditions=conditions, labs=NORMAL)
    assert shown(case, "idiopathic") == ["follows"]


@pytest.mark.parametrize("link", ["at_deposit", "cause"])
def test_r2_not_beside_what_was_not_understood_there(
    link: str, kg: calcinosis.KnowledgeGraph
) -> None:
    case = verdict(kg, conditions=[ISC, {"term": UNKNOWN, link: True}], labs=NORMAL)
    assert shown(case, "idiopathic") == ["open association"]
    assert UNKNOWN in flags(case, "idiopathic")


# -- the work-up -----------------------------------------------------------------------


def test_the_work_up_denies_what_nothing_meets(kg: calcinosis.KnowledgeGraph) -> None:
    assert shown(verdict(kg, workup_complete=WORKUP, labs=NORMAL), "idiopathic") == ["follows"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"conditions": [{"term": "trauma", "at_deposit": True}]}, "a fact meets it"),
        ({"conditions": ["burn scar"]}, "burn scar may meet it"),
        (
            {"conditions": ["dermatomyositis"], "interventions": [GLUCONATE]},
            "dermatomyositis may meet it",
        ),
        ({"conditions": [UNKNOWN]}, "not understood"),
    ],
    ids=["met", "unplaced", "held", "not understood"],
)
def test_the_work_up_denies_no_damage_that_may_be_there(
    given: dict[str, Any], why: str, kg: calcinosis.KnowledgeGraph
) -> None:
    case = verdict(kg, **given, labs=NORMAL, workup_complete=["tissue damage"])
    (ignored,) = case.workup_ignored
    assert why in ignored[1]
    assert of(case, "idiopathic").verdict != "entailed"
    assert why in " ".join(flag for s in case.subtypes for flag in s.flags)


def test_the_work_up_denies_no_intervention_that_may_be_there(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    for given in ("calcium gluconate", UNKNOWN):
        case = verdict(kg, interventions=[given], labs=NORMAL, workup_complete=WORKUP)
        assert of(case, "idiopathic").verdict == "undetermined", given
    case = verdict(kg, findings=[UNKNOWN], labs=NORMAL, workup_complete=WORKUP[:1])
    assert case.workup_ignored == ()  # no finding could have met it


def test_a_scar_elsewhere_does_not_hold_the_work_up_back(kg: calcinosis.KnowledgeGraph) -> None:
    scar = {"term": "burn scar", "at_deposit": False, "cause": False}
    case = verdict(kg, conditions=[scar], labs=NORMAL, workup_complete=WORKUP)
    assert shown(case, "idiopathic") == ["follows"]


# -- contradictions stay local ---------------------------------------------------------


def test_a_verdict_that_every_repair_shares_stands(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(
        kg,
        conditions=["dermatomyositis"],
        findings=["high calcium"],
        excluded=["high calcium"],
        interventions=[GLUCONATE],
    )
    assert case.contradiction is not None
    assert case.repairs == 2
    assert shown(case, "iatrogenic", "idiopathic") == ["follows", "ruled out"]
    assert shown(case, "metastatic", "dystrophic") == ["conflicting", "conflicting"]


def test_names_are_taken_at_their_word_in_each_repair_anew(kg: calcinosis.KnowledgeGraph) -> None:
    # Without the denial the name speaks; without the entity nothing does: only the rest differs.
    case = verdict(kg, conditions=[ISC], excluded=[ISC], labs=NORMAL)
    assert shown(case, "metastatic") == ["ruled out"]
    assert shown(case, "idiopathic", "dystrophic") == ["conflicting", "conflicting"]


def test_nothing_is_presumed_of_contradictory_facts(kg: calcinosis.KnowledgeGraph) -> None:
    conditions = ["dermatomyositis", "skin ulcer"]
    case = verdict(kg, conditions=conditions[:1], findings=["obesity"], excluded=["obesity"])
    assert case.repairs == 2
    assert all(s.presumed is None for s in case.subtypes)


def test_more_repairs_than_are_looked_at_are_said(kg: calcinosis.KnowledgeGraph) -> None:
    terms = [t.label for t in kg.ontology.terms if t.kind == "finding"]
    chosen = [label for label in terms if len(kg.ontology.terms.find(label)) == 1][:9]
    case = verdict(kg, findings=chosen, excluded=chosen)
    assert case.repairs is None
    assert {s.verdict for s in case.subtypes} == {"conflicting"}
    case = verdict(kg, findings=chosen[1:], excluded=chosen[1:])
    assert case.repairs == 256
    assert {s.verdict for s in case.subtypes} == {"undetermined"}


# -- the rules themselves --------------------------------------------------------------


def test_every_rule_has_its_words_and_its_reason(kg: calcinosis.KnowledgeGraph) -> None:
    rules = Rules(kg.ontology)
    assert [rule.iri for rule in rules.all] == list(KNOWN)
    for rule in rules.all:
        assert all((rule.code, rule.label, rule.definition, rule.reason, rule.way_out))
        for claim in rule.claims:
            assert kg.ontology.claims.references(claim)


def test_a_rule_falls_with_its_claims(kg: calcinosis.KnowledgeGraph) -> None:
    rule = next(rule for rule in Rules(kg.ontology).all if rule.code == "R2")
    keys = {key for claim in rule.claims for key in kg.ontology.claims.references(claim)}
    other = by_settings(kg, Settings(without=tuple(keys)))
    assert Rules(other.ontology).get(rule.iri) is None
    assert shown(verdict(other, conditions=[ISC]), "idiopathic") != ["follows"]


def test_a_missing_rule_is_named_before_any_verdict(
    kg: calcinosis.KnowledgeGraph, tmp_path: Any
) -> None:
    folder = tmp_path / "ontology"
    shutil.copytree(data("ontology"), folder)
    (folder / "rules.ttl").write_text("", encoding="utf-8")
    with pytest.raises(OntologyError, match="rule"):
        calcinosis.load(ontology=folder).classify({"id": "a"})
    (folder / "rules.ttl").unlink()
    with pytest.raises(OntologyError, match=r"rules\.ttl"):
        calcinosis.load(ontology=folder)
