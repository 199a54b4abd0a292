"""What pages are made of: one loaded ontology, and the words for all that is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from calcinosis import names
from calcinosis.graph import mapped
from calcinosis.graph.ask import Ask
from calcinosis.graph.claims import Association, Reference
from calcinosis.graph.describe import Describer, Page
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.search import Entry
from calcinosis.output.rdf.described import Described
from calcinosis.output.wording import capital

if TYPE_CHECKING:
    from calcinosis.graph.evidence import Item
    from calcinosis.graph.viewpoints import Viewpoint


class Known:
    """One loaded ontology as pages show it; what a page needs is made when it is first asked for.

    ``described`` has what the modules state of each resource, ``lexicon`` all that has a name.
    """

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.ontology: Ontology = ask.ontology
        self.lexicon = ask.lexicon
        self.described = Described(ask.ontology)
        self._describer = Describer(ask.ontology, ask.lexicon)

    @property
    def library(self) -> Mapping[str, Reference]:
        """All references by key."""
        return self.ontology.library.bibliography

    @property
    def claims(self) -> Mapping[str, Association]:
        """All claims by IRI."""
        return self.ontology.claims.associations

    def told(self, claim: Association) -> Association:
        """A claim whose citations have the type of study and the figures that each gives."""
        return self._describer.claim(claim)

    def page(self, entry: Entry) -> Page:
        """All that is said of an entry, as ``calcinosis show`` says it."""
        return self._describer.page(entry)

    def label(self, iri: str) -> str:
        """The words for a resource, by whichever module it is in; of others its short form."""
        entry = self.lexicon.entries.get(iri)
        if entry is not None:
            return entry.label
        claim = self.claims.get(iri)
        if claim is not None:
            return claim.label
        if not iri.startswith(names.CC):
            return names.curie(iri)
        text = self.described.triples.text
        for predicate in (names.LABEL, names.DCTERMS + "title"):
            if found := text(iri, predicate):
                return found
        return names.curie(iri)

    def heading(self, iri: str) -> str:
        """The words for a resource as the heading of its page."""
        return capital(self.label(iri))

    @cached_property
    def viewpoints(self) -> Mapping[str, Viewpoint]:
        """All viewpoints by their names, in their order."""
        from calcinosis.graph.viewpoints import read

        return {view.name: view for view in read(self.ontology)}

    @cached_property
    def evidence(self) -> Mapping[str, tuple[Item, ...]]:
        """The evidence items that count of each claim (its id), those for it first."""
        counted = {
            (claim.id, one.reference, one.disputes)
            for claim in self.claims.values()
            for one in claim.citations
        }
        found: dict[str, list[Item]] = {}
        for item in self.ontology.evidence:
            if (item.claim, item.reference, item.side == "against") in counted:
                found.setdefault(item.claim, []).append(item)
        return {claim: tuple(sorted(items, key=_side)) for claim, items in found.items()}

    @cached_property
    def cited(self) -> Mapping[str, tuple[Association, ...]]:
        """The claims that cite each reference (its key), for or against."""
        found: dict[str, dict[str, Association]] = {}
        for claim in self.claims.values():
            for one in claim.citations:
                found.setdefault(one.reference, {})[claim.id] = claim
        return {key: tuple(found[key].values()) for key in found}

    @cached_property
    def defines(self) -> Mapping[str, tuple[str, ...]]:
        """The IRIs of the terms whose definitions each reference (its key) is the source of."""
        found: dict[str, list[str]] = {}
        for iri, sources in self.lexicon.triples.subjects(names.DEFINED_BY):
            for source in sources:
                if isinstance(source, str) and source.startswith(names.REF):
                    found.setdefault(names.local(source), []).append(iri)
        return {key: tuple(sorted(iris, key=self.label)) for key, iris in found.items()}

    @cached_property
    def roles(self) -> frozenset[str]:
        """The IRIs of the roles that causes have."""
        return frozenset(self.ontology.claims.roles)

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        return mapped.prefixes(self.ontology.folder)

    def address(self, curie: str) -> str:
        """The address of a code of another vocabulary; empty where its prefix is not known."""
        prefix = curie.partition(":")[0]
        return mapped.expanded(curie, self._prefixes) if prefix in self._prefixes else ""

    def full(self, keys: Iterable[str]) -> list[Reference]:
        """The references with these keys that the graph has, in order of their keys."""
        return [self.library[key] for key in sorted(set(keys)) if key in self.library]


def _side(item: Item) -> tuple[bool, str]:
    return item.side == "against", item.reference
