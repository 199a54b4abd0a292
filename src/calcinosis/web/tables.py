"""The pages of tables: claims with facets, named look-ups, viewpoints side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from calcinosis.errors import CalcinosisError, UsageError, close_to, did_you_mean
from calcinosis.output.references import bibtex
from calcinosis.output.sheets import claim_tables
from calcinosis.output.site import associations, questions, viewpoints
from calcinosis.output.site.facets import Choice, Claims
from calcinosis.output.wording import capital
from calcinosis.web.asking import queried
from calcinosis.web.refusals import RefusedError
from calcinosis.web.state import Site, site
from calcinosis.web.wording import over_http, reworded

_CSV = "text/csv; charset=utf-8; header=present"
_BIBTEX = "application/x-bibtex; charset=utf-8"


def routes() -> list[BaseRoute]:
    """The routes of these pages. Those without ``async`` work in threads of their own."""
    return [
        Route("/associations", partial(_shown, page=associations.Table.page)),
        Route("/associations.csv", partial(_file, form="csv")),
        Route("/associations.bib", partial(_file, form="bib")),
        Route("/heatmap", partial(_shown, page=associations.Table.heatmap)),
        Route("/questions", _questions),
        Route("/questions/{name}", _question),
        Route("/viewpoints", _viewpoints),
    ]


# -- claims --------------------------------------------------------------------------------


def _table(here: Site) -> associations.Table:
    return associations.Table(Claims(here.kg.ontology, here.kg.lookups.lexicon), here.links)


def _given(request: Request) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return found


def _shown(request: Request, page: Callable[[associations.Table, Choice], str]) -> Response:
    table = site(request).once(_table)
    try:
        return HTMLResponse(page(table, table.claims.chosen(_given(request))))
    except UsageError as error:
        return HTMLResponse(table.page(Choice(), reworded(error).line), status_code=400)


def _file(request: Request, form: str) -> Response:
    """What the page shows for the same parameters, in its order, as a file to keep."""
    table = site(request).once(_table)
    try:
        choice = table.claims.chosen(_given(request))
    except UsageError as error:
        raise RefusedError(400, error.what, error.where, error.cure) from error
    selection = table.claims.selection(table.places(choice))
    if form == "csv":
        (parts,) = claim_tables.associations(selection).values()
        body, kind = b"".join(parts), _CSV
    else:
        body, kind = bibtex.write(selection.references).encode(), _BIBTEX
    named = {"Content-Disposition": f'attachment; filename="calcinosis-associations.{form}"'}
    return Response(body, media_type=kind, headers=named)


# -- look-ups ------------------------------------------------------------------------------


def _pages(here: Site) -> questions.Pages:
    return questions.Pages(here.kg.lookups, here.links)


def _questions(request: Request) -> Response:
    return HTMLResponse(site(request).once(_pages).all())


async def _question(request: Request) -> Response:
    asked, status = await _asked(request)
    html = await run_in_threadpool(site(request).once(_pages).one, asked)
    return HTMLResponse(html, status_code=status)


async def _asked(request: Request) -> tuple[questions.Asked, int]:
    """A look-up as the address asks it, and the status of its page."""
    known, name = site(request), request.path_params["name"]
    ask = known.kg.lookups
    given = dict(request.query_params)
    try:
        look_up = ask.catalogue.look_up(name)
    except UsageError as error:
        near = close_to(name, ask.catalogue.names())
        ways = [(f"{questions.PATH}/{one}", f"Question: {one}") for one in near]
        raise RefusedError(404, error.what, "", did_you_mean(near), ways=ways) from error
    try:
        asking = ask.asking(name, {key: value for key, value in given.items() if value.strip()})
    except UsageError as error:
        told = UsageError(over_http(error.what), error.where, over_http(error.cure))
        return questions.Asked(look_up, given, error=told), 400
    asked = questions.Asked(look_up, given, query=asking.query)
    try:
        head, body = await queried(request, asking.query)
        table = await run_in_threadpool(asking.read, head, body, known.bounds.megabytes)
    except RefusedError as error:
        return replace(asked, said=capital(error.line)), 503
    except CalcinosisError as error:
        return replace(asked, said=reworded(error).line), 503
    return replace(asked, table=table), 200


# -- viewpoints ----------------------------------------------------------------------------


def _views(here: Site) -> viewpoints.Pages:
    return viewpoints.Pages(here.kg.ontology, here.kg.lookups.lexicon.entries, here.links)


def _viewpoints(request: Request) -> Response:
    return HTMLResponse(site(request).once(_views).all())
