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
@prefix calc: <{names.CC}> .
@prefix owl: <{names.OWL}> .
@prefix rdfs: <{names.RDFS}> .
"""
SMALL = f"""{HEAD}
calc:hasCondition a owl:ObjectProperty . calc:underwent a owl:ObjectProperty .
calc:hasFinding a owl:ObjectProperty .
calc:hasConditionAtDeposit a owl:ObjectProperty ; rdfs:subPropertyOf calc:hasCondition .
calc:Condition a owl:Class . calc:Finding a owl:Class . calc:Case a owl:Class .
calc:A a owl:Class ; rdfs:subClassOf calc:Condition . calc:A1 a owl:Class ; rdfs:subClassOf calc:A .
calc:B a owl:Class ; rdfs:subClassOf calc:Condition .
calc:C a owl:Class ; rdfs:subClassOf calc:Condition .
calc:F a owl:Class ; rdfs:subClassOf calc:Finding .
calc:ShowsA a owl:Class ; rdfs:subClassOf calc:Case ; owl:equivalentClass
  [ a owl:Restriction ; owl:onProperty calc:hasCondition ; owl:someValuesFrom calc:A ] .
calc:ShowsB a owl:Class ; rdfs:subClassOf calc:Case ; owl:equivalentClass
  [ a owl:Restriction ; owl:onProperty calc:hasCondition ; owl:someValuesFrom calc:B ] .
calc:WithEither a owl:Class ; rdfs:subClassOf calc:Case ;
  owl:equivalentClass [ a owl:Class ; owl:unionOf ( calc:ShowsA calc:ShowsB ) ] .
calc:WithNone a owl:Class ; rdfs:subClassOf calc:Case ;
  owl:equivalentClass [ a owl:Class ; owl:complementOf calc:WithEither ] .
