"""Whatever a clerk is asked for: one clock a request, and a fault is told in the log alone."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from starlette.applications import Starlette

import calcinosis
from calcinosis.output.site.links import Links
from calcinosis.web import api, patient
from calcinosis.web.app import application
from calcinosis.web.children import Pool
from calcinosis.web.refusals import HANDLERS
from calcinosis.web.state import Bounds, Site
from tests.serving import Server, running

CASE = json.dumps({"id": "patient Smith", "calcinosis": "present"}).encode()
FORM = b"calcinosis=present&sentence=Smith"


class _Stumbling:
    """Stands for clerks: each fails."""

    async def ask(self, _request: Any, _seconds: float) -> tuple[dict[str, Any], bytes]:
        return {"kind": "error", "error": "fault", "what": "KeyError", "where": "age.py:3"}, b""


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/api/classify", CASE, "application/json"),
        ("/api/propose", b"Smith has no pain.", "text/plain"),
        ("/patient", FORM, "application/x-www-form-urlencoded"),
        ("/api/cite?key=Smith", None, ""),
    ],
)
def test_a_clerks_fault_is_logged_without_what_was_sent(
    kg: calcinosis.KnowledgeGraph,
    capsys: pytest.CaptureFixture[str],
    path: str,
    body: bytes | None,
    kind: str,
) -> None:
    app = Starlette(
        routes=[*api.routes(), *patient.ROUTES], exception_handlers=cast("Any", HANDLERS)
    )
    nobody, clerks = cast("Any", None), cast("Any", _Stumbling())
    app.state.site = Site(kg, nobody, clerks, Bounds(), Links(edition="tests"))
    with running(app) as server:
        reply = server.ask(path, "POST" if body else "GET", body, Content_Type=kind)
    assert (reply.status, reply.json()["detail"]) == (500, "this program stumbled over it")
    said = capsys.readouterr().err
    assert said.endswith("Z a clerk failed: KeyError at age.py:3\n")
    assert "Smith" not in said + reply.text


@pytest.fixture(scope="module")
def hasty(kg: calcinosis.KnowledgeGraph) -> Any:
    """A server with little time for a request."""
    with running(application(kg, Bounds(seconds=2.5))) as found:
        yield found


@pytest.mark.slow
def test_a_style_for_all_references_is_ended_by_the_clock(hasty: Server) -> None:
    reply = hasty.ask("/api/cite?style=apa")
    assert reply.status == 504, reply.headers
    assert reply.json()["detail"] == "there is no answer within 2.5 seconds"
    assert hasty.ask("/api/search?q=calcium").status == 200


@pytest.mark.slow
def test_styles_leave_a_clerk_to_who_has_a_case(kg: calcinosis.KnowledgeGraph) -> None:
    with running(application(kg, Bounds(processes=4))) as server, ThreadPoolExecutor(3) as threads:
        first = server.ask("/api/classify", "POST", CASE, Content_Type="application/json")
        assert first.status == 200
        styled = [threads.submit(server.ask, "/api/cite?style=apa") for _ in range(3)]
        time.sleep(0.5)
        judged = server.ask("/api/classify", "POST", CASE, Content_Type="application/json")
        assert judged.status == 200
        assert not any(one.done() for one in styled)
        assert {one.result().status for one in styled} <= {200, 504}


@pytest.mark.slow
def test_a_look_up_that_is_named_again_is_asked_once(
    hasty: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    ask = Pool.ask

    async def noted(pool: Pool, request: Any, *more: Any) -> Any:
        asked.append(request.get("verb", "query"))
        return await ask(pool, request, *more)

    monkeypatch.setattr(Pool, "ask", noted)
    found = hasty.ask(f"/api/cite?format=bibtex{'&query=contested' * 20}")
    assert (found.status, asked) == (200, ["query", "cite"])
    assert found.body.count(b"\n@") > 1
