"""A cohort as a page and as Markdown: whole without a script, closed to others, safe to open."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest
from click.testing import CliRunner

from calcinosis.api import Tally
from calcinosis.cli.main import cli
from calcinosis.errors import UsageError
from calcinosis.output.pages.cohort import CohortPage
from calcinosis.output.pictures import cohort_pictures as pictures
from calcinosis.output.wording import VERDICT
from calcinosis.output.words import cohort_tables
from calcinosis.reasoning.verdict import STANDINGS
from calcinosis.study.cohort import Cohort
from tests.shared import graph

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<img src=x onerror=alert(1)>"
CASES: list[dict[str, Any]] = [
    {
        "id": NASTY,
        "calcinosis": "present",
        "conditions": ["dermatomyositis"],
        "other": ["</script>"],
    },
    {"id": "b", "calcinosis": "present", "conditions": ["unheard of </td>", "kidney failure"]},
    {
        "id": "clash",
        "calcinosis": "present",
        "conditions": ["dermatomyositis"],
        "excluded": ["dermatomyositis"],
    },
    {
        "id": "sure",
        "age": "40 years",
        "calcinosis": "present",
        "conditions": ["dermatomyositis"],
        "labs": [
            {"test": "calcium", "value": 9.2, "unit": "mg/dL"},
            {"test": "phosphate", "value": 3.4, "unit": "mg/dL"},
        ],
    },
]


@cache
def made() -> tuple[str, Cohort]:
    kg = graph()
    tally = Tally(kg.classifier.case_classes)
    page = CohortPage(kg.library, "a review", "calcinosis")
    rows = [page.row(case, tally.add(case)) for case in kg.classify(CASES).cases]
    return "".join(page.whole(tally.cohort(), rows)), tally.cohort()


def parsed(text: str) -> ElementTree.Element:
    tree: ElementTree.Element = html5lib.HTMLParser(strict=True).parse(text)
    return tree


def words(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_every_patient_stands_in_a_row_with_all_verdicts_in_words() -> None:
    text, cohort = made()
    tree = parsed(text)
    table = next(one for one in tree.iter(XHTML + "table") if one.get("id") == "patients")
    rows = list(next(table.iter(XHTML + "tbody")))
    assert [words(row[0]) for row in rows] == [case["id"] for case in CASES]
    for row, patient in zip(rows, cohort.patients, strict=True):
        told = [words(cell) for cell in row if cell.get("data-is")]
        assert told == [VERDICT[standing] for standing in patient.standings]
    assert [row for row in rows if row.get("hidden") is not None] == []


def test_the_answer_stands_before_the_patients() -> None:
    text, cohort = made()
    assert text.index(cohort_tables.answer(cohort)) < text.index('id="patients"')
    assert "in 4 " not in cohort_tables.answer(cohort)
    assert "Of 4 patients a subtype follows in 1 " in cohort_tables.answer(cohort)


def test_markup_in_what_was_stated_stays_text() -> None:
    text, _ = made()
    tree = parsed(text)
    assert not list(tree.iter(XHTML + "img"))
    assert len(list(tree.iter(XHTML + "script"))) == 1
    assert NASTY in words(tree)
    assert "unheard of </td>" in words(tree)


def test_only_our_own_style_and_script_may_work() -> None:
    text, _ = made()
    tree = parsed(text)
    (policy,) = [
        str(one.get("content"))
        for one in tree.iter(XHTML + "meta")
        if one.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for name, rule in (("script", "script-src"), ("style", "style-src")):
        (found,) = tree.iter(XHTML + name)
        total = b64encode(hashlib.sha256((found.text or "").encode()).digest()).decode()
        assert f"{rule} 'sha256-{total}'" in policy
    assert not [one for one in tree.iter() if one.get("style") or one.get("onclick")]
    assert not re.search(r"\bsrc=\"|@import|url\(", text)


def test_the_page_can_be_read_aloud_and_by_keyboard() -> None:
    text, _ = made()
    tree = parsed(text)
    assert tree.get("lang") == "en"
    levels = [int(e.tag[-1]) for e in tree.iter() if re.fullmatch(r".*\}h[1-6]", str(e.tag))]
    assert levels[0] == 1
    assert max(levels) == 2
    assert all(next(iter(one)).tag == XHTML + "caption" for one in tree.iter(XHTML + "table"))
    assert all(e.get("scope") in ("col", "row") for e in tree.iter(XHTML + "th"))
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    links = {str(e.get("href"))[1:] for e in tree.iter(XHTML + "a") if e.get("href", "")[0] == "#"}
    assert links <= set(ids)
    for svg in tree.iter(SVG + "svg"):
        assert svg.get("role") == "img"
        assert words(svg[1])
    controls = [e for e in tree.iter() if e.tag in (XHTML + "input", XHTML + "select")]
    labelled = [e for label in tree.iter(XHTML + "label") for e in label]
    assert len(controls) == 3
    assert set(map(id, controls)) <= set(map(id, labelled))


def test_the_pictures_say_the_counts_in_words() -> None:
    _, cohort = made()
    for one in cohort.subtypes:
        said = ", ".join(
            f"{VERDICT[key]} {share.count}"
            for key, share in one.standings.items()
            if any(other.standings[key].count for other in cohort.subtypes)
        )
        assert f"{one.label}: {said}" in pictures.standings(cohort).told
    met = sum(one.statuses["met"] for one in cohort.criteria)
    assert met
    told = pictures.overlaps(cohort).told
    assert sum(map(int, re.findall(r"(\d+): ", told))) == len(cohort)
    for drawn in (pictures.standings(cohort), pictures.missing(cohort), pictures.overlaps(cohort)):
        assert all(0 <= mark.x <= drawn.width for mark in drawn.marks)
        assert all(0 <= mark.y <= drawn.height for mark in drawn.marks)


def test_a_thousand_patients_are_a_page_that_can_be_mailed() -> None:
    kg = graph()
    tally = Tally(kg.classifier.case_classes)
    page = CohortPage(kg.library, "a review", "calcinosis")
    cases = kg.classify(CASES).cases
    rows = [page.row(case, tally.add(case)) for case in cases]
    extra = sum(map(len, rows)) / len(rows)
    whole = sum(map(len, page.whole(tally.cohort(), rows)))
    assert whole - sum(map(len, rows)) + 1000 * extra < 5_000_000


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_no_patient_is_said_too(tmp_path: Path, form: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("id: a\nconditions: 7\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["classify", str(path), "-f", form, "-q"])
    assert "No patients; 1 input refused." in result.stdout
    assert "<script" not in result.stdout  # there is nothing to filter
    assert "bad.yaml" in result.stdout
    assert str(tmp_path) not in result.stdout


def test_markdown_has_all_patients_and_no_markup_of_theirs() -> None:
    _, cohort = made()
    text = "".join(cohort_tables.markdown(cohort, "a review", "calcinosis"))
    assert r"\<img src=x onerror=alert(1)\>" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) >= 3 for row in rows)
    for patient in cohort.patients[1:]:
        assert any(row.startswith(f"| {patient.id} |") for row in rows)


@pytest.mark.external
def test_pandoc_makes_word_of_the_markdown(tmp_path: Path) -> None:
    pandoc = shutil.which("pandoc")
    if pandoc is None:
        pytest.skip("pandoc is not there")
    _, cohort = made()
    source, target = tmp_path / "cohort.md", tmp_path / "cohort.docx"
    text = "".join(cohort_tables.markdown(cohort, "a review", "calcinosis"))
    source.write_text(text, encoding="utf-8")
    subprocess.run([pandoc, str(source), "-o", str(target)], check=True, timeout=120)
    back = subprocess.run(
        [pandoc, str(target), "-t", "plain", "--wrap=none"],
        check=True,
        capture_output=True,
        timeout=120,
    ).stdout.decode()
    assert NASTY in back
    assert "clash" in back


# -- pictures --------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [pictures.standings, pictures.missing, pictures.overlaps])
@pytest.mark.parametrize(
    ("form", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_a_picture_is_painted_the_same_each_time(
    draw: Callable[[Cohort], pictures.Drawn], form: str, start: bytes
) -> None:
    drawn = draw(made()[1])
    painted = drawn.painted(form)
    assert painted.startswith(start)
    assert painted == drawn.painted(form)


def test_the_shades_differ_in_lightness() -> None:
    for kinds in (STANDINGS, ("met", "violated", "unknown", "conflicting")):
        fills = [pictures.SHADES[kind][0] for kind in kinds]
        light = sorted(luminance(fill) for fill in fills)
        assert all(after - before > 0.02 for before, after in pairwise(light))
    for fill, ink in pictures.SHADES.values():
        low, high = sorted((luminance(fill), luminance(ink)))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """As WCAG 2 has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_picture_is_chosen_by_its_file_and_shape(tmp_path: Path) -> None:
    source, target = tmp_path / "a.yaml", tmp_path / "overlaps.svg"
    source.write_text("id: a\ncalcinosis: present\n", encoding="utf-8")
    words = ["classify", str(source), "-q", "-o", str(target), "--shape"]
    assert not CliRunner().invoke(cli, [*words, "overlaps"]).exception
    root = ElementTree.fromstring(target.read_text(encoding="utf-8"))
    assert root.tag == SVG + "svg"
    assert "Criteria that are met together" in " ".join(root.itertext())
    wrong = CliRunner().invoke(cli, [*words, "wide", "--force"])
    assert isinstance(wrong.exception, UsageError)


def test_a_reason_and_the_question_after_it_are_two_sentences() -> None:
    cases = [{"id": "a", "calcinosis": "present", "conditions": ["dermatomyositos"]}]
    told = cohort_tables.not_understood(graph().classify(cases).cohort)
    assert told is not None
    (row,) = told.rows
    assert "is unknown. Did you mean dermatomyositis?" in " ".join(row)


def test_the_colours_of_the_dark_are_legible() -> None:
    inks = {pictures.DARK[ink] for ink in ("#ffffff", "#1b2733")}
    assert set(pictures.DARK) >= {one for pair in pictures.SHADES.values() for one in pair}
    for fill, ink in pictures.SHADES.values():
        low, high = sorted(luminance(pictures.DARK[one]) for one in (fill, ink))
        assert (high + 0.05) / (low + 0.05) >= 4.5
    kept = [luminance(pictures.DARK[pictures.SHADES[kind][0]]) for kind in STANDINGS]
    assert all(after - before > 0.02 for before, after in pairwise(sorted(kept)))
    assert len(inks) == 2
