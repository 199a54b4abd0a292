"""The server as an ASGI application: its routes, and the processes that live as long as it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from calcinosis.api import KnowledgeGraph
from calcinosis.output.markup import tag
from calcinosis.output.site.frame import page
from calcinosis.output.site.links import Links
from calcinosis.web import api, clerk, describe, sparql, store
from calcinosis.web.children import Pool
from calcinosis.web.refusals import HANDLERS
from calcinosis.web.room import Room
from calcinosis.web.shield import Shield
from calcinosis.web.state import Bounds, Site, site


def application(
    kg: KnowledgeGraph,
    bounds: Bounds | None = None,
    worker: Sequence[str] | None = None,
    *,
    hosts: Collection[str] = (),
    logs: bool = False,
) -> Starlette:
    """The server of one loaded graph; the processes start with it.

    ``worker`` is the command line of another process than that of the graph to answer queries,
    ``hosts`` are names under which it may be asked beside the loopback's, and ``logs`` says whether
    a line a request goes to standard error.
    """
    bounds = bounds or Bounds()

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncGenerator[None]:
        room = Room()
        queries = Pool(worker or kg.worker, most=bounds.processes, waiting=bounds.waiting)
        clerks = Pool(clerk.command(kg, room.path), most=bounds.clerks, long=bounds.seconds)
        app.state.site = Site(kg, queries, clerks, bounds, Links())
        app.state.room = room
        try:
            await asyncio.gather(queries.start(), clerks.start())
            yield
        finally:
            await queries.close()
            await clerks.close()
            room.close()

    shield = Middleware(Shield, bounds, hosts=hosts, logs=logs)
    return Starlette(
        routes=_routes(), lifespan=living, middleware=[shield], exception_handlers=HANDLERS
    )


def _routes() -> list[BaseRoute]:
    """All routes; what stands first is asked first, terms last."""
    return [
        Route("/", _home),
        *sparql.ROUTES,
        *store.ROUTES,
        *describe.ROUTES,
        *api.routes(),
    ]


async def _home(request: Request) -> HTMLResponse:
    return HTMLResponse(page("calcinosis", tag("h1", "calcinosis"), links=site(request).links))
