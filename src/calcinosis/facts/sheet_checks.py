"""What is said of a sheet as a whole, and the doubts that must be settled before it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from calcinosis.errors import InputError, quoted
from calcinosis.facts.columns import Column
from calcinosis.facts.headings import NO_ROLE, RECORD
from calcinosis.facts.sheet import NO_HEADING, Read


def told(read: Read, say: Callable[[str], object]) -> None:
    """Say which columns are not read, once."""
    said = _columns_said(read)
    if said:
        say(f"{read.table.file}: {said}")


def told_after(read: Read, say: Callable[[str], object]) -> None:
    """Say, after the rows were read, which of them are no patients, and what is hidden."""
    for remark in (*_notes_said(read.notes), *read.remarks):
        say(f"{read.table.file}: {remark}")


def _notes_said(numbers: Sequence[int]) -> Iterator[str]:
    if numbers:
        shown = ", ".join(map(str, numbers[:8])) + (" …" if len(numbers) > 8 else "")
        many = len(numbers) > 1
        yield f"row{'s' * many} {shown} {'are' if many else 'is'} no patient, and not read"


def check(read: Read) -> None:
    """InputError where the headings leave a doubt that must be settled first."""
    place = f"{read.table.file}, row {read.number}"
    _check_known(read, place)
    _check_twice(read, place)


def _check_known(read: Read, place: str) -> None:
    table, known = read.table, [guess for guess in read.guesses if guess is not None]
    if not table.by_rows and not any(guess.column.key == "id" for guess in known):
        is_head = any(guess.column.kind not in ("ignored", "flag") for guess in known)
        if is_head:
            raise InputError("no column is called id", place, f"{NO_HEADING}. {_BY_ROWS}")
        raise InputError("this is no line of headings", place, NO_HEADING)
    doubts = [(n, guess) for n, guess in enumerate(read.guesses) if guess and guess.doubt]
    if doubts:
        shown = ", ".join(table.heading(number) for number, _ in doubts[:8])
        more = f" and {len(doubts) - 8} more" if len(doubts) > 8 else ""
        many = len(doubts) > 1
        hints = "; ".join(f"{quoted(g.column.name)}: {g.doubt}" for _, g in doubts[:8])
        what = f"the column{'s' * many} {shown}{more} {'are' if many else 'is'} doubtful"
        raise InputError(what, place, f"{hints}. {_MAP}")


def _check_twice(read: Read, place: str) -> None:
    columns = read.table.columns
    single = [column for column in columns if column is not None and is_single(column)]
    times = Counter(column.fills for column in single)
    twice = [
        read.table.heading(number)
        for number, column in enumerate(columns)
        if column is not None and is_single(column) and times[column.fills] > 1
    ]
    if twice:
        what = f"the columns {' and '.join(twice)} hold the same"
        raise InputError(what, place, f"Keep one of them. {_MAP}")


def is_single(column: Column) -> bool:
    """Whether only one column may fill what this one does."""
    return column.kind not in ("list", "flag", "note", "visit", "private", "ignored")


def _columns_said(read: Read) -> str:
    """What is said of the columns that are not read, once."""
    by_kind: dict[str, list[str]] = {}
    for number, column in enumerate(read.table.columns):
        why = guess.why if (guess := read.guesses[number]) is not None else ""
        if column is not None and column.name != "refused" and column.kind in _SAID:
            kind = NO_ROLE if why == NO_ROLE else column.kind
            by_kind.setdefault(kind, []).append(read.table.heading(number))
        if why == RECORD:
            by_kind.setdefault("record", []).append(read.table.heading(number))
    return "; ".join(
        f"{_SAID[kind]}: {', '.join(by_kind[kind])}" for kind in _SAID if kind in by_kind
    )


_SAID: Final = {
    "ignored": "columns that are not read",
    NO_ROLE: f"columns that are {NO_ROLE}, and not read",
    "private": "private columns, which stay out of every output",
    "record": "the id, which stands in every output (a mapping can say as: private)",
}
_MAP: Final = "'calcinosis map FILE -o MAP.yaml' writes how each column is read, to be mended"
_BY_ROWS: Final = (
    "'calcinosis map FILE -o MAP.yaml' writes how to read it by the numbers of its rows"
)
