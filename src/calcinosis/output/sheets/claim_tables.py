"""Tables: associations (a row a claim and reference), criteria by subtype, mappings; Excel.

Text that a spreadsheet would take for a formula is kept from being one: in CSV by an apostrophe
before it, in Excel by the type of its cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from calcinosis import names
from calcinosis.explain.links import Link, Links
from calcinosis.facts.cells import guarded
from calcinosis.graph import mapped
from calcinosis.graph.claims import Association
from calcinosis.graph.ontology import Ontology
from calcinosis.output.files import timeless
from calcinosis.output.rdf.evidence import claim_hash
from calcinosis.output.rdf.roles import claims, disputing, opponents
from calcinosis.output.selection import Files, Selection, Writer
from calcinosis.output.sheets.workbook import Sheet
from calcinosis.output.sheets.workbook import workbook as book
from calcinosis.reasoning.classify import Classifier

Row = Sequence[str]
LAID: Final = "with"

ASSOCIATIONS: Final = (
    "association",
    "kind",
    "subject",
    "subject_label",
    "predicate",
    "object",
    "object_label",
    "context",
    "statement",
    "mechanism",
    "contested",
    "contested_by",
    "editorial",
    "claim_hash",
    "side",
    "reference",
    "read",
    "study_type",
    "year",
    "doi",
    "pmid",
    "url",
)
CRITERIA: Final = (
    "viewpoint",
    "subtype",
    "subtype_label",
    "criterion",
    "criterion_label",
    "causal",
    "kind",
    "why",
    "associations",
    "references",
    "read",
    "study_type",
    "disputed_by",
    "contested_by",
)
MAPPINGS: Final = (
    "term",
    "term_label",
    "predicate",
    "code",
    "code_label",
    "source_version",
    "justification",
    "confidence",
    "comment",
    "licence",
    "mapping_set",
)
REFERENCES: Final = ("key", "reference", "title", "year", "study_type", "doi", "pmid", "url")
_AND: Final = "; "


def associations(selection: Selection) -> Files:
    """One CSV file, a row a claim and reference."""
    return {"associations.csv": _csv(selection, ASSOCIATIONS, association_rows(selection))}


def criteria(selection: Selection) -> Files:
    """One CSV file, a row a subtype and necessary criterion of the viewpoint."""
    return {"criteria.csv": _csv(selection, CRITERIA, criterion_rows(selection))}


def mappings(selection: Selection) -> Files:
    """One CSV file, a row a mapping of a selected term."""
    return {"mappings.csv": _csv(selection, MAPPINGS, mapping_rows(selection))}


def workbook(selection: Selection) -> Files:
    """One Excel file with the tables in sheets of their own."""
    return {"calcinosis.xlsx": _workbook(selection)}


def _workbook(selection: Selection) -> Iterator[bytes]:
    stream = io.BytesIO()
    with book(stream) as sheets:
        for title, heads, rows in (
            ("associations", ASSOCIATIONS, association_rows(selection)),
            ("criteria", CRITERIA, criterion_rows(selection)),
            ("mappings", MAPPINGS, mapping_rows(selection)),
            ("references", REFERENCES, reference_rows(selection)),
        ):
            sheet = Sheet(sheets, title, heads, [24] * len(heads))
            sheet.head()
            for row in rows:
                sheet.row(cell or None for cell in row)
        if laid := selection.ontology.overlays:
            sheet = Sheet(sheets, LAID, ("name", "sha256"), [24, 80])
            sheet.head()
            for one in laid:
                sheet.row((one.name, one.sha256))
    yield timeless(stream.getvalue())


# -- rows ------------------------------------------------------------------------------------


def association_rows(selection: Selection) -> Iterator[Row]:
    """The rows of the associations; a claim without a reference has one row."""
    library = selection.ontology.library.bibliography
    for claim in selection.associations:
        shared = _claim(selection, claim)
        for citation in claim.citations:
            found = library[citation.reference]
            side = "disputes" if citation.disputes else "supports"
            yield (
                *shared,
                *(side, citation.reference, citation.read, found.study_type),
                *(str(found.year or ""), found.doi, found.pmid, found.uri),
            )
        if not claim.citations:
            yield (*shared, *[""] * 8)


def _claim(selection: Selection, claim: Association) -> Row:
    label = selection.everything.text
    target = claim.object.startswith("http")
    return (
        claim.id,
        claim.kind,
        names.local(claim.subject),
        label(claim.subject, names.LABEL) or names.local(claim.subject),
        curie(claim.predicate),
        names.local(claim.object) if target else "",
        (label(claim.object, names.LABEL) or names.local(claim.object)) if target else claim.object,
        _AND.join(map(names.local, claim.contexts)),
        claim.statement,
        claim.mechanism or "",
        "yes" if claim.contested else "no",
        _AND.join(map(names.local, claim.contested_by)),
        claim.editorial or "",
        claim_hash(claim),
    )


def criterion_rows(selection: Selection) -> Iterator[Row]:
    """The necessary criteria by the viewpoint: of the subtypes asked for, or of all.

    Where no subtype was asked for, a criterion comes if all claims that it rests on were selected.
    """
    ontology = selection.ontology
    classifier = Classifier(ontology)
    axioms = classifier.compiled.axioms
    links = Links(ontology, axioms)
    defined = {names.CC + one.subtype for one in classifier.case_classes}
    asked = defined if selection.is_whole else defined.intersection(selection.about)
    held = {claim.iri for claim in selection.associations}
    for case_class in classifier.case_classes:
        for criterion in case_class.criteria:
            number = case_class.axioms[criterion]
            claims = axioms[number].rests_on
            rests = not asked and claims and held.issuperset(claims)
            if names.CC + case_class.subtype not in asked and not rests:
                continue
            link = links.link(number)
            yield (
                ontology.viewpoint,
                case_class.subtype,
                case_class.label,
                names.local(criterion),
                ontology.terms.label(criterion),
                "yes" if criterion == case_class.causal else "no",
                *_link(link, ontology),
            )


def _link(link: Link, ontology: Ontology) -> Row:
    sources, held = link.sources, claims((link,))
    return (
        link.kind,
        link.why or "",
        _AND.join(held),
        _AND.join(s.reference for s in sources),
        _AND.join(s.read for s in sources),
        _AND.join(s.study_type for s in sources),
        _AND.join(dict.fromkeys(c.reference for one in held for c in disputing(one, ontology))),
        _AND.join(dict.fromkeys(names.local(i) for one in held for i in opponents(one, ontology))),
    )


def mapping_rows(selection: Selection) -> Iterator[Row]:
    """The mappings of the selected terms, as the SSSOM files have them; of the whole graph all."""
    wanted = {names.local(iri) for iri in selection.terms}
    label = selection.everything.text
    for path in sorted((selection.ontology.folder / "mappings").glob("*.sssom.tsv")):
        found = mapped.read(path)
        for row in found.rows:
            term = row["subject_id"].partition(":")[2]
            if selection.is_whole or term in wanted:  # the whole has analytes too
                yield (
                    term,
                    label(names.CC + term, names.LABEL) or row.get("subject_label") or term,
                    row["predicate_id"],
                    row["object_id"],
                    row.get("object_label", ""),
                    row.get("object_source_version", ""),
                    row.get("mapping_justification", ""),
                    row.get("confidence", ""),
                    row.get("comment", ""),
                    found.head.get("license", ""),
                    found.iri,
                )


def reference_rows(selection: Selection) -> Iterator[Row]:
    """The references of the selection."""
    for one in selection.references:
        yield (
            *(one.key, one.label, one.title, str(one.year or "")),
            *(one.study_type, one.doi, one.pmid, one.uri),
        )


def curie(iri: str) -> str:
    """An IRI in the short form that the project's prefixes allow, or as it is."""
    for prefix, base in sorted(names.PREFIXES.items(), key=lambda pair: -len(pair[1])):
        if iri.startswith(base):
            return f"{prefix}:{iri[len(base) :]}"
    return iri


def _csv(selection: Selection, heads: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """A table, with a last column for what is laid over the release, if anything is."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    laid = ", ".join(map(str, selection.ontology.overlays))
    writer.writerow([*heads, LAID] if laid else heads)
    for row in rows:
        writer.writerow([guarded(cell) for cell in (*row, *filter(None, [laid]))])
        yield stream.getvalue().encode()
        stream.seek(0)
        stream.truncate()
    yield stream.getvalue().encode()


WRITERS: Final[Mapping[str, Writer]] = {
    "associations-csv": associations,
    "criteria-csv": criteria,
    "mappings-csv": mappings,
    "xlsx": workbook,
}
