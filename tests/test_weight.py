"""Look-ups by the weight of their evidence, counted anew from the evidence items themselves."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store

from calcinosis import names
from calcinosis.graph.catalogue import Catalogue
from calcinosis.graph.locate import data
from calcinosis.graph.triples import Triples
from calcinosis.output.rdf.turtle import PREFIXES
from calcinosis.output.words.table import compact, text
from tests.shared import graph

CATALOGUE = Catalogue()
START = "  # -- the weight of the evidence"
WEIGHED = [name for name in CATALOGUE.names() if START in CATALOGUE.look_up(name).text]
ATOMS = (
    *("design", "studies", "reviews", "opposing", "measure", "estimate", "unit", "interval"),
    *("p", "n", "figure_reference", "figures"),
)
PREFIX = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())


@dataclass
class Weight:
    """What the items of one claim come to, each reference once."""

    studies: set[str] = field(default_factory=set)
    supporting: set[str] = field(default_factory=set)
    opposing: set[str] = field(default_factory=set)
    order: int = 10
    figures: list[tuple[int, str, str]] = field(default_factory=list)
    against: int = 0


@cache
def weights() -> dict[str, Weight]:
    """The weight of each claim, as docs/queries.md says that it is counted."""
    items, schema = Triples(), Triples()
    items.read(data("ontology") / "evidence.ttl")
    schema.read(data("ontology") / "schema.ttl")
    found: dict[str, Weight] = defaultdict(Weight)
    for iri in items.instances(names.CC + "EvidenceItem"):
        _, key = iri.rsplit(".", 1)
        design = items.iri(iri, names.CC + "studyDesign")
        order = int(schema.text(design, names.CC + "weighs") or 10) if design else 10
        stated = items.text(iri, names.CC + "independent")
        own = stated == "true" if order == 10 else order < 8 and stated != "false"
        order = order if own or order > 7 else 9
        numbers = items.iris(iri, names.CC + "figure")
        for claim in items.iris(iri, names.CC + "evidenceAgainst"):
            found[claim].opposing.add(key)
            found[claim].against += len(numbers)
        for claim in items.iris(iri, names.CC + "evidenceFor"):
            one = found[claim]
            one.supporting.add(key)
            one.order = min(one.order, order)
            if own:
                one.studies.add(key)
            for number in numbers:
                said = items.text(number, names.CC + "measure") or ""
                one.figures.append((order, key, said))
    return found


@cache
def rows(name: str) -> list[dict[str, Any]]:
    given: dict[str, Any] = dict(CATALOGUE.look_up(name).example)
    kg = graph()
    return [*kg.query(name).rows(), *kg.query(name, **given).rows()]


def test_the_look_ups_of_associations_have_it() -> None:
    asked = {"causes", "risk-factors", "treatments", "epidemiology", "effects", "findings", "sites"}
    assert asked | {"genes", "histology", "antibodies", "tests", "overlaps"} <= set(WEIGHED)


@pytest.mark.parametrize("name", WEIGHED)
def test_each_reference_is_counted_once(name: str) -> None:
    known = weights()
    for row in rows(name):
        one = known[row["claim"]]
        assert row["studies"] == len(one.studies), row
        assert row["studies"] + row["reviews"] == len(one.supporting), row
        assert len(one.supporting) == len([k for k in row["references"].split("; ") if k])
        assert row["opposing"] == len(one.opposing)
        assert row["figures"] == len(one.figures) + one.against


@pytest.mark.parametrize("name", WEIGHED)
def test_the_figure_is_one_of_the_weightiest_study(name: str) -> None:
    known = weights()
    for row in rows(name):
        figures = known[row["claim"]].figures
        assert bool(row["figure"]) == bool(figures)
        if figures:
            heaviest = min(order for order, _, _ in figures)
            said = row["measure"].removesuffix(" (range)")
            assert (heaviest, row["figure_reference"], said) in figures, row
            for part in ("estimate", "interval", "n"):
                assert row[part] in row["figure"] or row["measure"] == "count"
            assert (", +" in row["figure"]) == (row["figures"] > 1)


@pytest.mark.parametrize("name", WEIGHED)
def test_the_rows_are_sorted_by_the_weight(name: str) -> None:
    known = weights()
    order = [(known[r["claim"]].order, -r["studies"]) for r in graph().query(name).rows()]
    assert order == sorted(order)
    assert len(set(order)) > 1


def test_a_figure_has_its_interval_and_numbers() -> None:
    (row,) = graph().query("claims", term="osteoporosis").rows()
    assert {name: row[name] for name in ATOMS} == {
        "design": "cohort study",
        "studies": 3,
        "reviews": 0,
        "opposing": 0,
        "measure": "odds ratio",
        "estimate": "4.2",
        "unit": "",
        "interval": "2.3–7.9",
        "p": "<0.0001",
        "n": "of 5218",
        "figure_reference": "valenzuela-2016",
        "figures": 3,
    }
    assert row["figure"] == "odds ratio 4.2 (2.3–7.9), of 5218, +2"
    assert row["support"] == "cohort study; 3 studies"


def test_the_lines_that_weigh_are_the_same_everywhere() -> None:
    """But for the one that says which claims are weighed, so that no more are than must."""
    which = re.compile(r"(?<=AS \?numbers\) \{\n).*?(?= +VALUES \(\?says)", re.DOTALL)
    found = set()
    for name in WEIGHED:
        lines = CATALOGUE.look_up(name).text.partition(START)[2].partition("\n}\nORDER BY")
        assert lines[2].startswith(" SUBSTR(?place, 1, 2) DESC(?studies) ")
        found.add(which.sub("", lines[0], 1))
    assert len(found) == 1


@pytest.mark.parametrize("name", WEIGHED)
def test_a_table_fits_the_terminal(name: str) -> None:
    table = graph().query(name)
    assert set(ATOMS) <= set(table.beside)
    lines = text(table, compact(graph().prefixes), width=80).splitlines()
    assert max(map(len, lines)) <= 80
    if "support" not in table.beside:  # where a grid has no room, other formats have it
        assert any(re.match(r"support +\S|.*\bsupport\b", line) for line in lines)


# -- what is counted once ---------------------------------------------------------------------

SMALL = """
assoc:ours a calc:EpidemiologyAssociation ; rdfs:label "ours"@en ; calc:statement "It is ours."@en ;
    calc:subject calc:HeelStick ; calc:object calc:CalcinosisCutis .
