"""The tools that judge one patient: classify, explain, and what to ask next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from calcinosis.api import Explanation, KnowledgeGraph
from calcinosis.api.result import Result
from calcinosis.errors import CaseError, InputError, UsageError, quoted
from calcinosis.output.words.reasons import possible
from calcinosis.web.assistant_bounds import told
from calcinosis.web.assistant_desk import Desk
from calcinosis.web.assistant_lookups import Viewpoint
from calcinosis.web.assistant_replies import (
    Axiom,
    Because,
    Criterion,
    Explained,
    Judged,
    Next,
    NotUnderstood,
    Outcome,
    Presumed,
    Question,
    Read,
    Verdict,
    Why,
)
from calcinosis.web.assistant_shapes import citation, cut

_NO_ADVICE: Final = (
    "Research, not medical advice: a verdict says that the criteria of a definition are met, not "
    "that a cause is proven."
)
_PRESUMED: Final = (
    "Presumed is no verdict: the subtype is open, and follows only if what was left out of the "
    "case is as it usually is. Say so, and what falls if it is not."
)
_UNKNOWN: Final = (
    "Words of the case were not understood (not_understood): they gave no fact and hold verdicts "
    "back. Ask what they mean, or write them by another name or code; do not drop them silently."
)
_SETTLED: Final = "No verdict is open: nothing is left to ask."
_MORE: Final = "There are more sets than are looked for: those that are given are not all."
_OPEN: Final = "undetermined"
_BECAUSE: Final = 3
_QUESTIONS: Final = 8
_FAULTS: Final = 4
_IN_WORDS: Final = {
    "entailed": "follows",
    "refuted": "ruled out",
    "undetermined": "open",
    "conflicting": "contradictory",
}
Case = Annotated[
    dict[str, Any],
    Field(
        description=(
            'One patient: {"id": "p1", "age": "34 years", "sex": "female", '
            '"calcinosis": "present", "conditions": [...], "interventions": [...], '
            '"findings": [...], "labs": [{"test": "calcium", "value": 9.1, "unit": "mg/dL"}], '
            '"excluded": [...], "workup_complete": [...]}. An item is a name or code, or {"term": '
            '..., "at_deposit": true, "cause": true or false, "when": "before"}. The resource '
            "calcinosis://case-format has all. A phenopacket or a FHIR bundle of one patient too."
        )
    ),
]
Assume = Annotated[
    str,
    Field(description="What may be presumed: all (default), nothing, or levels, work-up, causes."),
]


class CaseTools:
    """The tools, each a method whose docstring is what an assistant is told."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def classify(self, case: Case, viewpoint: Viewpoint = "", assume: Assume = "") -> Judged:
        """Which subtypes follow for one patient, which are ruled out or open, and by which papers.

        Example: classify(case={"id": "p1", "calcinosis": "present",
        "conditions": ["MONDO:0016367"]}).
        Give what is stated and no more: what is left out is unknown, never absent; put denials
        under excluded. Write names or codes, not sentences. Tell the user what is presumed and
        what was not understood. A scar or an injection counts only with at_deposit or cause.
        """
        kg = self._desk.graph(viewpoint, assume)
        verdict = self._judged(kg, case).cases[0]
        found = verdict.to_dict()
        subtypes = [_verdict(one) for one in found["subtypes"]]
        unknown = _not_understood(found)
        notes = (
            _NO_ADVICE,
            _PRESUMED if any(one.presumed for one in subtypes) else "",
            _UNKNOWN if unknown else "",
        )
        return Judged(
            case=told(verdict.case.id),
            summary=_summary(subtypes, verdict.subtypes),
            subtypes=subtypes,
            not_understood=unknown,
            read=list(_read(found)),
            contradiction=[list(side) for side in found.get("contradiction", ())],
            **self._desk.end(verdict.cited, notes, kg),
        )

    def explain(
        self,
        case: Case,
        subtype: Annotated[str, Field(description="Only this subtype; all if left out.")] = "",
        viewpoint: Viewpoint = "",
        assume: Assume = "",
    ) -> Why:
        """Why each verdict on one patient holds: facts, axioms, their papers, what would decide.

        Example: explain(case={"id": "p1", "calcinosis": "present",
        "conditions": ["MONDO:0016367"]}).
        Leave out any fact or axiom of a set and the verdict no longer follows by it. An axiom of
        the kind reading or editorial is ours: say so. conflicts are facts that cannot all hold.
        """
        kg = self._desk.graph(viewpoint, assume)
        explanation = self._explained(kg, case)
        verdict = explanation.verdict
        wanted = _subtype(explanation, subtype)
        chosen = [why for why in explanation.subtypes if wanted in ("", why.verdict.id)]
        subtypes = list(map(_explained, chosen))
        unknown = _not_understood(verdict.to_dict())
        carried = (key for one in subtypes for key in _keys(one))
        possible_by = (key for why in chosen for key in why.verdict.basis_references)
        keys = dict.fromkeys((*carried, *possible_by, *_labs(verdict)))
        notes = (
            _NO_ADVICE,
            _PRESUMED if any(one.presumed for one in subtypes) else "",
            _UNKNOWN if unknown else "",
            *_left_out(explanation, subtypes),
        )
        conflicts = explanation.contradictions.conflicts
        return Why(
            case=told(verdict.case.id),
            subtypes=subtypes,
            conflicts=[[str(given.fact) for given in one.facts] for one in conflicts[:_BECAUSE]],
            not_understood=unknown,
            **self._desk.end(keys, notes, kg),
        )

    def next_question(self, case: Case, viewpoint: Viewpoint = "", assume: Assume = "") -> Next:
        """What to ask or measure next, so that the open verdicts on one patient are settled.

        Example: next_question(case={"id": "p1", "calcinosis": "present",
        "conditions": ["MONDO:0016367"]}).
        Questions that settle most come first, each with what either answer settles and the tests
        that show it. Words that were not understood come before any test: clear them up.
        """
        kg = self._desk.graph(viewpoint, assume)
        explanation = self._explained(kg, case)
        verdict = explanation.verdict
        labels = {one.id: one.label for one in verdict.subtypes}
        still = [one.label for one in verdict.subtypes if one.verdict == _OPEN]
        questions = [_question(one, labels) for one in explanation.questions]
        unknown = _not_understood(verdict.to_dict())
        keys = dict.fromkeys(key for one in questions[:_QUESTIONS] for key in one.references)
        notes = (
            _NO_ADVICE,
            "" if still else _SETTLED,
            _UNKNOWN if unknown else "",
            cut(len(questions), _QUESTIONS, "questions"),
        )
        return Next(
            case=told(verdict.case.id),
            open=still,
            questions=questions[:_QUESTIONS],
            not_understood=unknown,
            **self._desk.end(keys, notes, kg),
        )

    # -- judging one patient ---------------------------------------------------------------------

    def _judged(self, kg: KnowledgeGraph, case: Mapping[str, Any], why: bool = False) -> Result:
        """The one patient of a record, judged; UsageError and InputError for none or several.

        Only a mapping gets here: no path is ever opened.
        """
        if not isinstance(case, dict) or not case:
            raise UsageError("this is no case", "case", "Give one JSON object")
        with self._desk.judging:
            found = kg.stream(case, explain=why).result()
        if found.refused:
            raise InputError(_faults(found.refused[0]), "case", "Mend it, and ask again")
        if len(found.cases) != 1:
            what = f"the record holds {len(found.cases)} patients"
            raise UsageError(what, "case", "Give one patient a call")
        return found

    def _explained(self, kg: KnowledgeGraph, case: Mapping[str, Any]) -> Explanation:
        found = self._judged(kg, case, why=True).explanations
        assert found is not None
        return found[0]


