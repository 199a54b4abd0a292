"""What a package says of itself: its files, what they were made of, and their descriptions.

``dataset.ttl`` describes the files in VoID and DCAT; ``ro-crate-metadata.json`` as RO-Crate 1.1.
Nothing is said of when a package was written, unless SOURCE_DATE_EPOCH says when.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from calcinosis import __version__, names
from calcinosis.errors import UsageError
from calcinosis.graph.triples import Triples
from calcinosis.output.selection import Selection

VOCABULARIES: Final = "LICENSE-data"  # the file with the terms of others' codes and names
MAKERS: Final = "The calcinosis developers"
METADATA: Final = "ro-crate-metadata.json"
_IANA: Final = "https://www.iana.org/assignments/media-types/"
_RDF: Final = {
    "text/turtle": RdfFormat.TURTLE,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
CSL: Final = "application/vnd.citationstyles.csl+json"
_PREFIXES: Final = {
    "rdf": names.RDF,
    "xsd": names.XSD,
    "dcterms": names.DCTERMS,
    "foaf": names.FOAF,
    "owl": names.OWL,
    "void": "http://rdfs.org/ns/void#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "prov": "http://www.w3.org/ns/prov#",
    "spdx": "http://spdx.org/rdf/terms#",
}

Entity = dict[str, Any]


@dataclass(frozen=True)
class File:
    """One file of a package."""

    name: str
    purpose: str
    media_type: str
    content: bytes
    licences: tuple[str, ...] = (names.LICENCE,)

    @cached_property
    def sha256(self) -> str:
        """Its checksum."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def counts(self) -> dict[str, int] | None:
        """Of an RDF file what VoID counts; None of another."""
        if self.media_type not in _RDF:
            return None
        triples = self._triples
        return {
            "triples": len(triples),
            "distinctSubjects": len({s for s, _, _ in triples}),
            "distinctObjects": len({o for _, _, o in triples}),
            "properties": len({p for _, p, _ in triples}),
            "classes": len({o for _, p, o in triples if p.value == names.TYPE}),
        }

    def described(self, base: str) -> set[str]:
        """The names, after ``base``, of what an RDF file describes; nothing of another file."""
        found = {s.value for s, _, _ in self._triples if isinstance(s, NamedNode)}
        return {iri.removeprefix(base) for iri in found if iri.startswith(base)}

    @cached_property
    def _triples(self) -> set[tuple[Any, Any, Any]]:
        form = _RDF.get(self.media_type)
        quads = () if form is None else parse(self.content, format=form)
        return {(q.subject, q.predicate, q.object) for q in quads}


@dataclass(frozen=True)
class Origin:
    """What a package was made of and by."""

    title: str
    about: str
    version: str
    issued: str
    asked_for: str
    viewpoint: str
    left_out: str
    laid: str
    made: str

    @classmethod
    def of(cls, selection: Selection) -> Origin:
        """The origin of a selection; UsageError if SOURCE_DATE_EPOCH is no number."""
        ontology = selection.ontology
        root = Triples()
        root.read(ontology.folder / "calcinosis.ttl")
        about = root.text(names.ONTOLOGY, names.DCTERMS + "description") or ""
        return cls(
            f"Calcinosis knowledge graph: {selection.asked_for}",
            f"{about.partition('. ')[0].rstrip('.')}.",
            ontology.version,
            (root.text(names.ONTOLOGY, names.DCTERMS + "issued") or "")[:10],
            selection.asked_for,
            ontology.viewpoint,
            ontology.left_out_words or "nothing",
            ontology.overlay_words,
            _made(),
        )


def _made() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return ""
    try:
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"{epoch!r} is no number of seconds", "SOURCE_DATE_EPOCH", "Set it right, or unset it"
        ) from error


# -- VoID and DCAT -----------------------------------------------------------------------


def dataset(files: Iterable[File], origin: Origin) -> str:
    """The files as a DCAT dataset, those in RDF also as VoID datasets, in Turtle."""
    files = tuple(files)
    graphs = [file for file in files if file.counts is not None]
    lines = [f"@prefix {prefix}: <{base}> ." for prefix, base in _PREFIXES.items()]
    lines += ["", "<#dataset> a dcat:Dataset ;", *_about(origin)]
    lines += [f"    void:subset <#{file.name}> ;" for file in graphs]
    links = " , ".join(f"<{file.name}#distribution>" for file in files)
    lines += [f"    dcat:distribution {links} .", ""]
    for file in files:
        lines += [*_distribution(file), ""]
    for file in graphs:
        lines += [*_void(file), ""]
    return "\n".join([*lines, *_run(origin), ""])


def _about(origin: Origin) -> Iterator[str]:
    version = _text(origin.version)
    yield f"    dcterms:title {_text(origin.title)}@en ;"
    yield f"    dcterms:description {_text(origin.about)}@en ;"
    yield f'    dcterms:issued "{origin.issued}"^^xsd:date ;'
    yield f"    dcterms:license <{names.LICENCE}> ; dcterms:rights <{VOCABULARIES}> ;"
    yield f"    dcterms:creator [ a foaf:Agent ; foaf:name {_text(MAKERS)} ] ;"
    yield f"    dcterms:publisher [ a foaf:Agent ; foaf:name {_text(MAKERS)} ] ;"
    yield f"    owl:versionInfo {version} ; dcat:version {version} ;"
    yield f"    prov:wasDerivedFrom <{names.ONTOLOGY}/{origin.version}> ;"
    yield "    prov:wasGeneratedBy <#run> ;"


