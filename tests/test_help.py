"""The help texts, and what is said of a call that does not fit."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from calcinosis.cli.main import COMMANDS
from calcinosis.cli.terminal import measure
from calcinosis.graph.catalogue import Catalogue
from tests.terminal import run


def every_command() -> Iterator[list[str]]:
    yield []
    yield from ([name] for name in COMMANDS)
    yield from (["query", name] for name in Catalogue().names())


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_help_fits_the_terminal(
    words: list[str],
    columns: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    code, out, _ = run([*words, "--help"], capsys)
    assert code == 0
    most = max(80, columns)  # an example is not broken where the terminal is narrow
    assert [line for line in out.splitlines() if len(line) > most] == []
    if columns >= 80:
        lines = out.splitlines()[1:]  # the first says how it is called, as in FILE...
        assert not [line for line in lines if line.endswith(("...", "[default: seed-"))]


@pytest.mark.parametrize(("columns", "wide"), [(60, 60), (80, 80), (200, 100)])
def test_running_text_is_as_wide_as_reads_well(
    columns: int, wide: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert measure(sys.stdout) == 80  # a file or a pipe
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert measure(sys.stdout) == wide


# -- calls that do not fit ------------------------------------------------------------------

SHOWN = "--help' shows how to call it"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("classifyy x.yaml", "calcinosis: there is no command 'classifyy'. Did you mean classify?"),
        ("zzz", f"calcinosis: there is no command 'zzz'. 'calcinosis {SHOWN}"),
        ("--verison", "calcinosis: there is no option --verison. Did you mean --version?"),
        ("check --al", "calcinosis check: there is no option --al. Did you mean --all?"),
        ("check --zzz", f"calcinosis check: there is no option --zzz. 'calcinosis check {SHOWN}"),
        (
            "query causes --subtyp=x",
            "calcinosis query causes: there is no option --subtyp. Did you mean --subtype?",
        ),
        ("classify", f"calcinosis classify: FILE is missing. 'calcinosis classify {SHOWN}"),
        (
            "check -f jso",
            "--format: 'jso' is not one of 'text', 'json'. Did you mean json?",
        ),
        (
            "search x -n 0",
            f"--number: 0 is not in the range 1<=x<=1000. 'calcinosis search {SHOWN}",
        ),
        ("cite --style", "--style: it needs a value. Write --style and what it is"),
        ("check --all=x", "--all: it takes no value. Leave the value out"),
        (
            "diff a b c",
            f"calcinosis diff: got unexpected extra argument (c). 'calcinosis diff {SHOWN}",
        ),
    ],
)
def test_a_call_that_does_not_fit_is_one_line(
    call: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, errors = run(call.split(), capsys)
    assert (code, out) == (2, "")
    assert errors == f"Error: {said}\n"


def test_nothing_asked_for_is_answered_with_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, errors = run([], capsys)
    assert "Usage: calcinosis [OPTIONS] COMMAND" in out + errors
    assert "Error" not in out + errors
