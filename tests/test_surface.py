"""The public surface: what it is, that it teaches itself, and that its values are alike."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis import api
from calcinosis.api import KnowledgeGraph
from calcinosis.errors import UsageError
from tests.shared import graph

ROOT = Path(__file__).parent.parent
VERBS = {
    *("search", "show", "query", "sparql"),
    *("classify", "explain", "stream", "cohort", "compare", "rank", "evaluate"),
    *("cite", "export", "owlready"),
}
THINGS = {
    *("classifier", "form", "graph", "label", "laboratory", "library", "lookups"),
    *("prefixes", "reasoner", "ontology", "viewpoint", "worker"),
}
DOOR = {
    "HANDFUL",
    "KINDS",
    "ON_CONFLICT",
    "READ",
    "REASONERS",
    "RECORDS",
    "REFERENCE",
    "TABLES",
    "VISITS",
    "Answer",
    "Bibliography",
    "CaseVerdict",
    "Cases",
    "Catalogue",
    "Cohort",
    "Comparison",
    "Describing",
    "Difference",
    "Endpoint",
    "Entry",
    "Evaluation",
    "Explanation",
    "Explanations",
    "KnowledgeGraph",
    "Lexicon",
    "LookUp",
    "NewClaim",
    "NewReference",
    "NewTerm",
    "Parameter",
    "Ranking",
    "Result",
    "Rows",
    "Settings",
    "Sheet",
    "Stream",
    "Tally",
    "TermPage",
    "Verdicts",
    "ViewpointsPage",
    "Views",
    "add_claim",
    "assumed",
    "check",
    "diff",
    "kinds_of",
    "load",
    "load_ontology",
    "modules_of",
    "normal",
    "other_ways",
    "shares",
    "sheet_map",
    "unknown",
    "viewpoints",
    "each_viewpoint",
}
CASE: dict[str, Any] = {"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"]}
UNREADABLE: dict[str, Any] = {"id": "b", "calcinosis": "perhaps"}


def test_what_the_package_offers_is_pinned() -> None:
    assert set(calcinosis.__all__) == {
        *("KnowledgeGraph", "Result", "Settings", "Sheet", "__version__", "load"),
    }
    for name in calcinosis.__all__:
        assert getattr(calcinosis, name) is not None
    assert not hasattr(calcinosis, "KnowledgeGraf")


def test_the_door_gives_what_it_names() -> None:
    for name in api.__all__:
        assert getattr(api, name) is not None, name
    assert set(api.__all__) == set(api._MODULE) == DOOR
    with pytest.raises(AttributeError, match="no attribute 'knowledge'"):
        _ = api.knowledge


def test_the_graph_has_these_verbs_and_no_other() -> None:
    known = {*object.__dir__(graph())}  # dir() shows the verbs alone
    public = {name for name in known if not name.startswith("_")}
    verbs = {name for name in public if inspect.isfunction(getattr(KnowledgeGraph, name, None))}
    assert verbs == VERBS
    assert public - verbs == THINGS


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_each_verb_has_an_example_that_teaches_it(verb: str) -> None:
    told = inspect.getdoc(getattr(KnowledgeGraph, verb)) or ""
    assert f".{verb}(" in "".join(re.findall(r"^(?:>>>|\.\.\.) .*\n?", told, re.MULTILINE))


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_cases_have_one_name(verb: str) -> None:
    names = set(inspect.signature(getattr(KnowledgeGraph, verb)).parameters)
    assert not names & {"case", "source", "files", "patients"}


@pytest.mark.slow
def test_what_was_refused_stands_beside_every_result() -> None:
    kg = graph()
    cases: list[dict[str, Any]] = [CASE, UNREADABLE]
    without = calcinosis.Settings(without=("fernandez-2015",))
    found: dict[str, Any] = {
        "classify": kg.classify(cases),
        "explain": kg.explain(cases),
        "stream": kg.stream(cases),
        "compare": kg.compare(without, cases),
        "rank": kg.rank(cases),
        "evaluate": kg.evaluate(cases),
        "cite": kg.cite(cases=cases),
        "export": kg.export("provenance", cases=cases),
        "owlready": kg.owlready(cases),
        "cohort": kg.cohort(cases),
    }
    assert list(found["stream"])
    for verb, value in found.items():
        (error,) = value.refused
        assert "perhaps" in str(error), verb
    takes = {
        v for v in VERBS if "cases" in inspect.signature(getattr(KnowledgeGraph, v)).parameters
    }
    assert takes | {"export"} == set(found)


@pytest.mark.slow
def test_values_give_plain_values_by_one_name() -> None:
    kg = graph()
    for value in (
        kg.classify(CASE),
        kg.classify(CASE).cases[0],
        kg.explain(CASE),
        kg.explain(CASE)[0],
        kg.compare(calcinosis.Settings(before=2000), CASE),
        kg.rank(CASE),
        kg.evaluate(),
        kg.show("reiter-2011"),
        kg.show("viewpoints"),
        kg.ontology.settings,
    ):
        assert isinstance(value.to_dict(), dict), value
    sources = "".join(p.read_text("utf-8") for p in (ROOT / "src").rglob("*.py"))
    assert not re.search(r"def (as|to|get)_(dict|dicts|mapping)\b(?<!to_dict)", sources)


def test_results_are_values_that_cannot_be_changed() -> None:
    result = graph().classify(CASE)
    assert is_dataclass(result)
    assert {field.name for field in fields(result)} == {"head", "cases", "refused", "explanations"}
    with pytest.raises(AttributeError):
        result.cases = ()  # type: ignore[misc]


def test_what_is_refused_leaves_nothing_to_write_and_is_not_hidden() -> None:
    kg = graph()
    export = kg.export("provenance", cases=[UNREADABLE])
    assert (bytes(export), list(export), export.files) == (b"", [], {})
    assert len(export.refused) == 1
    found = kg.explain([UNREADABLE], identifier="b")
    assert (len(found), len(found.refused)) == (0, 1)


def test_a_bibliography_by_keys_asks_no_classifier() -> None:
    kg = calcinosis.load()
    assert kg.cite("reiter-2011").keys == ("reiter-2011",)
    assert not kg.cite(subtype=[])
    assert "classifier" not in vars(kg)
    for asked in ({"parameters": {"x": "y"}}, {"below": True}):
        with pytest.raises(UsageError):
            kg.cite("reiter-2011", **asked)
