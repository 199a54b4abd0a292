"""What follows between named classes without being asserted: the inferred graph.

It holds one kind of triple, ``A rdfs:subClassOf B`` with A and B named classes of ours. A child of
a cause has inherited the role of the cause, and a case class is below every criterion that its
definition implies. Trivial triples (A below itself or below owl:Thing) are left out, and so is all
that is asserted.

The rules are those of completion for the description logic EL (Baader, Brandt and Lutz 2005,
"Pushing the EL envelope"), with the obvious ones for union, complement and disjointness added.
Every triple follows in OWL 2 DL; that none is missing is not so in general, so a test compares the
whole with HermiT for the ontology as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from calcinosis import names

Node = NamedNode | BlankNode

_EQUIVALENT: Final = names.OWL + "equivalentClass"
_DISJOINT: Final = names.OWL + "disjointWith"
_AND: Final = names.OWL + "intersectionOf"
_OR: Final = names.OWL + "unionOf"
_NOT: Final = names.OWL + "complementOf"
_ON: Final = names.OWL + "onProperty"
_SOME: Final = names.OWL + "someValuesFrom"
_READ: Final = {
    *(names.SUBCLASS, _EQUIVALENT, _DISJOINT, _AND, _OR, _NOT, _ON, _SOME),
    *(names.FIRST, names.REST, names.SUBPROPERTY),
}


def inferred(asserted: Iterable[Quad]) -> list[Triple]:
    """The subclass triples that follow from axioms and are not among them, in order."""
    completion = _Completion(asserted)
    completion.run()
    relation = NamedNode(names.SUBCLASS)
    return [Triple(a, relation, b) for a, b in sorted(completion.new(), key=str)]


class _Completion:
    """Named classes and class expressions with all that is above them, grown until it rests."""

    def __init__(self, axioms: Iterable[Quad]) -> None:
        self._facts: dict[str, dict[Node, list[Node]]] = {predicate: {} for predicate in _READ}
        for quad in axioms:
            subjects = self._facts.get(quad.predicate.value)
            if (
                subjects is not None
                and isinstance(quad.subject, Node)
                and isinstance(quad.object, Node)
            ):
                subjects.setdefault(quad.subject, []).append(quad.object)
        self._all = {node: self._members(head) for node, head in self._single(_AND)}
        self._any = {node: self._members(head) for node, head in self._single(_OR)}
        self._some = {
            node: (self._facts[_ON][node][0], filler) for node, filler in self._single(_SOME)
        }
        self._not = dict(self._single(_NOT))
        self._told = set(self._pairs(names.SUBCLASS))
        self._above: dict[Node, set[Node]] = {}
        for small, large in self._start():
            self._above.setdefault(small, {small}).add(large)
            self._above.setdefault(large, {large})

    def new(self) -> Iterator[tuple[NamedNode, NamedNode]]:
        """Each named class with each named class above it that was not told."""
        for small, above in self._above.items():
            for large in above:
                if small != large and _ours(small, large) and (small, large) not in self._told:
                    yield small, large  # type: ignore[misc]

    def run(self) -> None:
        """Apply the rules until nothing more follows."""
        while self._climb() or self._add(self._following()):
            pass

    # -- what is given -----------------------------------------------------------------

    def _single(self, predicate: str) -> Iterator[tuple[Node, Node]]:
        return ((node, objects[0]) for node, objects in self._facts[predicate].items())

    def _pairs(self, predicate: str) -> Iterator[tuple[Node, Node]]:
        for node, objects in self._facts[predicate].items():
            yield from ((node, target) for target in objects)

    def _members(self, head: Node | None) -> list[Node]:
        found: list[Node] = []
        while head is not None and (first := self._facts[names.FIRST].get(head)):
            found += first
            head = next(iter(self._facts[names.REST].get(head, ())), None)
        return found

    def _start(self) -> Iterator[tuple[Node, Node]]:
        yield from self._told
        for small, large in self._pairs(_EQUIVALENT):
            yield from ((small, large), (large, small))
        for node, parts in self._all.items():
            yield from ((node, part) for part in parts)
        for node, choices in self._any.items():
            yield from ((choice, node) for choice in choices)
        for node, (_, filler) in self._some.items():
            yield from ((node, node), (filler, filler))
        for node, denied in self._not.items():
            yield from ((node, node), (denied, denied))

    # -- the rules -----------------------------------------------------------------------

    def _climb(self) -> bool:
        """What is above what is above; True if it grew."""
        grown = False
        for above in self._above.values():
            before = 0
            while before != len(above):
                grown = grown or 0 < before < len(above)
                before = len(above)
                above.update(*[self._above[node] for node in above])
        return grown

    def _add(self, pairs: Iterable[tuple[Node, Node]]) -> bool:
        new = [(small, large) for small, large in pairs if large not in self._above[small]]
        for small, large in new:
            self._above[small].add(large)
        return bool(new)

    def _following(self) -> Iterator[tuple[Node, Node]]:
        yield from self._unions()
        yield from self._restrictions()
        yield from self._complements()
        yield from self._intersections()
        yield from self._exclusions()

    def _intersections(self) -> Iterator[tuple[Node, Node]]:
        wanted = {part for parts in self._all.values() for part in parts}
        below: dict[Node, set[Node]] = {part: set() for part in wanted}
        for small, above in self._above.items():
            for part in wanted & above:
                below[part].add(small)
        for node, parts in self._all.items():
            for small in set.intersection(*(below[part] for part in parts)):
                yield small, node

    def _unions(self) -> Iterator[tuple[Node, Node]]:
        for node, choices in self._any.items():
            shared = set.intersection(*(self._above[choice] for choice in choices))
            yield from ((node, large) for large in shared)

    def _restrictions(self) -> Iterator[tuple[Node, Node]]:
        for small, (link, filler) in self._some.items():
            links = self._properties(link)
            for large, (other, wider) in self._some.items():
                if other in links and wider in self._above[filler]:
                    yield small, large

    def _properties(self, link: Node) -> set[Node]:
        found = {link}
        for parent in self._facts[names.SUBPROPERTY].get(link, ()):
            found |= self._properties(parent)
        return found

    def _complements(self) -> Iterator[tuple[Node, Node]]:
        for small, denied in self._not.items():
            for large, narrower in self._not.items():
                if denied in self._above[narrower]:
                    yield small, large
        for one, other in self._pairs(_DISJOINT):
            for node, denied in self._not.items():
                if other in self._above[denied]:
                    yield one, node
                if one in self._above[denied]:
                    yield other, node

    def _exclusions(self) -> Iterator[tuple[Node, Node]]:
        """What is in A, and not in what holds A and E together, is not in E."""
        for outer, excluded in self._not.items():
            for both, parts in self._all.items():
                if excluded not in self._above[both]:
                    continue
                for part in parts:
                    rest = {outer, *parts} - {part}
                    inner = [n for n, denied in self._not.items() if part in self._above[denied]]
                    for small, above in self._above.items() if inner else ():
                        if rest <= above:
                            yield from ((small, node) for node in inner)


def _ours(*nodes: Node) -> bool:
    return all(isinstance(n, NamedNode) and n.value.startswith(names.CC) for n in nodes)
