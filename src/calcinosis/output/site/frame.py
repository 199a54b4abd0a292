"""What all pages of the site share: head, navigation, foot."""

from __future__ import annotations

from typing import Final

import calcinosis
from calcinosis import names
from calcinosis.graph.ontology import Ontology
from calcinosis.output.markup import Markup, join, tag, void
from calcinosis.output.site.links import Links
from calcinosis.output.wording import capital

NAME: Final = "calcinosis"
_OWN: Final = "search-all"

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
    searches: bool = False,
) -> str:
    """A whole page; ``here`` is the path of the place in the navigation that it belongs to.

    ``scripts`` are names of assets; ``head`` is markup for the head, such as links to other forms;
    ``searches`` says that the page has a box for searching of its own.
    """
    top = tag(
        "head",
        Markup('<meta charset="utf-8">\n'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">\n'),
        tag("title", title if title == NAME else f"{title} · {NAME}"),
        style_sheet(links, "site.css"),
        Markup(f'<link rel="icon" type="image/svg+xml" href="{links.asset("icon.svg")}">\n'),
        head or Markup(),
        *(
            Markup(f'<script src="{links.asset(name)}" defer></script>\n')
            for name in ("search.js", *scripts)
        ),
    )
    content = tag(
        "body",
        tag("a", "Skip to the content", href="#content", class_="skip"),
        tag(
            "header",
            tag("a", NAME, href=links.to(), class_="brand"),
            Markup() if searches else search_form(links, "", _OWN),
            _nav(links, here),
        ),
        tag("main", *body, id="content", tabindex="-1"),
        _foot(links),
    )
    return f'<!DOCTYPE html>\n<html lang="en">\n{top}{content}</html>\n'


def style_sheet(links: Links, name: str) -> Markup:
    """What the head of a page says to have the looks of an asset."""
    return Markup(f'<link rel="stylesheet" href="{links.asset(name)}">\n')


def edition(ontology: Ontology) -> str:
    """Which versions of program and graph a page is made of, and by which viewpoint."""
    day = (ontology.root.text(names.ONTOLOGY, names.DCTERMS + "issued") or "")[:10]
    graph = f"graph {ontology.version} of {day}" if day else f"graph {ontology.version}"
    view = ontology.terms.label(ontology.viewpoint_iri)
    changed = f" {capital(ontology.changed_words)}." if ontology.changed_words else ""
    return f"Program {calcinosis.__version__}, {graph}, viewpoint: {view}.{changed}"


def search_form(links: Links, asked: str, name: str) -> Markup:
    """The box for searching, which works without a script; ``name`` is its id on the page."""
    return tag(
        "form",
        tag("label", "Search the graph", for_=name, class_="unseen"),
        void(
            "input",
            id=name,
            name="q",
            type="search",
            value=asked,
            placeholder="Term, code or reference",
            autocomplete="off",
            spellcheck="false",
            data_index=links.asset("search-index.js"),
            data_root=links.root,
            data_end=links.end,
        ),
        tag("button", "Search", type="submit"),
        action=links.to("search"),
        role="search",
        aria_label=None if name == _OWN else "Search of this page",
        class_="search",
    )


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


def _foot(links: Links) -> Markup:
    said = join(
        "Data: ",
        tag("a", "CC BY 4.0", href="https://creativecommons.org/licenses/by/4.0/"),
        "; software: ",
        tag("a", "Apache 2.0", href="https://www.apache.org/licenses/LICENSE-2.0"),
        "; terms of other vocabularies under ",
        tag("a", "their own licences", href=f"{links.to('about')}#licences"),
        ".",
    )
    return tag(
        "footer",
        tag("p", "Research software, not medical advice."),
        *((tag("p", links.edition),) if links.edition else ()),
        tag("p", said),
    )
