"""One boundary around one input: what goes wrong in it refuses it alone, and the run goes on."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis.cli import main
from calcinosis.cli.refused import Rows
from calcinosis.errors import InputError, OurFaultError, RowError
from calcinosis.facts.read import Reader
from calcinosis.facts.yaml_values import yaml_values
from calcinosis.reasoning.classify import Classifier
from tests import tables
from tests.shared import few

Kg = calcinosis.KnowledgeGraph
Capture = pytest.CaptureFixture[str]


def run(capture: Capture, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    told = capture.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def ids(out: str) -> list[str]:
    return [json.loads(line)["id"] for line in out.splitlines()]


# -- tags ------------------------------------------------------------------------------

REFUSED_TAGS = [
    "!!bool maybe",
    "!!bool yes",
    "!!int 1_000",
    "!!int 59:59:59",
    "!!int 0b1",
    "!!int ''",
    "!!float 1:30:00.5",
    "!!float one",
    "!!null nothing",
    "!!binary aGk=",
    "!!timestamp 2024-01-01",
    "!!set {a}",
    "!!omap [a: 1]",
    "!!pairs [a: 1]",
    "{!!merge <<: {a: 1}}",
    "!!python/object/apply:os.system [x]",
    "!x y",
    "!<tag:example.org,2024:x> y",
    "!!map [1]",
    "!!seq {a: 1}",
    "!!str [1]",
]


@pytest.mark.parametrize("value", REFUSED_TAGS)
def test_a_tag_beyond_the_core_refuses_its_file_from_there_with_its_line(
    capsys: Capture, tmp_path: Path, value: str
) -> None:
    (tmp_path / "a.yaml").write_text("id: a\n")
    (tmp_path / "b.yaml").write_text(f"id: b\n---\nid: c\nother:\n- {value}\n---\nid: d\n")
    (tmp_path / "e.yaml").write_text("id: e\n")
    code, out, err = run(capsys, "classify", str(tmp_path), "-f", "jsonl")
    assert code == 3
    assert ids(out) == ["a", "b", "e"]
    (line,) = err.splitlines()
    assert line.startswith(f"Refused: {tmp_path / 'b.yaml'}, line 5: ")
    assert line.endswith("What follows there was not read")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("!!int '5'", 5),
        ("!!int 007", 7),
        ("!!int 0o17", 15),
        ("!!int 0xFf", 255),
        ("!!float 1", 1.0),
        ("!!float -.inf", float("-inf")),
        ("!!bool TRUE", True),
        ("!!null ''", None),
        ("!!seq [1]", [1]),
        ("!!map {a: 1}", {"a": 1}),
        ("'<<'", "<<"),
        ("<<", "<<"),
    ],
)
def test_the_tags_of_the_core_are_read(text: str, value: object) -> None:
    assert list(yaml_values(f"- {text}\n", "here")) == [[value]]


@pytest.mark.parametrize("text", ["{id: b, <<: {sex: male}}", "{1: a, true: b}", "{1: a, 1.0: b}"])
def test_a_mapping_that_merges_or_doubles_refuses_its_case_alone(
    kg: Kg, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"- id: a\n- id: b\n  other: [{text}]\n- id: c\n")
    result = kg.classify(path)
    assert [case.case.id for case in result.cases] == ["a", "c"]
    (error,) = result.refused
    assert ", line 3" in error.where


# -- what is our own fault -------------------------------------------------------------


class Bug:
    """Stumbles over the cases with one id, in reading or in judging."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        work = getattr(owner, name)

        def stumbling(this: Any, case: Any, *more: Any) -> Any:
            if (case["id"] if isinstance(case, dict) else case.id) == "b":
                raise KeyError("a slip")
            return work(this, case, *more)

        patch.setattr(owner, name, stumbling)


