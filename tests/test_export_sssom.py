"""SSSOM: read by sssom-pydantic, accepted by sssom, row by row what the sets hold."""

from __future__ import annotations

import csv
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sssom_pydantic

from calcinosis import names
from calcinosis.api.selecting import select
from calcinosis.graph.locate import data
from calcinosis.output.formats import find
from tests.shared import graph
from tests.test_export import SELECTIONS


def table(path: Path) -> list[dict[str, str]]:
    lines = [x for x in path.read_text("utf-8").splitlines() if not x.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def save(path: Path, **asked: Any) -> list[dict[str, str]]:
    path.write_bytes(bytes(graph().export("sssom", **asked)))
    return table(path)


@pytest.mark.parametrize("asked", SELECTIONS, ids=str)
def test_sssom_pydantic_reads_every_row(asked: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    rows = save(path, **asked)
    mappings, converter, about = sssom_pydantic.read(path)
    assert len(mappings) == len(rows) > 0  # it passes over what it cannot read
    assert str(about.license) == "https://creativecommons.org/licenses/by/4.0/"
    for mapping in mappings:
        assert converter.expand(mapping.object.curie, strict=True)
        assert mapping.license
        assert mapping.source is not None
        assert names.CC + mapping.source.identifier in set(map(str, about.source or ()))
    selection = select(graph(), **asked)
    wanted = {names.local(iri) for iri in selection.terms}
    mapped = {row["subject_id"].removeprefix("calc:") for row in rows}
    assert mapped <= wanted or selection.is_whole  # the whole has analytes too


def test_the_whole_holds_each_row_of_each_set(tmp_path: Path) -> None:
    cells = ("subject_id", "predicate_id", "object_id", "object_label", "mapping_date", "comment")
    whole = save(tmp_path / "a.sssom.tsv")
    sets = sorted((data("ontology") / "mappings").glob("*.sssom.tsv"))
    every = [row for path in sets for row in table(path)]
    key = [tuple(row.get(cell) or "" for cell in cells) for row in every]
    assert sorted(key) == sorted(tuple(row[cell] for cell in cells) for row in whole)


def test_a_chained_row_says_through_what_and_one_by_hand_by_whom(tmp_path: Path) -> None:
    rows = save(tmp_path / "a.sssom.tsv")
    chained = [r for r in rows if r["mapping_justification"] == "semapv:MappingChaining"]
    by_hand = [r for r in rows if r["mapping_justification"] == "semapv:ManualMappingCuration"]
    assert len(chained) + len(by_hand) == len(rows)
    assert len(chained) > 400
    for row in chained:
        assert row["see_also"].startswith("http://purl.obolibrary.org/obo/")
        assert "Through " in row["comment"]
    assert all(row["author_label"] and row["mapping_date"] for row in by_hand)


def test_a_vocabulary_keeps_its_own_licence(tmp_path: Path) -> None:
    rows = save(tmp_path / "a.sssom.tsv")
    licences = {row["object_id"].partition(":")[0]: row["license"] for row in rows}
    assert licences["LOINC"] == "https://loinc.org/license/"
    assert licences["SNOMEDCT"] == "https://www.snomed.org/get-snomed"
    head = (tmp_path / "a.sssom.tsv").read_text("utf-8")
    assert "LOINC is copyright Regenstrief Institute" in head


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("semapv:ManualMappingCuration", "by hand"),
        ("\tskos:", "\tskosx:"),
        ("#  MONDO: ", "#  M: "),
    ],
)
def test_the_reader_finds_a_planted_fault(good: str, bad: str, tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    rows = save(path, condition="juvenile dermatomyositis")
    path.write_text(path.read_text("utf-8").replace(good, bad), "utf-8")
    try:
        read = len(sssom_pydantic.read(path)[0])
    except ValueError:
        read = 0
    assert read < len(rows)


def validated(path: Path) -> str:
    """What the reference implementation, in an environment of its own, says; nothing if well."""
    command = [str(shutil.which("sssom")), "validate", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}".strip() or "failed" * (done.returncode != 0)


@pytest.mark.external("sssom")
@pytest.mark.parametrize("asked", SELECTIONS[:3], ids=str)
def test_sssom_validate_accepts_it(asked: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    assert save(path, **asked)
    assert validated(path) == ""


@pytest.mark.external("sssom")
@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("\tpredicate_id\t", "\tpredicate\t"),
        ("semapv:ManualMappingCuration", "by hand"),
        ("#  MONDO: ", "#  M: "),
    ],
)
def test_sssom_validate_finds_a_planted_fault(good: str, bad: str, tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    save(path, condition="juvenile dermatomyositis")
    path.write_text(path.read_text("utf-8").replace(good, bad), "utf-8")
    assert validated(path)


def test_nothing_selected_is_an_empty_table(tmp_path: Path) -> None:
    nothing = replace(select(graph(), reference="reiter-2011"), associations=())
    path = tmp_path / "a.sssom.tsv"
    path.write_bytes(b"".join(find("sssom").files(nothing)["calcinosis.sssom.tsv"]))
    assert table(path) == []
    assert list(sssom_pydantic.read(path)[0]) == []
