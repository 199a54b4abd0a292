"""How much one input may hold. What is beyond is refused before memory or patience runs out.

The numbers are far above what cases need and low enough that no reader takes 2 GB or hangs. Each
is counted while the input is read, on what is built and not on what is declared alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import BinaryIO, Final

from calcinosis.errors import InputError

YAML_BYTES: Final = 20_000_000
JSON_BYTES: Final = 100_000_000
LINE_BYTES: Final = 20_000_000
"""One line of JSON Lines."""

NODES: Final = 2_000_000
"""Scalars, keys, lists, mappings and documents of a YAML text, each alias at what it stands for."""
JSON_NODES: Final = 2_000_000
CHARACTERS_A_NODE: Final = 64
"""So that a text that many aliases repeat counts by its length."""
DEPTH: Final = 50
DIRECTIVES: Final = 100
"""Of a YAML text: its parser compares each with all before it."""

STATEMENTS: Final = 1_000_000
"""Of RDF."""

ITEMS: Final = 1_000
"""In one list of a case."""
LABS: Final = 200
"""Of one case: results that are doubted are weighed against each other."""
PROBLEMS: Final = 100
"""Of one case, before its reading ends."""
WORD_CHARACTERS: Final = 1_000
"""Of a term or a test."""
QUANTITY_CHARACTERS: Final = 100
"""Of a value or an age."""
COLUMNS: Final = 2_000
HEAD: Final = 50
"""Rows of a sheet among which its headings are looked for."""
SAMPLE: Final = 100
"""Rows below the headings that decide how a column is read."""
AHEAD: Final = HEAD + SAMPLE
MERGED: Final = 100_000
"""Merged cells of a workbook."""
CELL_CHARACTERS: Final = 131_072
ROW_CHARACTERS: Final = 2_000_000

UNPACKED_BYTES: Final = 1_000_000_000
"""Of a workbook, all its parts."""
ROWS: Final = 1_048_576
"""As Excel has them."""
CELLS: Final = 10_000_000
"""From the first column to the last of each row, empty ones too."""
SHARED_STRINGS: Final = 500_000
SHARED_CHARACTERS: Final = 50_000_000
ELEMENTS: Final = 3_000_000
"""Of a workbook's parts beside rows, cells and texts, such as styles and names."""
STYLE_ELEMENTS: Final = 200_000
TAG_BYTES: Final = 1_000_000

SECONDS: Final = 120.0
"""For what is read whole; counts come first, so this is for slow machines and for surprises."""

AS_LINES: Final = "Write it as JSON Lines (.jsonl), one case a line"
AS_PARTS: Final = "Split it, each patient whole in one part"


def exceeded(what: str, most: int, unit: str, where: str, cure: str) -> InputError:
    """The refusal of an input that holds more than it may.

    >>> str(exceeded("it has", 1_000_000, "rows", "a.xlsx", "Split the file"))
    'a.xlsx: it has more than 1,000,000 rows. Split the file'
    """
    return InputError(f"{what} more than {most:,} {unit}", where, cure)


def too_large(most: int, where: str, cure: str) -> InputError:
    """The refusal of so many bytes.

    >>> str(too_large(20_000_000, "a.yaml", "Split it"))
    'a.yaml: it is larger than 20 MB. Split it'
    """
    size = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most} bytes"
    return InputError(f"it is larger than {size}", where, cure)


ENDLESS_BYTES: Final = 1_000_000_000
"""A line that is longer is taken to have no end; what follows it is not read."""


class Clock:
    """The time that one input may take."""

    def __init__(self, where: str, cure: str) -> None:
        self._where = where
        self._cure = cure
        self._end = time.monotonic() + SECONDS

    def check(self) -> None:
        """InputError once the time is over."""
        if time.monotonic() > self._end:
            what = f"reading it took longer than {SECONDS:.0f} seconds"
            raise InputError(what, self._where, self._cure)


def whole(stream: BinaryIO, most: int, where: str, cure: str, before: bytes = b"") -> bytes:
    """All that is left of a stream, after what was read ``before``; InputError if it is too much.

    No more than ``most`` bytes are read, so that a stream without an end is refused too.
    """
    data = before + stream.read(most + 1 - len(before))
    if len(data) > most:
        raise too_large(most, where, cure)
    return data


def lines(stream: BinaryIO, most: int = LINE_BYTES) -> Iterator[bytes | None]:
    """The lines of a stream; None in the place of one that is longer than ``most`` bytes."""
    while line := stream.readline(most + 1):
        if len(line) <= most:
            yield line
            continue
        yield None  # before the rest of it is passed over, which may have no end
        passed = len(line)
        while line and not line.endswith(b"\n") and passed < ENDLESS_BYTES:
            line = stream.readline(1 << 20)
            passed += len(line)
        if passed >= ENDLESS_BYTES:
            return
