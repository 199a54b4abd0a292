"""The axioms of a viewpoint as labelled clauses: what together entails, and what contradicts.

The clauses are the compiled definitions' own, those that were added for propagation left out:
each belongs to one axiom. A set of facts and axioms entails a literal exactly if it contradicts
its denial (``docs/reasoning.md`` says why one case is propositional).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

from calcinosis.explain.minimal import MOST, Labelled, contradictions, useful
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.literals import ones

_REMEMBERED = 4
_NONE = -1

Numbered = tuple[tuple[int, ...], int]
"""The literals of a clause and the number of its axiom."""

Because = tuple[tuple[int, ...], frozenset[int]]
"""Literals of facts, in their order, and numbers of axioms."""


class Theory:
    """The axioms of compiled definitions, each with its clauses."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        # All questions about a case concern the same clauses: those near its facts.
        self._near = lru_cache(_REMEMBERED)(self._near_to)

    @cached_property
    def clauses(self) -> tuple[Numbered, ...]:
        """The stated clauses: literals and the number of the axiom."""
        stated = ((tuple(sorted(c.literals)), c.axiom) for c in self.compiled.stated())
        return tuple(dict.fromkeys(stated))

    @cached_property
    def _by_axiom(self) -> dict[int, list[Numbered]]:
        found: dict[int, list[Numbered]] = {}
        for clause in self.clauses:
            found.setdefault(clause[1], []).append(clause)
        return found

    @cached_property
    def _named(self) -> tuple[int, ...]:
        """Both literals of every criterion and case class: what may be asked about any case."""
        named = (n for n, key in enumerate(self.compiled.keys) if isinstance(key, str))
        return tuple(2 * number + sign for number in named for sign in (0, 1))

    def _near_to(self, literals: frozenset[int]) -> tuple[Numbered, ...]:
        """The clauses that can matter to facts with some literals, or to criteria."""
        stated = [(frozenset(clause), axiom) for clause, axiom in self.clauses]
        units = [(frozenset((one,)), _NONE) for one in (*literals, *self._named)]
        found = useful([*stated, *units])
        return tuple((tuple(clause), axiom) for clause, axiom in found if axiom != _NONE)

    def entailing(
        self,
        facts: Sequence[int],
        goal: int | None,
        *,
        within: Collection[int] | None = None,
        most: int = MOST,
    ) -> list[Because]:
        """All minimal sets of facts and axioms that together entail a criterion or case class.

        Without a goal: all that contradict each other. ``within`` limits the axioms. Raises
        TooManyError beyond ``most`` clauses at a time.
        """
        shift = len(facts)
        labelled = self._asked(facts, goal)
        near = self._near(frozenset(facts)) if within is None else self._of(within)
        labelled += [(literals, 1 << shift + axiom) for literals, axiom in near]
        below = (1 << shift) - 1
        return [
            (
                tuple(facts[n] for n in ones(found & below)),
                frozenset(ones(found >> shift)),
            )
            for found in contradictions(labelled, most)
        ]

    def fact_sets(
        self,
        facts: Sequence[int],
        goal: int | None,
        *,
        known: Sequence[int] = (),
        most: int = MOST,
    ) -> list[tuple[int, ...]]:
        """All minimal sets of facts that entail such a literal (or contradict) by all axioms.

        What is ``known`` besides is taken for granted, like the axioms.
        """
        labelled = self._asked(facts, goal)
        labelled += [((literal,), 0) for literal in known]
        labelled += [(literals, 0) for literals, _ in self._near(frozenset((*facts, *known)))]
        found = contradictions(labelled, most)
        return [tuple(facts[n] for n in ones(bits)) for bits in found]

    def one_entailing(self, facts: Iterable[int], goal: int) -> Because:
        """One minimal set of facts and axioms that entail a literal which follows by all of them.

        Found by leaving out one after the other, where all of them are too many to list.
        """
        compiled = self.compiled
        needed = list(facts)
        for fact in tuple(needed):
            rest = [other for other in needed if other != fact]
            if compiled.evaluate(rest).holds(goal):
                needed = rest
        axioms = set(compiled.support(compiled.evaluate(needed), goal).axioms)
        for axiom in sorted(axioms):
            if self._entails(needed, goal, axioms - {axiom}):
                axioms.remove(axiom)
        return tuple(needed), frozenset(axioms)

    def _entails(self, facts: Sequence[int], goal: int, axioms: Collection[int]) -> bool:
        labelled: list[Labelled] = [((fact,), 0) for fact in (*facts, goal ^ 1)]
        labelled += [(literals, 0) for literals, _ in self._of(axioms)]
        return bool(contradictions(labelled))

    def _of(self, axioms: Collection[int]) -> Iterator[Numbered]:
        return (clause for axiom in axioms for clause in self._by_axiom.get(axiom, ()))

    @staticmethod
    def _asked(facts: Sequence[int], goal: int | None) -> list[Labelled]:
        asked: list[Labelled] = [((fact,), 1 << number) for number, fact in enumerate(facts)]
        if goal is not None:
            asked.append(((goal ^ 1,), 0))
        return asked
