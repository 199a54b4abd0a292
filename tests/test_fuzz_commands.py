"""Command lines as nobody writes them: those that once failed, and a sample of the proof's."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from proofs import fuzz_commands

CORPUS = Path(__file__).parent / "data" / "corpus" / "commands.jsonl"


@pytest.fixture(scope="module")
def room() -> Iterator[Path]:
    with fuzz_commands.warm(), fuzz_commands.furnished() as folder:
        yield folder


@pytest.mark.parametrize("line", CORPUS.read_text(encoding="utf-8").splitlines())
def test_what_failed_once_does_so_no_more(room: Path, line: str) -> None:
    call, stdin = json.loads(line)
    assert fuzz_commands.faults(call, room, stdin.encode("latin-1")) == []


@pytest.mark.slow
def test_a_sample_of_odd_calls_ends_as_the_contract_says(room: Path) -> None:
    for call, stdin in fuzz_commands.calls(60, seed=7):
        assert fuzz_commands.faults(call, room, stdin) == [], call


def test_the_proof_finds_what_it_looks_for(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    query = (room / "q.rq").read_bytes()

    def broken(*_: object, **__: object) -> None:
        (room / ".calcinosis-1").touch()
        (room / "q.rq").unlink()
        sys.stderr.write("x\x1b[2J")
        raise ValueError

    monkeypatch.setattr("calcinosis.cli.search.load", broken)
    found = " ".join(fuzz_commands.faults(["search", "scar"], room))
    assert "exit code 70" in found
    assert "commands the terminal" in found
    assert "a temporary file is left" in found
    assert "q.rq is gone" in found
    (room / "q.rq").write_bytes(query)
