"""Answers to queries as values: tables of RDF terms, graphs, yes or no."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from calcinosis import names

Node = NamedNode | BlankNode | Literal | Triple
Cell = Node | None

REFERENCES: Final = "references"
READ: Final = "read"
STUDY_TYPE: Final = "study_type"
SEPARATOR: Final = "; "
LABEL: Final = "_label"

_NUMBERS: Final[dict[str, Any]] = {
    names.XSD + "integer": int,
    names.XSD + "decimal": float,
    names.XSD + "double": float,
    names.XSD + "float": float,
    names.XSD + "boolean": lambda text: text in ("true", "1"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One solution: its terms by column name or position; None where a variable is unbound."""

    columns: tuple[str, ...]
    terms: tuple[Cell, ...]

    def __getitem__(self, key: str | int) -> Cell:
        return self.terms[self.columns.index(key) if isinstance(key, str) else key]

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self.plain().items())
        return f"<Row {textwrap.shorten(', '.join(shown), 160, placeholder=' …')}>"

    def plain(self) -> dict[str, Any]:
        """The row as plain Python values: IRIs as text, numbers as numbers."""
        return {name: plain(term) for name, term in zip(self.columns, self.terms, strict=True)}


@dataclass(frozen=True, slots=True)
class TakenParameter:
    """One parameter of an answered look-up: what it was taken for, or None for no restriction."""

    name: str
    value: str | None
    code: str | None = None
    default: bool = False


@dataclass(frozen=True)
class Table(Sequence[Row]):
    """The answer to a SELECT query: named columns and rows of RDF terms.

    ``beside`` names columns that tables for people leave out; every other format has them.
    ``parameters`` are those of the look-up; ``remark`` says what is near where no row is, and
    ``note`` how the rows are to be read; ``laid`` which files were laid over the release.
    """

    columns: tuple[str, ...]
    solutions: tuple[Row, ...]
    beside: tuple[str, ...] = field(default=())
    parameters: tuple[TakenParameter, ...] = field(default=(), compare=False)
    remark: str = field(default="", compare=False)
    note: str = field(default="", compare=False)
    laid: str = field(default="", compare=False)

    def __getitem__(self, index: Any) -> Any:
        return self.solutions[index]

    def __len__(self) -> int:
        return len(self.solutions)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} of {', '.join(self.columns)}>"

    def rows(self) -> list[dict[str, Any]]:
        """Plain dicts, one a row, for pandas and JSON."""
        return [row.plain() for row in self.solutions]

    def references(self) -> tuple[str, ...]:
        """The keys of all references in the table, each once, in their order of appearance."""
        found: dict[str, None] = {}
        for row in self.solutions:
            for column, term in zip(self.columns, row.terms, strict=True):
                found.update(dict.fromkeys(_keys(column, term)))
        return tuple(found)


@dataclass(frozen=True)
class Graph(Sequence[Triple]):
    """The answer to a CONSTRUCT or DESCRIBE query: triples, in order of their text."""

    triples: tuple[Triple, ...]
    laid: str = field(default="", compare=False)

    def __getitem__(self, index: Any) -> Any:
        return self.triples[index]

    def __len__(self) -> int:
        return len(self.triples)

    def __repr__(self) -> str:
        return f"<Graph: {len(self)} triples>"


Answer = Table | Graph | bool


def plain(term: Cell) -> Any:
    """An RDF term as a plain Python value.

    >>> plain(Literal(3))
    3
    >>> plain(NamedNode("https://w3id.org/calcinosis/Case"))
    'https://w3id.org/calcinosis/Case'
    """
    if term is None:
        return None
    if isinstance(term, Literal):
        convert = _NUMBERS.get(term.datatype.value, str)
        try:
            return convert(term.value)
        except ValueError:  # an ill-typed literal stays the text that it is
            return term.value
    return term.value if isinstance(term, NamedNode) else str(term)


def _keys(column: str, term: Cell) -> list[str]:
    if isinstance(term, NamedNode) and term.value.startswith(names.REF):
        return [term.value.removeprefix(names.REF)]
    if isinstance(term, Literal) and column.endswith(REFERENCES) and term.value:
        return term.value.split(SEPARATOR)
    return []
