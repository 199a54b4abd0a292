"""The pages of the look-ups and of the viewpoints: the values of the commands, and their links."""

from __future__ import annotations

import csv
import io
import shlex
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner

from calcinosis.api import Catalogue, viewpoints
from calcinosis.cli.main import cli
from calcinosis.graph.viewpoints import read
from calcinosis.output.site.links import Links
from calcinosis.output.site.questions import Asked, Pages
from calcinosis.output.site.viewpoints import Pages as Viewpoints
from calcinosis.output.words import viewpoints as words_of
from calcinosis.output.words.table import compact, folded
from tests.shared import few, graph
from tests.site_pages import get, hrefs, one, parsed, rows, words
from tests.started import Served


@cache
def pages() -> Pages:
    return Pages(graph().lookups, Links())


def shown(name: str, given: dict[str, Any]) -> str:
    kg = graph()
    look_up = kg.lookups.catalogue.look_up(name)
    table = kg.query(name, **given)
    return pages().one(Asked(look_up, given, table, kg.lookups.text(name, given)))


@pytest.mark.parametrize("name", few(Catalogue().names(), "causes", "mappings"))
def test_the_answer_is_that_of_the_command(name: str) -> None:
    kg = graph()
    given: dict[str, Any] = dict(kg.lookups.catalogue.look_up(name).example)
    table = kg.query(name, **given)
    page = parsed(shown(name, given))
    heads, cells = folded(table, compact(kg.prefixes))
    found = rows(page, "@class='stacked answer'")
    assert found == [[" ".join(cell.split()) for cell in row] for row in cells]
    assert [
        words(th) for th in page.findall(".//table[@class='stacked answer']/thead//th")
    ] == heads
    assert words(one(page, "p[@role='status']")).startswith(f"{len(table):,} row")
    assert table.note in words(one(page, "main"))
    assert "".join(one(page, "pre[@class='query']").itertext()) == kg.lookups.text(name, given)


def test_references_and_terms_of_an_answer_are_links() -> None:
    page = parsed(shown("causes", {"subtype": "iatrogenic"}))
    table = graph().query("causes", subtype="iatrogenic")
    found = hrefs(one(page, "table[@class='stacked answer']"))
    for key in table.references():
        assert f"/reference/{key}" in found
    for row in table:
        assert Links().of(row["cause"].value) in found  # type: ignore[union-attr]
    taken = one(page, "dl[@class='pairs taken']")
    assert hrefs(taken) == ["/IatrogenicCalcinosisCutis"]


def test_the_form_has_a_labelled_field_for_each_parameter() -> None:
    for name in Catalogue().names():
        look_up = Catalogue().look_up(name)
        page = parsed(pages().one(Asked(look_up)))
        labels = {label.attrib["for"] for label in page.findall(".//label[@for]")}
        for parameter in look_up.parameters:
            field = one(page, f"*[@name='{parameter.name}']")
            assert field.attrib["id"] in labels
            hint = one(page, f"p[@id='{field.attrib['aria-describedby']}']")
            assert words(hint) == parameter.description
            offered = [option.attrib["value"] for option in page.iter("option")]
            assert set(parameter.values) <= {*offered, parameter.default}


def test_few_values_are_a_list_and_many_are_offered() -> None:
    page = parsed(pages().one(Asked(Catalogue().look_up("causes"))))
    options = [words(option) for option in one(page, "select[@id='subtype']")]
    assert options[0] == "calcinosis cutis (default)"
    assert "calciphylaxis" in options
    page = parsed(pages().one(Asked(Catalogue().look_up("supports"))))
    field = one(page, "input[@id='reference']")
    offered = one(page, f"datalist[@id='{field.attrib['list']}']")
    assert "reiter-2011" in [option.attrib["value"] for option in offered]


def test_all_look_ups_stand_by_topic() -> None:
    page = parsed(pages().all())
    for topic, found in Catalogue().summaries().items():
        section = one(page, f"section[@aria-labelledby='{topic}']")
        assert hrefs(section) == [f"/questions/{name}" for name in found]


def test_in_a_folder_a_question_has_its_answer_and_no_form() -> None:
    kg = graph()
    look_up = kg.lookups.catalogue.look_up("subtypes")
    folder = Pages(kg.lookups, Links(root="../", end=".html"))
    page = parsed(folder.one(Asked(look_up, {}, kg.query("subtypes"))))
    assert len(rows(page, "@class='stacked answer'")) == len(kg.query("subtypes"))
    assert page.find(".//main//form") is None
    assert all(a.startswith(("../", "http")) for a in hrefs(page, "main"))


# -- viewpoints -----------------------------------------------------------------------------------


def test_viewpoints_stand_side_by_side_as_the_command_shows_them() -> None:
    kg = graph()
    made = Viewpoints(kg.ontology, kg.lookups.lexicon.entries, Links())
    page = parsed(made.all())
    tables = page.findall(".//table[@class='viewpoints']")
    for (caption, lines), table in zip(words_of.parts(read(kg.ontology)), tables, strict=True):
        assert words(table.find("caption")) == caption
        body = list(table.find("tbody"))
        assert len(body) == len(lines)
        for line, row in zip(lines, body, strict=True):
            assert words(row[0]).startswith(" ".join(line.label.split()))
            assert list(map(sign, row[1:])) == (line.cells or [])


