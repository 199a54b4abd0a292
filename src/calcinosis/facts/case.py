"""A case and its facts, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from calcinosis import names
from calcinosis.errors import did_you_mean

if TYPE_CHECKING:
    from calcinosis.facts.laboratory import Analyte
    from calcinosis.facts.places import Place
    from calcinosis.facts.quantity import Interval, LevelWord, Measured
    from calcinosis.graph.matched import Match
    from calcinosis.graph.rules import Rule

Presence = Literal["present", "absent", "unknown"]
Sex = Literal["male", "female", "other", "unknown"]
When = Literal["before", "at", "after"]
Level = Literal["low", "normal", "high"]

PRESENCES: Final[tuple[Presence, ...]] = get_args(Presence)
SEXES: Final[tuple[Sex, ...]] = get_args(Sex)
TIMES: Final[tuple[When, ...]] = get_args(When)
LEVELS: Final[tuple[Level, ...]] = get_args(Level)

LISTS: Final = {"conditions": "condition", "interventions": "intervention", "findings": "finding"}
"""The lists of a case that state facts, each with the kind of its terms."""
LIST_OF: Final = {kind: key for key, kind in LISTS.items()}
"""The same by the kind."""

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
class LabResult:
    """One laboratory item after reading.

    ``measured`` is the value, ``interval`` the case's own one, ``level`` what is stated in words.
    ``text`` is the item in words, ``corrected`` what a correction made of it, by
    ``references``. ``test`` and ``value`` are as they stood. Where the test's name stands for
    several analytes, ``named`` holds their labels, and ``others`` the readings beside this one.
    An ``unread`` result has a number whose unit was not understood: it states no level.
    Of a number without a unit that has a ``level`` beside it ``in_units`` holds what it is in each
    unit in which it is possible; for any other result it is None.
    """

    analyte: Analyte
    where: str
    text: str
    when: When = "at"
    measured: Measured | None = None
    interval: Interval | None = None
    level: LevelWord | None = None
    corrected: str = ""
    references: tuple[str, ...] = ()
    test: str = ""
    value: object = None
    named: tuple[str, ...] = ()
    others: tuple[LabResult, ...] = ()
    unread: bool = False
    in_units: tuple[LabResult, ...] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A result and the interval that judged it, in the unit of the value; None for a word.

    ``printed`` is the interval in the unit in which its source gives it, ``further`` are those of
    other sources that agree with it. ``near`` says in words how near to a bound the value lies;
    it is empty where it does not.
    """

    result: LabResult
    interval: Interval | None = None
    printed: Interval | None = None
    further: tuple[Interval, ...] = ()
    near: str = ""

    @property
    def test(self) -> str:
        """The test as it stood."""
        return self.result.test

    @property
    def analyte(self) -> str:
        """The IRI of the analyte."""
        return self.result.analyte.iri

    def to_dict(self) -> dict[str, Any]:
        """Value, correction and interval as the explanation's JSON holds them."""
        result, measured = self.result, self.result.measured
        found: dict[str, Any] = {"test": result.test}
        if measured is not None:
            found |= {"value": result.value, "unit": measured.unit.ucum}
        if result.level is not None:
            found["level"] = result.level
        if measured is not None and result.corrected:
            low, high = measured.amount.low, measured.amount.high
            found["corrected"] = {
                "value": low if low == high else str(measured.amount),
                "unit": measured.unit.ucum,
                "words": result.corrected.rstrip(","),
                "references": list(result.references),
            }
        if self.interval is not None:
            found["interval"] = self.interval.to_dict()
            if self.printed is not None and self.printed.unit != self.interval.unit:
                printed = self.printed.to_dict()
                kept = {key: printed[key] for key in ("low", "high", "unit")}
                found["interval"] |= {"printed": kept}
        return found


