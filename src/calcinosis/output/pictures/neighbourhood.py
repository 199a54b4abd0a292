"""A picture of what a term is linked with, laid out for A4: terms, relations, references.

The term stands on top of a stem; each neighbour has a row of its own to the left or right of it,
and each relation a line from the stem with its words above and its references below, so that no
label can meet another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from calcinosis.errors import counted, listed
from calcinosis.graph.claims import Reference
from calcinosis.graph.neighbours import VALUE, Edge, Neighbour, Neighbourhood
from calcinosis.output.pictures.marks import Box, Line, Mark, Shape, Text
from calcinosis.output.pictures.painted_marks import Measure
from calcinosis.output.wording import capital
from calcinosis.output.words.verdicts import short_reference

WIDTH, HEIGHT = 595, 842  # A4 in points
_MARGIN, _BOX, _STEM, _GAP = 28, 152, WIDTH / 2, 7
_NAME, _WORD, _SMALL, _TITLE = 8, 7, 6.5, 11
_LEADING: Final = 1.3
_LINE: Final = "#44566a"

# Shape, line and fill of each kind: those of one shape have lines that are told apart by all eyes.
KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "subtype": ("round", "#0072b2", "#e3f0f8"),
    "condition": ("box", "#9a5b00", "#fdf1dc"),
    "intervention": ("cut", "#b04a00", "#fbe8dc"),
    "treatment": ("cut", "#00694e", "#def3ec"),
    "finding": ("slant", "#0072b2", "#e3f0f8"),
    "criterion": ("slant", "#8a7400", "#fbf8d9"),
    "test": ("slant", "#1b2733", "#eeeeee"),
    "site": ("point", "#8a7400", "#fbf8d9"),
    "gene": ("point", "#0072b2", "#e3f0f8"),
    "antibody": ("point", "#1b2733", "#eeeeee"),
    "demographic": ("round", "#8a7400", "#fbf8d9"),
    VALUE: ("box", "#7a8ca0", "#ffffff"),
}
_OTHER: Final = ("round", "#1b2733", "#eeeeee")


@dataclass(frozen=True, slots=True)
class Drawing:
    """Marks with the size of their page in points, and what they show in words."""

    marks: tuple[Mark, ...]
    width: float
    height: float
    title: str


def draw(
    found: Neighbourhood,
    library: Mapping[str, Reference],
    measure: Measure,
    address: Callable[[str], str] | None = None,
) -> Drawing:
    """The picture of a neighbourhood; its height is what it needs, its width that of A4.

    With ``address``, which says where the page of an IRI is, it is one for pages: names are links.
    """
    return _Layout(found, library, measure, address).drawing()


@dataclass
class _Row:
    """A neighbour with the lines of its texts, and how tall it stands."""

    neighbour: Neighbour
    name: list[str]
    edges: list[tuple[Edge, list[str], list[str]]]
    tall: float = field(default=0)

    def __post_init__(self) -> None:
        self.tall = max(
            len(self.name) * _NAME * _LEADING + 8, sum(_tall(edge) for edge in self.edges)
        )


def _tall(edge: tuple[Edge, list[str], list[str]]) -> float:
    _, above, below = edge
    return (len(above) + len(below)) * _WORD * _LEADING + 6


class _Layout:
    def __init__(
        self,
        found: Neighbourhood,
        library: Mapping[str, Reference],
        measure: Measure,
        address: Callable[[str], str] | None,
    ) -> None:
        self._found = found
        self._address = address
        self._library = library
        self._measure = measure
        self._numbers: dict[str, int] = {}
        self._read: dict[str, dict[str, None]] = {}
        self._marks: list[Mark] = []

    def drawing(self) -> Drawing:
        shown, total = len(self._found.neighbours), self._found.total
        title = f"{capital(self._found.centre.label)} and what it is linked with"
        top = self._head(title, shown, total)
        bottom = self._rows(top)
        bottom = self._key(bottom + 16)
        bottom = self._references(bottom + 10)
        return Drawing(tuple(self._marks), WIDTH, bottom + _MARGIN / 2, title)

    # -- head ----------------------------------------------------------------------------

    def _head(self, title: str, shown: int, total: int) -> float:
        self._text(_MARGIN, 34, title, _TITLE, bold=True)
        more = "" if self._address else "; --most N sets how many"
        note = (
            f"{shown} of {total} neighbours shown, by most references{more}."
            if shown < total
            else f"Neighbours: {total}."
        )
        self._text(_MARGIN, 48, note, _WORD)
        lines = self._wrapped(self._found.centre.label, 9, 220, bold=True)
        wide = max(self._measure(line, 9, True) for line in lines) + 28
        tall = len(lines) * 9 * _LEADING + 10
        self._node(self._found.centre.kind, _STEM - wide / 2, 60, wide, tall)
        for number, line in enumerate(lines):
            y = 60 + 5 + 9 * _LEADING * (number + 0.78)
            self._text(_STEM, y, line, 9, "middle", bold=True)
        return 60 + tall

    # -- rows ----------------------------------------------------------------------------

    def _rows(self, top: float) -> float:
        sides: tuple[list[_Row], list[_Row]] = ([], [])
        heights = [0.0, 0.0]
        for neighbour in self._found.neighbours:
            side = 0 if heights[0] <= heights[1] else 1
            row = self._row(neighbour)
            sides[side].append(row)
            heights[side] += row.tall + _GAP
        lowest = top
        for side, rows in enumerate(sides):
            y = top + 12
            for row in rows:
                lowest = max(lowest, self._placed(row, y, left=side == 0))
                y += row.tall + _GAP
        if self._found.neighbours:
            self._marks.insert(0, Line(((_STEM, top), (_STEM, lowest)), _LINE, thick=1.2))
        return top + 12 + max(heights)

    def _row(self, neighbour: Neighbour) -> _Row:
        name = self._wrapped(neighbour.label, _NAME, _BOX - 22)
        room = _STEM - _MARGIN - _BOX - 16
        edges = []
        for edge in neighbour.edges:
            word = f"{edge.word} (contested)" if edge.contested else edge.word
            above = self._wrapped(word, _WORD, room)
            below = self._wrapped(self._cited(edge), _WORD, room)
            edges.append((edge, above, below))
        return _Row(neighbour, name, edges)

    def _cited(self, edge: Edge) -> str:
        if self._address:
            return _counted(edge)
        numbers: tuple[set[int], set[int]] = (set(), set())
        for citation in edge.citations:
            numbers[citation.disputes].add(
                self._numbers.setdefault(citation.reference, len(self._numbers) + 1)
            )
            self._read.setdefault(citation.reference, {})[citation.read] = None
        supporting, disputing = map(ranges, numbers)
        against = f"disputed by [{disputing}]" if disputing else ""
        return " ".join(filter(None, (f"[{supporting}]" if supporting else "", against)))

    def _placed(self, row: _Row, y: float, *, left: bool) -> float:
        """A neighbour at its place; returns where its lowest relation leaves the stem."""
        x = _MARGIN if left else WIDTH - _MARGIN - _BOX
        at = y + (row.tall - sum(map(_tall, row.edges))) / 2
        ys = []
        for edge in row.edges:
            ys.append(self._edge(edge, at, left=left))
            at += _tall(edge)
        text = len(row.name) * _NAME * _LEADING + 8
        upper = min(y + (row.tall - text) / 2, ys[0] - 5)
        lower = max(y + (row.tall + text) / 2, ys[-1] + 5)
        self._node(row.neighbour.kind, x, upper, _BOX, lower - upper)
        middle = (upper + lower) / 2 - len(row.name) * _NAME * _LEADING / 2
        iri = row.neighbour.iri
        link = self._address(iri) if self._address and iri else ""
        for number, line in enumerate(row.name):
            y = middle + _NAME * _LEADING * (number + 0.78)
            self._marks.append(Text(x + _BOX / 2, y, line, _NAME, "middle", link=link))
        return ys[-1]

    def _edge(self, edge: tuple[Edge, list[str], list[str]], top: float, *, left: bool) -> float:
        relation, above, below = edge
        outer = _MARGIN + _BOX if left else WIDTH - _MARGIN - _BOX
        y = top + len(above) * _WORD * _LEADING + 2
        under = outer + (-8 if left else 8)  # a node with pointed sides covers the rest
        self._marks.append(Line(((_STEM, y), (under, y)), _LINE, dashed=relation.contested))
        tip, away = (_STEM, outer - _STEM) if relation.inward else (outer, _STEM - outer)
        back = tip + (6 if away > 0 else -6)
        self._marks.append(Shape(((tip, y), (back, y - 2.6), (back, y + 2.6)), _LINE, _LINE))
        middle = (outer + _STEM) / 2
        for number, line in enumerate(above):
            below_line = len(above) - 1 - number
            self._text(middle, y - 3 - _WORD * _LEADING * below_line, line, _WORD, "middle")
        for number, line in enumerate(below):
            self._text(middle, y + 1.5 + _WORD * _LEADING * (number + 0.8), line, _WORD, "middle")
        return y

    # -- legend --------------------------------------------------------------------------

    def _key(self, top: float) -> float:
        kinds = {self._found.centre.kind: None}
        kinds.update((one.kind, None) for one in self._found.neighbours)
        x, y = float(_MARGIN), top
        for kind in sorted(kinds):
            wide = 24 + self._measure(kind, _SMALL, False) + 16
            if x + wide > WIDTH - _MARGIN:
                x, y = _MARGIN, y + 14
            self._node(kind, x, y - 7, 18, 9)
            self._text(x + 23, y, kind, _SMALL)
            x += wide
        said = (
            "An arrow leads from the subject of a claim to its object; a broken line is contested."
        )
        self._text(_MARGIN, y + 13, said, _SMALL)
        return y + 13

    def _references(self, top: float) -> float:
        if not self._numbers:  # a page has a list of its own
            return top
        self._text(
            _MARGIN, top + 8, "References (how far read for this; type of study)", 8, bold=True
        )
        room = (WIDTH - 2 * _MARGIN - 16) / 2
        entries = [self._wrapped(self._told(key), _SMALL, room - 20) for key in self._numbers]
        step = _SMALL * _LEADING
        half = sum(len(lines) * step + 2 for lines in entries) / 2
        x, y, lowest = float(_MARGIN), top + 22, top + 22
        for number, lines in enumerate(entries, 1):
            if x == _MARGIN and y - top - 22 >= half:
                x, y = _MARGIN + room + 16, top + 22
            self._text(x + 16, y, f"[{number}]", _SMALL, "end")
            for line in lines:
                self._text(x + 20, y, line, _SMALL)
                lowest = max(lowest, y)
                y += step
            y += 2
        return lowest

    def _told(self, key: str) -> str:
        reference = self._library.get(key)
        study = (reference.study_type if reference else "") or "unknown type of study"
        read = listed(tuple(self._read[key]))
        return f"{short_reference(reference, key)} (read: {read}; {study})"

    # -- marks ---------------------------------------------------------------------------

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        anchor: str = "start",
        *,
        bold: bool = False,
    ) -> None:
        self._marks.append(Text(x, y, text, size, anchor, bold))

    def _node(self, kind: str, x: float, y: float, wide: float, tall: float) -> None:
        shape, line, fill = KINDS.get(kind, _OTHER)
        if shape in ("box", "round"):
            bend = min(6, tall / 2) if shape == "round" else 0
            self._marks.append(Box(x, y, wide, tall, fill, line, 1, bend))
        else:
            self._marks.append(Shape(tuple(_corners(shape, x, y, wide, tall)), fill, line))

    def _wrapped(self, text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
        return list(_wrap(text.split(), lambda line: self._measure(line, size, bold) <= room))


def _counted(edge: Edge) -> str:
    """How many references a relation has, for and against."""
    keys = {(one.reference, one.disputes) for one in edge.citations}
    against = sum(disputes for _, disputes in keys)
    many = len(keys) - against
    words = counted(many, "reference") if many or against else ""
    return f"{words}, {against} against" if against else words


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as people write them.

    >>> ranges({1, 2, 3, 5, 8, 7})
    '1\u20133, 5, 7, 8'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        f"{run[0]}\u2013{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs
    )


def _wrap(words: Iterable[str], fits: Callable[[str], bool]) -> Iterator[str]:
    """Lines that fit; a word that is too long by itself is broken."""
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        if fits(longer):
            line = longer
            continue
        if line:
            yield line
        line = word
        while not fits(line):
            end = next(end for end in range(len(line), 0, -1) if fits(line[:end]) or end == 1)
            yield line[:end]
            line = line[end:]
    if line:
        yield line


def _corners(
    shape: str, x: float, y: float, wide: float, tall: float
) -> Iterator[tuple[float, float]]:
    right, low, in_ = x + wide, y + tall, min(6, tall / 2)
    if shape == "slant":
        yield from ((x + in_, y), (right, y), (right - in_, low), (x, low))
    elif shape == "point":
        middle = y + tall / 2
        yield from ((x, middle), (x + in_, y), (right - in_, y))
        yield from ((right, middle), (right - in_, low), (x + in_, low))
    else:
        cut = in_ * 0.8
        yield from ((x + cut, y), (right - cut, y), (right, y + cut), (right, low - cut))
        yield from ((right - cut, low), (x + cut, low), (x, low - cut), (x, y + cut))
