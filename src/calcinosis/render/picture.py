"""A picture of a viewpoint: which criteria each subtype needs, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_LEFT, _TOP, _COLUMN, _LINE_HEIGHT = 376, 92, 186, 15
_FILL, _OURS, _LINE, _INK = "#dbe9f6", "#f2f2f2", "#7a8ca0", "#1b2733"


@dataclass(frozen=True, slots=True)
class Cell:
    """One necessary criterion of one subtype with the labels of its references."""

    row: str
    column: str
    sources: tuple[str, ...]


def criteria_picture(
    title: str, rows: Sequence[str], columns: Sequence[str], cells: Iterable[Cell]
) -> str:
    """An SVG of criteria (rows) by subtypes (columns); a filled cell is a necessary criterion.

    Each cell names its sources, so that nothing rests on colour alone.
    """
    filled = {(cell.row, cell.column): cell for cell in cells}
    tops, bottom = _rows(rows, columns, filled)
    width = _LEFT + _COLUMN * len(columns) + 12
    height = bottom + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' font-family="system-ui, sans-serif" font-size="13" fill="{_INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(12, 28, title, 'font-size="16" font-weight="600"'),
    ]
    for number, column in enumerate(columns):
        x = _LEFT + _COLUMN * number + _COLUMN / 2
        parts.append(_text(x, _TOP - 14, column, 'text-anchor="middle" font-weight="600"'))
    for row, (y, tall) in zip(rows, tops, strict=True):
        parts.append(_text(_LEFT - 12, y + tall / 2 + 4, row, 'text-anchor="end"'))
        for number, column in enumerate(columns):
            parts += _cell(_LEFT + _COLUMN * number, y, tall, filled.get((row, column)))
    note = "A filled cell is a necessary criterion, with the references that name it."
    parts += [_text(12, height - 14, note, 'font-size="12"'), "</svg>"]
    return "\n".join(parts) + "\n"


def _rows(
    rows: Sequence[str], columns: Sequence[str], filled: Mapping[tuple[str, str], Cell]
) -> tuple[list[tuple[int, int]], int]:
    """Top and height of each row, as tall as its fullest cell, and the bottom of the last."""
    tops, y = [], _TOP
    for row in rows:
        cells = (filled.get((row, column)) for column in columns)
        most = max((len(cell.sources) for cell in cells if cell), default=1)
        tall = 20 + _LINE_HEIGHT * max(1, most)
        tops.append((y, tall))
        y += tall
    return tops, y


def _cell(x: float, y: float, tall: float, cell: Cell | None) -> list[str]:
    fill = "none" if cell is None else _FILL if cell.sources else _OURS
    box = (
        f'<rect x="{x + 2}" y="{y + 2}" width="{_COLUMN - 4}" height="{tall - 4}" rx="3"'
        f' fill="{fill}" stroke="{_LINE}" stroke-width="{0.4 if cell is None else 1}"/>'
    )
    if cell is None:
        return [box]
    lines = cell.sources or ("our reading",)
    first = y + tall / 2 + 4 - _LINE_HEIGHT / 2 * (len(lines) - 1)
    style = 'text-anchor="middle" font-size="11"'
    return [
        box,
        *(_text(x + _COLUMN / 2, first + _LINE_HEIGHT * n, t, style) for n, t in enumerate(lines)),
    ]


def _text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(text)}</text>'
