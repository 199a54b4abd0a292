"""A case and its facts, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from calcinosis import names

if TYPE_CHECKING:
    from calcinosis.facts.labs import Judged
    from calcinosis.facts.places import Place
    from calcinosis.graph.matched import Match
    from calcinosis.graph.rules import Rule

Status = Literal["present", "absent", "unknown"]
Sex = Literal["male", "female", "other", "unknown"]
When = Literal["before", "at", "after"]
Level = Literal["low", "normal", "high"]

STATUSES: Final[tuple[Status, ...]] = ("present", "absent", "unknown")
SEXES: Final[tuple[Sex, ...]] = ("male", "female", "other", "unknown")
TIMES: Final[tuple[When, ...]] = ("before", "at", "after")
LEVELS: Final[tuple[Level, ...]] = ("low", "normal", "high")

_VERBS = {
    names.HAS_CONDITION: "",
    names.HAS_CONDITION + "AtDeposit": "at the deposit",
    names.HAS_CONDITION + "AsCause": "stated as the cause",
    names.UNDERWENT: "",
    names.UNDERWENT + "AtDeposit": "at the deposit",
    names.UNDERWENT + "AsCause": "stated as the cause",
    names.HAS_FINDING: "",
}
_BY_RULE = {"stated as the cause": "as the cause"}  # nobody stated it


@dataclass(frozen=True, slots=True)
class Fact:
    """One asserted (``affirmed``) or excluded condition, intervention, finding or criterion.

    ``property`` is the IRI of the link to the case, None for a criterion; ``term`` the IRI of
    the class, with its ``label``; ``where`` the place in the case, such as ``labs[0]``;
    ``words`` what stood there; ``reading`` how a laboratory value was judged, by the interval
    and correction of ``references`` (keys), ``judged`` the same as values. ``when`` is the time
    that it is stated for, ``item`` the item of the case that states it (several facts may come
    from one). A fact that nobody stated has the ``rule`` that added it, and in ``words`` what made
    the rule add it. ``place`` (in the file) and ``match`` (how the word or code came to stand for
    the term) are there only in a case that is explained.
    """

    affirmed: bool
    property: str | None
    term: str
    label: str
    where: str
    words: str
    reading: str = ""
    references: tuple[str, ...] = ()
    when: When = "at"
    item: str = ""
    rule: Rule | None = None
    judged: Judged | None = field(default=None, compare=False)
    place: Place | None = field(default=None, compare=False)
    match: Match | None = field(default=None, compare=False)

    def __str__(self) -> str:
        if self.reading:
            return self.reading
        link = _VERBS.get(self.property or "", "")
        if self.rule is not None:
            link = f"{_BY_RULE.get(link, link)} ({self.rule.code})".strip()
        text = f"{self.label} {link}".strip()
        return text if self.affirmed else f"no {text}"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something in a case that gives no fact: what stood there, its place, and why.

    ``cure`` is what would make it give one, about the findings ``about`` (IRIs). A level is left
    open by what was not interpreted, and by what was taken before or after the assessment unless
    it is stated or judged normal then, and by a test or unit that was not understood. ``kind`` is
    the kind of term of the list that holds it; ``at_deposit`` and ``cause`` say what is stated.
    """

    what: str
    where: str
    reason: str
    cure: str = ""
    about: tuple[str, ...] = ()
    kind: str = ""
    at_deposit: bool = False
    cause: bool = False

    def as_dict(self) -> dict[str, str]:
        """The remark as the result's JSON holds it."""
        found = {"what": self.what, "where": self.where, "reason": self.reason}
        return {**found, "cure": self.cure} if self.cure else found


@dataclass(frozen=True, slots=True)
class Case:
    """One patient at one assessment with one calcinosis, or none.

    ``age_days`` is in days. ``workup`` holds the criteria that are excluded unless a fact
    asserts them. What gives no fact is in ``set_aside`` (recorded), ``uninterpreted`` (a value
    that no interval judges) or ``unresolved`` (words that leniency passed over); ``where`` is
    the source and the id, as errors name them. ``assume`` says what may be assumed of this case,
    None where it does not say. ``raw`` is what it was read from, for reading it anew.
    """

    id: str
    calcinosis: Status = "unknown"
    source: str | None = None
    sites: tuple[str, ...] = ()
    sex: Sex | None = None
    age_days: float | None = None
    facts: tuple[Fact, ...] = ()
    workup: tuple[Fact, ...] = ()
    set_aside: tuple[Remark, ...] = ()
    uninterpreted: tuple[Remark, ...] = ()
    unresolved: tuple[Remark, ...] = ()
    where: str = ""
    assume: tuple[str, ...] | None = None
    raw: object = field(default=None, compare=False, repr=False)
