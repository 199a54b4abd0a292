"""Pictures of a cohort: verdicts by subtype, criteria that are met together, what is missing.

They are narrow, so that a phone shows them; numbers and words say what the shades do, which differ
in lightness, so that they are told apart however colours are seen.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from calcinosis.errors import listed
from calcinosis.output.pictures.marks import INK, Box, Plain, Text, svg
from calcinosis.output.wording import VERDICT
from calcinosis.reasoning.verdict import ENTAILED, STANDINGS, Standing, Status
from calcinosis.study.cohort import Cohort

MOST: Final = 12
"""Overlaps in a picture."""
WIDTH: Final = 360
SHADES: Final[dict[str, tuple[str, str]]] = {
    "entailed": ("#1f5f8b", "#ffffff"),
    "presumed": ("#8fbfdc", INK),
    "undetermined": ("#f2f2f2", INK),
    "refuted": ("#a0a0a0", INK),
    "conflicting": ("#7a1f1f", "#ffffff"),
    "met": ("#1f5f8b", "#ffffff"),
    "violated": ("#a0a0a0", INK),
    "unknown": ("#ffffff", INK),
}
"""Fill and ink of a part of a bar."""
DARK: Final = {
    "#ffffff": "#14191f",
    INK: "#e4eaf0",
    "#1f5f8b": "#6fb1e4",
    "#8fbfdc": "#34698f",
    "#f2f2f2": "#222b35",
    "#a0a0a0": "#4a525a",
    "#7a1f1f": "#ffb3ad",
}
"""For each colour that fills the one on a dark page: dark inks become light, light ones dark."""
STATUS: Final[dict[Status, str]] = {
    "met": "met",
    "violated": "not met",
    "unknown": "unknown",
    "conflicting": "contradictory",
}
_RULE, _EDGE = "#c3ccd6", "#5b6b7b"
_BAR, _SIZE, _DIGIT, _LETTERS = 18, 12, 7, 52


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as marks, with its title and with what it shows in words."""

    marks: tuple[Plain, ...]
    width: float
    height: float
    title: str
    told: str

    def svg(self, name: str) -> str:
        """As SVG; ``name`` sets its ids apart from those of other pictures of a page."""
        return svg(self.marks, self.width, self.height, self.title, self.told, name)

    def painted(self, form: str) -> bytes:
        """As ``svg``, ``png`` or ``pdf``; MissingProgramError where matplotlib is not there."""
        from calcinosis.output.pictures.painted_marks import paint

        return paint(self.marks, self.width, self.height, form, self.title)


def standings(cohort: Cohort) -> Drawn:
    """A bar a subtype: how many patients have which standing, and the interval of who follow."""
    words: dict[str, str] = {one: VERDICT[one] for one in STANDINGS}
    rows = []
    for one in cohort.subtypes:
        counts = {standing: share.count for standing, share in one.standings.items()}
        rows.append((one.label, counts, one.standings[ENTAILED].interval))
    title = f"Verdicts on {cohort.people} by subtype"
    author = cohort.following.author
    note = f"Line below a bar: 95 % interval of the share in whom it follows, {author}."
    return _bars(title, rows, words, len(cohort), note)


def missing(cohort: Cohort) -> Drawn:
    """A bar a criterion: in how many it is met, not met, or unknown."""
    rows = [(one.label, dict(one.statuses), None) for one in cohort.criteria]
    words: dict[str, str] = dict(STATUS.items())
    return _bars(f"What is known of {cohort.people}", rows, words, len(cohort), "")


