"""A heat map: how many references a cause of a subtype has, as pictures of at most a page."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from calcinosis import names
from calcinosis.graph.claims import Association
from calcinosis.output.document import Figure, Row, Table
from calcinosis.output.pictures.marks import INK, Box, Plain, Text, svg
from calcinosis.output.wording import capital

SHADES: Final = ("#eaf1f8", "#c4d9ec", "#8db6d8", "#3f7aa9", "#1f5f8b", "#0b3b5e")
"""From few to many: one hue from light to dark, which is told apart however colours are seen."""
_LIGHT: Final = "#ffffff"
_DARK_FROM: Final = 3
_MOST_ROWS: Final = 34
_LEFT, _COLUMN, _ROW, _SIZE = 330, 96, 22, 12
_LETTERS: Final = 50


@dataclass(frozen=True, slots=True)
class Count:
    """How many references support that a row's cause makes a column's subtype."""

    row: str
    column: str
    number: int
    contested: bool

    @property
    def words(self) -> str:
        """The number, with a star where the claim is contested."""
        return f"{self.number}{'*' * self.contested}"


def of_claims(
    claims: Iterable[Association], label: Callable[[str], str], subtypes: Collection[str]
) -> tuple[list[str], list[Count]]:
    """Columns (subtypes, by their number of causes) and counts (by cause) of supported causes.

    ``label`` gives the words of an IRI; ``subtypes`` are the IRIs that may head a column.
    """
    causes = (c for c in claims if c.topic == "Cause" and c.references and c.object in subtypes)
    suffix = f" {label(names.CALCINOSIS)}"
    cells: dict[tuple[str, str], list[Association]] = {}
    for claim in sorted(causes, key=lambda c: label(c.subject).casefold()):
        cell = capital(label(claim.subject)), label(claim.object).removesuffix(suffix)
        cells.setdefault(cell, []).append(claim)
    counts = [
        Count(
            *cell,
            len({key for claim in found for key in claim.references}),
            any(claim.contested for claim in found),
        )
        for cell, found in cells.items()
    ]
    often = Counter(count.column for count in counts)
    return sorted(often, key=lambda column: (-often[column], column)), counts


def figures(caption: str, columns: Sequence[str], counts: Sequence[Count]) -> Iterator[Figure]:
    """The counts as pictures, each with its table; rows and columns stand in the given order."""
    found = {(count.row, count.column): count for count in counts}
    rows = list(dict.fromkeys(count.row for count in counts))
    most = max((count.number for count in counts), default=0)
    parts = [rows[start : start + _MOST_ROWS] for start in range(0, len(rows), _MOST_ROWS)]
    for number, part in enumerate(parts, 1):
        title = f"{caption} ({number} of {len(parts)})" if len(parts) > 1 else caption
        table = _table(title, part, columns, found)
        height = 48 + sum(_tall(row) for row in part)
        told = "; ".join(f"{row}: {_told(row, columns, found)}" for row in part)
        marks = list(_marks(part, columns, found, most))
        width = _LEFT + _COLUMN * len(columns) + 4
        yield Figure(svg(marks, width, height, title, told, f"causes-{number}"), table)


def shade(number: int, most: int) -> tuple[str, str]:
    """The fill of a number of 1 to ``most``, and the ink that is read on it."""
    place = round((number - 1) / max(1, most - 1) * (len(SHADES) - 1))
    return SHADES[place], _LIGHT if place >= _DARK_FROM else INK


def _marks(
    rows: Sequence[str],
    columns: Sequence[str],
    found: dict[tuple[str, str], Count],
    most: int,
) -> Iterator[Plain]:
    for place, column in enumerate(columns):
        middle = _LEFT + _COLUMN * (place + 0.5)
        lines = textwrap.wrap(column, 13, break_long_words=False)
        for number, line in enumerate(lines):
            yield Text(
                middle, 36 - 14 * (len(lines) - 1 - number), line, _SIZE, "middle", bold=True
            )
    top = 44.0
    for row in rows:
        tall = _tall(row)
        lines = textwrap.wrap(row, _LETTERS)
        for number, line in enumerate(lines):
            y = top + tall / 2 + 4 - 7 * (len(lines) - 1) + 14 * number
            yield Text(_LEFT - 8, y, line, _SIZE, "end")
        for place, column in enumerate(columns):
            yield from _cell(_LEFT + _COLUMN * place, top, tall, found.get((row, column)), most)
        top += tall


def _cell(x: float, y: float, tall: float, count: Count | None, most: int) -> Iterator[Plain]:
    fill, ink = ("#ffffff", INK) if count is None else shade(count.number, most)
    yield Box(x, y, _COLUMN, tall, fill, "#c3ccd6", 0.75)
    if count is not None:
        yield Text(x + _COLUMN / 2, y + tall / 2 + 4, count.words, _SIZE, "middle", ink=ink)


def _tall(row: str) -> int:
    return _ROW + 14 * (len(textwrap.wrap(row, _LETTERS)) - 1)


def _told(row: str, columns: Sequence[str], found: dict[tuple[str, str], Count]) -> str:
    counts = (found.get((row, column)) for column in columns)
    return ", ".join(f"{count.column} {count.words}" for count in counts if count)


def _table(
    caption: str,
    rows: Sequence[str],
    columns: Sequence[str],
    found: dict[tuple[str, str], Count],
) -> Table:
    def cell(row: str, column: str) -> tuple[str, ...]:
        count = found.get((row, column))
        return (count.words,) if count else ()

    width = 60 // max(1, len(columns))
    return Table(
        caption,
        ("Cause", *columns),
        tuple(Row(((row,), *(cell(row, column) for column in columns))) for row in rows),
        (100 - width * len(columns), *[width] * len(columns)),
    )
