"""What the document on stores tells to do, done against a real Oxigraph and asked back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import calcinosis
from calcinosis.graph.results import Table
from tests.servers import oxigraph

PAGE = Path(__file__).parent.parent / "docs" / "export-stores.md"
EACH = """SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g
# with graph:metadata, which a query sees here where it speaks of it"""


def commands(host: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [block.replace("localhost:7878", host) for block in blocks]


def shell(script: str, folder: Path) -> str:
    beside = Path(sys.executable).parent
    path = f"{beside}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        ["sh", "-eu"],
        input=script,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.external("curl")
def test_a_store_loaded_as_the_document_says_answers_as_we_do(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with oxigraph() as address:
        host = address.removeprefix("http://").removesuffix("/query")
        load, ask = commands(host)
        for _ in range(2):  # again, and nothing is there twice
            shell(load, tmp_path)
            here, there = kg.sparql(EACH), kg.sparql(EACH, endpoint=address)
            assert isinstance(there, Table)
            assert isinstance(here, Table)
            assert there.rows() == here.rows()
            assert len(there.rows()) == 7
        said = shell(ask, tmp_path)
        assert str(len(kg.ontology.claims.associations)) in said
        assert kg.query("causes", subtype="metastatic", endpoint=address).rows() == (
            kg.query("causes", subtype="metastatic").rows()
        )
