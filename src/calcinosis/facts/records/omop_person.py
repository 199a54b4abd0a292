"""The rows of one person in tables of OMOP to what they state.

A thing is named by its source value, and by the concepts of the user's own CONCEPT table; where
there is neither, by the id of its concept as it stood, which nothing understands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from calcinosis.errors import InputError
from calcinosis.facts import sheet_words
from calcinosis.facts.case import Remark, When
from calcinosis.facts.cells import Cell, measured
from calcinosis.facts.records.codings import Coding
from calcinosis.facts.records.record import Record
from calcinosis.facts.records.stated import Measured, Stated, Unread
from calcinosis.facts.records.times import Time, dated, lifetime
from calcinosis.facts.records.words import NOT_SURE, OVER, PRESENCE_WORDS, shown

Said = Mapping[str, str]
Part = tuple[str, tuple[str, Said]]

_PREFIXES: Final = {
    **{"SNOMED": "SNOMEDCT", "ICD10CM": "ICD10CM", "ICD10": "ICD10WHO", "ICD10GM": "ICD10GM"},
    **{"LOINC": "LOINC", "RxNorm": "RXNORM", "ATC": "ATC", "MeSH": "MESH", "UCUM": "UCUM"},
    **{"HPO": "HP", "Mondo": "MONDO", "MONDO": "MONDO", "OMIM": "OMIM", "Orphanet": "Orphanet"},
}
_OPERATORS: Final = {"4171756": "<", "4171754": "<=", "4172704": ">", "4171755": ">="}
_EQUAL: Final = ("", "0", "4172703")
_SEXES: Final = {"8507": "male", "8532": "female", "8521": "other", "8551": "unknown"}
_STATUSES: Final = {"32899": "preliminary diagnosis", "4188893": "history of"}
_REFUTED: Final = ("refuted", "ruled out", "excluded")
_IN_ERROR: Final = "error"
_DATES: Final = {
    "condition_occurrence": "condition_start_date",
    "procedure_occurrence": "procedure_date",
    "drug_exposure": "drug_exposure_start_date",
    "measurement": "measurement_date",
    "observation": "observation_date",
}
_READ: Final = (
    "value_as_number", "value_as_string", "value_source_value", "unit_source_value", "range_low",
    "range_high", "stop_reason", "route_source_value", "modifier_source_value", "year_of_birth",
    "qualifier_source_value", "condition_status_source_value", "gender_source_value",
    "month_of_birth", "day_of_birth",
)  # fmt: skip
_PASSED: Final = (
    "race_source_value", "ethnicity_source_value", "person_source_value", "refills", "quantity",
    "days_supply", "lot_number", "sig", "dose_unit_source_value", "drug_exposure_end_date",
    "verbatim_end_date", "procedure_end_date", "measurement_time", "condition_end_date",
)  # fmt: skip
_READ_IDS: Final = (
    "person_id", "gender_concept_id", "condition_status_concept_id", "value_as_concept_id",
    "operator_concept_id", "unit_concept_id", "qualifier_concept_id", "birth_datetime",
)  # fmt: skip
_NO_RECORD: Final = "PERSON does not have the patient: no sex and no age by it"
_QUALIFIED: Final = "a qualifier beside it may change what it says: not taken"


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of the user's own table: its vocabulary, its code there, and its name."""

    vocabulary: str
    code: str
    name: str

    @property
    def coding(self) -> Coding:
        """The concept as a code; one of a vocabulary that is not known has its name alone."""
        prefix = _PREFIXES.get(self.vocabulary, "")
        given = f"{self.vocabulary}|{self.code}"
        return Coding(f"{prefix}:{self.code}" if prefix else "", self.name or given, given)


def person_record(
    person: str, parts: Sequence[Part], concepts: Mapping[str, Concept], beside: Sequence[Remark]
) -> Record:
    """One person, whose rows these are; InputError where two rows of PERSON disagree."""
    found = _Person(concepts)
    found.head["id"] = person
    rows = [one for one in parts if one[1][0] == "person"]
    if any(one[1][1] != rows[0][1][1] for one in rows):
        what = "the person has two rows that disagree"
        raise InputError(what, rows[1][0], "Give each person one row, and an id of its own")
    found.read(parts)
    if rows:
        found.person(*rows[0])
    else:
        found.aside(person, parts[0][0], _NO_RECORD)
    columns = found.unread.remarks("columns that are not read")
    remarks = (*found.remarks, *columns, *beside)
    return Record(found.head, parts[0][0], tuple(found.stated), tuple(found.measured), remarks)


