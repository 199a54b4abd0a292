"""Finding a page: what a search has found, all terms in a list, and the page that is not there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from calcinosis import names
from calcinosis.graph.lexicon import REFERENCE, TERMS
from calcinosis.graph.search import Entry, Hit
from calcinosis.output.markup import Markup, bullets, join, tag
from calcinosis.output.site.frame import page as framed
from calcinosis.output.site.frame import search_form
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import Section, badge, laid_out
from calcinosis.output.wording import capital

MOST: Final = 30
LONGEST: Final = 200
"""Letters of a search that are looked at."""
INDEX: Final = "search-index.js"


def search_page(asked: str, hits: Sequence[Hit], known: Known, links: Links) -> str:
    """What is nearest to what was asked, best first; without a question the box alone.

    Without a server a script fills it in.
    """
    title = f"Search: {asked}" if asked else "Search"
    nothing = tag("p", "Nothing is near to it.") if asked and not hits else Markup()
    listed = tag("a", "All terms in a list", href=links.to("terms"))
    script = Markup() if links.is_live else tag("noscript", tag("p", "Searching needs a script."))
    return framed(
        title,
        tag("h1", "Search"),
        search_form(links, asked, "search-here"),
        script,
        tag("div", nothing, bullets(_hits(hits, known, links)), id="found", aria_live="polite"),
        tag("p", listed),
        links=links,
        searches=True,
    )


def _hits(hits: Sequence[Hit], known: Known, links: Links) -> list[Markup]:
    return [_hit(hit, known, links) for hit in hits]


def _hit(hit: Hit, known: Known, links: Links) -> Markup:
    entry = hit.entry
    same = names.normal(hit.matched) in (names.normal(entry.label), names.normal(entry.id))
    said = "" if entry.kind == REFERENCE else known.lexicon.term(entry.iri).definition
    title = known.library[entry.id].title if entry.kind == REFERENCE else said
    kind = ", a kind of it" if known.ontology.spoken.is_kind(hit.matched) else ""
    is_new = names.normal(title) not in names.normal(f"{entry.label} {hit.matched}")
    return join(
        tag("a", capital(entry.label), href=links.of(entry.iri)),
        " ",
        badge(entry.kind),
        "" if same else f" ({hit.matched}{kind})",
        tag("p", title, class_="note") if is_new else "",
    )


def missing_page(path: str, hits: Sequence[Hit], known: Known, links: Links) -> str:
    """That there is no such page, with the nearest."""
    near = bullets(_hits(hits, known, links))
    return framed(
        "No such page",
        tag("h1", "There is no such page"),
        tag("p", tag("code", path[:LONGEST]), " names nothing here.", class_="lead"),
        join(tag("h2", "Did you mean"), near) if hits else Markup(),
        tag("h2", "Search"),
        search_form(links, "", "search-here"),
        bullets(
            [
                tag("a", "All terms in a list", href=links.to("terms")),
                tag("a", "Home", href=links.to()),
            ]
        ),
        links=links,
        searches=True,
    )


def terms_page(known: Known, links: Links) -> str:
    """Every term by its kind."""
    by_kind: dict[str, list[Entry]] = {kind: [] for kind in TERMS}
    for entry in known.lexicon.entries.values():
        if entry.kind != REFERENCE:
            by_kind[entry.kind].append(entry)
    sections = [
        Section(
            kind.replace(" ", "-"),
            f"{capital(kind)} ({len(entries)})",
            tag("div", bullets(_listed(entries, links)), class_="columns"),
        )
        for kind, entries in by_kind.items()
        if entries
    ]
    return framed("Terms", tag("h1", "Terms"), laid_out(sections), links=links)


def _listed(entries: Sequence[Entry], links: Links) -> list[Markup]:
    ordered = sorted(entries, key=lambda one: one.label.casefold())
    return [tag("a", one.label, href=links.of(one.iri)) for one in ordered]


def index(known: Known) -> str:
    """All that the box for searching suggests, as a script: files of a folder can load no other.

    A row has the label, the path of the page, the kind, further names and codes, and the words by
    which reports call it. The more general stand before others. Beside the rows are
    phrases, each with the words that say the same.
    """
    rows, same = _written(_rows(known)), _written(known.ontology.spoken.same)
    text = f"window.calcinosisIndex = {rows};\nwindow.calcinosisSame = {same};\n"
    return f'"use strict";\n{text}'.replace("<", "\\u003c")


def _written(values: Iterable[object]) -> str:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


def _rows(known: Known) -> Iterator[tuple[str, str, str, list[str], Sequence[str]]]:
    codes: dict[str, list[str]] = {}
    for mapping in known.lexicon.terms.mappings:
        codes.setdefault(mapping.subject.removeprefix("calc:"), []).append(mapping.object)
    terms = known.lexicon.terms
    ordered = sorted(
        known.lexicon.entries.values(), key=lambda one: (-terms.below(one.iri), one.label)
    )
    for entry in ordered:
        called = (*entry.synonyms, *entry.further, *codes.get(entry.id, ()))
        further = [word for word in called if word != entry.label]
        spoken = known.ontology.spoken.names.get(entry.iri, ())
        yield entry.label, entry.iri.removeprefix(names.CC), entry.kind, further, spoken
    for claim in known.claims.values():
        yield claim.label, claim.iri.removeprefix(names.CC), "claim", [], ()
