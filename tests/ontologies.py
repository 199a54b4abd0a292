"""Ontology exports as tests read them: made once, as triples and as axioms."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from calcinosis import names
from calcinosis.output.selection import Selection
from tests import shared
from tests.shared import few

RDF = {
    "turtle": RdfFormat.TURTLE,
    "owl": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "trig": RdfFormat.TRIG,
}
FORMATS = (*RDF, "obo", "obograph")
SELECTIONS: dict[str, dict[str, Any]] = {
    "whole": {},
    "inferred": {"inferred": True},
    "base": {"base": True},
    "module": {"subtype": "calciphylaxis", "inferred": True},
}
PARTS = few(
    ["inferred", "base", "module"], "module"
)  # a base has what the whole has, but for labels
IS_INFERRED = NamedNode(names.OBO_IN_OWL + "is_inferred")
SUBCLASS = NamedNode(names.SUBCLASS)


def nothing() -> Selection:
    return Selection(shared.graph().ontology, (), "a term without claims", is_whole=False)


@cache
def exported(form: str, selection: str) -> bytes:
    return bytes(shared.graph().export(form, **SELECTIONS[selection]))


def quads(text: bytes, form: str) -> list[Quad]:
    return list(parse(input=text, format=RDF[form]))


def canonical(triples: Iterator[Triple] | list[Triple]) -> Dataset:
    found = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return found


@cache
def graph(form: str, selection: str) -> Dataset:
    return canonical([q.triple for q in quads(exported(form, selection), form)])


def named(found: Dataset) -> set[tuple[str, str, str]]:
    """The triples without blank nodes."""
    return {
        (q.subject.value, q.predicate.value, str(q.object))
        for q in found
        if not isinstance(q.subject, BlankNode) and not isinstance(q.object, BlankNode)
    }


def axioms(text: str) -> tuple[Counter[str], list[str]]:
    """The axioms and header, anonymous individuals named by what is said of them; violations."""
    from calcinosis.reasoning.java import java

    find_class = java().JClass
    manager = find_class("org.semanticweb.owlapi.apibinding.OWLManager").createOWLOntologyManager()
    source = find_class("org.semanticweb.owlapi.io.StringDocumentSource")(text)
    loaded = manager.loadOntologyFromOntologyDocument(source)
    profile = find_class("org.semanticweb.owlapi.profiles.OWL2DLProfile")()
    violations = [str(v) for v in profile.checkOntology(loaded).getViolations()]
    found = [str(axiom) for axiom in loaded.getAxioms()]
    anonymous = re.compile(r"_:genid[\w:-]+")
    about: dict[str, list[str]] = {}
    for line in found:
        for node in set(anonymous.findall(line)):
            about.setdefault(node, []).append(line.replace(node, "_:this"))
    titles = {node: digest("\n".join(sorted(lines))) for node, lines in about.items()}
    renamed = (anonymous.sub(lambda m: titles[m[0]], line) for line in found)
    head = (f"{loaded.getOntologyID()} {one}" for one in loaded.getAnnotations())
    return Counter([*renamed, *head]), violations


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
