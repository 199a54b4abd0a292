"""A sheet as it was saved to its cases: where its headings stand, what they mean, what is no row.

Title and group rows may stand above the headings, footnotes below the patients, and cells may be
merged. The first rows alone decide how a column is read, so that a file may have any size.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from calcinosis.errors import InputError
from calcinosis.facts import limits
from calcinosis.facts.cells import Cell
from calcinosis.facts.columns import Column
from calcinosis.facts.headings import RECORD, Guess, Headings
from calcinosis.facts.row import Row, Table, letters
from calcinosis.facts.sheet_words import plain, words

if TYPE_CHECKING:
    from calcinosis.facts.mapping import SheetMap
    from calcinosis.facts.redcap import Dictionary

Cells = list[Cell]
Numbered = tuple[int, Cells]

_AT_ONCE: Final = 3  # rows that are looked at where the first one names an id
_ADULT: Final = 24  # an age above it is in years, whatever the heading leaves out
_MARK = re.compile(r"\A\s*(?:[*†‡§¶]|[a-z]?\d*\)|n\s*=\s*\d)", re.IGNORECASE)
_MARKED = re.compile(r"(?<![\d.,])\d+(?P<mark>[.,])(?P<part>\d+)(?![\d.,])")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Area:
    """Merged cells: rows from 1, columns from 0, both ends among them."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Grid:
    """The cells of one sheet, a row at a time, with what is known of the sheet as a whole.

    ``remarks`` are said once its rows are read. In the place of a row may stand what is wrong.
    """

    where: str
    rows: Iterator[Numbered | InputError]
    delimiter: str = ""
    sheet: str = ""
    merged: Sequence[Area] = ()
    remarks: Sequence[str] = ()


@dataclass(slots=True)
class Read:
    """The head of a sheet: its table, the guess of each column, and rows that tell of them.

    ``sample`` are the first rows of patients; ``remarks`` and ``notes`` what is said at the end.
    """

    table: Table
    number: int
    guesses: tuple[Guess | None, ...]
    sample: list[Numbered]
    rows: Iterator[Numbered | InputError]
    remarks: Sequence[str] = ()
    notes: list[int] = field(default_factory=list)

    @property
    def width(self) -> int:
        """How many columns have a heading."""
        return sum(column is not None for column in self.table.columns)


def rows_of(read: Read) -> Iterator[Row | InputError]:
    """The rows of patients; InputError if there is none."""
    empty = True
    for item in read.rows:
        if isinstance(item, InputError):
            yield item
        elif not _is_note(item, read):
            empty = False
            yield read.table.row(*item)
    if empty:
        raise no_case(read.table.file)


def head(
    grid: Grid,
    headings: Headings,
    mapping: SheetMap | Dictionary | None = None,
    *,
    lax: bool = False,
) -> Read:
    """What the first rows of a sheet tell; InputError if nothing stands in it.

    Columns without a heading are not read, and are no fault, where a mapping or ``lax`` says so.
    """
    lax = lax or mapping is not None
    filled = filter_blank(_filled(grid.rows, grid.merged))
    first, rest = _ahead(filled)
    numbered = [item for item in first if not isinstance(item, InputError)]
    if not numbered:
        _refuse_empty(first, rest, grid.where)
    wanted = mapping.header if mapping else None
    index = _heading_row(numbered, headings, wanted)
    number, cells = numbered[index]
    _refuse_faults(first[: first.index(numbered[index])])
    texts = [cell.text for cell in cells]
    while texts and not texts[-1].strip():
        texts.pop()
    after = first[first.index(numbered[index]) + 1 :]
    sample = [item for item in after if not isinstance(item, InputError)][: limits.SAMPLE]
    if lax:
        texts += [""] * (max((len(row) for _, row in sample), default=0) - len(texts))
    if mapping:
        mapping.check(keys_of(texts))
    groups = _groups(numbered[:index], len(texts), grid)
    guesses = _guessed(texts, groups, sample, headings, mapping, lax=lax)
    found = tuple(None if guess is None else guess.column for guess in guesses)
    decimal = "," if grid.delimiter == ";" else "." if grid.delimiter else ""
    table = Table(
        grid.where,
        tuple(texts),
        found,
        grid.delimiter,
        decimal,
        grid.sheet,
        headings.kind_of,
        mapping is not None and mapping.by_rows,
        headings.level_of,
        tuple(
            text if column is None else headings.alone(text, over, column)
            for text, over, column in zip(texts, groups, found, strict=True)
        ),
    )
    return Read(table, number, guesses, sample, _chained(after, rest), grid.remarks)


