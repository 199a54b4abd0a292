"""One escaper a markup: HTML elements and Markdown (CommonMark with tables), escaped when made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

# What HTML cannot hold, also not as a character reference.
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)

# Elements that end their line.
_BLOCKS: Final = (
    *("details", "div", "dl", "figure", "footer", "form", "h1", "h2", "h3", "h4", "head"),
    *("header", "li", "main", "nav", "ol", "p", "pre", "summary"),
    *("path", "rect", "section", "style", "svg", "table", "tr", "ul"),
)


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def html_text(value: object) -> Markup:
    """A value as HTML text; markup stays as it is."""
    if isinstance(value, Markup):
        return value
    return Markup(escape(_FORBIDDEN.sub("\ufffd", str(value))))


def join(*parts: object) -> Markup:
    """Several values one after another."""
    return Markup("".join(html_text(part) for part in parts))


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """An element; ``class_`` is class, ``aria_label`` is aria-label; None leaves one out."""
    end = "\n" if name in _BLOCKS else ""
    return Markup(f"<{name}{_given(attributes)}>{join(*children)}</{name}>{end}")


def void(name: str, /, **attributes: object) -> Markup:
    """An element that has no content and no end, such as an input; attributes as of ``tag``.

    >>> print(void("input", type="checkbox", checked="", disabled=None))
    <input type="checkbox" checked="">
    """
    return Markup(f"<{name}{_given(attributes)}>")


def _given(attributes: Mapping[str, object]) -> str:
    return "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html_text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )


def bullets(items: list[Markup], kind: str = "ul") -> Markup:
    """A list of these items; nothing where there is none."""
    return tag(kind, *(tag("li", item) for item in items)) if items else Markup()


def table(caption: str, heads: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> Markup:
    """A table whose first column heads the rows; each cell knows its head, for a narrow page."""
    head = tag("tr", *(tag("th", one, scope="col") for one in heads))
    body = (
        tag(
            "tr",
            tag("th", first, scope="row"),
            *(tag("td", cell, data_head=head) for head, cell in zip(heads[1:], rest, strict=True)),
        )
        for first, *rest in rows
    )
    parts = (tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("table", *parts, class_="stacked")


_ADDRESS: Final = re.compile(r"(https?://[^\s<>|\\\"]*[^\s<>|\\\".,;:!?()'\]])")
_MARKDOWN_SIGNS: Final = re.compile(r"[\\`*_\[\]<>|#&~]")
_MARKDOWN_START: Final = re.compile(r"^\s*(?:\d{1,9}(?=[.)])|(?=[-+=]))")
_INDENT: Final = re.compile(r"^\s+")  # four spaces begin a block of code
_LINE_END: Final = re.compile(r"(?<!\s)\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


def markdown_text(text: str) -> str:
    r"""The text on one line so that no sign in it is Markdown: neither within nor at its start.

    A web address stays whole, and becomes a link.

    >>> print(markdown_text("<b>|2*3| https://a.org/b_c."))
    \<b\>\|2\*3\| <https://a.org/b_c>.
    """
    return _MARKDOWN_START.sub(r"\g<0>\\", _inline(text))


def _inline(text: str) -> str:
    parts = _ADDRESS.split(_INDENT.sub(" ", _LINE_END.sub(" ", text)))
    return "".join(
        f"<{part}>" if number % 2 else _MARKDOWN_SIGNS.sub(r"\\\g<0>", part)
        for number, part in enumerate(parts)
    )


def markdown_row(cells: Iterable[str]) -> str:
    """A row of a table; its cells are Markdown."""
    return f"| {' | '.join(cells)} |"


def markdown_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False
) -> Iterator[str]:
    """The lines of a table of plain texts; all columns but the first may hold numbers."""
    yield markdown_row(map(_inline, heads))
    yield markdown_row(["---", *["--:" if numbers else "---"] * (len(heads) - 1)])
    for cells in rows:
        yield markdown_row(map(_inline, cells))
