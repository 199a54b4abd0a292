"""Exports: what is selected, the registry, the command, and the tables."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import calcinosis
from calcinosis import names
from calcinosis.api.selecting import select
from calcinosis.cli import export as command
from calcinosis.cli.options import Out
from calcinosis.errors import CalcinosisError, UsageError
from calcinosis.graph import mapped
from calcinosis.graph.locate import data
from calcinosis.output.files import archive
from calcinosis.output.formats import FORMATS, Exported, find
from calcinosis.output.selection import Selection
from calcinosis.output.sheets import claim_tables
from tests.shared import few, graph
from tests.terminal import run

CASES = str(data("examples") / "patients.yaml")
SELECTIONS = [
    {},
    {"subtype": "calciphylaxis"},
    {"condition": "juvenile dermatomyositis"},
    {"reference": "reiter-2011"},
    {"query": "contested"},
    {"query": "causes", "parameters": {"subtype": "iatrogenic"}},
    {"cases": CASES},
    {"subtype": "metastatic", "cases": CASES},
]


def rows(name: str, **selection: Any) -> list[dict[str, str]]:
    text = bytes(graph().export(name, **selection)).decode()
    return list(csv.DictReader(io.StringIO(text)))


# -- selections ------------------------------------------------------------------------


@pytest.fixture(params=SELECTIONS, ids=str)
def selection(request: pytest.FixtureRequest) -> Selection:
    return select(graph(), **request.param)


def test_nothing_dangles(selection: Selection) -> None:
    """Every reference, term and other side that a statement names is in the selection."""
    ids = {claim.iri for claim in selection.associations}
    keys = {reference.key for reference in selection.references}
    terms = set(selection.terms)
    assert ids
    for claim in selection.associations:
        assert set(claim.contested_by) <= ids
        assert {c.reference for c in claim.citations} <= keys
        named = {claim.subject, claim.object, *claim.contexts}
        assert {iri for iri in named if iri in selection.everything.by_subject} <= terms
    for iri in terms:
        above = selection.everything.iris(iri, names.SUBCLASS)
        assert {a for a in above if a.startswith(names.CC)} <= terms | {names.CC + "Case"}


def test_a_selection_holds_what_was_asked_and_no_more() -> None:
    whole = select(graph())
    assert whole.is_whole
    assert len(whole.associations) == len(graph().ontology.claims.associations)
    part = select(graph(), reference="reiter-2011")
    sides = {iri for claim in part.associations for iri in claim.contested_by}
    for claim in part.associations:
        cites = "reiter-2011" in {c.reference for c in claim.citations}
        assert cites or claim.iri in sides
    cause = select(graph(), query="causes", parameters={"subtype": "iatrogenic"})
    answered = {row["claim"] for row in graph().query("causes", subtype="iatrogenic").rows()}
    assert answered <= {claim.iri for claim in cause.associations}
    cited = {key for one in graph().explain(CASES) for key in one.cited}
    assert cited <= {reference.key for reference in select(graph(), cases=CASES).references}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"subtype": "metastatc"}, "metastatic"),
        ({"condition": "dermatomyosits"}, "dermatomyositis"),
        ({"reference": "reiter-2010"}, "reiter-2011"),
        ({"query": "subtypes"}, "answers no claims"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(asked: dict[str, str], said: str) -> None:
    with pytest.raises(CalcinosisError, match=said):
        select(graph(), **asked)  # type: ignore[arg-type]


# -- the registry ----------------------------------------------------------------------


def test_every_format_says_what_it_is() -> None:
    assert len({form.name for form in FORMATS}) == len(FORMATS)
    for form in FORMATS:
        assert form.purpose
        assert form.media_type.count("/") == 1


@pytest.mark.parametrize(
    "name",
    few(
        [form.name for form in FORMATS],
        *("associations-csv", "xlsx", "kgx-tsv", "sssom", "cases-turtle", "report-md"),
    ),
)
def test_a_format_is_the_same_twice_and_complete(name: str) -> None:
    asked = {"cases": CASES} if find(name).cases else {"subtype": "iatrogenic"}
    asked = {} if name == "site" else asked  # it has all pages
    one, two = (kg.export(name, **asked) for kg in (graph(), again()))
    assert bytes(one) == bytes(two)
    assert all(one.files.values())


@cache
def again() -> calcinosis.KnowledgeGraph:
    """The graph once more, for what must not hang on one process' state."""
    return calcinosis.load()


