"""Phenopackets of GA4GH (version 2, and what version 1 has in common with it) to raw cases.

A phenopacket is one case, a family that of its proband, a cohort one of each member. Keys may be
in either spelling that protobuf reads (``phenotypicFeatures``, ``phenotypic_features``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from calcinosis.errors import InputError
from calcinosis.facts.case import Remark, When
from calcinosis.facts.places import Origin
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records import qualifiers
from calcinosis.facts.records.codings import ontology_class, plain, words
from calcinosis.facts.records.packet_parts import (
    Item,
    answered,
    is_named,
    noted,
    quantified,
    said_time,
    time,
    variant,
)
from calcinosis.facts.records.record import Record
from calcinosis.facts.records.stated import Measured, Stated, Unread
from calcinosis.facts.records.times import Time, dated, lifetime
from calcinosis.facts.records.words import camelled, items, mapping, shown

_SEXES: Final = {"FEMALE": "female", "MALE": "male", "OTHER_SEX": "other", "UNKNOWN_SEX": "unknown"}
_SEX_NUMBERS: Final = ("UNKNOWN_SEX", "FEMALE", "MALE", "OTHER_SEX")
_SOLVED: Final = ("SOLVED", 3)
NO_DIAGNOSIS: Final = "This is no diagnosis: research software, not medical advice."
"""How the summary ends of each interpretation that this package writes."""
PUBLISHED: Final = "Where the case was published"
"""What a phenopacket of this package says of the place, among its other references."""
_HUMAN: Final = "NCBITAXON:9606"


def phenopacket_cases(
    value: Mapping[Any, Any], where: str, origin: Origin | None
) -> Iterator[RawCase | InputError]:
    """The cases of a phenopacket, a family or a cohort."""
    keys = (*value, *mapping(value.get("subject")))
    packet = camelled(value) if any("_" in str(key) for key in keys) else value
    if "proband" in packet:
        yield _of_family(packet, value, where, origin)
    elif "members" in packet:
        yield from _of_cohort(packet, value, where, origin)
    else:
        yield _Packet(packet, "").record(value, where, origin)


def _of_family(packet: Item, value: object, where: str, origin: Origin | None) -> Record:
    proband = mapping(packet.get("proband"))
    record = _Packet(proband, "proband.", _place(packet)).record(value, where, origin)
    remarks = list(record.remarks)
    for number, one in enumerate(items(packet.get("relatives"))):
        name = _names(one) or f"relative {number + 1}"
        reason = "a relative: of a family the proband is judged"
        remarks.append(Remark(name, f"relatives[{number}]", reason))
    unread = Unread()
    unread.fields(packet, ("id", "proband", "relatives", "metaData"))
    remarks += unread.remarks(_NOT_READ)
    return replace(record, remarks=tuple(remarks))


def _of_cohort(
    packet: Item, value: Mapping[Any, Any], where: str, origin: Origin | None
) -> Iterator[RawCase | InputError]:
    members = packet.get("members")
    if not isinstance(members, list) or not members:
        yield InputError("the cohort has no members", where, "Give it members, or leave it out")
        return
    unread = Unread()
    unread.fields(packet, ("id", "description", "members", "metaData"))
    about = [Remark(text, "description", _RECORDED) for text in [plain(packet.get("description"))]]
    beside = (*(one for one in about if one.what), *unread.remarks(_NOT_READ))
    given = value["members"]
    for number, member in enumerate(members):
        at = f"members[{number}]"
        place = f"{where}, {at}" if where else at
        if not isinstance(member, dict):
            yield InputError("this is no phenopacket", place, "Write a mapping with id and facts")
            continue
        record = _Packet(member, f"{at}.", _place(packet)).record(given[number], place, origin)
        yield replace(record, remarks=(*record.remarks, *beside))


def _names(packet: Item) -> str:
    """How a phenopacket names its patient."""
    return plain(mapping(packet.get("subject")).get("id")) or plain(packet.get("id"))


def _place(packet: Item) -> str:
    """Where it was published, as the metadata say."""
    references = items(mapping(packet.get("metaData")).get("externalReferences"))
    if _is_ours(packet):  # beside where it was published stands what its verdicts cite
        references = [one for one in references if one.get("description") == PUBLISHED]
    found = (plain(one.get("id")) or plain(one.get("reference")) for one in references)
    return next((one for one in found if one), "")


def _is_ours(packet: Item) -> bool:
    """Whether this package wrote it."""
    return plain(mapping(packet.get("metaData")).get("createdBy")).startswith("calcinosis ")


_RECORDED: Final = "recorded; gives no fact"
_NOT_READ: Final = "fields that are not read"


class _Packet:
    """The reading of one phenopacket; ``at`` is where it stands in the document."""

    def __init__(self, packet: Item, at: str, source: str = "") -> None:
        self._packet = packet
        self._at = at
        self._source = _place(packet) or source
        self._stated: list[Stated] = []
        self._measured: list[Measured] = []
        self._remarks: list[Remark] = []
        self._unread = Unread()
        self._last: Time | None = None

    def record(self, document: object, where: str, origin: Origin | None) -> Record:
        head = self._head()
        for key, read in _READ.items():
            self._list(key, partial(read, self))
        self._unread.fields(self._packet, (*_READ, "id", "subject", "metaData"))
        return Record(
            head,
            where,
            tuple(self._stated),
            tuple(self._measured),
            (*self._remarks, *self._unread.remarks(_NOT_READ, self._at.removesuffix("."))),
            document,
            origin=origin,
        )

    def _list(self, key: str, read: Callable[[Item, str], None]) -> None:
        given = self._packet.get(key)
        if given is None:
            return
        for number, item in enumerate(given if isinstance(given, list) else [given]):
            at = f"{self._at}{key}[{number}]" if isinstance(given, list) else self._at + key
            if isinstance(item, dict):
                read(item, at)
            else:
                self._aside(shown(item), at, "this is nothing that can stand here")

    def _aside(self, what: str, where: str, reason: str) -> None:
        self._remarks.append(Remark(what, where, reason))

    # -- the patient -----------------------------------------------------------------

    def _head(self) -> dict[str, Any]:
        packet = self._packet
        subject = mapping(packet.get("subject"))
        at = f"{self._at}subject"
        identifier, patient = packet.get("id"), subject.get("id")
        head: dict[str, Any] = {"id": identifier if is_named(identifier) else patient}
        if is_named(patient) and head["id"] != patient:
            self._aside(f"{patient}", f"{at}.id", "the patient's own id: recorded")
        if self._source:
            head["source"] = self._source
        sex = subject.get("sex")
        name = _SEX_NUMBERS[sex] if sex in range(4) and isinstance(sex, int) else sex
        if isinstance(name, str) and name in _SEXES:
            head["sex"] = _SEXES[name]
        elif sex is not None:
            self._aside(shown(sex), f"{at}.sex", "this is no sex that phenopackets have")
        self._age(subject, head, at)
        species = ontology_class(subject.get("taxonomy"))
        if species is not None and species.id.upper() != _HUMAN:
            self._aside(str(species), f"{at}.taxonomy", "no human being: the criteria are for man")
        status = mapping(subject.get("vitalStatus"))
        if cause := words(status.get("causeOfDeath")):
            self._aside(f"cause of death: {cause}", f"{at}.vitalStatus", _RECORDED)
        self._unread.fields(subject, _SUBJECT, "subject")
        return head

    def _age(self, subject: Item, head: dict[str, Any], at: str) -> None:
        key = "timeAtLastEncounter" if "timeAtLastEncounter" in subject else "ageAtCollection"
        given = subject.get(key)
        if not given:
            return
        stated = mapping(given)
        last = time(stated)
        born = subject.get("dateOfBirth")
        if last is not None and last.age is not None:
            head["age"], self._last = last.words, last
        elif last is not None and lifetime(born, last.words):
            head["age"], self._last = lifetime(born, last.words), last
        else:
            self._last = last
            said = said_time(given)
            self._aside(said, f"{at}.{key}", "gives no single age: recorded")

    # -- what is stated --------------------------------------------------------------

    def _feature(self, item: Item, at: str) -> None:
        self._state("findings", item.get("type"), item, at, _FEATURE, _FEATURE_NOTES)

    def _disease(self, item: Item, at: str) -> None:
        self._state("conditions", item.get("term"), item, at, _DISEASE, _DISEASE_NOTES)

    def _state(
        self,
        key: str,
        term: object,
        item: Item,
        at: str,
        known: tuple[str, ...],
        notes: Mapping[str, str],
    ) -> None:
        concluded = qualifiers.is_concluded(item.get("evidence"))
        known = (*known, "evidence") if concluded else known
        self._unread.fields(item, known, at.removeprefix(self._at).partition("[")[0])
        coding = ontology_class(term)
        modified = item.get("modifiers")
        links = qualifiers.links(modified if isinstance(modified, list) else [modified])
        excluded = item.get("excluded", item.get("negated"))
        if coding is None:
            self._aside(shown(dict(item)), at, "it names no term")
        elif excluded not in (None, True, False):
            self._aside(f"{coding}, excluded: {shown(excluded)}", at, _NEITHER)
        else:
            described = plain(item.get("description"))
            listed = qualifiers.in_words(coding) if described and excluded is not True else ""
            if listed:
                notes = {name: said for name, said in notes.items() if name != "description"}
            self._stated.append(
                Stated(
                    listed or key,
                    at,
                    () if listed else (coding,),
                    text=described if listed else "",
                    excluded=excluded is True,
                    when=self._when(item, is_excluded=excluded is True),
                    notes=tuple(noted(qualifiers.without(item, *_MOMENTS), notes)),
                    sites=tuple(filter(None, [words(item.get("primarySite"))])),
                    at_deposit=links.at_deposit,
                    cause=links.cause,
                    modifiers=links.others,
                    concluded=concluded,
                )
            )

    def _when(self, item: Item, *, is_excluded: bool) -> When:
        """Before, where it had resolved by the last encounter; after, where it began later."""
        begun, ended = time(item.get("onset")), item.get("resolution")
        is_later = begun is not None and begun.is_after(self._last)
        if is_later or qualifiers.relative(item.get("onset")) == "after":
            return "after"
        if is_excluded or not ended:
            return "at"
        over = time(ended)
        return "at" if over is not None and over.is_after(self._last) else "before"

    def _interpretation(self, item: Item, at: str) -> None:
        if not item.get("diagnosis") and plain(item.get("summary")).endswith(NO_DIAGNOSIS):
            return  # a verdict of ours, which is nothing that is stated of the patient
        self._unread.fields(item, _INTERPRETATION, "interpretations")
        diagnosis = mapping(item.get("diagnosis"))
        self._unread.fields(diagnosis, ("disease", "genomicInterpretations"), "diagnosis")
        status = item.get("progressStatus", "UNKNOWN_PROGRESS")
        disease = ontology_class(diagnosis.get("disease"))
        if disease is not None and status in _SOLVED:
            note = f"interpretation {status}"
            self._stated.append(Stated("conditions", at, (disease,), notes=(note,)))
        elif disease is not None:
            self._aside(f"{disease}", at, f"a diagnosis that is {shown(status)}: not taken")
        if summary := plain(item.get("summary")):
            self._aside(summary, f"{at}.summary", _RECORDED)
        for number, one in enumerate(items(diagnosis.get("genomicInterpretations"))):
            place = f"{at}.diagnosis.genomicInterpretations[{number}]"
            self._aside(variant(one), place, "a gene or variant gives no fact")
        if disease is None and not diagnosis and not summary:
            self._aside(f"interpretation {shown(status)}", at, _RECORDED)

    # -- what was measured -----------------------------------------------------------

    def _measurement(self, item: Item, at: str) -> None:
        self._unread.fields(item, _MEASUREMENT, "measurements")
        assay = ontology_class(item.get("assay"))
        several = mapping(item.get("complexValue")).get("typedQuantities")
        value = mapping(item.get("value"))
        codings = () if assay is None else (assay,)
        notes = tuple(noted(item, {"procedure": "procedure"}))
        base = Measured(at, codings, plain(item.get("description")), notes=notes)
        observed = item.get("timeObserved")
        base = replace(base, time=time(observed), when=qualifiers.relative(observed) or "at")
        if several is not None:
            for number, one in enumerate(items(several)):
                kind = ontology_class(one.get("type"))
                part = replace(base, codings=() if kind is None else (kind,), text="")
                part = replace(part, where=f"{at}.complexValue.typedQuantities[{number}]")
                self._measured.append(quantified(part, mapping(one.get("quantity"))))
        elif isinstance(value.get("quantity"), dict):
            self._measured.append(quantified(base, value["quantity"]))
        else:
            answer = ontology_class(value.get("ontologyClass", item.get("valueOntologyTerm")))
            self._measured.append(answered(base, answer))

    # -- what was done ---------------------------------------------------------------

    def _action(self, item: Item, at: str) -> None:
        self._unread.fields(item, _ACTION, "medicalActions")
        before = len(self._stated)
        self._done(item, at, tuple(noted(item, _ACTION_NOTES)))
        events = tuple(map(qualifiers.coded, items(item.get("adverseEvents"))))
        if len(self._stated) > before:
            self._stated[-1] = replace(self._stated[-1], effects=events)
            return
        for number, event in enumerate(events):
            place = f"{at}.adverseEvents[{number}]"
            self._aside(f"adverse event: {event.label or event.id}", place, _RECORDED)

    def _done(self, item: Item, at: str, notes: tuple[str, ...]) -> None:
        for key, code, known in _ACTIONS:
            given = item.get(key)
            if isinstance(given, dict):
                self._unread.fields(given, known, f"medicalActions.{key}")
                self._did(given, given.get(code), f"{at}.{key}", notes)
                return
        regimen = item.get("therapeuticRegimen")
        if isinstance(regimen, dict):
            self._unread.fields(regimen, _REGIMEN, "medicalActions.therapeuticRegimen")
            named = regimen.get("ontologyClass", regimen.get("externalReference"))
            self._did(regimen, named, f"{at}.therapeuticRegimen", notes)
            return
        self._aside(shown(dict(item)), at, "it says not what was done")

    def _did(self, given: Item, code: object, at: str, notes: tuple[str, ...]) -> None:
        coding = ontology_class(code)
        if coding is None:
            self._aside(shown(dict(given)), at, "it says not what was done")
            return
        if given.get("regimenStatus") == "NOT_STARTED":
            self._aside(str(coding), at, "not begun: not taken")
            return
        place = qualifiers.links([given.get("bodySite")])
        begun = self._begun(given)
        is_later = begun is not None and begun.is_after(self._last)
        when: When = "after" if is_later else qualifiers.relative(given.get("performed")) or "at"
        route = words(given.get("routeOfAdministration"))
        notes = (*notes, f"route: {route}") if route else notes
        found = Stated("interventions", at, (coding,), when=when, notes=notes)
        sites = tuple(one.label or one.id for one in place.others)
        self._stated.append(replace(found, sites=sites, at_deposit=place.at_deposit))

    def _begun(self, given: Item) -> Time | None:
        intervals = items(given.get("doseIntervals"))
        first = mapping(intervals[0].get("interval")).get("start") if intervals else None
        return time(given.get("performed")) or time(given.get("startTime")) or dated(first)

    # -- samples ---------------------------------------------------------------------

    def _sample(self, item: Item, at: str) -> None:
        """Features that were seen in a sample are the patient's; its diagnoses are recorded."""
        for key in _SAMPLE_RECORDED:
            given = item.get(key)
            for one in given if isinstance(given, list) else [given]:
                if told := words(one) or plain(one):
                    self._aside(f"{key}: {told}", f"{at}.{key}", f"of a sample: {_RECORDED}")
        for number, one in enumerate(items(item.get("measurements"))):
            said = f"{words(one.get('assay'))} in {words(item.get('sampledTissue')) or 'a sample'}"
            self._aside(said, f"{at}.measurements[{number}]", f"of a sample: {_RECORDED}")
        tissue = words(item.get("sampledTissue"))
        for number, one in enumerate(items(item.get("phenotypicFeatures"))):
            before = len(self._stated)
            self._feature(one, f"{at}.phenotypicFeatures[{number}]")
            if tissue and len(self._stated) > before:
                last = self._stated[-1]
                self._stated[-1] = replace(last, notes=(*last.notes, f"seen in: {tissue}"))
        self._unread.fields(item, _SAMPLE, "biosamples")


