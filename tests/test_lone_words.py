"""No word of a longer name is read as what that name stands for, unless it is a name itself."""

from __future__ import annotations

import re

import pytest

from calcinosis import names
from calcinosis.graph.folding import tokens
from calcinosis.graph.triples import Triples
from tests.shared import graph

LONE = (
    *("skin", "cutis", "cutaneous", "dermis", "skin of the thighs", "skin and joints"),
    *("skin type IV", "limited cutaneous", "diffuse cutaneous", "sharp", "sharp pain", "discoid"),
    *("discoid eczema", "overlap of lesions", "overlap", "III", "down", "metabolic", "sicca"),
)


@pytest.mark.parametrize("typed", LONE)
def test_a_word_that_says_little_states_nothing(typed: str) -> None:
    (case,) = graph().classify({"id": "a", "calcinosis": "present", "conditions": [typed]}).cases
    assert [fact.label for fact in case.case.facts] == ["calcinosis"]
    assert typed in {problem.what for problem in case.case.not_understood}


def test_abbreviations_that_look_like_small_words_are_read_within_their_names() -> None:
    for typed, label in (
        ("cutaneous LE", "cutaneous lupus erythematosus"),
        ("discoid LE", "discoid lupus erythematosus"),
        ("a fib", "atrial fibrillation"),
        ("limited cutaneous SSc", "limited cutaneous systemic sclerosis"),
        ("Sjögren", "Sjögren syndrome"),
    ):
        (case,) = graph().classify({"id": "a", "conditions": [typed]}).cases
        assert [fact.label for fact in case.case.facts] == [label], typed


def test_no_small_word_of_a_name_is_left_out_where_one_other_would_remain() -> None:
    """Of each name the words one by one: what is read is a name, an eponym or nothing."""
    kg = graph()
    terms, triples = kg.ontology.terms, Triples()
    kg.ontology.read_into(triples, "words")
    small = {word for node in triples.instances(names.CC + "SmallWords")
             for word in triples.texts(node, names.CC + "word")}  # fmt: skip
    known = {iri: set(terms.called(iri)) | set(triples.texts(iri, names.HIDDEN))
             for iri in terms.iris()}  # fmt: skip
    lone = {
        (iri, rest[0])
        for iri, called in known.items()
        for name in called
        if len(words := re.findall(r"[^\W_]+", name)) > 1
        and len(rest := [word for word in words if word.lower() not in small]) == 1
    }
    assert len(lone) > 3
    for iri, word in lone:
        if tokens(word) in {tokens(name) for name in known[iri]}:
            continue
        found = kg.ontology.words.read(word)
        assert found is None or iri not in found.iris or found.several, (iri, word)
