"""The server as an ASGI application: its routes, and the processes that live as long as it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from calcinosis.api import KnowledgeGraph
from calcinosis.output.markup import tag
from calcinosis.output.site.frame import page
from calcinosis.output.site.links import Links
from calcinosis.web import clerk
from calcinosis.web.children import Pool
from calcinosis.web.state import Bounds, Site, site


def application(kg: KnowledgeGraph, bounds: Bounds | None = None) -> Starlette:
    """The server of one loaded graph; the processes start with it."""
    queries, clerks = Pool(kg.worker), Pool(clerk.command(kg.ontology.settings), most=2)

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncGenerator[None]:
        app.state.site = Site(kg, queries, clerks, bounds or Bounds(), Links())
        await queries.start()
        await clerks.start()
        try:
            yield
        finally:
            await queries.close()
            await clerks.close()

    return Starlette(routes=_routes(), lifespan=living)


def _routes() -> list[BaseRoute]:
    """All routes; what stands first is asked first, terms last."""
    return [Route("/", _home)]


async def _home(request: Request) -> HTMLResponse:
    return HTMLResponse(page("calcinosis", tag("h1", "calcinosis"), links=site(request).links))
