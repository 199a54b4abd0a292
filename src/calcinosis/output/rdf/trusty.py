"""Trusty URIs: a resource whose name ends with the hash of what is said in it.

Module RA of the Trusty URI specification, version 1. While a set of statements is put together,
its own IRI ends with a blank where the hash will stand: the specification hashes it in that form.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

Node = str | Literal
Statement = tuple[str, str, str, Node]
"""Graph, subject, predicate, object; IRIs as text."""

BLANK: Final = " "


def normalised(statements: Iterable[Statement]) -> str:
    """The statements as the specification writes them down to be hashed or signed."""
    return "".join(map(_written, sorted(set(statements), key=_order)))


def code(normalised: str) -> str:
    """The artifact code of normalised statements: RA and 43 characters."""
    digest = hashlib.sha256(normalised.encode()).digest()
    return "RA" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def filled(statement: Statement, artifact: str) -> Quad:
    """The statement as RDF, with the artifact code where the blank stood."""
    graph, subject, predicate, target = statement
    return Quad(
        _node(subject, artifact),
        _node(predicate, artifact),
        _node(target, artifact) if isinstance(target, str) else target,
        _node(graph, artifact),
    )


def _node(iri: str, artifact: str) -> NamedNode:
    return NamedNode(iri.replace(BLANK, artifact))


def _order(statement: Statement) -> tuple[str, ...]:
    *names, target = statement
    if isinstance(target, str):
        return (*names, "", target)
    datatype = "" if target.language else target.datatype.value
    return (*names, "literal", target.value, datatype, target.language or "")


def _written(statement: Statement) -> str:
    *names, target = statement
    return "\n".join((*names, target if isinstance(target, str) else _literal(target), ""))


def _literal(literal: Literal) -> str:
    text = literal.value.replace("\\", "\\\\").replace("\n", "\\n")
    if literal.language:
        return f"@{literal.language.lower()} {text}"
    return f"^{literal.datatype.value} {text}"
