"""The result of a classification, as notebooks, pandas and JSON take it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from calcinosis import __version__, names
from calcinosis.errors import CaseError, CellProblem, InputError, Problem
from calcinosis.reasoning.verdict import CaseVerdict

if TYPE_CHECKING:
    from calcinosis.explain.explanation import Explanation
    from calcinosis.render.chart import Picture

SCHEMA = names.CC + "schema/result-1.json"


@dataclass(frozen=True, repr=False)
class Result:
    """Verdicts on cases, with the inputs that were refused.

    ``cases`` holds one CaseVerdict a case, in input order; ``refused`` one error an input;
    ``settings`` what was left out of the definitions; ``explanations`` one a case, if asked for;
    ``added`` what could be taken by a name and assumed.
    """

    ontology_version: str
    viewpoint: str
    reasoner: str
    cases: tuple[CaseVerdict, ...]
    refused: tuple[InputError, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    explanations: tuple[Explanation, ...] | None = None
    added: Mapping[str, Any] = field(default_factory=dict)

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
            return {**self.head(), "cases": [case.as_dict() for case in self.cases]}
        pairs = zip(self.cases, self.explanations, strict=True)
        return {**self.head(), "cases": [explained(case, why) for case, why in pairs]}

    def head(self) -> dict[str, Any]:
        """What all cases share: schema, ontology version, viewpoint, reasoner, what is left out."""
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "package_version": __version__,
            "ontology_version": self.ontology_version,
            "viewpoint": self.viewpoint,
            "reasoner": self.reasoner,
            **self.added,
        }
        return {**found, "left_out": dict(self.settings)} if self.settings else found

    def to_json(self, indent: int | None = 1) -> str:
        """The result as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    def picture(self) -> Picture:
        """Bars of the cases by verdict, one bar a subtype: an SVG that notebooks show."""
        from calcinosis.render.chart import verdict_picture

        return verdict_picture(self.cases)

    def __repr__(self) -> str:
        counts = f"{len(self.cases)} cases, {len(self.refused)} refused"
        return f"<Result: {counts}, viewpoint {self.viewpoint}>"

    def _repr_html_(self) -> str:
        from calcinosis.render.html import verdict_table

        return verdict_table(self.cases, len(self.refused))


def explained(case: CaseVerdict, explanation: Explanation) -> dict[str, Any]:
    """A case as the result's JSON holds it, with why: what ``explain -f json`` says of it.

    Each subtype gets its justifications and what would decide it, the case its conflicts and
    repairs; ``complete`` says whether these are all.
    """
    found = case.as_dict()
    told = {why.verdict.id: why.as_dict() for why in explanation.subtypes}
    for subtype in found["subtypes"]:
        why = told[subtype["id"]]
        subtype |= {key: why[key] for key in ("complete", "justifications", "presumed", "deciding")}
    contradictions = explanation.contradictions.as_dict()
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
