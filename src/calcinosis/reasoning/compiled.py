"""Definitions compiled to clauses, evaluated by unit propagation on bit masks.

A case is one individual whose facts are ``property some Class``, or its negation. Over the
accepted fragment, entailment for one such individual is propositional: every atom and every
case class is a variable, every axiom a few clauses. A literal is ``2 * variable`` when
affirmed and ``2 * variable + 1`` when denied; a state is the set of known literals as bits of
one integer. Two-literal clauses (hierarchy, sub-properties, disjointness) are closed in
advance; longer ones are propagated to a fixed point, which remembers why. The clauses that
propagation would need besides the stated ones are added in advance (``implicates``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.reasoning.fragment import And, Axiom, Formula, Fragment, Named, Not, Or, Some
from calcinosis.reasoning.implicates import Implicates
from calcinosis.reasoning.literals import Literal, denial
from calcinosis.reasoning.literals import ones as _ones

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Clause:
    """A disjunction of literals with the axiom that it comes from.

    A number beyond the last axiom stands for a clause that was added, and what is behind it.
    """

    literals: tuple[Literal, ...]
    axiom: int


@dataclass(slots=True)
class State:
    """What follows from a case's facts.

    ``bits`` holds the known literals; ``derived`` the literals that long clauses yielded, in
    order, each with its clause; ``consistent`` is False when a literal and its denial are known.
    """

    facts: tuple[int, ...]
    bits: int
    consistent: bool
    derived: list[tuple[int, Clause]] = field(default_factory=list)

    def holds(self, literal: int) -> bool:
        """Whether the literal is known."""
        return bool(self.bits >> literal & 1)


@dataclass(frozen=True, slots=True)
class Support:
    """Facts and axioms (both by number) that make a literal known."""

    facts: frozenset[int]
    axioms: frozenset[int]


class Compiled:
    """The compiled definitions of one viewpoint."""

    def __init__(self, fragment: Fragment, kinds: dict[str, str]) -> None:
        self.fragment = fragment
        self.axioms: tuple[Axiom, ...] = fragment.axioms
        self._variables: dict[Some | str, int] = {}
        self._edges: list[list[tuple[Literal, int]]] = []
        self._clauses: list[Clause] = []
        self._supers: dict[str, list[str]] = {}
        for axiom in self.axioms:
            if axiom.form == "subproperty":
                self._supers.setdefault(str(axiom.left), []).append(str(axiom.right))
        self._properties = self._family()
        for iri, kind in kinds.items():
            for prop in self._properties.get(names.HAS.get(kind, ""), ()):
                self._variable(Some(prop, iri))
        self._kinds = kinds
        for number, axiom in enumerate(self.axioms):
            self._compile(number, axiom)
        for iri in sorted(fragment.case_classes):  # also one whose axioms were all left out
            self._variable(iri)
        self._closures = [0] * len(self._edges)  # 0: not closed yet
        # The same few facts make the same criteria known case after case.
        self._direct = lru_cache(_REMEMBERED)(self._direct_support)
        self._even = sum(1 << (2 * v) for v in range(len(self._variables) + 1))
        self._always = self._whatever_the_facts()
        # Of all case classes somebody may ask; that a criterion is one, nobody does.
        asked = fragment.case_classes - {names.CC + "Criterion"}
        self._stated = [c for c in self._clauses if not self._is_verdict(c)]
        self._implicates = Implicates(
            [clause.literals for clause in self._stated],
            self.closure,
            [clause.literals for clause in self._clauses if self._is_verdict(clause)],
            [number for key, number in self._variables.items() if key in asked],
        )
        self._added = self._implicates.missing()
        self._clauses += [
            Clause(literals, number)
            for number, literals in enumerate(self._added, len(self.axioms))
        ]

    # -- compiling -------------------------------------------------------------------

    def _family(self) -> dict[str, list[str]]:
        family: dict[str, list[str]] = {prop: [prop] for prop in names.HAS.values()}
        for prop in self._supers:
            roots = {above for above in self._above(prop) if above in family}
            if len(roots) > 1 or (roots and prop in family):
                raise OntologyError(
                    f"{names.local(prop)} stands below two kinds of link",
                    "ontology",
                    "Keep one of hasCondition, underwent and hasFinding above it",
                )
            for root in roots:
                family[root].append(prop)
        return family

    def _above(self, prop: str) -> Iterator[str]:
        for above in self._supers.get(prop, ()):
            yield above
            yield from self._above(above)

    def _variable(self, key: Some | str) -> int:
        number = self._variables.get(key)
        if number is None:
            number = self._variables[key] = len(self._variables)
            self._edges += [[], []]
        return number

    def _affirmed(self, key: Some | str) -> Literal:
        return Literal(2 * self._variable(key))

    def _clause(self, axiom: int, *literals: Literal) -> None:
        distinct = tuple(dict.fromkeys(literals))  # a part may be written twice
        if len(distinct) == 2:
            one, two = distinct
            self._edges[denial(one)].append((two, axiom))
            self._edges[denial(two)].append((one, axiom))
        else:
            self._clauses.append(Clause(distinct, axiom))

    def _compile(self, number: int, axiom: Axiom) -> None:
        if axiom.form in ("subclass", "union"):
            self._refuse_strangers(axiom)
        if axiom.form == "subproperty":
            self._compile_subproperty(number, str(axiom.left), str(axiom.right))
        elif axiom.form == "union":
            self._compile_union(number, str(axiom.left), axiom.right)
        elif isinstance(axiom.left, str):
            for prop in self._links(axiom.left):
                below = self._affirmed(Some(prop, axiom.left))
                above = self._affirmed(Some(prop, str(axiom.right)))
                self._clause(number, denial(below), above)
        else:
            self._compile_case_axiom(number, axiom)

    def _refuse_strangers(self, axiom: Axiom) -> None:
        """A class must be declared, and what stands below it or in its union be of its kind."""
        above = axiom.left if axiom.form == "union" else axiom.right
        below = [axiom.left]
        if isinstance(axiom.right, Or):
            below = [part.iri for part in axiom.right.parts if isinstance(part, Named)]
        for iri in (*below, above):
            if isinstance(iri, str) and iri not in self._kinds:
                raise OntologyError(
                    f"{names.local(iri)} is used but not declared",
                    "ontology",
                    "Declare it as an owl:Class with a label, or mend its name",
                )
        for iri in below:
            if self._links(str(above)) not in ([], self._links(str(iri))):
                raise OntologyError(
                    f"{names.local(str(iri))} stands below terms of two kinds",
                    "ontology",
                    "Keep conditions, interventions and findings apart",
                )

    def _links(self, iri: str) -> list[str]:
        return self._properties.get(names.HAS.get(self._kinds.get(iri, ""), ""), [])

    def _compile_subproperty(self, number: int, below: str, above: str) -> None:
        for key in list(self._variables):
            if isinstance(key, Some) and key.property == below:
                wider = self._affirmed(Some(above, key.filler))
                self._clause(number, denial(self._affirmed(key)), wider)

    def _compile_union(self, number: int, iri: str, union: Formula | str) -> None:
        members = [p.iri for p in union.parts if isinstance(p, Named)]  # type: ignore[union-attr]
        for prop in self._links(iri):
            whole = self._affirmed(Some(prop, iri))
            parts = [self._affirmed(Some(prop, member)) for member in members]
            self._clause(number, denial(whole), *parts)
            for part in parts:
                self._clause(number, denial(part), whole)

    def _compile_case_axiom(self, number: int, axiom: Axiom) -> None:
        left, right = axiom.left, axiom.right
        if isinstance(left, str) or isinstance(right, str):
            return
        if right == And(()) and axiom.form != "equivalent":  # every case is a case
            return
        if axiom.form == "disjoint":
            one, two = self._literal(number, left), self._literal(number, right)
            self._clause(number, denial(one), denial(two))
        elif axiom.form == "equivalent":
            self._define(number, self._literal(number, left), right)
        elif axiom.form == "inclusion":
            head = self._literal(number, right)
            body = left.parts if isinstance(left, And) else (left,)
            literals = [self._literal(number, p) for p in body if p != And(())]
            self._clause(number, head, *map(denial, literals))
        else:
            below, above = self._literal(number, left), self._literal(number, right)
            self._clause(number, denial(below), above)

    def _is_verdict(self, clause: Clause) -> bool:
        """Whether a clause is the sufficient side of a split definition that nothing else uses."""
        head, *body = clause.literals
        return (
            self.axioms[clause.axiom].form == "inclusion"
            and sum(head >> 1 == lit >> 1 for c in self._clauses for lit in c.literals) == 1
            and {denial(target) for target, _ in self._edges[head]} == {*body}
            and not self._edges[denial(head)]
        )

    def _literal(self, number: int, formula: Formula) -> Literal:
        if isinstance(formula, Not):
            return denial(self._literal(number, formula.part))
        if isinstance(formula, Named):
            return self._affirmed(formula.iri)
        if isinstance(formula, Some):
            if formula.property not in self._links(formula.filler):
                raise OntologyError(
                    f"{names.local(formula.property)} is used with {names.local(formula.filler)}",
                    "ontology",
                    "Use the property of the term's kind: condition, intervention or finding",
                )
            return self._affirmed(formula)
        auxiliary = self._affirmed(f"aux:{number}:{len(self._variables)}")
        self._define(number, auxiliary, formula)
        return auxiliary

    def _define(self, number: int, head: Literal, formula: Formula) -> None:
        """Clauses for ``head <-> formula``."""
        parts = (
            tuple(p for p in formula.parts if p != And(()))
            if isinstance(formula, And | Or)
            else (formula,)
        )
        if len(parts) == 1 and isinstance(parts[0], And | Or):
            self._define(number, head, parts[0])
            return
        literals = [self._literal(number, part) for part in parts]
        if isinstance(formula, Or):
            self._clause(number, denial(head), *literals)
            for literal in literals:
                self._clause(number, denial(literal), head)
        else:
            self._clause(number, head, *map(denial, literals))
            for literal in literals:
                self._clause(number, denial(head), literal)

    def stated(self) -> Iterator[Clause]:
        """The clauses that the axioms state, each with its axiom; none that was added.

        A clause of two literals comes twice, once from each of them.
        """
        for source, edges in enumerate(self._edges):
            for target, axiom in edges:
                yield Clause((denial(Literal(source)), target), axiom)
        for clause in self._clauses:
            if clause.axiom < len(self.axioms):
                yield clause

    # -- evaluating ------------------------------------------------------------------

    def literal(self, key: Some | str, *, affirmed: bool = True) -> int:
        """The literal of an atom or of a case class's IRI; OntologyError if it is unknown."""
        found = self.find(key)
        if found is None:
            name = key if isinstance(key, str) else key.filler
            raise OntologyError(
                f"{names.local(name)} is not part of the reasoned ontology",
                "ontology",
                "Give the term a place below Condition, Intervention, Finding or Criterion",
            )
        return found + (not affirmed)

    @cached_property
    def keys(self) -> tuple[Some | str, ...]:
        """The atom or case class of each variable, by number."""
        return tuple(self._variables)

    def find(self, key: Some | str) -> int | None:
        """The affirmed literal of an atom or case class, or None if there is none."""
        variable = self._variables.get(key)
        return None if variable is None else 2 * variable

    def closure(self, literal: int) -> int:
        """The literals that one literal entails by two-literal clauses, as bits."""
        bits = self._closures[literal]
        if not bits:
            bits = 1 << literal
            stack = [literal]
            while stack:
                for target, _ in self._edges[stack.pop()]:
                    if not bits >> target & 1:
                        bits |= 1 << target
                        stack.append(target)
            self._closures[literal] = bits
        return bits

    def _whatever_the_facts(self) -> int:
        """The literals of case classes whose opposite contradicts itself, as bits."""
        bits = 0
        for key, variable in self._variables.items():
            if isinstance(key, str):
                for literal in (2 * variable, 2 * variable + 1):
                    if self.closure(literal) >> (literal ^ 1) & 1:
                        bits |= self.closure(literal ^ 1)
        return bits

    def evaluate(self, facts: Iterable[int]) -> State:
        """Close a set of literals; an inconsistent set is said so and not closed further."""
        known = tuple(dict.fromkeys(facts))
        bits = self._always
        for literal in known:
            bits |= self.closure(literal)
        state = State(known, bits, not self._clash(bits))
        while state.consistent and self._propagate(state):
            state.consistent = not self._clash(state.bits)
        return state

    def _clash(self, bits: int) -> bool:
        return bool(bits & (bits >> 1) & self._even)

    def _propagate(self, state: State) -> bool:
        bits = state.bits
        changed = False
        for clause in self._clauses:
            free = -1
            for literal in clause.literals:
                if bits >> literal & 1:
                    break
                if not bits >> (literal ^ 1) & 1:
                    if free >= 0:
                        break
                    free = literal
            else:
                if free < 0:
                    # All literals denied: the closure of any of them shows the clash.
                    free = clause.literals[0]
                state.derived.append((free, clause))
                bits |= self.closure(free)
                changed = True
        state.bits = bits
        return changed

    # -- saying why ------------------------------------------------------------------

    def support(self, state: State, literal: int, before: int | None = None) -> Support:
        """The facts that make a literal known, and the axioms on the way.

        Facts that entail the literal by themselves are all given; otherwise the facts behind
        the first clause (of the first ``before``) that yielded it.
        """
        closures = self._closures
        direct = tuple([fact for fact in state.facts if closures[fact] >> literal & 1])
        if direct:
            return self._direct(direct, literal)
        for position, (unit, clause) in enumerate(state.derived[:before]):
            if self.closure(unit) >> literal & 1:
                facts: set[int] = set()
                axioms = {*self._behind(clause.axiom), *self.path(unit, literal)}
                for other in clause.literals:
                    if other != unit:
                        below = self.support(state, other ^ 1, position)
                        facts |= below.facts
                        axioms |= below.axioms
                return Support(frozenset(facts), frozenset(axioms))
        return Support(frozenset(), frozenset())

    def _direct_support(self, facts: tuple[int, ...], literal: int) -> Support:
        paths = (self.path(fact, literal) for fact in facts)
        return Support(frozenset(facts), frozenset().union(*paths))

    def clash(self, state: State) -> tuple[Support, Support] | None:
        """One contradiction of an inconsistent state: what affirms and what denies a literal."""
        both = state.bits & (state.bits >> 1) & self._even
        if not both:
            return None
        pairs = [(self.support(state, b), self.support(state, b ^ 1)) for b in _ones(both)]
        pairs = [pair for pair in pairs if pair[0].facts and pair[1].facts] or pairs
        return min(pairs, key=lambda pair: len(pair[0].facts | pair[1].facts))

    @cached_property
    def _origins(self) -> dict[int, frozenset[int]]:
        return {}

    def _behind(self, number: int) -> frozenset[int]:
        """The axioms behind a clause: its own, or those that an added clause follows from."""
        if number < len(self.axioms):
            return frozenset({number})
        found = self._origins.get(number)
        if found is None:
            long, steps = self._implicates.behind(self._added[number - len(self.axioms)])
            found = self._origins[number] = frozenset(
                {self._stated[n].axiom for n in long}.union(*(self.path(*step) for step in steps))
            )
        return found

    @cached_property
    def _paths(self) -> dict[tuple[int, int], frozenset[int]]:
        return {}

    def path(self, source: int, target: int) -> frozenset[int]:
        """The axioms on the ways from one literal to another."""
        key = (source, target)
        found = self._paths.get(key)
        if found is None:
            reach = self.closure(source)
            back = self.closure(target ^ 1)
            axioms = set()
            for literal in _ones(reach):
                for following, axiom in self._edges[literal]:
                    if back >> (following ^ 1) & 1:
                        axioms.add(axiom)
            found = self._paths[key] = frozenset(axioms)
        return found
