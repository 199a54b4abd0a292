"""The same patients under several viewpoints, as text."""

from __future__ import annotations

import textwrap
from typing import Final

from calcinosis.output.wording import short
from calcinosis.output.words.table import grid
from calcinosis.output.words.verdicts import Style, plain
from calcinosis.reasoning.verdict import ENTAILED, PRESUMED
from calcinosis.study.views import View, Views

_NOTE: Final = (
    "In how many patients a subtype follows, + in how many it is presumed: without presuming that "
    "is open. names: taken at their word or not (--take)."
)


def views_text(found: Views, *, width: int = 80, style: Style = plain) -> str:
    """A line a viewpoint and way of taking names, with the subtypes that follow or are presumed."""
    heads = ["viewpoint", "names", "any subtype", "of them"]
    rows = [_row(view) for view in found.views]
    lines = grid(heads, rows, width, style, dense=True)
    return "\n".join([*lines, *textwrap.wrap(_NOTE, width)]) + "\n"


def _row(view: View) -> list[str]:
    counts = (
        (one.label, _cell(one.standings[ENTAILED].count, one.standings[PRESUMED].count))
        for one in view.subtypes
    )
    told = [f"{short(label)} {count}" for label, count in counts if count != "0"]
    any_one = _cell(view.following.count, view.presumed.count)
    return [view.viewpoint, "taken" if view.take else "not", any_one, "; ".join(told)]


def _cell(follows: int, presumed: int) -> str:
    return f"{follows} + {presumed}" if presumed else str(follows)
