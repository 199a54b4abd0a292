"""Command lines as nobody writes them: ``python -m proofs.fuzz_commands [--inputs N] [--seed S]``.

Each call is made of a command, its options and hostile values, and run in this process in a folder
with files that are odd in ways of their own. Whatever is called: no traceback, an exit code of the
contract, one line for an error, no command of a terminal in what is said, nothing half written.
Exit code 1 where a call finds otherwise; it is printed as JSON, for
``tests/data/corpus/commands.jsonl``.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import click

import calcinosis
from calcinosis.cli.main import COMMANDS, cli, main
from calcinosis.errors import UsageError
from proofs.offline import SERVERS

CODES = {0, 1, 2, 3, 4, 130}
_SHOWN = {*map(chr, range(0x600, 0x606)), *"\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"}
_PIECES = [
    *(
        "",
        " ",
        "-",
        "--",
        "-o",
        "-f",
        "=",
        "--=",
        "/",
        "..",
        "~",
        "*",
        "?",
        "'",
        '"',
        "\\",
        "%s",
        "{}",
    ),
    *("\x00", "\x1b[2J", "\x07", "\r", "\n", "\t", "\x7f", "\x9b", "\u202e", "\u2028", "\u200b"),
    *("\udce9", "\ud800", "\ufeff", "e\u0301", "症", "😀", "\U000e0001", "\u0600"),
    *("0", "-1", "1e9", "nan", "inf", "1" * 400, "null", "true", "\u0663", "1_0", "0x10"),
    *("x" * 300, "x" * 70_000, "a/" * 3000, "(" * 500, "[" * 500, "'" * 301),
    *("metastatic", "reiter-2011", "burn scar", "subtypes", "scar", "text", "json", "csv", "xlsx"),
    *("SELECT ?x { ?x a ?y } LIMIT 1", "ASK {", "CONSTRUCT { ?x a ?y } { ?x a ?y }", "DROP ALL"),
    *("subtype=metastatic", "subtype", "2011", "1850", "all", "nothing", "levels,causes", "apa"),
]
_FILES = [
    *("good.json", "good.csv", "good.yaml", "folder", "missing", "loop", "dangling", "none", "."),
    *("-", "/dev/null", "good.json/x", "out.csv", "out.xlsx", "out.md", "out.zip", "out", "new/x"),
    *("odd\x1b[2J.json", "odd\n.csv", "odd\udce9.yaml", "/dev/full", "/proc/self/mem", "q.rq"),
]
_GOOD = '{"id": "a", "calcinosis": "present", "conditions": ["burn scar"]}'


def hidden(text: str) -> list[str]:
    """The characters of a text that command a terminal, part lines or show nothing."""
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return [
        char
        for char in set(text)
        if char != "\n" and unicodedata.category(char) in kinds and char not in _SHOWN
    ]


def furnish(room: Path) -> None:
    """Lay out the files that a call may name."""
    (room / "folder").mkdir()
    for name in ("good.json", "good.yaml", "folder/good.json", "odd\x1b[2J.json", "odd\udce9.yaml"):
        (room / name).write_text(_GOOD, encoding="utf-8")
    for name in ("good.csv", "odd\n.csv"):
        (room / name).write_text("id,conditions\na,burn scar\nb,\x1b[2J\n", encoding="utf-8")
    (room / "q.rq").write_text("ASK { ?x a ?y }", encoding="utf-8")
    (room / "loop").symlink_to("loop")
    (room / "dangling").symlink_to("missing")
    (room / "none").touch()


@dataclass(frozen=True)
class Done:
    """How a call ended: its code, what it wrote and what it said."""

    code: int
    out: str
    err: str


def run(call: Sequence[str], stdin: bytes = b"") -> Done:
    """Run a call in this process, in the current folder."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in "oe"]
    given = io.TextIOWrapper(io.BytesIO(stdin))
    with (
        patch.object(sys, "stdin", given),
        patch.object(sys, "stdout", streams[0]),
        patch.object(sys, "stderr", streams[1]),
    ):
        try:
            main(list(call))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        out, err = (_content(stream) for stream in streams)
    return Done(code, out, err)


def _content(stream: io.TextIOWrapper) -> str:
    stream.flush()
    held = stream.buffer
    assert isinstance(held, io.BytesIO)
    return held.getvalue().decode("utf-8", errors="replace")


class _Warm:
    """The door of the package, which keeps the graphs that it loaded."""

    def __init__(self) -> None:
        self._load = cache(calcinosis.load)

    def __call__(self, viewpoint: str | None = None, **given: Any) -> calcinosis.KnowledgeGraph:
        """The graph as ``calcinosis.load`` has it, by the compiled reasoner."""
        given.pop("reasoner", None)
        return self._load(viewpoint, **given) if viewpoint else self._load(**given)


def _slow(*_: object, **__: object) -> Any:
    raise UsageError("it takes long", "here")


@contextmanager
def warm() -> Iterator[None]:
    """Keep loaded graphs, and refuse what takes long: the command line itself is tried."""
    load = _Warm()
    with ExitStack() as stack:
        stack.enter_context(patch("calcinosis.api.load", load))
        stack.enter_context(patch("calcinosis.api.check", _slow))
        for name in COMMANDS:
            module = import_module(f"calcinosis.cli.{name}")
            if hasattr(module, "load"):
                stack.enter_context(patch.object(module, "load", load))
        for name in ("evaluate", "rank"):
            stack.enter_context(patch.object(calcinosis.KnowledgeGraph, name, _slow))
        yield


