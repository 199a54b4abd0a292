"""Checks of the SSSOM files: columns, prefixes, predicates, subjects, and what may be resolved."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from calcinosis.graph.codes import as_curie
from calcinosis.graph.triples import reached
from calcinosis.release.finding import ERROR, WARN, Finding

_REQUIRED: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_KNOWN: Final = {
    *_REQUIRED,
    "subject_label",
    "object_label",
    "predicate_modifier",
    "subject_source",
    "object_source",
    "subject_source_version",
    "object_source_version",
    "author_id",
    "author_label",
    "mapping_date",
    "mapping_source",
    "mapping_tool",
    "confidence",
    "see_also",
    "other",
    "comment",
}
_RELATIONS: Final = {
    f"skos:{word}Match" for word in ("exact", "close", "broad", "narrow", "related")
}
_BY_HAND: Final = "semapv:ManualMappingCuration"
_CHAINED: Final = "semapv:MappingChaining"
_EXACT: Final = "skos:exactMatch"
# Vocabularies whose licence does not let us ship their codes.
_CLOSED: Final = {"meddra", "umls"}
_UNSEEN: Final = ("recalled", "from memory", "not checked")


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its place and its file's prefixes."""

    where: str
    cells: Mapping[str, str]
    prefixes: frozenset[str]

    def cell(self, column: str) -> str:
        """The cell of a column; empty where the file has no such column."""
        return self.cells.get(column, "")


def mapping_findings(
    rows: Sequence[Row], labels: Mapping[str, str], beside: Sequence[Row] = ()
) -> Iterator[Finding]:
    """The faults of SSSOM rows; ``labels`` holds the label of each of our terms by CURIE.

    ``beside`` are the rows of sets that are not exported: what others hold to be equal, too.
    """
    for row in rows:
        yield from _row_findings(row, labels)
    for row in (*rows, *beside):
        yield from _provenance_findings(row)
    yield from _repeated(rows)
    yield from _ambiguous(rows)
    yield from _twice_exact(rows)
    yield from _cliques(rows, beside)


def read_mappings(files: Iterable[Path]) -> tuple[list[Finding], list[Row]]:
    """The rows of SSSOM files, and the faults of the files as a whole."""
    found: list[Finding] = []
    rows: list[Row] = []
    for path in files:
        problems, read = _read(path)
        found += problems
        rows += read
    return found, rows


def _fault(rule: str, where: str, what: str, cure: str, severity: str = ERROR) -> Finding:
    return Finding(severity, rule, where, what, cure)


