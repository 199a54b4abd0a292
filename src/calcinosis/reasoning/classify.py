"""The classifier: facts of a case to verdicts, with the facts and references behind each.

Everything medical comes from the loaded ontology: case classes, their criteria, the causal
criterion, flags, words for what is still needed, and the cited causes that give a basis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from calcinosis import names
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.graph.rules import BY_NAME, NEAR_BOUND, NORMAL_NOW
from calcinosis.reasoning.candidates import Candidates
from calcinosis.reasoning.classes import CaseClass, Definitions
from calcinosis.reasoning.compiled import State
from calcinosis.reasoning.defaults import (
    PRESUMPTION,
    Defaults,
    Judgement,
    Raised,
    Reason,
    Situation,
    Stated,
    not_understood,
)
from calcinosis.reasoning.fragment import Some
from calcinosis.reasoning.judging import Judging, over_repairs
from calcinosis.reasoning.presumed import Presumer, Presumption
from calcinosis.reasoning.reading import Read, Reading, adding, literals
from calcinosis.reasoning.repairs import MOST_REPAIRS, repairs
from calcinosis.reasoning.unused import Unused
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    UNDETERMINED,
    CaseVerdict,
    SubtypeVerdict,
)

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a case before it is put into words.

    ``read`` are its facts as they count and ``stated`` the same by their literals. ``situations``
    holds one Situation, or in a contradictory case one a repair, none where there are too many
    (then ``too_many``). ``presumed`` is by subtype id.
    """

    read: Read
    stated: Stated
    consistent: bool
    situations: tuple[Situation, ...]
    presumed: dict[str, Presumption]

    @property
    def too_many(self) -> bool:
        """Whether there are more repairs than are looked at."""
        return not self.situations


