"""All minimal sets of assumptions under which clauses contradict each other.

Each clause may rest on assumptions (a fact, an axiom), given as the bits of one integer. All
variables are eliminated by resolution, one after the other, and every resolvent carries the
assumptions of both its parents (Davis and Putnam's procedure with the labels of an
assumption-based truth maintenance system). What is left are clauses without literals: their
assumptions cannot all hold. Because elimination keeps exactly what the clauses say about the
assumptions, and what is subsumed is dropped, these are all the minimal ones and nothing else.

A literal is ``2 * variable`` when affirmed and ``2 * variable + 1`` when denied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from calcinosis.reasoning.literals import ones

MOST = 5_000
"""How many clauses there may be at a time before TooManyError is raised."""

Labelled = tuple[Sequence[int], int]
"""The literals of a clause and the assumptions that it rests on, as bits."""


class TooManyError(Exception):
    """There are more minimal sets, or more steps to them, than the bound allows."""


def contradictions(clauses: Iterable[Labelled], most: int = MOST) -> list[int]:
    """All minimal sets of assumptions, as bits, that the clauses contradict; smallest first.

    Raises TooManyError when more than ``most`` clauses would have to be kept at a time.
    """
    store = _Store(most)
    for literals, label in useful([(frozenset(c), label) for c, label in clauses]):
        store.add(sum(1 << literal for literal in literals), label)
    while (variable := store.cheapest()) is not None:
        store.eliminate(variable)
    return sorted(store.labels.get(0, ()), key=lambda label: (label.bit_count(), label))


def hitting_sets(sets: Iterable[int], most: int = MOST) -> list[int]:
    """All minimal sets that share a member with each of ``sets``, all as bits; smallest first.

    Reiter (1987) finds diagnoses as minimal hitting sets of conflict sets; here they are built
    up set by set (Berge's multiplication). Raises TooManyError beyond ``most`` sets at a time.
    """
    found = [0]
    for one in sets:
        hit = [known for known in found if known & one]
        wider = {known | 1 << bit for known in found if not known & one for bit in ones(one)}
        found = [*hit, *(w for w in wider if not any(h & w == h for h in hit))]
        if len(found) > most:
            raise TooManyError
    return sorted(found, key=lambda bits: (bits.bit_count(), bits))


def useful(clauses: list[tuple[frozenset[int], int]]) -> Iterator[tuple[frozenset[int], int]]:
    """The clauses without those that hold a literal which no clause denies, to a fixed point."""
    uses: dict[int, set[int]] = {}
    for number, (literals, _) in enumerate(clauses):
        for literal in literals:
            uses.setdefault(literal, set()).add(number)
    pure = [literal for literal in uses if not uses.get(literal ^ 1)]
    gone: set[int] = set()
    while pure:
        for number in uses.pop(pure.pop(), set()) - gone:
            gone.add(number)
            for literal in clauses[number][0]:
                rest = uses.get(literal, set())
                rest.discard(number)
                if not rest and literal in uses:
                    pure.append(literal ^ 1)
    yield from (c for number, c in enumerate(clauses) if number not in gone)


class _Store:
    """Clauses by their literals (as bits), each with the minimal sets of assumptions behind it."""

    def __init__(self, most: int) -> None:
        self.labels: dict[int, list[int]] = {}
        self._uses: dict[int, set[int]] = {}
        self._most = most
        self._count = 0

    def add(self, literals: int, label: int) -> None:
        """Keep a clause unless a kept one says as much; drop those that say less."""
        if self._tautology(literals) or self._is_said(literals, label):
            return
        for key in self._wider(literals):
            kept = [other for other in self.labels[key] if label & other != label]
            self._count -= len(self.labels[key]) - len(kept)
            self.labels[key] = kept
            if not kept:
                self._forget(key)
        if literals not in self.labels:
            self.labels[literals] = []
            for literal in ones(literals):
                self._uses.setdefault(literal, set()).add(literals)
        self.labels[literals].append(label)
        self._count += 1
        if self._count > self._most:
            raise TooManyError

    def cheapest(self) -> int | None:
        """A variable whose elimination makes fewest clauses; None when there is none left."""
        best, fewest = None, self._most**2 + 1
        for literal, keys in self._uses.items():
            if keys and (made := len(keys) * len(self._uses.get(literal ^ 1, ()))) < fewest:
                best, fewest = literal >> 1, made
                if fewest <= 1:  # no other makes fewer
                    break
        return best

    def eliminate(self, variable: int) -> None:
        """Replace the clauses with a variable by all their resolvents on it."""
        affirmed, denied = self._take(2 * variable), self._take(2 * variable + 1)
        both = 3 << 2 * variable
        for one, left in affirmed:
            for two, right in denied:
                literals = (one | two) & ~both
                if not self._tautology(literals):
                    for a in left:
                        for b in right:
                            self.add(literals, a | b)

    def _take(self, literal: int) -> list[tuple[int, list[int]]]:
        found = [(key, self.labels[key]) for key in sorted(self._uses.get(literal, ()))]
        for key, labels in found:
            self._count -= len(labels)
            self._forget(key)
        return found

    def _forget(self, key: int) -> None:
        del self.labels[key]
        for literal in ones(key):
            self._uses[literal].discard(key)

    def _tautology(self, literals: int) -> bool:
        return any(literals >> (literal ^ 1) & 1 for literal in ones(literals))

    def _is_said(self, literals: int, label: int) -> bool:
        narrower = {key for literal in ones(literals) for key in self._uses.get(literal, ())}
        return any(
            key & literals == key and any(other & label == other for other in self.labels[key])
            for key in (0, *narrower)
            if key in self.labels
        )

    def _wider(self, literals: int) -> list[int]:
        if not literals:
            return list(self.labels)
        fewest = min((self._uses.get(lit, set()) for lit in ones(literals)), key=len)
        return [key for key in fewest if key & literals == literals]