def _read(path: Path) -> tuple[list[Finding], list[Row]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return [
            _fault(
                "mapping_unreadable",
                path.name,
                f"the file cannot be read ({error})",
                "Save it as UTF-8",
            )
        ], []
    head = [line.removeprefix("#") for line in lines if line.startswith("#")]
    body = [(n, line) for n, line in enumerate(lines, 1) if line and not line.startswith("#")]
    metadata = _metadata(head)
    found = [
        _fault("mapping_metadata", path.name, f"the file does not state {key}", f"Add #{key}:")
        for key in ("mapping_set_id", "license", "curie_map")
        if not metadata.get(key)
    ]
    table = list(csv.reader((line for _, line in body), delimiter="\t", quoting=csv.QUOTE_NONE))
    columns = table[0] if table else []
    found += _column_findings(path, columns)
    prefixes = frozenset(metadata.get("curie_map") or ())
    rows = []
    for (number, _), cells in zip(body[1:], table[1:], strict=True):
        where = f"{path.name}, line {number}"
        if len(cells) != len(columns):
            what = f"the row has {len(cells)} cells for {len(columns)} columns"
            found.append(_fault("mapping_columns", where, what, "Mend the tabs of the row"))
        else:
            rows.append(Row(where, dict(zip(columns, cells, strict=True)), prefixes))
    return found, rows


def _metadata(head: list[str]) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load("\n".join(head))
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _column_findings(path: Path, columns: list[str]) -> Iterator[Finding]:
    for name in _REQUIRED:
        if name not in columns:
            yield _fault("mapping_columns", path.name, f"there is no column {name}", "Add it")
    for name in columns:
        if name not in _KNOWN:
            what = f"the column {name!r} is not one that is used here"
            yield _fault("mapping_columns", path.name, what, "Use a slot of SSSOM", WARN)


def _row_findings(row: Row, labels: Mapping[str, str]) -> Iterator[Finding]:
    where = row.where
    yield from _curie_findings(row)
    subject, relation = row.cell("subject_id"), row.cell("predicate_id")
    if relation not in _RELATIONS:
        cure = f"Use one of {', '.join(sorted(_RELATIONS))}"
        yield _fault("mapping_predicate", where, f"{relation!r} is no mapping relation", cure)
    if subject not in labels:
        cure = "Correct the name, or add the term"
        yield _fault("mapping_subject", where, f"{subject!r} is none of our terms", cure)
    elif row.cells.get("subject_label", labels[subject]) != labels[subject]:
        what = f"the label of {subject} is {labels[subject]!r}"
        yield _fault("mapping_label", where, what, "Copy the label of the term")
    if any(word in row.cell("comment").casefold() for word in _UNSEEN):
        cure = "Leave the row out until identifier and label were seen"
        yield _fault("recalled_identifier", where, "the identifier was not seen", cure)


def _curie_findings(row: Row) -> Iterator[Finding]:
    for column in _REQUIRED:
        curie = as_curie(row.cell(column))
        if curie is None or curie[0] not in row.prefixes:
            what = f"{row.cells.get(column, '')!r} has no declared prefix"
            cure = f"Correct {column}, or declare the prefix in #curie_map"
            yield _fault("mapping_prefix", row.where, what, cure)
    curie = as_curie(row.cell("object_id"))
    if curie and curie[0].casefold() in _CLOSED:
        what = f"codes of {curie[0]} may not be shipped under an open licence"
        yield _fault("mapping_licence", row.where, what, "Remove the row")


def _provenance_findings(row: Row) -> Iterator[Finding]:
    """What a row does not say of how it came about."""
    why, ours = row.cell("mapping_justification"), row.cell("subject_id").startswith("calc:")
    if why == _BY_HAND and ours and not (row.cell("author_label") or row.cell("author_id")):
        cure = "Fill in author_label or author_id"
        yield _fault("mapping_author", row.where, "a row made by hand names no author", cure)
    if ours and not row.cell("mapping_date"):
        cure = "Fill in mapping_date, as YYYY-MM-DD"
        yield _fault("mapping_author", row.where, "the row has no date", cure)
    if why == _CHAINED and not (row.cell("mapping_source") or row.cell("object_source_version")):
        cure = "Fill in mapping_source, or object_source_version"
        yield _fault("mapping_source", row.where, "the chain names no source", cure)
    if not (confidence := row.cell("confidence")):
        return
    if not _is_share(confidence):
        cure = "Write a number from 0 to 1"
        yield _fault("mapping_confidence", row.where, "the confidence is no share", cure)
    elif not row.cell("mapping_tool"):
        what = "nothing says what measured the confidence"
        yield _fault("mapping_confidence", row.where, what, "Fill in mapping_tool, or leave it out")


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _repeated(rows: Sequence[Row]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        pair = (row.cell("subject_id"), row.cell("object_id").casefold())
        if pair in seen:
            what = f"{pair[0]} and this object are mapped in {seen[pair]} already"
            yield _fault("mapping_repeated", row.where, what, "Keep one of the rows")
        seen.setdefault(pair, row.where)


def _ambiguous(rows: Sequence[Row]) -> Iterator[Finding]:
    exact: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.cell("predicate_id") == _EXACT:
            exact[row.cell("object_id").casefold()].append(row)
    for code, same in exact.items():
        subjects = {row.cell("subject_id") for row in same}
        if len(subjects) > 1:
            what = f"{code!r} is an exact match of {' and '.join(sorted(subjects))}"
            cure = "Keep skos:exactMatch on one of them"
            yield _fault("mapping_ambiguous", same[-1].where, what, cure)


def _twice_exact(rows: Sequence[Row]) -> Iterator[Finding]:
    """Two exact matches in one vocabulary for one term, unless each says why."""
    exact: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.cell("predicate_id") == _EXACT:
            vocabulary = row.cell("object_id").partition(":")[0].casefold()
            exact[row.cell("subject_id"), vocabulary].append(row)
    for (subject, _), same in exact.items():
        codes = [row.cell("object_id") for row in same]
        for row in same if len(same) > 1 else ():
            others = [code for code in codes if code != row.cell("object_id")]
            if not all(code in row.cell("comment") for code in others):
                what = f"{subject} has {' and '.join(codes)} as exact matches, unexplained"
                cure = "Name the other one in the comment and say why both stand"
                yield _fault("mapping_twice_exact", row.where, what, cure)


def _cliques(rows: Sequence[Row], beside: Sequence[Row]) -> Iterator[Finding]:
    """Terms of ours that exact matches join, ours with those that other vocabularies state."""
    linked: dict[str, set[str]] = defaultdict(set)
    places: dict[str, str] = {}
    for row in (*rows, *beside):
        if row.cell("predicate_id") == _EXACT and row.cell("predicate_modifier") != "Not":
            one, two = row.cell("subject_id"), row.cell("object_id")
            linked[one].add(two)
            linked[two].add(one)
            places.setdefault(one, row.where)
    left = set(linked)
    while left:
        clique = reached([min(left)], lambda node: linked[node])
        left -= clique
        ours = sorted(node for node in clique if node.startswith("calc:"))
        if len(ours) > 1:
            theirs = ", ".join(sorted(clique.difference(ours)))
            what = f"exact matches join {' and '.join(ours)}, through {theirs}"
            cure = "Make the looser of them a close, broad or narrow match"
            yield _fault("mapping_clique", places[ours[-1]], what, cure)
