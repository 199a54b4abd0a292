"""Tables of cases in files of SPSS (.sav, .zsav) and Stata (.dta), with their value labels.

The names of variables are the headings, or their labels where these say more. Rows are counted as
in a spreadsheet, with the headings as the first.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from calcinosis.errors import InputError, MissingProgramError, to_install
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign
from calcinosis.facts.cells import EMPTY, Cell
from calcinosis.facts.headings import Headings
from calcinosis.facts.sheet import Grid, Numbered
from calcinosis.facts.workbook import date_text, moment, number_of

_ROWS: Final = 5_000
_CURE: Final = "Open it in its program and save it again, or export it as CSV UTF-8"


def statistics_grid(path: Path, headings: Headings) -> Generator[Grid]:
    """The cells of a file of SPSS or Stata; InputError if it is none that can be read.

    MissingProgramError where the package that reads them is not installed.
    """
    where = str(path)
    read = _reader(path)
    with foreign("the file", where, _CURE):
        _, about = read(where, metadataonly=True)
    if len(about.column_names) > limits.COLUMNS:
        raise limits.exceeded("it has", limits.COLUMNS, "columns", where, "Leave some out")
    yield Grid(where, _rows(read, about, where, headings))


def _reader(path: Path) -> Callable[..., Any]:
    try:
        import pyreadstat
    except ImportError as error:
        what = "files of SPSS and Stata need the package pyreadstat"
        cure = f"Install it: {to_install('statistics')}; or export the file as CSV UTF-8"
        raise MissingProgramError(what, str(path), cure) from error
    is_stata = path.suffix.casefold() == ".dta"
    found: Callable[..., Any] = pyreadstat.read_dta if is_stata else pyreadstat.read_sav
    return found


def _rows(
    read: Callable[..., Any], about: Any, where: str, headings: Headings
) -> Iterator[Numbered | InputError]:
    names: list[str] = about.column_names
    yield 1, [Cell(_heading(name, about.column_names_to_labels, headings)) for name in names]
    labels = [about.variable_value_labels.get(name) or {} for name in names]
    passed = 0
    while True:
        with foreign("the file", where, _CURE):
            found, _ = read(where, row_offset=passed, row_limit=_ROWS, output_format="dict")
        columns = [found[name] for name in names]
        count = len(columns[0]) if columns else 0
        for index in range(count):
            cells = zip(columns, labels, strict=True)
            yield passed + index + 2, [_cell(values[index], known) for values, known in cells]
        passed += count
        if count < _ROWS:
            return


def _heading(name: str, labels: Mapping[str, str | None], headings: Headings) -> str:
    """The label of a variable where it names a column or term, else its name.

    A name beside a label is not taken for a term: dm may be another disease.
    """
    label = labels.get(name) or ""
    is_known = bool(label) and (headings.knows(label) is not None or headings.kind_of(label))
    return label if is_known or (label and headings.knows(name) is None) else name


def _cell(value: object, labels: Mapping[Any, str]) -> Cell:
    if value is None or value != value:  # noqa: PLR0124 (no number)
        return EMPTY
    if value in labels:
        return Cell(labels[value])
    if isinstance(value, int | float):
        return number_of(value, "General")
    if isinstance(value, datetime | date | time | timedelta):
        return moment(date_text(value))
    return Cell(str(value))
