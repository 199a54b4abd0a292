"""What is refused is said when it happens; nothing of it is kept but what is asked for."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from calcinosis.api import CaseVerdict
from calcinosis.cli.terminal import clear_line, say, say_bug, say_error
from calcinosis.errors import InputError, OurFaultError, RowError


class Refused:
    """Says on standard error what is refused, one call each; at the end, what the exit code is.

    ``count`` is how many there were. With ``keep``, refused rows of tables are in ``rows``;
    ``also`` is told of each.
    """

    def __init__(
        self, *, keep: bool = False, also: Callable[[InputError], object] | None = None
    ) -> None:
        self.count = 0
        self.rows = Rows()
        self._keep = keep
        self._also = also
        self._code = 0
        self._bug = ""

    def __call__(self, error: InputError) -> None:
        """Say that an input was refused, and why."""
        self.count += 1
        self._code = max(self._code, error.exit_code)
        clear_line()  # where the count of cases stands
        say_error(error, "Refused")
        if isinstance(error, OurFaultError) and not self._bug:
            self._bug = "".join(traceback.format_exception(error.__cause__ or error))
        if self._keep and isinstance(error, RowError):
            self.rows.append(error)
        if self._also is not None:
            self._also(error)

    def end(self) -> int:
        """The exit code; the first fault of our own is shown with its traceback."""
        if self._bug:
            say_bug(self._bug)
        return self._code


class NotUnderstood:
    """Counts the words that were not understood, and the cases that hold them."""

    def __init__(self) -> None:
        self.words = self.cases = 0

    def counting(self, cases: Iterable[CaseVerdict]) -> Iterator[CaseVerdict]:
        """The same verdicts, counted as they go by."""
        for case in cases:
            self.add(len(case.not_understood))
            yield case

    def add(self, words: int) -> None:
        """Count the words of a case."""
        self.words += words
        self.cases += bool(words)

    def say(self, then: str = "") -> None:
        """Say in one line on standard error how many there were, if any; ``then`` ends it."""
        if self.words:
            words = "1 word" if self.words == 1 else f"{self.words:,} words"
            cases = "1 case" if self.cases == 1 else f"{self.cases:,} cases"
            say(f"Not understood: {words} in {cases}; they hold back what they could change{then}.")


def say_not_understood(words: Iterable[int]) -> None:
    """Say how many ``words`` of each case were not understood where the answer shows none."""
    unknown = NotUnderstood()
    for count in words:
        unknown.add(count)
    unknown.say("; 'calcinosis classify' names them")


class Rows:
    """Refused rows, kept small until all are known: a million take a few hundred MB."""

    def __init__(self) -> None:
        self._rows: list[bytes] = []
        self._headings: dict[tuple[tuple[Any, ...], ...], int] = {}

    def append(self, error: RowError) -> None:
        """Keep a row."""
        headings = self._headings.setdefault((error.headings, error.meanings), len(self._headings))
        parts = (error.problems, headings, error.cells, error.plain, error.delimiter)
        self._rows.append(_packed(parts))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[RowError]:
        headings = list(self._headings)
        for row in self._rows:
            problems, number, cells, plain, delimiter = _unpacked(row)
            above, meanings = headings[number]
            yield RowError(problems, above, cells, plain, delimiter, meanings)


def _packed(parts: tuple[Any, ...]) -> bytes:
    import pickle
    import zlib

    return zlib.compress(pickle.dumps(parts), 1)


def _unpacked(row: bytes) -> tuple[Any, ...]:
    import pickle
    import zlib

    found: tuple[Any, ...] = pickle.loads(zlib.decompress(row))  # noqa: S301 (our own)
    return found


def refusals(refused: Iterable[InputError]) -> int:
    """Say on standard error what was refused; the exit code."""
    told = Refused()
    for error in refused:
        told(error)
    return told.end()