def _refuse_empty(
    first: Iterable[Numbered | InputError], rest: Iterator[Numbered | InputError], where: str
) -> None:
    _refuse_faults(first)
    next(rest, None)  # what kept the first rows from being read
    raise InputError("the table is empty", where, NO_HEADING)


def _refuse_faults(rows: Iterable[Numbered | InputError]) -> None:
    for item in rows:
        if isinstance(item, InputError):
            raise item


def _chained(
    first: Iterable[Numbered | InputError], rest: Iterator[Numbered | InputError]
) -> Iterator[Numbered | InputError]:
    yield from first
    yield from rest


# -- rows ------------------------------------------------------------------------------


def filter_blank(rows: Iterable[Numbered | InputError]) -> Iterator[Numbered | InputError]:
    """The rows in which something stands."""
    for item in rows:
        if isinstance(item, InputError) or any(not cell.is_empty for cell in item[1]):
            yield item


def _ahead(
    rows: Iterator[Numbered | InputError],
) -> tuple[list[Numbered | InputError], Iterator[Numbered | InputError]]:
    """The first rows and the rest; a fault among the first comes in its place."""
    first: list[Numbered | InputError] = []
    try:
        for item in rows:
            first.append(item)
            if len(first) == limits.AHEAD:
                break
    except InputError as error:
        return first, _raising(error)
    return first, rows


def _raising(error: InputError) -> Iterator[Numbered | InputError]:
    raise error
    yield


def _filled(
    rows: Iterable[Numbered | InputError], merged: Sequence[Area]
) -> Iterator[Numbered | InputError]:
    """The rows, what stands in a merged cell in each row of it; rows without a cell stay blank."""
    areas = sorted((a for a in merged if a.bottom > a.top), key=lambda a: -a.top)
    open_areas: dict[int, tuple[int, Cell]] = {}
    for item in rows:
        if isinstance(item, InputError) or not (areas or open_areas):
            yield item
            continue
        number, cells = item
        while areas and areas[-1].top <= number:
            area = areas.pop()
            if area.top == number and area.left < len(cells):
                open_areas[area.left] = area.bottom, cells[area.left]
        if any(not cell.is_empty for cell in cells):
            cells = _with_merged(number, cells, open_areas)
        yield number, cells


def _with_merged(number: int, cells: Cells, merged: dict[int, tuple[int, Cell]]) -> Cells:
    found = list(cells)
    for column, (bottom, cell) in list(merged.items()):
        if bottom < number:
            del merged[column]
        elif column >= len(found):
            found += [Cell("")] * (column - len(found)) + [cell]
        elif found[column].is_empty:
            found[column] = cell
    return found


def _is_note(item: Numbered, read: Read) -> bool:
    """Whether a row is no patient: a footnote, a total, a heading of a part of the table."""
    number, cells = item
    filled = [cell.text.strip() for cell in cells if not cell.is_empty]
    found = (
        (len(filled) == 1 and read.width > 1 and _reads_as_note(filled[0], cells, read))
        or plain(filled[0]).rstrip(":.") in words().of("total")
        or (filled[0] == read.table.headings[0].strip() and _is_head_again(filled, read))
    )
    if found:
        read.notes.append(number)
    return found


def _reads_as_note(text: str, cells: Cells, read: Read) -> bool:
    start = re.split(r"[\s:.=]", plain(text), maxsplit=1)[0]
    if _MARK.match(text) or start in words().of("footnote") or len(text.split()) > 3:
        return True
    column = next(number for number, cell in enumerate(cells) if not cell.is_empty)
    columns = read.table.columns
    known = columns[column] if column < len(columns) else None
    return known is not None and known.key != "id" and column == 0


