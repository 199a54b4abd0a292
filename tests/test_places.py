"""Each explained fact shows its place in the file, the code that stood there, and its interval."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from calcinosis.facts.places import Origin, line
from calcinosis.graph.matched import matched
from calcinosis.output.words.explanation import explanation_text
from tests import strategies
from tests.shared import examples, graph

CASE: dict[str, Any] = {
    "id": "one",
    "age": "34 years",
    "calcinosis": {"status": "present", "sites": ["scalp"]},
    "conditions": ["MONDO:0016367", {"term": "JDM"}, "dermatomyositis"],
    "labs": [
        {"test": "LOINC:17861-6", "value": 2.3, "unit": "mmol/l"},
        {"test": "albumin", "value": 30, "unit": "g/L"},
        {"test": "phosphate", "value": 3.4, "unit": "mg/dL", "interval": [2.5, 4.5]},
    ],
}
YAML = """\
# a comment
- id: zero
- id: one
  age: 34 years
  calcinosis: {status: present, sites: [scalp]}
  conditions:
  - MONDO:0016367
  - term: JDM
  - dermatomyositis
  labs: [{test: "LOINC:17861-6", value: 2.3, unit: mmol/l},
    {test: albumin, value: 30, unit: g/L},
    {test: phosphate,
     value: 3.4, unit: mg/dL, interval: [2.5, 4.5]}]
"""


def facts(found: Any) -> dict[str, dict[str, Any]]:
    """The facts of an explanation's justifications by place."""
    return {
        fact["places"][0]: fact
        for why in found.to_dict()["subtypes"]
        for one in why["justifications"]
        for fact in one["facts"]
    }


def lines(path: Path) -> dict[str, int | None]:
    found = facts(graph().explain(str(path), identifier="one")[0])
    assert {fact["file"] for fact in found.values()} == {path.name}
    assert all(fact["key"] == where for where, fact in found.items())
    return {where: fact.get("line") for where, fact in found.items()}


def test_yaml_facts_show_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(YAML, encoding="utf-8-sig")
    assert lines(path) == {
        "calcinosis": 5,
        "conditions[0]": 7,
        "conditions[1]": 8,
        "labs[0]": 10,
        "labs[2]": 12,
    }


def test_json_facts_show_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([{"id": 'a,]}\n: "b'}, CASE], indent=1), encoding="utf-8")
    written = path.read_text(encoding="utf-8").splitlines()
    found = lines(path)
    assert len(found) == 5
    starts = {"calcinosis": '"calcinosis"', "conditions[0]": "MONDO", "conditions[1]": "{"}
    for where, words in starts.items():
        assert words in written[(found[where] or 0) - 1]
    assert "LOINC" in written[found["labs[0]"] or 0]
    assert '"phosphate"' in written[found["labs[2]"] or 0]


