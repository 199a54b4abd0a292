"""The parts of an explanation as values: what is weakest, what comes first, what is lost."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest

import calcinosis
from calcinosis import names
from calcinosis.explain import stability
from calcinosis.explain.links import Given, Justification, Link, Source, weakest
from calcinosis.explain.rerun import _facts_without, _read_without
from calcinosis.facts.case import Case, Fact
from calcinosis.facts.read import reader_of
from calcinosis.graph.settings import READ
from calcinosis.reasoning.fragment import And, Named, Or, Some
from tests.shared import graph
from tests.test_explain import explainer

Kg = calcinosis.KnowledgeGraph


def fact(item: str, *references: str) -> Fact:
    where = f"{item}.term"
    return Fact(
        True, names.HAS_CONDITION, item, item, where, item, references=references, item=item
    )


def link(number: int, kind: str, *read: str) -> Link:
    sources = tuple(Source(f"c{number}", f"r{n}", one, "study") for n, one in enumerate(read))
    return Link(number, "subclass", f"link {number}", kind, None, sources)


def justification(*links: Link, facts: int = 1) -> Justification:
    given = tuple(Given((fact(f"f{n}"),)) for n in range(facts))
    axioms = frozenset(one.axiom for one in links)
    return Justification(given, links, tuple(range(facts)), axioms)


# -- links -----------------------------------------------------------------------------

FAR, LEAST = READ[0], READ[-1]  # from what was read whole to what was read least


def test_a_link_is_as_well_read_as_its_furthest_read_reference() -> None:
    assert link(1, "cited", LEAST, FAR, LEAST).read == FAR
    assert link(1, "cited", LEAST).read == LEAST
    assert link(1, "meaning").read is None


def test_the_weakest_link_is_ours_then_our_reading_then_the_least_read() -> None:
    meaning, well, ill = link(1, "meaning"), link(2, "cited", FAR), link(3, "cited", LEAST)
    reading, own = link(4, "reading", FAR), link(5, "editorial")
    order = [meaning, well, ill, reading, own]
    assert all(one.weakness < next_.weakness for one, next_ in pairwise(order))
    assert weakest(order) == own
    assert weakest(order[:-1]) == reading
    assert weakest(()) is None
    assert justification(*order).weakest == own
    assert justification(*order).least_read == ill
    assert justification(meaning, own).least_read is None


def test_justifications_are_ordered_by_what_they_rest_on_then_by_length() -> None:
    well, ill = link(1, "cited", FAR), link(2, "cited", LEAST)
    ours, reading = link(3, "editorial"), link(4, "reading", FAR)
    other = link(5, "cited", FAR)
    order = [
        justification(well),
        justification(other),  # as good, and stated later
        justification(well, other),
        justification(well, other, facts=2),
        justification(ill),
        justification(well, ill),
        justification(ill, link(6, "cited", LEAST)),
        justification(well, ours),
        justification(well, ours, reading),
    ]
    assert all(one.order < next_.order for one, next_ in pairwise(order))


def test_a_fact_is_added_where_nobody_stated_it(kg: Kg) -> None:
    rule = kg.classifier.rules.in_use[0]
    stated, added = fact("a"), replace(fact("a"), rule=rule)
    assert Given((added, added)).is_added
    assert not Given((added, stated)).is_added
    assert Given((added, stated)).fact == added
    assert Given((stated, added, replace(stated, where="b"))).places == ("a.term", "b")


def test_a_rule_is_a_link_with_a_number_below_all_axioms() -> None:
    one = explainer(names.DEFAULT_VIEWPOINT)
    found = {rule.iri: one.links.rule(rule) for rule in one.classifier.rules.in_use}
    assert {link.form for link in found.values()} == {"rule"}
    assert all(link.axiom < 0 for link in found.values())
    assert len({link.axiom for link in found.values()}) == len(found)
    for rule in one.classifier.rules.in_use:
        link = found[rule.iri]
        assert link.words.startswith(f"{rule.code}: ")
        assert (link.kind, bool(link.sources)) in {("reading", True), ("editorial", False)}
        assert link.why == rule.reason


def test_several_criteria_in_words() -> None:
    links = explainer(names.DEFAULT_VIEWPOINT).links
    iris = [
        names.CC + name for name in ("WithTissueDamage", "WithHypercalcaemia", "WithCalcinosis")
    ]
    one, two, three = (links.label(iri) for iri in iris)
    parts = tuple(map(Named, iris))
    said = [links._several(And(parts[:n]), "and") for n in (1, 2, 3)]
    assert said == [one, f"{one} and {two}", f"{one}, {two} and {three}"]
    assert links._several(Or(parts), "or") == f"{one}, {two} or {three}"
    assert links._several(parts[0], "or") == links._several(iris[0], "or") == one


# -- what is lost ----------------------------------------------------------------------


def test_a_case_loses_the_facts_of_its_items_and_those_that_only_lost_references_judged() -> None:
    facts = (fact("a"), fact("b", "one"), fact("c", "one", "two"), fact("d"))
    case = Case("x", "present", facts=facts, workup=(fact("a"), fact("e")))

    def kept(items: set[str], keys: set[str]) -> tuple[str, str]:
        left = _facts_without(case, frozenset(items), frozenset(keys))
        return "".join(f.item for f in left.facts), "".join(f.item for f in left.workup)

    assert kept(set(), set()) == ("abcd", "ae")
    assert kept({"a", "c"}, set()) == ("bd", "e")
    assert kept(set(), {"one"}) == ("acd", "ae")
    assert kept(set(), {"two"}) == ("abcd", "ae")
    assert kept(set(), {"one", "two"}) == ("ad", "ae")
    assert kept({"a"}, {"one"}) == ("cd", "e")


def test_a_case_is_read_anew_without_some_of_its_items(kg: Kg) -> None:
    raw = {"id": "x", "calcinosis": "present", "conditions": ["acne", "trauma", "acne scar"]}
    reader = reader_of(kg.ontology)
    case = reader.read(raw, "")
    found = _read_without(case, frozenset({"conditions[0]", "conditions[2]"}), reader)
    assert found is not None
    assert [f.label for f in found.facts] == ["calcinosis", "trauma"]
    found = _read_without(case, frozenset({"calcinosis"}), reader)
    assert found is not None
    assert found.calcinosis == "unknown"
    assert raw["calcinosis"] == "present"
    assert _read_without(case, frozenset({"id"}), reader) is None
    assert _read_without(replace(case, raw=None), frozenset(), reader) is None


def test_the_first_size_that_changes_anything_is_the_last() -> None:
    sets = [(1,), (2,), (1, 2), (1, 3)]
    find = stability._smallest_that
    assert list(find(sets, lambda one: 2 in one, 9)) == [(2,)]
    assert list(find(sets, lambda one: 1 in one, 9)) == [(1,)]
    assert list(find(sets, lambda one: len(one) > 1, 9)) == [(1, 2), (1, 3)]
    assert list(find(sets, lambda one: len(one) > 1, 3)) == [(1, 2)]
    assert list(find(sets, lambda one: 4 in one, 9)) == []


def test_of_each_justification_one_element_falls_with_all_its_references() -> None:
    one, two = link(1, "cited", FAR), link(2, "cited", FAR, LEAST)
    only = replace(one, sources=(Source("c", "a", FAR, "study"),))
    other = replace(two, sources=tuple(Source("c", key, FAR, "study") for key in "bc"))
    plain = link(3, "meaning")

    def nothing(_: Given) -> list[frozenset[str]]:
        return []

    def found(*sets: Justification) -> list[tuple[str, ...]]:
        return sorted(stability._references(sets, nothing, 99))

    assert found(justification(only, plain)) == [("a",)]
    assert found(justification(only, other)) == [("a",), ("b", "c")]
    assert found(justification(only), justification(other)) == [("a", "b", "c")]
    assert found(justification(only), justification(only, other)) == [("a",)]
    valued = replace(justification(plain), facts=(Given((fact("v", "k"), fact("v", "l"))),))
    assert found(valued) == [("k", "l")]
    twice = replace(valued, facts=(Given((fact("v", "k"), fact("v"))),))
    assert found(twice) == []  # said without a reference too


def lost(items: list[Given], gone: set[str]) -> list[list[str]]:
    """What is found of a verdict that changes where all of these items or references are lost."""

    def rerun(some: frozenset[str], keys: frozenset[str]) -> str:
        return "other" if gone <= (some | keys) else "same"

    of_keys = tuple(
        replace(link(n, "cited"), sources=(Source("c", f"k{n:02}", FAR, "study"),))
        for n in range(25)
    )
    found = stability.stability("same", [justification(*of_keys)], items, rerun, lambda _: ())
    assert found is not None
    by_items = [sorted(one.fact.item for one in some) for some in found.facts]
    return by_items + [sorted(some) for some in found.references]


def test_at_most_three_items_are_lost_together() -> None:
    few = [Given((fact(word),)) for word in "abcde"]
    assert lost(few, {"c"}) == [["c"]]
    assert lost(few, {"b", "c", "e"}) == [["b", "c", "e"]]
    assert lost(few, {"b", "c", "d", "e"}) == []


def test_a_case_is_run_at_most_four_hundred_times_without_items() -> None:
    many = [Given((fact(f"{n:02}"),)) for n in range(28)]
    pairs = list(combinations([one.fact.item for one in many], 2))
    last = 400 - len(many)  # each is lost alone first
    assert lost(many, {*pairs[last - 1]}) == [[*pairs[last - 1]]]
    assert lost(many, {*pairs[last]}) == []


def test_at_most_24_sets_of_references_are_tried() -> None:
    assert lost([], {"k23"}) == [["k23"]]
    assert lost([], {"k24"}) == []


# -- what the verdicts rest on ---------------------------------------------------------


def test_an_explanation_rests_on_the_references_of_its_values() -> None:
    calcium = {"test": "calcium", "value": 13.0, "unit": "mg/dL"}
    raw = {"id": "x", "age": "40 years", "calcinosis": "present", "labs": [calcium]}
    (found,) = graph().explain(raw)
    (value,) = [f for f in found.verdict.case.facts if f.judged is not None]
    assert value.references
    assert set(value.references) <= set(found.rests_on)
    assert len(found.rests_on) == len(set(found.rests_on))


def test_what_is_not_met_is_said_by_what_would_be_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    decider = explainer("visualdx")._decider
    assert decider._denial(names.CC + "WithTissueDamage") == "no tissue damage"
    levels = [names.CC + name for name in ("Hyperphosphataemia", "Hypercalcaemia")]
    atoms = [Some(names.HAS_FINDING, iri) for iri in levels]
    monkeypatch.setattr(type(decider), "_own_atoms", lambda _self, _iri: atoms)
    said = decider._denial(names.CC + "WithoutRaisedMineralLevel")
    assert said == "hypercalcaemia or hyperphosphataemia"


def test_an_observation_rests_on_what_its_definition_does() -> None:
    decider = explainer(names.DEFAULT_VIEWPOINT)._decider
    by = graph().classifier
    defined = {
        axiom.left.iri: number
        for number, axiom in enumerate(by.fragment.axioms)
        if axiom.form == "equivalent" and isinstance(axiom.left, Named)
    }
    found = {one.criterion: one.references for pair in decider.observations for one in pair}
    cited = {key: by.rests_on(frozenset({defined[names.CC + key]})) for key in found}
    assert found == cited
    assert any(found.values())
