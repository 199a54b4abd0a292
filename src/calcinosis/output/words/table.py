"""Tables for people: text that fits the terminal, Markdown, HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from calcinosis.errors import counted
from calcinosis.graph.results import LABEL, READ, SEPARATOR, STUDY_TYPE, Cell, Table, TakenParameter
from calcinosis.output.markup import html_text, markdown_text
from calcinosis.output.markup import markdown_table as table_lines
from calcinosis.output.words.verdicts import Style, plain

_GUTTER: Final = 2
_WORD: Final = 24
_TRIES: Final = 4
_MEASURED: Final = 100
_LOCAL: Final = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")

Show = Callable[[Cell], str]


def compact(prefixes: Mapping[str, str]) -> Show:
    """A function that writes IRIs as CURIEs where a prefix fits, and other terms as their text.

    >>> compact({"ex": "https://example.org/"})(NamedNode("https://example.org/a"))
    'ex:a'
    """
    bases = sorted(prefixes.items(), key=lambda pair: -len(pair[1]))

    def show(term: Cell) -> str:
        if not isinstance(term, NamedNode):
            return "" if term is None else term.value if isinstance(term, Literal) else str(term)
        for prefix, base in bases:
            rest = term.value.removeprefix(base)
            if rest != term.value and rest and _LOCAL.issuperset(rest):
                return f"{prefix}:{rest}"
        return term.value

    return show


def folded(table: Table, show: Show) -> tuple[list[str], list[list[str]]]:
    """Headings and rows as people read them.

    The column ``x_label`` takes the place of IRIs in ``x``, and what stands beside is left out.
    """
    shown = columns(table)
    rows = [[once(name, show(row[name])) for name in shown] for row in table]
    return list(shown.values()), rows


def columns(table: Table) -> dict[str, str]:
    """The columns that people are shown, with their headings; see ``folded``."""
    labelled = {name for name in table.columns if _labelled(table, name)}
    shown = [name for name in table.columns if name not in labelled and name not in table.beside]
    shown = [n for n in shown if n.removesuffix(LABEL) not in table.beside]
    return {
        n: in_words(n.removesuffix(LABEL) if n.removesuffix(LABEL) in labelled else n)
        for n in shown
    }


def _labelled(table: Table, name: str) -> bool:
    """Whether the labels say what the cells of a column say: not those of foreign codes."""
    if name + LABEL not in table.columns:
        return False
    cells = [(row[name], row[name + LABEL]) for row in table]
    return all(
        not isinstance(cell, Literal) or (isinstance(label, Literal) and cell.value == label.value)
        for cell, label in cells
    )


def once(column: str, cell: str) -> str:
    """How far references were read, each way once; other formats say it for each reference."""
    if not column.endswith((READ, STUDY_TYPE)):
        return cell
    return SEPARATOR.join(dict.fromkeys(cell.split(SEPARATOR)))


def text(table: Table, show: Show, *, width: int = 80, style: Style = plain) -> str:
    """A table that is no wider than ``width``, with what was asked and the number of its rows.

    Cells wrap, and rows that wrap stand apart. Where room is short, a column with one value
    throughout becomes a line above the table, and a table with too many columns a block a row.
    """
    heads, rows = folded(table, show)
    lines = [line for it in table.parameters for line in _asked_line(it, width, style)]
    lines += [""] if lines else []
    if not rows:
        remark = textwrap.wrap(table.remark, width)
        return "\n".join([*lines, "No rows.", *remark]) + "\n"
    if not heads:
        return "\n".join([*lines, f"{counted(len(rows), 'row')} without columns"]) + "\n"
    if _natural([heads, *rows]) > width:
        told = {(in_words(it.name), it.value) for it in table.parameters}
        same, heads, rows = _same(heads, rows, style, told)
        lines += same
    lines += grid(heads, rows, width, style)
    note = textwrap.wrap(table.note, width)
    return "\n".join([*lines, "", counted(len(rows), "row"), *note]) + "\n"


def _natural(rows: Sequence[Sequence[str]]) -> int:
    columns = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return sum(columns) + _GUTTER * (len(columns) - 1)


def in_words(name: str) -> str:
    """The name of a column or parameter as people read it."""
    return name.replace("_", " ")


def parameter_in_words(it: TakenParameter) -> str:
    """What a parameter was taken for: the term with its code, and whether by default."""
    code = f" ({it.code})" if it.code else ""
    return f"{it.value or 'all'}{code}{', default' if it.default else ''}"


def _asked_line(it: TakenParameter, width: int, style: Style) -> list[str]:
    head = in_words(it.name)
    first, *more = textwrap.wrap(_told(it), width, subsequent_indent="  ", break_on_hyphens=False)
    return [style(head, "bold") + first[len(head) :], *more]


def _same(
    heads: list[str], rows: list[list[str]], style: Style, told: Container[tuple[str, str | None]]
) -> tuple[list[str], list[str], list[list[str]]]:
    """Lines for the columns with one value throughout, and what is left of the table."""
    if len(rows) == 1:
        return [], heads, rows
    same = [len({row[number] for row in rows}) == 1 for number in range(len(heads))]
    if all(same):
        return [], heads, rows
    lines = [
        f"{style(head, 'bold')}: {value or 'none'}"
        for head, value, once in zip(heads, rows[0], same, strict=True)
        if once and (head, value) not in told
    ]
    keep = [number for number, once in enumerate(same) if not once]
    return (
        [*lines, ""] if lines else [],
        [heads[number] for number in keep],
        [[row[number] for number in keep] for row in rows],
    )


def grid(
    heads: list[str],
    rows: list[list[str]],
    width: int,
    style: Style = plain,
    *,
    dense: bool = False,
) -> list[str]:
    """The lines of a table that is no wider than ``width``; a block a row where none would fit.

    Rows that wrap stand apart, unless it is to be ``dense``.
    """
    widths = _widths([heads, *rows], width)
    if not widths:
        return _records(heads, rows, width, style)
    return _grid(heads, rows, widths, style, dense=dense)


def _grid(
    heads: list[str], rows: list[list[str]], widths: list[int], style: Style, *, dense: bool
) -> list[str]:
    body = [_row(row, widths) for row in rows]
    apart = not dense and any(len(lines) > 1 for lines in body)
    found = [style(line, "bold") for line in _row(heads, widths)]
    found.append((" " * _GUTTER).join("\u2500" * column for column in widths))
    for number, lines in enumerate(body):
        found += ["", *lines] if apart and number else lines
    return found


def _row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(len(lines) for lines in wrapped)
    columns = [
        [line.ljust(width) for line in lines] + [" " * width] * (height - len(lines))
        for lines, width in zip(wrapped, widths, strict=True)
    ]
    return [(" " * _GUTTER).join(parts).rstrip() for parts in zip(*columns, strict=True)]


def _wrapped(cell: str, width: int) -> list[str]:
    too_long = any(len(word) > width for word in cell.split())
    return textwrap.wrap(cell, max(1, width), break_on_hyphens=too_long) or [""]


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Column widths at which the table has the fewest lines; none if words do not fit."""
    columns = list(zip(*rows, strict=True))
    needed = [max(map(len, column)) for column in columns]
    least = [max(map(_longest, column)) for column in columns]
    room = width - _GUTTER * (len(columns) - 1)
    if sum(least) > room:
        return []
    return min(_layouts(needed, least, room), key=lambda widths: _height(rows, widths))


