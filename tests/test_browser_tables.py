"""The pages of tables in a browser: facets at once, the editor in place, by keyboard, as files."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

import calcinosis.output.site
from calcinosis.output.site.associations import Table
from calcinosis.output.site.facets import Choice, Claims
from calcinosis.output.site.links import Links
from tests.browser import PHONE, barriers, opened, printed, told, wider_than_screen
from tests.shared import graph
from tests.started import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.external("chromium")]

ASSETS = Path(calcinosis.output.site.__file__).parent / "assets"
# What a page tells: the rows in their order, the counts, and what stands above them.
STATE = """() => ({
  rows: [...document.querySelectorAll("#claims tbody tr")].filter(one => !one.hidden)
    .map(one => one.querySelector("a").getAttribute("href")),
  counts: [...document.querySelectorAll("#choice .count")].map(one => one.textContent),
  terms: [...document.querySelectorAll("#term option")].map(one => one.textContent),
  status: document.getElementById("count").textContent,
})"""


# Words of the shown claims, but the longest, that do not stand on one line.
BROKEN = r"""() => {
  const broken = new Set(), range = document.createRange();
  for (const cell of document.querySelectorAll("#claims :is(th, td)")) {
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode())
      for (const word of text.data.matchAll(/(?<!\S)\p{L}{8,20}(?!\S)/gu)) {
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (range.getClientRects().length > 1) broken.add(word[0]);
      }
  }
  return [...broken];
}"""


def state(page: Page) -> Any:
    return page.evaluate(STATE)


def address(page: Page) -> str:
    """Where the page says that it is; ``page.url`` hears of it later."""
    found: str = page.evaluate("() => location.href")
    return found


def tick(page: Page, name: str, value: str) -> None:
    box = page.locator(f"input[name={name}][value='{value}']")
    page.evaluate("() => document.querySelectorAll('#choice details').forEach(d => d.open = true)")
    box.click()


def test_facets_narrow_at_once_to_what_the_server_shows(browser: Browser, site: Served) -> None:
    steps: list[Callable[[Page], object]] = [
        lambda page: tick(page, "kind", "Cause"),
        lambda page: tick(page, "study_type", "case report"),
        lambda page: tick(page, "read", "text"),
        lambda page: tick(page, "kind", "Treatment"),
        lambda page: page.fill("#words", "PHOSPHÂTE"),
        lambda page: page.click("th a[data-sort=references]"),
        lambda page: page.fill("#words", ""),
        lambda page: page.select_option("#term", "ConnectiveTissueDisease"),
        lambda page: tick(page, "year", "none"),
        lambda page: page.click("th a[data-sort=year]"),
    ]
    with (
        opened(browser, site.url) as (page, _),
        opened(browser, site.url, java_script_enabled=False) as (plain, _),
    ):
        page.goto("/associations")
        seen = set()
        for step in steps:
            step(page)
            plain.goto(address(page))
            assert state(page) == state(plain), address(page)
            seen.add(address(page))
        assert len(seen) == len(steps)
        page.reload()
        assert state(page) == state(plain)
        page.click("#clear")
        assert urlsplit(address(page)).query == ""
        assert state(page)["status"].startswith("564 of 564")


def test_on_a_phone_a_claim_takes_the_width_of_the_screen(browser: Browser, site: Served) -> None:
    with opened(browser, site.url, size=PHONE, is_mobile=True) as (page, _):
        page.goto("/associations?kind=Gene")
        width = "one => one.getBoundingClientRect().width"
        for cell in page.locator("#claims tbody tr").first.locator("th, td").all():
            assert cell.evaluate(width) > 0.8 * PHONE[0]


def test_at_any_width_claims_keep_within_the_page_and_words_whole(page: Page) -> None:
    for width in (900, 1000, 1100, 1280, 375):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/associations?kind=Cause&kind=Laboratory")
        assert not (wide := wider_than_screen(page)), f"{width}: {told(wide)}"
        assert not (broken := page.evaluate(BROKEN)), f"{width}: {broken}"
        page.get_by_role("link", name="To the claims").press("Enter")
        page.wait_for_function(
            "() => document.getElementById('count').getBoundingClientRect().y < 99"
        )


def test_a_long_table_is_laid_out_in_part_and_whole_when_asked(page: Page) -> None:
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto("/associations")
    rows = page.locator("#claims tbody tr:visible")
    more = page.get_by_role("button", name="Show the other")
    more.wait_for()
    assert rows.count() == 60
    assert page.evaluate("document.documentElement.scrollHeight") < 40_000
    tick(page, "kind", "Gene")
    more.wait_for(state="hidden")
    assert rows.count() == len(state(page)["rows"])
    page.click("#clear")
    more.click()
    assert rows.count() == len(state(page)["rows"]) == 564
    assert page.evaluate(
        "document.activeElement.closest('tr') === document.querySelectorAll('#claims tbody tr')[60]"
    )


def test_a_long_answer_is_laid_out_in_part_and_whole_on_paper(page: Page) -> None:
    page.goto("/questions/bibliography")
    rows = page.locator("table.answer tbody tr")
    assert rows.count() == len(graph().library)
    assert page.locator("table.answer tbody tr:visible").count() == 60
    sheets = printed(page)
    page.get_by_role("button", name="Show the other").click()
    assert page.locator("table.answer tbody tr:visible").count() == rows.count()
    assert len(printed(page)) == len(sheets)
    assert page.evaluate("document.activeElement.closest('tr').sectionRowIndex") == 60


def test_a_very_long_answer_in_the_editor_says_so_and_its_files_stand_above(page: Page) -> None:
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto("/sparql")
    page.fill("#query", "SELECT * { ?s ?p ?o } LIMIT 2500")
    page.get_by_role("button", name="Run").click()
    told = page.locator("#answer .told")
    told.wait_for()
    assert "2,500 rows" in told.inner_text()
    assert "the first 2,000 are shown below, the files have all" in told.inner_text()
    rows = page.locator("#answer tbody tr")
    assert rows.count() == 2000
    assert page.locator("#answer tbody tr:visible").count() == 60
    files = page.locator("#answer").get_by_role("link", name="CSV")
    above, below = files.bounding_box(), rows.first.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] < below["y"]
    with page.expect_download() as got:
        files.click()
    assert len(Path(got.value.path()).read_text("utf-8").splitlines()) > 2500


def test_on_a_phone_references_are_reached_by_letters_and_words(
    browser: Browser, site: Served, page: Page
) -> None:
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto("/references")
    assert page.evaluate("document.documentElement.scrollHeight") < 4000
    page.get_by_role("link", name="R", exact=True).click()
    page.get_by_role("link", name="Reiter 2011", exact=True).wait_for()
    assert not wider_than_screen(page)
    with opened(browser, site.url, size=PHONE, java_script_enabled=False) as (plain, _):
        plain.goto("/references")
        plain.fill("#words", "reiter 2011")
        plain.get_by_role("button", name="Show").click()
        plain.get_by_role("link", name="Reiter 2011", exact=True).wait_for()
        with plain.expect_download() as got:
            plain.get_by_role("link", name="RIS").click()
        assert "Reiter" in Path(got.value.path()).read_text("utf-8")


def test_references_as_csv_are_those_shown_with_the_columns_of_their_look_up(page: Page) -> None:
    def rows(path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(page.request.get(path).text().splitlines()))

    page.goto("/references?q=reiter")
    shown = page.locator("main tbody tr").count()
    with page.expect_download() as got:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert got.value.suggested_filename == "calcinosis-references.csv"
    found = list(csv.DictReader(Path(got.value.path()).read_text("utf-8").splitlines()))
    whole = rows("/api/query/bibliography?format=csv")
    assert 0 < len(found) == shown < 20
    assert all(row in whole for row in found)
    assert "reiter-2011" in {row["references"] for row in found}
    assert sorted(map(str, rows("/references.csv"))) == sorted(map(str, whole))
    assert rows("/references.csv?q=zzzz") == []


def test_the_heat_map_follows_what_is_chosen(browser: Browser, site: Served, page: Page) -> None:
    page.goto("/associations?subtype=metastatic")
    page.click("summary:has-text('as a heat map')")
    told = page.locator("#map > p").first
    told.filter(has_text="in the 52 claims").wait_for()
    page.locator("#map figure svg").first.wait_for()
    assert not (found := barriers(page)), found
    tick(page, "kind", "Gene")
    told.filter(has_text="None of the claims").wait_for()
    assert page.locator("#map figure").count() == 0
    with opened(browser, site.url, java_script_enabled=False) as (plain, _):
        plain.goto("/associations?subtype=metastatic")
        plain.click("summary:has-text('as a heat map')")
        plain.click("#map a")
        assert dict(parse_qsl(urlsplit(plain.url).query)) == {
            "subtype": "MetastaticCalcinosisCutis"
        }


def test_filter_and_download(page: Page) -> None:
    page.goto("/associations")
    tick(page, "kind", "Gene")
    found = state(page)["rows"]
    with page.expect_download() as loading:
        page.click("text=CSV")
    text = Path(loading.value.path()).read_text(encoding="utf-8")
    ids = [row["association"] for row in csv.DictReader(io.StringIO(text))]
    assert [f"/association/{one}" for one in dict.fromkeys(ids)] == found
    page.click("text=Heat map")
    assert dict(parse_qsl(urlsplit(address(page)).query)) == {"kind": "Gene"}


def test_the_facets_work_by_keyboard_alone(page: Page) -> None:
    page.goto("/associations")
    page.focus("#words")
    page.keyboard.type("vessel")
    page.keyboard.press("Tab")  # the first facet
    page.keyboard.press("Tab")  # its first value
    page.keyboard.press("Space")
    asked = dict(parse_qsl(urlsplit(address(page)).query))
    assert set(asked) == {"q", "subtype"}
    assert len(state(page)["rows"]) > 0


def test_in_a_folder_the_script_filters_without_a_server(browser: Browser, tmp_path: Path) -> None:
    kg = graph()
    table = Table(Claims(kg.ontology, kg.lookups.lexicon), Links(root="", end=".html"))
    (tmp_path / "associations.html").write_text(table.page(Choice()), encoding="utf-8")
    shutil.copytree(ASSETS, tmp_path / "assets")
    if not (tmp_path / "assets" / "search.js").exists():
        (tmp_path / "assets" / "search.js").write_text("", encoding="utf-8")
    file = (tmp_path / "associations.html").as_uri()
    with browser.new_context() as own:
        page = own.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(file)
        tick(page, "kind", "Gene")
        tick(page, "contested", "no")
        found = state(page)
        assert "#kind=Gene&contested=no" in address(page)
        page.goto("about:blank")
        page.goto(f"{file}#kind=Gene&contested=no")
        assert state(page) == found
        assert not faults
    choice = table.claims.chosen({"kind": ["Gene"], "contested": ["no"]})
    assert len(found["rows"]) == len(table.places(choice)) > 5


def test_a_query_with_an_error_and_its_mend(page: Page) -> None:
    page.goto("/sparql")
    page.fill(
        "#query",
        "SELECT ?s {\n  ?s a calc:CauseAssociation .\n  # \U0001f9ec\n  FILTR(?s != 'x')\n}",
    )
    page.keyboard.press("Control+Enter")
    error = page.locator("#query-error")
    error.wait_for()
    assert "Line 4" in error.inner_text()
    chosen = "query.value.slice(query.selectionStart, query.selectionEnd)"
    assert page.evaluate(f"[document.activeElement.id, {chosen}]") == ["query", "FILTR"]
    assert not (found := barriers(page)), told(found)
    page.keyboard.press("Delete")
    page.keyboard.type("FILTER")
    page.keyboard.press("Control+Enter")
    page.locator("#answer .told").wait_for()
    assert re.fullmatch(r"130 rows, after \d+\.\d\d s", page.inner_text("#state"))
    assert error.count() == 0
    assert page.get_attribute("#query", "aria-invalid") is None
    page.goto(address(page))  # it can be passed on
    assert page.inner_text("#answer .told").startswith("130 rows")
    with page.expect_download() as loading:
        page.locator("#answer .chips a", has_text="CSV").click()
    assert len(Path(loading.value.path()).read_text(encoding="utf-8").splitlines()) == 131


def test_an_example_and_a_prefix_are_put_into_the_editor(page: Page) -> None:
    page.goto("/sparql")
    page.select_option("#example", "subtypes")
    page.click("text=Put into the editor")
    page.wait_for_function("() => query.value.includes('?subtype_label')")
    page.click("summary:has-text('Prefixes')")
    page.click("button[data-declare^='PREFIX MONDO:']")
    assert page.input_value("#query").startswith("PREFIX MONDO: <")
    page.click("#editor button.main")
    page.locator("#answer table").wait_for()
    page.fill("#query", f"# {'x' * 7000}\nASK {{}}")
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "() => document.querySelector('#answer .told')?.textContent.startsWith('Yes')"
    )
    assert "#query=" in address(page)
    page.reload()
    assert page.input_value("#query").endswith("ASK {}")


@pytest.mark.parametrize(
    "path",
    [
        "/heatmap?kind=Cause",
        "/associations?kind=Site&q=skin",
        "/questions/causes?subtype=metastatic",
        "/questions/by-author?author=Raiter",
        "/questions/mappings?vocabulary=MONDO",
        "/editor?query=DESCRIBE+calc:Calciphylaxis",
        "/editor?query=CONSTRUCT+WHERE+{+assoc:abcc6-gene-pseudoxanthoma-elasticum+?p+?o+}",
        "/editor?query=SELECT+*+{+?s+?p+?o+}+LIMIT+100",
    ],
)
def test_nobody_is_kept_out_of_answers(browser: Browser, site: Served, path: str) -> None:
    looks: list[dict[str, Any]] = [{}, {"color_scheme": "dark"}, {"size": PHONE, "is_mobile": True}]
    for look in looks:
        with opened(browser, site.url, **look) as (page, _):
            page.goto(path)
            assert not (found := barriers(page)), told(found)
            assert not (wide := wider_than_screen(page)), told(wide)
