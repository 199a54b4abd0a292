"""The facts of a case as they are read: what is set apart says nothing beyond itself.

Three rules work on facts alone, before anything is decided (``ontology/rules.ttl``): a condition
that is defined by a level and set apart is read without it, a level that contradicts such a
condition is set aside, and an intervention that is not the cause left nothing at the deposit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from calcinosis import names
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.rules import DENIED_CAUSE, LEVEL_ASIDE, SET_APART, Rule, Rules
from calcinosis.graph.triples import reached
from calcinosis.reasoning.candidates import AS_CAUSE, unlinked
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.fragment import Some


@dataclass(frozen=True, slots=True)
class Read:
    """The facts that count, what was set aside, and the levels among it."""

    facts: tuple[Fact, ...]
    set_aside: tuple[Remark, ...] = ()
    levels: tuple[Fact, ...] = ()


class Reading:
    """Reads the facts of cases by the rules of one viewpoint's ontology."""

    def __init__(self, ontology: Ontology, compiled: Compiled, rules: Rules) -> None:
        self._terms = ontology.terms
        self._compiled = compiled
        self._apart = rules.get(SET_APART)
        self._aside = rules.get(LEVEL_ASIDE)
        self._denied = rules.get(DENIED_CAUSE)
        self._levels: dict[str, tuple[int, ...]] = {}

    def read(self, case: Case) -> Read:
        """The facts of a case by which it is judged."""
        remarks = list[Remark]()
        facts = self._giving_way(case.facts, remarks)
        denied = {(f.property, f.term) for f in facts if _denies_cause(f)}
        if self._denied is not None and denied:
            facts = self._without_denied(facts, denied, self._denied, remarks)
        implying = [f for f in facts if self._implied(f)]
        if not implying:
            return Read(facts, tuple(remarks))
        if self._apart is not None:
            facts = self._read_apart(facts, denied, self._apart, remarks)
        levels: tuple[Fact, ...] = ()
        if self._aside is not None:
            facts, levels = self._set_levels_aside(facts, self._aside, remarks)
        return Read(facts, tuple(remarks), levels)

    # -- what a phrase of a report says ------------------------------------------------

    def _giving_way(self, facts: tuple[Fact, ...], remarks: list[Remark]) -> tuple[Fact, ...]:
        """The facts without what phrases deny and the case states, all of a phrase or nothing."""
        weak = [fact for fact in facts if fact.gives_way]
        stated = [fact for fact in facts if not fact.gives_way] if weak else []
        against = {
            one.item: other for one in weak for other in stated if self._excludes(other, one)
        }
        for item, other in against.items():
            phrase = next(fact for fact in weak if fact.item == item)
            reason = f"gives way to what is stated: {other}"
            remarks.append(Remark(phrase.words, phrase.where, reason))
        return tuple(f for f in facts if not (f.gives_way and f.item in against))

    def _excludes(self, fact: Fact, denied: Fact) -> bool:
        """Whether a fact cannot hold beside another."""
        one, other = (next(iter(literals((f,), self._compiled))) for f in (fact, denied))
        return bool(self._compiled.closure(one) >> (other ^ 1) & 1)

    # -- an intervention that is not the cause ------------------------------------------

    def _without_denied(
        self,
        facts: tuple[Fact, ...],
        denied: set[tuple[str | None, str]],
        rule: Rule,
        remarks: list[Remark],
    ) -> tuple[Fact, ...]:
        kept = []
        for fact in facts:
            if fact.affirmed and fact.property in rule.adds and self._is_denied(fact, denied):
                remarks.append(_remark(fact, rule))
            else:
                kept.append(fact)
        return tuple(kept)

    def _is_denied(self, fact: Fact, denied: set[tuple[str | None, str]]) -> bool:
        """Whether it is stated that what a fact speaks of is not the cause."""
        base = unlinked(fact.property or "")[0]
        return any((base + AS_CAUSE, iri) in denied for iri in self._terms.ancestors(fact.term))

    # -- conditions that are defined by a level --------------------------------------------

    def _implied(self, fact: Fact) -> tuple[int, ...]:
        """The levels that a condition which is present implies, as literals."""
        if not fact.affirmed or not (fact.property or "").startswith(names.HAS_CONDITION):
            return ()
        return self._levels_of(fact.term)

    def _levels_of(self, term: str) -> tuple[int, ...]:
        found = self._levels.get(term)
        if found is None:
            rules = [rule for rule in (self._apart, self._aside) if rule is not None]
            concerned = dict.fromkeys(iri for rule in rules for iri in rule.concerns)
            levels = (self._compiled.find(Some(names.HAS_FINDING, iri)) for iri in concerned)
            own = self._compiled.find(Some(names.HAS_CONDITION, term))
            closure = 0 if own is None else self._compiled.closure(own)
            found = tuple(one for one in levels if one is not None and closure >> one & 1)
            self._levels[term] = found
        return found

    def _read_apart(
        self,
        facts: tuple[Fact, ...],
        denied: set[tuple[str | None, str]],
        rule: Rule,
        remarks: list[Remark],
    ) -> tuple[Fact, ...]:
        kept: list[Fact] = []
        said: set[str] = set()
        for fact in facts:
            apart = fact.when == "before" or self._is_denied(fact, denied)
            if not (self._implied(fact) and apart):
                kept.append(fact)
                continue
            if fact.item not in said:
                said.add(fact.item)
                remarks.append(_remark(fact, rule))
            kept += [
                replace(fact, term=iri, label=self._terms.label(iri), match=None)
                for iri in self._without_level(fact.term)
            ]
        return tuple(kept)

    def _without_level(self, term: str) -> list[str]:
        """The nearest classes above that imply no level."""
        parents = self._terms.parents
        found = reached(parents(term), lambda iri: parents(iri) if self._levels_of(iri) else ())
        return sorted(i for i in found if i != names.CONDITION and not self._levels_of(i))

    def _set_levels_aside(
        self, facts: tuple[Fact, ...], rule: Rule, remarks: list[Remark]
    ) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
        against = 0
        for level in dict.fromkeys(one for fact in facts for one in self._implied(fact)):
            against |= self._compiled.closure(level)
        gone = tuple(f for f in facts if self._contradicts(f, against))
        remarks += [_remark(fact, rule) for fact in gone]
        return tuple(f for f in facts if f not in gone) if gone else facts, gone

    def _contradicts(self, fact: Fact, against: int) -> bool:
        if fact.property != names.HAS_FINDING:
            return False
        literal = self._compiled.literal(Some(fact.property, fact.term), affirmed=fact.affirmed)
        return bool(against >> (literal ^ 1) & 1)


def _denies_cause(fact: Fact) -> bool:
    return not fact.affirmed and (fact.property or "").endswith(AS_CAUSE)


def _remark(fact: Fact, rule: Rule) -> Remark:
    return Remark(str(fact), fact.where, f"{rule.aside_words} ({rule.code})", rule.way_out)


def adding(
    stated: Mapping[int, list[Fact]], facts: Iterable[Fact], compiled: Compiled
) -> dict[int, list[Fact]]:
    """What is stated, with further facts beside it."""
    found = dict(stated)
    for literal, same in literals(facts, compiled).items():
        found[literal] = [*found.get(literal, ()), *same]
    return found


def literals(facts: Iterable[Fact], compiled: Compiled) -> dict[int, list[Fact]]:
    """The literals that facts assert, each with the facts that state it."""
    found: dict[int, list[Fact]] = {}
    for fact in facts:
        key: Some | str = Some(fact.property, fact.term) if fact.property else fact.term
        found.setdefault(compiled.literal(key, affirmed=fact.affirmed), []).append(fact)
    return found
