"""Queries run in a process of their own: whatever they are, one line says what came of them."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from proofs.fuzz_sparql import CORPUS, FRAGMENTS, Listener, mutants, outcome
from pyoxigraph import Literal

import calcinosis
from calcinosis.api import Endpoint
from calcinosis.errors import CalcinosisError, MissingProgramError, OntologyError, UsageError
from calcinosis.graph import limited
from calcinosis.graph.limited import LimitError, Limits, Worker
from calcinosis.graph.locate import Modules
from calcinosis.graph.query import Engine
from calcinosis.graph.results import Graph, Table
from tests.shared import few
from tests.terminal import run

PRODUCT = "{?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l}"
LINUX = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="read from /proc")


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    """A small graph of three hundred triples."""
    folder = tmp_path_factory.mktemp("ontology")
    triples = (f"<a:s{n}> <a:p{n % 7}> {n} ." for n in range(300))
    (folder / "calcinosis.ttl").write_text("\n".join(triples), encoding="utf-8")
    return Modules(folder, "none")


def worker_of(modules: Modules) -> int:
    return limited._WORKERS.of(modules)._process.pid


# -- limits ------------------------------------------------------------------------------------


def _nested(begin: str, end: str, number: int) -> str:
    return begin * number + "?s ?p ?o" + end * number


SLOW = {
    "product": f"SELECT (COUNT(*) AS ?n) {PRODUCT}",
    "product in order": f"SELECT * {PRODUCT} ORDER BY ?c ?f",
    "product of a test": f"ASK {{ {PRODUCT[1:-1]} FILTER(?c + ?f + ?i < 0) }}",
    "product of triples": f"CONSTRUCT {{ ?a ?e ?i }} {PRODUCT}",
    "unions": "SELECT * {" + " UNION ".join(["{?s ?p ?o}"] * 6600) + "}",
    "path": "SELECT * {?s " + "/".join(["a"] * 3000) + " ?o}",
    "optionals": "SELECT * {" + "OPTIONAL {?s ?p ?o} " * 3000 + "}",
    "triples": "SELECT * {" + "?s ?p ?o . " * 3000 + "}",
    "sum": "SELECT * {?s ?p ?o FILTER(" + "+".join(["1"] * 30_000) + ")}",
    "collection": "SELECT * {?s ?p " + "(" * 3000 + "1" + ")" * 3000 + "}",
    "malformed": "SELECT * {" + " UNION ".join(["{?s ?p ?o}"] * 6600) + "} LIMIT",
}
LARGE = {
    "rows": f"SELECT * {PRODUCT}",
    "doublings": "SELECT (STRLEN(?a40) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?a0) "
    + "".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1}) " for n in range(40))
    + "}",
    "replacements": "SELECT (STRLEN(REPLACE(?a16, 'a', ?a16)) AS ?n) { BIND('aaaa' AS ?a0) "
    + "".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1}) " for n in range(16))
    + "}",
    "groups": "SELECT (GROUP_CONCAT(?a14) AS ?n) { ?s ?p ?o BIND('aaaaaaaaaaaaaaaa' AS ?a0) "
    + "".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1}) " for n in range(14))
    + "}",
}
DEEP = {
    "selections": "SELECT * {" + _nested("{SELECT * {", "}}", 100_000) + "}",
    "tests": "SELECT * {?s ?p ?o " + _nested("FILTER EXISTS{", "}", 100_000) + "}",
    "negations": "SELECT * {?s ?p ?o FILTER(" + "!" * 3_000_000 + "true)}",
    "brackets": "SELECT * {?s ?p ?o FILTER" + "(" * 2_000_000 + "true" + ")" * 2_000_000 + "}",
}


def refused(modules: Modules, query: str, limits: Limits) -> str:
    with pytest.raises(LimitError) as caught:
        limited.answer(modules, query, limits)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 200
    return message


@pytest.mark.parametrize("name", SLOW)
def test_a_query_without_end_is_ended_by_the_clock(name: str, modules: Modules) -> None:
    message = refused(modules, SLOW[name], Limits(0.2, 4096))
    assert "is not answered after 0.2 seconds" in message
    assert "--timeout" in message


@LINUX
@pytest.mark.parametrize("name", LARGE)
def test_a_query_that_takes_too_much_memory_is_ended(name: str, modules: Modules) -> None:
    message = refused(modules, LARGE[name], Limits(120, 16))
    assert "takes more than 16 MB of memory" in message
    assert "--memory" in message


@LINUX
def test_a_thread_that_waits_for_a_process_that_is_ended_is_answered(modules: Modules) -> None:
    def ask(query: str) -> object:
        try:
            return limited.answer(modules, query, Limits(0.5))
        except LimitError as error:
            return type(error)

    with ThreadPoolExecutor(3) as threads:
        heavy = threads.submit(ask, f"SELECT (COUNT(*) AS ?n) {PRODUCT}")
        time.sleep(0.2)  # it has the process; the next ones wait for it
        light = [threads.submit(ask, "ASK {?s ?p ?o}") for _ in range(2)]
        assert heavy.result(30) is LimitError
        assert [one.result(30) for one in light] == [True, True]


def test_the_cap_is_for_one_query(modules: Modules) -> None:
    assert limited.answer(modules, "ASK {}", Limits(megabytes=1)) is True
    long = "ASK {} #" + "x" * 5_000_000
    assert limited.answer(modules, long, Limits()) is True


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize("name", DEEP)
def test_a_query_that_is_nested_too_deep_is_ended(name: str, modules: Modules) -> None:
    message = refused(modules, DEEP[name], Limits(120, 16_384))
    assert "nested too deep" in message


def test_long_lists_and_brackets_in_strings_are_answered(modules: Modules) -> None:
    for query in (
        "SELECT * {?s ?p ?o FILTER(?o IN (" + ",".join(["1"] * 10_000) + "))}",
        "SELECT * {?s ?p ?o FILTER(CONCAT(" + ",".join(["'1'"] * 10_000) + ") = '2')} LIMIT 1",
        "SELECT * {?s ?p ?o FILTER(?o = 1 && '" + "([{" * 10_000 + "' != '')}",
    ):
        assert isinstance(limited.answer(modules, query, Limits()), Table)


@pytest.mark.parametrize("seconds", [0, -1, math.nan, math.inf, 1e9])
def test_what_is_no_time_is_refused(seconds: float, kg: calcinosis.KnowledgeGraph) -> None:
    for endpoint in (None, "http://127.0.0.1:9/"):
        with pytest.raises(UsageError, match=r"--timeout: .* is no time to wait"):
            kg.sparql("ASK {}", timeout=seconds, endpoint=endpoint)


@pytest.mark.parametrize("memory", [0, -1, 1 << 40])
def test_what_is_no_memory_is_refused(memory: int, kg: calcinosis.KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match=r"--memory: .* is no size of memory"):
        kg.query("subtypes", memory=memory)


def test_an_endpoint_takes_the_limits_that_are_given() -> None:
    endpoint = Endpoint("http://127.0.0.1:9/", timeout=7)
    assert endpoint.within(Limits())._timeout == 7
    bounded = endpoint.within(Limits(3, 5))
    assert (bounded._timeout, bounded._most) == (3, 5 << 20)
    assert endpoint._timeout == 7


@pytest.mark.slow
def test_the_command_says_in_one_line_that_the_time_is_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, errors = run(["sparql", SLOW["product"], "--timeout", "0.2"], capsys)
    assert (code, out) == (2, "")
    assert errors.startswith("Error: query: the query is not answered after 0.2 seconds.")
    assert len(errors.splitlines()) == 1
    code, out, errors = run(["query", "subtypes", "--timeout", "nan"], capsys)
    assert (code, out, len(errors.splitlines())) == (2, "", 1)


FOUND = sorted(CORPUS.glob("*.rq"))


@pytest.mark.slow
@pytest.mark.parametrize("path", few(FOUND, *FOUND[::3]), ids=lambda path: path.stem)
def test_what_was_found_once_ends_well(path: Path, kg: calcinosis.KnowledgeGraph) -> None:
    listener = Listener()
    query = path.read_bytes().decode("utf-8", "surrogateescape").replace("URL", listener.url)
    found = outcome(kg, query)
    assert not found.startswith("fault"), found
    assert found == "UsageError" or "service" not in path.stem
    assert listener.came == 0


def test_a_spoilt_query_is_made_again_from_its_seed() -> None:
    made = list(mutants(list(FRAGMENTS), 40, 3))
    assert made == list(mutants(list(FRAGMENTS), 40, 3)) != list(mutants(list(FRAGMENTS), 40, 4))
    assert len({*made, *FRAGMENTS}) > 40


@pytest.mark.parametrize("query", ["SELECT * { ?s %s:a ?o }", "SELECT * { %s }", "%s"])
def test_an_error_about_a_long_word_is_short(query: str, modules: Modules) -> None:
    with pytest.raises(UsageError) as caught:
        limited.answer(modules, query % ("x" * 300_000), Limits())
    assert len(str(caught.value)) < 400


# -- what comes back ---------------------------------------------------------------------------

VALUES = """
SELECT ?number ?text ?tagged ?directed ?typed ?ill ?iri ?quoted ?none ?odd ?date {
  VALUES (?number ?text ?tagged ?directed ?typed ?ill ?iri ?none ?date) {
    (2.50 "a\\n\\"b\\"" "c"@en-GB "d"@ar--rtl "e"^^<a:t> "f"^^xsd:integer <a:ü> UNDEF
     "2001"^^xsd:gYear) }
  BIND(<<( <a:s> <a:p> "o"@en )>> AS ?quoted) BIND("\\u0001\\uFFFF\U0001f600" AS ?odd) }
