"""What a viewpoint says of its case classes, criteria and flags, as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from calcinosis import names
from calcinosis.facts.case import Remark
from calcinosis.graph.claims import Association
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.rules import Rule, Rules
from calcinosis.graph.triples import reached
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.fragment import And, Axiom, Formula, Fragment, Named, Or, Some, leaves
from calcinosis.reasoning.verdict import VERDICTS, Verdict

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class CaseClass:
    """A case class of the viewpoint with what the verdict needs to know about it."""

    iri: str
    subtype: str
    label: str
    literal: int
    criteria: tuple[str, ...]
    axioms: dict[str, int]
    causal: str | None
    flags: tuple[FlagRule, ...]


@dataclass(frozen=True, slots=True)
class CriterionClass:
    """A class of cases that is a criterion or a part of one: its literal, words, named parts."""

    id: str
    label: str
    literal: int
    parts: tuple[str, ...]
    asks: str | None


@dataclass(frozen=True, slots=True)
class FlagRule:
    """When a flag is raised, and its words."""

    words: str
    verdict: Verdict
    holds: tuple[int, ...]
    unless: tuple[int, ...]
    unless_denied: tuple[int, ...]


class Definitions:
    """What one viewpoint defines: case classes, criteria, flags, causes; in words, with references.

    ``like`` are the definitions of the same ontology with nothing left out: what was read and
    compiled is shared where no axiom falls.
    """

    def __init__(self, ontology: Ontology, like: Definitions | None = None) -> None:
        self.ontology = ontology
        terms = ontology.terms
        whole: Fragment | None = like.fragment if like is not None and not like.left_out else None
        self.fragment: Fragment
        self.left_out: tuple[Axiom, ...]
        self.fragment, self.left_out = _supported(ontology, whole)
        self.compiled: Compiled
        if like is not None and whole is not None and not self.left_out:
            self.compiled = like.compiled
        else:
            kinds = {term: terms.kind(term) for term in terms.iris()}
            subtypes = {i: "condition" for i, kind in kinds.items() if kind == "subtype"}
            self.compiled = Compiled(self.fragment, {**kinds, **subtypes})
        self._criteria: dict[str, CriterionClass] = {}
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

    def criterion(self, iri: str) -> CriterionClass:
        """The words of a criterion; each is put together once."""
        found = self._criteria.get(iri)
        if found is None:
            formula = self.fragment.definitions.get(iri, And(()))
            found = self._criteria[iri] = CriterionClass(
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
            stated = t.texts(flag, names.CC + "whenVerdict") if iri in owners else ()
            for verdict in (one for one in VERDICTS if one in stated):
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
            for base in names.HAS.values():
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
    def asks_by_class(self) -> dict[str, str]:
        """By class, what the criterion asks for that is defined by this class alone."""
        found: dict[str, str] = {}
        for iri, formula in self.fragment.definitions.items():
            asks = self.ontology.triples.text(iri, names.CC + "asks")
            parts = list(leaves(formula))
            if asks and len(parts) == 1 and isinstance(parts[0], Some):
                found.setdefault(parts[0].filler, asks)
        return found

    def question_for(self, iri: str, remarks: Iterable[Remark]) -> str:
        """What a criterion asks for, in words; of a value that is given, what it lacks."""
        words = self.criterion(iri)
        lacking = [
            f"for {r.what}: {r.cure}" for r in remarks if self.named_in(iri).intersection(r.about)
        ]
        asks = words.asks or words.label
        return f"{asks} ({'; '.join(lacking)})" if lacking else asks

    def named_in(self, criterion: str) -> set[str]:
        """The classes that a criterion's definition names, asserted or excluded."""
        parts = (part for iri in self.with_parts([criterion]) for part in self.leaves(iri))
        return {part.filler for part in parts if isinstance(part, Some)}

    def leaves(self, criterion: str) -> Iterator[Some | Named]:
        """The atoms and criteria that a criterion is defined by; none where it is not defined."""
        return leaves(self.fragment.definitions.get(criterion, And(())))

    def with_parts(self, criteria: Iterable[str]) -> set[str]:
        """Criteria with all criteria that they are defined by."""

        def parts(iri: str) -> Iterable[str]:
            return (part.iri for part in self.leaves(iri) if isinstance(part, Named))

        return reached(criteria, parts)

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

    @cached_property
    def by_exclusion(self) -> frozenset[str]:
        """The subtypes (ids) of which nothing is asked but that things are absent."""
        absent = self.ontology.terms.states_absence
        return frozenset(
            one.subtype
            for one in self.case_classes
            if (asked := [c for c in one.criteria if self.literal(c) != self.presupposed])
            and all(map(absent, asked))
        )

    # -- what bears on a verdict ---------------------------------------------------

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
            own = map(self.literal, self.with_parts(case_class.criteria))
            mask = sum(3 << literal for literal in {*own} - {self.presupposed})
            self._masks[case_class.iri] = mask
        return bool(self.compiled.closure(literals) & mask)


def _flat(formula: Formula) -> Iterable[Formula]:
    if isinstance(formula, And | Or):
        for part in formula.parts:
            yield from _flat(part)
    else:
        yield formula


def _supported(ontology: Ontology, whole: Fragment | None) -> tuple[Fragment, tuple[Axiom, ...]]:
    """The axioms of an ontology that stand by its settings, and those that do not.

    ``whole`` are all its axioms, if they were read already. OntologyError for an axiom outside the
    fragment, also for one that does not stand.
    """
    whole = whole or Fragment.of(ontology.triples)
    if ontology.leaves_nothing_out:
        return whole, ()
    fallen = ontology.claims.fallen
    editorial = not ontology.settings.without_editorial

    def stands(axiom: Axiom) -> bool:
        if axiom.rests_on and fallen.issuperset(axiom.rests_on):
            return False
        return editorial or axiom.editorial is None or axiom.is_taxonomy or axiom.is_placing

    return whole.only(stands), tuple(axiom for axiom in whole.axioms if not stands(axiom))
