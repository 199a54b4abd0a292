"""What several kinds of page have alike: marks, evidence, references, how to cite, other forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from calcinosis import names
from calcinosis.graph.claims import Association, Citation, Reference
from calcinosis.graph.describe import Cited
from calcinosis.output.markup import Markup, bullets, join, tag, void
from calcinosis.output.references import bibtex, lines, ris
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.wording import capital

FORMS: Final = {
    "ttl": ("text/turtle", "Turtle"),
    "jsonld": ("application/ld+json", "JSON-LD"),
    "json": ("application/json", "JSON"),
}
"""The other forms of a page: how its address ends, media type, words."""
CITED_FORMS: Final = {
    "bib": ("application/x-bibtex", "BibTeX"),
    "ris": ("application/x-research-info-systems", "RIS"),
}
_MANY: Final = 3
_FEW: Final = 5
_LONG: Final = 15
SEVERAL: Final = ", "


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page with its heading; ``name`` is what addresses end in to lead to it."""

    name: str
    words: str
    body: Markup


def laid_out(sections: Sequence[Section]) -> Markup:
    """Sections one below the other, with a list of them on top where there are several."""
    found = [one for one in sections if one.body]
    items = [tag("a", one.words, href=f"#{one.name}") for one in found]
    contents = tag("nav", bullets(items), class_="contents", aria_label="On this page")
    parts = (
        tag("section", tag("h2", one.words, id=one.name), one.body, aria_labelledby=one.name)
        for one in found
    )
    return join(contents if len(found) >= _MANY else Markup(), *parts)


def badge(words: str, kind: str = "") -> Markup:
    """A small mark with words, such as what a reference says of a claim."""
    return tag("span", words, class_=f"badge {kind}".strip())


CONTESTED: Final = "contested"


def mark(claim: Association) -> Markup:
    """That a claim is contested, where it is."""
    return join(" ", badge(CONTESTED, CONTESTED)) if claim.contested else Markup()


def term_link(iri: str, known: Known, links: Links) -> Markup:
    """The words for a resource as a link to its page."""
    return tag("a", known.label(iri), href=links.of(iri))


def reference_link(key: str, known: Known, links: Links) -> Markup:
    """The short words for a reference as a link to its page, with a mark if it is retracted."""
    found = known.library.get(key)
    if found is None:
        return Markup(key)
    link = tag("a", found.label, href=links.of(names.REF + key))
    return join(link, " ", badge("retracted", "bad")) if found.retracted else link


def reference_links(keys: Iterable[str], known: Known, links: Links) -> Markup:
    """Several references in a line."""
    return separated((reference_link(key, known, links) for key in keys), SEVERAL)


def separated(parts: Iterable[object], between: str) -> Markup:
    """Parts in a line with the same words between them."""
    found: list[object] = []
    for part in parts:
        found += (between, part) if found else (part,)
    return join(*found)


def claim_link(claim: Association, links: Links) -> Markup:
    """The words of a claim as a link to its page."""
    return tag("a", capital(claim.label), href=links.of(claim.iri))


def claim_part(claim: Association, known: Known, links: Links) -> Markup:
    """A claim with its statement and what each reference gives for or against it."""
    return join(
        tag("p", claim_link(claim, links), mark(claim)),
        tag("p", claim.statement) if claim.statement else Markup(),
        evidence_list(claim.citations, known, links),
    )


def evidence_list(citations: Iterable[Citation], known: Known, links: Links) -> Markup:
    """What each reference gives: its side, how far it was read, kind of study, figures."""
    return bullets([_evidence(one, known, links) for one in citations])


def side(disputes: bool) -> Markup:
    """On which side of a claim a reference stands."""
    return badge("disputes", "against") if disputes else badge("supports", "for")


def _evidence(citation: Citation, known: Known, links: Links) -> Markup:
    study = citation.study_type if isinstance(citation, Cited) else ""
    figures = citation.figures if isinstance(citation, Cited) else ()
    told = (study if study != "unknown" else "", *figures)
    return join(
        side(citation.disputes),
        " ",
        reference_link(citation.reference, known, links),
        " ",
        badge(f"read: {citation.read}", "read"),
        *(join("; ", one) for one in told if one),
    )


def reference_list(references: Iterable[Reference], links: Links) -> Markup:
    """References in full, each with links to its page and to where it is published."""
    found = [
        join(
            tag("a", one.label, href=links.of(names.REF + one.key)),
            ". ",
            Markup(lines.html_reference(one, is_named=True)),
        )
        for one in references
    ]
    return first_few(found, "references in full", few=0) if len(found) > _LONG else bullets(found)


def folded(words: str, *body: object) -> Markup:
    """What opens when its words are chosen, without a script."""
    return tag("details", tag("summary", words), *body, class_="card")


def first_few(items: Sequence[Markup], things: str, few: int = _FEW) -> Markup:
    """A list of which the first stand open, and many others behind how many there are."""
    if len(items) <= few + _MANY:
        return bullets([*items])
    rest = f"{len(items) - few} {'more ' * (few > 0)}{things}"
    return join(bullets([*items[:few]]), folded(rest, bullets([*items[few:]])))


def copied(text: str, kind: str | None = None) -> Markup:
    """Text to copy as it stands, which the keyboard can scroll."""
    return tag("pre", tag("code", text), tabindex="0", class_=kind)


def cite_part(plain: str, reference: Reference) -> Markup:
    """How to cite something, in the forms that people and programs take."""
    return join(
        tag("p", plain),
        folded("BibTeX", copied(bibtex.entry(reference))),
        folded("RIS", copied(ris.record(reference))),
    )


def query_part(query: str, links: Links) -> Markup:
    """The query behind a page's values, and a button that takes it to a server's editor."""
    ask = tag(
        "form",
        void("input", type="hidden", name="query", value=query),
        tag("button", "Open it in the editor", type="submit", name="run", value="no"),
        action=links.to("editor"),
        method="post",
        class_="screen",
    )
    return join(
        folded("The query in SPARQL", copied(query.strip() + "\n", "query")),
        ask if links.is_live else Markup(),
    )


def forms_part(path: str, links: Links, forms: Iterable[str]) -> Markup:
    """Links to the other forms of a page, which a server answers."""
    if not links.is_live:
        return Markup()
    every = {**FORMS, **CITED_FORMS}
    found = [
        tag("a", every[end][1], href=f"{links.to(path)}.{end}", type=every[end][0]) for end in forms
    ]
    return tag("p", "This page as ", separated(found, SEVERAL), ".")


def alternates(path: str, links: Links, forms: Iterable[str]) -> Iterator[Markup]:
    """The same for the head of the page, where programs look for them."""
    every = {**FORMS, **CITED_FORMS}
    for end in forms if links.is_live else ():
        media_type, words = every[end]
        address = f"{links.to(path)}.{end}"
        yield join(void("link", rel="alternate", type=media_type, title=words, href=address), "\n")
