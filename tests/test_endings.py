"""Every command, format and ending: a file holds what its name says, or it is not written."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import pyoxigraph
import pytest

import calcinosis
from calcinosis.cli import endings
from calcinosis.cli.endings import KNOWN, chosen_format, ending_of, spelt
from calcinosis.cli.main import COMMANDS, cli
from calcinosis.errors import MissingProgramError, UsageError
from calcinosis.graph.locate import data
from calcinosis.output import formats
from tests.shared import graph
from tests.terminal import run

PATIENTS = str(data("examples") / "patients.csv")
CALLS = {
    "classify": [PATIENTS],
    "explain": [PATIENTS, "--id", "teaching-dystrophic"],
    "compare": [PATIENTS, "--min-read", "text"],
    "query": ["subtypes"],
    "sparql": ["SELECT ?x { ?x calc:caseOf ?y }"],
    "show": ["reiter-2011"],
    "search": ["scar"],
    "cite": ["reiter-2011"],
    "graph": [],
    "evaluate": [],
    "check": [],
    "diff": [str(data("ontology")), "--cases", PATIENTS],
}
OTHER = ["", ".dat", ".txt", ".log"]
GRAPHS = ("turtle", "ntriples", "jsonld")
TEXTS = ("text", "table")


def command_formats() -> Iterator[tuple[str, str]]:
    """Each command that writes an answer, and a format of it."""
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        if name == "query":
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), "subtypes")
        assert command is not None
        for param in command.params:
            if param.name == "form" and isinstance(param.type, click.Choice):
                yield from ((name, str(form)) for form in param.type.choices)


def near(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """All pairs, of which those are not slow that are the first of a command or of a format."""
    known = list(pairs)
    names, forms = (dict(reversed([(pair[at], pair) for pair in known])) for at in (0, 1))
    first = {*names.values(), *forms.values()}
    return [pytest.param(*one, marks=[] if one in first else pytest.mark.slow) for one in known]


@pytest.fixture
def _reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gets past what the options say ends with exit code 4."""

    def fails(*_: object, **__: object) -> None:
        raise MissingProgramError("reached")

    for name in ("check", "diff", "load"):
        monkeypatch.setattr(f"calcinosis.api.{name}", fails)
    for name in (*CALLS, "export"):
        if name not in ("check", "diff"):
            monkeypatch.setattr(f"calcinosis.cli.{name}.load", fails)


@pytest.mark.usefixtures("_reached")
@pytest.mark.parametrize(("name", "form"), near(command_formats()))
def test_a_command_refuses_every_foreign_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, form: str
) -> None:
    own = {".txt"} if form in TEXTS else set(endings.FORMATS[form])
    for ending in sorted(KNOWN) + OTHER:
        asked = [name, *CALLS[name], "-f", form, "-o", str(tmp_path / f"x.y{ending}")]
        code, _, err = run(asked, capsys)
        any_text = ending in OTHER and form not in ("xlsx", "parquet", "png", "pdf")
        if name == "graph":  # a picture's name says which it is
            assert (code == 4) == (ending in own), ending
        else:
            assert (code == 4) == (ending in own or ending not in KNOWN or any_text), ending
        assert code in (2, 4)
        assert len(err.splitlines()) == 1 + (name == "check" and code == 4)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_reached")
@pytest.mark.parametrize("name", list(CALLS))
def test_without_a_format_the_ending_is_one_of_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    forms = [form for command, form in command_formats() if command == name]
    own = {ending for form in forms for ending in endings.FORMATS.get(form, ())}
    for ending in sorted(KNOWN):
        asked = [name, *CALLS[name], "-o", str(tmp_path / f"x{ending}")]
        code = run(asked, capsys)[0]
        assert (code == 4) == (ending in own or (ending == ".txt" and name != "graph")), ending


@pytest.mark.usefixtures("_reached")
@pytest.mark.parametrize("form", formats.FORMATS, ids=lambda form: form.name)
def test_an_export_refuses_every_foreign_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: formats.Format
) -> None:
    for ending in sorted(KNOWN):
        asked = ["export", form.name, "-o", str(tmp_path / f"x{ending}")]
        code = run(asked, capsys)[0]
        text = ending == ".txt" and form.suffix not in (".xlsx", ".zip")
        assert (code == 4) == (ending in (*spelt(form.suffix), ".zip") or text), ending


