"""Which axioms stand when references or readings are left out of an ontology."""

from __future__ import annotations

from calcinosis.graph.ontology import Ontology
from calcinosis.reasoning.fragment import Axiom, Fragment


def supported(
    ontology: Ontology, whole: Fragment | None = None
) -> tuple[Fragment, tuple[Axiom, ...]]:
    """The axioms of an ontology that stand by its settings, and those that do not.

    ``whole`` are all its axioms, if they were read already. OntologyError for an axiom outside the
    fragment, also for one that does not stand.
    """
    whole = whole or Fragment(ontology.triples)
    if ontology.leaves_nothing_out:
        return whole, ()
    fallen = ontology.claims.fallen
    editorial = not ontology.settings.without_editorial

    def stands(axiom: Axiom) -> bool:
        if axiom.rests_on and fallen.issuperset(axiom.rests_on):
            return False
        return editorial or axiom.editorial is None or axiom.is_taxonomy or axiom.is_placing

    return whole.only(stands), tuple(axiom for axiom in whole.axioms if not stands(axiom))
