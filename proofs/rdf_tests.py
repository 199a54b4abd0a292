"""The W3C's SPARQL 1.1 query tests, answered by the engine alone and by the endpoint over HTTP.

It takes a local copy of https://github.com/w3c/rdf-tests; nothing of it is in this repository. All
data of the tests are graphs of one server, which runs as ours does but for what it holds, and each
test says by default-graph-uri and named-graph-uri which of them it is about. The endpoint must pass
whatever the engine passes; what fails is named.

    python -m proofs.rdf_tests PATH
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlencode, urljoin

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
    serialize,
)
from tests import endpoint_worker
from tests.serving import Server, running

import calcinosis
from calcinosis.web.app import application

BASE: Final = "https://w3c.github.io/rdf-tests/sparql/sparql11/"
MANIFESTS: Final = ("manifest-sparql11-query.ttl", "manifest-sparql11-results.ttl")
MF: Final = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT: Final = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RS: Final = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EMPTY: Final = "https://example.org/empty"
EVALUATED: Final = (f"{MF}QueryEvaluationTest", f"{MF}CSVResultFormatTest")
SYNTAX: Final = {f"{MF}PositiveSyntaxTest11": True, f"{MF}NegativeSyntaxTest11": False}
FORMS: Final = {
    ".srx": ("application/sparql-results+xml", QueryResultsFormat.XML),
    ".srj": ("application/sparql-results+json", QueryResultsFormat.JSON),
    ".tsv": ("text/tab-separated-values", QueryResultsFormat.TSV),
    ".csv": ("text/csv", None),
}
RDF_FORMS: Final = {".ttl": RdfFormat.TURTLE, ".rdf": RdfFormat.RDF_XML, ".nt": RdfFormat.N_TRIPLES}
Found = Any
"""An answer that can be compared: yes or no, rows of text, or a canonical dataset."""


@dataclass(frozen=True)
class Test:
    """One test: its query with the graphs that it is about, and what should come of it."""

    part: str
    name: str
    kind: str
    query: str
    default: tuple[str, ...]
    named: tuple[str, ...]
    result: str

    @property
    def text(self) -> str:
        """The query as it is written."""
        return path_of(self.query).read_text(encoding="utf-8")

    @property
    def suffix(self) -> str:
        """What the file of the result ends with."""
        return path_of(self.result).suffix


ROOT: list[Path] = []


def path_of(iri: str) -> Path:
    """The file of an address, in the local copy."""
    return ROOT[0] / iri.removeprefix(BASE)


@cache
def graph(iri: str) -> Store:
    """What an RDF file of the copy says."""
    store = Store()
    path = path_of(iri)
    store.load(path=str(path), format=RDF_FORMS[path.suffix], base_iri=iri)
    return store


def tests() -> Iterator[Test]:
    """All tests of the manifests, in order."""
    for manifest in MANIFESTS:
        store = graph(BASE + manifest)
        for included in _list(store, NamedNode(BASE + manifest), f"{MF}include"):
            yield from _of(included.value)


def _of(manifest: str) -> Iterator[Test]:
    store, part = graph(manifest), manifest.removeprefix(BASE).partition("/")[0]
    for entry in _list(store, NamedNode(manifest), f"{MF}entries"):
        (kind,) = _values(store, entry, f"{RDF}type")
        (action,) = _values(store, entry, f"{MF}action")
        results = [one.value for one in _values(store, entry, f"{MF}result")]
        queries = _values(store, action, f"{QT}query") or [action]
        default, named = (
            tuple(one.value for one in _values(store, action, f"{QT}{word}"))
            for word in ("data", "graphData")
        )
        name = entry.value.rpartition("#")[2]
        query = queries[0].value
        yield Test(part, name, kind.value, query, default, named, results[0] if results else "")


def _values(store: Store, subject: Any, predicate: str) -> list[Any]:
    return [q.object for q in store.quads_for_pattern(subject, NamedNode(predicate), None)]


def _list(store: Store, subject: Any, predicate: str) -> Iterator[Any]:
    (node,) = _values(store, subject, predicate)
    while node.value != f"{RDF}nil":
        yield from _values(store, node, f"{RDF}first")
        (node,) = _values(store, node, f"{RDF}rest")


# -- answers ---------------------------------------------------------------------------------------


def canonical(quads: Iterable[Quad]) -> Dataset:
    """A dataset with blank nodes of its shape's names, and values as Oxigraph holds them."""
    store = Store()
    store.extend(quads)
    found = Dataset(store)
    found.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return found