@dataclass(frozen=True, slots=True)
class Fact:
    """One asserted (``affirmed``) or excluded condition, intervention, finding or criterion.

    ``property`` is the IRI of the link to the case, None for a criterion; ``term`` the IRI of
    the class, with its ``label``; ``where`` the place in the case, such as ``labs[0]``;
    ``words`` what stood there; ``reading`` how a laboratory value was judged, by the interval
    and correction of ``references`` (keys), ``judged`` the same as values. ``when`` is the time
    that it is stated for, ``item`` the item of the case that states it (several facts may come
    from one), ``note`` what is noted there. A fact that nobody stated has the ``rule`` that added
    it, and in ``words`` what made the rule add it. One that a phrase of reports says ``gives_way``
    to what is stated. ``place`` (in the file) and ``match`` (how the
    word or code came to stand for the term) are there only in a case that is explained.
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
    gives_way: bool = False
    note: str = field(default="", compare=False)
    place: Place | None = field(default=None, compare=False)
    match: Match | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<Fact {self.where}: {self}>" if self.where else f"<Fact {self}>"

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
    it is stated or judged normal then, and by a test that was not understood. ``kind`` is the kind
    of term of the list that holds it; ``at_deposit`` and ``cause`` say what is stated. Of a word
    that was not understood ``suggestions`` are what it may have meant, and ``blocks`` what it holds
    back: ids of subtypes, ``names`` (what a name says beyond itself), ``work-up`` and
    ``presumption``. ``units`` are those that its value may have been meant in.
    """

    what: str
    where: str
    reason: str
    cure: str = ""
    about: tuple[str, ...] = ()
    kind: str = ""
    at_deposit: bool = False
    cause: bool = False
    suggestions: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    note: str = field(default="", compare=False)
    units: tuple[str, ...] = ()

    def placed(self, where: str, note: str = "") -> Remark:
        """The same at another place; a record may hold thousands, so nothing is looked up.

        ``note`` is what is noted there; left out, the note stays.
        """
        return Remark(
            self.what,
            where,
            self.reason,
            self.cure,
            self.about,
            self.kind,
            self.at_deposit,
            self.cause,
            self.suggestions,
            self.blocks,
            note or self.note,
            self.units,
        )

    def to_dict(self) -> dict[str, Any]:
        """The remark as the result's JSON holds it, with the item's note if it has one."""
        found = {"what": self.what, "where": self.where, "reason": self.reason}
        further = {"cure": self.cure, "note": self.note}
        return {**found, **{key: text for key, text in further.items() if text}}

    @property
    def why(self) -> str:
        """The reason, what may have been meant, and what is noted there."""
        asked = did_you_mean(self.suggestions)
        noted = f"noted: {self.note}" if self.note else ""
        return "; ".join(filter(None, (self.reason, asked, noted)))


@dataclass(frozen=True, slots=True)
class Case:
    """One patient at one assessment with one calcinosis, or none.

    ``age_days`` is in days. ``workup`` holds the criteria that are excluded unless a fact
    asserts them. What gives no fact is in ``set_aside`` (recorded: nothing could use it),
    ``uninterpreted`` (a value that cannot be read or judged) or ``not_understood`` (words that may
    mean something, and so hold back what they could change); ``where`` is the source and the id,
    as errors name them. ``read_as`` says what words that are no names were read as. ``assume``
    says what may be assumed of this case, None where it does not say. ``raw`` is what it was read
    from, for reading it anew; ``document`` that of another format (a phenopacket, FHIR), as it
    came. ``patient`` names who is one of several cases, each of a row of a table; else it is empty.
    """

    id: str
    calcinosis: Presence = "unknown"
    source: str | None = None
    sites: tuple[str, ...] = ()
    sex: Sex | None = None
    age_days: float | None = None
    facts: tuple[Fact, ...] = ()
    workup: tuple[Fact, ...] = ()
    set_aside: tuple[Remark, ...] = ()
    uninterpreted: tuple[Remark, ...] = ()
    not_understood: tuple[Remark, ...] = ()
    read_as: tuple[Remark, ...] = ()
    where: str = ""
    assume: tuple[str, ...] | None = None
    raw: object = field(default=None, compare=False, repr=False)
    document: object = field(default=None, compare=False, repr=False)
    patient: str = ""

    def __repr__(self) -> str:
        open_ = f", {len(self.not_understood)} not understood" if self.not_understood else ""
        return f"<Case {self.id}: calcinosis {self.calcinosis}, {len(self.facts)} facts{open_}>"
