"""Units that a value lacks, or may have been meant in, as buttons of the page for one patient."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import calcinosis
from tests.clerks import Pages, buttons, by_id, form_fields, pages, state, words


@pytest.fixture
def site(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> Iterator[Pages]:
    with pages(kg, tmp_path) as found:
        yield found


@pytest.mark.parametrize(
    ("unit", "wanted", "level"), [("", "mmol/L", "normal"), ("mg/dL", "mmol/L", "normal")]
)
def test_a_unit_is_put_in_by_a_button(site: Pages, unit: str, wanted: str, level: str) -> None:
    lab = [("labs.0.test", "calcium"), ("labs.0.value", "2.31"), ("labs.0.unit", unit)]
    before = site.post("/patient", [("calcinosis", "present"), ("age", "40"), *lab]).page
    field = by_id(before, "labs.0.unit")
    assert field.get("aria-invalid") == "true"
    for place in (by_id(before, "result"), field.getparent()):
        offered = [one for one in buttons(place, wanted) if one[0] == "put"]
        assert offered == [("put", json.dumps(["labs.0.unit", wanted]))]
        fields = [*form_fields(by_id(before, "patient")), *offered]
        after = site.post("/patient", fields).page
        assert state(after)["case"]["labs"][0]["unit"] == wanted
        assert f"2.31 {wanted} is {level}" in words(by_id(after, "result"))


def test_no_unit_is_put_beside_one_that_stands_behind_the_number(site: Pages) -> None:
    lab = [("labs.0.test", "calcium"), ("labs.0.value", "2.3 furlong")]
    found = site.post("/patient", lab).page
    assert by_id(found, "labs.0.unit").get("aria-invalid") == "true"
    assert not [one for one in buttons(found, "mmol/L") if one[0] == "put"]
