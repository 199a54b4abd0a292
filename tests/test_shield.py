"""What every request passes: sizes, types, names, headers, markup, and faults that do not show."""

from __future__ import annotations

import asyncio
import base64
import errno
import io
import json
import os
import re
import shutil
import signal
import socket
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from lxml import html
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import calcinosis
from calcinosis.graph.locate import data
from calcinosis.output.site import editor
from calcinosis.web import clerk, confined, refusals
from calcinosis.web.app import application
from calcinosis.web.desk import Desk
from calcinosis.web.shield import Shield
from calcinosis.web.state import Bounds
from tests.serving import Reply, Server, running
from tests.started import unmeasured

CASE = {"id": "case-1", "calcinosis": "present", "conditions": ["MONDO:0016367"]}
SCRIPT = "<script>alert(1)</script>"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A graph with a name that is markup, and small bounds."""
    folder = tmp_path_factory.mktemp("graph") / "ontology"
    shutil.copytree(data("ontology"), folder)
    with (folder / "subtypes.ttl").open("a", encoding="utf-8") as module:
        module.write(f'\ncalc:Calciphylaxis skos:altLabel "{SCRIPT}"@en .\n')
    kg = calcinosis.load(ontology=folder)
    bounds = Bounds(seconds=20, body=100_000, megabytes=256)
    with running(application(kg, bounds, hosts=("graph.example.org",))) as found:
        yield found


def post(server: Server, call: str, body: bytes, kind: str = "application/json") -> Reply:
    return server.ask(f"/api/{call}", "POST", body, Content_Type=kind)


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


# -- sizes, types, shapes ----------------------------------------------------------------


def test_a_body_that_is_too_large_is_refused_before_it_is_read(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        head = (
            "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        )
        connection.sendall(f"{head}Content-Length: 9999999999\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_in_parts_is_counted_as_it_comes(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        head = (
            "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        )
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        connection.sendall((b"fde8\r\n" + b" " * 65_000 + b"\r\n") * 2)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/octet-stream", b"x", 415),
        ("image/svg+xml", b"<svg/>", 415),
        ("application/json", b"", 400),
        ("application/json", b"{", 422),
        ("application/json", b"\xff\xfe", 422),
        ("application/json", b"[" * 50_000, 422),
        ("application/json", b'{"a":' * 9_000 + b"1" + b"}" * 9_000, 422),
        ("application/json", b'"/etc/passwd"', 422),
        ("application/json", b'["/etc/passwd", "-"]', 422),
        ("application/yaml", b"a: &a [x,x]\nb: &b [*a,*a]\n", 422),
        ("application/yaml", b"!!python/object/apply:os.system [id]", 422),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=x", b"x", 400),
        ("text/csv", b"id\x00,calcinosis\n\x00", 422),
        (XLSX, b"PK\x03\x04", 422),
        ("text/turtle", b"<a> <b> <c> .", 422),
        ("application/ld+json", b'{"@context": "http://127.0.0.1:9/x", "@id": "a"}', 422),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_form(
    server: Server, kind: str, body: bytes, status: int
) -> None:
    reply = post(server, "classify", body, kind)
    assert (reply.status, reply.kind) == (status, "application/problem+json"), reply.text
    told = reply.json()
    assert told["detail"]
    assert told["cure"]
    assert "Traceback" not in reply.text
    assert "root:" not in reply.text


def bomb() -> bytes:
    """A workbook of some kilobytes whose parts are a gigabyte and more."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as deep:
            deep.writestr("x", b" " * 10_000_000)
        archive.writestr("xl/workbook.xml", inner.getvalue())
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return stream.getvalue()


@pytest.mark.slow
def test_bombs_are_refused_and_the_next_request_is_answered(server: Server) -> None:
    aliases = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    billion = f"a0: &a0 [x, x, x]\n{aliases}".encode()
    for kind, body in (("application/yaml", billion), (XLSX, bomb())):
        reply = post(server, "classify", body, kind)
        assert reply.status in (413, 422), reply.text
    assert post(server, "classify", encoded(CASE)).status == 200


def test_a_packed_body_is_refused(server: Server) -> None:
    headers = {"Content_Type": "application/json", "Content_Encoding": "gzip"}
    assert server.ask("/api/classify", "POST", b"x", **headers).status == 415


