"""One row of a table to a case: the same mapping that YAML gives, and the cell of each part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from calcinosis.errors import CellProblem, Problem, RowError, quoted
from calcinosis.facts.case import LEVELS, Case, Fact, Remark
from calcinosis.facts.cells import EMPTY, Cell, measured
from calcinosis.facts.columns import ITEM_END, NUMBERS, Column
from calcinosis.facts.raw import RawCase

if TYPE_CHECKING:
    from calcinosis.facts.places import Place
    from calcinosis.facts.read import Reader

_PATH = re.compile(r"(?:\A|, )([a-z_]+(?:\[\d+\])?(?:\.[a-z_]+(?:\[\d+\])?)*)\Z")
_ITEM_ENDS = re.compile(rf"[{ITEM_END}\n\r]")
_DECIMAL = re.compile(r"(?<=\d),(?=\d)")
_MISSING = frozenset(("na", "n/a", "nan", "null"))
_NOTHING = _MISSING | {"none", "no", "nil", "-", "\u2013", "?", "unknown"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of cases: its name, its headings as they stand, and the column of each.

    ``delimiter`` is empty in a workbook; ``decimal`` is the mark that its numbers are known to
    use, or empty. ``sheet`` is that of a workbook.
    """

    file: str
    headings: tuple[str, ...]
    columns: tuple[Column | None, ...]
    delimiter: str = ""
    decimal: str = ""
    sheet: str = ""

    def row(self, number: int, cells: Sequence[Cell]) -> Row:
        """The case in the row with this number, counted as a spreadsheet counts."""
        return _Reading(self, number, cells).row()

    def heading(self, column: int) -> str:
        """A column as an error names it: its letters and its heading."""
        name = self.headings[column].strip() if column < len(self.headings) else ""
        return f"{letters(column)} ({name})" if name else letters(column)

    def place(self, number: int, column: int | None = None) -> str:
        """A cell, or a row, as an error names it."""
        row = f"{self.file}, row {number}"
        return row if column is None else f"{row}, column {self.heading(column)}"


