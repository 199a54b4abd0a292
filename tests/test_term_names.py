"""What terms are called: classes of cases, synonyms by scope, and terms that are obsolete."""

from __future__ import annotations

import pytest

from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.facts.vocabulary import Resolved
from calcinosis.graph.terms import Terms
from calcinosis.release.rules import query_checks
from calcinosis.release.version import RELEASED, terms
from tests.typed import graph, labels, problem, read

DAMAGE = names.CC + "WithTissueDamage"


def all_terms() -> Terms:
    return graph().ontology.terms


def test_a_class_of_cases_is_labelled_as_such_and_printed_in_short() -> None:
    assert graph().ontology.triples.text(DAMAGE, names.LABEL) == "case with tissue damage"
    assert all_terms().label(DAMAGE) == "tissue damage"
    for words in ("tissue damage", "case with tissue damage", "Case with Tissue-damage"):
        assert all_terms().find(words) == [DAMAGE]
        found = read(words, "excluded")
        assert isinstance(found, Resolved)
        assert found.iri == DAMAGE
    assert "case with tissue damage" in all_terms().term(DAMAGE).synonyms


def test_every_criterion_has_short_words() -> None:
    triples = graph().ontology.triples
    above = all_terms().parents
    criteria = [iri for iri in all_terms().iris() if names.CC + "Criterion" in above(iri)]
    assert len(criteria) == 24
    for iri in criteria:
        assert (triples.text(iri, names.LABEL) or "").startswith("case with")
        assert not all_terms().label(iri).startswith("case ")


@pytest.mark.parametrize("words", ["steroids", "dermatitis", "vitamin K antagonism"])
def test_a_broad_or_related_synonym_is_asked_about(words: str) -> None:
    kind = "condition" if words == "dermatitis" else "intervention"
    assert "ambiguous" in problem(words, kind).what


def test_a_narrow_synonym_is_a_kind_of_its_term() -> None:
    found = read("dog bite")
    assert isinstance(found, Resolved)
    assert found.said.narrower
    assert labels("dog bite") == ["bite"]


# -- obsolete ------------------------------------------------------------------------------

OLD = ("WithHighMineralLevel", "calc:WithHighMineralLevel", names.CC + "WithHighMineralLevel")


@pytest.mark.parametrize("words", [*OLD, "high calcium or phosphate"])
def test_an_obsolete_name_is_read_as_what_replaces_it(words: str) -> None:
    assert all_terms().find(words) == [names.CC + "WithRaisedMineralLevel"]
    assert labels(words, "excluded") == ["raised calcium or phosphate"]


def test_an_obsolete_name_is_shown_and_a_scoped_synonym_is_searched() -> None:
    lexicon = graph().lookups.lexicon
    assert [one.id for one in lexicon.find(OLD[0])] == ["WithRaisedMineralLevel"]
    assert lexicon.find("steroids") == lexicon.find("dog bite") == []
    assert lexicon.nearest("steroids")[0].id == "Corticosteroid"
    assert lexicon.nearest("dog bite")[0].id == "Bite"


def test_what_only_may_be_meant_instead_is_not_taken() -> None:
    assert all_terms().find("WithSmallVesselCalcification") == []
    assert all_terms().find("calc:WithNormalCalcium") == []
    assert not any("obsolete" in all_terms().label(iri) for iri in all_terms().iris())


@pytest.mark.parametrize("words", ["calc:WithCutaneousIschaemia", "WithCutaneousIschaemia"])
def test_what_to_consider_instead_is_said(words: str) -> None:
    with pytest.raises(UsageError) as told:
        graph().show(words)
    assert told.value.what.endswith("is obsolete, and no term replaces it")
    assert told.value.cure == "Consider ischaemia or necrosis of the skin"


def test_no_released_term_has_gone() -> None:
    folder = graph().ontology.folder
    lines = (folder / RELEASED).read_text(encoding="utf-8").splitlines()
    released = {line for line in lines if not line.startswith("#")}
    assert "MetByLowLevelAlone" in released
    assert released <= terms(folder)


def test_a_check_asks_for_each_of_this() -> None:
    asked = {
        "class_of_cases_label",
        "definition_genus",
        "definition_mixed_source",
        "definition_source",
        "obsolete_without_successor",
    }
    assert asked <= {check.name for check in query_checks() if check.severity == "ERROR"}
