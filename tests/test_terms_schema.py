"""The schema for editors: current, permissive, and with every label on offer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import calcinosis
from calcinosis.graph.locate import data
from calcinosis.release import terms_schema

PATH = data("examples") / terms_schema.NAME


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    Draft7Validator.check_schema(found)
    return found


def test_the_schema_for_editors_is_current(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terms_schema.main(["--check"]) == 0, "run python -m calcinosis.release.terms_schema"
    monkeypatch.setattr(terms_schema, "data", lambda _: tmp_path)
    assert terms_schema.main(["--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert terms_schema.main([]) == 0
    assert (tmp_path / terms_schema.NAME).read_bytes() == PATH.read_bytes()


@pytest.mark.parametrize("name", ["patients.yaml", "published/cases.yaml"])
def test_the_examples_fit_it(name: str, schema: dict[str, Any]) -> None:
    text = (data("examples") / name).read_text(encoding="utf-8")
    Draft7Validator(schema).validate(yaml.safe_load(text))


def test_it_offers_labels_and_takes_any_other_text(
    schema: dict[str, Any], kg: calcinosis.KnowledgeGraph
) -> None:
    offered = schema["definitions"]
    assert "tissue damage" in offered["workup_complete"]["enum"]
    assert "elbow" in offered["sites"]["enum"]
    assert "serum phosphate" in offered["tests"]["enum"]
    for label in offered["conditions"]["enum"]:
        assert kg.ontology.terms.find(label)
    validator = Draft7Validator(schema)
    for item in ("MONDO:0016367", "juvenile DM", {"term": "a synonym", "at_deposit": True}):
        assert validator.is_valid({"id": "a", "conditions": [item]})
    assert validator.is_valid([{"id": "a", "labs": [{"test": "PTH", "value": 3, "unit": None}]}])


@pytest.mark.parametrize(
    "case",
    [
        {"conditions": []},
        {"id": "a", "condition": []},
        {"id": "a", "conditions": [{"trem": "x"}]},
        {"id": "a", "labs": [{"test": "calcium", "level": True}]},
        {"id": "a", "labs": [{"test": "calcium", "value": 9, "interval": [1, 2, 3]}]},
        "a",
    ],
)
def test_it_refuses_what_the_case_schema_refuses(case: Any, schema: dict[str, Any]) -> None:
    assert not Draft7Validator(schema).is_valid(case)
