"""Streams that take all that is written, however slowly, or say what would not take it."""

from __future__ import annotations

import errno
import io
import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from calcinosis.errors import UsageError

_CURE = "Check the folder, its rights and the space left, or write elsewhere"


class ClosedPipeError(Exception):
    """The reader of the output went away; the command line ends quietly."""


@contextmanager
def failures_named(where: str) -> Iterator[None]:
    """UsageError for an OSError, ClosedPipeError for a reader that went away."""
    try:
        yield
    except BrokenPipeError as error:
        raise ClosedPipeError from error
    except OSError as error:
        if error.errno == errno.EBADF:
            raise UsageError("it is closed", where, "Write to a file with -o") from error
        what = f"it cannot be written ({error.strerror or error})"
        raise UsageError(what, where, _CURE) from error


class Descriptor(io.FileIO):
    """An open file that is written whole: a short write goes on, a full pipe is waited for.

    Errors are those of ``failures_named``, with ``where``; after one, what comes is dropped, so
    that a buffer which is closed does not fail again. One that is ``lenient`` drops in silence.
    One that is ``shared`` with other programs, which may append to it, is never gone back in.
    """

    def __init__(
        self,
        number: int,
        where: str,
        *,
        shared: bool = False,
        owned: bool = True,
        lenient: bool = False,
    ) -> None:
        super().__init__(number, "wb", closefd=owned)
        self.where = where
        self._lenient = lenient
        self._drops = False
        self._shared = shared

    def drop(self) -> None:
        """Take nothing more."""
        self._drops = True

    def write(self, content: Any) -> int:
        """All of ``content``; the number of its bytes."""
        rest = memoryview(content).cast("B")
        size = len(rest)
        while rest and not self._drops:
            try:
                with failures_named(self.where):
                    rest = rest[self._taken(rest) :]
            except BaseException as error:
                self.drop()
                if not (self._lenient and isinstance(error, UsageError | ClosedPipeError)):
                    raise
        return size

    def _taken(self, content: memoryview) -> int:
        taken = super().write(content)
        if taken is None:  # a pipe that does not wait by itself, and is full
            waiting = select.poll()
            waiting.register(self.fileno(), select.POLLOUT)
            waiting.poll()
        return taken or 0

    def close(self) -> None:
        """Close the file, if it is this stream's own; some disks say only then what failed."""
        with failures_named(self.where):
            super().close()

    def seekable(self) -> bool:
        """Whether it can be gone back in."""
        return not self._shared and super().seekable()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place, where that can be."""
        if self._shared:
            raise io.UnsupportedOperation("seek")
        return super().seek(offset, whence)

    def tell(self) -> int:
        """The place, where there is one."""
        if self._shared:
            raise io.UnsupportedOperation("tell")
        return super().tell()


def text_stream(below: Descriptor, *, by_line: bool = False) -> io.TextIOWrapper:
    """A stream of UTF-8 text into a descriptor; newlines stay as they are."""
    return io.TextIOWrapper(
        io.BufferedWriter(below, 1 << 16),
        encoding="utf-8",
        errors="replace",
        newline="",
        line_buffering=by_line,
    )


@contextmanager
def written(below: Descriptor) -> Iterator[IO[str]]:
    """A stream into a descriptor, closed at the end; where the body fails no more is written."""
    stream = text_stream(below)
    try:
        yield stream
        stream.flush()
    except BaseException:
        below.drop()
        raise
    finally:
        with suppress(ValueError):
            stream.close()
