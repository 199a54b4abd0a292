"""What an export holds: exactly the statements that were asked for, and what they need.

Statements are associations. With each come its references, the terms that it names with all that
stand above them, and the claims that it is contested by: nothing points at what is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from calcinosis import names
from calcinosis.errors import InputError, UnknownNameError, nearest
from calcinosis.explain.explanation import Explanation
from calcinosis.explain.links import Source
from calcinosis.graph import cited
from calcinosis.graph.claims import Association, Reference
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.triples import Triples, reached


@dataclass(frozen=True)
class Selection:
    """Statements of an ontology, in order of their ids, and the cases that were explained.

    ``asked_for`` says that in words, ``about`` which subtypes and terms (IRIs);
    ``is_whole`` whether that is the whole graph.
    ``inferred`` asks an ontology format for what follows as well, ``base`` for our axioms alone,
    ``include`` a package for these formats (names) instead of its own choice; ``refused`` holds
    the cases that could not be read.
    """

    ontology: Ontology
    associations: tuple[Association, ...]
    asked_for: str
    is_whole: bool
    explanations: tuple[Explanation, ...] = ()
    about: tuple[str, ...] = ()
    inferred: bool = False
    include: tuple[str, ...] = ()
    base: bool = False
    refused: tuple[InputError, ...] = ()

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The IRIs of the terms that the statements name and of those above them, in order.

        Of the whole graph: all terms.
        """
        if self.is_whole:
            return tuple(sorted(_classes(self.everything)))
        named = (iri for claim in self.associations for iri in claim.ends)
        subjects = self.everything.by_subject
        every = reached(named, self.everything.above)
        return tuple(sorted(i for i in every if i in subjects and i.startswith(names.CC)))

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """The references of the statements, for and against, in order of their keys.

        Of the whole graph: all references; of explained cases also those of their intervals.
        """
        library = self.ontology.library.bibliography
        if self.is_whole:
            return tuple(library[key] for key in sorted(library))
        keys = {c.reference for claim in self.associations for c in claim.citations}
        keys.update(*(one.cited for one in self.explanations))
        return tuple(library[key] for key in sorted(keys))

    @cached_property
    def everything(self) -> Triples:
        """The triples of all terms: conditions, findings, sites, genes, subtypes, criteria."""
        return Triples.joined(self.ontology.triples, self.ontology.anatomy)


Files = Mapping[str, Iterable[bytes]]
"""The files of an export by name, each in parts."""
Writer = Callable[[Selection], Files]


def select(
    ontology: Ontology,
    *,
    subtypes: Iterable[str] = (),
    terms: Iterable[str] = (),
    references: Iterable[str] = (),
    claims: Iterable[str] | None = None,
    explanations: Iterable[Explanation] | None = None,
    asked_for: str = "",
) -> Selection:
    """The statements about subtypes and terms (IRIs), with references (keys), claims (IRIs), cases.

    Several things asked for are put together; nothing asked for is the whole graph. Of a subtype
    come also the claims that its definition rests on, of a case those of its justifications.
    A claim all of whose support is left out by the settings has fallen and does not come.
    UsageError for a reference that there is not.
    """
    subtypes, terms = tuple(subtypes), tuple(terms)
    references = tuple(map(names.key, references))
    explained = None if explanations is None else tuple(explanations)
    every = _standing(ontology)
    if not (subtypes or terms or references) and claims is None and explained is None:
        return Selection(ontology, _ordered(every.values()), "everything", is_whole=True)
    _refuse_unknown(ontology, references)
    chosen = set() if claims is None else set(claims)
    for subtype in subtypes:
        chosen |= cited.behind_definition(ontology, subtype)
    wanted, keys = {*subtypes, *terms}, set(references)
    for iri, claim in every.items():
        if not wanted.isdisjoint(claim.ends) or not keys.isdisjoint(
            c.reference for c in claim.citations
        ):
            chosen.add(iri)
    for one in explained or ():
        chosen |= {names.ASSOC + source.association for source in _sources(one)}
    # The other side of what is contested comes with it.
    both = reached(chosen, lambda iri: every[iri].contested_by if iri in every else ())
    found = _ordered(every[iri] for iri in both if iri in every)
    about = tuple(dict.fromkeys((*subtypes, *terms)))
    return Selection(ontology, found, asked_for, False, explained or (), about)


def _standing(ontology: Ontology) -> dict[str, Association]:
    """The claims whose support was not left out as a whole, contested by such alone."""
    every, fallen = ontology.claims.associations, ontology.claims.fallen
    if not fallen:
        return every
    return {
        iri: replace(claim, contested_by=tuple(i for i in claim.contested_by if i not in fallen))
        for iri, claim in every.items()
        if iri not in fallen
    }


def _ordered(claims: Iterable[Association]) -> tuple[Association, ...]:
    return tuple(sorted(claims, key=lambda claim: claim.id))


def _classes(triples: Triples) -> Iterator[str]:
    kinds = {names.OWL + "Class", names.OWL + "NamedIndividual"}
    for iri, types in triples.subjects(names.TYPE):
        if iri.startswith(names.CC) and not kinds.isdisjoint(types):
            yield iri


def _sources(explanation: Explanation) -> Iterator[Source]:
    for why in explanation.subtypes:
        for justification in why.justifications:
            for link in justification.links:
                yield from link.sources
    for conflict in explanation.contradictions.conflicts:
        for link in conflict.links:
            yield from link.sources


def _refuse_unknown(ontology: Ontology, keys: Iterable[str]) -> None:
    library = ontology.library.bibliography
    for key in keys:
        if key not in library:
            hint = nearest(key, library, otherwise="'calcinosis cite' lists them all")
            raise UnknownNameError(f"there is no reference {key!r}", "", hint)
