"""Asking a process of a pool: its answer, or one refusal that says why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from calcinosis.web import refusals
from calcinosis.web.children import Pool, Said, UnansweredError
from calcinosis.web.clerk import ANSWER, ERROR, TOO_MUCH
from calcinosis.web.hangup import while_connected
from calcinosis.web.log import note
from calcinosis.web.state import site
from calcinosis.web.unanswered import SMALLER_QUERY


async def queried(request: Request, query: str) -> Said:
    """What a process for queries answers, within the server's bounds, while its client waits.

    RefusedError where none does or it takes too much, HungUpError where the client is gone.
    """
    here = site(request)
    bounds = here.bounds
    work = here.queries.ask({"query": query, "memory": bounds.megabytes}, bounds.seconds)
    try:
        head, body = await while_connected(request, work)
    except UnansweredError as error:
        seconds, megabytes = bounds.seconds, bounds.megabytes
        raise refusals.of_pool(error, seconds, megabytes, SMALLER_QUERY) from error
    if head["kind"] == TOO_MUCH:
        raise refusals.too_much(bounds.megabytes, SMALLER_QUERY)
    return head, body


async def asked(request: Request, verb: str, **what: Any) -> Said:
    """What a clerk answers for a request, within the server's bounds, while its client waits.

    RefusedError for what it says instead, HungUpError where the client is gone.
    """
    here = site(request)
    bounds = here.bounds
    cure = refusals.FEWER if what.get("files") else refusals.SMALLER
    work = answer_of(here.clerks, {"verb": verb, **what}, bounds.seconds, bounds.megabytes, cure)
    return await while_connected(request, work)


async def answer_of(
    pool: Pool,
    question: Mapping[str, Any],
    seconds: float,
    megabytes: int,
    cure: str = refusals.SMALLER,
) -> Said:
    """What a clerk of the pool answers within bounds; RefusedError for what it says instead.

    ``cure`` is what to do where it takes too long or too much. A fault of ours is logged: where it
    happened, and nothing of what was sent.
    """
    try:
        head, body = await pool.ask({**question, "memory": megabytes}, seconds)
    except UnansweredError as error:
        raise refusals.of_pool(error, seconds, megabytes, cure) from error
    kind = head["kind"]
    if kind == ANSWER:
        return head, body
    if kind == TOO_MUCH:
        raise refusals.too_much(megabytes, cure)
    if kind != ERROR or head["error"] == "fault":
        note(f"a clerk failed: {head.get('what', kind)} at {head.get('where', '')}")
        raise refusals.fault()
    raise refusals.told(head["error"], head["what"], head["where"], head["cure"])
