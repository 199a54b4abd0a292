"""An error over HTTP, on a page or from a tool speaks of what is there, not of the command line."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import calcinosis
from calcinosis.errors import CaseError, Problem
from calcinosis.web.app import application
from calcinosis.web.wording import over_http, reworded, to_assistants
from tests.serving import Server, running

COMMAND = re.compile(
    r"'calcinosis [a-z]|calcinosis (?:show|query|map|cite)\b|(?<![\w'-])--[a-z]{2}"
)
SOURCE = Path(calcinosis.__file__).parent
ROOMS = ("facts", "graph", "api", "reasoning", "explain")
BEFORE = ("graph/locate.py", "graph/manifest.py", "graph/overlay.py")
"""What is said while the graph is loaded, before anything can be asked."""


def words_of(path: Path) -> Iterator[str]:
    """The texts of a module but for those that are told nobody."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


@pytest.mark.slow
def test_whatever_an_error_says_of_the_command_line_has_other_words_here() -> None:
    texts = {
        text
        for room in ROOMS
        for path in (SOURCE / room).rglob("*.py")
        if not path.as_posix().endswith(BEFORE)
        for text in words_of(path)
        if COMMAND.search(text) and not text.startswith("--")  # a place, which is an option
    }
    assert len(texts) > 15
    for said in texts:
        assert not COMMAND.search(over_http(said)), said
        assert not COMMAND.search(to_assistants(said)), said


def test_an_error_is_said_anew_with_all_its_problems() -> None:
    first = Problem("no record that --from fhir could read", "--min-read", "Leave --from out")
    second = Problem("no 'a --visit'", "x.csv, row 3", "Take --visit each")
    error = CaseError([first, second])
    found = reworded(error)
    assert str(found) == (
        "min_read: no record that from=fhir could read. Leave from out\n"
        "x.csv, row 3: no 'a --visit'. Take visit=each"
    )
    assert (found.where, found.cure) == ("min_read", "Leave from out")


# -- each that a request can provoke -------------------------------------------------------


@pytest.fixture(scope="module")
def server(kg: calcinosis.KnowledgeGraph) -> Iterator[Server]:
    with running(application(kg)) as found:
        yield found


SHEET = "text/csv"
CASE = json.dumps({"id": "a", "calcinosis": "present"})
TWICE = "id,calcinosis,visit date\na,present,\na,absent,\n"
SERVICE = urlencode({"query": "SELECT * { SERVICE <a:b> { ?s ?p ?o } }"})
PROVOKING: dict[str, tuple[str, str, str]] = {
    "no viewpoint": ("/api/classify?viewpoint=frobnitz", CASE, "application/json"),
    "no reference": ("/api/classify?without=frobnitz-1999", CASE, "application/json"),
    "no type of study": ("/api/classify?without_study_type=xx", CASE, "application/json"),
    "no assumption": ("/api/classify?assume=xx", CASE, "application/json"),
    "no record of FHIR": ("/api/classify?from=fhir", CASE, "application/json"),
    "a table as FHIR": ("/api/classify?from=fhir", TWICE, SHEET),
    "RDF as FHIR": ("/api/classify?from=fhir", "<a:b> <a:c> <a:d> .", "text/turtle"),
    "a case again": ("/api/classify", TWICE, SHEET),
    "a visit without a date": ("/api/classify?visit=latest", TWICE, SHEET),
    "no heading": ("/api/classify", "1,2,3\n4,5,6\n", SHEET),
    "no heading to map": ("/api/map", "1,2,3\n4,5,6\n", SHEET),
    "a word that is none": ("/api/classify?strict=true", "id,conditions\na,frobnitz\n", SHEET),
    "no column": ("/api/classify?strict=true", "id,calcinosis,kidny\na,present,1\n", SHEET),
    "no case": ("/api/explain?id=b", CASE, "application/json"),
    "no subtype": ("/api/explain?subtype=frobnitz", CASE, "application/json"),
    "no look-up": ("/api/query/causess", "", ""),
    "no term": ("/api/query/causes?subtype=frobnitz", "", ""),
    "no term to show": ("/api/term/frobnitz", "", ""),
    "no key": ("/api/cite?key=frobnitz", "", ""),
    "below what": ("/api/cite?below=frobnitz", "", ""),
    "SERVICE": (f"/sparql?{SERVICE}", "", ""),
    "no query": ("/sparql?query=SELEC", "", ""),
    "a page with SERVICE": (f"/editor?{SERVICE}", "", "page"),
    "a question without an answer": ("/questions/causes?subtype=frobnitz", "", "page"),
    "a question that there is not": ("/questions/causess", "", "page"),
    "claims of no kind": ("/associations?kind=frobnitz", "", "page"),
    "a page without a viewpoint": (
        "/patient", urlencode({"state": json.dumps({"case": {"id": "a"}, "viewpoint": "xx"})}),
        "application/x-www-form-urlencoded",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVOKING)
def test_no_refusal_speaks_of_the_command_line(server: Server, name: str) -> None:
    path, body, kind = PROVOKING[name]
    accept = "text/html" if kind in ("page", "application/x-www-form-urlencoded") else "text/plain"
    told: dict[str, Any] = {"Accept": accept} | ({"Content_Type": kind} if body else {})
    reply = server.ask(path, "POST" if body else "GET", body.encode() or None, **told)
    if accept == "text/html":
        main = reply.text.partition("<main")[2].partition("</main>")[0]
        said = "".join(re.findall(r'(?s)role="alert".*?</p>', main)) or main
        assert "frobnitz" in said or name not in ("no term", "a question without an answer")
    else:
        said = reply.text
        assert reply.status >= 400, said
    assert not COMMAND.search(said), said
