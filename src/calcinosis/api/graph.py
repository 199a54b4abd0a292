"""The graph as Python sees it: one loaded viewpoint, and what to ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calcinosis import names
from calcinosis.api.lookups import LookUps
from calcinosis.api.programs import ForPrograms, warn_of_refused
from calcinosis.api.selecting import NO_QUERY, several
from calcinosis.errors import InputError, UnknownNameError, UsageError
from calcinosis.facts.boundary import attempt
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.ontology import load as load_ontology
from calcinosis.graph.settings import Settings

if TYPE_CHECKING:
    from calcinosis.api.bibliography import Bibliography
    from calcinosis.api.result import Explanations, Head, Result, Verdicts
    from calcinosis.explain.decide import Question
    from calcinosis.explain.explanation import Explanation
    from calcinosis.explain.justify import Explainer
    from calcinosis.facts.case import Case
    from calcinosis.facts.raw import RawCase
    from calcinosis.facts.source import Cases
    from calcinosis.output.formats import Exported
    from calcinosis.output.sheets.form import Form
    from calcinosis.reasoning.verdict import CaseVerdict
    from calcinosis.study.cohort import Cohort
    from calcinosis.study.compare import Comparison, Ranking
    from calcinosis.study.evaluate import Evaluation
    from calcinosis.study.labels import Given

REASONERS = ("compiled", "hermit")


class KnowledgeGraph(ForPrograms, LookUps):
    """One viewpoint of the loaded graph.

    Look up: ``search`` and ``show``, ``query`` and ``sparql``. Judge cases: ``classify`` and
    ``explain``, one at a time by ``stream``, together by ``cohort``; ``compare`` and ``rank``
    settings; ``evaluate``.
    Carry away: ``cite`` and ``export``; go on with rdflib (``graph``) and ``owlready``.

    ``cases`` is the same everywhere: a path (a file, a table, a directory, ``-`` for standard
    input), a ``Sheet`` (a table, and how to read it), a mapping in the case format, or several. A
    case that is refused does not stop the others: a RefusedWarning tells of it, and each value has
    what was refused beside it, in ``refused``, with what was wrong, where, and the cure. A word
    that is not understood refuses no case: it stands beside its verdicts and holds back what it
    could change; ``strict`` refuses such a case instead. What a record is (a case, a phenopacket,
    FHIR) is told by what it holds, unless ``kind`` says it. What is remarked on a table as a whole,
    such as columns that are not read, goes to the logger ``calcinosis``.
    """

    def __init__(self, ontology: Ontology, reasoner: str = "compiled") -> None:
        if reasoner not in REASONERS:
            raise UsageError(
                f"there is no reasoner {reasoner!r}", "reasoner", f"Known: {', '.join(REASONERS)}"
            )
        self.ontology = ontology
        self.reasoner = reasoner

    @property
    def label(self) -> str:
        """The viewpoint in words."""
        return self.ontology.terms.label(self.ontology.viewpoint_iri)

    @cached_property
    def form(self) -> Form:
        """The form for tables of cases: columns, words to offer, and an example."""
        from calcinosis.output.sheets.form import form_of

        return form_of(self.ontology, self.laboratory)

    @cached_property
    def _decide(self) -> Callable[[Case], CaseVerdict]:
        if self.reasoner == "compiled":
            return self.classifier.classify
        from calcinosis.reasoning.owl import Authority

        return Authority(self.ontology).classify

    # -- judging ---------------------------------------------------------------------

    def classify(
        self, cases: Cases, *, strict: bool = False, explain: bool = False, kind: str = ""
    ) -> Result:
        """The verdicts on cases in one value; with ``explain`` also why each holds.

        UsageError if ``cases`` can hold none.

        >>> import calcinosis
        >>> kg = calcinosis.load()
        >>> case = {"id": "case-1", "calcinosis": "present", "conditions": ["MONDO:0016367"]}
        >>> result = kg.classify([case, {"id": "case-2", "calcinosis": "maybe"}])
        >>> result
        <Result: 1 case, 1 refused, viewpoint seed-reiter-2011>
        >>> row = result.rows()[0]
        >>> row["verdict"], row["needed"], row["presumed"], row["assumptions"]
        ('undetermined', 'serum calcium; serum phosphate', 'entailed', 'A1')
        >>> result.refused[0].cure
        'Write present, absent or unknown'
        """
        from calcinosis.api import shown  # noqa: F401 (notebooks show the values by it)

        found = self.stream(cases, strict=strict, explain=explain, kind=kind).result()
        warn_of_refused(found.refused)
        return found

    def stream(
        self,
        cases: Cases,
        *,
        strict: bool = False,
        explain: bool = False,
        kind: str = "",
        refused: Callable[[InputError], object] | None = None,
    ) -> Verdicts:
        """The verdicts one at a time, as the cases are read, so that none is kept.

        With ``explain`` the facts know their lines and codes, and ``why`` of the value explains a
        verdict. ``refused`` is called with each refused input when it is; without it, the value's
        ``refused`` keeps them. MissingProgramError if the reasoner is not there.

        >>> import calcinosis
        >>> verdicts = calcinosis.load().stream([{"id": "case-1", "calcinosis": "present"}, {}])
        >>> [verdict.case.id for verdict in verdicts], len(verdicts.refused)
        (['case-1'], 1)
        """
        from calcinosis.api.result import Told, Verdicts, judged

        told = Told(self._why, self._questions, self.ontology.terms)
        read = self._read(cases, strict=strict, kind=kind)
        items = judged(read, self._decide, self.ontology.terms, told, explain=explain)
        return Verdicts(items, self._head(), told, refused, explain=explain)

    def cohort(self, cases: Cases, *, strict: bool = False, kind: str = "") -> Cohort:
        """What patients come to together: counts by subtype, what is missing, what settles most.

        A row a patient is in ``wide()``, a row a patient and subtype in ``tidy()``, for
        ``pandas.DataFrame``; ``refused`` says which inputs could not be read. No verdict is kept,
        so that a cohort may be large.

        >>> import calcinosis
        >>> case = {"id": "case-1", "calcinosis": "present", "findings": ["hypercalcaemia"]}
        >>> calcinosis.load().cohort(case).wide()[0]["patient"]
        'case-1'
        """
        from calcinosis.api import shown  # noqa: F401 (notebooks show the values by it)

        verdicts = self.stream(cases, strict=strict, kind=kind)
        found = verdicts.cohort()
        warn_of_refused(verdicts.refused)
        return found

    def _head(self) -> Head:
        from calcinosis.api.result import Head

        settings = self.ontology.settings.added, self.ontology.changed
        return Head(self.ontology.version, self.viewpoint, self.reasoner, *settings)

    @cached_property
    def _explainer(self) -> Explainer:
        from calcinosis.explain.justify import Explainer

        return Explainer(self.classifier)

    def _why(self, verdict: CaseVerdict) -> Explanation:
        return self._explainer.explain(verdict.case)

    def _questions(self, verdict: CaseVerdict) -> tuple[Question, ...]:
        return self._explainer.questions(verdict)

    def explain(
        self,
        cases: Cases,
        subtype: str | None = None,
        *,
        identifier: str | None = None,
        on_conflict: str = "report",
        strict: bool = False,
        kind: str = "",
    ) -> Explanations:
        """Why cases have their verdicts: all minimal justifications, conflicts and repairs.

        ``subtype`` (a name) limits it to one verdict, ``identifier`` to the case with this id.
        ``on_conflict`` is report, prefer-asserted or prefer-excluded. UsageError for an unknown
        subtype, and where no case that was read has the id.

        >>> import calcinosis
        >>> case = {"id": "case-1", "calcinosis": "present", "conditions": ["MONDO:0016367"]}
        >>> (explanation,) = calcinosis.load().explain(case)
        >>> why = explanation.subtypes[0]
        >>> why.verdict.verdict
        'undetermined'
        >>> [[one.words for one in found] for found in why.deciding.follows]
        [['no raised calcium', 'no raised phosphate']]
        """
        from calcinosis.api import shown  # noqa: F401 (notebooks show the values by it)
        from calcinosis.api.result import Explanations, accepted

        refused: list[InputError] = []
        items = self._explained(cases, subtype, identifier, on_conflict, strict=strict, kind=kind)
        found = tuple(accepted(items, refused.append))
        if identifier is not None and not (found or refused):
            raise UnknownNameError(
                f"no case that was read has the id {identifier!r}", "--id", "Check it"
            )
        warn_of_refused(refused)
        return Explanations(self._head(), found, tuple(refused), self.library)

    def _explained(
        self,
        cases: Cases,
        subtype: str | None = None,
        identifier: str | None = None,
        on_conflict: str = "report",
        *,
        strict: bool = False,
        kind: str = "",
    ) -> Iterator[Explanation | InputError]:
        from calcinosis.explain.conflicts import ON_CONFLICT

        if on_conflict not in ON_CONFLICT:
            known = ", ".join(ON_CONFLICT)
            raise UsageError(
                f"there is no way {on_conflict!r} to settle conflicts", "", f"Known: {known}"
            )
        asked = None if subtype is None else self._defined(subtype)

        def why(raw: RawCase, case: Case) -> Explanation:
            traced = raw.traced(case, self.ontology.terms)
            return self._explainer.explain(traced, asked, on_conflict)

        for item in self._read(cases, strict=strict, kind=kind):
            if isinstance(item, InputError):
                yield item
                continue
            raw, case = item
            if identifier in (None, case.id):
                yield attempt(case.where, partial(why, raw, case))

    def compare(
        self,
        other: KnowledgeGraph | Settings,
        cases: Cases,
        *,
        strict: bool = False,
        kind: str = "",
    ) -> Comparison:
        """Set another graph, or the same by other settings, beside this one over the same cases.

        >>> import calcinosis
        >>> case = {"id": "case-1", "calcinosis": "present", "conditions": ["UCTD"]}
        >>> settings = calcinosis.Settings(without=("balin-2012",))
        >>> change = calcinosis.load().compare(settings, case).changes[0]
        >>> change.left, change.right
        ('presumed', 'undetermined')
        """
        from calcinosis.api import shown  # noqa: F401 (notebooks show the values by it)
        from calcinosis.api.result import accepted, read_again
        from calcinosis.study.compare import compare

        if isinstance(other, Settings):
            other = by_settings(self, other)
        reader = other._reader(strict=strict)
        refused: list[InputError] = []
        read = self._read(cases, strict=strict, kind=kind)
        pairs = accepted(read_again(read, reader), refused.append)
        found = compare(self._explainer, other._explainer, pairs)
        warn_of_refused(refused)
        return replace(found, refused=tuple(refused))

    def rank(self, cases: Cases, *, strict: bool = False, kind: str = "") -> Ranking:
        """The references without which a verdict on the cases changes, weightiest first.

        Each is left out alone, besides what the settings leave out.

        >>> import calcinosis
        >>> case = {"id": "case-1", "calcinosis": "present", "conditions": ["UCTD"]}
        >>> [weight.reference for weight in calcinosis.load().rank(case)]
        ['balin-2012']
        """
        from calcinosis.api import shown  # noqa: F401 (notebooks show the values by it)
        from calcinosis.api.result import accepted
        from calcinosis.facts.read import reader_of
        from calcinosis.study.compare import By, Ranking, weights

        refused: list[InputError] = []
        read_cases = self._read(cases, strict=strict, kind=kind)
        taken = list(accepted(read_cases, refused.append))

        def read(ontology: Ontology) -> list[Case]:
            reader = reader_of(ontology, strict=strict)
            return [raw.read(reader) for raw, _ in taken]

        found = weights(self.classifier, read)
        warn_of_refused(refused)
        unknown = tuple(len(case.not_understood) for _, case in taken)
        return Ranking(By.of(self.ontology), tuple(found), tuple(refused), unknown)

    def evaluate(
        self,
        cases: Cases | None = None,
        labels: Given | None = None,
        *,
        second: Cases | None = None,
        against: Mapping[str, KnowledgeGraph | Settings] | None = None,
        keep_own_source: bool = False,
        strict: bool = False,
        kind: str = "",
    ) -> Evaluation:
        """The verdicts on cases, held against what others call them.

        ``labels`` is a table (id, label; kind, source and note beside them) or a mapping of ids to
        subtypes; without ``cases`` it is the published ones that come with the package, of which
        only counts are told. ``second`` are the same cases by another encoder; ``against`` has
        other graphs, or other settings, by a name. What a case's own source alone supports does
        not count for it, unless it is kept. InputError for labels that
        are no table, or whose ids are none of the cases'; UsageError as for ``load``.

        >>> import calcinosis
        >>> case = {"id": "a", "calcinosis": "present", "conditions": ["UCTD"]}
        >>> kg = calcinosis.load()
        >>> label = kg.classify(case).cases[0].subtypes[0].label
        >>> found = kg.evaluate(case, {"a": label})
        >>> found.cases, found.gained
        (1, ('a',))
        """
        from calcinosis.api.evaluating import Asked, evaluation

        named = (against or {}).items()
        others = [(n, by_settings(self, o) if isinstance(o, Settings) else o) for n, o in named]
        asked = Asked(cases, labels, second, others, keep_own_source, strict, kind)
        found = evaluation(self, asked)
        warn_of_refused(found.refused)
        return found

    # -- carrying away ---------------------------------------------------------------

    def cite(
        self,
        *keys: str,
        subtype: str | Iterable[str] | None = None,
        condition: str | Iterable[str] | None = None,
        cases: Cases | Result | None = None,
        query: str | Iterable[str] | None = None,
        parameters: Mapping[str, str] | None = None,
        below: bool = False,
        kind: str = "",
    ) -> Bibliography:
        """The references with these keys, or those that carry an answer, in order of their keys.

        Several things asked for are put together; nothing asked for is every reference.

        ``subtype`` (names): the references of claims whose subject or object is the subtype, and
        of the claims that its definition under this viewpoint rests on.
        ``condition`` (names of conditions, interventions, findings, sites): those of claims with
        it as subject, object or context; with ``below`` also with a kind of it.
        ``cases`` (as everywhere, or what ``classify`` gave): exactly those that the verdicts cite,
        and those of the reference intervals and corrections that judged the laboratory values.
        ``query`` (names of look-ups): those in its answer, asked with ``parameters``.
        References that only dispute a claim do not carry it and are left out.

        UsageError for an unknown key, name or look-up.

        >>> import calcinosis
        >>> kg = calcinosis.load()
        >>> kg.cite("reiter-2011").keys
        ('reiter-2011',)
        >>> len(kg.cite(query="causes", parameters={"subtype": "iatrogenic"})) > 10
        True
        """
        from calcinosis.api.bibliography import everything, gather
        from calcinosis.api.result import Result

        if parameters and not query:
            raise UsageError(*NO_QUERY)
        if below and not condition:
            raise UsageError("there is nothing to look below", "--below", "Add --condition NAME")
        if not keys and all(one is None for one in (subtype, condition, query, cases)):
            return everything(self.ontology)
        result = cases
        if not (result is None or isinstance(result, Result)):
            result = self.stream(result, kind=kind).result()
            warn_of_refused(result.refused)
        verdicts, refused = (result.cases, result.refused) if result else ((), ())
        answers = (self.lookups.look_up(one, parameters or {}) for one in several(query))
        answered = [key for answer in answers for key in answer.references()]
        return gather(
            self.ontology,
            keys=(*keys, *answered),
            subtypes=map(self._subtype, several(subtype)),
            terms=(self._term(name).iri for name in several(condition)),
            verdicts=verdicts,
            below=below,
            refused=refused,
        )

    def export(
        self,
        format: str,  # noqa: A002 (the word for it)
        *,
        sign_key: str | Path | None = None,
        creator: str | None = None,
        **selection: Any,
    ) -> Exported:
        """The graph, or what is asked for of it, in a format that other programs read.

        ``subtype``, ``condition`` (names), ``reference`` (keys), ``query`` (look-ups, whose claims
        are taken, with ``parameters``) and ``cases`` are put together; nothing asked for is the
        whole graph, an empty list no statement. Ontology formats are written with the axioms that
        follow (``inferred``), and without the labels of other vocabularies' terms (``base``); a
        package holds the formats ``include``, or its own choice.

        ``bytes()`` of the value is the file, and ``for part in`` the value streams it; a format of
        several files has them in ``files``, and is a zip archive as a whole.
        ``sign_key``, the file of an RSA key, signs a format that can be signed, for the ORCID
        ``creator``. UsageError for an unknown format, name, ORCID or key, and for parameters
        without a look-up; MissingProgramError where the package that signs is not installed.

        >>> import calcinosis
        >>> claims = calcinosis.load().export("associations-csv", reference="reiter-2011")
        >>> bytes(claims).decode().splitlines()[0].split(",")[:5]
        ['association', 'kind', 'subject', 'subject_label', 'predicate']
        """
        from calcinosis.api.selecting import select
        from calcinosis.output.formats import Exported, find, signer

        form, signs = find(format), signer(sign_key, creator)
        found = Exported(form, select(self, **selection), signs)
        warn_of_refused(found.refused)
        return found

    def _claims_of(self, query: str, parameters: Mapping[str, str]) -> set[str]:
        """The associations in the answer of a look-up; UsageError if it answers no claims."""
        table = self.lookups.look_up(query, parameters)
        if "claim" not in table.columns:
            raise UsageError(f"the look-up {query!r} answers no claims", "--query", "Take another")
        return {str(row["claim"]) for row in table.rows()}

    def _defined(self, name: str) -> str:
        """The id of a subtype that the viewpoint defines; UsageError for another."""
        found = names.local(self._subtype(name))
        known = {c.subtype: c.label for c in self.classifier.case_classes}
        if found not in known:
            what = f"{name!r} is not a subtype of the viewpoint {self.viewpoint}"
            raise UnknownNameError(what, "", f"Known: {', '.join(known.values())}")
        return found


def load(
    viewpoint: str = names.DEFAULT_VIEWPOINT,
    *,
    ontology: str | Path | None = None,
    reasoner: str = "compiled",
    settings: Settings | None = None,
    overlays: str | Path | Iterable[str | Path] = (),
) -> KnowledgeGraph:
    """Load the graph under one viewpoint, offline.

    ``ontology`` names another ontology folder than the package's own; ``settings`` say the
    viewpoint themselves, and which references and readings are left out; ``overlays`` are Turtle
    files of one's own to lay over it, which are checked, and marked in every answer. Raises
    UsageError for an unknown viewpoint or reference, OntologyError for a broken module, an overlay
    that is refused, or an axiom outside the fragment.

    >>> load("minars").label
    'Minars Dermatology textbook'
    """
    folder = None if ontology is None else Path(ontology)
    paths = [overlays] if isinstance(overlays, str | Path) else overlays
    found = load_ontology(viewpoint, folder, settings, [Path(path) for path in paths])
    if found.overlays:
        from calcinosis.release.laid import verify

        verify(found)
    return KnowledgeGraph(found, reasoner)


def by_settings(kg: KnowledgeGraph, settings: Settings) -> KnowledgeGraph:
    """The same graph by other settings; what was read already is shared where it can be."""
    if settings.viewpoint != kg.viewpoint:
        laid = kg.ontology.overlays
        ontology = load_ontology("", kg.ontology.folder, settings, laid)
        return KnowledgeGraph(ontology, kg.reasoner)
    return KnowledgeGraph(kg.ontology.leaving_out(settings), kg.reasoner)
