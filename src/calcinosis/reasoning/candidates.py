"""What a case holds as its items, and which of them are possible causes of which subtype."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from calcinosis import names
from calcinosis.facts.case import Fact
from calcinosis.graph.claims import Association
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.triples import reached
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.fragment import Some

AT_DEPOSIT, AS_CAUSE = "AtDeposit", "AsCause"


@dataclass(frozen=True, slots=True)
class Item:
    """A condition, intervention or finding that is present, with what is stated of its link.

    ``base`` is the property by which a case has it; ``at_deposit`` and ``cause`` are None where
    nothing is stated.
    """

    fact: Fact
    base: str
    at_deposit: bool | None = None
    cause: bool | None = None

    @property
    def term(self) -> str:
        """The IRI of the class."""
        return self.fact.term

    def link(self, suffix: str) -> Some:
        """The atom that links the item to the deposit, or says that it is the cause."""
        return Some(self.base + suffix, self.fact.term)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cited claim that names an item, or a kind of it, as a cause of a subtype.

    ``named`` says that the item is what the claim names or narrower; otherwise it is wider.
    """

    claim: Association
    named: bool


def items(facts: Iterable[Fact]) -> list[Item]:
    """The items that facts assert, in order, each once."""
    asserted: dict[tuple[str, str], Fact] = {}
    links: dict[tuple[str, str], bool] = {}
    for fact in facts:
        if fact.property is None:
            continue
        suffix = unlinked(fact.property)[1]
        if suffix:
            links[fact.item or fact.term, suffix] = fact.affirmed
        elif fact.affirmed:
            asserted.setdefault((fact.item, fact.term), fact)
    return [
        Item(
            fact,
            str(fact.property),
            links.get((key[0] or key[1], AT_DEPOSIT)),
            links.get((key[0] or key[1], AS_CAUSE)),
        )
        for key, fact in asserted.items()
    ]


def unlinked(prop: str) -> tuple[str, str]:
    """A property without its link to the deposit, and the link; empty where it has none."""
    for suffix in (AT_DEPOSIT, AS_CAUSE):
        if prop.endswith(suffix):
            return prop[: -len(suffix)], suffix
    return prop, ""


class Candidates:
    """The possible causes by cited claims, under one viewpoint.

    A class is a possible cause of a subtype if it is below, equal to or above the subject of a
    cited cause claim. Above counts as a vaguer word; the tops of the hierarchies, role categories
    and what every case of the viewpoint has do not count.
    """

    def __init__(
        self,
        ontology: Ontology,
        compiled: Compiled,
        categories: Mapping[str, Iterable[str]],
        everyone: Iterable[str],
    ) -> None:
        """``categories`` are, by subtype, those whose members are possible causes without a claim.

        ``everyone`` are the classes that every case of the viewpoint has.
        """
        self._terms = ontology.terms
        self._compiled = compiled
        every = ontology.claims.basis_claims(ontology.viewpoint_iri)
        self._claims = [claim for claim in every if claim.kind == "CauseAssociation"]
        self._categories = {names.local(s): tuple(found) for s, found in categories.items()}
        never = {names.CONDITION, names.INTERVENTION, names.FINDING, *ontology.claims.roles}
        never |= {above for iri in everyone for above in self._terms.ancestors(iri)}
        self._never_above = reached(never, self._terms.parents)
        self._known: dict[tuple[str, str], dict[str, tuple[Candidate, ...]]] = {}
        self._by_property: dict[str, list[tuple[Association, int | None]]] = {}
        self._above: dict[str, frozenset[str]] = {}
        self._can: dict[tuple[str, int], bool] = {}
        self._members: dict[tuple[str, str, str], bool] = {}
        self._denied: dict[tuple[str, str, tuple[str, ...]], bool] = {}

    def of(self, item: Item) -> dict[str, tuple[Candidate, ...]]:
        """By subtype (id), the claims that make an item a possible cause of it.

        A member of a category that needs no claim has the subtype with none.
        """
        key = (item.base, item.term)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._of(*key)
        return found

    def holds(self, base: str, term: str, category: str) -> bool:
        """Whether a case that has a term has a member of a category by the same property."""
        key = (base, term, category)
        found = self._members.get(key)
        if found is None:
            one, other = (self._compiled.find(Some(base, iri)) for iri in (term, category))
            closure = self._compiled.closure(one) if one is not None else 0
            found = self._members[key] = other is not None and bool(closure >> other & 1)
        return found

    def denies(self, fact: Fact, categories: Iterable[str]) -> bool:
        """Whether a denied fact is about a member of some categories, or about a wider word.

        The tops of the hierarchies do not count as a wider word; a criterion counts if a member
        of a category meets it.
        """
        kinds = tuple(categories)
        if fact.property is None:
            criterion = self._compiled.literal(fact.term)
            links = (
                self._compiled.find(Some(names.HAS_CONDITION + suffix, kind))
                for kind in kinds
                for suffix in (AT_DEPOSIT, AS_CAUSE)
            )
            return any(
                link is not None and self._compiled.closure(link) >> criterion & 1 for link in links
            )
        key = (unlinked(fact.property)[0], fact.term, kinds)
        found = self._denied.get(key)
        if found is None:
            found = self._denied[key] = self._is_about(*key)
        return found

    def _is_about(self, base: str, term: str, kinds: tuple[str, ...]) -> bool:
        if any(self.holds(base, term, kind) for kind in kinds):
            return True
        tops = (names.CONDITION, names.INTERVENTION, names.FINDING)
        return term not in tops and any(
            self.holds(base, iri, term)
            for iri in self._terms.iris()
            if any(self.holds(base, iri, kind) for kind in kinds)
        )

    def can_meet(self, base: str, criterion: int) -> bool:
        """Whether some term, linked by a property or a narrower one, meets a criterion."""
        key = (base, criterion)
        found = self._can.get(key)
        if found is None:
            found = self._can[key] = any(
                isinstance(atom, Some)
                and atom.property.startswith(base)
                and self._compiled.closure(2 * number) >> criterion & 1
                for number, atom in enumerate(self._compiled.keys)
            )
        return found

    def _wider(self, subject: str) -> frozenset[str]:
        """A claim's subject and the classes above it."""
        found = self._above.get(subject)
        if found is None:
            found = self._above[subject] = frozenset(self._terms.ancestors(subject))
        return found

    def _subjects(self, base: str) -> list[tuple[Association, int | None]]:
        """The cause claims, each with the literal of its subject under a property."""
        found = self._by_property.get(base)
        if found is None:
            find = self._compiled.find
            found = [(claim, find(Some(base, claim.subject))) for claim in self._claims]
            self._by_property[base] = found
        return found

    def _of(self, base: str, term: str) -> dict[str, tuple[Candidate, ...]]:
        found: dict[str, list[Candidate]] = {}
        above = term not in self._never_above
        one = self._compiled.find(Some(base, term))
        closure = self._compiled.closure(one) if one is not None else 0
        for claim, subject in self._subjects(base):
            named = subject is not None and bool(closure >> subject & 1)
            if named or (above and term in self._wider(claim.subject)):
                for subtype in claim.gives_basis_for:
                    found.setdefault(names.local(subtype), []).append(Candidate(claim, named))
        for subtype, categories in self._categories.items():
            if any(self.holds(base, term, category) for category in categories):
                found.setdefault(subtype, [])
        return {subtype: tuple(candidates) for subtype, candidates in found.items()}
