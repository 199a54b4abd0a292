"""The page of a reference: what it is, and every claim for or against which it is cited."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from itertools import groupby
from typing import Final

from calcinosis import names
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
    SEVERAL,
    Section,
    alternates,
    badge,
    claim_link,
    copied,
    folded,
    forms_part,
    laid_out,
    mark,
    query_part,
    reference_link,
    separated,
    side,
    term_link,
)
from calcinosis.output.words.term import KINDS

_ENDS: Final = (*FORMS, *CITED_FORMS)
_HEADS: Final = ("Claim", "Side", "Read", "Statement", "Figures")
_SHEET: Final = "bibliography"  # the look-up that answers with all of them
_NO_LETTER: Final = "other"
_ALL: Final = ("Reference", "Title", "Year", "Type of study", "Supports", "Disputes", "Read")


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
    own = [one for claim in page.claims for one in _own(claim, found.key)]
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


def _own(claim: Association, key: str) -> list[Citation]:
    return [one for one in claim.citations if one.reference == key]


def _by_kind(claims: tuple[Association, ...], key: str, links: Links) -> list[Section]:
    """What it supports and disputes, by kinds of claim."""
    kinds: dict[str, list[tuple[object, ...]]] = {}
    for claim in claims:
        for one in _own(claim, key):
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


# -- all of them -------------------------------------------------------------------------------


def references_page(known: Known, links: Links) -> str:
    """All references in one table, with what each is cited for."""
    library: Mapping[str, Reference] = known.library
    ordered = sorted(
        library.values(), key=lambda one: (_letter(one), one.label.casefold(), one.key)
    )
    sections = [
        _section(letter, [_row(one, known, links) for one in found])
        for letter, found in groupby(ordered, key=_letter)
    ]
    files = [
        tag("a", words, href=f"{links.root}references.{end}", type=media_type)
        for end, (media_type, words) in CITED_FORMS.items()
    ]
    if links.is_live:
        sheet = links.to(f"api/query/{_SHEET}", format="csv")
        files.append(tag("a", "CSV", href=sheet, download="calcinosis-references.csv"))
    return framed(
        "References",
        tag("h1", "References"),
        tag(
            "p",
            f"{len(ordered)} references, each read for what it is cited for: how far says the last "
            "column. It is no measure of how good a study is.",
            class_="lead",
        ),
        tag("p", "All of them as ", separated(files, SEVERAL), "."),
        laid_out(sections),
        links=links,
        here="references",
    )


def _letter(found: Reference) -> str:
    """Under which letter it stands, without its accent."""
    first = unicodedata.normalize("NFKD", found.label.casefold())[:1].upper()
    return first if first.isascii() and first.isalpha() else _NO_LETTER


def _section(letter: str, rows: list[tuple[object, ...]]) -> Section:
    return Section(f"letter-{letter}", letter, table(f"References under {letter}", _ALL, rows))


def _row(found: Reference, known: Known, links: Links) -> tuple[object, ...]:
    own = [one for claim in known.cited.get(found.key, ()) for one in _own(claim, found.key)]
    against = sum(one.disputes for one in own)
    read = min((one.read for one in own), key=distance, default="")
    year = "" if found.year is None else str(found.year)
    name = reference_link(found.key, known, links)
    counts = (str(len(own) - against or ""), str(against or ""))
    title = "" if names.normal(found.title) == names.normal(found.label) else found.title
    return name, title, year, found.study_type, *counts, badge(read, "read") if read else ""
