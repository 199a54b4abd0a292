"""One situation of a case put into verdicts: criteria, facts, references, basis, what is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from calcinosis import names
from calcinosis.errors import listed
from calcinosis.facts.case import Case, Fact, Presence
from calcinosis.graph.claims import Association
from calcinosis.graph.rules import HELD_BACK
from calcinosis.reasoning.candidates import AS_CAUSE, unlinked
from calcinosis.reasoning.classes import CaseClass, Definitions, FlagRule
from calcinosis.reasoning.compiled import State, Support
from calcinosis.reasoning.defaults import Situation, not_understood
from calcinosis.reasoning.fragment import And, Formula, Named, Not, Or, Some
from calcinosis.reasoning.presumed import Presumption, Verdicts
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    REFUTED,
    UNDETERMINED,
    Basis,
    JudgedCriterion,
    Presumed,
    Status,
    SubtypeVerdict,
    Verdict,
    settled,
)

_NO_SUPPORT = Support(frozenset(), frozenset())
T = TypeVar("T")
Causes = list[tuple[Association, str]]


class Judging:
    """The making of one case's verdicts from one situation."""

    def __init__(self, defined: Definitions, case: Case, situation: Situation) -> None:
        self._defined = defined
        self._case = case
        self._situation = situation
        self._state = situation.judged
        self._compiled = defined.compiled
        # Words and references are found in the compiled definitions, whoever decides.
        self._proof = (
            self._state
            if isinstance(self._state, State)
            else self._compiled.evaluate(situation.stated)
        )
        self._stated = situation.stated
        self._status: dict[str, tuple[JudgedCriterion, Support]] = {}

    def calcinosis(self) -> Presence:
        """Present, absent or unknown, as stated or as it follows."""
        if self._case.calcinosis != "unknown":
            return self._case.calcinosis
        if self._state.holds(self._defined.presupposed):
            return "present"
        return "absent" if self._state.holds(self._defined.presupposed ^ 1) else "unknown"

    def subtype(self, case_class: CaseClass, presumption: Presumption | None) -> SubtypeVerdict:
        """The verdict on one subtype, with what is presumed of it."""
        pairs = [self._criterion(iri, case_class) for iri in case_class.criteria]
        criteria = tuple(status for status, _ in pairs)
        verdict = settled(self._state.holds, case_class.literal) or UNDETERMINED
        unknown = self._withheld(case_class, verdict)
        verdict = UNDETERMINED if unknown else verdict
        basis, causes = self._basis(case_class, verdict)
        readings = self._defined.readings(self._axioms_behind(case_class, verdict, pairs))
        needed: tuple[str, ...] = ()
        if verdict == UNDETERMINED and basis == "criterion":
            wanted = (w for c in case_class.criteria for w in self._needed(c, wanted=True) or ())
            needed = tuple(dict.fromkeys(wanted))
        flags = dict.fromkeys((*self._flags(case_class, verdict), *unknown))
        return SubtypeVerdict(
            case_class.subtype,
            case_class.label,
            verdict,
            basis,
            needed,
            bool(readings),
            readings,
            tuple(flags),
            criteria,
            tuple(dict.fromkeys(fact for _, fact in causes)),
            tuple(dict.fromkeys(claim for claim, _ in causes)),
            self._presumed(presumption) if presumption is not None else None,
        )

    def _withheld(self, case_class: CaseClass, verdict: Verdict) -> tuple[str, ...]:
        """Why a subtype that would follow by exclusion stays open: what was not understood."""
        if verdict != ENTAILED or case_class.subtype not in self._defined.by_exclusion:
            return ()
        flag = self._defined.rules.flags.get(HELD_BACK)
        words = [remark.what for remark in not_understood(self._case)]
        return tuple(flag.about(word) if flag is not None else word for word in words)

    # -- flags -----------------------------------------------------------------------

    def _flags(self, case_class: CaseClass, verdict: Verdict) -> Iterator[str]:
        for rule in case_class.flags:
            if self._raised(rule, verdict):
                yield rule.words
        for flag in self._situation.flags:
            if flag.subtype == names.CC + case_class.subtype or self._defined.bears(
                flag.bears_on, case_class
            ):
                yield flag.words

    def _raised(self, rule: FlagRule, verdict: Verdict) -> bool:
        holds = self._state.holds
        return (
            rule.verdict == verdict
            and all(holds(literal) for literal in rule.holds)
            and not any(holds(literal) for literal in rule.unless)
            and not any(holds(literal ^ 1) for literal in rule.unless_denied)
        )

    # -- criteria --------------------------------------------------------------------

    def _criterion(self, iri: str, case_class: CaseClass) -> tuple[JudgedCriterion, Support]:
        known = self._status.get(iri)
        if known is None:
            known = self._status[iri] = self._settle(iri)
        status, support = known
        references = self._defined.merged(case_class.axioms[iri], status.references)
        if references == status.references:
            return known
        whole = JudgedCriterion(
            status.id, status.label, status.status, status.facts, references, status.parts
        )
        return whole, support

    def _settle(self, iri: str) -> tuple[JudgedCriterion, Support]:
        words = self._defined.criterion(iri)
        literal = words.literal
        affirmed, denied = self._state.holds(literal), self._state.holds(literal ^ 1)
        if affirmed == denied:
            parts = tuple(self._settle(part)[0] for part in words.parts)
            return JudgedCriterion(words.id, words.label, "unknown", (), (), parts), _NO_SUPPORT
        support = self._compiled.support(self._proof, literal ^ denied)
        references = (*self._defined.rests_on(support.axioms), *self._fact_references(support))
        status: Status = "met" if affirmed else "violated"
        facts = self._words(support)
        return JudgedCriterion(words.id, words.label, status, facts, references), support

    # -- what is still needed --------------------------------------------------------

    def _needed(self, iri: str, *, wanted: bool) -> list[str] | None:
        """What has to be found out, all of it, so that a criterion is met; None if it cannot be.

        Of alternatives one is enough: they stand in one text with "or" between them.
        """
        criterion = self._defined.criterion(iri)
        literal = criterion.literal ^ (not wanted)
        if self._state.holds(literal):
            return []
        if self._state.holds(literal ^ 1):
            return None
        if criterion.asks is not None:
            return [self._defined.question_for(iri, self._case.uninterpreted)]
        definition = self._defined.fragment.definitions.get(iri)
        found = None if definition is None else self._needed_for(definition, wanted=wanted)
        return [criterion.label] if found is None else found

    def _needed_for(self, formula: Formula, *, wanted: bool) -> list[str] | None:
        if isinstance(formula, Not):
            return self._needed_for(formula.part, wanted=not wanted)
        if isinstance(formula, Named):
            return self._needed(formula.iri, wanted=wanted)
        if not isinstance(formula, And | Or):
            return [self._defined.ontology.terms.label(formula.filler)]
        parts = [self._needed_for(part, wanted=wanted) for part in formula.parts if part != And(())]
        if isinstance(formula, And) is wanted:
            return None if None in parts else [word for part in parts for word in part or ()]
        possible = [part for part in parts if part is not None]
        if len(possible) < 2 or [] in possible:
            return [] if [] in possible else next(iter(possible), None)
        return [" or ".join(dict.fromkeys(" and ".join(part) for part in possible))]

    # -- facts and references --------------------------------------------------------

    def _words(self, support: Support) -> tuple[str, ...]:
        found = (str(fact) for literal in sorted(support.facts) for fact in self._stated[literal])
        return tuple(dict.fromkeys(found))

    def _fact_references(self, support: Support) -> tuple[str, ...]:
        return tuple(
            key
            for literal in sorted(support.facts)
            for fact in self._stated[literal]
            for key in (*fact.references, *self._defined.behind(fact.rule))
        )

    def _axioms_behind(
        self,
        case_class: CaseClass,
        verdict: Verdict,
        pairs: list[tuple[JudgedCriterion, Support]],
    ) -> frozenset[int]:
        if verdict in (ENTAILED, REFUTED):
            literal = case_class.literal ^ (verdict == REFUTED)
            return self._compiled.support(self._proof, literal).axioms
        return frozenset().union(*(support.axioms for _, support in pairs))

    # -- basis -----------------------------------------------------------------------

    def _basis(self, case_class: CaseClass, verdict: Verdict) -> tuple[Basis | None, Causes]:
        if verdict not in (ENTAILED, UNDETERMINED):
            return None, []
        if not self._state.holds(self._defined.presupposed):
            return None, []
        if case_class.causal and self._state.holds(self._defined.literal(case_class.causal)):
            return "criterion", []
        causes = self._cited_causes(case_class)
        return ("association", causes) if causes else (None, [])

    def _cited_causes(self, case_class: CaseClass) -> Causes:
        found = []
        for claim, subject in self._defined.causes.get(case_class.subtype, ()):
            if self._proof.holds(subject):
                found += [
                    (claim, str(fact))
                    for literal, facts in self._stated.items()
                    if self._compiled.closure(literal) >> subject & 1
                    for fact in facts
                    if fact.affirmed and fact.rule is None and self._is_cause(fact)
                ]
        return found

    def _is_cause(self, fact: Fact) -> bool:
        """Whether a claim's subject may be the cause: nobody states that it is not."""
        if fact.property is None:
            return False
        base = unlinked(fact.property)[0]
        as_cause = self._compiled.find(Some(base + AS_CAUSE, fact.term))
        if as_cause is not None and self._proof.holds(as_cause ^ 1):
            return False
        stated = (item for item in self._situation.items if item.fact.item == fact.item)
        return all(item.cause is not False for item in stated)

    # -- presumed --------------------------------------------------------------------

    def _presumed(self, found: Presumption) -> Presumed:
        conditions, falls = [], []
        for one, outcome in zip(found.assumptions, found.outcomes, strict=True):
            several = len(one.facts) > 1
            said = one.rule.presumes[several].replace("{facts}", self._about(one.facts))
            words = said.replace("{cause}", _causes(one.facts))
            conditions.append(f"{words} [{one.rule.code}]")
            falls.append(f"{one.rule.falsifier[several]}, {self._outcome(outcome, found.subtype)}")
        return Presumed(
            ENTAILED,
            found.codes,
            tuple(fact for one in found.assumptions for fact in one.facts),
            " and ".join(conditions),
            "; ".join(falls),
            tuple(dict.fromkeys(claim for one in found.assumptions for claim in one.claims)),
        )

    def _about(self, facts: Iterable[Fact]) -> str:
        """What assumed facts are about, in the words of what would be asked for."""
        return listed([*dict.fromkeys(map(self._asked_about, facts))])

    def _asked_about(self, fact: Fact) -> str:
        if fact.property is None:
            return fact.label if fact.affirmed else f"no {fact.label}"
        return self._defined.asks_by_class.get(fact.term, fact.label)

    def _outcome(self, verdicts: Verdicts, subtype: str) -> str:
        """What follows and what is ruled out if an assumption is false, in words."""
        labels = {c.subtype: c.label for c in self._defined.case_classes}
        follow = [labels[one] for one, verdict in verdicts.items() if verdict == ENTAILED]
        gone = [labels[one] for one, verdict in verdicts.items() if verdict != ENTAILED]
        words = [f"{listed(follow)} follow{'s' * (len(follow) == 1)}"] if follow else []
        words += [f"{listed(gone)} {'is' if len(gone) == 1 else 'are'} ruled out"] if gone else []
        if subtype not in verdicts:
            words.append(f"{labels[subtype]} is open again")
        return (", and " if len(follow) > 1 or len(gone) > 1 else " and ").join(words)


