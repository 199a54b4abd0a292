"""Every set of facts over some atoms or criteria, each judged by both reasoners.

Entailment is monotone: what a set of facts entails, or that it is contradictory, holds for every
larger set. The authority is therefore not asked again for what a smaller set has settled. The
compiled classifier is asked for every set but those that hold one which it called contradictory:
its states only ever grow.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from operator import and_

from calcinosis.reasoning.fragment import Named, Or, Some
from calcinosis.reasoning.verdict import CONFLICTING, ENTAILED, REFUTED, UNDETERMINED
from proofs.both import Both, Count, flat

ASSERTED, EXCLUDED, CONTRADICTED = (0,), (1,), (0, 1)
MOST_ATOMS = 9
_WITNESSES = 50

Vector = tuple[str, ...]


class Space:
    """All sets of facts over some variables: each one asserted, excluded, unknown, and so on."""

    def __init__(
        self,
        both: Both,
        variables: Sequence[Some | str],
        targets: Sequence[str],
        count: Count,
        choices: Sequence[tuple[int, ...]] = (ASSERTED, EXCLUDED),
    ) -> None:
        self._both = both
        self._variables = [both.compiled.literal(key) for key in variables]
        self._targets = [both.compiled.literal(iri) for iri in targets]
        self._classes = targets
        self._choices = choices
        self._count = count
        self._apart: dict[int, set[int]] = {}
        self.vectors: Counter[Vector] = Counter()
        self.witnesses: dict[Vector, list[tuple[int, ...]]] = {}

    def compare(self) -> None:
        """Visit every set of facts."""
        self._find_clashes()
        self._visit(0, (), [UNDETERMINED] * len(self._targets))

    def _find_clashes(self) -> None:
        """Ask the authority which two facts contradict each other; that settles larger sets."""
        signed = [variable + sign for variable in self._variables for sign in (0, 1)]
        self._apart = {literal: set() for literal in signed}
        for one, two in combinations(signed, 2):
            if not self._both.authority.satisfiable(map(self._both.fact, (one, two))):
                self._apart[one].add(two)
                self._apart[two].add(one)

    def _possible(self, literals: tuple[int, ...], added: tuple[int, ...]) -> bool:
        """Whether the authority finds that a possible set stays so with what is added."""
        if any(not self._apart[literal].isdisjoint(literals) for literal in added):
            return False
        return self._both.authority.satisfiable(map(self._both.fact, literals))

    def _visit(self, start: int, literals: tuple[int, ...], before: Sequence[str]) -> None:
        verdicts = self._ask(literals, before)
        self._judge(literals, verdicts)
        for place in range(start, len(self._variables)):
            for choice in self._choices:
                added = tuple(self._variables[place] + sign for sign in choice)
                wider = (*literals, *added)
                if self._possible(wider, added):
                    self._visit(place + 1, wider, verdicts)
                else:
                    self._contradictory(place + 1, wider)

    def _contradictory(self, start: int, literals: tuple[int, ...]) -> None:
        """A set that the authority calls contradictory, and all that hold it."""
        verdicts = [CONFLICTING] * len(self._targets)
        self._judge(literals, verdicts)
        if CONFLICTING in self._both.compiled_verdicts(literals, self._targets):
            more = (1 + len(self._choices)) ** (len(self._variables) - start) - 1
            self._count.states += more
            self._count.inconsistent += more
            self._count.decisions += more * len(verdicts)
            self.vectors[tuple(verdicts)] += more
        else:
            for rest in self._supersets(start):
                if rest:
                    self._judge((*literals, *rest), verdicts)

    def _ask(self, literals: tuple[int, ...], before: Sequence[str]) -> list[str]:
        """The authority's verdicts on a consistent set, given those on a smaller one."""
        facts = [self._both.fact(literal) for literal in literals]
        can_be = self._both.authority.satisfiable
        found = []
        for iri, known in zip(self._classes, before, strict=True):
            if known != UNDETERMINED:
                found.append(known)
            elif not can_be([*facts, (True, None, iri)]):
                found.append(REFUTED)
            elif not can_be([*facts, (False, None, iri)]):
                found.append(ENTAILED)
            else:
                found.append(UNDETERMINED)
        return found

    def _supersets(self, start: int) -> Iterator[tuple[int, ...]]:
        options = [
            ((), *(tuple(variable + sign for sign in choice) for choice in self._choices))
            for variable in self._variables[start:]
        ]
        for chosen in product(*options):
            yield tuple(literal for literals in chosen for literal in literals)

    def _judge(self, literals: tuple[int, ...], verdicts: Sequence[str]) -> None:
        count = self._count
        count.states += 1
        count.decisions += len(verdicts)
        count.inconsistent += CONFLICTING in verdicts
        vector = tuple(verdicts)
        self.vectors[vector] += 1
        witnesses = self.witnesses.setdefault(vector, [])
        if len(witnesses) < _WITNESSES:
            witnesses.append(literals)
        ours = self._both.compiled_verdicts(literals, self._targets)
        for iri, one, two in zip(self._classes, verdicts, ours, strict=True):
            if one != two:
                words = self._both.words(literals)
                count.differ(f"{words}: {iri} is {one} to HermiT and {two} compiled")


