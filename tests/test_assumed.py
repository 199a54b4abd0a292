"""What is assumed where a case is silent: each rule and each guard, and the switches for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis import Settings
from calcinosis.api.graph import by_settings
from calcinosis.errors import UsageError
from calcinosis.graph.settings import ASSUMPTIONS
from tests.tables import csv_file, problem
from tests.test_rules import GLUCONATE, ISC, NORMAL, UNKNOWN, WORKUP, of, shown, verdict

# -- A1: levels ------------------------------------------------------------------------

DM = ["dermatomyositis"]
HALF_KNOWN: list[dict[str, Any]] = [
    {"labs": [{"test": "calcium", "value": ">10", "unit": "mg/dL"}]},
    {"labs": [{"test": "phosphate", "value": ">4", "unit": "mg/dL"}]},
    {"labs": [{"test": "calcium", "value": 14, "unit": "mg/dL", "interval": [8.5, None]}]},
    {
        "labs": [
            {"test": "calcium", "value": 9.3, "unit": "mg/dL"},
            {"test": "albumin", "value": "<3.0", "unit": "g/dL"},
        ]
    },
    {"labs": [{"test": "calcium", "value": 14, "unit": "foo"}]},
    {"labs": [{"test": "calcium-phosphate product", "level": "high"}]},
    {"labs": [{"test": "Ca x P", "level": "high"}]},
    {"labs": [{"test": "calcium", "value": 2.3, "unit": "mg/dL"}]},
    {"findings": ["abnormal calcium level"]},
]
"""A level is reported, and whether it is raised is not known."""


@pytest.mark.parametrize("half_known", HALF_KNOWN, ids=lambda one: str(one)[:70])
def test_nothing_is_assumed_of_a_level_that_is_reported(
    half_known: dict[str, Any], kg: calcinosis.KnowledgeGraph
) -> None:
    adult = {"age": "40 years", **half_known}
    for beside in (
        {"conditions": DM},
        {"excluded": ["trauma"]},
        {"conditions": ["hyperparathyroidism"]},
    ):
        case = verdict(kg, **adult, **beside)
        assert [one.id for one in case.subtypes if one.presumed] == []


@pytest.mark.parametrize("half_known", HALF_KNOWN, ids=lambda one: str(one)[:70])
def test_nothing_is_excluded_over_a_level_that_is_reported(
    half_known: dict[str, Any], kg: calcinosis.KnowledgeGraph
) -> None:
    case = verdict(kg, age="40 years", conditions=[ISC], **half_known)
    assert of(case, "idiopathic").verdict == "undetermined"
    told = [
        f for f in of(case, "idiopathic").flags if f.startswith("Named idiopathic, but whether")
    ]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("not_known", "criterion"),
    [
        ({"labs": [{"test": "calcium", "value": 14, "unit": "foo"}]}, "mineral disturbance"),
        ({"labs": [{"test": "calcium", "value": 2.3, "unit": "mg/dL"}]}, "mineral disturbance"),
        ({"findings": ["calcified arterioles there"]}, "skin-vessel calcification"),
    ],
)
def test_no_work_up_excludes_what_a_value_or_finding_not_understood_may_meet(
    not_known: dict[str, Any], criterion: str, kg: calcinosis.KnowledgeGraph
) -> None:
    case = verdict(kg, age="40 years", workup_complete=WORKUP, **not_known)
    assert criterion in dict(case.workup_ignored)
    assert of(case, "idiopathic").verdict == "undetermined"


def test_an_unknown_test_of_something_else_leaves_the_levels_as_they_were(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    case = verdict(kg, conditions=DM, labs=[{"test": "zinc", "level": "high"}])
    assert shown(case, "dystrophic") == ["open criterion A1"]


def test_a1_an_unreported_level_is_not_raised(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=DM)
    assert shown(case, "dystrophic") == ["open criterion A1"]
    presumed = of(case, "dystrophic").presumed
    assert presumed is not None
    assert presumed.condition == (
        "serum calcium and serum phosphate, not reported, are not raised [A1]"
    )
    assert presumed.falls_if == (
        "if one is, metastatic calcinosis cutis follows and dystrophic calcinosis cutis is ruled "
        "out"
    )
    case = verdict(kg, conditions=DM, labs=NORMAL[:1])
    presumed = of(case, "dystrophic").presumed
    assert presumed is not None
    assert presumed.condition == "serum phosphate, not reported, is not raised [A1]"


@pytest.mark.parametrize(
    "trouble",
    [
        {"findings": ["abnormal parathyroid hormone"]},
        {"labs": [{"test": "parathyroid hormone", "level": "high"}]},
        {"findings": ["elevated calcium-phosphate product"]},
        {"interventions": ["kidney transplantation"]},
        {"interventions": ["phosphate binder"]},
        {"conditions": [*DM, "chronic kidney disease"]},
        {"conditions": [*DM, "sarcoidosis"]},
        {"labs": [{"test": "calcium", "value": 9.5, "unit": "mg/dL"}]},
        {"labs": [{"test": "phosphate", "level": "high", "when": "before"}]},
        {"labs": [{"test": "phosphate", "value": 6.9, "unit": "mg/dL", "when": "after"}]},
        {"labs": [{"test": "phosphate", "level": "low", "when": "before"}]},
        {"labs": [{"test": "calcium", "value": 6, "unit": "mg/dL", "when": "after"}]},
        {"conditions": [*DM, UNKNOWN]},
        {"interventions": [UNKNOWN]},
    ],
    ids=lambda one: str(one)[:60],
)
def test_a1_not_where_there_is_mineral_trouble_or_a_word_not_understood(
    trouble: dict[str, Any], kg: calcinosis.KnowledgeGraph
) -> None:
    case = verdict(kg, **{"conditions": DM, **trouble})
    found = of(case, "dystrophic").presumed
    assert found is None or "A1" not in found.assumptions


def test_a1_a_normal_level_at_another_time_is_no_trouble(kg: calcinosis.KnowledgeGraph) -> None:
    labs = [{"test": "phosphate", "level": "normal", "when": "before"}]
    assert shown(verdict(kg, conditions=DM, labs=labs), "dystrophic") == ["open criterion A1"]


def test_a1_not_where_a_level_was_set_aside(kg: calcinosis.KnowledgeGraph) -> None:
    named = "acute lymphoblastic leukaemia with hypercalcaemia"
    case = verdict(kg, conditions=[named, *DM], labs=NORMAL[:1])
    assert all(s.presumed is None for s in case.subtypes)


# -- A2: the work-up -------------------------------------------------------------------

DENIED: dict[str, Any] = {"excluded": ["connective tissue disease"], "labs": NORMAL}


def test_a2_the_rest_of_the_work_up_found_nothing(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, **DENIED)
    assert shown(case, "idiopathic") == ["open A2"]
    case = verdict(kg, excluded=["trauma"])
    assert shown(case, "idiopathic") == ["open A1 A2"]


@pytest.mark.parametrize(
    "given",
    [
        {"excluded": []},
        {"excluded": ["hyperparathyroidism"]},
        {"labs": [*NORMAL[:1], {"test": "phosphate", "level": "low"}]},
        {"conditions": ["burn scar"]},
        {"conditions": ["tumoral calcinosis"]},
        {"conditions": [{"term": "dermatomyositis", "cause": False}]},
        {"conditions": [{"term": "primary hyperparathyroidism", "cause": False}]},
        {"conditions": [{"term": "trauma", "at_deposit": True}]},
        {"findings": ["skin necrosis"]},
        {"findings": ["calcified arterioles there"]},
        {"interventions": ["phosphate binder"]},
    ],
    ids=lambda one: str(one)[:60],
)
def test_a2_not_without_its_grounds(given: dict[str, Any], kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, **{**DENIED, **given})
    found = of(case, "idiopathic").presumed
    assert found is None, found


def test_a2_a_denied_link_of_something_that_is_there_is_no_denial(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    scar = {"term": "burn scar", "at_deposit": False, "cause": False}
    assert shown(verdict(kg, conditions=[scar], labs=NORMAL), "idiopathic") == ["open"]


# -- A3: causes ------------------------------------------------------------------------


def test_a3_the_one_possible_cause_raised_a_level(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=["end-stage kidney disease"])
    assert shown(case, "metastatic", "calciphylaxis") == ["open association A3", "open association"]
    presumed = of(case, "metastatic").presumed
    assert presumed is not None
    assert presumed.references  # the claims that name the cause
    assert "end-stage kidney disease raised" in presumed.condition


def test_a3_the_one_possible_cause_was_at_the_deposit(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=["burn scar"], labs=NORMAL)
    assert shown(case, "dystrophic") == ["open association A3"]
    case = verdict(kg, interventions=["calcium gluconate"])
    assert shown(case, "iatrogenic") == ["open association A3"]


@pytest.mark.parametrize(
    ("given", "subtype"),
    [
        ({"conditions": ["burn scar", "end-stage kidney disease"]}, "metastatic"),
        (
            {"conditions": [{"term": "burn scar", "at_deposit": False}], "labs": NORMAL},
            "dystrophic",
        ),
        ({"conditions": ["burn scar", ISC], "labs": NORMAL}, "dystrophic"),
        ({"conditions": ["burn scar"], "findings": ["skin necrosis"]}, "dystrophic"),
        (
            {"conditions": ["burn scar"], "findings": ["calcification of small skin vessels"]},
            "dystrophic",
        ),
        (
            {"conditions": ["burn scar", {"term": UNKNOWN, "at_deposit": True}], "labs": NORMAL},
            "dystrophic",
        ),
        ({"conditions": ["end-stage kidney disease"], "labs": NORMAL[:1]}, "metastatic"),
        (
            {"conditions": ["end-stage kidney disease"], "interventions": [GLUCONATE]},
            "metastatic",
        ),
        (
            {
                "conditions": ["burn scar"],
                "interventions": [{"term": "warfarin", "cause": True}],
                "labs": NORMAL,
            },
            "dystrophic",
        ),
        ({"conditions": ["tumoral calcinosis"]}, "metastatic"),
    ],
    ids=[
        "two subtypes have candidates",
        "denied at the deposit",
        "an entity is named",
        "necrosis",
        "vessels",
        "not understood at the deposit",
        "a level is normal",
        "something follows",
        "another cause is stated",
        "a vaguer word",
    ],
)
def test_a3_not_without_its_grounds(
    given: dict[str, Any], subtype: str, kg: calcinosis.KnowledgeGraph
) -> None:
    assert of(verdict(kg, **given), subtype).presumed is None


def test_a3_never_calciphylaxis(kg: calcinosis.KnowledgeGraph) -> None:
    case = verdict(kg, conditions=["end-stage kidney disease"], interventions=["warfarin"])
    assert of(case, "calciphylaxis").presumed is None


# -- defaults give way -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "more", "subtype", "verdicts"),
    [
        (
            {"conditions": ["systemic lupus erythematosus"], "labs": NORMAL},
            {"interventions": [GLUCONATE]},
            "dystrophic",
            ["follows", "open association"],
        ),
        (
            {"conditions": [ISC]},
            {"findings": ["calcification of small skin vessels"]},
            "dystrophic",
            ["ruled out", "open"],
        ),
        (
            {"workup_complete": WORKUP, "labs": NORMAL},
            {"conditions": ["burn scar"]},
            "idiopathic",
            ["follows", "open"],
        ),
    ],
    ids=["another cause", "a name", "the work-up"],
)
def test_a_further_fact_can_take_a_verdict_back(
    before: dict[str, Any],
    more: dict[str, Any],
    subtype: str,
    verdicts: list[str],
    kg: calcinosis.KnowledgeGraph,
) -> None:
    found = [shown(verdict(kg, **case), subtype)[0] for case in (before, {**before, **more})]
    assert found == verdicts


# -- switches --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("all", ["open A1 A2", "open criterion A1", "open association A3"]),
        ("nothing", ["open", "open criterion", "open association"]),
        ("levels", ["open", "open criterion A1", "open association"]),
        ("work-up", ["open A1 A2", "open criterion A1", "open association"]),
        ("causes", ["open", "open criterion", "open association A3"]),
        ("causes, levels", ["open", "open criterion A1", "open association A3"]),
    ],
)
def test_what_may_be_assumed(
    words: str, expected: list[str], kg: calcinosis.KnowledgeGraph
) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"excluded": ["trauma"]}, "idiopathic"),
        ({"conditions": DM}, "dystrophic"),
        ({"conditions": ["end-stage kidney disease"]}, "metastatic"),
    ]
    other = by_settings(kg, Settings(assume=tuple(words.split(","))))
    assert [shown(verdict(other, **c), s)[0] for c, s in cases] == expected
    assert [shown(verdict(kg, **c, assume=words), s)[0] for c, s in cases] == expected


def test_a_row_says_what_may_be_assumed_of_its_case(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    headings = ("id", "calcinosis", "conditions", "assume")
    words = {"levels; causes": ("levels", "causes"), "Nothing": (), "all": ASSUMPTIONS, "": None}
    rows = [(word, "present", "dermatomyositis", word) for word in words if word]
    rows.append(("empty", "present", "dermatomyositis", ""))
    result = kg.classify(csv_file(tmp_path / "a.csv", *rows, headings=headings))
    assert [case.case.assume for case in result.cases] == [*words.values()]
    presumed = [case.subtypes[0].presumed is not None for case in result.cases]
    assert presumed == [True, False, True, True]
    path = csv_file(tmp_path / "b.csv", ("a", "present", "acne", "luck"), headings=headings)
    found = problem(kg, path)
    assert (found.column, found.value) == ("D (assume)", "luck")
    assert "nothing, all, or some of levels" in found.cure


def test_nothing_taken_switches_names_off(kg: calcinosis.KnowledgeGraph) -> None:
    other = by_settings(kg, Settings(take=False))
    case = verdict(other, conditions=DM, labs=NORMAL)
    assert shown(case, "dystrophic") == ["open association A3"]  # the link is assumed at most
    assert not case.taken
    assert shown(verdict(other, conditions=[ISC]), "idiopathic") == ["open association"]


@pytest.mark.parametrize(("told", "taken"), [("nothing", False), ("all", True), (False, False)])
def test_the_settings_of_a_head_can_be_repeated(told: Any, taken: bool) -> None:
    assert Settings(take=told).take is taken


@pytest.mark.parametrize("wrong", [{"take": "some"}, {"assume": 3}, {"assume": [3]}])
def test_settings_that_say_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="Write"):
        Settings(**wrong)
