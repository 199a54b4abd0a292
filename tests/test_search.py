"""Search: labels, synonyms, codes and references; spelling is forgiven, the best comes first."""

from __future__ import annotations

import csv
import io
import json
import string
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis import names
from calcinosis.api.suggested import suggestions
from calcinosis.graph.lexicon import KINDS
from calcinosis.graph.search import Entry, distance
from calcinosis.output.words import term as render
from tests.shared import examples, graph
from tests.terminal import run


def entries() -> list[Entry]:
    return list(graph().lookups.lexicon.entries.values())


@cache
def labels() -> list[str]:
    return sorted({entry.label for entry in entries() if len(entry.label) >= 4})


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[str, str]:
    """A label of a term, analyte or reference, and the same with one edit."""
    label = draw(st.sampled_from(labels()))
    at = draw(st.integers(0, len(label) - 1))
    letter = draw(st.sampled_from(string.ascii_lowercase))
    edits = {
        "left out": label[:at] + label[at + 1 :],
        "put in": label[:at] + letter + label[at:],
        "replaced": label[:at] + letter + label[at + 1 :],
        "swapped": label[:at] + label[at : at + 2][::-1] + label[at + 2 :],
    }
    return label, edits[draw(st.sampled_from(sorted(edits)))]


@pytest.mark.slow
@settings(max_examples=examples(300), deadline=None)
@given(pair=misspelt())
def test_a_label_with_one_edit_is_found_among_the_first_three(pair: tuple[str, str]) -> None:
    label, query = pair
    found = [hit.entry.label for hit in graph().search(query, 3)]
    assert label in found, (query, found)


@pytest.mark.slow
def test_every_name_finds_its_term_first() -> None:
    spoken = [{names.normal(word) for word in entry.words} for entry in entries()]
    sharing = Counter(name for one in spoken for name in one)
    for entry in entries()[::7]:
        for word in entry.words:
            # Nothing comes before those that have this very name.
            best = graph().search(word, sharing[names.normal(word)])
            top = [hit.entry.iri for hit in best if hit.score >= 0.99]
            assert entry.iri in top, (entry.id, word)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("calcifilaxis", "Calciphylaxis"),
        ("werner sindrom", "WernerSyndrome"),
        ("sclerosis systemic", "SystemicSclerosis"),
        ("heel stik", "HeelStick"),
        ("MONDO:0010196", "WernerSyndrome"),
        ("http://purl.obolibrary.org/obo/HP_0025520", "CalcinosisCutis"),
        ("calc:HeelStick", "HeelStick"),
        ("https://w3id.org/calcinosis/HeelStick", "HeelStick"),
        ("10.1016/j.jaad.2010.08.038", "reiter-2011"),
        ("doi:10.1016/j.jaad.2010.08.038", "reiter-2011"),
        ("PMID:21679810", "reiter-2011"),
        ("PMID 21679810", "reiter-2011"),
        ("doi 10.1016/j.jaad.2010.08.038", "reiter-2011"),
        ("Reiter et al. 2011", "reiter-2011"),
        ("Reiter et al., 2011", "reiter-2011"),
        ("diagnostic pathway calcinosis", "reiter-2011"),
        ("armpit", "Axilla"),
        ("serum calcium", "TotalCalcium"),
        ("FGF23", "FGF23"),
        ("STS", "SodiumThiosulfate"),
        ("ESRD", "EndStageKidneyDisease"),
        ("CUA", "Calciphylaxis"),
        ("Natriumthiosulfat", "SodiumThiosulfate"),
        ("Kalziphylaxie", "Calciphylaxis"),
        ("Verkalkung der Haut", "CalcinosisCutis"),
        ("Kalzinose", "CalcinosisCutis"),
        ("calcification cutanée", "CalcinosisCutis"),
        ("calcificación cutánea", "CalcinosisCutis"),
        ("tumorale Kalzinose", "TumoralCalcinosis"),
        ("Kalzium", "TotalCalcium"),
        ("severe hyperparathyroidism", "Hyperparathyroidism"),
        ("calcinosis", "CalcinosisCutis"),
    ],
)
def test_what_people_type_finds_what_they_mean(query: str, expected: str) -> None:
    assert graph().search(query, 1)[0].entry.id == expected


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("DM", {"Dermatomyositis", "DiabetesMellitus"}),
        ("SS", {"SjogrenSyndrome", "SystemicSclerosis"}),
        ("Ca", {"TotalCalcium", "Malignancy"}),
        ("Verkalkung", {"CalcinosisCutis", "VascularCalcification", "SubcutaneousCalcification"}),
    ],
)
def test_of_a_word_with_several_meanings_all_are_found(query: str, meant: set[str]) -> None:
    assert meant <= {hit.entry.id for hit in graph().search(query)}
    assert meant <= {one["id"] for one in suggestions(graph(), query)}


@pytest.mark.slow
def test_what_reports_are_read_as_is_found_by_their_words() -> None:
    table = (Path(__file__).parent / "words.tsv").read_text(encoding="utf-8").splitlines()
    missed = {}
    for row in csv.DictReader(table, delimiter="\t"):
        reading = graph().ontology.words.read(row["as_typed"])
        read = set(reading.iris) if reading else set()
        first = {hit.entry.iri for hit in graph().search(row["as_typed"], max(3, len(read)))}
        if not read <= first:
            missed[row["as_typed"]] = read
    assert not missed


