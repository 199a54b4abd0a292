"""What cases can be given as: paths and mappings, one or several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from calcinosis.errors import InputError, Problem, UsageError, quoted
from calcinosis.facts.case import Case
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.source import RawCase, raw_cases

Cases = str | Path | Mapping[str, Any] | Iterable[str | Path | Mapping[str, Any]]


def raw_of(source: Cases, laboratory: Callable[[], Laboratory]) -> Iterator[RawCase | InputError]:
    """The raw cases, in order; UsageError if ``source`` cannot hold cases."""
    if isinstance(source, str | Path):
        yield from raw_cases(str(source), laboratory)
    elif isinstance(source, Mapping):
        yield RawCase(source, "")
    elif not isinstance(source, Iterable):
        raise UsageError(
            f"{quoted(source)} holds no cases", "", "Give a path, a mapping, or several of them"
        )
    else:
        for number, value in enumerate(source):
            if isinstance(value, str | Path):
                yield from raw_cases(str(value), laboratory)
            else:
                yield RawCase(value, f"cases[{number}]")


def duplicate(case: Case) -> Problem:
    """The problem of an id that an earlier case has."""
    return Problem(
        f"the id {quoted(case.id)} was given to an earlier case",
        f"{case.where}, id",
        "Give each case its own id",
    )
