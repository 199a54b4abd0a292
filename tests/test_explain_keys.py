"""The keys of explain's JSON, object by object: what a program that reads it may count on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.shared import EXAMPLES, explained_of, graph
from tests.tables import workbook
from tests.test_explain_said import CONTRADICTORY

OBSERVATION = "criterion status words asks references tests"
# By the key under which an object stands: its keys, and those that it may have besides.
KEYS = {
    "": (
        "id where viewpoint calcinosis not_understood subtypes questions contradictions references",
        "",
    ),
    "subtypes": (
        "id label verdict complete weakest_needed justifications presumed deciding",
        "stability",
    ),
    "justifications": ("steps facts axioms weakest least_read", ""),
    "presumed": (
        "verdict assumptions assumed_facts condition falls_if references justifications",
        "",
    ),
    "steps": ("criterion status chains", ""),
    "chains": ("fact places terms", ""),
    "axioms": ("words form kind why sources", ""),
    "sources": ("association reference read study_type", ""),
    "deciding": ("complete follows ruled_out", ""),
    "follows": (OBSERVATION, ""),
    "tests": ("test label association statement among why references sources", ""),
    "questions": ("asks settles outcomes", ""),
    "outcomes": (f"{OBSERVATION} settles", ""),
    "contradictions": ("complete conflicts repairs withdrawn", ""),
    "conflicts": ("facts axioms", ""),
    "stability": ("facts references", ""),
    "facts": (
        "fact affirmed term label places given",
        "property key file line sheet row column heading also matched "
        "code mapping rule reading references test value unit interval level corrected note",
    ),
    "also": ("key file line matched", ""),
    "rule": ("rule id label strength definition reason claims way_out", ""),
    "interval": ("low high unit source references", "age"),
    "age": ("from to", ""),
    "corrected": ("value unit words references", ""),
    "mapping": ("predicate object label justification set source", "version"),
}
SAME = {"repairs": "facts", "withdrawn": "facts", "ruled_out": "follows"}
JUDGED: dict[str, Any] = {
    "id": "judged",
    "age": "40 years",
    "calcinosis": "present",
    "conditions": ["MONDO:0016367", "dermatomyositis"],
    "labs": [
        {"test": "calcium", "value": 9, "unit": "mg/dL"},
        {"test": "albumin", "value": 2, "unit": "g/dL"},
    ],
}


def objects(value: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a JSON value, with the key under which it or its list stands."""
    if isinstance(value, list):
        for one in value:
            yield from objects(one, name)
    elif isinstance(value, dict):
        yield SAME.get(name, name), value
        for key, one in value.items():
            # What an outcome settles is keyed by subtype.
            if (name, key) != ("outcomes", "settles"):
                yield from objects(one, key)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("keys")
    path = folder / "judged.json"
    path.write_text(json.dumps(JUDGED), encoding="utf-8")
    row = ["in-a-sheet", "present", "dermatomyositis"]
    table = workbook(folder / "a.xlsx", row, headings=["id", "calcinosis", "conditions"])
    found = [one.to_dict() for one in explained_of(EXAMPLES[0])]
    found += [graph().explain(one)[0].to_dict() for one in (path, table)]
    found += [
        graph().explain(CONTRADICTORY, on_conflict=how)[0].to_dict()
        for how in ("report", "prefer-asserted")
    ]
    return list(objects(json.loads(json.dumps(found))))


def test_every_object_is_known(told: list[tuple[str, dict[str, Any]]]) -> None:
    assert {name for name, _ in told} == set(KEYS)


@pytest.mark.parametrize("name", KEYS)
def test_an_object_has_these_keys_and_no_other(
    name: str, told: list[tuple[str, dict[str, Any]]]
) -> None:
    required, optional = (set(words.split()) for words in KEYS[name])
    found = [set(one) for at, one in told if at == name]
    assert all(keys >= required for keys in found)
    assert set().union(*found) == required | optional
