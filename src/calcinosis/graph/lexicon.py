"""Everything in the graph that has a name: terms, analytes and references, and how to find one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Final

from calcinosis import names
from calcinosis.errors import UnknownNameError, did_you_mean, quoted
from calcinosis.graph import mapped
from calcinosis.graph.codes import as_curie
from calcinosis.graph.keeper import Keeper
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.readings import PLAIN
from calcinosis.graph.search import Entry, Index
from calcinosis.graph.terms import Term, Terms
from calcinosis.graph.triples import Triples

# The roots in the order in which the kind of a term is decided.
_ROOTS: Final = {
    "criterion": "Criterion",
    "site": "AnatomicalSite",
    "antibody": "Antibody",
    "gene": "Gene",
    "test": "DiagnosticTest",
    "treatment": "Treatment",
    "intervention": "Intervention",
    "finding": "Finding",
    "demographic": "Demographic",
    "condition": "Condition",
}
REFERENCE: Final = "reference"
KINDS: Final = ("subtype", *_ROOTS, "case class", "analyte", "class", REFERENCE)
TERM: Final = "term"
TERMS: Final = tuple(kind for kind in KINDS if kind != REFERENCE)
_MANY: Final = 4
LONGEST: Final = 200
"""Letters: no name of a thing is longer."""


class Lexicon(Keeper):
    """All entries of a loaded ontology by IRI, and the ways to find them."""

    def __init__(self, ontology: Ontology) -> None:
        super().__init__()
        self._ontology = ontology
        self.triples = merged(ontology)
        self.terms = Terms(self.triples, mapped.files(ontology.folder))
        self.entries: dict[str, Entry] = {}
        for entry in (*self._terms(), *self._analytes(), *self._references()):
            self.entries[entry.iri] = entry

    # -- what there is -------------------------------------------------------------------

    def _terms(self) -> Iterator[Entry]:
        further: dict[str, list[str]] = {}
        for iri, word in (one for s in names.SCOPES for one in self.terms.scoped(s)):
            further.setdefault(iri, []).append(word)
        for term in self.terms:
            above = self.terms.ancestors(term.iri)
            kinds = [kind for kind, root in _ROOTS.items() if names.CC + root in above]
            if term.kind == "subtype" or term.iri == names.CALCINOSIS:
                kinds.insert(0, "subtype")
            if self.triples.iri(term.iri, names.CC + "caseOf"):
                kinds = ["case class"]
            kinds = kinds or ["class"]
            other = (term.synonyms, tuple(further.get(term.iri, ())))
            yield Entry(term.iri, term.id, term.label, kinds[0], frozenset(kinds), *other)

    def _analytes(self) -> Iterator[Entry]:
        laboratory = self._ontology.laboratory
        for iri in laboratory.instances(names.CC + "Analyte"):
            label = laboratory.text(iri, names.LABEL) or names.local(iri)
            other = tuple(laboratory.texts(iri, names.SYNONYM))
            yield Entry(iri, names.local(iri), label, "analyte", frozenset({"analyte"}), other)

    def _references(self) -> Iterator[Entry]:
        for key, reference in self._ontology.library.bibliography.items():
            codes = (reference.doi, reference.pmid, reference.pmcid)
            other = tuple(word for word in (reference.title, *codes) if word)
            yield Entry(
                names.REF + key, key, reference.label, REFERENCE, frozenset({REFERENCE}), other
            )

    def term(self, iri: str) -> Term:
        """A term or analyte as people meet it; KeyError if there is none."""
        entry = self.entries[iri]
        if entry.kind != "analyte":
            return self.terms.term(iri)
        definition = self._ontology.laboratory.text(iri, names.DEFINITION) or ""
        return Term(iri, entry.id, entry.label, "analyte", definition, entry.synonyms, ())

    # -- finding one ---------------------------------------------------------------------

    @cached_property
    def _by_name(self) -> dict[str, list[Entry]]:
        index: dict[str, list[Entry]] = {}
        for entry in self.entries.values():
            for word in {names.normal(word) for word in entry.words}:
                index.setdefault(word, []).append(entry)
        return index

    @cached_property
    def _by_bare_name(self) -> dict[str, list[Entry]]:
        return names.by_bare(self._by_name)

    def find(self, text: str, kinds: Collection[str] = ()) -> list[Entry]:
        """The entries that ``text`` names exactly, of some kinds only if any are given.

        ``text`` is a label, synonym, class name or reference key in any case, with or without its
        hyphens and accents, one of our IRIs or CURIEs, an identifier of a reference, or a CURIE
        of a mapped vocabulary; a code alone stands for all vocabularies that have it. What is none
        of these may be a word by which reports call a thing.
        """
        found = self._by_name.get(names.normal(text)) or self._by_code(text)
        found = found or self._by_bare_name.get(names.bare(text), []) or self._spoken(text)
        return [entry for entry in found if not kinds or not entry.kinds.isdisjoint(kinds)]

    def _spoken(self, text: str) -> list[Entry]:
        """What a word of reports is just another name of; of several meanings all of them."""
        found = self._ontology.words.read(text[:LONGEST])
        if found is None or found.unread or any(said != PLAIN for _, said in found.things):
            return []
        iris = found.iris if found.several == (len(found.iris) > 1) else []
        return [self.entries[iri] for iri in iris if iri in self.entries]

    def _by_code(self, text: str) -> list[Entry]:
        text = text.strip()
        for prefix, base in (("ref:", names.REF), ("calc:", names.CC), ("cc:", names.CC), ("", "")):
            if text.startswith(prefix) and base + text.removeprefix(prefix) in self.entries:
                return [self.entries[base + text.removeprefix(prefix)]]
        curie = as_curie(text)
        if curie is None:
            known = self.terms.by_bare_code(text) or self.terms.find(text)  # of one obsolete
            return [self.entries[iri] for iri in known if iri in self.entries]
        if curie[0].casefold() in ("doi", "pmid", "pmc"):
            return self._by_name.get(names.normal(curie[1]), [])
        return [self.entries[iri] for iri in self.terms.find(text) if iri in self.entries]

    def resolve(self, text: str, kinds: Collection[str] = (), where: str = "") -> Entry:
        """The one entry that ``text`` names; a subtype also by the first words of its label.

        A term comes before a reference whose title is the same word.
        UsageError if none does, with the nearest (references only where no term is near), or
        several do, with all of them.
        """
        found = self.find(text, kinds) or self._beginning(text, kinds)
        found = [entry for entry in found if entry.kind != REFERENCE] or found
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownNameError(
                f"{quoted(text)} is ambiguous",
                where,
                f"Write one of {', '.join(sorted(entry.id for entry in found))}",
            )
        if instead := self.terms.instead(text):
            cure = f"Consider {' or '.join(instead)}"
            raise UnknownNameError(
                f"{quoted(text)} is obsolete, and no term replaces it", where, cure
            )
        what = kinds_in_words(kinds)
        terms = [kind for kind in kinds or KINDS if kind != REFERENCE]
        found = (self.nearest(text, terms) if terms else []) or self.nearest(text, kinds)
        near = [entry.id if entry.kind == REFERENCE else entry.label for entry in found]
        hint = did_you_mean(near, otherwise=f"No {what} is near to it.")
        raise UnknownNameError(f"there is no {what} {quoted(text)}", where, hint)

    def _beginning(self, text: str, kinds: Collection[str]) -> list[Entry]:
        start = names.normal(text) + " "
        if kinds and "subtype" not in kinds:
            return []
        return [e for e in self.of(("subtype",)) if names.normal(e.label).startswith(start)]

    def of(self, kinds: Collection[str]) -> Iterable[Entry]:
        """The entries of some kinds, or all."""
        return (e for e in self.entries.values() if not kinds or not e.kinds.isdisjoint(kinds))

    def nearest(self, text: str, kinds: Collection[str] = (), count: int = 3) -> list[Entry]:
        """The entries whose names are nearest to a misspelt ``text``, best first."""
        index = Index(self.of(kinds), self._ontology.spoken.names)
        return [hit.entry for hit in index.search(text, count)]


def merged(ontology: Ontology) -> Triples:
    """The ontology's triples with those of the sites, which verdicts do without."""
    return Triples.joined(ontology.triples, ontology.anatomy)


def kinds_of(type_of: str) -> tuple[str, ...]:
    """The kinds of term that the type of a parameter names; all for ``term``."""
    return TERMS if type_of == TERM else tuple(type_of.split(" or "))


def kinds_in_words(kinds: Collection[str]) -> str:
    """The kinds as a noun for an error: ``condition or finding``, ``term``."""
    return " or ".join(kinds) if 0 < len(kinds) < _MANY else "term"
