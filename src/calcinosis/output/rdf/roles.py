"""In which role an explanation cites each reference, in the words of CiTO.

Of CiTO's properties those were taken that say what is done with a reference and no more: a claim
``citesAsEvidence`` what supports it; ``disputes`` ties it to what speaks against it, as in the
graph. A reference interval is data that a value was judged by (``usesDataFrom``; no method of
the source was used). What names a test that would decide an open verdict only informs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from calcinosis import names
from calcinosis.explain.explanation import Conflict, Explanation
from calcinosis.explain.links import Justification, Link
from calcinosis.graph.claims import Citation
from calcinosis.graph.ontology import Ontology

DATA: Final = names.CITO + "usesDataFrom"
INFORMATION: Final = names.CITO + "citesForInformation"


@dataclass(frozen=True, slots=True)
class Role:
    """One reference in one role: by which claim and how far it was read, for a claim's."""

    reference: str
    cito: str
    association: str | None = None
    read: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The role as JSON holds it."""
        found: dict[str, Any] = {
            "reference": self.reference,
            "cito": "cito:" + self.cito.removeprefix(names.CITO),
        }
        if self.association is not None:
            found |= {"association": self.association, "read": self.read}
        return found


def roles(one: Explanation, ontology: Ontology) -> tuple[Role, ...]:
    """Every reference that an explanation cites with every role in which it does, in order."""
    return tuple(dict.fromkeys((*_resting(one, ontology), *_named(one), *_tests(one))))


def resting(found: Iterable[Explanation], ontology: Ontology) -> set[str]:
    """The keys of what the verdicts rest on or what disputes that, without mere information."""
    return {role.reference for one in found for role in _resting(one, ontology)}


def everything(found: Iterable[Explanation], ontology: Ontology) -> set[str]:
    """The keys of all references that the explanations cite in any role."""
    return {role.reference for one in found for role in roles(one, ontology)}


def claims(links: Iterable[Link]) -> dict[str, None]:
    """The ids of the claims that axioms rest on, each once."""
    return dict.fromkeys(source.association for link in links for source in link.sources)


def disputing(association: str, ontology: Ontology) -> tuple[Citation, ...]:
    """The citations that speak against a claim, by its id."""
    found = ontology.claims.citations(names.ASSOC + association)
    return tuple(citation for citation in found if citation.disputes)


def opponents(association: str, ontology: Ontology) -> tuple[str, ...]:
    """The IRIs of the claims that contest a claim, those left out that have fallen."""
    fallen = ontology.claims.fallen
    found = ontology.claims.association(names.ASSOC + association).contested_by
    return tuple(iri for iri in found if iri not in fallen)


def _resting(one: Explanation, ontology: Ontology) -> Iterator[Role]:
    parts: list[Justification | Conflict] = [
        *(part for why in one.subtypes for part in (*why.justifications, *why.presumed)),
        *one.contradictions.conflicts,
    ]
    links = list(chain.from_iterable(part.links for part in parts))
    for source in (source for link in links for source in link.sources):
        yield Role(source.reference, names.EVIDENCE, source.association, source.read)
    for claim in claims(links):
        for citation in disputing(claim, ontology):
            yield Role(citation.reference, names.DISPUTES, claim, citation.read)
    for given in (given for part in parts for given in part.facts):
        yield from (Role(key, DATA) for key in given.fact.references)


def _named(one: Explanation) -> Iterator[Role]:
    """The citations by which a cause of what is open is a possible one, presumed or not."""
    verdicts = [why.verdict for why in one.subtypes]
    presumed = (found.presumed for found in verdicts if found.presumed is not None)
    groups = (*(found.claims for found in presumed), *(found.basis_claims for found in verdicts))
    for claim in chain.from_iterable(groups):
        for citation in claim.citations:
            if not citation.disputes:
                yield Role(citation.reference, INFORMATION, claim.id, citation.read)


def _tests(one: Explanation) -> Iterator[Role]:
    for test in (test for observation in one.still_open for test in observation.tests):
        for source in test.sources:
            yield Role(source.reference, INFORMATION, source.association, source.read)
