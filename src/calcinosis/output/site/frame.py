"""What all pages of the site share: head, navigation, foot."""

from __future__ import annotations

from typing import Final

from calcinosis.output.markup import Markup, tag
from calcinosis.output.site.links import Links

# Path, words; a path that needs a server is left out of a folder of files.
PLACES: Final = (
    ("associations", "Associations", False),
    ("questions", "Questions", False),
    ("patient", "Patient", True),
    ("cohort", "Cohort", True),
    ("sparql", "SPARQL", True),
    ("viewpoints", "Viewpoints", False),
    ("references", "References", False),
    ("about", "About", False),
)


def page(
    title: str,
    *body: Markup,
    links: Links,
    here: str = "",
    scripts: tuple[str, ...] = (),
    head: Markup | None = None,
) -> str:
    """A whole page; ``here`` is the path of the place in the navigation that it belongs to.

    ``scripts`` are names of assets; ``head`` is markup for the head, such as links to other forms.
    """
    top = tag(
        "head",
        Markup('<meta charset="utf-8">\n'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">\n'),
        tag("title", title if title == "calcinosis" else f"{title} · calcinosis"),
        Markup(f'<link rel="stylesheet" href="{links.asset("site.css")}">\n'),
        head or Markup(),
        *(Markup(f'<script src="{links.asset(name)}" defer></script>\n') for name in scripts),
    )
    content = tag(
        "body",
        tag("a", "Skip to the content", href="#content", class_="skip"),
        tag("header", tag("a", "calcinosis", href=links.to(), class_="home"), _nav(links, here)),
        tag("main", *body, id="content"),
        tag("footer", tag("p", "Research software, not medical advice.")),
    )
    return f'<!DOCTYPE html>\n<html lang="en">\n{top}{content}</html>\n'


def _nav(links: Links, here: str) -> Markup:
    items = (
        tag(
            "li",
            tag("a", words, href=links.to(path), aria_current="page" if path == here else None),
        )
        for path, words, needs_server in PLACES
        if links.is_live or not needs_server
    )
    return tag("nav", tag("ul", *items), aria_label="Places")
