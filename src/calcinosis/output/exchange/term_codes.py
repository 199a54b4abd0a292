"""Codes for terms: those of vocabularies whose release is known, else our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from calcinosis import names
from calcinosis.facts.case import Fact
from calcinosis.graph import mapped
from calcinosis.graph.codes import as_curie
from calcinosis.graph.ontology import Ontology

_OBO: Final = "http://purl.obolibrary.org/obo/"
# Vocabularies by their titles, best first; of these alone every code has its release stated.
_TITLES: Final = {
    "MONDO": "Mondo Disease Ontology",
    "HP": "Human Phenotype Ontology",
    "MAXO": "Medical Action Ontology",
    "UBERON": "Uber-anatomy ontology",
}
_DISEASES: Final = "MONDO"
_SUBSTANCES: Final = "CHEBI"
_TESTS: Final = "LOINC"
_IN_SERUM: Final = "in Serum or Plasma"
_UNITS: Final = "UCUM"
_EXACT: Final = "skos:exactMatch"
_CLOSE: Final = "skos:closeMatch"
_NARROW: Final = "skos:narrowMatch"
_NOT_STATED: Final = "not stated"


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
        """Whether it is the code of a disease, as those of further vocabularies are."""
        return self.prefix == _DISEASES or self.prefix not in (*_TITLES, "calc")

    def to_dict(self) -> dict[str, str]:
        """Identifier and label."""
        return {"id": self.id, "label": self.label}


class Codes:
    """The codes of an ontology's terms: as a case writes them, or by its exact mappings."""

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology
        self._found: dict[str, dict[str, Code]] = {}
        self._written: dict[tuple[str, str], tuple[Code, str]] = {}
        self._prefixes: dict[str, str] = {}
        self._substances: set[str] = set()
        self._tests: dict[str, list[Code]] = {}
        for path in sorted((ontology.folder / "mappings").glob("*.sssom.tsv")):
            mappings = mapped.read(path)
            self._prefixes |= mappings.prefixes
            for row in mappings.rows:
                self._take(row)

    def _take(self, row: dict[str, str]) -> None:
        term = names.CC + row["subject_id"].removeprefix("calc:")
        label, version = row.get("object_label", ""), row.get("object_source_version", "")
        code = Code(row["object_id"], label, version)
        self._written[term, code.id.casefold()] = code, row["predicate_id"]
        if code.prefix == _SUBSTANCES:
            self._substances.add(term)
        if code.prefix == _TESTS and row["predicate_id"] in (_EXACT, _CLOSE):
            self._tests.setdefault(term, []).append(replace(code, version=version or _NOT_STATED))
        if row["predicate_id"] == _EXACT and code.prefix in _TITLES and label and version:
            known = self._found.setdefault(term, {})
            known[code.prefix] = min(known.get(code.prefix, code), code, key=lambda one: one.id)

    def code(self, iri: str) -> Code:
        """The best code that means exactly a term; our own where there is none."""
        found = self._found.get(iri, {})
        for prefix in _TITLES:
            if prefix in found:
                return found[prefix]
        return self.own(names.local(iri))

    def own(self, name: str) -> Code:
        """Our own code of a term, whatever others mean the same."""
        label = self._ontology.terms.label(names.CC + name)
        return Code(f"calc:{name}", label, self._ontology.version)

    def site(self, iri: str) -> Code:
        """The best code that means exactly an anatomical site."""
        found = self.code(iri)
        is_ours = found.prefix == "calc"
        return replace(found, label=self._ontology.sites.label(iri)) if is_ours else found

    def of_test(self, iri: str) -> list[Code]:
        """The codes of LOINC that mean an analyte in serum or plasma, whatever it is given as."""
        return [one for one in self._tests.get(iri, ()) if one.label.endswith(_IN_SERUM)]

    def in_laboratory(self, name: str) -> Code:
        """Our own code of what the module of the laboratory names, such as a test or a level."""
        label = self._ontology.laboratory.text(names.CC + name, names.LABEL)
        return replace(self.own(name), label=label or name)

    def unit(self, ucum: str) -> Code:
        """A unit as UCUM has it."""
        return Code(f"{_UNITS}:{ucum}", ucum, _NOT_STATED)

    def stated(self, fact: Fact) -> Code | None:
        """The code of a fact: the one that stood in the case, else the best that means its term.

        What stood there may be narrower than the term, and then no other says the same. Where it
        has no label it cannot go out: what is present is then coded as the term, which is still
        true, and for what is absent, of which the term would deny more, there is None.
        """
        curie = as_curie(fact.words)
        wanted = (fact.term, ":".join(curie).casefold()) if curie else ("", "")
        code, predicate = self._written.get(wanted, (None, ""))
        if code is not None and code.label and (code.prefix in _TITLES or predicate == _NARROW):
            return code if code.version else replace(code, version=_NOT_STATED)
        if predicate == _NARROW and not fact.affirmed:
            return None
        return self.code(fact.term)

    def is_substance(self, iri: str) -> bool:
        """Whether a term is the giving of a substance: one is mapped to it, however closely."""
        return iri in self._substances

    def resources(self, used: Iterable[Code]) -> Iterator[dict[str, str]]:
        """The vocabularies of codes, as phenopackets list them, and then the ontology itself."""
        for prefix, version in sorted({(code.prefix, code.version) for code in used}):
            if prefix in (*_TITLES, _UNITS) or (prefix in self._prefixes and prefix != "calc"):
                yield self._resource(prefix, version)
        yield self._own()

    def _resource(self, prefix: str, version: str) -> dict[str, str]:
        """A vocabulary: of those whose releases are not known, prefix and address alone."""
        if prefix in _TITLES:
            return _resource(prefix, version)
        if prefix == _UNITS:
            return _units(version)
        address = self._prefixes[prefix]
        return {
            "id": prefix.lower(),
            "name": prefix,
            "url": address,
            "version": version,
            "namespacePrefix": prefix,
            "iriPrefix": address,
        }

    def _own(self) -> dict[str, str]:
        return {
            "id": "calcinosis",
            "name": "calcinosis ontology",
            "url": names.ONTOLOGY,
            "version": self._ontology.version,
            "namespacePrefix": "calc",
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


def _units(version: str) -> dict[str, str]:
    return {
        "id": "ucum",
        "name": "Unified Code for Units of Measure",
        "url": "https://ucum.org",
        "version": version,
        "namespacePrefix": _UNITS,
        "iriPrefix": "http://unitsofmeasure.org/",
    }
