"""What a query may take, and what becomes of the others: the server answers on, whatever comes."""

from __future__ import annotations

import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import calcinosis
from calcinosis.web import child
from calcinosis.web.app import application
from calcinosis.web.state import Bounds
from tests import endpoint_worker
from tests.serving import Reply, Server, running

LINUX = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="read from /proc")
LIGHT = "ASK { ?s <a:p1> ?o }"
PATTERN = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PRODUCT = f"SELECT (COUNT(*) AS ?n) {PATTERN}"
DIRECT = {"Content_Type": "application/sparql-query"}
LARGE = {
    "rows": f"SELECT * {PATTERN}",
    "triples": f"CONSTRUCT {{ ?a ?e ?i }} {PATTERN}",
    "doublings": "SELECT (STRLEN(?a40) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?a0) "
    + "".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1}) " for n in range(40))
    + "}",
}


@pytest.fixture(scope="module")
def quads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("limits") / "data.nq"
    lines = (f"<a:s{n}> <a:p{n % 7}> <a:o{n}> <a:graph> ." for n in range(400))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def server(kg: calcinosis.KnowledgeGraph, quads: Path) -> Iterator[Server]:
    bounds = Bounds(seconds=1.5, megabytes=64, processes=3)
    worker = endpoint_worker.command(quads)
    with running(application(kg, bounds, worker)) as found:
        yield found


