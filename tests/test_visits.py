"""Several rows of one patient: each, the latest or the first, and what is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

import calcinosis
from calcinosis import Sheet
from calcinosis.errors import InputError
from calcinosis.facts.source import raw_cases
from calcinosis.facts.visits import key
from tests.clinic import clinic, fault, known, rows, text_sheet, values, words_of
from tests.terminal import run

Kg = calcinosis.KnowledgeGraph


def visits(
    tmp_path: Path, *dates: str, heading: str = "Visit date", which: str = "latest"
) -> Sheet:
    lines = [f"P,{date},visit {n}" for n, date in enumerate(dates)]
    path = text_sheet(tmp_path / "a.csv", f"id,{heading},notes", *lines)
    return Sheet(path, visits=which)


def taken(sheet: Sheet) -> list[str]:
    return [one["other"][0] for one in values(sheet)]


def test_without_a_word_the_second_row_of_a_patient_is_refused(tmp_path: Path, kg: Kg) -> None:
    sheet = visits(tmp_path, "2024-01-01", "2024-02-01", which="")
    result = kg.classify(sheet)
    assert len(result.cases) == 1
    assert "--visit latest, first or each" in result.refused[0].cure


def test_each_row_is_a_case_of_its_own_name(tmp_path: Path, kg: Kg) -> None:
    path = clinic(tmp_path / "cohort.xlsx")
    found = rows(Sheet(path, visits="each"))
    assert words_of([one.value for one in found], "id") == ["01", "02", "02@2", "03"]
    assert [one.number for one in found] == [4, 5, 6, 8]


def test_the_latest_or_first_row_of_each_patient_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = clinic(tmp_path / "cohort.xlsx")
    assert [one.number for one in rows(Sheet(path, visits="latest"))] == [4, 6, 8]
    assert [one.number for one in rows(Sheet(path, visits="first"))] == [4, 5, 8]
    assert "1 row of another visit is not read (first)" in caplog.text


@pytest.mark.parametrize(
    ("heading", "dates", "last"),
    [
        ("Visit date", ("2024-02-01", "2023-03-01", "2024-01-31"), 0),
        ("Visit date", ("1.2.2024", "31.1.2024"), 0),
        ("Date", ("1/31/2024", "2/1/2024"), 1),
        ("Date", ("31/1/2024", "1/2/2024"), 1),
        ("Date", ("1/31/24", "12/1/23"), 0),
        ("Date", ("3/4/2024", "5/6/2024"), 1),
        ("Visit", ("baseline", "1", "2"), 2),
        ("Visit", ("Visit 2", "Visit 10"), 1),
        ("time point", ("month 6", "month 3", "baseline"), 0),
    ],
)
def test_visits_are_put_in_order(
    heading: str, dates: tuple[str, ...], last: int, tmp_path: Path
) -> None:
    assert taken(visits(tmp_path, *dates, heading=heading)) == [f"visit {last}"]


def test_without_a_column_of_visits_the_rows_are_in_order(tmp_path: Path) -> None:
    path = text_sheet(tmp_path / "a.csv", "id,notes", "P,one", "Q,two", "P,three")
    assert taken(Sheet(path, visits="latest")) == ["two", "three"]
    assert taken(Sheet(path, visits="first")) == ["one", "two"]


@pytest.mark.parametrize(
    ("dates", "what"),
    [
        (("3/4/2024", "4/3/2024"), "the day or the month first"),
        (("2024-01-01", "spring"), "'spring' does not tell when"),
        (("2024-01-01", ""), "does not tell when"),
        (("2024-01-01", "2"), "cannot be put in order"),
        (("32.1.2024", "1.1.2024"), "does not tell when"),
    ],
)
def test_visits_that_cannot_be_put_in_order_are_asked(
    dates: tuple[str, ...], what: str, tmp_path: Path
) -> None:
    assert what in fault(visits(tmp_path, *dates)).what


def test_other_dates_of_the_column_tell_which_order_is_meant(tmp_path: Path) -> None:
    path = text_sheet(
        tmp_path / "a.csv", "id,date,notes", "P,3/4/2024,one", "P,4/3/2024,two", "Q,1/31/2024,x"
    )
    assert taken(Sheet(path, visits="latest")) == ["two", "x"]


def test_a_column_whose_cells_tell_a_time_is_taken_before_another(tmp_path: Path) -> None:
    path = text_sheet(
        tmp_path / "a.csv", "id,Visit,Date,notes", "P,control,1.2.2024,one", "P,start,1.1.2024,two"
    )
    assert taken(Sheet(path, visits="latest")) == ["one"]


def test_a_day_that_is_none_orders_nothing() -> None:
    assert key("2024-02-30") is None
    assert key("31/13/2024") is None
    assert key("1 of 2") is None


def test_a_faulty_row_does_not_keep_the_visits_from_being_told(tmp_path: Path) -> None:
    wide = "P," + "x," * 2_001
    path = text_sheet(tmp_path / "a.csv", "id,date,notes", "P,1,one", wide, "P,2,two")
    found = list(raw_cases(Sheet(path, visits="latest"), known()))
    assert [isinstance(one, InputError) for one in found] == [True, False]


def test_the_option_says_which_visit_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(visits(tmp_path, "1", "2").path)
    for which, count in (("latest", 1), ("first", 1), ("each", 2)):
        given = ["classify", path, "--visit", which, "-f", "jsonl", "-q"]
        code, out, _ = run(given, capsys)
        assert (code, len(out.splitlines())) == (0, count)
