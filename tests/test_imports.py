"""Each command loads the libraries that it needs and none of the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from calcinosis.cli.main import COMMANDS
from tests.servers import raw, reply
from tests.shared import few
from tests.started import unmeasured
from tests.test_add_claim import called

EXAMPLES = Path(__file__).parent.parent / "examples"
YAML, CSV = str(EXAMPLES / "patients.yaml"), str(EXAMPLES / "patients.csv")
ASKED = "SELECT ?x { ?x a ?y } LIMIT 1"
LIBRARIES = {
    *("SPARQLWrapper", "citeproc", "jpype", "lxml", "matplotlib", "openpyxl", "owlready2"),
    *("pyshacl", "rdflib", "starlette", "uvicorn", "mcp", "pydantic"),
}
SHEETS = {"openpyxl", "lxml"}  # openpyxl takes lxml where it is there
STYLES = {"citeproc", "lxml"}
NEEDS: dict[tuple[str, ...], set[str]] = {
    ("classify", YAML): set(),
    ("classify", CSV, "-f", "csv"): set(),
    ("classify", CSV, "-f", "xlsx", "-o", "verdicts.xlsx"): SHEETS,
    ("explain", YAML, "-f", "html", "-o", "why.html"): set(),
    ("compare", YAML, "--min-read", "text"): set(),
    ("map", CSV): set(),
    ("template", "form.csv"): set(),
    ("template", "form.xlsx"): SHEETS,
    ("query", "subtypes"): set(),
    ("sparql", ASKED): set(),
    ("sparql", ASKED, "--endpoint", "URL"): {"SPARQLWrapper"},
    ("show", "reiter-2011"): set(),
    ("search", "scar"): set(),
    ("cite", "reiter-2011"): set(),
    ("cite", "reiter-2011", "--style", "apa"): STYLES,
    ("export", "obo", "-o", "x.obo"): set(),
    ("graph", "--around", "metastatic", "-o", "x.svg"): {"matplotlib"},
    ("evaluate",): set(),
    ("serve", "--help"): set(),
    ("mcp", "--help"): set(),
    ("check", "--help"): set(),
    ("diff", "--help"): set(),
    tuple(called("ours.ttl")): {"pyshacl", "rdflib"},  # what is added is checked
}
ROOMS = ("explain.", "study.")  # what no verdict, look-up or page of a term needs
ROOMS_OF = {"explain", "compare", "export", "graph", "evaluate", "serve", "check", "diff"}
CODE = (
    "import sys\nfrom calcinosis.cli import main\n"
    "try:\n    main(sys.argv[1:])\n"
    "finally:\n    print('loaded', *sys.modules, file=sys.stderr)"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", few(NEEDS, *list(NEEDS)[::3]), ids=lambda words: " ".join(w[-20:] for w in words)
)
def test_a_command_loads_what_it_needs(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unmeasured(monkeypatch)
    with raw() as server:
        url = server.answers(reply())
        done = subprocess.run(
            [sys.executable, "-c", CODE, *(url if word == "URL" else word for word in words)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    loaded = {name.partition(".")[0] for name in done.stderr.rpartition("loaded ")[2].split()}
    assert "calcinosis" in loaded
    assert loaded & LIBRARIES == NEEDS[words]
    rooms = {name for name in ROOMS if f" calcinosis.{name}" in done.stderr}
    begins = "xlsx" in words  # with a summary
    decides = words == ("classify", YAML)  # below each case stands what would decide it
    assert rooms <= {"explain."} if decides else not rooms or words[0] in ROOMS_OF or begins


def test_every_command_is_looked_at() -> None:
    assert {words[0] for words in NEEDS} == set(COMMANDS)
