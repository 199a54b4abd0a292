"""What a prompt and a notebook show of each value: a line, and HTML that escapes."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import pandas as pd
import pytest

import calcinosis
from calcinosis.errors import MissingProgramError, UsageError

Kg = calcinosis.KnowledgeGraph
CASE = {
    "id": "<b>a",
    "age": "50 years",
    "calcinosis": "present",
    "conditions": ["dermatomyositis"],
    "labs": [{"test": "calcium", "value": 9.2, "unit": "mg/dL"}],
}


def test_a_value_says_in_a_line_what_it_is(kg: Kg) -> None:
    cohort, explanation = kg.cohort(CASE), kg.explain(CASE).cases[0]
    page = kg.show("lupus")
    verdict = explanation.subtypes[0].verdict
    shown: list[Any] = [
        *(kg.library, explanation.library, page, getattr(page, "page", None)),
        *(*explanation.questions, *explanation.still_open, explanation.subtypes[0].deciding),
        *(*verdict.criteria, verdict.presumed, verdict.presumed and verdict.presumed.facts[0].rule),
        *(*explanation.subtypes[0].presumed[0].links, *cohort.patients, *cohort.subtypes),
        *(*cohort.criteria, *cohort.conditions, kg.form, kg.classify(CASE).picture()),
        *(next(iter(kg.library.values())), kg.stream(CASE), kg.classify(CASE), kg.explain(CASE)),
    ]
    long = [repr(one) for one in shown if len(repr(one)) > 160]
    assert not long
    assert len(repr(explanation.questions)) < 400
    assert len(repr(verdict.criteria)) < 400


def test_a_notebook_shows_what_is_looked_up_and_counted(kg: Kg) -> None:
    cohort = kg.cohort(CASE)
    construct = kg.sparql("CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s rdfs:label ?o } LIMIT 3")
    stream = kg.stream(CASE)
    found: list[Any] = [
        *(kg.show("lupus"), kg.show("reiter-2011"), kg.show("viewpoints"), kg.show("minars")),
        *(kg.search("lupus"), construct, stream, cohort.patients[0], cohort.subtypes[0]),
        *(cohort.conditions[0], cohort.criteria[0], cohort.missing[0], cohort.plan[0]),
    ]
    for value in found:
        page = value._repr_html_()
        assert page.startswith(("<table", "<p>")), page[:80]
        assert "<b>a" not in page
    assert [one.case.id for one in stream] == ["<b>a"]  # none was taken by showing it
    assert "Reiter" in found[1]._repr_html_()


@pytest.mark.slow
def test_rdflib_says_what_the_graph_is_without_a_warning(kg: Kg) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "named graphs" in repr(kg.graph)
        assert "graph/associations" in kg.graph._repr_html_()  # type: ignore[attr-defined]


def test_a_cohort_is_a_frame_with_types(kg: Kg, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = kg.cohort(CASE)
    wide, tidy = cohort.frame(), cohort.frame("tidy")
    assert wide.to_dict("records") == cohort.wide()
    assert tidy.to_dict("records") == cohort.tidy()
    label = cohort.subtypes[0].label
    kinds = {name: str(dtype) for name, dtype in wide.dtypes.items()}
    assert (kinds["patient"], kinds["calcinosis"], kinds[label]) == (
        *("string", "category"),
        "category",
    )
    assert list(tidy["standing"].cat.categories)[:2] == ["entailed", "presumed"]
    empty = kg.cohort([]).frame()
    assert isinstance(empty, pd.DataFrame)
    assert list(empty.columns)[:2] == ["patient", "calcinosis"]
    with pytest.raises(UsageError, match="Known: wide, tidy"):
        cohort.frame("long")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingProgramError, match="pandas is not installed"):
        cohort.frame()
