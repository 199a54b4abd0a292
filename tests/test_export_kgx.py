"""KGX: what Biolink's own classes accept, complete, the same in both forms."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from calcinosis import names
from calcinosis.api.selecting import select
from calcinosis.output.exchange import biolink as ours
from calcinosis.output.exchange.kgx import EDGE_COLUMNS, NODE_COLUMNS, publication
from calcinosis.output.formats import find
from calcinosis.output.selection import Selection
from tests import shared
from tests.biolink import EDGE_OWN, NODE_OWN, faults
from tests.test_export import SELECTIONS

Record = dict[str, Any]
Graph = tuple[list[Record], list[Record]]
LISTS = {
    *("category", "synonym", "xref", "same_as", "close_match", "broad_match", "narrow_match"),
    *("related_match", "publication_type", "authors", "qualifiers", "publications", "read"),
    *("study_types", "contested_by", "publications_disputing", "read_disputing"),
    "study_types_disputing",
}


def written(name: str, selection: Selection) -> dict[str, str]:
    files = find(name).files(selection)
    return {file: b"".join(parts).decode() for file, parts in files.items()}


def graph(selection: Selection) -> Graph:
    files = written("kgx-jsonl", selection)
    nodes, edges = (
        [json.loads(line) for line in files[f"calcinosis_{part}.jsonl"].split("\n")[:-1]]
        for part in ("nodes", "edges")
    )
    return nodes, edges


@pytest.fixture(scope="module")
def whole() -> Graph:
    return graph(select(shared.graph()))


@pytest.mark.slow
@pytest.mark.parametrize("asked", SELECTIONS, ids=str)
def test_biolink_accepts_each_selection(asked: dict[str, Any]) -> None:
    assert faults(*graph(select(shared.graph(), **asked))) == []


@pytest.mark.parametrize("asked", SELECTIONS, ids=str)
def test_nothing_dangles(asked: dict[str, Any]) -> None:
    nodes, edges = graph(select(shared.graph(), **asked))
    ids = [node["id"] for node in nodes]
    claims = [edge["id"] for edge in edges]
    assert len(ids) == len(set(ids))
    assert len(claims) == len(set(claims))
    for edge in edges:
        for slot in ("qualifiers", "publications", "publications_disputing"):
            assert set(edge.get(slot, ())) <= set(ids)
        assert set(edge.get("contested_by", ())) <= set(claims)


def wrong_predicate(nodes: list[Record], edges: list[Record]) -> None:
    edges[0]["predicate"] = "biolink:cures"


def wrong_category(nodes: list[Record], edges: list[Record]) -> None:
    nodes[-1]["category"] = ["biolink:Illness"]


def wrong_domain(nodes: list[Record], edges: list[Record]) -> None:
    edges[0] |= {"predicate": "biolink:applied_to_treat", "subject": "calc:Face"}


def wrong_end(nodes: list[Record], edges: list[Record]) -> None:
    edges[0]["object"] = "calc:Nowhere"


def wrong_level(nodes: list[Record], edges: list[Record]) -> None:
    edges[0]["knowledge_level"] = "certain"


def wrong_property(nodes: list[Record], edges: list[Record]) -> None:
    nodes[0]["diagnosis"] = "x"


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [wrong_predicate, wrong_category, wrong_domain, wrong_end, wrong_level, wrong_property],
)
def test_the_checker_finds_a_planted_fault(
    whole: Graph, spoil: Callable[[list[Record], list[Record]], None]
) -> None:
    nodes, edges = copy.deepcopy(whole)
    spoil(nodes, edges)
    assert len(faults(nodes, edges)) == 1


def test_own_properties_are_not_biolinks_under_another_meaning(whole: Graph) -> None:
    nodes, edges = whole
    assert {key for node in nodes for key in node} <= set(NODE_COLUMNS)
    assert {key for edge in edges for key in edge} <= set(EDGE_COLUMNS)
    assert set(NODE_COLUMNS) >= NODE_OWN
    assert set(EDGE_COLUMNS) >= EDGE_OWN


def test_each_claim_keeps_its_citations_readings_and_reasons(whole: Graph) -> None:
    edges = {edge["id"]: edge for edge in whole[1]}
    library = shared.graph().ontology.library.bibliography
    for claim in select(shared.graph()).associations:
        edge = edges[claim.iri]
        for disputes, side in ((False, ""), (True, "_disputing")):
            cited = [c for c in claim.citations if c.disputes is disputes]
            found = [library[c.reference] for c in cited]
            assert edge.get(f"publications{side}", []) == list(map(publication, found))
            assert edge.get(f"read{side}", []) == [c.read for c in cited]
            assert edge.get(f"study_types{side}", []) == [r.study_type for r in found]
        assert edge["statement"] == claim.statement
        assert edge.get("editorial") == claim.editorial
        assert edge["contested"] is claim.contested
        assert edge["negated"] is claim.predicate.endswith("/excludesFeature")


def test_each_predicate_of_the_graph_was_thought_of() -> None:
    used = {claim.predicate for claim in select(shared.graph()).associations}
    assert used <= ours.PREDICATES.keys()


def test_each_line_of_the_hierarchy_says_why(whole: Graph) -> None:
    lines = [e for e in whole[1] if e["predicate"] == "biolink:subclass_of"]
    triples = select(shared.graph()).everything
    nodes = {node.get("iri") for node in whole[0]}
    stated = {
        (child, parent)
        for child in nodes
        for parent in triples.iris(str(child), names.SUBCLASS)
        if parent in nodes
    }
    assert len(lines) == len(stated)
    parts = [e for e in whole[1] if e["predicate"] == "biolink:part_of"]
    assert ("calc:Fingertip", "calc:Finger") in {(e["subject"], e["object"]) for e in parts}
    assert {e["original_predicate"] for e in parts} == {"BFO:0000050"}
    assert all(edge.get("editorial") or edge.get("publications") for edge in (*lines, *parts))


def test_only_an_exact_match_is_the_same(whole: Graph) -> None:
    exact = {
        (row["term"], row["code"])
        for row in _mapping_rows()
        if row["predicate"] == "skos:exactMatch"
    }
    same = {
        (node["id"].removeprefix("calc:"), code)
        for node in whole[0]
        for code in node.get("same_as", ())
    }
    assert same
    assert same <= exact
    for node in whole[0]:
        assert set(node.get("same_as", ())).isdisjoint(node.get("broad_match", ()))


def _mapping_rows() -> list[dict[str, str]]:
    import csv
    import io

    return list(csv.DictReader(io.StringIO(bytes(shared.graph().export("mappings-csv")).decode())))


def read_table(text: str) -> list[Record]:
    """As KGX reads it: no quoting, lists parted by a bar."""
    head, *lines = text.removesuffix("\n").split("\n")
    found = []
    for line in lines:
        row = dict(zip(head.split("\t"), line.split("\t"), strict=True))
        found.append({k: v.split("|") if k in LISTS else v for k, v in row.items() if v})
    return found


def plain(record: Record) -> Record:
    words = {True: "true", False: "false"}
    return {
        key: value if isinstance(value, list) else words.get(value, str(value))
        for key, value in record.items()
    }


def test_the_tables_hold_what_the_lines_hold(whole: Graph) -> None:
    files = written("kgx-tsv", select(shared.graph()))
    for part, records in zip(("nodes", "edges"), whole, strict=True):
        assert read_table(files[f"calcinosis_{part}.tsv"]) == [plain(r) for r in records]


def test_tabs_bars_and_line_breaks_do_not_break_a_table() -> None:
    part = select(shared.graph(), reference="reiter-2011")
    spoilt = tuple(
        replace(c, statement='a\tb\n"c|d" \u2028 ßé', mechanism="x" * 40_000)
        for c in part.associations
    )
    odd = replace(part, associations=spoilt)
    rows = read_table(written("kgx-tsv", odd)["calcinosis_edges.tsv"])
    assert {r["statement"] for r in rows if "statement" in r} == {'a b "c¦d" ßé'}
    lines = graph(odd)[1]
    assert {e["statement"] for e in lines if "statement" in e} == {spoilt[0].statement}
    assert {len(r["mechanism"]) for r in rows if "mechanism" in r} == {40_000}


def test_nothing_selected_is_an_empty_graph() -> None:
    nothing = replace(select(shared.graph(), reference="reiter-2011"), associations=())
    assert graph(nothing) == ([], [])
    files = written("kgx-tsv", nothing)
    assert [text.count("\n") for text in files.values()] == [1, 1]
