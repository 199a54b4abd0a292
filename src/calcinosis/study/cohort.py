"""Many patients as one value: what they come to, what is missing, and what would settle most.

It is counted in one pass over verdicts, none of which is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, get_args

from calcinosis.errors import UsageError, counted
from calcinosis.facts.case import Presence, Sex
from calcinosis.reasoning.verdict import (
    ENTAILED,
    IN_WORDS,
    PRESUMED,
    STANDINGS,
    Standing,
    Status,
)
from calcinosis.study.intervals import RULE, Share

if TYPE_CHECKING:
    from pandas import DataFrame

_LIST_END: Final = "; "
WIDE: Final = ("patient", "calcinosis", "conditions")
"""The first columns of a wide row; the subtypes' labels follow."""
WIDE_END: Final = ("why", "would_settle", "not_understood", "not_interpreted", "flags")
TIDY: Final = (
    *("patient", "subtype", "label", "standing", "verdict", "would_settle"),
    "not_understood",
)


_SHAPES: Final = ("wide", "tidy")


def people(patients: int, rows: int) -> str:
    """How many patients, and of how many rows if these are more.

    >>> people(40, 42), people(1, 1)
    ('42 rows of 40 patients', '1 patient')
    """
    told = counted(patients, "patient")
    return told if rows == patients else f"{rows:,} rows of {told}"


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be found out of a patient so that a subtype follows.

    ``lacks`` says what a value lacks that is given already, such as its unit; empty where nothing
    is given.
    """

    asks: str
    lacks: str = ""

    def __str__(self) -> str:
        return f"{self.asks} (lacks {self.lacks})" if self.lacks else self.asks


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient as the tables show him or her.

    ``standings`` are in the order of the cohort's subtypes, ``criteria`` in that of its criteria;
    ``needs`` has the ids of open subtypes whose cause is known, with all that each still needs.
    ``conditions`` are the labels of what is asserted, ``not_understood`` and ``not_interpreted``
    what stood there. ``why`` says in a few words why nothing follows (of a presumption, what it
    hangs on), and is empty where something does. ``person`` names who it is where each of several
    rows is a case, and is empty elsewhere. ``causes`` are the possible causes that are present, by
    the ids of open subtypes that have any.
    """

    id: str
    calcinosis: Presence
    sex: Sex | None
    age_days: float | None
    conditions: tuple[str, ...]
    standings: tuple[Standing, ...]
    criteria: tuple[Status, ...]
    needs: Mapping[str, tuple[Need, ...]]
    not_understood: tuple[str, ...]
    not_interpreted: tuple[str, ...]
    flags: tuple[str, ...]
    why: str
    person: str = ""
    causes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Patient {self.id}: {', '.join(self.standings)}>"

    @property
    def asks(self) -> tuple[str, ...]:
        """What would settle the open subtypes whose cause is known, in words, each once."""
        return tuple(dict.fromkeys(str(need) for found in self.needs.values() for need in found))

    def wide(self, labels: Iterable[str]) -> dict[str, str]:
        """The patient as a row in words; ``labels`` are those of the subtypes, in order."""
        verdicts = (IN_WORDS[standing] for standing in self.standings)
        return {
            "patient": self.id,
            "calcinosis": self.calcinosis,
            "conditions": _LIST_END.join(self.conditions),
            **dict(zip(labels, verdicts, strict=True)),
            "why": self.why,
            "would_settle": _LIST_END.join(self.asks),
            "not_understood": _LIST_END.join(self.not_understood),
            "not_interpreted": _LIST_END.join(self.not_interpreted),
            "flags": _LIST_END.join(self.flags),
        }

    def tidy(self, labels: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """A row a subtype, with the keys TIDY; ``labels`` are those of the subtypes by id."""
        for (subtype, label), standing in zip(labels.items(), self.standings, strict=True):
            yield {
                "patient": self.id,
                "subtype": subtype,
                "label": label,
                "standing": standing,
                "verdict": IN_WORDS[standing],
                "would_settle": _LIST_END.join(map(str, self.needs.get(subtype, ()))),
                "not_understood": _LIST_END.join(self.not_understood),
            }


@dataclass(frozen=True, slots=True)
class SubtypeCounts:
    """How many patients have which standing of one subtype; every standing is there."""

    id: str
    label: str
    standings: Mapping[Standing, Share]

    def __repr__(self) -> str:
        return f"<SubtypeCounts {self.label}>"

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON holds them."""
        found = {standing: share.estimate() for standing, share in self.standings.items()}
        return {"id": self.id, "label": self.label, "standings": found}


@dataclass(frozen=True, slots=True)
class ConditionCounts:
    """The patients in whom a condition is asserted, and what the subtypes come to in these.

    ``subtypes`` are in the order of the cohort's, each with the counts that are not 0.
    """

    iri: str
    label: str
    patients: int
    subtypes: tuple[Mapping[Standing, int], ...]

    def __repr__(self) -> str:
        return f"<ConditionCounts {self.label}>"

    def to_dict(self, ids: tuple[str, ...]) -> dict[str, Any]:
        """The counts as JSON holds them; ``ids`` are those of the subtypes."""
        counts = {one: dict(found) for one, found in zip(ids, self.subtypes, strict=True)}
        return {
            "iri": self.iri,
            "label": self.label,
            "patients": self.patients,
            "subtypes": counts,
        }


@dataclass(frozen=True, slots=True)
class CriterionCounts:
    """In how many patients a criterion is met, violated, unknown or conflicting."""

    id: str
    label: str
    statuses: Mapping[Status, int]

    def __repr__(self) -> str:
        return f"<CriterionCounts {self.label}>"

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON holds them."""
        return {"id": self.id, "label": self.label, "statuses": dict(self.statuses)}


@dataclass(frozen=True, slots=True)
class Missing:
    """A test or fact that open subtypes with a known cause still need.

    ``patients`` need it, in ``given`` of them a value is there that cannot be used as it stands;
    in ``alone`` nothing else is needed for a subtype, so that it settles one whatever it shows.
    """

    asks: str
    patients: int
    given: int
    alone: int

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON holds them."""
        return {
            "asks": self.asks,
            "patients": self.patients,
            "given": self.given,
            "alone": self.alone,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """What to find out next, and in how many patients a subtype is ``settled`` with it so far.

    Settled is an open subtype with a known cause of which nothing is needed any more: it follows
    or is ruled out, whatever was found. ``of`` are the patients who have such a subtype.
    """

    asks: str
    settled: int
    of: int

    def to_dict(self) -> dict[str, Any]:
        """The step as JSON holds it."""
        return {"asks": self.asks, "settled": self.settled, "of": self.of}


@dataclass(frozen=True, slots=True)
class Unread:
    """A word that was not understood, or a kind of value that was not interpreted.

    ``what`` is the word, or the test without its value; ``blocks`` is what a word holds back in any
    patient: ids of subtypes, ``names``, ``work-up`` and ``presumption``.
    """

    what: str
    reason: str
    patients: int
    suggestions: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The word as JSON holds it."""
        return {
            "what": self.what,
            "reason": self.reason,
            "patients": self.patients,
            "suggestions": list(self.suggestions),
            "blocks": list(self.blocks),
        }


@dataclass(frozen=True, slots=True)
class First:
    """What to mend first, for a look at the chart or the sheet mends it: no test is needed.

    ``patients`` have it, ``tests`` says of which tests and in how many patients, if of any.
    """

    what: str
    patients: int
    cure: str
    tests: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        tests = ", ".join(f"{test} {count}" for test, count in self.tests)
        return f"{self.what}{f' ({tests})' if tests else ''}. {self.cure}"

    def to_dict(self) -> dict[str, Any]:
        """What to mend as JSON holds it."""
        tests = [{"what": test, "patients": count} for test, count in self.tests]
        return {"what": self.what, "patients": self.patients, "cure": self.cure, "tests": tests}


@dataclass(frozen=True, slots=True)
class Flagged:
    """A note on a subtype, and how many patients have it."""

    words: str
    subtype: str
    label: str
    patients: int

    def to_dict(self) -> dict[str, Any]:
        """The note as JSON holds it."""
        return {
            "words": self.words,
            "subtype": self.subtype,
            "label": self.label,
            "patients": self.patients,
        }


@dataclass(frozen=True, slots=True)
class Contradictory:
    """A patient whose facts cannot hold together: two sides, in words, if two could be named.

    ``repairs`` is in how many ways the rest can hold; None where there are too many.
    """

    id: str
    sides: tuple[tuple[str, ...], tuple[str, ...]] | None
    repairs: int | None

    def to_dict(self) -> dict[str, Any]:
        """The contradiction as JSON holds it."""
        sides = None if self.sides is None else [list(side) for side in self.sides]
        return {"id": self.id, "sides": sides, "repairs": self.repairs}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An input that was refused: where, what was wrong, and the cure."""

    where: str
    what: str
    cure: str

    def to_dict(self) -> dict[str, str]:
        """The refusal as JSON holds it."""
        return {"where": self.where, "what": self.what, "cure": self.cure}


@dataclass(frozen=True, slots=True)
class Cohort:
    """What a run of patients comes to. ``Tally`` makes it.

    ``subtypes`` are in the viewpoint's order; conditions, what is missing, words and notes by how
    many patients they concern, most first. ``plan`` names one test or fact after another, each
    time the one that settles most patients, among equals the one that most need. ``nothing``
    counts the patients of whom nothing follows and nothing is presumed, by why. A refused input
    is no patient.

    ``first`` is what to mend before anything else: numbers without a unit, deposits not stated.
    ``rows`` are the cases as the tables show them. All counts are of ``patients``: where several
    rows are of one patient, these stand together as ``study.persons`` says, for an interval
    holds of what is independent.
    """

    patients: tuple[Patient, ...]
    rows: tuple[Patient, ...]
    subtypes: tuple[SubtypeCounts, ...]
    conditions: tuple[ConditionCounts, ...]
    criteria: tuple[CriterionCounts, ...]
    missing: tuple[Missing, ...]
    plan: tuple[Step, ...]
    nothing: Mapping[str, int]
    not_understood: tuple[Unread, ...]
    not_interpreted: tuple[Unread, ...]
    flags: tuple[Flagged, ...]
    contradictory: tuple[Contradictory, ...]
    refused: tuple[Refusal, ...]
    first: tuple[First, ...] = ()

    def __len__(self) -> int:
        return len(self.patients)

    @property
    def people(self) -> str:
        """How many patients, in words, and of how many rows if these are more."""
        return people(len(self), len(self.rows))

    @property
    def following(self) -> Share:
        """The patients of whom at least one subtype follows."""
        return self._counted(sum(ENTAILED in p.standings for p in self.patients))

    @property
    def presumed(self) -> Share:
        """The patients of whom no subtype follows and at least one is presumed."""
        found = (p.standings for p in self.patients if PRESUMED in p.standings)
        return self._counted(sum(ENTAILED not in standings for standings in found))

    def _counted(self, count: int) -> Share:
        return Share(count, len(self))

    def wide(self) -> list[dict[str, str]]:
        """One dict a row, in words: the columns WIDE, each subtype by its label, WIDE_END."""
        labels = [subtype.label for subtype in self.subtypes]
        return [row.wide(labels) for row in self.rows]

    def tidy(self) -> list[dict[str, str]]:
        """One dict a row and subtype, with the keys TIDY: codes, and beside them words."""
        labels = {subtype.id: subtype.label for subtype in self.subtypes}
        return [told for row in self.rows for told in row.tidy(labels)]

    def frame(self, shape: str = "wide") -> DataFrame:
        """``wide`` or ``tidy`` as a pandas.DataFrame: verdicts are categories, texts strings.

        MissingProgramError if pandas is not installed, UsageError for another shape.
        """
        from calcinosis.study.frames import frame

        if shape not in _SHAPES:
            known = f"Known: {', '.join(_SHAPES)}"
            raise UsageError(f"there is no shape {shape!r}", "shape", known)
        labels = [subtype.label for subtype in self.subtypes]
        verdicts = [IN_WORDS[one] for one in STANDINGS]
        categories: dict[str, Iterable[str]] = {
            **dict.fromkeys((*labels, "verdict"), verdicts),
            "calcinosis": get_args(Presence),
            "standing": STANDINGS,
            "subtype": [subtype.id for subtype in self.subtypes],
            "label": labels,
        }
        if shape == "wide":
            return frame(self.wide(), (*WIDE, *labels, *WIDE_END), categories)
        return frame(self.tidy(), TIDY, categories)

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain values, without the patients, whom ``wide`` and ``tidy`` give."""
        ids = tuple(subtype.id for subtype in self.subtypes)
        return {
            "patients": len(self),
            "rows": len(self.rows),
            "intervals": RULE,
            "first": [one.to_dict() for one in self.first],
            "following": self.following.estimate(),
            "presumed": self.presumed.estimate(),
            "nothing": dict(self.nothing),
            "subtypes": [one.to_dict() for one in self.subtypes],
            "conditions": [one.to_dict(ids) for one in self.conditions],
            "criteria": [one.to_dict() for one in self.criteria],
            "missing": [one.to_dict() for one in self.missing],
            "plan": [one.to_dict() for one in self.plan],
            "not_understood": [one.to_dict() for one in self.not_understood],
            "not_interpreted": [one.to_dict() for one in self.not_interpreted],
            "flags": [one.to_dict() for one in self.flags],
            "contradictory": [one.to_dict() for one in self.contradictory],
            "refused": [one.to_dict() for one in self.refused],
        }

    def __repr__(self) -> str:
        counts = f"{self.people}, {len(self.refused)} refused"
        return f"<Cohort: {counts}, a subtype follows in {self.following.count}>"