def test_an_export_is_streamed_part_by_part_and_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[bytes] = []

    def content() -> Iterator[bytes]:
        for part in (b"1", b"2"):
            made.append(part)
            yield part

    def write(_selection: Selection) -> dict[str, Iterator[bytes]]:
        return {"a.csv": content()}

    monkeypatch.setattr(claim_tables, "WRITERS", {"associations-csv": write})
    value = Exported(find("associations-csv"), select(graph()))
    parts = iter(value)
    assert (next(parts), made) == (b"1", [b"1"])
    assert (list(parts), made) == ([b"2"], [b"1", b"2"])
    assert b"".join(value) == bytes(value) == value.files["a.csv"] == b"12"
    several = graph().export("kgx-tsv", subtype="iatrogenic")
    assert b"".join(several) == bytes(several)


@pytest.mark.parametrize("kind", ["subtype", "condition", "reference", "query"])
def test_an_empty_list_asks_for_nothing(kind: str) -> None:
    asked: dict[str, Any] = {kind: []}
    assert not select(graph(), **asked).associations
    assert select(graph(), **asked).asked_for == "nothing"
    for name in ("associations-csv", "criteria-csv", "mappings-csv"):
        assert rows(name, **asked) == []
    other = "subtype" if kind == "condition" else "condition"
    asked[other] = "calciphylaxis"
    both = select(graph(), **asked)
    assert both.associations
    assert not both.is_whole


def test_an_unknown_format_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean associations-csv"):
        find("association-csv")


# -- tables ----------------------------------------------------------------------------


def test_a_row_a_claim_and_reference() -> None:
    found = rows("associations-csv")
    claims = graph().ontology.claims.associations.values()
    assert len(found) == sum(max(1, len(claim.citations)) for claim in claims)
    by_id = {claim.id: claim for claim in claims}
    for row in found:
        claim = by_id[row["association"]]
        assert row["statement"].removeprefix("'") == claim.statement
        if row["reference"]:
            (citation,) = (c for c in claim.citations if c.reference == row["reference"])
            assert row["read"] == citation.read
            assert row["side"] == ("disputes" if citation.disputes else "supports")
            assert (
                row["study_type"] == graph().ontology.library.reference(row["reference"]).study_type
            )


@pytest.mark.slow
def test_pandas_reads_what_was_written(tmp_path: Path) -> None:
    exported = bytes(graph().export("xlsx", subtype="calciphylaxis"))
    sheets = pd.read_excel(io.BytesIO(exported), sheet_name=None, dtype=str, keep_default_na=False)
    for sheet, name in (
        ("associations", "associations-csv"),
        ("criteria", "criteria-csv"),
        ("mappings", "mappings-csv"),
    ):
        text = bytes(graph().export(name, subtype="calciphylaxis"))
        table = pd.read_csv(io.BytesIO(text), dtype=str, keep_default_na=False)
        assert len(table)
        pd.testing.assert_frame_equal(sheets[sheet], table)
    assert set(sheets["references"]["key"]) == set(sheets["associations"]["reference"]) - {""}


@pytest.mark.slow
@pytest.mark.parametrize("asked", [*SELECTIONS, {"condition": "dermatomyositis"}], ids=str)
def test_no_sheet_cites_what_the_workbook_has_not(asked: dict[str, Any]) -> None:
    exported = io.BytesIO(bytes(graph().export("xlsx", **asked)))
    sheets = pd.read_excel(exported, sheet_name=None, dtype=str, keep_default_na=False)
    claims = set(sheets["associations"]["association"])
    keys = set(sheets["references"]["key"])
    criteria = sheets["criteria"]
    assert claims
    assert {key for key in sheets["associations"]["reference"] if key} <= keys
    for column, known in (("associations", claims), ("references", keys)):
        assert {one for cell in criteria[column] for one in cell.split("; ") if one} <= known


