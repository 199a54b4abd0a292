"""What others call each case: a table of labels, or a mapping, read beside the cases.

One row a case and kind of label. What cannot be read of a row sets that row aside, with what is
wrong, where, and the cure; the others count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from calcinosis.errors import InputError, UsageError, quoted
from calcinosis.facts import limits
from calcinosis.facts.cells import Cell
from calcinosis.facts.columns import Columns
from calcinosis.facts.frame import is_frame
from calcinosis.facts.headings import Headings
from calcinosis.facts.identifier import problem_of, seen_as
from calcinosis.facts.sheet import Grid, filter_blank
from calcinosis.facts.sheet_words import plain, words
from calcinosis.facts.source import sheet_of
from calcinosis.facts.tables import grid
from calcinosis.facts.tabular import Frame, Known

Given = str | Path | Frame | Mapping[str, Any]
"""A table in a file, a data frame, or a mapping of ids to subtypes."""

NEGATIVE = "negative control"
NO_LABEL = "no label given"
_MEANINGS: Final = {
    "subtypes": ("label", "labels", "subtype", "subtypes", "authors_subtypes", "authors_subtype"),
    "strength": ("kind", "label_kind", "kind_of_label", "label_strength"),
    "reference": ("source", "reference", "label_source"),
    "group": ("group",),
    "name_decides": ("name_decides",),
    "note": ("note", "notes", "comment", "remark"),
}
_MEANING: Final = {word: key for key, known in _MEANINGS.items() for word in known}
_NONE: Final = ("none", "no subtype", "control", NEGATIVE)
_PARTS: Final = re.compile(r"\s*[;|+\n]\s*")
_NO_SUBTYPE: Final = "Of a case without a subtype write none"
_IN_PYTHON: Final = "the labels given"
_NEEDED: Final = (
    "One of the first rows names the columns: id and label; beside them kind, source and note may "
    "stand"
)


@dataclass(frozen=True, slots=True)
class Label:
    """What somebody calls one case.

    ``subtypes`` are ids, none for a control and where no label is visible; ``strength`` is the kind
    of the label, such as explicit or expert, ``reference`` where it comes from.
    """

    id: str
    subtypes: frozenset[str]
    strength: str
    group: str
    name_decides: bool
    reference: str
    note: str


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of cases by id, in the order of their table; what was set aside is ``refused``."""

    by_case: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    refused: tuple[InputError, ...] = ()
    where: str = ""

    def of(self, case: str) -> tuple[Label, ...]:
        """The labels of a case, the one that counts first; none where nobody gives one."""
        return self.by_case.get(seen_as(case), ())

    def placed(self, known: frozenset[str], above: Callable[[str], Iterable[str]]) -> Labels:
        """The labels in a viewpoint's own subtypes: one that it has not is the one above it.

        ``above`` gives the classes right above a subtype, by id.
        """

        def own(subtype: str) -> Iterator[str]:
            wider = [] if subtype in known else list(above(subtype))
            found = [one for name in wider for one in own(name) if one in known]
            yield from found or [subtype]

        return replace(
            self,
            by_case={
                key: tuple(
                    replace(one, subtypes=frozenset(o for s in one.subtypes for o in own(s)))
                    for one in labels
                )
                for key, labels in self.by_case.items()
            },
        )


def read_labels(given: Given, known: Known, resolve: Callable[[str], str]) -> Labels:
    """The labels of a table or mapping; InputError if it is none, or names no id or no label.

    ``resolve`` gives the id of the subtype that a word names, or raises a UsageError.
    """
    if isinstance(given, Mapping):
        table = Grid(_IN_PYTHON, _rows_of(given))
        return _read(table, _IN_PYTHON, resolve, lambda text: plain(text) == "id")
    if not (isinstance(given, str | Path) or is_frame(given)):
        cure = "Give a table (a path or a data frame) or a mapping of ids to subtypes"
        raise UsageError(f"{quoted(given)} holds no labels", "labels", cure)
    headings = Headings(Columns(known.laboratory()), known.kind_of)
    where = _IN_PYTHON if is_frame(given) else str(given)
    source = given if is_frame(given) else sheet_of(given).path  # type: ignore[arg-type]
    try:
        with grid(source, headings) as found:
            return _read(found, where, resolve, lambda text: _is_id(text, headings))
    except OSError as error:
        what = f"it cannot be read ({error.strerror or error})"
        raise InputError(what, where, "Check its name and its rights") from error


def _is_id(text: str, headings: Headings) -> bool:
    column = headings.knows(text)
    return column is not None and column.key == "id"


def _rows_of(given: Mapping[str, Any]) -> Iterator[tuple[int, list[Cell]]]:
    yield 0, [Cell("id"), Cell("label")]
    for number, (key, value) in enumerate(given.items(), start=1):
        several = isinstance(value, Iterable) and not isinstance(value, str)
        text = "; ".join(map(str, value)) if several else "" if value is None else str(value)
        yield number, [Cell(str(key)), Cell(text)]


