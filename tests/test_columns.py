"""Columns, rows and words to offer as values: what a heading names and which cell a part is in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

import calcinosis
from calcinosis import names
from calcinosis.errors import CaseError, RowError
from calcinosis.facts.cells import Cell, unguarded
from calcinosis.facts.columns import Columns, Kind
from calcinosis.facts.headings import Headings
from calcinosis.facts.places import Place
from calcinosis.facts.quantity import Interval, Unit
from calcinosis.facts.read import reader_of
from calcinosis.facts.row import Row, Table
from calcinosis.facts.suggest import deciding, suggestions
from calcinosis.facts.tabular import kinds
from calcinosis.facts.workbook import number_of
from calcinosis.graph.terms import Terms
from calcinosis.graph.triples import Triples
from tests.shared import graph
from tests.tables import csv_file, refusal
from tests.test_units import SMALL, module

Kg = calcinosis.KnowledgeGraph
HEADINGS = ("id", "conditions", "calcium", "calcium_unit", "calcium_low", "calcium_high")


def row(cells: tuple[str, ...], headings: tuple[str, ...] = HEADINGS, decimal: str = ".") -> Row:
    """The second row of a table with these headings."""
    columns = Columns(graph().laboratory)
    known = tuple(columns.find(heading) for heading in headings)
    return Table("a.csv", headings, known, ",", decimal).row(2, [Cell(text) for text in cells])


def refused(cells: tuple[str, ...], headings: tuple[str, ...] = HEADINGS) -> RowError:
    with pytest.raises(RowError) as caught:
        row(cells, headings).read(reader_of(graph().ontology, strict=True))
    return caught.value


# -- rows ------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [";", "\n", "\r", " ; ", ";;"])
def test_items_of_a_cell_stand_apart(end: str) -> None:
    found = row(("a", f"acne{end}dermatomyositis", "", "", "", ""))
    assert found.value == {"id": "a", "conditions": ["acne", "dermatomyositis"]}
    assert found.cells_of == {"id": 0, "conditions[0]": 1, "conditions[1]": 1}


def test_a_comma_is_part_of_a_term() -> None:
    assert row(("a", "acne, severe")).value == {"id": "a", "conditions": ["acne, severe"]}


@pytest.mark.parametrize(
    ("cells", "column", "word"),
    [
        (("a", "", "9", "mg/dL", "9", "8"), "E (calcium_low)", "interval"),
        (("a", "", "9", "mg/dL", "0.0001", ""), "E (calcium_low)", "outside what can be measured"),
        (("a", "", "9", "mg/dL", "", "900"), "F (calcium_high)", "outside what can be measured"),
        (("a", "", "9", "mg/dL", "", "x"), "F (calcium_high)", "no bound"),
        (("a", "", "nine", "mg/dL", "", ""), "C (calcium)", "no value"),
        (("a", "", "9", "", "", ""), "D (calcium_unit)", "no unit"),
        (("a", "", "900", "mg/dL", "", ""), "C (calcium)", "outside what can be measured"),
    ],
)
def test_a_fault_of_a_value_stands_in_the_cell_of_its_part(
    cells: tuple[str, ...], column: str, word: str
) -> None:
    (problem,) = refused(cells).problems
    assert (problem.column, problem.row) == (column, 2)
    assert word in problem.what


def test_a_value_without_a_column_of_units_is_itself_at_fault() -> None:
    (problem,) = refused(("a", "9"), ("id", "calcium")).problems
    assert problem.column == "B (calcium)"
    (alone,) = refused(("a", "perhaps"), ("id", "calcium_level")).problems
    assert alone.column == "B (calcium_level)"


def test_numbers_of_a_refused_row_are_kept_as_numbers() -> None:
    error = refused(("a", "nonsense", "9,5", "mg/dL", "8,5", "10,5"))
    assert error.plain == ("a", "nonsense", 9.5, "mg/dL", 8.5, 10.5)
    unsure = refused(("a", "nonsense", "9,500", "mg/dL", "8.500", "10.5"))
    assert unsure.plain[2] == "9,500?"
    assert unsure.plain[4] == 8.5
    beyond = refused(("a", "nonsense", "", "", "", "", "stray"))
    assert beyond.plain[6] == "stray"


def test_a_cell_that_faulted_is_not_called_faulty_twice() -> None:
    error = refused(("a", "acnee; none", "9,500", "mg/dL", "", ""))
    assert [problem.column for problem in error.problems] == ["B (conditions)", "C (calcium)"]


def test_only_a_formula_s_apostrophe_is_taken_away() -> None:
    for text in ("'t Hooft", "'", "''", "plain", "5' nucleotidase", "'5"):
        assert unguarded(text) == text
    assert [unguarded(text) for text in ("'=1+1", "'-5", "'@x", "'+1")] == [
        "=1+1",
        "-5",
        "@x",
        "+1",
    ]


def test_a_number_of_more_than_fifteen_digits_is_doubted() -> None:
    assert not number_of(10.0**15 - 1, "General").fault
    assert number_of(10.0**15, "General").fault
    assert number_of(-(10.0**15), "General").fault


def test_a_fact_is_what_it_says_however_it_was_judged(kg: Kg) -> None:
    raw = {"id": "a", "labs": [{"test": "calcium", "value": 9, "unit": "mg/dL"}]}
    (fact,) = reader_of(kg.ontology).read({**raw, "age": "40 years"}, "").facts
    assert fact.judged is not None
    for other in (replace(fact, judged=None), replace(fact, place=Place("labs[0]", "a.yaml", 3))):
        assert other == fact
        assert len({other, fact}) == 1
    assert replace(fact, affirmed=not fact.affirmed) != fact


# -- columns ---------------------------------------------------------------------------


def test_a_column_has_the_shortest_ending_that_names_its_test_alone(tmp_path: Path) -> None:
    other = SMALL.replace("Potion", "Other").replace("calc:bound", "calc:more")
    labels = {
        '"potion"': '"serum strong-potion"',
        "calc:Other a": 'calc:Other rdfs:comment "x" ; a',
    }
    text = SMALL + other.partition("calc:more")[0]
    for before, after in labels.items():
        text = text.replace(before, after)
    # Two tests of one name: no ending of the label is one's own, so that all of it heads a column.
    shared = Columns(module(tmp_path, text))
    assert list(shared.analytes) == ["serum_strong_potion"]
    alone = Columns(module(tmp_path, SMALL.replace('"potion"', '"serum strong-potion"')))
    assert list(alone.analytes) == ["serum_strong_potion"]
    named = SMALL.replace('"potion"', '"serum potion", "potion"')
    assert list(Columns(module(tmp_path, named)).analytes) == ["potion"]


def test_tests_that_decide_come_first_then_short_names() -> None:
    laboratory = graph().laboratory
    (phosphate,) = laboratory.find("phosphate")
    by_length = list(Columns(laboratory).analytes)
    assert by_length == sorted(by_length, key=lambda name: (len(name), name))
    first, *rest = Columns(laboratory, {phosphate.high}).analytes
    assert first == "phosphate"
    assert rest == [name for name in by_length if name != "phosphate"]


@pytest.mark.parametrize(
    ("heading", "key", "part", "title"),
    [
        ("note_histology", "other", "", "histology"),
        ("Notes of the biopsy", "other", "", "of the biopsy"),
        ("notes", "other", "", ""),
        ("calcium low", "total serum calcium", "low", ""),
        ("LOINC:2777-1", "serum phosphate", "value", ""),
        ("refused", "", "", ""),
    ],
)
def test_what_a_heading_names(heading: str, key: str, part: str, title: str) -> None:
    found = Columns(graph().laboratory).find(heading)
    assert found is not None
    assert (found.key, found.part, found.title) == (key, part, title)


@pytest.mark.parametrize("heading", ["remark_histology", "calcium_size", "low"])
def test_what_is_no_heading(heading: str) -> None:
    assert Columns(graph().laboratory).find(heading) is None


def test_of_doubtful_headings_the_first_eight_are_named(kg: Kg, tmp_path: Path) -> None:
    letters = "BCDEFGHIJK"

    def said(count: int) -> str:
        headings = ["id", *(f"conditon {n}" for n in range(count))]
        path = csv_file(tmp_path / "a.csv", ["P1", *"1" * count], headings=headings)
        return refusal(kg, path).what

    named = [f"{letter} (conditon {n})" for n, letter in enumerate(letters)]
    assert said(1) == "the column B (conditon 0) is doubtful"
    assert said(2) == "the columns B (conditon 0), C (conditon 1) are doubtful"
    assert said(8) == f"the columns {', '.join(named[:8])} are doubtful"
    assert said(9) == f"the columns {', '.join(named[:8])} and 1 more are doubtful"
    assert said(10) == f"the columns {', '.join(named[:8])} and 2 more are doubtful"


def test_every_column_is_of_a_known_kind() -> None:
    columns = Columns(graph().laboratory)
    headings = Headings(columns, kinds(graph()._vocabulary))
    every = [*columns.form, *columns.further]
    every += [headings.guess(one).column for one in ("refused", "note_x", "DOB", "Date", "burn")]
    assert {one.kind for one in every} == set(get_args(Kind))


def test_columns_that_hold_the_same_have_one_meaning() -> None:
    columns = Columns(graph().laboratory)
    same = [columns.find(name) for name in ("PTH", "parathyroid hormone", "PTH_value")]
    apart = [
        columns.find(name)
        for name in ("conditions", "conditions_at_deposit", "conditions_as_cause", "PTH_unit")
    ]
    assert len({one.meaning for one in same if one}) == 1
    assert len({one.meaning for one in apart if one}) == 4


def test_a_test_may_have_no_finding(tmp_path: Path) -> None:
    for name, found in (("high", "Up"), ("low", "Down"), ("abnormal", "Odd")):
        text = SMALL.replace(f"calc:{name}Finding calc:{found} ;", "")
        (potion,) = module(tmp_path, text).find("potion")
        levels = [found for found in ("Up", "Down", "Odd") if f"calc:{found} " in text]
        assert [names.local(iri) for iri in potion.levels if iri] == levels
        assert "" in potion.levels
    (potion,) = module(tmp_path, SMALL.replace('calc:canonicalUnit "g/L" ;', "")).find("potion")
    assert potion.canonical == ""


# -- bounds that a case may hold -------------------------------------------------------


def test_a_number_for_an_id_has_at_most_256_bits(kg: Kg) -> None:
    reader = reader_of(kg.ontology)
    assert reader.read({"id": 2**256 - 1}, "").id == str(2**256 - 1)
    with pytest.raises(CaseError, match="too long a number"):
        reader.read({"id": 2**256}, "")


def test_an_own_interval_has_the_decimals_of_the_largest_bound(tmp_path: Path) -> None:
    """A laboratory prints its intervals of a test with one number of decimals."""
    wider = SMALL[SMALL.index("calc:bound") :].replace("calc:bound", "calc:wide").replace("5", "20")
    laboratory = module(tmp_path, SMALL + wider)
    (potion,) = laboratory.find("potion")
    kilo = Unit("kg/L", 1000.0)  # 0.005 and 0.02 there: the second is printed as 0.0200
    assert laboratory.printed_decimals(potion.iri, Interval(None, 0.01, kilo, "own")) == 4
    assert laboratory.printed_decimals(potion.iri, Interval(None, 0.012345, kilo, "own")) == 6
    gram = potion.units["g/l"]  # where they are printed as 5 and 20
    assert laboratory.printed_decimals(potion.iri, Interval(None, 7, gram, "own")) == 0
    assert laboratory.printed_decimals(potion.iri, Interval(6.5, 7, gram, "own")) == 1


@pytest.mark.parametrize(
    ("bounds", "is_foreign"),
    [
        ((2.0, 9.0), False),
        ((13.0, 16.0), True),  # beyond half as much again of 6
        ((0.1, 0.5), True),
        ((None, 9.1), True),
        ((None, 9.0), False),
        ((1.9, None), True),
        ((2.0, None), False),
    ],
)
def test_an_interval_is_foreign_where_it_is_far_from_all(
    tmp_path: Path, bounds: tuple[float | None, float | None], is_foreign: bool
) -> None:
    laboratory = module(tmp_path, SMALL.replace("upperBound 5", "lowerBound 3 ; calc:upperBound 6"))
    (potion,) = laboratory.find("potion")
    own = Interval(*bounds, potion.units["g/l"], "own")
    assert laboratory.is_foreign(potion.iri, own) is is_foreign
    assert laboratory.is_foreign(names.CC + "Nothing", own) is False


@pytest.mark.parametrize("link", ["at_deposit", "cause"])
@pytest.mark.parametrize("said", [True, False])
def test_what_was_not_understood_keeps_the_link_that_is_said_to_be_there(
    kg: Kg, link: str, said: bool
) -> None:
    raw = {"id": "a", "conditions": [{"term": "xyzzy disease", link: said}, "xyzzy"]}
    case = reader_of(kg.ontology).read(raw, "")
    linked, plain = case.not_understood
    assert getattr(linked, link) is said
    assert (linked.at_deposit, linked.cause).count(True) == said
    assert (plain.at_deposit, plain.cause, plain.kind) == (False, False, "condition")


# -- words to offer --------------------------------------------------------------------


def test_a_label_that_is_read_as_another_term_is_not_offered(
    kg: Kg, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = suggestions(kg.ontology)["conditions"]
    assert "JDM" not in before
    label = Terms.label
    (first,) = kg.ontology.terms.find(before[0])
    renamed = {first: "JDM"}  # which is another's synonym
    monkeypatch.setattr(Terms, "label", lambda self, iri: renamed.get(iri) or label(self, iri))
    assert suggestions(kg.ontology)["conditions"] == before[1:]


def test_what_decides_are_the_classes_that_a_definition_asks_for(tmp_path: Path) -> None:
    text = (
        SMALL + 'calc:Shows owl:someValuesFrom calc:Potion , calc:Draught , "a word" . calc:X'
        " calc:y calc:Z ."
    )
    path = tmp_path / "asked.ttl"
    path.write_text(f"@prefix owl: <{names.OWL}> .\n{text}", encoding="utf-8")
    triples = Triples()
    triples.read(path)
    asked = deciding(SimpleNamespace(triples=triples))  # type: ignore[arg-type]
    assert {names.local(iri) for iri in asked} == {"Potion", "Draught"}
