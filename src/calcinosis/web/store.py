"""The graphs themselves: the read side of the SPARQL 1.1 Graph Store HTTP Protocol.

``/graph/ontology`` is a graph by its name, ``/graphs?graph=IRI`` by its IRI; ``/graphs?default`` is
what a query sees without GRAPH, and ``/graphs`` alone all graphs as quads.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from calcinosis.web.answering import ALL_METHODS, allowed, answered, open_to_all
from calcinosis.web.forms import DATASETS, Wanted, wanted
from calcinosis.web.negotiate import best
from calcinosis.web.refusals import RefusedError

METHODS: Final = ("GET", "HEAD", "OPTIONS")
_DEFAULT: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


async def direct(request: Request) -> Response:
    """A graph by its name."""
    return await _sent(request, {"store": f"graph/{request.path_params['name']}"})


async def indirect(request: Request) -> Response:
    """A graph by its IRI, what queries see by default, or all graphs."""
    asked = request.query_params
    named = asked.getlist("graph")
    if len(named) + ("default" in asked) > 1 or "" in named:
        raise RefusedError(400, "name one graph", "", "Send ?graph=IRI or ?default")
    if "default" in asked:
        return await _sent(request, {"query": _DEFAULT})
    return await _sent(request, {"store": named[0] if named else ""})


async def _sent(request: Request, question: dict[str, Any]) -> Response:
    if request.method == "OPTIONS":
        return allowed(METHODS)
    if request.method not in METHODS:
        what, cure = "the graphs are only read here", "Send GET or HEAD"
        raise RefusedError(405, what, "", cure, {"Allow": ", ".join(METHODS)})
    accept, form = request.headers.get("accept"), request.query_params.get("format")
    found = wanted(accept, form)
    if question.get("store") == "":
        found = _of_all(accept, found if form else None)
    return await answered(request, question, found)


def _of_all(accept: str | None, chosen: Wanted | None) -> Wanted:
    """Forms that can say which graph a triple is in."""
    if chosen is None:
        return Wanted("", best(accept, tuple(DATASETS)) or "")
    return Wanted("", chosen.graph if chosen.graph in DATASETS else "")


ROUTES: Final[tuple[BaseRoute, ...]] = (
    Route("/graphs", open_to_all(indirect), methods=ALL_METHODS),
    Route("/graph/{name:path}", open_to_all(direct), methods=ALL_METHODS),
)
