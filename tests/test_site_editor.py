"""The page of the SPARQL editor without a script: answers, errors at their place, files."""

from __future__ import annotations

import socket
import time
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from calcinosis.api import Catalogue
from calcinosis.output.pictures import triples as picture
from calcinosis.output.site.editor import FIRST, LONGEST_LINK, Bounds, Editor, Ran
from calcinosis.output.site.links import Links
from calcinosis.output.words.answer import written
from calcinosis.output.words.table import compact, folded
from tests.shared import graph
from tests.site_pages import Got, get, hrefs, one, parsed, rows, words
from tests.started import Served, eventually

EVIL = 'SELECT ("</textarea><script>alert(1)</script>" AS ?x) {}'
CLAIM = "abcc6-gene-pseudoxanthoma-elasticum"


@cache
def editor() -> Editor:
    return Editor(graph().lookups, Links(), Bounds(30, 512))


def page_of(query: str, **more: Any) -> Any:
    return parsed(editor().page(Ran(query, graph().sparql(query), **more)))


def test_the_page_begins_with_a_query_that_finds_something() -> None:
    found = graph().sparql(FIRST)
    assert len(found) == 20  # type: ignore[arg-type]
    page = parsed(editor().page(Ran(FIRST)))
    assert one(page, "textarea[@id='query']").text.strip() == FIRST.strip()
    assert "30 seconds and 512 MB" in words(one(page, "p[@class='lead']"))


def test_all_look_ups_are_examples_and_all_prefixes_can_be_declared() -> None:
    page = parsed(editor().page(Ran("")))
    offered = [
        option.attrib["value"] for option in one(page, "select[@id='example']").iter("option")
    ]
    assert sorted(filter(None, offered)) == Catalogue().names()
    declared = {
        button.attrib["data-declare"] for button in page.findall(".//button[@data-declare]")
    }
    known = graph().prefixes
    assert declared == {f"PREFIX {prefix}: <{base}>" for prefix, base in known.items()}
    assert graph().sparql("\n".join(sorted(declared)) + " ASK {}") is True


def test_a_picture_shows_each_triple_of_a_small_graph() -> None:
    page = page_of(f"CONSTRUCT WHERE {{ assoc:{CLAIM} ?p ?o }}", number=11, seconds=0.25)
    told = words(one(page, "figure/svg/desc"))
    assert told.count(". ") >= 10
    assert "ABCC6" in told
    assert "11 triples, after 0.25 s" in words(one(page, "section[@id='answer']"))
    lines = page.findall(".//figure/svg/polyline")
    objects = {row[2] for row in rows(page, "@class='stacked answer'")}
    assert len(lines) == len(objects)
    assert f"/association/{CLAIM}" in hrefs(page, "figure")


def test_a_graph_that_is_too_large_for_a_picture_is_a_table() -> None:
    page = page_of("CONSTRUCT { ?s a ?k } { ?s a ?k } LIMIT 60", number=60)
    assert page.find(".//figure") is None
    assert len(rows(page, "@class='stacked answer'")) == 60


def test_triples_that_lead_in_a_ring_or_to_themselves_are_drawn() -> None:
    def term(name: str) -> NamedNode:
        return NamedNode(f"https://example.org/{name}")

    ring = [(term("a"), term("b")), (term("b"), term("a")), (term("a"), term("a"))]
    known = [Triple(s, term("leads to"[:5]), o) for s, o in ring]
    known.append(Triple(term("b"), term("says"), Literal("x " * 200)))
    drawn = picture.draw(known, lambda one: getattr(one, "value", ""), lambda _: "", "A ring")
    assert drawn.count("<polyline") == 4
    assert picture.can_draw(known)
    assert not picture.can_draw([])


# -- over HTTP ------------------------------------------------------------------------------------

pytestmark = pytest.mark.usefixtures("no_proxy")


def run(site: Served, query: str) -> Got:
    return get(f"{site.url}/editor", data={"query": query})


def answer(got: Got) -> Any:
    return one(got.page, "section[@id='answer']")


@pytest.mark.slow
def test_a_table_is_that_of_the_command_with_links(site: Served) -> None:
    query = (
        "SELECT ?claim ?claim_label ?references { ?claim a calc:TestAssociation ;"
        " rdfs:label ?claim_label ; cito:citesAsEvidence ?references } ORDER BY ?claim LIMIT 7"
    )
    got = run(site, query)
    kg = graph()
    _, cells = folded(kg.sparql(query), compact(kg.prefixes))  # type: ignore[arg-type]
    assert rows(got.page, "@class='stacked answer'") == cells
    found = hrefs(answer(got))
    assert sum(href.startswith("/association/") for href in found) == 7
    assert sum(href.startswith("/reference/") for href in found) == 7
    files = {words(a): a.attrib["href"] for a in answer(got).findall(".//ul[@class='chips']//a")}
    ours = written(kg.sparql(query), "csv", kg.prefixes)
    assert get(site.url + files["CSV"]).text.splitlines() == ours.splitlines()
    assert get(site.url + files["JSON"]).headers["Content-Type"].startswith("application/")
    again = get(site.url + files["Link to it"])
    assert rows(again.page, "@class='stacked answer'") == cells


