"""Explanations: each justification is sufficient and minimal, and all are found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import chain, combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis import names
from calcinosis.explain.conflicts import conflict_sets, repairs
from calcinosis.explain.explanation import Explanation
from calcinosis.explain.justify import Explainer
from calcinosis.explain.links import Justification
from calcinosis.explain.theory import Theory
from calcinosis.facts.case import Case
from calcinosis.graph.ontology import viewpoints
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.compiled import State
from tests import golden, strategies
from tests.shared import FULL, cases_of, examples, few, graph

ROOT = Path(__file__).parent.parent
SHIPPED = [ROOT / "examples" / "patients.yaml", ROOT / "examples" / "published"]


@cache
def explainer(viewpoint: str = names.DEFAULT_VIEWPOINT) -> Explainer:
    return Explainer(graph(viewpoint).classifier)


def shipped(viewpoint: str = names.DEFAULT_VIEWPOINT) -> list[Case]:
    sheet = [row.case for row in golden.rows()]
    found = [
        case for case in cases_of(graph(viewpoint), [*SHIPPED, *sheet]) if isinstance(case, Case)
    ]
    assert len(found) > 90
    return found


@cache
def told(viewpoint: str = names.DEFAULT_VIEWPOINT) -> tuple[tuple[Case, Explanation], ...]:
    """Every third shipped case with its explanation; under another viewpoint every eighth.

    The test command takes every sixth. ``python -m proofs.explanations`` takes some hundred cases
    under each, and HermiT.
    """
    every = 3 if examples(FULL) == FULL else 6
    some = shipped(viewpoint)[:: every if viewpoint == names.DEFAULT_VIEWPOINT else 8]
    return tuple((case, explainer(viewpoint).explain(case)) for case in some)


# -- a solver of its own ---------------------------------------------------------------


def possible(clauses: Iterable[Collection[int]], literals: Iterable[int]) -> bool:
    """Whether clauses and literals can be true together: unit propagation and branching."""
    known = set(literals)
    left = [set(clause) for clause in clauses]
    changed = True
    while changed:
        changed = False
        rest = []
        for clause in left:
            if clause & known:
                continue
            free = {literal for literal in clause if literal ^ 1 not in known}
            if not free:
                return False
            if len(free) == 1:
                known |= free
                changed = True
            else:
                rest.append(free)
        left = rest
    if any(literal ^ 1 in known for literal in known):
        return False
    if not left:
        return True
    literal = min(left[0])
    return possible(left, known | {literal}) or possible(left, known | {literal ^ 1})


def entails(theory: Theory, facts: Iterable[int], axioms: Collection[int], goal: int) -> bool:
    clauses = [literals for axiom in axioms for literals in by_axiom(theory)[axiom]]
    return not possible(clauses, {*facts, goal ^ 1})


@cache
def by_axiom(theory: Theory) -> dict[int, list[tuple[int, ...]]]:
    found: dict[int, list[tuple[int, ...]]] = {}
    for literals, axiom in theory.clauses:
        found.setdefault(axiom, []).append(literals)
    return found


def check_minimal(theory: Theory, one: Justification, goal: int) -> None:
    assert entails(theory, one.literals, one.axioms, goal)
    for fact in one.literals:
        assert not entails(theory, set(one.literals) - {fact}, one.axioms, goal)
    for axiom in one.axioms:
        assert not entails(theory, one.literals, one.axioms - {axiom}, goal)


def goals(explanation: Explanation, classifier: Classifier) -> Iterable[tuple[Justification, int]]:
    for case_class in classifier.case_classes:
        why = explanation.why(case_class.subtype)
        for one in why.justifications:
            yield one, case_class.literal ^ (why.verdict.verdict == "refuted")
        for one in why.presumed:
            yield one, case_class.literal


@pytest.mark.parametrize("viewpoint", few(viewpoints(), "tristano-2006"))
def test_every_justification_of_a_shipped_case_is_sufficient_and_minimal(viewpoint: str) -> None:
    checked = 0
    for _, found in told(viewpoint):
        for why in found.subtypes:
            assert bool(why.justifications) == (why.verdict.verdict in ("entailed", "refuted"))
            assert why.complete
            orders = [one.order for one in why.justifications]
            assert orders == sorted(orders)
        for one, goal in goals(found, explainer(viewpoint).classifier):
            check_minimal(explainer(viewpoint).theory, one, goal)
            checked += 1
    assert checked > 40


@settings(max_examples=examples(25), deadline=None)
@given(strategies.cases())
def test_every_justification_of_a_generated_case_is_sufficient_and_minimal(
    raw: dict[str, object],
) -> None:
    (case,) = cases_of(graph(), raw)
    if not isinstance(case, Case):
        return
    found = explainer().explain(case)
    for one, goal in goals(found, explainer().classifier):
        check_minimal(explainer().theory, one, goal)
    for why in found.subtypes:
        for steps in why.steps:
            assert {"met": "entailed", "violated": "refuted"}[
                steps[0].to_dict()["status"]
            ] == why.verdict.verdict


# -- all of them, by brute force -------------------------------------------------------


@cache
def literals(viewpoint: str = names.DEFAULT_VIEWPOINT) -> tuple[int, ...]:
    """Literals that matter: the categories, criteria and some terms below, both signs."""
    compiled = graph(viewpoint).classifier.compiled
    criteria = [key for key in compiled.keys if isinstance(key, str) and "/With" in key]
    atoms = {literal >> 1 for clause in compiled._clauses for literal in clause.literals}
    chosen = {*atoms, *((compiled.find(key) or 0) >> 1 for key in criteria)}
    stated = {
        literal
        for case in shipped(viewpoint)
        for literal in graph(viewpoint).classifier.literals((*case.facts, *case.workup))
    }
    verdicts = {case_class.literal >> 1 for case_class in graph(viewpoint).classifier.case_classes}
    signs = {2 * variable + sign for variable in chosen - verdicts for sign in (0, 1)}
    keys = compiled.keys
    named = [lit for lit in signs if not str(keys[lit >> 1]).startswith("aux:")]
    return tuple(sorted({*named, *stated}))


FACTS = st.deferred(lambda: st.lists(st.sampled_from(literals()), max_size=12, unique=True))


def least(sets: Iterable[frozenset[int]]) -> set[frozenset[int]]:
    found: set[frozenset[int]] = set()
    for one in sorted(sets, key=len):
        if not any(other <= one for other in found):
            found.add(one)
    return found


def subsets(facts: Sequence[int]) -> list[frozenset[int]]:
    sizes = (combinations(facts, size) for size in range(len(facts) + 1))
    return [frozenset(one) for one in chain.from_iterable(sizes)]


@settings(max_examples=examples(100), deadline=None)
@given(FACTS)
def test_conflict_sets_and_repairs_are_those_of_brute_force(facts: list[int]) -> None:
    theory = explainer().theory
    evaluate = theory.compiled.evaluate
    against = [one for one in subsets(facts) if not evaluate(one).consistent]
    found = conflict_sets(theory, facts)
    assert {frozenset(one) for one in found} == least(against)
    mending = [one for one in subsets(facts) if evaluate(set(facts) - one).consistent]
    assert {frozenset(one) for one in repairs(found)} == least(mending)


@settings(max_examples=examples(120), deadline=None)
@given(FACTS, st.integers(0, 4), st.booleans())
def test_justifications_by_facts_are_those_of_brute_force(
    facts: list[int], number: int, denied: bool
) -> None:
    theory = explainer().theory
    goal = graph().classifier.case_classes[number].literal ^ denied
    states = {one: theory.compiled.evaluate(one) for one in subsets(facts)}
    enough = least(one for one, state in states.items() if _settles(state, goal))
    assert {frozenset(one) for one in theory.fact_sets(facts, goal)} == enough
    # With axioms counted too there may be further sets of facts, never fewer.
    assert {frozenset(one) for one, _ in theory.entailing(facts, goal)} >= enough


def _settles(state: State, goal: int) -> bool:
    return not state.consistent or state.holds(goal)


@pytest.mark.slow
def test_clauses_far_from_the_facts_do_not_matter() -> None:
    theory = explainer().theory
    for case in shipped()[::4]:
        facts = tuple(graph().classifier.literals((*case.facts, *case.workup)))
        for case_class in graph().classifier.case_classes:
            goal = case_class.literal
            every = range(len(theory.compiled.axioms))
            found = theory.entailing(facts, goal)
            assert set(found) == set(theory.entailing(facts, goal, within=every))
