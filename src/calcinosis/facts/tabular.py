"""What a table of cases is, as values: its file, how to read it, and by what. Reads nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from calcinosis.facts.vocabulary import Resolved, Vocabulary

if TYPE_CHECKING:
    from calcinosis.facts.headings import KindOf
    from calcinosis.facts.laboratory import Laboratory

WORKBOOKS: Final = (".xlsx", ".xlsm")
TEXTS: Final = (".csv", ".tsv")
STATISTICS: Final = (".sav", ".zsav", ".dta")
TABLES: Final = (*TEXTS, *WORKBOOKS, ".ods", *STATISTICS)


class Frame(Protocol):
    """A table in memory, as pandas and polars have it."""

    @property
    def columns(self) -> Any:
        """The names of the columns."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of cases and how to read it: ``path`` stands for itself wherever cases do.

    It may be a data frame in the place of a path. ``map`` is the file of a mapping, as
    ``calcinosis map`` writes it. ``visits`` says which of several rows of a patient counts:
    ``latest``, ``first`` or ``each``.
    """

    path: str | Path | Frame
    map: str | Path | None = None
    visits: str = ""

    @property
    def is_as_saved(self) -> bool:
        """Whether nothing is said of how to read it: then it is what its path is."""
        return not (self.map or self.visits)


@dataclass(frozen=True, slots=True)
class Known:
    """What tables are read by: the laboratory, and the kinds of the terms that words name."""

    laboratory: Callable[[], Laboratory]
    kind_of: KindOf


def kinds(vocabulary: Vocabulary) -> KindOf:
    """The kind of the term that a word names, by a vocabulary.

    It is empty where a part is not read, and of what is denied, doubted or another person's.
    """

    def kind_of(word: str) -> str:
        found = vocabulary.resolve(word, "condition", "")
        if not isinstance(found, Resolved) or found.unread or not found.said.is_plain:
            return ""
        return found.kind

    return kind_of
