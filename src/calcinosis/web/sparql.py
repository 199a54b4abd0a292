"""The SPARQL endpoint: the query part of the SPARQL 1.1 Protocol at ``/sparql``.

A query comes by GET, as a form, or as the body of a POST; what would change the graph is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from calcinosis.errors import quoted
from calcinosis.web import editor
from calcinosis.web.answering import ALL_METHODS, Handler, allowed, answered, open_to_all
from calcinosis.web.describe import service
from calcinosis.web.forms import GRAPHS, TABLES, wanted
from calcinosis.web.negotiate import best
from calcinosis.web.refusals import RefusedError

FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST")
_FIELDS: Final = 1000
_FORMAT: Final = ("format", "output", "results")  # all three are in use elsewhere
_SEND: Final = "Send one as the parameter query"
_HTML: Final = "text/html"
_ANY: Final = (*TABLES, *GRAPHS, _HTML)
_READ_ONLY: Final = ("this endpoint changes nothing", "Ask by SELECT, ASK, CONSTRUCT or DESCRIBE")


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks: a query, the graphs that it is about if it names any, and a format."""

    query: str | None
    default: tuple[str, ...]
    named: tuple[str, ...]
    form: str | None


async def sparql(request: Request) -> Response:
    """The endpoint: answers to queries, and without one what it is."""
    if request.method == "OPTIONS":
        return allowed(METHODS)
    if request.method not in METHODS:
        what, cure = _READ_ONLY
        raise RefusedError(405, what, "", cure, {"Allow": ", ".join(METHODS)})
    question = await _read(request)
    if question.query is None:
        return await _described(request, question)
    if _is_for_people(request, question):
        return await editor.answered(request, question.query)
    form = wanted(request.headers.get("accept"), question.form)
    graphs = {"default": question.default, "named": question.named}
    return await answered(request, {"query": question.query, **graphs}, form)


def _is_for_people(request: Request, question: Question) -> bool:
    """Whether a browser shows the answer: then the page of the editor holds it."""
    if question.form is not None or question.default or question.named:
        return False
    return best(request.headers.get("accept"), _ANY) == _HTML


async def _described(request: Request, question: Question) -> Response:
    """The page with the editor, or the description of the service."""
    accept = request.headers.get("accept")
    if question.form is None and best(accept, (*GRAPHS, _HTML)) == _HTML:
        return await editor.page(request)
    return await answered(request, service(request), wanted(accept, question.form))


def _changes(status: int) -> RefusedError:
    what, cure = _READ_ONLY
    return RefusedError(status, what, "", cure)


# -- what is asked -----------------------------------------------------------------------------


async def _read(request: Request) -> Question:
    """The question of a request; RefusedError for what is none."""
    fields = _fields(request.scope["query_string"])
    if request.method != "POST":
        return _question(fields)
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    kind = kind.strip()
    if kind == UPDATE:
        raise _changes(415)
    if kind not in (FORM, DIRECT):
        sent = f"{quoted(kind)} is no form" if kind else "the request says no Content-Type"
        raise RefusedError(415, f"{sent} in which queries come", "", f"Send {FORM} or {DIRECT}")
    _check_charset(parameters)
    body = await request.body()
    asked = _question([*fields, *_fields(body)]) if kind == FORM else _question(fields, _text(body))
    if asked.query is None:
        raise RefusedError(400, "there is no query", "", _SEND)
    return asked


def _check_charset(parameters: str) -> None:
    """Refuse what is not UTF-8."""
    charset = parameters.partition("charset=")[2].partition(";")[0].strip('" ')
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise RefusedError(415, f"a query in {quoted(charset)} is not read", "", "Send UTF-8")


def _fields(text: bytes) -> list[tuple[str, str]]:
    if not text:
        return []
    decoded = _text(text)
    try:
        return parse_qsl(decoded, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError as error:
        what = f"the parameters cannot be read ({error})"
        raise RefusedError(400, what, "", "Encode them as UTF-8, percent-encoded") from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(400, "the query is not UTF-8", "", "Send UTF-8") from error


def _question(fields: list[tuple[str, str]], direct: str | None = None) -> Question:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    if "update" in found:
        raise _changes(400)
    queries = [*found.get("query", ()), *([] if direct is None else [direct])]
    if len(queries) > 1:
        raise RefusedError(400, "there is more than one query", "", "Send one at a time")
    query = queries[0] if queries else None
    if query is not None and not query.strip():
        raise RefusedError(400, "the query is empty", "", _SEND)
    default, named = (tuple(found.get(f"{kind}-graph-uri", ())) for kind in ("default", "named"))
    form = next((found[name][-1] for name in _FORMAT if name in found), None)
    return Question(query, default, named, form)


STRAIGHT: Final[Mapping[str, Handler]] = {"/sparql": open_to_all(sparql)}
ROUTES: Final[tuple[BaseRoute, ...]] = tuple(
    Route(path, handler, methods=ALL_METHODS) for path, handler in STRAIGHT.items()
)
