"""The pages of tables: claims with facets, named look-ups, viewpoints side by side."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from calcinosis.errors import CalcinosisError, UsageError
from calcinosis.output.references import bibtex
from calcinosis.output.sheets import claim_tables
from calcinosis.output.site import associations
from calcinosis.output.site.facets import Choice, Claims
from calcinosis.web.state import site

_CSV = "text/csv; charset=utf-8; header=present"
_BIBTEX = "application/x-bibtex; charset=utf-8"


def routes() -> list[BaseRoute]:
    """The routes of these pages. Those without ``async`` work in threads of their own."""
    return [
        Route("/associations", _associations),
        Route("/associations.csv", _csv),
        Route("/associations.bib", _bib),
        Route("/heatmap", _heatmap),
    ]


# -- claims --------------------------------------------------------------------------------


def _table(request: Request) -> associations.Table:
    """The table of the claims, which is written once for a server."""
    state = request.app.state
    if not hasattr(state, "associations"):
        known = site(request)
        claims = Claims(known.kg.ontology, known.kg.lookups.lexicon)
        state.associations = associations.Table(claims, known.links)
    found: associations.Table = state.associations
    return found


def _given(request: Request) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return found


def _associations(request: Request) -> Response:
    table = _table(request)
    try:
        return HTMLResponse(table.page(table.claims.chosen(_given(request))))
    except UsageError as error:
        return HTMLResponse(table.page(Choice(), error.line), status_code=400)


def _heatmap(request: Request) -> Response:
    table = _table(request)
    try:
        return HTMLResponse(table.heatmap(table.claims.chosen(_given(request))))
    except UsageError as error:
        return HTMLResponse(table.page(Choice(), error.line), status_code=400)


def _csv(request: Request) -> Response:
    return _file(request, "csv")


def _bib(request: Request) -> Response:
    return _file(request, "bib")


def _file(request: Request, form: str) -> Response:
    """What the page shows for the same parameters, in its order, as a file to keep."""
    table = _table(request)
    try:
        choice = table.claims.chosen(_given(request))
    except CalcinosisError as error:
        return PlainTextResponse(f"{error.line}\n", status_code=400)
    selection = table.claims.selection(table.places(choice))
    if form == "csv":
        (parts,) = claim_tables.associations(selection).values()
        body, kind = b"".join(parts), _CSV
    else:
        body, kind = bibtex.write(selection.references).encode(), _BIBTEX
    named = {"Content-Disposition": f'attachment; filename="associations.{form}"'}
    return Response(body, media_type=kind, headers=named)
