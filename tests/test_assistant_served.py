"""``calcinosis mcp`` as clients meet it: over standard input and output, and over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from calcinosis import web
from tests.assistants import refused, words
from tests.terminal import run

COMMAND = [sys.executable, "-m", "calcinosis", "mcp"]
ASK = {"jsonrpc": "2.0", "id": 7, "method": "ping"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def test_where_the_package_is_missing_the_error_says_how_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(web, "assistant", raising=False)
    for name in [name for name in sys.modules if name.startswith("calcinosis.web.assistant")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    monkeypatch.setitem(sys.modules, "pydantic", None)
    code, out, err = run(["mcp"], capsys)
    assert (code, out) == (4, "")
    assert "[mcp]" in err
    assert "pip install" in err
    assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_without_standard_input_it_says_so() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "add --http" in done.stderr
    assert len(done.stderr.splitlines()) == 1


# -- standard input and output -------------------------------------------------------------------


@pytest.mark.slow
def test_a_client_asks_over_standard_input_and_output() -> None:
    given = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=dict(os.environ))

    async def main() -> tuple[list[str], Any, Any]:
        with anyio.fail_after(60):
            async with Client(stdio_client(given)) as client:
                tools = [tool.name for tool in (await client.list_tools()).tools]
                found = await client.call_tool("show", {"term": "reiter-2011"})
                card = await client.read_resource("calcinosis://schema")
                return tools, found, card

    tools, found, card = anyio.run(main)
    assert len(tools) == 8
    assert found.structured_content["label"] == "Reiter 2011"
    assert card.contents[0].text.startswith("# Schema card")


def lines(*sent: bytes) -> list[dict[str, Any]]:
    """What comes back for some lines, in order of the ids; standard error stays empty."""
    done = subprocess.run(
        COMMAND, input=b"".join(sent), capture_output=True, timeout=60, check=True
    )
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_each_line_that_cannot_be_read_gets_an_error() -> None:
    deep: Any = {}
    for _ in range(400):
        deep = {"a": deep}
    ask = {"jsonrpc": "2.0", "id": 8, "method": "tools/call", "params": {"arguments": deep}}
    last = {"params": {"arguments": deep}, "method": "tools/call", "jsonrpc": "2.0", "id": "nine"}
    long = {**ask, "id": 10, "params": {"name": "x" * 5_000_000}}
    found = lines(
        *(json.dumps(one).encode() + b"\n" for one in (HELLO, ask, last, long, ASK)),
        b"not json\n\n",
        b"\xff\xfe\n",
        json.dumps({**ASK, "id": 11}).encode(),  # without an end
    )
    by_id = {one["id"]: one for one in found}
    for number, said in ((8, "too deep"), ("nine", "too deep"), (10, "longer than 2 MB")):
        assert by_id[number]["error"]["code"] == -32700
        assert said in by_id[number]["error"]["message"]
    assert sum(one["id"] is None for one in found) == 2
    assert by_id[7]["result"] == by_id[11]["result"] == {}
    assert by_id[1]["result"]["serverInfo"]["name"] == "calcinosis"


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_while_it_waits(number: int, code: int) -> None:
    with subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(HELLO).encode() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(number)
        try:
            assert process.wait(10) == code
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("closes", [True, False])
def test_a_client_that_goes_without_its_answer_leaves_nothing(closes: bool) -> None:
    asks = {"jsonrpc": "2.0", "id": 2, "method": "tools/call"}
    call = {**asks, "params": {"name": "search", "arguments": {"text": "scar"}}}
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(json.dumps(HELLO).encode() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.stdout.close()
        process.stdin.write(json.dumps(call).encode() + b"\n")
        process.stdin.flush()
        if closes:
            process.stdin.close()
        try:
            assert process.wait(30) == 0
            assert process.stderr.read() == b""
        finally:
            process.kill()


# -- HTTP ----------------------------------------------------------------------------------------


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of its own."""
    with subprocess.Popen(
        [*COMMAND, "--http", "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr
            line = process.stderr.readline()
            found = re.fullmatch(r"Listening at (http://127\.0\.0\.1:\d+/mcp)\n", line)
            assert found, line
            yield found[1]
        finally:
            process.terminate()
            assert process.wait(10) == 143


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as found:
        yield found


def posted(address: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(
        address,
        data=body,
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            **headers,
        },
    )
    for _ in range(50):
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except urllib.error.URLError:  # it begins to listen
            time.sleep(0.1)
    raise AssertionError("nothing listens")


@pytest.mark.slow
def test_a_client_asks_over_http(address: str) -> None:
    async def main() -> Any:
        with anyio.fail_after(60):
            async with Client(address) as client:
                return await client.call_tool("query", {"name": "subtypes"})

    rows = anyio.run(main).structured_content["rows"]
    assert {"calciphylaxis"} < {row["subtype_label"] for row in rows}


@pytest.mark.slow
def test_a_heavy_query_of_one_client_spoils_no_answer_of_another(address: str) -> None:
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    ended: list[str] = []
    meanwhile: list[bool] = []

    async def asks(number: int) -> None:
        async with Client(address) as client:
            if not number:
                found = await client.call_tool("sparql", {"query": heavy})
                ended.append(words(found))
                return
            for _ in range(3):
                case = {"id": f"p{number}", "calcinosis": "present"}
                judged = await client.call_tool("classify", {"case": case})
                assert judged.structured_content["case"] == f"“p{number}”"
                found = await client.call_tool("query", {"name": "subtypes"})
                assert found.structured_content["row_count"] > 5, found.content
                meanwhile.append(not ended)

    async def main() -> None:
        with anyio.fail_after(240):
            async with Client(address) as client:  # the processes start when they are first asked
                await client.call_tool("query", {"name": "subtypes"})
            async with anyio.create_task_group() as together:
                for number in range(6):
                    together.start_soon(asks, number)

    anyio.run(main)
    assert "no answer within 10 seconds" in ended[0]
    assert any(meanwhile)


@pytest.mark.slow
def test_a_large_case_of_one_client_holds_up_no_other(address: str) -> None:
    parts = ("conditions", "interventions", "findings")
    many = {
        name: [f"{name} of the kind {n} of calcification" for n in range(1000)] for name in parts
    }
    large = {"id": "large", "calcinosis": "present", **many}
    ended: list[str] = []

    async def slow() -> None:
        async with Client(address) as client:
            ended.append(words(await client.call_tool("classify", {"case": large})))

    async def main() -> list[bool]:
        meanwhile = []
        with anyio.fail_after(240):
            async with Client(address) as client, anyio.create_task_group() as together:
                await client.call_tool("search", {"text": "calcium"})  # the process starts
                together.start_soon(slow)
                await anyio.sleep(0.5)
                for _ in range(3):
                    found = await client.call_tool("search", {"text": "calcium"})
                    assert found.structured_content["hits"]
                    found = await client.call_tool("classify", {"case": {"id": "p", "age": "3 y"}})
                    assert found.structured_content["case"] == "“p”"
                    meanwhile.append(not ended)
        return meanwhile

    assert anyio.run(main) == [True, True, True]
    assert "“large”" in ended[0] or "no answer within 60 seconds" in ended[0]  # it gave way


@pytest.mark.slow
def test_over_http_an_error_of_a_tool_is_that_of_the_tool(address: str) -> None:
    async def main() -> list[str]:
        with anyio.fail_after(60):
            async with Client(address) as client:
                calls: dict[str, dict[str, Any]] = {
                    "show": {"term": "frobnitz"},
                    "cite": {"keys": ["frobnitz-1999"]},
                    "classify": {"case": {"id": "p"}, "viewpoint": "frobnitz"},
                    "explain": {"case": {}},
                }
                return [words(await client.call_tool(name, it)) for name, it in calls.items()]

    show, cite, classify, explain = anyio.run(main)
    assert show == refused("show", None, term="frobnitz")
    assert cite == refused("cite", None, keys=["frobnitz-1999"])
    assert classify == refused("classify", None, case={"id": "p"}, viewpoint="frobnitz")
    assert explain == refused("explain", None, case={})


@pytest.mark.slow
def test_over_http_sparql_says_what_was_cut_and_what_is_wrong(address: str) -> None:
    async def asks(query: str) -> Any:
        async with Client(address) as client:
            return await client.call_tool("sparql", {"query": query, "rows": 5})

    many = anyio.run(asks, "SELECT ?s ?p ?o { ?s ?p ?o }").structured_content
    assert len(many["rows"]) == 5 < many["count"]
    assert f"Cut: 5 of {many['count']} rows" in " ".join(many["notes"])
    assert anyio.run(asks, "ASK { ?c calc:caseOf ?s }").structured_content["answer"] is True
    for query, said in (
        ("SELECT ?s { ?s ?p", "query"),
        ("SELECT ?s { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        ('SELECT ?x { BIND("%s" AS ?t) BIND(REPLACE(?t, "a", ?t) AS ?x) }' % ("a" * 30_000), "MB"),
    ):
        found = anyio.run(asks, query)
        assert found.is_error
        assert said in words(found)
        assert "Traceback" not in words(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}], ids=str
)
def test_a_page_of_another_site_cannot_ask(address: str, headers: dict[str, str]) -> None:
    assert posted(address, json.dumps(HELLO).encode())[0] == 200
    status, body = posted(address, json.dumps(HELLO).encode(), **headers)
    assert status in (403, 421)
    assert b"calcinosis" not in body


@pytest.mark.slow
def test_a_request_that_cannot_be_read_gets_an_error(address: str) -> None:
    deep = b'{"jsonrpc":"2.0","id":1,"method":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    for body in (b"", b"not json", b"[]", deep, b"x" * 3_000_000):
        status, answer = posted(address, body)
        assert status in (400, 413), (body[:20], status)
        assert b"Traceback" not in answer
        assert len(answer) < 2_000
    assert posted(address, json.dumps(HELLO).encode())[0] == 200


@pytest.mark.slow
def test_it_listens_on_this_machine_alone(address: str) -> None:
    port = int(address.rpartition(":")[2].removesuffix("/mcp"))
    with socket.socket() as probe:
        probe.settimeout(2)
        assert probe.connect_ex(("127.0.0.2", port))  # bound to 0.0.0.0 it would answer


@pytest.mark.slow
def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, out, err = run(["mcp", "--http", "--port", str(taken.getsockname()[1])], capsys)
    assert (code, out) == (2, "")
    assert "Take another --port" in err
