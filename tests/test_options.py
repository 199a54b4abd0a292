"""The file's ending and the format: what chooses, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from calcinosis.cli.endings import FORMATS, chosen_format
from calcinosis.cli.main import COMMANDS, cli
from calcinosis.errors import UsageError
from calcinosis.graph.locate import data
from tests.terminal import run

PATIENTS = str(data("examples") / "patients.yaml")
ENDINGS = {"text": (), "json": (".json",), "ld": (".jsonld", ".json"), "x": (".x",), "y": (".x",)}


@pytest.mark.parametrize(
    ("asked", "output", "wanted"),
    [
        (None, None, None),
        (None, "a.json", "json"),
        (None, "a.JSON", "json"),
        (None, "folder.json/a", None),
        (None, "a.other", None),
        ("ld", "a.json", "ld"),
        ("x", "a.x", "x"),
        ("text", "a.other", "text"),
        ("text", None, "text"),
        ("unknown", "a.json", "unknown"),
    ],
)
def test_the_format_by_option_and_ending(
    asked: str | None, output: str | None, wanted: str | None
) -> None:
    assert chosen_format(asked, output, ENDINGS) == wanted


@pytest.mark.parametrize(
    ("asked", "output", "what", "cure"),
    [
        ("text", "a.json", "that of -f json, and -f text", "End it in .txt, or take -f json"),
        ("json", "a.jsonld", "that of -f ld, and -f json", "End it in .json, or take -f ld"),
        (None, "a.x", "several formats end in .x", "Name one of x, y"),
    ],
)
def test_an_ending_of_another_format_is_refused(
    asked: str | None, output: str, what: str, cure: str
) -> None:
    with pytest.raises(UsageError) as caught:
        chosen_format(asked, output, ENDINGS, "-f ")
    assert what in caught.value.what
    assert (caught.value.where, caught.value.cure) == (output, cure)


def test_every_format_but_plain_text_has_an_ending() -> None:
    commands = (cli.get_command(click.Context(cli), name) for name in COMMANDS)
    formats = {
        form
        for command in commands
        if command is not None
        for param in command.params
        if param.name == "form" and isinstance(param.type, click.Choice)
        for form in param.type.choices
    }
    assert formats - set(FORMATS) == {"text", "table"}


def test_classify_writes_what_the_file_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, start in (("a.xlsx", b"PK"), ("a.csv", b"case,subtype"), ("a.jsonl", b'{"')):
        assert run(["classify", PATIENTS, "-o", str(tmp_path / name)], capsys)[0] == 0
        assert (tmp_path / name).read_bytes().startswith(start)
    for form, name in (("xlsx", "b.csv"), ("csv", "b.xlsx")):
        asked = ["classify", PATIENTS, "-f", form, "-o", str(tmp_path / name)]
        code, _, err = run(asked, capsys)
        assert code == 2
        assert f"{name}: its ending is that of" in err
        assert len(err.splitlines()) == 1
        assert not (tmp_path / name).exists()
    assert run(["classify", PATIENTS, "-f", "csv", "-o", str(tmp_path / "b.dat")], capsys)[0] == 0


@pytest.mark.slow
def test_look_ups_sparql_and_exports_write_what_the_file_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    construct = "CONSTRUCT { ?x a calc:X } { ?x calc:caseOf ?y }"
    for name, *asked in (
        ("a.json", "query", "subtypes"),
        ("b.json", "sparql", "SELECT ?x { ?x calc:caseOf ?y }"),
        ("c.json", "sparql", construct, "-f", "jsonld"),
        ("d.jsonld", "sparql", construct),
    ):
        assert run([*asked, "-o", str(tmp_path / name)], capsys) == (0, "", "")
        json.loads((tmp_path / name).read_text(encoding="utf-8"))
    assert run(["export", "-o", str(tmp_path / "a.xlsx")], capsys) == (0, "", "")
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
    code, _, err = run(["export", "-o", str(tmp_path / "a.csv")], capsys)
    assert code == 2
    assert "several formats end in .csv" in err
    code, _, err = run(["export", "xlsx", "-o", str(tmp_path / "a.csv")], capsys)
    assert code == 2
    assert "and xlsx is asked for" in err
