"""A case and its facts, as values."""

from __future__ import annotations

from dataclasses import dataclass

from calcinosis import names

_VERBS = {
    names.HAS_CONDITION: "",
    names.HAS_CONDITION + "AtDeposit": "at the deposit",
    names.HAS_CONDITION + "AsCause": "stated as the cause",
    names.UNDERWENT: "",
    names.UNDERWENT + "AtDeposit": "at the deposit",
    names.UNDERWENT + "AsCause": "stated as the cause",
    names.HAS_FINDING: "",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One asserted or excluded condition, intervention, finding or criterion.

    ``property`` is the IRI of the link to the case, None for a criterion; ``where`` the place in
    the input; ``words`` what stood there; ``reading`` how a laboratory value was judged, by
    the interval and correction of ``references``.
    """

    affirmed: bool
    property: str | None
    term: str
    label: str
    where: str
    words: str
    reading: str = ""
    references: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.reading:
            return self.reading
        link = _VERBS.get(self.property or "", "")
        text = f"{self.label} {link}".strip()
        return text if self.affirmed else f"no {text}"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something in a case that gives no fact, and why."""

    what: str
    where: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """The remark as the result's JSON holds it."""
        return {"what": self.what, "where": self.where, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Case:
    """One patient at one assessment with one calcinosis, or none."""

    id: str
    calcinosis: str = "unknown"
    source: str | None = None
    sites: tuple[str, ...] = ()
    sex: str | None = None
    age_days: float | None = None
    facts: tuple[Fact, ...] = ()
    workup: tuple[Fact, ...] = ()
    set_aside: tuple[Remark, ...] = ()
    uninterpreted: tuple[Remark, ...] = ()
    unresolved: tuple[Remark, ...] = ()
    where: str = ""
