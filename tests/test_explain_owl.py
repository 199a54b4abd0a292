"""HermiT finds each justification sufficient and minimal, with its axioms as the whole ontology."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings

from calcinosis import names
from calcinosis.explain.links import Justification
from calcinosis.facts.case import Case
from calcinosis.graph.ontology import viewpoints
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.fragment import And, Axiom, Formula, Named, Not, Or, Some
from calcinosis.reasoning.owl import Authority, OwlFact
from tests import strategies
from tests.shared import cases_of, examples, graph
from tests.test_explain import explainer, goals, shipped, told

pytestmark = pytest.mark.java

HEAD = f"@prefix owl: <{names.OWL}> .\n@prefix rdfs: <{names.RDFS}> .\n"


def turtle(axioms: Iterable[Axiom], mentioned: Sequence[OwlFact]) -> str:
    """Axioms as an ontology of their own, with what they and the facts mention declared."""
    body = "".join(f"{_stated(axiom)} .\n" for axiom in axioms)
    classes = {names.CASE, *(class_iri for _, _, class_iri in mentioned)}
    links = {link for _, link, _ in mentioned if link is not None}
    declared = [f"<{iri}> a owl:Class .\n" for iri in sorted(classes)]
    declared += [f"<{iri}> a owl:ObjectProperty .\n" for iri in sorted(links)]
    return HEAD + "".join(declared) + body


def _stated(axiom: Axiom) -> str:
    if axiom.form == "subproperty":
        return (
            f"<{axiom.left}> a owl:ObjectProperty ; rdfs:subPropertyOf <{axiom.right}> . "
            f"<{axiom.right}> a owl:ObjectProperty"
        )
    verb = {
        "equivalent": "owl:equivalentClass",
        "union": "owl:equivalentClass",
        "disjoint": "owl:disjointWith",
    }.get(axiom.form, "rdfs:subClassOf")
    left = _expression(axiom.left)
    return f"{left} a owl:Class ; {verb} {_expression(axiom.right)}".replace("] a owl:Class ;", "]")


def _expression(formula: Formula | str) -> str:
    if isinstance(formula, str):
        return f"<{formula}>"
    if isinstance(formula, Named):
        return f"<{formula.iri}>"
    if formula == And(()):
        return f"<{names.CASE}>"
    if isinstance(formula, Some):
        return (
            f"[ a owl:Restriction ; owl:onProperty <{formula.property}> ;"
            f" owl:someValuesFrom <{formula.filler}> ]"
        )
    if isinstance(formula, Not):
        return f"[ a owl:Class ; owl:complementOf {_expression(formula.part)} ]"
    kind = "unionOf" if isinstance(formula, Or) else "intersectionOf"
    if len(formula.parts) == 1:
        return _expression(formula.parts[0])
    return f"[ a owl:Class ; owl:{kind} ( {' '.join(map(_expression, formula.parts))} ) ]"


def _mentioned(axiom: Axiom) -> Iterable[OwlFact]:
    for side in (axiom.left, axiom.right):
        if not isinstance(side, str):
            yield from _links_of(side)
        elif axiom.form != "subproperty":
            yield True, None, side


def _links_of(formula: Formula | str) -> Iterable[OwlFact]:
    if isinstance(formula, Some):
        yield True, formula.property, formula.filler
    elif isinstance(formula, Not):
        yield from _links_of(formula.part)
    elif isinstance(formula, Named):
        yield True, None, formula.iri
    elif isinstance(formula, And | Or):
        for part in formula.parts:
            yield from _links_of(part)


def as_fact(compiled: Compiled, literal: int) -> OwlFact:
    key = compiled.keys[literal >> 1]
    if isinstance(key, Some):
        return not literal & 1, key.property, key.filler
    return not literal & 1, None, key


Ask = Callable[[Collection[int], Collection[int], int], bool]


def asker(viewpoint: str, folder: Path) -> Ask:
    classifier = explainer(viewpoint).classifier
    known: dict[object, bool] = {}
    loaded: dict[frozenset[int], Authority] = {}
    path = folder / "axioms.ttl"

    def entails(facts: Collection[int], axioms: Collection[int], goal: int) -> bool:
        key = (frozenset(facts), frozenset(axioms), goal)
        if key not in known:
            told = [as_fact(classifier.compiled, literal) for literal in (*facts, goal ^ 1)]
            known[key] = not _authority(key[1], told).satisfiable(told)
        return known[key]

    def _authority(axioms: frozenset[int], told: list[OwlFact]) -> Authority:
        if axioms not in loaded:
            stated = [classifier.compiled.axioms[number] for number in sorted(axioms)]
            inside = [one for a in stated for one in _mentioned(a)]
            path.write_text(turtle(stated, [*told, *inside]), encoding="utf-8")
            small: Any = SimpleNamespace(
                is_released=True, reasoned_files=lambda: [path], folder=folder
            )
            loaded[axioms] = Authority(small, classifier)
        return loaded[axioms]

    return entails


@pytest.fixture(scope="module")
def asks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ask]:
    """By viewpoint: whether facts and axioms (by number) entail a literal, as HermiT says."""
    return {name: asker(name, tmp_path_factory.mktemp(name)) for name in viewpoints()}


def check(ask: Ask, one: Justification, goal: int) -> None:
    assert ask(one.literals, one.axioms, goal)
    for fact in one.literals:
        assert not ask(set(one.literals) - {fact}, one.axioms, goal)
    for axiom in one.axioms:
        assert not ask(one.literals, one.axioms - {axiom}, goal)


def check_case(ask: Ask, case: Case, viewpoint: str) -> int:
    found = explainer(viewpoint).explain(case)
    checked = 0
    for one, goal in goals(found, graph(viewpoint).classifier):
        check(ask, one, goal)
        checked += 1
    return checked


@pytest.mark.parametrize("viewpoint", viewpoints())
def test_hermit_confirms_every_justification_of_the_shipped_cases(
    viewpoint: str, asks: dict[str, Ask]
) -> None:
    cases = [case for case, _ in told(viewpoint)]
    assert sum(check_case(asks[viewpoint], case, viewpoint) for case in cases) > 40


@settings(max_examples=examples(40), deadline=None)
@given(strategies.cases())
def test_hermit_confirms_every_justification_of_generated_cases(
    asks: dict[str, Ask], raw: dict[str, object]
) -> None:
    (case,) = cases_of(graph(), raw)
    if isinstance(case, Case):
        check_case(asks[graph().viewpoint], case, graph().viewpoint)


def test_the_proof_sees_a_justification_that_is_not_minimal_or_not_sufficient(
    asks: dict[str, Ask],
) -> None:
    from proofs.explanations import answers

    ask = asks[graph().viewpoint]
    found = explainer().explain(shipped()[0])
    one, goal = next(iter(goals(found, graph().classifier)))
    assert all(answers(ask, one, goal))
    more = next(n for n in range(len(one.axioms) + 1) if n not in one.axioms)
    assert not all(answers(ask, replace(one, axioms=one.axioms | {more}), goal))
    assert not all(answers(ask, replace(one, literals=one.literals[1:]), goal))
