"""The Python surface: one loaded graph, and results that notebooks and pandas can take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from calcinosis import names
from calcinosis.errors import InputError, UsageError
from calcinosis.facts.case import Case
from calcinosis.facts.columns import Columns
from calcinosis.facts.inputs import Cases, duplicate, raw_of
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.read import Reader, laboratory_of
from calcinosis.facts.source import RawCase
from calcinosis.facts.vocabulary import Vocabulary
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.ontology import load as load_ontology
from calcinosis.graph.settings import Settings
from calcinosis.lookups import LookUps
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.verdict import CaseVerdict
from calcinosis.result import Result

if TYPE_CHECKING:
    from calcinosis.bibliography import Bibliography
    from calcinosis.explain.explanation import Explanation
    from calcinosis.explain.justify import Explainer
    from calcinosis.export.selection import Selection
    from calcinosis.formats import Exported
    from calcinosis.render.form import Form
    from calcinosis.study.compare import Comparison, Weight
    from calcinosis.study.evaluate import Evaluation

_T = TypeVar("_T")
REASONERS = ("compiled", "hermit")


class KnowledgeGraph(LookUps):
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
        return laboratory_of(self.ontology)

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
        for found in self._read(source, lenient=lenient):
            yield found if isinstance(found, InputError) else found[1]

    def _read(self, source: Cases, *, lenient: bool) -> Iterator[tuple[RawCase, Case] | InputError]:
        reader = self.reader(lenient=lenient)
        seen: set[str] = set()
        for raw in raw_of(source, lambda: self.laboratory):
            if isinstance(raw, InputError):
                yield raw
                continue
            try:
                case = raw.read(reader)
            except InputError as error:
                yield error
                continue
            if case.id in seen:
                yield raw.refusal([duplicate(case)])
                continue
            seen.add(case.id)
            yield raw, case

    def stream(
        self, source: Cases, *, lenient: bool = False, traced: bool = False
    ) -> Iterator[CaseVerdict | InputError]:
        """Verdicts as the cases are read, one at a time; refused inputs as errors.

        With ``traced`` the facts of the cases know their lines and codes, as ``explain`` has them.
        """
        terms = self.ontology.terms
        for item in self._read(source, lenient=lenient):
            if isinstance(item, InputError):
                yield item
            else:
                raw, case = item
                yield self._decide(raw.traced(case, terms) if traced else case)

    def classify(self, source: Cases, *, lenient: bool = False, explain: bool = False) -> Result:
        """The verdicts on case files, directories or mappings, one or many.

        A refused case does not stop the others: it is in ``Result.refused``, with what was
        wrong, where, and the cure. ``lenient`` passes over unknown terms, tests and units. With
        ``explain`` the result says why as well, in its ``explanations``.
        """
        found, refused = [], []
        for item in self.stream(source, lenient=lenient, traced=explain):
            if isinstance(item, InputError):
                refused.append(item)
            else:
                found.append(item)
        return self.result(found, refused, explain=explain)

    def result(
        self,
        cases: Iterable[CaseVerdict] = (),
        refused: Iterable[InputError] = (),
        *,
        explain: bool = False,
    ) -> Result:
        """A result of this graph with the given verdicts, and why they hold if asked for."""
        cases = tuple(cases)
        return Result(
            self.ontology.version,
            self.viewpoint,
            self.reasoner,
            cases,
            tuple(refused),
            self.ontology.left_out,
            tuple(map(self.why, cases)) if explain else None,
            self.ontology.settings.added,
        )

    def evaluate(self) -> Evaluation:
        """The published cases that come with the package, judged against their authors."""
        from calcinosis.graph.locate import data
        from calcinosis.study.evaluate import evaluate, placed, read_labels

        folder = data("examples") / "published"
        result = self.classify(folder)
        if result.refused:
            raise result.refused[0]
        triples, known = self.ontology.triples, self.classifier.case_classes
        labels = placed(
            read_labels(folder / "labels.tsv"),
            frozenset(one.subtype for one in known),
            lambda name: map(names.local, triples.iris(names.CC + name, names.SUBCLASS)),
        )
        return evaluate(result.cases, labels, self.classifier, self._decide)

    # -- explaining ------------------------------------------------------------------

    @cached_property
    def _explainer(self) -> Explainer:
        from calcinosis.explain.justify import Explainer

        return Explainer(self.classifier)

    def why(self, verdict: CaseVerdict) -> Explanation:
        """The explanation of a case that was classified under this graph."""
        return self._shown(self._explainer.explain(verdict.case))

    def _shown(self, found: Explanation) -> Explanation:
        from calcinosis.explained import ShownExplanation

        return ShownExplanation.of(found, self.ontology.library.bibliography)

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
        for item in self._read(source, lenient=lenient):
            if isinstance(item, InputError):
                yield item
                continue
            raw, case = item
            if identifier in (None, case.id):
                traced = raw.traced(case, self.ontology.terms)
                yield self._shown(self._explainer.explain(traced, asked, on_conflict))

    # -- comparing -------------------------------------------------------------------

    def compare(
        self,
        other: KnowledgeGraph | Settings,
        source: Cases,
        *,
        lenient: bool = False,
        refused: list[InputError] | None = None,
    ) -> Comparison:
        """One graph beside another, or beside itself by other settings, over the same cases.

        The InputError of the first refused input is raised, or all are put into ``refused``.
        """
        from calcinosis.study.compare import compare

        if isinstance(other, Settings):
            other = self.by(other)
        reader = other.reader(lenient=lenient)
        found = _accepted(self._read(source, lenient=lenient), refused)
        pairs = ((case, raw.read(reader)) for raw, case in found)
        return compare(self._explainer, other._explainer, pairs)

    def each_reference(
        self, source: Cases, *, lenient: bool = False, refused: list[InputError] | None = None
    ) -> list[Weight]:
        """The references without which a verdict on the cases changes, weightiest first.

        Each is left out alone, besides what the settings leave out. Errors as for ``compare``.
        """
        from calcinosis.study.compare import weights

        raws = [raw for raw, _ in _accepted(self._read(source, lenient=lenient), refused)]

        def cases(ontology: Ontology) -> list[Case]:
            reader = KnowledgeGraph(ontology).reader(lenient=lenient)
            return [raw.read(reader) for raw in raws]

        return weights(self.classifier, cases)

    def by(self, settings: Settings) -> KnowledgeGraph:
        """The same graph by other settings; what was read already is shared where it can be."""
        if settings.viewpoint != self.viewpoint:
            return KnowledgeGraph(load_ontology("", self.ontology.folder, settings), self.reasoner)
        return KnowledgeGraph(self.ontology.leaving_out(settings), self.reasoner)

    # -- citing and exporting -------------------------------------------------------

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

    def select(
        self,
        *,
        subtype: str | Iterable[str] | None = None,
        condition: str | Iterable[str] | None = None,
        reference: str | Iterable[str] | None = None,
        query: str | Iterable[str] | None = None,
        parameters: Mapping[str, str] | None = None,
        cases: Cases | None = None,
        refused: list[InputError] | None = None,
        inferred: bool = False,
        include: str | Iterable[str] = (),
        base: bool = False,
    ) -> Selection:
        """The statements to export: about subtypes and conditions, with references, of cases.

        ``query`` are look-ups, whose claims are taken, with ``parameters``. Several things asked
        for are put together; nothing asked for is the whole graph, an empty list no statement.
        UsageError for unknown names, and for parameters without a look-up; the InputError of the
        first refused case is raised, or all are put into ``refused``.
        A package holds the formats ``include``, or its own choice.

        Ontology formats are written with the axioms that follow (``inferred``), and without the
        labels of other vocabularies' terms (``base``).
        """
        from calcinosis.export.selection import select

        given = (subtype, condition, reference, query)
        subtypes, conditions, keys, queries = map(_several, given)
        if parameters and not queries:
            raise UsageError("there is no look-up to set it for", "--with", "Add --query NAME")
        claims = None if all(one is None for one in given) else set[str]()
        for name in queries:
            claims = (claims or set()) | self._claims_of(name, parameters or {})
        explained = None
        if cases is not None:
            explained = list(_accepted(self.explanations(cases), refused))
        asked = [*subtypes, *conditions, *keys, *queries, *(["cases"] if cases is not None else [])]
        found = select(
            self.ontology,
            subtypes=map(self._subtype, subtypes),
            terms=(self.term(name).iri for name in conditions),
            references=keys,
            claims=claims,
            explanations=explained,
            asked=", ".join(asked) or ("everything" if claims is None else "nothing"),
        )
        return replace(found, inferred=inferred, base=base, include=tuple(_several(include)))

    def export(
        self,
        format: str,  # noqa: A002 (the word for it)
        *,
        sign_key: str | Path | None = None,
        creator: str | None = None,
        **selection: Any,
    ) -> Exported:
        """The graph, or what ``select`` takes of it, in a format that other programs read.

        ``bytes()`` of the value is the file, and ``for part in`` the value streams it; a format of
        several files has them in ``files``, and is a zip archive as a whole.
        ``sign_key``, the file of an RSA key, signs a format that can be signed, for the ORCID
        ``creator``. UsageError for an unknown format, ORCID or key; MissingProgramError where the
        package that signs is not installed; errors as for ``select``.
        """
        from calcinosis.formats import Exported, find, signer

        form, signs = find(format), signer(sign_key, creator)
        selected = self.select(**selection)
        return Exported(form, lambda: form.files(selected, signs))

    def _claims_of(self, query: str, parameters: Mapping[str, str]) -> set[str]:
        """The associations in the answer of a look-up; UsageError if it answers no claims."""
        table = self.ask.look_up(query, dict(parameters), None)
        if "claim" not in table.columns:
            raise UsageError(f"the look-up {query!r} answers no claims", "--query", "Take another")
        return {str(row["claim"]) for row in table.rows()}

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


def load(
    viewpoint: str = names.DEFAULT_VIEWPOINT,
    *,
    ontology: str | Path | None = None,
    reasoner: str = "compiled",
    settings: Settings | None = None,
) -> KnowledgeGraph:
    """Load the graph under one viewpoint, offline.

    ``ontology`` names another ontology folder than the package's own; ``settings`` say the
    viewpoint themselves, and which references and readings are left out. Raises UsageError for an
    unknown viewpoint or reference, OntologyError for a broken module or an axiom outside the
    fragment.
    """
    folder = None if ontology is None else Path(ontology)
    return KnowledgeGraph(load_ontology(viewpoint, folder, settings), reasoner)


def _accepted(items: Iterable[_T | InputError], refused: list[InputError] | None) -> Iterator[_T]:
    for item in items:
        if not isinstance(item, InputError):
            yield item
        elif refused is None:
            raise item
        else:
            refused.append(item)


def _several(value: str | Iterable[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