def _is_head_again(filled: list[str], read: Read) -> bool:
    """Whether the headings are repeated, as on each page of a printed table."""
    own = [text.strip() for text in read.table.headings if text.strip()]
    return len(own) > 1 and filled == own


# -- headings --------------------------------------------------------------------------


def _heading_row(rows: Sequence[Numbered], headings: Headings, wanted: int | None) -> int:
    """The index of the row of headings: that which names the most columns, the first of equals.

    A row is none that names one column alone, and no id. What may as well be a cell, as ``no``,
    names nothing here.
    """
    if wanted is not None:
        return next((index for index, (number, _) in enumerate(rows) if number == wanted), 0)
    scores = [_score(cells, headings) for _, cells in rows[: limits.HEAD]]
    best = next((index for index, score in enumerate(scores) if score.is_wide or score.has_id), 0)
    last = len(scores)
    if scores[best].has_id and 2 * scores[best].known >= scores[best].filled:
        last = best + _AT_ONCE
    for index in range(best + 1, min(last, len(scores))):
        if scores[index].beats(scores[best]):
            best = index
    return best


@dataclass(frozen=True, slots=True)
class _Score:
    """How many cells a row fills, how many of them name a column, and whether one is an id."""

    filled: int
    known: int
    has_id: bool

    @property
    def is_wide(self) -> bool:
        """Whether it is more than a title."""
        return self.filled > 1

    def beats(self, first: _Score) -> bool:
        """Whether this row names the columns, and not the ``first`` one above it."""
        if first.has_id and not self.has_id:
            return False
        if self.has_id and not first.has_id and self.filled > first.filled:
            return True  # a row over groups of columns leaves cells empty
        return self.known > first.known and (self.known > 1 or self.has_id)


def _score(cells: Sequence[Cell], headings: Headings) -> _Score:
    named = {cell.text.strip() for cell in cells if _may_head(cell)}
    columns = [
        column
        for text in named
        if not _may_be_cell(text) and (column := headings.knows(text)) is not None
    ]
    filled = sum(not cell.is_empty for cell in cells)
    return _Score(filled, len(columns), any(column.key == "id" for column in columns))


def _may_be_cell(text: str) -> bool:
    """Whether a word stands in rows of patients as well as over them."""
    known = words()
    return (
        known.is_yes(text) is not None
        or known.is_missing(text)
        or any(plain(text) in known.of(kind) for kind in ("none", "sex", "cell"))
    )


def _may_head(cell: Cell) -> bool:
    text = cell.text.strip()
    return bool(text) and cell.number is None and len(text) <= 80 and not text[0].isdigit()


def _groups(above: Sequence[Numbered], width: int, grid: Grid) -> list[str]:
    """What stands over the headings, by column: a text over several goes for each of them."""
    groups = [""] * width
    if not above:
        return groups
    number, cells = above[-1]
    texts = [cell.text.strip() for cell in cells]
    if sum(map(bool, texts)) < 2:
        return groups
    spans = {area.left: area.right for area in grid.merged if area.top <= number <= area.bottom}
    last = ""
    end = -1
    for column in range(width):
        text = texts[column] if column < len(texts) else ""
        if text:
            last = text
            end = spans.get(column, column) if grid.merged else width
        groups[column] = last if column <= end else ""
    return groups


def _guessed(
    texts: Sequence[str],
    groups: Sequence[str],
    sample: Sequence[Numbered],
    headings: Headings,
    mapping: SheetMap | Dictionary | None,
    *,
    lax: bool,
) -> tuple[Guess | None, ...]:
    found: list[Guess | None] = []
    keys = keys_of(texts)
    for number, heading in enumerate(texts):
        cells = [row[number] for _, row in sample if number < len(row) and not row[number].is_empty]
        guess = mapping.guess(keys[number], headings) if mapping else None
        if guess is None and heading.strip():
            shown = [text for text in (cell.text.strip() for cell in cells) if _is_word(text)]
            guess = headings.guess(heading, groups[number], shown)
        elif guess is None and number == 0 and _are_counts(cells):
            guess = Guess(Column(keys[number], "", "ignored"), "running numbers without a heading")
        elif guess is None and lax:
            guess = Guess(Column(keys[number], "", "ignored"), "it has no heading")
        found.append(guess and replace(guess, column=habits(guess.column, cells)))
    return tuple(_one_id(found, texts))


