"""A cohort under way."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from calcinosis.api import KnowledgeGraph
from calcinosis.errors import InputError

if TYPE_CHECKING:
    from calcinosis.api import Tally


class Counting:
    """What counts a cohort; it is loaded when there is something to count."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self._kg = kg

    @cached_property
    def tally(self) -> Tally:
        """The counts so far."""
        from calcinosis.api import Tally

        return Tally(self._kg.classifier.case_classes)

    def refuse(self, error: InputError) -> None:
        """Count an input that was refused."""
        self.tally.refuse(error)
