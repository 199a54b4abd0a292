"""Viewpoints as pages: side by side with the differences marked, and each with its grounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from calcinosis import names
from calcinosis.graph.claims import Reference
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.viewpoints import Criterion, Side, Viewpoint, criteria, read
from calcinosis.output.markup import Markup, join, tag
from calcinosis.output.references.lines import html_reference
from calcinosis.output.site.frame import page, style_sheet
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import alternates, forms_part
from calcinosis.output.wording import capital
from calcinosis.output.words import viewpoints as words

PATH: Final = "viewpoints"
_TITLE: Final = "Viewpoints"
_SAID: Final = {
    words.OWN: "by its own sources",
    words.TAKEN: "taken from the default",
    words.NOT: "not asked for",
    "": "no such subtype",
}
_FORMS: Final = ("json",)
_ANCHORS: Final = ("subtypes", "contested", "grounds")


class Pages:
    """The pages of the viewpoints of one graph; only terms among ``known`` (IRIs) are linked."""

    def __init__(self, ontology: Ontology, known: Iterable[str], links: Links) -> None:
        self._ontology = ontology
        self._known = frozenset(known)
        self._links = links

    @cached_property
    def views(self) -> tuple[Viewpoint, ...]:
        """All viewpoints, in the order for readers."""
        return read(self._ontology)

    @property
    def _library(self) -> Mapping[str, Reference]:
        return self._ontology.library.bibliography

    def all(self) -> str:
        """The page of all viewpoints side by side."""
        cards = (self._card(number, view) for number, view in enumerate(self.views, 1))
        tables = (
            self._comparison(anchor, caption, rows)
            for anchor, (caption, rows) in zip(_ANCHORS, words.parts(self.views), strict=True)
        )
        return page(
            _TITLE,
            tag("h1", _TITLE),
            tag(
                "p",
                "A viewpoint is one authority's definitions of the subtypes. By one of them a case "
                "is judged: they are set side by side here, and what they do not share is marked.",
                class_="lead",
            ),
            tag("p", words.SIGNS, class_="note", id="signs"),
            *tables,
            tag("h2", "Whose they are"),
            tag("ol", *cards, class_="cards views"),
            tag("h2", "The criteria in words"),
            tag("dl", *map(self._defined, criteria(self.views).values())),
            self._references(words.keys(self.views)),
            links=self._links,
            here=PATH,
            head=style_sheet(self._links, "tables.css"),
        )

    def _card(self, number: int, view: Viewpoint) -> Markup:
        default = join(" ", tag("span", "default", class_="badge")) if view.default else Markup()
        return tag(
            "li",
            tag("h3", f"{number} ", tag("a", capital(view.label), href=self._view(view))),
            tag("p", tag("code", view.name), default),
            tag("p", view.definition),
            tag("p", self._cited(view.references), class_="note"),
            class_="card",
        )

    def _comparison(self, anchor: str, caption: str, rows: Sequence[words.Row]) -> Markup:
        heads = (
            tag(
                "th",
                tag("a", number, href=self._view(view), title=view.label),
                tag("span", f" {view.label}", class_="view"),
                scope="col",
            )
            for number, view in enumerate(self.views, 1)
        )
        counts = anchor == _ANCHORS[-1]
        body = (self._line(row, _differs(rows, n), counts=counts) for n, row in enumerate(rows))
        found = tag(
            "table",
            tag("caption", caption, class_="unseen"),
            tag("thead", tag("tr", tag("td", ""), *heads)),
            tag("tbody", *body),
            class_="viewpoints",
        )
        return join(
            tag("h2", caption, id=anchor),
            tag("div", found, class_="scroll", tabindex="0", role="region", aria_labelledby=anchor),
        )

    def _line(self, row: words.Row, differs: str, *, counts: bool) -> Markup:
        mark = join(" ", tag("span", differs, class_="badge open")) if differs else Markup()
        label = join(self._term(row.id, row.label) if row.id else row.label, mark)
        if row.cells is None:
            head = tag("th", label, scope="rowgroup", colspan=len(self.views) + 1)
            return tag("tr", head, class_="part")
        cells = (
            tag("td", cell, class_="number") if counts else tag("td", *_marked(cell))
            for cell in row.cells
        )
        return tag("tr", tag("th", label, scope="row"), *cells, class_="odd" if differs else None)

    def _defined(self, one: Criterion) -> Markup:
        return join(tag("dt", self._term(one.id, capital(one.label))), tag("dd", one.definition))

    # -- one alone ------------------------------------------------------------------------------

    def one(self, view: Viewpoint) -> str:
        """The page of one viewpoint: its subtypes with their criteria, and on what each rests."""
        default = ", the default" if view.default else ""
        counts = words.grounds(view)
        grounds = (
            join(tag("dt", said), tag("dd", counts[key])) for key, said in words.GROUNDS.items()
        )
        sides = (tag("li", *self._side(side)) for side in view.sides)
        path = f"viewpoint/{view.name}"
        return page(
            capital(view.label),
            tag("p", tag("a", "Viewpoint", href=self._links.to(PATH)), default, class_="kind"),
            tag("h1", capital(view.label)),
            tag("p", view.definition, class_="lead"),
            tag("p", self._cited(view.references)),
            forms_part(path, self._links, _FORMS),
            tag("p", "On the command line: ", tag("code", f"calcinosis show {view.name}")),
            *self._subtypes(view),
            tag("h2", "Contested: where it files it"),
            tag("ul", *sides) if view.sides else tag("p", "It takes no side."),
            tag("h2", "What its axioms rest on"),
            tag("dl", *grounds, class_="pairs"),
            self._references(words.keys([view])),
            links=self._links,
            here=PATH,
            head=join(
                style_sheet(self._links, "tables.css"), *alternates(path, self._links, _FORMS)
            ),
        )

    def _subtypes(self, view: Viewpoint) -> Iterator[Markup]:
        for one in view.subtypes:
            yield tag("h2", self._term(one.id, capital(one.label)))
            yield tag("ul", *(tag("li", *self._need(need)) for need in one.criteria))

    def _need(self, need: Criterion) -> Iterator[Markup]:
        yield tag("strong", self._term(need.id, capital(need.label)))
        if need.causal:
            yield join(" ", tag("span", "names the cause", class_="badge"))
        yield join(": ", need.definition, " ", self._cited(need.references))
        if need.editorial:
            yield tag("p", _badge("our reading", "ours"), " ", need.editorial, class_="note")
        if need.taken:
            yield tag("p", _badge("taken", ""), " ", need.taken, class_="note")

    def _side(self, side: Side) -> Iterator[Markup]:
        yield join(self._term(side.id, capital(side.label)), ": ")
        claim = names.ASSOC + side.claim
        yield join(tag("a", side.under, href=self._links.of(claim)), " ")
        yield self._cited(side.references)
        if side.taken:
            yield tag("p", _badge("taken", ""), " ", side.taken, class_="note")

    # -- links ------------------------------------------------------------------------------------

    def _view(self, view: Viewpoint) -> str:
        return self._links.of(names.VIEWPOINT + view.name)

    def _term(self, identifier: str, label: str) -> Markup:
        iri = names.CC + identifier
        return tag("a", label, href=self._links.of(iri)) if iri in self._known else join(label)

    def _cited(self, keys: Sequence[str]) -> Markup:
        if not keys:
            return Markup()
        links = (
            join(", " if number else "", tag("a", key, href=self._links.of(names.REF + key)))
            for number, key in enumerate(keys)
        )
        return join("[", *links, "]")

    def _references(self, keys: Sequence[str]) -> Markup:
        items = (
            tag(
                "li",
                tag("a", key, href=self._links.of(names.REF + key)),
                ": ",
                Markup(html_reference(self._library[key])),
            )
            for key in keys
        )
        return join(tag("h2", "References"), tag("ul", *items, class_="cited"))


def _badge(text: str, kind: str) -> Markup:
    return tag("span", text, class_=f"badge {kind}".strip())


def _marked(cell: str) -> Iterator[Markup]:
    """A sign with its words, for who does not see it."""
    if cell:
        yield tag("span", cell, aria_hidden="true")
    yield tag("span", _SAID[cell], class_="unseen")


def _differs(rows: Sequence[words.Row], place: int) -> str:
    """In what the viewpoints differ at a line, in words; empty where they do not."""
    cells = rows[place].cells
    if cells is None:
        below = rows[place + 1].cells or []
        return "not in all" if "" in below else ""
    asked = [cell for cell in cells if cell]
    return "differs" if words.NOT in asked else ""
