"""Codes for terms: those of vocabularies whose release is known, else our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from calcinosis import names
from calcinosis.graph import mapped
from calcinosis.graph.ontology import Ontology

_OBO: Final = "http://purl.obolibrary.org/obo/"
# Vocabularies by their titles, best first; of these alone every code has its release stated.
_TITLES: Final = {
    "MONDO": "Mondo Disease Ontology",
    "HP": "Human Phenotype Ontology",
    "MAXO": "Medical Action Ontology",
}
_DISEASES: Final = "MONDO"
_SUBSTANCES: Final = "CHEBI"
_EXACT: Final = "skos:exactMatch"


@dataclass(frozen=True, slots=True)
class Code:
    """A CURIE with its label, and the release of its vocabulary."""

    id: str
    label: str
    version: str

    @property
    def prefix(self) -> str:
        """The prefix of the vocabulary."""
        return self.id.partition(":")[0]

    @property
    def is_disease(self) -> bool:
        """Whether it is the code of a disease."""
        return self.prefix == _DISEASES

    def as_dict(self) -> dict[str, str]:
        """Identifier and label."""
        return {"id": self.id, "label": self.label}


class Codes:
    """The codes of an ontology's terms, by its exact mappings."""

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology
        self._found: dict[str, dict[str, Code]] = {}
        self._substances: set[str] = set()
        for path in sorted((ontology.folder / "mappings").glob("*.sssom.tsv")):
            for row in mapped.read(path).rows:
                self._take(row)

    def _take(self, row: dict[str, str]) -> None:
        term = names.CC + row["subject_id"].removeprefix("cc:")
        label, version = row.get("object_label", ""), row.get("object_source_version", "")
        code = Code(row["object_id"], label, version)
        if code.prefix == _SUBSTANCES:
            self._substances.add(term)
        if row["predicate_id"] == _EXACT and code.prefix in _TITLES and label and version:
            known = self._found.setdefault(term, {})
            known[code.prefix] = min(known.get(code.prefix, code), code, key=lambda one: one.id)

    def code(self, iri: str) -> Code:
        """The best code that means exactly a term; our own where there is none."""
        found = self._found.get(iri, {})
        for prefix in _TITLES:
            if prefix in found:
                return found[prefix]
        label = self._ontology.terms.label(iri)
        return Code(f"cc:{names.local(iri)}", label, self._ontology.version)

    def is_substance(self, iri: str) -> bool:
        """Whether a term is the giving of a substance: one is mapped to it, however closely."""
        return iri in self._substances

    def resources(self, used: Iterable[Code]) -> Iterator[dict[str, str]]:
        """The vocabularies of codes, as phenopackets list them, and then the ontology itself."""
        for prefix, version in sorted({(code.prefix, code.version) for code in used}):
            if prefix in _TITLES:
                yield _resource(prefix, version)
        yield self._own()

    def _own(self) -> dict[str, str]:
        return {
            "id": "calcinosis",
            "name": "calcinosis ontology",
            "url": names.ONTOLOGY,
            "version": self._ontology.version,
            "namespacePrefix": "cc",
            "iriPrefix": names.CC,
        }


def _resource(prefix: str, version: str) -> dict[str, str]:
    return {
        "id": prefix.lower(),
        "name": _TITLES[prefix],
        "url": f"{_OBO}{prefix.lower()}.owl",
        "version": version,
        "namespacePrefix": prefix,
        "iriPrefix": f"{_OBO}{prefix}_",
    }
