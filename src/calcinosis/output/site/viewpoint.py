"""The page of one viewpoint: what it asks for, which sides it takes, what that rests on."""

from __future__ import annotations

from typing import Final

from calcinosis import names
from calcinosis.graph.viewpoints import DefinedSubtype, Side, Viewpoint
from calcinosis.output.markup import Markup, bullets, join, table, tag
from calcinosis.output.site import structured
from calcinosis.output.site.frame import page as framed
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import (
    Section,
    alternates,
    badge,
    copied,
    folded,
    forms_part,
    laid_out,
    reference_links,
    reference_list,
)
from calcinosis.output.site.term import criterion_part
from calcinosis.output.wording import capital
from calcinosis.output.words.viewpoints import GROUNDS, grounds, keys

_ENDS: Final = ("ttl", "jsonld", "json")


def viewpoint_page(view: Viewpoint, known: Known, links: Links) -> str:
    """The page as HTML."""
    path = f"viewpoint/{view.name}"
    sections = [
        *(_subtype(one, known, links) for one in view.subtypes),
        Section("contested", "Contested: where it files it", _sides(view, known, links)),
        Section("grounds", "What its axioms rest on", _grounds(view)),
        Section("references", "References", reference_list(known.full(keys([view])), links)),
        Section("query", "The same by the command", _command(view)),
    ]
    default = join(" ", badge("the default")) if view.default else Markup()
    return framed(
        capital(view.label),
        tag("p", "Viewpoint, ", tag("code", view.name), default, class_="kind"),
        tag("h1", capital(view.label)),
        tag("p", view.definition, class_="lead"),
        tag("p", "Whose: ", reference_links(view.references, known, links), class_="note"),
        tag("p", tag("a", "All viewpoints side by side", href=links.to("viewpoints"))),
        forms_part(path, links, _ENDS),
        laid_out(sections),
        links=links,
        here="viewpoints",
        head=join(
            *alternates(path, links, _ENDS), structured.script(structured.viewpoint(view, known))
        ),
    )


def _subtype(subtype: DefinedSubtype, known: Known, links: Links) -> Section:
    link = tag("a", "What is known of it", href=links.of(names.CC + subtype.id))
    needs = bullets([criterion_part(one, known, links) for one in subtype.criteria])
    return Section(subtype.id, capital(subtype.label), join(needs, tag("p", link)))


def _sides(view: Viewpoint, known: Known, links: Links) -> Markup:
    rows = [_side(one, known, links) for one in view.sides]
    heads = ("What", "It files it under", "Claim", "References", "Taken")
    return table("The sides that it takes", heads, rows) if rows else Markup()


def _side(side: Side, known: Known, links: Links) -> tuple[object, ...]:
    what = tag("a", side.label, href=links.of(names.CC + side.id))
    claim = tag("a", "the claim", href=links.of(names.ASSOC + side.claim))
    return what, side.under, claim, reference_links(side.references, known, links), side.taken or ""


def _grounds(view: Viewpoint) -> Markup:
    counts = grounds(view)
    rows = [(words, str(counts[key])) for key, words in GROUNDS.items()]
    return table("Axioms by what they rest on", ("Axioms", "Number"), rows)


def _command(view: Viewpoint) -> Markup:
    return folded("The command", copied(f"calcinosis show {view.name}"))
