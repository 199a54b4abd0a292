"""A condition with its claim, a criterion, and a viewpoint are added by Turtle alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import calcinosis
from calcinosis.graph.locate import data
from tests.shared import graph

PREFIXES = """
@prefix calc: <https://w3id.org/calcinosis/> .
@prefix assoc: <https://w3id.org/calcinosis/association/> .
@prefix ref: <https://w3id.org/calcinosis/reference/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix cito: <http://purl.org/spar/cito/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix RO: <http://purl.obolibrary.org/obo/RO_> .
"""
NORMAL = ["abnormal calcium", "abnormal phosphate"]
DYSTROPHIC = "DystrophicCalcinosisCutis"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the ontology that a test may change."""
    return Path(shutil.copytree(data("ontology"), tmp_path / "ontology"))


def test_a_condition_with_its_claim(folder: Path) -> None:
    (folder / "extension.ttl").write_text(
        PREFIXES
        + """
calc:GlassSkinDisease a owl:Class ; rdfs:label "glass skin disease"@en ;
  rdfs:subClassOf calc:Condition , calc:SystemicTissueDamagingCondition .
[] a owl:Axiom ; owl:annotatedSource calc:GlassSkinDisease ; owl:annotatedProperty rdfs:subClassOf ;
  owl:annotatedTarget calc:SystemicTissueDamagingCondition ; calc:restsOn assoc:glass .
assoc:glass a calc:CauseAssociation ; calc:subject calc:GlassSkinDisease ;
  calc:predicate RO:0003302 ;
  calc:object calc:DystrophicCalcinosisCutis ; calc:licenses calc:SystemicTissueDamagingCondition ;
  calc:givesBasisFor calc:DystrophicCalcinosisCutis ; cito:citesAsEvidence ref:doe-2024 .
[] a owl:Axiom ; owl:annotatedSource assoc:glass ; owl:annotatedProperty cito:citesAsEvidence ;
  owl:annotatedTarget ref:doe-2024 ; calc:read "abstract" .
""",
        encoding="utf-8",
    )
    case = {
        "id": "a",
        "calcinosis": "present",
        "conditions": ["Glass skin disease"],
        "excluded": NORMAL,
    }
    verdict = calcinosis.load(ontology=folder).classify(case).cases[0].verdict(DYSTROPHIC)
    assert verdict.verdict == "entailed"
    damage = next(c for c in verdict.criteria if c.id == "WithTissueDamage")
    assert damage.facts == ("glass skin disease as the cause (R1)",)
    assert "doe-2024" in damage.references
    assert graph().classify(case, strict=True).refused


def test_a_criterion(folder: Path) -> None:
    (folder / "extension.ttl").write_text(
        PREFIXES
        + """
calc:WithRaynaud a owl:Class ; rdfs:label "Raynaud phenomenon present"@en ;
  rdfs:subClassOf calc:Criterion ; calc:sortOrder 90 ;
    calc:asks "colour changes of the fingers"@en ;
  owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( calc:Case
    [ a owl:Restriction ; owl:onProperty calc:hasFinding ;
      owl:someValuesFrom calc:RaynaudPhenomenon ] ) ] .
""",
        encoding="utf-8",
    )
    view = folder / "viewpoints" / "seed-reiter-2011.ttl"
    text = view.read_text(encoding="utf-8")
    assert text.count("calc:WithTissueDamage") > 1
    view.write_text(
        text.replace("calc:WithoutRaisedMineralLevel", "calc:WithRaynaud"), encoding="utf-8"
    )
    kg = calcinosis.load(ontology=folder)
    case = {"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"]}
    verdict = kg.classify(case).cases[0].verdict(DYSTROPHIC)
    assert (verdict.verdict, verdict.needed) == ("undetermined", ("colour changes of the fingers",))
    case["findings"] = ["Raynaud phenomenon"]
    assert kg.classify(case).cases[0].verdict(DYSTROPHIC).verdict == "entailed"


def test_a_viewpoint(folder: Path) -> None:
    (folder / "viewpoints" / "one-type.ttl").write_text(
        PREFIXES
        + """
<https://w3id.org/calcinosis/viewpoint/one-type> a calc:Viewpoint ; rdfs:label "one type"@en ;
  calc:presupposes calc:WithCalcinosis .
calc:DystrophicCase a owl:Class ; rdfs:label "dystrophic case"@en ;
  calc:caseOf calc:DystrophicCalcinosisCutis ; calc:causalCriterion calc:WithTissueDamage ;
  rdfs:subClassOf calc:Case , calc:WithCalcinosis , calc:WithTissueDamage .
[] a owl:Class ; owl:intersectionOf ( calc:WithCalcinosis calc:WithTissueDamage ) ;
  rdfs:subClassOf calc:DystrophicCase .
""",
        encoding="utf-8",
    )
    kg = calcinosis.load("one-type", ontology=folder)
    case = {"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"]}
    (found,) = kg.classify(case).cases[0].subtypes
    assert (found.id, found.verdict) == (DYSTROPHIC, "entailed")


def test_walsh_and_fairley_differ_from_the_seed() -> None:
    case = {
        "id": "a",
        "calcinosis": "present",
        "conditions": ["dermatomyositis"],
        "findings": ["hyperphosphataemia"],
    }
    ours = graph().classify(case).cases[0]
    theirs = calcinosis.load("walsh-fairley-1995").classify(case).cases[0]
    assert ours.verdict(DYSTROPHIC).verdict == "refuted"
    assert theirs.verdict(DYSTROPHIC).verdict == "entailed"
    assert [s.id for s in theirs.subtypes] == [s.id for s in ours.subtypes][:4]
    with pytest.raises(KeyError):
        theirs.verdict("Calciphylaxis")


def test_a_case_class_that_nothing_can_meet_is_ruled_out(folder: Path) -> None:
    (folder / "viewpoints" / "impossible.ttl").write_text(
        PREFIXES
        + """
<https://w3id.org/calcinosis/viewpoint/impossible> a calc:Viewpoint ; rdfs:label "impossible"@en ;
  calc:presupposes calc:WithCalcinosis .
calc:MetastaticCase a owl:Class ; rdfs:label "metastatic case"@en ;
  calc:caseOf calc:MetastaticCalcinosisCutis ;
  rdfs:subClassOf calc:Case , calc:WithHypercalcaemia , calc:WithHypocalcaemia .
[] a owl:Class ; owl:intersectionOf ( calc:WithHypercalcaemia calc:WithHypocalcaemia ) ;
  rdfs:subClassOf calc:MetastaticCase .
""",
        encoding="utf-8",
    )
    kg = calcinosis.load("impossible", ontology=folder)
    (found,) = kg.classify({"id": "a", "calcinosis": "present"}).cases[0].subtypes
    assert found.verdict == "refuted"
