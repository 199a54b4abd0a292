"""Rows as Parquet, a few thousand at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import IO, Any, Final

from calcinosis.errors import MissingProgramError, to_install
from calcinosis.output.sheets.cohort import shaped
from calcinosis.reasoning.verdict import COLUMNS, CaseVerdict
from calcinosis.study.patients import Defined

_AT_ONCE: Final = 10_000


def write_parquet(
    cases: Iterable[CaseVerdict],
    defined: Iterable[Defined],
    shape: str,
    stream: IO[bytes],
    head: Mapping[str, Any],
) -> None:
    """Write verdicts in a ``shape``, long, wide or tidy, as text; empty text is a missing value.

    ``defined`` are the viewpoint's subtypes. ``head`` says what was run: it stands as JSON under
    ``calcinosis`` in the file's own metadata. MissingProgramError without pyarrow.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        what = "Parquet needs pyarrow, which is not installed"
        cure = f"Install it: {to_install('parquet')}; or write -f csv"
        raise MissingProgramError(what, "-f parquet", cure) from error
    told = {"calcinosis": json.dumps(head, ensure_ascii=False)}
    columns, rows = _long(cases) if shape == "long" else shaped(cases, defined, shape)
    schema = pyarrow.schema([(name, pyarrow.string()) for name in columns], metadata=told)
    with parquet.ParquetWriter(stream, schema) as writer:
        while some := list(islice(rows, _AT_ONCE)):
            texts = {name: [row[name] or None for row in some] for name in columns}
            writer.write_table(pyarrow.table(texts, schema=schema))


def _long(cases: Iterable[CaseVerdict]) -> tuple[tuple[str, ...], Iterator[dict[str, Any]]]:
    return COLUMNS, chain.from_iterable(case.rows() for case in cases)
