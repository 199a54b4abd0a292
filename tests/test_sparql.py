"""SPARQL over the named graphs: what is in them, places of faults, and that nothing leaves."""

from __future__ import annotations

import io
import re
import shutil
import socket
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import (
    Literal,
    QuerySolutions,
)
from rdflib.plugins.sparql import prepareQuery

import calcinosis
from calcinosis import names
from calcinosis.cli.sparql import query_text
from calcinosis.errors import OntologyError, UsageError
from calcinosis.graph import fault, mapped, syntax
from calcinosis.graph.inferred import inferred
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import load, viewpoints
from calcinosis.graph.query import ASSERTED, GRAPHS, Engine
from calcinosis.graph.query import run as raw
from calcinosis.graph.results import Table
from tests.terminal import run

ROOT = Path(__file__).parent.parent
CONSTRUCTED = (
    "CONSTRUCT { ?x skos:prefLabel ?l ; rdfs:seeAlso [] } { ?x calc:caseOf ?y ; rdfs:label ?l }"
)
LOOK_UPS = {
    path.stem: re.sub(r"(?m)^#\+.*\n", "", path.read_text(encoding="utf-8"))
    for path in sorted(data("queries").glob("lookup/*.rq"))
}


@cache
def prefixes() -> Mapping[str, str]:
    return Engine(load().source).prefixes


def rows(kg: calcinosis.KnowledgeGraph, query: str) -> list[dict[str, Any]]:
    found = kg.sparql(query)
    assert isinstance(found, Table)
    return found.rows()


# -- graphs ------------------------------------------------------------------------------


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_graph_has_triples(graph: str, kg: calcinosis.KnowledgeGraph) -> None:
    assert kg.sparql(f"ASK {{ GRAPH graph:{graph} {{ ?s ?p ?o }} }}") is True


def test_each_triple_is_where_it_belongs(kg: calcinosis.KnowledgeGraph) -> None:
    asked = "SELECT DISTINCT ?g {{ GRAPH ?g {{ {} }} }} ORDER BY ?g"
    for pattern, graphs in {
        "?x calc:subject ?y": ["associations"],
        "?x calc:studyType ?y": ["references"],
        "?x a calc:ReferenceInterval": ["ontology"],
        "?x calc:caseOf ?y": ["ontology"],
        "?x skos:exactMatch ?y": ["mappings"],
        "?x rdfs:subClassOf ?y": ["inferred", "ontology"],
    }.items():
        found = [row["g"] for row in rows(kg, asked.format(pattern))]
        assert found == [names.GRAPH + graph for graph in graphs]


def test_without_graph_all_are_asked_together(kg: calcinosis.KnowledgeGraph) -> None:
    query = """
      SELECT ?code {
        ?claim calc:object calc:Calciphylaxis ; cito:citesAsEvidence/calc:studyType "review" .
        calc:Calciphylaxis skos:exactMatch ?code ; rdfs:subClassOf calc:Condition }"""
    assert rows(kg, query)


def test_from_chooses_graphs(kg: calcinosis.KnowledgeGraph) -> None:
    told = "SELECT (COUNT(*) AS ?n) FROM graph:{} {{ ?a rdfs:subClassOf ?b }}"
    counts = [rows(kg, told.format(graph))[0]["n"] for graph in GRAPHS]
    assert counts[1:4] == [0, 0, 0]
    both = "SELECT (COUNT(*) AS ?n) { ?a rdfs:subClassOf ?b }"
    assert rows(kg, both)[0]["n"] == counts[0] + counts[4]


@pytest.mark.slow
def test_only_the_loaded_viewpoint_is_there() -> None:
    for viewpoint in viewpoints():
        found = calcinosis.load(viewpoint).sparql("SELECT ?v { ?v a calc:Viewpoint }")
        assert isinstance(found, Table)
        assert [row["v"] for row in found.rows()] == [names.VIEWPOINT + viewpoint]


