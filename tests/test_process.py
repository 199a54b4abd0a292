"""The command line as a process: pipes, interrupts, encodings, full disks, and what it imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

import calcinosis
from calcinosis.cli import main
from tests import golden

COMMAND = [sys.executable, "-m", "calcinosis"]
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
GOOD = '{"id": "good", "calcinosis": "present"}\n'


def run(*arguments: str | bytes | Path, **options: Any) -> tuple[int, bytes, bytes]:
    """Exit code, standard output and standard error of the command line."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 60, **options}
    done = subprocess.run([*COMMAND, *map(os.fsencode, arguments)], check=False, **options)
    return done.returncode, done.stdout, done.stderr


def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell starts background jobs with interrupts ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        **options,
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand cases, one a line: more than a pipe holds."""
    path = tmp_path_factory.mktemp("many") / "many.jsonl"
    cases = ({"id": f"c{n}", "calcinosis": "present"} for n in range(1000))
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return path


# -- pipes and interrupts --------------------------------------------------------------


def output(child: subprocess.Popen[bytes]) -> IO[bytes]:
    assert child.stdout is not None
    return child.stdout


@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "text", "csv"])
def test_a_closed_pipe_ends_quietly(many: Path, form: str) -> None:
    with start("classify", many, "-f", form) as child:
        assert output(child).readline()
        output(child).close()
        assert child.stderr is not None
        assert child.stderr.read() == b""
        assert child.wait(60) == 0


@pytest.mark.slow
def test_help_for_a_reader_who_is_gone(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert run("--help", stdout=writer)[::2] == (0, b"")
    finally:
        os.close(writer)


def test_ctrl_c_says_one_line(many: Path) -> None:
    lines = many.read_bytes().splitlines(keepends=True)[:40]
    with start("classify", "-", "-f", "jsonl", stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.writelines(lines)
        child.stdin.flush()
        assert output(child).read(1)  # it is at work, and waits for more
        child.send_signal(signal.SIGINT)
        try:
            assert child.wait(60) == 130
        finally:
            child.kill()
        assert child.stderr is not None
        assert child.stderr.read() == b"Interrupted.\n"


def test_interrupts_and_bugs_by_their_exit_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "good.json"
    path.write_text(GOOD, encoding="utf-8")
    for error, code, said in (
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
        (BrokenPipeError(), 0, ""),
        (ValueError("x"), 70, "This is a bug in calcinosis; please report it"),
    ):

        def fails(*_: object, error: BaseException = error, **__: object) -> None:
            raise error

        monkeypatch.setattr("calcinosis.cli.classify.load", fails)
        with pytest.raises(SystemExit) as end:
            main(["classify", str(path)])
        out, err = capsys.readouterr()
        assert (end.value.code, out) == (code, "")
        assert said in err
        assert bool(err) == bool(said)


# -- encodings -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-16"])
@pytest.mark.parametrize("way", ["file", "stdin"])
def test_text_is_utf_8_whatever_the_environment_says(
    tmp_path: Path, encoding: str, way: str
) -> None:
    path = tmp_path / "Fälle – 症例 1.jsonl"
    path.write_text('{"id": "Müller-症例", "sex": "ж"}\n{"id": "Ünal–症"}\n', encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C"}
    with path.open("rb") as stream:
        given = ["classify", str(path) if way == "file" else "-", "-f", "csv"]
        code, out, err = run(*given, env=environment, stdin=stream)
    assert code == 3
    assert "Ünal–症,DystrophicCalcinosisCutis" in out.decode("utf-8")
    assert "case 'Müller-症例', sex: 'ж' is no sex" in err.decode("utf-8")


@pytest.mark.slow
def test_a_file_name_that_is_no_utf_8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xe9t\xe9.json"
    Path(os.fsdecode(name)).write_text('{"id": 1, "sex": 2}', encoding="utf-8")
    code, _, err = run("classify", name)
    assert code == 3
    assert rb"/\udce9t\udce9.json: case '1', sex: 2 is no sex" in err
    assert len(err.splitlines()) == 1


# -- where nothing can be written ------------------------------------------------------


@pytest.mark.slow
@FULL
def test_a_full_device() -> None:
    with Path("/dev/full").open("wb") as full:
        code, _, err = run("classify", "-", input=GOOD.encode(), stdout=full)
    assert code == 2
    assert err.startswith(b"Error: standard output: it cannot be written (No space left")
    code, out, err = run("classify", "-", "-o", "/dev/full", input=GOOD.encode())
    assert (code, out) == (2, b"")
    assert err.startswith(b"Error: /dev/full: it cannot be written (No space left")
    assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_a_disk_that_is_full_leaves_the_old_file(many: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="file sizes are limited on Unix only")
    old = tmp_path / "old.jsonl"
    old.write_text("old", encoding="utf-8")
    code, _, err = run(
        *("classify", many, "-f", "jsonl", "-o", old, "--force"),
        # Coverage, if it is on, could not write its own file either.
        env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
    )
    assert code == 2
    assert b"old.jsonl: it cannot be written (File too large)" in err
    assert len(err.splitlines()) == 1
    assert old.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.slow
def test_a_closed_standard_output() -> None:
    command = ["sh", "-c", '"$@" >&-', "sh", *COMMAND, "classify", "-"]
    done = subprocess.run(
        command, input=GOOD.encode(), stderr=subprocess.PIPE, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr == b"Error: standard output: it is closed. Write to a file with -o\n"


# -- what is imported ------------------------------------------------------------------

SLOW = ["rdflib", "owlready2", "SPARQLWrapper", "pydantic", "pint", "duckdb", "pyshacl", "jpype"]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json", "csv"])
@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_one_case_imports_nothing_slow(tmp_path: Path, form: str, suffix: str) -> None:
    path = tmp_path / f"case.{suffix}"
    labs = [{"test": "calcium", "value": 9, "unit": "mg/dL"}]
    case = {**golden.rows()[1].case, "labs": labs, "age": "40 years"}
    path.write_text(json.dumps(case), encoding="utf-8")
    code = (
        "import sys\nfrom calcinosis.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit as end:\n    print(end.code, *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "classify", str(path), "-f", form],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    exit_code, *modules = done.stderr.split()
    assert exit_code == "0"
    assert "calcinosis.cli.main" in modules
    assert not {module.partition(".")[0] for module in modules} & set(SLOW)
    assert ("yaml" in modules) == (suffix == "yaml")


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [["query", "subtypes"], ["search", "scar"], ["explain", "--help"]], ids=str
)
def test_asking_imports_nothing_of_the_web(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom calcinosis.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "calcinosis" in loaded
    assert not loaded & {"http.client", "urllib.request", "ssl", "SPARQLWrapper", "rdflib"}


def test_the_package_alone_imports_almost_nothing() -> None:
    code = "import sys, calcinosis\nprint([m for m in sys.modules if m.startswith('calcinosis')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['calcinosis']\n"
    assert calcinosis.__version__


def test_long_runs_are_counted_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from calcinosis.cli import terminal

    clock = iter(range(0, 100, 3))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    assert list(terminal.with_progress([1, 2], "cases")) == [1, 2]
    assert not capsys.readouterr().err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert list(terminal.with_progress([1, 2], "cases", quiet=True)) == [1, 2]
    assert not capsys.readouterr().err
    assert list(terminal.with_progress([1, 2], "cases")) == [1, 2]
    assert "2 cases" in capsys.readouterr().err
