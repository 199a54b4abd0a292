"""A picture of a justification: facts at the left, criteria, the subtype at the right.

Every line carries the numbers of the references that it rests on, so that nothing is said by
colour or dashes alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from calcinosis.output.markup import Markup, tag
from calcinosis.output.pictures.marks import drawing

_WIDTH: Final = 980
_FACT, _CRITERION, _SUBTYPE = (8, 270), (446, 200), (796, 176)  # left edge and width of each
_JOINT, _CLOSE = 330, 692  # where the lines of facts, and of criteria, run together
_LINE, _PAD, _GAP, _LETTER = 16, 9, 12, 6.7
_STROKE = "#5b6b7b"
_LABEL = 15
_SLIM: Final = 340
_SLIM_FACT, _SLIM_CRITERION, _SLIM_SUBTYPE = (30, 280), (48, 262), (8, 302)
_SLIM_JOINT, _RAIL, _SLIM_LABEL = 326, 18, 44
OURS: Final = "our reading"


@dataclass(frozen=True, slots=True)
class Box:
    """A fact with the words in its box and the label of its line."""

    words: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A criterion with the facts that settle it and the label of their common line."""

    words: str
    label: str
    facts: tuple[Box, ...]


def derivation(
    name: str,
    title: str,
    summary: str,
    end: tuple[str, str],
    label: str,
    branches: Sequence[Branch],
) -> Markup:
    """The picture; ``end`` are the verdict's word and the subtype, ``name`` is its unique id."""
    parts: list[Markup] = []
    middles: list[float] = []
    y = float(_GAP)
    for branch in branches:
        y, middle = _branch(parts, branch, y)
        middles.append(middle)
    word, subtype = end
    lines = [word, *_wrapped(subtype, _SUBTYPE[1])]
    centre = sum((middles[0], middles[-1])) / 2
    height = max(y, _tall(lines) + 2 * _GAP)
    centre = max(centre, _tall(lines) / 2 + _GAP)
    for middle in middles:
        bend = f"M {sum(_CRITERION)} {middle:g} H {_CLOSE} V {centre:g}"
        parts.append(_line(bend, dashed=label == OURS))
    parts.append(_line(f"M {_CLOSE} {centre:g} H {_SUBTYPE[0]}", arrow=True, dashed=label == OURS))
    parts += _label((_CLOSE + _SUBTYPE[0]) / 2, centre, label)
    parts += _box(_SUBTYPE, centre, lines, bold=True)
    return drawing(name, title, summary, (_WIDTH, height), parts)


def narrow_derivation(
    name: str,
    title: str,
    summary: str,
    end: tuple[str, str],
    label: str,
    branches: Sequence[Branch],
) -> Markup:
    """The same for a narrow page: facts above their criterion, the subtype at the bottom."""
    parts: list[Markup] = []
    y = float(_GAP)
    middles = []
    for branch in branches:
        y, middle = _stack(parts, branch, y)
        middles.append(middle)
    word, subtype = end
    lines = [word, *_wrapped(subtype, _SLIM_SUBTYPE[1])]
    told = textwrap.wrap(label.replace(",", ", "), _SLIM_LABEL)
    y += _LINE * len(told)
    dashed = label == OURS
    for middle in middles:
        path = f"M {_SLIM_CRITERION[0]} {middle:g} H {_RAIL} V {y:g}"
        parts.append(_line(path, dashed=dashed))
    parts.append(_tip(_RAIL, y, "-4 -7 h 8"))
    parts += _beside(_RAIL + _PAD, y, told)
    parts += _box(_SLIM_SUBTYPE, y + _tall(lines) / 2, lines, bold=True)
    return drawing(name, title, summary, (_SLIM, y + _tall(lines) + _GAP), parts, "slim")


def _stack(parts: list[Markup], branch: Branch, top: float) -> tuple[float, float]:
    """Draw the facts of one criterion, and it below them; the next free height, and its middle."""
    y = top
    ends = []
    for fact in branch.facts:
        told = textwrap.wrap(fact.label.replace(",", ", "), _SLIM_LABEL)
        lines = _wrapped(fact.words, _SLIM_FACT[1])
        middle = y + _tall(lines) / 2
        ends.append(middle)
        parts += _box(_SLIM_FACT, middle, lines)
        y += _tall(lines) + _LINE * len(told)
        parts += _beside(_SLIM_FACT[0] + _PAD, y, told)
        y += _GAP
    told = textwrap.wrap(branch.label.replace(",", ", "), _SLIM_LABEL)
    y += _LINE * len(told)
    lines = _wrapped(branch.words, _SLIM_CRITERION[1])
    middle = y + _tall(lines) / 2
    side = sum(_SLIM_CRITERION)
    for at in ends:
        path = f"M {sum(_SLIM_FACT)} {at:g} H {_SLIM_JOINT} V {middle:g} H {side}"
        parts.append(_line(path, dashed=branch.label == OURS))
    parts.append(_tip(side, middle, "7 -4 v 8"))
    parts += _beside(_SLIM_CRITERION[0] + _PAD, y, told)
    parts += _box(_SLIM_CRITERION, middle, lines)
    return y + _tall(lines) + 2 * _GAP, middle


