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
    "criterion": "/WithTissueDamage",
    "analyte": "/Phosphate",
    "reference": "/reference/reiter-2011",
    "web page": "/reference/medscape-calcinosis-cutis",
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
    "refused": "/questions/cuses",
}
MISSING = ("unknown", "refused")


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_kept_out(browser: Browser, site: Served, name: str) -> None:
    found = {}
    with opened(browser, site.url) as (page, watched):
        watched.allowed |= {404} if name in MISSING else set()
        page.goto(PAGES[name])
        found["light"] = [*barriers(page), *wider_than_screen(page)]
        page.emulate_media(color_scheme="dark")
        found["dark"] = barriers(page)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        found["phone"] = [*barriers(page), *wider_than_screen(page)]
    assert not any(found.values()), "\n".join(f"{look}: {told(of)}" for look, of in found.items())


@pytest.mark.parametrize("name", [name for name in PAGES if name not in MISSING])
def test_it_prints(browser: Browser, site: Served, name: str) -> None:
    with opened(browser, site.url) as (page, _):
        page.goto(PAGES[name])
        sheets = printed(page)
        assert sheets, "no paper"
        assert min(sheets) > 5, f"an empty sheet: {sheets}"
