"""What a term is linked with, claim by claim, as a picture shows it: terms, words, citations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from calcinosis import names
from calcinosis.graph.claims import Association, Citation
from calcinosis.graph.describe import KINDS
from calcinosis.graph.lexicon import Lexicon
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.search import Entry

VALUE: Final = "value"
_KIND_OF: Final = "is a kind of"
_PART_OF: Final = "is part of"
_SOURCE, _TARGET = names.OWL + "annotatedSource", names.OWL + "annotatedTarget"


@dataclass(frozen=True, slots=True)
class Edge:
    """One relation in words; ``inward`` if the neighbour is its subject."""

    word: str
    inward: bool
    citations: tuple[Citation, ...]
    contested: bool


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A term, or a value (which has no IRI), with its relations to the one in the middle."""

    label: str
    kind: str
    edges: tuple[Edge, ...]
    iri: str = ""

    @property
    def references(self) -> set[str]:
        """The keys of all references of its relations, for and against."""
        return {citation.reference for edge in self.edges for citation in edge.citations}


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A term with the neighbours that are shown, and how many there are in all."""

    centre: Entry
    neighbours: tuple[Neighbour, ...]
    total: int


def around(ontology: Ontology, lexicon: Lexicon, centre: Entry, most: int) -> Neighbourhood:
    """The ``most`` neighbours of a term with most references, in order of their kinds."""
    found: dict[str, dict[tuple[str, bool], list[tuple[int, Citation | None, bool]]]] = {}
    for other, word, inward, order, citations, contested in _links(ontology, lexicon, centre.iri):
        edge = found.setdefault(other, {}).setdefault((word, inward), [])
        edge += [(order, citation, contested) for citation in citations or (None,)]
    placed = []
    for other, edges in found.items():
        entry = lexicon.entries.get(other)
        made = tuple(
            Edge(word, inward, _distinct(parts), any(contested for *_, contested in parts))
            for (word, inward), parts in sorted(edges.items())
        )
        label, kind = (entry.label, entry.kind) if entry else (names.local(other), VALUE)
        order = min(part[0] for parts in edges.values() for part in parts)
        placed.append(
            (order, label.casefold(), Neighbour(label, kind, made, entry.iri if entry else ""))
        )
    often = sorted(placed, key=lambda one: (-len(one[2].references), *one[:2]))[:most]
    shown = tuple(one for *_, one in sorted(often, key=lambda one: one[:2]))
    return Neighbourhood(centre, shown, len(placed))


_Link = tuple[str, str, bool, int, tuple[Citation, ...], bool]


def _links(ontology: Ontology, lexicon: Lexicon, iri: str) -> Iterator[_Link]:
    order = {kind: place for place, kind in enumerate(KINDS)}
    for claim in ontology.claims.associations.values():
        if iri in claim.ends:
            other = claim.object if iri == claim.subject else claim.subject
            if other != iri:
                place = order.get(claim.topic, len(order))
                word = relation(claim, lexicon, iri)
                yield other, word, iri != claim.subject, place, claim.citations, claim.contested
    kinds = [(iri, parent) for parent in lexicon.terms.parents(iri)]
    kinds += [(child, iri) for child in lexicon.terms.children.get(iri, ())]
    for child, parent in kinds:
        inward = parent == iri
        word, citations = _grounds(ontology, child, parent)
        yield child if inward else parent, word, inward, len(order), citations, False


def relation(claim: Association, lexicon: Lexicon, iri: str) -> str:
    """What the claim's label says between its two terms: ``causes``, ``is found at the``."""
    first, last = (
        lexicon.entries[end].label if end in lexicon.entries else end
        for end in (claim.subject, claim.object if iri not in claim.contexts else iri)
    )
    said = claim.label.removeprefix(first).strip()
    before, found, after = said.rpartition(last)
    word = f"{before.strip()} \u2026{after}" if found and after else before.strip() or said
    return word or lexicon.triples.text(claim.predicate, names.LABEL) or "is linked with"


def _grounds(ontology: Ontology, child: str, parent: str) -> tuple[str, tuple[Citation, ...]]:
    """A subclass axiom in words, and the citations of the claims that it rests on."""
    triples, word = ontology.triples, _KIND_OF
    if parent in ontology.anatomy.wholes(child):
        triples, word = ontology.anatomy, _PART_OF
    found: list[Citation] = []
    for node, ends in triples.subjects(_SOURCE):
        ours = triples.iris(node, _TARGET)
        if child in ends and parent in (*ours, *(triples.iri(one, names.SOME) for one in ours)):
            if triples.texts(node, names.CC + "editorial"):
                word = f"{word.partition(' (')[0]} (our reading)"
            for claim in triples.iris(node, names.CC + "restsOn"):
                found += (c for c in ontology.claims.citations(claim) if not c.disputes)
    return word, tuple(found)


def _distinct(parts: list[tuple[int, Citation | None, bool]]) -> tuple[Citation, ...]:
    found = {citation for _, citation, _ in parts if citation is not None}
    return tuple(sorted(found, key=lambda c: (c.disputes, c.reference, c.read)))
