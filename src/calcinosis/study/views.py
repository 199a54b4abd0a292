"""The same patients under several viewpoints, and with nothing read into names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calcinosis.study.cohort import SubtypeCounts
from calcinosis.study.intervals import Share


@dataclass(frozen=True, slots=True)
class View:
    """What the patients come to under one viewpoint.

    ``take`` is whether names are taken at their word. What is presumed is counted apart, so that
    without presuming it is open. ``following`` and ``presumed`` are as of a cohort.
    """

    viewpoint: str
    label: str
    take: bool
    following: Share
    presumed: Share
    subtypes: tuple[SubtypeCounts, ...]

    def to_dict(self) -> dict[str, Any]:
        """The view as plain values."""
        return {
            "viewpoint": self.viewpoint,
            "label": self.label,
            "take": self.take,
            "following": self.following.estimate(),
            "presumed": self.presumed.estimate(),
            "subtypes": [one.to_dict() for one in self.subtypes],
        }


@dataclass(frozen=True, slots=True)
class Views:
    """Views of the same patients, two a viewpoint."""

    views: tuple[View, ...]

    def to_dict(self) -> dict[str, Any]:
        """The views as plain values."""
        return {"views": [view.to_dict() for view in self.views]}
