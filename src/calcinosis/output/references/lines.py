"""References as plain lines and as a list in HTML, without a citation processor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from calcinosis.graph.claims import Author, Reference
from calcinosis.output.markup import html_text
from calcinosis.output.references import csl
from calcinosis.output.wording import capital

RETRACTED: Final = "(retracted)"
_MOST_NAMES, _FIRST_NAMES = 6, 3


def plain_list(references: Iterable[Reference]) -> str:
    """One line a reference: its key in brackets, then the reference."""
    return "".join(f"[{reference.key}] {plain(reference)}\n" for reference in references)


def line(reference: Reference | None, key: str) -> str:
    """A reference as everywhere in full, or its key where the graph does not have it."""
    return key if reference is None else plain(reference)


def plain(reference: Reference) -> str:
    """A reference in one line: authors, title, where, when, pages, identifier."""
    words, _ = identifier(reference)
    mark = RETRACTED if reference.retracted else ""
    return " ".join(filter(None, (_body(reference), f"{words}." if words else "", mark)))


def html_list(references: Iterable[Reference]) -> str:
    """The references as an HTML list, each linked; every value escaped."""
    items = "".join(f"<li>{html_reference(reference)}</li>" for reference in references)
    return f"<ol>{items}</ol>" if items else "<p>No reference.</p>"


def html_reference(reference: Reference, *, is_named: bool = False) -> str:
    """One reference as HTML, linked; every value escaped.

    What has no title is told by its label, but not where it stands before it (``is_named``).
    """
    words, address = identifier(reference)
    link = f' <a href="{html_text(address)}">{html_text(words)}</a>' if words else ""
    body = html_text(_body(reference, is_named=is_named))
    return f"{body}{link}{f' {RETRACTED}' if reference.retracted else ''}".strip()


def _body(reference: Reference, *, is_named: bool = False) -> str:
    title = capital(reference.title) or ("" if is_named else f"[{reference.label}]")
    where = _where(reference)
    if is_named and where == reference.label:
        where = ""
    parts = (_names(reference.authors, reference.more_authors), title, where)
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _names(authors: tuple[Author, ...], more: bool) -> str:
    shown = authors if len(authors) <= _MOST_NAMES else authors[:_FIRST_NAMES]
    words = list(map(name, shown))
    return ", ".join([*words, "et al"] if words and (more or len(shown) < len(authors)) else words)


def name(author: Author) -> str:
    """A name as Vancouver prints it, given names as initials, whichever way the source has them.

    >>> name(Author("Colboc", "Hester")), name(Author("Medsger", "Thomas A Jr"))
    ('Colboc H', 'Medsger TA Jr')
    """
    parts = csl.name(author)
    if "literal" in parts:
        return parts["literal"]
    given = parts.get("given", "").replace("-", " ").split()
    initials = "".join(next(filter(str.isalnum, word), "").upper() for word in given)
    family = (parts.get("non-dropping-particle"), parts["family"])
    after = (initials, parts.get("dropping-particle"), parts.get("suffix"))
    return " ".join(filter(None, (*family, *after)))


def _where(reference: Reference) -> str:
    """What the reference is part of, with editors, edition, publisher, date and pages."""
    editors = _names(reference.editors, reference.more_editors)
    edition = f"{reference.edition} ed" if reference.edition else ""
    publisher = ": ".join(filter(None, (reference.place, reference.publisher)))
    work = ". ".join(filter(None, (reference.container, edition, publisher)))
    whole = f"{work} {_when(reference)}".strip()
    role = "editor" if len(reference.editors) == 1 and not reference.more_editors else "editors"
    return f"In: {editors}, {role}. {whole}" if editors else whole


def _when(reference: Reference) -> str:
    pages = "\u2013".join(filter(None, (reference.first_page, reference.last_page)))
    issue = f"({reference.issue})" if reference.issue else ""
    place = ":".join(filter(None, (f"{reference.volume}{issue}", pages)))
    year = "" if reference.year is None else str(reference.year)
    return ";".join(filter(None, (year, place)))


def identifier(reference: Reference) -> tuple[str, str]:
    """The best identifier in words, and its address."""
    if reference.doi:
        return f"doi:{reference.doi}", f"https://doi.org/{quote(reference.doi, safe='/:;()')}"
    if reference.pmid:
        return f"PMID {reference.pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{reference.pmid}/"
    if reference.pmcid:
        return reference.pmcid, f"https://pmc.ncbi.nlm.nih.gov/articles/{reference.pmcid}/"
    return reference.uri, reference.uri
