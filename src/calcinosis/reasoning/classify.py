"""The classifier: facts of a case to verdicts, with the facts and references behind each.

Everything medical comes from the loaded ontology: case classes, their criteria, the causal
criterion, flags, words for what is still needed, and the cited causes that give a basis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from calcinosis import names
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.graph.claims import Association
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.rules import BY_NAME, NEAR_BOUND, NORMAL_NOW, Rule, Rules
from calcinosis.graph.triples import reached
from calcinosis.reasoning.candidates import Candidates
from calcinosis.reasoning.classes import CaseClass, CriterionWords, FlagRule
from calcinosis.reasoning.compiled import Compiled, State
from calcinosis.reasoning.defaults import Defaults, Judgement, Raised, Reason, Situation, Stated
from calcinosis.reasoning.fragment import And, Axiom, Formula, Fragment, Named, Or, Some, leaves
from calcinosis.reasoning.judging import Judging, merged
from calcinosis.reasoning.presumed import Presumer, Presumption
from calcinosis.reasoning.reading import Read, Reading, adding, literals
from calcinosis.reasoning.repairs import MOST_REPAIRS, repairs
from calcinosis.reasoning.support import supported
from calcinosis.reasoning.unused import Unused
from calcinosis.reasoning.verdict import (
    CONFLICTING,
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


class Classifier:
    """Classifies cases under the viewpoint of one loaded ontology.

    ``like`` is the classifier of the same ontology with nothing left out: what it has read and
    compiled is shared where no axiom falls.
    """

    def __init__(self, ontology: Ontology, like: Classifier | None = None) -> None:
        self.ontology = ontology
        terms = ontology.terms
        whole: Fragment | None = like.fragment if like is not None and not like.left_out else None
        self.fragment: Fragment
        self.left_out: tuple[Axiom, ...]
        self.fragment, self.left_out = supported(ontology, whole)
        self.compiled: Compiled
        if like is not None and whole is not None and not self.left_out:
            self.compiled = like.compiled
        else:
            kinds = {term: terms.kind(term) for term in terms.iris()}
            subtypes = {i: "condition" for i, kind in kinds.items() if kind == "subtype"}
            self.compiled = Compiled(self.fragment, {**kinds, **subtypes})
        self._criteria: dict[str, CriterionWords] = {}
        # The same few sets of axioms come back case after case.
        self.rests_on = lru_cache(_REMEMBERED)(self._rests_on)
        self.merged = lru_cache(_REMEMBERED)(self._merged)
        self.readings = lru_cache(_REMEMBERED)(self._readings)
        presupposed = ontology.triples.iri(ontology.viewpoint_iri, names.CC + "presupposes") or ""
        self.presupposed = self.literal(presupposed)
        self.presupposed_id = names.local(presupposed)
        self.rules = Rules(ontology)
        self._masks: dict[str, int] = {}

    # -- the viewpoint ---------------------------------------------------------------

    def literal(self, iri: str) -> int:
        """The affirmed literal of a case class."""
        return self.compiled.literal(iri)

    @cached_property
    def case_classes(self) -> tuple[CaseClass, ...]:
        """The case classes that the viewpoint defines, in its order."""
        t = self.ontology.triples
        found = []
        numbers = {a: n for n, a in enumerate(self.fragment.axioms)}
        for iri, subtypes in t.subjects(names.CC + "caseOf"):
            necessary = self.fragment.necessary(iri)
            criteria = {a.right.iri: a for a in necessary if isinstance(a.right, Named)}
            # What suffices differs from what is necessary where an axiom was left out.
            for axiom in self.fragment.axioms:
                if axiom.form == "inclusion" and axiom.right == Named(iri):
                    named = (p for p in leaves(axiom.left) if isinstance(p, Named))  # type: ignore[arg-type]
                    criteria = {**{part.iri: axiom for part in named}, **criteria}
            subtype = str(subtypes[0])
            found.append(
                CaseClass(
                    iri,
                    names.local(subtype),
                    self.ontology.terms.label(subtype),
                    self.literal(iri),
                    tuple(sorted(criteria, key=self.ontology.terms.sort_order)),
                    {c: numbers[a] for c, a in criteria.items()},
                    t.iri(iri, names.CC + "causalCriterion"),
                    tuple(self._flags(iri)),
                )
            )
        return tuple(sorted(found, key=lambda c: self.ontology.terms.sort_order(c.iri)))

    def criterion(self, iri: str) -> CriterionWords:
        """The words of a criterion; each is put together once."""
        found = self._criteria.get(iri)
        if found is None:
            formula = self.fragment.definitions.get(iri, And(()))
            found = self._criteria[iri] = CriterionWords(
                names.local(iri),
                self.ontology.terms.label(iri),
                self.literal(iri),
                tuple(part.iri for part in _flat(formula) if isinstance(part, Named)),
                self.ontology.triples.text(iri, names.CC + "asks"),
            )
        return found

    def _flags(self, iri: str) -> Iterable[FlagRule]:
        t = self.ontology.triples
        for flag, owners in t.subjects(names.CC + "flagOf"):
            for verdict in t.texts(flag, names.CC + "whenVerdict") if iri in owners else ():
                yield FlagRule(
                    t.text(flag, names.LABEL) or "",
                    verdict,
                    tuple(self.literal(i) for i in t.iris(flag, names.CC + "ifEntailed")),
                    tuple(self.literal(i) for i in t.iris(flag, names.CC + "unlessEntailed")),
                    tuple(self.literal(i) for i in t.iris(flag, names.CC + "unlessRefuted")),
                )

    @cached_property
    def causes(self) -> dict[str, list[tuple[Association, int]]]:
        """By subtype, the claims that give a verdict a basis, with the literal of their subject.

        What gives a subtype a basis gives it to the subtypes that the viewpoint places above it.
        """
        above: dict[str, list[str]] = {}
        for axiom in self.fragment.axioms:
            if axiom.form == "subclass" and isinstance(axiom.left, str):
                above.setdefault(axiom.left, []).append(str(axiom.right))
        causes: dict[str, list[tuple[Association, int]]] = {}
        for claim in self.ontology.claims.basis_claims(self.ontology.viewpoint_iri):
            for base in (names.HAS_CONDITION, names.UNDERWENT, names.HAS_FINDING):
                target = self.compiled.find(Some(base, claim.subject))
                if target is not None:
                    for subtype in reached(claim.gives_basis_for, lambda iri: above.get(iri, ())):
                        causes.setdefault(names.local(subtype), []).append((claim, target))
        return causes

    @property
    def bearing(self) -> frozenset[str]:
        """The claims that a verdict or its basis can rest on."""
        claims = {claim for axiom in self.fragment.axioms for claim in axiom.rests_on}
        claims.update(claim for rule in self.rules.all for claim in rule.claims)
        claims.update(c.iri for c in self.ontology.claims.basis_claims(self.ontology.viewpoint_iri))
        return frozenset(claims)

    @cached_property
    def asking(self) -> dict[str, str]:
        """By class, what the criterion asks for that is defined by this class alone."""
        found: dict[str, str] = {}
        for iri, formula in self.fragment.definitions.items():
            asks = self.ontology.triples.text(iri, names.CC + "asks")
            parts = list(leaves(formula))
            if asks and len(parts) == 1 and isinstance(parts[0], Some):
                found.setdefault(parts[0].filler, asks)
        return found

    def asked(self, iri: str, remarks: Iterable[Remark]) -> str:
        """What a criterion asks for, in words; of a value that is given, what it lacks."""
        words = self.criterion(iri)
        about = self._named_in(iri)
        lacking = [f"for {r.what}: {r.cure}" for r in remarks if about.intersection(r.about)]
        asks = words.asks or words.label
        return f"{asks} ({'; '.join(lacking)})" if lacking else asks

    def _named_in(self, criterion: str) -> set[str]:
        """The classes that a criterion's definition names, asserted or excluded."""
        found: set[str] = set()
        for part in leaves(self.fragment.definitions.get(criterion, And(()))):
            found |= {part.filler} if isinstance(part, Some) else self._named_in(part.iri)
        return found

    def _rests_on(self, axioms: frozenset[int]) -> tuple[str, ...]:
        """The keys of the references that axioms rest on."""
        claims = self.ontology.claims
        return tuple(
            dict.fromkeys(
                key
                for number in sorted(axioms)
                for association in self.compiled.axioms[number].rests_on
                for key in claims.references(association)
            )
        )

    def _merged(self, axiom: int, references: tuple[str, ...]) -> tuple[str, ...]:
        """The references of an axiom before others, each once."""
        return tuple(dict.fromkeys((*self.rests_on(frozenset({axiom})), *references)))

    def _readings(self, axioms: frozenset[int]) -> tuple[str, ...]:
        """What of axioms is our own reading, sufficiency first."""

        def place(number: int) -> tuple[bool, int]:
            return self.compiled.axioms[number].form != "inclusion", number

        found = (self._our_reading(number) for number in sorted(axioms, key=place))
        return tuple(dict.fromkeys(reading for reading in found if reading is not None))

    def _our_reading(self, number: int) -> str | None:
        axiom = self.compiled.axioms[number]
        if axiom.is_taxonomy or axiom.editorial is None:
            return axiom.taken
        return axiom.editorial

    # -- the rules -------------------------------------------------------------------

    @cached_property
    def _candidates(self) -> Candidates:
        categories: dict[str, list[str]] = {}
        for subtype, category in self.rules.possible_causes:
            categories.setdefault(subtype, []).append(category)
        everyone = self._named_in(names.CC + self.presupposed_id)
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

    def behind(self, rule: Rule | None) -> tuple[str, ...]:
        """The keys of the references that a rule rests on."""
        if rule is None:
            return ()
        claims = self.ontology.claims
        return tuple(dict.fromkeys(key for one in rule.claims for key in claims.references(one)))

    def bears(self, literals: int | None, case_class: CaseClass) -> bool:
        """Whether a literal settles a criterion of a subtype, or one beneath it."""
        if not literals:
            return False
        mask = self._masks.get(case_class.iri)
        if mask is None:
            below = {iri for one in case_class.criteria for iri in self._beneath(one)}
            own = (self.literal(iri) for iri in below)
            mask = sum(3 << literal for literal in {*own} - {self.presupposed})
            self._masks[case_class.iri] = mask
        return bool(self.compiled.closure(literals) & mask)

    def _beneath(self, criterion: str) -> set[str]:
        parts = leaves(self.fragment.definitions.get(criterion, And(())))
        named = (part.iri for part in parts if isinstance(part, Named))
        return {criterion}.union(*(self._beneath(iri) for iri in named))

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
        )

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
        return parts[0] if len(parts) == 1 else merged(parts)

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


def _flat(formula: Formula) -> Iterable[Formula]:
    if isinstance(formula, And | Or):
        for part in formula.parts:
            yield from _flat(part)
    else:
        yield formula
