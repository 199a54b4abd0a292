"""Excel workbooks written a row at a time, with text that stays text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from textwrap import wrap
from typing import IO, Any, Final, NoReturn

from calcinosis.errors import UsageError
from calcinosis.output.sheets.row_xml import row_xml
from calcinosis.output.streams import failures_named

MOST_ROWS: Final = 1_048_576
LONGEST: Final = 32_767
TEXT: Final = "@"
_TWO_LINES: Final = 30
_LINE: Final = 15
_HIGHEST: Final = 409
"""Points of a line, and of the highest row that Excel takes."""
_A4: Final = 9
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Sheet:
    """One sheet under construction: a row of headings that stays in sight, and rows below.

    Printed it is one page wide, on A4 across, and its headings stand on each page. One that
    ``wraps`` breaks texts that are wider than their column, so that it is legible so.
    """

    def __init__(
        self,
        book: Any,
        title: str,
        headings: Sequence[str],
        widths: Sequence[float],
        *,
        wraps: bool = False,
    ):
        self.inner = book.create_sheet(title)
        self.inner.freeze_panes = "B2"
        for number, width in enumerate(widths):
            self.column(number).width = width
        self._headings = headings
        self._title = title
        self._count = 0
        self._wrapped = tuple(widths) if wraps else ()
        self._one_page_wide()

    def _one_page_wide(self) -> None:
        self.inner.sheet_properties.pageSetUpPr.fitToPage = True
        setup, margins = self.inner.page_setup, self.inner.page_margins
        setup.orientation, setup.paperSize = "landscape", _A4
        setup.fitToWidth, setup.fitToHeight = 1, 0
        margins.left = margins.right = 0.4
        margins.top = margins.bottom = 0.5
        self.inner.oddFooter.left.text = "&A"
        self.inner.oddFooter.right.text = "&P / &N"

    def column(self, number: int) -> Any:
        """The settings of a column, counted from 0."""
        return self.inner.column_dimensions[self.letter(number)]

    @staticmethod
    def letter(number: int) -> str:
        """How Excel calls a column, counted from 0."""
        from openpyxl.utils import get_column_letter

        return str(get_column_letter(number + 1))

    def titled(self, title: str, headings: Sequence[str], numbers: Container[int] = ()) -> None:
        """Write a title and headings below it, in bold: of a table among others.

        Those of columns of ``numbers``, counted from 0, stand right, as numbers do.
        """
        from openpyxl.styles import Alignment, Font

        for texts, size in (((title,), 12), (headings, 11)):
            cells = [self.cell(text) for text in texts]
            for number, cell in enumerate(cells):
                side = "right" if texts is headings and number in numbers else None
                cell.font = Font(name="Calibri", bold=True, size=size)
                cell.alignment = Alignment(
                    horizontal=side, vertical="top", wrap_text=texts is headings
                )
            if texts is headings:
                self.inner.row_dimensions[self._count + 1].height = _TWO_LINES
            self._append(cells)

    def head(self, comments: Sequence[str] = ()) -> None:
        """Write the headings, in bold, each with its comment where there is one."""
        from openpyxl.styles import Alignment, Font, PatternFill

        self.inner.print_title_rows = "1:1"
        cells = [self.cell(heading) for heading in self._headings]
        for number, cell in enumerate(cells):
            cell.font = Font(name="Calibri", bold=True)
            cell.fill = PatternFill("solid", fgColor="FFDBE9F6")
            cell.alignment = Alignment(vertical="top", wrap_text=False)
            if number < len(comments) and comments[number]:
                cell.comment = _comment(comments[number])
        self._append(cells)

    def row(self, values: Iterable[str | float | None]) -> int:
        """Write one row of texts and numbers, and say how many lines high; None is an empty cell.

        Of a row of several lines all cells begin on the first.
        """
        told = [self._clean(value) for value in values]
        lines = max((_lines(*pair) for pair in zip(told, self._wrapped, strict=False)), default=1)
        styles, points = (0, 0), 0
        if lines > 1:
            styles, points = self._broken, min(_LINE * lines, _HIGHEST)
        self._next()
        self.inner._writer.made = row_xml(self._count, told, styles, points)
        self._written([])
        return lines

    @cached_property
    def _broken(self) -> tuple[int, int]:
        """The numbers of the styles of texts and of numbers in a row of several lines."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment

        found = []
        for wraps in (True, False):
            cell = WriteOnlyCell(self.inner)
            cell.alignment = Alignment(vertical="top", wrap_text=wraps)
            found.append(int(cell.style_id))
        return found[0], found[1]

    def _clean(self, value: str | float | None) -> str | float | None:
        """A value as a cell can hold it; UsageError for a text that is too long."""
        if not isinstance(value, str):
            return value
        if len(value) > LONGEST:
            self._too_long(value)
        return _ILLEGAL.sub("\ufffd", value) or None

    def cells(self, cells: Iterable[Any]) -> None:
        """Write one row of cells."""
        self._append(list(cells))

    def _text(self, text: str) -> Any:
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self.inner)
        self._fill(cell, text)
        return cell

    def _fill(self, cell: Any, text: str) -> None:
        """Have a cell hold a text, which is no formula however it begins."""
        if len(text) > LONGEST:
            self._too_long(text)
        cell.value = text
        if text:
            cell.data_type = "s"

    def _too_long(self, text: str) -> NoReturn:
        raise UsageError(
            f"a text of {len(text)} characters is more than a cell of Excel takes",
            f"sheet {self._title!r}, row {self._count + 1}",
            "Write CSV instead",
        )

    def cell(self, value: str | float | None, comment: str = "", colour: str = "") -> Any:
        """A cell of a form: text is formatted as text, so that it stays so when it is edited."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import PatternFill

        if isinstance(value, str):
            cell = self._text(_ILLEGAL.sub("\ufffd", value))
            cell.number_format = TEXT
        else:
            cell = WriteOnlyCell(self.inner, value=value)
        if comment:
            cell.comment = _comment(comment)
        if colour:
            cell.fill = PatternFill("solid", fgColor=colour)
        return cell

    def _append(self, cells: list[Any]) -> None:
        self._next()
        self._written(cells)

    def _next(self) -> None:
        self._count += 1
        if self._count > MOST_ROWS:
            raise UsageError(
                f"the sheet {self._title!r} would have more rows than Excel takes",
                "-f xlsx",
                "Write CSV instead: -f csv",
            )
        if self._count == 1:
            _rows_kept_here(self.inner)

    def _written(self, cells: list[Any]) -> None:
        self.inner.append(cells)
        self.inner._writer.out.check()


def _lines(value: str | float | None, width: float) -> int:
    """How many lines a text takes in a column."""
    return _broken_into(value, int(width)) if isinstance(value, str) and len(value) > width else 1


@lru_cache(maxsize=4096)
def _broken_into(text: str, width: int) -> int:
    return len(wrap(text, width))


def _comment(text: str) -> Any:
    from openpyxl.comments import Comment

    return Comment(text, "calcinosis", width=320, height=40 + 18 * (1 + len(text) // 45))


@contextmanager
def workbook(stream: IO[bytes]) -> Iterator[Any]:
    """A new workbook, written to ``stream`` at the end; of one that fails nothing is left.

    Its rows wait in files without a name: beside the file that ``stream`` writes, or in memory.
    """
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook(write_only=True)
    name = getattr(stream, "name", None)
    book.rows_in = Path(name).parent if isinstance(name, str) else None
    try:
        with failures_named(getattr(getattr(stream, "raw", None), "where", "the workbook")):
            yield book
            with _archive(stream) as archive:
                ExcelWriter(book, archive).save()
    finally:
        for sheet in book.worksheets:
            if sheet._writer is not None:
                _let_go(sheet)


def _let_go(sheet: Any) -> None:
    with suppress(OSError, ValueError):
        if not sheet.closed:
            sheet.close()
    with suppress(OSError):
        sheet._writer.out.close()


class _Rows:
    """A file of rows; its failure waits until it is asked for, since lxml says another."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._failure: OSError | None = None

    def write(self, content: bytes) -> int:
        if self._failure is None:
            try:
                self._file.write(content)
            except OSError as error:
                self._failure = error
        return len(content)

    def check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def from_the_start(self) -> IO[bytes]:
        self.check()
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        self._file.close()


