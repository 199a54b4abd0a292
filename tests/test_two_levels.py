"""Two levels that a finding says of one test: neither is read, whatever stands between them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import calcinosis
from calcinosis.facts.case import Case
from calcinosis.facts.read import reader_of
from tests.typed import graph

Kg = calcinosis.KnowledgeGraph

LEVELS = {
    "low": "low",
    "reduced": "low",
    "decreased": "low",
    "normal": "normal",
    "high": "high",
    "raised": "high",
    "elevated": "high",
}
BETWEEN = ("or", "to", "then", "and", "later", "now", "at times", "before", "but", "bis", "oder")
MARKS = "/,;:&+|()[]{}<>=~*\"'._\u2013\u2014\u2192\u2190\u21d2\u2026!?\n -"
SEPARATORS = st.sampled_from([f" {word} " for word in BETWEEN]) | st.text(MARKS, min_size=1)
AT_AN_EDGE = re.compile(r"(low|high)(?:-| +)normal")


def case_of(**raw: Any) -> Case:
    return reader_of(graph().ontology).read({"id": "a", "age": "40 years", **raw}, "here")


@pytest.mark.slow
@given(
    st.sampled_from(["calcium", "phosphate"]),
    st.sampled_from(sorted(LEVELS)),
    SEPARATORS,
    st.sampled_from(sorted(LEVELS)),
    st.sampled_from(
        ["{test} {levels}", "{levels} {test}", "{test}: {levels}", "{test} is {levels}"]
    ),
    st.sampled_from(["findings", "excluded"]),
)
@example("calcium", "high", "/", "normal", "{test} {levels}", "findings")
@example("calcium", "low", " - ", "normal", "{test} {levels}", "findings")
@example("phosphate", "normal", "\u2013", "high", "{test} {levels}", "excluded")
def test_two_levels_of_one_test_are_no_fact(
    test: str, one: str, between: str, other: str, form: str, key: str
) -> None:
    levels = f"{one}{between}{other}"
    if LEVELS[one] == LEVELS[other] or AT_AN_EDGE.fullmatch(levels):
        return
    word = form.format(test=test, levels=levels)
    case = case_of(**{key: [word]})
    assert not case.facts, word
    assert case.not_understood or case.set_aside


@pytest.mark.parametrize(
    "word",
    [
        "calcium normal/high",
        "calcium high/normal",
        "calcium high, normal",
        "calcium high (normal)",
        "calcium high \u2192 normal",
        "calcium normal\u2013high",
        "calcium high then normal",
        "calcium normal & high",
        "calcium normal; high",
        "hypercalcaemia, normal",
    ],
)
def test_a_second_level_is_asked_and_holds_back(kg: Kg, word: str) -> None:
    raw = {
        "id": "a",
        "calcinosis": "present",
        "conditions": ["MONDO:0016367"],
        "findings": [word],
        "labs": [{"test": "phosphate", "level": "normal"}],
    }
    (verdict,) = kg.classify(raw).cases
    assert not [one for one in verdict.subtypes if one.standing == "entailed"]
    (remark,) = verdict.not_understood
    assert remark.reason.startswith(repr(word))
    assert " or " in remark.reason


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("normal calcium, high PTH", 1),
        ("hypercalcaemia with low PTH", 1),
        ("calcium normal, phosphate normal", 2),
        ("hypercalcaemia, hypophosphataemia", 2),
        ("A high calcium", 1),
        ("calcium low-normal", 1),
    ],
)
def test_a_level_of_each_of_two_tests_is_read(word: str, count: int) -> None:
    case = case_of(findings=[word])
    assert not case.not_understood
    assert len({fact.term for fact in case.facts}) >= count
