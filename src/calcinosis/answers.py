"""What the graph answers, as notebooks and pandas take it: rows, and the page of a term."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calcinosis.graph.claims import Reference
from calcinosis.graph.describe import Page
from calcinosis.graph.query import PREFIXES
from calcinosis.graph.results import Answer, Table


class Rows(Table):
    """The rows of a look-up or a SELECT query.

    ``rows()`` gives plain dicts, ``references()`` the keys of the references in it.
    """

    def _repr_html_(self) -> str:
        from calcinosis.render.table import compact, html

        return html(self, compact(PREFIXES))


@dataclass(frozen=True)
class TermPage:
    """All that the graph says of a term; as a string, text of 80 columns."""

    page: Page
    library: Mapping[str, Reference]

    def __str__(self) -> str:
        from calcinosis.render.term import text

        return text(self.page, self.library)

    def to_dict(self) -> dict[str, Any]:
        """The page as plain values."""
        from calcinosis.render.term import as_dict

        return as_dict(self.page)

    def _repr_markdown_(self) -> str:
        from calcinosis.render.term import markdown

        return markdown(self.page, self.library)


def rows(table: Table) -> Rows:
    """A table as notebooks can show it."""
    return Rows(table.columns, table.solutions, table.beside, table.asked, table.remark, table.note)


def shown(answer: Answer) -> Answer:
    """An answer whose rows notebooks can show."""
    if isinstance(answer, Table):
        return rows(answer)
    return answer
