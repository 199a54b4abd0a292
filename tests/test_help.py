"""The help texts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from calcinosis.cli.main import COMMANDS
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
