"""The pages of tables: claims with facets, named look-ups, viewpoints side by side."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from calcinosis.errors import CalcinosisError, UsageError, close_to, did_you_mean
from calcinosis.output.references import bibtex
from calcinosis.output.sheets import claim_tables
from calcinosis.output.site import associations, questions, viewpoints
from calcinosis.output.site.facets import Choice, Claims
from calcinosis.web.children import BusyError, DiedError, LateError
from calcinosis.web.hangup import HungUpError, while_connected
from calcinosis.web.refusals import RefusedError
from calcinosis.web.state import Bounds, site
from calcinosis.web.wording import over_http, reworded

_SMALLER = "Ask for less: by more specific patterns, by LIMIT, or in smaller steps"
_OVERFLOWS = (-signal.SIGSEGV, -getattr(signal, "SIGBUS", 0))
TOO_MUCH = "too much"
HUNG_UP = 499  # nobody reads it; the log of other servers knows it
_CSV = "text/csv; charset=utf-8; header=present"
_BIBTEX = "application/x-bibtex; charset=utf-8"


def routes() -> list[BaseRoute]:
    """The routes of these pages. Those without ``async`` work in threads of their own."""
    return [
        Route("/associations", _associations),
        Route("/associations.csv", _csv),
        Route("/associations.bib", _bib),
        Route("/heatmap", _heatmap),
        Route("/questions", _questions),
        Route("/questions/{name}", _question),
        Route("/viewpoints", _viewpoints),
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
        return HTMLResponse(table.page(Choice(), reworded(error).line), status_code=400)


def _heatmap(request: Request) -> Response:
    table = _table(request)
    try:
        return HTMLResponse(table.heatmap(table.claims.chosen(_given(request))))
    except UsageError as error:
        return HTMLResponse(table.page(Choice(), reworded(error).line), status_code=400)


def _csv(request: Request) -> Response:
    return _file(request, "csv")


def _bib(request: Request) -> Response:
    return _file(request, "bib")


def _file(request: Request, form: str) -> Response:
    """What the page shows for the same parameters, in its order, as a file to keep."""
    table = _table(request)
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


def _pages(request: Request) -> questions.Pages:
    state = request.app.state
    if not hasattr(state, "questions"):
        known = site(request)
        state.questions = questions.Pages(known.kg.lookups, known.links)
    found: questions.Pages = state.questions
    return found


def _questions(request: Request) -> Response:
    return HTMLResponse(_pages(request).all())


async def _question(request: Request) -> Response:
    try:
        asked, status = await _asked(request)
    except HungUpError:
        return Response(status_code=HUNG_UP)
    html = await run_in_threadpool(_pages(request).one, asked)
    return HTMLResponse(html, status_code=status)


async def _asked(request: Request) -> tuple[questions.Asked, int]:
    """A look-up as the address asks it, and the status of its page."""
    known, name = site(request), request.path_params["name"]
    ask, bounds = known.kg.lookups, known.bounds
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
    wanted = {"query": asking.query, "memory": bounds.megabytes}
    try:
        work = known.queries.ask(wanted, bounds.seconds)
        head, body = await while_connected(request, work)
        if head["kind"] == TOO_MUCH:
            return replace(asked, said=too_much(bounds)), 503
        table = await run_in_threadpool(asking.read, head, body, bounds.megabytes)
    except (BusyError, LateError, DiedError) as error:
        return replace(asked, said=unanswered(error, bounds)), 503
    except CalcinosisError as error:
        return replace(asked, said=reworded(error).line), 503
    return replace(asked, table=table), 200


def unanswered(error: Exception, bounds: Bounds) -> str:
    """Why no process has answered, in words."""
    if isinstance(error, BusyError):
        return "Too much is asked at once. Ask again in a few seconds."
    if isinstance(error, LateError):
        return f"There is no answer after {bounds.seconds:g} seconds. {_SMALLER}."
    code = getattr(error, "code", 0)
    if code == -signal.SIGABRT:  # how Oxigraph ends where it gets no memory
        return too_much(bounds)
    if code in _OVERFLOWS:
        return "The query is nested too deep. Ask in smaller steps."
    return "The process that worked on it ended. Ask again."


def too_much(bounds: Bounds) -> str:
    """That a query took more memory than it may."""
    return f"The query or its answer takes more than {bounds.megabytes} MB of memory. {_SMALLER}."


# -- viewpoints ----------------------------------------------------------------------------


def _views(request: Request) -> viewpoints.Pages:
    state = request.app.state
    if not hasattr(state, "viewpoints"):
        known = site(request)
        entries = known.kg.lookups.lexicon.entries
        state.viewpoints = viewpoints.Pages(known.kg.ontology, entries, known.links)
    found: viewpoints.Pages = state.viewpoints
    return found


def _viewpoints(request: Request) -> Response:
    return HTMLResponse(_views(request).all())
