"""Names: namespaces, terms of the schema, and CURIE prefixes.

Only names live here; what they mean is said in ``ontology/schema.ttl``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

Named = TypeVar("Named")

CC: Final = "https://w3id.org/calcinosis/"
REF: Final = CC + "reference/"
ASSOC: Final = CC + "association/"
EVID: Final = CC + "evidence/"
INTERP: Final = CC + "interpretation/"
VIEWPOINT: Final = CC + "viewpoint/"
ONTOLOGY: Final = CC + "ontology"
GRAPH: Final = CC + "graph/"
APART: Final = (ASSOC, EVID, INTERP, REF, ONTOLOGY)
"""What is no term: claims, their evidence, what is read into them, references, and modules."""
NANOPUB: Final = CC + "nanopub/"
AGENT: Final = CC + "agent/"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"
CITO: Final = "http://purl.org/spar/cito/"
FABIO: Final = "http://purl.org/spar/fabio/"
BIBO: Final = "http://purl.org/ontology/bibo/"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
PRISM: Final = "http://prismstandard.org/namespaces/basic/2.0/"
IAO: Final = "http://purl.obolibrary.org/obo/IAO_"
RO: Final = "http://purl.obolibrary.org/obo/RO_"
BFO: Final = "http://purl.obolibrary.org/obo/BFO_"
BIOLINK: Final = "https://w3id.org/biolink/vocab/"
VANN: Final = "http://purl.org/vocab/vann/"
SSSOM: Final = "https://w3id.org/sssom/"
SEMAPV: Final = "https://w3id.org/semapv/vocab/"
PROV: Final = "http://www.w3.org/ns/prov#"
NP: Final = "http://www.nanopub.org/nschema#"
NPX: Final = "http://purl.org/nanopub/x/"
VOID: Final = "http://rdfs.org/ns/void#"
SHACL: Final = "http://www.w3.org/ns/shacl#"
SCHEMA: Final = "https://schema.org/"
OBO_IN_OWL: Final = "http://www.geneontology.org/formats/oboInOwl#"

PREFIXES: Final[dict[str, str]] = {
    "calc": CC,
    "ref": REF,
    "assoc": ASSOC,
    "evid": EVID,
    "interp": INTERP,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "dcterms": DCTERMS,
    "cito": CITO,
    "fabio": FABIO,
    "bibo": BIBO,
    "foaf": FOAF,
    "prism": PRISM,
    "BFO": BFO,
    "IAO": IAO,
    "RO": RO,
    "biolink": BIOLINK,
    "vann": VANN,
}

# Our prefix until 0.1.0, which is Creative Commons' own: read in queries, never written.
OLD_PREFIXES: Final = {"cc": CC}

TYPE: Final = RDF + "type"
FIRST: Final = RDF + "first"
REST: Final = RDF + "rest"
NIL: Final = RDF + "nil"
LABEL: Final = RDFS + "label"
SUBCLASS: Final = RDFS + "subClassOf"
SUBPROPERTY: Final = RDFS + "subPropertyOf"
ON_PROPERTY: Final = OWL + "onProperty"
SOME: Final = OWL + "someValuesFrom"
PART_OF: Final = BFO + "0000050"
HAS_PART: Final = BFO + "0000051"
DEFINITION: Final = IAO + "0000115"
PREFERRED: Final = SKOS + "prefLabel"
SYNONYM: Final = SKOS + "altLabel"
HIDDEN: Final = SKOS + "hiddenLabel"
EXACT: Final = OBO_IN_OWL + "hasExactSynonym"
NARROW: Final = OBO_IN_OWL + "hasNarrowSynonym"
BROAD: Final = OBO_IN_OWL + "hasBroadSynonym"
RELATED: Final = OBO_IN_OWL + "hasRelatedSynonym"
SCOPES: Final = (NARROW, BROAD, RELATED)
DEFINED_BY: Final = IAO + "0000119"
OWN_WORDS: Final = CC + "OwnWords"
DEPRECATED: Final = OWL + "deprecated"
REPLACED_BY: Final = IAO + "0100001"
CONSIDER: Final = OBO_IN_OWL + "consider"
BROADER: Final = SKOS + "broadMatch"
ANNOTATED_SOURCE: Final = OWL + "annotatedSource"
ANNOTATED_PROPERTY: Final = OWL + "annotatedProperty"
ANNOTATED_TARGET: Final = OWL + "annotatedTarget"
EVIDENCE: Final = CITO + "citesAsEvidence"
DISPUTES: Final = CITO + "disputes"
CITES: Final = {CC + "evidenceFor": EVIDENCE, CC + "evidenceAgainst": DISPUTES}
"""What an evidence item says of a claim, and what the claim then says of its reference."""
SOURCE: Final = DCTERMS + "source"
INTERPRETS: Final = CC + "interprets"
IN_VIEWPOINT: Final = CC + "inViewpoint"
"""What an interpretation says of its claim, and of the viewpoint that it belongs to, if of one."""

LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"

RETRACTED: Final = BIBO + "status/retracted"

CASE: Final = CC + "Case"
CALCINOSIS: Final = CC + "CalcinosisCutis"

CONDITION: Final = CC + "Condition"
INTERVENTION: Final = CC + "Intervention"
FINDING: Final = CC + "Finding"

HAS_CONDITION: Final = CC + "hasCondition"
UNDERWENT: Final = CC + "underwent"
HAS_FINDING: Final = CC + "hasFinding"
HAS: Final = {"condition": HAS_CONDITION, "intervention": UNDERWENT, "finding": HAS_FINDING}
"""The property by which a case has a term, by the kind of the term."""

DEFAULT_VIEWPOINT: Final = "seed-reiter-2011"

# Other spellings of a vocabulary's prefix that people and phenopackets write.
PREFIX_ALIASES: Final[dict[str, str]] = {
    "sctid": "SNOMEDCT",
    "snomedct_us": "SNOMEDCT",
    "snomed": "SNOMEDCT",
    "snomedct": "SNOMEDCT",
    "orpha": "Orphanet",
    "ordo": "Orphanet",
    "icd10": "ICD10WHO",
    "icd-10-cm": "ICD10CM",
    "mim": "OMIM",
    "hpo": "HP",
    "icd11": "icd11.foundation",
    "calcinosis": "calc",
    **dict.fromkeys(OLD_PREFIXES, "calc"),
}

_SPACE = re.compile(r"[\s_]+")


def local(iri: str) -> str:
    """The readable last part of one of our IRIs, such as ``WithCalcinosis``."""
    for base in (ASSOC, EVID, REF, VIEWPOINT, CC):
        if iri.startswith(base):
            return iri[len(base) :]
    return iri


def curie(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """An IRI in short form, by the longest namespace that it stands in; or as it is.

    >>> curie(REF + "reiter-2011")
    'ref:reiter-2011'
    """
    fitting = [prefix for prefix, base in prefixes.items() if iri.startswith(base)]
    if not fitting:
        return iri
    prefix = max(fitting, key=lambda one: len(prefixes[one]))
    return f"{prefix}:{iri.removeprefix(prefixes[prefix])}"


def key(text: str) -> str:
    """The key of a reference, from its key, CURIE or IRI.

    >>> key("ref:reiter-2011") == key(REF + "reiter-2011") == key("reiter-2011")
    True
    """
    return text.removeprefix("ref:" if text.startswith("ref:") else REF)


def normal(text: str) -> str:
    """A label as it is compared: any case, one space, plain hyphens and apostrophes.

    >>> normal("  Systemic   Disease ")
    'systemic disease'
    """
    text = text.replace("\u2019", "'").replace("\u2010", "-").replace("\u2011", "-")
    return _SPACE.sub(" ", text.casefold()).strip()


def bare(text: str) -> str:
    """A label without what many leave out: hyphens and accents.

    >>> bare("Soft-tissue Café")
    'soft tissue cafe'
    """
    letters = unicodedata.normalize("NFKD", normal(text).replace("-", " "))
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _SPACE.sub(" ", kept).strip()


def by_bare(index: Mapping[str, Iterable[Named]]) -> dict[str, list[Named]]:
    """An index of names in their normal form as one of bare names, nothing twice under one."""
    found: dict[str, list[Named]] = {}
    for word, things in index.items():
        known = found.setdefault(bare(word), [])
        known += [thing for thing in things if thing not in known]
    return found
