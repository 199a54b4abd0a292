"""Text and HTML for people."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
import yaml

import calcinosis
from calcinosis.api.graph import by_settings
from calcinosis.errors import listed
from calcinosis.graph.locate import data
from calcinosis.output.pages.verdict_table import verdict_table
from calcinosis.output.references.lines import line, plain
from calcinosis.output.words.verdicts import case_text, short_reference

TEACHING = yaml.safe_load((data("examples") / "patients.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def result(kg: calcinosis.KnowledgeGraph) -> calcinosis.Result:
    return kg.classify(data("examples"))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_text_fits_the_width(
    result: calcinosis.Result, kg: calcinosis.KnowledgeGraph, width: int
) -> None:
    library = kg.ontology.library.bibliography
    for case in result.cases:
        # The first line is the case's own id, which is never broken; nor is a long address.
        for row in case_text(case, library, width=width).splitlines()[1:]:
            assert len(row) <= max(width, 12 + max(map(len, row.split()), default=0))


def test_text_is_a_screenful_and_free_of_axiom_syntax(
    result: calcinosis.Result, kg: calcinosis.KnowledgeGraph
) -> None:
    library = kg.ontology.library.bibliography
    for case in result.cases:
        text = case_text(case, library)
        assert len(text.splitlines()) <= 60
        assert not re.search(r"SubClassOf|EquivalentTo|\bcc:|//w3id|has[A-Z]|With[A-Z]", text)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("teaching-dystrophic", ["FOLLOWS   dystrophic", "RULED OUT idiopathic"]),
        (
            "teaching-still-needed",
            [
                "PRESUMED  dystrophic calcinosis cutis, if serum calcium and serum phosphate",
                "[A1]; if one is, metastatic",
            ],
        ),
        ("teaching-contradictory", ["CONTRADICTORY", "against: no connective tissue disease"]),
        ("teaching-idiopathic", ["FOLLOWS   idiopathic", "rests on our own reading"]),
    ],
)
def test_each_kind_of_verdict_in_plain_words(
    case: str, words: list[str], result: calcinosis.Result, kg: calcinosis.KnowledgeGraph
) -> None:
    (found,) = [c for c in result.cases if c.case.id == case]
    text = case_text(found, kg.ontology.library.bibliography)
    for part in words:
        assert part in text


def test_what_is_presumed_takes_the_place_of_what_is_still_needed(
    result: calcinosis.Result, kg: calcinosis.KnowledgeGraph
) -> None:
    needed = "Still needed: serum calcium and serum phosphate\n"
    strict = by_settings(kg, calcinosis.Settings(assume=())).classify(
        data("examples") / "patients.yaml"
    )
    for found, is_presumed in ((result, True), (strict, False)):
        (case,) = [c for c in found.cases if c.case.id == "teaching-still-needed"]
        text = case_text(case, kg.ontology.library.bibliography)
        assert ("PRESUMED  dystrophic" in text) == is_presumed
        assert ("OPEN      dystrophic" in text) != is_presumed
        assert (needed in text) != is_presumed


def test_every_cited_number_has_its_reference(
    result: calcinosis.Result, kg: calcinosis.KnowledgeGraph
) -> None:
    for case in result.cases:
        text = case_text(case, kg.ontology.library.bibliography)
        body, _, references = text.partition("  References")
        groups = re.findall(r"\s\[([\d,]+)(?:\s+\+\d+)?\]", body)
        cited = {number for group in groups for number in group.split(",")}
        listed_numbers = set(re.findall(r"^    \[(\d+)\] ", references, re.MULTILINE))
        assert listed_numbers == cited


def test_flags_uninterpreted_and_set_aside_are_told(kg: calcinosis.KnowledgeGraph) -> None:
    case = {
        "id": "a",
        "calcinosis": "present",
        "findings": ["hypocalcaemia"],
        "labs": [{"test": "creatinine", "value": 90, "unit": "umol/L"}],
        "other": ["a cat"],
        "conditions": ["dermatomyositis"],
        "workup_complete": ["tissue damage"],
    }
    text = case_text(kg.classify(case).cases[0], {})
    for words in ("Note: ", "Not interpreted: ", "Set aside: a cat", "Work-up: tissue damage"):
        assert words in text


def test_style_is_asked_for_and_not_written_by_itself(
    result: calcinosis.Result, kg: calcinosis.KnowledgeGraph
) -> None:
    asked: list[str] = []

    def style(text: str, colour: str) -> str:
        asked.append(colour)
        return text

    text = case_text(result.cases[0], kg.ontology.library.bibliography, style=style)
    assert "\x1b" not in text
    assert asked


def test_html_is_escaped_and_well_formed(kg: calcinosis.KnowledgeGraph) -> None:
    result = kg.classify([{"id": "<b>&", "calcinosis": "present"}])
    html = result._repr_html_()
    assert "&lt;b&gt;&amp;" in html
    opened: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Parser().feed(html)
    assert not opened
    assert "No case" in verdict_table([])


def test_reference_lines(kg: calcinosis.KnowledgeGraph) -> None:
    (reiter,) = kg.cite("reiter-2011")
    full = line(reiter, "reiter-2011")
    assert full == plain(reiter)
    assert "2011;65(1):1" in full
    assert "doi:10.1016/j.jaad.2010.08.038" in full
    assert short_reference(None, "unknown-key") == line(None, "unknown-key") == "unknown-key"
    assert listed(["a", "b", "c"]) == "a, b and c"