def test_the_mapping_graph_has_every_row_with_its_justification(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    query = """
      SELECT (COUNT(?row) AS ?n) (SUM(?chain) AS ?chained) (SAMPLE(?set) AS ?one) {
        GRAPH graph:mappings { ?row owl:annotatedSource ?term ; owl:annotatedProperty ?match ;
          owl:annotatedTarget ?code ; sssom:object_id ?curie ;
          sssom:mapping_justification ?why ; sssom:mapping_set_id ?set .
          ?term ?match ?code BIND(IF(?why = semapv:MappingChaining, 1, 0) AS ?chain) } }"""
    (row,) = rows(kg, query)
    mappings = kg.ontology.terms.mappings
    assert row["n"] == len(mappings)
    chained = [one for one in mappings if one.justification == "semapv:MappingChaining"]
    assert 0 < row["chained"] == len(chained) < row["n"]
    assert row["one"].startswith("https://w3id.org/calcinosis/mappings/")
    assert kg.sparql("ASK { calc:CalcinosisCutis skos:exactMatch HP:0025520 }") is True


def test_a_cell_with_quotes_or_brackets_stays_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "odd.sssom.tsv"
    path.write_text(
        '#curie_map:\n#  calc: "https://w3id.org/calcinosis/"\n'
        "subject_id\tpredicate_id\tobject_id\tobject_label\tconfidence\n"
        'calc:Case\tskos:exactMatch\tcc:A\ta "b" \\ c> . calc:x\t0.9" ; calc:y "\n',
        encoding="utf-8",
    )
    found = list(mapped.triples(mapped.read(path)))
    assert 'a "b" \\ c> . calc:x' in {
        t.object.value for t in found if isinstance(t.object, Literal)
    }
    assert not [triple for triple in found if triple.predicate.value.endswith(("/x", "/y"))]


HOSTILE = {
    "calc:A\tskos:exactMatch\tcc:x> . <a:b> <a:c> <a:d": "line 6: a cell is no IRI: .*>",
    "calc:A\tskos:exactMatch\ta b": "line 6: a cell is no IRI",
    "calc:A\tskos:exactMatch\t": "line 6: a cell is no IRI",
    "calc:A\tskos:exactMatch": "line 6: a cell is no IRI",
    'calc:A\tskos:exactMatch\t"calc:x\ncalc:B': r"line 7: unexpected end of data",
    'calc:A\tskos:exactMatch\t"calc:x"> .': "line 6: .*expected after",
    "calc:A\tskos:exactMatch\t" + "x" * 200_000: "line 6: field larger than",
}


@pytest.mark.parametrize("row", HOSTILE)
def test_a_cell_that_is_no_iri_is_an_error_with_its_line(row: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.sssom.tsv"
    head = '#curie_map:\n#  calc: "https://w3id.org/calcinosis/"\n'
    good = "calc:A\ta:b\tcc:B\n"
    columns = "subject_id\tpredicate_id\tobject_id\n"
    path.write_text(f"{head}{columns}{good}{good}{row}\n", encoding="utf-8")
    with pytest.raises(OntologyError, match=rf"odd\.sssom\.tsv, {HOSTILE[row]}"):
        list(mapped.triples(mapped.read(path)))
    path.write_text(f"{head}subject_id\n{good}", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"line 4: there is no column 'predicate_id'"):
        list(mapped.triples(mapped.read(path)))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(data("ontology"), tmp_path / "ontology"))
    (folder / "anatomy.ttl").write_text("calc:A calc:b .", encoding="utf-8")
    ontology = calcinosis.load(ontology=folder).ontology
    with pytest.raises(OntologyError, match=r"anatomy\.ttl: the file cannot be read"):
        Engine(ontology.source)


# -- inferred ------------------------------------------------------------------------------


def _subclasses(kg: calcinosis.KnowledgeGraph, graph: str = "") -> set[tuple[str, str]]:
    pattern = "?a rdfs:subClassOf ?b FILTER(isIRI(?a) && isIRI(?b))"
    wanted = f"GRAPH graph:{graph} {{ {pattern} }}" if graph else pattern
    return {(row["a"], row["b"]) for row in rows(kg, f"SELECT DISTINCT ?a ?b {{ {wanted} }}")}


def test_the_inferred_graph_holds_what_is_not_asserted(kg: calcinosis.KnowledgeGraph) -> None:
    told, new = _subclasses(kg, "ontology"), _subclasses(kg, "inferred")
    assert not told & new
    every = told | new
    assert not [(a, b) for a, b in every if a == b]
    closed = {(a, d) for a, b in every for c, d in every if b == c and a != d}
    assert closed <= every, "transitive"
    assert (
        kg.sparql("ASK { GRAPH graph:inferred { ?s ?p ?o FILTER(?p != rdfs:subClassOf) } }")
        is False
    )


@pytest.mark.parametrize(
    ("small", "large"),
    [
        ("AcneScar", "Condition"),
        ("NadroparinCalcium", "DepositingIntervention"),
        ("MetastaticCase", "WithMineralDisturbance"),
    ],
)
def test_roles_and_criteria_are_inherited(
    small: str, large: str, kg: calcinosis.KnowledgeGraph
) -> None:
    asked = f"ASK {{ GRAPH graph:%s {{ calc:{small} rdfs:subClassOf calc:{large} }} }}"
    assert kg.sparql(asked % "ontology") is False
    assert kg.sparql(asked % "inferred") is True


def test_nothing_is_inferred_that_does_not_follow(kg: calcinosis.KnowledgeGraph) -> None:
    for small, large in (
        ("DystrophicCase", "MetastaticCase"),
        ("WithMineralDisturbance", "WithRaisedMineralLevel"),
        ("Hyperparathyroidism", "ConditionImplyingHypercalcaemia"),
        ("WithTissueDamage", "DystrophicCase"),
    ):
        assert kg.sparql(f"ASK {{ calc:{small} rdfs:subClassOf calc:{large} }}") is False


@pytest.mark.java
@pytest.mark.parametrize("viewpoint", viewpoints())
def test_the_inferred_hierarchy_is_the_one_of_hermit(viewpoint: str) -> None:
    """Known difference: every case meets or fails some criterion, so HermiT puts Case below it."""
    from calcinosis.reasoning.java import java
    from calcinosis.reasoning.owl import merged

    kg = calcinosis.load(viewpoint)
    jvm = java()
    source = jvm.JClass("org.semanticweb.owlapi.io.StringDocumentSource")
    manager = jvm.JClass("org.semanticweb.owlapi.apibinding.OWLManager").createOWLOntologyManager()
    files = kg.ontology.reasoned_files()
    owl = manager.loadOntologyFromOntologyDocument(source(merged(files)))
    reasoner = jvm.JClass("org.semanticweb.HermiT.Reasoner$ReasonerFactory")().createReasoner(owl)
    hermit: set[tuple[str, str]] = set()
    classes: set[str] = set()
    for entity in owl.getClassesInSignature():
        iri = str(entity.getIRI())
        above = [
            *reasoner.getSuperClasses(entity, False).getFlattened(),
            *reasoner.getEquivalentClasses(entity).getEntities(),
        ]
        classes.add(iri)
        hermit |= {(iri, str(other.getIRI())) for other in above}
    ours = {
        (a, b) for a, b in hermit if a != b and a.startswith(names.CC) and b.startswith(names.CC)
    }
    found = {(a, b) for a, b in _subclasses(kg) if a in classes and b in classes}
    assert ours - found == {(names.CASE, names.CC + "Criterion")}
    assert not found - ours


def test_inference_is_the_same_from_any_order(kg: calcinosis.KnowledgeGraph) -> None:
    quads = list(kg.lookups.engine._store.quads_for_pattern(None, None, None, ASSERTED))
    assert inferred(quads) == inferred(reversed(quads))


# -- offline ---------------------------------------------------------------------------------


SERVICES = [
    "SELECT * { SERVICE <http://127.0.0.1:%d/> { ?s ?p ?o } }",
    "SELECT * { service SILENT <http://127.0.0.1:%d/> { ?s ?p ?o } }",
    "SELECT * { S\\u0045RVICE <http://127.0.0.1:%d/> { ?s ?p ?o } }",
    'SELECT * { FILTER("a\\u0022" != "b") SERVICE <http://127.0.0.1:%d/> { } FILTER("1" != "2") }',
    "SELECT * { ?s calc:a\\#b ?o . SERVICE <http://127.0.0.1:%d/> { } }",
    "SELECT * { ?s ?p ?x.SERVICE <http://127.0.0.1:%d/> { } }",
    "SELECT * { ?s ?p 1.SERVICE <http://127.0.0.1:%d/> { } }",
    "SELECT * { VALUES ?s { <http://127.0.0.1:%d/> } FILTER(?a<?s)SERVICE ?s { } }",
    "SELECT * { # comment\nSERVICE <http://127.0.0.1:%d/> { } }",
    "SELECT * { { SELECT * { SERVICE <http://127.0.0.1:%d/> { } } } }",
]


@pytest.mark.parametrize("query", SERVICES)
def test_service_is_refused_and_nobody_is_asked(query: str, kg: calcinosis.KnowledgeGraph) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.05)
        with pytest.raises(UsageError, match=r"stay offline.*--endpoint"):
            kg.sparql(query % listener.getsockname()[1])
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service rdfs:label 'SERVICE <http://x>' } # SERVICE",
        "PREFIX SERVICE: <https://example.org/> SELECT ?x { ?x a SERVICE:a , SERVICE:SERVICE }",
        'SELECT ?x { ?x rdfs:comment """SERVICE "x" """ , <https://example.org/SERVICE> }',
        "SELECT $service { $service a 'a'@service }",
    ],
)
def test_the_word_service_may_stand_elsewhere(query: str, kg: calcinosis.KnowledgeGraph) -> None:
    assert isinstance(kg.sparql(query), Table)