calc:Sick a owl:Class ; rdfs:subClassOf calc:Case , calc:ShowsA , calc:ShowsB .
[ a owl:Class ; owl:intersectionOf ( calc:ShowsA calc:ShowsB ) ] rdfs:subClassOf calc:Sick .
"""
KINDS = {
    **dict.fromkeys([names.CC + n for n in ("Condition", "A", "A1", "B", "C")], "condition"),
    **dict.fromkeys([names.CC + n for n in ("Finding", "F")], "finding"),
    **dict.fromkeys([names.CC + n for n in ("Case", "ShowsA", "ShowsB", "Sick")], "other"),
}
OUTSIDE = {
    "a transitive link": "calc:hasCondition a owl:TransitiveProperty .",
    "an inverse": "calc:conditionOf a owl:ObjectProperty ; owl:inverseOf calc:hasCondition .",
    "a chain": "calc:hasCondition owl:propertyChainAxiom ( calc:hasFinding calc:hasCondition ) .",
    "cardinality": "calc:Sick rdfs:subClassOf [ a owl:Restriction ; owl:onProperty"
    " calc:hasFinding ;"
    " owl:maxCardinality 1 ] .",
    "a nominal": "calc:Sick rdfs:subClassOf [ a owl:Class ; owl:oneOf ( calc:someone ) ] .",
    "a value restriction": "calc:Sick rdfs:subClassOf [ a owl:Restriction ;"
    " owl:onProperty calc:hasFinding ; owl:allValuesFrom calc:F ] .",
    "a restriction without a link": "calc:WithX rdfs:subClassOf calc:Case ; owl:equivalentClass"
    " [ a owl:Restriction ; owl:someValuesFrom calc:F ] .",
    "a key": "calc:Case owl:hasKey ( calc:hasFinding ) .",
    "a domain": "calc:hasFinding rdfs:domain calc:ShowsA .",
    "a range": "calc:hasCondition rdfs:range calc:A .",
    "a data property": "calc:level a owl:DatatypeProperty .",
    "disjoint conditions": "calc:A owl:disjointWith calc:B .",
    "an empty class": "calc:A rdfs:subClassOf owl:Nothing .",
    "an empty link": "calc:hasConditionAtDeposit rdfs:subPropertyOf owl:bottomObjectProperty .",
    "a defined condition": "calc:A owl:equivalentClass [ a owl:Class ; owl:complementOf calc:B ] .",
    "an anonymous superclass": "calc:A rdfs:subClassOf [ a owl:Restriction ;"
    " owl:onProperty calc:hasFinding ; owl:someValuesFrom calc:F ] .",
    "a union stated of a named class": "calc:B owl:unionOf ( calc:A1 ) .",
    "an expression that is two": "calc:WithX rdfs:subClassOf calc:Case ; owl:equivalentClass"
    " [ owl:unionOf ( calc:ShowsA ) ; owl:complementOf calc:ShowsB ] .",
    "a union with every case": "calc:WithX rdfs:subClassOf calc:Case ; owl:equivalentClass"
    " [ owl:unionOf ( calc:ShowsA calc:Case ) ] .",
    "a literal": 'calc:A rdfs:subClassOf "B" .',
    "an annotation of what is not stated": "[] a owl:Axiom ; owl:annotatedSource calc:A ;"
    " owl:annotatedProperty rdfs:subClassOf ; owl:annotatedTarget calc:B .",
    "two definitions": "calc:ShowsA owl:equivalentClass calc:ShowsB .",
    "a definition in both forms": "calc:Sick owl:equivalentClass calc:ShowsA .",
    "a circle of definitions": "calc:WithX rdfs:subClassOf calc:Case ; owl:equivalentClass"
    " [ owl:unionOf ( calc:ShowsA calc:WithY ) ] . calc:WithY rdfs:subClassOf calc:Case ;"
    " owl:equivalentClass [ owl:complementOf calc:WithX ] .",
    "a circle of terms": "calc:A rdfs:subClassOf calc:A1 .",
    "an atom of both polarities": "calc:WithX rdfs:subClassOf calc:Case ; owl:equivalentClass"
    " [ owl:intersectionOf ( calc:WithEither [ owl:complementOf calc:ShowsA ] ) ] .",
    "a sufficient set that is not the necessary one": "[ a owl:Class ; owl:intersectionOf"
    " ( calc:ShowsA calc:WithNone ) ] rdfs:subClassOf calc:Odd . calc:Odd rdfs:subClassOf"
    " calc:Case ,"
    " calc:ShowsA .",
    "a sufficient side with a complement": "[ a owl:Class ; owl:intersectionOf ( calc:ShowsA"
    " [ a owl:Class ; owl:complementOf calc:ShowsB ] ) ] rdfs:subClassOf calc:Odd ."
    " calc:Odd rdfs:subClassOf calc:Case , calc:ShowsA , calc:ShowsB .",
    "an undeclared term": "calc:A1 rdfs:subClassOf calc:Unheard .",
    "a term of two kinds": "calc:A1 rdfs:subClassOf calc:F .",
    "a union of two kinds": "calc:C owl:equivalentClass [ owl:unionOf ( calc:A calc:F ) ] .",
    "a link of two kinds": "calc:hasConditionAtDeposit rdfs:subPropertyOf calc:hasFinding .",
    "a finding reached as a condition": "calc:WithX rdfs:subClassOf calc:Case ; owl:equivalentClass"
    " [ a owl:Restriction ; owl:onProperty calc:hasCondition ; owl:someValuesFrom calc:F ] .",
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
            "calc:Sick rdfs:subClassOf [ a owl:Restriction ; owl:onProperty calc:hasFinding ] .",
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


def test_kinds_of_term_may_exclude_each_other_unless_a_term_is_both(tmp_path: Path) -> None:
    apart = "calc:Condition owl:disjointWith calc:Finding ."
    assert compiled(tmp_path, apart).axioms == compiled(tmp_path).axioms
    both = f"{apart} calc:D rdfs:subClassOf calc:Condition , calc:Finding ."
    with pytest.raises(OntologyError, match="Condition is disjoint with a class"):
        compiled(tmp_path, both)


def test_a_term_may_have_parts_and_a_class_of_cases_may_not(tmp_path: Path) -> None:
    part = f"<{names.HAS_PART}>"
    whole = (
        f"{part} a owl:ObjectProperty . calc:{{}} rdfs:subClassOf"
        f" [ a owl:Restriction ; owl:onProperty {part} ; owl:someValuesFrom calc:B ] ."
    )
    assert compiled(tmp_path, whole.format("A")).axioms == compiled(tmp_path).axioms
    with pytest.raises(OntologyError, match="is used with B"):
        compiled(tmp_path, whole.format("Sick"))


def test_that_it_is_a_case_need_not_be_stated(tmp_path: Path) -> None:
    more = (
        "calc:Odd rdfs:subClassOf calc:Case , calc:ShowsA , calc:ShowsB . [ a owl:Class ;"
        " owl:intersectionOf ( calc:Case calc:ShowsA calc:ShowsB ) ] rdfs:subClassOf calc:Odd ."
    )
    found = compiled(tmp_path, more)
    a, b, odd = (found.literal(names.CC + name) for name in ("ShowsA", "ShowsB", "Odd"))
    assert found.evaluate([a, b]).holds(odd)
    assert not found.evaluate([a]).holds(odd)
    assert found.evaluate([a, odd ^ 1]).holds(b ^ 1)


def test_that_it_is_a_criterion_is_no_part_of_a_definition(tmp_path: Path) -> None:
    placed = "calc:Criterion a owl:Class ; rdfs:subClassOf calc:Case . "
    found = compiled(tmp_path, f"{placed} calc:Sick rdfs:subClassOf calc:Criterion .")
    a, b, sick = (found.literal(names.CC + name) for name in ("ShowsA", "ShowsB", "Sick"))
    assert found.evaluate([a, b]).holds(sick)


def test_an_axiom_is_what_it_says_wherever_it_is_stated() -> None:
    one = Axiom("subclass", "a", "b", triple=("a", "p", "b"))
    assert one == Axiom("subclass", "a", "b", triple=("_:1", "p", "_:2"))
    assert one != Axiom("subclass", "a", "b", rests_on=("claim",))


def test_a_denied_disjunction_is_settled_by_cases(tmp_path: Path) -> None:
    more = (
        "calc:WithC rdfs:subClassOf calc:Case ; owl:equivalentClass [ a owl:Restriction ;"
        " owl:onProperty calc:hasCondition ; owl:someValuesFrom calc:C ] ."
        " calc:ShowsA rdfs:subClassOf calc:WithC . calc:ShowsB rdfs:subClassOf calc:WithC ."
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
