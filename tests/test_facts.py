"""From a case file to facts: terms, links, times, exclusions, and what gives no fact."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis import names
from calcinosis.errors import CaseError
from calcinosis.facts import age
from calcinosis.facts.case import Case, Remark
from calcinosis.facts.read import reader_of
from tests import strategies
from tests.golden import SUBTYPES
from tests.shared import cases_of, examples

Kg = calcinosis.KnowledgeGraph
CALM = settings(deadline=None, max_examples=examples(60))


def read(kg: Kg, **fields: Any) -> Case:
    return reader_of(kg.ontology).read({"id": "a", **fields}, "here")


def refusal(kg: Kg, **fields: Any) -> str:
    with pytest.raises(CaseError) as caught:
        reader_of(kg.ontology, strict=True).read({"id": "a", **fields}, "here")
    return str(caught.value)


def facts(case: Case) -> list[tuple[bool, str, str]]:
    """Each fact as: asserted, the property, the class, both without their namespace."""
    return [
        (fact.affirmed, names.local(fact.property or ""), names.local(fact.term))
        for fact in case.facts
    ]


def verdicts(kg: Kg, **fields: Any) -> dict[str, str]:
    case: dict[str, Any] = {"id": "a", **fields}
    result = kg.classify(case)
    assert not result.refused, result.refused
    return {subtype.id: subtype.verdict for subtype in result.cases[0].subtypes}


# -- the plain keys --------------------------------------------------------------------


def test_a_case_needs_no_more_than_an_id(kg: Kg) -> None:
    case = read(kg)
    assert (case.id, case.calcinosis, case.sex, case.age_days) == ("a", "unknown", None, None)
    assert (case.facts, case.set_aside, case.sites) == ((), (), ())


def test_plain_keys_are_recorded(kg: Kg) -> None:
    case = read(kg, source="doi:10.1000/xyz", sex="female", age="15 months")
    assert case.source == "doi:10.1000/xyz"
    assert case.sex == "female"
    assert case.age_days == pytest.approx(15 * 365.2425 / 12)
    assert not case.facts


@pytest.mark.parametrize("given", [7, "7", " 7 "])
def test_an_id_may_be_a_number(kg: Kg, given: Any) -> None:
    assert read(kg, id=given).id == "7"


@pytest.mark.parametrize(
    ("given", "status", "stated"),
    [
        (None, "unknown", []),
        ("unknown", "unknown", []),
        ("present", "present", [(True, "hasCondition", "CalcinosisCutis")]),
        ("absent", "absent", [(False, "hasCondition", "CalcinosisCutis")]),
        ({"status": "present"}, "present", [(True, "hasCondition", "CalcinosisCutis")]),
        ({"sites": ["scalp"]}, "unknown", []),
        ({}, "unknown", []),
    ],
)
def test_calcinosis(kg: Kg, given: Any, status: str, stated: list[Any]) -> None:
    case = read(kg, calcinosis=given)
    assert case.calcinosis == status
    assert facts(case) == stated


def test_sites_are_recorded_and_make_no_entity(kg: Kg) -> None:
    case = read(kg, calcinosis={"status": "present", "sites": ["scrotum", "left heel"]})
    assert case.sites == ("scrotum", "left heel")
    assert facts(case) == [(True, "hasCondition", "CalcinosisCutis")]


def test_other_is_recorded_and_gives_no_fact(kg: Kg) -> None:
    case = read(kg, other=["a sister with it", "dermatomyositis", {"gene": "GALNT3"}, 3, None])
    assert not case.facts
    assert [r.what for r in case.set_aside] == [
        "a sister with it",
        "dermatomyositis",
        '{"gene": "GALNT3"}',
        "3",
        "null",
    ]
    assert {r.reason for r in case.set_aside} == {"recorded; gives no fact"}


@pytest.mark.parametrize("item", [10**5000, {1, 2}, {"a": {1}}], ids=["digits", "set", "inside"])
def test_what_cannot_be_recorded_is_a_problem(kg: Kg, item: Any) -> None:
    assert "other[0]: " in (text := refusal(kg, other=[item]))
    assert "cannot be recorded. Write it as plain text" in text


@pytest.mark.parametrize("key", ["findings", "conditions", "excluded"])
def test_a_term_that_is_no_fact_is_recorded(kg: Kg, key: str) -> None:
    case = read(kg, **{key: ["dermoscopy"]})
    assert not case.facts
    assert case.set_aside[0].reason == "recorded; gives no fact"


@pytest.mark.parametrize("key", ["conditions", "findings", "labs", "excluded", "other", "age"])
def test_a_key_without_a_value_is_as_if_left_out(kg: Kg, key: str) -> None:
    assert read(kg, **{key: None}) == read(kg)


def test_python_may_give_tuples(kg: Kg) -> None:
    assert read(kg, conditions=("burn scar",)) == read(kg, conditions=["burn scar"])


# -- ages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("15 months", "P15M"),
        ("1 year, 3 months", "P1Y3M"),
        ("1 year and 3 months", "15 months"),
        ("59 years", "P59Y"),
        ("59 years old", "59 y"),
        ("59yrs.", "708 months"),
        ("2 weeks", "P14D"),
        ("36 hours", "PT36H"),
        ("1.5 years", "18 mos"),
        ("0 days", "P0D"),
    ],
)
def test_spellings_of_an_age(one: str, other: str) -> None:
    assert age.days(one) == age.days(other) is not None


@pytest.mark.parametrize(
    "text", ["59", "", "P", "years", "-5 years", "5 parsecs", "1e3 years", "9" * 400 + " years"]
)
def test_no_age(text: str) -> None:
    assert age.days(text) is None


@given(st.integers(0, 130))
def test_months_and_years_agree(years: int) -> None:
    assert age.days(f"{12 * years} months") == age.days(f"P{years}Y")


# -- words and codes to terms ----------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "dermatomyositis",
        "  DermatoMyositis ",
        "Dermatomyositis",
        "calc:Dermatomyositis",
        "https://w3id.org/calcinosis/Dermatomyositis",
        "MONDO:0016367",
        "mondo:0016367",
        "http://purl.obolibrary.org/obo/MONDO_0016367",
        "mesh:D003882",
        "MeSH:D003882",
        "http://id.nlm.nih.gov/mesh/D003882",
        "SCTID:396230008",
        "SNOMEDCT:396230008",
        "snomed:396230008",
        "http://snomed.info/id/396230008",
        "ORPHA:221",
        "Orphanet:221",
        "http://www.orpha.net/ORDO/Orphanet_221",
    ],
)
def test_a_label_class_name_or_mapped_code_resolves(kg: Kg, word: str) -> None:
    case = read(kg, conditions=[word])
    assert facts(case) == [(True, "hasCondition", "Dermatomyositis")]
    assert case.facts[0].words == word
    assert case.facts[0].label == "dermatomyositis"


def test_every_code_resolves_to_its_class_or_is_refused_as_broader(kg: Kg) -> None:
    terms = kg.ontology.terms
    exact = [m for m in terms.mappings if m.predicate == "skos:exactMatch"]
    known = [m for m in exact if names.CC + m.subject.removeprefix("calc:") in terms]
    assert len(known) > 300
    for mapping in known:
        assert names.CC + mapping.subject.removeprefix("calc:") in terms.find(mapping.object)


def test_a_broader_code_is_refused_with_a_hint(kg: Kg) -> None:
    text = refusal(kg, conditions=["MONDO:0017215"])
    assert "'MONDO:0017215' is broader" in text
    assert "for instance calciphylaxis" in text


def test_the_code_of_the_skin_disease_is_the_subtype(kg: Kg) -> None:
    case = read(kg, conditions=["MONDO:0017216"])
    assert not case.facts
    assert case.set_aside[0].what == "MONDO:0017216"


def test_the_kind_of_the_term_decides_not_the_list_it_stands_in(kg: Kg) -> None:
    case = read(kg, conditions=["skin ulcer", "intravenous calcium gluconate"])
    assert facts(case) == [
        (True, "hasFinding", "SkinUlcer"),
        (True, "underwent", "IntravenousCalciumGluconate"),
    ]


def test_a_word_of_a_category_and_a_criterion_is_read_by_its_place(kg: Kg) -> None:
    case = read(
        kg,
        excluded=["small-vessel calcification"],
        workup_complete=["small-vessel calcification"],
    )
    assert [names.local(f.term) for f in case.facts] == ["CutaneousVesselCalcification"]
    assert [names.local(f.term) for f in case.workup] == ["WithSkinVesselCalcification"]


# -- items -----------------------------------------------------------------------------


def test_a_bare_word_and_a_mapping_say_the_same(kg: Kg) -> None:
    bare = read(kg, conditions=["burn scar"])
    assert read(kg, conditions=[{"term": "burn scar", "note": "old"}]) == bare
    assert read(kg, conditions=[{"term": "burn scar", "when": "at"}]) == bare
    assert read(kg, conditions=[{"term": "burn scar", "cause": None, "when": None}]) == bare


@pytest.mark.parametrize("at_deposit", [None, True, False])
@pytest.mark.parametrize("cause", [None, True, False])
@pytest.mark.parametrize(
    ("key", "term", "base", "cls"),
    [
        ("conditions", "burn scar", "hasCondition", "BurnScar"),
        (
            "interventions",
            "intravenous calcium gluconate",
            "underwent",
            "IntravenousCalciumGluconate",
        ),
    ],
)
def test_links_are_stated_denied_or_left_out(
    kg: Kg, key: str, term: str, base: str, cls: str, at_deposit: bool | None, cause: bool | None
) -> None:
    case = read(kg, **{key: [{"term": term, "at_deposit": at_deposit, "cause": cause}]})
    expected = [(True, base, cls)]
    if at_deposit is not None:
        expected.append((at_deposit, f"{base}AtDeposit", cls))
    if cause is not None:
        expected.append((cause, f"{base}AsCause", cls))
    assert facts(case) == expected


@pytest.mark.parametrize("link", ["at_deposit", "cause"])
@pytest.mark.parametrize("key", ["findings", "conditions", "excluded"])
def test_a_finding_takes_no_link(kg: Kg, key: str, link: str) -> None:
    text = refusal(kg, **{key: [{"term": "skin ulcer", link: True}]})
    assert "no at_deposit or cause" in text


@pytest.mark.parametrize("when", ["before", "at"])
@pytest.mark.parametrize("term", ["burn scar", "haemodialysis"])
def test_a_condition_or_intervention_before_counts(kg: Kg, term: str, when: str) -> None:
    key = "conditions" if term == "burn scar" else "interventions"
    assert len(read(kg, **{key: [{"term": term, "when": when}]}).facts) == 1


@pytest.mark.parametrize("term", ["burn scar", "haemodialysis", "skin ulcer", "hypercalcaemia"])
def test_what_came_after_is_set_aside(kg: Kg, term: str) -> None:
    case = read(kg, conditions=[{"term": term, "when": "after"}])
    assert not case.facts
    (remark,) = case.set_aside
    assert (remark.what, remark.where) == (term, "conditions[0]")
    assert "after the assessment" in remark.reason


def test_a_level_before_is_set_aside_and_another_finding_counts(kg: Kg) -> None:
    items = [{"term": term, "when": "before"} for term in ("HP:0003072", "skin ulcer")]
    case = read(kg, findings=items)
    assert facts(case) == [(True, "hasFinding", "SkinUlcer")]
    assert [r.what for r in case.set_aside] == ["HP:0003072"]


# -- exclusions and the work-up --------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("connective tissue disease", ["hasCondition"]),
        ("skin ulcer", ["hasFinding"]),
        ("haemodialysis", ["underwent"]),
        ("tissue damage", [""]),
        ({"term": "scar", "at_deposit": True}, ["hasConditionAtDeposit"]),
        ({"term": "scar", "cause": True}, ["hasConditionAsCause"]),
        (
            {"term": "scar", "at_deposit": True, "cause": True},
            ["hasConditionAtDeposit", "hasConditionAsCause"],
        ),
        ({"term": "extravasation", "when": "at"}, ["hasFinding"]),
    ],
)
def test_what_an_exclusion_denies(kg: Kg, item: Any, expected: list[str]) -> None:
    denied = facts(read(kg, excluded=[item]))
    assert [(affirmed, prop) for affirmed, prop, _ in denied] == [(False, p) for p in expected]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("term", ["connective tissue disease", "hypercalcaemia", "tissue damage"])
def test_an_exclusion_at_another_time_denies_only_that_time(kg: Kg, term: str, when: str) -> None:
    case = read(kg, excluded=[{"term": term, "when": when}])
    assert not case.facts
    assert case.set_aside[0].reason == f"denied only for the time {when} the assessment"


def test_an_exclusion_with_a_false_link_is_an_error(kg: Kg) -> None:
    assert "at_deposit: true" in refusal(kg, excluded=[{"term": "scar", "at_deposit": False}])


def test_a_criterion_follows_and_is_never_asserted(kg: Kg) -> None:
    assert "which follows from facts" in refusal(kg, conditions=["tissue damage"])


def test_the_work_up_is_overridden_by_a_fact(kg: Kg) -> None:
    workup = ["tissue damage", "mineral disturbance", "depositing intervention"]
    workup.append("small-vessel calcification")
    alone = verdicts(kg, calcinosis="present", workup_complete=workup)
    assert alone[SUBTYPES["idiopathic"]] == "entailed"
    result = kg.classify(
        {
            "id": "a",
            "calcinosis": "present",
            "conditions": ["dermatomyositis"],
            "workup_complete": workup,
        }
    ).cases[0]
    found = {subtype.id: subtype.verdict for subtype in result.subtypes}
    assert found[SUBTYPES["idiopathic"]] == "refuted"
    assert found[SUBTYPES["dystrophic"]] == "entailed"
    assert found[SUBTYPES["iatrogenic"]] == "refuted"
    assert result.workup_ignored == (("tissue damage", "a fact meets it"),)


def test_only_criteria_are_worked_up(kg: Kg) -> None:
    assert "'burn scar' is no criterion" in refusal(kg, workup_complete=["burn scar"])
    assert "no criterion" in refusal(kg, workup_complete=["dystrophic case"])


# -- diagnoses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    ["dystrophic calcinosis cutis", "calciphylaxis", "dystrophic case", "calc:MetastaticCase"],
)
@pytest.mark.parametrize("key", ["conditions", "excluded"])
def test_a_subtype_as_a_diagnosis_is_recorded_and_not_used(kg: Kg, word: str, key: str) -> None:
    case = read(kg, **{key: [word]})
    assert not case.facts
    assert case.set_aside[0].what == word
    assert "recorded, not used" in case.set_aside[0].reason


def test_a_finding_that_contradicts_a_level_makes_the_case_conflicting(kg: Kg) -> None:
    labs = [{"test": "calcium", "level": "normal"}]
    found = verdicts(kg, calcinosis="present", findings=["HP:0003072"], labs=labs)
    touched = ("dystrophic", "metastatic", "idiopathic")
    assert {found[SUBTYPES[name]] for name in touched} == {"conflicting"}
    assert found[SUBTYPES["iatrogenic"]] == "undetermined"  # it does not depend on calcium


# -- laws ------------------------------------------------------------------------------


@settings(deadline=None, max_examples=examples(300))
@given(strategies.json_values.filter(lambda v: not isinstance(v, str)) | strategies.nearly_cases)
def test_the_reader_raises_nothing_but_its_own_error(kg: Kg, value: Any) -> None:
    for strict in (False, True):
        (found,) = cases_of(kg, [value], strict=strict)
        if isinstance(found, CaseError):
            lines = str(found).splitlines()
            assert len(lines) == len(found.problems)
            assert all(line.startswith("cases[0]") and len(line) < 700 for line in lines)


@CALM
@given(strategies.cases())
def test_every_item_of_a_case_ends_somewhere(kg: Kg, raw: dict[str, Any]) -> None:
    case = reader_of(kg.ontology).read(raw, "here")
    lists = ("conditions", "interventions", "findings", "labs", "excluded", "workup_complete")
    places = {f"{key}[{n}]" for key in (*lists, "other") for n in range(len(raw.get(key, [])))}
    found = [item.where for item in (*case.facts, *case.workup)]
    found += [r.where for r in (*case.set_aside, *case.uninterpreted, *case.not_understood)]
    assert {re.sub(r"\.\w+$", "", where) for where in found} - {"calcinosis"} == places
    stated = raw.get("calcinosis")
    assert case.sites == tuple(stated.get("sites", ()) if isinstance(stated, dict) else ())


@CALM
@given(st.data())
def test_the_order_of_items_does_not_matter(kg: Kg, data: st.DataObject) -> None:
    raw = data.draw(strategies.cases())
    turned = {
        key: data.draw(st.permutations(value)) if isinstance(value, list) else value
        for key, value in raw.items()
    }
    one, other = (reader_of(kg.ontology).read(case, "here") for case in (raw, turned))
    assert sorted(facts(one)) == sorted(facts(other))
    for kind in ("set_aside", "uninterpreted"):
        assert sorted(r.what for r in getattr(one, kind)) == sorted(
            r.what for r in getattr(other, kind)
        )
    assert verdicts(kg, **raw) == verdicts(kg, **turned)


@CALM
@given(strategies.cases())
def test_a_case_survives_json(kg: Kg, raw: dict[str, Any]) -> None:
    again = json.loads(json.dumps(raw))
    assert reader_of(kg.ontology).read(again, "here") == reader_of(kg.ontology).read(raw, "here")


@pytest.mark.parametrize(
    ("text", "days"),
    [("3 wk", 21), ("3 wks", 21), ("5 d", 5), ("1 day", 1), ("48 h", 2), ("2 weeks", 14)],
)
def test_the_short_words_of_an_age(text: str, days: float) -> None:
    assert age.days(text) == days
    assert age.days("1 y") == age.days("1 yr") == age.days("12 mo") == age.days("12 mos")


def test_a_remark_at_another_place_keeps_all_else() -> None:
    one = Remark("a", "b", "c", "d", ("e",), "f", True, True, ("g",), ("h",), "i")
    assert asdict(one.placed("there")) == {**asdict(one), "where": "there"}
