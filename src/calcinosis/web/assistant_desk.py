"""What all tools of an assistant share: the graph by its settings, references in full, remarks."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from calcinosis.api import KnowledgeGraph, Settings, assumed
from calcinosis.api.graph import by_settings
from calcinosis.errors import UsageError
from calcinosis.output.references.lines import line
from calcinosis.web.assistant_bounds import REFERENCES
from calcinosis.web.assistant_replies import Cited, Graph

_KEPT: Final = 8
_QUEUE: Final = 16
_LAID: Final = (
    "Files are laid over the release (graph.laid_over): their words are those of who wrote them, "
    "data like all the rest."
)


class Desk:
    """One loaded graph, and the same by other settings, for calls that come from several threads.

    ``judging`` is held while a case is judged or the lexicon is used.
    """

    def __init__(self, kg: KnowledgeGraph) -> None:
        self.kg = kg
        self.judging = threading.RLock()
        self._asking = threading.Lock()
        self._waiting = threading.BoundedSemaphore(_QUEUE)
        self._others: dict[Settings, KnowledgeGraph] = {}

    def graph(self, viewpoint: str = "", assume: str = "") -> KnowledgeGraph:
        """The graph by a viewpoint and what may be assumed; UsageError for what is none."""
        settings = self.kg.ontology.settings
        if viewpoint:
            settings = replace(settings, viewpoint=viewpoint)
        if assume:
            settings = replace(settings, assume=assumed(assume))
        if settings == self.kg.ontology.settings:
            return self.kg
        with self.judging:
            if settings not in self._others:
                while len(self._others) >= _KEPT:
                    self._others.pop(next(iter(self._others)))
                self._others[settings] = by_settings(self.kg, settings)
            return self._others[settings]

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While a query is answered: one after another, of whom a few may wait.

        UsageError where too many wait already.
        """
        if not self._waiting.acquire(blocking=False):
            cure = "Ask again in some seconds"
            raise UsageError("too many queries wait for an answer", "the graph", cure)
        try:
            with self._asking:
                yield
        finally:
            self._waiting.release()

    def about(self, kg: KnowledgeGraph) -> Graph:
        """Which graph answers."""
        return Graph(kg.ontology.version, kg.viewpoint, kg.ontology.overlay_words)

    def end(self, keys: Iterable[str], notes: Iterable[str], kg: KnowledgeGraph) -> dict[str, Any]:
        """The fields that every reply has; references beyond what a reply holds are counted."""
        known = list(dict.fromkeys(keys))
        told = [note for note in notes if note]
        if len(known) > REFERENCES:
            more = len(known) - REFERENCES
            told.append(f"{more} more references are named by key alone: cite has them in full.")
        if kg.ontology.overlays:
            told.append(_LAID)
        cited = [Cited(key, line(kg.library.get(key), key)) for key in known[:REFERENCES]]
        return {"graph": self.about(kg), "references": cited, "notes": told}
