"""What was not understood: listed, with suggestions, above the verdicts that it holds back."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis import names
from calcinosis.errors import CaseError
from calcinosis.facts.case import Case
from calcinosis.facts.read import reader_of
from calcinosis.output.words.explanation import explanation_markdown, explanation_text
from calcinosis.output.words.verdicts import case_text
from calcinosis.reasoning.verdict import CaseVerdict
from tests.golden import SUBTYPES
from tests.shared import examples, graph
from tests.terminal import run

Kg = calcinosis.KnowledgeGraph
CODE = "ICD10CM:M99.99"  # of no disease that is here
WORD = "xyzzy"
WORKED_UP = [
    "tissue damage",
    "mineral disturbance",
    "depositing intervention",
    "small-vessel calcification",
]
NORMAL = [{"test": "calcium", "level": "normal"}, {"test": "phosphate", "level": "normal"}]
DM, SCROTAL = "dermatomyositis", "idiopathic scrotal calcinosis"
IDIOPATHIC = SUBTYPES["idiopathic"]


def judged(kg: Kg, **fields: Any) -> CaseVerdict:
    raw: dict[str, Any] = {"id": "a", "calcinosis": "present", **fields}
    result = kg.classify(raw)
    assert not result.refused, result.refused
    return result.cases[0]


def read(kg: Kg, **fields: Any) -> Case:
    return reader_of(kg.ontology).read({"id": "a", **fields}, "here")


def standing(case: CaseVerdict, name: str) -> str:
    return case.verdict(SUBTYPES[name]).standing


def blocks(case: CaseVerdict) -> set[str]:
    (remark,) = case.not_understood
    return set(remark.blocks)


# -- which kind of unknown it is -------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"findings": ["swelling"]},
        {"excluded": ["swelling"]},
        {"workup_complete": ["swelling"]},
        {"workup_complete": ["burn scar"]},
        {"labs": [{"test": "ESR", "level": "high"}]},
        {"labs": [{"test": "zinc", "value": 3, "unit": "furlong"}]},
    ],
)
def test_what_nothing_could_use_is_set_aside(kg: Kg, fields: dict[str, Any]) -> None:
    case = read(kg, **fields)
    assert len(case.set_aside) == 1
    assert [*case.facts, *case.not_understood, *case.uninterpreted] == []
    without, beside = judged(kg, conditions=[DM]), judged(kg, conditions=[DM], **fields)
    assert beside.subtypes == without.subtypes


@pytest.mark.parametrize(
    "fields",
    [
        {"conditions": [WORD]},
        {"interventions": [WORD]},
        {"conditions": ["MONDO:0017215"]},  # broader than any term here
        {"conditions": ["tissue damage"]},  # no fact, but what follows from one
        {"findings": ["tissue damage"]},
        {"findings": ["hypercalcemai"]},
        {"excluded": ["hypercalcemai"]},
        {"workup_complete": ["tissue damagee"]},
        {"labs": [{"test": "calcum", "level": "high"}]},
        {"labs": [{"test": "Ca x P", "level": "high"}]},
    ],
)
def test_what_may_mean_something_is_not_understood(kg: Kg, fields: dict[str, Any]) -> None:
    case = read(kg, **fields)
    assert len(case.not_understood) == 1
    assert [*case.facts, *case.workup, *case.set_aside] == []


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"level": "middling"}, "'middling' is no level"),
        ({"value": 9, "unit": "furlong"}, "the unit 'furlong' is unknown"),
        ({"value": 9}, "the value has no unit"),
        ({"value": 9, "unit": " "}, "the value has no unit"),
        ({"value": "many", "unit": "mg/dL"}, "'many' is no value"),
        ({"value": -1, "unit": "furlong"}, "'furlong' is unknown"),
        ({"value": -1, "unit": "mg/dL"}, "no possible value"),
        ({"value": "1e999", "unit": "mg/dL"}, "no possible value"),
        ({"value": 9000, "unit": "mg/dL"}, "outside what can be measured"),
        ({"value": 9, "unit": "mg/dL", "level": "middling"}, "'middling' is no level"),
        ({"value": 9, "unit": "mg/dL", "interval": [10, 8]}, "is no interval"),
        ({"value": 9, "unit": "mg/dL", "interval": [8.5, 1000]}, "[8.5, 1000]"),
        ({"value": 9, "unit": "mg/dL", "interval": [1e6, None]}, "outside what can be"),
    ],
)
def test_a_faulty_value_decides_nothing_and_leaves_its_level_open(
    kg: Kg, item: dict[str, Any], said: str
) -> None:
    labs = [{"test": "calcium", **item}]
    case = read(kg, age="40 years", labs=labs)
    (remark,) = case.uninterpreted
    assert said in remark.reason
    assert remark.cure
    assert names.CC + "Hypercalcaemia" in remark.about
    assert not case.facts
    assert standing(judged(kg, conditions=[DM], labs=labs), "dystrophic") == "undetermined"
    with pytest.raises(CaseError, match=re.escape(said)):
        reader_of(kg.ontology, strict=True).read({"id": "a", "labs": labs}, "here")


def test_a_flag_counts_beside_a_value_without_a_unit_which_is_set_aside(kg: Kg) -> None:
    case = read(kg, labs=[{"test": "phosphate", "value": 5.8, "level": "high"}])
    assert not case.uninterpreted
    assert [remark.what for remark in case.set_aside] == ["phosphate 5.8"]
    assert [fact.label for fact in case.facts] == ["hyperphosphataemia"]


@pytest.mark.parametrize("value", ["many", -1, "1e999"])
def test_an_albumin_that_is_no_number_may_be_any(kg: Kg, value: object) -> None:
    albumin = {"test": "albumin", "value": value, "unit": "g/dL"}
    calcium = {"test": "calcium", "value": 9.2, "unit": "mg/dL"}
    case = read(kg, age="40 years", labs=[calcium, albumin])
    assert not case.facts
    assert [remark.where for remark in case.uninterpreted] == ["labs[1].value", "labs[0]"]


@pytest.mark.parametrize(
    "fields",
    [
        {"condition": []},
        {"conditions": [{"term": WORD, "at_deposit": "yes"}]},
        {"conditions": [{"at_deposit": True}]},
        {"conditions": WORD},
        {"conditions": ["x" * 1001]},
        {"labs": [{"test": "calcium", "value": [9], "unit": "mg/dL"}]},
        {"labs": [{"test": "calcium", "value": 9, "unit": 5}]},
        {"labs": [{"test": "calcium", "level": True}]},
        {"labs": [{"test": "calcium", "value": 9, "unit": "mg/dL", "interval": "8-10"}]},
        {"labs": [{"test": "calcium"}]},
        {"age": "59"},
    ],
)
def test_what_has_another_shape_is_refused_all_the_same(kg: Kg, fields: dict[str, Any]) -> None:
    with pytest.raises(CaseError):
        read(kg, **fields)


LISTS = ("conditions", "interventions", "findings", "excluded", "workup_complete")
WORDS = st.one_of(
    st.sampled_from(["dermatomyositus", "tissue damage", DM, SCROTAL, "calciphylaxis", CODE]),
    st.text(min_size=1, max_size=12).filter(str.strip),
)


@settings(deadline=None, max_examples=examples(150))
@given(st.fixed_dictionaries({}, optional={key: st.lists(WORDS, max_size=3) for key in LISTS}))
def test_every_item_ends_somewhere_and_no_word_refuses_a_case(raw: dict[str, list[str]]) -> None:
    kg = graph()
    case = read(kg, **raw)
    places = {f"{key}[{n}]" for key in LISTS for n in range(len(raw.get(key, [])))}
    found = {fact.where for fact in (*case.facts, *case.workup)}
    assert found | {r.where for r in (*case.set_aside, *case.not_understood)} == places


# -- what it holds back ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["conditions", "interventions"])
@pytest.mark.parametrize("key", ["workup_complete", "excluded"])
def test_nothing_follows_by_exclusion_over_what_was_not_understood(
    kg: Kg, kind: str, key: str
) -> None:
    stated: dict[str, Any] = {key: WORKED_UP}
    assert standing(judged(kg, **stated), "idiopathic") == "entailed"
    case = judged(kg, **stated, **{kind: [CODE]})
    assert standing(case, "idiopathic") == "undetermined"
    assert IDIOPATHIC in blocks(case)
    assert CODE in " ".join(case.verdict(IDIOPATHIC).flags)


def test_in_every_viewpoint_something_follows_by_exclusion_alone() -> None:
    for viewpoint in calcinosis.api.viewpoints():
        assert IDIOPATHIC in graph(viewpoint).classifier.by_exclusion


@pytest.mark.parametrize("labs", [[], NORMAL])
def test_a_recognised_entity_says_nothing_beyond_its_name(kg: Kg, labs: list[Any]) -> None:
    assert standing(judged(kg, conditions=[SCROTAL], labs=labs), "idiopathic") == "entailed"
    case = judged(kg, conditions=[SCROTAL, WORD], labs=labs)
    assert standing(case, "idiopathic") == "undetermined"
    assert {IDIOPATHIC, "names"} <= blocks(case)


@pytest.mark.parametrize(
    "fields",
    [
        {"conditions": [DM]},  # A1
        {"excluded": ["trauma"], "labs": NORMAL},  # A2
        {"conditions": ["end-stage kidney disease"]},  # A3
    ],
)
def test_nothing_is_presumed_over_what_was_not_understood(kg: Kg, fields: dict[str, Any]) -> None:
    assert any(one.presumed for one in judged(kg, **fields).subtypes)
    case = judged(kg, **fields, interventions=[WORD])
    assert not any(one.presumed for one in case.subtypes)
    assert "presumption" in blocks(case)


def test_an_exclusion_that_may_deny_the_cause_holds_back_what_a_name_says(kg: Kg) -> None:
    case = judged(kg, conditions=[DM], labs=NORMAL, excluded=["tissue damagee"])
    assert standing(case, "dystrophic") == "undetermined"
    assert "names" in blocks(case)
    assert "is not taken as a cause" in " ".join(case.verdict(SUBTYPES["dystrophic"]).flags)
    other = judged(kg, conditions=[DM], labs=NORMAL, excluded=["rheumatoid arthritus"])
    assert standing(other, "dystrophic") == "entailed"


def test_an_exclusion_that_may_deny_the_level_holds_back_its_assumption(kg: Kg) -> None:
    kidneys = "end-stage kidney disease"
    assert standing(judged(kg, conditions=[kidneys]), "metastatic") == "presumed"
    case = judged(kg, conditions=[kidneys], excluded=["raised phosphte"])
    assert standing(case, "metastatic") == "undetermined"
    assert blocks(case) == {"presumption"}


@pytest.mark.parametrize(
    "fields",
    [
        {"conditions": [DM, {"term": WORD, "cause": True}]},
        {"conditions": [DM], "interventions": [{"term": WORD, "at_deposit": True}]},
    ],
)
def test_at_the_deposit_or_as_the_cause_it_holds_back_more(kg: Kg, fields: dict[str, Any]) -> None:
    case = judged(kg, **fields, labs=NORMAL)
    assert standing(case, "dystrophic") == "undetermined"
    assert "names" in blocks(case)
    elsewhere = judged(kg, conditions=[DM, WORD], labs=NORMAL)
    assert standing(elsewhere, "dystrophic") == "entailed"
    assert blocks(elsewhere) == {"presumption"}


def test_what_is_settled_is_not_said_to_be_held_back(kg: Kg) -> None:
    case = kg.classify({"id": "a", "calcinosis": "absent", "conditions": [WORD]}).cases[0]
    assert blocks(case) == set()
    assert "It holds nothing back." in case_text(case, kg.library, width=200)


def test_only_what_is_allowed_to_be_assumed_is_held_back(kg: Kg) -> None:
    assert blocks(judged(kg, conditions=[WORD], assume="nothing")) == {IDIOPATHIC}


@pytest.mark.java
def test_both_reasoners_hold_back_the_same(kg: Kg) -> None:
    from calcinosis.reasoning.owl import Authority

    case = read(kg, calcinosis="present", conditions=[CODE, SCROTAL], excluded=WORKED_UP)
    ours = kg.classifier.classify(case)
    assert Authority(kg.ontology).classify(case).to_dict() == ours.to_dict()


# -- an ambiguous word -----------------------------------------------------------------


def test_an_ambiguous_word_is_asked_with_all_its_readings(tmp_path: Path) -> None:
    import shutil

    from calcinosis.graph.locate import data

    folder = Path(shutil.copytree(data("ontology"), tmp_path / "graph"))
    with (folder / "conditions.ttl").open("a", encoding="utf-8") as stream:
        stream.write('\ncalc:Acne skos:altLabel "burnt place"@en .\n')
        stream.write('calc:BurnScar skos:altLabel "burnt place"@en .\n')
    kg = calcinosis.load(ontology=folder)
    case = judged(kg, conditions=["burnt place"])
    (remark,) = case.not_understood
    assert set(remark.suggestions) == {"acne", "burn scar"}
    assert IDIOPATHIC in remark.blocks


# -- where it stands -------------------------------------------------------------------

RAW: dict[str, Any] = {
    "id": "a",
    "calcinosis": "present",
    "conditions": [{"term": "dermatomyositus", "note": "by the referring doctor"}],
    "findings": ["swelling"],
    "workup_complete": WORKED_UP,
}
DENIED: dict[str, Any] = {**RAW, "workup_complete": [], "excluded": WORKED_UP}


def test_it_stands_above_the_verdicts_in_text(kg: Kg) -> None:
    text = case_text(kg.classify(RAW).cases[0], kg.library, width=400)
    assert text.index("NOT UNDERSTOOD the term 'dermatomyositus' is unknown") < text.index("OPEN")
    for words in ("(conditions[0])", "Did you mean dermatomyositis", "the work-up", "referring"):
        assert words in text.partition("OPEN")[0]
    assert "Set aside: swelling" in text


@pytest.mark.parametrize("write", [explanation_text, explanation_markdown])
def test_it_stands_above_the_verdicts_in_an_explanation(kg: Kg, write: Any) -> None:
    text = write(kg.explain(RAW)[0], kg.library)
    assert text.index("NOT UNDERSTOOD") < text.index("OPEN idiopathic")


def test_a_subtype_that_follows_but_for_it_is_explained_as_open(kg: Kg) -> None:
    (why,) = kg.explain(DENIED, "idiopathic")[0].subtypes
    assert (why.verdict.verdict, why.deciding, why.justifications) == ("undetermined", None, ())
    text = explanation_text(kg.explain(DENIED)[0], kg.library, width=300)
    assert "OPEN idiopathic" in text
    assert "would follow by exclusion, but this was not understood: dermatomyositus" in text


@pytest.mark.slow
def test_every_format_of_the_command_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(RAW), encoding="utf-8")

    def out(*arguments: str) -> str:
        code, told, err = run([*arguments, str(path)], capsys)
        assert code == 0, err
        assert "Not understood: 1 word in 1 case" in err
        return told

    (case,) = json.loads(out("classify", "-f", "json"))["cases"]
    (remark,) = case["not_understood"]
    assert (remark["what"], remark["where"]) == ("dermatomyositus", "conditions[0]")
    assert remark["suggestions"][0] == "dermatomyositis"
    assert IDIOPATHIC in remark["blocks"]
    assert json.loads(out("classify", "-f", "jsonl"))["not_understood"] == [remark]
    rows = list(csv.DictReader(io.StringIO(out("classify", "-f", "csv"))))
    assert {row["not_understood"] for row in rows} == {"dermatomyositus"}
    (why,) = json.loads(out("explain", "-f", "json"))["cases"]
    assert why["not_understood"] == [remark]
    page = out("explain", "-f", "html")
    assert page.index("<caption>Not understood") < page.index("<caption>Verdicts")
    assert "dermatomyositis" in page.partition("<caption>Verdicts")[0]


def test_rows_and_the_table_of_a_notebook_have_it(kg: Kg) -> None:
    result = kg.classify(RAW)
    assert {row["not_understood"] for row in result.rows()} == {"dermatomyositus"}
    assert "Words that were not understood: 1, see rows()." in result._repr_html_()


def test_a_phenopacket_says_what_it_holds_back(kg: Kg) -> None:
    files = kg.export("phenopackets", cases=RAW).files
    (packet,) = (json.loads(t) for name, t in files.items() if name.endswith("phenopacket.json"))
    (told,) = (i for i in packet["interpretations"] if i["id"].endswith(IDIOPATHIC))
    assert "because this was not understood: dermatomyositus" in told["summary"]
    verdicts = json.loads(files["verdicts.json"])["cases"][0]
    assert verdicts["not_understood"][0]["what"] == "dermatomyositus"
    assert "where" not in verdicts["not_understood"][0]


# -- strict ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["classify"], ["explain"], ["compare", "--before", "2000"]])
def test_strict_refuses_what_is_read_otherwise(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(RAW), encoding="utf-8")
    assert run([*command, str(path)], capsys)[0] == 0
    code, _, err = run([*command, "--strict", str(path)], capsys)
    assert (code, "Refused: " in err, "'dermatomyositus' is unknown" in err) == (3, True, True)
    code, _, err = run([*command, "--lenient", str(path)], capsys)
    assert (code, "--lenient" in err) == (2, True)


@pytest.mark.slow
def test_strict_is_the_same_in_python(kg: Kg) -> None:
    assert len(kg.classify(RAW, strict=True).refused) == 1
    assert len(kg.explain(RAW, strict=True).refused) == 1
    assert len(kg.stream(RAW, strict=True).result().refused) == 1
    without = calcinosis.Settings(before=2000)
    assert len(kg.compare(without, RAW, strict=True).refused) == 1
    assert len(kg.rank(RAW, strict=True).refused) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        ["compare", "{}", "--min-read", "text"],
        ["compare", "{}", "--each-reference"],
        ["cite", "--case", "{}"],
        ["export", "report-md", "--cases", "{}"],
    ],
)
def test_every_command_that_takes_cases_counts_what_it_did_not_understand(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.yaml"
    file.write_text("{id: a, calcinosis: present, conditions: [glass bone illness]}\n")
    words = [word.format(file) for word in asked]
    code, _, err = run(words, capsys)
    said = "Not understood: 1 word in 1 case; they hold back what they could change; "
    assert (code, f"{said}'calcinosis classify' names them.\n" in err) == (0, True)
    assert "Not understood" not in run([*words, "-q"], capsys)[2]