def _causes(facts: Iterable[Fact]) -> str:
    """What is assumed to be the cause, in the words of the case."""
    return " and ".join(dict.fromkeys(f.label if f.property else f.words for f in facts))


def over_repairs(parts: list[SubtypeVerdict]) -> SubtypeVerdict:
    """The verdict on one subtype over all repairs of a contradictory case.

    The verdict is conflicting where they differ; basis, what is needed and criteria are kept only
    where they agree. Nothing is presumed.
    """
    first = parts[0]
    verdict = first.verdict if len({p.verdict for p in parts}) == 1 else CONFLICTING
    basis = first.basis if len({p.basis for p in parts}) == 1 and verdict != CONFLICTING else None
    needed = first.needed if len({p.needed for p in parts}) == 1 and basis is not None else ()
    readings = tuple(dict.fromkeys(r for p in parts for r in p.readings))
    return replace(
        first,
        verdict=verdict,
        basis=basis,
        needed=needed,
        editorial=bool(readings) and verdict != CONFLICTING,
        readings=readings if verdict != CONFLICTING else (),
        flags=tuple(f for f in first.flags if all(f in p.flags for p in parts)),
        criteria=tuple(
            _criterion(list(statuses))
            for statuses in zip(*(p.criteria for p in parts), strict=True)
        ),
        basis_facts=_all_of([p.basis_facts for p in parts]) if basis == "association" else (),
        basis_claims=_all_of([p.basis_claims for p in parts]) if basis == "association" else (),
        presumed=None,
    )


def _criterion(statuses: list[JudgedCriterion]) -> JudgedCriterion:
    first = statuses[0]
    same = len({one.status for one in statuses}) == 1
    return replace(
        first,
        status=first.status if same else CONFLICTING,
        facts=_all_of([one.facts for one in statuses]) if same else (),
        references=_all_of([one.references for one in statuses]) if same else (),
        parts=tuple(map(_criterion, map(list, zip(*(o.parts for o in statuses), strict=True))))
        if same and first.parts
        else (),
    )


def _all_of(sets: list[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(one for found in sets for one in found))
