"""A picture of a viewpoint: which criteria each subtype needs, and who says so."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from calcinosis.errors import counted
from calcinosis.output.pictures.marks import Box, Plain, Text, svg

_TOP, _LINE_HEIGHT = 92, 15
_NOTED = "A filled cell is a necessary criterion, with its references and how far we read each."
_COUNTED = "A filled cell is a necessary criterion, with the number of its references."
_GREY = "Grey cells say what is not simply cited: our reading, or taken from the default viewpoint."
_FILL, _OURS, _LINE = "#dbe9f6", "#f2f2f2", "#7a8ca0"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How wide names and columns are, and how many letters a line of each holds, wide ones too."""

    left: int
    column: int
    letters: int
    name: int


WIDE: Final = Sizes(376, 236, 34, 80)
NARROW: Final = Sizes(268, 174, 25, 36)
"""For a page: as wide as its text."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One necessary criterion of one subtype with the labels of its references.

    ``remark`` says what is not simply cited: that it is our reading, or taken from elsewhere.
    """

    row: str
    column: str
    sources: tuple[str, ...]
    remark: str = ""

    def lines(self, letters: int) -> list[str]:
        """What stands in the cell, broken where it would not fit."""
        told = f"{self.remark}:" if self.remark and self.sources else self.remark
        words = filter(None, (told, *self.sources))
        return [line for one in words for line in textwrap.wrap(one, letters)]


@dataclass(frozen=True)
class Matrix:
    """Criteria (rows) by subtypes (columns); a filled cell is a necessary criterion.

    ``links`` are addresses of rows and columns, by their words.
    """

    title: str
    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Cell]
    sizes: Sizes = WIDE
    links: Mapping[str, str] = field(default_factory=dict)
    note: str = _NOTED

    @property
    def counted(self) -> Matrix:
        """The same with the number of references in each cell instead of their labels."""
        cells = (replace(cell, sources=_number(cell.sources)) for cell in self.cells)
        return replace(self, cells=tuple(cells), note=_COUNTED)


def _number(sources: Sequence[str]) -> tuple[str, ...]:
    many = len(sources)
    return (counted(many, "reference"),) if many else ()


def criteria_picture(matrix: Matrix) -> str:
    """An SVG of it; each cell names its sources, so that nothing rests on colour alone."""
    marks, width, height = criteria_marks(matrix)
    told = "; ".join(
        f"{column}: {', '.join(_said(cell) for cell in matrix.cells if cell.column == column)}"
        for column in matrix.columns
    )
    return svg(marks, width, height, matrix.title, told, "criteria")


def _said(cell: Cell) -> str:
    return f"{cell.row} ({cell.remark})" if cell.remark else cell.row


def criteria_marks(matrix: Matrix) -> tuple[list[Plain], float, float]:
    """The marks of the same picture, its width and its height."""
    sizes = matrix.sizes
    filled = {(cell.row, cell.column): cell for cell in matrix.cells}
    tops, bottom = _rows(matrix, filled)
    width = sizes.left + sizes.column * len(matrix.columns) + 12
    height = bottom + 24 + 18 * 2
    marks: list[Plain] = [
        Box(0, 0, width, height, "#ffffff"),
        Text(12, 28, matrix.title, 16, bold=True),
    ]
    for number, column in enumerate(matrix.columns):
        x = sizes.left + sizes.column * number + sizes.column / 2
        link = matrix.links.get(column, "")
        marks.append(Text(x, _TOP - 14, column, 13, "middle", bold=True, link=link))
    for row, (y, tall) in zip(matrix.rows, tops, strict=True):
        marks += _name(matrix, row, y + tall / 2)
        for number, column in enumerate(matrix.columns):
            x = sizes.left + sizes.column * number
            marks += _cell(x, y, tall, filled.get((row, column)), sizes)
    marks += (
        Text(12, bottom + 26 + 18 * n, note, 12) for n, note in enumerate((matrix.note, _GREY))
    )
    return marks, width, height


def _rows(
    matrix: Matrix, filled: Mapping[tuple[str, str], Cell]
) -> tuple[list[tuple[int, int]], int]:
    """Top and height of each row, as tall as its fullest cell, and the bottom of the last."""
    tops, y = [], _TOP
    for row in matrix.rows:
        cells = (filled.get((row, column)) for column in matrix.columns)
        inside = (len(cell.lines(matrix.sizes.letters)) for cell in cells if cell)
        most = max(len(textwrap.wrap(row, matrix.sizes.name)), *inside)
        tall = 20 + _LINE_HEIGHT * max(1, most)
        tops.append((y, tall))
        y += tall
    return tops, y


def _name(matrix: Matrix, row: str, middle: float) -> Iterator[Text]:
    lines = textwrap.wrap(row, matrix.sizes.name)
    first = middle + 4 - _LINE_HEIGHT / 2 * (len(lines) - 1)
    link = matrix.links.get(row, "")
    for number, line in enumerate(lines):
        y = first + _LINE_HEIGHT * number
        yield Text(matrix.sizes.left - 12, y, line, 13, "end", link=link)


def _cell(x: float, y: float, tall: float, cell: Cell | None, sizes: Sizes) -> Iterable[Plain]:
    fill = "none" if cell is None else _OURS if cell.remark else _FILL
    thick = 0.4 if cell is None else 1
    yield Box(x + 2, y + 2, sizes.column - 4, tall - 4, fill, _LINE, thick, 3)
    lines = cell.lines(sizes.letters) if cell else []
    first = y + tall / 2 + 4 - _LINE_HEIGHT / 2 * (len(lines) - 1)
    middle = x + sizes.column / 2
    for number, line in enumerate(lines):
        yield Text(middle, first + _LINE_HEIGHT * number, line, 11, "middle")
