"""Tables of cases in files: text and workbooks, as a sheet of cells and then as cases."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from calcinosis.errors import InputError
from calcinosis.facts import redcap, visits
from calcinosis.facts.columns import Columns
from calcinosis.facts.frame import WHERE, frame_grid, frame_rows, is_frame, no_mapping
from calcinosis.facts.headings import Headings
from calcinosis.facts.mapping import SheetMap, read_map
from calcinosis.facts.raw import RawCase
from calcinosis.facts.row import Row
from calcinosis.facts.sheet import Grid, Read, head, rows_of
from calcinosis.facts.sheet_checks import check, told, told_after
from calcinosis.facts.tabular import STATISTICS, WORKBOOKS, Frame, Known, Sheet


def cases_in(sheet: Sheet, known: Known) -> Iterator[Row | InputError]:
    """The cases of a table, a row each; InputError if it is no table of cases."""
    opened = _Opened(sheet, known)
    taken = opened.taken()
    with opened.read() as read:
        told(read, say)
        rows = rows_of(read)
        if redcap.is_export(read.table):
            rows = redcap.records(rows, opened.visits)
        elif opened.visits == "each":
            rows = visits.each(rows)
        left = 0
        for row in rows:
            if taken is None or isinstance(row, InputError) or row.number in taken:
                yield row
            else:
                left += 1
        if left:
            others = (
                "1 row of another visit is" if left == 1 else f"{left} rows of other visits are"
            )
            say(f"{opened.where}: {others} not read ({opened.visits})")
        told_after(read, say)


def frame_cases(sheet: Sheet, known: Known) -> Iterator[RawCase | InputError]:
    """The cases of a data frame, a row each or from a long table; InputError if it holds none.

    Rows are counted from 1. An index with a name is a column.
    """
    from calcinosis.facts.records.long_table import is_long, long_cases

    rows = frame_rows(sheet.path)
    texts = [cell.text for cell in next(rows)[1]]
    if not is_long(texts):
        yield from cases_in(sheet, known)
    elif sheet.map or sheet.visits:
        raise no_mapping(WHERE)
    else:
        yield from long_cases(WHERE, texts, rows)


def _mapping(path: Path, columns: Columns) -> SheetMap | redcap.Dictionary:
    """A mapping, or the data dictionary of a REDCap project."""
    if path.suffix.casefold() == ".csv":
        return redcap.read_dictionary(path)
    return read_map(path, columns)


class _Opened:
    """A table that may be read twice: once for the visits that count."""

    def __init__(self, sheet: Sheet, known: Known) -> None:
        self._path = sheet.path
        self.where = WHERE if is_frame(sheet.path) else str(sheet.path)
        self._known = known
        self.columns = Columns(known.laboratory())
        self._map = None if sheet.map is None else _mapping(Path(sheet.map), self.columns)
        self.visits = sheet.visits or (self._map.visits if self._map else "")

    @contextmanager
    def read(self, *, checked: bool = True) -> Iterator[Read]:
        """What the first rows tell, while the file is open; a doubt refuses it if ``checked``."""
        named = self._map.sheet if self._map else ""
        headings = Headings(self.columns, self._known.kind_of)
        with grid(self._path, headings, named) as found:
            read = head(found, headings, self._map, lax=not checked)
            if checked:
                check(read)
            yield read

    def taken(self) -> frozenset[int] | None:
        """The numbers of the rows that count, where not all of a patient do; else None."""
        if self.visits not in ("latest", "first"):
            return None
        with self.read() as read:
            if redcap.is_export(read.table):
                return None
            sample = [read.table.row(*item) for item in read.sample]
            return visits.chosen(rows_of(read), self.visits, sample)


def map_of(sheet: Sheet, known: Known) -> str:
    """The mapping of a table as YAML, as ``calcinosis map`` writes it; InputError for no table."""
    from calcinosis.facts.map_writing import written_map

    with _Opened(sheet, known).read(checked=False) as read:
        return written_map(read, rows_of(read), known.kind_of)


def summary_of(sheet: Sheet, known: Known) -> tuple[str, str]:
    """What of a table was read, and what its mapping would ask; InputError for no table."""
    from calcinosis.facts.map_writing import summary

    with _Opened(sheet, known).read(checked=False) as read:
        return summary(read, rows_of(read), known.kind_of)


@contextmanager
def grid(source: str | Path | Frame, headings: Headings, named: str = "") -> Generator[Grid]:
    """The cells of the sheet of a file, which is open meanwhile, or of a data frame."""
    if not isinstance(source, str | Path):
        yield frame_grid(source)
        return
    found: Generator[Grid]
    path = Path(source)
    if path.suffix.casefold() in WORKBOOKS:
        from calcinosis.facts.workbook import workbook_grid

        found = workbook_grid(path, headings, named)
    elif path.suffix.casefold() == ".ods":
        from calcinosis.facts.opendocument import opendocument_grid

        found = opendocument_grid(path, headings, named)
    elif path.suffix.casefold() in STATISTICS:
        from calcinosis.facts.statistics_files import statistics_grid

        found = statistics_grid(path, headings)
    else:
        from calcinosis.facts.table import table_grid

        found = table_grid(path, headings)
    try:
        yield next(found)
    finally:
        found.close()


def say(remark: str) -> None:
    """Tell a remark on a table as a whole: a warning of the logger ``calcinosis``."""
    import logging

    logging.getLogger("calcinosis").warning("%s", remark)
