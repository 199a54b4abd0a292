"""Assistants as tests use them: a server of the shipped graph, and the official client."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

import anyio
from mcp import Client
from mcp.types import CallToolResult, TextContent

from calcinosis.web.assistant import Assistant
from tests.shared import graph

_T = TypeVar("_T")
SECONDS = 60
OPEN: dict[str, Any] = {
    "id": "p1",
    "age": "34 years",
    "calcinosis": "present",
    "conditions": ["MONDO:0016367"],
    "labs": [{"test": "calcium", "value": 9.1, "unit": "mg/dL"}],
}


@cache
def assistant() -> Assistant:
    """The server of the shipped graph."""
    return Assistant(graph())


def asked(use: Callable[[Client], Awaitable[_T]], server: Any = None) -> _T:
    """What a client in this process finds."""

    async def main() -> _T:
        with anyio.fail_after(SECONDS):
            async with Client(server or assistant()) as client:
                return await use(client)

    return anyio.run(main)


def called(tool: str, server: Any = None, /, **arguments: Any) -> dict[str, Any]:
    """The structured reply of one call, which must be no error."""
    found = asked(lambda client: client.call_tool(tool, arguments), server)
    assert not found.is_error, words(found)
    reply: dict[str, Any] = json.loads(words(found))
    assert reply == found.structured_content
    return reply


def refused(tool: str, server: Any = None, /, **arguments: Any) -> str:
    """The error of one call."""
    found = asked(lambda client: client.call_tool(tool, arguments), server)
    assert found.is_error, words(found)
    return words(found)


def words(found: CallToolResult) -> str:
    """The text of a reply."""
    (one,) = found.content
    assert isinstance(one, TextContent)
    return one.text


def parts(reply: Mapping[str, Any]) -> Iterator[str]:
    """Each row, claim or verdict of a reply as text."""
    for value in reply.values():
        if isinstance(value, list):
            yield from (json.dumps(one, ensure_ascii=False) for one in value)


def listed(server: Any = None) -> dict[str, Any]:
    """All that a client is told before it calls anything."""

    async def told(client: Any) -> dict[str, Any]:
        return {
            "tools": (await client.list_tools()).tools,
            "resources": (await client.list_resources()).resources,
            "templates": (await client.list_resource_templates()).resource_templates,
            "prompts": (await client.list_prompts()).prompts,
            "instructions": client.instructions,
        }

    return asked(told, server)
