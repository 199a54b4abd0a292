"""The export formats: one registry of what each is for, and how to write it.

A writer is in ``WRITERS`` of a module that is imported when its format is asked for. It gives the
files of the export by name, one or several, each in parts, so that large ones need not be held.
What is written is the same byte for byte whenever and wherever the same graph is exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast

from calcinosis.errors import InputError, UsageError, nearest
from calcinosis.output.files import archive
from calcinosis.output.selection import Files, Selection, Writer

if TYPE_CHECKING:
    from calcinosis.output.rdf.signing import Signer, SigningWriter


PACKAGES: Final = "packages"


class WritersOfFormats(Protocol):
    """A module that writes formats, each by its name; those of SIGNING sign as well."""

    WRITERS: Mapping[str, Writer]
    SIGNING: Mapping[str, SigningWriter]


@dataclass(frozen=True, slots=True)
class Format:
    """One export format: its ``name`` on the command line, its group, and what it is for.

    ``module`` says where its writer is; ``suffix`` how its file is named;
    ``cases`` whether it is about cases rather than about the graph; ``signed`` whether it can be
    signed; ``variants`` whether it can be written with what is inferred, and as a base.
    """

    name: str
    group: str
    media_type: str
    suffix: str
    purpose: str
    module: str
    cases: bool = False
    signed: bool = False
    variants: bool = False

    def files(self, selection: Selection, signer: Signer | None = None) -> Files:
        """The files of the export by name, each in parts, signed if there is who signs.

        UsageError where cases are needed and there are none, for a variant that it has not, and for
        a format without signatures.
        """
        if self.cases and not selection.explanations:
            if selection.refused:
                return {}  # nothing is left to write, and why is known
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
        writers = cast(WritersOfFormats, import_module(self.module))
        if signer is None:
            return writers.WRITERS[self.name](selection)
        if not self.signed:
            able = ", ".join(form.name for form in FORMATS if form.signed)
            raise UsageError(f"{self.name} cannot be signed", "export", f"These can: {able}")
        return writers.SIGNING[self.name](selection, signer)


# By groups: name, media type, ending, module and marks of each format, and what it is for.
_REGISTRY: Final = """
tables
  associations-csv text/csv .csv sheets.claim_tables
    a row a claim and reference, for R, pandas and spreadsheets
  criteria-csv text/csv .csv sheets.claim_tables
    criteria against subtypes, with the references of each cell
  mappings-csv text/csv .csv sheets.claim_tables
    codes of other vocabularies, a row a mapping
  xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet .xlsx sheets.claim_tables
    the same three tables and the references, for Excel
ontology
  turtle text/turtle .ttl rdf.ontologies variants
    all of the ontology, for reading, Protégé and triple stores
  owl application/rdf+xml .owl rdf.ontologies variants
    all of the ontology as RDF/XML, for Protégé, ROBOT and OWL tools
  jsonld application/ld+json .jsonld rdf.ontologies variants
    all of the ontology, for programs that read JSON
  trig application/trig .trig rdf.ontologies variants
    all of the ontology in the named graphs that queries see
  nquads application/n-quads .nq rdf.ontologies
    the named graphs with all that queries see, to load into a store
  obo text/obo .obo exchange.obo variants
    terms with parents, synonyms, codes and claims as OBO 1.4
  obograph application/json .json exchange.obograph variants
    the same terms as OBO Graphs JSON
knowledge graphs
  kgx-tsv text/tab-separated-values .tsv exchange.kgx
    nodes and edges of the Biolink Model, two tables
  kgx-jsonl application/jsonl .jsonl exchange.kgx
    the same nodes and edges, a JSON object a line
mappings
  sssom text/tab-separated-values .sssom.tsv exchange.sssom
    codes of other vocabularies as one SSSOM table
packages
  ro-crate application/zip .zip packages
    RO-Crate 1.1: RDF, tables, KGX, SSSOM, references, described by VoID and DCAT
assistants
  schema-card application/yaml .yaml exchange.schema_card
    the schema on one page of YAML, for writing queries: counts, traps, examples