def _faults(error: InputError) -> str:
    """All that is wrong with a case in one text, the first faults where they are many."""
    if not isinstance(error, CaseError):
        return error.line
    lines = [str(problem) for problem in error.problems[:_FAULTS]]
    more = len(error.problems) - len(lines)
    return " | ".join([*lines, *([f"and {more} more"] if more else [])])


def _subtype(explanation: Explanation, name: str) -> str:
    """The id of a subtype by its id, label or the label's first word; empty for all."""
    if not name:
        return ""
    labels = {why.verdict.id: why.verdict.label for why in explanation.subtypes}
    asked = name.casefold().removeprefix("calc:").strip()
    for found, label in labels.items():
        if asked in (found.casefold(), label.casefold(), label.casefold().split()[0]):
            return found
    what = f"{quoted(name)} is no subtype of the viewpoint"
    raise UsageError(what, "subtype", f"Known: {', '.join(labels.values())}")


def _verdict(found: Mapping[str, Any]) -> Verdict:
    criteria = [
        Criterion(one["label"], one["status"], list(one["facts"]), list(one["references"]))
        for one in _all_criteria(found["criteria"])
    ]
    return Verdict(
        subtype=found["id"],
        label=found["label"],
        verdict=found["verdict"],
        presumed=_presumed(found["presumed"]),
        defining_cause_present=_is_defined(found["verdict"], found["basis"]),
        possible_causes=list(found.get("basis_facts", ())),
        needed=list(found["needed"]),
        criteria=criteria,
        flags=list(found["flags"]),
        our_readings=list(found["readings"]),
    )


def _is_defined(verdict: str, basis: str | None) -> bool:
    """Whether the cause of an open subtype is known, as ``classify`` says it."""
    return verdict == _OPEN and basis == "criterion"


