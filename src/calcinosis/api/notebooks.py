"""What notebooks and pandas are shown: the rows of a look-up, the page of a term."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calcinosis.graph.claims import Reference
from calcinosis.graph.overlay import Overlay, in_words
from calcinosis.graph.query import PREFIXES
from calcinosis.graph.results import Answer, Graph, Table
from calcinosis.graph.search import Hit
from calcinosis.output.markup import markdown_text, tag
from calcinosis.output.words.verdicts import Style, plain

if TYPE_CHECKING:
    from calcinosis.graph.describe import Page
    from calcinosis.graph.viewpoints import Viewpoint


class Rows(Table):
    """The rows of a look-up or a SELECT query.

    ``rows()`` gives plain dicts, ``references()`` the keys of the references in it.
    """

    def _repr_html_(self) -> str:
        from calcinosis.output.words.table import compact, html

        return html(self, compact(PREFIXES))


@dataclass(frozen=True)
class TermPage:
    """All that the graph says of a term; as a string, text of 80 columns."""

    page: Page
    library: Mapping[str, Reference]
    laid: tuple[Overlay, ...] = ()

    def __repr__(self) -> str:
        return f"<TermPage {self.page.entry.label} ({self.page.entry.kind})>"

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int = 80, style: Style = plain) -> str:
        """The page as text of ``width`` columns."""
        from calcinosis.output.words import term

        found = term.text(self.page, self.library, width=width, style=style)
        return found + below(self.laid, width)

    def markdown(self) -> str:
        """The page as Markdown."""
        from calcinosis.output.words import term

        return term.markdown(self.page, self.library) + below(self.laid)

    def to_dict(self) -> dict[str, Any]:
        """The page as plain values."""
        from calcinosis.output.words import term

        return {**term.to_dict(self.page), **_with(self.laid)}

    def to_json(self) -> str:
        """The page as JSON text."""
        from calcinosis.output.words import term

        return term.to_json(self.page, _with(self.laid))

    _repr_markdown_ = markdown

    def _repr_html_(self) -> str:
        from calcinosis.output.pages.looked_up import term_part

        return term_part(self.page, self.library) + _laid(self.laid)


@dataclass(frozen=True)
class ViewpointsPage:
    """Viewpoints side by side, or what one says; as a string, text of 80 columns."""

    views: tuple[Viewpoint, ...]
    library: Mapping[str, Reference]
    laid: tuple[Overlay, ...] = ()

    def __repr__(self) -> str:
        return f"<ViewpointsPage {', '.join(view.name for view in self.views)}>"

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int = 80, style: Style = plain) -> str:
        """The page as text of ``width`` columns."""
        from calcinosis.output.words import viewpoints

        found = viewpoints.text(self.views, self.library, width=width, style=style)
        return found + below(self.laid, width)

    def markdown(self) -> str:
        """The page as Markdown."""
        from calcinosis.output.words import viewpoints

        return viewpoints.markdown(self.views, self.library) + below(self.laid)

    def to_dict(self) -> dict[str, Any]:
        """The viewpoints as plain values."""
        from calcinosis.output.words import viewpoints

        found = [viewpoints.to_dict(view) for view in self.views]
        return {"viewpoints": found, **_with(self.laid)}

    def to_json(self) -> str:
        """The viewpoints as JSON text."""
        from calcinosis.output.words import viewpoints

        return viewpoints.to_json(self.views, _with(self.laid))

    _repr_markdown_ = markdown

    def _repr_html_(self) -> str:
        from calcinosis.output.pages.looked_up import viewpoints_part

        return viewpoints_part(self.views) + _laid(self.laid)


class Hits(list[Hit]):
    """What a search found, best first."""

    def _repr_html_(self) -> str:
        from calcinosis.output.pages.looked_up import hits_part

        return hits_part(self)


class Triples(Graph):
    """The triples of a CONSTRUCT or DESCRIBE query."""

    def _repr_html_(self) -> str:
        from calcinosis.output.pages.looked_up import triples_part

        return triples_part(self)


def _laid(laid: Sequence[Overlay]) -> str:
    return tag("p", f"Told {in_words(laid)}.") if laid else ""


def below(laid: Sequence[Overlay], width: int = 0) -> str:
    """A last paragraph on what is laid over the release; empty where nothing is."""
    if not laid:
        return ""
    words = f"Told {in_words(laid)}."
    return "\n" + (textwrap.fill(words, width) if width else markdown_text(words)) + "\n"


def _with(laid: Sequence[Overlay]) -> dict[str, Any]:
    return {"with": [one.to_dict() for one in laid]} if laid else {}


def rows(table: Table) -> Rows:
    """A table as notebooks can show it."""
    return Rows(
        table.columns,
        table.solutions,
        table.beside,
        table.parameters,
        table.remark,
        table.note,
        table.laid,
    )


def for_notebooks(answer: Answer) -> Answer:
    """An answer whose rows notebooks can show."""
    if isinstance(answer, Table):
        return rows(answer)
    return Triples(answer.triples, answer.laid) if isinstance(answer, Graph) else answer
