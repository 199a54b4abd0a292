"""Inputs that expand: each is refused with what was exceeded and a way out, and others are read."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis.facts import limits
from calcinosis.facts.quantity import amount
from tests import hostile

Kg = calcinosis.KnowledgeGraph
MB = 1_000_000


def refusal(kg: Kg, path: Path) -> str:
    """The one refusal of a file, beside which another is read."""
    result = kg.classify([path, {"id": "after"}])
    assert result.cases[-1].case.id == "after"
    error = result.refused[-1]
    assert error.where.startswith(str(path))
    assert error.cure
    return str(error)


# -- YAML and JSON ---------------------------------------------------------------------

YAML = {
    "pairs of aliases": (hostile.fan("list", "!!pairs"), "the tag '!!pairs' is not read"),
    "merges in eight levels": (hostile.fan("map", "!!merge"), "the tag '!!merge' is not read"),
    "aliases alone": (hostile.fan("list"), "aliases expand to more than 2,000,000 parts"),
    "a long aliased key": (hostile.aliased_key(MB, 20_000), "aliases expand to more than"),
    "an integer to the base of 60": ("- !!int " + ":".join(["59"] * 200_000), "is no !!int"),
    "directives": ("".join(f"%TAG !a{n}! tag:x\n" for n in range(9000)) + "---\n", "directives"),
}


@pytest.mark.parametrize(("text", "what"), YAML.values(), ids=YAML)
def test_yaml_that_expands(kg: Kg, tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    assert what in refusal(kg, tmp_path / "a.yaml")


def test_yaml_counts_what_is_written_too(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NODES", 50)
    for text in ("- x\n" * 60, "--- x\n" * 30, "{" + "".join(f"k{n}: ," for n in range(30)) + "}"):
        (tmp_path / "a.yaml").write_text(text)
        assert "it holds more than 50 parts" in refusal(kg, tmp_path / "a.yaml")


def test_what_takes_too_long_is_refused(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SECONDS", -1.0)
    (tmp_path / "a.yaml").write_text("id: a")
    assert "reading it took longer than" in refusal(kg, tmp_path / "a.yaml")
    path = hostile.book(tmp_path / "a.xlsx", {})
    assert "reading it took longer than" in refusal(kg, path)


def test_json_is_bounded_in_bytes_and_in_parts(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_text("[" + "{}," * 40 + "{}]")
    monkeypatch.setattr(limits, "JSON_NODES", 80)
    assert "it holds more than 80 parts" in refusal(kg, path)
    monkeypatch.setattr(limits, "JSON_BYTES", 100)
    assert "it is larger than 100 bytes" in refusal(kg, path)


def test_a_line_without_an_end_is_refused_and_the_next_one_read(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LINE_BYTES", 100)
    monkeypatch.setattr(limits.lines, "__defaults__", (100,))
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "a"}\n' + "x" * 3 * MB + '\n{"id": "b"}\n' + "y" * 101)
    result = kg.classify(path)
    assert [case.case.id for case in result.cases] == ["a", "b"]
    assert [str(error) for error in result.refused] == [
        f"{path}, line {line}: it is larger than 100 bytes. Write one case a line"
        for line in (2, 4)
    ]


# -- workbooks -------------------------------------------------------------------------


def million(text: bytes, times: int) -> Iterable[bytes]:
    """Much of the same, a million bytes or so at a time."""
    chunk = text * (MB // len(text))
    return (chunk for _ in range(max(1, times * len(text) // MB)))


BOOKS: dict[str, tuple[str, Callable[[], Iterable[bytes]], str]] = {
    "a row in the billions": (
        hostile.SHEET,
        lambda: hostile.sheet([b'<row r="2000000000">', hostile.cell("A2000000000"), b"</row>"]),
        "it has more than 1,048,576 rows",
    ),
    "empty cells at the far right": (
        hostile.SHEET,
        lambda: hostile.sheet(hostile.wide(2000)),
        "it has more than 10,000,000 cells",
    ),
    "a filled cell at the far right": (
        hostile.SHEET,
        lambda: hostile.sheet(hostile.wide(1, filled=True)),
        "it has more than 2,000 columns",
    ),
    "empty shared strings": (
        hostile.STRINGS,
        lambda: hostile.strings(million(b"<si/>", MB)),
        "it has more than 500,000 texts",
    ),
    "one shared string": (
        hostile.STRINGS,
        lambda: hostile.strings([b"<si><t>", *million(b"x", 30 * MB), b"</t></si>"]),
        "a cell has more than 131,072 characters",
    ),
    "one inline text": (
        hostile.SHEET,
        lambda: hostile.sheet(
            [b"<row><c><is><t>", *million(b"x", 30 * MB), b"</t></is></c></row>"]
        ),
        "a cell has more than 131,072 characters",
    ),
    "one long tag": (
        hostile.STRINGS,
        lambda: hostile.strings([b'<si a="', *million(b"x", 30 * MB), b'"/>']),
        "a tag has more than 1,000,000 bytes",
    ),
    "styles": (
        hostile.STYLES,
        lambda: [b"<styleSheet><cellXfs>", *million(b"<xf/>", 2 * MB), b"</cellXfs></styleSheet>"],
        "a part of it has more than 200,000 elements",
    ),
    "entities": (
        hostile.STRINGS,
        lambda: [b'<!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa">]><sst><si><t>&a;</t></si></sst>'],
        "declares a document type",
    ),
    "nesting": (hostile.STRINGS, lambda: hostile.strings(million(b"<x>", MB)), "levels"),
}


@pytest.mark.parametrize(("part", "content", "what"), BOOKS.values(), ids=BOOKS)
def test_a_workbook_that_expands(
    kg: Kg, tmp_path: Path, part: str, content: Callable[[], Iterable[bytes]], what: str
) -> None:
    said = refusal(kg, hostile.book(tmp_path / "a.xlsx", {part: content()}))
    assert what in said
    assert "CSV UTF-8" in said


def changed(path: Path, change: Callable[[bytes], bytes]) -> Path:
    path.write_bytes(change(path.read_bytes()))
    return path


def _version_99(data: bytes) -> bytes:
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 6] + struct.pack("<H", 99) + data[at + 8 :]


def _encrypted(data: bytes) -> bytes:
    at = data.index(b"PK\x01\x02")
    return data[: at + 8] + struct.pack("<H", 1) + data[at + 10 :]


def _bad_directory(data: bytes) -> bytes:
    at = data.index(b"PK\x01\x02")
    return data[:at] + b"XX" + data[at + 2 :]


def _corrupt(data: bytes) -> bytes:
    at = len(data) // 3
    return data[:at] + bytes(byte ^ 0x55 for byte in data[at : at + 400]) + data[at + 400 :]


@pytest.mark.parametrize("change", [_version_99, _encrypted, _bad_directory, _corrupt])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_broken_archive_is_an_error_of_the_file(
    kg: Kg, tmp_path: Path, change: Callable[[bytes], bytes], method: int
) -> None:
    path = hostile.book(tmp_path / "a.xlsx", {}, method=method)
    assert "cannot be read" in refusal(kg, changed(path, change))


def test_an_archive_that_declares_less_than_it_holds(kg: Kg, tmp_path: Path) -> None:
    parts = {hostile.STRINGS: hostile.strings(million(b"<si/>", MB))}

    def lying(data: bytes) -> bytes:
        found = bytearray(data)
        at = data.index(b"PK\x01\x02")
        while data[at : at + 4] == b"PK\x01\x02":
            name, extra = struct.unpack_from("<HH", data, at + 28)
            if data[at + 46 : at + 46 + name] == hostile.STRINGS.encode():
                struct.pack_into("<L", found, at + 24, 100)
            at += 46 + name + extra
        return bytes(found)

    path = changed(hostile.book(tmp_path / "a.xlsx", parts), lying)
    assert "cannot be read" in refusal(kg, path)


# -- text tables -----------------------------------------------------------------------


def test_a_long_line_of_a_table(kg: Kg, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    long = "x" * 131_073
    path.write_text(f"id,note_a\np1,a\np2,{long}\np3,c\n")
    result = kg.classify(path)
    assert [case.case.id for case in result.cases] == ["p1"]
    (error,) = result.refused
    assert str(error).startswith(f"{path}, line 3: a cell has more than 131,072 characters")
    assert error.cure.endswith("What follows there was not read")
    path.write_text(f"id,{long}\np1,a\n")
    assert "a cell has more than 131,072 characters" in refusal(kg, path)
    path.write_text("id," + ",".join(f"note_{n}" for n in range(2000)) + "\np1\n")
    assert "it has more than 2,000 cells" in refusal(kg, path)
    path.write_text("id\np1" + "," * 2000 + "\np2\n")
    result = kg.classify(path)
    assert [case.case.id for case in result.cases] == ["p2"]
    assert "row 2: it has more than 2,000 cells" in str(result.refused[0])


@pytest.mark.parametrize("text", ["id\n" + "x" * 3 * MB, "\n" * 3 * MB, 'id\n"' + "\n," * MB])
def test_a_row_without_an_end(kg: Kg, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    said = refusal(kg, tmp_path / "a.csv")
    told = ("more than 2,000,000 characters", "more than 131,072 characters", "is empty")
    assert any(one in said for one in told)


# -- one case --------------------------------------------------------------------------


def test_a_case_is_one_assessment(kg: Kg) -> None:
    labs = [{"test": "calcium", "value": 9, "unit": "mg/dL"}] * 5000
    labs += [{"test": "albumin", "value": 4, "unit": "g/dL"}] * 5000
    said: list[dict[str, Any]] = [
        {"labs": labs},
        {"conditions": ["scar"] * 1001},
        {"other": [""] * 1001},
    ]
    for one in said:
        (error,) = kg.classify([{"id": "a", **one}]).refused
        assert "items. A case is one assessment" in str(error)


def test_faults_of_one_case_are_told_up_to_a_hundred(kg: Kg) -> None:
    (error,) = kg.classify({"id": "a", **{f"key{n}": 1 for n in range(100_000)}}).refused
    assert len(str(error).splitlines()) == limits.PROBLEMS + 1
    assert "it has more faults, which are not listed" in str(error)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param({"conditions": ["x" * 20 * MB]}, marks=pytest.mark.slow),
        {"labs": [{"test": "calcium" * MB, "value": 9, "unit": "mg/dL"}]},
        {"age": f"{'9' * 5 * MB} years"},
        {"x" * 10 * MB: 1},
    ],
    ids=["term", "test", "age", "key"],
)
def test_a_long_word_is_refused_at_once(kg: Kg, case: dict[str, Any]) -> None:
    (error,) = kg.classify([{"id": "a", **case}]).refused
    assert len(str(error)) < 400


@pytest.mark.slow
def test_a_long_value_is_listed_shortly(kg: Kg) -> None:
    value = {"test": "calcium", "value": "x " * 5 * MB, "unit": "mg/dL"}
    (verdict,) = kg.classify({"id": "a", "labs": [value]}).cases
    (remark,) = verdict.case.uninterpreted
    assert len(remark.what) + len(remark.reason) < 600


def test_a_value_of_spaces_is_no_value() -> None:
    assert amount(" " * 100_000) is None


def test_unknown_words_are_not_remembered_for_ever(kg: Kg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calcinosis.facts.vocabulary._REMEMBERED", 3)
    for number in range(9):
        kg.classify({"id": "a", "conditions": [f"q{number}"]})
    assert len(kg._vocabulary._known) <= 3
