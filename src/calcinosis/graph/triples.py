"""Triples of the ontology's modules, in plain dictionaries.

The hot path of a single verdict needs a few thousand lookups and no query engine, so the
modules are read straight into ``subject -> predicate -> objects``. IRIs and blank nodes are
strings (a blank node starts with ``_:``), literals are ``pyoxigraph.Literal``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from calcinosis import names
from calcinosis.errors import OntologyError

Node = str | Literal
T = TypeVar("T")
Description = dict[str, list[Node]]


class Triples:
    """An in-memory set of triples with the lookups that the rooms above need."""

    def __init__(self) -> None:
        self.by_subject: dict[str, Description] = {}
        self.modules: dict[str, str] = {}

    def read(self, path: Path, text: str | None = None) -> None:
        """Add a Turtle file, or ``text`` made of it; a fault is an OntologyError that names it."""
        source = {"path": str(path)} if text is None else {"input": text}
        try:
            said = self.add(parse(**source, format=RdfFormat.TURTLE), path)  # type: ignore[arg-type]
        except SyntaxError as error:
            raise OntologyError(
                f"this is not Turtle: {' '.join(str(error.msg).split())}",
                f"{path}, line {error.lineno}",
                "Mend the line, or restore the file from the repository",
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise OntologyError(
                f"the module cannot be read ({error})",
                str(path),
                "Check that the file exists and may be read",
            ) from error
        if not said:
            cure = "Restore the file from the repository"
            raise OntologyError("the module says nothing", str(path), cure)

    @classmethod
    def joined(cls, *parts: Triples) -> Triples:
        """All triples of some sets as one; the sets stay as they are."""
        together = cls()
        by_subject = together.by_subject
        for part in parts:
            for subject, said in part.by_subject.items():
                had = by_subject.get(subject)
                by_subject[subject] = said if had is None else _both(had, said)
        return together

    def add(self, found: Iterable[Quad | Triple], path: Path) -> bool:
        """Add triples that were read from a file; whether there was one."""
        triple = None
        mark = f"_:{path.stem}-"
        nodes: dict[str, str] = {}
        by_subject = self.by_subject
        for triple in found:
            subject, predicate, term = triple.subject, triple.predicate.value, triple.object
            key = subject.value if type(subject) is NamedNode else _blank(subject, mark, nodes)
            value: Node
            if type(term) is NamedNode:
                value = term.value
            elif type(term) is Literal:
                value = term
            else:
                value = _blank(term, mark, nodes)
            description = by_subject.get(key)
            if description is None:
                description = by_subject[key] = {}
            objects = description.get(predicate)
            if objects is None:
                description[predicate] = [value]
            else:
                objects.append(value)
        self.modules[path.stem] = str(path)
        return triple is not None

    def objects(self, subject: str, predicate: str) -> list[Node]:
        """All objects of ``subject predicate ?``, in file order."""
        return self.by_subject.get(subject, {}).get(predicate, [])

    def iris(self, subject: str, predicate: str) -> list[str]:
        """The objects that are IRIs or blank nodes."""
        return [node for node in self.objects(subject, predicate) if isinstance(node, str)]

    def iri(self, subject: str, predicate: str) -> str | None:
        """The first object that is an IRI or blank node, or None."""
        found = self.iris(subject, predicate)
        return found[0] if found else None

    def text(self, subject: str, predicate: str) -> str | None:
        """The lexical value of the first literal, or None."""
        for node in self.objects(subject, predicate):
            if not isinstance(node, str):
                return node.value
        return None

    def texts(self, subject: str, predicate: str) -> list[str]:
        """The lexical values of all literals."""
        return [n.value for n in self.objects(subject, predicate) if not isinstance(n, str)]

    def subjects(self, predicate: str) -> Iterator[tuple[str, list[Node]]]:
        """Every subject that has ``predicate``, with its objects."""
        for subject, description in self.by_subject.items():
            objects = description.get(predicate)
            if objects:
                yield subject, objects

    def instances(self, cls: str) -> list[str]:
        """Subjects typed with ``cls`` itself."""
        return [s for s, types in self.subjects(names.TYPE) if cls in types]

    def annotated(self) -> Iterator[tuple[str, tuple[str, str, Node]]]:
        """The nodes that annotate a triple, each with that triple."""
        for node, sources in self.subjects(names.ANNOTATED_SOURCE):
            predicate = self.iri(node, names.ANNOTATED_PROPERTY)
            targets = self.objects(node, names.ANNOTATED_TARGET)
            if isinstance(sources[0], str) and predicate and targets:
                yield node, (sources[0], predicate, targets[0])

    def wholes(self, iri: str) -> list[str]:
        """What every instance of a class is part of, by the axioms about the class itself."""
        above = self.iris(iri, names.SUBCLASS)
        found = (
            self.iri(node, names.SOME)
            for node in above
            if self.iri(node, names.ON_PROPERTY) == names.PART_OF
        )
        return [whole for whole in found if whole]

    def above(self, iri: str) -> tuple[str, ...]:
        """The classes of ours directly above a class, and what it is part of.

        Of a part those that its whole is below are left out: they say less.
        """
        supers = [one for one in self.iris(iri, names.SUBCLASS) if one != iri]
        named = tuple(one for one in supers if one.startswith(names.CC))
        if len(named) == len(supers) or not (wholes := self.wholes(iri)):
            return named
        further = reached(wholes, self.above)
        return (*wholes, *(one for one in named if one not in further))

    def members(self, head: str) -> list[Node]:
        """The members of an RDF list."""
        found: list[Node] = []
        while head != names.NIL:
            found += self.objects(head, names.FIRST)
            head = self.iri(head, names.REST) or names.NIL
        return found


def reached(start: Iterable[T], onward: Callable[[T], Iterable[T]]) -> set[T]:
    """All that is reached from some nodes by steps of one kind, they included."""
    seen = set(start)
    stack = list(seen)
    while stack:
        new = set(onward(stack.pop())) - seen
        seen |= new
        stack += new
    return seen


def _both(one: Description, other: Description) -> Description:
    return {
        predicate: [*one.get(predicate, ()), *other.get(predicate, ())]
        for predicate in {**one, **other}
    }


def node_of(name: str) -> NamedNode | BlankNode:
    """The node that a name here stands for."""
    return BlankNode(name[2:]) if name.startswith("_:") else NamedNode(name)


def term_of(value: Node) -> NamedNode | BlankNode | Literal:
    """The term that a value here stands for."""
    return node_of(value) if isinstance(value, str) else value


def _blank(node: BlankNode | object, mark: str, nodes: dict[str, str]) -> str:
    value = node.value if isinstance(node, BlankNode) else str(node)
    known = nodes.get(value)
    if known is None:
        known = nodes[value] = f"{mark}{len(nodes)}"
    return known
