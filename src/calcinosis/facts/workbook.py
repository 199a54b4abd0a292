"""Tables of cases in Excel workbooks: what a cell shows, not what Excel made of it.

Read a row at a time. A number keeps the leading zeros that its format shows; a date where no
date belongs, an error, or a formula whose value was never computed is a problem of its cell.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from calcinosis.errors import InputError, quoted
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign
from calcinosis.facts.cells import EMPTY, Cell
from calcinosis.facts.headings import Headings
from calcinosis.facts.parts import Part, look_through
from calcinosis.facts.row import letters
from calcinosis.facts.sheet import Grid
from calcinosis.facts.strict import transitional

FORM_SHEET: Final = "patients"
_CHUNK = 500
_EXACT = 10**15
_WORDS: Final = ("text", "word", "list")
_ALL: Final = (*_WORDS, "lab", "note")
_PADDED = re.compile(r"0{2,}\Z")
_UNIT_SHOWN = re.compile(r'[#0,.?]+\s*"\s*(?P<unit>[^"]*[^\W\d_%][^"]*)"\s*\Z')
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_PLAIN = re.compile(r"(?:General|@|E\+|[#0,.?\s]|_.|\[[^\]]*\])*\Z", re.IGNORECASE)


def workbook_grid(path: Path, headings: Headings, named: str = "") -> Generator[Grid]:
    """The cells of a sheet, while its workbook is open; InputError if none holds cases.

    The sheet is the one that is ``named``, else the one called ``patients``, else the only one
    among whose first rows one names an id. A hidden sheet is read where it is named.
    """
    where = str(path)
    _check_start(path, where)
    with _faults_named(where), zipfile.ZipFile(path) as archive:
        parts = look_through(archive, where)
        is_strict = any(part.is_strict for part in parts.values())
        source = transitional(archive) if is_strict else path
    book = _opened(source, where)
    try:
        sheet = book[_sheet_of(book, headings, where, named)]
        part = parts.get(sheet._worksheet_path, Part())
        rows = _computed(_rows(sheet, where), part.uncomputed)
        remarks = tuple(_unseen(book, part))
        yield Grid(where, rows, "", str(sheet.title), part.merged, remarks)
    finally:
        book.close()


def _unseen(book: Any, part: Part) -> Iterator[str]:
    """What Excel does not show, and was read or passed over."""
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    if hidden:
        yield f"hidden sheets that are not read: {', '.join(hidden)}"
    if part.hidden_rows:
        yield f"hidden rows that are read as others are: {_some(part.hidden_rows)}"
    if part.hidden_columns:
        shown = _some([letters(column) for column in part.hidden_columns])
        yield f"hidden columns that are read as others are: {shown}"


def _some(found: Sequence[object]) -> str:
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    return ", ".join(map(str, found[:8])) + more


def _check_start(path: Path, where: str) -> None:
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        what = "the workbook is protected by a password, or in the old .xls format"
        raise InputError(what, where, "Save it without a password as an Excel workbook (.xlsx)")
    if not zipfile.is_zipfile(path):
        raise InputError("this is no Excel workbook", where, "Save it as .xlsx, or as CSV UTF-8")


def _opened(source: Path | IO[bytes], where: str) -> Any:
    from openpyxl.reader.excel import ExcelReader

    class Reader(ExcelReader):  # type: ignore[misc]
        """Leaves alone who wrote the workbook and when: broken or not, it holds no case."""

        def read_properties(self) -> None:
            pass

        def read_custom(self) -> None:
            pass

    with _faults_named(where):
        reader = Reader(source, read_only=True, data_only=True, keep_links=False)
        reader.read()
        return reader.wb


@contextmanager
def _faults_named(where: str) -> Iterator[None]:
    """What openpyxl stumbles over as an InputError; its remarks on styles are not passed on."""
    cure = "Open it in Excel and save it again, or save it as CSV UTF-8"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with foreign("the workbook", where, cure):
            yield


def _sheet_of(book: Any, headings: Headings, where: str, named: str) -> str:
    visible = [str(one.title) for one in book.worksheets if one.sheet_state == "visible"]
    hidden = [name for name in book.sheetnames if name not in visible]

    def names_an_id(name: str) -> bool:
        return has_id(_rows(book[name], where), headings)

    return choose(visible, hidden, named, names_an_id, where)


def choose(
    visible: Sequence[str],
    hidden: Sequence[str],
    named: str,
    names_an_id: Callable[[str], bool],
    where: str,
) -> str:
    """The sheet to read: the one that is named, else the form's, else the only one with an id."""
    if named:
        if named in (*visible, *hidden):
            return named
        shown = ", ".join((*visible, *hidden))
        raise InputError(f"there is no sheet {quoted(named)}", where, f"Its sheets: {shown}")
    for name in visible:
        if name.strip().casefold() == FORM_SHEET:
            return name
    if len(visible) == 1:
        return visible[0]
    found = [name for name in visible if names_an_id(name)]
    if len(found) == 1:
        return found[0]
    what = f"{len(found) or 'none'} of its sheets ({', '.join(visible)}) {_HOLD[len(found) == 0]}"
    raise InputError(what, where, f"Call the sheet that is to be read {FORM_SHEET!r}")