def test_a_long_address_is_refused(server: Server) -> None:
    assert server.ask(f"/api/search?q={'x' * 40_000}").status == 414
    assert server.ask(f"/api/search?q={'x' * 300}").status == 400


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("search", ""),
        ("search?q=a&q=b", "q"),
        ("search?q=a&n=0", "n"),
        ("search?q=a&n=1e3", "n"),
        ("search?q=a&kind=x", "kind"),
        ("search?q=a&x=1", "/api/search"),
        ("cite?below=yes", "below"),
    ],
)
def test_a_wrong_parameter_is_told_by_its_name(server: Server, asked: str, where: str) -> None:
    reply = server.ask(f"/api/{asked}")
    assert (reply.status, reply.json().get("where", "")) == (400, where)


# -- names, headers, forms of refusals ---------------------------------------------------


def test_a_page_of_another_name_that_leads_here_is_not_answered(server: Server) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", ""):
        assert server.ask("/api/query", Host=host).status == 421
    for host in ("localhost", "LOCALHOST:8000", "127.0.0.1", "[::1]:80", "graph.example.org"):
        assert server.ask("/api/query", Host=host).status == 200


@pytest.mark.parametrize("path", [f"/{editor.PATH}", "/sparql", "/patient", "/api/classify"])
def test_a_form_that_holds_too_much_is_refused_wherever_it_is_sent(
    server: Server, path: str
) -> None:
    kind = {"Content_Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    large = server.ask(path, "POST", b"query=" + b"x" * 100_000, **kind)
    assert (large.status, large.json()["detail"]) == (413, "the body is larger than 100,000 bytes")


def test_a_form_of_the_editor_with_other_fields_is_refused(server: Server) -> None:
    kind = {"Content_Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    many = server.ask(f"/{editor.PATH}", "POST", b"query=ASK{}&" + b"a=b&" * 50, **kind)
    assert (many.status, many.json()["detail"]) == (400, "the form has more than 20 fields")


@pytest.mark.parametrize("path", ["/", "/api", "/api/query", "/nothing", "/api/term/nothing"])
def test_every_answer_has_the_headers_that_keep_it_harmless(server: Server, path: str) -> None:
    headers = server.ask(path, Accept=BROWSER).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    for part in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "geolocation=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("call", ["classify?format=html", "explain?format=html"])
def test_pages_with_style_and_script_in_them_allow_these_by_their_hashes(
    server: Server, call: str
) -> None:
    reply = post(server, call, encoded({**CASE, "id": SCRIPT, "conditions": [SCRIPT]}))
    assert (reply.status, reply.kind) == (200, "text/html"), reply.text
    blocks = re.findall(r"<(style|script)>(.*?)</\1>", reply.text, re.DOTALL)
    assert {name for name, _ in blocks} >= {"style"}
    for _, block in blocks:
        digest = base64.b64encode(sha256(block.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in reply.headers["Content-Security-Policy"]
    assert SCRIPT not in reply.text


def test_markup_in_labels_and_in_what_is_asked_stays_text(server: Server) -> None:
    asked = "%3Cscript%3Ealert(1)%3C/script%3E"
    for path in (
        f"/api/term/{asked}x",
        f"/api/query/{asked}",
        f"/api/query/above?term={asked}x",
        "/api/query/synonyms?term=calciphylaxis",
        f"/{asked}",
    ):
        page = server.ask(path, Accept=BROWSER)
        assert page.kind == "text/html", path
        assert SCRIPT not in page.text, path
    shown = server.ask("/api/term/Calciphylaxis").json()
    assert SCRIPT in json.dumps(shown)


def test_refusals_come_in_the_form_that_the_client_reads(server: Server) -> None:
    page = server.ask("/nothing", Accept=BROWSER)
    assert (page.status, page.kind) == (404, "text/html")
    assert 'href="/"' in page.text
    text = server.ask("/nothing", Accept="*/*", User_Agent="curl/8.5")
    assert text.kind == "text/plain"
    assert text.text.startswith("there is nothing at this address")
    problem = server.ask("/nothing", Accept="application/json")
    assert problem.kind == "application/problem+json"
    assert problem.json() | {"cure": ""} == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is nothing at this address",
        "cure": "",
    }
    method = server.ask("/api/classify", "DELETE")
    assert (method.status, method.headers["Allow"]) == (405, "POST")
    assert method.json()["detail"] == "this address does not take that method"


@pytest.mark.parametrize(
    ("path", "status", "heading", "way"),
    [
        ("/nothing", 404, "There is no such page", "/terms"),
        ("/WernerSyndrome.xyz", 404, "There is no such page", "/terms"),
        ("/assets/nothing.js", 404, "There is no such page", "/"),
        ("/questions/cuses", 404, "There is no such page", "/questions/causes"),
        ("/associations.csv?kind=Cuse", 400, "The request was not understood", "/associations"),
        ("/patient/json", 405, "This address is not opened like a page", "/patient"),
        (f"/search?q={'x' * 40_000}", 414, "The address is too long", "/search"),
    ],
)
def test_a_page_says_what_happened_in_plain_words_and_leads_on(
    server: Server, path: str, status: int, heading: str, way: str
) -> None:
    found = server.ask(path, Accept=BROWSER)
    assert (found.status, found.kind) == (status, "text/html")
    page = html.document_fromstring(found.text)
    assert [one.text_content() for one in page.iter("h1")] == [heading]
    assert (page.findtext(".//title") or "").startswith(("No such page", heading))
    main = page.find(".//main")
    assert main is not None
    led = {one.get("href") or one.get("action") for one in main.iter("a", "form")}
    assert {"/", "/search", way} <= led
    assert page.find(".//header/nav") is not None


def test_a_slash_at_the_end_leads_to_the_page(server: Server) -> None:
    found = server.ask("/WernerSyndrome/?x=1")
    assert (found.status, found.headers["Location"]) == (308, f"{server.url}/WernerSyndrome?x=1")
    assert server.ask("/nothing/").status == 404
    assert server.ask("//example.org/").status == 404


def test_an_address_that_is_only_posted_to_says_so(server: Server) -> None:
    posted = {
        route.path
        for route in server.app.routes
        if isinstance(route, Route) and "{" not in route.path and route.methods == {"POST"}
    }
    readable = {
        route.path
        for route in server.app.routes
        if isinstance(route, Route) and "GET" in (route.methods or ())
    }
    assert "/api/classify" in posted
    for path in posted - readable:
        for method in ("GET", "HEAD"):
            reply = server.ask(path, method)
            assert (reply.status, reply.headers["Allow"]) == (405, "POST"), path


def test_a_parameter_is_given_as_often_as_its_schema_allows(server: Server) -> None:
    reply = server.ask("/api/cite?" + "&".join(["key=reiter-2011"] * 101))
    assert (reply.status, reply.json()["where"]) == (400, "key")
    assert server.ask("/api/cite?" + "&".join(["key=reiter-2011"] * 2)).status == 200


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/sparql", {"Content_Encoding": "gzip"}, 415),
        ("/sparql", {"Content_Length": "9999999"}, 413),
        (f"/sparql?query={'x' * 40_000}", {}, 414),
        ("/sparql", {"Cookie": "x" * 64_000, "Accept": "y" * 2_000}, 431),
        ("/graph/edges", {"Content_Encoding": "gzip"}, 415),
        ("/graphs", {"Content_Encoding": "gzip"}, 415),
        ("/.well-known/void", {"Content_Encoding": "gzip"}, 415),
    ],
    ids=lambda value: str(value)[:20],
)
def test_pages_of_anybody_may_read_why_the_endpoint_refuses(
    server: Server, path: str, headers: dict[str, str], status: int
) -> None:
    reply = server.ask(path, "POST", None, Origin="https://example.org", **headers)
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (status, "*")
    closed = server.ask("/api/classify", "POST", None, Content_Encoding="gzip")
    assert (closed.status, closed.headers["Access-Control-Allow-Origin"]) == (415, None)


def test_a_fault_of_ours_shows_nothing_of_itself(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("patient Smith")

    monkeypatch.setattr(calcinosis.KnowledgeGraph, "search", fail)
    reply = server.ask("/api/search?q=secret")
    assert (reply.status, reply.json()["detail"]) == (500, "this program stumbled over it")
    said = capsys.readouterr().err
    assert re.search(r"fault: RuntimeError at test_shield\.py:\d+\n", said)
    assert not re.search("Smith|secret|Traceback", reply.text + said)


# -- the process that reads --------------------------------------------------------------


MANY = [{"id": f"c{n}", "calcinosis": "present"} for n in range(1500)]


@pytest.mark.slow
def test_a_clerk_that_takes_too_much_memory_is_stopped(
    kg: calcinosis.KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    unmeasured(monkeypatch)
    with running(application(kg, Bounds(megabytes=128, seconds=120))) as small:
        many = [{"id": f"c{n}", "calcinosis": "present"} for n in range(30_000)]
        refused = post(small, "classify", encoded(many))
        told = refused.json()["detail"]
        assert (refused.status, told) == (413, "it takes more than 128 MB of memory")
        assert post(small, "classify?format=csv", encoded(CASE)).status == 200


@pytest.mark.slow
def test_a_clerk_that_takes_too_long_is_ended_and_leaves_nothing(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    with running(application(kg, Bounds(seconds=1.5))) as hasty:
        for _ in range(3):
            post(hasty, "classify", encoded(CASE))  # until one is warm
        refused = post(hasty, "explain", encoded(MANY))
        assert refused.status == 504
        assert refused.json()["detail"] == "there is no answer within 1.5 seconds"
        cure = "Send fewer cases at once; the command line takes as many as there are"
        assert refused.json()["cure"] == cure
        time.sleep(3)
        room: Path = hasty.app.state.room.path
        kept = {int(folder.name) for folder in room.iterdir()}
        assert kept <= set(hasty.app.state.site.clerks.pids)
        assert [path for folder in room.iterdir() for path in folder.iterdir()] == []


def test_a_case_for_which_there_is_no_room_is_refused_with_the_reason(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", fail)
    asked = {"files": [{"name": "case.json", "data": ""}], "memory": 512}
    head, _ = clerk.answered(Desk(kg), asked, confined.Confined(tmp_path, []))
    refused = refusals.told(head["error"], head["what"], head["where"], head["cure"])
    assert (refused.status, refused.what) == (
        503,
        "the server has no room to lay down what was sent",
    )
    assert "/dev/shm" in refused.cure


@pytest.mark.slow
def test_what_a_clerk_leaves_that_somebody_ended_is_removed(kg: calcinosis.KnowledgeGraph) -> None:
    with running(application(kg)) as server:
        assert post(server, "classify", encoded(CASE)).status == 200
        room: Path = server.app.state.room.path
        (pid,) = server.app.state.site.clerks.pids[:1]
        (room / str(pid) / "left.json").write_text("{}")
        os.kill(pid, signal.SIGKILL)
        for _ in range(300):
            if not (room / str(pid)).exists():
                break
            time.sleep(0.1)
        assert not (room / str(pid)).exists()


@pytest.mark.slow
def test_who_hangs_up_frees_the_process_that_worked_for_them(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    with running(application(kg, Bounds(seconds=300, processes=2))) as one:
        post(one, "classify", encoded(CASE))
        before = set(one.app.state.site.clerks.pids)
        body = encoded(MANY)
        head = "POST /api/explain HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", one.port), timeout=20) as connection:
                connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                time.sleep(0.5)
        begun = time.monotonic()
        assert post(one, "classify", encoded(CASE)).status == 200
        assert time.monotonic() - begun < 30  # each would have worked for minutes
        assert before - set(one.app.state.site.clerks.pids)


def test_what_is_too_much_at_once_is_told_to_come_again() -> None:
    async def slow(_request: Request) -> Response:
        await asyncio.sleep(1)
        return PlainTextResponse("done")

    shield = Middleware(Shield, Bounds(), at_once=1)
    with running(Starlette(routes=[Route("/", slow)], middleware=[shield])) as small:
        with ThreadPoolExecutor(2) as both:
            replies = list(both.map(lambda _: small.ask("/", Accept="text/plain"), range(2)))
        assert sorted(reply.status for reply in replies) == [200, 503]
        (busy,) = (reply for reply in replies if reply.status == 503)
        assert busy.headers["Retry-After"] == "5"


def test_nothing_of_what_was_sent_stays_behind(server: Server) -> None:
    room: Path = server.app.state.room.path
    assert post(server, "classify", encoded(CASE)).status == 200
    assert post(server, "classify", b"id,calcinosis\nA,present\n", "text/csv").status == 200
    for _ in range(200):
        left = [path for folder in room.iterdir() for path in folder.glob("*")]
        states = [Path(f"/proc/{path.parent.name}/stat").read_text()[:40] for path in left]
        if not left:  # a process that comes reads an example first
            break
        time.sleep(0.1)
    assert left == [], states
    assert room.stat().st_mode & 0o077 == 0
