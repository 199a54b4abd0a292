"""Explanations as provenance: Turtle in the terms of PROV-O (W3C Recommendation, 2013).

A verdict is derived from facts, axioms and references by an activity of this package that used
the viewpoint as its plan. Each minimal justification is a collection of its own. There is no
clock time in it, and every IRI is a hash of what it names: the same run gives the same text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import chain
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from calcinosis import names
from calcinosis.explain.explanation import Conflict, Explanation, Why
from calcinosis.explain.links import Given, Justification, Link
from calcinosis.graph.ontology import Ontology
from calcinosis.output.rdf.cited_verdicts import bibliography, head
from calcinosis.output.rdf.evidence import citations, contest
from calcinosis.output.rdf.roles import DATA, claims, disputing, opponents, resting
from calcinosis.output.selection import Files, Selection, Writer

PROV: Final = names.PROV
VERDICT: Final = names.CC + "verdict/"
_PREFIXES: Final = {
    "prov": PROV,
    "owl": names.OWL,
    "rdfs": names.RDFS,
    "cito": names.CITO,
    "dcterms": names.DCTERMS,
    "xsd": names.XSD,
    "calc": names.CC,
    "verdict": VERDICT,
    "assoc": names.ASSOC,
    "ref": names.REF,
}
_FILE: Final = ("where", "file", "line", "column")
_A, _LABEL, _KIND = names.TYPE, names.LABEL, names.DCTERMS + "type"


def provenance(found: Iterable[Explanation], ontology: Ontology, head: Mapping[str, Any]) -> str:
    """Turtle of the provenance of every verdict; ``head`` is what all cases share."""
    subjects: dict[object, dict[Triple, None]] = {}
    for triple in _Writer(ontology, head).triples(found):
        subjects.setdefault(triple.subject, {})[triple] = None
    triples = chain.from_iterable(subjects.values())
    written = serialize(triples, format=RdfFormat.TURTLE, prefixes=_PREFIXES)
    if written is None:
        raise TypeError("serialize gave no bytes")
    lines = written.decode("utf-8").splitlines(keepends=True)
    lines[: len(_PREFIXES)] = sorted(lines[: len(_PREFIXES)])  # they come in any order
    return "".join(lines)


def write(selection: Selection) -> Files:
    """The provenance of the verdicts on the selected cases, and exactly the references cited."""
    ontology, found = selection.ontology, selection.explanations
    return {
        "provenance.ttl": [provenance(found, ontology, head(ontology)).encode()],
        "references.json": bibliography(ontology, resting(found, ontology)),
    }


class _Writer:
    def __init__(self, ontology: Ontology, head: Mapping[str, Any]) -> None:
        self._ontology = ontology
        self._head = dict(head)
        self._agent = f"{names.AGENT}package/{head['package_version']}"
        self._plan = ontology.viewpoint_iri
        self._modules = _iri("ontology", head["ontology_version"])

    def triples(self, found: Iterable[Explanation]) -> Iterator[Triple]:
        """What all cases share, then each case."""
        yield from _said(self._agent, _A, PROV + "SoftwareAgent")
        yield _text(self._agent, _LABEL, f"calcinosis {self._head['package_version']}")
        yield from _said(self._plan, _A, PROV + "Entity", PROV + "Plan")
        yield _text(self._plan, _LABEL, self._ontology.terms.label(self._plan))
        yield from _said(self._modules, _A, PROV + "Entity")
        yield _text(self._modules, _LABEL, f"ontology {self._head['ontology_version']}")
        for one in found:
            yield from self._case(one)

    def _case(self, one: Explanation) -> Iterator[Triple]:
        case = one.verdict.case
        activity = _iri("activity", self._head, one.to_dict())
        yield from _said(activity, _A, PROV + "Activity")
        yield _text(activity, _LABEL, f"classification of {case.id}")
        yield from _said(activity, PROV + "used", self._plan, self._modules)
        yield from _said(activity, PROV + "wasAssociatedWith", self._agent)
        association = _iri("association", activity)
        yield from _said(activity, PROV + "qualifiedAssociation", association)
        yield from _said(association, _A, PROV + "Association")
        yield from _said(association, PROV + "agent", self._agent)
        yield from _said(association, PROV + "hadPlan", self._plan)
        yield _text(activity, names.DCTERMS + "description", self._ontology.settings_words)
        conflicts = []
        for conflict in one.contradictions.conflicts:
            name = _iri("conflict", case.id, conflict.to_dict())
            conflicts.append(name)
            yield from self._collection(name, "conflict", case.id, conflict)
        for why in one.subtypes:
            yield from self._verdict(case.id, activity, why, conflicts)

    def _verdict(
        self, case: str, activity: str, why: Why, conflicts: list[str]
    ) -> Iterator[Triple]:
        verdict = _iri("", activity, why.verdict.id)
        yield from _said(verdict, _A, PROV + "Entity")
        yield _text(verdict, _KIND, "verdict")
        yield _text(verdict, _LABEL, f"{case}: {why.verdict.label}")
        yield _text(verdict, names.DCTERMS + "identifier", case)
        yield _text(verdict, PROV + "value", why.verdict.verdict)
        yield from _said(verdict, names.DCTERMS + "subject", names.CC + why.verdict.id)
        yield from _said(verdict, PROV + "wasGeneratedBy", activity)
        # A conflict makes a verdict contradictory, or bore on it until a side was set aside.
        conflicting = why.verdict.verdict == "conflicting"
        bears = PROV + ("wasDerivedFrom" if conflicting else "wasInfluencedBy")
        yield from _said(verdict, bears, *conflicts)
        if (presumed := why.verdict.presumed) is not None:
            words = f"presumed to follow, if {presumed.condition}; {presumed.falls_if}"
            yield _text(verdict, names.DCTERMS + "description", words)
        for one in why.presumed:  # it bears on the verdict, which does not follow from it
            name = _iri("presumption", verdict, one.to_dict())
            yield from self._collection(name, "presumption", case, one)
            yield from _said(verdict, PROV + "wasInfluencedBy", name)
        for one in why.justifications:
            name = _iri("justification", verdict, one.to_dict())
            yield from self._collection(name, "justification", case, one)
            yield from _said(verdict, PROV + "wasDerivedFrom", name)
            for member in chain(
                (_fact(case, given) for given in one.facts), map(_axiom, one.links), _cited(one)
            ):
                yield from _said(verdict, PROV + "wasDerivedFrom", member)

    def _collection(
        self, name: str, kind: str, case: str, one: Justification | Conflict
    ) -> Iterator[Triple]:
        yield from _said(name, _A, PROV + "Entity", PROV + "Collection")
        yield _text(name, _KIND, kind)
        for given in one.facts:
            yield from _said(name, PROV + "hadMember", _fact(case, given))
            yield from self._given(case, given)
        for link in one.links:
            yield from _said(name, PROV + "hadMember", _axiom(link))
            yield from self._link(link)

    def _given(self, case: str, given: Given) -> Iterator[Triple]:
        name, fact = _fact(case, given), given.fact
        yield from _said(name, _A, PROV + "Entity")
        yield _text(name, _KIND, "asserted fact" if fact.affirmed else "excluded fact")
        if fact.rule is not None:
            yield from _said(name, PROV + "wasInfluencedBy", fact.rule.iri)
            yield from _said(fact.rule.iri, _A, PROV + "Entity")
            yield _text(fact.rule.iri, _KIND, fact.rule.strength)
            yield _text(fact.rule.iri, _LABEL, fact.rule.label)
        yield _text(name, _LABEL, str(fact))
        yield from _said(name, names.DCTERMS + "subject", fact.term)
        for words in dict.fromkeys(one.words for one in given.facts):
            yield _text(name, PROV + "value", words)
        for place in given.places:
            where = _iri("place", case, place)
            yield from _said(name, PROV + "atLocation", where)
            yield from _said(where, _A, PROV + "Location")
            yield _text(where, _LABEL, place)
        told = given.to_dict()
        stood = ", ".join(f"{key} {told[key]}" for key in ("file", "line") if told.get(key))
        if stood:
            yield _text(name, names.DCTERMS + "description", stood)
        for key in fact.references:
            yield from _said(name, PROV + "wasDerivedFrom", names.REF + key)
            yield from _said(name, DATA, names.REF + key)
            yield from self._reference(key)

    def _link(self, link: Link) -> Iterator[Triple]:
        name = _axiom(link)
        yield from _said(name, _A, PROV + "Entity")
        yield _text(name, _KIND, f"{link.kind} axiom")
        yield _text(name, _LABEL, link.words)
        if link.why:
            yield _text(name, names.CC + "editorial", link.why)
        for source in link.sources:
            reference = names.REF + source.reference
            yield from _said(name, names.CC + "restsOn", names.ASSOC + source.association)
            yield from _said(name, PROV + "wasDerivedFrom", reference)
            derivation = _iri("derivation", name, source.to_dict())
            yield from _said(name, PROV + "qualifiedDerivation", derivation)
            yield from _said(derivation, _A, PROV + "Derivation")
            yield from _said(derivation, PROV + "entity", reference)
            yield _text(derivation, names.CC + "read", source.read)
            yield from _said(names.ASSOC + source.association, names.EVIDENCE, reference)
            yield from self._reference(source.reference)
        for claim in claims((link,)):
            yield from self._against(claim)

    def _against(self, association: str) -> Iterator[Triple]:
        """What disputes a claim, and whether and by which claims it is contested."""
        claim, ontology = names.ASSOC + association, self._ontology
        found = disputing(association, ontology)
        contested = ontology.claims.association(claim).contested
        for subject, predicate, node in chain(
            citations(claim, found, _iri("dispute", association) + "-"),
            contest(claim, opponents(association, ontology), contested=contested),
        ):
            value = NamedNode(node) if isinstance(node, str) else node
            yield Triple(NamedNode(subject), NamedNode(predicate), value)
        for citation in found:
            yield from self._reference(citation.reference)

    def _reference(self, key: str) -> Iterator[Triple]:
        iri, reference = names.REF + key, self._ontology.library.reference(key)
        yield from _said(iri, _A, PROV + "Entity")
        yield _text(iri, _LABEL, reference.label)
        yield _text(iri, names.CC + "studyType", reference.study_type)


def _cited(one: Justification) -> Iterator[str]:
    for link in one.links:
        yield from (names.REF + source.reference for source in link.sources)
    for given in one.facts:
        yield from (names.REF + key for key in given.fact.references)


def _fact(case: str, given: Given) -> str:
    return _iri("fact", case, given.to_dict())


def _axiom(link: Link) -> str:
    return _iri("axiom", link.to_dict())


def _iri(kind: str, *parts: object) -> str:
    """The IRI of what these values name."""
    plain = _without_files([kind, *parts])
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f"{VERDICT}{kind}/{digest}" if kind else VERDICT + digest


def _without_files(value: Any) -> Any:
    """A value without the file that it came from: the same case elsewhere is the same case."""
    if isinstance(value, dict):
        return {key: _without_files(one) for key, one in value.items() if key not in _FILE}
    return [_without_files(one) for one in value] if isinstance(value, list) else value


def _said(subject: str, predicate: str, *objects: str) -> Iterator[Triple]:
    for one in objects:
        yield Triple(NamedNode(subject), NamedNode(predicate), NamedNode(one))


def _text(subject: str, predicate: str, words: str) -> Triple:
    return Triple(NamedNode(subject), NamedNode(predicate), Literal(words))


WRITERS: Final[Mapping[str, Writer]] = {"provenance": write}
