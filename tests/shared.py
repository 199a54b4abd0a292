"""What many tests share: the graph of this process, loaded when a test first asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import settings

import calcinosis
from calcinosis import names
from calcinosis.api.graph import load as loaded
from calcinosis.api.result import read_cases
from calcinosis.errors import InputError
from calcinosis.explain.explanation import Explanation
from calcinosis.facts.case import Case
from calcinosis.facts.read import reader_of
from calcinosis.facts.source import Cases
from calcinosis.graph import manifest
from calcinosis.graph.locate import data
from calcinosis.graph.settings import Settings

FULL = 100
"""Examples of a property that names no number, in the profile ``full``."""

EXAMPLES = [str(data("examples") / name) for name in ("patients.yaml", "published")]


@cache
def graph(viewpoint: str = names.DEFAULT_VIEWPOINT) -> calcinosis.KnowledgeGraph:
    """The shipped graph under a viewpoint."""
    return loaded(viewpoint)


@cache
def _changed(settings: Settings) -> calcinosis.KnowledgeGraph:
    return loaded(settings=settings)


def load(
    viewpoint: str = names.DEFAULT_VIEWPOINT, *, settings: Settings | None = None, **other: Any
) -> calcinosis.KnowledgeGraph:
    """As ``calcinosis.load``, but the shipped graph is loaded once a process and setting."""
    manifest.verify(None)
    if any(value not in (None, (), "compiled") for value in other.values()):
        return loaded(viewpoint, settings=settings, **other)
    if settings in (None, Settings(viewpoint)):
        return graph(viewpoint)
    return _changed(settings)


def few(values: Iterable[Any], *quick: Any) -> list[Any]:
    """Values for ``parametrize``, of which all but a few are for slow tests."""
    known = list(values)
    assert all(one in known for one in quick), quick
    return [v if v in quick else pytest.param(v, marks=pytest.mark.slow) for v in known]


def examples(number: int) -> int:
    """How many examples a property takes by Hypothesis' profile: all in ``full``, or a part."""
    return max(5, number * settings().max_examples // FULL)


def cases_of(
    kg: calcinosis.KnowledgeGraph, cases: Cases, *, strict: bool = False
) -> Iterator[Case | InputError]:
    """The cases of an input as they are read, and in the place of what was refused its error."""
    reader = reader_of(kg.ontology, strict=strict)
    for item in read_cases(cases, reader):
        yield item if isinstance(item, InputError) else item[1]


@cache
def explained_of(path: str) -> tuple[Explanation, ...]:
    """The explanations of the cases of a file or folder under the default viewpoint."""
    return tuple(graph().explain(path))


def explained() -> tuple[Explanation, ...]:
    """The explanations of the example cases under the default viewpoint."""
    return tuple(one for path in EXAMPLES for one in explained_of(path))
