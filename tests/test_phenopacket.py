"""Cases as phenopackets: what other programs accept, what is in them, what never is."""

from __future__ import annotations

import copy
import gc
import json
import shutil
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, Parse, ParseError
from phenopacket_toolkit.io.readers import loads
from phenopacket_toolkit.ops.validation import validate
from phenopackets import Phenopacket

import calcinosis
from calcinosis import names
from calcinosis.api.graph import by_settings
from calcinosis.errors import OntologyError
from calcinosis.explain.explanation import Explanation
from calcinosis.graph import mapped
from calcinosis.graph.locate import data
from tests.shared import explained, few, graph

EXAMPLES = data("examples")
CASES = [str(EXAMPLES / "patients.yaml"), str(EXAMPLES / "published" / "cases.yaml")]
FULL = {
    "id": "full",
    "source": "doi:10.1000/xyz",
    "sex": "other",
    "age": "15 months",
    "calcinosis": "present",
    "conditions": ["dermatomyositis", {"term": "burn scar", "at_deposit": True}],
    "interventions": ["haemodialysis", "warfarin"],
    "findings": ["skin necrosis"],
    "labs": [{"test": "phosphate", "value": 7.1, "unit": "mg/dL", "interval": [2.5, 4.5]}],
    "excluded": ["sarcoidosis", "liver transplantation", "hypercalcaemia"],
    "workup_complete": ["depositing intervention"],
}

Item = dict[str, Any]


def exported(cases: Any) -> tuple[list[Item], Item, list[Item]]:
    """The phenopackets, the verdicts, the references."""
    files = graph().export("phenopackets", cases=cases).files
    *packets, verdicts, references = files.items()
    assert (verdicts[0], references[0]) == ("verdicts.json", "references.json")
    assert all(name.endswith(".phenopacket.json") for name, _ in packets)
    found = [json.loads(content) for _, content in packets]
    cited: list[Item] = json.loads(references[1])
    return found, json.loads(verdicts[1]), cited


@dataclass(frozen=True)
class Part:
    """Example cases as they were exported, and their explanations."""

    packets: list[Item]
    verdicts: Item
    references: list[Item]
    explained: tuple[Explanation, ...]


@pytest.fixture(scope="module", params=few(["all", "teaching"], "teaching"))
def part(request: pytest.FixtureRequest) -> Part:
    """All example cases, or those for teaching."""
    if request.param == "all":
        return Part(*exported(CASES), explained())
    return Part(*exported(CASES[0]), tuple(graph().explain(CASES[0])))


@cache
def full() -> Item:
    return exported(FULL)[0][0]


def problems(packet: Item) -> list[str]:
    """What protobuf refuses, and what phenotk misses of what the specification requires."""
    text = json.dumps(packet)
    try:
        Parse(text, Phenopacket())
    except ParseError as error:
        return [str(error)]
    report = validate(loads(text))
    return [str(finding) for finding in report.findings]


def walk(value: Any) -> Iterator[Item]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, dict | list):
            yield from walk(one)


def coded(packet: Item) -> list[Item]:
    """Every ontology class in a phenopacket."""
    return [one for one in walk(packet) if set(one) == {"id", "label"}]


# -- other programs --------------------------------------------------------------------


@pytest.mark.slow
def test_other_programs_accept_every_phenopacket(part: Part) -> None:
    assert len(part.packets) == len(part.explained)
    for packet in [*part.packets, full()]:
        assert problems(packet) == []


def test_nothing_is_lost_on_the_way_through_another_program(part: Part) -> None:
    for packet in [*part.packets, full()]:
        expected = copy.deepcopy(packet)
        for item in expected["interpretations"]:
            if item["progressStatus"] == "UNKNOWN_PROGRESS":
                del item["progressStatus"]  # protobuf leaves out what is the default
        assert MessageToDict(Parse(json.dumps(packet), Phenopacket())) == expected


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ([], "verdicts", {}),
        (["interpretations", 0], "progressStatus", "FOLLOWS"),
        (["metaData"], "created", None),
        (["metaData"], "created", "today"),
        (["metaData", "resources", 0], "version", None),
        (["metaData"], "resources", []),
        (["phenotypicFeatures", 0], "type", None),
        (["diseases", 0, "term"], "label", None),
    ],
)
def test_other_programs_find_what_is_wrong(path: list[Any], key: str, value: Any) -> None:
    spoilt = copy.deepcopy(full())
    place: Any = spoilt
    for step in path:
        place = place[step]
    place[key] = value
    if value is None:
        del place[key]
    assert problems(spoilt)


