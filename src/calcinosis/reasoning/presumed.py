"""What is assumed where a case is silent, and what is presumed to follow from it.

A presumption is a state beside the verdict, which it never changes: it is looked for where a
subtype is open, by one more evaluation with assumed facts added (rules A1 to A3 of
``ontology/rules.ttl``). In a contradictory case nothing is presumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from calcinosis import names
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.facts.said import PHRASE
from calcinosis.graph.claims import Association
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.rules import LEVELS, LINK, RAISED, WORKUP, Rule, Rules
from calcinosis.reasoning.candidates import AT_DEPOSIT, Candidates, Item
from calcinosis.reasoning.classes import CaseClass
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.defaults import (
    DENYING,
    Defaults,
    Judgement,
    Reason,
    Situation,
    not_understood,
)
from calcinosis.reasoning.fragment import Some
from calcinosis.reasoning.reading import adding
from calcinosis.reasoning.verdict import Verdict, settled

Verdicts = Mapping[str, Verdict]
"""What a state says, by subtype id: entailed, refuted, or not there where it is open."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """The facts that one rule adds to a case, and the claims that name the cause.

    ``rests_on`` are assumptions without which the rule would not have been used.
    """

    rule: Rule
    facts: tuple[Fact, ...]
    claims: tuple[Association, ...] = ()
    rests_on: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class Presumption:
    """A subtype that follows if some assumptions hold; none of these can be left out.

    ``outcomes`` say, for each assumption, what follows and what is ruled out (ids of subtypes)
    instead if it is false.
    """

    subtype: str
    assumptions: tuple[Assumption, ...]
    outcomes: tuple[Verdicts, ...]
    situation: Situation

    @property
    def codes(self) -> tuple[str, ...]:
        """The short names of its rules."""
        return tuple(dict.fromkeys(one.rule.code for one in self.assumptions))


class Presumer:
    """Assumes what the rules allow, and finds what follows from it, under one viewpoint."""

    def __init__(
        self,
        ontology: Ontology,
        compiled: Compiled,
        rules: Rules,
        candidates: Candidates,
        defaults: Defaults,
        case_classes: Sequence[CaseClass],
    ) -> None:
        self._ontology = ontology
        self._terms = ontology.terms
        self._compiled = compiled
        self._rules = rules
        self._candidates = candidates
        self._defaults = defaults
        self._classes = case_classes
        self._causal = [compiled.literal(c.causal) for c in case_classes if c.causal]

    def presume(
        self, case: Case, found: Situation, levels_aside: bool, reason: Reason
    ) -> dict[str, Presumption]:
        """What is presumed of a case, by subtype id; nothing where a subtype is not open."""
        still_open = [c for c in self._classes if settled(found.judged.holds, c.literal) is None]
        allowed = self.allowed(case)
        if not still_open or not allowed or not_understood(case):
            return {}
        asked = _Asked(self, case, found, levels_aside, reason, allowed)
        made = asked.assumptions()
        if not made:
            return {}
        after = self.adding(found, made, reason)
        if not after.judged.consistent:
            return {}
        follows = [c for c in still_open if after.judged.holds(c.literal)]
        return {c.subtype: self._presumption(c, found, made, reason) for c in follows}

    def allowed(self, case: Case) -> tuple[str, ...]:
        """What may be assumed of a case: what the settings allow, and the case if it says so."""
        allowed = self._ontology.settings.assume
        if case.assume is None:
            return allowed
        return tuple(word for word in allowed if word in case.assume)

    def held_back_by(self, case: Case, found: Situation) -> list[Remark]:
        """The words for which nothing, or not everything, is presumed that could be."""
        allowed = self.allowed(case)
        if not allowed or all(settled(found.judged.holds, c.literal) for c in self._classes):
            return []
        levels = {*self._rules.rule(LEVELS).denies}
        causes = any(self._rules.assumed(iri, allowed) for iri in (RAISED, LINK))
        unknown = not_understood(case)
        return [
            remark
            for remark in case.not_understood
            if remark in unknown
            or levels.intersection(remark.about)
            or (causes and remark.kind in DENYING)
        ]

    def adding(
        self, found: Situation, assumptions: Iterable[Assumption], reason: Reason
    ) -> Situation:
        """A situation with assumed facts."""
        facts = [fact for one in assumptions for fact in one.facts]
        stated = adding(found.stated, facts, self._compiled)
        return replace(found, stated=stated, judged=reason(stated))

    def _presumption(
        self, case_class: CaseClass, found: Situation, made: Sequence[Assumption], reason: Reason
    ) -> Presumption:
        needed = list(made)
        for one in made if len(made) > 1 else ():
            rest = _without(needed, one)
            if self.adding(found, rest, reason).judged.holds(case_class.literal):
                needed = rest
        outcomes = tuple(self._if_false(one, needed, found, reason) for one in needed)
        situation = self.adding(found, needed, reason)
        return Presumption(case_class.subtype, tuple(needed), outcomes, situation)

    def _if_false(
        self, false: Assumption, needed: Sequence[Assumption], found: Situation, reason: Reason
    ) -> Verdicts:
        """What every way of an assumption being false says alike."""
        rest = self.adding(found, _without(needed, false), reason)
        said: list[dict[str, Verdict]] = []
        for fact in false.facts:
            denial = replace(fact, affirmed=not fact.affirmed)
            other = self.adding(rest, [Assumption(false.rule, (denial,))], reason)
            if other.judged.consistent:
                verdicts = (
                    (c.subtype, settled(other.judged.holds, c.literal)) for c in self._classes
                )
                said.append({subtype: verdict for subtype, verdict in verdicts if verdict})
        before = {c.subtype for c in self._classes if settled(rest.judged.holds, c.literal)}
        alike = set(said[0].items()).intersection(*(one.items() for one in said)) if said else set()
        return {
            c.subtype: verdict
            for c in self._classes
            for subtype, verdict in alike
            if subtype == c.subtype and subtype not in before
        }


@dataclass(frozen=True, slots=True)
class _Asked:
    """What may be assumed of one case."""

    by: Presumer
    case: Case
    found: Situation
    levels_aside: bool
    reason: Reason
    allowed: tuple[str, ...]

    def assumptions(self) -> list[Assumption]:
        made: list[Assumption] = []
        rule = self.by._rules.assumed(LEVELS, self.allowed)
        if rule is not None and not self._mineral_trouble(rule):
            made += self._levels(rule)
        now = self.by.adding(self.found, made, self.reason) if made else self.found
        rule = self.by._rules.assumed(WORKUP, self.allowed)
        if rule is not None and self._is_worked_up(rule, now.judged):
            whole = [*made, *self._denied(rule, made)]
            # All four denials or none: the facts may leave no room for one, or for all together.
            return whole if self._can_hold(whole) else made
        return [*made, *self._caused()]

    def _can_hold(self, made: Sequence[Assumption]) -> bool:
        return self.by.adding(self.found, made, self.reason).judged.consistent

    # -- levels ---------------------------------------------------------------------------

    def _levels(self, rule: Rule) -> Iterator[Assumption]:
        judged = self.found.judged
        facts = [
            self._fact(False, names.HAS_FINDING, iri, rule)
            for iri in rule.denies
            if not (judged.holds(self._level(iri)) or judged.holds(self._level(iri) ^ 1))
        ]
        if facts:
            yield Assumption(rule, tuple(facts))

    def _level(self, iri: str) -> int:
        return self.by._compiled.literal(Some(names.HAS_FINDING, iri))

    def _fact(self, affirmed: bool, prop: str | None, iri: str, rule: Rule) -> Fact:
        return Fact(affirmed, prop, iri, self.by._terms.label(iri), "", rule.label, rule=rule)

    def _mineral_trouble(self, rule: Rule) -> bool:
        """Whether something points to a disturbance of the levels that the rule is about."""
        if self.levels_aside or self._is_uncertain(rule):
            return True
        return any(map(self._is_there, rule.held_back_by))

    def _is_uncertain(self, rule: Rule) -> bool:
        """Whether a level is given and not known: not judged or understood, of another time."""
        concerned = {*rule.denies}
        remarks = (*self.case.uninterpreted, *self.case.set_aside, *self.case.not_understood)
        half_known = self.by._defaults.half_known(self.found)
        return any(concerned.intersection(remark.about) for remark in remarks) or any(half_known)

    def _is_there(self, iri: str, judged: Judgement | None = None) -> bool:
        """Whether a criterion is met, a term is present, or a subtype has a possible cause."""
        criterion = self.by._compiled.find(iri)
        if criterion is not None:
            return (judged or self.found.judged).holds(criterion)
        if self.by._terms.kind(iri) == "subtype":
            return bool(self.by._defaults.possible_causes(self.found, names.local(iri)))
        holds = self.by._candidates.holds
        return self._is_said(iri) or any(holds(i.base, i.term, iri) for i in self.found.items)

    def _is_said(self, iri: str) -> bool:
        """Whether the case has a phrase of reports that gives no fact."""
        return any(iri in r.about for r in self.case.set_aside if r.kind == PHRASE)

    # -- the work-up ----------------------------------------------------------------------

    def _is_worked_up(self, rule: Rule, judged: Judgement) -> bool:
        by, holds = self.by, judged.holds
        return (
            not self._mineral_trouble(by._rules.rule(LEVELS))
            and all(map(holds, by._defaults.named(rule.if_entailed)))
            and not any(self._is_there(one, judged) for one in rule.held_back_by)
            and not any(map(holds, by._causal))
            and not self._any_possible_cause()
            and not self._any_of_kind(by._defaults.categories())
            and self._denies_one_of(rule.concerns)
        )

    def _any_possible_cause(self) -> bool:
        denied = self.by._defaults.is_denied
        return any(
            self.by._candidates.of(item) and not denied(item, self.found.judged)
            for item in self.found.items
        )

    def _any_of_kind(self, categories: Iterable[str]) -> bool:
        kinds = tuple(categories)
        return any(
            self.by._candidates.holds(item.base, item.term, kind)
            for item in self.found.items
            for kind in kinds
        )

    def _denies_one_of(self, categories: Sequence[str]) -> bool:
        """Whether something of some categories is stated to be absent, or worked up, or all is."""
        if any(map(self._is_said, categories)):
            return True
        there = {item.fact.item for item in self.found.items}
        return any(
            self.by._candidates.denies(fact, categories)
            for facts in self.found.stated.values()
            for fact in facts
            if not fact.affirmed and fact.rule is None and fact.item not in there
        )

    def _denied(self, rule: Rule, made: Sequence[Assumption]) -> Iterator[Assumption]:
        judged = self.found.judged
        known = all(map(judged.holds, self.by._defaults.named(rule.if_entailed)))
        found = (self._fact(False, None, iri, rule) for iri in rule.denies)
        facts = [f for f in found if not judged.holds(self.by._compiled.literal(f.term) ^ 1)]
        if facts:
            yield Assumption(rule, tuple(facts), rests_on=() if known else tuple(made))

    # -- causes ---------------------------------------------------------------------------

    def _caused(self) -> Iterator[Assumption]:
        """The one subtype that has possible causes is assumed to come of them."""
        rules = [
            rule
            for rule in (self.by._rules.assumed(iri, self.allowed) for iri in (RAISED, LINK))
            if rule is not None and not any(map(self._is_there, rule.held_back_by))
        ]
        judged = self.found.judged
        if (
            not rules
            or any(judged.holds(one) for one in self.by._causal)
            or any(judged.holds(c.literal) for c in self.by._classes)
            or any(remark.kind in DENYING for remark in self.case.not_understood)
        ):
            return
        subtypes = [names.local(iri) for rule in self._all_causal() for iri in rule.supports]
        possible = {s: self.by._defaults.possible_causes(self.found, s) for s in subtypes}
        having = [subtype for subtype, causes in possible.items() if causes]
        if len(having) != 1 or self._another_cause(possible[having[0]]):
            return
        for rule in rules:
            if names.CC + having[0] in rule.supports:
                yield from self._assumed_cause(rule, having[0], possible[having[0]])

    def _all_causal(self) -> list[Rule]:
        return [self.by._rules.rule(iri) for iri in (RAISED, LINK)]

    def _another_cause(self, causes: Sequence[Item]) -> bool:
        """Whether the case states a cause that is none of these."""
        known = {item.fact.item for item in causes}
        return any(item.cause and item.fact.item not in known for item in self.found.items)

    def _assumed_cause(
        self, rule: Rule, subtype: str, causes: Sequence[Item]
    ) -> Iterator[Assumption]:
        judged = self.found.judged
        named = [item for item in causes if self._is_named(item, subtype)]
        claims = tuple(dict.fromkeys(one for item in named for one in self._naming(item, subtype)))
        facts: list[Fact] = []
        levels = self.by._rules.rule(LEVELS)
        for iri in rule.affirms if named and not self._is_uncertain(levels) else ():
            criterion = self.by._compiled.literal(iri)
            if not judged.holds(criterion ^ 1) and not self._a_level_is_denied():
                facts.append(replace(self._fact(True, None, iri, rule), words=_labels(named)))
        for item in named if rule.adds else ():
            facts += self._link(item, subtype, rule)
        if facts:
            yield Assumption(rule, tuple(facts), claims)

    def _is_named(self, item: Item, subtype: str) -> bool:
        return any(one.named for one in self.by._candidates.of(item).get(subtype, ()))

    def _naming(self, item: Item, subtype: str) -> Iterator[Association]:
        for one in self.by._candidates.of(item).get(subtype, ()):
            if one.named:
                yield one.claim

    def _a_level_is_denied(self) -> bool:
        """Whether a level is stated that is not raised."""
        denies = self.by._rules.rule(LEVELS).denies
        return any(self.found.judged.holds(self._level(iri) ^ 1) for iri in denies)

    def _link(self, item: Item, subtype: str, rule: Rule) -> Iterator[Fact]:
        """The item at the deposit, if a claim gives it a role there and nobody denies it."""
        candidates = self.by._candidates.of(item).get(subtype, ())
        at_deposit = self.by._compiled.find(item.link(AT_DEPOSIT))
        if (
            item.base + AT_DEPOSIT in rule.adds
            and at_deposit is not None
            and not self.found.judged.holds(at_deposit)
            and not self.found.judged.holds(at_deposit ^ 1)
            and any(one.named and one.claim.licenses for one in candidates)
            and item not in self.found.held
        ):
            prop = item.base + AT_DEPOSIT
            yield replace(item.fact, property=prop, rule=rule)


def _without(some: Sequence[Assumption], gone: Assumption) -> list[Assumption]:
    """Assumptions without one, and without those that rest on it."""
    return [one for one in some if one is not gone and gone not in one.rests_on]


def _labels(items: Iterable[Item]) -> str:
    *most, last = dict.fromkeys(item.fact.label for item in items)
    return f"{', '.join(most)} and {last}" if most else last
