"""The classifier: facts of a case to verdicts, with the facts and references behind each.

Everything medical comes from the loaded ontology: case classes, their criteria, the causal
criterion, flags, words for what is still needed, and the cited causes that give a basis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import Protocol, TypeVar

from calcinosis import names
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.graph.claims import Association
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.triples import reached
from calcinosis.reasoning.classes import CaseClass, CriterionWords, FlagRule
from calcinosis.reasoning.compiled import Compiled, State, Support
from calcinosis.reasoning.fragment import And, Formula, Named, Or, Some, leaves
from calcinosis.reasoning.support import supported
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    REFUTED,
    UNDETERMINED,
    CaseVerdict,
    CriterionStatus,
    SubtypeVerdict,
)


class Judgement(Protocol):
    """What a reasoner says of a set of literals; the compiled one says it as a State."""

    @property
    def consistent(self) -> bool:
        """Whether the literals can be true together."""

    def holds(self, literal: int) -> bool:
        """Whether a literal follows from them."""


_REMEMBERED = 4096
_NO_SUPPORT = Support(frozenset(), frozenset())
_J = TypeVar("_J", bound=Judgement)


class Classifier:
    """Classifies cases under the viewpoint of one loaded ontology."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        terms = ontology.terms
        self.fragment, self.left_out = supported(ontology)
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

    # -- the viewpoint ---------------------------------------------------------------

    def literal(self, iri: str) -> int:
        """The affirmed literal of a case class."""
        return self.compiled.literal(iri)

    @cached_property
    def case_classes(self) -> tuple[CaseClass, ...]:
        """The case classes that the viewpoint defines, in its order."""
        t = self.ontology.triples
        found = []
        for iri, subtypes in t.subjects(names.CC + "caseOf"):
            necessary = self.fragment.necessary(iri)
            criteria = {a.right.iri: a for a in necessary if isinstance(a.right, Named)}
            # What suffices differs from what is necessary where an axiom was left out.
            for axiom in self.fragment.axioms:
                if axiom.form == "inclusion" and axiom.right == Named(iri):
                    named = (p for p in leaves(axiom.left) if isinstance(p, Named))  # type: ignore[arg-type]
                    criteria = {**{part.iri: axiom for part in named}, **criteria}
            numbers = {a: n for n, a in enumerate(self.fragment.axioms)}
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
            if iri in owners:
                yield FlagRule(
                    t.text(flag, names.LABEL) or "",
                    t.text(flag, names.CC + "whenVerdict") or "",
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

    def asked(self, iri: str, remarks: Iterable[Remark]) -> str:
        """What a criterion asks for, in words; of a value that is given, what it lacks."""
        words = self.criterion(iri)
        about = self._named_in(iri)
        lacking = [f"for {r.what}: {r.cure}" for r in remarks if about.intersection(r.about)]
        asks = words.asks or words.label
        return f"{asks} ({'; '.join(lacking)})" if lacking else asks

    def links(self, criterion: str, category: str) -> tuple[str, ...]:
        """The properties by which a criterion's definition reaches a category."""
        return tuple(atom.property for atom in self._atoms(criterion) if atom.filler == category)

    def _atoms(self, criterion: str) -> Iterable[Some]:
        for part in _flat(self.fragment.definitions.get(criterion, And(()))):
            if isinstance(part, Some):
                yield part
            elif isinstance(part, Named):
                yield from self._atoms(part.iri)

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

        found = (self._reading(number) for number in sorted(axioms, key=place))
        return tuple(dict.fromkeys(reading for reading in found if reading is not None))

    def _reading(self, number: int) -> str | None:
        axiom = self.compiled.axioms[number]
        if axiom.is_taxonomy or axiom.editorial is None:
            return axiom.taken
        return axiom.editorial

    # -- facts -----------------------------------------------------------------------

    def literals(self, facts: Iterable[Fact]) -> dict[int, list[Fact]]:
        """The literals that facts assert, each with the facts that state it."""
        found: dict[int, list[Fact]] = {}
        for fact in facts:
            key: Some | str = Some(fact.property, fact.term) if fact.property else fact.term
            literal = self.compiled.literal(key, affirmed=fact.affirmed)
            found.setdefault(literal, []).append(fact)
        return found

    def state(self, case: Case) -> tuple[State, dict[int, list[Fact]], tuple[str, ...]]:
        """The closed state of a case; criteria of the work-up count where no fact asserts them."""
        return self._judged(case, self.compiled.evaluate)

    def _judged(
        self, case: Case, reason: Callable[[Iterable[int]], _J]
    ) -> tuple[_J, dict[int, list[Fact]], tuple[str, ...]]:
        stated = self.literals(case.facts)
        judged = reason(stated)
        ignored = []
        if case.workup and judged.consistent:
            for literal, facts in self.literals(case.workup).items():
                if judged.holds(literal ^ 1):
                    ignored += [fact.label for fact in facts]
                else:
                    stated.setdefault(literal, []).extend(facts)
            judged = reason(stated)
        return judged, stated, tuple(ignored)

    # -- verdicts --------------------------------------------------------------------

    def classify(
        self, case: Case, reason: Callable[[Iterable[int]], Judgement] | None = None
    ) -> CaseVerdict:
        """The verdicts on one case.

        ``reason`` decides what follows from the literals of a case: the compiled definitions
        unless another reasoner is given. The words and references behind a verdict are found in
        the compiled definitions either way.
        """
        if reason is None:
            state, stated, ignored = self.state(case)
            return _Verdict(self, case, state, state, stated).whole(ignored)
        judged, stated, ignored = self._judged(case, reason)
        return _Verdict(self, case, judged, self.compiled.evaluate(stated), stated).whole(ignored)


class _Verdict:
    """The making of one case's verdicts."""

    def __init__(
        self,
        classifier: Classifier,
        case: Case,
        judged: Judgement,
        proof: State,
        stated: dict[int, list[Fact]],
    ) -> None:
        self._c = classifier
        self._case = case
        self._state = judged
        self._proof = proof
        self._stated = stated
        self._compiled = classifier.compiled
        self._status: dict[str, tuple[CriterionStatus, Support]] = {}

    def whole(self, ignored: tuple[str, ...]) -> CaseVerdict:
        subtypes = tuple(self._subtype(c) for c in self._c.case_classes)
        references = dict.fromkeys(
            key
            for subtype in subtypes
            for keys in (*(c.references for c in subtype.criteria), subtype.basis_references)
            for key in keys
        )
        contradiction = None
        if not self._state.consistent:
            clash = self._compiled.clash(self._proof)
            if clash is not None:
                contradiction = (self._words(clash[0]), self._words(clash[1]))
        return CaseVerdict(
            self._case,
            self._calcinosis(),
            subtypes,
            tuple(references),
            contradiction,
            ignored,
            self._c.presupposed_id,
        )

    def _calcinosis(self) -> str:
        if self._case.calcinosis != "unknown" or not self._state.consistent:
            return self._case.calcinosis
        if self._state.holds(self._c.presupposed):
            return "present"
        return "absent" if self._state.holds(self._c.presupposed ^ 1) else "unknown"

    def _subtype(self, case_class: CaseClass) -> SubtypeVerdict:
        pairs = [self._criterion(iri, case_class) for iri in case_class.criteria]
        criteria = tuple(status for status, _ in pairs)
        verdict = self._verdict(case_class.literal)
        basis, causes = self._basis(case_class, verdict)
        axioms = self._axioms_behind(case_class, verdict, pairs)
        readings = self._c.readings(axioms)
        needed: tuple[str, ...] = ()
        if verdict == UNDETERMINED and basis == "criterion":
            unknown = (
                c
                for c, s in zip(case_class.criteria, criteria, strict=True)
                if s.status == "unknown"
            )
            needed = tuple(dict.fromkeys(w for c in unknown for w in self._needed(c)))
        claims = [claim for claim, _ in causes]
        return SubtypeVerdict(
            case_class.subtype,
            case_class.label,
            verdict,
            basis,
            needed,
            bool(readings),
            readings,
            tuple(rule.words for rule in case_class.flags if self._raised(rule, verdict)),
            criteria,
            tuple(dict.fromkeys(fact for _, fact in causes)),
            tuple(dict.fromkeys(r for claim in claims for r in claim.references)),
        )

    def _verdict(self, literal: int) -> str:
        if not self._state.consistent:
            return CONFLICTING
        if self._state.holds(literal):
            return ENTAILED
        return REFUTED if self._state.holds(literal ^ 1) else UNDETERMINED

    def _raised(self, rule: FlagRule, verdict: str) -> bool:
        holds = self._state.holds
        return (
            rule.verdict == verdict
            and all(holds(literal) for literal in rule.holds)
            and not any(holds(literal) for literal in rule.unless)
            and not any(holds(literal ^ 1) for literal in rule.unless_denied)
        )

    # -- criteria --------------------------------------------------------------------

    def _criterion(self, iri: str, case_class: CaseClass) -> tuple[CriterionStatus, Support]:
        known = self._status.get(iri)
        if known is None:
            known = self._status[iri] = self._settle(iri)
        status, support = known
        references = self._c.merged(case_class.axioms[iri], status.references)
        if references == status.references:
            return known
        whole = CriterionStatus(
            status.id, status.label, status.status, status.facts, references, status.parts
        )
        return whole, support

    def _settle(self, iri: str) -> tuple[CriterionStatus, Support]:
        words = self._c.criterion(iri)
        literal = words.literal
        affirmed, denied = self._state.holds(literal), self._state.holds(literal ^ 1)
        if affirmed == denied:
            parts = tuple(self._settle(part)[0] for part in words.parts)
            return CriterionStatus(words.id, words.label, "unknown", (), (), parts), _NO_SUPPORT
        support = self._compiled.support(self._proof, literal ^ denied)
        references = (*self._c.rests_on(support.axioms), *self._fact_references(support))
        status = "met" if affirmed else "violated"
        facts = self._words(support)
        return CriterionStatus(words.id, words.label, status, facts, references), support

    def _needed(self, iri: str) -> list[str]:
        criterion = self._c.criterion(iri)
        if criterion.asks is not None:
            return [self._c.asked(iri, self._case.uninterpreted)]
        words: list[str] = []
        for part in criterion.parts:
            literal = self._c.criterion(part).literal
            if not (self._state.holds(literal) or self._state.holds(literal ^ 1)):
                words += self._needed(part)
        return words

    # -- facts and references --------------------------------------------------------

    def _words(self, support: Support) -> tuple[str, ...]:
        found = (str(fact) for literal in sorted(support.facts) for fact in self._stated[literal])
        return tuple(dict.fromkeys(found))

    def _fact_references(self, support: Support) -> tuple[str, ...]:
        return tuple(
            key
            for literal in sorted(support.facts)
            for fact in self._stated[literal]
            for key in fact.references
        )

    def _axioms_behind(
        self,
        case_class: CaseClass,
        verdict: str,
        pairs: list[tuple[CriterionStatus, Support]],
    ) -> frozenset[int]:
        if verdict in (ENTAILED, REFUTED):
            literal = case_class.literal ^ (verdict == REFUTED)
            return self._compiled.support(self._proof, literal).axioms
        if verdict == CONFLICTING:
            return frozenset()
        return frozenset().union(*(support.axioms for _, support in pairs))

    # -- basis -----------------------------------------------------------------------

    def _basis(
        self, case_class: CaseClass, verdict: str
    ) -> tuple[str | None, list[tuple[Association, str]]]:
        if verdict not in (ENTAILED, UNDETERMINED):
            return None, []
        if not self._state.holds(self._c.presupposed):
            return None, []
        if case_class.causal and self._state.holds(self._c.literal(case_class.causal)):
            return "criterion", []
        causes = self._cited_causes(case_class)
        return ("association", causes) if causes else (None, [])

    def _cited_causes(self, case_class: CaseClass) -> list[tuple[Association, str]]:
        found = []
        for claim, subject in self._c.causes.get(case_class.subtype, ()):
            if self._proof.holds(subject):
                found += [
                    (claim, str(fact))
                    for literal, facts in self._stated.items()
                    if self._compiled.closure(literal) >> subject & 1
                    for fact in facts
                    if fact.affirmed and self._is_cause(claim, fact, case_class.causal)
                ]
        return found

    def _is_cause(self, claim: Association, fact: Fact, causal: str | None) -> bool:
        """Whether a claim's subject may be the cause: nobody states that it is not."""
        if fact.property is None:
            return False
        base = fact.property.removesuffix("AtDeposit").removesuffix("AsCause")
        links = self._c.links(causal, claim.licenses) if causal and claim.licenses else ()
        if base in links:
            return True
        as_cause = self._compiled.find(Some(base + "AsCause", fact.term))
        return as_cause is None or not self._proof.holds(as_cause ^ 1)


def _flat(formula: Formula) -> Iterable[Formula]:
    if isinstance(formula, And | Or):
        for part in formula.parts:
            yield from _flat(part)
    else:
        yield formula