def overlaps(cohort: Cohort) -> Drawn:
    """The criteria that are met together, as in an UpSet plot: a row a combination, most first."""
    labels = [one.label for one in cohort.criteria]
    found = Counter(
        tuple(number for number, status in enumerate(one.criteria) if status == "met")
        for one in cohort.patients
    )
    rows = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    marks: list[Plain] = []
    y = 20.0
    for number, label in enumerate(labels, 1):
        marks.append(Text(4, y, f"{number}  {label}", _SIZE))
        y += 16
    y += 12
    step = min(20, 200 / max(1, len(labels)))
    for number in range(len(labels)):
        marks.append(Text(14 + step * number, y, str(number + 1), _SIZE, "middle", bold=True))
    marks.append(Text(24 + step * len(labels), y, "patients", _SIZE, bold=True))
    most = max(found.values(), default=1)
    for met, count in rows[:MOST]:
        y += 20
        marks += _overlap(met, len(labels), step, y)
        x = 24 + step * len(labels)
        wide = (WIDTH - x - 40) * count / most
        marks += [
            Box(x, y - 11, wide, 14, "#1f5f8b"),
            Text(x + wide + 4, y, str(count), _SIZE),
        ]
    rest = len(rows) - MOST
    if rest > 0:
        y += 20
        marks.append(Text(4, y, f"and {rest} more combinations", _SIZE))
    told = [
        f"{count}: {listed([labels[number] for number in met]) or 'no criterion'}"
        for met, count in rows[:MOST]
    ]
    title = "Criteria that are met together"
    said = f"Patients by the criteria met. {'; '.join(told)}."
    return _drawn(marks, y + 12, title, said)


def _overlap(met: Sequence[int], columns: int, step: float, y: float) -> Iterator[Plain]:
    if len(met) > 1:
        yield Box(14 + step * met[0], y - 5, step * (met[-1] - met[0]), 2, INK)
    for number in range(columns):
        fill = INK if number in met else "#ffffff"
        yield Box(14 + step * number - 5, y - 9, 10, 10, fill, _EDGE, 1, 5)


def _bars(
    title: str,
    rows: Sequence[tuple[str, Mapping[Standing, int] | Mapping[Status, int], object]],
    words: Mapping[str, str],
    total: int,
    note: str,
) -> Drawn:
    used = [one for one in words if any(_count(counts, one) for _, counts, _ in rows)]
    marks: list[Plain] = []
    y = _key(marks, used, words)
    for label, counts, interval in rows:
        for line in textwrap.wrap(label, _LETTERS):
            marks.append(Text(4, y + 13, line, _SIZE))
            y += 16
        marks += _bar(y + 3, {one: _count(counts, one) for one in used}, total)
        y += _BAR + 5
        if isinstance(interval, tuple):
            marks += _interval(y + 2, *interval)
        y += 10
    for line in textwrap.wrap(note, _LETTERS):
        marks.append(Text(4, y + 13, line, 11))
        y += 14
    said = "; ".join(
        f"{label}: {', '.join(f'{words[one]} {_count(counts, one)}' for one in used)}"
        for label, counts, _ in rows
    )
    return _drawn(marks, y + 8, title, f"{said}.")


def _count(counts: Mapping[Standing, int] | Mapping[Status, int], key: str) -> int:
    return dict[str, int](counts).get(key, 0)  # type: ignore[arg-type]


def _key(marks: list[Plain], used: Sequence[str], words: Mapping[str, str]) -> float:
    """What each shade means; the next free height."""
    x, y = 4.0, 16.0
    for one in used:
        wide = 28 + _DIGIT * len(words[one])
        if x + wide > WIDTH:
            x, y = 4.0, y + 20
        marks += [
            Box(x, y - 11, 13, 13, SHADES[one][0], _EDGE),
            Text(x + 18, y, words[one], _SIZE),
        ]
        x += wide
    return y + 10


def _bar(y: float, counts: Mapping[str, int], total: int) -> Iterator[Plain]:
    x, whole = 4.0, WIDTH - 8
    for one, count in counts.items():
        wide = whole * count / max(1, total)
        if not wide:
            continue
        fill, ink = SHADES[one]
        yield Box(x, y, wide, _BAR, fill, _EDGE)
        if wide > _DIGIT * len(str(count)) + 2:
            yield Text(x + wide / 2, y + 13, str(count), _SIZE, "middle", ink=ink)
        x += wide


def _interval(y: float, low: float, high: float) -> Iterator[Plain]:
    """A line with ends, of the same scale as the bar above it."""
    whole = WIDTH - 8
    start, end = 4 + whole * low, 4 + whole * high
    yield Box(start, y, max(1, end - start), 1.5, INK)
    for x in (start, end):
        yield Box(x - 0.75, y - 2.5, 1.5, 6.5, INK)


def _drawn(marks: Sequence[Plain], height: float, title: str, told: str) -> Drawn:
    return Drawn((Box(0, 0, WIDTH, height, "#ffffff"), *marks), WIDTH, height, title, told)