citable claims
  nanopublications application/trig .trig rdf.claim_nanopubs signed
    a nanopublication a claim, each citable by a name that proves its text
verdicts
  verdict-nanopublications application/trig .trig rdf.verdict_nanopubs cases signed
    a nanopublication a case and subtype, with why, and the references as CSL-JSON
  provenance text/turtle .ttl rdf.prov cases
    what each verdict was derived from in PROV-O, the references as CSL-JSON
  cases-turtle text/turtle .ttl rdf.cases cases
    what each case states, as RDF in our words that is read again as the same case
  phenopackets application/json .json exchange.phenopacket cases
    a GA4GH phenopacket a case, the verdicts with why, the references as CSL-JSON
people
  report-md text/markdown .md pages.report
    a report to read: definitions, evidence, contested points, verdicts
  report-html text/html .html pages.report
    the same as one page with pictures, for the screen and for A4
  site text/html .html site.folder
    a page for each term, claim and reference, to read from the disk or to publish
"""


def _registered(text: str) -> Iterator[Format]:
    group = ""
    lines = iter(text.strip("\n").splitlines())
    for line in lines:
        if not line.startswith(" "):
            group = line
            continue
        name, media_type, suffix, module, *marks = line.split()
        yield Format(
            name,
            group,
            media_type,
            suffix,
            next(lines).strip(),
            f"calcinosis.output.{module}",
            cases="cases" in marks,
            signed="signed" in marks,
            variants="variants" in marks,
        )


FORMATS: Final = tuple(_registered(_REGISTRY))


def find(name: str) -> Format:
    """The format of a name; UsageError, with the nearest names, if there is none."""
    for one in FORMATS:
        if one.name == name:
            return one
    known = (one.name for one in FORMATS)
    hint = nearest(name, known, then="'calcinosis export' lists them")
    raise UsageError(f"there is no export format {name!r}", "export", hint)


def signer(key: str | Path | None, creator: str | None) -> Signer | None:
    """Who signs with which key, or nobody; errors as for a Signer, or where one is missing."""
    if key is None and creator is None:
        return None
    if key is None or creator is None:
        missing, given = ("--creator", "a key") if key is not None else ("--sign-key", "an ORCID")
        raise UsageError(
            f"there is {given} alone", missing, "A signature needs a key and the signer's ORCID"
        )
    from calcinosis.output.rdf.signing import Signer

    return Signer(key, creator)


class Exported:
    """An export as a value: its files, all of it as bytes, and as a stream of parts.

    ``selection`` is what was written, ``refused`` the cases that could not be read.
    """

    def __init__(self, form: Format, selection: Selection, signs: Signer | None = None) -> None:
        self.format = form
        self.selection = selection
        self._signs = signs
        # What the format refuses is told now.
        self._fresh: Mapping[str, Iterable[bytes]] | None = form.files(selection, signs)
        self._names = tuple(self._fresh)

    @property
    def refused(self) -> tuple[InputError, ...]:
        """The inputs that were refused."""
        return self.selection.refused

    def parts(self) -> Mapping[str, Iterable[bytes]]:
        """The files by name, each in parts, which are made anew each time that they are read."""
        found, self._fresh = self._fresh, None
        return self.format.files(self.selection, self._signs) if found is None else found

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The files by name; all are held in memory."""
        return {name: b"".join(parts) for name, parts in self.parts().items()}

    def __iter__(self) -> Iterator[bytes]:
        """The parts of the one file, of which no more than one is held; of several the archive."""
        if len(self._names) < 2:
            for parts in self.parts().values():
                yield from parts
        else:
            yield bytes(self)

    def __bytes__(self) -> bytes:
        """The one file, or several as a zip archive whose bytes are always the same.

        Nothing where all cases were refused.
        """
        if len(self._names) < 2:
            return b"".join(self.files.values())
        return archive(self.files)

    def __repr__(self) -> str:
        return f"<Export {self.format.name}: {', '.join(self._names)}>"
