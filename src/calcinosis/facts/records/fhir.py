"""FHIR R4 to raw cases: a Bundle, or one resource; a case for each patient.

References are resolved within the document. What names no patient is the only patient's, if there
is one alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from calcinosis.errors import InputError, close_to, quoted
from calcinosis.facts import limits
from calcinosis.facts.case import Remark
from calcinosis.facts.places import Origin
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.codings import plain
from calcinosis.facts.records.fhir_chart import READ, Chart, Item, LookUp
from calcinosis.facts.records.record import Record
from calcinosis.facts.records.stated import Unread
from calcinosis.facts.records.words import mapping

_SUBJECTS: Final = ("subject", "patient", "beneficiary", "individual")
_NOBODY: Final = ""
_NEAR: Final = 0.84
_SHOWN: Final = 8
_NO_RECORD: Final = "the record of the patient is not there: no sex and no age by it"


def is_fhir(value: Mapping[Any, Any]) -> bool:
    """Whether a mapping is a resource of FHIR."""
    return isinstance(value.get("resourceType"), str)


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource, with its place in the document and the URL that it is known by there."""

    resource: Item
    at: str
    url: str = ""

    @property
    def name(self) -> str:
        """The relative reference to the resource, such as ``Patient/1``."""
        return f"{plain(self.resource.get('resourceType'))}/{plain(self.resource.get('id'))}"

    @property
    def is_patient(self) -> bool:
        """Whether it is a patient."""
        return self.resource.get("resourceType") == "Patient"


def fhir_cases(
    value: Mapping[Any, Any], where: str, origin: Origin | None
) -> Iterator[RawCase | InputError]:
    """The cases of a Bundle or of one resource."""
    if not is_fhir(value):
        yield InputError("this is no resource of FHIR", where, "Give it its resourceType")
        return
    unread = Unread()
    entries = list(_entries(value, "", unread))
    if not entries:
        yield InputError("the Bundle holds no resource", where, "Give it entries")
    by_name = {name: one for one in reversed(entries) for name in (one.name, one.url) if name}
    refused = no_patient((plain(one.resource.get("resourceType")) for one in entries), where)
    if refused is not None:
        yield refused
        return
    patients = _by_patient(entries, by_name)
    yield from _nobodys(patients, plain(value.get("id")), unread, where)
    beside = unread.remarks("entries that are no patient's, and not read")

    def look_up(reference: str) -> Item | None:
        found = by_name.get(reference) or by_name.get(relative(reference))
        return None if found is None else found.resource

    for name, found in patients.items():
        record = patient_record(name, found, look_up, where, origin)
        yield replace(record, remarks=(*record.remarks, *beside), document=value)
        beside = ()


def no_patient(kinds: Iterable[str], where: str) -> InputError | None:
    """The refusal of resources none of which is of a kind that is read; None where one is."""
    found = Counter(kinds)
    if any(kind in READ for kind in found):
        return None
    near = [name for kind in found for name in close_to(kind, (*READ, "Bundle"), 1, _NEAR)]
    cure = f"It may be meant for {near[0]}" if near else "Give the Patient, and what is recorded"
    shown = ", ".join(quoted(kind) for kind in list(found)[:_SHOWN])
    more = f" and {len(found) - _SHOWN} kinds more" if len(found) > _SHOWN else ""
    what = f"nothing in it is read of a patient: its resourceType is {shown}{more}"
    return InputError(what, where, cure)


def _nobodys(
    patients: dict[str, list[Entry]], name: str, unread: Unread, where: str
) -> Iterator[InputError]:
    """Give what names no patient to the only one, or count and refuse it."""
    nobodys = patients.pop(_NOBODY, [])
    if len(patients) == 1:
        next(iter(patients.values())).extend(nobodys)
    elif nobodys and not patients:
        patients[name] = nobodys
    else:
        for one in nobodys:
            if one.resource.get("resourceType") not in READ:
                unread.add(plain(one.resource.get("resourceType")) or "without a resourceType")
        yield from _lost(nobodys, where)


