"""A picture of a viewpoint: which criteria each subtype needs, and who says so."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from calcinosis.output.pictures.marks import Box, Plain, Text, svg

_LEFT, _TOP, _COLUMN, _LINE_HEIGHT = 376, 92, 236, 15
_LETTERS = 34  # as many as a line of a cell holds, wide ones too
_NOTES = (
    "A filled cell is a necessary criterion, with its references and how far we read each.",
    "Grey cells say what is not simply cited: our reading, or taken from the default viewpoint.",
)
_FILL, _OURS, _LINE = "#dbe9f6", "#f2f2f2", "#7a8ca0"


@dataclass(frozen=True, slots=True)
class Cell:
    """One necessary criterion of one subtype with the labels of its references.

    ``remark`` says what is not simply cited: that it is our reading, or taken from elsewhere.
    """

    row: str
    column: str
    sources: tuple[str, ...]
    remark: str = ""

    @property
    def lines(self) -> list[str]:
        """What stands in the cell, broken where it would not fit."""
        told = f"{self.remark}:" if self.remark and self.sources else self.remark
        words = filter(None, (told, *self.sources))
        return [line for one in words for line in textwrap.wrap(one, _LETTERS)]


def criteria_picture(
    title: str, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Cell]
) -> str:
    """An SVG of criteria (rows) by subtypes (columns); a filled cell is a necessary criterion.

    Each cell names its sources, so that nothing rests on colour alone.
    """
    marks, width, height = criteria_marks(title, rows, columns, cells)
    told = "; ".join(
        f"{column}: {', '.join(map(_said, (cell for cell in cells if cell.column == column)))}"
        for column in columns
    )
    return svg(marks, width, height, title, told, "criteria")


def _said(cell: Cell) -> str:
    return f"{cell.row} ({cell.remark})" if cell.remark else cell.row


def criteria_marks(
    title: str, rows: Sequence[str], columns: Sequence[str], cells: Iterable[Cell]
) -> tuple[list[Plain], float, float]:
    """The marks of the same picture, its width and its height."""
    filled = {(cell.row, cell.column): cell for cell in cells}
    tops, bottom = _rows(rows, columns, filled)
    width, height = _LEFT + _COLUMN * len(columns) + 12, bottom + 24 + 18 * len(_NOTES)
    marks: list[Plain] = [
        Box(0, 0, width, height, "#ffffff"),
        Text(12, 28, title, 16, bold=True),
    ]
    for number, column in enumerate(columns):
        x = _LEFT + _COLUMN * number + _COLUMN / 2
        marks.append(Text(x, _TOP - 14, column, 13, "middle", bold=True))
    for row, (y, tall) in zip(rows, tops, strict=True):
        marks.append(Text(_LEFT - 12, y + tall / 2 + 4, row, 13, "end"))
        for number, column in enumerate(columns):
            marks += _cell(_LEFT + _COLUMN * number, y, tall, filled.get((row, column)))
    marks += (Text(12, bottom + 26 + 18 * n, note, 12) for n, note in enumerate(_NOTES))
    return marks, width, height


def _rows(
    rows: Sequence[str], columns: Sequence[str], filled: Mapping[tuple[str, str], Cell]
) -> tuple[list[tuple[int, int]], int]:
    """Top and height of each row, as tall as its fullest cell, and the bottom of the last."""
    tops, y = [], _TOP
    for row in rows:
        cells = (filled.get((row, column)) for column in columns)
        most = max((len(cell.lines) for cell in cells if cell), default=1)
        tall = 20 + _LINE_HEIGHT * max(1, most)
        tops.append((y, tall))
        y += tall
    return tops, y


def _cell(x: float, y: float, tall: float, cell: Cell | None) -> list[Plain]:
    fill = "none" if cell is None else _OURS if cell.remark else _FILL
    thick = 0.4 if cell is None else 1
    box = Box(x + 2, y + 2, _COLUMN - 4, tall - 4, fill, _LINE, thick, 3)
    if cell is None:
        return [box]
    lines = cell.lines
    first = y + tall / 2 + 4 - _LINE_HEIGHT / 2 * (len(lines) - 1)
    middle = x + _COLUMN / 2
    return [
        box,
        *(Text(middle, first + _LINE_HEIGHT * n, t, 11, "middle") for n, t in enumerate(lines)),
    ]
