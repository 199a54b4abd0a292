"""Marks on a page, from which a picture is written: boxes and words with their places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from calcinosis.output.markup import Markup, html_text, tag

INK: Final = "#1b2733"


def drawing(
    name: str,
    title: str,
    summary: str,
    size: tuple[float, float],
    parts: Iterable[Markup],
    kind: str | None = None,
) -> Markup:
    """A picture within a page, so wide and high, with its title and what it shows in words."""
    width, height = size
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", summary, id=f"{name}-desc"),
        *parts,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        font_family="system-ui, sans-serif",
        font_size="12.5",
        fill=INK,
        class_=kind,
    )


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; ``fill`` and ``line`` are colours or ``none``."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    line: str = "none"
    thick: float = 1
    round: float = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """A polygon by its corners."""

    points: tuple[tuple[float, float], ...]
    fill: str
    line: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    ink: str
    dashed: bool = False
    thick: float = 1


@dataclass(frozen=True, slots=True)
class Text:
    """One line of words at its base line; ``anchor`` is start, middle or end.

    ``link`` is the address that it leads to, if any.
    """

    x: float
    y: float
    text: str
    size: float = 13
    anchor: str = "start"
    bold: bool = False
    ink: str = INK
    link: str = ""


Plain = Box | Text
Mark = Plain | Shape | Line


def svg(
    marks: Iterable[Mark], width: float, height: float, title: str, told: str, name: str
) -> str:
    """The marks as SVG with its title, and with what it shows in words (``told``).

    ``name`` sets the ids of one picture apart from those of others on the same page.
    """
    marks = list(marks)
    # What is inside an image is hidden from screen readers, links too.
    role = "group" if any(isinstance(mark, Text) and mark.link for mark in marks) else "img"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="{role}"'
        f' aria-labelledby="{name}-title {name}-told" font-family="system-ui, sans-serif">'
    )
    said = (
        f'<title id="{name}-title">{html_text(title)}</title>',
        f'<desc id="{name}-told">{html_text(told)}</desc>',
    )
    return "\n".join([head, *said, *map(_mark, marks), "</svg>"]) + "\n"


def _mark(mark: Mark) -> str:
    match mark:
        case Box():
            return _box(mark)
        case Text():
            return _text(mark)
        case Shape():
            return (
                f'<polygon points="{_points(mark.points)}" fill="{mark.fill}"'
                f' stroke="{mark.line}" stroke-linejoin="round"/>'
            )
        case Line():
            dashes = ' stroke-dasharray="3 2"' if mark.dashed else ""
            return (
                f'<polyline points="{_points(mark.points)}" fill="none" stroke="{mark.ink}"'
                f' stroke-width="{mark.thick:g}"{dashes}/>'
            )


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{round(x, 2):g},{round(y, 2):g}" for x, y in points)


def _box(mark: Box) -> str:
    corners = f' rx="{mark.round:g}"' if mark.round else ""
    return (
        f'<rect x="{mark.x:g}" y="{mark.y:g}" width="{mark.width:g}" height="{mark.height:g}"'
        f' fill="{mark.fill}" stroke="{mark.line}" stroke-width="{mark.thick:g}"{corners}/>'
    )


def _text(mark: Text) -> str:
    weight = ' font-weight="600"' if mark.bold else ""
    words = (
        f'<text x="{mark.x:g}" y="{mark.y:g}" font-size="{mark.size:g}" fill="{mark.ink}"'
        f' text-anchor="{mark.anchor}"{weight}>{html_text(mark.text)}</text>'
    )
    return f'<a href="{html_text(mark.link)}">{words}</a>' if mark.link else words
