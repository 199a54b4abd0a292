"""The export formats: one registry of what each is for, and how to write it.

A writer is a function ``write(selection) -> Mapping[str, Iterable[bytes]]`` of a module that is
imported when its format is asked for: the files of the export by name, one or several, each in
parts, so that large ones need not be held whole. What is written is the same byte for byte
whenever and wherever the same graph is exported.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calcinosis.errors import UsageError
from calcinosis.export.packed import archive
from calcinosis.export.selection import Selection

if TYPE_CHECKING:
    from calcinosis.export.signing import Signer


PACKAGES: Final = "packages"


@dataclass(frozen=True, slots=True)
class Format:
    """One export format: its ``name`` on the command line, its group, and what it is for.

    ``module`` and ``function`` say where its writer is; ``suffix`` how its file is named;
    ``cases`` whether it is about cases rather than about the graph; ``signed`` whether it can be
    signed; ``variants`` whether it can be written with what is inferred, and as a base.
    """

    name: str
    group: str
    media_type: str
    suffix: str
    purpose: str
    module: str
    function: str = "write"
    cases: bool = False
    signed: bool = False
    variants: bool = False

    def files(
        self, selection: Selection, signer: Signer | None = None
    ) -> Mapping[str, Iterable[bytes]]:
        """The files of the export by name, each in parts, signed if there is who signs.

        UsageError where cases are needed and there are none, for a variant that it has not, and for
        a format without signatures.
        """
        if self.cases and not selection.explanations:
            raise UsageError(
                f"{self.name} is about cases, and there are none", "export", "Add --cases FILE"
            )
        if selection.include and self.group != PACKAGES:
            raise UsageError(
                f"{self.name} is one format", "--include", "Leave it out, or take ro-crate"
            )
        if (selection.inferred or selection.base) and not self.variants:
            raise UsageError(
                f"{self.name} has no inferred and no base variant",
                "export",
                "Leave --inferred and --base out, or take an ontology format such as turtle",
            )
        write = getattr(import_module(self.module), self.function)
        if signer is not None and not self.signed:
            able = ", ".join(form.name for form in FORMATS if form.signed)
            raise UsageError(f"{self.name} cannot be signed", "export", f"These can: {able}")
        found: Mapping[str, Iterable[bytes]]
        found = write(selection) if signer is None else write(selection, signer)
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
    Format(
        "kgx-tsv",
        "knowledge graphs",
        "text/tab-separated-values",
        ".tsv",
        "nodes and edges of the Biolink Model, two tables",
        "calcinosis.export.kgx",
        "tsv",
    ),
    Format(
        "kgx-jsonl",
        "knowledge graphs",
        "application/jsonl",
        ".jsonl",
        "the same nodes and edges, a JSON object a line",
        "calcinosis.export.kgx",
        "jsonl",
    ),
    Format(
        "sssom",
        "mappings",
        "text/tab-separated-values",
        ".sssom.tsv",
        "codes of other vocabularies as one SSSOM table",
        "calcinosis.export.sssom",
    ),
    Format(
        "ro-crate",
        PACKAGES,
        "application/zip",
        ".zip",
        "RO-Crate 1.1: RDF, tables, KGX, SSSOM, references, described by VoID and DCAT",
        "calcinosis.packages",
    ),
    Format(
        "nanopublications",
        "citable claims",
        "application/trig",
        ".trig",
        "a nanopublication a claim, each citable by a name that proves its text",
        "calcinosis.export.claim_nanopubs",
        signed=True,
    ),
    Format(
        "verdict-nanopublications",
        "verdicts",
        "application/trig",
        ".trig",
        "a nanopublication a case and subtype, with why, and the references as CSL-JSON",
        "calcinosis.export.verdict_nanopubs",
        cases=True,
        signed=True,
    ),
    Format(
        "provenance",
        "verdicts",
        "text/turtle",
        ".ttl",
        "what each verdict was derived from in PROV-O, the references as CSL-JSON",
        "calcinosis.export.prov",
        cases=True,
    ),
    Format(
        "phenopackets",
        "verdicts",
        "application/json",
        ".json",
        "a GA4GH phenopacket a case, the verdicts with why, the references as CSL-JSON",
        "calcinosis.export.phenopacket",
        cases=True,
    ),
    Format(
        "report-md",
        "people",
        "text/markdown",
        ".md",
        "a report to read: definitions, evidence, contested points, verdicts",
        "calcinosis.render.report",
        "markdown",
    ),
    Format(
        "report-html",
        "people",
        "text/html",
        ".html",
        "the same as one page with pictures, for the screen and for A4",
        "calcinosis.render.report",
        "html",
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


def signer(key: str | Path | None, creator: str | None) -> Signer | None:
    """Who signs with which key, or nobody; errors as for a Signer, or where one is missing."""
    if key is None and creator is None:
        return None
    if key is None or creator is None:
        missing, given = ("--creator", "a key") if key is not None else ("--sign-key", "an ORCID")
        raise UsageError(
            f"there is {given} alone", missing, "A signature needs a key and the signer's ORCID"
        )
    from calcinosis.export.signing import Signer

    return Signer(key, creator)


class Exported:
    """An export as a value: its files, all of it as bytes, and as a stream of parts."""

    def __init__(self, form: Format, write: Callable[[], Mapping[str, Iterable[bytes]]]) -> None:
        self.format = form
        self._write = write
        self._fresh: Mapping[str, Iterable[bytes]] | None = write()  # what is refused is told now
        self._names = tuple(self._fresh)

    def _parts(self) -> Mapping[str, Iterable[bytes]]:
        """The files in parts, which are made anew each time that they are read."""
        found, self._fresh = self._fresh, None
        return self._write() if found is None else found

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The files by name; all are held in memory."""
        return {name: b"".join(parts) for name, parts in self._parts().items()}

    def __iter__(self) -> Iterator[bytes]:
        """The parts of the one file, of which no more than one is held; of several the archive."""
        if len(self._names) == 1:
            yield from next(iter(self._parts().values()))
        else:
            yield bytes(self)

    def __bytes__(self) -> bytes:
        """The one file, or several as a zip archive whose bytes are always the same."""
        if len(self._names) == 1:
            return next(iter(self.files.values()))
        return archive(self.files)

    def __repr__(self) -> str:
        return f"<Export {self.format.name}: {', '.join(self._names)}>"
