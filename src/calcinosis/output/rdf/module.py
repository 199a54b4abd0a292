"""A module of the ontology: which of its statements hold together, and what a selection needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from calcinosis import names
from calcinosis.graph.cited import behind_definition
from calcinosis.graph.triples import Description, Node, Triples, reached
from calcinosis.output.selection import Selection

Statement = tuple[str, str, Node]

_SOURCE, _PROPERTY, _TARGET = (
    names.OWL + part for part in ("annotatedSource", "annotatedProperty", "annotatedTarget")
)
_DISJOINT: Final = names.OWL + "disjointWith"
_LOGICAL: Final = {names.SUBCLASS, _DISJOINT, names.OWL + "equivalentClass"}
_RESTS_ON: Final = names.CC + "restsOn"
_CASE_OF: Final = names.CC + "caseOf"
_ON: Final = names.OWL + "onProperty"


def needed(selection: Selection, everything: Triples) -> frozenset[str]:
    """The IRIs of what a selection needs: nothing that is held points at what is not.

    A subtype's case class, which its viewpoint defines, comes with it where all claims that the
    definition rests on were selected. All properties come, for they say what the rest means.
    """
    claims = _claims_of_axioms(everything)
    items = _items_of_claims(everything)
    properties = set(_properties(everything))

    def points_at(iri: str) -> Iterator[str]:
        if iri in properties or iri not in everything.by_subject:
            return
        for predicate, values in everything.by_subject[iri].items():
            if predicate != _DISJOINT:
                yield from _named(values, everything)
        yield from claims.get(iri, ())
        yield from items.get(iri, ())

    start = [*selection.terms, *(names.REF + one.key for one in selection.references)]
    start += [claim.iri for claim in selection.associations]
    found = reached((*start, *_case_classes(selection, everything)), points_at)
    return frozenset(properties | (found & everything.by_subject.keys()))


def _claims_of_axioms(everything: Triples) -> dict[str, list[str]]:
    """The claims that the axioms about a term rest on; axioms of exclusion aside."""
    found: dict[str, list[str]] = {}
    for node, sources in everything.subjects(_SOURCE):
        if _DISJOINT not in everything.iris(node, _PROPERTY):
            for source in sources:
                found.setdefault(str(source), []).extend(everything.iris(node, _RESTS_ON))
    return found


def _items_of_claims(everything: Triples) -> dict[str, list[str]]:
    """The evidence items and the interpretations of each claim."""
    found: dict[str, list[str]] = {}
    for predicate in (*names.CITES, names.INTERPRETS):
        for item, claims in everything.subjects(predicate):
            for claim in claims:
                found.setdefault(str(claim), []).append(item)
    return found


def _properties(everything: Triples) -> Iterator[str]:
    for iri, kinds in everything.subjects(names.TYPE):
        if any(isinstance(kind, str) and kind.endswith("Property") for kind in kinds):
            yield iri


def _case_classes(selection: Selection, everything: Triples) -> Iterator[str]:
    claims = {claim.iri for claim in selection.associations}
    terms = set(selection.terms)
    for iri, subtypes in everything.subjects(_CASE_OF):
        for subtype in terms.intersection(s for s in subtypes if isinstance(s, str)):
            behind = behind_definition(selection.ontology, subtype)
            if behind - selection.ontology.claims.fallen <= claims:
                yield iri


def _named(values: Collection[Node], everything: Triples) -> set[str]:
    """Our IRIs among values, and within the expressions among them."""

    def within(value: str) -> Iterator[str]:
        about = everything.by_subject.get(value, {}) if value.startswith("_:") else {}
        for predicate, inner in about.items():
            if predicate != _ON:
                yield from (one for one in inner if isinstance(one, str))

    found = reached((value for value in values if isinstance(value, str)), within)
    return {value for value in found if value.startswith(names.CC)}


class Module:
    """The statements that hold: about ``kept`` IRIs (None: about all), without those ``gone``."""

    def __init__(
        self, everything: Triples, gone: set[Statement], kept: frozenset[str] | None
    ) -> None:
        self._everything = everything
        self._gone = gone
        self._kept = kept

    def has(self, iri: str) -> bool:
        """Whether an IRI is kept, or is none of ours."""
        kept = self._kept
        return kept is None or iri in kept or iri not in self._everything.by_subject

    def statements(self, triples: Triples) -> Iterator[Statement]:
        """The statements of some triples that hold, those of blank nodes where they are used."""
        stack = [node for node in triples.by_subject if self._starts(node, triples)]
        seen = set(stack)
        while stack:
            node = stack.pop()
            for predicate, values in triples.by_subject[node].items():
                for value in values:
                    if not self._holds(node, predicate, value):
                        continue
                    yield node, predicate, value
                    if isinstance(value, str) and value.startswith("_:") and value not in seen:
                        seen.add(value)
                        stack.append(value)

    def _starts(self, node: str, triples: Triples) -> bool:
        """Whether a node's statements hold whoever uses it: a term, an axiom, an inclusion."""
        about = triples.by_subject[node]
        if self._gone and not self._counts(about):
            return False
        if not node.startswith("_:"):
            return self._kept is None or node in self._kept
        if _SOURCE in about:
            source, predicate = triples.iri(node, _SOURCE), triples.iri(node, _PROPERTY)
            return all(
                self._holds(source or "", predicate or "", target) for target in about[_TARGET]
            ) and self._has_all([source or ""])
        return any(
            self._holds(node, names.SUBCLASS, wide) for wide in about.get(names.SUBCLASS, ())
        )

    def _counts(self, item: Description) -> bool:
        """Whether the citation that an evidence item describes is not left out."""
        return not any(
            (str(claim), cites, source) in self._gone
            for said, cites in names.CITES.items()
            for claim in item.get(said, ())
            for source in item[names.SOURCE]
        )

    def _holds(self, subject: str, predicate: str, value: Node) -> bool:
        if (subject, predicate, value) in self._gone:
            return False
        return predicate not in _LOGICAL or self._has_all([subject, value])

    def _has_all(self, nodes: Collection[Node]) -> bool:
        return self._kept is None or all(map(self.has, _named(nodes, self._everything)))
