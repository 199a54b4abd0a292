"""Everything that the graph says of one term, as one value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from calcinosis import names
from calcinosis.graph.claims import Association, Reference
from calcinosis.graph.lexicon import REFERENCE, Entry, Lexicon
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.terms import Mapping

_MATCHES: Final = ("exact", "close", "narrow", "broad", "related")
WITHOUT_CLAIMS: Final = ("criterion", "case class", "analyte", "class", REFERENCE)
KINDS: Final = (
    *("Cause", "RiskFactor", "Definition", "Classification", "Finding", "Histology"),
    *("Laboratory", "Antibody", "Gene", "Site", "Test", "Treatment", "Differential"),
    *("Overlap", "Epidemiology"),
)


@dataclass(frozen=True, slots=True)
class Cited:
    """One reference of a claim: how far it was read for it, its study type, its side."""

    reference: str
    read: str
    study_type: str
    disputes: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim with its references, and the claims of the other side by their ids."""

    id: str
    kind: str
    label: str
    statement: str
    mechanism: str | None
    citations: tuple[Cited, ...]
    contested: bool
    contested_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A class that the term is a kind of: why, where a claim or we say so."""

    id: str
    label: str
    references: tuple[str, ...]
    editorial: str | None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One necessary criterion of a subtype in the loaded viewpoint, in words."""

    id: str
    label: str
    definition: str
    causal: bool
    references: tuple[str, ...]
    editorial: str | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A class of the hierarchy with those below it that lead to the term; ``here`` is the term."""

    id: str
    label: str
    here: bool
    below: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What there is to say of one term, analyte or reference.

    ``mentioned`` are claims whose words have the name of a term that no claim is about.
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
    claims: tuple[Claim, ...]
    against: tuple[Claim, ...]
    mappings: tuple[Mapping, ...]
    reference: Reference | None
    mentioned: tuple[Claim, ...] = ()


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
        ids = {claim.id for claim in claims}
        others = dict.fromkeys(o for c in claims for o in c.contested_by if o not in ids)
        source = self._ontology.laboratory if entry.kind == "analyte" else self._triples
        return Page(
            entry=entry,
            definition=source.text(entry.iri, names.DEFINITION) or "",
            sources=tuple(names.local(i) for i in source.iris(entry.iri, names.IAO + "0000119")),
            asks=source.text(entry.iri, names.CC + "asks"),
            placed=self._placed(entry.iri),
            tree=self._tree(entry.iri),
            below=tuple(sorted(self._below(entry.iri), key=lambda pair: pair[1].casefold())),
            viewpoint=self._triples.text(self._ontology.viewpoint_iri, names.LABEL) or "",
            criteria=self._criteria(entry.iri),
            claims=claims,
            against=tuple(self._claim(self._claims.association(names.ASSOC + o)) for o in others),
            mappings=self._mappings(entry),
            reference=self._ontology.library.bibliography.get(entry.id),
            mentioned=() if claims else self._mentioning(entry),
        )

    # -- claims --------------------------------------------------------------------------

    def _about(self, entry: Entry) -> tuple[Claim, ...]:
        found = [
            self._claim(a)
            for a in self._claims.associations.values()
            if entry.iri in a.named
            or (entry.kind == REFERENCE and any(c.reference == entry.id for c in a.citations))
        ]
        order = {kind: place for place, kind in enumerate(KINDS)}
        return tuple(sorted(found, key=lambda c: (order.get(c.kind, 99), c.label.casefold(), c.id)))

    def _mentioning(self, entry: Entry) -> tuple[Claim, ...]:
        if entry.kind in WITHOUT_CLAIMS or entry.iri in self._lexicon.terms.children:
            return ()
        words = "|".join(re.escape(names.normal(word)) for word in entry.words)
        said = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
        found = [
            self._claim(a)
            for a in self._claims.associations.values()
            if said.search(names.normal(f"{a.label} {a.statement} {a.mechanism or ''}"))
        ]
        return tuple(sorted(found, key=lambda claim: (claim.label.casefold(), claim.id)))

    def _claim(self, association: Association) -> Claim:
        library = self._ontology.library.bibliography
        citations = []
        for citation in association.citations:
            reference = library.get(citation.reference)
            study = reference.study_type if reference else ""
            citations.append(Cited(citation.reference, citation.read, study, citation.disputes))
        return Claim(
            id=association.id,
            kind=association.kind.removesuffix("Association"),
            label=association.label,
            statement=association.statement,
            mechanism=association.mechanism,
            citations=tuple(sorted(citations, key=lambda c: (c.disputes, c.reference))),
            contested=association.contested,
            contested_by=tuple(sorted(names.local(iri) for iri in association.contested_by)),
        )

    # -- the hierarchy ---------------------------------------------------------------------

    def _placed(self, iri: str) -> tuple[Placed, ...]:
        terms = self._lexicon.terms
        found = [
            Placed(names.local(p), terms.label(p), *self._grounds(iri, p))
            for p in terms.parents(iri)
        ]
        return tuple(sorted(found, key=lambda placed: placed.label.casefold()))

    def _grounds(self, iri: str, parent: str) -> tuple[tuple[str, ...], str | None]:
        """The references and the editorial reason of one subclass axiom."""
        keys: set[str] = set()
        reasons: list[str] = []
        for node, axiom in self._triples.annotated():
            if axiom == (iri, names.SUBCLASS, parent):
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
        t = self._triples
        about = names.CC + "caseOf"
        cases = [case for case, subtypes in t.subjects(about) if iri in (case, *subtypes)]
        found = []
        for case in cases:
            causal = t.iris(case, names.CC + "causalCriterion")
            for name in t.iris(case, names.SUBCLASS):
                if name in self._lexicon.entries and name != names.CASE:
                    order = int(t.text(name, names.CC + "sortOrder") or 99)
                    found.append((order, self._criterion(case, name, name in causal)))
        return tuple(criterion for _, criterion in sorted(found, key=lambda pair: pair[0]))

    def _criterion(self, case: str, name: str, causal: bool) -> Criterion:
        references, editorial = self._grounds(case, name)
        return Criterion(
            id=names.local(name),
            label=self._lexicon.terms.label(name),
            definition=self._triples.text(name, names.DEFINITION) or "",
            causal=causal,
            references=references,
            editorial=editorial,
        )

    def _mappings(self, entry: Entry) -> tuple[Mapping, ...]:
        rows = [m for m in self._lexicon.terms.mappings if m.subject == f"cc:{entry.id}"]
        return tuple(sorted(rows, key=lambda m: (_MATCHES.index(match(m)), m.object)))


def match(mapping: Mapping) -> str:
    """How a mapping matches: exact, close, narrow, broad or related."""
    return mapping.predicate.removeprefix("skos:").removesuffix("Match")
