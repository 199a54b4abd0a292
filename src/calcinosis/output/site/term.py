"""The page of a term: all that ``calcinosis show`` says of it, with links, a picture and forms."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from calcinosis import names
from calcinosis.graph.claims import Association, contested_pairs
from calcinosis.graph.describe import WITHOUT_CLAIMS, Branch, Page, match
from calcinosis.graph.neighbours import VALUE, Edge, Neighbour, around
from calcinosis.graph.viewpoints import Criterion
from calcinosis.output.markup import Markup, bullets, join, table, tag
from calcinosis.output.pictures import neighbourhood
from calcinosis.output.pictures.marks import svg
from calcinosis.output.pictures.measured import measured
from calcinosis.output.site import citing, structured
from calcinosis.output.site.frame import page as framed
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import (
    CITED_FORMS,
    FORMS,
    Section,
    alternates,
    badge,
    cite_part,
    claim_link,
    claim_part,
    copied,
    first_few,
    folded,
    forms_part,
    laid_out,
    mark,
    query_part,
    reference_links,
    reference_list,
    separated,
    term_link,
)
from calcinosis.output.wording import capital
from calcinosis.output.words.term import KINDS, OUR_WORDS, UNCLAIMED

_NEIGHBOURS: Final = 14
_PAIRS: Final = 2  # of what is contested, that stand open
_SCOPES: Final = {
    names.NARROW: "Of a part of its meaning",
    names.BROAD: "Of a wider meaning",
    names.RELATED: "Words that may mean it",
}
_ENDS: Final = (*FORMS, *CITED_FORMS)


def term_page(page: Page, known: Known, links: Links) -> str:
    """The page as HTML."""
    entry = page.entry
    claims = _by_kind(page.claims)
    sections = [
        Section("place", "Place", _place(page, known, links)),
        Section("criteria", "Criteria", _criteria(page, known, links)),
        Section("roles", "Roles", _roles(page, known, links)),
        *(_claims(kind, found, known, links) for kind, found in claims),
        Section("claims", "Claims", _unclaimed(page, known, links)),
        Section("contested", "Contested, side by side", _contested(page, known, links)),
        Section("codes", "In other vocabularies", _mappings(page, known)),
        Section("picture", "What it is linked with", _picture(page, known, links)),
        Section("references", "References", reference_list(known.full(keys(page)), links)),
        Section("cite", "Cite this", _cite(page, known)),
        Section("query", "The query behind this page", _query(page, known, links)),
    ]
    return framed(
        capital(entry.label),
        tag("p", f"{capital(entry.kind)}, ", tag("code", f"calc:{entry.id}"), class_="kind"),
        tag("h1", capital(entry.label)),
        _definition(page, known, links),
        _called(page, known),
        forms_part(entry.id, links, _ENDS),
        laid_out(sections),
        links=links,
        head=join(
            *alternates(entry.id, links, _ENDS), structured.script(structured.term(page, known))
        ),
    )


def keys(page: Page) -> set[str]:
    """The keys of all references that the page names."""
    found = {key for placed in page.placed for key in placed.references} | set(page.sources)
    found |= {key for criterion in page.criteria for key in criterion.references}
    claims = (*page.claims, *page.against, *page.mentioned)
    return found | {one.reference for claim in claims for one in claim.citations}


def _by_kind(claims: Iterable[Association]) -> list[tuple[str, list[Association]]]:
    return [(kind, list(found)) for kind, found in groupby(claims, key=lambda one: one.topic)]


# -- what it is --------------------------------------------------------------------------------


def _definition(page: Page, known: Known, links: Links) -> Markup:
    if not page.definition:
        return tag("p", "No definition.", class_="lead")
    by = (
        join("Defined after ", reference_links(page.sources, known, links), ".")
        if page.sources
        else OUR_WORDS
    )
    return join(
        tag("p", page.definition, class_="lead"),
        tag("p", by, class_="note"),
        tag("p", f"What would settle it: {page.asks}") if page.asks else Markup(),
    )


def _called(page: Page, known: Known) -> Markup:
    """Its other names, by how far they mean the same."""
    entry, texts = page.entry, known.lexicon.triples.texts
    rows = [("Also called", entry.synonyms)]
    rows += [(words, tuple(texts(entry.iri, scope))) for scope, words in _SCOPES.items()]
    found = [
        join(tag("dt", words), tag("dd", "; ".join(called))) for words, called in rows if called
    ]
    return tag("dl", *found, class_="pairs") if found else Markup()


# -- where it stands ---------------------------------------------------------------------------


def _place(page: Page, known: Known, links: Links) -> Markup:
    if not page.tree:
        return Markup()
    kinds = [tag("a", words, href=links.to(one)) for one, words in page.below]
    parts = "Kinds and parts of it" if page.entry.kind == "site" else "Kinds of it"
    return join(
        *(_branch(branch, links) for branch in page.tree),
        join(tag("h3", parts), tag("div", bullets(kinds), class_="columns")) if kinds else "",
        _why(page, known, links),
    )


def _branch(branch: Branch, links: Links) -> Markup:
    """The hierarchy from a root down to the term, as lists within lists."""
    words = tag("b", branch.label) if branch.here else _at(branch.id, branch.label, links)
    current = "page" if branch.here else None
    below = (_branch(one, links) for one in branch.below)
    return tag("ul", tag("li", words, *below, aria_current=current))


def _at(local: str, words: str, links: Links) -> Markup:
    return tag("a", words, href=links.of(names.CC + local))


def _why(page: Page, known: Known, links: Links) -> Markup:
    """Why it is a kind or a part of what is above it, where a reference or we say so."""
    found = []
    for placed in page.placed:
        relation = "part" if placed.is_whole else "a kind"
        by = reference_links(placed.references, known, links)
        said = f": {placed.editorial}" if placed.editorial else "."
        if placed.references:
            found.append(
                join(f"Is {relation} of ", _at(placed.id, placed.label, links), " by ", by, said)
            )
    return join(tag("h3", "Why it stands there"), bullets(found)) if found else Markup()


def _criteria(page: Page, known: Known, links: Links) -> Markup:
    if not page.criteria:
        return Markup()
    view = tag("a", page.viewpoint, href=links.of(known.ontology.viewpoint_iri))
    every = tag("a", "all viewpoints side by side", href=links.to("viewpoints"))
    return join(
        tag("p", "By the viewpoint ", view, "; ", every, ".", class_="note"),
        bullets([criterion_part(one, known, links) for one in page.criteria]),
    )


def criterion_part(criterion: Criterion, known: Known, links: Links) -> Markup:
    """A criterion with its words, its references, and what is our reading or another's wording."""
    cited = reference_links(criterion.references, known, links)
    notes = (("our reading", criterion.editorial), ("taken", criterion.taken))
    return join(
        _at(criterion.id, capital(criterion.label), links),
        join(" ", badge("names the cause")) if criterion.causal else "",
        f": {criterion.definition} ",
        join("[", cited, "]") if cited else "",
        *(tag("p", badge(word, "ours"), f" {said}", class_="note") for word, said in notes if said),
    )


