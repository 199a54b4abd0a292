"""What is denied, doubted or said of another person, among the words of a case."""

from __future__ import annotations

import pytest

from calcinosis import names
from calcinosis.graph.triples import Triples
from tests.typed import graph, labels, problem


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("no SSc", "denies systemic sclerosis"),
        ("biopsy negative for calciphylaxis", "denies calciphylaxis"),
        ("biopsy-negative calciphylaxis", "denies calciphylaxis"),
        ("SSc ruled out", "denies systemic sclerosis"),
        ("no trauma, infection or neoplasm", "denies trauma and infection and neoplasm"),
        ("suspected sarcoidosis", "does not say for sure that there is sarcoidosis"),
        ("sarcoidosis?", "does not say for sure that there is sarcoidosis"),
        ("mother with SLE", "another person than the patient"),
        ("suspected sepsis, cultures negative", "is unknown"),
    ],
)
def test_what_is_denied_doubted_or_anothers_is_no_fact(typed: str, said: str) -> None:
    assert said in problem(typed).what


def test_a_denial_says_where_to_write_it_and_denies_once_among_the_exclusions() -> None:
    assert "under 'excluded'" in problem("no SSc").cure
    assert labels("no trauma, infection or neoplasm", "excluded") == [
        "trauma",
        "infection",
        "neoplasm",
    ]


@pytest.mark.parametrize(
    "typed",
    [
        *("neither trauma nor infection", "no trauma nor infection", "no trauma, no infection"),
        *("kein Trauma oder Infektion", "weder Trauma noch Infektion", "ohne Trauma, Infektion"),
    ],
)
def test_one_grammar_of_denial_serves_a_list_and_what_is_not_all_known(typed: str) -> None:
    assert labels(typed, "excluded") == ["trauma", "infection"]
    assert "denies trauma and infection" in problem(typed).what
    more = f"{typed}, Martian fever"
    (case,) = graph().classify({"id": "a", "excluded": [more]}).cases
    assert [fact.label for fact in case.case.facts] == ["trauma", "infection"]
    assert [remark.what for remark in case.case.set_aside] == ["Martian fever"]
    (case,) = graph().classify({"id": "a", "conditions": [more]}).cases
    assert not case.case.facts
    assert [remark.what for remark in case.case.not_understood] == [more]


def test_what_is_not_taken_is_excluded() -> None:
    assert labels("not on dialysis", "excluded") == ["dialysis"]
    assert "denies dialysis" in problem("not currently on dialysis", "intervention").what


def test_what_is_denied_in_the_middle_denies_another_thing() -> None:
    assert labels("corticosteroids without effect", "intervention") == ["corticosteroid"]
    assert not labels("dermatomyositis without Martian fever")


LISTS = [
    "no hypercalcaemia, phosphate high",
    "no trauma, calcium high",
    "no trauma, phosphate was high",
    "no trauma, high phosphate",
    "no trauma, phosphate normal",
    "no trauma, hypercalcaemia present",
    "no trauma, has lupus",
    "no trauma, known lupus",
    "no trauma, on dialysis",
    "no trauma, infection but lupus",
    "kein Trauma, Phosphat erh\u00f6ht",
    "trauma ruled out, phosphate high",
]


@pytest.mark.parametrize("typed", LISTS)
@pytest.mark.parametrize("key", ["findings", "conditions", "excluded"])
def test_a_list_of_denials_denies_bare_names_only(key: str, typed: str) -> None:
    (case,) = graph().classify({"id": "a", key: [typed]}).cases
    assert not case.case.facts
    told = (*case.case.not_understood, *case.case.set_aside)
    assert [remark.what for remark in told] == [typed]


@pytest.mark.parametrize("key", ["findings", "excluded"])
def test_no_word_for_a_level_is_denied_with_what_stands_before_it(key: str) -> None:
    triples = Triples()
    graph().ontology.read_into(triples, "laboratory")
    nodes = triples.instances(names.CC + "LevelWord")
    kinds = (names.LABEL, names.SYNONYM)
    levels = [word for node in nodes for kind in kinds for word in triples.texts(node, kind)]
    assert len(levels) > 40
    for level in levels:
        (case,) = graph().classify({"id": "a", key: [f"no trauma, phosphate {level}"]}).cases
        assert not case.case.facts or level.startswith("no "), level


def test_what_stands_in_brackets_behind_a_denial_is_not_denied_with_it() -> None:
    (case,) = graph().classify({"id": "a", "excluded": ["no trauma (phosphate high)"]}).cases
    assert not case.case.facts
