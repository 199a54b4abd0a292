"""The JSON Schemas in the package are what goes in and what comes out."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import calcinosis
import calcinosis.api
from calcinosis.graph.ontology import viewpoints
from tests import golden

EXAMPLES = Path(__file__).parent.parent / "examples"


def validator(name: str) -> Draft202012Validator:
    text = (files("calcinosis") / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def example_cases() -> list[Any]:
    found: list[Any] = [row.case for row in golden.rows()]
    for path in sorted(EXAMPLES.rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            found += document if isinstance(document, list) else [document]
    return found


@pytest.mark.parametrize("case", example_cases(), ids=lambda case: str(case["id"]))
def test_cases_fit_the_case_schema(case: dict[str, Any]) -> None:
    validator("case").validate(case)


@pytest.mark.parametrize("viewpoint", viewpoints())
def test_results_fit_the_result_schema(viewpoint: str) -> None:
    result = calcinosis.load(viewpoint).classify(example_cases())
    assert not result.refused
    document = json.loads(result.to_json())
    validator("result").validate(document)
    assert document["schema"] == calcinosis.result.SCHEMA
    assert len(document["cases"]) == len(result.cases)


def test_a_case_schema_refuses_an_unknown_key() -> None:
    assert not validator("case").is_valid({"id": "a", "condition": []})
