"""Explanations as notebooks show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from calcinosis.explain.explanation import Explanation
from calcinosis.graph.claims import Reference


@dataclass(frozen=True)
class ShownExplanation(Explanation):
    """An explanation that notebooks show, with its references in full from ``library``."""

    library: Mapping[str, Reference] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, found: Explanation, library: Mapping[str, Reference]) -> ShownExplanation:
        """The explanation with the references that it may name."""
        values = {one.name: getattr(found, one.name) for one in fields(Explanation)}
        return cls(**values, library=library)

    def _repr_html_(self) -> str:
        from calcinosis.render.explanation_html import explanation_part

        return explanation_part(self, self.library)
