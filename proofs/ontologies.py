"""Random ontologies of the accepted forms: ``python -m proofs.ontologies NUMBER`` prints one.

The shipped viewpoints use few of the ways in which the forms can be put together. Here small
ontologies are made at random, each by its number and so the same in every run: terms below each
other and in unions, narrower links, criteria from intersection, union, complement and links,
criteria that are defined by criteria, imply or exclude each other or say the same, and case
classes in split form over them. What the fragment refuses is made anew. Both reasoners judge all
criteria and case classes of each by random sets of facts.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import load
from calcinosis.graph.triples import Triples
from calcinosis.reasoning.compiled import Clause, Compiled
from calcinosis.reasoning.fragment import Fragment, Some
from calcinosis.reasoning.owl import Authority
from proofs.both import Count, Reasoners

MANY, FEW = 2_000, 40
_STATES = 12
_MOST = 12
_VIEW = "random"
_LINKS = {
    "condition": ("hasCondition", "hasConditionAtDeposit", "hasConditionAsCause"),
    "finding": ("hasFinding",),
}
_HEAD = f"""@prefix calc: <{names.CC}> .
@prefix owl: <{names.OWL}> .
@prefix rdfs: <{names.RDFS}> .
calc:hasCondition a owl:ObjectProperty . calc:underwent a owl:ObjectProperty .
calc:hasFinding a owl:ObjectProperty .
calc:hasConditionAtDeposit a owl:ObjectProperty ; rdfs:subPropertyOf calc:hasCondition .
calc:hasConditionAsCause a owl:ObjectProperty ; rdfs:subPropertyOf calc:hasCondition .
calc:Condition a owl:Class . calc:Finding a owl:Class . calc:Case a owl:Class .
calc:Criterion a owl:Class ; rdfs:subClassOf calc:Case .
"""


@dataclass
class Made:
    """One random ontology: its Turtle, the kind of each term, its criteria and case classes."""

    turtle: str
    kinds: dict[str, str]
    criteria: list[str]
    case_classes: list[str]


@dataclass
class Maker:
    """Makes one ontology of few classes, beside those that every ontology has."""

    chance: random.Random
    kinds: dict[str, str] = field(default_factory=dict)
    criteria: list[str] = field(default_factory=list)
    case_classes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def made(self) -> Made:
        """Choose terms, then criteria over them, then case classes over these."""
        for kind in _LINKS:
            self._terms(kind, self.chance.randint(1, 3))
        for number in range(self.chance.randint(2, 5)):
            self._criterion(f"With{number}")
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            self._tie()
        room = _MOST - len(self.kinds) - len(self.criteria)
        if room > 1 and self._maybe(0.2):
            self._undefined("Undefined")
            room -= 1
        for number in range(self.chance.randint(1, min(room, 4))):
            self._case_class(f"Case{number}")
        given = {"Condition": "condition", "Finding": "finding"}
        kinds = {names.CC + name: kind for name, kind in (given | self.kinds).items()}
        turtle = _HEAD + "\n".join(self.lines) + "\n"
        return Made(
            turtle,
            kinds,
            [names.CC + name for name in self.criteria],
            [names.CC + name for name in self.case_classes],
        )

    def _maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def _some(self, things: Sequence[str], least: int, most: int) -> list[str]:
        """A few things in random order, now and then one of them twice."""
        count = min(len(things), self.chance.randint(least, most))
        found = self.chance.sample(list(things), count)
        return [*found, *found[:1]] if self._maybe(0.03) else found

    # -- terms -----------------------------------------------------------------------

    def _terms(self, kind: str, count: int) -> None:
        fresh = [f"{kind.capitalize()}{number}" for number in range(count)]
        for number, term in enumerate(fresh):
            above = self._some(fresh[:number], 1, 2) if self._maybe(0.5) else []
            self._class(term, *(above or [kind.capitalize()]))
        self.kinds |= dict.fromkeys(fresh, kind)
        if count > 1 and self._maybe(0.7):
            whole, *members = self.chance.sample(fresh, self.chance.randint(2, count))
            more = [m for m in fresh if m != whole and m not in members and self._maybe(0.2)]
            self.lines.append(
                f"calc:{whole} owl:equivalentClass {_list('unionOf', members + more)} ."
            )
            self.lines += [
                f"calc:{m} rdfs:subClassOf calc:{whole} ." for m in members if self._maybe(0.5)
            ]

    def _class(self, name: str, *above: str) -> None:
        parents = " , ".join(f"calc:{parent}" for parent in dict.fromkeys(above))
        self.lines.append(f"calc:{name} a owl:Class ; rdfs:subClassOf {parents} .")

    # -- criteria --------------------------------------------------------------------

    def _criterion(self, name: str) -> None:
        self._class(name, "Criterion" if self._maybe(0.9) else "Case")
        self.lines.append(f"calc:{name} owl:equivalentClass {self._definition()} .")
        self.criteria.append(name)

    def _undefined(self, name: str) -> None:
        """A criterion without a definition, which others imply."""
        self._class(name, "Criterion")
        below = self._some(self.criteria, 1, 3)
        self.lines += [f"calc:{criterion} rdfs:subClassOf calc:{name} ." for criterion in below]
        self.criteria.append(name)

    def _definition(self) -> str:
        kind = self.chance.choices(("link", "denial", "list", "any"), (25, 40, 25, 10))[0]
        if kind == "any":
            return "calc:Case" if self._maybe(0.05) else self._expression(2)
        if kind == "list":
            form = self.chance.choice(("unionOf", "intersectionOf"))
            found = _list(form, [self._part() for _ in range(self.chance.randint(2, 3))])
        else:
            found = self._link()
            if kind == "denial":
                found = _denied(self._named() if self.criteria and self._maybe(0.3) else found)
        return found if self._maybe(0.15) else _list("intersectionOf", ["calc:Case", found])

    def _expression(self, depth: int) -> str:
        form = self.chance.choice(("part", "denial", "unionOf", "intersectionOf"))
        if form == "part" or not depth:
            return self._part()
        if form == "denial":
            return _denied(self._expression(depth - 1))
        parts = [self._expression(depth - 1) for _ in range(self.chance.randint(1, 3))]
        return _list(form, parts)

    def _part(self) -> str:
        return self._named() if self.criteria and self._maybe(0.5) else self._link()

    def _named(self) -> str:
        return f"calc:{self.chance.choice(self.criteria)}"

    def _link(self) -> str:
        kind = self.chance.choice(list(_LINKS))
        terms = [term for term, other in self.kinds.items() if other == kind]
        filler = f"calc:{self.chance.choice(terms)}"
        if self._maybe(0.15):
            filler = _list("unionOf", self._some(terms, 1, 2))
        link = self.chance.choice((_LINKS[kind][0], *_LINKS[kind]))
        return f"[ a owl:Restriction ; owl:onProperty calc:{link} ; owl:someValuesFrom {filler} ]"

    def _tie(self) -> None:
        """One criterion implies another, or an expression, or excludes another."""
        one, two = self.chance.sample(self.criteria, 2)
        form = self.chance.choices(
            ("rdfs:subClassOf", "owl:disjointWith", "expression", "inclusion"), (45, 35, 15, 5)
        )[0]
        if form == "expression":
            self.lines.append(f"calc:{one} rdfs:subClassOf {self._expression(1)} .")
        elif form == "inclusion":
            whole = _list("intersectionOf", ["Case", *self._some(self.criteria, 0, 2)])
            self.lines.append(
                f"{whole} rdfs:subClassOf {_list('unionOf', [self._part(), self._part()])} ."
            )
        else:
            self.lines.append(f"calc:{one} {form} calc:{two} .")

    def _case_class(self, name: str) -> None:
        known = [*self.criteria, *self.case_classes] if self._maybe(0.2) else self.criteria
        needed = self._some(known, 2, 4)
        self._class(name, "Case", *needed)
        whole = _list("intersectionOf", needed)
        self.lines.append(f"{whole} rdfs:subClassOf calc:{name} .")
        if self.case_classes and self._maybe(0.1):
            self.lines.append(f"calc:{name} owl:disjointWith calc:{self.case_classes[0]} .")
        self.case_classes.append(name)


def _list(form: str, parts: Sequence[str]) -> str:
    members = (part if part.startswith(("[", "calc:")) else f"calc:{part}" for part in parts)
    return f"[ a owl:Class ; owl:{form} ( {' '.join(members)} ) ]"


def _denied(expression: str) -> str:
    return f"[ a owl:Class ; owl:complementOf {expression} ]"


# -- comparing ---------------------------------------------------------------------------


class Folder:
    """A folder of which the authority reads one random ontology after the other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(data("ontology"), path, dirs_exist_ok=True)
        for module in path.glob("*.ttl"):  # all are there, and say nothing
            module.write_text(f"<{names.ONTOLOGY}> a <{names.OWL}Ontology> .", encoding="utf-8")

    def authority(self, made: Made) -> Authority:
        """The authority over one ontology."""
        file = self.path / "viewpoints" / f"{_VIEW}.ttl"
        file.write_text(made.turtle, encoding="utf-8")
        return Authority(load(_VIEW, self.path))


