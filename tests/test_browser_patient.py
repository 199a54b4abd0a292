"""The pages for a patient and a cohort in a browser, with their scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser import PHONE, barriers, opened, printed, told, wider_than_screen
from tests.started import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.external("chromium")]

SHEET = (
    b"Pt no,Dx,Ca (mg/dl),Phos,Calcinosis Y/N,Shoe size\n"
    b"1,lcSSc,9.1,3.4,y,40\n2,SSc,12.4,3.1,y,41\n3,moonrash,9.0,wnl,y,42\n"
)


def answer(page: Page, words: str) -> None:
    """Wait until the answer in a sentence has these words."""
    page.locator("#answer", has_text=words).wait_for()


def facts(page: Page) -> dict[str, Any]:
    """The case that the address holds."""
    found: dict[str, Any] = json.loads(unquote(urlsplit(page.url).fragment))["case"]
    return found


def until(page: Page, key: str, value: Any) -> None:
    """Wait until the case that the address holds has a value under a key."""

    def holds(url: str) -> bool:
        text = unquote(urlsplit(url).fragment)
        return bool(text) and json.loads(text)["case"].get(key) == value

    page.wait_for_url(holds)


def typed(page: Page, name: str, text: str) -> None:
    field = page.locator(f'[name="{name}"]')
    field.fill(text)
    field.blur()


def test_an_example_to_its_verdict_and_first_citation(page: Page) -> None:
    page.goto("/patient")
    page.select_option("#example", "teaching-dystrophic")
    page.get_by_role("button", name="Load").click()
    answer(page, "Dystrophic calcinosis cutis follows")
    link = page.locator("#result table .cited a").first
    label = link.inner_text()
    link.click()
    page.wait_for_url("**/reference/*")
    assert label in page.locator("main").inner_text()
    page.go_back()
    answer(page, "Dystrophic calcinosis cutis follows")


def test_suggestions_by_keyboard_and_the_fact_that_decides(page: Page) -> None:
    page.goto("/patient")
    page.get_by_label("present", exact=True).check()
    field = page.locator('[name="conditions.0.term"]')
    field.press_sequentially("m34.1")
    page.locator(".suggestions > [role=option]").first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    chosen = page.locator(".suggestions > [aria-selected=true]")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    field.press("Enter")
    until(page, "conditions", [field.input_value()])
    answer(page, "presumed")
    page.get_by_role("button", name="Add this fact: no raised calcium").click()
    page.get_by_role("button", name="Add this fact: raised phosphate", exact=False).first.click()
    answer(page, "Metastatic calcinosis cutis follows")
    assert [one["level"] for one in facts(page)["labs"]] == ["normal", "high"]
    page.get_by_role("button", name="Remove Test 2").click()
    answer(page, "presumed")


def test_a_misspelt_word_is_suggested_too(page: Page) -> None:
    page.goto("/patient")
    page.locator('[name="conditions.0.term"]').press_sequentially("dermatomiosytis")
    page.locator(".suggestions > [role=option]", has_text="dermatomyositis").first.wait_for()


def test_verdicts_follow_what_is_typed_in_order(page: Page) -> None:
    page.goto("/patient")
    page.get_by_label("present", exact=True).check()
    for level in ("high", "low", "normal", "high", "normal"):  # the last one counts
        typed(page, "labs.0.test", "calcium")
        typed(page, "labs.0.level", level)
    typed(page, "labs.1.test", "phosphate")
    typed(page, "labs.1.level", "normal")
    answer(page, "Metastatic calcinosis cutis is ruled out")
    tests = ("calcium", "phosphate")
    until(page, "labs", [{"test": test, "level": "normal"} for test in tests])
    answer(page, "Metastatic calcinosis cutis is ruled out")


def test_a_fault_is_told_at_its_field_and_mended_there_or_from_the_summary(page: Page) -> None:
    page.goto("/patient")
    page.get_by_label("present", exact=True).check()
    page.get_by_role("button", name="Another condition").click()
    typed(page, "conditions.0.term", "moonrash")
    typed(page, "conditions.1.term", "DM")
    typed(page, "conditions.0.term", "")  # the row stays, and counts no more
    field = page.locator('[name="conditions.1.term"]')
    words = page.locator("[id='conditions.1.term-fault']")
    words.wait_for()
    until(page, "conditions", ["DM"])
    page.locator('[name="conditions.0.term"]:not([aria-invalid])').wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    page.get_by_text("Something is wrong with 1 field.").wait_for(state="attached")
    assert field.get_attribute("aria-describedby") == "conditions-hint conditions.1.term-fault"
    assert not (found := barriers(page)), told(found)
    page.locator("#result").get_by_role("link", name="Condition 1").click()
    assert page.evaluate("document.activeElement.name") == "conditions.1.term"
    first, second = (one.inner_text() for one in words.get_by_role("button").all())
    page.locator("#result").get_by_role("button", name=second).click()
    until(page, "conditions", [second])
    page.locator(".fault").wait_for(state="detached")
    assert field.get_attribute("aria-describedby") == "conditions-hint"
    typed(page, "conditions.1.term", "DM")
    words.get_by_role("button", name=first).click()
    until(page, "conditions", [first])
    assert page.evaluate("document.activeElement.name") == "conditions.1.term"
    typed(page, "labs.0.test", "calcium")
    page.locator('[name="labs.0.test"][aria-invalid]').wait_for()
    typed(page, "labs.0.level", "high")
    page.locator(".fault").wait_for(state="detached")


def test_a_unit_is_put_in_beside_its_field_or_from_the_summary(page: Page) -> None:
    page.goto("/patient")
    typed(page, "labs.0.test", "calcium")
    typed(page, "labs.0.value", "9.4")
    words = page.locator("[id='labs.0.unit-fault']")
    words.get_by_role("button", name="mg/dL").click()
    until(page, "labs", [{"test": "calcium", "value": 9.4, "unit": "mg/dL"}])
    typed(page, "labs.0.unit", "")
    words.wait_for()
    page.locator("#result").get_by_role("button", name="mg/dL").click()
    until(page, "labs", [{"test": "calcium", "value": 9.4, "unit": "mg/dL"}])
    assert page.evaluate("document.activeElement.name") == "labs.0.unit"


@pytest.mark.parametrize("size", [(1280, 900), PHONE])
def test_words_of_any_length_keep_within_the_page(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/patient")
    page.get_by_label("present", exact=True).check()
    typed(page, "conditions.0.term", "m" * 300)
    page.locator("[id='conditions.0.term-fault']").wait_for()
    page.get_by_role("button", name="Show how each verdict was found").click()
    page.locator("#how").wait_for()
    assert not wider_than_screen(page)


def test_what_is_focused_or_pressed_is_not_lost_to_an_answer(page: Page) -> None:
    page.goto("/patient")
    page.get_by_label("present", exact=True).check()
    until(page, "calcinosis", "present")
    page.locator('[name="conditions.0.term"]').fill("MONDO:0016367")  # judged when it is left
    button = page.get_by_role("button", name="Add this fact: raised calcium")
    button.hover()
    page.mouse.down()
    page.wait_for_timeout(1000)  # the answer is there by now, and waits
    page.mouse.up()
    until(page, "labs", [{"test": "total serum calcium", "level": "high"}])
    assert facts(page)["conditions"] == ["MONDO:0016367"]
    page.locator('[name="age"]').fill("46")
    page.locator("#result summary").first.focus()
    until(page, "age", "46 years")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_sentence_is_proposed_and_confirmed(page: Page) -> None:
    page.goto("/patient")
    page.fill("#sentence", "Serum calcium 12.4 mg/dL, no trauma. She kept bees.")
    page.get_by_role("button", name="Propose facts").click()
    page.locator("#proposed").get_by_text("kept bees").wait_for()
    assert "#" not in page.url
    page.get_by_role("button", name="Add: Serum calcium").click()
    page.locator('[name="labs.0.test"][value="Serum calcium"]').wait_for()
    assert facts(page)["labs"] == [{"test": "Serum calcium", "value": 12.4, "unit": "mg/dL"}]
    assert page.evaluate("document.activeElement.id") == "proposed"
    page.get_by_role("button", name="Add: trauma").click()
    until(page, "excluded", ["trauma"])


def test_the_address_brings_the_facts_back_and_the_server_never_sees_them(
    page: Page, browser: Browser, site: Served
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/patient")
    page.get_by_label("present", exact=True).check()
    typed(page, "conditions.0.term", "MONDO:0016367")
    page.get_by_text("By what it is judged").click()
    page.get_by_label("levels:").uncheck()
    page.locator("#changes").wait_for()
    address = page.url
    with opened(browser, site.url) as (other, _):
        other.goto(address)
        other.locator("#changes").wait_for()
        assert facts(other) == facts(page)
        assert not other.get_by_label("levels:").is_checked()
        assert other.evaluate("localStorage.length + sessionStorage.length") == 0
        assert other.context.cookies() == []
    assert not [url for url in asked if "MONDO" in urlsplit(url)._replace(fragment="").geturl()]


def test_without_a_script_a_button_does_the_same(browser: Browser, site: Served) -> None:
    with opened(browser, site.url, java_script_enabled=False) as (page, _):
        page.goto("/patient")
        page.get_by_label("present", exact=True).check()
        page.locator('[name="conditions.0.term"]').fill("MONDO:0016367")
        page.locator("button.main", has_text="Judge").first.click()
        answer(page, "presumed")
        page.get_by_role("button", name="Add this fact: raised calcium").click()
        answer(page, "Metastatic calcinosis cutis follows")
        assert "?" not in page.url


def test_what_is_carried_away(page: Page, tmp_path: Path) -> None:
    page.goto("/patient")
    page.get_by_label("present", exact=True).check()
    answer(page, "open")
    with page.expect_download() as found:
        page.get_by_role("button", name="Case file (YAML)").click()
    text = Path(found.value.path()).read_text("utf-8")
    assert "calcinosis: present" in text
    file = tmp_path / "again.yaml"
    file.write_text(text.replace("present", "absent"), "utf-8")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Read").click()
    answer(page, "ruled out")
    assert page.get_by_label("absent", exact=True).is_checked()


def test_a_server_that_is_gone_is_told_and_nothing_is_lost(browser: Browser, site: Served) -> None:
    with opened(browser, site.url) as (page, watched):
        page.goto("/patient")
        page.route(
            "**/patient",
            lambda route: route.fulfill(
                status=503, body="{}", content_type="application/problem+json"
            ),
        )
        watched.allowed.add(503)
        page.get_by_label("present", exact=True).check()
        page.locator(".message.error").first.wait_for()
        page.unroute("**/patient")
        typed(page, "conditions.0.term", "MONDO:0016367")
        answer(page, "presumed")


def test_a_meaning_is_put_into_its_box_at_once(page: Page, tmp_path: Path) -> None:
    sheet = tmp_path / "words.csv"
    sheet.write_bytes(b"id,calcinosis,conditions\n1,present,DM\n")
    page.goto("/cohort")
    page.set_input_files("#file", sheet)
    page.get_by_role("button", name="Show how it is read").click()
    offered = page.locator("button[name=put]")
    words = offered.nth(1).inner_text()
    offered.nth(1).click()
    assert page.get_by_label("What DM stands for").input_value() == words
    assert not (found := barriers(page)), told(found)


def test_a_sheet_to_a_summary(page: Page, tmp_path: Path) -> None:
    sheet = tmp_path / "clinic sheet.csv"
    sheet.write_bytes(SHEET)
    page.goto("/cohort")
    page.set_input_files("#file", sheet)
    page.get_by_role("button", name="Show how it is read").click()
    page.get_by_text("Asked about: Phos").wait_for()
    page.get_by_label("Phos: unit of numbers without one").fill("mg/dL")
    page.get_by_role("button", name="Confirm and summarise").click()
    page.get_by_role("heading", name="Summary").wait_for()
    page.get_by_text("3 of 3 patients").wait_for()
    page.locator("#filter").get_by_label("Words").fill("moonrash")
    page.get_by_text("1 of 3 patients").wait_for()
    with page.expect_download() as found:
        page.get_by_role("button", name="Workbook").click()
    assert Path(found.value.path()).read_bytes().startswith(b"PK")


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"size": PHONE, "has_touch": True, "is_mobile": True},
}


@pytest.mark.parametrize("look", LOOKS)
def test_full_pages_keep_nobody_out(
    browser: Browser, site: Served, tmp_path: Path, look: str
) -> None:
    sheet = tmp_path / "clinic.csv"
    sheet.write_bytes(SHEET)
    with opened(browser, site.url, **LOOKS[look]) as (page, _):
        page.goto("/patient")
        page.select_option("#example", "C005")
        page.get_by_role("button", name="Load").click()
        page.locator('[name="conditions.0.term"][value]').wait_for()
        page.get_by_role("button", name="Show how each").click()
        page.locator("#how").wait_for()
        page.fill("#sentence", "No trauma. She kept bees.")
        page.get_by_role("button", name="Propose facts").click()
        page.locator("#proposed").wait_for()
        for details in page.locator("details.part").all():
            details.locator("summary").click()
        typed(page, "age", "old")
        typed(page, "conditions.0.term", "DM")
        page.locator("#result button[name=put]").first.wait_for()
        check(page)
        page.goto("/cohort")
        page.set_input_files("#file", sheet)
        page.get_by_role("button", name="Show how it is read").click()
        page.get_by_text("Asked about: Phos").wait_for()
        check(page)
        page.get_by_role("button", name="Confirm and summarise").click()
        page.get_by_role("heading", name="Summary").wait_for()
        check(page)


def check(page: Page) -> None:
    """No barrier, nothing beside the screen, and it prints."""
    assert not (found := barriers(page)), told(found)
    assert not (found := wider_than_screen(page)), told(found)
    assert min(printed(page)) > 5