@dataclass
class _Person:
    """Reads the rows of one person."""

    concepts: Mapping[str, Concept]
    head: dict[str, Any] = field(default_factory=dict)
    stated: list[Stated] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    unread: Unread = field(default_factory=Unread)
    last: Time | None = None

    def aside(self, what: str, at: str, reason: str) -> None:
        self.remarks.append(Remark(what, at, reason))

    def read(self, parts: Sequence[Part]) -> None:
        self.last = _last(said for _, (table, said) in parts if table != "person")
        for at, (table, said) in parts:
            for name in said:
                if not _is_known(name):
                    self.unread.add(f"{table}.{name}")
            if table in _READERS:
                _READERS[table](self, at, said)

    # -- what is named ---------------------------------------------------------------

    def _concept(self, said: Said, column: str) -> Concept | None:
        return self.concepts.get(said.get(column, ""))

    def _named(self, said: Said, of: str) -> tuple[tuple[Coding, ...], str, tuple[str, ...]]:
        """The codes, the source value, and notes on concepts that no table tells."""
        given = (said.get(f"{of}_source_concept_id", ""), said.get(f"{of}_concept_id", ""))
        ids = [one for one in dict.fromkeys(given) if one not in ("", "0")]
        known = [self.concepts[one] for one in ids if one in self.concepts]
        codings = tuple(dict.fromkeys(one.coding for one in known))
        text = said.get(f"{of}_source_value", "")
        if any(text == one.code for one in known):
            text = ""
        if codings or text:
            missing = [f"concept {one}" for one in ids if one not in self.concepts]
            return codings, text, tuple(missing) if not codings else ()
        return tuple(Coding(f"OMOP:{one}", "", one) for one in ids), "", ()

    # -- the person ------------------------------------------------------------------

    def person(self, at: str, row: tuple[str, Said]) -> None:
        """Read the row of PERSON: the sex, and the age at the last record."""
        said = row[1]
        sex = _SEXES.get(said.get("gender_concept_id", ""), "")
        concept = self._concept(said, "gender_concept_id")
        words = (said.get("gender_source_value", ""), concept.name if concept else "")
        known = sheet_words.words().of("sex")
        sex = sex or next(filter(None, (known.get(sheet_words.plain(word)) for word in words)), "")
        if sex:
            self.head["sex"] = sex
        elif any(words):
            self.aside(f"gender {next(filter(None, words))}", at, "this is no sex that is known")
        born = _born(said)
        labs = [one.time for one in self.measured if one.time is not None]
        last = _latest(labs) or self.last
        age = lifetime(born, last.date) if last is not None else ""
        if age and last is not None:
            self.head["age"] = age
            self.aside(f"age {age}", at, f"that at the last record, of {last.date[:10]}")
        elif born or "birth_datetime" in said:
            self.aside("a date of birth", at, "gives no age without a dated record after it")

    # -- conditions, and what was done -----------------------------------------------

    def _condition(self, at: str, said: Said) -> None:
        codings, text, notes = self._named(said, "condition")
        name = text or next((one.label or one.id for one in codings), "")
        if not name:
            self.aside(_unnamed("a condition", said), at, "it names nothing")
            return
        status = self._status(said)
        if _IN_ERROR in status:
            self.aside(name, at, f"{status}: dropped")
        elif _has(status, NOT_SURE):  # not taken; it holds back what it could change
            self.stated.append(Stated("conditions", at, (), f"provisional {name}"))
        else:
            is_over = _has(status, OVER) or self._ended(said)
            when: When = "before" if is_over and not _has(status, _REFUTED) else "at"
            told = (f"status: {status}",) if status else ()
            notes = (*notes, *told, *_noted(said, ("stop_reason",)))
            one = Stated("conditions", at, codings, text, _has(status, _REFUTED), when, notes)
            self.stated.append(one)

    def _status(self, said: Said) -> str:
        """What the status of a condition says, in small letters."""
        concept = self._concept(said, "condition_status_concept_id")
        known = _STATUSES.get(said.get("condition_status_concept_id", ""), "")
        told = concept.name if concept else known
        given = said.get("condition_status_source_value", "")
        return ", ".join(dict.fromkeys(filter(None, (given.casefold(), told.casefold()))))

    def _ended(self, said: Said) -> bool:
        """Whether a condition ended before the last record: on one day, it was only recorded."""
        start, end = _time(said, "condition_start_date"), _time(said, "condition_end_date")
        is_later = end is not None and end.is_after(start)
        return is_later and self.last is not None and self.last.is_after(end)

    def _procedure(self, at: str, said: Said) -> None:
        self._done(at, said, "procedure", "modifier")

    def _drug(self, at: str, said: Said) -> None:
        self._done(at, said, "drug", "route")

    def _done(self, at: str, said: Said, of: str, beside: str) -> None:
        codings, text, notes = self._named(said, of)
        if not (codings or text):
            self.aside(_unnamed(f"a {of}", said), at, "it names nothing")
            return
        notes = (*notes, *_noted(said, ("stop_reason", f"{beside}_source_value")))
        self.stated.append(Stated("interventions", at, codings, text, notes=notes))

    # -- what was measured or observed -----------------------------------------------

    def _measurement(self, at: str, said: Said) -> None:
        codings, text, notes = self._named(said, "measurement")
        if not (codings or text):
            self.aside(_unnamed("a measurement", said), at, "it names nothing")
            return
        concept = self._concept(said, "value_as_concept_id")
        found = self._value(Measured(at, codings, text, notes=notes), said, "measurement_date")
        if found.value is None and concept is not None:
            found = replace(found, answers=(concept.coding,))
        self.measured.append(found)

    def _observation(self, at: str, said: Said) -> None:
        """Without a value it is a finding. What a value names may be a relative's or of before."""
        codings, text, notes = self._named(said, "observation")
        name = text or next((one.label or one.id for one in codings), "")
        qualifier = self._qualifier(said)
        present = PRESENCE_WORDS.get(qualifier.casefold())
        has_value = any(said.get(key, "0") != "0" for key in _VALUES)
        if not name:
            self.aside(_unnamed("an observation", said), at, "it names nothing")
        elif qualifier and present is None:
            self.aside(f"{name} ({qualifier})", at, _QUALIFIED)
        elif has_value:
            base = Measured(at, codings, text, present=present, notes=notes)
            self.measured.append(self._value(base, said, "observation_date"))
        else:
            one = Stated("findings", at, codings, text, present is False, notes=notes)
            self.stated.append(one)

    def _qualifier(self, said: Said) -> str:
        concept = self._concept(said, "qualifier_concept_id")
        given = said.get("qualifier_concept_id", "0")
        told = concept.name if concept else (f"concept {given}" if given != "0" else "")
        return said.get("qualifier_source_value", "") or told

    def _value(self, base: Measured, said: Said, date: str) -> Measured:
        """The value of a row, with its unit and range; a word for it, or for what was there."""
        concept = self._concept(said, "value_as_concept_id")
        given = said.get("value_as_concept_id", "0")
        named = concept.name if concept else (f"concept {given}" if given != "0" else "")
        texts = [said.get(key, "") for key in _VALUES[:-1]]
        text = next(filter(None, texts), "")
        sign, unknown = self._operator(said)
        number = measured(Cell(f"{sign}{text}"), ".") if text else None
        is_number = isinstance(number, int | float) or text[:1] in ("<", ">", "≤", "≥") or sign
        units = self._units(said)
        words = [word.casefold() for word in (*texts, named) if word]
        ends = [_number(said.get(end, "")) for end in ("range_low", "range_high")]
        shown_as = (f"{sign}{text} {next(iter(units), '')}".strip(), unknown, named)
        value = number if is_number and not unknown else None
        beside = tuple(f"unit: {unit}" for unit in units[:1] if value is None)
        return replace(
            base,
            value=value,
            notes=(*base.notes, *beside),
            units=units,
            interval=(ends[0], ends[1]) if any(end is not None for end in ends) else None,
            words=tuple(words),
            present=next((PRESENCE_WORDS[w] for w in words if w in PRESENCE_WORDS), base.present),
            said=shown(", ".join(filter(None, shown_as))),
            time=_time(said, date),
        )

    def _operator(self, said: Said) -> tuple[str, str]:
        """The sign of a bound, and what stands for it that is not understood."""
        given = said.get("operator_concept_id", "")
        if given in _EQUAL:
            return "", ""
        concept = self.concepts.get(given)
        sign = _OPERATORS.get(given, concept.name if concept else "")
        if sign in (*_OPERATORS.values(), "="):
            return sign.removeprefix("="), ""
        return "", f"operator {sign or f'concept {given}'}"

    def _units(self, said: Said) -> tuple[str, ...]:
        concept = self._concept(said, "unit_concept_id")
        told = (concept.code, concept.name) if concept else ()
        return tuple(dict.fromkeys(filter(None, (said.get("unit_source_value", ""), *told))))


