"""Viewpoints for people: side by side, and one with its criteria; text, Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, NamedTuple

from calcinosis.graph.claims import Reference
from calcinosis.graph.viewpoints import Viewpoint, criteria
from calcinosis.output.markup import markdown_row, markdown_text
from calcinosis.output.references.lines import line as reference_line
from calcinosis.output.wording import capital, wrapped
from calcinosis.output.words.term import criterion_line
from calcinosis.output.words.verdicts import Style, plain, short_reference

OWN: Final = "\u25cf"
TAKEN: Final = "\u25cb"
NOT: Final = "\u00b7"
_CAUSAL: Final = "*"
SIGNS: Final = (
    f"{OWN} by the viewpoint's own sources or our reading of them; {TAKEN} taken from the "
    f"default viewpoint, because what was read of the source is silent on it; {NOT} not asked "
    f"for; an empty place: no such subtype. {_CAUSAL} names the cause."
)
GROUNDS: Final = {
    "cited": "cited",
    "read": "cited, with our reading",
    "ours": "our reading alone",
    "taken": "taken from the default viewpoint",
    "axioms": "all",
}
_CAPTIONS: Final = (
    "Subtypes and the criteria that each needs",
    "Contested: where each viewpoint files it",
    "What the axioms of each viewpoint rest on",
)
_COLUMN: Final = 4

Library = Mapping[str, Reference]


class Row(NamedTuple):
    """A line of the comparison: its words, a cell for each viewpoint, and what it is about.

    A heading has no cells. ``id`` is that of a subtype, criterion or contested entity, or empty.
    """

    label: str
    cells: list[str] | None = None
    id: str = ""


def grounds(view: Viewpoint) -> dict[str, int]:
    """How many axioms rest on what, by the keys of GROUNDS."""
    return {**asdict(view.grounds), "axioms": view.grounds.axioms}


# -- side by side: a row has a label and one cell a viewpoint, a heading none -----------------


def _subtype_rows(views: Sequence[Viewpoint]) -> Iterator[Row]:
    subtypes = {one.id: one.label for view in views for one in view.subtypes}
    for subtype, label in subtypes.items():
        yield Row(capital(label), None, subtype)
        found = [next((s for s in view.subtypes if s.id == subtype), None) for view in views]
        needs = {n.id: n for one in found if one for n in one.criteria}
        for need in needs.values():
            cells = []
            for one in found:
                mine = [n for n in one.criteria if n.id == need.id] if one else []
                cells.append(_mark(mine[0].taken) if mine else NOT if one else "")
            mark = f" {_CAUSAL}" if need.causal else ""
            yield Row(f"{need.label}{mark}", cells, need.id)


def _side_rows(views: Sequence[Viewpoint]) -> Iterator[Row]:
    sides = sorted({(s.label, s.id, s.under) for view in views for s in view.sides})
    for place, (label, entity, under) in enumerate(sides):
        if not place or sides[place - 1][1] != entity:
            yield Row(capital(label), None, entity)
        cells = []
        for view in views:
            mine = [s for s in view.sides if (s.id, s.under) == (entity, under)]
            cells.append(_mark(mine[0].taken) if mine else NOT)
        yield Row(under, cells)


def _ground_rows(views: Sequence[Viewpoint]) -> Iterator[Row]:
    for key, words in GROUNDS.items():
        yield Row(words, [str(grounds(view)[key]) for view in views])


def _mark(taken: str | None) -> str:
    return TAKEN if taken else OWN


def parts(views: Sequence[Viewpoint]) -> Iterator[tuple[str, list[Row]]]:
    """The tables of the comparison: subtypes with criteria, contested entities, grounds."""
    rows = (_subtype_rows(views), _side_rows(views), _ground_rows(views))
    for caption, part in zip(_CAPTIONS, rows, strict=True):
        yield caption, list(part)


# -- text -------------------------------------------------------------------------------------


def text(
    views: Sequence[Viewpoint], library: Library, *, width: int = 80, style: Style = plain
) -> str:
    """Viewpoints side by side, or one alone with what each criterion rests on."""
    lines = _one(views[0], library, width, style) if len(views) == 1 else None
    return "\n".join(lines or _several(views, library, width, style)) + "\n"


def _several(
    views: Sequence[Viewpoint], library: Library, width: int, style: Style
) -> Iterator[str]:
    yield from wrapped(
        "A viewpoint is one authority's definitions of the subtypes. "
        "calcinosis classify --viewpoint NAME uses one; calcinosis show NAME tells more of it.",
        width,
        hang=0,
    )
    for number, view in enumerate(views, 1):
        default = " (the default)" if view.default else ""
        yield ""
        yield from wrapped(f"{number} {style(view.name, 'bold')}: {view.label}{default}", width)
        yield from wrapped(f"{view.definition} [{', '.join(view.references)}]", width, 2, 0)
    yield ""
    yield from wrapped(SIGNS, width, hang=0)
    room = width - _COLUMN * len(views)
    for caption, rows in parts(views):
        numbers = "".join(f"{number:>{_COLUMN}}" for number in range(1, len(views) + 1))
        yield ""
        yield f"{style(f'{caption:<{room}}', 'bold')}{numbers}"
        for label, cells, _ in rows:
            *above, last = wrapped(label, room - 1, 0 if cells is None else 2)
            yield from above
            marks = "".join(f"{cell:>{_COLUMN}}" for cell in cells or ())
            yield f"{last:<{room}}{marks}".rstrip()
    yield ""
    yield style("The criteria in words", "bold")
    for need in criteria(views).values():
        yield from wrapped(f"{capital(need.label)}: {need.definition}", width, 2)
    yield from _references(views, library, width, style)


def _one(view: Viewpoint, library: Library, width: int, style: Style) -> Iterator[str]:
    default = ", the default" if view.default else ""
    yield f"{style(view.label, 'bold')}  (viewpoint{default}, {view.name})"
    yield from wrapped(f"{view.definition} [{', '.join(view.references)}]", width, 2, 0)
    for one in view.subtypes:
        yield ""
        yield style(capital(one.label), "bold")
        for line, depth in _needs(view, one.id):
            yield from wrapped(line, width, depth)
    yield ""
    yield style("Contested: where it files it", "bold")
    for side in view.sides:
        yield from wrapped(
            f"{capital(side.label)}: {_under(side.under, side.references)}", width, 2
        )
        if side.taken:
            yield from wrapped(f"Taken: {side.taken}", width, 4)
    yield ""
    yield style("What its axioms rest on", "bold")
    for key, words in GROUNDS.items():
        yield f"  {words:<34}{grounds(view)[key]:>4}"
    yield from _references([view], library, width, style)


def _needs(view: Viewpoint, subtype: str) -> Iterator[tuple[str, int]]:
    (one,) = [s for s in view.subtypes if s.id == subtype]
    for need in one.criteria:
        yield criterion_line(need), 2
        if need.editorial:
            yield f"Our reading: {need.editorial}", 4
        if need.taken:
            yield f"Taken: {need.taken}", 4


def _under(under: str, references: Sequence[str]) -> str:
    return f"{under} [{', '.join(references)}]"


def keys(views: Sequence[Viewpoint]) -> list[str]:
    """The keys of the references of viewpoints; of one alone also those of what it says."""
    keys = {key for view in views for key in view.references}
    if len(views) == 1:
        keys |= {k for s in views[0].subtypes for need in s.criteria for k in need.references}
        keys |= {k for side in views[0].sides for k in side.references}
    return sorted(keys)


def _references(
    views: Sequence[Viewpoint], library: Library, width: int, style: Style
) -> Iterator[str]:
    yield ""
    yield style("References", "bold")
    for key in keys(views):
        yield from wrapped(f"{key}: {short_reference(library.get(key), key)}", width, 2)


# -- Markdown and JSON --------------------------------------------------------------------------


def markdown(views: Sequence[Viewpoint], library: Library) -> str:
    """The same as Markdown."""
    lines = _one_markdown(views[0]) if len(views) == 1 else _several_markdown(views)
    references = (
        f"- `{key}` {markdown_text(reference_line(library.get(key), key))}" for key in keys(views)
    )
    heading = "#" * (2 if len(views) == 1 else 3)
    return "\n".join([*lines, "", f"{heading} References", "", *references]) + "\n"


def _several_markdown(views: Sequence[Viewpoint]) -> Iterator[str]:
    yield "| | viewpoint | whose |"
    yield "|--:|---|---|"
    for number, view in enumerate(views, 1):
        default = " (the default)" if view.default else ""
        whose = f"{view.definition} [{', '.join(view.references)}]"
        yield markdown_row((str(number), f"`{view.name}`{default}", markdown_text(whose)))
    yield f"\n{markdown_text(SIGNS)}"
    for caption, rows in parts(views):
        yield f"\n### {caption}\n"
        yield f"| | {' | '.join(str(n) for n in range(1, len(views) + 1))} |"
        yield f"|---|{':-:|' * len(views)}"
        for label, cells, _ in rows:
            told = f"**{markdown_text(label)}**" if cells is None else markdown_text(label)
            yield markdown_row((told, *(cells or [""] * len(views))))
    yield "\n### The criteria in words\n"
    for need in criteria(views).values():
        yield f"- {markdown_text(f'{capital(need.label)}: {need.definition}')}"


def _one_markdown(view: Viewpoint) -> Iterator[str]:
    yield f"# {markdown_text(view.label)}\n\nViewpoint `{view.name}`\n"
    yield markdown_text(f"{view.definition} [{', '.join(view.references)}]")
    for one in view.subtypes:
        yield f"\n## {capital(one.label)}\n"
        for line, depth in _needs(view, one.id):
            yield f"{' ' * (depth - 2)}- {markdown_text(line)}"
    yield "\n## Contested: where it files it\n"
    for side in view.sides:
        said = f"{capital(side.label)}: {_under(side.under, side.references)}"
        yield f"- {markdown_text(said)}"
        if side.taken:
            yield f"  - Taken: {markdown_text(side.taken)}"
    yield "\n## What its axioms rest on\n\n| | axioms |\n|---|--:|"
    yield from (f"| {words} | {grounds(view)[key]} |" for key, words in GROUNDS.items())


def to_dict(view: Viewpoint) -> dict[str, Any]:
    """A viewpoint as plain values."""
    return {**asdict(view), "grounds": grounds(view)}


def to_json(views: Sequence[Viewpoint], more: Mapping[str, Any] | None = None) -> str:
    """One viewpoint as a JSON object, several as an array; each with ``more`` at its end."""
    found = [{**to_dict(view), **(more or {})} for view in views]
    value = found[0] if len(found) == 1 else found
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
