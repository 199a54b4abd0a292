"""The exports as others' libraries for ontologies read them: all our classes, with their names."""

from __future__ import annotations

import re
from pathlib import Path

import pyhornedowl
import pytest
from pyoxigraph import Literal

from calcinosis import names
from tests.ontologies import exported, graph
from tests.test_export_obo import curie


def labels(selection: str) -> dict[str, str]:
    """Of each of our classes: its label, by the Turtle file."""
    found = graph("turtle", selection)
    kind = f"<{names.OWL}Class>"
    ours = {q.subject for q in found if str(q.object) == kind}
    return {
        q.subject.value: q.object.value
        for q in found
        if q.subject in ours
        and q.predicate.value == names.LABEL
        and q.subject.value.startswith(names.CC)
    }


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::Warning")  # it says what of OWL it has no place for
@pytest.mark.parametrize(("form", "ending"), [("obo", "obo"), ("obograph", "json"), ("owl", "owl")])
def test_pronto_reads_all_classes(form: str, ending: str, tmp_path: Path) -> None:
    import pronto.ontology  # of the extra slow

    path = tmp_path / f"calcinosis.{ending}"
    path.write_bytes(exported(form, "module"))
    found = pronto.ontology.Ontology(path, encoding="utf-8")
    told = {term.id: term.name for term in found.terms() if term.id.startswith(names.CC)}
    assert told == labels("module")


def test_horned_owl_reads_all_classes_and_axioms() -> None:
    text = exported("owl", "module").decode()
    found = pyhornedowl.open_ontology(text, "owl")
    ours = {iri for iri in found.get_classes() if iri.startswith(names.CC)}
    assert {iri: found.get_annotation(iri, names.LABEL) for iri in ours} == labels("module")
    links = {(small, large) for large in ours for small in found.get_subclasses(large)}
    turtle = graph("turtle", "module")
    assert links == {
        (q.subject.value, q.object.value)
        for q in turtle
        if q.predicate.value == names.SUBCLASS and {q.subject.value, q.object.value} <= ours
    }


def test_what_owl_has_a_kind_for_stands_as_an_element_of_that_kind() -> None:
    text = exported("owl", "module").decode()
    turtle = graph("turtle", "module")
    for kind in ("Ontology", "Class", "ObjectProperty", "AnnotationProperty", "NamedIndividual"):
        wanted = {q.subject.value for q in turtle if str(q.object) == f"<{names.OWL}{kind}>"}
        named = set(re.findall(rf'<owl:{kind} rdf:about="([^"]+)"', text))
        assert named == {iri for iri in wanted if "://" in iri}, kind
    assert f'rdf:resource="{names.OWL}Class"' not in text


def test_obo_tools_find_in_owl_what_skos_says() -> None:
    found = graph("owl", "module")
    ours = [q for q in found if q.subject.value.startswith(names.CC)]
    of_cases = {q.subject for q in ours if q.predicate.value == names.PREFERRED}
    pairs = {
        names.OBO_IN_OWL + "hasExactSynonym": {
            (q.subject, q.object)
            for q in ours
            if q.predicate.value == names.SYNONYM and q.subject not in of_cases
        },
        names.OBO_IN_OWL + "hasDbXref": {
            (q.subject, Literal(curie(q.object.value)))
            for q in ours
            if q.predicate.value.startswith(names.SKOS) and q.predicate.value.endswith("Match")
        },
    }
    for predicate, wanted in pairs.items():
        told = {
            (q.subject, q.object)
            for q in ours
            if q.predicate.value == predicate
            and not (q.subject in of_cases and q.object.value.startswith("case "))
        }
        assert told == wanted != set(), predicate
