"""The page with the SPARQL editor, which asks the same processes as the endpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from anyio import from_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from calcinosis.errors import CalcinosisError, UsageError
from calcinosis.output.site import editor
from calcinosis.output.site.answers import MOST
from calcinosis.output.site.editor import EXAMPLE, FIRST, Bounds, Editor, Ran
from calcinosis.output.wording import capital
from calcinosis.web.asking import queried
from calcinosis.web.children import UnansweredError
from calcinosis.web.refusals import RETRY, RefusedError, of_error
from calcinosis.web.state import Site, site
from calcinosis.web.wording import reworded

_HINT_SECONDS = 5.0
_FIELDS = 20


def routes() -> list[BaseRoute]:
    """The route of the editor's form; the page without a query is that of the endpoint too."""
    return [Route(f"/{editor.PATH}", _editor, methods=["GET", "POST"])]


async def page(request: Request) -> Response:
    """The page with the query to begin with, for who comes to the endpoint without one."""
    text = await run_in_threadpool(site(request).once(_made).page, Ran(FIRST))
    return HTMLResponse(text, headers={"Vary": "Accept"})


def _made(here: Site) -> Editor:
    bounds = Bounds(here.bounds.seconds, here.bounds.megabytes)
    return Editor(here.kg.lookups, here.links, bounds)


async def _editor(request: Request) -> Response:
    """The page with a query and its answer; an example or a query with ``run=no`` is not run."""
    given = await _given(request)
    made = site(request).once(_made)
    if name := given.get(EXAMPLE, ""):
        return await _example(made, name)
    query = given.get("query", "")
    if not query.strip():
        return await page(request)
    if given.get("run") == "no":
        return HTMLResponse(await run_in_threadpool(made.page, Ran(query)))
    return await _shown(request, query, _of_form)


async def answered(request: Request, query: str) -> Response:
    """The page with a query that was run, with the status that programs get at the endpoint."""
    return await _shown(request, query, lambda ran: ran.status)


def _of_form(ran: Ran) -> int:
    """The status for our own form: the page is in order where the query in it is not.

    The script of the page fetches it to show the error in place, and a browser writes an error of
    its own to the console for each status from 400 on. Only who shall come again is told so.
    """
    return 503 if ran.status == 503 else 200


async def _shown(request: Request, query: str, status: Callable[[Ran], int]) -> Response:
    made = site(request).once(_made)
    ran = await _ran(request, query)
    text = await run_in_threadpool(made.page, ran)
    headers = {"Vary": "Accept"}
    if status(ran) == 503:
        headers["Retry-After"] = str(RETRY)
    return HTMLResponse(text, status_code=status(ran), headers=headers)


async def _example(made: Editor, name: str) -> Response:
    try:
        query = made.example(name)
    except UsageError as error:
        ran = Ran(FIRST, said=reworded(error).line)
        return HTMLResponse(await run_in_threadpool(made.page, ran), status_code=404)
    return HTMLResponse(await run_in_threadpool(made.page, Ran(query), name))


async def _given(request: Request) -> Mapping[str, str]:
    """What the address says, or what a form sent."""
    if request.method != "POST":
        return request.query_params
    body = (await request.body()).decode("utf-8", "replace")
    try:
        found = parse_qs(body, keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError as error:
        cure = "Send the fields of the page's own form"
        raise RefusedError(400, f"the form has more than {_FIELDS} fields", "", cure) from error
    return {name: values[-1].replace("\r\n", "\n") for name, values in found.items()}


async def _ran(request: Request, query: str) -> Ran:
    """What comes of a query; HungUpError where nobody waits for it any more."""
    known = site(request)
    ask = known.kg.lookups
    begun = time.perf_counter()
    try:
        head, body = await queried(request, query)
        seconds = time.perf_counter() - begun
        given: tuple[Any, ...] = (query, head, body, known.bounds.megabytes, MOST)
        answer, number = await run_in_threadpool(ask.beginning, *given)
    except RefusedError as error:
        return Ran(query, said=capital(error.line), status=error.status)
    except CalcinosisError as error:
        return Ran(query, error=reworded(error), status=of_error(error).status)
    ran = Ran(query, answer, number, seconds)
    if number or isinstance(answer, bool):
        return ran
    return replace(ran, remark=await run_in_threadpool(_missing, known, query))


def _missing(known: Site, query: str) -> str:
    """What in a query that found nothing is in no graph; from a thread beside the server's loop."""
    ask, most = known.kg.lookups, known.bounds.megabytes

    def one(asked: str) -> Any:
        question = {"query": asked, "memory": most}
        head, body = from_thread.run(known.queries.ask, question, _HINT_SECONDS)
        return ask.beginning(asked, head, body, most, 100_000)[0]

    try:
        return ask.missing(query, one)
    except UnansweredError:
        return ""