_READERS: Final[Mapping[str, Callable[[_Person, str, Said], None]]] = {
    "condition_occurrence": _Person._condition,
    "procedure_occurrence": _Person._procedure,
    "drug_exposure": _Person._drug,
    "measurement": _Person._measurement,
    "observation": _Person._observation,
}
_VALUES: Final = (
    "value_as_number", "value_as_string", "value_source_value", "value_as_concept_id",
)  # fmt: skip


def _is_known(column: str) -> bool:
    if column in (*_READ, *_PASSED, *_DATES.values()) or column.endswith(("_id", "_datetime")):
        return True
    return column in (f"{of}_source_value" for of in _NAMING)


def passed_over(table: str, columns: Sequence[str]) -> list[str]:
    """The columns of a table that are known and not read, but for the number of the row."""
    read = {f"{table}_id", *_READ, *_READ_IDS, *_DATES.values(), "condition_end_date"}
    read |= {f"{date}time" for date in (*_DATES.values(), "condition_end_date")}
    read |= {f"{of}{end}" for of in _NAMING for end in _NAMES}
    return [column for column in columns if _is_known(column) and column not in read]


_NAMES: Final = ("_source_value", "_concept_id", "_source_concept_id")
_NAMING: Final = ("condition", "procedure", "drug", "measurement", "observation")


