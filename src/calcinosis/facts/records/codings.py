"""Codes as records hold them: a system and a code, or a CURIE, with a label, to one spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from calcinosis.graph.codes import as_curie

LABEL_CHARACTERS: Final = 200
"""Of a label that is shown beside its code."""

_SYSTEMS: Final = {
    "snomed.info/sct": "SNOMEDCT",
    "loinc.org": "LOINC",
    "hl7.org/fhir/sid/icd-10-cm": "ICD10CM",
    "hl7.org/fhir/sid/icd-10": "ICD10WHO",
    "hl7.org/fhir/sid/icd-11": "icd11",
    "fhir.de/CodeSystem/bfarm/icd-10-gm": "ICD10GM",
    "fhir.de/CodeSystem/dimdi/icd-10-gm": "ICD10GM",
    "www.orpha.net": "Orphanet",
    "www.orpha.net/ORDO": "Orphanet",
    "purl.obolibrary.org/obo/hp.owl": "HP",
    "purl.obolibrary.org/obo/hp.fhir": "HP",
    "human-phenotype-ontology.org": "HP",
    "purl.obolibrary.org/obo/mondo.owl": "MONDO",
    "purl.obolibrary.org/obo/doid.owl": "DOID",
    "purl.obolibrary.org/obo/chebi.owl": "CHEBI",
    "purl.obolibrary.org/obo/uberon.owl": "UBERON",
    "purl.obolibrary.org/obo/maxo.owl": "MAXO",
    "purl.obolibrary.org/obo/ncit.owl": "NCIT",
    "ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl": "NCIT",
    "www.omim.org": "OMIM",
    "omim.org": "OMIM",
    "id.nlm.nih.gov/mesh": "MESH",
    "www.nlm.nih.gov/mesh": "MESH",
    "www.nlm.nih.gov/research/umls/rxnorm": "RXNORM",
    "www.whocc.no/atc": "ATC",
    "www.genenames.org": "HGNC",
    "www.genenames.org/geneId": "HGNC",
    "unitsofmeasure.org": "UCUM",
}
_OIDS: Final = {
    "2.16.840.1.113883.6.96": "SNOMEDCT",
    "2.16.840.1.113883.6.1": "LOINC",
    "2.16.840.1.113883.6.90": "ICD10CM",
    "2.16.840.1.113883.6.3": "ICD10WHO",
    "2.16.840.1.113883.6.88": "RXNORM",
    "2.16.840.1.113883.6.73": "ATC",
    "2.16.840.1.113883.6.281": "HGNC",
    "2.16.840.1.113883.6.174": "OMIM",
    "2.16.840.1.113883.6.177": "MESH",
    "2.16.840.1.113883.6.339": "HP",
    "2.16.840.1.113883.6.8": "UCUM",
}
_FORMS: Final = {
    "HP": r"\d{7}",
    "MONDO": r"\d{7}",
    "DOID": r"\d{1,7}",
    "OMIM": r"\d{6}",
    "ORPHANET": r"\d{1,6}",
    "ORPHA": r"\d{1,6}",
    "SNOMEDCT": r"\d{6,18}",
    "LOINC": r"\d{1,7}-\d",
    "NCIT": r"C\d+",
    "HGNC": r"\d+",
    "CHEBI": r"\d+",
    "UBERON": r"\d{7}",
    "MAXO": r"\d{7}",
}
_IS_FORM: Final = {prefix: re.compile(rf"{form}\Z") for prefix, form in _FORMS.items()}
_UNDERSCORED: Final = re.compile(r"([A-Za-z]{2,12})_(\w+)\Z")
_RUN_TOGETHER: Final = re.compile(r"(HP|MONDO|OMIM|DOID)(\d{6,7})\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Coding:
    """One code: ``id`` is a CURIE (empty if there is a label alone), ``label`` as it stood.

    ``given`` is the code as it stood.
    """

    id: str
    label: str = ""
    given: str = ""

    def __str__(self) -> str:
        label = self.label[:LABEL_CHARACTERS]
        return " ! ".join(part for part in (self.id, label) if part)

    @property
    def is_misspelt(self) -> bool:
        """Whether the identifier is none that its vocabulary can have.

        >>> Coding("HP:123").is_misspelt, Coding("HP:0000123").is_misspelt
        (True, False)
        """
        prefix, colon, local = self.id.partition(":")
        form = _IS_FORM.get(prefix.upper())
        return bool(colon) and form is not None and form.match(local) is None


def plain(value: object) -> str:
    """A text without the white space around it; empty for what is no text."""
    return value.strip() if isinstance(value, str) else ""


def ontology_class(value: object) -> Coding | None:
    """The code of an ``OntologyClass`` of a phenopacket, or None where there is none.

    >>> str(ontology_class({"id": "HP_0001945", "label": "Fever "}))
    'HP:0001945 ! Fever'
    """
    if isinstance(value, str):
        return Coding("", plain(value)) if plain(value) else None
    if not isinstance(value, dict):
        return None
    given, label = plain(value.get("id")), plain(value.get("label"))
    return _coding(given, label) if given or label else None


@lru_cache(10_000)  # the same codes stand again and again
def _coding(given: str, label: str) -> Coding:
    return Coding(cleaned(given), label, given)


def cleaned(given: str) -> str:
    """An identifier as a CURIE where it can be told; else as it stood."""
    match = _UNDERSCORED.match(given) or _RUN_TOGETHER.match(given)
    if match is not None:
        return f"{match[1].upper()}:{match[2]}"
    if given.startswith("http"):
        curie = as_curie(given)
        return ":".join(curie) if curie else given
    return given


def system_of(uri: object) -> str:
    """The prefix of a FHIR code system; empty if it is not known.

    >>> system_of("http://snomed.info/sct"), system_of("urn:oid:2.16.840.1.113883.6.1")
    ('SNOMEDCT', 'LOINC')
    """
    text = plain(uri)
    if text.startswith("urn:oid:"):
        return _OIDS.get(text.removeprefix("urn:oid:"), "")
    bare = text.removeprefix("https://").removeprefix("http://").rstrip("/#")
    return _SYSTEMS.get(bare.partition("|")[0], "")


def fhir_coding(value: object) -> Coding | None:
    """The code of a FHIR ``Coding``; None where it has neither code nor display."""
    if not isinstance(value, dict):
        return None
    code, label = plain(value.get("code")), plain(value.get("display"))
    if not code:
        return Coding("", label) if label else None
    prefix = system_of(value.get("system"))
    if prefix:
        local = code.partition(":")[2] if code.upper().startswith(f"{prefix}:") else code
        return Coding(f"{prefix}:{local}", label, code)
    uri = plain(value.get("system"))
    given = f"{uri}|{code}" if uri else code
    return Coding(cleaned(code) if ":" in code and not uri else "", label or given, given)


def concept(value: object) -> tuple[tuple[Coding, ...], str]:
    """The codes of a FHIR ``CodeableConcept`` and its text."""
    if isinstance(value, str):
        return (), plain(value)
    if not isinstance(value, dict):
        return (), ""
    given = value.get("coding")
    found = map(fhir_coding, given if isinstance(given, list) else [])
    return tuple(one for one in found if one is not None), plain(value.get("text"))


def words(value: Any) -> str:
    """A concept or an ontology class in words, empty if there are none."""
    if isinstance(value, dict) and ("coding" in value or "text" in value):
        codings, text = concept(value)
        return text or next((one.label or one.id for one in codings), "")
    found = ontology_class(value)
    return "" if found is None else found.label or found.id
