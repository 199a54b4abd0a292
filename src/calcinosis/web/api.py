"""The API: its calls in one table, and the routes that are made from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from calcinosis.web import api_cases, api_document, api_lookups
from calcinosis.web.api_call import Call

CALLS: Final = (*api_lookups.CALLS, *api_cases.CALLS)


def calls() -> list[Call]:
    """All calls, each named look-up with its own."""
    return [*CALLS, *map(api_lookups.call_of, api_lookups.look_ups())]


def routes() -> list[BaseRoute]:
    """The routes of the API."""
    paths = {call.path.replace("{name}", "{name:path}"): call for call in CALLS}
    return [
        Route("/api", api_document.page_of(calls), methods=["GET"]),
        Route("/api/openapi.json", api_document.document_of(calls), methods=["GET"]),
        Route("/api/query/{name}", api_lookups.query, methods=["GET"]),
        *(Route(path, _endpoint(call), methods=[call.method]) for path, call in paths.items()),
    ]


def _endpoint(call: Call) -> Callable[[Request], Awaitable[Response]]:
    async def with_body(request: Request) -> Response:
        return await api_cases.answer(request, call)

    async def without(request: Request) -> Response:
        return await call.answer(request, call.read(request))

    return with_body if call.takes else without
