"""The page for one patient without a script: forms, verdicts, proposals, files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis.graph.locate import data
from tests.clerks import (
    Pages,
    buttons,
    by_id,
    form_fields,
    links,
    pages,
    standings,
    state,
    words,
)
from tests.shared import examples

PRESENT = ("calcinosis", "present")
OPEN = [PRESENT, ("conditions.0.term", "MONDO:0016367")]


@pytest.fixture
def site(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> Iterator[Pages]:
    with pages(kg, tmp_path) as found:
        yield found


def judged(kg: calcinosis.KnowledgeGraph, case: Any, **settings: Any) -> dict[str, str]:
    """What the command says of a case, by label."""
    chosen = calcinosis.Settings(**settings)
    by = kg if not settings else calcinosis.load(settings=chosen)
    (found,) = by.classify(case).cases
    return {one.label.casefold(): one.standing for one in found.subtypes}


def published() -> dict[str, dict[str, Any]]:
    """The cases that come with the package."""
    found: dict[str, dict[str, Any]] = {}
    for name in ("patients.yaml", "published/cases.yaml"):
        for one in yaml.safe_load((data("examples") / name).read_text("utf-8")):
            found[one["id"]] = one
    return found


def test_the_empty_page_judges_nothing_and_stores_nothing(site: Pages) -> None:
    found = site.get("/patient")
    assert found.status == 200
    assert found.headers["cache-control"] == "no-store"
    assert "set-cookie" not in found.headers
    assert set(standings(found.page).values()) == {"undetermined"}


@pytest.mark.parametrize("name", ["P02", "C005"])
def test_an_example_comes_to_what_the_command_says(
    site: Pages, kg: calcinosis.KnowledgeGraph, name: str
) -> None:
    check_example(site, kg, name)


@pytest.mark.slow
def test_every_example_comes_to_what_the_command_says(
    site: Pages, kg: calcinosis.KnowledgeGraph
) -> None:
    for name in published():
        check_example(site, kg, name)


def check_example(site: Pages, kg: calcinosis.KnowledgeGraph, name: str) -> None:
    """Load an example, send the form that comes back, and compare with the command."""
    case = published()[name]
    loaded = site.post("/patient", [("do", "example"), ("example", name)])
    assert state(loaded.page)["case"] == case
    again = site.post("/patient", form_fields(by_id(loaded.page, "patient")))
    assert standings(again.page) == judged(kg, case), name
    for key, value in case.items():  # nothing is lost on the way through the form
        held = state(again.page)["case"].get(key)
        assert held == value or key in ("calcinosis", "labs", *_ITEMS), (name, key, held)
        if key in _ITEMS:
            assert held == [_bare(one) for one in value], (name, key)


_ITEMS = ("conditions", "interventions", "findings", "excluded")


def _bare(item: Any) -> Any:
    """An item that says nothing but its term is one as the term alone."""
    return item["term"] if isinstance(item, dict) and item.keys() == {"term"} else item


def test_each_verdict_leads_to_its_references(site: Pages) -> None:
    found = site.post("/patient", OPEN).page
    rows = [row for row in found.iter("tr") if row.find("td/b[@data-is]") is not None]
    assert links(rows[0])[0].startswith("/reference/")


def test_the_fact_that_decides_changes_the_verdict(site: Pages) -> None:
    before = site.post("/patient", OPEN).page
    (calcium, no_calcium, phosphate, no_phosphate, *_) = buttons(before, "Add this fact")
    fields = form_fields(by_id(before, "patient"))
    one = site.post("/patient", [*fields, no_calcium]).page
    two = site.post("/patient", [*form_fields(by_id(one, "patient")), no_phosphate]).page
    dystrophic = next(iter(standings(before)))
    assert standings(before)[dystrophic] == "presumed"
    assert standings(two)[dystrophic] == "entailed"
    raised = site.post("/patient", [*fields, phosphate]).page
    assert standings(raised)[dystrophic] == "refuted"
    assert calcium != phosphate


@pytest.mark.parametrize(("place", "status"), [(0, "present"), (1, "absent")])
def test_the_fact_that_there_is_a_deposit_or_none_sets_its_field(
    site: Pages, place: int, status: str
) -> None:
    sites = [("sites.0.term", "skin of hand"), ("conditions.0.term", "MONDO:0016367")]
    before = site.post("/patient", sites).page
    row = next(r for r in before.iter("tr") if words(r).casefold().startswith("whether calcium"))
    found = site.post("/patient", [*sites, buttons(row, "Add this fact")[place]]).page
    case = state(found)["case"]
    assert case["calcinosis"] == {"status": status, "sites": ["skin of hand"]}
    assert case["conditions"] == ["MONDO:0016367"]
    assert "excluded" not in case
    assert dict(form_fields(by_id(found, "patient")))["calcinosis"] == status
    assert ("undetermined" in standings(found).values()) == (status == "present")


def test_a_phenopacket_of_this_page_is_read_here_again_without_our_own_words(site: Pages) -> None:
    fields = [
        *OPEN,
        ("id", "p1"),
        ("age", "52"),
        ("conditions.1.term", "trauma"),
        ("conditions.1.at_deposit", "yes"),
        ("findings.0.term", "skin ulcer"),
        ("excluded.0.term", "scar"),
    ]
    before = site.post("/patient", fields)
    told = words(before.page)
    for lost in ("sites", "values of tests", "at the deposit", "were ruled out"):
        assert lost in told[told.index("Carry away") :]
    packet = site.post("/patient/phenopacket", form_fields(by_id(before.page, "patient")))
    again = site.post("/patient", [("do", "file")], file=("p1.json", packet.body))
    case = state(again.page)["case"]
    assert case["findings"] == ["skin ulcer"]
    assert case["excluded"] == ["scar"]
    assert {"term": "trauma", "note": "trauma at the deposit"} in case["conditions"]
    assert "dermatomyositis" in case["conditions"]
    assert case["age"] == "52 years"
    assert "other" not in case
    assert "source" not in case


@pytest.mark.slow
def test_every_button_adds_what_settles_as_told(site: Pages, kg: calcinosis.KnowledgeGraph) -> None:
    """Over published cases: each button's fact leads to the verdicts that its answer names."""
    for name in list(published())[::6]:
        page = site.post("/patient", [("do", "example"), ("example", name)]).page
        (explained,) = kg.explain(published()[name])
        cells = [c for c in page.iter("td") if c.get("data-head") in ("one answer", "the other")]
        outcomes = [one for question in explained.questions for one in question.outcomes]
        assert len(cells) == len(outcomes)
        for cell, outcome in zip(cells, outcomes, strict=True):
            for button in buttons(cell, "Add this fact"):
                fields = form_fields(by_id(page, "patient"))
                found = standings(site.post("/patient", [*fields, button]).page)
                labels = {
                    why.verdict.id: why.verdict.label.casefold() for why in explained.subtypes
                }
                for subtype, verdict in outcome.settles:
                    assert found[labels[subtype]] == verdict, (name, outcome)


