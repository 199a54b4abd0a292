"""Fixtures that many tests share."""

from __future__ import annotations

import pytest

import calcinosis


@pytest.fixture(scope="session")
def kg() -> calcinosis.KnowledgeGraph:
    """The graph under the default viewpoint."""
    return calcinosis.load()
