"""Checks of the files themselves: headers, imports, catalogue, form, derived parts, trace."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from pyoxigraph import Literal, NamedNode, Store

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph import mapped
from calcinosis.graph.manifest import CATALOG
from calcinosis.release.canonical import restore
from calcinosis.release.derive import DERIVED, derive
from calcinosis.release.finding import ERROR, Finding, of_error
from calcinosis.release.rules import module
from calcinosis.release.version import DEV, version_iri, version_of

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


def version_findings(store: Store, folder: Path, files: Collection[Path]) -> Iterator[Finding]:
    """Modules whose version is not that of the root, and a root of no day, or of another."""
    root = "".join(_objects(store, names.ONTOLOGY, _OWL + "versionIRI"))
    version = version_of(root)
    for path in files if version else ():
        iri = module(folder, path)
        if _objects(store, iri, _OWL + "versionIRI") != {version_iri(iri, version)}:
            what = f"the version is not <{version_iri(iri, version)}>"
            cure = f"Run python -m calcinosis.release.version {version}"
            yield _fault("module_version", path.name, what, cure)
    if not version:
        cure = "Run python -m calcinosis.release.version YYYY-MM-DD-dev"
        yield _fault("root_version", "calcinosis.ttl", "owl:versionIRI names no day", cure)
    draft = names.BIBO + "status/draft" in _objects(store, names.ONTOLOGY, names.BIBO + "status")
    if version and version.endswith(DEV) and not draft:
        what, cure = "a development build is a draft", "Set bibo:status, or release it"
        yield _fault("root_version", "calcinosis.ttl", what, cure)
    verb = NamedNode(names.DCTERMS + "issued")
    days = {
        q.object.value[:10]
        for q in store.quads_for_pattern(NamedNode(names.ONTOLOGY), verb, None, None)
        if isinstance(q.object, Literal)
    }
    if version and not version.endswith(DEV) and days != {version}:
        what, cure = "dcterms:issued is not the day of the version", "Write the same day in both"
        yield _fault("root_version", "calcinosis.ttl", what, cure)


def module_import_findings(
    store: Store, folder: Path, files: Collection[Path]
) -> Iterator[Finding]:
    """Modules that name what no import of theirs declares, and imports in a circle.

    A program that opens one module has only what it imports: the OWL API drops annotations by a
    property that is declared nowhere. As the value of an annotation a module may name what stands
    in one that imports it: there an IRI needs no declaration, and an import would close a circle.
    """
    modules = [module(folder, path) for path in files]
    stated = {iri: _objects(store, iri, _OWL + "imports") for iri in modules}
    known = {iri: _reached(stated, iri) for iri in modules}
    homes = _homes(store)
    for iri in modules:
        name = iri.removeprefix(f"{names.ONTOLOGY}/")
        if iri in known[iri]:
            what = "its imports lead back to it"
            yield _fault("module_imports", name, what, "Take one of them out")
        lacking: dict[str, str] = {}
        for term, is_value in sorted(_named(store, iri)):
            found = homes.get(term, {iri})
            leads_back = is_value and any(iri in known.get(home, ()) for home in found)
            if not (leads_back or found & {iri, *known[iri]}):
                lacking.setdefault(min(found), term)
        for home, term in sorted(lacking.items()):
            what = f"it names {names.local(term)} and imports no module that declares it"
            yield _fault("module_imports", name, what, f"Add owl:imports <{home}>")


def _homes(store: Store) -> dict[str, set[str]]:
    """The modules that declare each term."""
    found: dict[str, set[str]] = {}
    for kind in ("Class", "ObjectProperty", "AnnotationProperty", "NamedIndividual"):
        verb, value = NamedNode(names.TYPE), NamedNode(_OWL + kind)
        for quad in store.quads_for_pattern(None, verb, value, None):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.graph_name, NamedNode):
                found.setdefault(quad.subject.value, set()).add(quad.graph_name.value)
    return found


def _reached(stated: Mapping[str, Collection[str]], iri: str) -> set[str]:
    """All that a module imports, at once or through others."""
    found: set[str] = set()
    waiting = [*stated[iri]]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += stated.get(one, ())
    return found


def _named(store: Store, iri: str) -> set[tuple[str, bool]]:
    """The IRIs in a module, and whether each stands as the value of an annotation."""
    kind = NamedNode(_OWL + "AnnotationProperty")
    declared = store.quads_for_pattern(None, NamedNode(names.TYPE), kind, None)
    annotations = {q.subject.value for q in declared if isinstance(q.subject, NamedNode)}
    annotations.add(_OWL + "annotatedTarget")  # it repeats what the annotated triple says
    found: set[tuple[str, bool]] = set()
    for quad in store.quads_for_pattern(None, None, None, NamedNode(iri)):
        verb = quad.predicate.value
        found.add((verb, False))
        if isinstance(quad.subject, NamedNode):
            found.add((quad.subject.value, False))
        if isinstance(quad.object, NamedNode):
            found.add((quad.object.value, verb in annotations))
    return found


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


def derived_findings(folder: Path) -> Iterator[Finding]:
    """Derived modules that are not what the others give."""
    for name, sources in DERIVED.items():
        rule = f"{name}_outdated"
        try:
            stale = derive(folder, name, check=True)
        except OntologyError as error:
            yield from of_error(error, rule)
            continue
        if stale:
            what = f"it is not what the {' and '.join(sources)} give"
            yield _fault(rule, f"{name}.ttl", what, "Run make derive")


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
