"""The anatomical sites of an ontology: what they are called, and the codes that name one."""

from __future__ import annotations

from typing import Final

from calcinosis import names
from calcinosis.graph.codes import as_curie
from calcinosis.graph.terms import Terms
from calcinosis.graph.triples import Triples

_ANATOMY: Final = "UBERON"
_OURS: Final = "calc"


class Sites:
    """Finds sites by their names and codes; ``terms`` knows the codes that are mapped."""

    def __init__(self, anatomy: Triples, terms: Terms) -> None:
        self._terms = terms
        self._labels: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        for iri, types in anatomy.subjects(names.TYPE):
            label = anatomy.text(iri, names.LABEL)
            if names.OWL + "Class" not in types or label is None:
                continue
            self._labels[iri] = label
            for word in (label, *anatomy.texts(iri, names.SYNONYM)):
                self._by_name.setdefault(names.normal(word), iri)

    def find(self, word: str) -> str | None:
        """The IRI of the site that a name stands for; None where it is none of ours."""
        return self._by_name.get(names.normal(word))

    def label(self, iri: str) -> str:
        """What a site is called."""
        return self._labels[iri]

    def named(self, code: str, label: str = "") -> str:
        """What the site of a CURIE is called; empty where it is not known to be a site.

        Every code of Uberon is one of anatomy. Where it means one of ours, exactly or
        closely, it is called as that, else by the ``label`` that stands beside it.
        """
        curie = as_curie(code)
        if curie is None:
            return ""
        if curie[0] == _OURS:
            return self._labels.get(names.CC + curie[1], "")
        if curie[0].upper() != _ANATOMY:
            return ""
        found = [] if self._terms.is_narrower(code) else self._terms.find(code)
        ours = [self._labels[iri] for iri in found if iri in self._labels]
        return ours[0] if len(ours) == 1 else label or code
