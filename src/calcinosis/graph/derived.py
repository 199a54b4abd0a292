"""What follows from claims, evidence and interpretations by the queries in ``queries/derive``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, QueryTriples, Store, Triple

from calcinosis import names
from calcinosis.graph.locate import data

# RDF 1.1 Concepts, section 3.5: a blank node written as an IRI.
_SKOLEM: Final = names.CC + ".well-known/genid/"

INTERPRETATION: Final = names.CC + "Interpretation"
SUBJECT: Final = NamedNode(names.CC + "subject")
INTERPRETS: Final = NamedNode(names.INTERPRETS)
IN_VIEWPOINT: Final = NamedNode(names.IN_VIEWPOINT)
EVERY: Final = ""
"""In place of a viewpoint's name: what belongs to all of them."""

Derived = Mapping[str, tuple[Triple, ...]]
"""The triples of derived modules, by their names."""


def follows(name: str, store: Store) -> set[Triple]:
    """The derived module of a name, such as roles, for what a store holds."""
    query = (data("queries") / "derive" / f"{name}.rq").read_text(encoding="utf-8")
    answer = store.query(query, use_default_graph_as_union=True)
    return {_plain(t) for t in answer} if isinstance(answer, QueryTriples) else set()


def added(name: str, source: Iterable[Triple]) -> tuple[Triple, ...]:
    """What a derived module of that name says for some triples, without its header, in order."""
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object) for t in source)
    if not len(store):
        return ()
    header = NamedNode(f"{names.ONTOLOGY}/{name}")
    return tuple(sorted((t for t in follows(name, store) if t.subject != header), key=str))


def by_viewpoint(readings: Sequence[Triple], claims: Sequence[Triple]) -> dict[str, Derived]:
    """What interpretations say of claims, and the roles of these, by the viewpoint or EVERY.

    ``claims`` say at least what each interpreted claim has as its subject.
    """
    views: dict[object, set[str]] = {}
    for triple in readings:
        if triple.predicate == IN_VIEWPOINT and isinstance(triple.object, NamedNode):
            views.setdefault(triple.subject, set()).add(names.local(triple.object.value))
    found: dict[str, Derived] = {}
    for view in sorted({EVERY}.union(*views.values())):
        own = [t for t in readings if view in views.get(t.subject, {EVERY})]
        said = added("interpreted", (t for t in own if t.predicate != IN_VIEWPOINT))
        about = claims if view == EVERY else [t for t in claims if t.predicate == SUBJECT]
        found[view] = {"interpreted": said, "roles": added("roles", (*about, *said))}
    return found


def _plain(triple: Triple) -> Triple:
    subject = triple.subject
    if isinstance(subject, NamedNode) and subject.value.startswith(_SKOLEM):
        return Triple(
            BlankNode(subject.value.removeprefix(_SKOLEM)), triple.predicate, triple.object
        )
    return triple
