"""From a question to the process that answers, and from what it says to a response."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from calcinosis import errors
from calcinosis.errors import UsageError
from calcinosis.web.children import BusyError, DiedError, LateError, Said
from calcinosis.web.forms import GRAPHS, TABLES, Wanted
from calcinosis.web.hangup import HungUpError, while_connected
from calcinosis.web.negotiate import wants_gzip
from calcinosis.web.refused import refused
from calcinosis.web.state import site

OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, Content-Encoding",
}
"""Pages of anybody may read what anybody may read."""
_SMALLER: Final = "Ask for less: by more specific patterns, by LIMIT, or in smaller steps"
_OVERFLOWS: Final = (-signal.SIGSEGV, -getattr(signal, "SIGBUS", 0))
_HUNG_UP: Final = 499  # nobody reads it; the log of other servers knows it


async def answered(request: Request, question: Mapping[str, Any], wanted: Wanted) -> Response:
    """The response to a question that a process for queries answers."""
    here = site(request)
    asked = {
        **question,
        **wanted.asked(),
        "memory": here.bounds.megabytes,
        "gzip": wants_gzip(request.headers.get("accept-encoding")),
    }
    try:
        said = await while_connected(request, here.queries.ask(asked, here.bounds.seconds))
    except HungUpError:
        return Response(status_code=_HUNG_UP)
    except LateError:
        what = f"the query is not answered after {here.bounds.seconds:g} seconds"
        return _no(request, 504, what, _SMALLER)
    except BusyError:
        what = "the server has as much to do as it may"
        return _no(request, 503, what, "Ask again in a few seconds", Retry_After="5")
    except DiedError as error:
        return _died(request, error, here.bounds.megabytes)
    return _said(request, said, wanted)


def _died(request: Request, error: DiedError, megabytes: int) -> Response:
    if error.code == -signal.SIGABRT:  # how Oxigraph ends where it gets no memory
        return _too_much(request, megabytes)
    if error.code in _OVERFLOWS:
        return _no(request, 400, "the query is nested too deep", "Ask in smaller steps")
    what = "the process that was to answer has ended"
    return _no(request, 503, what, "Ask again", Retry_After="1")


def _said(request: Request, said: Said, wanted: Wanted) -> Response:
    head, body = said
    kind = head["kind"]
    if kind in ("table", "graph"):
        return _fine(request, head, body, wanted.media_type(kind))
    if kind == "error":
        error = getattr(errors, head["error"])(*head["said"])
        return _no(request, 400 if isinstance(error, UsageError) else 500, error)
    if kind == "too much":
        return _too_much(request, site(request).bounds.megabytes)
    if kind == "absent":
        return _no(request, 404, "there is no such graph", "The description of /sparql names all")
    return _no(request, 406, *_unacceptable(head))


def _unacceptable(head: Mapping[str, Any]) -> tuple[str, str]:
    if head["kind"] == "unwritable":
        return f"this answer cannot be written as {head['form']} ({head['why']})", "Ask for another"
    is_table = head["was"] == "table"
    known = ", ".join(TABLES if is_table else GRAPHS)
    return f"the answer is a {head['was']}, which is sent as none of these", f"There are: {known}"


def _fine(request: Request, head: Mapping[str, Any], body: bytes, media_type: str) -> Response:
    tag = f'"{head["tag"]}"'
    headers = {**OPEN, "ETag": tag, "Vary": "Accept, Accept-Encoding", "Cache-Control": "no-cache"}
    if _is_known(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    if head.get("packed"):
        headers["Content-Encoding"] = "gzip"
    return Response(body, 200, headers, media_type)


def _is_known(header: str | None, tag: str) -> bool:
    if not header:
        return False
    known = (one.strip().removeprefix("W/") for one in header.split(","))
    return any(one in (tag, "*") for one in known)


def _too_much(request: Request, megabytes: int) -> Response:
    what = f"the query or its answer takes more than {megabytes} MB of memory"
    return _no(request, 400, what, _SMALLER)


ALL_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH")
"""What a route must take to refuse it in its own words."""


def allowed(methods: tuple[str, ...]) -> Response:
    """The answer to OPTIONS: what may be asked, from pages of anybody too."""
    said = ", ".join(methods)
    headers = {
        **OPEN,
        "Allow": said,
        "Access-Control-Allow-Methods": said,
        "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, X-Requested-With",
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers=headers)


def opened(response: Response) -> Response:
    """The response, such that pages of anybody may read it."""
    response.headers.update(OPEN)
    return response


def _no(
    request: Request, status: int, what: errors.CalcinosisError | str, cure: str = "", **more: str
) -> Response:
    return opened(refused(request, status, what, cure, **more))