_READ: Final[Mapping[str, Callable[[_Packet, Item, str], None]]] = {
    "phenotypicFeatures": _Packet._feature,
    "diseases": _Packet._disease,
    "interpretations": _Packet._interpretation,
    "measurements": _Packet._measurement,
    "medicalActions": _Packet._action,
    "biosamples": _Packet._sample,
}
_SUBJECT: Final = (
    "id", "sex", "timeAtLastEncounter", "ageAtCollection", "taxonomy", "vitalStatus", "dateOfBirth",
)  # fmt: skip
_FEATURE: Final = (
    "type", "excluded", "negated", "severity", "modifiers", "onset", "resolution", "description",
)  # fmt: skip
_FEATURE_NOTES: Final = {
    "description": "",
    "severity": "severity",
    "onset": "onset",
    "resolution": "resolved",
}
_MOMENTS: Final = ("onset", "resolution")
_DISEASE: Final = (
    "term", "excluded", "onset", "resolution", "diseaseStage", "primarySite", "laterality",
)  # fmt: skip
_DISEASE_NOTES: Final = {
    "onset": "onset",
    "resolution": "resolved",
    "diseaseStage": "stage",
    "laterality": "laterality",
}
_INTERPRETATION: Final = ("id", "progressStatus", "diagnosis", "summary")
_MEASUREMENT: Final = (
    "description", "assay", "value", "complexValue", "valueOntologyTerm", "timeObserved",
    "procedure",
)  # fmt: skip
_ACTION: Final = (
    "procedure", "treatment", "radiationTherapy", "therapeuticRegimen", "treatmentTarget",
    "treatmentIntent", "responseToTreatment", "adverseEvents", "treatmentTerminationReason",
)  # fmt: skip
_ACTION_NOTES: Final = {
    "treatmentTarget": "for",
    "treatmentIntent": "intent",
    "responseToTreatment": "response",
    "treatmentTerminationReason": "ended because of",
}
_ACTIONS: Final = (
    ("procedure", "code", ("code", "bodySite", "performed")),
    ("treatment", "agent", ("agent", "routeOfAdministration", "doseIntervals", "drugType",
                            "cumulativeDose")),
    ("radiationTherapy", "modality", ("modality", "bodySite", "dosage", "fractions")),
)  # fmt: skip
_REGIMEN: Final = ("ontologyClass", "externalReference", "startTime", "endTime", "regimenStatus")
_SAMPLE_RECORDED: Final = (
    "description", "histologicalDiagnosis", "tumorProgression", "tumorGrade", "pathologicalStage",
    "diagnosticMarkers",
)  # fmt: skip
_SAMPLE: Final = (
    *_SAMPLE_RECORDED, "id", "individualId", "sampledTissue", "phenotypicFeatures", "measurements",
    "taxonomy",
)  # fmt: skip
_NEITHER: Final = "'excluded' is neither true nor false: not taken"