def _layouts(needed: list[int], least: list[int], room: int) -> Iterator[list[int]]:
    """Widths that fit; what they leave goes first to the columns that lack least, or most."""
    height = tried = 0
    while tried < _TRIES:
        height += 1
        widths = [max(low, -(-high // height)) for low, high in zip(least, needed, strict=True)]
        spare = room - sum(widths)
        if spare < 0:
            continue
        tried += 1
        lacking = sorted(range(len(widths)), key=lambda n: needed[n] - widths[n])
        for order in (lacking, lacking[::-1]):
            yield _widened(widths, needed, spare, order)


def _widened(
    widths: Sequence[int], needed: Sequence[int], spare: int, order: Iterable[int]
) -> list[int]:
    found = list(widths)
    for column in order:
        more = min(spare, needed[column] - found[column])
        found[column] += more
        spare -= more
    return found


def _height(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> int:
    """How many lines the first rows take."""
    return sum(
        max(
            1 if len(cell) <= room else len(_wrapped(cell, room))
            for cell, room in zip(row, widths, strict=True)
        )
        for row in rows[:_MEASURED]
    )


def _longest(cell: str) -> int:
    """The length of the longest word of a cell that should not be broken."""
    return min(_WORD, max(map(len, cell.split()), default=0))


def _records(heads: list[str], rows: list[list[str]], width: int, style: Style) -> list[str]:
    """One block a row without its empty cells, for more columns than there is room for."""
    indent = max(len(head) for head in heads) + _GUTTER
    lines: list[str] = []
    for number, row in enumerate(rows):
        if number:
            lines.append("")
        for head, cell in zip(heads, row, strict=True):
            if not cell.strip():
                continue
            parts = _wrapped(cell, max(20, width - indent))
            lines.append((style(head, "bold") + " " * (indent - len(head)) + parts[0]).rstrip())
            lines += [" " * indent + part for part in parts[1:]]
    return lines


def markdown(table: Table, show: Show) -> str:
    """A table in Markdown, one line a row, below what was asked."""
    heads, rows = folded(table, show)
    asked = "".join(f"{markdown_text(_told(it))}\n\n" for it in table.parameters)
    if rows and not heads:
        return f"{asked}{counted(len(rows), 'row')} without columns\n"
    said = "".join(
        f"\n{markdown_text(it)}\n" for it in (table.remark, table.note if rows else "") if it
    )
    return asked + "".join(f"{line}\n" for line in table_lines(heads, rows)) + said


def _told(it: TakenParameter) -> str:
    return f"{in_words(it.name)}: {parameter_in_words(it)}"


def html(table: Table, show: Show) -> str:
    """A table in HTML, for notebooks; every value escaped."""
    heads, rows = folded(table, show)
    said = filter(None, [table.remark, table.note if rows else ""])
    told = [*map(_told, table.parameters), counted(len(rows), "row"), *said]
    caption = "<br>".join(map(html_text, told))
    top = "".join(f'<th scope="col">{html_text(head)}</th>' for head in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{html_text(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f"<table><caption>{caption}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
