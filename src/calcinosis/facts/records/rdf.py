"""Patients as RDF in our words: what is a ``calc:Case``, or has what only cases have.

A thing that a case has is a node of the class that it is, the class itself, a code, or words. Each
statement about a patient is read, or said to be unread: by its property alone, for what stands
there may be private.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from pyoxigraph import Literal, RdfFormat, Triple

from calcinosis import names
from calcinosis.errors import InputError, Problem, close_to, quoted
from calcinosis.facts.case import Remark
from calcinosis.facts.places import Origin
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.codings import Coding
from calcinosis.facts.records.rdf_case import RdfCase, Thing
from calcinosis.facts.records.rdf_names import (
    ABOUT,
    AS_WRITTEN,
    CLASSES,
    COMPLEMENT,
    CURE,
    HIGH,
    KIND_CLASSES,
    LEAVES_OPEN,
    LINKS,
    LOW,
    MANY,
    MARKS,
    NUMBERS,
    OF_ITEM,
    OF_RESULT,
    ON_PROPERTY,
    ONE,
    OURS,
    PLAIN,
    REASON,
    RESULT,
    SITE,
    SOME_VALUES,
    TRUTHS,
)
from calcinosis.facts.records.rdf_text import UNNAMED, Node, Statement, statements
from calcinosis.graph.codes import as_curie


def rdf_cases(
    text: str, form: RdfFormat, where: str, origin: Origin | None = None
) -> Iterator[RawCase | InputError]:
    """The patients of RDF, in the order in which they are first spoken of.

    InputError for what is no RDF, and where no patient is in it.
    """
    graph = _Graph(statements(text, form, where))
    patients = [node for node in graph.about if graph.is_case(node)]
    if not patients:
        cure = "A patient is a calc:Case, with calc: for https://w3id.org/calcinosis/"
        raise InputError("this RDF holds no patient in our words", where, cure)
    for number, node in enumerate(patients, 1):
        yield _Patient(graph, node, number, where, origin).raw()


class _Graph:
    """Statements by what they are about, and by what they name."""

    def __init__(self, found: Iterable[Statement]) -> None:
        self.about: dict[str, list[tuple[str, Node]]] = {}
        self.naming: dict[str, list[tuple[str, str]]] = {}
        known: set[Statement] = set()
        for statement in found:
            subject, predicate, value = statement
            if isinstance(value, str):  # it may stand in several graphs; words are not counted
                if statement in known:
                    continue
                known.add(statement)
            self.about.setdefault(subject, []).append((predicate, value))
            named = value
            if isinstance(value, Triple):  # a statement that is spoken of
                named = getattr(value.subject, "value", "")
            if isinstance(named, str):
                self.naming.setdefault(named, []).append((subject, predicate))

    def is_case(self, node: str) -> bool:
        said = self.about[node]
        typed = (names.TYPE, names.CASE) in said
        return typed or any(predicate in MARKS for predicate, _ in said)

    def values(self, node: str, predicate: str) -> list[Node]:
        return [value for one, value in self.about.get(node, ()) if one == predicate]

    def iri(self, node: str, predicate: str) -> str:
        """The one IRI that a node has there; empty where there is none, or several."""
        found = self.values(node, predicate)
        one = found[0] if len(found) == 1 else None
        return one if isinstance(one, str) else ""

    def is_individual(self, node: str) -> bool:
        """Whether something is a thing that a case has, and not the class or code of one."""
        if node not in self.about:
            return node.startswith("_:")
        types = {value for value in self.values(node, names.TYPE) if isinstance(value, str)}
        ours = any(predicate in OURS for predicate, _ in self.about[node])
        return types.isdisjoint(CLASSES) and (bool(types) or ours or node.startswith("_:"))


class _Patient:
    """The reading of one patient."""

    def __init__(
        self, graph: _Graph, node: str, number: int, where: str, origin: Origin | None
    ) -> None:
        self._graph = graph
        self._node = node
        self._where = where
        self._origin = origin
        name = f"patient {number}" if node.startswith(UNNAMED) else node
        self._value: dict[str, Any] = {}
        self._id = name
        self._things: list[Thing] = []
        self._at: dict[tuple[str, str], int] = {}
        self._open: list[Remark] = []
        self._remarks: list[Remark] = []
        self._held: list[Remark] = []
        self._strange: list[tuple[str, Coding]] = []
        self._unread: list[str] = []
        self._problems: list[Problem] = []
        self._sites: list[str] = []
        self._status: set[str] = set()

    def raw(self) -> RdfCase:
        for predicate, value in self._graph.about[self._node]:
            self._statement(predicate, value)
        self._value = {"id": self._id, **self._value}
        if self._sites or self._status:
            status = "present" if "conditions" in self._status else "absent"
            held = {"status": status} if self._status else {}
            self._value["calcinosis"] = held | ({"sites": self._sites} if self._sites else {})
        self._named_elsewhere()
        return RdfCase(
            self._value,
            self._where,
            origin=self._origin,
            things=tuple(self._things),
            remarks=tuple(self._remarks),
            open=tuple(self._open),
            not_understood=tuple(self._held),
            strange=tuple(self._strange),
            unread=tuple(self._unread),
            problems=tuple(self._problems),
        )

    # -- one statement ---------------------------------------------------------------

    def _statement(self, predicate: str, value: Node) -> None:
        if predicate == names.TYPE:
            self._type(value)
        elif predicate in LINKS:
            self._link(*LINKS[predicate], value)
        elif predicate in ONE:
            self._once(self._value, ONE[predicate], self._plain(value), predicate)
        elif predicate in MANY:
            self._value.setdefault(MANY[predicate], []).append(self._words(value))
        elif predicate == SITE:
            self._sites.append(self._words(value))
        elif predicate == RESULT:
            self._result(value)
        elif predicate == LEAVES_OPEN:
            self._leaves_open(value)
        else:
            self._not_ours(predicate, value)

    def _once(self, into: dict[str, Any], key: str, value: object, predicate: str) -> None:
        """Put a value where there is one at most; a second one is a problem."""
        if key == "id":
            value = str(value)
        if into.setdefault(key, value) != value:
            what = f"{_short(predicate)} stands twice: {quoted(into[key])} and {quoted(value)}"
            place = f"{self._where}: case {quoted(self._value.get('id', self._id))}"
            self._problems.append(Problem(what, place, "Keep one of them"))
        if key == "id":
            self._id = str(value)

    def _not_ours(self, predicate: str, value: Node) -> None:
        short = _short(predicate)
        if predicate.startswith(names.CC):
            near = tuple(map(_short, close_to(predicate, sorted(OURS), 1, 0.9)))
            what = f"the property {short} is unknown here"
            self._held.append(Remark(short, short, what, kind="condition", suggestions=near))
            return
        named = [coding for coding in self._codes(value) if coding.id]
        self._strange += ((short, coding) for coding in named)
        if not named:
            self._unread.append(short)

    def _type(self, value: Node) -> None:
        if value in PLAIN:
            return
        if isinstance(value, str) and value.startswith("_:"):
            self._expression(value)
        elif isinstance(value, str) and value.startswith(names.CC):
            self._things.append(Thing("conditions", (_coding(value, ""),), ""))
        else:
            self._not_ours(names.TYPE, value)

    def _expression(self, node: str) -> None:
        """A class of what has something, or of what has it not."""
        graph = self._graph
        denied = graph.iri(node, COMPLEMENT)
        some = denied or node
        key, flag = LINKS.get(graph.iri(some, ON_PROPERTY), ("", ""))
        filler = graph.iri(some, SOME_VALUES)
        if not key or key == "excluded" or not filler:
            what = "a class that is put together otherwise than from what our cases have"
            self._held.append(Remark("rdf:type […]", "rdf:type", what, kind="condition"))
        elif not denied:
            self._link(key, flag, filler)
        else:
            self._link("excluded", flag, filler)

    def _named_elsewhere(self) -> None:
        """What others say of this patient."""
        for subject, predicate in self._graph.naming.get(self._node, ()):
            if subject != self._node:
                self._unread.append(f"{_short(predicate)} of something that names this patient")

    # -- what a case has -------------------------------------------------------------

    def _link(self, key: str, flag: str, value: Node) -> None:
        node = value if isinstance(value, str) else ""
        is_merged = bool(node) and key != "excluded"  # a denial of one link denies less
        again = self._at.get((key, node)) if is_merged else None
        if again is not None:  # the same thing by another property
            self._things[again].said.update({flag: True} if flag else {})
            return
        is_status = key in ("conditions", "excluded") and not self._status and not flag
        if is_status and self._is_bare_calcinosis(node):
            self._status.add(key)
            return
        thing = self._thing(key, value)
        if flag:
            thing.said[flag] = True
        if is_merged:
            self._at[key, node] = len(self._things)
        self._things.append(thing)

    def _is_bare_calcinosis(self, node: str) -> bool:
        """Whether a node says no more than that it is a deposit."""
        said = self._graph.about.get(node, [(names.TYPE, node)])
        types = [value for one, value in said if one == names.TYPE]
        return (
            len(types) == len(said)
            and names.CALCINOSIS in types
            and KIND_CLASSES.issuperset(value for value in types if value != names.CALCINOSIS)
        )

    def _thing(self, key: str, value: Node) -> Thing:
        if not isinstance(value, str):
            return Thing(key, (), self._words(value))
        if not self._graph.is_individual(value):
            return Thing(key, self._codes(value), "")
        said: dict[str, Any] = {}
        written: dict[str, Any] = {}
        self._parts(value, OF_ITEM, said, {AS_WRITTEN: "text", names.LABEL: "label"}, written)
        text = str(written.get("text", ""))
        codes = self._codes(value)
        label = str(written.get("label", ""))
        if codes and label:
            codes = tuple(replace(one, label=one.label or label) for one in codes)
        if not (codes or text or label):
            text = "something that is not said" if value.startswith("_:") else value
        return Thing(key, codes, text or ("" if codes else label), said)

    def _codes(self, value: Node) -> tuple[Coding, ...]:
        """The classes of a thing, or itself where it is one or a code."""
        if not isinstance(value, str):
            return ()
        graph = self._graph
        if not graph.is_individual(value):
            return () if value.startswith("_:") else (_coding(value, self._label(value)),)
        types = (one for one in graph.values(value, names.TYPE) if isinstance(one, str))
        kept = [one for one in types if one not in KIND_CLASSES and not one.startswith("_:")]
        return tuple(_coding(one, self._label(one)) for one in kept)

    def _label(self, iri: str) -> str:
        labels = self._graph.values(iri, names.LABEL)
        return next((one.value for one in labels if isinstance(one, Literal)), "")

    def _parts(
        self,
        node: str,
        known: dict[str, str],
        said: dict[str, Any],
        more: dict[str, str],
        beside: dict[str, Any],
    ) -> None:
        """What is said of a node that the case has; the rest of it is unread, and said to be."""
        for predicate, value in self._graph.about.get(node, ()):
            if predicate in known:
                self._once(said, known[predicate], self._plain(value), predicate)
            elif predicate in more:
                self._once(beside, more[predicate], self._plain(value), predicate)
            elif predicate == names.TYPE:
                if isinstance(value, str) and value.startswith("_:"):
                    self._expression(value)
            else:
                self._not_ours(predicate, value)

    # -- laboratory ------------------------------------------------------------------

    def _result(self, value: Node) -> None:
        item: dict[str, Any] = {}
        bounds: dict[str, Any] = {}
        if isinstance(value, str):
            self._parts(value, OF_RESULT, item, {LOW: "low", HIGH: "high"}, bounds)
            tests = [one for one in self._codes(value) if one.given != value]
            if tests:
                item.setdefault("test", tests[0].id)
        else:
            item["test"] = self._words(value)
        if bounds:
            item["interval"] = [bounds.get("low"), bounds.get("high")]
        self._value.setdefault("labs", []).append(item)

    def _leaves_open(self, value: Node) -> None:
        """A value that was not read where the case comes from, and what it leaves open."""
        about: list[str] = []
        said: dict[str, Any] = {}
        node = value if isinstance(value, str) else ""
        for predicate, one in self._graph.about.get(node, ()):
            if predicate == ABOUT and isinstance(one, str):
                about.append(one)
            elif predicate in (AS_WRITTEN, REASON, CURE):
                self._once(said, predicate, self._words(one), predicate)
            else:
                self._not_ours(predicate, one)
        words = [str(said.get(key, "")) for key in (AS_WRITTEN, REASON, CURE)]
        self._open.append(
            Remark(words[0] or self._words(value), "", words[1], words[2], about=tuple(about))
        )

    # -- values ----------------------------------------------------------------------

    def _plain(self, value: Node) -> Any:
        """A literal as a number, truth or text; what is none as words."""
        if value == names.NIL:
            return None
        if not isinstance(value, Literal):
            return self._words(value)
        if value.datatype.value == names.XSD + "boolean" and value.value in TRUTHS:
            return TRUTHS[value.value]
        number = NUMBERS.get(value.datatype.value)
        try:
            return value.value if number is None else number(value.value)
        except ValueError:
            return value.value

    def _words(self, value: Node) -> str:
        """A value in words: of a node what is written of it, else its class."""
        if isinstance(value, Literal):
            return value.value
        if not isinstance(value, str):
            return "a statement that is spoken of"
        if not self._graph.is_individual(value):
            return _coding(value, "").id
        thing = self._thing("", value)
        self._unread += (_short(iri) for iri, key in OF_ITEM.items() if key in thing.said)
        return thing.written or thing.codes[0].id


def _coding(iri: str, label: str) -> Coding:
    curie = as_curie(iri)
    return Coding(":".join(curie) if curie else iri, label, iri)


def _short(iri: str) -> str:
    return names.curie(iri)
