"""Everything that the graph says of one term, as one value."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from calcinosis import names
from calcinosis.graph.claims import Association, Citation, Reference
from calcinosis.graph.lexicon import REFERENCE, Lexicon
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.search import Entry
from calcinosis.graph.terms import Mapping
from calcinosis.graph.viewpoints import Criterion, read_one

_MATCHES: Final = ("exact", "close", "narrow", "broad", "related")
WITHOUT_CLAIMS: Final = ("criterion", "case class", "analyte", "class", REFERENCE)
KINDS: Final = (
    *("Cause", "RiskFactor", "Definition", "Classification", "Finding", "Histology"),
    *("Laboratory", "Antibody", "Gene", "Site", "Test", "Treatment", "Differential"),
    *("Overlap", "Epidemiology"),
)


@dataclass(frozen=True, slots=True)
class Cited(Citation):
    """A citation with the type of study of its reference, and the figures that it gives."""

    study_type: str = ""
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A class that the term is a kind or a part of: why, where a claim or we say so."""

    id: str
    label: str
    references: tuple[str, ...]
    editorial: str | None
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """A class of the hierarchy with those below it that lead to the term; ``here`` is the term."""

    id: str
    label: str
    here: bool
    below: tuple[Branch, ...]

    def __repr__(self) -> str:
        return f"<Branch {self.label}>"


@dataclass(frozen=True, slots=True)
class Page:
    """What there is to say of one term, analyte or reference.

    Citations of claims have the type of study (``Cited``). ``against`` is the other side of
    ``claims``; ``mentioned`` are those whose words have the name of a term that none is about.
    """

    entry: Entry
    definition: str
    sources: tuple[str, ...]
    asks: str | None
    placed: tuple[Placed, ...]
    tree: tuple[Branch, ...]
    below: tuple[tuple[str, str], ...]
    viewpoint: str
    criteria: tuple[Criterion, ...]
    claims: tuple[Association, ...]
    against: tuple[Association, ...]
    mappings: tuple[Mapping, ...]
    reference: Reference | None
    mentioned: tuple[Association, ...] = ()

    def __repr__(self) -> str:
        return f"<Page {self.entry.label} ({self.entry.kind})>"


