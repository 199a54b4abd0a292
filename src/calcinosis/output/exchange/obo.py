"""The ontology as OBO 1.4, for tools of the OBO world."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from calcinosis import names
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

SYNONYMS: Final = (
    "Every alternative label is an EXACT synonym: cases are read as if it were the label. A NARROW"
    " one names a kind of the term that has no class of its own; a BROAD one is asked about."
    " RELATED is a word of several meanings, and of a class of cases the words for what these have."
)
CLAIMS: Final = (
    "A claim is a property_value of the term that it is about; its qualifiers hold the rest of it."
)
_QUOTED: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "", "\t": "\\t"})
_BARE: Final = str.maketrans(
    {"\\": "\\\\", "\n": " ", "\r": "", "\t": " ", "{": "\\{", "}": "\\}", "!": "\\!", '"': '\\"'}
)
_IN_ID: Final = str.maketrans({sign: f"\\{sign}" for sign in '\\,[]{}" :'})
_SHORT: Final = {names.OBO_IN_OWL: "", names.CC: "calcinosis:"}


def write(selection: Selection) -> Files:
    """One OBO file."""
    frames = Frames(selection)
    return {"calcinosis.obo": ("\n".join([*lines, ""]).encode() for lines in _stanzas(frames))}


def identifier(iri: str) -> str:
    """One of our IRIs as it is, or one of a known vocabulary as an OBO identifier.

    The OWL API takes a short form for one of purl.obolibrary.org, whatever ``idspace`` says.

    >>> identifier("https://w3id.org/calcinosis/hasFinding")
    'https://w3id.org/calcinosis/hasFinding'
    """
    for prefix, base in () if iri.startswith(names.CC) else names.PREFIXES.items():
        if iri.startswith(base):
            return f"{prefix}:{_local(iri.removeprefix(base))}"
    return iri


def _local(text: str) -> str:
    return text.translate(_IN_ID)


def _xref(curie: str) -> str:
    """A CURIE or URL as an identifier."""
    prefix, _, local = curie.partition(":")
    return curie if local.startswith("//") else f"{prefix}:{_local(local)}"


def _stanzas(frames: Frames) -> Iterator[list[str]]:
    yield list(_header(frames))
    labels = {frame.iri: frame.label for frame in (*frames.classes, *frames.relations)}
    for frame in frames.classes:
        yield ["", "[Term]", *_frame(frame, labels)]
    for frame in frames.relations:
        transitive = ["is_transitive: true"] if frame.iri == names.PART_OF else []
        yield ["", "[Typedef]", *_frame(frame, labels), *transitive]
    for frame in frames.notes:
        yield ["", "[Typedef]", *_frame(frame, labels), "is_metadata_tag: true"]


def _header(frames: Frames) -> Iterator[str]:
    yield "format-version: 1.4"
    if version := frames.header(names.OWL + "versionInfo"):
        yield f"data-version: {version}"
    yield f"idspace: calcinosis {names.CC}"
    used = {match.curie.partition(":")[0] for frame in frames.classes for match in frame.matches}
    for prefix in sorted(used & frames.content.prefixes.keys()):
        yield f"idspace: {prefix} {frames.content.prefixes[prefix]}"
    yield "default-namespace: calcinosis"
    said = (
        *(frames.header(names.DCTERMS + word) for word in ("title", "description")),
        frames.header(names.RDFS + "comment"),
        *(SYNONYMS, CLAIMS),
        *frames.losses,
    )
    yield from (f"remark: {_bare(text)}" for text in said if text)
    part = frames.content.header.removeprefix(names.ONTOLOGY)
    yield f"ontology: calcinosis{part}"
    license_ = frames.header(names.DCTERMS + "license")
    if license_:
        yield f"property_value: {names.DCTERMS}license {license_}"


def _frame(frame: Frame, labels: Mapping[str, str]) -> Iterator[str]:
    yield f"id: {identifier(frame.iri)}"
    yield f"name: {_bare(frame.label)}"
    if frame.definition:
        yield f"def: {_quoted(frame.definition)} [{', '.join(map(_xref, frame.sources))}]"
    yield from (f"synonym: {_quoted(synonym)} EXACT []" for synonym in frame.synonyms)
    yield from (f"synonym: {_quoted(word)} {scope} []" for scope, word in frame.scoped)
    yield from map(_match, frame.matches)
    yield from map(_claim, frame.claims)
    for link in frame.parents:
        yield f"is_a: {_link(link)} ! {_bare(labels.get(link.target, link.target))}"
    ways = ((names.PART_OF, frame.wholes), (names.HAS_PART, frame.pieces))
    for way, link in ((way, link) for way, links in ways for link in links):
        name = _bare(labels.get(link.target, link.target))
        yield f"relationship: {identifier(way)} {_link(link)} ! {name}"
    yield from _defined(frame)
    yield from (f"disjoint_from: {_link(link)}" for link in frame.disjoint)
    if frame.obsolete:
        yield "is_obsolete: true"
    yield from (f"replaced_by: {identifier(iri)}" for iri in frame.replaced_by)
    yield from (f"consider: {identifier(iri)}" for iri in frame.consider)


def _match(match: Match) -> str:
    label = f" {_quoted(match.label)}" if match.label else ""
    details = (("sssom:predicate_id", f"skos:{_last(match.relation)}"), *match.details)
    return f"xref: {_xref(match.curie)}{label}{_details(details)}"


def _claim(claim: ClaimAnnotation) -> str:
    details = ((names.CC + "association", claim.iri), *claim.details)
    value = f"{identifier(STATEMENT)} {_quoted(claim.statement)} xsd:string"
    return f"property_value: {value}{_details(details)}"


def _defined(frame: Frame) -> Iterator[str]:
    yield from (f"intersection_of: {identifier(genus)}" for genus in frame.genera)
    for relation, filler in frame.differentiae:
        yield f"intersection_of: {identifier(relation)} {identifier(filler)}"
    yield from (f"union_of: {identifier(part)}" for part in frame.union)


def _link(link: Link) -> str:
    return f"{identifier(link.target)}{_details(link.details)}"


def _details(details: Iterable[Detail]) -> str:
    found = [f"{_key(key)}={_quoted(_value(value))}" for key, value in details]
    return f" {{{', '.join(found)}}}" if found else ""


def _key(iri: str) -> str:
    for base, prefix in _SHORT.items():
        if iri.startswith(base):
            return prefix + iri.removeprefix(base)
    for prefix, base in (("sssom", names.SSSOM), *names.PREFIXES.items()):
        if iri.startswith(base):
            return f"{prefix}:{iri.removeprefix(base)}"
    return iri


def _value(value: str) -> str:
    """An IRI of a vocabulary that we name in short form; another value as it is."""
    for prefix, base in (
        ("calcinosis", names.CC),
        ("semapv", names.SEMAPV),
        *names.PREFIXES.items(),
    ):
        if value.startswith(base) and not re.search(r"\s", value):
            return f"{prefix}:{value.removeprefix(base)}"
    return value


def _last(iri: str) -> str:
    return re.split(r"[#/]", iri)[-1]


def _quoted(text: str) -> str:
    return f'"{text.translate(_QUOTED)}"'


def _bare(text: str) -> str:
    return text.translate(_BARE).strip()


WRITERS: Final[Mapping[str, Writer]] = {"obo": write}
