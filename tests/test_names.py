"""Spellings: what people write for a term finds it, also without hyphens and accents."""

from __future__ import annotations

import pytest

import calcinosis
from calcinosis import names


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("uraemia", "KidneyFailure"),
        ("Uremia", "KidneyFailure"),
        ("end stage renal disease", "EndStageKidneyDisease"),
        ("end-stage renal disease", "EndStageKidneyDisease"),
        ("ESRD", "EndStageKidneyDisease"),
        ("ESKD", "EndStageKidneyDisease"),
        ("hypercalcemia of malignancy", "HypercalcaemiaOfMalignancy"),
        ("non Hodgkin lymphoma", "NonHodgkinLymphoma"),
        ("Sjogren syndrome", "SjogrenSyndrome"),
        ("anti-NXP2", "AntiNXP2Antibody"),
        ("NXP-2", "AntiNXP2Antibody"),
        ("anti-MJ", "AntiNXP2Antibody"),
        ("anti Jo-1", "AntiJo1Antibody"),
        ("anticentromere", "AnticentromereAntibody"),
    ],
)
def test_other_spellings_name_the_same_term(
    kg: calcinosis.KnowledgeGraph, word: str, term: str
) -> None:
    assert [names.local(iri) for iri in kg.ontology.terms.find(word)] == [term]
    assert kg.lookups.page(word).entry.id == term


def test_hyphens_and_accents_may_be_left_out_of_every_name(kg: calcinosis.KnowledgeGraph) -> None:
    terms = kg.ontology.terms
    for term in terms:
        for name in (term.label, *term.synonyms):
            assert term.iri in terms.find(name.replace("-", " ")), name
            assert term.iri in terms.find(name.replace("\u00f6", "o").replace("\u00e9", "e")), name