def _tip(x: float, y: float, back: str) -> Markup:
    return tag("path", d=f"M {x:g} {y:g} l {back} z", fill=_STROKE)


def _beside(x: float, y: float, lines: Sequence[str]) -> list[Markup]:
    """Words in lines that end above ``y``, from ``x`` on."""
    return [
        tag("text", line, x=f"{x:g}", y=f"{y - 5 - 13 * (len(lines) - 1 - n):g}", font_size="11")
        for n, line in enumerate(lines)
    ]


def _branch(parts: list[Markup], branch: Branch, top: float) -> tuple[float, float]:
    """Draw one criterion with its facts; the next free height, and the middle of its box."""
    criterion = _wrapped(branch.words, _CRITERION[1])
    facts = [_wrapped(fact.words, _FACT[1]) for fact in branch.facts]
    tall = sum(map(_tall, facts)) + _GAP * (len(facts) - 1)
    whole = max(tall, _tall(criterion))
    middle = top + whole / 2
    y = top + (whole - tall) / 2
    for fact, lines in zip(branch.facts, facts, strict=True):
        at = y + _tall(lines) / 2
        parts.append(_line(f"M {sum(_FACT)} {at:g} H {_JOINT} V {middle:g}"))
        parts += _label((sum(_FACT) + _JOINT) / 2, at, fact.label)
        parts += _box(_FACT, at, lines)
        y += _tall(lines) + _GAP
    dashed = branch.label == OURS
    parts.append(_line(f"M {_JOINT} {middle:g} H {_CRITERION[0]}", arrow=True, dashed=dashed))
    parts += _label((_JOINT + _CRITERION[0]) / 2, middle, branch.label)
    parts += _box(_CRITERION, middle, criterion)
    return top + whole + 2 * _GAP, middle


def _wrapped(words: str, width: int) -> list[str]:
    return textwrap.wrap(words, int((width - 2 * _PAD) / _LETTER)) or [""]


def _tall(lines: Sequence[str]) -> float:
    return _LINE * len(lines) + 2 * _PAD


def _box(
    place: tuple[int, int], middle: float, lines: Sequence[str], *, bold: bool = False
) -> list[Markup]:
    left, width = place
    top = middle - _tall(lines) / 2
    frame = tag(
        "rect",
        x=left,
        y=f"{top:g}",
        width=width,
        height=f"{_tall(lines):g}",
        rx=4,
        fill="#ffffff",
        stroke=_STROKE,
        stroke_width=2 if bold else 1,
    )
    return [
        frame,
        *(
            tag(
                "text",
                line,
                x=left + _PAD,
                y=f"{top + _PAD + _LINE * (number + 0.78):g}",
                font_weight="600" if bold else None,
            )
            for number, line in enumerate(lines)
        ),
    ]


def _line(path: str, *, arrow: bool = False, dashed: bool = False) -> Markup:
    line = tag(
        "path",
        d=path,
        fill="none",
        stroke=_STROKE,
        stroke_width="1.2",
        stroke_dasharray="4 3" if dashed else None,
    )
    if not arrow:
        return line
    _, _, y, _, x = path.split()
    at, high = float(x), float(y)
    tip = f"M {at:g} {high:g} l -7 -4 v 8 z"
    return Markup(line + tag("path", d=tip, fill=_STROKE))


def _label(x: float, y: float, words: str) -> list[Markup]:
    """Words above a line; a long list of numbers in several lines."""
    lines = textwrap.wrap(words.replace(",", ", "), _LABEL)
    return [
        tag(
            "text",
            line,
            x=f"{x:g}",
            y=f"{y - 5 - 13 * (len(lines) - 1 - number):g}",
            text_anchor="middle",
            font_size="11",
            stroke="#ffffff",
            stroke_width="3",
            paint_order="stroke",
        )
        for number, line in enumerate(lines)
    ]
