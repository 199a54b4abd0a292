"""The named look-ups: headers, parameters, answers, and that every claim in them is cited."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, QuerySolutions, Store

import calcinosis
from calcinosis import names
from calcinosis.cli.main import cli
from calcinosis.errors import OntologyError, UsageError
from calcinosis.graph.ask import Ask
from calcinosis.graph.catalogue import AUTHOR, CODE, NUMBER, WORD, Catalogue, LookUp
from calcinosis.graph.lexicon import KINDS, TERM
from calcinosis.graph.ontology import viewpoints
from calcinosis.graph.parameters import terms
from calcinosis.graph.results import SEPARATOR, Table
from tests.expect import FOLDER, answers, digests
from tests.shared import examples, few, graph
from tests.terminal import run

CATALOGUE = Catalogue()
NAMES = CATALOGUE.names()
TAGS = {"causes", "clinic", "definitions", "evidence", "overview", "terms"}
# Look-ups whose rows state no medical knowledge, and what they state instead.
UNCITED = {
    "classes": "numbers",
    "code": "mappings, which carry their own source",
    "coverage": "numbers",
    "identifiers": "mappings, which carry their own source",
    "properties": "numbers",
    "mappings": "mappings, which carry their own source",
    "parts": "what the words mean",
    "synonyms": "names",
    "unmapped": "what there is no mapping for",
    "vocabularies": "numbers",
}
# Values that the lists in headers must keep up with, and the query that finds them.
LISTED = {
    "read": "SELECT DISTINCT ?v { [] calc:read ?v }",
    "study_type": "SELECT DISTINCT ?v { [] calc:studyType ?v }",
    "vocabulary": "SELECT DISTINCT ?v { [] sssom:object_id ?c BIND(STRBEFORE(?c, ':') AS ?v) }",
}


def look_up(name: str) -> LookUp:
    return CATALOGUE.look_up(name)


# -- headers -----------------------------------------------------------------------------


def test_there_are_many_and_each_kind_of_question_is_asked() -> None:
    assert len(NAMES) >= 30
    assert set(CATALOGUE.summaries()) == TAGS


@pytest.mark.parametrize("name", NAMES)
def test_a_header_is_complete(name: str) -> None:
    it = look_up(name)
    assert 10 < len(it.summary) <= 80
    assert not it.summary.endswith(".")
    assert it.description.endswith(".")
    assert set(it.tags) <= TAGS
    assert CATALOGUE.summaries()[it.tags[0]][name] == it.summary
    options = {parameter.name for parameter in it.parameters}
    assert set(it.example) <= options
    assert bool(it.example) == bool(options), "an example shows a parameter"
    for parameter in it.parameters:
        assert parameter.description.endswith(".")
        assert re.fullmatch(r"[a-z]+(?:_[a-z]+)*", parameter.name)
        kinds = set(parameter.type.split(" or "))
        assert kinds <= {*KINDS, TERM} or parameter.type in (WORD, NUMBER, CODE, AUTHOR)
        assert (parameter.type == WORD) == bool(parameter.values)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_names_its_columns_and_orders_its_rows(name: str) -> None:
    it = look_up(name)
    select = it.text.split("SELECT ", 1)[1].split("{", 1)[0]
    assert "*" not in re.sub(r"COUNT\([^)]*\)", "", select)
    assert re.search(r"^ORDER BY ", it.text, re.MULTILINE)
    assert "SERVICE" not in it.text
    for parameter in it.parameters:
        assert f"VALUES ?_{parameter.name} {{" in it.text


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_a_query_that_any_engine_runs(name: str, kg: calcinosis.KnowledgeGraph) -> None:
    """No prefix is assumed, and the defaults of the header are those of the query."""
    it = look_up(name)
    Store().query(it.text)
    bound = it.bound(terms(it, {}, kg.lookups.lexicon))
    assert kg.lookups.engine.answer(bound) == kg.lookups.engine.answer(it.text)


@pytest.mark.parametrize("parameter", LISTED)
def test_the_words_of_a_parameter_are_those_of_the_graph(
    parameter: str, kg: calcinosis.KnowledgeGraph
) -> None:
    found = kg.sparql(LISTED[parameter])
    assert isinstance(found, Table)
    known = {row["v"] for row in found.rows()}
    for name in NAMES:
        for it in look_up(name).parameters:
            if it.name == parameter:
                assert set(it.values) == known, name


def test_a_broken_header_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.rq").write_text("#+ summary: a: b\nSELECT ?x {}\n", encoding="utf-8")
    (tmp_path / "bare.rq").write_text("SELECT ?x {}\n", encoding="utf-8")
    for name in ("broken", "bare"):
        with pytest.raises(OntologyError, match=rf"{name}\.rq: the header cannot be read"):
            Catalogue(tmp_path).look_up(name)


def test_a_look_up_selects(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> None:
    head = "#+ summary: a\n#+ description: b\n#+ tags: [terms]\n"
    (tmp_path / "graph.rq").write_text(head + "DESCRIBE <https://example.org/>\n", "utf-8")
    with pytest.raises(TypeError, match="is no SELECT query"):
        Ask(kg.ontology, Catalogue(tmp_path)).look_up("graph", {})


# -- answers -----------------------------------------------------------------------------


def test_the_answers_are_as_expected(kg: calcinosis.KnowledgeGraph) -> None:
    found = answers(kg)
    assert sorted(path.stem for path in FOLDER.glob("*.tsv")) == sorted(found)
    wrong = [
        name
        for name, text in found.items()
        if (FOLDER / f"{name}.tsv").read_text(encoding="utf-8") != text
    ]
    assert not wrong, "read what has changed; then: python -m tests.expect"


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_has_rows_with_columns_that_are_named(
    name: str, kg: calcinosis.KnowledgeGraph
) -> None:
    table = kg.query(name)
    assert table
    assert set(table.beside) < set(table.columns)
    assert all(re.fullmatch(r"[a-z]+(?:_[a-z]+)*", column) for column in table.columns)
    assert len(set(map(tuple, table))) == len(table), "a row stands twice"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNCITED])
def test_every_row_that_states_knowledge_carries_its_references(
    name: str, kg: calcinosis.KnowledgeGraph
) -> None:
    library = kg.ontology.library.bibliography
    given: dict[str, Any] = dict(look_up(name).example)
    example = kg.query(name, **given)
    for row in [*kg.query(name).rows(), *example.rows()]:
        keys = row["references"].split(SEPARATOR) if row["references"] else []
        assert keys or row.get("reason"), row
        assert set(keys) <= set(library)
        assert len(set(keys)) == len(keys)
        if row.get("read") and len(keys) > 1:
            assert len(row["read"].split(SEPARATOR)) == len(keys)


def test_what_is_not_cited_still_exists() -> None:
    assert set(UNCITED) <= set(NAMES)


@pytest.mark.slow
def test_answers_are_the_same_in_every_process(kg: calcinosis.KnowledgeGraph) -> None:
    here = digests(kg)
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.expect", "--digests"],
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout) == here


OTHERS = [v for v in viewpoints() if v != names.DEFAULT_VIEWPOINT]


@pytest.mark.slow
@pytest.mark.parametrize("viewpoint", few(OTHERS, "minars"))
def test_every_viewpoint_answers_every_look_up(viewpoint: str) -> None:
    other = calcinosis.load(viewpoint)
    for name in NAMES:
        assert other.query(name), name
    assert other.query("criteria").rows() != graph().query("criteria").rows()


# -- what the medicine says: each look-up that a colleague would try first -------------------


def _column(table: Table, name: str) -> set[str]:
    return {row[name] for row in table.rows()}


def test_causes_of_a_subtype(kg: calcinosis.KnowledgeGraph) -> None:
    causes = _column(kg.query("causes", subtype="metastatic"), "cause_label")
    assert {"sarcoidosis", "milk-alkali syndrome", "secondary hyperparathyroidism"} <= causes
    assert "juvenile dermatomyositis" not in causes
    every = kg.query("causes")
    assert _column(every, "subtype_label") >= {"metastatic calcinosis cutis", "calciphylaxis"}


def test_conditions_with_more_than_one_subtype(kg: calcinosis.KnowledgeGraph) -> None:
    rows = kg.query("several-subtypes").rows()
    subtypes: dict[str, set[str]] = {}
    for row in rows:
        subtypes.setdefault(row["condition_label"], set()).add(row["subtype_label"])
    assert all(len(found) > 1 for found in subtypes.values())
    assert subtypes["heel stick"] == {"dystrophic calcinosis cutis", "iatrogenic calcinosis cutis"}


def test_an_answer_tells_asserted_from_inferred(kg: calcinosis.KnowledgeGraph) -> None:
    rows = {
        row["implied_label"]: row for row in kg.query("implied", criterion="IdiopathicCase").rows()
    }
    assert rows["calcinosis present"]["status"] == "asserted"
    assert rows["no underlying cause"]["status"] == "asserted"
    assert rows["calcium and phosphate not raised"]["status"] == "inferred"
    above = {row["above_label"]: row["status"] for row in kg.query("above").rows()}
    assert above["dermatomyositis"] == "asserted"
    assert above["connective tissue disease"] == "inferred"


def test_claims_add_up(kg: calcinosis.KnowledgeGraph) -> None:
    claims = len(kg.ontology.claims.associations)
    rows = [row for row in kg.query("coverage").rows() if row["section"] == "claims"]
    assert sum(row["number"] for row in rows) == claims
    assert sum(row["one_reference"] for row in rows) == len(kg.query("single-reference"))
    by_reading = sum(
        len(kg.query("claims-by-reading", read=word))
        for word in ("text", "seed", "abstract", "list", "title")
    )
    assert by_reading == claims
    years = kg.query("claims-by-year", since=0).rows()
    first, last = years[-1], years[0]
    assert first["by_then"] == sum(row["year"] == first["year"] for row in years)
    assert last["by_then"] == len(years)


# -- parameters --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "metastatic",
        "METASTATIC  calcinosis cutis",
        "metastatic calcification of the skin",
        "MetastaticCalcinosisCutis",
        "calc:MetastaticCalcinosisCutis",
        "https://w3id.org/calcinosis/MetastaticCalcinosisCutis",
    ],
)
def test_a_term_may_be_given_in_any_of_its_names(value: str, kg: calcinosis.KnowledgeGraph) -> None:
    assert kg.query("causes", subtype=value) == kg.query("causes", subtype="metastatic")


def test_a_code_of_another_vocabulary_is_a_name_too(kg: calcinosis.KnowledgeGraph) -> None:
    by_code = kg.query("references", condition="MONDO:0010196")
    assert by_code == kg.query("references", condition="Werner syndrome")
    assert kg.query("code", code="http://purl.obolibrary.org/obo/MONDO_0016367") == kg.query("code")
    by_doi = kg.query("supports", reference="10.1016/j.jaad.2010.08.038")
    assert by_doi == kg.query("supports", reference="Reiter 2011")


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("causes", {"subtype": "metastattic"}, "no subtype 'metastattic'.* metastatic calcinosis"),
        ("causes", {"subtype": "Werner syndrome"}, "no subtype"),
        ("references", {"condition": "Verner syndrom"}, "no term .* Werner syndrome"),
        ("supports", {"reference": "reiter-2012"}, "no reference .* reiter-2011"),
        ("claims-by-reading", {"read": "titel"}, "Did you mean title"),
        ("claims-by-year", {"since": "soon"}, "no whole number"),
        ("claims-by-year", {"since": "9" * 5000}, "longer than"),
        ("causes", {"colour": "red"}, "no parameter 'colour'. It has: subtype"),
        ("coverage", {"colour": "red"}, "It has: none"),
        ("causesx", {}, "Did you mean causes"),
        ("../check/missing_label", {}, "no look-up"),
        ("roles", {"role": "zzzzz"}, "no condition or intervention .* is near"),
    ],
)
def test_what_is_unknown_is_answered_with_the_nearest(
    name: str, given: dict[str, Any], words: str, kg: calcinosis.KnowledgeGraph
) -> None:
    with pytest.raises(UsageError, match=words):
        kg.query(name, **given)


def test_an_ambiguous_word_is_answered_with_all(kg: calcinosis.KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match=r"ambiguous.*DepositingIntervention"):
        kg.query("claims", term="depositing intervention")


INJECTIONS = [
    'Fairley" } UNION { ?source ?p ?o } #',
    "Fairley' } } SELECT ?x { ?x ?y ?z } #",
    'Fairley\\" } VALUES ?x { 1 } {',
    "calc:Case } { ?s ?p ?o }",
    "https://w3id.org/calcinosis/Case> } UNION { ?s ?p ?o } #",
    "\\u0022 } #",
    "UNDEF",
    "1 } UNION { ?s ?p ?o",
]


@pytest.mark.parametrize("attempt", INJECTIONS)
def test_an_injection_is_a_text_or_an_unknown_term(
    attempt: str, kg: calcinosis.KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not kg.query("by-author", author=attempt)
    for name, parameter in (
        ("causes", "subtype"),
        ("supports", "reference"),
        ("claims-by-reading", "read"),
        ("most-references", "least"),
    ):
        given: dict[str, Any] = {parameter: attempt}
        with pytest.raises(UsageError):
            kg.query(name, **given)
    code, out, errors = run(["query", "causes", "--subtype", attempt], capsys)
    assert (code, out) == (2, "")
    assert errors.startswith("Error: --subtype: there is no subtype")


@settings(max_examples=examples(40), deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_only_ever_a_text(text: str) -> None:
    it = look_up("by-author")
    query = it.bound({"author": Literal(text)})
    (block,) = re.findall(r"VALUES \?_author \{ (.*) \}$", query, re.MULTILINE)
    answer = Store().query(f"SELECT ?x {{ VALUES ?x {{ {block} }} }}")
    assert isinstance(answer, QuerySolutions)
    (row,) = answer
    assert row["x"] == Literal(text)


def test_a_value_takes_the_place_of_every_default() -> None:
    it = LookUp("a", "", "", (), "{ VALUES ?_x { UNDEF } { VALUES ?_x  {1 2} VALUES ?_xy { 3 } } }")
    found = it.bound({"x": Literal("\\1")})
    assert found.count('{ "\\\\1" }') == 2
    assert "?_xy { 3 }" in found


# -- the command line ----------------------------------------------------------------------


def test_bare_query_lists_all_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["query"], capsys)
    assert code == 0
    for tag in TAGS:
        assert f"\n{tag.capitalize()}:\n" in out
    for name in NAMES:
        assert re.search(rf"^  {name}\b", out, re.MULTILINE)
    assert run(["query", "--help"], capsys)[1] == out


@pytest.mark.parametrize("name", NAMES)
def test_every_look_up_has_help_with_an_example_that_runs(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(["query", name, "--help"], capsys)
    assert code == 0
    assert "\\b" not in out
    (example,) = re.findall(r"Example:\n +(calcinosis query .*)\n", out)
    context = click.Context(cli)
    group = cli.get_command(context, "query")
    assert isinstance(group, click.Group)
    command = group.get_command(context, name)
    assert command is not None
    assert all(p.help for p in command.params if isinstance(p, click.Option))
    assert example.startswith(f"calcinosis query {name}")


def test_an_example_of_the_help_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["query", "references", "--condition", "Werner syndrome"], capsys)
    assert code == 0
    assert "honjo-2008" in out


def test_help_does_not_read_the_queries(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(Catalogue, "__init__", fail)
    code, out, _ = run(["--help"], capsys)
    assert code == 0
    assert " query " in out


def test_an_unknown_look_up_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, errors = run(["query", "causesx"], capsys)
    assert (code, out) == (2, "")
    assert errors.startswith("Error: query: there is no look-up 'causesx'. Did you mean causes")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["query", "causes", "--subtype", "metastatic", "--subtype", "dystrophic"], "--subtype"),
        (["query", "causes", "-f", "csv", "--format", "tsv"], "--format"),
        (["show", "scar", "--viewpoint", "a", "--viewpoint", "b"], "--viewpoint"),
        (["classify", "x.yaml", "-f", "csv", "-f", "json"], "--format"),
    ],
)
def test_an_option_of_one_value_is_given_once(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, errors = run(arguments, capsys)
    assert (code, out) == (2, "")
    assert errors == f"Error: {option}: it is given 2 times. Give it once, with one value\n"


def test_an_option_of_many_values_may_be_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["search", "scar", "--kind", "condition", "--kind", "finding"], capsys)
    assert (code, bool(out)) == (0, True)
    assert run(["query", "subtypes", "-q", "-q"], capsys)[0] == 0


# -- for other programs --------------------------------------------------------------------


def test_rows_are_plain_and_know_their_references(kg: calcinosis.KnowledgeGraph) -> None:
    table = kg.query("criteria", subtype="calciphylaxis")
    assert set(table.references()) >= {"jimenez-gallo-2015", "reiter-2011"}
    assert all(isinstance(row["subtype"], str) for row in table.rows())
    both = kg.query("contested", term="heel stick").references()
    assert {"dermnet-calcinosis-cutis", "sakmann-2013"} <= set(both)
    found = kg.sparql("SELECT ?r { calc:Calciphylaxis IAO:0000119 ?r } ORDER BY ?r")
    assert isinstance(found, Table)
    assert found.references() == ("jimenez-gallo-2015", "reiter-2011")
    assert "<table>" in table._repr_html_()
