"""Examples in the documentation run, and generated parts are current."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import calcinosis
from calcinosis.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
DOCS = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("ontology/*.md")])
LINKED = sorted(
    [*DOCS, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("examples/**/*.md")]
)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (f"{path.name}-{number}", body)
        for path in DOCS
        for number, (kind, body) in enumerate(_BLOCK.findall(path.read_text(encoding="utf-8")))
        if kind == language
    ]


def _cases(text: str, language: str) -> Any:
    return json.loads(text) if language == "json" else yaml.safe_load(text)


CASES = [
    pytest.param(body, language, id=name)
    for language in ("yaml", "json")
    for name, body in blocks(language)
]


@pytest.mark.parametrize(("body", "language"), CASES)
def test_a_case_in_the_docs_is_classified(
    body: str, language: str, kg: calcinosis.KnowledgeGraph
) -> None:
    result = kg.classify(_cases(body, language))
    assert not result.refused
    assert result.cases


LONG = "compare.md"
"""Its examples take seconds."""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(body, id=name, marks=[pytest.mark.slow] * name.startswith(LONG))
        for name, body in blocks("python")
    ],
)
def test_python_in_the_docs_runs(body: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(body, "docs", "exec"), {})
    assert out.getvalue()


def test_the_corrected_calcium_of_the_docs(kg: calcinosis.KnowledgeGraph) -> None:
    (body,) = [b for _, b in blocks("json") if "case-2" in b]
    case = kg.classify(json.loads(body)).cases[0]
    text = json.dumps(case.to_dict())
    assert "corrected for albumin 28 g/L" in text.replace("serum albumin", "albumin")


@pytest.mark.slow
def test_the_pictures_are_current() -> None:
    script = ROOT / "docs" / "make_pictures.py"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False)
    assert done.returncode == 0, "run: python docs/make_pictures.py"


def test_links_within_the_repository_resolve() -> None:
    broken = [
        f"{path.name}: {target}"
        for path in LINKED
        for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert not broken


def test_every_page_is_found_from_the_readme_and_on_the_site() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1]
    assert pages <= set(re.findall(r"\]\(docs/([\w-]+\.md)[)#]", readme))
    assert pages <= set(re.findall(r": ([\w-]+\.md)$", listed, re.MULTILINE))


def test_the_readme_names_every_command_and_counts_the_look_ups(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `calcinosis (\w+)", readme, re.MULTILINE)
    assert sorted(table) == sorted(COMMANDS)
    assert f"| {len(kg.lookups.catalogue.names())} named look-ups" in readme
