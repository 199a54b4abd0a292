"""The JSON Schemas in the package are what goes in and what comes out."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import calcinosis
import calcinosis.api
from calcinosis.api import KnowledgeGraph
from calcinosis.cli import main
from calcinosis.facts import source
from calcinosis.graph.ontology import viewpoints
from tests import golden
from tests.shared import few, graph

EXAMPLES = Path(__file__).parent.parent / "examples"


@cache
def validator(name: str) -> Draft202012Validator:
    text = (files("calcinosis") / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@cache
def example_cases() -> list[Any]:
    found: list[Any] = [row.case for row in golden.rows()]
    for path in sorted(EXAMPLES.rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            found += document if isinstance(document, list) else [document]
    return found


def test_cases_fit_the_case_schema() -> None:
    schema = validator("case")
    wrong = [
        (case["id"], fault.message)
        for case in example_cases()
        for fault in schema.iter_errors(case)
    ]
    assert len(example_cases()) > 90
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("viewpoint", few(viewpoints(), "tristano-2006"))
def test_results_fit_the_result_schema(viewpoint: str) -> None:
    result = graph(viewpoint).classify(example_cases())
    assert not result.refused
    document = json.loads(result.to_json())
    validator("result").validate(document)
    assert document["schema"] == calcinosis.api.result.SCHEMA
    assert len(document["cases"]) == len(result.cases)


def test_a_case_schema_refuses_an_unknown_key() -> None:
    assert not validator("case").is_valid({"id": "a", "condition": []})


# -- explanations ----------------------------------------------------------------------

UNKNOWN_KEYS = [
    ("cases", 0),
    ("cases", 0, "subtypes", 0),
    ("cases", 0, "subtypes", 0, "justifications", 0),
    ("cases", 0, "subtypes", 0, "justifications", 0, "facts", 0),
    ("cases", 0, "subtypes", 0, "justifications", 0, "axioms", 0),
    ("cases", 0, "subtypes", 0, "deciding"),
]


def some_cases(viewpoint: str) -> list[Any]:
    """All cases under the default viewpoint; explaining them under all of them takes long."""
    return example_cases()[:: 1 if viewpoint == graph().viewpoint else 8]


@cache
def explanations(viewpoint: str) -> dict[str, Any]:
    """The document of ``explain``; nobody may change it."""
    kg = graph(viewpoint)
    explained = kg.explain(some_cases(viewpoint))
    document: dict[str, Any] = json.loads(explained.to_json())
    return document


@pytest.mark.slow
@pytest.mark.parametrize("viewpoint", few(viewpoints(), "tristano-2006"))
def test_explanations_fit_their_schema(viewpoint: str) -> None:
    document = explanations(viewpoint)
    assert len(document["cases"]) == len(some_cases(viewpoint))
    validator("explanation").validate(document)


@pytest.mark.slow
@pytest.mark.parametrize("viewpoint", few(viewpoints(), "tristano-2006"))
def test_a_result_with_explanations_holds_the_objects_of_explain(viewpoint: str) -> None:
    """Of every fourth case: the parts are by the same schema, of which another test sees all."""
    result = graph(viewpoint).classify(some_cases(viewpoint)[::4], explain=True)
    document = json.loads(result.to_json())
    validator("result").validate(document)
    for case, why in zip(document["cases"], explanations(viewpoint)["cases"][::4], strict=True):
        assert case["conflicts"] == why["contradictions"]["conflicts"]
        assert case["repairs"] == why["contradictions"]["repairs"]
        for subtype, told in zip(case["subtypes"], why["subtypes"], strict=True):
            assert subtype["justifications"] == told["justifications"]
            assert subtype["deciding"] == told["deciding"]


def test_what_was_not_asked_is_absent_and_none_is_empty() -> None:
    case = {"id": "a", "calcinosis": "present", "labs": [{"test": "calcium", "level": "high"}]}
    plain = graph().classify(case).to_dict()["cases"][0]
    asked = graph().classify(case, explain=True).to_dict()["cases"][0]
    assert not {"conflicts", "repairs", "complete"} & set(plain)
    assert asked["conflicts"] == asked["repairs"] == []
    for before, after in zip(plain["subtypes"], asked["subtypes"], strict=True):
        assert set(after) - set(before) == {"complete", "justifications", "deciding"}
        settled = after["verdict"] in ("entailed", "refuted")
        assert bool(after["justifications"]) == settled
        assert bool(after["deciding"]["follows"]) == (not settled)


@pytest.mark.parametrize("path", few(UNKNOWN_KEYS, *UNKNOWN_KEYS[::3]))
@pytest.mark.parametrize("name", ["explanation", "result"])
def test_an_unknown_key_of_an_explanation_is_refused(
    name: str, path: tuple[str | int, ...]
) -> None:
    case = next(one for one in example_cases() if one["id"] == "teaching-dystrophic")
    result = graph().classify(case, explain=True)
    document = json.loads(result.to_json())
    if name == "explanation":
        document = json.loads(graph().explain(case).to_json())
    assert validator(name).is_valid(document)
    at: Any = document
    for part in path:
        at = at[part]
    at["unheard_of"] = 1
    assert not validator(name).is_valid(document)


def test_facts_may_say_more_of_their_place() -> None:
    schema = validator("explanation").schema
    assert isinstance(schema, dict)
    facts = schema["$defs"]["fact"]["properties"]
    assert set(facts) >= {"line", "column", "file", "code", "mapping", "value", "unit", "interval"}
    assert "tests" in schema["$defs"]["observation"]["properties"]


def test_both_schemas_say_the_same_of_an_explanation() -> None:
    one, other = validator("explanation").schema, validator("result").schema
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    shared = set(one["$defs"]) & set(other["$defs"]) - {"case", "subtype"}
    assert {"justification", "deciding", "conflict", "fact", "axiom", "source"} <= shared
    assert all(one["$defs"][name] == other["$defs"][name] for name in shared)


def run(arguments: list[str]) -> object:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code


@pytest.mark.slow
def test_classify_explains_as_it_reads(capsys: pytest.CaptureFixture[str]) -> None:
    where = str(EXAMPLES / "patients.yaml")
    assert run(["classify", where, "--explain", "-f", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == graph().classify(where, explain=True).to_dict()["cases"]
    assert run(["classify", where, "--explain"]) == 0
    text = capsys.readouterr().out
    assert text.count("Why teaching-") == len(lines)
    assert "Weakest link" in text
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 80


def test_cases_are_explained_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[str] = []
    raw_of, why = source.raw_of, KnowledgeGraph._why

    def reading(*given: Any) -> Any:
        for item in raw_of(*given):
            steps.append("read")
            yield item

    def explaining(self: KnowledgeGraph, verdict: Any) -> Any:
        steps.append("why")
        return why(self, verdict)

    monkeypatch.setattr("calcinosis.api.result.raw_of", reading)
    monkeypatch.setattr(KnowledgeGraph, "_why", explaining)
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"id": "{name}"}}\n' for name in "abc"), encoding="utf-8")
    assert run(["classify", str(path), "--explain", "-f", "jsonl"]) == 0
    assert steps == ["read", "why"] * 3


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_has_no_place_for_why(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"a.{form}"
    where = str(EXAMPLES / "patients.yaml")
    assert run(["classify", where, "--explain", "-f", form, "-o", str(out)]) == 2
    assert "-f json" in capsys.readouterr().err
    assert not out.exists()
