"""Citations and references as triples: which, how far each was read, and what kind of study."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from calcinosis import names
from calcinosis.graph.claims import Association, Citation, Reference
from calcinosis.output.rdf.trusty import Node

Triple = tuple[str, str, Node]

DOI_SAFE: Final = "/:;()._-"
_BOOLEAN: Final = NamedNode(names.XSD + "boolean")
_INTEGER: Final = NamedNode(names.XSD + "integer")


def citations(source: str, cited: Iterable[Citation], nodes: str) -> Iterator[Triple]:
    """The citations of a claim, each with how far it was read, in the ontology's own form.

    What is said of a citation hangs on a resource that ``nodes`` begins the name of.
    """
    for number, citation in enumerate(cited, 1):
        predicate = names.DISPUTES if citation.disputes else names.EVIDENCE
        target, node = names.REF + citation.reference, f"{nodes}{number}"
        yield (source, predicate, target)
        yield (node, names.TYPE, names.OWL + "Axiom")
        yield (node, names.OWL + "annotatedSource", source)
        yield (node, names.OWL + "annotatedProperty", predicate)
        yield (node, names.OWL + "annotatedTarget", target)
        yield (node, names.CC + "read", Literal(citation.read))


def contest(source: str, opponents: Iterable[str], *, contested: bool) -> Iterator[Triple]:
    """That a claim is contested, where it is, and by which other claims."""
    if contested:
        yield (source, names.CC + "contested", Literal("true", datatype=_BOOLEAN))
    for other in opponents:
        yield (source, names.CC + "contestedBy", other)


def reference(found: Reference) -> Iterator[Triple]:
    """What a reader needs to find a reference and to weigh it; nothing that was not seen."""
    iri = names.REF + found.key
    if found.kind:
        yield (iri, names.TYPE, names.FABIO + found.kind)
    texts = {
        names.LABEL: found.label,
        names.DCTERMS + "title": found.title,
        names.BIBO + "doi": found.doi,
        names.BIBO + "pmid": found.pmid,
        names.BIBO + "uri": found.uri,
        names.CC + "studyType": found.study_type,
    }
    for predicate, text in texts.items():
        if text:
            yield (iri, predicate, Literal(text))
    if found.year is not None:
        yield (iri, names.CC + "year", Literal(str(found.year), datatype=_INTEGER))
    if found.doi:
        address = "https://doi.org/" + quote(found.doi, safe=DOI_SAFE)
        yield (iri, names.RDFS + "seeAlso", address)
    if found.retracted:
        yield (iri, names.BIBO + "status", names.RETRACTED)


def claim_hash(claim: Association) -> str:
    """32 hexadecimal digits of the SHA-256 of subject, predicate, object, contexts, statement.

    The order of contexts does not matter; citations and labels do not enter.
    """
    said = [
        claim.subject,
        claim.predicate,
        claim.object,
        sorted(claim.contexts),
        claim.statement,
    ]
    text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()[:32]
