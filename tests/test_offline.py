"""Nothing asks the network unless an endpoint is named."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from proofs.offline import ASKED, calls

from calcinosis.cli.main import COMMANDS
from calcinosis.graph.catalogue import Catalogue
from calcinosis.graph.locate import data
from tests.servers import raw, reply
from tests.shared import few
from tests.terminal import run
from tests.test_add_claim import called

EXAMPLES = Path(__file__).parent.parent / "examples"
CALLS = (
    ("classify", "patients.yaml"),
    ("map", "patients.csv"),
    ("classify", "patients.csv", "-f", "xlsx", "-o", "verdicts.xlsx"),
    ("explain", "patients.yaml", "-f", "html", "-o", "why.html"),
    ("compare", "patients.yaml", "--min-read", "text"),
    ("template", "form.xlsx"),
    ("query", "subtypes"),
    ("sparql", ASKED),
    ("sparql", "SELECT ?x { SERVICE <http://127.0.0.1:9/> { ?x a ?y } }"),
    ("show", "viewpoints"),
    ("search", "MONDO:0016367"),
    ("cite", "reiter-2011", "--style", "apa"),
    ("export", "owl", "--subtype", "metastatic", "-o", "x.owl"),
    ("graph", "--around", "metastatic", "-o", "x.svg"),
    ("evaluate",),
    ("serve", "--help"),
    ("mcp", "--help"),
    ("check", "--no-reasoner", "--ontology", "."),
    ("diff", str(data("ontology")), "--cases", "patients.yaml"),
    tuple(called("ours.ttl")),
)


class Heard:
    """Sockets of the internet and look-ups of names in this process, while it listens."""

    def __init__(self) -> None:
        self.listens = False
        self.events: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.listens or not event.startswith("socket."):
            return
        if event != "socket.__new__" or arguments[1] in (socket.AF_INET, socket.AF_INET6):
            self.events.append(event)

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """What is heard meanwhile."""
        self.events.clear()
        self.listens = True
        try:
            yield self.events
        finally:
            self.listens = False


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


# make offline takes the others too, each as a process.
LIGHT = [words for words in CALLS if words[0] not in ("add", "compare", "diff", "explain", "graph")]


@pytest.mark.slow
@pytest.mark.parametrize("words", few(CALLS, *LIGHT), ids=" ".join)
def test_no_command_opens_a_socket(
    words: tuple[str, ...],
    heard: Heard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("patients.yaml", "patients.csv"):
        (tmp_path / name).write_bytes((EXAMPLES / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    with heard.listening() as events:
        code, _, _ = run(list(words), capsys)
    assert not events
    assert code == (2 if "SERVICE" in words[-1] else 1 if "check" in words else 0)


def test_a_socket_would_be_heard(
    heard: Heard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with raw() as server, heard.listening() as events:
        run(["sparql", ASKED, "--endpoint", server.answers(reply())], capsys)
    assert {"socket.getaddrinfo", "socket.connect"} <= set(events)


def test_every_command_is_watched() -> None:
    assert {words[0] for words in CALLS} == set(COMMANDS)
    proven = list(calls())
    assert {words[0] for words in proven} >= set(COMMANDS)
    assert [n for n in Catalogue().names() if ["query", n] not in proven] == []
