"""References as CSL-JSON, which citation processors, pandoc and Zotero read.

The form is that of the CSL 1.0.2 data schema. CSL has no mark for a list of names that goes
on; what pandoc reads as "et al." (a last name whose literal is "others") stands for it here,
and the note says it in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from calcinosis.graph.claims import Author, Reference

Item = dict[str, Any]
Name = dict[str, str]

OTHERS: Final[Name] = {"literal": "others"}

_TYPES = {
    "JournalArticle": "article-journal",
    "ReviewArticle": "article-journal",
    "BookChapter": "chapter",
    "ConferencePaper": "paper-conference",
    "WebPage": "webpage",
}
# What breaks a line or stands for a space; the no-break spaces are letters of a name or title.
_BLANKS = re.compile(r"[ \t\n\r\v\f\x1c-\x1f\x85\u2028\u2029]+")
_SUFFIX = re.compile(r"(.+) (Jr|Sr|I{2,3}|IV|2nd|3rd|4th)\.?")
_MOST_INITIALS = 3


def line(text: str) -> str:
    """The text on one line: each run of blanks and line breaks is one space."""
    return _BLANKS.sub(" ", text).strip()


def name(author: Author) -> Name:
    """An author as a CSL name: particles and suffix apart, initials with full stops.

    Lower-case words before a family name are a particle that stays with it, those after the
    given names one that is dropped with them; a capital one (Le, De Pasquale) is part of the
    family name. A body is a literal.

    >>> name(Author("van der Berg", "JA"))
    {'family': 'Berg', 'given': 'J. A.', 'non-dropping-particle': 'van der'}
    >>> name(Author("Medsger", "Thomas A Jr"))
    {'family': 'Medsger', 'given': 'Thomas A.', 'suffix': 'Jr'}
    >>> name(Author("Humboldt", "Alexander von"))
    {'family': 'Humboldt', 'given': 'Alexander', 'dropping-particle': 'von'}
    >>> name(Author("Le", "Cuong"))
    {'family': 'Le', 'given': 'Cuong'}
    """
    family, given = line(author.family), line(author.given)
    if author.corporate:
        return {"literal": family}
    given, suffix = _suffix(given)
    before, last = _split(family.split(" "))
    after, first = _split(given.split(" ")[::-1])
    parts = {
        "family": " ".join(last),
        "given": " ".join(map(_initials, first[::-1])),
        "dropping-particle": " ".join(after[::-1]),
        "non-dropping-particle": " ".join(before),
        "suffix": suffix,
    }
    return {key: value for key, value in parts.items() if value}


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """The lower-case words at the start, and the rest; no particle if there is no rest."""
    count = next((i for i, word in enumerate(words) if not _lower(word)), 0)
    return words[:count], words[count:]


def _lower(word: str) -> bool:
    return word.islower() and word.strip("'\u2019").isalpha()


def _suffix(given: str) -> tuple[str, str]:
    found = _SUFFIX.fullmatch(given)
    return (found[1], found[2]) if found else (given, "")


def _initials(word: str) -> str:
    """Capitals that stand for names, written so that no reader takes them for one name."""
    letters = word.replace("-", "")
    if letters.isalpha() and letters.isupper() and len(letters) <= _MOST_INITIALS:
        return "-".join(" ".join(f"{letter}." for letter in part) for part in word.split("-"))
    return word


def title(reference: Reference) -> str:
    """The title as printed; where it was not seen, our label in square brackets."""
    return line(reference.title) or f"[{line(reference.label)}]"


def note(reference: Reference) -> str:
    """What the fields cannot say: what was not seen, and lists of names that go on."""
    parts = ["Retracted."] if reference.retracted else []
    parts.append(line(reference.comment))
    if reference.more_authors:
        parts.append("The list of authors goes on (et al.).")
    if reference.more_editors:
        parts.append("The list of editors goes on (et al.).")
    return " ".join(part for part in parts if part)


def item(reference: Reference) -> Item:
    """One reference as a CSL-JSON item; a field that was not seen is left out."""
    fields: Item = {
        "id": reference.key,
        "type": _type(reference),
        "title": title(reference),
        "author": _names(reference.authors, reference.more_authors),
        "editor": _names(reference.editors, reference.more_editors),
        "container-title": line(reference.container),
        "issued": {"date-parts": [[reference.year]]} if reference.year is not None else None,
        "volume": line(reference.volume),
        "issue": line(reference.issue),
        "page": "-".join(filter(None, (line(reference.first_page), line(reference.last_page)))),
        "edition": line(reference.edition),
        "publisher": line(reference.publisher),
        "publisher-place": line(reference.place),
        "DOI": line(reference.doi),
        "PMID": line(reference.pmid),
        "PMCID": line(reference.pmcid),
        "URL": line(reference.uri),
        "note": note(reference),
    }
    return {key: value for key, value in fields.items() if value}


def _type(reference: Reference) -> str:
    """The CSL type, by what the reference is printed in.

    A review with editors is a part of the work that they edit; an abstract in a volume that no
    publisher stands with is an article of a journal.
    """
    if reference.kind == "ReviewArticle" and reference.editors:
        return "chapter"
    if reference.kind == "ConferencePaper" and reference.volume and not reference.publisher:
        return "article-journal"
    return _TYPES.get(reference.kind, "document")


def _names(authors: Iterable[Author], more: bool) -> list[Name]:
    names = [name(author) for author in authors]
    return [*names, dict(OTHERS)] if names and more else names


def write(references: Iterable[Reference]) -> str:
    """The references as a CSL-JSON file.

    Particles and suffixes stand in it as people write them (van der Berg; Thomas A., Jr), from
    where citation processors part them: Zotero's import keeps nothing else of a name.
    """
    items = [item(reference) for reference in references]
    for written in items:
        for role in written.keys() & {"author", "editor"}:
            written[role] = list(map(_written, written[role]))
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _written(name: Name) -> Name:
    if "literal" in name:
        return name
    family = (name.get("non-dropping-particle"), name["family"])
    given = " ".join(filter(None, (name.get("given"), name.get("dropping-particle"))))
    whole = {
        "family": " ".join(filter(None, family)),
        "given": ", ".join(filter(None, (given, name.get("suffix")))),
    }
    return {part: value for part, value in whole.items() if value}
