"""Words to offer where a case is written: the labels that each list of a case file takes."""

from __future__ import annotations

from collections.abc import Iterable

from calcinosis import names
from calcinosis.facts.vocabulary import Resolved, Vocabulary
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.terms import FACT_KINDS, Terms

_ROOTS = (names.CONDITION, names.INTERVENTION, names.FINDING, names.CC + "Criterion")


def suggestions(ontology: Ontology) -> dict[str, tuple[str, ...]]:
    """The labels to offer by the key of their list, in alphabetical order.

    A label that a reader of cases would not take for its own term is left out.
    """
    terms = ontology.terms
    vocabulary = Vocabulary(terms)
    criteria = [iri for iri in terms.iris() if names.CC + "Criterion" in terms.parents(iri)]
    facts = {kind: [iri for iri in terms.iris() if terms.kind(iri) == kind] for kind in FACT_KINDS}
    looked_into = [iri for iri in criteria if not terms.states_absence(iri)]
    everything = [*(iri for kind in FACT_KINDS for iri in facts[kind]), *criteria]
    return {
        "sites": _sorted(_sites(ontology)),
        "conditions": _labels(facts["condition"], "condition", vocabulary),
        "interventions": _labels(facts["intervention"], "intervention", vocabulary),
        "findings": _labels(facts["finding"], "finding", vocabulary),
        "excluded": _labels(everything, "excluded", vocabulary),
        "workup_complete": _labels(looked_into, "criterion", vocabulary),
    }


def _labels(iris: Iterable[str], kind: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    found = []
    for iri in iris:
        label = vocabulary.terms.label(iri)
        term = vocabulary.resolve(label, kind, "")
        if iri not in _ROOTS and isinstance(term, Resolved) and term.iri == iri:
            found.append(label)
    return _sorted(found)


def _sites(ontology: Ontology) -> list[str]:
    sites = Terms(ontology.anatomy)
    return [sites.label(iri) for iri in sites.iris()]


def _sorted(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(labels), key=lambda label: (label.casefold(), label)))


def deciding(ontology: Ontology) -> frozenset[str]:
    """The IRIs of the classes that a definition asks for as such, levels among them."""
    found = ontology.triples.subjects(names.OWL + "someValuesFrom")
    return frozenset(iri for _, targets in found for iri in targets if isinstance(iri, str))
