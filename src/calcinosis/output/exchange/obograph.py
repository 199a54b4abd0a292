"""The ontology as OBO Graphs JSON, for programs that want terms and edges without OWL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from calcinosis import names
from calcinosis.output.exchange.obo import CLAIMS, SYNONYMS
from calcinosis.output.exchange.obo_frames import (
    STATEMENT,
    ClaimAnnotation,
    Detail,
    Frame,
    Frames,
    Link,
    Match,
)
from calcinosis.output.selection import Files, Selection, Writer

_LOSS: Final = (
    "Left out of this format, though OBO has them: unions, and pairs of classes that exclude"
    " each other."
)


def write(selection: Selection) -> Files:
    """One JSON file with one graph."""
    return {"calcinosis.json": _document(Frames(selection))}


def _document(frames: Frames) -> Iterator[bytes]:
    graph = {
        "id": frames.content.header,
        "meta": _about(frames),
        "nodes": [
            *(_node(frame, "CLASS") for frame in frames.classes),
            *(_node(frame, "PROPERTY", "OBJECT") for frame in frames.relations),
            *(_node(frame, "PROPERTY", "ANNOTATION") for frame in frames.notes),
        ],
        "edges": [
            *(_edge(frame, link, "is_a") for frame in frames.classes for link in frame.parents),
            *(_edge(f, link, names.PART_OF) for f in frames.classes for link in f.wholes),
            *(_edge(f, link, names.HAS_PART) for f in frames.classes for link in f.pieces),
            *(_edge(f, link, "subPropertyOf") for f in frames.relations for link in f.parents),
        ],
        "logicalDefinitionAxioms": [_defined(f) for f in frames.classes if f.genera],
    }
    text = json.dumps({"graphs": [graph]}, ensure_ascii=False, indent=1)
    yield f"{text}\n".encode()


def _about(frames: Frames) -> dict[str, Any]:
    words = (names.DCTERMS + "title", names.DCTERMS + "description", names.DCTERMS + "license")
    said = [(word, frames.header(word)) for word in (*words, names.OWL + "versionInfo")]
    release = frames.header(names.OWL + "versionIRI")
    remarks = (SYNONYMS, CLAIMS.replace("property_value", "basicPropertyValue"), *frames.losses)
    comments = [frames.header(names.RDFS + "comment"), *remarks, _LOSS]
    return {
        **({"version": release} if release else {}),
        "comments": [comment for comment in comments if comment],
        "basicPropertyValues": _values((key, value) for key, value in said if value),
    }


def _node(frame: Frame, kind: str, of: str = "") -> dict[str, Any]:
    node: dict[str, Any] = {"id": frame.iri, "lbl": frame.label, "type": kind}
    if of:
        node["propertyType"] = of
    meta: dict[str, Any] = {}
    if frame.definition:
        meta["definition"] = {"val": frame.definition, "xrefs": list(frame.sources)}
    scoped = (*(("EXACT", word) for word in frame.synonyms), *frame.scoped)
    if synonyms := [{"pred": f"has{s.capitalize()}Synonym", "val": word} for s, word in scoped]:
        meta["synonyms"] = synonyms
    if frame.matches:
        meta["xrefs"] = [{"val": match.curie} for match in frame.matches]
    if frame.obsolete:
        meta["deprecated"] = True
    values = [*map(_match, frame.matches), *map(_claim, frame.claims)]
    values += [_value(names.REPLACED_BY, iri) for iri in frame.replaced_by]
    values += [_value(names.CONSIDER, iri) for iri in frame.consider]
    if values:
        meta["basicPropertyValues"] = values
    return {**node, "meta": meta} if meta else node


def _match(match: Match) -> dict[str, Any]:
    label = ((names.SSSOM + "object_label", match.label),) if match.label else ()
    return _value(match.relation, match.iri, (*label, *match.details))


def _claim(claim: ClaimAnnotation) -> dict[str, Any]:
    details = ((names.CC + "association", claim.iri), *claim.details)
    found = _value(STATEMENT, claim.statement, details)
    return {**found, "xrefs": list(claim.sources)} if claim.sources else found


def _edge(frame: Frame, link: Link, predicate: str) -> dict[str, Any]:
    return {"sub": frame.iri, "pred": predicate, "obj": link.target, **_meta(link.details)}


def _defined(frame: Frame) -> dict[str, Any]:
    return {
        "definedClassId": frame.iri,
        "genusIds": list(frame.genera),
        "restrictions": [{"propertyId": p, "fillerId": f} for p, f in frame.differentiae],
    }


def _value(predicate: str, value: str, details: Iterable[Detail] = ()) -> dict[str, Any]:
    return {"pred": predicate, "val": value, **_meta(details)}


def _meta(details: Iterable[Detail]) -> dict[str, Any]:
    found = _values(details)
    return {"meta": {"basicPropertyValues": found}} if found else {}


def _values(details: Iterable[Detail]) -> list[dict[str, Any]]:
    return [{"pred": key, "val": value} for key, value in details]


WRITERS: Final[Mapping[str, Writer]] = {"obograph": write}