def patient_record(
    name: str, entries: list[Entry], look_up: LookUp, where: str, origin: Origin | None = None
) -> Record:
    """One patient, whose resources these are; ``name`` is the reference to it."""
    chart = Chart(look_up)
    chart.head["id"] = name.rpartition("/")[2].removeprefix("urn:uuid:").lstrip("#") or None
    for entry in entries:
        chart.read(entry.resource, entry.at)
    chart.done()
    if not any(entry.is_patient for entry in entries):
        missing = Remark(name or "Patient", entries[0].at, _NO_RECORD)
        chart.remarks.append(missing)
    return Record(
        chart.head,
        where,
        tuple(chart.stated),
        tuple(chart.measured),
        tuple(chart.remarks),
        origin=origin,
    )


def _entries(value: Item, at: str, unread: Unread, depth: int = 0) -> Iterator[Entry]:
    """The resources of a Bundle, and of Bundles in it; a resource that is none by itself."""
    if value.get("resourceType") != "Bundle":
        yield Entry(value, at)
        return
    given = value.get("entry")
    start = f"{at}.entry" if at else "entry"
    for number, one in enumerate(given if isinstance(given, list) else []):
        place = f"{start}[{number}].resource"
        resource = mapping(one).get("resource")
        if not isinstance(resource, dict) or depth > limits.DEPTH:
            unread.add("an entry without a resource")
        elif resource.get("resourceType") == "Bundle":
            yield from _entries(resource, place, unread, depth + 1)
        else:
            yield Entry(resource, place, plain(mapping(one).get("fullUrl")))
    if given is not None and not isinstance(given, list):
        unread.add("an entry that is no list")


def relative(reference: str) -> str:
    """A reference without the server and the version.

    >>> relative("https://a.org/fhir/Patient/1/_history/2"), relative("urn:uuid:1")
    ('Patient/1', 'urn:uuid:1')
    """
    if "/" not in reference or "?" in reference:
        return reference
    return "/".join(reference.partition("/_history/")[0].split("/")[-2:])


def subject_of(resource: Item) -> str:
    """The reference to the patient that a resource is about; empty if it names none."""
    for key in _SUBJECTS:
        given = mapping(resource.get(key))
        found = plain(given.get("reference")) or plain(
            mapping(given.get("identifier")).get("value")
        )
        if found:
            return found
    return _NOBODY


def _by_patient(entries: list[Entry], by_name: Mapping[str, Entry]) -> dict[str, list[Entry]]:
    """The resources of each patient, in the order in which patients come up."""
    found: dict[str, list[Entry]] = {}
    names: dict[int, str] = {}
    for number, entry in enumerate(entries):
        if entry.is_patient:
            own = plain(entry.resource.get("id"))
            names[id(entry)] = entry.name if own else entry.url or f"patient-{number + 1}"
    for entry in entries:
        if entry.is_patient:
            name = names[id(entry)]
        else:
            reference = subject_of(entry.resource)
            known = by_name.get(reference) or by_name.get(relative(reference))
            is_known = known is not None and known.is_patient
            name = names[id(known)] if is_known else _outside(reference)
        found.setdefault(name, []).append(entry)
    return found


def _outside(reference: str) -> str:
    """The name of a patient who is not in the document; a group or a device is nobody."""
    name = relative(reference)
    kind = name.partition("/")[0] if "/" in name else ""
    return _NOBODY if kind not in ("", "Patient") else name


def _lost(entries: list[Entry], where: str) -> Iterator[InputError]:
    """The refusal of what should be read and names none of several patients."""
    lost = [one for one in entries if one.resource.get("resourceType") in READ]
    if lost:
        kinds = Unread()
        for one in lost:
            kinds.add(plain(one.resource.get("resourceType")))
        (remark,) = kinds.remarks("")
        what = f"{remark.what}: no patient is named, and there are several"
        yield InputError(what, f"{where}, {lost[0].at}" if where else lost[0].at, _NAME)


_NAME: Final = "Give each its subject"
