"""Exports of REDCap: its data dictionary as a mapping, and the rows that make one record.

A record may stand in several rows: one for each event, and one for each instance of a repeated
instrument. Rows of one event are put together; of what repeats, the visits that count are taken.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Final

from calcinosis.errors import InputError, quoted
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign
from calcinosis.facts.cells import EMPTY, Cell
from calcinosis.facts.columns import Column
from calcinosis.facts.headings import Guess, Headings
from calcinosis.facts.row import Row, Table
from calcinosis.facts.sheet_words import bare, plain
from calcinosis.facts.visits import visit

_PARTS: Final = {
    "name": ("variablefieldname", "fieldname"),
    "type": ("fieldtype",),
    "label": ("fieldlabel",),
    "choices": ("choicescalculationsorsliderlabels", "selectchoicesorcalculations"),
    "note": ("fieldnote",),
    "section": ("sectionheader",),
    "identifier": ("identifier",),
}
_BOX: Final = re.compile(r"(?P<field>.+?)___(?P<code>\w+)\Z")
_TAGS: Final = re.compile(r"<[^<>]*>")
_UNKEPT: Final = ("descriptive", "file")
_BINARY: Final = {"1": "yes", "0": "no"}
_TICKED: Final = {"1": "yes", "0": "unchecked"}
_CURE: Final = "Export the data dictionary of the project as CSV, and name that"


@dataclass(frozen=True, slots=True)
class _Field:
    """One field: its name, kind and label, the choices by their codes, and what stands beside."""

    name: str
    kind: str
    label: str
    choices: Mapping[str, str]
    note: str
    section: str
    is_private: bool


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A data dictionary as the mapping of an export, raw or with labels."""

    where: str
    fields: Mapping[str, _Field]
    sheet: str = ""
    header: int | None = None
    visits: str = ""
    by_rows: bool = field(default=False)

    def check(self, keys: Iterable[str]) -> None:
        """InputError where no column of a sheet is a field of it."""
        if not any(self._field(key) for key in keys):
            what = "no column of the sheet is a field of this data dictionary"
            raise InputError(what, self.where, "Take that of the same project")

    def _field(self, key: str) -> tuple[_Field, str] | None:
        """The field of a column, and the code of the choice that a box ticks."""
        found = self.fields.get(bare(key))
        if found is not None:
            return found, ""
        match = _BOX.match(key)
        found = self.fields.get(bare(match["field"])) if match else None
        return (found, match["code"]) if match and found is not None else None

    def guess(self, key: str, headings: Headings) -> Guess | None:
        """What the dictionary says of a column; None for one that it has not."""
        known = self._field(key)
        if known is None:
            return None
        one, code = known
        if one.is_private:
            return Guess(Column(key, "", "private"), "an identifier by the data dictionary")
        if one.kind in _UNKEPT:
            return Guess(Column(key, "", "ignored"), "no answer by the data dictionary")
        if code:
            return _box(key, one, code, headings)
        return _answer(key, one, headings)


def _box(key: str, one: _Field, code: str, headings: Headings) -> Guess:
    label = one.choices.get(code.casefold(), "")
    guess = headings.guess(f"{one.label} (choice={label})") if label else headings.guess(key)
    column = replace(guess.column, name=key, values=_TICKED)
    return Guess(column, f"a box for {quoted(label)} by the data dictionary")


def _answer(key: str, one: _Field, headings: Headings) -> Guess:
    """What a field is taken for: by its label, in its section, else by its name.

    A name that is an abbreviation of a term is not trusted: dm may be another disease.
    """
    guess = headings.guess(one.label, one.section)
    if guess.doubt or guess.column.kind == "ignored":
        named = headings.knows(one.name)
        guess = Guess(named, "by its name") if named is not None else guess
    column = guess.column
    if column.kind == "lab" and column.part == "value" and not column.unit:
        column = replace(column, unit=headings.unit(column.key, one.note))
    values = _BINARY if one.kind in ("yesno", "truefalse") else one.choices
    column = replace(column, name=key, values={plain(code): word for code, word in values.items()})
    why = guess.why if guess.column.kind != "ignored" else "no case holds what its label says"
    return Guess(column, f"{quoted(one.label)} by the data dictionary: {why}")


def read_dictionary(path: Path) -> Dictionary:
    """The data dictionary in a file; InputError where it is none."""
    where = str(path)
    try:
        with path.open("rb") as stream:
            text = limits.whole(stream, limits.YAML_BYTES, where, _CURE).decode("utf-8-sig")
    except OSError as error:
        said = error.strerror or error
        raise InputError(f"it cannot be read ({said})", where, "Check its name") from error
    except UnicodeDecodeError as error:
        raise InputError("the text is not UTF-8", where, "Save it as CSV UTF-8") from error
    with foreign("the data dictionary", where, _CURE):
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    heads = [bare(head) for head in lines[0]] if lines else []
    places = {
        part: next((heads.index(name) for name in names if name in heads), -1)
        for part, names in _PARTS.items()
    }
    if places["name"] < 0 or places["label"] < 0:
        raise InputError("this is no data dictionary of REDCap", where, _CURE)
    fields: dict[str, _Field] = {}
    section = ""
    for line in lines[1:]:
        given = {part: _cell(line, place) for part, place in places.items()}
        section = given["section"] or section
        one = _field(given, section)
        fields[bare(one.name)] = one
        fields.setdefault(bare(one.label), one)
    return Dictionary(where, fields)


