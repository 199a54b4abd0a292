"""What a name says beyond itself, and what a complete work-up excludes.

Three strengths of fact: stated before said by a name before assumed. A weaker one is added only
where the stronger ones leave it open; what is stated alone decides which are added, so that their
order does not matter. What then follows is plain OWL over all of them. The rules and their reasons
are in ``ontology/rules.ttl``; ``docs/reasoning.md`` has the argument (Reiter 1980).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from calcinosis import names
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.rules import (
    ANOTHER_CAUSE,
    BY_NAME,
    LEVELS,
    NOT_TAKEN,
    TAKEN,
    WORKUP_HELD,
    Rule,
    Rules,
)
from calcinosis.reasoning.candidates import AS_CAUSE, AT_DEPOSIT, Candidates, Item, items
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.fragment import Some
from calcinosis.reasoning.reading import adding

DENYING: Final = ("excluded", "criterion")
"""The kinds of the lists that say what is absent, or was looked for."""

NAMES, WORK_UP, PRESUMPTION = "names", "work-up", "presumption"
"""The steps that a word which was not understood can hold back."""

_LINKS: Final = ("", AT_DEPOSIT, AS_CAUSE)

Stated = dict[int, list[Fact]]


class Judgement(Protocol):
    """What a reasoner says of a set of literals; the compiled one says it as a State."""

    @property
    def consistent(self) -> bool:
        """Whether the literals can be true together."""

    def holds(self, literal: int) -> bool:
        """Whether a literal follows from them."""


Reason = Callable[[Iterable[int]], Judgement]


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag that a rule raises: its words, and the literals that it bears upon.

    ``subtype`` (an IRI) is the one it belongs to, empty where the literals say which.
    """

    words: str
    bears_on: int = 0
    subtype: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a case once names and work-up have been taken at their word.

    ``stated`` holds all facts by their literals, those that rules added too, and ``judged`` what
    follows from them. ``held`` are items that would be taken as causes if the case stated no other;
    ``named`` the facts of a recognised entity whose name was held back. ``ignored`` are the labels
    of criteria that the work-up does not exclude, each with why; ``blocked`` are words that were
    not understood, each with the step that it holds back.
    """

    stated: Stated
    judged: Judgement
    items: tuple[Item, ...] = ()
    taken: tuple[Fact, ...] = ()
    held: tuple[Item, ...] = ()
    named: tuple[Fact, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    flags: tuple[Raised, ...] = ()
    blocked: tuple[tuple[Remark, str], ...] = ()


class Defaults:
    """Applies the rules of one viewpoint's ontology to what is stated of cases."""

    def __init__(
        self, ontology: Ontology, compiled: Compiled, rules: Rules, candidates: Candidates
    ) -> None:
        self._terms = ontology.terms
        self._compiled = compiled
        self._rules = rules
        self._candidates = candidates
        self._taken = rules.get(TAKEN)
        self._by_name = rules.get(BY_NAME)

    def apply(self, case: Case, stated: Stated, reason: Reason) -> Situation:
        """What is known of a case from facts that can hold together, by their literals."""
        judged = reason(stated)
        here = tuple(items(fact for facts in stated.values() for fact in facts))
        found = Situation(stated, judged, here)
        rule = self._by_name
        if self._taken is None and rule is None:
            pass
        elif rule is not None and self._all_hold(rule.if_entailed, judged):
            found = self._said_by_name(case, found, rule, reason)
        elif self._taken is not None:
            found = self._taken_as_cause(case, found, self._taken, reason)
        return self._worked_up(case, found, reason) if case.workup else found

    def categories(self) -> tuple[str, ...]:
        """The classes of conditions that are taken as causes (IRIs), whatever the settings."""
        return self._rules.rule(TAKEN).concerns

    # -- literals -------------------------------------------------------------------------

    def named(self, iris: Iterable[str]) -> Iterator[int]:
        """The literals of the criteria among some IRIs; the ontology need not have all."""
        for iri in iris:
            literal = self._compiled.find(iri)
            if literal is not None:
                yield literal

    def _all_hold(self, iris: Iterable[str], judged: Judgement) -> bool:
        literals = list(self.named(iris))
        return bool(literals) and all(judged.holds(literal) for literal in literals)

    def _any_holds(self, iris: Iterable[str], judged: Judgement) -> bool:
        return any(judged.holds(literal) for literal in self.named(iris))

    def _meets(self, item: Item, suffixes: Iterable[str], criterion: int) -> bool:
        """Whether an item would meet a criterion if it were linked to the deposit."""
        links = (self._compiled.find(item.link(suffix)) for suffix in suffixes)
        return any(
            link is not None and self._compiled.closure(link) >> criterion & 1 for link in links
        )

    def is_denied(self, item: Item, judged: Judgement) -> bool:
        """Whether it is stated that an item is not the cause."""
        as_cause = self._compiled.find(item.link(AS_CAUSE))
        return item.cause is False or (as_cause is not None and judged.holds(as_cause ^ 1))

    # -- taken as a cause ---------------------------------------------------------------

    def _taken_as_cause(
        self, case: Case, found: Situation, rule: Rule, reason: Reason
    ) -> Situation:
        judged = found.judged
        if self._any_holds(rule.unless_entailed, judged):
            return found
        chosen = [item for item in found.items if self._is_taken(item, rule, judged)]
        if not chosen:
            return found
        against = [r for r in case.not_understood if self._may_speak_against(r, rule, chosen)]
        found = replace(found, blocked=tuple((remark, NAMES) for remark in against))
        stated = any(item.cause for item in found.items)
        stated = stated or any(remark.cause for remark in against)
        if stated or self._any_holds(rule.held_back_by, judged):
            return self._held(found, chosen, ANOTHER_CAUSE)
        if against:
            return self._held(found, chosen, NOT_TAKEN)
        (prop,) = rule.adds
        facts = [_added(item.fact, rule, prop) for item in chosen]
        return self._with(found, facts, reason)

    def _is_taken(self, item: Item, rule: Rule, judged: Judgement) -> bool:
        if item.cause is not None or item.base + AS_CAUSE not in rule.adds:
            return False
        kinds = (self._candidates.holds(item.base, item.term, one) for one in rule.concerns)
        as_cause = self._compiled.find(item.link(AS_CAUSE))
        return (
            as_cause is not None
            and any(kinds)
            and not judged.holds(as_cause)
            and not judged.holds(as_cause ^ 1)
        )

    def _may_speak_against(self, remark: Remark, rule: Rule, chosen: Iterable[Item]) -> bool:
        """Whether a word that was not understood may keep diseases from being taken as causes.

        It may be another cause, what was put at the deposit, or the denial of what they meet.
        """
        base = names.HAS.get(remark.kind)
        if base is not None:
            placed = remark.at_deposit and any(
                self._candidates.can_meet(base, one) for one in self.named(rule.held_back_by)
            )
            return remark.cause or placed
        links = [self._compiled.literal(item.link(AS_CAUSE)) ^ 1 for item in chosen]
        return any(
            self._compiled.closure(denial) >> link & 1
            for denial in self._denials(remark)
            for link in links
        )

    def _denials(self, remark: Remark) -> Iterator[int]:
        """What an exclusion that was not understood may deny, by its suggestions."""
        found = (iri for word in remark.suggestions for iri in self._terms.find(word))
        for iri in (*remark.about, *found) if remark.kind in DENYING else ():
            atoms = (Some(base + s, iri) for base in names.HAS.values() for s in _LINKS)
            for literal in (self._compiled.find(iri), *map(self._compiled.find, atoms)):
                if literal is not None:
                    yield literal ^ 1

    def _held(self, found: Situation, held: Sequence[Item], why: str) -> Situation:
        """The situation in which diseases are not taken as causes, with the flag that says why."""
        flag = self._rules.flags[why]
        flags = (
            Raised(flag.about(one.fact.label), self._compiled.literal(one.link(AS_CAUSE)))
            for one in held
        )
        return replace(found, held=tuple(held), flags=tuple(flags))

    def _with(self, found: Situation, facts: Sequence[Fact], reason: Reason) -> Situation:
        """The situation with added facts, or as it is where they cannot all hold."""
        stated = adding(found.stated, facts, self._compiled)
        judged = reason(stated)
        if not judged.consistent:
            return found
        return replace(found, stated=stated, judged=judged, taken=(*found.taken, *facts))

    # -- worked up by a name ------------------------------------------------------------

    def _said_by_name(self, case: Case, found: Situation, rule: Rule, reason: Reason) -> Situation:
        entity = self._entity(found, rule)
        against = list(self._against_name(case, found, rule))
        words = {what for _, what in against}
        blocked = tuple((r, NAMES) for r in case.not_understood if r.what in words)
        found = replace(found, blocked=blocked)
        if not against:
            because = "; ".join(dict.fromkeys(fact.label for fact in entity))
            first = entity[0]
            facts = [
                Fact(False, None, iri, self._terms.label(iri), first.where, because, rule=rule)
                for iri in rule.denies
                if self._leaves_open(iri, found.judged)
            ]
            denied = self._with(found, facts, reason)
            if denied is not found:
                return denied
            against = [("criterion", "the facts leave no room for it")]
        flags = [
            Raised(flag.about(what), subtype=flag.shown_with)
            for when, what in against
            for flag in rule.flags
            if flag.when == when
        ]
        return replace(found, named=entity, flags=tuple(flags))

    def _leaves_open(self, criterion: str, judged: Judgement) -> bool:
        """Whether facts do not exclude a criterion already."""
        return any(not judged.holds(literal ^ 1) for literal in self.named((criterion,)))

    def _entity(self, found: Situation, rule: Rule) -> tuple[Fact, ...]:
        wanted = list(self.named(rule.if_entailed))
        return tuple(
            fact
            for literal, facts in found.stated.items()
            if any(self._compiled.closure(literal) >> one & 1 for one in wanted)
            for fact in facts
        ) or tuple(fact for facts in found.stated.values() for fact in facts)

    def _against_name(self, case: Case, found: Situation, rule: Rule) -> Iterator[tuple[str, str]]:
        """Why a name says nothing further: the way of being held back, and by what."""
        judged = found.judged
        for iri in rule.denies:
            if self._any_holds((iri,), judged):
                yield "criterion", self._terms.label(iri)
        if not self._any_holds(rule.unless_entailed, judged):
            yield from self._against_levels(case, found, rule)
        for remark in not_understood(case):
            yield "not understood", remark.what

    def _against_levels(
        self, case: Case, found: Situation, rule: Rule
    ) -> Iterator[tuple[str, str]]:
        """What may raise a level, and what is reported of one and leaves open whether it is."""
        for subtype in rule.held_back_by:
            for item in self.possible_causes(found, names.local(subtype)):
                yield "possible cause", item.fact.label
        raised = {*self._rules.rule(LEVELS).denies}
        for remark in (*case.uninterpreted, *case.not_understood):
            if raised.intersection(remark.about):
                yield "level", remark.what
        for fact in self.half_known(found):
            yield "level", str(fact)

    def half_known(self, found: Situation) -> Iterator[Fact]:
        """What is stated of a level and leaves open whether it is raised."""
        judged = found.judged
        unknown = set[str]()
        for raised in self._rules.rule(LEVELS).denies:
            literal = self._compiled.literal(Some(names.HAS_FINDING, raised))
            if not (judged.holds(literal) or judged.holds(literal ^ 1)):
                unknown.update(self._levels_beside(raised))
        for facts in found.stated.values() if unknown else ():
            for fact in facts:
                if fact.property == names.HAS_FINDING and fact.term in unknown:
                    yield fact

    def _levels_beside(self, raised: str) -> Iterator[str]:
        """The levels of one measured thing: what the raised one is a kind of, and its kinds."""
        for above in self._terms.parents(raised):
            if above != names.FINDING:
                yield from (above, *self._terms.children.get(above, ()))

    def possible_causes(self, found: Situation, subtype: str) -> list[Item]:
        """The items that are possible causes of a subtype (its id), not stated not to be one."""
        return [
            item
            for item in found.items
            if subtype in self._candidates.of(item) and not self.is_denied(item, found.judged)
        ]

    # -- the work-up ----------------------------------------------------------------------

    def _worked_up(self, case: Case, found: Situation, reason: Reason) -> Situation:
        ignored: list[tuple[str, str]] = []
        flags, blocked = list(found.flags), list(found.blocked)
        denied: list[Fact] = []
        for fact in case.workup:
            criterion = self._compiled.literal(fact.term)
            why = self._against_workup(case, found, criterion)
            if why:
                ignored.append((fact.label, why))
                blocked += [
                    (r, WORK_UP) for r in case.not_understood if self.may_concern(r, criterion)
                ]
                flag = self._rules.flags.get(WORKUP_HELD)
                words = f"{fact.label}: {why}"
                flags.append(Raised(flag.about(words) if flag else words, criterion))
            else:
                denied.append(fact)
        found = replace(found, ignored=tuple(ignored), flags=tuple(flags), blocked=tuple(blocked))
        if not denied:
            return found
        after = self._with(found, denied, reason)
        if after is found:
            labels = [(fact.label, "the facts leave no room for it") for fact in denied]
            return replace(found, ignored=(*ignored, *labels))
        return replace(after, taken=found.taken)  # the case itself states its work-up

    def _against_workup(self, case: Case, found: Situation, criterion: int) -> str:
        """Why a criterion is not excluded by the work-up; empty where it is."""
        if found.judged.holds(criterion):
            return "a fact meets it"
        linked = (AT_DEPOSIT, AS_CAUSE)
        possible = (*found.held, *self.unplaced(found))
        labels = {item.fact.label for item in possible if self._meets(item, linked, criterion)}
        if labels:
            return f"{_any_of(labels)} may meet it"
        remarks = [*case.not_understood, *case.uninterpreted]
        words = {f"“{r.what}”" for r in remarks if self.may_concern(r, criterion)}
        return f"{_any_of(words)} was not understood" if words else ""

    def unplaced(self, found: Situation) -> Iterator[Item]:
        """The items of which it is not stated whether they are at the deposit or its cause."""
        for item in found.items:
            stated = item.at_deposit is not None or item.cause is not None
            if not (stated or item.base == names.HAS_FINDING or self.is_denied(item, found.judged)):
                yield item

    def may_concern(self, remark: Remark, criterion: int) -> bool:
        """Whether what was not understood, or a value not interpreted, could meet a criterion."""
        base = names.HAS.get(remark.kind)
        if base is not None:
            return self._candidates.can_meet(base, criterion)
        levels = (self._compiled.find(Some(names.HAS_FINDING, iri)) for iri in remark.about)
        return any(
            one is not None and self._compiled.closure(one) >> criterion & 1 for one in levels
        )


def not_understood(case: Case) -> list[Remark]:
    """The conditions, interventions and findings of a case that were not understood."""
    return [remark for remark in case.not_understood if remark.kind in names.HAS]


def _any_of(words: Iterable[str]) -> str:
    """All of some words, in an order that is not the file's."""
    return " or ".join(sorted(words))


def _added(fact: Fact, rule: Rule, prop: str) -> Fact:
    return replace(fact, property=prop, rule=rule)
