"""A cohort under way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from calcinosis.api import HANDFUL, CaseVerdict, KnowledgeGraph
from calcinosis.errors import InputError

if TYPE_CHECKING:
    from calcinosis.api import Tally


class Counting:
    """What counts a cohort; it is loaded when there is something to count."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self._kg = kg
        self.is_cohort = False

    @cached_property
    def tally(self) -> Tally:
        """The counts so far."""
        from calcinosis.api import Tally

        return Tally(self._kg.classifier.case_classes)

    def if_many(self, cases: Iterable[CaseVerdict]) -> Iterator[CaseVerdict]:
        """The same cases, counted as they go by if they are more than a handful."""
        few: list[CaseVerdict] = []
        for case in cases:
            few.append(case)
            if len(few) > HANDFUL or self.is_cohort:
                self.is_cohort = True
                for one in few:
                    self.tally.add(one)
                few.clear()
            yield case

    def refuse(self, error: InputError) -> None:
        """Count an input that was refused."""
        self.tally.refuse(error)
