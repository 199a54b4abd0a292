"""OBO and OBO Graphs: what they say is what Turtle says, and what they lose is said."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import fastobo
import pytest
from obographs.model import GraphDocument, Meta
from pyoxigraph import (
    BlankNode,
    NamedNode,
)

from calcinosis import names
from calcinosis.api.selecting import select
from calcinosis.graph import mapped
from calcinosis.output.exchange import obo, obograph
from calcinosis.output.exchange.obo_frames import Frames
from tests import shared
from tests.ontologies import (
    PARTS,
    SUBCLASS,
    exported,
    graph,
)

DB_XREF = NamedNode(names.OBO_IN_OWL + "hasDbXref")
SCOPES = {"EXACT": "synonym", "NARROW": "narrower", "BROAD": "broader", "RELATED": "related"}


def local(identifier: object) -> str:
    return str(identifier).replace("\\", "").removeprefix(names.CC).removeprefix("calcinosis:")


def expected(selection: str) -> dict[str, set[Any]]:
    """What the Turtle file says of our classes, in sets."""
    found = graph("turtle", selection)
    triples = [t for t in found if isinstance(t.subject, NamedNode)]
    kind = names.OWL + "Class"
    ours = {
        t.subject
        for t in triples
        if str(t.object) == f"<{kind}>" and t.subject.value.startswith(names.CC)
    }
    by: dict[str, set[Any]] = {"class": {names.local(c.value) for c in ours}}
    words = {
        names.LABEL: "label",
        names.DEFINITION: "definition",
        **{names.OBO_IN_OWL + f"has{s.capitalize()}Synonym": w for s, w in SCOPES.items()},
        names.SUBCLASS: "subclass",
    }
    for t in triples:
        if t.subject in ours and not isinstance(t.object, BlankNode):
            value = names.local(t.object.value)
            if word := words.get(t.predicate.value):
                by.setdefault(word, set()).add((names.local(t.subject.value), value))
            elif t.predicate.value.endswith("Match"):
                by.setdefault("xref", set()).add((names.local(t.subject.value), curie(value)))
    return by


@cache
def prefixes() -> dict[str, str]:
    return {"biolink": names.BIOLINK, **mapped.prefixes(shared.graph().ontology.folder)}


def curie(iri: str) -> str:
    found = max((len(base), p) for p, base in prefixes().items() if iri.startswith(base))
    return f"{found[1]}:{iri[found[0] :]}"


CLAUSES: dict[type, tuple[str, Callable[[Any], str]]] = {
    fastobo.term.NameClause: ("label", lambda c: c.name),
    fastobo.term.DefClause: ("definition", lambda c: c.definition),
    fastobo.term.IsAClause: ("subclass", lambda c: local(c.term)),
    fastobo.term.XrefClause: ("xref", lambda c: str(c.xref.id).replace("\\", "")),
}


def read_obo(doc: fastobo.doc.OboDoc) -> dict[str, set[Any]]:
    frames = [frame for frame in doc if isinstance(frame, fastobo.term.TermFrame)]
    by: dict[str, set[Any]] = {"class": {local(frame.id) for frame in frames}}
    for frame in frames:
        for clause in frame:
            if isinstance(clause, fastobo.term.SynonymClause):
                word = SCOPES[clause.synonym.scope]
                by.setdefault(word, set()).add((local(frame.id), clause.synonym.desc))
            if type(clause) in CLAUSES:
                word, value = CLAUSES[type(clause)]
                by.setdefault(word, set()).add((local(frame.id), value(clause)))
    return by


@pytest.mark.slow
@pytest.mark.parametrize("selection", PARTS)
def test_obo_says_of_terms_what_turtle_says(selection: str) -> None:
    text = exported("obo", selection).decode()
    assert read_obo(fastobo.loads(text)) == expected(selection)
    as_graph = read_obo(fastobo.load_graph(io.BytesIO(exported("obograph", selection))))
    for word in ("class", "label", "definition", *SCOPES.values(), "subclass"):
        assert as_graph.get(word) == expected(selection).get(word), word


@pytest.mark.parametrize("selection", PARTS)
def test_obo_graphs_say_of_terms_what_turtle_says(selection: str) -> None:
    (found,) = GraphDocument.model_validate_json(exported("obograph", selection)).graphs
    by: dict[str, set[Any]] = {"class": set()}
    for node in found.nodes:
        if node.type == "CLASS":
            iri = names.local(node.id)
            by["class"].add(iri)
            by.setdefault("label", set()).add((iri, node.lbl))
            meta = node.meta or Meta.model_validate({})
            if meta.definition:
                by.setdefault("definition", set()).add((iri, meta.definition.val))
            for synonym in meta.synonyms or ():
                word = SCOPES[synonym.pred[3:-7].upper()]
                by.setdefault(word, set()).add((iri, synonym.val))
            for xref in meta.xrefs or ():
                by.setdefault("xref", set()).add((iri, xref.val))
    by["subclass"] = {
        (names.local(e.sub), names.local(e.obj)) for e in found.edges if e.pred == "is_a"
    }
    assert by == expected(selection)


@pytest.mark.slow
def test_an_obsolete_term_says_what_to_use() -> None:
    found = {
        local(frame.id): [str(clause) for clause in frame]
        for frame in fastobo.loads(exported("obo", "whole").decode())
        if any(isinstance(clause, fastobo.term.IsObsoleteClause) for clause in frame)
    }
    assert len(found) == 8
    assert f"replaced_by: {names.CC}WithRaisedMineralLevel" in found["WithHighMineralLevel"]
    assert (
        f"consider: {names.CC}WithSkinVesselCalcification" in found["WithSmallVesselCalcification"]
    )
    assert not any(
        line.startswith(("is_a", "intersection_of")) for f in found.values() for line in f
    )
    (nodes,) = (g["nodes"] for g in json.loads(exported("obograph", "whole"))["graphs"])
    marked = {names.local(node["id"]) for node in nodes if node.get("meta", {}).get("deprecated")}
    assert marked == found.keys()


@pytest.mark.slow
def test_words_for_what_cases_have_are_no_exact_names_of_a_class_of_cases() -> None:
    by = read_obo(fastobo.loads(exported("obo", "whole").decode()))
    assert ("WithTissueDamage", "case with tissue damage") in by["label"]
    assert ("WithTissueDamage", "tissue damage") in by["related"]
    assert ("Corticosteroid", "steroids") in by["broader"]
    assert {("Dermatomyositis", "DM"), ("DiabetesMellitus", "DM")} <= by["related"]
    assert not by["synonym"] & (by["narrower"] | by["broader"] | by["related"])


@pytest.mark.slow
def test_a_combination_has_parts() -> None:
    text = exported("obo", "whole").decode()
    (frame,) = re.findall(rf"id: {names.CC}PrednisolonePlusMethotrexate\n(?:.+\n)+", text)
    assert frame.count("\nrelationship: BFO:0000051 ") == 2


@pytest.mark.slow
def test_readers_find_a_planted_fault() -> None:
    text = exported("obo", "module").decode()
    for old, new in (
        (f"id: {names.CC}Calciphylaxis\n", "id: \n"),
        ('" EXACT []', '" EXAKT []'),
        ("[Term]", "[Tern]"),
    ):
        assert old in text
        with pytest.raises(SyntaxError):
            fastobo.loads(text.replace(old, new))
    spoilt = json.loads(exported("obograph", "module"))
    del spoilt["graphs"][0]["edges"][0]["obj"]
    with pytest.raises(ValueError, match="obj"):
        GraphDocument.model_validate(spoilt)


@pytest.mark.slow
def test_odd_text_comes_back_as_it_was() -> None:
    odd = 'a {b} ! "c" \\ d, é 石灰; [e]: \\n'
    frame = replace(
        Frames(select(shared.graph(), subtype="calciphylaxis")).classes[0],
        label=odd,
        definition=odd,
        synonyms=(odd,),
        sources=("doi:10.1002/(SICI)1097,0185(1996)246:1<1::AID>3.0.CO;2-J",),
    )
    lines = ["[Term]", *obo._frame(frame, {})]
    (found,) = fastobo.loads("\n".join([*lines, ""]))
    by = {type(clause).__name__: clause for clause in found}
    assert by["NameClause"].name == odd
    assert by["DefClause"].definition == odd
    assert by["SynonymClause"].synonym.desc == odd
    (source,) = by["DefClause"].xrefs
    assert (source.id.prefix, source.id.local) == ("doi", frame.sources[0][4:])
    assert obograph._node(frame, "CLASS")["lbl"] == odd


@pytest.mark.slow
def test_claims_keep_their_citations_and_how_far_they_were_read() -> None:
    text = exported("obo", "whole").decode()
    lines = [
        line
        for line in text.splitlines()
        if line.startswith(f"property_value: {names.CC}statement ")
    ]
    claims = shared.graph().ontology.claims.associations
    assert len(lines) == len(claims)
    for line in lines:
        found = re.search(r'calcinosis:association="calcinosis:([^"]+)"', line)
        assert found
        claim = claims[names.CC + found[1]]
        assert line.count(" calcinosis:read=") == len(claim.citations)
        for citation in claim.citations:
            assert f' {citation.read}"' in line
        assert ("calcinosis:editorial=" in line) == bool(claim.editorial)


@pytest.mark.slow
def test_a_definition_carries_what_supports_it() -> None:
    doc = fastobo.loads(exported("obo", "whole").decode())
    clauses = {local(f.id): c for f in doc for c in f if isinstance(c, fastobo.term.DefClause)}
    found = graph("turtle", "whole")
    cited: dict[str, int] = {}
    for quad in found.quads_for_predicate(NamedNode(names.DEFINED_BY)):
        iri = names.local(quad.subject.value)  # type: ignore[union-attr]
        cited[iri] = cited.get(iri, 0) + 1
    ours = {local(frame.id) for frame in doc if local(frame.id) in cited}
    assert len(ours) > 700
    for iri in ours:
        assert len(clauses[iri].xrefs) == cited[iri], iri
    assert sum(bool(len(clause.xrefs)) for clause in clauses.values()) == len(ours)
    source = NamedNode(names.OWL + "annotatedSource")
    on_axioms = {
        names.local(q.object.value)  # type: ignore[union-attr]
        for q in found.quads_for_predicate(source)
        if any(one.predicate == DB_XREF for one in found.quads_for_subject(q.subject))
    }
    assert ours <= on_axioms


@pytest.mark.slow
def test_the_losses_are_counted_in_the_file() -> None:
    doc = fastobo.loads(exported("obo", "whole").decode())
    remarks = [c.remark for c in doc.header if isinstance(c, fastobo.header.RemarkClause)]
    found = graph("turtle", "whole")
    inclusions = {
        q.subject for q in found.quads_for_predicate(SUBCLASS) if isinstance(q.subject, BlankNode)
    }
    assert f"Left out: {len(inclusions)} general class inclusions" in "\n".join(remarks)
    terms = [c for f in doc if isinstance(f, fastobo.term.TermFrame) for c in f]
    kinds = (fastobo.term.IntersectionOfClause, fastobo.term.UnionOfClause)
    heads = {
        local(f.id)
        for f in doc
        if isinstance(f, fastobo.term.TermFrame) and any(isinstance(c, kinds) for c in f)
    }
    assert terms
    defined = {q.subject for q in found if q.predicate.value == names.OWL + "equivalentClass"}
    assert f"Left out: {len(defined) - len(heads)} logical definitions" in "\n".join(remarks)
    comments = json.loads(exported("obograph", "whole"))["graphs"][0]["meta"]["comments"]
    assert {r for r in remarks if r.startswith("Left out")} <= set(comments)
