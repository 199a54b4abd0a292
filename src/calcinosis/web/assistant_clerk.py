"""The tools of assistants as a clerk has them, for a server with several clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from calcinosis.api import KnowledgeGraph
from calcinosis.web.assistant_cases import CaseTools
from calcinosis.web.assistant_desk import Desk
from calcinosis.web.assistant_lookups import LookUpTools
from calcinosis.web.assistant_replies import plain


@lru_cache(maxsize=1)
def _tools(kg: KnowledgeGraph) -> Mapping[str, Callable[..., Any]]:
    desk = Desk(kg)
    lookups, cases = LookUpTools(desk), CaseTools(desk)
    tools = lookups.search, lookups.show, lookups.cite
    judging = cases.classify, cases.explain, cases.next_question
    return {tool.__name__: tool for tool in (*tools, *judging)}


def reply(kg: KnowledgeGraph, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a tool replies, as plain values; errors as the tool's."""
    return plain(_tools(kg)[name](**arguments))
