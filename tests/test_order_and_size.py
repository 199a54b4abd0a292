"""What stands out of order, and what is small as a file and large once it is read."""

from __future__ import annotations

import io
import stat
from collections.abc import Iterable
from email.message import Message
from pathlib import Path

import pytest

import calcinosis
from calcinosis.errors import UsageError
from calcinosis.facts import limits
from calcinosis.graph import received
from calcinosis.graph.transport import AnswerError, Response
from calcinosis.output.files import replace_folder
from tests import hostile, tables
from tests.terminal import run
from tests.test_first_steps import shown

Kg = calcinosis.KnowledgeGraph
SHEET = "xl/worksheets/sheet1.xml"


def row(number: int, *places: str) -> bytes:
    cells = b"".join(hostile.cell(place, f"p{place}") for place in places)
    return b'<row r="%d">%s</row>' % (number, cells)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((row(2, "A2"), row(9, "A9"), row(3, "A3")), "row 3 stands after row 9"),
        ((row(2, "A2"), row(2, "A2")), "row 2 stands after row 2"),
        ((row(2, "A2", "A2"),), "a cell of row 2 stands after one further right"),
        ((row(2, "B2", "A2"),), "a cell of row 2 stands after one further right"),
        ((row(0, "A1"),), "row 0 stands after row 1"),
    ],
    ids=["order", "twice", "cell twice", "cells turned", "row 0"],
)
def test_no_row_or_cell_is_lost_behind_another(
    kg: Kg, tmp_path: Path, rows: Iterable[bytes], said: str
) -> None:
    path = hostile.book(tmp_path / "a.xlsx", {SHEET: hostile.sheet(rows)})
    assert said in str(tables.refusal(kg, path))


def many(tag: bytes, root: bytes) -> list[bytes]:
    return [b"<", root, b">", (b"<" + tag + b"/>") * 60, b"</", root, b">"]


@pytest.mark.parametrize(
    ("part", "tag", "root"),
    [
        ("xl/workbook.xml", b"definedName", b"workbook"),
        ("xl/_rels/workbook.xml.rels", b"Relationship", b"Relationships"),
        ("[Content_Types].xml", b"Override", b"Types"),
        ("xl/styles.xml", b"xf", b"styleSheet"),
    ],
)
def test_what_is_kept_whole_is_counted(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, tag: bytes, root: bytes
) -> None:
    monkeypatch.setattr(limits, "STYLE_ELEMENTS", 50)
    path = hostile.book(tmp_path / "a.xlsx", {part: many(tag, root)})
    assert "more than 50 elements" in str(tables.refusal(kg, path))


def test_a_part_that_only_another_parser_reads_is_refused(kg: Kg, tmp_path: Path) -> None:
    styles = '<?xml version="1.0" encoding="utf-32"?><styleSheet/>'.encode("utf-32")
    path = hostile.book(tmp_path / "a.xlsx", {"xl/styles.xml": [styles]})
    assert "is no XML that can be read" in str(tables.refusal(kg, path))


def test_a_line_without_an_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ENDLESS_BYTES", 3_000_000)
    read = 0

    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, room: memoryview) -> int:  # type: ignore[override]
            nonlocal read
            read += len(room)
            room[:] = b"0" * len(room)
            return len(room)

    assert list(limits.lines(io.BufferedReader(Endless()), 10)) == [None]
    assert read < 5_000_000


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_a_row_without_columns_is_said(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(["sparql", "SELECT * {}", "-f", form], capsys)
    assert (code, out, err) == (0, "1 row without columns\n", "")


@pytest.mark.slow
def test_rows_that_hold_nothing_take_memory_too(kg: Kg) -> None:
    with pytest.raises(UsageError, match="more than 4 MB of memory"):
        kg.sparql("SELECT ?u {?a ?b ?c. ?d ?e ?f} LIMIT 100000", memory=4)
    headers = Message()
    headers["Content-Type"] = "application/sparql-results+json"
    body = b'{"head":{"vars":[]},"results":{"bindings":[' + b"{}," * 2_000_001 + b"{}]}}"
    with pytest.raises(AnswerError, match="more than 2,000,000 rows"):
        received.answer(Response(200, "OK", headers, body, True), "SELECT", "SELECT * {}")


def test_a_folder_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "f" / "private").mkdir(parents=True)
    (tmp_path / "f" / "private").chmod(0o700)
    (tmp_path / "f" / "private" / "mine").touch()
    assert replace_folder({"new": [b"x"]}, str(tmp_path / "f"), force=True) == 1
    assert stat.S_IMODE((tmp_path / "f" / "private").stat().st_mode) == 0o700


@pytest.mark.slow
@pytest.mark.parametrize("form", ["turtle", "ntriples"])
def test_a_terminal_is_not_commanded_by_any_form(form: str) -> None:
    query = r'CONSTRUCT { <http://a/> <http://b/> "\u202E\u009B" } {}'
    text = shown("sparql", query, "-f", form)
    assert "\\u202e" in text.lower()
    assert "\u202e" not in text
    assert "\u009b" not in text
