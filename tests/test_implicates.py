"""Unit propagation with the added clauses yields all that follows, against truth tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.reasoning import implicates
from calcinosis.reasoning.fragment import Some
from calcinosis.reasoning.implicates import Implicates
from calcinosis.reasoning.literals import Literal, denial
from tests.shared import examples
from tests.test_fragment import compiled

SIZE = 5
LITERALS = st.integers(0, 2 * SIZE - 1).map(Literal)
Clause = tuple[Literal, ...]
Test = TypeVar("Test", bound=Callable[..., None])
# What was ever found, shrunk; the last one has two criteria that are each other's denial.
FOUND = json.loads(Path(__file__).with_name("implicates_found.json").read_text(encoding="utf-8"))


def found_before(test: Test) -> Test:
    """Each counter-example of the past as an example."""
    for short, long, body in FOUND:
        test = example(list(map(tuple, short)), list(map(tuple, long)), body)(test)
    return test


def clause(*literals: int) -> Clause:
    return tuple(map(Literal, literals))


def _clauses(least: int, most: int, count: int) -> st.SearchStrategy[list[Clause]]:
    """Clauses of distinct variables; literal 2v affirms variable v, 2v + 1 denies it."""
    clause = st.lists(LITERALS, min_size=least, max_size=most, unique_by=lambda lit: lit >> 1)
    return st.lists(clause.map(tuple), max_size=count)


def models(clauses: list[Clause], size: int = SIZE) -> list[frozenset[Literal]]:
    """The sets of literals that make all clauses true."""
    found = []
    for signs in product((0, 1), repeat=size):
        literals = frozenset(Literal(2 * v + sign) for v, sign in enumerate(signs))
        if all(literals & set(clause) for clause in clauses):
            found.append(literals)
    return found


def propagated(facts: set[Literal], clauses: list[Clause]) -> set[Literal] | None:
    """What unit propagation yields, or None in a contradiction."""
    known = set(facts)
    changed = True
    while changed:
        changed = False
        for clause in clauses:
            free = [literal for literal in clause if denial(literal) not in known]
            if not known & set(clause):
                if not free:
                    return None
                if len(free) == 1:
                    known.add(free[0])
                    changed = True
    return None if any(denial(literal) in known for literal in known) else known


def closure(short: list[Clause], size: int = SIZE) -> list[int]:
    """The literals that each literal entails by two-literal clauses, as bits."""
    found = []
    for literal in range(2 * size):
        known, stack = {literal}, [literal]
        while stack:
            denied = stack.pop() ^ 1
            for one, two in (pair for pair in short if denied in pair):
                other = two if denied == one else one
                if other not in known:
                    known.add(other)
                    stack.append(other)
        found.append(sum(1 << other for other in known))
    return found


def check_complete(
    short: list[Clause], long: list[Clause], added: list[Clause], variables: int
) -> None:
    """For every set of facts over the first variables, propagation and truth tables agree."""
    clauses = [*short, *long, *added]
    worlds = models([*short, *long])
    for choice in product((0, 1, None), repeat=variables):
        facts = {Literal(2 * v + sign) for v, sign in enumerate(choice) if sign is not None}
        possible = [world for world in worlds if facts <= world]
        known = propagated(facts, clauses)
        if not possible:
            assert known is None
        else:
            assert known is not None
            assert known == frozenset.intersection(*possible) | facts


@settings(max_examples=examples(150), deadline=None)
@given(_clauses(2, 2, 5), _clauses(3, 4, 4))
def test_what_follows_from_facts_is_propagated(short: list[Clause], long: list[Clause]) -> None:
    if not models([*short, *long]):
        return
    reach = closure(short)
    added = Implicates(long, reach.__getitem__, [], range(SIZE)).missing()
    whole = [*short, *long]
    assert all(models(whole) == models([*whole, one]) for one in added)
    # What two-literal clauses alone rule out is no matter of cases.
    units = [clause(lit ^ 1) for lit in range(2 * SIZE) if reach[lit] >> (lit ^ 1) & 1]
    check_complete([*short, *units], long, added, SIZE)


@settings(max_examples=examples(100), deadline=None)
@given(_clauses(2, 2, 4), _clauses(3, 3, 3), st.lists(LITERALS, min_size=2, max_size=3))
@found_before
def test_verdicts_are_propagated_without_being_facts(
    short: list[Clause], long: list[Clause], body: list[Literal]
) -> None:
    body = list({literal >> 1: literal for literal in body}.values())
    head = Literal(2 * SIZE)
    verdict = (head, *map(denial, body))
    sides = [(denial(head), literal) for literal in body]
    reach = closure([*short, *sides], SIZE + 1)
    if len(body) < 2 or not models([*short, *long]):
        return
    added = Implicates(long, reach.__getitem__, [verdict], range(SIZE)).missing()
    # A verdict may be one that nothing can meet: what its own criteria rule out.
    units = [clause(lit ^ 1) for lit in range(2 * SIZE + 2) if reach[lit] >> (lit ^ 1) & 1]
    clauses = [*short, *units, *sides, *long, verdict, *added]
    worlds = models([*short, *sides, *long, verdict], SIZE + 1)
    for choice in product((0, 1, None), repeat=SIZE):
        facts = {Literal(2 * v + sign) for v, sign in enumerate(choice) if sign is not None}
        possible = [world for world in worlds if facts <= world]
        known = propagated(facts, clauses)
        assert (known is None) == (not possible)
        if known is not None:
            assert known == frozenset.intersection(*possible) | facts


def test_no_clause_is_added_where_propagation_is_enough() -> None:
    # 0 is the union of 1 and 2: affirmed by either, denied with both.
    reach = closure([clause(0, 3), clause(0, 5)], 3)
    assert Implicates([clause(1, 2, 4)], reach.__getitem__, []).missing() == []


def test_what_follows_by_cases_is_added_with_what_is_behind_it() -> None:
    # 0 or 1, and either entails 2; the third step, from 3 to 2, has no part in it.
    reach = closure([clause(1, 4), clause(3, 4), clause(7, 4)], 5)
    found = Implicates([clause(0, 2, 9), clause(6, 8, 5)], reach.__getitem__, [])
    assert (4, 9) in found.missing()
    long, steps = found.behind(clause(4, 9))
    assert long == [0]
    assert {frozenset((one ^ 1, two)) for one, two in steps} == {
        frozenset((1, 4)),
        frozenset((3, 4)),
    }


def test_a_verdict_on_two_denials_of_a_union_is_ruled_out_by_the_union() -> None:
    # 0 is the union of 1 and 2; 3 denies 1, 4 denies 2, and a verdict, 5, needs both.
    pairs = [(0, 3), (0, 5), (7, 3), (6, 2), (9, 5), (8, 4), (11, 6), (11, 8)]
    reach = closure([clause(*pair) for pair in pairs], 6)
    union, verdict = clause(1, 2, 4), clause(10, 7, 9)
    found = Implicates([union], reach.__getitem__, [verdict])
    assert found.missing() == [(11, 1)]
    long, steps = found.behind(clause(11, 1))
    assert long == [0]
    assert {frozenset((one ^ 1, two)) for one, two in steps} == {
        frozenset(pair) for pair in ((7, 3), (9, 5), (11, 6), (11, 8))
    }


def test_definitions_beyond_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(implicates, "_MOST", 3)
    clauses = [clause(0, 2, 4), clause(1, 6, 8), clause(3, 5, 7)]
    with pytest.raises(OntologyError, match="too entangled"):
        Implicates(clauses, closure([], 5).__getitem__, []).missing()


def test_clauses_that_no_case_can_meet_are_contradictory_at_once() -> None:
    # Each rules one of the eight possible worlds out; propagation alone has nowhere to begin.
    clauses = [clause(one, two, three) for one, two, three in product((0, 1), (2, 3), (4, 5))]
    found = Implicates(clauses, closure([], 3).__getitem__, [])
    added = found.missing()
    assert propagated(set(), clauses) == set()
    assert propagated(set(), [*clauses, *added]) is None
    assert {number for one in added for number in found.behind(one)[0]} == {*range(8)}


# -- the same in ontologies --------------------------------------------------------------

CRITERION = """
calc:Without{0} a owl:Class ; rdfs:label "no {0}"@en ; rdfs:subClassOf calc:Criterion ;
  owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( calc:Case [ a owl:Class ;
    owl:complementOf [ a owl:Restriction ; owl:onProperty calc:hasFinding ;
      owl:someValuesFrom calc:{0} ] ] ) ] .
