"""Marks as SVG or PNG by matplotlib, which the extra ``graph`` brings; the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from calcinosis.errors import MissingProgramError, to_install
from calcinosis.output.markup import html_text
from calcinosis.output.pictures.marks import Box, Line, Mark, Shape, Text

Measure = Callable[[str, float, bool], float]

FONT: Final = "DejaVu Sans"
_DPI: Final = 200
_SETTINGS: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "calcinosis",
    "font.family": ["sans-serif"],
    "font.sans-serif": [FONT],
    "text.usetex": False,
}


def measure() -> Measure:
    """How wide a text is at a size, in the unit of the size.

    MissingProgramError, which names the extra, where matplotlib is not installed.
    """
    try:
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import TextToPath
    except ImportError as error:
        raise _missing() from error
    paths: Any = TextToPath()

    @cache
    def width(text: str, size: float, bold: bool) -> float:
        font = FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")
        found: float = paths.get_text_width_height_descent(text, font, ismath=False)[0]
        return found

    return width


def paint(
    marks: Iterable[Mark], width: float, height: float, form: str, title: str, points: float = 1
) -> bytes:
    """The marks on a white page as ``svg``, ``png`` or ``pdf``; a unit is so many points.

    MissingProgramError as for ``measure``.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise _missing() from error
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(width * points / 72, height * points / 72), facecolor="white")
        axes: Any = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        for order, mark in enumerate(marks):
            _draw(axes, mark, points, order)
        stream = io.BytesIO()
        if form == "png":
            figure.savefig(stream, format="png", dpi=_DPI, metadata={"Software": None})
            return stream.getvalue()
        if form == "pdf":
            unsaid = dict.fromkeys(("Creator", "Producer", "CreationDate"))
            figure.savefig(stream, format="pdf", metadata=unsaid | {"Title": title})
            return stream.getvalue()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(stream, format="svg", metadata=nothing)
    return _told(stream.getvalue().decode(), title).encode()


def _draw(axes: Any, mark: Mark, points: float, order: int) -> None:
    from matplotlib.patches import FancyBboxPatch, Polygon

    style: dict[str, Any] = {"zorder": order}
    match mark:
        case Box():
            look = f"round,pad=0,rounding_size={mark.round}" if mark.round else "square,pad=0"
            style |= {"facecolor": mark.fill, "edgecolor": mark.line}
            style["linewidth"] = mark.thick * points
            place = (mark.x, mark.y)
            axes.add_patch(FancyBboxPatch(place, mark.width, mark.height, look, **style))
        case Shape():
            style |= {"facecolor": mark.fill, "edgecolor": mark.line, "linewidth": points}
            axes.add_patch(Polygon(mark.points, **style))
        case Line():
            style |= {"color": mark.ink, "linewidth": mark.thick * points}
            style["linestyle"] = (0, (3, 2)) if mark.dashed else "solid"
            axes.plot(*zip(*mark.points, strict=True), **style)
        case Text():
            axes.text(
                mark.x,
                mark.y,
                mark.text,
                fontsize=mark.size * points,
                fontweight="bold" if mark.bold else "normal",
                color=mark.ink,
                ha={"start": "left", "middle": "center", "end": "right"}[mark.anchor],
                va="baseline",
                parse_math=False,
                **style,
            )


def _told(source: str, title: str) -> str:
    """The SVG with its title, for those who do not see it."""
    at = source.index("<svg ")
    end = source.index(">", at)
    told = html_text(title)
    head = f'{source[:end]} role="img" aria-label="{told}">\n <title>{told}</title>'
    return head + source[end + 1 :]


def _missing() -> MissingProgramError:
    cure = f"Install the extra that brings it: {to_install('graph')}"
    return MissingProgramError("pictures need matplotlib, which is not installed", "", cure)
