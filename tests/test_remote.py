"""The same queries at a real endpoint; and at one that is busy, slow, cut off or none at all."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

import calcinosis
from calcinosis.errors import CalcinosisError, MissingProgramError, UsageError
from calcinosis.graph.remote import CONTACT, Endpoint
from calcinosis.graph.results import Graph, Table
from tests.servers import Faults, faults, oxigraph
from tests.terminal import run

ASKED = "SELECT ?x { ?x a calc:Case }"
PREFIXES = {"calc": "https://w3id.org/calcinosis/", "graph": "https://w3id.org/calcinosis/graph/"}


@pytest.fixture(scope="module")
def server(
    kg: calcinosis.KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A real Oxigraph with the graphs that `calcinosis export nquads` has."""
    quads = tmp_path_factory.mktemp("store") / "graphs.nq"
    quads.write_bytes(bytes(kg.export("nquads")))
    with oxigraph(quads) as address:
        yield address


@pytest.fixture(scope="module")
def faulty() -> Iterator[str]:
    with faults() as address:
        yield address


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Faults.seen.clear()


class Clock:
    """Instead of sleeping, remembers for how long."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def endpoint(url: str, clock: Clock | None = None, timeout: float = 10.0) -> Endpoint:
    return Endpoint(url, timeout=timeout, sleep=clock or Clock(), jitter=lambda: 0.5)


# -- a real server -----------------------------------------------------------------------


@pytest.mark.slow
def test_every_look_up_gives_the_same_at_a_real_endpoint(
    server: str, kg: calcinosis.KnowledgeGraph
) -> None:
    for name in kg.lookups.catalogue.names():
        here, there = kg.query(name), kg.query(name, endpoint=server)
        assert there.columns == here.columns, name
        assert there.rows() == here.rows(), name


@pytest.mark.slow
def test_parameters_are_bound_at_an_endpoint_too(
    server: str, kg: calcinosis.KnowledgeGraph
) -> None:
    there = kg.query("causes", subtype="metastatic", endpoint=server)
    assert there.rows() == kg.query("causes", subtype="metastatic").rows()
    assert 0 < len(there) < len(kg.query("causes"))


@pytest.mark.slow
def test_all_forms_of_query_at_an_endpoint(server: str, kg: calcinosis.KnowledgeGraph) -> None:
    assert kg.sparql("ASK { calc:DystrophicCase a owl:Class }", endpoint=server) is True
    built = "CONSTRUCT { ?a rdfs:subClassOf ?b } { GRAPH graph:inferred { ?a rdfs:subClassOf ?b } }"
    there = kg.sparql(built, endpoint=server)
    assert isinstance(there, Graph)
    assert there == kg.sparql(built)
    described = kg.sparql("DESCRIBE calc:DystrophicCase", endpoint=server)
    assert isinstance(described, Graph)
    assert described


def test_a_long_query_is_posted(server: str, kg: calcinosis.KnowledgeGraph) -> None:
    query = ASKED + " # " + "x" * 20_000
    answer = kg.sparql(query, endpoint=server)
    assert isinstance(answer, Table)
    assert not answer


def test_a_malformed_query_is_refused_by_the_endpoint(
    server: str, kg: calcinosis.KnowledgeGraph
) -> None:
    with pytest.raises(UsageError, match=r"query, line 1, column 18: } cannot stand here"):
        kg.sparql("SELECT ?x { ?x a }", endpoint=server)
    with pytest.raises(UsageError, match="the service refuses the query"):  # whole by itself
        kg.sparql("SELECT ?x { SERVICE <a:b> { ?x a } }", endpoint=server)


def test_the_command_line_asks_an_endpoint(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["query", "subtypes", "-f", "csv"],
        ["sparql", "SELECT ?x { ?x calc:caseOf ?y } ORDER BY ?x", "-f", "tsv"],
    ):
        code, there, _ = run([*arguments, "--endpoint", server], capsys)
        assert code == 0
        assert there == run(arguments, capsys)[1]


# -- who asks, and how ---------------------------------------------------------------------


def test_the_request_says_who_asks(faulty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint(f"{faulty}/fine").answer(ASKED, PREFIXES)
    monkeypatch.setenv(CONTACT, "mail@example.org\nX-Bad: 1")
    endpoint(f"{faulty}/fine").answer(ASKED, PREFIXES)
    first, second = (headers["User-Agent"] for _, _, headers, _ in Faults.seen)
    assert first.startswith(f"calcinosis/{calcinosis.__version__} (+https://w3id.org/calcinosis/)")
    assert "(+mail@example.org X-Bad: 1)" in second
    assert "X-Bad" not in Faults.seen[1][2]


@pytest.mark.parametrize(
    ("path", "query", "method"),
    [
        ("fine", ASKED, "GET"),
        ("fine", ASKED + " #" + "x" * 2000, "POST"),
        ("fine?a=1", ASKED, "POST"),
    ],
)
def test_short_queries_are_got_and_long_ones_posted(
    faulty: str, path: str, query: str, method: str
) -> None:
    endpoint(f"{faulty}/{path}").answer(query, PREFIXES)
    ((sent, _, headers, _),) = Faults.seen
    assert sent == method
    assert "application/sparql-results+json" in headers["Accept"]


def test_only_the_prefixes_in_use_are_declared(faulty: str) -> None:
    query = (
        "PREFIX graph: <https://example.org/> SELECT ?x { ?x a calc:Case ; a graph:x }" + " " * 2000
    )
    endpoint(f"{faulty}/fine").answer(query, PREFIXES)
    body = Faults.seen[0][3].decode()
    assert body.count("PREFIX+calc") == 1
    assert body.count("PREFIX+graph") == 1


# -- a busy service ------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_service_is_asked_again(faulty: str, status: int) -> None:
    clock = Clock()
    answer = endpoint(f"{faulty}/busy-{status}", clock).answer(ASKED, PREFIXES)
    assert isinstance(answer, Table)
    assert clock.slept == ([1.5, 1.5] if status == 429 else [1.0, 2.0])


def test_what_is_waited_for_is_told(faulty: str) -> None:
    told: list[str] = []
    url = f"{faulty}/busy-503"
    Endpoint(url, timeout=10, tell=told.append, sleep=lambda _: None, jitter=lambda: 0.5).answer(
        ASKED, PREFIXES
    )
    assert told == [
        f"Asking {url} \u2026",
        "The service is busy (503); asking again in 1 s \u2026",
        f"Asking again at {url} \u2026",
        "The service is busy (503); asking again in 2 s \u2026",
        f"Asking again at {url} \u2026",
    ]


@pytest.mark.parametrize("path", ["fine", "always-404"])
def test_a_terminal_shows_what_is_waited_for_and_is_left_clean(
    faulty: str,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["sparql", ASKED, "--endpoint", f"{faulty}/{path}"]
    silent = run(asked, capsys)
    assert "Asking" not in silent[2]
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr.isatty", lambda: True)
        code, out, errors = run(asked, capsys)
        assert "Asking" not in run([*asked, "-q"], capsys)[2]
    assert (code, out) == silent[:2]
    shown, _, left = errors.rpartition("\x1b[K")
    assert shown.startswith(f"\r\x1b[KAsking {faulty}/{path} \u2026")
    assert left == silent[2]


def test_after_three_retries_it_is_missing(faulty: str) -> None:
    clock = Clock()
    with pytest.raises(MissingProgramError, match=r"answers 503 .*after 3 retries") as caught:
        endpoint(f"{faulty}/always-503", clock).answer(ASKED, PREFIXES)
    assert caught.value.exit_code == 4
    assert len(Faults.seen) == 4
    assert clock.slept == [1.0, 2.0, 4.0]


def test_a_pause_that_is_too_long_is_told_and_not_waited(faulty: str) -> None:
    clock = Clock()
    with pytest.raises(MissingProgramError, match="asks to wait 3600 seconds"):
        endpoint(f"{faulty}/later", clock).answer(ASKED, PREFIXES)
    assert not clock.slept


def test_retry_after_may_be_a_date(faulty: str) -> None:
    clock = Clock()
    endpoint(f"{faulty}/dated", clock).answer(ASKED, PREFIXES)
    assert clock.slept == [0.5]


# -- wrong answers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("always-401", MissingProgramError, "asks for a login"),
        ("always-403", MissingProgramError, "answers 403"),
        ("always-404", MissingProgramError, "nothing at this address"),
        ("circling", MissingProgramError, r"redirects lead to no answer \(302\)\. Check"),
        ("always-307", MissingProgramError, r"redirects lead to no answer \(307\)"),
        ("always-414", MissingProgramError, "too long"),
        ("always-500", MissingProgramError, r"has failed \(500: no luck\)"),
        ("refusing", UsageError, "refuses the query .unexpected \u2018}\u2019 at line 1"),
        ("truncated-length", MissingProgramError, "cut off"),
        ("truncated-chunk", MissingProgramError, "cut off"),
        ("truncated-json", MissingProgramError, "cut off or malformed"),
        ("typed-html", MissingProgramError, "a web page and no SPARQL result .Sign in Maintenance"),
        ("typed-plain", MissingProgramError, "text/plain and no SPARQL result"),
        ("typed-none", MissingProgramError, "without a media type"),
        ("boolean", MissingProgramError, "of the other form"),
    ],
)
def test_a_wrong_answer_is_an_error_with_a_cure(
    faulty: str, path: str, error: type[CalcinosisError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        endpoint(f"{faulty}/{path}").answer(ASKED, PREFIXES)
    assert caught.value.where == f"{faulty}/{path}"
    assert caught.value.cure
    assert "\n" not in str(caught.value)
    assert len(Faults.seen) == 1 or path == "circling"


def test_a_page_instead_of_a_graph(faulty: str) -> None:
    with pytest.raises(MissingProgramError, match="a web page and no SPARQL result"):
        endpoint(f"{faulty}/typed-html").answer("DESCRIBE calc:Case", PREFIXES)


@pytest.mark.parametrize("path", ["slow", "hanging"])
def test_a_slow_answer_ends_at_the_limit(faulty: str, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(MissingProgramError, match=r"no whole answer after 0\.4 seconds"):
        endpoint(f"{faulty}/{path}", timeout=0.4).answer(ASKED, PREFIXES)
    assert time.monotonic() - began < 3


def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MissingProgramError, match="cannot be reached"):
        endpoint(f"http://127.0.0.1:{port}/sparql").answer(ASKED, PREFIXES)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "sparql", "http://"])
def test_only_web_addresses_are_endpoints(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="is no web address"):
        endpoint(url)
    code, _, errors = run(["sparql", ASKED, "--endpoint", url], capsys)
    assert code == 2
    assert "--endpoint" in errors


def test_a_missing_service_is_exit_code_4(faulty: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, errors = run(["query", "subtypes", "--endpoint", f"{faulty}/always-404"], capsys)
    assert code == 4
    assert not out
    assert errors.startswith("Error: ")