[] owl:annotatedSource assoc:ours ; owl:annotatedProperty cito:citesAsEvidence ;
    owl:annotatedTarget ref:one ; calc:read "text" .
ref:one calc:studyType "cohort" .
"""


def item(source: str, design: str, rest: str = "", side: str = "For") -> str:
    designed = f"calc:studyDesign calc:{design} ;" if design else ""
    about = f"calc:evidence{side} assoc:ours ; dcterms:source ref:{source}"
    return f"[] a calc:EvidenceItem ; {designed} {rest} {about} .\n"


def weighed(*items: str) -> dict[str, str]:
    """The row of one claim with these items, as any engine answers."""
    store = Store()
    store.load(path=str(data("ontology") / "schema.ttl"), format=RdfFormat.TURTLE)
    store.load((PREFIX + SMALL + "".join(items)).encode(), format=RdfFormat.TURTLE)
    found = store.query(CATALOGUE.look_up("epidemiology").text)
    assert isinstance(found, QuerySolutions)
    (row,) = found
    return {one.value: row[one].value for one in found.variables}


def counts(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("design", "studies", "reviews", "opposing"))


def test_two_items_of_one_reference_are_one_study() -> None:
    row = weighed(item("one", "CohortStudy"), item("one", "CaseSeries"))
    assert counts(row) == ("cohort study", "1", "0", "0")


def test_what_repeats_others_is_no_study() -> None:
    again = item("two", "CohortStudy", "calc:independent false ;")
    review = item("three", "Review", "calc:independent true ;")
    row = weighed(item("one", "CaseReport"), again, review)
    assert counts(row) == ("case report", "1", "2", "0")
    assert counts(weighed(again, review)) == ("review", "0", "2", "0")


def test_what_speaks_against_is_counted_apart() -> None:
    number = 'calc:figure [ calc:measure "odds ratio" ; calc:estimate 0.9 ] ;'
    row = weighed(item("one", "Review"), item("two", "Trial", number, "Against"))
    assert counts(row) == ("review", "0", "1", "1")
    assert (row["figure"], row["figures"]) == ("", "1")
    assert row["support"] == "review; 0 studies, 1 review, 1 against"


def test_a_figure_against_takes_no_place() -> None:
    number = 'calc:figure [ calc:measure "count" ; calc:total 9 ] ;'
    against = [item(f"x{one}", "Trial", number, "Against") for one in range(3)]
    row = weighed(*against, item("one", "Review", number))
    assert (row["figure_reference"], row["figures"]) == ("one", "4")


def test_the_figure_with_an_interval_comes_first_then_the_largest() -> None:
    small = 'calc:figure [ calc:measure "odds ratio" ; calc:estimate 2.0 ; calc:total 20 ; '
    small += "calc:confidenceLow 1.5 ; calc:confidenceHigh 3.0 ] ;"
    large = small.replace("20", "300").replace("2.0", "2.5")
    count = 'calc:figure [ calc:measure "count" ; calc:casesCounted 4 ; calc:total 900 ] ;'
    row = weighed(
        item("one", "CohortStudy", small),
        item("two", "CohortStudy", large),
        item("three", "CohortStudy", count),
        item("four", "Review", large.replace("300", "9000")),
    )
    assert row["figure"] == "odds ratio 2.5 (1.5–3), of 300, +3"
    assert row["figure_reference"] == "two"


def test_an_unknown_design_is_the_last() -> None:
    row = weighed(item("one", "", "calc:independent true ;"))
    assert counts(row) == ("", "1", "0", "0")
    assert row["support"] == "1 study"