def comparable(answer: Any, *, is_ordered: bool) -> Found:
    """An answer of Oxigraph, or one that it has read, such that two can be compared."""
    if isinstance(answer, QueryBoolean):
        return bool(answer)
    if isinstance(answer, QuerySolutions):
        return canonical(_row_quads(answer, is_ordered=is_ordered))
    return canonical(Quad(*triple) for triple in answer)


def _row_quads(rows: QuerySolutions, *, is_ordered: bool) -> Iterator[Quad]:
    for variable in rows.variables:
        yield Quad(NamedNode("urn:head"), NamedNode("urn:variable"), Literal(variable.value))
    names = [variable.value for variable in rows.variables]
    for number, row in enumerate(rows):
        node = BlankNode()
        yield Quad(node, NamedNode("urn:row"), Literal(number if is_ordered else "any"))
        for name in names:
            if row[name] is not None:
                yield Quad(node, NamedNode(f"urn:of/{name}"), row[name])


def rows_of_csv(text: str) -> list[list[str]]:
    """The columns and the rows of a CSV, blank nodes by the order in which they come."""
    seen: dict[str, str] = {}

    def cell(one: str) -> str:
        return seen.setdefault(one, f"_:{len(seen)}") if one.startswith("_:") else one

    head, *rows = csv.reader(io.StringIO(text))
    return [head, *sorted([cell(one) for one in row] for row in rows)]


def expected(test: Test, *, is_ordered: bool) -> Found:
    """What the test says should be the answer."""
    content = path_of(test.result).read_bytes()
    if test.suffix == ".csv":
        return rows_of_csv(content.decode())
    form = FORMS.get(test.suffix, (None, None))[1]
    if form is not None:
        return comparable(parse_query_results(content, format=form), is_ordered=is_ordered)
    store = graph(test.result)
    if any(store.quads_for_pattern(None, NamedNode(f"{RDF}type"), NamedNode(f"{RS}ResultSet"))):
        return canonical(_of_result_set(store))
    return canonical(store)


def _of_result_set(store: Store) -> Iterator[Quad]:
    """A table that is written as RDF."""
    for quad in store.quads_for_pattern(None, NamedNode(f"{RS}resultVariable"), None):
        yield Quad(NamedNode("urn:head"), NamedNode("urn:variable"), quad.object)
    for quad in store.quads_for_pattern(None, NamedNode(f"{RS}solution"), None):
        index = _values(store, quad.object, f"{RS}index")
        number = Literal(int(index[0].value) - 1) if index else Literal("any")
        yield Quad(quad.object, NamedNode("urn:row"), number)  # type: ignore[arg-type]
        for binding in _values(store, quad.object, f"{RS}binding"):
            (name,) = _values(store, binding, f"{RS}variable")
            (value,) = _values(store, binding, f"{RS}value")
            yield Quad(quad.object, NamedNode(f"urn:of/{name.value}"), value)  # type: ignore[arg-type]


# -- the two ways --------------------------------------------------------------------------------


def by_engine(test: Test, everything: Store, *, is_ordered: bool) -> Found:
    """The answer of Oxigraph, with the data of the test and nobody before it."""
    store = everything if _names_graphs(test) else _laid(test)
    answer: Any = store.query(test.text, base_iri=test.query)
    if test.suffix == ".csv":
        return rows_of_csv(answer.serialize(format=QueryResultsFormat.CSV).decode())
    return comparable(answer, is_ordered=is_ordered)


def _laid(test: Test) -> Store:
    store = Store()
    for iri in test.default:
        store.extend(Quad(q.subject, q.predicate, q.object) for q in parsed(iri))
    for iri in test.named:
        store.extend(Quad(q.subject, q.predicate, q.object, NamedNode(iri)) for q in parsed(iri))
    return store


