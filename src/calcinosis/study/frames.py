"""Rows as a pandas.DataFrame, with the types of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from calcinosis.errors import MissingProgramError, to_install

if TYPE_CHECKING:
    from pandas import DataFrame


def frame(
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[str],
    categories: Mapping[str, Iterable[str]],
) -> DataFrame:
    """The rows; a column of ``categories`` may hold these alone, every other one holds strings.

    MissingProgramError if pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        cure = f"Install it: {to_install('notebook')}; or take wide() or tidy()"
        raise MissingProgramError("pandas is not installed", "frame", cure) from error
    found = pd.DataFrame(rows, columns=list(columns))
    kinds = {
        name: pd.CategoricalDtype(categories[name]) if name in categories else "string"
        for name in columns
    }
    return found.astype(kinds)
