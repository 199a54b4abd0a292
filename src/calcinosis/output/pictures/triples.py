"""A small graph as a picture: what the triples are about, and lines that say how it hangs together.

Resources stand in three columns: what is only a subject, what is both, what is only an object.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, Triple

from calcinosis.output.pictures.marks import Box, Line, Mark, Shape, Text, svg
from calcinosis.output.pictures.measured import measured

MOST: Final = 40
_NODES: Final = 32
_WIDE, _GAP, _BETWEEN, _EDGE, _RUN = 230.0, 14.0, 280.0, 16.0, 14.0
_SIZE, _SMALL, _LEADING = 12, 11, 15.0
_LETTERS, _LINES, _MOST_WORDS = 32, 3, 34
_LINE: Final = "#44566a"
_RESOURCE: Final = ("#e3f0f8", "#0072b2")
_VALUE: Final = ("#ffffff", "#7a8ca0")

Words = Callable[[object], str]
"""What a term is called."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A term at its place: the middle of its left side, and its lines."""

    x: float
    y: float
    tall: float
    lines: tuple[str, ...]
    is_value: bool
    link: str


def can_draw(triples: Sequence[Triple]) -> bool:
    """Whether there are triples, and few enough for a picture that can be read."""
    return 0 < len(triples) <= MOST and len(_terms(triples)) <= _NODES


def draw(
    triples: Sequence[Triple], words: Words, address: Callable[[object], str], title: str
) -> str:
    """The triples as SVG; ``address`` is the link of a term, or empty."""
    columns = [column for column in _columns(triples) if column]
    placed: dict[object, _Node] = {}
    heights = [sum(_tall(words(one)) + _GAP for one in column) for column in columns]
    height = max(heights) + 2 * _EDGE
    for number, (column, tall) in enumerate(zip(columns, heights, strict=True)):
        x, y = _EDGE + number * (_WIDE + _BETWEEN), (height - tall + _GAP) / 2
        for one in column:
            lines = tuple(_lines(words(one)))
            size = len(lines) * _LEADING + 10
            placed[one] = _Node(
                x, y + size / 2, size, lines, isinstance(one, Literal), address(one)
            )
            y += size + _GAP
    width = 2 * _EDGE + len(columns) * _WIDE + (len(columns) - 1) * _BETWEEN
    if any(placed[t.subject].x == placed[t.object].x for t in triples):
        width += _BETWEEN
    marks = [*_edges(triples, placed, words), *_nodes(placed)]
    said = (f"{words(t.subject)} {words(t.predicate)} {words(t.object)}" for t in triples)
    return svg(marks, width, height, title, ". ".join(said), "triples")


def _terms(triples: Sequence[Triple]) -> dict[object, None]:
    return dict.fromkeys(one for t in triples for one in (t.subject, t.object))


def _columns(triples: Sequence[Triple]) -> tuple[list[object], list[object], list[object]]:
    subjects = {t.subject for t in triples}
    objects = {t.object for t in triples}
    every = list(_terms(triples))
    first = [one for one in every if one not in objects]
    both = [one for one in every if one in objects and one in subjects]
    return first, both, [one for one in every if one not in subjects]


def _lines(words: str) -> list[str]:
    lines = textwrap.wrap(words, _LETTERS) or [""]
    if len(lines) > _LINES:
        lines = [
            *lines[: _LINES - 1],
            f"{lines[_LINES - 1][: _LETTERS - 2]}\N{HORIZONTAL ELLIPSIS}",
        ]
    return lines


def _tall(words: str) -> float:
    return len(_lines(words)) * _LEADING + 10


def _nodes(placed: dict[object, _Node]) -> Iterator[Mark]:
    for node in placed.values():
        fill, line = _VALUE if node.is_value else _RESOURCE
        top = node.y - node.tall / 2
        yield Box(node.x, top, _WIDE, node.tall, fill, line, 1, 0 if node.is_value else 6)
        for number, words in enumerate(node.lines):
            y = top + 5 + _LEADING * (number + 0.75)
            yield Text(node.x + _WIDE / 2, y, words, _SIZE, "middle", link=node.link)


def _edges(triples: Sequence[Triple], placed: dict[object, _Node], words: Words) -> Iterator[Mark]:
    """The lines, each with its words near the end that fewer lines share."""
    leave: dict[object, int] = {}
    arrive: dict[object, int] = {}
    for one in triples:
        leave[one.subject] = leave.get(one.subject, 0) + 1
        arrive[one.object] = arrive.get(one.object, 0) + 1
    between: dict[tuple[object, object], list[str]] = {}
    for one in triples:
        between.setdefault((one.subject, one.object), []).append(words(one.predicate))
    for (subject, target), said in between.items():
        near_target = arrive[target] - len(said) < leave[subject]
        yield from _edge(placed[subject], placed[target], ", ".join(said), near_target=near_target)


def _edge(start: _Node, end: _Node, words: str, *, near_target: bool) -> Iterator[Mark]:
    shown = textwrap.shorten(words, _MOST_WORDS, placeholder=" \N{HORIZONTAL ELLIPSIS}")
    wide = measured(shown, _SMALL, bold=False) + 2 * _RUN
    if start.x == end.x:
        yield from _around(start, end, shown)
        return
    side = 1 if end.x > start.x else -1
    first = start.x + (_WIDE if side > 0 else 0)
    last = end.x + (0 if side > 0 else _WIDE)
    # The words stand on the level part of the line, beside the box.
    out, in_ = (_RUN, wide) if near_target else (wide, _RUN)
    bends = (first + side * out, start.y), (last - side * in_, end.y)
    yield Line(((first, start.y), *bends, (last, end.y)), _LINE)
    yield _tip(last, end.y, side)
    if near_target:
        yield Text(last - side * wide / 2, end.y - 4, shown, _SMALL, "middle")
    else:
        yield Text(first + side * wide / 2, start.y - 4, shown, _SMALL, "middle")


def _around(start: _Node, end: _Node, words: str) -> Iterator[Mark]:
    """A line between two of one column: out of the right side, and in again."""
    x, out = start.x + _WIDE, start.x + _WIDE + 2 * _RUN
    yield Line(((x, start.y), (out, start.y), (out, end.y), (x, end.y)), _LINE)
    yield _tip(x, end.y, -1)
    yield Text(out + 4, (start.y + end.y) / 2 + 4, words, _SMALL)


def _tip(x: float, y: float, side: int) -> Shape:
    return Shape(((x, y), (x - side * 8, y - 4), (x - side * 8, y + 4)), _LINE, _LINE)
