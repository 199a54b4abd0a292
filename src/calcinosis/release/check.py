"""All checks of a release, and of a user's own cases, as one list of findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePath

from pyoxigraph import Literal, NamedNode, Store

from calcinosis import names
from calcinosis.errors import CalcinosisError, InputError, counted
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.raw import Ids
from calcinosis.facts.read import Reader, vocabulary_of
from calcinosis.facts.source import long_cases_of, raw_of, sheet_of
from calcinosis.facts.tables import summary_of
from calcinosis.facts.tabular import TABLES, Known, Sheet, kinds
from calcinosis.graph import manifest, mapped
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import Ontology, load, viewpoints
from calcinosis.graph.triples import Triples
from calcinosis.release.finding import ERROR, INFO, Finding, of_error, ordered
from calcinosis.release.laid import verify
from calcinosis.release.mappings import mapping_findings, read_mappings
from calcinosis.release.meaning import interval_findings, reasoner_findings, viewpoint_findings
from calcinosis.release.modules import (
    catalog_findings,
    derived_findings,
    form_findings,
    header_findings,
    import_findings,
    module_import_findings,
    trace_findings,
    version_findings,
)
from calcinosis.release.rules import add_mapped, fill, query_checks, run_query, shape_findings
from calcinosis.release.version import vanished_findings


def check(
    folder: Path | None = None,
    case_files: Iterable[str | Sheet] = (),
    *,
    reasoner: bool = True,
    overlays: Sequence[Path] = (),
) -> list[Finding]:
    """Every fault of an ontology folder, or of case files if any are named, the gravest first.

    Of ``overlays`` the first fault is found, and case files are read by them.

    Without ``folder`` the installation's own ontology is checked. ``reasoner=False`` leaves
    HermiT out, as it is left out (and said so) where Java is missing. Nothing is raised for a
    fault in the data; it is a finding.
    """
    if paths := list(case_files):
        return ordered(case_findings(folder, paths, overlays))
    if overlays:
        return list(overlay_findings(folder, overlays))
    found, is_own = file_findings(folder), folder is None
    try:
        folder = folder or data("ontology")
    except CalcinosisError as error:
        return ordered([*found, *of_error(error, "file_at_fault")])
    if found and is_own:  # the checks themselves may be among them
        what = "nothing else was checked: files are missing, empty or not as released"
        return ordered([*found, Finding(INFO, "not_checked", str(folder), what, "Restore them")])
    files = modules(folder)
    store = Store()
    unreadable = fill(store, folder, files)
    found += unreadable
    if unreadable:
        what = "the graph was not checked: a module is unreadable"
        found.append(Finding(INFO, "not_checked", str(folder), what, "Mend the module first"))
        return ordered(found)
    try:
        found += _graph_findings(store, folder, files)
    except CalcinosisError as error:
        found += of_error(error, "unreadable_module")
    for view in viewpoints(folder):
        found += _viewpoint(folder, view, reasoner=reasoner)
    return ordered(found)


def file_findings(folder: Path | None = None) -> list[Finding]:
    """Files that are missing, empty or, of an installed package, not as they were released."""
    faults = manifest.shipped(sums=True) if folder is None else manifest.listed(folder)
    return [Finding(ERROR, "file_at_fault", f.where, f.what, f.cure) for f in faults]


def modules(folder: Path) -> list[Path]:
    """The Turtle files of a release, without the shapes."""
    return [*sorted(folder.glob("*.ttl")), *sorted((folder / "viewpoints").glob("*.ttl"))]


def _graph_findings(store: Store, folder: Path, files: list[Path]) -> Iterator[Finding]:
    yield from header_findings(store, folder, files)
    yield from import_findings(store, folder, files)
    yield from version_findings(store, folder, files)
    yield from vanished_findings(store, folder)
    yield from module_import_findings(store, folder, files)
    yield from catalog_findings(store, folder, files)
    yield from form_findings([*files, *sorted((folder / "shapes").glob("*.ttl"))])
    yield from derived_findings(folder)
    yield from trace_findings(folder, _associations(store))
    yield from shape_findings(store, folder / "shapes")
    problems, rows = read_mappings(mapped.files(folder))
    further, beside = read_mappings(sorted(folder.glob("*.sssom.tsv")))
    yield from (*problems, *further)
    yield from mapping_findings(rows, _labels(store), beside)
    add_mapped(store, ((row.cell("subject_id"), row.cell("object_id")) for row in rows))
    for query in query_checks():
        yield from run_query(store, query)
    laboratory = Triples()
    laboratory.read(folder / "laboratory.ttl")
    yield from interval_findings(laboratory)


def _viewpoint(folder: Path, name: str, *, reasoner: bool) -> Iterator[Finding]:
    try:
        ontology = load(name, folder)
    except CalcinosisError as error:
        yield from of_error(error, "unreadable_module")
        return
    faults = list(viewpoint_findings(ontology))
    yield from faults
    if reasoner and not faults:
        yield from reasoner_findings(ontology)


def _labels(store: Store) -> dict[str, str]:
    """The labels of all our terms and analytes, by CURIE."""
    quads = store.quads_for_pattern(None, NamedNode(names.LABEL), None, None)
    return {
        f"calc:{names.local(q.subject.value)}": q.object.value
        for q in quads
        if isinstance(q.subject, NamedNode) and isinstance(q.object, Literal)
    }


def _associations(store: Store) -> set[str]:
    quads = store.quads_for_pattern(None, NamedNode(names.CC + "subject"), None, None)
    return {names.local(q.subject.value) for q in quads if isinstance(q.subject, NamedNode)}


def overlay_findings(folder: Path | None, overlays: Sequence[Path]) -> Iterator[Finding]:
    """The first fault of what is laid over an ontology, under the default viewpoint."""
    try:
        ontology = load(folder=folder, overlays=overlays)
        verify(ontology)
    except CalcinosisError as error:
        yield from of_error(error, "overlay")
        return
    for one in ontology.overlays:
        count = sum(map(len, one.parts.values()))
        said = f"{counted(count, 'statement')} laid over the graph"
        yield Finding(INFO, "overlay_read", str(one), said, "Nothing is to be asked")


def case_findings(
    folder: Path | None, case_files: Iterable[str | Sheet], overlays: Sequence[Path] = ()
) -> Iterator[Finding]:
    """The faults of case files, one a problem, and what was read of each file."""
    try:
        reader = _reader(load(folder=folder, overlays=overlays))
    except CalcinosisError as error:
        yield from of_error(error, "unreadable_module")
        return
    ids, known = Ids(), Known(lambda: reader.laboratory, kinds(reader.vocabulary))
    files = list(case_files)
    for path in files:
        yield from _of_table(path, known)
    tables = tuple(filter(_is_table, files))
    yield from _of_cases(tables, known, reader, ids)  # together: some belong to one record
    for path in files:
        if not _is_table(path):
            yield from _of_cases((path,), known, reader, ids)


def _of_cases(
    files: tuple[str | Sheet, ...], known: Known, reader: Reader, ids: Ids
) -> Iterator[Finding]:
    """The faults of the cases of some files; of what is no table also how many were read."""
    seen = read = 0
    for raw in raw_of(files, known) if files else ():
        seen += 1
        try:
            if isinstance(raw, InputError):
                raise raw
            raw.read(reader, ids.again(raw))
            read += 1
        except InputError as error:
            yield from of_error(error, "case")
    if seen and not _is_table(files[0]):
        cases = counted(seen, "case")
        said = f"{cases} read" if read == seen else f"{read} of {cases} read"
        cure = "Mend the faults above" if read < seen else "Nothing is to be asked"
        yield Finding(INFO, "cases_read", _name(files[0]), said, cure)


def _name(path: str | Sheet) -> str:
    return str(path.path if isinstance(path, Sheet) else path)


def _is_table(path: str | Sheet) -> bool:
    return PurePath(_name(path)).suffix.casefold() in TABLES


def _of_table(path: str | Sheet, known: Known) -> Iterator[Finding]:
    """What of a table was read, and what its mapping would ask; what is wrong is told elsewhere."""
    if not _is_table(path):
        return
    name = _name(path)
    try:
        sheet = sheet_of(path)
        told, asked = _long_read(sheet) or summary_of(sheet, known)
    except (InputError, OSError):
        return
    cure = f"'calcinosis map {name}' would ask: {asked}" if asked else "Nothing is to be asked"
    yield Finding(INFO, "table_read", name, told, cure)


def _long_read(sheet: Sheet) -> tuple[str, str] | None:
    """What of a long table was read, and that nothing is asked; None for another table."""
    long = long_cases_of(sheet)
    if long is None:
        return None
    cases = sum(not isinstance(case, InputError) for case in long)
    return f"a long table, a statement a row: {counted(cases, 'patient')}", ""


def _reader(ontology: Ontology) -> Reader:
    laboratory = partial(Laboratory, ontology.laboratory, {})
    return Reader(vocabulary_of(ontology), laboratory, ontology.phrases, strict=True)
