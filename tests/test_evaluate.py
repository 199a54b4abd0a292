"""The evaluation on published cases: what is counted where, and what is said about it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import calcinosis
from calcinosis.facts.case import Case
from calcinosis.facts.tabular import Known, kinds
from calcinosis.graph.locate import data
from calcinosis.output.words import evaluation as render
from calcinosis.study.agreement import (
    GROUPS,
    LEANING,
    PRESUMING,
    STRICT,
    Withheld,
    group_of,
    withheld,
)
from calcinosis.study.evaluate import Evaluation
from calcinosis.study.labels import Label, read_labels
from tests.shared import cases_of, graph
from tests.terminal import run

PUBLISHED = data("examples") / "published"
KNOWN = frozenset(
    {
        "DystrophicCalcinosisCutis",
        "MetastaticCalcinosisCutis",
        "IdiopathicCalcinosisCutis",
        "IatrogenicCalcinosisCutis",
        "Calciphylaxis",
    }
)


@cache
def shipped() -> Evaluation:
    return graph().evaluate()


@pytest.fixture
def found() -> Evaluation:
    return shipped()


@cache
def published() -> dict[str, Label]:
    kg = graph()
    known = Known(lambda: kg.laboratory, kinds(kg._vocabulary))
    lexicon = kg.lookups.lexicon
    table = PUBLISHED / "labels.tsv"
    found = read_labels(table, known, lambda word: lexicon.resolve(word, ("subtype",)).id)
    assert not found.refused
    return {key: label for key, (label,) in found.by_case.items()}


def label(**changes: object) -> Label:
    plain = Label(
        "a", frozenset({"Calciphylaxis"}), "explicit", "calciphylaxis", False, "doe-2024", ""
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_every_published_case_has_a_label_and_a_reference(kg: calcinosis.KnowledgeGraph) -> None:
    labels = published()
    cases = kg.classify(PUBLISHED).cases
    assert {case.case.id for case in cases} == set(labels)
    assert len(labels) == 63
    assert {entry.reference for entry in labels.values()} <= {r.key for r in kg.cite()}
    for entry in labels.values():
        assert entry.subtypes <= KNOWN


def test_the_label_never_enters_the_facts(kg: calcinosis.KnowledgeGraph) -> None:
    terms = kg.ontology.terms
    for case in cases_of(kg, PUBLISHED):
        assert not isinstance(case, Exception)
        assert case.facts
        assert not [f for f in (*case.facts, *case.workup) if terms.kind(f.term) == "subtype"]
        reasons = {remark.reason for remark in case.set_aside}
        assert not any("diagnosis" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("entry", "group"),
    [
        (label(), "explicit label"),
        (label(strength="implicit"), "implicit label"),
        (label(strength="mixed"), "mixed label"),
        (label(name_decides=True), "name decides it"),
        (label(group="competing labels"), "no single answer"),
        (label(subtypes=frozenset(), strength="not visible"), "label not visible"),
        (label(group="negative control", subtypes=frozenset()), "negative control"),
        (label(subtypes=frozenset({"Elsewhere"})), "outside the viewpoint"),
    ],
)
def test_each_case_is_counted_in_one_group(entry: Label, group: str) -> None:
    assert group_of(entry, KNOWN) == group
    assert group in GROUPS


def test_groups_add_up_and_coverage_stands_beside_agreement(found: Evaluation) -> None:
    strict = [row for row in found.groups if row.mode == "strict"]
    assert sum(row.coverage.total for row in strict) == found.cases == 63
    for row in found.groups:
        assert row.exact_where_covered.count <= row.coverage.count <= row.coverage.total
        if row.group in ("no single answer", "label not visible"):
            assert row.exact.total == 0


def test_true_false_and_abstained_add_up(found: Evaluation) -> None:
    for row in found.subtypes:
        total = row.true.total
        assert row.true.count + row.false.count + row.abstained.count == total
        assert {row.false.total, row.abstained.total} == {total}


def test_groups_are_not_pooled_by_subtype(found: Evaluation) -> None:
    labels = published().values()
    for row in found.subtypes:
        assert row.group not in ("no single answer", "label not visible", "negative control")
        own = [e for e in labels if row.subtype in e.subtypes and group_of(e, KNOWN) == row.group]
        assert row.true.total == len(own)


def test_a_difference_in_an_unscored_group_is_listed(found: Evaluation) -> None:
    assert {item.group for item in found.unscored} <= {"no single answer"}
    assert "C074" in {item.case for item in found.unscored}


def test_leaning_and_presuming_claim_at_least_what_strict_claims(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    for case in kg.classify(PUBLISHED).cases:
        assert STRICT.claimed(case) <= LEANING.claimed(case)
        assert STRICT.claimed(case) <= PRESUMING.claimed(case)


def test_negative_controls_receive_no_subtype(found: Evaluation) -> None:
    rows = [row for row in found.groups if row.group == "negative control"]
    assert rows
    assert all(row.coverage.count == 0 for row in rows)


def test_each_disagreement_has_a_reason_and_is_really_one(
    found: Evaluation, kg: calcinosis.KnowledgeGraph
) -> None:
    cases = {case.case.id: case for case in kg.classify(PUBLISHED).cases}
    for item in found.disagreements:
        verdict = cases[item.case].verdict(item.subtype)
        assert item.reason
        assert item.verdict == verdict.standing
        claimed = PRESUMING.says(verdict)
        assert claimed != (item.subtype in item.authors)
    for item in found.abstentions:
        assert item.reason.startswith("not stated: ")
        assert item.subtype in item.authors


@pytest.mark.slow
def test_cases_outside_a_viewpoint_have_their_own_row() -> None:
    found = calcinosis.load("walsh-fairley-1995").evaluate()
    (row,) = [r for r in found.groups if r.group == "outside the viewpoint" and r.mode == "strict"]
    assert row.coverage.total == 8
    assert not [r for r in found.subtypes if r.subtype == "Calciphylaxis"]


@pytest.mark.slow
def test_no_cases_no_rows(kg: calcinosis.KnowledgeGraph) -> None:
    joint = calcinosis.load("tristano-2006").evaluate()
    assert not {row.group for row in joint.groups} & {"outside the viewpoint"}
    assert sum(row.coverage.total for row in joint.groups if row.mode == "strict") == joint.cases
    empty = kg.evaluate([])
    assert (empty.cases, empty.groups, empty.subtypes, empty.pooled) == (0, (), (), ())
    assert "nothing can be said" in render.text(empty)


def test_text_markdown_and_json_tell_the_same(found: Evaluation) -> None:
    text, markdown = render.text(found), render.markdown(found)
    assert max(map(len, text.splitlines())) <= 80
    assert "| explicit label |" in markdown
    document = json.loads(json.dumps(found.to_dict()))
    assert document["cases"] == found.cases
    for item in found.disagreements:
        assert item.case in text
        assert item.case in markdown


def test_what_presuming_changes_is_named(found: Evaluation, kg: calcinosis.KnowledgeGraph) -> None:
    labels = published()
    cases = {case.case.id: case for case in kg.classify(PUBLISHED).cases}
    assert found.gained
    for name in found.gained:
        assert PRESUMING.claimed(cases[name]) == labels[name].subtypes
        assert STRICT.claimed(cases[name]) != labels[name].subtypes
    for name in found.lost:
        assert STRICT.claimed(cases[name]) == labels[name].subtypes
    for name, subtype in found.newly_wrong:
        assert cases[name].verdict(subtype).presumed is not None
        assert subtype not in labels[name].subtypes
    text = " ".join(render.text(found).split())
    assert f"Gained by presuming ({len(found.gained)})" in text
    assert "The rules were chosen on these cases" in text
    assert "%" not in text


def test_hidden_levels_are_those_that_a_case_states_to_be_raised(
    found: Evaluation, kg: calcinosis.KnowledgeGraph
) -> None:
    held = found.withheld
    assert held.cases > 5
    assert len(held.wrong) <= held.presumed <= held.cases
    (case,) = cases_of(
        kg,
        {
            "id": "a",
            "calcinosis": "present",
            "conditions": ["dermatomyositis"],
            "labs": [{"test": "calcium", "level": "high"}, {"test": "phosphate", "level": "low"}],
        },
    )
    assert isinstance(case, Case)
    told = withheld([case], kg.classifier, kg.classifier.classify)
    assert told == Withheld(1, 1, (("a", "DystrophicCalcinosisCutis"),))


def test_labels_file_is_plain_tsv() -> None:
    lines = Path(PUBLISHED / "labels.tsv").read_text(encoding="utf-8").splitlines()
    assert {line.count("\t") for line in lines} == {6}


@pytest.mark.slow
def test_the_evaluation_takes_the_same_settings(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(run(["evaluate", "--before", "2000", "-f", "json"], capsys)[1])
    assert document["settings"].startswith("only what was published before 2000; ")
    assert document["groups"] != graph().evaluate().to_dict()["groups"]
    text = run(["evaluate", "--before", "2000"], capsys)[1]
    assert "only what was published before 2000" in " ".join(text.split())