def test_what_is_not_understood_stands_above_the_verdicts(site: Pages) -> None:
    fields = [*OPEN, ("conditions.1.term", "<b>moonrash</b>"), ("labs.0.test", "calcium")]
    found = site.post("/patient", [*fields, ("labs.0.value", "9,x"), ("labs.0.unit", "mg/dL")])
    assert "<b>moonrash" not in found.text
    place = by_id(found.page, "result")
    told = words(place)
    assert "'<b>moonrash</b>' is unknown" in told
    assert "9,x" in told
    assert told.index("moonrash") < told.index("Each subtype")
    assert "presumed" not in standings(found.page).values()


@pytest.mark.parametrize(
    ("fields", "name", "said"),
    [
        ([("age", "999")], "age", "is no possible age"),
        ([("age", "old")], "age", "is no single age"),
        ([("conditions.3.term", "moonrash")], "conditions.1.term", "'moonrash' is unknown"),
        ([("excluded.0.term", "dermatomyosytis")], "excluded.0.term", "is unknown"),
        ([("labs.0.test", "calcium")], "labs.0.test", "Add value and unit, or level low"),
        (
            [("labs.0.test", "calcium"), ("labs.0.value", "9"), ("labs.0.unit", "spoons")],
            "labs.0.unit",
            "'spoons' is unknown",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_fault_stands_at_its_field_and_the_summary_leads_there(
    site: Pages, fields: list[tuple[str, str]], name: str, said: str
) -> None:
    found = site.post("/patient", [*OPEN, *fields]).page
    field = by_id(found, name)
    assert field.get("aria-invalid") == "true"
    told = [words(by_id(found, one)) for one in field.get("aria-describedby", "").split()]
    assert said in told[-1]
    assert f"#{name}" in [one.get("href") for one in by_id(found, "result").iter("a")]
    assert len(found.findall(".//*[@aria-invalid]")) == 1
    for folded in field.iterancestors("details"):
        assert folded.get("open") is not None


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ([("do", "file")], "file"),
        ([("do", "example")], "example"),
        ([("sentence", "No trauma. " * 500), ("do", "propose")], "sentence"),
    ],
    ids=["file", "example", "sentence"],
)
def test_what_a_button_refuses_stands_at_its_field(
    site: Pages, fields: list[tuple[str, str]], name: str
) -> None:
    found = site.post("/patient", fields).page
    field = by_id(found, name)
    assert field.get("aria-invalid") == "true"
    told = by_id(found, field.get("aria-describedby", "").split()[-1])
    assert told.get("role") == "alert"
    box = next(one for one in field.iterancestors() if one.tag in ("fieldset", "section"))
    assert told in list(box.iter())


@pytest.mark.slow
def test_what_may_have_been_meant_is_taken_by_a_button(site: Pages) -> None:
    before = site.post("/patient", [*OPEN, ("conditions.1.term", "DM")]).page
    assert state(before)["case"]["conditions"] == ["MONDO:0016367", "DM"]
    summary = by_id(before, "result")
    field = by_id(before, "conditions.1.term").getparent()
    for place in (summary, field):
        offered = [one for one in buttons(place, "") if one[0] == "put"]
        assert len(offered) == 2, "both readings"
        for button in offered:
            fields = [*form_fields(by_id(before, "patient")), button]
            after = site.post("/patient", fields).page
            kept = state(after)["case"]["conditions"]
            assert kept == ["MONDO:0016367", json.loads(button[1])[1]]
            assert after.find(".//*[@aria-invalid]") is None
    broken = site.post("/patient", [*OPEN, ("put", "{")])
    assert broken.status == 422


def test_what_a_sentence_may_have_meant_is_added_as_it_stands_there(site: Pages) -> None:
    sentence = ("sentence", "DM. No dermatomyosytis.")
    found = site.post("/patient", [*OPEN, sentence, ("do", "propose")]).page
    offered = [json.loads(value) for _, value in buttons(by_id(found, "proposed"), "Add: ")]
    assert [one[0] for one in offered] == ["conditions", "conditions", "excluded"]
    (button, *_) = buttons(by_id(found, "proposed"), f"Add: {offered[0][1]}")
    after = site.post("/patient", [*form_fields(by_id(found, "patient")), button]).page
    assert state(after)["case"]["conditions"] == ["MONDO:0016367", offered[0][1]]
    left = [json.loads(value) for _, value in buttons(by_id(after, "proposed"), "Add: ")]
    assert left == [offered[2]]


def test_denials_count(site: Pages, kg: calcinosis.KnowledgeGraph) -> None:
    found = site.post("/patient", [*OPEN, ("excluded.0.term", "tissue damage")]).page
    case = {"id": "a", "calcinosis": "present", "conditions": ["MONDO:0016367"]}
    assert standings(found) == judged(kg, {**case, "excluded": ["tissue damage"]})


@pytest.mark.slow
def test_settings_show_what_they_change(site: Pages, kg: calcinosis.KnowledgeGraph) -> None:
    case = {"id": "a", "calcinosis": "present", "conditions": ["MONDO:0016367"]}
    fields = [*OPEN, ("settings", "1"), ("viewpoint", "minars"), ("take", "all")]
    found = site.post("/patient", fields).page
    assert standings(by_id(found, "result").find("section/table")) == judged(
        kg, case, viewpoint="minars", assume=()
    )
    told = words(by_id(found, "changes")).casefold()
    assert "dystrophic calcinosis cutispresumedfollows" in told
    assert "no subtype here: iatrogenic calcinosis cutis and calciphylaxis." in told
    usual = site.post("/patient", OPEN).text
    assert 'id="changes"' not in usual


def test_buttons_that_add_from_the_same_words_are_told_apart(site: Pages) -> None:
    sentence = ("sentence", "A 52-year-old woman with dermatomyositis.")
    found = site.post("/patient", [*OPEN, sentence, ("do", "propose")]).page
    offered = by_id(found, "proposed").iter("button")
    labels = [one.get("aria-label") for one in offered]
    assert len(labels) >= 2
    assert len(set(labels)) == len(labels)
    assert any("(age: 52" in one for one in labels)


def test_a_sentence_is_proposed_and_confirmed(site: Pages) -> None:
    sentence = "A 46-year-old woman; serum calcium 9.2 mg/dL, no trauma. She kept bees."
    found = site.post("/patient", [*OPEN, ("sentence", sentence), ("do", "propose")]).page
    proposed = by_id(found, "proposed")
    assert "kept bees" in words(proposed)
    assert state(found)["case"].keys() == {"id", "calcinosis", "conditions"}
    (calcium,) = buttons(proposed, "Add: serum calcium")
    after = site.post("/patient", [*form_fields(by_id(found, "patient")), calcium]).page
    assert state(after)["case"]["labs"] == [
        {"test": "serum calcium", "value": 9.2, "unit": "mg/dL"}
    ]
    assert not buttons(by_id(after, "proposed"), "Add: serum calcium")
    assert buttons(by_id(after, "proposed"), "Add: trauma")


def test_the_state_of_an_address_comes_back(site: Pages) -> None:
    fields = [*OPEN, ("age", "46"), ("settings", "1"), ("assume", "levels")]
    before = site.post("/patient", fields).page
    after = site.post("/patient", [("state", json.dumps(state(before)))]).page
    assert state(after) == state(before)
    assert standings(after) == standings(before)


@pytest.mark.parametrize("broken", ["{", "[]", '{"case": 1}', '{"case": {"id": "a", "sex": 3}}'])
def test_a_broken_address_is_told(site: Pages, broken: str) -> None:
    found = site.post("/patient", [("state", broken)])
    assert found.page.find(".//div[@role='alert']") is not None
    assert "Traceback" not in found.text


# What has gone astray between a form and a case before: words for levels, what is said of a
# cause, an own interval that is open, times, denials with a place, a work-up, contradictions.
CASES = (
    {"conditions": ["primary hyperparathyroidism"], "labs": [{"test": "Ca", "level": "WNL"}]},
    {"conditions": [{"term": "dermatomyositis", "cause": False}]},
    {"conditions": [{"term": "burn", "at_deposit": True, "note": "long ago"}]},
    {"conditions": [{"term": "milk-alkali syndrome", "when": "before"}]},
    {"interventions": [{"term": "calcium gluconate infusion", "at_deposit": True, "cause": False}]},
    {"age": "15 months", "labs": [{"test": "phosphate", "value": 6.4, "unit": "mg/dL"}]},
    {"age": "P15M", "labs": [{"test": "phosphate", "value": "<0.5", "unit": "mmol/L"}]},
    {"labs": [{"test": "calcium", "value": 9.1, "unit": "mg/dL", "interval": [None, 10.5]}]},
    {"labs": [{"test": "calcium", "value": 2.35, "unit": "mg/dL", "interval": [8.5, 10.5]}]},
    {"labs": [{"test": "calcium", "level": "high", "when": "after", "note": "a week later"}]},
    {"excluded": [{"term": "trauma", "at_deposit": True}, "mineral disturbance"]},
    {"workup_complete": ["tissue damage", "small-vessel calcification"], "assume": "levels"},
    {"findings": ["hypercalcaemia", "no hypercalcaemia"], "excluded": ["raised calcium"]},
    {"calcinosis": {"status": "absent", "sites": ["elbow", "a place unknown"]}},
    {"conditions": ["moonrash", "DM", "M33.1"], "other": ["a sister, alike", "two\u2028lines"]},
)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_case_says_the_same_through_the_form(
    site: Pages, kg: calcinosis.KnowledgeGraph, number: int
) -> None:
    case = {"id": "a", "calcinosis": "present", **CASES[number]}
    first = site.post("/patient", [("state", json.dumps({"case": case}))]).page
    again = site.post("/patient", form_fields(by_id(first, "patient"))).page
    assert standings(again) == judged(kg, case)
    (verdict,) = kg.classify(case).cases
    told = words(by_id(again, "result"))
    for remark in (*verdict.not_understood, *verdict.case.uninterpreted, *verdict.set_aside):
        assert remark.what.replace("\u2028", " ") in told, remark


WORDS = st.sampled_from(["9.1", "high"]) | st.text(max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["9.1", "high"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["term", "test", "value", "interval", "when", "x"]), inner
        )
    ),
    max_leaves=8,
)
KEYS = ("id", "age", "sex", "calcinosis", "conditions", "labs", "excluded", "other", "assume", "x")