def letters(column: int) -> str:
    """The letters that a spreadsheet gives to a column, counted from 0.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    found = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        found = chr(ord("A") + digit) + found
    return found


@dataclass(frozen=True, slots=True)
class Row(RawCase):
    """A row as a raw case. ``cells_of`` gives the column of each part of the mapping."""

    table: Table
    number: int
    cells: tuple[Cell, ...]
    cells_of: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[CellProblem, ...] = ()

    def read(self, reader: Reader, known: Sequence[Problem] = ()) -> Case:
        """The case, each place in it a cell; RowError with every problem of the row."""
        case = RawCase.read(self, reader, known)
        if self.problems:
            raise self.refusal(())
        return self._located(case)

    def refusal(self, problems: Iterable[Problem]) -> RowError:
        """The row as an error with these problems and those of its cells."""
        faulty = {problem.column for problem in self.problems}
        found = [self._at_cell(problem) for problem in problems]
        found = [problem for problem in found if problem.column not in faulty]
        width = max(len(self.cells), len(self.table.headings))
        order = ["", *map(self.table.heading, range(width))]
        return RowError(
            sorted([*self.problems, *found], key=lambda problem: order.index(problem.column)),
            self.table.headings,
            [cell.text for cell in self.cells],
            [self._plain(number, cell) for number, cell in enumerate(self.cells)],
            self.table.delimiter,
        )

    def _plain(self, number: int, cell: Cell) -> str | float:
        """A cell for a table that may use other marks in its numbers."""
        columns = self.table.columns
        column = columns[number] if number < len(columns) else None
        if column is None or column.kind != "lab" or column.part not in NUMBERS or cell.hinders:
            return cell.text
        found = measured(cell, self.table.decimal)
        return f"{cell.text}?" if found is None else found

    def _at_cell(self, problem: Problem) -> CellProblem:
        column = self._column(problem.where)
        cure = problem.cure.replace("under 'other'", "in the column notes")
        if column is not None and self._may_hold_several(column):
            cure = f"Part several items by {ITEM_END!r}. {cure}"
        return problem_at(self.table, self.number, column, self.cells, problem.what, cure)

    def _may_hold_several(self, number: int) -> bool:
        """Whether other signs than ours part what stands in a column of a list."""
        column = self.table.columns[number] if number < len(self.table.columns) else None
        text = self.cells[number].text if number < len(self.cells) else ""
        return column is not None and column.kind == "list" and ("," in text or " and " in text)

    def _column(self, where: str) -> int | None:
        """The column of the part of the mapping that a place ends with."""
        match = _PATH.search(where)
        path = match.group(1) if match else ""
        while path:
            if path in self.cells_of:
                return self.cells_of[path]
            path = path.rpartition(".")[0]
        return None

    def place(self, where: str) -> Place:
        """The cell that a located fact names."""
        from calcinosis.facts.places import Place

        table = self.table
        for column in self.cells_of.values():
            if table.place(self.number, column) == where:
                heading = table.headings[column].strip() if column < len(table.headings) else ""
                found = Place("", table.file, None, table.sheet, self.number)
                return replace(found, column=letters(column), heading=heading)
        return Place("", table.file, None, table.sheet, self.number)

    def _place(self, where: str) -> str:
        return self.table.place(self.number, self._column(where))

    def _located(self, case: Case) -> Case:
        def facts(found: Iterable[Fact]) -> tuple[Fact, ...]:
            return tuple(replace(fact, where=self._place(fact.where)) for fact in found)

        def remarks(found: Iterable[Remark]) -> tuple[Remark, ...]:
            return tuple(replace(remark, where=self._place(remark.where)) for remark in found)

        return replace(
            case,
            facts=facts(case.facts),
            workup=facts(case.workup),
            set_aside=remarks(case.set_aside),
            uninterpreted=remarks(case.uninterpreted),
            not_understood=remarks(case.not_understood),
        )


def problem_at(
    table: Table, number: int, column: int | None, cells: Sequence[Cell], what: str, cure: str
) -> CellProblem:
    """A problem of one cell, or of the row where ``column`` is None."""
    return CellProblem(
        what,
        table.place(number, column),
        cure,
        file=table.file,
        row=number,
        column="" if column is None else table.heading(column),
        value=cells[column].text if column is not None and column < len(cells) else "",
    )


class _Reading:
    """The reading of one row: builds the mapping, and remembers which cell gave what."""

    def __init__(self, table: Table, number: int, cells: Sequence[Cell]) -> None:
        self._table = table
        self._number = number
        self._cells = tuple(cells)
        self._case: dict[str, Any] = {}
        self._cells_of: dict[str, int] = {}
        self._problems: list[CellProblem] = []
        self._tests: dict[str, dict[str, int]] = {}
        self._headed = {
            (known.key, known.part): column
            for column, known in enumerate(table.columns)
            if known is not None
        }
        if ("id", "") in self._headed:
            self._cells_of["id"] = self._headed["id", ""]

    def row(self) -> Row:
        for column, cell in enumerate(self._cells):
            if not cell.is_empty:
                self._cell(column, cell)
        self._whole()
        for test, parts in self._tests.items():
            self._lab(test, parts)
        where = self._table.place(self._number)
        return Row(
            self._case,
            where,
            self._table,
            self._number,
            self._cells,
            self._cells_of,
            tuple(self._problems),
        )

    def _problem(self, column: int, what: str, cure: str) -> None:
        found = problem_at(self._table, self._number, column, self._cells, what, cure)
        self._problems.append(found)

    def _cell(self, column: int, cell: Cell) -> None:
        columns = self._table.columns
        known = columns[column] if column < len(columns) else None
        if known is None:
            self._problem(column, f"{quoted(cell.text)} stands under no heading", _NO_HEADING)
        elif known.kind == "ignored":
            return
        elif known.kind in cell.hinders:
            self._problem(column, cell.fault, cell.cure)
            self._cells_of[known.key] = column  # so that it is not called missing as well
        elif known.key != "id" and cell.text.strip().casefold() in _MISSING:
            self._problem(column, f"{quoted(cell.text)} states nothing", _LEAVE_EMPTY)
        elif known.kind == "lab":
            self._tests.setdefault(known.key, {})[known.part] = column
        else:
            self._stated(known, column, cell.text.strip())

    def _stated(self, known: Column, column: int, text: str) -> None:
        if known.kind == "list":
            self._items(known, column, text)
        elif known.kind == "note":
            self._item("other", f"{known.title}: {text}" if known.title else text, column)
        else:
            self._case[known.key] = text.casefold() if known.kind == "word" else text
            self._cells_of[known.key] = column

    def _items(self, known: Column, column: int, text: str) -> None:
        words = [word.strip() for word in _ITEM_ENDS.split(text)]
        for word in filter(None, words):
            if word.casefold() in _NOTHING:
                self._problem(column, f"{quoted(word)} is no term", _LEAVE_EMPTY)
            else:
                self._item(known.key, {"term": word, **known.link} if known.link else word, column)

    def _item(self, key: str, item: object, column: int) -> None:
        items = self._case.setdefault(key, [])
        self._cells_of[f"{key}[{len(items)}]"] = column
        items.append(item)

    def _whole(self) -> None:
        """Put together what two columns state: age and its unit, calcinosis and its sites."""
        unit = self._case.pop("age_unit", "")
        age = self._case.get("age")
        if unit and age is None:
            self._unused(self._cells_of["age_unit"])
        if age is not None:
            self._case["age"] = f"{_DECIMAL.sub('.', age)} {unit}".strip()
        sites = self._case.pop("sites", None)
        if sites is not None:
            self._case["calcinosis"] = {"status": self._case.get("calcinosis"), "sites": sites}
            for path in [path for path in self._cells_of if path.startswith("sites[")]:
                self._cells_of[f"calcinosis.{path}"] = self._cells_of.pop(path)

    # -- laboratory ------------------------------------------------------------------

    def _lab(self, test: str, parts: Mapping[str, int]) -> None:
        """The laboratory item of one test; none where neither value nor level is stated."""
        item: dict[str, Any] = {"test": test}
        value = self._word(parts, "value").casefold()
        if value in _NOTHING:
            self._problem(parts["value"], f"{quoted(value)} is no value", _LEAVE_EMPTY)
        elif value in LEVELS:
            item["level"] = value
        elif value:
            self._value(item, parts)
        if "level" in parts:
            level = self._word(parts, "level").casefold()
            if "level" in item:
                item["value"] = item["level"]  # the reader says whether they agree
            item["level"] = level
        if len(item) > 1:
            if "when" in parts:
                item["when"] = self._word(parts, "when").casefold()
            self._add(item, parts)
        self._beside(item, parts)

    def _beside(self, item: Mapping[str, Any], parts: Mapping[str, int]) -> None:
        """Record what stands beside no value, unless a cell is a problem, which says enough."""
        faulty = {problem.column for problem in self._problems}
        if any(self._table.heading(column) in faulty for column in parts.values()):
            return
        lost = () if "value" in item else ("unit", "low", "high")
        for part in (*lost, *(("when",) if len(item) == 1 else ())):
            if part in parts:
                self._unused(parts[part])

    def _unused(self, column: int) -> None:
        """Record what stands beside no value: it gives no fact, and is not passed over."""
        text = f"{self._table.headings[column].strip()}: {self._cells[column].text.strip()}"
        self._item("other", f"{text} (there is no value to it)", column)

    def _word(self, parts: Mapping[str, int], part: str) -> str:
        return self._at(parts, part).text.strip()

    def _at(self, parts: Mapping[str, int], part: str) -> Cell:
        return self._cells[parts[part]] if part in parts else EMPTY

    def _value(self, item: dict[str, Any], parts: Mapping[str, int]) -> None:
        found = self._number_in(parts["value"])
        if found is None:
            return
        item["value"] = found
        if "unit" in parts:
            item["unit"] = self._word(parts, "unit")
        bounds = [self._bound(parts[end]) if end in parts else None for end in ("low", "high")]
        if bounds != [None, None]:
            item["interval"] = bounds

    def _bound(self, column: int) -> float | int | None:
        found = self._number_in(column)
        if isinstance(found, str):
            self._problem(column, f"{quoted(found)} is no bound", "Write a number, or leave it out")
            return None
        return found

    def _number_in(self, column: int) -> float | int | str | None:
        """The number in a cell, or its text; None, and a problem, where it is ambiguous."""
        cell = self._cells[column]
        found = measured(cell, self._table.decimal)
        if found is None:
            text = cell.text.strip()
            what = f"{quoted(text)} may be a decimal, or thousands"
            plain = re.sub("[.,]", "", text)
            point = text.replace(",", ".")
            self._problem(column, what, f"Write {plain} or, with one more digit, {point}0")
        return found

    def _add(self, item: dict[str, Any], parts: Mapping[str, int]) -> None:
        labs = self._case.setdefault("labs", [])
        path = f"labs[{len(labs)}]"
        labs.append(item)
        first = parts.get("value", parts.get("level", 0))
        self._cells_of[path] = first
        for part in ("value", "unit", "level", "when"):
            headed = self._headed.get((item["test"], part), first)
            self._cells_of[f"{path}.{part}"] = parts.get(part, headed)
        self._cells_of[f"{path}.interval"] = parts.get("low", parts.get("high", first))


_NO_HEADING = "Put the cell in quotes if its text was split, else give the column a heading"
_LEAVE_EMPTY = (
    "Leave the cell empty where nothing is stated; what is known to be absent stands under excluded"
)
