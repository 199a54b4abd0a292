"""The phenopacket of the page for one patient: carried away and loaded there again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import calcinosis
from tests.clerks import Pages, by_id, form_fields, pages, standings, state, words

OPEN = [("calcinosis", "present"), ("conditions.0.term", "MONDO:0016367")]


@pytest.fixture
def site(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> Iterator[Pages]:
    with pages(kg, tmp_path) as found:
        yield found


def test_a_phenopacket_of_this_page_is_read_here_again(site: Pages) -> None:
    fields = [
        *OPEN,
        *(("id", "p1"), ("age", "52"), ("sites.0.term", "hand")),
        *(("conditions.1.term", "trauma"), ("conditions.1.at_deposit", "yes")),
        *(("interventions.0.term", "intravenous calcium gluconate"),
          ("interventions.0.at_deposit", "no")),
        *(("findings.0.term", "skin ulcer"), ("excluded.0.term", "scar")),
        *(("labs.0.test", "total serum calcium"), ("labs.0.value", "3.1")),
        *(("labs.0.unit", "mmol/L"), ("labs.0.low", "2.1"), ("labs.0.high", "2.6")),
    ]  # fmt: skip
    before = site.post("/patient", fields)
    told = words(before.page)
    assert "So does the phenopacket" in told[told.index("Carry away") :]
    packet = site.post("/patient/phenopacket", form_fields(by_id(before.page, "patient")))
    again = site.post("/patient", [("do", "file")], file=("p1.json", packet.body))
    assert state(again.page)["case"] == {
        "id": "p1",
        "age": "52 years",
        "calcinosis": {"status": "present", "sites": ["hand"]},
        "conditions": [{"term": "trauma", "at_deposit": True}, "dermatomyositis"],
        "interventions": [{"term": "intravenous calcium gluconate", "at_deposit": False}],
        "findings": ["skin ulcer"],
        "excluded": ["scar"],
        "labs": [
            {
                "test": "total serum calcium",
                "value": 3.1,
                "unit": "mmol/L",
                "interval": [2.1, 2.6],
            }
        ],
    }
    assert standings(again.page) == standings(before.page)


def test_what_a_phenopacket_has_no_place_for_is_named_and_what_else_is_not(site: Pages) -> None:
    fields = [
        *OPEN,
        *(("excluded.0.term", "haemodialysis"), ("excluded.1.term", "sarcoidosis")),
        *(("labs.0.test", "calcium"), ("labs.0.value", ">14"), ("labs.0.unit", "mg/dL")),
    ]
    told = words(site.post("/patient", fields).page)
    carried = told[told.index("Carry away") :]
    assert "haemodialysis: an intervention that is ruled out" in carried
    assert "calcium >14 mg/dL: " in carried
    assert "sarcoidosis" not in carried
