"""A case as it stood in its source, before anything of it is understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from calcinosis.errors import CaseError, Problem, quoted
from calcinosis.facts.identifier import problem_of, seen_as

if TYPE_CHECKING:
    from calcinosis.facts.case import Case, Fact
    from calcinosis.facts.places import Origin, Place
    from calcinosis.facts.read import Reader
    from calcinosis.graph.terms import Terms


@dataclass(frozen=True, slots=True)
class RawCase:
    """One case as it stood in its source (any JSON-like value), with its place.

    ``patient`` names the patient where each of several rows of one is a case, else it is empty.
    """

    value: object
    where: str
    origin: Origin | None = field(default=None, kw_only=True)
    patient: str = field(default="", kw_only=True)

    def place(self, where: str) -> Place:
        """The place in the input of what a fact of this case calls ``where``."""
        from calcinosis.facts.places import place

        return place(where, self.origin)

    def traced(self, case: Case, terms: Terms) -> Case:
        """The case that was read from this, each fact with its place and how its word was read."""
        from calcinosis.graph.matched import matched, test_matched

        def trace(fact: Fact) -> Fact:
            judged = fact.judged
            if judged is not None:
                match = test_matched(terms, judged.test, judged.analyte)
            else:
                match = matched(terms, fact.words, fact.term)
            return replace(fact, place=self.place(fact.where), match=match)

        facts, workup = map(trace, case.facts), map(trace, case.workup)
        return replace(case, facts=tuple(facts), workup=tuple(workup))

    def read(self, reader: Reader, known: Sequence[Problem] = ()) -> Case:
        """The case that it states; CaseError, with every problem, if it is refused.

        ``known`` are problems of it that are known already.
        """
        try:
            case = reader.read(self.value, self.where)
        except CaseError as error:  # not chained: a million refusals would keep their frames
            known = [*error.problems, *known]
        if known:
            raise self.refusal(known)
        return replace(case, patient=self.patient) if self.patient else case

    def refusal(self, problems: Iterable[Problem]) -> CaseError:
        """The case as an error with these problems."""
        return CaseError(list(problems))


class Ids:
    """The ids of a run, those of refused cases too: one that is given again is a problem."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}

    def again(self, raw: RawCase) -> list[Problem]:
        """The problem of an id that an earlier case has, or one that looks the same; or none."""
        value = raw.value.get("id") if isinstance(raw.value, Mapping) else None
        if problem_of(value) is not None:
            return []
        name = str(value).strip()
        earlier = self._seen.get(seen_as(name))
        self._seen.setdefault(seen_as(name), name)
        if earlier is None:
            return []
        what = f"the id {quoted(name)} was given to an earlier case"
        if name != earlier:
            one, other = (quoted(ascii(text)[1:-1]) for text in (name, earlier))
            what = f"the id {one} looks the same as {other}, an earlier case's"
        where = ": ".join(filter(None, (raw.where, f"case {quoted(name)}, id")))
        return [Problem(what, where, "Give each case its own id")]
