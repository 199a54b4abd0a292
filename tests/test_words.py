"""Words and codes as reports, letters and records have them, and what is offered for others.

``words.tsv`` was written without looking at the program: each word as typed, and what it means
(``=`` a term, ``<`` a narrower thing of it, ``~`` a real thing that is no term here).
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calcinosis import names
from calcinosis.errors import Problem
from calcinosis.facts.vocabulary import Resolved
from calcinosis.graph.folding import folded, tokens
from calcinosis.graph.phrasing import without_quantities
from tests.typed import graph, labels, problem, read

TYPED = tuple(
    csv.DictReader(
        (Path(__file__).parent / "words.tsv").read_text(encoding="utf-8").splitlines(),
        delimiter="\t",
    )
)
LISTS = {
    "diagnosis": "condition",
    "conditions": "condition",
    "code": "condition",
    "name": "condition",
    "interventions": "intervention",
    "findings": "finding",
    "excluded": "excluded",
}
# What the key calls otherwise than we do, and why.
ARGUED = {
    "CKD-MBD": "the class of disorders of calcium or phosphate metabolism is meant",
    "hypophosphatasia": "the class of disorders of calcium or phosphate metabolism is meant",
    "insulin injection": "the ontology has the injection itself, without a role",
    "intralesional sodium thiosulfate": "the ontology has this way of giving it itself",
    "injection site": "a place, known without a role",
}


# -- what was typed ------------------------------------------------------------------------


def is_right(row: dict[str, str]) -> bool:
    meant = row["means"].removeprefix("code: ")
    found = read(row["as_typed"], LISTS[row["kind"]])
    if meant.startswith("ask: "):
        return isinstance(found, Problem) and "is ambiguous" in found.what and " or " in found.cure
    named = [part[2:] for part in meant.split(" ; ") if part[0] in "=<"]
    if not named:  # known without a role, or not understood, with nothing offered in its place
        if isinstance(found, Problem):
            return "Did you mean" not in found.cure
        of_the_name = graph().ontology.terms.find(meant.removeprefix("~ "))
        return found.kind == "other" or found.iri in of_the_name
    wanted = {iri for label in named for iri in graph().ontology.terms.find(label)}
    got = {one.iri for one in (found, *found.beside)} if isinstance(found, Resolved) else set()
    if meant.startswith("< ") and len(got) == len(wanted) == 1:  # a term of its own below it
        return wanted <= set(graph().ontology.terms.ancestors(*got))
    return got == wanted


@pytest.mark.parametrize("kind", LISTS)
def test_the_words_of_the_list_are_read(kind: str) -> None:
    rows = [row for row in TYPED if row["kind"] == kind]
    wrong = {row["as_typed"] for row in rows if not is_right(row)}
    assert len(rows) > 10
    assert wrong <= set(ARGUED)


def test_most_of_what_is_no_term_here_is_known() -> None:
    asked = [row for row in TYPED if row["means"].removeprefix("code: ").startswith("~")]
    known = [row for row in asked if isinstance(read(row["as_typed"]), Resolved)]
    assert len(known) > 0.9 * len(asked)


@pytest.mark.parametrize("row", [row for row in TYPED if row["kind"] == "labs"], ids=str)
def test_the_tests_of_the_list_are_read(row: dict[str, str]) -> None:
    laboratory, typed = graph().laboratory, row["as_typed"]
    found = [analyte.label for analyte in laboratory.find(typed)]
    if row["means"].startswith("ask: "):
        assert not found
        assert " | ".join(laboratory.asked(typed)) == row["means"].removeprefix("ask: ")
    elif found:
        assert found == [row["means"].removeprefix("= ")]
    else:  # no analyte of ours, and none is offered for it
        assert not laboratory.nearest(typed)
        other = read(typed, "other")
        assert isinstance(other, Resolved)
        assert other.kind == "other"


# -- around the thing ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("stage 5 CKD", "advanced chronic kidney disease"),
        ("Sclerosis, systemic (diffuse cutaneous)", "diffuse cutaneous systemic sclerosis"),
        ("maintenance hemodialysis", "haemodialysis"),
        ("nadroparin calcium injection", "nadroparin calcium"),
        ("severe longstanding SSc", "systemic sclerosis"),
        ("burn scars on the left thigh", "burn scar"),
        ("juvenile dermatomyositis since age 2", "juvenile dermatomyositis"),
        ("peritoneal dialysis for over 9 years", "peritoneal dialysis"),
        ("systemic sclerosis (2009)", "systemic sclerosis"),
        ("dermatomyositis (JDM)", "juvenile dermatomyositis"),
        ("in-center HD x3/week", "haemodialysis"),
        ("calcium chloride drip", "intravenous calcium chloride"),
        ("erhöhtes Phosphat", "hyperphosphataemia"),
        ("erniedrigtes Kalzium", "hypocalcaemia"),
        ("Phosphat im Normbereich", "normal phosphate level"),
        ("Kalzium normwertig", "normal calcium level"),
        ("normal calcium", "normal calcium level"),
        ("penetrating trauma", "trauma"),
        ("breast ca", "malignancy"),
        ("ADM (anti-MDA5+)", "amyopathic dermatomyositis"),
        ("Morbus Crohn", "Crohn disease"),
        ("CKD4", "advanced chronic kidney disease"),
        ("vit D intoxication", "vitamin D intoxication"),
        ("vit K antagonist", "vitamin K antagonist"),
        ("alcoholic cirrhosis", "cirrhosis"),
        ("Systemischer Lupus erythematodes", "systemic lupus erythematosus"),
        ("calcificaton of vessels", ""),
    ],
)
def test_what_stands_beside_a_thing_leaves_the_thing(typed: str, label: str) -> None:
    assert labels(typed) == ([label] if label else [])


def test_a_degree_narrows_a_route_of_another_kind_speaks_against_it() -> None:
    severe, oral = read("severe burn"), read("oral calcium gluconate", "intervention")
    assert isinstance(severe, Resolved)
    assert severe.said.narrower
    assert isinstance(oral, Resolved)
    assert oral.iri != names.CC + "IntravenousCalciumGluconate"


@pytest.mark.parametrize(
    "typed", ["history of sepsis", "s/p sepsis", "sepsis 3 years ago", "sepsis: ex"]
)
def test_what_was_before_is_before(typed: str) -> None:
    found = read(typed)
    assert isinstance(found, Resolved)
    assert (found.label, found.said.earlier) == ("sepsis", True)


def test_a_word_may_state_several_things() -> None:
    assert sorted(labels("CKD 5D")) == ["dialysis", "end-stage kidney disease"]
    assert labels("end-stage renal disease undergoing hemodialysis") == [
        "end-stage kidney disease",
        "haemodialysis",
    ]
    assert labels("SLE + RA") == ["systemic lupus erythematosus", "rheumatoid arthritis"]
    assert labels("melanoma") == ["malignancy", "skin tumour"]
    found = read("SLE, Martian fever and RA")
    assert isinstance(found, Resolved)
    assert found.unread == ("Martian fever",)


def test_one_or_another_is_neither_unless_both_are_denied() -> None:
    assert problem("SLE or RA").suggestions == (
        "systemic lupus erythematosus",
        "rheumatoid arthritis",
    )
    assert labels("SLE or RA", "excluded") == [
        "systemic lupus erythematosus",
        "rheumatoid arthritis",
    ]


def test_what_stands_in_brackets_and_is_not_read_is_listed() -> None:
    (case,) = graph().classify({"id": "a", "findings": ["skin nodule (of Martians)"]}).cases
    assert [fact.label for fact in case.case.facts] == ["skin nodule"]
    assert [remark.what for remark in case.case.set_aside] == ["of Martians"]


def test_a_denied_kind_denies_less_than_the_class() -> None:
    (case,) = graph().classify({"id": "a", "excluded": ["severe burn", "no burn"]}).cases
    denied = [fact.words for fact in case.case.facts if not fact.affirmed]
    assert denied == ["no burn"]
    assert "denies less than 'burn'" in case.case.set_aside[0].reason


def test_time_and_place_of_a_word_are_those_of_the_fact() -> None:
    said = "intravenous calcium gluconate (at deposit)"
    (case,) = (
        graph()
        .classify({"id": "a", "interventions": [said], "conditions": ["status post sepsis"]})
        .cases
    )
    found = {(fact.label, fact.when, fact.property) for fact in case.case.facts}
    assert ("sepsis", "before", names.HAS_CONDITION) in found
    deposit = names.UNDERWENT + "AtDeposit"
    assert ("intravenous calcium gluconate", "at", deposit) in found


# -- codes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        *((code, "morphea") for code in ("ICD10:L94.0", "L94.0", "L940", "ICD-10-CM L94.0")),
        *(
            (code, "dermatomyositis")
            for code in (
                "MONDO_0016367",
                "https://purl.obolibrary.org/obo/MONDO_0016367",
                "SCTID:396230008",
                *("SNOMED 396230008", "SNOMED-CT: 396230008", "SNOMED CT 396230008"),
                "396230008 |Dermatomyositis (disorder)|",
                "MONDO:0016367 ! dermatomyositis",
                "M33.10",
                "M33.90 - dermatomyositis, unspecified",
            )
        ),
        ("ORPHA758", "pseudoxanthoma elasticum"),
        ("#264800", "pseudoxanthoma elasticum"),
        ("CREST syndrome (M34.1)", "CREST syndrome"),
        ("M34.9", "systemic sclerosis"),
        ("M32.10", "systemic lupus erythematosus"),
        ("M35.00", "Sjögren syndrome"),
        ("D86.9", "sarcoidosis"),
        ("C50.912", "malignancy"),
        ("S72.001A", "trauma"),
        ("N18.4", "advanced chronic kidney disease"),
    ],
)
def test_codes_as_records_hold_them(typed: str, label: str) -> None:
    assert label in labels(typed) or labels(typed) == ["idiopathic inflammatory myopathy"]
    assert (typed[:3] == "M33") is ("M33" in typed[:3])


def test_a_leaf_is_narrower_but_the_unspecified_one_says_as_much() -> None:
    narrower = {code: read(code) for code in ("M34.9", "M34.81", "E11.22")}
    assert [isinstance(one, Resolved) and one.said.narrower for one in narrower.values()] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "code", ["HP:0003553", "HP_0003553", "hp:0003553 ! obsolete Cellulitis due to immunodeficiency"]
)
def test_an_obsolete_code_is_read_by_what_replaces_it(code: str) -> None:
    packet: dict[str, object] = {
        "id": "a",
        "phenotypicFeatures": [{"type": {"id": code.partition(" ")[0]}}],
    }
    packet |= {"subject": {"id": "a"}, "metaData": {"phenopacketSchemaVersion": "2.0"}}
    listed: dict[str, object] = {"id": "a", "conditions": [code]}
    for raw in (listed, packet):
        (case,) = graph().classify(raw).cases
        assert [fact.label for fact in case.case.facts] == ["cellulitis"]
        (remark,) = case.case.read_as
        assert remark.reason == "read as a kind of cellulitis; obsolete, replaced by HP:0100658"
    (case,) = graph().classify({"id": "a", "excluded": [code]}).cases
    assert not case.case.facts  # it may have meant less than what replaces it


def test_what_replaces_an_obsolete_code_stands_for_a_term() -> None:
    rows = (graph().ontology.folder / "replaced.sssom.tsv").read_text(encoding="utf-8")
    cells = [row.split("\t") for row in rows.splitlines() if row[:3] in ("HP:", "MON", "Orp")]
    terms = graph().ontology.terms
    assert {code.partition(":")[0] for code, *_ in cells} == {"HP", "MONDO", "Orphanet"}
    for old, _, predicate, new, *_ in cells:
        assert predicate == "IAO:0100001"
        assert terms.replacement(old) == new
        assert terms.find(old) == terms.find(new) != []


def test_a_label_that_disagrees_with_its_code_is_asked() -> None:
    said = problem("MONDO:0016367 ! systemic sclerosis")
    assert "name different things" in said.what
    assert "dermatomyositis or systemic sclerosis" in said.cure


@pytest.mark.parametrize("code", ["MONDO:0099999", "X99.9999", "XY:12", "SCTID:1", "M99.99"])
def test_a_code_gets_no_spelling_hint(code: str) -> None:
    assert "Did you mean" not in problem(code).cure


# -- what is offered -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("dermatomyosits", "dermatomyositis"),
        ("pseudoxantoma elasticum", "pseudoxanthoma elasticum"),
        ("hypertesion", "hypertension"),
        ("enoxoparin", "enoxaparin"),
        ("omeprazol", "omeprazole"),
        ("rheumatoid", "rheumatoid arthritis"),
    ],
)
def test_a_slip_gets_its_word(typed: str, offered: str) -> None:
    assert f"Did you mean {offered}" in problem(typed).cure


@pytest.mark.parametrize("typed", ["Cx", "renal cell", "zzz", "kidney", "calcium in dermis", "XYZ"])
def test_none_is_offered_rather_than_a_wrong_one(typed: str) -> None:
    assert "Did you mean" not in problem(typed).cure


@pytest.mark.parametrize("test", ["Cx", "hemoglobin", "sodium", "K", "ferritin", "CRP", "ESR"])
def test_no_other_analyte_is_offered_for_a_test(test: str) -> None:
    assert not graph().laboratory.nearest(test)


@pytest.mark.parametrize(
    ("test", "analyte"),
    [
        ("calcium, total", "total serum calcium"),
        ("Ca (corrected)", "albumin-corrected calcium"),
        ("PO₄", "serum phosphate"),
        ("Phos", "serum phosphate"),
        ("PTH, intact", "intact parathyroid hormone"),
        ("25(OH)D3", "25-hydroxyvitamin D"),
        ("1,25-(OH)2 vitamin D3", "1,25-dihydroxyvitamin D"),
        ("S-albumin", "serum albumin"),
        ("Cr", "serum creatinine"),
        ("Kalzium", "total serum calcium"),
        ("ionized Ca", "ionised calcium"),
    ],
)
def test_the_names_that_laboratories_print(test: str, analyte: str) -> None:
    assert [found.label for found in graph().laboratory.find(test)] == [analyte]


# -- laws ----------------------------------------------------------------------------------


@cache
def conditions() -> list[str]:
    return sorted({t.label for t in graph().ontology.terms if t.kind == "condition"})


TERMS = st.deferred(lambda: st.sampled_from(conditions()))
PLAIN_BESIDE = ("known", "severe", "left", "multiple", "longstanding")


@given(TERMS, st.sampled_from(PLAIN_BESIDE), st.booleans())
@example("burn scar", "left", True)
def test_a_label_is_itself_with_a_word_beside_it(label: str, beside: str, first: bool) -> None:
    alone = read(label)
    typed = f"{beside} {label}" if first else f"{label}, {beside}"
    found = read(typed)
    if isinstance(alone, Resolved) and isinstance(found, Resolved):
        above = graph().ontology.terms.ancestors
        assert alone.iri in above(found.iri) or found.iri == alone.iri
    else:
        assert isinstance(alone, Problem) is isinstance(found, Problem)


@given(TERMS, st.randoms(use_true_random=False))
def test_case_and_order_make_no_difference(label: str, random: object) -> None:
    words = label.split()
    random.shuffle(words)  # type: ignore[attr-defined]
    typed = " ".join(words).upper()
    alone, found = read(label), read(typed)
    if isinstance(alone, Resolved) and isinstance(found, Resolved):
        assert found.iri == alone.iri


@given(st.text(max_size=60))
@example("(")
@example("")
@example(";")
@example("no")
@example("a " * 29)
def test_any_text_is_read_or_is_a_problem(text: str) -> None:
    found = read(text)
    assert isinstance(found, Problem) or found.label


@given(st.text(alphabet="abcdeiosuy", min_size=1, max_size=12))
def test_folding_twice_is_folding_once_for_words_without_plural(word: str) -> None:
    assert tokens(word) == (folded(word),)


def test_only_quantities_are_left_out() -> None:
    found = Counter(without_quantities(row["as_typed"]).text == row["as_typed"] for row in TYPED)
    assert found[True] > 0.95 * len(TYPED)


# -- what could be read as something that it does not state ----------------------------------


def verdicts(**given: object) -> dict[str, str]:
    """What follows, is ruled out or presumed of a case with these lists, by subtype."""
    raw: dict[str, object] = {"id": "a", "calcinosis": "present", **given}
    (case,) = graph().classify(raw).cases
    found = {s.id: s.presumed.verdict if s.presumed else s.verdict for s in case.subtypes}
    return {name: verdict for name, verdict in found.items() if verdict != "undetermined"}


ENTITY = "idiopathic scrotal calcinosis"
LEVELS = [{"test": "calcium", "level": "normal"}, {"test": "phosphate", "level": "normal"}]


@pytest.mark.parametrize(
    "given",
    [
        {"conditions": [ENTITY, "no trauma, proven dermatomyositis"]},
        {"conditions": [ENTITY, "no trauma, dermatomyositis for 3 years"]},
        {"conditions": [ENTITY, "no malignancy associated with dermatomyositis"]},
        {"conditions": [ENTITY], "findings": ["no ulcer, calcified vessels on biopsy"]},
        {"excluded": ["trauma excluded, dermatomyositis confirmed"], "labs": LEVELS},
        {"excluded": ["no renal transplant, on dialysis"], "labs": LEVELS},
    ],
    ids=str,
)
def test_a_denial_does_not_reach_what_is_stated_after_it(given: dict[str, object]) -> None:
    assert "IdiopathicCalcinosisCutis" not in verdicts(**given)


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("findings", "bowel gangrene"),
        ("findings", "pancreatic necrosis"),
        ("findings", "oesophageal ulcer"),
        ("conditions", "oesophageal varices"),
        ("findings", "high coronary calcium"),
        ("findings", "high calcium in tissue"),
        ("findings", "elevated calcium intake"),
        ("findings", "hyperphosphataemia (urine)"),
        ("findings", "ulcer +/- necrosis"),
        ("conditions", "dermatomyositis (-)"),
        ("conditions", "dermatomyositis -"),
        ("conditions", "dermatomyositis (husband)"),
        ("conditions", "SSc (misdiagnosis)"),
        ("conditions", "scleroderma-like lesion"),
        ("findings", "PXE-like lesion"),
        ("interventions", "calcium gluconate tablets"),
        ("interventions", "ASS 100 mg"),
        ("interventions", "HCT 25 mg"),
        ("conditions", "MAS"),
        ("conditions", "CKD not on dialysis"),
        ("conditions", "Dermatomyositis not due to malignancy"),
        ("excluded", "CKD not on dialysis"),
        ("excluded", "not excluded: malignancy"),
        ("excluded", "dermatomyositis confirmed"),
        ("excluded", "all"),
    ],
)
def test_nothing_is_read_that_is_not_stated(key: str, typed: str) -> None:
    (case,) = graph().classify({"id": "a", key: [typed]}).cases
    assert not [fact for fact in case.case.facts if fact.label != "intravenous calcium gluconate"]
    assert {r.what for r in (*case.case.not_understood, *case.case.set_aside)} >= {typed}


def test_two_things_are_two_before_they_are_one_name() -> None:
    assert labels("Malignancy, hypercalcaemia") == ["malignancy", "hypercalcaemia"]
    assert labels("Burn; scar") == ["burn", "scar"]
    assert labels("ulcer / necrosis", "finding") == ["skin ulcer", "skin necrosis"]
    assert labels("Dermatomyositis, juvenile") == ["juvenile dermatomyositis"]


@pytest.mark.parametrize("code", ["I12.0", "I13.2", "I11.9", "I15.1"])
def test_a_code_in_a_block_that_ends_in_a_letter(code: str) -> None:
    assert "hypertension" in labels(code)


@pytest.mark.parametrize(
    "typed",
    [
        *("no M34.1", "M34.1 ruled out", "suspected M34.1", "M34.1 V", "M34.1A", "mother: M34.1"),
        *("M34.1 - no CREST", "CREST syndrome suspected (M34.1)"),
        "MONDO:0016367 ! suspected dermatomyositis",
    ],
)
def test_what_stands_beside_a_code_may_take_it_back(typed: str) -> None:
    assert read(typed) == problem(typed)


def test_what_stands_beside_a_code_in_its_title_does_not() -> None:
    assert labels("E11.9 Type 2 diabetes mellitus without complications") == [
        "type 2 diabetes mellitus"
    ]
    before = read("M34.1 Z")
    assert isinstance(before, Resolved)
    assert before.said.earlier
    assert labels("M34.1A", "excluded") == ["CREST syndrome"]
