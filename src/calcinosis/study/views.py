"""The same patients under several viewpoints, and with nothing read into names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from calcinosis.reasoning.verdict import IN_WORDS, Standing
from calcinosis.study.cohort import SubtypeCounts
from calcinosis.study.intervals import Share

TIDY: Final = ("patient", "subtype", "label", "viewpoint", "names", "standing", "verdict")


@dataclass(frozen=True, slots=True)
class View:
    """What the patients come to under one viewpoint.

    ``take`` is whether names are taken at their word. What is presumed is counted apart, so that
    without presuming it is open. ``following`` and ``presumed`` are as of a cohort. ``patients``
    has the standings of each patient by id, in the order of ``subtypes``.
    """

    viewpoint: str
    label: str
    take: bool
    following: Share
    presumed: Share
    subtypes: tuple[SubtypeCounts, ...]
    patients: Mapping[str, tuple[Standing, ...]]

    @property
    def names(self) -> str:
        """Whether names are taken, in words."""
        return "taken" if self.take else "not taken"

    def to_dict(self) -> dict[str, Any]:
        """The view as plain values, without the patients."""
        return {
            "viewpoint": self.viewpoint,
            "label": self.label,
            "take": self.take,
            "following": self.following.estimate(),
            "presumed": self.presumed.estimate(),
            "subtypes": [one.to_dict() for one in self.subtypes],
        }

    def standings(self, patient: str) -> dict[str, Standing]:
        """The standings of one patient by the ids of subtypes; empty where there is none such."""
        ids = [one.id for one in self.subtypes]
        return dict(zip(ids, self.patients.get(patient, ()), strict=False))


@dataclass(frozen=True, slots=True)
class Differing:
    """A patient and subtype of which not every view says the same.

    ``standings`` are in the order of the views; None where a viewpoint has no such subtype.
    """

    patient: str
    subtype: str
    label: str
    standings: tuple[Standing | None, ...]

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain values."""
        return {
            "patient": self.patient,
            "subtype": self.subtype,
            "label": self.label,
            "standings": list(self.standings),
        }


@dataclass(frozen=True, slots=True)
class Views:
    """Views of the same patients, two a viewpoint."""

    views: tuple[View, ...]

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the subtypes of any viewpoint by id."""
        return {one.id: one.label for view in self.views for one in view.subtypes}

    def verdicts(self) -> Iterator[Differing]:
        """Each patient and subtype with the standings under all views, also where these agree."""
        labels = self.labels
        for patient in dict.fromkeys(one for view in self.views for one in view.patients):
            told = [view.standings(patient) for view in self.views]
            for subtype, label in labels.items():
                standings = tuple(found.get(subtype) for found in told)
                yield Differing(patient, subtype, label, standings)

    def tidy(self) -> Iterator[dict[str, str]]:
        """One dict a patient, subtype and view, with the keys TIDY: codes, and words."""
        for one in self.verdicts():
            for view, standing in zip(self.views, one.standings, strict=True):
                if standing is not None:
                    named = one.patient, one.subtype, one.label, view.viewpoint, view.names
                    yield dict(zip(TIDY, (*named, standing, IN_WORDS[standing]), strict=True))

    def differing(self) -> tuple[Differing, ...]:
        """The patients and subtypes of which the views say different things."""
        return tuple(one for one in self.verdicts() if len({*one.standings} - {None}) > 1)

    def to_dict(self) -> dict[str, Any]:
        """The views as plain values, and where they differ."""
        return {
            "views": [view.to_dict() for view in self.views],
            "differing": [one.to_dict() for one in self.differing()],
        }
