"""A verdict put into what a table shows of a patient."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from calcinosis.facts.case import Case, Fact
from calcinosis.names import HAS_CONDITION
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    REFUTED,
    UNDETERMINED,
    CaseVerdict,
    SubtypeVerdict,
)
from calcinosis.study.cohort import Need, Patient

THE_DEPOSIT: Final = "calcinosis"
"""The item of a case that states the deposit itself."""
_LACKING: Final = re.compile(r" \(\0(?:; \0)*\)")


class Defined(Protocol):
    """A subtype that a viewpoint defines."""

    @property
    def subtype(self) -> str:
        """Its id."""

    @property
    def label(self) -> str:
        """Its label."""


class Patients:
    """Makes patients of verdicts under one viewpoint.

    ``subtypes`` and ``criteria`` are labels by id, in the viewpoint's order. They are those of the
    first verdict; before that, ``subtypes`` are the ``defined`` ones.
    """

    def __init__(self, defined: Iterable[Defined] = ()) -> None:
        self.subtypes = {one.subtype: one.label for one in defined}
        self.criteria: dict[str, str] = {}
        self._same: dict[str, str] = {}

    def of(self, verdict: CaseVerdict) -> Patient:
        """What the tables show of one patient."""
        case = verdict.case
        statuses = {one.id: one for subtype in verdict.subtypes for one in subtype.criteria}
        if not self.criteria:
            self.subtypes = {one.id: one.label for one in verdict.subtypes}
            self.criteria = {one.id: one.label for one in statuses.values()}
        needs = {
            subtype.id: tuple(self._need(text, case) for text in subtype.needed)
            for subtype in verdict.subtypes
            if subtype.needed
        }
        return Patient(
            case.id,
            verdict.calcinosis,
            case.sex,
            case.age_days,
            tuple(asserted(case).values()),
            tuple(subtype.standing for subtype in verdict.subtypes),
            tuple(statuses[one].status for one in self.criteria),
            needs,
            tuple(dict.fromkeys(remark.what for remark in verdict.not_understood)),
            tuple(dict.fromkeys(remark.what for remark in case.uninterpreted)),
            tuple(
                dict.fromkeys(self._kept(flag) for one in verdict.subtypes for flag in one.flags)
            ),
            self._kept(_why(verdict, needs)),
            case.patient,
            {
                one.id: tuple(map(self._kept, one.basis_facts))
                for one in verdict.subtypes
                if one.standing == UNDETERMINED and one.basis_facts
            },
        )

    def _kept(self, text: str) -> str:
        """The same text once, however many patients have it."""
        return self._same.setdefault(text, text)

    def _need(self, text: str, case: Case) -> Need:
        """What is needed, parted from what a value that is given lacks."""
        if not case.uninterpreted:
            return Need(self._kept(text))
        lacks = []
        for remark in case.uninterpreted:
            told = f"for {remark.what}: {remark.cure}"
            if told in text:
                text = text.replace(told, "\0")
                lacks.append(remark.cure.partition(",")[0])
        asks = _LACKING.sub("", text)
        return Need(self._kept(asks), self._kept("; ".join(dict.fromkeys(lacks))))


def asserted(case: Case) -> dict[str, str]:
    """The labels of the conditions that a case asserts, by IRI; not the deposit itself.

    One that is asserted of another time alone says so, and has the time behind its IRI.
    """
    stated = [
        fact
        for fact in case.facts
        if fact.affirmed
        and fact.rule is None
        and fact.item != THE_DEPOSIT
        and (fact.property or "").startswith(HAS_CONDITION)
    ]
    now = {fact.term for fact in stated if fact.when == "at"}
    return {
        f"{fact.term} {fact.when}".removesuffix(" at"): _at_its_time(fact)
        for fact in stated
        if fact.when == "at" or fact.term not in now
    }


def _at_its_time(fact: Fact) -> str:
    return fact.label if fact.when == "at" else f"{fact.label} ({fact.when})"


# -- why nothing follows, in a few words ---------------------------------------------------


def _why(verdict: CaseVerdict, needs: Mapping[str, tuple[Need, ...]]) -> str:
    """Why nothing follows of a patient; of a presumption, what it hangs on."""
    standings = {subtype.standing for subtype in verdict.subtypes}
    if ENTAILED in standings:
        return ""
    if verdict.contradiction is not None or CONFLICTING in standings:
        return "the facts contradict each other"
    presumed = [one.presumed.condition for one in verdict.subtypes if one.presumed]
    if presumed:
        return f"if {presumed[0]}"
    if needs:
        asks = dict.fromkeys(need.asks for found in needs.values() for need in found)
        return f"not known: {', '.join(asks)}"
    if standings == {REFUTED}:
        absent = verdict.calcinosis == "absent"
        return "there is no calcinosis" if absent else "every subtype is ruled out"
    return _open(verdict, verdict.subtypes)


def _open(verdict: CaseVerdict, subtypes: Iterable[SubtypeVerdict]) -> str:
    if verdict.calcinosis == "unknown":
        return "calcinosis is not stated"
    if any(one.basis == "association" for one in subtypes):
        return "a possible cause, not known to be the cause"
    if verdict.not_understood:
        return "words that were not understood"
    return "no cause is stated"
