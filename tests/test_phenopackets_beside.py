"""What a phenopacket says of a thing beside its term: where it is, and what it brought about."""

from __future__ import annotations

import pytest

import calcinosis
from tests.records import CALCINOSIS, CALCIUM, Item, about, facts, feature, packet, read

Kg = calcinosis.KnowledgeGraph


def test_codes_of_anatomy_among_the_modifiers_are_sites(kg: Kg) -> None:
    hand, skin = ({"id": "UBERON:0002398", "label": "manus"},
                  {"id": "UBERON:0001519", "label": "skin of manus"})  # fmt: skip
    both = {"id": "HP:0012832", "label": "Bilateral"}
    case = read(
        kg,
        packet(
            phenotypicFeatures=[
                {**CALCINOSIS, "modifiers": [hand, skin]},
                feature("HP:0200042", "Skin ulcer", modifiers=[skin, both]),
            ]
        ),
    )
    assert case.sites == ("hand", "skin of manus")
    assert [fact.note for fact in case.facts if fact.note] == [
        "modifiers: Bilateral; site: skin of manus"
    ]


@pytest.mark.parametrize(
    "code", [{"id": "UBERON:0002398", "label": "manus"}, {"id": "calc:NotAtTheDeposit"}]
)
def test_what_is_absent_from_one_place_is_not_absent(kg: Kg, code: Item) -> None:
    case = read(
        kg, packet(phenotypicFeatures=[{**CALCINOSIS, "excluded": True, "modifiers": [code]}])
    )
    assert (case.calcinosis, case.facts) == ("unknown", ())
    assert "denied for one place alone" in about(case, "phenotypicFeatures[0]")[0]


def test_an_intervention_that_brought_about_a_calcinosis_is_its_cause(kg: Kg) -> None:
    events = [
        {"id": "HP:0025520", "label": "Calcinosis cutis"},
        {"id": "HP:0001945", "label": "Fever"},
    ]
    agent = {"id": "calc:IntravenousCalciumGluconate", "label": "intravenous calcium gluconate"}
    case = read(
        kg, packet(medicalActions=[{"treatment": {"agent": agent}, "adverseEvents": events}])
    )
    assert facts(case) == [
        "intravenous calcium gluconate", "intravenous calcium gluconate stated as the cause",
    ]  # fmt: skip
    assert case.calcinosis == "unknown"
    assert about(case, "medicalActions[0].adverseEvents[1]") == [
        "adverse event: Fever: recorded; gives no fact"
    ]


def test_a_value_by_another_code_leaves_its_level_open(kg: Kg) -> None:
    code = {"id": "calc:LevelNotKnown", "label": "level not known"}
    case = read(kg, packet(measurements=[{"assay": CALCIUM, "value": {"ontologyClass": code}}]))
    assert not case.facts
    assert [len(one.about) for one in case.uninterpreted] == [3]
