"""From a question to the process that answers, and from what it says to a response."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from calcinosis.errors import UsageError
from calcinosis.web.children import Said, UnansweredError
from calcinosis.web.forms import GRAPHS, TABLES, Wanted
from calcinosis.web.hangup import HungUpError, Watch
from calcinosis.web.negotiate import is_known, wants_gzip
from calcinosis.web.refusals import RefusedError, of_error, of_pool, response, told, too_much
from calcinosis.web.state import site
from calcinosis.web.unanswered import SMALLER_QUERY

OPEN: Final = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
"""Pages of anybody may read what anybody may read."""
Handler = Callable[[Request], Awaitable[Response]]


async def answered(request: Request, question: Mapping[str, Any], wanted: Wanted) -> Response:
    """The response to a question that a process for queries answers; RefusedError for none.

    HungUpError where the client is gone.
    """
    here = site(request)
    asked = {
        **question,
        **wanted.asked(),
        "memory": here.bounds.megabytes,
        "gzip": wants_gzip(request.headers.get("accept-encoding")),
    }
    watch = Watch(request)
    try:
        said = await here.queries.ask(asked, here.bounds.seconds, watch.begin)
    except asyncio.CancelledError as error:
        if watch.was_it():
            raise HungUpError from error
        raise
    except UnansweredError as error:
        raise of_pool(error, here.bounds.seconds, here.bounds.megabytes, SMALLER_QUERY) from error
    finally:
        watch.end()
    return _said(request, said, wanted)


def _said(request: Request, said: Said, wanted: Wanted) -> Response:
    head, body = said
    kind = head["kind"]
    if kind in ("table", "graph"):
        return _fine(request, head, body, wanted.media_type(kind))
    if kind == "error":
        *told_, excerpt = head["said"]
        found = told(head["error"], *told_)
        found.excerpt = excerpt
        raise found
    if kind == "too much":
        raise too_much(site(request).bounds.megabytes, SMALLER_QUERY)
    if kind == "absent":
        cure = "The description of /sparql names those that there are"
        raise RefusedError(404, "there is no such graph", "", cure)
    raise _unacceptable(head)


def _unacceptable(head: Mapping[str, Any]) -> RefusedError:
    if head["kind"] == "unwritable":
        what = f"this answer cannot be written as {head['form']} ({head['why']})"
        return RefusedError(406, what, "", "Ask for another form")
    is_table = head["was"] == "table"
    what = f"the answer is a {head['was']}, which none of the forms asked for can hold"
    known = ", ".join(TABLES if is_table else GRAPHS)
    return RefusedError(406, what, "Accept", f"There are {known}")


def _fine(request: Request, head: Mapping[str, Any], body: bytes, media_type: str) -> Response:
    tag = f'"{head["tag"]}"'
    headers = {"ETag": tag, "Vary": "Accept, Accept-Encoding", "Cache-Control": "no-cache", **OPEN}
    if is_known(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    if head.get("packed"):
        headers["Content-Encoding"] = "gzip"
    return Response(body, 200, headers, media_type)


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


def open_to_all(handler: Handler) -> Handler:
    """A handler whose answers, refusals too, pages of anybody may read."""

    async def handled(request: Request) -> Response:
        try:
            return await handler(request)
        except (RefusedError, UsageError) as error:
            refusal = error if isinstance(error, RefusedError) else of_error(error)
            found = response(request, refusal)
            found.headers.update(OPEN)
            return found

    return handled