_HOLD = ("name an id in one of their first rows", "names an id in one of its first rows")


def has_id(rows: Iterable[tuple[int, list[Cell]]], headings: Headings) -> bool:
    """Whether one of the first rows of a sheet names an id."""
    for _, cells in islice(rows, limits.HEAD):
        found = (headings.knows(cell.text) for cell in cells if not cell.is_empty)
        if any(column is not None and column.key == "id" for column in found):
            return True
    return False


def _computed(
    rows: Iterable[tuple[int, list[Cell]]], uncomputed: Collection[tuple[int, int]]
) -> Iterator[tuple[int, list[Cell]]]:
    """The rows; a formula whose value is not in the file is a fault of its cell."""
    for number, cells in rows:
        if not uncomputed:
            yield number, cells
            continue
        found = enumerate(cells)
        yield number, [_UNCOMPUTED if (number, n) in uncomputed else cell for n, cell in found]


def _rows(sheet: Any, where: str) -> Iterator[tuple[int, list[Cell]]]:
    """The rows of a sheet with their numbers; openpyxl's remarks on styles are not passed on."""
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(), start=1)
    while True:
        with _faults_named(where):
            chunk = [(number, [_cell(c) for c in row]) for number, row in islice(rows, _CHUNK)]
        if not chunk:
            return
        yield from chunk


# -- one cell --------------------------------------------------------------------------


_UNCOMPUTED: Final = Cell(
    "=",
    None,
    "the formula here has no value in the file",
    "Open the file in Excel and save it, or write the value",
    _ALL,
)


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return logical(value)
    if isinstance(value, int | float):
        return number_of(value, str(cell.number_format or "General"))
    if isinstance(value, datetime | date | time | timedelta):
        return moment(date_text(value))
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(getattr(value, "text", value)))
    if cell.data_type == "e":
        return Cell(text, None, f"the cell holds an Excel error ({text})", "Mend it there", _ALL)
    return Cell(text)


def logical(value: bool) -> Cell:
    """A cell that holds true or false."""
    word = str(value).upper()
    return Cell(word, None, f"{word} is a logical value", _WORD_CURE, (*_WORDS, "lab"))


def moment(text: str) -> Cell:
    """A cell that holds a date or a time."""
    return Cell(text, None, f"Excel holds a date or time here ({text})", _DATE_CURE, _NO_DATE)


def date_text(value: datetime | date | time | timedelta) -> str:
    """A date or time as ISO 8601 has it; a date alone where it is midnight."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value) if isinstance(value, timedelta) else value.isoformat()


def number_of(value: float, form: str) -> Cell:
    """A cell that holds a number, shown in a format of Excel."""
    text = str(int(value)) if float(value).is_integer() and abs(value) < _EXACT else repr(value)
    if abs(value) >= _EXACT:
        what = f"Excel keeps only 15 digits of the number {text}"
        return Cell(text, value, what, _TEXT_CURE, _WORDS)
    if _PADDED.match(form) and text.isdigit():
        return Cell(text.zfill(len(form)), value)
    if "%" in form:
        what = f"{text} is shown as a percentage"
        return Cell(text, value, what, "Write the plain number", _ALL)
    unit = _shown_unit(form)
    if unit:
        return Cell(f"{text} {unit}", value, unit=unit)
    if not _PLAIN.match(form.partition(";")[0]):
        what = f"Excel shows the number {text} in the format {quoted(form)}"
        return Cell(text, value, what, _TEXT_CURE, _WORDS)
    return Cell(text, value)


def _shown_unit(form: str) -> str:
    """The unit that a format shows after each number, as in ``0.00 "mmol/L"``; empty if none."""
    match = _UNIT_SHOWN.match(form.partition(";")[0])
    return match["unit"].strip() if match else ""


_NO_DATE = (*_WORDS, "lab")
_TEXT_CURE = "Format the column as Text, and write it there as it should be read"
_DATE_CURE = "Format the cell as Text, then write again what should stand there"
_WORD_CURE = "Format the cell as Text, and write the word that belongs there"