def sign(cell: Any) -> str:
    """What is seen in a cell; a sign has words for who does not see it."""
    spans = list(cell)
    assert not spans or (words(spans[-1]) and spans[-1].attrib["class"] == "unseen")
    return words(spans[0]) if len(spans) == 2 else words(cell) if not spans else ""


def test_what_viewpoints_do_not_share_is_marked_in_words() -> None:
    kg = graph()
    page = parsed(Viewpoints(kg.ontology, kg.lookups.lexicon.entries, Links()).all())
    marked = {
        words(row[0])
        for row in page.iter("tr")
        if row.find("th//*[@class='badge open']") is not None
    }
    views = read(kg.ontology)
    for subtype in {its.id for view in views for its in view.subtypes}:
        having = [its for view in views for its in view.subtypes if its.id == subtype]
        told = any(found.casefold() == f"{having[0].label} not in all" for found in marked)
        assert told == (len(having) < len(views)), subtype


@pytest.mark.parametrize("name", viewpoints())
def test_the_page_of_a_viewpoint_says_what_the_command_says(name: str) -> None:
    kg = graph()
    view = next(view for view in read(kg.ontology) if view.name == name)
    page = parsed(Viewpoints(kg.ontology, kg.lookups.lexicon.entries, Links()).one(view))
    said, found = words(one(page, "main")), set(hrefs(page, "main"))
    for subtype in view.subtypes:
        for need in subtype.criteria:
            assert need.definition in said
            assert all(text in said for text in (need.editorial, need.taken) if text)
            assert f"/{need.id}" in found
            assert {f"/reference/{key}" for key in need.references} <= found
    for side in view.sides:
        assert f"/association/{side.claim}" in found
        assert side.under in said
    counts = [words(count) for count in page.findall(".//dl[@class='pairs']/dd")]
    assert counts == [str(count) for count in words_of.grounds(view).values()]


# -- over HTTP ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_files_of_an_answer_are_those_of_the_command(site: Served) -> None:
    asked = [("subtype", "Metastatic")]
    page = get(f"{site.url}/questions/causes", *asked).page
    links = {
        words(a): a.attrib["href"] for a in page.findall(".//div[@class='row carry screen']//a")
    }
    sheet = list(csv.reader(io.StringIO(get(site.url + links["CSV"]).text)))
    command = words(one(page, "section[@aria-labelledby='behind']/p/code"))
    run = CliRunner().invoke(cli, [*shlex.split(command)[1:], "-f", "csv"])
    assert sheet == list(csv.reader(io.StringIO(run.output)))
    assert len(sheet) == len(rows(page, "@class='stacked answer'")) + 1
    assert get(site.url + links["JSON"]).headers["Content-Type"] == "application/json"
    assert get(site.url + links["BibTeX"]).text.count("\n@") > 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        (("causes", "subtype", "calciphilaxis"), "subtype", "calciphylaxis"),
        (("bibliography", "study_type", "guidlines"), "study_type", "guideline"),
        (("claims-by-year", "since", "20x0"), "since", "digits"),
        (("supports", "reference", "<b>reiter-2012"), "reference", "reiter-2011"),
        (("claims", "term", "x" * 300), "term", "Shorten"),
    ],
    ids=str,
)
def test_a_wrong_value_gives_the_form_back_with_the_error_at_its_field(
    site: Served, asked: tuple[str, str, str], field: str, said: str
) -> None:
    name, parameter, value = asked
    got = get(f"{site.url}/questions/{name}", (parameter, value))
    assert got.status == 400
    control = one(got.page, f"input[@id='{field}']")
    assert control.attrib["value"] == value
    assert control.attrib["aria-invalid"] == "true"
    about = control.attrib["aria-describedby"].split()
    assert said in " ".join(words(one(got.page, f"p[@id='{here}']")) for here in about)
    assert "<b>" not in got.text


@pytest.mark.slow
def test_what_is_unknown_is_told_with_the_nearest(site: Served) -> None:
    got = get(f"{site.url}/questions/cuses")
    assert (got.status, "causes" in words(got.page)) == (404, True)
    got = get(f"{site.url}/questions/causes", ("subtpe", "calciphylaxis"))
    assert (got.status, "subtype" in words(one(got.page, "p[@role='alert']"))) == (400, True)
    page = get(f"{site.url}/questions/by-author", ("author", "Raiter")).page
    assert words(one(page, "p[@role='status']")) == "No rows."
    assert "Reiter" in words(one(page, "p[@class='message']"))
    assert get(f"{site.url}/viewpoints").status == 200
    assert len(get(f"{site.url}/questions").page.findall(".//main//li/a")) == len(
        Catalogue().names()
    )


def test_no_description_names_a_file_or_a_prefix() -> None:
    for name in Catalogue().names():
        page = parsed(pages().one(Asked(graph().lookups.catalogue.look_up(name))))
        told = words(one(page, "p[@class='lead']"))
        assert "docs/" not in told, name
        assert "calc:" not in told, name
        if "calc:weighs" in graph().lookups.catalogue.look_up(name).description:
            assert hrefs(page, "main/p[@class='lead']") == ["/weighs"], name
