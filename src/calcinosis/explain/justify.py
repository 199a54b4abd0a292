"""Why a verdict holds: all minimal justifications, and all conflicts of a contradictory case.

A justification is a minimal set of facts and axioms that entails a verdict (Kalyanpur 2007 for
ontologies). It may need more facts than another one and fewer axioms: a calcinosis that is
stated needs no axiom by which another finding implies it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calcinosis.explain.conflicts import REPORT, conflict_sets, repairs, withdrawn
from calcinosis.explain.decide import Decider
from calcinosis.explain.explanation import Conflict, Contradictions, Explanation, Why
from calcinosis.explain.fold import Folder, given
from calcinosis.explain.links import Justification, Links
from calcinosis.explain.minimal import MOST, TooManyError
from calcinosis.explain.stability import stability
from calcinosis.explain.theory import Because, Theory
from calcinosis.facts.case import Case, Fact
from calcinosis.reasoning.classes import CaseClass
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.compiled import State
from calcinosis.reasoning.verdict import ENTAILED, REFUTED, UNDETERMINED, SubtypeVerdict

Stated = dict[int, list[Fact]]


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
        self._most = most

    def explain(
        self, case: Case, subtype: str | None = None, on_conflict: str = REPORT
    ) -> Explanation:
        """Why one case has its verdicts; of one subtype (its id) or of all."""
        contradictions = self._contradictions(case, on_conflict)
        gone = {id(fact) for fact in contradictions.withdrawn}
        kept = replace(case, facts=tuple(fact for fact in case.facts if id(fact) not in gone))
        verdict = self.classifier.classify(kept)
        state, stated, _ = self.classifier.state(kept)
        chosen = [c for c in self.classifier.case_classes if subtype in (None, c.subtype)]
        still_open = [c for c in chosen if verdict.verdict(c.subtype).verdict == UNDETERMINED]
        return Explanation(
            self.classifier.ontology.viewpoint,
            verdict,
            tuple(self._why(c, verdict.verdict(c.subtype), state, stated) for c in chosen),
            contradictions,
            self._decider.questions(still_open, state, case.uninterpreted),
        )

    # -- why -------------------------------------------------------------------------

    def _why(
        self, case_class: CaseClass, verdict: SubtypeVerdict, state: State, stated: Stated
    ) -> Why:
        if verdict.verdict == UNDETERMINED:
            return Why(verdict, (), (), deciding=self._decider.deciding(case_class, state))
        if verdict.verdict not in (ENTAILED, REFUTED):
            return Why(verdict, (), ())
        entailed = verdict.verdict == ENTAILED
        goal = case_class.literal ^ (not entailed)
        complete = True
        try:
            because = self.theory.entailing(tuple(stated), goal, most=self._most)
        except TooManyError:
            complete = False
            because = [self.theory.one_entailing(stated, goal)]
        found = [self._justification(one, stated) for one in because]
        ordered = tuple(sorted(found, key=lambda justification: justification.order))
        steps = (self._folder.steps(one, case_class, entailed=entailed) for one in ordered)
        firm = stability(ordered, self._most) if complete else None
        return Why(verdict, ordered, tuple(steps), complete, stability=firm)

    def _justification(self, because: Because, stated: Stated) -> Justification:
        literals, axioms = because
        links = tuple(self.links.link(number) for number in sorted(axioms))
        return Justification(given(literals, stated), links, literals, axioms)

    # -- contradictions --------------------------------------------------------------

    def _contradictions(self, case: Case, on_conflict: str) -> Contradictions:
        stated = self.classifier.literals(case.facts)
        if self.classifier.compiled.evaluate(stated).consistent:
            return Contradictions()
        try:
            sets = conflict_sets(self.theory, tuple(stated), self._most)
            mended = repairs(sets, self._most)
            conflicts = tuple(self._conflict(one, stated) for one in sets)
        except TooManyError:
            return Contradictions(complete=False)
        return Contradictions(
            conflicts,
            tuple(given(repair, stated) for repair in mended),
            tuple(withdrawn(sets, stated, on_conflict)),
        )

    def _conflict(self, literals: Sequence[int], stated: Stated) -> Conflict:
        because = self.theory.entailing(literals, None, most=self._most)
        best = min((self._justification(one, stated) for one in because), key=lambda j: j.order)
        chains = tuple(self._folder.chain(one, best.links) for one in best.facts)
        return Conflict(given(literals, stated), chains, best.links)
