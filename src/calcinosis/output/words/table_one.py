"""The first table of a paper as text and Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from calcinosis.output.markup import markdown_table, markdown_text
from calcinosis.output.words.table import grid
from calcinosis.output.words.verdicts import Style, plain
from calcinosis.study.table_one import Row, TableOne

HEADS: Final = ("", "", "n / N (%)", "not known")
NOTE: Final = (
    "N of a level, sex or age is in how many it is known; of conditions, interventions and "
    "findings it is everybody, and not known are those of whom it is neither stated nor denied; "
    "former is stated of an earlier time alone, and not counted as present."
)


def text(found: TableOne, *, width: int = 80, style: Style = plain) -> str:
    """The table as text of ``width`` columns."""
    lines = grid(list(HEADS), [list(row) for row in rows(found)], width, style, dense=True)
    return "\n".join([*lines, "", *textwrap.wrap(NOTE, width)]) + "\n"


def markdown(found: TableOne) -> str:
    """The table as Markdown."""
    return "\n".join([*markdown_table(HEADS, list(rows(found))), "", markdown_text(NOTE)]) + "\n"


def rows(found: TableOne) -> Iterator[tuple[str, ...]]:
    """The rows in words, below HEADS; a section is named in its first row alone."""
    before = ""
    for row in found.rows:
        words = row.value if row.item == row.section else _words(row)
        yield "" if row.section == before else row.section, words, _share(row), str(row.missing)
        before = row.section


def _words(row: Row) -> str:
    return row.item if row.value == "present" else f"{row.item} {row.value}".rstrip()


def _share(row: Row) -> str:
    if row.count is None:
        return f"N = {row.of}"
    if row.percent is None:  # of nobody
        return f"{row.count} / {row.of}"
    return f"{row.count} / {row.of} ({row.percent} %)"
