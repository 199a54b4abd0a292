"""The page for a cohort without a script: a sheet, how it is read, the summary, files."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import yaml

import calcinosis
from calcinosis.output.site.cohort_map import mapped, of_fields
from tests.clerks import Answer, Pages, buttons, by_id, form_fields, pages, words
from tests.shared import few

# As people keep them: headings of their own, a column that nobody knows, a word nobody knows.
SHEET = (
    b"Pt no,Name,Dx,Ca (mg/dl),Phos,Calcinosis Y/N,Shoe size\n"
    b"1,A. Body,lcSSc,9.1,3.4,y,40\n"
    b"2,B. Body,moonrash,12.4,3.1,y,41\n"
    b"3,C. Body,dermatomyositis,9.0,wnl,n,42\n"
)


@pytest.fixture
def site(kg: calcinosis.KnowledgeGraph, tmp_path: Path) -> Iterator[Pages]:
    with pages(kg, tmp_path) as found:
        yield found


def asked(site: Pages, do: str, data: bytes = SHEET, name: str = "clinic.csv") -> Answer:
    return site.post("/cohort", [("do", do)], file=(name, data))


def read_form(found: Answer) -> list[tuple[str, str]]:
    """The fields of the last form of a page: the mapping, with the sheet that it carries."""
    return form_fields([one for one in found.page.iter("form") if one.get("id") is None][-1])


def mended(fields: list[tuple[str, str]], key: str, **parts: str) -> list[tuple[str, str]]:
    """The fields with other parts of one column."""
    number = next(n.split(".")[1] for n, v in fields if n.endswith(".key") and v == key)
    other = {f"column.{number}.{part}": value for part, value in parts.items()}
    return [(name, other.get(name, value)) for name, value in fields]


def test_a_sheet_is_shown_as_it_is_read(site: Pages) -> None:
    found = asked(site, "map")
    told = words(found.page.find(".//section[@aria-labelledby='read']"))
    assert "3 rows of 3 patients" in told
    assert "Asked about: Phos" in told
    held = dict(read_form(found))
    reads = {v: held[n.replace(".key", ".as")] for n, v in held.items() if n.startswith("column")}
    assert reads["Shoe size"] == "ignored"
    assert reads["Name"] == "private"
    assert held["value.0.word"] == "moonrash"
    assert found.headers["cache-control"] == "no-store"


def test_the_mapping_of_the_page_is_that_of_the_command(
    site: Pages, kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    from calcinosis.api.sheets import sheet_map

    fields = read_form(asked(site, "map"))
    sheet = tmp_path / "own" / "clinic.csv"
    sheet.parent.mkdir()
    sheet.write_bytes(SHEET)
    written = yaml.safe_load(sheet_map(kg, sheet))
    held = json.loads(of_fields(fields))
    for key, column in written["columns"].items():
        kept = {part: column[part] for part in ("as", "unit", "term") if column.get(part)}
        assert held["columns"][key] == kept
    sheet.unlink()
    sheet.parent.rmdir()


def test_what_a_word_may_have_meant_is_taken_by_a_button(site: Pages) -> None:
    sheet = b"id,calcinosis,conditions\n1,present,DM\n2,present,moonrash\n"
    before = asked(site, "map", sheet)
    offered = [json.loads(value) for name, value in buttons(before.page, "") if name == "put"]
    assert len(offered) == 2, "both readings of the first, none of the second"
    (taken, _) = offered
    after = site.post("/cohort", [*read_form(before), ("put", json.dumps(taken))])
    assert dict(read_form(after))[taken[0]] == taken[1]
    assert not [name for name, _ in buttons(after.page, "") if name == "put"]
    summary = site.post("/cohort", [*read_form(after), ("do", "summary")])
    assert "'DM' is ambiguous" not in summary.text
    assert "put" not in dict(read_form(summary))


def test_a_mended_mapping_counts_as_with_the_command(
    site: Pages, kg: calcinosis.KnowledgeGraph, tmp_path: Path
) -> None:
    fields = mended(read_form(asked(site, "map")), "Phos", unit="mg/dL")
    fields = [(n, "dermatomyositis" if n == "value.0.meant" else v) for n, v in fields]
    found = site.post("/cohort", [*fields, ("do", "summary")])
    assert found.status == 200
    rows = {words(row[0]): row for row in by_id(found.page, "patients").iter("tr")}
    mapping = json.loads(of_fields(fields))
    Path("m.yaml").write_text(json.dumps(mapping), "utf-8")
    Path("clinic.csv").write_bytes(SHEET)
    verdicts = kg.classify(calcinosis.Sheet("clinic.csv", "m.yaml")).cases
    for case in verdicts:
        cells = [one.get("data-is") for one in rows[case.case.id] if one.get("data-is")]
        assert cells == [one.standing for one in case.subtypes]
    carried = site.post("/cohort/long", read_form(found))
    told = list(csv.DictReader(io.StringIO(carried.text.lstrip("\ufeff"))))
    assert [one["verdict"] for one in told] == [r["verdict"] for c in verdicts for r in c.rows()]
    result = json.loads(site.post("/cohort/json", read_form(found)).body)
    assert [case["id"] for case in result["cases"]] == ["1", "2", "3"]
    assert "A. Body" not in found.text.replace(base64.b64encode(SHEET).decode(), "")


@pytest.mark.parametrize("way", ["summary", "map", "mapping"])
def test_a_wrong_word_in_the_mapping_keeps_the_form_with_the_sheet_and_the_mends(
    site: Pages, way: str
) -> None:
    fields = mended(read_form(asked(site, "map")), "Phos", unit="mg/dL")
    fields = mended(fields, "Dx", **{"as": "nonsense"})
    fields = [(n, "dermatomyositis" if n == "value.0.meant" else v) for n, v in fields]
    if way == "mapping":
        found = site.post("/cohort/mapping", fields)
    else:
        found = site.post("/cohort", [*fields, ("do", way)])
    assert found.status == 422
    assert ".map.yaml" not in found.text
    held = read_form(found)
    assert mended(held, "Phos", unit="mg/dL") == held
    assert mended(held, "Dx", **{"as": "nonsense"}) == held
    assert dict(held)["value.0.meant"] == "dermatomyositis"
    assert dict(held)["sheet"] == dict(fields)["sheet"]
    (wrong,) = [one for one in found.page.iter("input") if one.get("aria-invalid")]
    assert wrong.get("value") == "nonsense"
    assert "no column" in words(by_id(found.page, wrong.get("aria-describedby")))
    cured = mended(held, "Dx", **{"as": "conditions"})
    assert site.post("/cohort", [*cured, ("do", "summary")]).status == 200


@pytest.mark.slow
def test_every_file_is_carried_away(site: Pages) -> None:
    found = asked(site, "summary")
    fields = read_form(found)
    names = set()
    starts = {"xlsx": b"PK", "csv": b"", "long": b"", "json": b"{", "html": b"<!DOCTYPE html>"}
    for kind, start in starts.items():
        answer = site.post(f"/cohort/{kind}", fields)
        assert answer.status == 200, kind
        assert answer.body.startswith(start), kind
        name = answer.headers["content-disposition"]
        assert name.startswith('attachment; filename="calcinosis-cohort-'), kind
        names.add(name)
        assert b"A. Body" not in answer.body, kind
    assert len(names) == len(starts)


def test_the_mapping_is_carried_away_and_begun_with(site: Pages) -> None:
    fields = mended(read_form(asked(site, "map")), "Phos", unit="mg/dL")
    written = site.post("/cohort/mapping", fields)
    columns = {one.key: one for one in mapped(written.text).columns}
    assert columns["Phos"].unit == "mg/dL"
    sheet, mapping = ("clinic.csv", SHEET), ("map.yaml", written.body)
    again = site.post("/cohort", [("do", "map")], file=sheet, mapping=mapping)
    assert "Asked about" not in words(again.page.find(".//main"))


def test_what_was_not_read_is_said_with_the_summary(site: Pages) -> None:
    told = words(asked(site, "summary").page.find(".//section[@aria-labelledby='summary']"))
    assert "Shoe size" in told
    assert "moonrash" in told
    assert buttons(asked(site, "map").page, "Confirm")


def test_the_way_back_keeps_what_was_mended(site: Pages) -> None:
    fields = mended(read_form(asked(site, "map")), "Phos", unit="mg/dL")
    summary = site.post("/cohort", [*fields, ("do", "summary")])
    back = site.post("/cohort", [*read_form(summary), ("do", "map")])
    assert mended(read_form(back), "Phos", unit="mg/dL") == read_form(back)


def test_another_sheet_forgets_the_mapping_of_the_first(site: Pages) -> None:
    fields = read_form(asked(site, "map"))
    other = b"id,calcinosis\nx,present\n"
    found = site.post("/cohort", [*fields, ("do", "summary")], file=("other.csv", other))
    assert "x" in words(by_id(found.page, "patients"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("broken.xlsx", b"PK\x03\x04 no workbook"),
        ("empty.csv", b""),
        ("old.xls", b"\xd0\xcf\x11\xe0"),
        ("latin.csv", "id,calcinosis\nGr\xfcn,present\n".encode("latin-1")),
        ("list.csv", b"id,calcinosis\n"),
        ("none.ods", b"<html></html>"),
        ("words.txt", b"a patient"),
    ],
)
@pytest.mark.parametrize("do", few(["map", "summary"], "summary"))
def test_a_bad_file_gives_one_error(site: Pages, name: str, data: bytes, do: str) -> None:
    found = asked(site, do, data, name)
    assert found.status == 422
    (alert,) = [one for one in found.page.iter("div") if one.get("role") == "alert"]
    assert len(list(alert.iter("li"))) == 1
    assert by_id(found.page, "file").get("aria-describedby") == alert.get("id")
    assert "Traceback" not in found.text
    assert buttons(found.page, "Show how it is read")


def test_what_needs_no_mapping_is_summarised_at_once(
    site: Pages, kg: calcinosis.KnowledgeGraph
) -> None:
    cases = [{"id": one, "calcinosis": "present", "findings": [one]} for one in ("skin ulcer", "x")]
    long = b"patient,kind,term,value\np-1,condition,dermatomyositis,\np-2,finding,skin ulcer,\n"
    for name, data in (("cases.json", json.dumps(cases).encode()), ("long.csv", long)):
        found = asked(site, "map", data, name)
        rows = list(by_id(found.page, "patients").iter("tr"))
        assert len(rows) == 3, name


def test_a_script_in_a_cell_is_text(site: Pages) -> None:
    sheet = b"id,calcinosis,conditions\n<script>alert(1)</script>,present,<img src=x>\n"
    for do in ("map", "summary"):
        text = asked(site, do, sheet).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_the_page_allows_its_own_script_alone(site: Pages) -> None:
    found = asked(site, "summary")
    assert "'sha256-" in found.headers["content-security-policy"].partition("script-src")[2]
    assert "unsafe" not in found.headers["content-security-policy"]


def test_the_unit_that_a_column_lacks_is_put_in_by_a_button(site: Pages) -> None:
    before = asked(site, "map")
    (offered,) = [one for one in buttons(before.page, "mg/dL") if one[0] == "put"]
    (row,) = [one for one in before.page.iter("tr") if offered in buttons(one, "mg/dL")]
    assert "Phos" in words(row)
    after = site.post("/cohort", [*read_form(before), offered])
    columns = {one.key: one for one in mapped(of_fields(read_form(after))).columns}
    assert columns["Phos"].unit == "mg/dL"
    assert not [one for one in buttons(after.page, "mg/dL") if one[0] == "put"]


VISITS = (
    b"Patient,Visit date,Diagnosis,Calcinosis,Ca (mmol/l)\n"
    b"A1,2020-01-01,dermatomyositis,no,2.3\n"
    b"A1,2021-01-01,dermatomyositis,yes,2.4\n"
    b"A2,2020-05-01,dermatomyositis,yes,2.2\n"
)


def answered(found: Answer) -> str:
    """The sentence of a summary."""
    return words(found.page.find(".//p[@class='lead answer']"))


def test_several_rows_of_a_patient_count_alike_at_once_and_confirmed(site: Pages) -> None:
    at_once = asked(site, "summary", VISITS)
    confirmed = site.post("/cohort", [*read_form(asked(site, "map", VISITS)), ("do", "summary")])
    assert answered(at_once) == answered(confirmed)
    assert "3 rows of 2 patients" in answered(at_once)
    assert at_once.status == 200
    assert "earlier case" not in words(at_once.page.find(".//main"))


@pytest.mark.parametrize("do", ["summary", "map"])
def test_which_rows_of_a_patient_count_is_chosen_beside_the_summary(site: Pages, do: str) -> None:
    found = asked(site, do, VISITS)
    if do == "map":
        found = site.post("/cohort", [*read_form(found), ("do", "summary")])
    for chosen, said in (("first", "absent"), ("latest", "present"), ("each", "absent")):
        form, name = choice_of_visits(found)
        fields = [(key, value) for key, value in form_fields(form) if key != name]
        found = site.post("/cohort", [*fields, (name, chosen), ("do", "summary")])
        assert ("3 rows of 2 patients" in answered(found)) == (chosen == "each")
        rows = list(csv.DictReader(io.StringIO(carried(site, found).text)))
        assert len(rows) == (3 if chosen == "each" else 2)
        assert rows[0]["calcinosis"] == said


def choice_of_visits(found: Answer) -> tuple[Element, str]:
    """The form beside a summary in which the rows of a patient are chosen, and its field."""
    pairs = ((form, one) for form in found.page.iter("form") for one in form.iter("select"))
    found_in = [(form, one.get("name", "")) for form, one in pairs]
    ((form, name),) = [one for one in found_in if "visits" in one[1]]
    return form, name


def carried(site: Pages, found: Answer) -> Answer:
    """The table of the patients that a summary is carried away as."""
    return site.post("/cohort/csv", read_form(found))


def test_where_no_patient_has_several_rows_nothing_is_asked_of_them(site: Pages) -> None:
    found = asked(site, "summary")
    assert not [one for one in found.page.iter("select") if "visits" in one.get("name", "")]
