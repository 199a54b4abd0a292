"""The accepted fragment of OWL 2 DL: reads axioms, refuses everything else by name.

Accepted: a named taxonomy; acyclic definitions of case classes from intersection, union,
complement and existential restrictions on named classes or unions of them; sub-properties;
unions of named classes; disjointness of case classes; subclass axioms between case classes;
and the split form of a definition (one SubClassOf a necessary criterion, one general class
inclusion for sufficiency). ``docs/reasoning.md`` argues why this much can be compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph.triples import Node, Triples, reached

_OWL = names.OWL
_DOMAIN_AND_RANGE = (names.RDFS + "domain", names.RDFS + "range")
_STRUCTURE = {
    _OWL + part
    for part in (
        "onProperty",
        "someValuesFrom",
        "intersectionOf",
        "unionOf",
        "complementOf",
        "annotatedSource",
        "annotatedProperty",
        "annotatedTarget",
        "equivalentClass",
        "disjointWith",
        "imports",
        "versionIRI",
        "versionInfo",
        "deprecated",
    )
}
_CONSTRUCTORS = {
    _OWL + part for part in ("someValuesFrom", "intersectionOf", "unionOf", "complementOf")
}
_TYPES = {
    _OWL + part
    for part in (
        "Class",
        "Restriction",
        "ObjectProperty",
        "AnnotationProperty",
        "Ontology",
        "Axiom",
        "NamedIndividual",
    )
}


@dataclass(frozen=True, slots=True)
class Some:
    """``property some filler``: an observable atom about a case."""

    property: str
    filler: str


@dataclass(frozen=True, slots=True)
class Named:
    """A named case class: a criterion or a case class of a viewpoint."""

    iri: str


@dataclass(frozen=True, slots=True)
class Not:
    """The complement of a formula."""

    part: Formula


@dataclass(frozen=True, slots=True)
class And:
    """The intersection of formulas; empty means every case."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """The union of formulas."""

    parts: tuple[Formula, ...]


Formula = Some | Named | Not | And | Or


@dataclass(frozen=True, slots=True)
class Axiom:
    """One logical axiom with what it rests on.

    ``form`` is one of subclass, equivalent, disjoint, union, subproperty, inclusion; ``triple``
    the one that states it, whose blank nodes are the loaded graph's.
    """

    form: str
    left: Formula | str
    right: Formula | str
    rests_on: tuple[str, ...] = ()
    editorial: str | None = None
    taken: str | None = None
    triple: tuple[str, str, str] | None = field(default=None, compare=False)

    @property
    def says(self) -> tuple[str, Formula | str, Formula | str]:
        """What it says, whatever it rests on."""
        return self.form, self.left, self.right

    @property
    def is_placing(self) -> bool:
        """Whether it only says that a class is one of cases or criteria."""
        return self.form == "subclass" and self.right in _PLACES

    @property
    def is_taxonomy(self) -> bool:
        """Whether the axiom only places a term by what its words mean."""
        return isinstance(self.left, str) and not self.rests_on


_PLACES = (And(()), Named(names.CC + "Criterion"))


class Fragment:
    """Axioms of an ontology that are within the accepted fragment, and all its case classes."""

    def __init__(self, axioms: Iterable[Axiom], case_classes: set[str]) -> None:
        self.axioms = tuple(axioms)
        self.case_classes = case_classes

    @classmethod
    def of(cls, triples: Triples) -> Fragment:
        """All axioms of an ontology; OntologyError for the first that is outside the fragment."""
        reading = _Reading(triples)
        found = cls(reading.axioms(), reading.case_classes)
        found._refuse_cycles()
        found._check_split_form()
        found._check_polarity()
        return found

    @cached_property
    def definitions(self) -> dict[str, Formula]:
        """The defining formula of each case class that has one; split forms recombined."""
        found: dict[str, Formula] = {}
        for axiom in self.axioms:
            if axiom.form == "equivalent" and isinstance(axiom.left, Named):
                found[axiom.left.iri] = axiom.right  # type: ignore[assignment]
        for axiom in self.axioms:
            if axiom.form == "inclusion" and isinstance(axiom.right, Named):
                if axiom.right.iri in found:
                    raise _outside(
                        axiom.right.iri,
                        "has two definitions",
                        "Keep either the equivalence or one general class inclusion",
                    )
                found[axiom.right.iri] = axiom.left  # type: ignore[assignment]
        return found

    def necessary(self, iri: str) -> list[Axiom]:
        """The axioms that state a case class's necessary criteria."""
        return [
            a
            for a in self.axioms
            if a.form == "subclass"
            and a.left == Named(iri)
            and isinstance(a.right, Named)
            and a.right.iri != names.CC + "Criterion"
        ]

    def only(self, keeps: Callable[[Axiom], bool]) -> Fragment:
        """The fragment with those axioms only; what was checked of the whole is not again."""
        return Fragment(filter(keeps, self.axioms), self.case_classes)

    def _refuse_cycles(self) -> None:
        used = {iri: list(_named(formula)) for iri, formula in self.definitions.items()}
        if (iri := _on_a_circle(used)) is not None:
            raise _outside(iri, "is defined by itself", "Break the circle")
        above: dict[str, list[str]] = {}
        for axiom in self.axioms:
            if axiom.form in ("subclass", "subproperty") and isinstance(axiom.left, str):
                above.setdefault(axiom.left, []).append(str(axiom.right))
        if (iri := _on_a_circle(above)) is not None:
            raise _outside(iri, "stands above itself", "Break the circle")

    def _check_split_form(self) -> None:
        for axiom in self.axioms:
            if axiom.form != "inclusion" or not isinstance(axiom.right, Named):
                continue
            body = axiom.left.parts if isinstance(axiom.left, And) else (axiom.left,)
            sufficient = {part.iri for part in body if isinstance(part, Named)}
            if len(sufficient) < sum(part != And(()) for part in body):
                raise _outside(
                    axiom.right.iri,
                    "has a sufficient side that is more than an intersection of criteria",
                    "Name each part as a criterion",
                )
            needed = {a.right.iri for a in self.necessary(axiom.right.iri)}  # type: ignore[union-attr]
            if sufficient != needed:
                odd = ", ".join(sorted(names.local(i) for i in sufficient ^ needed))
                raise _outside(
                    axiom.right.iri,
                    f"has a sufficient set that differs from its necessary set in {odd}",
                    "Name the same criteria in both",
                )

    def _check_polarity(self) -> None:
        for iri, formula in self.definitions.items():
            signs: dict[Some, bool] = {}
            for atom, sign in _atoms(formula, self.definitions, positive=True):
                if signs.setdefault(atom, sign) != sign:
                    raise _outside(
                        iri,
                        f"uses {names.local(atom.filler)} both affirmed and denied",
                        "Give each atom one polarity in a definition",
                    )


