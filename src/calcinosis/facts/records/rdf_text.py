"""RDF of a file or a stream to statements, within limits; nothing is fetched for it.

Turtle, TriG, N-Triples, N-Quads, RDF/XML and JSON-LD; what is in named graphs counts as said.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any, Final
from xml.parsers import expat

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from calcinosis.errors import InputError
from calcinosis.facts import limits
from calcinosis.facts.boundary import foreign

Node = str | Literal | Triple
"""An IRI; a blank node, which begins with ``_:``; a literal; or a statement that is spoken of."""
Statement = tuple[str, str, Node]

_BY_NAME: Final = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".jsonld": RdfFormat.JSON_LD,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
}
UNNAMED: Final = "_:~"
"""How a blank node without a name begins; what follows is its number."""
_CURE: Final = "Mend it there; rapper, riot or Protégé show the same place"
_XML: Final = re.compile(r"\s*<(\?xml|!DOCTYPE|rdf:RDF)", re.IGNORECASE)
_PASSED: Final = re.compile(r"(?:\s|#[^\n]*+(?:\n|\Z))*+")
_SUBJECT: Final = r"(?:<[^<>\"{}|^`\\\s]*+>|_:\S++)"
_QUAD: Final = re.compile(rf"{_SUBJECT}\s*+<[^<>\s]*+>\s*+[^\n]*\.[ \t\r]*+(?:#[^\n]*+)?(?:\n|\Z)")
_TURTLE: Final = re.compile(
    rf"@(?:prefix|base|version)\b|(?:PREFIX\s++[\w.-]*+:\s*+<|BASE\s++<|GRAPH\s++<)"
    rf"|{_SUBJECT}\s*+(?:<|a\s|[\w.-]*+:)|\[\s*+\]\s*+(?:<|a\s|[\w.-]*+:)",
    re.IGNORECASE,
)
_ANONYMOUS: Final = re.compile(r"[0-9a-f]{24,32}\Z")  # a name that the parser made up


def told(text: str) -> RdfFormat | None:
    """The form of RDF that a text begins as, other than JSON-LD; None if it is none.

    >>> told("# of a clinic" + chr(10) + "@prefix calc: <https://w3id.org/calcinosis/> .").name
    'TriG'
    """
    if _XML.match(text):
        return RdfFormat.RDF_XML
    passed = _PASSED.match(text)
    start = passed.end() if passed else 0
    if _QUAD.match(text, start):
        return RdfFormat.N_QUADS
    return RdfFormat.TRIG if _TURTLE.match(text, start) else None


def form_of(suffix: str, text: str) -> RdfFormat:
    """The form of RDF in a file, by its ending, or by its content where that says none."""
    by_name = _BY_NAME.get(suffix.casefold())
    if by_name is not None and not (by_name != RdfFormat.RDF_XML and _XML.match(text)):
        return by_name
    if by_name is None and text.lstrip()[:1] in ("{", "["):
        return told(text) or RdfFormat.JSON_LD
    return told(text) or RdfFormat.TURTLE


def statements(text: str, form: RdfFormat, where: str) -> list[Statement]:
    """The statements of a text in order; blank nodes without a name are numbered.

    InputError, with the line where that is known, for what is no such RDF, would be fetched from
    elsewhere, declares a document type, or holds too much.
    """
    if form == RdfFormat.RDF_XML:
        _check_xml(text, where)
    named = _named()
    clock = limits.Clock(where, limits.AS_PARTS)
    with foreign("the RDF", where, _CURE):
        try:
            quads = islice(parse(input=text, format=form), limits.STATEMENTS + 1)
            found = [(named(q.subject), q.predicate.value, named(q.object)) for q in quads]
        except SyntaxError as error:
            raise _broken(error, form, where) from error
    clock.check()
    if len(found) > limits.STATEMENTS:
        raise limits.exceeded("it has", limits.STATEMENTS, "statements", where, limits.AS_PARTS)
    return found


def _named() -> Callable[[Any], Any]:
    made_up: dict[str, str] = {}

    def named(node: Any) -> Any:
        if isinstance(node, NamedNode):
            return node.value
        if not isinstance(node, BlankNode):
            return node
        if not _ANONYMOUS.match(node.value):
            return f"_:{node.value}"
        return made_up.setdefault(node.value, f"{UNNAMED}{len(made_up) + 1}")

    return named


def _broken(error: SyntaxError, form: RdfFormat, where: str) -> InputError:
    said = " ".join(str(error.msg).split())
    if "LoadDocumentCallback" in said or "remote context" in said:
        what = "its JSON-LD names a context that would have to be fetched"
        return InputError(what, where, "Put the context itself into the file: nothing is fetched")
    place = f"{where}, line {error.lineno}" if error.lineno else where
    said = re.sub(r"^Parser error at line \d+ (?:between )?columns? [\d and]+: ", "", said)
    return InputError(f"this is no {form.name}: {said}", place, _CURE)


def _check_xml(text: str, where: str) -> None:
    """Refuse a document type, which could stand for any text, and what is no XML, with its line."""
    data = text.encode("utf-8", "replace")
    parser = expat.ParserCreate("utf-8")

    def doctype(*_declared: Any) -> None:
        line = parser.CurrentLineNumber
        cure = "Leave it out, with what its entities stand for written out"
        raise InputError("it declares a document type", f"{where}, line {line}", cure)

    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        what = f"this is no XML: {expat.errors.messages[error.code]}"
        raise InputError(what, f"{where}, line {error.lineno}", _CURE) from error
