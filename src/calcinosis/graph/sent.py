"""Answers as a server sends them: written by Oxigraph in the form that is wanted, packed, tagged.

A request says, beside the query, in which form the client takes a ``table`` (or yes or no) and a
``graph``; an empty form means that it takes none. ``store`` asks for a graph itself.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from pyoxigraph import (
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    serialize,
)

from calcinosis.graph import syntax
from calcinosis.graph.columns import columns_moved
from calcinosis.graph.stored import Dataset, Stored

TABLE_FORMS: Final = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPH_FORMS: Final = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
}
TABLE, GRAPH, ABSENT, UNWANTED, UNWRITABLE = "table", "graph", "absent", "unwanted", "unwritable"
PACKED_FROM: Final = 1000
"""Bytes from which an answer is packed for a client that takes it so."""
_LEVEL: Final = 5
_SHORTENED: Final = (RdfFormat.TURTLE, RdfFormat.TRIG)
_NAMELESS: Final = b"<oxprefix: "
_PREFIX: Final = re.compile(rb"@prefix ([^ :]*): <[^>]*> \.\n")
_DECLARED: Final = re.compile(r"\bPREFIX\s+([A-Za-z][\w-]*):\s*<([^<>\s]+)>", re.IGNORECASE)
Request = Mapping[str, Any]
Write = Callable[["Room", str], None]
Said = tuple[dict[str, Any], bytes]


class Room(io.BytesIO):
    """A file in memory that takes no more than so many bytes; MemoryError beyond."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.is_full = False

    def size_with(self, text: Any) -> int:
        """What it would hold with more text."""
        return self.tell() + len(text)

    def write(self, text: Any) -> int:
        """Add text."""
        self.is_full = self.is_full or self.size_with(text) > self._most
        if self.is_full:
            raise MemoryError
        return super().write(text)

    def again(self, text: bytes) -> None:
        """Hold another text in the place of what it holds."""
        self.seek(0)
        self.truncate()
        self.write(text)


def sent(engine: Stored, request: Request, most: int) -> Said:
    """What is sent for a request: its kind, form, tag and packing, and the text.

    MemoryError for what is longer than ``most`` bytes; errors of ours for what is no query.
    """
    if "store" in request:
        quads = engine.quads(request["store"])
        if quads is None:
            return {"kind": ABSENT}, b""
        return _checked(GRAPH, request, partial(_graph, quads, engine.prefixes), most)
    found = engine.raw(request["query"], _dataset(request))
    if isinstance(found, QueryTriples):
        known = {**engine.prefixes, **_declared(request["query"])}
        return _checked(GRAPH, request, partial(_graph, _once(found), known), most)
    return _checked(TABLE, request, partial(_table, found, request["query"]), most)


def _dataset(request: Request) -> Dataset | None:
    default, named = request.get("default", ()), request.get("named", ())
    return Dataset(tuple(default), tuple(named)) if default or named else None


def _declared(query: str) -> dict[str, str]:
    """The prefixes that a query declares, for its answer."""
    return {name: iri for name, iri in _DECLARED.findall(query) if _is_iri(iri)}


def _is_iri(text: str) -> bool:
    try:
        return bool(NamedNode(text))
    except ValueError:
        return False


def _checked(kind: str, request: Request, write: Write, most: int) -> Said:
    form = request[kind]
    if not form:
        return {"kind": UNWANTED, "was": kind}, b""
    room = Room(most)
    try:
        write(room, form)
    except OSError as error:  # what Oxigraph makes of an error in writing
        if room.is_full:
            raise MemoryError from error
        return {"kind": UNWRITABLE, "form": form, "why": str(error)}, b""
    body = room.getvalue()
    if form == "rdfxml" and _NAMELESS in body:
        return {"kind": UNWRITABLE, "form": form, "why": "a property has no name in XML"}, b""
    return _packed({"kind": kind, "form": form}, body, with_gzip=bool(request.get("gzip")))


def _packed(head: dict[str, Any], body: bytes, *, with_gzip: bool) -> Said:
    if with_gzip and len(body) >= PACKED_FROM:
        body = gzip.compress(body, _LEVEL, mtime=0)
        head["packed"] = True
    head["tag"] = hashlib.blake2b(body, digest_size=12).hexdigest()
    return head, body


def _table(found: QuerySolutions | QueryBoolean, query: str, room: Room, form: str) -> None:
    if isinstance(found, QuerySolutions):
        columns = [variable.value for variable in found.variables]
        wanted = syntax.column_order(query, columns)
        found.serialize(room, TABLE_FORMS[form])
        if wanted != columns:
            room.again(columns_moved(room.getvalue(), form, columns, wanted))
        return
    found.serialize(room, TABLE_FORMS[form])


def _graph(
    found: Iterable[Triple] | Iterable[Quad], prefixes: Mapping[str, str], room: Room, form: str
) -> None:
    into = GRAPH_FORMS[form]
    if not into.supports_datasets:
        found = (Triple(one.subject, one.predicate, one.object) for one in found)
    else:
        found = (one if isinstance(one, Quad) else Quad(*one) for one in found)
    if into not in _SHORTENED:
        serialize(found, room, into)
        return
    serialize(found, room, into, prefixes=dict(prefixes))
    room.again(_without_idle(room.getvalue()))


def _once(found: Iterable[Triple]) -> Iterator[Triple]:
    """The triples, each once, those of a subject together and subjects in order."""
    subjects: dict[Any, dict[Triple, None]] = {}
    for one in found:
        subjects.setdefault(one.subject, {})[one] = None
    ordered = sorted(subjects.items(), key=lambda item: str(item[0]))
    return (one for _, triples in ordered for one in triples)


def _without_idle(text: bytes) -> bytes:
    """Turtle without the prefixes that it does not use."""
    start = 0
    kept = []
    while found := _PREFIX.match(text, start):
        start = found.end()
        kept.append((found[1] + b":", found[0]))
    rest = text[start:]
    return b"".join(line for name, line in kept if name in rest) + rest
