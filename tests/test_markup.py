"""One escaper a markup: no text that people bring becomes Markdown or HTML."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from calcinosis.output.markup import html_text, markdown_table, markdown_text
from tests.terminal import run

IMAGE = "<img src=x onerror=alert(1)>"
SIGNS = st.text(st.sampled_from("ab<>&*_`[]()!|\\~#+-=1. \n\r:/htps\"'"), max_size=40)


def rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(text))


@given(SIGNS)
@example(IMAGE)
@example("1. a")
@example("    a")
@example("a\r# b")
@example("![a](http://b)")
def test_a_text_is_itself_in_markdown(text: str) -> None:
    out = rendered(markdown_text(text))
    assert set(re.findall(r"<(\w+)", out)) <= {"p", "a"}
    if "://" not in text:
        words = str(html_text(" ".join(text.split()))).replace("&#x27;", "'")
        seen = " ".join(re.sub(r"</?p>", "", out).split())
        assert seen == words


@given(st.lists(SIGNS, min_size=2, max_size=2))
def test_a_cell_stays_in_its_column(cells: list[str]) -> None:
    lines = list(markdown_table(("one", "two"), [cells]))
    assert len(lines) == 3
    out = rendered("\n".join(lines))
    assert out.count("<td") == 2
    assert set(re.findall(r"<(\w+)", out)) <= {"table", "thead", "tbody", "tr", "th", "td", "a"}


@pytest.mark.parametrize(
    "asked",
    [
        ["explain", "-f", "markdown"],
        ["explain", "-f", "html"],
        ["compare", "-f", "markdown", "--without", "balin-2012"],
    ],
    ids=" ".join,
)
def test_the_id_of_a_case_is_no_markup(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "a.yaml"
    condition = "undifferentiated connective tissue disease"
    case.write_text(f'id: "{IMAGE}"\ncalcinosis: present\nconditions: [{condition}]\n')
    code, out, _ = run([*asked, str(case)], capsys)
    assert code == 0
    assert "alert(1)" in out
    assert "<img" not in (rendered(out) if "markdown" in asked else out)
