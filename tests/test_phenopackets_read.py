"""Phenopackets as cases: what each part comes to, and that none is passed over in silence."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf.json_format import Parse
from phenopackets import Cohort, Family, Phenopacket

import calcinosis
from calcinosis.errors import UsageError, to_install
from tests.records import (
    CALCINOSIS,
    CALCIUM,
    DERMATOMYOSITIS,
    Item,
    about,
    facts,
    feature,
    not_understood,
    packet,
    quantity,
    read,
)

Kg = calcinosis.KnowledgeGraph
FULL = packet(
    phenotypicFeatures=[CALCINOSIS, feature("HP:0002905", "Hyperphosphatemia", excluded=True)],
    diseases=[{"term": DERMATOMYOSITIS}],
    measurements=[{"assay": CALCIUM, "value": quantity(9.1, "mg/dL", 8.5, 10.5)}],
    medicalActions=[{"treatment": {"agent": {"id": "CHEBI:10033", "label": "warfarin"}}}],
)


# -- what the parts come to ------------------------------------------------------------


def test_each_part_is_a_fact(kg: Kg) -> None:
    case = read(kg, FULL)
    assert (case.id, case.sex, case.calcinosis) == ("packet-1", "female", "present")
    assert case.age_days == pytest.approx(44 * 365.2425)
    assert {fact.where: str(fact.label) for fact in case.facts if fact.affirmed} == {
        "phenotypicFeatures[0]": "calcinosis",
        "diseases[0]": "dermatomyositis",
        "medicalActions[0].treatment": "warfarin",
    }
    denied = {(fact.where, fact.label) for fact in case.facts if not fact.affirmed}
    assert ("phenotypicFeatures[1]", "hyperphosphataemia") in denied
    assert "measurements[0]" in {where for where, _ in denied}
    assert not not_understood(case)
    assert not case.set_aside


def test_the_verdict_is_that_of_the_same_case_in_our_own_format(kg: Kg) -> None:
    own = {
        "id": "packet-1",
        "sex": "female",
        "age": "P44Y",
        "calcinosis": "present",
        "conditions": ["dermatomyositis"],
        "interventions": ["warfarin"],
        "labs": [{"test": "calcium", "value": 9.1, "unit": "mg/dL", "interval": [8.5, 10.5]}],
        "excluded": ["hyperphosphataemia"],
    }
    assert [row["verdict"] for row in kg.classify(FULL).rows()] == [
        row["verdict"] for row in kg.classify(own).rows()
    ]


def test_a_packet_without_calcification_gets_no_subtype(kg: Kg) -> None:
    bare = packet(diseases=FULL["diseases"], measurements=FULL["measurements"])
    assert read(kg, bare).calcinosis == "unknown"
    verdicts = {row["verdict"] for row in kg.classify(bare).rows()}
    assert "entailed" not in verdicts
    absent = packet(phenotypicFeatures=[feature("HP:0025520", "Calcinosis cutis", excluded=True)])
    assert read(kg, absent).calcinosis == "absent"
    assert {row["verdict"] for row in kg.classify(absent).rows()} == {"refuted"}


def test_a_kind_of_calcinosis_says_that_there_is_calcinosis(kg: Kg) -> None:
    scrotal = packet(diseases=[{"term": {"id": "", "label": "scrotal calcinosis"}}])
    case = read(kg, scrotal)
    assert case.calcinosis == "present"
    assert facts(case) == ["calcinosis", "scrotal calcinosis"]
    other = packet(diseases=[{"term": {"label": "scrotal calcinosis"}, "excluded": True}])
    assert read(kg, other).calcinosis == "unknown"


def test_an_item_goes_to_the_list_of_its_kind(kg: Kg) -> None:
    swapped = packet(
        phenotypicFeatures=[{"type": DERMATOMYOSITIS}],
        diseases=[{"term": {"id": "HP:0002905", "label": "Hyperphosphatemia"}}],
    )
    assert {fact.where: fact.property and fact.property.rpartition("/")[2] for fact in
            read(kg, swapped).facts} == {
        "phenotypicFeatures[0]": "hasCondition", "diseases[0]": "hasFinding",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "when"),
    [
        ({}, "at"),
        ({"onset": {"age": {"iso8601duration": "P40Y"}}}, "at"),
        ({"onset": {"age": {"iso8601duration": "P50Y"}}}, "after"),
        ({"resolution": {"age": {"iso8601duration": "P43Y"}}}, "before"),
        ({"resolution": {"age": {"iso8601duration": "P45Y"}}}, "at"),
        ({"resolution": {"ontologyClass": {"id": "HP:0003581", "label": "Adult"}}}, "before"),
    ],
)
def test_onset_and_resolution_say_when(kg: Kg, more: Item, when: str) -> None:
    case = read(kg, packet(diseases=[{"term": DERMATOMYOSITIS, **more}]))
    if when == "after":
        assert about(case, "diseases[0]") == [
            "MONDO:0016367: came after the assessment of the deposit"
        ]
    else:
        assert [fact.when for fact in case.facts] == [when]


def test_modifiers_and_stages_are_noted(kg: Kg) -> None:
    label = {"id": "HP:0012832", "label": "Bilateral"}
    case = read(
        kg,
        packet(
            phenotypicFeatures=[feature("HP:0200042", "Skin ulcer", modifiers=[label])],
            diseases=[{"term": DERMATOMYOSITIS, "diseaseStage": [{"label": "Stage 2"}]}],
        ),
    )
    assert {fact.note for fact in case.facts} == {"modifiers: Bilateral", "stage: Stage 2"}


def test_only_a_solved_interpretation_is_a_diagnosis(kg: Kg) -> None:
    def told(status: object) -> Item:
        return {"id": "i", "progressStatus": status, "diagnosis": {"disease": DERMATOMYOSITIS}}

    assert facts(read(kg, packet(interpretations=[told("SOLVED")]))) == ["dermatomyositis"]
    for status in ("IN_PROGRESS", "COMPLETED", "UNSOLVED", "UNKNOWN_PROGRESS"):
        case = read(kg, packet(interpretations=[told(status)]))
        assert not case.facts
        said = f"a diagnosis that is {status}: not taken"
        assert about(case, "interpretations[0]") == [f"MONDO:0016367 ! dermatomyositis: {said}"]


def test_genes_samples_and_unknown_fields_are_listed(kg: Kg) -> None:
    gene = {"gene": {"valueId": "HGNC:1", "symbol": "ABCD"}, "interpretationStatus": "CAUSATIVE"}
    tissue = {"id": "UBERON:0002097", "label": "skin of body"}
    sample = {"id": "s", "sampledTissue": tissue, "histologicalDiagnosis": {"label": "Benign"}}
    case = read(
        kg,
        packet(
            interpretations=[{"id": "i", "diagnosis": {"genomicInterpretations": [gene]}}],
            biosamples=[{**sample, "phenotypicFeatures": [feature("HP:0200042", "Skin ulcer")]}],
            files=[{"uri": "file:///x.vcf"}],
            shoeSize=43,
        ),
    )
    place = "interpretations[0].diagnosis.genomicInterpretations[0]"
    assert about(case, place) == ["ABCD, CAUSATIVE: a gene or variant gives no fact"]
    assert about(case, "biosamples[0].histologicalDiagnosis") == [
        "histologicalDiagnosis: Benign: of a sample: recorded; gives no fact"
    ]
    assert about(case, "") == ["files, shoeSize: fields that are not read"]
    assert [(fact.where, fact.note) for fact in case.facts] == [
        ("biosamples[0].phenotypicFeatures[0]", "seen in: skin of body")
    ]


# -- laboratory ------------------------------------------------------------------------


def measured(kg: Kg, *items: Item) -> Any:
    return read(kg, packet(measurements=list(items)))


@pytest.mark.parametrize(
    "unit",
    [
        {"id": "UCUM:mg/dL", "label": "milligram per deciliter"},
        {"id": "NCIT:C67015", "label": "Milligram per Deciliter"},
        {"id": "UO:0000000", "label": "milligrams per decilitre"},
        {"label": "mg/dl"},
    ],
)
def test_units_of_ontologies_are_understood(kg: Kg, unit: Item) -> None:
    item = {"assay": CALCIUM, "value": {"quantity": {"unit": unit, "value": 14.2}}}
    assert "hypercalcaemia" in {fact.label for fact in measured(kg, item).facts}


@pytest.mark.parametrize(("word", "label"), [("High", "hypercalcaemia"), ("Low", "hypocalcaemia")])
def test_a_level_in_words_counts(kg: Kg, word: str, label: str) -> None:
    item = {"assay": CALCIUM, "value": {"ontologyClass": {"id": "NCIT:C1", "label": word}}}
    assert [fact.label for fact in measured(kg, item).facts if fact.affirmed] == [label]


def test_a_value_without_a_unit_is_listed_and_leaves_its_level_open(kg: Kg) -> None:
    case = measured(kg, {"assay": CALCIUM, "value": {"quantity": {"value": 9.1}}})
    (remark,) = case.uninterpreted
    assert remark.where == "measurements[0]"
    assert remark.reason == "the value has no unit"
    assert len(remark.about) == 3


def test_of_several_values_the_latest_counts(kg: Kg) -> None:
    def taken(value: float, at: str) -> Item:
        return {
            "assay": CALCIUM,
            "value": quantity(value, "mg/dL", 8.5, 10.5),
            "timeObserved": {"timestamp": at},
        }

    early, late = taken(14.0, "2020-01-01T00:00:00Z"), taken(9.0, "2021-01-01T00:00:00Z")
    for items in ([early, late], [late, early]):
        case = measured(kg, *items)
        assert "hypercalcaemia" not in {fact.label for fact in case.facts if fact.affirmed}
        (remark,) = case.set_aside
        assert "14.0 mg/dL (2020-01-01T00:00:00Z)" in remark.what


def test_what_was_looked_for_and_not_found_is_excluded(kg: Kg) -> None:
    ulcer = {"id": "HP:0200042", "label": "Skin ulcer"}
    absent = {"ontologyClass": {"id": "NCIT:C48190", "label": "Absent"}}
    assert facts(measured(kg, {"assay": ulcer, "value": absent})) == ["no skin ulcer"]


def test_tests_that_are_not_ours_are_one_remark(kg: Kg) -> None:
    height = {"assay": {"id": "LOINC:8302-2", "label": "Body height"}}
    case = measured(kg, *({**height, "value": quantity(n, "cm")} for n in (170, 171)))
    (remark,) = case.set_aside
    assert remark.what == "Body height (2)"
    assert remark.reason == "tests that decide nothing here"


def test_a_test_that_may_be_about_a_level_is_not_understood(kg: Kg) -> None:
    urine = {"id": "LOINC:6874-2", "label": "Calcium [Mass/time] in 24 hour Urine"}
    case = measured(kg, {"assay": urine, "value": quantity(180, "mg/(24.h)")})
    (remark,) = not_understood(case)
    assert remark.where == "measurements[0]"
    assert remark.about


# -- what does not fit together --------------------------------------------------------


def test_what_is_not_ours_is_listed_with_id_and_label(kg: Kg) -> None:
    case = read(kg, packet(phenotypicFeatures=[feature("HP:0031910", "Abnormal nerve")]))
    assert not not_understood(case)  # no name here is near to it
    (remark,) = (one for one in case.set_aside if one.where == "phenotypicFeatures[0]")
    assert (remark.what, remark.where) == (
        "HP:0031910 ! Abnormal nerve", "phenotypicFeatures[0]",
    )  # fmt: skip


def test_a_label_that_disagrees_with_its_id_is_said(kg: Kg) -> None:
    case = read(kg, packet(phenotypicFeatures=[feature("HP:0002905", "hypocalcaemia")]))
    assert facts(case) == ["hyperphosphataemia"]
    (said,) = about(case, "phenotypicFeatures[0]")
    assert said.endswith(
        "'hypocalcaemia' is 'hypocalcaemia', but the id is 'hyperphosphataemia': the id counts"
    )


def test_a_misspelt_id_is_said_and_its_label_read(kg: Kg) -> None:
    case = read(kg, packet(diseases=[{"term": {"id": "MONDO:16367", "label": "dermatomyositis"}}]))
    assert facts(case) == ["dermatomyositis"]
    assert about(case, "diseases[0]") == [
        "MONDO:16367 ! dermatomyositis: the id is none that its vocabulary can have",
        "MONDO:16367 ! dermatomyositis: read by its label, not by its id",
    ]


@pytest.mark.parametrize(
    "given", ["HP_0002905", "http://purl.obolibrary.org/obo/HP_0002905", "HP0002905", "hp:0002905"]
)
def test_ids_in_other_spellings_are_read(kg: Kg, given: str) -> None:
    assert facts(read(kg, packet(phenotypicFeatures=[feature(given, "")]))) == [
        "hyperphosphataemia"
    ]


def test_observed_and_excluded_is_said(kg: Kg) -> None:
    same = [feature("HP:0002905", ""), feature("HP:0002905", "", excluded=True)]
    case = read(kg, packet(phenotypicFeatures=same))
    assert about(case, "phenotypicFeatures[0]") == [
        "HP:0002905: 'hyperphosphataemia' is both observed and excluded (phenotypicFeatures[1])"
    ]
    tissue = {"term": {"label": "connective tissue disease"}, "excluded": True}
    case = read(kg, packet(diseases=[{"term": DERMATOMYOSITIS}, tissue]))
    assert "of which it is a kind, is excluded (diseases[1])" in about(case, "diseases[0]")[0]


def test_calcinosis_observed_and_excluded_contradicts_itself(kg: Kg) -> None:
    both = [CALCINOSIS, feature("HP:0025520", "Calcinosis cutis", excluded=True)]
    result = kg.classify(packet(phenotypicFeatures=both))
    assert result.to_dict()["cases"][0]["contradiction"]


def test_a_term_stated_twice_is_read_once_and_said(kg: Kg) -> None:
    twice = packet(diseases=[{"term": DERMATOMYOSITIS}, {"term": DERMATOMYOSITIS}])
    case = read(kg, twice)
    assert facts(case) == ["dermatomyositis"]
    assert about(case, "diseases[1]") == ["MONDO:0016367: stated once more: read once"]


# -- forms -----------------------------------------------------------------------------


def snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            "".join(f"_{c.lower()}" if c.isupper() else c for c in key): snake(one)
            for key, one in value.items()
        }
    return [snake(one) for one in value] if isinstance(value, list) else value


def test_both_spellings_of_keys_are_read(kg: Kg) -> None:
    assert facts(read(kg, snake(FULL))) == facts(read(kg, FULL))


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".jsonl"])
def test_files_are_told_by_what_they_hold(kg: Kg, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    text = yaml.safe_dump(FULL) if suffix == ".yaml" else json.dumps(FULL)
    path.write_text(text)
    assert facts(read(kg, path)) == facts(read(kg, FULL))


def test_a_fact_knows_its_line(kg: Kg, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(FULL, indent=1))
    result = kg.classify(path, explain=True)
    (fact,) = [one for one in result.cases[0].case.facts if one.where == "diseases[0]"]
    assert fact.place is not None
    line = path.read_text().splitlines()[(fact.place.line or 0) - 1 :][:3]
    assert "MONDO:0016367" in "".join(line)


def test_standard_input_is_told_by_what_it_holds(kg: Kg, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (json.dumps(FULL), json.dumps(FULL, indent=2), yaml.safe_dump(FULL)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert facts(read(kg, "-")) == facts(read(kg, FULL))


@pytest.mark.slow
def test_the_command_takes_a_phenopacket_and_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(FULL))
    asked = [sys.executable, "-m", "calcinosis", "classify", str(path), "-f", "csv", "--from"]
    done = subprocess.run([*asked, "phenopacket"], capture_output=True, text=True, check=True)
    assert done.stdout.count("packet-1") == len(done.stdout.splitlines()) - 1
    refused = subprocess.run([*asked, "cases"], capture_output=True, text=True, check=False)
    assert refused.returncode == 3
    assert "the key 'subject' is unknown" in refused.stderr


def test_there_must_be_such_a_kind(kg: Kg) -> None:
    with pytest.raises(UsageError, match="there is no kind of records 'hl7'"):
        kg.classify(FULL, kind="hl7")


def test_a_family_is_its_proband_and_a_cohort_its_members(kg: Kg) -> None:
    relative = packet(subject={"id": "the mother"}, id="m")
    family = {"id": "f", "proband": FULL, "relatives": [relative], "pedigree": {"persons": []}}
    case = read(kg, family)
    assert facts(case) == facts(read(kg, FULL))
    assert {fact.where for fact in case.facts} >= {"proband.diseases[0]"}
    assert about(case, "relatives[0]") == [
        "the mother: a relative: of a family the proband is judged"
    ]
    assert about(case, "") == ["pedigree: fields that are not read"]
    cohort = {"id": "c", "members": [FULL, {**FULL, "id": "p2"}, 3]}
    result = kg.classify(cohort)
    assert [one.case.id for one in result.cases] == ["packet-1", "p2"]
    assert [error.where for error in result.refused] == ["members[2]"]


def test_the_source_is_what_the_metadata_name(kg: Kg) -> None:
    given = {"created": "2024", "externalReferences": [{"id": "PMID:1", "description": "x"}]}
    assert read(kg, packet(metaData=given)).source == "PMID:1"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("phenotypicFeatures", [3, None, "x", [], {}]),
        ("diseases", {"term": 3}),
        ("measurements", [{"assay": 3, "value": []}, {"value": {"quantity": 3}}]),
        ("medicalActions", [{}, {"procedure": {"code": {}}}, {"treatment": []}]),
        ("interpretations", [{"diagnosis": [], "progressStatus": []}]),
        ("biosamples", [{"measurements": [3], "phenotypicFeatures": {}}]),
        ("subject", {"id": "a", "sex": [], "timeAtLastEncounter": 7, "taxonomy": {"id": "X:1"}}),
        ("metaData", []),
    ],
)
def test_nonsense_is_listed_and_breaks_nothing(kg: Kg, part: str, value: Any) -> None:
    case = read(kg, {**packet(), part: value})
    items = value if isinstance(value, list) else [value]
    assert len(case.set_aside) >= (0 if part == "metaData" else len(items) - 1)
    assert not case.facts


# -- protobuf --------------------------------------------------------------------------

KINDS: list[tuple[Any, Item]] = [
    (Phenopacket, FULL),
    (Family, {"id": "f", "proband": FULL, "relatives": [packet(id="m")], "metaData": {}}),
    (Cohort, {"id": "c", "description": "all", "members": [FULL], "metaData": {}}),
]


@pytest.mark.parametrize(("kind", "given"), KINDS, ids=["packet", "family", "cohort"])
def test_protobuf_is_read_as_its_json_is(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any, given: Item
) -> None:
    message = Parse(json.dumps(given), kind())
    expected = facts(read(kg, given))
    path = tmp_path / "a.pb"
    path.write_bytes(message.SerializeToString())
    assert facts(read(kg, path)) == expected
    assert facts(read(kg, tmp_path)) == expected
    assert facts(read(kg, message)) == expected
    assert facts(read(kg, [message])) == expected
    data = io.BytesIO(message.SerializeToString())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    assert facts(read(kg, "-")) == expected


@pytest.mark.parametrize("data", [b"", b"\n", b"\x00\x01", b"id: a\n", b"\n\x03abc\xff\xff\xff"])
def test_bytes_that_are_no_message_are_refused(kg: Kg, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.pb"
    path.write_bytes(data)
    (error,) = kg.classify(path).refused
    assert error.what == "this is no phenopacket in protobuf"


def test_who_lacks_the_package_is_told(
    kg: Kg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pb"
    path.write_bytes(b"\n\x01a")
    monkeypatch.setitem(sys.modules, "phenopackets", None)
    (error,) = kg.classify(path).refused
    assert to_install("phenopacket") in error.cure
