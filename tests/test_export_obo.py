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
    axioms,
    exported,
    graph,
)


def local(identifier: object) -> str:
    return (
        str(identifier).replace("\\", "").partition(":")[2].removeprefix("//w3id.org/calcinosis/")
    )


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
        names.SYNONYM: "synonym",
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
    fastobo.term.SynonymClause: ("synonym", lambda c: c.synonym.desc),
    fastobo.term.IsAClause: ("subclass", lambda c: local(c.term)),
    fastobo.term.XrefClause: ("xref", lambda c: str(c.xref.id).replace("\\", "")),
}


def read_obo(doc: fastobo.doc.OboDoc) -> dict[str, set[Any]]:
    frames = [frame for frame in doc if isinstance(frame, fastobo.term.TermFrame)]
    by: dict[str, set[Any]] = {"class": {local(frame.id) for frame in frames}}
    for frame in frames:
        for clause in frame:
            if type(clause) in CLAUSES:
                word, value = CLAUSES[type(clause)]
                by.setdefault(word, set()).add((local(frame.id), value(clause)))
    return by


@pytest.mark.parametrize("selection", PARTS)
def test_obo_says_of_terms_what_turtle_says(selection: str) -> None:
    text = exported("obo", selection).decode()
    assert read_obo(fastobo.loads(text)) == expected(selection)
    as_graph = read_obo(fastobo.load_graph(io.BytesIO(exported("obograph", selection))))
    for word in ("class", "label", "definition", "synonym", "subclass"):
        assert as_graph[word] == expected(selection)[word], word


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
                by.setdefault("synonym", set()).add((iri, synonym.val))
            for xref in meta.xrefs or ():
                by.setdefault("xref", set()).add((iri, xref.val))
    by["subclass"] = {
        (names.local(e.sub), names.local(e.obj)) for e in found.edges if e.pred == "is_a"
    }
    assert by == expected(selection)


@pytest.mark.java
def test_the_owl_api_finds_the_same_subclasses_in_obo() -> None:
    found, _ = axioms(exported("obo", "inferred").decode())
    link = re.compile(r"SubClassOf\((?:Annotation\(.*\) )?<[^>]*#_(\w+)> <[^>]*#_(\w+)>\)\Z", re.S)
    pairs = {match.groups() for line in found if (match := link.match(line))}
    assert pairs == expected("inferred")["subclass"]


def test_readers_find_a_planted_fault() -> None:
    text = exported("obo", "module").decode()
    for old, new in (
        ("id: calcinosis:Calciphylaxis\n", "id: \n"),
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


def test_claims_keep_their_citations_and_how_far_they_were_read() -> None:
    text = exported("obo", "whole").decode()
    lines = [line for line in text.splitlines() if line.startswith("property_value: calcinosis:st")]
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


def test_a_definition_carries_what_supports_it() -> None:
    doc = fastobo.loads(exported("obo", "whole").decode())
    clauses = {local(f.id): c for f in doc for c in f if isinstance(c, fastobo.term.DefClause)}
    sources = shared.graph().ontology.triples.subjects(names.IAO + "0000119")
    cited = {names.local(iri): refs for iri, refs in sources if iri.startswith(names.CC)}
    for iri, references in cited.items():
        if iri in clauses:
            assert len(clauses[iri].xrefs) == len(references), iri
    assert sum(bool(len(clause.xrefs)) for clause in clauses.values()) == len(
        cited.keys() & clauses.keys()
    )


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
