"""The SSSOM files as a graph: skos matches to full IRIs, each annotated as its row says."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from calcinosis import names
from calcinosis.errors import OntologyError

_HEAD: Final = re.compile(r'^#\s*([\w.]+):\s++"?([^"\n]*)"?$')
_PREFIX: Final = re.compile(r'^#  ([\w.-]+): "(.*)"$')
_AXIOM: Final = NamedNode(names.OWL + "Axiom")
_TYPE: Final = NamedNode(names.TYPE)
_PARTS: Final = {
    "subject_id": NamedNode(names.ANNOTATED_SOURCE),
    "predicate_id": NamedNode(names.ANNOTATED_PROPERTY),
    "object_id": NamedNode(names.ANNOTATED_TARGET),
}
_SET: Final = NamedNode(names.SSSOM + "mapping_set_id")
_CONFIDENCE: Final = NamedNode(names.SSSOM + "confidence")
_REASON: Final = NamedNode(names.SSSOM + "mapping_justification")
_DECIMAL: Final = NamedNode(names.XSD + "decimal")
_LITERALS: Final = {
    "object_id": NamedNode(names.SSSOM + "object_id"),
    "object_label": NamedNode(names.SSSOM + "object_label"),
    "object_source_version": NamedNode(names.SSSOM + "object_source_version"),
    "comment": NamedNode(names.RDFS + "comment"),
}


@dataclass(frozen=True)
class MappingSet:
    """One SSSOM file: its IRI, its header, the prefixes it uses, and its rows by column name.

    ``lines`` are those of the file at which the rows end.
    """

    iri: str
    head: dict[str, str]
    prefixes: dict[str, str]
    rows: tuple[dict[str, str], ...]
    path: Path
    lines: tuple[int, ...]


def files(folder: Path) -> list[Path]:
    """The SSSOM files of an ontology folder, in order of their names."""
    return sorted((folder / "mappings").glob("*.sssom.tsv"))


def sets(folder: Path) -> Iterator[MappingSet]:
    """The SSSOM files of an ontology folder, read one at a time."""
    return map(read, files(folder))


def prefixes(folder: Path) -> dict[str, str]:
    """The prefixes of the vocabularies that an ontology folder maps to."""
    found: dict[str, str] = {}
    for one in sets(folder):
        found |= one.prefixes
    return found


def read(path: Path) -> MappingSet:
    """One SSSOM file as it stands; what its rows say is not checked here."""
    head: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        text = lines.read().splitlines()
    comments = [line for line in text if line.startswith("#")]
    for line in comments:
        if match := _PREFIX.match(line):
            prefixes[match.group(1)] = match.group(2)
        elif match := _HEAD.match(line):
            head[match.group(1)] = match.group(2)
    rows = csv.DictReader(text[len(comments) :], delimiter="\t", strict=True)
    iri = head.get("mapping_set_id") or path.as_uri()
    cells: list[dict[str, str]] = []
    ends: list[int] = []
    try:
        for row in rows:
            cells.append({k: v or "" for k, v in row.items()})
            ends.append(len(comments) + rows.line_num)
    except csv.Error as error:
        raise _fault(path, len(comments) + rows.reader.line_num, str(error)) from error
    return MappingSet(iri, head, prefixes, tuple(cells), path, tuple(ends))


def triples(mappings: MappingSet) -> Iterator[Triple]:
    """A match and its annotation for every row of a file.

    OntologyError for a cell that should be an IRI and is none.
    """
    for line, row in zip(mappings.lines, mappings.rows, strict=True):
        try:
            yield from _match(row, mappings)
        except KeyError as error:
            raise _fault(mappings.path, line, f"there is no column {error}") from error
        except ValueError as error:
            raise _fault(mappings.path, line, f"a cell is no IRI: {error}") from error


def _match(row: dict[str, str], mappings: MappingSet) -> Iterator[Triple]:
    known = mappings.prefixes
    subject, predicate, target = (NamedNode(expanded(row[part], known)) for part in _PARTS)
    axiom = BlankNode()
    yield Triple(subject, predicate, target)
    yield Triple(axiom, _TYPE, _AXIOM)
    for relation, end in zip(_PARTS.values(), (subject, predicate, target), strict=True):
        yield Triple(axiom, relation, end)
    yield Triple(axiom, _SET, NamedNode(mappings.iri))
    for slot, relation in _LITERALS.items():
        if row.get(slot):
            yield Triple(axiom, relation, Literal(row[slot]))
    if row.get("confidence"):
        yield Triple(axiom, _CONFIDENCE, Literal(row["confidence"], datatype=_DECIMAL))
    if row.get("mapping_justification"):
        yield Triple(axiom, _REASON, NamedNode(expanded(row["mapping_justification"], known)))


def _fault(path: Path, line: int, what: str) -> OntologyError:
    cure = "Mend the line, or restore the file from the repository"
    return OntologyError(what, f"{path}, line {line}", cure)


def expanded(curie: str, prefixes: dict[str, str]) -> str:
    """The IRI of a CURIE; what has no known prefix stays as it is.

    >>> expanded("HP:0025520", {"HP": "http://purl.obolibrary.org/obo/HP_"})
    'http://purl.obolibrary.org/obo/HP_0025520'
    """
    prefix, colon, rest = curie.partition(":")
    return prefixes[prefix] + rest if colon and prefix in prefixes else curie