class _Reading:
    """The reading of an ontology's triples; what is outside the fragment is refused."""

    def __init__(self, triples: Triples) -> None:
        self._t = triples
        self._annotations = dict(self._read_annotations())
        self._refuse_foreign()
        self.case_classes = self._below(names.CASE)

    def _below(self, root: str) -> set[str]:
        children: dict[str, list[str]] = {}
        for child, parents in self._t.subjects(names.SUBCLASS):
            for parent in parents:
                if isinstance(parent, str):
                    children.setdefault(parent, []).append(child)
        below = reached(children.get(root, ()), lambda iri: children.get(iri, ()))
        return {iri for iri in below if not iri.startswith("_:")}

    def _read_annotations(self) -> Iterator[tuple[tuple[str, str, str], dict[str, list[str]]]]:
        t = self._t
        for node, (source, prop, target) in t.annotated():
            if isinstance(target, str):
                if target not in t.objects(source, prop):
                    raise _outside(source, "annotates an axiom that is not stated", _WHERE_OK)
                yield (
                    (source, prop, target),
                    {
                        "rests_on": t.iris(node, names.CC + "restsOn"),
                        "editorial": t.texts(node, names.CC + "editorial"),
                        "taken": t.texts(node, names.CC + "taken"),
                    },
                )

    def _axiom(
        self,
        form: str,
        left: Formula | str,
        right: Formula | str,
        triple: tuple[str, str, str],
    ) -> Axiom:
        notes = self._annotations.get(triple, {})
        return Axiom(
            form,
            left,
            right,
            tuple(notes.get("rests_on", ())),
            next(iter(notes.get("editorial", ())), None),
            next(iter(notes.get("taken", ())), None),
            triple,
        )

    def axioms(self) -> Iterator[Axiom]:
        for subject, parent in self._pairs(names.SUBCLASS):
            if not self._says_parts(subject, parent):
                yield self._subclass(subject, parent)
        for subject, targets in self._t.subjects(_OWL + "equivalentClass"):
            if len(targets) > 1:
                raise _outside(subject, "has two definitions", "Keep one owl:equivalentClass")
        for subject, target in self._pairs(_OWL + "equivalentClass"):
            yield self._equivalence(subject, target)
        yield from self._disjoint()
        for subject, target in self._pairs(names.SUBPROPERTY):
            triple = (subject, names.SUBPROPERTY, target)
            yield self._axiom("subproperty", subject, target, triple)

    def _disjoint(self) -> Iterator[Axiom]:
        for subject, target in self._pairs(_OWL + "disjointWith"):
            if self._stand_apart(subject, target):
                continue  # no link of a case leads to both, so this says nothing of it
            if not {subject, target} <= self.case_classes:
                raise _outside(subject, "is disjoint with a class that is no case class", _WHERE_OK)
            triple = (subject, _OWL + "disjointWith", target)
            yield self._axiom("disjoint", Named(subject), Named(target), triple)

    def _stand_apart(self, one: str, other: str) -> bool:
        """Whether two classes are kinds of term, below no other, with no term of both."""
        roots = not any(i == names.CASE or self._t.objects(i, names.SUBCLASS) for i in (one, other))
        return roots and self._below(one).isdisjoint(self._below(other))

    def _says_parts(self, subject: str, parent: str) -> bool:
        """Whether an axiom says of what a term consists: no link of a case leads to a part."""
        of_parts = self._t.iri(parent, names.ON_PROPERTY) == names.HAS_PART
        filler = self._t.iri(parent, names.SOME) or "_:"
        named = not (filler.startswith("_:") or subject.startswith("_:"))
        return of_parts and named and subject not in self.case_classes

    def _pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """The subjects and targets of a logical predicate; built-in targets are refused."""
        for subject, targets in self._t.subjects(predicate):
            for target in targets:
                if not isinstance(target, str):
                    raise _outside(subject, "has a literal where a class is expected", _WHERE_OK)
                if target.startswith(_OWL):
                    raise _outside(
                        subject, f"stands below owl:{target.removeprefix(_OWL)}", _WHERE_OK
                    )
                yield subject, target

    def _subclass(self, subject: str, parent: str) -> Axiom:
        triple = (subject, names.SUBCLASS, parent)
        if subject.startswith("_:"):
            right = self._case_formula(parent, subject)
            return self._axiom("inclusion", self._case_formula(subject, subject), right, triple)
        if subject in self.case_classes:
            if parent == names.CASE:
                return self._axiom("subclass", Named(subject), And(()), triple)
            return self._axiom(
                "subclass", Named(subject), self._case_formula(parent, subject), triple
            )
        if parent.startswith("_:"):
            raise _outside(subject, "has an anonymous superclass", _WHERE_OK)
        return self._axiom("subclass", subject, parent, triple)

    def _equivalence(self, subject: str, target: str) -> Axiom:
        triple = (subject, _OWL + "equivalentClass", target)
        if subject in self.case_classes:
            return self._axiom(
                "equivalent", Named(subject), self._case_formula(target, subject), triple
            )
        union = self._t.iri(target, _OWL + "unionOf")
        if union is None:
            raise _outside(subject, "is defined by more than a union of named classes", _WHERE_OK)
        members = self._named_members(union, subject)
        return self._axiom("union", subject, Or(tuple(Named(m) for m in members)), triple)

    def _named_members(self, union: str, subject: str) -> list[str]:
        members = self._t.members(union)
        if not all(isinstance(m, str) and not m.startswith(("_:", _OWL)) for m in members):
            raise _outside(subject, "has a union of more than named classes", _WHERE_OK)
        return [m for m in members if isinstance(m, str)]

    def _case_formula(self, node: Node, subject: str) -> Formula:
        if not isinstance(node, str):
            raise _outside(subject, "has a literal where a class is expected", _WHERE_OK)
        if node == names.CASE:
            return And(())
        if node.startswith("_:"):
            return self._expression(node, subject)
        if node not in self.case_classes:
            raise _outside(
                subject, f"uses {names.local(node)}, which is no class of cases", _WHERE_OK
            )
        return Named(node)

    def _expression(self, node: str, subject: str) -> Formula:
        t = self._t
        if len(_CONSTRUCTORS & t.by_subject.get(node, {}).keys()) == 1:
            if inter := t.iri(node, _OWL + "intersectionOf"):
                return And(tuple(self._case_formula(m, subject) for m in t.members(inter)))
            if union := t.iri(node, _OWL + "unionOf"):
                parts = tuple(self._case_formula(m, subject) for m in t.members(union))
                if And(()) in parts:
                    raise _outside(subject, "has a union with every case", _WHERE_OK)
                return Or(parts)
            if complement := t.iri(node, _OWL + "complementOf"):
                return Not(self._case_formula(complement, subject))
            return self._restriction(node, subject)
        raise _outside(subject, f"uses {self._name_of(node)}", _WHERE_OK)

    def _restriction(self, node: str, subject: str) -> Formula:
        t = self._t
        prop, filler = t.iri(node, _OWL + "onProperty"), t.iri(node, _OWL + "someValuesFrom")
        if prop and filler:
            if not filler.startswith("_:"):
                return Some(prop, filler)
            union = t.iri(filler, _OWL + "unionOf")
            if union is not None and len(_CONSTRUCTORS & t.by_subject[filler].keys()) == 1:
                return Or(tuple(Some(prop, m) for m in self._named_members(union, subject)))
        raise _outside(subject, f"uses {self._name_of(node)}", _WHERE_OK)

    def _name_of(self, node: str) -> str:
        used = {p for p in self._t.by_subject.get(node, {}) if p.startswith(_OWL)}
        odd = sorted(used - _STRUCTURE) or sorted(used)
        return "owl:" + odd[0].removeprefix(_OWL) if odd else "an unknown class expression"

    # -- refusing --------------------------------------------------------------------

    def _refuse_foreign(self) -> None:
        for subject, description in self._t.by_subject.items():
            for predicate in description:
                if not _known(predicate, anonymous=subject.startswith("_:")):
                    raise _outside(subject, f"uses {_short(predicate)}", _WHERE_OK)
            for kind in description.get(names.TYPE, ()):
                if isinstance(kind, str) and kind.startswith(_OWL) and kind not in _TYPES:
                    raise _outside(subject, f"is an {_short(kind)}", _WHERE_OK)


