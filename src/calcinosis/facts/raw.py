"""A case as it stood in its source, before anything of it is understood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from calcinosis.errors import CaseError, Problem

if TYPE_CHECKING:
    from calcinosis.facts.case import Case, Fact
    from calcinosis.facts.places import Origin, Place
    from calcinosis.facts.read import Reader
    from calcinosis.graph.terms import Terms


@dataclass(frozen=True, slots=True)
class RawCase:
    """One case as it stood in its source (any JSON-like value), with its place."""

    value: object
    where: str
    origin: Origin | None = field(default=None, kw_only=True)

    def place(self, where: str) -> Place:
        """The place in the input of what a fact of this case calls ``where``."""
        from calcinosis.facts.places import place

        return place(where, self.origin)

    def traced(self, case: Case, terms: Terms) -> Case:
        """The case that was read from this, each fact with its place and how its word was read."""
        from calcinosis.graph.matched import matched, test_matched

        def trace(fact: Fact) -> Fact:
            judged = fact.judged
            if judged is not None:
                match = test_matched(terms, judged.test, judged.analyte)
            else:
                match = matched(terms, fact.words, fact.term)
            return replace(fact, place=self.place(fact.where), match=match)

        facts, workup = map(trace, case.facts), map(trace, case.workup)
        return replace(case, facts=tuple(facts), workup=tuple(workup))

    def read(self, reader: Reader) -> Case:
        """The case that it states; CaseError, with every problem, if it is refused."""
        return reader.read(self.value, self.where)

    def refusal(self, problems: Iterable[Problem]) -> CaseError:
        """The case as an error with these problems."""
        return CaseError(list(problems))