@contextmanager
def furnished() -> Iterator[Path]:
    """A folder of odd files, which is the current one."""
    before = Path.cwd()
    with TemporaryDirectory() as top:
        room = Path(top, *"above")  # so that ".." does not name what others have there
        room.mkdir(parents=True)
        furnish(room)
        os.chdir(room)
        try:
            yield room
        finally:
            os.chdir(before)


def faults(call: Sequence[str], room: Path, stdin: bytes = b"") -> list[str]:
    """What a call in a furnished folder does that none may; what it writes is taken away."""
    there = set(room.iterdir())
    try:
        done = run(call, stdin)
    except Exception as error:  # noqa: BLE001 (whatever leaves it is found)
        return [f"it raises {error!r}"]
    found = [*_said(call, done), *_left(room, done)]
    for path in set(room.iterdir()) - there:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return found


def _said(call: Sequence[str], done: Done) -> Iterator[str]:
    lines = done.err.splitlines()
    if done.code == 143:
        raise KeyboardInterrupt  # the proof itself is to stop
    if done.code not in CODES or "Traceback" in done.err:
        yield f"exit code {done.code}: {done.err[-300:]}"
    if hidden(done.err):
        yield f"standard error commands the terminal: {hidden(done.err)}"
    errors = [line for line in lines if line.startswith("Error: ")]
    helped = not call or "Usage: " in done.err
    if done.code == 2 and not helped and len(errors) != 1:
        yield f"not one line of error: {done.err[:300]!r}"
    if done.code == 0 and errors:
        yield "an error, and exit code 0"
    if max(map(len, lines), default=0) > 10_000:
        yield f"a line of {max(map(len, lines))} characters"


def _left(room: Path, done: Done) -> Iterator[str]:
    names = [os.fsencode(path.name) for path in room.rglob("*")]
    if any(name.startswith(b".calcinosis-") for name in names):
        yield "a temporary file is left"
    for name in ("good.json", "good.csv", "folder/good.json", "q.rq"):
        if not (room / name).exists():
            yield f"{name} is gone"
    if done.code == 2 and (room / "out.csv").exists():
        yield "a refused call wrote"


@cache
def _commands() -> list[tuple[list[str], list[click.Parameter]]]:
    """Every command by its words, with its parameters."""
    found = []
    for name in COMMANDS:
        if name in SERVERS:
            continue  # they wait for others
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        if isinstance(command, click.Group):
            context = click.Context(command)
            for below in command.list_commands(context):
                inner = command.get_command(context, below)
                assert inner is not None
                found.append(([name, below], inner.params))
        else:
            found.append(([name], command.params))
    return found


def calls(inputs: int, seed: int) -> Iterator[tuple[list[str], bytes]]:
    """Calls, each with its standard input; each depends on the seed and its number alone."""
    for number in range(inputs):
        rng = random.Random(f"{seed}:{number}")
        yield _call(rng), rng.choice((b"", _GOOD.encode(), b"\x00\xff", b"SELECT * {}", b"[" * 99))


def _call(rng: random.Random) -> list[str]:
    if rng.random() < 0.05:
        return [_word(rng) for _ in range(rng.randrange(4))]
    words, parameters = rng.choice(_commands())
    if len(words) == 2 and rng.random() < 0.5:
        words, parameters = rng.choice([one for one in _commands() if len(one[0]) == 1])
    call = [*words]
    for parameter in parameters:
        if parameter.name == "endpoint":
            continue  # it is no matter of this machine alone
        call += _given(rng, parameter)
    if rng.random() < 0.2:
        call.insert(rng.randrange(len(call) + 1), _word(rng))
    if rng.random() < 0.1:
        rng.shuffle(call)
    return call


def _given(rng: random.Random, parameter: click.Parameter) -> Iterator[str]:
    if isinstance(parameter, click.Argument):
        for _ in range(rng.choice((0, 1, 1, 1, 2))):
            yield _value(rng, parameter)
    elif rng.random() < 0.15:
        yield rng.choice(parameter.opts)
        if not getattr(parameter, "is_flag", False):
            yield _value(rng, parameter)


def _value(rng: random.Random, parameter: click.Parameter) -> str:
    kind = parameter.type
    if isinstance(kind, click.Choice) and rng.random() < 0.8:
        return str(rng.choice(list(kind.choices)))
    is_path = isinstance(kind, click.Path)
    return rng.choice(_FILES) if is_path and rng.random() < 0.8 else _word(rng)


def _word(rng: random.Random) -> str:
    pieces = [rng.choice(_PIECES + _FILES) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    return "".join(pieces)


def main_() -> int:
    """Run the proof; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    asked = parser.parse_args()
    started, tried, found = time.monotonic(), 0, 0
    with warm(), furnished() as room:
        for call, stdin in calls(asked.inputs, asked.seed):
            if time.monotonic() - started > asked.seconds:
                break
            tried += 1
            for fault in faults(call, room, stdin):
                found += 1
                print(json.dumps([call, stdin.decode("latin-1")]), fault, sep="\n  ", flush=True)
    seconds = time.monotonic() - started
    print(f"{tried:,} command lines in {seconds:.0f} s (seed {asked.seed}): {found} faults")
    return int(found > 0 or tried == 0)


if __name__ == "__main__":
    sys.exit(main_())
