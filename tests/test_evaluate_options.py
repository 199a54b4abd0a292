"""Options of an evaluation that take files: by what these are read, and what is told of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import run
from tests.test_evaluate import PUBLISHED

CASES = [{"id": "a", "calcinosis": "present", "conditions": ["dermatomyositis"]}]


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_no_path_of_a_release_is_shared(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = written(tmp_path / "l.csv", "id,label\na,dystrophic\n")
    cases = written(tmp_path / "cases.json", json.dumps(CASES))
    ours = PUBLISHED.parent.parent
    call = ["evaluate", cases, "--labels", labels, "--against", f"release={ours}"]
    code, out, _ = run([*call, "-f", form], capsys)
    assert code == 0
    assert "SHA-256" in out
    assert str(ours) not in out
    assert str(tmp_path) not in out


def test_a_second_encoder_who_is_not_there_is_one_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "first.json").write_text(json.dumps(CASES), encoding="utf-8")
    call = ["evaluate", str(tmp_path / "first.json"), "--second", str(tmp_path / "no.yaml")]
    code, out, err = run(call, capsys)
    assert code == 3
    assert not out
    assert "no.yaml: the file does not exist" in err


def both_encoders(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[Any, ...]:
    """The cases, the facts of either and those of both, of two tables that the words name."""
    named = [str(folder / one) if "." in one else one for one in words]
    code, out, err = run(["evaluate", "-f", "json", *named], capsys)
    assert code == 0, err
    found = json.loads(out)["encoders"]
    return found["cases"], found["only_second"], found["facts"]["count"], found["facts"]["total"]


def test_two_encoders_are_read_by_the_same_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "id,age,calcinosis,diagnosis,Kalk wert\n"
    visits = "a,50,yes,dermatomyositis,9.1\na,51,yes,hyperparathyroidism,12.5\nb,60,yes,,9.2\n"
    (tmp_path / "first.csv").write_text(head + visits, encoding="utf-8")
    (tmp_path / "second.csv").write_text(head.replace("Kalk wert", "Wert") + visits)
    (tmp_path / "map.yaml").write_text(
        'columns:\n  "Kalk wert":\n    as: calcium\n    unit: mg/dL\n'
    )
    (tmp_path / "other.yaml").write_text('columns:\n  "Wert":\n    as: calcium\n    unit: mg/dL\n')
    words = ["first.csv", "--visit", "latest", "--second"]
    assert both_encoders(tmp_path, capsys, *words, "first.csv") == (2, [], 3, 3)
    by_map = ["--map", "map.yaml", *words]
    assert both_encoders(tmp_path, capsys, *by_map, "first.csv") == (2, [], 5, 5)
    own_map = [*by_map, "second.csv", "--second-map", "other.yaml"]
    assert both_encoders(tmp_path, capsys, *own_map) == (2, [], 5, 5)


def test_a_map_of_a_second_encoder_needs_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "first.json").write_text(json.dumps(CASES), encoding="utf-8")
    call = ["evaluate", str(tmp_path / "first.json"), "--second-map", "map.yaml"]
    code, _, err = run(call, capsys)
    assert code == 2
    assert "--second-map: there is no table to read by it" in err
