"""Sentences of reports: what is proposed as stated or ruled out, and what is only told as read."""

from __future__ import annotations

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
    assert not told


def test_words_that_change_a_name_are_told(kg: calcinosis.KnowledgeGraph) -> None:
    _, told = proposed(kg, f"Screened for {FIRST}.")
    assert told.endswith("may change it: Screened for")
