"""A picture of a viewpoint: which criteria each subtype needs, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_LEFT, _TOP, _COLUMN, _ROW = 250, 92, 176, 46
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
    width = _LEFT + _COLUMN * len(columns) + 12
    height = _TOP + _ROW * len(rows) + 40
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
    filled = {(cell.row, cell.column): cell for cell in cells}
    for place, row in enumerate(rows):
        y = _TOP + _ROW * place
        parts.append(_text(_LEFT - 12, y + _ROW / 2 + 4, row, 'text-anchor="end"'))
        for number, column in enumerate(columns):
            parts += _cell(_LEFT + _COLUMN * number, y, filled.get((row, column)))
    note = "A filled cell is a necessary criterion, with the references that name it."
    parts += [_text(12, height - 14, note, 'font-size="12"'), "</svg>"]
    return "\n".join(parts) + "\n"


def _cell(x: float, y: float, cell: Cell | None) -> list[str]:
    fill = "none" if cell is None else _FILL if cell.sources else _OURS
    box = (
        f'<rect x="{x + 2}" y="{y + 2}" width="{_COLUMN - 4}" height="{_ROW - 4}" rx="3"'
        f' fill="{fill}" stroke="{_LINE}" stroke-width="{0.4 if cell is None else 1}"/>'
    )
    if cell is None:
        return [box]
    sources = cell.sources or ("our reading",)
    lines = [", ".join(sources[start : start + 2]) for start in range(0, min(4, len(sources)), 2)]
    middle = y + _ROW / 2 + 4 - 7 * (len(lines) - 1)
    style = 'text-anchor="middle" font-size="11"'
    return [
        box,
        *(_text(x + _COLUMN / 2, middle + 14 * n, line, style) for n, line in enumerate(lines)),
    ]


def _text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(text)}</text>'