@pytest.mark.slow
def test_whatever_an_address_holds_is_answered(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    @given(st.dictionaries(st.sampled_from(KEYS), VALUES), VALUES, VALUES)
    @settings(max_examples=examples(100))
    def check(case: dict[str, Any], viewpoint: Any, take: Any) -> None:
        told = json.dumps({"case": case, "viewpoint": viewpoint, "take": take, "assume": take})
        found = asked.post("/patient", [("state", told)])
        assert found.status in (200, 422)
        again = asked.post("/patient", form_fields(by_id(found.page, "patient")))
        assert again.status in (200, 422)

    with pages(kg, tmp_path) as asked:
        check()


# -- files -------------------------------------------------------------------------------


def read(site: Pages, name: str, data: bytes) -> Any:
    return site.post("/patient", [("do", "file")], file=(name, data))


def test_a_case_file_is_loaded(site: Pages, kg: calcinosis.KnowledgeGraph) -> None:
    case = published()["P02"]
    found = read(site, "one.yaml", yaml.safe_dump(case).encode())
    assert found.status == 200
    assert state(found.page)["case"] == case
    assert standings(found.page) == judged(kg, case)


def test_of_several_cases_one_is_chosen(site: Pages, kg: calcinosis.KnowledgeGraph) -> None:
    cases = [published()["P02"], published()["C005"]]
    found = read(site, "two.json", json.dumps(cases).encode()).page
    ((name, value),) = buttons(found, "C005")
    chosen = site.post("/patient", [(name, value)]).page
    assert standings(chosen) == judged(kg, cases[1])


def test_a_phenopacket_is_loaded_and_nothing_of_it_is_lost(
    site: Pages, kg: calcinosis.KnowledgeGraph
) -> None:
    packet = {
        "id": "p-1",
        "subject": {"id": "x", "timeAtLastEncounter": {"age": {"iso8601duration": "P46Y"}}},
        "diseases": [{"term": {"id": "MONDO:0016367", "label": "dermatomyositis"}}],
        "phenotypicFeatures": [{"type": {"id": "HP:0001234", "label": "a thing of the moon"}}],
        "metaData": {"created": "2024-01-01T00:00:00Z"},
        "pedigree": {"persons": []},
    }
    found = read(site, "p.json", json.dumps(packet).encode())
    assert "a thing of the moon" in words(by_id(found.page, "result"))
    assert any("pedigree" in one for one in state(found.page)["case"]["other"])
    assert standings(found.page) == judged(kg, packet)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.yaml", b"id: [\n"),
        ("case.json", b'{"id": "a", "calcinosis": "maybe"}'),
        ("case.exe", b"MZ"),
        ("case.yaml", b""),
        ("case.yaml", b"\xff\xfe\x00"),
    ],
)
def test_a_bad_file_gives_one_error_and_keeps_the_form(site: Pages, name: str, data: bytes) -> None:
    found = site.post("/patient", [*OPEN, ("do", "file")], file=(name, data))
    assert found.status == 422
    alerts = [one for one in found.page.iter("div") if one.get("role") == "alert"]
    assert len(alerts) == 1
    assert len(list(alerts[0].iter("li"))) == 1
    assert state(found.page)["case"]["conditions"] == ["MONDO:0016367"]


