"""Answers in every format, read back by other programs; and tables that fit the terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
import rdflib
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)

import calcinosis
from calcinosis import names
from calcinosis.cli import terminal
from calcinosis.graph.results import Graph, Row, Table
from calcinosis.output.words.answer import GRAPH_FORMATS, written
from calcinosis.output.words.table import compact
from tests.terminal import run

CONSTRUCTED = """
  CONSTRUCT { ?x skos:prefLabel ?l ; rdfs:seeAlso [] } { ?x calc:caseOf ?y ; rdfs:label ?l }"""

# -- formats -----------------------------------------------------------------------------------

TEXT = Literal('a "b" c, <&> \\ \u00b5 \u2265 \n tab\tx')
TERMS: list[NamedNode | BlankNode | Literal | None] = [
    NamedNode("https://example.org/a"),
    BlankNode("b1"),
    TEXT,
    Literal("farbe", language="de"),
    Literal(3),
    Literal("2.50", datatype=NamedNode(names.XSD + "decimal")),
    None,
]
ODD = Table(("x", "n"), tuple(Row(("x", "n"), (term, Literal(n))) for n, term in enumerate(TERMS)))


def _read(text: str, form: QueryResultsFormat) -> list[tuple[Any, ...]]:
    found = parse_query_results(text, format=form)
    assert isinstance(found, QuerySolutions)
    assert [variable.value for variable in found.variables] == list(ODD.columns)
    return [(row["x"], row["n"]) for row in found]


@pytest.mark.parametrize(
    ("form", "reader"),
    [
        ("json", QueryResultsFormat.JSON),
        ("xml", QueryResultsFormat.XML),
        ("tsv", QueryResultsFormat.TSV),
    ],
)
def test_a_table_is_read_back_by_oxigraph(form: str, reader: QueryResultsFormat) -> None:
    expected = [tuple(row) for row in ODD]
    found = _read(written(ODD, form, {}), reader)
    blank = [isinstance(row[0], BlankNode) for row in found]
    assert blank == [isinstance(row[0], BlankNode) for row in expected]
    assert [r for r in found if not isinstance(r[0], BlankNode)] == [
        r for r in expected if not isinstance(r[0], BlankNode)
    ]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_table_is_read_back_by_rdflib(form: str) -> None:
    found = rdflib.query.Result.parse(io.BytesIO(written(ODD, form, {}).encode()), format=form)
    assert [str(v) for v in found.vars or []] == ["x", "n"]
    values = [row["x"] for row in found if isinstance(row, rdflib.query.ResultRow)]
    assert values[2] == rdflib.Literal(TEXT.value)
    assert values[3] == rdflib.Literal("farbe", lang="de")
    assert values[6] is None


def test_csv_has_plain_values() -> None:
    head, *found = csv.reader(io.StringIO(written(ODD, "csv", {})))
    assert head == ["x", "n"]
    assert found[0][0] == "https://example.org/a"
    assert found[2][0] == TEXT.value
    assert found[6][0] == ""


def test_yes_or_no_in_every_format() -> None:
    for answer, word in ((True, "yes"), (False, "no")):
        assert written(answer, None, {}) == written(answer, "markdown", {}) == f"{word}\n"
        assert written(answer, "csv", {}).strip() == str(answer).lower()
        assert json.loads(written(answer, "json", {}))["boolean"] is answer
        xml = parse_query_results(written(answer, "xml", {}), format=QueryResultsFormat.XML)
        assert bool(xml) is answer


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_a_graph_is_read_back_by_rdflib(form: str, kg: calcinosis.KnowledgeGraph) -> None:
    graph = kg.sparql(CONSTRUCTED)
    assert isinstance(graph, Graph)
    text = written(graph, form, kg.lookups.prefixes)
    reader = {"turtle": "turtle", "ntriples": "nt", "jsonld": "json-ld"}[form]
    found = rdflib.Graph().parse(data=text, format=reader)
    assert len(found) == len(graph) == 10
    if form == "turtle":
        assert text.startswith("@prefix")
        assert "@prefix cito" not in text


def test_a_triple_is_written_too() -> None:
    inner = Triple(
        NamedNode("https://example.org/a"), NamedNode("https://example.org/b"), Literal(1)
    )
    table = Table(("t",), (Row(("t",), (inner,)),))
    assert json.loads(written(table, "json", {}))["results"]["bindings"][0]["t"]["type"] == "triple"
    assert "<triple><subject>" in written(table, "xml", {})
    assert str(inner) in written(table, "csv", {}).replace('""', '"')
    assert table.rows() == [{"t": str(inner)}]


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT ?x { ?x a calc:Case }", "turtle"),
        ("ASK { ?s ?p ?o }", "jsonld"),
        (CONSTRUCTED, "csv"),
    ],
)
def test_a_format_of_the_other_kind_is_refused(
    query: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, errors = run(["sparql", query, "-f", form], capsys)
    assert (code, out) == (2, "")
    assert f"Error: -f: {form} is for" in errors


def test_an_ill_typed_literal_stays_text() -> None:
    row = Row(("x",), (Literal("many", datatype=NamedNode(names.XSD + "integer")),))
    assert row.plain() == {"x": "many"}
    assert row["x"] == row[0]
    assert len(row) == 1


# -- tables for people ---------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("name", ["causes", "contested", "coverage", "mappings", "bibliography"])
def test_a_table_is_no_wider_than_the_terminal(
    name: str, width: int, kg: calcinosis.KnowledgeGraph
) -> None:
    table = kg.query(name)
    text = written(table, "table", kg.lookups.prefixes, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert text.endswith(f"\n{len(table)} rows\n")
    for key in table.references()[:5]:
        assert key in text.replace("\n", "") or len(key) > 24


def test_labels_take_the_place_of_iris(kg: calcinosis.KnowledgeGraph) -> None:
    text = written(kg.query("causes", subtype="calciphylaxis"), "table", kg.lookups.prefixes)
    assert text.startswith("subtype: calciphylaxis (calc:Calciphylaxis)\n\n")
    assert text.count("subtype") == 1, "what was asked is not told twice"
    assert "https://" not in text
    raw_table = kg.sparql("SELECT ?x ?y { ?x calc:caseOf ?y } ORDER BY ?x LIMIT 1")
    shown = written(raw_table, "table", kg.lookups.prefixes)
    assert "calc:CalciphylaxisCase  calc:Calciphylaxis\n" in shown


def test_labels_of_foreign_codes_stand_beside_them(kg: calcinosis.KnowledgeGraph) -> None:
    for name in ("code", "identifiers"):
        text = written(kg.query(name), "table", kg.lookups.prefixes)
        assert "MONDO:" in text
        assert re.search(r"\bcode label\b", " ".join(text.split()))
    row = Row(("x", "x_label"), (Literal("a sign"), Literal("a sign")))
    assert "label" not in written(Table(row.columns, (row,)), "table", {})


def test_what_was_asked_stands_above_a_table_and_nowhere_that_programs_read(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    given, default = kg.query("causes", subtype="metastatic"), kg.query("causes")
    line = "subtype: metastatic calcinosis cutis (calc:MetastaticCalcinosisCutis)"
    for form in ("table", "markdown"):
        assert written(given, form, kg.lookups.prefixes).startswith(f"{line}\n\n")
        start = "subtype: calcinosis cutis (calc:CalcinosisCutis), default\n\n"
        assert written(default, form, kg.lookups.prefixes).startswith(start)
    for form in ("csv", "tsv", "json", "xml"):
        assert written(given, form, {}) == written(Table(given.columns, given.solutions), form, {})
    assert f"<caption>{line}<br>" in given._repr_html_()
    every = written(kg.query("antibodies"), "table", kg.lookups.prefixes)
    assert every.startswith("condition: all, default\n")
    words = written(kg.query("mappings", match="close"), "table", kg.lookups.prefixes)
    assert words.startswith("vocabulary: MONDO, default\nmatch: close\n\n")


def test_a_reference_that_is_asked_for_is_named(kg: calcinosis.KnowledgeGraph) -> None:
    text = written(kg.query("supports", reference="Balin 2012"), "table", kg.lookups.prefixes)
    assert text.startswith("reference: Balin 2012 (ref:balin-2012)\n")


@pytest.mark.parametrize("width", [30, 80])
def test_what_was_asked_wraps(width: int, kg: calcinosis.KnowledgeGraph) -> None:
    table = kg.query("claims-among", condition="sclerodermoid chronic graft-versus-host disease")
    text = written(table, "table", kg.lookups.prefixes, width=width)
    assert max(map(len, text.split("\n\n", maxsplit=1)[0].splitlines())) <= max(width, 48)
    assert "No rows." in text


def test_a_block_leaves_out_what_is_empty() -> None:
    columns = ("head", "empty", "other")
    rows = tuple(
        Row(columns, (Literal(f"{n} " + "x" * 30), Literal(" "), Literal("y" * 30)))
        for n in range(2)
    )
    odd = Row(columns, (Literal("z" * 30), Literal("said"), Literal("y")))
    text = written(Table(columns, (*rows, odd)), "table", {}, width=40)
    assert text.count("empty") == 1
    assert "empty  said" in text


def test_an_empty_answer_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["sparql", "SELECT ?x { ?x a calc:Case }"], capsys)
    assert (code, out) == (0, "No rows.\n")


def test_markdown_keeps_one_line_a_row() -> None:
    table = Table(("a",), (Row(("a",), (Literal("x | y\nz"),)),))
    assert written(table, "markdown", {}) == "| a |\n| --- |\n| x \\| y z |\n"


def test_rows_that_are_all_alike_stay_a_table() -> None:
    long = "word " * 30
    one = Row(("a", "b"), (Literal(long), Literal(long)))
    for number in (1, 2):
        text = written(Table(("a", "b"), (one,) * number), "table", {}, width=60)
        assert text.startswith("a ")
        assert text.count("word") == 60 * number


def test_one_long_cell_does_not_break_the_short_ones() -> None:
    short = ("a cause of three words", "calcinosis cutis", "reiter-2011")
    long = (*short[:2], "; ".join(f"reference-of-{year}" for year in range(2000, 2012)))
    columns = ("cause", "subtype", "references")
    other = ("another cause", "calciphylaxis", "reiter-2011")
    cells = (*[short] * 9, other, long)
    rows = [Row(columns, tuple(map(Literal, row))) for row in cells]
    text = written(Table(columns, tuple(rows)), "table", {}, width=80)
    assert text.count("a cause of three words  calcinosis cutis  re") == 10


def test_a_key_is_not_broken_where_there_is_room_for_it() -> None:
    columns = tuple(f"a-column-{number}" for number in range(8))
    cell = Literal("some-key-2011; " * 12)
    text = written(Table(columns, (Row(columns, (cell,) * 8),)), "table", {}, width=80)
    assert text.count("some-key-2011;") == 96


def test_colours_are_asked_for() -> None:
    table = Table(("a",), (Row(("a",), (Literal("x"),)),))
    text = written(table, "table", {}, style=lambda t, colour: f"<{colour}>{t}</>")
    assert text.startswith("<bold>a</>\n")


def test_html_is_escaped() -> None:
    from calcinosis.api.notebooks import Rows

    table = Rows(("a",), (Row(("a",), (Literal("<b>"),)),))
    assert "<td>&lt;b&gt;</td>" in table._repr_html_()
    assert "<caption>1 row</caption>" in table._repr_html_()


# -- the terminal ----------------------------------------------------------------------------------


class Screen(io.StringIO):
    """A standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variable", "value", "coloured"), [("TERM", "xterm", True), ("NO_COLOR", "1", False)]
)
def test_colours_only_on_a_terminal_that_wants_them(
    variable: str, value: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Screen()
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr("sys.stdout", screen)
    for colour in ("bold", "red"):
        terminal.for_people(screen).write(terminal.style(screen)("x", colour))
    assert screen.getvalue() == ("\x1b[1mx\x1b[0m\x1b[31mx\x1b[0m" if coloured else "xx")
    assert terminal.style(io.StringIO())("x", "bold") == "x", "a file"


@pytest.mark.parametrize(
    ("columns", "width"), [pytest.param("80", 80, marks=pytest.mark.slow), ("500", 200)]
)
def test_the_width_is_that_of_the_terminal(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal.width() == width
    for command in (["query", "contested"], ["show", "calciphylaxis"], ["search", "skin"]):
        lines = run(command, capsys)[1].splitlines()
        long = [line for line in lines if len(line) > width and "://" not in line]
        assert not long, long


def test_an_iri_without_a_prefix_stays_whole() -> None:
    show = compact({"ex": "https://example.org/"})
    for iri in ("https://example.com/a", "https://example.org/a/b", "https://example.org/"):
        assert show(NamedNode(iri)) == iri


def test_the_prefix_of_old_is_still_read(kg: calcinosis.KnowledgeGraph) -> None:
    query = "SELECT ?c { ?c %s:caseOf ?of }"
    ours, theirs = (kg.sparql(query % prefix) for prefix in ("calc", "cc"))
    assert isinstance(ours, Table)
    assert {"c": names.CC + "CalciphylaxisCase"} in ours.rows()
    assert ours == theirs
    old, new = (list(kg.search(f"{prefix}:WernerSyndrome")) for prefix in ("cc", "calc"))
    assert old[0].entry == new[0].entry
