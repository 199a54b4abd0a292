"""Sections of a page for people as values: paragraphs, lists, tables; as text and as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from calcinosis.output.markup import markdown_table, markdown_text


@dataclass(frozen=True, slots=True)
class Table:
    """A table of plain texts with its caption.

    Where a row stands in a paragraph of text, ``names_heads`` says that the heads stand with its
    cells, ``tells_zeros`` that a cell of 0 stands there.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names_heads: bool = True
    tells_zeros: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    """Lines that stand below one another."""

    lines: tuple[str, ...]


Part = str | Table | Items


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under its title; other places lead to its anchor. A page's head has none."""

    anchor: str
    title: str
    parts: tuple[Part, ...]


def text(sections: Iterable[Section], width: int) -> str:
    """The sections as plain text in ``width`` columns."""
    lines: list[str] = []
    for number, section in enumerate(sections):
        title = textwrap.wrap(section.title.replace("`", ""), width)
        lines += ["", *title, ""] if number else [*title, ""]
        for place, part in enumerate(section.parts):
            lines += [""] if place else []
            lines += _text(part, width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _text(part: Part, width: int) -> Iterator[str]:
    if isinstance(part, str):
        yield from textwrap.wrap(part, width)
    elif isinstance(part, Items):
        for line in part.lines:
            yield from textwrap.wrap(line, width, initial_indent="  ", subsequent_indent="    ")
    elif part.rows:
        yield from textwrap.wrap(f"{part.caption}:", width)
        yield from _aligned(part, width) or _records(part, width)


def _aligned(table: Table, width: int) -> list[str]:
    """The rows in columns; nothing where they are too wide."""
    rows = [table.heads, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.heads))]
    if sum(widths) + 2 * (len(widths) - 1) > width:
        return []
    lines = ["  ".join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * w for w in widths))
    return lines


def _records(table: Table, width: int) -> Iterator[str]:
    """A row a paragraph: its first cell, and each other one after the head of its column."""
    left_out = ("",) if table.tells_zeros else ("", "0")
    for first, *rest in table.rows:
        pairs = zip(table.heads[1:], rest, strict=True)
        told = (f"{head} {c}" if table.names_heads else c for head, c in pairs if c not in left_out)
        line = f"{first}: {'; '.join(told)}"
        yield from textwrap.wrap(line, width, initial_indent="  ", subsequent_indent="    ")


def markdown(sections: Iterable[Section]) -> str:
    """The sections as Markdown: the first title is that of the page."""
    lines: list[str] = []
    for number, section in enumerate(sections):
        lines += ["", f"## {section.title}"] if number else [f"# {section.title}"]
        for part in section.parts:
            lines += ["", *_markdown(part)]
    return "\n".join(lines) + "\n"


def _markdown(part: Part) -> Iterator[str]:
    if isinstance(part, str):
        yield markdown_text(part)
    elif isinstance(part, Items):
        yield from (f"- {markdown_text(line)}" for line in part.lines)
    elif part.rows:
        yield f"{markdown_text(part.caption)}:"
        yield ""
        yield from markdown_table(part.heads, part.rows)


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], **kept: bool) -> Table:
    """A table from any rows; ``kept`` as Table has it."""
    return Table(caption, tuple(heads), tuple(map(tuple, rows)), **kept)