def test_what_is_carried_away_is_what_the_commands_write(
    site: Pages, kg: calcinosis.KnowledgeGraph
) -> None:
    case = {"id": "patient", "calcinosis": "present", "conditions": ["MONDO:0016367"]}
    found = {kind: site.post(f"/patient/{kind}", OPEN) for kind in ("report", "json", "yaml")}
    assert json.loads(found["json"].body) == json.loads(kg.classify(case, explain=True).to_json())
    assert yaml.safe_load(found["yaml"].body) == case
    assert words(found["report"].page.find(".//h1")) == "Why these verdicts"
    told = {kind: one.headers["content-disposition"] for kind, one in found.items()}
    assert told == {
        "report": 'attachment; filename="calcinosis-patient-report.html"',
        "json": 'attachment; filename="calcinosis-patient-verdicts.json"',
        "yaml": 'attachment; filename="calcinosis-patient-case.yaml"',
    }
    odd = site.post("/patient/phenopacket", [*OPEN, ("id", 'J\u00e4 "1"/2')])
    name = odd.headers["content-disposition"]
    assert name == 'attachment; filename="calcinosis-J-1-2-phenopacket.json"'
    packet = json.loads(site.post("/patient/phenopacket", OPEN).body)
    assert packet["id"] == "patient"
    assert packet["diseases"]
