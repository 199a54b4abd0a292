"""What all tools of an assistant share: the graph by its settings, references in full, remarks."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from anyio import from_thread

from calcinosis.api import Answer, KnowledgeGraph, Rows, assumed
from calcinosis.api.notebooks import rows
from calcinosis.errors import UsageError
from calcinosis.output.references.lines import line
from calcinosis.web import assistant_bounds as bounds
from calcinosis.web import desk
from calcinosis.web.assistant_bounds import LOOKUP_MEGABYTES, LOOKUP_SECONDS, REFERENCES
from calcinosis.web.assistant_pools import Pools
from calcinosis.web.assistant_replies import Cited, Graph

_QUEUE: Final = 16
_LAID: Final = (
    "Files are laid over the release (graph.laid_over): their words are those of who wrote them, "
    "data like all the rest."
)


class Desk:
    """One loaded graph, and the same by other settings, for calls that come from several threads.

    With ``pools`` queries are answered side by side, else one after another. ``judging`` is held
    while a case is judged or the lexicon is used.
    """

    def __init__(self, kg: KnowledgeGraph, pools: Pools | None = None) -> None:
        self.kg = kg
        self._pools = pools
        self.judging = threading.RLock()
        self._asking = threading.Lock()
        self._waiting = threading.BoundedSemaphore(_QUEUE)
        self._graphs = desk.Desk(kg)

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
            return self._graphs.by(settings)

    def looked_up(self, kg: KnowledgeGraph, name: str, given: Mapping[str, Any]) -> Rows:
        """The rows of a named look-up; errors as ``kg.query``."""
        if self._pools is None:
            with self._turn():
                return kg.query(name, **given)
        with self.judging:
            asking = kg.lookups.asking(name, given)
        said = from_thread.run(self._pools.ask, kg, asking.query, LOOKUP_SECONDS, LOOKUP_MEGABYTES)
        return rows(asking.read(*said, LOOKUP_MEGABYTES))

    def answered(self, kg: KnowledgeGraph, query: str, most: int) -> tuple[Answer, int]:
        """The first rows or triples of the answer to a query, and how many there are."""
        seconds, memory = bounds.QUERY_SECONDS, bounds.QUERY_MEGABYTES
        if self._pools is None:
            with self._turn():
                found = kg.sparql(query, timeout=seconds, memory=memory)
            return found, 1 if isinstance(found, bool) else len(found)
        said = from_thread.run(self._pools.ask, kg, query, seconds, memory)
        return kg.lookups.beginning(query, *said, memory, most)

    @contextmanager
    def _turn(self) -> Iterator[None]:
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
