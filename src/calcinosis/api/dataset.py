"""An rdflib Dataset that says in a line what it is."""

from __future__ import annotations

import rdflib

from calcinosis.output.markup import table


class NamedGraphs(rdflib.Dataset):
    """The named graphs; rdflib's own words for a Dataset warn of what it deprecates itself."""

    def __repr__(self) -> str:
        return f"<rdflib.Dataset: {len(self._sizes())} named graphs, of kg.graph>"

    def _sizes(self) -> list[tuple[str, int]]:
        found = ((str(one.identifier), len(one)) for one in self.graphs())
        return sorted((name, size) for name, size in found if size)

    def _repr_html_(self) -> str:
        return str(table("An rdflib Dataset", ("named graph", "triples"), self._sizes()))
