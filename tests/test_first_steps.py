"""What a newcomer meets first: a terminal in colours, a query with a slip, a cohort with one."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from calcinosis.errors import CalcinosisError
from calcinosis.graph.locate import data
from calcinosis.output.words.verdicts import COLOURS
from tests.terminal import run
from tests.test_process import run as process

EXAMPLES = data("examples")


def shown(*arguments: str) -> str:
    """What a command shows in a terminal of 80 columns that takes colours."""
    parent, child = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    environment.pop("NO_COLOR", None)
    call = [sys.executable, "-m", "calcinosis", *arguments]
    with subprocess.Popen(
        call, stdin=child, stdout=child, stderr=child, env=environment, close_fds=True
    ):
        os.close(child)
        parts = []
        try:
            while part := os.read(parent, 1 << 16):
                parts.append(part)
        except OSError:  # how Linux says that nobody writes any more
            pass
        os.close(parent)
    return b"".join(parts).decode()


@pytest.mark.slow
def test_every_verdict_has_its_colour_in_a_terminal() -> None:
    text = shown("classify", str(EXAMPLES / "patients.yaml"))
    assert "bug" not in text
    codes = {"green": 32, "cyan": 36, "bright_black": 90, "yellow": 33, "red": 31}
    assert {name for name, code in codes.items() if f"\x1b[{code}m" in text} == set(
        COLOURS.values()
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [("show", "calciphylaxis"), ("query", "subtypes"), ("search", "x")]
)
def test_a_terminal_shows_what_a_pipe_gets(words: tuple[str, ...]) -> None:
    text = shown(*words)
    assert "Traceback" not in text
    assert "\x1b[1m" in text


@pytest.mark.slow
def test_the_mark_stands_below_the_query() -> None:
    code, _, err = process("sparql", "SELEC ?x { ?x a ?y }")
    assert code == 2
    first, query, mark = err.decode().splitlines()
    assert first.startswith("Error: query, line 1, column 1: SELEC cannot stand here")
    assert (query, mark) == ("  SELEC ?x { ?x a ?y }", "  ^")


def test_an_error_is_one_line_with_its_excerpt_below() -> None:
    error = CalcinosisError("a\nb", "here", "Mend it", "  text\n  ^")
    assert (error.line, str(error)) == ("here: a\nb. Mend it", "here: a\nb. Mend it\n  text\n  ^")


# -- the ids of refused cases ----------------------------------------------------------------

COHORT = {
    "c.csv": 'id,calcinosis\nP3,perhaps\n"P3 ",present\nP4,present\nP4,nearly\n',
    "c.yaml": (
        '- {id: P3, calcinosis: perhaps}\n- {id: "P3 ", calcinosis: present}\n'
        "- {id: P4, calcinosis: present}\n- {id: P4, calcinosis: nearly}\n"
    ),
}


@pytest.mark.parametrize("name", COHORT)
def test_the_id_of_a_refused_case_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).write_text(COHORT[name], encoding="utf-8")
    code, out, err = run(["classify", str(tmp_path / name), "-f", "jsonl"], capsys)
    assert code == 3
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["P4"]
    told = err.splitlines()
    assert sum("was given to an earlier case" in line for line in told) == 2
    assert sum("is no status" in line for line in told) == 2


@pytest.mark.parametrize("cell", ["Martian fever, lupus", "Martian fever and lupus"])
def test_items_that_are_parted_by_other_signs_are_told_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    path = tmp_path / "c.csv"
    path.write_text(f'id,conditions\na,"{cell}"\n', encoding="utf-8")
    code, _, err = run(["classify", "--strict", str(path)], capsys)
    assert code == 3
    assert "Part several items by ';'" in err


# -- pipes and folders -----------------------------------------------------------------------


@pytest.mark.slow
def test_a_table_in_a_pipe_is_told_where_it_belongs() -> None:
    code, _, err = process("classify", "-", input=b"id,conditions\na,burn scar\n")
    assert code == 3
    assert err.decode().startswith("Refused: standard input: this looks like a table")
    assert ".csv" in err.decode()


def test_what_stays_in_a_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    for file, name in ((one, "first"), (two, "second")):
        file.write_text(f"id: {name}\ncalcinosis: present\n", encoding="utf-8")
    asked = ["export", "phenopackets", "-o", str(tmp_path / "packets"), "--cases"]
    assert run([*asked, str(one)], capsys)[0] == 0
    code, _, err = run([*asked, str(two), "--force"], capsys)
    assert code == 0
    assert f"1 other file in {tmp_path / 'packets'} stayed as before." in err
    assert {path.name[:10] for path in (tmp_path / "packets").glob("0001*")} == {
        "0001-first",
        "0001-secon",
    }


def test_of_many_values_that_nothing_judges_the_first_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "many.csv"
    rows = "".join(f"P{number},9.1\n" for number in range(50))
    path.write_text(f"id,Ca (mg/dl)\n{rows}", encoding="utf-8")
    code, _, err = run(["classify", str(path), "-f", "csv"], capsys)
    assert code == 0
    assert err.count("Not interpreted: P") == 20
    assert "Not interpreted: 30 more values" in err