# -- what is in them -------------------------------------------------------------------


def test_facts_stand_where_they_belong() -> None:
    assert full()["subject"] == {
        "id": "full",
        "sex": "OTHER_SEX",
        "timeAtLastEncounter": {"age": {"iso8601duration": "P15M"}},
    }
    diseases = {one["term"]["label"]: one.get("excluded", False) for one in full()["diseases"]}
    assert diseases["dermatomyositis"] is False
    assert diseases["sarcoidosis"] is True
    features = {one["type"]["id"]: one for one in full()["phenotypicFeatures"]}
    assert features["HP:0002905"]["description"].startswith("serum phosphate 7.1 mg/dL is high")
    assert features["HP:0003072"]["excluded"] is True
    assert features["calc:BurnScar"]["modifiers"] == [
        {"id": "calc:AtTheDeposit", "label": "at the deposit"}
    ]
    assert full()["medicalActions"] == [
        {"procedure": {"code": {"id": "MAXO:0000602", "label": "hemodialysis"}}},
        {"treatment": {"agent": {"id": "calc:Warfarin", "label": "warfarin"}}},
    ]


def test_what_was_not_done_is_never_written_as_done() -> None:
    assert "transplant" not in json.dumps(full()["medicalActions"])


def test_what_is_absent_from_one_place_is_not_written_as_absent() -> None:
    case = {
        "id": "a",
        "calcinosis": "present",
        "conditions": [{"term": "burn scar", "at_deposit": False}],
        "excluded": [{"term": "acne scar", "at_deposit": True}],
    }
    (packet,), _, _ = exported(case)
    assert any(not fact.affirmed for fact in graph().explain(case)[0].verdict.case.facts)
    assert not [one for one in walk(packet) if "excluded" in one]
    assert "calc:BurnScar" in {code["id"] for code in coded(packet)}


def test_every_fact_is_there_once(part: Part) -> None:
    for one, packet in zip(part.explained, part.packets, strict=True):
        told = [
            (code["id"], item.get("excluded", False))
            for key, part in (("phenotypicFeatures", "type"), ("diseases", "term"))
            for item in packet.get(key, ())
            for code in (item[part],)
        ]
        stated = {
            (fact.term, not fact.affirmed)
            for fact in one.verdict.case.facts
            if fact.property in {names.HAS_CONDITION, names.HAS_FINDING}
            or (fact.affirmed and str(fact.property).startswith(names.HAS_CONDITION))
        }
        assert len(set(told)) == len(told)
        assert {(term(code), excluded) for code, excluded in told} == stated


@cache
def exact() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in (graph().ontology.folder / "mappings").glob("*.sssom.tsv"):
        for row in mapped.read(path).rows:
            if row["predicate_id"] == "skos:exactMatch":
                iri = names.CC + row["subject_id"].removeprefix("calc:")
                found.setdefault(row["object_id"], set()).add(iri)
    return found


def term(code: str) -> str:
    """The term that a code means exactly."""
    if code.startswith("calc:"):
        return names.CC + code.removeprefix("calc:")
    (found,) = exact()[code]
    return found


def test_every_prefix_is_declared_with_its_release(part: Part) -> None:
    for packet in [*part.packets, full()]:
        resources = packet["metaData"]["resources"]
        declared = [resource["namespacePrefix"] for resource in resources]
        assert len(set(declared)) == len(declared)
        used = {code["id"].partition(":")[0] for code in coded(packet)}
        assert used <= set(declared) <= used | {"calc"}
        assert all(resource["version"] for resource in resources)


