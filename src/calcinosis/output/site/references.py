"""The page of all references: by letters, narrowed by words, and cited as it shows them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from calcinosis import names
from calcinosis.graph.claims import Reference
from calcinosis.graph.settings import distance
from calcinosis.output.markup import Markup, bullets, join, table, tag, void
from calcinosis.output.references import lines
from calcinosis.output.site.facets import folded
from calcinosis.output.site.frame import page as framed
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import (
    CITED_FORMS,
    SEVERAL,
    badge,
    reference_link,
    separated,
)
from calcinosis.output.site.reference import own_citations

PATH: Final = "references"
WORDS: Final = "q"
SHEET: Final = "bibliography"
"""The look-up whose answer a sheet of references has, with its columns."""
_NO_LETTER: Final = "other"
_ALL: Final = ("Reference", "Title", "Year", "Type of study", "Supports", "Disputes", "Read")
_BESIDE: Final = re.compile(
    r"\bet al\b|https?://(?:dx\.)?doi\.org/|https?://pubmed\.ncbi\.nlm\.nih\.gov/"
    r"|\b(?:doi|pmid|pmcid)\b:?"
)
_MARKS: Final = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb()[],;.:"
_MANY: Final = 40
"""So many references stand in one table; more are reached by their letters."""


def with_words(known: Known, asked: str) -> list[Reference]:
    """The references that have all these words in what cites them or says what they are.

    They are in the order of the page; without words, all.
    """
    wanted = list(_words(asked))
    found = (one for one in known.library.values() if _has(one, wanted))
    return sorted(found, key=lambda one: (_letter(one), one.label.casefold(), one.key))


def _words(asked: str) -> Iterator[str]:
    """The words of a citation as it was copied, without what stands beside names and numbers."""
    for word in _BESIDE.sub(" ", folded(asked)).split():
        if bare := word.strip(_MARKS):
            yield bare


def _has(found: Reference, wanted: Sequence[str]) -> bool:
    if not wanted:
        return True
    told = (found.key, found.label, found.title, lines.plain(found), found.study_type)
    text = folded(" ".join((*told, found.doi, found.pmid, found.pmcid)))
    return all(word in text for word in wanted)


def references_page(known: Known, links: Links, asked: str = "") -> str:
    """The references that have the words ``asked`` in a table a letter, with what each is for."""
    shown, number = with_words(known, asked), len(known.library)
    return framed(
        "References",
        tag("h1", "References"),
        tag(
            "p",
            f"{number} references, each read for what it is cited for: how far says the last "
            "column. It is no measure of how good a study is.",
            class_="lead",
        ),
        _form(asked, links) if links.is_live else Markup(),
        tag("p", *_told(shown, number, asked, links), role="status"),
        _few(shown, known, links) if len(shown) <= _MANY else _by_letter(shown, known, links),
        links=links,
        here=PATH,
        scripts=("long.js",),
    )


def _form(asked: str, links: Links) -> Markup:
    words = tag(
        "div",
        tag(
            "label",
            "Author, title, journal, year or type of study",
            for_="words",
        ),
        void("input", id="words", name=WORDS, type="search", value=asked),
        class_="field",
    )
    clear = tag("a", "All references", href=links.to(PATH), class_="button quiet")
    return tag(
        "form",
        words,
        tag("button", "Show", type="submit", class_="main"),
        clear if asked else Markup(),
        action=links.to(PATH),
        method="get",
        class_="row screen",
        aria_label="What is shown",
    )


def _told(shown: Sequence[Reference], number: int, asked: str, links: Links) -> Iterator[Markup]:
    """How many are shown, and these as files."""
    if not shown:
        yield join("No reference has these words. Write fewer, or the beginning of a name.")
        return
    query = f"?{urlencode({WORDS: asked})}" if asked else ""
    files = [
        tag("a", words, href=f"{links.root}{PATH}.{end}{query}", type=media_type)
        for end, (media_type, words) in CITED_FORMS.items()
    ]
    if links.is_live:
        sheet, kept = f"{links.root}{PATH}.csv{query}", "calcinosis-references.csv"
        files.append(tag("a", "CSV", href=sheet, type="text/csv", download=kept))
    count = f"{len(shown)} of {number} shown, as " if asked else "All of them as "
    yield join(count, separated(files, SEVERAL), ".")


def _few(shown: Sequence[Reference], known: Known, links: Links) -> Markup:
    rows = [_row(one, known, links) for one in shown]
    return table("References with these words", _ALL, rows) if rows else Markup()


def _by_letter(shown: Sequence[Reference], known: Known, links: Links) -> Markup:
    letters = [(letter, list(found)) for letter, found in groupby(shown, key=_letter)]
    items = [tag("a", letter, href=f"#{_place(letter)}") for letter, _ in letters]
    parts = (_part(letter, [_row(one, known, links) for one in found]) for letter, found in letters)
    return join(tag("nav", bullets(items), class_="contents", aria_label="By letter"), *parts)


def _place(letter: str) -> str:
    return f"letter-{letter}"


def _letter(found: Reference) -> str:
    """Under which letter it stands, without its accent."""
    first = unicodedata.normalize("NFKD", found.label.casefold())[:1].upper()
    return first if first.isascii() and first.isalpha() else _NO_LETTER


def _part(letter: str, rows: Sequence[tuple[object, ...]]) -> Markup:
    return tag(
        "details",
        tag("summary", f"{letter} ({len(rows)})"),
        tag("div", table(f"References under {letter}", _ALL, rows)),
        id=_place(letter),
        class_="card",
    )


def _row(found: Reference, known: Known, links: Links) -> tuple[object, ...]:
    own = [
        one for claim in known.cited.get(found.key, ()) for one in own_citations(claim, found.key)
    ]
    against = sum(one.disputes for one in own)
    read = min((one.read for one in own), key=distance, default="")
    year = "" if found.year is None else str(found.year)
    name = reference_link(found.key, known, links)
    counts = (str(len(own) - against or ""), str(against or ""))
    title = "" if names.normal(found.title) == names.normal(found.label) else found.title
    return name, title, year, found.study_type, *counts, badge(read, "read") if read else ""
