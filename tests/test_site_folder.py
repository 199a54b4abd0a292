"""The pages as a folder of files: all are there, every link leads somewhere, nothing is foreign."""

from __future__ import annotations

from pathlib import Path
from posixpath import join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

import calcinosis
from calcinosis.graph.lexicon import REFERENCE
from tests.browser import opened
from tests.pages_asked import read
from tests.started import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

_LOADING = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}
_NTH = 40


@pytest.fixture(scope="module")
def files(kg: calcinosis.KnowledgeGraph) -> dict[str, bytes]:
    """The files of the export by name."""
    return kg.export("site").files


@pytest.fixture(scope="module")
def folder(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a folder on the disk, with a blank in its name."""
    place = tmp_path_factory.mktemp("the site")
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place


def test_every_term_claim_reference_and_viewpoint_has_a_page(
    kg: calcinosis.KnowledgeGraph, files: dict[str, bytes]
) -> None:
    shown = {
        f"reference/{entry.id}" if entry.kind == REFERENCE else entry.id
        for entry in kg.lookups.lexicon.entries.values()
    }
    shown |= {f"association/{one.id}" for one in kg.ontology.claims.associations.values()}
    shown |= {f"viewpoint/{name}" for name in kg.ontology.viewpoints()}
    assert not {path for path in shown if f"{path}.html" not in files}
    assert {"index.html", "search.html", "about.html", "questions.html"} <= set(files)
    # Names that differ by case alone are one file on some disks.
    assert len({name.casefold() for name in files}) == len(files)


def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(
    files: dict[str, bytes],
) -> None:
    parts: dict[str, set[str]] = {}
    links: dict[str, set[str]] = {}
    for name, content in files.items():
        if not name.endswith(".html"):
            continue
        page = html.document_fromstring(content)
        parts[name] = {str(one) for one in page.xpath("//@id")}
        links[name] = {str(one) for one in page.xpath("//@href | //@action | //@data-index")}
        loaded = [
            one.get(attribute)
            for tag, attribute in _LOADING.items()
            for one in page.iter(tag)
            if one.get(attribute)
        ]
        foreign = [one for one in loaded if urlsplit(one).scheme or one.startswith("/")]
        assert not foreign, (name, foreign)
        assert not page.xpath("//@style | //@onclick"), name
    broken = []
    for name, found in links.items():
        for link in found:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            assert not link.startswith("/"), (name, link)
            path = unquote(address.path)
            target = normpath(join(name.rpartition("/")[0], path)) if path else name
            there = {"", *parts.get(target, set())}
            if target not in files or address.fragment not in there:
                broken.append((name, link))
    assert not broken, broken[:20]
    styles = (files[name].decode() for name in files if name.endswith(".css"))
    assert not any("url(" in text or "@import" in text for text in styles)


def test_pages_are_strict_html(files: dict[str, bytes]) -> None:
    pages = [name for name in files if name.endswith(".html")]
    chosen = {*pages[::_NTH], *(name for name in pages if name[0].islower() and "/" not in name)}
    for name in sorted(chosen):
        read(files[name].decode())


def test_the_folder_is_the_same_each_time(
    kg: calcinosis.KnowledgeGraph, files: dict[str, bytes]
) -> None:
    again = kg.export("site").parts()
    for name in ("index.html", "Calciphylaxis.html", "assets/search-index.js", "terms.html"):
        assert b"".join(again[name]) == files[name]


@pytest.mark.external("chromium")
def test_the_folder_is_read_and_searched_from_the_disk(browser: Browser, folder: Path) -> None:
    with opened(browser, folder.as_uri()) as (page, _):
        page.goto((folder / "index.html").as_uri())
        box = page.get_by_role("combobox")
        box.fill("werner syndrom")
        options = page.get_by_role("option")
        options.first.wait_for()
        assert "Werner syndrome" in options.first.inner_text()
        box.press("ArrowDown")
        assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
        box.press("Enter")
        page.wait_for_url("**/WernerSyndrome.html")
        assert page.get_by_role("heading", level=1).inner_text() == "Werner syndrome"
        page.get_by_role("link", name="Honjo 2008").first.click()
        page.wait_for_url("**/reference/honjo-2008.html")
        again = page.get_by_role("combobox")
        again.fill("MONDO:0010196")
        page.get_by_role("option", name="Werner syndrome").first.wait_for()
        again.fill("calcifilaxis")
        again.press("Enter")
        page.wait_for_url("**/search.html?q=calcifilaxis")
        page.locator("#found li").first.wait_for()
        assert "calciphylaxis" in page.locator("#found").inner_text().casefold()
        page.get_by_role("link", name="calciphylaxis", exact=True).click()
        page.wait_for_url("**/Calciphylaxis.html")


@pytest.mark.external("chromium")
def test_what_is_near_is_found_in_a_folder_as_by_a_server(
    browser: Browser, folder: Path, site: Served
) -> None:
    for query, begins, meant in (
        ("calcifilaxis", "calciphylaxis", "nigwekar 2018"),
        ("myositis", "myositis-specific antibody", "polymyositis"),
        ("sclerodermo", "sclerodermoid skin change", "scleroderma"),
    ):
        orders = []
        for place in ((folder / "search.html").as_uri(), f"{site.url}/search"):
            with opened(browser, folder.as_uri()) as (page, _):
                page.goto(f"{place}?q={query}")
                page.locator("#found li").first.wait_for()
                links = page.locator("#found li > a").all_inner_texts()
                assert {begins, meant} <= {one.casefold() for one in links}, place
                orders.append([one.casefold() for one in links[:5]])
        assert orders[0] == orders[1], query


@pytest.mark.external("chromium")
def test_pages_need_no_script(browser: Browser, site: Served) -> None:
    with opened(browser, site.url, java_script_enabled=False) as (page, _):
        page.goto("/")
        page.get_by_role("searchbox").fill("werner syndrom")
        page.get_by_role("button", name="Search").click()
        page.wait_for_url("**/search?q=werner+syndrom")
        page.get_by_role("link", name="Werner syndrome", exact=True).click()
        page.wait_for_url("**/WernerSyndrome")
        page.get_by_text("RIS", exact=True).last.click()
        assert page.get_by_text("TY  - ELEC").is_visible()
        page.get_by_role("link", name="Honjo 2008").first.click()
        page.wait_for_url("**/reference/honjo-2008")