def _unnamed(what: str, said: Said) -> str:
    """A row that names nothing, with what else it says."""
    beside = [f"{key}: {text}" for key, text in said.items() if key in _READ]
    return shown(f"{what} ({', '.join(beside)})" if beside else what)


def _has(status: str, words: Sequence[str]) -> bool:
    return any(word in status for word in words)


def _noted(said: Said, columns: Sequence[str]) -> tuple[str, ...]:
    names = ((key.removesuffix("_source_value").replace("_", " "), key) for key in columns)
    return tuple(f"{name}: {said[key]}" for name, key in names if key in said)


def _number(text: str) -> object:
    """An end of a range; as it stood where it is no number."""
    return measured(Cell(text), ".") if text else None


def _time(said: Said, column: str) -> Time | None:
    """The date in a column, or in the one beside it that has the time of day too."""
    for text in (said.get(column, ""), said.get(f"{column}time", "")):
        compact = f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else ""
        if (time := dated(compact or text.replace(" ", "T", 1))) is not None:
            return time
    return None


def _last(rows: Any) -> Time | None:
    times = (_time(said, column) for said in rows for column in _DATES.values())
    return _latest([time for time in times if time is not None])


def _latest(times: Sequence[Time]) -> Time | None:
    last: Time | None = None
    for time in times:
        if last is None or time.is_after(last):
            last = time
    return last


def _born(said: Said) -> str:
    """The date of birth, as exact as it is given."""
    parts = [said.get(key, "") for key in ("year_of_birth", "month_of_birth", "day_of_birth")]
    if parts[0].isdigit() and len(parts[0]) == 4:
        known = parts[: 1 + (1 if parts[1].isdigit() else 0)]
        known += [parts[2]] if len(known) == 2 and parts[2].isdigit() else []
        return "-".join((known[0], *(one.zfill(2) for one in known[1:])))
    return said.get("birth_datetime", "").replace(" ", "T", 1)