def _are_counts(cells: Sequence[Cell]) -> bool:
    """Whether cells are whole numbers, no two alike, as of the index of a data frame."""
    texts = [cell.text.strip() for cell in cells]
    is_whole = all(text.isdecimal() for text in texts)
    return bool(texts) and is_whole and len(set(texts)) == len(texts)


def _one_id(guesses: Sequence[Guess | None], texts: Sequence[str]) -> Iterator[Guess | None]:
    """The guesses; beside an id, the running number of a row is none, and a record is private.

    A number of a hospital's record is the id only where nothing else is.
    """
    ids = [n for n, guess in enumerate(guesses) if guess and guess.column.key == "id"]
    counts = [number for number in ids if plain(texts[number]) in words().of("weak")]
    records = [n for n in ids if (guess := guesses[n]) is not None and guess.why == RECORD]
    others = len(ids) > len(records)
    for number, guess in enumerate(guesses):
        if number in records and (others or number != records[0]):
            yield Guess(Column(texts[number], "", "private"), "private, beside another id")
        elif number in counts and len(counts) < len(ids) - len(records):
            yield Guess(Column(texts[number], "", "ignored"), "a number beside the id")
        else:
            yield guess


def keys_of(texts: Sequence[str]) -> list[str]:
    """The columns as a mapping names them: by their headings, where these tell them apart."""
    times = Counter(text.strip() for text in texts)
    return [
        text.strip() if text.strip() and times[text.strip()] == 1 else _lettered(text, number)
        for number, text in enumerate(texts)
    ]


def _lettered(text: str, number: int) -> str:
    return f"{text.strip()} [{letters(number)}]".strip()


def _is_word(text: str) -> bool:
    return words().is_yes(text) is None and not words().is_missing(text)


def habits(column: Column, cells: Sequence[Cell]) -> Column:
    """A column with what its first cells tell of all: the mark of decimals, what says yes."""
    texts = [plain(cell.text) for cell in cells]
    if column.kind == "lab" and not column.decimal:
        return replace(column, decimal=_decimal(texts))
    if column.kind == "flag" or column.key == "calcinosis":
        rest = {text for text in texts if not words().is_missing(text)}
        numbers = rest <= {"0", "1", "0.0", "1.0"} and len(rest) > 0
        return replace(
            column,
            numbers=column.numbers or numbers,
            signs=column.signs or "+" in texts,
        )
    if column.key == "age" and column.kind == "text" and not column.unit:
        return replace(column, unit=_age_unit(texts))
    return column


def _decimal(texts: Iterable[str]) -> str:
    """The mark of decimals, where numbers show it that can be read in one way alone."""
    marks: set[str] = set()
    for text in texts:
        match = _MARKED.search(text)
        if match and len(match["part"]) != 3:
            marks.add(match["mark"])
    return marks.pop() if len(marks) == 1 else ""


def _age_unit(texts: Sequence[str]) -> str:
    """Years where most ages that have a unit are so, or an age without one is a grown-up's.

    Else it is unknown: so also where most ages are in another unit.
    """
    units = words().of("age_unit")
    bare_ones = [text for text in texts if _NUMBER.match(text)]
    named = Counter(
        units.get(re.sub(r"[\d.,\s-]+", "", text).removesuffix("old").strip()) for text in texts
    )
    named.pop(None, None)
    others = named.total() - named["years"]
    if named["years"] > others:
        return "years"
    grown = any(float(text.replace(",", ".")) > _ADULT for text in bare_ones)
    return "years" if grown and others <= len(bare_ones) + named["years"] else ""


NO_HEADING: Final = (
    "One of the first rows names the columns, id among them; 'calcinosis template FILE.xlsx' "
    "writes a form"
)


def no_case(where: str) -> InputError:
    """The refusal of a table that has headings and nothing below."""
    return InputError("there is no case in it", where, "Fill in a row below the headings")
