"""Evidence items: what each source gives for or against a claim, and the figures that it gives."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode, RdfFormat, Store

import calcinosis
from calcinosis import names
from calcinosis.api.graph import by_settings
from calcinosis.cli.main import cli
from calcinosis.graph.locate import data
from calcinosis.graph.settings import Settings
from tests.shared import graph


@pytest.fixture(scope="module")
def items() -> Store:
    store = Store()
    for name in ("evidence", "schema"):
        store.load(path=str(data("ontology") / f"{name}.ttl"), format=RdfFormat.TURTLE)
    return store


def values(store: Store, subject: Any, said: str) -> list[Any]:
    return [q.object for q in store.quads_for_pattern(subject, NamedNode(names.CC + said), None)]


def sources(store: Store, item: Any) -> list[Any]:
    return [q.object for q in store.quads_for_pattern(item, NamedNode(names.SOURCE), None)]


def test_the_figures_of_a_claim_stand_in_columns() -> None:
    rows = graph().query("evidence", term="osteoporosis").rows()
    figures = {
        row["references"]: (row["measure"], row["estimate"], row["low"], row["high"], row["total"])
        for row in rows
    }
    assert figures == {
        "rutgers-scleroderma-2017": ("odds ratio", "3.43", "1.15", "10.36", "215"),
        "samoes-2023": ("odds ratio", "4.1", "1.2", "14.2", "226"),
        "valenzuela-2016": ("odds ratio", "4.2", "2.3", "7.9", "5218"),
    }


def test_a_whole_number_is_told_without_a_point() -> None:
    told = CliRunner().invoke(cli, ["show", "calciphylaxis"]).output
    assert "proportion 70 %, of 89" in " ".join(told.split())
    assert re.findall(r"\d\.0\b(?!\.)", told) == []


def test_a_row_says_of_which_claim_it_is() -> None:
    result = CliRunner().invoke(cli, ["query", "evidence", "--term", "calciphylaxis"])
    claims = {row["claim_label"] for row in graph().query("evidence", term="calciphylaxis").rows()}
    shown = " ".join(result.output.split())
    assert [claim for claim in claims if claim not in shown] == []


def test_the_order_is_that_of_the_designs(items: Store) -> None:
    weights = {
        q.subject.value: int(values(items, q.subject, "weighs")[0].value)
        for q in items.quads_for_pattern(None, NamedNode(names.CC + "weighs"), None)
        if isinstance(q.subject, NamedNode)
    }
    label = {
        graph().ontology.triples.text(iri, names.LABEL) or "": weight
        for iri, weight in weights.items()
    }
    for term in ("calciphylaxis", "juvenile dermatomyositis", "dystrophic"):
        found = [row["study_design"] for row in graph().query("evidence", term=term).rows()]
        order = [label.get(design, 10) for design in found]
        assert order == sorted(order)
        assert len(set(order)) > 3


def test_each_citation_of_a_claim_is_one_item(items: Store) -> None:
    said: Counter[tuple[str, str, bool]] = Counter()
    for predicate, cites in names.CITES.items():
        for quad in items.quads_for_pattern(None, NamedNode(predicate), None):
            about: Any = quad.object
            (source,) = sources(items, quad.subject)
            against = cites == names.DISPUTES
            said[names.local(about.value), names.local(source.value), against] += 1
    claims = graph().ontology.all_claims
    cited = Counter(
        (claim.id, one.reference, one.disputes)
        for claim in claims.associations.values()
        for one in claims.citations(claim.iri)
    )
    assert said == cited
    assert len(said) > 1000


def test_what_a_statement_counts_is_typed(items: Store) -> None:
    claims = graph().ontology.all_claims.associations.values()
    told = [claim for claim in claims if re.search(r"\bodds ratio\b.*\d", claim.statement)]
    assert len(told) > 2
    for claim in told:
        of_claim = [
            q.subject
            for predicate in names.CITES
            for q in items.quads_for_pattern(None, NamedNode(predicate), NamedNode(claim.iri))
        ]
        figures = [figure for item in of_claim for figure in values(items, item, "figure")]
        measures = {values(items, figure, "measure")[0].value for figure in figures}
        assert any("odds ratio" in one for one in measures), claim.id


@pytest.mark.slow
def test_items_go_with_their_claims_and_with_their_references() -> None:
    claim = "osteoporosis-associated-with-calcinosis-cutis-in-systemic-sclerosis"
    keys = {"rutgers-scleroderma-2017", "samoes-2023", "valenzuela-2016"}
    assert exported(graph(), claim) == keys
    left = by_settings(graph(), Settings(without=("samoes-2023",)))
    assert exported(left, claim) == keys - {"samoes-2023"}


def exported(kg: calcinosis.KnowledgeGraph, claim: str) -> set[str]:
    """The references of the items of a claim in the export of what is said about its subject."""
    store = Store()
    store.load(bytes(kg.export("turtle", condition="osteoporosis")), format=RdfFormat.TURTLE)
    iris = {q.subject.value for q in store if isinstance(q.subject, NamedNode)}
    start = f"{names.EVID}{claim}."
    return {iri.removeprefix(start) for iri in iris if iri.startswith(start)}
