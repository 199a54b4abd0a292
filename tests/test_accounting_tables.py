"""For every cell of a table and item of a case file there is a fact, a remark or an error."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.api.result import Result
from calcinosis.facts.case import Case
from tests.records import remarks
from tests.shared import examples, graph
from tests.test_accounting import Tokens, said

NAMES = ["dermatomyositis", "skin ulcer", "warfarin", "hyperphosphataemia", "calcium", ""]
LISTS = ["conditions", "interventions", "findings", "excluded"]
KINDS = ["diagnosis", "lab", "finding", "excluded", "drug", "other", "", "odd"]
VALUES = ["yes", "no", "9.1", "high", ""]
STATUSES = ["", "32899", "4188893", "77"]
Item = tuple[str, str]
"""A place, and a word of its own or none."""


def lost(result: Result, items: list[Item]) -> list[Item]:
    """The items of which nothing is said: no word, no place, no error."""
    cases = [verdict.case for verdict in result.cases]
    words = "\n".join([*map(said, cases), *map(str, result.refused)])
    found = {place for case in cases for place in _places(case)}
    errors = [str(error) for error in result.refused]
    known = [*found, *errors]
    return [
        (place, token)
        for place, token in items
        if not (token and token in words)
        and not any(_is_at(one, place) for one in (errors if token else known))
    ]


def _places(case: Case) -> list[str]:
    again = [one for one in case.set_aside if "more" in one.reason or "read once" in one.reason]
    everywhere = ["*"] if again else []
    facts = [one.where for one in (*case.facts, *case.workup)]
    return [*facts, *(one.where for one in remarks(case)), *everywhere]


def _is_at(one: str, place: str) -> bool:
    """Whether a place is that or within it; ``*`` is said of what was stated again."""
    rest = one.partition(place)[2] if place and place in one else None
    return one == "*" or (rest is not None and not rest[:1].isdigit())


def classified(name: str, headings: list[str], rows: list[list[str]], **more: str) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        for file, text in {name: _csv(headings, rows), **more}.items():
            Path(folder, file).write_text(text, encoding="utf-8")
        return graph().classify(Path(folder, name) if name == "a.csv" else Path(folder))


def _csv(headings: list[str], rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows([headings, *rows])
    return stream.getvalue()


# -- long tables -----------------------------------------------------------------------

HEADINGS = ["patient_id", "kind", "name", "value", "unit", "low", "date", "note"]
rows_of_long = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from([*NAMES, "?"]),
        st.sampled_from([*VALUES, "?"]),
        st.sampled_from(["mg/dL", "", "?"]),
        st.sampled_from(["", "8.5", "?"]),
        st.sampled_from(["2020-01-01", "", "?"]),
        st.sampled_from(["", "?"]),
        st.sampled_from(["", "", "?"]),  # beyond the headings
    ),
    min_size=1,
    max_size=5,
)


def marked(rows: list[tuple[str, ...]]) -> tuple[list[list[str]], list[Item]]:
    """Rows of one patient, each ``?`` a word of its own; and what must be found again."""
    tokens, found, items = Tokens(), [], []
    for number, row in enumerate(rows, start=2):
        cells = [tokens.word() if cell == "?" else cell for cell in row]
        items += [(f"row {number}", cell) for cell in cells if cell.startswith("qqz")]
        if any(cells):
            items.append((f"row {number}", ""))
        found.append(["a", *cells])
    return found, items


@settings(max_examples=examples(100), deadline=None)
@given(rows_of_long)
def test_every_cell_of_a_long_table_is_accounted_for(rows: list[tuple[str, ...]]) -> None:
    found, items = marked(rows)
    assert lost(classified("a.csv", HEADINGS, found), [one for one in items if one[1]]) == []


# -- tables of OMOP --------------------------------------------------------------------

OMOP = {
    "condition_occurrence": (
        "condition_occurrence_id,person_id,condition_source_value,condition_status_concept_id,"
        "stop_reason,condition_start_date,ward"
    ),
    "measurement": (
        "measurement_id,person_id,measurement_source_value,value_as_number,unit_source_value,"
        "measurement_date,value_source_value"
    ),
    "observation": (
        "observation_id,person_id,observation_source_value,value_as_string,"
        "qualifier_source_value,observation_date,unit_source_value"
    ),
    "drug_exposure": (
        "drug_exposure_id,person_id,drug_source_value,stop_reason,route_source_value,"
        "drug_exposure_start_date,ward"
    ),
}
rows_of_omop = st.lists(
    st.tuples(
        st.sampled_from([*NAMES, "?"]),
        st.sampled_from([*VALUES, *STATUSES]),
        st.sampled_from(["", "?"]),
        st.sampled_from(["2020-01-01", ""]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=examples(100), deadline=None)
@given(st.sampled_from(sorted(OMOP)), rows_of_omop)
def test_every_row_of_omop_is_accounted_for(table: str, rows: list[tuple[str, ...]]) -> None:
    tokens, found, items = Tokens(), [], []
    for number, (name, value, beside, date) in enumerate(rows, start=2):
        named = tokens.word() if name == "?" else name
        more = tokens.word() if beside == "?" and table != "condition_occurrence" else ""
        found.append([f"{number}", "6", named, value, more, date, ""])
        is_value = table in ("measurement", "observation")  # of which one remark tells
        token = named if is_value or named.startswith("qqz") else ""
        items.append((f"row {number}", token))
        items += [("", more)] if more else []
    result = classified(f"{table}.csv", OMOP[table].split(","), found)
    names = [name for name, *_ in rows]
    if table in ("measurement", "observation") and len(set(names)) < len(names):
        items = []  # several values of a test that is not known are counted
    assert lost(result, items) == []


# -- wide tables and frames ------------------------------------------------------------

WIDE = ["id", "diagnosis", "findings", "treatment", "Calcium (mg/dl)", "excluded", "notes", "ward"]
rows_of_wide = st.lists(
    st.tuples(
        st.sampled_from([*NAMES[:-1], "?", "dermatomyositis; ?"]),
        st.sampled_from(["skin ulcer", "?", ""]),
        st.sampled_from(["warfarin", "?", ""]),
        st.sampled_from(["9.1", "high", "?", ""]),
        st.sampled_from(["gout", "?", ""]),
        st.sampled_from(["", "?"]),
        st.sampled_from(["3", ""]),
    ),
    min_size=1,
    max_size=4,
)


def wide(rows: list[tuple[str, ...]]) -> tuple[list[list[str]], list[Item]]:
    tokens, found, items = Tokens(), [], []
    for number, row in enumerate(rows, start=1):
        cells = [cell.replace("?", tokens.word()) if "?" in cell else cell for cell in row]
        found.append([f"case-{number}", *cells])
        parts = [part for cell in cells[:-2] for part in cell.split("; ")]
        items += [("", part) for part in parts if part.startswith("qqz")]
    return found, items


@settings(max_examples=examples(80), deadline=None)
@given(rows_of_wide)
def test_every_cell_of_a_wide_table_is_accounted_for(rows: list[tuple[str, ...]]) -> None:
    found, items = wide(rows)
    assert lost(classified("a.csv", WIDE, found), items) == []


@settings(max_examples=examples(40), deadline=None)
@given(rows_of_wide)
def test_every_cell_of_a_frame_is_accounted_for(rows: list[tuple[str, ...]]) -> None:
    found, items = wide(rows)
    assert lost(graph().classify(pd.DataFrame(found, columns=WIDE)), items) == []


# -- case files ------------------------------------------------------------------------

items_of_lists = st.lists(
    st.tuples(
        st.sampled_from(LISTS),
        st.sampled_from([*NAMES[:-1], "?"]),
        st.sampled_from([{}, {"when": "before"}, {"note": "?"}, {"at_deposit": True}]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=examples(100), deadline=None)
@given(items_of_lists)
def test_every_item_of_a_case_file_is_accounted_for(
    given_items: list[tuple[str, str, dict[str, Any]]],
) -> None:
    tokens, items = Tokens(), list[Item]()
    case: dict[str, Any] = {"id": "a"}
    for key, name, more in given_items:
        term = tokens.word() if name == "?" else name
        place = f"{key}[{len(case.setdefault(key, []))}]"
        case[key].append({"term": term, **more} if more else term)
        items.append((place, term if term.startswith("qqz") else ""))
    result = graph().classify(case)
    assert not result.refused or all(error.what and error.cure for error in result.refused)
    assert lost(result, items if result.cases else []) == []


def test_a_loss_would_be_found() -> None:
    result = graph().classify({"id": "a", "conditions": ["gout"]})
    assert lost(result, [("", "qqz1zqq"), ("row 3", "")]) == [("", "qqz1zqq"), ("row 3", "")]
