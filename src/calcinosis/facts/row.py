"""One row of a table to a case: the same mapping that YAML gives, and the cell of each part."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from calcinosis.errors import CellProblem, Problem, RowError, quoted
from calcinosis.facts import answers
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.facts.cells import EMPTY, Cell, LevelOf, Stated, measured, stated
from calcinosis.facts.columns import ITEM_END, NUMBERS, Column
from calcinosis.facts.quantity import spell
from calcinosis.facts.raw import RawCase
from calcinosis.facts.sheet_words import plain, words

if TYPE_CHECKING:
    from calcinosis.facts.places import Place
    from calcinosis.facts.read import Reader

_PATH = re.compile(r"(?:\A|, )([a-z_]+(?:\[\d+\])?(?:\.[a-z_]+(?:\[\d+\])?)*)\Z")


def _no_term(_word: str) -> str:
    return ""


def _no_level(_word: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of cases: its name, its headings as they stand, and the column of each.

    ``delimiter`` is empty in a workbook; ``decimal`` is the mark that its numbers are known to
    use, or empty. ``sheet`` is that of a workbook. ``kind_of`` gives the kind of the term that a
    word names, or an empty text. Where no column holds an id, the number of the row may be one:
    ``by_rows``. ``level_of`` gives the level that a word of a laboratory says. ``alone`` are
    headings that say the same with nothing over them, and without a mapping.
    """

    file: str
    headings: tuple[str, ...]
    columns: tuple[Column | None, ...]
    delimiter: str = ""
    decimal: str = ""
    sheet: str = ""
    kind_of: Callable[[str], str] = _no_term
    by_rows: bool = False
    level_of: LevelOf = _no_level
    alone: tuple[str, ...] = ()

    def row(self, number: int, cells: Sequence[Cell]) -> Row:
        """The case in the row with this number, counted as a spreadsheet counts."""
        return _Reading(self, number, cells).row()

    @property
    def places(self) -> dict[str, int]:
        """The numbers of the columns as errors name them."""
        return {self.heading(number): number for number in range(len(self.headings))}

    def heading(self, column: int) -> str:
        """A column as an error names it: its letters and its heading."""
        name = self.headings[column].strip() if column < len(self.headings) else ""
        return f"{letters(column)} ({name})" if name else letters(column)

    def place(self, number: int, column: int | None = None, *, by_name: bool = False) -> str:
        """A cell, or a row, as an error names it; ``by_name`` without folders, to be shared."""
        row = f"{PurePath(self.file).name if by_name else self.file}, row {number}"
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
            self.table.alone or self.table.headings,
            ["" if silent else cell.text for cell, silent in self._told()],
            [
                "" if silent else self._plain(number, cell)
                for number, (cell, silent) in enumerate(self._told())
            ],
            self.table.delimiter,
            [() if column is None else column.meaning for column in self.table.columns],
        )

    def _told(self) -> list[tuple[Cell, bool]]:
        """The cells, each with whether it stays here, as what is private does."""
        columns = (*self.table.columns, *[None] * len(self.cells))
        return [
            (_meant(cell, column) if column else cell, bool(column and column.is_left_out))
            for cell, column in zip(self.cells, columns, strict=False)
        ]

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
        if "an earlier case" in problem.what and not self.patient:
            cure = f"{cure}, or say which row of a patient counts: --visit latest, first or each"
        if column is not None and self._is_code(column):
            cure = f"{cure}, or in a mapping what it stands for: 'calcinosis map'"
        if column is not None and self._may_hold_several(column):
            cure = f"Part several items by {ITEM_END!r}. {cure}"
        return problem_at(self.table, self.number, column, self.cells, problem.what, cure)

    def _is_code(self, number: int) -> bool:
        """Whether a number stands where a word should, which only its maker can tell."""
        column = self.table.columns[number] if number < len(self.table.columns) else None
        text = self.cells[number].text.strip() if number < len(self.cells) else ""
        return column is not None and column.kind == "word" and text.isdigit()

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

        table, file = self.table, PurePath(self.table.file).name
        for column in self.cells_of.values():
            number = _row_of(self.cells, self.number, column)
            if table.place(number, column, by_name=True) == where:
                heading = table.headings[column].strip() if column < len(table.headings) else ""
                found = Place("", file, None, table.sheet, number)
                return replace(found, column=letters(column), heading=heading)
        return Place("", file, None, table.sheet, self.number)

    def _place(self, where: str) -> str:
        column = self._column(where)
        return self.table.place(_row_of(self.cells, self.number, column), column, by_name=True)

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
            read_as=remarks(case.read_as),
        )


