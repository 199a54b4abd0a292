"""One case as a mapping (from YAML, JSON or Python) to a Case; all problems at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from calcinosis import names
from calcinosis.errors import CaseError, Problem
from calcinosis.facts import age
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.levels import LabResult, Levels
from calcinosis.facts.vocabulary import FACT_KINDS, Resolved, Vocabulary

_KEYS = (
    "id",
    "source",
    "sex",
    "age",
    "calcinosis",
    "conditions",
    "interventions",
    "findings",
    "labs",
    "excluded",
    "workup_complete",
    "other",
)
_ITEM_KEYS = ("term", "at_deposit", "cause", "when", "note")
_SEXES = ("male", "female", "other", "unknown")
_STATUSES = ("present", "absent", "unknown")
_TIMES = ("before", "at", "after")
_LINKS = {"condition": names.HAS_CONDITION, "intervention": names.UNDERWENT}
_LISTS = {"conditions": "condition", "interventions": "intervention", "findings": "finding"}

Raw = Mapping[str, Any]


class Reader:
    """Turns raw cases into facts by an ontology's vocabulary and laboratory."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        laboratory: Callable[[], Laboratory],
        *,
        lenient: bool = False,
    ) -> None:
        self.vocabulary = vocabulary
        self.lenient = lenient
        self._laboratory = laboratory

    @property
    def laboratory(self) -> Laboratory:
        """The laboratory, loaded when a case first needs it."""
        return self._laboratory()

    def read(self, raw: object, where: str) -> Case:
        """The case that ``raw`` states; CaseError with every problem if it is refused."""
        return _Reading(self, where).case(raw)


