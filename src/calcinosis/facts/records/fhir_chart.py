"""The resources of one patient (FHIR R4) to what they state, with their status and their time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from calcinosis.facts.case import Remark, When
from calcinosis.facts.records.codings import Coding, concept, plain, words
from calcinosis.facts.records.fhir_observed import OBSERVED, is_panel, observed, taken
from calcinosis.facts.records.stated import Measured, Stated, Unread
from calcinosis.facts.records.times import Time, dated, lifetime
from calcinosis.facts.records.words import NOT_SURE, OVER, items, mapping, shown

Item = Mapping[str, Any]
LookUp = Callable[[str], Item | None]

_SEXES: Final = ("male", "female", "other", "unknown")
_COMMON: Final = (
    "resourceType", "id", "meta", "text", "identifier", "contained", "language", "implicitRules",
    "subject", "patient", "encounter", "context", "extension", "modifierExtension",
)  # fmt: skip
_FINDINGS: Final = ("(finding)", "(situation)", "(social concept)", "(event)")
_DONE: Final[Mapping[str, tuple[str, ...]]] = {
    "Procedure": ("completed", "in-progress", "stopped"),
    "MedicationAdministration": ("completed", "in-progress", "stopped", "on-hold"),
    "MedicationStatement": ("active", "completed", "stopped", "on-hold"),
    "MedicationRequest": ("active", "completed", "stopped", "on-hold"),
    "MedicationDispense": ("completed", "in-progress"),
}
_SAID: Final = {"MedicationRequest": "prescribed", "MedicationDispense": "dispensed"}
_PLANNED: Final = ("proposal", "plan", "option")
_UNOBSERVED: Final = ("registered", "cancelled", "entered-in-error")
_RECORDED: Final = "recorded; gives no fact"


class Chart:
    """Reads the resources of a patient; ``look_up`` finds what a reference names."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up
        self._contained: dict[str, Item] = {}
        self.head: dict[str, Any] = {}
        self.stated: list[Stated] = []
        self.measured: list[Measured] = []
        self.remarks: list[Remark] = []
        self._kinds = Unread()
        self._fields = Unread()
        self._born: object = None
        self._born_at = ""
        self._dates: list[Time] = []

    def read(self, resource: Item, at: str) -> None:
        """Read one resource, which stands ``at`` a place in the document."""
        kind = plain(resource.get("resourceType"))
        read = _READ.get(kind)
        if read is None:
            self._kinds.add(kind or "without a resourceType")
            return
        if resource.get("modifierExtension") or resource.get("implicitRules"):
            self._aside(self._name(resource, kind), at, "rules beside it may change what it says")
            return
        inside = items(resource.get("contained"))
        self._contained = {f"#{plain(one.get('id'))}": one for one in inside}
        read(self, resource, at)
        known = (*_COMMON, *_FIELDS[kind])
        self._fields.fields(resource, known, kind)

    def done(self) -> None:
        """Settle what all resources together say: the age, and what was not read."""
        labs = [one.time for one in self.measured if one.time is not None]
        last = _last(labs) or _last(self._dates)
        age = lifetime(self._born, last.date) if last is not None else ""
        if age and last is not None:
            self.head["age"] = age
            self._aside(
                f"age {age}", self._born_at, f"that at the last record, of {last.date[:10]}"
            )
        elif self._born is not None:
            self._aside("a date of birth", self._born_at, "gives no age without a dated record")
        self.remarks += self._kinds.remarks("resources of kinds that are not read")
        self.remarks += self._fields.remarks("fields that are not read")

    def unread(self, kind: str) -> None:
        """Count what is not read."""
        self._kinds.add(kind)

    def _aside(self, what: str, at: str, reason: str) -> None:
        self.remarks.append(Remark(what, at, reason))

    def _name(self, resource: Item, kind: str) -> str:
        codings, text = self._drug(resource) if kind in _SAID else concept(resource.get("code"))
        return text or next((str(one) for one in codings), "") or kind

    # -- the patient -----------------------------------------------------------------

    def _patient(self, resource: Item, at: str) -> None:
        sex = resource.get("gender")
        if sex in _SEXES:
            self.head["sex"] = sex
        elif sex is not None:
            self._aside(shown(sex), f"{at}.gender", "this is no gender that FHIR has")
        self._born, self._born_at = resource.get("birthDate"), f"{at}.birthDate"

    # -- conditions ------------------------------------------------------------------

    def _condition(self, resource: Item, at: str) -> None:
        codings, text = concept(resource.get("code"))
        status = _code(resource.get("verificationStatus"))
        if not (codings or text):
            self._aside("Condition", at, "it names nothing")
            return
        name = text or str(codings[0])
        if status == "entered-in-error":
            self._aside(name, at, "entered in error: dropped")
        elif status in NOT_SURE:  # not taken, and what it would be holds back what it could change
            label = text or next((one.label for one in codings if one.label), name)
            self.stated.append(Stated("conditions", at, (), f"{status} {label}"))
        elif status not in ("", "confirmed", "refuted"):
            self._aside(name, at, f"its verification status is {shown(status)}: not taken")
        else:
            is_finding = any(one.label.endswith(_FINDINGS) for one in codings)
            self._date(resource, "recordedDate", "onsetDateTime")
            self.stated.append(
                Stated(
                    "findings" if is_finding else "conditions",
                    at,
                    codings,
                    text,
                    excluded=status == "refuted",
                    when=_when(resource, status),
                    notes=tuple(_noted(resource, _CONDITION_NOTES)),
                    sites=_sites(resource),
                )
            )

    # -- observations ----------------------------------------------------------------

    def _observation(self, resource: Item, at: str) -> None:
        status = resource.get("status")
        if status in _UNOBSERVED:
            self._aside(self._name(resource, "Observation"), at, f"{status}: not taken")
        elif is_panel(resource):
            self._kinds.add("Observation that only gathers others")
        else:
            if (time := taken(resource)) is not None:
                self._dates.append(time)
            self.measured += observed(resource, at)

    def _report(self, resource: Item, at: str) -> None:
        """A report is told by its observations; what it concludes is recorded."""
        self._kinds.add("DiagnosticReport")
        if text := plain(resource.get("conclusion")):
            self._aside(shown(text), f"{at}.conclusion", _RECORDED)
        for number, one in enumerate(items(resource.get("conclusionCode"))):
            self._aside(words(one), f"{at}.conclusionCode[{number}]", _RECORDED)

    # -- what was done ---------------------------------------------------------------

    def _procedure(self, resource: Item, at: str) -> None:
        self._did(resource, at, *concept(resource.get("code")))

    def _medication(self, resource: Item, at: str) -> None:
        self._did(resource, at, *self._drug(resource))

    def _did(self, resource: Item, at: str, codings: tuple[Coding, ...], text: str) -> None:
        kind, status = resource["resourceType"], resource.get("status")
        name = text or next(map(str, codings), "")
        if not name:
            self._aside(kind, at, "it says not what was done")
        elif status == "entered-in-error":
            self._aside(name, at, "entered in error: dropped")
        elif resource.get("doNotPerform") is True:
            self._aside(name, at, "it is not to be done: not taken")
        elif resource.get("intent") in _PLANNED:
            self._aside(name, at, f"a {resource['intent']}: not taken")
        elif status is not None and status not in _DONE[kind]:
            self._aside(name, at, f"{shown(status)}: not taken")
        else:
            said = [_SAID[kind]] if kind in _SAID else []
            said += [status] if status in ("stopped", "on-hold") else []
            notes = (*said, *_noted(resource, _DONE_NOTES), *_routes(resource))
            self._date(resource, "performedDateTime", "effectiveDateTime", "authoredOn")
            found = Stated("interventions", at, codings, text, notes=notes, sites=_sites(resource))
            self.stated.append(found)

    def _drug(self, resource: Item) -> tuple[tuple[Coding, ...], str]:
        """What was given, by its code or by the Medication that is referred to."""
        given = mapping(resource.get("medication"))
        direct = resource.get("medicationCodeableConcept", given.get("concept"))
        if direct is not None:
            return concept(direct)
        reference = mapping(resource.get("medicationReference", given.get("reference")))
        name = plain(reference.get("reference"))
        medication = self._contained.get(name) or self._look_up(name)
        if medication is None:
            label = plain(reference.get("display"))
            return ((Coding("", label),) if label else ()), ""
        codings, text = concept(medication.get("code"))
        parts = (concept(one.get("itemCodeableConcept")) for one in
                 items(medication.get("ingredient")))  # fmt: skip
        inside = [coding for found, _ in parts for coding in found]
        return (*codings, *inside), text

    def _date(self, resource: Item, *keys: str) -> None:
        found = (dated(resource.get(key)) for key in keys)
        self._dates += [time for time in found if time is not None]


