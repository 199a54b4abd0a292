"""The answer on one patient in sentences: verdicts, facts read, why, and what would decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from calcinosis.errors import listed
from calcinosis.output.wording import capital, more
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    PRESUMED,
    REFUTED,
    STANDINGS,
    UNDETERMINED,
    CaseVerdict,
    Standing,
    SubtypeVerdict,
)

if TYPE_CHECKING:
    from calcinosis.explain.decide import Question
    from calcinosis.explain.explanation import Explanation, Why
    from calcinosis.explain.fold import Step

_SEVERAL: Final[dict[Standing, tuple[str, str]]] = {
    ENTAILED: ("follows", "follow"),
    PRESUMED: ("is presumed", "are presumed"),
    UNDETERMINED: ("is open", "are open"),
    REFUTED: ("is ruled out", "are ruled out"),
    CONFLICTING: ("is contradictory", "are contradictory"),
}
_FACTS: Final = 3
CAUSES: Final = 4


def answer(found: Explanation) -> str:
    """All verdicts in one sentence: what is contradictory, what follows, is presumed, is open."""
    told = []
    order: tuple[Standing, ...] = (CONFLICTING, *STANDINGS[:-1])
    for standing in order:
        labels = [why.verdict.label for why in found.subtypes if why.verdict.standing == standing]
        if labels:
            told.append(f"{listed(labels)} {_SEVERAL[standing][len(labels) > 1]}")
    return f"{capital('; '.join(told) or 'no subtype was asked about')}."


def facts_read(verdict: CaseVerdict) -> list[str]:
    """What was read as a fact, each once, in the order of the case; then complete work-up."""
    told = dict.fromkeys(str(fact) for fact in verdict.case.facts)
    if verdict.calcinosis != "unknown":
        stated = "calcinosis" if verdict.calcinosis == "present" else "no calcinosis"
        told = {f"{stated} stated": None} | {fact: None for fact in told if fact != stated}
    worked_up = list(dict.fromkeys(fact.label for fact in verdict.case.workup))
    return [*told, *([f"worked up for {listed(worked_up)}"] if worked_up else [])]


def facts_in_short(verdict: CaseVerdict) -> list[str]:
    """The same below a line that says of calcinosis, values without what judged them."""
    facts = (fact.judged.result.text if fact.judged else str(fact) for fact in verdict.case.facts)
    told = dict.fromkeys(fact for fact in facts if fact not in ("calcinosis", "no calcinosis"))
    worked_up = list(dict.fromkeys(fact.label for fact in verdict.case.workup))
    return [*told, *([f"worked up for {listed(worked_up)}"] if worked_up else [])]


def because(why: Why, *, facts: bool = True) -> str:
    """Why a subtype has its verdict, in one sentence without a full stop.

    ``facts`` says whether the facts stand beside the criteria that they settle.
    """
    verdict = why.verdict
    head = f"{verdict.label} {says(verdict.standing)}"
    if verdict.presumed is not None:
        return f"{head}, if {verdict.presumed.condition}; {verdict.presumed.falls_if}"
    if verdict.verdict == CONFLICTING:
        return f"{head}: it depends on which of the clashing facts is withdrawn"
    if verdict.verdict == UNDETERMINED:
        return f"{head}{lacking(verdict)}"
    return f"{head}: {_met(why.steps[0], facts)}" if why.steps else head


def lacking(verdict: SubtypeVerdict) -> str:
    """What stands behind an open verdict: a possible cause, what is missing, what is known of it.

    It begins with a comma or a colon, and is empty where nothing is known to be missing.
    """
    unknown = [one.label for one in verdict.criteria if one.status == "unknown"]
    missing = f"{listed(list(verdict.needed))} still needed" if verdict.needed else ""
    if not missing and unknown:
        missing = f"not known: {'; '.join(unknown)}"
    known = "; ".join(dict.fromkeys(_known_parts(verdict)))
    found = "; ".join(filter(None, (missing, f"known: {known}" if known else "")))
    cause = possible(verdict)
    between = "; " if cause else ": "
    return f"{cause}{between * bool(found)}{found}"


def says_more(verdict: SubtypeVerdict) -> bool:
    """Whether a possible cause or a part of a criterion is known of an open subtype."""
    return bool(possible(verdict)) or any(_known_parts(verdict))


def _known_parts(verdict: SubtypeVerdict) -> Iterator[str]:
    """The facts that settle a part of a criterion, which is not known as a whole."""
    for one in verdict.criteria:
        if one.status == "unknown":
            for part in one.parts:
                yield from part.facts if part.status != "unknown" else ()


def possible(verdict: SubtypeVerdict) -> str:
    """The cause of an open subtype that is present, or may be one; it begins with a comma."""
    if verdict.verdict != UNDETERMINED or verdict.basis is None:
        return ""
    if verdict.basis == "criterion":
        return ", its defining cause is present"
    return f", with a possible cause ({few(verdict.basis_facts, CAUSES)})"


def few(facts: Sequence[str], most: int) -> str:
    """The first of many facts, and how many more there are."""
    rest = len(facts) - most
    return "; ".join((*facts[:most], *([f"and {rest} more"] * (rest > 0))))


def _met(steps: Sequence[Step], facts: bool) -> str:
    """The criteria of a reason and whether they are met; all of one reason are, or none."""
    said = [f"“{step.criterion}”{_facts(step) if facts else ''}" for step in steps]
    verb = "are" if len(said) > 1 else "is"
    return f"{listed(said)} {verb} {'' if steps[0].met else 'not '}met"


def _facts(step: Step) -> str:
    facts = list(dict.fromkeys(str(chain.given.fact) for chain in step.chains))
    rest = len(facts) - _FACTS
    shown = facts[:_FACTS] + [more(rest, "fact")] * (rest > 0)
    return f" ({'; '.join(shown)})"


def deciding(found: Explanation, most: int) -> Iterator[str]:
    """What to find out, and what each answer settles: the best first, at most so many."""
    labels = {why.verdict.id: why.verdict.label for why in found.subtypes}
    for question in found.questions[:most]:
        yield f"{question.asks} ({'; '.join(outcomes(question, labels))})"


def outcomes(question: Question, labels: dict[str, str]) -> Iterable[str]:
    """Both answers to a question with the verdicts that they settle, by ids' labels."""
    for outcome in question.outcomes:
        settles = [f"{labels[one]} {says(verdict)}" for one, verdict in outcome.settles]
        yield f"{outcome.observation.words}: {listed(settles) or 'nothing yet'}"


def says(verdict: Standing) -> str:
    """A verdict as the verb of a sentence: follows, is ruled out."""
    return _SEVERAL[verdict][0]
