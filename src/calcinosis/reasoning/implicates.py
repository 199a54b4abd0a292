"""The clauses that make unit propagation complete, found when definitions are compiled.

Unit propagation alone misses what follows from a disjunction by cases. Where it does, an
implicate (a disjunction that the clauses entail) is missing. All prime implicates over the
variables of the long clauses are computed by resolution, and those that propagation does not
stand in for are added. After that whatever follows from facts follows by propagation: the
denials of the facts, together with what follows, hold a prime implicate. ``docs/reasoning.md``
gives the argument in full.

Clauses live here in a small space of their own: a place is ``2 * number`` when a variable of
the long clauses is affirmed and ``2 * number + 1`` when it is denied, a clause and a set of places
are the bits of one integer. Prime implicates speak of one representative of each group of places
that entail each other. Whatever is compared with them is first put into representatives too; that
the three kinds of integers are not mixed, their types say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import and_
from typing import NewType

from calcinosis.errors import OntologyError
from calcinosis.reasoning.literals import Literal, denial
from calcinosis.reasoning.literals import ones as _ones

Literals = tuple[Literal, ...]
Step = tuple[Literal, Literal]
Place = NewType("Place", int)
"""A literal of the small space."""
Places = NewType("Places", int)
"""A clause or a set of places, as bits; -1 stands for all of them, a contradiction."""
Chosen = NewType("Chosen", int)
"""A clause or a set of representatives, as bits."""
_MOST = 60_000


class Implicates:
    """The long clauses of an ontology with what propagation over them would miss.

    ``clauses`` are the long clauses, ``closure`` gives the literals that one literal entails by
    two-literal clauses, as bits. ``verdicts`` are long clauses whose first literal is never a
    fact: that clause and its converse define it, and no other clause uses it. ``asked`` are
    further variables of which it matters what follows.
    """

    def __init__(
        self,
        clauses: Sequence[Literals],
        closure: Callable[[Literal], int],
        verdicts: Sequence[Literals],
        asked: Iterable[int] = (),
    ) -> None:
        heads = {clause[0] >> 1 for clause in verdicts}
        within = {lit >> 1 for c in (*clauses, *verdicts) for lit in c} - heads
        others = [variable for variable in asked if variable not in within | heads]
        self._real = sorted(within.union(_by_cases_only(within, closure, others)))
        self._place = {variable: place for place, variable in enumerate(self._real)}
        self._even = sum(1 << 2 * place for place in range(len(self._real)))
        used = sum(3 << 2 * variable for variable in self._real)
        self._reach = [
            self._bits(map(Literal, _ones(closure(Literal(2 * variable + sign)) & used)))
            for variable in self._real
            for sign in (0, 1)
        ]
        self._stated = [self._bits(clause) for clause in clauses]
        self._bodies = {denial(clause[0]): self._bits(clause[1:]) for clause in verdicts}

    def missing(self) -> list[Literals]:
        """The clauses to be added, none of which the others and propagation stand in for.

        Where the clauses contradict each other these are two that show it at once. Raises
        OntologyError when the definitions are so entangled that there are too many.
        """
        short_cuts = _ShortCuts(self._stated, self._reach, self._even)
        groups = _Representatives(short_cuts.reach)
        primes = _primes(self._stated, groups)
        if Chosen(0) in primes:
            return [(lit,) for lit in self._literals(Places(3))]
        added: list[Places] = []
        for clause in (*short_cuts.pairs(), *map(groups.places, _strongest(primes, groups))):
            if not self._absorbed(clause, added):
                added.append(clause)
        for clause in tuple(added):
            rest = [other for other in added if other != clause]
            if self._absorbed(clause, rest):
                added = rest
        denials = [
            (head, rest)
            for head, body in self._bodies.items()
            for rest in self._denials(groups.of(body), primes, added)
        ]
        return [
            *(self._literals(clause) for clause in added),
            *((head, *self._literals(rest)) for head, rest in denials),
        ]

    def behind(self, clause: Literals) -> tuple[list[int], list[Step]]:
        """A smallest set that entails an added clause: numbers of long clauses, and steps.

        A step is a pair of literals of which the first entails the second by two-literal
        clauses. Smallest means that none can be left out.
        """
        steps: list[Step] = []
        goal = Places(0)
        for lit in clause:
            body = self._bodies.get(lit)
            if body is None:
                goal = Places(goal | self._bits((lit,)))
            else:
                goal = Places(goal | body)
                steps += [(denial(lit), denial(part)) for part in self._literals(body)]
        wanted = self._flip(goal)
        long = [*self._stated]
        short = {
            (one, two): Places(1 << (one ^ 1) | 1 << two)
            for one, bits in enumerate(self._reach)
            for two in _ones(bits)
            if one != two
        }
        for number, stated in enumerate(self._stated):
            long[number] = Places(0)
            if self._satisfiable([c for c in (*long, *short.values()) if c], wanted):
                long[number] = stated
        for step in list(short):
            kept = short.pop(step)
            if self._satisfiable([c for c in (*long, *short.values()) if c], wanted):
                short[step] = kept
        real = [(self._literal(Place(one)), self._literal(Place(two))) for one, two in short]
        return [number for number, kept in enumerate(long) if kept], [*steps, *real]

    # -- what propagation misses -----------------------------------------------------

    def _denials(self, body: Chosen, primes: list[Chosen], added: list[Places]) -> Iterator[Places]:
        """What rules a verdict out although it rules no single one of its criteria out."""
        found: list[Places] = []
        for rest in self._beside(body, primes):
            known = self._propagate(self._flip(rest), added)
            if not known & body and all(other & ~known for other in found):
                found.append(self._flip(rest))
                yield rest

    def _beside(self, body: Chosen, primes: list[Chosen]) -> Iterator[Places]:
        """What clauses over several of a verdict's criteria hold beside these."""
        if body & self._flip(Places(body)):  # two criteria that are each other's denial
            yield Places(0)
        for clause in primes:
            if (clause & body).bit_count() > 1:
                yield Places(clause & ~body)

    def _absorbed(self, clause: Places, added: list[Places]) -> bool:
        """Whether propagation from all but one denied literal yields the last one, always."""
        denied = self._flip(clause)
        return all(
            self._propagate(Places(denied & ~(1 << (last ^ 1))), added) >> last & 1
            for last in _ones(clause)
        )

    def _propagate(self, places: Places, added: list[Places]) -> Places:
        """The closed set of places; all ones (-1) when it is inconsistent."""
        return self._closed(places, [*self._stated, *added], self._reach)

    def _closed(self, places: Places, clauses: Sequence[Places], reach: Sequence[Places]) -> Places:
        bits = 0
        for place in _ones(places):
            bits |= reach[place]
        before = -1
        while bits != before:
            before = bits
            denied = _flip(bits, self._even)
            if bits & denied:
                return Places(-1)
            for clause in clauses:
                free = clause & ~denied
                if not clause & bits and not free & (free - 1):
                    if not free:
                        return Places(-1)
                    bits |= reach[free.bit_length() - 1]
        return Places(bits)

    def _satisfiable(self, clauses: list[Places], places: Places) -> bool:
        single = [Places(1 << place) for place in range(len(self._reach))]
        bits = self._closed(places, clauses, single)
        if bits == -1:
            return False
        denied = self._flip(bits)
        for clause in clauses:
            if not clause & bits:
                free = clause & ~denied
                first = Places(free & -free)
                return self._satisfiable(clauses, Places(bits | first)) or self._satisfiable(
                    clauses, Places(bits | self._flip(first))
                )
        return True

    # -- literals --------------------------------------------------------------------

    def _bits(self, literals: Iterable[Literal]) -> Places:
        return Places(sum({1 << (2 * self._place[lit >> 1] | (lit & 1)) for lit in literals}))

    def _literal(self, place: Place) -> Literal:
        return Literal(2 * self._real[place >> 1] | (place & 1))

    def _literals(self, clause: Places) -> Literals:
        return tuple(self._literal(Place(place)) for place in _ones(clause))

    def _flip(self, places: Places) -> Places:
        return Places(_flip(places, self._even))


