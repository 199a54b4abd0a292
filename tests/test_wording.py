"""How contradictions, rules and presumptions read."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from calcinosis import Settings
from calcinosis.graph.claims import Reference
from calcinosis.output.words.comparison import comparison_text
from calcinosis.output.words.evaluation import markdown
from calcinosis.output.words.explanation import explanation_text
from calcinosis.output.words.verdicts import case_text
from tests.shared import graph


def library() -> Mapping[str, Reference]:
    return graph().ontology.library.bibliography


def said(**raw: Any) -> str:
    case: dict[str, Any] = {"id": "a", "calcinosis": "present", **raw}
    return case_text(graph().classify(case).cases[0], library())


def test_a_long_verdict_word_is_parted_from_the_subtype() -> None:
    text = said(findings=["hypercalcaemia"], excluded=["hypercalcaemia"])
    assert "\n  CONTRADICTORY metastatic calcinosis cutis\n" in text


def test_a_contradiction_says_what_stands_below_it() -> None:
    text = " ".join(said(findings=["eschar"], excluded=["eschar"]).split())
    assert (
        "They can be mended in 2 ways. Below stands what all of these share; where they differ "
        "the verdict is contradictory. Nothing is presumed."
    ) in text


def test_several_that_are_ruled_out_stand_in_one_list() -> None:
    text = " ".join(said(excluded=["trauma", "connective tissue disease"]).split())
    assert (
        "if one is, metastatic calcinosis cutis follows, and dystrophic calcinosis cutis and "
        "idiopathic calcinosis cutis are ruled out"
    ) in text


def test_a_work_up_that_does_not_count_says_for_what() -> None:
    text = " ".join(said(conditions=["burn scar"], workup_complete=["tissue damage"]).split())
    assert "Note: The work-up does not count for tissue damage: burn scar may meet it." in text


def test_a_normal_value_leads_to_no_raised_level() -> None:
    labs = [{"test": test, "level": "normal"} for test in ("calcium", "phosphate")]
    raw = {"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"], "labs": labs}
    text = explanation_text(graph().explain(raw, "dystrophic")[0], library())
    assert "\u203a no hypercalcaemia" in text.replace("\n      ", " ")


def test_a_fact_that_rests_on_no_reference_has_no_brackets() -> None:
    raw = {"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"]}
    text = comparison_text(graph().compare(Settings(assume=()), raw), library())
    assert "no hyperphosphataemia (A1)" in " ".join(text.split())
    assert "[]" not in text


def test_nothing_assumed_is_said_so() -> None:
    assert Settings(assume=()).added_words == "names taken at their word; nothing assumed"


def test_the_evaluation_names_the_viewpoint_and_then_what_was_assumed() -> None:
    head = markdown(graph().evaluate())
    assert head.startswith(
        textwrap.dedent(
            """\
            # 63 published cases, viewpoint `seed-reiter-2011`

            Names taken at their word; assumed where nothing is said: levels, work-up, causes.
            """
        )
    )