def test_no_diagnosis_is_ever_made(part: Part) -> None:
    """A subtype that follows from a definition is not written as the disease of a patient."""
    assert {why.verdict.verdict for one in part.explained for why in one.subtypes} >= {"entailed"}
    for one, packet in zip(part.explained, part.packets, strict=True):
        assert '"diagnosis"' not in json.dumps(packet)
        for why, item in zip(one.subtypes, packet["interpretations"], strict=True):
            assert set(item) == {"id", "progressStatus", "summary"}
            assert item["id"] == f"{one.verdict.case.id}/{why.verdict.id}"
            assert item["progressStatus"] not in {"SOLVED", "UNSOLVED"}
            assert why.verdict.label in item["summary"]
            assert "under the viewpoint \u201cseed review with Reiter 2011\u201d" in item["summary"]
            assert item["summary"].endswith("not medical advice.")
            assert all(need in item["summary"] for need in why.verdict.needed)


def test_a_diagnosis_that_was_given_is_no_fact() -> None:
    case = {"id": "a", "calcinosis": "present", "conditions": ["calciphylaxis"]}
    (packet,), _, _ = exported(case)
    said = graph().explain(case)[0].verdict.case
    assert said.set_aside
    assert "calc:Calciphylaxis" not in json.dumps(packet["phenotypicFeatures"])
    assert "diseases" not in packet


# -- what lies beside ------------------------------------------------------------------


def test_the_references_are_exactly_those_cited(part: Part) -> None:
    library = graph().ontology.library
    walked = {item["reference"] for item in walk(part.verdicts) if "reference" in item}
    listed = (one for item in walk(part.verdicts) for one in item.get("references", ()))
    walked |= {key for one in listed for key in ([one] if isinstance(one, str) else one)}
    assert [item["id"] for item in part.references] == sorted(walked)
    assert walked >= {key for one in part.explained for key in one.cited}
    for one, packet, case in zip(part.explained, part.packets, part.verdicts["cases"], strict=True):
        told = packet["metaData"].get("externalReferences", [])
        keys = {item["reference"] for item in case["citations"]}
        assert len(told) == len(keys) + (one.verdict.case.source is not None)
        for key in keys:
            found = library.reference(key)
            (item,) = [
                item
                for item in told
                if item["description"].startswith(found.label + ".")
                or item["description"].startswith(f"{found.label} (")
            ]
            assert found.study_type in item["description"]
            if found.pmid:
                assert item["id"] == f"PMID:{found.pmid}"
    assert full()["metaData"]["externalReferences"][0]["reference"].endswith("10.1000/xyz")


def test_each_reference_is_cited_in_the_role_that_it_has(part: Part) -> None:
    claims = graph().ontology.claims
    found: dict[str, set[str]] = {}
    for one, case in zip(part.explained, part.verdicts["cases"], strict=True):
        by_role: dict[str, set[str]] = {}
        for item in case["citations"]:
            by_role.setdefault(item["cito"], set()).add(item["reference"])
            found.setdefault(item["cito"], set()).add(item["reference"])
            if item["cito"] != "cito:usesDataFrom":
                cited = claims.citations(names.ASSOC + item["association"])
                side = (item["reference"], item["read"], item["cito"] == "cito:disputes")
                assert side in {(c.reference, c.read, c.disputes) for c in cited}
        facts = {given for why in one.subtypes for j in why.justifications for given in j.facts}
        data = {key for given in facts for key in given.fact.references}
        assert by_role.get("cito:usesDataFrom", set()) >= data
        resting = by_role.get("cito:citesAsEvidence", set())
        assert resting | by_role.get("cito:usesDataFrom", set()) == set(one.rests_on)
    assert set(found) == {"cito:citesAsEvidence", "cito:disputes", "cito:citesForInformation"}


def test_an_interval_that_judged_a_value_is_cited_as_data() -> None:
    labs = [{"test": "phosphate", "value": 7.1, "unit": "mg/dL"}]
    case = {"id": "a", "age": "40 years", "calcinosis": "present", "labs": labs}
    _, verdicts, references = exported(case)
    (told,) = verdicts["cases"]
    used = {i["reference"] for i in told["citations"] if i["cito"] == "cito:usesDataFrom"}
    assert used == {
        key for fact in graph().explain(case)[0].verdict.case.facts for key in fact.references
    }
    assert used
    assert used <= {item["id"] for item in references}


