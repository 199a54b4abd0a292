"""The server as an ASGI application: its routes, and the processes that live as long as it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from calcinosis.api import KnowledgeGraph
from calcinosis.output.markup import tag
from calcinosis.output.site.frame import page
from calcinosis.output.site.links import Links
from calcinosis.web import clerk, describe, sparql, store
from calcinosis.web.children import Pool
from calcinosis.web.state import Bounds, Site, site


def application(
    kg: KnowledgeGraph, bounds: Bounds | None = None, worker: Sequence[str] | None = None
) -> Starlette:
    """The server of one loaded graph; the processes start with it.

    ``worker`` is the command line of another process than that of the graph to answer queries.
    """
    bounds = bounds or Bounds()
    queries = Pool(worker or kg.worker, most=bounds.processes, waiting=bounds.waiting)
    clerks = Pool(clerk.command(kg, Path(tempfile.mkdtemp())), most=4)

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncGenerator[None]:
        app.state.site = Site(kg, queries, clerks, bounds, Links())
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
    return [
        Route("/", _home),
        *sparql.ROUTES,
        *store.ROUTES,
        *describe.ROUTES,
    ]


async def _home(request: Request) -> HTMLResponse:
    return HTMLResponse(page("calcinosis", tag("h1", "calcinosis"), links=site(request).links))
