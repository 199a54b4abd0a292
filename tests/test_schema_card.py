"""The schema card: one page that says truly what is in the graph, with examples that answer."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import calcinosis
from tests.shared import few, graph
from tests.terminal import run


@cache
def text() -> str:
    return bytes(graph().export("schema-card")).decode()


@cache
def card() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text())
    return found


@pytest.mark.slow
def test_it_is_one_page() -> None:
    assert 100 < len(text().splitlines()) <= 150
    assert len(text()) < 20_000
    assert len(card()["traps"]) >= 10
    assert len(card()["examples"]) == 5


@pytest.mark.slow
def test_its_counts_are_those_of_the_graph() -> None:
    rows = graph().query("classes").rows()
    counts = {row["class"].rpartition("/")[2]: row["entities"] for row in rows}
    claims = {key.removeprefix("calc:"): one["count"] for key, one in card()["claims"].items()}
    assert claims == {key: n for key, n in counts.items() if key in claims}
    assert sum(claims.values()) == len(graph().ontology.claims.associations)
    for name, one in card()["graphs"].items():
        if "triples" in one:
            count = graph().sparql(f"SELECT (COUNT(*) AS ?n) {{ GRAPH {name} {{ ?s ?p ?o }} }}")
            assert one["triples"] == count.rows()[0]["n"]  # type: ignore[union-attr]
    kinds = {row["kind"]: row["number"] for row in graph().query("coverage").rows()}
    assert card()["terms"]["calc:Condition"]["count"] == kinds["condition"]
    assert card()["terms"]["calc:Gene"]["count"] == kinds["gene"]


def test_its_words_are_those_of_the_turtle() -> None:
    terms = graph().ontology.terms
    for key, one in {**card()["terms"], **card()["claims"]}.items():
        assert one["is"] == terms.term(calcinosis.names.CC + key.removeprefix("calc:")).definition
    subtypes = graph().classifier.case_classes
    assert list(card()["subtypes"]) == [f"calc:{one.subtype}" for one in subtypes]
    for one, told in zip(subtypes, card()["subtypes"].values(), strict=True):
        assert told["label"] == one.label
        assert told["needs"].count("calc:") == len(one.criteria)


@pytest.mark.parametrize("number", few(range(5), 0))
def test_an_example_answers(number: int) -> None:
    example = card()["examples"][number]
    assert graph().sparql(example["sparql"]), example["question"]
    assert example["question"].endswith("?")


@pytest.mark.slow
def test_it_is_about_the_loaded_viewpoint_and_what_is_laid_over(tmp_path: Path) -> None:
    place = tmp_path / "site.ttl"
    place.write_text(
        "@prefix calc: <https://w3id.org/calcinosis/> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        'calc:Calciphylaxis skos:altLabel "grey leg"@en .\n'
    )
    kg = calcinosis.load("walsh-fairley-1995", overlays=place)
    found = yaml.safe_load(bytes(kg.export("schema-card")))
    assert found["viewpoint"] == "walsh-fairley-1995"
    assert len(found["subtypes"]) == 4
    assert "site.ttl" in found["with"]
    assert "with" not in card()


@pytest.mark.slow
def test_the_command_writes_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["export", "schema-card"], capsys) == (0, text(), "")
    place = tmp_path / "card.yaml"
    assert run(["export", "schema-card", "-o", str(place)], capsys)[0] == 0
    assert place.read_text(encoding="utf-8") == text()
