"""calcinosis: a citable knowledge graph of calcinosis cutis, and a classifier that says why.

>>> import calcinosis
>>> kg = calcinosis.load()
>>> case = {"id": "case-1", "calcinosis": "present", "conditions": ["MONDO:0016367"]}
>>> kg.classify(case).rows()[0]["needed"]
'serum calcium; serum phosphate'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from calcinosis.api import KnowledgeGraph, Result, Settings, Sheet, load

__all__ = ["KnowledgeGraph", "Result", "Settings", "Sheet", "__version__", "load"]


def __getattr__(name: str) -> object:
    """Import the public surface only when it is asked for."""
    if name in __all__:
        from calcinosis import api

        return getattr(api, name)
    raise AttributeError(f"module 'calcinosis' has no attribute {name!r}")