def _read(
    table: Grid, where: str, resolve: Callable[[str], str], is_id: Callable[[str], bool]
) -> Labels:
    rows = filter_blank(table.rows)
    columns = _columns(rows, where, is_id)
    labels: dict[str, list[Label]] = {}
    refused: list[InputError] = []
    for item in rows:
        try:
            if isinstance(item, InputError):
                raise item
            number, cells = item
            label = _label(cells, columns, f"{where}, row {number}", resolve)
            _refuse_again(label, labels.get(label.id, ()), f"{where}, row {number}")
            labels.setdefault(label.id, []).append(label)
        except InputError as error:
            refused.append(error)
    if not (labels or refused):
        raise InputError("there is no label in it", where, "Write a row for each case")
    return Labels({key: tuple(found) for key, found in labels.items()}, tuple(refused), where)


def _columns(rows: Iterator[Any], where: str, is_id: Callable[[str], bool]) -> dict[str, int]:
    """Where each meaning stands, by the first row that names an id and a label."""
    for item in islice(rows, limits.HEAD):
        if isinstance(item, InputError):
            raise item
        found: dict[str, int] = {}
        for number, cell in enumerate(item[1]):
            meaning = _meaning(cell.text, is_id)
            if meaning in found and meaning != "id":
                what = f"two columns say the same: {quoted(cell.text.strip())} is one of them"
                raise InputError(what, f"{where}, row {item[0]}", "Rename one, or leave it out")
            if meaning:
                found.setdefault(meaning, number)
        if {"id", "subtypes"} <= set(found):
            return found
    raise InputError("no row names the columns id and label", where, _NEEDED)


def _meaning(text: str, is_id: Callable[[str], bool]) -> str:
    word = re.sub(r"[\s-]+", "_", plain(text).replace("'", ""))
    return _MEANING.get(word) or ("id" if text.strip() and is_id(text) else "")


def _label(
    cells: Sequence[Cell], columns: Mapping[str, int], where: str, resolve: Callable[[str], str]
) -> Label:
    def cell(meaning: str) -> str:
        place = columns.get(meaning, len(cells))
        if place >= len(cells):
            return ""
        if cells[place].fault and meaning in ("id", "subtypes"):
            raise InputError(cells[place].fault, f"{where}, {meaning}", cells[place].cure)
        text = cells[place].text.strip()
        return "" if words().is_missing(text) else text

    name, said = cell("id"), cell("subtypes")
    problem = problem_of(name)
    if problem:
        raise InputError(problem[0], f"{where}, id", problem[1])
    is_control = plain(said) in _NONE
    return Label(
        seen_as(name),
        frozenset() if is_control or not said else _subtypes(said, where, resolve),
        cell("strength"),
        NEGATIVE if is_control else cell("group"),
        bool(words().is_yes(cell("name_decides"))) or plain(cell("name_decides")) == "true",
        cell("reference"),
        cell("note"),
    )


def _subtypes(text: str, where: str, resolve: Callable[[str], str]) -> frozenset[str]:
    try:
        return frozenset({resolve(text)})
    except UsageError as error:
        parts = [part for part in _PARTS.split(text) if part]
        if len(parts) < 2:
            cure = (
                f"{error.cure.rstrip('.')}{'' if error.cure.endswith('?') else '.'} {_NO_SUBTYPE}"
            )
            what = f"{quoted(text)} is no subtype"
            raise InputError(what, f"{where}, label", cure) from error
    return frozenset(one for part in parts for one in _subtypes(part, where, resolve))


def _refuse_again(label: Label, before: Iterable[Label], where: str) -> None:
    for other in before:
        if other.strength == label.strength:
            kind = f" of the kind {quoted(label.strength)}" if label.strength else ""
            what = f"the id {quoted(label.id)} has a label{kind} already"
            cure = "Keep one row; write two subtypes in one cell, with a semicolon between"
            raise InputError(what, f"{where}, id", cure)


def compare_ids(labels: Labels, cases: Sequence[str]) -> tuple[str, ...]:
    """The labelled ids that no case has; InputError where not one of them is a case's."""
    known = {seen_as(one) for one in cases}
    strange = tuple(one for one in labels.by_case if one not in known)
    if cases and labels.by_case and len(strange) == len(labels.by_case):
        told = f"Labels begin with {_some(labels.by_case)}, cases with {_some(cases)}"
        cure = f"{told}: write the same ids in both"
        raise InputError("no id of the labels is the id of a case", labels.where, cure)
    return strange


def _some(ids: Iterable[str]) -> str:
    return ", ".join(map(quoted, islice(ids, 3)))
