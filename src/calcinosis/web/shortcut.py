"""Addresses that programs ask by the thousand: past the routes, straight to who answers them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from calcinosis.errors import CalcinosisError
from calcinosis.web.answering import Handler
from calcinosis.web.refusals import answer_ours


class Shortcut:
    """Asks the handler of a path itself; all other paths go through the application."""

    def __init__(self, app: ASGIApp, handlers: Mapping[str, Handler]) -> None:
        self._app = app
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; errors that are no refusals are the shield's."""
        handler = None
        if scope["type"] == "http" and not scope.get("root_path"):
            handler = self._handlers.get(scope["path"])
        if handler is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await handler(request)
        except CalcinosisError as error:
            response = await answer_ours(request, error)
        await response(scope, receive, send)