class Describer:
    """Makes pages of one loaded ontology."""

    def __init__(self, ontology: Ontology, lexicon: Lexicon) -> None:
        self._ontology = ontology
        self._lexicon = lexicon
        self._triples = lexicon.triples
        self._claims = ontology.claims

    def page(self, entry: Entry) -> Page:
        """The page of one entry."""
        claims = self._about(entry)
        own = {claim.iri for claim in claims}
        others = dict.fromkeys(o for c in claims for o in c.contested_by if o not in own)
        source = self._ontology.laboratory if entry.kind == "analyte" else self._triples
        return Page(
            entry=entry,
            definition=source.text(entry.iri, names.DEFINITION) or "",
            sources=tuple(
                names.local(iri)
                for iri in source.iris(entry.iri, names.DEFINED_BY)
                if iri.startswith(names.REF)
            ),
            asks=source.text(entry.iri, names.CC + "asks"),
            placed=self._placed(entry.iri),
            tree=self._tree(entry.iri),
            below=tuple(sorted(self._below(entry.iri), key=lambda pair: pair[1].casefold())),
            viewpoint=self._triples.text(self._ontology.viewpoint_iri, names.LABEL) or "",
            criteria=self._criteria(entry.iri),
            claims=claims,
            against=tuple(self.claim(self._claims.association(o)) for o in others),
            mappings=self._mappings(entry),
            reference=self._ontology.library.bibliography.get(entry.id),
            mentioned=() if claims else self._mentioning(entry),
        )

    # -- claims --------------------------------------------------------------------------

    def _about(self, entry: Entry) -> tuple[Association, ...]:
        found = [
            self.claim(a)
            for a in self._claims.associations.values()
            if entry.iri in a.named
            or (entry.kind == REFERENCE and any(c.reference == entry.id for c in a.citations))
        ]
        order = {kind: place for place, kind in enumerate(KINDS)}
        return tuple(
            sorted(found, key=lambda c: (order.get(c.topic, 99), c.label.casefold(), c.id))
        )

    def _mentioning(self, entry: Entry) -> tuple[Association, ...]:
        if entry.kind in WITHOUT_CLAIMS or entry.iri in self._lexicon.terms.children:
            return ()
        words = "|".join(re.escape(names.normal(word)) for word in entry.words)
        said = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
        found = [
            self.claim(a)
            for a in self._claims.associations.values()
            if said.search(names.normal(f"{a.label} {a.statement} {a.mechanism or ''}"))
        ]
        return tuple(sorted(found, key=lambda claim: (claim.label.casefold(), claim.id)))

    def claim(self, association: Association) -> Association:
        """An association with its citations and the other side in the order for readers."""
        library = self._ontology.library.bibliography
        citations = []
        for c in association.citations:
            study = library[c.reference].study_type if c.reference in library else ""
            figures = self._figures.get((association.id, c.reference, c.disputes), ())
            citations.append(Cited(c.reference, c.read, c.disputes, study, figures))
        return replace(
            association,
            citations=tuple(sorted(citations, key=lambda c: (c.disputes, c.reference))),
            contested_by=tuple(sorted(association.contested_by)),
        )

    @cached_property
    def _figures(self) -> dict[tuple[str, str, bool], tuple[str, ...]]:
        """The figures of evidence items by claim, reference and whether it disputes."""
        found = self._ontology.evidence
        return {(it.claim, it.reference, it.side == "against"): it.figures for it in found}

    # -- the hierarchy ---------------------------------------------------------------------

    def _placed(self, iri: str) -> tuple[Placed, ...]:
        terms, wholes = self._lexicon.terms, self._triples.wholes(iri)
        found = [
            Placed(names.local(p), terms.label(p), *self._grounds(iri, p), p in wholes)
            for p in terms.parents(iri)
        ]
        return tuple(sorted(found, key=lambda placed: placed.label.casefold()))

    def _grounds(self, iri: str, parent: str) -> tuple[tuple[str, ...], str | None]:
        """The references and the editorial reason of one subclass axiom."""
        keys: set[str] = set()
        reasons: list[str] = []
        for node, axiom in self._triples.annotated():
            about, _, above = axiom
            if about == iri and parent in (above, self._triples.iri(str(above), names.SOME)):
                for claim in self._triples.iris(node, names.CC + "restsOn"):
                    keys.update(self._claims.references(claim))
                reasons += self._triples.texts(node, names.CC + "editorial")
        return tuple(sorted(keys)), " ".join(reasons) or None

    def _tree(self, iri: str) -> tuple[Branch, ...]:
        terms = self._lexicon.terms
        if iri not in terms:
            return ()
        above = terms.ancestors(iri)
        roots = [name for name in above if not terms.parents(name)]
        return tuple(self._branch(root, iri, above) for root in self._ordered(roots))

    def _branch(self, name: str, iri: str, above: set[str]) -> Branch:
        terms = self._lexicon.terms
        inside = {n for n in terms.children.get(name, ()) if n in above} if name != iri else set()
        nearest = [n for n in inside if not (terms.ancestors(n) - {n}) & inside]
        below = tuple(self._branch(child, iri, above) for child in self._ordered(nearest))
        return Branch(names.local(name), terms.label(name), name == iri, below)

    def _ordered(self, iris: list[str]) -> list[str]:
        return sorted(iris, key=lambda iri: self._lexicon.terms.label(iri).casefold())

    def _below(self, iri: str) -> list[tuple[str, str]]:
        terms = self._lexicon.terms
        return [(names.local(n), terms.label(n)) for n in terms.children.get(iri, ())]

    # -- criteria and mappings ---------------------------------------------------------------

    def _criteria(self, iri: str) -> tuple[Criterion, ...]:
        """The criteria of the case classes that are about a subtype, or of a case class."""
        about = names.CC + "caseOf"
        subtype = self._triples.iri(iri, about) or iri
        if not any(subtype in subtypes for _, subtypes in self._triples.subjects(about)):
            return ()
        view = read_one(self._ontology, self._ontology.viewpoint)
        found = (one.criteria for one in view.subtypes if one.id == names.local(subtype))
        return tuple(criterion for criteria in found for criterion in criteria)

    def _mappings(self, entry: Entry) -> tuple[Mapping, ...]:
        rows = [m for m in self._lexicon.terms.mappings if m.subject == f"calc:{entry.id}"]
        return tuple(sorted(rows, key=lambda m: (_MATCHES.index(match(m)), m.object)))


def match(mapping: Mapping) -> str:
    """How a mapping matches: exact, close, narrow, broad or related."""
    return mapping.predicate.removeprefix("skos:").removesuffix("Match")
