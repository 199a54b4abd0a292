"""What is said where a request is not answered, in the form that the client reads.

Programs get a problem (RFC 9457), browsers a page of the site, curl and its like text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from calcinosis.errors import CalcinosisError, OurFaultError, UnknownNameError, UsageError, visible
from calcinosis.output.site.frame import PLACES
from calcinosis.output.site.refused import refused_page
from calcinosis.output.wording import capital
from calcinosis.web.children import UnansweredError
from calcinosis.web.negotiate import best
from calcinosis.web.state import site
from calcinosis.web.unanswered import Reason, reason
from calcinosis.web.unanswered import too_much as why_too_much
from calcinosis.web.wording import over_http, place

PROBLEM: Final = "application/problem+json"
_TEXT, _HTML = "text/plain", "text/html"
_OFFERED: Final = (PROBLEM, "application/json", _HTML, _TEXT)
_FOR_PEOPLE: Final = ("curl/", "wget/", "httpie/")
RETRY: Final = 5
"""Seconds after which a client may ask again."""


class RefusedError(Exception):
    """A request that is not answered: the status, what is wrong, where, and the cure.

    They are said in the words of HTTP, where they speak of the command line.

    ``faults`` are those of single inputs, as ``Result.faults`` gives them; ``excerpt`` is the text
    at fault with a mark at the place. ``ways`` are paths of pages with words for them, where people
    may go on.
    """

    def __init__(
        self,
        status: int,
        what: str,
        where: str = "",
        cure: str = "",
        headers: Mapping[str, str] | None = None,
        faults: Sequence[Mapping[str, Any]] = (),
        excerpt: str = "",
        ways: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.status = status
        self.what = over_http(what)
        self.where = place(where)
        self.cure = over_http(cure)
        self.headers = dict(headers or {})
        self.faults = list(faults)
        self.excerpt = excerpt
        self.ways = tuple(ways)
        super().__init__(what)

    @property
    def line(self) -> str:
        """What is wrong, where, and the cure."""
        return _line(self.what, self.where, self.cure)


def of_error(error: CalcinosisError) -> RefusedError:
    """The refusal that tells of an error of ours."""
    if isinstance(error, OurFaultError):
        return fault()
    return told(type(error).__name__, error.what, error.where, error.cure)


def told(kind: str, what: str, where: str, cure: str) -> RefusedError:
    """The refusal that tells of an error by its kind."""
    statuses = {UsageError.__name__: 400, UnknownNameError.__name__: 404, "LimitError": 503}
    status = statuses.get(kind, 422)
    if kind in ("OntologyError", "MissingProgramError"):
        status = 501
    return RefusedError(status, what, where, cure)


SMALLER: Final = "Ask for less, or in smaller parts"
FEWER: Final = "Send fewer cases at once; the command line takes as many as there are"


def of_pool(
    error: UnansweredError, seconds: float, megabytes: int, cure: str = SMALLER
) -> RefusedError:
    """The refusal where no process answers; ``cure`` is of what takes too long or too much."""
    return _of(reason(error, seconds, megabytes, cure))


def too_much(megabytes: int, cure: str = SMALLER) -> RefusedError:
    """The refusal of what takes more memory than it may."""
    return _of(why_too_much(megabytes, cure))


def _of(why: Reason) -> RefusedError:
    headers = {"Retry-After": str(RETRY)} if why.status == 503 else {}
    return RefusedError(why.status, why.what, "", why.cure, headers)


def fault() -> RefusedError:
    """The refusal where our own code failed; what failed stands in the log."""
    cure = "It is no fault of the request: please report it"
    return RefusedError(500, "this program stumbled over it", "", cure)


async def answer_refused(request: Request, error: Exception) -> Response:
    """The answer to a request that is refused."""
    assert isinstance(error, RefusedError)
    return response(request, error)


async def answer_ours(request: Request, error: Exception) -> Response:
    """The answer to a request that ended in an error of ours."""
    assert isinstance(error, CalcinosisError)
    return response(request, of_error(error))


async def answer_http(request: Request, error: Exception) -> Response:
    """The answer where no route or no method fits."""
    assert isinstance(error, HTTPException)
    what, cure = _SAID.get(error.status_code, (str(error.detail), ""))
    found = RefusedError(error.status_code, what, "", cure, dict(error.headers or {}))
    return response(request, found)


_SAID: Final = {
    404: ("there is nothing at this address", "Begin at the home, or search"),
    405: ("this address does not take that method", "The header Allow says which it takes"),
}
HANDLERS: Final = {
    RefusedError: answer_refused,
    CalcinosisError: answer_ours,
    HTTPException: answer_http,
}


def response(request: Request, error: RefusedError) -> Response:
    """A refusal in the form that the client reads."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept, User-Agent", **error.headers}
    form = form_of(request)
    if form == _HTML:
        return HTMLResponse(_page(request, error), error.status, headers)
    if form == _TEXT:
        return PlainTextResponse(_text(error), error.status, headers)
    body = json.dumps(_problem(error), ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, error.status, headers, media_type=PROBLEM)


def form_of(request: Request) -> str:
    """The media type in which the client reads a refusal."""
    accept = request.headers.get("accept", "*/*").strip()
    agent = request.headers.get("user-agent", "").casefold()
    if accept in ("", "*/*") and agent.startswith(_FOR_PEOPLE):
        return _TEXT
    return best(accept, _OFFERED) or PROBLEM


def _title(error: RefusedError) -> str:
    try:
        return HTTPStatus(error.status).phrase
    except ValueError:
        return "Not answered"


def _problem(error: RefusedError) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "about:blank",
        "title": _title(error),
        "status": error.status,
        "detail": error.what,
    }
    more = {"where": error.where, "cure": error.cure, "faults": error.faults}
    more["excerpt"] = error.excerpt
    return found | {key: value for key, value in more.items() if value}


def _text(error: RefusedError) -> str:
    lines = [error.line]
    lines += error.excerpt.splitlines()
    lines += [_line(one["what"], one["where"], one["cure"]) for one in error.faults]
    return "".join(f"{visible(line)}\n" for line in lines)


def _line(what: str, where: str, cure: str) -> str:
    return CalcinosisError(what, where, cure).line


def _page(request: Request, error: RefusedError) -> str:
    faults = [_line(one["what"], one["where"], one["cure"]) for one in error.faults]
    lines = (capital(error.line), *faults)
    ways = (*error.ways, *_place_of(request.url.path))
    return refused_page(error.status, lines, error.excerpt, ways, site(request).links)


def _place_of(path: str) -> list[tuple[str, str]]:
    """The place that an address is a part of, such as the page whose form sends something there."""
    first = re.split(r"[/.]", path.lstrip("/"), maxsplit=1)[0]
    return [(name, words) for name, words, _ in PLACES if name == first]
