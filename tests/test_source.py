"""Files, directories and standard input: forms, encodings, places, and one fault among others."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis.errors import InputError, UsageError
from calcinosis.facts import limits, source
from calcinosis.facts.case import Case
from calcinosis.facts.json_values import json_value
from calcinosis.facts.read import reader_of
from calcinosis.facts.yaml_values import yaml_values
from tests import strategies
from tests.shared import cases_of, examples

Kg = calcinosis.KnowledgeGraph
CASE = {"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"], "age": "9 years"}
JSON = json.dumps(CASE)
YAML = yaml.safe_dump(CASE)
LINES = "\n".join(json.dumps({**CASE, "id": name}) for name in "abc")


def ids(kg: Kg, where: Any) -> list[str]:
    """What comes of an input: the ids of its cases, and ``!`` with the text of each fault."""
    return [c.id if isinstance(c, Case) else f"! {c}" for c in cases_of(kg, where)]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def pipe(monkeypatch: pytest.MonkeyPatch, content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


# -- forms -----------------------------------------------------------------------------

FORMS = [
    ("a.yaml", YAML, ["a"]),
    ("a.yml", YAML, ["a"]),
    ("A.YAML", YAML, ["a"]),
    ("a.yaml", JSON, ["a"]),
    ("a.json", JSON, ["a"]),
    ("a.json", json.dumps(CASE, indent=2), ["a"]),
    ("list.json", f"[{JSON}]", ["a"]),
    ("list.yaml", yaml.safe_dump([CASE, {"id": "b"}]), ["a", "b"]),
    ("documents.yaml", "---\nid: a\n---\n---\n- id: b\n- id: c\n...\n", ["a", "b", "c"]),
    ("lines.jsonl", LINES, ["a", "b", "c"]),
    ("lines.ndjson", LINES.replace("\n", "\n\n \n") + "\n", ["a", "b", "c"]),
    ("LINES.JSONL", LINES, ["a", "b", "c"]),
]


@pytest.mark.parametrize(("name", "content", "expected"), FORMS)
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_forms(
    kg: Kg, tmp_path: Path, name: str, content: str, expected: list[str], start: str, end: str
) -> None:
    path = write(tmp_path, name, start + content.replace("\n", end))
    assert ids(kg, path) == expected


@pytest.mark.parametrize(("name", "content", "expected"), FORMS)
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "bom"])
def test_every_form_comes_through_standard_input(
    kg: Kg,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: str,
    expected: list[str],
    start: str,
) -> None:
    pipe(monkeypatch, start + content)
    assert ids(kg, "-") == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[\n{"id": "\\ud83d\\ude00"}\n]', "\U0001f600"),  # for YAML two halves of a character
        # YAML would say on which line.
        (
            '{\n"id": "a",\n"id": "b"\n}',
            "! standard input: the key 'id' stands twice in one mapping. Keep one of them",
        ),
    ],
)
def test_json_on_standard_input_is_read_as_json(
    kg: Kg, monkeypatch: pytest.MonkeyPatch, text: str, found: str
) -> None:
    pipe(monkeypatch, text)
    assert ids(kg, "-") == [found]


def test_a_broken_first_line_does_not_hide_that_these_are_json_lines(
    kg: Kg, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, "\n" + JSON[:-1] + "\n" + LINES)
    fault, *rest = ids(kg, "-")
    assert fault.startswith("! standard input, line 2: this is not JSON")
    assert rest == ["a", "b", "c"]


def test_standard_input_that_is_closed(kg: Kg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert ids(kg, "-") == ["! standard input: there is none. Name a file, or pipe one in"]


def test_a_name_with_a_nul_character(kg: Kg) -> None:
    assert ids(kg, "a\0b.yaml")[0].startswith("! the input: the name holds a NUL character")


@pytest.mark.parametrize("name", ["ä ö/fälle – 症例.yaml", "a b/c d.jsonl", "-.json"])
def test_any_name_of_a_file(kg: Kg, tmp_path: Path, name: str) -> None:
    assert ids(kg, write(tmp_path, name, JSON)) == ["a"]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("2024-01-01", "2024-01-01"),
        ("no", "no"),
        ("on", "on"),
        ("0o7", "0o7"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("<<", "<<"),
        ("True", True),
        ("~", None),
        ("1e3", 1000.0),
        ("2.", 2.0),
        ("1" + 400 * "0", float("inf")),
        ("-5", -5),
        (".5", 0.5),
    ],
)
def test_yaml_scalars_are_those_of_yaml_1_2(scalar: str, value: object) -> None:
    assert list(yaml_values(f"- {scalar}\n", "here")) == [[value]]


def test_anchors_and_aliases_are_read(kg: Kg, tmp_path: Path) -> None:
    text = "- &one {id: a, conditions: &list [burn scar]}\n- {id: b, conditions: *list}\n"
    one, other = cases_of(kg, write(tmp_path, "a.yaml", text))
    assert isinstance(one, Case)
    assert isinstance(other, Case)
    assert one.facts == other.facts


@settings(deadline=None, max_examples=examples(60))
@given(strategies.cases())
def test_yaml_and_json_give_the_same_case(kg: Kg, raw: dict[str, Any]) -> None:
    (loaded,) = yaml_values(yaml.safe_dump(raw, allow_unicode=True), "here")
    reader = reader_of(kg.ontology)
    assert reader.read(loaded, "here") == reader.read(json_value(json.dumps(raw), "here"), "here")


# -- directories and several inputs ----------------------------------------------------


def test_a_directory_stands_for_its_case_files(kg: Kg, tmp_path: Path) -> None:
    for name in ("b.yaml", "a.json", "below/C.YML", "below/deeper/d.jsonl"):
        write(tmp_path, name, json.dumps({"id": Path(name).stem}))
    for name in (".hidden.yaml", ".git/x.yaml", "README.md", "labels.tsv", "x.yaml/README.md"):
        write(tmp_path, name, "not a case")
    assert ids(kg, tmp_path) == ["a", "b", "C", "d"]


def test_a_directory_without_cases(kg: Kg, tmp_path: Path) -> None:
    (fault,) = ids(kg, write(tmp_path, "README.md", "").parent)
    assert fault.startswith(f"! {tmp_path}: the directory holds no case file")


def test_a_folder_that_cannot_be_read_is_named_and_the_rest_is_read(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.yaml", "id: a")
    closed = write(tmp_path, "closed/b.yaml", "id: b").parent
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    expected = f"! {closed}: it cannot be read (Permission denied). Check its name and its rights"
    assert ids(kg, tmp_path) == [expected, "a"]


def test_a_link_to_nowhere_in_a_directory_is_named(kg: Kg, tmp_path: Path) -> None:
    link = tmp_path / "a.yaml"
    link.symlink_to(tmp_path / "gone.yaml")
    assert ids(kg, tmp_path) == [f"! {link}: the file does not exist. Check the name"]


def test_paths_and_mappings_may_be_mixed(kg: Kg, tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", JSON)
    assert ids(kg, [path, {"id": "b"}, str(write(tmp_path, "c.yaml", "id: c"))]) == ["a", "b", "c"]
    assert ids(kg, {"id": "b"}) == ["b"]
    assert ids(kg, iter([{"id": "b"}])) == ["b"]


def test_an_id_may_stand_once_in_a_run(kg: Kg, tmp_path: Path) -> None:
    one, other = (write(tmp_path, name, "id: a") for name in ("one.yaml", "two.yaml"))
    first, fault = ids(kg, [one, other])
    assert first == "a"
    assert fault.startswith(f"! {other}: case 'a'")
    assert "the id 'a' was given to an earlier case" in fault
    assert ids(kg, [{"id": 7}, {"id": "7"}])[1].startswith("! cases[1]: case '7'")


@pytest.mark.parametrize("value", [5, None, 1.5])
def test_what_holds_no_cases_is_a_wrong_call(kg: Kg, value: Any) -> None:
    with pytest.raises(UsageError, match="holds no cases"):
        kg.classify(value)


# -- one fault among others ------------------------------------------------------------


def test_a_doubled_key_refuses_its_own_case_alone(kg: Kg, tmp_path: Path) -> None:
    cases = [
        '{"id": "a"}',
        '{"id": "b", "conditions": [{"term": "scar", "term": "burn"}]}',
        '{"id": "c"}',
    ]
    for name, content in (
        ("list.json", f"[{','.join(cases)}]"),
        ("list.yaml", "\n".join(f"- {case}" for case in cases)),
        ("documents.yaml", "\n---\n".join(cases)),
        ("lines.jsonl", "\n".join(cases)),
    ):
        path = write(tmp_path, name, content)
        first, fault, last = ids(kg, path)
        assert (first, last) == ("a", "c")
        assert "the key 'term' stands twice in one mapping. Keep one of them" in fault
        assert str(path) in fault


def test_a_document_that_is_no_yaml_leaves_those_before_it(kg: Kg, tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", "id: a\n---\nid: b\n---\nid: c: d\n---\nid: e\n")
    first, second, fault = ids(kg, path)
    assert (first, second) == ("a", "b")
    assert fault.startswith(f"! {path}, line 5: this is not YAML")
    assert fault.endswith("What follows there was not read")


def test_places_name_file_number_case_and_field(kg: Kg, tmp_path: Path) -> None:
    text = "- id: a\n- id: b\n  conditions: [scar, {term: burn, cause: maybe}]\n- sex: x\n"
    path = write(tmp_path, "a.yaml", text)
    _, second, *third = "\n".join(ids(kg, path)).splitlines()
    assert second.startswith(f"! {path}[1]: case 'b', conditions[1].cause: 'maybe' is neither")
    assert third[0].startswith(f"! {path}[2], id: the case has no id")
    assert third[1].startswith(f"{path}[2], sex: 'x' is no sex")


def test_json_lines_are_read_as_they_come(kg: Kg, monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        number = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.number += 1
            line = b'{"id": %d}\n' % self.number
            buffer[: len(line)] = line
            return len(line)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless())))
    found = islice(kg.stream("-"), 3)
    assert [v.case.id for v in found if not isinstance(v, InputError)] == ["1", "2", "3"]


# -- what would hurt -------------------------------------------------------------------

NESTED = {
    "closed": "[" * 100 + "]" * 100,
    "open": "[" * 100_000,
    "block": "- " * 100_000 + "x",
    "mapping": "{a: " * 100_000,
    "keys": "? " * 100_000,
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("loader", ["C", "Python"])
def test_nesting_is_bounded_before_the_loader_recurses(text: str, loader: str) -> None:
    # In a process of its own: PyYAML before 6.0.4 ended the interpreter on such a text.
    code = (
        "import sys, yaml\n"
        "if sys.argv[1] == 'Python' and hasattr(yaml, 'CSafeLoader'): del yaml.CSafeLoader\n"
        "from calcinosis.errors import InputError\n"
        "from calcinosis.facts.yaml_values import yaml_values\n"
        "try:\n    list(yaml_values(sys.stdin.read(), 'here'))\n"
        "except InputError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, loader],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("here, line 1: it is nested too deeply")


def test_aliases_nest_too(kg: Kg, tmp_path: Path) -> None:
    chain = "\n".join(f"  - &a{n} [*a{n - 1}]" for n in range(1, 3000))
    text = f"id: a\nother:\n  - &a0 [x]\n{chain}\n"
    (fault,) = ids(kg, write(tmp_path, "a.yaml", text))
    assert "nested too deeply, or a part contains itself" in fault


def test_one_long_text_with_many_aliases_is_a_bomb_too() -> None:
    text = f"- &long {'x' * 100_000}\n- [{', '.join(['*long'] * 2000)}]\n"
    with pytest.raises(InputError, match="aliases expand"):
        list(yaml_values(text, "here"))


def test_a_limit_on_yaml_and_none_on_json(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "YAML_BYTES", 10)
    assert ids(kg, write(tmp_path, "a.json", JSON)) == ["a"]
    (fault,) = ids(kg, write(tmp_path, "a.yaml", JSON))
    assert "JSON Lines" in fault


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytes")


TEXTS = st.text("{}[]\":,-&*#!|>%@`'?~ \n\tabid123.eE\\u\ufeff", max_size=60)


@settings(deadline=None, max_examples=examples(300))
@given(
    data=st.binary(max_size=60) | TEXTS.map(str.encode),
    suffix=st.sampled_from([*source.SUFFIXES, "-"]),
)
def test_no_bytes_raise_anything(kg: Kg, folder: Path, data: bytes, suffix: str) -> None:
    if suffix == "-":
        with pytest.MonkeyPatch.context() as patch:
            pipe(patch, data)
            found = list(cases_of(kg, "-"))
    else:
        found = list(cases_of(kg, write(folder, f"a{suffix}", data)))
    assert found
    assert all(isinstance(one, Case | InputError) for one in found)
