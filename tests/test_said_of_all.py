"""What is said once of several things, and what is only looked for: patterns of reports."""

from __future__ import annotations

from pathlib import Path

import pytest

import calcinosis
from calcinosis.api.proposed import proposals
from calcinosis.facts.case import Case
from calcinosis.facts.read import reader_of


def read(kg: calcinosis.KnowledgeGraph, key: str, text: str) -> Case:
    return reader_of(kg.ontology).read({"id": "P1", key: [text]}, "")


def facts(case: Case) -> list[tuple[bool, str, str]]:
    return [(one.affirmed, one.label, one.when) for one in case.facts]


@pytest.mark.parametrize(
    "text",
    [
        "dermatomyositis and sarcoidosis were suspected",
        "dermatomyositis, gout and sarcoidosis were ruled out",
        "hypercalcaemia due to sarcoidosis was suspected",
        "hypercalcaemia due to sarcoidosis was ruled out",
        "sarcoidosis with hypercalcaemia, suspected",
        "serology for connective tissue disease",
        "antibodies associated with connective tissue disease",
        "anti-Jo-1 antibody for dermatomyositis",
        "biopsy for dermatomyositis",
        "skin biopsies for dermatomyositis",
        "MRI for myositis",
        "ultrasound for hyperparathyroidism",
        "genetic testing for pseudoxanthoma elasticum",
        "vaccination for herpes zoster",
        "on the waiting list for kidney transplantation",
        "Ausschluss Sarkoidose",
        "weight loss",
        "calcium deposits",
    ],
)
def test_what_is_doubted_denied_or_looked_for_is_no_fact_and_is_told(
    kg: calcinosis.KnowledgeGraph, text: str
) -> None:
    case = read(kg, "conditions", text)
    assert case.facts == ()
    assert case.not_understood


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dermatomyositis, sarcoidosis ruled out", ["dermatomyositis"]),
        ("dermatomyositis and sarcoidosis (suspected)", ["dermatomyositis"]),
        ("dermatomyositis with negative ANA", ["dermatomyositis"]),
        ("dermatomyositis with ANA negative", ["dermatomyositis"]),
        ("prednisone for sarcoidosis", ["prednisone", "sarcoidosis"]),
        ("operation for sarcoidosis", ["operation", "sarcoidosis"]),
    ],
)
def test_what_is_said_of_the_last_thing_alone_leaves_the_others(
    kg: calcinosis.KnowledgeGraph, text: str, expected: list[str]
) -> None:
    assert [label for _, label, _ in facts(read(kg, "conditions", text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("history of sarcoidosis and gout", ["before", "before"]),
        ("history of sarcoidosis, lymphoma and gout", ["before", "before", "before"]),
        ("previous infection and trauma", ["before", "before"]),
        ("history of gout and currently on dialysis", ["before", "at"]),
        ("history of gout and on warfarin", ["before", "at"]),
        ("prior kidney transplantation", ["before"]),
        ("two prior infections", ["before"]),
    ],
)
def test_history_of_is_said_of_each_thing_of_its_list(
    kg: calcinosis.KnowledgeGraph, text: str, expected: list[str]
) -> None:
    assert [when for _, _, when in facts(read(kg, "conditions", text))] == expected


@pytest.mark.parametrize(
    "text",
    [
        "hypercalcaemia due to sarcoidosis",
        "ESRD secondary to diabetes",
        "serology for other connective tissue diseases was negative",
        "phosphate levels were within normal limits",
        "normal calcium",
    ],
)
def test_an_exclusion_that_may_leave_what_it_names_denies_nothing(
    kg: calcinosis.KnowledgeGraph, text: str
) -> None:
    case = read(kg, "excluded", text)
    assert case.facts == ()
    assert case.not_understood or case.set_aside


def test_an_exclusion_of_a_list_denies_each_of_it(kg: calcinosis.KnowledgeGraph) -> None:
    case = read(kg, "excluded", "trauma, infection and burns were ruled out")
    assert facts(case) == [(False, one, "at") for one in ("trauma", "infection", "burn")]
    case = read(kg, "excluded", "trauma, Martian fever and burns were ruled out")
    assert case.facts == ()
    assert case.not_understood or case.set_aside


def test_a_normal_level_among_the_exclusions_holds_back_what_is_presumed(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    base = {"id": "P1", "calcinosis": "present", "conditions": ["dermatomyositis"]}
    assert kg.classify(base).rows()[0]["presumed"]
    case = {**base, "excluded": ["calcium normal"]}
    assert not kg.classify(case).rows()[0]["presumed"]


def test_a_label_beside_an_unknown_code_is_one_thing(kg: calcinosis.KnowledgeGraph) -> None:
    case = read(kg, "conditions", "OMIM:999999 ! Sarcoidosis, dilated, 1A")
    assert case.facts == ()
    assert [one.what for one in case.not_understood] == ["OMIM:999999 ! Sarcoidosis, dilated, 1A"]


@pytest.mark.parametrize(
    "text",
    [
        "The differential diagnosis includes dermatomyositis; systemic sclerosis; lupus.",
        "Risk factors: obesity; warfarin; hyperparathyroidism.",
        "Severe disease was defined (dermatomyositis; dialysis; kidney transplantation).",
        "We excluded those with severe disease (dermatomyositis; dialysis; and transplantation).",
        "Family history: gout; no lupus.",
        "Labs of her mother: calcium 12.1 mg/dL; phosphate 2 mg/dL.",
        "She was negative for autoantibodies associated with collagen disease.",
        "No family history of dermatomyositis; scleroderma; gout.",
    ],
)
def test_a_list_goes_on_behind_a_semicolon(kg: calcinosis.KnowledgeGraph, text: str) -> None:
    found = proposals(kg, text)
    assert found["proposed"] == []
    assert found["not_understood"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patient on dialysis; warfarin; gout.", ["dialysis", "warfarin", "gout"]),
        ("No trauma; infection; on dialysis.", ["trauma", "dialysis"]),
        ("No gout; no scleroderma; trauma in 2010.", ["gout", "scleroderma", "trauma"]),
        ("Conditions: gout; sarcoidosis.", ["gout", "sarcoidosis"]),
        (
            "She had a history of sarcoidosis, lymphoma, and gout, and takes warfarin.",
            ["history of sarcoidosis", "history of lymphoma", "history of gout", "warfarin"],
        ),
        (
            "She had a history of parathyroidectomy and kidney transplantation.",
            ["history of parathyroidectomy", "history of kidney transplantation"],
        ),
        (
            "She had a history of cholecystectomy and cesarean section.",
            ["history of cholecystectomy", "history of cesarean section"],
        ),
        (
            "She had a history of hypertension and was on dialysis.",
            ["history of hypertension", "dialysis"],
        ),
    ],
)
def test_what_stands_by_itself_is_proposed_as_it_is_said(
    kg: calcinosis.KnowledgeGraph, text: str, expected: list[str]
) -> None:
    assert [one["item"] for one in proposals(kg, text)["proposed"]] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dermatomyositis (disorder)", ["dermatomyositis"]),
        ("SNOMEDCT:99999 ! Dermatomyositis (disorder)", ["dermatomyositis"]),
        ("Hemodialysis (procedure)", ["haemodialysis"]),
        ("oral prednisone 1mg/Kg/d", ["prednisone"]),
        ("10 ML furosemide 10 MG/ML Injection", ["diuretic"]),
        ("N109L", []),
        ("N10.9", ["kidney disease"]),
    ],
)
def test_what_records_write_beside_a_name_is_no_word_of_it(
    kg: calcinosis.KnowledgeGraph, text: str, expected: list[str]
) -> None:
    case = read(kg, "conditions", text)
    assert [label for _, label, _ in facts(case)] == expected
    assert bool(case.not_understood) is not bool(expected)


