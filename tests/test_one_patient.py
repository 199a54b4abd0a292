"""One patient, the answer first: verdict, the facts read, why, and what would decide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.shared import graph
from tests.terminal import run

CASE = """\
id: {id}
calcinosis: present
conditions: [MONDO:0016367]
labs: [{{test: calcium, value: 9.2, unit: mg/dL, interval: [8.5, 10.5]}}]
"""


@pytest.fixture(autouse=True)
def _loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    for command in ("classify", "explain"):
        monkeypatch.setattr(f"calcinosis.cli.{command}.load", lambda **_: graph())


@pytest.fixture
def one(tmp_path: Path) -> str:
    path = tmp_path / "one.yaml"
    path.write_text(CASE.format(id="anna"), encoding="utf-8")
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    return run([*words, "-q"], capsys)[1]


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_one_patient_is_told_as_the_explanation_tells(
    one: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, "classify", one, "-f", form)
    assert found == told(capsys, "explain", one, "-f", form)
    assert "Of 1 patient" not in found
    assert "line 4" in found  # places are known, as where it is explained


def test_what_was_refused_may_be_a_patient_and_is_told(
    one: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text("id: b\nconditions: 7\n", encoding="utf-8")
    found = told(capsys, "classify", one, str(tmp_path / "bad.yaml"), "-f", "html")
    assert "1 input refused" in found
    (tmp_path / "bad.yaml").write_text(CASE.format(id="b"), encoding="utf-8")
    found = told(capsys, "classify", one, str(tmp_path / "bad.yaml"), "-f", "markdown")
    assert "Of 2 patients" in found


def test_in_text_the_facts_read_and_what_would_decide_stand_below_the_verdicts(
    one: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = told(capsys, "classify", one)
    (read,) = re.findall(r"^  Read: (.+)$", text, re.MULTILINE)
    assert read.endswith("; total serum calcium 9.2 mg/dL")
    (first,) = re.findall(r"^  Would decide, best first: ([^;]+);", text, re.MULTILINE)
    (asked,) = graph().explain(one)
    assert first == asked.questions[0].asks
    assert text.index("RULED OUT") < text.index("Read: ") < text.index("References")
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 80
    assert "Would decide" not in told(capsys, "classify", one, "--explain")  # why says it
