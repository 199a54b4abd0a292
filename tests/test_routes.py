"""Routes and forms of a treatment: one that a term does not have makes another thing of it."""

from __future__ import annotations

import pytest

import calcinosis
from calcinosis.api.proposed import proposals
from calcinosis.facts.vocabulary import Resolved
from tests.typed import read


@pytest.mark.parametrize(
    "typed",
    [
        "subcutaneous calcium gluconate",
        "calcium gluconate s.c.",
        "calcium gluconate, subcutaneous",
        "calcium gluconate (given subcutaneously for hypocalcaemia)",
        "subcutaneous injection of calcium gluconate",
        "intra-arterial calcium gluconate",
        "intradermal calcium gluconate",
        "nebulised calcium gluconate",
        "calcium gluconate gel",
        "calcium gluconate tablets",
        "subcutaneous calcium chloride",
        "albumin infusion (oral)",
        "oral phosphate infusion",
    ],
)
def test_a_route_that_a_term_does_not_have_names_another_thing(typed: str) -> None:
    found = read(typed, "intervention")
    assert not isinstance(found, Resolved), found.label


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("calcium gluconate (IV)", "intravenous calcium gluconate"),
        ("intravenous calcium gluconate (for hypocalcaemia)", "intravenous calcium gluconate"),
        ("oral iron", "iron"),  # the parent without a route
        ("subcutaneous sodium thiosulfate", "sodium thiosulfate"),
        ("intravenous phosphate infusion", "parenteral phosphate"),
        ("inhaled corticosteroid", "corticosteroid"),
        ("oral calcium gluconate tablets", "oral calcium supplement"),  # a form of that route
        ("topical corticosteroid cream", "topical corticosteroid"),
    ],
)
def test_a_route_of_the_term_or_of_none_narrows_it(typed: str, label: str) -> None:
    found = read(typed, "intervention")
    assert isinstance(found, Resolved)
    assert found.label == label


@pytest.mark.parametrize(
    "text",
    [
        "Calcinosis cutis after subcutaneous calcium gluconate.",
        "She received calcium gluconate subcutaneously.",
        "Treated with calcium gluconate gel.",
    ],
)
def test_a_route_beside_a_name_that_has_another_is_told(
    kg: calcinosis.KnowledgeGraph, text: str
) -> None:
    found = proposals(kg, text)
    assert not found["proposed"]
    assert any("may change it" in one["what"] for one in found["not_understood"])
    (known,) = proposals(kg, "He took oral calcium gluconate tablets.")["proposed"]
    assert (known["list"], known["item"]) == ("interventions", "oral calcium gluconate tablets")
