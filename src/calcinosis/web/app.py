"""The server as an ASGI application: its routes, and the processes that live as long as it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from calcinosis.api import KnowledgeGraph
from calcinosis.output.site.frame import edition
from calcinosis.output.site.links import Links
from calcinosis.web import clerk, describe, editor, pages, sparql, store, tables
from calcinosis.web.children import Pool
from calcinosis.web.state import Bounds, Site


def application(
    kg: KnowledgeGraph, bounds: Bounds | None = None, worker: Sequence[str] | None = None
) -> Starlette:
    """The server of one loaded graph; the processes start with it.

    ``worker`` is the command line of another process than that of the graph to answer queries.
    """
    links = Links(edition=edition(kg.ontology))
    queries = Pool(worker or kg.worker)
    clerks = Pool(clerk.command(kg, Path(tempfile.mkdtemp())), most=4)

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncGenerator[None]:
        app.state.site = Site(kg, queries, clerks, bounds or Bounds(), links)
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
        *sparql.ROUTES,
        *store.ROUTES,
        *describe.ROUTES,
        *tables.routes(),
        *editor.routes(),
        *pages.routes(),
    ]