@pytest.mark.slow
def test_an_error_stands_at_its_place(site: Served) -> None:
    got = run(site, "SELECT * {\r\n  ?s a calc:Case ;; FILTR(?s)\r\n}")
    error = one(got.page, "div[@id='query-error']")
    assert (error.attrib["data-line"], error.attrib["data-column"]) == ("2", "21")
    assert words(one(error, "mark")) == "FILTR"
    assert "Did you mean FILTER?" in words(error)
    area = one(got.page, "textarea[@id='query']")
    assert area.attrib["aria-invalid"] == "true"
    assert "query-error" in area.attrib["aria-describedby"].split()
    assert got.status == 200  # the page is in order


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("ASK { ?s ?p ?o }", "Yes"),
        ("ASK { calc:Case calc:Case calc:Case }", "No"),
        ("SELECT ?x { ?x a calc:CauseAssocation }", "Did you mean calc:CauseAssociation?"),
        ("SELECT * { ?s nix:p ?o }", "the prefix"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "local queries stay offline"),
        ("DELETE WHERE { ?s ?p ?o }", "query-error"),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", "512 MB"),
        ("SELECT * { ?s ?p ?o } LIMIT 2500", "The first 2,000 of 2,500 are shown"),
        ("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 2500", "The first 2,000 of"),
        ("SELECT * {" + "{" * 2_000, "ends too early"),
    ],
    ids=lambda value: value[:30],
)
def test_what_came_of_a_query_is_told(site: Served, query: str, said: str) -> None:
    got = run(site, query)
    assert got.status == 200
    assert said.casefold() in words(answer(got)).casefold() or said in got.text


@pytest.mark.slow
def test_markup_in_a_query_or_answer_stays_text(site: Served) -> None:
    got = run(site, EVIL)
    assert "<script>alert" not in got.text
    assert rows(got.page, "@class='stacked answer'") == [["</textarea><script>alert(1)</script>"]]
    assert one(got.page, "textarea[@id='query']").text.strip() == EVIL


@pytest.mark.slow
def test_an_example_is_put_into_the_editor_and_not_run(site: Served) -> None:
    got = get(f"{site.url}/editor", ("example", "causes"))
    assert (
        one(got.page, "textarea[@id='query']").text.strip()
        == Catalogue().look_up("causes").text.strip()
    )
    assert words(answer(got)) == ""
    assert get(f"{site.url}/editor", ("example", "cuses")).status == 404


@pytest.mark.slow
def test_a_browser_at_the_endpoint_gets_the_page_and_a_program_the_answer(site: Served) -> None:
    page = get(f"{site.url}/sparql").page
    assert one(page, "textarea[@id='query']").text.strip() == FIRST.strip()
    assert "Yes" in words(answer(get(f"{site.url}/sparql", ("query", "ASK {}"))))
    assert get(f"{site.url}/sparql", ("query", "ASK {}"), ("format", "csv")).text.strip() == "true"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELEKT", 400),
        ("DELETE WHERE { ?s ?p ?o }", 400),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", 413),
        ("ASK {}", 200),
    ],
)
def test_a_page_of_the_endpoint_has_the_status_that_a_program_gets(
    site: Served, query: str, status: int
) -> None:
    got = get(f"{site.url}/sparql", ("query", query))
    program = get(f"{site.url}/sparql", ("query", query), ("format", "csv"))
    assert (got.status, program.status) == (status, status)
    assert one(got.page, "textarea[@id='query']").text.strip() == query
    assert words(answer(got))


@pytest.mark.slow
def test_a_query_that_is_too_long_for_an_address_has_files_too(site: Served) -> None:
    query = f"# {'x' * LONGEST_LINK}\nSELECT ?x {{ VALUES ?x {{ 1 2 }} }}"
    forms = answer(run(site, query)).findall(".//form")
    sent = {field.attrib["name"]: field.attrib["value"] for field in forms[0].findall(".//input")}
    assert get(site.url + forms[0].attrib["action"], data=sent).text.split() == ["x", "1", "2"]


@pytest.mark.slow
def test_a_query_for_which_nobody_waits_is_ended(site: Served) -> None:
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    run(site, "ASK {}")
    before = site.children()
    body = urlencode({"query": heavy}).encode()
    head = (
        f"POST /editor HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as client:
        client.sendall(head.encode() + body)
        time.sleep(2)
    assert eventually(lambda: bool({*before} - {*site.children()}), 15)
    assert "Yes" in words(answer(run(site, "ASK {}")))
