"""Sentences of reports: what is proposed as stated or ruled out, and what is only told as read."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest

import calcinosis
from calcinosis.api.proposed import proposals

FIRST, SECOND = "dermatomyositis", "scleroderma"


def proposed(kg: calcinosis.KnowledgeGraph, text: str) -> tuple[list[tuple[str, Any]], str]:
    """The list and item of each proposal, and what is told of the rest; places are checked."""
    found = proposals(kg, text)
    for one in (*found["proposed"], *found["not_understood"]):
        assert text[one["start"] : one["end"]] == one["text"]
    told = "\n".join(one["what"] for one in found["not_understood"])
    return [(one["list"], one["item"]) for one in found["proposed"]], told


@pytest.mark.parametrize(
    "text",
    [
        f"V.a. {FIRST}.",
        f"V. a. {FIRST}",
        f"V.d.a. {FIRST}",
        f"She had susp. {FIRST}.",
        f"Poss. {FIRST}",
        f"D. d. {FIRST}",
        f"r. o. {FIRST}",
        f"f. h. {FIRST}",
        f"evtl. {FIRST}",
        f"{FIRST} (fragl.)",
        f"{FIRST} cannot be confirmed.",
        f"She may have {FIRST}.",
        f"She might have {FIRST}.",
        f"She could have {FIRST}.",
        f"Likely {FIRST}.",
        f"She is thought to have {FIRST}.",
        f"If she develops {FIRST}, stop.",
        f"Unlike {FIRST}, it is mild.",
        f"Screened for {FIRST}.",
        f"Her grandmother had {FIRST}.",
        f"Her cousin had {FIRST} and {SECOND}.",
        f"Her twin has {FIRST}.",
        f"Her parents had {FIRST}.",
        "Warfarin is contraindicated.",
        "Her husband is on dialysis.",
        # and beyond those
        f"Had she had {FIRST}, it would show.",
        f"Her child had {FIRST}.",
        "Her 60-year-old mother is on dialysis.",
        f"Workup for {SECOND}, {FIRST}.",
        f"{FIRST}, ruled out by biopsy.",
        f"{FIRST.capitalize()}; ruled out.",
        f"{FIRST.capitalize()}. Ruled out by biopsy.",
        f"{FIRST}; unlikely.",
        f"{FIRST}. Not confirmed.",
        "Her child had high calcium.",
        "Her child had no trauma.",
        "Her twin had elevated calcium.",
        "If calcium is elevated, stop.",
        "Calcium was normal in her twin.",
        "Calcium, phosphate and PTH were normal, ruled out.",
        f"{SECOND}, {FIRST} and trauma were ruled out.",
        f"Her mother, aged seventy, has {FIRST}.",
        f"{FIRST} was never excluded.",
        "Allergies: penicillin, warfarin.",
        "Dialysis is planned.",
        f"Patients with {FIRST} often suffer.",
        f"{FIRST} is a differential diagnosis.",
        f"Child of a woman with {FIRST}.",
        f"It was not {FIRST}.",
        f"She feared {FIRST}.",
        f"{FIRST} tests normal.",
        f"{FIRST}: normal.",
        "Hypercalcaemia tests normal.",
        "Hypercalcaemia normal.",
        "Trauma tests normal",
        "Calcium was high and later normal.",
        # another fluid, person, time or place
        "In urine, phosphate was 6 mg/dL",
        "Urine: calcium 300 mg/dL, phosphate 10 mg/dL",
        "In dialysate, calcium was 1.25 mmol/L",
        "In the second patient, calcium was 12 mg/dL",
        "In controls, calcium was 12 mg/dL",
        "Before dialysis, phosphate was 6 mg/dL",
        "In 2010, calcium was 12 mg/dL",
        "Calcium was high, later normal",
        "Calcium was 12 mg/dL, then 9 mg/dL",
        "After surgery, calcium was low",
        "On treatment, calcium was normal",
        "Calcium was high on biopsy",
        "Calcium was initially high",
        "Lupus, not confirmed, calcium high.",
        "calcium deposits 2 cm",
        "She had hypercalcaemia in 2010.",
        "No hypercalcaemia in 2010.",
        "No trauma in 2010.",
        "No trauma, infection or neoplasm in 2010.",
        "Hypercalcaemia at birth.",
        "She had scleroderma on dialysis with elevated calcium.",
        "Dialysate calcium was high",
        "She was on warfarin until 2010.",
        "Urine:\nCalcium 12 mg/dL\nPhosphate 10 mg/dL",
        "Urine:\n\nPhosphate 10 mg/dL",
        f"Differential diagnosis:\n- {FIRST}\n- {SECOND}",
        f"Family history:\n{FIRST}. {SECOND}",
        # what a denial reaches
        "No trauma, phosphate was high.",
        "There was no trauma, calcium or phosphate was high",
        "She had lupus, no trauma, infection.",
        # another person
        f"Her 12 yo has {FIRST}",
        f"A 46-year-old woman's daughter has {FIRST}.",
        f"A 46-year-old woman and a 12-year-old girl with {FIRST}.",
    ],
)
def test_what_is_not_stated_of_the_patient_is_not_proposed(
    kg: calcinosis.KnowledgeGraph, text: str
) -> None:
    found, told = proposed(kg, text)
    assert found == []
    assert "it is read, but not proposed: what stands beside it may change it" in told


@pytest.mark.parametrize(
    "text",
    [
        "Calcium had been high",
        "Calcium later was high",
        "Calcium was high in 2019",
        "Calcium was high in childhood",
        "Coronary calcium high",
        "Initial calcium 12 mg/dL",
        "Calcium at baseline 12 mg/dL",
        "Admission calcium was high",
    ],
)
def test_a_level_of_another_time_or_place_is_told(kg: calcinosis.KnowledgeGraph, text: str) -> None:
    found, told = proposed(kg, text)
    assert found == []
    assert told


def test_a_heading_of_tests_or_diagnoses_and_a_blank_line_leave_what_follows(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    text = f"Labs:\nCalcium 9.1 mg/dL\n\nUrine:\nCalcium 12 mg/dL\n\nDiagnosis:\n{FIRST}"
    found, _ = proposed(kg, text)
    assert found == [lab("Calcium", value=9.1, unit="mg/dL"), ("conditions", FIRST)]


def test_letters_of_a_visit_are_no_sex(kg: calcinosis.KnowledgeGraph) -> None:
    for text in ("45yo f/u for lupus", "45 yo F/U"):
        found, told = proposed(kg, text)
        assert found == [("age", "45 years")]
        assert told


def test_of_a_sentence_in_which_a_part_is_unknown_only_the_person_is_proposed(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    found, told = proposed(kg, f"A 46-year-old woman, xyzzy, {FIRST}.")
    assert found == [("age", "46 years"), ("sex", "female")]
    assert "may change it" in told


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST} has been ruled out.",
        f"{FIRST} was excluded.",
        f"She lacks {FIRST}.",
        f"Lacks {FIRST}.",
        f"She does not have {FIRST}.",
        f"No {FIRST}.",
    ],
)
def test_a_denial_that_is_understood_is_proposed_as_ruled_out(
    kg: calcinosis.KnowledgeGraph, text: str
) -> None:
    assert proposed(kg, text) == ([("excluded", FIRST)], "")


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST}.",
        f"The patient had {FIRST}.",
        f"She was diagnosed with {FIRST} in 2010.",
        f"Known {FIRST} for 3 years.",
        f"A woman who developed {FIRST}.",
        f"He suffers from {FIRST}.",
    ],
)
def test_what_is_stated_is_proposed_by_its_name(kg: calcinosis.KnowledgeGraph, text: str) -> None:
    assert proposed(kg, text) == ([("conditions", FIRST)], "")


def test_a_full_stop_ends_a_sentence_but_behind_an_abbreviation(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    text = f"{FIRST}. Ca 2.4 mmol/L. Phosphate 1.1 mmol/L. No {SECOND}."
    found, told = proposed(kg, text)
    assert ("conditions", FIRST) in found
    assert ("excluded", SECOND) in found
    assert [one for key, one in found if key == "labs"][-2:] == [
        {"test": "Ca", "value": 2.4, "unit": "mmol/L"},
        {"test": "Phosphate", "value": 1.1, "unit": "mmol/L"},
    ]
    assert told == ""


@pytest.mark.parametrize("name", ["Werner syndrome", "CREST syndrome", "Raynaud phenomenon"])
def test_a_name_keeps_the_words_that_belong_to_it(kg: calcinosis.KnowledgeGraph, name: str) -> None:
    found, told = proposed(kg, f"She had {name} with {FIRST} and a skin ulcer.")
    assert [item for _, item in found] == [name, FIRST, "skin ulcer"]
    assert not told


def test_each_name_of_a_sentence_is_proposed_by_itself(kg: calcinosis.KnowledgeGraph) -> None:
    text = f"A 46-year-old woman with {FIRST} on warfarin and history of trauma, no {SECOND}."
    found, told = proposed(kg, text)
    assert found == [
        ("age", "46 years"),
        ("sex", "female"),
        ("conditions", FIRST),
        ("interventions", "warfarin"),
        ("conditions", "history of trauma"),
        ("excluded", SECOND),
    ]
    assert told == ""


def test_words_that_change_a_name_are_told(kg: calcinosis.KnowledgeGraph) -> None:
    _, told = proposed(kg, f"Screened for {FIRST}.")
    assert told.endswith("may change it: Screened for")


# -- tests -------------------------------------------------------------------------------


BESIDE = "what stands beside the value is not read"


def lab(test: str, **more: Any) -> tuple[str, Any]:
    return "labs", {"test": test, **more}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Phosphorus was elevated (7.2 mg/dL).",
            [lab("Phosphorus", level="elevated", value=7.2, unit="mg/dL")],
        ),
        (
            "Calcium, phosphate and PTH were normal.",
            [lab(one, level="normal") for one in ("Calcium", "phosphate", "PTH")],
        ),
        (
            "Serum calcium, phosphate and intact PTH levels were all within normal limits.",
            [
                lab(one, level="within normal limits")
                for one in ("Serum calcium", "phosphate", "intact PTH")
            ],
        ),
        ("Serum calcium was normal", [lab("Serum calcium", level="normal")]),
        ("PTH within normal limits", [lab("PTH", level="within normal limits")]),
        (
            "Serum calcium and phosphorus were normal but PTH was elevated.",
            [
                lab("Serum calcium", level="normal"),
                lab("phosphorus", level="normal"),
                lab("PTH", level="elevated"),
            ],
        ),
        (
            "Labs: calcium 9.1 mg/dL (normal 8.5-10.2), PTH 312 pg/mL (H)",
            [
                lab("calcium", value=9.1, unit="mg/dL", interval=[8.5, 10.2]),
                lab("PTH", value=312.0, unit="pg/mL", level="H"),
            ],
        ),
        (
            "Blood tests: calcium 2.4 mmol/l (2.2-2.6), phosphate 5.9 mg/dL (2.5\N{EN DASH}4.5).",
            [
                lab("calcium", value=2.4, unit="mmol/l", interval=[2.2, 2.6]),
                lab("phosphate", value=5.9, unit="mg/dL", interval=[2.5, 4.5]),
            ],
        ),
        ("Ca 2,35 mmol/l", [lab("Ca", value=2.35, unit="mmol/l")]),
        ("Phosphate 5.8 H", [lab("Phosphate", value=5.8, level="high")]),
        ("Phosphate 1.2 (L)", [lab("Phosphate", value=1.2, level="L")]),
        ("Calcium 12 mg/dL H", [lab("Calcium", value=12.0, unit="mg/dL", level="high")]),
        ("Calcium was not elevated.", [lab("Calcium", level="not elevated")]),
        ("No evidence of malignancy.", [("excluded", "malignancy")]),
        (
            "There was no evidence of malignancy or infection.",
            [("excluded", "malignancy"), ("excluded", "infection")],
        ),
        ("49 yo F", [("age", "49 years"), ("sex", "female")]),
        (
            "A 49 y.o. male with scleroderma.",
            [
                ("age", "49 years"),
                ("sex", "male"),
                ("conditions", "scleroderma"),
            ],
        ),
        (
            "She had scleroderma; calcium and PTH were normal.",
            [
                ("conditions", "scleroderma"),
                lab("calcium", level="normal"),
                lab("PTH", level="normal"),
            ],
        ),
    ],
)
def test_values_and_levels_that_are_sure_are_proposed(
    kg: calcinosis.KnowledgeGraph, text: str, expected: list[tuple[str, Any]]
) -> None:
    assert proposed(kg, text) == (expected, "")


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        ("Ca 2.35 mmol/l, P 1.2", [lab("Ca", value=2.35, unit="mmol/l")], "the value has no unit"),
        ("calcium 9.1 (8.5-10.2)", [], "the value has no unit"),
        ("PTH 1,200 pg/mL", [], "may be a decimal, or thousands"),
        ("Calcium 11.2 mg/dL (10.9-11.6)", [], "what stands beside the value is not read"),
        ("Calcium 9.2 mg/dL (2 of 8.5-10.5)", [], "what stands beside the value is not read"),
        ("Calcium, phosphate normal", [lab("phosphate", level="normal")], "not for sure its level"),
        ("Calcium and phosphate were not measured.", [], "it names a test, and is not read"),
        ("PTH may be elevated.", [], "does not say for sure"),
        ("After elevated calcium, she felt well.", [], "may change it"),
        ("Taking calcium 9.1 mg/dL", [], "it names a test, and is not read"),
        ("Calcium 12.1 mg/dL in 2010", [], "what stands beside the value is not read"),
        ("Calcium was low or normal.", [], "may change it: or"),
        ("Her mother's calcium, phosphate and PTH were normal.", [], "may change it"),
        ("Calcium, xyzzy and PTH were normal", [], "may change it"),
        ("Calcium and phosphate were 12 mg/dL and 6 mg/dL.", [], "may change it"),
        ("Calcium, phosphate: 12 mg/dL, 6 mg/dL", [], "may change it"),
        ("Calcium and phosphate 12 mg/dL", [], "several tests before a value"),
        ("Calcium and phosphate were high at 6 mg/dL", [], "several tests before a value"),
        ("PTH at 1 h", [], "is unknown for"),
        ("Calcium 24 h", [], "is unknown for"),
        ("Phosphate 1 L", [], BESIDE),
        ("Calcium 3 a", [], "is unknown for"),
        ("Calcium n", [], "it names a test, and is not read"),
        ("Calcium 12 (h)", [], "the value has no unit"),
        ("Calcium 12 mg/dL h", [], BESIDE),
        ("Calcium 12 N (normal 8.5-10.5)", [], BESIDE),
        ("Calcium 9.1 H (normal 8.5-10.5)", [], BESIDE),
        ("Calcium 9.1 mg/dL H (normal 8.5-10.5)", [], BESIDE),
        ("Calcium was 12 mg/dL (range 10-14)", [], BESIDE),
        ("Calcium was 12 mg/dL (10-14)", [], BESIDE),
    ],
)
def test_a_test_that_is_not_sure_is_told(
    kg: calcinosis.KnowledgeGraph, text: str, expected: list[tuple[str, Any]], why: str
) -> None:
    found, told = proposed(kg, text)
    assert found == expected
    assert why in told


SENTENCES = (
    "{0} was {1}",
    "{0}, {1}",
    "{0} 1.2",
    "{1} {0} and {0}",
    "She had {0} of 3 {1}",
    "{0} and {1}",
    "{0} (1-2)",
    "scleroderma, {0}, {1}",
    "no {0}",
    "{0} may be {1}",
    "A 49 yo F, {0} {1}",
)


@pytest.mark.parametrize("pattern", SENTENCES)
@pytest.mark.parametrize("test", ["Calcium", "phosphate", "PTH", "serum albumin"])
def test_no_test_is_passed_over(kg: calcinosis.KnowledgeGraph, test: str, pattern: str) -> None:
    text = pattern.format(test, "normal")
    found = proposals(kg, text)
    told = [(one["start"], one["end"]) for one in (*found["proposed"], *found["not_understood"])]
    start = text.find(test)
    while start >= 0:
        assert any(first <= start and start + len(test) <= last for first, last in told), text
        start = text.find(test, start + 1)


@pytest.mark.slow
def test_a_long_text_is_read_in_a_moment(kg: calcinosis.KnowledgeGraph) -> None:
    started = perf_counter()
    for text in ("a " * 2_500, "calcium " * 600, "calcium 1 " * 480, "1.2" * 1_600):
        proposals(kg, text)
    assert perf_counter() - started < 20


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("DM.", ["conditions", "conditions"]),
        ("No dermatomyosytis.", ["excluded"]),
        ("DM, ruled out.", []),
        ("DM; ruled out.", []),
        ("Perhaps, DM.", []),
        ("Probable DM.", []),
    ],
)
def test_what_may_be_meant_can_be_added_only_where_nothing_turns_it(
    kg: calcinosis.KnowledgeGraph, text: str, lists: list[str]
) -> None:
    found = proposals(kg, text)["not_understood"]
    assert [one["list"] for told in found for one in told.get("means", ())] == lists
