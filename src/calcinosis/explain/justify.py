"""Why a verdict holds: all minimal justifications, and all conflicts of a contradictory case.

A justification is a minimal set of facts and axioms that entails a verdict (Kalyanpur 2007 for
ontologies). It may need more facts than another one and fewer axioms: a calcinosis that is
stated needs no axiom by which another finding implies it. Facts that a rule added are among its
facts, each with its rule; a presumption is explained in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, lru_cache

from calcinosis.explain.conflicts import REPORT, conflict_sets, repairs, withdrawn
from calcinosis.explain.decide import Decider, Question
from calcinosis.explain.explanation import Conflict, Contradictions, Explanation, Why
from calcinosis.explain.fold import Folder, Step, given
from calcinosis.explain.links import Given, Justification, Link, Links
from calcinosis.explain.minimal import MOST, TooManyError
from calcinosis.explain.rerun import Reruns
from calcinosis.explain.stability import Stability, stability
from calcinosis.explain.theory import Because, Theory
from calcinosis.facts.case import Case, Fact
from calcinosis.reasoning.classes import CaseClass
from calcinosis.reasoning.classify import Classifier, Known
from calcinosis.reasoning.compiled import State, Support
from calcinosis.reasoning.defaults import Situation, Stated
from calcinosis.reasoning.verdict import (
    ENTAILED,
    REFUTED,
    UNDETERMINED,
    CaseVerdict,
    SubtypeVerdict,
)

_REMEMBERED = 1024
_TOGETHER = 2
"""How many observations are tried together where a name was held back."""


class Explainer:
    """Explains the verdicts of one classifier.

    ``most`` bounds the clauses that are kept at a time while minimal sets are looked for.
    """

    def __init__(self, classifier: Classifier, most: int = MOST) -> None:
        self.classifier = classifier
        self.theory = Theory(classifier.compiled)
        self.links = Links(classifier.ontology, classifier.compiled.axioms)
        self._folder = Folder(classifier, self.theory, self.links)
        self._decider = Decider(classifier, self.theory, most)
        self._reruns = Reruns(classifier)
        self._most = most

    def explain(
        self, case: Case, subtype: str | None = None, on_conflict: str = REPORT
    ) -> Explanation:
        """Why one case has its verdicts; of one subtype (its id) or of all."""
        contradictions = self._contradictions(case, on_conflict)
        gone = {(f.item, f.property, f.affirmed, f.where) for f in contradictions.withdrawn}
        facts = (f for f in case.facts if (f.item, f.property, f.affirmed, f.where) not in gone)
        kept = replace(case, facts=tuple(facts)) if gone else case
        known = self.classifier.known(kept)
        verdict = self.classifier.classify(kept, known=known)
        chosen = [c for c in self.classifier.case_classes if subtype in (None, c.subtype)]
        one = _OneCase(self, kept, known, bool(gone))
        return Explanation(
            self.classifier.ontology.viewpoint,
            verdict,
            tuple(one.why(c, verdict.verdict(c.subtype)) for c in chosen),
            contradictions,
            one.questions(one.still_open(chosen, verdict)),
            self.classifier.ontology.library.bibliography,
        )

    def questions(self, verdict: CaseVerdict) -> tuple[Question, ...]:
        """What to find out next of a case, best first, without why its verdicts hold."""
        known = self.classifier.known(verdict.case)
        one = _OneCase(self, verdict.case, known, changed=False)
        return one.questions(one.still_open(self.classifier.case_classes, verdict))

    @property
    def rules(self) -> frozenset[int]:
        """The numbers, as links have them, of the rules that are used."""
        return frozenset(self.links.rule(rule).axiom for rule in self.classifier.rules.in_use)

    def justification(self, because: Because, stated: Stated) -> Justification:
        """Facts and axioms with what they rest on, the rules behind added facts with them."""
        literals, axioms = because
        facts = given(literals, stated)
        links = [self.links.link(number) for number in sorted(axioms)]
        return Justification(facts, (*links, *self._rules(facts)), literals, axioms)

    def _rules(self, facts: Sequence[Given]) -> Iterator[Link]:
        rules = dict.fromkeys(fact.rule for one in facts for fact in one.facts if one.is_added)
        return (self.links.rule(rule) for rule in rules if rule is not None)

    def in_repairs(self, case: Case, subtype: str) -> list[Justification]:
        """Why a subtype follows or is ruled out in the repairs of a case that settle it."""
        (case_class,) = (c for c in self.classifier.case_classes if c.subtype == subtype)
        known = self.classifier.known(case)
        one = _OneCase(self, case, known, changed=False)
        return [
            self.justification(because, situation.stated)
            for situation in known.situations
            for goal in (case_class.literal, case_class.literal ^ 1)
            if situation.judged.holds(goal)
            for because in one.because(situation, goal)[0]
        ]

    # -- contradictions --------------------------------------------------------------

    def _contradictions(self, case: Case, on_conflict: str) -> Contradictions:
        stated, compiled = self.classifier.read(case), self.classifier.compiled
        clash = compiled.clash(compiled.evaluate(stated))
        if clash is None:
            return Contradictions()
        try:
            sets = conflict_sets(self.theory, tuple(stated), self._most)
            mended = repairs(sets, self._most)
            conflicts = tuple(self._conflict(one, stated) for one in sets)
        except TooManyError:
            return Contradictions(tuple(self._first(clash, stated)), complete=False)
        return Contradictions(
            conflicts,
            tuple(given(repair, stated) for repair in mended),
            tuple(withdrawn(sets, stated, on_conflict)),
        )

    def _first(self, clash: tuple[Support, Support], stated: Stated) -> Iterator[Conflict]:
        """One conflict where there are more than the bound allows, if it can be found within it."""
        one, other = clash
        with suppress(TooManyError):
            yield self._conflict(sorted(one.facts | other.facts), stated)

    def _conflict(self, literals: Sequence[int], stated: Stated) -> Conflict:
        because = self.theory.entailing(literals, None, most=self._most)
        best = min((self.justification(one, stated) for one in because), key=lambda j: j.order)
        chains = tuple(self._folder.chain(one, best.links) for one in best.facts)
        return Conflict(given(literals, stated), chains, best.links)


class _OneCase:
    """The explanation of one case under the classifier of an explainer."""

    def __init__(self, by: Explainer, case: Case, known: Known, changed: bool) -> None:
        self._by = by
        self._case = case
        self._known = known
        # What was withdrawn by a preference stands in the file: it cannot be read anew.
        self._raw = None if changed else case.raw
        self._suppose = lru_cache(_REMEMBERED)(self._supposed)
        self._rerun = cache(self._verdicts)

    def why(self, case_class: CaseClass, verdict: SubtypeVerdict) -> Why:
        """Why one subtype has its verdict, or what would decide it."""
        if verdict.verdict == UNDETERMINED:
            return self._open(case_class, verdict)
        if verdict.verdict not in (ENTAILED, REFUTED):
            return Why(verdict, (), ())
        entailed = verdict.verdict == ENTAILED
        goal = case_class.literal ^ (not entailed)
        found: dict[tuple[frozenset[int], frozenset[int]], Justification] = {}
        complete = True
        for situation in self._known.situations:
            because, whole = self.because(situation, goal)
            complete = complete and whole
            for one in because:
                key = frozenset(one[0]), one[1]
                found.setdefault(key, self._by.justification(one, situation.stated))
        ordered = tuple(sorted(found.values(), key=lambda justification: justification.order))
        steps = tuple(self._steps(one, case_class, entailed=entailed) for one in ordered)
        if not complete:
            return Why(verdict, ordered, steps, complete)
        firm = cache(lambda: self._stability(case_class, verdict, ordered))
        return Why(verdict, ordered, steps, stands_with=firm)

    def still_open(self, among: Sequence[CaseClass], verdict: CaseVerdict) -> tuple[CaseClass, ...]:
        """Those that are open for want of facts."""
        return tuple(
            one
            for one in among
            if verdict.verdict(one.subtype).verdict == UNDETERMINED and not self.is_withheld(one)
        )

    def questions(self, still_open: Sequence[CaseClass]) -> tuple[Question, ...]:
        """What to find out next."""
        if not self._known.situations:
            return ()
        state = self._state(self._known.situations[0])
        remarks = self._case.uninterpreted
        return self._by._decider.questions(still_open, state, remarks, self._suppose)

    def _steps(
        self, one: Justification, case_class: CaseClass, *, entailed: bool
    ) -> tuple[Step, ...]:
        return self._by._folder.steps(one, case_class, entailed=entailed)

    def because(self, situation: Situation, goal: int) -> tuple[list[Because], bool]:
        """The minimal reasons for a literal, and whether these are all."""
        theory, stated = self._by.theory, situation.stated
        try:
            return theory.entailing(tuple(stated), goal, most=self._by._most), True
        except TooManyError:
            return [theory.one_entailing(stated, goal)], False

    # -- open ------------------------------------------------------------------------

    def _open(self, case_class: CaseClass, verdict: SubtypeVerdict) -> Why:
        situation = self._known.situations[0]
        if self.is_withheld(case_class):
            return Why(verdict, (), ())
        state = self._state(situation)
        most = _TOGETHER if situation.named else 1
        deciding = self._by._decider.deciding(case_class, state, self._suppose, most)
        presumption = self._known.presumed.get(case_class.subtype)
        if presumption is None:
            return Why(verdict, (), (), deciding=deciding)
        assumed = presumption.situation
        because, _ = self.because(assumed, case_class.literal)
        found = [self._by.justification(one, assumed.stated) for one in because]
        ordered = tuple(sorted(found, key=lambda justification: justification.order))
        steps = tuple(self._steps(one, case_class, entailed=True) for one in ordered)
        return Why(verdict, (), (), deciding=deciding, presumed=ordered, presumed_steps=steps)

    def is_withheld(self, case_class: CaseClass) -> bool:
        """Whether a subtype stays open though it follows: because of what was not understood."""
        return any(one.judged.holds(case_class.literal) for one in self._known.situations)

    def _state(self, situation: Situation) -> State:
        return self._by.classifier.compiled.evaluate(situation.stated)

    def _supposed(self, literals: tuple[int, ...]) -> State:
        found = self._known.situations[0]
        return self._by.classifier.supposing(self._case, found, literals)

    # -- stability -------------------------------------------------------------------

    def _stability(
        self, case_class: CaseClass, verdict: SubtypeVerdict, found: Sequence[Justification]
    ) -> Stability | None:
        def rerun(items: frozenset[str], keys: frozenset[str]) -> str:
            return self._rerun(items, keys).verdict(case_class.subtype).verdict

        return stability(verdict.verdict, found, self._items(), rerun, self._behind, self._by._most)

    def _verdicts(self, items: frozenset[str], keys: frozenset[str]) -> CaseVerdict:
        return self._by._reruns.verdicts(replace(self._case, raw=self._raw), items, keys)

    def _items(self) -> list[Given]:
        """What the case states, each item once; those that a justification uses come first."""
        groups: dict[str, list[Fact]] = {}
        for fact in (*self._case.facts, *self._case.workup):
            if fact.item:
                groups.setdefault(fact.item, []).append(fact)
        return [Given(tuple(facts)) for facts in groups.values()]

    def _behind(self, one: Given) -> Iterator[frozenset[str]]:
        """The references of what a fact hangs on that a rule added: its claims, and a name."""
        for fact in one.facts if one.is_added else ():
            yield frozenset(self._by.classifier.behind(fact.rule))
            for situation in self._known.situations:
                yield from self._by.classifier.entity_rests_on(situation)
