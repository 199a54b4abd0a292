"""Every kind of page as people may see it: light, dark, on a phone, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import PHONE, barriers, opened, printed, told, wider_than_screen
from tests.started import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.external("chromium")]

PAGES = {
    "home": "/",
    "term": "/WernerSyndrome",
    "subtype": "/Calciphylaxis",
    "criterion": "/WithNormalMineral",
    "analyte": "/SerumPhosphate",
    "reference": "/reference/reiter-2011",
    "claim": "/association/werner-syndrome-causes-dystrophic",
    "found": "/search?q=dermatomyositis",
    "associations": "/associations",
    "questions": "/questions",
    "question": "/questions/causes",
    "patient": "/patient",
    "cohort": "/cohort",
    "sparql": "/sparql",
    "viewpoints": "/viewpoints",
    "references": "/references",
    "about": "/about",
    "API": "/api",
    "unknown": "/NoSuchTerm",
}
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"size": PHONE, "has_touch": True, "is_mobile": True},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_kept_out(browser: Browser, site: Served, name: str, look: str) -> None:
    with opened(browser, site.url, **LOOKS[look]) as (page, watched):
        watched.allowed |= {404} if name == "unknown" else set()
        page.goto(PAGES[name])
        assert not (found := barriers(page)), told(found)
        assert not (found := wider_than_screen(page)), told(found)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "unknown"])
def test_it_prints(browser: Browser, site: Served, name: str) -> None:
    with opened(browser, site.url) as (page, _):
        page.goto(PAGES[name])
        sheets = printed(page)
        assert sheets, "no paper"
        assert min(sheets) > 5, f"an empty sheet: {sheets}"
