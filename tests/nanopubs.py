"""Nanopublications for tests: parted, and held against the guidelines' list of what must be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pyoxigraph import RdfFormat, parse

from calcinosis import names

_STARTS = re.compile(rb"(?m)(?=^@prefix this: )")
_PARTS = ("hasAssertion", "hasProvenance", "hasPublicationInfo")


class Said(NamedTuple):
    """A quad by the values of its nodes; the default graph is empty, a blank node starts "_:"."""

    graph: str
    subject: str
    predicate: str
    object: str


def parted(trig: bytes) -> list[bytes]:
    """The nanopublications of a file, each as a file of its own."""
    return _STARTS.split(trig)[1:]


def iri(part: bytes) -> str:
    """The name of a nanopublication."""
    found = re.search(rb"@prefix this: <([^>]+)>", part)
    assert found
    return found[1].decode()


def quads(trig: bytes) -> list[Said]:
    return [
        Said(*map(_value, (quad.graph_name, quad.subject, quad.predicate, quad.object)))
        for quad in parse(trig, format=RdfFormat.TRIG)
    ]


def _value(node: object) -> str:
    value = str(getattr(node, "value", ""))
    return f"_:{value}" if type(node).__name__ == "BlankNode" else value


def graphs(trig: bytes) -> dict[str, list[Said]]:
    """The quads of one nanopublication by the last part of their graph's name."""
    found: dict[str, list[Said]] = {}
    for quad in quads(trig):
        found.setdefault(quad.graph.rpartition("#")[2], []).append(quad)
    return found


def values(said: list[Said], subject: str, predicate: str) -> set[str]:
    """The objects of a subject and predicate, in any graph."""
    return {q.object for q in said if (q.subject, q.predicate) == (subject, predicate)}


def faults(trig: bytes) -> list[str]:
    """What the Nanopublication Guidelines' section on well-formedness finds wrong."""
    said = quads(trig)
    heads = [q for q in said if q[2:] == (names.TYPE, names.NP + "Nanopublication")]
    if len(heads) != 1:
        return ["there is not exactly one nanopublication"]
    this, head = heads[0].subject, heads[0].graph
    parts = [
        q.object
        for part in _PARTS
        for q in said
        if (q.graph, q.subject, q.predicate) == (head, this, names.NP + part)
    ]
    if len(parts) != len(_PARTS) or len({this, head, *parts}) != 5:
        return ["there is not exactly one of each part, under names of their own"]
    return list(_unplaced(said, this, head, parts))


def _unplaced(said: list[Said], this: str, head: str, parts: list[str]) -> Iterator[str]:
    assertion, provenance, info = parts
    if {q.graph for q in said} != {head, *parts}:
        yield "a graph is empty, or a triple is in none of them"
    if sum(q.graph == head for q in said) != 4:
        yield "the head says more than it may"
    if not any(q.graph == provenance and assertion in q for q in said):
        yield "the provenance is not that of the assertion"
    if not any(q.graph == info and this in q for q in said):
        yield "the publication info is not that of the nanopublication"
    if any(node.startswith("_:") for q in said for node in q):
        yield "a node has no name"