class _Representatives:
    """One place for each group of places that entail each other: the first of its variables.

    The representative of a denial is the denial of the representative.
    """

    def __init__(self, reach: Sequence[Places]) -> None:
        self.reach = reach
        self.first = [
            Place(min((o for o in _ones(bits) if reach[o] >> place & 1), key=lambda o: o >> 1))
            for place, bits in enumerate(reach)
        ]

    def of(self, places: Places) -> Chosen:
        """The same clause or set by representatives; what says the same comes together."""
        return Chosen(sum({1 << self.first[place] for place in _ones(places)}))

    @staticmethod
    def places(chosen: Chosen) -> Places:
        """A clause or set of representatives as what it is too: one of places."""
        return Places(chosen)


class _ShortCuts:
    """What one literal entails by one long clause and two-literal clauses, to a fixed point.

    ``reach`` holds the literals that each literal entails; it starts from the given ones.
    """

    def __init__(self, clauses: Sequence[Places], reach: Sequence[Places], even: int) -> None:
        self.reach = [*reach]
        self._even = even
        self._pairs: list[Places] = []
        before = -1
        while before != len(self._pairs):
            before = len(self._pairs)
            for clause in clauses:
                self._by_exclusion(clause)
            for clause in clauses if before == len(self._pairs) else ():
                self._by_cases(clause)

    def pairs(self) -> list[Places]:
        """The two-literal clauses that widened ``reach``, those that say most first."""
        weight = [bits.bit_count() for bits in self.reach]
        return sorted(self._pairs, key=lambda pair: -max(weight[lit] for lit in _ones(pair)))

    def _by_exclusion(self, clause: Places) -> None:
        """A literal that denies all but one of a clause entails that one."""
        for literal, bits in enumerate(self.reach):
            free = clause & ~_flip(bits, self._even)
            if not clause & bits and not free & (free - 1):
                self._connect(literal, free.bit_length() - 1 if free else literal ^ 1)

    def _by_cases(self, clause: Places) -> None:
        """The denial of one literal entails whatever all the others entail."""
        for literal in _ones(clause):
            rest = (self.reach[other] for other in _ones(clause ^ 1 << literal))
            common = reduce(and_, rest, (1 << len(self.reach)) - 1)
            for two in sorted(_ones(common), key=lambda lit: -self.reach[lit].bit_count()):
                self._connect(literal ^ 1, two)

    def _connect(self, one: int, two: int) -> None:
        if not self.reach[one] >> two & 1:
            self._pairs.append(Places(1 << (one ^ 1) | 1 << two))
            self._link(one, two)
            self._link(two ^ 1, one ^ 1)

    def _link(self, one: int, two: int) -> None:
        wider = self.reach[two]
        for literal, bits in enumerate(self.reach):
            if bits >> one & 1:
                self.reach[literal] = Places(bits | wider)


