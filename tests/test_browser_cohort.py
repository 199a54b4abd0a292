"""The page of a cohort as a file, in a browser: on a phone, in the dark, printed, of nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calcinosis.api.written import Counting, Written
from tests.browser import PHONE, opened, wider_than_screen
from tests.shared import graph

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.external("chromium")]

CASES: list[dict[str, Any]] = [
    {"id": str(n), "calcinosis": "present", "conditions": ["dermatomyositis", "calciphylaxis?"]}
    for n in range(60)
] + [{"id": "high", "calcinosis": "present", "labs": [{"test": "phosphate", "level": "high"}]}]
# The words of a cell that do not stand on one line.
BROKEN = r"""() => {
  const broken = new Set(), range = document.createRange();
  for (const cell of document.querySelectorAll("th, td")) {
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode())
      for (const word of text.data.matchAll(/(?<![^\s-])\p{L}{3,20}[?,;]?(?![^\s-])/gu)) {
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (range.getClientRects().length > 1) broken.add(word[0]);
      }
  }
  return [...broken];
}"""
BEFORE = """() => [...document.querySelectorAll("#patients td")]
  .map(cell => getComputedStyle(cell, "::before").content)"""
LUMINANCE = """() => {
  const [r, g, b] = getComputedStyle(document.querySelector(".chart svg rect")).fill
    .match(/\\d+/g).map(Number);
  return (r + g + b) / 765;
}"""
Page = Callable[[list[dict[str, Any]]], str]


@pytest.fixture
def made(tmp_path: Path) -> Page:
    """A function that writes the page of cases, and says where it is."""

    def write(cases: list[dict[str, Any]]) -> str:
        kg = graph()
        counting = Counting(kg)
        verdicts = kg.stream(cases, refused=counting.refuse)
        path = tmp_path / "cohort.html"
        with path.open("w", encoding="utf-8") as stream:
            Written(kg, verdicts, verdicts, counting).html(stream)
        return path.as_uri()

    return write


def test_on_a_phone_only_what_has_a_head_begins_with_one(browser: Browser, made: Page) -> None:
    with opened(browser, "", size=PHONE) as (page, _):
        page.goto(made(CASES))
        found = page.evaluate(BEFORE)
        assert found.count("none") == len(CASES)
        assert all(len(one) > len('": "') for one in found if one != "none")
        assert not wider_than_screen(page)


def test_a_page_of_nobody_has_nothing_that_fails(browser: Browser, made: Page) -> None:
    with opened(browser, "") as (page, _):  # it hears of an error of a script
        page.goto(made([{"id": "a", "conditions": 7}]))
        assert "No patients" in page.inner_text("header")


def test_words_stay_whole_in_print(browser: Browser, made: Page) -> None:
    with opened(browser, "", size=(673, 900)) as (page, _):  # the width of A4 within its margins
        page.emulate_media(media="print")
        page.goto(made(CASES))
        assert not page.evaluate(BROKEN)


def test_the_verdicts_on_one_patient_stay_whole(browser: Browser, made: Page) -> None:
    calcium = {"test": "calcium", "value": 9.2, "unit": "mg/dL", "interval": [8.5, 10.5]}
    case = {"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"]}
    with opened(browser, "") as (page, _):
        page.goto(made([case | {"labs": [calcium]}]))
        assert "Why these verdicts" in page.inner_text("h1")
        assert not page.evaluate(BROKEN)


def test_pictures_are_dark_where_the_page_is(browser: Browser, made: Page) -> None:
    address = made(CASES)
    for scheme, is_dark in (("light", False), ("dark", True)):
        with opened(browser, "", color_scheme=scheme) as (page, _):
            page.goto(address)
            assert (page.evaluate(LUMINANCE) < 0.5) is is_dark
