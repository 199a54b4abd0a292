"""FHIR as NDJSON, a resource a line, in any order and in several files: a case for each patient.

The lines wait on the disk. Kinds that are not read are only counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from calcinosis.errors import InputError
from calcinosis.facts.boundary import attempt
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.codings import plain
from calcinosis.facts.records.fhir import Entry, no_patient, patient_record, relative, subject_of
from calcinosis.facts.records.fhir_chart import READ, Item
from calcinosis.facts.records.waiting import Waiting, as_text, from_text

_TABLES: Final = """
create table kind (patient text, name text, times integer, primary key (patient, name));
create table other (name text primary key, resource text);
"""
_COUNT: Final = "insert into kind values (?, ?, 1) on conflict do update set times = times + 1"
_SHARED: Final = ("Medication",)
_NO_PATIENT: Final = "it names no patient"


class Lines:
    """Gathers resources line by line, and gives a case for each patient at the end."""

    def __init__(self) -> None:
        self._waiting = Waiting(_TABLES)
        self._unread: dict[str, str] = {}  # the kinds that are not read, with their first place
        self._is_told = False

    def add(self, resource: Item, place: str) -> InputError | None:
        """Keep one resource; InputError where it should be read and names no patient."""
        kind = plain(resource.get("resourceType"))
        name = f"{kind}/{plain(resource.get('id'))}"
        base = self._waiting.base
        if kind in _SHARED:
            base.execute("insert or ignore into other values (?, ?)", (name, as_text(resource)))
            self._unread.setdefault(kind, place)
            return None
        patient = name if kind == "Patient" else relative(subject_of(resource))
        if kind not in READ:
            self._unread.setdefault(kind, place)
        if kind in READ and not patient:
            self._is_told = True
            return InputError(_NO_PATIENT, place, "Give it a subject")
        if kind in READ:
            self._waiting.add(patient, place, resource)
        elif patient:
            base.execute(_COUNT, (patient, kind))
        return None

    def cases(self) -> Iterator[RawCase | InputError]:
        """The cases, in the order in which patients came up first; the refusal where none did."""
        for patient, parts in self._waiting.groups():
            self._is_told = True
            yield attempt(parts[0][0], partial(self._case, patient, parts))
        refused = no_patient(self._unread, next(iter(self._unread.values()), ""))
        if refused is not None and not self._is_told:
            yield refused
        self._waiting.close()

    def _case(self, patient: str, parts: list[tuple[str, Any]]) -> RawCase:
        where = parts[0][0]
        entries = [Entry(resource, place) for place, resource in parts]
        whole = {"resourceType": "Bundle", "type": "collection"}
        document = {**whole, "entry": [{"resource": one.resource} for one in entries]}
        counted = self._waiting.base.execute(
            "select name, times from kind where patient = ?", (patient,)
        )
        for name, times in counted:
            entries += [Entry({"resourceType": name}, where)] * times
        record = patient_record(patient, entries, self._look_up, where)
        return replace(record, document=document)

    def _look_up(self, reference: str) -> Item | None:
        query = "select resource from other where name = ?"
        row = self._waiting.base.execute(query, (relative(reference),)).fetchone()
        if row is None:
            return None
        found: Item = from_text(row[0])
        return found