def test_local_files_are_not_read(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ttl"
    secret.write_text("<a:a> <a:b> <a:c> .", encoding="utf-8")
    with pytest.raises(UsageError, match="files are not read for a query"):
        kg.sparql(f"SELECT ?s FROM <{secret.as_uri()}> {{ ?s ?p ?o }}")
    for update in (
        "CLEAR ALL",
        "INSERT DATA { calc:a calc:b calc:c }",
        "PREFIX a: <a:a> DELETE WHERE { a:a ?b ?c }",
        f"LOAD <{secret.as_uri()}>",
    ):
        with pytest.raises(UsageError, match=r"this is an update.*CONSTRUCT and DESCRIBE are"):
            kg.sparql(update)


# -- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "place", "marked"),
    [
        ("SELECT ?x {\n  ?x a calc:Case .\n  FILTER(?x = )\n}", "line 3, column 15", ")"),
        ("SELECT ?x { ?x a calc:Case } ORDER ?x", "line 1, column 36", "?x"),
        ("SELECT ?x {\n  OPTIONALS { ?x ?y ?z }\n}", "line 2, column 3", "OPTIONALS"),
        ("SELECT ?x {\n\t?x a calc:Case\n\t?y ?z . }", "line 3, column 2", "?y ?z"),
        ("SELECT (COUNT(?x) AS n) { ?x ?y ?z }", "line 1, column 22", "n)"),
        ("SELECT ?x { ?x ?y ?z } LIMIT ten # few", "line 1, column 30", "ten"),
        ("SELECT ?x { ?x rdfs:label 'a }", "line 1, column 27", "'a"),
        ("SELECT ?x { ?x rdfs:label 'é' ; # two\n ?z }", "line 2, column 5", "}"),
        ("SELECT ?x { ?x ?y ?z FILTER(?x && ?y || ) }", "line 1, column 41", ")"),
        ("SELECT ?x { ?x ?y ?z FILTER(?x &&& ?y) }", "line 1, column 32", "&&&"),
        ("SELECT ?x { ?x a ccc:Case }", "line 1, column 18", "ccc:Case }"),
        ("SELECT ?x { ?x a calc:Case", "line 1, column 27", ""),
        ("SELEC ?x { ?x a calc:Case }", "line 1, column 1", "SELEC ?x"),
        ("", "line 1, column 1", ""),
        ("SELECT ?x { " + "?x a calc:Case . " * 30 + "?x }", "line 1, column 526", "}"),
    ],
)
def test_a_malformed_query_shows_the_place(
    query: str, place: str, marked: str, kg: calcinosis.KnowledgeGraph
) -> None:
    with pytest.raises(UsageError) as caught:
        kg.sparql(query)
    message = str(caught.value)
    assert message.startswith(f"query, {place}: ")
    *_, line, mark = message.split("\n")
    assert line[mark.index("^") :].startswith(marked)
    assert len(line) <= 80


