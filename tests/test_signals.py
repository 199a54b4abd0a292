"""Runs that are cut short: a sample of the proof's, and that it finds half files."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from proofs import signals
from proofs.signals import Run, Runs


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


@pytest.mark.slow
def test_old_files_stay_or_new_ones_are_whole(runs: Runs) -> None:
    for name, fate in (
        ("look-up.json", "SIGTERM"),
        ("form.xlsx", "full disk"),
        ("kgx", "full disk"),
        ("look-up.json", "read-only"),
        ("look-up.json", "no rights"),
    ):
        assert runs.faults(Run(name, True, fate, 0.8)) == []


def test_every_command_and_fate_is_drawn() -> None:
    found = list(signals.drawn(240, 1))
    assert {run.name for run in found} == set(signals.COMMANDS)
    fates = {number.name for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    assert {run.fate for run in found} == fates | {"full disk", "read-only", "no rights"}
    assert sum(run.fate in fates for run in found) >= 200


@pytest.mark.slow
def test_a_half_file_is_found(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(run: Run, target: Path, _seconds: float) -> tuple[int, str]:
        target.write_text("half", encoding="utf-8")
        (target.parent / ".calcinosis-1").touch()
        return 70, "one\ntwo"

    monkeypatch.setattr(runs, "_ends", half)
    found = " ".join(runs.faults(Run("hits.csv", True, "SIGTERM", 0.5)))
    for part in ("exit code 70", "neither the old", "more than one line", "left behind"):
        assert part in found
