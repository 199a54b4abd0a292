"""A site within another is part of it and no kind of it; what asks for the whole finds the part."""

from __future__ import annotations

import calcinosis
from calcinosis import names
from calcinosis.graph.terms import Terms
from tests import shared


def sites() -> Terms:
    return Terms(shared.graph().ontology.anatomy)


def test_a_kind_is_what_is_one() -> None:
    triples = shared.graph().ontology.anatomy
    kinds = {
        (names.local(site), names.local(above))
        for site in sites().iris()
        for above in triples.iris(site, names.SUBCLASS)
        if above.startswith(names.CC) and above != names.CC + "AnatomicalSite"
    }
    assert kinds == {("IndexFinger", "Finger"), ("LowerLimb", "Limb"), ("UpperLimb", "Limb")}


def test_parts_of_parts_are_within_the_whole() -> None:
    above = sites().ancestors(names.CC + "IndexFinger")
    assert {names.local(iri) for iri in above} == {
        *("IndexFinger", "Finger", "Hand", "UpperLimb", "Limb", "AnatomicalSite")
    }


def test_the_look_up_goes_through_kinds_and_parts(kg: calcinosis.KnowledgeGraph) -> None:
    rows = list(kg.query("parts", site="hand").rows())
    within = {row["site_label"] for row in rows if row["way"] == "within"}
    around = {row["site_label"] for row in rows if row["way"] == "around"}
    assert {"finger", "fingertip", "index finger", "palm"} <= within
    assert around == {"limb", "upper limb"}


def test_claims_about_a_part_are_found_by_the_whole(kg: calcinosis.KnowledgeGraph) -> None:
    parts = {row["site_label"] for row in kg.query("parts", site="upper limb").rows()}
    found = {row["site_label"] for row in kg.query("sites", condition="upper limb").rows()}
    assert {"hand", "elbow"} <= found
    assert found <= parts | {"upper limb"}
