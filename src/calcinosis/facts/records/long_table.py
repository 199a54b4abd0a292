"""A long table, a row a statement (patient, what, value, unit, …), to a case for each patient.

It is told by its headings: one names the patient, one what is stated, and one its value or its
kind. Rows of a patient may stand anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from calcinosis.errors import InputError
from calcinosis.facts.cells import Cell, measured
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.codings import Coding, cleaned
from calcinosis.facts.records.record import Record
from calcinosis.facts.records.stated import Measured, Stated, Unread
from calcinosis.facts.records.times import dated
from calcinosis.facts.records.waiting import Waiting
from calcinosis.facts.records.words import PRESENCE_WORDS
from calcinosis.facts.row import letters
from calcinosis.facts.sheet_words import words

_ROLES: Final = {
    "id": (
        "id", "patient", "patient id", "patientid", "patient number", "subject", "subject id",
        "subjectid", "usubjid", "case", "case id", "caseid", "pid", "mrn", "record id", "person id",
    ),
    "name": (
        "name", "term", "item", "field", "variable", "parameter", "test", "analyte", "concept",
        "finding", "event", "feature", "paramcd", "param", "attribute", "test name", "what",
    ),
    "value": ("value", "result", "aval", "answer", "result value", "value num"),
    "kind": ("kind", "type", "category", "domain", "class", "list"),
    "unit": ("unit", "units", "avalu", "result unit"),
    "low": ("low", "lower", "ref low", "reference low", "range low", "lln"),
    "high": ("high", "upper", "ref high", "reference high", "range high", "uln"),
    "date": ("date", "time", "datetime", "timestamp", "visit date", "collected"),
    "code": ("code", "concept code", "source code"),
    "note": ("note", "notes", "comment", "comments"),
}  # fmt: skip
_ROLE: Final = {name: role for role, names in _ROLES.items() for name in names}
_KINDS: Final = {
    **dict.fromkeys(("condition", "diagnosis", "disease", "problem", "dx"), "conditions"),
    **dict.fromkeys(("intervention", "procedure", "drug", "medication", "treatment"),
                    "interventions"),
    **dict.fromkeys(("finding", "sign", "symptom", "feature", "phenotype"), "findings"),
    **dict.fromkeys(("excluded", "absent", "denied", "negative"), "excluded"),
    **dict.fromkeys(("lab", "laboratory", "measurement", "test"), "labs"),
    **dict.fromkeys(("other", "note", "comment"), "other"),
}  # fmt: skip
_HEAD: Final = {
    **dict.fromkeys(("sex", "gender"), "sex"),
    **{name: name for name in ("age", "calcinosis", "source")},
}
_SIGNS: Final = re.compile(r"[\W_]+")
_TOO_MANY: Final = "the row has more cells than headings"
_NO_ID: Final = "the row names no patient"


def role_of(heading: str) -> str:
    """What a heading of a long table stands for; empty for none.

    >>> role_of("Patient_ID"), role_of("Result value"), role_of("calcium")
    ('id', 'value', '')
    """
    return _ROLE.get(_SIGNS.sub(" ", heading).strip().casefold(), "")


def is_long(headings: Sequence[str]) -> bool:
    """Whether headings are those of a long table.

    A column that is called ``name`` may as well hold the names of people, so it takes more beside
    it to be one of what is stated.
    """
    roles = [role_of(heading) for heading in headings]
    if roles.count("name") != 1 or roles.count("id") != 1:
        return False
    beside = set(roles)
    if headings[roles.index("name")].strip().casefold() == "name":
        return "value" in beside and bool(beside & {"kind", "unit", "code"})
    return bool(beside & {"value", "kind"})


def long_cases(
    where: str, headings: Sequence[str], rows: Iterator[tuple[int, Sequence[Cell]]]
) -> Iterator[RawCase | InputError]:
    """The cases of a long table whose rows come numbered, in the order in which patients come."""
    roles = [role_of(heading) for heading in headings]
    known = {role: column for column, role in reversed(list(enumerate(roles))) if role}
    unread = [heading for column, heading in enumerate(headings)
              if heading.strip() and known.get(roles[column]) != column]  # fmt: skip
    waiting = Waiting()
    for number, cells in rows:
        if all(cell.is_empty for cell in cells):
            continue
        said = {
            role: cells[column].text.strip()
            for role, column in known.items()
            if column < len(cells)
        }
        place = f"{where}, row {number}"
        if any(not cell.is_empty for cell in cells[len(headings) :]):
            yield InputError(_TOO_MANY, place, "Quote a cell that holds the sign between cells")
        elif not said.get("id"):
            column = f"column {letters(known['id'])} ({headings[known['id']].strip()})"
            yield InputError(_NO_ID, f"{place}, {column}", "Say whose it is")
        else:
            waiting.add(said["id"], place, {key: text for key, text in said.items() if text})
    empty = True
    for patient, parts in waiting.groups():
        empty = False
        yield _Patient(patient, unread).record(parts)
    waiting.close()
    if empty:
        raise InputError("there is no case in it", where, "Fill in a row below the headings")


@dataclass
class _Patient:
    """The rows of one patient."""

    name: str
    unread: Sequence[str]
    head: dict[str, Any] = field(default_factory=dict)
    stated: list[Stated] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    beside: Unread = field(default_factory=Unread)

    def record(self, parts: Sequence[tuple[str, dict[str, str]]]) -> Record:
        self.head["id"] = self.name
        for place, said in parts:
            self._row(place, said)
        for heading in self.unread:
            self.beside.add(heading.strip())
        where = parts[0][0]
        remarks = self.beside.remarks("columns that are not read", where)
        return Record(self.head, where, tuple(self.stated), tuple(self.measured), remarks)

    def _row(self, place: str, said: dict[str, str]) -> None:
        name, value = said.get("name", ""), said.get("value", "")
        codings = (Coding(cleaned(said["code"]), name, said["code"]),) if "code" in said else ()
        listed = _kind(said.get("kind", ""))
        if not listed and value and not codings and _kind(name):
            listed, name, value = _kind(name), value, ""  # diagnosis: gout
        key = _HEAD.get(name.casefold(), "")
        if key and value and key not in self.head and not listed:
            self.head[key] = _plain(key, value, said.get("unit", ""))
        elif listed == "other" or not (name or codings):
            text = ", ".join(f"{role}: {text}" for role, text in said.items() if role != "id")
            self.head.setdefault("other", []).append(text)
        elif listed == "labs" or (value and not listed):
            self.measured.append(_measured(place, said, codings))
        else:
            self._stated(place, said, listed or "findings", name, value, codings)

    def _stated(
        self,
        place: str,
        said: dict[str, str],
        listed: str,
        name: str,
        value: str,
        codings: tuple[Coding, ...],
    ) -> None:
        """A condition, an intervention or a finding; its value may say that it is absent.

        Another value is read with the name, for it may deny it, or put it in doubt.
        """
        present, beside = _answer(value), ["kind", "low", "high", "date", "note"]
        if value and present is None:
            if words().is_missing(value):
                self.head.setdefault("other", []).append(f"{name or said['code']}: {value}")
                return
            codings, name = (), f"{name or said['code']}: {value} {said.get('unit', '')}".strip()
            beside.append("code")
        else:
            beside.append("unit")
        absent = listed == "excluded" or present is False
        key = "conditions" if listed == "excluded" else listed
        one = Stated(key, place, codings, name, absent)
        self.stated.append(replace(one, notes=tuple(_notes(said, beside))))


def _answer(value: str) -> bool | None:
    """Whether a value says yes or no; None where it says neither."""
    answer = PRESENCE_WORDS.get(value.casefold())
    return words().is_yes(value) if answer is None else answer


def _notes(said: dict[str, str], roles: Sequence[str]) -> list[str]:
    """What else stands in a row."""
    return [f"{role}: {said[role]}" for role in roles if role in said and not _is_kind(said, role)]


def _is_kind(said: dict[str, str], role: str) -> bool:
    return role == "kind" and bool(_kind(said[role]))


def _kind(text: str) -> str:
    """The list of a case that a kind stands for, in the singular or the plural; empty for none.

    >>> _kind("Diagnosis"), _kind("diagnoses"), _kind("drugs"), _kind("name")
    ('conditions', 'conditions', 'interventions', '')
    """
    word = text.casefold()
    spellings = (word, word.removesuffix("s"), f"{word.removesuffix('es')}is")
    return next((_KINDS[one] for one in spellings if one in _KINDS), "")


def _plain(key: str, value: str, unit: str) -> str:
    if key == "age":
        return f"{value} {unit}".strip()
    return value if key == "source" else value.casefold()


def _measured(place: str, said: dict[str, str], codings: tuple[Coding, ...]) -> Measured:
    text = said.get("value", "")
    number = measured(Cell(text), "")
    is_number = isinstance(number, int | float) or text[:1] in "<>≤≥"
    word = text.casefold()
    unit = said.get("unit", "")
    bounds = [said.get(end) for end in ("low", "high")]
    ends = [None if end is None else measured(Cell(end), "") for end in bounds]
    unused = ["date"] if dated(said.get("date")) is None else []
    if not is_number or any(isinstance(end, str) for end in ends):
        unused += ["unit", "low", "high"]
    return Measured(
        place,
        codings,
        said.get("name", ""),
        value=number if is_number else None,
        units=(unit,) if unit else (),
        interval=(ends[0], ends[1]) if any(bounds) else None,
        words=(text,),
        present=PRESENCE_WORDS.get(word),
        answers=() if is_number or not text else (Coding("", text),),
        said=f"{text} {unit}".strip(),
        time=dated(said.get("date")),
        notes=tuple(_notes(said, ("kind", *unused, "note"))),
    )
