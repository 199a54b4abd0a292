"""Pages for people, and the same things for programs, each at the path of its IRI."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route

from calcinosis.errors import did_you_mean
from calcinosis.output.site import about, found, home
from calcinosis.output.site.folder import assets
from calcinosis.output.site.forms import HTML as HTML_FORM
from calcinosis.output.site.forms import WHOLE, Forms
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.references import SHEET, WORDS, references_page, with_words
from calcinosis.web import api_lookups
from calcinosis.web.exports import Exports
from calcinosis.web.hangup import while_connected
from calcinosis.web.named import file_name
from calcinosis.web.negotiate import best, is_known
from calcinosis.web.refusals import RefusedError, form_of
from calcinosis.web.state import Site, site

HTML: Final = "text/html"
ONTOLOGY: Final = "ontology"
_UTF8: Final = "; charset=utf-8"
_MEDIA: Final = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "json": "application/json",
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "owl": "application/rdf+xml",
}
"""The forms beside HTML by how their addresses end."""
_ASSETS: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_LINKED: Final = "Accept"
_NEAREST: Final = 3
Make = Callable[[Known, Links], str]


@dataclass
class Shelf:
    """What the pages of one server are made of; what makes them works one at a time."""

    site: Site

    def __post_init__(self) -> None:
        self.one_at_a_time = anyio.CapacityLimiter(1)
        self.places: dict[Make, bytes] = {}

    @cached_property
    def known(self) -> Known:
        """The ontology as pages show it."""
        return Known(self.site.kg.lookups)

    @cached_property
    def forms(self) -> Forms:
        """The same for programs."""
        return Forms(self.known)

    @cached_property
    def assets(self) -> Mapping[str, bytes]:
        """Style sheets, scripts, pictures, and the index of the box for searching."""
        return {**assets(), found.INDEX: found.index(self.known).encode()}


def routes() -> list[BaseRoute]:
    """The routes of pages; the last takes every path, so they stand after all others."""
    return [
        Route("/", _place(home.home_page)),
        Route("/terms", _place(found.terms_page)),
        Route("/references", _references),
        Route("/references.csv", _sheet),
        Route("/references.{end}", _cited),
        Route("/about", _place(about.about_page)),
        Route("/search", _search),
        Route("/assets/{name}", _asset),
        Route("/{path:path}", _thing),
    ]


def _shelf(request: Request) -> Shelf:
    return site(request).once(Shelf)


async def _made(request: Request, make: Callable[[Shelf], str | bytes]) -> bytes:
    """What a function makes, in a thread, so that other requests go on."""
    shelf = _shelf(request)
    text = await anyio.to_thread.run_sync(make, shelf, limiter=shelf.one_at_a_time)
    return text.encode() if isinstance(text, str) else text


def _place(make: Make) -> Callable[[Request], Awaitable[Response]]:
    """The handler of a page that is always the same, and so is made once."""

    async def handled(request: Request) -> Response:
        links, places = site(request).links, _shelf(request).places
        if make not in places:
            places[make] = await _made(request, lambda shelf: make(shelf.known, links))
        return _answer(request, places[make], HTML)

    return handled


_all_references = _place(references_page)


async def _references(request: Request) -> Response:
    """The page of the references, all or those that have some words."""
    asked, links = _words(request), site(request).links
    if not asked:
        return await _all_references(request)
    body = await _made(request, lambda shelf: references_page(shelf.known, links, asked))
    return _answer(request, body, HTML)


def _words(request: Request) -> str:
    return " ".join(request.query_params.get(WORDS, "").split())[: found.LONGEST]


async def _cited(request: Request) -> Response:
    """All references as BibTeX or RIS, or exactly those that the page shows for the same words."""
    end, asked = request.path_params["end"], _words(request)
    if end not in ("bib", "ris"):
        raise RefusedError(
            404, "there is no such form", end[: found.LONGEST], "There are bib, ris, csv"
        )

    def make(shelf: Shelf) -> str:
        shown = [one.key for one in with_words(shelf.known, asked)] if asked else []
        if asked and not shown:
            return ""
        every = shelf.site.kg.cite(*shown)
        return every.bibtex() if end == "bib" else every.ris()

    body = await _made(request, make)
    return _answer(request, body, _MEDIA[end], name=file_name("references", ending=end))


async def _sheet(request: Request) -> Response:
    """The look-up of all references as CSV: the rows that the page shows, in its order."""
    table, asked = await api_lookups.asked(request, SHEET, {}), _words(request)

    def make(shelf: Shelf) -> str:
        from calcinosis.output.words.answer import written

        by_key = {str(row.plain()["references"]): row for row in table.solutions}
        rows = (by_key.get(one.key) for one in with_words(shelf.known, asked))
        shown = replace(table, solutions=tuple(row for row in rows if row is not None))
        return written(shown, "csv", shelf.site.kg.prefixes)

    body = await _made(request, make)
    return _answer(request, body, "text/csv", name=file_name("references", ending="csv"))


async def _search(request: Request) -> Response:
    asked = request.query_params.get("q", "").strip()[: found.LONGEST]
    links = site(request).links

    def make(shelf: Shelf) -> str:
        hits = shelf.site.kg.search(asked, found.MOST) if asked else []
        return found.search_page(asked, hits, shelf.known, links)

    return _answer(request, await _made(request, make), HTML)


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    media_type = _ASSETS.get(name.rpartition(".")[2])

    def make(shelf: Shelf) -> bytes:
        return shelf.assets.get(name, b"")

    body = await _made(request, make)
    if not body or media_type is None:
        raise RefusedError(404, "there is no such file", name[: found.LONGEST], "Begin at the home")
    return _answer(request, body, media_type)


async def _thing(request: Request) -> Response:
    """What the path names, in the form that its end or else the header Accept asks for."""
    path, end = _parted(request.path_params["path"])
    links = site(request).links
    offered = await anyio.to_thread.run_sync(
        lambda: _shelf(request).forms.of(path), limiter=_shelf(request).one_at_a_time
    )
    if not offered:
        _check_method(request)
        if path.endswith("/") and _shelf(request).forms.of(path.rstrip("/")):
            return RedirectResponse(request.url.replace(path=f"/{path.rstrip('/')}"), 308)
        return await _missing(request, path)
    form = end or _wanted(request, offered)
    if form not in offered:
        known = ", ".join(f"{path}.{one}" for one in offered if one != HTML_FORM)
        raise RefusedError(404, f"{path} has no form .{form}", "", f"There are {known}")
    if form == HTML_FORM and (elsewhere := _elsewhere(path, links, _shelf(request).forms)):
        return RedirectResponse(elsewhere, 303, {"Vary": _LINKED})
    if path == ONTOLOGY and form in WHOLE:
        exports: Exports = request.app.state.exports
        body = await while_connected(request, exports.get(WHOLE[form]))
    else:
        body = await _made(request, lambda shelf: shelf.forms.written(path, form, links))
    name = file_name(path.rpartition("/")[2], ending=form) if form in _MEDIA else ""
    return _answer(request, body, _MEDIA.get(form, HTML), varies=not end, name=name)


def _check_method(request: Request) -> None:
    """HTTPException 405 where another route has the address, but not with that method."""
    partial = (
        route
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is Match.PARTIAL
    )
    allowed = sorted({method for route in partial for method in route.methods or ()})
    if allowed:
        raise HTTPException(405, headers={"Allow": ", ".join(allowed)})


def _parted(path: str) -> tuple[str, str]:
    """A path without the ending that names a form, and that form; empty where it has none."""
    before, dot, end = path.rpartition(".")
    return (before, end) if dot and end in _MEDIA else (path.removesuffix(".html"), "")


def _elsewhere(path: str, links: Links, forms: Forms) -> str:
    """Where the page is of what stands on the page of something else that is there; else empty."""
    address, mark, _ = found_at = links.at(path).partition("#")
    is_there = mark and forms.of(address.removeprefix(links.root))
    return "".join(found_at) if is_there else ""


def _wanted(request: Request, offered: tuple[str, ...]) -> str:
    types = {_MEDIA.get(form, HTML): form for form in offered}
    chosen = best(request.headers.get("accept"), tuple(types))
    if chosen is None:
        known = ", ".join(types)
        raise RefusedError(406, "it is not given in that form", "Accept", f"There are {known}")
    return types[chosen]


async def _missing(request: Request, path: str) -> Response:
    """That there is no such page, with the nearest; programs get that as every refusal."""
    links = site(request).links
    words = path.rpartition("/")[2][: found.LONGEST]
    is_page = form_of(request) == HTML

    def make(shelf: Shelf) -> str:
        hits = shelf.site.kg.search(words, 5) if words.strip() else []
        if is_page:
            return found.missing_page(path, hits, shelf.known, links)
        return did_you_mean([links.of(hit.entry.iri) for hit in hits[:_NEAREST]])

    body = await _made(request, make)
    if not is_page:
        cure = body.decode() or "Begin at the home"
        raise RefusedError(404, "there is nothing at this address", "", cure)
    return Response(body, 404, {"Vary": _LINKED}, HTML + _UTF8)


def _answer(
    request: Request, body: bytes, media_type: str, *, varies: bool = False, name: str = ""
) -> Response:
    """The body with its tag, or that the client has it already; ``name`` is one to keep it by.

    The tag is weak: it is the same whether the body is packed on its way or not.
    """
    told = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": told, "Cache-Control": "no-cache"}
    if varies:
        headers["Vary"] = _LINKED
    if name:
        headers["Content-Disposition"] = f'inline; filename="{name}"'
    if media_type != HTML:
        headers["Access-Control-Allow-Origin"] = "*"  # pages of anybody may read data
    if is_known(request.headers.get("if-none-match"), told):
        return Response(status_code=304, headers=headers)
    text = media_type.startswith("text/") or media_type in _AS_TEXT
    return Response(body, 200, headers, media_type + (_UTF8 if text else ""))


_AS_TEXT: Final = ("application/x-bibtex", "application/x-research-info-systems")
