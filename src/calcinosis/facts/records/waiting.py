"""What comes in any order and belongs together: kept on the disk until all of it has come."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

_TABLE: Final = """
pragma journal_mode = off;
create table part (number integer primary key, whole text, place text, value text);
"""
_ORDERED: Final = (
    "select part.whole, place, value from part join (select whole, min(number) as first from part "
    "group by whole) as met on met.whole = part.whole order by first, number"
)


class Waiting:
    """Parts by what they are parts of, in a temporary database, so that memory does not grow."""

    def __init__(self, more: str = "") -> None:
        """``more`` are statements that make further tables."""
        self.base = sqlite3.connect("", isolation_level=None)  # a file of its own, gone when closed
        self.base.executescript(_TABLE + more)
        self.base.execute("begin")

    def add(self, whole: str, place: str, value: Any) -> None:
        """Keep a part, any JSON value, with its place."""
        row = (whole, place, as_text(value))
        self.base.execute("insert into part (whole, place, value) values (?, ?, ?)", row)

    def groups(self) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
        """Each whole with its parts as they came, in the order in which wholes came up first."""
        self.base.execute("create index by_whole on part (whole, number)")
        rows = self.base.execute(_ORDERED)
        for whole, parts in groupby(rows, key=lambda row: row[0]):
            yield whole, [(place, from_text(text)) for _, place, text in parts]

    def close(self) -> None:
        """Let go of everything."""
        self.base.close()


def as_text(value: Any) -> str:
    """A JSON value as it is kept."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def from_text(text: str) -> Any:
    """The value of what was kept."""
    return json.loads(text)
