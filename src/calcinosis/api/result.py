"""Results as notebooks, pandas and JSON take them, and beside them what was refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from calcinosis import __version__, names
from calcinosis.errors import CaseError, CellProblem, InputError, Problem
from calcinosis.facts.boundary import attempt
from calcinosis.facts.case import Case
from calcinosis.facts.raw import Ids, RawCase
from calcinosis.facts.source import Cases, raw_of
from calcinosis.facts.tabular import Known, kinds
from calcinosis.reasoning.verdict import CaseVerdict

if TYPE_CHECKING:
    from calcinosis.explain.decide import Question
    from calcinosis.explain.explanation import Explanation
    from calcinosis.facts.read import Reader
    from calcinosis.graph.claims import Reference
    from calcinosis.graph.terms import Terms
    from calcinosis.output.pictures.verdict_bars import Picture
    from calcinosis.study.cohort import Cohort
    from calcinosis.study.table_one import TableOne

SCHEMA = names.CC + "schema/result-1.json"
HANDFUL = 6
"""So many cases stand each for itself; more are a cohort, which has a summary."""
_T = TypeVar("_T")


class Stream(Generic[_T]):
    """Values one at a time, in the order of their inputs; ``refused`` grows as they are read.

    With ``tell``, that is called with what is refused instead, and nothing is kept.
    """

    def __init__(
        self,
        items: Iterable[_T | InputError],
        tell: Callable[[InputError], object] | None = None,
    ) -> None:
        self.refused: list[InputError] = []
        self._accepted = accepted(items, tell or self.refused.append)

    def __iter__(self) -> Iterator[_T]:
        return self._accepted

    def __next__(self) -> _T:
        return next(self._accepted)


def accepted(
    items: Iterable[_T | InputError], tell: Callable[[InputError], object]
) -> Iterator[_T]:
    """The values; ``tell`` is called with each that was refused, as it comes."""
    for item in items:
        if isinstance(item, InputError):
            tell(item)
        else:
            yield item


def read_again(
    read: Iterable[tuple[RawCase, Case] | InputError], reader: Reader
) -> Iterator[tuple[Case, Case] | InputError]:
    """Cases beside what another reader makes of them, which may not know their words."""
    for item in read:
        if isinstance(item, InputError):
            yield item
            continue
        raw, case = item
        again = attempt(raw.where, partial(raw.read, reader))
        yield again if isinstance(again, InputError) else (case, again)


def read_cases(
    cases: Cases, reader: Reader, kind: str = ""
) -> Iterator[tuple[RawCase, Case] | InputError]:
    """Cases of paths or mappings, one or many, in order, each with what it was read from.

    In the place of what was refused stands its InputError (a CaseError for one case). An id
    that an earlier case has is refused. ``kind`` is that of the records, if it is said.
    UsageError if ``cases`` can hold none.
    """
    ids = Ids()
    known = Known(lambda: reader.laboratory, kinds(reader.vocabulary))
    for raw in raw_of(cases, known, kind):
        yield raw if isinstance(raw, InputError) else _read_case(raw, reader, ids)


def _read_case(raw: RawCase, reader: Reader, ids: Ids) -> tuple[RawCase, Case] | InputError:
    """A case beside what it was read from; ``ids`` are those before it."""
    case = attempt(raw.where, lambda: raw.read(reader, ids.again(raw)))
    return case if isinstance(case, InputError) else (raw, case)


class Told:
    """Explains verdicts; the last explanation is kept, so that it is not worked out twice.

    ``questions`` is what to find out next of a case; ``notes`` takes what the last verdict was
    read from, so that ``afterwards`` can trace its facts.
    """

    def __init__(
        self,
        explain: Callable[[CaseVerdict], Explanation],
        questions: Callable[[CaseVerdict], tuple[Question, ...]],
        terms: Terms,
    ) -> None:
        self._explain = explain
        self.questions = questions
        self._terms = terms
        self._last: tuple[CaseVerdict, Explanation] | None = None
        self._read: tuple[CaseVerdict, RawCase] | None = None

    def notes(self, verdict: CaseVerdict, raw: RawCase) -> CaseVerdict:
        """The same verdict; what it was read from is kept till the next."""
        self._read = verdict, raw
        return verdict

    def afterwards(self, verdict: CaseVerdict) -> Explanation:
        """Why a verdict holds whose facts were not traced; those of the last one are now."""
        if self._read is not None and self._read[0] is verdict:
            traced = self._read[1].traced(verdict.case, self._terms)
            verdict = replace(verdict, case=traced)
        return self._explain(verdict)

    def __call__(self, verdict: CaseVerdict) -> Explanation:
        """Why a verdict holds."""
        if self._last is None or self._last[0] is not verdict:
            self._last = verdict, self._explain(verdict)
        return self._last[1]


def judged(
    read: Iterable[tuple[RawCase, Case] | InputError],
    decide: Callable[[Case], CaseVerdict],
    terms: Terms,
    why: Told,
    *,
    explain: bool,
) -> Iterator[CaseVerdict | InputError]:
    """The verdicts on cases; with ``explain`` facts are traced, and each is explained already.

    So a fault of ours, even in an explanation, refuses one case alone.
    """

    def judge(raw: RawCase, case: Case) -> CaseVerdict:
        if not explain:
            return why.notes(decide(case), raw)
        verdict = decide(raw.traced(case, terms))
        why(verdict)
        return verdict

    for item in read:
        if isinstance(item, InputError):
            yield item
        else:
            yield attempt(place(*item), partial(judge, *item))


def place(raw: RawCase, case: Case) -> str:
    """Where a case stands, by its whole path: only errors say that."""
    return raw.where + case.where.removeprefix(PurePath(raw.where).name)


@dataclass(frozen=True, slots=True)
class Head:
    """What all verdicts of a run share: versions, viewpoint, reasoner, and the settings.

    ``added`` is what could be taken by a name and assumed, ``changed`` what sets the graph apart
    from the release: what was left out of the definitions, and what was laid over them.
    """

    ontology_version: str
    viewpoint: str
    reasoner: str
    added: Mapping[str, Any]
    changed: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The head as the result's JSON holds it."""
        return {
            "schema": SCHEMA,
            "package_version": __version__,
            "ontology_version": self.ontology_version,
            "viewpoint": self.viewpoint,
            "reasoner": self.reasoner,
            **self.added,
            **self.changed,
        }


