"""The Python surface: one loaded graph, and results that notebooks and pandas can take."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calcinosis import __version__, names
from calcinosis.errors import CaseError, CellProblem, InputError, Problem, UsageError, quoted
from calcinosis.facts.case import Case
from calcinosis.facts.columns import Columns
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.read import Reader
from calcinosis.facts.source import RawCase, raw_cases
from calcinosis.facts.vocabulary import Vocabulary
from calcinosis.graph.claims import Claims
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.ontology import load as load_ontology
from calcinosis.graph.terms import Term
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.verdict import CaseVerdict

if TYPE_CHECKING:
    from calcinosis.answers import Rows, TermPage
    from calcinosis.bibliography import Bibliography
    from calcinosis.explain.explanation import Explanation
    from calcinosis.explain.justify import Explainer
    from calcinosis.graph.ask import Ask
    from calcinosis.graph.results import Answer
    from calcinosis.graph.search import Hit
    from calcinosis.render.chart import Picture
    from calcinosis.render.form import Form
    from calcinosis.study.evaluate import Evaluation

SCHEMA = names.CC + "schema/result-1.json"
REASONERS = ("compiled", "hermit")

Cases = str | Path | Mapping[str, Any] | Iterable[str | Path | Mapping[str, Any]]


@dataclass(frozen=True, repr=False)
class Result:
    """Verdicts on cases, with the inputs that were refused.

    ``cases`` holds one CaseVerdict a case, in input order; ``refused`` one error an input.
    """

    ontology_version: str
    viewpoint: str
    reasoner: str
    cases: tuple[CaseVerdict, ...]
    refused: tuple[InputError, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """Plain dicts, one a case and subtype: case, subtype, verdict, basis, needed."""
        return [row for case in self.cases for row in tidy(case)]

    def faults(self) -> list[dict[str, Any]]:
        """Plain dicts, one a fault of a refused input: where, what, cure.

        A fault in a table has file, row, column and value besides; elsewhere they are None.
        """
        return [fault for error in self.refused for fault in _faults(error)]

    def to_dict(self) -> dict[str, Any]:
        """The result as its JSON Schema says."""
        return {**self.head(), "cases": [case.as_dict() for case in self.cases]}

    def head(self) -> dict[str, str]:
        """What all cases share: schema, ontology version, viewpoint, reasoner."""
        return {
            "schema": SCHEMA,
            "package_version": __version__,
            "ontology_version": self.ontology_version,
            "viewpoint": self.viewpoint,
            "reasoner": self.reasoner,
        }

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


def tidy(case: CaseVerdict) -> Iterator[dict[str, Any]]:
    """One row a subtype of one case."""
    for subtype in case.subtypes:
        yield {
            "case": case.case.id,
            "subtype": subtype.id,
            "verdict": subtype.verdict,
            "basis": subtype.basis,
            "needed": "; ".join(subtype.needed),
        }


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


class KnowledgeGraph:
    """One viewpoint of the loaded graph: classify, look up, cite."""

    def __init__(self, ontology: Ontology, reasoner: str = "compiled") -> None:
        if reasoner not in REASONERS:
            raise UsageError(
                f"there is no reasoner {reasoner!r}", "reasoner", f"Known: {', '.join(REASONERS)}"
            )
        self.ontology = ontology
        self.reasoner = reasoner

    @property
    def viewpoint(self) -> str:
        """The name of the viewpoint."""
        return self.ontology.viewpoint

    @cached_property
    def classifier(self) -> Classifier:
        """The compiled classifier."""
        return Classifier(self.ontology)

    @cached_property
    def _decide(self) -> Any:
        if self.reasoner == "compiled":
            return self.classifier.classify
        from calcinosis.reasoning.owl import Authority

        return Authority(self.ontology).classify

    def prepare(self) -> None:
        """Load now what the first verdict would load, so that what is missing is said first."""
        _ = self._decide

    @cached_property
    def laboratory(self) -> Laboratory:
        """Analytes, units and reference intervals."""
        triples = self.ontology.laboratory
        claims = Claims(triples)
        cited = {iri: claims.references(iri) for iri in triples.by_subject}
        return Laboratory(triples, cited)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self.ontology.terms)

    @cached_property
    def form(self) -> Form:
        """The form for tables of cases: columns, words to offer, and an example."""
        import csv

        from calcinosis.facts.suggest import deciding, suggestions
        from calcinosis.graph.locate import data
        from calcinosis.render.form import Form

        path = data("examples") / "patients.csv"
        with path.open(encoding="utf-8-sig", newline="") as lines:
            example = tuple(map(tuple, csv.reader(lines)))
        columns = Columns(self.laboratory, deciding(self.ontology))
        return Form(columns, suggestions(self.ontology), example)

    def reader(self, *, lenient: bool = False) -> Reader:
        """A reader of case files by this graph's terms."""
        return Reader(self._vocabulary, lambda: self.laboratory, lenient=lenient)

    # -- cases -----------------------------------------------------------------------

    def cases(self, source: Cases, *, lenient: bool = False) -> Iterator[Case | InputError]:
        """The cases of paths or mappings, one or many, in order, as they are read.

        In the place of what was refused stands its InputError (a CaseError for one case). An id
        that an earlier case has is refused. UsageError if ``source`` holds no cases at all.
        """
        reader = self.reader(lenient=lenient)
        seen: set[str] = set()
        for raw in _raw(source, lambda: self.laboratory):
            if isinstance(raw, InputError):
                yield raw
                continue
            try:
                case = raw.read(reader)
            except InputError as error:
                yield error
                continue
            if case.id in seen:
                yield raw.refusal([_duplicate(case)])
                continue
            seen.add(case.id)
            yield case

    def stream(self, source: Cases, *, lenient: bool = False) -> Iterator[CaseVerdict | InputError]:
        """Verdicts as the cases are read, one at a time; refused inputs as errors."""
        for case in self.cases(source, lenient=lenient):
            yield case if isinstance(case, InputError) else self._decide(case)

    def classify(self, source: Cases, *, lenient: bool = False) -> Result:
        """The verdicts on case files, directories or mappings, one or many.

        A refused case does not stop the others: it is in ``Result.refused``, with what was
        wrong, where, and the cure. ``lenient`` passes over unknown terms, tests and units.
        """
        found, refused = [], []
        for item in self.stream(source, lenient=lenient):
            if isinstance(item, InputError):
                refused.append(item)
            else:
                found.append(item)
        return self.result(found, refused)

    def result(
        self, cases: Iterable[CaseVerdict] = (), refused: Iterable[InputError] = ()
    ) -> Result:
        """A result of this graph with the given verdicts."""
        return Result(
            self.ontology.version, self.viewpoint, self.reasoner, tuple(cases), tuple(refused)
        )

    def evaluate(self) -> Evaluation:
        """The published cases that come with the package, judged against their authors."""
        from calcinosis.graph.locate import data
        from calcinosis.study.evaluate import evaluate, read_labels

        folder = data("examples") / "published"
        result = self.classify(folder)
        if result.refused:
            raise result.refused[0]
        return evaluate(result.cases, read_labels(folder / "labels.tsv"), self.viewpoint)

    # -- explaining ------------------------------------------------------------------

    @cached_property
    def _explainer(self) -> Explainer:
        from calcinosis.explain.justify import Explainer

        return Explainer(self.classifier)

    def explain(
        self,
        case: Cases,
        subtype: str | None = None,
        *,
        identifier: str | None = None,
        on_conflict: str = "report",
        lenient: bool = False,
    ) -> Explanation:
        """Why one case has its verdicts: all minimal justifications, conflicts and repairs.

        ``case`` holds one case, or several of which ``identifier`` names one. ``subtype`` (a
        name) limits it to one verdict. ``on_conflict`` is report, prefer-asserted or
        prefer-excluded. UsageError where no or more than one case is left; the InputError of a
        refused case.
        """
        found = list(
            self.explanations(
                case, subtype, identifier=identifier, on_conflict=on_conflict, lenient=lenient
            )
        )
        explained = [one for one in found if not isinstance(one, InputError)]
        if len(explained) == 1 and (identifier is not None or len(found) == 1):
            return explained[0]
        for item in found:
            if isinstance(item, InputError):
                raise item
        raise UsageError(
            f"there are {len(explained)} cases", "explain", "Name one of them by its id"
        )

    def explanations(
        self,
        source: Cases,
        subtype: str | None = None,
        *,
        identifier: str | None = None,
        on_conflict: str = "report",
        lenient: bool = False,
    ) -> Iterator[Explanation | InputError]:
        """The explanations of cases, one at a time, in order; refused inputs as errors."""
        from calcinosis.explain.conflicts import ON_CONFLICT

        if on_conflict not in ON_CONFLICT:
            known = ", ".join(ON_CONFLICT)
            raise UsageError(
                f"there is no way {on_conflict!r} to settle conflicts", "", f"Known: {known}"
            )
        asked = None if subtype is None else self._defined(subtype)
        for item in self.cases(source, lenient=lenient):
            if isinstance(item, InputError):
                yield item
            elif identifier in (None, item.id):
                yield self._explainer.explain(item, asked, on_conflict)

    # -- looking up ------------------------------------------------------------------

    @cached_property
    def ask(self) -> Ask:
        """Look-ups, SPARQL, search and pages over this graph, as plain values."""
        from calcinosis.graph.ask import Ask

        return Ask(self.ontology)

    def term(self, text: str) -> Term:
        """The term that a label, synonym, class name or CURIE names; UsageError if none does."""
        found = self.ontology.terms.find(text)
        if len(found) == 1:
            return self.ontology.terms.term(found[0])
        return self.ask.term(text)

    def search(self, text: str, count: int = 10, kinds: Iterable[str] = ()) -> list[Hit]:
        """The terms, analytes and references nearest to ``text``, best first, each with a score.

        Labels, synonyms, titles, identifiers and mapped codes are searched; spelling is forgiven.
        """
        return self.ask.search(text, count, tuple(kinds))

    def show(self, text: str) -> TermPage:
        """All that the graph says of a term, analyte or reference: str() makes text of it."""
        from calcinosis.answers import TermPage

        return TermPage(self.ask.page(text), self.ontology.library.bibliography)

    def query(
        self, name: str, *, endpoint: str | None = None, **parameters: str | int | None
    ) -> Rows:
        """The rows of a named look-up; ``calcinosis query`` lists them.

        Parameters take labels, synonyms, CURIEs or IRIs. With ``endpoint`` the same query goes to
        a SPARQL endpoint. UsageError for what is unknown, with the nearest that is known;
        MissingProgramError for an endpoint that is not there.
        """
        from calcinosis.answers import Rows

        table = self.ask.look_up(name, parameters, endpoint)
        return Rows(table.columns, table.solutions, table.beside)

    def cite(
        self,
        *keys: str,
        subtype: str | Iterable[str] = (),
        condition: str | Iterable[str] = (),
        case: Cases | Result | None = None,
        below: bool = False,
    ) -> Bibliography:
        """The references with these keys, or those that carry an answer, in order of their keys.

        Several things asked for are put together; nothing asked for is every reference.

        ``subtype`` (names): the references of claims whose subject or object is the subtype, and
        of the claims that its definition under this viewpoint rests on.
        ``condition`` (names of conditions, interventions, findings, sites): those of claims with
        it as subject, object or context; with ``below`` also with a kind of it.
        ``case`` (what ``classify`` takes, or its result): exactly those that the verdicts cite,
        and those of the reference intervals and corrections that judged the laboratory values.
        References that only dispute a claim do not carry it and are left out.

        UsageError for an unknown key or name; the InputError of the first refused case.
        """
        from calcinosis.bibliography import everything, gather

        if not (keys or subtype or condition or case is not None):
            return everything(self.ontology)
        return gather(
            self.ontology,
            keys=keys,
            subtypes=map(self._subtype, _several(subtype)),
            terms=(self.term(name).iri for name in _several(condition)),
            verdicts=self._verdicts(case),
            below=below,
        )

    def _subtype(self, name: str) -> str:
        term = self.term(name)
        if term.kind != "subtype":
            known = ", ".join(t.label for t in self.ontology.terms if t.kind == "subtype")
            raise UsageError(f"{name!r} is not a subtype", "", f"Known: {known}")
        return term.iri

    def _defined(self, name: str) -> str:
        """The id of a subtype that the viewpoint defines; UsageError for another."""
        found = names.local(self._subtype(name))
        known = {c.subtype: c.label for c in self.classifier.case_classes}
        if found not in known:
            what = f"{name!r} is not a subtype of the viewpoint {self.viewpoint}"
            raise UsageError(what, "", f"Known: {', '.join(known.values())}")
        return found

    def _verdicts(self, case: Cases | Result | None) -> tuple[CaseVerdict, ...]:
        if isinstance(case, Result):
            return case.cases
        result = self.classify(() if case is None else case)
        if result.refused:
            raise result.refused[0]
        return result.cases

    def sparql(self, query: str, *, endpoint: str | None = None) -> Answer:
        """The answer to a SPARQL 1.1 query over the named graphs, or at an endpoint.

        SELECT gives Rows (each row has its RDF terms by name), CONSTRUCT and DESCRIBE a Graph of
        triples, ASK a bool. The five graphs are said in ``calcinosis.graph.query``; without GRAPH
        a query sees them all. UsageError for a malformed query, and for SERVICE without endpoint.
        """
        from calcinosis.answers import shown

        return shown(self.ask.sparql(query, endpoint))


