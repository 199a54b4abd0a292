"""One tree of errors; each says what was wrong, where, and the cure.

::

    CalcinosisError
    ├── UsageError            exit 2   the call does not fit (unknown viewpoint …)
    ├── InputError            exit 3   a case file, or one of its cases, is refused
    │   └── CaseError                  one case, with all its problems
    ├── OntologyError         exit 3   a module is broken or outside the fragment
    └── MissingProgramError   exit 4   a needed program or service is not there
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in an input: what is wrong, where it stands, and the cure."""

    what: str
    where: str
    cure: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.cure}"


class CalcinosisError(Exception):
    """Base of all errors that a user can cure."""

    exit_code = 2

    def __init__(self, what: str, where: str = "", cure: str = "") -> None:
        self.what = what
        self.where = where
        self.cure = cure
        head = f"{where}: {what}" if where else what
        super().__init__(f"{head}. {cure}" if cure else f"{head}.")


class UsageError(CalcinosisError):
    """The call does not fit the program: an unknown viewpoint, a missing file name."""


class InputError(CalcinosisError):
    """A whole input could not be read."""

    exit_code = 3


class CaseError(InputError):
    """One case was refused; ``problems`` holds every fault that was found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.what, first.where, first.cure)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class OntologyError(CalcinosisError):
    """An ontology module cannot be read, or holds what the classifier does not accept."""

    exit_code = 3


class MissingProgramError(CalcinosisError):
    """A program or service that this call needs is not on this machine."""

    exit_code = 4
