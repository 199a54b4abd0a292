"""Answers to queries on pages: the cells that ``calcinosis query`` shows, with links."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from calcinosis import names
from calcinosis.errors import counted
from calcinosis.graph.results import LABEL, REFERENCES, SEPARATOR, Cell, Graph, Row, Table, plain
from calcinosis.output.markup import Markup, html_text, join, tag
from calcinosis.output.site.links import Links
from calcinosis.output.words.table import Show, columns, compact, once

MOST: Final = 2000
_PAGES: Final = (names.ASSOC, names.VIEWPOINT)


class Answers:
    """How answers are written: ``known`` are the IRIs that have pages, beside claims."""

    def __init__(self, links: Links, prefixes: Mapping[str, str], known: Container[str]) -> None:
        self._links = links
        self._show: Show = compact(prefixes)
        self._known = known

    def table(self, table: Table, caption: str, number: int = 0) -> Markup:
        """The rows, at most MOST of them, with what is to be said of their ``number`` in all."""
        shown = columns(table)
        if not table:
            return Markup()
        if not shown:
            return tag("p", counted(number or len(table), "row"), " without columns.")
        numbers = {name for name in shown if all(_is_number(row[name]) for row in table)}
        heads = (
            tag("th", head, scope="col", class_="number" if name in numbers else None)
            for name, head in shown.items()
        )
        body = (
            tag("tr", *self._cells(table, row, shown, numbers)) for row in table.solutions[:MOST]
        )
        return join(_framed(heads, body, caption), _more(number or len(table)))

    def triples(self, graph: Graph, caption: str, number: int = 0) -> Markup:
        """The triples of a graph as a table."""
        body = (
            tag("tr", *(tag("td", self.term(part), data_head=head) for head, part in _parts(one)))
            for one in graph.triples[:MOST]
        )
        heads = (tag("th", head, scope="col") for head in ("subject", "predicate", "object"))
        return join(_framed(heads, body, caption), _more(number or len(graph)))

    def term(self, term: Cell) -> Markup:
        """One term in the words of the command line, as a link where it has a page."""
        return self._linked(term, self._show(term))

    def words(self, term: Cell) -> str:
        """One term in the words of the command line."""
        return self._show(term)

    def _cells(
        self, table: Table, row: Row, shown: Mapping[str, str], numbers: Container[str]
    ) -> Iterator[Markup]:
        for name, head in shown.items():
            kind = "number" if name in numbers else None
            yield tag("td", self._cell(table, row, name), class_=kind, data_head=head)

    def _cell(self, table: Table, row: Row, name: str) -> Markup:
        term, of = row[name], name.removesuffix(LABEL)
        if of != name and of in table.columns:
            return self._linked(row[of], self._show(term))
        if name.endswith(REFERENCES) and isinstance(term, Literal) and term.value:
            keys = (self._linked(NamedNode(names.REF + key), key) for key in _keys(term))
            return _joined(list(keys))
        return self._linked(term, once(name, self._show(term)))

    def _linked(self, term: Cell, words: str) -> Markup:
        address = self.address(term)
        return tag("a", words, href=address) if address and words else html_text(words)

    def address(self, term: Cell) -> str:
        """Where a term leads to: a page of ours, an address of another; empty where to nothing."""
        if not isinstance(term, NamedNode):
            return ""
        iri = term.value
        if iri.startswith(names.CC):
            has_page = iri in self._known or iri.startswith(_PAGES)
            return self._links.of(iri) if has_page else ""
        return iri if iri.startswith(("http://", "https://")) else ""


def _parts(triple: object) -> Iterator[tuple[str, Cell]]:
    for name in ("subject", "predicate", "object"):
        yield name, getattr(triple, name)


def _keys(term: Literal) -> list[str]:
    return term.value.split(SEPARATOR)


def _joined(parts: list[Markup]) -> Markup:
    return join(*(join(SEPARATOR if number else "", part) for number, part in enumerate(parts)))


def _is_number(term: Cell) -> bool:
    return term is not None and isinstance(plain(term), int | float)


def _framed(heads: Iterable[Markup], rows: Iterable[Markup], caption: str) -> Markup:
    table = tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *rows),
        class_="stacked answer",
    )
    return tag("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)


def _more(number: int) -> Markup:
    if number <= MOST:
        return Markup()
    said = f"The first {MOST:,} of {number:,} are shown; the files have all."
    return tag("p", said, class_="message")
