"""Files of SPSS and Stata: value labels, labels of variables, and what is no such file."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from calcinosis.cli.main import main
from calcinosis.errors import MissingProgramError, to_install
from calcinosis.facts import statistics_files
from calcinosis.facts.source import raw_cases
from calcinosis.facts.tabular import Sheet
from tests.clinic import fault, known, rows, values, words_of

FRAME: dict[str, list[Any]] = {
    "v1": ["1", "2", "3"],
    "sex": [1.0, 2.0, float("nan")],
    "age": [61.0, 40.0, 33.5],
    "v4": [9.1, float("nan"), 10.9],
    "raynaud": [1.0, 0.0, float("nan")],
    "visit": [date(2024, 1, 2), date(2024, 2, 3), date(2024, 3, 4)],
    "q17": [1.0, 2.0, 3.0],
}
LABELS = ["Patient ID", "Sex", "", "Calcium (mg/dL)", "Raynaud", "Visit date", "Something else"]
VALUES = {"sex": {1: "male", 2: "female"}, "raynaud": {1: "Yes", 0: "No"}}


@pytest.fixture
def statistics() -> Any:
    return pytest.importorskip("pyreadstat", reason="needs the extra statistics")


def written(path: Path, program: Any, frame: dict[str, list[Any]] | None = None) -> Path:
    write = program.write_dta if path.suffix == ".dta" else program.write_sav
    given: dict[str, Any] = {"column_labels": LABELS, "variable_value_labels": VALUES}
    write(pd.DataFrame(frame or FRAME), str(path), **({} if frame else given))
    return path


@pytest.mark.parametrize("name", ["a.sav", "a.dta"])
def test_value_labels_and_labels_of_variables_are_read(
    name: str, tmp_path: Path, statistics: Any, caplog: pytest.LogCaptureFixture
) -> None:
    found = rows(written(tmp_path / name, statistics))
    assert [one.number for one in found] == [2, 3, 4]
    lab = {"test": "total serum calcium", "unit": "mg/dL"}
    assert [one.value for one in found] == [
        {"id": "1", "sex": "male", "age": "61 years", "findings": ["Raynaud"],
         "labs": [{**lab, "value": 9.1}]},
        {"id": "2", "sex": "female", "age": "40 years", "excluded": ["Raynaud"]},
        {"id": "3", "age": "33.5 years", "labs": [{**lab, "value": 10.9}]},
    ]  # fmt: skip
    assert "columns that are not read: G (Something else)" in caplog.text


def test_visits_are_told_by_the_dates_of_the_file(tmp_path: Path, statistics: Any) -> None:
    frame = {**FRAME, "v1": ["1", "1", "1"]}
    path = written(tmp_path / "a.sav", statistics, {**frame, "id": frame["v1"]})
    assert words_of(values(Sheet(path, visits="latest")), "age") == ["33.5 years"]


def test_a_long_file_is_read_in_pieces(
    tmp_path: Path, statistics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_files, "_ROWS", 2)
    path = written(tmp_path / "a.sav", statistics)
    assert words_of(values(path), "id") == ["1", "2", "3"]
    monkeypatch.setattr(statistics_files, "_ROWS", 3)
    assert words_of(values(path), "id") == ["1", "2", "3"]


@pytest.mark.slow
def test_what_is_no_such_file_is_refused(tmp_path: Path, statistics: Any) -> None:
    for name in ("a.sav", "a.dta"):
        (tmp_path / name).write_bytes(b"id,sex\n1,m\n" * 100)
        assert "save it again" in fault(tmp_path / name).cure
    many = {f"v{n}": [1.0] for n in range(2_001)}
    assert "2,000 columns" in fault(written(tmp_path / "b.sav", statistics, many)).what


def test_without_the_package_it_is_said_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    path = tmp_path / "a.sav"
    path.write_bytes(b"$FL2")
    with pytest.raises(MissingProgramError, match="pyreadstat"):
        list(raw_cases(path, known()))
    with pytest.raises(SystemExit) as ended:
        main(["classify", str(path)])
    assert ended.value.code == 4
    assert to_install("statistics") in capsys.readouterr().err
