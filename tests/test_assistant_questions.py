"""Fifty research questions: each answered by at most three calls, as the Turtle has it.

``tests/data/questions.yaml`` has the questions, the calls and the answers, and where these stand.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from mcp import Client

from calcinosis.graph.locate import data
from tests.assistants import asked, parts, words
from tests.shared import few

DATA = Path(__file__).parent / "data" / "questions.yaml"
QUESTIONS: list[dict[str, Any]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
IDS = [one["id"] for one in QUESTIONS]


def test_there_are_fifty_and_most_need_no_sparql() -> None:
    assert len(QUESTIONS) == len(set(IDS)) == 50
    tools = [{tool for tool, _ in one["calls"]} for one in QUESTIONS]
    assert all(1 <= len(one["calls"]) <= 3 for one in QUESTIONS)
    assert sum("sparql" not in one for one in tools) >= 40
    assert len({one["heading"] for one in QUESTIONS}) >= 15
    assert sum("lacks" in one for one in QUESTIONS) >= 3
    assert {"search", "show", "query", "sparql", "cite", "classify", "explain"} <= set().union(
        *tools
    )


@cache
def turtle(name: str) -> str:
    return (data("ontology") / name).read_text(encoding="utf-8")


def block(name: str, subject: str) -> str:
    """What a file says of a subject, as text; of a table the row."""
    found, inside = [], False
    for line in turtle(name).splitlines():
        inside = inside or (line.startswith(subject) and line[len(subject)] in " \t")
        if inside:
            found.append(line)
            inside = not (line.endswith(" .") or name.endswith(".tsv"))
    return "\n".join(found)


@pytest.mark.parametrize("question", QUESTIONS, ids=IDS)
def test_the_answer_stands_in_the_turtle(question: dict[str, Any]) -> None:
    for name, subject, said in question["stands"]:
        assert said in block(name, subject), (name, subject)


@pytest.mark.parametrize("name", few(IDS, "burn-scar", "patient-open", "not-imatinib"))
def test_a_question_is_answered(name: str) -> None:
    question = QUESTIONS[IDS.index(name)]

    async def answer(client: Client) -> list[Any]:
        return [await client.call_tool(tool, given) for tool, given in question["calls"]]

    found = asked(answer)
    texts = [words(one) for one in found]
    assert not any(one.is_error for one in found), texts
    whole = "\n".join(texts)
    rows = [part for one in found for part in parts(one.structured_content)]
    for held in question["holds"]:
        if isinstance(held, list):
            assert any(all(word in row for word in held) for row in rows), (held, whole[:3000])
        else:
            assert held in whole, (held, whole[:3000])
    for lacking in question.get("lacks", ()):
        assert lacking not in whole
