"""Small faults in the ontology, one at a time: an axiom, claim or rule that is lost or weaker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from unittest import mock

import calcinosis
from calcinosis import names
from calcinosis.graph.triples import Triples, reached
from calcinosis.reasoning import fragment
from calcinosis.reasoning.fragment import (
    And,
    Axiom,
    Formula,
    Fragment,
    Named,
    Not,
    Or,
    Some,
    leaves,
)

Triple = tuple[str, str, str]
_GIVES = names.CC + "givesBasisFor"
# What a rule works with, and what a viewpoint says beside its axioms.
_WORKS = (
    *("adds", "affirms", "denies", "concerns", "supportsSubtype", "possibleCause"),
    *("ifEntailed", "unlessEntailed", "heldBackBy"),
)
_TOPS = {
    "condition": names.CONDITION,
    "intervention": names.INTERVENTION,
    "finding": names.FINDING,
}
_SAYS = ("presupposes", "takes", "causalCriterion")


@dataclass(frozen=True)
class Mutant:
    """One fault: triples that are lost, or an axiom that says something else (None: nothing).

    ``instead_of_lost`` stands for the last triple of a term's kind: a term has to be of one.
    """

    kind: str
    words: str
    viewpoints: tuple[str, ...]
    lost: frozenset[Triple] = frozenset()
    instead_of_lost: str = ""
    axiom: Axiom | None = None
    instead: Axiom | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"

    @contextmanager
    def applied(self) -> Iterator[None]:
        """While this lasts, what is loaded has the fault; forms that it breaks are let pass."""
        read, read_axioms = Triples.read, fragment._Reading.axioms

        def reading(triples: Triples, path: Path, text: str | None = None) -> None:
            read(triples, path, text)
            self._lose(triples)

        def axioms(reading: fragment._Reading) -> Iterator[Axiom]:
            for axiom in read_axioms(reading):
                if self.axiom is None or axiom != self.axiom:
                    yield axiom
                elif self.instead is not None:
                    yield self.instead

        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(Triples, "read", reading))
            stack.enter_context(mock.patch.object(fragment._Reading, "axioms", axioms))
            for form in ("_check_split_form", "_check_polarity"):
                stack.enter_context(mock.patch.object(Fragment, form))
            yield

    def _lose(self, triples: Triples) -> None:
        for subject, predicate, target in self.lost:
            described = triples.by_subject.get(subject, {})
            if target in described.get(predicate, ()):
                left = [one for one in described[predicate] if one != target]
                described[predicate] = left or [one for one in (self.instead_of_lost,) if one]
        for node in [node for node, about in triples.annotated() if about in self.lost]:
            del triples.by_subject[node]


class Faults:
    """All faults of the axioms that one viewpoint sees, and of what they rest on."""

    def __init__(self, kg: calcinosis.KnowledgeGraph) -> None:
        self.kg = kg
        self.by = kg.classifier
        self.triples = kg.ontology.triples
        self.view = (kg.viewpoint,)

    def all(self) -> Iterator[Mutant]:
        """Axioms, claims, rules."""
        for axiom in self.by.fragment.axioms:
            if not axiom.is_placing:
                yield from self._of_axiom(axiom)
        yield from self._of_claims()
        yield from self._of_rules()

    # -- axioms ------------------------------------------------------------------------

    def _of_axiom(self, axiom: Axiom) -> Iterator[Mutant]:
        words = f"{_short(axiom.left)} {axiom.form} {_short(axiom.right)}"
        kind = self._kind(axiom)
        if axiom.form == "subclass" and isinstance(axiom.left, str) and axiom.triple:
            lost = frozenset({axiom.triple})
            top = _TOPS.get(self.kg.ontology.terms.kind(axiom.left), "")
            yield Mutant(kind, f"{words}: lost", self.view, lost, top)
        else:
            yield Mutant(kind, f"{words}: lost", self.view, axiom=axiom)
        for weaker in self._weaker(axiom):
            said = f"{words}: {_short(weaker.left)} {axiom.form} {_short(weaker.right)}"
            yield Mutant(kind, said, self.view, axiom=axiom, instead=weaker)
        for claim in axiom.rests_on if len(axiom.rests_on) > 1 else ():
            left = tuple(one for one in axiom.rests_on if one != claim)
            said = f"{words}: without {names.local(claim)}"
            instead = replace(axiom, rests_on=left)
            yield Mutant("one claim of several", said, self.view, axiom=axiom, instead=instead)

    def _kind(self, axiom: Axiom) -> str:
        if not isinstance(axiom.left, str):
            return "definition"
        if axiom.form != "subclass":
            return "property or union"
        if self._is_subtype(axiom) and not self._basis_goes_up(axiom):
            return "place that bears nothing"  # no fact states a subtype
        if self._bears(axiom):
            return "role" if axiom.rests_on else "place that bears"
        return "role of its parent too" if self._is_role(axiom) else "place that bears nothing"

    def _is_subtype(self, axiom: Axiom) -> bool:
        return self.kg.ontology.terms.kind(str(axiom.left)) == "subtype"

    def _basis_goes_up(self, axiom: Axiom) -> bool:
        """Whether a basis for the one subtype is one for the other, which is defined here."""
        defined = {one.subtype for one in self.by.case_classes}
        given = {names.local(one) for claim in self._basis for one in claim.gives_basis_for}
        left, right = names.local(str(axiom.left)), names.local(str(axiom.right))
        return right in defined and left in defined | given

    def _is_role(self, axiom: Axiom) -> bool:
        return bool(axiom.rests_on) and axiom.right in self.kg.ontology.claims.roles

    def _weaker(self, axiom: Axiom) -> Iterator[Axiom]:
        if isinstance(axiom.right, str):
            for above in self._parents(axiom.right) if axiom.rests_on else ():
                yield replace(axiom, right=above)
        elif axiom.form in ("equivalent", "union"):
            for formula in self._changed(axiom.right):
                yield replace(axiom, right=formula)
        elif axiom.form == "inclusion" and not isinstance(axiom.left, str):
            for formula in self._changed(axiom.left):
                yield replace(axiom, left=formula)

    def _changed(self, formula: Formula) -> Iterator[Formula]:
        """A formula with a part fewer, or with a wider class or property."""
        match formula:
            case Not(part):
                yield from (Not(other) for other in self._changed(part))
            case And(parts) | Or(parts) if len(parts) > 1:
                for number, part in enumerate(parts):
                    if part == And(()):
                        continue  # every case: nothing is lost with it
                    rest = parts[:number], parts[number + 1 :]
                    yield type(formula)((*rest[0], *rest[1]))
                    for other in self._changed(part):
                        yield type(formula)((*rest[0], other, *rest[1]))
            case Some(prop, filler):
                yield from (Some(prop, above) for above in self._parents(filler))
                for base in self.triples.iris(prop, names.SUBPROPERTY):
                    yield Some(base, filler)
            case _:
                return

    def _parents(self, iri: str) -> list[str]:
        return [one for one in self.kg.ontology.terms.parents(iri) if one not in _TOPS.values()]

    # -- what bears a verdict ----------------------------------------------------------

    @cached_property
    def _bearing(self) -> set[str]:
        """The classes that a criterion, a cited cause or a rule names."""
        found = {
            part.filler
            for formula in self.by.fragment.definitions.values()
            for part in leaves(formula)
            if isinstance(part, Some)
        }
        found |= {claim.subject for claim in self._basis}
        found |= {category for _, category in self.by.rules.possible_causes}
        for rule in self.by.rules.all:
            found |= {*rule.concerns, *rule.denies, *rule.affirms, *rule.held_back_by}
        return found

    @cached_property
    def _above(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for axiom in self.by.fragment.axioms:
            if axiom.form == "subclass" and isinstance(axiom.left, str):
                found.setdefault(axiom.left, set()).add(str(axiom.right))
        return found

    def _bears(self, axiom: Axiom) -> bool:
        """Whether without it a class falls under fewer of the classes that bear a verdict."""
        left, right = str(axiom.left), str(axiom.right)
        above = self._above
        fewer = {**above, left: above[left] - {right}}
        whole = reached([left], lambda iri: above.get(iri, ()))
        return not self._bearing & whole <= reached([left], lambda iri: fewer.get(iri, ()))

    # -- claims and rules --------------------------------------------------------------

    @cached_property
    def _basis(self) -> list[calcinosis.graph.claims.Association]:
        ontology = self.kg.ontology
        return ontology.claims.basis_claims(ontology.viewpoint_iri)

    def _of_claims(self) -> Iterator[Mutant]:
        for claim in self._basis:
            for subtype in claim.gives_basis_for:
                words = f"{claim.id} gives {names.local(subtype)} no basis"
                lost = frozenset({(claim.iri, _GIVES, subtype)})
                yield Mutant("claim that gives a basis", words, self.view, lost)

    def _of_rules(self) -> Iterator[Mutant]:
        for kind, predicates in (("rule", _WORKS), ("viewpoint", _SAYS)):
            for predicate in (names.CC + name for name in predicates):
                for subject, targets in self.triples.subjects(predicate):
                    for target in targets:
                        if isinstance(target, str) and not self._is_flag(subject):
                            words = " ".join(map(names.local, (subject, predicate, target)))
                            lost = frozenset({(subject, predicate, target)})
                            yield Mutant(kind, f"{words}: lost", self.view, lost)

    def _is_flag(self, iri: str) -> bool:
        return names.CC + "Flag" in self.triples.iris(iri, names.TYPE)


def mutants(viewpoints: list[str]) -> list[Mutant]:
    """The faults under all viewpoints; one that several see stands once, in their order."""
    found: dict[tuple[str, str, Axiom | None], Mutant] = {}
    for viewpoint in viewpoints:
        for one in Faults(calcinosis.load(viewpoint)).all():
            key = (one.kind, one.words, one.axiom)
            before = found.get(key)
            seen = (*before.viewpoints, viewpoint) if before else (viewpoint,)
            found[key] = replace(before or one, viewpoints=seen)
    return list(found.values())


def _short(formula: Formula | str) -> str:
    match formula:
        case str():
            return names.local(formula)
        case Named(iri):
            return names.local(iri)
        case Some(prop, filler):
            return f"{names.local(prop)} {names.local(filler)}"
        case Not(part):
            return f"not ({_short(part)})"
        case And(parts) | Or(parts):
            word = " and " if isinstance(formula, And) else " or "
            return f"({word.join(map(_short, parts))})" if parts else "any case"