def accepted(number: int) -> tuple[Made, Compiled, int]:
    """The first ontology of a number that is not refused, compiled, and how many were before."""
    attempt = 0
    while True:
        made = Maker(random.Random(f"{number} {attempt}")).made()
        triples = Triples()
        triples.read(Path(f"{_VIEW}.ttl"), made.turtle)
        try:
            return made, Compiled(Fragment.of(triples), made.kinds), attempt
        except OntologyError:
            attempt += 1


@dataclass
class Kinds:
    """How many of the ontologies put what to the test."""

    made: int = 0
    refused: int = 0
    helped: int = 0
    equivalent: int = 0
    beyond: int = 0
    impossible: int = 0

    def note(self, definitions: Compiled, made: Made, refused: int) -> None:
        """Count one ontology, and how many were refused before it."""
        heads = {definitions.literal(iri) + 1 for iri in made.case_classes}
        added = definitions._added
        self.made += 1
        self.refused += refused
        self.helped += bool(added)
        self.equivalent += _has_equivalents(definitions)
        self.beyond += any(clause[0] in heads for clause in added)
        self.impossible += not definitions.evaluate(()).consistent

    def __str__(self) -> str:
        return (
            f"{self.made:,} random ontologies ({self.refused:,} more were refused);"
            f" {self.helped:,} need added clauses, {self.beyond:,} of them for a case class;"
            f" {self.equivalent:,} have equivalent literals; {self.impossible:,} admit no case"
        )


