r"""References as BibTeX, which LaTeX, R, pandoc and reference managers read.

The file is UTF-8. Titles, and those of books, are braced so that no style changes their
capitals; a body is braced so that no reader splits its name; a list of names that goes on ends
with "and others". What is special to LaTeX is escaped, except in ``url`` and ``doi``, which are
read verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from calcinosis.graph.claims import Reference
from calcinosis.output.references import csl

_TYPES = {
    "article-journal": ("article", "journal"),
    "chapter": ("incollection", "booktitle"),
    "paper-conference": ("inproceedings", "booktitle"),
    "webpage": ("online", "organization"),
}
_FIELDS = {
    "volume": "volume",
    "issue": "number",
    "edition": "edition",
    "publisher": "publisher",
    "publisher-place": "address",
    "PMID": "pmid",
    "PMCID": "pmcid",
    "note": "annote",
}
_MACROS = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_"},
    }
)
_UNPAIRED = str.maketrans({"{": r"\textbraceleft{}", "}": r"\textbraceright{}"})
_LIGATURES = re.compile(r"([-',`])(?=\1)|([?!])(?=`)")
_VERBATIM = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "{}\\ "})
_SPLITS = re.compile(r"[,=]|\band\b", re.IGNORECASE)  # "family=…" is how biber writes names


def write(references: Iterable[Reference]) -> str:
    """The references as a BibTeX file."""
    return "\n".join(map(entry, references))


def entry(reference: Reference) -> str:
    """One reference as a BibTeX entry."""
    item = csl.item(reference)
    kind, container = _TYPES.get(item["type"], ("misc", "howpublished"))
    fields = [
        *_names(item),
        ("title", f"{{{escape(item['title'])}}}"),
        (container, _container(item, container)),
        ("year", str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""),
        ("pages", _pages(reference)),
        *((tag, escape(item.get(field, ""))) for field, tag in _FIELDS.items()),
        *((field.lower(), item.get(field, "").translate(_VERBATIM)) for field in ("DOI", "URL")),
    ]
    lines = [f"  {field} = {{{value}}}," for field, value in fields if value]
    return "\n".join([f"@{kind}{{{item['id']},", *lines, "}", ""])


def escape(text: str) -> str:
    r"""The text with what is special to LaTeX escaped, and no ligature made.

    >>> print(escape("50% of A & B"))
    50\% of A \& B
    """
    macros = _MACROS if _paired(text) else _MACROS | _UNPAIRED
    return _LIGATURES.sub(r"\g<0>{}", text.translate(macros))


def _paired(text: str) -> bool:
    """Whether each brace has its partner: BibTeX counts them even where they are escaped."""
    depth = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0


def _names(item: csl.Item) -> Iterator[tuple[str, str]]:
    for role in ("author", "editor"):
        yield role, " and ".join(map(_name, item.get(role, ())))


def _container(item: csl.Item, field: str) -> str:
    text = escape(item.get("container-title", ""))
    return f"{{{text}}}" if text and field == "booktitle" else text


def _pages(reference: Reference) -> str:
    pages = (csl.line(reference.first_page), csl.line(reference.last_page))
    return "--".join(escape(page) for page in pages if page)


def _name(name: csl.Name) -> str:
    if name == csl.OTHERS:
        return "others"
    if "literal" in name:
        return f"{{{escape(name['literal'])}}}"
    given = _whole(name.get("given", ""))
    family = _family(name, alone=not given)
    return ", ".join(filter(None, (family, _whole(name.get("suffix", "")), given)))


def _family(name: csl.Name, *, alone: bool) -> str:
    """The family name, braced where a reader would split it elsewhere than CSL does."""
    particles = (name.get("dropping-particle", ""), name.get("non-dropping-particle", ""))
    particle, family = " ".join(filter(None, particles)), name["family"]
    words = family.split(" ")
    odd = any(word[0].islower() for word in words) or _whole(particle) != particle
    if odd or (alone and (len(words) > 1 or particle)):
        return f"{{{escape(' '.join(filter(None, (particle, family))))}}}"
    return " ".join(filter(None, (particle, _whole(family))))


def _whole(text: str) -> str:
    """The escaped text, braced if it has what separates names or parts of names, or an escape."""
    escaped = escape(text)
    return f"{{{escaped}}}" if escaped != text or _SPLITS.search(text) else escaped
