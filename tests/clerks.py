"""The pages that clerks make, asked over ASGI with a clerk in this process, and their forms."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import lxml.html
from starlette.applications import Starlette

import calcinosis
from calcinosis.errors import CalcinosisError
from calcinosis.output.site.links import Links
from calcinosis.web import cohort, patient
from calcinosis.web.children import Pool
from calcinosis.web.desk import Desk
from calcinosis.web.refusals import HANDLERS
from calcinosis.web.state import Bounds, Site
from calcinosis.web.verbs import VERBS

Element = Any
"""An element of lxml, which has no types."""
_EDGE = "a-line-that-no-file-holds"


class _Clerk:
    """Answers as the process of a clerk does, with what it is sent through JSON."""

    def __init__(self, kg: calcinosis.KnowledgeGraph) -> None:
        self._desk = Desk(kg)

    async def ask(
        self, request: Mapping[str, Any], _seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        asked = json.loads(json.dumps(request))
        with self._desk.laid(asked.get("files", [])) as paths:
            try:
                return VERBS[asked["verb"]](self._desk, asked, paths)
            except CalcinosisError as error:
                said = {"what": error.what, "where": error.where, "cure": error.cure}
                return {"kind": "error", "error": type(error).__name__, **said}, b""


@dataclass(frozen=True)
class Answer:
    """A response: status, headers, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @cached_property
    def page(self) -> Element:
        return lxml.html.document_fromstring(self.text)


class Pages:
    """The pages for a patient and for a cohort of one graph."""

    def __init__(self, kg: calcinosis.KnowledgeGraph) -> None:
        self._app = Starlette(routes=[*patient.ROUTES, *cohort.ROUTES], exception_handlers=HANDLERS)
        clerk = cast("Pool", _Clerk(kg))
        self._app.state.site = Site(kg, clerk, clerk, Bounds(), Links(edition="tests"))

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, b"", {})

    def post(
        self, path: str, fields: Iterable[tuple[str, str]], **files: tuple[str, bytes]
    ) -> Answer:
        """Send a form with files, each a name and bytes."""
        body = b"".join(_parts(fields, files))
        return self._ask(
            "POST", path, body, {"content-type": f"multipart/form-data; boundary={_EDGE}"}
        )

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        given = {"host": "127.0.0.1", "accept": "text/html", **headers}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "http",
            "headers": [(key.encode(), value.encode()) for key, value in given.items()],
            "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "root_path": "",
        }  # fmt: skip
        sent: list[dict[str, Any]] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop() if waiting else await asyncio.Future()

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self._app(scope, receive, send))
        start = sent[0]
        told = {key.decode().casefold(): value.decode() for key, value in start["headers"]}
        return Answer(start["status"], told, b"".join(one.get("body", b"") for one in sent))


@contextmanager
def pages(kg: calcinosis.KnowledgeGraph, folder: Path) -> Iterator[Pages]:
    """The pages; what is sent lies in the folder meanwhile, which a clerk empties."""
    with chdir(folder):
        yield Pages(kg)


def _parts(
    fields: Iterable[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]
) -> Iterator[bytes]:
    for name, value in fields:
        yield f'--{_EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        yield f"{value}\r\n".encode()
    for name, (filename, data) in files.items():
        yield (
            f'--{_EDGE}\r\nContent-Disposition: form-data; name="{name}"; '
            f'filename="{filename}"\r\n\r\n'
        ).encode()
        yield data + b"\r\n"
    yield f"--{_EDGE}--\r\n".encode()


# -- what stands on a page -----------------------------------------------------------------


def words(element: Element | None) -> str:
    """The text of an element on one line."""
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def by_id(page: Element, name: str) -> Element:
    """The element with an id."""
    found = page.find(f".//*[@id='{name}']")
    assert found is not None, f"there is no {name}"
    return found


def form_fields(form: Element) -> list[tuple[str, str]]:
    """What a browser would send of a form without its buttons and files."""
    return [*_fields(form)]


def _fields(form: Element) -> Iterator[tuple[str, str]]:
    for one in form.iter():
        name = one.get("name", "")
        if one.tag == "input" and name:
            kind = one.get("type", "text")
            if kind in ("checkbox", "radio") and one.get("checked") is None:
                continue
            if kind != "file":
                yield name, one.get("value", "on")
        elif one.tag == "select" and name:
            options = one.findall("option")
            chosen = [option for option in options if option.get("selected") is not None]
            yield name, (chosen or options)[0].get("value", "")
        elif one.tag == "textarea" and name:
            yield name, one.text or ""


def buttons(page: Element, text: str) -> list[tuple[str, str]]:
    """What the buttons whose label begins so would send."""
    return [
        (one.get("name", ""), one.get("value", ""))
        for one in page.iter("button")
        if (one.get("aria-label") or words(one)).startswith(text)
    ]


def standings(page: Element) -> dict[str, str]:
    """The verdict on each subtype in the first table of verdicts, by its label."""
    found: dict[str, str] = {}
    for row in page.iter("tr"):
        mark = row.find("td/b[@data-is]")
        if mark is not None:
            found.setdefault(words(row.find("th")).casefold(), mark.get("data-is", ""))
    return found


def state(page: Element) -> dict[str, Any]:
    """The state of the page for a patient, as an address would hold it."""
    section = page.find(".//section[@data-state]")
    assert section is not None
    found: dict[str, Any] = json.loads(section.get("data-state", ""))
    return found


def links(element: Element) -> list[str]:
    """Where the links of an element lead, in order."""
    return [re.sub(r"#.*", "", one.get("href", "")) for one in element.iter("a")]