def test_an_unknown_prefix_is_named_with_the_nearest(kg: calcinosis.KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match=r"the prefix 'cit' is not known.*PREFIX cit: .*cito"):
        kg.sparql("SELECT ?x { ?x cit:disputes ?y }")


@pytest.mark.parametrize("nested", ["()", "!"])
def test_nesting_that_would_overflow_a_usual_stack_is_read(
    nested: str, kg: calcinosis.KnowledgeGraph
) -> None:
    inside = nested[0] * 10_000 + "1" + nested[1:] * 10_000
    assert rows(kg, f"SELECT ?s {{ ?s calc:caseOf ?o FILTER({inside}) }}")
    with pytest.raises(UsageError, match=r"column \d{5}: the query ends too early"):
        kg.sparql(f"SELECT * {{ ?s ?p ?o FILTER({inside}) }} LIMIT")
    assert not rows(kg, "SELECT ?x { ?x rdfs:label '" + nested[0] * 10_000 + "' }")


def test_a_place_is_shown_where_only_oxigraph_finds_it(kg: calcinosis.KnowledgeGraph) -> None:
    deep = "SELECT ?x { " + "{" * 60 + " ?x a "
    with pytest.raises(UsageError, match=rf"query, line 1, column {len(deep) + 1}: }} cannot"):
        kg.sparql(deep + "}" * 60 + " }")


