"""The export formats: one registry of what each is for, and how to write it.

A writer is a function ``write(selection) -> Mapping[str, Iterable[bytes]]`` of a module that is
imported when its format is asked for: the files of the export by name, one or several, each in
parts, so that large ones need not be held whole. What is written is the same byte for byte
whenever and wherever the same graph is exported.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from calcinosis.errors import UsageError
from calcinosis.export.packed import archive
from calcinosis.export.selection import Selection


@dataclass(frozen=True, slots=True)
class Format:
    """One export format: its ``name`` on the command line, its group, and what it is for.

    ``module`` and ``function`` say where its writer is; ``suffix`` how its file is named;
    ``cases`` whether it is about cases rather than about the graph, ``variants`` whether it can be
    written with what is inferred, and as a base (``--inferred``, ``--base``).
    """

    name: str
    group: str
    media_type: str
    suffix: str
    purpose: str
    module: str
    function: str = "write"
    cases: bool = False
    variants: bool = False

    def files(self, selection: Selection) -> Mapping[str, Iterable[bytes]]:
        """The files of the export by name, each in parts.

        UsageError where cases are needed and there are none, or a variant that it has not.
        """
        if self.cases and not selection.explanations:
            raise UsageError(
                f"{self.name} is about cases, and there are none", "export", "Add --cases FILE"
            )
        if (selection.inferred or selection.base) and not self.variants:
            raise UsageError(
                f"{self.name} has no inferred and no base variant",
                "export",
                "Leave --inferred and --base out, or take an ontology format such as turtle",
            )
        write = getattr(import_module(self.module), self.function)
        found: Mapping[str, Iterable[bytes]] = write(selection)
        return found


FORMATS: Final[tuple[Format, ...]] = (
    Format(
        "associations-csv",
        "tables",
        "text/csv",
        ".csv",
        "a row a claim and reference, for R, pandas and spreadsheets",
        "calcinosis.export.tables",
        "associations",
    ),
    Format(
        "criteria-csv",
        "tables",
        "text/csv",
        ".csv",
        "criteria against subtypes, with the references of each cell",
        "calcinosis.export.tables",
        "criteria",
    ),
    Format(
        "mappings-csv",
        "tables",
        "text/csv",
        ".csv",
        "codes of other vocabularies, a row a mapping",
        "calcinosis.export.tables",
        "mappings",
    ),
    Format(
        "xlsx",
        "tables",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".xlsx",
        "the same three tables and the references, for Excel",
        "calcinosis.export.tables",
        "workbook",
    ),
    Format(
        "turtle",
        "ontology",
        "text/turtle",
        ".ttl",
        "all of the ontology, for reading, Protégé and triple stores",
        "calcinosis.export.ontologies",
        "as_turtle",
        variants=True,
    ),
    Format(
        "owl",
        "ontology",
        "application/rdf+xml",
        ".owl",
        "all of the ontology as RDF/XML, for Protégé, ROBOT and OWL tools",
        "calcinosis.export.ontologies",
        "as_rdf_xml",
        variants=True,
    ),
    Format(
        "jsonld",
        "ontology",
        "application/ld+json",
        ".jsonld",
        "all of the ontology, for programs that read JSON",
        "calcinosis.export.ontologies",
        "as_json_ld",
        variants=True,
    ),
    Format(
        "trig",
        "ontology",
        "application/trig",
        ".trig",
        "all of the ontology in the named graphs that queries see",
        "calcinosis.export.ontologies",
        "as_trig",
        variants=True,
    ),
    Format(
        "obo",
        "ontology",
        "text/obo",
        ".obo",
        "terms with parents, synonyms, codes and claims as OBO 1.4",
        "calcinosis.export.obo",
        variants=True,
    ),
    Format(
        "obograph",
        "ontology",
        "application/json",
        ".json",
        "the same terms as OBO Graphs JSON",
        "calcinosis.export.obograph",
        variants=True,
    ),
)


def find(name: str) -> Format:
    """The format of a name; UsageError, with the nearest names, if there is none."""
    for known in FORMATS:
        if known.name == name:
            return known
    near = difflib.get_close_matches(name, [known.name for known in FORMATS], n=3)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(
        f"there is no export format {name!r}", "export", f"{hint}'calcinosis export' lists them"
    )


class Exported:
    """An export as a value: its files, and all of it as bytes."""

    def __init__(self, form: Format, files: Mapping[str, Iterable[bytes]]) -> None:
        self.format = form
        self.files = {name: b"".join(parts) for name, parts in files.items()}

    def __bytes__(self) -> bytes:
        """The one file, or several as a zip archive whose bytes are always the same."""
        if len(self.files) == 1:
            return next(iter(self.files.values()))
        return archive(self.files)

    def __repr__(self) -> str:
        return f"<Export {self.format.name}: {', '.join(self.files)}>"