@pytest.mark.usefixtures("_reached")
def test_an_export_without_a_name_is_no_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ending in sorted(KNOWN - {".txt"}):
        asked = ["export", "-o", str(tmp_path / f"x{ending}")]
        assert run(asked, capsys)[0] in (2, 4), ending
    assert list(tmp_path.iterdir()) == []


def test_the_table_knows_every_ending_that_is_written() -> None:
    for form in formats.FORMATS:
        assert set(spelt(form.suffix)) <= KNOWN
    assert ending_of("a/calcinosis.SSSOM.tsv") == ".sssom.tsv"
    assert ending_of("a.b.csv/x.tar.gz") == ".gz"
    assert (ending_of(".csv"), ending_of(None), ending_of("a.new")) == ("", "", ".new")
    with pytest.raises(UsageError, match=r"ends in \.nt\. End it in \.csv"):
        chosen_format("csv", "x.nt", {"csv": (".csv",)})


# -- what is in the files ------------------------------------------------------------------------


def kind(content: bytes) -> set[str]:
    """The endings that content may have."""
    if content.startswith(b"PK"):
        return {".xlsx", ".zip"}
    if content.startswith(b"\x89PNG"):
        return {".png"}
    if content.startswith(b"%PDF"):
        return {".pdf"}
    text = content.decode("utf-8")
    found = {".txt", ""}
    for test, ending in (
        (_is_json, ".json"),
        (_are_json_lines, ".jsonl"),
        (lambda text: text.startswith("<svg "), ".svg"),
        (lambda text: text.startswith("<!DOCTYPE html>"), ".html"),
        (lambda text: text.startswith("<?xml "), ".xml"),
        (lambda text: text.startswith("@") and "author = {" in text, ".bib"),
        (lambda text: text.startswith("TY  - "), ".ris"),
        (lambda text: re.search(r"^(#+ |\||\s*- )", text, re.MULTILINE), ".md"),
        (lambda text: _is_table(text, ","), ".csv"),
        (lambda text: _is_table(text, "\t"), ".tsv"),
        (_is_turtle, ".ttl"),
    ):
        if test(text):
            found.add(ending)
    return found


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _are_json_lines(text: str) -> bool:
    return all(map(_is_json, text.splitlines()))


def _is_table(text: str, delimiter: str) -> bool:
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    return len({len(row) for row in rows}) == 1 and rows[0][0].isprintable() and rows[0] != [text]


def _is_turtle(text: str) -> bool:
    try:
        return bool(list(pyoxigraph.parse(text, pyoxigraph.RdfFormat.TURTLE)))
    except SyntaxError:
        return False


@pytest.fixture
def _loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    kg = graph()

    def shared(*_: object, **__: object) -> calcinosis.KnowledgeGraph:
        return kg

    monkeypatch.setattr("calcinosis.api.load", shared)
    monkeypatch.setattr("calcinosis.api.diffs.load", shared)
    for name in (*CALLS, "export"):
        if name not in ("check", "diff"):
            monkeypatch.setattr(f"calcinosis.cli.{name}.load", shared)


@pytest.mark.usefixtures("_loaded")
@pytest.mark.parametrize(
    ("name", "form"),
    near(
        pair
        for pair in command_formats()
        if pair[0] not in ("check", "evaluate") and pair[1] != "parquet"
    ),
)
def test_a_file_holds_what_its_name_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, form: str
) -> None:
    call = ["CONSTRUCT { ?x a calc:X } { ?x calc:caseOf ?y }"] if form in GRAPHS else CALLS[name]
    for ending in endings.FORMATS.get(form, (".txt",)):
        path = tmp_path / f"x{ending}"
        code, _, err = run([name, *call, "-f", form, "-o", str(path)], capsys)
        assert (code, err) == (0, "")
        lines = dict.fromkeys(("phenopacket", "fhir"), ".jsonl")
        other = {"ntriples": ".ttl", "jsonld": ".json", **lines}
        own = other.get(form) or spelt_of(ending)
        assert own in kind(path.read_bytes())


def spelt_of(ending: str) -> str:
    """The first spelling of an ending."""
    return next((known[0] for known in endings.FORMATS.values() if ending in known), ending)


@pytest.mark.usefixtures("_loaded")
def test_the_mappings_are_written_as_the_documents_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("calcinosis.sssom.tsv", "x.tsv"):
        assert run(["export", "sssom", "-o", str(tmp_path / name)], capsys) == (0, "", "")
        assert (tmp_path / name).read_bytes().startswith(b"#")
    assert run(["export", "-o", str(tmp_path / "y.sssom.tsv")], capsys) == (0, "", "")
