"""What a justification is made of: facts with their places, axioms with what they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import shorten
from typing import Any, Final

from calcinosis import names
from calcinosis.errors import listed
from calcinosis.facts.case import Fact
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.rules import KNOWN, Rule
from calcinosis.graph.settings import READ, distance
from calcinosis.reasoning.fragment import And, Axiom, Formula, Named, Or

_LINE: Final = 100  # characters of an axiom at a prompt
MEANING, CITED, READING, EDITORIAL = "meaning", "cited", "reading", "editorial"


@dataclass(frozen=True, slots=True)
class Given:
    """One fact as the input states it, once or several times."""

    facts: tuple[Fact, ...]

    def __repr__(self) -> str:
        return f"<Given {self.fact}>"

    @property
    def fact(self) -> Fact:
        """The first statement of it."""
        return self.facts[0]

    @property
    def is_added(self) -> bool:
        """Whether nobody stated it: a rule added every statement of it."""
        return all(fact.rule is not None for fact in self.facts)

    @property
    def places(self) -> tuple[str, ...]:
        """Where it stands in the case."""
        return tuple(dict.fromkeys(fact.where for fact in self.facts))

    def to_dict(self) -> dict[str, Any]:
        """The fact as the explanation's JSON holds it."""
        fact = self.fact
        found: dict[str, Any] = {
            "fact": str(fact),
            "affirmed": fact.affirmed,
            "term": names.local(fact.term),
            "label": fact.label,
            "places": list(self.places),
            "given": list(dict.fromkeys(one.words for one in self.facts)),
        }
        if fact.property is not None:
            found["property"] = names.local(fact.property)
        if fact.reading:
            found |= {"reading": fact.reading, "references": list(fact.references)}
        if fact.rule is not None:
            found["rule"] = fact.rule.to_dict()
        found |= _stated(fact)
        also = [_stated(other) for other in self.facts[1:]]
        return {**found, "also": also} if any(also) else found


def _stated(fact: Fact) -> dict[str, Any]:
    """One statement of a fact: its place, how its word was read, and how its value was judged."""
    found: dict[str, Any] = {}
    if fact.place is not None:
        found |= fact.place.to_dict()
    if fact.match is not None:
        found |= fact.match.to_dict(fact.words if fact.judged is None else fact.judged.test)
    if fact.judged is not None:
        found |= fact.judged.to_dict()
    return found | ({"note": fact.note} if fact.note else {})


@dataclass(frozen=True, slots=True)
class Source:
    """One reference behind an axiom: the claim it supports, how far it was read, its kind of study.

    ``read`` and ``study_type`` are two separate facts and never made into one grade.
    """

    association: str
    reference: str
    read: str
    study_type: str

    def __repr__(self) -> str:
        return f"<Source {self.reference}, read: {self.read}>"

    def to_dict(self) -> dict[str, str]:
        """The source as the explanation's JSON holds it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Link:
    """One axiom of a justification, in plain words, with what it rests on.

    A rule that added a fact is a link too, with a negative number and the form rule.
    ``kind`` is meaning (placed by what the words mean), cited, reading (cited, but read in our
    own way) or editorial (ours alone); ``why`` is the reason where it is ours.
    """

    axiom: int
    form: str
    words: str
    kind: str
    why: str | None
    sources: tuple[Source, ...]

    def __repr__(self) -> str:
        return f"<Link {shorten(self.words, _LINE, placeholder='…')}>"

    @property
    def read(self) -> str | None:
        """How far the furthest read of its references was read; None without references."""
        return min((s.read for s in self.sources), key=distance, default=None)

    @property
    def weakness(self) -> tuple[int, int]:
        """Greater is weaker: editorial, then our reading of a source, then how little was read."""
        kind = (MEANING, CITED, READING, EDITORIAL).index(self.kind)
        return kind, distance(self.read) if self.read is not None else 0

    def to_dict(self) -> dict[str, Any]:
        """The link as the explanation's JSON holds it."""
        return {
            "words": self.words,
            "form": self.form,
            "kind": self.kind,
            "why": self.why,
            "sources": [source.to_dict() for source in self.sources],
        }