"""


def test_terms_come_back_as_they_are(modules: Modules) -> None:
    engine = Engine(modules)
    for query in (
        VALUES,
        "SELECT * { ?b ?a ?c } ORDER BY ?c",
        "SELECT ?o (COUNT(*) AS ?n) { ?s ?p ?o FILTER(?o < 9) } GROUP BY ?o ORDER BY DESC(?o)",
        "CONSTRUCT { ?s ?p ?o , 'x'@en , <<( ?s ?p ?o )>> } { ?s ?p ?o }",
        "DESCRIBE <a:s1>",
        "ASK { ?s ?p 7 }",
        "ASK { ?s ?p 'seven' }",
        "SELECT * { ?s ?p 'seven' }",
        "SELECT * {}",
    ):
        assert limited.answer(modules, query, Limits()) == engine.answer(query)


def test_blank_nodes_stay_the_same_within_an_answer(modules: Modules) -> None:
    found = limited.answer(
        modules,
        "SELECT ?x ?y ?z { BIND(BNODE() AS ?x) BIND(?x AS ?y) BIND(BNODE() AS ?z) }",
        Limits(),
    )
    assert isinstance(found, Table)
    ((x, y, z),) = found
    assert x == y != z
    graph = limited.answer(modules, "CONSTRUCT { _:a <a:b> _:a , _:c } {}", Limits())
    assert isinstance(graph, Graph)
    assert sorted(triple.subject == triple.object for triple in graph) == [False, True]


def test_a_text_that_is_no_unicode_is_refused(modules: Modules) -> None:
    with pytest.raises(UsageError, match="query, character 9: this is no character of Unicode"):
        limited.answer(modules, "SELECT '\udc80' {}", Limits())


def test_what_oxigraph_cannot_answer_is_said(modules: Modules) -> None:
    worker = Worker()
    with pytest.raises(MissingProgramError, match="does not work"):
        worker.ask({"query": "ASK {}"}, Limits())  # it has no graphs
    assert not worker.is_alive


def test_a_part_of_an_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock can end the process between the first word and the last."""
    lines = '{"kind": "ready"}', '{"kind": "boolean", "value": true, "size": 9}', "half"
    monkeypatch.setattr(limited, "_CODE", f"print(*{lines!r}, sep='\\n')")
    worker = Worker()
    with pytest.raises(MissingProgramError, match="it ended with 0"):
        worker.ask({"query": "ASK {}"}, Limits())


