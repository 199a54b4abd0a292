"""The forms of answers to queries: media types, short names, and which of them a client wants."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from calcinosis.errors import UsageError, nearest, quoted
from calcinosis.web.negotiate import best

# Media type, and the form as the process that answers knows it; the first is the default.
TABLES: Final = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
}
GRAPHS: Final = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
    "application/n-quads": "nquads",
    "application/trig": "trig",
    "application/json": "jsonld",
    "application/turtle": "turtle",
    "application/x-turtle": "turtle",
    "text/n3": "turtle",
}
DATASETS: Final = {name: GRAPHS[name] for name in ("application/n-quads", "application/trig")}
_FORMS_OF: Final = {
    "json": ("application/sparql-results+json", "application/ld+json"),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "csv": ("text/csv", ""),
    "tsv": ("text/tab-separated-values", ""),
    "turtle": ("", "text/turtle"),
    "ntriples": ("", "application/n-triples"),
    "rdfxml": ("", "application/rdf+xml"),
    "jsonld": ("", "application/ld+json"),
    "nquads": ("", "application/n-quads"),
    "trig": ("", "application/trig"),
}
_ALSO: Final = {
    "ttl": "turtle",
    "n3": "turtle",
    "nt": "ntriples",
    "n-triples": "ntriples",
    "rdf": "rdfxml",
    "rdf+xml": "rdfxml",
    "json-ld": "jsonld",
    "nq": "nquads",
    "n-quads": "nquads",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The media types in which a client takes a table and a graph; "" where it takes none."""

    table: str
    graph: str

    def asked(self) -> dict[str, str]:
        """Both as the process that answers is told them."""
        return {"table": TABLES.get(self.table, ""), "graph": GRAPHS.get(self.graph, "")}

    def media_type(self, kind: str) -> str:
        """That of an answer of this kind."""
        return self.table if kind == "table" else self.graph


@lru_cache(maxsize=512)
def wanted(accept: str | None, form: str | None = None) -> Wanted:
    """What a client wants, by the parameter ``format`` if it has one, else by ``Accept``.

    UsageError for a form that there is none of.
    """
    if form is None:
        return _by_types(accept)
    name = form.strip().lower().replace(" ", "+")  # a plus in an address may mean a blank
    known = _FORMS_OF.get(_ALSO.get(name, name))
    if "/" in name:
        found = _by_types(name)
        known = (found.table, found.graph) if found.table or found.graph else None
    if known is None:
        hint = nearest(name, _FORMS_OF, then=f"Known: {', '.join(_FORMS_OF)}")
        what = f"there is no format {quoted(form)}"
        raise UsageError(what, "format", hint or f"Known: {', '.join(_FORMS_OF)}")
    return Wanted(*known)


def _by_types(accept: str | None) -> Wanted:
    """What a client wants by media types, several parted by commas."""
    table, graph = (best(accept, tuple(known)) or "" for known in (TABLES, GRAPHS))
    return Wanted(table, graph)