def test_the_index_of_a_data_frame_refuses_no_row(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        ",patient_id,num_treatments,conditions\n0,P1,685,gout\n1,P2,68,sarcoidosis\n", "utf-8"
    )
    assert {row["case"] for row in kg.classify(path).rows()} == {"P1", "P2"}
    path.write_text(",patient_id,conditions\nstray,P1,gout\n", "utf-8")
    assert not kg.classify(path).rows()


@pytest.mark.parametrize("text", ["warfarin (stopped)", "calcitriol was discontinued"])
def test_a_treatment_that_was_stopped_is_of_before(
    kg: calcinosis.KnowledgeGraph, text: str
) -> None:
    assert [when for _, _, when in facts(read(kg, "interventions", text))] == ["before"]


def test_what_names_a_test_as_well_is_no_treatment_beside_a_level(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    text = "Vitamin D and PTH were normal"
    assert proposals(kg, f"{text}.")["proposed"] == []
    assert read(kg, "findings", text).facts == ()


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Serumkalzium 2,9 mmol/l", {"test": "Serumkalzium", "value": 2.9, "unit": "mmol/l"}),
        ("Gesamtkalzium 2,9 mmol/l", {"test": "Gesamtkalzium", "value": 2.9, "unit": "mmol/l"}),
        ("Phosphatspiegel erhöht", {"test": "Phosphatspiegel", "level": "erhöht"}),
        ("Kreatininwert 2 mg/dl", {"test": "Kreatininwert", "value": 2.0, "unit": "mg/dl"}),
    ],
)
def test_german_compounds_name_their_test(
    kg: calcinosis.KnowledgeGraph, text: str, item: dict[str, object]
) -> None:
    assert [one["item"] for one in proposals(kg, f"{text}.")["proposed"]] == [item]
    assert proposals(kg, "Urinkalzium 2,9 mmol/l.")["proposed"] == []