_READ: Final[Mapping[str, Callable[[Chart, Item, str], None]]] = {
    "Patient": Chart._patient,
    "Condition": Chart._condition,
    "Observation": Chart._observation,
    "DiagnosticReport": Chart._report,
    "Procedure": Chart._procedure,
    **dict.fromkeys(tuple(kind for kind in _DONE if kind != "Procedure"), Chart._medication),
}
READ: Final = frozenset(_READ)
"""The kinds of resources that are read."""

_MEDICATION: Final = (
    "status", "medicationCodeableConcept", "medicationReference", "medication", "reasonCode",
    "effectiveDateTime", "authoredOn", "dosage", "dosageInstruction", "doNotPerform", "intent",
)  # fmt: skip
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "Patient": ("gender", "birthDate"),
    "Condition": (
        "code", "clinicalStatus", "verificationStatus", "severity", "stage", "bodySite",
        "onsetDateTime", "onsetAge", "onsetString", "recordedDate", "category",
        "abatementDateTime", "abatementAge", "abatementBoolean", "abatementString",
        "abatementPeriod", "abatementRange",
    ),
    "Observation": OBSERVED,
    "DiagnosticReport": ("conclusion", "conclusionCode", "code", "result", "status", "category"),
    "Procedure": ("code", "status", "bodySite", "reasonCode", "performedDateTime", "outcome",
                  "performedPeriod", "category"),
    **dict.fromkeys(tuple(kind for kind in _DONE if kind != "Procedure"), _MEDICATION),
}  # fmt: skip
_CONDITION_NOTES: Final = {
    "severity": "severity",
    "stage": "stage",
    "onsetDateTime": "onset",
    "onsetAge": "onset",
    "onsetString": "onset",
}
_DONE_NOTES: Final = {"reasonCode": "for", "outcome": "outcome", "performedDateTime": "performed"}


