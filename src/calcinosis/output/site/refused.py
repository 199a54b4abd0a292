"""The page that says that a request was not answered: what happened, why, and where to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from calcinosis.output.markup import Markup, bullets, join, tag
from calcinosis.output.site.frame import page, search_form
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import copied

_SAID: Final = {
    400: "The request was not understood",
    404: "There is no such page",
    405: "This address is not opened like a page",
    406: "There is no such form of this page",
    408: "The request came too slowly",
    413: "That is too much for this server",
    414: "The address is too long",
    415: "What was sent is in no form that is read here",
    421: "The server is not asked by this name",
    422: "What was sent cannot be used",
    431: "The headers are too long",
    500: "The program stumbled",
    501: "This server cannot do that",
    503: "The server could not answer",
    504: "It took too long",
}


def refused_page(
    status: int, lines: Sequence[str], excerpt: str, ways: Sequence[tuple[str, str]], links: Links
) -> str:
    """The page for a status of HTTP.

    The first of ``lines`` says what was wrong, the others each a single fault; ``excerpt`` is the
    text at fault, and ``ways`` are paths with words for them, beside the home and a search.
    """
    title = _SAID.get(status, "The request was not answered")
    first, *others = lines
    places = [tag("a", words, href=links.to(path)) for path, words in (*ways, ("", "Home"))]
    return page(
        title,
        tag("h1", title),
        tag("p", first, class_="lead"),
        copied(excerpt) if excerpt else Markup(),
        bullets([join(one) for one in others]),
        tag("h2", "Go on"),
        search_form(links, "", "search-here"),
        bullets(places),
        links=links,
        searches=True,
    )
