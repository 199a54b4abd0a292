"""HTML elements whose text is escaped once, when they are made."""

from __future__ import annotations

import re
from html import escape
from typing import Final

# What HTML cannot hold, also not as a character reference.
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)

_BLOCKS: Final = frozenset(
    [
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "head",
        "header",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "path",
        "rect",
        "section",
        "style",
        "svg",
        "table",
        "tr",
        "ul",
    ]
)


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """A value as HTML text; markup stays as it is."""
    if isinstance(value, Markup):
        return value
    return Markup(escape(_FORBIDDEN.sub("\ufffd", str(value))))


def join(*parts: object) -> Markup:
    """Several values one after another."""
    return Markup("".join(text(part) for part in parts))


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """An element; ``class_`` is class, ``aria_label`` is aria-label; None leaves one out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    end = "\n" if name in _BLOCKS else ""
    return Markup(f"<{name}{given}>{join(*children)}</{name}>{end}")


def bullets(items: list[Markup], kind: str = "ul") -> Markup:
    """A list of these items; nothing where there is none."""
    return tag(kind, *(tag("li", item) for item in items)) if items else Markup()


def table(caption: str, heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> Markup:
    """A table whose first column heads the rows."""
    head = tag("tr", *(tag("th", one, scope="col") for one in heads))
    body = (
        tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in rest))
        for first, *rest in rows
    )
    return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
