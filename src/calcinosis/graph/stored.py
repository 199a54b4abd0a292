"""Queries over the named graphs of a store, as whoever wrote them may ask: guarded, and local.

A relative IRI in a query is one of ours: ``<Case>`` is ``calc:Case``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urljoin

from pyoxigraph import NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples, Store

from calcinosis.errors import UsageError, quoted
from calcinosis.graph import fault, guard

Found = QuerySolutions | QueryTriples | QueryBoolean
_OF_FILE: Final = re.compile(r"\bFROM\s+(?:NAMED\s+)?<\s*file:", re.IGNORECASE)
_LOCAL: Final = "Name a graph that is here"


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a request names for its query, by IRI; FROM in the query is then not asked.

    UsageError for what names no graph that could be here.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for iri in (*self.default, *self.named):
            node(iri)

    @property
    def nodes(self) -> dict[str, Any]:
        """Both as Oxigraph takes them; an empty list is no graph."""
        default, named = ([NamedNode(iri) for iri in one] for one in (self.default, self.named))
        return {"default_graph": default, "named_graphs": named}


def node(iri: str) -> NamedNode:
    """An IRI that names a graph; UsageError for what is none, and for files."""
    try:
        found = NamedNode(iri)
    except ValueError as error:
        raise UsageError("this is no absolute IRI", quoted(iri), _LOCAL) from error
    if iri.lower().startswith("file:"):
        raise _of_file(quoted(iri))
    return found


def _of_file(where: str) -> UsageError:
    return UsageError("files are not read for a query", where, _LOCAL)


class Stored:
    """A store and what may be asked of it; without FROM a query sees its graphs united."""

    is_united = True

    def __init__(self, store: Store, prefixes: Mapping[str, str]) -> None:
        self._store = store
        self.prefixes = dict(prefixes)

    @cached_property
    def _marks(self) -> tuple[tuple[str, str, str], ...]:
        """How the names with each prefix begin, the prefix, and what it stands for."""
        return tuple((f"{name}:", name, iri) for name, iri in self.prefixes.items())

    def _of_use(self, query: str) -> dict[str, str]:
        """The prefixes that can be meant in a query; to read all takes longer than to answer most.

        Behind an escape any can be.
        """
        if "\\" in query:
            return self.prefixes
        return {name: iri for mark, name, iri in self._marks if mark in query}

    def raw(self, query: str, dataset: Dataset | None = None) -> Found:
        """What Oxigraph answers.

        UsageError for a malformed query, which shows the place, and for one with SERVICE or of
        files: this engine asks nobody else. Queries of others are for
        ``calcinosis.graph.limited``: some take for ever, and some overflow the stack.
        """
        message = self._complaint(query)
        if message:
            raise fault.malformed(query, message, self.prefixes)
        try:
            return self._asked(query, dataset)
        except SyntaxError as error:
            raise fault.malformed(query, str(error.msg), self.prefixes) from error

    def _asked(self, query: str, dataset: Dataset | None) -> Found:
        store, default = self._place(query if dataset is None else f"{query} {dataset}")
        known: Any = {"prefixes": self._of_use(query), "base_iri": guard.BASE}
        if dataset is not None:
            return store.query(query, **dataset.nodes, **known)
        if guard.names_graphs(query, self.prefixes):
            if _OF_FILE.search(query):
                raise _of_file("query")
            return store.query(query, **known)
        if default is not None:
            return store.query(query, default_graph=default, **known)
        return store.query(query, use_default_graph_as_union=self.is_united, **known)

    def _place(self, text: str) -> tuple[Store, list[Any] | None]:
        """The store that such a query is about, and its default graph where it is no union."""
        del text
        return self._store, None

    def _complaint(self, query: str) -> str:
        """What Oxigraph says of a query that holds the word SERVICE, with the word hidden."""
        hidden = guard.hidden(query)
        return guard.complaint(hidden, self.prefixes) if hidden != query else ""

    def quads(self, graph: str = "") -> Iterable[Quad] | None:
        """What is in a graph, by its IRI, or in all of them; None for a graph that there is not."""
        if not graph:
            return self._place("")[0]
        one = node(urljoin(guard.BASE, graph))
        store, _ = self._place(one.value)
        if not store.contains_named_graph(one):
            return None
        return store.quads_for_pattern(None, None, None, one)
