"""What the documents print of the server runs, and its examples are of commands that are there."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import calcinosis
from calcinosis.cli.serve import serve
from calcinosis.graph.locate import data
from calcinosis.web.app import application
from tests.serving import Server, running
from tests.shared import few

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "http-api.md").read_text(encoding="utf-8")
SERVING = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
CALLS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
EXAMPLES = ROOT / "examples" / "serving"


@pytest.fixture(scope="module")
def server(kg: calcinosis.KnowledgeGraph) -> Iterator[Server]:
    with running(application(kg)) as found:
        yield found


@pytest.mark.external("curl")
@pytest.mark.parametrize("line", few(CALLS, CALLS[0]))
def test_a_call_that_is_printed_runs(server: Server, tmp_path: Path, line: str) -> None:
    for name in ("patients.yaml", "patients.csv"):
        shutil.copy(data("examples") / name, tmp_path)
    words = shlex.split(line.replace("http://127.0.0.1:8000", server.url))
    done = subprocess.run(
        [*words, "--fail", "--silent", "--show-error", "--noproxy", "*"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    if "format=csv" not in line and "style" not in line:
        json.loads(done.stdout)


def options(words: list[str]) -> dict[str, object]:
    """The options of ``serve`` as it reads them; click's UsageError for an unknown one."""
    return serve.make_context("serve", words, resilient_parsing=False).params


def test_commands_that_are_printed_are_of_options_that_are_there() -> None:
    lines = re.findall(r"^calcinosis serve(.*)$", SERVING, re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        options(shlex.split(line))
    table = set(re.findall(r"^\| `(--[a-z-]+)` \|", SERVING, re.MULTILINE))
    known = {name for one in serve.params for name in one.opts}
    assert table <= known


def test_the_defaults_that_are_printed_are_those_of_the_command() -> None:
    found = options([])
    rows = dict(re.findall(r"^\| `--([a-z-]+)` \| (\d+)", SERVING, re.MULTILINE))
    for name, value in rows.items():
        assert found[name.replace("-", "_")] == int(value)


def test_the_unit_and_the_image_start_what_there_is() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(EXAMPLES / "calcinosis.service", encoding="utf-8")
    program, command, *words = shlex.split(unit["Service"]["ExecStart"])
    assert (Path(program).name, command) == ("calcinosis", "serve")
    assert options(words)["hosts"] == ("graph.example.org",)
    assert unit["Service"]["KillMode"] == "mixed"
    image = (EXAMPLES / "Containerfile").read_text(encoding="utf-8")
    (entry,) = re.findall(r"^ENTRYPOINT (\[.*\])$", image, re.MULTILINE)
    assert options(json.loads(entry)[2:])["host"] == "0.0.0.0"


def test_the_proxies_wait_longer_than_the_server_and_let_as_much_through() -> None:
    found = options([])
    for name, wait, size in (
        ("nginx.conf", r"proxy_read_timeout (\d+)s", r"client_max_body_size (\d+)m"),
        ("Caddyfile", r"response_header_timeout (\d+)s", r"max_size (\d+)MB"),
    ):
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        waits, sizes = re.findall(wait, text), re.findall(size, text)
        assert [int(one) > found["timeout"] for one in waits] == [True]  # type: ignore[operator]
        assert [int(one) for one in sizes] == [found["max_body"]]


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(click.UsageError):
        options(["--allow-hosts", "x"])