def test_the_verdicts_lie_beside_with_why_and_without_paths(part: Part) -> None:
    for one, told, packet in zip(part.explained, part.verdicts["cases"], part.packets, strict=True):
        assert told["id"] == packet["id"] == one.verdict.case.id
        assert [why["verdict"] for why in told["subtypes"]] == [
            why.verdict.verdict for why in one.subtypes
        ]
        assert told["references"] == list(one.cited)
        uris = [file["uri"] for file in packet["files"]]
        assert uris == ["verdicts.json", "references.json"]
    assert part.verdicts["viewpoint"] == graph().viewpoint
    text = json.dumps(part.verdicts)
    assert "patients.yaml" not in text
    assert "cases.yaml" not in text


@pytest.mark.slow
def test_what_is_left_out_is_said() -> None:
    kg = by_settings(graph(), calcinosis.Settings(without=("reiter-2011",)))
    files = kg.export("phenopackets", cases=FULL).files
    assert json.loads(files["verdicts.json"])["left_out"] == {"without": ["reiter-2011"]}
    packet = json.loads(files["0001-full.phenopacket.json"])
    assert all(
        "(without reiter-2011; names taken" in one["summary"] for one in packet["interpretations"]
    )


@pytest.mark.slow
def test_the_verdicts_are_what_explain_writes() -> None:
    from importlib.resources import files

    from jsonschema import Draft202012Validator

    resource = files("calcinosis") / "schemas" / "explanation.schema.json"
    validator = Draft202012Validator(json.loads(resource.read_text("utf-8")))
    _, verdicts, _ = exported(str(data("examples") / "patients.yaml"))
    validator.validate(verdicts)


# -- edges -----------------------------------------------------------------------------


def test_a_case_of_which_nothing_is_known_is_valid() -> None:
    (packet,), _, references = exported({"id": "nothing"})
    assert problems(packet) == []
    assert "phenotypicFeatures" not in packet
    cited = graph().explain({"id": "a"})[0].cited
    assert [one["id"] for one in references] == sorted(cited)


def test_hard_ids_have_files_of_their_own() -> None:
    ids = ["a/b", "a b", "A b", "../x", "\u00e9" * 300, 'q"\\']
    cases = [{"id": one, "calcinosis": "absent"} for one in ids]
    files = graph().export("phenopackets", cases=cases).files
    packets = [name for name in files if name.endswith(".phenopacket.json")]
    assert len({name.casefold() for name in packets}) == len(ids)
    assert all(name.isascii() and "/" not in name and len(name) < 100 for name in packets)
    found = [json.loads(files[name]) for name in packets]
    assert [packet["id"] for packet in found] == ids
    assert all(problems(packet) == [] for packet in found)


def test_an_age_comes_out_as_it_went_in() -> None:
    for stated, wanted in {"1 year 1 day": "P1Y1D", "36 hours": "P1D", "P15M": "P15M"}.items():
        (packet, *_), *_ = exported({"id": "a", "age": stated, "calcinosis": "absent"})
        assert packet["subject"]["timeAtLastEncounter"] == {"age": {"iso8601duration": wanted}}


@pytest.mark.slow
def test_the_time_is_the_one_given_or_the_release(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    issued = graph().ontology.root.text(names.ONTOLOGY, names.DCTERMS + "issued")
    assert exported(FULL)[0][0]["metaData"]["created"] == issued
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert exported(FULL)[0][0]["metaData"]["created"] == "2023-11-14T22:13:20Z"
    folder = tmp_path / "ontology"
    shutil.copytree(graph().ontology.folder, folder)
    root = folder / "calcinosis.ttl"
    text = root.read_text(encoding="utf-8")
    root.write_text(text.replace("dcterms:issued", "dcterms:modified"), encoding="utf-8")
    kg = calcinosis.load(ontology=folder)
    assert kg.export("phenopackets", cases=FULL)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    with pytest.raises(OntologyError, match="when the ontology was issued"):
        kg.export("phenopackets", cases=FULL)


@pytest.mark.slow
def test_a_graph_that_nobody_holds_any_more_is_freed() -> None:
    kg = calcinosis.load()
    packet = json.loads(next(iter(kg.export("phenopackets", cases=[FULL]).files.values())))
    assert kg.classify(packet).cases
    held: list[weakref.ref[Any]] = [weakref.ref(kg.ontology), weakref.ref(kg._vocabulary)]
    del kg
    gc.collect()
    assert [one() for one in held] == [None, None]
