"""One patient of a document as a raw case, and the case that it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from calcinosis.errors import CaseError, Problem
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.stated import Measured, Stated

if TYPE_CHECKING:
    from calcinosis.facts.read import Reader

_PLACED: Final = (
    "facts", "workup", "set_aside", "uninterpreted", "not_understood", "read_as",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record(RawCase):
    """A patient as a raw case; ``value`` holds the id and what else is plain, such as the age.

    ``remarks`` are on what gives no fact, ``document`` is what it was read from, as it came.
    """

    stated: tuple[Stated, ...] = ()
    measured: tuple[Measured, ...] = ()
    remarks: tuple[Remark, ...] = ()
    document: object = field(default=None, compare=False, repr=False)

    def read(self, reader: Reader, known: Sequence[Problem] = ()) -> Case:
        """The case, each place in it one of the document; CaseError if it is refused."""
        from calcinosis.facts.records.settled import contradictions, settled

        head = self.value if isinstance(self.value, dict) else {}
        found = settled(head, self.stated, self.measured, reader)
        try:
            case = reader.read(found.case, self.where)
        except CaseError as error:
            known = [*(_located(one, found.places) for one in error.problems), *known]
        if known:
            raise self.refusal(known)
        placed = {name: _all_placed(getattr(case, name), found.places) for name in _PLACED}
        against = contradictions(placed["facts"], reader.vocabulary.terms)
        placed["set_aside"] += (*self.remarks, *found.set_aside, *against)
        placed["uninterpreted"] += tuple(found.uninterpreted)
        return replace(case, **placed, document=self.document)


def _all_placed(value: Any, places: Mapping[str, str]) -> Any:
    """The facts or remarks of a case with their places."""
    return tuple(_placed(one, _place(one.where, places)) for one in value)


def _placed(one: Fact | Remark, where: str) -> Fact | Remark:
    return one.placed(where) if isinstance(one, Remark) else replace(one, where=where)


def _place(where: str, places: Mapping[str, str]) -> str:
    """Where in the document stands what a case has at ``where``."""
    path = where
    while path:
        if path in places:
            return places[path]
        path = path[: max(path.rfind("."), 0)]
    return where


def _located(problem: Problem, places: Mapping[str, str]) -> Problem:
    start, comma, path = problem.where.rpartition(", ")
    return replace(problem, where=f"{start}{comma}{_place(path, places)}")
