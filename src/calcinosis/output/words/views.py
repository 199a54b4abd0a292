"""The same patients under several viewpoints, as text and as tables."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from calcinosis.errors import listed
from calcinosis.output.wording import VERDICT, short
from calcinosis.output.words.cohort import MANY
from calcinosis.output.words.cohort_tables import Told
from calcinosis.output.words.table import grid
from calcinosis.output.words.verdicts import Style, plain
from calcinosis.reasoning.verdict import ENTAILED, PRESUMED, STANDINGS, Standing
from calcinosis.study.cohort import SubtypeCounts
from calcinosis.study.views import View, Views

_HEADS: Final = ("subtype", "verdicts that differ", "patients", "who")
_NONE: Final = "\u2013"
_NOTE: Final = (
    "In how many patients a subtype follows, + in how many it is presumed: without presuming that "
    "is open. names: taken at their word or not (--take)."
)


def views_text(found: Views, *, width: int = 80, style: Style = plain) -> str:
    """A line a viewpoint and way of taking names, then the first verdicts that differ."""
    heads = ["viewpoint", "names", "any subtype", "of them"]
    rows = [_row(view) for view in found.views]
    lines = [*grid(heads, rows, width, style, dense=True), *textwrap.wrap(_NOTE, width)]
    differing = _differing(found)
    if differing:
        told = [[subtype, verdicts, count] for subtype, verdicts, count, _ in differing[:MANY]]
        lines += ["", *grid([*_HEADS[:3]], told, width, style, dense=True)]
        rest = len(differing) - MANY
        lines += [f"and {rest} more, in -f json and -f xlsx"] * (rest > 0)
    return "\n".join(lines) + "\n"


def tables(found: Views) -> tuple[Told, ...]:
    """The counts by view and subtype, and the patients of whom the views say different things."""
    labels = found.labels
    rows = []
    for view in found.views:
        counts = {one.id: _count(one) for one in view.subtypes}
        cells = (counts.get(subtype, _NONE) for subtype in labels)
        rows.append((view.viewpoint, view.names, _any(view), *cells))
    heads = ("viewpoint", "names", "any subtype", *map(short, labels.values()))
    counted = Told(f"By viewpoint. {_NOTE} {_NONE}: no such subtype.", heads, rows)
    differing = _differing(found)
    return (counted, *([Told("Verdicts that differ", _HEADS, differing)] if differing else ()))


def _differing(found: Views) -> list[tuple[str, str, str, str]]:
    """Each subtype with the verdicts that differ, in how many patients, and in whom; most first."""
    alike: dict[tuple[str, tuple[Standing | None, ...]], list[str]] = {}
    for one in found.differing():
        alike.setdefault((short(one.label), one.standings), []).append(one.patient)
    return [
        (label, _by_standing(standings, found), str(len(who)), ", ".join(who))
        for (label, standings), who in sorted(alike.items(), key=lambda pair: -len(pair[1]))
    ]


def _by_standing(standings: Sequence[Standing | None], found: Views) -> str:
    """Each verdict with the views that give it, those of both ways with names by viewpoint."""
    pairs = [(view, one) for view, one in zip(found.views, standings, strict=True) if one]
    every = dict.fromkeys(view.viewpoint for view, _ in pairs)
    told = []
    for standing in STANDINGS:
        ways = [
            [view.viewpoint for view, one in pairs if one == standing and view.take is take]
            for take in (True, False)
        ]
        both = [name for name in ways[0] if name in ways[1]]
        alone = [[name for name in way if name not in both] for way in ways]
        named = [listed(both)] if both else []
        for names, words in zip(alone, ("names taken", "names not taken"), strict=True):
            if names:
                named.append(f"{words} ({listed(names) if len(names) < len(every) else 'all'})")
        if named:
            told.append(f"{VERDICT[standing]}: {', '.join(named)}")
    return "; ".join(told)


def _any(view: View) -> str:
    return _cell(view.following.count, view.presumed.count)


def _count(one: SubtypeCounts) -> str:
    return _cell(one.standings[ENTAILED].count, one.standings[PRESUMED].count)


def _row(view: View) -> list[str]:
    counts = ((one.label, _count(one)) for one in view.subtypes)
    told = [f"{short(label)} {count}" for label, count in counts if count != "0"]
    return [view.viewpoint, "taken" if view.take else "not", _any(view), "; ".join(told)]


def _cell(follows: int, presumed: int) -> str:
    return f"{follows} + {presumed}" if presumed else str(follows)
