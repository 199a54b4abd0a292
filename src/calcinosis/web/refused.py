"""What the server says where it has no answer: one short text, or JSON (RFC 9457) by ``Accept``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, Response

from calcinosis.errors import CalcinosisError, UsageError, visible
from calcinosis.web.negotiate import best

_TEXT: Final = "text/plain"
_PROBLEM: Final = "application/problem+json"
_JSON: Final = (_PROBLEM, "application/json", "application/sparql-results+json")


def refused(
    request: HTTPConnection,
    status: int,
    what: CalcinosisError | str,
    cure: str = "",
    **headers: str,
) -> Response:
    """The answer to what is not answered: what was wrong, where, and the cure.

    Headers are given with ``_`` for ``-``.
    """
    error = what if isinstance(what, CalcinosisError) else UsageError(what, "", cure)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    told |= {"Cache-Control": "no-store"}
    wanted = best(request.headers.get("accept"), (_TEXT, *_JSON))
    if wanted not in _JSON:
        return PlainTextResponse(f"{visible(str(error))}\n", status, told)
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": visible(error.line),
        "what": visible(error.what),
        "where": visible(error.where),
        "cure": visible(error.cure),
        "excerpt": visible(error.excerpt),
    }
    said = {name: value for name, value in problem.items() if value}
    return JSONResponse(said, status, told, media_type=_PROBLEM)


class RefusedError(Exception):
    """A request that is refused with a status; ``response`` is what is sent."""

    def __init__(self, status: int, what: CalcinosisError | str, cure: str = "") -> None:
        super().__init__(status, what, cure)

    def response(self, request: HTTPConnection) -> Response:
        """The answer to the request."""
        return refused(request, *self.args)
