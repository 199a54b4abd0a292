"""What a verb of a clerk works with, as far as it needs to know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from calcinosis.api import KnowledgeGraph

Answered = tuple[dict[str, Any], bytes]
"""What the answer is, and the answer."""
Asked = Mapping[str, Any]


class Graphs(Protocol):
    """The graphs of a clerk."""

    def graph(self, given: Mapping[str, Any], /) -> KnowledgeGraph:
        """The graph by settings, as ``Settings`` takes them; that of the server by none."""