def _roles(page: Page, known: Known, links: Links) -> Markup:
    """The roles that it has as a cause, each with the claims by which it has it."""
    above = known.lexicon.terms.ancestors(page.entry.iri) - {page.entry.iri}
    found = []
    for role in sorted(above & known.roles, key=known.label):
        own = [
            join(claim_link(claim, links), mark(claim), _said(claim))
            for claim in page.claims
            if claim.licenses == role and claim.subject == page.entry.iri
        ]
        by = bullets(own) if own else tag("p", "By a class above it.", class_="note")
        found.append(join(term_link(role, known, links), by))
    return bullets(found)


def _said(claim: Association) -> Markup:
    """Why the claim gives the role, and whether only some viewpoints say so."""
    only = "Only where a viewpoint takes the claim. " if claim.where_taken else ""
    words = f"{only}{claim.editorial or ''}".strip()
    return tag("p", badge("our reading", "ours"), f" {words}", class_="note") if words else Markup()


# -- what is said of it ------------------------------------------------------------------------


def _claims(kind: str, claims: list[Association], known: Known, links: Links) -> Section:
    parts = first_few([claim_part(claim, known, links) for claim in claims], "claims")
    return Section(f"claims-{kind}", f"{KINDS.get(kind, kind)} ({len(claims)})", parts)


