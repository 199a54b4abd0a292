"""Observations of FHIR R4: value, unit, range, interpretation, and their components."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from calcinosis.facts.case import Level
from calcinosis.facts.records.codings import Coding, concept, plain, system_of, words
from calcinosis.facts.records.stated import Measured
from calcinosis.facts.records.times import Time, dated
from calcinosis.facts.records.units import ucum
from calcinosis.facts.records.words import (
    PRESENCE_WORDS,
    items,
    mapping,
    shown,
)

Item = Mapping[str, Any]

_LEVELS: Final[Mapping[str, Level]] = {
    **dict.fromkeys(("H", "HH", "HU", "H>", ">"), "high"),
    **dict.fromkeys(("L", "LL", "LU", "L<", "<"), "low"),
    "N": "normal",
}
_PRESENT: Final = {
    **dict.fromkeys(("POS", "DET", "RR", "WR"), True),
    **dict.fromkeys(("NEG", "ND", "NR"), False),
}
_PRESENT_CODES: Final = {
    "SNOMEDCT:52101004": True,
    "SNOMEDCT:10828004": True,
    "SNOMEDCT:2667000": False,
    "SNOMEDCT:260385009": False,
    "LOINC:LA9633-4": True,
    "LOINC:LA9634-2": False,
    "LOINC:LA33-6": True,
    "LOINC:LA32-8": False,
    "LOINC:LA6576-8": True,
    "LOINC:LA6577-6": False,
}
_NUMBER: Final = re.compile(r"([<>]=?|[≤≥])?\s*(\d+(?:\.\d+)?)\s*([^\d\s].{0,30})?\Z")
_VALUES: Final = (
    "valueQuantity", "valueCodeableConcept", "valueString", "valueBoolean", "valueInteger",
    "valueRange", "valueRatio", "valueSampledData", "valueTime", "valueDateTime", "valuePeriod",
)  # fmt: skip
OBSERVED: Final = (
    *_VALUES, "code", "interpretation", "referenceRange", "component", "dataAbsentReason",
    "hasMember", "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued", "status",
    "bodySite", "category",
)  # fmt: skip
"""The fields of an Observation that are read."""


def observed(resource: Item, at: str) -> Iterator[Measured]:
    """What an Observation says: of itself, and of each of its components; or of neither."""
    time = taken(resource)
    notes = tuple(f"site: {site}" for site in [words(resource.get("bodySite"))] if site)
    if resource.get("status") == "preliminary":
        notes = (*notes, "preliminary")
    parts = items(resource.get("component"))
    if not parts or any(key in resource for key in _VALUES):
        yield _one(resource, at, time, notes)
    for number, part in enumerate(parts):
        yield _one(part, f"{at}.component[{number}]", time, notes)


def taken(resource: Item) -> Time | None:
    """When something was observed."""
    period = mapping(resource.get("effectivePeriod"))
    given = (
        resource.get("effectiveDateTime"),
        resource.get("effectiveInstant"),
        period.get("end"),
        period.get("start"),
        resource.get("issued"),
    )
    return next((time for time in map(dated, given) if time is not None), None)


def is_panel(resource: Item) -> bool:
    """Whether an Observation only gathers others."""
    has_own = any(key in resource for key in (*_VALUES, "component"))
    return not has_own and bool(resource.get("hasMember"))


def _one(item: Item, at: str, time: Time | None, notes: tuple[str, ...]) -> Measured:
    codings, text = concept(item.get("code"))
    absent = words(item.get("dataAbsentReason"))
    if absent:
        notes = (*notes, f"no value: {absent}")
    level, present, said = _interpreted(item.get("interpretation"))
    base = Measured(at, codings, text, time=time, level=level, present=present)
    told = tuple(f"interpretation: {one}" for one in said)
    base = replace(base, notes=(*notes, *told), words=tuple(said))
    key = next((key for key in _VALUES if key in item), "")
    if not key:
        return base
    found = _read(base, key, item[key])
    return _with_range(found, item.get("referenceRange"))


def _read(base: Measured, key: str, value: object) -> Measured:
    if key == "valueQuantity" and isinstance(value, dict):
        return _quantity(base, value)
    if key == "valueCodeableConcept":
        return _concept(base, value)
    if key == "valueBoolean" and isinstance(value, bool):
        return replace(base, present=value, said=str(value).lower())
    if key == "valueString" and isinstance(value, str):
        return _text(base, value)
    if key == "valueInteger":
        return replace(base, value=value, said=shown(value))
    return replace(base, said=shown(value))


def _quantity(base: Measured, quantity: Item) -> Measured:
    value, sign = quantity.get("value"), plain(quantity.get("comparator"))
    units = _units(quantity)
    if value is None:
        return replace(base, units=units)
    if sign:
        value = f"{sign}{value}"
    return replace(base, value=value, units=units, said=f"{value} {units[0] if units else ''}")


def _units(quantity: Item) -> tuple[str, ...]:
    code, unit = plain(quantity.get("code")), plain(quantity.get("unit"))
    is_ucum = not quantity.get("system") or system_of(quantity.get("system")) == "UCUM"
    found = (code if is_ucum else "", unit, ucum(unit), code)
    return tuple(dict.fromkeys(filter(None, found)))


def _concept(base: Measured, value: object) -> Measured:
    codings, text = concept(value)
    said = text or next((one.label or one.id for one in codings), "")
    answers = codings or ((Coding("", text),) if text else ())
    names = [said.casefold(), *(one.label.casefold() for one in codings)]
    coded = (_PRESENT_CODES.get(one.id) for one in codings)
    worded = (PRESENCE_WORDS.get(_bare(name)) for name in names)
    known = [one for one in (*coded, *worded) if one is not None]
    return replace(
        base,
        answers=answers,
        present=known[0] if known else base.present,
        words=(*map(_bare, names), *base.words),
        said=said,
    )


def _bare(label: str) -> str:
    """A label without the tag of SNOMED CT, as in ``Present (qualifier value)``."""
    return re.sub(r"\s*\([^()]*\)\Z", "", label)


def _text(base: Measured, text: str) -> Measured:
    match = _NUMBER.match(text.strip())
    if match is not None:
        sign, number, unit = match.groups()
        value: object = f"{sign}{number}" if sign else float(number)
        units = (unit.strip(),) if unit and unit.strip() else ()
        return replace(base, value=value, units=units, said=text.strip())
    word = text.strip().casefold()
    present = PRESENCE_WORDS.get(word, base.present)
    return replace(base, said=shown(text.strip()), present=present, words=(word, *base.words))


def _interpreted(value: object) -> tuple[Level | None, bool | None, list[str]]:
    """The level and the presence that interpretations say; and in words what else they say."""
    level: Level | None = None
    present: bool | None = None
    others: list[str] = []
    for one in value if isinstance(value, list) else [value]:
        codings, text = concept(one)
        codes = [coding.given.rpartition("|")[2] for coding in codings] or [text]
        found = next((_LEVELS[code] for code in codes if code in _LEVELS), None)
        there = next((_PRESENT[code] for code in codes if code in _PRESENT), None)
        level, present = level or found, there if present is None else present
        if found is None and there is None and words(one):
            others.append(words(one))
    return level, present, others


def _with_range(found: Measured, value: object) -> Measured:
    """The value with the range that is meant for it; one in words is noted."""
    given = [one for one in items(value) if one.get("low") or one.get("high")]
    if not given:
        said = next((plain(one.get("text")) for one in items(value)), "")
        return replace(found, notes=(*found.notes, f"reference range: {said}")) if said else found
    normal = [one for one in given if _is_normal(one)]
    if len(normal) != 1:
        told = f"{len(given)} reference ranges, none of them used"
        return replace(found, notes=(*found.notes, told))
    low, high = (mapping(normal[0].get(end)) for end in ("low", "high"))
    units = {unit for end in (low, high) for unit in _units(end)}
    if units and found.units and units.isdisjoint(found.units):
        return replace(found, interval=("in", "another unit"))
    return replace(found, interval=(low.get("value"), high.get("value")))


def _is_normal(one: Item) -> bool:
    codings, text = concept(one.get("type"))
    codes = {coding.given.rpartition("|")[2] for coding in codings}
    return not (codings or text) or "normal" in codes or text.casefold() == "normal range"
