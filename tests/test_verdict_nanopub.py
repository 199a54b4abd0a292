"""Verdicts as nanopublications: what they say, what they rest on, what they keep to themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pyshacl
import pytest
import rdflib
from pyoxigraph import RdfFormat, parse, serialize

import calcinosis
from calcinosis import names
from calcinosis.api.graph import by_settings
from calcinosis.errors import UsageError
from calcinosis.explain.explanation import Conflict, Explanation
from calcinosis.explain.links import Justification
from calcinosis.graph.locate import data
from tests.nanopubs import Said, faults, graphs, iri, parted, quads, values
from tests.shared import graph
from tests.terminal import run

CASES = str(data("examples") / "patients.yaml")
NAME = "verdict-nanopublications"

SHAPES = Path(__file__).parent / "data" / "verdict-shapes.ttl"


def exported(**asked: Any) -> tuple[list[bytes], list[dict[str, Any]]]:
    files = graph().export(NAME, **{"cases": CASES, **asked}).files
    assert list(files) == ["verdicts.trig", "references.json"]
    return parted(files["verdicts.trig"]), json.loads(files["references.json"])


@cache
def explained() -> list[Explanation]:
    return list(graph().explain(CASES))


@cache
def parts() -> list[bytes]:
    return exported()[0]


def verdict(part: bytes) -> dict[str, str]:
    """What a nanopublication asserts of its verdict and case, by the last part of the predicate."""
    return {re.split("[/#]", q.predicate)[-1]: q.object for q in graphs(part)["assertion"]}


def conforms(part: bytes) -> bool:
    triples = [quad.triple for quad in parse(part, format=RdfFormat.TRIG)]
    merged = rdflib.Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    shapes = rdflib.Graph().parse(SHAPES)
    return bool(pyshacl.validate(merged, shacl_graph=shapes)[0])


def test_every_verdict_has_its_nanopublication() -> None:
    asserted = [verdict(part) for part in parts()[:-1]]
    assert [(v["identifier"], v["onSubtype"], v["outcome"]) for v in asserted] == [
        (one.verdict.case.id, names.CC + why.verdict.id, why.verdict.verdict)
        for one in explained()
        for why in one.subtypes
    ]
    assert {v["outcome"] for v in asserted} == {
        *("entailed", "refuted", "undetermined", "conflicting")
    }
    listed = [q.object for q in graphs(parts()[-1])["assertion"]]
    assert listed == [iri(part) for part in parts()[:-1]]


@pytest.mark.slow
def test_other_programs_and_the_shapes_accept_them() -> None:
    library = pytest.importorskip("nanopub_sign")
    for part in parts():
        assert not faults(part)
        library.Nanopub(part.decode()).check()
    assert all(map(conforms, parts()[:-1]))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'calc:outcome "entailed"', b'calc:outcome "certain"'),
        (b"calc:affirmed true", b"calc:read 'x'"),
        (b'calc:read "abstract"', b'rdfs:comment "abstract"'),
        (b'dcterms:identifier "', b'foaf:name "A Patient" ; dcterms:identifier "'),
        (b"calc:studyType ", b"rdfs:comment "),
    ],
)
def test_the_shapes_find_what_is_wrong(was: bytes, becomes: bytes) -> None:
    assert was in parts()[0]
    assert not conforms(parts()[0].replace(was, becomes))


@pytest.mark.slow
def test_a_verdict_says_whose_definition_it_rests_on_and_is_no_diagnosis() -> None:
    said = verdict(parts()[0])
    assert said["label"].startswith("\u201cdystrophic calcinosis cutis\u201d follows from the ")
    assert said["underViewpoint"] == names.VIEWPOINT + "seed-reiter-2011"
    assert all(b"not medical advice" in part for part in parts())
    other = calcinosis.load("walsh-fairley-1995").export(NAME, cases=CASES)
    assert b"viewpoint \xe2\x80\x9cWalsh and Fairley 1995\xe2\x80\x9d" in bytes(
        other.files["verdicts.trig"]
    )


def test_what_is_left_out_is_said() -> None:
    kg = by_settings(graph(), calcinosis.graph.settings.Settings(without=("boulman-2005",)))
    trig = kg.export(NAME, cases=CASES).files["verdicts.trig"]
    for part in parted(trig)[:-1]:
        assert verdict(part)["label"].partition("(without ")[2].startswith("boulman-2005; ")
    assert b"ref:boulman-2005" not in trig


def test_each_verdict_rests_on_its_justifications() -> None:
    written = iter(parts())
    for one in explained():
        for why in one.subtypes:
            part = next(written)
            said = graphs(part)["provenance"]
            groups = {q.subject for q in said if "#justification-" in q.subject}
            expected: Sequence[Conflict | Justification] = why.justifications
            if why.verdict.verdict == "conflicting":
                expected = one.contradictions.conflicts
            assert len(groups) == len(expected)
            for number, found in enumerate(expected, 1):
                node = f"{iri(part)}#justification-{number}"
                members = values(said, node, names.PROV + "hadMember")
                words = {w for m in members for w in values(said, m, names.LABEL)}
                assert words == {link.words for link in found.links}
                facts = {
                    (
                        values(said, m, names.RDF + "object").pop(),
                        values(said, m, names.CC + "affirmed").pop(),
                    )
                    for m in members
                    if "#fact-" in m
                }
                assert facts == {
                    (given.fact.term, str(given.fact.affirmed).lower()) for given in found.facts
                }
            assert b"more justifications" not in part


def test_the_bibliography_is_exactly_what_is_cited() -> None:
    _, references = exported()
    cited = {item["id"] for item in references}
    assert {key for one in explained() for key in one.rests_on} <= cited
    assert len(references) == len(cited)

    def named(part: bytes) -> set[str]:
        nodes = {node for q in quads(part) for node in q if node.startswith(names.REF)}
        return {names.local(node) for node in nodes}

    assert set().union(*map(named, parts())) == cited


def test_what_disputes_a_claim_that_a_verdict_rests_on_is_told() -> None:
    claims, disputes = graph().ontology.claims, 0
    for part in parts()[:-1]:
        said = graphs(part)["provenance"]
        for claim in {q.object for q in said if q.predicate == names.CC + "restsOn"}:
            against = [c for c in claims.citations(claim) if c.disputes]
            keys = {names.REF + c.reference for c in against}
            assert values(said, claim, names.DISPUTES) == keys
            nodes = {
                q.subject
                for q in said
                if q.predicate == names.OWL + "annotatedProperty" and q.object == names.DISPUTES
            }
            reads = {
                (values(said, n, names.OWL + "annotatedTarget").pop(), read)
                for n in nodes
                if claim in values(said, n, names.OWL + "annotatedSource")
                for read in values(said, n, names.CC + "read")
            }
            assert reads == {(names.REF + c.reference, c.read) for c in against}
            derived = {q.object for q in said if q.predicate == names.PROV + "wasDerivedFrom"}
            supported = {q.object for q in said if q.predicate == names.EVIDENCE}
            assert not (keys - supported) & derived
            found = claims.association(claim)
            assert values(said, claim, names.CC + "contestedBy") == set(found.contested_by)
            assert bool(values(said, claim, names.CC + "contested")) == found.contested
            disputes += len(keys)
    assert disputes


def test_an_interval_that_judged_a_value_is_cited_as_data() -> None:
    case = {
        "id": "own-lab",
        "age": "40 years",
        "calcinosis": "present",
        "conditions": ["dermatomyositis"],
        "labs": [
            {"test": "calcium", "value": 9.2, "unit": "mg/dL"},
            {"test": "phosphate", "value": 3.4, "unit": "mg/dL"},
        ],
    }
    parts, references = exported(cases=case)
    facts = graph().explain(case)[0].verdict.case.facts
    judging = {names.REF + key for fact in facts for key in fact.references}
    assert judging
    used = [q for part in parts for q in quads(part) if q.predicate.endswith("usesDataFrom")]
    assert {q.object for q in used} == judging
    assert judging <= {names.REF + item["id"] for item in references}


def private(site: str, value: float, *words: str) -> dict[str, Any]:
    sex, age, note, other = words
    return {
        "id": "p-1",
        "source": "doi:10.1000/xyz<1>",
        "sex": sex,
        "age": age,
        "calcinosis": {"status": "present", "sites": [site]},
        "conditions": [{"term": "Dermatomyositis", "note": note}],
        "labs": [{"test": "calcium", "value": value, "unit": "mg/dL", "interval": [8.53, 10.59]}],
        "other": [other],
    }


def test_of_a_patient_only_the_id_the_source_and_the_facts_are_told() -> None:
    case = private("elbow", 9.17, "female", "47 years", "Told by her sister Ann.", "lives in Graz")
    parts, _ = exported(cases=case)
    said = [q for part in parts for q in quads(part)]
    title = names.DCTERMS + "title"  # of a reference: its own words, whoever the patient is
    private_or_ours = [q for q in said if q.predicate != title or names.REF not in q.subject]
    told = " ".join(q.object for q in private_or_ours if not q.object.startswith("http"))
    for secret in ("female", "47", "elbow", "Ann", "9.17", "8.53", "Graz"):
        assert secret not in told
    assert any(q.object == "https://doi.org/10.1000/xyz%3C1%3E" for q in said)
    assert any(q.object == "doi:10.1000/xyz<1>" for q in said)
    other = private("knee", 9.23, "male", "52 years", "Told by his brother Bob.", "lives in Wien")
    assert exported(cases=other) == exported(cases=case)


def test_a_hard_id_and_source_are_kept_as_they_are() -> None:
    case = {"id": 'a "b" \\ \u00e9', "source": "seen at a <meeting>", "calcinosis": "absent"}
    (first, *_), references = exported(cases=case)
    assert verdict(first)["identifier"] == case["id"]
    assert case["source"] in {q.object for q in graphs(first)["provenance"]}
    assert not faults(first)
    assert isinstance(references, list)


@pytest.mark.slow
def test_a_time_is_said_only_where_one_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    created = names.DCTERMS + "created"

    def times() -> set[str]:
        parts, _ = exported()
        said: list[Said] = [q for part in parts for q in quads(part)]
        return {q.object for q in said if q.predicate == created}

    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert times() == set()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert times() == {"2023-11-14T22:13:20Z"}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    given = ["export", NAME, "--cases", CASES, "-o", str(tmp_path / "out")]
    code, _, err = run(given, capsys)
    assert code == 2
    assert "SOURCE_DATE_EPOCH: 'yesterday' is not a time" in err


def test_without_cases_there_are_no_verdicts() -> None:
    with pytest.raises(UsageError, match="there are none"):
        graph().export(NAME)
