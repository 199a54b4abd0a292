"""What would decide an open verdict equals brute force over completions by criteria."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis import names
from calcinosis.explain.decide import Decider, Observations
from calcinosis.explain.explanation import Explanation
from calcinosis.graph.ontology import viewpoints
from calcinosis.reasoning.compiled import State
from calcinosis.render.explanation import explanation_text
from tests.test_explain import FACTS, SHIPPED, explainer, graph, least, shipped

World = frozenset[int]


@cache
def decider(viewpoint: str = names.DEFAULT_VIEWPOINT, most: int = 20_000) -> Decider:
    return Decider(graph(viewpoint).classifier, explainer(viewpoint).theory, most)


def evaluate(facts: tuple[int, ...]) -> State:
    return graph().classifier.compiled.evaluate(facts)


def unknown(state: State) -> list[int]:
    pairs = ([one.literal for one in pair] for pair in decider().observations)
    return [met for met, _ in pairs if is_open(state, met)]


def is_open(state: State, literal: int) -> bool:
    return not (state.holds(literal) or state.holds(literal ^ 1))


def completions(state: State, met: list[int]) -> list[tuple[World, State]]:
    """Every way to answer all questions that does not contradict what is known."""
    answers = (
        tuple(literal ^ sign for literal, sign in zip(met, signs, strict=True))
        for signs in product((0, 1), repeat=len(met))
    )
    found = ((frozenset(one), evaluate((*state.facts, *one))) for one in answers)
    return [(world, after) for world, after in found if after.consistent]


def brute_force(state: State, met: list[int], goal: int) -> set[World]:
    """The minimal sets of answers that some completion holds, all of which settle the goal."""
    worlds = completions(state, met)
    yes = [world for world, after in worlds if after.holds(goal)]
    no = [world for world, after in worlds if not after.holds(goal)]
    assert all(after.holds(goal) or after.holds(goal ^ 1) for _, after in worlds)
    enough = []
    for signs in product((0, 1, None), repeat=len(met)):
        pairs = zip(met, signs, strict=True)
        one = frozenset(literal ^ sign for literal, sign in pairs if sign is not None)
        if any(one <= world for world in yes) and not any(one <= world for world in no):
            enough.append(one)
    return least(enough)


def found(sets: tuple[Observations, ...]) -> set[World]:
    return {frozenset(one.literal for one in observations) for observations in sets}


def check(state: State, number: int) -> None:
    case_class = graph().classifier.case_classes[number]
    assert is_open(state, case_class.literal)
    deciding = decider().deciding(case_class, state)
    met = unknown(state)
    assert found(deciding.follows) == brute_force(state, met, case_class.literal)
    assert found(deciding.ruled_out) == brute_force(state, met, case_class.literal ^ 1)


def learnt(facts: list[int], literal: int | None = None) -> State:
    """The state of all facts that, one after the other, contradict nothing and leave it open."""
    state = evaluate(())
    for fact in facts:
        after = evaluate((*state.facts, fact))
        if after.consistent and (literal is None or is_open(after, literal)):
            state = after
    return state


ANSWERS = st.lists(st.sampled_from([0, 1, None]), min_size=9, max_size=9)


@settings(max_examples=500, deadline=None)
@given(ANSWERS, FACTS, st.integers(0, 4))
def test_deciding_sets_are_those_of_brute_force(
    answers: list[int | None], more: list[int], number: int
) -> None:
    pairs = list(zip(decider().observations, answers, strict=True))
    known = [pair[answer].literal for pair, answer in pairs if answer is not None]
    # Some questions are answered anyway, so that all completions can be tried.
    known += [pair[sign].literal for pair, answer in pairs[:5] if answer is None for sign in (0, 1)]
    state = learnt([*more[:3], *known], graph().classifier.case_classes[number].literal)
    check(state, number)


@pytest.mark.parametrize("number", range(5))
def test_deciding_sets_where_nothing_is_known(number: int) -> None:
    assert len(unknown(evaluate(()))) == 9
    check(evaluate(()), number)


@settings(max_examples=100, deadline=None)
@given(FACTS)
def test_questions_settle_what_they_say_and_the_best_comes_first(facts: list[int]) -> None:
    state = learnt(facts)
    classes = graph().classifier.case_classes
    still_open = [
        c for c in classes if not state.holds(c.literal) and not state.holds(c.literal ^ 1)
    ]
    questions = decider().questions(still_open, state)
    assert bool(questions) == bool(still_open)
    scores = [question.score for question in questions]
    assert scores == sorted(scores, reverse=True)
    for question in questions:
        for outcome in question.outcomes:
            after = evaluate((*state.facts, outcome.observation.literal))
            assert after.consistent
            told = dict(outcome.settles)
            for case_class in still_open:
                settled = after.holds(case_class.literal) or after.holds(case_class.literal ^ 1)
                assert (case_class.subtype in told) == settled


@pytest.mark.parametrize("viewpoint", viewpoints())
def test_every_open_verdict_of_a_shipped_case_can_be_decided_both_ways(viewpoint: str) -> None:
    for case in shipped(viewpoint):
        for why in explainer(viewpoint).explain(case).subtypes:
            assert (why.deciding is not None) == (why.verdict.verdict == "undetermined")
            if why.deciding is not None:
                assert why.deciding.complete
                assert why.deciding.follows
                assert why.deciding.ruled_out
                assert all(one.asks for sets in why.deciding.follows for one in sets)


def example(identifier: str) -> Explanation:
    return graph().explain(SHIPPED[0], identifier=identifier)


def test_what_is_missing_is_asked_for() -> None:
    told = example("teaching-still-needed")
    plain = told.to_dict()
    assert plain["questions"][0]["asks"] == "serum calcium"
    assert plain["questions"][0]["settles"] == 2
    dystrophic = plain["subtypes"][0]["deciding"]
    assert [[one["words"] for one in sets] for sets in dystrophic["follows"]] == [
        ["normal calcium", "normal phosphate"]
    ]
    text = " ".join(explanation_text(told, graph().ontology.library.bibliography).split())
    assert "follows with normal calcium and normal phosphate, ruled out where one of these" in text
    assert "ASK NEXT" in text


def test_an_empty_case_shows_some_ways_and_counts_the_others() -> None:
    told = graph().explain({"id": "empty"})
    text = " ".join(explanation_text(told, graph().ontology.library.bibliography).split())
    assert "more ways" in text
    assert "ruled out by no calcinosis present" in text


def test_beyond_the_bound_none_is_given_and_it_is_said() -> None:
    case_class = graph().classifier.case_classes[0]
    deciding = decider(most=1).deciding(case_class, evaluate(()))
    assert not deciding.complete
    assert not deciding.follows
