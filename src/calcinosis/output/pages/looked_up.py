"""What is looked up, as parts of a page for notebooks: terms, viewpoints, hits and triples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from calcinosis.graph.query import PREFIXES
from calcinosis.output.markup import Markup, join, table, tag
from calcinosis.output.words.table import compact

if TYPE_CHECKING:
    from calcinosis.graph.claims import Reference
    from calcinosis.graph.describe import Page
    from calcinosis.graph.results import Graph
    from calcinosis.graph.search import Hit
    from calcinosis.graph.viewpoints import Viewpoint

_SHOWN: Final = 200  # triples


def term_part(page: Page, library: Mapping[str, Reference]) -> Markup:
    """A term, analyte or reference: what it is, its claims, and the references in full."""
    from calcinosis.output.references.lines import html_list
    from calcinosis.output.words.term import cited, criterion_line

    entry = page.entry
    claims = [
        (claim.label, claim.statement, cited(claim.citations))
        for claim in (*page.claims, *page.against)
    ]
    keys = sorted({one.reference for c in (*page.claims, *page.against) for one in c.citations})
    if page.reference is not None:
        keys = [page.reference.key]
    criteria = [tag("li", criterion_line(one)) for one in page.criteria]
    return join(
        tag("p", tag("strong", entry.label), f" ({entry.kind}, {entry.id})"),
        tag("p", page.definition) if page.definition else "",
        tag("ul", *criteria) if criteria else "",
        table("Claims", ("claim", "says", "by"), claims) if claims else "",
        Markup(html_list(library[key] for key in keys)) if keys else "",
    )


def viewpoints_part(views: Sequence[Viewpoint]) -> Markup:
    """Viewpoints side by side, a table a part; a heading has no cells."""
    from calcinosis.output.words.viewpoints import parts

    heads = ("", *(view.name for view in views))
    told = (
        table(caption, heads, [(row.label, *(row.cells or [""] * len(views))) for row in rows])
        for caption, rows in parts(views)
    )
    return join(*told)


def hits_part(hits: Sequence[Hit]) -> Markup:
    """What a search found, best first."""
    rows = [(one.entry.label, one.entry.kind, one.matched, f"{one.score:.2f}") for one in hits]
    return table("Found", ("name", "kind", "by", "score"), rows)


def triples_part(graph: Graph) -> Markup:
    """The first triples of a graph."""
    show = compact(PREFIXES)
    rows = [tuple(map(show, (t.subject, t.predicate, t.object))) for t in graph.triples[:_SHOWN]]
    more = f", the first {_SHOWN} shown" if len(graph) > _SHOWN else ""
    said = f"{len(graph)} triple{'s' * (len(graph) != 1)}{more}"
    return table(said, ("subject", "predicate", "object"), rows)