def _distribution(file: File) -> Iterator[str]:
    yield f"<{file.name}#distribution> a dcat:Distribution ;"
    yield f"    dcterms:title {_text(file.name)} ;"
    yield f"    dcterms:description {_text(file.purpose)}@en ;"
    yield f"    dcterms:license {_licences(file)} ;"
    yield f"    dcat:downloadURL <{file.name}> ;"
    if not file.media_type.partition("/")[2].startswith("x-"):  # those are not registered
        yield f"    dcat:mediaType <{_IANA}{file.media_type}> ;"
    yield f"    dcat:byteSize {len(file.content)} ;"
    yield "    spdx:checksum [ a spdx:Checksum ; spdx:algorithm spdx:checksumAlgorithm_sha256 ;"
    yield f'        spdx:checksumValue "{file.sha256}"^^xsd:hexBinary ] .'


def _licences(file: File) -> str:
    return " , ".join(f"<{licence}>" for licence in file.licences)


def _void(file: File) -> Iterator[str]:
    yield f"<#{file.name}> a void:Dataset ;"
    yield f"    dcterms:title {_text(file.name)} ;"
    yield f"    dcterms:license {_licences(file)} ;"
    yield f'    void:uriSpace "{names.CC}" ;'
    for key, number in (file.counts or {}).items():
        yield f"    void:{key} {number} ;"
    yield f"    void:dataDump <{file.name}> ."


def _run(origin: Origin) -> Iterator[str]:
    yield "<#run> a prov:Activity ;"
    if origin.made:
        yield f'    prov:endedAtTime "{origin.made}"^^xsd:dateTime ;'
    yield f"    prov:used <{names.ONTOLOGY}/{origin.version}> ;"
    yield f"    dcterms:description {_text(_settings(origin))}@en ."


def _settings(origin: Origin) -> str:
    return (
        f"Written by calcinosis {__version__}. Asked for: {origin.asked_for}. "
        f"Viewpoint: {origin.viewpoint}. Left out: {origin.left_out}."
        f"{f' Made {origin.laid}.' if origin.laid else ''}"
    )


def _text(text: str) -> str:
    return str(Literal(text))


# -- RO-Crate ----------------------------------------------------------------------------


def crate(files: Iterable[File], origin: Origin) -> str:
    """The metadata file of the crate."""
    files = tuple(files)
    graph = [_descriptor(), _root(files, origin), *map(_file, files), *_context(origin)]
    context = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "http://schema.org/sha256"}]
    whole = {"@context": context, "@graph": graph}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _descriptor() -> Entity:
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }


def _root(files: Iterable[File], origin: Origin) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": origin.title,
        "description": origin.about,
        "datePublished": origin.issued,
        "version": origin.version,
        "license": {"@id": names.LICENCE},
        "author": {"@id": "#makers"},
        "publisher": {"@id": "#makers"},
        "hasPart": [{"@id": file.name} for file in files],
        "mentions": {"@id": "#run"},
    }


def _file(file: File) -> Entity:
    return {
        "@id": file.name,
        "@type": "File",
        "name": file.name.rpartition("/")[2],
        "description": file.purpose,
        "encodingFormat": file.media_type,
        "contentSize": str(len(file.content)),
        "sha256": file.sha256,
        "license": _links(file.licences),
    }


def _links(addresses: Iterable[str]) -> Entity | list[Entity]:
    found = [{"@id": address} for address in addresses]
    return found[0] if len(found) == 1 else found


def _context(origin: Origin) -> Iterator[Entity]:
    source = f"{names.ONTOLOGY}/{origin.version}"
    settings = {
        "asked for": origin.asked_for,
        "viewpoint": origin.viewpoint,
        "left out": origin.left_out,
        **({"laid over": origin.laid} if origin.laid else {}),
    }
    yield {"@id": "#makers", "@type": "Organization", "name": MAKERS, "url": names.CC}
    yield {
        "@id": names.LICENCE,
        "@type": "CreativeWork",
        "name": "CC BY 4.0",
        "description": "Creative Commons Attribution 4.0 International",
    }
    yield {
        "@id": "#program",
        "@type": "SoftwareApplication",
        "name": "calcinosis",
        "version": __version__,
        "url": names.CC,
    }
    yield {
        "@id": source,
        "@type": "CreativeWork",
        "name": "Calcinosis ontology",
        "version": origin.version,
        "license": {"@id": names.LICENCE},
    }
    run: Entity = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "Export",
        "description": _settings(origin),
        "instrument": {"@id": "#program"},
        "object": [{"@id": source}, *({"@id": _setting(key)} for key in settings)],
        "result": {"@id": "./"},
    }
    yield run | ({"endTime": origin.made} if origin.made else {})
    for key, value in settings.items():
        yield {"@id": _setting(key), "@type": "PropertyValue", "name": key, "value": value}


def _setting(key: str) -> str:
    return "#" + key.replace(" ", "-")


def files_of(
    parts: Mapping[str, Iterable[bytes]],
    folder: str,
    purpose: str,
    media_type: str,
    licences: tuple[str, ...],
) -> Iterator[File]:
    """The files of an export in a folder of the package."""
    for name, content in parts.items():
        kind = CSL if name == "references.json" else media_type
        yield File(f"{folder}/{name}", purpose, kind, b"".join(content), licences)
