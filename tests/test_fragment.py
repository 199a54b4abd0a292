"""What a definition may use: everything outside the fragment is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph.ontology import load, viewpoints
from calcinosis.graph.triples import Triples
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.fragment import Axiom, Fragment, Named, Some

HEAD = f"""
@prefix cc: <{names.CC}> .
@prefix owl: <{names.OWL}> .
@prefix rdfs: <{names.RDFS}> .
"""
SMALL = f"""{HEAD}
cc:hasCondition a owl:ObjectProperty . cc:underwent a owl:ObjectProperty .
cc:hasFinding a owl:ObjectProperty .
cc:hasConditionAtDeposit a owl:ObjectProperty ; rdfs:subPropertyOf cc:hasCondition .
cc:Condition a owl:Class . cc:Finding a owl:Class . cc:Case a owl:Class .
cc:A a owl:Class ; rdfs:subClassOf cc:Condition . cc:A1 a owl:Class ; rdfs:subClassOf cc:A .
cc:B a owl:Class ; rdfs:subClassOf cc:Condition .
cc:C a owl:Class ; rdfs:subClassOf cc:Condition .
cc:F a owl:Class ; rdfs:subClassOf cc:Finding .
cc:ShowsA a owl:Class ; rdfs:subClassOf cc:Case ; owl:equivalentClass
  [ a owl:Restriction ; owl:onProperty cc:hasCondition ; owl:someValuesFrom cc:A ] .
cc:ShowsB a owl:Class ; rdfs:subClassOf cc:Case ; owl:equivalentClass
  [ a owl:Restriction ; owl:onProperty cc:hasCondition ; owl:someValuesFrom cc:B ] .
cc:WithEither a owl:Class ; rdfs:subClassOf cc:Case ;
  owl:equivalentClass [ a owl:Class ; owl:unionOf ( cc:ShowsA cc:ShowsB ) ] .
cc:WithNone a owl:Class ; rdfs:subClassOf cc:Case ;
  owl:equivalentClass [ a owl:Class ; owl:complementOf cc:WithEither ] .