def _rows_kept_here(sheet: Any) -> None:
    """Have a sheet keep its rows where its workbook says; openpyxl's own way is a file in /tmp."""
    from openpyxl.worksheet._writer import WorksheetWriter

    class Writer(WorksheetWriter):  # type: ignore[misc]
        made = b""

        def write_row(self, xf: Any, row: Any, row_idx: int) -> None:
            """Write a row, as it stands where it is ``made`` already."""
            if not self.made:
                super().write_row(xf, row, row_idx)
                return
            xf.flush()
            self.out.write(self.made)
            self.made = b""

        def cleanup(self) -> None:
            self.out.close()

    folder = sheet.parent.rows_in
    rows = TemporaryFile(dir=folder) if folder else BytesIO()  # noqa: SIM115 (closed at the end)
    sheet._writer = Writer(sheet, _Rows(rows))
    sheet._writer.write_top()


def _archive(stream: IO[bytes]) -> Any:
    """A zip file that also takes what an open file holds."""
    import shutil
    from zipfile import ZIP_DEFLATED, ZipFile

    class Archive(ZipFile):
        def write(self, filename: Any, arcname: Any = None, *_: Any) -> None:
            with self.open(arcname, "w", force_zip64=True) as part:
                shutil.copyfileobj(filename.from_the_start(), part)

    return Archive(stream, "w", ZIP_DEFLATED)
