"""Turtle and TriG as people read them: terms in order, each followed by what is said about it.

rdflib's ``longturtle`` was tried first: its order of blank nodes changes from run to run, and
it parts annotations from the axioms that they annotate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Final

from pyoxigraph import BlankNode, Dataset, Literal, NamedNode

from calcinosis import names
from calcinosis.graph.triples import reached

Term = NamedNode | BlankNode | Literal
Key = tuple[tuple[int, str], ...]

PREFIXES: Final = {
    **names.PREFIXES,
    "interval": names.CC + "interval/",
    "shape": names.CC + "shape/",
    "prov": "http://www.w3.org/ns/prov#",
    "sh": "http://www.w3.org/ns/shacl#",
}
_ORDER: Final = (
    "a rdfs:label skos:prefLabel dcterms:title dcterms:description IAO:0000115 skos:definition",
    "skos:altLabel IAO:0000119 rdfs:comment calc:interprets",
    "calc:subject calc:predicate calc:object calc:context",
    "calc:statement calc:mechanism calc:position calc:ucum owl:onProperty owl:annotatedSource",
    "owl:annotatedProperty owl:annotatedTarget calc:analyte calc:lowerBound calc:upperBound",
    "owl:intersectionOf owl:unionOf rdfs:subClassOf rdfs:subPropertyOf",
    "owl:equivalentClass owl:disjointWith sh:message sh:description sh:targetClass sh:targetNode",
    "sh:targetSubjectsOf sh:targetObjectsOf sh:path",
)
_RANK: Final = {word: rank for rank, word in enumerate(" ".join(_ORDER).split())}
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[\w.-]*[\w-])?\Z", re.ASCII)
_SHORT: Final = {
    names.XSD + "integer": re.compile(r"[+-]?\d+\Z", re.ASCII),
    names.XSD + "decimal": re.compile(r"[+-]?\d*\.\d+\Z", re.ASCII),
    names.XSD + "boolean": re.compile(r"(?:true|false)\Z"),
}
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\r": "\\r", "\t": "\\t"})
_WIDTH: Final = 100
_STEP: Final = "    "
_TYPE: Final = NamedNode(names.TYPE)
_SUBCLASS: Final = NamedNode(names.SUBCLASS)
_NIL: Final = NamedNode(names.NIL)
_FIRST, _REST = NamedNode(names.FIRST), NamedNode(names.REST)
_HEADER: Final = NamedNode(names.OWL + "Ontology")
_SOURCE, _PROPERTY, _TARGET = (
    NamedNode(names.OWL + part)
    for part in ("annotatedSource", "annotatedProperty", "annotatedTarget")
)


def serialise(graph: Dataset, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """The Turtle text of a graph whose blank nodes have canonical names."""
    writer = _Writer(graph, prefixes, Counter())
    body = list(writer.body())
    return "\n".join([*_declared(prefixes, writer.used), *body]) + "\n"


def trig(graphs: Mapping[NamedNode, Dataset], prefixes: Mapping[str, str]) -> Iterator[str]:
    """The TriG text of named graphs, in their order, in parts; no label stands in two of them."""
    labels: Counter[str] = Counter()
    writers = {name: _Writer(graph, prefixes, labels) for name, graph in graphs.items()}
    bodies = {writer.flat(name): list(writer.body()) for name, writer in writers.items()}
    used = {prefix for writer in writers.values() for prefix in writer.used}
    yield "\n".join([*_declared(prefixes, used), ""])
    for name, body in bodies.items():
        yield "\n".join([f"\n{name} {{", *body, "}", ""])


def _declared(prefixes: Mapping[str, str], used: set[str]) -> Iterator[str]:
    return (f"@prefix {p}: <{base}> ." for p, base in prefixes.items() if p in used)


class _Writer:
    """The writing of one graph."""

    def __init__(self, graph: Dataset, prefixes: Mapping[str, str], labels: Counter[str]) -> None:
        self._about: dict[Term, dict[NamedNode, list[Term]]] = {}
        self._users: dict[Term, list[tuple[Term, NamedNode]]] = {}
        self._bases = sorted(prefixes.items(), key=lambda pair: -len(pair[1]))
        self.used: set[str] = set()
        self._curie = cache(self._make_curie)
        self.flat = cache(self._make_flat)
        for quad in sorted(graph, key=str):
            subject, predicate, value = quad.subject, quad.predicate, quad.object
            self._about.setdefault(subject, {}).setdefault(predicate, []).append(value)
            self._users.setdefault(value, []).append((subject, predicate))
        self._inline = self._choose_inline()
        self._labels = self._choose_labels(labels)

    def body(self) -> Iterator[str]:
        """The blocks of the file, its prefixes aside."""
        blocks = sorted((self._place(n), n) for n in self._about if n not in self._inline)
        for _, group in groupby(blocks, key=lambda pair: pair[0][2]):
            yield ""
            yield from (self._block(node) for _, node in group)

    # -- what stands where -----------------------------------------------------------

    def _choose_inline(self) -> set[Term]:
        """Blank nodes that one statement uses, and that are not in a circle of such nodes."""
        single = {
            node
            for node, users in self._users.items()
            if isinstance(node, BlankNode)
            and len(users) == 1
            and users[0][1] not in (_SOURCE, _TARGET)
        }

        def within(node: Term) -> Iterator[Term]:
            values = (v for vs in self._about.get(node, {}).values() for v in vs)
            return (v for v in values if v in single)

        return reached((node for node in self._about if node not in single), within) & single

    def _choose_labels(self, taken: Counter[str]) -> dict[Term, str]:
        nodes = [n for n in self._users if isinstance(n, BlankNode) and n not in self._inline]
        bases = {node: self._base(node) for node in nodes}
        labels: dict[Term, str] = {}
        for node in sorted(nodes, key=lambda n: (bases[n], n.value)):
            base = bases[node]
            taken[base] += 1
            labels[node] = base if taken[base] == 1 else f"{base}-{taken[base]}"
        return labels

    def _base(self, node: Term) -> str:
        """A label from what a blank node belongs to: ``X-equivalentClass``, ``subClassOf-X``."""
        owner, user = self._owner(node)
        if owner is None:
            return "node"
        word = self._curie(user or _SUBCLASS).rpartition(":")[2]
        local = names.local(owner.value)
        return re.sub(r"[^\w-]", "-", f"{local}-{word}" if user else f"{word}-{local}")

    def _owner(self, node: Term) -> tuple[NamedNode | None, NamedNode | None]:
        """The named term that a blank node belongs to, and by what where it is its object."""
        for user, predicate in self._users.get(node, ()):
            if isinstance(user, NamedNode):
                return user, predicate
        above = self._about.get(node, {}).get(_SUBCLASS, ())
        return next((v for v in above if isinstance(v, NamedNode)), None), None

    def _home(self, node: Term) -> tuple[NamedNode | None, int]:
        """The term that a block follows, and how far behind it.

        0 the term itself, 1 its definition, 2 annotations of both, 3 inclusions in it, 4 theirs.
        """
        if isinstance(node, NamedNode):
            return node, 0
        source = next(iter(self._about.get(node, {}).get(_SOURCE, ())), None)
        if isinstance(source, NamedNode):
            return source, 2
        owner, user = self._owner(node if source is None else source)
        return owner, (1 if user else 3) + (source is not None)

    def _place(self, node: Term) -> tuple[bool, bool, str, int, tuple[int, str], Key, str]:
        """Header, our terms, others; then by IRI; then by kind of block and by content."""
        home, kind = self._home(node)
        types = self._about.get(home, {}).get(_TYPE, ()) if home else ()
        iri = home.value if home else "\uffff"
        annotated = next(iter(self._about[node].get(_PROPERTY, ())), None)
        return (
            _HEADER not in types,
            not iri.startswith(names.CC),
            iri,
            kind,
            self._rank(annotated) if isinstance(annotated, NamedNode) else (-1, ""),
            _natural(self._pairs(node)) if kind else (),
            str(node),
        )

    # -- words -----------------------------------------------------------------------

    def _make_curie(self, term: NamedNode) -> str:
        if term.value == names.ONTOLOGY:
            return str(term)
        for prefix, base in self._bases:
            if term.value.startswith(base) and _LOCAL.match(term.value[len(base) :]):
                self.used.add(prefix)
                return f"{prefix}:{term.value[len(base) :]}"
        return str(term)

    def _rank(self, predicate: NamedNode) -> tuple[int, str]:
        word = self._verb(predicate)
        return _RANK.get(word, len(_RANK)), word

    def _predicates(self, node: Term) -> list[NamedNode]:
        return sorted(self._about.get(node, ()), key=self._rank)

    def _values(self, node: Term, predicate: NamedNode) -> list[Term]:
        def key(value: Term) -> tuple[bool, Key]:
            return isinstance(value, BlankNode), _natural(self.flat(value))

        return sorted(self._about[node][predicate], key=key)

    def _literal(self, value: Literal) -> str:
        short = _SHORT.get(value.datatype.value)
        if short and short.match(value.value):
            return value.value
        quote = '"""' if "\n" in value.value else '"'
        text = f"{quote}{value.value.translate(_ESCAPES)}{quote}"
        if value.language:
            return f"{text}@{value.language}"
        plain = value.datatype.value == names.XSD + "string"
        return text if plain else f"{text}^^{self._curie(value.datatype)}"

    def _verb(self, predicate: NamedNode) -> str:
        return "a" if predicate == _TYPE else self._curie(predicate)

    def _make_flat(self, term: Term) -> str:
        """A term on one line."""
        if isinstance(term, NamedNode):
            return self._curie(term)
        if isinstance(term, Literal):
            return self._literal(term)
        if term in self._labels:
            return f"_:{self._labels[term]}"
        members = self._members(term)
        if members is not None:
            return f"( {' '.join(map(self.flat, members))} )"
        return f"[ {self._pairs(term)} ]"

    def _pairs(self, node: Term) -> str:
        return " ; ".join(
            f"{self._verb(p)} {' , '.join(map(self.flat, self._values(node, p)))}"
            for p in self._predicates(node)
        )

    def _members(self, node: Term) -> list[Term] | None:
        """The members of a well-formed list that is written in place, else None."""
        found: list[Term] = []
        while node != _NIL:
            about = self._about.get(node, {})
            if node not in self._inline or set(about) != {_FIRST, _REST}:
                return None
            if len(about[_FIRST]) != 1 or len(about[_REST]) != 1:
                return None
            found += about[_FIRST]
            node = about[_REST][0]
        return found

    # -- lines -----------------------------------------------------------------------

    def _block(self, node: Term) -> str:
        head = 4 if _SOURCE in self._about[node] else 1
        parts = [self._statement(node, p, _STEP) for p in self._predicates(node)]
        named = isinstance(node, NamedNode) or node in self._labels
        rows = [" ; ".join(parts[:head]), *parts[head:]]
        return f"{self.flat(node) if named else '[]'} " + f" ;\n{_STEP}".join(rows) + " ."

    def _statement(self, node: Term, predicate: NamedNode, indent: str) -> str:
        values = [self._tall(value, indent) for value in self._values(node, predicate)]
        joint = " , " if predicate == _TYPE else f" ,\n{indent}{_STEP}"
        return f"{self._verb(predicate)} {joint.join(values)}"

    def _tall(self, value: Term, indent: str) -> str:
        """A value on one line where it is short, else spread out."""
        flat = self.flat(value)
        if not isinstance(value, BlankNode) or value in self._labels or len(flat) < _WIDTH:
            return flat
        inner = indent + _STEP
        members = self._members(value)
        if members is not None:
            rows = [self._tall(member, inner) for member in members]
            return f"(\n{inner}" + f"\n{inner}".join(rows) + f"\n{indent})"
        pairs = [self._statement(value, p, inner) for p in self._predicates(value)]
        return f"[\n{inner}" + f" ;\n{inner}".join(pairs) + f"\n{indent}]"


def _natural(text: str) -> Key:
    """A key that puts 2 before 10."""
    parts = enumerate(re.split(r"(\d+)", text, flags=re.ASCII))
    return (*((int(part), "") if n % 2 else (0, part) for n, part in parts), (0, text))
