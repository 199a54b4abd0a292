"""Tables of the OMOP Common Data Model as text, to a case for each person.

A table is told by its headings, in any case. All tables that are given together are one database,
whose rows wait on the disk; of CONCEPT only what the others name is kept.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from calcinosis.errors import InputError, quoted
from calcinosis.facts import limits
from calcinosis.facts.boundary import attempt, foreign
from calcinosis.facts.case import Remark
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records import parquet
from calcinosis.facts.records.kinds import PARQUET
from calcinosis.facts.records.omop_person import Concept, passed_over, person_record
from calcinosis.facts.records.waiting import Waiting

_CONCEPT: Final = "concept"
_SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "condition_occurrence": ("condition_occurrence_id", "condition_source_value",
                             "condition_start_date"),
    "measurement": ("measurement_id", "measurement_concept_id", "measurement_source_value"),
    "procedure_occurrence": ("procedure_occurrence_id", "procedure_concept_id",
                             "procedure_source_value"),
    "drug_exposure": ("drug_exposure_id", "drug_exposure_start_date", "drug_source_value"),
    "observation": ("observation_id", "observation_concept_id", "observation_source_value"),
    "person": ("year_of_birth", "gender_concept_id"),
}  # fmt: skip
_DELIMITERS: Final = (",", ";", "\t", "|")
_NOTHING: Final = ("null", "\\n")
_WHOLE: Final = re.compile(r"(\d+)\.0+\Z")  # pandas writes ids with gaps as decimals
_CURE: Final = "Save it as CSV UTF-8"
_TOLD: Final = f"Tables of OMOP are told by their headings: {', '.join((*_SIGNS, _CONCEPT))}"


class _Unquoted(csv.excel):
    quoting = csv.QUOTE_NONE


@dataclass(frozen=True, slots=True)
class _Table:
    """A table in a file: which one it is, and its columns."""

    path: Path
    name: str
    headings: tuple[str, ...]
    delimiter: str

    def rows(self) -> Iterator[tuple[str, dict[str, str]] | InputError]:
        """Each row with its place: what stands in it, by its column; or why it is none."""
        if self.path.suffix.casefold() == PARQUET:
            for number, texts in enumerate(parquet.rows(self.path), 1):
                yield self._row(f"{self.path}, row {number}", texts)
            return
        is_plain = self.delimiter == "\t" and self.name == _CONCEPT  # as Athena writes it
        dialect = _Unquoted if is_plain else csv.excel
        with self.path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, dialect, delimiter=self.delimiter)
            for number in range(1, limits.ENDLESS_BYTES):
                with foreign("this table", str(self.path), _CURE):
                    cells = next(reader, None)
                if cells is None:
                    return
                if number > 1 and any(cell.strip() for cell in cells):
                    yield self._row(f"{self.path}, row {number}", cells)

    def _row(self, place: str, cells: Sequence[str]) -> tuple[str, dict[str, str]] | InputError:
        if any(cell.strip() for cell in cells[len(self.headings) :]):
            return InputError("the row has more cells than headings", place, "Quote what needs it")
        said = {name: _cell(name, text) for name, text in zip(self.headings, cells, strict=False)}
        return place, {name: text for name, text in said.items() if name and text}


def _cell(name: str, text: str) -> str:
    text = text.strip()
    if text.casefold() in _NOTHING:
        return ""
    match = _WHOLE.match(text) if name.endswith("_id") else None
    return match[1] if match else text


def is_omop(path: Path) -> bool:
    """Whether a file is a table of OMOP by its headings."""
    return path.is_file() and _table_at(path) is not None


def omop_cases(paths: Iterable[Path], beside: Sequence[str] = ()) -> Iterator[RawCase | InputError]:
    """The cases of tables that belong together, in the order in which persons come up.

    ``beside`` names tables that stand with them and are not read. InputError for a table that
    cannot be read: without it, all cases would lack what it says.
    """
    tables = [_told(path) for path in paths]
    waiting = Waiting()
    used: set[str] = set()
    for table in tables:
        if table.name != _CONCEPT:
            _say_what_is_passed_over(table)
            yield from _kept(table, waiting, used)
    concepts = _concepts(tables, used)
    remarks = _not_read(beside)
    empty = True
    for person, parts in waiting.groups():
        empty = False
        yield attempt(parts[0][0], partial(person_record, person, parts, concepts, remarks))
        remarks = ()
    waiting.close()
    if empty:
        where = ", ".join(str(table.path) for table in tables)
        raise InputError("there is no row of a person in it", where, "Give what is recorded too")


def _say_what_is_passed_over(table: _Table) -> None:
    columns = passed_over(table.name, table.headings)
    if columns:
        said = f"{table.path}: columns that are not read: {', '.join(columns)}"
        logging.getLogger("calcinosis").warning("%s", said)


def _not_read(names: Sequence[str]) -> tuple[Remark, ...]:
    reason = "tables that are not read"
    return (Remark(", ".join(names), "", reason),) if names else ()


def _told(path: Path) -> _Table:
    table = _table_at(path)
    if table is None:
        raise InputError("this is no table of OMOP that is read", str(path), _TOLD)
    names = [name for name in table.headings if name]
    again = next((name for name in names if names.count(name) > 1), "")
    if again:
        what = f"two columns have the heading {quoted(again)}"
        raise InputError(what, str(path), "Leave one of them out")
    return table


def _table_at(path: Path) -> _Table | None:
    if path.suffix.casefold() == PARQUET:
        headings = _named(parquet.headings(path))
        name = _name_of(set(headings))
        return _Table(path, name, headings, "") if name else None
    with path.open("rb") as lines:  # what is wrong further down is told where it is read
        first = lines.readline(limits.ROW_CHARACTERS).decode("utf-8-sig", errors="replace")
    for delimiter in _DELIMITERS:
        headings = _headings(first, delimiter)
        name = _name_of(set(headings))
        if name:
            return _Table(path, name, headings, delimiter)
    return None


def _headings(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        found = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return ()
    return _named(found)


def _named(headings: Iterable[str]) -> tuple[str, ...]:
    return tuple(re.sub(r"\W+", "_", name.strip()).casefold() for name in headings)


def _name_of(headings: set[str]) -> str:
    """The table that has such headings; empty for none that is read."""
    if {"concept_id", "concept_code", "vocabulary_id"} <= headings:
        return _CONCEPT
    if "person_id" not in headings:
        return ""
    return next((name for name, signs in _SIGNS.items() if not headings.isdisjoint(signs)), "")


def _kept(table: _Table, waiting: Waiting, used: set[str]) -> Iterator[InputError]:
    """Keep the rows of a table and the concepts that they name; what is no row comes back."""
    for row in table.rows():
        if isinstance(row, InputError):
            yield row
            continue
        place, said = row
        person = said.pop("person_id", "")
        if not person:
            yield InputError("the row names no person", place, "Say in person_id whose it is")
            continue
        used.update(text for name, text in said.items() if name.endswith("_concept_id"))
        waiting.add(person, place, [table.name, said])


def _concepts(tables: Sequence[_Table], used: set[str]) -> dict[str, Concept]:
    """The concepts of the user's own table that are named, by their ids."""
    found: dict[str, Concept] = {}
    for table in tables:
        for row in table.rows() if table.name == _CONCEPT else ():
            if isinstance(row, InputError):
                raise row
            said = row[1]
            if said.get("concept_id", "") in used:
                parts = ("vocabulary_id", "concept_code", "concept_name")
                concept = Concept(*(said.get(part, "") for part in parts))
                found.setdefault(said["concept_id"], concept)
    return found
