"""The tools for assistants: what they reply, and what they refuse."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import calcinosis
from calcinosis.graph.lexicon import KINDS
from calcinosis.web import assistant_bounds
from tests.assistants import OPEN, asked, called, listed, refused, words
from tests.shared import examples, few, graph
from tests.terminal import run

KEYS = (
    *("id", "calcinosis", "conditions", "findings", "interventions", "labs", "excluded", "age"),
    *(
        "term",
        "at_deposit",
        "cause",
        "when",
        "test",
        "value",
        "unit",
        "interval",
        "level",
        "status",
    ),
    *("resourceType", "entry", "resource", "phenotypicFeatures", "subject", "@context"),
    *("members", "proband", "type", "diseases", "measurements", "workup_complete", "assume"),
)
TOOLS = ["search", "show", "query", "sparql", "cite", "classify", "explain", "next_question"]


def one_line(error: str) -> None:
    assert "Traceback" not in error
    assert "--" not in error
    assert 10 < len(error.splitlines()[0]) < 500
    assert error == error.strip()


# -- what an assistant is told -------------------------------------------------------------------


@pytest.mark.slow
def test_each_tool_says_what_it_is_for_with_an_example_that_runs() -> None:
    tools = listed()["tools"]
    assert [tool.name for tool in tools] == TOOLS
    for tool in tools:
        assert 150 < len(tool.description) < 700
        call = re.search(r"Example: (\w+\(.*?\))\.(?: |$)", tool.description)
        assert call, tool.name
        node = ast.parse(call[1], mode="eval").body
        assert isinstance(node, ast.Call)
        given = {str(one.arg): ast.literal_eval(one.value) for one in node.keywords}
        reply = called(tool.name, **given)
        assert reply["graph"]["viewpoint"] == graph().viewpoint


def test_each_tool_only_reads_and_types_its_reply() -> None:
    for tool in listed()["tools"]:
        assert tool.annotations.read_only_hint
        assert not tool.annotations.open_world_hint
        properties = tool.output_schema["properties"]
        assert {"references", "notes", "graph"} < set(properties)
        assert all(one.get("description") for one in tool.input_schema["properties"].values())


# -- look-ups ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_claim_comes_with_its_citations_and_its_other_side() -> None:
    page = called("show", term="heel stick")
    by_id = {one["id"]: one for one in (*page["claims"], *page["other_side"])}
    contested = [one for one in page["claims"] if one["contested"]]
    assert contested
    assert all(set(one["contested_by"]) <= set(by_id) for one in contested)
    named = {c["reference"] for one in by_id.values() for c in one["citations"]}
    assert named <= {one["key"] for one in page["references"]}
    assert all(len(one["reference"]) > len(one["key"]) for one in page["references"])
    some = called("show", term="calciphylaxis", claims="Treatment")
    assert {one["kind"] for one in some["claims"]} == {"Treatment"}
    assert len(some["claims"]) == some["claims_by_kind"]["Treatment"]


@pytest.mark.slow
def test_what_is_cut_is_said() -> None:
    page = called("show", term="calcinosis cutis")
    every = sum(page["claims_by_kind"].values())
    assert f"Cut: {len(page['claims'])} of {every} claims" in " ".join(page["notes"])
    rows = called("query", name="causes", rows=5)
    assert (len(rows["rows"]), rows["row_count"]) == (5, len(graph().query("causes")))
    assert f"Cut: 5 of {rows['row_count']} rows" in " ".join(rows["notes"])
    many = called("sparql", query="SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 1000", rows=200)
    assert (len(many["rows"]), many["count"]) == (200, 1000)
    long = 'SELECT ?t { VALUES ?n { 1 2 3 4 5 } BIND(CONCAT("%s", STR(?n)) AS ?t) }' % (
        "x" * 50_000
    )
    assert len(called("sparql", query=long)["rows"]) == 2


@pytest.mark.slow
def test_the_rows_are_those_of_the_command() -> None:
    asked: dict[str, Any] = {"subtype": "iatrogenic"}
    table, reply = (
        graph().query("causes", **asked),
        called("query", name="causes", parameters=asked),
    )
    assert [row["cause_label"] for row in reply["rows"]] == [r["cause_label"] for r in table.rows()]
    assert [row["references"] for row in reply["rows"]] == [r["references"] for r in table.rows()]
    assert reply["asked_with"]["subtype"] == table.parameters[0].value
    assert called("query", name="causes")["asked_with"]["subtype"].endswith("(default)")
    names = [row["name"] for row in called("query")["rows"]]
    assert sorted(names) == calcinosis.api.Catalogue().names()


@pytest.mark.slow
def test_sparql_answers_every_form_and_no_service() -> None:
    assert called("sparql", query="ASK { ?c calc:caseOf ?s }")["answer"] is True
    made = called("sparql", query="CONSTRUCT { ?c calc:caseOf ?s } { ?c calc:caseOf ?s }")
    assert made["form"] == "triples"
    assert len(made["triples"]) == made["count"] == 5
    nothing = called("sparql", query="SELECT ?c { ?c calc:caseOf calc:Nonesuch }")
    assert nothing["rows"] == []
    assert "neither yes nor no" in " ".join(nothing["notes"])
    for query, said in (
        ("SELECT ?s { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE"),
        ("SELECT ?s { ?s ?p }", "query"),
        ("DROP ALL", "query"),
    ):
        error = refused("sparql", query=query)
        one_line(error)
        assert said in error


@pytest.mark.slow
def test_sparql_reads_no_file_and_ends_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.ttl"
    secret.write_text("<https://example.org/a> <https://example.org/b> <https://example.org/c> .")
    for query in (
        f"SELECT ?s FROM <{secret.as_uri()}> {{ ?s ?p ?o }}",
        f"SELECT ?s FROM NAMED <{secret.as_uri()}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    ):
        found = asked(lambda client, q=query: client.call_tool("sparql", {"query": q}))  # type: ignore[misc]
        assert "example.org" not in words(found)
    monkeypatch.setattr(assistant_bounds, "QUERY_SECONDS", 0.5)
    error = refused("sparql", query="SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    one_line(error)
    assert "0.5 seconds" in error
    monkeypatch.undo()
    assert called("sparql", query="ASK { ?c calc:caseOf ?s }")["answer"] is True


@pytest.mark.slow
@pytest.mark.parametrize("form", ["plain", "vancouver", "bibtex", "ris", "csl-json"])
def test_references_are_written_in_every_form(form: str) -> None:
    found = called("cite", keys=["reiter-2011"], form=form)
    assert found["keys"] == ["reiter-2011"]
    assert "10.1016/j.jaad.2010.08.038" in found["text"]


@pytest.mark.slow
def test_what_the_graph_has_not_is_answered_so() -> None:
    assert "says nothing" in called("search", text="imatinib")["notes"][0]
    assert "nothing" in " ".join(
        called("query", name="causes", parameters={"subtype": "idiopathic"})["notes"]
    )
    for tool, asking, said in (
        ("show", {"term": "imatinib"}, "there is no term 'imatinib'"),
        ("show", {"term": "reiter-2010"}, "reiter-2011"),
        ("cite", {"keys": ["smith-1999"]}, "there is no reference 'smith-1999'"),
        ("cite", {}, "Give keys"),
        ("query", {"name": "caus"}, "Did you mean causes"),
        ("query", {"name": "causes", "parameters": {"subtyp": "x"}}, "It has: subtype"),
        ("query", {"name": "causes", "parameters": {"timeout": 9}}, "has no parameter 'timeout'"),
        ("search", {"text": "x", "kinds": ["nonesuch"]}, KINDS[0]),
        ("search", {"text": "x", "count": 1000}, "Give 1 to 50"),
        ("classify", {"case": OPEN, "viewpoint": "minar"}, "minars"),
        ("classify", {"case": OPEN, "assume": "everything"}, "levels"),
        ("explain", {"case": OPEN, "subtype": "nonesuch"}, "dystrophic"),
        ("nonesuch", {}, "Known: search, show"),
    ):
        error = refused(tool, **asking)
        one_line(error)
        assert said in error


# -- patients ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_verdict_says_what_is_presumed_and_on_what_it_hangs() -> None:
    reply, verdict = called("classify", case=OPEN), graph().classify(OPEN).cases[0]
    assert [one["verdict"] for one in reply["subtypes"]] == [s.verdict for s in verdict.subtypes]
    (presumed,) = (one for one in reply["subtypes"] if one["presumed"])
    (ours,) = (one.presumed for one in verdict.subtypes if one.presumed)
    assert presumed["presumed"]["falls_if"] == ours.falls_if
    assert presumed["verdict"] == "undetermined"
    assert "Presumed is no verdict" in " ".join(reply["notes"])
    assert any("presumed, if" in line and "[A1]" in line for line in reply["summary"])
    assert {one["key"] for one in reply["references"]} <= set(verdict.cited)
    strict = called("classify", case=OPEN, assume="nothing")
    assert not any(one["presumed"] for one in strict["subtypes"])
    other = called("classify", case=OPEN, viewpoint="walsh-fairley-1995")
    assert len(other["subtypes"]) == 4
    assert other["graph"]["viewpoint"] == "walsh-fairley-1995"


def test_possible_causes_of_what_is_open_are_named_as_by_classify() -> None:
    case = {"id": "a", "calcinosis": "present", "conditions": ["sarcoidosis", "dermatomyositis"]}
    (verdict,) = graph().classify(case).cases
    ours = {one.id: one for one in verdict.subtypes}
    for tool in ("classify", "explain"):
        reply = called(tool, case=case)
        told = {one["subtype"]: one for one in reply["subtypes"]}
        assert any(one["possible_causes"] for one in told.values())
        for subtype, one in told.items():
            assert one["possible_causes"] == list(ours[subtype].basis_facts)
            assert one["flags"] == list(ours[subtype].flags)
        keys = {key for one in ours.values() for key in one.basis_references}
        assert keys <= {one["key"] for one in reply["references"]}
        assert told["DystrophicCalcinosisCutis"]["defining_cause_present"]
    facts = [
        fact
        for one in called("explain", case=OPEN)["subtypes"]
        for because in one["because"]
        for fact in because["facts"]
    ]
    assert facts
    assert not [fact for fact in facts if fact.endswith("()")]
    summary = " ".join(called("classify", case=case)["summary"])
    assert "open, with a possible cause (sarcoidosis)" in summary
    assert "open, its defining cause is present" in summary


def test_a_decimal_comma_is_read() -> None:
    def told(**lab: Any) -> Any:
        labs = [{"test": "calcium", **lab}, {"test": "phosphate", "level": "normal"}]
        reply = called("classify", case={**OPEN, "labs": labs})
        return [(one["subtype"], one["verdict"]) for one in reply["subtypes"]]

    plain = told(value=2.31, unit="mmol/l")
    assert ("DystrophicCalcinosisCutis", "entailed") in plain
    assert told(value="2,31 mmol/l") == plain


@pytest.mark.slow
def test_what_a_rule_takes_or_sets_aside_is_told() -> None:
    case = {**OPEN, "interventions": [{"term": "surgical excision", "when": "after"}]}
    read = called("classify", case=case)["read"]
    taken = next(one for one in read if one["became"].startswith("taken as"))
    assert "R1" in taken["became"]
    assert "cause: false" in taken["way_out"]
    assert any(one["became"].startswith("set aside") for one in read)


@pytest.mark.slow
def test_the_next_question_settles_and_is_that_of_explain() -> None:
    reply = called("next_question", case=OPEN)
    (explanation,) = graph().explain(OPEN)
    assert [one["ask"] for one in reply["questions"]] == [q.asks for q in explanation.questions]
    first = reply["questions"][0]
    assert first["ask"] == "serum phosphate"
    assert {"follows", "ruled out"} == {v for o in first["outcomes"] for v in o["settles"].values()}
    measured = {"test": "phosphate", "value": 3.4, "unit": "mg/dL"}
    after = called("next_question", case={**OPEN, "labs": [*OPEN["labs"], measured]})
    assert set(after["open"]) < set(reply["open"])


@pytest.mark.slow
def test_why_names_facts_axioms_and_their_sources() -> None:
    case = {"id": "p2", "calcinosis": "present", "findings": ["hypercalcaemia"]}
    reply = called("explain", case=case, subtype="metastatic")
    (one,) = reply["subtypes"]
    assert one["verdict"] == "entailed"
    assert any("hypercalcaemia (findings[0])" in fact for fact in one["because"][0]["facts"])
    sources = [s for axiom in one["because"][0]["axioms"] for s in axiom["sources"]]
    assert {s["reference"] for s in sources} <= {r["key"] for r in reply["references"]}
    both = {**case, "excluded": ["hypercalcaemia"]}
    assert called("explain", case=both)["conflicts"]
    assert called("classify", case=both)["contradiction"]


# -- hostile input -------------------------------------------------------------------------------


def deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"a": [found]}
    return found


HOSTILE: dict[str, tuple[str, dict[str, Any], str]] = {
    "huge": ("classify", {"case": {"id": "x", "conditions": ["a" * 1_000_000]}}, "characters"),
    "many": ("classify", {"case": {"id": "x", "conditions": ["a"] * 100_000}}, "values"),
    "many keys": ("classify", {"case": {f"k{n}": 1 for n in range(30_000)}}, "values"),
    "deep": ("classify", {"case": deep(90)}, "deep"),
    "control": ("classify", {"case": {"id": "x", "conditions": ["a\x1b[2Jb"]}}, "U+001B"),
    "key": ("classify", {"case": {"id": "x", "a\x00": 1}}, "U+0000"),
    "turned": ("search", {"text": "a\u202eb"}, "U+202E"),
    "tags": ("show", {"term": "a\U000e0041"}, "U+E0041"),
    "long name": ("show", {"term": "x" * 100_000}, "there is no"),
    "long query": ("sparql", {"query": "ASK {" * 5_000}, "query"),
    "text for a case": ("classify", {"case": "/etc/passwd"}, "Give a JSON object"),
    "a list for a case": ("classify", {"case": [OPEN]}, "Give a JSON object"),
    "an empty case": ("classify", {"case": {}}, "no case"),
    "text for a list": ("classify", {"case": {"id": "x", "conditions": "/etc/passwd"}}, "list"),
    "number for text": ("show", {"term": {"a": 1}}, "Give a text"),
    "missing": ("show", {}, "term: the argument is missing"),
    "two patients": (
        "classify",
        {"case": {"members": [], "resourceType": "Bundle", "entry": []}},
        "case",
    ),
    "infinite": ("classify", {"case": {**OPEN, "age": "9" * 5_000}}, "age"),
}


@pytest.mark.parametrize("name", few(HOSTILE, "deep", "control", "text for a case"))
def test_hostile_input_is_one_clear_error(name: str) -> None:
    tool, given, said = HOSTILE[name]
    error = refused(tool, **given)
    one_line(error)
    assert said in error


HOOKED: list[list[str]] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and HOOKED:
        HOOKED[-1].append(str(arguments[0]))


SAID = ["present", "UCTD", "calcium", "9.1", "mg/dL", "reiter-2011", "calciphylaxis"]
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9)
VALUES = st.recursive(
    PLAIN | st.text(max_size=20) | st.sampled_from(SAID),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.sampled_from(KEYS), one, max_size=6),
    max_leaves=20,
)
CASES = st.dictionaries(st.sampled_from(KEYS), VALUES).map(lambda case: {"id": "x", **case})
NAMES = (
    *("text", "term", "name", "query", "keys", "parameters", "kinds", "form", "subtype"),
    *("viewpoint", "assume", "rows", "count"),
)
ANY = st.fixed_dictionaries({}, optional={**dict.fromkeys(NAMES, VALUES), "case": VALUES | CASES})


@pytest.mark.slow
@settings(max_examples=examples(300))
@given(tool=st.sampled_from(TOOLS), holding=ANY)
def test_whatever_a_call_holds_is_answered(tool: str, holding: dict[str, Any]) -> None:
    found = asked(lambda client: client.call_tool(tool, holding))
    if found.is_error:
        error = words(found)
        assert "stumbled" not in error
        assert "Traceback" not in error
        assert len(error.splitlines()[0]) < 800
    else:
        assert json.loads(words(found)) == found.structured_content


@pytest.mark.slow
def test_no_tool_opens_what_a_call_names(tmp_path: Path) -> None:
    place = tmp_path / "secret.json"
    place.write_text('{"id": "s3cret", "calcinosis": "present"}')
    path, uri = str(place), place.as_uri()
    calls = (
        ("classify", {"case": {"id": path, "source": uri, "conditions": [path, uri, "-"]}}),
        ("classify", {"case": {"file": path}}),
        ("classify", {"case": {"id": "x", "phenotypicFeatures": [], "files": [{"uri": uri}]}}),
        ("classify", {"case": {"id": "x", "phenotypicFeatures": [], "subject": {"id": path}}}),
        ("classify", {"case": {"@context": uri, "@id": uri}}),
        ("classify", {"case": {"resourceType": "Bundle", "entry": [{"fullUrl": uri}]}}),
        ("explain", {"case": {"id": path, "calcinosis": uri}}),
        ("show", {"term": path}),
        ("search", {"text": uri}),
        ("cite", {"keys": [path]}),
        ("cite", {"keys": ["reiter-2011"], "form": str(tmp_path / "style.csl")}),
        ("query", {"name": f"../../{path}"}),
        ("query", {"name": "causes", "parameters": {"subtype": path}}),
        ("classify", {"case": OPEN, "viewpoint": f"../{path}"}),
    )
    called("search", text="scar")
    HOOKED.append([])
    sys.addaudithook(_heard)
    try:
        for tool, given in calls:
            found = asked(lambda client, t=tool, g=given: client.call_tool(t, g))  # type: ignore[misc]
            assert "s3cret" not in words(found)
    finally:
        files = HOOKED.pop()
    assert not [one for one in files if str(tmp_path) in one]


@pytest.mark.parametrize(
    ("tool", "given", "said"),
    [
        ("search", {"text": "a", "bogus": 1}, "search: there is no argument 'bogus'. It takes "),
        ("show", {"trem": "a"}, "Did you mean term?"),
        ("search", {}, "text: the argument is missing. Give it"),
        ("classify", {"case": "text"}, "case: it is text ('text'). Give a JSON object."),
        ("search", {"text": "a", "count": "x"}, "count: it is text ('x'). Give a whole number."),
        ("cite", {"keys": "a"}, "keys: it is text ('a'). Give a list."),
        ("search", {"text": " "}, "text: it is empty. Give a name, a part of one, or a code"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_where_and_cure(
    tool: str, given: dict[str, Any], said: str
) -> None:
    error = refused(tool, **given)
    one_line(error)
    assert said in error
    assert not [word for word in ("Input should", "Field required", "dictionary") if word in error]


@pytest.mark.slow
def test_a_fault_of_ours_shows_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("s3cret")

    with monkeypatch.context() as patch:
        patch.setattr(graph(), "search", broken, raising=False)
        error = refused("search", text="scar")
    one_line(error)
    assert "s3cret" not in error
    assert "RuntimeError" in error
    assert called("search", text="scar")["hits"]


# -- the command ---------------------------------------------------------------------------------


def test_a_port_needs_http(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(["mcp", "--port", "9"], capsys)
    assert (code, out) == (2, "")
    assert "Add --http" in err