def test_the_criteria_of_a_selection_are_those_asked_for_or_those_that_rest_on_it() -> None:
    of_subtype = rows("criteria-csv", subtype="calciphylaxis")
    assert {row["subtype"] for row in of_subtype} == {"Calciphylaxis"}
    assert of_subtype == [r for r in rows("criteria-csv") if r["subtype"] == "Calciphylaxis"]
    by_reference = rows("criteria-csv", reference="reiter-2011")
    assert 0 < len(by_reference) < len(rows("criteria-csv"))
    assert all(row["associations"] for row in by_reference)


def test_every_mapping_is_in_the_table_with_its_licence() -> None:
    found = rows("mappings-csv")
    paths = sorted((data("ontology") / "mappings").glob("*.sssom.tsv"))
    sets = [mapped.read(path) for path in paths]
    assert len(found) == sum(len(one.rows) for one in sets)
    heads = {one.iri: one.head["license"] for one in sets}
    assert all(row["licence"] == heads[row["mapping_set"]] for row in found)
    told = sorted(row["comment"] for one in sets for row in one.rows)
    assert sorted(row["comment"] for row in found) == told
    assert not any(row["confidence"] for row in found)  # none was measured


def test_the_criteria_are_those_of_the_viewpoint() -> None:
    kg = calcinosis.load("walsh-fairley-1995")
    text = bytes(kg.export("criteria-csv")).decode()
    found = [(r["subtype"], r["criterion"]) for r in csv.DictReader(io.StringIO(text))]
    classes = kg.classifier.case_classes
    assert found == [(c.subtype, names.local(i)) for c in classes for i in c.criteria]


def test_a_criterion_tells_what_disputes_the_claims_behind_it() -> None:
    text, told = bytes(graph().export("criteria-csv")).decode(), 0
    for row in csv.DictReader(io.StringIO(text)):
        claims = [names.ASSOC + one for one in row["associations"].split("; ") if one]
        found = [graph().ontology.claims.association(one) for one in claims]
        disputed = {c.reference for one in found for c in one.citations if c.disputes}
        contested = {names.local(iri) for one in found for iri in one.contested_by}
        assert set(filter(None, row["disputed_by"].split("; "))) == disputed
        assert set(filter(None, row["contested_by"].split("; "))) == contested
        told += len(disputed)
    assert told


def test_a_formula_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:

    whole = select(graph(), reference="reiter-2011")
    spoilt = tuple(
        replace(c, statement='=HYPERLINK("x")', mechanism="+1\n2") for c in whole.associations
    )
    selection = replace(whole, associations=spoilt)
    text = b"".join(find("associations-csv").files(selection)["associations.csv"]).decode()
    found = list(csv.DictReader(io.StringIO(text)))
    assert {(r["statement"], r["mechanism"]) for r in found} == {('\'=HYPERLINK("x")', "'+1\n2")}
    book = b"".join(find("xlsx").files(selection)["calcinosis.xlsx"])
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    table = pd.read_excel(io.BytesIO(book), dtype=str)
    assert set(table["statement"]) == {'=HYPERLINK("x")'}


# -- the command -----------------------------------------------------------------------


def test_without_a_format_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["export"], capsys)
    assert code == 0
    assert all(len(line) <= 80 for line in out.splitlines())
    for form in FORMATS:
        assert f"  {form.name} " in out


def test_a_file_is_written_whole_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.csv"
    asked = ["export", "associations-csv", "--subtype", "iatrogenic", "-o", str(target)]
    assert run(asked, capsys) == (0, "", "")
    assert target.read_bytes() == bytes(graph().export("associations-csv", subtype="iatrogenic"))
    code, _, err = run(asked, capsys)
    assert code == 2
    assert "Add --force" in err
    assert run([*asked, "--force"], capsys)[0] == 0
    assert list(tmp_path.iterdir()) == [target]


