"""One case as a mapping (from YAML, JSON or Python) to a Case; all problems at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from math import isnan
from pathlib import PurePath

from calcinosis import names
from calcinosis.errors import CaseError, Problem, UsageError, quoted
from calcinosis.facts import limits
from calcinosis.facts.case import (
    LISTS,
    PRESENCES,
    SEXES,
    TIMES,
    Case,
    Fact,
    LabResult,
    Presence,
    Remark,
)
from calcinosis.facts.fields import Fields, Raw, is_mapping, kind_of
from calcinosis.facts.identifier import identifier as read_identifier
from calcinosis.facts.items import LINKS, Item, as_said, denied_links, stated_of
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.labs import read_lab
from calcinosis.facts.levels import Levels
from calcinosis.facts.said import Said
from calcinosis.facts.two_levels import two_levels
from calcinosis.facts.vocabulary import Resolved, Vocabulary, as_read
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.phrases import Phrases
from calcinosis.graph.settings import KNOWN_ASSUMPTIONS, assumed
from calcinosis.graph.terms import FACT_KINDS

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
    "assume",
    "other",
)
_ITEM_KEYS = ("term", "at_deposit", "cause", "when", "note")


class Reader:
    """Turns raw cases into facts by an ontology's vocabulary and laboratory."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        laboratory: Callable[[], Laboratory],
        phrases: Phrases,
        *,
        strict: bool = False,
    ) -> None:
        """``strict`` refuses a case with a word or value that is not understood."""
        self.vocabulary = vocabulary
        self.phrases = phrases
        self.strict = strict
        self._laboratory = laboratory

    @cached_property
    def laboratory(self) -> Laboratory:
        """The laboratory, loaded when a case first needs it."""
        return self._laboratory()

    def read(self, raw: object, where: str) -> Case:
        """The case that ``raw`` states, a mapping in the case format.

        ``where`` names its source. Ages come out in days. Raises CaseError, with every problem
        that was found, if the case is refused; no other error, whatever ``raw`` is.
        """
        return _Reading(self, where).case(raw)


def reader_of(ontology: Ontology, *, strict: bool = False) -> Reader:
    """A reader of case files by the terms and the laboratory of one ontology."""
    laboratory = partial(laboratory_of, ontology)
    return Reader(vocabulary_of(ontology), laboratory, ontology.phrases, strict=strict)


def vocabulary_of(ontology: Ontology) -> Vocabulary:
    """The terms of an ontology, and its words and sites, which are loaded when they are asked."""
    return Vocabulary(ontology.terms, lambda: ontology.words, lambda: ontology.sites)


def laboratory_of(ontology: Ontology) -> Laboratory:
    """The analytes, units and intervals of an ontology, by its settings."""
    claims = ontology.readings
    cited = {iri: claims.references(iri) for iri in ontology.laboratory.by_subject}
    return Laboratory(ontology.laboratory, cited, claims.fallen)


