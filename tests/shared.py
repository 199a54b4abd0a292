"""What many tests share: the graph of this process, loaded when a test first asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import calcinosis
from calcinosis import names
from calcinosis.api.result import read_cases
from calcinosis.errors import InputError
from calcinosis.explain.explanation import Explanation
from calcinosis.facts.case import Case
from calcinosis.facts.read import reader_of
from calcinosis.facts.source import Cases
from calcinosis.graph.locate import data

EXAMPLES = [str(data("examples") / name) for name in ("patients.yaml", "published")]


@cache
def graph(viewpoint: str = names.DEFAULT_VIEWPOINT) -> calcinosis.KnowledgeGraph:
    """The shipped graph under a viewpoint."""
    return calcinosis.load(viewpoint)


def cases_of(
    kg: calcinosis.KnowledgeGraph, cases: Cases, *, strict: bool = False
) -> Iterator[Case | InputError]:
    """The cases of an input as they are read, and in the place of what was refused its error."""
    reader = reader_of(kg.ontology, strict=strict)
    for item in read_cases(cases, reader):
        yield item if isinstance(item, InputError) else item[1]


@cache
def explained() -> tuple[Explanation, ...]:
    """The explanations of the example cases under the default viewpoint."""
    return tuple(graph().explain(EXAMPLES))
