"""What explanations say: text, JSON, contradictions, the bound, and wrong calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from calcinosis.api.graph import by_settings
from calcinosis.cli import main
from calcinosis.errors import CaseError, UsageError
from calcinosis.explain.explanation import Explanation
from calcinosis.explain.justify import Explainer
from calcinosis.explain.links import Given
from calcinosis.facts.case import Case, Fact
from calcinosis.graph.settings import Settings
from calcinosis.output.words.explanation import explanation_markdown, explanation_text
from tests import golden
from tests.shared import graph
from tests.test_explain import SHIPPED, check_minimal, goals, shipped, told

# -- what is said ----------------------------------------------------------------------


def example(identifier: str) -> Explanation:
    return graph().explain(SHIPPED[0], identifier=identifier)[0]


def test_a_positive_case_fits_one_screen() -> None:
    found = example("teaching-dystrophic")
    text = explanation_text(found, graph().ontology.library.bibliography)
    lines = text.splitlines()
    assert len(lines) <= 60
    answer = next(n for n, line in enumerate(lines) if line.startswith("  FOLLOWS"))
    assert answer <= 14  # verdicts, facts, why and what would decide stand above the derivation
    assert max(map(len, lines)) <= 80
    why = found.why("DystrophicCalcinosisCutis")
    one, *others = why.justifications
    assert all(one.literals == other.literals for other in others)  # by other axioms alone
    assert one.weakest is not None
    assert one.weakest.kind == "editorial"
    assert one.least_read is not None
    assert "Weakest link" in text
    assert "conditions[0]" in text
    assert not [word for word in ("subClassOf", "⊑", "some ", "http://www.w3") if word in text]


def test_the_best_supported_justification_comes_first() -> None:
    found = example("teaching-two-subtypes").why("Calciphylaxis")
    first, second = found.justifications
    assert len(first.facts) > len(second.facts)
    assert first.order < second.order


@pytest.mark.slow
def test_every_link_says_what_it_rests_on() -> None:
    for _, found in told():
        for why in found.subtypes:
            for link in (link for one in why.justifications for link in one.links):
                assert link.sources or link.why, link.words
                assert (link.kind in ("cited", "reading")) == bool(link.sources), link.words
                assert all(s.read and s.study_type for s in link.sources), link.words


def test_json_and_markdown_hold_the_same_references() -> None:
    found = example("teaching-metastatic")
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["id"] == "teaching-metastatic"
    text = explanation_markdown(found, graph().ontology.library.bibliography)
    assert text.startswith("## teaching-metastatic")
    for key in plain["references"]:
        assert key in graph().ontology.library.bibliography
    verdicts = {one["id"]: one["verdict"] for one in plain["subtypes"]}
    assert verdicts["MetastaticCalcinosisCutis"] == "entailed"


def test_the_reference_of_an_interval_is_cited_as_such() -> None:
    value = {"test": "phosphate", "value": 9, "unit": "mg/dL"}
    raw = {"id": "a", "age": "34 years", "calcinosis": "present", "labs": [value]}
    found = graph().explain(raw, "metastatic")[0]
    text = explanation_text(found, graph().ontology.library.bibliography)
    assert "(for a reference interval;" in " ".join(text.split())


def test_of_many_ways_some_are_shown_and_the_others_counted() -> None:
    conditions: list[object] = ["dermatomyositis", "systemic sclerosis", "lupus erythematosus"]
    conditions += [{"term": f"{kind} scar", "at_deposit": True} for kind in ("burn", "acne")]
    raw = {"id": "many", "calcinosis": "present", "conditions": conditions}
    found = graph().explain(raw, "idiopathic")[0]
    assert len(found.subtypes[0].justifications) >= 5
    text = explanation_text(found, graph().ontology.library.bibliography)
    assert "more ways (-f json gives all)" in " ".join(text.split())


def test_the_reference_of_a_correction_is_cited_as_such() -> None:
    labs = [
        {"test": "calcium", "value": 9, "unit": "mg/dL"},
        {"test": "albumin", "value": 2, "unit": "g/dL"},
    ]
    raw = {"id": "a", "age": "40 years", "calcinosis": "present", "labs": labs}
    found = graph().explain(raw, "metastatic")[0]
    library = graph().ontology.library.bibliography
    for text in (explanation_text(found, library), explanation_markdown(found, library)):
        (line,) = [one for one in " ".join(text.split()).split("[") if "Payne 1973" in one]
        assert "for a correction of total serum calcium;" in line
        assert "interval" not in line


def test_the_weakest_link_that_every_reason_needs_is_named() -> None:
    for _, found in told():
        for why in found.subtypes:
            shared = [
                link
                for link in (why.justifications[0].links if why.justifications else ())
                if all(link.axiom in one.axioms for one in why.justifications)
            ]
            weakness = max((link.weakness for link in shared), default=None)
            assert (why.needed.weakness if why.needed else None) == weakness
    found = example("teaching-metastatic")
    text = " ".join(explanation_text(found, graph().ontology.library.bibliography).split())
    assert "Weakest link that every reason needs: " in text


@pytest.mark.slow
def test_where_no_link_is_in_every_reason_that_of_the_first_is_named() -> None:
    raw = {"id": "a", "calcinosis": "absent", "excluded": ["ischaemia of the skin"]}
    found = graph().explain(raw, "calciphylaxis")[0]
    (why,) = found.subtypes
    one, other = why.justifications[:2]
    pair = (one, replace(other, axioms=frozenset((-1,))))
    apart = replace(why, justifications=pair, steps=why.steps[:2])
    assert apart.needed is None
    text = explanation_text(
        replace(found, subtypes=(apart,)), graph().ontology.library.bibliography
    )
    assert "Weakest link of the first reason: " in " ".join(text.split())


def test_an_open_verdict_that_nothing_left_can_settle_says_so() -> None:
    kg = by_settings(graph(), Settings(min_read="text", without_study_type=("web page",)))
    found = kg.explain(SHIPPED[0], "dystrophic", identifier="teaching-dystrophic")[0]
    library = kg.ontology.library.bibliography
    for text in (explanation_text(found, library), explanation_markdown(found, library)):
        assert "calcinosis cutis: nothing that is left can settle it" in text


@pytest.mark.slow
def test_of_very_many_places_the_first_are_shown_and_the_others_counted() -> None:
    raw = {"id": "many", "calcinosis": "present", "conditions": ["dermatomyositis"] * 49}
    found = graph().explain(raw, "idiopathic")[0]
    text = " ".join(explanation_text(found, graph().ontology.library.bibliography).split())
    places = re.findall(r"conditions\[([\d,]+)\] and 37 more", text)
    assert places
    assert set(places) == {",".join(map(str, range(12)))}


# -- contradictions --------------------------------------------------------------------

CONTRADICTORY = {
    "id": "both",
    "calcinosis": "present",
    "conditions": ["dermatomyositis"],
    "excluded": ["connective tissue disease", "dermatomyositis"],
    "labs": [{"test": "calcium", "level": "normal"}],
    "findings": ["hypercalcaemia"],
}


@pytest.mark.parametrize(
    ("on_conflict", "gone", "verdict"),
    [
        ("report", [], "conflicting"),
        ("prefer-asserted", ["labs[0]", "excluded[0]", "excluded[1]"], "refuted"),
        ("prefer-excluded", ["conditions[0]", "findings[0]"], "undetermined"),
    ],
)
def test_a_preference_sets_aside_one_side_and_lists_it(
    on_conflict: str, gone: list[str], verdict: str
) -> None:
    found = graph().explain(CONTRADICTORY, on_conflict=on_conflict)[0]
    told = found.contradictions
    assert len(told.conflicts) == 3
    assert len(told.repairs) == 4
    assert sorted(fact.where for fact in told.withdrawn) == sorted(gone)
    assert found.why("DystrophicCalcinosisCutis").verdict.verdict == verdict
    text = explanation_text(found, graph().ontology.library.bibliography)
    assert text.count("Set aside") == len(gone)
    assert text.count("CONTRADICTION ") == 3
    assert "in 1 more way (-f json gives all)" in " ".join(text.split())


ONE_SIDED = [
    {"findings": ["hypercalcaemia", "hypocalcaemia"]},
    {"findings": ["hyperphosphataemia", "hypophosphataemia"]},
]


@pytest.mark.parametrize("on_conflict", ["prefer-asserted", "prefer-excluded"])
@pytest.mark.parametrize("raw", ONE_SIDED, ids=["calcium", "phosphate"])
def test_a_conflict_of_one_side_stays(raw: Any, on_conflict: str) -> None:
    case = {"id": "one", "calcinosis": "present", **raw}
    found = graph().explain(case, on_conflict=on_conflict)[0]
    assert found.why("MetastaticCalcinosisCutis").verdict.verdict == "conflicting"
    assert found.why("Calciphylaxis").verdict.verdict == "undetermined"
    assert not found.contradictions.withdrawn
    assert found.contradictions.conflicts


def test_of_two_conflicts_only_the_one_between_both_sides_is_mended() -> None:
    raw = {"id": "a", "findings": ["hypercalcaemia", "hypocalcaemia"]}
    raw |= {"conditions": ["dermatomyositis"], "excluded": ["dermatomyositis"]}
    for on_conflict, gone in (
        ("prefer-asserted", "excluded[0]"),
        ("prefer-excluded", "conditions[0]"),
    ):
        told = graph().explain(raw, on_conflict=on_conflict)[0].contradictions
        assert [fact.where for fact in told.withdrawn] == [gone]


def test_of_many_contradictions_the_first_are_shown_and_the_others_counted() -> None:
    terms = ["dermatomyositis", "systemic sclerosis", "lupus erythematosus", "trauma", "burn scar"]
    raw = {"id": "many", "conditions": terms, "excluded": terms}
    found = graph().explain(raw)[0]
    count = len(found.contradictions.conflicts)
    assert count >= len(terms)
    text = explanation_text(found, graph().ontology.library.bibliography)
    assert text.count("CONTRADICTION ") == 3
    assert f"and {count - 3} more contradictions (-f json gives all)" in " ".join(text.split())


# -- the bound -------------------------------------------------------------------------


def test_beyond_the_bound_one_justification_is_given_and_said_to_be_one() -> None:
    narrow = Explainer(graph().classifier, most=1)
    library = graph().ontology.library.bibliography
    for case in shipped()[:6]:
        found = narrow.explain(case)
        for one, goal in goals(found, narrow.classifier):
            check_minimal(narrow.theory, one, goal)
        for why in found.subtypes:
            assert why.complete != bool(why.justifications)
    assert "more minimal sets than can be listed" in explanation_text(found, library)
    text = explanation_text(narrow.explain(shipped()[0]), library)
    assert "This is one way of many" in text
    assert "Falls without" not in text
    unknown = explanation_text(narrow.explain(Case("empty")), library)
    assert "listed that would decide it" in " ".join(unknown.split())
    torn = Case("x", facts=(*case.facts, *_denials(case)))
    assert not narrow.explain(torn).contradictions.complete


def test_of_a_case_with_too_many_contradictions_one_is_named() -> None:
    terms = [t.label for t in graph().ontology.terms if t.kind == "finding"]
    chosen = [label for label in terms if len(graph().ontology.terms.find(label)) == 1][:13]
    found = graph().explain({"id": "torn", "findings": chosen, "excluded": chosen})[0]
    assert not found.contradictions.complete
    (conflict,) = found.contradictions.conflicts
    assert len(conflict.facts) == 2
    assert "CONTRADICTION" in explanation_text(found, graph().ontology.library.bibliography)


def _denials(case: Case) -> Iterable[Fact]:
    return [replace(fact, affirmed=not fact.affirmed) for fact in case.facts]


# -- calls -----------------------------------------------------------------------------


def test_wrong_calls_say_what_is_known() -> None:
    with pytest.raises(UsageError, match="report, prefer-asserted"):
        graph().explain({"id": "a"}, on_conflict="guess")[0]
    assert len(graph().explain([{"id": "a"}, {"id": "b"}])) == 2
    with pytest.raises(UsageError, match="no case that was read has the id 'c'"):
        graph().explain([{"id": "a"}, {"id": "b"}], identifier="c")
    with pytest.raises(UsageError, match="not a subtype"):
        graph().explain({"id": "a"}, "dermatomyositis")[0]
    with pytest.raises(UsageError, match="not a subtype"):
        graph("walsh-fairley-1995").explain({"id": "a"}, "calciphylaxis")[0]
    (refused,) = graph().explain({"id": "a", "conditions": ["no such thing"]}, strict=True).refused
    assert isinstance(refused, CaseError)
    with pytest.raises(KeyError):
        graph().explain({"id": "a"}, "calciphylaxis")[0].why("DystrophicCalcinosisCutis")


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["explain", *arguments])
    out, err = capsys.readouterr()
    return int(str(ended.value.code)), out, err


@pytest.mark.slow
def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases = str(SHIPPED[0])
    code, out, _ = command(capsys, cases, "--id", "teaching-idiopathic")
    assert code == 0
    assert "FOLLOWS idiopathic" in out
    few = tmp_path / "few.json"
    few.write_text(json.dumps(yaml.safe_load(SHIPPED[0].read_text("utf-8"))[:2]), "utf-8")
    code, out, _ = command(capsys, str(few), "--subtype", "dystrophic", "-f", "json")
    assert code == 0
    told = json.loads(out)
    assert [len(case["subtypes"]) for case in told["cases"]] == [1] * len(told["cases"])
    code, out, _ = command(capsys, str(few), "-f", "markdown")
    assert out.count("\n## ") == len(told["cases"])
    code, _, err = command(capsys, str(few), "--id", "nobody")
    assert (code, "nobody" in err) == (2, True)
    mixed = tmp_path / "mixed.yaml"
    mixed.write_text("- {id: a, conditions: [xyzzy]}\n- {id: b, calcinosis: absent}\n")
    code, out, err = command(capsys, str(mixed), "--strict")
    assert (code, "Refused" in err, "RULED OUT" in out) == (3, True, True)
    code, out, err = command(capsys, str(mixed))
    assert (code, "Not understood: 1 word in 1 case" in err) == (0, True)


def test_a_fact_that_a_rule_added_and_someone_stated_is_no_added_one() -> None:
    stated = Fact(True, None, "calc:WithCalcinosis", "calcinosis", "calcinosis", "present")
    added = replace(stated, rule=graph().classifier.rules.all[0])
    assert Given((added,)).is_added
    assert not Given((added, stated)).is_added


def test_json_of_a_justification_has_these_keys() -> None:
    found = graph().explain(golden.rows()[0].case, "dystrophic")[0].to_dict()
    why = found["subtypes"][0]["justifications"][0]
    link = next(one for one in why["axioms"] if one["sources"])
    assert " ".join(link) == "words form kind why sources"
    assert link["sources"][0]["reference"] in found["references"]


def test_an_id_that_is_not_there_is_said_beside_what_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "sex": "x"}\n{"id": "b", "calcinosis": "absent"}\n', "utf-8")
    code, out, err = command(capsys, str(path), "--id", "c")
    assert (code, out) == (2, "")
    assert "Refused: " in err
    assert "has the id 'c'" in err
