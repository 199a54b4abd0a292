"""The page of a reference: what it is, and every claim for or against which it is cited."""

from __future__ import annotations

from typing import Final

from calcinosis.graph.claims import Association, Citation, Reference
from calcinosis.graph.describe import Page
from calcinosis.graph.settings import distance
from calcinosis.output.markup import Markup, bullets, join, table, tag
from calcinosis.output.references import bibtex, lines, ris
from calcinosis.output.site import structured
from calcinosis.output.site.frame import page as framed
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import (
    CITED_FORMS,
    FORMS,
    Section,
    alternates,
    claim_link,
    copied,
    folded,
    forms_part,
    laid_out,
    mark,
    query_part,
    side,
    term_link,
)
from calcinosis.output.words.term import KINDS

_ENDS: Final = (*FORMS, *CITED_FORMS)
_HEADS: Final = ("Claim", "Side", "Read", "Statement", "Figures")


def reference_page(page: Page, found: Reference, known: Known, links: Links) -> str:
    """The page of one reference as HTML; ``page`` has its claims."""
    path = f"reference/{found.key}"
    sections = [
        *_by_kind(page.claims, found.key, links),
        Section("defines", "Definitions after it", _defines(found, known, links)),
        Section("cite", "Cite it", _cite(found)),
        Section("query", "The query behind this page", query_part(query(page, known), links)),
    ]
    gone = tag("p", "It has been retracted, and does not count.", class_="message error")
    return framed(
        found.label,
        tag("p", "Reference, ", tag("code", f"ref:{found.key}"), class_="kind"),
        tag("h1", found.label),
        tag("p", Markup(lines.html_reference(found, is_named=True)), class_="lead"),
        gone if found.retracted else Markup(),
        _details(page, found),
        forms_part(path, links, _ENDS),
        laid_out(sections),
        links=links,
        here="references",
        head=join(*alternates(path, links, _ENDS), structured.script(structured.reference(found))),
    )


def _details(page: Page, found: Reference) -> Markup:
    pmid, pmcid = found.pmid, found.pmcid
    own = [one for claim in page.claims for one in own_citations(claim, found.key)]
    rows = [
        ("Type of study", found.study_type),
        ("DOI", _link(f"https://doi.org/{found.doi}", found.doi) if found.doi else ""),
        ("PMID", _link(f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/", pmid) if pmid else ""),
        ("PMCID", _link(f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid}/", pmcid) if pmcid else ""),
        ("Address", _link(found.uri, found.uri) if found.uri else ""),
        ("How far it was read", ", ".join(sorted({one.read for one in own}, key=distance))),
        ("Claims", _counted(own)),
        ("Note", found.comment),
    ]
    pairs = (join(tag("dt", words), tag("dd", said)) for words, said in rows if said)
    return tag("dl", *pairs, class_="pairs")


def _link(address: str, words: str) -> Markup:
    return tag("a", words, href=address)


def _counted(citations: list[Citation]) -> str:
    against = sum(one.disputes for one in citations)
    return f"supports {len(citations) - against}, disputes {against}"


def own_citations(claim: Association, key: str) -> list[Citation]:
    """The citations of a claim by one reference."""
    return [one for one in claim.citations if one.reference == key]


def _by_kind(claims: tuple[Association, ...], key: str, links: Links) -> list[Section]:
    """What it supports and disputes, by kinds of claim."""
    kinds: dict[str, list[tuple[object, ...]]] = {}
    for claim in claims:
        for one in own_citations(claim, key):
            figures = bullets([Markup(join(said)) for said in getattr(one, "figures", ())])
            name = join(claim_link(claim, links), mark(claim))
            row = (name, side(one.disputes), one.read, claim.statement, figures)
            kinds.setdefault(claim.topic, []).append(row)
    return [
        Section(
            f"claims-{kind}",
            f"{KINDS.get(kind, kind)} ({len(rows)})",
            table(f"{KINDS.get(kind, kind)}: what it is cited for", _HEADS, rows),
        )
        for kind, rows in kinds.items()
    ]


def _defines(found: Reference, known: Known, links: Links) -> Markup:
    return bullets([term_link(iri, known, links) for iri in known.defines.get(found.key, ())])


def _cite(found: Reference) -> Markup:
    return join(
        tag("p", lines.plain(found)),
        folded("BibTeX", copied(bibtex.entry(found))),
        folded("RIS", copied(ris.record(found))),
    )


def query(page: Page, known: Known) -> str:
    """The look-up of what the reference supports and disputes, as it is asked."""
    return known.ask.text("supports", {"reference": page.entry.id})