cc:Sick a owl:Class ; rdfs:subClassOf cc:Case , cc:ShowsA , cc:ShowsB .
[ a owl:Class ; owl:intersectionOf ( cc:ShowsA cc:ShowsB ) ] rdfs:subClassOf cc:Sick .
"""
KINDS = {
    **dict.fromkeys([names.CC + n for n in ("Condition", "A", "A1", "B", "C")], "condition"),
    **dict.fromkeys([names.CC + n for n in ("Finding", "F")], "finding"),
    **dict.fromkeys([names.CC + n for n in ("Case", "ShowsA", "ShowsB", "Sick")], "other"),
}
OUTSIDE = {
    "a transitive link": "cc:hasCondition a owl:TransitiveProperty .",
    "an inverse": "cc:conditionOf a owl:ObjectProperty ; owl:inverseOf cc:hasCondition .",
    "a chain": "cc:hasCondition owl:propertyChainAxiom ( cc:hasFinding cc:hasCondition ) .",
    "cardinality": "cc:Sick rdfs:subClassOf [ a owl:Restriction ; owl:onProperty cc:hasFinding ;"
    " owl:maxCardinality 1 ] .",
    "a nominal": "cc:Sick rdfs:subClassOf [ a owl:Class ; owl:oneOf ( cc:someone ) ] .",
    "a value restriction": "cc:Sick rdfs:subClassOf [ a owl:Restriction ;"
    " owl:onProperty cc:hasFinding ; owl:allValuesFrom cc:F ] .",
    "a restriction without a link": "cc:WithX rdfs:subClassOf cc:Case ; owl:equivalentClass"
    " [ a owl:Restriction ; owl:someValuesFrom cc:F ] .",
    "a key": "cc:Case owl:hasKey ( cc:hasFinding ) .",
    "a domain": "cc:hasFinding rdfs:domain cc:ShowsA .",
    "a range": "cc:hasCondition rdfs:range cc:A .",
    "a data property": "cc:level a owl:DatatypeProperty .",
    "disjoint conditions": "cc:A owl:disjointWith cc:B .",
    "an empty class": "cc:A rdfs:subClassOf owl:Nothing .",
    "an empty link": "cc:hasConditionAtDeposit rdfs:subPropertyOf owl:bottomObjectProperty .",
    "a defined condition": "cc:A owl:equivalentClass [ a owl:Class ; owl:complementOf cc:B ] .",
    "an anonymous superclass": "cc:A rdfs:subClassOf [ a owl:Restriction ;"
    " owl:onProperty cc:hasFinding ; owl:someValuesFrom cc:F ] .",
    "a union stated of a named class": "cc:B owl:unionOf ( cc:A1 ) .",
    "an expression that is two": "cc:WithX rdfs:subClassOf cc:Case ; owl:equivalentClass"
    " [ owl:unionOf ( cc:ShowsA ) ; owl:complementOf cc:ShowsB ] .",
    "a union with every case": "cc:WithX rdfs:subClassOf cc:Case ; owl:equivalentClass"
    " [ owl:unionOf ( cc:ShowsA cc:Case ) ] .",
    "a literal": 'cc:A rdfs:subClassOf "B" .',
    "an annotation of what is not stated": "[] a owl:Axiom ; owl:annotatedSource cc:A ;"
    " owl:annotatedProperty rdfs:subClassOf ; owl:annotatedTarget cc:B .",
    "two definitions": "cc:ShowsA owl:equivalentClass cc:ShowsB .",
    "a definition in both forms": "cc:Sick owl:equivalentClass cc:ShowsA .",
    "a circle of definitions": "cc:WithX rdfs:subClassOf cc:Case ; owl:equivalentClass"
    " [ owl:unionOf ( cc:ShowsA cc:WithY ) ] . cc:WithY rdfs:subClassOf cc:Case ;"
    " owl:equivalentClass [ owl:complementOf cc:WithX ] .",
    "a circle of terms": "cc:A rdfs:subClassOf cc:A1 .",
    "an atom of both polarities": "cc:WithX rdfs:subClassOf cc:Case ; owl:equivalentClass"
    " [ owl:intersectionOf ( cc:WithEither [ owl:complementOf cc:ShowsA ] ) ] .",
    "a sufficient set that is not the necessary one": "[ a owl:Class ; owl:intersectionOf"
    " ( cc:ShowsA cc:WithNone ) ] rdfs:subClassOf cc:Odd . cc:Odd rdfs:subClassOf cc:Case ,"
    " cc:ShowsA .",
    "a sufficient side with a complement": "[ a owl:Class ; owl:intersectionOf ( cc:ShowsA"
    " [ a owl:Class ; owl:complementOf cc:ShowsB ] ) ] rdfs:subClassOf cc:Odd ."
    " cc:Odd rdfs:subClassOf cc:Case , cc:ShowsA , cc:ShowsB .",
    "an undeclared term": "cc:A1 rdfs:subClassOf cc:Unheard .",
    "a term of two kinds": "cc:A1 rdfs:subClassOf cc:F .",
    "a union of two kinds": "cc:C owl:equivalentClass [ owl:unionOf ( cc:A cc:F ) ] .",
    "a link of two kinds": "cc:hasConditionAtDeposit rdfs:subPropertyOf cc:hasFinding .",
    "a finding reached as a condition": "cc:WithX rdfs:subClassOf cc:Case ; owl:equivalentClass"
    " [ a owl:Restriction ; owl:onProperty cc:hasCondition ; owl:someValuesFrom cc:F ] .",
}


SAYS = {  # of each kind, who is at fault and in what
    "a transitive link": "hasCondition is an owl:TransitiveProperty",
    "an inverse": "conditionOf uses owl:inverseOf",
    "a chain": "hasCondition uses owl:propertyChainAxiom",
    "cardinality": "owl:maxCardinality",
    "a nominal": "owl:oneOf",
    "a value restriction": "owl:allValuesFrom",
    "a restriction without a link": "WithX uses owl:someValuesFrom",
    "a key": "Case uses owl:hasKey",
    "a domain": "hasFinding uses rdfs:domain",
    "a range": "hasCondition uses rdfs:range",
    "a data property": "level is an owl:DatatypeProperty",
    "disjoint conditions": "A is disjoint with a class that is no case class",
    "an empty class": "A stands below owl:Nothing",
    "an empty link": "hasConditionAtDeposit stands below owl:bottomObjectProperty",
    "a defined condition": "A is defined by more than a union",
    "an anonymous superclass": "A has an anonymous superclass",
    "a union stated of a named class": "B uses owl:unionOf",
    "an expression that is two": "WithX uses owl:complementOf",
    "a union with every case": "WithX has a union with every case",
    "a literal": "A has a literal where a class is expected",
    "an annotation of what is not stated": "A annotates an axiom that is not stated",
    "two definitions": "ShowsA has two definitions",
    "a definition in both forms": "Sick has two definitions",
    "a circle of definitions": "is defined by itself",
    "a circle of terms": "stands above itself",
    "an atom of both polarities": "WithX uses A both affirmed and denied",
    "a sufficient set that is not the necessary one": "differs from its necessary set in WithNone:",
    "a sufficient side with a complement": "more than an intersection of criteria",
    "an undeclared term": "Unheard is used but not declared",
    "a term of two kinds": "A1 stands below terms of two kinds",
    "a union of two kinds": "F stands below terms of two kinds",
    "a link of two kinds": "hasConditionAtDeposit stands below two kinds of link",
    "a finding reached as a condition": "hasCondition is used with F",
}


def compiled(tmp_path: Path, more: str = "") -> Compiled:
    module = tmp_path / "small.ttl"
    module.write_text(SMALL + more, encoding="utf-8")
    triples = Triples()
    triples.read(module)
    return Compiled(Fragment.of(triples), KINDS)


@pytest.mark.parametrize("kind", OUTSIDE)
def test_what_is_outside_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(OntologyError) as caught:
        compiled(tmp_path, OUTSIDE[kind])
    assert SAYS[kind] in caught.value.what
    assert caught.value.exit_code == 3
    assert caught.value.cure


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (OUTSIDE["cardinality"], "maxCardinality"),
        (OUTSIDE["a value restriction"], "allValuesFrom"),
        (
            "cc:Sick rdfs:subClassOf [ a owl:Restriction ; owl:onProperty cc:hasFinding ] .",
            "onProperty",
        ),
    ],
)
def test_what_is_outside_is_named(lines: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=f"uses owl:{name}: outside"):
        compiled(tmp_path, lines)


def test_the_accepted_forms_compile(tmp_path: Path) -> None:
    found = compiled(tmp_path)
    a = found.literal(Some(names.CC + "hasConditionAtDeposit", names.CC + "A1"))
    b = found.literal(Some(names.HAS_CONDITION, names.CC + "B"))
    sick = found.literal(names.CC + "Sick")
    assert found.evaluate([a, b]).holds(sick)
    assert not found.evaluate([a]).holds(sick)
    assert found.evaluate([a, b ^ 1]).holds(sick ^ 1)
    assert not found.evaluate([a, found.literal(names.CC + "WithNone")]).consistent


def test_that_it_is_a_case_need_not_be_stated(tmp_path: Path) -> None:
    more = (
        "cc:Odd rdfs:subClassOf cc:Case , cc:ShowsA , cc:ShowsB . [ a owl:Class ;"
        " owl:intersectionOf ( cc:Case cc:ShowsA cc:ShowsB ) ] rdfs:subClassOf cc:Odd ."
    )
    found = compiled(tmp_path, more)
    a, b, odd = (found.literal(names.CC + name) for name in ("ShowsA", "ShowsB", "Odd"))
    assert found.evaluate([a, b]).holds(odd)
    assert not found.evaluate([a]).holds(odd)
    assert found.evaluate([a, odd ^ 1]).holds(b ^ 1)


def test_that_it_is_a_criterion_is_no_part_of_a_definition(tmp_path: Path) -> None:
    placed = "cc:Criterion a owl:Class ; rdfs:subClassOf cc:Case . "
    found = compiled(tmp_path, f"{placed} cc:Sick rdfs:subClassOf cc:Criterion .")
    a, b, sick = (found.literal(names.CC + name) for name in ("ShowsA", "ShowsB", "Sick"))
    assert found.evaluate([a, b]).holds(sick)


def test_an_axiom_is_what_it_says_wherever_it_is_stated() -> None:
    one = Axiom("subclass", "a", "b", triple=("a", "p", "b"))
    assert one == Axiom("subclass", "a", "b", triple=("_:1", "p", "_:2"))
    assert one != Axiom("subclass", "a", "b", rests_on=("claim",))


def test_a_denied_disjunction_is_settled_by_cases(tmp_path: Path) -> None:
    more = (
        "cc:WithC rdfs:subClassOf cc:Case ; owl:equivalentClass [ a owl:Restriction ;"
        " owl:onProperty cc:hasCondition ; owl:someValuesFrom cc:C ] ."
        " cc:ShowsA rdfs:subClassOf cc:WithC . cc:ShowsB rdfs:subClassOf cc:WithC ."
    )
    found = compiled(tmp_path, more)
    either, target = found.literal(names.CC + "WithEither"), found.literal(names.CC + "WithC")
    state = found.evaluate([either])
    assert state.holds(target), "what both parts of a union entail follows from the union"
    support = found.support(state, target)
    assert support.facts == {either}
    stated = {str(found.axioms[number].left) for number in support.axioms}
    assert {str(Named(names.CC + name)) for name in ("WithEither", "ShowsA", "ShowsB")} <= stated


@pytest.mark.parametrize("viewpoint", viewpoints())
def test_no_subtype_is_ruled_out_unless_one_of_its_criteria_is(viewpoint: str) -> None:
    """What ``docs/reasoning.md`` rests on where it puts parts of the proof together."""
    classifier = Classifier(load(viewpoint))
    heads = {case_class.literal >> 1 for case_class in classifier.case_classes}
    added = {literal >> 1 for clause in classifier.compiled._added for literal in clause}
    assert not heads & added


def test_excluding_that_neither_level_is_raised_leaves_an_abnormal_one() -> None:
    compiled = Classifier(load("visualdx")).compiled
    calcinosis = compiled.literal(Some(names.HAS_CONDITION, names.CALCINOSIS))
    excluded = compiled.literal(names.CC + "WithoutRaisedMineralLevel", affirmed=False)
    state = compiled.evaluate([calcinosis, excluded])
    assert state.holds(compiled.literal(names.CC + "MetastaticCase"))