def criteria(both: Both, most: int = MOST_ATOMS) -> Count:
    """Every criterion over all states of its own atoms: asserted, excluded, unknown, and both.

    A criterion of more than ``most`` atoms is taken over the criteria that define it; those are
    taken over their own atoms in their turn. Where there is room for more atoms, these are added:
    the members of categories that are unions, the atoms that imply one of these by name, wider
    and narrower links, and a term above and below.
    """
    what = f"{len(both.criteria)} criteria, each over its own atoms, at most {most}"
    with Count(both.viewpoint, "1", what) as count:
        for iri in both.criteria:
            variables = _own_atoms(both, iri, most)
            Space(both, variables, [iri], count, (ASSERTED, EXCLUDED, CONTRADICTED)).compare()
    return count


def _own_atoms(both: Both, iri: str, most: int) -> list[Some | str]:
    variables: list[Some | str] = [*both.atoms(iri)]
    if len(variables) > most:
        return [part.iri for part in flat(both.definitions[iri]) if isinstance(part, Named)]
    rooms = ((members, most), (_implying, most), (_links, most - 1), (_neighbours, most - 1))
    for related, room in rooms:
        fresh = [atom for atom in related(both, variables) if atom not in variables]
        variables += list(dict.fromkeys(fresh))[: max(0, room - len(variables))]
    return variables


def members(both: Both, atoms: Sequence[Some | str]) -> Iterator[Some]:
    """The same link to each member of an atom's category, where that is a union."""
    for axiom in both.compiled.axioms:
        if axiom.form == "union" and isinstance(axiom.right, Or):
            for atom in atoms:
                if isinstance(atom, Some) and atom.filler == axiom.left:
                    for member in axiom.right.parts:
                        if isinstance(member, Named):
                            yield Some(atom.property, member.iri)


def _implying(both: Both, atoms: Sequence[Some | str]) -> Iterator[Some]:
    """The atoms of criteria that imply a criterion which rests on one of the atoms."""
    for axiom in both.compiled.axioms:
        one, two = axiom.left, axiom.right
        if axiom.form != "subclass" or not isinstance(one, Named) or not isinstance(two, Named):
            continue
        if one.iri not in both.subtypes and {*both.atoms(two.iri)} & {*atoms}:
            yield from both.atoms(one.iri)


def _links(both: Both, atoms: Sequence[Some | str]) -> Iterator[Some]:
    """The same categories by wider and by narrower links."""
    for atom in atoms:
        if isinstance(atom, Some):
            for axiom in both.compiled.axioms:
                if axiom.form == "subproperty" and axiom.left == atom.property:
                    yield Some(str(axiom.right), atom.filler)
                elif axiom.form == "subproperty" and axiom.right == atom.property:
                    yield Some(str(axiom.left), atom.filler)


def _neighbours(both: Both, atoms: Sequence[Some | str]) -> Iterator[Some]:
    """By the same links one term above and one below each category."""
    terms = both.ontology.terms
    for atom in atoms:
        if isinstance(atom, Some):
            for iri in (*terms.parents(atom.filler)[:1], *terms.children.get(atom.filler, ())[:1]):
                yield Some(atom.property, iri)


def subtypes(both: Both, over: Sequence[str]) -> tuple[Count, Space]:
    """Every subtype over all states of criteria.

    Returns the space too: the verdict vectors that occur, each with sets of facts that yield it.
    """
    what = f"{len(both.subtypes)} subtypes over {len(over)} criteria"
    with Count(both.viewpoint, "2", what) as count:
        space = Space(both, over, both.subtypes, count)
        space.compare()
    count.vectors = len(space.vectors)
    return count, space


