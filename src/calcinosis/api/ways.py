"""Other ways of judging the same cases, as a person names them: ``assume=nothing``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from calcinosis.api.diffs import release
from calcinosis.api.graph import KnowledgeGraph, by_settings, load
from calcinosis.errors import UsageError, nearest, quoted
from calcinosis.graph.settings import READ, Settings, assumed

WAYS: Final = ("viewpoint", "assume", "take", "without", "before", "min-read", "release")
"""What may stand before the sign."""
_WHERE: Final = "--against"


@contextmanager
def other_ways(kg: KnowledgeGraph, named: Iterable[str]) -> Iterator[dict[str, KnowledgeGraph]]:
    """Graphs that judge as ``kg`` but for what each text ``NAME=VALUE`` says, by these texts.

    ``release`` names an ontology folder, a checkout or a wheel, which is there until the end.
    UsageError for a name or value that is none, and where nothing would differ.
    """
    with ExitStack() as opened:
        yield {one: _way(kg, one, opened) for one in named}


def _way(kg: KnowledgeGraph, text: str, opened: ExitStack) -> KnowledgeGraph:
    settings = kg.ontology.settings
    name, _, value = (part.strip() for part in text.partition("="))
    if name not in WAYS or not value:
        what = f"{quoted(text)} names no other way of judging"
        cure = nearest(name, WAYS, 1, then=f"Write NAME=VALUE, with NAME of {', '.join(WAYS)}")
        raise UsageError(what, _WHERE, cure)
    if name == "release":
        folder = opened.enter_context(release(Path(value)))
        return load(ontology=folder, settings=settings, reasoner=kg.reasoner)
    other = replace(settings, **{name.replace("-", "_"): _value(settings, name, value)})
    if other == settings:
        what = f"the cases are judged by {quoted(text)} already"
        raise UsageError(what, _WHERE, "Name another way")
    return by_settings(kg, other)


def _value(settings: Settings, name: str, value: str) -> Any:
    if name == "assume":
        return assumed(value)
    if name == "without":
        return (*settings.without, value)
    if name == "min-read" and value not in READ:
        what = f"{quoted(value)} is no way of reading"
        raise UsageError(what, _WHERE, f"Known: {', '.join(READ)}")
    return _year(value) if name == "before" else value


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1800 <= int(text[:5]) <= 2200):
        raise UsageError(f"{quoted(text)} is no year", _WHERE, "Write one, such as 2000")
    return int(text)
