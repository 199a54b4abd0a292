"""What programmers take in hand: rdflib, owlready2, short values, and warnings."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import calcinosis
from calcinosis import names
from calcinosis.api.programs import PATIENTS, VERBS
from calcinosis.errors import RefusedWarning, UsageError
from calcinosis.graph.query import GRAPHS, PREFIXES
from calcinosis.graph.results import Table
from calcinosis.output.rdf.world import COMPLEMENT
from calcinosis.reasoning.java import java
from calcinosis.reasoning.verdict import CONFLICTING, ENTAILED, REFUTED, CaseVerdict
from tests import golden
from tests.shared import EXAMPLES, few, graph

CASE: dict[str, Any] = {"id": "one", "calcinosis": "present", "findings": ["hypercalcaemia"]}
CLASH: dict[str, Any] = {**CASE, "id": "clash", "excluded": ["hypercalcaemia"]}
REFUSED: dict[str, Any] = {"id": "refused", "calcinosis": "perhaps"}


# -- rdflib ----------------------------------------------------------------------------------


def test_the_dataset_holds_the_named_graphs_and_answers_as_sparql_does() -> None:
    kg = graph()
    found = {str(one.identifier) for one in kg.graph.graphs()}
    assert {names.GRAPH + name for name in GRAPHS} <= found
    query = "SELECT ?class ?subtype { ?class calc:caseOf ?subtype }"
    ours = kg.sparql(query)
    assert isinstance(ours, Table)
    told = {tuple(map(str, row)) for row in kg.graph.query(query)}  # type: ignore[arg-type]
    assert told == {tuple(row.plain().values()) for row in ours}
    for case_class, _ in told:
        assert kg.graph.namespace_manager.curie(case_class).startswith("calc:")


@pytest.mark.slow
def test_what_is_added_to_the_dataset_stays_there() -> None:
    import rdflib

    kg = calcinosis.load()
    new = rdflib.URIRef("https://example.org/x")
    mine = rdflib.URIRef("https://example.org/mine")
    kg.graph.graph(mine).add((new, rdflib.RDF.type, rdflib.OWL.Class))
    assert kg.graph.query("ASK { <https://example.org/x> ?p ?o }").askAnswer
    assert kg.sparql("ASK { <https://example.org/x> ?p ?o }") is False


def test_every_prefix_of_sparql_is_bound() -> None:
    bound = dict(graph().graph.namespaces())
    for prefix, base in PREFIXES.items():
        assert str(bound[prefix]) == base


@pytest.mark.slow
def test_n_quads_are_the_named_graphs_that_queries_see() -> None:
    from pyoxigraph import Dataset, RdfFormat, parse

    kg = graph()
    lines = bytes(kg.export("nquads"))
    assert lines == bytes(kg.export("nquads"))
    quads = Dataset(parse(lines, format=RdfFormat.N_QUADS))
    counts = Counter(quad.graph_name.value for quad in quads)
    told = kg.sparql("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g # sh:")
    assert isinstance(told, Table)
    assert counts == {row["g"]: row["n"] for row in told.rows()}
    part = parse(bytes(kg.export("nquads", subtype="calciphylaxis")), format=RdfFormat.N_QUADS)
    assert {quad.graph_name.value for quad in part} == counts.keys() - {names.GRAPH + "metadata"}


@pytest.mark.java
def test_what_the_document_shows_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "patients.yaml").write_text(yaml.safe_dump(CASE), encoding="utf-8")
    (tmp_path / "mine.ttl").write_text("<a:b> <a:c> <a:d> .", encoding="utf-8")
    page = (Path(__file__).parent.parent / "docs" / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```py\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    code = "\n".join(block for block in blocks if "simplefilter" not in block)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    assert out.getvalue().splitlines()[-1] == re.findall(r"^# (\[.*\])$", page, re.MULTILINE)[-1]


# -- owlready2 -------------------------------------------------------------------------------


def test_a_case_carries_its_facts_each_marked_by_who_says_it() -> None:
    import owlready2

    case = {"id": "by name/#1", "calcinosis": "present", "conditions": ["UCTD"]}
    world = graph().owlready(case)
    (patient,) = world.search(label="by name/#1")
    assert patient.iri == PATIENTS + "by%20name%2F%231"
    marks = [
        str(mark)
        for one in patient.is_a
        for mark in owlready2.comment[patient, owlready2.rdf_type, one]
    ]
    assert any(mark.startswith("stated: undifferentiated") for mark in marks)
    assert any(mark.startswith("added by rule R1,") for mark in marks)
    assert not any("assumed" in mark for mark in marks), "what may be assumed is no fact"


def test_contradictory_and_refused_cases_are_left_out_by_name() -> None:
    with pytest.warns(RefusedWarning) as told:
        world = graph().owlready([CASE, CLASH, REFUSED])
    assert world.left_out == ("clash",)
    assert {one.iri for one in world.individuals() if one.iri.startswith(PATIENTS)} == {
        PATIENTS + "one"
    }
    said = " ".join(str(one.message) for one in told)
    assert "clash" in said
    assert "refused" in said
    assert all(one.filename == __file__ for one in told), "the caller is named"


@pytest.mark.parametrize("base", ["", "patients#", "https://example.org/p", "https://a b/#"])
def test_a_base_that_begins_no_iri_is_refused(base: str) -> None:
    with pytest.raises(UsageError, match="cannot begin an IRI"):
        graph().owlready(CASE, base=base)


@pytest.mark.java
@pytest.mark.parametrize("viewpoint", [names.DEFAULT_VIEWPOINT, "walsh-fairley-1995"])
def test_a_reasoner_types_cases_by_exactly_what_strictly_follows(viewpoint: str) -> None:
    import owlready2

    java()  # skips nothing: it raises where there is no Java
    kg = graph(viewpoint)
    rows = [{**row.case, "id": f"row {row.number}"} for row in golden.rows()]
    every = kg.classify(rows).cases
    world = kg.owlready(rows)
    owlready2.sync_reasoner(world, debug=0)
    assert set(world.left_out) == {one.case.id for one in every if one.contradiction}
    assert world.left_out, "some of them contradict themselves"
    seen = set()
    for verdict in every:
        if verdict.case.id in world.left_out:
            assert not world.search(label=verdict.case.id)
            continue
        (patient,) = world.search(label=verdict.case.id)
        typed = {one.name for one in patient.INDIRECT_is_a if hasattr(one, "name")}
        for case_class in kg.classifier.case_classes:
            name = names.local(case_class.iri)
            found = verdict.verdict(case_class.subtype).verdict
            assert (name in typed) == (found == ENTAILED), (verdict.case.id, name)
            assert (COMPLEMENT + name in typed) == (found == REFUTED), (verdict.case.id, name)
            seen.add(found)
    assert seen == {ENTAILED, REFUTED, "undetermined"}
    assert CONFLICTING not in seen


# -- values at a prompt ----------------------------------------------------------------------


@cache
def values() -> dict[str, Any]:
    kg = graph()
    case: dict[str, Any] = {"id": "one", "calcinosis": "present", "conditions": ["UCTD"]}
    found = kg.classify(case)
    explained = kg.explain(case)
    without = calcinosis.Settings(without=("balin-2012",))
    return {
        "graph": kg,
        "result": found,
        "verdict": found.cases[0],
        "subtype": found.cases[0].subtypes[0],
        "case": found.cases[0].case,
        "fact": found.cases[0].case.facts[0],
        "explanations": explained,
        "explanation": explained[0],
        "why": explained[0].subtypes[0],
        "hit": kg.search("calcium")[0],
        "rows": kg.query("causes"),
        "row": kg.query("causes")[0],
        "page": kg.show("UCTD"),
        "viewpoints": kg.show("viewpoints"),
        "comparison": kg.compare(without, case),
        "ranking": kg.rank(case),
        "evaluation": kg.evaluate(case, {"one": "metastatic"}),
        "bibliography": kg.cite("reiter-2011"),
        "references": kg.cite(),
        "cohort": kg.cohort(case),
        "table one": found.table_one,
        "export": kg.export("associations-csv"),
        "stream": kg.stream(case),
        "triples": kg.sparql("CONSTRUCT { ?s a ?o } WHERE { ?s a ?o } LIMIT 5"),
    }


@pytest.mark.slow
def test_every_value_is_a_short_line_at_a_prompt() -> None:
    for name, value in values().items():
        told = repr(value)
        assert len(told) <= 250, f"{name}: {len(told)} characters"
        assert "\n" not in told, name
        assert " object at 0x" not in told, name


def test_a_verdict_says_itself_in_a_line() -> None:
    (verdict,) = graph().classify(CASE).cases
    assert repr(verdict).startswith("<CaseVerdict one: entailed metastatic")


def test_notebooks_show_what_is_asked_for() -> None:
    whole = values()
    silent = {"case", "fact", "hit", "row", "export", "stream", "triples"}
    for name in whole.keys() - silent:
        value = whole[name]
        shown = getattr(value, "_repr_html_", None) or value._repr_markdown_
        assert shown().strip(), name
    evil = {"id": "<img src=x onerror=alert(1)>", "calcinosis": "present"}
    (verdict,) = graph().classify(evil).cases
    assert isinstance(verdict, CaseVerdict)
    page = verdict._repr_html_()  # type: ignore[attr-defined]
    assert "<img" not in page
    assert "&lt;img" in page


def test_completion_shows_the_verbs_alone() -> None:
    assert set(dir(graph())) == VERBS
    for verb in VERBS:
        assert hasattr(graph(), verb)
        assert getattr(calcinosis.KnowledgeGraph, verb).__doc__


# -- warnings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "verb",
    few(
        ["classify", "explain", "rank", "cite", "export", "compare", "evaluate"],
        *("classify", "explain", "cite", "export", "compare", "evaluate"),
    ),
)
def test_refused_input_warns_and_names_the_caller(verb: str) -> None:
    kg = graph()
    calls: dict[str, Callable[[], Any]] = {
        "classify": lambda: kg.classify([CASE, REFUSED]),
        "explain": lambda: kg.explain([CASE, REFUSED]),
        "rank": lambda: kg.rank([CASE, REFUSED]),
        "cite": lambda: kg.cite(cases=[CASE, REFUSED]),
        "export": lambda: kg.export("provenance", cases=[CASE, REFUSED]),
        "compare": lambda: kg.compare(calcinosis.Settings(), [CASE, REFUSED]),
        "evaluate": lambda: kg.evaluate([CASE, REFUSED]),
    }
    with pytest.warns(RefusedWarning, match="One input was refused .*perhaps") as told:
        found = calls[verb]()
    assert len(found.refused) == 1
    assert [Path(one.filename).name for one in told] == [Path(__file__).name]


def test_nothing_is_warned_of_where_nothing_was_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph().classify(EXAMPLES)


@pytest.mark.slow
def test_the_commands_tell_of_what_was_refused_once(tmp_path: Path) -> None:
    program = shutil.which("calcinosis", path=str(Path(sys.executable).parent))
    assert program is not None
    path = tmp_path / "cases.yaml"
    path.write_text("id: refused\ncalcinosis: perhaps\n", encoding="utf-8")
    for command in ("classify", "explain", "cite --case"):
        asked = [program, *command.split(), str(path)]
        found = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert "Warning" not in found.stderr
        assert found.stderr.count("perhaps") == 1, command
