"""Which references stand behind a term: those of the claims and axioms that name it."""

from __future__ import annotations

from calcinosis import names
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.triples import reached


def by_subtype(ontology: Ontology, subtype: str) -> set[str]:
    """The keys of the references that carry what is said of a subtype (by IRI).

    They support a claim whose subject or object is the subtype, or a claim that an axiom of
    its case class under the loaded viewpoint rests on.
    """
    claims = ontology.claims
    found = {
        key
        for claim in claims.associations.values()
        if subtype in (claim.subject, claim.object)
        for key in claim.references
    }
    return found.union(*(claims.references(iri) for iri in behind_definition(ontology, subtype)))


def by_term(ontology: Ontology, term: str, *, below: bool = False) -> set[str]:
    """The keys of the references that carry what is said of a term (by IRI).

    They support a claim that has the term as subject, object or context; with ``below``, also
    a claim that has a kind of it.
    """
    children = ontology.terms.children
    wanted = reached([term], lambda iri: children.get(iri, ())) if below else {term}
    return {
        key
        for claim in ontology.claims.associations.values()
        if not wanted.isdisjoint(claim.named)
        for key in claim.references
    }


def behind_definition(ontology: Ontology, subtype: str) -> set[str]:
    """The claims that the axioms of a subtype's case class rest on."""
    triples = ontology.triples
    classes = {iri for iri, of in triples.subjects(names.CC + "caseOf") if subtype in of}
    return {
        claim
        for axiom, (source, _, target) in triples.annotated()
        if source in classes or target in classes
        for claim in triples.iris(axiom, names.CC + "restsOn")
    }
