"""The whole graph is written once for all who ask, by nobody who judges cases."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from starlette.applications import Starlette

import calcinosis
from calcinosis.output.site.links import Links
from calcinosis.web import pages
from calcinosis.web.app import application
from calcinosis.web.children import Pool
from calcinosis.web.exports import Exports
from calcinosis.web.refusals import HANDLERS
from calcinosis.web.state import Bounds, Site
from tests.serving import Server, running

CASE = json.dumps({"id": "case-1", "calcinosis": "present"}).encode()


class _Writing:
    """Stands for the process that exports: it takes its time, and counts what it is asked."""

    def __init__(self, *heads: dict[str, str]) -> None:
        self.heads = list(heads)
        self.asked: list[str] = []
        self.ended = 0

    async def ask(self, request: dict[str, Any], _seconds: float) -> tuple[dict[str, Any], bytes]:
        self.asked.append(request["form"])
        await asyncio.sleep(0.2)
        return self.heads.pop(0), b"<rdf/>"

    async def close(self) -> None:
        self.ended += 1


def served(kg: calcinosis.KnowledgeGraph, writing: _Writing) -> Starlette:
    nobody = cast("Any", None)
    app = Starlette(routes=pages.routes(), exception_handlers=cast("Any", HANDLERS))
    app.state.site = Site(kg, nobody, nobody, Bounds(), Links(edition="tests"))
    app.state.exports = Exports(lambda: cast("Any", writing))
    return app


def owl(server: Server, *_: object) -> tuple[int, bytes]:
    reply = server.ask("/ontology.owl", Accept="application/json")
    return reply.status, reply.body if reply.status == 200 else b""


def test_all_who_ask_at_once_wait_for_one_export_which_is_kept(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    writing = _Writing({"kind": "answer"})
    with running(served(kg, writing)) as server, ThreadPoolExecutor(3) as threads:
        assert set(threads.map(lambda _: owl(server), range(3))) == {(200, b"<rdf/>")}
        assert owl(server) == (200, b"<rdf/>")
    assert (writing.asked, writing.ended) == (["owl"], 1)


def test_an_export_that_failed_is_tried_anew_by_who_asks_next(
    kg: calcinosis.KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = {"kind": "error", "error": "fault", "what": "KeyError", "where": "owl.py:1"}
    writing = _Writing({"kind": "too much"}, fault, {"kind": "answer"})
    with running(served(kg, writing)) as server:
        assert [owl(server)[0] for _ in range(3)] == [413, 500, 200]
    assert writing.ended == 3
    assert "a clerk failed: KeyError at owl.py:1" in capsys.readouterr().err


@pytest.mark.slow
def test_who_judges_is_not_asked_for_it(
    kg: calcinosis.KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Pool, str]] = []
    ask = Pool.ask

    async def noted(pool: Pool, request: Any, *more: Any) -> Any:
        asked.append((pool, request.get("verb", "")))
        return await ask(pool, request, *more)

    monkeypatch.setattr(Pool, "ask", noted)
    with running(application(kg, Bounds(processes=2))) as server, ThreadPoolExecutor(5) as threads:
        whole = [threads.submit(owl, server) for _ in range(4)]
        time.sleep(0.2)
        judged = threads.submit(server.ask, "/api/classify", "POST", CASE,
                                Content_Type="application/json")  # fmt: skip
        assert judged.result().status == 200
        assert not any(one.done() for one in whole)
        (found,) = {one.result() for one in whole}
        assert found == (200, bytes(kg.export("owl")))
        exports = [pool for pool, verb in asked if verb == "export"]
        assert len(exports) == 1
        assert exports[0] is not server.app.state.site.clerks
        assert exports[0].pids == []
