"""The SSSOM files as a graph: skos matches to full IRIs, each annotated as its row says."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from calcinosis import names

_HEAD: Final = re.compile(r'^#\s*([\w.]+):\s+"?([^"\n]*)"?$')
_PREFIX: Final = re.compile(r'^#  ([\w.-]+): "(.*)"$')
_MATCH: Final = (
    f"{{subject}} {{predicate}} {{object}} .\n"
    f"{{axiom}} <{names.TYPE}> <{names.OWL}Axiom> ;"
    f" <{names.ANNOTATED_SOURCE}> {{subject}} ;"
    f" <{names.ANNOTATED_PROPERTY}> {{predicate}} ;"
    f" <{names.ANNOTATED_TARGET}> {{object}} ;"
    f" <{names.SSSOM}mapping_set_id> <{{set}}>"
)
_LITERALS: Final = {
    "object_id": names.SSSOM + "object_id",
    "object_label": names.SSSOM + "object_label",
    "object_source_version": names.SSSOM + "object_source_version",
    "comment": names.RDFS + "comment",
}


@dataclass(frozen=True)
class MappingSet:
    """One SSSOM file: its IRI, its header, the prefixes it uses, and its rows by column name."""

    iri: str
    head: dict[str, str]
    prefixes: dict[str, str]
    rows: tuple[dict[str, str], ...]


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
    rows = csv.DictReader(text[len(comments) :], delimiter="\t")
    iri = head.get("mapping_set_id") or path.as_uri()
    cells = tuple({k: v or "" for k, v in row.items()} for row in rows)
    return MappingSet(iri, head, prefixes, cells)


def turtle(mappings: MappingSet) -> str:
    """A match and its annotation for every row of a file, as Turtle without prefixes.

    Text is read by Oxigraph several times faster than it takes the same triples from Python.
    """
    lines = []
    for number, row in enumerate(mappings.rows):
        ends = {
            part: f"<{expanded(row[f'{part}_id'], mappings.prefixes)}>"
            for part in ("subject", "predicate", "object")
        }
        lines.append(_MATCH.format(axiom=f"_:m{number}", set=mappings.iri, **ends))
        lines += _annotations(row, mappings.prefixes)
        lines.append(" .\n")
    return "".join(lines)


def _annotations(row: dict[str, str], prefixes: dict[str, str]) -> Iterator[str]:
    for slot, predicate in _LITERALS.items():
        if row.get(slot):
            yield f" ; <{predicate}> {Literal(row[slot])}"
    if row.get("confidence"):
        number = Literal(row["confidence"], datatype=NamedNode(names.XSD + "decimal"))
        yield f" ; <{names.SSSOM}confidence> {number}"
    if row.get("mapping_justification"):
        reason = expanded(row["mapping_justification"], prefixes)
        yield f" ; <{names.SSSOM}mapping_justification> <{reason}>"


def expanded(curie: str, prefixes: dict[str, str]) -> str:
    """The IRI of a CURIE; what has no known prefix stays as it is.

    >>> expanded("HP:0025520", {"HP": "http://purl.obolibrary.org/obo/HP_"})
    'http://purl.obolibrary.org/obo/HP_0025520'
    """
    prefix, colon, rest = curie.partition(":")
    return prefixes[prefix] + rest if colon and prefix in prefixes else curie
