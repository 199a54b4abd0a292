"""The page for one patient: what its form is sent to, and what is carried away from there."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from calcinosis.output.site.carried import OF_PATIENT
from calcinosis.web.sent import Sent, ask, sent

_PARTS: Final = ("page", "body", "result")


async def _page(request: Request) -> Response:
    """The page; a script asks for a part of it by a field, and puts that in place."""
    found = await sent(request) if request.method == "POST" else Sent()
    part = dict(found.fields).get("part", "page")
    return await _asked(request, found, part if part in _PARTS else "page")


async def _carried(request: Request) -> Response:
    return await _asked(request, await sent(request), request.url.path.rpartition("/")[2])


async def _asked(request: Request, found: Sent, part: str) -> Response:
    files = [one for one in found.files if one["field"] == "file"][:1]
    return await ask(request, "patient", fields=found.fields, files=files, part=part)


async def _words(request: Request) -> Response:
    response = await ask(request, "patient words")
    response.headers["Cache-Control"] = "max-age=3600"
    return response


ROUTES: Final = [
    Route("/patient", _page, methods=["GET", "POST"]),
    Route("/patient/words.json", _words),
    *(Route(f"/patient/{kind}", _carried, methods=["POST"]) for kind in OF_PATIENT),
]