_WHERE_OK = "docs/reasoning.md lists what a definition may use"


def leaves(formula: Formula) -> Iterator[Some | Named]:
    """The atoms and named case classes of a formula, asserted or denied, from left to right."""
    if isinstance(formula, Some | Named):
        yield formula
    elif isinstance(formula, Not):
        yield from leaves(formula.part)
    else:
        for part in formula.parts:
            yield from leaves(part)


def _outside(subject: str, what: str, cure: str) -> OntologyError:
    name = "a class expression" if subject.startswith("_:") else names.local(subject)
    return OntologyError(f"{name} {what}: outside the accepted fragment", "ontology", cure)


def _known(predicate: str, *, anonymous: bool) -> bool:
    if predicate.startswith(_OWL):
        return predicate in _STRUCTURE and (anonymous or predicate not in _CONSTRUCTORS)
    return predicate not in _DOMAIN_AND_RANGE


def _short(iri: str) -> str:
    return iri.replace(_OWL, "owl:").replace(names.RDFS, "rdfs:")


def _named(formula: Formula) -> Iterator[str]:
    if isinstance(formula, Named):
        yield formula.iri
    elif isinstance(formula, Not):
        yield from _named(formula.part)
    elif isinstance(formula, And | Or):
        for part in formula.parts:
            yield from _named(part)


def _atoms(
    formula: Formula, definitions: dict[str, Formula], *, positive: bool
) -> Iterator[tuple[Some, bool]]:
    if isinstance(formula, Some):
        yield formula, positive
    elif isinstance(formula, Named):
        below = definitions.get(formula.iri)
        if below is not None:
            yield from _atoms(below, definitions, positive=positive)
    elif isinstance(formula, Not):
        yield from _atoms(formula.part, definitions, positive=not positive)
    else:
        for part in formula.parts:
            yield from _atoms(part, definitions, positive=positive)


def _on_a_circle(graph: dict[str, list[str]]) -> str | None:
    """A node from which a way leads back to itself, or None."""
    done: set[str] = set()
    for root in graph:
        on_the_way: dict[str, Iterator[str]] = {}
        node: str | None = root if root not in done else None
        while node is not None:
            rest = on_the_way.setdefault(node, iter(graph.get(node, ())))
            following = next((n for n in rest if n not in done), None)
            if following in on_the_way:
                return node
            if following is None:
                done.add(node)
                del on_the_way[node]
                following = next(reversed(on_the_way), None)
            node = following
    return None
