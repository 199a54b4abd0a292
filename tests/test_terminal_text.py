"""Text for people: no data commands a terminal, turns a line round or hides in it."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis.cli import main as main_module
from calcinosis.cli.terminal import for_people, style
from calcinosis.errors import visible
from tests.shared import examples, graph
from tests.terminal import run

CLEAR = "\x1b[2J"
SHOWN = set(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)


def hidden(text: str) -> list[str]:
    """The characters that command a terminal, turn or part lines, or show nothing.

    Some format characters of Arabic and Kaithi are seen; those of hieroglyphs stack them.
    """
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    found = [c for c in text if c != "\n" and unicodedata.category(c) in kinds]
    return [c for c in found if c not in SHOWN and not "\U00013430" <= c <= "\U0001345f"]


@pytest.mark.slow
def test_every_character_that_is_not_seen_is_an_escape() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert hidden(visible(every)) == []
    kept = [c for c in every if visible(c) == c]
    assert len(kept) > 1_100_000
    assert {"\n", " ", "é", "µ", "≥", "症", "́"} <= set(kept)
    assert visible("a\r\n\u202e\udce9\x9b") == "a\\r\n\\u202e\\udce9\\x9b"
    assert visible("a\nb", lines=False) == "a\\nb"


def test_colours_are_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    written: list[str] = []
    monkeypatch.setattr("sys.stdout.write", written.append)
    stream = for_people(sys.stdout)
    paint = style(stream)
    stream.write(paint(f"bold{CLEAR}", "bold") + paint("red", "red") + CLEAR + "\x1b[31m")
    assert "".join(written) == ("\x1b[1mbold\\x1b[2J\x1b[0m\x1b[31mred\x1b[0m\\x1b[2J\\x1b[31m")


TEXT = st.text(st.characters(), max_size=12)
WORDS = st.one_of(TEXT, TEXT.map(lambda text: f"burn scar{text}"))
CASE = st.fixed_dictionaries(
    {"id": TEXT, "conditions": st.lists(WORDS, max_size=2)},
    optional={
        "source": TEXT,
        "other": st.lists(TEXT, max_size=2),
        "sex": TEXT,
        "age": TEXT,
        "excluded": st.lists(TEXT, max_size=1),
        "sites": st.lists(TEXT, max_size=1),
        "labs": st.lists(
            st.fixed_dictionaries({"test": TEXT, "value": TEXT, "unit": TEXT}), max_size=1
        ),
    },
)
TOLD = [
    ("classify",),
    ("classify", "--explain"),
    ("explain",),
    ("explain", "-f", "markdown"),
    ("compare", "--min-read", "text"),
    ("compare", "--min-read", "text", "-f", "markdown"),
    ("cite", "--case"),
    ("export", "report-md", "--cases"),
]


@pytest.fixture
def _loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command takes the graph that the tests share."""
    kg = graph()

    def shared(*_: object, **__: object) -> calcinosis.KnowledgeGraph:
        return kg

    for name in ("cite", "classify", "explain", "compare", "export", "query", "sparql", "show"):
        monkeypatch.setattr(f"calcinosis.cli.{name}.load", shared)


@pytest.mark.usefixtures("_loaded")
@settings(
    max_examples=examples(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(st.lists(CASE, min_size=1, max_size=3), st.sampled_from(TOLD), st.booleans())
@example([{"id": "1", "conditions": [], "other": [f"x{CLEAR}"]}], TOLD[0], True)
@example([{"id": f"\u202e{CLEAR}", "conditions": [f"y{CLEAR}\u2028"]}], TOLD[0], True)
@example([{"id": "1", "conditions": [], "sex": f"x{CLEAR}\nRefused: no"}], TOLD[0], False)
def test_no_field_of_a_case_commands_the_terminal(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    cases: list[dict[str, object]],
    told: tuple[str, ...],
    strict: bool,
) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases), encoding="utf-8")
    name, *options = told
    extra = ["--strict"] if strict and name in ("classify", "explain", "compare") else []
    code, out, err = run([name, *extra, *options, str(path)], capsys)
    assert code in (0, 3), err
    assert hidden(out + err) == []
    assert all(line.startswith(("Refused: ", "Not understood: ")) for line in err.splitlines())


@pytest.mark.usefixtures("_loaded")
@settings(
    max_examples=examples(30),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(st.sampled_from([["search"], ["show"], ["cite"], ["query"], ["export"], ["sparql"]]), TEXT)
@example(["query"], CLEAR)
@example(["sparql"], f"no such file {CLEAR}\n")
@example(["classify"], f"-{CLEAR}")
def test_no_argument_commands_the_terminal(
    capsys: pytest.CaptureFixture[str], command: list[str], text: str
) -> None:
    code, out, err = run([*command, text], capsys)
    assert code in (0, 2), err
    assert hidden(out + err) == []
    lines = [line for line in err.splitlines() if not line.startswith("  ")]  # an excerpt below
    assert (code == 0) or len(lines) == 1 or not text


@pytest.mark.usefixtures("_loaded")
def test_a_label_of_an_answer_and_a_name_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("table", "markdown"):
        asked = ["sparql", r'SELECT ?x { BIND("a\u001B[2J\u009B\u202E" AS ?x) }', "-f", form]
        code, out, _ = run(asked, capsys)
        assert code == 0
        assert hidden(out) == []
        assert "x1b" in out
    code, out, _ = run([*asked[:2], "-f", "json"], capsys)
    assert json.loads(out)["results"]["bindings"][0]["x"]["value"] == "a\x1b[2J\x9b\u202e"
    code, out, _ = run([*asked[:2], "-f", "csv"], capsys)
    assert "a\x1b[2J\x9b\u202e" in out  # what programs read is as it is
    name = tmp_path / f"a{CLEAR}.json"
    code, _, err = run(["classify", str(name)], capsys)
    assert code == 3
    assert "a\\x1b[2J.json: the file does not exist" in err


def test_only_one_door_leads_to_people() -> None:
    folder = Path(main_module.__code__.co_filename).parent
    for path in folder.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "print(" not in source.replace("traceback.print_exc(", "")
        if path.name not in ("terminal.py", "main.py", "query.py"):  # a version, a help text
            assert "click.echo" not in source, path
