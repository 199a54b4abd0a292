"""How a table of cases is read, before it is: a mapping to look at and to mend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calcinosis.api.graph import KnowledgeGraph
from calcinosis.errors import InputError
from calcinosis.facts import mapping
from calcinosis.facts.columns import Columns
from calcinosis.facts.frame import no_mapping
from calcinosis.facts.source import long_cases_of, sheet_of
from calcinosis.facts.tables import map_of
from calcinosis.facts.tabular import Known, Sheet, kinds


def is_long(sheet: str | Path | Sheet) -> bool:
    """Whether a table has a statement a row, so that it needs no mapping."""
    return long_cases_of(sheet_of(sheet)) is not None


def sheet_map(kg: KnowledgeGraph, sheet: str | Path | Sheet) -> str:
    """How a table of cases is read, as the YAML that a ``Sheet`` takes as its ``map``.

    Each column with what it is taken for, why, and what its first cells give; and the words that
    were not understood, with how often. InputError for what is no table, or a long one.
    """
    known = Known(lambda: kg.laboratory, kinds(kg._vocabulary))
    found = sheet_of(sheet)
    if long_cases_of(found) is not None:
        raise no_mapping(str(found.path))
    return map_of(found, known)


def column_faults(kg: KnowledgeGraph, columns: Mapping[str, Any]) -> dict[str, InputError]:
    """What is wrong with single columns of a mapping, by their headings; empty where nothing is."""
    return mapping.column_faults(columns, Columns(kg.laboratory))