def _all_criteria(found: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for one in found:
        yield one
        yield from _all_criteria(one.get("parts", ()))


def _presumed(found: Mapping[str, Any] | None) -> Presumed | None:
    if found is None:
        return None
    keys = list(found["references"])
    return Presumed(found["condition"], list(found["assumptions"]), found["falls_if"], keys)


def _summary(subtypes: Sequence[Verdict], found: Sequence[Any]) -> list[str]:
    """A line a subtype, as it is to be told."""
    lines = []
    for one, verdict in zip(subtypes, found, strict=True):
        line = f"{one.label}: {_IN_WORDS[one.verdict]}{possible(verdict)}"
        if one.presumed:
            line += f"; presumed, if {one.presumed.condition}; {one.presumed.falls_if}"
        elif one.verdict == _OPEN and one.needed:
            line += f"; still needed: {', '.join(one.needed)}"
        lines.append(line)
    return lines


def _not_understood(found: Mapping[str, Any]) -> list[NotUnderstood]:
    told_words = [
        NotUnderstood(
            told(one["what"]),
            one["where"],
            one["reason"],
            list(one["suggestions"]),
            list(one["blocks"]),
        )
        for one in found["not_understood"]
    ]
    values = [
        NotUnderstood(told(one["what"]), one["where"], one["reason"], [], ["levels"])
        for one in found["uninterpreted"]
    ]
    return [*told_words, *values]


def _read(found: Mapping[str, Any]) -> Iterator[Read]:
    """What became of words of the case that gave no fact as they stood, or another."""
    for one in found["taken"]:
        became = f"taken as: {one['fact']}"
        yield Read(told(one["because"]), one["where"], became, one["way_out"])
    for key, became in (("set_aside", "set aside"), ("without_role", "decides nothing here")):
        for one in found[key]:
            yield Read(told(one["what"]), one["where"], f"{became}: {one['reason']}", "")
    for one in found["read_as"]:
        yield Read(told(one["what"]), one["where"], f"read so: {one['reason']}", "")
    for one in found["workup_ignored"]:
        became = f"work-up not taken as exclusion: {one['reason']}"
        yield Read(told(one["criterion"]), "workup_complete", became, "")


def _left_out(explanation: Explanation, subtypes: Sequence[Explained]) -> Iterator[str]:
    """What is said where a reply holds fewer than there are, or not all were looked for."""
    yield cut(max((one.justifications for one in subtypes), default=0), _BECAUSE, "justifications")
    yield cut(len(explanation.contradictions.conflicts), _BECAUSE, "conflicts")
    deciding = [why.deciding for why in explanation.subtypes if why.deciding]
    sets = max(
        (len(found) for one in deciding for found in (one.follows, one.ruled_out)), default=0
    )
    yield cut(sets, _QUESTIONS, "sets that would decide")
    whole = [
        explanation.contradictions.complete,
        *(why.complete for why in explanation.subtypes),
        *(one.complete for one in deciding),
    ]
    yield "" if all(whole) else _MORE


def _explained(why: Any) -> Explained:
    found = why.verdict
    told_presumed = found.presumed.to_dict() if found.presumed else None
    justified = why.justifications or why.presumed
    deciding = why.deciding
    return Explained(
        subtype=found.id,
        label=found.label,
        verdict=found.verdict,
        presumed=_presumed(told_presumed),
        defining_cause_present=_is_defined(found.verdict, found.basis),
        possible_causes=list(found.basis_facts),
        flags=list(found.flags),
        because=[_because(one.to_dict()) for one in justified[:_BECAUSE]],
        justifications=len(justified),
        would_follow_if=_sets(deciding.follows) if deciding else [],
        would_be_ruled_out_if=_sets(deciding.ruled_out) if deciding else [],
    )


def _because(found: Mapping[str, Any]) -> Because:
    axioms = [
        Axiom(
            one["words"],
            one["kind"],
            one["why"] or "",
            [citation(source) for source in _once(one["sources"])],
        )
        for one in found["axioms"]
    ]
    facts = list(map(_placed, found["facts"]))
    return Because(facts, axioms, found["weakest"] if isinstance(found.get("weakest"), str) else "")


def _placed(fact: Mapping[str, Any]) -> str:
    """A fact with its places; what a rule assumes has none."""
    places = ", ".join(fact["places"])
    return f"{fact['fact']} ({places})" if places else str(fact["fact"])


def _once(sources: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Each reference once, though several claims of it stand behind an axiom."""
    yield from {one["reference"]: one for one in reversed(sources)}.values()


def _sets(found: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [[one.words for one in together] for together in found[:_QUESTIONS]]


def _keys(one: Explained) -> Iterator[str]:
    for because in one.because:
        for axiom in because.axioms:
            yield from (source.reference for source in axiom.sources)
    if one.presumed:
        yield from one.presumed.references


def _labs(verdict: Any) -> Iterator[str]:
    """The keys of the references of the intervals that judged values."""
    return (key for fact in verdict.case.facts for key in fact.references)


def _question(found: Any, labels: Mapping[str, str]) -> Question:
    outcomes: list[Outcome] = []
    tests: dict[str, None] = {}
    keys: dict[str, None] = {}
    for outcome in found.outcomes:
        seen = outcome.observation
        settles = {labels[iri]: _IN_WORDS[verdict] for iri, verdict in outcome.settles}
        outcomes.append(Outcome(seen.words, settles))
        for test in seen.tests:
            tests[f"{test.label}: {test.to_dict()['statement']}"] = None
            keys.update(dict.fromkeys(source.reference for source in test.sources))
        keys.update(dict.fromkeys(seen.references))
    return Question(found.asks, found.score, outcomes, list(tests), list(keys))