def _cell(line: Sequence[str], place: int) -> str:
    return _TAGS.sub("", line[place]).strip() if 0 <= place < len(line) else ""


def _field(given: Mapping[str, str], section: str) -> _Field:
    choices = {}
    for choice in given["choices"].split("|"):
        code, _, label = choice.partition(",")
        if label.strip():
            choices[code.strip().casefold()] = label.strip()
    kind = given["type"].casefold()
    is_coded = kind in ("radio", "dropdown", "checkbox")
    return _Field(
        given["name"],
        kind,
        given["label"],
        choices if is_coded else {},
        given["note"],
        section,
        given["identifier"].casefold() in ("y", "yes"),
    )


# -- records -----------------------------------------------------------------------------

_EVENT: Final = ("redcapeventname", "eventname")
_INSTRUMENT: Final = ("redcaprepeatinstrument", "repeatinstrument")
_INSTANCE: Final = ("redcaprepeatinstance", "repeatinstance")
_LATER: Final = "Say which visit counts: --visit latest, first or each"


@dataclass(frozen=True, slots=True)
class _Part:
    """One row of a record: its event, the instrument that it repeats, and the instance."""

    event: str
    instrument: str
    instance: float
    row: Row


def is_export(table: Table) -> bool:
    """Whether a table is an export of REDCap in which a record has several rows."""
    return any(bare(heading) in (*_EVENT, *_INSTRUMENT) for heading in table.headings)


def records(rows: Iterable[Row | InputError], visits: str) -> Iterator[Row | InputError]:
    """The records of an export, in each of which the rows of one visit are put together.

    ``visits`` says which of several counts; without it, a record with several is refused.
    """
    for name, group in groupby(rows, key=_name):
        found = list(group)
        if name is None:
            yield from found
        else:
            yield from _record(name, [row for row in found if isinstance(row, Row)], visits)


def _name(row: Row | InputError) -> str | None:
    value = row.value if isinstance(row, Row) else None
    found = value.get("id") if isinstance(value, dict) else None
    return found.strip() if isinstance(found, str) else None


def _record(name: str, rows: Sequence[Row], visits: str) -> Iterator[Row | InputError]:
    parts = [_part(row) for row in rows]
    events = list(dict.fromkeys(part.event for part in parts))
    occasions = [
        (event, instance)
        for event in events
        for instance in sorted({p.instance for p in parts if p.event == event and p.instance})
        or [0.0]
    ]
    if len(occasions) > 1 and not visits:
        what = f"the record {quoted(name)} has {len(occasions)} visits"
        yield InputError(what, rows[0].where, _LATER)
        return
    taken = {"latest": occasions[-1:], "first": occasions[:1]}.get(visits, occasions)
    for number, (event, instance) in enumerate(taken, start=1):
        row = _together(parts, events[0], event, instance, visits)
        yield visit(row, name, number) if visits == "each" else row


def _part(row: Row) -> _Part:
    texts: dict[str, str] = {}
    for heading, cell in zip(row.table.headings, row.cells, strict=False):
        texts.setdefault(bare(heading), cell.text.strip())

    def of(names: tuple[str, ...]) -> str:
        return next((texts[name] for name in names if name in texts), "")

    instance = of(_INSTANCE)
    number = float(instance) if instance.replace(".", "", 1).isdigit() else 0.0
    return _Part(of(_EVENT), of(_INSTRUMENT), number, row)


def _together(parts: Sequence[_Part], first: str, event: str, instance: float, visits: str) -> Row:
    """The row of one visit: what the first event says for good, the event, and what repeats."""
    start = [p.row for p in parts if p.event == first and not p.instrument and event != first]
    own = [p.row for p in parts if p.event == event and not p.instrument and not p.instance]
    repeated = _repeated([p for p in parts if p.event == event and p.instance], instance, visits)
    table = parts[0].row.table
    cells: list[Cell] = []
    for column in range(max(len(part.row.cells) for part in parts)):
        lasting = start if _lasts(table, column) else []
        found = [row for row in (*repeated, *own, *lasting) if not _at(row, column).is_empty]
        cells.append(replace(_at(found[0], column), row=found[0].number) if found else EMPTY)
    number = (repeated or own or [parts[0].row])[0].number
    return table.row(number, cells)


def _repeated(parts: Sequence[_Part], instance: float, visits: str) -> list[Row]:
    """The rows of what repeats: of each instrument the instance, or its own latest or first."""
    chosen: dict[str, _Part] = {}
    for part in sorted(parts, key=lambda one: one.instance, reverse=visits == "first"):
        if visits in ("latest", "first") or part.instance == instance:
            chosen[part.instrument] = part
    return [part.row for part in chosen.values()]


def _lasts(table: Table, column: int) -> bool:
    """Whether what a column says holds for later events, as the age at the first of them does.

    No value and no finding does.
    """
    known = table.columns[column] if column < len(table.columns) else None
    return known is not None and known.kind != "lab" and known.key != "findings"


def _at(row: Row, column: int) -> Cell:
    return row.cells[column] if column < len(row.cells) else EMPTY