class Classifier(Definitions):
    """Classifies cases under the viewpoint of one loaded ontology."""

    # -- the rules -------------------------------------------------------------------

    @cached_property
    def _candidates(self) -> Candidates:
        categories: dict[str, list[str]] = {}
        for subtype, category in self.rules.possible_causes:
            categories.setdefault(subtype, []).append(category)
        everyone = self.named_in(names.CC + self.presupposed_id)
        return Candidates(self.ontology, self.compiled, categories, everyone)

    @cached_property
    def _reading(self) -> Reading:
        return Reading(self.ontology, self.compiled, self.rules)

    @cached_property
    def _defaults(self) -> Defaults:
        return Defaults(self.ontology, self.compiled, self.rules, self._candidates)

    @cached_property
    def _unused(self) -> Unused:
        return Unused(self.compiled, self._candidates, self.rules)

    @cached_property
    def _presumer(self) -> Presumer:
        return Presumer(
            self.ontology,
            self.compiled,
            self.rules,
            self._candidates,
            self._defaults,
            self.case_classes,
        )

    @cached_property
    def entity(self) -> tuple[int, ...]:
        """The literals that make a name say more than itself."""
        rule = self.rules.get(BY_NAME)
        return tuple(self._defaults.named(rule.if_entailed)) if rule is not None else ()

    # -- what is known ---------------------------------------------------------------

    def literals(self, facts: Iterable[Fact]) -> Stated:
        """The literals that facts assert, each with the facts that state it."""
        return literals(facts, self.compiled)

    def read(self, case: Case) -> Stated:
        """The stated facts of a case as they count, by their literals; rules added none."""
        return self.literals(self._reading.read(case).facts)

    def entity_rests_on(self, found: Situation) -> Iterator[frozenset[str]]:
        """The references of each axiom by which a recognised entity is one."""
        state = self.compiled.evaluate(
            {n: facts for n, facts in found.stated.items() if any(f.rule is None for f in facts)}
        )
        for literal in self.entity:
            for axiom in self.compiled.support(state, literal).axioms:
                if self.compiled.axioms[axiom].rests_on:
                    yield frozenset(self.rests_on(frozenset({axiom})))

    def known(self, case: Case, reason: Reason | None = None) -> Known:
        """What is known of a case: read, repaired, names taken at their word, and assumed.

        ``reason`` decides what follows from literals: the compiled definitions unless another
        reasoner is given.
        """
        reason = _remembering(reason or self.compiled.evaluate)
        read = self._reading.read(case)
        stated = self.literals(read.facts)
        if reason(stated).consistent:
            found = self._noting(read, self._defaults.apply(case, stated, reason))
            aside = bool(read.levels)
            presumed = self._presumer.presume(case, found, aside, reason)
            return Known(read, stated, True, (found,), presumed)
        kept = repairs(tuple(stated), lambda some: reason(some).consistent) or []
        situations = (
            self._defaults.apply(case, {one: stated[one] for one in some}, reason) for some in kept
        )
        return Known(read, stated, False, tuple(self._noting(read, one) for one in situations), {})

    def supposing(self, case: Case, found: Situation, literals: Iterable[int]) -> State:
        """What would follow in a situation if some literals of criteria were stated too.

        Names and work-up are taken at their word anew, because a further fact can hold one back.
        """
        evaluate = self.compiled.evaluate
        kept = {one: [f for f in facts if f.rule is None] for one, facts in found.stated.items()}
        stated = {one: facts for one, facts in kept.items() if facts}
        supposed = []
        for literal in literals:
            iri = str(self.compiled.keys[literal >> 1])
            label = self.ontology.terms.label(iri)
            supposed.append(Fact(not literal & 1, None, iri, label, "", label))
        stated = adding(stated, supposed, self.compiled)
        state = evaluate(stated)
        if not state.consistent:
            return state
        after = self._defaults.apply(case, stated, evaluate).judged
        return after if isinstance(after, State) else state

    def _noting(self, read: Read, found: Situation) -> Situation:
        """The situation with flags on levels that were set aside, or lie near a bound."""
        flags = list(found.flags)
        words = {iri: self.rules.flags.get(iri) for iri in (NORMAL_NOW, NEAR_BOUND)}
        for fact in read.levels:
            if flag := words[NORMAL_NOW]:
                atom = Some(str(fact.property), fact.term)
                literal = self.compiled.literal(atom, affirmed=fact.affirmed)
                flags.append(Raised(flag.about(str(fact)), literal))
        for literal, facts in found.stated.items():
            for fact in facts:
                if fact.judged is not None and fact.judged.near and (flag := words[NEAR_BOUND]):
                    told = f"{fact.judged.result.text} is {fact.judged.near}"
                    flags.append(Raised(flag.about(told), literal))
        return found if len(flags) == len(found.flags) else replace(found, flags=tuple(flags))

    # -- verdicts --------------------------------------------------------------------

    def classify(
        self, case: Case, reason: Reason | None = None, known: Known | None = None
    ) -> CaseVerdict:
        """The verdicts on one case.

        ``reason`` decides what follows from the literals of a case: the compiled definitions
        unless another reasoner is given. The words and references behind a verdict are found in
        the compiled definitions either way. ``known`` is what is known of the case, if it was
        looked for already.
        """
        known = known or self.known(case, reason)
        judging = [Judging(self, case, one) for one in known.situations]
        subtypes = tuple(self._subtype(one, judging, known) for one in self.case_classes)
        keys = dict.fromkeys(
            key
            for subtype in subtypes
            for keys in (*(c.references for c in subtype.criteria), subtype.basis_references)
            for key in keys
        )
        first = known.situations[0] if known.situations else None
        calcinosis = {one.calcinosis() for one in judging}
        return CaseVerdict(
            case,
            calcinosis.pop() if len(calcinosis) == 1 else case.calcinosis,
            subtypes,
            tuple(keys),
            None if known.consistent else self._clash(known),
            _ignored(known.situations),
            self.presupposed_id,
            first.taken if first is not None and known.consistent else (),
            (*case.set_aside, *known.read.set_aside),
            self._unused.remarks(known.situations),
            None if known.too_many else len(known.situations),
            self.ontology.settings.take,
            self._presumer.allowed(case),
            self._holding_back(case, known, subtypes),
        )

    def _holding_back(
        self, case: Case, known: Known, subtypes: Sequence[SubtypeVerdict]
    ) -> tuple[Remark, ...]:
        """The words that were not understood, each with what it holds back here."""
        if not case.not_understood:
            return ()
        still_open = [s.id for s in subtypes if s.verdict == UNDETERMINED]
        excluded = [one for one in still_open if one in self.by_exclusion]
        blocks: dict[Remark, dict[str, None]] = {
            remark: dict.fromkeys(excluded) for remark in not_understood(case)
        }
        for one in known.situations:
            for remark, step in one.blocked:
                blocks.setdefault(remark, {})[step] = None
        if known.consistent:
            for remark in self._presumer.held_back_by(case, known.situations[0]):
                blocks.setdefault(remark, {})[PRESUMPTION] = None
        return tuple(replace(r, blocks=tuple(blocks.get(r, ()))) for r in case.not_understood)

    def _subtype(
        self, case_class: CaseClass, judging: Sequence[Judging], known: Known
    ) -> SubtypeVerdict:
        if not judging:
            return SubtypeVerdict(
                case_class.subtype,
                case_class.label,
                CONFLICTING,
                None,
                (),
                False,
                (),
                (f"The facts can be repaired in more than {MOST_REPAIRS} ways.",),
                (),
            )
        presumption = known.presumed.get(case_class.subtype)
        parts = [one.subtype(case_class, presumption) for one in judging]
        return parts[0] if len(parts) == 1 else over_repairs(parts)

    def _clash(self, known: Known) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """One contradiction of the stated facts, in their words."""
        found = self.compiled.clash(self.compiled.evaluate(known.stated))
        if found is None:
            return None
        one, other = (
            tuple(dict.fromkeys(str(f) for n in sorted(side.facts) for f in known.stated[n]))
            for side in found
        )
        return one, other


def _ignored(situations: Sequence[Situation]) -> tuple[tuple[str, str], ...]:
    """What the work-up does not exclude in any repair, and why."""
    every = [dict.fromkeys(one.ignored) for one in situations]
    return tuple(i for i in every[0] if all(i in one for one in every)) if every else ()


def _remembering(reason: Reason) -> Reason:
    """The same answers; what was asked of one case already is not worked out again."""
    known: dict[frozenset[int], Judgement] = {}

    def ask(literals: Iterable[int]) -> Judgement:
        asked = tuple(literals)
        key = frozenset(asked)
        found = known.get(key)
        if found is None:
            found = known[key] = reason(asked)
        return found

    return ask
