"""The Python surface: one loaded graph, and results that notebooks and pandas can take."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calcinosis import __version__, names
from calcinosis.errors import CaseError, InputError, Problem, UsageError, quoted
from calcinosis.facts.case import Case
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.read import Reader
from calcinosis.facts.source import RawCase, raw_cases
from calcinosis.facts.vocabulary import Vocabulary
from calcinosis.graph.claims import Claims, Reference
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.ontology import load as load_ontology
from calcinosis.graph.terms import Term
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.verdict import CaseVerdict

if TYPE_CHECKING:
    from calcinosis.study.evaluate import Evaluation

SCHEMA = names.CC + "schema/result-1.json"
REASONERS = ("compiled", "hermit")

Cases = str | Path | Mapping[str, Any] | Iterable[str | Path | Mapping[str, Any]]


@dataclass(frozen=True)
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

    def _repr_html_(self) -> str:
        from calcinosis.render.html import verdict_table

        return verdict_table(self.cases)


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
        for raw in _raw(source):
            if isinstance(raw, InputError):
                yield raw
                continue
            try:
                case = reader.read(raw.value, raw.where)
            except InputError as error:
                yield error
                continue
            if case.id in seen:
                yield CaseError([_duplicate(case)])
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

    # -- looking up ------------------------------------------------------------------

    def term(self, text: str) -> Term:
        """The term that a label, synonym, class name or CURIE names; UsageError if none does."""
        terms = self.ontology.terms
        found = terms.find(text)
        if len(found) == 1:
            return terms.term(found[0])
        if found:
            options = ", ".join(names.local(iri) for iri in found)
            raise UsageError(f"the term {text!r} is ambiguous", "", f"Write one of {options}")
        near = terms.nearest(text)
        hint = f"Did you mean {' or '.join(near)}?" if near else "No term is near to it."
        raise UsageError(f"the term {text!r} is unknown", "", hint)

    def search(self, text: str, count: int = 10) -> list[Term]:
        """The terms whose label or synonym is nearest to ``text``, best first."""
        terms = self.ontology.terms
        exact = terms.find(text)
        near = [terms.find(label)[0] for label in terms.nearest(text, count=count)]
        return [terms.term(iri) for iri in dict.fromkeys((*exact, *near))][:count]

    def cite(self, *keys: str) -> list[Reference]:
        """The references with these keys (all without any), in order of their keys."""
        library = self.ontology.library.bibliography
        for key in keys:
            if key not in library:
                raise UsageError(f"there is no reference {key!r}", "", _near_key(key, library))
        return [library[key] for key in sorted(keys or library)]

    def sparql(self, query: str) -> Any:
        """The answer to a SPARQL 1.1 query over the ontology, its claims and references.

        Returns what ``pyoxigraph.Store.query`` returns: solutions, a boolean or triples. Only
        this viewpoint's module is loaded beside the rest; SERVICE is refused.
        """
        from calcinosis.graph.query import run

        return run(self.ontology, query)


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


def _raw(source: Cases) -> Iterator[RawCase | InputError]:
    if isinstance(source, str | Path):
        yield from raw_cases(str(source))
    elif isinstance(source, Mapping):
        yield RawCase(source, "")
    elif not isinstance(source, Iterable):
        raise UsageError(
            f"{quoted(source)} holds no cases", "", "Give a path, a mapping, or several of them"
        )
    else:
        for number, value in enumerate(source):
            if isinstance(value, str | Path):
                yield from raw_cases(str(value))
            else:
                yield RawCase(value, f"cases[{number}]")


def _duplicate(case: Case) -> Problem:
    return Problem(
        f"the id {quoted(case.id)} was given to an earlier case",
        case.where,
        "Give each case its own id",
    )


def _near_key(key: str, library: Mapping[str, Reference]) -> str:
    import difflib

    near = difflib.get_close_matches(key, library, n=3)
    return f"Did you mean {' or '.join(near)}?" if near else "See 'calcinosis check' for the keys"
