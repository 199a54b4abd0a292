"""The least that answers queries over HTTP: one handler, and the store in the same process.

python -m benchmarks.bare_server PORT
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from pyoxigraph import QueryResultsFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import calcinosis
from calcinosis.graph.query import Engine

JSON = "application/sparql-results+json"


def main() -> None:
    """Serve until it is ended."""
    store = Engine(calcinosis.load().ontology.source).store

    async def answer(request: Request) -> Response:
        found: Any = store.query(request.query_params["query"], use_default_graph_as_union=True)
        return Response(found.serialize(format=QueryResultsFormat.JSON), media_type=JSON)

    app = Starlette(routes=[Route("/sparql", answer)])
    uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", access_log=False)


if __name__ == "__main__":
    main()
