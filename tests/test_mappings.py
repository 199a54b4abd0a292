"""Checks of the SSSOM files: what a row says of itself, and what exact matches may not join."""

from __future__ import annotations

from pathlib import Path

import pytest

from calcinosis.release.mappings import mapping_findings, read_mappings
from tests.test_release import ONTOLOGY, rules

HEAD = """#mapping_set_id: "https://example.org/m"
#license: "https://creativecommons.org/licenses/by/4.0/"
#curie_map:
#  calc: "https://w3id.org/calcinosis/"
#  X: "http://example.org/"
#  MEDDRA: "http://example.org/meddra/"
#  skos: "http://www.w3.org/2004/02/skos/core#"
#  semapv: "https://w3id.org/semapv/vocab/"
subject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification\tauthor_label\tmapping_date\tmapping_tool\tconfidence\tcomment
"""
BY = "semapv:ManualMappingCuration\tA. B.\t2026-11-29\ta tool\t0.9\tseen\n"
GOOD = f"calc:Acne\tacne\tskos:exactMatch\tX:1\t{BY}"
OTHER = f"calc:Scar\tscar\tskos:exactMatch\tX:2\t{BY}"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (HEAD + GOOD, None),
        (HEAD.replace("#license", "#rights") + GOOD, "mapping_metadata"),
        ("#[\n" + HEAD + GOOD, "mapping_metadata"),
        (HEAD.replace("mapping_justification", "other") + GOOD, "mapping_columns"),
        (HEAD.replace("comment", "remark") + GOOD, "mapping_columns"),
        (HEAD + GOOD.replace("\tseen", ""), "mapping_columns"),
        (HEAD + GOOD.replace("X:1", "Y:1"), "mapping_prefix"),
        (HEAD + GOOD.replace("exactMatch", "sameAs"), "mapping_predicate"),
        (HEAD + GOOD.replace("calc:Acne", "calc:Akne"), "mapping_subject"),
        (HEAD + GOOD.replace("\tacne\t", "\takne\t"), "mapping_label"),
        (HEAD + GOOD.replace("0.9", "high"), "mapping_confidence"),
        (HEAD + GOOD.replace("0.9", "9"), "mapping_confidence"),
        (HEAD + GOOD.replace("a tool", ""), "mapping_confidence"),
        (HEAD + GOOD.replace("A. B.", ""), "mapping_author"),
        (HEAD + GOOD.replace("2026-11-29", ""), "mapping_author"),
        (HEAD + GOOD.replace("ManualMappingCuration", "MappingChaining"), "mapping_source"),
        (HEAD + GOOD + GOOD.replace("X:1", "X:3"), "mapping_twice_exact"),
        (
            HEAD + GOOD.replace("seen", "as X:3") + GOOD.replace("X:1\t", "X:3\t"),
            "mapping_twice_exact",
        ),
        (
            HEAD
            + GOOD.replace("seen", "as X:3")
            + GOOD.replace("X:1", "X:3").replace("seen", "as X:1"),
            None,
        ),
        (HEAD + GOOD.replace("seen", "recalled"), "recalled_identifier"),
        (HEAD + GOOD.replace("X:1", "MEDDRA:1"), "mapping_licence"),
        (HEAD + GOOD + GOOD.replace("exactMatch", "closeMatch"), "mapping_repeated"),
        (HEAD + GOOD + OTHER.replace("X:2", "X:1"), "mapping_ambiguous"),
    ],
)
def test_a_mapping_file_with_a_fault(text: str, rule: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    path.write_text(text, encoding="utf-8")
    problems, rows = read_mappings([path])
    found = [*problems, *mapping_findings(rows, {"calc:Acne": "acne", "calc:Scar": "scar"})]
    assert (rule in rules(found)) if rule else not found


def test_others_that_hold_two_codes_equal_may_not_join_two_terms(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "a.sssom.tsv", tmp_path / "b.sssom.tsv"
    ours.write_text(HEAD + GOOD + OTHER, encoding="utf-8")
    said = "X:9\tz\tskos:exactMatch\tX:1\tsemapv:ManualMappingCuration\t\t\t\t\t\n"
    labels = {"calc:Acne": "acne", "calc:Scar": "scar"}
    _, rows = read_mappings([ours])
    for text, rule in (
        (said, None),
        (said + said.replace("X:1", "X:2"), "mapping_clique"),
        (said.replace("X:9", "X:2"), "mapping_clique"),
        (said + said.replace("X:1", "X:2").replace("exact", "close"), None),
    ):
        theirs.write_text(HEAD + text, encoding="utf-8")
        _, beside = read_mappings([theirs])
        found = rules(list(mapping_findings(rows, labels, beside)))
        assert found == ({rule} if rule else set()), text


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("diseases", "NCIT:C3496"),  # MONDO holds it for humoral hypercalcaemia of malignancy
        ("diseases", "Orphanet:289390"),  # MONDO holds it for every Sjögren syndrome
        ("icd", "icd11.foundation:899463360"),
    ],
)
def test_a_looser_match_of_ours_may_not_be_exact(file: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / f"{file}.sssom.tsv"
    text = (ONTOLOGY / "mappings" / path.name).read_text(encoding="utf-8")
    assert f"skos:closeMatch\t{code}\t" in text
    path.write_text(text.replace(f"closeMatch\t{code}\t", f"exactMatch\t{code}\t"), "utf-8")
    kept = [p for p in (ONTOLOGY / "mappings").glob("*.tsv") if p.name != path.name]
    _, rows = read_mappings([path, *kept])
    _, beside = read_mappings([ONTOLOGY / "equivalents.sssom.tsv"])
    labels = {row.cell("subject_id"): row.cell("subject_label") for row in rows}
    assert rules(list(mapping_findings(rows, labels, beside))) == {"mapping_clique"}


def test_a_mapping_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    path.write_bytes(b"\xff")
    assert rules(read_mappings([path])[0]) == {"mapping_unreadable"}