def by_server(test: Test, server: Server, *, is_ordered: bool) -> Found:
    """The answer of the endpoint."""
    pairs = []
    if not _names_graphs(test):
        pairs = [("default-graph-uri", iri) for iri in test.default]
        pairs += [("named-graph-uri", iri) for iri in test.named]
        pairs = pairs or [("default-graph-uri", EMPTY)]
    query = f"BASE <{test.query}>\n{test.text}"
    table, form = FORMS.get(test.suffix, FORMS[".srj"])
    accept = f"{table}, application/n-triples"
    headers = {"Accept": accept, "Content_Type": "application/sparql-query"}
    path = f"/sparql?{urlencode(pairs)}"
    reply = server.ask(path, "POST", query.encode(), **headers)
    if reply.status != 200:
        raise ValueError(f"{reply.status}: {reply.text}")
    if reply.kind == "application/n-triples":
        return comparable(parse(reply.body, format=RdfFormat.N_TRIPLES), is_ordered=False)
    if form is None:
        return rows_of_csv(reply.text)
    return comparable(parse_query_results(reply.body, format=form), is_ordered=is_ordered)


def _names_graphs(test: Test) -> bool:
    return "FROM" in test.text.upper().split()


def parsed(iri: str) -> list[Quad]:
    """The triples of a file, with blank nodes that no other file has."""
    path = path_of(iri)
    form = RDF_FORMS[path.suffix]
    return list(parse(path=str(path), format=form, base_iri=iri, rename_blank_nodes=True))


def passes(test: Test, way: Any, place: Any) -> bool:
    """Whether a way of asking answers as the test says."""
    is_ordered = "ORDER BY" in " ".join(test.text.upper().split())
    try:
        found = way(test, place, is_ordered=is_ordered)
    except (ValueError, SyntaxError, OSError, RuntimeError):
        return SYNTAX.get(test.kind) is False
    if test.kind in SYNTAX:
        return SYNTAX[test.kind]
    wanted = expected(test, is_ordered=is_ordered)
    return bool(found == wanted)


# -- the run -------------------------------------------------------------------------------------


def all_quads(found: Sequence[Test]) -> list[Quad]:
    """The data of all tests, each file a graph of its address."""
    names = {iri for test in found for iri in (*test.default, *test.named)}
    for test in found:
        if _names_graphs(test):
            words = test.text.replace("<", " <").replace(">", "> ").split()
            relative = (word[1:-1] for word in words if word.startswith("<"))
            iris = {urljoin(test.query, one) for one in relative}
            names |= {iri for iri in iris if iri.startswith(BASE) and path_of(iri).is_file()}
    return [
        Quad(q.subject, q.predicate, q.object, NamedNode(iri))
        for iri in sorted(names)
        for q in parsed(iri)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all tests both ways; 1 if the endpoint fails one that the engine passes."""
    parser = argparse.ArgumentParser(prog="python -m proofs.rdf_tests", description=__doc__)
    parser.add_argument("path", type=Path, help="a local copy of w3c/rdf-tests")
    folder = parser.parse_args(arguments).path / "sparql" / "sparql11"
    if not folder.is_dir():
        parser.error(f"{folder} is no folder")
    ROOT[:] = [folder]
    found = [test for test in tests() if test.kind in (*EVALUATED, *SYNTAX)]
    quads = all_quads(found)
    everything = Store()
    everything.extend(quads)
    with TemporaryDirectory() as room:
        path = Path(room) / "data.nq"
        serialize(quads, str(path), RdfFormat.N_QUADS)
        worker = endpoint_worker.command(path)
        with running(application(calcinosis.load(), worker=worker)) as server:
            outcomes = {
                test: (passes(test, by_engine, everything), passes(test, by_server, server))
                for test in found
            }
    return report(outcomes)


def report(outcomes: dict[Test, tuple[bool, bool]]) -> int:
    """Print what passed, and the names of what did not."""
    for title, kinds in (("evaluation", EVALUATED), ("syntax", tuple(SYNTAX))):
        some = {test: both for test, both in outcomes.items() if test.kind in kinds}
        engine, endpoint = (sum(both[way] for both in some.values()) for way in (0, 1))
        print(f"{title}: {len(some)} tests, the engine passes {engine}, the endpoint {endpoint}")
    for test, (by_one, by_other) in outcomes.items():
        if not (by_one and by_other):
            who = (
                "both fail" if by_one == by_other else "the engine" if by_other else "the ENDPOINT"
            )
            print(f"  {test.part}/{test.name}: {who if by_one == by_other else f'{who} fails'}")
    return int(any(one and not other for one, other in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
