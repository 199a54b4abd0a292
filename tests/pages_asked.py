"""Requests to the pages of a server in this process, and pages as people read them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import html5lib
from starlette.applications import Starlette

from calcinosis.api import KnowledgeGraph
from calcinosis.output.site.frame import edition
from calcinosis.output.site.links import Links
from calcinosis.web import pages
from calcinosis.web.exports import Exports
from calcinosis.web.refusals import HANDLERS
from calcinosis.web.state import Bounds, Site
from calcinosis.web.verbs import VERBS


@dataclass(frozen=True)
class Answered:
    """A response: its status, headers in small letters, and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def kind(self) -> str:
        """The media type without its parameters."""
        return self.headers["content-type"].partition(";")[0]


class Here:
    """Stands for the processes that work for the pages: it works in this one."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self._kg = kg

    def graph(self, given: object) -> KnowledgeGraph:
        """The graph, whatever the settings."""
        assert not given
        return self._kg

    async def ask(self, request: dict[str, Any], seconds: float) -> tuple[dict[str, Any], bytes]:
        """What a process answers."""
        assert seconds > 0
        return VERBS[request["verb"]](cast("Any", self), request, ())

    async def close(self) -> None:
        """There is nothing to end."""


@cache
def pages_of(kg: KnowledgeGraph) -> Starlette:
    """The pages of a graph without processes beside this one."""
    app = Starlette(routes=pages.routes(), exception_handlers=cast("Any", HANDLERS))
    links = Links(edition=edition(kg.ontology))
    nobody = cast("Any", None)
    app.state.site = Site(kg, nobody, nobody, Bounds(), links)
    app.state.exports = Exports(lambda: cast("Any", Here(kg)))
    return app


def asked(
    kg: KnowledgeGraph, target: str, accept: str = "text/html", method: str = "GET", **more: str
) -> Answered:
    """What the pages of a graph answer; ``more`` are further headers."""
    path, _, query = target.partition("?")
    headers = {"host": "127.0.0.1", "accept": accept, **more}
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (key.replace("_", "-").encode(), said.encode()) for key, said in headers.items()
        ],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }

    waiting = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(pages_of(kg)(scope, receive, send))
    told = {key.decode().lower(): said.decode() for key, said in sent[0]["headers"]}
    body = b"".join(one.get("body", b"") for one in sent[1:])
    return Answered(sent[0]["status"], told, body)


def read(text: str) -> Element:
    """A page as a strict reader of HTML takes it; ParseError for any fault."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    found: Element = parser.parse(text)
    return found


def words(page: Element) -> str:
    """All that a page says within its main part, runs of blanks as one."""
    main = next(page.iter("main"))
    return " ".join(" ".join(main.itertext()).split())


def addresses(page: Element) -> Iterator[tuple[str, str]]:
    """Every address that a page leads to or loads, with the element that says so."""
    for element in page.iter():
        for name in ("href", "src", "action", "data-index", "{http://www.w3.org/1999/xlink}href"):
            if name in element.attrib:
                yield str(element.tag), element.attrib[name]