@given(st.data())
def test_the_mark_stands_where_a_good_query_was_spoilt(data: st.DataObject) -> None:
    """A word that no query holds is found wherever it stands, and nothing before it."""
    name = data.draw(st.sampled_from(sorted(LOOK_UPS)))
    query = LOOK_UPS[name]
    inside = {n for start, end, _ in syntax.tokens(query) for n in range(start, end)}
    blanks = [m.start() for m in re.finditer(r"\s", query) if m.start() not in inside]
    at = data.draw(st.sampled_from(blanks))
    error = fault.place(f"{query[:at]} % {query[at:]}", prefixes())
    line, column = query.count("\n", 0, at) + 1, at - query.rfind("\n", 0, at) + 1
    assert f"line {line}, column {column}: % cannot stand here" in str(error)


@pytest.mark.parametrize("name", sorted(LOOK_UPS))
def test_a_good_query_has_no_fault(name: str) -> None:
    assert fault.place(LOOK_UPS[name], prefixes()) is None


def test_forms_are_told_from_the_text() -> None:
    for form in syntax.FORMS:
        query = f"BASE <https://example.org/> PREFIX select: <x#> # ASK\n {form.lower()} {{}}"
        assert syntax.form(query) == form
    said = {"": "no query", "CLEAR ALL": "an update", "# SELECT": "no query", "ADD A": "an update"}
    for query, what in said.items():
        with pytest.raises(UsageError, match=f"this is {what}"):
            syntax.form(query)


