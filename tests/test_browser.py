"""Journeys through the pages in a browser, with the values that the commands give."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import calcinosis
from calcinosis.graph.locate import data
from tests.browser import PHONE, opened
from tests.started import Served, eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.external("chromium")]

SHEET = data("examples") / "patients.csv"
WITHOUT_SCRIPT = {"java_script_enabled": False}
PUBLISHED = "P02"
WORDS = {
    "entailed": "follows",
    "presumed": "presumed",
    "refuted": "ruled out",
    "undetermined": "open",
}


def verdict(page: Page, subtype: str) -> str:
    """What the page says of a subtype."""
    name = re.compile(f"^{subtype}", re.IGNORECASE)
    row = page.get_by_role("table", name="Each subtype").get_by_role("row")
    return row.filter(has=page.get_by_role("rowheader", name=name)).locator("b").inner_text()


def address(page: Page) -> str:
    """Where the page says that it is; ``page.url`` hears of it later."""
    return str(page.evaluate("location.href"))


def comes_to(page: Page, subtype: str, *words: str) -> bool:
    """Whether the verdict, which follows the facts after a while, becomes one of these."""
    return eventually(lambda: verdict(page, subtype) in words, 20)


def test_search_leads_to_a_term_and_its_reference(
    page: Page, kg: calcinosis.KnowledgeGraph
) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_label("Search the graph").fill("adult progeria")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("main").get_by_role("link", name="Werner syndrome", exact=True).first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Werner syndrome"
    assert page.get_by_text("adult progeria").is_visible()
    page.get_by_role("main").get_by_role("link", name="Honjo 2008").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Honjo 2008"
    assert kg.library["honjo-2008"].doi in page.get_by_role("main").inner_text()


def test_what_reports_call_a_thing_is_suggested_as_the_server_finds_it(
    page: Page, kg: calcinosis.KnowledgeGraph
) -> None:
    page.goto("/search")
    box = page.get_by_role("main").get_by_label("Search the graph")
    labels = (
        "() => [...document.querySelectorAll('main [role=option]')].map(o => o.firstChild.data)"
    )
    for word, number in (("STS", 1), ("DM", 2), ("Natriumthiosulfat", 1), ("Verkalkung", 3)):
        box.fill(word)
        meant = [hit.entry.label for hit in kg.search(word, number)]
        page.get_by_role("option").filter(has_text=meant[0]).first.wait_for()
        assert page.evaluate(labels)[:number] == meant
    box.fill("kutane Kalzinose")
    page.get_by_role("option").filter(has_text="calcinosis cutis").first.wait_for()


def test_suggestions_lead_to_a_term_by_the_keyboard_alone(page: Page) -> None:
    page.goto("/about")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("calciph", delay=20)
    page.get_by_role("option", name=re.compile("calciphylaxis", re.IGNORECASE)).first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/Calciphylaxis")
    assert page.get_by_role("heading", level=1).inner_text() == "Calciphylaxis"


def test_a_published_case_shows_its_verdict_and_first_citation(
    page: Page, kg: calcinosis.KnowledgeGraph
) -> None:
    (case,) = [
        one
        for one in kg.classify(str(data("examples") / "published")).cases
        if one.case.id == PUBLISHED
    ]
    page.goto("/patient")
    page.get_by_label("Example").select_option(PUBLISHED)
    page.get_by_role("button", name="Load").click()
    for one in case.subtypes:
        assert comes_to(page, one.label, WORDS[one.standing]), (one.label, one.standing)
    assert page.get_by_label("Example").input_value() == PUBLISHED
    cited = page.locator("#result .cited a").first
    name = cited.inner_text()
    cited.click()
    assert page.get_by_role("heading", level=1).inner_text() == name


def test_the_deciding_fact_changes_the_verdict(page: Page) -> None:
    page.goto("/patient")
    page.get_by_role("radio", name="present").check()
    page.get_by_label("Condition 1").fill("end-stage kidney disease")
    page.get_by_label("Condition 1").press("Tab")
    assert eventually(lambda: "kidney" in address(page), 20), "judged, and in the address"
    assert verdict(page, "metastatic") != "follows"
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Serum phosphate"))
    row.get_by_role("button", name=re.compile("Add this fact")).first.click()
    assert comes_to(page, "metastatic", "follows")
    assert verdict(page, "dystrophic") == "ruled out"
    kept = address(page)
    page.goto("about:blank")
    page.goto(kept)
    assert comes_to(page, "metastatic", "follows"), "the facts stand in the address"


def test_a_sheet_comes_to_a_summary(page: Page, kg: calcinosis.KnowledgeGraph) -> None:
    cohort = kg.cohort(str(SHEET))
    page.goto("/cohort")
    page.get_by_label("File").set_input_files(SHEET)
    page.get_by_role("button", name="Show how it is read").click()
    page.get_by_role("button", name="Confirm and summarise").click()
    page.get_by_role("heading", name="Summary").wait_for()
    assert f"{len(cohort.wide())} patients" in page.get_by_role("main").inner_text()
    with page.expect_download() as kept:
        page.get_by_role("button", name="CSV, a row a patient", exact=True).click()
    rows = list(csv.DictReader(Path(kept.value.path()).read_text("utf-8-sig").splitlines()))
    assert [row["patient"] for row in rows] == [row["patient"] for row in cohort.wide()]


def test_a_query_with_an_error_and_its_mend(page: Page) -> None:
    page.goto("/sparql")
    area = page.get_by_label("Query", exact=True)
    area.fill("SELECT ?label {\n  calc:Calciphylaxis rdfs:label ?label\n")
    page.get_by_role("button", name="Run").click()
    page.locator("#query-error").wait_for()
    assert "Line 2" in page.locator("#query-error").inner_text()
    assert area.get_attribute("aria-invalid") == "true"
    area.fill("SELECT ?label {\n  calc:Calciphylaxis rdfs:label ?label\n}")
    area.press("Control+Enter")
    page.get_by_role("cell", name="calciphylaxis").wait_for()
    assert page.locator("#query-error").count() == 0


def test_what_is_filtered_is_what_is_downloaded(page: Page) -> None:
    page.goto("/associations")
    page.get_by_role("checkbox", name=re.compile("^idiopathic")).check()
    page.get_by_text(re.compile(r"^\d+ of \d+ claims shown")).filter(visible=True).wait_for()
    page.wait_for_url("**subtype=IdiopathicCalcinosisCutis**")
    shown = page.locator("#claims tbody tr:visible").count()
    said = page.locator("#count").inner_text()
    assert said.startswith(f"{shown} of ")
    with page.expect_download() as kept:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(Path(kept.value.path()).read_text("utf-8-sig").splitlines()))
    assert len({row["association"] for row in rows}) == shown > 0


def test_without_a_script_search_leads_to_a_reference(browser: Browser, site: Served) -> None:
    with opened(browser, site.url, **WITHOUT_SCRIPT) as (page, _):
        page.goto("/")
        page.get_by_role("main").get_by_label("Search the graph").fill("adult progeria")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("main").get_by_role(
            "link", name="Werner syndrome", exact=True
        ).first.click()
        page.get_by_role("main").get_by_role("link", name="Honjo 2008").first.click()
        assert page.get_by_role("heading", level=1).inner_text() == "Honjo 2008"


def test_without_a_script_facts_are_judged(browser: Browser, site: Served) -> None:
    with opened(browser, site.url, **WITHOUT_SCRIPT) as (page, _):
        page.goto("/patient")
        page.get_by_role("radio", name="present").check()
        page.get_by_label("Condition 1").fill("end-stage kidney disease")
        page.get_by_role("button", name="Judge").last.click()
        assert verdict(page, "metastatic") != "follows"
        name = "Serum phosphate"
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))
        row.get_by_role("button", name=re.compile("Add this fact")).first.click()
        assert verdict(page, "metastatic") == "follows"


def test_without_a_script_a_sheet_comes_to_a_summary(browser: Browser, site: Served) -> None:
    with opened(browser, site.url, **WITHOUT_SCRIPT) as (page, _):
        page.goto("/cohort")
        page.get_by_label("File").set_input_files(SHEET)
        page.get_by_role("button", name="Summarise at once").click()
        assert "6 patients" in page.get_by_role("main").inner_text()


def test_without_a_script_a_query_is_mended_and_claims_are_filtered(
    browser: Browser, site: Served
) -> None:
    with opened(browser, site.url, **WITHOUT_SCRIPT) as (page, watched):
        watched.allowed.add(400)
        page.goto("/sparql")
        page.get_by_label("Query", exact=True).fill("SELECT ?label {")
        page.get_by_role("button", name="Run").click()
        assert page.locator("#query-error").is_visible()
        said = "SELECT ?label { calc:Calciphylaxis rdfs:label ?label }"
        page.get_by_label("Query", exact=True).fill(said)
        page.get_by_role("button", name="Run").click()
        assert page.get_by_role("cell", name="calciphylaxis").is_visible()
        page.goto("/associations")
        page.get_by_role("checkbox", name=re.compile("^idiopathic")).check()
        page.get_by_role("button", name="Show", exact=True).click()
        assert "subtype=IdiopathicCalcinosisCutis" in page.url


def test_on_a_phone_the_deciding_fact_is_found(browser: Browser, site: Served) -> None:
    with opened(browser, site.url, size=PHONE, has_touch=True, is_mobile=True) as (page, _):
        page.goto("/patient")
        page.get_by_role("radio", name="present").tap()
        page.get_by_label("Condition 1").fill("dermatomyositis")
        page.get_by_label("Condition 1").press("Tab")
        assert comes_to(page, "idiopathic", "ruled out")