def complete(
    both: Both, part: str, variables: Sequence[Some | str], kind: str
) -> tuple[Count, Table]:
    """Every subtype over all states of many variables, by way of the complete states.

    Returns the table of them too, which knows the verdict vectors that occur.

    A set of facts entails exactly what all complete sets around it entail, in which every
    variable is asserted or excluded. The authority judges the complete sets, and what it says of
    the others follows. The compiled classifier is asked for every set that does not hold one
    which it called contradictory: its states only ever grow.
    """
    what = f"{len(both.subtypes)} subtypes over {len(variables)} {kind}"
    with Count(both.viewpoint, part, what) as count:
        table = Table(both, [both.compiled.literal(v) for v in variables], count)
        table.fill()
        table.compare()
    return count, table


class Table:
    """What follows of the subtypes in every state, as bits; all ones in a contradiction.

    A state's place is a number to base 3, most significant variable first: 0 asserted, 1
    excluded, 2 unknown.
    """

    def __init__(self, both: Both, variables: Sequence[int], count: Count) -> None:
        self._both = both
        self._variables = variables
        self._targets = [both.compiled.literal(iri) for iri in both.subtypes]
        self._all = (1 << 2 * len(self._targets) + 1) - 1
        self._bits = array("I", [self._all]) * 3 ** len(variables)
        self._count = count

    def fill(self) -> None:
        """Ask the authority for the complete states, and derive the others from them."""
        self._fill(0, len(self._bits), ())
        self._count.states = len(self._bits)
        self._count.decisions = len(self._bits) * len(self._targets)
        self._count.inconsistent = self._bits.count(self._all)
        self._count.vectors = len(set(self._bits))

    def _fill(self, start: int, size: int, literals: tuple[int, ...]) -> None:
        facts = [self._both.fact(literal) for literal in literals]
        if not self._both.authority.satisfiable(facts):
            return
        if size == 1:
            verdicts = self._both.authority.verdicts(facts, self._both.subtypes)
            self._bits[start] = sum(
                ((verdict == ENTAILED) | (verdict == REFUTED) << 1) << 2 * number
                for number, verdict in enumerate(verdicts)
            )
            return
        third, variable = size // 3, self._variables[len(literals)]
        self._fill(start, third, (*literals, variable))
        self._fill(start + third, third, (*literals, variable + 1))
        one = self._bits[start : start + third]
        two = self._bits[start + third : start + 2 * third]
        self._bits[start + 2 * third : start + size] = array("I", map(and_, one, two))

    def witnesses(self) -> dict[Vector, list[tuple[int, ...]]]:
        """The verdict vectors that occur, each with the last set of facts that yields it."""
        return {
            self._vector(bits): [self._literals(place)]
            for bits, place in {bits: n for n, bits in enumerate(self._bits)}.items()
        }

    def _vector(self, bits: int) -> Vector:
        if bits == self._all:
            return (CONFLICTING,) * len(self._targets)
        words = (UNDETERMINED, ENTAILED, REFUTED)
        return tuple(words[bits >> 2 * number & 3] for number in range(len(self._targets)))

    def _literals(self, place: int) -> tuple[int, ...]:
        found = []
        for variable in reversed(self._variables):
            place, digit = divmod(place, 3)
            if digit < 2:
                found.append(variable + digit)
        return tuple(reversed(found))

    def compare(self) -> None:
        """Ask the compiled classifier and compare."""
        self._compare(0, len(self._bits), 0, (), self._ours(()))

    def _compare(
        self, start: int, size: int, place: int, literals: tuple[int, ...], ours: int
    ) -> None:
        if ours == self._all:
            wrong = size - self._bits[start : start + size].count(self._all)
            if wrong:
                self._count.differ(f"{self._both.words(literals)}: contradictory only compiled")
                self._count.differences += wrong - 1
        elif size == 1:
            if ours != self._bits[start]:
                words = self._both.words(literals)
                self._count.differ(f"{words}: {self._bits[start]:b} to HermiT, {ours:b} compiled")
        else:
            third = size // 3
            for digit in (0, 1):
                wider = (*literals, self._variables[place] + digit)
                begin = start + digit * third
                self._compare(begin, third, place + 1, wider, self._ours(wider))
            self._compare(start + 2 * third, third, place + 1, literals, ours)

    def _ours(self, literals: tuple[int, ...]) -> int:
        state = self._both.compiled.evaluate(literals)
        if not state.consistent:
            return self._all
        return sum(
            (state.bits >> target & 3) << 2 * number for number, target in enumerate(self._targets)
        )