def soon(held: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something comes to hold within a time."""
    end = time.monotonic() + seconds
    while not held():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_light(server: Server) -> bool:
    return server.query(LIGHT).status == 200


def is_told(reply: Reply, status: int) -> bool:
    """Whether a refusal is short, and shows nothing of the inside."""
    inside = (b"Traceback", b".py", b"Error(")
    short = len(reply.body) < 500 and not any(one in reply.body for one in inside)
    return reply.status == status and short


def at_once(server: Server, queries: list[str]) -> list[Reply]:
    """The replies to queries that are asked at the same time."""
    found: list[Reply] = []
    threads = [
        threading.Thread(target=lambda query=query: found.append(server.query(query)))
        for query in queries
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


@pytest.mark.slow
def test_a_query_without_end_is_ended_by_the_clock(server: Server) -> None:
    before = time.monotonic()
    reply = server.query(PRODUCT)
    assert is_told(reply, 504)
    assert "1.5 seconds" in reply.text
    assert time.monotonic() - before < 10
    assert is_light(server)


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_query_or_an_answer_that_takes_too_much_memory_is_ended(
    server: Server, name: str
) -> None:
    reply = server.query(LARGE[name], ("format", "xml" if name != "triples" else "turtle"))
    assert is_told(reply, 413) or is_told(reply, 504)
    assert soon(lambda: is_light(server))


@LINUX
@pytest.mark.slow
def test_a_query_that_is_nested_too_deep_is_ended(
    kg: calcinosis.KnowledgeGraph, quads: Path
) -> None:
    deep = "SELECT * {" + "{SELECT * {" * 100_000 + "?s ?p ?o" + "}}" * 100_000 + "}"
    bounds = Bounds(seconds=100, megabytes=16_384)
    with running(application(kg, bounds, endpoint_worker.command(quads))) as server:
        reply = server.ask("/sparql", "POST", deep.encode(), **DIRECT)
        assert is_told(reply, 400)
        assert "nested too deep" in reply.text
        assert soon(lambda: is_light(server))


@pytest.mark.slow
def test_a_process_that_was_killed_is_replaced_and_its_query_asked_again(
    kg: calcinosis.KnowledgeGraph, quads: Path
) -> None:
    with running(application(kg, worker=endpoint_worker.command(quads))) as server:
        assert is_light(server)
        for _ in range(3):
            for pid in server.queries.pids:
                os.kill(pid, signal.SIGKILL)
            assert is_light(server)


@pytest.mark.slow
def test_a_process_that_is_killed_at_a_heavy_query_is_told_of(server: Server) -> None:
    known = set(server.queries.pids)
    replies: list[Reply] = []
    thread = threading.Thread(target=lambda: replies.append(server.query(PRODUCT)))
    thread.start()
    time.sleep(0.9)
    for pid in {*known, *server.queries.pids}:
        if pid in server.queries.pids:
            os.kill(pid, signal.SIGKILL)
    thread.join(30)
    assert is_told(replies[0], 503) or is_told(replies[0], 504)
    if replies[0].status == 503:
        assert replies[0].headers["Retry-After"].isdecimal()
    assert soon(lambda: is_light(server))


@pytest.mark.slow
def test_who_hangs_up_ends_the_query(kg: calcinosis.KnowledgeGraph, quads: Path) -> None:
    with running(application(kg, Bounds(), endpoint_worker.command(quads))) as server:
        (first,) = server.queries.pids
        server.hang_up(PRODUCT, 0.3)
        assert soon(lambda: first not in server.queries.pids, 3)
        assert is_light(server)


@pytest.mark.slow
def test_who_hangs_up_at_once_costs_no_process(server: Server) -> None:
    assert is_light(server)
    known = server.queries.pids
    for _ in range(20):
        server.hang_up(LIGHT, 0)
    assert is_light(server)
    assert set(known) & set(server.queries.pids)


@pytest.mark.slow
def test_as_many_heavy_queries_as_may_leave_room_for_light_ones(
    kg: calcinosis.KnowledgeGraph, quads: Path
) -> None:
    bounds, worker = Bounds(seconds=20, processes=3), endpoint_worker.command(quads)
    with running(application(kg, bounds, worker)) as server:
        replies: list[Reply] = []
        heavy = threading.Thread(target=lambda: replies.extend(at_once(server, [PRODUCT] * 5)))
        heavy.start()
        time.sleep(0.2)
        assert is_light(server)
        heavy.join(60)
        assert {reply.status for reply in replies} == {503, 504}
        assert is_light(server)


@pytest.mark.slow
def test_the_only_process_has_as_long_as_a_query_may_take(
    kg: calcinosis.KnowledgeGraph, quads: Path
) -> None:
    bounds, worker = Bounds(seconds=2, processes=1), endpoint_worker.command(quads)
    with running(application(kg, bounds, worker)) as server:
        assert is_told(server.query(PRODUCT), 504)  # not 503, as if others had been there
        assert soon(lambda: is_light(server))


@pytest.mark.slow
def test_more_than_may_wait_are_sent_away(kg: calcinosis.KnowledgeGraph, quads: Path) -> None:
    bounds, worker = Bounds(seconds=1.5, waiting=1), endpoint_worker.command(quads)
    with running(application(kg, bounds, worker)) as server:
        replies = at_once(server, [PRODUCT] * 12)
        busy = [reply for reply in replies if reply.status == 503]
        assert busy
        assert all(is_told(reply, 503) and reply.headers["Retry-After"] for reply in busy)
        assert all(is_told(reply, 504) for reply in replies if reply not in busy)
        assert soon(lambda: is_light(server))


@LINUX
@pytest.mark.slow
def test_no_process_has_to_start_for_a_light_query_beside_heavy_ones(
    kg: calcinosis.KnowledgeGraph, quads: Path
) -> None:
    bounds, worker = Bounds(seconds=40, ready=6), endpoint_worker.command(quads)
    with running(application(kg, bounds, worker)) as server:
        assert soon(lambda: len(server.queries.pids) == 6, 30)
        known = server.queries.pids
        heavy = threading.Thread(target=at_once, args=(server, [PRODUCT] * 4), daemon=True)
        heavy.start()
        time.sleep(0.1)
        assert all(is_light(server) for _ in range(5))
        assert server.queries.pids == known
        for pid in known:
            os.kill(pid, signal.SIGKILL)
        heavy.join(60)
        assert soon(lambda: len(server.queries.pids) == 6, 30)


def median(server: Server, number: int = 40) -> float:
    """Seconds that a light query takes."""
    found = []
    for _ in range(number):
        before = time.perf_counter()
        assert is_light(server)
        found.append(time.perf_counter() - before)
        time.sleep(0.005)
    return statistics.median(found)


@LINUX
@pytest.mark.slow
def test_heavy_queries_do_not_delay_a_light_one(kg: calcinosis.KnowledgeGraph, quads: Path) -> None:
    """At most three times the time beside four products.

    The best of rounds: on a machine with other work the four leave no core to the light query, so
    that the median of rounds tells of that work. A delay by the server itself is in every round.
    """

    with running(application(kg, Bounds(seconds=40), endpoint_worker.command(quads))) as server:
        median(server)
        idle = median(server)
        heavy = threading.Thread(target=at_once, args=(server, [PRODUCT] * 4), daemon=True)
        heavy.start()
        assert soon(lambda: len(server.queries.pids) > 4)
        time.sleep(1)
        ratios = [median(server) / idle for _ in range(8)]
        for pid in server.queries.pids:
            os.kill(pid, signal.SIGKILL)
        heavy.join(60)
    assert min(ratios) <= 3, ratios


@pytest.mark.slow
def test_what_stands_behind_a_query_without_end_is_answered_by_another(
    kg: calcinosis.KnowledgeGraph, quads: Path
) -> None:
    """A process whose answers came at once is asked ahead: who stands behind must not wait."""
    bounds, worker = Bounds(seconds=10, processes=3), endpoint_worker.command(quads)
    with running(application(kg, bounds, worker)) as server:
        assert all(is_light(server) for _ in range(30))
        took: dict[int, list[float]] = {200: [], 504: []}

        def ask(query: str) -> None:
            before = time.monotonic()
            took[server.query(query).status].append(time.monotonic() - before)

        queries = [LIGHT] * 5 + [PRODUCT] + [LIGHT] * 14
        threads = [threading.Thread(target=ask, args=(query,)) for query in queries]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert len(took[200]) == 19
    assert max(took[200]) < min(took[504]) / 2


@pytest.mark.slow
@pytest.mark.parametrize("own", [True, False])
def test_long_questions_and_answers_pass_the_pipes_whole(
    kg: calcinosis.KnowledgeGraph, quads: Path, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    """Those of our own, and those of asyncio where the system watches no others."""
    monkeypatch.setattr(child, "OWN_PIPES", own)
    with running(application(kg, worker=endpoint_worker.command(quads))) as server:
        rows = {len(server.query(f"SELECT * {{ ?s ?p ?o }} LIMIT {n}").body) for n in range(1, 60)}
        assert len(rows) == 59
        question = f"SELECT ('{'x' * 1_000_000}' AS ?x) {{ ?s ?p ?o }} LIMIT 3".encode()
        replies = [server.ask("/sparql", "POST", question, **DIRECT) for _ in range(3)]
        assert {reply.body.count(b"x" * 1_000_000) for reply in replies} == {3}
        pids = server.queries.pids
    assert soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


@LINUX
def test_the_processes_can_open_nothing(server: Server) -> None:
    assert is_light(server)
    for pid in server.queries.pids:
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
        assert line.split()[3] == "0"


@pytest.mark.slow
def test_no_process_outlives_the_server(kg: calcinosis.KnowledgeGraph, quads: Path) -> None:
    with running(application(kg, worker=endpoint_worker.command(quads))) as server:
        assert is_light(server)
        pids = server.queries.pids
    assert pids
    assert soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