class _Reading:
    """The reading of one case: collects facts, remarks and problems."""

    def __init__(self, reader: Reader, where: str) -> None:
        self._reader = reader
        self._where, self._named = where, PurePath(where).name
        self._fields = Fields(where, strict=reader.strict)
        self._said = Said(reader.vocabulary, reader.phrases, self._fields)
        self.facts: list[Fact] = []
        self.workup: list[Fact] = []
        self.read_as: list[Remark] = []
        self._notes: dict[str, str] = {}  # by the place of the item

    # -- the whole -------------------------------------------------------------------

    def case(self, raw: object) -> Case:
        fields = self._fields
        if not is_mapping(raw):
            fields.problem("", f"a case must be a mapping, not {kind_of(raw)}", _SHAPE)
            raise CaseError(fields.problems)
        identifier = read_identifier(raw.get("id"), fields)
        if identifier:
            named = f"case {quoted(identifier)}"
            fields.place = f"{fields.place}: {named}" if fields.place else named
        fields.known_keys(raw, _KEYS)
        source = fields.text(raw, "source")
        sex = fields.choice(raw, "sex", SEXES)
        age_days = fields.age(raw)
        calcinosis, sites = self._calcinosis(raw.get("calcinosis"))
        self._terms(raw)
        self._labs(raw, age_days, sex)
        assume = self._assumed(raw)
        for item, where in fields.items(raw, "other"):
            self._other(item, where)
        if fields.problems:
            raise CaseError(fields.problems)
        self._put_notes()
        return Case(
            id=identifier or "",
            calcinosis=calcinosis,
            source=source,
            sites=sites,
            sex=sex,
            age_days=None if age_days is None or isnan(age_days) else age_days,
            facts=tuple(self.facts),
            workup=tuple(self.workup),
            set_aside=tuple(fields.set_aside),
            uninterpreted=tuple(fields.uninterpreted),
            not_understood=tuple(fields.not_understood),
            read_as=tuple(self.read_as),
            where=self._named + fields.place.removeprefix(self._where),
            assume=assume,
            raw=raw,
        )

    def _assumed(self, raw: Raw) -> tuple[str, ...] | None:
        """What the case says may be assumed of it; None where it does not say."""
        value = raw.get("assume")
        if value is None:
            return None
        is_list = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        if isinstance(value, str) or is_list:
            try:
                return assumed(value)
            except UsageError as error:
                self._fields.problem("assume", error.what, error.cure)
                return None
        self._fields.problem(
            "assume", f"{quoted(value)} says not what may be assumed", f"Write {KNOWN_ASSUMPTIONS}"
        )
        return None

    def _calcinosis(self, value: object) -> tuple[Presence, tuple[str, ...]]:
        fields = self._fields
        stated = value if is_mapping(value) else {"status": value}
        where = "calcinosis." if is_mapping(value) else ""
        fields.known_keys(stated, ("status", "sites"), where)
        sites = []
        for site, place in fields.items(stated, "sites", where):
            if isinstance(site, str):
                sites.append(site)
            else:
                fields.problem(place, f"a site must be text, not {kind_of(site)}", "Name it")
        key = "status" if where else "calcinosis"
        status = fields.choice({key: stated.get("status")}, key, PRESENCES, where) or "unknown"
        if status != "unknown":
            term = Resolved(names.CALCINOSIS, "calcinosis", "condition")
            self._fact(status == "present", names.HAS_CONDITION, term, Item(status, "calcinosis"))
        return status, tuple(sites)

    def _other(self, item: object, where: str) -> None:
        try:
            words = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            self._fields.problem(
                where, f"{quoted(item)} cannot be recorded", "Write it as plain text"
            )
        else:
            self._set_aside(words, where, "recorded; gives no fact")

    # -- terms -----------------------------------------------------------------------

    def _terms(self, raw: Raw) -> None:
        for key, kind in LISTS.items():
            for value, where in self._fields.items(raw, key):
                self._read_term(value, kind, where, self._assert)
        for value, where in self._fields.items(raw, "excluded"):
            self._read_term(value, "excluded", where, self._exclude)
        for value, where in self._fields.items(raw, "workup_complete"):
            self._complete(value, where)

    def _read_term(
        self, value: object, kind: str, where: str, use: Callable[[Item, Resolved], None]
    ) -> None:
        item = self._item(value, where, kind)
        if item is None or self._is_phrase(item):
            return
        attributed = self._said.attributed(item)
        if attributed is not None:
            term, who = attributed
            self._notes[item.where] = "; ".join(filter(None, (self._notes.get(item.where), who)))
            use(item, term)
            return
        found = self._said.read(item)
        if isinstance(found, Resolved):
            self._use(value, item, found, use)
        elif len(item.text) > limits.WORD_CHARACTERS:
            self._fields.found(found)
        else:
            self._denials(item, found)

    def _use(
        self, value: object, item: Item, term: Resolved, use: Callable[[Item, Resolved], None]
    ) -> None:
        """All that a word states; what of it was not read is read as an item of its own."""
        things = (term, *term.beside)
        denied = self._reader.vocabulary.terms.denied_by
        findings = {one.iri: denied(one.iri) for one in things if one.kind == "finding"}
        if findings and (two := two_levels(item.text, findings, self._reader.laboratory)):
            self._unknown(item, replace(two, where=self._fields.at(item.where)))
            return
        if term.iri and (term.guessed or term.replaced_by):
            self.read_as.append(Remark(item.text, item.where, as_read(things, item.kind)))
        for one in things:
            use(as_said(item, one), one)
        for part in term.unread:
            single = {**value, "term": part} if is_mapping(value) else part
            self._read_term(single, item.kind, item.where, use)

    def _denials(self, item: Item, unknown: Problem) -> None:
        """An item that is no term: a list of denials, or unknown."""
        parts = self._said.denied(item)
        if parts is None:
            self._unknown(item, unknown)
        for part in parts or ():
            found = self._said.read(part)
            if isinstance(found, Resolved):
                self._exclude(part, found)
            else:
                self._unknown(part, found)

    def _is_phrase(self, item: Item) -> bool:
        """Whether an item is a phrase of reports, which then is read."""
        phrase = self._said.phrase(item)
        if phrase is not None:
            self.facts += self._said.denied_by(phrase, item)
            self.workup += self._said.worked_up_by(phrase, item)
        return phrase is not None

    def _item(self, value: object, where: str, kind: str) -> Item | None:
        fields = self._fields
        if is_mapping(value):
            dotted = f"{where}."
            fields.known_keys(value, _ITEM_KEYS, dotted)
            self._note(value, where)
            text = value.get("term")
            item = Item(
                text if isinstance(text, str) else "",
                where,
                fields.flag(value, "at_deposit", dotted),
                fields.flag(value, "cause", dotted),
                fields.choice(value, "when", TIMES, dotted) or "at",
                kind,
            )
        elif isinstance(value, str):
            item = Item(value, where, kind=kind)
        else:
            fields.problem(where, f"an item must be text or a mapping, not {kind_of(value)}", _ITEM)
            return None
        if not item.text.strip():
            fields.problem(where, "the item names no term", "Add term: followed by a name")
            return None
        return item

    def _note(self, value: object, where: str) -> None:
        note = self._fields.text(value, "note", f"{where}.") if is_mapping(value) else None
        if note:
            self._notes[where] = note

    def _put_notes(self) -> None:
        """Each note beside what its item came to."""
        if not self._notes:
            return

        def note(one: Fact | Remark) -> str:
            return self._notes.get(one.where.partition(".")[0], "")

        for facts in (self.facts, self.workup):
            facts[:] = [replace(one, note=note(one)) if note(one) else one for one in facts]
        fields = self._fields
        for remarks in (fields.set_aside, fields.uninterpreted, fields.not_understood):
            remarks[:] = [one.placed(one.where, note(one)) for one in remarks]

    def _unknown(self, item: Item, found: Problem) -> None:
        if len(item.text) > limits.WORD_CHARACTERS:
            self._fields.found(found)
        else:
            self._fields.unknown(item.text, item.where, found, stated_of(item, item.kind))

    def _fact(self, affirmed: bool, prop: str | None, term: Resolved, item: Item) -> None:
        self.facts.append(
            Fact(
                affirmed,
                prop,
                term.iri,
                term.label,
                item.where,
                item.text,
                when=item.when,
                item=item.where,
            )
        )

    def _set_aside(self, text: str, where: str, reason: str, about: tuple[str, ...] = ()) -> None:
        self._fields.set_aside.append(Remark(text, where, reason, about=about))

    def _assert(self, item: Item, term: Resolved) -> None:
        if term.kind == "subtype":
            reason = "a subtype given as a diagnosis is recorded, not used"
            self._set_aside(item.text, item.where, reason)
        elif term.kind == "criterion":
            what = f"{term.label!r} is a criterion, which follows from facts"
            cure = "State the condition, intervention or finding that meets it"
            found = Problem(what, self._fields.at(item.where), cure)
            stated = replace(stated_of(item, item.kind), about=(term.iri,))
            self._fields.unknown(item.text, item.where, found, stated)
        elif term.kind not in FACT_KINDS:
            self._set_aside(item.text, item.where, "recorded; gives no fact")
        elif term.kind == "finding":
            self._assert_finding(item, term)
        elif item.when == "after":
            self._set_aside(item.text, item.where, "came after the assessment of the deposit")
        else:
            self._link(item, term)

    def _assert_finding(self, item: Item, term: Resolved) -> None:
        if item.is_linked:
            what = f"{term.label!r} is a finding and takes no at_deposit or cause"
            cure = "Leave them out, or name the condition behind the finding"
            found = Problem(what, self._fields.at(item.where), cure)
            self._fields.without_effect(item.text, item.where, found)
        if self._is_out_of_time(item, term):
            reason = f"was seen {item.when} the assessment of the deposit"
            self._set_aside(item.text, item.where, reason, self._left_open(term))
        else:
            self._found(item, term)

    def _found(self, item: Item, term: Resolved) -> None:
        """The finding; where it says that others are absent, as a normal level does, that too."""
        self._fact(True, names.HAS_FINDING, term, item)
        terms = self._reader.vocabulary.terms
        for iri in terms.denied_by(term.iri):
            denied = Resolved(iri, terms.label(iri), "finding")
            self._fact(False, names.HAS_FINDING, denied, item)

    def _is_out_of_time(self, item: Item, term: Resolved) -> bool:
        """A level counts only at the assessment; what came before it counts otherwise."""
        if item.when == "before":
            said = {term.iri, *self._reader.vocabulary.terms.denied_by(term.iri)}
            return not said.isdisjoint(self._reader.laboratory.level_findings)
        return item.when == "after"

    def _left_open(self, term: Resolved) -> tuple[str, ...]:
        """The levels of which a finding of another time leaves open what they are now."""
        analytes = self._reader.laboratory.analytes.values()
        found = (analyte.levels for analyte in analytes if term.iri in analyte.levels)
        return tuple(dict.fromkeys(iri for levels in found for iri in levels))

    def _link(self, item: Item, term: Resolved) -> None:
        base = LINKS[term.kind]
        self._fact(True, base, term, item)
        for stated, suffix in ((item.at_deposit, "AtDeposit"), (item.cause, "AsCause")):
            if stated is not None:
                self._fact(stated, base + suffix, term, item)

    def _exclude(self, item: Item, term: Resolved) -> None:
        if False in (item.at_deposit, item.cause):
            self._fields.problem(
                item.where,
                "an exclusion says at_deposit: true or cause: true, or neither",
                "Leave the false ones out: the exclusion covers them already",
            )
        elif item.is_linked and term.kind not in LINKS:
            self._fields.problem(
                item.where,
                f"{term.label!r} takes no at_deposit or cause",
                "Leave them out: only conditions and interventions have a place",
            )
        elif term.kind == "subtype":
            reason = "a subtype excluded as a diagnosis is recorded, not used"
            self._set_aside(item.text, item.where, reason)
        elif term.kind not in (*FACT_KINDS, "criterion"):
            self._set_aside(item.text, item.where, "recorded; gives no fact")
        elif term.said.narrower:
            self._denies_less(item.text, item.where, term)
        elif item.when != "at":
            reason = f"denied only for the time {item.when} the assessment"
            self._set_aside(item.text, item.where, reason)
        else:
            for prop in denied_links(item, term):
                self._fact(False, prop, term, item)

    def _denies_less(self, text: str, where: str, term: Resolved) -> None:
        """Record what is denied, where it is narrower than our class: it denies less."""
        reason = (
            f"denies less than {term.label!r}, of which this is one kind: recorded, not "
            f"used; write {term.label!r} if that is absent as a whole"
        )
        self._set_aside(text, where, reason)

    def _complete(self, value: object, where: str) -> None:
        if not isinstance(value, str):
            what = f"a criterion must be text, not {kind_of(value)}"
            self._fields.problem(where, what, self._worked_up())
            return
        item = Item(value, where, kind="criterion")
        if self._is_phrase(item):
            return
        term = self._said.read(item)
        if isinstance(term, Problem):
            self._unknown(item, term)
            return
        what = ""
        if term.kind != "criterion":
            what = f"{term.label!r} is no criterion"
        elif self._reader.vocabulary.terms.states_absence(term.iri):
            what = f"{term.label!r} says that something is absent, so no work-up excludes it"
        if what:
            found = Problem(what, self._fields.at(where), self._worked_up())
            self._fields.without_effect(value, where, found)
        elif term.said.narrower:
            self._denies_less(value, where, term)
        else:
            self.workup.append(Fact(False, None, term.iri, term.label, where, value, item=where))

    def _worked_up(self) -> str:
        labels = self._reader.vocabulary.criteria()
        return f"Name a criterion: {', '.join(labels)}"

    # -- laboratory ------------------------------------------------------------------

    def _labs(self, raw: Raw, age_days: float | None, sex: str | None) -> None:
        items = self._fields.items(raw, "labs", most=limits.LABS)
        if not items:
            return
        laboratory = self._reader.laboratory
        for item, where in items:
            self._note(item, where)
        found = (read_lab(item, where, laboratory, self._fields) for item, where in items)
        results: list[LabResult] = [result for result in found if result is not None]
        label = self._reader.vocabulary.terms.label
        for reading in Levels(laboratory, age_days, sex).judge(results):
            self._fields.set_aside += reading.set_aside
            self._fields.uninterpreted += reading.uninterpreted
            self.facts += [
                Fact(
                    affirmed,
                    names.HAS_FINDING,
                    iri,
                    label(iri),
                    reading.where,
                    reading.text,
                    reading.words,
                    reading.references,
                    item=reading.where,
                    judged=reading.judged,
                )
                for affirmed, iri in reading.findings
            ]


_SHAPE = "Start with id: and the facts, as the case format shows"
_ITEM = "Write the term, or {term: …, at_deposit: …}"