def _unclaimed(page: Page, known: Known, links: Links) -> Markup:
    if page.claims or page.entry.kind in WITHOUT_CLAIMS:
        return Markup()
    found = [claim_part(claim, known, links) for claim in page.mentioned]
    return join(
        tag("p", UNCLAIMED),
        join(tag("h3", "Claims that mention it"), first_few(found, "claims")) if found else "",
    )


def _contested(page: Page, known: Known, links: Links) -> Markup:
    every = {claim.iri: claim for claim in (*page.claims, *page.against)}
    pairs = contested_pairs(page.claims, every)
    found = [side_by_side([claim], others, known, links) for claim, others in pairs]
    if len(found) <= _PAIRS + 1:
        return join(*found)
    rest = f"{len(found) - _PAIRS} more pairs"
    return join(*found[:_PAIRS], folded(rest, *found[_PAIRS:]))


def side_by_side(
    one: Iterable[Association], other: Iterable[Association], known: Known, links: Links
) -> Markup:
    """Both sides of what is contested, beside one another."""
    sides = (
        tag(
            "div",
            tag("h3", words),
            *(claim_part(claim, known, links) for claim in claims),
            class_="card",
        )
        for words, claims in (("One side", one), ("The other side", other))
    )
    return tag("div", *sides, class_="sides")


def _mappings(page: Page, known: Known) -> Markup:
    if not page.mappings:
        return Markup()
    rows = []
    for mapping in page.mappings:
        address = known.address(mapping.object)
        code = tag("a", mapping.object, href=address) if address else mapping.object
        rows.append((code, match(mapping), mapping.label))
    return table("Codes of other vocabularies", ("Code", "Match", "Label there"), rows)


# -- picture, words to take away ---------------------------------------------------------------


def _picture(page: Page, known: Known, links: Links) -> Markup:
    found = around(known.ontology, known.lexicon, page.entry, _NEIGHBOURS)
    if not found.neighbours:
        return Markup()
    drawn = neighbourhood.draw(found, known.library, measured, links.of)
    told = f"{len(found.neighbours)} of {found.total} neighbours; the list below says the same."
    picture = Markup(svg(drawn.marks, drawn.width, drawn.height, drawn.title, told, "neighbours"))
    listed = bullets([_neighbour(one, page.entry.label, known, links) for one in found.neighbours])
    return join(
        tag("figure", picture, tag("figcaption", told), class_="wide", tabindex="0"),
        folded("The same in words", listed),
    )


def _neighbour(neighbour: Neighbour, centre: str, known: Known, links: Links) -> Markup:
    label = term_link(neighbour.iri, known, links) if neighbour.iri else neighbour.label
    kind = "" if neighbour.kind == VALUE else f" ({neighbour.kind})"
    said = (_edge(edge, neighbour.label, centre, known, links) for edge in neighbour.edges)
    return join(label, kind, ": ", separated(said, "; "))


def _edge(edge: Edge, other: str, centre: str, known: Known, links: Links) -> Markup:
    """A relation as a sentence; where its words go on after the object they have a gap for it."""
    first, last = (other, centre) if edge.inward else (centre, other)
    before, gap, after = edge.word.partition(" \u2026")
    words = f"{first} {before} {last}{after}" if gap else f"{first} {edge.word} {last}"
    cited = dict.fromkeys(one.reference for one in edge.citations)
    by = join(" [", reference_links(cited, known, links), "]") if cited else Markup()
    return join(words, " (contested)" if edge.contested else "", by)


def _cite(page: Page, known: Known) -> Markup:
    words = f"{capital(page.entry.label)} (calc:{page.entry.id})"
    reference = citing.thing(known.ontology, page.entry.iri, words)
    return cite_part(citing.in_words(reference), reference)


def _query(page: Page, known: Known, links: Links) -> Markup:
    if page.entry.kind in WITHOUT_CLAIMS or page.entry.iri not in known.lexicon.terms:
        return Markup()
    command = folded("The command", copied(f"calcinosis query claims --term {page.entry.id}"))
    return join(query_part(query(page, known), links), command)


def query(page: Page, known: Known) -> str:
    """The look-up of all claims about the term, as it is asked."""
    return known.ask.text("claims", {"term": page.entry.id})
