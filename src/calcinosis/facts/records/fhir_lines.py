"""FHIR as NDJSON, a resource a line, in any order and in several files: a case for each patient.

The lines wait in a temporary database on the disk, so that memory does not grow with them; it is
gone when the cases are read. Kinds that are not read are only counted.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, Final

from calcinosis.errors import InputError
from calcinosis.facts.boundary import attempt
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.codings import plain
from calcinosis.facts.records.fhir import Entry, patient_record, relative, subject_of
from calcinosis.facts.records.fhir_chart import READ, Item

_TABLES: Final = """
pragma journal_mode = off;
create table line (number integer primary key, patient text, place text, resource text);
create table kind (patient text, name text, times integer, primary key (patient, name));
create table other (name text primary key, resource text);
"""
_COUNT: Final = "insert into kind values (?, ?, 1) on conflict do update set times = times + 1"
_SHARED: Final = ("Medication",)
_NO_PATIENT: Final = "it names no patient"


class Lines:
    """Gathers resources line by line, and gives a case for each patient at the end."""

    def __init__(self) -> None:
        self._base: sqlite3.Connection | None = None

    def add(self, resource: Item, place: str) -> InputError | None:
        """Keep one resource; InputError where it should be read and names no patient."""
        kind = plain(resource.get("resourceType"))
        name = f"{kind}/{plain(resource.get('id'))}"
        base = self._opened()
        if kind in _SHARED:
            base.execute("insert or ignore into other values (?, ?)", (name, _text(resource)))
            return None
        patient = name if kind == "Patient" else relative(subject_of(resource))
        if kind in READ and not patient:
            return InputError(_NO_PATIENT, place, "Give it a subject")
        if kind in READ:
            values = (patient, place, _text(resource))
            base.execute("insert into line (patient, place, resource) values (?, ?, ?)", values)
        elif patient:
            base.execute(_COUNT, (patient, kind))
        return None

    def cases(self) -> Iterator[RawCase | InputError]:
        """The cases, in the order in which patients came up first; none where no line was added."""
        base = self._base
        if base is None:
            return
        base.execute("create index by_patient on line (patient, number)")
        rows = base.execute(
            "select line.patient, place, resource from line join (select patient, min(number) as "
            "first from line group by patient) as met on met.patient = line.patient "
            "order by first, number"
        )
        for patient, lines in groupby(rows, key=lambda row: row[0]):
            found = list(lines)
            where = found[0][1]
            yield attempt(where, partial(self._case, patient, found, where))
        base.close()
        self._base = None

    def _case(self, patient: str, rows: list[tuple[str, str, str]], where: str) -> RawCase:
        entries = [Entry(json.loads(text), place) for _, place, text in rows]
        counted = self._opened().execute(
            "select name, times from kind where patient = ?", (patient,)
        )
        for name, times in counted:
            entries += [Entry({"resourceType": name}, where)] * times
        record = patient_record(patient, entries, self._look_up, where)
        resources = [{"resource": one.resource} for one in entries if "id" in one.resource]
        whole = {"resourceType": "Bundle", "type": "collection", "entry": resources}
        return replace(record, document=whole)

    def _look_up(self, reference: str) -> Item | None:
        query = "select resource from other where name = ?"
        row = self._opened().execute(query, (relative(reference),)).fetchone()
        if row is None:
            return None
        found: dict[str, Any] = json.loads(row[0])
        return found

    def _opened(self) -> sqlite3.Connection:
        if self._base is None:
            self._base = sqlite3.connect("", isolation_level=None)  # a file of its own, then gone
            self._base.executescript(_TABLES)
            self._base.execute("begin")
        return self._base


def _text(resource: Item) -> str:
    return json.dumps(resource, ensure_ascii=True, separators=(",", ":"))