class _Reading:
    """The reading of one case: collects facts, remarks and problems."""

    def __init__(self, reader: Reader, where: str) -> None:
        self._reader = reader
        self._place = where
        self.facts: list[Fact] = []
        self.workup: list[Fact] = []
        self.set_aside: list[Remark] = []
        self.uninterpreted: list[Remark] = []
        self.unresolved: list[Remark] = []
        self.problems: list[Problem] = []

    # -- the whole -------------------------------------------------------------------

    def case(self, raw: object) -> Case:
        if not isinstance(raw, Mapping):
            self.problem("", f"a case must be a mapping, not {_type(raw)}", _SHAPE)
            raise CaseError(self.problems)
        identifier = self._identifier(raw)
        self._place = f"{self._place}: case {identifier!r}" if identifier else self._place
        self._known_keys(raw, _KEYS, "")
        sex = self._choice(raw, "sex", _SEXES)
        age_days = self._age(raw.get("age"))
        calcinosis, sites = self._calcinosis(raw.get("calcinosis"))
        for key, kind in _LISTS.items():
            for item, where in self._items(raw, key):
                self._assert(item, kind, where)
        for item, where in self._items(raw, "excluded"):
            self._exclude(item, where)
        for item, where in self._items(raw, "workup_complete"):
            self._complete(item, where)
        self._labs(raw, age_days, sex)
        for item, where in self._items(raw, "other"):
            self.set_aside.append(Remark(str(item), where, "recorded; gives no fact"))
        if self.problems:
            raise CaseError(self.problems)
        source = raw.get("source")
        return Case(
            id=identifier or "",
            calcinosis=calcinosis,
            source=None if source is None else str(source),
            sites=sites,
            sex=sex,
            age_days=age_days,
            facts=tuple(self.facts),
            workup=tuple(self.workup),
            set_aside=tuple(self.set_aside),
            uninterpreted=tuple(self.uninterpreted),
            unresolved=tuple(self.unresolved),
            where=self._place,
        )

    def problem(self, where: str, what: str, cure: str) -> None:
        place = f"{self._place}, {where}" if where else self._place
        self.problems.append(Problem(what, place, cure))

    def _identifier(self, raw: Raw) -> str | None:
        value = raw.get("id")
        if value is None or (isinstance(value, str) and not value.strip()):
            self.problem("id", "the case has no id", "Give it one that no other case has")
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.problem("id", f"an id must be text, not {_type(value)}", "Put it in quotes")
            return None
        return str(value).strip()

    def _known_keys(self, raw: Raw, known: Sequence[str], where: str) -> None:
        for key in raw:
            if key not in known:
                near = _near(str(key), known)
                hint = f"Did you mean {near!r}? " if near else ""
                self.problem(
                    f"{where}{key}" if where else str(key),
                    f"the key {key!r} is unknown",
                    f"{hint}Known: {', '.join(known)}",
                )

    def _choice(self, raw: Raw, key: str, options: Sequence[str], where: str = "") -> str | None:
        value = raw.get(key)
        if value is None:
            return None
        if isinstance(value, str) and value in options:
            return value
        self.problem(f"{where}{key}", f"{value!r} is no {key}", f"Write {_or(options)}")
        return None

    def _flag(self, raw: Raw, key: str, where: str) -> bool | None:
        value = raw.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.problem(
            f"{where}.{key}",
            f"{value!r} is neither true nor false",
            "Write true or false, or leave it out where it is not stated",
        )
        return None

    def _age(self, value: object) -> float | None:
        if value is None:
            return None
        found = age.days(value) if isinstance(value, str) else None
        if found is None:
            self.problem(
                "age",
                f"{value!r} is no age",
                "Write a number with its unit, such as '59 years' or '15 months', or P15M",
            )
        elif not age.is_possible(found):
            self.problem(
                "age",
                f"{value!r} is no possible age",
                f"Give an age between 0 and {age.OLDEST_YEARS} years",
            )
            return None
        return found

    def _calcinosis(self, value: object) -> tuple[str, tuple[str, ...]]:
        sites: tuple[str, ...] = ()
        if isinstance(value, Mapping):
            self._known_keys(value, ("status", "sites"), "calcinosis.")
            listed = value.get("sites", [])
            if isinstance(listed, list):
                sites = tuple(str(site) for site in listed)
            else:
                self.problem(
                    "calcinosis.sites", f"sites must be a list, not {_type(listed)}", _LIST
                )
            value = value.get("status")
        status = value if value is not None else "unknown"
        if status not in _STATUSES:
            self.problem("calcinosis", f"{status!r} is no status", f"Write {_or(_STATUSES)}")
            return "unknown", sites
        if status != "unknown":
            self._fact(
                status == "present",
                names.HAS_CONDITION,
                Resolved(names.CALCINOSIS, "calcinosis", "condition"),
                "calcinosis",
                str(status),
            )
        return str(status), sites

    def _items(self, raw: Raw, key: str) -> list[tuple[Any, str]]:
        value = raw.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.problem(key, f"{key} must be a list, not {_type(value)}", _LIST)
            return []
        return [(item, f"{key}[{number}]") for number, item in enumerate(value)]

    # -- terms -----------------------------------------------------------------------

    def _fact(
        self,
        affirmed: bool,
        prop: str | None,
        term: Resolved,
        where: str,
        words: str,
        reading: str = "",
        references: tuple[str, ...] = (),
    ) -> None:
        self.facts.append(
            Fact(affirmed, prop, term.iri, term.label, where, words, reading, references)
        )

    def _item(self, item: object, where: str) -> tuple[str, Raw] | None:
        if isinstance(item, str):
            return item, {}
        if isinstance(item, Mapping):
            self._known_keys(item, _ITEM_KEYS, f"{where}.")
            term = item.get("term")
            if isinstance(term, str):
                return term, item
            self.problem(f"{where}.term", "the item names no term", "Add term: followed by a name")
            return None
        self.problem(where, f"an item must be text or a mapping, not {_type(item)}", _ITEM)
        return None

    def _resolve(self, text: str, kind: str, where: str) -> Resolved | None:
        found = self._reader.vocabulary.resolve(text, kind, f"{self._place}, {where}")
        if isinstance(found, Resolved):
            return found
        if self._reader.lenient:
            self.unresolved.append(Remark(text, where, found.what))
        else:
            self.problems.append(found)
        return None

    def _timed(self, options: Raw, where: str) -> str:
        return self._choice(options, "when", _TIMES, f"{where}.") or "at"

    def _assert(self, item: object, kind: str, where: str) -> None:
        parsed = self._item(item, where)
        term = self._resolve(parsed[0], kind, where) if parsed else None
        if parsed is None or term is None:
            return
        text, options = parsed
        at_deposit = self._flag(options, "at_deposit", where)
        cause = self._flag(options, "cause", where)
        when = self._timed(options, where)
        if term.kind == "subtype":
            self._set_aside(text, where, "a subtype given as a diagnosis is recorded, not used")
        elif term.kind == "criterion":
            self.problem(
                where,
                f"{term.label!r} is a criterion, which follows from facts",
                "State the condition, intervention or finding that meets it",
            )
        elif term.kind not in FACT_KINDS:
            self._set_aside(text, where, "recorded; gives no fact")
        elif term.kind == "finding":
            self._assert_finding(term, (at_deposit, cause), when, text, where)
        elif when == "after":
            self._set_aside(text, where, "came after the assessment of the deposit")
        else:
            self._link(term, at_deposit, cause, where, text)

    def _set_aside(self, text: str, where: str, reason: str) -> None:
        self.set_aside.append(Remark(text, where, reason))

    def _assert_finding(
        self,
        term: Resolved,
        links: tuple[bool | None, bool | None],
        when: str,
        text: str,
        where: str,
    ) -> None:
        if links != (None, None):
            self.problem(
                where,
                f"{term.label!r} is a finding and takes no at_deposit or cause",
                "Leave them out, or name the condition behind the finding",
            )
        elif when == "after" or (
            when == "before" and term.iri in self._reader.laboratory.level_findings
        ):
            self._set_aside(text, where, f"was seen {when} the assessment of the deposit")
        else:
            self._fact(True, names.HAS_FINDING, term, where, text)

    def _link(
        self, term: Resolved, at_deposit: bool | None, cause: bool | None, where: str, text: str
    ) -> None:
        base = _LINKS[term.kind]
        self._fact(True, base, term, where, text)
        for stated, suffix in ((at_deposit, "AtDeposit"), (cause, "AsCause")):
            if stated is not None:
                self._fact(stated, base + suffix, term, where, text)

    def _exclude(self, item: object, where: str) -> None:
        parsed = self._item(item, where)
        term = self._resolve(parsed[0], "excluded", where) if parsed else None
        if parsed is None or term is None:
            return
        text, options = parsed
        at_deposit = self._flag(options, "at_deposit", where)
        cause = self._flag(options, "cause", where)
        when = self._timed(options, where)
        linked = at_deposit is not None or cause is not None
        if False in (at_deposit, cause):
            self.problem(
                where,
                "an exclusion says at_deposit: true or cause: true, or neither",
                "Leave the false ones out: the exclusion covers them already",
            )
        elif linked and term.kind not in _LINKS:
            self.problem(
                where,
                f"{term.label!r} takes no at_deposit or cause",
                "Leave them out: only conditions and interventions have a place",
            )
        elif term.kind == "subtype":
            self._set_aside(text, where, "a subtype excluded as a diagnosis is recorded, not used")
        elif term.kind not in (*FACT_KINDS, "criterion"):
            self._set_aside(text, where, "recorded; gives no fact")
        elif when != "at":
            self._set_aside(text, where, f"denied only for the time {when} the assessment")
        else:
            for prop in _denied(term, at_deposit, cause):
                self._fact(False, prop, term, where, text)

    def _complete(self, item: object, where: str) -> None:
        if not isinstance(item, str):
            self.problem(where, f"a criterion must be text, not {_type(item)}", _CRITERION)
            return
        term = self._resolve(item, "criterion", where)
        if term is None:
            return
        if term.kind != "criterion":
            self.problem(where, f"{term.label!r} is no criterion", _CRITERION)
            return
        self.workup.append(Fact(False, None, term.iri, term.label, where, item))

    # -- laboratory ------------------------------------------------------------------

    def _labs(self, raw: Raw, age_days: float | None, sex: str | None) -> None:
        items = self._items(raw, "labs")
        if not items:
            return
        levels = Levels(self._reader.laboratory, age_days, sex)
        results: list[LabResult] = []
        for item, where in items:
            outcome = levels.read(item, where)
            if isinstance(outcome, LabResult):
                results.append(outcome)
            elif self._reader.lenient and outcome.resolvable:
                self.unresolved.append(Remark(outcome.text, where, outcome.what))
            else:
                self.problem(outcome.where, outcome.what, outcome.cure)
        for reading in levels.judge(results):
            self.set_aside += reading.set_aside
            self.uninterpreted += reading.uninterpreted
            label = self._reader.vocabulary.terms.label
            for affirmed, iri in reading.findings:
                term = Resolved(iri, label(iri), "finding")
                self._fact(
                    affirmed,
                    names.HAS_FINDING,
                    term,
                    reading.where,
                    reading.text,
                    reading.words,
                    reading.references,
                )


_SHAPE = "Start with id: and the facts, as the case format shows"
_LIST = "Write a list, one item a line with a dash"
_ITEM = "Write the term, or {term: …, at_deposit: …}"
_CRITERION = "Name a criterion such as 'tissue damage' or 'mineral disturbance'"


def _denied(term: Resolved, at_deposit: bool | None, cause: bool | None) -> list[str | None]:
    if term.kind == "criterion":
        return [None]
    if term.kind == "finding":
        return [names.HAS_FINDING]
    base = _LINKS[term.kind]
    links: list[str | None] = []
    if at_deposit:
        links.append(base + "AtDeposit")
    if cause:
        links.append(base + "AsCause")
    return links or [base]


def _near(word: str, known: Sequence[str]) -> str | None:
    import difflib

    found = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return found[0] if found else None


def _or(options: Sequence[str]) -> str:
    return f"{', '.join(options[:-1])} or {options[-1]}"


def _type(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number" if math.isfinite(value) else "no finite number"
    return {"str": "text", "list": "a list", "dict": "a mapping"}.get(
        type(value).__name__, type(value).__name__
    )
