"""What a denied code denies: no more than it says, in every form of a case and in its exports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis import names
from tests.test_phenopacket import problems

Kg = calcinosis.KnowledgeGraph
LIMITED, CLASS = "MONDO:0016359", "systemic sclerosis"  # one kind of it, by a narrower match


def case(**fields: Any) -> dict[str, Any]:
    return {"id": "a", "calcinosis": "present", **fields}


def denied(kg: Kg, raw: Any) -> set[str]:
    (found,) = kg.classify(raw).cases
    return {names.local(fact.term) for fact in found.case.facts if not fact.affirmed}


def packet(kg: Kg, raw: Any) -> dict[str, Any]:
    first = next(iter(kg.export("phenopackets", cases=raw).files.values()))
    found: dict[str, Any] = json.loads(first)
    return found


def test_a_narrower_code_contradicts_nothing(kg: Kg) -> None:
    raw = case(conditions=[CLASS], excluded=[LIMITED])
    (found,) = kg.classify(raw).cases
    assert "conflicting" not in {one.verdict for one in found.subtypes}
    assert denied(kg, raw) == set()
    (remark,) = found.case.set_aside
    assert (remark.what, remark.where) == (LIMITED, "excluded[0]")
    assert remark.reason.startswith(f"denies less than {CLASS!r}")
    assert f"write {CLASS!r}" in remark.reason


@pytest.mark.parametrize("code", [LIMITED, "http://purl.obolibrary.org/obo/MONDO_0016359"])
@pytest.mark.parametrize("more", [{}, {"cause": True}, {"when": "before"}])
def test_a_narrower_code_is_recorded_however_it_is_written(
    kg: Kg, code: str, more: dict[str, Any]
) -> None:
    raw = case(excluded=[{"term": code, **more}])
    assert denied(kg, raw) == set()
    (found,) = kg.classify(raw).cases
    assert [remark.what for remark in found.case.set_aside] == [code]


@pytest.mark.parametrize(
    "word", [CLASS, "SystemicSclerosis", "calc:SystemicSclerosis", "MONDO:0005100"]
)
def test_a_name_or_an_exact_code_denies_the_class(kg: Kg, word: str) -> None:
    assert denied(kg, case(excluded=[word])) == {"SystemicSclerosis"}


def test_every_code_denies_by_exact_and_close_match_alone(kg: Kg) -> None:
    near = {"skos:exactMatch", "skos:closeMatch"}
    terms = kg.ontology.terms
    by_code: dict[str, set[str]] = {}
    for row in terms.mappings:
        by_code.setdefault(row.object, set()).add(row.predicate)
    narrow = {code for code, found in by_code.items() if not found & near}
    narrow = {code for code in narrow if "skos:narrowMatch" in by_code[code]}
    assert len(narrow) > 100
    for code in narrow:
        if terms.find(code):
            assert terms.is_narrower(code), code
            assert denied(kg, case(excluded=[code])) == set(), code
    for code in sorted(set(by_code) - narrow)[::20]:
        assert not terms.is_narrower(code), code


def test_a_narrower_code_still_states_what_is_present(kg: Kg) -> None:
    (found,) = kg.classify(case(conditions=[LIMITED])).cases
    assert {names.local(fact.term) for fact in found.case.facts} >= {"SystemicSclerosis"}


def test_a_narrower_code_in_a_sheet_denies_nothing(kg: Kg, tmp_path: Path) -> None:
    sheet = tmp_path / "cases.csv"
    sheet.write_text(f"id,calcinosis,conditions,excluded\na,present,{CLASS},{LIMITED}\n")
    (found,) = kg.classify(str(sheet)).cases
    assert all(fact.affirmed for fact in found.case.facts)
    assert [remark.what for remark in found.case.set_aside] == [LIMITED]


def test_no_code_stands_for_a_criterion_of_a_work_up(kg: Kg) -> None:
    """So that the guard on narrower codes there has nothing to do as yet."""
    terms = kg.ontology.terms
    kinds = {terms.kind(_iri(row.subject)) for row in terms.mappings}
    assert "condition" in kinds
    assert "criterion" not in kinds


def _iri(subject: str) -> str:
    return names.CC + subject.removeprefix("calc:")


# -- exports ---------------------------------------------------------------------------


def test_a_phenopacket_excludes_no_more_than_was_denied(kg: Kg) -> None:
    text = json.dumps(packet(kg, case(excluded=["HP:0030155"])))
    assert "HP:0012531" not in text
    whole = packet(kg, case(excluded=["pain"]))["phenotypicFeatures"]
    assert {"type": {"id": "HP:0012531", "label": "Pain"}, "excluded": True} in whole


@pytest.mark.parametrize(
    ("field", "code", "key", "kind"),
    [
        ("findings", "HP:0030155", "phenotypicFeatures", "type"),
        ("conditions", LIMITED, "diseases", "term"),
        ("conditions", "ICD10CM:N18.5", "diseases", "term"),  # of no release that is known
    ],
)
def test_the_code_that_was_written_goes_out(
    kg: Kg, field: str, code: str, key: str, kind: str
) -> None:
    found = packet(kg, case(**{field: [code]}))
    assert code in [item[kind]["id"] for item in found[key]]
    assert problems(found) == []
    prefixes = {one["namespacePrefix"] for one in found["metaData"]["resources"]}
    assert code.partition(":")[0] in prefixes


def test_a_written_code_without_a_label_goes_out_as_its_term(kg: Kg) -> None:
    found = packet(kg, case(conditions=["MESH:D010014"]))
    assert [i["type"]["id"] for i in found["phenotypicFeatures"]][-1:] == ["calc:BoneMetastasis"]
