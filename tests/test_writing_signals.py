"""Signals while something is written: nothing half is left, and none is lost.

Who starts the tests in the background, or with nohup, hands signals down as ignored.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from calcinosis.output import files
from tests.terminal import run

HANDLERS: dict[signal.Signals, Any] = {
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGINT: signal.default_int_handler,
}


def heed() -> None:
    """Let a program that is started heed the signals as it does in a terminal."""
    for number in HANDLERS:
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def heeded() -> Iterator[Callable[[signal.Signals], None]]:
    """Heeds a signal in this process, until the test ends."""
    before: dict[signal.Signals, Any] = {}

    def heed_one(number: signal.Signals) -> None:
        before[number] = signal.signal(number, HANDLERS[number])

    yield heed_one
    for number, handler in before.items():
        signal.signal(number, handler)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGTERM, 143, b"Stopped by SIGTERM.\n"),
        (signal.SIGHUP, 129, b"Stopped by SIGHUP.\n"),
        (signal.SIGINT, 130, b"Interrupted.\n"),
    ],
)
def test_signals_leave_nothing(
    tmp_path: Path, number: signal.Signals, code: int, said: bytes
) -> None:
    old = tmp_path / "old.jsonl"
    old.write_text("old", encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "calcinosis", "classify", "-", "-o", str(old), "--force"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed,  # noqa: PLW1509
    ) as child:
        while len(names(tmp_path)) == 1:  # until the file beside it is there
            assert child.poll() is None
        child.send_signal(number)
        _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (code, said)
    assert names(tmp_path) == {"old.jsonl"}
    assert old.read_text(encoding="utf-8") == "old"


@pytest.mark.slow
def test_what_nohup_ignores_stays_ignored(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "calcinosis", "classify", "-", "-o", str(tmp_path / "a.jsonl")],
        stdin=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # noqa: PLW1509
    ) as child:
        while not names(tmp_path):
            assert child.poll() is None
        child.send_signal(signal.SIGHUP)
        child.communicate(b'{"id": "a"}\n', timeout=60)
    assert child.returncode == 0
    assert names(tmp_path) == {"a.jsonl"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_a_callback_drops_comes_again(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    heeded: Callable[[signal.Signals], None],
    number: signal.Signals,
) -> None:
    class Thing:
        pass

    def load(*_: object, **__: object) -> None:
        thing = Thing()
        _kept.append(weakref.ref(thing, lambda _: signal.raise_signal(number)))
        del thing
        time.sleep(20)
        raise AssertionError("the signal is lost")

    _kept: list[object] = []
    heeded(number)
    monkeypatch.setattr("calcinosis.cli.search.load", load)
    code, _, err = run(["search", "scar"], capsys)
    assert code == (143 if number == signal.SIGTERM else 130)
    assert len(err.splitlines()) == 1


def test_a_signal_waits_for_what_is_begun(heeded: Callable[[signal.Signals], None]) -> None:
    heeded(signal.SIGINT)
    order: list[str] = []

    def begun() -> None:
        with files.undisturbed():
            signal.raise_signal(signal.SIGINT)
            order.append("done")
        order.append("never")

    with pytest.raises(KeyboardInterrupt):
        begun()
    assert order == ["done"]
