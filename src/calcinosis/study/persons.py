"""Several rows of one patient put together, so that what is counted is patients.

An interval of a share holds of what is independent, as patients are and visits of one are not. Of
the rows of a patient the one that says most counts: what follows at one visit follows in the
patient, and what is ruled out is so at every visit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from calcinosis.facts.case import Sex
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    PRESUMED,
    REFUTED,
    UNDETERMINED,
    Standing,
    Status,
)
from calcinosis.study.cohort import Need, Patient

LEADING: Final[tuple[Standing, ...]] = (ENTAILED, PRESUMED, CONFLICTING, UNDETERMINED, REFUTED)
"""The standings, that which says most first."""
_STATUSES: Final[tuple[Status, ...]] = ("met", "conflicting", "unknown", "violated")
_PRESENCES: Final = ("present", "unknown", "absent")
HOW: Final = (
    "Counted are patients: of several rows of one, by subtype, that which says most. What "
    "follows in any follows; ruled out is what is so in all."
)
"""What a summary says where there are more rows than patients."""
_T = TypeVar("_T")


def persons(rows: Iterable[Patient], subtypes: Iterable[str]) -> tuple[Patient, ...]:
    """The patients of these rows, in the order in which they first come.

    ``subtypes`` are the ids of the cohort's subtypes, in order.
    """
    ids = tuple(subtypes)
    found: dict[str | int, list[Patient]] = {}
    for number, row in enumerate(rows):
        found.setdefault(row.person or number, []).append(row)
    return tuple(together(same, ids) if len(same) > 1 else same[0] for same in found.values())


def together(rows: Sequence[Patient], subtypes: Sequence[str]) -> Patient:
    """One patient of his or her rows: by subtype and criterion that which says most."""
    standings = tuple(
        min(found, key=LEADING.index)
        for found in zip(*(row.standings for row in rows), strict=True)
    )
    pairs = zip(subtypes, standings, strict=True)
    still = {one for one, standing in pairs if standing in (PRESUMED, UNDETERMINED)}
    leading = min(rows, key=lambda row: min(map(LEADING.index, row.standings)))
    return replace(
        rows[0],
        calcinosis=min((row.calcinosis for row in rows), key=_PRESENCES.index),
        sex=_sex(rows),
        age_days=next((row.age_days for row in rows if row.age_days is not None), None),
        conditions=_each(row.conditions for row in rows),
        standings=standings,
        criteria=tuple(
            min(found, key=_STATUSES.index)
            for found in zip(*(row.criteria for row in rows), strict=True)
        ),
        needs=_needs(rows, still),
        not_understood=_each(row.not_understood for row in rows),
        not_interpreted=_each(row.not_interpreted for row in rows),
        flags=_each(row.flags for row in rows),
        why=leading.why,
    )


def _sex(rows: Sequence[Patient]) -> Sex | None:
    """The sex that the rows tell: unknown where they contradict each other."""
    told = {row.sex for row in rows if row.sex is not None}
    known = told - {"unknown"}
    if len(known) == 1:
        return known.pop()
    return "unknown" if told else None


def _needs(rows: Sequence[Patient], still: set[str]) -> dict[str, tuple[Need, ...]]:
    """What the subtypes ``still`` open need, each by the row that needs least."""
    least: dict[str, tuple[Need, ...]] = {}
    for row in rows:
        for subtype in still.intersection(row.needs):
            known, needs = least.get(subtype), row.needs[subtype]
            least[subtype] = needs if known is None else min(known, needs, key=len)
    return {subtype: least[subtype] for subtype in sorted(least)}


def _each(found: Iterable[tuple[_T, ...]]) -> tuple[_T, ...]:
    """The members of all, each once."""
    return tuple(dict.fromkeys(one for some in found for one in some))
