"""Ontology exports: one set of axioms in every syntax, full and base, asserted and inferred."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys

import fastobo
import pytest
from obographs.model import GraphDocument
from pyoxigraph import (
    BlankNode,
    NamedNode,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

import calcinosis
from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.graph.query import Engine
from calcinosis.graph.settings import Settings
from calcinosis.output.formats import find
from tests import shared
from tests.ontologies import (
    FORMATS,
    IS_INFERRED,
    PARTS,
    RDF,
    axioms,
    canonical,
    exported,
    graph,
    named,
    nothing,
    quads,
)
from tests.shared import few
from tests.started import unmeasured
from tests.terminal import run

# -- the syntaxes of RDF ---------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("form", few(["owl", "jsonld", "trig"], "trig"))
@pytest.mark.parametrize("selection", PARTS)
def test_every_syntax_holds_the_same_triples(selection: str, form: str) -> None:
    first = graph("turtle", selection)
    assert len(first) > 1000
    assert graph(form, selection) == first


@pytest.mark.external("rapper")
@pytest.mark.parametrize("selection", PARTS)
def test_rapper_reads_as_many(selection: str) -> None:
    for form, syntax in (("turtle", "turtle"), ("owl", "rdfxml"), ("trig", "trig")):
        text = exported(form, selection)
        code, count = rapper(text, syntax)
        assert (code, count) == (0, len(quads(text, form))), form
    assert rapper(exported("owl", selection)[:-9], "rdfxml")[0] != 0
    assert rapper(exported("turtle", selection)[:-3], "turtle")[0] != 0


def rapper(text: bytes, syntax: str) -> tuple[int, int]:
    command = ["rapper", "-i", syntax, "-o", "ntriples", "-", "https://example.org/"]
    done = subprocess.run(command, input=text, capture_output=True, check=False)
    return done.returncode, len(done.stdout.splitlines())


@pytest.mark.slow
def test_nothing_of_the_modules_is_missing() -> None:
    found = named(graph("turtle", "whole"))
    for path in shared.graph().ontology.files():
        if path.parent.name == "viewpoints" and path.stem != shared.graph().ontology.viewpoint:
            continue
        triples = canonical([q.triple for q in parse(path=str(path), format=RdfFormat.TURTLE)])
        heads = {s for s, p, o in named(triples) if o == f"<{names.OWL}Ontology>"}
        assert {t for t in named(triples) if t[0] not in heads} <= found, path.name


@pytest.mark.slow
def test_a_base_is_the_whole_without_what_others_call_their_terms() -> None:
    gone = named(graph("turtle", "whole")) - named(graph("turtle", "base"))
    new = named(graph("turtle", "base")) - named(graph("turtle", "whole"))
    apart = {t for t in gone if t[0].startswith(names.CC)}
    assert {s.split("/export/")[0] for s, _, _ in apart | new} == {names.ONTOLOGY}
    assert {p for _, p, _ in gone - apart} == {names.LABEL}
    matched = {o[1:-1] for _, p, o in named(graph("turtle", "base")) if p.endswith("Match")}
    assert {s for s, _, _ in gone - apart} <= matched


@pytest.mark.slow
def test_what_is_inferred_is_marked_and_is_what_queries_see() -> None:
    query = "SELECT ?a ?b { GRAPH graph:inferred { ?a rdfs:subClassOf ?b } }"
    answer = Engine(shared.graph().ontology.source).raw(query)
    expected = {(row["a"].value, f"<{row['b'].value}>") for row in answer}  # type: ignore[union-attr]
    found = graph("turtle", "inferred")
    marked = {q.subject for q in found.quads_for_predicate(IS_INFERRED)}
    ends = {
        part: {q.subject: q.object for q in found if q.predicate.value == names.OWL + part}
        for part in ("annotatedSource", "annotatedTarget")
    }
    source, target = ends.values()
    assert {(source[n].value, str(target[n])) for n in marked} == expected
    assert len(marked) == len(expected)
    assert not set(graph("turtle", "whole").quads_for_predicate(IS_INFERRED))
    told, all_ = (
        {(s, o) for s, p, o in named(graph("turtle", which)) if p == names.SUBCLASS}
        for which in ("whole", "inferred")
    )
    assert all_ - told == expected


@pytest.mark.slow
def test_trig_keeps_the_graphs_apart() -> None:
    by_graph: dict[str, set[Triple]] = {}
    for quad in quads(exported("trig", "inferred"), "trig"):
        by_graph.setdefault(str(quad.graph_name)[1:-1], set()).add(quad.triple)
    words = ("ontology", "associations", "references", "mappings", "inferred")
    assert list(by_graph) == [names.GRAPH + word for word in words]
    for word, kind in (
        ("associations", (names.ASSOC, names.EVID, names.INTERP)),
        ("references", names.REF),
    ):
        subjects = {str(t.subject)[1:-1] for t in by_graph[names.GRAPH + word]}
        ours = {iri for iri in subjects if iri.startswith(names.CC)}
        assert ours
        assert all(iri.startswith(kind) for iri in ours)
    blank = [
        {n for t in triples for n in (t.subject, t.object) if isinstance(n, BlankNode)}
        for triples in by_graph.values()
    ]
    assert sum(map(len, blank)) == len(set().union(*blank))


# -- the axioms, as the OWL API reads them ---------------------------------------------


@pytest.mark.java
@pytest.mark.parametrize("selection", PARTS)
def test_every_syntax_holds_the_same_axioms_in_owl_2_dl(selection: str) -> None:
    turtle, violations = axioms(exported("turtle", selection).decode())
    assert violations == []
    assert len(turtle) > 1000
    assert axioms(exported("owl", selection).decode()) == (turtle, [])
    for form in ("jsonld", "trig"):
        triples = sorted(
            (q.triple for q in quads(exported(form, selection), form)), key=header_first
        )
        text = serialize(triples, format=RdfFormat.N_TRIPLES)
        assert axioms((text or b"").decode()) == (turtle, []), form


@pytest.mark.java
def test_the_owl_api_would_see_an_axiom_that_is_missing() -> None:
    text = exported("turtle", "module").decode()
    spoilt = text.replace("owl:onProperty calc:hasFinding ", "owl:onProperty calc:hasCondition ", 1)
    assert spoilt != text
    assert axioms(spoilt)[0] != axioms(text)[0]
    is_kind = "calc:hasFinding a owl:ObjectProperty"
    assert is_kind in text
    assert axioms(text.replace(is_kind, f"{is_kind} , owl:DatatypeProperty"))[1]


def header_first(triple: Triple) -> tuple[bool, str]:
    return not str(triple.object).endswith("owl#Ontology>"), str(triple)


# -- modules and settings --------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"subtype": "calciphylaxis"}, marks=pytest.mark.slow),
        {"condition": "juvenile dermatomyositis"},
        pytest.param({"query": "contested"}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_nothing_in_a_module_points_at_what_is_not_there(asked: dict[str, str]) -> None:
    export = shared.graph().export("turtle", **asked)
    selection, found = export.selection, [q.triple for q in quads(bytes(export), "turtle")]
    described = {str(t.subject)[1:-1] for t in found}
    files = shared.graph().ontology.files()
    known = {str(q.subject)[1:-1] for file in files for q in parse(path=str(file))}
    objects = {t.object.value for t in found if isinstance(t.object, NamedNode)}
    assert (objects & known) - described == set()
    assert {claim.iri for claim in selection.associations} <= described
    assert {names.REF + one.key for one in selection.references} <= described
    assert set(selection.terms) <= described
    assert len(described) < len(known)


def test_a_subtype_comes_with_its_case_class_and_criteria() -> None:
    text = exported("turtle", "module").decode()
    assert "calc:CalciphylaxisCase a owl:Class" in text
    assert "_:subClassOf-CalciphylaxisCase a owl:Class" in text
    assert "calc:DystrophicCase " not in text
    assert "about calciphylaxis" in text
    assert "<https://w3id.org/calcinosis/ontology> a owl:Ontology" not in text


@pytest.mark.slow
def test_what_is_left_out_is_left_out_of_the_axioms_too() -> None:
    kg = calcinosis.load(settings=Settings(without=("reiter-2011",)))
    found = canonical([q.triple for q in quads(bytes(kg.export("turtle")), "turtle")])
    citing = {
        q.subject.value
        for q in found
        if q.object == NamedNode(names.REF + "reiter-2011")
        and q.predicate.value in (names.EVIDENCE, names.DISPUTES)
    }
    assert citing == {kg.ontology.viewpoint_iri}  # whose definitions they are stays said
    claims = [q for q in found if q.predicate.value == names.EVIDENCE]
    kept = kg.ontology.claims.associations.values()
    assert len([q for q in claims if q.subject.value.startswith(names.ASSOC)]) == sum(
        len(claim.references) for claim in kept
    )
    assert "without reiter-2011" in bytes(kg.export("obo")).decode()


@pytest.mark.slow
def test_nothing_is_a_valid_file_too() -> None:
    for form in FORMATS:
        text = b"".join(next(iter(find(form).files(nothing()).values())))
        if form in RDF:
            assert quads(text, form), form
        elif form == "obo":
            frames = fastobo.loads(text.decode())
            assert not [f for f in frames if isinstance(f, fastobo.term.TermFrame)]
        else:
            assert GraphDocument.model_validate_json(text).graphs[0].edges is not None
            fastobo.load_graph(io.BytesIO(text))


def test_a_table_has_no_variants(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="no inferred and no base"):
        shared.graph().export("mappings-csv", inferred=True)
    code, _, err = run(["export", "associations-csv", "--base"], capsys)
    assert code == 2
    assert "--base" in err


# -- the same everywhere ---------------------------------------------------------------


@pytest.mark.slow
def test_each_process_writes_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    unmeasured(monkeypatch)
    program = (
        "import calcinosis, hashlib\n"
        "kg = calcinosis.load()\n"
        f"for form in {FORMATS!r}:\n"
        "    text = bytes(kg.export(form, subtype='calciphylaxis', inferred=True))\n"
        "    print(form, hashlib.sha256(text).hexdigest())\n"
    )
    path = os.pathsep.join(sys.path)
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            check=True,
        ).stdout.decode()
        for seed in ("0", "77")
    }
    here = "".join(f"{f} {hashlib.sha256(exported(f, 'module')).hexdigest()}\n" for f in FORMATS)
    assert found == {here}
