"""Verdicts, and comparisons of verdicts, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import chain
from typing import IO, TYPE_CHECKING, Final

from calcinosis.facts.cells import guarded
from calcinosis.reasoning.verdict import COLUMNS, CaseVerdict

if TYPE_CHECKING:
    from calcinosis.study.compare import Comparison, Ranking


def write_csv(cases: Iterable[CaseVerdict], stream: IO[str], laid: str = "") -> None:
    """Write a row a case and subtype; text that looks like a formula is guarded.

    ``laid`` is what is laid over the release: a last column has it, if anything is.
    """
    more = {"with": laid} if laid else {}
    writer = csv.DictWriter(stream, (*COLUMNS, *more), lineterminator="\n")
    writer.writeheader()
    rows = chain.from_iterable(case.rows() for case in cases)
    for row in ({**row, **more} for row in rows):
        kept = {key: guarded(value) for key, value in row.items() if isinstance(value, str)}
        writer.writerow({**row, **kept})


_CHANGES: Final = (
    *("case", "subtype", "left", "right", "because", "references"),
    *("left_by", "right_by"),
)


def comparison_csv(found: Comparison, stream: IO[str]) -> None:
    """Write a row a verdict that changes."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_CHANGES)
    left, right = map(str, found.by)
    for change in found.changes:
        words = (link.words for reason in change.reasons for link in reason.links)
        facts = (str(given.fact) for reason in change.reasons for given in reason.facts)
        cited = (key for reason in change.reasons for key in reason.cited)
        writer.writerow(
            (
                guarded(change.case),
                change.subtype,
                change.left or "not defined",
                change.right or "not defined",
                "; ".join(dict.fromkeys((*words, *facts))),
                "; ".join(dict.fromkeys(cited)),
                left,
                right,
            )
        )


def ranking_csv(found: Ranking, stream: IO[str]) -> None:
    """Write a row a reference."""
    by = str(found.by)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("reference", "verdicts", "cases", "axioms", "by"))
    for weight in found:
        writer.writerow((weight.reference, len(weight.changes), weight.cases, weight.axioms, by))
