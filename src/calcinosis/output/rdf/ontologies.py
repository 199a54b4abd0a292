"""The ontology in the syntaxes of RDF, which hold all of it: Turtle, RDF/XML, JSON-LD, TriG."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    serialize,
)

from calcinosis import names
from calcinosis.graph.derived import added
from calcinosis.graph.query import EDGES, Engine
from calcinosis.output.rdf import turtle
from calcinosis.output.rdf.axioms import HEADER, content
from calcinosis.output.selection import Files, Selection, Writer

_ROOT: Final = re.compile(rb"<rdf:RDF ([^>]*)>")
_XML_NAME: Final = re.compile(r"[^\W\d][\w.-]*\Z")
_GENERIC: Final = "#/:?[]@"  # a JSON-LD prefix that ends otherwise has to say that it is one
_TYPE: Final = NamedNode(names.TYPE)


def as_turtle(selection: Selection) -> Files:
    """One Turtle file in the canonical order of the project's own."""
    found = content(selection)
    text = turtle.serialise(found.union, found.prefixes)
    return {"calcinosis.ttl": [text.encode()]}


def as_rdf_xml(selection: Selection) -> Files:
    """One RDF/XML file, as ontologies are published."""
    found = content(selection)
    quads = _ordered(found.union)
    used = {q.predicate.value for q in quads}
    used |= {str(q.object)[1:-1] for q in quads if q.predicate == _TYPE}
    bases = {**found.prefixes, "obo": "http://purl.obolibrary.org/obo/"}
    prefixes = {prefix: base for prefix, base in bases.items() if _is_for_xml(base, used)}
    text = serialize((q.triple for q in quads), format=RdfFormat.RDF_XML, prefixes=prefixes)
    return {"calcinosis.owl": [_ROOT.sub(_sorted_names, text or b"", count=1)]}


def as_json_ld(selection: Selection) -> Files:
    """One JSON-LD file, a line a node."""
    found = content(selection)
    return {"calcinosis.jsonld": json_ld(found.union, found.prefixes)}


def as_trig(selection: Selection) -> Files:
    """One TriG file with the named graphs that queries see."""
    found = content(selection)
    return {
        "calcinosis.trig": (part.encode() for part in turtle.trig(found.graphs(), found.prefixes))
    }


def as_nquads(selection: Selection) -> Files:
    """One N-Quads file with the named graphs that queries see, its lines in order.

    Of everything it is what queries see to the last statement; of a selection, with what follows.
    """
    if selection.is_whole:
        quads = Dataset(Engine(selection.ontology.source).store)
        quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    else:
        found = content(replace(selection, inferred=True))
        edges = added("edges", (quad.triple for quad in found.union))
        quads = Dataset(
            [*found.quads, *(Quad(t.subject, t.predicate, t.object, EDGES) for t in edges)]
        )
    return {"calcinosis.nq": (f"{line} .\n".encode() for line in sorted(map(str, quads)))}


def _ordered(quads: Dataset) -> list[Quad]:
    """The header first, then named nodes, then blank ones; of each, first what OWL says it is.

    By this RDF/XML has ``owl:Class`` elements and the like, which some readers need.
    """
    headers = {q.subject for q in quads if q.predicate == _TYPE and str(q.object) == f"<{HEADER}>"}

    def key(quad: Quad) -> tuple[bool, bool, str, bool, bool, str]:
        about, value = quad.subject, str(quad.object)
        kind = quad.predicate != _TYPE, not value.startswith(f"<{names.OWL}")
        return about not in headers, isinstance(about, BlankNode), str(about), *kind, str(quad)

    return sorted(quads, key=key)


# -- RDF/XML ---------------------------------------------------------------------------------


def _is_for_xml(base: str, used: Iterable[str]) -> bool:
    """Whether XML names that are used can be written with a prefix, and all that start so."""
    local = [iri.removeprefix(base) for iri in used if iri.startswith(base)]
    return bool(local) and all(map(_XML_NAME.match, local))


def _sorted_names(root: re.Match[bytes]) -> bytes:
    """The root element with its namespaces in order: the serialiser's changes from run to run."""
    return b"<rdf:RDF " + b" ".join(sorted(root[1].split())) + b">"


# -- JSON-LD ---------------------------------------------------------------------------------


def json_ld(
    quads: Dataset, prefixes: Mapping[str, str], *more: Mapping[str, Any]
) -> Iterator[bytes]:
    """The graph as JSON-LD, a line a node; ``more`` are nodes in JSON-LD with their own context."""
    short = _Short(prefixes)
    nodes = [
        json.dumps(_node(list(about), short), ensure_ascii=False)
        for _, about in groupby(_ordered(quads), key=lambda quad: quad.subject)
    ]
    nodes += (json.dumps(node, ensure_ascii=False) for node in more)
    context = json.dumps(short.context(), ensure_ascii=False)
    yield f'{{"@context": {context},\n"@graph": [\n'.encode()
    yield ",\n".join(nodes).encode()
    yield b"\n]}\n"


class _Short:
    """IRIs in short form, and the prefixes that were used."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes
        self._bases = sorted(prefixes.items(), key=lambda pair: -len(pair[1]))
        self._used: set[str] = set()

    def __call__(self, node: object) -> str:
        if not isinstance(node, NamedNode):
            return str(node)
        for prefix, base in self._bases:
            local = node.value.removeprefix(base)
            if local != node.value and not local.startswith("//"):
                self._used.add(prefix)
                return f"{prefix}:{local}"
        return node.value

    def context(self) -> dict[str, Any]:
        """The context that makes the short forms whole again."""
        return {
            prefix: base if base[-1] in _GENERIC else {"@id": base, "@prefix": True}
            for prefix, base in self._prefixes.items()
            if prefix in self._used
        }


def _node(about: list[Quad], short: _Short) -> dict[str, Any]:
    found: dict[str, Any] = {"@id": short(about[0].subject)}
    for quad in about:
        if quad.predicate == _TYPE:
            found.setdefault("@type", []).append(short(quad.object))
        else:
            found.setdefault(short(quad.predicate), []).append(_value(quad.object, short))
    return found


def _value(value: object, short: _Short) -> Any:
    if not isinstance(value, Literal):
        return {"@id": short(value)}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    if value.datatype.value == names.XSD + "string":
        return value.value
    return {"@value": value.value, "@type": short(value.datatype)}


WRITERS: Final[Mapping[str, Writer]] = {
    "turtle": as_turtle,
    "owl": as_rdf_xml,
    "jsonld": as_json_ld,
    "trig": as_trig,
    "nquads": as_nquads,
}
