"""Checks of the files themselves: headers, imports, catalogue, form, derived parts, trace."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from pyoxigraph import Literal, NamedNode, Store

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph import mapped
from calcinosis.graph.manifest import CATALOG
from calcinosis.release.canonical import restore
from calcinosis.release.derive import ROLES, derive
from calcinosis.release.finding import ERROR, Finding, of_error
from calcinosis.release.rules import module

TRACE: Final = "trace.tsv"
_TRACED: Final = {f"E{n:03}" for n in range(1, 181)} | {f"C{n:03}" for n in range(1, 87)}
_OWL: Final = names.OWL


def _fault(rule: str, subject: str, what: str, cure: str) -> Finding:
    return Finding(ERROR, rule, subject, what, cure)


def _objects(store: Store, subject: str, predicate: str) -> set[str]:
    node, verb = NamedNode(subject), NamedNode(predicate)
    found = (q.object for q in store.quads_for_pattern(node, verb, None, None))
    return {term.value for term in found if isinstance(term, NamedNode)}


def header_findings(store: Store, folder: Path, files: Collection[Path]) -> Iterator[Finding]:
    """Modules whose header does not name them as the catalogue will."""
    verb, ontology = NamedNode(names.TYPE), NamedNode(_OWL + "Ontology")
    for path in files:
        iri = module(folder, path)
        quads = store.quads_for_pattern(None, verb, ontology, NamedNode(iri))
        declared = {q.subject.value for q in quads if isinstance(q.subject, NamedNode)}
        if declared != {iri}:
            what = f"the header of the module is not <{iri}>"
            yield _fault("module_header", path.name, what, "Declare exactly this owl:Ontology")


def import_findings(store: Store, folder: Path, files: Collection[Path]) -> Iterator[Finding]:
    """Differences between the imports of the root and the modules that are there."""
    rest = {module(folder, p) for p in files if p.parent == folder} - {names.ONTOLOGY}
    wanted = rest | {f"{names.ONTOLOGY}/viewpoints/{names.DEFAULT_VIEWPOINT}"}
    stated = _objects(store, names.ONTOLOGY, _OWL + "imports")
    for iri in sorted(wanted - stated):
        what = f"the root does not import {names.local(iri)}"
        yield _fault("root_imports", "calcinosis.ttl", what, f"Add owl:imports <{iri}>")
    for iri in sorted(stated - wanted):
        what = f"the root imports {names.local(iri)}, which is not there"
        yield _fault("root_imports", "calcinosis.ttl", what, f"Remove owl:imports <{iri}>")
    versions = _objects(store, names.ONTOLOGY, _OWL + "versionIRI")
    info = NamedNode(_OWL + "versionInfo")
    quads = store.quads_for_pattern(NamedNode(names.ONTOLOGY), info, None, None)
    numbers = {q.object.value for q in quads if isinstance(q.object, Literal)}
    if versions != {f"{names.ONTOLOGY}/{number}" for number in numbers}:
        what = "owl:versionIRI and owl:versionInfo do not agree"
        yield _fault("root_version", "calcinosis.ttl", what, "End the IRI in the version")


def catalog_findings(store: Store, folder: Path, files: Collection[Path]) -> Iterator[Finding]:
    """Differences between the catalogue and the files of the ontology that are there."""
    wanted = {module(folder, p): p.relative_to(folder).as_posix() for p in files}
    for version in _objects(store, names.ONTOLOGY, _OWL + "versionIRI"):
        wanted[version] = "calcinosis.ttl"
    further = (*folder.glob("*.sssom.tsv"), *(folder / "shapes").glob("*.ttl"))
    for path in (*mapped.files(folder), *further):
        name = path.relative_to(folder).as_posix()
        wanted[names.CC + name.partition(".")[0]] = name
    try:
        root = ElementTree.parse(folder / CATALOG).getroot()  # noqa: S314 (a file of the release)
    except (OSError, ElementTree.ParseError) as error:
        yield _fault("catalog", CATALOG, f"it cannot be read ({error})", "Restore the file")
        return
    entries = [node.attrib for node in root.iter() if node.tag.endswith("}uri")]
    stated = {entry.get("name", ""): entry.get("uri", "") for entry in entries}
    for iri, file in sorted(wanted.items() - stated.items()):
        yield _fault("catalog", CATALOG, f"{iri} at {file} is missing", "Add the entry")
    for iri, file in sorted(stated.items() - wanted.items()):
        yield _fault("catalog", CATALOG, f"{iri} is not at {file}", "Remove the entry")


def form_findings(files: Collection[Path]) -> Iterator[Finding]:
    """Files that are not in canonical form."""
    for path in files:
        try:
            differs = restore(path, check=True)
        except OntologyError as error:
            yield from of_error(error, "canonical_form")
            continue
        if differs:
            cure = f"Run make format, or python -m calcinosis.release.canonical {path.name}"
            yield _fault("canonical_form", path.name, "it is not in canonical form", cure)


def role_findings(folder: Path) -> Iterator[Finding]:
    """``roles.ttl``, where it is not what the associations give."""
    try:
        stale = derive(folder, check=True)
    except OntologyError as error:
        yield from of_error(error, "roles_outdated")
        return
    if stale:
        what = "it is not what the associations give"
        yield _fault("roles_outdated", ROLES, what, "Run make derive")


def trace_findings(folder: Path, associations: Collection[str]) -> Iterator[Finding]:
    """Rows of the curated evidence that no association carries, and traces that lead nowhere."""
    try:
        with (folder / TRACE).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        yield _fault("trace", TRACE, f"it cannot be read ({error})", "Restore the file")
        return
    counts = Counter(row.get("row") or "" for row in rows)
    for name in sorted(_TRACED - set(counts)):
        yield _fault("trace", name, "the row is not traced", "Name the association, or why none")
    for name, count in sorted(counts.items()):
        if name not in _TRACED or count > 1:
            what = "the row stands twice" if count > 1 else "there is no such row"
            yield _fault("trace", name, what, "Keep one line for each row of the evidence")
    for row in rows:
        yield from _trace_row(row, associations)


def _trace_row(row: dict[str, str | None], associations: Collection[str]) -> Iterator[Finding]:
    name = row.get("row") or ""
    cited = f"{row.get('association') or ''};{row.get('also') or ''}"
    keys = [key for key in re.split(r"[;|,\s]+", cited) if key]
    if bool(keys) == bool(row.get("exception")):
        what = "a row has either an association or the reason why it has none"
        yield _fault("trace", name, what, "Fill in one of the two")
    for key in keys:
        if key not in associations:
            what = f"there is no association {key}"
            yield _fault("trace", name, what, "Correct the name, or write the association")
