"""Pictures of an evaluation: risk against coverage, and the way of the cases. In the page's ink."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from calcinosis.output.markup import Markup, join, tag
from calcinosis.study.accuracy import Point

_INK, _LINE = "currentColor", "#2f7fb5"  # blue that is seen on white and on dark alike
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 560, 320, 64, 24, 24, 56
_WIDE, _TALL = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_BOX, _STEP, _HIGH = 240, 74, 44
_TICKS: Final = 4


def curve(points: Sequence[Point], *, rates: bool) -> Markup:
    """Risk against coverage, a point a step; with ``rates`` as shares with intervals, else counts.

    Points that fall together have their numbers beside one another.
    """
    cases = points[0].coverage.total
    most = max((_most(point, rates=rates) for point in points), default=0.0)
    scale = _Scale(float(cases), _ceiling(most, rates=rates))
    places: dict[tuple[float, float], list[int]] = {}
    for number, point in enumerate(points, 1):
        if point.coverage.count:
            place = scale.at(point.coverage.count, _risk(point, rates=rates))
            places.setdefault(place, []).append(number)
    line = " ".join(f"{'L' if n else 'M'}{x:.1f},{y:.1f}" for n, (x, y) in enumerate(places))
    marks = [
        *_axes(scale, cases, rates=rates),
        *(_whiskers(points, scale) if rates else ()),
        tag("path", d=line, fill="none", stroke=_LINE, stroke_width=2) if line else "",
        *(
            part
            for n, found in enumerate(places.items())
            for part in _dot(*found, above=n % 2 == 0)
        ),
    ]
    told = "; ".join(
        f"{n}, {p.step}: {p.coverage.count} of {cases} answered, {p.wrong.count} wrongly"
        for n, p in enumerate(points, 1)
    )
    return _svg(marks, _HEIGHT, "Risk and coverage", told, "curve")


class _Scale:
    def __init__(self, most: float, highest: float) -> None:
        self.most, self.highest = most, highest

    def at(self, x: float, y: float) -> tuple[float, float]:
        right = _LEFT + _WIDE * (x / self.most if self.most else 0)
        return right, _TOP + _TALL * (1 - y / self.highest)


def _risk(point: Point, *, rates: bool) -> float:
    return (point.wrong.value or 0.0) if rates else float(point.wrong.count)


def _most(point: Point, *, rates: bool) -> float:
    interval = point.wrong.interval
    return interval[1] if rates and interval else _risk(point, rates=rates)


def _ceiling(most: float, *, rates: bool) -> float:
    """The top of the axis: a number that four ticks part evenly."""
    if rates:
        return next(top for top in (0.2, 0.4, 0.6, 0.8, 1.0) if top >= min(most, 1.0))
    return float(max(_TICKS, -(-int(most) // _TICKS) * _TICKS))


def _axes(scale: _Scale, cases: int, *, rates: bool) -> Iterator[Markup]:
    bottom, right = _TOP + _TALL, _LEFT + _WIDE
    yield tag("path", d=f"M{_LEFT},{_TOP}V{bottom}H{right}", fill="none", stroke=_INK)
    for tick in range(_TICKS + 1):
        part = tick / _TICKS
        y = scale.highest * part
        yield _word(_LEFT - 8, bottom - _TALL * part + 4, f"{y:.0%}" if rates else f"{y:g}", "end")
        x = f"{part:.0%}" if rates else f"{cases * part:g}"
        yield _word(_LEFT + _WIDE * part, bottom + 18, x, "middle")
    across = "cases that are answered" if rates else f"cases that are answered, of {cases}"
    yield _word(_LEFT + _WIDE / 2, _HEIGHT - 10, across, "middle")
    yield _word(_LEFT, 14, "answers that are wrong", "start")


def _whiskers(points: Sequence[Point], scale: _Scale) -> Iterator[Markup]:
    for point in points:
        if point.wrong.interval:
            ends = [scale.at(point.coverage.count, one) for one in point.wrong.interval]
            (x, low), (_, high) = ends
            path = f"M{x:.1f},{low:.1f}V{high:.1f}"
            yield tag("path", d=path, stroke=_LINE, stroke_width=1.5, stroke_opacity=0.6)


def _dot(place: tuple[float, float], numbers: Sequence[int], *, above: bool) -> Iterator[Markup]:
    x, y = place
    ends = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]}\u2013{numbers[-1]}"
    yield tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=4, fill=_LINE)
    yield _word(x + 6, y - 8 if above else y + 18, ends, "start")


def flow(steps: Sequence[tuple[str, int, str]], ends: Sequence[str]) -> Markup:
    """The way of the cases from above to below; beside each step what left before it."""
    marks: list[Markup] = []
    for number, (step, count, left) in enumerate(steps):
        top = 8 + _STEP * number
        marks += _box(top, f"{step}: {count}")
        middle = top + _HIGH / 2 if number == 0 else top - (_STEP - _HIGH) / 2
        if not left.startswith("0 "):
            start = f"M{8 + _BOX if number == 0 else 8 + _BOX / 2:g},{middle:g}H{8 + _BOX + 24:g}"
            marks += [_arrow(start), _word(8 + _BOX + 32, middle + 4, left, "start")]
        if number:
            marks.append(_arrow(f"M{8 + _BOX / 2:g},{top - _STEP + _HIGH:g}V{top:g}"))
    bottom = 8 + _STEP * (len(steps) - 1) + _HIGH
    for number, end in enumerate(ends, 1):
        marks.append(_word(8, bottom + 6 + 20 * number, end, "start"))
    told = "; ".join((*(f"{step} {count} ({left})" for step, count, left in steps), *ends))
    return _svg(marks, bottom + 20 + 20 * len(ends), "The way of the cases", told, "flow")


def _box(top: float, text: str) -> list[Markup]:
    box = tag("rect", x=8, y=top, width=_BOX, height=_HIGH, rx=4, fill="none", stroke=_INK)
    return [box, _word(8 + _BOX / 2, top + _HIGH / 2 + 5, text, "middle")]


def _arrow(path: str) -> Markup:
    return tag("path", d=path, stroke=_INK, fill="none")


def _word(x: float, y: float, text: str, anchor: str) -> Markup:
    return tag("text", text, x=f"{x:g}", y=f"{y:g}", text_anchor=anchor, fill=_INK)


def _svg(marks: Sequence[object], height: float, title: str, told: str, name: str) -> Markup:
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", told, id=f"{name}-told"),
        join(*marks),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-told",
        font_size=14,
        font_family="system-ui, sans-serif",
    )
