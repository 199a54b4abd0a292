"""How wide the terminal is, whether it wants colours, and what is said beside an answer."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TypeVar

import click

from calcinosis.cli.refused import Refused
from calcinosis.errors import InputError

MOST = 200
_READABLE = 100
_PATIENCE, _PAUSE = 2.0, 0.5  # seconds
_T = TypeVar("_T")


def width() -> int:
    """Columns of the terminal, or of COLUMNS where it is set; 80 where there is neither."""
    return min(MOST, shutil.get_terminal_size((80, 24)).columns)


def measure(stream: IO[str]) -> int:
    """How wide running text is for a stream: the terminal, up to what reads well; else 80."""
    return min(_READABLE, width()) if stream is sys.stdout and stream.isatty() else 80


def style(stream: IO[str]) -> Callable[[str, str], str]:
    """A function that colours text for a stream; it leaves text alone where none is wanted."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return _coloured if wanted and stream is sys.stdout and stream.isatty() else _plain


def counted(items: Iterable[_T], noun: str, *, quiet: bool = False) -> Iterator[_T]:
    """The items; on a terminal, those that take longer than two seconds are counted below."""
    if quiet or not sys.stderr.isatty():
        yield from items
        return
    start = shown = time.monotonic()
    for number, item in enumerate(items, start=1):
        now = time.monotonic()
        if now - start > _PATIENCE and now - shown > _PAUSE:
            click.echo(f"\r{number:,} {noun} …", err=True, nl=False)
            shown = now
        yield item
    if shown > start:
        click.echo("\r\x1b[K", err=True, nl=False)


def refusals(refused: Iterable[InputError]) -> int:
    """Say on standard error what was refused; the exit code."""
    told = Refused()
    for error in refused:
        told(error)
    return told.end()


@contextmanager
def waiting(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A function that says on a terminal what is waited for, in one line that goes at the end."""
    shown = False

    def tell(text: str) -> None:
        nonlocal shown
        shown = True
        click.echo(f"\r\x1b[K{text[: width() - 1]}", err=True, nl=False)

    is_wanted = not quiet and sys.stderr.isatty()
    try:
        yield tell if is_wanted else _unsaid
    finally:
        if shown:
            click.echo("\r\x1b[K", err=True, nl=False)


def _unsaid(_text: str) -> None:
    """Nothing is said where nobody is watching."""


def _coloured(text: str, colour: str) -> str:
    return click.style(text, bold=True) if colour == "bold" else click.style(text, fg=colour)


def _plain(text: str, _colour: str) -> str:
    return text