def _code(value: object) -> str:
    """The code of a status, which is a concept, or (before R4) a word."""
    codings, text = concept(value)
    return next((one.given.rpartition("|")[2] for one in codings if one.given), text)


def _when(resource: Item, status: str) -> When:
    """Before, where a condition is over; what never was is denied for now."""
    if status == "refuted":
        return "at"
    clinical = _code(resource.get("clinicalStatus"))
    if clinical:
        return "before" if clinical in OVER else "at"
    ended = [value for key, value in resource.items() if key.startswith("abatement")]
    return "before" if any(value is not False for value in ended) else "at"


def _sites(resource: Item) -> tuple[str, ...]:
    given = resource.get("bodySite")
    several = given if isinstance(given, list) else [given]
    return tuple(dict.fromkeys(filter(None, map(words, several))))


def _noted(resource: Item, kinds: Mapping[str, str]) -> Iterable[str]:
    for key, name in kinds.items():
        value = resource.get(key)
        for one in value if isinstance(value, list) else [value]:
            said = _in_words(one)
            if said:
                yield f"{name}: {said}"


def _in_words(value: object) -> str:
    given = mapping(value)
    if "summary" in given:
        return words(given["summary"])
    if "value" in given:
        return f"{given['value']} {plain(given.get('unit')) or plain(given.get('code'))}".strip()
    return plain(value) or words(value)


def _routes(resource: Item) -> Iterable[str]:
    for key in ("dosage", "dosageInstruction"):
        given = resource.get(key)
        for one in given if isinstance(given, list) else [given]:
            route = words(mapping(one).get("route"))
            if route:
                yield f"route: {route}"


def _last(times: Iterable[Time]) -> Time | None:
    """The latest of some dates."""
    last: Time | None = None
    for time in times:
        if time.date and (last is None or time.is_after(last)):
            last = time
    return last