def _by_cases_only(
    within: Iterable[int], closure: Callable[[Literal], int], asked: Iterable[int]
) -> Iterator[int]:
    """The asked variables that more than one literal leads to, none of them by way of another."""
    both = [Literal(2 * variable + sign) for variable in within for sign in (0, 1)]
    reach = {lit: closure(lit) for lit in both}
    for variable in asked:
        for literal in (2 * variable, 2 * variable + 1):
            sources = [lit for lit, bits in reach.items() if bits >> literal & 1]
            common = reduce(and_, (reach[lit] for lit in sources), -1)
            if sources and not any(common >> lit & 1 for lit in sources):
                yield variable


def _primes(clauses: Sequence[Places], groups: _Representatives) -> list[Chosen]:
    """All prime implicates over representatives.

    Every variable is resolved upon once, and subsumed clauses are dropped (Tison's method).
    """
    reach, first = groups.reach, groups.first
    known = {groups.of(clause) for clause in clauses}
    for place, bits in enumerate(reach):
        if first[place] == place:
            others = (first[other] for other in _ones(bits))
            known |= {Chosen(1 << first[place ^ 1] | 1 << o) for o in others if o != place}
    even = sum(1 << place for place in range(0, len(reach), 2))
    known = {c for c in known if not c & (c & even) << 1}
    primes = _unsubsumed(known)
    uses = {
        v: sum(c >> v & 1 for c in primes) * sum(c >> v + 1 & 1 for c in primes)
        for v in range(0, len(reach), 2)
    }
    for variable in sorted(uses, key=lambda v: uses[v]):
        fresh = {*_resolvents(primes, 1 << variable, even)}.difference(primes)
        if fresh:
            primes = _unsubsumed(fresh.union(primes), frozenset(primes))
    return primes


def _strongest(primes: list[Chosen], groups: _Representatives) -> list[Chosen]:
    """Those of which no literal can be replaced by another that entails it."""
    known = set(primes)
    return [
        clause
        for clause in primes
        if not any(
            Chosen(clause ^ 1 << place | 1 << (denied ^ 1)) in known
            for place in _ones(clause)
            for denied in _ones(groups.reach[Place(place ^ 1)])
            if denied ^ 1 != place
        )
    ]


def _resolvents(clauses: list[Chosen], affirmed: int, even: int) -> Iterator[Chosen]:
    denied = affirmed << 1
    right = [c ^ denied for c in clauses if c & denied]
    for one in [c ^ affirmed for c in clauses if c & affirmed]:
        flipped = _flip(one, even)
        for two in right:
            if not flipped & two:
                yield Chosen(one | two)


def _unsubsumed(clauses: set[Chosen], before: frozenset[Chosen] = frozenset()) -> list[Chosen]:
    """Those that no other is a part of; of ``before`` none is a part of another of them."""
    if len(clauses) > _MOST:
        raise OntologyError(
            "the definitions are too entangled to be compiled",
            "ontology",
            "Name shared parts as criteria of their own, or drop a disjunction",
        )
    kept: list[Chosen] = []
    fresh: list[Chosen] = []
    for clause in sorted(clauses, key=int.bit_count):
        old = clause in before
        for other in fresh if old else kept:
            if other & clause == other:
                break
        else:
            kept.append(clause)
            if not old:
                fresh.append(clause)
    return kept


def _flip(bits: int, even: int) -> int:
    """The denials of a set of literals; ``even`` marks the affirmed ones."""
    return (bits & even) << 1 | bits >> 1 & even
