"""The recipe of ontology/README.md, as a stranger copies it, in a copy of the repository."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from calcinosis.cli.main import cli
from calcinosis.output.rdf.turtle import PREFIXES
from calcinosis.release import adding
from calcinosis.release.canonical import restore
from calcinosis.release.derive import DERIVED, derive
from calcinosis.release.derive import main as derived
from tests.started import unmeasured

ROOT = Path(__file__).parent.parent
MODULES = ("references", "conditions", "associations", "evidence", "interpretations")
CHANGED = ("citations", "interpreted", "roles", *MODULES)


def recipe(language: str) -> list[str]:
    text = (ROOT / "ontology" / "README.md").read_text(encoding="utf-8")
    part = text.partition("## A cause with its claim")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", part, re.DOTALL)


def command() -> list[str]:
    """The words of the call that adds the claim; the README's next one is make knowledge."""
    call, then = recipe("sh")[0].rstrip("\n").rsplit("\n", 1)
    assert then == "make knowledge"
    program, *words = shlex.split(call.replace("\\\n", " "))
    assert program == "calcinosis"
    return words


def in_copy(
    copy: Path, *words: str, path: str | None = None, **more: object
) -> subprocess.CompletedProcess[str]:
    # The name of a folder may have blanks, which make would take for two words.
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    python = str(copy / "src") if path is None else path
    env = {**os.environ, "PYTHONPATH": python, "PATH": programs}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        words, cwd=copy, env=env, capture_output=True, text=True, check=False, **more
    )


def by_hand(folder: Path) -> None:
    """Put the blocks of Turtle at the ends of their modules."""
    head = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())
    for name, block in zip(MODULES, recipe("turtle"), strict=True):
        path = folder / f"{name}.ttl"
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{head}{block}", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    return tmp_path / "ontology"


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the rules of the graph were asked of, without their answer, which takes long."""
    found: list[object] = []
    monkeypatch.setattr(adding, "verify", found.append)
    return found


def texts(folder: Path) -> dict[str, str]:
    today = re.compile(r'(dcterms:created )"[^"]*"')
    found = {name: (folder / f"{name}.ttl").read_text(encoding="utf-8") for name in CHANGED}
    return {name: today.sub(r"\1", text) for name, text in found.items()}


@pytest.mark.parametrize("target", ["derive", "check", "format"])
def test_the_recipe_takes_the_code_and_the_modules_of_the_checkout(
    target: str, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$PYTHONPATH"\n', encoding="utf-8")
    python.chmod(0o755)
    words = ["make", "-s", target, "PYTHON=./python"]
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    made = in_copy(tmp_path, *words, path="elsewhere")
    assert made.returncode == 0, made.stderr
    assert set(made.stdout.split("\n")) == {str(tmp_path / "src"), ""}


def test_an_installed_copy_derives_nothing_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("calcinosis.release.derive.CHECKOUT", Path("elsewhere"))
    assert derived([]) == derived(["--check"]) == 3
    assert "Name the folder of a checkout" in capsys.readouterr().err


@pytest.mark.slow
def test_both_ways_of_the_recipe_write_the_same(
    folder: Path, tmp_path: Path, checked: list[object]
) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    before = texts(folder)
    result = CliRunner().invoke(cli, [*command(), "--ontology", str(folder)])
    assert result.exception is None, result.output
    assert f"Written to {folder}" in result.stderr
    assert len(checked) == 1
    by_hand(other)
    for name in MODULES:
        restore(other / f"{name}.ttl")
    for name in DERIVED:
        assert derive(other, name)
    assert texts(folder) == texts(other)
    assert all(before[name] != text for name, text in texts(folder).items())


@pytest.mark.slow
def test_the_recipe_ends_green(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of it: make knowledge, and what it says of the graph and of what is made of it.

    It is begun by the call; the test above shows that the hand writes the same.
    """
    unmeasured(monkeypatch)  # a copy of the package runs
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, names):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    done = in_copy(tmp_path, sys.executable, "-m", "calcinosis", *command())
    assert done.returncode == 0, done.stderr
    made = in_copy(tmp_path, "make", "knowledge", "PYTHON=python", path="")  # as if installed
    assert made.returncode == 0, made.stdout + made.stderr
    modules = sorted(map(str, (tmp_path / "ontology").glob("*.ttl")))
    for words in (["derive", "--check"], ["canonical", "--check", *modules]):
        called = [sys.executable, "-m", f"calcinosis.release.{words[0]}", *words[1:]]
        again = in_copy(tmp_path, *called)
        assert again.returncode == 0, again.stderr
    case = '{"id": "a", "calcinosis": "present", "conditions": ["glass skin disease"]}'
    call = (sys.executable, "-m", "calcinosis", "classify", "-", "-f", "json")
    assert '"doe-2024"' in in_copy(tmp_path, *call, input=case).stdout


# -- at a terminal ------------------------------------------------------------------------------

ANSWERS = """glass-skin-disease-causes-dystrophic
glass skin disease
y
condition
A disease in which the skin is brittle all over the body.

dystrophic
glass skin disease is reported to cause dystrophic calcinosis cutis
Deposits were found in two patients.
doe-2024
y
Calcinosis cutis in glass skin disease
J Imaginary Dermatol
2024




case report
Doe, J; Roe, R
A. Curator
"""


@pytest.mark.slow
def test_what_is_not_given_is_asked_for_at_a_terminal(
    folder: Path, checked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    call = ["add", "claim", "--ontology", str(folder)]
    result = CliRunner().invoke(cli, call, input=ANSWERS)
    assert result.exception is None, result.output
    assert len(checked) == 1
    assert "There is no term 'glass skin disease' yet. Add it" in result.stderr
    assert "There is no reference 'doe-2024' yet. Add it" in result.stderr
    assert 'foaf:familyName "Roe"' in result.stdout
    assert "IAO:0000119 calc:OwnWords" in result.stdout
    for name, text in texts(folder).items():
        no_role = name in ("roles", "interpretations", "interpreted")  # none was given
        assert no_role or re.search(r"glass-skin|doe-2024|GlassSkin", text), name


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="terminals of that kind are POSIX's")
def test_who_does_not_add_it_is_told_what_is_near(folder: Path) -> None:
    """At a real terminal: what is typed is read, and the questions are on standard error."""
    import pty

    before = texts(folder)
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"a-claim\nacne scra\nn\ndystrophic\nIt is\nIt is.\nreiter-2011\nA\n")
        call = (sys.executable, "-m", "calcinosis", "add", "claim", "--ontology", str(folder))
        done = in_copy(ROOT, *call, stdin=theirs, timeout=300)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no term 'acne scra' yet. Add it [y/N]: " in done.stderr
    assert "--subject: there is no term 'acne scra'. Did you mean acne scar" in done.stderr
    assert texts(folder) == before
