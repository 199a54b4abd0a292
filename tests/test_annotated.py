"""What came in goes out untouched, with the verdicts beside it, and others accept it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from google.protobuf.json_format import Parse
from phenopackets import Family, Phenopacket

import calcinosis
from calcinosis.cli.main import cli
from tests.fhir import CALCINOSIS, bundle, calcium, concept, condition, patient
from tests.records import DERMATOMYOSITIS, Item, packet

Kg = calcinosis.KnowledgeGraph
PACKET = packet(
    diseases=[{"term": DERMATOMYOSITIS}],
    interpretations=[{"id": "theirs", "progressStatus": "SOLVED", "summary": "so it is"}],
)


def written(given: Any, form: str, folder: Path) -> list[Item]:
    path = folder / "in.json"
    path.write_text(json.dumps(given))
    done = CliRunner().invoke(cli, ["classify", str(path), "-f", form], catch_exceptions=False)
    assert not done.exit_code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def without(packet: Item, *, ours: str) -> Item:
    """A phenopacket without the interpretations of ours."""
    kept = [one for one in packet["interpretations"] if not one["id"].startswith(ours)]
    return {**packet, "interpretations": kept}


def test_a_phenopacket_goes_out_as_it_came(kg: Kg, tmp_path: Path) -> None:
    (found,) = written(PACKET, "phenopacket", tmp_path)
    assert without(found, ours="packet-1/") == PACKET
    ours = found["interpretations"][1:]
    assert len(ours) == len(kg.classify(PACKET).cases[0].subtypes)
    assert all("diagnosis" not in one and "References: " in one["summary"] for one in ours)
    Parse(json.dumps(found), Phenopacket())


def test_a_family_goes_out_as_a_family(tmp_path: Path) -> None:
    family = {"id": "f", "proband": PACKET, "relatives": [packet(id="m")], "metaData": {}}
    (found,) = written(family, "phenopacket", tmp_path)
    assert {**found, "proband": without(found["proband"], ours="packet-1/")} == family
    Parse(json.dumps(found), Family())


def test_each_member_of_a_cohort_goes_out(tmp_path: Path) -> None:
    members = [PACKET, {**PACKET, "id": "p2"}]
    found = written({"id": "c", "members": members, "metaData": {}}, "phenopacket", tmp_path)
    assert [without(one, ours=f"{one['id']}/") for one in found] == members


def test_the_export_writes_it_too(kg: Kg) -> None:
    files = kg.export("phenopackets", cases=PACKET).files
    found = json.loads(next(iter(files.values())))
    assert [one["uri"] for one in found.pop("files")] == ["verdicts.json", "references.json"]
    assert without(found, ours="packet-1/") == PACKET


def test_a_case_of_ours_is_written_as_both(tmp_path: Path) -> None:
    case = {"id": "case 1", "sex": "female", "calcinosis": "present", "conditions": ["gout"]}
    (found,) = written(case, "phenopacket", tmp_path)
    Parse(json.dumps(found), Phenopacket())
    assert found["id"] == "case 1"
    (whole,) = written(case, "fhir", tmp_path)
    who, said = (one["resource"] for one in whole["entry"])
    assert (who["identifier"], who["gender"]) == ([{"value": "case 1"}], "female")
    assert said["subject"] == {"reference": f"urn:uuid:{who['id']}"}


# -- FHIR ------------------------------------------------------------------------------


def theirs(whole: Item) -> Item:
    return {**whole, "entry": [one for one in whole["entry"] if not is_ours(one)]}


def is_ours(entry: Item) -> bool:
    return bool(entry["resource"]["resourceType"] == "ClinicalImpression")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["collection", "transaction", "searchset"])
def test_a_bundle_goes_out_as_it_came(kg: Kg, tmp_path: Path, kind: str) -> None:
    high = calcium(value=14.2, effectiveDateTime="2020-01-01")
    given = {**bundle(patient(), CALCINOSIS, high), "type": kind}
    before = copy.deepcopy(given)
    (found,) = written(given, "fhir", tmp_path)
    assert theirs(found) == before
    (ours,) = [one for one in found["entry"] if is_ours(one)]
    assert ("request" in ours) is (kind == "transaction")
    said = ours["resource"]
    assert said["subject"] == {"reference": "Patient/p1"}
    assert said["status"] == "completed"
    expected = {s.label: s.verdict for s in kg.classify(given).cases[0].subtypes}
    follows = [one["itemCodeableConcept"]["text"] for one in said["finding"]]
    assert follows == [label for label, verdict in expected.items() if verdict == "entailed"]
    assert len(said["note"]) == len(expected)


def test_a_bundle_of_several_patients_goes_out_once(tmp_path: Path) -> None:
    other = {**CALCINOSIS, "subject": {"reference": "Patient/p2"}}
    given = bundle(patient("p1"), patient("p2"), CALCINOSIS, other)
    (found,) = written(given, "fhir", tmp_path)
    assert theirs(found) == given
    subjects = [one["resource"]["subject"] for one in found["entry"] if is_ours(one)]
    assert subjects == [{"reference": "Patient/p1"}, {"reference": "Patient/p2"}]


def test_what_was_not_understood_is_said(tmp_path: Path) -> None:
    odd = condition("c1", concept(text="glass bone illness"))
    (found,) = written(bundle(patient(), odd), "fhir", tmp_path)
    notes = [one["text"] for one in found["entry"][-1]["resource"]["note"]]
    assert notes[-1] == "Not understood: glass bone illness."


def test_the_same_is_written_again(tmp_path: Path) -> None:
    first, again = (written(bundle(patient(), CALCINOSIS), "fhir", tmp_path) for _ in range(2))
    assert first == again


@pytest.mark.slow
def test_the_reader_of_fhir_accepts_it(tmp_path: Path) -> None:
    reader = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is missing")
    (found,) = written(bundle(patient(), CALCINOSIS), "fhir", tmp_path)
    assert len(reader.Bundle.model_validate(found).entry) == 3