def test_several_files_go_into_a_folder_or_archive(tmp_path: Path) -> None:
    files = {"a.txt": [b"one"], "b/c.txt": [b"two", b"three"]}
    place = tmp_path / "folder"
    command._write_several(files, Out(str(place), False, False))
    assert (place / "b" / "c.txt").read_bytes() == b"twothree"
    with pytest.raises(UsageError, match="it exists"):
        command._write_several(files, Out(str(place), False, False))
    (place / "mine.txt").write_text("kept")
    command._write_several({"a.txt": [b"new"]}, Out(str(place), True, False))
    assert (place / "a.txt").read_bytes() == b"new"
    assert (place / "mine.txt").read_text() == "kept"
    with pytest.raises(UsageError, match="several files"):
        command._write_several(files, Out(None, False, False))
    command._write_several(files, Out(str(tmp_path / "x.zip"), False, False))
    packed = zipfile.ZipFile(tmp_path / "x.zip")
    assert {name: packed.read(name) for name in packed.namelist()} == {
        "a.txt": b"one",
        "b/c.txt": b"twothree",
    }

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        command._write_several(
            {"a": broken(), "b": [b""]}, Out(str(tmp_path / "half"), False, False)
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "x.zip"]
    assert archive({"a": b"1"}) == archive({"a": b"1"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nothing"], "there is no export format 'nothing'"),
        (["associations-csv", "--with", "a=b"], "there is no look-up"),
        (["associations-csv", "--query", "causes", "--with", "a"], "sets no parameter"),
        (["associations-csv", "--reference", "x"], "there is no reference 'x'"),
        (["associations-csv", "-o", "/nowhere/x.csv"], "cannot be written"),
        (["associations-csv", "-o", "/nowhere/x.zip"], "one file and no archive. End it in .csv"),
        (["associations-csv", "-o", "/nowhere/x/"], "Name the file: /nowhere/x/associations.csv"),
        (["kgx-tsv", "-o", "/nowhere/x.txt"], "Name a folder, or a .zip file"),
        (["--subtype", "metastatic"], "Name one: export FORMAT"),
    ],
)
def test_wrong_requests_are_told(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["export", *given], capsys)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_any_format_of_several_files_may_be_an_archive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "a.zip"
    asked = ["export", "kgx-jsonl", "--subtype", "iatrogenic", "-o", str(target)]
    assert run(asked, capsys) == (0, "", "")
    assert target.read_bytes() == bytes(graph().export("kgx-jsonl", subtype="iatrogenic"))


def test_a_refused_case_does_not_stop_an_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "sex": "x"}\n{"id": "b", "calcinosis": "absent"}\n', "utf-8")
    code, out, err = run(["export", "associations-csv", "--cases", str(path)], capsys)
    assert code == 3
    assert out.startswith("association,kind")
    assert err.startswith("Refused: ")


def test_what_is_put_together_with_a_look_up_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["export", "associations-csv", "--query", "causes", "--subtype", "iatrogenic"]
    code, out, err = run(asked, capsys)
    wanted = graph().export("associations-csv", query="causes", subtype="iatrogenic")
    assert (code, out) == (0, bytes(wanted).decode())
    assert err.startswith("Put together: --query causes and --subtype iatrogenic. ")
    assert not run([*asked, "-q"], capsys)[2]


def test_a_file_without_one_accepted_case_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, bad = tmp_path / "missing.yaml", tmp_path / "bad.yaml"
    bad.write_text("id: a\nunheard: 1\n", "utf-8")
    target = tmp_path / "out"
    asked = ["export", "phenopackets", "--cases", str(missing), "--cases", str(bad)]
    code, out, err = run([*asked, "-o", str(target)], capsys)
    assert (code, out) == (3, "")
    refused = [line for line in err.splitlines() if line.startswith("Refused: ")]
    assert any(str(missing) in line for line in refused)
    assert any("unheard" in line for line in refused)
    assert "there are none" not in err
    assert not target.exists()
