"""One patient of a document as a raw case, and the case that it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from calcinosis.errors import CaseError, Problem
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.stated import Measured, Stated

if TYPE_CHECKING:
    from calcinosis.facts.read import Reader


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
        placed = {
            one.name: _all_placed(getattr(case, one.name), found.places) for one in fields(case)
        }
        case = replace(case, **placed)
        against = contradictions(case, reader.vocabulary.terms)
        return replace(
            case,
            set_aside=(*case.set_aside, *self.remarks, *found.set_aside, *against),
            uninterpreted=(*case.uninterpreted, *found.uninterpreted),
            document=self.document,
        )


def _all_placed(value: Any, places: Mapping[str, str]) -> Any:
    """The facts and remarks of a case with their places; anything else as it is."""
    if not (isinstance(value, tuple) and value and isinstance(value[0], Fact | Remark)):
        return value
    return tuple(replace(one, where=_place(one.where, places)) for one in value)


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
