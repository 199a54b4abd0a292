"""A presumption in every medium: marked, with what it hangs on, and never taken for a verdict."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

import calcinosis
from calcinosis import Settings
from calcinosis.cli.main import cli
from calcinosis.output.words.verdicts import case_text
from calcinosis.reasoning.verdict import COLUMNS

CASE: dict[str, Any] = {"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"]}
FALLS = "if one is, metastatic calcinosis cutis follows"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("presumed") / "case.json"
    path.write_text(json.dumps(CASE), encoding="utf-8")
    return str(path)


def run(*arguments: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(cli, arguments)
    assert not result.exception, result.output
    return result.stdout


def told(text: str) -> str:
    return " ".join(text.split())


def test_text_says_what_it_hangs_on_in_the_same_line(file: str) -> None:
    text = told(run("classify", file))
    assert "PRESUMED dystrophic calcinosis cutis, if serum calcium and serum phosphate" in text
    assert "not reported, are not raised [A1]; if one is, metastatic calcinosis cutis" in text
    assert "Still needed" not in text
    strict = told(run("classify", file, "--assume", "nothing"))
    assert "OPEN dystrophic calcinosis cutis, its defining cause is present" in strict
    assert "Still needed: serum calcium and serum phosphate" in strict
    assert "PRESUMED" not in strict


def test_several_causes_of_a_presumption_are_told_in_one_sentence(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    conditions = ["end-stage kidney disease", "haemodialysis"]
    case = {"id": "a", "calcinosis": "present", "conditions": conditions}
    (found,) = kg.classify(case).cases
    (presumed,) = [one.presumed for one in found.subtypes if one.presumed]
    assert presumed.condition.startswith("end-stage kidney disease and haemodialysis raised ")


@pytest.mark.slow
def test_the_head_says_what_could_be_taken_and_assumed(file: str) -> None:
    assert "assumed where nothing is said: levels, work-up, causes" in told(run("classify", file))
    text = told(run("classify", file, "--assume", "causes", "--take", "nothing"))
    assert "Nothing taken by a name; assumed where nothing is said: causes." in text
    head = json.loads(run("classify", file, "-f", "json", "--assume", "levels"))
    assert (head["take"], head["assume"]) == ("all", ["levels"])


def test_a_case_says_for_itself_what_may_be_assumed(kg: calcinosis.KnowledgeGraph) -> None:
    raw: dict[str, Any] = {**CASE, "assume": "nothing"}
    (case,) = kg.classify(raw).cases
    assert case.to_dict()["assume"] == []
    assert "assumed here: nothing" in case_text(case, {})


def test_rows_csv_and_excel_keep_flags_and_conditions_together(
    kg: calcinosis.KnowledgeGraph, file: str, tmp_path: Path
) -> None:
    rows = kg.classify(CASE).rows()
    assert all(tuple(row) == COLUMNS for row in rows)
    printed = list(csv.DictReader(io.StringIO(run("classify", file, "-f", "csv"))))
    assert [{k: v or None for k, v in row.items()} for row in printed] == [
        {k: v or None for k, v in row.items()} for row in rows
    ]
    target = tmp_path / "a.xlsx"
    run("classify", file, "-o", str(target))
    sheet = openpyxl.load_workbook(target)["verdicts"]
    heads, first, *_ = sheet.iter_rows(values_only=True)
    assert heads[: len(COLUMNS)] == COLUMNS
    row = dict(zip(heads, first, strict=True))
    assert (row["verdict"], row["presumed"], row["assumptions"]) == (
        "undetermined",
        "entailed",
        "A1",
    )
    assert FALLS in str(row["falls_if"])
    assert row["said"] == "presumed"


def test_a_flag_stands_in_every_row_form(kg: calcinosis.KnowledgeGraph) -> None:
    raw: dict[str, Any] = {**CASE, "labs": [{"test": "calcium", "level": "low"}]}
    raw["labs"].append({"test": "phosphate", "level": "normal"})
    row = kg.classify(raw).rows()[0]
    assert "low level" in row["flags"]


def test_json_html_and_explanations_mark_it(kg: calcinosis.KnowledgeGraph, file: str) -> None:
    document = json.loads(run("classify", file, "-f", "json", "--explain"))
    first = document["cases"][0]["subtypes"][0]
    assert first["verdict"] == "undetermined"
    assert first["presumed"]["assumptions"] == ["A1"]
    assert first["presumed"]["justifications"]
    assert "presumed, if serum calcium" in kg.classify(CASE)._repr_html_()
    for form in ("text", "markdown", "html"):
        page = told(run("explain", file, "-f", form))
        assert "resumed" in page or "PRESUMED" in page
        assert "A1" in page
        assert FALLS in page
        assert "Report the level, or assume nothing." in page, form


def test_it_is_explained_like_a_verdict(kg: calcinosis.KnowledgeGraph) -> None:
    why = kg.explain({"id": "a", "calcinosis": "present", "conditions": ["burn scar"]})[0].why(
        "DystrophicCalcinosisCutis"
    )
    assert why.verdict.presumed is not None
    assert why.presumed
    assert why.presumed_steps
    claims = {s.association for one in why.presumed for link in one.links for s in link.sources}
    assert "burn-scar-causes-dystrophic" in claims
    rules = {link.form for one in why.presumed for link in one.links}
    assert "rule" in rules


def test_exports_mark_it_and_never_type_with_it(kg: calcinosis.KnowledgeGraph) -> None:
    files = kg.export("verdict-nanopublications", cases=CASE).files
    text = files["verdicts.trig"].decode()
    assert "presumedIf" in text
    assert "fallsIf" in text
    assert "DystrophicCase" not in text
    assert text.count('calc:outcome "entailed"') == 0


def test_two_ways_of_assuming_are_compared(kg: calcinosis.KnowledgeGraph) -> None:
    found = kg.compare(Settings(assume=()), CASE)
    (change,) = found.changes
    assert (change.left, change.right) == ("presumed", "undetermined")
    assert any(link.form == "rule" for reason in change.reasons for link in reason.links)