class Verdicts(Stream[CaseVerdict]):
    """Verdicts one at a time, in input order; ``head`` is what they share.

    ``why`` explains one, if that was asked for; ``told`` does so where it was not.
    """

    def __init__(
        self,
        items: Iterable[CaseVerdict | InputError],
        head: Head,
        told: Told,
        tell: Callable[[InputError], object] | None = None,
        *,
        explain: bool = False,
    ) -> None:
        super().__init__(items, tell)
        self.head = head
        self.told = told
        self.why = told if explain else None

    def __repr__(self) -> str:
        return f"<Verdicts to come, viewpoint {self.head.viewpoint}>"

    def _repr_html_(self) -> str:
        from calcinosis.output.markup import html_text

        told = f"Verdicts to come, viewpoint {self.head.viewpoint}: go through them, or cohort()."
        return f"<p>{html_text(told)}</p>"  # none of them is taken by showing it

    def cohort(self) -> Cohort:
        """All that is still to come as a cohort; no verdict is kept, however many there are."""
        from calcinosis.study.tally import Tally

        tally = Tally()
        for case in self:
            tally.add(case)
        return tally.cohort(self.refused)

    def result(self, cases: Iterable[CaseVerdict] | None = None) -> Result:
        """All that is still to come in one value; ``cases`` are these if they were taken already.

        Why each verdict holds is in it if that was asked for.
        """
        found: list[CaseVerdict] = []
        told: list[Explanation] = []
        for case in self if cases is None else cases:
            found.append(case)
            if self.why is not None:
                told.append(self.why(case))
        why = None if self.why is None else tuple(told)
        return Result(self.head, tuple(found), tuple(self.refused), why)

    def case_to_dict(self, case: CaseVerdict) -> dict[str, Any]:
        """One case as the result's JSON holds it, with why if that was asked for."""
        return case.to_dict() if self.why is None else explained(case, self.why(case))


