"""Options that several commands share, and how their output is written."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from calcinosis import names
from calcinosis.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


def viewpoint_option(command: F) -> F:
    """``--viewpoint NAME``."""
    return click.option(
        "--viewpoint",
        default=names.DEFAULT_VIEWPOINT,
        show_default=True,
        metavar="NAME",
        help="Whose definitions to use.",
    )(command)


def reasoner_option(command: F) -> F:
    """``--reasoner compiled|hermit``."""
    return click.option(
        "--reasoner",
        type=click.Choice(["compiled", "hermit"]),
        default="compiled",
        show_default=True,
        help="hermit is the OWL reasoner that the compiled one is proven equal to; it needs Java.",
    )(command)


def ontology_option(command: F) -> F:
    """``--ontology DIR``."""
    return click.option(
        "--ontology",
        type=click.Path(file_okay=False),
        metavar="DIR",
        help="Another ontology folder than the package's own.",
    )(command)


def output_options(command: F) -> F:
    """``-o FILE``, ``--force`` and ``-q``."""
    command = click.option("-q", "--quiet", is_flag=True, help="No remarks on standard error.")(
        command
    )
    command = click.option("--force", is_flag=True, help="Overwrite an existing output file.")(
        command
    )
    return click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Write there instead of to standard output.",
    )(command)


def format_option(*formats: str) -> Callable[[F], F]:
    """``-f FORMAT`` with the first as default."""
    return click.option(
        "-f",
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to write the answer.",
    )


@contextmanager
def writing(output: str | None, force: bool) -> Iterator[IO[str]]:
    """Standard output, or a file that appears only when all of it was written."""
    if output is None or output == "-":
        yield sys.stdout
        return
    target = Path(output)
    if target.exists() and not force:
        raise UsageError("the file exists", output, "Add --force to overwrite it")
    try:
        handle, temporary = tempfile.mkstemp(dir=target.resolve().parent, prefix=f".{target.name}.")
    except OSError as error:
        raise UsageError(
            f"the file cannot be written ({error.strerror})", output, "Check the folder"
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
