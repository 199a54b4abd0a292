"""What the tests of the bibliography share: references to write, and how to compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from hypothesis import strategies as st

from calcinosis.api.bibliography import Bibliography
from calcinosis.graph.claims import Author, Reference
from calcinosis.output.references import csl
from tests.shared import graph

# What LaTeX, and pandoc after it, sets in another form than it is typed.
_SET = str.maketrans({**dict.fromkeys('\u2018\u2019\u201c\u201d"`', "'"), "\u02c6": "^"})

printable = st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(
    " {}%&$#_~^\\\"'`-,;:\n\t"
)
titles = st.text(printable, min_size=1, max_size=40).filter(csl.line)
words = st.text(printable, max_size=8) | st.sampled_from(
    ["van der", "de la", "Le", "Ben", "d'Arc", "and", "others", "Jr", "III", "JA", "J-P", "日本"]
)
phrases = st.lists(words, min_size=1, max_size=4).map(" ".join)
authors = st.builds(
    lambda family, given, body: Author(family, "" if body else given, body),
    phrases.filter(lambda text: csl.line(text) not in ("", "others")),  # CSL's mark for et al.
    phrases | st.just(""),
    st.booleans(),
)


def article(title: str = "A title", people: Iterable[Author] = (), **fields: object) -> Reference:
    """A journal article with these fields, and none of the rest."""
    (reiter,) = (reference for reference in everything() if reference.key == "reiter-2011")
    blank = replace(
        reiter,
        title=title,
        authors=tuple(people),
        more_authors=False,
        comment="",
    )
    return replace(blank, **fields)  # type: ignore[arg-type]


def parts(name: csl.Name) -> tuple[str, str, str]:
    """Family name after its particles, given names and suffix; a body is a family name."""
    family = ("dropping-particle", "non-dropping-particle", "family", "literal")
    whole = " ".join(name[part] for part in family if part in name)
    return whole, name.get("given", ""), name.get("suffix", "")


def same(text: str) -> str:
    """The text with every quotation mark as one and the same."""
    return text.translate(_SET)


def expected(references: Iterable[Reference]) -> dict[str, csl.Item]:
    """The items that the formats are written from, by key."""
    return {item["id"]: item for item in map(csl.item, references)}


@cache
def everything() -> Bibliography:
    """Every reference of the package."""
    return graph().cite()
