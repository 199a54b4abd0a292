"""The server as an ASGI application: its routes, and the processes that live as long as it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from calcinosis.api import KnowledgeGraph
from calcinosis.output.site.frame import edition
from calcinosis.output.site.links import Links
from calcinosis.web import (
    api,
    clerk,
    cohort,
    describe,
    editor,
    pages,
    patient,
    sparql,
    store,
    tables,
)
from calcinosis.web.children import Pool
from calcinosis.web.exports import Exports
from calcinosis.web.refusals import HANDLERS
from calcinosis.web.room import Room
from calcinosis.web.shield import Shield
from calcinosis.web.shortcut import Shortcut
from calcinosis.web.state import Bounds, Site


def application(
    kg: KnowledgeGraph,
    bounds: Bounds | None = None,
    worker: Sequence[str] | None = None,
    *,
    hosts: Collection[str] = (),
    logs: bool = False,
) -> Starlette:
    """The server of one loaded graph; its processes start with it.

    Requests that need none are answered at once, others when ``state.starting`` is done.

    ``worker`` is the command line of another process than that of the graph to answer queries,
    ``hosts`` are names under which it may be asked beside the loopback's, and ``logs`` says whether
    a line a request goes to standard error.
    """
    links = Links(edition=edition(kg.ontology))
    bounds = bounds or Bounds()

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncGenerator[None]:
        room = Room()
        queries = Pool(
            worker or kg.worker,
            most=bounds.processes,
            ready=bounds.ready,
            waiting=bounds.waiting,
        )
        judging = clerk.command(kg, room.path)
        clerks = Pool(
            judging,
            most=bounds.clerks,
            ready=min(2, bounds.ready),
            long=bounds.seconds,
            gone=room.leave,
        )
        app.state.site = Site(kg, queries, clerks, bounds, links)
        app.state.room = room
        app.state.exports = Exports(lambda: Pool(judging, most=1, gone=room.leave))
        app.state.starting = starting = asyncio.create_task(_start(queries, clerks))
        try:
            yield
        finally:
            starting.cancel()
            await asyncio.wait([starting])
            await app.state.exports.close()
            await queries.close()
            await clerks.close()
            room.close()

    shield = Middleware(Shield, bounds, hosts=hosts, logs=logs)
    straight = Middleware(Shortcut, sparql.STRAIGHT)
    return Starlette(
        routes=_routes(),
        lifespan=living,
        middleware=[shield, straight],
        exception_handlers=HANDLERS,
    )


async def _start(*pools: Pool) -> None:
    async with asyncio.TaskGroup() as group:
        for pool in pools:
            group.create_task(pool.start())


def _routes() -> list[BaseRoute]:
    """All routes; what stands first is asked first, terms last."""
    return [
        *sparql.ROUTES,
        *store.ROUTES,
        *describe.ROUTES,
        *api.routes(),
        *patient.ROUTES,
        *cohort.ROUTES,
        *tables.routes(),
        *editor.routes(),
        *pages.routes(),
    ]
