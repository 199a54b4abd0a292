"""Pages in Debian's Chromium, and all that a user of them would not see go wrong."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from shutil import which
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request, Response

PHONE = (375, 720)
"""The width and height of a small screen."""
_LOCAL = ("about", "blob", "data", "file")
_GONE_ON = "net::ERR_ABORTED"  # a page that is left, a download, a question asked anew
_SERIOUS = ("serious", "critical")
# Of rows, entries and choices that are all alike the first are looked at: each costs its time.
_AXE = """async () => (await axe.run(
  {exclude: [["tr:nth-child(n+25)"], ["li:nth-child(n+40)"], ["option:nth-child(n+10)"]]},
  {resultTypes: ["violations"]})).violations.map(
  found => [found.impact, found.id, found.help, found.nodes.map(node => node.html).slice(0, 5)])"""
# As Chromium writes a PDF: a stream a sheet, which begins by turning the axis upside down.
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SHEET = re.compile(rb"[.\d]+ 0 0 -[.\d]+ 0 [.\d]+ cm\n")
_MARK = re.compile(rb"\bTj\b|^(?:[fSB]\*?|sh)$|\bDo\b", re.MULTILINE)
_WIDER = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return [];
  return [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > most + 0.5)
    .map(one => one.outerHTML.slice(0, 120)).slice(-5).concat(
      document.documentElement.scrollWidth + " px wide, not " + most);
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that knows no other host than this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=which("chromium"),
            # It runs as whoever runs the tests, in CI as root, where its sandbox does not start.
            chromium_sandbox=False,
            args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """What went wrong on a page since it was opened; ``allowed`` are statuses that a test wants."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        self.allowed: set[int] = set()
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, kind: str, text: str) -> None:
        wanted = any(f"status of {status} " in text for status in self.allowed)
        if kind in ("error", "warning") and not wanted:
            self.faults.append(f"console: {text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in _LOCAL and address.hostname != "127.0.0.1":
            self.faults.append(f"asked elsewhere: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != _GONE_ON:
            self.faults.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.allowed:
            self.faults.append(f"{response.status}: {response.url}")


@contextmanager
def opened(browser: Browser, url: str, **context: Any) -> Iterator[tuple[Page, Watched]]:
    """A page of its own context, below ``url``; AssertionError at the end for what went wrong."""
    width, height = context.pop("size", (1280, 900))
    with browser.new_context(
        base_url=url, viewport={"width": width, "height": height}, **context
    ) as own:
        own.set_default_timeout(30_000)
        page = own.new_page()
        watched = Watched(page)
        yield page, watched
        page.wait_for_load_state()
        assert not watched.faults, watched.faults


def barriers(page: Page) -> list[Any]:
    """What axe-core finds serious or critical on the page as it is now."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found: list[Any] = page.evaluate(_AXE)
    return [one for one in found if one[0] in _SERIOUS]


def wider_than_screen(page: Page) -> list[str]:
    """What makes the page scroll sideways; nothing where it does not."""
    found: list[str] = page.evaluate(_WIDER)
    return found


def printed(page: Page) -> list[int]:
    """How many marks, of text or of pictures, stand on each sheet of paper."""
    drawn = [_inflated(stream) for stream in _STREAM.findall(page.pdf())]
    return [len(_MARK.findall(sheet)) for sheet in drawn if _SHEET.match(sheet)]


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""  # a picture in a form of its own


def told(found: list[Any]) -> str:
    """Findings as lines."""
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in found)