def test_a_case_of_json_lines_is_its_line(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(f'{{"id": "zero"}}\n\n{json.dumps(CASE)}\n', encoding="utf-8")
    assert set(lines(path).values()) == {3}


def test_documents_of_one_file_are_counted_as_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    body = yaml.safe_dump(CASE, sort_keys=False)
    path.write_text(f"id: zero\n---\n---\n[]\n---\n[{{id: a}}, {{id: b}}]\n---\n{body}")
    assert lines(path)["calcinosis"] == 10


def test_a_mapping_shows_its_key_only() -> None:
    found = facts(graph().explain(CASE)[0])
    assert all(fact["key"] == where for where, fact in found.items())
    assert not [fact for fact in found.values() if {"file", "line"} & fact.keys()]


def test_a_file_that_changed_since_shows_no_line(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    assert line("labs[0]", Origin(str(path), 0)) is None
    path.write_text("a: [", encoding="utf-8")
    assert line("labs[0]", Origin(str(path), 4)) is None
    path.write_bytes(b"\xff\xfe")
    assert line("labs[0]", Origin(str(path), 0)) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "pipe.yaml"
    os.mkfifo(path)
    assert line("labs[0]", Origin(str(path), 0)) is None


@settings(max_examples=examples(60), deadline=None)
@given(strategies.cases())
def test_yaml_and_json_lines_are_where_the_items_begin(
    tmp_path_factory: pytest.TempPathFactory, raw: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("places")
    marked = {
        key: [f"#{key}{n}#" for n, _ in enumerate(value)] if isinstance(value, list) else value
        for key, value in raw.items()
    }
    for name, text in (
        ("c.yaml", yaml.safe_dump([marked, deepcopy(marked)], allow_unicode=True)),
        ("c.json", json.dumps([marked, marked], indent=2, ensure_ascii=False)),
    ):
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="")
        written = text.split("\n")
        for key, value in marked.items():
            for number, words in enumerate(value if isinstance(value, list) else []):
                at = [n for n, one in enumerate(written, 1) if words in one]
                places = [line(f"{key}[{number}]", Origin(str(path), case)) for case in (0, 1)]
                assert places == at


def test_a_cell_is_named_by_file_row_letter_and_heading(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("id,calcinosis,conditions\none,present,scar; MONDO:0016367\n")
    found = graph().explain(str(path))[0]
    fact = next(fact for fact in facts(found).values() if fact["label"] == "dermatomyositis")
    wanted = {"file": path.name, "row": 2, "column": "C", "heading": "conditions"}
    assert {key: fact.get(key) for key in wanted} == wanted
    assert "sheet" not in fact
    text = explanation_text(found, graph().ontology.library.bibliography)
    assert text.startswith("one (calcinosis present; cases.csv, row 2)\n")
    assert "(cell C2, conditions, MONDO:0016367 by exact match)" in " ".join(text.split())


def test_a_cell_of_a_workbook_names_its_sheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "patients"
    book.active.append(["id", "calcinosis", "conditions"])
    book.active.append(["one", "present", "dermatomyositis"])
    path = tmp_path / "cases.xlsx"
    book.save(path)
    places = facts(graph().explain(str(path))[0])
    assert {fact["sheet"] for fact in places.values()} == {"patients"}
    assert {f"{fact['column']}{fact['row']}" for fact in places.values()} == {"C2"}


# -- codes -----------------------------------------------------------------------------


def test_a_code_shows_the_mapping_as_its_row_gives_it() -> None:
    fact = facts(graph().explain(CASE)[0])["conditions[0]"]
    rows = [row for row in graph().ontology.terms.mappings if row.object == "MONDO:0016367"]
    (row,) = rows
    assert fact["code"] == "MONDO:0016367"
    assert fact["label"] == "dermatomyositis"
    assert fact["mapping"]["predicate"] == row.predicate == "skos:exactMatch"
    assert fact["mapping"]["justification"] == row.justification
    assert fact["mapping"]["source"] == row.file == "diseases.sssom.tsv"
    assert fact["mapping"]["set"] == "https://w3id.org/calcinosis/mappings/diseases"


def test_a_name_says_whether_it_is_label_or_synonym() -> None:
    found = facts(graph().explain(CASE)[0])
    assert found["conditions[1]"]["matched"] == "synonym"
    assert "code" not in found["conditions[1]"]
    text = explanation_text(graph().explain(CASE)[0], graph().ontology.library.bibliography)
    assert "“JDM” by synonym" in " ".join(text.split())


def test_every_name_and_code_that_stands_for_one_term_is_matched_to_it() -> None:
    terms = graph().ontology.terms
    words = [(word, term.iri) for term in terms for word in (term.label, term.id, *term.synonyms)]
    codes = [(row.object, "") for row in terms.mappings]
    for word, _ in (*words, *codes):
        for iri in terms.find(word):
            match = matched(terms, word, iri)
            assert match is not None, word
            assert (match.row is not None) == (match.by == "mapping")
    assert matched(terms, "no such word", words[0][1]) is None


# -- laboratory ------------------------------------------------------------------------


def test_a_value_shows_its_correction_and_the_interval_with_its_source() -> None:
    calcium = facts(graph().explain(CASE)[0])["labs[0]"]
    assert (calcium["value"], calcium["unit"]) == (2.3, "mmol/L")
    assert calcium["code"] == "LOINC:17861-6"
    assert calcium["corrected"]["value"] == 2.5
    assert calcium["corrected"]["references"]
    interval = calcium["interval"]
    assert interval["unit"] == "mmol/L"
    assert interval["printed"]["unit"] == "mg/dL"
    assert interval["age"] == {"from": "P18Y", "to": None}
    bibliography = graph().ontology.library.bibliography
    assert set(interval["references"]) <= set(bibliography)
    assert set(calcium["references"]) == {
        *interval["references"],
        *calcium["corrected"]["references"],
    }


def test_a_value_judged_by_its_own_interval_says_so() -> None:
    case = {
        **CASE,
        "labs": [{"test": "phosphate", "value": 7, "unit": "mg/dL", "interval": [2.5, 4.5]}],
    }
    interval = facts(graph().explain(case)[0])["labs[0]"]["interval"]
    assert (interval["low"], interval["high"]) == (2.5, 4.5)
    assert interval["source"] == "the case's own interval"
    assert not interval["references"]
    assert not {"age", "printed"} & interval.keys()


def test_a_level_in_words_has_neither_value_nor_interval() -> None:
    case = {**CASE, "labs": [{"test": "phosphate", "level": "high"}]}
    fact = facts(graph().explain(case)[0])["labs[0]"]
    assert fact["level"] == "high"
    assert not {"value", "unit", "interval", "corrected"} & fact.keys()


def test_a_fact_stated_twice_shows_both_places(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(
        "id: one\ncalcinosis: present\nconditions:\n- acne\n- dermatomyositis\n- MONDO:0016367\n"
    )
    fact = facts(graph().explain(str(path))[0])["conditions[1]"]
    assert fact["line"] == 5
    (other,) = fact["also"]
    assert (other["line"], other["code"]) == (6, "MONDO:0016367")


def test_a_part_without_a_line_of_its_own_has_that_of_its_whole(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(YAML, encoding="utf-8")
    keys = (
        "labs[2].interval",
        "labs[2].interval[1]",
        "labs[2].note.words",
        "labs[0][7]",
        "labs[9]",
    )
    found = [line(key, Origin(str(path), 1)) for key in keys]
    assert found == [13, 13, 12, 10, 10]
    assert line("nothing[0].at.all", Origin(str(path), 1)) == 3  # that of the case
    assert line("id", Origin(str(path), 0)) == 2
    assert line("id", Origin(str(path), 2)) is None
    assert line("id", Origin(str(path), 0, 7)) == 7
