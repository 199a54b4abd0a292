"""What people read: the standard streams, how wide they are, colours, what is said beside.

All text for people goes through ``for_people`` or ``say``, which leave no command of a terminal in
it but our own colours; what programs read is left as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TypeVar, cast

import click

from calcinosis.errors import CalcinosisError, CaseError, UsageError, visible
from calcinosis.output.streams import ClosedPipeError, Descriptor, text_stream

MOST = 200
_READABLE = 100
_LONGEST, _ENDS = 5000, 1000  # characters of an error
_PATIENCE, _PAUSE = 2.0, 0.5  # seconds
_T = TypeVar("_T")

# Our own colours in a text, until it is written: no data can know this word.
_MARK = f"[{os.urandom(8).hex()}:"
_MARKED = re.compile(re.escape(_MARK) + r"(\d+)\]")
_CODES = {"bold": 1, "red": 31, "green": 32, "yellow": 33, "cyan": 36, "bright_black": 90}


@contextmanager
def standard_streams() -> Iterator[None]:
    """Standard output that is written whole or says why not, and standard error that never fails.

    A stream that is closed keeps its number, so that no file gets it and is written by mistake.
    """
    _hold_places()
    before = sys.stdout, sys.stderr
    try:
        sys.stdout = _whole(sys.stdout, 1, "standard output")
        sys.stderr = _whole(sys.stderr, 2, "standard error", lenient=True)
        yield
    finally:
        if sys.stdout is not None:
            with suppress(UsageError, ClosedPipeError):  # told where it was written
                sys.stdout.flush()
        sys.stdout, sys.stderr = before


def _hold_places() -> None:
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # the lowest number that is free; no one writes to it


def _whole(stream: IO[str] | None, number: int, where: str, *, lenient: bool = False) -> IO[str]:
    """A stream to the same descriptor; one that has none, as in a test, stays."""
    if stream is not None and _number(stream) != number:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
        return stream
    below = Descriptor(number, where, shared=True, owned=False, lenient=lenient)
    at_once = lenient or getattr(stream, "line_buffering", False)
    return text_stream(below, by_line=at_once or getattr(stream, "write_through", False))


def _number(stream: IO[str]) -> int | None:
    """The descriptor of a stream; None where it has none, and where text takes another way."""
    try:
        return stream.fileno() if os.name == "posix" else None
    except (AttributeError, OSError, ValueError):
        return None


class _ForPeople:
    """A stream that shows what would command the terminal, and knows our own colours."""

    def __init__(self, below: IO[str]) -> None:
        self._below = below

    def write(self, text: str) -> int:
        """Write a text; the number of its characters."""
        self._below.write(_MARKED.sub("\x1b[\\1m", visible(text)))
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        self._below.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._below.isatty()


def for_people(stream: IO[str]) -> IO[str]:
    """A stream of text that people read, over any other."""
    return cast("IO[str]", _ForPeople(stream))


def say(text: str, *, line: bool = True, one_line: bool = False) -> None:
    """Say something on standard error, in ``one_line`` whatever is in it."""
    click.echo(visible(text, lines=not one_line), err=True, nl=line)


def say_bug(traceback: str) -> None:
    """Say that a fault is ours, below where it happened."""
    say(f"{traceback}This is a bug in calcinosis; please report it with the lines above.")


def clear_line() -> None:
    """Take away what a terminal shows in the line below the answer, such as a count."""
    if sys.stderr is not None and sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)


def say_error(error: Exception, head: str) -> None:
    """Say each fault of an error in a line of its own; the middle of a long one is left out."""
    for one in error.problems if isinstance(error, CaseError) else [error]:
        text = f"{head}: {one.line if isinstance(one, CalcinosisError) else one}"
        is_long = len(text) > _LONGEST
        say(f"{text[:_ENDS]} … {text[-_ENDS:]}" if is_long else text, one_line=True)
        if isinstance(one, CalcinosisError) and one.excerpt:
            say(one.excerpt)


def width() -> int:
    """Columns of the terminal, or of COLUMNS where it is set; 80 where there is neither."""
    return min(MOST, shutil.get_terminal_size((80, 24)).columns)


def measure(stream: IO[str]) -> int:
    """How wide running text is for a stream: the terminal, up to what reads well; else 80."""
    return min(_READABLE, width()) if stream.isatty() else 80


def style(stream: IO[str]) -> Callable[[str, str], str]:
    """A function that colours text for a stream; it leaves text alone where none is wanted."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return _coloured if wanted and stream.isatty() else _plain


def with_progress(items: Iterable[_T], noun: str, *, quiet: bool = False) -> Iterator[_T]:
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


@contextmanager
def waiting(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A function that says on a terminal what is waited for, in one line that goes at the end."""
    shown = False

    def tell(text: str) -> None:
        nonlocal shown
        shown = True
        shown_text = visible(text, lines=False)[: width() - 1]
        click.echo(f"\r\x1b[K{shown_text}", err=True, nl=False)

    is_wanted = not quiet and sys.stderr.isatty()
    try:
        yield tell if is_wanted else _unsaid
    finally:
        if shown:
            click.echo("\r\x1b[K", err=True, nl=False)


def _unsaid(_text: str) -> None:
    """Nothing is said where nobody is watching."""


def _coloured(text: str, colour: str) -> str:
    return f"{_MARK}{_CODES[colour]}]{text}{_MARK}0]"


def _plain(text: str, _colour: str) -> str:
    return text
