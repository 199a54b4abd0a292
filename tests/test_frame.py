"""Data frames as tables of cases: what a file of the same rows would come to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import calcinosis
from tests.records import facts

Kg = calcinosis.KnowledgeGraph
ROWS: dict[str, list[Any]] = {
    "id": [1, 2, 3],
    "age": [44.0, None, 61.5],
    "age_unit": ["years", None, "years"],
    "calcinosis": ["present", "absent", None],
    "conditions": ["dermatomyositis; scar", None, "gout"],
    "calcium": [9.1, float("nan"), 14.2],
    "calcium_unit": ["mg/dL", None, "mg/dL"],
    "notes": ["seen", pd.NA, pd.NaT],
}


def told(result: calcinosis.Result) -> list[tuple[Any, ...]]:
    return [(v.case.id, v.case.age_days, v.case.calcinosis, facts(v.case)) for v in result.cases]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS)


def test_a_frame_is_read_as_its_file_is(kg: Kg, frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)
    result = kg.classify(frame)
    assert not result.refused
    assert told(result) == told(kg.classify(path))
    assert [v.case.id for v in result.cases] == ["1", "2", "3"]


def test_the_types_of_pandas_make_no_difference(kg: Kg, frame: pd.DataFrame) -> None:
    assert told(kg.classify(frame.convert_dtypes())) == told(kg.classify(frame))
    assert told(kg.classify(frame.astype({"calcinosis": "category"}))) == told(kg.classify(frame))


def test_an_index_with_a_name_is_a_column(kg: Kg, frame: pd.DataFrame) -> None:
    assert told(kg.classify(frame.set_index("id"))) == told(kg.classify(frame))
    assert told(kg.classify(frame.iloc[[2, 0, 1]]))[1:] == told(kg.classify(frame))[:2]


def test_several_frames_and_other_cases_may_stand_together(kg: Kg, frame: pd.DataFrame) -> None:
    result = kg.classify([frame, {"id": "beside"}])
    assert [v.case.id for v in result.cases] == ["1", "2", "3", "beside"]


def test_a_fault_names_row_and_column(kg: Kg, frame: pd.DataFrame) -> None:
    wrong = frame.assign(calcinosis=["present", "perhaps", True])
    faults = kg.classify(wrong).faults()
    assert [(one["row"], one["column"], one["value"]) for one in faults] == [
        (2, "D (calcinosis)", "perhaps"),
    ]


def test_dates_are_no_values(kg: Kg, frame: pd.DataFrame) -> None:
    dated = frame.assign(calcium=pd.to_datetime("2024-01-01"), calcium_unit="mg/dL")
    assert {one["what"] for one in kg.classify(dated).faults()} == {
        "there is a date or time here (2024-01-01)"
    }


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (pd.DataFrame({"a": [1]}), "this is no line of headings"),
        (pd.DataFrame({"id": []}), "there is no case in it"),
        (pd.DataFrame(), "the table is empty"),
        (pd.DataFrame({f"note_{n}": [1] for n in range(2001)}), "it has more than 2,000 columns"),
    ],
)
def test_a_frame_that_is_no_table_is_one_error(kg: Kg, wrong: pd.DataFrame, what: str) -> None:
    result = kg.classify(wrong)
    assert not result.cases
    (error,) = result.refused
    assert (error.what, error.where.partition(",")[0]) == (what, "the data frame")


class DataFrame:
    """A frame as polars has it: told by its module, read by its rows."""

    columns = tuple(ROWS)

    def iter_rows(self) -> Any:
        return zip(*ROWS.values(), strict=True)


DataFrame.__module__ = "polars.dataframe.frame"


def test_a_frame_of_polars_is_read(kg: Kg, frame: pd.DataFrame) -> None:
    assert told(kg.classify(DataFrame())) == told(kg.classify(frame))


@pytest.mark.slow
def test_pandas_is_not_loaded_without_need() -> None:
    code = "calcinosis.load().classify({'id': 'a'}); print('pandas' in sys.modules)"
    code = f"import sys, calcinosis; {code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_frame_may_have_a_mapping_and_a_choice_of_visits(kg: Kg, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "pat": ["a", "a", "b"],
            "visit": ["2024-01-01", "2024-06-01", "2024-01-01"],
            "sickness": ["gout", "psoriasis", "gout"],
        }
    )
    mapping = tmp_path / "a.map.yaml"
    mapping.write_text("columns:\n  pat: id\n  visit: visit\n  sickness: conditions\n")
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)
    for visits in ("latest", "first", "each"):
        found = kg.classify(calcinosis.Sheet(frame, mapping, visits))
        assert not found.refused
        assert told(found) == told(kg.classify(calcinosis.Sheet(path, mapping, visits)))
    long = pd.DataFrame(
        {"patient_id": ["a"], "name": ["gout"], "kind": ["diagnosis"], "value": [""]}
    )
    (error,) = kg.classify(calcinosis.Sheet(long, visits="each")).refused
    assert "long table" in error.what


@pytest.mark.parametrize("kind", ["phenopacket", "fhir"])
def test_a_table_is_no_record_of_another_format(kg: Kg, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,conditions\na,gout\n")
    for table in (path, pd.read_csv(path)):
        (error,) = kg.classify(table, kind=kind).refused
        assert "this is a table" in error.what
        assert f"--from {kind}" in error.what
        assert not kg.classify(table, kind="cases").refused