def test_of_some_kinds_alone_a_word_of_reports_is_found_too() -> None:
    assert graph().search("STS", 1, kinds=["treatment"])[0].entry.id == "SodiumThiosulfate"
    found = [hit.entry for hit in graph().search("severe hyperparathyroidism", kinds=["site"])]
    assert all("site" in entry.kinds for entry in found)


@pytest.mark.parametrize(
    ("query", "begins", "meant"),
    [
        ("myositis", "myositis-specific antibody", "polymyositis"),
        ("sclerodermo", "sclerodermoid skin change", "scleroderma"),
        ("dermos", "dermoscopy", "dermis"),
    ],
)
def test_what_is_near_is_offered_beside_what_only_begins_so(
    query: str, begins: str, meant: str
) -> None:
    offered = [one["label"] for one in suggestions(graph(), query)]
    assert {begins, meant} <= set(offered)
    assert {begins, meant} <= {hit.entry.label for hit in graph().search(query)}


def test_the_best_comes_first_and_each_once() -> None:
    found = graph().search("calcinosis cutis", 50)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert len({hit.entry.iri for hit in found}) == len(found) == 50
    assert found[0].entry.iri == names.CALCINOSIS
    assert len(graph().search("calcinosis cutis", 3)) == 3


def test_only_some_kinds() -> None:
    for kind in ("reference", "site", "gene"):
        found = graph().search("skin", 20, kinds=[kind])
        assert all(kind in hit.entry.kinds for hit in found)
    assert {hit.entry.kind for hit in graph().search("calcium", 50)} <= set(KINDS)


def test_nothing_is_near() -> None:
    assert graph().search("zzzzzzzz") == []
    assert graph().search("   ") == []


@given(one=st.text("abc", max_size=8), other=st.text("abc", max_size=8))
def test_distance_is_symmetric_and_bounded(one: str, other: str) -> None:
    edits = distance(one, other, 8)
    assert edits == distance(other, one, 8)
    assert (edits == 0) == (one == other)
    assert abs(len(one) - len(other)) <= edits <= max(len(one), len(other))
    assert distance(one, other, 1) == min(edits, 2)


# -- terms in Python -----------------------------------------------------------------------


def test_term_finds_sites_and_analytes_too() -> None:
    assert graph().lookups.term("armpit").id == "Axilla"
    assert graph().lookups.term("serum phosphate").kind == "analyte"
    assert graph().lookups.term("werner syndrome").kind == "condition"
    for text, words in (("depositing intervention", "ambiguous"), ("wernr", "Werner syndrome")):
        with pytest.raises(calcinosis.errors.UsageError, match=words):
            graph().lookups.term(text)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("STS", "SodiumThiosulfate"), ("Kalziphylaxie", "Calciphylaxis"), ("CUA", "Calciphylaxis")],
)
def test_a_word_of_reports_names_its_term_in_look_ups_too(word: str, meant: str) -> None:
    assert graph().lookups.lexicon.resolve(word).id == meant


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("DM", "is ambiguous"),
        ("steroids", "there is no term"),  # it may be something else
        ("CTCL", "Did you mean lymphoma"),  # a kind of it
        ("severe hyperparathyroidism", "Did you mean hyperparathyroidism"),
        ("no dermatomyositis", "Did you mean dermatomyositis"),
    ],
)
def test_a_word_that_says_less_or_more_than_a_term_is_not_taken_for_it(
    word: str, told: str
) -> None:
    with pytest.raises(calcinosis.errors.UsageError, match=told):
        graph().lookups.term(word)


@pytest.mark.parametrize(
    ("question", "within"),
    [
        ("What causes calcinosis cutis?", ["CalcinosisCutis"]),
        ("does warfarin cause calciphylaxis", ["Calciphylaxis", "Warfarin"]),
    ],
)
def test_a_question_finds_the_names_that_stand_in_it(question: str, within: list[str]) -> None:
    assert [hit.entry.id for hit in graph().search(question, len(within))] == within


def test_an_abbreviation_is_no_slip_of_another_one() -> None:
    found = {hit.entry.id for hit in graph().search("CKD", 20)}
    assert "ChronicKidneyDisease" in found
    assert "ConnectiveTissueDisease" not in found


# -- the command line ----------------------------------------------------------------------


def test_the_command_in_each_format(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, errors = run(["search", "werner", "sindrom", "-n", "2"], capsys)
    assert (code, errors) == (0, "")
    assert out.startswith("Werner syndrome")
    assert "condition  calc:WernerSyndrome\n" in out
    found = json.loads(run(["search", "armpit", "-f", "json"], capsys)[1])
    assert (found[0]["label"], found[0]["matched"]) == ("axilla", "armpit")
    assert 0.99 < found[0]["score"] <= 1
    rows = list(csv.DictReader(io.StringIO(run(["search", "armpit", "-f", "csv"], capsys)[1])))
    assert rows[0]["iri"] == names.CC + "Axilla"


def test_nothing_found_is_said_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["search", "zzzzzzzz"], capsys) == (0, "", "Nothing is near to it.\n")
    assert run(["search", "zzzzzzzz", "-q", "-f", "json"], capsys) == (0, "[]\n", "")


def test_an_unknown_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, errors = run(["search", "scar", "--kind", "diseases"], capsys)
    assert code == 2
    assert "there is no kind 'diseases'. Known: subtype, " in errors


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_the_terminal(width: int) -> None:
    text = render.hits_text(graph().search("calcinosis", 20), width=width)
    assert len(text.splitlines()) == 20
    if width >= 80:
        assert max(map(len, text.splitlines())) <= width
