"""The parts of a phenopacket: quantities, times, notes and variants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from calcinosis.facts.records.codings import Coding, ontology_class, plain, words
from calcinosis.facts.records.stated import Measured
from calcinosis.facts.records.times import Time, aged, dated
from calcinosis.facts.records.units import ucum
from calcinosis.facts.records.words import PRESENCE_WORDS, items, mapping, shown

Item = Mapping[str, Any]


# -- measured values -------------------------------------------------------------------


def quantified(base: Measured, quantity: Item) -> Measured:
    """A measurement with the value, unit and range of a quantity."""
    value = quantity.get("value")
    unit = ontology_class(quantity.get("unit"))
    units = () if unit is None else _spellings(unit)
    given = mapping(quantity.get("referenceRange"))
    interval = None
    if given:
        other = ontology_class(given.get("unit"))
        same = other is None or unit is None or _spellings(other) == units
        interval = (given.get("low"), given.get("high")) if same else ("in", "another unit")
    said = f"{shown(value)} {units[0] if units else ''}".strip() if value is not None else ""
    return replace(base, value=value, units=units, interval=interval, said=said)


def _spellings(unit: Coding) -> tuple[str, ...]:
    """How a unit may be spelt: its UCUM code, else its name, else what its words come to."""
    local = unit.id.partition(":")[2] if unit.id.upper().startswith("UCUM:") else ""
    found = (local, ucum(unit.label), unit.label, unit.id)
    return tuple(dict.fromkeys(filter(None, found)))


def answered(base: Measured, answer: Coding | None) -> Measured:
    """A measurement whose value is a code: a level, a presence, or what was seen."""
    if answer is None:
        return base
    label = answer.label.casefold()
    return replace(
        base,
        answers=(answer,),
        words=(answer.label,),
        present=PRESENCE_WORDS.get(label),
        said=answer.label or answer.id,
    )


# -- parts -----------------------------------------------------------------------------


def time(value: object) -> Time | None:
    """A TimeElement: an age, the start of a range of ages or dates, or a timestamp."""
    if not value:
        return None
    stated = mapping(value)
    found = stated.get("age")
    if found is not None:
        return aged(mapping(found).get("iso8601duration") if isinstance(found, dict) else found)
    if "iso8601duration" in stated:
        return aged(stated["iso8601duration"])
    given = stated.get("timestamp") or mapping(stated.get("interval")).get("start")
    return dated(given or value)


def said_time(value: object) -> str:
    """A TimeElement in words."""
    stated = mapping(value)
    found = words(stated.get("ontologyClass"))
    if found:
        return found
    span = mapping(stated.get("ageRange"))
    ends = [time({"age": span.get(end)}) for end in ("start", "end") if end in span]
    if len(ends) == 2 and all(ends):
        return " to ".join(end.words for end in ends if end)
    found_time = time(value)
    return found_time.words if found_time is not None else shown(value)


def noted(item: Item, kinds: Mapping[str, str]) -> Iterator[str]:
    """The notes that an item holds, each with what it is."""
    for key, name in kinds.items():
        value = item.get(key)
        if not value:
            continue
        several = value if isinstance(value, list) else [value]
        said = ", ".join(filter(None, map(_in_words, several)))
        if said:
            yield f"{name}: {said}" if name else said


def _in_words(value: object) -> str:
    if isinstance(value, dict) and "code" in value:
        return words(value["code"])
    return words(value) or (said_time(value) if isinstance(value, dict) else shown(value))


def variant(item: Item) -> str:
    """A genomic interpretation in words: its genes or its variant, and its status."""
    told_of = mapping(item.get("variantInterpretation"))
    described = mapping(told_of.get("variationDescriptor"))
    genes = (mapping(item.get("gene")), mapping(described.get("geneContext")))
    told = [plain(gene.get("symbol")) or plain(gene.get("valueId")) for gene in genes]
    told += [plain(one.get("value")) for one in items(described.get("expressions"))[:1]]
    told += [plain(described.get("label")), plain(item.get("interpretationStatus"))]
    told += [plain(told_of.get("acmgPathogenicityClassification"))]
    return ", ".join(dict.fromkeys(filter(None, told))) or "a genomic interpretation"


def is_named(value: object) -> bool:
    """Whether a value is an identifier."""
    return isinstance(value, str | int) and bool(str(value).strip())
