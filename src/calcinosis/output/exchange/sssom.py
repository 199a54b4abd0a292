"""The mappings of the selected terms as one SSSOM table, each row with its licence and set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from calcinosis import names
from calcinosis.graph import mapped
from calcinosis.output.references import csl
from calcinosis.output.selection import Files, Selection, Writer

SET: Final = names.CC + "mappings/selected"
COLUMNS: Final = (
    *("subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id"),
    *("object_label", "mapping_justification", "author_label", "license"),
    *("subject_source_version", "object_source_version", "mapping_source", "mapping_date"),
    *("confidence", "see_also", "comment"),
)


def write(selection: Selection) -> Files:
    """One SSSOM file: the header in YAML, each line behind a #, then the table."""
    return {"calcinosis.sssom.tsv": _write(selection)}


def _write(selection: Selection) -> Iterator[bytes]:
    folder = selection.ontology.folder / "mappings"
    sets = [mapped.read(path) for path in sorted(folder.glob("*.sssom.tsv"))]
    wanted = {names.local(iri) for iri in selection.terms}
    rows = sorted(
        (
            {**row, **_origin(one), "see_also": _taken_from(row, one)}
            for one in sets
            for row in one.rows
            if selection.is_whole or row["subject_id"].partition(":")[2] in wanted
        ),
        key=lambda row: tuple(row.get(column, "") for column in COLUMNS),
    )
    held = {row["mapping_source"] for row in rows}
    used = [one for one in sets if _origin(one)["mapping_source"] in held]
    for line in _head(selection, used):
        yield f"#{line}\n".encode()
    yield ("\t".join(COLUMNS) + "\n").encode()
    for row in rows:
        cells = (csl.line(row.get(column, "")).replace('"', "'") for column in COLUMNS)
        yield ("\t".join(cells) + "\n").encode()


def _origin(one: mapped.MappingSet) -> dict[str, str]:
    return {
        "mapping_source": "calc:" + one.iri.removeprefix(names.CC),
        "license": one.head.get("license", ""),
        "subject_source_version": one.head.get("subject_source_version", ""),
    }


def _taken_from(row: Mapping[str, str], one: mapped.MappingSet) -> str:
    """The IRI of what a chained row was taken from: its source is here the set of ours."""
    return mapped.expanded(row.get("mapping_source", ""), one.prefixes)


def _head(selection: Selection, sets: list[mapped.MappingSet]) -> Iterator[str]:
    """The header: JSON strings are YAML strings."""
    notices = dict.fromkeys(one.head.get("comment", "") for one in sets)
    prefixes = {"calc": names.CC, "semapv": names.SEMAPV, "skos": names.SKOS}
    for one in sets:
        prefixes |= one.prefixes
    for key, value in {
        "mapping_set_id": SET,
        "mapping_set_version": selection.ontology.version,
        "mapping_set_title": f"Terms of the calcinosis ontology mapped: {selection.asked_for}",
        "license": names.LICENCE,
        "comment": " ".join(filter(None, notices)),
    }.items():
        if value:
            yield f"{key}: {json.dumps(value, ensure_ascii=False)}"
    if sets:
        yield "mapping_set_source:"
        yield from (f"  - {json.dumps(one.iri)}" for one in sets)
    yield "curie_map:"
    for prefix in sorted(prefixes):
        yield f"  {prefix}: {json.dumps(prefixes[prefix])}"


WRITERS: Final[Mapping[str, Writer]] = {"sssom": write}
