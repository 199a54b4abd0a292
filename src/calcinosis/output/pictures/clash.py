"""A picture of contradictory facts: a row a fact, a column a clash or a way to mend it.

Signs and words say everything; colour says it once more. It is narrow enough for a phone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from calcinosis.output.markup import Markup, tag
from calcinosis.output.pictures.marks import INK, drawing

MOST_CLASHES: Final = 4
MOST_WAYS: Final = 4
_LEFT, _COLUMN, _LINE, _PAD, _LETTERS = 196, 20, 15, 7, 30
_HEAD: Final = 52
_RULE, _CLASH, _MEND = "#c3ccd6", "#a4262c", "#0b4f8a"


@dataclass(frozen=True, slots=True)
class Clash:
    """The facts of a case that clash, in words, and of each clash and each way the numbers.

    ``clashes`` are sets of facts that cannot hold together, ``ways`` the sets of facts without
    which the rest can.
    """

    facts: tuple[str, ...]
    clashes: tuple[tuple[int, ...], ...]
    ways: tuple[tuple[int, ...], ...]

    @property
    def told(self) -> str:
        """The same in words."""
        parts = [
            f"Clash {number}: {self._named(one)} cannot hold together"
            for number, one in enumerate(self.clashes, 1)
        ]
        parts += [
            f"Way {number} to mend it: withdraw {self._named(one)}"
            for number, one in enumerate(self.ways, 1)
        ]
        return f"{'. '.join(parts)}."

    def _named(self, numbers: Sequence[int]) -> str:
        return "; ".join(self.facts[number] for number in numbers)


def clash_picture(name: str, title: str, clash: Clash) -> Markup:
    """The picture as SVG; ``name`` is its unique id."""
    lines = [textwrap.wrap(fact, _LETTERS) or [""] for fact in clash.facts]
    tops = [float(_HEAD)]
    for one in lines:
        tops.append(tops[-1] + _LINE * len(one) + 2 * _PAD)
    middles = [(above + below) / 2 for above, below in pairwise(tops)]
    gap = 1 if clash.ways else 0
    width = _LEFT + _COLUMN * (len(clash.clashes) + gap + len(clash.ways)) + 8
    parts = [*_rows(lines, tops, width)]
    x = _LEFT + _COLUMN / 2
    parts += _group("clash", x, len(clash.clashes), _CLASH)
    for number, clashing in enumerate(clash.clashes, 1):
        parts += _joined(x, [middles[fact] for fact in clashing], number)
        x += _COLUMN
    x += _COLUMN * gap
    parts += _group("mend by", x, len(clash.ways), _MEND)
    for number, way in enumerate(clash.ways, 1):
        parts += _crossed(x, [middles[fact] for fact in way], number)
        x += _COLUMN
    key_width = max(width, 330)
    bottom = tops[-1] + 22
    parts.append(_text(4, bottom, "\u25cf\u2500\u25cf cannot hold together   \u2715 withdraw it"))
    return drawing(name, title, clash.told, (key_width, bottom + 10), parts, "narrow")


def _rows(lines: Sequence[Sequence[str]], tops: Sequence[float], width: float) -> Iterator[Markup]:
    for top, words in zip(tops, lines, strict=False):
        yield tag("path", d=f"M 0 {top:g} H {width:g}", stroke=_RULE, fill="none")
        for number, line in enumerate(words):
            yield _text(4, top + _PAD + _LINE * (number + 0.8), line)
    yield tag("path", d=f"M 0 {tops[-1]:g} H {width:g}", stroke=_RULE, fill="none")


def _group(words: str, x: float, columns: int, ink: str) -> list[Markup]:
    """What a group of columns is, over the group."""
    return [_text(x - _COLUMN / 2 + 2, 18, words, bold=True, ink=ink)] if columns else []


def _joined(x: float, middles: Sequence[float], number: int) -> Iterator[Markup]:
    yield _text(x, 40, str(number), anchor="middle", ink=_CLASH)
    d = f"M {x:g} {min(middles):g} V {max(middles):g}"
    yield tag("path", d=d, stroke=_CLASH, stroke_width="2", fill="none")
    for y in middles:
        yield tag("circle", cx=f"{x:g}", cy=f"{y:g}", r="6", fill=_CLASH)


def _crossed(x: float, middles: Sequence[float], number: int) -> Iterator[Markup]:
    yield _text(x, 40, str(number), anchor="middle", ink=_MEND)
    for y in middles:
        d = f"M {x - 5:g} {y - 5:g} l 10 10 m 0 -10 l -10 10"
        yield tag("path", d=d, stroke=_MEND, stroke_width="2.4", fill="none")


def _text(
    x: float, y: float, words: str, *, bold: bool = False, anchor: str = "start", ink: str = INK
) -> Markup:
    weight = "600" if bold else None
    return tag(
        "text", words, x=f"{x:g}", y=f"{y:g}", text_anchor=anchor, font_weight=weight, fill=ink
    )
