"""The named look-ups say no more than the sources do, and what is near to what is not there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis import names
from calcinosis.graph.catalogue import Catalogue
from calcinosis.graph.results import SEPARATOR
from tests.terminal import run

CATALOGUE = Catalogue()
NAMES = CATALOGUE.names()


def columns(name: str) -> list[str]:
    select = re.search(r"^SELECT ([^{]*)\{", CATALOGUE.look_up(name).text, re.MULTILINE)
    assert select is not None
    return re.findall(r"\?([a-z_]+)", select[1])


# -- contested claims ---------------------------------------------------------------------------


def test_each_contested_pair_stands_once_with_both_sides(kg: calcinosis.KnowledgeGraph) -> None:
    claims = kg.ontology.claims.associations
    rows = kg.query("contested").rows()
    pairs = [frozenset((row["claim"], row["against"])) for row in rows]
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) == {
        frozenset((claim.iri, other)) for claim in claims.values() for other in claim.contested_by
    }
    for row in rows:
        for side, before in (("claim", ""), ("against", "against_")):
            claim = claims[row[side]]
            assert row[before + "statement"] == claim.statement
            assert row[before + "references"] == SEPARATOR.join(sorted(claim.references))
            for column in ("read", "study_type"):
                assert len(row[before + column].split(SEPARATOR)) == len(claim.references)


def test_a_contested_pair_is_found_from_either_side(kg: calcinosis.KnowledgeGraph) -> None:
    every = kg.query("contested")
    for term in ("tumoral calcinosis", "heel stick", "extravasation"):
        few = kg.query("contested", term=term)
        assert 0 < len(few) < len(every)
    told = [
        f"{row['claim_label']} {row['against_label']}"
        for row in kg.query("contested", term="intravenous calcium gluconate").rows()
    ]
    assert any("extravasation" in words for words in told)


# -- what a claim's wording may not hide -----------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_row_of_one_claim_has_its_statement_and_the_study_types(
    name: str, kg: calcinosis.KnowledgeGraph
) -> None:
    library, claims = kg.ontology.library.bibliography, kg.ontology.claims.associations
    for row in kg.query(name).rows():
        if row.get("claim") not in claims or "interpretation" in row:  # a row of a reading
            continue
        assert row["statement"] == claims[row["claim"]].statement
        keys = row["references"].split(SEPARATOR)
        types = row["study_type"].split(SEPARATOR)
        if name == "claims-by-study-type":  # whose references are all of the one type asked for
            types *= len(keys)
        assert types == [library[key].study_type for key in keys]


@pytest.mark.parametrize("name", [n for n in NAMES if {"relation", "claim"} <= set(columns(n))])
def test_what_only_case_reports_tell_is_worded_as_a_report(
    name: str, kg: calcinosis.KnowledgeGraph
) -> None:
    stated = {"features", "placements"}  # a definition is no observation
    claims = kg.ontology.claims.associations
    for row in kg.query(name).rows():
        alone = set(row["study_type"].split(SEPARATOR)) == {"case report"}
        typical = claims[row["claim"]].predicate.endswith("hasTypicalResult")
        said = "reported to cause" if name in ("causes", "effects") else "reported with"
        if name not in stated:
            assert (row["relation"] == said) == (alone and not typical), row


def test_a_cause_of_case_reports_only_is_hedged_wherever_it_is_named(
    kg: calcinosis.KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    library = kg.ontology.library.bibliography
    hedged = 0
    for claim in kg.ontology.claims.associations.values():
        if claim.kind == "CauseAssociation":
            alone = {library[key].study_type for key in claim.references} == {"case report"}
            assert (" is reported to cause " in claim.label) == alone, claim.label
            hedged += alone
    assert hedged > 10
    label = "tumour lysis syndrome is reported to cause metastatic calcinosis cutis"
    assert label in {r["claim_label"] for r in kg.query("claims", term="tumour lysis").rows()}
    assert label.capitalize() in " ".join(str(kg.show("tumour lysis syndrome")).split())
    _, out, _ = run(["query", "causes", "--subtype", "dystrophic"], capsys)
    assert "reported" in out
    assert out.splitlines()[2].split()[:2] == ["cause", "relation"]


def test_what_was_found_without_a_comparison_is_no_association(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    found = [
        claim
        for claim in kg.ontology.claims.associations.values()
        if claim.predicate.endswith("reportedWith")
    ]
    assert len(found) > 10
    general = re.compile("associated|causes|predisposes|likelihood")
    assert not [claim.label for claim in found if general.search(claim.label)]
    rows = kg.query("overlaps", term="rheumatoid arthritis").rows()
    assert [row["relation"] for row in rows if "balin-2012" in row["references"]] == ["found with"]
    (mark,) = [r for r in kg.query("laboratory").rows() if "kdoqi-2003" in r["references"]]
    assert "is to be kept below 55" in mark["pattern"]


def test_a_single_patient_makes_nothing_typical(kg: calcinosis.KnowledgeGraph) -> None:
    rows = kg.query("laboratory").rows()
    typical = {row["pattern"] for row in rows if "typically" in row["pattern"]}
    assert typical == {
        "dystrophic calcinosis cutis typically shows normal systemic hormone profile",
        "idiopathic calcinosis cutis typically shows hyperphosphataemia",
    }
    (jo1,) = [r for r in kg.query("antibodies").rows() if "Jo-1" in r["antibody_label"]]
    assert (jo1["relation"], jo1["study_type"]) == ("reported with", "case report")
    assert jo1["statement"] == "Positive in the one child who is reported."


# -- what is not there ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("code", "MONDO:0016377", ["MONDO:0016367 (", "The vocabularies known are CHEBI, DOID"]),
        ("code", "calcifilaxis", ["MONDO:0017215 (calciphylaxis)"]),
        ("code", "ZZ:1", ["No code or label is near to it."]),
        ("author", "Nigwekhar", ["Nearest: Nigwekar."]),
        ("author", "qqqq", ["No name is near to it."]),
    ],
)
def test_what_is_not_found_is_answered_with_the_nearest(
    name: str,
    value: str,
    words: list[str],
    kg: calcinosis.KnowledgeGraph,
    capsys: pytest.CaptureFixture[str],
) -> None:
    look = {"code": "code", "author": "by-author"}[name]
    given: dict[str, Any] = {name: value}
    table = kg.query(look, **given)
    assert not table
    code, out, errors = run(["query", look, f"--{name}", value], capsys)
    flat = " ".join(out.split())
    assert (code, errors) == (0, "")
    assert f"{name}: {value} No rows. " in flat
    assert table.remark in flat
    assert all(word in table.remark for word in words), table.remark
    code, out, errors = run(["query", look, f"--{name}", value, "-f", "csv"], capsys)
    assert (code, len(out.splitlines()), errors) == (0, 1, f"{table.remark}\n")
    assert run(["query", look, f"--{name}", value, "-f", "csv", "-q"], capsys)[2] == ""
    assert value in kg.query(look, **given)._repr_html_()


def test_what_is_found_has_no_remark(kg: calcinosis.KnowledgeGraph) -> None:
    assert not kg.query("code", code="hp:0025520").remark
    assert not kg.query("by-author", author="nigwek").remark
    assert not kg.query("claims-among", condition="scar").remark


@pytest.mark.parametrize("code", ["L94.2", "l94.2"])
def test_a_bare_code_is_that_of_every_vocabulary_that_has_it(
    code: str, kg: calcinosis.KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {row["code"] for row in kg.query("code", code=code).rows()}
    mapped = {m.object for m in kg.lookups.lexicon.terms.mappings}
    assert found == {m for m in mapped if m.partition(":")[2] == "L94.2"}
    assert len(found) > 1
    assert [hit.entry.id for hit in kg.search(code, 1)] == ["CalcinosisCutis"]
    assert run(["search", code], capsys)[1].startswith("calcinosis cutis ")


# -- how rows are to be read ----------------------------------------------------------------


def test_causes_that_occur_together_are_no_kinds_of_each_other(
    kg: calcinosis.KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    terms, library = kg.ontology.terms, kg.ontology.library.bibliography
    for word in ("case report", "review"):
        for row in kg.query("co-occurring", study_type=word).rows():
            assert row["other"] not in terms.ancestors(row["cause"])
            assert row["cause"] not in terms.ancestors(row["other"])
            assert row["report"] == library[row["references"]].label
    _, out, _ = run(["query", "co-occurring"], capsys)
    assert "not necessarily of one patient" in " ".join(out.split())
    _, out, errors = run(["query", "co-occurring", "-f", "csv"], capsys)
    assert ("patient" in out, errors) == (False, "")


@pytest.mark.slow
def test_the_ages_of_intervals_are_words_and_gaps_are_told(
    kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    rows = kg.query("intervals", analyte="total serum calcium").rows()
    told = [(row["age"], row["gap_before"], row["from_age"], row["to_age"]) for row in rows]
    assert told[:3] == [
        ("0 – 11 days", "", "P0D", "P11D"),
        ("11 days – 2 years", "", "P11D", "P2Y"),
        ("3 – 13 years", "2 – 3 years", "P3Y", "P13Y"),
    ]
    assert told[-1][0] == "18 years and over"
    rows = kg.query("intervals", analyte="phosphate").rows()
    assert [(row["age"], row["gap_before"]) for row in rows[:2]] == [
        ("0 – 6 days", ""),
        ("1 day – 1 month", ""),
    ]
    folder = tmp_path / "ontology"
    shutil.copytree(kg.ontology.folder, folder)
    path = folder / "laboratory.ttl"
    text = path.read_text(encoding="utf-8")
    before, name, after = text.partition("interval:phosphate-newborn-davis a ")
    moved = after.replace("calc:analyte calc:Phosphate", "calc:analyte calc:Albumin", 1)
    path.write_text(before + name + moved, encoding="utf-8")
    (first, *_) = calcinosis.load(ontology=folder).query("intervals", analyte="phosphate").rows()
    assert (first["age"], first["gap_before"]) == ("1 day – 1 month", "0 days – 1 day")
    shown = kg.query("intervals")
    assert shown.note in shown._repr_html_()


def test_what_is_inferred_says_from_what(kg: calcinosis.KnowledgeGraph) -> None:
    (row,) = [
        row
        for row in kg.query("implied", criterion="IdiopathicCase").rows()
        if row["implied_label"] == "calcium and phosphate not raised"
    ]
    assert (row["status"], row["why"]) == ("inferred", "follows from no underlying cause")
    behind = [
        axiom
        for axiom in kg.classifier.fragment.axioms
        if (axiom.form, names.local(str(getattr(axiom.left, "iri", ""))))
        in (("subclass", "IdiopathicCase"), ("equivalent", "WithoutRaisedMineralLevel"))
        and getattr(axiom.right, "iri", "") != names.CC + "WithCalcinosis"
    ]
    claims = {iri for axiom in behind for iri in axiom.rests_on}
    cited = {key for iri in claims for key in kg.ontology.claims.references(iri)}
    assert len(behind) >= 2
    assert {"fernandez-2015", "reiter-2011"} <= cited
    assert row["references"].split(SEPARATOR) == sorted(cited)
    above = {row["above_label"]: row for row in kg.query("above", term="acne scar").rows()}
    assert above["condition"]["why"] == "follows from local tissue-damaging condition; scar"
    assert (
        above["condition"]["references"] == (above["local tissue-damaging condition"]["references"])
    )
