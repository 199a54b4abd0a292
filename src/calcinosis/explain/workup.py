"""Which cited test shows whether a criterion is met, by the claims about tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from calcinosis import names
from calcinosis.explain.links import Source
from calcinosis.graph.claims import Association
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.settings import READ


@dataclass(frozen=True, slots=True)
class Examination:
    """A diagnostic test that a cited claim names, and what the claim says of it.

    ``among`` are the labels of the diseases to which the claim is limited. ``why`` is the reason
    where it is our own reading that the test shows what it is listed for.
    """

    id: str
    label: str
    association: str
    statement: str
    among: tuple[str, ...]
    why: str | None
    sources: tuple[Source, ...]

    def __repr__(self) -> str:
        return f"<Examination {self.label}>"

    @property
    def order(self) -> tuple[bool, int, str, str]:
        """A claim without limits first, then the one whose references were read furthest."""
        read = min((READ.index(s.read) for s in self.sources if s.read in READ), default=len(READ))
        return bool(self.among), read, self.label.casefold(), self.association

    def to_dict(self) -> dict[str, Any]:
        """The test as the explanation's JSON holds it."""
        return {
            "test": self.id,
            "label": self.label,
            "association": self.association,
            "statement": self.statement,
            "among": list(self.among),
            "why": self.why,
            "references": [source.reference for source in self.sources],
            "sources": [source.to_dict() for source in self.sources],
        }


class Workup:
    """The tests that the claims of one ontology name."""

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology

    def tests(self, fillers: Iterable[str]) -> tuple[Examination, ...]:
        """The tests that show one of some classes, or a wider one, best first.

        A test of a level shows the high one as well; one of a single disease does not show its
        category.
        """
        terms = self._ontology.terms
        wider = {above for filler in fillers for above in terms.ancestors(filler)}
        found = [
            self._test(claim, claim.yields if claim.object not in wider else ())
            for claim in self._claims
            if wider.intersection((claim.object, *claim.yields))
        ]
        return tuple(sorted(found, key=lambda test: test.order))

    @cached_property
    def _claims(self) -> list[Association]:
        return self._ontology.claims.tests()

    def _test(self, claim: Association, yields: tuple[str, ...]) -> Examination:
        label, library = self._ontology.terms.label, self._ontology.library
        sources = (
            Source(claim.id, c.reference, c.read, library.reference(c.reference).study_type)
            for c in claim.citations
            if not c.disputes
        )
        return Examination(
            names.local(claim.subject),
            label(claim.subject),
            claim.id,
            claim.statement,
            tuple(label(context) for context in claim.contexts),
            claim.editorial if yields else None,
            tuple(sources),
        )
