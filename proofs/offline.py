"""Without --endpoint no command opens a socket of the internet, nor does a process it starts.

Every command, every example of its help, every look-up and every export format is run. strace
watches the kernel's door where it is there (all processes, Java too), otherwise an audit hook in
every Python process. One call with --endpoint shows first that a socket would be seen.

    python -m proofs.offline [--at TEXT]
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from tests.servers import raw, reply

from calcinosis.api import Catalogue
from calcinosis.cli.main import COMMANDS, cli
from calcinosis.output.formats import FORMATS

ROOT = Path(__file__).parent.parent
ASKED = "SELECT ?x { ?x a ?y } LIMIT 1"
_EXAMPLE = re.compile(r"^ *calcinosis (\w(?:\\\n|.)*)", re.MULTILINE)
_INTERNET = re.compile(r"AF_INET|sin6?_addr")
_HOOK = """
import os, sys
def heard(event, args):
    mine = event.startswith("socket.")
    if mine and (event != "socket.__new__" or int(args[1]) in (2, 10, 23, 30)):
        with open(os.environ["HEARD"], "a") as log:
            log.write(f"AF_INET {event} {args}\\n")
sys.addaudithook(heard)
"""
SERVERS = ("serve", "mcp")
APART = ("export", "query")  # no other command reads what these write
_STRACE = ("strace", "-f", "-qq", "-e", "trace=socket,connect", "-o")


def calls() -> Iterator[list[str]]:
    """The words of every call."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        yield from _shown([name], command)
        if isinstance(command, click.Group) and name != "query":
            for below in command.list_commands(context):
                inner = command.get_command(context, below)
                assert inner is not None
                yield from _shown([name, below], inner)
    for name in Catalogue().names():
        yield ["query", name]
    for name in (found.name for found in FORMATS):
        yield ["export", name, "-o", f"out-{name}"]
    yield ["--version"]
    yield ["check", "--no-reasoner"]
    yield ["map", "examples/patients.csv", "-o", "out.map.yaml"]
    for form in ("text", "json", "jsonl", "csv", "xlsx"):
        yield ["classify", "examples/patients.csv", "-f", form, "-o", f"verdicts.{form}"]
    yield ["classify", "examples/patients.yaml", "--reasoner", "hermit"]
    yield ["sparql", "SELECT ?x { SERVICE <http://127.0.0.1:9/> { ?x ?y ?z } }"]
    yield ["sparql", "SELECT ?x FROM <http://127.0.0.1:9/> { ?x ?y ?z }"]


def _shown(words: list[str], command: click.Command) -> Iterator[list[str]]:
    """The call of its help, and those that the help shows."""
    text = (command.help or "").replace("\b", "")
    yield [*words, "--help"]
    if words[0] in SERVERS:
        return  # to listen is what they are for
    yield from (shlex.split(found.replace("\\\n", "")) for found in _EXAMPLE.findall(text))


def sockets(words: list[str], folder: Path) -> list[str]:
    """The lines that tell of a socket of the internet while a command runs in a folder.

    Two may run at once, if one of them is of those apart.
    """
    log = folder / ("apart.log" if words[0] in APART else "heard.log")
    log.write_text("", encoding="utf-8")
    command = [sys.executable, "-m", "calcinosis", *words]
    environment = {**os.environ, "HEARD": str(log), "NO_PROXY": "127.0.0.1"}
    if shutil.which("strace"):
        command = [*_STRACE, str(log), *command]
    else:
        hook = folder / "hook"
        hook.mkdir(exist_ok=True)
        (hook / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
        paths = [str(hook), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, timeout=600, check=False
    )
    told = log.read_text(encoding="utf-8", errors="replace")
    return [line for line in told.splitlines() if _INTERNET.search(line)]


def _opens(call: list[str], folder: Path) -> bool:
    """Whether a command has opened a socket; it is printed."""
    seen = sockets(call, folder)
    if seen:
        print(f"calcinosis {shlex.join(call)}: {seen[0]}", flush=True)
    return bool(seen)


def main(words: list[str] | None = None) -> int:
    """1 if a command has opened a socket, or if none is seen where one is opened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at", default="", help="only calls that have this text")
    given = parser.parse_args(words)
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "examples", folder / "examples")
        shutil.copy(folder / "examples" / "patients.yaml", folder / "my_cases.yaml")
        (folder / "query.rq").write_text(ASKED, encoding="utf-8")
        with raw() as server:
            url = server.answers(reply())
            if not sockets(["sparql", ASKED, "--endpoint", url], folder):
                print("A socket that was opened was not seen.")
                return 1
        run = [call for call in calls() if given.at in shlex.join(call)]

        def lane(*, apart: bool) -> int:
            asked = [call for call in run if (call[0] in APART) is apart]
            return sum(_opens(call, folder) for call in asked)

        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(lane, apart=True)
            failed = lane(apart=False) + beside.result()
    by = "strace" if shutil.which("strace") else "an audit hook"
    print(f"{len(run)} calls watched by {by}, {failed} of them opened a socket of the internet")
    return int(bool(failed) or not run)


if __name__ == "__main__":
    sys.exit(main())