def load(
    viewpoint: str = names.DEFAULT_VIEWPOINT,
    *,
    ontology: str | Path | None = None,
    reasoner: str = "compiled",
) -> KnowledgeGraph:
    """Load the graph under one viewpoint, offline.

    ``ontology`` names another ontology folder than the package's own. Raises UsageError for an
    unknown viewpoint, OntologyError for a broken module or an axiom outside the fragment.
    """
    folder = None if ontology is None else Path(ontology)
    return KnowledgeGraph(load_ontology(viewpoint, folder), reasoner)


def _raw(source: Cases, laboratory: Callable[[], Laboratory]) -> Iterator[RawCase | InputError]:
    if isinstance(source, str | Path):
        yield from raw_cases(str(source), laboratory)
    elif isinstance(source, Mapping):
        yield RawCase(source, "")
    elif not isinstance(source, Iterable):
        raise UsageError(
            f"{quoted(source)} holds no cases", "", "Give a path, a mapping, or several of them"
        )
    else:
        for number, value in enumerate(source):
            if isinstance(value, str | Path):
                yield from raw_cases(str(value), laboratory)
            else:
                yield RawCase(value, f"cases[{number}]")


def _duplicate(case: Case) -> Problem:
    return Problem(
        f"the id {quoted(case.id)} was given to an earlier case",
        f"{case.where}, id",
        "Give each case its own id",
    )


def _several(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