@dataclass(frozen=True, repr=False)
class Result:
    """Verdicts on cases, with the inputs that were refused.

    ``cases`` holds one CaseVerdict a case, in input order; ``refused`` one error an input;
    ``explanations`` one a case, if asked for.
    """

    head: Head
    cases: tuple[CaseVerdict, ...]
    refused: tuple[InputError, ...] = ()
    explanations: tuple[Explanation, ...] | None = None

    @cached_property
    def cohort(self) -> Cohort:
        """What the cases come to as a cohort: counts, what is missing, what would settle most."""
        from calcinosis.study.tally import Tally

        tally = Tally()
        for case in self.cases:
            tally.add(case)
        return tally.cohort(self.refused)

    @cached_property
    def table_one(self) -> TableOne:
        """The patients as the first table of a paper describes them."""
        from calcinosis.study.table_one import Describing

        describing = Describing()
        for case in self.cases:
            describing.add(case)
        return describing.table()

    def rows(self) -> list[dict[str, Any]]:
        """Plain dicts, one a case and subtype, with the columns of ``-f csv``."""
        return [row for case in self.cases for row in case.rows()]

    def faults(self) -> list[dict[str, Any]]:
        """Plain dicts, one a fault of a refused input: where, what, cure.

        A fault in a table has file, row, column and value besides; elsewhere they are None.
        """
        return [fault for error in self.refused for fault in _faults(error)]

    def to_dict(self) -> dict[str, Any]:
        """The result as its JSON Schema says."""
        if self.explanations is None:
            cases = [case.to_dict() for case in self.cases]
        else:
            pairs = zip(self.cases, self.explanations, strict=True)
            cases = [explained(case, why) for case, why in pairs]
        many = {"cohort": self.cohort.to_dict()} if len(self.cases) > HANDFUL else {}
        return {**self.head.to_dict(), "cases": cases, **many}

    def to_json(self, indent: int | None = 1) -> str:
        """The result as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    def picture(self) -> Picture:
        """Bars of the cases by verdict, one bar a subtype: an SVG that notebooks show."""
        from calcinosis.output.pictures.verdict_bars import verdict_picture

        return verdict_picture(self.cases)

    def __repr__(self) -> str:
        counts = _counts(self.cases, self.refused)
        return f"<Result: {counts}, viewpoint {self.head.viewpoint}>"

    def _repr_html_(self) -> str:
        from calcinosis.output.pages.verdict_table import verdict_table

        return verdict_table(self.cases, len(self.refused))


@dataclass(frozen=True, eq=False, repr=False)
class Explanations(Sequence["Explanation"]):
    """One explanation a case, in input order, and what was refused beside them.

    Notebooks show them as a page, with the references in full from ``library``.
    """

    head: Head
    cases: tuple[Explanation, ...]
    refused: tuple[InputError, ...]
    library: Mapping[str, Reference]

    @overload
    def __getitem__(self, index: int) -> Explanation: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Explanation, ...]: ...
    def __getitem__(self, index: int | slice) -> Explanation | tuple[Explanation, ...]:
        return self.cases[index]

    def __len__(self) -> int:
        return len(self.cases)

    def __repr__(self) -> str:
        return f"<Explanations: {_counts(self.cases, self.refused)}>"

    def to_dict(self) -> dict[str, Any]:
        """The explanations as their JSON Schema says."""
        from calcinosis.explain.explanation import SCHEMA as OF_EXPLANATIONS

        cases = [explanation.to_dict() for explanation in self.cases]
        return {**self.head.to_dict(), "schema": OF_EXPLANATIONS, "cases": cases}

    def to_json(self, indent: int | None = 1) -> str:
        """The explanations as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    def _repr_html_(self) -> str:
        from calcinosis.output.pages.explanation import explanation_part

        return "".join(explanation_part(one, self.library) for one in self.cases)


def _counts(cases: Sequence[object], refused: Sequence[InputError]) -> str:
    return f"{len(cases)} case{'s' * (len(cases) != 1)}, {len(refused)} refused"


def explained(case: CaseVerdict, explanation: Explanation) -> dict[str, Any]:
    """A case as the result's JSON holds it, with why: what ``explain -f json`` says of it.

    Each subtype gets its justifications and what would decide it, the case its conflicts and
    repairs; ``complete`` says whether these are all.
    """
    found = case.to_dict()
    told = {why.verdict.id: why.to_dict() for why in explanation.subtypes}
    for subtype in found["subtypes"]:
        why = told[subtype["id"]]
        subtype |= {key: why[key] for key in ("complete", "justifications", "presumed", "deciding")}
    contradictions = explanation.contradictions.to_dict()
    return found | {key: contradictions[key] for key in ("complete", "conflicts", "repairs")}


def _faults(error: InputError) -> Iterator[dict[str, Any]]:
    whole = Problem(error.what, error.where, error.cure)
    for problem in error.problems if isinstance(error, CaseError) else (whole,):
        cell = problem if isinstance(problem, CellProblem) else None
        yield {
            "where": problem.where,
            "file": cell and cell.file,
            "row": cell and cell.row,
            "column": cell and cell.column,
            "value": cell and cell.value,
            "what": problem.what,
            "cure": problem.cure,
        }
