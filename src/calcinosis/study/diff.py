"""Two releases side by side: terms, claims, axioms, what follows and verdicts, with causes.

Terms and claims are told by their IRIs, whatever they are called and whatever prefix a file writes
them with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from calcinosis import names
from calcinosis.errors import InputError
from calcinosis.explain.justify import Explainer
from calcinosis.explain.links import Link
from calcinosis.graph.claims import Association
from calcinosis.graph.evidence import Item
from calcinosis.graph.inferred import inferred
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.triples import Triples, reached
from calcinosis.reasoning.fragment import Axiom
from calcinosis.study.compare import Change, Comparison

_SEEN: Final = frozenset({"iri", "id"})
_Key = tuple[str, str, str]
_PARTS: Final = ("read", "locator", "design", "independent", "population")


@dataclass(frozen=True, slots=True)
class Term:
    """A term with its label: of a renamed one also the label that it had."""

    iri: str
    label: str
    was: str = ""

    def to_dict(self) -> dict[str, str]:
        """The term as the difference's JSON holds it."""
        found = {"iri": self.iri, "label": self.label}
        return {**found, "was": self.was} if self.was else found


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that is on one side alone, or that differs in what ``differs`` names."""

    id: str
    label: str
    differs: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The claim as the difference's JSON holds it."""
        found: dict[str, Any] = {"id": self.id, "label": self.label}
        return {**found, "differs": list(self.differs)} if self.differs else found


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an evidence item that changed: its name, and what it said and says."""

    name: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a reference gives for a claim, on one side alone or with the parts that differ."""

    claim: str
    reference: str
    side: str
    parts: tuple[Part, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The item as the difference's JSON holds it."""
        found = {"claim": self.claim, "reference": self.reference, "side": self.side}
        parts = {one.name: {"was": one.was, "now": one.now} for one in self.parts}
        return {**found, "differs": parts} if parts else found


@dataclass(frozen=True, slots=True)
class Entailment:
    """That one class is below another, with the axioms of one side alone that it hangs on."""

    below: Term
    above: Term
    causes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The entailment as the difference's JSON holds it."""
        return {
            "below": self.below.to_dict(),
            "above": self.above.to_dict(),
            "causes": list(self.causes),
        }


@dataclass(frozen=True, slots=True)
class Sides:
    """What is on the left side alone, and what on the right side alone."""

    lost: tuple[Any, ...]
    gained: tuple[Any, ...]

    def to_dict(self) -> dict[str, Any]:
        """Both sides as the difference's JSON holds them."""
        return {
            "lost": [one.to_dict() for one in self.lost],
            "gained": [one.to_dict() for one in self.gained],
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What a release has lost and gained against an older one.

    ``terms``, ``references``, ``claims``, ``evidence``, ``axioms`` and ``entailments`` have what is
    ``lost`` and ``gained``; ``renamed`` terms have another label, ``changed`` claims say something
    else, and of ``restated`` evidence items of claims on both sides some parts differ;
    ``verdicts`` are those of the same cases. A term that was lost has vanished: it should have been
    made obsolete.
    """

    old: str
    new: str
    terms: Sides
    references: Sides
    renamed: tuple[Term, ...]
    claims: Sides
    changed: tuple[Claim, ...]
    evidence: Sides
    restated: tuple[Evidence, ...]
    axioms: Sides
    entailments: Sides
    verdicts: Comparison

    def __repr__(self) -> str:
        lost, gained = len(self.claims.lost), len(self.claims.gained)
        return f"<Difference {self.old} to {self.new}: {lost} claims lost, {gained} gained>"

    @property
    def vanished(self) -> tuple[Term, ...]:
        """Released terms that are no longer there."""
        return self.terms.lost

    @property
    def refused(self) -> tuple[InputError, ...]:
        """The inputs that could not be read."""
        return self.verdicts.refused

    def behind(self, change: Change) -> tuple[str, ...]:
        """The claims that differ, of those that the reasons of a changed verdict rest on."""
        told = {one.id for one in (*self.claims.lost, *self.claims.gained, *self.changed)}
        sources = (s for r in change.reasons for link in r.links for s in link.sources)
        return tuple(dict.fromkeys(s.association for s in sources if s.association in told))

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain values."""
        return {
            "old": self.old,
            "new": self.new,
            "vanished": [one.iri for one in self.vanished],
            "terms": {**self.terms.to_dict(), "renamed": [one.to_dict() for one in self.renamed]},
            "references": self.references.to_dict(),
            "claims": {**self.claims.to_dict(), "changed": [one.to_dict() for one in self.changed]},
            "evidence": {
                **self.evidence.to_dict(),
                "changed": [one.to_dict() for one in self.restated],
            },
            "axioms": self.axioms.to_dict(),
            "entailments": self.entailments.to_dict(),
            "cases": self.verdicts.cases,
            "verdicts": [
                {**change.to_dict(), "claims": list(self.behind(change))}
                for change in self.verdicts.changes
            ],
        }


def difference(old: Explainer, new: Explainer, verdicts: Comparison) -> Difference:
    """What ``new`` lost and gained against ``old``; ``verdicts`` are of the same cases by both."""
    was, now = (side.classifier.ontology for side in (old, new))
    terms, later = _terms(was), _terms(now)
    claims, later_claims = _claims(was), _claims(now)
    references, later_references = (_references(one) for one in (was, now))
    both = claims.keys() & later_claims.keys()
    items, later_items = (_items(one, both) for one in (was, now))
    shared = terms.keys() & later.keys()
    below, later_below = _below(was), _below(now)
    return Difference(
        _said(was),
        _said(now),
        _sides(terms, later),
        _sides(references, later_references),
        tuple(
            replace(later[iri], was=term.label)
            for iri, term in terms.items()
            if iri in later and later[iri].label != term.label
        ),
        _sides(_listed(claims), _listed(later_claims)),
        tuple(_changed(claims, later_claims)),
        _sides(_keyed(items), _keyed(later_items)),
        tuple(_restated(items, later_items)),
        Sides(verdicts.lost, verdicts.gained),
        Sides(
            tuple(_entailed(old, below, later_below, verdicts.lost, _of(terms, shared))),
            tuple(_entailed(new, later_below, below, verdicts.gained, _of(later, shared))),
        ),
        verdicts,
    )


def _said(ontology: Ontology) -> str:
    release = ontology.root.iri(names.ONTOLOGY, names.OWL + "versionIRI") or ""
    return f"{ontology.version} <{release}>" if release else ontology.version


def _sides(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Sides:
    lost = tuple(one for key, one in old.items() if key not in new)
    return Sides(lost, tuple(one for key, one in new.items() if key not in old))


def _terms(ontology: Ontology) -> dict[str, Term]:
    """Our terms in all modules and viewpoints by IRI; no claim, evidence or reference."""
    found: dict[str, Term] = {}
    for path in ontology.files():
        module = Triples()
        module.read(path)
        for iri in module.by_subject:
            ours = iri.startswith(names.CC) and not iri.startswith(names.APART)
            if ours and module.iris(iri, names.TYPE):
                label = module.text(iri, names.LABEL) or names.local(iri)
                found.setdefault(iri, Term(iri, label))
    return {iri: found[iri] for iri in sorted(found)}


def _references(ontology: Ontology) -> dict[str, Term]:
    books = ontology.library.bibliography
    return {key: Term(names.REF + key, books[key].label) for key in sorted(books)}


def _claims(ontology: Ontology) -> dict[str, Association]:
    found = ontology.all_claims.associations
    return {found[iri].id: found[iri] for iri in sorted(found)}


def _listed(claims: Mapping[str, Association]) -> dict[str, Claim]:
    return {key: Claim(key, one.label) for key, one in claims.items()}


def _changed(old: Mapping[str, Association], new: Mapping[str, Association]) -> Iterator[Claim]:
    """Claims on both sides of which a field differs, whatever fields a claim has."""
    for key in old.keys() & new.keys():
        one, two = old[key], new[key]
        known = (field.name for field in fields(two) if field.name not in _SEEN)
        differs = [name for name in known if getattr(one, name) != getattr(two, name)]
        if differs:
            yield Claim(key, two.label, tuple(differs))


def _items(ontology: Ontology, claims: Collection[str]) -> dict[_Key, Item]:
    """The evidence items of some claims by claim, reference and side."""
    found = (item for item in ontology.evidence if item.claim in claims)
    return {(item.claim, item.reference, item.side): item for item in found}


def _keyed(items: Iterable[_Key]) -> dict[_Key, Evidence]:
    return {key: Evidence(*key) for key in items}


def _restated(old: Mapping[_Key, Item], new: Mapping[_Key, Item]) -> Iterator[Evidence]:
    """The items on both sides of which a part differs; of figures only those of one side alone."""
    for key, one in old.items():
        two = new.get(key, one)
        parts = [
            Part(name, was, now)
            for name in _PARTS
            if (was := getattr(one, name)) != (now := getattr(two, name))
        ]
        gone, come = set(one.figures) - set(two.figures), set(two.figures) - set(one.figures)
        if gone or come:
            parts.append(Part("figures", "; ".join(sorted(gone)), "; ".join(sorted(come))))
        if parts:
            yield Evidence(*key, tuple(parts))


# -- what follows ----------------------------------------------------------------------------


def _below(ontology: Ontology) -> dict[str, set[str]]:
    """The named classes of ours above each, asserted or not, under the viewpoint."""
    quads: list[Quad] = []
    for path in ontology.reasoned_files():
        quads += parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    stated = [q.triple for q in quads if q.predicate.value == names.SUBCLASS]
    found: dict[str, set[str]] = {}
    for triple in (*stated, *inferred(quads)):
        below, above = triple.subject, triple.object
        if isinstance(below, NamedNode) and isinstance(above, NamedNode):
            found.setdefault(below.value, set()).add(above.value)
    return found


def _of(terms: Mapping[str, Term], shared: Collection[str]) -> dict[str, Term]:
    return {iri: terms[iri] for iri in shared}


def _entailed(
    explainer: Explainer,
    mine: Mapping[str, set[str]],
    theirs: Mapping[str, set[str]],
    own: Iterable[Link],
    terms: Mapping[str, Term],
) -> Iterator[Entailment]:
    """What follows on this side alone, between classes that both sides have: ``terms``."""
    both = terms.keys()
    axioms = explainer.classifier.fragment.axioms
    changed = [(link, axioms[link.axiom]) for link in own if link.form != "rule"]
    for below in sorted(mine.keys() & both):
        for above in sorted((mine[below] - theirs.get(below, set())) & both):
            causes = _causes(below, above, mine, changed)
            yield Entailment(terms[below], terms[above], tuple(causes))


def _causes(
    below: str, above: str, over: Mapping[str, set[str]], own: Iterable[tuple[Link, Axiom]]
) -> Iterator[str]:
    """The axioms of one side alone on a way from a class to one above it."""
    up = {below, *over.get(below, ())}
    for link, axiom in own:
        left, right = _named(axiom.left), _named(axiom.right)
        if left & up and any(one == above or above in over.get(one, ()) for one in right):
            yield link.words


def _named(formula: object) -> set[str]:
    """The IRIs within a formula."""

    def within(node: object) -> Iterator[object]:
        if is_dataclass(node):
            yield from (getattr(node, field.name) for field in fields(node))
        elif isinstance(node, tuple | frozenset):
            yield from node

    found = reached([formula], within)
    return {one for one in found if isinstance(one, str) and not isinstance(one, Literal)}
