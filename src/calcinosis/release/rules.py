"""Rules kept as files: query checks (``queries/check``) and SHACL shapes (``ontology/shapes``).

A query check selects ``?entity`` and, where it helps, ``?value``; its header says severity,
title and cure. A shape says the same in sh:severity, sh:message and sh:description. Rules that
ROBOT's report has too carry ROBOT's names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple

from calcinosis import names
from calcinosis.graph.locate import data
from calcinosis.release.finding import ERROR, INFO, WARN, Finding

if TYPE_CHECKING:
    from rdflib.graph import Graph
    from rdflib.term import Node

SHAPE: Final = names.CC + "shape/"
MAPPED: Final = NamedNode(names.ONTOLOGY + "/mappings")
_RELATION: Final = NamedNode(names.SKOS + "mappingRelation")
_DEPTH: Final = 10
_HEADER: Final = re.compile(r"^# (\w+): (.+)$", re.MULTILINE)
_SEVERITIES: Final = {
    names.SHACL + "Violation": ERROR,
    names.SHACL + "Warning": WARN,
    names.SHACL + "Info": INFO,
}


@dataclass(frozen=True, slots=True)
class QueryCheck:
    """One query check as its file states it."""

    name: str
    severity: str
    title: str
    cure: str
    text: str


def module(folder: Path, path: Path) -> str:
    """The IRI of the ontology that a file of the folder holds."""
    name = path.relative_to(folder).with_suffix("").as_posix()
    return names.ONTOLOGY if name == "calcinosis" else f"{names.ONTOLOGY}/{name}"


def fill(store: Store, folder: Path, files: Iterable[Path]) -> list[Finding]:
    """Load files into a store, a graph each; a broken file is a finding."""
    found = []
    for path in files:
        graph = NamedNode(module(folder, path))
        try:
            store.load(path=str(path), format=RdfFormat.TURTLE, to_graph=graph)
        except (SyntaxError, OSError, UnicodeDecodeError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            found.append(
                Finding(
                    ERROR,
                    "unreadable_module",
                    f"{path}{line}",
                    f"this is not Turtle: {error}",
                    "Mend the line, or restore the file from the repository",
                )
            )
    return found


def add_mapped(store: Store, curies: Iterable[tuple[str, str]]) -> None:
    """Say in a graph of its own which of our terms are mapped, and to what."""
    declared = (NamedNode(names.TYPE), NamedNode(names.OWL + "AnnotationProperty"))
    store.add(Quad(_RELATION, *declared, MAPPED))
    for subject, code in curies:
        term = NamedNode(names.CC + subject.removeprefix("calc:"))
        store.add(Quad(term, _RELATION, Literal(code), MAPPED))


def query_checks(folder: Path | None = None) -> list[QueryCheck]:
    """The query checks of a folder, or of this installation."""
    folder = folder or data("queries") / "check"
    found = []
    for path in sorted(folder.glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        head = dict(_HEADER.findall(text))
        found.append(QueryCheck(path.stem, head["severity"], head["title"], head["cure"], text))
    return found


def run_query(store: Store, check: QueryCheck) -> Iterator[Finding]:
    """The findings of one query check over all graphs of a store."""
    answer = store.query(check.text, use_default_graph_as_union=True)
    if not isinstance(answer, QuerySolutions):
        raise TypeError(f"{check.name}.rq is no SELECT query")
    shows_value = any(variable.value == "value" for variable in answer.variables)
    for row in answer:
        value = row["value"] if shows_value else None
        message = check.title if value is None else f"{check.title}: {_word(value)}"
        yield Finding(check.severity, check.name, _word(row["entity"]), message, check.cure)


def _word(term: object) -> str:
    if isinstance(term, NamedNode):
        return names.local(term.value)
    return term.value if isinstance(term, Literal) else "a class expression"


def shape_findings(store: Store, folder: Path) -> list[Finding]:
    """What violates the SHACL shapes of a folder, over all graphs of a store."""
    import rdflib
    from pyshacl import validate

    shapes = rdflib.Graph()
    for path in sorted(folder.glob("*.ttl")):
        shapes.parse(path, format="turtle")
    graph = rdflib.Graph()
    lines = {str(Triple(q.subject, q.predicate, q.object)) for q in store}
    graph.parse(data="".join(f"{line} .\n" for line in lines), format="nt")
    _, report, _ = validate(graph, shacl_graph=shapes, inference="none", inplace=True)
    results = report.subjects(rdflib.URIRef(names.SHACL + "resultMessage"))
    return [_of_result(graph, report, shapes, result) for result in results]


def _of_result(graph: Graph, report: Graph, shapes: Graph, result: Node) -> Finding:
    import rdflib

    def one(where: Graph, node: Node | None, name: str) -> Node | None:
        return where.value(node, rdflib.URIRef(names.SHACL + name))

    shape = one(report, result, "sourceShape")
    focus, value = one(report, result, "focusNode"), one(report, result, "value")
    message = str(one(shapes, shape, "message"))
    if value is not None and value != focus and not isinstance(value, rdflib.BNode):
        message = f"{message}: {names.local(str(value))}"
    return Finding(
        _SEVERITIES[str(one(report, result, "resultSeverity"))],
        str(shape).removeprefix(SHAPE),
        _owner(graph, focus),
        message,
        str(one(shapes, shape, "description")),
    )


def _owner(graph: Graph, node: Node | None) -> str:
    """The name of a node, or of the nearest named one that it belongs to."""
    import rdflib

    source = rdflib.URIRef(names.ANNOTATED_SOURCE)
    for _ in range(_DEPTH):
        if not isinstance(node, rdflib.BNode):
            return names.local(str(node))
        node = graph.value(node, source) or next(graph.subjects(None, node), None)
    return "a node without a name"