def _row_of(cells: Sequence[Cell], number: int, column: int | None) -> int:
    """The row of a cell of a case that is in the row ``number``."""
    if column is None or column >= len(cells):
        return number
    return cells[column].row or number


def problem_at(
    table: Table, number: int, column: int | None, cells: Sequence[Cell], what: str, cure: str
) -> CellProblem:
    """A problem of one cell, or of the row where ``column`` is None."""
    number = _row_of(cells, number, column)
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
        elif table.by_rows:
            self._case["id"] = f"row {number}"

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
            return
        if known.is_silent:
            return
        cell = _meant(cell, known)
        if known.kind in cell.hinders and not self._is_answer(known, cell):
            self._problem(column, cell.fault, cell.cure)
            self._cells_of[known.key] = column  # so that it is not called missing as well
        elif cell.is_empty or answers.states_nothing(cell, known):
            return
        elif known.kind == "lab":
            self._tests.setdefault(known.key, {})[known.part] = column
        else:
            self._stated(known, column, cell)

    def _is_answer(self, known: Column, cell: Cell) -> bool:
        return known.key == "calcinosis" and answers.said(cell, known) is not None

    def _stated(self, known: Column, column: int, cell: Cell) -> None:
        text = cell.text.strip()
        if known.kind == "list":
            self._items(known, column, text)
        elif known.kind == "flag":
            self._flag(known, column, cell)
        elif known.kind == "note":
            self._item("other", f"{known.title}: {text}" if known.title else text, column)
        else:
            self._case[known.key] = (
                answers.word(text, cell, known) if known.kind == "word" else text
            )
            self._cells_of[known.key] = column

    def _items(self, known: Column, column: int, text: str) -> None:
        for item in answers.items(text, known, self._table.kind_of):
            word = item
            if answers.is_none(word) or words().is_yes(word) is not None:
                self._item("other", f"{self._table.headings[column].strip()}: {word}", column)
            elif not words().is_missing(word):
                if known.kind == "flag" and not self._table.kind_of(word):
                    word = f"{known.title}: {word}"  # "ex", or a number, alone says too little
                self._item(known.key, {"term": word, **known.link} if known.link else word, column)

    def _flag(self, known: Column, column: int, cell: Cell) -> None:
        """A column that is a term itself: yes states it, no excludes it, a word says which."""
        answer = answers.said(cell, known)
        if answer is not None:
            term = known.values.get(plain(known.title), known.title)
            self._item(known.key if answer else "excluded", term, column)
        elif plain(cell.text) in words().of("unticked"):
            return
        else:
            self._items(known, column, cell.text.strip())

    def _item(self, key: str, item: object, column: int) -> None:
        items = self._case.setdefault(key, [])
        self._cells_of[f"{key}[{len(items)}]"] = column
        items.append(item)

    def _whole(self) -> None:
        """Put together what two columns state: age and its unit, calcinosis and its sites."""
        self._age()
        sites = self._case.pop("sites", None)
        if sites is not None:
            self._case["calcinosis"] = {"status": self._case.get("calcinosis"), "sites": sites}
            for path in [path for path in self._cells_of if path.startswith("sites[")]:
                self._cells_of[f"calcinosis.{path}"] = self._cells_of.pop(path)

    def _age(self) -> None:
        unit = self._case.pop("age_unit", "")
        age = self._case.get("age")
        if unit and age is None:
            self._unused(self._cells_of["age_unit"])
        if age is None:
            return
        column = self._cells_of["age"]
        known = self._table.columns[column]
        default = known.unit if known is not None else ""
        found = answers.age(age, unit or default, is_default=not unit)
        if found is None:
            what = f"{quoted(age)} may be a decimal, or thousands"
            self._problem(column, what, "Write it without the mark, or with one more digit")
            found = self._case.pop("age")
        else:
            self._case["age"] = found

    # -- laboratory ------------------------------------------------------------------

    def _lab(self, test: str, parts: dict[str, int]) -> None:
        """The laboratory item of one test; none where neither value nor level is stated."""
        item: dict[str, Any] = {"test": test}
        if "value" in parts and answers.is_none(self._word(parts, "value")):
            self._item("other", self._as_said(parts["value"]), parts.pop("value"))
        said = self._said(parts)
        if said.number or (said == Stated() and "value" in parts):
            self._value(item, parts, said)
        if said.level:
            item["level"] = said.level
        if "level" in parts:
            self._level(item, parts)
        if len(item) > 1:
            if "when" in parts:
                item["when"] = self._word(parts, "when").casefold()
            self._add(item, parts)
        self._beside(item, parts)

    def _said(self, parts: Mapping[str, int]) -> Stated:
        """What the cell of the value states; nothing where it is left to the reader of cases."""
        cell = self._at(parts, "value")
        if cell.number is not None:
            return Stated(cell.text, cell.unit)
        return stated(cell.text, self._table.level_of) or Stated()

    def _level(self, item: dict[str, Any], parts: Mapping[str, int]) -> None:
        text = self._word(parts, "level")
        level = self._table.level_of(text) or text.casefold()
        if "level" in item and "value" not in item:
            item["value"] = item["level"]  # the reader says whether they agree
        elif item.get("level", level) != level:
            item["value"] = self._word(parts, "value")  # with its flag, which is another
        item["level"] = level

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
        self._item("other", f"{self._as_said(column)} (there is no value to it)", column)

    def _as_said(self, column: int) -> str:
        """A cell as it is recorded, after its heading."""
        return f"{self._table.headings[column].strip()}: {self._cells[column].text.strip()}"

    def _word(self, parts: Mapping[str, int], part: str) -> str:
        return self._at(parts, part).text.strip()

    def _at(self, parts: Mapping[str, int], part: str) -> Cell:
        return self._cell_at(parts[part]) if part in parts else EMPTY

    def _cell_at(self, column: int) -> Cell:
        """A cell, as the mapping of its column has it."""
        known = self._table.columns[column]
        return self._cells[column] if known is None else _meant(self._cells[column], known)

    def _value(self, item: dict[str, Any], parts: Mapping[str, int], said: Stated) -> None:
        found = self._number_in(parts["value"], said.number)
        if found is None:
            return
        item["value"] = found
        known = self._table.columns[parts["value"]]
        unit = said.unit or (known.unit if known is not None else "")
        if "unit" in parts:
            beside = self._word(parts, "unit")
            if said.unit and spell(said.unit) != spell(beside):
                what = f"{quoted(beside)} is not the unit in {quoted(self._word(parts, 'value'))}"
                self._problem(parts["unit"], what, "Keep one of them")
            unit = said.unit or beside
        if unit:
            item["unit"] = unit
        bounds = [self._bound(parts[end]) if end in parts else None for end in ("low", "high")]
        if bounds != [None, None]:
            item["interval"] = bounds

    def _bound(self, column: int) -> float | int | None:
        found = self._number_in(column)
        if isinstance(found, str):
            self._problem(column, f"{quoted(found)} is no bound", "Write a number, or leave it out")
            return None
        return found

    def _number_in(self, column: int, number: str = "") -> float | int | str | None:
        """The number in a cell, or its text; None, and a problem, where it is ambiguous.

        ``number`` is that of a cell that holds more than it.
        """
        cell = self._cell_at(column)
        known = self._table.columns[column]
        decimal = (known.decimal if known is not None else "") or self._table.decimal
        if number and cell.number is None:
            cell = Cell(number)
        found = measured(cell, decimal)
        if found is None:
            text = cell.text.strip()
            what = f"{quoted(text)} may be a decimal, or thousands"
            plain = re.sub("[.,]", "", text)
            point = text.replace(",", ".")
            ways = f"Write {plain} or, with one more digit, {point}0"
            if decimal:  # with the mark of its column it is read
                ways = (
                    f"Write {plain} or, as its column has decimals, {point.replace('.', decimal)}"
                )
            self._problem(column, what, ways)
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


def _meant(cell: Cell, column: Column) -> Cell:
    """A cell, or what its column says that its word stands for."""
    found = column.values.get(plain(cell.text)) if column.values else None
    return cell if found is None else Cell(found)


_NO_HEADING = "Put the cell in quotes if its text was split, else give the column a heading"
