"""Whether what is laid over an ontology keeps its rules, as far as that is quickly told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NoReturn

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.overlay import Overlay, place
from calcinosis.graph.triples import reached
from calcinosis.release.finding import ERROR, Finding
from calcinosis.release.meaning import viewpoint_findings
from calcinosis.release.rules import fill, query_checks, run_query, shape_findings

_WHOLE = re.compile(r"/ontology/(subtypes|viewpoints/[^/]+|[^/]+\+\w+)>$")
_ABOVE = frozenset((names.SUBCLASS, names.SUBPROPERTY, names.TYPE))
_KEEP_THE_RULES: Final = set[tuple[Path, str, tuple[Overlay, ...]]]()
"""What was verified in this process, by the folder, the viewpoint and the sums of the files."""


def verify(ontology: Ontology) -> None:
    """OntologyError for the first rule of the graph that an overlay breaks.

    The queries of a release are asked of all modules with the overlays, the SHACL shapes of the
    overlays and what they name, and the viewpoint is compiled. What ships keeps these rules.
    """
    key = ontology.folder, ontology.viewpoint, ontology.overlays
    if key in _KEEP_THE_RULES:
        return
    store, laid = Store(), ontology.overlays
    fill(store, ontology.folder, ontology.files())
    own = {triple for one in laid for _, triples in one.every() for triple in triples}
    for one in laid:
        for part, triples in one.every():
            module = part if part == "roles" else f"{part}+{one.sha256}"
            _add(store, triples, f"{names.ONTOLOGY}/{module}")
    near = _near(store, own)
    for finding in _findings(ontology, store, near):
        if finding.severity == ERROR:
            _refuse(laid, finding)
    _KEEP_THE_RULES.add(key)


def _findings(ontology: Ontology, store: Store, near: Store) -> Iterator[Finding]:
    for check in query_checks():
        if check.severity == ERROR:
            yield from run_query(store, check)
    stated = (t for one in ontology.overlays for part in one.parts.values() for t in part)
    named = {names.local(t.subject.value) for t in stated if isinstance(t.subject, NamedNode)}
    for finding in shape_findings(near, ontology.folder / "shapes"):
        if finding.subject in named:
            yield finding
    yield from viewpoint_findings(ontology)


def _add(store: Store, triples: Iterable[Triple], graph: str) -> None:
    store.extend(Quad(t.subject, t.predicate, t.object, NamedNode(graph)) for t in triples)


def _near(store: Store, own: set[Triple]) -> Store:
    """What overlays say, what is said of all that they name and of what is above that.

    With it come whole modules that shapes look into backwards: which classes criteria ask for.
    """

    def onward(node: NamedNode | BlankNode) -> Iterator[NamedNode | BlankNode]:
        for quad in store.quads_for_pattern(node, None, None, None):
            found.add(quad)
            named = isinstance(quad.object, NamedNode) and quad.predicate.value in _ABOVE
            if isinstance(quad.object, BlankNode) or named:
                yield quad.object  # type: ignore[misc]

    found, nodes = Store(), set()
    for graph in store.named_graphs():
        if _WHOLE.search(str(graph)):
            found.extend(store.quads_for_pattern(None, None, None, graph))
    for triple in own:
        nodes |= {n for n in triple if isinstance(n, NamedNode | BlankNode)}
    reached(nodes, onward)
    return found


def _refuse(laid: Iterable[Overlay], finding: Finding) -> NoReturn:
    """The error for a finding, at the file and line that names what is at fault."""
    places = [place(one.path, one.path.read_bytes(), finding.subject) for one in laid]
    where = next((one for one in places if ", line " in one), places[0])
    said = f"{finding.subject}: {finding.message[:1].lower()}{finding.message[1:]}"
    raise OntologyError(
        said.rstrip("."), where, f"{finding.cure}. By the rule {finding.rule} of the graph"
    )
