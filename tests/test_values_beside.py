"""Titres and values that stand behind a word, and words that have to be asked."""

from __future__ import annotations

import pytest

from calcinosis.facts.read import laboratory_of, reader_of
from calcinosis.facts.vocabulary import Resolved
from tests.typed import graph, labels, problem, read


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ANA 1:1280", "antinuclear antibody"),
        ("ANA 1/320", "antinuclear antibody"),
        ("ANA: 1:640", "antinuclear antibody"),
        ("anti-Scl-70 1:640", "anti-Scl-70 antibody"),
        ("anti-MDA5 120", "anti-MDA5 antibody"),
    ],
)
def test_a_titre_does_not_hide_what_it_is_of(typed: str, meant: str) -> None:
    found = read(typed, "finding")
    assert isinstance(found, Resolved)
    assert (found.label, found.kind, found.guessed) == (meant, "other", True)


@pytest.mark.parametrize(
    "typed",
    ["ANA <1:40", "toxoplasmosis 1:64", "hypercalcaemia 75", "trauma 3/4", "1:1280", "ANA -1"],
)
def test_a_value_makes_no_fact(typed: str) -> None:
    """A titre of an infection, or a number behind a thing, does not say that it is there."""
    assert problem(typed, "finding").what.endswith("is unknown")


@pytest.mark.parametrize("beside", ["", " 75", " of 75 mg2/dL2", ": 4.4"])
@pytest.mark.parametrize("product", ["Ca x P product", "CaxP", "Ca*P product"])
def test_a_product_is_asked_whether_it_is_raised(product: str, beside: str) -> None:
    found = problem(product + beside, "finding")
    assert "is ambiguous" in found.what
    assert found.suggestions[0] == "elevated calcium-phosphate product"
    case = reader_of(graph().ontology).read({"id": "a", "findings": [product + beside]}, "here")
    assert not case.facts
    assert [one.what for one in case.not_understood] == [product + beside]


@pytest.mark.parametrize(
    "typed", ["medial calcification of arterioles", "arteriolar medial calcification"]
)
def test_arterioles_may_be_those_of_the_skin(typed: str) -> None:
    found = problem(typed, "finding")
    assert found.suggestions == ("arterial calcification", "calcification of small skin vessels")


def test_an_antibody_may_stand_before_its_disease() -> None:
    found = read("MDA5+ DM")
    assert isinstance(found, Resolved)
    assert (found.label, found.said.narrower) == ("dermatomyositis", True)


@pytest.mark.parametrize("syndrome", ["Down syndrome", "Down's syndrome", "trisomy 21"])
def test_calcinosis_in_a_syndrome_states_both(syndrome: str) -> None:
    found = labels(f"milia-like calcinosis in {syndrome}")
    assert found == ["Down syndrome", "milia-like idiopathic calcinosis cutis"]


def test_the_charge_of_calcium_beside_total_is_calcium() -> None:
    laboratory = laboratory_of(graph().ontology)
    for typed in ("Ca2+ total", "total Ca2+", "Ca++ total"):
        assert [one.label for one in laboratory.find(typed)] == ["total serum calcium"]
    assert len(laboratory.find("Ca2+")) == 2  # told apart by the value, as before
    assert laboratory.find("AP") == []
    assert laboratory.asked("AP") == ("alkaline phosphatase", "acid phosphatase")