def test_a_module_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    (tmp_path / "calcinosis.ttl").write_text("a b", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(OntologyError, match=r"calcinosis\.ttl: the file cannot be read"):
            limited.answer(Modules(tmp_path, "none"), "ASK {}", Limits())


# -- the process -------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_process_stays_until_it_is_ended_or_a_module_changes(tmp_path: Path) -> None:
    path = tmp_path / "calcinosis.ttl"
    path.write_text("<a:a> <a:b> 1 .", encoding="utf-8")
    modules = Modules(tmp_path, "none")
    first = worker_of(modules)
    for text in ("ASK {", "SELECT * { SERVICE <a:b> {} }"):
        assert limited.answer(modules, "ASK {}", Limits()) is True
        with pytest.raises(UsageError, match=r"offline|ends too early"):
            limited.answer(modules, text, Limits())
    assert worker_of(modules) == first
    refused(modules, SLOW["unions"], Limits(0.1))
    second = worker_of(modules)
    assert second != first
    path.write_text("<a:a> <a:b> 1 , 2 .", encoding="utf-8")
    found = limited.answer(modules, "SELECT ?o { ?s ?p ?o } ORDER BY ?o", Limits())
    assert [row["o"] for row in found] == [Literal(1), Literal(2)]  # type: ignore[union-attr]
    assert worker_of(modules) != second


def test_no_more_than_two_wait(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "calcinosis.ttl").write_text("", encoding="utf-8")
    all_of_them = [limited._WORKERS.of(Modules(tmp_path / name, "none")) for name in "abc"]
    assert [worker.is_alive for worker in all_of_them] == [False, True, True]


@LINUX
def test_the_process_can_open_nothing(modules: Modules) -> None:
    assert limited.answer(modules, "ASK { ?s ?p ?o }", Limits()) is True
    limits = Path(f"/proc/{worker_of(modules)}/limits").read_text(encoding="ascii")
    (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert line.split()[3] == "0"


def _asking(query: str, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "calcinosis", "sparql", query, "--timeout", "500"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        **options,
    )


def _child(parent: int) -> int:
    """The process that answers for another, once it is at work."""
    for _ in range(3000):
        children = (
            Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
        )
        for child in children:
            if sum(map(int, Path(f"/proc/{child}/stat").read_text().split()[13:15])) > 100:
                return int(child)
        time.sleep(0.02)
    raise AssertionError("no process has been started")


def _is_gone(process: int) -> bool:
    for _ in range(500):
        if not Path(f"/proc/{process}").exists():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize("sign", few([signal.SIGINT, signal.SIGKILL], signal.SIGINT))
def test_an_interrupt_ends_the_query_at_once(sign: signal.Signals) -> None:
    with _asking(SLOW["product"]) as process:
        child = _child(process.pid)
        process.send_signal(sign)
        _, errors = process.communicate(timeout=20)
    assert _is_gone(child)
    if sign == signal.SIGINT:
        assert (process.returncode, errors) == (130, b"Interrupted.\n")


@pytest.mark.slow
def test_what_waits_keeps_no_interpreter_from_its_end() -> None:
    code = "import calcinosis; print(calcinosis.load().sparql('ASK { ?s ?p ?o }'))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"True\n", b"")


@pytest.mark.slow
def test_no_module_of_the_current_folder_is_run(tmp_path: Path) -> None:
    for name in ("pyoxigraph", "json", "difflib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run')", encoding="utf-8")
    code = "import os, calcinosis\nos.chdir(r'%s')\nprint(calcinosis.load().sparql('ASK {}'))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code % tmp_path], capture_output=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == (b"True\n", b"")


@LINUX
def test_a_forked_process_has_a_worker_of_its_own(modules: Modules) -> None:
    mine = worker_of(modules)
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # users fork with threads too
        child = os.fork()
    if not child:
        try:
            os.write(writing, str(worker_of(modules) != mine).encode())
            limited._WORKERS.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 9) == b"True"
    assert worker_of(modules) == mine


@pytest.mark.parametrize("error", [CalcinosisError, LimitError])
def test_a_limit_is_an_error_of_usage(error: type[Exception]) -> None:
    assert issubclass(LimitError, error)
    assert LimitError("a").exit_code == 2