def _has_equivalents(definitions: Compiled) -> bool:
    """Whether two literals of long clauses entail each other."""
    long = {lit for clause in definitions._clauses for lit in clause.literals}
    return any(
        definitions.closure(one) >> two & 1 and definitions.closure(two) >> one & 1
        for one in long
        for two in long
        if one < two
    )


def compare(many: int = MANY) -> list[Count]:
    """Both reasoners over the first random ontologies, as one row of the table of counts."""
    kinds = Kinds()
    with tempfile.TemporaryDirectory() as path, Count("random", "4", "") as count:
        folder = Folder(Path(path))
        for number in range(many):
            made, definitions, refused = accepted(number)
            kinds.note(definitions, made, refused)
            _judge(Reasoners(definitions, folder.authority(made)), made, number, count)
    count.what = str(kinds)
    return [count]


def _judge(both: Reasoners, made: Made, number: int, count: Count) -> None:
    """Both on all criteria and case classes, by some random sets of facts."""
    chance = random.Random(number)
    classes = [*made.criteria, *made.case_classes]
    targets = [both.compiled.literal(iri) for iri in classes]
    for literals in _facts(both.compiled, made, chance):
        theirs = both.authority.verdicts(map(both.fact, literals), classes)
        ours = both.compiled_verdicts(literals, targets)
        count.states += 1
        count.inconsistent += "conflicting" in theirs
        count.decisions += len(classes)
        for iri, one, two in zip(classes, theirs, ours, strict=True):
            if one != two:
                words = f"ontology {number}, {both.words(literals)}: {names.local(iri)}"
                count.differ(f"{words} is {one} to HermiT and {two} compiled")


def _facts(definitions: Compiled, made: Made, chance: random.Random) -> Iterator[tuple[int, ...]]:
    """Sets of literals: no fact, links, criteria by name, both, and now and then a contradiction.

    Links that definitions and unions speak of come up more often than the others. Case classes
    are never facts; a criterion is more often denied than affirmed.
    """
    links = [definitions.literal(key) for key in definitions.keys if isinstance(key, Some)]
    told = {lit >> 1 for clause in definitions.stated() for lit in _defining(definitions, clause)}
    links += [lit for lit in links if lit >> 1 in told for _ in range(4)]
    criteria = [definitions.literal(iri) for iri in made.criteria]
    yield ()
    for _ in range(_STATES - 1):
        number = chance.choice((0, 1, 1, 2, 3))
        chosen = {link + (chance.random() < 0.5) for link in chance.choices(links, k=number)}
        named = chance.sample(criteria, chance.choice((0, 1, 1, 2)))
        chosen |= {criterion + (chance.random() < 0.7) for criterion in named}
        if chosen and chance.random() < 0.05:
            chosen.add(min(chosen) ^ 1)
        yield tuple(sorted(chosen))


def _defining(definitions: Compiled, clause: Clause) -> tuple[int, ...]:
    form = definitions.axioms[clause.axiom].form
    return clause.literals if form in ("equivalent", "union") else ()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the Turtle of the ontologies of some numbers."""
    for number in map(int, sys.argv[1:] if arguments is None else arguments):
        print(f"# {number}\n{accepted(number)[0].turtle}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
