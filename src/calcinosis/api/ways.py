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
_SUM: Final = 12  # characters of a sum that are shown


@contextmanager
def other_ways(kg: KnowledgeGraph, named: Iterable[str]) -> Iterator[dict[str, KnowledgeGraph]]:
    """Graphs that judge as ``kg`` but for what each text ``NAME=VALUE`` says, by these texts.

    ``release`` names an ontology folder, a checkout or a wheel, which is there until the end; it
    is called by its version and sum, since where it lay is nothing to share.
    UsageError for a name or value that is none, and where nothing would differ.
    """
    with ExitStack() as opened:
        yield dict(_way(kg, one, opened) for one in named)


def _way(kg: KnowledgeGraph, text: str, opened: ExitStack) -> tuple[str, KnowledgeGraph]:
    settings = kg.ontology.settings
    name, _, value = (part.strip() for part in text.partition("="))
    if name not in WAYS or not value:
        what = f"{quoted(text)} names no other way of judging"
        cure = nearest(name, WAYS, 1, then=f"Write NAME=VALUE, with NAME of {', '.join(WAYS)}")
        raise UsageError(what, _WHERE, cure)
    if name == "release":
        folder = opened.enter_context(release(Path(value)))
        found = load(ontology=folder, settings=settings, reasoner=kg.reasoner)
        return _called(name, Path(value), found), found
    other = replace(settings, **{name.replace("-", "_"): _value(settings, name, value)})
    if other == settings:
        what = f"the cases are judged by {quoted(text)} already"
        raise UsageError(what, _WHERE, "Name another way")
    return text, by_settings(kg, other)


def _called(name: str, place: Path, found: KnowledgeGraph) -> str:
    from calcinosis.study.versions import sum_of_modules

    short = sum_of_modules(found.ontology)[:_SUM]
    return f"{name}={place.resolve().name} ({found.ontology.version}, SHA-256 {short})"


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
