"""The API says over HTTP what the commands say, whatever form cases and answers have."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import openpyxl
import pytest
from click.testing import CliRunner

import calcinosis
from calcinosis.cli.main import cli
from calcinosis.graph.locate import data
from calcinosis.web.app import application
from calcinosis.web.state import Bounds
from tests import fhir, records
from tests.serving import Reply, Server, running
from tests.shared import few

CASE = {"id": "case-1", "calcinosis": "present", "conditions": ["MONDO:0016367"]}
BAD = {"id": "case-2", "calcinosis": "maybe"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def server(kg: calcinosis.KnowledgeGraph) -> Iterator[Server]:
    with running(application(kg, Bounds(body=2_000_000))) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the commands, where what is sent lies under the server's names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*words: str, code: int = 0) -> str:
    """What a command writes on standard output."""
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert result.exit_code in (code, None), result.output
    return result.stdout


def post(
    server: Server, call: str, body: bytes, kind: str = "application/json", **asked: str
) -> Reply:
    return server.ask(f"/api/{call}?{urlencode(asked)}", "POST", body, Content_Type=kind)


def get(server: Server, call: str, *pairs: tuple[str, str], **headers: Any) -> Reply:
    return server.ask(f"/api/{call}?{urlencode(pairs)}", **headers)


def form(*parts: tuple[str, str | None, str, bytes]) -> tuple[bytes, str]:
    """The body of a form and its type; a part is name, file name, type and content."""
    body = b""
    for name, file, kind, content in parts:
        of_file = "" if file is None else f'; filename="{file}"'
        head = f'--x\r\nContent-Disposition: form-data; name="{name}"{of_file}\r\n'
        head += f"Content-Type: {kind}\r\n\r\n" if kind else "\r\n"
        body += head.encode() + content + b"\r\n"
    return body + b"--x--\r\n", "multipart/form-data; boundary=x"


def encoded(*cases: Mapping[str, Any]) -> bytes:
    return json.dumps(cases[0] if len(cases) == 1 else cases).encode()


# -- cases -------------------------------------------------------------------------------


def sheet() -> bytes:
    book = openpyxl.Workbook()
    text = (data("examples") / "patients.csv").read_text(encoding="utf-8")
    for row in csv.reader(io.StringIO(text)):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def example(name: str) -> bytes:
    return (data("examples") / name).read_bytes()


SENT: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "json": ("application/json", "cases.json", lambda: encoded(CASE)),
    "list": ("application/json", "cases.json", lambda: encoded(CASE, {**CASE, "id": "b"})),
    "yaml": ("application/yaml", "cases.yaml", lambda: example("patients.yaml")),
    "lines": ("application/x-ndjson", "cases.jsonl", lambda: encoded(CASE) + b"\n"),
    "csv": ("text/csv; charset=utf-8", "cases.csv", lambda: example("patients.csv")),
    "xlsx": (XLSX, "cases.xlsx", sheet),
    "phenopacket": (
        "application/json",
        "cases.json",
        lambda: encoded(records.packet(phenotypicFeatures=[records.CALCINOSIS])),
    ),
    "fhir": (
        "application/fhir+json",
        "cases.json",
        lambda: encoded(fhir.bundle(fhir.patient(), fhir.CALCINOSIS, fhir.calcium())),
    ),
}


@pytest.mark.parametrize("name", few(SENT, "json", "csv", "fhir"))
def test_verdicts_are_those_of_the_command(server: Server, folder: Path, name: str) -> None:
    kind, file, make = SENT[name]
    (folder / file).write_bytes(make())
    reply = post(server, "classify", make(), kind)
    assert (reply.status, reply.kind) == (200, "application/json"), reply.text
    assert reply.text == told("classify", file, "-f", "json", "-q")
    assert reply.headers["Calcinosis-Refused"] == "0"
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "call",
    few(
        [
            ({"format": "csv"}, ("-f", "csv")),
            ({"format": "csv", "shape": "wide"}, ("-f", "csv", "--shape", "wide")),
            ({"format": "csv", "shape": "table-1"}, ("-f", "csv", "--shape", "table-1")),
            ({"format": "html"}, ("-f", "html")),
            ({"format": "jsonl"}, ("-f", "jsonl")),
            ({"format": "markdown"}, ("-f", "markdown")),
            ({"explain": "true"}, ("-f", "json", "--explain")),
            ({"viewpoint": "minars"}, ("-f", "json", "--viewpoint", "minars")),
            ({"assume": "nothing"}, ("-f", "json", "--assume", "nothing")),
            ({"assume": "levels,causes"}, ("-f", "json", "--assume", "levels,causes")),
            ({"take": "nothing"}, ("-f", "json", "--take", "nothing")),
            ({"without": "reiter-2011"}, ("-f", "json", "--without", "reiter-2011")),
            ({"before": "2010"}, ("-f", "json", "--before", "2010")),
            ({"min_read": "text"}, ("-f", "json", "--min-read", "text")),
            ({"without_editorial": "true"}, ("-f", "json", "--without-editorial")),
        ],
        ({"format": "html"}, ("-f", "html")),
        ({"viewpoint": "minars"}, ("-f", "json", "--viewpoint", "minars")),
    ),
    ids=lambda it: " ".join(it[1]),
)
def test_options_are_those_of_the_command(
    server: Server, folder: Path, call: tuple[dict[str, str], tuple[str, ...]]
) -> None:
    asked, words = call
    (folder / "cases.yaml").write_bytes(example("patients.yaml"))
    reply = post(server, "classify", example("patients.yaml"), "application/yaml", **asked)
    assert reply.status == 200, reply.text
    assert reply.text == told("classify", "cases.yaml", *words, "-q")


@pytest.mark.slow
def test_a_workbook_of_verdicts_is_the_commands(server: Server, folder: Path) -> None:
    (folder / "cases.json").write_bytes(encoded(CASE))
    told("classify", "cases.json", "-f", "xlsx", "-o", "verdicts.xlsx", "-q")
    reply = post(server, "classify", encoded(CASE), format="xlsx")
    assert reply.kind == XLSX
    found, known = (
        openpyxl.load_workbook(one) for one in (io.BytesIO(reply.body), "verdicts.xlsx")
    )
    assert found.sheetnames == known.sheetnames
    for name in known.sheetnames:
        assert list(found[name].values) == list(known[name].values)


def test_files_of_a_form_are_read_by_their_names(server: Server, folder: Path) -> None:
    body, kind = form(
        ("file", "clinic.csv", "", example("patients.csv")),
        ("file", "../../etc/other.json", "", encoded(CASE)),
        ("format", None, "", b"jsonl"),
    )
    (folder / "clinic.csv").write_bytes(example("patients.csv"))
    (folder / "other.json").write_bytes(encoded(CASE))
    reply = post(server, "classify", body, kind)
    assert reply.status == 200, reply.text
    assert reply.text == told("classify", "clinic.csv", "other.json", "-f", "jsonl", "-q")


@pytest.mark.slow
def test_how_a_sheet_is_read_can_be_seen_and_mended(server: Server, folder: Path) -> None:
    table = b"patient,deposits,Ca\nA,present,raised\n"
    (folder / "clinic.csv").write_bytes(table)
    body, kind = form(("file", "clinic.csv", "", table))
    seen = post(server, "map", body, kind)
    assert (seen.status, seen.kind) == (200, "application/yaml")
    assert seen.text == told("map", "clinic.csv")
    mended = seen.text.replace("as: ignored", "as: calcinosis", 1).encode()
    (folder / "map.yaml").write_bytes(mended)
    body, kind = form(("file", "clinic.csv", "", table), ("map", "map.yaml", "", mended))
    reply = post(server, "classify", body, kind)
    assert reply.text == told("classify", "clinic.csv", "--map", "map.yaml", "-f", "json", "-q")


def test_what_is_refused_is_told_beside_the_rest_or_alone(server: Server) -> None:
    some = post(server, "classify", encoded(CASE, BAD))
    assert some.headers["Calcinosis-Refused"] == "1"
    assert [case["id"] for case in some.json()["cases"]] == ["case-1"]
    whole = post(server, "classify", encoded(CASE, BAD), format="outcome").json()
    assert whole["result"] == some.json()
    assert whole["refused"][0]["cure"] == "Write present, absent or unknown"
    none = post(server, "classify", encoded(BAD))
    assert (none.status, none.kind) == (422, "application/problem+json")
    assert none.json()["where"] == "cases.json: case 'case-2', calcinosis"
    both = post(server, "classify", encoded(BAD, {"id": "b", "calcinosis": "x"})).json()
    assert (both["detail"], len(both["faults"])) == ("2 inputs were refused", 2)
    strict = post(server, "classify", encoded({**CASE, "conditions": ["frobnitz"]}), strict="true")
    assert strict.status == 422


def test_the_answer_fits_its_schema(server: Server) -> None:
    document = get(server, "openapi.json").json()
    schema = {"$ref": "#/components/schemas/Result", "components": document["components"]}
    jsonschema.validate(post(server, "classify", encoded(CASE)).json(), schema)
    schema["$ref"] = "#/components/schemas/Explanations"
    jsonschema.validate(post(server, "explain", encoded(CASE)).json(), schema)


@pytest.mark.slow
@pytest.mark.parametrize(
    "call",
    few(
        [
            ({}, ("-f", "json")),
            ({"format": "html"}, ("-f", "html")),
            ({"subtype": "metastatic"}, ("-f", "json", "--subtype", "metastatic")),
            ({"id": "teaching-metastatic"}, ("-f", "json", "--id", "teaching-metastatic")),
            (
                {"on_conflict": "prefer-asserted"},
                ("-f", "json", "--on-conflict", "prefer-asserted"),
            ),
        ],
        ({"id": "teaching-metastatic"}, ("-f", "json", "--id", "teaching-metastatic")),
    ),
)
def test_explanations_are_those_of_the_command(
    server: Server, folder: Path, call: tuple[dict[str, str], tuple[str, ...]]
) -> None:
    asked, words = call
    (folder / "cases.yaml").write_bytes(example("patients.yaml"))
    reply = post(server, "explain", example("patients.yaml"), "application/yaml", **asked)
    assert reply.status == 200, reply.text
    assert reply.text == told("explain", "cases.yaml", *words, "-q")


# -- look-ups ----------------------------------------------------------------------------


def test_the_named_look_ups_are_listed(server: Server) -> None:
    listed = get(server, "query").json()
    assert {one["name"] for one in listed} == {
        path.stem for path in (data("queries") / "lookup").glob("*.rq")
    }
    assert all(one["summary"] and one["example"].keys() <= names(one) for one in listed)


def names(look_up: Mapping[str, Any]) -> set[str]:
    return {one["name"] for one in look_up["parameters"]}


LOOK_UPS = sorted(path.stem for path in (data("queries") / "lookup").glob("*.rq"))


@pytest.mark.parametrize("name", few(LOOK_UPS, "supports", "subtypes"))
def test_a_named_look_up_answers_as_the_command(
    server: Server, kg: calcinosis.KnowledgeGraph, name: str
) -> None:
    given = dict(kg.lookups.catalogue.look_up(name).example)
    options = [word for key, value in given.items() for word in (option(key), value)]
    for kind in ("json", "csv", "tsv"):
        reply = get(server, f"query/{name}", *given.items(), ("format", kind))
        assert reply.status == 200, reply.text
        assert reply.text == told("query", name, *options, "-f", kind, "-q")
    page = get(server, f"query/{name}", *given.items(), Accept="text/html")
    assert (page.kind, page.text.count("<table>")) == ("text/html", 1)


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def test_the_header_accept_chooses_the_form(server: Server) -> None:
    asked = ("reference", "reiter-2011")
    kinds = {
        "*/*": "application/json",
        "text/csv": "text/csv",
        "text/csv;q=0.1, text/html": "text/html",
        "text/tab-separated-values": "text/tab-separated-values",
    }
    for accept, kind in kinds.items():
        assert get(server, "query/supports", asked, Accept=accept).kind == kind
    refused = get(server, "query/supports", asked, Accept="image/png")
    assert (refused.status, refused.json()["where"]) == (406, "Accept")


@pytest.mark.slow
def test_an_answer_of_a_look_up_has_its_references(server: Server) -> None:
    asked = ("subtype", "iatrogenic")
    reply = get(server, "query/causes", asked, ("format", "bibtex"))
    words = ("cite", "--query", "causes", "--with", "subtype=iatrogenic", "-f", "bibtex", "-q")
    assert reply.text == told(*words)


@pytest.mark.parametrize(
    "text", few(["calcifilaxis", "MONDO:0016367", "serum calcum"], "calcifilaxis")
)
def test_search_is_the_commands(server: Server, text: str) -> None:
    for kind in ("json", "csv"):
        reply = get(server, "search", ("q", text), ("n", "5"), ("format", kind))
        assert reply.text == told("search", text, "-n", "5", "-f", kind)
    only = get(server, "search", ("q", text), ("kind", "reference")).json()
    assert {hit["kind"] for hit in only} <= {"reference"}


def test_what_is_typed_is_completed(server: Server) -> None:
    def offered(text: str, *kinds: str) -> list[str]:
        pairs = [("q", text), *(("kind", kind) for kind in kinds)]
        return [one["label"] for one in get(server, "complete", *pairs).json()]

    assert offered("serum calc")[0] == "total serum calcium"
    assert offered("SERUM  Calc", "analyte")[0] == "total serum calcium"
    assert "reiter-2011" in [one["id"] for one in get(server, "complete", ("q", "reiter")).json()]
    assert len(offered("MONDO:0016367")) == 1
    assert offered("xqzzy", "site") == []
    assert offered("calcium", "analyte")
    assert offered("calcium", "gene") == []


@pytest.mark.parametrize(
    "name", few(["reiter-2011", "tissue damage", "viewpoints", "minars"], "tissue damage")
)
def test_a_term_is_shown_as_by_the_command(server: Server, name: str) -> None:
    for kind in ("json", "markdown"):
        reply = get(server, f"term/{quote(name)}", ("format", kind))
        assert reply.text == told("show", name, "-f", kind)


def test_a_term_that_there_is_not_is_not_found(server: Server) -> None:
    missing = get(server, "term/frobnitz")
    assert (missing.status, missing.json()["detail"]) == (404, "there is no term 'frobnitz'")


@pytest.mark.parametrize(
    ("call", "name", "value"),
    [
        ("query/causes", "subtype", "bogus"),
        ("cite", "key", "nosuch-1999"),
        ("cite", "subtype", "bogus"),
        ("classify", "viewpoint", "nobody"),
        ("classify", "without", "nosuch-1999"),
        ("explain", "subtype", "nosuch"),
        ("explain", "id", "zzz"),
    ],
)
def test_a_name_that_names_nothing_is_not_found_whatever_is_called(
    server: Server, call: str, name: str, value: str
) -> None:
    if call in ("classify", "explain"):
        reply = post(server, call, encoded({"id": "a"}), **{name: value})
    else:
        reply = get(server, call, (name, value))
    assert reply.status == 404, reply.text
    assert value in reply.json()["detail"]
    assert reply.json()["cure"]


def test_a_parameter_that_is_no_name_is_a_bad_request(server: Server) -> None:
    assert post(server, "classify", encoded({"id": "a"}), before="soon").status == 400


def test_to_look_below_no_condition_changes_nothing(server: Server) -> None:
    one = ("key", "reiter-2011")
    assert get(server, "cite", ("below", "true"), one).body == get(server, "cite", one).body


def test_a_style_of_what_has_none_changes_nothing(server: Server) -> None:
    asked = [("key", "reiter-2011"), ("format", "bibtex")]
    styled = get(server, "cite", ("style", "apa"), *asked)
    assert styled.status == 200
    assert styled.body == get(server, "cite", *asked).body


@pytest.mark.parametrize("kind", few(["text", "bibtex", "ris", "csl-json"], "bibtex"))
def test_references_are_cited_as_by_the_command(server: Server, kind: str) -> None:
    asked = [("key", "reiter-2011"), ("subtype", "iatrogenic"), ("format", kind)]
    words = ("cite", "reiter-2011", "--subtype", "iatrogenic", "-f", kind, "-q")
    assert get(server, "cite", *asked).text == told(*words)


@pytest.mark.slow
def test_references_come_in_a_style(server: Server) -> None:
    reply = get(server, "cite", ("key", "reiter-2011"), ("style", "apa"))
    assert reply.text == told("cite", "reiter-2011", "--style", "apa")
    path = get(server, "cite", ("style", "/etc/passwd"))
    assert (path.status, path.json()["where"]) == (400, "style")


def test_the_published_cases_are_there_to_load(
    server: Server, kg: calcinosis.KnowledgeGraph
) -> None:
    found = get(server, "examples").json()
    cases = [one["case"] for one in found]
    known = kg.classify(data("examples") / "published")
    assert [one["id"] for one in cases] == [one.case.id for one in known.cases]
    reply = post(server, "classify", encoded(cases[0]))
    assert reply.json()["cases"][0]["subtypes"] == known.cases[0].to_dict()["subtypes"]


@pytest.mark.parametrize("lab", [{"value": "2,31", "unit": "mmol/l"}, {"value": "2,31 mmol/l"}])
def test_a_decimal_comma_is_read(server: Server, lab: dict[str, Any]) -> None:
    case = {**CASE, "age": "50 years", "labs": [{"test": "calcium", **lab}]}
    plain = {**case, "labs": [{"test": "calcium", "value": 2.31, "unit": "mmol/l"}]}
    found, known = (post(server, "classify", encoded(one)).json() for one in (case, plain))
    for mine, theirs in zip(
        found["cases"][0]["subtypes"], known["cases"][0]["subtypes"], strict=True
    ):
        assert (mine["verdict"], mine["needed"]) == (theirs["verdict"], theirs["needed"])
    assert not found["cases"][0]["uninterpreted"]


# -- sentences ---------------------------------------------------------------------------


def test_a_sentence_is_proposed_and_what_is_not_understood_told(server: Server) -> None:
    text = (
        "A 46-year-old woman. Serum calcium was 9.1 mg/dL. No hypercalcaemia or trauma. Frobnitz."
    )
    found = post(server, "propose", text.encode(), "text/plain").json()
    told_of = {(one["list"], json.dumps(one["item"])) for one in found["proposed"]}
    lab = '{"test": "Serum calcium", "value": 9.1, "unit": "mg/dL"}'
    assert told_of == {
        ("age", '"46 years"'),
        ("sex", '"female"'),
        ("labs", lab),
        ("excluded", '"hypercalcaemia"'),
        ("excluded", '"trauma"'),
    }
    assert [one["text"] for one in found["not_understood"]] == ["Frobnitz"]
    for one in found["proposed"]:
        assert text[one["start"] : one["end"]] == one["text"]


@pytest.mark.parametrize(
    "text",
    [
        "Her mother had trauma.",
        "Possible trauma.",
        "She was never exposed to trauma.",
        "No trauma.",
    ],
)
def test_what_is_denied_doubted_or_of_another_is_not_proposed_as_present(
    server: Server, text: str
) -> None:
    found = post(server, "propose", text.encode(), "text/plain").json()
    assert [one for one in found["proposed"] if one["list"] != "excluded"] == []
    assert found["proposed"] or found["not_understood"]


# -- the API told ------------------------------------------------------------------------


def test_the_document_has_every_call_and_valid_schemas(server: Server) -> None:
    document = get(server, "openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert {f"/api/query/{name}" for name in LOOK_UPS} <= document["paths"].keys()
    calls = ("classify", "explain", "map", "propose", "search", "complete", "cite", "examples")
    assert {f"/api/{call}" for call in calls} <= document["paths"].keys()
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    ids = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))


def test_the_page_of_the_api_lists_every_call_with_an_example(server: Server) -> None:
    page = server.ask("/api", Accept="text/html")
    assert (page.status, page.kind) == (200, "text/html")
    for path in get(server, "openapi.json").json()["paths"]:
        assert f" {path}</h3>" in page.text
    assert "curl http" in page.text
