"""A document for people as a value: blocks of words, from which each form of it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from calcinosis.graph.claims import Reference
from calcinosis.output.markup import markdown_row as line
from calcinosis.output.markup import markdown_text
from calcinosis.output.references.lines import plain


@dataclass(frozen=True, slots=True)
class Cite:
    """A mention of a reference by its short name."""

    key: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to another place of the document."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a line within a paragraph or cell."""


Words = tuple[str | Cite | Link | Break, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 4; other places lead to its anchor."""

    level: int
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words that stand by themselves."""

    words: Words


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a table's row."""

    cells: tuple[Words, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; ``widths`` are the columns' shares of the page in percent.

    ``named`` says that the first cell of a row is the name of it.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    widths: tuple[int, ...]
    named: bool = True


@dataclass(frozen=True, slots=True)
class Outline:
    """Lines with their depths, from 1."""

    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as SVG, and the table that says the same where no picture can stand."""

    svg: str
    table: Table


@dataclass(frozen=True, slots=True)
class Bibliography:
    """References, each complete, in the order of their short names."""

    references: tuple[Reference, ...]


Block = Heading | Paragraph | Table | Outline | Figure | Bibliography
Library = Mapping[str, Reference]


def cited(blocks: Iterable[Block]) -> set[str]:
    """The keys of all references that are mentioned."""
    return {word.key for words in _said(blocks) for word in words if isinstance(word, Cite)}


def _said(blocks: Iterable[Block]) -> Iterator[Words]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.words
        elif isinstance(block, Table):
            for row in block.rows:
                yield from row.cells


def markdown(blocks: Iterable[Block], library: Library) -> Iterator[str]:
    """The document in Markdown (CommonMark with tables), block by block."""
    for number, block in enumerate(blocks):
        yield ("\n" if number else "") + "\n".join(_markdown(block, library)) + "\n"


def _markdown(block: Block, library: Library) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * block.level} {markdown_text(block.text)}"
        case Paragraph():
            yield _words(block.words, library, "\\\n")
        case Table():
            yield from _table(block, library)
        case Figure():
            yield from _table(block.table, library)
        case Outline():
            yield from (
                f"{'  ' * (depth - 1)}- {markdown_text(text)}" for depth, text in block.lines
            )
        case Bibliography():
            for one in block.references:
                yield f"- **{markdown_text(one.label)}**. {markdown_text(full(one))}"


def full(reference: Reference) -> str:
    """A reference complete, with its key and what kind of study it is."""
    return f"{plain(reference)} ({kind(reference)})"


def kind(reference: Reference) -> str:
    """The key of a reference, the type of its study, and whether it was retracted."""
    marks = (reference.study_type or "unknown type of study", "retracted" * reference.retracted)
    return f"{reference.key}; {', '.join(filter(None, marks))}"


def _table(table: Table, library: Library) -> Iterator[str]:
    yield f"{markdown_text(table.caption)}\n"
    yield line(map(markdown_text, table.heads))
    yield line(["---"] * len(table.heads))
    for one in table.rows:
        yield line(_words(cell, library, "<br>") for cell in one.cells)


def _words(words: Words, library: Library, newline: str) -> str:
    return "".join(
        newline if isinstance(word, Break) else markdown_text(visible_text(word, library))
        for word in words
    )


def visible_text(word: str | Cite | Link, library: Library) -> str:
    """What a reader sees of a word."""
    if isinstance(word, Cite):
        return library[word.key].label if word.key in library else word.key
    return word.text if isinstance(word, Link) else word
