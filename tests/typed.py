"""The reading of single words, for the tests of them."""

from __future__ import annotations

from functools import cache

import calcinosis
from calcinosis.errors import Problem
from calcinosis.facts.read import vocabulary_of
from calcinosis.facts.vocabulary import Resolved


@cache
def graph() -> calcinosis.KnowledgeGraph:
    return calcinosis.load()


@cache
def vocabulary() -> object:
    return vocabulary_of(graph().ontology)


def read(text: str, kind: str = "condition") -> Resolved | Problem:
    found = vocabulary().resolve(text, kind, "")  # type: ignore[attr-defined]
    assert isinstance(found, Resolved | Problem)
    return found


def labels(text: str, kind: str = "condition") -> list[str]:
    found = read(text, kind)
    return [one.label for one in (found, *found.beside)] if isinstance(found, Resolved) else []


def problem(text: str, kind: str = "condition") -> Problem:
    found = read(text, kind)
    assert isinstance(found, Problem), found
    return found