@dataclass(frozen=True, slots=True)
class Justification:
    """Facts and axioms that together entail a verdict; leave one out, and they do not."""

    facts: tuple[Given, ...]
    links: tuple[Link, ...]
    literals: tuple[int, ...]
    axioms: frozenset[int]

    def __repr__(self) -> str:
        facts = ", ".join(str(fact) for given in self.facts for fact in given.facts[:1])
        return f"<Justification: {facts}; {len(self.links)} axioms>"

    @property
    def order(self) -> tuple[int, tuple[int, ...], int, tuple[int, ...]]:
        """Fewest editorial links first, then fewest little-read ones, then the shortest."""
        own = sum(link.kind in (READING, EDITORIAL) for link in self.links)
        read = [link.weakness[1] for link in self.links if link.sources]
        counts = tuple(read.count(distance) for distance in reversed(range(len(READ) + 1)))
        return own, counts[:-1], len(self.links) + len(self.facts), tuple(sorted(self.axioms))

    @property
    def weakest(self) -> Link | None:
        """The link that rests on least; None where there is no link."""
        return weakest(self.links)

    @property
    def least_read(self) -> Link | None:
        """Of the cited links the one whose references were read least far."""
        cited = [link for link in self.links if link.sources]
        return max(cited, key=lambda link: link.weakness[1], default=None)

    def to_dict(self) -> dict[str, Any]:
        """The justification as the explanation's JSON holds it."""
        return {
            "facts": [given.to_dict() for given in self.facts],
            "axioms": [link.to_dict() for link in self.links],
            "weakest": self.weakest.words if self.weakest else None,
            "least_read": self.least_read.words if self.least_read else None,
        }


def weakest(links: Iterable[Link]) -> Link | None:
    """The link that rests on least; None where there is none."""
    return max(links, key=lambda link: link.weakness, default=None)


class Links:
    """The axioms of one ontology as links."""

    def __init__(self, ontology: Ontology, axioms: tuple[Axiom, ...]) -> None:
        self._ontology = ontology
        self._axioms = axioms
        self._known: dict[int, Link] = {}
        self._subtypes = {
            iri: str(subtypes[0])
            for iri, subtypes in ontology.triples.subjects(names.CC + "caseOf")
        }

    def link(self, number: int) -> Link:
        """The axiom of a number; each is put into words once."""
        found = self._known.get(number)
        if found is None:
            axiom = self._axioms[number]
            sources = tuple(self._sources(axiom.rests_on))
            kind, why = _kind(axiom, bool(sources))
            words = self._words(axiom)
            found = self._known[number] = Link(number, axiom.form, words, kind, why, sources)
        return found

    def rule(self, rule: Rule) -> Link:
        """A rule of reading as a link: what it says, and the claims that it rests on."""
        sources = tuple(self._sources(rule.claims))
        kind = READING if sources else EDITORIAL
        words = f"{rule.code}: {rule.definition.rstrip('.')}"
        number = -1 - KNOWN.index(rule.iri)
        return Link(number, "rule", words, kind, rule.reason, sources)

    def label(self, iri: str) -> str:
        """The label of a term; of a case class the label of its subtype."""
        return self._ontology.terms.label(self._subtypes.get(iri, iri))

    def _sources(self, associations: Iterable[str]) -> Iterable[Source]:
        claims, library = self._ontology.claims, self._ontology.library
        for iri in associations:
            for citation in claims.citations(iri):
                if not citation.disputes:
                    study_type = library.reference(citation.reference).study_type
                    yield Source(names.local(iri), citation.reference, citation.read, study_type)

    def _words(self, axiom: Axiom) -> str:
        if axiom.form == "subproperty":
            return f"“{self.label(str(axiom.left))}” includes “{self.label(str(axiom.right))}”"
        left = self._several(axiom.left, "and")
        if axiom.form == "inclusion":
            return f"{left} together suffice for {self._several(axiom.right, 'and')}"
        if axiom.form == "equivalent":
            return f"what “{left}” means"
        right = self._several(axiom.right, "or" if axiom.form == "union" else "and")
        if isinstance(axiom.left, Named) and axiom.left.iri in self._subtypes:
            return f"{left} needs “{right}”"
        says = {"disjoint": "excludes", "union": "is one of:", "subclass": "implies"}[axiom.form]
        if isinstance(axiom.left, str):
            says = "is a kind of" if axiom.form == "subclass" else says
            return f"{left} {says} {right}"
        return f"“{left}” {says} “{right}”"

    def _several(self, formula: Formula | str, last: str) -> str:
        if isinstance(formula, str):
            return self.label(formula)
        if isinstance(formula, Named):
            return self.label(formula.iri)
        parts = formula.parts if isinstance(formula, And | Or) else ()
        labels = [self.label(part.iri) for part in parts if isinstance(part, Named)]
        return listed(labels, last)


def _kind(axiom: Axiom, cited: bool) -> tuple[str, str | None]:
    why = axiom.editorial or axiom.taken
    if axiom.is_taxonomy:
        return MEANING, why
    if not cited:
        return EDITORIAL, why
    return (CITED, None) if why is None else (READING, why)