"""
CASE_CLASS = """
calc:LevelCase a owl:Class ; rdfs:label "case by level"@en ; rdfs:subClassOf calc:Case ,
  calc:WithoutHypercalcaemia , calc:WithoutHypocalcaemia ; calc:caseOf calc:ByLevel .
[ a owl:Class ; owl:intersectionOf ( calc:WithoutHypercalcaemia calc:WithoutHypocalcaemia ) ]
  rdfs:subClassOf calc:LevelCase .
calc:ByLevel a owl:Class ; rdfs:label "by level"@en ; rdfs:subClassOf calc:CalcinosisCutis .
"""
ABNORMAL = {"id": "a", "calcinosis": "present", "findings": ["abnormal calcium"]}


@pytest.fixture
def by_level(tmp_path: Path, kg: calcinosis.KnowledgeGraph) -> Path:
    """The ontology with a subtype that needs no high and no low calcium, each a criterion."""
    folder = tmp_path / "ontology"
    shutil.copytree(kg.ontology.folder, folder)
    more = {
        folder / "subtypes.ttl": CRITERION.format("Hypercalcaemia")
        + CRITERION.format("Hypocalcaemia"),
        folder / "viewpoints" / f"{names.DEFAULT_VIEWPOINT}.ttl": CASE_CLASS,
    }
    for path, lines in more.items():
        path.write_text(path.read_text(encoding="utf-8") + lines, encoding="utf-8")
    return folder


def _by_level(graph: calcinosis.KnowledgeGraph, case: dict[str, Any]) -> str:
    (judged,) = graph.classify(case).cases
    return next(one.verdict for one in judged.subtypes if one.id == "ByLevel")


def test_an_abnormal_level_rules_out_what_needs_neither_a_high_nor_a_low_one(
    by_level: Path,
) -> None:
    graph = calcinosis.load(ontology=by_level)
    assert _by_level(graph, ABNORMAL) == "refuted"
    assert _by_level(graph, {"id": "b", "calcinosis": "present"}) == "undetermined"
    neither = {"id": "c", "excluded": ["hypercalcaemia", "hypocalcaemia"]}
    assert _by_level(graph, neither) == "entailed"
    (why,) = [one for one in graph.explain(ABNORMAL)[0].subtypes if one.verdict.id == "ByLevel"]
    (only,) = why.justifications
    assert [one.term for given in only.facts for one in given.facts] == [
        names.CC + "AbnormalCalcium"
    ]
    assert why.deciding is None


@pytest.mark.java
def test_hermit_rules_out_the_same(by_level: Path) -> None:
    pytest.importorskip("jpype")
    graph = calcinosis.load(ontology=by_level, reasoner="hermit")
    assert _by_level(graph, ABNORMAL) == "refuted"
    assert _by_level(graph, {"id": "b", "calcinosis": "present"}) == "undetermined"


LINK = "[ a owl:Restriction ; owl:onProperty calc:hasCondition ; owl:someValuesFrom calc:C ]"


@pytest.mark.parametrize("form", ["intersectionOf", "unionOf"])
def test_a_part_that_is_written_twice_counts_once(form: str, tmp_path: Path) -> None:
    more = (
        "calc:WithC a owl:Class ; rdfs:subClassOf calc:Case ;"
        f" owl:equivalentClass [ a owl:Class ; owl:{form} ( {LINK} {LINK} ) ] ."
    )
    found = compiled(tmp_path, more)
    with_c = found.literal(names.CC + "WithC")
    link = found.literal(Some(names.HAS_CONDITION, names.CC + "C"))
    for sign in (0, 1):
        assert found.evaluate([with_c ^ sign]).holds(link ^ sign)
        assert found.evaluate([link ^ sign]).holds(with_c ^ sign)


def test_a_criterion_without_a_definition_follows_by_cases(tmp_path: Path) -> None:
    more = (
        "calc:Implied a owl:Class ; rdfs:subClassOf calc:Case ."
        " calc:ShowsA rdfs:subClassOf calc:Implied . calc:ShowsB rdfs:subClassOf calc:Implied ."
    )
    found = compiled(tmp_path, more)
    either = found.literal(names.CC + "WithEither")
    assert found.evaluate([either]).holds(found.literal(names.CC + "Implied"))


def test_a_criterion_that_every_case_meets_is_met(tmp_path: Path) -> None:
    more = "calc:Any a owl:Class ; rdfs:subClassOf calc:Case ; owl:equivalentClass calc:Case ."
    found = compiled(tmp_path, more)
    assert found.evaluate([]).holds(found.literal(names.CC + "Any"))