def test_an_unbound_variable_is_told_in_words(kg: calcinosis.KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match="selects a variable"):
        kg.sparql("SELECT ?a (COUNT(*) AS ?n) { ?a ?b ?c }")


def test_run_gives_what_oxigraph_gives(kg: calcinosis.KnowledgeGraph) -> None:
    assert isinstance(raw(kg.ontology.source, "SELECT ?x { ?x a calc:Case }"), QuerySolutions)


# -- the document ----------------------------------------------------------------------------------

EXAMPLES = re.findall(
    r"^```sparql\n(.*?)^```",
    (ROOT / "docs" / "sparql.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
LOCAL = [query for query in EXAMPLES if "SERVICE" not in query]


def test_the_document_has_examples_of_both_kinds() -> None:
    assert len(LOCAL) >= 5
    assert len(EXAMPLES) - len(LOCAL) == 3


@pytest.mark.parametrize("query", LOCAL)
def test_an_example_of_the_document_has_an_answer(
    query: str, kg: calcinosis.KnowledgeGraph
) -> None:
    found = kg.sparql(query)
    assert not isinstance(found, bool)
    assert len(found) > 2


@pytest.mark.parametrize("query", [query for query in EXAMPLES if query not in LOCAL])
def test_a_federated_example_is_well_formed_and_not_run(
    query: str, kg: calcinosis.KnowledgeGraph
) -> None:
    prepareQuery(query, initNs=kg.lookups.prefixes)
    with pytest.raises(UsageError, match="stay offline"):
        kg.sparql(query)
    inner, outer = query.rsplit("SERVICE", 1)
    alone = f"{inner}}}" + outer.rsplit("}", 2)[1].strip()
    assert kg.sparql(alone), "the part that is ours has an answer"


# -- the command line ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_query_from_a_file_and_from_standard_input(
    form: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query = "SELECT ?x ?label { ?x calc:caseOf/rdfs:label ?label } ORDER BY ?label"
    path = tmp_path / "a query.rq"
    path.write_bytes(b"\xef\xbb\xbf" + query.encode())
    code, out, errors = run(["sparql", query, "-f", form], capsys)
    assert (code, errors) == (0, "")
    assert "metastatic calcinosis cutis" in out
    assert run(["sparql", str(path), "-f", form], capsys)[1] == out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(query.encode())))
    assert run(["sparql", "-", "-f", form], capsys)[1] == out
    target = tmp_path / "out"
    assert run(["sparql", query, "-f", form, "-o", str(target)], capsys)[:2] == (0, "")
    assert target.read_text(encoding="utf-8") == out


def test_no_such_file_and_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, errors = run(["sparql", "absent.rq"], capsys)
    assert code == 2
    assert "no query, and no file that can be read" in errors
    path = tmp_path / "latin.rq"
    path.write_bytes(b"SELECT ?x { ?x rdfs:label '\xe9' }")
    code, _, errors = run(["sparql", str(path)], capsys)
    assert code == 2
    assert "not UTF-8" in errors


def test_select_star_has_its_columns_in_the_order_of_the_query(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    found = kg.sparql("SELECT * { ?subtype ^calc:caseOf ?case . ?case rdfs:label ?a }")
    assert isinstance(found, Table)
    assert found.columns == ("subtype", "case", "a")


def test_a_query_without_braces_is_no_file() -> None:
    assert query_text("DESCRIBE calc:Calciphylaxis").startswith("DESCRIBE")


@pytest.mark.parametrize("query", ["", " \n"])
def test_an_empty_query_is_said_to_be_empty(
    query: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "empty.rq"
    path.write_text(query, encoding="utf-8")
    for argument in (query, str(path)):
        code, out, errors = run(["sparql", argument], capsys)
        assert (code, out) == (2, "")
        assert "the query is empty" in errors
        assert len(errors.splitlines()) == 1
