"""Bad input through the real command line: one clear error, the rest done, the right exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis import names
from calcinosis.cli import main
from calcinosis.graph.locate import data

COMMAND = [sys.executable, "-m", "calcinosis"]
GOOD = '{"id": "good"}'
ONTOLOGY = data("ontology")


@dataclass(frozen=True)
class Done:
    """What a run of the command line came to."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


class Line:
    """The command line in this process, in a folder of its own."""

    def __init__(
        self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self.patch = patch
        self._capture = capture
        patch.chdir(folder)

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def __call__(self, *arguments: str, stdin: str | bytes = b"") -> Done:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        out, err = self._capture.readouterr()
        return Done(int(end.value.code or 0), out, err)


@pytest.fixture
def line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Line:
    return Line(tmp_path, monkeypatch, capsys)


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch, kg: calcinosis.KnowledgeGraph) -> None:
    """The graph is loaded once for many runs: nothing in it changes."""
    monkeypatch.setattr("calcinosis.cli.classify.load", lambda *_, **__: kg)


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The command line in a process of its own."""
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, check=False, timeout=60, **options
    )
    return done


# -- one bad file beside a good one ----------------------------------------------------


def _bomb() -> str:
    rows = ["&a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"&a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(f"- {row}" for row in rows)


def _interval(high: int) -> str:
    lab = {"test": "calcium", "value": 9, "unit": "mg/dL", "interval": [1, high]}
    return json.dumps({"id": "x", "labs": [lab]})


# The file's name and content; then what the error must say: the fault, the place, the cure.
Bad = tuple[str, str | bytes, str, str, str]
YAML: dict[str, Bad] = {
    "empty": ("x.yaml", "", "no case in it", "x.yaml", "Start with id:"),
    "only a comment": ("x.yaml", "# later\n", "no case in it", "x.yaml", "Start with id:"),
    "not YAML": ("x.yaml", "id: [a\nb: }", "not YAML", "x.yaml, line 2", "Mend the line"),
    "a tab": ("x.yaml", "id: x\n\tsex: male", "not YAML", "x.yaml, line 2", "Mend"),
    "a bare colon": ("x.yaml", "id: x\nsource: a: b", "not YAML", "line 2", "needs quotes"),
    "an undefined alias": ("x.yaml", "id: *a", "not YAML", "x.yaml, line 1", "Mend"),
    "a Python object": ("x.yaml", "id: !!python/name:os.system", "is not read", "line 1", "Leave"),
    "a list as key": ("x.yaml", "? [a]\n: b", "key is a list", "x.yaml, line 1", "Write a word"),
    "a control character": ("x.yaml", "id: x\a", "not YAML", "x.yaml", "Mend the file"),
    "an alias bomb": ("x.yaml", _bomb(), "aliases expand", "x.yaml", "JSON Lines"),
    "inside itself": ("x.yaml", "id: x\nother: &o [*o]", "contains itself", "x.yaml", "format"),
    "deep": ("x.yaml", "[" * 60 + "]" * 60, "nested too deeply", "x.yaml", "case format"),
    "a doubled key": ("x.yaml", "id: x\nid: y", "'id' stands twice", "x.yaml, line 1", "Keep one"),
    "a word": ("x.yaml", "calcinosis", "must be a mapping, not text", "x.yaml", "Start with id:"),
    "a list of words": ("x.yaml", "- one", "must be a mapping, not text", "x.yaml", "id:"),
    "Latin-1": ("x.yaml", b"id: x\nsex: \xe9", "not UTF-8", "x.yaml, line 2", "as UTF-8"),
    "UTF-16": ("x.yaml", "id: x".encode("utf-16"), "UTF-16", "x.yaml", "Save it as UTF-8"),
    "binary": ("x.yaml", bytes(range(256)), "binary", "x.yaml", "as UTF-8 text"),
    "too large": ("x.yaml", b"#\n" * 10_000_001, "larger than 20 MB", "x.yaml", "JSON Lines"),
    "another ending": ("x.docx", "id: x", ".docx are not read", "x.docx", ".yaml, .yml, .json"),
    "no ending": ("x", "id: x", "nothing are not read", "x:", "standard input"),
}
FROM_JSON: dict[str, Bad] = {
    "blank": ("x.json", " \n\n", "no case in it", "x.json", "Start with id:"),
    "an empty list": ("x.json", "[]", "no case in it", "x.json", "Start with id:"),
    "empty lines": ("x.jsonl", "\n\n", "no case in it", "x.jsonl", "Start with id:"),
    "deep": ("x.json", "[" * 100_000, "nested too deeply", "x.json", "case format"),
    "a deep line": ("x.jsonl", "[" * 9999 + "]" * 9999, "too deeply", "line 1", "case format"),
    "not JSON": ("x.json", '{"id": x}', "not JSON", "x.json, line 1", "JSON tool"),
    "half a line": ("x.jsonl", '{"id": "x"', "not JSON", "x.jsonl, line 1", "Mend the line"),
    "garbage after": ("x.json", '{"id": "x"} end', "Extra data", "x.json, line 1", "End it there"),
    "lines called JSON": ("x.json", f"{GOOD}\n{GOOD}", "Extra data", "line 2", ".jsonl"),
    "JSON called lines": ("x.jsonl", '{\n"id": "x"\n}', "one JSON document", "x.jsonl", ".json"),
    "a list called lines": ("x.jsonl", '[{"id": 1},\n]', "one JSON document", "x.jsonl", ".json"),
    "5000 digits": ("x.json", "1" * 5000, "too many digits", "x.json", "laboratory prints"),
    "4000 digits": ("x.json", f'{{"id": {"1" * 4000}}}', "too long a number", "id", "quotes"),
    "half a character": ("x.json", r'{"id": "\ud800"}', "half a character", "x.json", "UTF-8"),
    "a doubled key": ("x.json", '{"id": 1, "id": 2}', "'id' stands twice", "x.json", "Keep one"),
    "Latin-1 line": ("x.jsonl", b'{"id": "\xe9"}', "not UTF-8", "x.jsonl, line 1", "as UTF-8"),
    "UTF-16": ("x.jsonl", f"{GOOD}\n{GOOD}".encode("utf-16"), "UTF-16", "x.jsonl", "UTF-8"),
    "a picture": ("x.json", b"\x89PNG\r\n\x1a\n\x00\x00", "binary", "x.json", "as UTF-8 text"),
    "a number": ("x.json", "7", "must be a mapping, not a number", "x.json", "id:"),
    "a list in a list": ("x.json", "[[]]", "must be a mapping, not a list", "x.json", "id:"),
    "a long term": (
        "x.json",
        json.dumps({"id": "x", "findings": ["z" * 100_000]}),
        "zzz...zzz",
        "findings[0]",
        "is too long for a term. What gives no fact may stand under",
    ),
    "a bound of 400 digits": (
        "x.json",
        _interval(10**400),
        "is no interval",
        "labs[0].interval",
        "two bounds",
    ),
}


def _rows() -> dict[str, Bad]:
    """One bad case a row: its JSON, and what the error must say."""
    path = Path(__file__).with_name("bad_cases.tsv")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {r["name"]: ("x.json", r["case"], r["what"], r["where"], r["cure"]) for r in rows}


BAD = [
    pytest.param(*said, id=f"{kind}: {name}")
    for kind, table in (("YAML", YAML), ("JSON", FROM_JSON), ("case", _rows()))
    for name, said in table.items()
]


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(("name", "content", "what", "where", "cure"), BAD)
def test_one_clear_error_and_the_rest_is_done(
    line: Line, name: str, content: str | bytes, what: str, where: str, cure: str
) -> None:
    for file, text in (("before.json", GOOD), (name, content), ("after.yaml", "id: last")):
        line.write(file, text)
    done = line("classify", "--strict", "before.json", name, "after.yaml", "-f", "jsonl")
    assert done.code == 3
    assert [json.loads(one)["id"] for one in done.out.splitlines()] == ["good", "last"]
    (error,) = done.errors
    assert error.startswith(f"Refused: {name}")
    assert len(error) < 600
    for part in (what, where, cure):
        assert part in error


# -- words that need another graph -----------------------------------------------------


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """A copy of the ontology, to be broken."""
    return Path(shutil.copytree(ONTOLOGY, tmp_path / "graph"))


def add(graph: Path, module: str, text: str) -> Path:
    """Add Turtle to a module, or make a new one."""
    path = graph / f"{module}.ttl"
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    prefixes = "".join(
        f"@prefix {prefix}: <{base}> .\n" for prefix, base in names.PREFIXES.items() if base
    )
    path.write_text(f"{old}\n{prefixes}{text}\n", encoding="utf-8")
    return path


def test_an_ambiguous_term_lists_what_it_may_be(line: Line, graph: Path) -> None:
    other = (
        'calc:Acne skos:altLabel "burnt place"@en . calc:BurnScar skos:altLabel "burnt place"@en .'
    )
    add(graph, "extra", other)
    file = line.write("x.json", '{"id": "x", "conditions": ["burnt place"]}')
    done = line("classify", file, "--strict", "--ontology", str(graph))
    assert done.code == 3
    (error,) = done.errors
    assert "conditions[0]: the term 'burnt place' is ambiguous" in error
    assert "acne (Acne)" in error
    assert "burn scar (BurnScar)" in error


def test_an_ambiguous_test_lists_what_it_may_be(line: Line, graph: Path) -> None:
    add(graph, "laboratory", 'calc:Phosphate skos:altLabel "calcium"@en .')
    file = line.write("x.json", '{"id": "x", "labs": [{"test": "calcium", "level": "low"}]}')
    done = line("classify", file, "--strict", "--ontology", str(graph))
    assert done.code == 3
    (error,) = done.errors
    assert "labs[0].test: the test 'calcium' is ambiguous. Write " in error
    assert "total serum calcium" in error
    assert "serum phosphate" in error


LABS = '{"id": "x", "labs": [{"test": "calcium", "level": "low"}]}'


@pytest.mark.parametrize("module", ["conditions", "laboratory", "associations", "references"])
def test_a_broken_module_is_named_with_its_line(line: Line, graph: Path, module: str) -> None:
    path = graph / f"{module}.ttl"
    number = path.read_text(encoding="utf-8").count("\n") + 1
    with path.open("a", encoding="utf-8") as stream:
        stream.write("calc:Broken ] .\n")
    done = line("classify", line.write("x.json", LABS), "--ontology", str(graph))
    assert done.code == 3
    (error,) = done.errors
    assert error.startswith(f"Error: {path}, line {number}")
    assert "this is not Turtle" in error
    assert "Mend the line" in error


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"subject\tobject\na\tb\n", "the column 'subject_id' is missing"), (b"\xff", "utf-8")],
)
def test_a_broken_mapping_file_is_named(line: Line, graph: Path, content: bytes, said: str) -> None:
    path = graph / "mappings" / "x.sssom.tsv"
    path.write_bytes(content)
    file = line.write("x.json", '{"id": "x", "conditions": ["MONDO:0016367"]}')
    done = line("classify", file, "--ontology", str(graph))
    assert done.code == 3
    (error,) = done.errors
    assert error.startswith(f"Error: {path}: ")
    assert said in error


def test_a_module_that_is_missing_is_named(line: Line, graph: Path) -> None:
    (graph / "roles.ttl").unlink()
    for folder, said in ((graph, "roles.ttl: the file is missing"), ("nowhere", "no such folder")):
        done = line("classify", line.write("x.json", GOOD), "--ontology", str(folder))
        assert done.code == 3
        assert len(done.errors) == 1
        assert said in done.err


def test_a_checkout_stands_for_the_ontology_in_it(line: Line, tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    shutil.copytree(ONTOLOGY, tmp_path / "checkout" / "ontology")
    done = line("classify", line.write("x.json", GOOD), "--ontology", str(tmp_path / "checkout"))
    assert (done.code, done.errors) == (0, [])


@pytest.mark.parametrize(
    ("axiom", "what"),
    [
        ("calc:hasFinding a owl:TransitiveProperty .", "hasFinding"),
        ("calc:Acne owl:equivalentClass [ owl:oneOf ( calc:A ) ] .", "owl:oneOf"),
        ("calc:WithMadeUp rdfs:subClassOf calc:Criterion ; owl:equivalentClass [ a"
         " owl:Restriction ;"
         " owl:onProperty calc:hasFinding ; owl:allValuesFrom calc:Finding ] .", "allValuesFrom"),
    ],
)  # fmt: skip
def test_an_axiom_outside_the_fragment_is_named(
    line: Line, graph: Path, axiom: str, what: str
) -> None:
    add(graph, "extra", axiom)
    done = line("classify", line.write("x.json", GOOD), "--ontology", str(graph))
    assert done.code == 3
    (error,) = done.errors
    assert error.startswith("Error: ")
    assert what in error


# -- wrong calls -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--viewpoint", "seed-reiter-2012"], ["no viewpoint", "mean seed-reiter-2011?"]),
        (["--viewpoint", "../x"], ["no viewpoint", "Known: "]),
        (["-f", "yaml"], ["'yaml' is not one of"]),
        (["--reasoner", "pellet"], ["'pellet' is not one of"]),
        (["--strictt"], ["--strict"]),
        (["-o", "good.json"], ["good.json: this call reads it too, as good.json", "another file"]),
        (["-o", "old.json"], ["old.json: the file exists", "--force"]),
        (["-o", "missing/out.json"], ["missing/out.json: it cannot be written", "folder"]),
        (["-o", "good.json/out.json"], ["good.json/out.json: it cannot be written", "folder"]),
        (["-o", "."], ["'.' is a directory"]),
    ],
)
def test_a_wrong_call_is_usage(line: Line, arguments: list[str], said: list[str]) -> None:
    line.write("good.json", GOOD)
    line.write("old.json", "old")
    done = line("classify", "good.json", *arguments)
    assert (done.code, done.out) == (2, "")
    assert sum(one.startswith("Error:") for one in done.errors) == 1
    for part in said:
        assert part in done.err
    assert {path.name for path in line.folder.iterdir()} == {"good.json", "old.json"}


@pytest.mark.parametrize("arguments", [["classifyy"], ["classify"]])
def test_a_wrong_command_is_usage(line: Line, arguments: list[str]) -> None:
    assert line(*arguments).code == 2


def test_what_was_not_understood_is_counted_in_one_line_and_quiet_says_nothing(line: Line) -> None:
    file = line.write(
        "x.json", '[{"id": 1, "conditions": ["zz", "yy"]}, {"id": 2, "findings": ["zz"]}]'
    )
    done = line("classify", file, "-f", "json")
    assert done.code == 0
    assert done.err == (
        "Not understood: 2 words in 1 case; they hold back what they could change.\n"
    )
    one, other = json.loads(done.out)["cases"]
    assert [remark["what"] for remark in one["not_understood"]] == ["zz", "yy"]
    assert [remark["what"] for remark in other["set_aside"]] == ["zz"]
    assert line("classify", file, "-q").err == ""
    assert len(line("classify", file, "--strict", "-q").errors) == 3


# -- files that cannot be read or written ----------------------------------------------


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("gone.yaml", "gone.yaml: the file does not exist. Check the name"),
        ("x" * 5000, "it cannot be read (File name too long)"),
        ("good.json/x.yaml", "it cannot be read (Not a directory)"),
        ("empty", "empty: the directory holds no case file"),
        ("closed.yaml", "closed.yaml: it cannot be read (Permission denied)"),
    ],
)
def test_what_cannot_be_read(line: Line, file: str, said: str) -> None:
    opened = Path.open

    def refusing(path: Path, *arguments: Any, **options: Any) -> Any:  # root may read anything
        if path.name == "closed.yaml":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    line.write("good.json", GOOD)
    line.write("closed.yaml", "id: x")
    line.patch.setattr(Path, "open", refusing)
    (line.folder / "empty").mkdir()
    done = line("classify", file, "good.json", "-f", "jsonl")
    assert done.code == 3
    assert json.loads(done.out)["id"] == "good"
    (error,) = done.errors
    assert said in error


def test_an_output_appears_whole_and_keeps_what_it_replaces(line: Line) -> None:
    good = line.write("good.json", GOOD)
    old = line.folder / "old.json"
    old.write_text("old", encoding="utf-8")
    old.chmod(0o600)
    (line.folder / "link.json").symlink_to(old)
    assert line("classify", good, "-f", "json", "-o", "link.json", "--force").code == 0
    assert json.loads(old.read_text(encoding="utf-8"))["cases"][0]["id"] == "good"
    assert (line.folder / "link.json").is_symlink()
    assert old.stat().st_mode & 0o777 == 0o600
    mask = os.umask(0o077)
    try:
        assert line("classify", good, "-o", "new.txt").code == 0
    finally:
        os.umask(mask)
    assert (line.folder / "new.txt").stat().st_mode & 0o777 == 0o600
    assert line("classify", good, "-f", "csv", "-o", os.devnull).code == 0
    assert Path(os.devnull).is_char_device()
    names_left = {path.name for path in line.folder.iterdir()}
    assert names_left == {"good.json", "old.json", "link.json", "new.txt"}


def test_a_run_that_fails_leaves_the_old_output(line: Line, graph: Path) -> None:
    old = line.folder / "old.json"
    old.write_text("old", encoding="utf-8")
    with (graph / "laboratory.ttl").open("a", encoding="utf-8") as stream:
        stream.write("<")
    file = line.write("x.jsonl", f"{GOOD}\n{LABS}")
    done = line("classify", file, "-o", "old.json", "--force", "--ontology", str(graph))
    assert done.code == 3
    assert old.read_text(encoding="utf-8") == "old"
    assert not list(line.folder.glob(".calcinosis-*"))
