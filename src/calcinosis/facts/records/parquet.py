"""Tables of Parquet as rows of text, by pyarrow (extra ``parquet``), a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from calcinosis.facts.boundary import foreign
from calcinosis.facts.records.kinds import no_parquet

_BATCH: Final = 1000
_CURE: Final = "Write it anew, or as CSV UTF-8"


def headings(path: Path) -> tuple[str, ...]:
    """The names of the columns; InputError where they cannot be read, or pyarrow is missing."""
    return tuple(_open(path).schema_arrow.names)


def rows(path: Path) -> Iterator[list[str]]:
    """The rows below the headings as text; what is missing is empty. Errors as for headings."""
    batches = _open(path).iter_batches(_BATCH)
    while True:
        with foreign("this table", str(path), _CURE):
            batch = next(batches, None)
            if batch is None:
                return
            columns = [column.to_pylist() for column in batch.columns]
        for cells in zip(*columns, strict=True):
            yield ["" if cell is None else str(cell) for cell in cells]


def _open(path: Path) -> Any:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise no_parquet(str(path)) from error
    with foreign("this table", str(path), _CURE):
        return parquet.ParquetFile(path)
