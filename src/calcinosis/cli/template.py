"""``calcinosis template``, and the tables that other commands write: forms, and refused rows."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import click

from calcinosis.api import load
from calcinosis.cli.options import Graph, ontology_option, writing
from calcinosis.cli.refused import Rows
from calcinosis.cli.terminal import say
from calcinosis.cli.usage import Command, OutputPath
from calcinosis.errors import UsageError, counted, listed

if TYPE_CHECKING:
    from calcinosis.output.sheets.form import Form


@click.command(cls=Command, short_help="Write an empty form for patients, to fill in and classify.")
@click.argument("file", type=OutputPath(), metavar="FILE")
@ontology_option
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option("-q", "--quiet", is_flag=True, help="No remarks on standard error.")
def template(*, file: str, graph: Graph, force: bool, quiet: bool) -> None:
    """Write an empty form for patients, one row each: fill it in, and classify it.

    FILE ends in .xlsx (with drop-downs, a filled example and a legend), .csv or .tsv.

    \b
    Example:
      calcinosis template patients.xlsx
    """
    write_form(load(**graph).form, file, force=force)
    if not quiet:
        say(f"Fill in {file}, then: calcinosis classify {file}", one_line=True)


_DELIMITERS = {".csv": "", ".tsv": "\t"}
_ENDINGS = (".xlsx", *_DELIMITERS)


def asked_form(file: str, *, force: bool) -> str:
    """The ending of a file that is to be written; UsageError if it is none, or is there."""
    ending = Path(file).suffix.casefold()
    if ending not in _ENDINGS:
        raise UsageError(
            "its name does not say which table to write",
            file,
            f"End it in {listed(_ENDINGS, 'or')}",
        )
    if Path(file).exists() and not force:
        raise UsageError("the file exists", file, "Add --force to overwrite it")
    return ending


def as_bytes(stream: IO[str]) -> IO[bytes]:
    """The stream of bytes below one of text."""
    stream.flush()
    return cast("IO[bytes]", cast("Any", stream).buffer)


def write_form(form: Form, file: str, *, force: bool) -> None:
    """Write an empty form of the kind that the file's name asks for."""
    from calcinosis.output.sheets import form as render

    ending = asked_form(file, force=force)
    with writing(file, force) as stream:
        if ending == ".xlsx":
            render.empty_workbook(form, as_bytes(stream))
        else:
            render.empty_text(form, stream, _DELIMITERS[ending] or ",")


def write_rejected(
    form: Form, rows: Rows, others: int, file: str, *, force: bool, quiet: bool
) -> None:
    """Write refused rows into a form of their own; ``others`` are no rows of a table."""
    from calcinosis.output.sheets import form as render

    if rows:
        ending = asked_form(file, force=force)
        with writing(file, force) as stream:
            if ending == ".xlsx":
                render.rejected_workbook(rows, form, as_bytes(stream))
            else:
                render.rejected_text(rows, stream, _DELIMITERS[ending])
    if not quiet:
        say(_told(file, len(rows), others), one_line=True)


def _told(file: str, rows: int, others: int) -> str:
    if not rows and not others:
        return f"No row was refused; {file} was not written."
    told = f"{counted(rows, 'refused row')}: "
    told += f"mend {file}, and classify it." if rows else f"{file} was not written."
    if others:
        told += f" {others} of the refused inputs cannot stand in a table; see above."
    return told