@pytest.mark.parametrize(("owner", "name"), [(Reader, "read"), (Classifier, "classify")])
@pytest.mark.parametrize("form", few(["jsonl", "text", "csv", "json"], "jsonl", "text"))
def test_our_own_fault_refuses_one_case_and_is_told_last(
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    owner: type,
    name: str,
    form: str,
) -> None:
    Bug(monkeypatch, owner, name)
    monkeypatch.setattr("calcinosis.cli.classify.load", calcinosis.load)
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "a"}\n{"id": "b"}\nno\n{"id": "c"}\n')
    code, out, err = run(capsys, "classify", str(path), "-f", form)
    assert code == 70
    assert "c" in (ids(out) if form == "jsonl" else out)
    told = err.splitlines()
    assert told[0].startswith(f"Refused: {path}, line 2")
    assert "this program stumbled over it (KeyError: " in told[0]
    assert told[1].startswith(f"Refused: {path}, line 3: this is not JSON")
    assert told[2].startswith("Traceback")
    assert told[-1].endswith("please report it with the lines above.")
    assert "stumbling" in err


def test_our_own_fault_in_an_explanation(
    kg: Kg, monkeypatch: pytest.MonkeyPatch, capsys: Capture, tmp_path: Path
) -> None:
    from calcinosis.explain.justify import Explainer

    Bug(monkeypatch, Explainer, "explain")
    cases = [{"id": name} for name in "abc"]
    found = kg.explain(cases)
    assert [one.verdict.case.id for one in found] == ["a", "c"]
    (error,) = found.refused
    assert isinstance(error, OurFaultError)
    assert isinstance(error.__cause__, KeyError)
    assert error.exit_code == 70
    result = kg.classify(cases, explain=True)
    assert [case.case.id for case in result.cases] == ["a", "c"]
    (tmp_path / "a.json").write_text(json.dumps(cases))
    code, out, _ = run(capsys, "explain", str(tmp_path / "a.json"), "-f", "json")
    assert code == 70
    assert [case["id"] for case in json.loads(out)["cases"]] == ["a", "c"]


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("deep"), SystemError("x")])
@pytest.mark.parametrize("suffix", [".yaml", ".json", ".jsonl"])
def test_whatever_a_parser_raises_is_an_error_of_its_input(
    kg: Kg, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception, suffix: str
) -> None:
    import yaml

    def failing(*_arguments: Any, **_options: Any) -> Iterator[Any]:
        raise error

    def failing_late(*_arguments: Any, **_options: Any) -> Iterator[Any]:
        yield from failing()

    monkeypatch.setattr(yaml, "parse", failing_late)
    monkeypatch.setattr(json, "loads", failing)
    path = tmp_path / f"a{suffix}"
    path.write_text('{"id": "a"}')
    result = kg.classify([path, {"id": "b"}])
    assert [case.case.id for case in result.cases] == ["b"]
    (refused,) = result.refused
    assert type(refused) is InputError
    assert refused.where.startswith(str(path))
    assert refused.cure


# -- refusals as the stream goes -------------------------------------------------------


def test_refusals_are_told_when_they_happen_and_none_is_kept(kg: Kg) -> None:
    told: list[InputError] = []
    verdicts = kg.stream(({"id": n} for n in ("a", None, "b")), refused=told.append)
    assert next(verdicts).case.id == "a"
    assert not told
    assert next(verdicts).case.id == "b"
    assert len(told) == 1
    assert verdicts.refused == []


def test_refused_cases_take_no_memory(kg: Kg) -> None:
    def verdicts(number: int) -> Iterator[object]:
        cases = ({"id": "a", "sex": "x"} for _ in range(number))
        yield from kg.stream(cases, refused=lambda error: None)

    assert not list(verdicts(10))  # what is loaded once
    tracemalloc.start()
    try:
        assert not list(verdicts(1000))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 500_000  # one alone takes a thousand bytes


