"""What an endpoint sent, as an answer: a whole SPARQL result of bounded size, or an error.

The parsers are quick and take what they get: a few hundred bytes of XML entities grow without
bound, and triples within triples without end stop the interpreter. So these are refused unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from html import unescape
from typing import Final

from pyoxigraph import Quad, QueryResultsFormat, RdfFormat, Triple, parse, parse_query_results

from calcinosis.graph import syntax
from calcinosis.graph.query import collected
from calcinosis.graph.results import Answer, Graph
from calcinosis.graph.transport import LARGEST, AnswerError, Response

_TABLES: Final = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
_GRAPHS: Final = {
    "text/turtle": RdfFormat.TURTLE,
    "application/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
}
_ENDLESS: Final = (QueryResultsFormat.TSV, *_GRAPHS.values())  # half of it is well-formed too
_QUOTED: Final = re.compile(rb'<<|[<:]triple|"triple"|\\u00[67]')
_MOST_QUOTED: Final = 1000
_MOST_ROWS: Final = 2_000_000  # each takes some hundred bytes, also where it is empty
_TAGS: Final = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_READ: Final = 2000  # of a text that is shown: unclosed tags cost the square of it
_PARTIAL: Final = {
    "X-SPARQL-MaxRows": "Ask for fewer rows at a time, with ORDER BY, LIMIT and OFFSET",
    "X-SQL-State": "Ask for less, or ask again",
}
"""Headers of Virtuoso beside an answer that it cut at a number of rows or at its time limit."""
_ADDRESS: Final = "Check that this is the address for queries"


def answer(response: Response, form: str, query: str) -> Answer:
    """The answer of a service that sent it with status 200; AnswerError if it is none."""
    for header, cure in _PARTIAL.items():
        if header in response.headers:
            raise AnswerError(f"it is a part of an answer ({header})", cure)
    body, kind = response.body, _media_type(response.headers)
    known: dict[str, QueryResultsFormat] | dict[str, RdfFormat]
    known = _TABLES if form in (syntax.SELECT, syntax.ASK) else _GRAPHS
    if kind not in known:
        raise AnswerError(_instead(kind, body), _ADDRESS)
    read_as = known[kind]
    if read_as in _ENDLESS and not response.framed:
        raise AnswerError("nothing tells where its answer ends", "Ask another service")
    _refuse_traps(kind, body)
    try:
        return _read(read_as, body, form, query)
    except (SyntaxError, ValueError, OSError) as error:
        said = f"its answer is cut off or malformed ({short(str(error))})"
        raise AnswerError(said, "Ask again") from error


def _refuse_traps(kind: str, body: bytes) -> None:
    rows = max(map(body.count, (b"{", b"<", b"\n")))
    if rows > _MOST_ROWS:
        raise AnswerError(f"its answer has more than {_MOST_ROWS:,} rows and cells", "Ask for less")
    if kind.endswith("xml") and b"<!DOCTYPE" in body:
        raise AnswerError("its answer declares entities (DOCTYPE), which no result needs", _ADDRESS)
    quoted = sum(1 for _ in zip(_QUOTED.finditer(body), range(_MOST_QUOTED + 1), strict=False))
    if quoted > _MOST_QUOTED:
        raise AnswerError(
            f"its answer has more than {_MOST_QUOTED:,} triples within triples", "Ask for less"
        )


def _read(read_as: QueryResultsFormat | RdfFormat, body: bytes, form: str, query: str) -> Answer:
    if isinstance(read_as, QueryResultsFormat):
        found = collected(parse_query_results(body, format=read_as), query)
        if isinstance(found, bool) != (form == syntax.ASK):
            raise ValueError("it is of the other form")
        return found
    triples = {Triple(q.subject, q.predicate, q.object) for q in _bounded(read_as, body)}
    return Graph(tuple(sorted(triples, key=str)))


def _bounded(read_as: RdfFormat, body: bytes) -> Iterator[Quad]:
    """The quads, which long prefixes may make much larger than what was sent."""
    size = 0
    for quad in parse(body, format=read_as):
        size += len(str(quad))
        if size > LARGEST:
            raise AnswerError(f"its answer is larger than {LARGEST >> 20} MiB", "Ask for less")
        yield quad


def _instead(kind: str, body: bytes) -> str:
    text = short(body[:_READ].decode("utf-8", "replace"))
    shown = short(kind) or "something without a media type"
    page = "a web page" if "html" in kind else shown
    return f"the answer is {page} and no SPARQL result" + (f" ({text})" if text else "")


def short(text: str) -> str:
    """The beginning of a text from elsewhere, without markup and control characters."""
    plain = unescape(_TAGS.sub(" ", text[:_READ]))
    plain = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    return plain if len(plain) <= 160 else plain[:159] + "\u2026"


def _media_type(headers: Message) -> str:
    """What a service calls its answer; empty if it says nothing."""
    return headers.get_content_type() if headers.get("Content-Type") else ""