def test_rows_to_mend_are_kept_small(kg: Kg, tmp_path: Path) -> None:
    path = tables.csv_file(tmp_path / "a.csv", *[[f"p{n}", "maybe"] for n in range(300)])
    rows = Rows()
    errors = [error for error in kg.classify(path).refused if isinstance(error, RowError)]
    for error in errors:
        rows.append(error)
    assert len(rows) == 300
    for one, error in zip(rows, errors, strict=True):
        assert vars(one) == vars(error)
    assert sum(map(len, rows._rows)) < 300 * 600


def test_json_is_written_a_case_at_a_time_and_as_ever(
    kg: Kg, capsys: Capture, tmp_path: Path
) -> None:
    for number in (0, 2):
        cases = [{"id": f"{n}", "other": ["a\nb"], "calcinosis": "present"} for n in range(number)]
        path = tmp_path / f"{number}.jsonl"
        path.write_text("\n".join(map(json.dumps, [*cases, {"id": ""}])))
        for explain in (False, number > 0):
            _, out, _ = run(capsys, "classify", str(path), "-f", "json", *["--explain"] * explain)
            whole = kg.classify(path, explain=explain)
            assert out == whole.to_json() + "\n"


# -- pipes, sockets, devices -----------------------------------------------------------


def test_a_directory_gives_regular_files_alone(kg: Kg, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: a\n")
    os.mkfifo(tmp_path / "b.yaml")
    (tmp_path / "c.json").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "d.json"))
        (tmp_path / "e.yaml").write_text("id: e\n")
        result = kg.classify(tmp_path)
    assert [case.case.id for case in result.cases] == ["a", "e"]
    assert [Path(error.where).name for error in result.refused] == ["b.yaml", "c.json", "d.json"]
    assert all("a pipe, a socket or a device" in error.what for error in result.refused)


@pytest.mark.parametrize(
    "text", ["id: a\n", '{"id": "a"}', '[{"id": "a"}]', '{"id": "a"}\n{"id": "b"}\n']
)
def test_a_pipe_is_read_as_standard_input_is(tmp_path: Path, kg: Kg, text: str) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writing = threading.Thread(target=path.write_text, args=(text,))
    writing.start()
    result = kg.classify(path)
    writing.join()
    assert not result.refused
    assert result.cases[0].case.id == "a"


@pytest.mark.slow
def test_a_substituted_process_is_read(tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m calcinosis classify <(echo 'id: a') -f jsonl"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ids(done.stdout) == ["a"]


def test_a_descriptor_of_a_file_is_read_too(kg: Kg, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("id: a\n")
    with path.open("rb") as stream:
        result = kg.classify(f"/dev/fd/{stream.fileno()}")
    assert [case.case.id for case in result.cases] == ["a"]


def test_a_device_without_an_end_is_refused_by_its_size(kg: Kg) -> None:
    (error,) = kg.classify("/dev/zero").refused
    assert "larger than 20 MB" in error.what


def test_a_table_comes_from_a_file(kg: Kg, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    (error,) = kg.classify(tmp_path / "a.csv").refused
    assert "a table cannot be read from a pipe" in error.what


# -- ids -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("p 1", "p\u00a01"),
        ("p1", "p1  "),
        ("\u00c5", "A\u030a"),
        ("\u212b", "\u00c5"),
        ("p1", "p1\ufe0f"),
        ("p 1", "p  1"),
    ],
)
def test_ids_that_look_the_same_are_one_fault(kg: Kg, one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        result = kg.classify([{"id": first}, {"id": second}])
        assert len(result.cases) == len(result.refused) == 1
        assert "an earlier case" in str(result.refused[0])


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\u202e", "\ufeff", "\u2060", "\u00ad"])
def test_an_id_with_an_invisible_character_is_refused_by_name(kg: Kg, mark: str) -> None:
    result = kg.classify([{"id": "p1"}, {"id": f"p{mark}1"}])
    assert [case.case.id for case in result.cases] == ["p1"]
    assert f"an invisible character (U+{ord(mark):04X})" in str(result.refused[0])
    assert mark not in str(result.refused[0])
